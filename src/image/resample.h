/* image/resample.h - from one grid of samples to another, by zimg.
 *
 * Place:   develop, cook -> here.
 * How:     Lanczos 3, every plane by itself as grey: a plane's part of the picture is given
 *          in fractions of its samples, which says all of subsampling and siting at once.
 * Owns:    the graphs, kept by geometry and dropped least recently used first (to build one
 *          costs 2 to 8 ms, more than to run it); and zimg's scratch memory, which only grows.
 * Errors:  -1 with errno: ENOMEM, or EINVAL where zimg refuses the geometry.
 */
#ifndef IMAGE_RESAMPLE_H
#define IMAGE_RESAMPLE_H

#include "image/image.h"

/* In samples of the plane; may be fractional and may stand out of it (its edge is mirrored). */
struct region {
	double left, top, width, height;
};

struct resampler;

struct resampler *resample_new(void);
void resample_free(struct resampler *r);

/* Give back the scratch memory, keep the graphs. */
void resample_relax(struct resampler *r);

/* Make TO, all of it, from REGION of FROM. Samples of FROM_BYTES to samples of TO_BYTES. */
int resample_plane(struct resampler *r, const struct plane *from, unsigned from_bytes,
    const struct region *region, struct plane *to, unsigned to_bytes);

#endif
