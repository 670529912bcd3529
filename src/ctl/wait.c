/* ctl/wait.c - darkroom wait: look at the folders until nothing would go on, then judge. */
#include <config.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fsio.h"
#include "base/mem.h"
#include "ctl/daemon.h"
#include "ctl/hold.h"
#include "ctl/tree.h"
#include "ctl/wait.h"

#define LOOK_MS 100          /* between two looks at the folders ... */
#define LOOK_MAX_MS 2000     /* ... or ten times as long as one took, up to this */
#define GRACE_MS 10000       /* without a daemon: it may just be starting, or again */
#define MAX_ERROR_TEXT 65536 /* bytes of NAME.error.txt, which has some hundred */

enum { INBOX, PROCESSING, DONE, FAILED, N_FOLDER };
static const char *const folder_names[N_FOLDER] = { "inbox", "processing", "done", "failed" };

struct wait {
	struct ctl *ctl;
	int dirs[N_FOLDER];
	char *rel;               /* "": everything */
	bool is_file;            /* REL is one photograph */
	ino_t ino;               /* of that one when it was last seen waiting; 0: it was not */
	int64_t deadline_ms;
	int64_t alone_since_ms;  /* no daemon since then; CLOCK_NEVER: there is one */
	bool has_told_hold;
	ino_t *old_failed;       /* what was in failed/ before, when everything is waited for */
	size_t n_old_failed, room_old_failed;
	/* of one look: */
	struct daemon_report report;
	size_t n_waited, n_held; /* files that will go on, files that will not */
	long n_unlisted;         /* held ones that the daemon has not listed by name */
	unsigned n_failed;
};

/* ---- one look at inbox/ and processing/ ---- */

static bool
look_at_inbox(void *arg, const char *rel, const struct stat *st)
{
	struct wait *wait = arg;

	if (!S_ISREG(st->st_mode))
		return true;
	if (wait->is_file)
		wait->ino = st->st_ino;
	if (daemon_held(&wait->report, rel) != NULL)
		wait->n_held++;
	else if (wait->n_unlisted > 0) {
		wait->n_unlisted--;
		wait->n_held++;
	} else
		wait->n_waited++;
	return wait->n_waited == 0; /* one is enough to know */
}

static bool
look_at_processing(void *arg, const char *rel, const struct stat *st)
{
	struct wait *wait = arg;

	(void)rel;
	if (!S_ISREG(st->st_mode))
		return true;
	if (wait->is_file)
		wait->ino = st->st_ino;
	wait->n_waited++;
	return false;
}

/* 0, or -1 after a complaint: the folders cannot be read. */
static int
look_in(struct wait *wait, int folder, tree_fn *fn)
{
	if (tree_each(wait->dirs[folder], wait->rel, NULL, fn, wait) == 0 || errno == ENOENT ||
	    errno == ENOTDIR)
		return 0;
	ctl_complain("cannot read all of %s/%s: %s", wait->ctl->root, folder_names[folder],
	    strerror(errno));
	return -1;
}

static int
look(struct wait *wait)
{
	daemon_clear(&wait->report);
	daemon_read(wait->ctl, &wait->report);
	wait->n_waited = wait->n_held = 0;
	/* of a single file that is not listed nothing is known: it is waited for */
	wait->n_unlisted = wait->is_file ? 0 : daemon_n_unlisted(&wait->report);
	if (look_in(wait, INBOX, look_at_inbox) != 0)
		return -1;
	return wait->n_waited > 0 ? 0 : look_in(wait, PROCESSING, look_at_processing);
}

/* ---- why it may take long ---- */

/* Say once that the queue is held: nobody need wonder. */
static void
tell_hold(struct wait *wait)
{
	static const char *const controls[] = { "STOP", "PAUSE" };
	size_t i;
	char *found;

	if (!wait->has_told_hold && strcmp(wait->report.state, "outside hours") == 0) {
		ctl_complain("waiting, but it is outside the hours: %s", wait->report.why);
		wait->has_told_hold = true;
	}
	for (i = 0; i < 2 && !wait->has_told_hold; i++) {
		found = hold_find(wait->ctl, controls[i]);
		if (found != NULL) {
			ctl_complain("waiting, but %s/%s holds the queue; \"darkroom start\" goes on",
			    wait->ctl->root, found);
			wait->has_told_hold = true;
		}
		free(found);
	}
}

