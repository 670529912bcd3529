/* image/develop.c - the way of a picture's pixels, from its file to those of all renditions. */
#include <config.h>

#include "image/develop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "image/bands.h"
#include "image/convert.h"
#include "image/copy.h"
#include "image/encode.h"
#include "image/metadata.h"
#include "image/picture.h"
#include "image/sharpen.h"
#include "image/watermark.h"

#define MEGA 1000000.0

/* What becomes of an output. */
enum fate { FATE_OPEN, FATE_COPY, FATE_COPIED, FATE_DEVELOP };

/* One call of develop_run(). */
struct run {
	struct developer *developer;
	const struct develop_output *outputs;
	int n_outputs;
	const struct develop_limits *limits;
	struct develop_outcome *outcome;
	struct pace pace;
	struct picture picture;
	enum fate fates[RENDITION_MAX];      /* by output */
	struct layout layout;
	struct bands bands;
	struct image reduced[RENDITION_MAX]; /* by item of the layout */
	struct codec_sink sink;
};

/* One result between its reduced planes and its file. */
struct result {
	const struct layout_item *item;
	struct codec_style style;
	struct image *image;  /* borrowed: its planes, reduced; made from linear light they are: */
	struct image coded;
	struct overlay overlay; /* the watermark, where there is one */
	struct color_transform *transform;
	struct convert convert;
	struct image planes;  /* for an encoder of planes, where those of the image will not do */
	struct encode encode;
};

/* ---- the plan: what is copied, what is made from what, and is there room for it? ---- */

static int
check_settings(struct run *run)
{
	int i;

	if (run->developer->color == NULL)
		return outcome_error(run->outcome, ENOTSUP, "lcms2 cannot make an sRGB profile");
	if (run->n_outputs < 1 || run->n_outputs > RENDITION_MAX)
		return outcome_error(run->outcome, EINVAL, "%d renditions were asked for; 1 to %d "
		    "are possible", run->n_outputs, RENDITION_MAX);
	for (i = 0; i < run->n_outputs; i++)
		if (run->outputs[i].spec.depth != 0 && run->outputs[i].spec.depth != 8)
			return outcome_error(run->outcome, ENOTSUP, "rendition %s: a sample cannot "
			    "have %u bits", run->outputs[i].spec.name, run->outputs[i].spec.depth);
	return 0;
}

static void
make_layout(struct run *run)
{
	const struct picture *picture = &run->picture;
	const struct rendition *specs[RENDITION_MAX]; /* NULL: copied */
	int i;

	for (i = 0; i < run->n_outputs; i++) {
		const struct rendition *spec = &run->outputs[i].spec;

		if (run->fates[i] == FATE_OPEN)
			run->fates[i] = copy_is_for(spec, picture) ? FATE_COPY : FATE_DEVELOP;
		specs[i] = run->fates[i] == FATE_DEVELOP ? spec : NULL;
	}
	layout_make(&run->layout, &picture->in.header, picture->orientation, picture->is_foreign,
	    picture->in.codec, specs, run->n_outputs);
}

static int
check_results(struct run *run)
{
	int i;

	for (i = 0; i < run->layout.n_items; i++) {
		const struct layout_item *item = &run->layout.items[i];
		uint32_t most = item->codec->max_side_px;

		if (most != 0 && (item->frame.width_px > most || item->frame.height_px > most))
			return outcome_bad(run->outcome, REASON_TOO_BIG, "rendition %s would have "
			    "%ux%u pixels; a %s's side ends at %u", item->spec->name,
			    item->frame.width_px, item->frame.height_px, item->codec->name, most);
	}
	return 0;
}

/* Room for reading a watermark, while the results wait for it. */
static uint64_t
watermark_cost(const struct run *run)
{
	int i;

	for (i = 0; i < run->layout.n_items; i++)
		if (run->layout.items[i].spec->mark_bytes != 0)
			return WATERMARK_MEMORY_BYTES;
	return 0;
}

