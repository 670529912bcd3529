#include <config.h>

#include <errno.h>
#include <string.h>

#include "image/intake.h"

#define MIN_BAND_ROWS 8

/* ---- how much at once ---- */

/* What a result in linear light needs of the source: rows for the band, of every plane. */
static void
need_light(struct intake *intake, const struct reduce *reduce)
{
	const struct image *from = &intake->window.image;
	uint32_t span = resample_flow_span(&reduce->flows[0]);
	int k;

	if (span > intake->lit_rows)
		intake->lit_rows = span;
	for (k = 0; k < from->n_planes; k++)
		window_need(&intake->window, k, light_need(from, k, span));
}

static void
plan_bands(struct intake *intake, uint32_t band_rows)
{
	int i, k;

	intake->band_rows = band_rows;
	intake->lit_rows = 0;
	for (k = 0; k < intake->window.image.n_planes; k++)
		intake->window.rows[k].capacity = 0;
	for (i = 0; i < intake->n_reduces; i++) {
		struct reduce *reduce = &intake->reduces[i];

		for (k = 0; k < reduce->to->n_planes; k++) {
			reduce_set_band(reduce, k, band_rows);
			if (!reduce->item->is_linear)
				window_need(&intake->window, k, resample_flow_span(&reduce->flows[k]));
		}
		if (reduce->item->is_linear)
			need_light(intake, reduce);
	}
}

static uint64_t
lit_bytes(const struct intake *intake)
{
	return !intake->has_light ? 0 : (uint64_t)intake->lit.n_planes * intake->lit_rows *
	    intake->lit.planes[0].stride_bytes;
}

void
intake_plan(struct intake *intake, const struct layout *layout,
    const struct codec_header *header, struct image *results, uint64_t budget_bytes)
{
	uint32_t band_rows = RESAMPLE_BAND_ROWS;
	int i;

	intake->n_reduces = 0;
	intake->has_light = false;
	light_shape(&intake->window.image, &intake->lit);
	for (i = 0; i < layout->n_items; i++) {
		const struct layout_item *item = &layout->items[i];

		if (item->parent >= 0)
			continue;
		reduce_init(&intake->reduces[intake->n_reduces++], item, i, header,
		    item->is_linear ? &intake->lit : &intake->window.image, layout->orientation,
		    &results[i]);
		intake->has_light = intake->has_light || item->is_linear;
	}
	plan_bands(intake, band_rows);
	while (window_bytes(&intake->window) + lit_bytes(intake) > budget_bytes &&
	    band_rows > MIN_BAND_ROWS) {
		band_rows /= 2;
		plan_bands(intake, band_rows);
	}
}

double
intake_expect(struct intake *intake, const struct layout *layout,
    const struct resampler *resampler)
{
	double ns = 0;
	int i;

	for (i = 0; i < intake->n_reduces; i++) {
		reduce_expect(&intake->reduces[i], resampler,
		    layout_resize_ns(layout, intake->reduces[i].item));
		ns += reduce_ns(&intake->reduces[i]);
	}
	return ns;
}

uint64_t
intake_cost(const struct intake *intake)
{
	const struct image *from = &intake->window.image;

	return window_bytes(&intake->window) + lit_bytes(intake) +
	    (intake->has_light ? light_cost(from) : 0) +
	    resample_cost(from->planes[0].width, intake->band_rows,
	    intake->has_light ? sizeof(float) : from->sample_bytes);
}

/* ---- to take ---- */

static int
say_trouble(const struct intake *intake, const struct reduce *reduce)
{
	return outcome_error(intake->outcome, errno, "rendition %s: the picture cannot be resampled "
	    "to %ux%u pixels: %s", reduce->item->spec->name, reduce->to->width_px,
	    reduce->to->height_px, strerror(errno));
}

/* Make what can be made of plane K, and say from which row on it is still needed. */
static int
take_plane(struct intake *intake, struct reduce *reduce, int k, uint32_t *keep)
{
	struct window *window = &intake->window;
	struct resample_flow *flow = &reduce->flows[k];
	uint32_t begin, end;

	while (resample_flow_next(flow, &begin, &end)) {
		if (end > window->rows[k].end) {
			*keep = begin < *keep ? begin : *keep;
			return 0;
		}
		if (resample_flow_step(intake->resampler, flow, window_row(window, k, begin),
		    window->image.planes[k].stride_bytes, &reduce->stored.planes[k]) != 0)
			return say_trouble(intake, reduce);
	}
	return 0;
}

