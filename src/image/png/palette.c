/* image/png/palette.c - few colours, counted and made a palette of. */
#include <config.h>

#include "image/png/png.h"

#include <string.h>

#define OPAQUE 255
#define GOLDEN 2654435769u /* 2^32 / golden ratio: spreads neighbouring colours */

void
codec_png_palette_init(struct codec_png_palette *p, unsigned n_channels)
{
	memset(p, 0, sizeof(*p));
	p->n_channels = n_channels;
}

static uint32_t
key_of(const struct codec_png_palette *p, const uint8_t *pixel)
{
	uint32_t alpha = p->n_channels == 4 ? pixel[3] : OPAQUE;

	return (uint32_t)pixel[0] << 24 | (uint32_t)pixel[1] << 16 | (uint32_t)pixel[2] << 8 | alpha;
}

/* The slot of KEY, or the free one where it belongs; there are always free ones. */
static unsigned
slot_of(const struct codec_png_palette *p, uint32_t key)
{
	unsigned slot = (key * GOLDEN) >> (32 - CODEC_PNG_PALETTE_BITS);

	while (p->is_used[slot] && p->keys[slot] != key)
		slot = (slot + 1) % CODEC_PNG_PALETTE_SLOTS;
	return slot;
}

bool
codec_png_palette_gather(struct codec_png_palette *p, const uint8_t *row, uint32_t n_px)
{
	uint32_t x, last = 0;

	for (x = 0; x < n_px; x++, row += p->n_channels) {
		uint32_t key = key_of(p, row);
		unsigned slot;

		if (x > 0 && key == last)
			continue;
		last = key;
		slot = slot_of(p, key);
		if (p->is_used[slot])
			continue;
		if (p->n == PNG_MAX_PALETTE_LENGTH)
			return false;
		p->is_used[slot] = true;
		p->keys[slot] = key;
		p->n++;
	}
	return true;
}

static void
enter_color(struct codec_png_palette *p, unsigned slot)
{
	uint32_t key = p->keys[slot];

	p->alphas[p->n] = (png_byte)key;
	p->colors[p->n] = (png_color){ (png_byte)(key >> 24), (png_byte)(key >> 16),
		(png_byte)(key >> 8) };
	p->index[slot] = (uint8_t)p->n++;
}

/* Those that are not opaque first: tRNS ends where they end. */
void
codec_png_palette_set(struct codec_png_palette *p, png_structp png, png_infop info)
{
	unsigned slot;
	int n_clear;

	p->n = 0;
	for (slot = 0; slot < CODEC_PNG_PALETTE_SLOTS; slot++)
		if (p->is_used[slot] && (p->keys[slot] & 0xff) != OPAQUE)
			enter_color(p, slot);
	n_clear = p->n;
	for (slot = 0; slot < CODEC_PNG_PALETTE_SLOTS; slot++)
		if (p->is_used[slot] && (p->keys[slot] & 0xff) == OPAQUE)
			enter_color(p, slot);
	png_set_PLTE(png, info, p->colors, p->n);
	if (n_clear > 0)
		png_set_tRNS(png, info, p->alphas, n_clear, NULL);
}

int
codec_png_palette_depth(const struct codec_png_palette *p)
{
	return p->n <= 2 ? 1 : p->n <= 4 ? 2 : p->n <= 16 ? 4 : 8;
}

void
codec_png_palette_map(const struct codec_png_palette *p, uint8_t *row, uint32_t n_px)
{
	const uint8_t *from = row;
	uint32_t x;

	for (x = 0; x < n_px; x++, from += p->n_channels)
		row[x] = p->index[slot_of(p, key_of(p, from))];
}
