#include <config.h>

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jpeglib.h>
#include <png.h>

#include "develop_kit.h"

const struct develop_limits kit_limits = { .pixels = 2000000000, .side_px = 65500,
	.memory_bytes = 1 << 30, .icc_bytes = 4 << 20, .exif_bytes = 1 << 20, .warnings = 100 };

const struct rendition kit_web = { .name = "web", .width_px = 2048, .height_px = 2048,
	.quality = 82, .is_optimized = 1, .compression = 1, .depth = 8,
	.background = 0xffffff };
const struct rendition kit_thumb = { .name = "thumb", .width_px = 320, .height_px = 320,
	.quality = 78, .is_optimized = 1, .compression = 1, .depth = 8,
	.background = 0xffffff };

void
kit_give_seconds(unsigned n)
{
	alarm(n);
}

static void
on_news(void *listener, const struct develop_news *news)
{
	struct kit_result *r = listener;

	cr_assert(news->permille >= r->permille && news->permille <= 1000,
	    "progress never falls: %u after %u", news->permille, r->permille);
	cr_assert((unsigned)news->stage < DEVELOP_N_STAGE);
	cr_assert(news->i_output >= -1 && news->i_output < r->n_outputs);
	r->n_news += news->permille > r->permille;
	r->permille = news->permille;
	if (news->is_complete) {
		cr_assert_not(r->complete[news->i_output].is_complete, "told once");
		r->complete[news->i_output] = *news;
		r->n_complete++;
	}
}

void
kit_develop(struct developer *d, int fd, const struct rendition *specs, int n, struct kit_result *r)
{
	struct stat st;
	int i;

	memset(r, 0, sizeof(*r));
	r->n_outputs = n;
	cr_assert_eq(fstat(fd, &st), 0);
	for (i = 0; i < n; i++) {
		r->outputs[i].fd = memfd_create("result", MFD_CLOEXEC);
		r->outputs[i].spec = specs[i];
		cr_assert_geq(r->outputs[i].fd, 0);
	}
	r->status = develop_run(d, fd, (uint64_t)st.st_size, r->outputs, n, &kit_limits, on_news, r,
	    &r->outcome);
	cr_assert_eq(r->status == 0, r->outcome.bad == REASON_NONE && r->outcome.error == 0);
	cr_assert(r->status == 0 || r->outcome.text[0] != '\0', "a failure says what happened");
	if (r->status == 0) {
		cr_assert_eq(r->n_complete, (unsigned)n);
		cr_assert_eq(r->permille, 1000);
	}
	for (i = 0; i < n; i++)
		if (r->complete[i].is_complete) {
			cr_assert_eq(fstat(r->outputs[i].fd, &st), 0);
			cr_assert_eq((uint64_t)st.st_size, r->complete[i].bytes);
		}
}

void
kit_develop_path(struct developer *d, const char *path, const struct rendition *specs, int n,
    struct kit_result *r)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	cr_assert_geq(fd, 0, "%s: %s", path, strerror(errno));
	kit_develop(d, fd, specs, n, r);
	close(fd);
}

void
kit_clear(struct kit_result *r)
{
	int i;

	for (i = 0; i < r->n_outputs; i++)
		close(r->outputs[i].fd);
}

/* ---- independent reading: plain libjpeg to RGB, libpng's simplified API ---- */

uint8_t *
kit_slurp(int fd, size_t *size)
{
	struct stat st;
	uint8_t *data;

	cr_assert_eq(fstat(fd, &st), 0);
	data = malloc((size_t)st.st_size + 1);
	*size = (size_t)pread(fd, data, (size_t)st.st_size, 0);
	cr_assert_eq(*size, (size_t)st.st_size);
	return data;
}

bool
kit_are_equal(int a, int b)
{
	size_t n_a, n_b;
	uint8_t *data_a = kit_slurp(a, &n_a), *data_b = kit_slurp(b, &n_b);
	bool equal = n_a == n_b && memcmp(data_a, data_b, n_a) == 0;

	free(data_a);
	free(data_b);
	return equal;
}

uint64_t
kit_size(int fd)
{
	struct stat st;

	cr_assert_eq(fstat(fd, &st), 0);
	return (uint64_t)st.st_size;
}

