/* image/window.h - a picture on its way in: only the rows that something still needs.
 *
 * Place:   a codec fills it, bands empties it; develop asks both in turn.
 * Flow:    the codec says the geometry (shape), the reader how many rows it needs at once
 *          (window_need), window_open() allocates. Then, unit by unit: the codec writes its rows and
 *          says window_come(); the reader uses what it can and says by window_keep() which rows it
 *          still needs.
 * Errors:  -1 with errno ENOMEM.
 */
#ifndef IMAGE_WINDOW_H
#define IMAGE_WINDOW_H

#include "image/image.h"

struct window_rows {
	uint32_t unit;       /* rows that come in at once; a JPEG's iMCU row, a PNG's row */
	uint32_t capacity;   /* rows that there is memory for */
	uint32_t first, end; /* rows that are there: first to end - 1 */
};

struct window {
	struct image image; /* heights are of the whole picture, data begin at row `first` */
	struct window_rows rows[IMAGE_MAX_PLANES];
	uint32_t n_units, n_come; /* how many units the picture has, and how many have come */
};

/* Something needs SPAN rows of plane I at once. */
void window_need(struct window *w, int i, uint32_t span);

/* Bytes that window_open() takes. */
uint64_t window_bytes(const struct window *w);
int window_open(struct window *w);
void window_clear(struct window *w);

/* Row Y of plane I: for the codec one of the unit that comes next, else one that is there. */
uint8_t *window_row(const struct window *w, int i, uint32_t y);

/* The codec: one more unit of every plane is there. */
void window_come(struct window *w);

/* Have all units come? */
bool window_is_complete(const struct window *w);

/* The reader: of plane I, rows before FIRST are not needed any more. Where there is no room for the next
 * unit the others move up, so pointers to rows end here. */
void window_keep(struct window *w, int i, uint32_t first);

/* Take row Y, its N channels interleaved (1 or 3 of 8 bits; any with alpha of 16), apart into the
 * planes; colours are multiplied by their alpha. */
void window_put(const struct window *window, unsigned n, const uint8_t *row, uint32_t y);

#endif
