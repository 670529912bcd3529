/* image/jpeg/write.c - planes on their way out, to a JPEG. */
#include <config.h>

#include "image/jpeg/jpeg.h"

#include <string.h>

#include "image/jpeg/tables.h"

#define SAMPLE_PASS 0.4 /* of the time of a pass over all rows; for the pace */
#define SAMPLE_SHARE 16 /* of the rows of MCUs one in so many, at most, is in the sample */
#define SAMPLE_ROWS 8   /* of MCUs, at least; all of them are counted where these are half of them */
#define SAMPLE_MCUS 512 /* likewise */
#define NOWHERE_BYTES 4096

struct jpeg_out {
	struct codec_jpeg_out out; /* first: its cinfo leads here */
	struct image *image;
	uint8_t nowhere[NOWHERE_BYTES];
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
pad_planes(struct jpeg_out *j)
{
	const struct jpeg_compress_struct *cinfo = &j->out.cinfo;
	int i;

	for (i = 0; i < cinfo->num_components; i++)
		pad_rows(&j->image->planes[i], cinfo->comp_info[i].width_in_blocks * DCTSIZE);
}

/* Row I_ROW of MCUs. Below the last row of a plane it is repeated. */
static void
write_row(struct jpeg_out *j, uint32_t i_row)
{
	struct jpeg_compress_struct *cinfo = &j->out.cinfo;
	JSAMPROW rows[3][2 * DCTSIZE];
	JSAMPARRAY planes[3] = { rows[0], rows[1], rows[2] };
	int i, k;

	for (i = 0; i < cinfo->num_components; i++) {
		const struct plane *plane = &j->image->planes[i];
		int n = cinfo->comp_info[i].v_samp_factor * DCTSIZE;

		for (k = 0; k < n; k++) {
			uint32_t y = i_row * (uint32_t)n + (uint32_t)k;

			rows[i][k] = plane->data + (y < plane->height ? y : plane->height - 1) *
			    plane->stride_bytes;
		}
	}
	jpeg_write_raw_data(cinfo, planes, (JDIMENSION)(cinfo->max_v_samp_factor * DCTSIZE));
}

/* ---- tables ---- */

static void
nowhere_begin(j_compress_ptr cinfo)
{
	struct jpeg_out *j = (struct jpeg_out *)cinfo->err;

	cinfo->dest->next_output_byte = j->nowhere;
	cinfo->dest->free_in_buffer = sizeof(j->nowhere);
}

static boolean
nowhere_full(j_compress_ptr cinfo)
{
	nowhere_begin(cinfo);
	return TRUE;
}

static void
nowhere_end(j_compress_ptr cinfo)
{
	(void)cinfo;
}

/* Every SHARE'th row of MCUs as a picture of its own, by libjpeg's way of two passes, and
 * nothing of it kept but the tables, which stay in cinfo. */
static void
encode_sample(struct jpeg_out *j, uint32_t n_rows, uint32_t share)
{
	static const struct jpeg_destination_mgr nowhere = { .init_destination = nowhere_begin,
		.empty_output_buffer = nowhere_full, .term_destination = nowhere_end };
	struct jpeg_compress_struct *cinfo = &j->out.cinfo;
	struct jpeg_destination_mgr target = nowhere, *kept_target = cinfo->dest;
	struct jpeg_progress_mgr *kept_progress = cinfo->progress;
	uint32_t i;

	cinfo->dest = &target;
	cinfo->progress = NULL;
	cinfo->image_height = n_rows * (JDIMENSION)(cinfo->comp_info[0].v_samp_factor * DCTSIZE);
	jpeg_start_compress(cinfo, TRUE);
	pad_planes(j);
	for (i = 0; i < n_rows; i++) {
		write_row(j, share * i + share / 2);
		pace_at(j->out.pace, SAMPLE_PASS * i / n_rows, SAMPLE_PASS + 1);
	}
	j->out.before = SAMPLE_PASS;
	jpeg_finish_compress(cinfo);
	cinfo->dest = kept_target;
	cinfo->progress = kept_progress;
}

/* Of DC and AC, of luma and chroma. */
struct tables {
	JHUFF_TBL dc[2], ac[2];
	int n; /* grey has no chroma */
};

static void
save_tables(const struct jpeg_compress_struct *cinfo, struct tables *tables)
{
	int i;

	tables->n = cinfo->num_components == 1 ? 1 : 2;
	for (i = 0; i < tables->n; i++) {
		tables->dc[i] = *cinfo->dc_huff_tbl_ptrs[i];
		tables->ac[i] = *cinfo->ac_huff_tbl_ptrs[i];
	}
}

static void
set_tables(struct jpeg_compress_struct *cinfo, const struct tables *tables,
    const struct tables *usual)
{
	int i;

	for (i = 0; i < tables->n; i++) {
		*cinfo->dc_huff_tbl_ptrs[i] = tables->dc[i];
		*cinfo->ac_huff_tbl_ptrs[i] = tables->ac[i];
		codec_jpeg_tables_widen(cinfo->dc_huff_tbl_ptrs[i], &usual->dc[i], false);
		codec_jpeg_tables_widen(cinfo->ac_huff_tbl_ptrs[i], &usual->ac[i], true);
	}
}

/* Of the rows of MCUs one in how many is in the sample; 1: all of them. */
static uint32_t
share_of(uint32_t mcu_rows, uint32_t row_mcus)
{
	uint32_t by_rows = mcu_rows / SAMPLE_ROWS;
	uint64_t by_mcus = (uint64_t)mcu_rows * row_mcus / SAMPLE_MCUS;
	uint64_t share = by_rows < by_mcus ? by_rows : by_mcus;

	return share < 2 ? 1 : share < SAMPLE_SHARE ? (uint32_t)share : SAMPLE_SHARE;
}

/* Tables from a sample, where the picture is large enough for one. */
static void
make_tables(struct jpeg_out *j)
{
	struct jpeg_compress_struct *cinfo = &j->out.cinfo;
	uint32_t mcu_rows = j->image->height_px / (uint32_t)(cinfo->comp_info[0].v_samp_factor *
	    DCTSIZE);
	uint32_t row_mcus = j->image->width_px / (uint32_t)(cinfo->comp_info[0].h_samp_factor *
	    DCTSIZE);
	uint32_t share = share_of(mcu_rows, row_mcus);
	struct tables usual, sampled;

	if (!cinfo->optimize_coding || j->out.style->spec->is_progressive || share == 1)
		return;
	save_tables(cinfo, &usual);
	encode_sample(j, mcu_rows / share, share);
	save_tables(cinfo, &sampled);
	set_parameters(j);
	cinfo->optimize_coding = FALSE;
	set_tables(cinfo, &sampled, &usual);
}

static void
write_body(struct codec_jpeg_out *out)
{
	struct jpeg_out *j = (struct jpeg_out *)out;
	uint32_t i_row;

	set_parameters(j);
	make_tables(j);
	jpeg_start_compress(&out->cinfo, TRUE);
	codec_jpeg_out_markers(out);
	pad_planes(j);
	for (i_row = 0; out->cinfo.next_scanline < out->cinfo.image_height; i_row++)
		write_row(j, i_row);
	jpeg_finish_compress(&out->cinfo);
}

int
codec_jpeg_write(struct codec_sink *sink, struct image *image, const struct codec_style *style,
    struct pace *pace, struct develop_outcome *outcome)
{
	struct jpeg_out j = { .image = image,
		.out = { .sink = sink, .style = style, .pace = pace } };

	return codec_jpeg_out_run(&j.out, write_body, outcome);
}

/* Coefficients of three planes at most, where the tables or the scans need them all first, or those
 * of the sample. */
uint64_t
codec_jpeg_write_cost(const struct rendition *spec, uint32_t w, uint32_t h)
{
	uint64_t all = ((uint64_t)w + 2 * DCTSIZE) * ((uint64_t)h + 2 * DCTSIZE) * 3 * sizeof(JCOEF);

	if (spec->is_progressive)
		return all;
	return spec->is_optimized ? all / share_of(h / (2 * DCTSIZE), w / (2 * DCTSIZE)) : 0;
}
