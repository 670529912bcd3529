/* image/png/png.h - what reading and writing PNG share: libpng's way out.
 *
 * Place:   png/read, png/write, png/copy, png/chunks -> here -> libpng.
 */
#ifndef IMAGE_PNG_PNG_H
#define IMAGE_PNG_PNG_H

#include <setjmp.h>

#include <png.h>

#include "image/codec.h"

extern const struct codec codec_png; /* the row in formats.c */

struct codec_png_wall {
	jmp_buf way_out;
	struct develop_outcome *outcome;
	unsigned max_warnings;
	char damaged[5]; /* name of the chunk whose checksum was wrong last */
};

/* Has the chunk NAME, which libpng hands over unread, a wrong checksum? Asked once for each. */
bool codec_png_is_damaged(struct codec_png_wall *wall, const png_byte name[5]);

/* For png_create_*_struct(), with the wall as error pointer. */
void codec_png_on_error(png_structp png, png_const_charp text) __attribute__((noreturn));
void codec_png_on_warning(png_structp png, png_const_charp text);

/* The outcome is set: leave libpng. */
void codec_png_leave(png_structp png) __attribute__((noreturn));

/* ---- copying: between open and close, instead of reading ---- */

struct codec_png_source {
	png_structp png;
	png_infop info;
	const uint8_t *rows; /* after copy_read(): as stored, png_get_rowbytes() apart */
};

struct codec_png_source codec_png_source(struct codec_in *in);

/* For struct codec. */
bool codec_png_next_piece(struct walk *walk, struct walk_piece *piece);
uint64_t codec_png_copy_cost(struct codec_in *in, int orientation, const struct rendition *spec);
enum codec_copied codec_png_copy_write(struct codec_in *in, int orientation,
    const struct codec_style *style, struct codec_sink *sink);

/* ---- writing ---- */

/* For struct codec: rows interleaved as PNG wants them, of samples in the machine's order. */
int codec_png_write(struct codec_sink *sink, struct convert *rows,
    const struct codec_style *style, struct pace *pace, struct develop_outcome *outcome);

/* A writer of one file. Set wall.outcome, sink and style. */
struct codec_png_out {
	struct codec_png_wall wall;
	png_structp png;
	png_infop info;
	struct codec_sink *sink;
	const struct codec_style *style;
};

/* Set up libpng, call BODY within the wall, write what follows the pixels. -1: the outcome says why. */
int codec_png_out_run(struct codec_png_out *out, void (*body)(struct codec_png_out *));
/* For BODY, after IHDR and a palette: all that stands before the pixels, by the style. */
void codec_png_out_head(struct codec_png_out *out);

/* The colours of a picture of 3 or 4 samples of 1 byte (RGB, RGBA), where they are few. */
#define CODEC_PNG_PALETTE_BITS 10
#define CODEC_PNG_PALETTE_SLOTS (1u << CODEC_PNG_PALETTE_BITS) /* 256 at most are used */

struct codec_png_palette {
	unsigned n_channels;
	int n;
	uint32_t keys[CODEC_PNG_PALETTE_SLOTS]; /* by hash */
	bool is_used[CODEC_PNG_PALETTE_SLOTS];
	uint8_t index[CODEC_PNG_PALETTE_SLOTS];
	png_color colors[PNG_MAX_PALETTE_LENGTH];
	png_byte alphas[PNG_MAX_PALETTE_LENGTH];
};

void codec_png_palette_init(struct codec_png_palette *palette, unsigned n_channels);
/* Add the colours of a row. False: they are more than 256. */
bool codec_png_palette_gather(struct codec_png_palette *palette, const uint8_t *row,
    uint32_t n_px);
/* All are gathered: bits of an index; PLTE and tRNS; pixels to one index a byte, in place. */
int codec_png_palette_depth(const struct codec_png_palette *palette);
void codec_png_palette_set(struct codec_png_palette *palette, png_structp png, png_infop info);
void codec_png_palette_map(const struct codec_png_palette *palette, uint8_t *row, uint32_t n_px);

/* Writing: the style's density, EXIF and IPTC into INFO, before png_write_info(); the texts
 * that it takes over as chunks, after it. */
void codec_png_set_meta(png_structp png, png_infop info, const struct codec_style *style);
void codec_png_write_meta(png_structp png, const struct codec_style *style);

/* Reading, after png_read_info() and with header.model set: profile, EXIF and density into in->header. */
void codec_png_take_header(struct codec_in *in, png_structp png, png_infop info);

/* A chunk that libpng does not know or is not asked about, before that: what it says of colours. */
void codec_png_take_chunk(struct codec_in *in, const uint8_t type[4], const uint8_t *data, size_t n);

/* The data of an eXIf chunk behind the pixels, or NULL: none, damaged, or over MAX_BYTES. The
 * place at which SOURCE is read next stays. Gives *SIZE bytes by malloc. */
uint8_t *codec_png_late_exif(const struct codec_source *source, uint32_t max_bytes, size_t *size);

#endif
