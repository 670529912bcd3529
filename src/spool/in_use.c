/* spool/in_use.c - which names are in use, asked for each plan. */
#include <config.h>

#include <dirent.h>
#include <fcntl.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fsio.h"
#include "base/mem.h"
#include "spool/name.h"
#include "spool/in_use.h"

struct set {
	dev_t dev;
	ino_t ino;
	struct timespec mtime; /* of the folder when the set was right */
	void *names;           /* tsearch(3) tree of folded names */
	unsigned long used;    /* taken->clock at the last question */
};

struct in_use {
	struct set sets[TAKEN_MAX_FOLDERS];
	size_t n;
	unsigned long clock;
	void *reserved; /* tsearch(3) tree of folded paths below ROOT */
};

static int
compare_names(const void *a, const void *b)
{
	return strcmp(a, b);
}

struct in_use *
in_use_new(void)
{
	return mem_alloc(sizeof(struct in_use));
}

static void
forget(struct set *set)
{
	tdestroy(set->names, free);
	*set = (struct set){ 0 };
}

void
in_use_free(struct in_use *taken)
{
	size_t i;

	if (taken == NULL)
		return;
	for (i = 0; i < taken->n; i++)
		forget(&taken->sets[i]);
	tdestroy(taken->reserved, free);
	free(taken);
}

static void
add_name(void **tree, const char *name)
{
	char *folded = name_folded(name);
	char **found = tsearch(folded, tree, compare_names);

	if (found == NULL || *found != folded)
		free(folded);
}

static bool
has_name(void *const *tree, const char *name)
{
	char *folded = name_folded(name);
	bool has = tfind(folded, tree, compare_names) != NULL;

	free(folded);
	return has;
}

/* Fill SET from the folder FD. The mtime is read before the names: a change during
 * the listing makes the set stale, never wrongly fresh. */
static void
build(struct set *set, int fd, const struct stat *st)
{
	struct dirent *entry;
	int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *listing = again < 0 ? NULL : fdopendir(again);

	set->dev = st->st_dev;
	set->ino = st->st_ino;
	set->mtime = st->st_mtim;
	if (listing == NULL) {
		if (again >= 0)
			close(again);
		return;
	}
	while ((entry = readdir(listing)) != NULL)
		add_name(&set->names, entry->d_name);
	closedir(listing);
}

static struct set *
find_set(struct in_use *taken, const struct stat *st)
{
	size_t i;

	for (i = 0; i < taken->n; i++)
		if (taken->sets[i].ino == st->st_ino && taken->sets[i].dev == st->st_dev)
			return &taken->sets[i];
	return NULL;
}

static struct set *
make_room(struct in_use *taken)
{
	struct set *oldest = &taken->sets[0];
	size_t i;

	if (taken->n < TAKEN_MAX_FOLDERS)
		return &taken->sets[taken->n++];
	for (i = 1; i < taken->n; i++)
		if (taken->sets[i].used < oldest->used)
			oldest = &taken->sets[i];
	forget(oldest);
	return oldest;
}

/* The names of the folder FD, which has ST. */
static struct set *
fresh_set(struct in_use *taken, int fd, const struct stat *st)
{
	struct set *set = find_set(taken, st);

	if (set != NULL && (set->mtime.tv_sec != st->st_mtim.tv_sec ||
	    set->mtime.tv_nsec != st->st_mtim.tv_nsec))
		forget(set);
	if (set == NULL)
		set = make_room(taken);
	if (set->ino == 0)
		build(set, fd, st);
	return set;
}

/* Does SET rightly hold NAME? What somebody took away just before a rename of ours, or within the
 * same tick of the clock, has left no trace in the mtime; a name in another spelling cannot be asked
 * for, so the folder is listed anew. */
static bool
still_has(struct set *set, int fd, const struct stat *st, const char *name)
{
	struct stat there;

	if (!has_name(&set->names, name))
		return false;
	if (fstatat(fd, name, &there, AT_SYMLINK_NOFOLLOW) == 0)
		return true;
	forget(set);
	build(set, fd, st);
	return has_name(&set->names, name);
}

bool
in_use_has(struct in_use *taken, int dir, const char *path)
{
	const char *name;
	struct stat st;
	struct set *set;
	bool has = false;
	int fd = fsio_open_parent(dir, path, &name);

	if (fd < 0)
		return false;
	if (fstat(fd, &st) == 0) {
		set = fresh_set(taken, fd, &st);
		has = still_has(set, fd, &st, name);
		set->used = ++taken->clock;
	}
	close(fd);
	return has;
}

bool
in_use_is_reserved(struct in_use *taken, const char *path)
{
	return has_name(&taken->reserved, path);
}

void
in_use_reserve(struct in_use *taken, const char *path)
{
	add_name(&taken->reserved, path);
}

void
in_use_release(struct in_use *taken, const char *path)
{
	char *folded = name_folded(path);
	char **found = tfind(folded, &taken->reserved, compare_names);
	char *kept = found == NULL ? NULL : *found;

	if (kept != NULL)
		tdelete(folded, &taken->reserved, compare_names);
	free(kept);
	free(folded);
}

void
in_use_add(struct in_use *taken, int dir, const char *path)
{
	const char *name;
	struct stat st;
	struct set *set = NULL;
	int fd = fsio_open_parent(dir, path, &name);

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0)
		set = find_set(taken, &st);
	if (set != NULL) {
		add_name(&set->names, name);
		set->mtime = st.st_mtim;
	}
	close(fd);
}
