/* without.c - LD_PRELOAD: the daemon without one of its mechanisms, so that a test of it has to fail.
 *
 * WITHOUT=NAME[,NAME...]  what is taken out, in the spool at WITHOUT_ROOT:
 *   results   results and the folders below out/ are not fsynced, and that is told as a success
 *   out       the folders below out/ are not
 *   order     processing/ is fsynced after done/ and failed/, instead of before them
 *   inodes    a file with two names shows another inode number in done/, failed/ and out/: that both
 *             names are one file cannot be seen any more
 * BOOT_ID=FILE            what the kernel would say is in FILE: the machine was started again
 *
 * What a worker fsyncs are results; it may not look at paths, its box would end it.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <pthread.h>
#include <sys/stat.h>

#include "preload.h"

#define MAX_LATE 64 /* folders below processing/ that wait for their fsync */

static struct {
	bool has_results, has_out, has_order, has_inodes, is_worker;
	const char *root, *boot_id;
	size_t root_length;
} wish;

static int late[MAX_LATE];
static int n_late;
static pthread_mutex_t late_lock = PTHREAD_MUTEX_INITIALIZER;

/* Read once, at load: a sandboxed worker may not open anything later. */
static void __attribute__((constructor))
prepare(void)
{
	const char *names = text_of("WITHOUT");

	wish.has_results = strstr(names, "results") != NULL;
	wish.has_out = strstr(names, "out") != NULL;
	wish.has_order = strstr(names, "order") != NULL;
	wish.has_inodes = strstr(names, "inodes") != NULL;
	wish.root = text_of("WITHOUT_ROOT");
	wish.root_length = strlen(wish.root);
	wish.boot_id = text_of("BOOT_ID");
	wish.is_worker = is_started_as("worker");
}

/* The path of FD below the root, as "/out/web"; "" when it lies elsewhere. */
static const char *
path_of(int fd, char *path, size_t room)
{
	path_of_fd(fd, path, room);
	return wish.root_length > 0 && strncmp(path, wish.root, wish.root_length) == 0 ?
	    path + wish.root_length : "";
}

static bool
is_in(const char *path, const char *folder)
{
	size_t length = strlen(folder);

	return strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

/* out/... itself, or N and N.part of a job folder. */
static bool
is_result(const char *path)
{
	const char *name = strrchr(path, '/');

	return is_in(path, "/out") ||
	    (is_in(path, "/.darkroom/jobs") && name != NULL && isdigit((unsigned char)name[1]));
}

static bool
is_dropped(const char *path)
{
	if (wish.is_worker)
		return wish.has_results;
	return (wish.has_results && is_result(path)) || (wish.has_out && is_in(path, "/out"));
}

/* Keep FD for later. false: there is no room. */
static bool
put_off(int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	bool is_kept;

	if (copy < 0)
		return false;
	pthread_mutex_lock(&late_lock);
	is_kept = n_late < MAX_LATE;
	if (is_kept)
		late[n_late++] = copy;
	pthread_mutex_unlock(&late_lock);
	if (!is_kept)
		close(copy);
	return is_kept;
}

static void
catch_up(int (*sync_one)(int))
{
	int fds[MAX_LATE];
	int n, i;

	pthread_mutex_lock(&late_lock);
	n = n_late;
	memcpy(fds, late, sizeof(fds));
	n_late = 0;
	pthread_mutex_unlock(&late_lock);
	for (i = 0; i < n; i++) {
		if (sync_one(fds[i]) != 0)
			abort();
		close(fds[i]);
	}
}

static int
sync_or_not(int fd, int (*next)(int))
{
	char room[4096];
	const char *path = wish.is_worker ? "" : path_of(fd, room, sizeof(room));
	int result;

	if (is_dropped(path) || (wish.has_order && is_in(path, "/processing") && put_off(fd)))
		return 0;
	result = next(fd);
	if (wish.has_order && (is_in(path, "/done") || is_in(path, "/failed")))
		catch_up(next);
	return result;
}

int
fsync(int fd)
{
	NEXT(fsync);

	return sync_or_not(fd, next);
}

int
fdatasync(int fd)
{
	NEXT(fdatasync);

	return sync_or_not(fd, next);
}

int
fstatat(int dir, const char *name, struct stat *st, int flags)
{
	NEXT(fstatat);
	char room[4096];
	const char *path;
	int result = next(dir, name, st, flags);

	if (result != 0 || !wish.has_inodes || wish.is_worker || !S_ISREG(st->st_mode) || st->st_nlink < 2)
		return result;
	path = path_of(dir, room, sizeof(room));
	if (is_in(path, "/done") || is_in(path, "/failed") || is_in(path, "/out"))
		st->st_ino++;
	return result;
}

FILE *
fopen(const char *path, const char *mode)
{
	NEXT(fopen);

	if (*wish.boot_id != '\0' && strcmp(path, "/proc/sys/kernel/random/boot_id") == 0)
		path = wish.boot_id;
	return next(path, mode);
}
