/* image/copy.h - a rendition that changes no pixel is copied, not developed.
 *
 * Place:   develop -> here -> picture, metadata, splice, walk.
 * JPEG:    the coefficients, with new Huffman tables, sequential or progressive as asked for,
 *          turned upright where whole MCUs allow it. The quality is not applied: it stays the
 *          source's. CMYK stays CMYK, with `color = keep`.
 * PNG:     the samples, compressed anew; only when it stands upright. Also where a size is asked for
 *          that it has already, or that is larger.
 * Length:  a copy is never longer than its source. One that would be is replaced: by the source's own
 *          bytes, where the rendition may tell all that the file tells; else by the source's coded
 *          picture behind the copy's head (splice.h). Both keep the source's order of scans or passes,
 *          whatever `progressive` and `interlace` say. Two exceptions: metadata that are longer
 *          than the source's, and a JPEG that is turned, which grows by less than a hundredth.
 * Memory:  all coefficients (twice when turned), all samples; where they do not fit into
 *          limits.memory_bytes the picture is developed.
 */
#ifndef IMAGE_COPY_H
#define IMAGE_COPY_H

#include "image/picture.h"

/* Does SPEC ask for the pixels of PICTURE as they are? */
bool copy_is_for(const struct rendition *spec, const struct picture *picture);

/* Write output I_OUTPUT, of SPEC, to FD by SINK, opening PICTURE once more. CANNOT: it has to be
 * developed, and FD is empty again. */
enum codec_copied copy_write(const struct picture *picture, const struct rendition *spec, int fd,
    int i_output, struct codec_sink *sink);

/* The weight of one, for the pace. */
double copy_ns(const struct picture *picture, const struct rendition *spec);

#endif
