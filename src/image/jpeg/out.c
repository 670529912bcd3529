/* image/jpeg/out.c - what all writing of JPEGs shares: target, metadata, wall. */
#include <config.h>

#include "image/jpeg/jpeg.h"

#include <errno.h>
#include <string.h>

#define SEGMENT_MAX 65533 /* a marker's length is 16 bits and counts itself */
#define DENSITY_MAX 65535
#define IPTC_HEAD "8BIM\4\4\0\0" /* Photoshop's resource 0x0404, without a name */
#define IPTC_HEAD_BYTES 8
#define FIRST_PASS 4.0 /* of several, the one in which the samples come: that many others; for the pace */

static struct codec_jpeg_out *
out_of(j_compress_ptr cinfo)
{
	return (struct codec_jpeg_out *)cinfo->err;
}

/* ---- libjpeg's target: the sink's own buffer ---- */

static void
target_begin(j_compress_ptr cinfo)
{
	struct codec_sink *sink = out_of(cinfo)->sink;

	cinfo->dest->next_output_byte = sink->buffer;
	cinfo->dest->free_in_buffer = sizeof(sink->buffer);
}

static void
target_flush(j_compress_ptr cinfo, size_t n)
{
	struct codec_jpeg_out *out = out_of(cinfo);

	out->sink->n_buffered = n;
	out->sink->n_bytes += n;
	if (codec_sink_flush(out->sink) == 0)
		return;
	outcome_error(out->wall.outcome, errno, "the result cannot be written");
	codec_jpeg_leave((j_common_ptr)cinfo);
}

static boolean
target_full(j_compress_ptr cinfo)
{
	target_flush(cinfo, sizeof(out_of(cinfo)->sink->buffer));
	target_begin(cinfo);
	return TRUE;
}

static void
target_end(j_compress_ptr cinfo)
{
	target_flush(cinfo, sizeof(out_of(cinfo)->sink->buffer) - cinfo->dest->free_in_buffer);
}

static void
on_progress(j_common_ptr cinfo)
{
	const struct jpeg_progress_mgr *p = cinfo->progress;
	const struct codec_jpeg_out *out = out_of((j_compress_ptr)cinfo);
	double first = p->total_passes > 1 ? FIRST_PASS : 1;
	double within = p->pass_limit > 0 ? (double)p->pass_counter / (double)p->pass_limit : 0;
	double done = p->completed_passes == 0 ? first * within :
	    first + p->completed_passes - 1 + within;

	pace_at(out->pace, out->before + done, out->before + first + p->total_passes - 1);
}

/* ---- metadata ---- */

void
codec_jpeg_out_density(struct codec_jpeg_out *out)
{
	const struct meta_density *have = &out->style->meta.density;
	struct jpeg_compress_struct *cinfo = &out->cinfo;
	struct meta_density density;
	bool is_inch = have->unit == META_PER_INCH || have->unit == META_PER_METRE;

	cinfo->density_unit = 0;
	cinfo->X_density = cinfo->Y_density = 1;
	if (!meta_density_as(have, is_inch ? META_PER_INCH : have->unit, DENSITY_MAX, &density))
		return;
	cinfo->density_unit = density.unit == META_ASPECT ? 0 : is_inch ? 1 : 2;
	cinfo->X_density = (UINT16)density.x;
	cinfo->Y_density = (UINT16)density.y;
}

static void
put_bytes(struct codec_jpeg_out *out, const void *data, size_t n)
{
	const uint8_t *from = data;

	while (n-- > 0)
		jpeg_write_m_byte(&out->cinfo, *from++);
}

static void
put_32(struct codec_jpeg_out *out, uint32_t value)
{
	int shift;

	for (shift = 24; shift >= 0; shift -= 8)
		jpeg_write_m_byte(&out->cinfo, (int)(value >> shift & 0xff));
}

/* Begin a marker of a PREFIX and N bytes. False, and a warning: a JPEG cannot hold it. */
static bool
begin_marker(struct codec_jpeg_out *out, int app, const void *prefix, size_t prefix_bytes, size_t n)
{
	if (n > SEGMENT_MAX - prefix_bytes) {
		out->wall.outcome->n_warnings++;
		return false;
	}
	jpeg_write_m_header(&out->cinfo, JPEG_APP0 + app, (unsigned)(prefix_bytes + n));
	put_bytes(out, prefix, prefix_bytes);
	return true;
}

