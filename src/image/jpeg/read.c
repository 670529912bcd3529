/* image/jpeg/read.c - a JPEG on its way in: header, shape, rows; and the row of the table of formats. */
#include <config.h>

#include "image/jpeg/jpeg.h"

#include <errno.h>
#include <jerror.h>
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "image/jpeg/scans.h"
#include "image/subsample.h"

#define MAX_ROWS 32       /* of one component in an iMCU row: sampling factor 4 x 8 */

/* For the pace; measured: tests/bench/progress.py. */
#define BYTE_NS 10.0      /* of a file of one scan: Huffman decoding */
#define SAMPLE_NS 0.25    /* and what is done with each sample whatever becomes of it */
#define RELEASE_NS 0.3    /* of many scans: a sample's coefficient goes back to the kernel */

#if JPEG_LIB_VERSION >= 70 /* the two ABIs of libjpeg-turbo name the same thing twice */
#define DCT_SIZE(component) ((component)->DCT_h_scaled_size)
#define MIN_DCT_SIZE(cinfo) ((cinfo)->min_DCT_v_scaled_size)
#else
#define DCT_SIZE(component) ((component)->DCT_scaled_size)
#define MIN_DCT_SIZE(cinfo) ((cinfo)->min_DCT_scaled_size)
#endif

struct jpeg_in {
	struct codec_jpeg_wall wall; /* first: cinfo.err points to it */
	struct jpeg_decompress_struct cinfo;
	struct codec_jpeg_source source;
	struct jpeg_progress_mgr progress;
	struct codec_jpeg_markers markers;
	struct codec_jpeg_scans scans; /* of a picture that is_whole */
	struct codec_in *in;
	struct window *window; /* since shape() */
	unsigned denominator;
	struct subsample subsamples[IMAGE_MAX_PLANES]; /* unit 0: this plane is not halved */
	bool has_end;                   /* the end was passed */
	jvirt_barray_ptr *coefficients; /* of copy_read() */
};

static struct jpeg_in *
reader_of(j_decompress_ptr cinfo)
{
	return (struct jpeg_in *)cinfo->err;
}

/* The one wall: whatever BODY calls in libjpeg may come back here. */
static int
guard(struct jpeg_in *j, void (*body)(struct jpeg_in *))
{
	if (setjmp(j->wall.way_out) != 0)
		return -1;
	body(j);
	return outcome_is_fault(j->in->outcome) ? -1 : 0;
}

/* ---- header ---- */

static bool
set_model(struct jpeg_in *j)
{
	struct codec_header *header = &j->in->header;

	switch (j->cinfo.jpeg_color_space) {
	case JCS_GRAYSCALE:
		header->model = IMAGE_GREY;
		return true;
	case JCS_YCbCr:
		header->model = IMAGE_YCC;
		return true;
	case JCS_RGB:
		header->model = IMAGE_RGB;
		return true;
	case JCS_CMYK:
		header->model = IMAGE_CMYK;
		break;
	case JCS_YCCK:
		header->model = IMAGE_YCCK;
		break;
	default:
		outcome_bad(j->in->outcome, REASON_UNSUPPORTED, "it is a JPEG of %d colour "
		    "components, which nobody can tell the meaning of", j->cinfo.num_components);
		return false;
	}
	header->is_inverted = true; /* Adobe's way; all who show them take it so, marker or not */
	return true;
}

static bool
is_coarse(const struct jpeg_decompress_struct *cinfo)
{
	int i;

	for (i = 0; i < cinfo->num_components; i++)
		if (cinfo->comp_info[i].h_samp_factor != cinfo->max_h_samp_factor ||
		    cinfo->comp_info[i].v_samp_factor != cinfo->max_v_samp_factor)
			return true;
	return false;
}

static void
open_body(struct jpeg_in *j)
{
	struct codec_header *header = &j->in->header;

	jpeg_create_decompress(&j->cinfo);
	codec_jpeg_source_set(&j->source, &j->cinfo, j->in);
	j->cinfo.client_data = &j->markers;
	codec_jpeg_markers_init(&j->markers, j->in->limits);
	jpeg_set_marker_processor(&j->cinfo, JPEG_COM, codec_jpeg_markers_take);
	jpeg_set_marker_processor(&j->cinfo, JPEG_APP0 + 1, codec_jpeg_markers_take);
	jpeg_set_marker_processor(&j->cinfo, JPEG_APP0 + 2, codec_jpeg_markers_take);
	jpeg_set_marker_processor(&j->cinfo, JPEG_APP0 + 13, codec_jpeg_markers_take);
	jpeg_read_header(&j->cinfo, TRUE);
	header->width_px = j->cinfo.image_width;
	header->height_px = j->cinfo.image_height;
	header->sample_bytes = 1;
	if (!set_model(j))
		return;
	header->is_coarse = is_coarse(&j->cinfo);
	header->is_whole = jpeg_has_multiple_scans(&j->cinfo);
	codec_jpeg_markers_gather(&j->cinfo, header);
	if (header->is_whole)
		codec_jpeg_scans_find(&j->scans, j->in->source.fd, j->in->source.size_bytes, &j->cinfo);
}

