/* Colours told otherwise than by a sound profile: by code points, by EXIF, by one that libpng refuses.
 * CIEDE2000 there and back; the samples are made by lcms2 itself. */
#include <config.h>

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <png.h>
#include <zlib.h>

#include "delta_kit.h"
#include "image/color.h"

/* By code points; the samples are made by a profile of lcms2's own. */
Test(delta, there_and_back_through_code_points)
{
	static const double srgb[] = { 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045 };
	static const double bt709[] = { 1 / 0.45, 1 / 1.099, 0.099 / 1.099, 1 / 4.5, 0.081 };
	static const struct {
		const char *name, *points;
		const double *curve;
		cmsCIExyYTRIPLE xy;
	} kinds[] = {
		{ "cICP 12/13", "\x0c\x0d\0\1", srgb, { { 0.680, 0.320, 1 }, { 0.265, 0.690, 1 },
		    { 0.150, 0.060, 1 } } },
		{ "cICP 12/1", "\x0c\x01\0\1", bt709, { { 0.680, 0.320, 1 }, { 0.265, 0.690, 1 },
		    { 0.150, 0.060, 1 } } },
		{ "cICP 9/13", "\x09\x0d\0\1", srgb, { { 0.708, 0.292, 1 }, { 0.170, 0.797, 1 },
		    { 0.131, 0.046, 1 } } },
		{ "cICP 9/14", "\x09\x0e\0\1", bt709, { { 0.708, 0.292, 1 }, { 0.170, 0.797, 1 },
		    { 0.131, 0.046, 1 } } },
	};
	const cmsCIExyY white = { 0.3127, 0.3290, 1 };
	struct developer *d = developer_new();
	struct kit_rgb chart = delta_chart();
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const struct delta_told told = { "cICP", kinds[i].points, 4 };
		cmsToneCurve *one = cmsBuildParametricToneCurve(NULL, 4, kinds[i].curve);
		cmsToneCurve *all[3] = { one, one, one };
		cmsHPROFILE profile = cmsCreateRGBProfile(&white, &kinds[i].xy, all);
		cmsUInt32Number n = 0;
		uint8_t *icc;

		cmsSaveProfileToMem(profile, NULL, &n);
		icc = malloc(n);
		cmsSaveProfileToMem(profile, icc, &n);
		delta_check_round_trip(d, &chart, kinds[i].name, icc, n, &told);
		free(icc);
		cmsCloseProfile(profile);
		cmsFreeToneCurve(one);
	}
	free(chart.pixels);
	developer_free(d);
}

/* ---- profiles that libpng refuses ---- */

/* Independent of ours: the primaries of the encoding's own text. */
static uint8_t *
adobe_rgb(size_t *size)
{
	static const double xy[8] = { 0.3127, 0.3290, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06 };

	return color_profile_of_gamma(2.19921875, xy, false, size);
}

/* As iCCP: a name, the method, the profile deflated. */
static size_t
as_chunk(const uint8_t *icc, size_t size, uint8_t *to, size_t room)
{
	uLongf n = room - 5;

	memcpy(to, "icc\0", 5);
	cr_assert_eq(compress(to + 5, &n, icc, size), Z_OK);
	return n + 5;
}

static void
spoil_nothing(uint8_t *icc, size_t *size)
{
	(void)icc;
	(void)size;
}

static void
swap_intent(uint8_t *icc, size_t *size)
{
	(void)size;
	memcpy(icc + 64, "\1\0\0", 4);
}

static void
set_length(uint8_t *icc, uint32_t n)
{
	int i;

	for (i = 0; i < 4; i++)
		icc[i] = (uint8_t)(n >> (24 - 8 * i));
}

static void
say_longer(uint8_t *icc, size_t *size)
{
	set_length(icc, (uint32_t)*size + 4);
}

static void
make_odd(uint8_t *icc, size_t *size)
{
	*size += 3;
	set_length(icc, (uint32_t)*size);
}

static void
put_tag_outside(uint8_t *icc, size_t *size)
{
	size_t i, n = icc[131];

	for (i = 0; i < n; i++) /* the text of the copyright: nobody needs it */
		if (memcmp(icc + 132 + 12 * i, "cprt", 4) == 0)
			set_length(icc + 132 + 12 * i + 4, (uint32_t)*size + 1000);
}

/* Converted, and kept where libpng itself reads it. */
Test(delta, there_and_back_by_profiles_that_libpng_refuses)
{
	static const struct {
		const char *name;
		void (*spoil)(uint8_t *icc, size_t *size);
	} kinds[] = {
		{ "sound", spoil_nothing }, { "intent", swap_intent }, { "length", say_longer },
		{ "odd", make_odd }, { "tag", put_tag_outside },
	};
	struct developer *d = developer_new();
	struct kit_rgb chart = delta_chart();
	uint8_t icc[4096] = { 0 }, chunk[4096], *made;
	struct delta_told told = { "iCCP", chunk, 0 };
	struct rendition spec = kit_web;
	struct kit_result r;
	size_t i, size, n;

	spec.format = RENDITION_PNG;
	spec.color = RENDITION_COLOR_KEEP;
	spec.width_px = 300; /* smaller: a copy would be the file as it came */
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		uint8_t *kept;
		png_image image = { .version = PNG_IMAGE_VERSION };
		int fd;

		made = adobe_rgb(&size);
		memcpy(icc, made, size);
		n = size;
		kinds[i].spoil(icc, &n);
		told.size = as_chunk(icc, n, chunk, sizeof(chunk));
		delta_check_round_trip(d, &chart, kinds[i].name, made, size, &told);
		fd = delta_stored_by(&chart, made, size, 8, &told);
		kit_develop(d, fd, &spec, 1, &r);
		cr_assert_eq(r.status, 0, "%s", r.outcome.text);
		cr_expect_eq(r.outcome.n_warnings, 0);
		kept = kit_slurp(r.outputs[0].fd, &n);
		cr_expect_not_null(memmem(kept, n, "iCCP", 4), "%s", kinds[i].name);
		cr_expect(png_image_begin_read_from_memory(&image, kept, n));
		cr_expect_eq(image.warning_or_error, 0, "%s: %s", kinds[i].name, image.message);
		png_image_free(&image);
		free(kept);
		free(made);
		kit_clear(&r);
		close(fd);
	}
	free(chart.pixels);
	developer_free(d);
}

