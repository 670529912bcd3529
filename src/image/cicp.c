/* image/cicp.c - code points of colours as profiles. */
#include <config.h>

#include "image/cicp.h"

#include <math.h>
#include <stdlib.h>

#define STEPS 4096          /* of a curve that has no formula in a profile */
#define PQ_MOST 10000.0     /* cd/m2 that PQ's 1.0 stands for */
#define PEAK 1000.0         /* cd/m2: of what was mastered, and of the display that HLG is meant for */
#define WHITE 203.0         /* cd/m2: of a display of standard range, BT.2408 */
#define HLG_GAMMA 1.2       /* at that peak, BT.2100 note 5f */

enum { TRANSFER_709 = 1, TRANSFER_22 = 4, TRANSFER_28 = 5, TRANSFER_601 = 6, TRANSFER_LINEAR = 8,
	TRANSFER_SRGB = 13, TRANSFER_2020 = 14, TRANSFER_2020_12 = 15, TRANSFER_PQ = 16,
	TRANSFER_HLG = 18 };
enum { PRIMARIES_709 = 1 };

static const struct space {
	uint8_t primaries;
	cmsCIExyYTRIPLE xy;
} spaces[] = { /* all of them with a white of D65 */
	{ PRIMARIES_709, { { 0.640, 0.330, 1 }, { 0.300, 0.600, 1 }, { 0.150, 0.060, 1 } } },
	{ 5, { { 0.640, 0.330, 1 }, { 0.290, 0.600, 1 }, { 0.150, 0.060, 1 } } },
	{ 6, { { 0.630, 0.340, 1 }, { 0.310, 0.595, 1 }, { 0.155, 0.070, 1 } } },
	{ 9, { { 0.708, 0.292, 1 }, { 0.170, 0.797, 1 }, { 0.131, 0.046, 1 } } },
	{ 12, { { 0.680, 0.320, 1 }, { 0.265, 0.690, 1 }, { 0.150, 0.060, 1 } } },
};

static const struct space *
space_of(const struct cicp *cicp)
{
	size_t i;

	for (i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++)
		if (spaces[i].primaries == cicp->primaries)
			return &spaces[i];
	return NULL;
}

/* ---- what a sample stands for ---- */

/* To cd/m2 of PQ_MOST, and back. */
static double
pq_light(double v)
{
	double root = pow(v, 32 / 2523.0);
	double above = root - 3424 / 4096.0;

	return above <= 0 ? 0 : pow(above / (2413 / 128.0 - 2392 / 128.0 * root), 16384 / 2610.0);
}

static double
pq_code(double light)
{
	double power = pow(light, 2610 / 16384.0);

	return pow((3424 / 4096.0 + 2413 / 128.0 * power) / (1 + 2392 / 128.0 * power), 2523 / 32.0);
}

/* BT.2390's knee, from black to PEAK, to black to WHITE; PQ codes on both sides. */
static double
tone_map(double v)
{
	double most = pq_code(PEAK / PQ_MOST), white = pq_code(WHITE / PQ_MOST) / most;
	double knee = 1.5 * white - 0.5, e = v >= most ? 1 : v / most, t, t2, t3;

	if (e > knee) {
		t = (e - knee) / (1 - knee);
		t2 = t * t;
		t3 = t2 * t;
		e = (2 * t3 - 3 * t2 + 1) * knee + (t3 - 2 * t2 + t) * (1 - knee) +
		    (3 * t2 - 2 * t3) * white;
	}
	return e * most;
}

/* From cd/m2 of PQ_MOST to the light of a white of standard range. */
static double
map_pq(double v)
{
	return pq_light(tone_map(v)) * PQ_MOST / WHITE;
}

static double
hlg_scene(double v)
{
	static const double a = 0.17883277, b = 0.28466892, c = 0.55991073;

	return v <= 0.5 ? v * v / 3 : (exp((v - c) / a) + b) / 12;
}

static double
light_of(const struct cicp *cicp, double v)
{
	if (!cicp->is_full) /* 16 to 235 of 255 */
		v = (v * 255 - 16) / 219;
	v = v < 0 ? 0 : v > 1 ? 1 : v;
	switch (cicp->transfer) {
	case TRANSFER_22: return pow(v, 2.2);
	case TRANSFER_28: return pow(v, 2.8);
	case TRANSFER_LINEAR: return v;
	case TRANSFER_SRGB: return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
	case TRANSFER_PQ: return map_pq(v);
	case TRANSFER_HLG: return map_pq(pq_code(pow(hlg_scene(v), HLG_GAMMA) * PEAK / PQ_MOST));
	default: return v < 0.081 ? v / 4.5 : pow((v + 0.099) / 1.099, 1 / 0.45);
	}
}

