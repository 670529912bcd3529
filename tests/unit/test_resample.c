#include <config.h>

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "image/jpeg/jpeg.h"
#include "image/layout.h"
#include "image/resample.h"

/* A ramp: sample x is 1 + 2 (x + 1/2), which a linear filter keeps a ramp. */
static void
make_ramp(struct plane *plane, uint32_t w, uint32_t h)
{
	uint32_t x, y;

	cr_assert_eq(image_plane_init(plane, w, h, 1), 0);
	for (y = 0; y < h; y++)
		for (x = 0; x < w; x++)
			plane->data[y * plane->stride_bytes + x] = (uint8_t)(2 + 2 * x);
}

/* A region of any place and size lands where it should, also with more geometries than graphs
 * are kept, and the second time as the first. */
Test(resample, places_any_region_exactly)
{
	struct resampler *r = resample_new();
	struct plane from, to;
	uint32_t w, x;
	int round;

	make_ramp(&from, 120, 24);
	for (round = 0; round < 2; round++)
		for (w = 20; w < 100; w++) {
			struct region region = { w / 7.0, 1.5, 60.25, 20.5 };
			double step = region.width / w;

			cr_assert_eq(image_plane_init(&to, w, 9, 1), 0);
			cr_assert_eq(resample_plane(r, &from, 1, &region, &to, 1), 0);
			for (x = 0; x < w; x++) {
				double at = region.left + (x + 0.5) * step;

				cr_assert_lt(fabs(to.data[x] - (1 + 2 * at)), 1.6,
				    "width %u: sample %u is %u, not %.1f", w, x, to.data[x],
				    1 + 2 * at);
			}
			image_plane_clear(&to);
		}
	image_plane_clear(&from);
	resample_free(r);
	resample_free(NULL);
}

/* Standing out on the left (as a mirrored coarse chroma plane does) shifts, and no more. */
Test(resample, may_stand_out_of_the_plane)
{
	struct region region = { -0.5, 0, 64, 8 };
	struct resampler *r = resample_new();
	struct plane from, to;
	uint32_t x;

	make_ramp(&from, 64, 8);
	cr_assert_eq(image_plane_init(&to, 32, 4, 1), 0);
	cr_assert_eq(resample_plane(r, &from, 1, &region, &to, 1), 0);
	for (x = 3; x < 29; x++)
		cr_assert_lt(fabs(to.data[x] - (1 + 2 * (2 * x + 0.5))), 1.6);
	image_plane_clear(&from);
	image_plane_clear(&to);
	resample_free(r);
}

Test(resample, whole_samples_are_copied)
{
	struct region region = { 3, 2, 10, 4 };
	struct resampler *r = resample_new();
	struct plane from, to;

	make_ramp(&from, 64, 8);
	from.data[4 * from.stride_bytes + 5] = 251; /* a filter would smear it */
	cr_assert_eq(image_plane_init(&to, 10, 4, 1), 0);
	cr_assert_eq(resample_plane(r, &from, 1, &region, &to, 1), 0);
	cr_assert_eq(to.data[2 * to.stride_bytes + 2], 251);
	cr_assert_eq(to.data[2 * to.stride_bytes + 1], 2 + 2 * 4);
	image_plane_clear(&from);
	image_plane_clear(&to);
	resample_free(r);
}

Test(resample, any_ratio_has_a_graph)
{
	static const uint32_t sides[] = { 1, 2, 3, 5, 17, 1000, 30000 };
	struct resampler *r = resample_new();
	struct plane from, to;
	size_t i, k;

	for (i = 0; i < 7; i++)
		for (k = 0; k < 7; k++) {
			struct region region = { 0, 0, sides[i], 3 };

			cr_assert_eq(image_plane_init(&from, sides[i], 3, 1), 0);
			cr_assert_eq(image_plane_init(&to, sides[k], 2, 1), 0);
			memset(from.data, 77, from.stride_bytes * 3);
			cr_assert_eq(resample_plane(r, &from, 1, &region, &to, 1), 0);
			cr_assert_eq(to.data[sides[k] - 1], 77, "%u to %u", sides[i], sides[k]);
			image_plane_clear(&from);
			image_plane_clear(&to);
		}
	resample_free(r);
}

