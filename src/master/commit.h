/* master/commit.h - the steps of all jobs that wait for the disk, flushed together.
 *
 * Place:   publish puts what a step needs into commit_list(); homeward asks commit_next() whose step
 *          is on disk.   Process: master; the flushing is done by work/syncer.
 * Flow:    one batch is under way, the next one fills up meanwhile. A batch takes the steps of all
 *          jobs, whichever each is at. A job needs four batches, one after the other, for its plan, the
 *          plan's name, its results and its original; a hundred jobs that end together need the same
 *          four between them.
 * Order:   within a batch the classes of synclist.h. Two steps of one job are never in one batch, so
 *          the first is on disk before the second is done.
 * Errors:  a batch fails as a whole, since its order is lost: each of its jobs is told, and does its
 *          step again. A syncer that dies is started anew.
 * Owns:    the syncer, its channel, the lists. Jobs are borrowed: one that waits must not be freed.
 */
#ifndef MASTER_COMMIT_H
#define MASTER_COMMIT_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spool/synclist.h"

struct commit;
struct job;
struct spool;

struct commit *commit_new(const struct spool *spool); /* kept: is it durable? */
void commit_free(struct commit *c); /* what is under way is left to the next start */

/* The batch that fills up: put in what must be on disk. NULL where the spool is not durable: such a list
 * takes nothing (synclist.h). */
struct synclist *commit_list(struct commit *c);

/* JOB is told of by commit_next() when all that was put in so far is on disk; at once, when that is
 * nothing. */
void commit_await(struct commit *c, struct job *job);

/* Put our descriptor into FDS (room for 1). Returns how many. */
int commit_fds(const struct commit *c, struct pollfd *fds);
/* When commit_turn() has something to do by the clock. */
int64_t commit_due(const struct commit *c);

/* Hear the syncer; send what is to be flushed. */
void commit_turn(struct commit *c, int64_t now_ms);

/* The next job whose step is on disk (*ERROR 0) or failed to get there. False: none for now. */
bool commit_next(struct commit *c, struct job **job, int *error);

/* Jobs that wait. */
size_t commit_n_waiting(const struct commit *c);

#endif
