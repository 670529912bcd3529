#include <config.h>

#include "image/develop.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "image/codec.h"
#include "image/copy.h"
#include "image/exif.h"
#include "image/finish.h"
#include "image/intake.h"

#define MEGA 1000000.0
#define HEAD_BYTES 16
#define HEAP_BYTES (32 << 20) /* kept between pictures; glibc's largest */

struct developer {
	struct resampler *resampler;
	struct color *color;
	struct mark_store *marks;
	uint64_t window_bytes;
};

/* What becomes of an output. */
enum fate { FATE_OPEN, FATE_COPY, FATE_COPIED, FATE_DEVELOP };

/* One call of develop_run(). */
struct run {
	struct developer *developer;
	const struct develop_output *outputs;
	int n_outputs;
	const struct develop_limits *limits;
	struct develop_outcome *outcome;
	struct meter meter;
	struct codec_in in;
	struct codec_sink sink;
	struct exif *exif;
	enum fate fates[RENDITION_MAX];            /* by output */
	int n_copied;
	struct layout layout;
	struct intake intake;
	struct image reduced[RENDITION_MAX]; /* by item of the layout */
};

/* Planes come and go with every picture. Given back to the kernel each time, their pages cost
 * a tenth of all the time to be zeroed again. */
static void
keep_heap(void)
{
	mallopt(M_MMAP_THRESHOLD, HEAP_BYTES);
	mallopt(M_TRIM_THRESHOLD, HEAP_BYTES);
}

struct developer *
developer_new(void)
{
	struct developer *d = mem_alloc(sizeof(*d));

	keep_heap();
	d->resampler = resample_new();
	d->color = color_new();
	d->marks = mark_store_new();
	d->window_bytes = INTAKE_BYTES;
	return d;
}

void
developer_set_window(struct developer *d, uint64_t bytes)
{
	d->window_bytes = bytes;
}

void
developer_free(struct developer *d)
{
	if (d == NULL)
		return;
	resample_free(d->resampler);
	color_free(d->color);
	mark_store_free(d->marks);
	free(d);
}

/* ---- before the pixels ---- */

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

static int
open_source(struct run *run)
{
	struct codec_source *source = &run->in.source;
	uint8_t head[HEAD_BYTES];
	ssize_t n = codec_source_read(source, head, sizeof(head));

	if (n < 0)
		return outcome_error(run->outcome, source->error, "the file cannot be read");
	source->offset = 0;
	run->in.codec = codec_for(head, (size_t)n);
	if (run->in.codec == NULL)
		return outcome_bad(run->outcome, BAD_NOT_IMAGE, n == 0 ? "it is empty" :
		    "its first bytes are neither those of a JPEG nor of a PNG");
	if (run->in.codec->open(&run->in) != 0)
		return -1;
	run->outcome->width_px = run->in.header.width_px;
	run->outcome->height_px = run->in.header.height_px;
	return 0;
}

static int
check_size(struct run *run)
{
	const struct codec_header *header = &run->in.header;
	uint64_t pixels = (uint64_t)header->width_px * header->height_px;

	if (header->width_px > run->limits->side_px || header->height_px > run->limits->side_px)
		return outcome_bad(run->outcome, BAD_TOO_BIG, "it has %ux%u pixels; a side may "
		    "have %u (limits.side)", header->width_px, header->height_px,
		    run->limits->side_px);
	if (pixels > run->limits->pixels)
		return outcome_bad(run->outcome, BAD_TOO_BIG, "it has %ux%u = %.9g million "
		    "pixels; %.9g million are allowed (limits.pixels)", header->width_px,
		    header->height_px, (double)pixels / MEGA,
		    (double)run->limits->pixels / MEGA);
	return 0;
}

/* Drop a profile that cannot be used; say whether what is left differs from sRGB. */
static bool
is_foreign(struct run *run)
{
	struct codec_header *header = &run->in.header;

	if (header->icc != NULL && !color_fits(header->icc, header->icc_bytes, header->model)) {
		free(header->icc);
		header->icc = NULL;
		header->icc_bytes = 0;
		run->outcome->n_warnings++;
	}
	return header->icc != NULL && color_differs(run->developer->color, header->icc,
	    header->icc_bytes, header->model);
}

