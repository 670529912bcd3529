#include <config.h>

#include <criterion/criterion.h>
#include <string.h>

#include "work/msg.h"

static struct msg_news
good(enum msg_kind kind)
{
	struct msg_news news = { .version = MSG_VERSION, .kind = kind, .task = kind == MSG_HELLO ? 0 : 7,
		.permille = 500 };

	if (kind == MSG_RENDITION)
		news.bytes = 1;
	if (kind == MSG_BAD)
		news.bad = REASON_CORRUPT;
	if (kind == MSG_TROUBLE)
		news.error = 28;
	return news;
}

static bool
passes(const struct msg_news *news)
{
	const char *why = NULL;
	bool is_good = msg_check_news(news, sizeof(*news), 7, &why);

	cr_expect(is_good || why != NULL);
	return is_good;
}

Test(msg, every_kind_passes_when_it_is_right)
{
	int kind;

	for (kind = 0; kind < MSG_N_KIND; kind++) {
		struct msg_news news = good((enum msg_kind)kind);

		cr_expect(passes(&news), "kind %d", kind);
	}
}

Test(msg, nothing_passes_that_is_out_of_range)
{
	struct msg_news news;
	const char *why;

#define REFUSED(kind, change) \
	do { \
		news = good(kind); \
		change; \
		cr_expect_not(passes(&news), #kind ": " #change); \
	} while (0)
	REFUSED(MSG_DONE, news.version++);
	REFUSED(MSG_DONE, news.kind = MSG_N_KIND);
	REFUSED(MSG_DONE, news.kind = 0xffffffff);
	REFUSED(MSG_DONE, news.task = 8);
	REFUSED(MSG_DONE, news.task = 0);
	REFUSED(MSG_HELLO, news.task = 7);
	REFUSED(MSG_PROGRESS, news.permille = 1001);
	REFUSED(MSG_PROGRESS, news.stage = DEVELOP_N_STAGE);
	REFUSED(MSG_PROGRESS, news.index = RENDITION_MAX);
	REFUSED(MSG_PROGRESS, news.index = -2);
	REFUSED(MSG_RENDITION, news.index = -1);
	REFUSED(MSG_RENDITION, news.bytes = 0);
	REFUSED(MSG_RENDITION, news.quality = 101);
	REFUSED(MSG_BAD, news.bad = REASON_NONE);
	REFUSED(MSG_BAD, news.bad = REASON_N);
	REFUSED(MSG_TROUBLE, news.error = 0);
	REFUSED(MSG_TROUBLE, news.error = -1);
	REFUSED(MSG_DONE, memset(news.text, 'x', sizeof(news.text)));
#undef REFUSED
	news = good(MSG_DONE);
	cr_expect_not(msg_check_news(&news, sizeof(news) - 1, 7, &why));
	cr_expect_not(msg_check_news(&news, sizeof(news), 0, &why), "an idle worker has no news");
}

Test(msg, a_task_needs_a_descriptor_per_output)
{
	struct msg_task task = { .version = MSG_VERSION, .n_outputs = 2, .task = 1 };
	const char *why;

	cr_expect(msg_check_task(&task, sizeof(task), 3, &why));
	cr_expect_not(msg_check_task(&task, sizeof(task), 2, &why));
	cr_expect_not(msg_check_task(&task, sizeof(task) - 8, 3, &why));
	task.outputs[1].mark_bytes = 5;
	cr_expect(msg_check_task(&task, sizeof(task), 4, &why), "and one for its watermark");
	cr_expect_not(msg_check_task(&task, sizeof(task), 3, &why));
	task.outputs[1].mark_bytes = 0;
	task.index[1] = RENDITION_MAX;
	cr_expect_not(msg_check_task(&task, sizeof(task), 3, &why));
	task.index[1] = 0;
	task.n_outputs = RENDITION_MAX + 1;
	cr_expect_not(msg_check_task(&task, sizeof(task), RENDITION_MAX + 2, &why));
	task.n_outputs = 0;
	cr_expect_not(msg_check_task(&task, sizeof(task), 1, &why));
}
