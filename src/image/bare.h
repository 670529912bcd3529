/* image/bare.h - does a file hold a picture and nothing else?
 *
 * Place:   copy -> here. Such a file may go out as it is, whatever metadata are asked for.
 * Allowed: what the pixels need, their density, and where it is wanted a profile. Not allowed:
 *          comments, thumbnails, private data, further pictures, bytes behind the end.
 */
#ifndef IMAGE_BARE_H
#define IMAGE_BARE_H

#include "image/codec.h"

/* SOURCE is read from its first byte; its buffer and offset are overwritten. Also false when it
 * cannot be read or is of another form. */
bool bare_is_jpeg(struct codec_source *source, bool may_hold_profile);
bool bare_is_png(struct codec_source *source, bool may_hold_profile);

#endif
