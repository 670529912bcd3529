/* spool/spool.c - the folders opened, and a file claimed: inbox/ to processing/. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/fsio.h"
#include "base/mem.h"
#include "spool/check.h"
#include "spool/spool.h"
#include "spool/in_use.h"
#include "spool/top.h"

#define FEW_FILES 64 /* inodes: a few jobs take that many, and give them back when they fail */

/* Nanoseconds since 1970, or the nearest that fits: years before 1678 and after 2261 do not. */
static int64_t
to_ns(const struct timespec *when)
{
	const int64_t most = INT64_MAX / 1000000000 - 1;
	int64_t seconds = when->tv_sec > most ? most : when->tv_sec < -most ? -most : when->tv_sec;

	return seconds * 1000000000 + when->tv_nsec;
}

struct spool_id
spool_id_of(const struct stat *st)
{
	return (struct spool_id){
		.ino = st->st_ino,
		.size = st->st_size,
		.mtime_ns = to_ns(&st->st_mtim),
		.ctime_ns = to_ns(&st->st_ctim),
	};
}

struct timespec
spool_time_of(int64_t ns)
{
	struct timespec when = { .tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000 };

	if (when.tv_nsec < 0) { /* before 1970 */
		when.tv_nsec += 1000000000;
		when.tv_sec--;
	}
	return when;
}

bool
spool_same_picture(const struct spool_id *a, const struct spool_id *b)
{
	return a->ino == b->ino && a->size == b->size && a->mtime_ns == b->mtime_ns;
}

/* Its group may make STOP and remove it; what is ours nobody else renames. Where ROOT is not ours to
 * change it stays as it is: spool_is_exposed() tells. */
static void
close_root(const struct spool *spool)
{
	struct stat st;

	if (fstat(spool->root_fd, &st) == 0 && fchmod(spool->root_fd,
	    (st.st_mode & 07777) | S_ISVTX | S_ISGID) != 0)
		errno = 0;
}

bool
spool_is_exposed(const struct spool *spool)
{
	struct stat st;

	return fstat(spool->root_fd, &st) == 0 && (st.st_mode & (S_IWGRP | S_IWOTH)) != 0 &&
	    (st.st_mode & S_ISVTX) == 0;
}