static int
check_memory(struct run *run)
{
	struct codec_in *in = &run->picture.in;
	uint64_t codec, rest;

	in->may_halve_chroma = run->layout.may_halve_chroma;
	if (in->codec->shape(in, run->layout.denominator, &run->bands.window) != 0)
		return -1;
	bands_plan(&run->bands, &run->layout, &in->header, run->reduced, run->developer->window_bytes);
	codec = in->codec->cost(in);
	rest = bands_cost(&run->bands) + layout_cost(&run->layout, &in->header) +
	    watermark_cost(run);
	if (codec <= run->limits->memory_bytes && rest <= run->limits->memory_bytes - codec)
		return 0;
	return outcome_bad(run->outcome, REASON_TOO_BIG, "its %ux%u pixels and their renditions need "
	    "%.0f MB of memory; %.0f MB are left for them (workers.memory)", in->header.width_px,
	    in->header.height_px, ((double)codec + (double)rest) / MEGA,
	    (double)run->limits->memory_bytes / MEGA);
}

static int
make_plan(struct run *run)
{
	make_layout(run);
	if (check_results(run) != 0)
		return -1;
	return run->layout.n_items == 0 ? 0 : check_memory(run);
}

/* What is made from the source is made while it comes in: see pace_aside(). */
static double
resize_ns(const struct run *run, const struct layout_item *item)
{
	return item->parent < 0 ? 0 : layout_resize_ns(&run->layout, item);
}

/* Of all that is developed, without what is copied. */
static double
develop_ns(struct run *run)
{
	struct codec_in *in = &run->picture.in;
	double total = run->layout.n_items == 0 ? 0 : in->codec->read_ns(in) +
	    bands_expect(&run->bands, &run->layout, run->developer->resampler);
	int i;

	for (i = 0; i < run->layout.n_items; i++)
		total += resize_ns(run, &run->layout.items[i]) +
		    layout_convert_ns(&run->layout.items[i]) + layout_encode_ns(&run->layout.items[i]);
	return total;
}

static double
copies_ns(struct run *run)
{
	double total = 0;
	int i;

	for (i = 0; i < run->n_outputs; i++)
		if (run->fates[i] == FATE_COPY)
			total += copy_ns(&run->picture, &run->outputs[i].spec);
	return total;
}

/* ---- copies: no pixel changes ---- */

/* What turns out to need developing is planned anew. */
static int
copy_outputs(struct run *run)
{
	bool is_any_left = false;
	int i;

	for (i = 0; i < run->n_outputs; i++) {
		enum codec_copied result;

		if (run->fates[i] != FATE_COPY)
			continue;
		result = copy_write(&run->picture, &run->outputs[i].spec, run->outputs[i].fd, i,
		    &run->sink);
		if (result == CODEC_COPY_FAILED)
			return -1;
		run->fates[i] = result == CODEC_COPIED ? FATE_COPIED : FATE_DEVELOP;
		is_any_left = is_any_left || result == CODEC_COPY_CANNOT;
	}
	return is_any_left ? make_plan(run) : 0;
}

/* ---- the pixels, once through the source ---- */

/* Every result that is made from the source gets its rows while they come. */
static int
read_source(struct run *run)
{
	struct codec_in *in = &run->picture.in;
	struct bands *bands = &run->bands;
	int result;

	pace_begin(&run->pace, DEVELOP_DECODE, -1, in->codec->read_ns(in));
	pace_extend(&run->pace, develop_ns(run));
	result = bands_open(bands, run->developer->resampler, run->developer->color, &in->header,
	    &run->pace, run->outcome);
	if (result == 0)
		result = in->codec->begin(in);
	while (result == 0 && !window_is_complete(&bands->window))
		result = in->codec->next(in) == 0 ? bands_feed(bands) : -1;
	if (result == 0)
		result = in->codec->end(in);
	in->codec->close(in);
	bands_close(bands);
	return result;
}

/* ---- one result, step by step ---- */