/* ---- Adobe RGB that EXIF alone tells of ---- */

#define EXIF_BYTES 62
#define SPACE_AT 36
#define INDEX_AT 56

/* IFD 0, the Exif IFD with ColorSpace SPACE, the Interoperability IFD with INDEX. */
static void
make_exif(uint8_t tiff[EXIF_BYTES + 12], unsigned space, const char *index)
{
	static const uint8_t block[] = { 'I', 'I', 42, 0, 8, 0, 0, 0,
		1, 0, 0x69, 0x87, 4, 0, 1, 0, 0, 0, 26, 0, 0, 0, 0, 0, 0, 0,
		2, 0, 0x01, 0xa0, 3, 0, 1, 0, 0, 0, 0, 0, 0, 0,
		0x05, 0xa0, 4, 0, 1, 0, 0, 0, 56, 0, 0, 0, 0, 0, 0, 0,
		1, 0, 1, 0, 2, 0, 4, 0, 0, 0, 'R', '0', '3', 0, 0, 0, 0, 0 };

	cr_assert_eq(sizeof(block), EXIF_BYTES + 12);
	memcpy(tiff, block, sizeof(block));
	tiff[SPACE_AT] = (uint8_t)space;
	tiff[SPACE_AT + 1] = (uint8_t)(space >> 8);
	memcpy(tiff + INDEX_AT + 10, index, 3);
}

Test(delta, adobe_rgb_told_by_exif_alone)
{
	static const struct {
		const char *name;
		unsigned space;
		const char *index;
	} tellers[] = {
		{ "R03, any", 65535, "R03" },
		{ "2, R98", 2, "R98" },
		{ "2, R03", 2, "R03" },
	};
	struct developer *d = developer_new();
	struct kit_rgb chart = delta_chart();
	uint8_t tiff[EXIF_BYTES + 12];
	const struct delta_told told = { "eXIf", tiff, sizeof(tiff) };
	size_t i, size;
	uint8_t *icc = adobe_rgb(&size);

	for (i = 0; i < sizeof(tellers) / sizeof(tellers[0]); i++) {
		make_exif(tiff, tellers[i].space, tellers[i].index);
		delta_check_round_trip(d, &chart, tellers[i].name, icc, size, &told);
	}
	free(icc);
	free(chart.pixels);
	developer_free(d);
}

/* The samples of CHART as they are, and what is told of them; what comes out is to differ from them, or
 * not, and EXIF is to say what is right. */
Test(delta, exif_tells_what_the_result_is)
{
	static const struct {
		unsigned space;
		const char *index;
		bool is_adobe;
	} tellers[] = {
		{ 65535, "R03", true }, { 2, "R98", true }, { 1, "R03", false }, { 1, "R98", false },
		{ 65535, "R98", false }, { 65535, "R9\0", false },
	};
	struct developer *d = developer_new();
	struct kit_rgb chart = delta_chart(), is;
	struct rendition specs[2] = { kit_web, kit_web };
	uint8_t tiff[EXIF_BYTES + 12], *data;
	const struct delta_told told = { "eXIf", tiff, sizeof(tiff) };
	size_t i, size;
	uint8_t *srgb = color_profile_of_gamma(2.2, NULL, false, &size);
	struct kit_result r;

	specs[0].format = specs[1].format = RENDITION_PNG;
	specs[0].metadata = specs[1].metadata = RENDITION_META_KEEP;
	specs[1].color = RENDITION_COLOR_KEEP;
	for (i = 0; i < sizeof(tellers) / sizeof(tellers[0]); i++) {
		int fd;

		make_exif(tiff, tellers[i].space, tellers[i].index);
		fd = delta_stored_by(&chart, srgb, size, 8, &told);
		kit_develop(d, fd, specs, 2, &r);
		cr_assert_eq(r.status, 0, "%s", r.outcome.text);
		kit_read(r.outputs[0].fd, &is);
		cr_expect_eq(delta_mean(&chart, &is) > DELTA_BAR, tellers[i].is_adobe, "teller %zu: %.3f", i,
		    delta_mean(&chart, &is));
		free(is.pixels);
		data = kit_slurp(r.outputs[0].fd, &size);
		cr_expect_null(memmem(data, size, "iCCP", 4));
		cr_expect_null(memmem(data, size, "R03", 3), "teller %zu", i);
		free(data);
		data = kit_slurp(r.outputs[1].fd, &size);
		cr_expect_eq(memmem(data, size, "iCCP", 4) != NULL, tellers[i].is_adobe);
		cr_expect_not_null(memmem(data, size, tellers[i].index, 3), "teller %zu", i);
		free(data);
		kit_clear(&r);
		close(fd);
		free(srgb);
		srgb = color_profile_of_gamma(2.2, NULL, false, &size);
	}
	free(srgb);
	free(chart.pixels);
	developer_free(d);
}
