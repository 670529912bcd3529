#include <config.h>

#include <string.h>

#include "image/walk.h"

#define PNG_SIGNATURE_BYTES 8
#define PNG_FRAME_BYTES 12 /* length, type, check sum */

/* ---- bytes ---- */

/* -1 for ever from the end on. */
static int
next(struct walk *walk)
{
	ssize_t got;

	if (walk->at == walk->n) {
		got = codec_source_fill(walk->source);
		walk->at = 0;
		walk->n = got > 0 ? (size_t)got : 0;
		if (got <= 0)
			return -1;
	}
	return walk->source->buffer[walk->at++];
}

/* -1: the end comes first. */
static int
skip(struct walk *walk, uint64_t n)
{
	struct codec_source *source = walk->source;
	uint64_t have = walk->n - walk->at;

	if (n <= have) {
		walk->at += (size_t)n;
		return 0;
	}
	walk->at = walk->n = 0;
	n -= have;
	if (n > source->size_bytes - source->offset)
		return -1;
	source->offset += n;
	return 0;
}

static int
read_bytes(struct walk *walk, uint8_t *to, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		int byte = next(walk);

		if (byte < 0)
			return -1;
		to[i] = (uint8_t)byte;
	}
	return 0;
}

static uint64_t
offset(const struct walk *walk)
{
	return walk->source->offset - (walk->n - walk->at);
}

bool
walk_begin(struct walk *walk, struct codec_source *source, const struct codec *codec)
{
	*walk = (struct walk){ .source = source };
	source->offset = 0;
	return codec == &codec_jpeg ? next(walk) == 0xff && next(walk) == 0xd8 :
	    skip(walk, PNG_SIGNATURE_BYTES) == 0;
}

bool
walk_is_at_end(struct walk *walk)
{
	return next(walk) == -1;
}

/* ---- JPEG ---- */

static bool
pass_segment(struct walk *walk, struct walk_piece *piece)
{
	uint8_t size[2];
	size_t n;

	if (read_bytes(walk, size, 2) != 0 || (size[0] == 0 && size[1] < 2))
		return false;
	piece->length = ((size_t)size[0] << 8 | size[1]) - 2;
	n = piece->length < WALK_HEAD_BYTES ? piece->length : WALK_HEAD_BYTES;
	return read_bytes(walk, piece->head, n) == 0 && skip(walk, piece->length - n) == 0;
}

/* Over the data of a scan. Returns the marker that ends it, -1: the end of the file. */
static int
pass_scan(struct walk *walk)
{
	int byte = next(walk), after;

	while (byte >= 0) {
		if (byte != 0xff) {
			byte = next(walk);
			continue;
		}
		after = next(walk);
		if (after != 0 && (after < 0xd0 || after > 0xd7))
			return after;
		byte = next(walk);
	}
	return -1;
}

bool
walk_jpeg(struct walk *walk, struct walk_piece *piece)
{
	*piece = (struct walk_piece){ .marker = walk->marker };
	walk->marker = 0;
	if (piece->marker == 0)
		piece->marker = next(walk) == 0xff ? next(walk) : -1;
	if (piece->marker < 0)
		return false;
	piece->at = offset(walk) - 2;
	if (piece->marker != WALK_EOI && !pass_segment(walk, piece))
		return false;
	piece->size = offset(walk) - piece->at;
	if (piece->marker != WALK_SOS)
		return true;
	walk->marker = pass_scan(walk);
	piece->size = offset(walk) - 2 - piece->at;
	return walk->marker > 0;
}

/* ---- PNG ---- */

bool
walk_png(struct walk *walk, struct walk_piece *piece)
{
	uint8_t head[8];
	uint64_t length;

	*piece = (struct walk_piece){ .at = offset(walk) };
	if (read_bytes(walk, head, sizeof(head)) != 0)
		return false;
	memcpy(piece->type, head + 4, 4);
	length = (uint64_t)head[0] << 24 | (uint64_t)head[1] << 16 | (uint64_t)head[2] << 8 |
	    head[3];
	piece->size = length + PNG_FRAME_BYTES;
	return skip(walk, piece->size - sizeof(head)) == 0;
}
