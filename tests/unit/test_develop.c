#include <config.h>

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jpeglib.h>
#include <png.h>

#include "develop_kit.h"

#define PNG_TAIL 22 /* the end of a deflate stream with its checksum, the checksum of IDAT, IEND */

static const struct kit_jpeg kinds[] = {
	{ .name = "4:4:4", .w = 701, .h = 503, .space = JCS_YCbCr, .factors = { 11, 11, 11 } },
	{ .name = "4:2:0", .w = 701, .h = 503, .space = JCS_YCbCr, .factors = { 22, 11, 11 } },
	{ .name = "4:2:2", .w = 701, .h = 503, .space = JCS_YCbCr, .factors = { 21, 11, 11 } },
	{ .name = "4:4:0", .w = 701, .h = 503, .space = JCS_YCbCr, .factors = { 12, 11, 11 } },
	{ .name = "4:1:1", .w = 701, .h = 503, .space = JCS_YCbCr, .factors = { 41, 11, 11 } },
	{ .name = "4:1:0", .w = 701, .h = 503, .space = JCS_YCbCr, .factors = { 42, 11, 11 } },
	{ .name = "3x1", .w = 701, .h = 503, .space = JCS_YCbCr, .factors = { 31, 11, 11 } },
	{ .name = "2x2,1x2,2x1", .w = 701, .h = 503, .space = JCS_YCbCr,
	    .factors = { 22, 12, 21 } },
	{ .name = "chroma finer", .w = 701, .h = 503, .space = JCS_YCbCr,
	    .factors = { 11, 22, 22 } },
	{ .name = "progressive", .w = 2600, .h = 1801, .space = JCS_YCbCr,
	    .factors = { 22, 11, 11 }, .is_progressive = true },
	{ .name = "restarts", .w = 701, .h = 503, .space = JCS_YCbCr, .factors = { 22, 11, 11 },
	    .restart = 3 },
	{ .name = "arithmetic", .w = 701, .h = 503, .space = JCS_YCbCr,
	    .factors = { 22, 11, 11 }, .is_arithmetic = true },
	{ .name = "RGB", .w = 701, .h = 503, .space = JCS_RGB, .factors = { 11, 11, 11 } },
	{ .name = "grey", .w = 701, .h = 503, .space = JCS_GRAYSCALE, .factors = { 11 } },
	{ .name = "grey 2x2", .w = 701, .h = 503, .space = JCS_GRAYSCALE, .factors = { 22 } },
	{ .name = "CMYK", .w = 701, .h = 503, .space = JCS_CMYK, .factors = { 11, 11, 11, 11 } },
	{ .name = "YCCK", .w = 701, .h = 503, .space = JCS_YCCK, .factors = { 22, 11, 11, 22 } },
	{ .name = "1/2", .w = 1301, .h = 911, .space = JCS_YCbCr, .factors = { 22, 11, 11 } },
	{ .name = "1/8", .w = 6001, .h = 4003, .space = JCS_YCbCr, .factors = { 22, 11, 11 } },
	{ .name = "1/8 4:1:1", .w = 6001, .h = 4003, .space = JCS_YCbCr,
	    .factors = { 41, 11, 11 } },
	{ .name = "narrow", .w = 5, .h = 3000, .space = JCS_YCbCr, .factors = { 22, 11, 11 } },
	{ .name = "1x1", .w = 1, .h = 1, .space = JCS_YCbCr, .factors = { 22, 11, 11 } },
	{ .name = "3x1 px", .w = 3, .h = 1, .space = JCS_YCbCr, .factors = { 22, 11, 11 } },
};

/* Each kind of JPEG, to JPEG and PNG, of odd sizes and at each reduction: the colours are the
 * ones that were put in, at the place where they were put. */
