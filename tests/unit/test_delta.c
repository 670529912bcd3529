/* Colours measured as people see them: CIEDE2000, against lcms2 itself in floating point, and against
 * its own jpgicc where that is installed (liblcms2-utils). */
#include <config.h>

#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <lcms2.h>
#include <png.h>

#include "develop_kit.h"
#include "image/color.h"

#define CORPUS TOP_SRCDIR "/../shared/corpus"
#define BAR 1.0 /* dE2000, on average: what one hardly sees */

static double
delta(const cmsCIELab *a, const cmsCIELab *b)
{
	return cmsCIE2000DeltaE(a, b, 1, 1, 1);
}

/* Pairs of Sharma, Wu and Dalal (2005), table 1: the measure is the one that it should be. */
Test(delta, is_that_of_sharma)
{
	static const struct {
		cmsCIELab a, b;
		double delta;
	} pairs[] = {
		{ { 50, 2.6772, -79.7751 }, { 50, 0, -82.7485 }, 2.0425 },
		{ { 50, 3.1571, -77.2803 }, { 50, 0, -82.7485 }, 2.8615 },
		{ { 50, -1.3802, -84.2814 }, { 50, 0, -82.7485 }, 1.0000 },
		{ { 50, 0, 0 }, { 50, -1, 2 }, 2.3669 },
		{ { 50, 2.4900, -0.0010 }, { 50, -2.4900, 0.0009 }, 7.1792 },
		{ { 50, 2.5, 0 }, { 73, 25, -18 }, 27.1492 },
		{ { 60.2574, -34.0099, 36.2677 }, { 60.4626, -34.1751, 39.4387 }, 1.2644 },
		{ { 2.0776, 0.0795, -1.1350 }, { 0.9033, -0.0636, -0.5514 }, 0.9082 },
	};
	size_t i;

	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		cr_expect_lt(fabs(delta(&pairs[i].a, &pairs[i].b) - pairs[i].delta), 1e-4, "pair %zu", i);
}

/* ---- two pictures in sRGB ---- */

static cmsHTRANSFORM
srgb_to_lab(void)
{
	cmsHPROFILE from = cmsCreate_sRGBProfile(), to = cmsCreateLab4Profile(NULL);
	cmsHTRANSFORM t = cmsCreateTransform(from, TYPE_RGBA_8, to, TYPE_Lab_DBL,
	    INTENT_RELATIVE_COLORIMETRIC, cmsFLAGS_NOOPTIMIZE);

	cmsCloseProfile(from);
	cmsCloseProfile(to);
	return t;
}

#define SAMPLES 20000 /* pixels of a picture that are looked at, spread evenly */

static double
mean_delta(const struct kit_rgb *a, const struct kit_rgb *b)
{
	cmsHTRANSFORM t = srgb_to_lab();
	size_t i, n = 0, all = (size_t)a->w * a->h, step = all / SAMPLES + 1;
	cmsCIELab lab_a, lab_b;
	double sum = 0;

	cr_assert(a->w == b->w && a->h == b->h, "%ux%u and %ux%u", a->w, a->h, b->w, b->h);
	for (i = 0; i < all; i += step, n++) {
		cmsDoTransform(t, a->pixels + 4 * i, &lab_a, 1);
		cmsDoTransform(t, b->pixels + 4 * i, &lab_b, 1);
		sum += delta(&lab_a, &lab_b);
	}
	cmsDeleteTransform(t);
	return sum / (double)n;
}

/* Means of 2x2 pixels, twice: the chroma of most JPEGs is coarse, and every decoder spreads it over the
 * pixels in its own way. On a picture of leaves djpeg with and without smoothing differs from itself by
 * dE2000 2.2; this is about the colours. */
static void
halve(struct kit_rgb *p)
{
	uint32_t w = p->w < 2 ? 1 : p->w / 2, h = p->h < 2 ? 1 : p->h / 2, x, y, c;

	for (y = 0; y < h && p->w > 1 && p->h > 1; y++)
		for (x = 0; x < w; x++)
			for (c = 0; c < 4; c++) {
				const uint8_t *at = p->pixels + 4 * ((size_t)2 * y * p->w + 2 * x) + c;

				p->pixels[4 * ((size_t)y * w + x) + c] = (uint8_t)((at[0] + at[4] +
				    at[4 * p->w] + at[4 * p->w + 4] + 2) / 4);
			}
	if (p->w > 1 && p->h > 1) {
		p->w = w;
		p->h = h;
	}
}

