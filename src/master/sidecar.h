/* master/sidecar.h - NAME.progress beside the original: how far a job is.
 *
 * Place:   attempt, publish -> here -> spool/progress.   Process: master.
 */
#ifndef MASTER_SIDECAR_H
#define MASTER_SIDECAR_H

#include "master/job.h"

struct job_context;

/* Write it now. One that cannot be written holds nothing up: a full disk must not stop the job for it. */
void sidecar_write(struct job_context *c, struct job *job, enum progress_state state);

/* progress = keep: write the one that PLAN takes to done/, in the job folder. */
int sidecar_write_last(struct job_context *c, struct job *job, const struct plan *plan);

#endif
