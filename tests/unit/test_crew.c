#include <config.h>

#include <criterion/criterion.h>
#include <errno.h>

#include "base/chan.h"
#include "work/crew.h"

/* Two attempts: which deaths count, and for what? */
Test(crew, a_death_counts_unless_somebody_wanted_it)
{
	static const struct {
		enum crew_killer killer;
		bool is_memory;
		int n_deaths;
		enum crew_next next;
		enum reason bad;
	} cases[] = {
		{ CREW_NOBODY, false, 0, CREW_AGAIN, REASON_WORKER_DIED },
		{ CREW_NOBODY, false, 1, CREW_GIVE_UP, REASON_WORKER_DIED },
		{ CREW_NOBODY, false, 5, CREW_GIVE_UP, REASON_WORKER_DIED },
		{ CREW_NOBODY, true, 0, CREW_AGAIN, REASON_TOO_BIG },
		{ CREW_NOBODY, true, 1, CREW_GIVE_UP, REASON_TOO_BIG },
		{ CREW_TIMEOUT, false, 0, CREW_AGAIN, REASON_TOO_SLOW },
		{ CREW_TIMEOUT, true, 1, CREW_GIVE_UP, REASON_TOO_SLOW },
		{ CREW_LIE, false, 0, CREW_AGAIN, REASON_WORKER_DIED },
		{ CREW_LIE, true, 1, CREW_GIVE_UP, REASON_WORKER_DIED },
		{ CREW_STOP, false, 0, CREW_GO_ON, REASON_NONE },
		{ CREW_STOP, true, 1, CREW_GO_ON, REASON_NONE },
		{ CREW_CANCEL, false, 1, CREW_GO_ON, REASON_NONE },
		{ CREW_TROUBLE, true, 1, CREW_TROUBLED, REASON_NONE },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct pool_news gone = { .kind = POOL_WORKER_GONE, .why = "signal 11",
			.is_memory = cases[i].is_memory };
		struct crew_verdict verdict = crew_judge(&gone, cases[i].killer, cases[i].n_deaths, 2);

		cr_expect_eq(verdict.next, cases[i].next, "case %zu", i);
		cr_expect_eq(verdict.bad, cases[i].bad, "case %zu", i);
	}
}

Test(crew, the_reason_is_what_people_can_act_on)
{
	const struct pool_news gone = { .kind = POOL_WORKER_GONE, .why = "signal 9 (Killed)" };

	cr_expect_str_eq(crew_judge(&gone, CREW_NOBODY, 0, 2).why, "signal 9 (Killed)");
	cr_expect_str_eq(crew_judge(&gone, CREW_TIMEOUT, 0, 2).why, "it took longer than workers.time_limit");
	cr_expect_str_eq(crew_judge(&gone, CREW_LIE, 0, 2).why, "a result is not what the worker said");
}

Test(crew, done_without_a_result_is_a_death)
{
	cr_expect_eq(crew_judge_undone(0, 2).next, CREW_AGAIN);
	cr_expect_eq(crew_judge_undone(1, 2).next, CREW_GIVE_UP);
	cr_expect_eq(crew_judge_undone(0, 1).next, CREW_GIVE_UP);
	cr_expect_eq(crew_judge_undone(0, 1).bad, REASON_WORKER_DIED);
}

Test(crew, a_refused_result_is_a_lie_or_the_machines_fault)
{
	cr_expect_eq(crew_refuse(EPROTO), CREW_LIE);
	cr_expect_eq(crew_refuse(ENOENT), CREW_LIE);
	cr_expect_eq(crew_refuse(EIO), CREW_TROUBLE);
	cr_expect_eq(crew_refuse(ENOSPC), CREW_TROUBLE);
}

/* Gives a number that stands for the descriptor of result I. */
static int
open_by_number(void *opener, int i)
{
	(void)opener;
	return i == 3 ? CREW_IS_FINISHED : 20 + i;
}

Test(crew, a_filled_task_passes_and_leaves_the_worker_memory_of_its_own)
{
	static const uint64_t GIB = UINT64_C(1) << 30;
	struct develop_limits limits = { .pixels = 5, .memory_bytes = GIB };
	const struct rendition renditions[5] = { [4] = { .name = "web", .width_px = 9 } };
	const int marks[5] = { -1, -1, -1, -1, -1 };
	const struct crew_task task = { .number = 7, .source = 10, .source_bytes = 100,
		.limits = &limits, .renditions = renditions, .mark_fds = marks, .n_renditions = 5,
		.open_result = open_by_number };
	struct msg_task message;
	int fds[CHAN_MAX_FDS];
	const char *why;

	cr_assert_eq(crew_fill(&task, &message, fds), 5);
	cr_expect(msg_check_task(&message, sizeof(message), 5, &why));
	cr_expect_eq(message.task, 7);
	cr_expect_eq(message.source_bytes, 100);
	cr_expect_eq(message.n_outputs, 4);
	cr_expect_eq(message.index[3], 4, "the fourth is finished");
	cr_expect_eq(message.outputs[3].width_px, 9);
	cr_expect_eq(fds[0], 10);
	cr_expect_eq(fds[4], 24);
	cr_expect_eq(message.limits.pixels, 5);
	cr_expect(message.limits.memory_bytes > GIB / 2 && message.limits.memory_bytes < GIB);
	limits.memory_bytes = 64 << 20;
	crew_fill(&task, &message, fds);
	cr_expect_eq(message.n_outputs, 4);
	cr_expect_eq(message.limits.memory_bytes, 32 << 20, "a small one gets half");
}

/* Behind source and outputs, in the order of the outputs, and a worker sees no path. */
Test(crew, watermarks_go_behind_the_outputs)
{
	const struct develop_limits limits = { .memory_bytes = 1 << 30 };
	const struct rendition renditions[3] = { { .mark_bytes = 9, .mark_path = "/x.png" },
		{ .name = "a" }, { .mark_bytes = 9, .mark_path = "/x.png" } };
	const int marks[3] = { 52, -1, 51 };
	const struct crew_task task = { .number = 7, .source = 10, .limits = &limits,
		.renditions = renditions, .mark_fds = marks, .n_renditions = 3,
		.open_result = open_by_number };
	struct msg_task message;
	int fds[CHAN_MAX_FDS];
	const char *why;

	cr_assert_eq(crew_fill(&task, &message, fds), 6);
	cr_expect_eq(fds[4], 52);
	cr_expect_eq(fds[5], 51);
	cr_expect_str_eq(message.outputs[0].mark_path, "");
	cr_expect(msg_check_task(&message, sizeof(message), 6, &why));
	cr_expect_leq(1 + 2 * RENDITION_MAX, CHAN_MAX_FDS, "all of them fit");
}

static int
open_nothing(void *opener, int i)
{
	(void)opener;
	errno = i == 2 ? ENOSPC : 0;
	return i == 2 ? -1 : CREW_IS_FINISHED;
}

Test(crew, a_result_that_cannot_be_opened_stops_the_hand_over)
{
	const struct rendition renditions[3] = { { .name = "a" }, { .name = "b" }, { .name = "c" } };
	const int marks[3] = { -1, -1, -1 };
	const struct develop_limits limits = { .memory_bytes = 1 << 30 };
	const struct crew_task task = { .number = 1, .limits = &limits, .renditions = renditions,
		.mark_fds = marks, .n_renditions = 3, .open_result = open_nothing };

	cr_expect_eq(crew_hand_over(NULL, NULL, &task, 0), -1, "no pool is asked");
	cr_expect_eq(errno, ENOSPC);
}
