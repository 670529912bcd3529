/* master/job.c - a picture from its claim to its end: what it holds, and what it is called. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "master/job.h"
#include "spool/lock.h"

static const char *const state_names[JOB_NSTATE] = {
	[JOB_INTERRUPTED] = "interrupted",
	[JOB_RUNNING] = "running",
	[JOB_PLANNED] = "planned",
	[JOB_BOUND] = "bound",
	[JOB_RENEWED] = "renewed",
	[JOB_SEALED] = "sealed",
	[JOB_PUBLISHED] = "published",
	[JOB_FILED] = "filed",
	[JOB_OVER] = "over",
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
	[JOB_EV_AGAIN] = "again",
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
job_lock(struct spool *spool, const char *rel)
{
	off_t lock = lock_offset(rel);
	struct job *job;

	if (lock_take(spool, lock) != 0)
		return NULL;
	job = mem_alloc(sizeof(*job));
	job->rel = mem_dup(rel);
	job->owed = JOB_EV_NONE;
	job->noticed_ms = clock_ms();
	job->spool = spool;
	job->lock = lock;
	job->dir.fd = -1;
	job->i_rendition = -1;
	job->number = 1;
	return job;
}

void
job_let_go(struct job *job)
{
	if (job->lock < 0)
		return;
	lock_drop(job->spool, job->lock);
	job->lock = -1;
	jobdir_close(&job->dir);
	job_record_clear(&job->record);
	plan_free(job->plan);
	job->plan = NULL;
	profile_free(job->profile);
	job->profile = NULL;
}

void
job_free(struct job *job)
{
	int saved = errno;

	job_let_go(job);
	free(job->rel);
	free(job);
	errno = saved;
}

void
job_set_bad(struct job *job, enum reason bad, const char *text)
{
	job->bad = bad;
	snprintf(job->bad_text, sizeof(job->bad_text), "%s", text);
}

bool
job_is_running(const struct job *job)
{
	return job->state == JOB_RUNNING;
}

bool
job_is_homeward(const struct job *job)
{
	return job->state >= JOB_PLANNED && job->state <= JOB_FILED;
}

enum job_event
job_next_event(const struct job *job)
{
	if (!job_is_homeward(job))
		return JOB_EV_NONE;
	return job->state == JOB_BOUND ? JOB_EV_AGAIN : JOB_EV_SYNCED;
}

int
job_seconds_left(const struct job *job)
{
	int64_t spent = clock_ms() - job->started_ms;

	if (!job_is_running(job) || job->permille < 50 || spent < 500) /* too early to tell */
		return -1;
	return (int)((spent * (1000 - job->permille) / job->permille + 999) / 1000);
}

const char *
job_rendition(const struct job *job)
{
	return job->profile != NULL && job->i_rendition >= 0 &&
	    job->i_rendition < job->profile->n_renditions ?
	    job->profile->renditions[job->i_rendition].name : "";
}

const char *
job_profile(const struct job *job)
{
	return job->profile == NULL ? "" : job->profile->name;
}
