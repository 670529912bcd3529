#include <config.h>

#include "image/halve.h"

void
halve_shape(struct halve *halve, struct window *window, int i)
{
	struct plane *plane = &window->image.planes[i];
	double cover_x = plane->cover_x / 2, cover_y = plane->cover_y / 2;
	uint32_t width = plane->width - plane->width / 2, height = plane->height - plane->height / 2;

	halve->full = *plane;
	halve->unit = window->rows[i].unit;
	window->rows[i].unit /= 2;
	image_plane_shape(plane, width, height, 1);
	plane->cover_x = cover_x;
	plane->cover_y = cover_y;
}

int
halve_open(struct halve *halve)
{
	if (halve->unit == 0)
		return 0;
	halve->full.data = image_alloc(halve->full.stride_bytes * (uint64_t)halve->unit);
	return halve->full.data == NULL ? -1 : 0;
}

void
halve_clear(struct halve *halve)
{
	image_plane_clear(&halve->full);
}

uint8_t *
halve_row(const struct halve *halve, uint32_t k)
{
	return halve->full.data + k * halve->full.stride_bytes;
}

IMAGE_LOOP static void
halve_rows(const uint8_t *restrict a, const uint8_t *restrict b, uint8_t *restrict to, uint32_t n)
{
	size_t x;

	for (x = 0; x < n; x++)
		to[x] = (uint8_t)((a[2 * x] + a[2 * x + 1] + b[2 * x] + b[2 * x + 1] + 2) >> 2);
}

void
halve_put(const struct halve *halve, uint32_t i_unit, const struct window *window, int i)
{
	uint32_t n = halve->full.width, k, y = i_unit * halve->unit;

	for (k = 0; k < halve->unit && y + k < halve->full.height; k += 2) {
		const uint8_t *a = halve_row(halve, k);
		const uint8_t *b = y + k + 1 < halve->full.height ? halve_row(halve, k + 1) : a;
		uint8_t *to = window_row(window, i, (y + k) / 2);

		halve_rows(a, b, to, n / 2);
		if (n % 2 == 1)
			to[n / 2] = (uint8_t)((a[n - 1] + b[n - 1] + 1) >> 1);
	}
}