static int
jpeg_open(struct codec_in *in)
{
	struct jpeg_in *j = mem_alloc(sizeof(*j));

	in->state = j;
	j->in = in;
	j->cinfo.err = codec_jpeg_wall_init(&j->wall, in->outcome, in->limits->warnings);
	j->wall.source = &in->source;
	return guard(j, open_body);
}

/* ---- shape ---- */

static void
set_reduction(struct jpeg_in *j)
{
	j->cinfo.raw_data_out = TRUE;
	j->cinfo.out_color_space = j->cinfo.jpeg_color_space;
	j->cinfo.dct_method = JDCT_ISLOW;
	j->cinfo.scale_num = 1;
	j->cinfo.scale_denom = j->denominator;
	jpeg_calc_output_dimensions(&j->cinfo);
}

/* Rows are as long as jpeg_read_raw_data() fills them, to the end of the last block. */
static void
shape_plane(const struct jpeg_in *j, int i)
{
	const jpeg_component_info *component = &j->cinfo.comp_info[i];
	struct plane *plane = &j->window->image.planes[i];

	image_plane_shape(plane, component->width_in_blocks * (uint32_t)DCT_SIZE(component), 1, 1);
	plane->cover_x = (double)j->cinfo.image_width * component->h_samp_factor *
	    DCT_SIZE(component) / (j->cinfo.max_h_samp_factor * DCTSIZE);
	plane->cover_y = (double)j->cinfo.image_height * component->v_samp_factor *
	    DCT_SIZE(component) / (j->cinfo.max_v_samp_factor * DCTSIZE);
	plane->width = (uint32_t)ceil(plane->cover_x);
	plane->height = (uint32_t)ceil(plane->cover_y);
	j->window->rows[i].unit = (uint32_t)(component->v_samp_factor * DCT_SIZE(component));
}

/* Chroma that libjpeg gives as many samples as luma, where nobody wants them. */
static bool
can_subsample(const struct jpeg_in *j, int i)
{
	const jpeg_component_info *luma = &j->cinfo.comp_info[0], *chroma = &j->cinfo.comp_info[i];

	return j->in->may_halve_chroma && i > 0 && j->cinfo.jpeg_color_space == JCS_YCbCr &&
	    chroma->v_samp_factor * DCT_SIZE(chroma) % 2 == 0 &&
	    chroma->h_samp_factor * DCT_SIZE(chroma) == luma->h_samp_factor * DCT_SIZE(luma) &&
	    chroma->v_samp_factor * DCT_SIZE(chroma) == luma->v_samp_factor * DCT_SIZE(luma);
}

static void
shape_body(struct jpeg_in *j)
{
	struct image *image = &j->window->image;
	int i;

	set_reduction(j);
	image->model = j->in->header.model;
	image->is_inverted = j->in->header.is_inverted;
	image->sample_bytes = 1;
	image->width_px = j->cinfo.image_width;
	image->height_px = j->cinfo.image_height;
	image->n_planes = j->cinfo.num_components;
	j->window->n_units = j->cinfo.total_iMCU_rows;
	for (i = 0; i < image->n_planes; i++) {
		shape_plane(j, i);
		j->subsamples[i] = (struct subsample){ .unit = 0 };
		if (can_subsample(j, i))
			subsample_shape(&j->subsamples[i], j->window, i);
	}
}

static int
jpeg_shape(struct codec_in *in, unsigned denominator, struct window *window)
{
	struct jpeg_in *j = in->state;

	j->denominator = denominator;
	j->window = window;
	return guard(j, shape_body);
}

