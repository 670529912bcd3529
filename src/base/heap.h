/* base/heap.h - a binary heap of pointers whose elements know their place.
 *
 * Place:   master/queue -> here.
 * Owns:    the array; never the elements.
 * Cost:    push, pop and remove O(log n); first O(1).
 */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

#include <stdbool.h>
#include <stddef.h>

#define HEAP_NOWHERE ((size_t)-1)

/* Is A to come before B? */
typedef bool heap_before_fn(const void *a, const void *b);

struct heap {
	heap_before_fn *before;
	size_t place_offset; /* offsetof the element's size_t that holds its place */
	void **items;
	size_t n, room;
};

void heap_init(struct heap *heap, heap_before_fn *before, size_t place_offset);
void heap_clear(struct heap *heap);

void heap_push(struct heap *heap, void *item);
void *heap_first(const struct heap *heap); /* NULL when empty; borrowed */

/* ITEM must be in this heap (its place is not HEAP_NOWHERE). Sets its place to HEAP_NOWHERE. */
void heap_remove(struct heap *heap, void *item);

#endif
