/* spool/check.c - at the start, before a spool is trusted: is it one, and can it do what we need? */
#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/fsio.h"
#include "base/mem.h"
#include "spool/check.h"
#include "spool/lock.h"
#include "spool/name.h"

/* f_type values of statfs(2) and linux/magic.h, listed here since not every header has them. */
static const unsigned long polled_types[] = {
	0x6969,     /* NFS */
	0x517b,     /* SMB */
	0xff534d42, /* CIFS */
	0xfe534d42, /* SMB2 */
	0x65735546, /* FUSE: sshfs, GlusterFS, ceph-fuse, bindfs, virtiofs */
	0x00c36400, /* CephFS */
	0x01021997, /* 9p */
	0x5346414f, /* AFS */
	0x73757245, /* Coda */
	0x0bd00bd0, /* Lustre */
	0x7461636f, /* OCFS2 */
	0x01161970, /* GFS2 */
};

bool
check_is_polled(int fd)
{
	struct statfs fs;
	size_t i;

	if (fstatfs(fd, &fs) != 0)
		return true;
	for (i = 0; i < sizeof(polled_types) / sizeof(polled_types[0]); i++)
		if ((unsigned long)fs.f_type == polled_types[i])
			return true;
	return false;
}

/* Names that may lie in a folder which is to become a spool, or is half made into one. */
static bool
is_harmless(const char *name, bool is_half_made)
{
	static const char *const ours[] = { "processing", "done", "failed", "out" };
	size_t i;

	if (name_is_ignored(name) || name_is_control(name, "STOP") ||
	    name_is_control(name, "PAUSE") || strcmp(name, "inbox") == 0)
		return true;
	for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (is_half_made && strcmp(name, ours[i]) == 0)
			return true;
	return false;
}

int
check_is_spool(int root_fd, const char *root, char **why)
{
	struct stat st;
	struct dirent *entry;
	DIR *listing;
	bool is_half_made;

	if (fsio_stat(root_fd, ".darkroom/spool-id", &st) == 0)
		return 0;
	/* .darkroom is made first and its spool-id last: a start that was cut off goes on. */
	is_half_made = fstatat(root_fd, ".darkroom", &st, AT_SYMLINK_NOFOLLOW) == 0;
	listing = fsio_list(root_fd, ".");
	if (listing == NULL) {
		*why = mem_printf("%s cannot be listed: %s; check its permissions", root,
		    strerror(errno));
		return -1;
	}
	while ((entry = readdir(listing)) != NULL && is_harmless(entry->d_name, is_half_made))
		;
	if (entry != NULL)
		*why = mem_printf("%s is not a spool and not empty (it holds '%s'); give an empty "
		    "folder, or the right disk is not mounted there", root, entry->d_name);
	closedir(listing);
	return entry == NULL ? 0 : -1;
}

/* Does walking up from FD meet the folder ST? */
static bool
lies_inside(int fd, const struct stat *st)
{
	struct stat here, before = { 0 };
	bool is_inside = false;
	int up, next;

	for (up = openat(fd, ".", O_PATH | O_CLOEXEC); up >= 0; up = next) {
		if (fstat(up, &here) != 0 ||
		    (here.st_ino == before.st_ino && here.st_dev == before.st_dev)) {
			close(up);
			break; /* the root of the tree is its own parent */
		}
		if (here.st_ino == st->st_ino && here.st_dev == st->st_dev)
			is_inside = true;
		before = here;
		next = openat(up, "..", O_PATH | O_CLOEXEC);
		close(up);
	}
	return is_inside;
}

int
check_apart(const struct spool *spool, char **why)
{
	static const char *const names[] = { "inbox", "processing", "done", "failed", "out",
		".darkroom" };
	const int fds[] = { spool->inbox_fd, spool->processing_fd, spool->done_fd, spool->failed_fd,
		spool->out_fd, spool->private_fd };
	const size_t n = sizeof(fds) / sizeof(fds[0]);
	struct stat st, first;
	size_t i, j;

	if (fstat(fds[0], &first) != 0)
		first.st_dev = 0;
	for (i = 0; i < n; i++) {
		if (fstat(fds[i], &st) != 0 || st.st_dev != first.st_dev) {
			*why = mem_printf("%s/%s is on another file system than %s/inbox; a spool "
			    "must be one tree on one file system", spool->root, names[i], spool->root);
			return -1;
		}
		for (j = 0; j < n; j++)
			if (i != j && lies_inside(fds[j], &st)) {
				*why = mem_printf("%s/%s lies inside %s/%s; they must be apart",
				    spool->root, names[j], spool->root, names[i]);
				return -1;
			}
	}
	return 0;
}

static int
make_file(int dir, const char *name)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	return fd < 0 ? -1 : close(fd);
}

/* One file's way through the spool. The name is hidden, so no daemon takes it for a picture. */
static int
walk_a_file(const struct spool *spool, const char *name, const char **step)
{
	const struct { const char *step; int from, to; } steps[] = {
		{ "rename from inbox to processing", spool->inbox_fd, spool->processing_fd },
		{ "rename from processing to done", spool->processing_fd, spool->done_fd },
		{ "rename from done to failed", spool->done_fd, spool->failed_fd },
		{ "rename from failed to .darkroom", spool->failed_fd, spool->private_fd },
		{ "rename from .darkroom to out", spool->private_fd, spool->out_fd },
	};
	size_t i;

	*step = "create a file in inbox";
	if (make_file(spool->inbox_fd, name) != 0)
		return -1;
	FAIL_AT("check.file_made");
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		*step = steps[i].step;
		if (renameat(steps[i].from, name, steps[i].to, name) != 0) {
			int saved = errno;

			unlinkat(steps[i].from, name, 0);
			errno = saved;
			return -1;
		}
		FAIL_AT("check.file_moved");
	}
	*step = "remove a file from out";
	return unlinkat(spool->out_fd, name, 0);
}

int
check_works(struct spool *spool, char **why)
{
	char name[64];
	const char *step;

	snprintf(name, sizeof(name), FSIO_TEMP_PREFIX "check-%ld", (long)getpid());
	if (walk_a_file(spool, name, &step) != 0) {
		*why = mem_printf("cannot %s below %s: %s; the daemon must be allowed to write all "
		    "folders of the spool, on one file system", step, spool->root, strerror(errno));
		return -1;
	}
	if (lock_take(spool, LOCK_TEST) != 0 && errno != EAGAIN) {
		*why = mem_printf("the file system of %s grants no locks (%s); a spool needs them "
		    "to know which jobs are alive", spool->root, strerror(errno));
		return -1;
	}
	lock_drop(spool, LOCK_TEST);
	return 0;
}
