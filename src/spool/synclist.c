/* spool/synclist.c - between a step and the next one: what has to be on the disk. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fsio.h"
#include "base/mem.h"
#include "spool/synclist.h"

/* Takes FD. */
static int
add_fd(struct synclist *list, int fd, enum sync_class class)
{
	struct stat st;
	size_t i;

	if (fstat(fd, &st) != 0) {
		int saved = errno;

		close(fd);
		errno = saved;
		return -1;
	}
	for (i = 0; i < list->n; i++)
		if (list->items[i].class == class && list->items[i].ino == st.st_ino &&
		    list->items[i].dev == st.st_dev && S_ISDIR(st.st_mode)) {
			close(fd);
			return 0;
		}
	list->items = mem_grow(list->items, &list->room, list->n + 1, sizeof(*list->items));
	list->items[list->n++] = (struct sync_item){ fd, class, st.st_dev, st.st_ino };
	return 0;
}

int
synclist_add(struct synclist *list, int dir, const char *path, enum sync_class class)
{
	int fd;

	if (list == NULL)
		return 0;
	/* "" is opened anew too: fsync tells an error to each open file once, and DIR is not ours. */
	fd = fsio_open(dir, *path == '\0' ? "." : path, O_RDONLY | O_NONBLOCK, 0);
	return fd < 0 ? -1 : add_fd(list, fd, class);
}

int
synclist_add_parents(struct synclist *list, int dir, const char *path, unsigned n_above,
    enum sync_class class)
{
	char *folder = mem_dup(path);
	int result = 0;
	unsigned i;
	char *slash;

	for (i = 0; i <= n_above && result == 0 && *folder != '\0'; i++) {
		slash = strrchr(folder, '/');
		*(slash == NULL ? folder : slash) = '\0';
		result = synclist_add(list, dir, folder, class);
		if (result != 0 && errno == ENOENT)
			result = 0;
	}
	free(folder);
	return result;
}

static int
by_class(const void *a, const void *b)
{
	const struct sync_item *x = a, *y = b;

	if (x->class != y->class)
		return x->class < y->class ? -1 : 1;
	return x->fd < y->fd ? -1 : 1; /* any order that is always the same */
}

void
synclist_sort(struct synclist *list)
{
	if (list->n > 1)
		qsort(list->items, list->n, sizeof(*list->items), by_class);
}

void
synclist_clear(struct synclist *list)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		close(list->items[i].fd);
	free(list->items);
	*list = (struct synclist){ 0 };
}
