/* image/linear.c - to amounts of light before the reduction, and back after it. */
#include <config.h>

#include "image/linear.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FULL 65535
#define SHIFT_OF_8 4      /* 4096 steps for pictures of 8 bits: they stay in the first-level cache */
#define BACK_STEPS 8192   /* an error of less than one of 65535 */
#define HALF_CHROMA (128 * 257)

/* ---- the curve, both ways ---- */

static void
make_back(struct linear *linear, unsigned n)
{
	unsigned i, k = 0;

	for (i = 0; i <= BACK_STEPS; i++) {
		double root = (double)i / BACK_STEPS, v = root * root, part, code;

		while (k + 1 < n && linear->to_light[k + 1] < v)
			k++;
		part = linear->to_light[k + 1] - linear->to_light[k];
		part = part <= 0 ? 0 : (v - linear->to_light[k]) / part;
		part = part < 0 ? 0 : part > 1 ? 1 : part;
		code = (k + part) * (1u << linear->shift);
		linear->from_light[i] = (uint16_t)(code >= FULL ? FULL : code + 0.5);
	}
}

static int
make_curves(struct linear *linear, const struct color *color, const struct codec_header *header)
{
	unsigned n;

	linear->shift = header->sample_bytes == 1 ? SHIFT_OF_8 : 0;
	n = 65536u >> linear->shift;
	linear->to_light = malloc((n + 1) * sizeof(*linear->to_light));
	linear->from_light = malloc((BACK_STEPS + 2) * sizeof(*linear->from_light));
	if (linear->to_light == NULL || linear->from_light == NULL)
		return -1;
	color_curve(color, header->icc, header->icc_bytes, header->model, linear->to_light, n,
	    (double)(1u << linear->shift) / FULL);
	make_back(linear, n);
	linear->from_light[BACK_STEPS + 1] = linear->from_light[BACK_STEPS];
	return 0;
}

/* ---- geometry ---- */

static struct linear_between
between(uint32_t p, uint32_t all, double cover, uint32_t n)
{
	double at = cover == all ? p : (p + 0.5) * cover / all - 0.5;
	struct linear_between b;

	if (at < 0)
		at = 0;
	if (at > n - 1)
		at = n - 1;
	b.first = (uint32_t)at;
	b.second = b.first + 1 < n ? b.first + 1 : b.first;
	b.share = (uint32_t)((at - b.first) * 65536);
	return b;
}

void
linear_shape(const struct image *from, struct image *shape)
{
	int n_colors = from->model == IMAGE_GREY ? 1 : 3, i;

	*shape = (struct image){ .model = n_colors == 1 ? IMAGE_GREY : IMAGE_RGB,
		.has_alpha = from->has_alpha, .sample_bytes = sizeof(float),
		.n_planes = n_colors + from->has_alpha, .width_px = from->width_px,
		.height_px = from->height_px };
	for (i = 0; i < shape->n_planes; i++)
		image_plane_shape(&shape->planes[i], from->width_px, from->height_px, sizeof(float));
}

uint64_t
linear_cost(const struct image *from)
{
	return ((uint64_t)from->width_px + 8) * ((IMAGE_MAX_PLANES + 1) * sizeof(uint16_t) +
	    2 * sizeof(struct linear_between)) +
	    65537 * sizeof(float) + (BACK_STEPS + 2) * sizeof(uint16_t);
}

static int
make_rows(struct linear *linear, int i)
{
	const struct image *from = linear->from;
	const struct plane *plane = &from->planes[i];
	uint32_t x, w = from->width_px;

	linear->fine[i] = malloc(((size_t)w + 8) * sizeof(*linear->fine[i]));
	if (linear->fine[i] == NULL)
		return -1;
	if (plane->cover_x == w)
		return 0;
	linear->columns[i] = malloc(w * sizeof(*linear->columns[i]));
	for (x = 0; x < w && linear->columns[i] != NULL; x++)
		linear->columns[i][x] = between(x, w, plane->cover_x, plane->width);
	return linear->columns[i] == NULL ? -1 : 0;
}

