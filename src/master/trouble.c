/* trouble.c - the machine's faults: the part of dispatch that blocks the queue and lets go of it. */
#include <config.h>

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "master/dispatch.h"

#define FREE_INTERVAL_MS 1000   /* between looks at the free space, while there is work */
#define BACK_OFF_MOST_MS 5000   /* "goes on by itself" soon after the disk has room again */
#define OWN_PAUSE_MOST_MS 30000 /* of a job on a bad spot: the others have most of the time */

static const char *
explain(const struct spool *spool, int error)
{
	switch (error) {
	case ENOSPC:
		if (spool_is_out_of_files(spool))
			return "the disk has room, but for no more files (inodes); remove some and it goes on "
			    "by itself";
		return "the disk is full; make room and it goes on by itself";
	case EDQUOT:
		return "the disk quota of the daemon's user is used up; raise it or make room and it goes on "
		    "by itself";
	case EROFS:
		return "the disk is read-only; mount it writable and it goes on by itself";
	case EACCES:
	case EPERM:
		return "the daemon may not write the spool's own folders; give its user that right";
	case EMFILE:
	case ENFILE:
		return "too many open files; raise the limit (LimitNOFILE)";
	case EFBIG:
		return "files may not become as long as results are: raise the limit with which the daemon was "
		    "started (ulimit -f, LimitFSIZE), and restart it";
	case ENOTSUP:
		return "a rendition cannot be made as the configuration says, see the log; correct it and "
		    "send SIGHUP";
	default:
		return "it is tried again; look at the disk and at the system's log";
	}
}

static void
block(struct dispatch *d, const char *why, int64_t now_ms)
{
	if (strcmp(d->blocked_why, why) != 0)
		log_error(NULL, "event=blocked why=\"%s\"", why);
	snprintf(d->blocked_why, sizeof(d->blocked_why), "%s", why);
	d->blocked_until_ms = now_ms + d->back_off_ms;
	d->back_off_ms = clock_min(2 * d->back_off_ms, BACK_OFF_MOST_MS);
}

void
dispatch_unblock(struct dispatch *d)
{
	if (d->blocked_until_ms == 0 || d->is_short_of_space)
		return;
	log_info(NULL, "event=unblocked was=\"%s\"", d->blocked_why);
	d->blocked_until_ms = 0;
	d->back_off_ms = DISPATCH_BACK_OFF_MS;
	d->blocked_why[0] = '\0';
}

/* A bad spot of the disk may lie below this one picture. It is not blamed for it, but from the second
 * time on the others come before it, or one such picture would hold up a queue for ever. */
static int64_t
own_pause_ms(struct attempt *a, int error)
{
	int64_t pause_ms = DISPATCH_BACK_OFF_MS;
	int i;

	if (error != EIO || ++a->n_unread < 2)
		return 0;
	for (i = 2; i < a->n_unread && pause_ms < OWN_PAUSE_MOST_MS; i++)
		pause_ms *= 2;
	return clock_min(pause_ms, OWN_PAUSE_MOST_MS);
}

/* Nothing is left that could meet the trouble again: somebody took it all away, or it was the last. */
void
dispatch_forget_trouble(struct dispatch *d)
{
	if (d->n_jobs == 0 && queue_n_ready(d->queue) == 0)
		dispatch_unblock(d);
}

void
dispatch_trouble(struct dispatch *d, struct job *job, int error, int64_t now_ms)
{
	char why[sizeof(d->blocked_why)];

	snprintf(why, sizeof(why), "%s (%s)", explain(d->context.spool, error), strerror(error));
	d->is_read_only |= error == EROFS;
	d->is_doubtful |= error == EROFS || error == ENOENT || error == EIO || error == ESTALE;
	if (job != NULL) {
		log_warn(job->rel, "event=trouble error=\"%s\"", strerror(error));
		job_step(&d->context, job, JOB_EV_ENVIRONMENT);
		job->attempt->trouble = 0;
	}
	block(d, why, now_ms);
	if (job != NULL)
		job->attempt->retry_ms = d->blocked_until_ms + own_pause_ms(job->attempt, error);
}

/* Less room than spool.min_free blocks new work; what is at hand may end. */
void
dispatch_check_free(struct dispatch *d, int64_t now_ms)
{
	uint64_t wanted = d->context.conf->min_free_bytes;
	char why[sizeof(d->blocked_why)];

	if (now_ms < d->free_ms || wanted == 0)
		return;
	d->free_ms = now_ms + FREE_INTERVAL_MS;
	if (spool_free_bytes(d->context.spool) >= wanted) {
		if (d->is_short_of_space) {
			d->is_short_of_space = false;
			dispatch_unblock(d);
		}
		return;
	}
	snprintf(why, sizeof(why), "less than spool.min_free (%llu MB) is free; make room and it goes on "
	    "by itself", (unsigned long long)(wanted >> 20));
	d->is_short_of_space = true;
	block(d, why, now_ms);
	d->back_off_ms = DISPATCH_BACK_OFF_MS;
}
