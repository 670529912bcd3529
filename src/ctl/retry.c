#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fsio.h"
#include "base/mem.h"
#include "base/quote.h"
#include "ctl/retry.h"
#include "ctl/tree.h"

struct retry {
	struct ctl *ctl;
	int from, inbox;
	const char *from_name; /* "failed" */
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

/* Put REL back and remove the folders that this leaves empty. */
static bool
move_one(void *arg, const char *rel, const struct stat *st)
{
	struct retry *retry = arg;
	char *parent = mem_dup(rel), *slash = strrchr(parent, '/'), *path, *line;

	*(slash == NULL ? parent : slash) = '\0';
	if (S_ISREG(st->st_mode)) {
		if ((*parent != '\0' && fsio_make_dirs(retry->inbox, parent, NULL) != 0) ||
		    fsio_rename_new(retry->from, rel, retry->inbox, rel) != 0)
			complain(retry, rel);
		else {
			retry->n_moved++;
			path = mem_printf("%s/inbox/%s", retry->ctl->root, rel);
			line = quote_line(path);
			puts(line);
			free(line);
			free(path);
			fsio_prune_parents(retry->from, rel);
		}
	}
	free(parent);
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
	bool is_all = argc == 2 && strcmp(argv[1], "--all") == 0;
	int i;

	if (argc < 2 || (!is_all && argv[1][0] == '-'))
		return ctl_usage(argv[0]);
	retry.inbox = fsio_open_dir(ctl->root_dir, "inbox");
	if (retry.inbox < 0) {
		ctl_complain("cannot open %s/inbox: %s", ctl->root, strerror(errno));
		return CTL_FAILED;
	}
	for (i = 1; i < argc && !is_all && !*ctl->is_interrupted; i++)
		retry_one(&retry, argv[i]);
	if (is_all) {
		move_from(&retry, "failed", "");
		if (retry.n_moved == 0 && retry.status == CTL_DONE)
			printf("%s/failed holds no photograph\n", ctl->root);
	}
	close(retry.inbox);
	return retry.status;
}
