/* image/finish.h - a reduced picture becomes a file: colours, metadata, encoder.
 *
 * Place:   develop -> here -> linear, sharpen, watermark, overlay, convert, color, exif, codec.
 * Order:   coded again from linear light, the colours of the result, sharpened, the watermark.
 */
#ifndef IMAGE_FINISH_H
#define IMAGE_FINISH_H

#include "image/color.h"
#include "image/exif.h"
#include "image/layout.h"
#include "image/linear.h"
#include "image/watermark.h"
#include "image/resample.h"

/* All borrowed. */
struct finish {
	const struct color *color;
	struct resampler *resampler;
	const struct codec_header *header; /* of the source */
	const struct exif *exif;           /* of the source, or NULL */
	int orientation;                   /* of the source: what was undone */
	struct pace *pace;
	struct develop_outcome *outcome;
	struct codec_sink *sink;
	const struct linear *linear;         /* where there is an item that is_linear */
	struct watermark_store *watermarks;
	int mark_fd;                       /* of the item's watermark, where it has one */
};

/* What ITEM may tell, and how it is coded, by header, exif and orientation. STYLE borrows from F
 * and from *TIFF, which the caller frees. */
void finish_style(const struct finish *f, const struct layout_item *item,
    struct codec_style *style, uint8_t **tiff);

/* Write REDUCED, made for ITEM, to FD; sink->n_bytes says how long it became. With max_bytes
 * the JPEG quality is lowered as far as needed, trying without writing; *QUALITY: what it became, 0
 * for a PNG. REDUCED keeps its samples, others are made from them.
 * -1: the outcome says why. */
int finish_write(struct finish *f, const struct layout_item *item, struct image *reduced,
    int fd, unsigned *quality);

#endif
