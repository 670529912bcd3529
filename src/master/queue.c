#include <config.h>

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/mem.h"
#include "master/queue.h"
#include "spool/name.h"

enum { ORDINARY, URGENT, BARRED, N_RING };

/* The ready jobs of one top-level folder. A bucket with jobs stands in its ring. */
struct bucket {
	char *top;
	bool is_urgent;
	const char *barred_why; /* NULL: it is not barred */
	struct heap ready;
	struct bucket *next, *prev; /* in the ring; NULL outside */
};

struct queue {
	void *index;            /* tsearch(3) tree of jobs by rel */
	void *buckets;          /* tsearch(3) tree of buckets by top */
	struct heap settling;   /* by due_ms */
	struct heap held;       /* by name, for the listing */
	struct bucket *ring[N_RING]; /* whose turn it is */
	size_t n_ready, n_barred;
	size_t n_waiting_long;  /* of the settling ones: those with a reason */
};

static int
compare_jobs(const void *a, const void *b)
{
	return strcmp(((const struct job *)a)->rel, ((const struct job *)b)->rel);
}

static int
compare_buckets(const void *a, const void *b)
{
	const struct bucket *x = a, *y = b;

	return x->is_urgent != y->is_urgent ? x->is_urgent - y->is_urgent : strcmp(x->top, y->top);
}

static bool
due_before(const void *a, const void *b)
{
	return ((const struct job *)a)->due_ms < ((const struct job *)b)->due_ms;
}

static bool
arrived_before(const void *a, const void *b)
{
	const struct job *x = a, *y = b;

	return x->arrival_ns != y->arrival_ns ? x->arrival_ns < y->arrival_ns :
	    strcmp(x->rel, y->rel) < 0;
}

static bool
named_before(const void *a, const void *b)
{
	return compare_jobs(a, b) < 0;
}

struct queue *
queue_new(void)
{
	struct queue *queue = mem_alloc(sizeof(*queue));

	heap_init(&queue->settling, due_before, offsetof(struct job, heap_place));
	heap_init(&queue->held, named_before, offsetof(struct job, heap_place));
	return queue;
}

static void
free_job(void *job)
{
	job_free(job);
}

static void
free_bucket(void *item)
{
	struct bucket *bucket = item;

	heap_clear(&bucket->ready);
	free(bucket->top);
	free(bucket);
}

void
queue_free(struct queue *queue)
{
	if (queue == NULL)
		return;
	tdestroy(queue->index, free_job);
	tdestroy(queue->buckets, free_bucket);
	heap_clear(&queue->settling);
	heap_clear(&queue->held);
	free(queue);
}

static struct bucket *
find_bucket(struct queue *queue, const char *rel)
{
	struct bucket key = { .is_urgent = name_is_urgent(rel) };
	struct bucket *bucket;
	struct bucket **found;
	size_t length = strcspn(rel, "/");

	key.top = mem_dup_n(rel, rel[length] == '\0' ? 0 : length);
	found = tfind(&key, &queue->buckets, compare_buckets);
	if (found != NULL) {
		free(key.top);
		return *found;
	}
	bucket = mem_alloc(sizeof(*bucket));
	*bucket = key;
	heap_init(&bucket->ready, arrived_before, offsetof(struct job, heap_place));
	tsearch(bucket, &queue->buckets, compare_buckets);
	return bucket;
}

static struct bucket **
ring_of(struct queue *queue, const struct bucket *bucket)
{
	return &queue->ring[bucket->barred_why != NULL ? BARRED :
	    bucket->is_urgent ? URGENT : ORDINARY];
}

/* Where its ready jobs are counted. */
static size_t *
count_of(struct queue *queue, const struct bucket *bucket)
{
	return bucket->barred_why != NULL ? &queue->n_barred : &queue->n_ready;
}

/* Into the ring at the end of the round: just before the one whose turn it is. */
static void
enter_ring(struct queue *queue, struct bucket *bucket)
{
	struct bucket **turn = ring_of(queue, bucket);

	if (bucket->next != NULL)
		return;
	if (*turn == NULL) {
		*turn = bucket->next = bucket->prev = bucket;
		return;
	}
	bucket->next = *turn;
	bucket->prev = (*turn)->prev;
	bucket->prev->next = bucket;
	bucket->next->prev = bucket;
}

static void
leave_ring(struct queue *queue, struct bucket *bucket)
{
	struct bucket **turn = ring_of(queue, bucket);

	if (bucket->next == NULL)
		return;
	if (*turn == bucket)
		*turn = bucket->next == bucket ? NULL : bucket->next;
	bucket->prev->next = bucket->next;
	bucket->next->prev = bucket->prev;
	bucket->next = bucket->prev = NULL;
}

struct job *
queue_add(struct queue *queue, const char *rel, int64_t arrival_ns)
{
	struct job *job = job_new(rel, JOB_WAITING);

	job->arrival_ns = arrival_ns;
	job->bucket = find_bucket(queue, rel);
	if (*(struct job **)tsearch(job, &queue->index, compare_jobs) != job)
		log_panic("queue_add: \"%s\" is known", rel);
	queue_settle(queue, job, 0);
	return job;
}

