/* A fresh spool in a temporary folder, for the tests of src/spool and src/master. */
#ifndef SPOOL_FIXTURE_H
#define SPOOL_FIXTURE_H

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fsio.h"
#include "scratch.h"
#include "spool/spool.h"

static inline struct spool *
fixture_spool(void)
{
	char root[PATH_MAX];
	char *why;
	struct spool *spool;

	cr_assert_not_null(mkdtemp(scratch_path(root, sizeof(root), "spool")));
	spool = spool_open(root, true, 0, &why);
	cr_assert_not_null(spool, "%s", why);
	spool->is_durable = false; /* power cuts are the business of tests/crash */
	return spool;
}

static inline void
fixture_write(int dir, const char *path, const char *text)
{
	const char *slash = strrchr(path, '/');
	char parent[4096];

	snprintf(parent, sizeof(parent), "%.*s", (int)(slash == NULL ? 0 : slash - path), path);
	cr_assert_eq(fsio_make_dirs(dir, parent, NULL), 0);
	cr_assert_eq(fsio_replace(dir, path, text, strlen(text), 0666, false), 0);
}

static inline int
fixture_has(int dir, const char *path, const char *text)
{
	char *there;
	int is_same;

	if (fsio_read(dir, path, 1 << 20, &there, NULL) != 0)
		return 0;
	is_same = strcmp(there, text) == 0;
	free(there);
	return is_same;
}

/* Flush LIST in its order, as the daemon's syncer does, and empty it. */
static inline int
fixture_flush(struct synclist *list)
{
	int result = 0;
	size_t i;

	synclist_sort(list);
	for (i = 0; i < list->n && result == 0; i++)
		result = fsio_sync_all(&list->items[i].fd, 1);
	synclist_clear(list);
	return result;
}

static inline int
fixture_is(int dir, const char *path)
{
	struct stat st;

	return fsio_stat(dir, path, &st) == 0;
}

#endif
