#include <config.h>

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jpeglib.h>
#include <png.h>

#include "develop_kit.h"

static struct rendition
wanting(enum rendition_format format, uint32_t side, bool is_linear)
{
	struct rendition r = kit_web;

	r.width_px = r.height_px = side;
	r.format = (uint8_t)format;
	r.quality = 98;
	r.is_linear = is_linear;
	return r;
}

/* Every other pixel white: half the light. */
static struct kit_rgb
checkerboard(uint32_t side)
{
	struct kit_rgb board = kit_flat(side, side, 0);
	uint32_t x, y;

	for (y = 0; y < side; y++)
		for (x = y % 2; x < side; x += 2)
			memset(board.pixels + 4 * ((size_t)y * side + x), 255, 3);
	return board;
}

/* PNG grey, grey with alpha, RGB, RGBA; JPEG grey, 4:4:4, 4:2:0. */
#define N_SOURCES 7

static int
source(int i, const struct kit_rgb *pixels)
{
	return i < 4 ? kit_put_png(pixels, i + 1) : kit_put_jpeg(pixels, 100, i - 4);
}

/* What half the light is in sRGB: 255 (1.055 x 0.5^(1/2.4) - 0.055). */
#define HALF_LIGHT 187.52

Test(linear, half_of_it_is_coded_as_188)
{
	struct developer *d = developer_new();
	struct kit_rgb board = checkerboard(400), is;
	struct kit_result r;
	int i, format, c;

	for (i = 0; i < N_SOURCES; i++)
		for (format = RENDITION_JPEG; format <= RENDITION_PNG; format++) {
			struct rendition specs[4] = { wanting(format, 100, true),
				wanting(format, 100, false), wanting(format, 37, true),
				wanting(format, 150, true) };
			int fd = source(i, &board), k;

			kit_develop(d, fd, specs, 4, &r);
			cr_assert_eq(r.status, 0, "%s", r.outcome.text);
			for (k = 0; k < 4; k++) {
				kit_read(r.outputs[k].fd, &is);
				for (c = 0; c < 3; c++) {
					double mean = kit_mean(&is, c, 4, 4, is.w - 8, is.h - 8);

					cr_expect_lt(fabs(mean - (k == 1 ? 127.5 : HALF_LIGHT)), 1.0,
					    "source %d, result %d: %.2f", i, k, mean);
				}
				free(is.pixels);
			}
			kit_clear(&r);
			close(fd);
		}
	free(board.pixels);
	developer_free(d);
}

/* What has one colour keeps it: there and back again loses less than a step of 8 bits. */
Test(linear, leaves_every_grey_as_it_was)
{
	struct developer *d = developer_new();
	struct rendition spec = wanting(RENDITION_PNG, 16, true);
	struct kit_rgb grey, is;
	struct kit_result r;
	unsigned v;
	int i, k;

	for (v = 0; v < 256; v++)
		for (k = 0; k < 3; k++) {
			int fd;

			grey = kit_flat(48, 48, v * 0x010101);
			fd = source(k == 0 ? 0 : k == 1 ? 3 : 5, &grey);
			kit_develop(d, fd, &spec, 1, &r);
			kit_read(r.outputs[0].fd, &is);
			for (i = 0; i < 3; i++)
				cr_expect_eq(is.pixels[4 * 100 + i], v, "%u became %u", v,
				    is.pixels[4 * 100 + i]);
			free(is.pixels);
			free(grey.pixels);
			kit_clear(&r);
			close(fd);
		}
	developer_free(d);
}

/* 16 bits stay 16 bits, darks too. */
Test(linear, keeps_sixteen_bits)
{
	const struct kit_png kind = { "RGB 16", PNG_COLOR_TYPE_RGB, 16, false, false, false };
	struct developer *d = developer_new();
	struct rendition specs[2] = { wanting(RENDITION_PNG, 120, true),
		wanting(RENDITION_PNG, 120, false) };
	int fd = kit_make_png(&kind, 360, 360);
	struct kit_rgb is, should;
	struct kit_result r;

	specs[0].depth = specs[1].depth = 0;
	kit_develop(d, fd, specs, 2, &r);
	cr_assert_eq(r.status, 0, "%s", r.outcome.text);
	kit_read(r.outputs[0].fd, &is);
	kit_read(r.outputs[1].fd, &should);
	cr_expect_lt(kit_difference(&is, &should), 1.0, "smooth colours are the same either way: %.3f",
	    kit_difference(&is, &should));
	free(is.pixels);
	free(should.pixels);
	kit_clear(&r);
	close(fd);
	developer_free(d);
}

