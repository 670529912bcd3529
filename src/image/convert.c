/* image/convert.c - from a reduced picture's planes to a result's rows: the steps of one row, in order. */
#include <config.h>

#include "image/convert.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* JFIF's YCbCr: R = Y + 1.402 Cr, G = Y - 0.344136 Cb - 0.714136 Cr, B = Y + 1.772 Cb, in
 * units of 2^-16. */
#define ONE 65536
#define HALF (ONE / 2)

/* Of the squares of 2 x 2 chroma samples, so many must lose so much by becoming one, in fourths of a step;
 * and of those that lose anything one in so many: text and lines, not the texture of a photograph.
 * Measured: of 188 results of photographs none but one, of lettering itself, reaches both; red text 45 to
 * 320 permille, and three in ten of what changes at the least. */
#define LOST_MUCH (4 * 32)
#define LOST_LITTLE 6
#define LOST_PERMILLE 10
#define LOST_SHARE 4
#define FIX(x) ((int)((x) * ONE + 0.5))

static uint8_t
clamp(int v)
{
	return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
}

/* 0..65535 to 0..255, to nearest. */
static uint8_t
narrow(uint32_t v)
{
	return (uint8_t)((v * 255 + 32895) >> 16);
}

int
convert_init(struct convert *convert, const struct image *image, const struct color_transform *transform,
    const struct rendition_frame *frame, const struct rendition *spec, bool may_have_alpha,
    unsigned out_bytes)
{
	bool shows_background = spec->mode == RENDITION_PAD ||
	    (image->has_alpha && !may_have_alpha);
	size_t row = (size_t)image->width_px * IMAGE_MAX_PLANES * sizeof(uint16_t);

	*convert = (struct convert){ .image = image, .transform = transform, .frame = *frame,
		.background = spec->background, .out_bytes = out_bytes,
		.has_alpha = image->has_alpha && may_have_alpha };
	convert->n_colors = image->model == IMAGE_GREY &&
	    !(shows_background && !rendition_has_grey_background(spec)) ? 1 : 3;
	convert->native = malloc(row);
	convert->colored = malloc(row);
	if (convert->native == NULL || convert->colored == NULL) {
		errno = ENOMEM;
		return -1;
	}
	return spec->sharpen == 0 ? 0 : sharpen_init(&convert->sharpen, spec->sharpen,
	    image->width_px, image->height_px, image->model == IMAGE_GREY ? 1 : 3, out_bytes,
	    image->has_alpha);
}

void
convert_clear(struct convert *convert)
{
	sharpen_clear(&convert->sharpen);
	free(convert->native);
	free(convert->colored);
	convert->native = NULL;
	convert->colored = NULL;
}

size_t
convert_row_bytes(const struct convert *convert)
{
	return (size_t)convert->frame.width_px * (convert->n_colors + convert->has_alpha) *
	    convert->out_bytes;
}

/* ---- planes to rows of the picture's own colours, interleaved ---- */

/* NULL: there is no such plane. */
static const uint8_t *
row_of(const struct image *image, int i_plane, uint32_t y)
{
	const struct plane *plane = &image->planes[i_plane];

	return plane->data == NULL ? NULL : plane->data + y * plane->stride_bytes;
}

static void
gather_ycc(const struct image *image, uint32_t y, uint8_t *to, unsigned step)
{
	const uint8_t *luma = row_of(image, 0, y), *cb = row_of(image, 1, y),
	    *cr = row_of(image, 2, y);
	uint32_t x;

	for (x = 0; x < image->width_px; x++, to += step) {
		int l = luma[x] * ONE + HALF, b = cb[x] - 128, r = cr[x] - 128;

		to[0] = clamp((l + FIX(1.402) * r) >> 16);
		to[1] = clamp((l - FIX(0.344136286) * b - FIX(0.714136286) * r) >> 16);
		to[2] = clamp((l + FIX(1.772) * b) >> 16);
	}
}

IMAGE_LOOP static void
weave(const uint8_t *restrict red, const uint8_t *restrict green, const uint8_t *restrict blue,
    uint8_t *restrict to, uint32_t n)
{
	size_t x;

	for (x = 0; x < n; x++) {
		to[3 * x] = red[x];
		to[3 * x + 1] = green[x];
		to[3 * x + 2] = blue[x];
	}
}

