/* ctl/add.c - darkroom add: whole copies into the inbox, under a hidden name until they are. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fsio.h"
#include "base/mem.h"
#include "base/quote.h"
#include "ctl/add.h"
#include "ctl/tree.h"
#include "spool/name.h"

#define BUFFER_SIZE (1024 * 1024) /* bytes; one call per MiB costs nothing any more */
#define MAX_COPIES 100000         /* NAME-2 ... NAME-100000; then something else is wrong */

struct add {
	struct ctl *ctl;
	int inbox;
	char *buffer;
	/* of the folder that is being added: */
	int from_dir;       /* its descriptor */
	const char *from;   /* as shown to people */
	const char *into;   /* its path below inbox */
	int status;
};

static void
report_failure(struct add *add, const char *what, const char *from, const char *path)
{
	ctl_complain("cannot %s %s%s%s: %s%s", what, from, *path == '\0' ? "" : "/", path,
	    strerror(errno), errno == ENOSPC || errno == EDQUOT ?
	    "; make room, then add it again" : "");
	add->status = CTL_FAILED;
}

/* All of SOURCE into TARGET. EINTR: we were interrupted. */
static int
copy_bytes(const struct add *add, int source, int target)
{
	ssize_t got;

	while ((got = read(source, add->buffer, BUFFER_SIZE)) > 0) {
		if (*add->ctl->is_interrupted) {
			errno = EINTR;
			return -1;
		}
		if (fsio_write_all(target, add->buffer, (size_t)got) != 0)
			return -1;
	}
	return got < 0 ? -1 : 0;
}

/* Fill TARGET, which is closed in any case. */
static int
fill_target(const struct add *add, int source, int folder, int target, const struct stat *st)
{
	const struct timespec times[2] = { { 0, UTIME_OMIT }, st->st_mtim };
	int result, saved;

	fsio_adopt_group(target, folder);
	result = copy_bytes(add, source, target);
	if (result == 0 && futimens(target, times) != 0)
		result = errno == EPERM ? 0 : -1; /* some shares refuse: then it is new today */
	if (result == 0)
		result = fsync(target);
	saved = errno;
	if (close(target) != 0 && result == 0)
		return -1;
	errno = saved;
	return result;
}

