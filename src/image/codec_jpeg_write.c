#include <config.h>

#include "image/codec_jpeg.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define APP1_MAX 65533 /* a marker's length is 16 bits and counts itself */
#define EXIF_PREFIX_BYTES 6

struct jpeg_out {
	struct codec_jpeg_wall wall; /* first: cinfo.err points to it */
	struct jpeg_compress_struct cinfo;
	struct jpeg_destination_mgr target;
	struct jpeg_progress_mgr progress;
	struct codec_sink *sink;
	struct image *image;
	const struct codec_style *style;
	struct meter *meter;
};

static struct jpeg_out *
of(j_compress_ptr cinfo)
{
	return (struct jpeg_out *)cinfo->err;
}

/* ---- libjpeg's target: the sink's own buffer ---- */

static void
target_begin(j_compress_ptr cinfo)
{
	struct codec_sink *sink = of(cinfo)->sink;

	cinfo->dest->next_output_byte = sink->buffer;
	cinfo->dest->free_in_buffer = sizeof(sink->buffer);
}

static void
target_flush(j_compress_ptr cinfo, size_t n)
{
	struct jpeg_out *j = of(cinfo);

	j->sink->n_buffered = n;
	j->sink->n_bytes += n;
	if (codec_sink_flush(j->sink) == 0)
		return;
	outcome_error(j->wall.outcome, errno, "the result cannot be written");
	codec_jpeg_leave((j_common_ptr)cinfo);
}

static boolean
target_full(j_compress_ptr cinfo)
{
	target_flush(cinfo, sizeof(of(cinfo)->sink->buffer));
	target_begin(cinfo);
	return TRUE;
}

static void
target_end(j_compress_ptr cinfo)
{
	target_flush(cinfo, sizeof(of(cinfo)->sink->buffer) - cinfo->dest->free_in_buffer);
}

static void
on_progress(j_common_ptr cinfo)
{
	const struct jpeg_progress_mgr *p = cinfo->progress;
	double within = p->pass_limit > 0 ? (double)p->pass_counter / (double)p->pass_limit : 0;

	meter_at(of((j_compress_ptr)cinfo)->meter, p->completed_passes + within,
	    p->total_passes);
}

/* ---- planes ---- */

static void
set_parameters(struct jpeg_out *j)
{
	struct jpeg_compress_struct *cinfo = &j->cinfo;
	const struct image *image = j->image;
	bool is_grey = image->model == IMAGE_GREY;

	cinfo->image_width = image->width_px;
	cinfo->image_height = image->height_px;
	cinfo->input_components = is_grey ? 1 : 3;
	cinfo->in_color_space = is_grey ? JCS_GRAYSCALE : JCS_YCbCr;
	jpeg_set_defaults(cinfo);
	jpeg_set_quality(cinfo, (int)j->style->quality, TRUE);
	cinfo->comp_info[0].h_samp_factor = 1;
	cinfo->comp_info[0].v_samp_factor = 1;
	if (!is_grey && image->planes[1].width < image->planes[0].width)
		cinfo->comp_info[0].h_samp_factor = 2;
	if (!is_grey && image->planes[1].height < image->planes[0].height)
		cinfo->comp_info[0].v_samp_factor = 2;
	cinfo->raw_data_in = TRUE;
	cinfo->dct_method = JDCT_ISLOW;
	cinfo->optimize_coding = j->style->spec->is_optimized;
	if (j->style->spec->is_progressive)
		jpeg_simple_progression(cinfo);
}

static void
write_exif(struct jpeg_out *j)
{
	const struct codec_style *style = j->style;
	size_t i;

	if (style->tiff == NULL)
		return;
	if (style->tiff_bytes + EXIF_PREFIX_BYTES > APP1_MAX) { /* does not fit into a JPEG */
		j->wall.outcome->n_warnings++;
		return;
	}
	jpeg_write_m_header(&j->cinfo, JPEG_APP0 + 1,
	    (unsigned)(style->tiff_bytes + EXIF_PREFIX_BYTES));
	for (i = 0; i < EXIF_PREFIX_BYTES; i++)
		jpeg_write_m_byte(&j->cinfo, "Exif\0\0"[i]);
	for (i = 0; i < style->tiff_bytes; i++)
		jpeg_write_m_byte(&j->cinfo, style->tiff[i]);
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
	struct jpeg_compress_struct *cinfo = &j->cinfo;
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
write_body(struct jpeg_out *j)
{
	jpeg_create_compress(&j->cinfo);
	j->target.init_destination = target_begin;
	j->target.empty_output_buffer = target_full;
	j->target.term_destination = target_end;
	j->cinfo.dest = &j->target;
	j->progress.progress_monitor = on_progress;
	j->cinfo.progress = &j->progress;
	set_parameters(j);
	jpeg_start_compress(&j->cinfo, TRUE);
	write_exif(j);
	if (j->style->icc != NULL)
		jpeg_write_icc_profile(&j->cinfo, j->style->icc, (unsigned)j->style->icc_bytes);
	write_rows(j);
	jpeg_finish_compress(&j->cinfo);
}

static int
guard(struct jpeg_out *j)
{
	if (setjmp(j->wall.way_out) != 0)
		return -1;
	write_body(j);
	return 0;
}

int
codec_jpeg_write(struct codec_sink *sink, struct image *image, const struct codec_style *style,
    struct meter *meter, struct develop_outcome *outcome)
{
	struct jpeg_out j = { .sink = sink, .image = image, .style = style, .meter = meter };
	int result;

	j.cinfo.err = codec_jpeg_wall_init(&j.wall, outcome, UINT32_MAX);
	result = guard(&j);
	jpeg_destroy_compress(&j.cinfo);
	return result;
}

/* Coefficients of three planes at most, where the tables or the scans need them all first. */
uint64_t
codec_jpeg_write_cost(const struct rendition *spec, uint32_t w, uint32_t h)
{
	if (!spec->is_optimized && !spec->is_progressive)
		return 0;
	return ((uint64_t)w + 2 * DCTSIZE) * ((uint64_t)h + 2 * DCTSIZE) * 3 * sizeof(JCOEF);
}
