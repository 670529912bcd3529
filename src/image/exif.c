/* image/exif.c - the EXIF block: read for the way up, corrected or composed for a result. */
#include <config.h>

#include <libexif/exif-data.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "image/exif.h"
#include "image/exif_safe.h"
#include "image/tiff.h"

#define HEADER "Exif\0\0" /* libexif reads and writes the block with it */
#define HEADER_BYTES 6
enum { EXIF_INCHES = 2, EXIF_CENTIMETRES = 3 }; /* of ResolutionUnit */
enum { SPACE_NONE = 0, SPACE_SRGB = 1, SPACE_ADOBE = 2 }; /* of ColorSpace; 2 is no standard's */
#define INDEX_BYTES 4    /* of InteroperabilityIndex, with its NUL: DCF 2.0, 5.3.3 */
#define INDEX_SRGB "R98"
#define INDEX_ADOBE "R03"
#define PADDING 3       /* bytes that may follow a thumbnail at the end */

struct exif {
	ExifData *data;    /* as libexif read it */
	uint8_t *block;    /* as it came, without libexif's header */
	size_t size;
	struct tiff tiff;  /* of it */
	bool is_tiff;
};

/* A block as it is: no tag repaired, added or dropped behind our back. */
static ExifData *
new_data(void)
{
	ExifData *data = exif_data_new();

	if (data == NULL)
		return NULL;
	exif_data_unset_option(data, EXIF_DATA_OPTION_FOLLOW_SPECIFICATION);
	exif_data_unset_option(data, EXIF_DATA_OPTION_IGNORE_UNKNOWN_TAGS);
	exif_data_set_option(data, EXIF_DATA_OPTION_DONT_CHANGE_MAKER_NOTE);
	return data;
}

struct exif *
exif_parse(const uint8_t *tiff, size_t size)
{
	struct exif *exif;
	uint8_t *block;
	ExifData *data;

	if (tiff == NULL || size < 8 || size > UINT32_MAX - HEADER_BYTES)
		return NULL;
	data = new_data();
	block = malloc(size + HEADER_BYTES);
	if (data == NULL || block == NULL) {
		exif_data_free(data);
		free(block);
		return NULL;
	}
	memcpy(block, HEADER, HEADER_BYTES);
	memcpy(block + HEADER_BYTES, tiff, size);
	exif_data_load_data(data, block, (unsigned)(size + HEADER_BYTES));
	exif = mem_alloc(sizeof(*exif));
	exif->data = data;
	exif->block = memmove(block, block + HEADER_BYTES, size);
	exif->size = size;
	exif->is_tiff = tiff_begin(&exif->tiff, block, size);
	return exif;
}

void
exif_free(struct exif *exif)
{
	if (exif == NULL)
		return;
	exif_data_free(exif->data);
	free(exif->block);
	free(exif);
}

int
exif_orientation(const struct exif *exif)
{
	ExifEntry *entry = exif == NULL ? NULL :
	    exif_content_get_entry(exif->data->ifd[EXIF_IFD_0], EXIF_TAG_ORIENTATION);
	int orientation;

	if (entry == NULL || entry->format != EXIF_FORMAT_SHORT || entry->components < 1 ||
	    entry->data == NULL || entry->size < 2)
		return 1;
	orientation = exif_get_short(entry->data, exif_data_get_byte_order(exif->data));
	return orientation >= 1 && orientation <= 8 ? orientation : 1;
}

/* A rational of IFD 0, rounded; 0: there is none that makes sense. */
static uint32_t
rational(ExifData *data, ExifTag tag)
{
	const ExifEntry *entry = exif_content_get_entry(data->ifd[EXIF_IFD_0], tag);
	ExifRational r;

	if (entry == NULL || entry->format != EXIF_FORMAT_RATIONAL || entry->data == NULL ||
	    entry->size < 8)
		return 0;
	r = exif_get_rational(entry->data, exif_data_get_byte_order(data));
	return r.denominator == 0 ? 0 : (uint32_t)((r.numerator + (uint64_t)r.denominator / 2) /
	    r.denominator);
}

bool
exif_density(const struct exif *exif, struct meta_density *density)
{
	ExifEntry *entry = exif == NULL ? NULL :
	    exif_content_get_entry(exif->data->ifd[EXIF_IFD_0], EXIF_TAG_RESOLUTION_UNIT);
	unsigned unit;

	if (entry == NULL || entry->format != EXIF_FORMAT_SHORT || entry->data == NULL ||
	    entry->size < 2)
		return false;
	unit = exif_get_short(entry->data, exif_data_get_byte_order(exif->data));
	*density = (struct meta_density){ unit == EXIF_INCHES ? META_PER_INCH : META_PER_CM,
		rational(exif->data, EXIF_TAG_X_RESOLUTION),
		rational(exif->data, EXIF_TAG_Y_RESOLUTION) };
	return (unit == EXIF_INCHES || unit == EXIF_CENTIMETRES) && density->x > 0 &&
	    density->y > 0;
}

