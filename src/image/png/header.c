/* image/png/header.c - what a PNG says of its colours, its density and which way is up. */
#include <config.h>

#include "image/png/png.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "image/cicp.h"
#include "image/color.h"

#define GAMMA_SRGB (1 / 2.2)  /* what gAMA says for sRGB; within 5 % it is meant */
#define GAMMA_NEAR 0.05
#define PRIMARY_NEAR 0.01     /* of x or y */

static void
take_density(struct codec_in *in, png_structp png, png_infop info)
{
	struct meta_density *density = &in->header.meta.density;
	png_uint_32 x, y;
	int unit;

	if (png_get_pHYs(png, info, &x, &y, &unit) != 0)
		*density = (struct meta_density){ .x = x, .y = y,
			.unit = unit == PNG_RESOLUTION_METER ? META_PER_METRE : META_ASPECT };
}

static uint8_t *
copy_of(const uint8_t *data, size_t n)
{
	uint8_t *copy = malloc(n == 0 ? 1 : n);

	if (copy != NULL)
		memcpy(copy, data, n);
	return copy;
}

/* EXIF says which way is up, and may stand behind the pixels: it is looked for beforehand. */
static void
take_exif(struct codec_in *in, png_structp png, png_infop info)
{
	struct codec_header *header = &in->header;
	png_bytep tiff;
	png_uint_32 n;

	if (png_get_eXIf_1(png, info, &n, &tiff) == 0) {
		header->tiff = codec_png_late_exif(&in->source, in->limits->exif_bytes,
		    &header->tiff_bytes);
		return;
	}
	if (n <= in->limits->exif_bytes)
		header->tiff = copy_of(tiff, n);
	header->tiff_bytes = header->tiff == NULL ? 0 : n;
}

static bool
are_srgb(const double xy[8])
{
	static const double srgb[8] = { 0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06 };
	int i;

	for (i = 0; i < 8; i++)
		if (fabs(xy[i] - srgb[i]) > PRIMARY_NEAR)
			return false;
	return true;
}

/* gAMA and cHRM as a profile, so that there is one way for both. */
static void
take_gamma(struct codec_in *in, png_structp png, png_infop info)
{
	struct codec_header *header = &in->header;
	double gamma, xy[8];
	bool has_xy;

	if (png_get_gAMA(png, info, &gamma) == 0 || gamma < 0.1 || gamma > 10.0)
		return;
	header->is_space_told = true;
	has_xy = header->model == IMAGE_RGB && png_get_cHRM(png, info, &xy[0], &xy[1],
	    &xy[2], &xy[3], &xy[4], &xy[5], &xy[6], &xy[7]) != 0;
	if (fabs(gamma / GAMMA_SRGB - 1.0) < GAMMA_NEAR && (!has_xy || are_srgb(xy)))
		return;
	header->icc = color_profile_of_gamma(1.0 / gamma, has_xy ? xy : NULL,
	    header->model == IMAGE_GREY, &header->icc_bytes);
	header->is_icc_made = header->icc != NULL;
}

/* What ZIPPED unpacks to, if that is MOST bytes at most; or NULL. */
static uint8_t *
unpack(const uint8_t *zipped, size_t n, size_t most, size_t *size)
{
	uint8_t *data = malloc(most + 1);
	z_stream z = { .next_in = (Bytef *)(uintptr_t)zipped, .avail_in = (uInt)n, .next_out = data,
		.avail_out = (uInt)most + 1 };

	if (data == NULL || inflateInit(&z) != Z_OK) {
		free(data);
		return NULL;
	}
	if (inflate(&z, Z_FINISH) != Z_STREAM_END || z.total_out > most) {
		free(data);
		data = NULL;
	}
	*size = data == NULL ? 0 : z.total_out;
	inflateEnd(&z);
	return data;
}

/* libpng refuses profiles for what is of no consequence, as a rendering intent whose bytes are swapped:
 * lcms2 decides. */
static void
take_iccp(struct codec_in *in, const uint8_t *data, size_t n)
{
	struct codec_header *header = &in->header;
	const uint8_t *end = memchr(data, '\0', n);
	size_t at = end == NULL ? n : (size_t)(end - data) + 2; /* behind the name, its NUL and the method */

	if (at < n && end[1] == 0)
		header->icc = unpack(data + at, n - at, in->limits->icc_bytes, &header->icc_bytes);
}

/* False: there is no cICP, or it is none that we know. */
static bool
take_cicp(struct codec_header *header)
{
	const struct cicp cicp = { header->cicp[0], header->cicp[1], header->cicp[2], header->cicp[3] };

	header->has_cicp = header->has_cicp && cicp_is_known(&cicp);
	if (!header->has_cicp)
		return false;
	header->is_space_told = true;
	free(header->icc);
	header->icc = NULL;
	header->icc_bytes = 0;
	if (cicp_is_srgb(&cicp))
		return true;
	header->icc = color_profile_of_cicp(&cicp, header->model == IMAGE_GREY, &header->icc_bytes);
	header->is_icc_made = header->icc != NULL;
	return true;
}

void
codec_png_take_chunk(struct codec_in *in, const uint8_t type[4], const uint8_t *data, size_t n)
{
	struct codec_header *header = &in->header;

	if (header->width_px != 0) /* it is too late: what it says was settled before the pixels */
		return;
	if (memcmp(type, "cICP", 4) == 0 && n == sizeof(header->cicp) && !header->has_cicp) {
		memcpy(header->cicp, data, n);
		header->has_cicp = true;
	} else if (memcmp(type, "iCCP", 4) == 0 && header->icc == NULL)
		take_iccp(in, data, n);
}

/* cICP, else iCCP, else sRGB, else gAMA and cHRM: PNG (third edition) 4.3. */
static void
take_profile(struct codec_in *in, png_structp png, png_infop info)
{
	struct codec_header *header = &in->header;
	int intent;

	if (take_cicp(header) || header->icc != NULL)
		return;
	if (png_get_sRGB(png, info, &intent) != 0)
		header->is_space_told = true;
	else
		take_gamma(in, png, info);
}

void
codec_png_take_header(struct codec_in *in, png_structp png, png_infop info)
{
	take_profile(in, png, info);
	take_exif(in, png, info);
	take_density(in, png, info);
}
