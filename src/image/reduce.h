/* image/reduce.h - from the decoded picture, or a larger result, to a smaller upright one.
 *
 * Place:   develop -> here -> resample, image_turn().
 * How:     each plane is resampled in the stored orientation, to its final size, and turned
 *          after that: the small picture is turned, not the large one.
 */
#ifndef IMAGE_REDUCE_H
#define IMAGE_REDUCE_H

#include "image/layout.h"
#include "image/resample.h"

/* FROM: the picture of HEADER, stored by ORIENTATION (1 when it is a reduced one). TO: zeroed;
 * the caller clears it, also after a failure. -1 with errno. */
int reduce_image(struct resampler *resampler, const struct layout_item *item,
    const struct codec_header *header, const struct image *from, int orientation,
    struct image *to, struct meter *meter);

#endif
