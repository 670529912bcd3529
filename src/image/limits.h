/* image/limits.h - what one picture may be and may take.
 *
 * Place:   conf's [limits], by work/msg.h -> here -> whoever opens a picture.
 */
#ifndef IMAGE_LIMITS_H
#define IMAGE_LIMITS_H

#include <stdint.h>

struct develop_limits {
	uint64_t pixels;     /* width x height of the source */
	uint32_t side_px;    /* either side */
	uint64_t memory_bytes; /* for the planes and codecs of one picture */
	uint32_t icc_bytes, exif_bytes; /* a larger profile, or block of EXIF, XMP, IPTC or
					   texts is left aside */
	uint32_t warnings;   /* of the codec, before the picture counts as damaged */
};

#endif
