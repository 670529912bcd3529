/* image/rendition.c - the sizes of a result, asked for by the configuration and the layout. */
#include <config.h>

#include "image/rendition.h"

/* A x B / C, to nearest, at least 1. Exact for sides below 2^32 whose product fits. */
static uint32_t
scaled(uint32_t a, uint32_t b, uint32_t c)
{
	uint64_t product = (uint64_t)a * b;
	uint64_t quotient = product / c, rest = product % c;

	if (rest >= c - rest)
		quotient++;
	if (quotient > UINT32_MAX)
		return UINT32_MAX;
	return quotient == 0 ? 1 : (uint32_t)quotient;
}

/* Is W by the width of the box the stronger reduction (or the weaker enlargement)? */
static bool
is_width_tighter(uint32_t box_w, uint32_t box_h, uint32_t w, uint32_t h)
{
	return (uint64_t)box_w * h <= (uint64_t)box_h * w;
}

static void
fit(const struct rendition *r, uint32_t w, uint32_t h, uint32_t *out_w, uint32_t *out_h)
{
	bool by_width = r->height_px == 0 ||
	    (r->width_px != 0 && is_width_tighter(r->width_px, r->height_px, w, h));
	uint32_t box = by_width ? r->width_px : r->height_px;
	uint32_t side = by_width ? w : h;

	*out_w = w;
	*out_h = h;
	if (box == 0 || box == side || (box > side && !r->may_enlarge))
		return;
	*out_w = by_width ? box : scaled(w, box, h);
	*out_h = by_width ? scaled(h, box, w) : box;
	/* The free side cannot round past the box, which is a whole number itself. */
}

/* 0, 1/2 or 1: where along the axis the picture or the crop stands. */
static double
gravity_x(uint8_t gravity)
{
	switch (gravity) {
	case RENDITION_WEST: case RENDITION_NORTHWEST: case RENDITION_SOUTHWEST:
		return 0.0;
	case RENDITION_EAST: case RENDITION_NORTHEAST: case RENDITION_SOUTHEAST:
		return 1.0;
	default:
		return 0.5;
	}
}

static double
gravity_y(uint8_t gravity)
{
	switch (gravity) {
	case RENDITION_NORTH: case RENDITION_NORTHEAST: case RENDITION_NORTHWEST:
		return 0.0;
	case RENDITION_SOUTH: case RENDITION_SOUTHEAST: case RENDITION_SOUTHWEST:
		return 1.0;
	default:
		return 0.5;
	}
}

static uint32_t
smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* The picture covers the box, what stands out is cut off. */
static void
fill_frame(const struct rendition *r, uint32_t w, uint32_t h, struct rendition_frame *frame)
{
	bool by_width = !is_width_tighter(r->width_px, r->height_px, w, h);
	uint32_t covered_w = by_width ? r->width_px : scaled(w, r->height_px, h);
	uint32_t covered_h = by_width ? scaled(h, r->width_px, w) : r->height_px;
	double scale = by_width ? (double)r->width_px / w : (double)r->height_px / h;

	if (scale > 1.0 && !r->may_enlarge) {
		scale = 1.0;
		covered_w = w;
		covered_h = h;
	}
	frame->width_px = smaller(covered_w, r->width_px);
	frame->height_px = smaller(covered_h, r->height_px);
	frame->crop_width = frame->width_px / (w * scale);
	frame->crop_height = frame->height_px / (h * scale);
	if (frame->width_px == covered_w)
		frame->crop_width = 1.0;
	if (frame->height_px == covered_h)
		frame->crop_height = 1.0;
	frame->crop_left = (1.0 - frame->crop_width) * gravity_x(r->gravity);
	frame->crop_top = (1.0 - frame->crop_height) * gravity_y(r->gravity);
	frame->picture_width_px = frame->width_px;
	frame->picture_height_px = frame->height_px;
}

void
rendition_frame(const struct rendition *r, uint32_t w, uint32_t h, struct rendition_frame *frame)
{
	*frame = (struct rendition_frame){ .crop_width = 1.0, .crop_height = 1.0 };
	if (r->mode == RENDITION_FILL && r->width_px != 0 && r->height_px != 0) {
		fill_frame(r, w, h, frame);
		return;
	}
	fit(r, w, h, &frame->picture_width_px, &frame->picture_height_px);
	frame->width_px = frame->picture_width_px;
	frame->height_px = frame->picture_height_px;
	if (r->mode != RENDITION_PAD)
		return;
	if (r->width_px != 0)
		frame->width_px = r->width_px;
	if (r->height_px != 0)
		frame->height_px = r->height_px;
	frame->left_px = (uint32_t)((frame->width_px - frame->picture_width_px) *
	    gravity_x(r->gravity));
	frame->top_px = (uint32_t)((frame->height_px - frame->picture_height_px) *
	    gravity_y(r->gravity));
}

void
rendition_size(const struct rendition *r, uint32_t w, uint32_t h, uint32_t *out_w, uint32_t *out_h)
{
	struct rendition_frame frame;

	rendition_frame(r, w, h, &frame);
	*out_w = frame.width_px;
	*out_h = frame.height_px;
}

bool
rendition_has_grey_background(const struct rendition *r)
{
	uint32_t b = r->background;

	return (b >> 16 & 0xff) == (b & 0xff) && (b >> 8 & 0xff) == (b & 0xff);
}
