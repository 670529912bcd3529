/* image/jpeg/copy.c - the coefficients of a JPEG, turned and written again. */
#include <config.h>

#include "image/jpeg/jpeg.h"

#include <string.h>

#include "image/jpeg/lossless.h"

#define MAX_MCU_BLOCKS 10 /* ITU-T T.81 B.2.3: of an interleaved scan, as we write them */

struct jpeg_copy {
	struct codec_jpeg_out out; /* first: its cinfo leads here */
	j_decompress_ptr from;
	jvirt_barray_ptr *coefficients;
	struct lossless_turn turn;
	bool is_turned;
};

/* ---- can it be done? ---- */

/* Does the source have the subsampling that SPEC wants? */
static bool
has_subsampling(j_decompress_ptr from, const struct rendition *spec, bool is_transposed)
{
	const jpeg_component_info *c = from->comp_info;
	int h = spec->subsampling == RENDITION_SUB_444 ? 1 : 2;
	int v = spec->subsampling == RENDITION_SUB_420 ? 2 : 1;
	int i;

	if (spec->subsampling == RENDITION_SUB_AUTO || from->num_components != 3)
		return true;
	for (i = 1; i < 3; i++)
		if (c[i].h_samp_factor != 1 || c[i].v_samp_factor != 1)
			return false;
	return c[0].h_samp_factor == (is_transposed ? v : h) &&
	    c[0].v_samp_factor == (is_transposed ? h : v);
}

static bool
fits_a_scan(j_decompress_ptr from)
{
	int n = 0, i;

	for (i = 0; i < from->num_components; i++)
		n += from->comp_info[i].h_samp_factor * from->comp_info[i].v_samp_factor;
	return from->num_components == 1 || n <= MAX_MCU_BLOCKS;
}

static uint64_t
coefficient_bytes(j_decompress_ptr from)
{
	uint64_t bytes = 0;
	int i;

	for (i = 0; i < from->num_components; i++) {
		const jpeg_component_info *c = &from->comp_info[i];

		bytes += (uint64_t)(c->width_in_blocks + (uint32_t)c->h_samp_factor) *
		    (c->height_in_blocks + (uint32_t)c->v_samp_factor) * sizeof(JBLOCK);
	}
	return bytes;
}

/* A lone component is coded block by block, whatever its factors say. */
uint64_t
codec_jpeg_copy_cost(struct codec_in *in, int orientation, const struct rendition *spec)
{
	j_decompress_ptr from = codec_jpeg_cinfo(in);
	bool is_lone = from->num_components == 1;
	struct lossless_turn turn;

	lossless_turn_init(&turn, orientation);
	if (!fits_a_scan(from) || !has_subsampling(from, spec, turn.is_transposed) ||
	    !lossless_is_exact(&turn, from->image_width, from->image_height,
	    DCTSIZE * (uint32_t)(is_lone ? 1 : from->max_h_samp_factor),
	    DCTSIZE * (uint32_t)(is_lone ? 1 : from->max_v_samp_factor)))
		return 0;
	return coefficient_bytes(from) * (orientation > 1 ? 2 : 1);
}

/* A table that was defined anew between two scans cannot be written in one header; a component
 * without one was in no scan. */
static bool
has_sound_tables(j_decompress_ptr from)
{
	int i;

	for (i = 0; i < from->num_components; i++) {
		const jpeg_component_info *c = &from->comp_info[i];
		const JQUANT_TBL *now = from->quant_tbl_ptrs[c->quant_tbl_no];

		if (c->quant_table == NULL || now == NULL ||
		    memcmp(c->quant_table->quantval, now->quantval, sizeof(now->quantval)) != 0)
			return false;
	}
	return true;
}

/* ---- turning ---- */

static JBLOCKROW
block_row(j_compress_ptr cinfo, jvirt_barray_ptr array, uint32_t y, boolean will_write)
{
	return cinfo->mem->access_virt_barray((j_common_ptr)cinfo, array, y, 1, will_write)[0];
}

/* Rows of a virtual array must be written in order the first time. */
static void
touch_rows(j_compress_ptr cinfo, jvirt_barray_ptr array, uint32_t n)
{
	uint32_t y;

	for (y = 0; y < n; y++)
		block_row(cinfo, array, y, TRUE);
}

static void
turn_component(struct jpeg_copy *copy, int i, jvirt_barray_ptr to)
{
	const jpeg_component_info *c = &copy->from->comp_info[i];
	uint32_t w = c->width_in_blocks, h = c->height_in_blocks, x, y, to_x, to_y;

	touch_rows(&copy->out.cinfo, to, copy->turn.is_transposed ? w : h);
	for (y = 0; y < h; y++) {
		JBLOCKROW row = block_row(&copy->out.cinfo, copy->coefficients[i], y, FALSE);

		for (x = 0; x < w; x++) {
			to_x = x;
			to_y = y;
			lossless_move(&copy->turn, w, h, &to_x, &to_y);
			lossless_block(&copy->turn, row[x],
			    block_row(&copy->out.cinfo, to, to_y, TRUE)[to_x]);
		}
	}
}

