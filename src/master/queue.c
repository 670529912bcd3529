/* master/queue.c - the order of what waits in inbox/: first who is looked at, then who is taken. */
#include <config.h>

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/heap.h"
#include "base/mem.h"
#include "master/folder.h"
#include "master/queue.h"
#include "spool/name.h"

enum { ORDINARY, URGENT, BARRED, N_RING };

/* The ready files of one top-level folder. A bucket with files stands in its ring. */
struct bucket {
	char *top;
	bool is_urgent;
	const char *barred_why; /* NULL: it is not barred */
	struct heap ready;
	struct bucket *next, *prev; /* in the ring; NULL outside */
};

struct queue {
	void *buckets;          /* tsearch(3) tree of buckets by top */
	struct heap settling;   /* by due_ms */
	struct heap held;       /* by name, for the listing */
	struct bucket *ring[N_RING]; /* whose turn it is */
	size_t n_ready, n_barred;
	size_t n_waiting_long;  /* of the settling ones: those with a reason */
};

static int
compare_buckets(const void *a, const void *b)
{
	const struct bucket *x = a, *y = b;

	return x->is_urgent != y->is_urgent ? x->is_urgent - y->is_urgent : strcmp(x->top, y->top);
}

static bool
due_before(const void *a, const void *b)
{
	return ((const struct file *)a)->due_ms < ((const struct file *)b)->due_ms;
}

static bool
arrived_before(const void *a, const void *b)
{
	const struct file *x = a, *y = b;

	return x->arrival_ns != y->arrival_ns ? x->arrival_ns < y->arrival_ns : folder_orders(x, y);
}

static bool
named_before(const void *a, const void *b)
{
	return folder_orders(a, b);
}

struct queue *
queue_new(void)
{
	struct queue *queue = mem_alloc(sizeof(*queue));

	heap_init(&queue->settling, due_before, offsetof(struct file, heap_place));
	heap_init(&queue->held, named_before, offsetof(struct file, heap_place));
	return queue;
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
	tdestroy(queue->buckets, free_bucket);
	heap_clear(&queue->settling);
	heap_clear(&queue->held);
	free(queue);
}

/* The bucket of the files in FOLDER: that of the folder at the top, but its urgent ones are apart. */
static struct bucket *
make_bucket(struct queue *queue, const struct folder *folder)
{
	char *any = mem_printf("%s/x", folder->rel); /* a name in it */
	struct bucket key = { .is_urgent = name_is_urgent(any),
		.top = mem_dup_n(folder->rel, strcspn(folder->rel, "/")) };
	struct bucket **found = tfind(&key, &queue->buckets, compare_buckets);
	struct bucket *bucket;

	free(any);
	if (found != NULL) {
		free(key.top);
		return *found;
	}
	bucket = mem_alloc(sizeof(*bucket));
	*bucket = key;
	heap_init(&bucket->ready, arrived_before, offsetof(struct file, heap_place));
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

/* Out of whatever place it has. */
static void
leave_place(struct queue *queue, struct file *file)
{
	switch ((enum file_place)file->place) {
	case FILE_SETTLING:
		heap_remove(&queue->settling, file);
		queue->n_waiting_long -= !file->is_settling;
		break;
	case FILE_READY:
		heap_remove(&file->folder->bucket->ready, file);
		--*count_of(queue, file->folder->bucket);
		if (file->folder->bucket->ready.n == 0) {
			leave_ring(queue, file->folder->bucket);
			file->folder->bucket->barred_why = NULL; /* what comes next is looked at anew */
		}
		break;
	case FILE_HELD:
		heap_remove(&queue->held, file);
		break;
	case FILE_NOWHERE:
		break;
	}
	file->place = FILE_NOWHERE;
}

void
queue_add(struct queue *queue, struct file *file)
{
	if (file->folder->bucket == NULL)
		file->folder->bucket = make_bucket(queue, file->folder);
	queue_settle(queue, file, 0);
}

void
queue_remove(struct queue *queue, struct file *file)
{
	leave_place(queue, file);
}

void
queue_settle(struct queue *queue, struct file *file, int64_t due_ms)
{
	leave_place(queue, file);
	file->due_ms = due_ms;
	file->is_settling = file->reason == NULL;
	file->place = FILE_SETTLING;
	queue->n_waiting_long += !file->is_settling;
	heap_push(&queue->settling, file);
}

void
queue_ready(struct queue *queue, struct file *file)
{
	leave_place(queue, file);
	file->reason = NULL;
	file->place = FILE_READY;
	++*count_of(queue, file->folder->bucket);
	heap_push(&file->folder->bucket->ready, file);
	enter_ring(queue, file->folder->bucket);
}

void
queue_hold(struct queue *queue, struct file *file)
{
	leave_place(queue, file);
	file->place = FILE_HELD;
	heap_push(&queue->held, file);
}

struct file *
queue_due_file(const struct queue *queue, int64_t now_ms)
{
	struct file *file = heap_first(&queue->settling);

	return file != NULL && file->due_ms <= now_ms ? file : NULL;
}

int64_t
queue_due(const struct queue *queue)
{
	const struct file *file = heap_first(&queue->settling);

	return file == NULL ? CLOCK_NEVER : file->due_ms;
}

struct file *
queue_next(const struct queue *queue)
{
	const struct bucket *turn = queue->ring[URGENT] != NULL ? queue->ring[URGENT] :
	    queue->ring[ORDINARY];

	return turn == NULL ? NULL : heap_first(&turn->ready);
}

void
queue_turn_over(struct queue *queue, struct file *file)
{
	struct bucket **turn = ring_of(queue, file->folder->bucket);

	if (*turn == file->folder->bucket)
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
queue_bar(struct queue *queue, struct file *file, const char *reason)
{
	set_barred(queue, file->folder->bucket, reason);
}

void
queue_unbar(struct queue *queue)
{
	while (queue->ring[BARRED] != NULL)
		set_barred(queue, queue->ring[BARRED], NULL);
}

const char *
queue_reason(const struct file *file)
{
	return file->place == FILE_READY ? file->folder->bucket->barred_why : file->reason;
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
first_of(const struct bucket *start, const struct file **files, size_t max)
{
	const struct bucket *turn;
	size_t n = 0, rank, before;

	for (rank = 0, before = 1; start != NULL && n < max && before != n; rank++) {
		before = n;
		turn = start;
		do {
			if (rank < turn->ready.n && n < max)
				files[n++] = turn->ready.items[rank];
			turn = turn->next;
		} while (turn != start);
	}
	return n;
}

size_t
queue_first(const struct queue *queue, const struct file **files, size_t max)
{
	size_t n = first_of(queue->ring[URGENT], files, max);

	return n + first_of(queue->ring[ORDINARY], files + n, max - n);
}

size_t
queue_held(const struct queue *queue, const struct file **files, size_t max)
{
	size_t n = 0, i;

	for (i = 0; i < queue->settling.n && n < max; i++) {
		const struct file *file = queue->settling.items[i];

		if (!file->is_settling)
			files[n++] = file;
	}
	for (i = 0; i < queue->held.n && n < max; i++)
		files[n++] = queue->held.items[i];
	return n + first_of(queue->ring[BARRED], files + n, max - n);
}