static void
gather_8(const struct image *image, uint32_t y, uint8_t *to, unsigned n)
{
	unsigned c;
	uint32_t x;

	if (n == 3) {
		weave(row_of(image, 0, y), row_of(image, 1, y), row_of(image, 2, y), to,
		    image->width_px);
		return;
	}
	for (c = 0; c < n; c++) {
		const uint8_t *from = row_of(image, (int)c, y);

		for (x = 0; x < image->width_px; x++)
			to[(size_t)x * n + c] = from[x];
	}
}

/* To 0 = no ink. YCCK is turned into RGB first, which is what 255 - CMY stands for. */
static void
gather_inks(const struct image *image, uint32_t y, uint8_t *to)
{
	const uint8_t *black = row_of(image, 3, y);
	bool is_ycck = image->model == IMAGE_YCCK;
	uint32_t x;
	int c;

	if (is_ycck)
		gather_ycc(image, y, to, 4);
	else
		gather_8(image, y, to, 4);
	for (x = 0; x < image->width_px; x++, to += 4) {
		to[3] = black[x];
		for (c = 0; c < 3 && is_ycck; c++)
			to[c] = 255 - to[c];
		for (c = 0; c < 4 && image->is_inverted; c++)
			to[c] = 255 - to[c];
	}
}

/* Colours with alpha are made straight again. Lanczos may leave a colour above its alpha. */
static void
gather_16(const struct image *image, uint32_t y, uint16_t *to, unsigned n)
{
	const uint16_t *alpha = (const uint16_t *)(const void *)row_of(image, (int)n, y);
	unsigned c;
	uint32_t x;

	for (c = 0; c < n; c++) {
		const uint16_t *from = (const uint16_t *)(const void *)row_of(image, (int)c, y);

		for (x = 0; x < image->width_px; x++) {
			uint32_t v = from[x], a = image->has_alpha ? alpha[x] : 65535;

			if (a != 65535)
				v = a == 0 ? 0 : v >= a ? 65535 : (v * 65535 + a / 2) / a;
			to[(size_t)x * n + c] = (uint16_t)v;
		}
	}
}

static void
gather_row(struct convert *convert, uint32_t y)
{
	const struct image *image = convert->image;
	unsigned n = image->model == IMAGE_GREY ? 1 : 3;

	if (image->sample_bytes == 2)
		gather_16(image, y, (uint16_t *)(void *)convert->native, n);
	else if (image->model == IMAGE_YCC)
		gather_ycc(image, y, convert->native, 3);
	else if (image->model == IMAGE_CMYK || image->model == IMAGE_YCCK)
		gather_inks(image, y, convert->native);
	else
		gather_8(image, y, convert->native, n);
}

/* ---- to the result's colours and depth ---- */

static void
inks_to_rgb(const uint8_t *from, uint8_t *to, uint32_t n_px)
{
	uint32_t x;
	int c;

	for (x = 0; x < n_px; x++, from += 4, to += 3)
		for (c = 0; c < 3; c++)
			to[c] = (uint8_t)(((255 - from[c]) * (255 - from[3]) + 127) / 255);
}

/* Returns the row: grey or RGB, out_bytes a sample. */
static const uint8_t *
colour(struct convert *convert)
{
	const struct image *image = convert->image;
	const uint16_t *deep = (const uint16_t *)(const void *)convert->native;
	size_t i, n = (size_t)image->width_px * (image->model == IMAGE_GREY ? 1 : 3);

	if (convert->transform != NULL)
		color_transform_row(convert->transform, convert->native, convert->colored,
		    image->width_px);
	else if (image->model == IMAGE_CMYK || image->model == IMAGE_YCCK)
		inks_to_rgb(convert->native, convert->colored, image->width_px);
	else if (image->sample_bytes == 2 && convert->out_bytes == 1)
		for (i = 0; i < n; i++)
			convert->colored[i] = narrow(deep[i]);
	else
		return convert->native;
	return convert->colored;
}

static const uint16_t *
alpha_row(const struct image *image, uint32_t y)
{
	return !image->has_alpha ? NULL :
	    (const uint16_t *)(const void *)row_of(image, image->n_planes - 1, y);
}

/* Row Y of the picture, coloured and sharpened. */
static const uint8_t *
picture_row(struct convert *convert, uint32_t y)
{
	uint32_t begin, end;

	if (convert->sharpen.percent == 0) {
		gather_row(convert, y);
		return colour(convert);
	}
	sharpen_span(&convert->sharpen, y, &begin, &end);
	for (; begin < end; begin++)
		if (!sharpen_has(&convert->sharpen, begin)) {
			gather_row(convert, begin);
			sharpen_put(&convert->sharpen, begin, colour(convert),
			    alpha_row(convert->image, begin));
		}
	return sharpen_row(&convert->sharpen, y);
}

