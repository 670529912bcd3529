/* master/record.h - what a job's record begins with, and what earlier tries at its name left behind.
 *
 * Place:   claim, adopt, attempt -> here -> spool, conf.   Process: master. The job's lock is held.
 */
#ifndef MASTER_RECORD_H
#define MASTER_RECORD_H

#include "conf/conf.h"
#include "spool/jobdir.h"

struct job_context;

/* The profile that the configuration of now has for REL. */
const struct profile *record_profile(const struct job_context *c, const char *rel);

/* The record of a job whose picture is ID. */
void record_fill(const struct job_context *c, const char *rel, const struct spool_id *id,
    struct job_record *record);

/* The machine died while a worker had it: that counts, since the picture may be why. */
void record_count_machine_death(const struct job_context *c, struct job_record *record);

/* REL is below DIR: the error text of an earlier failure goes when its original was taken out of
 * failed/. Before the claim: after it a crash would leave the text to nobody. And once more when an
 * interrupted job is found: a power cut may have brought both back. */
void record_forget_failure(const struct job_context *c, int dir, const char *rel);

/* The same for the sidecar that was kept: it would keep the original from its name in done/. */
void record_forget_sidecar(const struct job_context *c, const char *rel);

#endif
