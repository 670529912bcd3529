/* image/color.c - profiles and transforms, between a result's rows and lcms2. */
#include <config.h>

#include <lcms2.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "image/cicp.h"
#include "image/color.h"

#define GRID 6         /* colours per axis that color_differs() looks at */
#define VISIBLE 2      /* of 255: what 8-bit tables of other sRGB profiles differ by is 1 */

struct color {
	cmsHPROFILE rgb, grey; /* sRGB */
};

struct color_transform {
	cmsHTRANSFORM transform;
};

/* sRGB's curve, IEC 61966-2-1, as lcms2's parametric type 4. */
static cmsToneCurve *
srgb_curve(void)
{
	static const cmsFloat64Number params[5] = { 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92,
		0.04045 };

	return cmsBuildParametricToneCurve(NULL, 4, params);
}

static cmsHPROFILE
grey_profile(cmsToneCurve *curve)
{
	return curve == NULL ? NULL : cmsCreateGrayProfile(cmsD50_xyY(), curve);
}

struct color *
color_new(void)
{
	struct color *color = mem_alloc(sizeof(*color));
	cmsToneCurve *curve = srgb_curve();

	color->rgb = cmsCreate_sRGBProfile();
	color->grey = grey_profile(curve);
	if (curve != NULL)
		cmsFreeToneCurve(curve);
	if (color->rgb == NULL || color->grey == NULL) {
		color_free(color);
		return NULL;
	}
	return color;
}

static void
close_profile(cmsHPROFILE profile)
{
	if (profile != NULL)
		cmsCloseProfile(profile);
}

void
color_free(struct color *color)
{
	if (color == NULL)
		return;
	close_profile(color->rgb);
	close_profile(color->grey);
	free(color);
}

static cmsColorSpaceSignature
space_of(enum image_model model)
{
	if (model == IMAGE_GREY)
		return cmsSigGrayData;
	return model == IMAGE_CMYK || model == IMAGE_YCCK ? cmsSigCmykData : cmsSigRgbData;
}

/* A profile that says it is PQ or HLG is for a display of high range: ours stands in for it. */
static cmsHPROFILE
mapped(cmsHPROFILE profile, enum image_model model)
{
	cmsHPROFILE ours;
	struct cicp cicp;

	if (space_of(model) != cmsSigRgbData || !cicp_of_profile(profile, &cicp) || !cicp_is_hdr(&cicp))
		return profile;
	ours = cicp_open(&cicp, false);
	if (ours == NULL)
		return profile;
	cmsCloseProfile(profile);
	return ours;
}

/* Gives the profile when it is of that model's kind and can be used as a source. */
static cmsHPROFILE
open_fitting(const uint8_t *icc, size_t size, enum image_model model)
{
	cmsHPROFILE profile;
	cmsProfileClassSignature class;

	if (icc == NULL || size < 128 || size > UINT32_MAX)
		return NULL;
	profile = cmsOpenProfileFromMem(icc, (cmsUInt32Number)size);
	if (profile == NULL)
		return NULL;
	class = cmsGetDeviceClass(profile);
	if (cmsGetColorSpace(profile) == space_of(model) && (class == cmsSigInputClass ||
	    class == cmsSigDisplayClass || class == cmsSigOutputClass ||
	    class == cmsSigColorSpaceClass))
		return mapped(profile, model);
	cmsCloseProfile(profile);
	return NULL;
}

static cmsUInt32Number
format_of(cmsColorSpaceSignature space, unsigned bytes)
{
	if (space == cmsSigGrayData)
		return bytes == 1 ? TYPE_GRAY_8 : TYPE_GRAY_16;
	if (space == cmsSigCmykData)
		return bytes == 1 ? TYPE_CMYK_8 : TYPE_CMYK_16;
	return bytes == 1 ? TYPE_RGB_8 : TYPE_RGB_16;
}

static cmsHTRANSFORM
make(const struct color *color, cmsHPROFILE from, enum image_model model,
    enum rendition_intent intent, unsigned from_bytes, unsigned to_bytes)
{
	cmsColorSpaceSignature space = space_of(model);
	bool is_grey = space == cmsSigGrayData;
	/* lcms2 optimises grey to a table of 33 steps, which ruins the darks. */
	cmsUInt32Number flags = is_grey ? cmsFLAGS_NOOPTIMIZE : 0;

	if (intent != RENDITION_PERCEPTUAL)
		flags |= cmsFLAGS_BLACKPOINTCOMPENSATION;
	return cmsCreateTransform(from, format_of(space, from_bytes),
	    is_grey ? color->grey : color->rgb,
	    format_of(is_grey ? cmsSigGrayData : cmsSigRgbData, to_bytes),
	    intent == RENDITION_PERCEPTUAL ? INTENT_PERCEPTUAL : INTENT_RELATIVE_COLORIMETRIC,
	    flags);
}