/* ---- into the canvas ---- */

static unsigned
background_of(const struct convert *convert, unsigned i_color)
{
	unsigned v = convert->background >> (16 - 8 * i_color) & 0xff;

	return convert->out_bytes == 2 ? v * 257 : v;
}

static void
put_sample(const struct convert *convert, void *out, size_t i, unsigned v)
{
	if (convert->out_bytes == 2)
		((uint16_t *)out)[i] = (uint16_t)v;
	else
		((uint8_t *)out)[i] = (uint8_t)v;
}

static unsigned
sample_of(const struct convert *convert, const void *row, size_t i)
{
	return convert->out_bytes == 2 ? ((const uint16_t *)row)[i] : ((const uint8_t *)row)[i];
}

static void
put_background(const struct convert *convert, void *out, uint32_t from, uint32_t to)
{
	unsigned n = convert->n_colors + convert->has_alpha, c;
	uint32_t x;

	for (x = from; x < to; x++)
		for (c = 0; c < n; c++)
			put_sample(convert, out, (size_t)x * n + c, c == convert->n_colors ?
			    (convert->out_bytes == 2 ? 65535 : 255) : background_of(convert, c));
}

/* Nothing but the colours: no alpha, no canvas, no grey made RGB. */
static bool
is_plain(const struct convert *convert)
{
	return !convert->image->has_alpha && convert->frame.width_px == convert->image->width_px &&
	    convert->n_colors == (convert->image->model == IMAGE_GREY ? 1u : 3u);
}

static void
put_pixel(const struct convert *convert, const void *row, uint32_t x, unsigned alpha, void *out)
{
	unsigned n_out = convert->n_colors + convert->has_alpha, c;
	unsigned n_in = convert->image->model == IMAGE_GREY ? 1 : 3;
	size_t at = (size_t)(convert->frame.left_px + x) * n_out;

	for (c = 0; c < convert->n_colors; c++) {
		uint64_t v = sample_of(convert, row, (size_t)x * n_in + (n_in == 1 ? 0 : c));

		if (alpha != 65535 && !convert->has_alpha)
			v = (v * alpha + (uint64_t)background_of(convert, c) * (65535 - alpha) +
			    32767) / 65535;
		put_sample(convert, out, at + c, (unsigned)v);
	}
	if (convert->has_alpha)
		put_sample(convert, out, at + c, convert->out_bytes == 2 ? alpha : narrow(alpha));
}

static void
put_picture(struct convert *convert, uint32_t y, void *out)
{
	const struct rendition_frame *frame = &convert->frame;
	const struct image *image = convert->image;
	const uint16_t *alpha = alpha_row(image, y);
	const uint8_t *row = picture_row(convert, y);
	uint32_t x;

	if (is_plain(convert)) {
		memcpy(out, row, convert_row_bytes(convert));
		return;
	}
	put_background(convert, out, 0, frame->left_px);
	for (x = 0; x < image->width_px; x++)
		put_pixel(convert, row, x, alpha == NULL ? 65535 : alpha[x], out);
	put_background(convert, out, frame->left_px + image->width_px, frame->width_px);
}

void
convert_row(struct convert *convert, uint32_t y, void *out)
{
	const struct rendition_frame *frame = &convert->frame;

	if (y < frame->top_px || y - frame->top_px >= convert->image->height_px)
		put_background(convert, out, 0, frame->width_px);
	else
		put_picture(convert, y - frame->top_px, out);
	if (convert->overlay != NULL)
		overlay_row(convert->overlay, y, out, convert->n_colors, convert->has_alpha, convert->out_bytes);
}

/* ---- planes for JPEG ---- */

IMAGE_LOOP static void
split_ycc(const uint8_t *restrict rgb, uint8_t *restrict luma, uint8_t *restrict cb,
    uint8_t *restrict cr, uint32_t n)
{
	size_t x;

	for (x = 0; x < n; x++) {
		int r = rgb[3 * x], g = rgb[3 * x + 1], b = rgb[3 * x + 2];

		luma[x] = (uint8_t)((FIX(0.299) * r + FIX(0.587) * g + FIX(0.114) * b + HALF) >> 16);
		cb[x] = clamp((-FIX(0.168735892) * r - FIX(0.331264108) * g + HALF * b +
		    128 * ONE + HALF - 1) >> 16);
		cr[x] = clamp((HALF * r - FIX(0.418687589) * g - FIX(0.081312411) * b +
		    128 * ONE + HALF - 1) >> 16);
	}
}

