#include <config.h>

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fsio.h"
#include "base/log.h"
#include "base/mem.h"
#include "master/act.h"
#include "spool/lock.h"
#include "spool/suffix.h"

static struct attempt *
new_attempt(struct job *job, off_t lock)
{
	struct attempt *a = mem_alloc(sizeof(*a));

	a->dir.fd = -1;
	a->lock = lock;
	a->i_rendition = -1;
	a->number = 1;
	job->attempt = a;
	return a;
}

void
act_free_attempt(struct job_context *c, struct job *job)
{
	struct attempt *a = job->attempt;

	if (a == NULL)
		return;
	lock_drop(c->spool, a->lock);
	jobdir_close(&a->dir);
	job_record_clear(&a->record);
	plan_free(a->plan);
	profile_free(a->profile);
	free(a);
	job->attempt = NULL;
}

/* ---- the claim ------------------------------------------------------------------------ */

static const struct profile *
profile_of(const struct job_context *c, const char *rel)
{
	const char *slash = strchr(rel, '/');

	return conf_profile(c->conf, rel, slash == NULL ? 0 : (size_t)(slash - rel));
}

static void
fill_record(const struct job_context *c, const struct job *job, struct job_record *record)
{
	*record = (struct job_record){ .rel = mem_dup(job->rel), .source = job->facts.id,
		.claimed = time(NULL) };
	snprintf(record->digest, sizeof(record->digest), "%s", profile_of(c, job->rel)->digest);
	snprintf(record->host, sizeof(record->host), "%s", c->host);
	snprintf(record->boot_id, sizeof(record->boot_id), "%s", c->boot_id);
}

/* Was REL moved from failed/ back to inbox/, and a power cut left it there and below DIR? */
static bool
is_cut_retry(const struct job_context *c, int dir, const char *rel)
{
	struct stat failed, again;

	return fsio_stat(c->spool->failed_fd, rel, &failed) == 0 &&
	    fsio_stat(dir, rel, &again) == 0 && failed.st_ino == again.st_ino;
}

/* REL is below DIR: the error text of an earlier failure goes when its original was taken out of
 * failed/. Before the claim: after it a crash would leave the text to nobody. And once more when an
 * interrupted job is found: a power cut may have brought both back. */
static void
forget_failure(struct job_context *c, int dir, const char *rel)
{
	char *text = name_with_suffix(rel, ".error.txt");
	struct stat st;

	if (is_cut_retry(c, dir, rel))
		fsio_unlink(c->spool->failed_fd, rel);
	if (fsio_stat(c->spool->failed_fd, rel, &st) != 0 && errno == ENOENT)
		fsio_unlink(c->spool->failed_fd, text);
	free(text);
}

/* The same for the sidecar that was kept: it would keep the original from its name in done/. */
static void
forget_sidecar(struct job_context *c, const char *rel)
{
	struct stat st;

	if (c->conf->keep_progress && fsio_stat(c->spool->done_fd, rel, &st) != 0 && errno == ENOENT)
		progress_remove(c->spool->done_fd, rel);
}

/* The machine died while a worker had it: that counts, since the picture may be why. */
static void
count_machine_death(const struct job_context *c, struct job_record *record)
{
	if (!record->is_at_work || strcmp(record->host, c->host) != 0 ||
	    strcmp(record->boot_id, c->boot_id) == 0)
		return;
	record->n_machine_deaths++;
	record->is_at_work = false;
	log_warn(record->rel, "event=machine-died-on-it times=%d", record->n_machine_deaths);
}

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
		count_machine_death(c, &old);
		record->n_worker_deaths = old.n_worker_deaths;
		record->n_machine_deaths = old.n_machine_deaths;
	}
	job_record_clear(&old);
	return jobdir_trash(c->spool, &old_dir);
}

static int
claim_locked(struct job_context *c, struct job *job, struct attempt *a)
{
	c->is_own_fault = true; /* until it is about the file itself */
	fill_record(c, job, &a->record);
	if (clear_the_way(c, &a->record) != 0)
		return -1;
	a->is_last_try = a->record.n_worker_deaths > 0;
	if (jobdir_make(c->spool, &a->record, &a->dir) != 0) {
		if (errno == ENOENT) /* another daemon that starts swept trash/: it is not the picture */
			errno = EAGAIN;
		return -1;
	}
	forget_failure(c, c->spool->inbox_fd, job->rel);
	forget_sidecar(c, job->rel);
	c->is_own_fault = false;
	if (spool_claim(c->spool, job->rel) != 0) {
		int saved = errno;

		jobdir_trash(c->spool, &a->dir);
		errno = saved;
		return -1;
	}
	return 0;
}