struct job *
queue_find(const struct queue *queue, const char *rel)
{
	const struct job key = { .rel = (char *)rel };
	struct job **found = tfind(&key, &queue->index, compare_jobs);

	return found == NULL ? NULL : *found;
}

/* Out of whatever place it has. */
static void
leave(struct queue *queue, struct job *job)
{
	switch (job->place) {
	case JOB_SETTLING:
		heap_remove(&queue->settling, job);
		queue->n_waiting_long -= !job->is_settling;
		break;
	case JOB_READY:
		heap_remove(&job->bucket->ready, job);
		--*count_of(queue, job->bucket);
		if (job->bucket->ready.n == 0) {
			leave_ring(queue, job->bucket);
			job->bucket->barred_why = NULL; /* what comes next is looked at anew */
		}
		break;
	case JOB_HELD:
		heap_remove(&queue->held, job);
		break;
	case JOB_NOWHERE:
		break;
	}
	job->place = JOB_NOWHERE;
}

void
queue_take(struct queue *queue, struct job *job)
{
	leave(queue, job);
	tdelete(job, &queue->index, compare_jobs);
	job->bucket = NULL;
}

void
queue_drop(struct queue *queue, struct job *job)
{
	queue_take(queue, job);
	job_free(job);
}

void
queue_settle(struct queue *queue, struct job *job, int64_t due_ms)
{
	leave(queue, job);
	job->due_ms = due_ms;
	job->is_settling = job->reason == NULL;
	job->place = JOB_SETTLING;
	queue->n_waiting_long += !job->is_settling;
	heap_push(&queue->settling, job);
}

void
queue_ready(struct queue *queue, struct job *job)
{
	leave(queue, job);
	job->reason = NULL;
	job->place = JOB_READY;
	++*count_of(queue, job->bucket);
	heap_push(&job->bucket->ready, job);
	enter_ring(queue, job->bucket);
}

void
queue_hold(struct queue *queue, struct job *job)
{
	leave(queue, job);
	job->place = JOB_HELD;
	heap_push(&queue->held, job);
}

struct job *
queue_due_job(const struct queue *queue, int64_t now_ms)
{
	struct job *job = heap_first(&queue->settling);

	return job != NULL && job->due_ms <= now_ms ? job : NULL;
}

int64_t
queue_due(const struct queue *queue)
{
	const struct job *job = heap_first(&queue->settling);

	return job == NULL ? CLOCK_NEVER : job->due_ms;
}

struct job *
queue_next(const struct queue *queue)
{
	const struct bucket *turn = queue->ring[URGENT] != NULL ? queue->ring[URGENT] :
	    queue->ring[ORDINARY];

	return turn == NULL ? NULL : heap_first(&turn->ready);
}

void
queue_turn_over(struct queue *queue, struct job *job)
{
	struct bucket **turn = ring_of(queue, job->bucket);

	if (*turn == job->bucket)
		*turn = (*turn)->next;
}

/* From one ring to another, with all that is in it. */
static void
set_barred(struct queue *queue, struct bucket *bucket, const char *why)
{
	leave_ring(queue, bucket);
	*count_of(queue, bucket) -= bucket->ready.n;
	bucket->barred_why = why;
	*count_of(queue, bucket) += bucket->ready.n;
	enter_ring(queue, bucket);
}

void
queue_bar(struct queue *queue, struct job *job, const char *reason)
{
	set_barred(queue, job->bucket, reason);
}

void
queue_unbar(struct queue *queue)
{
	while (queue->ring[BARRED] != NULL)
		set_barred(queue, queue->ring[BARRED], NULL);
}

const char *
queue_reason(const struct job *job)
{
	return job->place == JOB_READY ? job->bucket->barred_why : job->reason;
}

size_t
queue_n_ready(const struct queue *queue)
{
	return queue->n_ready;
}

size_t
queue_n_settling(const struct queue *queue)
{
	return queue->settling.n - queue->n_waiting_long;
}

size_t
queue_n_held(const struct queue *queue)
{
	return queue->held.n + queue->n_waiting_long + queue->n_barred;
}

/* The first MAX of the ring at START: one of each folder, the second of each ... */
static size_t
first_of(const struct bucket *start, const struct job **jobs, size_t max)
{
	const struct bucket *turn;
	size_t n = 0, rank, before;

	for (rank = 0, before = 1; start != NULL && n < max && before != n; rank++) {
		before = n;
		turn = start;
		do {
			if (rank < turn->ready.n && n < max)
				jobs[n++] = turn->ready.items[rank];
			turn = turn->next;
		} while (turn != start);
	}
	return n;
}

size_t
queue_first(const struct queue *queue, const struct job **jobs, size_t max)
{
	size_t n = first_of(queue->ring[URGENT], jobs, max);

	return n + first_of(queue->ring[ORDINARY], jobs + n, max - n);
}

size_t
queue_held(const struct queue *queue, const struct job **jobs, size_t max)
{
	size_t n = 0, i;

	for (i = 0; i < queue->settling.n && n < max; i++) {
		const struct job *job = queue->settling.items[i];

		if (!job->is_settling)
			jobs[n++] = job;
	}
	for (i = 0; i < queue->held.n && n < max; i++)
		jobs[n++] = queue->held.items[i];
	return n + first_of(queue->ring[BARRED], jobs + n, max - n);
}