/* ---- bands ---- */

static void
make_noise(struct plane *plane, uint32_t w, uint32_t h, unsigned bytes)
{
	uint32_t state = w * 31 + h;
	size_t i;

	cr_assert_eq(image_plane_init(plane, w, h, bytes), 0);
	for (i = 0; i < plane->stride_bytes * h; i++) {
		state = state * 1664525 + 1013904223;
		plane->data[i] = (uint8_t)(state >> 24);
	}
}

/* Only the rows that a band asked for are there; what is around them is not the picture. */
static void
resample_in_bands(struct resampler *r, const struct plane *from, unsigned bytes,
    const struct region *region, struct plane *to, uint32_t max_rows)
{
	struct resample_flow flow;
	struct plane part;
	uint32_t begin, end;

	resample_flow_init(&flow, from, bytes, region, to, bytes, max_rows);
	while (resample_flow_next(&flow, &begin, &end)) {
		cr_assert(begin < end && end <= from->height);
		cr_assert_leq(end - begin, resample_flow_span(&flow));
		cr_assert_eq(image_plane_init(&part, from->width, end - begin, bytes), 0);
		memcpy(part.data, from->data + begin * from->stride_bytes,
		    (end - begin) * from->stride_bytes);
		cr_assert_eq(resample_flow_step(r, &flow, part.data, part.stride_bytes, to), 0);
		image_plane_clear(&part);
	}
}

struct banded {
	uint32_t from_w, from_h, to_w, to_h;
	unsigned bytes;
	struct region region; /* width 0: all */
};

/* Bands of any height and the whole at once: not one byte differs. */
Test(resample, bands_equal_the_whole)
{
	static const struct banded cases[] = {
		{ 640, 480, 320, 240, 1, { 0, 0, 0, 0 } }, { 641, 479, 211, 157, 1, { 0, 0, 0, 0 } },
		{ 499, 733, 204, 299, 1, { 0, 0, 0, 0 } }, { 499, 733, 203, 301, 2, { 0, 0, 0, 0 } },
		{ 150, 2003, 37, 499, 1, { 0, 0, 0, 0 } }, { 97, 1201, 3, 41, 1, { 0, 0, 0, 0 } },
		{ 64, 64, 200, 201, 1, { 0, 0, 0, 0 } }, { 200, 317, 199, 316, 1, { 0, 0, 0, 0 } },
		{ 300, 400, 150, 200, 1, { 7.25, 31.125, 280.5, 350.75 } },
		{ 300, 401, 150, 201, 1, { -0.5, -0.5, 300, 402 } },
		{ 80, 300, 80, 100, 1, { 0, 100, 80, 100 } },
	};
	static const uint32_t heights[] = { 1, 7, 8, 32, 64 };
	struct resampler *r = resample_new();
	size_t i, k;
	uint32_t y;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct banded *c = &cases[i];
		struct region region = c->region;
		struct plane from, whole, to;

		if (region.width == 0)
			region = (struct region){ 0, 0, c->from_w, c->from_h };
		make_noise(&from, c->from_w, c->from_h, c->bytes);
		make_noise(&whole, c->to_w, c->to_h, c->bytes);
		resample_in_bands(r, &from, c->bytes, &region, &whole, UINT32_MAX);
		for (k = 0; k < sizeof(heights) / sizeof(heights[0]); k++) {
			cr_assert_eq(image_plane_init(&to, c->to_w, c->to_h, c->bytes), 0);
			resample_in_bands(r, &from, c->bytes, &region, &to, heights[k]);
			for (y = 0; y < c->to_h; y++)
				cr_assert_eq(memcmp(to.data + y * to.stride_bytes,
				    whole.data + y * whole.stride_bytes,
				    (size_t)c->to_w * c->bytes), 0,
				    "case %zu, bands of %u: row %u", i, heights[k], y);
			image_plane_clear(&to);
		}
		image_plane_clear(&from);
		image_plane_clear(&whole);
	}
	resample_free(r);
}