/* RGB pictures and grey ones only; libjpeg's own error exit ends the test. */
static void
read_jpeg(const uint8_t *data, size_t size, struct kit_rgb *to)
{
	struct jpeg_decompress_struct c;
	struct jpeg_error_mgr err;
	JSAMPROW row;

	memset(&c, 0, sizeof(c));
	c.err = jpeg_std_error(&err);
	jpeg_create_decompress(&c);
	jpeg_mem_src(&c, data, size);
	jpeg_read_header(&c, TRUE);
	c.out_color_space = JCS_EXT_RGBA;
	jpeg_start_decompress(&c);
	to->w = c.output_width;
	to->h = c.output_height;
	to->pixels = malloc((size_t)to->w * to->h * 4);
	while (c.output_scanline < c.output_height) {
		row = to->pixels + (size_t)c.output_scanline * to->w * 4;
		jpeg_read_scanlines(&c, &row, 1);
	}
	jpeg_finish_decompress(&c);
	cr_assert_eq(err.num_warnings, 0);
	jpeg_destroy_decompress(&c);
}

static void
read_png(const uint8_t *data, size_t size, struct kit_rgb *to)
{
	png_image image = { .version = PNG_IMAGE_VERSION };

	cr_assert_neq(png_image_begin_read_from_memory(&image, data, size), 0);
	image.format = PNG_FORMAT_RGBA;
	to->w = image.width;
	to->h = image.height;
	to->pixels = malloc(PNG_IMAGE_SIZE(image));
	cr_assert_neq(png_image_finish_read(&image, NULL, to->pixels, 0, NULL), 0, "%s",
	    image.message);
}

static bool
is_png(const uint8_t *data)
{
	return data[0] == 0x89;
}

void
kit_read(int fd, struct kit_rgb *to)
{
	size_t size;
	uint8_t *data = kit_slurp(fd, &size);

	cr_assert_gt(size, 8);
	if (is_png(data))
		read_png(data, size, to);
	else
		read_jpeg(data, size, to);
	free(data);
}

double
kit_difference(const struct kit_rgb *a, const struct kit_rgb *b)
{
	double sum = 0;
	size_t i, n = (size_t)a->w * a->h * 4;

	cr_assert(a->w == b->w && a->h == b->h, "%ux%u and %ux%u", a->w, a->h, b->w, b->h);
	for (i = 0; i < n; i++)
		sum += abs(a->pixels[i] - b->pixels[i]);
	return sum / ((double)n * 3 / 4);
}

/* ---- pictures made here: smooth colours with a bright corner, so that up is known ---- */

static void
colour_at(uint32_t x, uint32_t y, uint32_t w, uint32_t h, uint8_t rgb[3])
{
	double u = (x + 0.5) / w, v = (y + 0.5) / h;

	rgb[0] = (uint8_t)(40 + 170 * u);
	rgb[1] = (uint8_t)(60 + 120 * v);
	rgb[2] = (uint8_t)(200 - 90 * u * v);
	if (u < 0.3 && v < 0.2)
		rgb[0] = rgb[1] = rgb[2] = 240;
}

int
kit_make_jpeg(const struct kit_jpeg *kind)
{
	struct jpeg_compress_struct c;
	struct jpeg_error_mgr err;
	int fd = memfd_create("source", MFD_CLOEXEC), i;
	unsigned char *data = NULL;
	unsigned long size = 0;
	uint8_t *row = malloc((size_t)kind->w * 4);
	JSAMPROW rows[1] = { row };
	uint32_t x;

	c.err = jpeg_std_error(&err);
	jpeg_create_compress(&c);
	jpeg_mem_dest(&c, &data, &size);
	c.image_width = kind->w;
	c.image_height = kind->h;
	c.input_components = kind->space == JCS_CMYK || kind->space == JCS_YCCK ? 4 : 3;
	c.in_color_space = c.input_components == 4 ? JCS_CMYK : JCS_RGB;
	jpeg_set_defaults(&c);
	jpeg_set_colorspace(&c, kind->space);
	jpeg_set_quality(&c, 95, TRUE);
	for (i = 0; i < c.num_components; i++) {
		c.comp_info[i].h_samp_factor = kind->factors[i] / 10;
		c.comp_info[i].v_samp_factor = kind->factors[i] % 10;
	}
	c.arith_code = kind->is_arithmetic;
	c.restart_interval = kind->restart;
	if (kind->is_progressive)
		jpeg_simple_progression(&c);
	jpeg_start_compress(&c, TRUE);
	while (c.next_scanline < kind->h) {
		for (x = 0; x < kind->w; x++) {
			uint8_t *at = row + (size_t)x * (size_t)c.input_components;

			colour_at(x, c.next_scanline, kind->w, kind->h, at);
			if (c.input_components == 4)
				at[3] = 255; /* inverted: no black */
		}
		jpeg_write_scanlines(&c, rows, 1);
	}
	jpeg_finish_compress(&c);
	jpeg_destroy_compress(&c);
	cr_assert_eq(write(fd, data, size), (ssize_t)size);
	free(data);
	free(row);
	return fd;
}

