/* master/recover.c - at the start and at every rescan: whatever lies there unowned is taken in hand. */
#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/fsio.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/quote.h"
#include "master/adopt.h"
#include "master/context.h"
#include "master/jobs.h"
#include "master/recover.h"
#include "spool/aside.h"
#include "spool/lock.h"
#include "spool/progress.h"
#include "spool/scan.h"
#include "spool/sweep.h"

/* A look through the folders. */
struct walk {
	struct job_context *c;
	bool saw_all;
};

static void
adopt_unless_ours(struct walk *w, const char *rel)
{
	struct job *job;

	if (jobs_has(w->c->jobs, rel))
		return;
	job = adopt_job(w->c, rel);
	if (job != NULL) {
		jobs_add(w->c->jobs, job);
	} else if (errno != EAGAIN && errno != ENOENT) {
		log_warn(rel, "event=not-taken-in-hand error=\"%s\"", strerror(errno));
		w->saw_all = false;
	}
}

static void
walk_processing(struct walk *w, const char *folder)
{
	struct scan scan;
	char *rel;

	if (scan_open(&scan, w->c->spool->processing_fd, folder) != 0) {
		w->saw_all = w->saw_all && errno == ENOENT;
		return;
	}
	while (scan_next(&scan)) {
		rel = scan_path(folder, scan.name);
		if (scan.is_folder)
			walk_processing(w, rel);
		else
			adopt_unless_ours(w, rel);
		free(rel);
	}
	scan_close(&scan);
}

/* A power cut may leave a job folder whose record is empty: that is written without fsync until a
 * worker starts (spool/jobdir.h), so nothing that counts is in it. One that cannot be read at all is
 * set aside. */
static void
clear_unreadable(struct walk *w, const char *name)
{
	struct spool *spool = w->c->spool;
	struct jobdir dir = { .fd = -1, .name = NULL };
	char *rel = quote_percent_undo(name);
	off_t lock = lock_offset(rel == NULL ? name : rel);
	struct job_record record;

	if (lock_take(spool, lock) == 0) {
		if (jobdir_read(spool, name, &record) == 0)
			job_record_clear(&record);
		else if (errno == EPROTO || errno == ENOENT) {
			log_warn(name, "event=job-folder-dropped why=\"it does not say whose it is\"");
			dir.name = mem_dup(name);
			jobdir_trash(spool, &dir);
		} else if (!aside_is_broken(errno) || aside_put(spool, name, errno) != 0)
			w->saw_all = false;
		lock_drop(spool, lock);
	}
	free(rel);
}

/* What is to become of the job folder NAME? RECORD is what it says; NULL, with errno: it says nothing. */
typedef void visit_fn(struct walk *w, const char *name, const struct job_record *record);

/* VISIT every job folder. */
static void
walk_jobs(struct walk *w, visit_fn *visit)
{
	int fd = fsio_open_dir(w->c->spool->jobs_fd, ".");
	DIR *listing = fd < 0 ? NULL : fdopendir(fd);
	struct job_record record;
	struct dirent *entry;
	bool is_read;

	if (listing == NULL) {
		w->saw_all = false;
		return;
	}
	while ((entry = readdir(listing)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		is_read = jobdir_read(w->c->spool, entry->d_name, &record) == 0;
		visit(w, entry->d_name, is_read ? &record : NULL);
		if (is_read)
			job_record_clear(&record);
	}
	closedir(listing);
}

static void
visit_unreadable(struct walk *w, const char *name, const struct job_record *record)
{
	if (record == NULL)
		clear_unreadable(w, name);
}

/* One whose picture is not in processing/ any more: J2 and J5 of the disk table. */
static void
visit_left(struct walk *w, const char *name, const struct job_record *record)
{
	(void)name;
	if (record != NULL)
		adopt_unless_ours(w, record->rel);
}

/* The name of the picture that SIDECAR belongs to, or NULL: it is no sidecar. */
static char *
picture_of(const char *sidecar)
{
	size_t length = strlen(sidecar), suffix = strlen(PROGRESS_SUFFIX);

	if (length <= suffix || strcasecmp(sidecar + length - suffix, PROGRESS_SUFFIX) != 0)
		return NULL;
	/* A name that was shortened to make room for the suffix cannot be led back. */
	if (length - suffix > 9 && sidecar[length - suffix - 9] == '~')
		return NULL;
	return mem_dup_n(sidecar, length - suffix);
}

/* A sidecar without its picture, whose job nobody has, or one that was never finished: a crash left
 * it. */
static void
remove_orphan(struct walk *w, const char *folder, const char *name)
{
	struct spool *spool = w->c->spool;
	char *path = scan_path(folder, name);
	char *rel = picture_of(path);
	struct stat st;

	if (sweep_is_stale(name) || (rel != NULL &&
	    fsio_stat(spool->processing_fd, rel, &st) != 0 && errno == ENOENT &&
	    !jobs_has(w->c->jobs, rel) && !lock_is_foreign(spool, lock_offset(rel)))) {
		fsio_unlink(spool->processing_fd, path);
		fsio_prune_parents(spool->processing_fd, path);
	}
	free(rel);
	free(path);
}

static void
walk_sidecars(struct walk *w, const char *folder)
{
	int fd = fsio_open_dir(w->c->spool->processing_fd, folder);
	DIR *listing = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	char *below;

	if (listing == NULL)
		return;
	while ((entry = readdir(listing)) != NULL) {
		if (entry->d_type == DT_DIR && entry->d_name[0] != '.') {
			below = scan_path(folder, entry->d_name);
			walk_sidecars(w, below);
			fsio_prune(w->c->spool->processing_fd, below); /* only when it is empty */
			free(below);
		} else if (entry->d_type != DT_DIR)
			remove_orphan(w, folder, entry->d_name);
	}
	closedir(listing);
}

bool
recover_all(struct job_context *c)
{
	struct walk w = { .c = c, .saw_all = true };

	walk_jobs(&w, visit_unreadable); /* before a second folder is made for the same picture */
	walk_processing(&w, "");
	walk_jobs(&w, visit_left);
	walk_sidecars(&w, "");
	return w.saw_all;
}
