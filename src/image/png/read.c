/* image/png/read.c - a PNG on its way in: header, shape, rows; and the row of the table of formats. */
#include <config.h>

#include "image/png/png.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* For the pace, ns of CPU; measured: tests/bench/progress.py. */
#define BYTE_NS 15.0   /* of the file: inflate */
#define ROW_NS 3.0     /* of a byte of a row: filters, and apart into planes */
#define VISIT_NS 0.3   /* of one in a pass, which goes over all rows, whatever it has of them */
#define USE_VISITS 2   /* when all passes are there the rows are read once more, */
#define FREE_VISITS 1  /* and go back to the kernel */
#define N_PASSES 7
#define ALL_VISITS (N_PASSES + USE_VISITS + FREE_VISITS)

#define CHUNK_BYTES (64 << 10) /* that libpng may hold at least; 0 would mean any */

struct png_in {
	struct codec_png_wall wall;
	png_structp png;
	png_infop info, end_info;
	struct codec_in *in;
	const uint8_t *unread; /* in the source's buffer: libpng asks for 4 bytes at a time */
	size_t n_unread;
	struct window *window; /* since shape() */
	uint8_t *rows;       /* interleaved: one, or all of an interlaced picture */
	int n_passes;
	bool is_cut;         /* behind its last row: nothing more is read */
	unsigned n_channels;
	uint64_t n_visits;   /* to rows; for the pace */
};

static int
guard(struct png_in *p, void (*body)(struct png_in *))
{
	if (setjmp(p->wall.way_out) != 0)
		return -1;
	body(p);
	return outcome_is_fault(p->in->outcome) ? -1 : 0;
}

/* -1: an error; 0: the data are at their end. */
static int
refill_source(struct png_in *p)
{
	ssize_t got = codec_source_fill(&p->in->source);

	p->unread = p->in->source.buffer;
	p->n_unread = got > 0 ? (size_t)got : 0;
	return got < 0 ? -1 : got > 0;
}

static void
on_read(png_structp png, png_bytep data, size_t n)
{
	struct png_in *p = png_get_io_ptr(png);
	int result = 1;

	while (n > 0 && result > 0) {
		size_t part = n < p->n_unread ? n : p->n_unread;

		memcpy(data, p->unread, part);
		p->unread += part;
		p->n_unread -= part;
		data += part;
		n -= part;
		if (n > 0)
			result = refill_source(p);
	}
	if (n == 0)
		return;
	if (result < 0)
		outcome_error(p->in->outcome, p->in->source.error, "the file cannot be read");
	else
		outcome_bad(p->in->outcome, REASON_TRUNCATED, "the data end before the picture does");
	codec_png_leave(png);
}

/* ---- the end ---- */

/* Have all rows come? libpng goes on to the end of their data with the last one. */
static bool
has_all_rows(const struct png_in *p)
{
	if (p->n_passes > 1)
		return png_get_current_pass_number(p->png) >= N_PASSES;
	return png_get_current_row_number(p->png) >= p->in->header.height_px;
}

/* What reads rows failed. A file that was cut off behind all of them is whole, though a checksum may be
 * missing; a wrong one is damage. */
static int
forgive_cut(struct png_in *p)
{
	if (p->in->outcome->bad != REASON_TRUNCATED || !has_all_rows(p))
		return -1;
	p->is_cut = true;
	return outcome_forgive(p->in->outcome, p->wall.max_warnings);
}

static void
read_end_body(struct png_in *p)
{
	png_read_end(p->png, p->end_info);
}

/* With the last row the checksums of all of them were seen to be right: what is odd from here on stands
 * beside the picture, and so does an IEND that is missing. */
static int
read_end(struct png_in *p)
{
	if (p->is_cut || guard(p, read_end_body) == 0)
		return 0;
	return outcome_forgive(p->in->outcome, p->wall.max_warnings);
}

/* ---- header ---- */

/* Texts as they are, never unpacked: one may be gigabytes. What is critical is left to libpng,
 * the rest is forgotten. */
