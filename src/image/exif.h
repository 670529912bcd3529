/* image/exif.h - the EXIF block of a picture, by libexif; what is kept whole, by tiff.h.
 *
 * Place:   picture, metadata -> here -> tiff.
 * Bytes:   "a TIFF" below is the block from its byte-order mark on, as PNG's eXIf holds it; in a
 *          JPEG's APP1 it stands behind "Exif\0\0".
 * Errors:  a block that cannot be read is no fault of the picture: orientation 1, nothing kept.
 */
#ifndef IMAGE_EXIF_H
#define IMAGE_EXIF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "image/meta.h"
#include "image/rendition.h"

struct exif;

/* Gives; NULL when TIFF (borrowed, may be NULL) cannot be read. exif_free(NULL) is fine. */
struct exif *exif_parse(const uint8_t *tiff, size_t size);
void exif_free(struct exif *exif);

/* 1..8; 1 when EXIF is NULL, says nothing or says nonsense. */
int exif_orientation(const struct exif *exif);

/* What is right for a result. */
struct exif_truth {
	uint32_t width_px, height_px;
	bool is_srgb; /* by decision: it no longer has the colours that the block may name */
	bool may_hold_thumbnail; /* that of the very picture */
};

/* Is there nothing to correct for an upright picture: no thumbnail, nor anything else about one, no
 * other size or colour space? True for NULL. */
bool exif_is_right(const struct exif *exif, const struct exif_truth *truth);

/* Does the block say that the colours are Adobe RGB (1998): ColorSpace 2, as some cameras write, or the
 * option file of DCF 2.0 (Interoperability R03) whose ColorSpace is not sRGB? */
bool exif_is_adobe_rgb(const struct exif *exif);

/* The density that the block tells, for the picture as stored. False: none. */
bool exif_density(const struct exif *exif, struct meta_density *density);

/* The TIFF that a result carries, or NULL: none.
 * COPYRIGHT: Artist and Copyright in a block of their own, nothing else (never GPS); where EXIF
 *            (which may be NULL) has none, those of RIGHTS.
 * KEEP:      everything but the thumbnail, at the place where it stood (maker notes tell of places);
 *            the orientation is 1, sizes and colour space are true.
 * SAFE:      see exif_safe.h; corrected as KEEP is.
 * Gives *SIZE bytes by malloc. */
uint8_t *exif_compose(const struct exif *exif, enum rendition_metadata metadata,
    const struct meta_rights *rights, const struct exif_truth *truth, size_t *size);

#endif