Test(develop, keeps_the_colours_of_every_kind_of_jpeg)
{
	static const uint32_t boxes[] = { 97, 333 };
	struct developer *d = developer_new();
	size_t i, b;
	int k;

	kit_give_seconds(120);
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		int fd = kit_make_jpeg(&kinds[i]);

		for (b = 0; b < 2; b++) {
			struct rendition specs[4] = { kit_thumb, kit_thumb, kit_thumb, kit_thumb };
			struct kit_result r;

			for (k = 0; k < 4; k++) {
				specs[k].width_px = specs[k].height_px = boxes[b] - 10 * (k / 2);
				specs[k].format = k % 2 == 0 ? RENDITION_KEEP : RENDITION_PNG;
				specs[k].quality = 92;
				specs[k].subsampling = k == 0 ? RENDITION_SUB_420 : RENDITION_SUB_422;
			}
			kit_develop(d, fd, specs, 4, &r);
			cr_assert_eq(r.status, 0, "%s: %s", kinds[i].name, r.outcome.text);
			for (k = 0; k < 4; k++) {
				struct kit_rgb is, should;

				kit_read(r.outputs[k].fd, &is);
				should = kit_ideal(is.w, is.h, kinds[i].space == JCS_GRAYSCALE);
				if (is.w > 20 && is.h > 20)
					cr_expect_lt(kit_difference(&is, &should), 2.0,
					    "%s to %s of %ux%u: colours are off by %.2f",
					    kinds[i].name, k % 2 ? "PNG" : "JPEG", is.w, is.h,
					    kit_difference(&is, &should));
				free(is.pixels);
				free(should.pixels);
			}
			kit_clear(&r);
		}
		close(fd);
	}
	developer_free(d);
}

/* However few rows of the source are held at once, the files are the same. */
Test(develop, does_not_depend_on_the_window)
{
	static const size_t chosen[] = { 1, 4, 7, 8, 9, 16, 17, 20 };
	struct developer *d = developer_new();
	struct rendition specs[4] = { kit_thumb, kit_thumb, kit_thumb, kit_thumb };
	struct kit_result r[2];
	size_t i, size[2];
	uint8_t *data[2];
	int k, n;

	kit_give_seconds(120);
	specs[0].width_px = specs[0].height_px = 611;
	specs[1].mode = RENDITION_FILL;
	specs[2].format = RENDITION_PNG;
	specs[3].width_px = 31;
	for (i = 0; i < sizeof(chosen) / sizeof(chosen[0]); i++) {
		int fd = kit_make_jpeg(&kinds[chosen[i]]);

		for (n = 0; n < 2; n++) {
			developer_set_window(d, n == 0 ? 1 : UINT64_MAX);
			kit_develop(d, fd, specs, 4, &r[n]);
			cr_assert_eq(r[n].status, 0, "%s", r[n].outcome.text);
		}
		for (k = 0; k < 4; k++) {
			data[0] = kit_slurp(r[0].outputs[k].fd, &size[0]);
			data[1] = kit_slurp(r[1].outputs[k].fd, &size[1]);
			cr_expect(size[0] == size[1] && memcmp(data[0], data[1], size[0]) == 0,
			    "%s, rendition %d", kinds[chosen[i]].name, k);
			free(data[0]);
			free(data[1]);
		}
		kit_clear(&r[0]);
		kit_clear(&r[1]);
		close(fd);
	}
	developer_free(d);
}

/* Cut anywhere: refused, and as a truncated or damaged picture. */
Test(develop, refuses_every_truncation)
{
	struct kit_jpeg cases[] = { kinds[1], kinds[9], kinds[11] };
	struct developer *d = developer_new();
	size_t i, size, cut, step;
	struct kit_result r;
	uint8_t *data;

	kit_give_seconds(120);
	for (i = 0; i < 3; i++) {
		int fd, part;

		cases[i].w = 301;
		cases[i].h = 203;
		fd = kit_make_jpeg(&cases[i]);
		data = kit_slurp(fd, &size);
		step = size / 40;
		for (cut = 3; cut + 2 < size; cut += cut + 40 > size ? 1 : step) {
			part = memfd_create("part", MFD_CLOEXEC);
			cr_assert_eq(write(part, data, cut), (ssize_t)cut);
			kit_develop(d, part, &kit_thumb, 1, &r);
			cr_expect(r.outcome.bad == REASON_TRUNCATED || r.outcome.bad == REASON_CORRUPT,
			    "%s, %zu of %zu bytes: %s", cases[i].name, cut, size,
			    reason_name(r.outcome.bad));
			kit_clear(&r);
			/* the same with the missing bytes as zeros, as a dying disk leaves them */
			cr_assert_eq(ftruncate(part, (off_t)size), 0);
			if (cut < size - size / 8) {
				kit_develop(d, part, &kit_thumb, 1, &r);
				cr_expect_neq(r.status, 0, "%s, zeros from %zu of %zu",
				    cases[i].name, cut, size);
				kit_clear(&r);
			}
			close(part);
		}
		free(data);
		close(fd);
	}
	developer_free(d);
}

