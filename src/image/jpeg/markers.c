/* image/jpeg/markers.c - what a JPEG tells beside its pixels, as libjpeg comes past it. */
#include <config.h>

#include "image/jpeg/jpeg.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Why not jpeg_save_markers(): it keeps every marker of a kind, and a file may be nothing but
 * APP1. Here the first block of each kind is kept within its limit, and the rest forgotten. */

#define SEGMENT_MAX 65535           /* a marker's length is 16 bits */
#define EXIF_PREFIX_BYTES 6
#define ICC_PREFIX "ICC_PROFILE"    /* with its NUL; then number and count, ICC.1 annex B.4 */
#define ICC_PREFIX_BYTES 14
#define MPF "MPF"                   /* with its NUL; CIPA DC-007, 5.1 */
#define GUID_AT sizeof(CODEC_JPEG_XMP_MORE)
#define XMP_MORE_PREFIX_BYTES (GUID_AT + META_GUID_BYTES + 8) /* then length and offset */

void
codec_jpeg_markers_init(struct codec_jpeg_markers *m, const struct develop_limits *limits)
{
	m->max_icc_bytes = limits->icc_bytes;
	m->max_exif_bytes = limits->exif_bytes;
	m->segment = mem_alloc(SEGMENT_MAX);
}

/* The next byte of the source; our source never suspends. */
static unsigned
next_byte(j_decompress_ptr cinfo)
{
	struct jpeg_source_mgr *src = cinfo->src;

	if (src->bytes_in_buffer == 0)
		src->fill_input_buffer(cinfo);
	src->bytes_in_buffer--;
	return *src->next_input_byte++;
}

/* Exactly CODE, its NUL included? */
static bool
begins_with(const uint8_t *data, size_t n, const char *code, size_t length)
{
	return n >= length && memcmp(data, code, length) == 0;
}

static uint32_t
be32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void
take_exif(struct codec_jpeg_markers *m, const uint8_t *data, size_t n)
{
	struct meta_block block = { .data = m->tiff };

	if (!meta_block_take(&block, data, n, m->max_exif_bytes))
		return;
	m->tiff = block.data;
	m->tiff_bytes = block.size;
}

/* Parts come in order; what does not fit to the parts before it is left out, and with it the
 * whole. */
static void
take_xmp_more(struct codec_jpeg_markers *m, const uint8_t *data, size_t n)
{
	struct meta_block *more = &m->meta.xmp_more;
	const uint8_t *guid = data + GUID_AT;
	uint32_t whole = be32(guid + META_GUID_BYTES), at = be32(guid + META_GUID_BYTES + 4);

	data += XMP_MORE_PREFIX_BYTES;
	n -= XMP_MORE_PREFIX_BYTES;
	if (more->data == NULL) {
		if (at != 0 || whole == 0 || whole > m->max_exif_bytes)
			return;
		more->data = calloc(1, whole);
		if (more->data == NULL)
			return;
		m->xmp_more_bytes = whole;
		memcpy(m->meta.xmp_guid, guid, META_GUID_BYTES);
	}
	if (at != more->size || whole != m->xmp_more_bytes || n > whole - at ||
	    memcmp(m->meta.xmp_guid, guid, META_GUID_BYTES) != 0)
		return;
	memcpy(more->data + at, data, n);
	more->size += n;
}

static void
take_icc(struct codec_jpeg_markers *m, const uint8_t *data, size_t n)
{
	unsigned number = data[12], count = data[13];
	struct meta_block part = { .data = NULL };

	n -= ICC_PREFIX_BYTES;
	if (m->n_icc_parts == 0)
		m->n_icc_parts = count;
	if (number == 0 || number > count || count != m->n_icc_parts ||
	    m->icc_parts[number] != NULL || m->icc_bytes + n > m->max_icc_bytes)
		m->is_icc_bad = true;
	if (m->is_icc_bad || !meta_block_take(&part, data + ICC_PREFIX_BYTES, n, SEGMENT_MAX))
		return;
	m->icc_parts[number] = part.data;
	m->icc_part_bytes[number] = (uint16_t)n;
	m->icc_bytes += n;
}

static void
take_resources(struct codec_jpeg_markers *m, const uint8_t *data, size_t n)
{
	uint8_t *all;

	if (n == 0 || n + m->resource_bytes > m->max_exif_bytes)
		return;
	all = realloc(m->resources, m->resource_bytes + n);
	if (all == NULL)
		return;
	memcpy(all + m->resource_bytes, data, n);
	m->resources = all;
	m->resource_bytes += n;
}

