/* master/attempt.c - while a worker is at it: from the slot to its last word, or its death. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fsio.h"
#include "base/log.h"
#include "master/attempt.h"
#include "master/commit.h"
#include "master/context.h"
#include "master/record.h"
#include "master/sidecar.h"
#include "master/tally.h"
#include "spool/mark.h"
#include "work/crew.h"

/* For the crew: rendition I of the job OPENER. */
static int
open_result(void *opener, int i)
{
	const struct job *job = opener;
	const struct timespec mtime = spool_time_of(job->record.source.mtime_ns);
	int fd;

	if (jobdir_has(&job->dir, i, NULL))
		return CREW_IS_FINISHED;
	fd = jobdir_make_part(&job->dir, i);
	if (fd >= 0)
		mark_made(fd, job->record.rel, &mtime); /* the worker's fsync includes it */
	return fd;
}

/* Should the machine die of this attempt, that counts: the record is on its way to the disk while the
 * decoding begins. One that was found interrupted waits for it, so that no picture can bring the
 * machine down time after time in the milliseconds between. */
static int
mark_at_work(struct job_context *c, struct job *job)
{
	job->record.is_at_work = true;
	snprintf(job->record.host, sizeof(job->record.host), "%s", c->host);
	snprintf(job->record.boot_id, sizeof(job->record.boot_id), "%s", c->boot_id);
	return jobdir_write(c->spool, &job->dir, &job->record, job->is_adopted ? NULL :
	    commit_list(c->commit));
}

static int
hand_over(struct job_context *c, struct job *job, int source)
{
	const struct crew_task task = { .number = ++c->n_tasks, .source = source,
		.source_bytes = (uint64_t)job->record.source.size, .limits = &c->conf->limits,
		.renditions = job->profile->renditions, .mark_fds = job->profile->mark_fds,
		.n_renditions = job->profile->n_renditions, .is_durable = c->spool->is_durable,
		.open_result = open_result, .opener = job };

	job->task = task.number;
	return crew_hand_over(c->pool, job, &task, clock_ms());
}

int
attempt_start(struct job_context *c, struct job *job)
{
	int source, result, saved;

	if (mark_at_work(c, job) != 0)
		return -1;
	source = fsio_open(c->spool->processing_fd, job->rel, O_RDONLY | O_NONBLOCK, 0);
	if (source < 0)
		return -1;
	job->killer = CREW_NOBODY;
	job->number = job->record.n_worker_deaths + job->record.n_machine_deaths + 1;
	job->stage = DEVELOP_DECODE;
	job->permille = 0;
	job->i_rendition = -1;
	job->started = time(NULL);
	job->started_ms = clock_ms();
	sidecar_write(c, job, PROGRESS_DEVELOPING);
	result = hand_over(c, job, source);
	saved = errno;
	close(source);
	errno = saved;
	if (result == 0)
		log_debug(job->rel, "event=started profile=%s attempt=%d", job->profile->name,
		    job->number);
	return result;
}

/* ---- what the worker says ---------------------------------------------------------------- */

int
attempt_note_progress(struct job_context *c, struct job *job)
{
	job->stage = (enum develop_stage)c->news->stage;
	job->i_rendition = c->news->index;
	if (c->news->permille > job->permille) /* never back within an attempt */
		job->permille = c->news->permille;
	if (job->permille / 10 != job->sidecar_percent &&
	    clock_ms() - job->sidecar_ms >= PROGRESS_INTERVAL_MS)
		sidecar_write(c, job, PROGRESS_DEVELOPING);
	return 0;
}

