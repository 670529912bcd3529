/* image/formats.h - the file formats that there are: one row each.
 *
 * Place:   picture, layout, warmup -> here -> jpeg/, png/.
 */
#ifndef IMAGE_FORMATS_H
#define IMAGE_FORMATS_H

#include "image/codec.h"

/* The format of a file that begins with the N bytes HEAD, or NULL. */
const struct codec *formats_by_head(const uint8_t *head, size_t n);

/* The format that a rendition asks for by this word, which is not RENDITION_KEEP. */
const struct codec *formats_by_word(enum rendition_format word);

#endif
