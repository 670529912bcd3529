/* image/sharpen.h - unsharp masking of the luma of a reduced picture.
 *
 * Place:   develop, convert -> here.
 * How:     what the luma differs by from itself blurred (binomial 1 4 6 4 1 both ways, which is
 *          a Gauss curve of one pixel) is added, times a percentage, to every colour alike: hues
 *          stay. Over the edge the last row and column repeat.
 * Alpha:   a neighbour counts as much as one sees of it, so nothing shines through.
 * Rows:    whole numbers from five rows alone: in any order, and again, they are the same.
 * Errors:  -1 with errno ENOMEM.
 */
#ifndef IMAGE_SHARPEN_H
#define IMAGE_SHARPEN_H

#include "image/image.h"

#define SHARPEN_ROWS 5

struct sharpen {
	unsigned percent, n_colors, sample_bytes;
	uint32_t n_px, n_rows;
	bool has_alpha;
	uint32_t y[SHARPEN_ROWS];      /* which row lies there; UINT32_MAX: none */
	uint8_t *rows[SHARPEN_ROWS];   /* as given */
	uint16_t *lumas[SHARPEN_ROWS]; /* 0..65535 */
	uint16_t *alphas[SHARPEN_ROWS];
	uint64_t *sums, *weights;      /* of a column of five */
	uint8_t *out;
};

/* Rows of N_PX pixels, N_COLORS (1 or 3) of SAMPLE_BYTES interleaved; N_ROWS of them. */
int sharpen_init(struct sharpen *s, unsigned percent, uint32_t n_px, uint32_t n_rows,
    unsigned n_colors, unsigned sample_bytes, bool has_alpha);
void sharpen_clear(struct sharpen *s);

/* The rows that sharpen_row(Y) needs: *BEGIN to *END - 1. */
void sharpen_span(const struct sharpen *s, uint32_t y, uint32_t *begin, uint32_t *end);

bool sharpen_has(const struct sharpen *s, uint32_t y);
/* ALPHA: 16 bits a pixel; NULL unless has_alpha. Both are copied. */
void sharpen_put(struct sharpen *s, uint32_t y, const void *row, const uint16_t *alpha);

/* Row Y sharpened; its span was put. Good until the next call. */
const uint8_t *sharpen_row(struct sharpen *s, uint32_t y);

/* All of a plane of one byte a sample; TO has its size. */
int sharpen_plane(const struct plane *from, struct plane *to, unsigned percent);

#endif