int
attempt_keep_rendition(struct job_context *c, struct job *job)
{
	const struct msg_news *news = c->news;
	const struct rendition *rendition = &job->profile->renditions[news->index];
	const struct timespec mtime = spool_time_of(job->record.source.mtime_ns);

	if (jobdir_keep(&job->dir, news->index, news->bytes, &mtime) != 0)
		return -1;
	log_debug(job->rel, "event=rendition index=%d size=%" PRIu32 "x%" PRIu32 " bytes=%" PRIu64
	    " quality=%" PRIu32, news->index, news->width_px, news->height_px, news->bytes,
	    news->quality);
	if (rendition->max_bytes != 0 && news->quality != 0 && news->quality < rendition->quality)
		log_info(job->rel, "event=quality-found rendition=%s quality=%" PRIu32 " bytes=%" PRIu64
		    " max_bytes=%" PRIu64, rendition->name, news->quality, news->bytes,
		    rendition->max_bytes);
	return 0;
}

/* ---- stopping -------------------------------------------------------------------------- */

static int
kill_for(struct job_context *c, struct job *job, enum crew_killer killer)
{
	if (job->killer == CREW_NOBODY)
		job->killer = killer;
	pool_kill(c->pool, job);
	return 0;
}

int
attempt_kill_stopped(struct job_context *c, struct job *job)
{
	return kill_for(c, job, CREW_STOP);
}

int
attempt_kill_cancelled(struct job_context *c, struct job *job)
{
	return kill_for(c, job, CREW_CANCEL);
}

int
attempt_kill_late(struct job_context *c, struct job *job)
{
	return kill_for(c, job, CREW_TIMEOUT);
}

int
attempt_release(struct job_context *c, struct job *job)
{
	int i;

	for (i = 0; job->profile != NULL && i < job->profile->n_renditions; i++)
		jobdir_drop_part(&job->dir, i);
	job->record.is_at_work = false; /* written with the next start, or with a counted death */
	if (job->killer != CREW_CANCEL)
		sidecar_write(c, job, job->killer == CREW_STOP ? PROGRESS_STOPPED :
		    PROGRESS_INTERRUPTED);
	return 0;
}

int
attempt_count_death(struct job_context *c, struct job *job)
{
	struct job_record *record = &job->record;

	record->n_worker_deaths++;
	record->is_at_work = false;
	job->is_last_try = true;
	c->tally->counts.n_worker_deaths++;
	if (jobdir_write(c->spool, &job->dir, record, NULL) != 0)
		log_warn(job->rel, "event=attempt-not-written error=\"%s\"", strerror(errno));
	return record->n_worker_deaths;
}

int
attempt_begin_anew(struct job_context *c, struct job *job)
{
	struct ready_look look;

	ready_look(c->spool->processing_fd, job->rel, false, &look);
	if (look.error != 0) {
		errno = look.error;
		return -1;
	}
	log_info(job->rel, "event=changed-while-developed");
	if (jobdir_empty(&job->dir) != 0) /* first: what is left must never pass for the new picture's */
		return -1;
	job->facts = (struct ready_facts){ 0 };
	job->record.source = look.id;
	job->record.n_worker_deaths = job->record.n_machine_deaths = 0;
	job->record.is_at_work = job->is_last_try = false;
	job->must_settle = true;
	sidecar_write(c, job, PROGRESS_INTERRUPTED);
	return jobdir_write(c->spool, &job->dir, &job->record, NULL);
}

/* ---- before it starts -------------------------------------------------------------------- */

int
attempt_set_profile(struct job_context *c, struct job *job)
{
	const struct profile *now = record_profile(c, job->rel);
	struct profile *copy = profile_copy(now); /* the configuration may be read again meanwhile */

	if (copy == NULL)
		return -1;
	profile_free(job->profile);
	job->profile = copy;
	if (strcmp(job->record.digest, now->digest) == 0)
		return 0;
	log_info(job->rel, "event=profile-changed profile=%s", now->name);
	if (jobdir_empty(&job->dir) != 0) /* first: what is left must never pass for the new profile's */
		return -1;
	snprintf(job->record.digest, sizeof(job->record.digest), "%s", now->digest);
	return jobdir_write(c->spool, &job->dir, &job->record, NULL);
}

bool
attempt_is_complete(const struct job *job)
{
	int i;

	for (i = 0; i < job->profile->n_renditions; i++)
		if (!jobdir_has(&job->dir, i, NULL))
			return false;
	return true;
}
