/* image/codec_png.h - what reading and writing PNG share: libpng's way out.
 *
 * Place:   codec_png_read.c; codec_png_write.c, codec_png_meta.c -> here -> libpng.
 */
#ifndef IMAGE_CODEC_PNG_H
#define IMAGE_CODEC_PNG_H

#include <setjmp.h>

#include <png.h>

#include "image/codec.h"

struct codec_png_wall {
	jmp_buf way_out;
	struct develop_outcome *outcome;
	unsigned max_warnings;
};

/* For png_create_*_struct(), with the wall as error pointer. */
void codec_png_on_error(png_structp png, png_const_charp text) __attribute__((noreturn));
void codec_png_on_warning(png_structp png, png_const_charp text);

/* The outcome is set: leave libpng. */
void codec_png_leave(png_structp png) __attribute__((noreturn));

/* Writing: the style's density, EXIF and IPTC into INFO, before png_write_info(); the texts
 * that it takes over as chunks, after it. */
void codec_png_set_meta(png_structp png, png_infop info, const struct codec_style *style);
void codec_png_write_meta(png_structp png, const struct codec_style *style);

#endif
