/* ctl/hold.c - darkroom stop, pause and start: control files, which the daemon obeys. */
#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fsio.h"
#include "base/mem.h"
#include "ctl/hold.h"
#include "spool/name.h"

/* Folders of ROOT that may hold control files, "" first: that is where we put ours. */
static const char *const places[] = { "", "inbox" };

/* The control files WORD in one folder: paths below ROOT, added to the array *FOUND. */
static void
find_in(const struct ctl *ctl, const char *place, const char *word, char ***found, size_t *n,
    size_t *room)
{
	DIR *folder = fsio_list(ctl->root_dir, place);
	struct dirent *entry;

	if (folder == NULL) {
		ctl_complain("cannot read %s/%s: %s", ctl->root, place, strerror(errno));
		return;
	}
	while ((entry = readdir(folder)) != NULL) {
		if (!name_is_control(entry->d_name, word))
			continue;
		*found = mem_grow(*found, room, *n + 1, sizeof(**found));
		(*found)[(*n)++] = mem_printf("%s%s%s", place, *place == '\0' ? "" : "/", entry->d_name);
	}
	closedir(folder);
}

/* Gives all control files WORD. */
static char **
find_all(const struct ctl *ctl, const char *word, size_t *n)
{
	char **found = NULL;
	size_t room = 0, i;

	*n = 0;
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		find_in(ctl, places[i], word, &found, n, &room);
	return found;
}

static void
free_all(char **found, size_t n)
{
	while (n > 0)
		free(found[--n]);
	free(found);
}

char *
hold_find(const struct ctl *ctl, const char *word)
{
	size_t n;
	char **found = find_all(ctl, word, &n);
	char *first = n > 0 ? mem_dup(found[0]) : NULL;

	free_all(found, n);
	return first;
}

/* A folder goes only when it is empty: it may hold photographs of somebody who did not know. */
static int
remove_one(const struct ctl *ctl, const char *path)
{
	const char *name;
	int parent = fsio_open_parent(ctl->root_dir, path, &name);
	int result = -1;

	if (parent >= 0) {
		result = unlinkat(parent, name, 0);
		if (result != 0 && (errno == EISDIR || errno == EPERM))
			result = unlinkat(parent, name, AT_REMOVEDIR);
		if (result != 0 && errno == ENOENT)
			result = 0;
		close(parent);
	}
	if (result == 0)
		return CTL_DONE;
	if (errno == ENOTEMPTY || errno == EEXIST)
		ctl_complain("%s/%s is a folder with something in it, and as such holds the queue: "
		    "move away what is in it, then try again", ctl->root, path);
	else
		ctl_complain("cannot remove %s/%s: %s", ctl->root, path, strerror(errno));
	return CTL_FAILED;
}

/* Remove every control file WORD but KEEP (NULL: none), and say so. *N_REMOVED counts. */
static int
remove_all(const struct ctl *ctl, const char *word, const char *keep, unsigned *n_removed)
{
	size_t n, i;
	char **found = find_all(ctl, word, &n);
	int status = CTL_DONE;

	for (i = 0; i < n; i++) {
		if (keep != NULL && strcmp(found[i], keep) == 0)
			continue;
		if (remove_one(ctl, found[i]) != CTL_DONE)
			status = CTL_FAILED;
		else {
			++*n_removed;
			if (keep == NULL)
				printf("removed %s/%s\n", ctl->root, found[i]);
		}
	}
	free_all(found, n);
	return status;
}

/* Write the control file WORD. Only inbox/ may be ours to write in, on a share. Gives its path
 * below ROOT, or NULL after a complaint. */
static const char *
make_control(const struct ctl *ctl, const char *word, const char *in_inbox, const char *text)
{
	const char *const tries[] = { word, in_inbox };
	size_t i;

	for (i = 0; i < 2; i++) {
		if (fsio_replace(ctl->root_dir, tries[i], text, strlen(text), 0666, false) == 0)
			return tries[i];
		if (errno == EISDIR && remove_one(ctl, tries[i]) == CTL_DONE &&
		    fsio_replace(ctl->root_dir, tries[i], text, strlen(text), 0666, false) == 0)
			return tries[i];
		if (errno != EACCES && errno != EPERM && errno != EROFS)
			break;
	}
	ctl_complain("cannot make %s/%s: %s", ctl->root, tries[i < 2 ? i : 0], strerror(errno));
	return NULL;
}

int
hold_stop(struct ctl *ctl, int argc, char **argv)
{
	char *found;
	const char *made;

	if (argc != 1)
		return ctl_usage(argv[0]);
	found = hold_find(ctl, "STOP");
	if (found != NULL) {
		printf("stopped already by %s/%s\n", ctl->root, found);
		free(found);
		return CTL_DONE;
	}
	made = make_control(ctl, "STOP", "inbox/STOP", "");
	if (made == NULL)
		return CTL_FAILED;
	printf("stopped by %s/%s; \"darkroom start\" goes on\n", ctl->root, made);
	return CTL_DONE;
}

int
hold_pause(struct ctl *ctl, int argc, char **argv)
{
	unsigned n_removed = 0;
	const char *made;
	char *text;
	int64_t ms;

	if (argc > 2)
		return ctl_usage(argv[0]);
	if (argc == 2 && !ctl_duration(argv[1], &ms)) {
		ctl_complain("%s is no time; give it with its unit, as in 90s, 30m, 2h, up to 365d",
		    argv[1]);
		return CTL_USAGE;
	}
	text = mem_printf("%s%s", argc == 2 ? argv[1] : "", argc == 2 ? "\n" : "");
	made = make_control(ctl, "PAUSE", "inbox/PAUSE", text);
	free(text);
	if (made == NULL)
		return CTL_FAILED;
	printf("paused by %s/%s%s%s; \"darkroom start\" goes on\n", ctl->root, made,
	    argc == 2 ? " for " : "", argc == 2 ? argv[1] : "");
	/* an older one, of another length perhaps, would hold the queue as well */
	return remove_all(ctl, "PAUSE", made, &n_removed);
}

int
hold_start(struct ctl *ctl, int argc, char **argv)
{
	unsigned n_removed = 0;
	int stop, pause;

	if (argc != 1)
		return ctl_usage(argv[0]);
	stop = remove_all(ctl, "STOP", NULL, &n_removed);
	pause = remove_all(ctl, "PAUSE", NULL, &n_removed);
	if (n_removed == 0 && stop == CTL_DONE && pause == CTL_DONE)
		puts("nothing was stopped or paused");
	return stop == CTL_DONE ? pause : stop;
}
