/* image/copy.c - a picture that goes from file to file without its pixels being decoded to samples. */
#include <config.h>

#include "image/copy.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "image/metadata.h"
#include "image/splice.h"
#include "image/walk.h"

/* No size was asked for; or it is the one that the picture has, and its format knows no quality: developing
 * it would only make it longer. */
static bool
keeps_all(const struct rendition *spec, const struct picture *picture)
{
	const struct codec_header *header = &picture->in.header;
	struct rendition_frame frame;

	if (spec->width_px == 0 && spec->height_px == 0)
		return true;
	if (picture->in.codec->has_quality || picture->orientation != 1)
		return false;
	rendition_frame(spec, header->width_px, header->height_px, &frame);
	return frame.width_px == header->width_px && frame.height_px == header->height_px &&
	    frame.picture_width_px == frame.width_px && frame.picture_height_px == frame.height_px &&
	    frame.crop_width == 1.0 && frame.crop_height == 1.0;
}

bool
copy_is_for(const struct rendition *spec, const struct picture *picture)
{
	enum image_model model = picture->in.header.model;
	bool is_ink = model == IMAGE_CMYK || model == IMAGE_YCCK;

	return keeps_all(spec, picture) && spec->sharpen == 0 &&
	    spec->mark_bytes == 0 &&
	    (spec->format == RENDITION_KEEP || spec->format == picture->in.codec->word) &&
	    (spec->color == RENDITION_COLOR_KEEP || (!picture->is_foreign && !is_ink));
}

/* The result as it would stand in a layout. */
static struct layout_item
result_of(const struct picture *picture, const struct rendition *spec, int orientation)
{
	const struct codec_header *header = &picture->in.header;
	bool is_swapped = image_is_swapped(orientation);

	return (struct layout_item){ .spec = spec, .codec = picture->in.codec,
		.frame = { .width_px = is_swapped ? header->height_px : header->width_px,
		.height_px = is_swapped ? header->width_px : header->height_px } };
}

double
copy_ns(const struct picture *picture, const struct rendition *spec)
{
	const struct layout_item item = result_of(picture, spec, picture->orientation);

	return picture->in.codec->read_ns(&picture->in) + layout_encode_ns(&item);
}

/* One output. */
struct copy {
	struct picture picture;       /* opened once more */
	const struct rendition *spec;
	int fd, i_output;
	const struct picture *first;  /* as it was planned by */
	bool is_told_right;           /* by EXIF as it came; metadata_choose() corrects it */
	struct layout_item item;      /* the result: spec, codec and size */
	struct codec_sink *sink;
};

/* ---- the source's own bytes ---- */

static bool
may_send_source(struct copy *copy)
{
	struct codec_in *in = &copy->picture.in;
	bool keeps_profile = copy->spec->color == RENDITION_COLOR_KEEP;

	if (copy->first->orientation != 1 || in->outcome->n_warnings > 0 || in->header.is_animated ||
	    (in->header.icc != NULL && !keeps_profile) ||
	    (in->header.is_icc_made && !in->header.is_space_told)) /* few viewers ask EXIF */
		return false;
	if (copy->spec->metadata == RENDITION_META_KEEP)
		return !in->header.meta.was_xmp_turned && copy->is_told_right;
	return walk_is_bare(&in->source, in->codec, keeps_profile);
}

static int
send_source(struct copy *copy)
{
	struct codec_source *source = &copy->picture.in.source;
	struct develop_outcome *outcome = copy->picture.in.outcome;
	ssize_t n;

	source->offset = 0;
	codec_sink_init(copy->sink, copy->fd);
	while ((n = codec_source_fill(source)) > 0)
		if (codec_sink_put(copy->sink, source->buffer, (size_t)n) != 0)
			return outcome_error(outcome, errno, "the result cannot be written");
	if (n < 0 || source->offset < source->size_bytes)
		return outcome_error(outcome, n < 0 ? source->error : EIO,
		    "the file cannot be read a second time");
	if (codec_sink_flush(copy->sink) != 0)
		return outcome_error(outcome, errno, "the result cannot be written");
	return 0;
}

static int
empty_result(struct copy *copy)
{
	if (ftruncate(copy->fd, 0) == 0)
		return 0;
	return outcome_error(copy->picture.in.outcome, errno, "the result cannot be shortened");
}

/* ---- one output ---- */

/* The metadata are chosen after all has been read: a PNG may tell things behind its pixels. What was read
 * well and cannot be written, as coefficients that are larger than they may be, is developed. */
