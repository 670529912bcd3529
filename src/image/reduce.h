/* image/reduce.h - from the decoded picture, or a larger result, to a smaller upright one.
 *
 * Place:   bands, develop -> here -> resample, image_turn().
 * How:     each plane is resampled in the stored orientation, to its final size, and turned
 *          after that: the small picture is turned, not the large one.
 * Errors:  -1 with errno.
 */
#ifndef IMAGE_REDUCE_H
#define IMAGE_REDUCE_H

#include "image/layout.h"
#include "image/resample.h"

struct reduce {
	const struct layout_item *item; /* borrowed */
	int i_item, orientation;
	struct image stored; /* the result as the source lies; its planes' data by reduce_open() */
	struct image *to;    /* borrowed; filled by reduce_end() */
	struct resample_flow flows[IMAGE_MAX_PLANES]; /* from the source to `stored` */
	double bands_ns, first_ns[IMAGE_MAX_PLANES];  /* set by reduce_expect() */
};

/* FROM: the geometry of the picture of HEADER, stored by ORIENTATION (1 when it is a reduced
 * one). TO: zeroed; the caller clears it, also after a failure. Allocates nothing. */
void reduce_init(struct reduce *reduce, const struct layout_item *item, int i_item,
    const struct codec_header *header, const struct image *from, int orientation,
    struct image *to);

/* Before the first band: how many rows of plane I it may have. */
void reduce_set_band(struct reduce *reduce, int i, uint32_t max_rows);

int reduce_open(struct reduce *reduce);
void reduce_clear(struct reduce *reduce);

/* For the pace, ns of CPU, roughly: its bands take BANDS_NS, and the first one of each plane what has
 * to be prepared. */
void reduce_expect(struct reduce *reduce, const struct resampler *resampler, double bands_ns);
double reduce_ns(const struct reduce *reduce);      /* all of it */
double reduce_done_ns(const struct reduce *reduce); /* what is there */

/* All flows are complete: turn. Leaves nothing in `stored`. */
int reduce_end(struct reduce *reduce);

/* All of it, from a picture that is in memory. */
int reduce_image(struct resampler *resampler, const struct layout_item *item,
    const struct codec_header *header, const struct image *from, struct image *to,
    struct pace *pace);

#endif
