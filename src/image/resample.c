#include <config.h>

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "image/resample.h"

#define TAPS 3        /* of Lanczos, to either side, in samples of the coarser grid */
#define MORE_ROWS 2   /* zimg rounds its windows of taps to whole rows */
#define BETWEEN_BYTES 2 /* of a sample between the passes, but for floats */
#define GRID 1048576.0  /* regions are rounded to 2^-20 of a sample: whole ones stay whole */

#define BUILD_NS 1000.0 /* of a graph that changes the width: a sample of a row; for the meter */

struct resampler {
	struct graph_store *graphs;
	struct plane between; /* a band after the first pass; only data and its size count */
	size_t between_bytes;
};

struct resampler *
resample_new(void)
{
	struct resampler *r = mem_alloc(sizeof(*r));

	r->graphs = graph_store_new(graph_cpu());
	return r;
}

void
resample_relax(struct resampler *r)
{
	graph_store_relax(r->graphs);
	image_plane_clear(&r->between);
	r->between_bytes = 0;
}

void
resample_free(struct resampler *r)
{
	if (r == NULL)
		return;
	resample_relax(r);
	graph_store_free(r->graphs);
	free(r);
}

static unsigned
between_bytes(unsigned from_bytes)
{
	return from_bytes > BETWEEN_BYTES ? from_bytes : BETWEEN_BYTES;
}

uint64_t
resample_cost(uint32_t from_width, uint32_t max_rows, unsigned from_bytes)
{
	return image_plane_bytes(from_width, max_rows + 32, between_bytes(from_bytes));
}

/* ---- which rows ---- */

static double
on_grid(double v)
{
	return round(v * GRID) / GRID;
}

void
resample_flow_init(struct resample_flow *flow, const struct plane *from, unsigned from_bytes,
    const struct region *region, const struct plane *to, unsigned to_bytes, uint32_t max_rows)
{
	*flow = (struct resample_flow){ .from_width = from->width, .from_height = from->height,
		.to_width = to->width, .to_height = to->height, .from_bytes = from_bytes,
		.to_bytes = to_bytes, .region = { on_grid(region->left), on_grid(region->top),
		on_grid(region->width), on_grid(region->height) },
		.band_rows = to->height < max_rows ? to->height : max_rows };
}

/* Nothing to resample: the region is whole samples, as many as there are in the result. */
static bool
is_copy(const struct resample_flow *flow)
{
	const struct region *region = &flow->region;

	return flow->from_bytes == flow->to_bytes && region->width == flow->to_width &&
	    region->height == flow->to_height && region->left == floor(region->left) &&
	    region->top == floor(region->top) && region->left >= 0 && region->top >= 0 &&
	    region->left + region->width <= flow->from_width &&
	    region->top + region->height <= flow->from_height;
}

/* Source rows for one row of the result. */
static double
step_of(const struct resample_flow *flow)
{
	return flow->region.height / flow->to_height;
}

static double
support_rows(const struct resample_flow *flow)
{
	double step = step_of(flow);

	return is_copy(flow) ? 0 : ceil(TAPS * (step > 1.0 ? step : 1.0)) + MORE_ROWS;
}

/* The last band begins early enough to be as high as the others: a few rows are made twice. */
static uint32_t
first_row(const struct resample_flow *flow)
{
	uint32_t last = flow->to_height - flow->band_rows;

	return flow->n_done < last ? flow->n_done : last;
}

static uint32_t
clamp(double row, uint32_t low, uint32_t high)
{
	return row <= low ? low : row >= high ? high : (uint32_t)row;
}

bool
resample_flow_next(const struct resample_flow *flow, uint32_t *begin, uint32_t *end)
{
	double top = flow->region.top + first_row(flow) * step_of(flow);
	double support = support_rows(flow);

	if (flow->n_done >= flow->to_height)
		return false;
	*begin = clamp(floor(top) - support, 0, flow->from_height - 1);
	*end = clamp(ceil(top + flow->band_rows * step_of(flow)) + support, *begin + 1,
	    flow->from_height);
	return true;
}

uint32_t
resample_flow_span(const struct resample_flow *flow)
{
	return clamp(flow->band_rows * step_of(flow) + 2 * support_rows(flow) + 2, 1,
	    flow->from_height);
}

/* ---- to make a band ---- */

