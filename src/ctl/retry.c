/* ctl/retry.c - darkroom retry: out of failed/ or done/, back into the inbox. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fsio.h"
#include "base/mem.h"
#include "base/quote.h"
#include "ctl/retry.h"
#include "ctl/tree.h"
#include "spool/mark.h"

struct retry {
	struct ctl *ctl;
	int from, inbox;
	const char *from_name; /* "failed" */
	bool replaces;
	unsigned n_moved;
	int status;
};

static void
complain(struct retry *retry, const char *rel)
{
	if (errno == EEXIST)
		ctl_complain("%s/inbox/%s is there already: it is developed first; then try again",
		    retry->ctl->root, rel);
	else
		ctl_complain("cannot move %s/%s/%s to the inbox: %s", retry->ctl->root,
		    retry->from_name, rel, strerror(errno));
	retry->status = CTL_FAILED;
}

/* With --replace the photograph itself carries that wish to the daemon. */
static bool
note_wish(struct retry *retry, const char *rel, bool does_ask)
{
	int fd = retry->replaces ? fsio_open(retry->from, rel, O_RDONLY | O_NONBLOCK, 0) : -1;
	int result = fd < 0 ? -1 : mark_ask(fd, does_ask);
	int saved = errno;

	if (fd >= 0)
		close(fd);
	if (!retry->replaces || result == 0)
		return true;
	if (does_ask)
		ctl_complain("cannot note on %s/%s/%s that it is to replace its results: %s; this needs "
		    "its owner, and a file system with extended attributes", retry->ctl->root,
		    retry->from_name, rel, strerror(saved));
	return false;
}

static bool
move_back(struct retry *retry, const char *rel)
{
	if (!note_wish(retry, rel, true)) {
		retry->status = CTL_FAILED;
		return false;
	}
	if (fsio_make_parents(retry->inbox, rel, NULL) == 0 &&
	    fsio_rename_new(retry->from, rel, retry->inbox, rel) == 0)
		return true;
	complain(retry, rel);
	note_wish(retry, rel, false);
	return false;
}

/* Put REL back and remove the folders that this leaves empty. */
static bool
move_one(void *arg, const char *rel, const struct stat *st)
{
	struct retry *retry = arg;
	char *path, *line;

	if (S_ISREG(st->st_mode) && move_back(retry, rel)) {
		retry->n_moved++;
		path = mem_printf("%s/inbox/%s", retry->ctl->root, rel);
		line = quote_line(path);
		puts(line);
		free(line);
		free(path);
		fsio_prune_parents(retry->from, rel);
	}
	return !*retry->ctl->is_interrupted;
}

/* Move REL ("" is all) out of the folder NAME. False when it is not there. */
static bool
move_from(struct retry *retry, const char *name, const char *rel)
{
	bool is_there = true;

	retry->from_name = name;
	retry->from = fsio_open_dir(retry->ctl->root_dir, name);
	if (retry->from < 0 || tree_each(retry->from, rel, NULL, move_one, retry) != 0) {
		is_there = errno != ENOENT && errno != ENOTDIR;
		if (is_there)
			complain(retry, rel);
	}
	if (retry->from >= 0)
		close(retry->from);
	return is_there;
}

/* One argument: what is in failed/ first, else what is in done/. */
static void
retry_one(struct retry *retry, const char *text)
{
	bool is_in_done = strncmp(text, "done/", 5) == 0;
	char *rel = ctl_rel(retry->ctl, text);
	unsigned before = retry->n_moved;
	int status = retry->status;

	if (rel == NULL)
		retry->status = CTL_FAILED;
	else if ((is_in_done || !move_from(retry, "failed", rel)) && !move_from(retry, "done", rel)) {
		ctl_complain("%s is neither in %s/failed nor in %s/done", rel, retry->ctl->root,
		    retry->ctl->root);
		retry->status = CTL_FAILED;
	} else if (retry->n_moved == before && retry->status == status) {
		ctl_complain("%s/%s/%s holds no photograph", retry->ctl->root, retry->from_name, rel);
		retry->status = CTL_FAILED;
	}
	free(rel);
}

int
retry_run(struct ctl *ctl, int argc, char **argv)
{
	struct retry retry = { .ctl = ctl, .status = CTL_DONE };
	bool is_all;
	int first, i;

	retry.replaces = argc > 1 && strcmp(argv[1], "--replace") == 0;
	first = retry.replaces ? 2 : 1;
	is_all = argc == first + 1 && strcmp(argv[first], "--all") == 0;
	if (argc <= first || (!is_all && argv[first][0] == '-'))
		return ctl_usage(argv[0]);
	retry.inbox = fsio_open_dir(ctl->root_dir, "inbox");
	if (retry.inbox < 0) {
		ctl_complain("cannot open %s/inbox: %s", ctl->root, strerror(errno));
		return CTL_FAILED;
	}
	for (i = first; i < argc && !is_all && !*ctl->is_interrupted; i++)
		retry_one(&retry, argv[i]);
	if (is_all) {
		move_from(&retry, "failed", "");
		if (retry.n_moved == 0 && retry.status == CTL_DONE)
			printf("%s/failed holds no photograph\n", ctl->root);
	}
	close(retry.inbox);
	return retry.status;
}
