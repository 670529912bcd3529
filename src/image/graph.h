/* image/graph.h - zimg's filter graphs, built once for a geometry and kept.
 *
 * Place:   resample -> here -> zimg.
 * CPU:     what zimg may use of the processor is an argument, a zimg_cpu_type_e, so that tests can
 *          compare; everybody else gives graph_cpu().
 * Owns:    the graphs, dropped least recently used first (one that changes the width costs 2 to
 *          8 ms to build, more than to run it on a photograph; one that changes only the height
 *          5 us a row); and zimg's scratch memory, which only grows.
 * Errors:  -1 with errno: ENOMEM, or EINVAL where zimg refuses the geometry.
 * Source:  zimg.h; https://github.com/vapoursynth/vapoursynth/issues/1063 for what is wrong where.
 */
#ifndef IMAGE_GRAPH_H
#define IMAGE_GRAPH_H

#include "image/image.h"

/* In samples of the plane; may be fractional and may stand out of it (its edge is mirrored). */
struct region {
	double left, top, width, height;
};

/* Zero it first: it is compared as bytes. Regions are rounded so that equal ones are equal. */
struct graph_geometry {
	uint32_t from_width, from_height, to_width, to_height;
	uint32_t from_bytes, to_bytes; /* of a sample; 4 is a float */
	struct region region;
};

struct graph_store;

/* The most that the zimg at hand does right, whatever it was compiled against: as zimg finds the
 * processor, but no AVX-512 before zimg 3.0.6, and no NEON at all. The second is the rule, for any version. */
int graph_cpu(void);
int graph_cpu_for(unsigned major, unsigned minor, unsigned micro);

/* For the log and people: "zimg 3.0.4 up to AVX2"; "portable code" elsewhere. */
#define GRAPH_CPU_TEXT_SIZE 64
void graph_cpu_text(char text[GRAPH_CPU_TEXT_SIZE]);

struct graph_store *graph_store_new(int cpu);
void graph_store_free(struct graph_store *store);

/* Give back the scratch memory, keep the graphs. */
void graph_store_relax(struct graph_store *store);

/* Would graph_run() find its graph, and not build it? */
bool graph_is_kept(const struct graph_store *store, const struct graph_geometry *geometry);

/* Make all of TO from the region of FROM. Rows and strides are aligned to IMAGE_ALIGN. */
int graph_run(struct graph_store *store, const struct graph_geometry *geometry,
    const uint8_t *from, size_t from_stride_bytes, uint8_t *to, size_t to_stride_bytes);

#endif
