/* master/jobs.h - the jobs at hand: those that were claimed or found, and are not over.
 *
 * Place:   claim, recover add, news and dispatch go through them -> here.   Process: master.
 * Owns:    the jobs. One that is over stays until jobs_sweep().
 */
#ifndef MASTER_JOBS_H
#define MASTER_JOBS_H

#include "master/job.h"

struct jobs;

struct jobs *jobs_new(void);
void jobs_free(struct jobs *jobs);

void jobs_add(struct jobs *jobs, struct job *job);
size_t jobs_n(const struct jobs *jobs);
struct job *jobs_at(const struct jobs *jobs, size_t i); /* from 0; a job that is added comes last */
bool jobs_has(const struct jobs *jobs, const char *rel);

/* Free those that are over. */
void jobs_sweep(struct jobs *jobs);

/* How many go on by themselves, not held for a reason. */
size_t jobs_n_pending(const struct jobs *jobs);

/* Does one run that wants to be alone, since a worker died on it? */
bool jobs_one_is_alone(const struct jobs *jobs);

#endif