/* Put N bytes of TEXT into TO as TAG. Returns whether there was anything to put. */
static bool
put_text(ExifData *to, ExifTag tag, const void *text, size_t n)
{
	ExifEntry *entry;

	if (n == 0 || *(const char *)text == '\0')
		return false;
	entry = exif_entry_new();
	if (entry == NULL)
		return false;
	entry->data = malloc(n);
	if (entry->data == NULL) {
		exif_entry_unref(entry);
		return false;
	}
	memcpy(entry->data, text, n);
	entry->tag = tag;
	entry->format = EXIF_FORMAT_ASCII;
	entry->components = n;
	entry->size = (unsigned)n;
	exif_content_add_entry(to->ifd[EXIF_IFD_0], entry);
	exif_entry_unref(entry);
	return true;
}

/* The text TAG of EXIF (or NULL), else OTHER. */
static bool
put_right(const struct exif *exif, ExifData *to, ExifTag tag, const char *other)
{
	const ExifEntry *old = exif == NULL ? NULL :
	    exif_content_get_entry(exif->data->ifd[EXIF_IFD_0], tag);

	if (old != NULL && old->format == EXIF_FORMAT_ASCII && old->data != NULL &&
	    put_text(to, tag, old->data, old->size))
		return true;
	return put_text(to, tag, other, strlen(other) + 1);
}

/* Gives the block as a TIFF, without libexif's header. */
static uint8_t *
save(ExifData *data, size_t *size)
{
	unsigned char *block = NULL;
	unsigned block_size = 0;

	exif_data_save_data(data, &block, &block_size);
	if (block == NULL || block_size <= HEADER_BYTES) {
		free(block);
		return NULL;
	}
	*size = block_size - HEADER_BYTES;
	memmove(block, block + HEADER_BYTES, *size);
	return block;
}

static uint8_t *
compose_copyright(const struct exif *exif, const struct meta_rights *rights, size_t *size)
{
	ExifData *fresh = new_data();
	uint8_t *block = NULL;
	bool has_any;

	if (fresh == NULL)
		return NULL;
	exif_data_set_byte_order(fresh, EXIF_BYTE_ORDER_INTEL);
	has_any = put_right(exif, fresh, EXIF_TAG_ARTIST, rights->author);
	has_any = put_right(exif, fresh, EXIF_TAG_COPYRIGHT, rights->copyright) || has_any;
	if (has_any)
		block = save(fresh, size);
	exif_data_free(fresh);
	return block;
}

/* ---- what is told of the picture itself, where it stands ---- */

/* The directories that are read and written; the thumbnail's is not among them. */
struct places {
	uint32_t main, exif, gps, interoperability; /* 0: there is none */
};

static struct places
places_of(const struct tiff *tiff)
{
	struct places p = { .main = tiff_first(tiff) };

	p.exif = tiff_sub(tiff, p.main, TIFF_EXIF);
	p.gps = tiff_sub(tiff, p.main, TIFF_GPS);
	p.interoperability = tiff_sub(tiff, p.exif, TIFF_INTEROPERABILITY);
	return p;
}

/* Set the number TAG of IFD, where there is one, to VALUE. Returns whether it was another. */
static bool
correct(struct tiff *tiff, uint32_t ifd, unsigned tag, uint32_t value, bool may_write)
{
	struct tiff_entry entry;
	uint32_t old;

	if (!tiff_find(tiff, ifd, tag, &entry) || !tiff_number(tiff, &entry, &old) || old == value)
		return false;
	if (may_write)
		tiff_set_number(tiff, &entry, value);
	return true;
}

/* Where the index of Adobe RGB stands; NULL: it is another one, or none. */
static uint8_t *
adobe_index(const struct tiff *tiff)
{
	struct tiff_entry entry;

	return tiff_find(tiff, places_of(tiff).interoperability, TIFF_INTEROPERABILITY_INDEX, &entry) &&
	    entry.value_bytes >= INDEX_BYTES - 1 &&
	    memcmp(tiff->data + entry.value_at, INDEX_ADOBE, INDEX_BYTES - 1) == 0 ?
	    tiff->data + entry.value_at : NULL;
}

bool
exif_is_adobe_rgb(const struct exif *exif)
{
	struct tiff_entry entry;
	uint32_t space = SPACE_NONE;

	if (exif == NULL || !exif->is_tiff)
		return false;
	if (tiff_find(&exif->tiff, places_of(&exif->tiff).exif, TIFF_COLOR_SPACE, &entry))
		tiff_number(&exif->tiff, &entry, &space);
	return space == SPACE_ADOBE || (space != SPACE_SRGB && adobe_index(&exif->tiff) != NULL);
}

static bool
correct_space(struct tiff *tiff, bool may_write)
{
	bool was_other = correct(tiff, places_of(tiff).exif, TIFF_COLOR_SPACE, SPACE_SRGB, may_write);
	uint8_t *index = adobe_index(tiff);

	if (index != NULL && may_write)
		memcpy(index, INDEX_SRGB, INDEX_BYTES - 1);
	return was_other || index != NULL;
}

