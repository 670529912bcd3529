/* image/splice.h - the source's own coded picture behind the head of its copy.
 *
 * Place:   copy -> here.
 * Why:     what an optimiser packed (or an arithmetic coder) gets longer when it is packed anew;
 *          but its file tells more than the result may.
 * JPEG:    of the copy all before its first table, APPn and comments; of the source all else.
 * PNG:     of the copy all before IDAT, but for IHDR, which names the interlacing; of the source
 *          IHDR, IDAT and IEND.
 */
#ifndef IMAGE_SPLICE_H
#define IMAGE_SPLICE_H

#include "image/codec.h"

enum splice_result { SPLICE_FAILED = -1, SPLICE_DONE, SPLICE_NOT };

/* FD holds sink->n_bytes of an upright copy of SOURCE, both of CODEC. DONE: it holds fewer now, so
 * many as sink->n_bytes says. NOT: it is as it was. FAILED: it cannot be written, or the source
 * not be read; see errno. */
enum splice_result splice(const struct codec *codec, struct codec_source *source, int fd,
    struct codec_sink *sink);

#endif
