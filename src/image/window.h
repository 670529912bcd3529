/* image/window.h - a picture on its way in: only the rows that something still needs.
 *
 * Place:   codecs fill it, bands empties it.
 * Flow:    the codec says the geometry (shape), the owner how many rows it needs at once
 *          (window_need), window_open() allocates; then the codec writes one unit of rows after
 *          the other and says window_come(), in which the owner takes what it can.
 * Errors:  -1 with errno ENOMEM.
 */
#ifndef IMAGE_WINDOW_H
#define IMAGE_WINDOW_H

#include "image/image.h"

struct window_rows {
	uint32_t unit;       /* rows that come in at once; a JPEG's iMCU row, a PNG's row */
	uint32_t capacity;   /* rows that there is memory for */
	uint32_t first, end; /* rows that are there: first to end - 1 */
	uint32_t keep;       /* first row that is still needed; the owner raises it */
};

/* 0, or -1: the outcome says why. */
typedef int window_take_fn(void *owner);

struct window {
	struct image image; /* heights are of the whole picture, data begin at row `first` */
	struct window_rows rows[IMAGE_MAX_PLANES];
	uint32_t n_units, n_come; /* how many units the picture has, and how many have come */
	window_take_fn *take;
	void *owner;
};

/* Something needs SPAN rows of plane I at once. */
void window_need(struct window *w, int i, uint32_t span);

/* Bytes that window_open() takes. */
uint64_t window_bytes(const struct window *w);
int window_open(struct window *w);
void window_clear(struct window *w);

/* Row Y of plane I: for the codec one of the unit that comes next, else one that is there. */
uint8_t *window_row(const struct window *w, int i, uint32_t y);

/* One more unit is there. Returns what the owner's take() returned. */
int window_come(struct window *w);

/* Take row Y, its N channels interleaved (1 or 3 of 8 bits; any with alpha of 16), apart into the
 * planes; colours are multiplied by their alpha. */
void window_put(const struct window *window, unsigned n, const uint8_t *row, uint32_t y);

#endif
