/* image/bands.c - the source's rows, a band at a time, to every result that is made from it. */
#include <config.h>

#include <errno.h>
#include <string.h>

#include "image/bands.h"

#define MIN_BAND_ROWS 8

/* ---- how much at once ---- */

/* What a result in linear light needs of the source: rows for the band, of every plane. */
static void
need_linear(struct bands *bands, const struct reduce *reduce)
{
	const struct image *from = &bands->window.image;
	uint32_t span = resample_flow_span(&reduce->flows[0]);
	int k;

	if (span > bands->lit_rows)
		bands->lit_rows = span;
	for (k = 0; k < from->n_planes; k++)
		window_need(&bands->window, k, linear_need(from, k, span));
}

static void
plan_bands(struct bands *bands, uint32_t band_rows)
{
	int i, k;

	bands->band_rows = band_rows;
	bands->lit_rows = 0;
	for (k = 0; k < bands->window.image.n_planes; k++)
		bands->window.rows[k].capacity = 0;
	for (i = 0; i < bands->n_reduces; i++) {
		struct reduce *reduce = &bands->reduces[i];

		for (k = 0; k < reduce->to->n_planes; k++) {
			reduce_set_band(reduce, k, band_rows);
			if (!reduce->item->is_linear)
				window_need(&bands->window, k, resample_flow_span(&reduce->flows[k]));
		}
		if (reduce->item->is_linear)
			need_linear(bands, reduce);
	}
}

static uint64_t
lit_bytes(const struct bands *bands)
{
	return !bands->has_linear ? 0 : (uint64_t)bands->lit.n_planes * bands->lit_rows *
	    bands->lit.planes[0].stride_bytes;
}

void
bands_plan(struct bands *bands, const struct layout *layout,
    const struct codec_header *header, struct image *results, uint64_t budget_bytes)
{
	uint32_t band_rows = RESAMPLE_BAND_ROWS;
	int i;

	bands->n_reduces = 0;
	bands->has_linear = false;
	linear_shape(&bands->window.image, &bands->lit);
	for (i = 0; i < layout->n_items; i++) {
		const struct layout_item *item = &layout->items[i];

		if (item->parent >= 0)
			continue;
		reduce_init(&bands->reduces[bands->n_reduces++], item, i, header,
		    item->is_linear ? &bands->lit : &bands->window.image, layout->orientation,
		    &results[i]);
		bands->has_linear = bands->has_linear || item->is_linear;
	}
	plan_bands(bands, band_rows);
	while (window_bytes(&bands->window) + lit_bytes(bands) > budget_bytes &&
	    band_rows > MIN_BAND_ROWS) {
		band_rows /= 2;
		plan_bands(bands, band_rows);
	}
}

double
bands_expect(struct bands *bands, const struct layout *layout,
    const struct resampler *resampler)
{
	double ns = 0;
	int i;

	for (i = 0; i < bands->n_reduces; i++) {
		reduce_expect(&bands->reduces[i], resampler,
		    layout_resize_ns(layout, bands->reduces[i].item));
		ns += reduce_ns(&bands->reduces[i]);
	}
	return ns;
}

uint64_t
bands_cost(const struct bands *bands)
{
	const struct image *from = &bands->window.image;

	return window_bytes(&bands->window) + lit_bytes(bands) +
	    (bands->has_linear ? linear_cost(from) : 0) +
	    resample_cost(from->planes[0].width, bands->band_rows,
	    bands->has_linear ? sizeof(float) : from->sample_bytes);
}

/* ---- to feed ---- */

static int
say_trouble(const struct bands *bands, const struct reduce *reduce)
{
	return outcome_error(bands->outcome, errno, "rendition %s: the picture cannot be resampled "
	    "to %ux%u pixels: %s", reduce->item->spec->name, reduce->to->width_px,
	    reduce->to->height_px, strerror(errno));
}

/* Make what can be made of plane K, and say from which row on it is still needed. */
static int
feed_plane(struct bands *bands, struct reduce *reduce, int k, uint32_t *keep)
{
	struct window *window = &bands->window;
	struct resample_flow *flow = &reduce->flows[k];
	uint32_t begin, end;

	while (resample_flow_next(flow, &begin, &end)) {
		if (end > window->rows[k].end) {
			*keep = begin < *keep ? begin : *keep;
			return 0;
		}
		if (resample_flow_step(bands->resampler, flow, window_row(window, k, begin),
		    window->image.planes[k].stride_bytes, &reduce->stored.planes[k]) != 0)
			return say_trouble(bands, reduce);
	}
	return 0;
}

