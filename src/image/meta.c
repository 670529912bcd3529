/* image/meta.c - XMP, IPTC, texts and density, between a codec that found and one that writes them. */
#include <config.h>

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "image/image.h"
#include "image/meta.h"

#define RESOURCE_IPTC 0x0404
#define RESOURCE_HEAD 7        /* signature, number, length of a name; the rest varies */
#define IPTC_TAG 0x1c
#define IPTC_AUTHOR 80         /* By-line, record 2 */
#define IPTC_COPYRIGHT 116
#define IPTC_LONG 0x8000       /* an extended length; none of ours is that long */
#define UTF8_MARK "\x1b%G"     /* data set 1:90 */
#define METRE_PER_INCH 0.0254

static const char raw_profile[] = "Raw profile type "; /* ImageMagick's way, in hex */

void
meta_clear(struct meta *meta)
{
	unsigned i;

	free(meta->xmp.data);
	free(meta->xmp_more.data);
	free(meta->iptc.data);
	free(meta->comment.data);
	free(meta->resources.data);
	for (i = 0; i < meta->n_texts; i++)
		free(meta->texts[i].chunk.data);
	*meta = (struct meta){ .n_texts = 0 };
}

bool
meta_block_take(struct meta_block *block, const uint8_t *data, size_t n, size_t most)
{
	if (block->data != NULL || n == 0 || n > most)
		return false;
	block->data = malloc(n);
	if (block->data == NULL)
		return false;
	memcpy(block->data, data, n);
	block->size = n;
	return true;
}

/* ---- XMP ---- */

static size_t
skip_space(const uint8_t *text, size_t n, size_t at)
{
	while (at < n && (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' ||
	    text[at] == '\r'))
		at++;
	return at;
}

/* Both forms of RDF, an attribute and an element: NAME="6" and NAME>6</NAME>. */
static bool
reset_value(uint8_t *xmp, size_t n, size_t at)
{
	at = skip_space(xmp, n, at);
	if (at < n && xmp[at] == '=') {
		at = skip_space(xmp, n, at + 1);
		if (at >= n || (xmp[at] != '"' && xmp[at] != '\''))
			return false;
	} else if (at >= n || xmp[at] != '>')
		return false;
	at = skip_space(xmp, n, at + 1);
	if (at + 1 >= n || xmp[at] < '2' || xmp[at] > '8' ||
	    (xmp[at + 1] >= '0' && xmp[at + 1] <= '9'))
		return false;
	xmp[at] = '1';
	return true;
}

/* Any prefix: it is the document's choice, though all write "tiff". */
bool
meta_reset_orientation(uint8_t *xmp, size_t n)
{
	static const char name[] = ":Orientation";
	const size_t length = sizeof(name) - 1;
	bool was_other = false;
	size_t at = 0;

	while (at + length <= n) {
		const uint8_t *found = memmem(xmp + at, n - at, name, length);

		if (found == NULL)
			break;
		at = (size_t)(found - xmp) + length;
		was_other = reset_value(xmp, n, at) || was_other;
	}
	return was_other;
}

void
meta_take_xmp(struct meta *meta, const uint8_t *data, size_t n, size_t most)
{
	if (meta_block_take(&meta->xmp, data, n, most) &&
	    meta_reset_orientation(meta->xmp.data, meta->xmp.size))
		meta->was_xmp_turned = true;
}

/* ---- IPTC ---- */

static uint32_t
be16(const uint8_t *at)
{
	return (uint32_t)at[0] << 8 | at[1];
}

static uint32_t
be32(const uint8_t *at)
{
	return be16(at) << 16 | be16(at + 2);
}

/* Resolution, thumbnails, profile, EXIF and XMP: they have places of their own. */
static bool
is_told_elsewhere(uint32_t number)
{
	static const uint16_t others[] = { 0x03ed, RESOURCE_IPTC, 0x0409, 0x040c, 0x040f, 0x0422, 0x0423,
		0x0424 };
	size_t i;

	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (others[i] == number)
			return true;
	return false;
}

/* One of them, whole and padded. */
static void
take_resource(struct meta_block *all, const uint8_t *data, size_t n, size_t most)
{
	size_t padded = n + n % 2;
	uint8_t *grown = padded > most || all->size > most - padded ? NULL :
	    realloc(all->data, all->size + padded);

	if (grown == NULL)
		return;
	memcpy(grown + all->size, data, n);
	if (n % 2 == 1)
		grown[all->size + n] = 0;
	all->data = grown;
	all->size += padded;
}