/* gAMA 1.0: such a picture is coded as light, and both ways are one. */
Test(linear, goes_by_the_curve_of_the_picture)
{
	const struct kit_png kind = { "linear", PNG_COLOR_TYPE_RGB, 16, false, false, true };
	struct developer *d = developer_new();
	struct rendition specs[2] = { wanting(RENDITION_PNG, 30, true),
		wanting(RENDITION_PNG, 30, false) };
	int fd = kit_make_png(&kind, 411, 300);
	struct kit_rgb is, should;
	struct kit_result r;

	kit_develop(d, fd, specs, 2, &r);
	cr_assert_eq(r.status, 0, "%s", r.outcome.text);
	kit_read(r.outputs[0].fd, &is);
	kit_read(r.outputs[1].fd, &should);
	cr_expect_lt(kit_difference(&is, &should), 0.1, "off by %.3f", kit_difference(&is, &should));
	free(is.pixels);
	free(should.pixels);
	kit_clear(&r);
	close(fd);
	developer_free(d);
}

/* Every sampling of a JPEG, and every window: byte for byte the same, and the colours right. */
Test(linear, does_not_depend_on_the_window)
{
	static const struct kit_jpeg kinds[] = {
		{ "grey", 301, 407, JCS_GRAYSCALE, { 11 }, false, false, 0 },
		{ "4:2:0", 301, 407, JCS_YCbCr, { 22, 11, 11 }, false, false, 0 },
		{ "4:2:2", 301, 407, JCS_YCbCr, { 21, 11, 11 }, false, false, 0 },
		{ "4:4:0", 301, 407, JCS_YCbCr, { 12, 11, 11 }, false, false, 0 },
		{ "4:1:1", 301, 407, JCS_YCbCr, { 41, 11, 11 }, false, false, 0 },
		{ "3x1", 301, 407, JCS_YCbCr, { 31, 11, 11 }, false, false, 0 },
		{ "odd", 301, 407, JCS_YCbCr, { 22, 21, 12 }, true, false, 0 },
		{ "RGB", 301, 407, JCS_RGB, { 11, 11, 11 }, false, false, 0 },
		{ "CMYK", 301, 407, JCS_CMYK, { 11, 11, 11, 11 }, false, false, 0 },
	};
	struct developer *d = developer_new();
	struct kit_result whole, bands;
	struct kit_rgb is, ideal;
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct rendition specs[2] = { wanting(RENDITION_JPEG, 171, true),
			wanting(RENDITION_PNG, 100, true) };
		int fd = kit_make_jpeg(&kinds[i]);

		developer_set_window(d, UINT64_MAX);
		kit_develop(d, fd, specs, 2, &whole);
		developer_set_window(d, 1);
		kit_develop(d, fd, specs, 2, &bands);
		cr_assert_eq(whole.status, 0, "%s: %s", kinds[i].name, whole.outcome.text);
		cr_expect(kit_are_equal(whole.outputs[0].fd, bands.outputs[0].fd), "%s", kinds[i].name);
		cr_expect(kit_are_equal(whole.outputs[1].fd, bands.outputs[1].fd), "%s", kinds[i].name);
		kit_read(whole.outputs[1].fd, &is);
		ideal = kit_ideal(is.w, is.h, kinds[i].space == JCS_GRAYSCALE);
		cr_expect_lt(kit_difference(&is, &ideal), 3.0, "%s is off by %.2f", kinds[i].name,
		    kit_difference(&is, &ideal));
		free(is.pixels);
		free(ideal.pixels);
		kit_clear(&whole);
		kit_clear(&bands);
		close(fd);
	}
	developer_free(d);
}
