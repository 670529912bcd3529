/* image/png/wall.c - where libpng ends when it gives up, and which of its complaints count. */
#include <config.h>

#include "image/png/png.h"

#include <errno.h>
#include <string.h>

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
		outcome_bad(wall->outcome, REASON_TRUNCATED,
		    "the data of the picture end before it is complete");
	else if (strstr(text, "unhandled critical chunk") != NULL)
		outcome_bad(wall->outcome, REASON_UNSUPPORTED, "it is a PNG of a private kind (%.60s)",
		    text);
	else
		outcome_bad(wall->outcome, REASON_CORRUPT, "the PNG decoder gave up: %.120s", text);
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
		outcome_bad(wall->outcome, REASON_CORRUPT,
		    "the checksum of the picture's data is wrong");
	outcome_warn(wall->outcome, wall->max_warnings);
	if (outcome_is_fault(wall->outcome))
		codec_png_leave(png);
}
