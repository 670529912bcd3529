/* spool/jobdir.c - a job's own folder, from its claim until it goes to the trash. */
#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/fsio.h"
#include "base/mem.h"
#include "base/quote.h"
#include "spool/aside.h"
#include "spool/fields.h"
#include "spool/jobdir.h"
#include "spool/magic.h"
#include "spool/name.h"

#define MAX_SISTERS 1000 /* KEY-1000: by then something is wrong */

static char *
sister(const char *key, int n)
{
	return n == 1 ? mem_dup(key) : mem_printf("%s-%d", key, n);
}

static char *
record_text(const struct job_record *record)
{
	char *rel = quote_percent(record->rel, "/");
	char *text = mem_printf("rel: %s\nino: %" PRIu64 "\nsize: %" PRId64 "\nmtime_ns: %" PRId64
	    "\nprofile: %s\nworker_deaths: %d\nmachine_deaths: %d\nat_work: %d\nhost: %s\nboot: %s\n"
	    "claimed: %" PRId64 "\n",
	    rel, record->source.ino, record->source.size, record->source.mtime_ns, record->digest,
	    record->n_worker_deaths, record->n_machine_deaths, record->is_at_work, record->host,
	    record->boot_id, (int64_t)record->claimed);

	free(rel);
	return text;
}

static void
copy_field(char *to, size_t size, const char *text, const char *key)
{
	char *value = fields_get(text, key);

	snprintf(to, size, "%s", value == NULL ? "" : value);
	free(value);
}

static int
parse_record(const char *text, struct job_record *record)
{
	*record = (struct job_record){ .rel = fields_get_path(text, "rel") };
	if (record->rel == NULL) {
		errno = EPROTO;
		return -1;
	}
	record->source.ino = fields_get_uint(text, "ino", 0);
	record->source.size = fields_get_int(text, "size", -1);
	record->source.mtime_ns = fields_get_int(text, "mtime_ns", 0);
	record->n_worker_deaths = (int)fields_get_int(text, "worker_deaths", 0);
	record->n_machine_deaths = (int)fields_get_int(text, "machine_deaths", 0);
	record->is_at_work = fields_get_int(text, "at_work", 0) != 0;
	record->claimed = (time_t)fields_get_int(text, "claimed", 0);
	copy_field(record->digest, sizeof(record->digest), text, "profile");
	copy_field(record->host, sizeof(record->host), text, "host");
	copy_field(record->boot_id, sizeof(record->boot_id), text, "boot");
	return 0;
}

void
job_record_clear(struct job_record *record)
{
	free(record->rel);
	*record = (struct job_record){ 0 };
}

int
jobdir_read(struct spool *spool, const char *name, struct job_record *record)
{
	char *path = mem_printf("%s/job", name);
	char *text;
	int result = fsio_read(spool->jobs_fd, path, JOBDIR_TEXT_MAX, &text, NULL);

	free(path);
	if (result != 0)
		return -1;
	result = parse_record(text, record);
	free(text);
	return result;
}

/* Open jobs/NAME if it belongs to REL. 0; -1 ENOENT: no such folder; -1 EEXIST: another's. */
static int
open_if_of(struct spool *spool, const char *name, const char *rel, struct jobdir *dir,
    struct job_record *record)
{
	struct job_record read;

	if (jobdir_read(spool, name, &read) != 0)
		return -1;
	if (strcmp(read.rel, rel) != 0) {
		job_record_clear(&read);
		errno = EEXIST;
		return -1;
	}
	dir->fd = fsio_open_dir(spool->jobs_fd, name);
	if (record != NULL && dir->fd >= 0)
		*record = read;
	else
		job_record_clear(&read);
	if (dir->fd < 0)
		return -1;
	dir->name = mem_dup(name);
	return 0;
}

int
jobdir_find(struct spool *spool, const char *rel, struct jobdir *dir, struct job_record *record)
{
	char *key = name_key(rel);
	char *name;
	int n, result = -1;

	errno = EEXIST;
	for (n = 1; n <= MAX_SISTERS && result != 0 && errno == EEXIST; n++) {
		name = sister(key, n);
		result = open_if_of(spool, name, rel, dir, record);
		if (result != 0 && aside_is_broken(errno) && aside_put(spool, name, errno) == 0)
			errno = EEXIST; /* whosever it was: ours may be the next */
		free(name);
	}
	free(key);
	return result;
}

/* Rename the new folder TEMP of trash/ to the first free sister of KEY. */
static int
move_in(struct spool *spool, const char *temp, const char *rel, struct jobdir *dir)
{
	char *key = name_key(rel);
	char *name = NULL;
	int n, result = -1;

	errno = EEXIST;
	for (n = 1; n <= MAX_SISTERS && result != 0 && (errno == EEXIST || errno == ENOTEMPTY); n++) {
		free(name);
		name = sister(key, n);
		result = fsio_rename(spool->trash_fd, temp, spool->jobs_fd, name);
	}
	free(key);
	if (result != 0) {
		free(name);
		return -1;
	}
	FAIL_AT("jobdir.made");
	dir->fd = fsio_open_dir(spool->jobs_fd, name);
	dir->name = name;
	return dir->fd < 0 ? -1 : 0;
}

static int
write_record(const struct jobdir *dir, const struct job_record *record, bool is_durable)
{
	char *text = record_text(record);
	int result = fsio_replace(dir->fd, "job", text, strlen(text), 0600, is_durable);

	free(text);
	if (result == 0)
		FAIL_AT("jobdir.written");
	return result;
}

