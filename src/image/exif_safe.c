/* image/exif_safe.c - entries one by one, from a block into a new one. */
#include <config.h>

#include "image/exif_safe.h"

#include <stdlib.h>
#include <string.h>

#define HEAD_BYTES 8
#define OWNER_NAME 0xa430
#define BODY_SERIAL 0xa431
#define LENS_SERIAL 0xa435
#define UNIQUE_ID 0xa420

/* The new block. Its room is that of the old one twice: values that share bytes do not any more. */
struct block {
	struct tiff tiff;
	size_t room;
	unsigned n_entries;
};

static bool
is_in(unsigned tag, const uint16_t ranges[][2], size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (tag >= ranges[i][0] && tag <= ranges[i][1])
			return true;
	return false;
}

/* Named by a standard, and no more than its name says? */
static bool
is_safe(unsigned tag)
{
	static const uint16_t known[][2] = { { 0x0001, 0x0002 }, { 0x00fe, 0x02bb }, { 0x1000, 0x1002 },
		{ 0x4746, 0x4749 }, { 0x8298, 0x829d }, { 0x8822, 0x8835 }, { 0x9000, 0x9fff },
		{ 0xa000, 0xa4ff } };
	static const uint16_t others[][2] = { { 0x0111, 0x0111 }, { 0x0117, 0x0117 },
		{ 0x0144, 0x0145 }, { 0x014a, 0x014a }, { 0x0201, 0x0202 },
		{ TIFF_GPS, TIFF_GPS }, { TIFF_MAKER_NOTE, TIFF_MAKER_NOTE },
		{ TIFF_INTEROPERABILITY, TIFF_INTEROPERABILITY }, { UNIQUE_ID, UNIQUE_ID },
		{ OWNER_NAME, BODY_SERIAL }, { LENS_SERIAL, LENS_SERIAL } };

	return is_in(tag, known, sizeof(known) / sizeof(known[0])) &&
	    !is_in(tag, others, sizeof(others) / sizeof(others[0]));
}

/* Room for N bytes at the end, on a word. Returns where, 0: there is none left. */
static uint32_t
take(struct block *to, size_t n)
{
	size_t at = to->tiff.size + to->tiff.size % 2;

	if (n > to->room || at > to->room - n)
		return 0;
	to->tiff.size = at + n;
	return (uint32_t)at;
}

static void
put_head(struct tiff *to, uint32_t at, unsigned tag, unsigned type, uint32_t count)
{
	tiff_put_16(to, at, (uint16_t)tag);
	tiff_put_16(to, at + 2, (uint16_t)type);
	tiff_put_32(to, at + 4, count);
}

/* As twelve bytes at AT. False: no room for its value. */
static bool
put_entry(struct block *to, uint32_t at, const struct tiff *from, const struct tiff_entry *entry)
{
	uint32_t value_at = entry->value_bytes <= 4 ? at + 8 : take(to, entry->value_bytes);

	if (value_at == 0)
		return false;
	put_head(&to->tiff, at, entry->tag, entry->type, entry->count);
	memcpy(to->tiff.data + value_at, from->data + entry->value_at, entry->value_bytes);
	if (entry->value_bytes > 4)
		tiff_put_32(&to->tiff, at + 8, value_at);
	return true;
}

/* The directory at IFD, with one more entry SUB of tag SUB_TAG (0: none) where its number belongs. Returns
 * where it stands now; 0: there is none, or nothing in it may be told. */
static uint32_t
put_directory(struct block *to, const struct tiff *from, uint32_t ifd, unsigned sub_tag, uint32_t sub)
{
	unsigned i, n = tiff_count(from, ifd), n_put = 0;
	uint32_t begin = take(to, 2 + ((size_t)n + 1) * TIFF_ENTRY_BYTES + 4);

	for (i = 0; i <= n && begin != 0; i++) {
		uint32_t at = begin + 2 + n_put * TIFF_ENTRY_BYTES;
		struct tiff_entry entry = { .tag = 0x10000 };

		if (i < n)
			entry = tiff_entry(from, ifd, i);
		if (sub != 0 && entry.tag > sub_tag) {
			put_head(&to->tiff, at, sub_tag, TIFF_LONG, 1);
			tiff_put_32(&to->tiff, at + 8, sub);
			sub = 0;
			n_put++;
			at += TIFF_ENTRY_BYTES;
		}
		if (entry.value_bytes > 0 && is_safe(entry.tag))
			n_put += put_entry(to, at, from, &entry);
	}
	if (n_put == 0)
		return 0;
	tiff_put_16(&to->tiff, begin, (uint16_t)n_put);
	to->n_entries += n_put;
	return begin;
}

uint8_t *
exif_safe(const struct tiff *from, size_t *size)
{
	struct block to = { .tiff = { .is_big = from->is_big, .size = HEAD_BYTES },
		.room = 2 * from->size + 256 };
	uint32_t ifd = tiff_first(from), exif = tiff_sub(from, ifd, TIFF_EXIF), sub;

	to.tiff.data = calloc(1, to.room);
	if (to.tiff.data == NULL)
		return NULL;
	memcpy(to.tiff.data, from->data, 4);
	sub = put_directory(&to, from, tiff_sub(from, exif, TIFF_INTEROPERABILITY), 0, 0);
	sub = put_directory(&to, from, exif, TIFF_INTEROPERABILITY, sub);
	sub = put_directory(&to, from, ifd, TIFF_EXIF, sub);
	tiff_put_32(&to.tiff, 4, sub);
	*size = to.tiff.size;
	if (sub != 0)
		return to.tiff.data;
	free(to.tiff.data);
	return NULL;
}
