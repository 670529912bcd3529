/* image/codec.h - what develop wants of a file format, and the two ends that codecs stand on.
 *
 * Place:   develop -> here -> jpeg/, png/: a folder for each format, the only ones that know
 *          their library, which ends in a setjmp wall when it gives up.
 * I/O:     pread(2) and pwrite(2) on descriptors that were given; nothing is opened.
 * Errors:  -1, and the outcome says why. A text of a library's own is told as what its decoder
 *          said, never alone.
 */
#ifndef IMAGE_CODEC_H
#define IMAGE_CODEC_H

#include <sys/types.h>

#include "image/image.h"
#include "image/limits.h"
#include "image/meta.h"
#include "image/pace.h"
#include "image/outcome.h"
#include "image/rendition.h"
#include "image/window.h"

struct codec_style;
struct convert;
struct walk;
struct walk_piece;

#define CODEC_BUFFER_BYTES 65536

/* ---- a source that is read forwards ---- */

struct codec_source {
	int fd;
	uint64_t size_bytes, offset; /* offset: the first byte that was not read yet */
	int error;                   /* errno of pread, or 0 */
	uint8_t buffer[CODEC_BUFFER_BYTES];
};

/* Bytes put into source->buffer; 0 at the end (also when the file got shorter), -1: error. */
ssize_t codec_source_fill(struct codec_source *source);
/* N bytes at the offset into DATA. Returns how many there were, -1: error. */
ssize_t codec_source_read(struct codec_source *source, void *data, size_t n);

/* ---- a target that is written forwards ---- */

struct codec_sink {
	int fd;             /* -1: only count */
	uint64_t n_bytes;   /* put so far */
	size_t n_buffered;
	uint8_t buffer[CODEC_BUFFER_BYTES];
};

void codec_sink_init(struct codec_sink *sink, int fd);
/* -1 with errno. codec_sink_flush() at the end, else bytes are missing. */
int codec_sink_put(struct codec_sink *sink, const void *data, size_t n);
int codec_sink_flush(struct codec_sink *sink);

/* ---- reading ---- */

struct codec_header {
	uint32_t width_px, height_px;
	enum image_model model;
	unsigned sample_bytes;
	bool has_alpha, is_inverted;
	bool is_deep;         /* more than 8 bits a sample were stored */
	bool is_coarse;       /* chroma has fewer samples than luma */
	bool is_animated;     /* a PNG of several frames, of which the first counts */
	bool has_more;        /* other pictures stand behind the first one, and an index of them (MPF) */
	bool is_whole;        /* decoded only as a whole: progressive, interlaced */
	uint8_t *icc, *tiff;  /* by malloc, or NULL; the EXIF block without "Exif\0\0" */
	size_t icc_bytes, tiff_bytes;
	uint8_t cicp[4];      /* a PNG's code points, see cicp.h */
	bool has_cicp;
	bool is_icc_made;     /* of what the file tells in another way: it holds no such profile */
	bool is_space_told;   /* a PNG says sRGB, or its gamma: EXIF is not asked */
	struct meta meta;     /* of a PNG complete only after end() */
};

/* One picture on its way in. Zero it, set source, limits, outcome and pace, then open. */
struct codec_in {
	const struct codec *codec;
	struct codec_source source;
	const struct develop_limits *limits;
	struct develop_outcome *outcome;
	struct pace *pace;
	bool is_copy;               /* opened for copy_read(): samples stay as they are stored */
	bool may_halve_chroma;      /* set before shape(): no result wants more than half the columns
				       and half the rows of chroma that luma has */
	struct codec_header header; /* filled by open */
	void *state;                /* the codec's own */
};

enum codec_copied { CODEC_COPY_FAILED = -1, CODEC_COPIED, CODEC_COPY_CANNOT };

