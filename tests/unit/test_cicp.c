/* Colours told by code points: what H.273 and BT.2100 say of a sample, and what becomes of it. */
#include <config.h>

#include <criterion/criterion.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <lcms2.h>
#include <png.h>

#include "develop_kit.h"
#include "image/cicp.h"
#include "image/color.h"

#define SIDE 16

static void
put(png_structp png, png_bytep data, size_t n)
{
	cr_assert_eq(write(*(int *)png_get_io_ptr(png), data, n), (ssize_t)n);
}

/* One colour of 16 bits, with cICP and with a profile; either may be NULL. */
static int
make_png(const uint16_t rgb[3], const uint8_t *cicp, const uint8_t *icc, size_t size, bool is_srgb)
{
	png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
	png_infop info = png_create_info_struct(png);
	int fd = memfd_create("source", MFD_CLOEXEC), x, y, c;
	uint8_t row[SIDE * 6];

	png_set_write_fn(png, &fd, put, NULL);
	png_set_IHDR(png, info, SIDE, SIDE, 16, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE, 0, 0);
	if (icc != NULL)
		png_set_iCCP(png, info, "icc", 0, icc, (png_uint_32)size);
	if (is_srgb)
		png_set_sRGB(png, info, 0);
	png_write_info(png, info);
	if (cicp != NULL)
		png_write_chunk(png, (png_const_bytep)"cICP", cicp, 4);
	for (y = 0; y < SIDE; y++) {
		for (x = 0; x < SIDE; x++)
			for (c = 0; c < 3; c++) {
				row[6 * x + 2 * c] = (uint8_t)(rgb[c] >> 8);
				row[6 * x + 2 * c + 1] = (uint8_t)rgb[c];
			}
		png_write_row(png, row);
	}
	png_write_end(png, NULL);
	png_destroy_write_struct(&png, &info);
	return fd;
}

/* The result's colour by color = srgb; the bytes of one by color = KEEP in FORMAT, if asked for. */
static void
develop(int fd, uint8_t rgb[3], int format, uint8_t **kept, size_t *size)
{
	struct developer *d = developer_new();
	struct rendition specs[2] = { kit_web, kit_web };
	struct kit_result r;
	struct kit_rgb is;

	specs[0].format = RENDITION_PNG;
	specs[1].format = (uint8_t)format;
	specs[1].color = RENDITION_COLOR_KEEP;
	specs[0].width_px = specs[1].width_px = SIDE / 2;
	kit_develop(d, fd, specs, 2, &r);
	cr_assert_eq(r.status, 0, "%s", r.outcome.text);
	cr_assert_eq(r.outcome.n_warnings, 0);
	kit_read(r.outputs[0].fd, &is);
	memcpy(rgb, is.pixels, 3);
	if (kept != NULL)
		*kept = kit_slurp(r.outputs[1].fd, size);
	free(is.pixels);
	kit_clear(&r);
	developer_free(d);
	close(fd);
}

static void
developed(const uint16_t from[3], const uint8_t *cicp, uint8_t rgb[3])
{
	develop(make_png(from, cicp, NULL, 0, false), rgb, RENDITION_PNG, NULL, NULL);
}

static double
srgb(double light)
{
	return 255 * (light <= 0.0031308 ? 12.92 * light : 1.055 * pow(light, 1 / 2.4) - 0.055);
}

/* Half the code: what light that is, by the text of H.273. */
Test(cicp, grey_by_each_transfer)
{
	static const struct {
		uint8_t transfer, is_full;
		double light;
	} kinds[] = {
		{ 1, 1, 0.2597 }, { 6, 1, 0.2597 }, { 14, 1, 0.2597 }, { 15, 1, 0.2597 },
		{ 13, 1, 0.2140 }, { 8, 1, 0.5 }, { 4, 1, 0.2176 }, { 5, 1, 0.1436 },
		{ 13, 0, 0.2153 }, { 8, 0, 0.5091 },
	};
	static const uint8_t primaries[] = { 1, 5, 6, 9, 12 };
	static const uint16_t half[3] = { 32768, 32768, 32768 };
	uint8_t rgb[3];
	size_t i, k;
	int c;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		for (k = 0; k < sizeof(primaries); k++) {
			const uint8_t cicp[4] = { primaries[k], kinds[i].transfer, 0, kinds[i].is_full };
			double light = kinds[i].light;

			if (!kinds[i].is_full) /* (127.5 - 16) / 219 = 0.50913 */
				light = kinds[i].transfer == 8 ? 0.50913 : 0.2227;
			developed(half, cicp, rgb);
			for (c = 0; c < 3; c++)
				cr_expect_lt(fabs(rgb[c] - srgb(light)), 1.1, "%u/%u: %u, not %.1f",
				    primaries[k], kinds[i].transfer, rgb[c], srgb(light));
		}
}

