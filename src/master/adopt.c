/* master/adopt.c - a job that was cut off, taken in hand: after a STOP, a kill -9, a power cut. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/fsio.h"
#include "base/log.h"
#include "base/mem.h"
#include "master/adopt.h"
#include "master/context.h"
#include "master/record.h"
#include "spool/aside.h"

/* No job folder: somebody put the file into processing/ by hand, or the folder was lost. */
static int
adopt_stranger(struct job_context *c, struct job *job)
{
	struct ready_look look;

	ready_look(c->spool->processing_fd, job->rel, false, &look);
	if (look.error != 0) {
		errno = look.error;
		return -1;
	}
	record_forget_failure(c, c->spool->processing_fd, job->rel);
	job->facts.id = look.id;
	job->must_settle = true;
	record_fill(c, job->rel, &look.id, &job->record);
	return jobdir_make(c->spool, &job->record, &job->dir);
}

/* A claim by link and unlink that was cut off in between left one file under both names. */
static void
end_cut_claim(struct job_context *c, const char *rel, const struct stat *claimed)
{
	struct stat st;

	if (claimed != NULL && c->spool->inbox_fd >= 0 &&
	    fsio_stat(c->spool->inbox_fd, rel, &st) == 0 && st.st_ino == claimed->st_ino)
		fsio_unlink(c->spool->inbox_fd, rel);
}

/* J2, and its picture waits in inbox/ with attempts that count: the next claim takes them over. */
static bool
remembers_attempts(const struct job_context *c, const char *rel, const struct job_record *record)
{
	struct spool_id id;
	struct stat st;

	if (!record->is_at_work && record->n_worker_deaths == 0 && record->n_machine_deaths == 0)
		return false;
	if (c->spool->inbox_fd < 0 || fsio_stat(c->spool->inbox_fd, rel, &st) != 0)
		return false;
	id = spool_id_of(&st);
	return spool_same_picture(&id, &record->source);
}

/* There is a plan, and its original is not in processing/: filed, or the claim never reached the disk,
 * while the plan and the results did (btrfs showed that after a power cut). Then it is in inbox/,
 * where it would be developed a second time. */
static int
repeat_claim(struct job_context *c, const struct job_record *record)
{
	struct spool_id id;
	struct stat st;

	if (c->spool->inbox_fd < 0)
		return 0;
	if (fsio_stat(c->spool->inbox_fd, record->rel, &st) != 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : -1;
	id = spool_id_of(&st);
	if (!S_ISREG(st.st_mode) || !spool_same_picture(&id, &record->source))
		return 0;
	return spool_claim(c->spool, record->rel);
}

/* Its plan goes on, wherever that was cut off. */
static int
adopt_plan(struct job_context *c, struct job *job, bool is_there)
{
	if (!is_there && repeat_claim(c, &job->record) != 0)
		return -1;
	plan_reserve(c->spool, job->plan);
	job->state = JOB_BOUND;
	job->owed = job_next_event(job);
	return 0;
}

/* Its plan cannot be read: what is in processing/ begins anew. */
static int
set_aside(struct job_context *c, struct job *job, int why, bool is_there)
{
	char *name = mem_dup(job->dir.name);
	int result;

	jobdir_close(&job->dir);
	job_record_clear(&job->record);
	result = aside_put(c->spool, name, why);
	free(name);
	if (result != 0)
		return -1;
	errno = ENOENT;
	return is_there ? adopt_stranger(c, job) : -1;
}

static int
adopt_locked(struct job_context *c, struct job *job)
{
	struct stat st;
	bool is_there = fsio_stat(c->spool->processing_fd, job->rel, &st) == 0;

	if (!is_there && errno != ENOENT)
		return -1; /* not known is not gone */
	end_cut_claim(c, job->rel, is_there ? &st : NULL);
	if (jobdir_find(c->spool, job->rel, &job->dir, &job->record) != 0)
		return errno == ENOENT ? adopt_stranger(c, job) : -1;
	if (plan_read(&job->dir, &job->plan) == 0)
		return adopt_plan(c, job, is_there);
	if (aside_is_broken(errno))
		return set_aside(c, job, errno, is_there);
	if (errno != ENOENT && errno != EPROTO)
		return -1;
	if (is_there) {
		record_forget_failure(c, c->spool->processing_fd, job->rel);
		job->facts.id = job->record.source;
		job->is_last_try = job->record.n_worker_deaths > 0;
		record_count_machine_death(c, &job->record);
		return 0;
	}
	/* J2 with its lock free, or J5 after the plan: nothing is left to do. */
	if (!remembers_attempts(c, job->rel, &job->record))
		jobdir_trash(c->spool, &job->dir);
	errno = ENOENT;
	return -1;
}

struct job *
adopt_job(struct job_context *c, const char *rel)
{
	struct job *job = job_lock(c->spool, rel);

	if (job == NULL)
		return NULL;
	job->is_adopted = true;
	if (adopt_locked(c, job) != 0) {
		job_free(job);
		return NULL;
	}
	log_info(rel, "event=interrupted-job-found planned=%s", job_is_homeward(job) ? "yes" : "no");
	return job;
}