int
linear_init(struct linear *linear, const struct image *from, const struct color *color,
    const struct codec_header *header)
{
	int i, result;

	*linear = (struct linear){ .from = from };
	linear_shape(from, &linear->shape);
	result = make_curves(linear, color, header);
	linear->between = malloc(((size_t)from->width_px + 8) * sizeof(*linear->between));
	for (i = 0; i < from->n_planes && result == 0; i++)
		result = make_rows(linear, i);
	if (result == 0 && linear->between != NULL)
		return 0;
	errno = ENOMEM;
	return -1;
}

void
linear_clear(struct linear *linear)
{
	int i;

	free(linear->to_light);
	free(linear->from_light);
	free(linear->between);
	for (i = 0; i < IMAGE_MAX_PLANES; i++) {
		free(linear->fine[i]);
		free(linear->columns[i]);
	}
	*linear = (struct linear){ .shift = 0 };
}

/* ---- a plane made as fine as the picture ---- */

void
linear_span(const struct image *from, int i, uint32_t begin, uint32_t end, uint32_t *first,
    uint32_t *last)
{
	const struct plane *plane = &from->planes[i];

	*first = between(begin, from->height_px, plane->cover_y, plane->height).first;
	*last = between(end - 1, from->height_px, plane->cover_y, plane->height).second;
}

uint32_t
linear_need(const struct image *from, int i, uint32_t span)
{
	const struct plane *plane = &from->planes[i];
	double rows = ceil(span * plane->cover_y / from->height_px) + 2;

	return rows < plane->height ? (uint32_t)rows : plane->height;
}

static void
widen(const uint8_t *row, unsigned sample_bytes, uint32_t n, uint16_t *to)
{
	uint32_t x;

	if (sample_bytes == 2)
		memcpy(to, row, n * sizeof(*to));
	else
		for (x = 0; x < n; x++)
			to[x] = (uint16_t)(row[x] * 257);
}

static uint16_t
mix(uint32_t a, uint32_t b, uint32_t share)
{
	return (uint16_t)((a * (65536 - share) + b * share) >> 16);
}

/* Row Y of the picture, of plane I. */
static void
make_fine(struct linear *linear, const struct window *window, int i, uint32_t y)
{
	const struct image *from = linear->from;
	const struct plane *plane = &from->planes[i];
	struct linear_between b = between(y, from->height_px, plane->cover_y, plane->height);
	const struct linear_between *columns = linear->columns[i];
	uint16_t *fine = linear->fine[i], *row = columns == NULL ? fine : linear->between;
	uint32_t x;

	widen(window_row(window, i, b.first), from->sample_bytes, plane->width, row);
	if (b.share > 0 && from->sample_bytes == 1) { /* coarse planes are those of a JPEG */
		const uint8_t *second = window_row(window, i, b.second);

		for (x = 0; x < plane->width; x++)
			row[x] = mix(row[x], second[x] * 257u, b.share);
	}
	for (x = 0; x < from->width_px && columns != NULL; x++)
		fine[x] = mix(row[columns[x].first], row[columns[x].second], columns[x].share);
}

/* ---- to light ---- */

static float
light_of(const struct linear *linear, int code)
{
	code = code < 0 ? 0 : code > FULL ? FULL : code;
	return linear->to_light[((unsigned)code + (1u << linear->shift >> 1)) >> linear->shift];
}

/* JFIF's YCbCr, in units of 2^-14: 1.402, 0.344136, 0.714136, 1.772. */
static void
put_ycc(const struct linear *linear, float *const rows[], uint32_t n)
{
	const uint16_t *luma = linear->fine[0], *cb = linear->fine[1], *cr = linear->fine[2];
	uint32_t x;

	for (x = 0; x < n; x++) {
		int b = cb[x] - HALF_CHROMA, r = cr[x] - HALF_CHROMA;

		rows[0][x] = light_of(linear, luma[x] + (22970 * r >> 14));
		rows[1][x] = light_of(linear, luma[x] - ((5638 * b + 11700 * r) >> 14));
		rows[2][x] = light_of(linear, luma[x] + (29032 * b >> 14));
	}
}

static void
put_plain(const struct linear *linear, float *const rows[], uint32_t n)
{
	int i;
	uint32_t x;

	for (i = 0; i < linear->shape.n_planes; i++)
		for (x = 0; x < n; x++)
			rows[i][x] = light_of(linear, linear->fine[i][x]);
}

