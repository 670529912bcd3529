/* image/jpeg/lossless.h - a picture of DCT coefficients stood upright, block by block.
 *
 * Place:   jpeg/copy -> here.
 * Why:     a cosine mirrored is the same cosine, negated where its frequency is odd; a block
 *          transposed is its coefficients transposed. So nothing is rounded.
 * Units:   blocks of 8x8; coefficients in natural order, row by row (index 8 * v + u).
 * Source:  ITU-T T.81 A.3.3 (the DCT); EXIF 2.3, tag 0x0112 (orientations 1..8).
 */
#ifndef IMAGE_JPEG_LOSSLESS_H
#define IMAGE_JPEG_LOSSLESS_H

#include <stdbool.h>
#include <stdint.h>

/* How ORIENTATION was stored: mirrored first, then transposed, it stands upright. */
struct lossless_turn {
	bool is_column_mirrored, is_row_mirrored, is_transposed;
	uint8_t to[64];  /* where a coefficient goes */
	int8_t sign[64]; /* and what it is multiplied by */
};

void lossless_turn_init(struct lossless_turn *turn, int orientation);

/* Can a picture of W x H pixels be turned? Mirroring needs whole MCUs, of MCU_W x MCU_H pixels,
 * else the torn edge would stand inside. */
bool lossless_is_exact(const struct lossless_turn *turn, uint32_t w, uint32_t h, uint32_t mcu_w,
    uint32_t mcu_h);

/* Where the block (X, Y) of W x H blocks goes: *X and *Y are overwritten. */
void lossless_move(const struct lossless_turn *turn, uint32_t w, uint32_t h, uint32_t *x,
    uint32_t *y);

void lossless_block(const struct lossless_turn *turn, const int16_t from[64], int16_t to[64]);

#endif