/* Are the rows BEGIN to END - 1 of light there, in every plane of the source? If not, KEEP says which
 * ones have to stay. */
static bool
are_rows_there(const struct bands *bands, uint32_t begin, uint32_t end, uint32_t *keep)
{
	const struct window *window = &bands->window;
	bool is_there = true;
	uint32_t first, last;
	int k;

	for (k = 0; k < window->image.n_planes; k++) {
		linear_span(&window->image, k, begin, end, &first, &last);
		is_there = is_there && last < window->rows[k].end;
	}
	for (k = 0; k < window->image.n_planes && !is_there; k++) {
		linear_span(&window->image, k, begin, end, &first, &last);
		keep[k] = first < keep[k] ? first : keep[k];
	}
	return is_there;
}

/* The same for all planes of a result in linear light, which go in step. */
static int
feed_linear(struct bands *bands, struct reduce *reduce, uint32_t *keep)
{
	uint32_t begin, end;
	int c;

	while (resample_flow_next(&reduce->flows[0], &begin, &end)) {
		if (!are_rows_there(bands, begin, end, keep))
			return 0;
		linear_rows(&bands->linear, &bands->window, begin, end, bands->lit.planes);
		for (c = 0; c < bands->lit.n_planes; c++)
			if (resample_flow_step(bands->resampler, &reduce->flows[c],
			    bands->lit.planes[c].data, bands->lit.planes[c].stride_bytes,
			    &reduce->stored.planes[c]) != 0)
				return say_trouble(bands, reduce);
	}
	return 0;
}

static void
tell_pace(const struct bands *bands)
{
	double ns = 0;
	int i;

	for (i = 0; i < bands->n_reduces; i++)
		ns += reduce_done_ns(&bands->reduces[i]);
	pace_aside(bands->pace, ns);
}

int
bands_feed(struct bands *bands)
{
	uint32_t keep[IMAGE_MAX_PLANES] = { UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX };
	int i, k, n = bands->window.image.n_planes;

	for (i = 0; i < bands->n_reduces; i++) {
		struct reduce *reduce = &bands->reduces[i];

		if (reduce->item->is_linear && feed_linear(bands, reduce, keep) != 0)
			return -1;
		for (k = 0; k < n && !reduce->item->is_linear; k++)
			if (feed_plane(bands, reduce, k, &keep[k]) != 0)
				return -1;
	}
	for (k = 0; k < n; k++)
		window_keep(&bands->window, k, keep[k]);
	tell_pace(bands);
	return 0;
}

static int
open_linear(struct bands *bands, const struct color *color, const struct codec_header *header)
{
	int c;

	if (linear_init(&bands->linear, &bands->window.image, color, header) != 0)
		return -1;
	for (c = 0; c < bands->lit.n_planes; c++) {
		struct plane *plane = &bands->lit.planes[c];

		plane->data = image_alloc(plane->stride_bytes * (uint64_t)bands->lit_rows);
		if (plane->data == NULL)
			return -1;
	}
	return 0;
}

int
bands_open(struct bands *bands, struct resampler *resampler, const struct color *color,
    const struct codec_header *header, struct pace *pace,
    struct develop_outcome *outcome)
{
	int i, result;

	bands->resampler = resampler;
	bands->pace = pace;
	bands->outcome = outcome;
	result = window_open(&bands->window);
	if (result == 0 && bands->has_linear)
		result = open_linear(bands, color, header);
	for (i = 0; i < bands->n_reduces && result == 0; i++)
		result = reduce_open(&bands->reduces[i]);
	return result == 0 ? 0 : outcome_error(outcome, ENOMEM, "no memory left for the picture");
}

void
bands_close(struct bands *bands)
{
	window_clear(&bands->window);
	image_clear(&bands->lit);
}

int
bands_end(struct bands *bands, int i_item)
{
	int i;

	for (i = 0; i < bands->n_reduces; i++)
		if (bands->reduces[i].i_item == i_item)
			break;
	return reduce_end(&bands->reduces[i]);
}

void
bands_clear(struct bands *bands)
{
	int i;

	bands_close(bands);
	linear_clear(&bands->linear);
	for (i = 0; i < bands->n_reduces; i++)
		reduce_clear(&bands->reduces[i]);
	bands->n_reduces = 0;
}