int
jobdir_make(struct spool *spool, const struct job_record *record, struct jobdir *dir)
{
	static unsigned n_made = 0; /* makes the name unique within the process */
	char temp[64];
	struct jobdir fresh = { .fd = -1, .name = NULL };
	int result = -1;

	snprintf(temp, sizeof(temp), "new-%ld-%u", (long)getpid(), n_made++);
	fsio_remove_tree(spool->trash_fd, temp); /* of a process that had our number */
	if (mkdirat(spool->trash_fd, temp, 0700) != 0)
		return -1;
	FAIL_AT("jobdir.born");
	fresh.fd = fsio_open_dir(spool->trash_fd, temp);
	if (fresh.fd >= 0)
		result = write_record(&fresh, record, false); /* a lost claim is J1: no fsync */
	if (fresh.fd >= 0)
		close(fresh.fd);
	if (result == 0)
		result = move_in(spool, temp, record->rel, dir);
	if (result != 0) {
		int saved = errno;

		fsio_remove_tree(spool->trash_fd, temp);
		errno = saved;
	}
	return result;
}

int
jobdir_write(struct spool *spool, const struct jobdir *dir, const struct job_record *record,
    struct synclist *later)
{
	if (write_record(dir, record, later == NULL && spool->is_durable) != 0)
		return -1;
	if (synclist_add(later, dir->fd, "job", SYNC_FILE) != 0 ||
	    synclist_add(later, dir->fd, "", SYNC_JOB) != 0)
		return -1;
	return synclist_add(later, spool->jobs_fd, "", SYNC_JOB);
}

int
jobdir_empty(const struct jobdir *dir)
{
	DIR *listing = fsio_list(dir->fd, ".");
	struct dirent *entry;
	int result = 0;

	if (listing == NULL)
		return -1;
	while ((entry = readdir(listing)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
		    strcmp(entry->d_name, "job") != 0 &&
		    fsio_remove_tree(dir->fd, entry->d_name) != 0)
			result = -1;
	closedir(listing);
	return result;
}

void
jobdir_drop_part(const struct jobdir *dir, int i)
{
	char name[24];

	snprintf(name, sizeof(name), "%d.part", i);
	if (unlinkat(dir->fd, name, 0) == 0)
		FAIL_AT("jobdir.part_dropped");
}

int
jobdir_make_part(const struct jobdir *dir, int i)
{
	char name[24];
	int fd;

	snprintf(name, sizeof(name), "%d.part", i);
	if (unlinkat(dir->fd, name, 0) == 0)
		FAIL_AT("jobdir.part_removed");
	else if (errno != ENOENT && fsio_remove_tree(dir->fd, name) != 0)
		return -1;
	fd = openat(dir->fd, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0664);
	if (fd >= 0)
		FAIL_AT("jobdir.part_made");
	return fd;
}

int
jobdir_check_result(int fd, uint64_t bytes, const struct timespec *mtime)
{
	const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, *mtime };
	struct stat st;
	enum magic magic;

	if (fstat(fd, &st) != 0)
		return -1;
	magic = magic_of(fd);
	if (magic == MAGIC_UNREAD)
		return -1;
	if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size != bytes ||
	    (magic != MAGIC_JPEG && magic != MAGIC_PNG)) {
		errno = EPROTO;
		return -1;
	}
	if (futimens(fd, times) != 0)
		errno = 0; /* a time that this file system cannot hold: the result is no worse for it */
	return 0;
}

int
jobdir_keep(const struct jobdir *dir, int i, uint64_t bytes, const struct timespec *mtime)
{
	char part[24], name[24];
	int fd, result, saved;

	snprintf(part, sizeof(part), "%d.part", i);
	snprintf(name, sizeof(name), "%d", i);
	fd = openat(dir->fd, part, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -1;
	result = jobdir_check_result(fd, bytes, mtime);
	FAIL_AT("jobdir.part_whole");
	if (result == 0)
		result = renameat(dir->fd, part, dir->fd, name);
	saved = errno;
	close(fd);
	errno = saved;
	if (result == 0)
		FAIL_AT("jobdir.kept");
	return result;
}

bool
jobdir_has(const struct jobdir *dir, int i, uint64_t *bytes)
{
	char name[24];
	struct stat st;

	snprintf(name, sizeof(name), "%d", i);
	if (fstatat(dir->fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode))
		return false;
	if (bytes != NULL)
		*bytes = (uint64_t)st.st_size;
	return true;
}

void
jobdir_close(struct jobdir *dir)
{
	if (dir->fd >= 0)
		close(dir->fd);
	free(dir->name);
	*dir = (struct jobdir){ .fd = -1, .name = NULL };
}

int
jobdir_trash(struct spool *spool, struct jobdir *dir)
{
	static unsigned n_trashed = 0; /* makes the name unique within the process */
	char temp[64];
	int result;

	snprintf(temp, sizeof(temp), "old-%ld-%u", (long)getpid(), n_trashed++);
	fsio_remove_tree(spool->trash_fd, temp);
	result = fsio_rename(spool->jobs_fd, dir->name, spool->trash_fd, temp);
	jobdir_close(dir);
	if (result != 0)
		return -1;
	FAIL_AT("jobdir.trashed");
	fsio_remove_tree(spool->trash_fd, temp); /* what stays is swept at the next start */
	return 0;
}

void
jobdir_sweep_trash(struct spool *spool)
{
	DIR *listing = fsio_list(spool->trash_fd, ".");
	struct dirent *entry;

	if (listing == NULL)
		return;
	while ((entry = readdir(listing)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			fsio_remove_tree(spool->trash_fd, entry->d_name);
	closedir(listing);
}
