/* master/record.c - at the beginning of a job: whose it is, and what was before. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fsio.h"
#include "base/log.h"
#include "base/mem.h"
#include "master/context.h"
#include "master/record.h"
#include "spool/progress.h"
#include "spool/suffix.h"

const struct profile *
record_profile(const struct job_context *c, const char *rel)
{
	const char *slash = strchr(rel, '/');

	return conf_profile(c->conf, rel, slash == NULL ? 0 : (size_t)(slash - rel));
}

void
record_fill(const struct job_context *c, const char *rel, const struct spool_id *id,
    struct job_record *record)
{
	*record = (struct job_record){ .rel = mem_dup(rel), .source = *id, .claimed = time(NULL) };
	snprintf(record->digest, sizeof(record->digest), "%s", record_profile(c, rel)->digest);
	snprintf(record->host, sizeof(record->host), "%s", c->host);
	snprintf(record->boot_id, sizeof(record->boot_id), "%s", c->boot_id);
}

void
record_count_machine_death(const struct job_context *c, struct job_record *record)
{
	if (!record->is_at_work || strcmp(record->host, c->host) != 0 ||
	    strcmp(record->boot_id, c->boot_id) == 0)
		return;
	record->n_machine_deaths++;
	record->is_at_work = false;
	log_warn(record->rel, "event=machine-died-on-it times=%d", record->n_machine_deaths);
}

/* Was REL moved from failed/ back to inbox/, and a power cut left it there and below DIR? */
static bool
is_cut_retry(const struct job_context *c, int dir, const char *rel)
{
	struct stat failed, again;

	return fsio_stat(c->spool->failed_fd, rel, &failed) == 0 &&
	    fsio_stat(dir, rel, &again) == 0 && failed.st_ino == again.st_ino;
}

void
record_forget_failure(const struct job_context *c, int dir, const char *rel)
{
	char *text = name_with_suffix(rel, ".error.txt");
	struct stat st;

	if (is_cut_retry(c, dir, rel))
		fsio_unlink(c->spool->failed_fd, rel);
	if (fsio_stat(c->spool->failed_fd, rel, &st) != 0 && errno == ENOENT)
		fsio_unlink(c->spool->failed_fd, text);
	free(text);
}

void
record_forget_sidecar(const struct job_context *c, const char *rel)
{
	struct stat st;

	if (c->conf->keep_progress && fsio_stat(c->spool->done_fd, rel, &st) != 0 && errno == ENOENT)
		progress_remove(c->spool->done_fd, rel);
}