/* False, after a complaint, when waiting longer leads nowhere. */
static bool
may_go_on(struct wait *wait, int64_t now_ms)
{
	bool is_alone = wait->report.life == DAEMON_GONE || wait->report.life == DAEMON_NEVER;

	tell_hold(wait);
	if (!is_alone)
		wait->alone_since_ms = CLOCK_NEVER;
	else if (wait->alone_since_ms == CLOCK_NEVER)
		wait->alone_since_ms = now_ms;
	if (*wait->ctl->is_interrupted)
		return false;
	if (now_ms >= wait->deadline_ms) {
		ctl_complain("not done within the time given");
		return false;
	}
	if (is_alone && now_ms - wait->alone_since_ms >= GRACE_MS) {
		ctl_complain("darkroomd does not run, so nothing is developed: start it, or run "
		    "\"darkroomd --once\"");
		return false;
	}
	return true;
}

/* Wait until nothing is left that would go on. CTL_DONE when that is so. */
static int
wait_until_done(struct wait *wait)
{
	int64_t before_ms, now_ms, pause_ms;

	while (true) {
		before_ms = clock_ms();
		if (look(wait) != 0)
			return CTL_FAILED;
		if (wait->n_waited == 0)
			return CTL_DONE;
		now_ms = clock_ms();
		if (!may_go_on(wait, now_ms))
			return CTL_WAITING;
		pause_ms = (now_ms - before_ms) * 10;
		if (pause_ms < LOOK_MS)
			pause_ms = LOOK_MS;
		pause_ms = clock_min(clock_min(pause_ms, LOOK_MAX_MS), wait->deadline_ms - now_ms);
		poll(NULL, 0, (int)pause_ms);
	}
}

/* ---- the verdict ---- */

/* One that failed, with the first line of its error text, on stderr. */
static void
tell_failed(struct wait *wait, const char *rel)
{
	char *path = mem_printf("%s.error.txt", rel), *text = NULL;

	if (fsio_read(wait->dirs[FAILED], path, MAX_ERROR_TEXT, &text, NULL) == 0)
		text[strcspn(text, "\r\n")] = '\0';
	ctl_complain("%s/failed/%s: %s", wait->ctl->root, rel, text == NULL ? "it failed" : text);
	wait->n_failed++;
	free(text);
	free(path);
}

static bool
note_failed(void *arg, const char *rel, const struct stat *st)
{
	struct wait *wait = arg;

	(void)rel;
	wait->old_failed = mem_grow(wait->old_failed, &wait->room_old_failed,
	    wait->n_old_failed + 1, sizeof(*wait->old_failed));
	wait->old_failed[wait->n_old_failed++] = st->st_ino;
	return true;
}