Test(develop, tells_the_machine_from_the_image)
{
	struct developer *d = developer_new();
	struct develop_output output = { .spec = kit_web };
	struct develop_outcome outcome;
	int fd = kit_make_jpeg(&kinds[1]);
	struct stat st;

	cr_assert_eq(fstat(fd, &st), 0);
	output.fd = open("/dev/full", O_RDWR | O_CLOEXEC);
	cr_assert_eq(develop_run(d, fd, (uint64_t)st.st_size, &output, 1, &kit_limits, NULL, NULL,
	    &outcome), -1);
	cr_assert_eq(outcome.error, ENOSPC);
	cr_assert_eq(outcome.bad, REASON_NONE);
	output.spec.format = RENDITION_PNG;
	cr_assert_eq(develop_run(d, fd, (uint64_t)st.st_size, &output, 1, &kit_limits, NULL, NULL,
	    &outcome), -1);
	cr_assert_eq(outcome.error, ENOSPC);
	cr_assert_eq(develop_run(d, open("/", O_RDONLY | O_CLOEXEC), 100, &output, 1, &kit_limits,
	    NULL, NULL, &outcome), -1);
	cr_assert_eq(outcome.error, EISDIR);
	output.spec.depth = 12;
	cr_assert_eq(develop_run(d, fd, (uint64_t)st.st_size, &output, 1, &kit_limits, NULL, NULL,
	    &outcome), -1);
	cr_assert_eq(outcome.error, ENOTSUP, "what cannot be done is refused");
	close(output.fd);
	close(fd);
	developer_free(d);
}

Test(develop, obeys_the_limits)
{
	struct developer *d = developer_new();
	struct develop_output output = { .spec = kit_web, .fd = memfd_create("out", MFD_CLOEXEC) };
	struct develop_outcome outcome;
	struct develop_limits tight = kit_limits;
	int fd = kit_make_jpeg(&kinds[9]);
	struct stat st;

	cr_assert_eq(fstat(fd, &st), 0);
	tight.side_px = 2599;
	develop_run(d, fd, (uint64_t)st.st_size, &output, 1, &tight, NULL, NULL, &outcome);
	cr_assert_eq(outcome.bad, REASON_TOO_BIG);
	cr_assert_not_null(strstr(outcome.text, "2600x1801"), "%s", outcome.text);
	tight = kit_limits;
	tight.pixels = 4682599; /* one too few */
	develop_run(d, fd, (uint64_t)st.st_size, &output, 1, &tight, NULL, NULL, &outcome);
	cr_assert_eq(outcome.bad, REASON_TOO_BIG);
	cr_assert_not_null(strstr(outcome.text, "2600x1801 pixels, more than the 4.7 million that "
	    "limits.pixels"), "%s", outcome.text);
	tight = kit_limits;
	tight.memory_bytes = 10000000; /* the coefficients alone are 14 MB */
	develop_run(d, fd, (uint64_t)st.st_size, &output, 1, &tight, NULL, NULL, &outcome);
	cr_assert_eq(outcome.bad, REASON_TOO_BIG);
	cr_assert_not_null(strstr(outcome.text, "MB"), "%s", outcome.text);
	close(fd);
	close(output.fd);
	developer_free(d);
}