static void
take_marker(struct codec_jpeg_markers *m, int marker, const uint8_t *data, size_t n)
{
	const size_t xmp = sizeof(CODEC_JPEG_XMP), resources = sizeof(CODEC_JPEG_RESOURCES);

	if (marker == JPEG_COM)
		meta_block_take(&m->meta.comment, data, n, m->max_exif_bytes);
	else if (marker == JPEG_APP0 + 2 && n >= ICC_PREFIX_BYTES &&
	    begins_with(data, n, ICC_PREFIX, sizeof(ICC_PREFIX)))
		take_icc(m, data, n);
	else if (marker == JPEG_APP0 + 2 && begins_with(data, n, MPF, sizeof(MPF)))
		m->has_mpf = true;
	else if (marker == JPEG_APP0 + 13 &&
	    begins_with(data, n, CODEC_JPEG_RESOURCES, resources))
		take_resources(m, data + resources, n - resources);
	else if (marker != JPEG_APP0 + 1)
		return;
	else if (n >= EXIF_PREFIX_BYTES && begins_with(data, n, "Exif", sizeof("Exif")))
		take_exif(m, data + EXIF_PREFIX_BYTES, n - EXIF_PREFIX_BYTES);
	else if (begins_with(data, n, CODEC_JPEG_XMP, xmp))
		meta_take_xmp(&m->meta, data + xmp, n - xmp, m->max_exif_bytes);
	else if (n > XMP_MORE_PREFIX_BYTES &&
	    begins_with(data, n, CODEC_JPEG_XMP_MORE, sizeof(CODEC_JPEG_XMP_MORE)))
		take_xmp_more(m, data, n);
}

boolean
codec_jpeg_markers_take(j_decompress_ptr cinfo)
{
	struct codec_jpeg_markers *m = cinfo->client_data;
	size_t length = next_byte(cinfo) << 8, i;

	length |= next_byte(cinfo);
	length = length < 2 ? 0 : length - 2;
	for (i = 0; i < length; i++)
		m->segment[i] = (uint8_t)next_byte(cinfo);
	take_marker(m, cinfo->unread_marker, m->segment, length);
	return TRUE;
}

/* A profile with a part missing is none. */
static void
gather_icc(struct codec_jpeg_markers *m, struct codec_header *header)
{
	size_t at = 0;
	unsigned i;

	if (m->n_icc_parts == 0 || m->is_icc_bad)
		return;
	for (i = 1; i <= m->n_icc_parts; i++)
		if (m->icc_parts[i] == NULL)
			return;
	header->icc = malloc((size_t)m->icc_bytes + 1);
	if (header->icc == NULL)
		return;
	for (i = 1; i <= m->n_icc_parts; i++) {
		memcpy(header->icc + at, m->icc_parts[i], m->icc_part_bytes[i]);
		at += m->icc_part_bytes[i];
	}
	header->icc_bytes = at;
}

/* An extension that is not whole is none; one that names an orientation cannot be changed, since
 * its GUID is a digest of it. */
static void
gather_xmp_more(struct codec_jpeg_markers *m)
{
	struct meta_block *more = &m->meta.xmp_more;

	if (more->data == NULL || (more->size == m->xmp_more_bytes && m->meta.xmp.data != NULL &&
	    !meta_reset_orientation(more->data, more->size)))
		return;
	free(more->data);
	*more = (struct meta_block){ .data = NULL };
}

/* What libjpeg made of the JFIF marker: without a unit it is the shape of the pixels. */
static void
gather_density(j_decompress_ptr cinfo, struct meta_density *density)
{
	static const enum meta_unit units[] = { META_ASPECT, META_PER_INCH, META_PER_CM };

	if (!cinfo->saw_JFIF_marker || cinfo->density_unit > 2 ||
	    (cinfo->density_unit == 0 && cinfo->X_density == cinfo->Y_density))
		return;
	*density = (struct meta_density){ .unit = units[cinfo->density_unit],
		.x = cinfo->X_density, .y = cinfo->Y_density };
}

static void
forget_blocks(struct codec_jpeg_markers *m)
{
	unsigned i;

	free(m->tiff);
	m->tiff = NULL;
	free(m->resources);
	m->resources = NULL;
	m->resource_bytes = 0;
	meta_clear(&m->meta);
	for (i = 0; i < 256; i++) {
		free(m->icc_parts[i]);
		m->icc_parts[i] = NULL;
	}
}

void
codec_jpeg_markers_gather(j_decompress_ptr cinfo, struct codec_header *header)
{
	struct codec_jpeg_markers *m = cinfo->client_data;

	header->tiff = m->tiff;
	header->tiff_bytes = m->tiff_bytes;
	m->tiff = NULL;
	header->has_more = m->has_mpf;
	gather_icc(m, header);
	gather_xmp_more(m);
	meta_take_resources(&m->meta, m->resources, m->resource_bytes, m->max_exif_bytes);
	gather_density(cinfo, &m->meta.density);
	header->meta = m->meta;
	m->meta = (struct meta){ .n_texts = 0 };
	forget_blocks(m); /* but not the segment: markers may stand between scans */
}

void
codec_jpeg_markers_clear(struct codec_jpeg_markers *m)
{
	forget_blocks(m);
	free(m->segment);
	m->segment = NULL;
}
