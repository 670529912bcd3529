#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "image/bare.h"
#include "image/copy.h"
#include "image/finish.h"
#include "image/splice.h"

/* A pixel, roughly, for the meter; measured: tests/bench/progress.py. */
#define JPEG_READ_NS 4.5
#define JPEG_READ_WHOLE_NS 12.0
#define JPEG_WRITE_NS 7.0
#define PNG_READ_NS 35.0
#define PNG_WRITE_NS 120.0

bool
copy_is_for(const struct rendition *spec, const struct codec *codec,
    const struct codec_header *header, bool is_foreign)
{
	enum rendition_format format = codec == &codec_jpeg ? RENDITION_JPEG : RENDITION_PNG;
	bool is_ink = header->model == IMAGE_CMYK || header->model == IMAGE_YCCK;

	return spec->width_px == 0 && spec->height_px == 0 && spec->sharpen == 0 &&
	    spec->mark_bytes == 0 &&
	    (spec->format == RENDITION_KEEP || spec->format == format) &&
	    (spec->color == RENDITION_COLOR_KEEP || (!is_foreign && !is_ink));
}

static double
read_ns(const struct codec *codec, const struct codec_header *header)
{
	double jpeg_ns = header->is_whole ? JPEG_READ_WHOLE_NS : JPEG_READ_NS;

	return (double)header->width_px * header->height_px *
	    (codec == &codec_jpeg ? jpeg_ns : PNG_READ_NS);
}

static double
write_ns(const struct codec *codec, const struct codec_header *header)
{
	return (double)header->width_px * header->height_px *
	    (codec == &codec_jpeg ? JPEG_WRITE_NS : PNG_WRITE_NS);
}

double
copy_ns(const struct codec *codec, const struct codec_header *header)
{
	return read_ns(codec, header) + write_ns(codec, header);
}

/* ---- the source once more ---- */

static int
open_again(const struct copy *copy, struct codec_in *in)
{
	in->codec = copy->in->codec;
	in->source.fd = copy->in->source.fd;
	in->source.size_bytes = copy->in->source.size_bytes;
	in->limits = copy->in->limits;
	in->outcome = copy->in->outcome;
	in->meter = copy->in->meter;
	in->is_copy = true;
	if (in->codec->open(in) != 0)
		return -1;
	if (copy->in->header.icc == NULL) { /* judged unusable */
		free(in->header.icc);
		in->header.icc = NULL;
		in->header.icc_bytes = 0;
	}
	return 0;
}

static void
clear(struct codec_in *in)
{
	in->codec->close(in);
	free(in->header.icc);
	free(in->header.tiff);
	meta_clear(&in->header.meta);
}

/* ---- the source's own bytes ---- */

static bool
may_send_source(const struct copy *copy, struct codec_in *in, const struct rendition *spec,
    bool is_told_right)
{
	bool keeps_profile = spec->color == RENDITION_COLOR_KEEP;

	if (copy->orientation != 1 || in->outcome->n_warnings > 0 || in->header.is_animated ||
	    (in->header.icc != NULL && !keeps_profile))
		return false;
	if (spec->metadata == RENDITION_META_KEEP)
		return !in->header.meta.was_xmp_turned && is_told_right;
	return in->codec == &codec_jpeg ? bare_is_jpeg(&in->source, keeps_profile) :
	    bare_is_png(&in->source, keeps_profile);
}

static int
send_source(const struct copy *copy, struct codec_in *in, int fd)
{
	struct codec_source *source = &in->source;
	ssize_t n;

	source->offset = 0;
	codec_sink_init(copy->sink, fd);
	while ((n = codec_source_fill(source)) > 0)
		if (codec_sink_put(copy->sink, source->buffer, (size_t)n) != 0)
			return outcome_error(in->outcome, errno, "the result cannot be written");
	if (n < 0 || source->offset < source->size_bytes)
		return outcome_error(in->outcome, n < 0 ? source->error : EIO,
		    "the file cannot be read a second time");
	if (codec_sink_flush(copy->sink) != 0)
		return outcome_error(in->outcome, errno, "the result cannot be written");
	return 0;
}

static int
empty(struct codec_in *in, int fd)
{
	if (ftruncate(fd, 0) == 0)
		return 0;
	return outcome_error(in->outcome, errno, "the result cannot be shortened");
}

/* ---- one output ---- */

