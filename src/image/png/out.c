/* image/png/out.c - what all writing of PNGs shares. */
#include <config.h>

#include "image/png/png.h"

#include <errno.h>
#include <stdlib.h>

#include "image/color.h"

static void
on_write(png_structp png, png_bytep data, size_t n)
{
	struct codec_png_out *out = png_get_io_ptr(png);

	if (codec_sink_put(out->sink, data, n) == 0)
		return;
	outcome_error(out->wall.outcome, errno, "the result cannot be written");
	codec_png_leave(png);
}

/* What libpng finds odd in the source's profile or EXIF was not read by it: not our business. */
static void
on_warning(png_structp png, png_const_charp text)
{
	(void)png;
	(void)text;
}

static void
on_flush(png_structp png)
{
	(void)png; /* the sink is flushed once, at the end */
}

static int
create(struct codec_png_out *out)
{
	out->png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &out->wall, codec_png_on_error,
	    on_warning);
	if (out->png != NULL)
		out->info = png_create_info_struct(out->png);
	if (out->info == NULL)
		return outcome_error(out->wall.outcome, ENOMEM,
		    "no memory left for the PNG codec");
	png_set_write_fn(out->png, out, on_write, on_flush);
	png_set_benign_errors(out->png, 1);
	png_set_user_limits(out->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
	return 0;
}

/* False: libpng refuses it; INFO takes no other one then. */
static bool
set_profile(struct codec_png_out *out, png_infop info, const uint8_t *icc, size_t n)
{
	png_set_iCCP(out->png, info, "icc", PNG_COMPRESSION_TYPE_BASE, icc, (png_uint_32)n);
	return png_get_valid(out->png, info, PNG_INFO_iCCP) != 0;
}

static bool
may_set_profile(struct codec_png_out *out)
{
	png_infop trial = png_create_info_struct(out->png);
	bool may = trial != NULL && set_profile(out, trial, out->style->icc, out->style->icc_bytes);

	png_destroy_info_struct(out->png, &trial);
	return may;
}

/* The style's profile, else sRGB where the samples are that. What libpng refuses to write, others would
 * refuse to read. */
static void
set_color(struct codec_png_out *out)
{
	const struct codec_style *style = out->style;
	uint8_t *mended;
	size_t n;

	if (style->icc == NULL) {
		if (style->is_srgb)
			png_set_sRGB(out->png, out->info, PNG_sRGB_INTENT_RELATIVE);
		return;
	}
	if (may_set_profile(out)) {
		set_profile(out, out->info, style->icc, style->icc_bytes);
		return;
	}
	mended = color_profile_mended(style->icc, style->icc_bytes, &n);
	if (mended == NULL || !set_profile(out, out->info, mended, n))
		out->wall.outcome->n_warnings++;
	free(mended);
}

void
codec_png_out_head(struct codec_png_out *out)
{
	png_set_compression_level(out->png, out->style->spec->compression);
	set_color(out);
	codec_png_set_meta(out->png, out->info, out->style);
	png_write_info_before_PLTE(out->png, out->info);
	if (out->style->cicp != NULL)
		png_write_chunk(out->png, (png_const_bytep)"cICP", out->style->cicp, 4);
	png_write_info(out->png, out->info);
	codec_png_write_meta(out->png, out->style);
}

/* The wall. */
static int
guard(struct codec_png_out *out, void (*body)(struct codec_png_out *))
{
	if (setjmp(out->wall.way_out) != 0)
		return -1;
	if (create(out) != 0)
		return -1;
	body(out);
	png_write_end(out->png, NULL); /* with the info again it would write eXIf again */
	if (codec_sink_flush(out->sink) != 0)
		outcome_error(out->wall.outcome, errno, "the result cannot be written");
	return outcome_is_fault(out->wall.outcome) ? -1 : 0;
}

int
codec_png_out_run(struct codec_png_out *out, void (*body)(struct codec_png_out *))
{
	int result = guard(out, body);

	if (out->png != NULL)
		png_destroy_write_struct(&out->png, &out->info);
	return result;
}