void
meta_take_resources(struct meta *meta, const uint8_t *data, size_t n, size_t most)
{
	size_t at = 0;

	while (n - at >= RESOURCE_HEAD) {
		uint32_t number = be16(data + at + 4);
		size_t name = ((size_t)data[at + 6] + 2) & ~(size_t)1; /* with its length, even */
		size_t size, begin = at;

		at += 6;
		if (n - at < name + 4)
			return;
		at += name;
		size = be32(data + at);
		at += 4;
		if (n - at < size)
			return;
		if (number == RESOURCE_IPTC)
			meta_block_take(&meta->iptc, data + at, size, most);
		at += size;
		if (!is_told_elsewhere(number))
			take_resource(&meta->resources, data + begin, at - begin, most);
		if (size % 2 == 1 && at < n)
			at++;
	}
}

/* Append N bytes of TEXT to TO, Latin-1 made UTF-8; what does not fit is cut between letters. */
static void
put_text(char to[META_RIGHT_SIZE], const uint8_t *text, size_t n, bool is_utf8)
{
	size_t at = strlen(to), i, room;

	for (i = 0; i < n && text[i] != '\0'; i++) {
		bool is_wide = !is_utf8 && text[i] >= 0x80;

		room = is_utf8 && text[i] >= 0xc0 ? 4 : is_wide ? 2 : 1;
		if (at + room >= META_RIGHT_SIZE)
			break;
		if (is_wide) {
			to[at++] = (char)(0xc0 | text[i] >> 6);
			to[at++] = (char)(0x80 | (text[i] & 0x3f));
		} else
			to[at++] = (char)text[i];
	}
	to[at] = '\0';
}

static void
put_iptc(char to[META_RIGHT_SIZE], const uint8_t *text, size_t n, bool is_utf8)
{
	if (to[0] != '\0' && n > 0)
		put_text(to, (const uint8_t *)"; ", 2, true); /* one data set for each name */
	put_text(to, text, n, is_utf8);
}

static void
iptc_rights(const struct meta_block *iptc, struct meta_rights *rights)
{
	bool is_utf8 = false;
	size_t at = 0;

	while (iptc->size - at >= 5 && iptc->data[at] == IPTC_TAG) {
		const uint8_t *set = iptc->data + at;
		size_t size = be16(set + 3);

		at += 5;
		if (size >= IPTC_LONG || iptc->size - at < size)
			return;
		at += size;
		if (set[1] == 1 && set[2] == 90)
			is_utf8 = size == 3 && memcmp(set + 5, UTF8_MARK, 3) == 0;
		else if (set[1] == 2 && set[2] == IPTC_AUTHOR)
			put_iptc(rights->author, set + 5, size, is_utf8);
		else if (set[1] == 2 && set[2] == IPTC_COPYRIGHT)
			put_iptc(rights->copyright, set + 5, size, is_utf8);
	}
}

/* Content's and photograph's city, state, country and the like. */
static bool
is_place(const uint8_t *set)
{
	static const uint8_t places[] = { 26, 27, 90, 92, 95, 100, 101 };

	return set[1] == 2 && memchr(places, set[2], sizeof(places)) != NULL;
}

bool
meta_iptc_without_place(const struct meta_block *iptc, struct meta_block *to)
{
	size_t at = 0;

	*to = (struct meta_block){ .data = malloc(iptc->size + 1) };
	while (to->data != NULL && iptc->size - at >= 5 && iptc->data[at] == IPTC_TAG) {
		const uint8_t *set = iptc->data + at;
		size_t size = 5 + (size_t)be16(set + 3);

		if (be16(set + 3) >= IPTC_LONG || iptc->size - at < size)
			break;
		if (!is_place(set)) {
			memcpy(to->data + to->size, set, size);
			to->size += size;
		}
		at += size;
	}
	if (to->size > 0)
		return true;
	free(to->data);
	*to = (struct meta_block){ .data = NULL };
	return false;
}

/* ---- a PNG's texts ---- */

/* In any case of its letters: some write "author". */
static bool
has_keyword(const uint8_t *data, size_t n, const char *keyword)
{
	size_t length = strlen(keyword) + 1;

	return n >= length && strncasecmp((const char *)data, keyword, length) == 0;
}

static bool
begins_with(const uint8_t *data, size_t n, const char *text)
{
	size_t length = strlen(text);

	return n >= length && strncasecmp((const char *)data, text, length) == 0;
}

/* Where the text of an iTXt begins: behind keyword, two bytes, language and translation.
 * 0: it is compressed, or none. */
static size_t
international_text(const uint8_t *data, size_t n)
{
	const uint8_t *end = memchr(data, '\0', n);
	size_t at = end == NULL ? n : (size_t)(end - data) + 1;
	int i;

	if (n - at < 2 || data[at] != 0)
		return 0;
	at += 2;
	for (i = 0; i < 2; i++) {
		end = at >= n ? NULL : memchr(data + at, '\0', n - at);
		if (end == NULL)
			return 0;
		at = (size_t)(end - data) + 1;
	}
	return at;
}

