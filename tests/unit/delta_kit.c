#include <config.h>

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <png.h>

#include "delta_kit.h"

double
delta_of(const cmsCIELab *a, const cmsCIELab *b)
{
	return cmsCIE2000DeltaE(a, b, 1, 1, 1);
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

double
delta_mean(const struct kit_rgb *a, const struct kit_rgb *b)
{
	cmsHTRANSFORM t = srgb_to_lab();
	size_t i, n = 0, all = (size_t)a->w * a->h, step = all / SAMPLES + 1;
	cmsCIELab lab_a, lab_b;
	double sum = 0;

	cr_assert(a->w == b->w && a->h == b->h, "%ux%u and %ux%u", a->w, a->h, b->w, b->h);
	for (i = 0; i < all; i += step, n++) {
		cmsDoTransform(t, a->pixels + 4 * i, &lab_a, 1);
		cmsDoTransform(t, b->pixels + 4 * i, &lab_b, 1);
		sum += delta_of(&lab_a, &lab_b);
	}
	cmsDeleteTransform(t);
	return sum / (double)n;
}

/* ---- there and back: colours of sRGB, stored by another profile, must come out again ---- */

#define STEPS 9 /* per axis */
#define N_COLORS (STEPS * STEPS * STEPS)

/* 8x8 pixels each, so that a JPEG's blocks are flat; a row of STEPS x STEPS of them. */
struct kit_rgb
delta_chart(void)
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

/* CHART in the colours of ICC, as a PNG of 8 or 16 bits that tells of them. */
int
delta_stored_by(const struct kit_rgb *chart, const uint8_t *icc, size_t size, int depth,
    const struct delta_told *told)
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

void
delta_check_round_trip(struct developer *d, const struct kit_rgb *chart, const char *name,
    const uint8_t *icc, size_t size, const struct delta_told *told)
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
		int fd = delta_stored_by(chart, icc, size, depth, told);

		kit_develop(d, fd, specs, 2, &r);
		cr_assert_eq(r.status, 0, "%s: %s", name, r.outcome.text);
		for (i = 0; i < 2; i++) {
			kit_read(r.outputs[i].fd, &is);
			fprintf(stderr, "%-12s %2d bits, to %s: dE2000 %.3f\n", name, depth,
			    i == 0 ? "PNG " : "JPEG", delta_mean(chart, &is));
			cr_expect_lt(delta_mean(chart, &is), DELTA_BAR, "%s, %d bits, result %d", name,
			    depth, i);
			free(is.pixels);
		}
		kit_clear(&r);
		close(fd);
	}
}
