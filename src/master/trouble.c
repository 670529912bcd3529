/* trouble.c - the machine's faults: the part of dispatch that blocks the queue and lets go of it. */
#include <config.h>

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "master/dispatch.h"

#define FREE_INTERVAL_MS 1000   /* between looks at the free space, while there is work */
#define BACK_OFF_MOST_MS 5000   /* "goes on by itself" soon after the disk has room again */

static const char *
explain(int error)
{
	switch (error) {
	case ENOSPC:
	case EDQUOT:
		return "the disk is full; make room and it goes on by itself";
	case EROFS:
		return "the disk is read-only; mount it writable and it goes on by itself";
	case EACCES:
	case EPERM:
		return "the daemon may not write the spool's own folders; give its user that right";
	case EMFILE:
	case ENFILE:
		return "too many open files; raise the limit (LimitNOFILE)";
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

void
dispatch_trouble(struct dispatch *d, struct job *job, int error, int64_t now_ms)
{
	char why[sizeof(d->blocked_why)];

	snprintf(why, sizeof(why), "%s (%s)", explain(error), strerror(error));
	d->is_doubtful |= error == ENOENT;
	if (job != NULL) {
		log_warn(job->rel, "event=trouble error=\"%s\"", strerror(error));
		job_step(&d->context, job, JOB_EV_ENVIRONMENT);
		job->attempt->trouble = 0;
	}
	block(d, why, now_ms);
	if (job != NULL)
		job->attempt->retry_ms = d->blocked_until_ms;
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
