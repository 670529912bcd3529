#include <config.h>

#include <string.h>

#include "image/bare.h"
#include "image/walk.h"

static bool
is_wanted_app(const struct walk_piece *p, bool may_hold_profile)
{
	if (p->marker == 0xe0)
		return p->length == 14 && memcmp(p->head, "JFIF", 5) == 0; /* without a thumbnail */
	if (p->marker == 0xe2)
		return may_hold_profile && p->length > WALK_HEAD_BYTES &&
		    memcmp(p->head, "ICC_PROFILE", 12) == 0;
	return p->marker == 0xee && p->length == 12 && memcmp(p->head, "Adobe", 5) == 0;
}

/* None but those that a picture needs. */
static bool
is_wanted(const struct walk_piece *p, bool may_hold_profile)
{
	if (p->marker >= 0xe0 && p->marker <= 0xef)
		return is_wanted_app(p, may_hold_profile);
	return (p->marker >= 0xc0 && p->marker <= 0xcf) ||
	    (p->marker >= WALK_SOS && p->marker <= 0xdd);
}

bool
bare_is_jpeg(struct codec_source *source, bool may_hold_profile)
{
	struct walk_piece piece;
	struct walk walk;

	if (!walk_begin(&walk, source, &codec_jpeg))
		return false;
	while (walk_jpeg(&walk, &piece)) {
		if (piece.marker == WALK_EOI)
			return walk_is_at_end(&walk);
		if (!is_wanted(&piece, may_hold_profile))
			return false;
	}
	return false;
}

bool
bare_is_png(struct codec_source *source, bool may_hold_profile)
{
	static const char wanted[] = "IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB sBIT pHYs";
	struct walk_piece piece;
	struct walk walk;

	if (!walk_begin(&walk, source, &codec_png))
		return false;
	while (walk_png(&walk, &piece)) {
		if (strlen(piece.type) != 4 || strchr(piece.type, ' ') != NULL ||
		    (strstr(wanted, piece.type) == NULL &&
		    !(may_hold_profile && strcmp(piece.type, "iCCP") == 0)))
			return false;
		if (strcmp(piece.type, "IEND") == 0)
			return walk_is_at_end(&walk);
	}
	return false;
}
