/* image/linear.h - samples as amounts of light, for `linear = yes`.
 *
 * Place:   bands, develop -> here -> color, window.
 * Why:     half the light is coded as 188 of 255, not as 128: fine detail that is averaged as
 *          it is coded gets darker than it was.
 * Form:    float planes, 1.0 is white, RGB or grey and alpha, all as fine as the picture: chroma
 *          is brought to it by interpolation (JFIF's siting), colours are multiplied by alpha.
 * Curve:   that of the picture's profile along its greys, else sRGB's. CMYK has none: an ink is no
 *          light, and such a picture is resampled as it is.
 * Rows:    each depends on its own source rows alone: bands of any height are the same.
 */
#ifndef IMAGE_LINEAR_H
#define IMAGE_LINEAR_H

#include "image/codec.h"
#include "image/color.h"

/* Between which two samples of a coarser plane the middle of a pixel lies, and how near to the
 * second, of 65536. */
struct linear_between {
	uint32_t first, second, share;
};

struct linear {
	struct image shape;      /* of the planes of light: geometry without data */
	unsigned shift;          /* of a sample of 16 bits to a step of to_light */
	float *to_light;         /* (65536 >> shift) + 1 steps of what is coded */
	uint16_t *from_light;    /* by the square root, so that darks have steps enough */
	uint16_t *fine[IMAGE_MAX_PLANES]; /* a row of each plane, as fine as the picture */
	struct linear_between *columns[IMAGE_MAX_PLANES]; /* NULL: as fine as the picture */
	uint16_t *between;       /* a row of a plane between two of its rows */
	const struct image *from; /* borrowed: the geometry of the source */
};

/* FROM: the source's geometry. COLOR, HEADER: whose curve. -1: ENOMEM; linear_clear() is fine then,
 * and of one that is zero. */
int linear_init(struct linear *linear, const struct image *from, const struct color *color,
    const struct codec_header *header);
void linear_clear(struct linear *linear);

/* The rows *FIRST to *LAST of the source's plane I that the rows BEGIN to END - 1 of light need. */
void linear_span(const struct image *from, int i, uint32_t begin, uint32_t end, uint32_t *first,
    uint32_t *last);

/* The most rows of plane I that SPAN rows of light need. */
uint32_t linear_need(const struct image *from, int i, uint32_t span);

/* The geometry of light from a source of this one. */
void linear_shape(const struct image *from, struct image *shape);

/* Bytes of linear_init(). */
uint64_t linear_cost(const struct image *from);

/* Rows BEGIN to END - 1 of light into the planes TO, from their first row on. */
void linear_rows(struct linear *linear, const struct window *window, uint32_t begin, uint32_t end,
    const struct plane *to);

/* A reduced picture of light as samples of 16 bits, coded again. TO: gets planes of its own, to be
 * cleared also after a failure. */
int linear_code(const struct linear *linear, const struct image *from, struct image *to);

#endif