/* One format, a row in formats.c. */
struct codec {
	const char *name;            /* "JPEG" */
	enum rendition_format word;  /* by which a rendition asks for it */
	const char *magic;           /* a file's first bytes */
	size_t magic_bytes;
	size_t head_bytes;           /* that say how the coded picture is meant, see splice.h */
	uint32_t max_side_px;        /* of a result; 0: any */
	bool can_reduce;             /* while decoding: DENOMINATOR may be 2, 4, 8; else it is 1 */
	bool has_alpha, has_depth;   /* of a result: can hold alpha; 16 bits a sample */
	bool has_quality;            /* a lower one makes a shorter file */
	bool has_sound_rows;         /* what its decoder warns of stands beside the picture */

	/* Read the header. What is over a limit is refused here, before any large allocation. */
	int (*open)(struct codec_in *in);
	/* Fill the geometry of WINDOW (zeroed): image without data, rows[].unit, n_units. It is kept. */
	int (*shape)(struct codec_in *in, unsigned denominator, struct window *window);
	/* After shape: bytes of memory that decoding takes at its peak beside the window. */
	uint64_t (*cost)(struct codec_in *in);
	/* The same for its time: ns of CPU, roughly, for the pace. */
	double (*read_ns)(const struct codec_in *in);
	/* Begin to decode; the window that was shaped is open. What can only be had as a whole (the
	 * scans of a progressive JPEG, the passes of an interlaced PNG) is read here. */
	int (*begin)(struct codec_in *in);
	/* One more unit of rows into the window; n_units times. */
	int (*next)(struct codec_in *in);
	/* After the last one: to the end of the data, with what stands behind the pixels. A file that is
	 * cut off within its rows fails in next(), one that ends without its mark here. */
	int (*end)(struct codec_in *in);
	/* Fine after a failed open, and twice. */
	void (*close)(struct codec_in *in);

	/* To write the picture in its own format without changing a pixel, but turned upright by
	 * ORIENTATION. Bytes of memory that it takes, 0: it cannot be done. */
	uint64_t (*copy_cost)(struct codec_in *in, int orientation, const struct rendition *spec);
	/* Read all of it, to the end of the data; the header's metadata are complete after it. */
	int (*copy_read)(struct codec_in *in);
	/* Write it. CANNOT, or FAILED by the image's fault: it could not be done after all. */
	enum codec_copied (*copy_write)(struct codec_in *in, int orientation,
	    const struct codec_style *style, struct codec_sink *sink);
	/* A file's next piece, for walk_next(). */
	bool (*next_piece)(struct walk *walk, struct walk_piece *piece);

	/* Write a result: one of the two. From planes: grey or YCC, 1 byte a sample, chroma planes that
	 * cover exactly ceil(width / 1 or 2); what lies right of the picture in its rows is
	 * overwritten. Or from rows that are converted one by one. */
	int (*write_planes)(struct codec_sink *sink, struct image *image,
	    const struct codec_style *style, struct pace *pace, struct develop_outcome *outcome);
	int (*write_rows)(struct codec_sink *sink, struct convert *rows,
	    const struct codec_style *style, struct pace *pace, struct develop_outcome *outcome);
	/* Bytes that it takes beside that, of W x H pixels; NULL: hardly any. */
	uint64_t (*write_cost)(const struct rendition *spec, uint32_t w, uint32_t h);
};

/* How a result is to be coded, and what it may tell: metadata_choose(). */
struct codec_style {
	const struct rendition *spec;
	unsigned quality;       /* the spec's or less */
	const uint8_t *icc;     /* borrowed, or NULL */
	const uint8_t *cicp;    /* four bytes, borrowed, or NULL */
	bool is_srgb;           /* the samples are, by decision or because the source says so */
	uint8_t *tiff;          /* owned, or NULL */
	size_t icc_bytes, tiff_bytes;
	struct meta meta;       /* borrowed, but for what is */
	struct meta_block own_xmp, own_iptc; /* owned */
};

#endif
