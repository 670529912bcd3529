#include <config.h>

#include <criterion/criterion.h>
#include <errno.h>

#include "work/crew.h"

/* Two attempts: which deaths count, and for what? */
Test(crew, a_death_counts_unless_somebody_wanted_it)
{
	static const struct {
		enum crew_killer killer;
		bool is_memory;
		int n_deaths;
		enum crew_next next;
		enum bad bad;
	} cases[] = {
		{ CREW_NOBODY, false, 0, CREW_AGAIN, BAD_WORKER_DIED },
		{ CREW_NOBODY, false, 1, CREW_GIVE_UP, BAD_WORKER_DIED },
		{ CREW_NOBODY, false, 5, CREW_GIVE_UP, BAD_WORKER_DIED },
		{ CREW_NOBODY, true, 0, CREW_AGAIN, BAD_TOO_BIG },
		{ CREW_NOBODY, true, 1, CREW_GIVE_UP, BAD_TOO_BIG },
		{ CREW_TIMEOUT, false, 0, CREW_AGAIN, BAD_TOO_SLOW },
		{ CREW_TIMEOUT, true, 1, CREW_GIVE_UP, BAD_TOO_SLOW },
		{ CREW_LIE, false, 0, CREW_AGAIN, BAD_WORKER_DIED },
		{ CREW_LIE, true, 1, CREW_GIVE_UP, BAD_WORKER_DIED },
		{ CREW_STOP, false, 0, CREW_GO_ON, BAD_NONE },
		{ CREW_STOP, true, 1, CREW_GO_ON, BAD_NONE },
		{ CREW_CANCEL, false, 1, CREW_GO_ON, BAD_NONE },
		{ CREW_TROUBLE, true, 1, CREW_TROUBLED, BAD_NONE },
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
	cr_expect_eq(crew_judge_undone(0, 1).bad, BAD_WORKER_DIED);
}

Test(crew, a_refused_result_is_a_lie_or_the_machines_fault)
{
	cr_expect_eq(crew_refuse(EPROTO), CREW_LIE);
	cr_expect_eq(crew_refuse(ENOENT), CREW_LIE);
	cr_expect_eq(crew_refuse(EIO), CREW_TROUBLE);
	cr_expect_eq(crew_refuse(ENOSPC), CREW_TROUBLE);
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
