/* image/exif.c - the EXIF block: read for the way up, composed anew for a result. */
#include <config.h>

#include <libexif/exif-data.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "image/exif.h"

#define HEADER "Exif\0\0" /* libexif reads and writes the block with it */
#define HEADER_BYTES 6
enum { EXIF_INCHES = 2, EXIF_CENTIMETRES = 3 }; /* of ResolutionUnit */

struct exif {
	ExifData *data;
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
	free(block);
	exif = mem_alloc(sizeof(*exif));
	exif->data = data;
	return exif;
}

void
exif_free(struct exif *exif)
{
	if (exif == NULL)
		return;
	exif_data_free(exif->data);
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

/* The numbers that tell the picture's size, and whether it is the width. */
static const struct {
	ExifIfd ifd;
	ExifTag tag;
	bool is_width;
} sizes[] = {
	{ EXIF_IFD_0, EXIF_TAG_IMAGE_WIDTH, true },
	{ EXIF_IFD_0, EXIF_TAG_IMAGE_LENGTH, false },
	{ EXIF_IFD_EXIF, EXIF_TAG_PIXEL_X_DIMENSION, true },
	{ EXIF_IFD_EXIF, EXIF_TAG_PIXEL_Y_DIMENSION, false },
};

/* Is ENTRY a number? */
static bool
is_number(const ExifEntry *entry)
{
	return entry != NULL && entry->data != NULL && entry->components >= 1 &&
	    ((entry->format == EXIF_FORMAT_SHORT && entry->size >= 2) ||
	    (entry->format == EXIF_FORMAT_LONG && entry->size >= 4));
}

/* Overwrite a number where the block has one. */
static void
set_number(ExifData *data, ExifIfd ifd, ExifTag tag, uint32_t value)
{
	ExifEntry *entry = exif_content_get_entry(data->ifd[ifd], tag);
	ExifByteOrder order = exif_data_get_byte_order(data);

	if (!is_number(entry))
		return;
	if (entry->format == EXIF_FORMAT_SHORT)
		exif_set_short(entry->data, order, (ExifShort)value);
	else
		exif_set_long(entry->data, order, value);
}

static bool
is_number_other(ExifData *data, ExifIfd ifd, ExifTag tag, uint32_t value)
{
	const ExifEntry *entry = exif_content_get_entry(data->ifd[ifd], tag);
	ExifByteOrder order = exif_data_get_byte_order(data);

	return is_number(entry) && value != (entry->format == EXIF_FORMAT_SHORT ?
	    exif_get_short(entry->data, order) : exif_get_long(entry->data, order));
}

bool
exif_is_right(const struct exif *exif, uint32_t w, uint32_t h)
{
	size_t i;

	if (exif == NULL)
		return true;
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		if (is_number_other(exif->data, sizes[i].ifd, sizes[i].tag,
		    sizes[i].is_width ? w : h))
			return false;
	return exif->data->data == NULL && exif->data->ifd[EXIF_IFD_1]->count == 0;
}

static void
drop_thumbnail(ExifData *data)
{
	ExifContent *ifd = data->ifd[EXIF_IFD_1];

	free(data->data);
	data->data = NULL;
	data->size = 0;
	while (ifd->count > 0)
		exif_content_remove_entry(ifd, ifd->entries[ifd->count - 1]);
}

static uint8_t *
compose_keep(const struct exif *exif, uint32_t w, uint32_t h, size_t *size)
{
	size_t i;

	drop_thumbnail(exif->data);
	set_number(exif->data, EXIF_IFD_0, EXIF_TAG_ORIENTATION, 1);
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		set_number(exif->data, sizes[i].ifd, sizes[i].tag, sizes[i].is_width ? w : h);
	return save(exif->data, size);
}

uint8_t *
exif_compose(const struct exif *exif, enum rendition_metadata metadata,
    const struct meta_rights *rights, uint32_t w, uint32_t h, size_t *size)
{
	*size = 0;
	if (metadata == RENDITION_COPYRIGHT)
		return compose_copyright(exif, rights, size);
	if (metadata != RENDITION_META_KEEP || exif == NULL)
		return NULL;
	return compose_keep(exif, w, h, size);
}
