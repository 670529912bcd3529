/* image/png/chunks.c - what stands in a PNG beside its pixels: written, and EXIF found behind them. */
#include <config.h>

#include "image/png/png.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEX_LINE 36 /* bytes in a line of hex, as ImageMagick writes it */
#define RAW_IPTC "Raw profile type iptc"

/* The keyword with its NUL; not compressed, no language, no translation. */
static void
write_xmp(png_structp png, const struct meta_block *xmp)
{
	static const uint8_t type[5] = "iTXt", head[] = META_XMP_KEYWORD "\0\0\0\0";

	png_write_chunk_start(png, type, (png_uint_32)(sizeof(head) + xmp->size));
	png_write_chunk_data(png, head, sizeof(head));
	png_write_chunk_data(png, xmp->data, xmp->size);
	png_write_chunk_end(png);
}

/* PNG has no place for IPTC; this is the custom: name, length, hex. */
static void
write_iptc(png_structp png, png_infop info, const struct meta_block *iptc)
{
	size_t room = 2 * iptc->size + iptc->size / HEX_LINE + 64, at, i;
	char *text = malloc(room), key[] = RAW_IPTC;
	png_text chunk = { .compression = PNG_TEXT_COMPRESSION_zTXt, .key = key, .text = text };

	if (text == NULL)
		return;
	at = (size_t)snprintf(text, room, "\niptc\n%8zu\n", iptc->size);
	for (i = 0; i < iptc->size; i++)
		at += (size_t)snprintf(text + at, room - at, "%02x%s", iptc->data[i],
		    i % HEX_LINE == HEX_LINE - 1 || i + 1 == iptc->size ? "\n" : "");
	chunk.text_length = at;
	png_set_text(png, info, &chunk, 1);
	free(text);
}

void
codec_png_set_meta(png_structp png, png_infop info, const struct codec_style *style)
{
	const struct meta *meta = &style->meta;
	bool is_aspect = meta->density.unit == META_ASPECT;
	struct meta_density density;

	if (meta_density_as(&meta->density, is_aspect ? META_ASPECT : META_PER_METRE,
	    PNG_UINT_31_MAX, &density))
		png_set_pHYs(png, info, density.x, density.y,
		    is_aspect ? PNG_RESOLUTION_UNKNOWN : PNG_RESOLUTION_METER);
	if (style->tiff != NULL)
		png_set_eXIf_1(png, info, (png_uint_32)style->tiff_bytes,
		    (png_bytep)style->tiff);
	if (meta->iptc.data != NULL)
		write_iptc(png, info, &meta->iptc);
}

void
codec_png_write_meta(png_structp png, const struct codec_style *style)
{
	const struct meta *meta = &style->meta;
	unsigned i;

	if (meta->xmp.data != NULL)
		write_xmp(png, &meta->xmp);
	for (i = 0; i < meta->n_texts; i++)
		png_write_chunk(png, meta->texts[i].type, meta->texts[i].chunk.data,
		    meta->texts[i].chunk.size);
}

/* ---- chunks behind the pixels ---- */

#define SIGNATURE_BYTES 8
#define CHUNK_BYTES 12 /* length, name and checksum around the data */
#define MAX_CHUNKS 1000000 /* IDATs of 4 KiB in a file of 4 GB */

static bool
read_at(const struct codec_source *source, uint64_t offset, void *data, size_t n)
{
	return offset <= source->size_bytes && n <= source->size_bytes - offset &&
	    pread(source->fd, data, n, (off_t)offset) == (ssize_t)n;
}

static uint8_t *
read_data(const struct codec_source *source, uint64_t offset, uint32_t n)
{
	uint8_t *data = malloc(n == 0 ? 1 : n);

	if (data != NULL && read_at(source, offset, data, n))
		return data;
	free(data);
	return NULL;
}

uint8_t *
codec_png_late_exif(const struct codec_source *source, uint32_t max_bytes, size_t *size)
{
	uint64_t offset = SIGNATURE_BYTES;
	uint8_t head[8];
	unsigned i;

	*size = 0;
	for (i = 0; i < MAX_CHUNKS && read_at(source, offset, head, sizeof(head)); i++) {
		uint32_t n = (uint32_t)head[0] << 24 | (uint32_t)head[1] << 16 |
		    (uint32_t)head[2] << 8 | head[3];
		uint8_t *data;

		if (memcmp(head + 4, "IEND", 4) == 0)
			break;
		if (memcmp(head + 4, "eXIf", 4) == 0) {
			data = n > max_bytes ? NULL : read_data(source, offset + 8, n);
			*size = data == NULL ? 0 : n;
			return data;
		}
		offset += CHUNK_BYTES + (uint64_t)n;
	}
	return NULL;
}