/* Where there are many scans libjpeg keeps all coefficients. */
static uint64_t
jpeg_cost(struct codec_in *in)
{
	const struct jpeg_in *j = in->state;
	uint64_t blocks = 0, subsamples = 0;
	int i;

	for (i = 0; i < j->cinfo.num_components; i++)
		subsamples += j->subsamples[i].full.stride_bytes * (uint64_t)j->subsamples[i].unit;
	for (i = 0; i < j->cinfo.num_components && in->header.is_whole; i++) {
		const jpeg_component_info *component = &j->cinfo.comp_info[i];

		blocks += (uint64_t)(component->width_in_blocks +
		    (uint32_t)component->h_samp_factor) * (component->height_in_blocks +
		    (uint32_t)component->v_samp_factor);
	}
	return blocks * sizeof(JBLOCK) + subsamples;
}

/* ---- the pace ---- */

static double
n_samples(const struct jpeg_in *j)
{
	double blocks = 0;
	int i;

	for (i = 0; i < j->cinfo.num_components; i++)
		blocks += (double)j->cinfo.comp_info[i].width_in_blocks *
		    j->cinfo.comp_info[i].height_in_blocks;
	return blocks * DCTSIZE2;
}

/* Before the first row can be made. */
static double
absorb_ns(const struct jpeg_in *j)
{
	return j->in->header.is_whole ? codec_jpeg_scans_ns(&j->scans) : 0;
}

/* Until the last row is made. */
static double
rows_ns(const struct jpeg_in *j)
{
	static const double idct_ns[] = { [1] = 0.7, [2] = 0.45, [4] = 0.25, [8] = 0.05 };
	double all = n_samples(j) * idct_ns[j->denominator];

	return all + (j->in->header.is_whole ? absorb_ns(j) :
	    n_samples(j) * SAMPLE_NS + (double)j->in->source.size_bytes * BYTE_NS);
}

static double
jpeg_read_ns(const struct codec_in *in)
{
	const struct jpeg_in *j = in->state;

	return rows_ns(j) + (in->header.is_whole ? n_samples(j) * RELEASE_NS : 0);
}

/* ---- the end ---- */

/* While libjpeg reads all scans before anything is made of them: is this behind the last one? */
static void
look_for_end(struct jpeg_in *j)
{
	j_decompress_ptr cinfo = &j->cinfo;

	if (j->has_end || cinfo->output_scanline > 0 || cinfo->input_iMCU_row < cinfo->total_iMCU_rows ||
	    !codec_jpeg_has_all(cinfo))
		return;
	j->has_end = true;
	codec_jpeg_pass_end(cinfo);
}

/* A missing EOI alone is forgiven where it is certain that every sample was there. Arithmetic decoding
 * makes a picture of zeros when its data end. */
static void
check_end(struct jpeg_in *j)
{
	if (j->wall.has_hit_end && j->cinfo.arith_code)
		outcome_bad(j->in->outcome, REASON_TRUNCATED, "the data end without the mark that "
		    "ends a JPEG");
	if (codec_jpeg_lacks_scan(&j->cinfo))
		outcome_bad(j->in->outcome, j->wall.has_hit_end ? REASON_TRUNCATED : REASON_CORRUPT,
		    "a whole scan of it is missing");
}

/* Called by libjpeg while it reads all scans of a picture that has many, or for a copy. */
static void
on_progress(j_common_ptr common)
{
	j_decompress_ptr cinfo = (j_decompress_ptr)common;
	struct jpeg_in *j = reader_of(cinfo);

	if (cinfo->input_scan_number > CODEC_JPEG_MAX_SCANS) {
		outcome_bad(j->in->outcome, REASON_TOO_BIG, "it has more than %d scans, far more "
		    "than any picture needs", CODEC_JPEG_MAX_SCANS);
		codec_jpeg_leave(common);
	}
	if (j->in->header.is_whole || j->in->is_copy)
		look_for_end(j);
	if (j->in->header.is_whole && cinfo->output_scanline == 0)
		pace_at(j->in->pace, codec_jpeg_scans_at(&j->scans, cinfo->input_scan_number - 1,
		    cinfo->input_iMCU_row, cinfo->total_iMCU_rows),
		    j->in->is_copy ? absorb_ns(j) : jpeg_read_ns(j->in));
	else if (j->in->is_copy)
		pace_at(j->in->pace, (double)(j->in->source.offset -
		    cinfo->src->bytes_in_buffer), (double)j->in->source.size_bytes);
}

/* ---- pixels ---- */

/* With many scans all of them are read here. */
static void
begin_body(struct jpeg_in *j)
{
	j->progress.progress_monitor = on_progress;
	j->cinfo.progress = &j->progress;
	jpeg_start_decompress(&j->cinfo);
	if (j->in->header.is_whole)
		check_end(j);
}

