/* spool/top.c - the folders at ROOT's top and darkroomd's own, opened so that nobody leads us astray. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/fsio.h"
#include "base/mem.h"
#include "base/quote.h"
#include "spool/top.h"

static const char *const folder_names[SPOOL_N_FOLDER] = {
	[SPOOL_INBOX] = "inbox", [SPOOL_PROCESSING] = "processing", [SPOOL_DONE] = "done",
	[SPOOL_FAILED] = "failed", [SPOOL_OUT] = "out",
};

static int *
folder_fd(struct spool *spool, enum spool_folder folder)
{
	int *const fds[SPOOL_N_FOLDER] = { &spool->inbox_fd, &spool->processing_fd, &spool->done_fd,
		&spool->failed_fd, &spool->out_fd };

	return fds[folder];
}

/* Open where the link ROOT/NAME leads, if root or we made it. The link is held while its owner is looked
 * at, so that no other one can take its place in between. */
static int
follow_link(const struct spool *spool, const char *name)
{
	char target[PATH_MAX];
	int link = openat(spool->root_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	ssize_t n = link < 0 ? -1 : readlinkat(link, "", target, PATH_MAX - 1);
	struct stat st;
	int fd = -1;

	target[n < 0 ? 0 : n] = '\0';
	if (n > 0 && fstat(link, &st) == 0 && (st.st_uid == 0 || st.st_uid == geteuid()))
		fd = openat(spool->root_fd, target, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	else
		errno = ELOOP;
	if (link >= 0) {
		int saved = errno;

		close(link);
		errno = saved;
	}
	return fd;
}

/* Open the folder NAME in DIR. -1 ELOOP: it is a link (openat2(2) calls that ENOTDIR where a folder is
 * asked for). */
static int
open_no_link(int dir, const char *name)
{
	int fd = fsio_open_dir(dir, name);
	struct stat st;

	if (fd < 0 && errno == ENOTDIR)
		errno = fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode) ?
		    ELOOP : ENOTDIR;
	return fd;
}

int
top_open(const struct spool *spool, enum spool_folder folder)
{
	int fd = open_no_link(spool->root_fd, folder_names[folder]);

	return fd < 0 && errno == ELOOP && (spool->follows >> folder & 1) != 0 ?
	    follow_link(spool, folder_names[folder]) : fd;
}

/* Gives the sentence for a folder that cannot be opened (errno). */
static char *
why_not_opened(const struct spool *spool, const char *name)
{
	char target[PATH_MAX] = "", *line, *why;
	int error = errno;

	if (error != ELOOP)
		return mem_printf("cannot open the folder %s/%s: %s", spool->root, name, strerror(error));
	if (readlinkat(spool->root_fd, name, target, sizeof(target) - 1) < 0)
		target[0] = '\0';
	line = quote_line(target); /* whoever made it chose the words */
	why = mem_printf("%s/%s is a link (to %s), and links are not followed: anybody who may write %s "
	    "could have made it. Remove it; or, if it is meant, let root make it and set spool.follow = %s",
	    spool->root, name, line, spool->root, name);
	free(line);
	return why;
}

static int
open_folder(struct spool *spool, enum spool_folder folder, bool may_make, char **why)
{
	const char *name = folder_names[folder];

	if (may_make && mkdirat(spool->root_fd, name, 0777) == 0)
		FAIL_AT("spool.folder_made");
	else if (may_make && errno != EEXIST) {
		*why = mem_printf("cannot make the folder %s/%s: %s", spool->root, name, strerror(errno));
		return -1;
	}
	*folder_fd(spool, folder) = top_open(spool, folder);
	if (*folder_fd(spool, folder) >= 0)
		return 0;
	*why = why_not_opened(spool, name);
	return -1;
}

/* Whose is what we make here? On a network file system that need not be us (root_squash, sshfs). -1: it
 * cannot be told. */
static uid_t
our_uid_at(int dir)
{
	char name[64];
	struct stat st;
	uid_t uid = (uid_t)-1;

	snprintf(name, sizeof(name), FSIO_TEMP_PREFIX "owner-%ld", (long)getpid());
	if (mkdirat(dir, name, 0700) != 0 && errno != EEXIST)
		return uid;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode))
		uid = st.st_uid;
	unlinkat(dir, name, AT_REMOVEDIR);
	return uid;
}

