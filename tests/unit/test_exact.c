/* What has one right answer, to the last pixel or word: ways up, depth, kinds, the longest sides. */
#include <config.h>

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <png.h>

#include "develop_kit.h"

#define SAMPLES TOP_SRCDIR "/tests/samples"

/* ---- kinds of JPEG that are refused, with a sentence that says so ---- */

/* Grey, 16x16: a frame header of the process MARKER, with samples of DEPTH bits. */
static int
jpeg_of_kind(uint8_t marker, uint8_t depth)
{
	const uint8_t data[] = { 0xff, 0xd8, 0xff, marker, 0, 11, depth, 0, 16, 0, 16, 1, 1, 0x11, 0,
		0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, 0x55, 0x55, 0xff, 0xd9 };
	int fd = memfd_create("source", MFD_CLOEXEC);

	cr_assert_eq(write(fd, data, sizeof(data)), (ssize_t)sizeof(data));
	return fd;
}

Test(unsupported, is_told_in_words)
{
	static const struct {
		uint8_t marker, depth;
		const char *says;
	} kinds[] = {
		{ 0xc1, 12, "12 bits a sample" }, { 0xc2, 12, "12 bits a sample" },
		{ 0xc3, 8, "a lossless JPEG" }, { 0xc3, 16, "a lossless JPEG" },
		{ 0xcb, 8, "a lossless JPEG" }, { 0xc5, 8, "a hierarchical JPEG" },
		{ 0xf7, 8, "a JPEG-LS JPEG" },
	};
	struct rendition specs[2] = { kit_thumb, kit_web };
	struct developer *d = developer_new();
	struct kit_result r;
	size_t i;

	specs[1].width_px = specs[1].height_px = 0; /* copied, were it possible */
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		int fd = jpeg_of_kind(kinds[i].marker, kinds[i].depth);

		kit_develop(d, fd, specs, 2, &r);
		cr_expect_eq(r.outcome.bad, REASON_UNSUPPORTED, "marker %x: %s", kinds[i].marker,
		    r.outcome.text);
		cr_expect_not_null(strstr(r.outcome.text, kinds[i].says), "marker %x: %s",
		    kinds[i].marker, r.outcome.text);
		kit_clear(&r);
		close(fd);
	}
	kit_develop_path(d, SAMPLES "/bad/12-bit.jpg", specs, 2, &r);
	cr_expect_eq(r.outcome.bad, REASON_UNSUPPORTED, "%s", r.outcome.text);
	kit_clear(&r);
	developer_free(d);
}

/* ---- what must not come through ---- */

static void
write_png(png_structp png, png_bytep data, size_t n)
{
	cr_assert_eq(write(*(int *)png_get_io_ptr(png), data, n), (ssize_t)n);
}