/* Returns whether anything was not as it has to be. */
static bool
correct_all(struct tiff *tiff, const struct exif_truth *truth, bool may_write)
{
	const struct places p = places_of(tiff);
	const struct {
		uint32_t ifd, value;
		unsigned tag;
	} numbers[] = {
		{ p.main, truth->width_px, TIFF_IMAGE_WIDTH },
		{ p.main, truth->height_px, TIFF_IMAGE_LENGTH },
		{ p.main, 1, TIFF_ORIENTATION },
		{ p.exif, truth->width_px, TIFF_PIXEL_X },
		{ p.exif, truth->height_px, TIFF_PIXEL_Y },
	};
	bool was_other = truth->is_srgb && correct_space(tiff, may_write);
	size_t i;

	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		was_other = correct(tiff, numbers[i].ifd, numbers[i].tag, numbers[i].value, may_write) ||
		    was_other;
	return was_other;
}

bool
exif_is_right(const struct exif *exif, const struct exif_truth *truth)
{
	struct tiff tiff;
	uint32_t next;

	if (exif == NULL)
		return true;
	if (!exif->is_tiff)
		return false;
	tiff = exif->tiff;
	next = tiff_next_at(&tiff, places_of(&tiff).main);
	return !correct_all(&tiff, truth, false) && (truth->may_hold_thumbnail || next == 0 ||
	    tiff_get_32(&tiff, next) == 0);
}

/* ---- the thumbnail ---- */

struct range {
	uint64_t begin, end;
};

static bool
do_meet(struct range a, uint64_t begin, uint64_t end)
{
	return begin < a.end && a.begin < end;
}

/* Does the directory IFD, or a value of it, lie within RANGE? */
static bool
is_directory_within(const struct tiff *tiff, uint32_t ifd, struct range range)
{
	unsigned i, n = tiff_count(tiff, ifd);

	if (n > 0 && do_meet(range, ifd, (uint64_t)ifd + 2 + (uint64_t)n * TIFF_ENTRY_BYTES + 4))
		return true;
	for (i = 0; i < n; i++) {
		const struct tiff_entry entry = tiff_entry(tiff, ifd, i);

		if (do_meet(range, entry.value_at, (uint64_t)entry.value_at + entry.value_bytes))
			return true;
	}
	return false;
}

/* The bytes of the thumbnail that IFD tells of; none where they are not within the block, or where
 * anything else is in them. */
static struct range
thumbnail_of(const struct tiff *tiff, uint32_t ifd)
{
	const struct places p = places_of(tiff);
	struct range range = { .begin = tiff_sub(tiff, ifd, TIFF_THUMBNAIL) };

	range.end = range.begin + tiff_sub(tiff, ifd, TIFF_THUMBNAIL_BYTES);
	if (range.begin == 0 || range.begin >= tiff->size || do_meet(range, 0, 8) ||
	    is_directory_within(tiff, p.main, range) || is_directory_within(tiff, p.exif, range) ||
	    is_directory_within(tiff, p.gps, range) ||
	    is_directory_within(tiff, p.interoperability, range))
		return (struct range){ 0, 0 };
	if (range.end > tiff->size)
		range.end = tiff->size;
	return range;
}

/* Nothing moves: at the end of the block it is cut off, elsewhere it becomes zeros. */
static void
drop_thumbnail(struct tiff *tiff)
{
	uint32_t next = tiff_next_at(tiff, tiff_first(tiff));
	struct range range;

	if (next == 0 || tiff_get_32(tiff, next) == 0)
		return;
	range = thumbnail_of(tiff, tiff_get_32(tiff, next));
	tiff_put_32(tiff, next, 0);
	memset(tiff->data + range.begin, 0, (size_t)(range.end - range.begin));
	if (range.end + PADDING >= tiff->size && range.begin > 0)
		tiff->size = (size_t)range.begin;
}

/* ---- all of it ---- */

static uint8_t *
compose_keep(const struct exif *exif, const struct exif_truth *truth, size_t *size)
{
	uint8_t *block = malloc(exif->size);
	struct tiff tiff;

	if (block == NULL)
		return NULL;
	memcpy(block, exif->block, exif->size);
	tiff_begin(&tiff, block, exif->size);
	drop_thumbnail(&tiff);
	correct_all(&tiff, truth, true);
	*size = tiff.size;
	return block;
}

static uint8_t *
compose_safe(const struct exif *exif, const struct exif_truth *truth, size_t *size)
{
	uint8_t *block = exif_safe(&exif->tiff, size);
	struct tiff tiff;

	if (block != NULL && tiff_begin(&tiff, block, *size))
		correct_all(&tiff, truth, true);
	return block;
}

uint8_t *
exif_compose(const struct exif *exif, enum rendition_metadata metadata,
    const struct meta_rights *rights, const struct exif_truth *truth, size_t *size)
{
	*size = 0;
	if (metadata == RENDITION_COPYRIGHT)
		return compose_copyright(exif, rights, size);
	if (metadata == RENDITION_META_NONE || exif == NULL || !exif->is_tiff)
		return NULL;
	return metadata == RENDITION_META_KEEP ? compose_keep(exif, truth, size) :
	    compose_safe(exif, truth, size);
}
