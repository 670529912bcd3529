/* image/developer.h - what is worth keeping between pictures.
 *
 * Place:   work/worker, develop -> here. Only develop looks into it.
 */
#ifndef IMAGE_DEVELOPER_H
#define IMAGE_DEVELOPER_H

#include <stdint.h>

struct developer {
	struct resampler *resampler;        /* zimg's graphs, by geometry */
	struct color *color;                /* NULL: lcms2 cannot make sRGB */
	struct watermark_store *watermarks; /* read and scaled */
	uint64_t window_bytes;              /* of a source's rows at once */
};

/* Gives. developer_free(NULL) is fine. */
struct developer *developer_new(void);
void developer_free(struct developer *d);

/* How many bytes of a source's rows are to be held at once; the results do not depend on it. */
void developer_set_window(struct developer *d, uint64_t bytes);

#endif
