/* image/walk.c - the bytes of a file from piece to piece, for what is copied without decoding. */
#include <config.h>

#include "image/walk.h"

#include <string.h>

/* Have the byte at the place in the buffer. */
static bool
is_there(struct walk *walk)
{
	ssize_t got;

	if (walk->at < walk->n)
		return true;
	got = codec_source_fill(walk->source);
	walk->at = 0;
	walk->n = got > 0 ? (size_t)got : 0;
	return got > 0;
}

int
walk_byte(struct walk *walk)
{
	return is_there(walk) ? walk->source->buffer[walk->at++] : -1;
}

int
walk_skip(struct walk *walk, uint64_t n)
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

int
walk_bytes(struct walk *walk, uint8_t *to, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		int byte = walk_byte(walk);

		if (byte < 0)
			return -1;
		to[i] = (uint8_t)byte;
	}
	return 0;
}

bool
walk_find(struct walk *walk, int byte)
{
	while (is_there(walk)) {
		const uint8_t *from = walk->source->buffer + walk->at;
		const uint8_t *found = memchr(from, byte, walk->n - walk->at);

		if (found != NULL) {
			walk->at += (size_t)(found - from) + 1;
			return true;
		}
		walk->at = walk->n;
	}
	return false;
}

uint64_t
walk_offset(const struct walk *walk)
{
	return walk->source->offset - (walk->n - walk->at);
}

bool
walk_begin(struct walk *walk, struct codec_source *source, const struct codec *codec)
{
	size_t i;

	*walk = (struct walk){ .source = source, .codec = codec };
	source->offset = 0;
	for (i = 0; i < codec->magic_bytes; i++)
		if (walk_byte(walk) != (uint8_t)codec->magic[i])
			return false;
	return true;
}

bool
walk_next(struct walk *walk, struct walk_piece *piece)
{
	*piece = (struct walk_piece){ .use = WALK_MORE };
	return walk->codec->next_piece(walk, piece);
}

bool
walk_is_bare(struct codec_source *source, const struct codec *codec, bool may_hold_profile)
{
	struct walk_piece piece;
	struct walk walk;

	if (!walk_begin(&walk, source, codec))
		return false;
	while (walk_next(&walk, &piece)) {
		if (piece.use == WALK_MORE || (piece.use == WALK_PROFILE && !may_hold_profile))
			return false;
		if (piece.is_last)
			return walk_byte(&walk) == -1;
	}
	return false;
}
