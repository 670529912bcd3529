/* claim.c - the next of the queue: the part of dispatch that takes pictures out of inbox/. */
#include <config.h>

#include <errno.h>

#include "base/fsio.h"
#include "master/commit.h"
#include "master/dispatch.h"

#define SAME_NAME_MS 500 /* a new inbox/x while processing/x is at work: ask again */
#define MOST_WAITING 64  /* jobs that wait for a slow disk; each holds descriptors */

/* The claim failed with ERROR: whose matter is it? */
static void
claim_failed(struct dispatch *d, struct job *job, int error, int64_t now_ms)
{
	bool is_own = d->context.is_own_fault && (error == EACCES || error == EPERM);
	struct stat st;

	switch (is_own ? 0 : error) {
	case ENOENT: /* taken away, or by another daemon; or is it a folder of ours that is missing? */
		if (fsio_stat(d->context.spool->inbox_fd, job->rel, &st) == 0) {
			d->is_doubtful = true;
			queue_settle(d->queue, job, now_ms + SAME_NAME_MS);
			break;
		}
		job_step(&d->context, job, JOB_EV_GONE);
		inbox_forget(job);
		queue_drop(d->queue, job);
		break;
	case EEXIST:
	case EAGAIN: /* it waits for the picture of the same name, which somebody has in hand */
	case ENOTDIR:
	case ELOOP:
		job->reason = error == EAGAIN || dispatch_has(d, job->rel) ? NULL :
		    "something in processing/ stands in its way; it goes on when that is gone";
		queue_settle(d->queue, job, now_ms + SAME_NAME_MS);
		break;
	case EBUSY:
	case EACCES:
	case EPERM:
	case EXDEV:
		job->reason = error == EXDEV ? "it lies on another file system than the spool" :
		    "the daemon may not move it: give its user write permission on its folder";
		queue_hold(d->queue, job);
		break;
	default:
		dispatch_trouble(d, NULL, error, now_ms);
	}
}

/* Is it still as ready as when its turn was reckoned? */
static bool
is_still_ready(struct dispatch *d, struct job *job, int64_t now_ms)
{
	const struct ready_times times = inbox_times(d->inbox);
	struct ready_look look;

	ready_look(d->context.spool->inbox_fd, job->rel, !times.is_polled, &look);
	if (ready_judge(&job->facts, &look, &times, now_ms).answer == READY_NOW)
		return true;
	queue_settle(d->queue, job, now_ms); /* its next look says why */
	return false;
}

static void
claim(struct dispatch *d, struct job *job, int64_t now_ms)
{
	queue_turn_over(d->queue, job);
	if (!is_still_ready(d, job, now_ms))
		return;
	if (job_step(&d->context, job, JOB_EV_SLOT) != 0) {
		claim_failed(d, job, errno, now_ms);
		return;
	}
	inbox_forget(job);
	queue_take(d->queue, job);
	dispatch_add(d, job);
	dispatch_advance(d, job, now_ms);
}

bool
dispatch_claim(struct dispatch *d, int64_t now_ms)
{
	bool has_acted = false;
	const char *why;
	struct job *job;

	dispatch_check_free(d, now_ms);
	while (now_ms >= d->blocked_until_ms && pool_has_free(d->context.pool) && !dispatch_is_alone(d) &&
	    commit_n_waiting(d->context.commit) < MOST_WAITING &&
	    (job = queue_next(d->queue)) != NULL) {
		why = schedule_holds(d->schedule, job->rel);
		if (why != NULL)
			queue_bar(d->queue, job, why);
		else
			claim(d, job, now_ms);
		has_acted = true;
	}
	return has_acted;
}
