/* master/once.c - the end of --once: what is left, and the exit status. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/quote.h"
#include "master/dispatch.h"
#include "master/folder.h"
#include "master/inbox.h"
#include "master/jobs.h"
#include "master/once.h"
#include "master/queue.h"
#include "master/schedule.h"
#include "master/state.h"
#include "master/tally.h"
#include "master/view.h"

#define MAX_LEFT 1000 /* files that are listed by name, of each kind */

static void
print_left(const char *rel, const char *reason)
{
	char *name = quote_line(rel);

	printf("waiting: %s: %s\n", name, reason);
	free(name);
}

static void
print_file(const struct file *file, const char *reason)
{
	char *rel = folder_rel_of(file);

	print_left(rel, reason);
	free(rel);
}

/* In inbox/, for reasons of their own. */
static void
list_held(const struct view *view)
{
	const struct file *files[MAX_LEFT];
	struct inbox_held folders[MAX_LEFT];
	size_t i, n = inbox_held(view->inbox, folders, MAX_LEFT);

	for (i = 0; i < n; i++)
		print_left(folders[i].rel, folders[i].reason);
	n = queue_held(view->queue, files, MAX_LEFT);
	for (i = 0; i < n; i++)
		print_file(files[i], queue_reason(files[i]) == NULL ? "it settles" :
		    queue_reason(files[i]));
}

/* In inbox/, and ready: why is none begun? */
static void
list_ready(const struct view *view)
{
	const struct file *files[MAX_LEFT];
	size_t i, n = queue_first(view->queue, files, MAX_LEFT);
	const struct state state = state_now(view);
	const char *why = state_reason(&state);

	for (i = 0; i < n; i++)
		print_file(files[i], *why != '\0' ? why : "its turn did not come");
}

/* In processing/. */
static void
list_jobs(const struct view *view)
{
	const struct jobs *jobs = dispatch_jobs(view->dispatch);
	const char *why;
	size_t i;

	for (i = 0; i < jobs_n(jobs); i++) {
		why = schedule_holds(view->schedule, jobs_at(jobs, i)->rel);
		print_left(jobs_at(jobs, i)->rel, why != NULL ? why :
		    "it is in processing/ and cannot go on");
	}
}

int
once_end(const struct view *view)
{
	size_t n_left = queue_n_held(view->queue) + queue_n_ready(view->queue) +
	    queue_n_settling(view->queue) + inbox_n_held(view->inbox) + jobs_n(dispatch_jobs(view->dispatch));

	list_held(view);
	list_ready(view);
	list_jobs(view);
	if (tally_n_failed(&view->tally->counts) > 0)
		return 1;
	return n_left > 0 || view->away_why != NULL ? 2 : 0;
}
