#include <config.h>

#include "image/png/png.h"

#include <errno.h>
#include <stdlib.h>

#include "image/cook.h"

#define PALETTE_SHARE 8 /* pixels a colour, at least */

struct png_out {
	struct codec_png_out out;
	struct cook *cook;
	struct meter *meter;
	uint8_t *row;
	struct codec_png_palette palette;
	bool has_palette;
};

/* A palette where it loses nothing and its own length is small beside what it saves. Most
 * photographs have too many colours within their first rows. */
static bool
has_few_colors(struct png_out *p)
{
	const struct cook *cook = p->cook;
	uint32_t y, w = cook->frame.width_px;
	uint64_t n_px = (uint64_t)w * cook->frame.height_px;

	if (cook->n_colors != 3 || cook->out_bytes != 1)
		return false;
	codec_png_palette_init(&p->palette, cook->n_colors + cook->has_alpha);
	for (y = 0; y < cook->frame.height_px; y++) {
		cook_row(p->cook, y, p->row);
		if (!codec_png_palette_gather(&p->palette, p->row, w))
			return false;
	}
	return (uint64_t)p->palette.n * PALETTE_SHARE <= n_px;
}

static void
set_header(struct png_out *p)
{
	const struct rendition *spec = p->out.style->spec;
	const struct cook *cook = p->cook;
	int type = (cook->n_colors == 3 ? PNG_COLOR_MASK_COLOR : 0) |
	    (cook->has_alpha ? PNG_COLOR_MASK_ALPHA : 0);
	int depth = 8 * (int)cook->out_bytes;

	if (p->has_palette) {
		type = PNG_COLOR_TYPE_PALETTE;
		depth = codec_png_palette_depth(&p->palette);
	}
	png_set_IHDR(p->out.png, p->out.info, cook->frame.width_px, cook->frame.height_px, depth,
	    type,
	    spec->is_interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
	    PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
	if (p->has_palette)
		codec_png_palette_set(&p->palette, p->out.png, p->out.info);
	png_set_compression_level(p->out.png, spec->compression);
	codec_png_set_color(&p->out);
	codec_png_set_meta(p->out.png, p->out.info, p->out.style);
}

static void
write_rows(struct png_out *p)
{
	uint32_t y, w = p->cook->frame.width_px, h = p->cook->frame.height_px;
	int pass, n_passes = png_set_interlace_handling(p->out.png);

	if (p->has_palette)
		png_set_packing(p->out.png);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	if (p->cook->out_bytes == 2)
		png_set_swap(p->out.png);
#endif
	for (pass = 0; pass < n_passes; pass++)
		for (y = 0; y < h; y++) {
			cook_row(p->cook, y, p->row);
			if (p->has_palette)
				codec_png_palette_map(&p->palette, p->row, w);
			png_write_row(p->out.png, p->row);
			meter_at(p->meter, pass + (y + 1.0) / h, n_passes);
		}
}

static void
write_body(struct png_out *p)
{
	p->row = malloc(cook_row_bytes(p->cook));
	if (p->row == NULL)
		outcome_error(p->out.wall.outcome, ENOMEM, "no memory left for the PNG codec");
	if (p->row == NULL || codec_png_out_begin(&p->out) != 0)
		return;
	p->has_palette = has_few_colors(p);
	set_header(p);
	png_write_info(p->out.png, p->out.info);
	codec_png_write_meta(p->out.png, p->out.style);
	write_rows(p);
	codec_png_out_end(&p->out);
}

static int
guard(struct png_out *p)
{
	if (setjmp(p->out.wall.way_out) != 0)
		return -1;
	write_body(p);
	return outcome_is_fault(p->out.wall.outcome) ? -1 : 0;
}

int
codec_png_write(struct codec_sink *sink, struct cook *cook, const struct codec_style *style,
    struct meter *meter, struct develop_outcome *outcome)
{
	struct png_out p = { .out = { .wall.outcome = outcome, .sink = sink, .style = style },
		.cook = cook, .meter = meter };
	int result = guard(&p);

	codec_png_out_clear(&p.out);
	free(p.row);
	return result;
}
