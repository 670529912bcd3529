/* master/jobs.c - the jobs at hand, in the order in which they came. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "master/jobs.h"

struct jobs {
	struct job **items;
	size_t n, room;
};

struct jobs *
jobs_new(void)
{
	return mem_alloc(sizeof(struct jobs));
}

void
jobs_free(struct jobs *jobs)
{
	size_t i;

	for (i = 0; i < jobs->n; i++)
		job_free(jobs->items[i]);
	free(jobs->items);
	free(jobs);
}

void
jobs_add(struct jobs *jobs, struct job *job)
{
	jobs->items = mem_grow(jobs->items, &jobs->room, jobs->n + 1, sizeof(struct job *));
	jobs->items[jobs->n++] = job;
}

size_t
jobs_n(const struct jobs *jobs)
{
	return jobs->n;
}

struct job *
jobs_at(const struct jobs *jobs, size_t i)
{
	return jobs->items[i];
}

bool
jobs_has(const struct jobs *jobs, const char *rel)
{
	size_t i;

	for (i = 0; i < jobs->n; i++)
		if (strcmp(jobs->items[i]->rel, rel) == 0)
			return true;
	return false;
}

void
jobs_sweep(struct jobs *jobs)
{
	size_t i, n = 0;

	for (i = 0; i < jobs->n; i++) {
		if (jobs->items[i]->state == JOB_OVER)
			job_free(jobs->items[i]);
		else
			jobs->items[n++] = jobs->items[i];
	}
	jobs->n = n;
}

size_t
jobs_n_pending(const struct jobs *jobs)
{
	size_t i, n = 0;

	for (i = 0; i < jobs->n; i++)
		n += !jobs->items[i]->is_held;
	return n;
}

bool
jobs_one_is_alone(const struct jobs *jobs)
{
	size_t i;

	for (i = 0; i < jobs->n; i++)
		if (job_is_running(jobs->items[i]) && jobs->items[i]->is_last_try)
			return true;
	return false;
}
