/* image/overlay.h - a watermark in its place, laid over a result.
 *
 * Place:   develop, watermark, convert -> here. Where it comes from: watermark.h.
 * Form:    in the picture's gravity, watermark_margin pixels from its edges where there is room.
 * Sum:     colours are mixed as they are coded in the result, as people expect of a per cent
 *          of opacity: over alpha as Porter and Duff's "over". On a grey picture it is grey. A coarse
 *          sample of chroma takes the mean of what lies over its pixels.
 */
#ifndef IMAGE_OVERLAY_H
#define IMAGE_OVERLAY_H

#include "image/color.h"
#include "image/image.h"
#include "image/rendition.h"

struct overlay {
	uint16_t *rgba; /* owned; straight, 0..65535, the opacity in the alpha */
	uint32_t left, top, width, height; /* in the result */
};

/* Put a mark of W x H pixels RGBA (straight sRGB, copied) where SPEC wants it in a result of FRAME.
 * -1: ENOMEM. */
int overlay_init(struct overlay *overlay, const uint16_t *rgba, uint32_t w, uint32_t h,
    const struct rendition *spec, const struct rendition_frame *frame);
void overlay_clear(struct overlay *overlay);

/* The colours of the result are not sRGB: change the mark's by TO (16 bits a sample, from and to RGB
 * or, with IS_GREY, grey). -1: ENOMEM. */
int overlay_recolor(struct overlay *overlay, const struct color_transform *to, bool is_grey);

/* Over row Y of a result: 1 or 3 colours, alpha where there is one, interleaved, of 1 or 2 bytes
 * a sample. */
void overlay_row(const struct overlay *overlay, uint32_t y, void *row, unsigned n_colors,
    bool has_alpha, unsigned sample_bytes);

/* Over a result of grey or YCC planes of 1 byte a sample, chroma for SUB_X by SUB_Y pixels. */
void overlay_planes(const struct overlay *overlay, struct image *image, unsigned sub_x,
    unsigned sub_y);

#endif