/* ---- there and back: colours of sRGB, stored by another profile, must come out again ---- */

#define STEPS 9 /* per axis */
#define N_COLORS (STEPS * STEPS * STEPS)

/* 8x8 pixels each, so that a JPEG's blocks are flat; a row of STEPS x STEPS of them. */
static struct kit_rgb
colour_chart(void)
{
	struct kit_rgb chart = { 8 * STEPS * STEPS, 8 * STEPS, NULL };
	uint32_t x, y;

	chart.pixels = malloc((size_t)chart.w * chart.h * 4);
	for (y = 0; y < chart.h; y++)
		for (x = 0; x < chart.w; x++) {
			uint8_t *at = chart.pixels + 4 * ((size_t)y * chart.w + x);

			at[0] = (uint8_t)(x / 8 % STEPS * 255 / (STEPS - 1));
			at[1] = (uint8_t)(x / 8 / STEPS * 255 / (STEPS - 1));
			at[2] = (uint8_t)(y / 8 * 255 / (STEPS - 1));
			at[3] = 255;
		}
	return chart;
}

static void
write_png(png_structp png, png_bytep data, size_t n)
{
	cr_assert_eq(write(*(int *)png_get_io_ptr(png), data, n), (ssize_t)n);
}

/* A chunk that says how the colours are meant. */
struct told {
	const char *type; /* NULL: the profile itself, as iCCP */
	const void *data;
	size_t size;
};

