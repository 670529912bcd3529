/* image/resample.h - from one grid of samples to another, a band of rows at a time.
 *
 * Place:   reduce, convert -> here -> graph.
 * How:     Lanczos 3, every plane by itself as grey: a plane's part of the picture is given
 *          in fractions of its samples, which says all of subsampling and siting at once.
 *          First the height, to 16 bits (floats stay floats), then the width: the graph for the width is the dear
 *          one, and so it is the same for every band, whatever the phase of its rows.
 * Bands:   a result's row depends on its own source rows alone: bands of any height, and the
 *          whole at once, give the same bytes (tests/unit/test_resample.c).
 * Errors:  -1 with errno: ENOMEM, or EINVAL where zimg refuses the geometry.
 */
#ifndef IMAGE_RESAMPLE_H
#define IMAGE_RESAMPLE_H

#include "image/graph.h"

#define RESAMPLE_BAND_ROWS 64 /* of a result: keeps what is between the passes in the cache */

struct resampler;

struct resampler *resample_new(void);
void resample_free(struct resampler *r);

/* Give back what grows with the picture, keep the graphs. */
void resample_relax(struct resampler *r);

/* A plane on its way, while its source comes in from the top. Plain data. */
struct resample_flow {
	uint32_t from_width, from_height, to_width, to_height;
	unsigned from_bytes, to_bytes; /* of a sample */
	struct region region;
	uint32_t band_rows; /* of the result, made at a time; all bands have as many */
	uint32_t n_done;    /* rows of the result that are there */
};

/* FROM and TO: their sizes count, not their data. MAX_ROWS: 1..., limits band_rows. */
void resample_flow_init(struct resample_flow *flow, const struct plane *from, unsigned from_bytes,
    const struct region *region, const struct plane *to, unsigned to_bytes, uint32_t max_rows);

/* The rows BEGIN to END - 1 of the source, for the next band. False: it is complete. */
bool resample_flow_next(const struct resample_flow *flow, uint32_t *begin, uint32_t *end);

/* The most source rows that a band needs. */
uint32_t resample_flow_span(const struct resample_flow *flow);

/* What the first band takes for graphs that are not kept, ns of CPU, roughly. */
double resample_flow_build_ns(const struct resampler *r, const struct resample_flow *flow);

/* Make the next band of TO. ROWS: row BEGIN of the source, and those after it. */
int resample_flow_step(struct resampler *r, struct resample_flow *flow, const uint8_t *rows,
    size_t stride_bytes, struct plane *to);

/* Make TO, all of it, from REGION of FROM. Samples of FROM_BYTES to samples of TO_BYTES. */
int resample_plane(struct resampler *r, const struct plane *from, unsigned from_bytes,
    const struct region *region, struct plane *to, unsigned to_bytes);

/* Bytes that a resampler takes beside graphs for bands of MAX_ROWS of a source of this width. */
uint64_t resample_cost(uint32_t from_width, uint32_t max_rows, unsigned from_bytes);

#endif
