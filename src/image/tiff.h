/* image/tiff.h - the directories of an EXIF block, read and written where they stand.
 *
 * Place:   exif -> here.
 * Why:     libexif writes a block anew. Maker notes hold offsets from its beginning, which break when
 *          they move, and what stands behind an entry that libexif does not understand is lost.
 * Bytes:   from the byte-order mark on. Nothing outside of them is touched, whatever they say; an
 *          entry whose value lies outside is left as it is, and those behind it count.
 * Source:  TIFF 6.0, section 2; Exif 2.32 (CIPA DC-008), 4.6.
 */
#ifndef IMAGE_TIFF_H
#define IMAGE_TIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum tiff_type { TIFF_BYTE = 1, TIFF_ASCII, TIFF_SHORT, TIFF_LONG, TIFF_RATIONAL, TIFF_UNDEFINED = 7 };

enum tiff_tag {
	TIFF_IMAGE_WIDTH = 0x0100, TIFF_IMAGE_LENGTH = 0x0101, TIFF_ORIENTATION = 0x0112,
	TIFF_THUMBNAIL = 0x0201, TIFF_THUMBNAIL_BYTES = 0x0202, TIFF_EXIF = 0x8769, TIFF_GPS = 0x8825,
	TIFF_MAKER_NOTE = 0x927c, TIFF_COLOR_SPACE = 0xa001, TIFF_PIXEL_X = 0xa002,
	TIFF_PIXEL_Y = 0xa003, TIFF_INTEROPERABILITY = 0xa005, TIFF_INTEROPERABILITY_INDEX = 0x0001
};

#define TIFF_ENTRY_BYTES 12

struct tiff {
	uint8_t *data; /* borrowed */
	size_t size;
	bool is_big;   /* the byte order */
};

struct tiff_entry {
	uint32_t at;                 /* of its twelve bytes */
	unsigned tag, type;
	uint32_t count;
	uint32_t value_at;           /* of the value, wherever it stands */
	size_t value_bytes;          /* 0: none, or not within the block */
};

/* False: it is none. */
bool tiff_begin(struct tiff *tiff, uint8_t *data, size_t size);

uint16_t tiff_get_16(const struct tiff *tiff, size_t at);
uint32_t tiff_get_32(const struct tiff *tiff, size_t at);
void tiff_put_16(struct tiff *tiff, size_t at, uint16_t value);
void tiff_put_32(struct tiff *tiff, size_t at, uint32_t value);

/* The offset of the first directory; 0: there is none. */
uint32_t tiff_first(const struct tiff *tiff);
/* How many entries of the directory at IFD are within the block; 0 where IFD is 0 or outside. */
unsigned tiff_count(const struct tiff *tiff, uint32_t ifd);
/* Entry I of them. */
struct tiff_entry tiff_entry(const struct tiff *tiff, uint32_t ifd, unsigned i);
/* False: the directory has no entry TAG with a value. */
bool tiff_find(const struct tiff *tiff, uint32_t ifd, unsigned tag, struct tiff_entry *entry);
/* Where the offset of the next directory stands; 0: outside. */
uint32_t tiff_next_at(const struct tiff *tiff, uint32_t ifd);
/* The directory that the entry TAG of IFD names, or 0. */
uint32_t tiff_sub(const struct tiff *tiff, uint32_t ifd, unsigned tag);

/* The number of an entry; false: it is none. Overwritten: as a number of the same type. */
bool tiff_number(const struct tiff *tiff, const struct tiff_entry *entry, uint32_t *value);
void tiff_set_number(struct tiff *tiff, const struct tiff_entry *entry, uint32_t value);

#endif
