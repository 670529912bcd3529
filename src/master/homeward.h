/* master/homeward.h - what leads a job with a plan from step to step: the answers of the disk.
 *
 * Place:   news, dispatch -> here -> step (publish does the steps), commit.   Process: master.
 * Owed:    a step that failed, and one whose flush failed, is owed: job->owed is raised again once
 *          job->retry_ms is over.
 */
#ifndef MASTER_HOMEWARD_H
#define MASTER_HOMEWARD_H

#include "master/job.h"

struct job_context;

/* Raise EVENT of JOB, which has a plan. If its step fails, it is owed. */
void homeward_step(struct job_context *c, struct job *job, enum job_event event, int64_t now_ms);

/* The disk has the last step of some jobs, or refused it. Returns true when there was one. */
bool homeward_turn(struct job_context *c, int64_t now_ms);

#endif
