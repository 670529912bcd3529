/* image/subsample.h - a plane to half its width and half its height, while it comes in.
 *
 * Place:   jpeg/read -> here -> window.
 * Why:     libjpeg gives the chroma of a reduced 4:2:0 picture as many samples as its luma. Where
 *          every result wants a quarter of them, averages of four leave zimg a quarter of its work.
 * How:     means of 2 x 2 samples, rounded; the last column or row of an odd number is the mean of
 *          those that the picture has. Sample (x, y) of the half covers (2x, 2y) to (2x + 2, 2y + 2).
 * Owns:    the rows of one unit.
 */
#ifndef IMAGE_SUBSAMPLE_H
#define IMAGE_SUBSAMPLE_H

#include "image/window.h"

struct subsample {
	struct plane full; /* `height` is that of the whole plane, `data` one unit of rows */
	uint32_t unit;     /* rows in it, even; 0: nothing is halved, all but subsample_row() do nothing */
};

/* Plane I of WINDOW, with an even number of rows in a unit, becomes the half. Allocates nothing. */
void subsample_shape(struct subsample *subsample, struct window *window, int i);

/* -1: ENOMEM. */
int subsample_open(struct subsample *subsample);
void subsample_clear(struct subsample *subsample);

/* Row K of the unit, for the codec to fill. */
uint8_t *subsample_row(const struct subsample *subsample, uint32_t k);

/* Unit I_UNIT is filled: its rows, halved, into plane I of WINDOW. */
void subsample_put(const struct subsample *subsample, uint32_t i_unit, const struct window *window, int i);

#endif
