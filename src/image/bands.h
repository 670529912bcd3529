/* image/bands.h - the results that are made straight from the source, while it comes in.
 *
 * Place:   develop -> here -> reduce, linear, window.
 * Memory:  the height of a band is the largest for which the rows held at once stay below a
 *          budget, but at least so many that the overlap of the filter does not rule.
 */
#ifndef IMAGE_BANDS_H
#define IMAGE_BANDS_H

#include "image/linear.h"
#include "image/pace.h"
#include "image/reduce.h"
#include "image/window.h"

#define BANDS_BYTES (12 << 20) /* rows of the source held at once: the default budget */

struct bands {
	struct window window; /* its geometry is filled by the codec before bands_plan() */
	bool has_linear;       /* some results are made in linear light: */
	struct linear linear;
	struct image lit;     /*   a band of it, its geometry that of the whole picture */
	uint32_t lit_rows;    /*   rows that there is memory for */
	struct reduce reduces[RENDITION_MAX];
	int n_reduces;
	uint32_t band_rows;
	struct pace *pace; /* told of what is made */
	struct resampler *resampler;
	struct develop_outcome *outcome;
};

/* What is made from the source by LAYOUT, into RESULTS (by item). Allocates nothing. */
void bands_plan(struct bands *bands, const struct layout *layout,
    const struct codec_header *header, struct image *results, uint64_t budget_bytes);

/* For the pace: ns of CPU that the results will take, roughly. After bands_plan(). */
double bands_expect(struct bands *bands, const struct layout *layout,
    const struct resampler *resampler);

/* Bytes at the peak, without the results. */
uint64_t bands_cost(const struct bands *bands);

/* Allocate; then fill the window, unit by unit, and bands_feed(). COLOR, HEADER: of the source, for its curve of
 * light. -1: the outcome says why. */
int bands_open(struct bands *bands, struct resampler *resampler, const struct color *color,
    const struct codec_header *header, struct pace *pace,
    struct develop_outcome *outcome);

/* One more unit of rows is in the window: make of every result what can be made of them. -1: the outcome
 * says why. */
int bands_feed(struct bands *bands);

/* The source was there to its end: give back its rows. The curve of light stays: develop needs it for
 * the way back. */
void bands_close(struct bands *bands);
void bands_clear(struct bands *bands);

/* The source was there to its end: item I_ITEM, made from it, is to be finished. -1, errno. */
int bands_end(struct bands *bands, int i_item);

#endif
