/* A folder for what a test writes: in $TMPDIR, and gone when the test's process ends well. A test that
 * crashes leaves it, to be looked at. */
#ifndef SCRATCH_H
#define SCRATCH_H

#include <criterion/criterion.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char scratch_top[PATH_MAX]; /* "": none was asked for yet */
static pid_t scratch_owner;

static int
scratch_remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st;
	(void)kind;
	(void)where;
	return remove(path);
}

static inline void
scratch_remove(void)
{
	if (getpid() == scratch_owner) /* not a child that a test forked */
		nftw(scratch_top, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Gives a path in the folder that is not there yet: mkdtemp(3) and mkstemp(3) make it. The caller's, of
 * at least SIZE bytes in PATH. */
static inline char *
scratch_path(char *path, size_t size, const char *name)
{
	const char *base = getenv("TMPDIR");

	if (*scratch_top == '\0' || getpid() != scratch_owner) {
		snprintf(scratch_top, sizeof(scratch_top), "%s/darkroom-unit-XXXXXX",
		    base == NULL ? "/tmp" : base);
		cr_assert_not_null(mkdtemp(scratch_top));
		scratch_owner = getpid();
		atexit(scratch_remove);
	}
	cr_assert_lt(snprintf(path, size, "%s/%s-XXXXXX", scratch_top, name), (int)size);
	return path;
}

#endif
