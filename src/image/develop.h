/* image/develop.h - one picture in, all of its renditions out.
 *
 * Place:   work/worker -> here -> all of the floor.
 * Process: the worker. Opens nothing: reads and writes descriptors that it was given, by
 *          pread(2) and pwrite(2). Knows no names and no folders.
 * Flow:    one decode to planes, reduced in the DCT where that leaves at least twice the
 *          largest rendition; the largest rendition from bands of their rows as they come, each
 *          smaller one from the next larger; turned upright; colour converted after the
 *          reduction; sharpened; the watermark laid over; encoded from planes.
 * Light:   with is_linear the source is decoded in full and resampled as light, see linear.h.
 * Copies:  an output without a size, of the source's format and colours, see image/copy.h: the
 *          source is opened once more for it.
 * Colour:  sRGB, or with `color = keep` the source's own with its profile; CMYK becomes
 *          sRGB (unless it is copied), by its profile or, without one, by R = (1 - C)(1 - K). A
 *          profile that cannot be read counts as none. PNG: iCCP, else sRGB, else gAMA and cHRM.
 * Length:  max_bytes lowers the quality of a JPEG as far as needed; a PNG gets a palette only
 *          where it loses nothing, and is REASON_TOO_BIG when it is too long.
 * Gaps:    XMP's extension gets lost from JPEG to PNG; IPTC and packed texts from PNG to JPEG.
 * Memory:  does not grow with the height of a source, but for progressive JPEG and interlaced
 *          PNG, whose codecs need the whole. Image buffers are checked; what does not fit is
 *          REASON_TOO_BIG before decoding, with the figure in the text.
 * Errors:  the image's fault is outcome.bad, the machine's is outcome.error; nothing is
 *          logged, nothing exits. Warnings of the codecs are counted; one after which samples
 *          are missing or wrong is a failure at once: never a grey half. What stands around
 *          samples that are all there is no more than a warning.
 */
#ifndef IMAGE_DEVELOP_H
#define IMAGE_DEVELOP_H

#include <stdbool.h>
#include <stdint.h>

#include "image/developer.h"
#include "image/limits.h"
#include "image/news.h"
#include "image/outcome.h"
#include "image/rendition.h"

struct develop_output {
	int fd;                 /* empty, readable and writable; stays open, not synced; may be truncated */
	struct rendition spec;
	int mark_fd;            /* the file of spec.mark_bytes, read-only; counts where these are some */
};

/* Touch every library once on a tiny picture, so that lazy binding, CPU detection, tables and
 * the time zone are done before the sandbox closes. Returns 0, or -1: this build cannot
 * develop (a broken library). */
int developer_warm_up(struct developer *d);

/* The same on a picture alone, with files that are open: what the sandbox needs to allow is tried in
 * it. FDS: four empty files, by developer_trial_files(), which gives them or returns -1. */
#define DEVELOPER_TRIAL_FILES 4
int developer_trial_files(int fds[DEVELOPER_TRIAL_FILES]);
int developer_trial(struct developer *d, const int fds[DEVELOPER_TRIAL_FILES]);

/* Develop SOURCE_FD (SOURCE_BYTES long) into OUTPUTS.
 * OUTPUTS: borrowed, 1..RENDITION_MAX. LISTENER: passed to TELL, which may be NULL.
 * Returns: 0, all outputs complete; -1, see *outcome; outputs not told complete are junk. */
int develop_run(struct developer *d, int source_fd, uint64_t source_bytes,
    const struct develop_output *outputs, int n_outputs, const struct develop_limits *limits,
    develop_tell_fn *tell, void *listener, struct develop_outcome *outcome);

#endif
