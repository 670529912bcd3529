/* image/image.c - planes, below all that has pixels. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "image/image.h"

#define TILE 32 /* samples: source and target rows of a tile stay in the first-level cache */

int
image_n_colors(enum image_model model)
{
	static const int n_colors[IMAGE_N_MODEL] = {
		[IMAGE_GREY] = 1, [IMAGE_YCC] = 3, [IMAGE_RGB] = 3, [IMAGE_CMYK] = 4,
		[IMAGE_YCCK] = 4,
	};

	return n_colors[model];
}

static uint64_t
stride_of(uint64_t width, unsigned sample_bytes)
{
	return (width * sample_bytes + IMAGE_ALIGN - 1) / IMAGE_ALIGN * IMAGE_ALIGN;
}

uint64_t
image_plane_bytes(uint64_t width, uint64_t height, unsigned sample_bytes)
{
	return stride_of(width, sample_bytes) * height;
}

void *
image_alloc(uint64_t bytes)
{
	void *data = bytes <= SIZE_MAX / 2 ? aligned_alloc(IMAGE_ALIGN, (size_t)bytes) : NULL;

	if (data == NULL)
		errno = ENOMEM;
	return data;
}

void
image_plane_shape(struct plane *plane, uint32_t width, uint32_t height, unsigned sample_bytes)
{
	*plane = (struct plane){ .width = width, .height = height, .cover_x = width,
		.cover_y = height, .stride_bytes = (size_t)stride_of(width, sample_bytes) };
}

int
image_plane_alloc(struct plane *plane)
{
	plane->data = image_alloc(plane->stride_bytes * (uint64_t)plane->height);
	return plane->data == NULL ? -1 : 0;
}

int
image_plane_init(struct plane *plane, uint32_t width, uint32_t height, unsigned sample_bytes)
{
	image_plane_shape(plane, width, height, sample_bytes);
	return image_plane_alloc(plane);
}

void
image_plane_clear(struct plane *plane)
{
	free(plane->data);
	plane->data = NULL;
}

void
image_clear(struct image *image)
{
	int i;

	for (i = 0; i < IMAGE_MAX_PLANES; i++)
		image_plane_clear(&image->planes[i]);
}

int
image_copy(const struct image *from, struct image *to)
{
	int i;

	*to = *from;
	for (i = 0; i < IMAGE_MAX_PLANES; i++)
		to->planes[i].data = NULL;
	for (i = 0; i < from->n_planes; i++) {
		const struct plane *plane = &from->planes[i];

		if (image_plane_alloc(&to->planes[i]) != 0)
			return -1;
		memcpy(to->planes[i].data, plane->data, plane->stride_bytes * (size_t)plane->height);
	}
	return 0;
}

bool
image_is_swapped(int orientation)
{
	return orientation >= 5;
}

bool
image_is_column_mirrored(int orientation)
{
	return orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
}

bool
image_is_row_mirrored(int orientation)
{
	return orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
}

/* The stored sample that stands upright at (X, Y). */
static const uint8_t *
stored_sample(const struct plane *from, unsigned sample_bytes, int orientation, uint32_t x,
    uint32_t y)
{
	uint32_t column = image_is_swapped(orientation) ? y : x;
	uint32_t row = image_is_swapped(orientation) ? x : y;

	if (image_is_column_mirrored(orientation))
		column = from->width - 1 - column;
	if (image_is_row_mirrored(orientation))
		row = from->height - 1 - row;
	return from->data + row * from->stride_bytes + (size_t)column * sample_bytes;
}

/* One piece of one row of TO. STEP: bytes from one stored sample to the next one needed. */
static void
turn_row(const uint8_t *stored, ptrdiff_t step, uint8_t *to, uint32_t n, unsigned sample_bytes)
{
	uint32_t i;

	if (sample_bytes == 1)
		for (i = 0; i < n; i++, stored += step)
			to[i] = *stored;
	else if (sample_bytes == 2)
		for (i = 0; i < n; i++, stored += step)
			memcpy(to + 2 * (size_t)i, stored, 2);
	else
		for (i = 0; i < n; i++, stored += step)
			memcpy(to + 4 * (size_t)i, stored, 4);
}

void
image_turn(const struct plane *from, struct plane *to, unsigned sample_bytes, int orientation)
{
	ptrdiff_t step = (ptrdiff_t)(image_is_swapped(orientation) ? from->stride_bytes :
	    sample_bytes);
	bool is_backward = image_is_swapped(orientation) ? image_is_row_mirrored(orientation) :
	    image_is_column_mirrored(orientation);
	uint32_t x, y, top, n;

	for (top = 0; top < to->height; top += TILE)
		for (x = 0; x < to->width; x += TILE) {
			n = to->width - x < TILE ? to->width - x : TILE;
			for (y = top; y < to->height && y < top + TILE; y++)
				turn_row(stored_sample(from, sample_bytes, orientation, x, y),
				    is_backward ? -step : step, to->data + y * to->stride_bytes +
				    (size_t)x * sample_bytes, n, sample_bytes);
		}
}