static void
copy(const struct resample_flow *flow, const uint8_t *rows, size_t stride_bytes, struct plane *to)
{
	const uint8_t *source = rows + (size_t)flow->region.left * flow->from_bytes;
	uint32_t y, first = first_row(flow);

	for (y = 0; y < flow->band_rows; y++)
		memcpy(to->data + (first + y) * to->stride_bytes, source + y * stride_bytes,
		    (size_t)flow->to_width * flow->to_bytes);
}

static int
need_between(struct resampler *r, const struct resample_flow *flow)
{
	unsigned sample_bytes = between_bytes(flow->from_bytes);
	uint64_t bytes = image_plane_bytes(flow->from_width, flow->band_rows, sample_bytes);

	if (bytes <= r->between_bytes) {
		r->between.stride_bytes = (size_t)(bytes / flow->band_rows);
		return 0;
	}
	image_plane_clear(&r->between);
	r->between_bytes = 0;
	if (image_plane_init(&r->between, flow->from_width, flow->band_rows, sample_bytes) != 0)
		return -1;
	r->between_bytes = (size_t)bytes;
	memset(r->between.data, 0, r->between_bytes); /* what is beside the rows, for valgrind */
	return 0;
}

static int
change_height(struct resampler *r, const struct resample_flow *flow, const uint8_t *rows,
    size_t stride_bytes, uint32_t begin, uint32_t end)
{
	struct graph_geometry g;

	memset(&g, 0, sizeof(g));
	g.from_width = g.to_width = flow->from_width;
	g.from_height = end - begin;
	g.to_height = flow->band_rows;
	g.from_bytes = flow->from_bytes;
	g.to_bytes = between_bytes(flow->from_bytes);
	g.region.width = flow->from_width;
	g.region.top = flow->region.top + first_row(flow) * step_of(flow) - begin;
	g.region.height = flow->band_rows * step_of(flow);
	return graph_run(r->graphs, &g, rows, stride_bytes, r->between.data,
	    r->between.stride_bytes);
}

static struct graph_geometry
width_geometry(const struct resample_flow *flow)
{
	struct graph_geometry g;

	memset(&g, 0, sizeof(g));
	g.from_width = flow->from_width;
	g.to_width = flow->to_width;
	g.from_height = g.to_height = flow->band_rows;
	g.from_bytes = between_bytes(flow->from_bytes);
	g.to_bytes = flow->to_bytes;
	g.region.left = flow->region.left;
	g.region.width = flow->region.width;
	g.region.height = flow->band_rows;
	return g;
}

static int
change_width(struct resampler *r, const struct resample_flow *flow, struct plane *to)
{
	const struct graph_geometry g = width_geometry(flow);

	return graph_run(r->graphs, &g, r->between.data, r->between.stride_bytes,
	    to->data + first_row(flow) * to->stride_bytes, to->stride_bytes);
}

double
resample_flow_build_ns(const struct resampler *r, const struct resample_flow *flow)
{
	const struct graph_geometry g = width_geometry(flow);

	return is_copy(flow) || graph_is_kept(r->graphs, &g) ? 0 : flow->from_width * BUILD_NS;
}

int
resample_flow_step(struct resampler *r, struct resample_flow *flow, const uint8_t *rows,
    size_t stride_bytes, struct plane *to)
{
	uint32_t begin, end;

	if (!resample_flow_next(flow, &begin, &end))
		return 0;
	if (is_copy(flow))
		copy(flow, rows, stride_bytes, to);
	else if (need_between(r, flow) != 0 ||
	    change_height(r, flow, rows, stride_bytes, begin, end) != 0 ||
	    change_width(r, flow, to) != 0)
		return -1;
	flow->n_done = first_row(flow) + flow->band_rows;
	return 0;
}

int
resample_plane(struct resampler *r, const struct plane *from, unsigned from_bytes,
    const struct region *region, struct plane *to, unsigned to_bytes)
{
	struct resample_flow flow;
	uint32_t begin, end;

	resample_flow_init(&flow, from, from_bytes, region, to, to_bytes, RESAMPLE_BAND_ROWS);
	while (resample_flow_next(&flow, &begin, &end))
		if (resample_flow_step(r, &flow, from->data + begin * from->stride_bytes,
		    from->stride_bytes, to) != 0)
			return -1;
	return 0;
}