/* The colours come multiplied by alpha as they are coded. */
static void
put_seen(const struct linear *linear, float *const rows[], uint32_t n)
{
	int n_colors = linear->shape.n_planes - 1, i;
	const uint16_t *alpha = linear->fine[n_colors];
	uint32_t x;

	for (i = 0; i < n_colors; i++)
		for (x = 0; x < n; x++) {
			unsigned a = alpha[x];
			unsigned v = a == 0 ? 0 : (linear->fine[i][x] * (uint32_t)FULL + a / 2) / a;

			rows[i][x] = light_of(linear, v > FULL ? FULL : (int)v) * (float)a / FULL;
		}
	for (x = 0; x < n; x++)
		rows[n_colors][x] = (float)alpha[x] / FULL;
}

void
linear_rows(struct linear *linear, const struct window *window, uint32_t begin, uint32_t end,
    const struct plane *to)
{
	float *rows[IMAGE_MAX_PLANES];
	uint32_t y;
	int i;

	for (y = begin; y < end; y++) {
		for (i = 0; i < linear->from->n_planes; i++)
			make_fine(linear, window, i, y);
		for (i = 0; i < linear->shape.n_planes; i++)
			rows[i] = (float *)(void *)(to[i].data + (y - begin) * to[i].stride_bytes);
		if (linear->from->model == IMAGE_YCC)
			put_ycc(linear, rows, linear->shape.width_px);
		else if (linear->from->has_alpha)
			put_seen(linear, rows, linear->shape.width_px);
		else
			put_plain(linear, rows, linear->shape.width_px);
	}
}

/* ---- and back ---- */

/* Lanczos may leave it below black or above white. */
static uint16_t
code_of(const struct linear *linear, float v)
{
	float root = v <= 0 ? 0 : v >= 1 ? BACK_STEPS : sqrtf(v) * BACK_STEPS;
	unsigned i = (unsigned)root;
	float part = root - (float)i;
	const uint16_t *back = linear->from_light;

	return (uint16_t)(back[i] + part * (float)(back[i + 1] - back[i]) + 0.5f);
}

static uint16_t
share_of(float v)
{
	return (uint16_t)(v <= 0 ? 0 : v >= 1 ? FULL : v * FULL + 0.5f);
}

static void
code_row(const struct linear *linear, const float *from, const float *alpha, uint16_t *to,
    uint32_t n)
{
	uint32_t x;

	for (x = 0; x < n; x++) {
		float a = alpha == NULL ? 1 : alpha[x];

		to[x] = a <= 0 ? 0 : alpha == NULL ? code_of(linear, from[x]) :
		    (uint16_t)((code_of(linear, from[x] / a) * (uint32_t)share_of(a) + FULL / 2) /
		    FULL);
	}
}

static void
code_plane(const struct linear *linear, const struct image *from, int i, struct plane *to)
{
	const struct plane *plane = &from->planes[i];
	bool is_alpha = from->has_alpha && i == from->n_planes - 1;
	const struct plane *alpha = &from->planes[from->n_planes - 1];
	uint32_t x, y;

	for (y = 0; y < plane->height; y++) {
		const float *row = (const float *)(const void *)(plane->data +
		    y * plane->stride_bytes);
		uint16_t *out = (uint16_t *)(void *)(to->data + y * to->stride_bytes);

		if (!is_alpha)
			code_row(linear, row, !from->has_alpha ? NULL :
			    (const float *)(const void *)(alpha->data + y * alpha->stride_bytes), out,
			    plane->width);
		for (x = 0; x < plane->width && is_alpha; x++)
			out[x] = share_of(row[x]);
	}
}

int
linear_code(const struct linear *linear, const struct image *from, struct image *to)
{
	int i;

	*to = *from;
	to->sample_bytes = sizeof(uint16_t);
	for (i = 0; i < IMAGE_MAX_PLANES; i++)
		to->planes[i].data = NULL;
	for (i = 0; i < from->n_planes; i++) {
		if (image_plane_init(&to->planes[i], from->planes[i].width, from->planes[i].height,
		    to->sample_bytes) != 0)
			return -1;
		code_plane(linear, from, i, &to->planes[i]);
	}
	return 0;
}