/* The style is made after all has been read: a PNG may tell things behind its pixels. */
static enum codec_copied
write_styled(const struct copy *copy, struct codec_in *in, const struct exif *exif,
    const struct layout_item *item, int fd)
{
	struct finish f = { .header = &in->header, .exif = exif,
		.orientation = copy->orientation };
	struct codec_style style;
	enum codec_copied result;
	uint8_t *tiff;

	finish_style(&f, item, &style, &tiff);
	codec_sink_init(copy->sink, fd);
	result = in->codec->copy_write(in, copy->orientation, &style, copy->sink);
	free(tiff);
	return result;
}

/* Replace what became longer than the source: by that, or else by what is coded in it. A turned
 * picture is coded anew and may be some bytes longer. */
static int
shorten(const struct copy *copy, struct codec_in *in, const struct rendition *spec,
    bool is_told_right, int fd)
{
	if (copy->sink->n_bytes <= in->source.size_bytes)
		return 0;
	if (may_send_source(copy, in, spec, is_told_right))
		return empty(in, fd) == 0 ? send_source(copy, in, fd) : -1;
	/* what libpng warns of stands beside the picture */
	if (copy->orientation != 1 || (in->codec == &codec_jpeg && in->outcome->n_warnings > 0) ||
	    splice(in->codec, &in->source, fd, copy->sink) != SPLICE_FAILED)
		return 0;
	return outcome_error(in->outcome, errno, "the result cannot be written");
}

/* What is longer than it may be is developed, where a lower quality can help. */
static enum codec_copied
check_length(const struct copy *copy, struct codec_in *in, const struct rendition *spec, int fd)
{
	if (spec->max_bytes == 0 || copy->sink->n_bytes <= spec->max_bytes)
		return CODEC_COPIED;
	return empty(in, fd) == 0 ? CODEC_COPY_CANNOT : CODEC_COPY_FAILED;
}

static enum codec_copied
copy_one(const struct copy *copy, struct codec_in *in, const struct rendition *spec, int fd,
    int i_output)
{
	const struct codec_header *header = &in->header;
	bool is_swapped = image_is_swapped(copy->orientation);
	struct layout_item item = { .spec = spec, .is_jpeg = in->codec == &codec_jpeg,
		.frame = { .width_px = is_swapped ? header->height_px : header->width_px,
		    .height_px = is_swapped ? header->width_px : header->height_px } };
	uint64_t cost = in->codec->copy_cost(in, copy->orientation, spec);
	enum codec_copied result = CODEC_COPY_CANNOT;
	bool is_told_right;
	struct exif *exif;

	if (cost == 0 || cost > in->limits->memory_bytes)
		return CODEC_COPY_CANNOT;
	meter_begin(in->meter, DEVELOP_DECODE, i_output, read_ns(in->codec, header));
	if (in->codec->copy_read(in) != 0)
		return CODEC_COPY_FAILED;
	meter_begin(in->meter, DEVELOP_ENCODE, i_output, write_ns(in->codec, header));
	exif = exif_parse(header->tiff, header->tiff_bytes);
	is_told_right = exif_is_right(exif, item.frame.width_px, item.frame.height_px);
	if (exif_orientation(exif) == copy->orientation)
		result = write_styled(copy, in, exif, &item, fd);
	exif_free(exif);
	if (result == CODEC_COPIED)
		result = shorten(copy, in, spec, is_told_right, fd) == 0 ?
		    check_length(copy, in, spec, fd) : CODEC_COPY_FAILED;
	if (result == CODEC_COPIED) {
		meter_at(in->meter, 1, 1);
		meter_complete(in->meter, &(struct develop_news){ .i_output = i_output,
		    .bytes = copy->sink->n_bytes, .width_px = item.frame.width_px,
		    .height_px = item.frame.height_px });
	}
	return result;
}

enum codec_copied
copy_write(const struct copy *copy, const struct rendition *spec, int fd, int i_output)
{
	struct codec_in *in = mem_alloc(sizeof(*in));
	struct develop_outcome *outcome = copy->in->outcome;
	unsigned n_warnings = outcome->n_warnings; /* the same ones again are not counted twice */
	enum codec_copied result;

	outcome->n_warnings = 0;
	result = open_again(copy, in) == 0 ? copy_one(copy, in, spec, fd, i_output) : CODEC_COPY_FAILED;
	if (outcome->n_warnings < n_warnings)
		outcome->n_warnings = n_warnings;
	clear(in);
	free(in);
	return result;
}
