/* base/fsio.c - every change of a file or name ends here, below a folder that was opened, never by a link. */
#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/fsio.h"
#include "base/mem.h"

/* Close without disturbing the errno of what came before. */
static void
close_quietly(int fd)
{
	int saved = errno;

	if (fd >= 0)
		close(fd);
	errno = saved;
}

char *
fsio_parent(const char *path)
{
	const char *slash = strrchr(path, '/');

	return mem_dup_n(path, slash == NULL ? 0 : (size_t)(slash - path));
}

static int
open_beneath(int dir, const char *path, int flags, mode_t mode)
{
	struct open_how how = {
		.flags = (uint64_t)(flags | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY),
		.mode = flags & O_CREAT ? mode : 0,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	long fd;

	do
		fd = syscall(SYS_openat2, dir, *path == '\0' ? "." : path, &how, sizeof(how));
	while (fd < 0 && (errno == EINTR || errno == EAGAIN) && !(flags & O_NONBLOCK));
	return (int)fd;
}

int
fsio_open(int dir, const char *path, int flags, mode_t mode)
{
	return open_beneath(dir, path, flags, mode);
}

int
fsio_open_dir(int dir, const char *path)
{
	return open_beneath(dir, path, O_RDONLY | O_DIRECTORY, 0);
}

int
fsio_open_parent(int dir, const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');
	char *parent = fsio_parent(path);
	int fd = fsio_open_dir(dir, parent);

	*name = slash == NULL ? path : slash + 1;
	free(parent);
	return fd;
}

DIR *
fsio_list(int dir, const char *path)
{
	int fd = fsio_open_dir(dir, path);
	DIR *listing = fd < 0 ? NULL : fdopendir(fd);

	if (listing == NULL)
		close_quietly(fd);
	return listing;
}

int
fsio_stat(int dir, const char *path, struct stat *st)
{
	const char *name;
	int parent = fsio_open_parent(dir, path, &name);
	int result;

	if (parent < 0)
		return -1;
	result = fstatat(parent, name, st, AT_SYMLINK_NOFOLLOW);
	close_quietly(parent);
	return result;
}

void
fsio_adopt_group(int fd, int dir)
{
	struct stat file, folder;

	if (fstat(fd, &file) == 0 && fstat(dir, &folder) == 0 && file.st_gid != folder.st_gid &&
	    fchown(fd, (uid_t)-1, folder.st_gid) != 0)
		return; /* not a member of that group: the file keeps ours */
}

/* Make one folder NAME in PARENT; 0 also when it is there already. */
static int
make_one(int parent, const char *name, unsigned *n_made)
{
	int fd;

	if (mkdirat(parent, name, 0777) != 0)
		return errno == EEXIST ? 0 : -1;
	FAIL_AT("fsio.folder_made");
	(*n_made)++;
	fd = open_beneath(parent, name, O_RDONLY | O_DIRECTORY, 0);
	if (fd >= 0) {
		fsio_adopt_group(fd, parent);
		close(fd);
	}
	return 0;
}

int
fsio_make_dirs(int dir, const char *path, unsigned *n_made)
{
	char *copy = mem_dup(path);
	char *part, *rest = NULL;
	int parent = open_beneath(dir, ".", O_RDONLY | O_DIRECTORY, 0);
	unsigned n = 0;
	int next;

	for (part = strtok_r(copy, "/", &rest); part != NULL && parent >= 0;
	    part = strtok_r(NULL, "/", &rest)) {
		next = make_one(parent, part, &n) == 0 ?
		    open_beneath(parent, part, O_RDONLY | O_DIRECTORY, 0) : -1;
		close_quietly(parent);
		parent = next;
	}
	free(copy);
	if (n_made != NULL)
		*n_made = n;
	if (parent < 0)
		return -1;
	close(parent);
	return 0;
}

int
fsio_make_parents(int dir, const char *path, unsigned *n_made)
{
	char *parent = fsio_parent(path);
	int result = fsio_make_dirs(dir, parent, n_made);

	free(parent);
	return result;
}

/* renameat2(), or what stands in for it where the file system refuses its flag. */
static int
rename_at(int old_dir, const char *old_name, int new_dir, const char *new_name, bool may_replace)
{
	if (may_replace)
		return renameat(old_dir, old_name, new_dir, new_name);
	if (renameat2(old_dir, old_name, new_dir, new_name, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS && errno != ENOTSUP)
		return -1;
	if (linkat(old_dir, old_name, new_dir, new_name, 0) != 0)
		return -1;
	FAIL_AT("fsio.linked");
	return unlinkat(old_dir, old_name, 0);
}

static int
rename_paths(int old_dir, const char *old_path, int new_dir, const char *new_path, bool may_replace)
{
	const char *old_name, *new_name;
	int old_parent = fsio_open_parent(old_dir, old_path, &old_name);
	int new_parent = -1;
	int result = -1;

	if (old_parent >= 0)
		new_parent = fsio_open_parent(new_dir, new_path, &new_name);
	if (new_parent >= 0)
		result = rename_at(old_parent, old_name, new_parent, new_name, may_replace);
	if (result == 0)
		FAIL_AT("fsio.renamed");
	close_quietly(new_parent);
	close_quietly(old_parent);
	return result;
}

int
fsio_rename_new(int old_dir, const char *old_path, int new_dir, const char *new_path)
{
	return rename_paths(old_dir, old_path, new_dir, new_path, false);
}

int
fsio_rename(int old_dir, const char *old_path, int new_dir, const char *new_path)
{
	return rename_paths(old_dir, old_path, new_dir, new_path, true);
}

static int
unlink_path(int dir, const char *path, int flags)
{
	const char *name;
	int parent = fsio_open_parent(dir, path, &name);
	int result;

	if (parent < 0)
		return -1;
	result = unlinkat(parent, name, flags);
	if (result == 0)
		FAIL_AT("fsio.unlinked");
	close_quietly(parent);
	return result;
}

int
fsio_unlink(int dir, const char *path)
{
	return unlink_path(dir, path, 0);
}

int
fsio_remove_dir(int dir, const char *path)
{
	return unlink_path(dir, path, AT_REMOVEDIR);
}

void
fsio_prune(int dir, const char *path)
{
	char *left = mem_dup(path);
	char *slash;
	int result = 0;

	while (*left != '\0' && result == 0) {
		result = fsio_remove_dir(dir, left);
		slash = strrchr(left, '/');
		*(slash == NULL ? left : slash) = '\0';
	}
	free(left);
}

void
fsio_prune_parents(int dir, const char *path)
{
	char *parent = fsio_parent(path);

	fsio_prune(dir, parent);
	free(parent);
}

int
fsio_remove_tree(int dir, const char *name)
{
	struct dirent *entry;
	DIR *listing;

	if (unlinkat(dir, name, 0) == 0) {
		FAIL_AT("fsio.leaf_removed");
		return 0;
	}
	if (errno != EISDIR && errno != EPERM)
		return -1;
	listing = fsio_list(dir, name);
	if (listing == NULL)
		return -1;
	while ((entry = readdir(listing)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			fsio_remove_tree(dirfd(listing), entry->d_name);
	closedir(listing);
	return unlinkat(dir, name, AT_REMOVEDIR);
}

int
fsio_write_all(int fd, const void *data, size_t size)
{
	const char *p = data;
	ssize_t written;

	while (size > 0) {
		written = write(fd, p, size);
		if (written < 0 && errno != EINTR)
			return -1;
		if (written > 0) {
			p += written;
			size -= (size_t)written;
		}
	}
	return 0;
}

/* Write, sync and close one new file. On failure it is closed all the same. */
static int
fill_file(int fd, int folder, const char *text, size_t size, bool is_durable)
{
	fsio_adopt_group(fd, folder);
	if (fsio_write_all(fd, text, size) != 0 || (is_durable && fsync(fd) != 0)) {
		close_quietly(fd);
		return -1;
	}
	return close(fd);
}

int
fsio_replace(int dir, const char *path, const char *text, size_t size, mode_t mode, bool is_durable)
{
	static unsigned n_made = 0; /* makes the temporary name unique within the process */
	const char *name;
	char temp[64];
	int folder = fsio_open_parent(dir, path, &name);
	int fd, result = -1;

	if (folder < 0)
		return -1;
	snprintf(temp, sizeof(temp), FSIO_TEMP_PREFIX "%ld-%u", (long)getpid(), n_made++);
	fd = openat(folder, temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	if (fd >= 0) {
		FAIL_AT("fsio.temp_made");
		result = fill_file(fd, folder, text, size, is_durable);
		FAIL_AT("fsio.temp_written");
		if (result == 0)
			result = renameat(folder, temp, folder, name);
		FAIL_AT("fsio.replaced");
		if (result != 0) {
			int saved = errno;

			unlinkat(folder, temp, 0);
			errno = saved;
		} else if (is_durable)
			result = fsync(folder);
	}
	close_quietly(folder);
	return result;
}

int
fsio_overwrite(int dir, const char *path, const char *text, size_t size)
{
	int fd = fsio_open(dir, path, O_WRONLY | O_NONBLOCK, 0);
	struct stat st;
	size_t whole = size;
	char *padded;
	ssize_t written = -1;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0) {
		if (whole < (size_t)st.st_size)
			whole = (size_t)st.st_size;
		errno = ENOSPC;
		if (S_ISREG(st.st_mode) && st.st_nlink == 1 && whole <= (size_t)st.st_blocks * 512) {
			padded = mem_alloc(whole);
			memset(padded, '\n', whole);
			memcpy(padded, text, size);
			written = pwrite(fd, padded, whole, 0);
			free(padded);
		}
	}
	close_quietly(fd);
	return written == (ssize_t)whole ? 0 : -1;
}

int
fsio_read(int dir, const char *path, size_t max, char **text, size_t *size)
{
	int fd = fsio_open(dir, path, O_RDONLY | O_NONBLOCK, 0);
	size_t used = 0;
	ssize_t got;

	if (fd < 0)
		return -1;
	*text = mem_alloc(max + 2);
	while ((got = read(fd, *text + used, max + 1 - used)) > 0)
		used += (size_t)got;
	close_quietly(fd);
	if (got < 0 || used > max) {
		free(*text);
		*text = NULL;
		if (got == 0)
			errno = EFBIG;
		return -1;
	}
	(*text)[used] = '\0';
	if (size != NULL)
		*size = used;
	return 0;
}

int
fsio_sync_all(const int *fds, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		sync_file_range(fds[i], 0, 0, SYNC_FILE_RANGE_WRITE); /* folders refuse it: no matter */
	for (i = 0; i < n; i++)
		if (fsync(fds[i]) != 0)
			return -1;
	return 0;
}