struct kit_rgb
kit_ideal(uint32_t w, uint32_t h, bool is_grey)
{
	struct kit_rgb to = { w, h, malloc((size_t)w * h * 4) };
	uint32_t x, y;

	for (y = 0; y < h; y++)
		for (x = 0; x < w; x++) {
			uint8_t *at = to.pixels + ((size_t)y * w + x) * 4;

			colour_at(x, y, w, h, at);
			if (is_grey)
				at[0] = at[1] = at[2] = (uint8_t)(0.299 * at[0] + 0.587 * at[1] +
				    0.114 * at[2] + 0.5);
			at[3] = 255;
		}
	return to;
}


/* ---- PNG ---- */

static unsigned
linear(unsigned v, unsigned most)
{
	double s = v / 255.0;

	s = s <= 0.04045 ? s / 12.92 : pow((s + 0.055) / 1.055, 2.4);
	return (unsigned)(s * most + 0.5);
}

/* Sample C of a pixel (x, y), 0 to 2^depth - 1. */
static unsigned
png_sample(const struct kit_png *kind, const uint8_t rgb[3], int c, bool is_clear)
{
	unsigned most = (1u << kind->depth) - 1;
	int n_colors = kind->type & PNG_COLOR_MASK_COLOR && kind->type != PNG_COLOR_TYPE_PALETTE ?
	    3 : 1;
	double v = n_colors == 3 ? rgb[c % 3] :
	    0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2];

	if (c >= n_colors)
		return is_clear ? 0 : most;
	if (kind->has_trns && is_clear)
		return 0;
	if (kind->has_gamma)
		return linear((unsigned)(v + 0.5), most);
	return (unsigned)(v * most / 255 + 0.5);
}

static void
png_row(const struct kit_png *kind, uint32_t y, uint32_t w, uint32_t h, int n_channels,
    uint8_t *row)
{
	size_t bit = 0;
	uint8_t rgb[3];
	uint32_t x;
	int c;

	memset(row, 0, (size_t)w * 8);
	for (x = 0; x < w; x++) {
		colour_at(x, y, w, h, rgb);
		for (c = 0; c < n_channels; c++, bit += (size_t)kind->depth) {
			unsigned v = png_sample(kind, rgb, c, x < w / 2);

			if (kind->depth == 16) {
				row[bit / 8] = (uint8_t)(v >> 8);
				row[bit / 8 + 1] = (uint8_t)v;
			} else
				row[bit / 8] |= (uint8_t)(v << (8 - kind->depth - (int)(bit % 8)));
		}
	}
}

static void
png_put(png_structp png, png_bytep data, size_t n)
{
	cr_assert_eq(write(*(int *)png_get_io_ptr(png), data, n), (ssize_t)n);
}

static void
png_extras(png_structp png, png_infop info, const struct kit_png *kind)
{
	png_color ramp[256];
	png_color_16 clear = { 0 };
	png_byte alpha[1] = { 0 };
	unsigned i, n = 1u << (kind->depth > 8 ? 8 : kind->depth);

	for (i = 0; i < n; i++)
		ramp[i].red = ramp[i].green = ramp[i].blue = (png_byte)(i * 255 / (n - 1));
	if (kind->type == PNG_COLOR_TYPE_PALETTE)
		png_set_PLTE(png, info, ramp, (int)n);
	if (kind->has_trns)
		png_set_tRNS(png, info, alpha, 1, &clear);
	if (kind->has_gamma)
		png_set_gAMA(png, info, 1.0);
}

int
kit_make_png(const struct kit_png *kind, uint32_t w, uint32_t h)
{
	png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
	png_infop info = png_create_info_struct(png);
	uint8_t *row = malloc((size_t)w * 8);
	int fd = memfd_create("source", MFD_CLOEXEC), pass, n_passes;
	uint32_t y;

	png_set_write_fn(png, &fd, png_put, NULL);
	png_set_IHDR(png, info, w, h, kind->depth, kind->type,
	    kind->is_interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
	    PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
	png_extras(png, info, kind);
	png_write_info(png, info);
	n_passes = png_set_interlace_handling(png);
	for (pass = 0; pass < n_passes; pass++)
		for (y = 0; y < h; y++) {
			png_row(kind, y, w, h, png_get_channels(png, info), row);
			png_write_row(png, row);
		}
	png_write_end(png, info);
	png_destroy_write_struct(&png, &info);
	free(row);
	return fd;
}
