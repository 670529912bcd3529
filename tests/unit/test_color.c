#include <config.h>

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <lcms2.h>

#include "image/color.h"
#include "image/convert.h"

static uint8_t *
save_profile(cmsHPROFILE profile, size_t *size)
{
	cmsUInt32Number n = 0;
	uint8_t *icc;

	cr_assert(cmsSaveProfileToMem(profile, NULL, &n));
	icc = malloc(n);
	cr_assert(cmsSaveProfileToMem(profile, icc, &n));
	cmsCloseProfile(profile);
	*size = n;
	return icc;
}

Test(color, tells_srgb_from_the_rest)
{
	static const double adobe[8] = { 0.3127, 0.3290, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06 };
	struct color *color = color_new();
	size_t size;
	uint8_t *icc = save_profile(cmsCreate_sRGBProfile(), &size);

	cr_assert(color_fits(icc, size, IMAGE_RGB));
	cr_assert(color_fits(icc, size, IMAGE_YCC));
	cr_assert_not(color_fits(icc, size, IMAGE_GREY));
	cr_assert_not(color_fits(icc, size, IMAGE_CMYK));
	cr_assert_not(color_fits(icc, size / 2, IMAGE_RGB), "half a profile");
	cr_assert_not(color_fits(NULL, 0, IMAGE_RGB));
	cr_assert_not(color_differs(color, icc, size, IMAGE_RGB));
	free(icc);
	icc = color_profile_of_gamma(2.2, adobe, false, &size);
	cr_assert(color_fits(icc, size, IMAGE_RGB));
	cr_assert(color_differs(color, icc, size, IMAGE_RGB));
	free(icc);
	icc = color_profile_of_gamma(1.0, NULL, true, &size);
	cr_assert(color_fits(icc, size, IMAGE_GREY));
	cr_assert(color_differs(color, icc, size, IMAGE_GREY));
	free(icc);
	color_free(color);
}

/* lcms2 writes the time into what it makes; a result must not depend on it. */
Test(color, makes_the_same_profile_at_any_time)
{
	size_t size;
	uint8_t *icc = color_profile_of_gamma(1.8, NULL, false, &size);

	cr_assert_gt(size, 128);
	cr_expect_eq(memcmp(icc + 24, "\x07\xd0\0\1\0\1\0\0\0\0\0\0", 12), 0);
	cr_expect(color_fits(icc, size, IMAGE_RGB));
	free(icc);
}

/* Linear samples to sRGB's curve, IEC 61966-2-1, in grey and in RGB, 16 to 8 bits. */
Test(color, converts_as_the_standard_says)
{
	struct color *color = color_new();
	uint16_t from[3];
	uint8_t to[3];
	unsigned v;
	int is_grey;

	for (is_grey = 0; is_grey < 2; is_grey++) {
		enum image_model model = is_grey ? IMAGE_GREY : IMAGE_RGB;
		size_t size;
		uint8_t *icc = color_profile_of_gamma(1.0, NULL, is_grey, &size);
		struct color_transform *t = color_transform_new(color, icc, size, model,
		    RENDITION_RELATIVE, 2, 1);

		cr_assert_not_null(t);
		for (v = 0; v <= 65535; v += 257) {
			double s = v / 65535.0;

			s = s <= 0.0031308 ? 12.92 * s : 1.055 * pow(s, 1 / 2.4) - 0.055;
			from[0] = from[1] = from[2] = (uint16_t)v;
			color_transform_row(t, from, to, 1);
			cr_assert_lt(fabs(to[0] - 255 * s), 1.6, "%u becomes %u, not %.1f", v,
			    to[0], 255 * s);
		}
		color_transform_free(t);
		free(icc);
	}
	color_free(color);
}

/* ---- convert: one pixel of each kind ---- */

