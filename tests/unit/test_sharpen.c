#include <config.h>

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "develop_kit.h"
#include "image/sharpen.h"

/* ---- the filter alone ---- */

/* In two dimensions at once, as the header says it. */
static double
reference(const struct plane *p, int x, int y, unsigned percent)
{
	static const double weights[5] = { 1, 4, 6, 4, 1 };
	double sum = 0, v;
	int i, k;

	for (k = -2; k <= 2; k++)
		for (i = -2; i <= 2; i++) {
			int at_x = x + i < 0 ? 0 : x + i >= (int)p->width ? (int)p->width - 1 : x + i;
			int at_y = y + k < 0 ? 0 : y + k >= (int)p->height ? (int)p->height - 1 : y + k;

			sum += weights[i + 2] * weights[k + 2] *
			    p->data[(size_t)at_y * p->stride_bytes + (size_t)at_x];
		}
	v = p->data[(size_t)y * p->stride_bytes + (size_t)x];
	v += (v - sum / 256) * percent / 100;
	return v < 0 ? 0 : v > 255 ? 255 : v;
}

static void
check_plane(uint32_t w, uint32_t h, unsigned percent)
{
	struct plane from, to;
	unsigned seed = w * 31 + h;
	uint32_t x, y;

	cr_assert_eq(image_plane_init(&from, w, h, 1), 0);
	cr_assert_eq(image_plane_init(&to, w, h, 1), 0);
	for (y = 0; y < h; y++)
		for (x = 0; x < w; x++) {
			seed = seed * 1664525 + 1013904223;
			from.data[y * from.stride_bytes + x] = (uint8_t)(seed >> 24);
		}
	cr_assert_eq(sharpen_plane(&from, &to, percent), 0);
	for (y = 0; y < h; y++)
		for (x = 0; x < w; x++) {
			double should = reference(&from, (int)x, (int)y, percent);
			int is = to.data[y * to.stride_bytes + x];

			cr_assert_lt(fabs(is - should), 0.52, "%ux%u, %u%%: (%u, %u) is %d, not %.2f",
			    w, h, percent, x, y, is, should);
		}
	image_plane_clear(&from);
	image_plane_clear(&to);
}

Test(sharpen, does_what_its_formula_says)
{
	static const uint32_t sides[] = { 1, 2, 3, 4, 5, 17, 64 };
	size_t i, k;

	for (i = 0; i < sizeof(sides) / sizeof(sides[0]); i++)
		for (k = 0; k < sizeof(sides) / sizeof(sides[0]); k++) {
			check_plane(sides[i], sides[k], 100);
			check_plane(sides[i], sides[k], 37);
			check_plane(sides[i], sides[k], 500);
		}
}

/* ---- in a rendition ---- */

static struct rendition
wanting(enum rendition_format format, uint32_t side, unsigned percent)
{
	struct rendition r = kit_web;

	r.width_px = r.height_px = side;
	r.format = (uint8_t)format;
	r.sharpen = (uint16_t)percent;
	r.quality = 95;
	r.subsampling = RENDITION_SUB_444;
	return r;
}

/* How much neighbours in a row differ. */
static double
roughness(const struct kit_rgb *p)
{
	double sum = 0;
	size_t i, n = (size_t)p->w * p->h;

	for (i = 1; i < n; i++)
		sum += abs(p->pixels[4 * i + 1] - p->pixels[4 * i - 3]);
	return sum / (double)n;
}

/* The sources: grey, grey with alpha, RGB and RGBA PNG, JPEG grey, 4:4:4 and 4:2:0. */
#define N_SOURCES 7

static int
source(int i, const struct kit_rgb *pixels)
{
	return i < 4 ? kit_put_png(pixels, i + 1) : kit_put_jpeg(pixels, 95, i - 4);
}

Test(sharpen, makes_every_kind_of_picture_crisper_and_no_brighter)
{
	struct developer *d = developer_new();
	struct kit_rgb noise = kit_noise(200, 150, 1), plain, crisp;
	struct kit_result r;
	int i, format;

	for (i = 3; i < 200 * 150 * 4; i += 4)
		noise.pixels[i] = 255;
	for (i = 0; i < N_SOURCES; i++)
		for (format = RENDITION_JPEG; format <= RENDITION_PNG; format++) {
			struct rendition specs[2] = { wanting(format, 70, 0), wanting(format, 70, 100) };
			int fd = source(i, &noise), c;

			kit_develop(d, fd, specs, 2, &r);
			cr_assert_eq(r.status, 0, "%s", r.outcome.text);
			kit_read(r.outputs[0].fd, &plain);
			kit_read(r.outputs[1].fd, &crisp);
			cr_expect_gt(roughness(&crisp), 1.15 * roughness(&plain), "source %d: %.2f of "
			    "%.2f", i, roughness(&crisp), roughness(&plain));
			for (c = 0; c < 3; c++)
				cr_expect_lt(fabs(kit_mean(&crisp, c, 0, 0, crisp.w, crisp.h) -
				    kit_mean(&plain, c, 0, 0, plain.w, plain.h)), 1.0);
			free(plain.pixels);
			free(crisp.pixels);
			kit_clear(&r);
			close(fd);
		}
	free(noise.pixels);
	developer_free(d);
}

