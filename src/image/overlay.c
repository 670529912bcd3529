/* image/overlay.c - a watermark's last step: into the rows or planes of a result. */
#include <config.h>

#include "image/overlay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FULL 65535u
#define RGBA 4

/* ---- its place ---- */

/* Where SIZE stands along a side of ROOM, MARGIN from its near (-1) or far (1) end, or centred (0);
 * where the margin leaves no room it gets smaller. */
static uint32_t
place_along(int end, uint32_t room, uint32_t size, uint32_t margin)
{
	uint32_t rest = room - size;

	if (end == 0)
		return rest / 2;
	if (margin > rest)
		margin = rest;
	return end < 0 ? margin : rest - margin;
}

/* -1 west or north, 1 east or south, 0 neither. */
static void
ends_of(enum rendition_gravity gravity, int *x, int *y)
{
	*x = gravity == RENDITION_EAST || gravity == RENDITION_NORTHEAST ||
	    gravity == RENDITION_SOUTHEAST;
	*x -= gravity == RENDITION_WEST || gravity == RENDITION_NORTHWEST ||
	    gravity == RENDITION_SOUTHWEST;
	*y = gravity == RENDITION_SOUTH || gravity == RENDITION_SOUTHEAST ||
	    gravity == RENDITION_SOUTHWEST;
	*y -= gravity == RENDITION_NORTH || gravity == RENDITION_NORTHEAST ||
	    gravity == RENDITION_NORTHWEST;
}

int
overlay_init(struct overlay *o, const uint16_t *rgba, uint32_t w, uint32_t h,
    const struct rendition *spec, const struct rendition_frame *frame)
{
	size_t i, n = (size_t)w * h;
	int x, y;

	*o = (struct overlay){ .width = w, .height = h, .rgba = malloc(n * RGBA * sizeof(*rgba)) };
	if (o->rgba == NULL) {
		errno = ENOMEM;
		return -1;
	}
	memcpy(o->rgba, rgba, n * RGBA * sizeof(*rgba));
	for (i = 0; i < n; i++)
		o->rgba[RGBA * i + 3] = (uint16_t)((rgba[RGBA * i + 3] *
		    (uint32_t)spec->mark_opacity_percent + 50) / 100);
	ends_of(spec->mark_place, &x, &y);
	o->left = frame->left_px + place_along(x, frame->picture_width_px, w, spec->mark_margin_px);
	o->top = frame->top_px + place_along(y, frame->picture_height_px, h, spec->mark_margin_px);
	return 0;
}

void
overlay_clear(struct overlay *o)
{
	free(o->rgba);
	o->rgba = NULL;
}

/* ---- its colours ---- */

/* Rec. 601, as JPEG's own Y. */
static uint32_t
luma_of(const uint16_t *rgb)
{
	return (19595 * (uint32_t)rgb[0] + 38470 * (uint32_t)rgb[1] + 7471 * (uint32_t)rgb[2] +
	    32768) >> 16;
}

static void
recolor_row(const struct color_transform *to, bool is_grey, uint16_t *rgba, uint16_t *colors,
    uint32_t n_px)
{
	unsigned n = is_grey ? 1 : 3, c;
	uint32_t x;

	for (x = 0; x < n_px; x++)
		for (c = 0; c < n; c++)
			colors[x * n + c] = is_grey ? (uint16_t)luma_of(rgba + RGBA * x) :
			    rgba[RGBA * x + c];
	color_transform_row(to, colors, colors, n_px);
	for (x = 0; x < n_px; x++)
		for (c = 0; c < 3; c++)
			rgba[RGBA * x + c] = colors[x * n + (is_grey ? 0 : c)];
}

int
overlay_recolor(struct overlay *o, const struct color_transform *to, bool is_grey)
{
	uint16_t *colors = malloc((size_t)o->width * 3 * sizeof(*colors));
	uint32_t y;

	if (colors == NULL) {
		errno = ENOMEM;
		return -1;
	}
	for (y = 0; y < o->height; y++)
		recolor_row(to, is_grey, o->rgba + (size_t)y * o->width * RGBA, colors, o->width);
	free(colors);
	return 0;
}

/* ---- over rows ---- */

static unsigned
sample_of(const void *row, size_t i, unsigned bytes)
{
	return bytes == 2 ? ((const uint16_t *)row)[i] : ((const uint8_t *)row)[i] * 257u;
}

static void
put_sample(void *row, size_t i, unsigned bytes, uint64_t v)
{
	if (bytes == 2)
		((uint16_t *)row)[i] = (uint16_t)v;
	else
		((uint8_t *)row)[i] = (uint8_t)((v * 255 + 32895) >> 16);
}