/* Are the rows BEGIN to END - 1 of light there, in every plane of the source? If not, KEEP says which
 * ones have to stay. */
static bool
is_light_there(const struct intake *intake, uint32_t begin, uint32_t end, uint32_t *keep)
{
	const struct window *window = &intake->window;
	bool is_there = true;
	uint32_t first, last;
	int k;

	for (k = 0; k < window->image.n_planes; k++) {
		light_span(&window->image, k, begin, end, &first, &last);
		is_there = is_there && last < window->rows[k].end;
	}
	for (k = 0; k < window->image.n_planes && !is_there; k++) {
		light_span(&window->image, k, begin, end, &first, &last);
		keep[k] = first < keep[k] ? first : keep[k];
	}
	return is_there;
}

/* The same for all planes of a result in linear light, which go in step. */
static int
take_light(struct intake *intake, struct reduce *reduce, uint32_t *keep)
{
	uint32_t begin, end;
	int c;

	while (resample_flow_next(&reduce->flows[0], &begin, &end)) {
		if (!is_light_there(intake, begin, end, keep))
			return 0;
		light_rows(&intake->light, &intake->window, begin, end, intake->lit.planes);
		for (c = 0; c < intake->lit.n_planes; c++)
			if (resample_flow_step(intake->resampler, &reduce->flows[c],
			    intake->lit.planes[c].data, intake->lit.planes[c].stride_bytes,
			    &reduce->stored.planes[c]) != 0)
				return say_trouble(intake, reduce);
	}
	return 0;
}

static void
tell(const struct intake *intake)
{
	double ns = 0;
	int i;

	for (i = 0; i < intake->n_reduces; i++)
		ns += reduce_done_ns(&intake->reduces[i]);
	meter_aside(intake->meter, ns);
}

static int
take(void *owner)
{
	struct intake *intake = owner;
	uint32_t keep[IMAGE_MAX_PLANES] = { UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX };
	int i, k, n = intake->window.image.n_planes;

	for (i = 0; i < intake->n_reduces; i++) {
		struct reduce *reduce = &intake->reduces[i];

		if (reduce->item->is_linear && take_light(intake, reduce, keep) != 0)
			return -1;
		for (k = 0; k < n && !reduce->item->is_linear; k++)
			if (take_plane(intake, reduce, k, &keep[k]) != 0)
				return -1;
	}
	for (k = 0; k < n; k++)
		intake->window.rows[k].keep = keep[k];
	tell(intake);
	return 0;
}

static int
open_light(struct intake *intake, const struct color *color, const struct codec_header *header)
{
	int c;

	if (light_init(&intake->light, &intake->window.image, color, header) != 0)
		return -1;
	for (c = 0; c < intake->lit.n_planes; c++) {
		struct plane *plane = &intake->lit.planes[c];

		plane->data = image_alloc(plane->stride_bytes * (uint64_t)intake->lit_rows);
		if (plane->data == NULL)
			return -1;
	}
	return 0;
}

int
intake_open(struct intake *intake, struct resampler *resampler, const struct color *color,
    const struct codec_header *header, struct meter *meter,
    struct develop_outcome *outcome)
{
	int i, result;

	intake->resampler = resampler;
	intake->meter = meter;
	intake->outcome = outcome;
	intake->window.take = take;
	intake->window.owner = intake;
	result = window_open(&intake->window);
	if (result == 0 && intake->has_light)
		result = open_light(intake, color, header);
	for (i = 0; i < intake->n_reduces && result == 0; i++)
		result = reduce_open(&intake->reduces[i]);
	return result == 0 ? 0 : outcome_error(outcome, ENOMEM, "no memory left for the picture");
}

void
intake_close(struct intake *intake)
{
	window_clear(&intake->window);
	image_clear(&intake->lit);
}

int
intake_end(struct intake *intake, int i_item)
{
	int i;

	for (i = 0; i < intake->n_reduces; i++)
		if (intake->reduces[i].i_item == i_item)
			break;
	return reduce_end(&intake->reduces[i]);
}

void
intake_clear(struct intake *intake)
{
	int i;

	intake_close(intake);
	light_clear(&intake->light);
	for (i = 0; i < intake->n_reduces; i++)
		reduce_clear(&intake->reduces[i]);
	intake->n_reduces = 0;
}
