/* master/step.c - the job table: from its claim to its end a picture goes through here, and only here. */
#include <config.h>

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "master/attempt.h"
#include "master/publish.h"
#include "master/step.h"

typedef int action_fn(struct job_context *context, struct job *job);

struct cell {
	action_fn *action; /* NULL: the event cannot happen in this state */
	const char *name;  /* of the action, for the printed table */
	enum job_state next;
};

#define CELL(action, next) { action, #action, JOB_##next }

/* state x event -> action, next state. The promises are to be read off here: nothing cancels a job
 * with a plan, each of its steps is on disk before the next one, and a running one ends only by its
 * worker's word or death. */
static const struct cell table[JOB_NSTATE][JOB_EV_N] = {
	[JOB_INTERRUPTED] = {
		[JOB_EV_SLOT] = CELL(attempt_start, RUNNING),
		[JOB_EV_FINISHED] = CELL(publish_plan, PLANNED),
		[JOB_EV_BAD] = CELL(publish_plan_failure, PLANNED),
		[JOB_EV_GONE] = CELL(publish_discard, OVER),
		[JOB_EV_CHANGED] = CELL(attempt_begin_anew, INTERRUPTED),
	},
	[JOB_RUNNING] = {
		[JOB_EV_PROGRESS] = CELL(attempt_note_progress, RUNNING),
		[JOB_EV_RENDITION] = CELL(attempt_keep_rendition, RUNNING),
		[JOB_EV_FINISHED] = CELL(publish_plan, PLANNED),
		[JOB_EV_BAD] = CELL(publish_plan_failure, PLANNED),
		[JOB_EV_WORKER_GONE] = CELL(attempt_release, INTERRUPTED),
		[JOB_EV_TIMEOUT] = CELL(attempt_kill_late, RUNNING),
		[JOB_EV_STOP] = CELL(attempt_kill_stopped, RUNNING),
		[JOB_EV_CANCEL] = CELL(attempt_kill_cancelled, RUNNING),
		[JOB_EV_GONE] = CELL(publish_discard, OVER),
		[JOB_EV_CHANGED] = CELL(attempt_begin_anew, INTERRUPTED),
		[JOB_EV_ENVIRONMENT] = CELL(attempt_release, INTERRUPTED),
	},
	[JOB_PLANNED] = {
		[JOB_EV_SYNCED] = CELL(publish_seal, SEALED),
		[JOB_EV_UNSYNCED] = CELL(publish_give_up_plan, INTERRUPTED),
	},
	[JOB_BOUND] = {
		[JOB_EV_AGAIN] = CELL(publish_renew_plan, RENEWED),
	},
	[JOB_RENEWED] = {
		[JOB_EV_SYNCED] = CELL(publish_seal, SEALED),
		[JOB_EV_UNSYNCED] = CELL(publish_withdraw_plan, BOUND),
	},
	[JOB_SEALED] = {
		[JOB_EV_SYNCED] = CELL(publish_results, PUBLISHED),
		[JOB_EV_UNSYNCED] = CELL(publish_withdraw_plan, BOUND),
	},
	[JOB_PUBLISHED] = {
		[JOB_EV_SYNCED] = CELL(publish_original, FILED),
		[JOB_EV_UNSYNCED] = CELL(publish_doubt_folders, SEALED),
	},
	[JOB_FILED] = {
		[JOB_EV_SYNCED] = CELL(publish_end, OVER),
		[JOB_EV_UNSYNCED] = CELL(publish_doubt_folders, PUBLISHED),
	},
	/* One that is over hears nothing any more. */
};

int
step_raise(struct job_context *context, struct job *job, enum job_event event)
{
	const struct cell *cell = &table[job->state][event];
	enum job_state from = job->state;

	if (cell->action == NULL)
		log_panic("step_raise: event %s in state %s of \"%s\"", job_event_name(event),
		    job_state_name(job->state), job->rel);
	if (cell->action(context, job) != 0) {
		int saved = errno;

		log_debug(job->rel, "state=%s event=%s failed: %s", job_state_name(from),
		    job_event_name(event), strerror(saved));
		errno = saved;
		return -1;
	}
	job->state = cell->next;
	if (from != cell->next)
		log_debug(job->rel, "from=%s to=%s on=%s", job_state_name(from),
		    job_state_name(cell->next), job_event_name(event));
	if (job->state == JOB_OVER)
		job_let_go(job);
	return 0;
}

bool
step_cell(enum job_state state, enum job_event event, enum job_state *next, const char **action)
{
	const struct cell *cell = &table[state][event];

	*next = cell->next;
	*action = cell->name;
	return cell->action != NULL;
}

void
step_print_table(FILE *out)
{
	int state, event;

	for (state = 0; state < JOB_NSTATE; state++)
		for (event = 0; event < JOB_EV_N; event++)
			if (table[state][event].action != NULL)
				fprintf(out, "    %-12s %-12s %-23s %s\n",
				    job_state_name((enum job_state)state),
				    job_event_name((enum job_event)event), table[state][event].name,
				    job_state_name(table[state][event].next));
}
