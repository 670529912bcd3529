/* master/queue.h - the files of inbox/ that wait: whose look is due, and whose turn it is.
 *
 * Place:   inbox adds and removes, claim asks who is next.   Process: master.
 * Order:   folders called urgent first; then the top-level folders of the inbox take turns, so
 *          that 50,000 files in one do not starve the others; within one by arrival (ctime, then
 *          name) among what is known so far.
 * Owns:    none of the files: their folders do (folder.h).
 * Cost:    add, remove O(log n).
 */
#ifndef MASTER_QUEUE_H
#define MASTER_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "master/file.h"

struct queue;

struct queue *queue_new(void);
void queue_free(struct queue *queue);

/* FILE, which was not in the queue: it settles, its first look is due at once. */
void queue_add(struct queue *queue, struct file *file);
/* FILE is going to be forgotten. */
void queue_remove(struct queue *queue, struct file *file);

/* Where a look leaves it: to be looked at again at DUE_MS, ready, or held for a reason. */
void queue_settle(struct queue *queue, struct file *file, int64_t due_ms);
void queue_ready(struct queue *queue, struct file *file);
void queue_hold(struct queue *queue, struct file *file);

/* The settling file whose look is due at NOW_MS; NULL: none. And when the next one is. */
struct file *queue_due_file(const struct queue *queue, int64_t now_ms);
int64_t queue_due(const struct queue *queue);

/* The ready file whose turn it is, left where it is; NULL: none. */
struct file *queue_next(const struct queue *queue);
/* FILE, which is ready, may not be taken now for REASON (kept until queue_unbar()), nor may what else
 * is ready in its top-level folder: it is passed over, and counts and is listed as held. */
void queue_bar(struct queue *queue, struct file *file, const char *reason);
/* Nothing is passed over any more. */
void queue_unbar(struct queue *queue);
/* Its turn is over, whether it was taken or not: the next folder's comes. */
void queue_turn_over(struct queue *queue, struct file *file);

size_t queue_n_ready(const struct queue *queue);
size_t queue_n_settling(const struct queue *queue); /* that become ready by themselves, soon */
size_t queue_n_held(const struct queue *queue);     /* that wait for a reason */

/* The first MAX of the ready ones, roughly in order. Returns how many; borrowed. */
size_t queue_first(const struct queue *queue, const struct file **files, size_t max);
/* Why FILE waits, for people; NULL: it settles, or it is its turn that it waits for. */
const char *queue_reason(const struct file *file);

/* Up to MAX of those that wait for a reason. */
size_t queue_held(const struct queue *queue, const struct file **files, size_t max);

#endif