/* At its size, and upright: from the source's bands, or from a larger result. */
static int
reduce(struct run *run, int i_item)
{
	const struct layout_item *item = &run->layout.items[i_item];
	int result;

	pace_begin(&run->pace, DEVELOP_RESIZE, item->i_output, resize_ns(run, item));
	result = item->parent < 0 ? bands_end(&run->bands, i_item) :
	    reduce_image(run->developer->resampler, item, &run->picture.in.header,
	    &run->reduced[item->parent], &run->reduced[i_item], &run->pace);
	if (result == 0)
		return 0;
	return outcome_error(run->outcome, errno, "rendition %s: the picture cannot be "
	    "resampled from %ux%u to %ux%u pixels: %s", item->spec->name, run->layout.width_px,
	    run->layout.height_px, item->frame.picture_width_px,
	    item->frame.picture_height_px, strerror(errno));
}

/* Samples as they are coded, from amounts of light. */
static int
leave_linear_light(struct run *run, struct result *r)
{
	if (!r->item->is_linear)
		return 0;
	if (linear_code(&run->bands.linear, r->image, &r->coded) != 0)
		return outcome_error(run->outcome, errno, "no memory left for the result's planes");
	r->image = &r->coded;
	return 0;
}

/* Read or kept, of the size and in the colours that this result wants. */
static int
prepare_watermark(struct run *run, struct result *r)
{
	const struct watermark_tools tools = { .store = run->developer->watermarks,
		.resampler = run->developer->resampler, .color = run->developer->color,
		.outcome = run->outcome };

	return r->item->spec->mark_bytes == 0 ? 0 : watermark_place(&tools, r->item,
	    run->outputs[r->item->i_output].mark_fd, &r->style, run->picture.in.header.model,
	    &r->overlay);
}

/* Planes that have the result's colours already: sharpen, watermark. They are copied where something
 * changes, since smaller results are made from the reduced ones. */
static int
finish_planes(struct run *run, struct result *r)
{
	const struct rendition *spec = r->item->spec;

	r->encode.planes = r->image;
	if (spec->sharpen == 0 && r->overlay.rgba == NULL)
		return 0;
	if (image_copy(r->image, &r->planes) != 0 || (spec->sharpen != 0 &&
	    sharpen_plane(&r->image->planes[0], &r->planes.planes[0], spec->sharpen) != 0))
		return outcome_error(run->outcome, errno, "no memory left for the result's planes");
	if (r->overlay.rgba != NULL)
		overlay_planes(&r->overlay, &r->planes, r->item->sub_x, r->item->sub_y);
	r->encode.planes = &r->planes;
	return 0;
}

/* All else goes row by row: colour, sharpen, alpha and canvas, watermark (convert_row()); the encoder asks
 * for the rows, or gets planes made of them. */
static int
finish_rows(struct run *run, struct result *r)
{
	const struct codec_header *header = &run->picture.in.header;
	const struct layout_item *item = r->item;

	if (item->is_converted) {
		r->transform = color_transform_new(run->developer->color, header->icc,
		    header->icc_bytes, r->image->model, item->spec->intent, r->image->sample_bytes,
		    item->out_bytes);
		if (r->transform == NULL) /* though it was good when the layout was made */
			return outcome_bad(run->outcome, REASON_CORRUPT,
			    "its colour profile cannot be used");
	}
	if (convert_init(&r->convert, r->image, r->transform, &item->frame, item->spec,
	    item->codec->has_alpha, item->out_bytes) != 0)
		return outcome_error(run->outcome, ENOMEM, "no memory left for a row of the result");
	r->convert.overlay = r->overlay.rgba != NULL ? &r->overlay : NULL;
	r->encode.rows = &r->convert;
	if (item->codec->write_planes == NULL)
		return 0;
	r->encode.planes = &r->planes;
	if (convert_planes(&r->convert, run->developer->resampler, item->sub_x, item->sub_y,
	    item->spec->subsampling == RENDITION_SUB_AUTO, &r->planes) != 0)
		return outcome_error(run->outcome, errno, "no memory left for the result's planes");
	pace_aside(&run->pace, layout_convert_ns(item));
	return 0;
}

