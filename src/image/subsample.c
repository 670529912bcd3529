/* image/subsample.c - chroma that nobody wants, averaged away between libjpeg and the window. */
#include <config.h>

#include "image/subsample.h"

void
subsample_shape(struct subsample *subsample, struct window *window, int i)
{
	struct plane *plane = &window->image.planes[i];
	double cover_x = plane->cover_x / 2, cover_y = plane->cover_y / 2;
	uint32_t width = plane->width - plane->width / 2, height = plane->height - plane->height / 2;

	subsample->full = *plane;
	subsample->unit = window->rows[i].unit;
	window->rows[i].unit /= 2;
	image_plane_shape(plane, width, height, 1);
	plane->cover_x = cover_x;
	plane->cover_y = cover_y;
}

int
subsample_open(struct subsample *subsample)
{
	if (subsample->unit == 0)
		return 0;
	subsample->full.data = image_alloc(subsample->full.stride_bytes * (uint64_t)subsample->unit);
	return subsample->full.data == NULL ? -1 : 0;
}

void
subsample_clear(struct subsample *subsample)
{
	image_plane_clear(&subsample->full);
}

uint8_t *
subsample_row(const struct subsample *subsample, uint32_t k)
{
	return subsample->full.data + k * subsample->full.stride_bytes;
}

IMAGE_LOOP static void
halve_rows(const uint8_t *restrict a, const uint8_t *restrict b, uint8_t *restrict to, uint32_t n)
{
	size_t x;

	for (x = 0; x < n; x++)
		to[x] = (uint8_t)((a[2 * x] + a[2 * x + 1] + b[2 * x] + b[2 * x + 1] + 2) >> 2);
}

void
subsample_put(const struct subsample *subsample, uint32_t i_unit, const struct window *window, int i)
{
	uint32_t n = subsample->full.width, k, y = i_unit * subsample->unit;

	for (k = 0; k < subsample->unit && y + k < subsample->full.height; k += 2) {
		const uint8_t *a = subsample_row(subsample, k);
		const uint8_t *b = y + k + 1 < subsample->full.height ? subsample_row(subsample, k + 1) : a;
		uint8_t *to = window_row(window, i, (y + k) / 2);

		halve_rows(a, b, to, n / 2);
		if (n % 2 == 1)
			to[n / 2] = (uint8_t)((a[n - 1] + b[n - 1] + 1) >> 1);
	}
}
