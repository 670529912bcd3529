#include <config.h>

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zimg.h>

#include "base/mem.h"
#include "image/resample.h"

#define N_GRAPHS 64 /* kept; a camera's picture in four renditions, upright and turned: 16 */
#define GRID 1048576.0 /* regions are rounded to 2^-20 of a sample, so that equal ones are equal */

struct geometry {
	uint32_t from_width, from_height, to_width, to_height;
	uint32_t from_bytes, to_bytes;
	struct region region;
};

struct kept {
	struct geometry geometry;
	zimg_filter_graph *graph; /* NULL: free */
	uint64_t used;            /* when, in calls */
};

struct resampler {
	struct kept kept[N_GRAPHS];
	uint64_t n_calls;
	void *scratch;
	size_t scratch_bytes;
};

struct resampler *
resample_new(void)
{
	return mem_alloc(sizeof(struct resampler));
}

void
resample_relax(struct resampler *r)
{
	free(r->scratch);
	r->scratch = NULL;
	r->scratch_bytes = 0;
}

void
resample_free(struct resampler *r)
{
	int i;

	if (r == NULL)
		return;
	for (i = 0; i < N_GRAPHS; i++)
		zimg_filter_graph_free(r->kept[i].graph);
	resample_relax(r);
	free(r);
}

static void
set_format(zimg_image_format *format, uint32_t width, uint32_t height, uint32_t sample_bytes)
{
	zimg_image_format_default(format, ZIMG_API_VERSION);
	format->width = width;
	format->height = height;
	format->pixel_type = sample_bytes == 1 ? ZIMG_PIXEL_BYTE : ZIMG_PIXEL_WORD;
	format->depth = 8 * sample_bytes;
	format->color_family = ZIMG_COLOR_GREY;
	format->pixel_range = ZIMG_RANGE_FULL;
}

static zimg_filter_graph *
build(const struct geometry *g)
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
	params.cpu_type = ZIMG_CPU_AUTO_64B;
	return zimg_filter_graph_build(&from, &to, &params);
}

static int
zimg_errno(void)
{
	return zimg_get_last_error(NULL, 0) == ZIMG_ERROR_OUT_OF_MEMORY ? ENOMEM : EINVAL;
}

/* The graph for this geometry, kept or built. Borrowed until the next call. */
static zimg_filter_graph *
graph_for(struct resampler *r, const struct geometry *g)
{
	struct kept *oldest = &r->kept[0];
	int i;

	r->n_calls++;
	for (i = 0; i < N_GRAPHS; i++) {
		struct kept *kept = &r->kept[i];

		if (kept->graph != NULL && memcmp(&kept->geometry, g, sizeof(*g)) == 0) {
			kept->used = r->n_calls;
			return kept->graph;
		}
		if (kept->graph == NULL ? oldest->graph != NULL : kept->used < oldest->used)
			oldest = kept;
	}
	zimg_filter_graph_free(oldest->graph);
	oldest->graph = build(g);
	oldest->geometry = *g;
	oldest->used = r->n_calls;
	if (oldest->graph == NULL)
		errno = zimg_errno();
	return oldest->graph;
}

static int
need_scratch(struct resampler *r, const zimg_filter_graph *graph)
{
	size_t bytes;

	if (zimg_filter_graph_get_tmp_size(graph, &bytes) != ZIMG_ERROR_SUCCESS) {
		errno = zimg_errno();
		return -1;
	}
	if (bytes <= r->scratch_bytes)
		return 0;
	resample_relax(r);
	bytes = (bytes + IMAGE_ALIGN - 1) / IMAGE_ALIGN * IMAGE_ALIGN;
	r->scratch = aligned_alloc(IMAGE_ALIGN, bytes);
	if (r->scratch == NULL)
		return -1;
	/* zimg multiplies what it never wrote there by zero; valgrind cannot know. */
	memset(r->scratch, 0, bytes);
	r->scratch_bytes = bytes;
	return 0;
}

static int
run(struct resampler *r, const zimg_filter_graph *graph, const struct plane *from,
    struct plane *to)
{
	zimg_image_buffer_const source = { .version = ZIMG_API_VERSION };
	zimg_image_buffer target = { .version = ZIMG_API_VERSION };

	source.plane[0].data = from->data;
	source.plane[0].stride = (ptrdiff_t)from->stride_bytes;
	source.plane[0].mask = ZIMG_BUFFER_MAX;
	target.plane[0].data = to->data;
	target.plane[0].stride = (ptrdiff_t)to->stride_bytes;
	target.plane[0].mask = ZIMG_BUFFER_MAX;
	if (zimg_filter_graph_process(graph, &source, &target, r->scratch, NULL, NULL, NULL,
	    NULL) == ZIMG_ERROR_SUCCESS)
		return 0;
	errno = zimg_errno();
	return -1;
}

/* Nothing to resample: the region is whole samples, as many as there are in TO. */
static bool
is_copy(const struct plane *from, const struct geometry *g)
{
	const struct region *region = &g->region;

	return g->from_bytes == g->to_bytes && region->width == g->to_width &&
	    region->height == g->to_height && region->left == floor(region->left) &&
	    region->top == floor(region->top) && region->left >= 0 && region->top >= 0 &&
	    region->left + region->width <= from->width &&
	    region->top + region->height <= from->height;
}

static void
copy(const struct plane *from, const struct geometry *g, struct plane *to)
{
	const uint8_t *source = from->data + (size_t)g->region.top * from->stride_bytes +
	    (size_t)g->region.left * g->from_bytes;
	uint32_t y;

	for (y = 0; y < to->height; y++)
		memcpy(to->data + y * to->stride_bytes, source + y * from->stride_bytes,
		    (size_t)to->width * g->to_bytes);
}

int
resample_plane(struct resampler *r, const struct plane *from, unsigned from_bytes,
    const struct region *region, struct plane *to, unsigned to_bytes)
{
	zimg_filter_graph *graph;
	struct geometry g;

	memset(&g, 0, sizeof(g));
	g.from_width = from->width;
	g.from_height = from->height;
	g.to_width = to->width;
	g.to_height = to->height;
	g.from_bytes = from_bytes;
	g.to_bytes = to_bytes;
	g.region.left = round(region->left * GRID) / GRID;
	g.region.top = round(region->top * GRID) / GRID;
	g.region.width = round(region->width * GRID) / GRID;
	g.region.height = round(region->height * GRID) / GRID;
	if (is_copy(from, &g)) {
		copy(from, &g, to);
		return 0;
	}
	graph = graph_for(r, &g);
	if (graph == NULL || need_scratch(r, graph) != 0)
		return -1;
	return run(r, graph, from, to);
}
