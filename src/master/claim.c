/* claim.c - the next of the queue: the part of dispatch that takes pictures out of inbox/. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>

#include "base/fsio.h"
#include "master/commit.h"
#include "master/dispatch.h"

#define SAME_NAME_MS 500 /* a new inbox/x while processing/x is at work: ask again */
#define MOST_WAITING 64  /* jobs that wait for a slow disk; each holds descriptors */

/* The claim failed with ERROR: whose matter is it? */
static void
claim_failed(struct dispatch *d, struct file *file, const char *rel, int error, int64_t now_ms)
{
	bool is_own = d->context.is_own_fault && (error == EACCES || error == EPERM);
	struct stat st;

	switch (is_own ? 0 : error) {
	case ENOENT: /* taken away, or by another daemon; or is it a folder of ours that is missing? */
		if (fsio_stat(d->context.spool->inbox_fd, rel, &st) == 0) {
			d->is_doubtful = true;
			queue_settle(d->queue, file, now_ms + SAME_NAME_MS);
			break;
		}
		inbox_forget(d->inbox, file);
		break;
	case EEXIST:
	case EAGAIN: /* it waits for the picture of the same name, which somebody has in hand */
	case ENOTDIR:
	case ELOOP:
		file->reason = error == EAGAIN || dispatch_has(d, rel) ? NULL :
		    "something in processing/ stands in its way; it goes on when that is gone";
		queue_settle(d->queue, file, now_ms + SAME_NAME_MS);
		break;
	case EBUSY:
	case EACCES:
	case EPERM:
	case EXDEV:
		file->reason = error == EXDEV ? "it lies on another file system than the spool" :
		    "the daemon may not move it: give its user write permission on its folder";
		queue_hold(d->queue, file);
		break;
	default:
		dispatch_trouble(d, NULL, error, now_ms);
	}
}

/* Is FILE still as ready as when its turn was reckoned? FACTS: of the look that says so. */
static bool
is_still_ready(struct dispatch *d, struct file *file, const char *rel, struct ready_facts *facts,
    int64_t now_ms)
{
	const struct ready_times times = inbox_times(d->inbox);
	struct ready_look look;

	ready_look(d->context.spool->inbox_fd, rel, !times.is_polled, &look);
	if (file_judge(file, &look, &times, now_ms).answer != READY_NOW) {
		queue_settle(d->queue, file, now_ms); /* its next look says why */
		return false;
	}
	*facts = (struct ready_facts){ .is_known = true, .id = look.id,
		.has_writer = look.writer == READY_WRITER };
	return true;
}

static void
claim(struct dispatch *d, struct file *file, const char *rel, int64_t now_ms)
{
	struct ready_facts facts;
	struct job *job;

	queue_turn_over(d->queue, file);
	if (!is_still_ready(d, file, rel, &facts, now_ms))
		return;
	job = job_new(rel, JOB_WAITING);
	job->facts = facts;
	job->noticed_ms = file->noticed_ms;
	if (job_step(&d->context, job, JOB_EV_SLOT) != 0) {
		claim_failed(d, file, rel, errno, now_ms);
		job_free(job);
		return;
	}
	inbox_forget(d->inbox, file);
	dispatch_add(d, job);
	dispatch_advance(d, job, now_ms);
}

bool
dispatch_claim(struct dispatch *d, int64_t now_ms)
{
	bool has_acted = false;
	struct file *file;
	const char *why;
	char *rel;

	dispatch_check_free(d, now_ms);
	while (now_ms >= d->blocked_until_ms && pool_has_free(d->context.pool) && !dispatch_is_alone(d) &&
	    commit_n_waiting(d->context.commit) < MOST_WAITING &&
	    (file = queue_next(d->queue)) != NULL) {
		rel = file_rel(file);
		why = schedule_holds(d->schedule, rel);
		if (why != NULL)
			queue_bar(d->queue, file, why);
		else
			claim(d, file, rel, now_ms);
		free(rel);
		has_acted = true;
	}
	return has_acted;
}
