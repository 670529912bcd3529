/* image/graph.c - zimg, below the resampler. */
#include <config.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zimg.h>

#include "base/mem.h"
#include "image/graph.h"

#define N_GRAPHS 256            /* kept; a camera's picture in four renditions needs some 80 */
#define KEPT_BYTES (8 << 20)    /* of all that are kept, as estimated */
#define GRID 68719476736.0      /* 2^36: finer than what moves a coefficient of 14 bits, coarser
				   than the noise of adding up rows */

struct kept {
	struct graph_geometry geometry;
	zimg_filter_graph *graph; /* NULL: free */
	uint64_t used;            /* when, in calls */
	size_t bytes;
};

#if defined(__aarch64__) || defined(__arm__)
#define IS_ARM true
#else
#define IS_ARM false
#endif

struct graph_store {
	zimg_cpu_type_e cpu;
	struct kept kept[N_GRAPHS];
	uint64_t n_calls;
	size_t kept_bytes;
	void *scratch;
	size_t scratch_bytes;
};

/* ---- what of the processor ---- */

/* AVX-512 was wrong up to 3.0.5 (Debian 12 and 13, Ubuntu 24.04): its horizontal resampler of
 * integers permutes a window of samples where they do not fit one, by an off-by-one in the check,
 * and single columns of a result are far off for some geometries, most often just above 2 : 1.
 * Reported as vapoursynth's issue 1063, mended in zimg 3.0.6. AUTO uses vectors of 32 bytes at
 * most, which is right in all of these; AUTO_64B those of 64 bytes, too. Neither means more than
 * the processor has.
 * On ARM no version is known to be right: up to 3.0.4 the borders of dithering are not (its
 * ChangeLog), and 3.0.5 under qemu gives the last width % 8 columns of a band otherwise than in the
 * whole, and whole columns 94 of 255 off where it reduces 5 : 1 or more; all right without NEON. */
int
graph_cpu_for(unsigned major, unsigned minor, unsigned micro)
{
	bool is_mended = major > 3 || (major == 3 && (minor > 0 || micro >= 6));

	if (IS_ARM)
		return ZIMG_CPU_NONE;
	return is_mended ? ZIMG_CPU_AUTO_64B : ZIMG_CPU_AUTO;
}

int
graph_cpu(void)
{
	unsigned major, minor, micro;

	zimg_get_version_info(&major, &minor, &micro);
	return graph_cpu_for(major, minor, micro);
}

static const char *
most_of(int cpu)
{
#if defined(__x86_64__) || defined(__i386__)
	return cpu == ZIMG_CPU_AUTO_64B ? "up to AVX-512" : "up to AVX2";
#else
	(void)cpu;
	return "portable code";
#endif
}

void
graph_cpu_text(char text[GRAPH_CPU_TEXT_SIZE])
{
	unsigned major, minor, micro;

	zimg_get_version_info(&major, &minor, &micro);
	snprintf(text, GRAPH_CPU_TEXT_SIZE, "zimg %u.%u.%u %s", major, minor, micro,
	    most_of(graph_cpu_for(major, minor, micro)));
}

struct graph_store *
graph_store_new(int cpu)
{
	struct graph_store *store = mem_alloc(sizeof(*store));

	store->cpu = (zimg_cpu_type_e)cpu;
	return store;
}

void
graph_store_relax(struct graph_store *store)
{
	free(store->scratch);
	store->scratch = NULL;
	store->scratch_bytes = 0;
}

static void
drop(struct graph_store *store, struct kept *kept)
{
	zimg_filter_graph_free(kept->graph);
	kept->graph = NULL;
	store->kept_bytes -= kept->bytes;
	kept->bytes = 0;
}

void
graph_store_free(struct graph_store *store)
{
	int i;

	if (store == NULL)
		return;
	for (i = 0; i < N_GRAPHS; i++)
		drop(store, &store->kept[i]);
	graph_store_relax(store);
	free(store);
}

/* ---- to build ---- */

/* "Limited" range says nothing about the samples here: between 8 and 16 bits it is a shift by 8 bits,
 * "full" a multiplication by 257, which takes twice as long. There and back both are exact. */
static void
set_format(zimg_image_format *format, uint32_t width, uint32_t height, uint32_t sample_bytes)
{
	zimg_image_format_default(format, ZIMG_API_VERSION);
	format->width = width;
	format->height = height;
	format->pixel_type = sample_bytes == 1 ? ZIMG_PIXEL_BYTE : sample_bytes == 2 ?
	    ZIMG_PIXEL_WORD : ZIMG_PIXEL_FLOAT;
	format->depth = 8 * sample_bytes;
	format->color_family = ZIMG_COLOR_GREY;
	format->pixel_range = ZIMG_RANGE_LIMITED;
}

static zimg_filter_graph *
build(const struct graph_geometry *g, zimg_cpu_type_e cpu)
{
	zimg_graph_builder_params params;
	zimg_image_format from, to;

	set_format(&from, g->from_width, g->from_height, g->from_bytes);
	set_format(&to, g->to_width, g->to_height, g->to_bytes);
	from.active_region.left = g->region.left;
	from.active_region.top = g->region.top;
	from.active_region.width = g->region.width;
	from.active_region.height = g->region.height;
	zimg_graph_builder_params_default(&params, ZIMG_API_VERSION);
	params.resample_filter = ZIMG_RESIZE_LANCZOS;
	params.filter_param_a = 3;
	params.dither_type = ZIMG_DITHER_NONE;
	params.cpu_type = cpu;
	return zimg_filter_graph_build(&from, &to, &params);
}

