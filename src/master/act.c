#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/chan.h"
#include "base/clock.h"
#include "base/fsio.h"
#include "base/log.h"
#include "master/act.h"
#include "master/commit.h"
#include "spool/mark.h"
#include "work/pool.h"
#include "work/task.h"

int
act_nothing(struct job_context *c, struct job *job)
{
	(void)c;
	(void)job;
	return 0;
}

/* Open the outputs that are not finished, behind the source in FDS. Returns the number of
 * descriptors in FDS, -1: all are closed again. */
static int
open_outputs(const struct attempt *a, struct msg_task *task, int *fds)
{
	const struct timespec mtime = spool_time_of(a->record.source.mtime_ns);
	int n_fds = 1;
	int i;

	for (i = 0; i < a->profile->n_renditions; i++) {
		if (jobdir_has(&a->dir, i, NULL))
			continue;
		fds[n_fds] = jobdir_make_part(&a->dir, i);
		if (fds[n_fds] < 0) {
			int saved = errno;

			while (n_fds > 1)
				close(fds[--n_fds]);
			errno = saved;
			return -1;
		}
		mark_made(fds[n_fds], a->record.rel, &mtime); /* the worker's fsync includes it */
		task_add(task, &a->profile->renditions[i], i);
		n_fds++;
	}
	return n_fds;
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
	static struct msg_task task; /* 10 KB, gone when sent */
	struct attempt *a = job->attempt;
	int fds[CHAN_MAX_FDS];
	int n_owned, n_fds, i, result, saved;

	task_begin(&task, ++c->n_tasks, (uint64_t)a->record.source.size, &c->conf->limits);
	task.is_durable = c->spool->is_durable;
	fds[0] = source;
	n_owned = open_outputs(a, &task, fds);
	if (n_owned < 0)
		return -1;
	n_fds = task_add_marks(&task, a->profile->mark_fds, fds, n_owned);
	result = pool_hand_over(c->pool, job, &task, fds, n_fds, clock_ms());
	saved = errno;
	for (i = 1; i < n_owned; i++)
		close(fds[i]);
	a->task = result == 0 ? task.task : 0;
	errno = saved;
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
	a->killer = ACT_NOBODY;
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
kill_for(struct job_context *c, struct job *job, enum act_killer killer)
{
	if (job->attempt->killer == ACT_NOBODY)
		job->attempt->killer = killer;
	pool_kill(c->pool, job);
	return 0;
}

int
act_kill_stop(struct job_context *c, struct job *job)
{
	return kill_for(c, job, ACT_STOP);
}

int
act_kill_cancel(struct job_context *c, struct job *job)
{
	return kill_for(c, job, ACT_CANCEL);
}

int
act_kill_timeout(struct job_context *c, struct job *job)
{
	return kill_for(c, job, ACT_TIMEOUT);
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
	if (a->killer != ACT_CANCEL)
		act_sidecar(c, job, a->killer == ACT_STOP ? PROGRESS_STOPPED : PROGRESS_INTERRUPTED);
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
