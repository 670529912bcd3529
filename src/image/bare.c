#include <config.h>

#include <string.h>

#include "image/bare.h"

#define HEAD_BYTES 12 /* of a segment: enough to tell APPn apart */

/* Bytes one after the other; -1 for ever from the end on. */
struct walk {
	struct codec_source *source;
	size_t at, n;
};

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

static struct walk
walk_begin(struct codec_source *source)
{
	source->offset = 0;
	return (struct walk){ .source = source };
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

/* ---- JPEG: ITU-T T.81 table B.1 ---- */

static bool
is_wanted_app(int marker, const uint8_t *head, size_t length, bool may_hold_profile)
{
	if (marker == 0xe0)
		return length == 14 && memcmp(head, "JFIF", 5) == 0; /* without a thumbnail */
	if (marker == 0xe2)
		return may_hold_profile && length > HEAD_BYTES &&
		    memcmp(head, "ICC_PROFILE", 12) == 0;
	return marker == 0xee && length == 12 && memcmp(head, "Adobe", 5) == 0;
}

/* Over a segment. False: it is none of those that a picture needs. */
static bool
pass_segment(struct walk *walk, int marker, bool may_hold_profile)
{
	uint8_t size[2], head[HEAD_BYTES] = { 0 };
	size_t length, n;

	if (read_bytes(walk, size, 2) != 0 || (size[0] == 0 && size[1] < 2))
		return false;
	length = ((size_t)size[0] << 8 | size[1]) - 2;
	n = length < HEAD_BYTES ? length : HEAD_BYTES;
	if (read_bytes(walk, head, n) != 0 || skip(walk, length - n) != 0)
		return false;
	if (marker >= 0xe0 && marker <= 0xef)
		return is_wanted_app(marker, head, length, may_hold_profile);
	return (marker >= 0xc0 && marker <= 0xcf) || (marker >= 0xda && marker <= 0xdd);
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
bare_is_jpeg(struct codec_source *source, bool may_hold_profile)
{
	struct walk walk = walk_begin(source);
	int marker;

	if (next(&walk) != 0xff || next(&walk) != 0xd8 || next(&walk) != 0xff)
		return false;
	marker = next(&walk);
	while (marker != 0xd9) {
		if (marker < 0 || !pass_segment(&walk, marker, may_hold_profile))
			return false;
		if (marker == 0xda)
			marker = pass_scan(&walk);
		else
			marker = next(&walk) == 0xff ? next(&walk) : -1;
	}
	return next(&walk) == -1;
}

/* ---- PNG ---- */

bool
bare_is_png(struct codec_source *source, bool may_hold_profile)
{
	static const char wanted[] = "IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB sBIT pHYs";
	struct walk walk = walk_begin(source);
	char type[5] = "";
	uint8_t head[8];

	if (skip(&walk, 8) != 0)
		return false;
	while (strcmp(type, "IEND") != 0) {
		if (read_bytes(&walk, head, sizeof(head)) != 0 ||
		    memchr(head + 4, ' ', 4) != NULL || memchr(head + 4, '\0', 4) != NULL)
			return false;
		memcpy(type, head + 4, 4);
		if (strstr(wanted, type) == NULL &&
		    !(may_hold_profile && strcmp(type, "iCCP") == 0))
			return false;
		if (skip(&walk, ((uint64_t)head[0] << 24 | (uint64_t)head[1] << 16 |
		    (uint64_t)head[2] << 8 | head[3]) + 4) != 0)
			return false;
	}
	return next(&walk) == -1;
}