/* Out of sRGB's gamut: Display P3's green is cut to sRGB's; one within comes out as lcms2 says. */
Test(cicp, primaries_are_those_of_p3_and_2020)
{
	static const struct {
		uint8_t primaries;
		cmsCIExyYTRIPLE xy;
	} kinds[] = {
		{ 12, { { 0.680, 0.320, 1 }, { 0.265, 0.690, 1 }, { 0.150, 0.060, 1 } } },
		{ 9, { { 0.708, 0.292, 1 }, { 0.170, 0.797, 1 }, { 0.131, 0.046, 1 } } },
	};
	static const double curve[] = { 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045 };
	static const uint16_t from[3] = { 40000, 30000, 20000 };
	const cmsCIExyY white = { 0.3127, 0.3290, 1 };
	uint8_t rgb[3], should[3];
	size_t i;
	int c;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const uint8_t cicp[4] = { kinds[i].primaries, 13, 0, 1 };
		cmsToneCurve *one = cmsBuildParametricToneCurve(NULL, 4, curve), *all[3] = { one, one, one };
		cmsHPROFILE in = cmsCreateRGBProfile(&white, &kinds[i].xy, all);
		cmsHPROFILE out = cmsCreate_sRGBProfile();
		cmsHTRANSFORM t = cmsCreateTransform(in, TYPE_RGB_16, out, TYPE_RGB_8, 1,
		    cmsFLAGS_NOOPTIMIZE);

		cmsDoTransform(t, from, should, 1);
		developed(from, cicp, rgb);
		for (c = 0; c < 3; c++)
			cr_expect_leq(abs(rgb[c] - should[c]), 1);
		cr_expect_gt(rgb[0], 40000 / 257 + 3, "it is no sRGB");
		cmsDeleteTransform(t);
		cmsCloseProfile(in);
		cmsCloseProfile(out);
		cmsFreeToneCurve(one);
	}
}

static uint8_t
grey_of(double code, uint8_t transfer)
{
	const uint16_t v = (uint16_t)(code * 65535 + 0.5), from[3] = { v, v, v };
	const uint8_t cicp[4] = { 9, transfer, 0, 1 };
	uint8_t rgb[3];

	developed(from, cicp, rgb);
	cr_expect_leq(abs(rgb[0] - rgb[1]), 1);
	cr_expect_leq(abs(rgb[2] - rgb[1]), 1);
	return rgb[1];
}

/* BT.2100 table 4 gives the codes of these lights; below the knee (92 cd/m2) nothing is changed. */
Test(cicp, pq_is_tone_mapped)
{
	static const struct {
		double code, nits;
	} darks[] = { { 0, 0 }, { 0.149946, 1 }, { 0.301866, 10 }, { 0.440282, 50 } };
	unsigned last = 0;
	size_t i;
	double v;

	for (i = 0; i < sizeof(darks) / sizeof(darks[0]); i++)
		cr_expect_lt(fabs(grey_of(darks[i].code, 16) - srgb(darks[i].nits / 203)), 1.6, "%g: %u",
		    darks[i].nits, grey_of(darks[i].code, 16));
	cr_expect_eq(grey_of(0.751827, 16), 255, "1000 cd/m2");
	cr_expect_eq(grey_of(1, 16), 255);
	for (v = 0.3; v < 0.75; v += 0.05) {
		cr_expect_gt(grey_of(v, 16), last, "every step is seen");
		last = grey_of(v, 16);
	}
	cr_expect(grey_of(0.580689, 16) > 220 && grey_of(0.580689, 16) < 240, "a white page: %u",
	    grey_of(0.580689, 16));
}

/* BT.2408: 75 % of HLG and 58 % of PQ are the same white, on a display of 1000 cd/m2. */
Test(cicp, hlg_is_the_same_light)
{
	cr_expect_leq(abs(grey_of(0.75, 18) - grey_of(0.580689, 16)), 1);
	cr_expect_eq(grey_of(1, 18), 255);
	cr_expect_eq(grey_of(0, 18), 0);
}

