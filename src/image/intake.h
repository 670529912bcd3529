/* image/intake.h - the results that are made straight from the source, while it comes in.
 *
 * Place:   develop -> here -> reduce, light, window.
 * Memory:  the height of a band is the largest for which the rows held at once stay below a
 *          budget, but at least so many that the overlap of the filter does not rule.
 */
#ifndef IMAGE_INTAKE_H
#define IMAGE_INTAKE_H

#include "image/light.h"
#include "image/meter.h"
#include "image/reduce.h"
#include "image/window.h"

#define INTAKE_BYTES (12 << 20) /* rows of the source held at once: the default budget */

struct intake {
	struct window window; /* its geometry is filled by the codec before intake_plan() */
	bool has_light;       /* some results are made in linear light: */
	struct light light;
	struct image lit;     /*   a band of it, its geometry that of the whole picture */
	uint32_t lit_rows;    /*   rows that there is memory for */
	struct reduce reduces[RENDITION_MAX];
	int n_reduces;
	uint32_t band_rows;
	struct meter *meter; /* told of what is made */
	struct resampler *resampler;
	struct develop_outcome *outcome;
};

/* What is made from the source by LAYOUT, into RESULTS (by item). Allocates nothing. */
void intake_plan(struct intake *intake, const struct layout *layout,
    const struct codec_header *header, struct image *results, uint64_t budget_bytes);

/* For the meter: ns of CPU that the results will take, roughly. After intake_plan(). */
double intake_expect(struct intake *intake, const struct layout *layout,
    const struct resampler *resampler);

/* Bytes at the peak, without the results. */
uint64_t intake_cost(const struct intake *intake);

/* Allocate; from then on the window may be filled. COLOR, HEADER: of the source, for its curve of
 * light. -1: the outcome says why. */
int intake_open(struct intake *intake, struct resampler *resampler, const struct color *color,
    const struct codec_header *header, struct meter *meter,
    struct develop_outcome *outcome);

/* The source was there to its end: give back its rows. The light's curve stays for finishing. */
void intake_close(struct intake *intake);
void intake_clear(struct intake *intake);

/* The source was there to its end: item I_ITEM, made from it, is to be finished. -1, errno. */
int intake_end(struct intake *intake, int i_item);

#endif