int
act_claim(struct job_context *c, struct job *job)
{
	off_t lock = lock_offset(job->rel);
	int saved;

	if (lock_take(c->spool, lock) != 0)
		return -1;
	if (claim_locked(c, job, new_attempt(job, lock)) != 0) {
		saved = errno;
		act_free_attempt(c, job);
		errno = saved;
		return -1;
	}
	log_info(job->rel, "event=claimed bytes=%" PRId64, job->facts.id.size);
	return 0;
}

/* ---- taking an interrupted job in hand ------------------------------------------------- */

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
	forget_failure(c, c->spool->processing_fd, job->rel);
	job->facts.id = look.id;
	job->attempt->must_settle = true;
	fill_record(c, job, &job->attempt->record);
	return jobdir_make(c->spool, &job->attempt->record, &job->attempt->dir);
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

static int
adopt_locked(struct job_context *c, struct job *job)
{
	struct attempt *a = job->attempt;
	struct stat st;
	bool is_there = fsio_stat(c->spool->processing_fd, job->rel, &st) == 0;

	if (!is_there && errno != ENOENT)
		return -1; /* not known is not gone */
	end_cut_claim(c, job->rel, is_there ? &st : NULL);
	if (jobdir_find(c->spool, job->rel, &a->dir, &a->record) != 0)
		return errno == ENOENT ? adopt_stranger(c, job) : -1;
	if (plan_read(&a->dir, &a->plan) == 0) {
		if (!is_there && repeat_claim(c, &a->record) != 0)
			return -1;
		plan_reserve(c->spool, a->plan);
		return 0;
	}
	if (errno != ENOENT && errno != EPROTO)
		return -1;
	if (is_there) {
		forget_failure(c, c->spool->processing_fd, job->rel);
		job->facts.id = a->record.source;
		a->is_last_try = a->record.n_worker_deaths > 0;
		count_machine_death(c, &a->record);
		return 0;
	}
	/* J2 with its lock free, or J5 after the plan: nothing is left to do. */
	if (!remembers_attempts(c, job->rel, &a->record))
		jobdir_trash(c->spool, &a->dir);
	errno = ENOENT;
	return -1;
}

int
act_adopt(struct job_context *c, struct job *job)
{
	off_t lock = lock_offset(job->rel);
	int saved;

	if (lock_take(c->spool, lock) != 0)
		return -1;
	new_attempt(job, lock)->is_adopted = true;
	if (adopt_locked(c, job) == 0) {
		log_info(job->rel, "event=interrupted-job-found planned=%s",
		    job->attempt->plan != NULL ? "yes" : "no");
		return 0;
	}
	saved = errno;
	act_free_attempt(c, job);
	errno = saved;
	return -1;
}

/* ---- before a start, and before a plan -------------------------------------------------- */

/* What is finished was for another profile: it goes. */
static int
set_profile(struct job_context *c, struct job *job)
{
	struct attempt *a = job->attempt;
	const struct profile *now = profile_of(c, job->rel);
	struct profile *copy = profile_copy(now); /* the configuration may be read again meanwhile */

	if (copy == NULL)
		return -1;
	profile_free(a->profile);
	a->profile = copy;
	if (strcmp(a->record.digest, now->digest) == 0)
		return 0;
	log_info(job->rel, "event=profile-changed profile=%s", now->name);
	if (jobdir_empty(&a->dir) != 0) /* first: what is left must never pass for the new profile's */
		return -1;
	snprintf(a->record.digest, sizeof(a->record.digest), "%s", now->digest);
	return jobdir_write(c->spool, &a->dir, &a->record, NULL);
}

int
act_prepare(struct job_context *c, struct job *job)
{
	struct ready_look look;

	ready_look(c->spool->processing_fd, job->rel, !c->spool->is_polled, &look);
	if (look.error != 0) {
		errno = look.error;
		if (errno == ENOTDIR || errno == ELOOP)
			errno = ENOENT;
		else if (errno == EACCES || errno == EPERM || errno == EAGAIN)
			errno = EBUSY; /* the file's own matter, not that of our folders */
		return -1;
	}
	if (!spool_same_picture(&look.id, &job->attempt->record.source) ||
	    (look.writer == READY_WRITER && !job->facts.has_writer)) {
		errno = ESTALE;
		return -1;
	}
	job->attempt->is_png = look.magic == MAGIC_PNG;
	return job->attempt->task != 0 ? 0 : set_profile(c, job); /* a worker has it: no change now */
}

bool
act_is_complete(const struct job *job)
{
	const struct attempt *a = job->attempt;
	int i;

	for (i = 0; i < a->profile->n_renditions; i++)
		if (!jobdir_has(&a->dir, i, NULL))
			return false;
	return true;
}
