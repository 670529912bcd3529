#include <config.h>

#include "image/codec_png.h"

#include <errno.h>
#include <stdlib.h>

#include "image/cook.h"

struct png_out {
	struct codec_png_wall wall;
	png_structp png;
	png_infop info;
	struct codec_sink *sink;
	struct cook *cook;
	const struct codec_style *style;
	struct meter *meter;
	uint8_t *row;
};

static void
on_write(png_structp png, png_bytep data, size_t n)
{
	struct png_out *p = png_get_io_ptr(png);

	if (codec_sink_put(p->sink, data, n) == 0)
		return;
	outcome_error(p->wall.outcome, errno, "the result cannot be written");
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

static void
set_header(struct png_out *p)
{
	const struct rendition *spec = p->style->spec;
	const struct cook *cook = p->cook;
	int type = (cook->n_colors == 3 ? PNG_COLOR_MASK_COLOR : 0) |
	    (cook->has_alpha ? PNG_COLOR_MASK_ALPHA : 0);

	png_set_IHDR(p->png, p->info, cook->frame.width_px, cook->frame.height_px,
	    8 * (int)cook->out_bytes, type,
	    spec->is_interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
	    PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
	png_set_compression_level(p->png, spec->compression);
	if (p->style->icc != NULL)
		png_set_iCCP(p->png, p->info, "icc", PNG_COMPRESSION_TYPE_BASE, p->style->icc,
		    (png_uint_32)p->style->icc_bytes);
	else if (spec->color == RENDITION_SRGB)
		png_set_sRGB(p->png, p->info, PNG_sRGB_INTENT_RELATIVE);
	codec_png_set_meta(p->png, p->info, p->style);
}

static void
write_rows(struct png_out *p)
{
	uint32_t y, h = p->cook->frame.height_px;
	int pass, n_passes = png_set_interlace_handling(p->png);

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	if (p->cook->out_bytes == 2)
		png_set_swap(p->png);
#endif
	for (pass = 0; pass < n_passes; pass++)
		for (y = 0; y < h; y++) {
			cook_row(p->cook, y, p->row);
			png_write_row(p->png, p->row);
			meter_at(p->meter, pass + (y + 1.0) / h, n_passes);
		}
}

static void
write_body(struct png_out *p)
{
	p->png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &p->wall, codec_png_on_error,
	    on_warning);
	if (p->png != NULL)
		p->info = png_create_info_struct(p->png);
	p->row = malloc(cook_row_bytes(p->cook));
	if (p->info == NULL || p->row == NULL) {
		outcome_error(p->wall.outcome, ENOMEM, "no memory left for the PNG codec");
		return;
	}
	png_set_write_fn(p->png, p, on_write, on_flush);
	png_set_benign_errors(p->png, 1);
	png_set_user_limits(p->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
	set_header(p);
	png_write_info(p->png, p->info);
	codec_png_write_meta(p->png, p->style);
	write_rows(p);
	png_write_end(p->png, NULL); /* with the info again it would write eXIf again */
	if (codec_sink_flush(p->sink) != 0)
		outcome_error(p->wall.outcome, errno, "the result cannot be written");
}

static int
guard(struct png_out *p)
{
	if (setjmp(p->wall.way_out) != 0)
		return -1;
	write_body(p);
	return outcome_is_fault(p->wall.outcome) ? -1 : 0;
}

int
codec_png_write(struct codec_sink *sink, struct cook *cook, const struct codec_style *style,
    struct meter *meter, struct develop_outcome *outcome)
{
	struct png_out p = { .wall.outcome = outcome,
		.sink = sink, .cook = cook, .style = style, .meter = meter };
	int result = guard(&p);

	if (p.png != NULL)
		png_destroy_write_struct(&p.png, &p.info);
	free(p.row);
	return result;
}
