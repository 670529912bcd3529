/* master/attempt.h - one try at a job: what happens from the slot to the worker's last word.
 *
 * Place:   step (the cells) -> here -> work/pool, spool/jobdir.   Process: master.
 * Errors:  every action is 0, or -1 with errno and nothing half-done that its repetition, or a
 *          restart, does not finish.
 */
#ifndef MASTER_ATTEMPT_H
#define MASTER_ATTEMPT_H

#include "master/job.h"

struct job_context;

/* INTERRUPTED: hand what is not finished to a worker. ENOENT: the file is gone; EAGAIN: no worker. */
int attempt_start(struct job_context *c, struct job *job);

/* RUNNING: what the worker says (c->news). keep_rendition -1 EPROTO: it is not what the worker said. */
int attempt_note_progress(struct job_context *c, struct job *job);
int attempt_keep_rendition(struct job_context *c, struct job *job);

/* RUNNING: attempt_kill() for this reason. */
int attempt_kill_stopped(struct job_context *c, struct job *job);
int attempt_kill_cancelled(struct job_context *c, struct job *job);
int attempt_kill_late(struct job_context *c, struct job *job);

/* RUNNING: the worker is gone or done with it, the job stays. */
int attempt_release(struct job_context *c, struct job *job);
/* The picture is another one: what was made of the old one goes. */
int attempt_begin_anew(struct job_context *c, struct job *job);

/* No actions: asked by those who raise the events. */

/* RUNNING: SIGKILL for the worker, its death follows; whose wish it was first is kept. Returns 0. */
int attempt_kill(struct job_context *c, struct job *job, enum crew_killer killer);

/* A death that counts: of the worker, on disk before the next try. Returns the deaths so far. */
int attempt_count_death(struct job_context *c, struct job *job);
/* Take the profile of now; what is finished was for another one: it goes. 0; -1 with errno. */
int attempt_set_profile(struct job_context *c, struct job *job);
/* Is every rendition of the profile finished? */
bool attempt_is_complete(const struct job *job);

#endif