Test(develop, tells_its_progress_often_and_evenly)
{
	static const size_t large[] = { 18, 9 }; /* sequential and progressive */
	struct developer *d = developer_new();
	struct kit_result r;
	size_t i;
	int fd;

	for (i = 0; i < 2; i++) {
		fd = kit_make_jpeg(&kinds[large[i]]);
		kit_develop(d, fd, (struct rendition[]){ kit_web, kit_thumb }, 2, &r);
		cr_assert_eq(r.status, 0, "%s", r.outcome.text);
		cr_expect_geq(r.n_news, 50, "%s: %u steps", kinds[large[i]].name, r.n_news);
		kit_clear(&r);
		close(fd);
	}
	developer_free(d);
}

Test(develop, lowers_the_quality_until_it_fits)
{
	struct developer *d = developer_new();
	struct rendition spec = kit_web;
	int fd = kit_make_jpeg(&kinds[0]);
	struct kit_result r;
	uint64_t free_size;

	spec.quality = 95;
	kit_develop(d, fd, &spec, 1, &r);
	free_size = r.complete[0].bytes;
	kit_clear(&r);
	spec.max_bytes = free_size * 2 / 3;
	kit_develop(d, fd, &spec, 1, &r);
	cr_assert_eq(r.status, 0, "%s", r.outcome.text);
	cr_assert_leq(r.complete[0].bytes, spec.max_bytes);
	kit_clear(&r);
	spec.max_bytes = 100;
	kit_develop(d, fd, &spec, 1, &r);
	cr_assert_eq(r.outcome.bad, REASON_TOO_BIG);
	kit_clear(&r);
	close(fd);
	developer_free(d);
}

Test(develop, warms_up)
{
	struct developer *d = developer_new();

	cr_assert_eq(developer_warm_up(d), 0);
	developer_free(d);
	developer_free(NULL);
}


/* ---- PNG ---- */

static const struct kit_png png_kinds[] = {
	{ "grey 1", PNG_COLOR_TYPE_GRAY, 1, false, false, false },
	{ "grey 4", PNG_COLOR_TYPE_GRAY, 4, true, false, false },
	{ "grey 8", PNG_COLOR_TYPE_GRAY, 8, false, false, false },
	{ "grey 16", PNG_COLOR_TYPE_GRAY, 16, false, false, false },
	{ "grey 16 linear", PNG_COLOR_TYPE_GRAY, 16, true, false, true },
	{ "grey 8 tRNS", PNG_COLOR_TYPE_GRAY, 8, false, true, false },
	{ "grey alpha 8", PNG_COLOR_TYPE_GRAY_ALPHA, 8, true, false, false },
	{ "grey alpha 16", PNG_COLOR_TYPE_GRAY_ALPHA, 16, false, false, false },
	{ "RGB 8", PNG_COLOR_TYPE_RGB, 8, false, false, false },
	{ "RGB 8 interlaced", PNG_COLOR_TYPE_RGB, 8, true, false, false },
	{ "RGB 16", PNG_COLOR_TYPE_RGB, 16, false, false, false },
	{ "RGB 16 linear", PNG_COLOR_TYPE_RGB, 16, false, false, true },
	{ "RGB 8 tRNS", PNG_COLOR_TYPE_RGB, 8, false, true, false },
	{ "RGBA 8", PNG_COLOR_TYPE_RGB_ALPHA, 8, false, false, false },
	{ "RGBA 16 linear", PNG_COLOR_TYPE_RGB_ALPHA, 16, true, false, true },
	{ "palette 2", PNG_COLOR_TYPE_PALETTE, 2, false, false, false },
	{ "palette 4", PNG_COLOR_TYPE_PALETTE, 4, true, false, false },
	{ "palette 8", PNG_COLOR_TYPE_PALETTE, 8, false, false, false },
	{ "palette 8 tRNS", PNG_COLOR_TYPE_PALETTE, 8, true, true, false },
};

/* What the result should be: the left half clear (PNG) or the background (JPEG); four columns
 * around the edge are not compared, nor what is clear. */