static void
write_xmp_more(struct codec_jpeg_out *out)
{
	const size_t prefix = sizeof(CODEC_JPEG_XMP_MORE);
	const size_t most = SEGMENT_MAX - prefix - META_GUID_BYTES - 8;
	const struct meta *meta = &out->style->meta;
	size_t at, n;

	for (at = 0; at < meta->xmp_more.size; at += n) {
		n = meta->xmp_more.size - at < most ? meta->xmp_more.size - at : most;
		begin_marker(out, 1, CODEC_JPEG_XMP_MORE, prefix, META_GUID_BYTES + 8 + n);
		put_bytes(out, meta->xmp_guid, META_GUID_BYTES);
		put_32(out, (uint32_t)meta->xmp_more.size);
		put_32(out, (uint32_t)at);
		put_bytes(out, meta->xmp_more.data + at, n);
	}
}

/* IPTC, and what else Photoshop says, where all of it fits. */
static void
write_resources(struct codec_jpeg_out *out)
{
	const struct meta_block *iptc = &out->style->meta.iptc, *rest = &out->style->meta.resources;
	const size_t prefix = sizeof(CODEC_JPEG_RESOURCES);
	size_t padded = iptc->size + iptc->size % 2;
	size_t n = iptc->data == NULL ? 0 : IPTC_HEAD_BYTES + 4 + padded;
	size_t n_rest = n + rest->size <= SEGMENT_MAX - prefix ? rest->size : 0;

	if (n + n_rest == 0 || !begin_marker(out, 13, CODEC_JPEG_RESOURCES, prefix, n + n_rest))
		return;
	put_bytes(out, rest->data, n_rest);
	if (iptc->data == NULL)
		return;
	put_bytes(out, IPTC_HEAD, IPTC_HEAD_BYTES);
	put_32(out, (uint32_t)iptc->size);
	put_bytes(out, iptc->data, iptc->size);
	put_bytes(out, "", padded - iptc->size);
}

static void
write_comment(struct codec_jpeg_out *out)
{
	const struct meta_block *comment = &out->style->meta.comment;

	if (comment->data != NULL && comment->size <= SEGMENT_MAX)
		jpeg_write_marker(&out->cinfo, JPEG_COM, comment->data, (unsigned)comment->size);
}

void
codec_jpeg_out_markers(struct codec_jpeg_out *out)
{
	const struct codec_style *style = out->style;
	const struct meta_block *xmp = &style->meta.xmp;

	if (style->tiff != NULL && begin_marker(out, 1, "Exif\0", sizeof("Exif\0"), style->tiff_bytes))
		put_bytes(out, style->tiff, style->tiff_bytes);
	if (xmp->data != NULL && begin_marker(out, 1, CODEC_JPEG_XMP, sizeof(CODEC_JPEG_XMP), xmp->size)) {
		put_bytes(out, xmp->data, xmp->size);
		write_xmp_more(out);
	}
	if (style->meta.iptc.data != NULL || style->meta.resources.data != NULL)
		write_resources(out);
	write_comment(out);
	if (style->icc != NULL)
		jpeg_write_icc_profile(&out->cinfo, style->icc, (unsigned)style->icc_bytes);
}

/* ---- the wall ---- */

static int
guard(struct codec_jpeg_out *out, void (*body)(struct codec_jpeg_out *))
{
	if (setjmp(out->wall.way_out) != 0)
		return -1;
	jpeg_create_compress(&out->cinfo);
	out->target.init_destination = target_begin;
	out->target.empty_output_buffer = target_full;
	out->target.term_destination = target_end;
	out->cinfo.dest = &out->target;
	out->progress.progress_monitor = on_progress;
	out->cinfo.progress = &out->progress;
	body(out);
	return 0;
}

int
codec_jpeg_out_run(struct codec_jpeg_out *out, void (*body)(struct codec_jpeg_out *),
    struct develop_outcome *outcome)
{
	int result;

	out->cinfo.err = codec_jpeg_wall_init(&out->wall, outcome, UINT32_MAX);
	result = guard(out, body);
	jpeg_destroy_compress(&out->cinfo);
	return result;
}
