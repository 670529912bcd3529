/* Chroma that is halved on its way in: the means, and their place in the picture. */
#include <config.h>

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "develop_kit.h"
#include "image/subsample.h"

/* ---- the means ---- */

static uint8_t
sample(uint32_t x, uint32_t y)
{
	return (uint8_t)(x * 37 + y * 101 + x * y);
}

/* Of the samples that the picture has. */
static unsigned
mean_of_four(uint32_t x, uint32_t y, uint32_t w, uint32_t h)
{
	uint32_t right = 2 * x + 1 < w ? 2 * x + 1 : 2 * x;
	uint32_t below = 2 * y + 1 < h ? 2 * y + 1 : 2 * y;

	return (sample(2 * x, 2 * y) + sample(right, 2 * y) + sample(2 * x, below) +
	    sample(right, below) + 2u) / 4;
}

static void
fill_unit(const struct subsample *subsample, uint32_t i_unit, uint32_t w, uint32_t h)
{
	uint32_t k, x, y;

	for (k = 0; k < subsample->unit; k++)
		for (x = 0; x < subsample->full.stride_bytes; x++) {
			y = i_unit * subsample->unit + k;
			subsample_row(subsample, k)[x] = x < w && y < h ? sample(x, y) : 255;
		}
}

static void
halve_all(uint32_t w, uint32_t h, uint32_t unit)
{
	struct window window = { .image = { .n_planes = 1 }, .n_units = (h + unit - 1) / unit };
	struct subsample subsample = { .unit = 0 };
	uint32_t i, x, y;

	image_plane_shape(&window.image.planes[0], w, h, 1);
	window.rows[0].unit = unit;
	subsample_shape(&subsample, &window, 0);
	cr_assert_eq(window.image.planes[0].cover_x, w / 2.0);
	window_need(&window, 0, h);
	cr_assert_eq(window_open(&window), 0);
	cr_assert_eq(subsample_open(&subsample), 0);
	for (i = 0; i < window.n_units; i++) {
		fill_unit(&subsample, i, w, h);
		subsample_put(&subsample, i, &window, 0);
		window_come(&window);
	}
	for (y = 0; y < (h + 1) / 2; y++)
		for (x = 0; x < (w + 1) / 2; x++)
			cr_assert_eq(window_row(&window, 0, y)[x], mean_of_four(x, y, w, h),
			    "%ux%u: sample %u, %u", w, h, x, y);
	subsample_clear(&subsample);
	window_clear(&window);
}

Test(subsample, takes_means_of_what_the_picture_has)
{
	static const uint32_t sides[] = { 1, 2, 3, 15, 16, 17, 64, 131 };
	size_t i, k;

	for (i = 0; i < 8; i++)
		for (k = 0; k < 8; k++) {
			halve_all(sides[i], sides[k], 2);
			halve_all(sides[i], sides[k], 16);
		}
}

Test(subsample, does_nothing_where_nothing_is_halved)
{
	struct subsample subsample = { .unit = 0 };

	cr_assert_eq(subsample_open(&subsample), 0);
	cr_assert_null(subsample.full.data);
	subsample_put(&subsample, 0, NULL, 0);
	subsample_clear(&subsample);
}

/* ---- their place ---- */

/* Stripes and rows of two colours that are equally bright. */
static struct kit_rgb
chequered(uint32_t w, uint32_t h)
{
	struct kit_rgb picture = kit_flat(w, h, 0xc06060);
	struct kit_rgb other = kit_flat(1, 1, 0x608fc0);
	uint32_t x, y;

	for (y = 0; y < h; y++)
		for (x = 0; x < w; x++)
			if ((x / 48 + y / 48) % 2 == 1)
				memcpy(picture.pixels + 4 * ((size_t)y * w + x), other.pixels, 4);
	free(other.pixels);
	return picture;
}

static void
develop_one(struct developer *d, int fd, struct kit_rgb *to)
{
	struct rendition spec = kit_web;
	struct kit_result r;

	spec.width_px = spec.height_px = 300;
	spec.quality = 95;
	spec.subsampling = RENDITION_SUB_420;
	spec.format = RENDITION_JPEG;
	kit_develop(d, fd, &spec, 1, &r);
	cr_assert_eq(r.status, 0, "%s", r.outcome.text);
	kit_read(r.outputs[0].fd, to);
	kit_clear(&r);
	close(fd);
}

/* A JPEG whose chroma is halved beside a PNG, of which nothing is halved: 4:4:4 that is decoded in full,
 * and 4:2:0 and 4:4:4 reduced while decoding; small windows, too. */