static void
one_pixel(struct image *image, enum image_model model, unsigned bytes, const unsigned *samples,
    bool has_alpha)
{
	int i;

	*image = (struct image){ .model = model, .sample_bytes = bytes, .has_alpha = has_alpha,
		.n_planes = image_n_colors(model) + has_alpha, .width_px = 1, .height_px = 1 };
	for (i = 0; i < image->n_planes; i++) {
		uint16_t deep = (uint16_t)samples[i];

		cr_assert_eq(image_plane_init(&image->planes[i], 1, 1, bytes), 0);
		if (bytes == 2)
			memcpy(image->planes[i].data, &deep, 2);
		else
			image->planes[i].data[0] = (uint8_t)samples[i];
	}
}

struct convert_case {
	const char *name;
	enum image_model model;
	unsigned bytes;
	bool has_alpha, is_inverted, may_have_alpha;
	unsigned samples[4];
	unsigned n_out;
	uint8_t out[4];
};

static const struct convert_case cases[] = {
	{ "YCC white", IMAGE_YCC, 1, false, false, true, { 255, 128, 128 }, 3, { 255, 255, 255 } },
	{ "YCC red", IMAGE_YCC, 1, false, false, true, { 76, 85, 255 }, 3, { 254, 0, 0 } },
	{ "grey", IMAGE_GREY, 1, false, false, true, { 77 }, 1, { 77 } },
	{ "deep grey", IMAGE_GREY, 2, false, false, true, { 77 * 257 + 128 }, 1, { 77 } },
	{ "no ink", IMAGE_CMYK, 1, false, false, true, { 0, 0, 0, 0 }, 3, { 255, 255, 255 } },
	{ "cyan", IMAGE_CMYK, 1, false, false, true, { 255, 0, 0, 0 }, 3, { 0, 255, 255 } },
	{ "Adobe's cyan", IMAGE_CMYK, 1, false, true, true, { 0, 255, 255, 255 }, 3,
	    { 0, 255, 255 } },
	{ "black ink", IMAGE_CMYK, 1, false, true, true, { 255, 255, 255, 0 }, 3, { 0, 0, 0 } },
	{ "Adobe's YCCK red", IMAGE_YCCK, 1, false, true, true, { 179, 171, 0, 255 }, 3,
	    { 255, 0, 1 } },
	{ "half clear", IMAGE_RGB, 2, true, false, true, { 32768, 16384, 0, 32768 }, 4,
	    { 255, 128, 0, 128 } },
	{ "half clear, flat", IMAGE_RGB, 2, true, false, false, { 32768, 16384, 0, 32768 }, 3,
	    { 158, 114, 50 } },
	{ "clear, flat", IMAGE_GREY, 2, true, false, false, { 0, 0 }, 3, { 60, 100, 100 } },
	{ "overshoot", IMAGE_GREY, 2, true, false, true, { 40000, 32768 }, 2, { 255, 128 } },
};

Test(convert, makes_the_pixel_that_is_meant)
{
	struct rendition spec = { .background = 0x3c6464 };
	struct rendition_frame frame = { 1, 1, 0, 0, 1, 1, 0, 0, 1, 1 };
	size_t i;
	unsigned c;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct convert_case *k = &cases[i];
		struct image image;
		struct convert convert;
		uint8_t out[8] = { 0 };

		one_pixel(&image, k->model, k->bytes, k->samples, k->has_alpha);
		image.is_inverted = k->is_inverted;
		cr_assert_eq(convert_init(&convert, &image, NULL, &frame, &spec, k->may_have_alpha, 1),
		    0);
		cr_assert_eq(convert_row_bytes(&convert), k->n_out, "%s: %zu channels", k->name,
		    convert_row_bytes(&convert));
		convert_row(&convert, 0, out);
		for (c = 0; c < k->n_out; c++)
			cr_expect_lt(abs(out[c] - k->out[c]), 2, "%s: channel %u is %u, not %u",
			    k->name, c, out[c], k->out[c]);
		convert_clear(&convert);
		image_clear(&image);
	}
}
