/* ctl/gather.c - paths of people become a list of pictures, for batch. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fsio.h"
#include "base/mem.h"
#include "ctl/gather.h"
#include "ctl/tree.h"
#include "spool/magic.h"

/* The folder that is being walked. */
struct folder {
	struct gather *gather;
	const char *path; /* as given */
	const char *name;
	int fd;
};

/* Takes PATH and REL. */
static void
add_picture(struct gather *gather, char *path, char *rel, bool is_found)
{
	gather->pictures = mem_grow(gather->pictures, &gather->room, gather->n + 1,
	    sizeof(*gather->pictures));
	gather->pictures[gather->n++] = (struct picture){ .path = path, .rel = rel,
		.is_found = is_found, .source = -1 };
}

static void
note_unreadable(struct gather *gather, const char *path)
{
	ctl_complain("cannot read %s: %s", path, strerror(errno));
	gather->status = CTL_FAILED;
}

/* What else lies in a folder of pictures is not developed; 0: it is a picture. */
static int
judge_found(struct folder *folder, const char *inner, const struct stat *st, const char *path)
{
	int fd = S_ISREG(st->st_mode) ? fsio_open(folder->fd, inner, O_RDONLY | O_NONBLOCK, 0) : -1;
	enum magic magic;

	if (!S_ISREG(st->st_mode)) {
		ctl_complain("%s is no file, left out", path);
		return -1;
	}
	if (fd < 0) {
		note_unreadable(folder->gather, path);
		return -1;
	}
	magic = magic_of(fd);
	if (magic == MAGIC_UNREAD)
		note_unreadable(folder->gather, path);
	close(fd);
	if (magic == MAGIC_UNREAD)
		return -1;
	if (magic == MAGIC_JPEG || magic == MAGIC_PNG || folder->gather->fails_unsupported)
		return 0;
	ctl_complain("%s is neither a JPEG nor a PNG, left out", path);
	return -1;
}

static bool
note_found(void *arg, const char *inner, const struct stat *st)
{
	struct folder *folder = arg;
	size_t length = strlen(folder->path);
	bool has_slash = length > 0 && folder->path[length - 1] == '/';
	char *path = mem_printf("%s%s%s", folder->path, has_slash ? "" : "/", inner);

	if (judge_found(folder, inner, st, path) == 0)
		add_picture(folder->gather, path, mem_printf("%s/%s", folder->name, inner), true);
	else
		free(path);
	return !*folder->gather->ctl->is_interrupted;
}

void
gather_path(struct gather *gather, const char *path)
{
	char *name = ctl_last_name(path);
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	struct folder folder = { gather, path, name, fd };
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		note_unreadable(gather, path);
	else if (S_ISDIR(st.st_mode)) {
		if (tree_each(fd, ".", gather->skip, note_found, &folder) != 0)
			note_unreadable(gather, path);
	} else if (S_ISREG(st.st_mode)) {
		add_picture(gather, mem_dup(path), name, false);
		name = NULL;
	} else {
		ctl_complain("%s is neither a file nor a folder", path);
		gather->status = CTL_FAILED;
	}
	if (fd >= 0)
		close(fd);
	free(name);
}

void
gather_clear(struct gather *gather)
{
	size_t i;

	for (i = 0; i < gather->n; i++) {
		free(gather->pictures[i].path);
		free(gather->pictures[i].rel);
	}
	free(gather->pictures);
	gather->pictures = NULL;
	gather->n = gather->room = 0;
}