/* The mark that makes a folder ours. Written last, so that a half-made spool is tried again. */
static int
write_spool_id(const struct spool *spool)
{
	struct stat st;
	unsigned char random[16];
	char text[2 * sizeof(random) + 2];
	size_t i;

	if (fstatat(spool->private_fd, "spool-id", &st, AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return -1;
	for (i = 0; i < sizeof(random); i++)
		snprintf(text + 2 * i, 3, "%02x", random[i]);
	strcat(text, "\n");
	return fsio_replace(spool->private_fd, "spool-id", text, strlen(text), 0644, true);
}

/* The mark of the spool at ROOT_FD; "": it has none that can be read. */
static void
read_spool_id(int root_fd, char id[static SPOOL_ID_SIZE])
{
	int fd = fsio_open(root_fd, ".darkroom/spool-id", O_RDONLY | O_NONBLOCK, 0);
	ssize_t got = fd < 0 ? -1 : read(fd, id, SPOOL_ID_SIZE - 1);

	id[got < 0 ? 0 : got] = '\0';
	if (fd >= 0)
		close(fd);
}

/* Make sure of the mark, and remember it. */
static int
take_spool_id(struct spool *spool)
{
	if (write_spool_id(spool) != 0)
		return -1;
	read_spool_id(spool->root_fd, spool->id);
	return *spool->id == '\0' ? -1 : 0;
}

static int
open_all(struct spool *spool, bool may_make, char **why)
{
	struct stat st;

	spool->root_fd = open(spool->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (spool->root_fd < 0) {
		*why = mem_printf("cannot open the spool %s: %s; make the folder, or mount its disk",
		    spool->root, strerror(errno));
		return -1;
	}
	if (check_is_spool(spool->root_fd, spool->root, why) != 0)
		return -1;
	if (may_make && fsio_stat(spool->root_fd, ".darkroom/spool-id", &st) != 0)
		close_root(spool); /* before the folders are made: they get its group */
	if (top_open_all(spool, may_make, why) != 0)
		return -1;
	spool->is_polled = check_is_polled(spool->inbox_fd);
	if (!may_make)
		return 0;
	if (check_apart(spool, why) != 0 || check_works(spool, why) != 0)
		return -1;
	if (take_spool_id(spool) != 0) {
		*why = mem_printf("cannot write %s/.darkroom/spool-id: %s", spool->root,
		    strerror(errno));
		return -1;
	}
	return 0;
}

struct spool *
spool_open(const char *root, bool may_make, unsigned follows, char **why)
{
	struct spool *spool = mem_alloc(sizeof(*spool));

	*why = NULL;
	spool->follows = follows;
	spool->root_fd = spool->inbox_fd = spool->processing_fd = spool->done_fd = spool->failed_fd =
	    spool->out_fd = spool->private_fd = spool->jobs_fd = spool->trash_fd = spool->locks_fd = -1;
	spool->is_durable = true;
	spool->in_use = in_use_new();
	spool->root = realpath(root, NULL);
	if (spool->root == NULL)
		*why = mem_printf("cannot open the spool %s: %s; make the folder, or mount its disk",
		    root, strerror(errno));
	else if (open_all(spool, may_make, why) == 0)
		return spool;
	spool_close(spool);
	return NULL;
}

void
spool_close(struct spool *spool)
{
	int fds[10];
	size_t i;

	if (spool == NULL)
		return;
	memcpy(fds, (int[]){ spool->root_fd, spool->inbox_fd, spool->processing_fd, spool->done_fd,
	    spool->failed_fd, spool->out_fd, spool->private_fd, spool->jobs_fd, spool->trash_fd,
	    spool->locks_fd }, sizeof(fds));
	for (i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	in_use_free(spool->in_use);
	free(spool->locks);
	free(spool->root);
	free(spool);
}

bool
spool_is_at(const char *root, const char *id)
{
	char there[SPOOL_ID_SIZE] = "";
	int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return false;
	read_spool_id(fd, there);
	close(fd);
	return *there != '\0' && strcmp(there, id) == 0;
}

int
spool_check_inbox(struct spool *spool)
{
	return top_is(spool, SPOOL_INBOX, spool->inbox_fd) ? 0 : -1;
}

int
spool_check_folders(const struct spool *spool)
{
	return top_is_all(spool) ? 0 : -1;
}

int
spool_mend(struct spool *spool)
{
	char *why = NULL;
	int result;

	if (!top_is_root(spool)) {
		errno = ESTALE;
		return -1;
	}
	close(spool->private_fd);
	result = top_open_own(spool, true, &why);
	free(why);
	return result != 0 ? -1 : take_spool_id(spool);
}

int
spool_find_inbox(struct spool *spool)
{
	char *why = NULL;

	if (spool->inbox_fd >= 0)
		close(spool->inbox_fd);
	spool->inbox_fd = top_open(spool, SPOOL_INBOX);
	if (spool->inbox_fd < 0)
		return -1;
	if (check_apart(spool, &why) == 0 && check_works(spool, &why) == 0) {
		spool->is_polled = check_is_polled(spool->inbox_fd);
		return 0;
	}
	free(why);
	close(spool->inbox_fd);
	spool->inbox_fd = -1;
	errno = ENODEV;
	return -1;
}

/* Only regular files are claimed; a folder may have taken the name since we looked. */
static int
claim_once(struct spool *spool, const char *rel)
{
	struct stat st;

	if (fsio_stat(spool->inbox_fd, rel, &st) != 0)
		return -1;
	if (!S_ISREG(st.st_mode)) {
		errno = ENOENT;
		return -1;
	}
	return fsio_rename_new(spool->inbox_fd, rel, spool->processing_fd, rel);
}

static bool
is_one_file(struct spool *spool, const char *rel)
{
	struct stat a, b;
	bool is_one = fsio_stat(spool->inbox_fd, rel, &a) == 0 &&
	    fsio_stat(spool->processing_fd, rel, &b) == 0 && a.st_ino == b.st_ino;

	errno = EEXIST;
	return is_one;
}

int
spool_claim(struct spool *spool, const char *rel)
{
	struct stat st;
	int result = claim_once(spool, rel);

	/* Our own folder may be missing (pruned after the last job in it): make it, once more. */
	if (result != 0 && errno == ENOENT && fsio_stat(spool->inbox_fd, rel, &st) == 0 &&
	    S_ISREG(st.st_mode) && fsio_make_parents(spool->processing_fd, rel, NULL) == 0)
		result = claim_once(spool, rel);
	/* One inode under both names: a claim by link and unlink was cut off in between. */
	if (result != 0 && errno == EEXIST && is_one_file(spool, rel))
		result = fsio_unlink(spool->inbox_fd, rel);
	if (result == 0)
		FAIL_AT("claim.renamed");
	return result;
}

/* A folder that is not ours to read: the copier's matter, and recovery knows one file in two. */
static int
sync_left(int dir, const char *rel, struct synclist *sync)
{
	int result = synclist_add_parents(sync, dir, rel, 0, SYNC_INBOX);

	return result != 0 && (errno == EACCES || errno == EPERM || errno == ENOTDIR) ? 0 : result;
}

int
spool_sync_claim(struct spool *spool, const char *rel, struct synclist *sync)
{
	/* All the way up: who made the folders of processing/ cannot be told any more. */
	int result = synclist_add_parents(sync, spool->processing_fd, rel, SYNCLIST_ALL_ABOVE,
	    SYNC_CLAIM);

	if (result == 0 && spool->inbox_fd >= 0)
		result = sync_left(spool->inbox_fd, rel, sync);
	/* A retry came from there, and the error text went with it: neither may come back. */
	return result != 0 ? result : sync_left(spool->failed_fd, rel, sync);
}

uint64_t
spool_free_bytes(const struct spool *spool)
{
	struct statvfs fs;

	if (fstatvfs(spool->out_fd, &fs) != 0)
		return 0;
	return (uint64_t)fs.f_bavail * fs.f_frsize;
}

bool
spool_is_out_of_files(const struct spool *spool)
{
	struct statvfs fs;

	/* Those that make inodes as they need them count none at all. */
	return fstatvfs(spool->out_fd, &fs) == 0 && fs.f_files > 0 && fs.f_favail < FEW_FILES;
}
