/* master/publish.h - the way home of a job: a plan, its name, the results, the original, the end.
 *
 * Place:   step (the cells) -> here -> spool/plan, commit.   Process: master.
 * Flow:    plan, seal, results, original, end, in this order. Each of the first four puts what must be
 *          on disk into the commit, and the job waits there for SYNCED before the next one.
 * Errors:  every action is 0, or -1 with errno and nothing half-done that its repetition, or a
 *          restart, does not finish.
 */
#ifndef MASTER_PUBLISH_H
#define MASTER_PUBLISH_H

#include "master/job.h"

struct job_context;

/* Make and write the plan. conflict = fail may forbid publish_plan() the names: then it is the plan of
 * a failure, and its verdict says so. */
int publish_plan(struct job_context *c, struct job *job);
int publish_plan_failure(struct job_context *c, struct job *job);
/* BOUND: write the plan that it has once more. */
int publish_renew_plan(struct job_context *c, struct job *job);
/* PLANNED, RENEWED: the plan gets its name. */
int publish_seal(struct job_context *c, struct job *job);
/* SEALED: the results go to out/. */
int publish_results(struct job_context *c, struct job *job);
/* PUBLISHED: the original goes to done/ or failed/. */
int publish_original(struct job_context *c, struct job *job);
/* FILED: nothing of it is left but what people see. */
int publish_end(struct job_context *c, struct job *job);

/* The text of the plan did not get to the disk: it goes. One that has its name is never given up. */
int publish_give_up_plan(struct job_context *c, struct job *job);
int publish_withdraw_plan(struct job_context *c, struct job *job);
/* Folders did not get to the disk: the step is done again, and they are flushed up to the top. */
int publish_doubt_folders(struct job_context *c, struct job *job);

/* The original is gone: results and job folder go too. */
int publish_discard(struct job_context *c, struct job *job);

/* No action: would conflict = fail forbid to publish it? Then JOB says why it is bad, and developing
 * it would be for nothing. */
bool publish_is_refused(struct job_context *c, struct job *job);

#endif