static void
check_png(const struct kit_png *kind, const struct kit_rgb *is, bool is_png, uint32_t background)
{
	bool has_alpha = kind->type & PNG_COLOR_MASK_ALPHA || kind->has_trns;
	bool is_grey = !(kind->type & PNG_COLOR_MASK_COLOR) ||
	    kind->type == PNG_COLOR_TYPE_PALETTE;
	struct kit_rgb should = kit_ideal(is->w, is->h, is_grey);
	double tolerance = kind->depth == 1 ? 128 : kind->depth == 2 ? 30 : kind->depth == 4 ? 5 : 2;
	uint32_t x, y;
	int c;

	for (y = 0; y < is->h; y++)
		for (x = 0; x < is->w; x++) {
			uint8_t *at = should.pixels + ((size_t)y * is->w + x) * 4;
			const uint8_t *have = is->pixels + ((size_t)y * is->w + x) * 4;
			bool is_edge = abs((int)x - (int)is->w / 2) < 9, is_clear = x < is->w / 2;

			if (has_alpha && is_clear)
				for (c = 0; c < 3; c++)
					at[c] = (uint8_t)(background >> (16 - 8 * c));
			at[3] = has_alpha && is_clear && is_png ? 0 : 255;
			if (has_alpha && (is_edge || (is_png && is_clear && have[3] == 0)))
				memcpy(at, have, 4);
		}
	cr_expect_lt(kit_difference(is, &should), tolerance, "%s to %s is off by %.2f", kind->name,
	    is_png ? "PNG" : "JPEG", kit_difference(is, &should));
	free(should.pixels);
}

Test(develop, keeps_the_colours_of_every_kind_of_png)
{
	struct rendition specs[4] = { kit_thumb, kit_thumb, kit_thumb, kit_web };
	struct developer *d = developer_new();
	size_t i;
	int k;

	specs[1].format = RENDITION_JPEG;
	specs[2].width_px = 200;
	specs[2].depth = 0;
	specs[2].is_interlaced = 1;
	for (k = 0; k < 4; k++) {
		specs[k].quality = 95;
		specs[k].background = 0x3c8cc8;
	}
	for (i = 0; i < sizeof(png_kinds) / sizeof(png_kinds[0]); i++) {
		int fd = kit_make_png(&png_kinds[i], 701, 503);
		struct kit_result r;

		kit_develop(d, fd, specs, 4, &r);
		cr_assert_eq(r.status, 0, "%s: %s", png_kinds[i].name, r.outcome.text);
		cr_expect_eq(r.outcome.n_warnings, 0);
		for (k = 0; k < 4; k++) {
			struct kit_rgb is;

			kit_read(r.outputs[k].fd, &is);
			check_png(&png_kinds[i], &is, k != 1, specs[k].background);
			free(is.pixels);
		}
		kit_clear(&r);
		close(fd);
	}
	developer_free(d);
}

Test(develop, refuses_every_truncated_png)
{
	struct developer *d = developer_new();
	size_t i, size, cut;

	for (i = 8; i < 10; i++) {
		int fd = kit_make_png(&png_kinds[i], 101, 83), part;
		uint8_t *data = kit_slurp(fd, &size);
		struct kit_result r;

		for (cut = 8; cut < size - PNG_TAIL; cut += cut + 60 > size ? 1 : 97) {
			part = memfd_create("part", MFD_CLOEXEC);
			cr_assert_eq(write(part, data, cut), (ssize_t)cut);
			kit_develop(d, part, &kit_thumb, 1, &r);
			cr_expect_eq(r.outcome.bad, REASON_TRUNCATED, "%s, %zu of %zu: %s",
			    png_kinds[i].name, cut, size, reason_name(r.outcome.bad));
			kit_clear(&r);
			close(part);
		}
		data[size / 2] ^= 0x10; /* and a flipped bit, which the CRC sees */
		part = memfd_create("part", MFD_CLOEXEC);
		cr_assert_eq(write(part, data, size), (ssize_t)size);
		kit_develop(d, part, &kit_thumb, 1, &r);
		cr_expect_eq(r.outcome.bad, REASON_CORRUPT);
		kit_clear(&r);
		close(part);
		free(data);
		close(fd);
	}
	developer_free(d);
}

