/* develop_kit.h - what the tests of the image engine share: a run that records what it was told,
 * readers that are not ours, and pictures of known colours. */
#ifndef DEVELOP_KIT_H
#define DEVELOP_KIT_H

#include "image/develop.h"

#define KIT_MAX_OUTPUTS 4

extern const struct develop_limits kit_limits; /* the configuration's defaults */
extern const struct rendition kit_web, kit_thumb;

/* Criterion's own .timeout leaks under LeakSanitizer when two such tests overlap. */
void kit_give_seconds(unsigned n);

/* ---- one run, and what it told ---- */

struct kit_result {
	struct develop_outcome outcome;
	struct develop_output outputs[KIT_MAX_OUTPUTS];
	struct develop_news complete[KIT_MAX_OUTPUTS];
	int n_outputs, status;
	unsigned permille, n_news, n_complete; /* n_news: times that permille rose */
};

/* Develop into memory, and check what holds for every run: progress, news, lengths, a text. */
void kit_develop(struct developer *d, int fd, const struct rendition *specs, int n,
    struct kit_result *r);
void kit_develop_path(struct developer *d, const char *path, const struct rendition *specs, int n,
    struct kit_result *r);
void kit_clear(struct kit_result *r);

/* ---- independent reading: plain libjpeg, and libpng's simplified API ---- */

struct kit_rgb {
	uint32_t w, h;
	uint8_t *pixels; /* RGBA, by malloc */
};

uint8_t *kit_slurp(int fd, size_t *size);
uint64_t kit_size(int fd);
bool kit_are_equal(int a, int b); /* byte for byte */
void kit_read(int fd, struct kit_rgb *to);

/* Mean of |a - b| over the samples; the sizes must be equal. */
double kit_difference(const struct kit_rgb *a, const struct kit_rgb *b);

/* ---- pictures of smooth colours with a bright corner, so that up is known ---- */

/* Gives W x H of them. */
struct kit_rgb kit_ideal(uint32_t w, uint32_t h, bool is_grey);

struct kit_jpeg {
	const char *name;
	uint32_t w, h;
	int space;      /* J_COLOR_SPACE */
	int factors[4]; /* h * 10 + v per component */
	bool is_progressive, is_arithmetic;
	unsigned restart;
};

struct kit_png {
	const char *name;
	int type, depth; /* PNG_COLOR_TYPE_...; a palette is a ramp of greys */
	bool is_interlaced, has_trns, has_gamma; /* gAMA of 1.0, with samples to match */
};

/* Give a descriptor. With alpha the left half is transparent. */
int kit_make_jpeg(const struct kit_jpeg *kind);
int kit_make_png(const struct kit_png *kind, uint32_t w, uint32_t h);

/* Give a descriptor of these pixels: a PNG of N_CHANNELS (1 to 4) or a JPEG of this quality, its chroma
 * SUB times coarser both ways (0: a grey one). */
int kit_put_png(const struct kit_rgb *pixels, int n_channels);
int kit_put_jpeg(const struct kit_rgb *pixels, int quality, int sub);

/* W x H pixels of one colour 0xRRGGBB, opaque. */
struct kit_rgb kit_flat(uint32_t w, uint32_t h, uint32_t color);
/* Noise that is the same for the same SEED. */
struct kit_rgb kit_noise(uint32_t w, uint32_t h, unsigned seed);

/* The stored pixel that is at (X, Y) of the upright picture; W x H as stored. EXIF 2.3, 0x0112. */
size_t kit_stored_at(int orientation, uint32_t x, uint32_t y, uint32_t w, uint32_t h);

/* The mean of channel C over the pixels X to X + W - 1 in rows Y to Y + H - 1. */
double kit_mean(const struct kit_rgb *of, int c, uint32_t x, uint32_t y, uint32_t w, uint32_t h);

#endif