static int
jpeg_begin(struct codec_in *in)
{
	struct jpeg_in *j = in->state;
	int i;

	for (i = 0; i < j->window->image.n_planes; i++)
		if (subsample_open(&j->subsamples[i]) != 0)
			return outcome_error(in->outcome, ENOMEM, "no memory left for the picture");
	return guard(j, begin_body);
}

/* Where libjpeg is to put the rows of a unit of plane I. */
static void
set_rows(const struct jpeg_in *j, int i, uint32_t i_unit, JSAMPROW rows[MAX_ROWS])
{
	const struct subsample *subsample = &j->subsamples[i];
	uint32_t unit = j->window->rows[i].unit, k;

	for (k = 0; k < subsample->unit; k++)
		rows[k] = subsample_row(subsample, k);
	for (k = 0; k < unit && subsample->unit == 0; k++)
		rows[k] = window_row(j->window, i, i_unit * unit + k);
}

static void
next_body(struct jpeg_in *j)
{
	struct window *window = j->window;
	JDIMENSION n_lines = (JDIMENSION)(j->cinfo.max_v_samp_factor * MIN_DCT_SIZE(&j->cinfo));
	JSAMPROW rows[IMAGE_MAX_PLANES][MAX_ROWS];
	JSAMPARRAY planes[IMAGE_MAX_PLANES];
	double begin = absorb_ns(j), end = rows_ns(j);
	int i, n = window->image.n_planes;

	for (i = 0; i < n; i++) {
		planes[i] = rows[i];
		set_rows(j, i, window->n_come, rows[i]);
	}
	jpeg_read_raw_data(&j->cinfo, planes, n_lines);
	for (i = 0; i < n; i++)
		subsample_put(&j->subsamples[i], window->n_come, window, i);
	window_come(window);
	pace_at(j->in->pace, begin + (end - begin) * window->n_come / window->n_units,
	    jpeg_read_ns(j->in));
}

static int
jpeg_next(struct codec_in *in)
{
	return guard(in->state, next_body);
}

/* Of many scans it was passed before the first row. */
static void
end_body(struct jpeg_in *j)
{
	if (j->in->header.is_whole)
		return;
	codec_jpeg_pass_end(&j->cinfo);
	check_end(j);
}

static int
jpeg_end(struct codec_in *in)
{
	return guard(in->state, end_body);
}

/* ---- copying ---- */

j_decompress_ptr
codec_jpeg_cinfo(struct codec_in *in)
{
	return &((struct jpeg_in *)in->state)->cinfo;
}

jvirt_barray_ptr *
codec_jpeg_coefficients(struct codec_in *in)
{
	return ((struct jpeg_in *)in->state)->coefficients;
}

static void
copy_body(struct jpeg_in *j)
{
	j->progress.progress_monitor = on_progress;
	j->cinfo.progress = &j->progress;
	j->coefficients = jpeg_read_coefficients(&j->cinfo);
	check_end(j);
}

static int
jpeg_copy_read(struct codec_in *in)
{
	return guard(in->state, copy_body);
}

static void
jpeg_close(struct codec_in *in)
{
	struct jpeg_in *j = in->state;
	int i;

	if (j == NULL)
		return;
	jpeg_destroy_decompress(&j->cinfo);
	for (i = 0; i < IMAGE_MAX_PLANES; i++)
		subsample_clear(&j->subsamples[i]);
	codec_jpeg_markers_clear(&j->markers);
	free(j);
	in->state = NULL;
}

const struct codec codec_jpeg = {
	.name = "JPEG",
	.word = RENDITION_JPEG,
	.magic = "\xff\xd8", /* SOI; what follows may be damaged */
	.magic_bytes = 2,
	.max_side_px = CODEC_JPEG_MAX_SIDE,
	.can_reduce = true,
	.has_quality = true,
	.open = jpeg_open,
	.shape = jpeg_shape,
	.cost = jpeg_cost,
	.read_ns = jpeg_read_ns,
	.begin = jpeg_begin,
	.next = jpeg_next,
	.end = jpeg_end,
	.close = jpeg_close,
	.copy_cost = codec_jpeg_copy_cost,
	.copy_read = jpeg_copy_read,
	.copy_write = codec_jpeg_copy_write,
	.next_piece = codec_jpeg_next_piece,
	.write_planes = codec_jpeg_write,
	.write_cost = codec_jpeg_write_cost,
};
