/* spool/watch.c - inotify, through libinotifytools: who hears of a file first. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <inotifytools/inotifytools.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/mem.h"
#include "spool/watch.h"

/* IN_MODIFY is left out on purpose: a copy of 10 MB would make thousands of events that say no more
 * than the CLOSE_WRITE at its end. ATTRIB: permissions that were mended. */
#define WATCH_MASK (IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_ATTRIB | \
	IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR | IN_DONT_FOLLOW | IN_EXCL_UNLINK)

struct watch {
	char *root;
	size_t root_length;
	int fd;
	char *folder; /* of the event given last */
	char *name;
};

/* initialize() takes the lowest free descriptor: see which one that is, then whether it did. */
static int
find_fd(struct watch *watch)
{
	char path[64], target[64];
	ssize_t length;
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	close(fd);
	if (!inotifytools_initialize()) {
		errno = inotifytools_error();
		return -1;
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	length = readlink(path, target, sizeof(target) - 1);
	target[length < 0 ? 0 : length] = '\0';
	if (strcmp(target, "anon_inode:inotify") != 0) {
		inotifytools_cleanup();
		errno = EBADF;
		return -1;
	}
	watch->fd = fd;
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0 ||
	    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) != 0)
		return -1;
	return 0;
}

struct watch *
watch_open(const char *root)
{
	struct watch *watch = mem_alloc(sizeof(*watch));

	watch->root = mem_dup(root);
	watch->root_length = strlen(root);
	watch->fd = -1;
	if (find_fd(watch) != 0) {
		free(watch->root);
		free(watch);
		return NULL;
	}
	return watch;
}

void
watch_close(struct watch *watch)
{
	if (watch == NULL)
		return;
	if (watch->fd >= 0)
		inotifytools_cleanup();
	free(watch->folder);
	free(watch->name);
	free(watch->root);
	free(watch);
}

int
watch_fd(const struct watch *watch)
{
	return watch->fd;
}

static bool
is_same_folder(const char *known, const char *whole)
{
	size_t length = strlen(whole);

	return strncmp(known, whole, length) == 0 && strcmp(known + length + (known[length] == '/'), "") == 0;
}

/* The library's name of WD, "" where it has none. */
static const char *
name_of(int wd)
{
	const char *name = inotifytools_filename_from_wd(wd);

	return name == NULL ? "" : name;
}

/* The kernel is asked first: to the library a folder that it knows already is a leak. */
static int
add_whole(struct watch *watch, const char *whole)
{
	int wd = inotify_add_watch(watch->fd, whole, WATCH_MASK);

	if (wd < 0)
		return -1;
	if (is_same_folder(name_of(wd), whole))
		return 0;
	if (*name_of(wd) != '\0') {
		errno = EEXIST;
		return -1;
	}
	if (inotifytools_watch_file(whole, WATCH_MASK))
		return 0;
	errno = inotifytools_error() != 0 ? inotifytools_error() : EIO;
	return -1;
}

int
watch_add(struct watch *watch, const char *path)
{
	char *whole = *path == '\0' ? mem_dup(watch->root) : mem_printf("%s/%s", watch->root, path);
	int result = add_whole(watch, whole);
	int saved = errno;

	free(whole);
	errno = saved;
	return result;
}

int
watch_reset(struct watch *watch)
{
	if (watch->fd >= 0)
		inotifytools_cleanup();
	watch->fd = -1;
	return find_fd(watch);
}

/* The watched folder's name as we gave it: without the root, without the library's slash. */
static bool
set_folder(struct watch *watch, int wd)
{
	const char *whole = name_of(wd);
	size_t length;

	free(watch->folder);
	watch->folder = NULL;
	if (strncmp(whole, watch->root, watch->root_length) != 0)
		return false;
	whole += watch->root_length;
	whole += strspn(whole, "/");
	length = strlen(whole);
	while (length > 0 && whole[length - 1] == '/')
		length--;
	watch->folder = mem_dup_n(whole, length);
	return true;
}

static enum watch_kind
kind_of(const struct inotify_event *raw)
{
	if (raw->mask & (IN_Q_OVERFLOW | IN_UNMOUNT | IN_MOVE_SELF))
		return WATCH_RESET;
	/* A watched folder that moved away under its parent's eyes: its table entry is stale. */
	if ((raw->mask & IN_ISDIR) && (raw->mask & IN_MOVED_FROM))
		return WATCH_RESET;
	if (raw->mask & (IN_IGNORED | IN_DELETE_SELF))
		return WATCH_NONE;
	return raw->mask & IN_ISDIR ? WATCH_FOLDER : WATCH_NAME;
}

void
watch_next(struct watch *watch, struct watch_event *event)
{
	struct inotify_event *raw;

	*event = (struct watch_event){ .kind = WATCH_NONE };
	while (watch->fd >= 0 && (raw = inotifytools_next_events(0, 1)) != NULL) {
		event->kind = kind_of(raw);
		if (event->kind == WATCH_RESET)
			return;
		if (event->kind == WATCH_NONE || raw->len == 0)
			continue; /* about a watched folder itself; its parent tells the same */
		free(watch->name);
		watch->name = mem_dup_n(raw->name, raw->len);
		if (!set_folder(watch, raw->wd)) {
			event->kind = WATCH_RESET; /* a wd that nobody knows */
			return;
		}
		event->folder = watch->folder;
		event->name = watch->name;
		event->is_written = (raw->mask & IN_CLOSE_WRITE) != 0;
		event->is_gone = (raw->mask & (IN_MOVED_FROM | IN_DELETE)) != 0;
		return;
	}
	event->kind = WATCH_NONE;
}