/* Pixel I of ROW. What is under the mark shows by (1 - alpha), as far as it is there itself. */
static void
mix_pixel(const uint16_t *watermark, void *row, size_t i, unsigned n_colors, bool has_alpha, unsigned bytes)
{
	size_t at = i * (n_colors + has_alpha);
	uint64_t alpha = watermark[3], under = FULL - alpha, sum;
	unsigned c;

	if (alpha == 0)
		return;
	if (has_alpha)
		under = (under * sample_of(row, at + n_colors, bytes) + FULL / 2) / FULL;
	sum = alpha + under;
	for (c = 0; c < n_colors; c++) {
		uint64_t color = n_colors == 1 ? luma_of(watermark) : watermark[c];

		put_sample(row, at + c, bytes, (color * alpha + sample_of(row, at + c, bytes) * under + sum / 2) /
		    sum);
	}
	if (has_alpha)
		put_sample(row, at + n_colors, bytes, sum);
}

void
overlay_row(const struct overlay *o, uint32_t y, void *row, unsigned n_colors, bool has_alpha,
    unsigned sample_bytes)
{
	const uint16_t *watermark;
	uint32_t x;

	if (y < o->top || y - o->top >= o->height)
		return;
	watermark = o->rgba + (size_t)(y - o->top) * o->width * RGBA;
	for (x = 0; x < o->width; x++)
		mix_pixel(watermark + (size_t)x * RGBA, row, o->left + x, n_colors, has_alpha, sample_bytes);
}

/* ---- over planes ---- */

/* Component I_PLANE of JFIF's YCbCr, 0..65535. */
static int64_t
component(const uint16_t *rgb, int i_plane)
{
	static const int32_t factors[3][3] = { { 19595, 38470, 7471 },
		{ -11058, -21710, 32768 }, { 32768, -27439, -5329 } };
	const int32_t *f = factors[i_plane];
	int64_t v = (int64_t)f[0] * rgb[0] + (int64_t)f[1] * rgb[1] + (int64_t)f[2] * rgb[2];

	return ((v + 32768) >> 16) + (i_plane == 0 ? 0 : 128 * 257);
}

/* What lies over one sample of a plane. */
struct over {
	int64_t pixels, alphas, colors; /* sums: 65535 each; alphas; alphas times colours */
};

/* The sample of pixels LEFT to RIGHT - 1 in rows TOP to BOTTOM - 1. */
static struct over
sum_over(const struct overlay *o, int i_plane, uint32_t left, uint32_t right, uint32_t top,
    uint32_t bottom)
{
	struct over sum = { .pixels = (int64_t)(right - left) * (bottom - top) * FULL };
	uint32_t x, y;

	for (y = top; y < bottom; y++)
		for (x = left; x < right; x++) {
			const uint16_t *watermark;

			if (x < o->left || x - o->left >= o->width || y < o->top ||
			    y - o->top >= o->height)
				continue;
			watermark = o->rgba + ((size_t)(y - o->top) * o->width + (x - o->left)) * RGBA;
			sum.alphas += watermark[3];
			sum.colors += watermark[3] * component(watermark, i_plane);
		}
	return sum;
}

static uint32_t
at_most(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static void
overlay_plane(const struct overlay *o, const struct image *image, int i_plane, unsigned sub_x,
    unsigned sub_y)
{
	const struct plane *plane = &image->planes[i_plane];
	uint32_t x, y, right = (o->left + o->width - 1) / sub_x,
	    bottom = (o->top + o->height - 1) / sub_y;

	for (y = o->top / sub_y; y <= bottom && y < plane->height; y++) {
		uint8_t *row = plane->data + y * plane->stride_bytes;

		for (x = o->left / sub_x; x <= right && x < plane->width; x++) {
			struct over sum = sum_over(o, i_plane, x * sub_x,
			    at_most((x + 1) * sub_x, image->width_px), y * sub_y,
			    at_most((y + 1) * sub_y, image->height_px));
			int64_t under = (sum.pixels - sum.alphas) * row[x] * 257;

			if (sum.alphas > 0)
				put_sample(row, x, 1, (uint64_t)((sum.colors + under + sum.pixels / 2) /
				    sum.pixels));
		}
	}
}

void
overlay_planes(const struct overlay *o, struct image *image, unsigned sub_x, unsigned sub_y)
{
	int i;

	for (i = 0; i < image->n_planes; i++)
		overlay_plane(o, image, i, i == 0 ? 1 : sub_x, i == 0 ? 1 : sub_y);
}
