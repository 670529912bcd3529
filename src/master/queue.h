/* master/queue.h - the files of inbox/ that wait, in memory: an index, nothing more.
 *
 * Place:   inbox adds and drops, dispatch takes.   Process: master. The folder is the truth.
 * Order:   folders called urgent first; then the top-level folders of the inbox take turns, so
 *          that 50,000 files in one do not starve the others; within one by arrival (ctime, then
 *          name) among what is known so far.
 * Owns:    its jobs, until queue_take().
 * Cost:    add, drop, take O(log n).
 */
#ifndef MASTER_QUEUE_H
#define MASTER_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "master/job.h"

struct queue;

struct queue *queue_new(void);
void queue_free(struct queue *queue);

/* A file that was not known: it settles, its first look is due at once. Gives a borrowed job. */
struct job *queue_add(struct queue *queue, const char *rel, int64_t arrival_ns);
struct job *queue_find(const struct queue *queue, const char *rel); /* NULL: not known */

/* Forget JOB and free it. */
void queue_drop(struct queue *queue, struct job *job);

/* Take JOB out: it is the caller's now. */
void queue_take(struct queue *queue, struct job *job);

/* Where a look leaves it: to be looked at again at DUE_MS, ready, or held for a reason. */
void queue_settle(struct queue *queue, struct job *job, int64_t due_ms);
void queue_ready(struct queue *queue, struct job *job);
void queue_hold(struct queue *queue, struct job *job);

/* The settling job whose look is due at NOW_MS; NULL: none. And when the next one is. */
struct job *queue_due_job(const struct queue *queue, int64_t now_ms);
int64_t queue_due(const struct queue *queue);

/* The ready job whose turn it is, left where it is; NULL: none. */
struct job *queue_next(const struct queue *queue);
/* JOB, which is ready, may not be taken now for REASON (kept until queue_unbar()), nor may what else
 * is ready in its top-level folder: it is passed over, and counts and is listed as held. */
void queue_bar(struct queue *queue, struct job *job, const char *reason);
/* Nothing is passed over any more. */
void queue_unbar(struct queue *queue);
/* Its turn is over, whether it was taken or not: the next folder's comes. */
void queue_turn_over(struct queue *queue, struct job *job);

size_t queue_n_ready(const struct queue *queue);
size_t queue_n_settling(const struct queue *queue); /* that become ready by themselves, soon */
size_t queue_n_held(const struct queue *queue);     /* that wait for a reason */

/* The first MAX of the ready ones, roughly in order. Returns how many; borrowed. */
size_t queue_first(const struct queue *queue, const struct job **jobs, size_t max);
/* Why JOB waits, for people; NULL: it settles, or it is its turn that it waits for. */
const char *queue_reason(const struct job *job);

/* Up to MAX of those that wait for a reason. */
size_t queue_held(const struct queue *queue, const struct job **jobs, size_t max);

#endif
