/* image/png/pace.h - how far the reading of a PNG is, by time and not by rows.
 *
 * Place:   png/read -> here -> pace.   Pure.
 * Why:     the passes of an interlaced picture hold 1/64 to 1/2 of its pixels, and all go over all
 *          of its rows; a percent of the rows of one is another time than that of the next.
 * Source:  tests/bench/progress.py; only proportions matter.
 */
#ifndef IMAGE_PNG_PACE_H
#define IMAGE_PNG_PACE_H

#include <stdbool.h>
#include <stdint.h>

#include "image/pace.h"

struct codec_png_pace {
	double row_bytes, file_bytes; /* of all rows, as they are taken; of the file */
	uint32_t height_px;
	int n_passes;                 /* 1: not interlaced */
	bool is_taken;                /* the rows of an interlaced picture are read once more */
};

/* What all of it takes. */
double codec_png_pace_ns(const struct codec_png_pace *rows);

/* Row Y of pass PASS was read. */
void codec_png_pace_row(const struct codec_png_pace *rows, struct pace *pace, int pass, uint32_t y);

/* Row Y of an interlaced picture was taken. */
void codec_png_pace_taken(const struct codec_png_pace *rows, struct pace *pace, uint32_t y);

#endif