void
meta_take_text(struct meta *meta, const uint8_t type[4], const uint8_t *data, size_t n, size_t most)
{
	struct meta_text *text = &meta->texts[meta->n_texts];
	size_t at;

	if (memcmp(type, "iTXt", 4) == 0 && has_keyword(data, n, META_XMP_KEYWORD)) {
		at = international_text(data, n);
		if (at > 0)
			meta_take_xmp(meta, data + at, n - at, most);
		return;
	}
	if (meta->n_texts == META_MAX_TEXTS || n > most - meta->text_bytes)
		return;
	*text = (struct meta_text){ .chunk = { .data = NULL } };
	if (!meta_block_take(&text->chunk, data, n, most))
		return;
	memcpy(text->type, type, 4);
	meta->text_bytes += n;
	meta->n_texts++;
}

static void
text_rights(const struct meta_text *text, struct meta_rights *rights)
{
	const uint8_t *data = text->chunk.data;
	size_t n = text->chunk.size, at;
	char *to = has_keyword(data, n, "Author") ? rights->author :
	    has_keyword(data, n, "Copyright") ? rights->copyright : NULL;
	bool is_international = text->type[0] == 'i';

	if (to == NULL || to[0] != '\0' || text->type[0] == 'z')
		return;
	at = is_international ? international_text(data, n) : strlen((const char *)data) + 1;
	if (at > 0)
		put_text(to, data + at, n - at, is_international);
}

void
meta_rights(const struct meta *meta, struct meta_rights *rights)
{
	struct meta_rights iptc = { .author = "" };
	unsigned i;

	*rights = (struct meta_rights){ .author = "" };
	for (i = 0; i < meta->n_texts; i++)
		text_rights(&meta->texts[i], rights);
	if (meta->iptc.data != NULL)
		iptc_rights(&meta->iptc, &iptc);
	if (rights->author[0] == '\0')
		memcpy(rights->author, iptc.author, sizeof(iptc.author));
	if (rights->copyright[0] == '\0')
		memcpy(rights->copyright, iptc.copyright, sizeof(iptc.copyright));
}

/* ---- the choice ---- */

static bool
may_tell(const struct meta_text *text, enum rendition_metadata metadata, bool is_turned)
{
	const uint8_t *data = text->chunk.data;
	size_t n = text->chunk.size, prefix = sizeof(raw_profile) - 1;

	if (metadata == RENDITION_COPYRIGHT)
		return has_keyword(data, n, "Author") || has_keyword(data, n, "Copyright");
	if (metadata == RENDITION_META_SAFE)
		return !begins_with(data, n, raw_profile) && !begins_with(data, n, "exif:") &&
		    !begins_with(data, n, "gps") && !begins_with(data, n, "location");
	if (!begins_with(data, n, raw_profile))
		return true;
	data += prefix;
	n -= prefix;
	if (has_keyword(data, n, "icc") || has_keyword(data, n, "icm"))
		return false; /* `color` decides about profiles, and this one nobody reads */
	return !is_turned || has_keyword(data, n, "iptc"); /* others hold the old orientation */
}

void
meta_choose(const struct meta *from, enum rendition_metadata metadata, int orientation,
    struct meta *to)
{
	unsigned i;

	*to = (struct meta){ .density = from->density };
	if (image_is_swapped(orientation)) {
		to->density.x = from->density.y;
		to->density.y = from->density.x;
	}
	if (metadata == RENDITION_META_NONE)
		return;
	for (i = 0; i < from->n_texts; i++)
		if (may_tell(&from->texts[i], metadata, orientation != 1))
			to->texts[to->n_texts++] = from->texts[i];
	if (metadata == RENDITION_COPYRIGHT)
		return;
	to->xmp = from->xmp;
	to->iptc = from->iptc;
	to->comment = from->comment;
	if (metadata != RENDITION_META_KEEP)
		return;
	to->xmp_more = from->xmp_more;
	to->resources = from->resources;
	memcpy(to->xmp_guid, from->xmp_guid, sizeof(to->xmp_guid));
}

/* ---- density ---- */

static double
units_per_metre(enum meta_unit unit)
{
	return unit == META_PER_INCH ? 1 / METRE_PER_INCH : unit == META_PER_CM ? 100.0 : 1.0;
}

bool
meta_density_as(const struct meta_density *from, enum meta_unit unit, uint32_t most,
    struct meta_density *to)
{
	double factor = units_per_metre(from->unit) / units_per_metre(unit);

	*to = *from;
	if (from->unit == META_NO_DENSITY || from->x == 0 || from->y == 0 ||
	    (from->unit == META_ASPECT) != (unit == META_ASPECT))
		return false;
	if (from->unit != unit) {
		*to = (struct meta_density){ .unit = unit, .x = (uint32_t)(from->x * factor + 0.5),
			.y = (uint32_t)(from->y * factor + 0.5) };
	}
	return to->x > 0 && to->x <= most && to->y > 0 && to->y <= most;
}
