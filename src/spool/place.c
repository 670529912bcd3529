/* spool/place.c - a planned path: its folder, and whether it is free. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/fsio.h"
#include "base/mem.h"
#include "spool/mark.h"
#include "spool/name.h"
#include "spool/place.h"
#include "spool/in_use.h"

int
place_route(const struct spool *spool, const char *path, const char **rest)
{
	const struct { const char *name; int fd; } folders[] = {
		{ "done/", spool->done_fd }, { "failed/", spool->failed_fd }, { "out/", spool->out_fd },
	};
	size_t i, length;

	for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		length = strlen(folders[i].name);
		if (folders[i].fd > 0 && strncmp(path, folders[i].name, length) == 0) {
			*rest = path + length;
			return folders[i].fd;
		}
	}
	*rest = path;
	return spool->root_fd;
}

bool
place_is_taken(struct spool *spool, const char *path)
{
	const char *rest;
	int dir = place_route(spool, path, &rest);

	return in_use_is_reserved(spool->in_use, path) || in_use_has(spool->in_use, dir, rest);
}

bool
place_is_of(const struct spool *spool, const char *path, const char *owner)
{
	const char *rest;
	int dir = place_route(spool, path, &rest);

	return mark_is_of(dir, rest, owner);
}

/* Is something at PATH that a folder cannot be made of? */
static bool
is_obstacle(const struct spool *spool, const char *path)
{
	const char *rest;
	int dir = place_route(spool, path, &rest);
	struct stat st;

	return fsio_stat(dir, rest, &st) == 0 && !S_ISDIR(st.st_mode);
}

char *
place_detour(struct spool *spool, char *to)
{
	char *slash = strchr(to, '/');
	char *prefix, *next, *whole;
	unsigned number;

	while (slash != NULL && (slash = strchr(slash + 1, '/')) != NULL) {
		prefix = mem_dup_n(to, (size_t)(slash - to));
		for (number = 2, next = mem_dup(prefix); is_obstacle(spool, next); number++) {
			free(next);
			next = name_numbered(prefix, number);
		}
		whole = mem_printf("%s%s", next, slash);
		slash = whole + strlen(next);
		free(next);
		free(prefix);
		free(to);
		to = whole;
	}
	return to;
}
