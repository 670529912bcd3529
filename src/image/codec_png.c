#include <config.h>

#include "image/codec_png.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void
codec_png_leave(png_structp png)
{
	struct codec_png_wall *wall = png_get_error_ptr(png);

	longjmp(wall->way_out, 1);
}

void
codec_png_on_error(png_structp png, png_const_charp text)
{
	struct codec_png_wall *wall = png_get_error_ptr(png);

	if (strstr(text, "ut of memory") != NULL || strstr(text, "nsufficient memory") != NULL)
		outcome_error(wall->outcome, ENOMEM, "no memory left for the PNG codec");
	else if (strstr(text, "Not enough image data") != NULL)
		outcome_bad(wall->outcome, BAD_TRUNCATED,
		    "the data of the picture end before it is complete");
	else if (strstr(text, "unhandled critical chunk") != NULL)
		outcome_bad(wall->outcome, BAD_UNSUPPORTED, "it is a PNG of a private kind (%.60s)",
		    text);
	else
		outcome_bad(wall->outcome, BAD_CORRUPT, "the PNG decoder gave up: %.120s", text);
	codec_png_leave(png);
}

/* libpng repairs or drops what it warns of; only data of pixels that do not add up are told
 * as damage. */
bool
codec_png_is_damaged(struct codec_png_wall *wall, const png_byte name[5])
{
	bool is_damaged = memcmp(wall->damaged, name, sizeof(wall->damaged) - 1) == 0;

	wall->damaged[0] = '\0';
	return is_damaged;
}

void
codec_png_on_warning(png_structp png, png_const_charp text)
{
	struct codec_png_wall *wall = png_get_error_ptr(png);

	if (strstr(text, "CRC error") != NULL) /* "zTXt: CRC error" */
		memcpy(wall->damaged, text, sizeof(wall->damaged) - 1);
	if (strstr(text, "IDAT") != NULL && strstr(text, "incorrect data check") != NULL)
		outcome_bad(wall->outcome, BAD_CORRUPT,
		    "the checksum of the picture's data is wrong");
	outcome_warn(wall->outcome, wall->max_warnings);
	if (outcome_is_fault(wall->outcome))
		codec_png_leave(png);
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
