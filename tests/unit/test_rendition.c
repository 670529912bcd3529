#include <config.h>

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <math.h>

#include "image/reason.h"
#include "image/rendition.h"

struct size_case {
	uint8_t mode, may_enlarge;
	uint32_t box_w, box_h, w, h, out_w, out_h;
};

static struct size_case sizes[] = {
	{ RENDITION_FIT, 0, 2048, 2048, 6000, 4000, 2048, 1365 },
	{ RENDITION_FIT, 0, 2048, 2048, 4000, 6000, 1365, 2048 },
	{ RENDITION_FIT, 0, 320, 320, 640, 427, 320, 214 }, /* 213.5: to nearest is up */
	{ RENDITION_FIT, 0, 320, 320, 65500, 1, 320, 1 },   /* never 0 */
	{ RENDITION_FIT, 0, 320, 320, 1, 65500, 1, 320 },
	{ RENDITION_FIT, 0, 2048, 2048, 100, 50, 100, 50 }, /* never enlarged */
	{ RENDITION_FIT, 1, 2048, 2048, 100, 50, 2048, 1024 },
	{ RENDITION_FIT, 0, 2048, 2048, 2048, 2048, 2048, 2048 },
	{ RENDITION_FIT, 0, 0, 100, 3000, 200, 1500, 100 }, /* a free side */
	{ RENDITION_FIT, 0, 100, 0, 3000, 200, 100, 7 },
	{ RENDITION_FIT, 0, 0, 0, 3000, 200, 3000, 200 },
	{ RENDITION_FIT, 0, 300, 100, 301, 101, 298, 100 },
	{ RENDITION_FIT, 0, UINT32_MAX, 1000, INT32_MAX, INT32_MAX, 1000, 1000 },
	{ RENDITION_FILL, 0, 400, 400, 6000, 4000, 400, 400 },
	{ RENDITION_FILL, 0, 400, 400, 300, 600, 300, 400 }, /* only cut */
	{ RENDITION_FILL, 1, 400, 400, 300, 600, 400, 400 },
	{ RENDITION_FILL, 0, 400, 400, 100, 100, 100, 100 },
	{ RENDITION_FILL, 0, 400, 0, 6000, 4000, 400, 267 },
	{ RENDITION_PAD, 0, 400, 400, 6000, 4000, 400, 400 },
	{ RENDITION_PAD, 0, 400, 300, 10, 10, 400, 300 },
	{ RENDITION_PAD, 0, 400, 0, 6000, 4000, 400, 267 },
};

ParameterizedTestParameters(rendition, size)
{
	return cr_make_param_array(struct size_case, sizes, sizeof(sizes) / sizeof(sizes[0]));
}

ParameterizedTest(struct size_case *c, rendition, size)
{
	struct rendition r = { .mode = c->mode, .may_enlarge = c->may_enlarge,
		.width_px = c->box_w, .height_px = c->box_h };
	uint32_t w, h;

	rendition_size(&r, c->w, c->h, &w, &h);
	cr_assert(w == c->out_w && h == c->out_h, "%ux%u in a box of %ux%u: %ux%u, not %ux%u",
	    c->w, c->h, c->box_w, c->box_h, w, h, c->out_w, c->out_h);
}

/* For every size and box: in the box, not larger than the source, the ratio as near as whole
 * pixels allow. */
Test(rendition, fit_holds_for_many_sizes)
{
	struct rendition r = { .mode = RENDITION_FIT };
	uint32_t w, h, out_w, out_h;

	for (r.width_px = 1; r.width_px < 40; r.width_px += 3)
		for (r.height_px = 1; r.height_px < 40; r.height_px += 5)
			for (w = 1; w < 120; w += 7)
				for (h = 1; h < 120; h += 3) {
					double scale = fmin(fmin((double)r.width_px / w,
					    (double)r.height_px / h), 1.0);

					rendition_size(&r, w, h, &out_w, &out_h);
					cr_assert(out_w >= 1 && out_w <= r.width_px);
					cr_assert(out_h >= 1 && out_h <= r.height_px);
					cr_assert(out_w == 1 || fabs(out_w - w * scale) <= 0.5001);
					cr_assert(out_h == 1 || fabs(out_h - h * scale) <= 0.5001);
				}
}

Test(rendition, gravity_places_crop_and_picture)
{
	struct rendition r = { .mode = RENDITION_FILL, .width_px = 100, .height_px = 100 };
	struct rendition_frame frame;

	rendition_frame(&r, 400, 200, &frame);
	cr_assert_float_eq(frame.crop_width, 0.5, 1e-9);
	cr_assert_float_eq(frame.crop_left, 0.25, 1e-9);
	cr_assert_eq(frame.crop_height, 1.0);
	r.gravity = RENDITION_NORTHEAST;
	rendition_frame(&r, 400, 200, &frame);
	cr_assert_float_eq(frame.crop_left, 0.5, 1e-9);
	r.mode = RENDITION_PAD;
	rendition_frame(&r, 400, 200, &frame);
	cr_assert_eq(frame.picture_width_px, 100);
	cr_assert_eq(frame.picture_height_px, 50);
	cr_assert_eq(frame.top_px, 0);
	r.gravity = RENDITION_SOUTH;
	rendition_frame(&r, 400, 200, &frame);
	cr_assert_eq(frame.top_px, 50);
	cr_assert_eq(frame.left_px, 0);
}

Test(bad, every_reason_has_its_words)
{
	int i, k;

	for (i = 0; i < REASON_N; i++) {
		cr_assert_neq(reason_name((enum reason)i)[0], '\0');
		cr_assert_neq(reason_sentence((enum reason)i)[0], '\0');
		cr_assert_neq(reason_remedy((enum reason)i)[0], '\0');
		for (k = 0; k < i; k++)
			cr_assert_str_neq(reason_name((enum reason)i), reason_name((enum reason)k));
	}
}
