#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fsio.h"
#include "base/log.h"
#include "master/act.h"
#include "master/commit.h"
#include "spool/mark.h"
#include "work/crew.h"

int
act_nothing(struct job_context *c, struct job *job)
{
	(void)c;
	(void)job;
	return 0;
}

/* For the crew: rendition I of the attempt OPENER. */
static int
open_result(void *opener, int i)
{
	const struct attempt *a = opener;
	const struct timespec mtime = spool_time_of(a->record.source.mtime_ns);
	int fd;

	if (jobdir_has(&a->dir, i, NULL))
		return CREW_IS_FINISHED;
	fd = jobdir_make_part(&a->dir, i);
	if (fd >= 0)
		mark_made(fd, a->record.rel, &mtime); /* the worker's fsync includes it */
	return fd;
}

/* Should the machine die of this attempt, that counts: the record is on its way to the disk while the
 * decoding begins. One that was found interrupted waits for it, so that no picture can bring the
 * machine down time after time in the milliseconds between. */
static int
mark_at_work(struct job_context *c, struct attempt *a)
{
	bool can_wait = c->spool->is_durable && !a->is_adopted;

	a->record.is_at_work = true;
	snprintf(a->record.host, sizeof(a->record.host), "%s", c->host);
	snprintf(a->record.boot_id, sizeof(a->record.boot_id), "%s", c->boot_id);
	return jobdir_write(c->spool, &a->dir, &a->record, can_wait ? commit_list(c->commit) : NULL);
}

static int
hand_over(struct job_context *c, struct job *job, int source)
{
	struct attempt *a = job->attempt;
	const struct crew_task task = { .number = ++c->n_tasks, .source = source,
		.source_bytes = (uint64_t)a->record.source.size, .limits = &c->conf->limits,
		.renditions = a->profile->renditions, .mark_fds = a->profile->mark_fds,
		.n_renditions = a->profile->n_renditions, .is_durable = c->spool->is_durable,
		.open_result = open_result, .opener = a };
	int result = crew_hand_over(c->pool, job, &task, clock_ms());

	a->task = result == 0 ? task.number : 0;
	return result;
}

int
act_start(struct job_context *c, struct job *job)
{
	struct attempt *a = job->attempt;
	int source, result, saved;

	if (mark_at_work(c, a) != 0)
		return -1;
	source = fsio_open(c->spool->processing_fd, job->rel, O_RDONLY | O_NONBLOCK, 0);
	if (source < 0)
		return -1;
	a->killer = CREW_NOBODY;
	a->number = a->record.n_worker_deaths + a->record.n_machine_deaths + 1;
	a->stage = DEVELOP_DECODE;
	a->permille = 0;
	a->i_rendition = -1;
	a->started = time(NULL);
	a->started_ms = clock_ms();
	act_sidecar(c, job, PROGRESS_DEVELOPING);
	result = hand_over(c, job, source);
	saved = errno;
	close(source);
	errno = saved;
	if (result == 0)
		log_debug(job->rel, "event=started profile=%s attempt=%d", a->profile->name,
		    a->number);
	return result;
}

/* ---- what the worker says ---------------------------------------------------------------- */

int
act_progress(struct job_context *c, struct job *job)
{
	struct attempt *a = job->attempt;

	a->stage = (enum develop_stage)c->news->stage;
	a->i_rendition = c->news->index;
	if (c->news->permille > a->permille) /* never back within an attempt */
		a->permille = c->news->permille;
	if (a->permille / 10 != a->sidecar_percent &&
	    clock_ms() - a->sidecar_ms >= PROGRESS_INTERVAL_MS)
		act_sidecar(c, job, PROGRESS_DEVELOPING);
	return 0;
}

int
act_keep(struct job_context *c, struct job *job)
{
	struct attempt *a = job->attempt;
	const struct msg_news *news = c->news;
	const struct rendition *rendition = &a->profile->renditions[news->index];
	const struct timespec mtime = spool_time_of(a->record.source.mtime_ns);

	if (jobdir_keep(&a->dir, news->index, news->bytes, &mtime) != 0)
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
	if (job->attempt->killer == CREW_NOBODY)
		job->attempt->killer = killer;
	pool_kill(c->pool, job);
	return 0;
}

int
act_kill_stop(struct job_context *c, struct job *job)
{
	return kill_for(c, job, CREW_STOP);
}

int
act_kill_cancel(struct job_context *c, struct job *job)
{
	return kill_for(c, job, CREW_CANCEL);
}

int
act_kill_timeout(struct job_context *c, struct job *job)
{
	return kill_for(c, job, CREW_TIMEOUT);
}

int
act_release(struct job_context *c, struct job *job)
{
	struct attempt *a = job->attempt;
	int i;

	for (i = 0; a->profile != NULL && i < a->profile->n_renditions; i++)
		jobdir_drop_part(&a->dir, i);
	a->task = 0;
	a->record.is_at_work = false; /* written with the next start, or with a counted death */
	if (a->killer != CREW_CANCEL)
		act_sidecar(c, job, a->killer == CREW_STOP ? PROGRESS_STOPPED : PROGRESS_INTERRUPTED);
	return 0;
}

int
act_count_death(struct job_context *c, struct job *job)
{
	struct job_record *record = &job->attempt->record;

	record->n_worker_deaths++;
	record->is_at_work = false;
	job->attempt->is_last_try = true;
	c->tally.counts.n_worker_deaths++;
	if (jobdir_write(c->spool, &job->attempt->dir, record, NULL) != 0)
		log_warn(job->rel, "event=attempt-not-written error=\"%s\"", strerror(errno));
	return record->n_worker_deaths;
}

int
act_begin_anew(struct job_context *c, struct job *job)
{
	struct attempt *a = job->attempt;
	struct ready_look look;

	ready_look(c->spool->processing_fd, job->rel, false, &look);
	if (look.error != 0) {
		errno = look.error;
		return -1;
	}
	log_info(job->rel, "event=changed-while-developed");
	if (jobdir_empty(&a->dir) != 0) /* first: what is left must never pass for the new picture's */
		return -1;
	job->facts = (struct ready_facts){ 0 };
	a->record.source = look.id;
	a->record.n_worker_deaths = a->record.n_machine_deaths = 0;
	a->record.is_at_work = a->is_last_try = false;
	a->must_settle = true;
	a->task = 0;
	act_sidecar(c, job, PROGRESS_INTERRUPTED);
	return jobdir_write(c->spool, &a->dir, &a->record, NULL);
}

int
act_discard(struct job_context *c, struct job *job)
{
	struct attempt *a = job->attempt;

	progress_remove(c->spool->processing_fd, job->rel);
	if (a->dir.name != NULL && jobdir_trash(c->spool, &a->dir) != 0 && errno != ENOENT)
		log_warn(job->rel, "event=job-folder-left error=\"%s\"", strerror(errno));
	fsio_prune_parents(c->spool->processing_fd, job->rel);
	c->tally.counts.n_dropped++;
	log_info(job->rel, "event=dropped why=\"its file was taken away\"");
	act_free_attempt(c, job);
	return 0;
}