static enum codec_copied
write_anew(struct copy *copy)
{
	struct codec_in *in = &copy->picture.in;
	struct codec_style style;
	enum codec_copied result;

	metadata_choose(&copy->picture, &copy->item, &style);
	codec_sink_init(copy->sink, copy->fd);
	result = in->codec->copy_write(in, copy->first->orientation, &style, copy->sink);
	metadata_clear(&style);
	if (result == CODEC_COPY_FAILED && outcome_forget(in->outcome))
		result = CODEC_COPY_CANNOT;
	if (result == CODEC_COPY_CANNOT && empty_result(copy) != 0)
		result = CODEC_COPY_FAILED;
	return result;
}

/* Replace what became longer than the source: by that, or else by what is coded in it. A turned
 * picture is coded anew and may be some bytes longer. */
static int
shorten(struct copy *copy)
{
	struct codec_in *in = &copy->picture.in;

	if (copy->sink->n_bytes <= in->source.size_bytes)
		return 0;
	if (may_send_source(copy))
		return empty_result(copy) == 0 ? send_source(copy) : -1;
	if (copy->first->orientation != 1 ||
	    (in->outcome->n_warnings > 0 && !in->codec->has_sound_rows) ||
	    splice(in->codec, &in->source, copy->fd, copy->sink) != SPLICE_FAILED)
		return 0;
	return outcome_error(in->outcome, errno, "the result cannot be written");
}

/* What is longer than it may be is developed, where a lower quality can help. */
static enum codec_copied
check_length(struct copy *copy)
{
	if (copy->spec->max_bytes == 0 || copy->sink->n_bytes <= copy->spec->max_bytes)
		return CODEC_COPIED;
	return empty_result(copy) == 0 ? CODEC_COPY_CANNOT : CODEC_COPY_FAILED;
}

/* The file may be another one since it was opened first: what was planned by its orientation is not for
 * this one. */
static enum codec_copied
copy_opened(struct copy *copy)
{
	struct codec_in *in = &copy->picture.in;
	uint64_t cost = in->codec->copy_cost(in, copy->first->orientation, copy->spec);
	enum codec_copied result;

	if (cost == 0 || cost > in->limits->memory_bytes)
		return CODEC_COPY_CANNOT;
	pace_begin(in->pace, DEVELOP_DECODE, copy->i_output, in->codec->read_ns(&copy->first->in));
	if (in->codec->copy_read(in) != 0)
		return CODEC_COPY_FAILED;
	pace_begin(in->pace, DEVELOP_ENCODE, copy->i_output, layout_encode_ns(&copy->item));
	if (copy->picture.orientation != copy->first->orientation)
		return CODEC_COPY_CANNOT;
	if (metadata_has_parts(&copy->picture) && may_send_source(copy)) /* only whole is it all of it */
		return send_source(copy) == 0 ? check_length(copy) : CODEC_COPY_FAILED;
	result = write_anew(copy);
	if (result == CODEC_COPIED && shorten(copy) != 0)
		return CODEC_COPY_FAILED;
	return result == CODEC_COPIED ? check_length(copy) : result;
}

static void
tell_complete(const struct copy *copy)
{
	const struct rendition_frame *frame = &copy->item.frame;
	struct pace *pace = copy->picture.in.pace;

	pace_at(pace, 1, 1);
	pace_complete(pace, &(struct develop_news){ .i_output = copy->i_output,
	    .bytes = copy->sink->n_bytes, .width_px = frame->width_px,
	    .height_px = frame->height_px });
}

static void
set_result(struct copy *copy)
{
	struct exif_truth truth;

	copy->item = result_of(&copy->picture, copy->spec, copy->first->orientation);
	truth = metadata_truth(&copy->item);
	truth.may_hold_thumbnail = metadata_has_parts(&copy->picture);
	copy->is_told_right = exif_is_right(copy->picture.exif, &truth);
}

enum codec_copied
copy_write(const struct picture *picture, const struct rendition *spec, int fd, int i_output,
    struct codec_sink *sink)
{
	struct copy *copy = mem_alloc(sizeof(*copy));
	struct develop_outcome *outcome = picture->in.outcome;
	unsigned n_warnings = outcome->n_warnings; /* the same ones again are not counted twice */
	enum codec_copied result = CODEC_COPY_FAILED;

	copy->spec = spec;
	copy->fd = fd;
	copy->i_output = i_output;
	copy->first = picture;
	copy->sink = sink;
	outcome->n_warnings = 0;
	if (picture_open_copy(&copy->picture, picture) == 0) {
		set_result(copy);
		result = copy_opened(copy);
	}
	if (result == CODEC_COPIED)
		tell_complete(copy);
	if (outcome->n_warnings < n_warnings)
		outcome->n_warnings = n_warnings;
	picture_close(&copy->picture);
	free(copy);
	return result;
}
