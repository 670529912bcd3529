/* image/png/pieces.c - a PNG's chunks, for walk.h. Source: PNG (third edition) 5.3. */
#include <config.h>

#include "image/png/png.h"
#include "image/walk.h"

#define FRAME_BYTES 12 /* length, type, check sum */
#define TYPE(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

static uint32_t
be32(const uint8_t *at)
{
	return TYPE(at[0], at[1], at[2], at[3]);
}

static enum walk_use
use_of(uint32_t type)
{
	switch (type) {
	case TYPE('I', 'H', 'D', 'R'): case TYPE('P', 'L', 'T', 'E'): case TYPE('I', 'D', 'A', 'T'):
	case TYPE('I', 'E', 'N', 'D'): case TYPE('t', 'R', 'N', 'S'): case TYPE('g', 'A', 'M', 'A'):
	case TYPE('c', 'H', 'R', 'M'): case TYPE('s', 'R', 'G', 'B'): case TYPE('s', 'B', 'I', 'T'):
	case TYPE('p', 'H', 'Y', 's'):
		return WALK_PIXELS;
	case TYPE('i', 'C', 'C', 'P'): case TYPE('c', 'I', 'C', 'P'):
		return WALK_PROFILE;
	default:
		return WALK_MORE;
	}
}

bool
codec_png_next_piece(struct walk *walk, struct walk_piece *piece)
{
	uint8_t head[8];

	piece->at = walk_offset(walk);
	if (walk_bytes(walk, head, sizeof(head)) != 0)
		return false;
	piece->data_bytes = be32(head);
	piece->type = be32(head + 4);
	piece->size = piece->data_bytes + FRAME_BYTES;
	piece->use = use_of(piece->type);
	piece->is_last = piece->type == TYPE('I', 'E', 'N', 'D');
	piece->is_picture = piece->is_last || piece->type == TYPE('I', 'D', 'A', 'T');
	return walk_skip(walk, piece->size - sizeof(head)) == 0;
}
