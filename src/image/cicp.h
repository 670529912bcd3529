/* image/cicp.h - colours that are told by code points, as video does: a PNG's cICP, a profile's cicp.
 *
 * Place:   color, codecs -> here -> lcms2.
 * HDR:     PQ and HLG are tone-mapped to sRGB by the EETF of BT.2390-10, 5.4.1, on R, G and B each: from
 *          a peak of 1000 cd/m2 (what is brighter is cut) to a white of 203 cd/m2 (BT.2408). HLG's
 *          OOTF is that of a display of 1000 cd/m2, its gamma of 1.2 on R, G and B each. No chunk or
 *          tag about the mastering display is asked.
 * Source:  ITU-T H.273 (primaries and transfer), BT.2100-2 (PQ, HLG), PNG (third edition) 11.3.2.6.
 */
#ifndef IMAGE_CICP_H
#define IMAGE_CICP_H

#include <stdbool.h>
#include <stdint.h>

#include <lcms2.h>

struct cicp {
	uint8_t primaries, transfer, matrix, is_full; /* as coded */
};

/* Do we know what it means? Primaries 1, 5, 6, 9 and 12, transfer 1, 4, 5, 6, 8, 13 to 16 and 18, RGB. */
bool cicp_is_known(const struct cicp *cicp);
bool cicp_is_srgb(const struct cicp *cicp);
bool cicp_is_hdr(const struct cicp *cicp);

/* The profile that leads from these colours to those of a display of standard range. NULL: not known, or
 * no memory left. */
cmsHPROFILE cicp_open(const struct cicp *cicp, bool is_grey);

/* The code points of PROFILE. False: it has none, or this lcms2 cannot tell. */
bool cicp_of_profile(cmsHPROFILE profile, struct cicp *cicp);

#endif
