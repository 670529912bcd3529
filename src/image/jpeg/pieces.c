/* image/jpeg/pieces.c - a JPEG's segments, for walk.h. Source: ITU-T T.81, B.1.1 and table B.1. */
#include <config.h>

#include <string.h>

#include "image/jpeg/jpeg.h"
#include "image/walk.h"

enum { RST0 = 0xd0, EOI = 0xd9, SOS = CODEC_JPEG_SOS, COM = 0xfe, APP0 = 0xe0 };

static bool
is_app(int marker)
{
	return marker >= APP0 && marker <= APP0 + 15;
}

/* JFIF without a thumbnail, a profile, Adobe's note on colours: nothing else is needed of APPn. */
static enum walk_use
use_of(int marker, const struct walk_piece *p)
{
	if ((marker >= 0xc0 && marker <= 0xcf) || (marker >= EOI && marker <= 0xdd))
		return WALK_PIXELS;
	if (marker == APP0 && p->data_bytes == 14 && memcmp(p->head, "JFIF", 5) == 0)
		return WALK_PIXELS;
	if (marker == APP0 + 14 && p->data_bytes == 12 && memcmp(p->head, "Adobe", 5) == 0)
		return WALK_PIXELS;
	if (marker == APP0 + 2 && p->data_bytes > WALK_HEAD_BYTES &&
	    memcmp(p->head, "ICC_PROFILE", 12) == 0)
		return WALK_PROFILE;
	return WALK_MORE;
}

static bool
pass_segment(struct walk *walk, struct walk_piece *piece)
{
	uint8_t size[2];
	size_t n;

	if (walk_bytes(walk, size, 2) != 0 || (size[0] == 0 && size[1] < 2))
		return false;
	piece->data_bytes = ((size_t)size[0] << 8 | size[1]) - 2;
	n = piece->data_bytes < WALK_HEAD_BYTES ? (size_t)piece->data_bytes : WALK_HEAD_BYTES;
	return walk_bytes(walk, piece->head, n) == 0 && walk_skip(walk, piece->data_bytes - n) == 0;
}

/* Over the data of a scan, in which 0xff 0x00 and RSTn stand, too. Returns the marker that ends it, -1:
 * the end of the file. */
static int
pass_scan(struct walk *walk)
{
	while (walk_find(walk, 0xff)) {
		int after = walk_byte(walk);

		if (after != 0 && (after < RST0 || after > RST0 + 7))
			return after;
	}
	return -1;
}

bool
codec_jpeg_next_piece(struct walk *walk, struct walk_piece *piece)
{
	int marker = walk->marker;

	if (marker == 0)
		marker = walk_byte(walk) == 0xff ? walk_byte(walk) : -1;
	walk->marker = 0;
	if (marker < 0)
		return false;
	piece->type = (uint32_t)marker;
	piece->at = walk_offset(walk) - 2;
	if (marker != EOI && !pass_segment(walk, piece))
		return false;
	piece->size = walk_offset(walk) - piece->at;
	if (marker == SOS) {
		walk->marker = pass_scan(walk);
		piece->size = walk_offset(walk) - 2 - piece->at;
	}
	piece->use = use_of(marker, piece);
	piece->is_picture = !is_app(marker) && marker != COM;
	piece->is_last = marker == EOI;
	return marker != SOS || walk->marker > 0;
}
