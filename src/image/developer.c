/* image/developer.c - what a worker keeps between pictures. */
#include <config.h>

#include "image/developer.h"

#include <malloc.h>
#include <stdlib.h>

#include "base/mem.h"
#include "image/bands.h"
#include "image/watermark.h"

#define HEAP_BYTES (32 << 20) /* kept between pictures; glibc's largest */

/* Planes come and go with every picture. Given back to the kernel each time, their pages cost
 * a tenth of all the time to be zeroed again. */
static void
keep_heap(void)
{
	mallopt(M_MMAP_THRESHOLD, HEAP_BYTES);
	mallopt(M_TRIM_THRESHOLD, HEAP_BYTES);
}

struct developer *
developer_new(void)
{
	struct developer *d = mem_alloc(sizeof(*d));

	keep_heap();
	d->resampler = resample_new();
	d->color = color_new();
	d->watermarks = watermark_store_new();
	d->window_bytes = BANDS_BYTES;
	return d;
}

void
developer_set_window(struct developer *d, uint64_t bytes)
{
	d->window_bytes = bytes;
}

void
developer_free(struct developer *d)
{
	if (d == NULL)
		return;
	resample_free(d->resampler);
	color_free(d->color);
	watermark_store_free(d->watermarks);
	free(d);
}