static void
clear_result(struct result *r)
{
	metadata_clear(&r->style);
	image_clear(&r->coded);
	overlay_clear(&r->overlay);
	convert_clear(&r->convert);
	color_transform_free(r->transform);
	image_clear(&r->planes);
}

static void
tell_complete(struct run *run, const struct result *r)
{
	const struct layout_item *item = r->item;

	pace_at(&run->pace, 1, 1);
	pace_complete(&run->pace, &(struct develop_news){ .i_output = item->i_output,
	    .bytes = run->sink.n_bytes, .width_px = item->frame.width_px,
	    .height_px = item->frame.height_px,
	    .quality = item->codec->has_quality ? r->style.quality : 0 });
}

/* A new step after resampling stands here, before or after the colours. */
static int
finish(struct run *run, int i_item)
{
	const struct layout_item *item = &run->layout.items[i_item];
	struct result r = { .item = item, .image = &run->reduced[i_item],
		.encode = { .codec = item->codec, .style = &r.style, .sink = &run->sink,
		.pace = &run->pace, .outcome = run->outcome } };
	int result;

	pace_begin(&run->pace, DEVELOP_ENCODE, item->i_output, layout_encode_ns(item));
	metadata_choose(&run->picture, item, &r.style);
	result = leave_linear_light(run, &r);
	if (result == 0)
		result = prepare_watermark(run, &r);
	if (result == 0)
		result = item->is_direct ? finish_planes(run, &r) : finish_rows(run, &r);
	if (result == 0)
		result = encode_write(&r.encode, run->outputs[item->i_output].fd);
	if (result == 0)
		tell_complete(run, &r);
	clear_result(&r);
	return result;
}

/* Is item K still the parent of one that comes after item I_DONE? */
static bool
is_parent_later(const struct run *run, int k, int i_done)
{
	int i;

	for (i = i_done + 1; i < run->layout.n_items; i++)
		if (run->layout.items[i].parent == k)
			return true;
	return false;
}

/* Give back, as early as can be, what nothing more is made from. */
static void
release_reduced(struct run *run, int i_done)
{
	int k;

	for (k = 0; k <= i_done; k++)
		if (!is_parent_later(run, k, i_done))
			image_clear(&run->reduced[k]);
}

/* ---- the whole way ---- */

static int
run_all(struct run *run, develop_tell_fn *tell, void *listener)
{
	int i;

	if (check_settings(run) != 0 || picture_open(&run->picture, run->developer->color) != 0 ||
	    make_plan(run) != 0)
		return -1;
	pace_init(&run->pace, tell, listener, develop_ns(run) + copies_ns(run));
	if (copy_outputs(run) != 0)
		return -1;
	if (run->layout.n_items == 0)
		return 0;
	if (read_source(run) != 0)
		return -1;
	for (i = 0; i < run->layout.n_items; i++) { /* the largest first */
		if (reduce(run, i) != 0 || finish(run, i) != 0)
			return -1;
		release_reduced(run, i);
	}
	return 0;
}

static void
clear_run(struct run *run)
{
	int i;

	picture_close(&run->picture);
	bands_clear(&run->bands);
	for (i = 0; i < RENDITION_MAX; i++)
		image_clear(&run->reduced[i]);
	resample_relax(run->developer->resampler);
}

int
develop_run(struct developer *d, int source_fd, uint64_t source_bytes,
    const struct develop_output *outputs, int n_outputs, const struct develop_limits *limits,
    develop_tell_fn *tell, void *listener, struct develop_outcome *outcome)
{
	struct run *run = mem_alloc(sizeof(*run));
	struct codec_in *in = &run->picture.in;
	int result;

	*outcome = (struct develop_outcome){ .bad = REASON_NONE };
	run->developer = d;
	run->outputs = outputs;
	run->n_outputs = n_outputs;
	run->limits = limits;
	run->outcome = outcome;
	in->source.fd = source_fd;
	in->source.size_bytes = source_bytes;
	in->limits = limits;
	in->outcome = outcome;
	in->pace = &run->pace;
	result = run_all(run, tell, listener);
	clear_run(run);
	free(run);
	return result;
}
