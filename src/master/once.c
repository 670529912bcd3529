#include <config.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/quote.h"
#include "master/once.h"

#define MAX_LEFT 1000 /* files that are listed by name, of each kind */

static void
print_left(const char *rel, const char *reason)
{
	char *name = quote_line(rel);

	printf("waiting: %s: %s\n", name, reason);
	free(name);
}

/* In inbox/, for reasons of their own. */
static void
list_held(const struct dispatch *d)
{
	const struct job *jobs[MAX_LEFT];
	struct inbox_held folders[MAX_LEFT];
	size_t i, n = inbox_held(d->inbox, folders, MAX_LEFT);

	for (i = 0; i < n; i++)
		print_left(folders[i].rel, folders[i].reason);
	n = queue_held(d->queue, jobs, MAX_LEFT);
	for (i = 0; i < n; i++)
		print_left(jobs[i]->rel, queue_reason(jobs[i]) == NULL ? "it settles" :
		    queue_reason(jobs[i]));
}

/* In inbox/, and ready: why is none begun? */
static void
list_ready(const struct dispatch *d, const struct control *control)
{
	const struct job *jobs[MAX_LEFT];
	size_t i, n = queue_first(d->queue, jobs, MAX_LEFT);
	const char *why = control->is_stopped ? "STOP is there" :
	    control->is_paused ? "PAUSE is there" : schedule_closed(d->schedule);

	for (i = 0; i < n; i++)
		print_left(jobs[i]->rel, why != NULL ? why : "the queue is blocked");
}

/* In processing/. */
static void
list_jobs(const struct dispatch *d)
{
	const char *why;
	size_t i;

	for (i = 0; i < d->n_jobs; i++) {
		why = schedule_holds(d->schedule, d->jobs[i]->rel);
		print_left(d->jobs[i]->rel, why != NULL ? why :
		    "it is in processing/ and cannot go on");
	}
}

int
once_end(const struct dispatch *d, const struct control *control, bool is_away)
{
	size_t n_left = queue_n_held(d->queue) + queue_n_ready(d->queue) +
	    queue_n_settling(d->queue) + inbox_n_held(d->inbox) + d->n_jobs;
	size_t i;

	list_held(d);
	list_ready(d, control);
	list_jobs(d);
	for (i = 0; i < BAD_N; i++)
		if (d->context.tally.n_failed[i] > 0)
			return 1;
	return n_left > 0 || is_away ? 2 : 0;
}