/* ---- layout: what is made from what ---- */

static void
set(struct rendition *spec, uint32_t side, enum rendition_mode mode,
    enum rendition_format format)
{
	*spec = (struct rendition){ .width_px = side, .height_px = side, .mode = (uint8_t)mode,
		.format = (uint8_t)format, .quality = 82, .depth = 8 };
}

Test(layout, makes_the_smaller_from_the_next_larger)
{
	struct codec_header header = { .width_px = 6000, .height_px = 4000, .model = IMAGE_YCC,
		.sample_bytes = 1, .is_coarse = true };
	struct rendition specs[5];
	const struct rendition *const asked[5] = { &specs[0], &specs[1], &specs[2], &specs[3],
		&specs[4] };
	struct layout layout;

	set(&specs[0], 320, RENDITION_FIT, RENDITION_JPEG);
	set(&specs[1], 1024, RENDITION_FIT, RENDITION_JPEG);
	set(&specs[2], 512, RENDITION_FILL, RENDITION_JPEG);
	set(&specs[3], 2048, RENDITION_FIT, RENDITION_JPEG);
	set(&specs[4], 1000, RENDITION_FIT, RENDITION_PNG);
	layout_make(&layout, &header, 6, false, &codec_jpeg, asked, 5);
	cr_assert_eq(layout.width_px, 4000, "orientation 6 swaps the sides");
	cr_assert_eq(layout.denominator, 1, "6000 / 2 is less than twice 2048");
	cr_assert_eq(layout.items[0].i_output, 3);
	cr_assert_eq(layout.items[0].parent, -1);
	cr_assert_eq(layout.items[1].i_output, 1);
	cr_assert_eq(layout.items[1].parent, 0);
	cr_assert_eq(layout.items[2].i_output, 4);
	cr_assert_eq(layout.items[2].parent, 0, "a PNG wants chroma that 1024 at 4:2:0 lacks");
	cr_assert_eq(layout.items[3].i_output, 2);
	cr_assert_eq(layout.items[3].parent, 2, "a fill is cut from a whole picture");
	cr_assert_eq(layout.items[4].i_output, 0);
	cr_assert_neq(layout.items[4].parent, 3, "and nothing is made from what was cut");
	set(&specs[3], 1500, RENDITION_FIT, RENDITION_JPEG);
	layout_make(&layout, &header, 1, false, &codec_jpeg, asked, 5);
	cr_assert_eq(layout.denominator, 2, "3000 is twice 1500");
	specs[3].decode = RENDITION_FAST;
	set(&specs[1], 100, RENDITION_FIT, RENDITION_JPEG);
	set(&specs[4], 100, RENDITION_FIT, RENDITION_JPEG);
	set(&specs[2], 100, RENDITION_FIT, RENDITION_JPEG);
	layout_make(&layout, &header, 1, false, &codec_jpeg, asked, 5);
	cr_assert_eq(layout.denominator, 4, "fast leaves no more than the size itself");
}

Test(layout, chooses_subsampling_as_documented)
{
	struct codec_header header = { .width_px = 600, .height_px = 400, .model = IMAGE_YCC,
		.sample_bytes = 1 };
	struct rendition spec;
	const struct rendition *const asked[] = { &spec };
	struct layout layout;
	unsigned quality;
	int is_coarse;

	set(&spec, 320, RENDITION_FIT, RENDITION_KEEP);
	for (quality = 89; quality <= 90; quality++)
		for (is_coarse = 0; is_coarse < 2; is_coarse++) {
			unsigned sub = quality >= 90 && !is_coarse ? 1 : 2;

			header.is_coarse = is_coarse;
			spec.quality = (uint8_t)quality;
			layout_make(&layout, &header, 1, false, &codec_jpeg, asked, 1);
			cr_assert_eq(layout.items[0].sub_x, sub);
			cr_assert_eq(layout.items[0].sub_y, sub);
		}
}
