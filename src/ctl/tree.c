#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fsio.h"
#include "base/mem.h"
#include "ctl/names.h"
#include "ctl/tree.h"

struct walk {
	const struct stat *skip;
	tree_fn *fn;
	void *arg;
	bool is_over;
	int error; /* the first one, 0: none */
};

static void walk_folder(struct walk *walk, int fd, const char *path);

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
note_error(struct walk *walk)
{
	if (walk->error == 0 && errno != ENOENT)
		walk->error = errno;
}

/* Gives the names in the folder FD, sorted. Takes FD. */
static char **
list(struct walk *walk, int fd, size_t *n)
{
	DIR *folder = fdopendir(fd);
	struct dirent *entry;
	char **names = NULL;
	size_t room = 0;

	*n = 0;
	if (folder == NULL) {
		note_error(walk);
		close(fd);
		return NULL;
	}
	while (errno = 0, (entry = readdir(folder)) != NULL) {
		if (names_is_ignored(entry->d_name))
			continue;
		names = mem_grow(names, &room, *n + 1, sizeof(*names));
		names[(*n)++] = mem_dup(entry->d_name);
	}
	if (errno != 0)
		note_error(walk);
	closedir(folder);
	if (*n > 0)
		qsort(names, *n, sizeof(*names), by_name);
	return names;
}

/* One name in the folder PARENT, whose path is PATH. */
static void
walk_one(struct walk *walk, int parent, const char *name, const char *path)
{
	struct stat st;
	int fd;

	if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		note_error(walk);
	else if (!S_ISDIR(st.st_mode))
		walk->is_over = !walk->fn(walk->arg, path, &st);
	else if (walk->skip == NULL || st.st_dev != walk->skip->st_dev ||
	    st.st_ino != walk->skip->st_ino) {
		fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd >= 0)
			walk_folder(walk, fd, path);
		else
			note_error(walk);
	}
}

/* Takes FD. */
static void
walk_folder(struct walk *walk, int fd, const char *path)
{
	int again = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	char **names, *inner;
	size_t n, i;

	names = list(walk, fd, &n);
	for (i = 0; i < n; i++) {
		if (!walk->is_over && again >= 0) {
			inner = *path == '\0' ? mem_dup(names[i]) : mem_printf("%s/%s", path, names[i]);
			walk_one(walk, again, names[i], inner);
			free(inner);
		}
		free(names[i]);
	}
	free(names);
	if (again >= 0)
		close(again);
	else
		note_error(walk);
}

int
tree_each(int dir, const char *path, const struct stat *skip, tree_fn *fn, void *arg)
{
	struct walk walk = { skip, fn, arg, false, 0 };
	struct stat st;
	int fd;

	if (*path != '\0' && fsio_stat(dir, path, &st) != 0)
		return -1;
	if (*path != '\0' && !S_ISDIR(st.st_mode)) {
		fn(arg, path, &st);
		return 0;
	}
	fd = fsio_open_dir(dir, path);
	if (fd < 0)
		return -1;
	walk_folder(&walk, fd, path);
	errno = walk.error;
	return walk.error == 0 ? 0 : -1;
}
