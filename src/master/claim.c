/* master/claim.c - the next of the queue: a file of inbox/ becomes a job. */
#include <config.h>

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/fsio.h"
#include "base/log.h"
#include "master/claim.h"
#include "master/commit.h"
#include "master/context.h"
#include "master/folder.h"
#include "master/inbox.h"
#include "master/jobs.h"
#include "master/queue.h"
#include "master/record.h"
#include "master/schedule.h"
#include "master/trouble.h"
#include "work/pool.h"

#define SAME_NAME_MS 500 /* a new inbox/x while processing/x is at work: ask again */
#define MOST_WAITING 64  /* jobs that wait for a slow disk; each holds descriptors */

/* ---- on the disk ------------------------------------------------------------------------ */

/* With the lock in hand: nothing of this name may be in processing/. What an earlier claim left in
 * jobs/ (J2) goes, but for the attempts: a machine that died at once may have lost the claim and
 * kept the record of it. */
static int
clear_the_way(struct job_context *c, struct job_record *record)
{
	struct jobdir old_dir;
	struct job_record old;
	struct stat st;

	if (fsio_stat(c->spool->processing_fd, record->rel, &st) == 0) {
		errno = EEXIST;
		return -1;
	}
	if (errno != ENOENT)
		return -1;
	if (jobdir_find(c->spool, record->rel, &old_dir, &old) != 0)
		return errno == ENOENT ? 0 : -1;
	if (spool_same_picture(&old.source, &record->source)) {
		record_count_machine_death(c, &old);
		record->n_worker_deaths = old.n_worker_deaths;
		record->n_machine_deaths = old.n_machine_deaths;
	}
	job_record_clear(&old);
	return jobdir_trash(c->spool, &old_dir);
}

/* The job folder, then the rename. *IS_OWN_FAULT: what failed was about our folders, not the file. */
static int
claim_locked(struct job_context *c, struct job *job, bool *is_own_fault)
{
	*is_own_fault = true;
	record_fill(c, job->rel, &job->facts.id, &job->record);
	if (clear_the_way(c, &job->record) != 0)
		return -1;
	job->is_last_try = job->record.n_worker_deaths > 0;
	if (jobdir_make(c->spool, &job->record, &job->dir) != 0) {
		if (errno == ENOENT) /* another daemon that starts swept trash/: it is not the picture */
			errno = EAGAIN;
		return -1;
	}
	record_forget_failure(c, c->spool->inbox_fd, job->rel);
	record_forget_sidecar(c, job->rel);
	*is_own_fault = false;
	if (spool_claim(c->spool, job->rel) != 0) {
		int saved = errno;

		jobdir_trash(c->spool, &job->dir);
		errno = saved;
		return -1;
	}
	return 0;
}

/* FILE, which FACTS say is ready, becomes a job. NULL: it failed. */
static struct job *
claim_file(struct job_context *c, const struct file *file, const char *rel,
    const struct ready_facts *facts, bool *is_own_fault)
{
	struct job *job = job_lock(c->spool, rel);

	*is_own_fault = false;
	if (job == NULL)
		return NULL;
	job->facts = *facts;
	job->noticed_ms = file->noticed_ms;
	if (claim_locked(c, job, is_own_fault) != 0) {
		job_free(job);
		return NULL;
	}
	log_info(rel, "event=claimed bytes=%" PRId64, facts->id.size);
	return job;
}

/* ---- out of the queue ------------------------------------------------------------------- */

/* The claim failed with ERROR: whose matter is it? */
static void
judge_failure(struct job_context *c, struct file *file, const char *rel, int error, bool is_own_fault,
    int64_t now_ms)
{
	bool is_own = is_own_fault && (error == EACCES || error == EPERM);
	struct stat st;

	switch (is_own ? 0 : error) {
	case ENOENT: /* taken away, or by another daemon; or is it a folder of ours that is missing? */
		if (fsio_stat(c->spool->inbox_fd, rel, &st) == 0) {
			trouble_doubt_folders(c->trouble);
			queue_settle(c->queue, file, now_ms + SAME_NAME_MS);
			break;
		}
		inbox_forget(c->inbox, file);
		break;
	case EEXIST:
	case EAGAIN: /* it waits for the picture of the same name, which somebody has in hand */
	case ENOTDIR:
	case ELOOP:
		file->reason = error == EAGAIN || jobs_has(c->jobs, rel) ? NULL :
		    "something in processing/ stands in its way; it goes on when that is gone";
		queue_settle(c->queue, file, now_ms + SAME_NAME_MS);
		break;
	case EBUSY:
	case EACCES:
	case EPERM:
	case EXDEV:
		file->reason = error == EXDEV ? "it lies on another file system than the spool" :
		    "the daemon may not move it: give its user write permission on its folder";
		queue_hold(c->queue, file);
		break;
	default:
		trouble_tell(c, NULL, error, now_ms);
	}
}

/* Is FILE still as ready as when its turn was reckoned? FACTS: of the look that says so. */
static bool
is_still_ready(struct job_context *c, struct file *file, const char *rel, struct ready_facts *facts,
    int64_t now_ms)
{
	const struct ready_times times = inbox_times(c->inbox);
	struct ready_look look;

	ready_look(c->spool->inbox_fd, rel, !times.is_polled, &look);
	if (file_judge(file, &look, &times, now_ms).answer != READY_NOW) {
		queue_settle(c->queue, file, now_ms); /* its next look says why */
		return false;
	}
	*facts = (struct ready_facts){ .is_known = true, .id = look.id,
		.has_writer = look.writer == READY_WRITER };
	return true;
}

/* It is the turn of FILE: a job, or NULL: FILE waits on. */
static struct job *
try_file(struct job_context *c, struct file *file, const char *rel, int64_t now_ms)
{
	const char *why = schedule_holds(c->schedule, rel);
	struct ready_facts facts;
	bool is_own_fault;
	struct job *job;

	if (why != NULL) {
		queue_bar(c->queue, file, why);
		return NULL;
	}
	queue_turn_over(c->queue, file);
	if (!is_still_ready(c, file, rel, &facts, now_ms))
		return NULL;
	job = claim_file(c, file, rel, &facts, &is_own_fault);
	if (job == NULL) {
		judge_failure(c, file, rel, errno, is_own_fault, now_ms);
		return NULL;
	}
	inbox_forget(c->inbox, file);
	jobs_add(c->jobs, job);
	return job;
}

static bool
may_claim(struct job_context *c, int64_t now_ms)
{
	return !trouble_blocks(c->trouble, now_ms) && pool_has_free(c->pool) &&
	    !jobs_one_is_alone(c->jobs) && commit_n_waiting(c->commit) < MOST_WAITING;
}

struct job *
claim_next(struct job_context *c, int64_t now_ms, bool *has_acted)
{
	struct job *job = NULL;
	struct file *file;
	char *rel;

	trouble_check_free(c, now_ms);
	while (job == NULL && may_claim(c, now_ms) && (file = queue_next(c->queue)) != NULL) {
		rel = folder_rel_of(file);
		job = try_file(c, file, rel, now_ms);
		free(rel);
		*has_acted = true;
	}
	return job;
}
