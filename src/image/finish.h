/* image/finish.h - a reduced picture becomes a file: colours, metadata, encoder.
 *
 * Place:   develop -> here -> cook, color, exif, codec.
 */
#ifndef IMAGE_FINISH_H
#define IMAGE_FINISH_H

#include "image/color.h"
#include "image/exif.h"
#include "image/layout.h"
#include "image/resample.h"

/* All borrowed. */
struct finish {
	const struct color *color;
	struct resampler *resampler;
	const struct codec_header *header; /* of the source */
	const struct exif *exif;           /* of the source, or NULL */
	int orientation;                   /* of the source: what was undone */
	struct meter *meter;
	struct develop_outcome *outcome;
	struct codec_sink *sink;
};

/* What ITEM may tell, and how it is coded, by header, exif and orientation. STYLE borrows from F
 * and from *TIFF, which the caller frees. */
void finish_style(const struct finish *f, const struct layout_item *item,
    struct codec_style *style, uint8_t **tiff);

/* Write REDUCED, made for ITEM, to FD; sink->n_bytes says how long it became. With max_bytes
 * the JPEG quality is lowered as far as needed, trying without writing.
 * -1: the outcome says why. */
int finish_write(struct finish *f, const struct layout_item *item, struct image *reduced,
    int fd);

#endif
