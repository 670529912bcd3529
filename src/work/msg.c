/* work/msg.c - what came through the channel: does it make sense? */
#include <config.h>

#include <string.h>

#include "work/msg.h"

static bool
refuse(const char **why, const char *text)
{
	*why = text;
	return false;
}

/* A news with a kind in range: do its fields fit the kind? */
static bool
check_fields(const struct msg_news *news, const char **why)
{
	if (news->stage >= DEVELOP_N_STAGE)
		return refuse(why, "unknown stage");
	if (news->permille > 1000)
		return refuse(why, "progress over 1000 permille");
	if (news->index < -1 || news->index >= RENDITION_MAX)
		return refuse(why, "rendition out of range");
	if (news->kind == MSG_RENDITION && (news->index < 0 || news->bytes == 0))
		return refuse(why, "a rendition without a number or without bytes");
	if (news->quality > 100)
		return refuse(why, "quality over 100");
	if (news->kind == MSG_BAD && (news->bad == REASON_NONE || news->bad >= REASON_N))
		return refuse(why, "unknown reason");
	if (news->kind == MSG_TROUBLE && (news->error <= 0 || news->error > 4095))
		return refuse(why, "no errno");
	if (memchr(news->text, '\0', sizeof(news->text)) == NULL)
		return refuse(why, "a text without an end");
	return true;
}

bool
msg_check_news(const struct msg_news *news, size_t size, uint64_t task, const char **why)
{
	if (size != sizeof(*news))
		return refuse(why, "wrong size");
	if (news->version != MSG_VERSION)
		return refuse(why, "wrong version");
	if (news->kind >= MSG_N_KIND)
		return refuse(why, "unknown kind");
	if ((news->kind == MSG_HELLO) != (news->task == 0))
		return refuse(why, "wrong task for its kind");
	if (news->kind != MSG_HELLO && news->task != task)
		return refuse(why, "about a task that it has not");
	return check_fields(news, why);
}

bool
msg_check_task(const struct msg_task *task, size_t size, int n_fds, const char **why)
{
	int n_marks = 0;
	uint32_t i;

	if (size != sizeof(*task))
		return refuse(why, "wrong size");
	if (task->version != MSG_VERSION)
		return refuse(why, "wrong version");
	if (task->n_outputs == 0 || task->n_outputs > RENDITION_MAX)
		return refuse(why, "no outputs, or too many");
	for (i = 0; i < task->n_outputs; i++)
		n_marks += task->outputs[i].mark_bytes != 0;
	if (n_fds != 1 + (int)task->n_outputs + n_marks)
		return refuse(why, "descriptors and outputs differ in number");
	if (task->task == 0)
		return refuse(why, "no task number");
	for (i = 0; i < task->n_outputs; i++)
		if (task->index[i] < 0 || task->index[i] >= RENDITION_MAX)
			return refuse(why, "rendition out of range");
	return true;
}
