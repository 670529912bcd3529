#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "master/act.h"
#include "master/job.h"

typedef int action_fn(struct job_context *context, struct job *job);

struct cell {
	action_fn *action; /* NULL: the event cannot happen in this state */
	const char *name;  /* of the action, for the printed table */
	enum job_state next;
};

#define CELL(action, next) { act_##action, #action, JOB_##next }

/* state x event -> action, next state. The promises of DESIGN 4 are to be read off here: nothing
 * cancels a job with a plan, each of its steps is on disk before the next one, and a running one ends
 * only by its worker's word or death. */
static const struct cell table[JOB_NSTATE][JOB_EV_N] = {
	[JOB_WAITING] = {
		[JOB_EV_SLOT] = CELL(claim, INTERRUPTED),
		[JOB_EV_GONE] = CELL(nothing, DROPPED),
	},
	[JOB_INTERRUPTED] = {
		[JOB_EV_SLOT] = CELL(start, RUNNING),
		[JOB_EV_FINISHED] = CELL(plan_done, PLANNED),
		[JOB_EV_BAD] = CELL(plan_failed, PLANNED),
		[JOB_EV_STOP] = CELL(nothing, INTERRUPTED),
		[JOB_EV_GONE] = CELL(discard, DROPPED),
		[JOB_EV_CHANGED] = CELL(begin_anew, INTERRUPTED),
		[JOB_EV_ENVIRONMENT] = CELL(nothing, INTERRUPTED),
	},
	[JOB_RUNNING] = {
		[JOB_EV_PROGRESS] = CELL(progress, RUNNING),
		[JOB_EV_RENDITION] = CELL(keep, RUNNING),
		[JOB_EV_FINISHED] = CELL(plan_done, PLANNED),
		[JOB_EV_BAD] = CELL(plan_failed, PLANNED),
		[JOB_EV_WORKER_GONE] = CELL(release, INTERRUPTED),
		[JOB_EV_TIMEOUT] = CELL(kill_timeout, RUNNING),
		[JOB_EV_STOP] = CELL(kill_stop, RUNNING),
		[JOB_EV_CANCEL] = CELL(kill_cancel, RUNNING),
		[JOB_EV_GONE] = CELL(discard, DROPPED),
		[JOB_EV_CHANGED] = CELL(begin_anew, INTERRUPTED),
		[JOB_EV_ENVIRONMENT] = CELL(release, INTERRUPTED),
	},
	[JOB_PLANNED] = {
		[JOB_EV_STOP] = CELL(nothing, PLANNED),
		[JOB_EV_SYNCED] = CELL(seal, SEALED),
		[JOB_EV_UNSYNCED] = CELL(unplan, INTERRUPTED),
		[JOB_EV_ENVIRONMENT] = CELL(nothing, PLANNED),
	},
	[JOB_SEALED] = {
		[JOB_EV_STOP] = CELL(nothing, SEALED),
		[JOB_EV_SYNCED] = CELL(publish, PUBLISHED),
		[JOB_EV_UNSYNCED] = CELL(unplan, INTERRUPTED),
		[JOB_EV_ENVIRONMENT] = CELL(nothing, SEALED),
	},
	[JOB_PUBLISHED] = {
		[JOB_EV_STOP] = CELL(nothing, PUBLISHED),
		[JOB_EV_SYNCED] = CELL(file, FILED),
		[JOB_EV_UNSYNCED] = CELL(doubt, SEALED),
		[JOB_EV_ENVIRONMENT] = CELL(nothing, PUBLISHED),
	},
	[JOB_FILED] = {
		[JOB_EV_FINISHED] = CELL(finish, DONE),
		[JOB_EV_BAD] = CELL(finish, FAILED),
		[JOB_EV_STOP] = CELL(nothing, FILED),
		[JOB_EV_UNSYNCED] = CELL(doubt, PUBLISHED),
		[JOB_EV_ENVIRONMENT] = CELL(nothing, FILED),
	},
	/* DONE, FAILED and DROPPED hear nothing any more. */
};

static const char *const state_names[JOB_NSTATE] = {
	[JOB_WAITING] = "waiting",
	[JOB_INTERRUPTED] = "interrupted",
	[JOB_RUNNING] = "running",
	[JOB_PLANNED] = "planned",
	[JOB_SEALED] = "sealed",
	[JOB_PUBLISHED] = "published",
	[JOB_FILED] = "filed",
	[JOB_DONE] = "done",
	[JOB_FAILED] = "failed",
	[JOB_DROPPED] = "dropped",
};

static const char *const event_names[JOB_EV_N] = {
	[JOB_EV_SLOT] = "slot",
	[JOB_EV_PROGRESS] = "progress",
	[JOB_EV_RENDITION] = "rendition",
	[JOB_EV_FINISHED] = "finished",
	[JOB_EV_BAD] = "bad",
	[JOB_EV_WORKER_GONE] = "worker-gone",
	[JOB_EV_TIMEOUT] = "timeout",
	[JOB_EV_STOP] = "stop",
	[JOB_EV_CANCEL] = "cancel",
	[JOB_EV_GONE] = "gone",
	[JOB_EV_CHANGED] = "changed",
	[JOB_EV_SYNCED] = "synced",
	[JOB_EV_UNSYNCED] = "unsynced",
	[JOB_EV_ENVIRONMENT] = "environment",
};

const char *
job_state_name(enum job_state state)
{
	return state_names[state];
}

const char *
job_event_name(enum job_event event)
{
	return event_names[event];
}

struct job *
job_new(const char *rel, enum job_state state)
{
	struct job *job = mem_alloc(sizeof(*job));

	job->rel = mem_dup(rel);
	job->state = state;
	job->noticed_ms = clock_ms();
	return job;
}

void
job_free(struct job *job)
{
	if (job == NULL)
		return;
	if (job->attempt != NULL)
		log_panic("job_free: \"%s\" still holds its lock", job->rel);
	free(job->rel);
	free(job);
}

int
job_step(struct job_context *context, struct job *job, enum job_event event)
{
	const struct cell *cell = &table[job->state][event];
	enum job_state from = job->state;

	if (cell->action == NULL)
		log_panic("job_step: event %s in state %s of \"%s\"", event_names[event],
		    state_names[job->state], job->rel);
	if (cell->action(context, job) != 0) {
		int saved = errno;

		log_debug(job->rel, "state=%s event=%s failed: %s", state_names[from],
		    event_names[event], strerror(saved));
		errno = saved;
		return -1;
	}
	job->state = cell->next;
	if (from != cell->next)
		log_debug(job->rel, "from=%s to=%s on=%s", state_names[from],
		    state_names[cell->next], event_names[event]);
	return 0;
}

bool
job_cell(enum job_state state, enum job_event event, enum job_state *next, const char **action)
{
	const struct cell *cell = &table[state][event];

	*next = cell->next;
	*action = cell->name;
	return cell->action != NULL;
}

void
job_print_table(FILE *out)
{
	int state, event;

	for (state = 0; state < JOB_NSTATE; state++)
		for (event = 0; event < JOB_EV_N; event++)
			if (table[state][event].action != NULL)
				fprintf(out, "    %-12s %-12s %-13s %s\n", state_names[state],
				    event_names[event], table[state][event].name,
				    state_names[table[state][event].next]);
}
