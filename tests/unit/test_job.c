#include <config.h>

#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "master/commit.h"
#include "master/context.h"
#include "master/step.h"
#include "spool_fixture.h"

#define N_CELLS (JOB_NSTATE * JOB_EV_N)

/* Which cells there are is read off the table that src/README shows; this walks all the others. */
Test(job, an_empty_cell_panics, .signal = SIGABRT)
{
	struct job_context context = { 0 };
	struct job job = { .rel = (char *)"a.jpg", .lock = -1 };

	step_raise(&context, &job, JOB_EV_SYNCED);
}

Test(job, one_that_is_over_hears_nothing)
{
	const char *action;
	enum job_state next;
	int event;

	for (event = 0; event < JOB_EV_N; event++)
		cr_expect_not(step_cell(JOB_OVER, (enum job_event)event, &next, &action));
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
		bool has_plan = state >= JOB_PLANNED && state <= JOB_FILED;

		if (!step_cell(state, event, &next, &action)) {
			cr_expect_null(action, "a cell with a name and no action");
			continue;
		}
		cr_expect_not_null(job_state_name(next));
		cr_expect_not_null(job_event_name(event));
		/* nothing cancels a job with a plan: it ends, or goes over a step once more; what has
		 * its name is never given up */
		if (has_plan && next == JOB_OVER)
			cr_expect(state == JOB_FILED && event == JOB_EV_SYNCED);
		if (has_plan && state != JOB_PLANNED)
			cr_expect_geq(next, JOB_BOUND);
		/* it goes on to a step only from the one before, when that is on disk */
		if (next == JOB_SEALED && (int)state < JOB_SEALED)
			cr_expect(event == JOB_EV_SYNCED && (state == JOB_PLANNED || state == JOB_RENEWED));
		if ((next == JOB_PUBLISHED || next == JOB_FILED) && (int)next > (int)state)
			cr_expect(event == JOB_EV_SYNCED && (int)next == (int)state + 1);
		/* and back from one that is not on disk; nothing else leads back */
		if (has_plan && (int)next < (int)state)
			cr_expect_eq(event, JOB_EV_UNSYNCED);
		/* what is over without a plan had lost its file */
		if (next == JOB_OVER && !has_plan)
			cr_expect_eq(event, JOB_EV_GONE);
		/* killing is no outcome: the death is */
		if (strstr(action, "kill") != NULL)
			cr_expect_eq(next, JOB_RUNNING);
		/* a module's cell does what a function of that module does */
		cr_expect(strncmp(action, "attempt_", 8) == 0 || strncmp(action, "publish_", 8) == 0);
	}
}

/* What a job waits for is told by its state alone. */
Test(job, each_state_says_what_comes_next)
{
	const char *action;
	enum job_state next;
	int state;

	for (state = 0; state < JOB_NSTATE; state++) {
		const struct job job = { .state = (enum job_state)state };
		enum job_event event = job_next_event(&job);

		cr_expect_eq(job_is_homeward(&job), event != JOB_EV_NONE);
		if (event != JOB_EV_NONE)
			cr_expect(step_cell(job.state, event, &next, &action), "%s", job_state_name(job.state));
	}
}

/* An action that fails leaves the state as it was: here a start in a spool whose processing/ is gone. */
Test(job, a_failed_action_changes_nothing)
{
	struct spool *spool = fixture_spool();
	struct job_context context = { .spool = spool };
	struct job *job = job_lock(spool, "a.jpg");

	cr_assert_not_null(job);
	cr_expect_eq(step_raise(&context, job, JOB_EV_CHANGED), -1);
	cr_expect_eq(errno, ENOENT);
	cr_expect_eq(job->state, JOB_INTERRUPTED);
	job_free(job);
	spool_close(spool);
}

/* Where the spool is not durable no step waits, and none has to ask. */
Test(job, what_needs_nothing_on_the_disk_is_told_at_once)
{
	struct spool *spool = fixture_spool(); /* not durable */
	struct commit *commit = commit_new(spool);
	struct job *job = job_lock(spool, "a.jpg"), *told;
	int error = -1;

	cr_expect_null(commit_list(commit));
	cr_expect_not(commit_next(commit, &told, &error));
	commit_await(commit, job);
	cr_expect_eq(commit_due(commit), 0);
	cr_assert(commit_next(commit, &told, &error));
	cr_expect_eq(told, job);
	cr_expect_eq(error, 0);
	cr_expect_not(commit_next(commit, &told, &error));
	cr_expect_eq(commit_n_waiting(commit), 0);
	commit_free(commit);
	job_free(job);
	spool_close(spool);
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

	step_print_table(out);
	fclose(out);
	cr_expect(strstr(readme, table) != NULL, "src/README must hold, to the letter:\n%s", table);
	free(readme);
	free(table);
}
