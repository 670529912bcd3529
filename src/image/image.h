/* image/image.h - a picture in memory: planes of samples.
 *
 * Place:   codecs, resample, convert, develop -> here.
 * Form:    every plane has a grid of its own. A JPEG's chroma stays as coarse as it was coded,
 *          and a reduction in the DCT may leave each plane another size; `cover` says how many
 *          samples of the plane the picture takes up, which need not be a whole number.
 *          Samples are centred: sample i covers i to i+1 of the plane (JFIF's chroma siting).
 * Samples: full range; 1 byte, or 2 in the machine's order, or floats (linear.h).
 * Errors:  -1 with errno ENOMEM; pixels are never allocated unchecked.
 */
#ifndef IMAGE_IMAGE_H
#define IMAGE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IMAGE_MAX_PLANES 4

/* For loops over whole rows of whole numbers: made twice, for every CPU and for those of the last fifteen
 * years, which take bytes apart by threes ten times as fast. Both give the same. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define IMAGE_LOOP __attribute__((target_clones("sse4.1", "default"), optimize("O3")))
#else
#define IMAGE_LOOP
#endif

#define IMAGE_ALIGN 64 /* bytes; zimg with 64-byte vectors wants rows and strides so */

/* YCC and YCCK as in JFIF and Adobe's note on APP14: YCCK is (Y, Cb, Cr) of 255 - CMY, and K. */
enum image_model { IMAGE_GREY, IMAGE_YCC, IMAGE_RGB, IMAGE_CMYK, IMAGE_YCCK, IMAGE_N_MODEL };

struct plane {
	uint8_t *data;          /* width x height samples, rows stride_bytes apart */
	size_t stride_bytes;    /* a multiple of IMAGE_ALIGN */
	uint32_t width, height; /* samples that are valid */
	double cover_x, cover_y; /* samples that the picture's whole width and height take up */
};

struct image {
	enum image_model model;
	bool has_alpha;        /* the last plane; the colours are premultiplied by it */
	bool is_inverted;      /* CMYK, YCCK: 255 is no ink, as Adobe writes it */
	unsigned sample_bytes; /* 1 or 2; 4: floats */
	int n_planes;          /* of colour and alpha */
	uint32_t width_px, height_px;
	struct plane planes[IMAGE_MAX_PLANES];
};

/* Planes of colour of a MODEL, 1..4. */
int image_n_colors(enum image_model model);

/* Bytes of a plane. */
uint64_t image_plane_bytes(uint64_t width, uint64_t height, unsigned sample_bytes);

/* Gives aligned memory, or NULL with errno. */
void *image_alloc(uint64_t bytes);

/* The form of a plane of WIDTH x HEIGHT that covers the picture exactly, without data. */
void image_plane_shape(struct plane *plane, uint32_t width, uint32_t height,
    unsigned sample_bytes);
/* Gives the memory for a plane of this form. */
int image_plane_alloc(struct plane *plane);
/* Both. */
int image_plane_init(struct plane *plane, uint32_t width, uint32_t height, unsigned sample_bytes);
void image_plane_clear(struct plane *plane);
void image_clear(struct image *image);
/* TO gets planes of its own, to be cleared also after a failure. */
int image_copy(const struct image *from, struct image *to);

/* Copy FROM into TO, turned by the EXIF ORIENTATION (1..8) to stand upright. TO has the sizes
 * of FROM, swapped for 5..8. */
void image_turn(const struct plane *from, struct plane *to, unsigned sample_bytes,
    int orientation);

/* EXIF 2.3, tag 0x0112: which column and row of the stored picture stand upright at (X, Y)? Either may be
 * counted from the far end (mirrored), and they may have changed places (swapped: 5..8). */
bool image_is_swapped(int orientation);
bool image_is_column_mirrored(int orientation);
bool image_is_row_mirrored(int orientation);

#endif