/* CHART in the colours of ICC, as a PNG of 8 or 16 bits that tells of them. */
static int
stored_by(const struct kit_rgb *chart, const uint8_t *icc, size_t size, int depth,
    const struct told *told)
{
	cmsHPROFILE srgb = cmsCreate_sRGBProfile(), to = cmsOpenProfileFromMem(icc,
	    (cmsUInt32Number)size);
	cmsHTRANSFORM t = cmsCreateTransform(srgb, TYPE_RGBA_8, to, depth == 8 ? TYPE_RGB_8 :
	    TYPE_RGB_16_SE, INTENT_RELATIVE_COLORIMETRIC, cmsFLAGS_NOOPTIMIZE);
	png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
	png_infop info = png_create_info_struct(png);
	int fd = memfd_create("source", MFD_CLOEXEC);
	uint8_t *row = malloc((size_t)chart->w * 6);
	uint32_t y;

	png_set_write_fn(png, &fd, write_png, NULL);
	png_set_IHDR(png, info, chart->w, chart->h, depth, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
	    PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
	if (told->type == NULL)
		png_set_iCCP(png, info, "icc", 0, icc, (png_uint_32)size);
	png_write_info(png, info);
	if (told->type != NULL)
		png_write_chunk(png, (png_const_bytep)told->type, told->data, told->size);
	for (y = 0; y < chart->h; y++) {
		cmsDoTransform(t, chart->pixels + (size_t)y * chart->w * 4, row, chart->w);
		png_write_row(png, row);
	}
	png_write_end(png, NULL);
	png_destroy_write_struct(&png, &info);
	cmsDeleteTransform(t);
	cmsCloseProfile(srgb);
	cmsCloseProfile(to);
	free(row);
	return fd;
}

static void
check_round_trip(struct developer *d, const struct kit_rgb *chart, const char *name,
    const uint8_t *icc, size_t size, const struct told *told)
{
	struct rendition specs[2] = { kit_web, kit_web };
	struct kit_result r;
	struct kit_rgb is;
	int depth, i;

	specs[0].format = RENDITION_PNG;
	specs[1].format = RENDITION_JPEG;
	specs[1].quality = 100;
	specs[1].subsampling = RENDITION_SUB_444;
	for (depth = 8; depth <= 16; depth += 8) {
		int fd = stored_by(chart, icc, size, depth, told);

		kit_develop(d, fd, specs, 2, &r);
		cr_assert_eq(r.status, 0, "%s: %s", name, r.outcome.text);
		for (i = 0; i < 2; i++) {
			kit_read(r.outputs[i].fd, &is);
			fprintf(stderr, "%-12s %2d bits, to %s: dE2000 %.3f\n", name, depth,
			    i == 0 ? "PNG " : "JPEG", mean_delta(chart, &is));
			cr_expect_lt(mean_delta(chart, &is), BAR, "%s, %d bits, result %d", name,
			    depth, i);
			free(is.pixels);
		}
		kit_clear(&r);
		close(fd);
	}
}

/* Wider than sRGB, each with white and three primaries by their x and y. */
Test(delta, there_and_back_through_wide_colour_spaces)
{
	static const struct {
		const char *name;
		double gamma, xy[8];
	} spaces[] = {
		{ "Adobe RGB", 2.19921875, { 0.3127, 0.3290, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06 } },
		{ "Display P3", 2.2, { 0.3127, 0.3290, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060 } },
		{ "Rec. 2020", 2.4, { 0.3127, 0.3290, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046 } },
		{ "ProPhoto", 1.8, { 0.3457, 0.3585, 0.7347, 0.2653, 0.1596, 0.8404, 0.0366, 0.0001 } },
	};
	static const struct told by_profile;
	struct developer *d = developer_new();
	struct kit_rgb chart = colour_chart();
	size_t i, size;

	for (i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++) {
		uint8_t *icc = color_profile_of_gamma(spaces[i].gamma, spaces[i].xy, false, &size);

		check_round_trip(d, &chart, spaces[i].name, icc, size, &by_profile);
		free(icc);
	}
	free(chart.pixels);
	developer_free(d);
}

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
	struct kit_rgb chart = colour_chart();
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const struct told told = { "cICP", kinds[i].points, 4 };
		cmsToneCurve *one = cmsBuildParametricToneCurve(NULL, 4, kinds[i].curve);
		cmsToneCurve *all[3] = { one, one, one };
		cmsHPROFILE profile = cmsCreateRGBProfile(&white, &kinds[i].xy, all);
		cmsUInt32Number n = 0;
		uint8_t *icc;

		cmsSaveProfileToMem(profile, NULL, &n);
		icc = malloc(n);
		cmsSaveProfileToMem(profile, icc, &n);
		check_round_trip(d, &chart, kinds[i].name, icc, n, &told);
		free(icc);
		cmsCloseProfile(profile);
		cmsFreeToneCurve(one);
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

/* Independent of ours: the primaries of the encoding's own text. */
static uint8_t *
adobe_rgb(size_t *size)
{
	static const double xy[8] = { 0.3127, 0.3290, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06 };

	return color_profile_of_gamma(2.19921875, xy, false, size);
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
	struct kit_rgb chart = colour_chart();
	uint8_t tiff[EXIF_BYTES + 12];
	const struct told told = { "eXIf", tiff, sizeof(tiff) };
	size_t i, size;
	uint8_t *icc = adobe_rgb(&size);

	for (i = 0; i < sizeof(tellers) / sizeof(tellers[0]); i++) {
		make_exif(tiff, tellers[i].space, tellers[i].index);
		check_round_trip(d, &chart, tellers[i].name, icc, size, &told);
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
	struct kit_rgb chart = colour_chart(), is;
	struct rendition specs[2] = { kit_web, kit_web };
	uint8_t tiff[EXIF_BYTES + 12], *data;
	const struct told told = { "eXIf", tiff, sizeof(tiff) };
	size_t i, size;
	uint8_t *srgb = color_profile_of_gamma(2.2, NULL, false, &size);
	struct kit_result r;

	specs[0].format = specs[1].format = RENDITION_PNG;
	specs[0].metadata = specs[1].metadata = RENDITION_META_KEEP;
	specs[1].color = RENDITION_COLOR_KEEP;
	for (i = 0; i < sizeof(tellers) / sizeof(tellers[0]); i++) {
		int fd;

		make_exif(tiff, tellers[i].space, tellers[i].index);
		fd = stored_by(&chart, srgb, size, 8, &told);
		kit_develop(d, fd, specs, 2, &r);
		cr_assert_eq(r.status, 0, "%s", r.outcome.text);
		kit_read(r.outputs[0].fd, &is);
		cr_expect_eq(mean_delta(&chart, &is) > BAR, tellers[i].is_adobe, "teller %zu: %.3f", i,
		    mean_delta(&chart, &is));
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

/* ---- what jpgicc makes of real files ---- */

static bool
has_jpgicc(void)
{
	return system("command -v jpgicc > /dev/null") == 0;
}

/* By jpgicc with the intent and black point compensation that are ours. False: it cannot. */
static bool
ask_jpgicc(const char *path, struct kit_rgb *to)
{
	char out[] = "/tmp/darkroom-delta-XXXXXX", command[5000];
	int fd = mkstemp(out);
	bool can;

	cr_assert_geq(fd, 0);
	snprintf(command, sizeof(command), "jpgicc -t1 -b -q100 '%s' %s > /dev/null 2>&1", path, out);
	can = system(command) == 0;
	close(fd);
	fd = open(out, O_RDONLY | O_CLOEXEC);
	can = can && kit_size(fd) > 0;
	if (can)
		kit_read(fd, to);
	close(fd);
	unlink(out);
	return can;
}

static bool
check_against_jpgicc(struct developer *d, const char *path)
{
	struct rendition spec = kit_web;
	struct kit_rgb should, is;
	struct kit_result r;
	double mean;

	spec.width_px = spec.height_px = 65500;
	spec.format = RENDITION_PNG;
	if (!ask_jpgicc(path, &should))
		return false;
	kit_develop_path(d, path, &spec, 1, &r);
	cr_assert_eq(r.status, 0, "%s: %s", path, r.outcome.text);
	kit_read(r.outputs[0].fd, &is);
	halve(&should);
	halve(&should);
	halve(&is);
	halve(&is);
	mean = mean_delta(&should, &is);
	fprintf(stderr, "dE2000 %.3f %s\n", mean, strrchr(path, '/') + 1);
	cr_expect_lt(mean, BAR, "%s: dE2000 %.3f", path, mean);
	free(should.pixels);
	free(is.pixels);
	kit_clear(&r);
	return true;
}

enum { FILE_NAME = 0, TYPE = 9, WIDTH, HEIGHT, ICC = 16, ORIENTATION = 17, EXPECTED = 31, N_FIELDS };

/* Every sound JPEG with a profile, of up to 3 megapixels, that is stored upright: jpgicc turns none. */
static bool
is_candidate(char *fields[])
{
	return strcmp(fields[EXPECTED], "ok") == 0 && strcmp(fields[TYPE], "jpeg") == 0 &&
	    strchr(fields[ICC], ':') != NULL && atoi(fields[ORIENTATION]) < 2 &&
	    atof(fields[WIDTH]) * atof(fields[HEIGHT]) < 3e6;
}

Test(delta, within_one_of_jpgicc)
{
	const char *wanted = getenv("DARKROOM_CORPUS"), *folder = wanted != NULL ? wanted : CORPUS;
	char path[4096], *line = NULL, *rest, *fields[N_FIELDS];
	struct developer *d = developer_new();
	FILE *manifest;
	size_t room = 0;
	int n = 0, i;

	if (!has_jpgicc())
		cr_skip_test("jpgicc is not installed (Debian: liblcms2-utils)");
	snprintf(path, sizeof(path), "%s/MANIFEST.tsv", folder);
	manifest = fopen(path, "r");
	if (manifest == NULL)
		cr_skip_test("no corpus: neither DARKROOM_CORPUS nor " CORPUS);
	while (getline(&line, &room, manifest) > 0) {
		rest = line;
		line[strcspn(line, "\n")] = '\0';
		for (i = 0; i < N_FIELDS && rest != NULL; i++)
			fields[i] = strsep(&rest, "\t");
		cr_assert_eq(i, N_FIELDS);
		if (!is_candidate(fields))
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, fields[FILE_NAME]);
		n += check_against_jpgicc(d, path);
	}
	fprintf(stderr, "%d files beside jpgicc\n", n);
	cr_expect_gt(n, 10);
	fclose(manifest);
	free(line);
	developer_free(d);
}