static int
animated_png(const struct kit_rgb *pixels)
{
	static const uint8_t frames[8] = { 0, 0, 0, 2, 0, 0, 0, 0 };
	png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
	png_infop info = png_create_info_struct(png);
	int fd = memfd_create("source", MFD_CLOEXEC);
	uint32_t y;

	png_set_write_fn(png, &fd, write_png, NULL);
	png_set_IHDR(png, info, pixels->w, pixels->h, 8, PNG_COLOR_TYPE_RGB_ALPHA,
	    PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
	png_write_info(png, info);
	png_write_chunk(png, (const uint8_t *)"acTL", frames, sizeof(frames));
	for (y = 0; y < pixels->h; y++)
		png_write_row(png, pixels->pixels + (size_t)y * pixels->w * 4);
	png_write_end(png, NULL);
	png_destroy_write_struct(&png, &info);
	return fd;
}

/* Not even where the source's own bytes would be shorter than the copy. */
Test(animated, is_its_first_frame)
{
	struct developer *d = developer_new();
	struct kit_rgb flat = kit_flat(64, 64, 0x123456);
	struct rendition spec = kit_web;
	int fd = animated_png(&flat);
	struct kit_result r;
	uint8_t *data;
	size_t size;

	spec.width_px = spec.height_px = 0;
	spec.metadata = RENDITION_META_KEEP;
	spec.compression = 0;
	kit_develop(d, fd, &spec, 1, &r);
	cr_assert_eq(r.status, 0, "%s", r.outcome.text);
	data = kit_slurp(r.outputs[0].fd, &size);
	cr_expect_null(memmem(data, size, "acTL", 4));
	free(data);
	free(flat.pixels);
	kit_clear(&r);
	close(fd);
	developer_free(d);
}

/* ---- the longest sides ---- */

Test(sides, may_have_one_pixel_or_65500)
{
	static const uint32_t sizes[][2] = { { 65500, 1 }, { 1, 65500 }, { 65500, 3 }, { 2, 65500 } };
	struct developer *d = developer_new();
	struct rendition specs[3] = { kit_web, kit_thumb, kit_web };
	struct kit_result r;
	size_t i;
	int kind;

	specs[0].sharpen = 100;
	specs[1].is_linear = 1;
	specs[2].width_px = specs[2].height_px = 65500;
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (kind = 0; kind < 3; kind++) {
			struct kit_rgb flat = kit_flat(sizes[i][0], sizes[i][1], 0x808080), is;
			int fd = kind == 0 ? kit_put_png(&flat, 4) : kit_put_jpeg(&flat, 90, kind), k;

			kit_develop(d, fd, specs, 3, &r);
			cr_assert_eq(r.status, 0, "%ux%u: %s", sizes[i][0], sizes[i][1],
			    r.outcome.text);
			for (k = 0; k < 3; k++) {
				uint32_t w, h;

				kit_read(r.outputs[k].fd, &is);
				rendition_size(&specs[k], flat.w, flat.h, &w, &h);
				cr_expect(is.w == w && is.h == h);
				cr_expect_lt(fabs(kit_mean(&is, 0, 0, 0, w, h) - 128), 1.0);
				free(is.pixels);
			}
			free(flat.pixels);
			kit_clear(&r);
			close(fd);
		}
	developer_free(d);
}

/* ---- exactly upright ---- */

/* A TIFF of one entry, the orientation. */
static void
make_tiff(int orientation, uint8_t tiff[26])
{
	static const uint8_t plain[26] = { 'I', 'I', 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0,
		0 };

	memcpy(tiff, plain, sizeof(plain));
	tiff[18] = (uint8_t)orientation;
}

static int
png_of(const struct kit_rgb *pixels, int orientation)
{
	png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
	png_infop info = png_create_info_struct(png);
	int fd = memfd_create("source", MFD_CLOEXEC);
	uint8_t tiff[26];
	uint32_t y;

	make_tiff(orientation, tiff);
	png_set_write_fn(png, &fd, write_png, NULL);
	png_set_IHDR(png, info, pixels->w, pixels->h, 8, PNG_COLOR_TYPE_RGB_ALPHA,
	    PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
	png_set_eXIf_1(png, info, sizeof(tiff), tiff);
	png_write_info(png, info);
	for (y = 0; y < pixels->h; y++)
		png_write_row(png, pixels->pixels + (size_t)y * pixels->w * 4);
	png_write_end(png, NULL);
	png_destroy_write_struct(&png, &info);
	return fd;
}

/* The pixels of STORED as they stand upright. */
static struct kit_rgb
upright(const struct kit_rgb *stored, int orientation)
{
	struct kit_rgb to = { orientation >= 5 ? stored->h : stored->w,
		orientation >= 5 ? stored->w : stored->h, NULL };
	uint32_t x, y;

	to.pixels = malloc((size_t)to.w * to.h * 4);
	for (y = 0; y < to.h; y++)
		for (x = 0; x < to.w; x++)
			memcpy(to.pixels + 4 * ((size_t)y * to.w + x), stored->pixels +
			    4 * kit_stored_at(orientation, x, y, stored->w, stored->h), 4);
	return to;
}

/* Not one sample differs, with alpha and in 8 bits; with a size, and without. */
Test(upright, a_png_in_all_eight_ways_exactly)
{
	struct developer *d = developer_new();
	struct rendition specs[2] = { kit_web, kit_web };
	struct kit_rgb noise = kit_noise(71, 43, 5), should, is;
	struct kit_result r;
	int o, i;

	for (i = 0; i < 71 * 43; i++)
		noise.pixels[4 * i + 3] = 255;
	specs[1].width_px = specs[1].height_px = 0;
	for (o = 1; o <= 8; o++) {
		int fd = png_of(&noise, o);

		kit_develop(d, fd, specs, 2, &r);
		cr_assert_eq(r.status, 0, "%s", r.outcome.text);
		should = upright(&noise, o);
		for (i = 0; i < 2; i++) {
			kit_read(r.outputs[i].fd, &is);
			cr_expect(is.w == should.w && is.h == should.h, "orientation %d", o);
			cr_expect_eq(kit_difference(&is, &should), 0, "orientation %d, result %d", o, i);
			free(is.pixels);
		}
		free(should.pixels);
		kit_clear(&r);
		close(fd);
	}
	free(noise.pixels);
	developer_free(d);
}

/* PIXELS as a JPEG of quality 100, with an EXIF block. */
static int
jpeg_of(const struct kit_rgb *pixels, int orientation)
{
	int plain = kit_put_jpeg(pixels, 100, 1), fd = memfd_create("source", MFD_CLOEXEC);
	uint8_t head[12] = { 0xff, 0xd8, 0xff, 0xe1, 0, 34, 'E', 'x', 'i', 'f' }, tiff[26], *data;
	size_t size;

	make_tiff(orientation, tiff);
	data = kit_slurp(plain, &size);
	cr_assert_eq(write(fd, head, 12), 12);
	cr_assert_eq(write(fd, tiff, 26), 26);
	cr_assert_eq(write(fd, data + 2, size - 2), (ssize_t)size - 2);
	free(data);
	close(plain);
	return fd;
}

/* What a JPEG holds, turned: to a PNG nothing is lost but half a step of the colours' rounding. */
Test(upright, a_jpeg_in_all_eight_ways_exactly)
{
	struct developer *d = developer_new();
	struct rendition spec = kit_web;
	struct kit_rgb noise = kit_noise(71, 43, 6), stored, should, is;
	struct kit_result r;
	int o;

	spec.format = RENDITION_PNG;
	for (o = 1; o <= 8; o++) {
		int fd = jpeg_of(&noise, o);

		kit_develop(d, fd, &spec, 1, &r);
		cr_assert_eq(r.status, 0, "%s", r.outcome.text);
		kit_read(fd, &stored); /* by libjpeg: as stored */
		should = upright(&stored, o);
		kit_read(r.outputs[0].fd, &is);
		cr_expect(is.w == should.w && is.h == should.h, "orientation %d", o);
		cr_expect_lt(kit_difference(&is, &should), 0.05, "orientation %d: %.3f", o,
		    kit_difference(&is, &should));
		free(stored.pixels);
		free(should.pixels);
		free(is.pixels);
		kit_clear(&r);
		close(fd);
	}
	free(noise.pixels);
	developer_free(d);
}

/* ---- 16 bits ---- */

/* A PNG of W x 1 grey samples of 16 bits: 0, STEP, 2 STEP ... */
static int
ramp_16(uint32_t w, unsigned step)
{
	png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
	png_infop info = png_create_info_struct(png);
	int fd = memfd_create("source", MFD_CLOEXEC);
	uint8_t *row = malloc((size_t)w * 2);
	uint32_t x;

	for (x = 0; x < w; x++) {
		row[2 * x] = (uint8_t)(x * step >> 8);
		row[2 * x + 1] = (uint8_t)(x * step);
	}
	png_set_write_fn(png, &fd, write_png, NULL);
	png_set_IHDR(png, info, w, 1, 16, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
	    PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
	png_write_info(png, info);
	png_write_row(png, row);
	png_write_end(png, NULL);
	png_destroy_write_struct(&png, &info);
	free(row);
	return fd;
}

/* Read as it is, in grey. Returns the depth. */
static int
read_ramp(int fd, uint16_t *samples, uint32_t w)
{
	png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
	png_infop info = png_create_info_struct(png);
	uint8_t *row = malloc((size_t)w * 2);
	FILE *file = fdopen(dup(fd), "rb");
	int depth;
	uint32_t x;

	rewind(file);
	png_init_io(png, file);
	png_read_info(png, info);
	depth = png_get_bit_depth(png, info);
	cr_assert_eq(png_get_image_width(png, info), w);
	cr_assert_eq(png_get_color_type(png, info), PNG_COLOR_TYPE_GRAY);
	png_read_row(png, row, NULL);
	for (x = 0; x < w; x++)
		samples[x] = depth == 8 ? row[x] : (uint16_t)(row[2 * x] << 8 | row[2 * x + 1]);
	png_destroy_read_struct(&png, &info, NULL);
	fclose(file);
	free(row);
	return depth;
}

/* depth = keep loses not one of 65536 greys; else each is rounded to the nearest of 256. */
Test(depth, stays_or_is_rounded)
{
	struct developer *d = developer_new();
	struct rendition specs[2] = { kit_web, kit_web };
	uint16_t samples[2001];
	int fd = ramp_16(2001, 32);
	struct kit_result r;
	uint32_t x;

	specs[0].depth = 0;
	kit_develop(d, fd, specs, 2, &r);
	cr_assert_eq(r.status, 0, "%s", r.outcome.text);
	cr_assert_eq(read_ramp(r.outputs[0].fd, samples, 2001), 16);
	for (x = 0; x < 2001; x++)
		cr_assert_eq(samples[x], 32 * x);
	cr_assert_eq(read_ramp(r.outputs[1].fd, samples, 2001), 8);
	for (x = 0; x < 2001; x++)
		cr_assert_eq(samples[x], (unsigned)floor(32 * x / 257.0 + 0.5), "%u", 32 * x);
	kit_clear(&r);
	close(fd);
	developer_free(d);
}