/* Open a hidden file for NAME in FOLDER. Gives its descriptor and *TEMP, its name. */
static int
open_temp(int folder, const char *name, char **temp)
{
	int fd = -1, n;

	/* The name of one that was interrupted is taken, or our file's own name is too long. */
	for (n = 0; n < 100 && fd < 0; n++) {
		*temp = n == 0 ? mem_printf(".%.*s.part", NAME_MAX - 6, name) :
		    mem_printf(".%.*s-%ld-%d.part", NAME_MAX - 40, name, (long)getpid(), n);
		fd = openat(folder, *temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
		if (fd < 0) {
			int saved = errno;

			free(*temp);
			errno = saved;
			if (errno != EEXIST)
				break;
		}
	}
	return fd;
}

/* Rename TEMP to NAME, or to the first numbered one that is free. Gives the name, or NULL. */
static char *
rename_to_free(int folder, const char *temp, const char *name)
{
	char *final;
	unsigned n;

	for (n = 1; n <= MAX_COPIES; n++) {
		final = name_numbered(name, n);
		if (fsio_rename_new(folder, temp, folder, final) == 0)
			return final;
		free(final);
		if (errno != EEXIST)
			break;
	}
	return NULL;
}

/* Copy SOURCE into FOLDER. Gives the name that it got, or NULL with errno. */
static char *
copy_into(const struct add *add, int source, const struct stat *st, int folder, const char *name)
{
	char *temp, *final = NULL;
	int target = open_temp(folder, name, &temp);
	int saved;

	if (target < 0)
		return NULL;
	if (fill_target(add, source, folder, target, st) == 0)
		final = rename_to_free(folder, temp, name);
	saved = errno;
	if (final == NULL)
		unlinkat(folder, temp, 0);
	else if (fsync(folder) != 0) /* it is there; only a power cut now could still lose it */
		ctl_complain("the folder of %s could not be synced: %s", name, strerror(errno));
	free(temp);
	errno = saved;
	return final;
}

static void
say_where(const struct add *add, const char *rel, const char *final)
{
	const char *slash = strrchr(rel, '/');
	int parent = slash == NULL ? 0 : (int)(slash - rel) + 1;
	char *path = mem_printf("%s/inbox/%.*s%s", add->ctl->root, parent, rel, final);
	char *line = quote_line(path);

	puts(line);
	free(line);
	free(path);
}

/* SOURCE becomes inbox/REL. Its folder is made. */
static void
add_source(struct add *add, int source, const struct stat *st, const char *rel)
{
	const char *name;
	char *final;
	int folder = -1;

	if (fsio_make_parents(add->inbox, rel, NULL) == 0)
		folder = fsio_open_parent(add->inbox, rel, &name);
	if (folder < 0)
		report_failure(add, "make the folder for", add->ctl->root, rel);
	else {
		final = copy_into(add, source, st, folder, name);
		if (final == NULL)
			report_failure(add, "copy to the inbox:", rel, "");
		else
			say_where(add, rel, final);
		free(final);
		close(folder);
	}
}

/* One file of a folder that is being added. */
static bool
add_found(void *arg, const char *path, const struct stat *found)
{
	struct add *add = arg;
	struct stat st;
	char *rel;
	int source;

	if (!S_ISREG(found->st_mode)) {
		ctl_complain("%s/%s is no file, left out", add->from, path);
		return !*add->ctl->is_interrupted;
	}
	source = fsio_open(add->from_dir, path, O_RDONLY | O_NONBLOCK, 0);
	if (source < 0 || fstat(source, &st) != 0)
		report_failure(add, "read", add->from, path);
	else {
		rel = mem_printf("%s/%s", add->into, path);
		add_source(add, source, &st, rel);
		free(rel);
	}
	if (source >= 0)
		close(source);
	return !*add->ctl->is_interrupted;
}

/* All of a folder, but not the spool should it lie in there. Takes FD. */
static void
add_folder(struct add *add, int fd, const char *path, const char *name)
{
	struct stat root;

	add->from_dir = fd;
	add->from = path;
	add->into = name;
	if (fstat(add->ctl->root_dir, &root) != 0 ||
	    tree_each(fd, ".", &root, add_found, add) != 0)
		report_failure(add, "read all of", path, "");
	close(fd);
}

/* One argument. Here a symbolic link is followed: it was named. */
static void
add_one(struct add *add, const char *path)
{
	char *name = ctl_last_name(path);
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		report_failure(add, "read", path, "");
	else if (*name == '\0' || name_is_ignored_rel(name)) {
		ctl_complain("%s has a name that darkroomd leaves alone; rename it first", path);
		add->status = CTL_FAILED;
	} else if (S_ISDIR(st.st_mode)) {
		add_folder(add, fd, path, name);
		fd = -1;
	} else if (S_ISREG(st.st_mode))
		add_source(add, fd, &st, name);
	else {
		ctl_complain("%s is neither a file nor a folder, left out", path);
		add->status = CTL_FAILED;
	}
	if (fd >= 0)
		close(fd);
	free(name);
}

int
add_run(struct ctl *ctl, int argc, char **argv)
{
	struct add add = { .ctl = ctl, .status = CTL_DONE };
	int i;

	if (argc < 2)
		return ctl_usage(argv[0]);
	add.inbox = fsio_open_dir(ctl->root_dir, "inbox");
	if (add.inbox < 0) {
		ctl_complain("cannot open %s/inbox: %s", ctl->root, strerror(errno));
		return CTL_FAILED;
	}
	add.buffer = mem_alloc(BUFFER_SIZE);
	for (i = 1; i < argc && !*ctl->is_interrupted; i++)
		add_one(&add, argv[i]);
	free(add.buffer);
	close(add.inbox);
	return add.status;
}