static uint32_t
round_up(uint32_t n, int step)
{
	return (n + (uint32_t)step - 1) / (uint32_t)step * (uint32_t)step;
}

/* The picture's shape as it will stand. */
static void
transpose_parameters(j_compress_ptr cinfo)
{
	JDIMENSION width = cinfo->image_width;
	int i, k, l;

	cinfo->image_width = cinfo->image_height;
	cinfo->image_height = width;
	for (i = 0; i < cinfo->num_components; i++) {
		int h = cinfo->comp_info[i].h_samp_factor;

		cinfo->comp_info[i].h_samp_factor = cinfo->comp_info[i].v_samp_factor;
		cinfo->comp_info[i].v_samp_factor = h;
	}
	for (i = 0; i < NUM_QUANT_TBLS; i++)
		for (k = 0; cinfo->quant_tbl_ptrs[i] != NULL && k < DCTSIZE; k++)
			for (l = 0; l < k; l++) {
				UINT16 *q = cinfo->quant_tbl_ptrs[i]->quantval;
				UINT16 saved = q[DCTSIZE * k + l];

				q[DCTSIZE * k + l] = q[DCTSIZE * l + k];
				q[DCTSIZE * l + k] = saved;
			}
}

static void
turn(struct jpeg_copy *copy, jvirt_barray_ptr turned[])
{
	j_compress_ptr cinfo = &copy->out.cinfo;
	int i;

	if (copy->turn.is_transposed)
		transpose_parameters(cinfo);
	for (i = 0; i < cinfo->num_components; i++) {
		const jpeg_component_info *c = &copy->from->comp_info[i];
		int h = cinfo->comp_info[i].h_samp_factor, v = cinfo->comp_info[i].v_samp_factor;
		bool is_transposed = copy->turn.is_transposed;

		turned[i] = cinfo->mem->request_virt_barray((j_common_ptr)cinfo, JPOOL_IMAGE,
		    TRUE, round_up(is_transposed ? c->height_in_blocks : c->width_in_blocks, h),
		    round_up(is_transposed ? c->width_in_blocks : c->height_in_blocks, v),
		    (JDIMENSION)v);
	}
	cinfo->mem->realize_virt_arrays((j_common_ptr)cinfo);
	for (i = 0; i < cinfo->num_components; i++)
		turn_component(copy, i, turned[i]);
}

/* ---- writing ---- */

/* ABI 7 and 8 of libjpeg keep the size that is written apart from that of the picture, and take it
 * from what the source would be decoded to: nothing turned, and perhaps reduced. */
static void
set_written_size(j_compress_ptr cinfo)
{
#if JPEG_LIB_VERSION >= 70
	cinfo->jpeg_width = cinfo->image_width;
	cinfo->jpeg_height = cinfo->image_height;
	cinfo->min_DCT_h_scaled_size = DCTSIZE;
	cinfo->min_DCT_v_scaled_size = DCTSIZE;
#else
	(void)cinfo;
#endif
}

static void
write_body(struct codec_jpeg_out *out)
{
	struct jpeg_copy *copy = (struct jpeg_copy *)out;
	jvirt_barray_ptr turned[MAX_COMPONENTS];

	jpeg_copy_critical_parameters(copy->from, &out->cinfo);
	if (copy->from->num_components == 4 && !copy->from->saw_Adobe_marker)
		out->cinfo.write_Adobe_marker = FALSE; /* as it was, whoever reads it otherwise */
	if (out->cinfo.num_components == 1)
		out->cinfo.comp_info[0].h_samp_factor = out->cinfo.comp_info[0].v_samp_factor = 1;
	if (copy->is_turned)
		turn(copy, turned);
	set_written_size(&out->cinfo);
	out->cinfo.optimize_coding = TRUE;
	if (out->style->spec->is_progressive)
		jpeg_simple_progression(&out->cinfo);
	codec_jpeg_out_density(out);
	jpeg_write_coefficients(&out->cinfo, copy->is_turned ? turned : copy->coefficients);
	codec_jpeg_out_markers(out);
	jpeg_finish_compress(&out->cinfo);
}

enum codec_copied
codec_jpeg_copy_write(struct codec_in *in, int orientation, const struct codec_style *style,
    struct codec_sink *sink)
{
	struct jpeg_copy copy = { .from = codec_jpeg_cinfo(in), .is_turned = orientation > 1,
		.coefficients = codec_jpeg_coefficients(in),
		.out = { .sink = sink, .style = style, .pace = in->pace } };

	if (!has_sound_tables(copy.from))
		return CODEC_COPY_CANNOT;
	lossless_turn_init(&copy.turn, orientation);
	return codec_jpeg_out_run(&copy.out, write_body, in->outcome) == 0 ? CODEC_COPIED :
	    CODEC_COPY_FAILED;
}
