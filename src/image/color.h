/* image/color.h - colours that are not sRGB made so, by lcms2.
 *
 * Place:   picture, convert, linear, develop -> here.
 * Rule:    a profile counts only where it can be read and is of the picture's kind (RGB, grey,
 *          CMYK); else the picture is taken as sRGB. CMYK without a profile is not ours: convert
 *          does it by R = C K of the inverted inks.
 * HDR:     a profile that says by a cicp tag that it is PQ or HLG is tone-mapped, see cicp.h.
 * Owns:    sRGB as RGB and as grey (D65 white made D50, sRGB's curve).
 * Errors:  NULL; nothing is logged (lcms2 is silent unless asked).
 */
#ifndef IMAGE_COLOR_H
#define IMAGE_COLOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "image/image.h"
#include "image/rendition.h"

struct color;
struct color_transform;

/* NULL: lcms2 cannot even make sRGB. */
struct color *color_new(void);
void color_free(struct color *color);

/* Is ICC (borrowed) a profile that a picture of MODEL may carry? */
bool color_fits(const uint8_t *icc, size_t size, enum image_model model);

/* Does ICC, which fits, differ from sRGB so that one could see it (2 of 255 anywhere on a grid
 * of colours)? CMYK always does. */
bool color_differs(const struct color *color, const uint8_t *icc, size_t size,
    enum image_model model);

/* From ICC, which fits, to sRGB: rows of interleaved grey, RGB or CMYK (0 = no ink) of
 * FROM_BYTES a sample to grey (from grey) or RGB of TO_BYTES a sample. RELATIVE is with black
 * point compensation. Gives, or NULL. */
struct color_transform *color_transform_new(const struct color *color, const uint8_t *icc,
    size_t size, enum image_model model, enum rendition_intent intent, unsigned from_bytes,
    unsigned to_bytes);
void color_transform_free(struct color_transform *t);
void color_transform_row(const struct color_transform *t, const void *from, void *to,
    uint32_t n_px);

/* From sRGB to ICC, of a picture of MODEL grey or RGB (a watermark becomes part of it); 16 bits a
 * sample on both sides, grey or RGB. Gives, or NULL. */
struct color_transform *color_transform_back(const struct color *color, const uint8_t *icc,
    size_t size, enum image_model model);

/* How much light, 1.0 for white, the greys coded 0, STEP, 2 STEP ... of 1.0 stand for: N + 1 of them
 * into CURVE. By ICC where there is one that fits and tells, else by sRGB's curve. */
void color_curve(const struct color *color, const uint8_t *icc, size_t size,
    enum image_model model, float *curve, unsigned n, double step);

/* The profile that a PNG's gAMA and cHRM describe. GAMMA: the exponent of decoding (2.2).
 * XY: white, red, green, blue, x and y each, or NULL: sRGB's.
 * Of equal ones every byte is equal, whenever it is made.
 * Gives *SIZE bytes by malloc, or NULL. */
uint8_t *color_profile_of_gamma(double gamma, const double xy[8], bool is_grey, size_t *size);

/* The same for Adobe RGB (1998), by its primaries and its exponent of 563/256. */
uint8_t *color_profile_of_adobe_rgb(size_t *size);

/* The same for code points, which it notes, too; see cicp.h. NULL: not known. */
struct cicp;
uint8_t *color_profile_of_cicp(const struct cicp *cicp, bool is_grey, size_t *size);

/* ICC, which fits, written again by lcms2: its header and its table of tags say what is in it, and its
 * intent is one of the four. Gives *SIZE bytes by malloc, or NULL. */
uint8_t *color_profile_mended(const uint8_t *icc, size_t icc_bytes, size_t *size);

#endif