static int
on_chunk(png_structp png, png_unknown_chunkp chunk)
{
	struct png_in *p = png_get_user_chunk_ptr(png);

	if ((chunk->name[0] & 0x20) == 0)
		return 0;
	if (codec_png_is_damaged(&p->wall, chunk->name))
		return 1;
	if (memcmp(chunk->name, "acTL", 4) == 0)
		p->in->header.is_animated = true;
	if (memcmp(chunk->name + 1, "TXt", 3) == 0 || memcmp(chunk->name, "tEXt", 4) == 0)
		meta_take_text(&p->in->header.meta, chunk->name, chunk->data, chunk->size,
		    p->in->limits->exif_bytes);
	else
		codec_png_take_chunk(p->in, chunk->name, chunk->data, chunk->size);
	return 1;
}

/* Chunks that say nothing about pixels are not even parsed. */
static void
ignore_chunks(struct png_in *p)
{
	static const uint8_t names[] = "hIST\0sPLT\0pCAL\0sCAL\0oFFs\0tIME\0bKGD\0sBIT";
	static const uint8_t ours[] = "tEXt\0zTXt\0iTXt\0cICP\0iCCP";

	png_set_keep_unknown_chunks(p->png, PNG_HANDLE_CHUNK_NEVER, names,
	    (int)(sizeof(names) / 5));
	png_set_keep_unknown_chunks(p->png, PNG_HANDLE_CHUNK_ALWAYS, ours,
	    (int)(sizeof(ours) / 5));
	png_set_read_user_chunk_fn(p->png, p, on_chunk);
}

/* A tRNS that libpng threw away again stays "valid", with no entries. */
static bool
has_transparency(struct png_in *p)
{
	png_bytep alphas;
	png_color_16p colour;
	int n = 0;

	return png_get_tRNS(p->png, p->info, &alphas, &n, &colour) != 0 && n > 0;
}

/* Samples come out as 8 bits, or as 16 in the machine's order; with alpha always as 16, since
 * premultiplied 8-bit colours are too coarse to go back. */
static void
set_expansion(struct png_in *p)
{
	struct codec_header *header = &p->in->header;
	int type = png_get_color_type(p->png, p->info);

	header->model = type & PNG_COLOR_MASK_COLOR ? IMAGE_RGB : IMAGE_GREY;
	header->has_alpha = (type & PNG_COLOR_MASK_ALPHA) != 0 || has_transparency(p);
	header->sample_bytes = header->has_alpha ||
	    png_get_bit_depth(p->png, p->info) == 16 ? 2 : 1;
	header->is_deep = png_get_bit_depth(p->png, p->info) == 16;
	png_set_expand(p->png); /* palette, bits below 8, tRNS */
	if (header->sample_bytes == 2) {
		png_set_expand_16(p->png);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
		png_set_swap(p->png);
#endif
	}
	p->n_channels = (header->model == IMAGE_RGB ? 3 : 1) + header->has_alpha;
	p->n_passes = png_set_interlace_handling(p->png);
	header->is_whole = p->n_passes > 1;
}

/* The same without a change of any sample. */
static void
set_no_expansion(struct png_in *p)
{
	struct codec_header *header = &p->in->header;

	header->model = png_get_color_type(p->png, p->info) & PNG_COLOR_MASK_COLOR ? IMAGE_RGB :
	    IMAGE_GREY;
	p->n_passes = png_set_interlace_handling(p->png);
}

static uint32_t
most_of(uint32_t a, uint32_t b, uint32_t c)
{
	uint32_t most = a > b ? a : b;

	return most > c ? most : c;
}

