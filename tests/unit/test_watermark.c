#include <config.h>

#include <criterion/criterion.h>
#include <errno.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <jpeglib.h>

#include "develop_kit.h"
#include "image/color.h"

/* RENDITION with the mark in FD, which is told by the digest NUMBER. */
static struct rendition
marked(struct rendition r, int fd, uint8_t number)
{
	r.mark_bytes = kit_size(fd);
	r.mark_digest[0] = number;
	r.mark_place = RENDITION_SOUTHEAST;
	r.mark_margin_px = 10;
	r.mark_opacity_percent = 100;
	r.mark_scale_percent = 25;
	return r;
}

static struct rendition
wanting(enum rendition_format format, uint32_t side)
{
	struct rendition r = kit_web;

	r.width_px = r.height_px = side;
	r.format = (uint8_t)format;
	r.quality = 100;
	r.subsampling = RENDITION_SUB_444;
	return r;
}

/* Develop one result with a mark. */
static void
develop(struct developer *d, int fd, const struct rendition *spec, int mark, struct kit_rgb *is)
{
	struct develop_output output = { .spec = *spec, .mark_fd = mark,
		.fd = memfd_create("result", MFD_CLOEXEC) };
	struct develop_outcome outcome;

	cr_assert_eq(develop_run(d, fd, kit_size(fd), &output, 1, &kit_limits, NULL, NULL, &outcome),
	    0, "%s", outcome.text);
	kit_read(output.fd, is);
	close(output.fd);
}

static void
expect_near(const struct kit_rgb *is, uint32_t x, uint32_t y, uint32_t w, uint32_t h,
    uint32_t color, double most, const char *what)
{
	int c;

	for (c = 0; c < 3; c++) {
		double mean = kit_mean(is, c, x, y, w, h), should = color >> (16 - 8 * c) & 0xff;

		cr_expect_lt(fabs(mean - should), most, "%s: channel %d is %.1f, not %.1f", what, c,
		    mean, should);
	}
}

/* Red 60x30 on grey 400x300: 25 % of the height rules not, of the width it does: 100x50. */
Test(watermark, stands_where_it_is_wanted)
{
	static const struct {
		enum rendition_gravity place;
		uint32_t left, top;
	} places[] = { { RENDITION_CENTER, 150, 125 }, { RENDITION_NORTH, 150, 10 },
		{ RENDITION_SOUTH, 150, 240 }, { RENDITION_EAST, 290, 125 },
		{ RENDITION_WEST, 10, 125 }, { RENDITION_NORTHEAST, 290, 10 },
		{ RENDITION_NORTHWEST, 10, 10 }, { RENDITION_SOUTHEAST, 290, 240 },
		{ RENDITION_SOUTHWEST, 10, 240 } };
	struct developer *d = developer_new();
	struct kit_rgb red = kit_flat(60, 30, 0xff0000), grey = kit_flat(800, 600, 0x808080), is;
	int mark = kit_put_png(&red, 3), format, k;
	size_t i;

	for (k = 0; k < 2; k++)
		for (format = RENDITION_JPEG; format <= RENDITION_PNG; format++)
			for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
				int fd = k == 0 ? kit_put_png(&grey, 3) : kit_put_jpeg(&grey, 100, 2);
				struct rendition spec = marked(wanting(format, 400), mark, 1);
				uint32_t x = places[i].left, y = places[i].top;

				spec.mark_place = (uint8_t)places[i].place;
				develop(d, fd, &spec, mark, &is);
				expect_near(&is, x, y, 100, 50, 0xff0000, 2.0, "within");
				expect_near(&is, x + 1, y + 1, 1, 1, 0xff0000, 3.0, "first corner");
				expect_near(&is, x + 98, y + 48, 1, 1, 0xff0000, 3.0, "last corner");
				expect_near(&is, x - 8, y, 7, 50, 0x808080, 2.0, "left of it");
				expect_near(&is, x + 101, y, 7, 50, 0x808080, 2.0, "right of it");
				expect_near(&is, x, y - 8, 100, 7, 0x808080, 2.0, "above it");
				expect_near(&is, x, y + 51, 100, 7, 0x808080, 2.0, "below it");
				free(is.pixels);
				close(fd);
			}
	close(mark);
	free(red.pixels);
	free(grey.pixels);
	developer_free(d);
}

