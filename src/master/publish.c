/* publish.c - the way home: the part of dispatch that takes a job with a plan from step to step. */
#include <config.h>

#include <errno.h>

#include "master/commit.h"
#include "master/dispatch.h"

/* What a job with a plan goes on with: the step after the one that is done. */
static enum job_event
next_event(const struct job *job)
{
	if (job->state != JOB_INTERRUPTED && job->state != JOB_FILED)
		return JOB_EV_SYNCED;
	return job->attempt->plan->verdict == PLAN_DONE ? JOB_EV_FINISHED : JOB_EV_BAD;
}

void
dispatch_publish(struct dispatch *d, struct job *job, int64_t now_ms)
{
	while (job->attempt != NULL && !job->attempt->is_syncing)
		if (job_step(&d->context, job, next_event(job)) != 0) {
			dispatch_trouble(d, job, errno, now_ms);
			return;
		}
	if (job->attempt == NULL)
		dispatch_unblock(d);
}

void
dispatch_hear_commit(struct dispatch *d, int64_t now_ms)
{
	struct job *job;
	int error;

	commit_turn(d->context.commit, now_ms);
	while (commit_next(d->context.commit, &job, &error)) {
		job->attempt->is_syncing = false;
		if (error == 0)
			continue; /* go_on() takes its next step */
		job_step(&d->context, job, JOB_EV_UNSYNCED);
		dispatch_trouble(d, job, error, now_ms);
	}
}
