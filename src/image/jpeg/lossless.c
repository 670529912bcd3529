/* image/jpeg/lossless.c - where a block and a coefficient go when a picture is turned. */
#include <config.h>

#include "image/image.h"
#include "image/jpeg/lossless.h"

#define SIDE 8

void
lossless_turn_init(struct lossless_turn *turn, int orientation)
{
	unsigned u, v;

	turn->is_transposed = image_is_swapped(orientation);
	turn->is_column_mirrored = image_is_column_mirrored(orientation);
	turn->is_row_mirrored = image_is_row_mirrored(orientation);
	for (v = 0; v < SIDE; v++)
		for (u = 0; u < SIDE; u++) {
			bool is_negated = (turn->is_column_mirrored && u % 2 == 1) !=
			    (turn->is_row_mirrored && v % 2 == 1);

			turn->to[SIDE * v + u] = (uint8_t)(turn->is_transposed ? SIDE * u + v :
			    SIDE * v + u);
			turn->sign[SIDE * v + u] = is_negated ? -1 : 1;
		}
}

bool
lossless_is_exact(const struct lossless_turn *turn, uint32_t w, uint32_t h, uint32_t mcu_w,
    uint32_t mcu_h)
{
	return (!turn->is_column_mirrored || w % mcu_w == 0) &&
	    (!turn->is_row_mirrored || h % mcu_h == 0);
}

void
lossless_move(const struct lossless_turn *turn, uint32_t w, uint32_t h, uint32_t *x, uint32_t *y)
{
	uint32_t to_x = turn->is_column_mirrored ? w - 1 - *x : *x;
	uint32_t to_y = turn->is_row_mirrored ? h - 1 - *y : *y;

	*x = turn->is_transposed ? to_y : to_x;
	*y = turn->is_transposed ? to_x : to_y;
}

void
lossless_block(const struct lossless_turn *turn, const int16_t from[64], int16_t to[64])
{
	unsigned i;

	for (i = 0; i < SIDE * SIDE; i++)
		to[turn->to[i]] = (int16_t)(from[i] * turn->sign[i]);
}
