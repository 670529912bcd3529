/* write-log.c - a disk that remembers in which order it was written to, for a loop device.
 *
 * write-log IMAGE LOG FOLDER: FOLDER/disk shows the file IMAGE until FOLDER is unmounted. Every write
 * goes to IMAGE and to the end of LOG; every flush of the disk's cache is noted there between them.
 * A record of LOG is a struct record, then, for a write, its bytes. crash/disk.py reads it and makes
 * of it what a power cut may have left. One write(2) a record: the size of LOG is a moment in time.
 *
 * One thread: what was answered before a flush came in lies before it in LOG. The disk knows no
 * discard and no "write zeroes": the kernel then writes zeroes.
 * Source: fuse.h of libfuse 3; drivers/block/loop.c of Linux: REQ_OP_FLUSH becomes fsync.
 */
#define _GNU_SOURCE
#define FUSE_USE_VERSION 31
#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define DISK "/disk"

struct record {
	uint64_t offset;
	uint32_t length;
	uint32_t kind; /* 'W' or 'F' */
};

static int image_fd, log_fd;

static int
note(uint32_t kind, const char *data, size_t size, off_t at)
{
	struct record record = { .offset = (uint64_t)at, .length = (uint32_t)size, .kind = kind };
	struct iovec parts[2] = {
		{ .iov_base = &record, .iov_len = sizeof(record) },
		{ .iov_base = (void *)(uintptr_t)data, .iov_len = size },
	};

	return writev(log_fd, parts, size == 0 ? 1 : 2) == (ssize_t)(sizeof(record) + size) ? 0 : -EIO;
}

static int
disk_getattr(const char *path, struct stat *st, struct fuse_file_info *info)
{
	(void)info;
	if (strcmp(path, "/") == 0) {
		st->st_mode = S_IFDIR | 0700;
		st->st_nlink = 2;
		return 0;
	}
	if (strcmp(path, DISK) != 0)
		return -ENOENT;
	if (fstat(image_fd, st) != 0)
		return -errno;
	st->st_nlink = 1;
	return 0;
}

static int
disk_readdir(const char *path, void *list, fuse_fill_dir_t fill, off_t at,
    struct fuse_file_info *info, enum fuse_readdir_flags flags)
{
	(void)path;
	(void)at;
	(void)info;
	(void)flags;
	fill(list, ".", NULL, 0, 0);
	fill(list, "..", NULL, 0, 0);
	fill(list, DISK + 1, NULL, 0, 0);
	return 0;
}

static int
disk_open(const char *path, struct fuse_file_info *info)
{
	(void)info;
	return strcmp(path, DISK) == 0 ? 0 : -ENOENT;
}

static int
disk_read(const char *path, char *data, size_t size, off_t at, struct fuse_file_info *info)
{
	ssize_t got = pread(image_fd, data, size, at);

	(void)path;
	(void)info;
	return got < 0 ? -errno : (int)got;
}

static int
disk_write(const char *path, const char *data, size_t size, off_t at, struct fuse_file_info *info)
{
	ssize_t written = pwrite(image_fd, data, size, at);
	int result;

	(void)path;
	(void)info;
	if (written != (ssize_t)size)
		return written < 0 ? -errno : -EIO;
	result = note('W', data, size, at);
	return result != 0 ? result : (int)size;
}

static int
disk_fsync(const char *path, int only_data, struct fuse_file_info *info)
{
	(void)path;
	(void)only_data;
	(void)info;
	return note('F', NULL, 0, 0);
}

static const struct fuse_operations operations = {
	.getattr = disk_getattr,
	.readdir = disk_readdir,
	.open = disk_open,
	.read = disk_read,
	.write = disk_write,
	.fsync = disk_fsync,
};

int
main(int argc, char **argv)
{
	char foreground[] = "-f", one_thread[] = "-s";
	char *args[] = { argv[0], foreground, one_thread, argc == 4 ? argv[3] : NULL, NULL };

	if (argc != 4) {
		fprintf(stderr, "usage: %s IMAGE LOG FOLDER\n", argv[0]);
		return 2;
	}
	image_fd = open(argv[1], O_RDWR | O_CLOEXEC);
	if (image_fd < 0) {
		fprintf(stderr, "%s: %s: %s\n", argv[0], argv[1], strerror(errno));
		return 1;
	}
	log_fd = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
	if (log_fd < 0) {
		fprintf(stderr, "%s: %s: %s\n", argv[0], argv[2], strerror(errno));
		return 1;
	}
	return fuse_main(4, args, &operations, NULL);
}
