/* image/png/copy.c - the samples of a PNG, compressed again. */
#include <config.h>

#include "image/png/png.h"

#define DEEP_BITS 16
#define ROWS_PER_NEWS 16

struct png_copy {
	struct codec_png_out out; /* first: what BODY gets leads here */
	struct codec_png_source from;
	struct pace *pace;
};

/* Only upright: samples are not unpacked here. */
uint64_t
codec_png_copy_cost(struct codec_in *in, int orientation, const struct rendition *spec)
{
	struct codec_png_source from = codec_png_source(in);

	if (orientation != 1 || (spec->depth != 0 &&
	    png_get_bit_depth(from.png, from.info) == DEEP_BITS))
		return 0;
	return (uint64_t)png_get_rowbytes(from.png, from.info) * in->header.height_px;
}

/* What says how samples are meant: the palette, and which of them are clear. */
static void
copy_palette(const struct codec_png_source *from, struct codec_png_out *out)
{
	png_colorp colors;
	png_bytep alphas = NULL;
	png_color_16p clear = NULL;
	int n;

	if (png_get_PLTE(from->png, from->info, &colors, &n) != 0)
		png_set_PLTE(out->png, out->info, colors, n);
	n = 0;
	if (png_get_tRNS(from->png, from->info, &alphas, &n, &clear) != 0 && n > 0)
		png_set_tRNS(out->png, out->info, alphas, n, clear);
}

static void
write_head(struct png_copy *copy)
{
	const struct rendition *spec = copy->out.style->spec;
	const struct codec_png_source *from = &copy->from;
	struct codec_png_out *out = &copy->out;

	png_set_IHDR(out->png, out->info, png_get_image_width(from->png, from->info),
	    png_get_image_height(from->png, from->info),
	    png_get_bit_depth(from->png, from->info), png_get_color_type(from->png, from->info),
	    spec->is_interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
	    PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
	copy_palette(from, out);
	codec_png_out_head(out);
}

/* The questions to the reading side cannot fail: its wall need not stand. */
static void
write_body(struct codec_png_out *out)
{
	struct png_copy *copy = (struct png_copy *)out;
	size_t stride = png_get_rowbytes(copy->from.png, copy->from.info);
	uint32_t y, h = png_get_image_height(copy->from.png, copy->from.info);
	int pass, n_passes;

	write_head(copy);
	n_passes = png_set_interlace_handling(out->png);
	for (pass = 0; pass < n_passes; pass++)
		for (y = 0; y < h; y++) {
			png_write_row(out->png, copy->from.rows + y * stride);
			if (y % ROWS_PER_NEWS == 0)
				pace_at(copy->pace, pass + (y + 1.0) / h, n_passes);
		}
}

enum codec_copied
codec_png_copy_write(struct codec_in *in, int orientation, const struct codec_style *style,
    struct codec_sink *sink)
{
	struct png_copy copy = { .from = codec_png_source(in), .pace = in->pace,
		.out = { .wall.outcome = in->outcome, .sink = sink, .style = style } };

	(void)orientation; /* upright, as codec_png_copy_cost() found it */
	return codec_png_out_run(&copy.out, write_body) == 0 ? CODEC_COPIED : CODEC_COPY_FAILED;
}
