/* image/convert.h - from the planes of a reduced picture to the samples of a result.
 *
 * Place:   develop, png/write -> here -> color, resample.
 * Does:    YCC, CMYK and YCCK to RGB; the colour transform; the depth; sharpening; alpha straight
 *          again, or flattened on the background; the canvas of PAD; the watermark. Row by row,
 *          after the reduction.
 * Depth:   16 bits become 8 by rounding to nearest, without dithering: photographs bring noise of
 *          their own, and what dithering adds is in the way of every encoder.
 * CMYK:    without a profile, R = (1 - C)(1 - K) and so on: what viewers without colour
 *          management show.
 */
#ifndef IMAGE_CONVERT_H
#define IMAGE_CONVERT_H

#include "image/color.h"
#include "image/image.h"
#include "image/overlay.h"
#include "image/resample.h"
#include "image/sharpen.h"

struct convert {
	const struct image *image;              /* borrowed; every plane is the picture's size */
	const struct color_transform *transform; /* borrowed, or NULL: as it is */
	struct rendition_frame frame;
	uint32_t background;   /* 0xRRGGBB */
	unsigned n_colors;     /* of a result's pixel: 1 or 3 */
	bool has_alpha;        /* of the result */
	unsigned out_bytes;    /* of a result's sample: 1 or 2, no more than the image's */
	uint8_t *native, *colored; /* a row of the picture before and after the transform */
	struct sharpen sharpen;    /* its percent is 0: none */
	const struct overlay *overlay; /* borrowed, or NULL; the caller sets it after convert_init() */
};

/* MAY_HAVE_ALPHA: the format can hold it. -1: ENOMEM. convert_clear() is fine after a failure. */
int convert_init(struct convert *convert, const struct image *image,
    const struct color_transform *transform, const struct rendition_frame *frame,
    const struct rendition *spec, bool may_have_alpha, unsigned out_bytes);
void convert_clear(struct convert *convert);

size_t convert_row_bytes(const struct convert *convert);

/* Row Y of the result, interleaved, into OUT. */
void convert_row(struct convert *convert, uint32_t y, void *out);

/* All rows (1 byte a sample, no alpha) as grey or YCC planes into OUT, the chroma reduced by
 * SUB_X and SUB_Y (1 or 2); MAY_REFINE: not where too much would be lost by it. -1 with errno; OUT is then to be cleared by the caller too. */
int convert_planes(struct convert *convert, struct resampler *resampler, unsigned sub_x, unsigned sub_y,
    bool may_refine, struct image *out);

#endif
