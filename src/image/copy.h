/* image/copy.h - a rendition that changes no pixel is copied, not developed.
 *
 * Place:   develop -> here -> codec, finish, bare.
 * JPEG:    the coefficients, with new Huffman tables, sequential or progressive as asked for,
 *          turned upright where whole MCUs allow it. The quality is not applied: it stays the
 *          source's. CMYK stays CMYK, with `color = keep`.
 * PNG:     the samples, compressed anew; only when it stands upright.
 * Length:  never more than the source, whose bytes go out instead where the metadata rules
 *          allow them all (`keep` where nothing has to be corrected or left out, else a file that
 *          has none), and else its coded picture alone, see image/splice.h; then the source's
 *          wins over `progressive` and `interlace`. More only where new metadata are longer than
 *          the old, and, by less than a hundredth, where a JPEG is turned.
 * Memory:  all coefficients (twice when turned), all samples; where they do not fit into
 *          limits.memory_bytes the picture is developed.
 */
#ifndef IMAGE_COPY_H
#define IMAGE_COPY_H

#include "image/codec.h"

/* All borrowed. */
struct copy {
	const struct codec_in *in; /* the source, opened already, whose profile has been judged */
	int orientation;           /* of the source */
	struct codec_sink *sink;
};

/* Does SPEC ask for the pixels of a picture of HEADER, read by CODEC, as they are?
 * IS_FOREIGN: the source's colours differ from sRGB. */
bool copy_is_for(const struct rendition *spec, const struct codec *codec,
    const struct codec_header *header, bool is_foreign);

/* Write output I_OUTPUT, of SPEC, to FD, opening the source once more. CANNOT: it has to be
 * developed, and FD is empty again. */
enum codec_copied copy_write(const struct copy *copy, const struct rendition *spec, int fd,
    int i_output);

/* Weight for the meter. */
double copy_ns(const struct codec *codec, const struct codec_header *header);

#endif