static void
open_body(struct png_in *p)
{
	const struct develop_limits *limits = p->in->limits;
	struct codec_header *header = &p->in->header;

	p->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &p->wall, codec_png_on_error,
	    codec_png_on_warning);
	if (p->png != NULL)
		p->info = png_create_info_struct(p->png);
	if (p->info != NULL)
		p->end_info = png_create_info_struct(p->png);
	if (p->end_info == NULL) {
		outcome_error(p->in->outcome, ENOMEM, "no memory left for the PNG codec");
		return;
	}
	png_set_read_fn(p->png, p, on_read);
	png_set_benign_errors(p->png, 1);
	png_set_option(p->png, PNG_MAXIMUM_INFLATE_WINDOW, PNG_OPTION_ON);
	png_set_user_limits(p->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX); /* develop checks */
	png_set_chunk_malloc_max(p->png, most_of(limits->icc_bytes, limits->exif_bytes,
	    CHUNK_BYTES));
	ignore_chunks(p);
	png_read_info(p->png, p->info);
	header->width_px = png_get_image_width(p->png, p->info);
	header->height_px = png_get_image_height(p->png, p->info);
	if (p->in->is_copy)
		set_no_expansion(p);
	else
		set_expansion(p);
	codec_png_take_header(p->in, p->png, p->info);
}

static int
png_in_open(struct codec_in *in)
{
	struct png_in *p = mem_alloc(sizeof(*p));

	in->state = p;
	p->in = in;
	p->unread = in->source.buffer;
	p->wall.outcome = in->outcome;
	p->wall.max_warnings = in->limits->warnings;
	return guard(p, open_body);
}

/* ---- pixels ---- */

static uint64_t
row_bytes(const struct png_in *p)
{
	return (uint64_t)p->in->header.width_px * p->n_channels * p->in->header.sample_bytes;
}

static int
png_in_shape(struct codec_in *in, unsigned denominator, struct window *window)
{
	struct png_in *p = in->state;
	const struct codec_header *header = &in->header;
	struct image *image = &window->image;
	int i;

	(void)denominator;
	p->window = window;
	image->model = header->model;
	image->has_alpha = header->has_alpha;
	image->sample_bytes = header->sample_bytes;
	image->width_px = header->width_px;
	image->height_px = header->height_px;
	image->n_planes = (int)p->n_channels;
	window->n_units = header->height_px;
	for (i = 0; i < image->n_planes; i++) {
		image_plane_shape(&image->planes[i], header->width_px, header->height_px,
		    header->sample_bytes);
		window->rows[i].unit = 1;
	}
	return 0;
}

static uint64_t
png_in_cost(struct codec_in *in)
{
	const struct png_in *p = in->state;

	return row_bytes(p) * (in->header.is_whole ? in->header.height_px : 1) +
	    3 * row_bytes(p); /* libpng's own */
}

/* ---- the pace ---- */

/* What goes with the bytes of the file; of many passes, the pixels do, too. */
static double
by_bytes_ns(const struct codec_in *in)
{
	double rows = (double)row_bytes(in->state) * in->header.height_px;

	return (double)in->source.size_bytes * BYTE_NS + (in->header.is_whole ? rows * ROW_NS : 0);
}

/* What goes with the rows, or with the visits to them. */
static double
by_visits_ns(const struct codec_in *in)
{
	double rows = (double)row_bytes(in->state) * in->header.height_px;

	return rows * (in->header.is_whole ? VISIT_NS * ALL_VISITS : ROW_NS);
}

static double
png_in_read_ns(const struct codec_in *in)
{
	return by_bytes_ns(in) + by_visits_ns(in);
}

static void
note_visits(struct png_in *p, unsigned n)
{
	const struct codec_in *in = p->in;
	double bytes = (double)(in->source.offset - p->n_unread) / (double)in->source.size_bytes;
	double all = (double)in->header.height_px * (in->header.is_whole ? ALL_VISITS : 1);

	p->n_visits += n;
	pace_at(in->pace, by_bytes_ns(in) * bytes + by_visits_ns(in) * (double)p->n_visits / all,
	    png_in_read_ns(in));
}

/* ---- pixels, read ---- */