static int
by_ino(const void *a, const void *b)
{
	const ino_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static bool
tell_if_new(void *arg, const char *rel, const struct stat *st)
{
	struct wait *wait = arg;

	if (S_ISREG(st->st_mode) && (wait->n_old_failed == 0 || bsearch(&st->st_ino,
	    wait->old_failed, wait->n_old_failed, sizeof(ino_t), by_ino) == NULL))
		tell_failed(wait, rel);
	return true;
}

struct search {
	ino_t ino;
	char *found;
};

static bool
is_it(void *arg, const char *rel, const struct stat *st)
{
	struct search *search = arg;

	if (st->st_ino == search->ino)
		search->found = mem_dup(rel);
	return search->found == NULL;
}

/* Where in FOLDER is the photograph that waited at REL: the same file, under another name perhaps
 * (its own was taken), in the same sub-folder. Gives its path, or NULL. */
static char *
find_same(struct wait *wait, int folder)
{
	struct search search = { wait->ino, NULL };
	char *parent = fsio_parent(wait->rel);

	if (wait->ino != 0)
		tree_each(wait->dirs[folder], parent, NULL, is_it, &search);
	free(parent);
	return search.found;
}

/* The same by name alone: it was filed before we came, or the file system (some network ones)
 * gives a file another number when it is renamed. */
static char *
find_name(struct wait *wait, int folder)
{
	struct stat st;

	return fsio_stat(wait->dirs[folder], wait->rel, &st) == 0 ? mem_dup(wait->rel) : NULL;
}

/* CTL_DONE or CTL_FAILED by the folder that it was filed in, -1 when it is in none. */
static int
verdict(struct wait *wait, char *(*find)(struct wait *, int))
{
	char *done = find(wait, DONE);
	char *failed = done == NULL ? find(wait, FAILED) : NULL;
	int status = done != NULL ? CTL_DONE : failed != NULL ? CTL_FAILED : -1;

	if (failed != NULL)
		tell_failed(wait, failed);
	free(done);
	free(failed);
	return status;
}

static int
judge_file(struct wait *wait)
{
	const char *reason = daemon_held(&wait->report, wait->rel);
	int status;

	if (wait->n_held > 0) {
		ctl_complain("%s/inbox/%s is not developed: %s", wait->ctl->root, wait->rel,
		    reason == NULL ? "it is held" : reason);
		return CTL_WAITING;
	}
	status = verdict(wait, find_same);
	if (status == -1)
		status = verdict(wait, find_name);
	if (status == -1 && !wait->ctl->deletes_originals) {
		ctl_complain("%s is neither in %s/done nor in %s/failed: somebody took it away",
		    wait->rel, wait->ctl->root, wait->ctl->root);
		return CTL_FAILED;
	}
	return status == -1 ? CTL_DONE : status;
}

static int
judge_all(struct wait *wait)
{
	if (wait->is_file)
		return judge_file(wait);
	look_in(wait, FAILED, tell_if_new);
	if (wait->n_failed > 0)
		return CTL_FAILED;
	if (wait->n_held > 0) {
		ctl_complain("left in the inbox for a reason: %zu; \"darkroom status\" tells it",
		    wait->n_held);
		return *wait->rel == '\0' ? CTL_DONE : CTL_WAITING;
	}
	return CTL_DONE;
}

/* ---- the beginning ---- */

static bool
open_folders(struct wait *wait)
{
	int i;

	for (i = 0; i < N_FOLDER; i++) {
		wait->dirs[i] = fsio_open_dir(wait->ctl->root_dir, folder_names[i]);
		if (wait->dirs[i] < 0) {
			ctl_complain("cannot open %s/%s: %s", wait->ctl->root, folder_names[i],
			    strerror(errno));
			return false;
		}
	}
	return true;
}

static void
close_folders(struct wait *wait)
{
	int i;

	for (i = 0; i < N_FOLDER; i++)
		if (wait->dirs[i] >= 0)
			close(wait->dirs[i]);
}

/* What is REL, wherever it is now? Once more: it may have moved back, by a retry, meanwhile. */
static bool
find_out(struct wait *wait)
{
	struct stat st;
	int i;

	for (i = 0; i < 2 * N_FOLDER; i++)
		if (fsio_stat(wait->dirs[i % N_FOLDER], wait->rel, &st) == 0) {
			wait->is_file = !S_ISDIR(st.st_mode);
			return true;
		}
	ctl_complain("there is no %s in any folder of %s", wait->rel, wait->ctl->root);
	return false;
}

static int
wait_for_it(struct wait *wait)
{
	int status;

	if (!open_folders(wait))
		return CTL_FAILED;
	if (*wait->rel != '\0' && !find_out(wait))
		return CTL_FAILED;
	if (*wait->rel == '\0') {
		look_in(wait, FAILED, note_failed);
		if (wait->n_old_failed > 0)
			qsort(wait->old_failed, wait->n_old_failed, sizeof(ino_t), by_ino);
	}
	status = wait_until_done(wait);
	return status == CTL_DONE ? judge_all(wait) : status;
}

/* --timeout TIME or --timeout=TIME at ARGV[*I]; false when it is none, or no time. */
static bool
read_timeout(char **argv, int *i, int64_t *deadline_ms)
{
	const char *text = NULL;
	int64_t ms;

	if (strcmp(argv[*i], "--timeout") == 0)
		text = argv[++*i];
	else if (strncmp(argv[*i], "--timeout=", 10) == 0)
		text = argv[*i] + 10;
	if (text == NULL || !ctl_duration(text, &ms))
		return false;
	*deadline_ms = clock_ms() + ms;
	return true;
}

int
wait_run(struct ctl *ctl, int argc, char **argv)
{
	struct wait wait = { .ctl = ctl, .dirs = { -1, -1, -1, -1 }, .deadline_ms = CLOCK_NEVER,
		.alone_since_ms = CLOCK_NEVER };
	const char *name = NULL;
	int i, status;

	for (i = 1; i < argc; i++)
		if (argv[i][0] != '-' && name == NULL)
			name = argv[i];
		else if (argv[i][0] != '-' || !read_timeout(argv, &i, &wait.deadline_ms))
			return ctl_usage(argv[0]);
	wait.rel = name == NULL ? mem_dup("") : ctl_rel(ctl, name);
	status = wait.rel == NULL ? CTL_FAILED : wait_for_it(&wait);
	close_folders(&wait);
	daemon_clear(&wait.report);
	free(wait.old_failed);
	free(wait.rel);
	return status;
}
