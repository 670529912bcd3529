#include <config.h>

#include <errno.h>
#include <string.h>

#include "image/intake.h"

#define MIN_BAND_ROWS 8

/* ---- how much at once ---- */

static void
plan_bands(struct intake *intake, uint32_t band_rows)
{
	int i, k;

	intake->band_rows = band_rows;
	for (k = 0; k < intake->window.image.n_planes; k++)
		intake->window.rows[k].capacity = 0;
	for (i = 0; i < intake->n_reduces; i++)
		for (k = 0; k < intake->window.image.n_planes; k++) {
			struct reduce *reduce = &intake->reduces[i];

			reduce_set_band(reduce, k, band_rows);
			window_need(&intake->window, k, resample_flow_span(&reduce->flows[k]));
		}
}

void
intake_plan(struct intake *intake, const struct layout *layout,
    const struct codec_header *header, struct image *results, uint64_t budget_bytes)
{
	uint32_t band_rows = RESAMPLE_BAND_ROWS;
	int i;

	intake->n_reduces = 0;
	for (i = 0; i < layout->n_items; i++)
		if (layout->items[i].parent < 0)
			reduce_init(&intake->reduces[intake->n_reduces++], &layout->items[i], i,
			    header, &intake->window.image, layout->orientation, &results[i]);
	plan_bands(intake, band_rows);
	while (window_bytes(&intake->window) > budget_bytes && band_rows > MIN_BAND_ROWS) {
		band_rows /= 2;
		plan_bands(intake, band_rows);
	}
}

uint64_t
intake_cost(const struct intake *intake)
{
	return window_bytes(&intake->window) +
	    resample_cost(intake->window.image.planes[0].width, intake->band_rows);
}

/* ---- to take ---- */

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
			return outcome_error(intake->outcome, errno, "rendition %s: the picture "
			    "cannot be resampled to %ux%u pixels: %s", reduce->item->spec->name,
			    reduce->to->width_px, reduce->to->height_px, strerror(errno));
	}
	return 0;
}

static int
take(void *owner)
{
	struct intake *intake = owner;
	int i, k;

	for (k = 0; k < intake->window.image.n_planes; k++) {
		uint32_t keep = UINT32_MAX;

		for (i = 0; i < intake->n_reduces; i++)
			if (take_plane(intake, &intake->reduces[i], k, &keep) != 0)
				return -1;
		intake->window.rows[k].keep = keep;
	}
	return 0;
}

int
intake_open(struct intake *intake, struct resampler *resampler, struct develop_outcome *outcome)
{
	int i, result;

	intake->resampler = resampler;
	intake->outcome = outcome;
	intake->window.take = take;
	intake->window.owner = intake;
	result = window_open(&intake->window);
	for (i = 0; i < intake->n_reduces && result == 0; i++)
		result = reduce_open(&intake->reduces[i]);
	return result == 0 ? 0 : outcome_error(outcome, ENOMEM, "no memory left for the picture");
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

	window_clear(&intake->window);
	for (i = 0; i < intake->n_reduces; i++)
		reduce_clear(&intake->reduces[i]);
	intake->n_reduces = 0;
}