Test(subsample, leaves_colours_where_they_are)
{
	static const uint32_t sizes[][2] = { { 701, 467 }, { 1203, 803 }, { 2405, 1601 } };
	struct kit_rgb source, from_png, from_jpeg;
	struct developer *d = developer_new();
	size_t i;
	int sub;

	for (i = 0; i < 3; i++)
		for (sub = 1; sub <= 2; sub++) {
			source = chequered(sizes[i][0], sizes[i][1]);
			developer_set_window(d, i == 1 ? 1 : 32 << 20);
			develop_one(d, kit_put_png(&source, 3), &from_png);
			develop_one(d, kit_put_jpeg(&source, 98, sub), &from_jpeg);
			cr_expect_lt(kit_difference(&from_png, &from_jpeg), 2.2,
			    "%ux%u, sub %d: %.2f", sizes[i][0], sizes[i][1], sub,
			    kit_difference(&from_png, &from_jpeg));
			free(source.pixels);
			free(from_png.pixels);
			free(from_jpeg.pixels);
		}
	developer_free(d);
}

/* ---- auto decides by the picture ---- */

/* Strokes of COLOR on white, as letters are: every fourth line of pixels is empty. */
static struct kit_rgb
lettering(uint32_t color)
{
	struct kit_rgb page = kit_flat(320, 240, 0xffffff), ink = kit_flat(1, 1, color);
	struct kit_rgb noise = kit_noise(320, 240, 7);
	uint32_t x, y;

	for (y = 8; y < page.h - 8; y++)
		for (x = 8; x < page.w - 8; x++)
			if (y % 14 < 8 && x % 6 != 0 && noise.pixels[4 * ((size_t)y * 320 + x)] < 100)
				memcpy(page.pixels + 4 * ((size_t)y * page.w + x), ink.pixels, 4);
	free(ink.pixels);
	free(noise.pixels);
	return page;
}

/* The samples of chroma in the frame header of the JPEG in FD: 0x11 or 0x22 for luma. */
static unsigned
luma_factors(int fd)
{
	size_t n, i;
	uint8_t *data = kit_slurp(fd, &n);
	unsigned factors = 0;

	for (i = 0; i + 12 < n && factors == 0; i++)
		if (data[i] == 0xff && data[i + 1] == 0xc0 && data[i + 2] == 0)
			factors = data[i + 11];
	free(data);
	return factors;
}

static double
psnr(const struct kit_rgb *a, const struct kit_rgb *b)
{
	double sum = 0;
	size_t i, n = (size_t)a->w * a->h * 4;

	for (i = 0; i < n; i++)
		sum += (a->pixels[i] - b->pixels[i]) * (a->pixels[i] - b->pixels[i]);
	return 10 * log10(255 * 255 / (sum / ((double)n * 3 / 4)));
}

Test(subsample, auto_keeps_coloured_text)
{
	static const struct {
		uint32_t color;
		unsigned factors;
	} inks[] = { { 0xff0000, 0x11 }, { 0x0000ff, 0x11 }, { 0x000000, 0x22 }, { 0x404850, 0x22 } };
	struct developer *d = developer_new();
	struct rendition specs[2] = { kit_web, kit_web };
	struct kit_result r;
	struct kit_rgb is[2];
	size_t i;

	specs[0].format = specs[1].format = RENDITION_JPEG;
	specs[1].subsampling = RENDITION_SUB_420;
	for (i = 0; i < sizeof(inks) / sizeof(inks[0]); i++) {
		struct kit_rgb page = lettering(inks[i].color);
		int fd = kit_put_png(&page, 3), k;

		kit_develop(d, fd, specs, 2, &r);
		cr_assert_eq(r.status, 0, "%s", r.outcome.text);
		for (k = 0; k < 2; k++)
			kit_read(r.outputs[k].fd, &is[k]);
		fprintf(stderr, "ink %06x: auto %.1f dB, 4:2:0 %.1f dB\n", inks[i].color, psnr(&page, &is[0]),
		    psnr(&page, &is[1]));
		cr_expect_eq(luma_factors(r.outputs[0].fd), inks[i].factors, "ink %06x", inks[i].color);
		cr_expect_eq(luma_factors(r.outputs[1].fd), 0x22, "as it was asked for");
		cr_expect(inks[i].factors == 0x22 || psnr(&page, &is[0]) > psnr(&page, &is[1]) + 3);
		cr_expect(inks[i].factors == 0x11 || kit_are_equal(r.outputs[0].fd, r.outputs[1].fd));
		free(is[0].pixels);
		free(is[1].pixels);
		free(page.pixels);
		kit_clear(&r);
		close(fd);
	}
	developer_free(d);
}