/* What is in it decides what becomes of every picture, and the trash in it is emptied. */
static int
check_private(const struct spool *spool, const char *name, int fd, char **why)
{
	struct stat st;

	if (fstat(fd, &st) != 0) {
		*why = mem_printf("cannot look at %s/%s: %s", spool->root, name, strerror(errno));
		return -1;
	}
	if (st.st_uid != geteuid() && st.st_uid != our_uid_at(spool->root_fd)) {
		*why = mem_printf("%s/%s belongs to the user %lu, not to the one whom darkroomd runs as; "
		    "run it as that user, or, if nothing is in work, remove %s/.darkroom: it is made anew",
		    spool->root, name, (unsigned long)st.st_uid, spool->root);
		errno = EPERM;
		return -1;
	}
	if ((st.st_mode & 077) != 0 && fchmod(fd, 0700) != 0 && errno != EPERM && errno != ENOTSUP) {
		*why = mem_printf("cannot close %s/%s to others: %s", spool->root, name, strerror(errno));
		return -1;
	}
	return 0;
}

/* Open NAME, a folder of our own below DIR; FULL_NAME is for people. */
static int
open_private(struct spool *spool, int dir, const char *name, const char *full_name, bool may_make,
    int *fd, char **why)
{
	if (may_make && mkdirat(dir, name, 0700) == 0)
		FAIL_AT("spool.folder_made");
	else if (may_make && errno != EEXIST) {
		*why = mem_printf("cannot make the folder %s/%s: %s", spool->root, full_name,
		    strerror(errno));
		return -1;
	}
	*fd = open_no_link(dir, name);
	if (*fd < 0 && errno == ELOOP)
		*why = mem_printf("%s/%s is a link; it is darkroomd's own and never one: remove it",
		    spool->root, full_name);
	else if (*fd < 0)
		*why = mem_printf("cannot open the folder %s/%s: %s", spool->root, full_name,
		    strerror(errno));
	return *fd < 0 || (may_make && check_private(spool, full_name, *fd, why) != 0) ? -1 : 0;
}

static int
open_locks(struct spool *spool, bool may_make, char **why)
{
	struct stat st;

	spool->locks_fd = fsio_open(spool->private_fd, "locks",
	    O_RDWR | O_NONBLOCK | (may_make ? O_CREAT : 0), 0600);
	if (spool->locks_fd >= 0 && fstat(spool->locks_fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_nlink == 1)
		return 0;
	*why = mem_printf("cannot open %s/.darkroom/locks: %s; remove it, it is made anew", spool->root,
	    spool->locks_fd >= 0 ? "it is no file of its own" : errno == ELOOP ? "it is a link" :
	    strerror(errno));
	return -1;
}

int
top_open_own(struct spool *spool, bool may_make, char **why)
{
	return open_private(spool, spool->root_fd, ".darkroom", ".darkroom", may_make,
	    &spool->private_fd, why);
}

int
top_open_all(struct spool *spool, bool may_make, char **why)
{
	int i;

	if (top_open_own(spool, may_make, why) != 0) /* first: check_is_spool() */
		return -1;
	for (i = 0; i < SPOOL_N_FOLDER; i++)
		if (open_folder(spool, (enum spool_folder)i, may_make, why) != 0)
			return -1;
	if (open_private(spool, spool->private_fd, "jobs", ".darkroom/jobs", may_make, &spool->jobs_fd,
	    why) != 0 || open_private(spool, spool->private_fd, "trash", ".darkroom/trash", may_make,
	    &spool->trash_fd, why) != 0)
		return -1;
	return open_locks(spool, may_make, why);
}

/* ---- are they still the same? ---------------------------------------------------------------- */

static bool
is_same(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev;
}

bool
top_is(const struct spool *spool, enum spool_folder folder, int fd)
{
	int there_fd = fd < 0 ? -1 : top_open(spool, folder);
	struct stat known, there;
	bool is = there_fd >= 0 && fstat(fd, &known) == 0 && fstat(there_fd, &there) == 0 &&
	    is_same(&known, &there) && known.st_nlink > 0;

	if (there_fd >= 0)
		close(there_fd);
	return is;
}

static bool
is_at(int dir, const char *name, int fd)
{
	struct stat known, there;

	return fstat(fd, &known) == 0 && fstatat(dir, name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	    is_same(&known, &there);
}

bool
top_is_root(const struct spool *spool)
{
	return is_at(AT_FDCWD, spool->root, spool->root_fd);
}

bool
top_is_all(const struct spool *spool)
{
	return top_is_root(spool) && top_is(spool, SPOOL_PROCESSING, spool->processing_fd) &&
	    top_is(spool, SPOOL_DONE, spool->done_fd) && top_is(spool, SPOOL_FAILED, spool->failed_fd) &&
	    top_is(spool, SPOOL_OUT, spool->out_fd) &&
	    is_at(spool->root_fd, ".darkroom", spool->private_fd) &&
	    is_at(spool->private_fd, "jobs", spool->jobs_fd) &&
	    is_at(spool->private_fd, "trash", spool->trash_fd) &&
	    is_at(spool->private_fd, "locks", spool->locks_fd);
}