/* A box that the picture fits into: not copied, but the same size. */
Test(develop, gives_few_colours_a_palette)
{
	static const struct {
		int kind, type, depth;
	} cases[] = { { 15, PNG_COLOR_TYPE_PALETTE, 2 }, { 16, PNG_COLOR_TYPE_PALETTE, 4 },
		{ 18, PNG_COLOR_TYPE_PALETTE, 8 }, { 8, PNG_COLOR_TYPE_RGB, 8 },
		{ 13, PNG_COLOR_TYPE_RGB_ALPHA, 8 }, { 2, PNG_COLOR_TYPE_GRAY, 8 } };
	struct developer *d = developer_new();
	size_t i, size, k;

	for (i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
		const struct kit_png *kind = &png_kinds[cases[i / 2].kind];
		int fd = kit_make_png(kind, 301, 203);
		struct rendition spec = kit_thumb;
		struct kit_rgb was, is;
		struct kit_result r;
		uint8_t *data;

		spec.is_interlaced = i % 2;
		kit_develop(d, fd, &spec, 1, &r);
		cr_assert_eq(r.status, 0, "%s: %s", kind->name, r.outcome.text);
		data = kit_slurp(r.outputs[0].fd, &size);
		cr_expect(data[24] == cases[i / 2].depth && data[25] == cases[i / 2].type,
		    "%s: type %d, %d bits", kind->name, data[25], data[24]);
		kit_read(fd, &was);
		kit_read(r.outputs[0].fd, &is);
		for (k = 0; k < (size_t)was.w * was.h * 4; k += 4)
			if (was.pixels[k + 3] != 0 || is.pixels[k + 3] != 0)
				cr_assert_eq(memcmp(was.pixels + k, is.pixels + k, 4), 0, "%s",
				    kind->name);
		free(was.pixels);
		free(is.pixels);
		free(data);
		kit_clear(&r);
		close(fd);
	}
	developer_free(d);
}

/* ---- fill and pad ---- */

static const uint8_t *
pixel(const struct kit_rgb *rgb, uint32_t x, uint32_t y)
{
	return rgb->pixels + ((size_t)y * rgb->w + x) * 4;
}

Test(develop, fills_and_pads)
{
	struct rendition specs[3] = { kit_thumb, kit_thumb, kit_thumb };
	struct developer *d = developer_new();
	int fd = kit_make_jpeg(&kinds[1]); /* 701 x 503 */
	struct kit_rgb west, east, pad;
	struct kit_result r;

	specs[0].mode = specs[1].mode = RENDITION_FILL;
	specs[0].gravity = RENDITION_WEST;
	specs[1].gravity = RENDITION_EAST;
	specs[2].mode = RENDITION_PAD;
	specs[2].background = 0xff0000;
	kit_develop(d, fd, specs, 3, &r);
	cr_assert_eq(r.status, 0, "%s", r.outcome.text);
	kit_read(r.outputs[0].fd, &west);
	kit_read(r.outputs[1].fd, &east);
	kit_read(r.outputs[2].fd, &pad);
	cr_expect(west.w == 320 && west.h == 320 && east.w == 320 && pad.h == 320);
	cr_expect_lt(abs(pixel(&west, 10, 10)[0] - 240), 8, "the bright corner is in the west");
	cr_expect_lt(abs(pixel(&west, 10, 310)[0] - 42), 12, "the left edge is there");
	cr_expect_gt(pixel(&east, 310, 310)[0], 195, "and the right edge in the east");
	cr_expect_gt(pixel(&pad, 100, 10)[0], 240, "red above the picture");
	cr_expect_lt(pixel(&pad, 100, 10)[1], 15);
	cr_expect_lt(abs(pixel(&pad, 10, 55)[1] - 240), 12, "the picture begins at row 45");
	free(west.pixels);
	free(east.pixels);
	free(pad.pixels);
	kit_clear(&r);
	close(fd);
	developer_free(d);
}
