/* image/meta.h - what a picture tells beside its pixels; EXIF and profiles have their own places.
 *
 * Place:   codecs gather and write it; metadata chooses what a result may tell.
 * Holds:   XMP as one packet and its extension, IPTC as the IIM data sets alone, a PNG's text chunks
 *          as they are,
 *          the density of the pixels.
 * Bounds:  every block is limited by the caller; nothing is unpacked; a damaged block is none.
 * Source:  XMP Specification Part 3 (2020), IPTC-IIM 4.2, PNG (third edition) 11.3.3.
 */
#ifndef IMAGE_META_H
#define IMAGE_META_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "image/rendition.h"

#define META_GUID_BYTES 32   /* hex digits that tie XMP's extension to its packet */
#define META_MAX_TEXTS 64    /* chunks; editors write about ten */
#define META_RIGHT_SIZE 512  /* bytes of a name, with NUL */
#define META_XMP_KEYWORD "XML:com.adobe.xmp" /* of a PNG's iTXt */

struct meta_block {
	uint8_t *data; /* by malloc, or NULL */
	size_t size;
};

struct meta_text {
	uint8_t type[5]; /* "tEXt", "zTXt", "iTXt" */
	struct meta_block chunk;
};

/* JFIF has inches and centimetres, PNG has metres: kept as found, converted when written. */
enum meta_unit { META_NO_DENSITY, META_ASPECT, META_PER_INCH, META_PER_CM, META_PER_METRE };

struct meta_density {
	enum meta_unit unit;
	uint32_t x, y;
};

struct meta {
	struct meta_block xmp, xmp_more, iptc;
	struct meta_block comment;   /* a JPEG's first one */
	struct meta_block resources; /* Photoshop's, but for those that are told elsewhere or not true */
	char xmp_guid[META_GUID_BYTES];
	bool was_xmp_turned; /* the XMP named an orientation, which was taken out */
	struct meta_text texts[META_MAX_TEXTS];
	unsigned n_texts;
	size_t text_bytes;
	struct meta_density density;
};

/* Who made the picture and whose it is; UTF-8, empty: not known. */
struct meta_rights {
	char author[META_RIGHT_SIZE], copyright[META_RIGHT_SIZE];
};

void meta_clear(struct meta *meta);

/* Copy the N bytes DATA into BLOCK, if it is empty and N is 1..MOST. Returns whether it did. */
bool meta_block_take(struct meta_block *block, const uint8_t *data, size_t n, size_t most);

/* Take a packet of at most MOST bytes, its orientation set to 1: pixels will stand upright. */
void meta_take_xmp(struct meta *meta, const uint8_t *data, size_t n, size_t most);

/* Take IPTC and the rest out of Photoshop's image resources (what follows "Photoshop 3.0\0"). */
void meta_take_resources(struct meta *meta, const uint8_t *data, size_t n, size_t most);

/* Take a PNG's text chunk; XMP is recognised. All texts together may have MOST bytes. */
void meta_take_text(struct meta *meta, const uint8_t type[4], const uint8_t *data, size_t n,
    size_t most);

/* Overwrite the value of every tiff:Orientation in XMP by 1. Returns whether any was another. */
bool meta_reset_orientation(uint8_t *xmp, size_t n);

/* What a result may tell, borrowed from FROM; of SAFE, XMP and IPTC are still to be cut (metadata.c). ORIENTATION: the one that was applied. */
void meta_choose(const struct meta *from, enum rendition_metadata metadata, int orientation,
    struct meta *to);

/* The data sets of IPTC that name no place, into TO, by malloc. What is damaged, and all behind it, is left
 * out. False: nothing is left. */
bool meta_iptc_without_place(const struct meta_block *iptc, struct meta_block *to);

/* Author and owner by a PNG's texts or, failing them, by IPTC; xmp_rights() knows more. */
void meta_rights(const struct meta *meta, struct meta_rights *rights);

/* The density in UNIT, which is not META_NO_DENSITY. False: there is none, or it has another
 * kind, or is over MOST. */
bool meta_density_as(const struct meta_density *from, enum meta_unit unit, uint32_t most,
    struct meta_density *to);

#endif