Test(cicp, counts_more_than_the_rest)
{
	static const uint16_t from[3] = { 40000, 30000, 20000 };
	static const uint8_t p3[4] = { 12, 13, 0, 1 }, unknown[4] = { 2, 2, 0, 1 },
	    ycc[4] = { 12, 13, 1, 1 }, same[4] = { 1, 13, 0, 1 };
	uint8_t by_p3[3], rgb[3];
	size_t size;
	uint8_t *icc = color_profile_of_gamma(1.0, NULL, false, &size);

	developed(from, p3, by_p3);
	develop(make_png(from, p3, icc, size, false), rgb, RENDITION_PNG, NULL, NULL);
	cr_expect_eq(memcmp(rgb, by_p3, 3), 0, "over iCCP");
	develop(make_png(from, p3, NULL, 0, true), rgb, RENDITION_PNG, NULL, NULL);
	cr_expect_eq(memcmp(rgb, by_p3, 3), 0, "over sRGB");
	develop(make_png(from, same, icc, size, false), rgb, RENDITION_PNG, NULL, NULL);
	cr_expect_eq(rgb[0], (40000 + 128) / 257, "sRGB itself, over iCCP");
	develop(make_png(from, unknown, icc, size, false), rgb, RENDITION_PNG, NULL, NULL);
	cr_expect_gt(rgb[0], 40000 / 257 + 20, "what is not known leaves it to iCCP");
	develop(make_png(from, ycc, NULL, 0, true), rgb, RENDITION_PNG, NULL, NULL);
	cr_expect_eq(rgb[0], (40000 + 128) / 257, "a matrix that PNG cannot have");
	free(icc);
}

Test(cicp, is_kept)
{
	static const uint16_t from[3] = { 40000, 30000, 20000 };
	static const uint8_t kinds[][4] = { { 12, 13, 0, 1 }, { 9, 16, 0, 1 }, { 1, 13, 0, 1 } };
	uint8_t rgb[3], *kept, wanted[8] = "cICP";
	size_t size, i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		memcpy(wanted + 4, kinds[i], 4);
		develop(make_png(from, kinds[i], NULL, 0, false), rgb, RENDITION_PNG, &kept, &size);
		cr_expect_not_null(memmem(kept, size, wanted, 8));
		cr_expect_eq(memmem(kept, size, "iCCP", 4) != NULL, !cicp_is_srgb(
		    &(struct cicp){ kinds[i][0], kinds[i][1], kinds[i][2], kinds[i][3] }));
		free(kept);
		develop(make_png(from, kinds[i], NULL, 0, false), rgb, RENDITION_JPEG, &kept, &size);
		cr_expect_eq(memmem(kept, size, "ICC_PROFILE", 11) != NULL, i < 2);
		free(kept);
	}
}

/* The tag counts where lcms2 can tell; its own curve is another one. */
Test(cicp, a_profile_that_is_pq)
{
	static const uint16_t from[3] = { 38055, 38055, 38055 }; /* 203 cd/m2 */
	static const uint8_t cicp[4] = { 9, 16, 0, 1 };
	const struct cicp pq = { 9, 16, 0, 1 };
	uint8_t should[3], rgb[3], *icc, *kept;
	cmsHPROFILE profile = cicp_open(&(struct cicp){ 9, 8, 0, 1 }, false);
	struct cicp found;
	cmsUInt32Number n = 0;
	size_t size;

	if (!cicp_of_profile(profile, &found))
		cr_skip_test("this lcms2 knows no cicp tag (before 2.14)");
	cmsWriteTag(profile, cmsSigcicpTag, &(cmsVideoSignalType){ pq.primaries, pq.transfer, 0, 1 });
	cmsSaveProfileToMem(profile, NULL, &n);
	icc = malloc(n);
	cmsSaveProfileToMem(profile, icc, &n);
	developed(from, cicp, should);
	develop(make_png(from, NULL, icc, n, false), rgb, RENDITION_JPEG, &kept, &size);
	cr_expect_eq(memcmp(rgb, should, 3), 0, "%u, not %u", rgb[0], should[0]);
	cr_expect_not_null(memmem(kept, size, icc + 128, n - 128), "as it came");
	free(kept);
	free(icc);
	cmsCloseProfile(profile);
}