/* Opacity, and the mark's own alpha: blue at half of half, over grey. */
Test(watermark, lets_shine_through_what_is_asked_for)
{
	struct developer *d = developer_new();
	struct kit_rgb blue = kit_flat(40, 40, 0x0000ff), grey = kit_flat(200, 200, 0x808080), is;
	struct rendition spec;
	int i, mark, fd, format, k;

	for (i = 0; i < 40 * 40; i++)
		blue.pixels[4 * i + 3] = 128;
	mark = kit_put_png(&blue, 4);
	for (k = 0; k < 2; k++)
		for (format = RENDITION_JPEG; format <= RENDITION_PNG; format++) {
			fd = k == 0 ? kit_put_png(&grey, 3) : kit_put_jpeg(&grey, 100, 1);
			spec = marked(wanting(format, 160), mark, 2);
			spec.mark_opacity_percent = 50;
			develop(d, fd, &spec, mark, &is);
			expect_near(&is, 112, 112, 36, 36, 0x6060a0, 2.0, "a quarter");
			free(is.pixels);
			spec.mark_opacity_percent = 0;
			develop(d, fd, &spec, mark, &is);
			expect_near(&is, 0, 0, 160, 160, 0x808080, 1.0, "nothing");
			free(is.pixels);
			close(fd);
		}
	close(mark);
	free(blue.pixels);
	free(grey.pixels);
	developer_free(d);
}

/* Over transparency: what is there is the mark alone, as opaque as it is. */
Test(watermark, lies_over_transparency)
{
	struct developer *d = developer_new();
	struct kit_rgb blue = kit_flat(40, 40, 0x0000ff), clear = kit_flat(200, 200, 0xff0000), is;
	int i, mark = kit_put_png(&blue, 3), fd;
	struct rendition spec;

	for (i = 0; i < 200 * 200; i++)
		clear.pixels[4 * i + 3] = i % 200 < 100 ? 0 : 128;
	fd = kit_put_png(&clear, 4);
	spec = marked(wanting(RENDITION_PNG, 160), mark, 3);
	spec.mark_opacity_percent = 50;
	spec.mark_place = RENDITION_SOUTHWEST;
	develop(d, fd, &spec, mark, &is);
	expect_near(&is, 12, 112, 36, 36, 0x0000ff, 1.0, "over nothing");
	cr_expect_lt(fabs(kit_mean(&is, 3, 12, 112, 36, 36) - 127.5), 1.0);
	free(is.pixels);
	spec.mark_place = RENDITION_SOUTHEAST;
	develop(d, fd, &spec, mark, &is);
	/* a = 1/2 + 1/2 x 1/2; blue has 1/2 of 3/4 of it */
	expect_near(&is, 112, 112, 36, 36, 0x5500aa, 2.0, "over half");
	cr_expect_lt(fabs(kit_mean(&is, 3, 112, 112, 36, 36) - 191.5), 1.5);
	free(is.pixels);
	close(fd);
	close(mark);
	free(blue.pixels);
	free(clear.pixels);
	developer_free(d);
}

/* A mark of red and blue, on pictures that were stored turned. */
Test(watermark, stands_upright)
{
	struct developer *d = developer_new();
	struct kit_rgb two = kit_flat(40, 20, 0xff0000), is;
	int mark, i, fd;

	for (i = 0; i < 40 * 20; i++)
		if (i % 40 >= 20) {
			two.pixels[4 * i] = 0;
			two.pixels[4 * i + 2] = 255;
		}
	mark = kit_put_png(&two, 3);
	for (i = 1; i <= 8; i++) {
		struct rendition spec = marked(wanting(RENDITION_PNG, 160), mark, 4);
		char path[300];

		snprintf(path, sizeof(path), TOP_SRCDIR "/tests/samples/orientation/F%d.jpg", i);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		cr_assert_geq(fd, 0, "%s", path);
		spec.may_enlarge = 1;
		spec.mark_margin_px = 0;
		spec.mark_scale_percent = 50;
		develop(d, fd, &spec, mark, &is);
		expect_near(&is, is.w - is.w / 2 + 4, is.h - 8, is.w / 4 - 8, 6, 0xff0000, 12, path);
		expect_near(&is, is.w - is.w / 4 + 4, is.h - 8, is.w / 4 - 8, 6, 0x0000ff, 12, path);
		free(is.pixels);
		close(fd);
	}
	close(mark);
	free(two.pixels);
	developer_free(d);
}