static uint8_t *
out_row(const struct image *out, int i_plane, uint32_t y)
{
	return out->planes[i_plane].data + y * out->planes[i_plane].stride_bytes;
}

/* Replace chroma plane I of OUT by one of a coarser grid. */
static int
reduce_chroma(struct resampler *resampler, struct image *out, int i, unsigned sub_x,
    unsigned sub_y)
{
	struct plane *fine = &out->planes[i], coarse;
	struct region region = { 0 };

	if (image_plane_init(&coarse, (fine->width + sub_x - 1) / sub_x,
	    (fine->height + sub_y - 1) / sub_y, 1) != 0)
		return -1;
	coarse.cover_x = (double)fine->width / sub_x;
	coarse.cover_y = (double)fine->height / sub_y;
	region.width = (double)coarse.width * sub_x;
	region.height = (double)coarse.height * sub_y;
	if (resample_plane(resampler, fine, 1, &region, &coarse, 1) != 0) {
		image_plane_clear(&coarse);
		return -1;
	}
	image_plane_clear(fine);
	*fine = coarse;
	return 0;
}

static int
make_planes(const struct convert *convert, struct image *out)
{
	int i;

	*out = (struct image){ .model = convert->n_colors == 1 ? IMAGE_GREY : IMAGE_YCC,
		.sample_bytes = 1, .n_planes = (int)convert->n_colors,
		.width_px = convert->frame.width_px, .height_px = convert->frame.height_px };
	for (i = 0; i < out->n_planes; i++)
		if (image_plane_init(&out->planes[i], out->width_px, out->height_px, 1) != 0)
			return -1;
	return 0;
}

/* Of the 2 x 2 samples of a chroma plane at (2x, 2y), how far is the farthest from their mean? In fourths
 * of a step. */
static int
spread_of(const uint8_t *a, const uint8_t *b, size_t x)
{
	const int v[4] = { a[2 * x], a[2 * x + 1], b[2 * x], b[2 * x + 1] };
	int sum = v[0] + v[1] + v[2] + v[3], most = 0, i;

	for (i = 0; i < 4; i++)
		most = abs(4 * v[i] - sum) > most ? abs(4 * v[i] - sum) : most;
	return most;
}

/* Squares of rows Y and Y + 1 that lose more than LIMIT. */
static uint32_t
count_lost(const struct image *planes, uint32_t y, int limit)
{
	uint32_t x, n = 0;

	for (x = 0; x < planes->width_px / 2; x++)
		n += spread_of(out_row(planes, 1, y), out_row(planes, 1, y + 1), x) > limit ||
		    spread_of(out_row(planes, 2, y), out_row(planes, 2, y + 1), x) > limit;
	return n;
}

static bool
needs_chroma(const struct image *planes)
{
	uint64_t much = 0, little = 0;
	uint64_t all = (uint64_t)(planes->width_px / 2) * (planes->height_px / 2);
	uint32_t y;

	for (y = 0; y + 1 < planes->height_px && planes->n_planes == 3; y += 2) {
		much += count_lost(planes, y, LOST_MUCH);
		little += count_lost(planes, y, LOST_LITTLE);
	}
	return much * 1000 > all * LOST_PERMILLE && much * LOST_SHARE > little;
}

int
convert_planes(struct convert *convert, struct resampler *resampler, unsigned sub_x, unsigned sub_y,
    bool may_refine, struct image *out)
{
	uint8_t *row;
	uint32_t y;
	int i;

	if (make_planes(convert, out) != 0)
		return -1;
	row = malloc(convert_row_bytes(convert));
	if (row == NULL)
		return -1;
	for (y = 0; y < out->height_px; y++) {
		if (out->n_planes == 1)
			convert_row(convert, y, out_row(out, 0, y));
		else {
			convert_row(convert, y, row);
			split_ycc(row, out_row(out, 0, y), out_row(out, 1, y), out_row(out, 2, y),
			    out->width_px);
		}
	}
	free(row);
	if (may_refine && needs_chroma(out))
		return 0;
	for (i = 1; i < out->n_planes && (sub_x > 1 || sub_y > 1); i++)
		if (reduce_chroma(resampler, out, i, sub_x, sub_y) != 0)
			return -1;
	return 0;
}
