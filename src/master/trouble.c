/* master/trouble.c - beside the flow: the machine's fault, until it is put right. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "master/context.h"
#include "master/step.h"
#include "master/trouble.h"

#define FREE_INTERVAL_MS 1000   /* between looks at the free space, while there is work */
#define BACK_OFF_MOST_MS 5000   /* "goes on by itself" soon after the disk has room again */
#define OWN_PAUSE_MOST_MS 30000 /* of a job on a bad spot: the others have most of the time */

struct trouble {
	int64_t until_ms;           /* 0: not blocked */
	int64_t back_off_ms;
	int64_t free_ms;            /* when the free space is looked at again */
	bool is_short_of_space;     /* less than spool.min_free is left */
	bool is_doubtful, is_read_only;
	char why[200];
};

struct trouble *
trouble_new(void)
{
	struct trouble *trouble = mem_alloc(sizeof(*trouble));

	trouble->back_off_ms = TROUBLE_BACK_OFF_MS;
	return trouble;
}

void
trouble_free(struct trouble *trouble)
{
	free(trouble);
}

static const char *
explain_error(const struct spool *spool, int error)
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
block_queue(struct trouble *trouble, const char *why, int64_t now_ms)
{
	if (strcmp(trouble->why, why) != 0)
		log_error(NULL, "event=blocked why=\"%s\"", why);
	snprintf(trouble->why, sizeof(trouble->why), "%s", why);
	trouble->until_ms = now_ms + trouble->back_off_ms;
	trouble->back_off_ms = clock_min(2 * trouble->back_off_ms, BACK_OFF_MOST_MS);
}

void
trouble_end(struct trouble *trouble)
{
	if (trouble->until_ms == 0 || trouble->is_short_of_space)
		return;
	log_info(NULL, "event=unblocked was=\"%s\"", trouble->why);
	trouble->until_ms = 0;
	trouble->back_off_ms = TROUBLE_BACK_OFF_MS;
	trouble->why[0] = '\0';
}

/* A bad spot of the disk may lie below this one picture. It is not blamed for it, but from the second
 * time on the others come before it, or one such picture would hold up a queue for ever. */
static int64_t
own_pause_ms(struct job *job, int error)
{
	int64_t pause_ms = TROUBLE_BACK_OFF_MS;
	int i;

	if (error != EIO || ++job->n_unread < 2)
		return 0;
	for (i = 2; i < job->n_unread && pause_ms < OWN_PAUSE_MOST_MS; i++)
		pause_ms *= 2;
	return clock_min(pause_ms, OWN_PAUSE_MOST_MS);
}

void
trouble_tell(struct job_context *c, struct job *job, int error, int64_t now_ms)
{
	struct trouble *trouble = c->trouble;
	char why[sizeof(trouble->why)];

	snprintf(why, sizeof(why), "%s (%s)", explain_error(c->spool, error), strerror(error));
	trouble->is_read_only |= error == EROFS;
	trouble->is_doubtful |= error == EROFS || error == ENOENT || error == EIO || error == ESTALE;
	if (job != NULL)
		log_warn(job->rel, "event=trouble error=\"%s\"", strerror(error));
	block_queue(trouble, why, now_ms);
	if (job == NULL)
		return;
	if (job_is_running(job))
		step_raise(c, job, JOB_EV_ENVIRONMENT);
	job->retry_ms = trouble->until_ms + own_pause_ms(job, error);
}

void
trouble_check_free(struct job_context *c, int64_t now_ms)
{
	struct trouble *trouble = c->trouble;
	uint64_t wanted = c->conf->min_free_bytes;
	char why[sizeof(trouble->why)];

	if (now_ms < trouble->free_ms || wanted == 0)
		return;
	trouble->free_ms = now_ms + FREE_INTERVAL_MS;
	if (spool_free_bytes(c->spool) >= wanted) {
		if (trouble->is_short_of_space) {
			trouble->is_short_of_space = false;
			trouble_end(trouble);
		}
		return;
	}
	snprintf(why, sizeof(why), "less than spool.min_free (%llu MB) is free; make room and it goes on "
	    "by itself", (unsigned long long)(wanted >> 20));
	trouble->is_short_of_space = true;
	block_queue(trouble, why, now_ms);
	trouble->back_off_ms = TROUBLE_BACK_OFF_MS;
}

const char *
trouble_why(const struct trouble *trouble)
{
	return trouble->until_ms > 0 ? trouble->why : NULL;
}

bool
trouble_blocks(const struct trouble *trouble, int64_t now_ms)
{
	return now_ms < trouble->until_ms;
}

int64_t
trouble_until_ms(const struct trouble *trouble)
{
	return trouble->until_ms;
}

void
trouble_doubt_folders(struct trouble *trouble)
{
	trouble->is_doubtful = true;
}

bool
trouble_take_doubt(struct trouble *trouble)
{
	bool is_doubtful = trouble->is_doubtful;

	trouble->is_doubtful = false;
	return is_doubtful;
}

bool
trouble_is_read_only(const struct trouble *trouble)
{
	return trouble->is_read_only;
}
