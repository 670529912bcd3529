/* master/adopt.h - take in hand what lies in processing/ or jobs/ without a living owner.
 *
 * Place:   recover -> here -> job, record, spool.   Process: master.
 */
#ifndef MASTER_ADOPT_H
#define MASTER_ADOPT_H

#include "master/job.h"

struct job_context;

/* Lock REL, a file of processing/ or a job folder whose file is gone, and make a job of what is on disk:
 * BOUND where a plan is, else INTERRUPTED. NULL: EAGAIN somebody else has it; ENOENT neither file nor
 * plan is there, and what was left of it is removed, unless its attempts still count (J2). */
struct job *adopt_job(struct job_context *c, const char *rel);

#endif
