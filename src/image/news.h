/* image/news.h - what the engine tells while it works on a picture.
 *
 * Place:   the pace says it; worker, messages and master pass it on.
 */
#ifndef IMAGE_NEWS_H
#define IMAGE_NEWS_H

#include <stdbool.h>
#include <stdint.h>

enum develop_stage { DEVELOP_DECODE, DEVELOP_RESIZE, DEVELOP_ENCODE, DEVELOP_N_STAGE };
const char *develop_stage_name(enum develop_stage stage); /* "decode", "resize", "encode" */

/* Told after every band of rows, and once for every result that is complete in its fd. */
struct develop_news {
	enum develop_stage stage;
	unsigned permille;   /* of the whole picture's work, 0..1000, never falling */
	int i_output;        /* which output the stage is about, -1: all */
	bool is_complete;    /* output i_output is whole: */
	uint64_t bytes;      /*   its length */
	uint32_t width_px, height_px;
	unsigned quality;    /*   of a JPEG; 0: of a PNG, or as it was in the source */
};
typedef void develop_tell_fn(void *listener, const struct develop_news *news);

#endif
