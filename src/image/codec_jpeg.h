/* image/codec_jpeg.h - what reading and writing JPEG share: libjpeg's way out.
 *
 * Place:   codec_jpeg_read.c, codec_jpeg_write.c -> here -> libjpeg-turbo.
 * Silence: libjpeg would print; every text ends in the outcome instead.
 */
#ifndef IMAGE_CODEC_JPEG_H
#define IMAGE_CODEC_JPEG_H

#include <setjmp.h>
#include <stdio.h>

#include <jpeglib.h>

#include "image/codec.h"

/* First member of whatever cinfo->err points to. */
struct codec_jpeg_wall {
	struct jpeg_error_mgr err;
	jmp_buf way_out;
	struct develop_outcome *outcome;
	unsigned max_warnings;
	const uint8_t *buffer; /* reading: what the source's bytes are read into */
	bool has_hit_end;      /* the data ended without EOI */
	bool has_extra_bytes;  /* bytes that belong to nothing were skipped */
};

/* Returns what to set cinfo->err to. */
struct jpeg_error_mgr *codec_jpeg_wall_init(struct codec_jpeg_wall *wall,
    struct develop_outcome *outcome, unsigned max_warnings);

/* The outcome is set: leave libjpeg. */
void codec_jpeg_leave(j_common_ptr cinfo) __attribute__((noreturn));

/* Reading only: set up markers that are worth keeping, within LIMITS; gather them into HEADER
 * after jpeg_read_header(). All are freed by codec_jpeg_markers_clear(). */
struct codec_jpeg_markers {
	uint32_t max_icc_bytes, max_exif_bytes;
	uint8_t *tiff;
	size_t tiff_bytes;
	uint8_t *icc_parts[256];        /* by number in the marker, 1..255 */
	uint16_t icc_part_bytes[256];
	unsigned n_icc_parts;           /* as the markers say; 0: none seen */
	uint64_t icc_bytes;
	bool is_icc_bad;                /* numbers that contradict each other, or too large */
};
void codec_jpeg_markers_init(struct codec_jpeg_markers *m, const struct develop_limits *limits);
/* For jpeg_set_marker_processor(): client_data is the struct codec_jpeg_markers. */
boolean codec_jpeg_markers_take(j_decompress_ptr cinfo);
void codec_jpeg_markers_gather(struct codec_jpeg_markers *m, struct codec_header *header);
void codec_jpeg_markers_clear(struct codec_jpeg_markers *m);

#endif