/* Every pass goes over all rows, so all have to be there. */
static void
read_passes_body(struct png_in *p)
{
	size_t stride = png_get_rowbytes(p->png, p->info);
	uint32_t y;
	int pass;

	for (pass = 0; pass < p->n_passes; pass++)
		for (y = 0; y < p->in->header.height_px; y++) {
			png_read_row(p->png, p->rows + y * stride, NULL);
			note_visits(p, 1);
		}
}

static int
read_passes(struct png_in *p)
{
	return guard(p, read_passes_body) == 0 ? 0 : forgive_cut(p);
}

/* Rows of the size that libpng makes them: all where IS_WHOLE, else one. */
static int
make_rows(struct png_in *p, bool is_whole)
{
	uint64_t n = is_whole ? p->in->header.height_px : 1;
	size_t stride = png_get_rowbytes(p->png, p->info);

	p->rows = n > SIZE_MAX / 2 / stride ? NULL : calloc((size_t)n, stride);
	return p->rows != NULL ? 0 :
	    outcome_error(p->in->outcome, ENOMEM, "no memory left for the picture");
}

static void
begin_body(struct png_in *p)
{
	png_read_update_info(p->png, p->info);
	if (png_get_rowbytes(p->png, p->info) != row_bytes(p))
		outcome_bad(p->in->outcome, REASON_CORRUPT, "its rows are not as long as they should "
		    "be");
	else
		make_rows(p, p->in->header.is_whole);
}

static int
png_in_begin(struct codec_in *in)
{
	struct png_in *p = in->state;

	if (guard(p, begin_body) != 0)
		return -1;
	return in->header.is_whole ? read_passes(p) : 0;
}

static void
next_body(struct png_in *p)
{
	png_read_row(p->png, p->rows, NULL);
}

static int
png_in_next(struct codec_in *in)
{
	struct png_in *p = in->state;
	bool is_there = in->header.is_whole;
	uint32_t y = p->window->n_come;

	if (!is_there && guard(p, next_body) != 0 && forgive_cut(p) != 0)
		return -1;
	window_put(p->window, p->n_channels, is_there ? p->rows + y * row_bytes(p) : p->rows, y);
	window_come(p->window);
	note_visits(p, is_there ? USE_VISITS : 1);
	return 0;
}

static int
png_in_end(struct codec_in *in)
{
	return read_end(in->state);
}

/* ---- copying ---- */

struct codec_png_source
codec_png_source(struct codec_in *in)
{
	const struct png_in *p = in->state;

	return (struct codec_png_source){ .png = p->png, .info = p->info, .rows = p->rows };
}

static void
copy_body(struct png_in *p)
{
	png_read_update_info(p->png, p->info);
	make_rows(p, true);
}

static int
png_copy_read(struct codec_in *in)
{
	struct png_in *p = in->state;

	return guard(p, copy_body) == 0 && read_passes(p) == 0 ? read_end(p) : -1;
}

static void
png_in_close(struct codec_in *in)
{
	struct png_in *p = in->state;

	if (p == NULL)
		return;
	if (p->png != NULL) {
		png_destroy_info_struct(p->png, &p->end_info);
		png_destroy_read_struct(&p->png, &p->info, NULL);
	}
	free(p->rows);
	free(p);
	in->state = NULL;
}

const struct codec codec_png = {
	.name = "PNG",
	.word = RENDITION_PNG,
	.magic = "\x89PNG\r\n\x1a\n",
	.magic_bytes = 8,
	.head_bytes = 33, /* with IHDR */
	.has_alpha = true,
	.has_depth = true,
	.has_sound_rows = true,
	.open = png_in_open,
	.shape = png_in_shape,
	.cost = png_in_cost,
	.read_ns = png_in_read_ns,
	.begin = png_in_begin,
	.next = png_in_next,
	.end = png_in_end,
	.close = png_in_close,
	.copy_cost = codec_png_copy_cost,
	.copy_read = png_copy_read,
	.copy_write = codec_png_copy_write,
	.next_piece = codec_png_next_piece,
	.write_rows = codec_png_write,
};