/* The layout is made for the outputs that have to be developed. */
static void
plan(struct run *run)
{
	const struct codec_header *header = &run->in.header;
	bool is_other = is_foreign(run);
	const struct rendition *rest[RENDITION_MAX];
	int i;

	run->n_copied = 0;
	for (i = 0; i < run->n_outputs; i++) {
		if (run->fates[i] == FATE_OPEN)
			run->fates[i] = copy_is_for(&run->outputs[i].spec, run->in.codec, header,
			    is_other) ? FATE_COPY : FATE_DEVELOP;
		run->n_copied += run->fates[i] == FATE_COPY;
		rest[i] = run->fates[i] == FATE_DEVELOP ? &run->outputs[i].spec : NULL;
	}
	exif_free(run->exif);
	run->exif = exif_parse(header->tiff, header->tiff_bytes);
	layout_make(&run->layout, header, exif_orientation(run->exif), is_other,
	    run->in.codec->can_reduce, rest, run->n_outputs);
}

static int
check_results(struct run *run)
{
	int i;

	for (i = 0; i < run->layout.n_items; i++) {
		const struct layout_item *item = &run->layout.items[i];

		if (item->is_jpeg && (item->frame.width_px > CODEC_JPEG_MAX_SIDE ||
		    item->frame.height_px > CODEC_JPEG_MAX_SIDE))
			return outcome_bad(run->outcome, BAD_TOO_BIG, "rendition %s would have "
			    "%ux%u pixels; a JPEG's side ends at %d", item->spec->name,
			    item->frame.width_px, item->frame.height_px, CODEC_JPEG_MAX_SIDE);
	}
	return 0;
}

/* Room for reading a watermark, while the results wait for it. */
static uint64_t
mark_cost(const struct run *run)
{
	int i;

	for (i = 0; i < run->layout.n_items; i++)
		if (run->layout.items[i].spec->mark_bytes != 0)
			return MARK_MEMORY_BYTES;
	return 0;
}

static int
check_memory(struct run *run)
{
	uint64_t codec, rest;

	if (run->layout.n_items == 0) /* all are copied */
		return 0;
	run->in.may_halve_chroma = run->layout.may_halve_chroma;
	if (run->in.codec->shape(&run->in, run->layout.denominator, &run->intake.window) != 0)
		return -1;
	intake_plan(&run->intake, &run->layout, &run->in.header, run->reduced,
	    run->developer->window_bytes);
	codec = run->in.codec->cost(&run->in);
	rest = intake_cost(&run->intake) + layout_cost(&run->layout, &run->in.header) +
	    mark_cost(run);
	if (codec <= run->limits->memory_bytes && rest <= run->limits->memory_bytes - codec)
		return 0;
	return outcome_bad(run->outcome, BAD_TOO_BIG, "its %ux%u pixels and their renditions need "
	    "%.0f MB of memory; %.0f MB are left for them (workers.memory)", run->in.header.width_px,
	    run->in.header.height_px, ((double)codec + (double)rest) / MEGA,
	    (double)run->limits->memory_bytes / MEGA);
}

/* ---- the pixels ---- */

/* What is made from the source is made while it comes in: see meter_aside(). */
static double
resize_ns(const struct run *run, const struct layout_item *item)
{
	return item->parent < 0 ? 0 : layout_resize_ns(&run->layout, item);
}

/* Of all that is developed, without what is copied. */
static double
develop_ns(struct run *run)
{
	double total = run->layout.n_items == 0 ? 0 : run->in.codec->read_ns(&run->in) +
	    intake_expect(&run->intake, &run->layout, run->developer->resampler);
	int i;

	for (i = 0; i < run->layout.n_items; i++)
		total += resize_ns(run, &run->layout.items[i]) +
		    layout_cook_ns(&run->layout.items[i]) + layout_encode_ns(&run->layout.items[i]);
	return total;
}

