/* image/exif_safe.h - an EXIF block with all that may be told to strangers, for metadata = safe.
 *
 * Place:   exif -> here -> tiff.
 * Rule:    IFD 0, the Exif and the Interoperability IFD; of them what the standards name, but for the
 *          owner's name, serial numbers, maker notes, and whatever may hold more than its name says
 *          (packets of XMP and IPTC, private tags, directories of others). No GPS, no thumbnail.
 * Source:  TIFF 6.0; Exif 2.32, 4.6; Exif 3.0's tags are within its ranges.
 */
#ifndef IMAGE_EXIF_SAFE_H
#define IMAGE_EXIF_SAFE_H

#include "image/tiff.h"

/* Gives *SIZE bytes by malloc; NULL: nothing is left, or no memory. */
uint8_t *exif_safe(const struct tiff *from, size_t *size);

#endif
