/* image/layout.h - what is to be made from what, decided before any pixel is read.
 *
 * Place:   develop, watermark -> here -> rendition, formats.
 * Order:   the largest first; each one from the smallest already made that shows the whole
 *          picture with at least as many samples in every plane, else from the source.
 * Light:   what is resampled in linear light needs the source at full size (a DCT averages as it
 *          is coded), and is made from what was made so, and nothing else from it.
 * Chroma:  a JPEG result of subsampling `auto` is 4:4:4 when the source is so and quality is
 *          at least 90, else 4:2:0; one that is converted row by row (of a PNG, or to other colours)
 *          is 4:4:4 also where its own chroma shows that it must (convert.c). Grey stays grey.
 */
#ifndef IMAGE_LAYOUT_H
#define IMAGE_LAYOUT_H

#include "image/codec.h"

struct layout_item {
	int i_output;
	const struct rendition *spec;  /* borrowed from the outputs */
	struct rendition_frame frame;
	const struct codec *codec; /* of the result */
	bool is_converted;      /* colours to sRGB: they are not, or cannot stay as they are */
	bool is_linear;         /* resampled in linear light: its planes are floats (linear.h) */
	bool is_direct;         /* the reduced planes go to the JPEG encoder as they are */
	unsigned sub_x, sub_y;  /* of a JPEG result's chroma, 1 or 2 */
	unsigned out_bytes;     /* of a result's sample */
	int parent;             /* index of an item before it, or -1: the source */
	int n_children;
};

struct layout {
	int orientation;
	uint32_t width_px, height_px; /* of the source, upright */
	unsigned denominator;         /* of the reduction while decoding */
	bool may_halve_chroma;        /* see codec.h: what is left of it is still enough */
	int n_items;
	struct layout_item items[RENDITION_MAX];
};

/* CODEC: the source's. IS_FOREIGN: its colours differ from sRGB. SPECS: of each output, borrowed; NULL: it is
 * copied (copy.h). */
void layout_make(struct layout *layout, const struct codec_header *header, int orientation,
    bool is_foreign, const struct codec *codec, const struct rendition *const specs[], int n_outputs);

/* Bytes at the peak beside what the codec takes to read. */
uint64_t layout_cost(const struct layout *layout, const struct codec_header *header);

/* Size of plane I_PLANE of the picture reduced for ITEM, from a source of this HEADER. */
void layout_plane_size(const struct layout_item *item, const struct codec_header *header,
    int i_plane, uint32_t *w, uint32_t *h);

/* Weights for the pace. */
double layout_resize_ns(const struct layout *layout, const struct layout_item *item);
double layout_convert_ns(const struct layout_item *item); /* all rows before the encoder begins */
double layout_encode_ns(const struct layout_item *item);

#endif