static int
read_source(struct run *run)
{
	int result = intake_open(&run->intake, run->developer->resampler, run->developer->color,
	    &run->in.header, &run->meter, run->outcome);

	if (result == 0)
		result = run->in.codec->read(&run->in, &run->intake.window);
	run->in.codec->close(&run->in);
	intake_close(&run->intake);
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

static int
reduce(struct run *run, int i_item)
{
	const struct layout_item *item = &run->layout.items[i_item];
	int result;

	meter_begin(&run->meter, DEVELOP_RESIZE, item->i_output, resize_ns(run, item));
	result = item->parent < 0 ? intake_end(&run->intake, i_item) :
	    reduce_image(run->developer->resampler, item, &run->in.header,
	    &run->reduced[item->parent], &run->reduced[i_item], &run->meter);
	if (result == 0)
		return 0;
	return outcome_error(run->outcome, errno, "rendition %s: the picture cannot be "
	    "resampled from %ux%u to %ux%u pixels: %s", item->spec->name, run->layout.width_px,
	    run->layout.height_px, item->frame.picture_width_px,
	    item->frame.picture_height_px, strerror(errno));
}

static int
finish(struct run *run, int i_item)
{
	const struct layout_item *item = &run->layout.items[i_item];
	struct finish f = { .color = run->developer->color,
		.resampler = run->developer->resampler, .header = &run->in.header,
		.exif = run->exif, .orientation = run->layout.orientation, .meter = &run->meter,
		.outcome = run->outcome, .sink = &run->sink, .light = &run->intake.light,
		.marks = run->developer->marks,
		.mark_fd = run->outputs[item->i_output].mark_fd };
	unsigned quality;

	meter_begin(&run->meter, DEVELOP_ENCODE, item->i_output, layout_encode_ns(item));
	if (finish_write(&f, item, &run->reduced[i_item],
	    run->outputs[item->i_output].fd, &quality) != 0)
		return -1;
	meter_at(&run->meter, 1, 1);
	meter_complete(&run->meter, &(struct develop_news){ .i_output = item->i_output,
	    .bytes = run->sink.n_bytes, .width_px = item->frame.width_px,
	    .height_px = item->frame.height_px, .quality = quality });
	return 0;
}

/* ---- copies ---- */

static int
plan_checked(struct run *run)
{
	plan(run);
	return check_results(run) != 0 || check_memory(run) != 0 ? -1 : 0;
}

/* What turns out to need developing is planned anew. */
static int
copy_outputs(struct run *run)
{
	struct copy copy = { .in = &run->in, .orientation = run->layout.orientation,
		.sink = &run->sink };
	bool is_any_left = false;
	int i;

	for (i = 0; i < run->n_outputs; i++) {
		enum codec_copied result;

		if (run->fates[i] != FATE_COPY)
			continue;
		result = copy_write(&copy, &run->outputs[i].spec, run->outputs[i].fd, i);
		if (result == CODEC_COPY_FAILED)
			return -1;
		run->fates[i] = result == CODEC_COPIED ? FATE_COPIED : FATE_DEVELOP;
		is_any_left = is_any_left || result == CODEC_COPY_CANNOT;
	}
	return is_any_left ? plan_checked(run) : 0;
}

static int
run_all(struct run *run, develop_tell_fn *tell, void *listener)
{
	int i;

	if (check_settings(run) != 0 || open_source(run) != 0 || check_size(run) != 0 ||
	    plan_checked(run) != 0)
		return -1;
	meter_init(&run->meter, tell, listener, develop_ns(run) +
	    run->n_copied * copy_ns(run->in.codec, &run->in.header));
	if (copy_outputs(run) != 0)
		return -1;
	if (run->layout.n_items == 0)
		return 0;
	meter_begin(&run->meter, DEVELOP_DECODE, -1, run->in.codec->read_ns(&run->in));
	meter_extend(&run->meter, develop_ns(run));
	if (read_source(run) != 0)
		return -1;
	for (i = 0; i < run->layout.n_items; i++) {
		if (reduce(run, i) != 0)
			return -1;
		if (finish(run, i) != 0)
			return -1;
		release_reduced(run, i);
	}
	return 0;
}

static void
clear(struct run *run)
{
	int i;

	if (run->in.codec != NULL)
		run->in.codec->close(&run->in);
	free(run->in.header.icc);
	free(run->in.header.tiff);
	meta_clear(&run->in.header.meta);
	exif_free(run->exif);
	intake_clear(&run->intake);
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
	int result;

	*outcome = (struct develop_outcome){ .bad = BAD_NONE };
	run->developer = d;
	run->outputs = outputs;
	run->n_outputs = n_outputs;
	run->limits = limits;
	run->outcome = outcome;
	run->in.source.fd = source_fd;
	run->in.source.size_bytes = source_bytes;
	run->in.limits = limits;
	run->in.outcome = outcome;
	run->in.meter = &run->meter;
	result = run_all(run, tell, listener);
	clear(run);
	free(run);
	return result;
}
