/* image/encode.h - a finished picture becomes a file, no longer than it may be.
 *
 * Place:   develop -> here -> the format's codec.
 */
#ifndef IMAGE_ENCODE_H
#define IMAGE_ENCODE_H

#include "image/codec.h"

/* All borrowed. */
struct encode {
	const struct codec *codec;
	struct codec_style *style; /* its quality becomes what was used */
	struct image *planes;      /* for codec->write_planes, or */
	struct convert *rows;      /* for codec->write_rows */
	struct codec_sink *sink;
	struct pace *pace;
	struct develop_outcome *outcome;
};

/* Write to FD; sink->n_bytes says how long it became. With max_bytes the quality is lowered as far as
 * needed, trying without writing. -1: the outcome says why. */
int encode_write(struct encode *e, int fd);

#endif
