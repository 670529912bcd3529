/* image/rendition.h - what one result is to look like.
 *
 * Place:   conf fills it, master puts it into a message, the engine obeys it.
 * Shape:   plain data of fixed size, no pointers: it travels as bytes between processes of one
 *          build (work/msg.h). Unused bytes of the texts are zero, so that equal settings are
 *          equal bytes.
 */
#ifndef IMAGE_RENDITION_H
#define IMAGE_RENDITION_H

#include <stdbool.h>
#include <stdint.h>

#define RENDITION_MAX 16        /* renditions of one profile; descriptors of one message */
#define RENDITION_NAME_SIZE 64  /* a folder in out/, with NUL */
#define RENDITION_FILE_SIZE 128 /* the pattern of result names, with NUL */
#define RENDITION_PATH_SIZE 256 /* of a watermark, with NUL */
#define RENDITION_DIGEST_SIZE 16

enum rendition_mode { RENDITION_FIT, RENDITION_FILL, RENDITION_PAD, RENDITION_N_MODE };
enum rendition_format { RENDITION_KEEP, RENDITION_JPEG, RENDITION_PNG, RENDITION_N_FORMAT };
enum rendition_gravity { RENDITION_CENTER, RENDITION_NORTH, RENDITION_SOUTH, RENDITION_EAST,
	RENDITION_WEST, RENDITION_NORTHEAST, RENDITION_NORTHWEST, RENDITION_SOUTHEAST,
	RENDITION_SOUTHWEST, RENDITION_N_GRAVITY };
enum rendition_subsampling { RENDITION_SUB_AUTO, RENDITION_SUB_420, RENDITION_SUB_422,
	RENDITION_SUB_444, RENDITION_N_SUB };
enum rendition_color { RENDITION_SRGB, RENDITION_COLOR_KEEP, RENDITION_N_COLOR };
enum rendition_intent { RENDITION_RELATIVE, RENDITION_PERCEPTUAL, RENDITION_N_INTENT };
enum rendition_metadata { RENDITION_COPYRIGHT, RENDITION_META_SAFE, RENDITION_META_KEEP,
	RENDITION_META_NONE, RENDITION_N_METADATA };
enum rendition_decode { RENDITION_BEST, RENDITION_FAST, RENDITION_N_DECODE };

struct rendition {
	char name[RENDITION_NAME_SIZE];         /* "web" */
	char file_pattern[RENDITION_FILE_SIZE]; /* "{stem}.{ext}"; the engine never looks */
	uint32_t width_px, height_px;           /* the box; 0: no limit on that side */
	uint32_t background;                    /* 0xRRGGBB, under alpha for JPEG, around for pad */
	uint8_t mode, gravity, format, subsampling, color, intent, metadata, decode; /* enums above */
	uint8_t may_enlarge, is_progressive, is_optimized, is_interlaced, is_linear; /* 0 or 1 */
	uint8_t quality;     /* JPEG, 1..100 */
	uint8_t compression; /* PNG, zlib level 0..9 */
	uint8_t depth;       /* bits of a PNG sample: 8, or 0 = as the source */
	uint8_t mark_place;  /* enum rendition_gravity */
	uint8_t mark_opacity_percent, mark_scale_percent;
	uint16_t sharpen;    /* percent of unsharp mask on luma, 0 = none */
	uint32_t mark_margin_px;
	uint64_t max_bytes;  /* 0 = any */
	uint64_t mark_bytes; /* length of the watermark's file, 0: there is none */
	uint8_t mark_digest[RENDITION_DIGEST_SIZE]; /* XXH128 of what is in it */
	char mark_path[RENDITION_PATH_SIZE]; /* conf's own: no worker sees it, the engine never looks */
};

/* Where the picture lies in the result, and which part of the source it shows. */
struct rendition_frame {
	uint32_t width_px, height_px;                 /* the result */
	uint32_t left_px, top_px;                     /* PAD: where the picture begins in it */
	uint32_t picture_width_px, picture_height_px; /* but for PAD all of the result */
	double crop_left, crop_top, crop_width, crop_height; /* of the upright source, 0..1;
							        0, 0, 1, 1 but for FILL */
};

/* Is the background a grey, so that a grey picture can have it? */
bool rendition_has_grey_background(const struct rendition *r);

/* The size of the result of a source of W x H pixels (1..2^31-1), upright already. Never 0.
 * FIT:     inside the box, the free side rounded to nearest; never larger than the source
 *          unless may_enlarge.
 * FILL:    covers the box and is cut to it; a source smaller than the box is only cut, unless
 *          may_enlarge. With a side of 0 it is FIT.
 * PAD:     FIT, in a canvas of exactly the box (a side of 0: of the picture). */
void rendition_size(const struct rendition *r, uint32_t w, uint32_t h, uint32_t *out_w,
    uint32_t *out_h);
void rendition_frame(const struct rendition *r, uint32_t w, uint32_t h,
    struct rendition_frame *frame);

#endif
