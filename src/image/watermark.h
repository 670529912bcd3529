/* image/watermark.h - the watermarks of renditions: read, scaled, and kept.
 *
 * Place:   finish -> here -> codec, layout, bands, convert.
 * Source:  a PNG, given as a descriptor like everything that a worker reads. Whoever wrote the
 *          configuration put it there: that it cannot be read is no picture's fault, but ENOTSUP.
 * Size:    as large as fits into watermark_scale percent of the picture, either side.
 * Owns:    a store keeps what it made, by the file's digest and the size, the latest few.
 */
#ifndef IMAGE_WATERMARK_H
#define IMAGE_WATERMARK_H

#include "image/color.h"
#include "image/outcome.h"
#include "image/rendition.h"
#include "image/resample.h"

#define WATERMARK_MEMORY_BYTES (48 << 20) /* that reading one may take, beside what is kept */

struct watermark {
	uint32_t width, height;
	uint16_t *rgba; /* straight sRGB, 0..65535 */
};

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

/* The mark of SPEC, whose file is FD, for a picture of W x H pixels. Borrowed until the next call.
 * NULL: the outcome says why. */
const struct watermark *watermark_get(const struct watermark_tools *tools, const struct rendition *spec, int fd,
    uint32_t w, uint32_t h);

#endif