/* A grey picture stays a grey file; a mark of one pixel and a picture of one pixel work. */
Test(watermark, is_grey_on_grey_and_fits_the_smallest)
{
	struct developer *d = developer_new();
	struct kit_rgb red = kit_flat(1, 1, 0xff0000), grey = kit_flat(100, 100, 0x202020), is;
	int mark = kit_put_png(&red, 3), fd = kit_put_jpeg(&grey, 100, 0), format, one;
	struct kit_rgb pixel = kit_flat(1, 1, 0x404040);
	struct rendition spec;

	for (format = RENDITION_JPEG; format <= RENDITION_PNG; format++) {
		spec = marked(wanting(format, 80), mark, 5);
		develop(d, fd, &spec, mark, &is);
		expect_near(&is, 52, 52, 16, 16, 0x4c4c4c, 1.5, "red as grey");
		free(is.pixels);
		one = kit_put_png(&pixel, 1);
		develop(d, one, &spec, mark, &is);
		expect_near(&is, 0, 0, 1, 1, 0x4c4c4c, 1.5, "one pixel");
		free(is.pixels);
		close(one);
	}
	close(fd);
	close(mark);
	free(red.pixels);
	free(grey.pixels);
	free(pixel.pixels);
	developer_free(d);
}

/* Away from the mark a JPEG is what it would be without; coarse chroma has a margin of a block. */
Test(watermark, changes_nothing_beside_it)
{
	const struct kit_jpeg kind = { "4:2:0", 640, 480, JCS_YCbCr, { 22, 11, 11 }, false, false, 0 };
	struct developer *d = developer_new();
	struct kit_rgb red = kit_flat(60, 30, 0xff0000), with, without;
	int mark = kit_put_png(&red, 3), fd = kit_make_jpeg(&kind);
	struct rendition plain = kit_web, spec;
	uint32_t x, y;

	plain.width_px = plain.height_px = 320;
	spec = marked(plain, mark, 6);
	develop(d, fd, &plain, -1, &without);
	develop(d, fd, &spec, mark, &with);
	for (y = 0; y < 160; y++)
		for (x = 0; x < 320; x++)
			cr_assert_eq(memcmp(with.pixels + 4 * (y * 320 + x),
			    without.pixels + 4 * (y * 320 + x), 4), 0, "(%u, %u)", x, y);
	expect_near(&with, 240, 196, 60, 26, 0xff0000, 8, "the mark");
	free(with.pixels);
	free(without.pixels);
	free(red.pixels);
	close(mark);
	close(fd);
	developer_free(d);
}

/* Smaller results come from larger ones: none of them has two marks. */
Test(watermark, is_not_inherited)
{
	struct developer *d = developer_new();
	struct kit_rgb red = kit_flat(60, 30, 0xff0000), grey = kit_flat(900, 900, 0x808080), is;
	int mark = kit_put_png(&red, 3), i, k;
	struct develop_output outputs[2];
	struct develop_outcome outcome;

	for (k = 0; k < 2; k++) {
		int fd = k == 0 ? kit_put_png(&grey, 3) : kit_put_jpeg(&grey, 100, 2);

		for (i = 0; i < 2; i++)
			outputs[i] = (struct develop_output){ .mark_fd = mark,
				.fd = memfd_create("result", MFD_CLOEXEC),
				.spec = wanting(RENDITION_JPEG, i == 0 ? 400 : 100) };
		outputs[0].spec = marked(outputs[0].spec, mark, 7);
		cr_assert_eq(develop_run(d, fd, kit_size(fd), outputs, 2, &kit_limits, NULL, NULL,
		    &outcome), 0, "%s", outcome.text);
		kit_read(outputs[1].fd, &is);
		expect_near(&is, 0, 0, 100, 100, 0x808080, 0.5, "without");
		free(is.pixels);
		close(outputs[0].fd);
		close(outputs[1].fd);
		close(fd);
	}
	close(mark);
	free(red.pixels);
	free(grey.pixels);
	developer_free(d);
}