static uint32_t
larger(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

/* Six taps of 6 bytes a sample of the larger side, and what SIMD adds for every result;
 * measured with mallinfo2(3), right within a fifth. */
static size_t
estimate(const struct graph_geometry *g)
{
	size_t bytes = 4096;

	if (g->from_width != g->to_width)
		bytes += (size_t)36 * larger(g->from_width, g->to_width) +
		    (size_t)96 * g->to_width;
	if (g->from_height != g->to_height)
		bytes += (size_t)40 * larger(g->from_height, g->to_height);
	return bytes;
}

static int
zimg_errno(void)
{
	return zimg_get_last_error(NULL, 0) == ZIMG_ERROR_OUT_OF_MEMORY ? ENOMEM : EINVAL;
}

/* ---- to keep ---- */

static struct kept *
oldest(struct graph_store *store)
{
	struct kept *found = &store->kept[0];
	int i;

	for (i = 1; i < N_GRAPHS; i++) {
		struct kept *kept = &store->kept[i];

		if (kept->graph != NULL && (found->graph == NULL || kept->used < found->used))
			found = kept;
	}
	return found;
}

/* A place for BYTES more. */
static struct kept *
make_room(struct graph_store *store, size_t bytes)
{
	int i;

	while (store->kept_bytes > 0 && store->kept_bytes + bytes > KEPT_BYTES)
		drop(store, oldest(store));
	for (i = 0; i < N_GRAPHS; i++)
		if (store->kept[i].graph == NULL)
			return &store->kept[i];
	drop(store, oldest(store));
	return make_room(store, bytes);
}

static struct kept *
find(const struct graph_store *store, const struct graph_geometry *g)
{
	int i;

	for (i = 0; i < N_GRAPHS; i++)
		if (store->kept[i].graph != NULL &&
		    memcmp(&store->kept[i].geometry, g, sizeof(*g)) == 0)
			return (struct kept *)&store->kept[i];
	return NULL;
}

static double
on_grid(double v)
{
	return round(v * GRID) / GRID;
}

static struct graph_geometry
rounded(const struct graph_geometry *geometry)
{
	struct graph_geometry g = *geometry;

	g.region = (struct region){ on_grid(g.region.left), on_grid(g.region.top),
		on_grid(g.region.width), on_grid(g.region.height) };
	return g;
}

bool
graph_is_kept(const struct graph_store *store, const struct graph_geometry *geometry)
{
	const struct graph_geometry g = rounded(geometry);

	return find(store, &g) != NULL;
}

/* Borrowed until the next call. */
static zimg_filter_graph *
graph_for(struct graph_store *store, const struct graph_geometry *g)
{
	size_t bytes = estimate(g);
	struct kept *kept = find(store, g);

	store->n_calls++;
	if (kept != NULL) {
		kept->used = store->n_calls;
		return kept->graph;
	}
	kept = make_room(store, bytes);
	kept->graph = build(g, store->cpu);
	if (kept->graph == NULL) {
		errno = zimg_errno();
		return NULL;
	}
	kept->geometry = *g;
	kept->used = store->n_calls;
	kept->bytes = bytes;
	store->kept_bytes += bytes;
	return kept->graph;
}

/* ---- to run ---- */

static int
need_scratch(struct graph_store *store, const zimg_filter_graph *graph)
{
	size_t bytes;

	if (zimg_filter_graph_get_tmp_size(graph, &bytes) != ZIMG_ERROR_SUCCESS) {
		errno = zimg_errno();
		return -1;
	}
	if (bytes <= store->scratch_bytes)
		return 0;
	graph_store_relax(store);
	bytes = (bytes + IMAGE_ALIGN - 1) / IMAGE_ALIGN * IMAGE_ALIGN;
	store->scratch = aligned_alloc(IMAGE_ALIGN, bytes);
	if (store->scratch == NULL)
		return -1;
	/* zimg multiplies what it never wrote there by zero; valgrind cannot know. */
	memset(store->scratch, 0, bytes);
	store->scratch_bytes = bytes;
	return 0;
}

int
graph_run(struct graph_store *store, const struct graph_geometry *geometry,
    const uint8_t *from, size_t from_stride_bytes, uint8_t *to, size_t to_stride_bytes)
{
	zimg_image_buffer_const source = { .version = ZIMG_API_VERSION };
	zimg_image_buffer target = { .version = ZIMG_API_VERSION };
	const struct graph_geometry g = rounded(geometry);
	zimg_filter_graph *graph;

	graph = graph_for(store, &g);
	if (graph == NULL || need_scratch(store, graph) != 0)
		return -1;
	source.plane[0].data = from;
	source.plane[0].stride = (ptrdiff_t)from_stride_bytes;
	source.plane[0].mask = ZIMG_BUFFER_MAX;
	target.plane[0].data = to;
	target.plane[0].stride = (ptrdiff_t)to_stride_bytes;
	target.plane[0].mask = ZIMG_BUFFER_MAX;
	if (zimg_filter_graph_process(graph, &source, &target, store->scratch, NULL, NULL, NULL,
	    NULL) == ZIMG_ERROR_SUCCESS)
		return 0;
	errno = zimg_errno();
	return -1;
}
