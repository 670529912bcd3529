/* base/heap.c - what is due first: the queues stand on it. */
#include <config.h>

#include <stdlib.h>

#include "base/heap.h"
#include "base/log.h"
#include "base/mem.h"

void
heap_init(struct heap *heap, heap_before_fn *before, size_t place_offset)
{
	*heap = (struct heap){ .before = before, .place_offset = place_offset };
}

void
heap_clear(struct heap *heap)
{
	free(heap->items);
	heap_init(heap, heap->before, heap->place_offset);
}

static size_t *
place_of(const struct heap *heap, void *item)
{
	return (size_t *)((char *)item + heap->place_offset);
}

static void
seat_item(struct heap *heap, size_t place, void *item)
{
	heap->items[place] = item;
	*place_of(heap, item) = place;
}

static void
rise(struct heap *heap, size_t place, void *item)
{
	size_t parent;

	for (; place > 0; place = parent) {
		parent = (place - 1) / 2;
		if (!heap->before(item, heap->items[parent]))
			break;
		seat_item(heap, place, heap->items[parent]);
	}
	seat_item(heap, place, item);
}

static void
sink(struct heap *heap, size_t place, void *item)
{
	size_t child;

	for (; (child = 2 * place + 1) < heap->n; place = child) {
		if (child + 1 < heap->n && heap->before(heap->items[child + 1], heap->items[child]))
			child++;
		if (!heap->before(heap->items[child], item))
			break;
		seat_item(heap, place, heap->items[child]);
	}
	seat_item(heap, place, item);
}

void
heap_push(struct heap *heap, void *item)
{
	heap->items = mem_grow(heap->items, &heap->room, heap->n + 1, sizeof(*heap->items));
	rise(heap, heap->n++, item);
}

void *
heap_first(const struct heap *heap)
{
	return heap->n == 0 ? NULL : heap->items[0];
}

void
heap_remove(struct heap *heap, void *item)
{
	size_t place = *place_of(heap, item);
	void *last;

	if (place >= heap->n || heap->items[place] != item)
		log_panic("heap_remove: the element is not in this heap");
	*place_of(heap, item) = HEAP_NOWHERE;
	last = heap->items[--heap->n];
	if (last == item)
		return;
	if (place > 0 && heap->before(last, heap->items[(place - 1) / 2]))
		rise(heap, place, last);
	else
		sink(heap, place, last);
}