/* In Adobe RGB, sRGB's red is (219, 0, 0), within what cHRM and rounding make of it. */
Test(watermark, has_the_colours_of_the_result)
{
	static const double adobe[8] = { 0.3127, 0.3290, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06 };
	struct color *color = color_new();
	size_t size;
	uint8_t *icc = color_profile_of_gamma(2.2, adobe, false, &size);
	struct color_transform *back = color_transform_back(color, icc, size, IMAGE_RGB);
	uint16_t red[3] = { 65535, 0, 0 };

	cr_assert_not_null(back);
	color_transform_row(back, red, red, 1);
	cr_expect_lt(abs(red[0] / 257 - 219), 3, "%u", red[0] / 257);
	cr_expect_lt(red[1] / 257, 3);
	cr_expect_lt(red[2] / 257, 3);
	color_transform_free(back);
	free(icc);
	color_free(color);
}

static void
expect_refused(struct developer *d, int fd, int mark, uint64_t bytes, uint8_t number)
{
	struct develop_output output = { .fd = memfd_create("result", MFD_CLOEXEC), .mark_fd = mark };
	struct develop_outcome outcome;

	output.spec = marked(kit_thumb, fd, number);
	output.spec.mark_bytes = bytes;
	cr_assert_eq(develop_run(d, fd, kit_size(fd), &output, 1, &kit_limits, NULL, NULL, &outcome),
	    -1);
	cr_expect_eq(outcome.bad, REASON_NONE, "%s", outcome.text);
	cr_expect_eq(outcome.error, ENOTSUP, "%s", outcome.text);
	cr_expect_not_null(strstr(outcome.text, "watermark of rendition thumb"), "%s", outcome.text);
	close(output.fd);
}

Test(watermark, that_is_broken_is_no_pictures_fault)
{
	struct developer *d = developer_new();
	struct kit_rgb noise = kit_noise(100, 100, 9), grey = kit_flat(400, 400, 0x808080);
	int mark = kit_put_png(&noise, 4), fd = kit_put_jpeg(&grey, 90, 2);
	int text = memfd_create("text", MFD_CLOEXEC);

	cr_assert_eq(write(text, "no picture at all", 17), 17);
	expect_refused(d, fd, mark, kit_size(mark) / 2, 10);
	expect_refused(d, fd, text, 17, 11);
	expect_refused(d, fd, fd, kit_size(fd), 12);
	expect_refused(d, fd, -1, 1000, 13);
	close(text);
	close(mark);
	close(fd);
	free(noise.pixels);
	free(grey.pixels);
	developer_free(d);
}

/* What was read for one picture is there for the next: not even the descriptor is looked at. */
Test(watermark, is_read_once)
{
	struct developer *d = developer_new();
	struct kit_rgb red = kit_flat(60, 30, 0xff0000), grey = kit_flat(400, 400, 0x808080), is;
	int mark = kit_put_png(&red, 3), fd = kit_put_jpeg(&grey, 100, 1), i;
	struct rendition spec = marked(wanting(RENDITION_JPEG, 200), mark, 14);

	develop(d, fd, &spec, mark, &is);
	free(is.pixels);
	close(mark);
	for (i = 0; i < 40; i++) { /* more than are kept, and it is used between them */
		struct rendition other = spec;
		int again = kit_put_png(&red, 3);

		other.mark_digest[0] = (uint8_t)(100 + i);
		develop(d, fd, &other, again, &is);
		free(is.pixels);
		close(again);
		develop(d, fd, &spec, -1, &is);
		expect_near(&is, 142, 167, 46, 21, 0xff0000, 2.0, "kept");
		free(is.pixels);
	}
	close(fd);
	free(red.pixels);
	free(grey.pixels);
	developer_free(d);
}
