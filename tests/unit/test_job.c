#include <config.h>

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "master/act.h"
#include "master/job.h"

#define N_CELLS (JOB_NSTATE * JOB_EV_N)

/* Which cells there are is read off the table that src/README shows; this walks all the others. */
Test(job, an_empty_cell_panics, .signal = SIGABRT)
{
	struct job_context context = { 0 };
	struct job *job = job_new("a.jpg", JOB_WAITING);

	job_step(&context, job, JOB_EV_FINISHED);
}

Test(job, states_that_are_over_hear_nothing)
{
	const char *action;
	enum job_state next;
	int event;

	for (event = 0; event < JOB_EV_N; event++) {
		cr_expect_not(job_cell(JOB_DONE, (enum job_event)event, &next, &action));
		cr_expect_not(job_cell(JOB_FAILED, (enum job_event)event, &next, &action));
		cr_expect_not(job_cell(JOB_DROPPED, (enum job_event)event, &next, &action));
	}
}

/* The promises that the table makes, cell by cell. */
Test(job, every_cell_keeps_the_promises)
{
	const char *action;
	enum job_state next;
	int cell;

	for (cell = 0; cell < N_CELLS; cell++) {
		enum job_state state = (enum job_state)(cell / JOB_EV_N);
		enum job_event event = (enum job_event)(cell % JOB_EV_N);

		if (!job_cell(state, event, &next, &action)) {
			cr_expect_null(action, "a cell with a name and no action");
			continue;
		}
		cr_expect_not_null(job_state_name(next));
		cr_expect_not_null(job_event_name(event));
		/* nothing cancels a job with a plan: it ends, or goes over a step once more */
		if (state >= JOB_PLANNED && state <= JOB_FILED)
			cr_expect_neq(next, JOB_DROPPED);
		/* it goes on to a step only from the one before, when that is on disk */
		if (next >= JOB_SEALED && next <= JOB_FILED && (int)next > (int)state)
			cr_expect(event == JOB_EV_SYNCED && (int)next == (int)state + 1);
		/* and back from one that is not on disk; nothing else leads back */
		if (state >= JOB_PLANNED && state <= JOB_FILED && (int)next < (int)state)
			cr_expect_eq(event, JOB_EV_UNSYNCED);
		/* done and failed only when the original is filed */
		if (next == JOB_DONE || next == JOB_FAILED)
			cr_expect_eq(state, JOB_FILED);
		/* what is dropped had lost its file */
		if (next == JOB_DROPPED)
			cr_expect_eq(event, JOB_EV_GONE);
		/* killing is no outcome: the death is */
		if (strncmp(action, "kill", 4) == 0)
			cr_expect_eq(next, JOB_RUNNING);
		/* back to the inbox never */
		cr_expect_neq(next, JOB_WAITING);
	}
}

/* An action that fails leaves the state as it was: here a claim in a spool that is not there. */
Test(job, a_failed_action_changes_nothing)
{
	struct spool spool = { .locks_fd = -1, .inbox_fd = -1, .processing_fd = -1 };
	struct job_context context = { .spool = &spool };
	struct job *job = job_new("a.jpg", JOB_WAITING);

	cr_expect_eq(job_step(&context, job, JOB_EV_SLOT), -1);
	cr_expect_eq(job->state, JOB_WAITING);
	cr_expect_null(job->attempt);
	job_free(job);
}

static char *
read_whole(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = calloc(1, 1 << 18);

	cr_assert_not_null(file, "%s", path);
	cr_assert_gt(fread(text, 1, (1 << 18) - 1, file), 0);
	fclose(file);
	return text;
}

Test(job, the_table_is_the_one_in_the_readme)
{
	char *readme = read_whole(TOP_SRCDIR "/src/README");
	char *table = NULL;
	size_t size;
	FILE *out = open_memstream(&table, &size);

	job_print_table(out);
	fclose(out);
	cr_expect(strstr(readme, table) != NULL, "src/README must hold, to the letter:\n%s", table);
	free(readme);
	free(table);
}
