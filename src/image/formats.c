/* image/formats.c - the table of formats. A new one: a folder, its struct codec, a row here. */
#include <config.h>

#include "image/formats.h"

#include <string.h>

#include "base/log.h"
#include "image/jpeg/jpeg.h"
#include "image/png/png.h"

static const struct codec *const formats[] = { &codec_jpeg, &codec_png };

#define N_FORMATS (sizeof(formats) / sizeof(formats[0]))

const struct codec *
formats_by_head(const uint8_t *head, size_t n)
{
	size_t i;

	for (i = 0; i < N_FORMATS; i++)
		if (n >= formats[i]->magic_bytes &&
		    memcmp(head, formats[i]->magic, formats[i]->magic_bytes) == 0)
			return formats[i];
	return NULL;
}

const struct codec *
formats_by_word(enum rendition_format word)
{
	size_t i;

	for (i = 0; i < N_FORMATS; i++)
		if (formats[i]->word == word)
			return formats[i];
	log_panic("format=%d is none that can be written", (int)word);
}
