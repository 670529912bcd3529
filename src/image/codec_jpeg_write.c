#include <config.h>

#include "image/codec_jpeg.h"

#include <string.h>

struct jpeg_out {
	struct codec_jpeg_out out; /* first: its cinfo leads here */
	struct image *image;
};

/* ---- planes ---- */

static void
set_parameters(struct jpeg_out *j)
{
	struct jpeg_compress_struct *cinfo = &j->out.cinfo;
	const struct image *image = j->image;
	bool is_grey = image->model == IMAGE_GREY;

	cinfo->image_width = image->width_px;
	cinfo->image_height = image->height_px;
	cinfo->input_components = is_grey ? 1 : 3;
	cinfo->in_color_space = is_grey ? JCS_GRAYSCALE : JCS_YCbCr;
	jpeg_set_defaults(cinfo);
	jpeg_set_quality(cinfo, (int)j->out.style->quality, TRUE);
	cinfo->comp_info[0].h_samp_factor = 1;
	cinfo->comp_info[0].v_samp_factor = 1;
	if (!is_grey && image->planes[1].width < image->planes[0].width)
		cinfo->comp_info[0].h_samp_factor = 2;
	if (!is_grey && image->planes[1].height < image->planes[0].height)
		cinfo->comp_info[0].v_samp_factor = 2;
	cinfo->raw_data_in = TRUE;
	cinfo->dct_method = JDCT_ISLOW;
	cinfo->optimize_coding = j->out.style->spec->is_optimized;
	if (j->out.style->spec->is_progressive)
		jpeg_simple_progression(cinfo);
	codec_jpeg_out_density(&j->out);
}

/* Repeat the last sample of each row to the end of the last block, so that the DCT sees no
 * edge there. */
static void
pad_rows(struct plane *plane, uint32_t width)
{
	uint32_t y;

	for (y = 0; y < plane->height && width > plane->width; y++) {
		uint8_t *row = plane->data + y * plane->stride_bytes;

		memset(row + plane->width, row[plane->width - 1], width - plane->width);
	}
}

static void
write_rows(struct jpeg_out *j)
{
	struct jpeg_compress_struct *cinfo = &j->out.cinfo;
	JSAMPROW rows[3][2 * DCTSIZE];
	JSAMPARRAY planes[3] = { rows[0], rows[1], rows[2] };
	JDIMENSION n_lines = (JDIMENSION)(cinfo->max_v_samp_factor * DCTSIZE);
	uint32_t i_row;
	int i, k;

	for (i = 0; i < cinfo->num_components; i++)
		pad_rows(&j->image->planes[i], cinfo->comp_info[i].width_in_blocks * DCTSIZE);
	for (i_row = 0; cinfo->next_scanline < cinfo->image_height; i_row++) {
		for (i = 0; i < cinfo->num_components; i++) {
			const struct plane *plane = &j->image->planes[i];
			int n = cinfo->comp_info[i].v_samp_factor * DCTSIZE;

			for (k = 0; k < n; k++) {
				uint32_t y = i_row * (uint32_t)n + (uint32_t)k;

				rows[i][k] = plane->data + (y < plane->height ? y :
				    plane->height - 1) * plane->stride_bytes;
			}
		}
		jpeg_write_raw_data(cinfo, planes, n_lines);
	}
}

static void
write_body(struct codec_jpeg_out *out)
{
	struct jpeg_out *j = (struct jpeg_out *)out;

	set_parameters(j);
	jpeg_start_compress(&out->cinfo, TRUE);
	codec_jpeg_out_markers(out);
	write_rows(j);
	jpeg_finish_compress(&out->cinfo);
}

int
codec_jpeg_write(struct codec_sink *sink, struct image *image, const struct codec_style *style,
    struct meter *meter, struct develop_outcome *outcome)
{
	struct jpeg_out j = { .image = image,
		.out = { .sink = sink, .style = style, .meter = meter } };

	return codec_jpeg_out_run(&j.out, write_body, outcome);
}

/* Coefficients of three planes at most, where the tables or the scans need them all first. */
uint64_t
codec_jpeg_write_cost(const struct rendition *spec, uint32_t w, uint32_t h)
{
	if (!spec->is_optimized && !spec->is_progressive)
		return 0;
	return ((uint64_t)w + 2 * DCTSIZE) * ((uint64_t)h + 2 * DCTSIZE) * 3 * sizeof(JCOEF);
}
