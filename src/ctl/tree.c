/* ctl/tree.c - every file of a folder and of those in it: for verbs that walk. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fsio.h"
#include "base/mem.h"
#include "ctl/tree.h"
#include "spool/scan.h"

struct walk {
	int dir;
	const struct stat *skip;
	tree_fn *fn;
	void *arg;
	bool is_over;
	int error; /* the first one, 0: none */
};

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
note_error(struct walk *walk, int error)
{
	if (walk->error == 0 && error != ENOENT)
		walk->error = error;
}

/* Gives the paths of all that is in the folder PATH, sorted. */
static char **
list(struct walk *walk, const char *path, size_t *n)
{
	struct scan scan;
	char **found = NULL;
	size_t room = 0;

	*n = 0;
	if (scan_open(&scan, walk->dir, path) != 0) {
		note_error(walk, errno);
		return NULL;
	}
	scan.wants_all = true;
	while (scan_next(&scan)) {
		found = mem_grow(found, &room, *n + 1, sizeof(*found));
		found[(*n)++] = scan_path(path, scan.name);
	}
	if (scan.error != 0)
		note_error(walk, scan.error);
	scan_close(&scan);
	if (*n > 0)
		qsort(found, *n, sizeof(*found), by_name);
	return found;
}

static void
walk_folder(struct walk *walk, const char *path)
{
	struct stat st;
	size_t n, i;
	char **found = list(walk, path, &n);

	for (i = 0; i < n; i++) {
		if (walk->is_over)
			;
		else if (fsio_stat(walk->dir, found[i], &st) != 0)
			note_error(walk, errno);
		else if (!S_ISDIR(st.st_mode))
			walk->is_over = !walk->fn(walk->arg, found[i], &st);
		else if (walk->skip == NULL || st.st_dev != walk->skip->st_dev ||
		    st.st_ino != walk->skip->st_ino)
			walk_folder(walk, found[i]);
		free(found[i]);
	}
	free(found);
}

int
tree_each(int dir, const char *path, const struct stat *skip, tree_fn *fn, void *arg)
{
	struct walk walk = { dir, skip, fn, arg, false, 0 };
	bool is_top = *path == '\0' || strcmp(path, ".") == 0;
	struct stat st;
	int fd;

	if (!is_top && fsio_stat(dir, path, &st) != 0)
		return -1;
	if (!is_top && !S_ISDIR(st.st_mode)) {
		fn(arg, path, &st);
		return 0;
	}
	fd = fsio_open_dir(dir, path); /* the one folder whose absence is told */
	if (fd < 0)
		return -1;
	close(fd);
	walk_folder(&walk, path);
	errno = walk.error;
	return walk.error == 0 ? 0 : -1;
}
