/* master/homeward.c - from a plan to done/: the disk answers, and the next step is taken. */
#include <config.h>

#include <errno.h>

#include "master/commit.h"
#include "master/context.h"
#include "master/homeward.h"
#include "master/step.h"
#include "master/trouble.h"

void
homeward_step(struct job_context *c, struct job *job, enum job_event event, int64_t now_ms)
{
	job->owed = JOB_EV_NONE;
	if (step_raise(c, job, event) != 0) {
		trouble_tell(c, job, errno, now_ms);
		job->owed = event;
	} else if (job->state == JOB_OVER)
		trouble_end(c->trouble);
}

/* One step back, and that is done again after a pause; a plan that is given up leaves no step. */
static void
undo_step(struct job_context *c, struct job *job, int error, int64_t now_ms)
{
	step_raise(c, job, JOB_EV_UNSYNCED);
	trouble_tell(c, job, error, now_ms);
	job->owed = job_next_event(job);
}

bool
homeward_turn(struct job_context *c, int64_t now_ms)
{
	bool has_heard = false;
	struct job *job;
	int error;

	commit_turn(c->commit, now_ms);
	while (commit_next(c->commit, &job, &error)) {
		has_heard = true;
		if (error == 0)
			homeward_step(c, job, JOB_EV_SYNCED, now_ms);
		else
			undo_step(c, job, error, now_ms);
	}
	return has_heard;
}
