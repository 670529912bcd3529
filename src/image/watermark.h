/* image/watermark.h - the watermarks of renditions: read, scaled, and kept.
 *
 * Place:   develop -> here -> picture, layout, bands, convert, overlay.
 * Source:  a PNG, given as a descriptor like everything that a worker reads. Whoever wrote the
 *          configuration put it there: that it cannot be read is no picture's fault, but ENOTSUP.
 * Size:    as large as fits into watermark_scale percent of the picture, either side.
 * Owns:    a store keeps what it made, by the file's digest and the size, the latest few.
 */
#ifndef IMAGE_WATERMARK_H
#define IMAGE_WATERMARK_H

#include "image/color.h"
#include "image/layout.h"
#include "image/overlay.h"
#include "image/resample.h"

#define WATERMARK_MEMORY_BYTES (48 << 20) /* that reading one may take, beside what is kept */

struct watermark_store;

struct watermark_store *watermark_store_new(void);
void watermark_store_free(struct watermark_store *store);

/* All borrowed. */
struct watermark_tools {
	struct watermark_store *store;
	struct resampler *resampler;
	const struct color *color;
	struct develop_outcome *outcome;
};

/* The watermark of ITEM, whose file is FD, in its place in a result of STYLE, made of a picture of MODEL;
 * the caller clears OVERLAY, also after a failure. -1: the outcome says why. */
int watermark_place(const struct watermark_tools *tools, const struct layout_item *item, int fd,
    const struct codec_style *style, enum image_model model, struct overlay *overlay);

#endif
