/* image/walk.h - a file piece by piece, without decoding: a JPEG's segments, a PNG's chunks.
 *
 * Place:   bare, splice -> here.
 * Trust:   only a file that was decoded already, and no form that is not the plainest: fill bytes
 *          and bytes between segments end the walk.
 * Source:  ITU-T T.81 table B.1; PNG (third edition) 5.3.
 */
#ifndef IMAGE_WALK_H
#define IMAGE_WALK_H

#include "image/codec.h"

#define WALK_HEAD_BYTES 12 /* of a segment: enough to tell APPn apart */

enum { WALK_SOS = 0xda, WALK_EOI = 0xd9, WALK_COMMENT = 0xfe };

struct walk {
	struct codec_source *source; /* borrowed; its buffer and offset are overwritten */
	size_t at, n;
	int marker;                  /* read already, 0: none */
};

struct walk_piece {
	uint64_t at, size;             /* all of it, in the file; of a scan with its data */
	int marker;                    /* of a JPEG */
	size_t length;                 /*   of the segment's data */
	uint8_t head[WALK_HEAD_BYTES]; /*   which begin like this */
	char type[5];                  /* of a PNG */
};

/* Behind the signature of CODEC. False: it has none. */
bool walk_begin(struct walk *walk, struct codec_source *source, const struct codec *codec);

/* The next piece; EOI is one, too. False: the file ends, or has another form. */
bool walk_jpeg(struct walk *walk, struct walk_piece *piece);
bool walk_png(struct walk *walk, struct walk_piece *piece);

bool walk_is_at_end(struct walk *walk);

#endif
