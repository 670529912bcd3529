/* master/claim.h - the next file of inbox/ becomes a job: lock, job folder, inbox/ > processing/.
 *
 * Place:   dispatch -> here -> queue, inbox, job, spool.   Process: master.
 * Blame:   a fault of one file holds that file; of our folders or the disk, the queue (trouble.h).
 */
#ifndef MASTER_CLAIM_H
#define MASTER_CLAIM_H

#include "master/job.h"

struct job_context;

/* Claim what is next, if a worker is free for it and nothing blocks the queue. Gives an INTERRUPTED
 * job, which is in c->jobs. NULL: nothing more for now. *HAS_ACTED: a file was taken, barred or held. */
struct job *claim_next(struct job_context *c, int64_t now_ms, bool *has_acted);

#endif