/* All three colours move alike, where none of them is cut off. */
Test(sharpen, leaves_hues_alone)
{
	struct developer *d = developer_new();
	struct kit_rgb noise = kit_noise(60, 60, 2), plain, crisp;
	struct rendition specs[2] = { wanting(RENDITION_PNG, 60, 0), wanting(RENDITION_PNG, 60, 50) };
	struct kit_result r;
	int fd, i, n_moved = 0;

	for (i = 0; i < 60 * 60 * 4; i++)
		noise.pixels[i] = (uint8_t)(100 + noise.pixels[i] / 8);
	fd = kit_put_png(&noise, 3);
	kit_develop(d, fd, specs, 2, &r);
	kit_read(r.outputs[0].fd, &plain);
	kit_read(r.outputs[1].fd, &crisp);
	for (i = 0; i < 60 * 60 * 4; i += 4) {
		int more = crisp.pixels[i] - plain.pixels[i];

		n_moved += more != 0;
		cr_assert_leq(abs(crisp.pixels[i + 1] - plain.pixels[i + 1] - more), 1);
		cr_assert_leq(abs(crisp.pixels[i + 2] - plain.pixels[i + 2] - more), 1);
	}
	cr_assert_gt(n_moved, 1000);
	free(noise.pixels);
	free(plain.pixels);
	free(crisp.pixels);
	kit_clear(&r);
	close(fd);
	developer_free(d);
}

/* Smaller renditions are made from larger ones, before these are sharpened. */
Test(sharpen, is_seen_in_no_other_rendition)
{
	struct developer *d = developer_new();
	struct kit_rgb noise = kit_noise(300, 300, 3);
	int i, format;

	for (i = 0; i < N_SOURCES; i++)
		for (format = RENDITION_JPEG; format <= RENDITION_PNG; format++) {
			struct rendition with[2] = { wanting(format, 140, 200), wanting(format, 50, 0) };
			struct rendition without[2] = { wanting(format, 140, 0),
				wanting(format, 50, 0) };
			int fd = source(i, &noise);
			struct kit_result a, b;

			kit_develop(d, fd, with, 2, &a);
			kit_develop(d, fd, without, 2, &b);
			cr_expect(kit_are_equal(a.outputs[1].fd, b.outputs[1].fd));
			cr_expect_not(kit_are_equal(a.outputs[0].fd, b.outputs[0].fd));
			kit_clear(&a);
			kit_clear(&b);
			close(fd);
		}
	free(noise.pixels);
	developer_free(d);
}

/* Bands of rows of the source, and passes of an interlaced result, give the same. */
Test(sharpen, does_not_depend_on_bands_or_passes)
{
	struct developer *d = developer_new();
	struct kit_rgb noise = kit_noise(317, 403, 4), even, laced;
	struct kit_result whole, bands;
	int i, format;

	for (i = 0; i < N_SOURCES; i++)
		for (format = RENDITION_JPEG; format <= RENDITION_PNG; format++) {
			struct rendition specs[2] = { wanting(format, 211, 130), wanting(format, 90, 60) };
			int fd = source(i, &noise);

			developer_set_window(d, UINT64_MAX);
			kit_develop(d, fd, specs, 2, &whole);
			developer_set_window(d, 1);
			specs[1].is_interlaced = 1;
			kit_develop(d, fd, specs, 2, &bands);
			cr_expect(kit_are_equal(whole.outputs[0].fd, bands.outputs[0].fd), "source %d", i);
			kit_read(whole.outputs[1].fd, &even);
			kit_read(bands.outputs[1].fd, &laced);
			cr_expect_eq(kit_difference(&even, &laced), 0);
			free(even.pixels);
			free(laced.pixels);
			kit_clear(&whole);
			kit_clear(&bands);
			close(fd);
		}
	free(noise.pixels);
	developer_free(d);
}

/* Flat grey beside transparent black: no seam where they meet. */
Test(sharpen, sees_nothing_of_what_is_transparent)
{
	struct developer *d = developer_new();
	struct kit_rgb flat = kit_flat(40, 40, 0x808080), crisp;
	struct rendition spec = wanting(RENDITION_PNG, 40, 300);
	struct kit_result r;
	int fd, i;

	for (i = 0; i < 40 * 40; i++)
		if (i % 40 >= 20)
			memset(flat.pixels + 4 * i, 0, 4);
	fd = kit_put_png(&flat, 4);
	kit_develop(d, fd, &spec, 1, &r);
	kit_read(r.outputs[0].fd, &crisp);
	for (i = 0; i < 40 * 40; i++)
		if (i % 40 < 20)
			cr_assert_eq(crisp.pixels[4 * i], 0x80, "%d in column %d",
			    crisp.pixels[4 * i], i % 40);
	free(flat.pixels);
	free(crisp.pixels);
	kit_clear(&r);
	close(fd);
	developer_free(d);
}
