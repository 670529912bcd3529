/* image/png/write.c - rows on their way out, to a PNG. */
#include <config.h>

#include "image/png/png.h"

#include <errno.h>
#include <stdlib.h>

#include "image/convert.h"

#define PALETTE_SHARE 8 /* pixels a colour, at least */

struct png_out {
	struct codec_png_out out; /* first: what BODY gets leads here */
	struct convert *convert;
	struct pace *pace;
	uint8_t *row;
	struct codec_png_palette palette;
	bool has_palette;
};

/* A palette where it loses nothing and its own length is small beside what it saves. Most
 * photographs have too many colours within their first rows. */
static bool
has_few_colors(struct png_out *p)
{
	const struct convert *convert = p->convert;
	uint32_t y, w = convert->frame.width_px;
	uint64_t n_px = (uint64_t)w * convert->frame.height_px;

	if (convert->n_colors != 3 || convert->out_bytes != 1)
		return false;
	codec_png_palette_init(&p->palette, convert->n_colors + convert->has_alpha);
	for (y = 0; y < convert->frame.height_px; y++) {
		convert_row(p->convert, y, p->row);
		if (!codec_png_palette_gather(&p->palette, p->row, w))
			return false;
	}
	return (uint64_t)p->palette.n * PALETTE_SHARE <= n_px;
}

static void
write_head(struct png_out *p)
{
	const struct rendition *spec = p->out.style->spec;
	const struct convert *convert = p->convert;
	int type = (convert->n_colors == 3 ? PNG_COLOR_MASK_COLOR : 0) |
	    (convert->has_alpha ? PNG_COLOR_MASK_ALPHA : 0);
	int depth = 8 * (int)convert->out_bytes;

	if (p->has_palette) {
		type = PNG_COLOR_TYPE_PALETTE;
		depth = codec_png_palette_depth(&p->palette);
	}
	png_set_IHDR(p->out.png, p->out.info, convert->frame.width_px, convert->frame.height_px, depth,
	    type,
	    spec->is_interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
	    PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
	if (p->has_palette)
		codec_png_palette_set(&p->palette, p->out.png, p->out.info);
	codec_png_out_head(&p->out);
}

static void
write_rows(struct png_out *p)
{
	uint32_t y, w = p->convert->frame.width_px, h = p->convert->frame.height_px;
	int pass, n_passes = png_set_interlace_handling(p->out.png);

	if (p->has_palette)
		png_set_packing(p->out.png);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	if (p->convert->out_bytes == 2)
		png_set_swap(p->out.png);
#endif
	for (pass = 0; pass < n_passes; pass++)
		for (y = 0; y < h; y++) {
			convert_row(p->convert, y, p->row);
			if (p->has_palette)
				codec_png_palette_map(&p->palette, p->row, w);
			png_write_row(p->out.png, p->row);
			pace_at(p->pace, pass + (y + 1.0) / h, n_passes);
		}
}

static void
write_body(struct codec_png_out *out)
{
	struct png_out *p = (struct png_out *)out;

	p->has_palette = has_few_colors(p);
	write_head(p);
	write_rows(p);
}

int
codec_png_write(struct codec_sink *sink, struct convert *convert, const struct codec_style *style,
    struct pace *pace, struct develop_outcome *outcome)
{
	struct png_out p = { .out = { .wall.outcome = outcome, .sink = sink, .style = style },
		.convert = convert, .pace = pace, .row = malloc(convert_row_bytes(convert)) };
	int result = p.row != NULL ? codec_png_out_run(&p.out, write_body) :
	    outcome_error(outcome, ENOMEM, "no memory left for the PNG codec");

	free(p.row);
	return result;
}
