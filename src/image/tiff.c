/* image/tiff.c - the directories of an EXIF block, each step within its bounds. */
#include <config.h>

#include "image/tiff.h"

#include <string.h>

#define HEAD_BYTES 8
#define MAGIC 42

bool
tiff_begin(struct tiff *tiff, uint8_t *data, size_t size)
{
	*tiff = (struct tiff){ .data = data, .size = size };
	if (size < HEAD_BYTES || size > UINT32_MAX)
		return false;
	tiff->is_big = memcmp(data, "MM", 2) == 0;
	return (tiff->is_big || memcmp(data, "II", 2) == 0) && tiff_get_16(tiff, 2) == MAGIC;
}

uint16_t
tiff_get_16(const struct tiff *tiff, size_t at)
{
	const uint8_t *from = tiff->data + at;

	return (uint16_t)(tiff->is_big ? from[0] << 8 | from[1] : from[1] << 8 | from[0]);
}

uint32_t
tiff_get_32(const struct tiff *tiff, size_t at)
{
	uint32_t first = tiff_get_16(tiff, at), second = tiff_get_16(tiff, at + 2);

	return tiff->is_big ? first << 16 | second : second << 16 | first;
}

void
tiff_put_16(struct tiff *tiff, size_t at, uint16_t value)
{
	tiff->data[at] = (uint8_t)(tiff->is_big ? value >> 8 : value);
	tiff->data[at + 1] = (uint8_t)(tiff->is_big ? value : value >> 8);
}

void
tiff_put_32(struct tiff *tiff, size_t at, uint32_t value)
{
	tiff_put_16(tiff, at, (uint16_t)(tiff->is_big ? value >> 16 : value));
	tiff_put_16(tiff, at + 2, (uint16_t)(tiff->is_big ? value : value >> 16));
}

uint32_t
tiff_first(const struct tiff *tiff)
{
	return tiff_get_32(tiff, 4);
}

unsigned
tiff_count(const struct tiff *tiff, uint32_t ifd)
{
	size_t room;
	unsigned n;

	if (ifd < HEAD_BYTES || ifd > tiff->size - 2)
		return 0;
	n = tiff_get_16(tiff, ifd);
	room = (tiff->size - ifd - 2) / TIFF_ENTRY_BYTES;
	return n < room ? n : (unsigned)room;
}

static size_t
bytes_of(unsigned type)
{
	static const uint8_t bytes[] = { 0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4 };

	return type < sizeof(bytes) ? bytes[type] : 0;
}

struct tiff_entry
tiff_entry(const struct tiff *tiff, uint32_t ifd, unsigned i)
{
	uint32_t at = ifd + 2 + i * TIFF_ENTRY_BYTES;
	struct tiff_entry entry = { .at = at, .tag = tiff_get_16(tiff, at),
		.type = tiff_get_16(tiff, at + 2), .count = tiff_get_32(tiff, at + 4) };
	uint64_t bytes = (uint64_t)bytes_of(entry.type) * entry.count;

	entry.value_at = bytes <= 4 ? at + 8 : tiff_get_32(tiff, at + 8);
	if (entry.value_at <= tiff->size && bytes <= tiff->size - entry.value_at)
		entry.value_bytes = (size_t)bytes;
	return entry;
}

bool
tiff_find(const struct tiff *tiff, uint32_t ifd, unsigned tag, struct tiff_entry *entry)
{
	unsigned i, n = tiff_count(tiff, ifd);

	for (i = 0; i < n; i++) {
		*entry = tiff_entry(tiff, ifd, i);
		if (entry->tag == tag && entry->value_bytes > 0)
			return true;
	}
	return false;
}

uint32_t
tiff_next_at(const struct tiff *tiff, uint32_t ifd)
{
	unsigned n = tiff_count(tiff, ifd);
	uint64_t at = (uint64_t)ifd + 2 + (uint64_t)n * TIFF_ENTRY_BYTES;

	return n == 0 || n != tiff_get_16(tiff, ifd) || at + 4 > tiff->size ? 0 : (uint32_t)at;
}

uint32_t
tiff_sub(const struct tiff *tiff, uint32_t ifd, unsigned tag)
{
	struct tiff_entry entry;
	uint32_t sub;

	return tiff_find(tiff, ifd, tag, &entry) && tiff_number(tiff, &entry, &sub) ? sub : 0;
}

bool
tiff_number(const struct tiff *tiff, const struct tiff_entry *entry, uint32_t *value)
{
	if (entry->value_bytes == 0 || (entry->type != TIFF_SHORT && entry->type != TIFF_LONG))
		return false;
	*value = entry->type == TIFF_SHORT ? tiff_get_16(tiff, entry->value_at) :
	    tiff_get_32(tiff, entry->value_at);
	return true;
}

void
tiff_set_number(struct tiff *tiff, const struct tiff_entry *entry, uint32_t value)
{
	if (entry->type == TIFF_SHORT)
		tiff_put_16(tiff, entry->value_at, (uint16_t)value);
	else
		tiff_put_32(tiff, entry->value_at, value);
}