struct color_transform *
color_transform_new(const struct color *color, const uint8_t *icc, size_t size,
    enum image_model model, enum rendition_intent intent, unsigned from_bytes, unsigned to_bytes)
{
	cmsHPROFILE from = open_fitting(icc, size, model);
	struct color_transform *t;
	cmsHTRANSFORM transform;

	if (from == NULL)
		return NULL;
	transform = make(color, from, model, intent, from_bytes, to_bytes);
	cmsCloseProfile(from);
	if (transform == NULL)
		return NULL;
	t = mem_alloc(sizeof(*t));
	t->transform = transform;
	return t;
}

void
color_transform_free(struct color_transform *t)
{
	if (t == NULL)
		return;
	cmsDeleteTransform(t->transform);
	free(t);
}

void
color_transform_row(const struct color_transform *t, const void *from, void *to, uint32_t n_px)
{
	cmsDoTransform(t->transform, from, to, n_px);
}

struct color_transform *
color_transform_back(const struct color *color, const uint8_t *icc, size_t size,
    enum image_model model)
{
	cmsHPROFILE to = open_fitting(icc, size, model);
	bool is_grey = model == IMAGE_GREY;
	cmsUInt32Number format = is_grey ? TYPE_GRAY_16 : TYPE_RGB_16;
	struct color_transform *t;
	cmsHTRANSFORM transform;

	if (to == NULL)
		return NULL;
	transform = cmsCreateTransform(is_grey ? color->grey : color->rgb, format, to, format,
	    INTENT_RELATIVE_COLORIMETRIC, cmsFLAGS_BLACKPOINTCOMPENSATION |
	    (is_grey ? cmsFLAGS_NOOPTIMIZE : 0));
	cmsCloseProfile(to);
	if (transform == NULL)
		return NULL;
	t = mem_alloc(sizeof(*t));
	t->transform = transform;
	return t;
}

/* ---- how bright a grey is ---- */