/* ---- as profiles ---- */

static cmsToneCurve *
curve_of(const struct cicp *cicp)
{
	static const double p709[] = { 1 / 0.45, 1 / 1.099, 0.099 / 1.099, 1 / 4.5, 0.081 };
	static const double srgb[] = { 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045 };
	cmsUInt16Number *table;
	cmsToneCurve *curve;
	unsigned i;

	if (cicp->is_full && cicp->transfer == TRANSFER_SRGB)
		return cmsBuildParametricToneCurve(NULL, 4, srgb);
	if (cicp->is_full && cicp->transfer == TRANSFER_LINEAR)
		return cmsBuildGamma(NULL, 1.0);
	if (cicp->is_full && (cicp->transfer == TRANSFER_22 || cicp->transfer == TRANSFER_28))
		return cmsBuildGamma(NULL, cicp->transfer == TRANSFER_22 ? 2.2 : 2.8);
	if (cicp->is_full && !cicp_is_hdr(cicp))
		return cmsBuildParametricToneCurve(NULL, 4, p709);
	table = malloc(STEPS * sizeof(*table));
	for (i = 0; i < STEPS && table != NULL; i++) {
		double light = light_of(cicp, i / (STEPS - 1.0)) * 65535 + 0.5;

		table[i] = (cmsUInt16Number)(light > 65535 ? 65535 : light);
	}
	curve = table == NULL ? NULL : cmsBuildTabulatedToneCurve16(NULL, STEPS, table);
	free(table);
	return curve;
}

bool
cicp_is_known(const struct cicp *cicp)
{
	static const uint8_t transfers[] = { TRANSFER_709, TRANSFER_22, TRANSFER_28, TRANSFER_601,
		TRANSFER_LINEAR, TRANSFER_SRGB, TRANSFER_2020, TRANSFER_2020_12, TRANSFER_PQ,
		TRANSFER_HLG };
	size_t i;

	if (space_of(cicp) == NULL || cicp->matrix != 0 || cicp->is_full > 1)
		return false;
	for (i = 0; i < sizeof(transfers); i++)
		if (transfers[i] == cicp->transfer)
			return true;
	return false;
}

bool
cicp_is_srgb(const struct cicp *cicp)
{
	return cicp->primaries == PRIMARIES_709 && cicp->transfer == TRANSFER_SRGB &&
	    cicp->matrix == 0 && cicp->is_full == 1;
}

bool
cicp_is_hdr(const struct cicp *cicp)
{
	return cicp->transfer == TRANSFER_PQ || cicp->transfer == TRANSFER_HLG;
}

#if LCMS_VERSION >= 2140
static void
note(cmsHPROFILE profile, const struct cicp *cicp)
{
	cmsVideoSignalType type = { .ColourPrimaries = cicp->primaries,
		.TransferCharacteristics = cicp->transfer, .MatrixCoefficients = cicp->matrix,
		.VideoFullRangeFlag = cicp->is_full };

	cmsWriteTag(profile, cmsSigcicpTag, &type);
}

bool
cicp_of_profile(cmsHPROFILE profile, struct cicp *cicp)
{
	const cmsVideoSignalType *type = cmsReadTag(profile, cmsSigcicpTag);

	if (type == NULL)
		return false;
	*cicp = (struct cicp){ type->ColourPrimaries, type->TransferCharacteristics,
		type->MatrixCoefficients, type->VideoFullRangeFlag };
	return true;
}
#else
static void
note(cmsHPROFILE profile, const struct cicp *cicp)
{
	(void)profile;
	(void)cicp;
}

bool
cicp_of_profile(cmsHPROFILE profile, struct cicp *cicp)
{
	(void)profile;
	(void)cicp;
	return false;
}
#endif

cmsHPROFILE
cicp_open(const struct cicp *cicp, bool is_grey)
{
	static const cmsCIExyY d65 = { 0.3127, 0.3290, 1.0 };
	cmsToneCurve *curve = cicp_is_known(cicp) ? curve_of(cicp) : NULL;
	cmsToneCurve *curves[3] = { curve, curve, curve };
	cmsHPROFILE profile;

	if (curve == NULL)
		return NULL;
	profile = is_grey ? cmsCreateGrayProfile(cmsD50_xyY(), curve) :
	    cmsCreateRGBProfile(&d65, &space_of(cicp)->xy, curves);
	cmsFreeToneCurve(curve);
	if (profile != NULL && !is_grey)
		note(profile, cicp);
	return profile;
}
