/* spool/mark.c - what is noted on a file itself: whose it is, when it was filed, what is asked for it. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/fsio.h"
#include "spool/mark.h"

#define FROM "user.darkroom.from"
#define FILED "user.darkroom.filed"
#define REPLACE "user.darkroom.replace"

#define FROM_SIZE (MARK_OWNER_SIZE + 40)
#define PICTURE_SIZE 80
#define FILED_SIZE (PICTURE_SIZE + 24)

void
mark_owner(const char *rel, char owner[MARK_OWNER_SIZE])
{
	XXH128_hash_t hash = XXH3_128bits(rel, strlen(rel));

	snprintf(owner, MARK_OWNER_SIZE, "%016" PRIx64 "%016" PRIx64, (uint64_t)hash.high64,
	    (uint64_t)hash.low64);
}

void
mark_made(int fd, const char *rel, const struct timespec *mtime)
{
	char owner[MARK_OWNER_SIZE], text[FROM_SIZE];
	int saved = errno;

	mark_owner(rel, owner);
	snprintf(text, sizeof(text), "%s %lld.%09ld", owner, (long long)mtime->tv_sec, mtime->tv_nsec);
	if (fsetxattr(fd, FROM, text, strlen(text), 0) != 0)
		errno = saved;
}

/* Which picture it is that the mark FILED was set on. */
static void
describe_picture(const struct stat *st, char text[PICTURE_SIZE])
{
	snprintf(text, PICTURE_SIZE, "%lld %lld.%09ld", (long long)st->st_size,
	    (long long)st->st_mtim.tv_sec, st->st_mtim.tv_nsec);
}

void
mark_filed(int fd, const char *rel, time_t now)
{
	char picture[PICTURE_SIZE], text[FILED_SIZE];
	struct stat st;
	int saved = errno;

	if (fstat(fd, &st) == 0) {
		mark_made(fd, rel, &st.st_mtim);
		describe_picture(&st, picture);
		snprintf(text, sizeof(text), "%lld %s", (long long)now, picture);
		fsetxattr(fd, FILED, text, strlen(text), 0);
	}
	fremovexattr(fd, REPLACE);
	errno = saved;
}

int
mark_when_filed(int fd, const struct stat *st, time_t *when)
{
	char picture[PICTURE_SIZE], text[FILED_SIZE];
	ssize_t size = fgetxattr(fd, FILED, text, sizeof(text) - 1);
	long long seconds;
	int used = 0;

	if (size < 0) {
		if (errno == ERANGE) /* not one of ours */
			errno = ENODATA;
		return -1;
	}
	text[size] = '\0';
	describe_picture(st, picture);
	if (sscanf(text, "%lld %n", &seconds, &used) != 1 || strcmp(text + used, picture) != 0) {
		errno = ENODATA;
		return -1;
	}
	*when = (time_t)seconds;
	return 0;
}

/* The two parts of FD's mark. False when it has none. */
static bool
read_from(int fd, char owner[MARK_OWNER_SIZE], struct timespec *mtime)
{
	char text[FROM_SIZE];
	ssize_t length = fgetxattr(fd, FROM, text, sizeof(text) - 1);
	long long seconds;

	if (length < 0)
		return false;
	text[length] = '\0';
	if (sscanf(text, "%32[0-9a-f] %lld.%ld", owner, &seconds, &mtime->tv_nsec) != 3)
		return false;
	mtime->tv_sec = (time_t)seconds;
	return strlen(owner) == MARK_OWNER_SIZE - 1;
}

bool
mark_is_of(int dir, const char *path, const char *owner)
{
	char found[MARK_OWNER_SIZE];
	int fd = fsio_open(dir, path, O_RDONLY | O_NONBLOCK, 0);
	struct timespec mtime;
	struct stat st;
	bool is_its;

	if (fd < 0)
		return false;
	is_its = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && read_from(fd, found, &mtime) &&
	    strcmp(found, owner) == 0 && mtime.tv_sec == st.st_mtim.tv_sec &&
	    mtime.tv_nsec == st.st_mtim.tv_nsec;
	close(fd);
	return is_its;
}

int
mark_ask(int fd, bool does_ask)
{
	return does_ask ? fsetxattr(fd, REPLACE, "1", 1, 0) : fremovexattr(fd, REPLACE);
}

bool
mark_asks(int dir, const char *path, const char *rel, char owner[MARK_OWNER_SIZE])
{
	int fd = fsio_open(dir, path, O_RDONLY | O_NONBLOCK, 0);
	struct timespec mtime;
	bool has_asked;

	if (fd < 0)
		return false;
	has_asked = fgetxattr(fd, REPLACE, NULL, 0) >= 0;
	if (has_asked && !read_from(fd, owner, &mtime))
		mark_owner(rel, owner);
	close(fd);
	return has_asked;
}
