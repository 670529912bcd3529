/* master/source.h - the original in processing/: is it there, readable, whole, and still the picture that
 * was claimed?
 *
 * Place:   news, dispatch -> here -> ready, step, trouble.   Process: master.
 * Why:     people take pictures out of processing/, put others in their place, and change rights.
 */
#ifndef MASTER_SOURCE_H
#define MASTER_SOURCE_H

#include "master/job.h"

struct job_context;

/* Before a start, and before a plan: is the file the picture of the record, and nobody writing it?
 * And, before a start, is what is finished for the profile of now? If not, the event is raised that
 * this means. */
bool source_is_fit(struct job_context *c, struct job *job, int64_t now_ms);

/* Something failed with ERROR at JOB, which has no plan. ENOENT: its file is gone; ESTALE: it is another
 * picture; EBUSY: it may not be read for now, this one waits; whatever else is the machine's fault. */
void source_failed(struct job_context *c, struct job *job, int error, int64_t now_ms);

/* Is a file of processing/ that did not come through our claim ready, like one of inbox/? If not, the
 * job is held. */
bool source_has_settled(struct job_context *c, struct job *job, int64_t now_ms);

/* CANCEL those that run and whose file was taken away or replaced. */
void source_watch(struct job_context *c);

#endif
