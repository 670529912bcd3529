/* image/jpeg/jpeg.h - what reading and writing JPEG share: libjpeg's way out.
 *
 * Place:   jpeg/read, jpeg/markers; jpeg/write, jpeg/copy, jpeg/out -> here -> libjpeg-turbo.
 * Silence: libjpeg would print; every text ends in the outcome instead.
 */
#ifndef IMAGE_JPEG_JPEG_H
#define IMAGE_JPEG_JPEG_H

#include <setjmp.h>
#include <stdio.h>

#include <jpeglib.h>

#include "image/codec.h"

extern const struct codec codec_jpeg; /* the row in formats.c */

#define CODEC_JPEG_SOS 0xda       /* the marker that begins a scan, */
#define CODEC_JPEG_DNL 0xdc       /* and the one that tells how many rows it had */
#define CODEC_JPEG_MAX_SIDE 65500 /* pixels; libjpeg's own limit */

/* What stands at the beginning of APP1 and APP13, each with its NUL. */
#define CODEC_JPEG_XMP "http://ns.adobe.com/xap/1.0/"
#define CODEC_JPEG_XMP_MORE "http://ns.adobe.com/xmp/extension/"
#define CODEC_JPEG_RESOURCES "Photoshop 3.0"

/* First member of whatever cinfo->err points to. */
struct codec_jpeg_wall {
	struct jpeg_error_mgr err;
	jmp_buf way_out;
	struct develop_outcome *outcome;
	unsigned max_warnings;
	const struct codec_source *source; /* reading: where the bytes come from; writing: NULL */
	bool has_hit_end;      /* the data ended without EOI */
	bool has_spare_bytes;  /* some that belong to nothing were skipped */
};

/* Returns what to set cinfo->err to. */
struct jpeg_error_mgr *codec_jpeg_wall_init(struct codec_jpeg_wall *wall,
    struct develop_outcome *outcome, unsigned max_warnings);

/* Bytes were skipped: one warning for all of a picture, whose every restart marker may have some. */
void codec_jpeg_warn_spare(struct codec_jpeg_wall *wall);

/* The outcome is set: leave libjpeg. */
void codec_jpeg_leave(j_common_ptr cinfo) __attribute__((noreturn));

/* Reading only: where libjpeg gets its bytes from. */
struct codec_jpeg_source {
	struct jpeg_source_mgr mgr; /* first: cinfo.src points to it */
	struct codec_in *in;
};
void codec_jpeg_source_set(struct codec_jpeg_source *source, j_decompress_ptr cinfo,
    struct codec_in *in);

/* Reading only: set up markers that are worth keeping, within LIMITS; gather them into HEADER
 * after jpeg_read_header(). All are freed by codec_jpeg_markers_clear(). */
struct codec_jpeg_markers {
	uint32_t max_icc_bytes, max_exif_bytes; /* the latter also of XMP and IPTC, each */
	uint8_t *segment;               /* the marker at hand */
	uint8_t *tiff;
	size_t tiff_bytes;
	struct meta meta;
	uint32_t xmp_more_bytes;        /* of XMP's extension, when it is complete */
	uint8_t *resources;             /* Photoshop's, from all its markers */
	size_t resource_bytes;
	uint8_t *icc_parts[256];        /* by number in the marker, 1..255 */
	uint16_t icc_part_bytes[256];
	unsigned n_icc_parts;           /* as the markers say; 0: none seen */
	uint64_t icc_bytes;
	bool has_mpf;                   /* an index of several pictures */
	bool is_icc_bad;                /* numbers that contradict each other, or too large */
};
void codec_jpeg_markers_init(struct codec_jpeg_markers *m, const struct develop_limits *limits);
/* For jpeg_set_marker_processor(): client_data is the struct codec_jpeg_markers. */
boolean codec_jpeg_markers_take(j_decompress_ptr cinfo);
void codec_jpeg_markers_gather(j_decompress_ptr cinfo, struct codec_header *header);
void codec_jpeg_markers_clear(struct codec_jpeg_markers *m);

/* Reading only, within the wall. When a scan was read to its end: have all components come, and all bits of
 * their coefficients? When EOI was reached: is a scan missing? */
bool codec_jpeg_has_all(j_decompress_ptr cinfo);
bool codec_jpeg_lacks_scan(j_decompress_ptr cinfo);
/* All has come: go on to the EOI, over segments; what stands there instead counts as a warning. libjpeg finds
 * an EOI in any case: it shall not take for a scan what follows the picture. */
void codec_jpeg_pass_end(j_decompress_ptr cinfo);

/* ---- copying: between open and close, instead of reading ---- */

/* Of an opened picture. Its wall does not stand: ask, and call nothing that may fail. */
j_decompress_ptr codec_jpeg_cinfo(struct codec_in *in);

/* All coefficients, after codec_jpeg_copy_read(). */
jvirt_barray_ptr *codec_jpeg_coefficients(struct codec_in *in);

/* For struct codec. */
bool codec_jpeg_next_piece(struct walk *walk, struct walk_piece *piece);
uint64_t codec_jpeg_copy_cost(struct codec_in *in, int orientation, const struct rendition *spec);
enum codec_copied codec_jpeg_copy_write(struct codec_in *in, int orientation,
    const struct codec_style *style, struct codec_sink *sink);

/* ---- writing ---- */

/* For struct codec. */
int codec_jpeg_write(struct codec_sink *sink, struct image *image,
    const struct codec_style *style, struct pace *pace, struct develop_outcome *outcome);
uint64_t codec_jpeg_write_cost(const struct rendition *spec, uint32_t w, uint32_t h);

/* Set sink, style and pace, the rest zero. */
struct codec_jpeg_out {
	struct codec_jpeg_wall wall; /* first: cinfo.err points to it */
	struct jpeg_compress_struct cinfo;
	struct jpeg_destination_mgr target;
	struct jpeg_progress_mgr progress;
	struct codec_sink *sink;
	const struct codec_style *style;
	struct pace *pace;
	double before; /* what the caller did before the first pass, in passes; for the pace */
};

/* Make cinfo, call BODY within the wall, take cinfo down. -1: the outcome says why. */
int codec_jpeg_out_run(struct codec_jpeg_out *out, void (*body)(struct codec_jpeg_out *),
    struct develop_outcome *outcome);

/* For BODY: the style's density, before the compression starts; its other metadata, after. What
 * no marker can hold is left out with a warning. */
void codec_jpeg_out_density(struct codec_jpeg_out *out);
void codec_jpeg_out_markers(struct codec_jpeg_out *out);

#endif
