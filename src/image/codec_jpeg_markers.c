#include <config.h>

#include "image/codec_jpeg.h"

#include <stdlib.h>
#include <string.h>

/* Why not jpeg_save_markers(): it keeps every marker of a kind, and a file may be nothing but
 * APP1. Here the first EXIF block and one ICC profile are kept, and the rest is skipped. */

#define EXIF_PREFIX "Exif\0"        /* and one byte of padding */
#define EXIF_PREFIX_BYTES 6
#define ICC_PREFIX "ICC_PROFILE"    /* with its NUL; then number and count, ICC.1 annex B.4 */
#define ICC_PREFIX_BYTES 14

void
codec_jpeg_markers_init(struct codec_jpeg_markers *m, const struct develop_limits *limits)
{
	m->max_icc_bytes = limits->icc_bytes;
	m->max_exif_bytes = limits->exif_bytes;
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

static void
read_bytes(j_decompress_ptr cinfo, uint8_t *to, size_t n)
{
	while (n-- > 0)
		*to++ = (uint8_t)next_byte(cinfo);
}

/* Returns the bytes of LENGTH that are left to skip. */
static size_t
take_exif(j_decompress_ptr cinfo, struct codec_jpeg_markers *m, size_t length)
{
	if (m->tiff != NULL || length == 0 || length > m->max_exif_bytes)
		return length;
	/* The bytes are the context's at once: libjpeg may leave in the middle of them. */
	m->tiff = calloc(1, length);
	if (m->tiff == NULL)
		return length;
	m->tiff_bytes = length;
	read_bytes(cinfo, m->tiff, length);
	return 0;
}

static size_t
take_icc(j_decompress_ptr cinfo, struct codec_jpeg_markers *m, const uint8_t *prefix,
    size_t length)
{
	unsigned number = prefix[12], count = prefix[13];

	if (m->n_icc_parts == 0)
		m->n_icc_parts = count;
	if (number == 0 || number > count || count != m->n_icc_parts ||
	    m->icc_parts[number] != NULL || m->icc_bytes + length > m->max_icc_bytes)
		m->is_icc_bad = true;
	if (m->is_icc_bad)
		return length;
	m->icc_parts[number] = calloc(1, length == 0 ? 1 : length);
	if (m->icc_parts[number] == NULL)
		return length;
	m->icc_part_bytes[number] = (uint16_t)length;
	m->icc_bytes += length;
	read_bytes(cinfo, m->icc_parts[number], length);
	return 0;
}

boolean
codec_jpeg_markers_take(j_decompress_ptr cinfo)
{
	struct codec_jpeg_markers *m = cinfo->client_data;
	uint8_t prefix[ICC_PREFIX_BYTES];
	size_t length = next_byte(cinfo) << 8, n;

	length |= next_byte(cinfo);
	length = length < 2 ? 0 : length - 2;
	n = cinfo->unread_marker == JPEG_APP0 + 1 ? EXIF_PREFIX_BYTES : ICC_PREFIX_BYTES;
	if (length >= n) {
		read_bytes(cinfo, prefix, n);
		length -= n;
		if (n == EXIF_PREFIX_BYTES && memcmp(prefix, EXIF_PREFIX, 5) == 0)
			length = take_exif(cinfo, m, length);
		else if (n == ICC_PREFIX_BYTES && memcmp(prefix, ICC_PREFIX, 12) == 0)
			length = take_icc(cinfo, m, prefix, length);
	}
	if (length > 0)
		cinfo->src->skip_input_data(cinfo, (long)length);
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

void
codec_jpeg_markers_gather(struct codec_jpeg_markers *m, struct codec_header *header)
{
	header->tiff = m->tiff;
	header->tiff_bytes = m->tiff_bytes;
	m->tiff = NULL;
	gather_icc(m, header);
	codec_jpeg_markers_clear(m);
}

void
codec_jpeg_markers_clear(struct codec_jpeg_markers *m)
{
	unsigned i;

	free(m->tiff);
	m->tiff = NULL;
	for (i = 0; i < 256; i++) {
		free(m->icc_parts[i]);
		m->icc_parts[i] = NULL;
	}
}