static double
srgb_light(double v)
{
	return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

/* From greys of 16 bits as RGB, or as grey, to XYZ. Gives, or NULL. */
static cmsHTRANSFORM
to_light(const uint8_t *icc, size_t size, enum image_model model)
{
	cmsHPROFILE from = open_fitting(icc, size, model);
	cmsHPROFILE xyz = from == NULL ? NULL : cmsCreateXYZProfile();
	cmsHTRANSFORM transform = xyz == NULL ? NULL : cmsCreateTransform(from,
	    format_of(space_of(model), 2), xyz, TYPE_XYZ_DBL, INTENT_RELATIVE_COLORIMETRIC,
	    cmsFLAGS_NOOPTIMIZE);

	close_profile(xyz);
	close_profile(from);
	return transform;
}

static double
light_of_grey(cmsHTRANSFORM transform, double v)
{
	cmsUInt16Number code = (cmsUInt16Number)(v * 65535 + 0.5), pixel[3] = { code, code, code };
	double xyz[3];

	cmsDoTransform(transform, pixel, xyz, 1);
	return xyz[1];
}

/* False: it is no curve, it falls somewhere. */
static bool
read_curve(cmsHTRANSFORM transform, float *curve, unsigned n, double step)
{
	double white = light_of_grey(transform, 1.0);
	unsigned i;

	for (i = 0; i <= n; i++) {
		double v = i * step < 1.0 ? i * step : 1.0;

		curve[i] = (float)(light_of_grey(transform, v) / white);
		if (!(curve[i] >= 0 && curve[i] <= 1.001f) || (i > 0 && curve[i] < curve[i - 1]))
			return false;
	}
	return white > 0;
}

void
color_curve(const struct color *color, const uint8_t *icc, size_t size, enum image_model model,
    float *curve, unsigned n, double step)
{
	bool may_tell = icc != NULL && space_of(model) != cmsSigCmykData &&
	    color_differs(color, icc, size, model);
	cmsHTRANSFORM transform = may_tell ? to_light(icc, size, model) : NULL;
	bool is_told = transform != NULL && read_curve(transform, curve, n, step);
	unsigned i;

	for (i = 0; i <= n && !is_told; i++)
		curve[i] = (float)srgb_light(i * step < 1.0 ? i * step : 1.0);
	if (transform != NULL)
		cmsDeleteTransform(transform);
}

/* ---- what a profile is worth ---- */

/* A profile that opens may still lack what a transform needs: only making one tells. */
bool
color_fits(const uint8_t *icc, size_t size, enum image_model model)
{
	cmsHPROFILE from = open_fitting(icc, size, model);
	cmsHPROFILE to = from == NULL ? NULL : cmsCreate_sRGBProfile();
	cmsHTRANSFORM transform = to == NULL ? NULL : cmsCreateTransform(from,
	    format_of(space_of(model), 2), to, TYPE_RGB_16, INTENT_RELATIVE_COLORIMETRIC, 0);
	bool fits = transform != NULL;

	if (transform != NULL)
		cmsDeleteTransform(transform);
	close_profile(to);
	close_profile(from);
	return fits;
}

static bool
is_visible(const uint8_t *a, const uint8_t *b, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (abs(a[i] - b[i]) >= VISIBLE)
			return true;
	return false;
}

bool
color_differs(const struct color *color, const uint8_t *icc, size_t size, enum image_model model)
{
	uint8_t before[GRID * GRID * GRID * 3], after[sizeof(before)];
	struct color_transform *t;
	bool differs;
	unsigned i;

	if (space_of(model) == cmsSigCmykData)
		return true;
	t = color_transform_new(color, icc, size, model, RENDITION_RELATIVE, 1, 1);
	if (t == NULL)
		return false;
	for (i = 0; i < sizeof(before); i++) {
		unsigned colour = i / 3, axis = i % 3;
		unsigned step = axis == 0 ? colour % GRID : axis == 1 ? colour / GRID % GRID :
		    colour / GRID / GRID;

		before[i] = (uint8_t)(step * 255 / (GRID - 1));
	}
	color_transform_row(t, before, after, model == IMAGE_GREY ? sizeof(before) :
	    sizeof(before) / 3);
	differs = is_visible(before, after, sizeof(before));
	color_transform_free(t);
	return differs;
}

static cmsHPROFILE
profile_of_gamma(cmsToneCurve *curve, const double xy[8], bool is_grey)
{
	static const double srgb[8] = { 0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06 };
	const double *v = xy == NULL ? srgb : xy;
	cmsToneCurve *curves[3] = { curve, curve, curve };
	cmsCIExyY white = { v[0], v[1], 1.0 };
	cmsCIExyYTRIPLE primaries = { { v[2], v[3], 1.0 }, { v[4], v[5], 1.0 },
		{ v[6], v[7], 1.0 } };

	return is_grey ? cmsCreateGrayProfile(cmsD50_xyY(), curve) :
	    cmsCreateRGBProfile(&white, &primaries, curves);
}

/* The date of making, ICC.1:2010 7.2.1: the same picture gives the same bytes tomorrow. */
static void
fix_date(uint8_t *icc)
{
	static const uint8_t date[12] = { 2000 >> 8, 2000 & 255, 0, 1, 0, 1 };

	memcpy(icc + 24, date, sizeof(date));
}

static uint8_t *
save(cmsHPROFILE profile, size_t *size)
{
	cmsUInt32Number bytes = 0;
	uint8_t *icc = NULL;

	if (cmsSaveProfileToMem(profile, NULL, &bytes))
		icc = malloc(bytes);
	if (icc != NULL && !cmsSaveProfileToMem(profile, icc, &bytes)) {
		free(icc);
		icc = NULL;
	}
	*size = icc == NULL ? 0 : bytes;
	return icc;
}

static uint8_t *
save_new(cmsHPROFILE profile, size_t *size)
{
	uint8_t *icc = save(profile, size);

	if (icc != NULL)
		fix_date(icc);
	return icc;
}

uint8_t *
color_profile_of_gamma(double gamma, const double xy[8], bool is_grey, size_t *size)
{
	cmsToneCurve *curve = cmsBuildGamma(NULL, gamma);
	cmsHPROFILE profile;
	uint8_t *icc = NULL;

	*size = 0;
	if (curve == NULL)
		return NULL;
	profile = profile_of_gamma(curve, xy, is_grey);
	if (profile != NULL)
		icc = save_new(profile, size);
	close_profile(profile);
	cmsFreeToneCurve(curve);
	return icc;
}

/* Source: Adobe RGB (1998) Color Image Encoding, version 2005-05, 4.2 and 4.3. */
uint8_t *
color_profile_of_adobe_rgb(size_t *size)
{
	static const double xy[8] = { 0.3127, 0.3290, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06 };

	return color_profile_of_gamma(563.0 / 256, xy, false, size);
}

uint8_t *
color_profile_of_cicp(const struct cicp *cicp, bool is_grey, size_t *size)
{
	cmsHPROFILE profile = cicp_open(cicp, is_grey);
	uint8_t *icc = profile == NULL ? NULL : save_new(profile, size);

	close_profile(profile);
	return icc;
}

/* One of the four, from the first byte where they were written the wrong way round. */
static cmsUInt32Number
intent_of(cmsHPROFILE profile)
{
	cmsUInt32Number intent = cmsGetHeaderRenderingIntent(profile);

	if (intent > INTENT_ABSOLUTE_COLORIMETRIC)
		intent >>= 24;
	return intent > INTENT_ABSOLUTE_COLORIMETRIC ? INTENT_PERCEPTUAL : intent;
}

uint8_t *
color_profile_mended(const uint8_t *icc, size_t icc_bytes, size_t *size)
{
	cmsHPROFILE profile = cmsOpenProfileFromMem(icc, (cmsUInt32Number)icc_bytes);
	uint8_t *mended;

	if (profile == NULL)
		return NULL;
	cmsSetHeaderRenderingIntent(profile, intent_of(profile));
	mended = save(profile, size);
	cmsCloseProfile(profile);
	return mended;
}
