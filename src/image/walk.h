/* image/walk.h - a file piece by piece, without decoding: a JPEG's segments, a PNG's chunks.
 *
 * Place:   copy, splice, jpeg/scans -> here; the formats tell their pieces (codec->next_piece).
 * Trust:   only a file that was decoded already, and no form that is not the plainest: fill bytes
 *          and bytes between segments end the walk.
 */
#ifndef IMAGE_WALK_H
#define IMAGE_WALK_H

#include "image/codec.h"

#define WALK_HEAD_BYTES 12 /* of a piece's data: enough to tell APPn apart, and for an SOS */

struct walk {
	struct codec_source *source; /* borrowed; its buffer and offset are overwritten */
	const struct codec *codec;
	size_t at, n;
	int marker;                  /* a format's own: read already, 0: none */
};

/* What a piece is there for. */
enum walk_use { WALK_PIXELS, /* they cannot be shown without it; so their density */
	WALK_PROFILE, WALK_MORE };

struct walk_piece {
	uint64_t at, size;  /* all of it, in the file; of a JPEG's scan with its data */
	uint32_t type;      /* a JPEG's marker; a PNG's four letters, the first one highest */
	uint64_t data_bytes;
	uint8_t head[WALK_HEAD_BYTES]; /* the data begin like this */
	enum walk_use use;
	bool is_picture;    /* what a copy may take over from its source as it was coded (splice.h) */
	bool is_last;
};

/* Behind the first bytes of CODEC's files. False: they are others. */
bool walk_begin(struct walk *walk, struct codec_source *source, const struct codec *codec);

/* The next piece, the last one, too. False: the file ends, or has another form. */
bool walk_next(struct walk *walk, struct walk_piece *piece);

/* Does the file hold a picture and nothing else, behind which it ends? Such a file may go out as it is,
 * whatever metadata are asked for. Not allowed: comments, thumbnails, private data, further pictures,
 * bytes behind the end. Also false when it cannot be read or is of another form. */
bool walk_is_bare(struct codec_source *source, const struct codec *codec, bool may_hold_profile);

/* ---- for the formats ---- */

/* -1 for ever from the end on. */
int walk_byte(struct walk *walk);
/* -1: the end comes first. */
int walk_skip(struct walk *walk, uint64_t n);
int walk_bytes(struct walk *walk, uint8_t *to, size_t n);
/* Go on behind the next BYTE. False: there is none. */
bool walk_find(struct walk *walk, int byte);
/* Where the next byte stands in the file. */
uint64_t walk_offset(const struct walk *walk);

#endif
