/* image/jpeg/source.c - libjpeg's bytes, from the codec's source. */
#include <config.h>

#include "image/jpeg/jpeg.h"

static struct codec_in *
in_of(j_decompress_ptr cinfo)
{
	return ((struct codec_jpeg_source *)cinfo->src)->in;
}

static void
source_begin(j_decompress_ptr cinfo)
{
	cinfo->src->bytes_in_buffer = 0;
}

static boolean
source_fill(j_decompress_ptr cinfo)
{
	struct codec_jpeg_wall *wall = (struct codec_jpeg_wall *)cinfo->err;
	struct codec_in *in = in_of(cinfo);
	struct codec_source *source = &in->source;
	ssize_t got = codec_source_fill(source);

	if (got < 0) {
		outcome_error(in->outcome, source->error, "the file cannot be read");
		codec_jpeg_leave((j_common_ptr)cinfo);
	}
	if (got == 0) { /* libjpeg's own way to end: a made-up EOI */
		if (!wall->has_hit_end &&
		    outcome_warn(in->outcome, in->limits->warnings) != 0)
			codec_jpeg_leave((j_common_ptr)cinfo);
		wall->has_hit_end = true;
		source->buffer[0] = 0xff;
		source->buffer[1] = JPEG_EOI;
		got = 2;
	}
	cinfo->src->next_input_byte = source->buffer;
	cinfo->src->bytes_in_buffer = (size_t)got;
	return TRUE;
}

static void
source_skip(j_decompress_ptr cinfo, long n)
{
	struct codec_source *source = &in_of(cinfo)->source;
	uint64_t left = source->size_bytes - source->offset, beyond;

	if (n <= 0)
		return;
	if ((size_t)n <= cinfo->src->bytes_in_buffer) {
		cinfo->src->next_input_byte += n;
		cinfo->src->bytes_in_buffer -= (size_t)n;
		return;
	}
	beyond = (uint64_t)n - cinfo->src->bytes_in_buffer;
	source->offset += beyond < left ? beyond : left;
	cinfo->src->bytes_in_buffer = 0;
}

static void
source_end(j_decompress_ptr cinfo)
{
	(void)cinfo;
}

void
codec_jpeg_source_set(struct codec_jpeg_source *source, j_decompress_ptr cinfo, struct codec_in *in)
{
	source->in = in;
	source->mgr.init_source = source_begin;
	source->mgr.fill_input_buffer = source_fill;
	source->mgr.skip_input_data = source_skip;
	source->mgr.resync_to_restart = jpeg_resync_to_restart;
	source->mgr.term_source = source_end;
	cinfo->src = &source->mgr;
}
