/* image/picture.h - one picture opened for reading: what file it is, what its header says.
 *
 * Place:   develop, copy, watermark -> here -> codec, color, exif.
 * Flow:    first bytes -> codec -> header -> limits -> what its colours and its EXIF mean.
 * Owns:    the codec's state, the header's blocks, the parsed EXIF.
 */
#ifndef IMAGE_PICTURE_H
#define IMAGE_PICTURE_H

#include "image/codec.h"
#include "image/color.h"
#include "image/exif.h"

/* Zero it; set fd and size_bytes of in.source, and limits, outcome and pace of in; then open. */
struct picture {
	struct codec_in in;
	struct exif *exif; /* or NULL */
	int orientation;   /* by EXIF, 1..8: how it is stored */
	bool is_foreign;   /* its colours differ from sRGB so that one could see it */
};

/* A profile that cannot be used is dropped, with a warning. -1: the outcome says why; picture_close()
 * is fine then, and twice, and of one that is zero. */
int picture_open(struct picture *picture, const struct color *color);

/* Open what FIRST is once more, its samples as they are stored, for codec->copy_read(). */
int picture_open_copy(struct picture *picture, const struct picture *first);

void picture_close(struct picture *picture);

#endif
