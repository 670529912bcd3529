/* image/window.c - rows between the codec that makes them and the bands that use them. */
#include <config.h>

#include <string.h>

#include "image/window.h"

void
window_need(struct window *w, int i, uint32_t span)
{
	struct window_rows *rows = &w->rows[i];
	uint64_t all = (uint64_t)w->n_units * rows->unit;
	uint64_t need = (uint64_t)span + rows->unit;

	if (need > all)
		need = all;
	if (need > rows->capacity)
		rows->capacity = (uint32_t)need;
}

uint64_t
window_bytes(const struct window *w)
{
	uint64_t bytes = 0;
	int i;

	for (i = 0; i < w->image.n_planes; i++)
		bytes += w->image.planes[i].stride_bytes * (uint64_t)w->rows[i].capacity;
	return bytes;
}

int
window_open(struct window *w)
{
	int i;

	for (i = 0; i < w->image.n_planes; i++) {
		struct plane *plane = &w->image.planes[i];

		plane->data = image_alloc(plane->stride_bytes * (uint64_t)w->rows[i].capacity);
		if (plane->data == NULL)
			return -1;
	}
	return 0;
}

void
window_clear(struct window *w)
{
	image_clear(&w->image);
}

uint8_t *
window_row(const struct window *w, int i, uint32_t y)
{
	const struct plane *plane = &w->image.planes[i];

	return plane->data + (size_t)(y - w->rows[i].first) * plane->stride_bytes;
}

void
window_come(struct window *w)
{
	int i;

	for (i = 0; i < w->image.n_planes; i++)
		w->rows[i].end += w->rows[i].unit;
	w->n_come++;
}

bool
window_is_complete(const struct window *w)
{
	return w->n_come == w->n_units;
}

/* Nothing moves before it must: a window slides once in many units. */
void
window_keep(struct window *w, int i, uint32_t first)
{
	struct window_rows *rows = &w->rows[i];
	uint32_t keep = first < rows->end ? first : rows->end;
	size_t stride = w->image.planes[i].stride_bytes;

	if (window_is_complete(w) || rows->end + rows->unit <= rows->first + rows->capacity)
		return;
	memmove(w->image.planes[i].data, window_row(w, i, keep), (rows->end - keep) * stride);
	rows->first = keep;
}

IMAGE_LOOP static void
split(const uint8_t *restrict row, uint8_t *restrict red, uint8_t *restrict green,
    uint8_t *restrict blue, uint32_t n)
{
	size_t x;

	for (x = 0; x < n; x++) {
		red[x] = row[3 * x];
		green[x] = row[3 * x + 1];
		blue[x] = row[3 * x + 2];
	}
}

static void
put_8(const struct window *window, unsigned n, const uint8_t *row, uint32_t y)
{
	uint32_t width = window->image.width_px;

	if (n == 1)
		memcpy(window_row(window, 0, y), row, width);
	else
		split(row, window_row(window, 0, y), window_row(window, 1, y),
		    window_row(window, 2, y), width);
}

static void
put_16(const struct window *window, unsigned n, const uint16_t *row, uint32_t y)
{
	unsigned n_colors = n - window->image.has_alpha, c;
	uint32_t x;

	for (c = 0; c < n; c++) {
		const struct plane *plane = &window->image.planes[c];
		uint16_t *to = (uint16_t *)(void *)window_row(window, (int)c, y);
		const uint16_t *from = row + c, *alpha = row + n_colors;

		if (n == n_colors || c == n_colors)
			for (x = 0; x < plane->width; x++, from += n)
				to[x] = *from;
		else
			for (x = 0; x < plane->width; x++, from += n, alpha += n)
				to[x] = (uint16_t)(((uint32_t)*from * *alpha + 32767) / 65535);
	}
}

void
window_put(const struct window *window, unsigned n, const uint8_t *row, uint32_t y)
{
	if (window->image.sample_bytes == 1)
		put_8(window, n, row, y);
	else
		put_16(window, n, (const uint16_t *)(const void *)row, y);
}
