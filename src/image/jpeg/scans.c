#include <config.h>

#include "image/jpeg/scans.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

#define BUFFER_BYTES 65536
/* What the scans of ITU T.81 G.1.2 cost: a block, a byte. Each visit to a block takes time, and that of
 * the first scan is when its memory comes from the kernel; a bit of a refinement moves many zeros. */
enum kind { DC_FIRST, DC_REFINE, AC_FIRST, AC_REFINE };
static const struct {
	double block_ns, byte_ns;
} costs[] = {
	[DC_FIRST] = { 100, 10 }, [DC_REFINE] = { 25, 0 }, [AC_FIRST] = { 20, 17 }, [AC_REFINE] = { 70, 42 },
};

struct walk {
	int fd;
	uint64_t size_bytes, offset; /* offset: of the next byte */
	uint64_t begin;              /* of the buffer */
	size_t n;
	uint8_t buffer[BUFFER_BYTES];
};

/* Have the byte at the offset in the buffer. False: there is none. */
static bool
is_there(struct walk *w)
{
	ssize_t got;

	if (w->offset >= w->begin && w->offset < w->begin + w->n)
		return true;
	if (w->offset >= w->size_bytes)
		return false;
	got = pread(w->fd, w->buffer, sizeof(w->buffer), (off_t)w->offset);
	w->begin = w->offset;
	w->n = got > 0 ? (size_t)got : 0;
	return got > 0;
}

/* -1: the end. */
static int
next_byte(struct walk *w)
{
	return is_there(w) ? w->buffer[w->offset++ - w->begin] : -1;
}

static int
next_two(struct walk *w)
{
	int high = next_byte(w), low = next_byte(w);

	return high < 0 || low < 0 ? -1 : high << 8 | low;
}

/* Go on behind the next 0xff. */
static bool
find_mark(struct walk *w)
{
	const uint8_t *from, *found;

	while (is_there(w)) {
		from = w->buffer + (w->offset - w->begin);
		found = memchr(from, 0xff, w->n - (size_t)(w->offset - w->begin));
		if (found != NULL) {
			w->offset = w->begin + (uint64_t)(found - w->buffer) + 1;
			return true;
		}
		w->offset = w->begin + w->n;
	}
	return false;
}

/* The next marker, ITU T.81 B.1.1; coded data (0xff 0x00, RSTn) are passed over. -1: the end. */
static int
next_marker(struct walk *w)
{
	int marker;

	while (find_mark(w)) {
		do
			marker = next_byte(w);
		while (marker == 0xff);
		if (marker > 0 && (marker < JPEG_RST0 || marker > JPEG_RST0 + 7))
			return marker;
	}
	return -1;
}

/* The blocks of the components that the SOS at the offset names. */
static double
scan_blocks(struct walk *w, j_decompress_ptr cinfo)
{
	int n = next_byte(w), i, k, id;
	double blocks = 0;

	for (i = 0; i < n; i++) {
		id = next_byte(w);
		next_byte(w);
		for (k = 0; k < cinfo->num_components; k++)
			if (cinfo->comp_info[k].component_id == id)
				blocks += (double)cinfo->comp_info[k].width_in_blocks *
				    cinfo->comp_info[k].height_in_blocks;
	}
	return blocks;
}

static enum kind
scan_kind(struct walk *w)
{
	int first = next_byte(w), high;

	next_byte(w);
	high = next_byte(w) >> 4;
	if (first == 0)
		return high > 0 ? DC_REFINE : DC_FIRST;
	return high > 0 ? AC_REFINE : AC_FIRST;
}

/* To the next marker, which is read again. */
static void
pass_over_data(struct walk *w)
{
	int byte;

	while (find_mark(w) && is_there(w)) {
		byte = w->buffer[w->offset - w->begin];
		if (byte != 0 && (byte < JPEG_RST0 || byte > JPEG_RST0 + 7))
			break;
	}
	w->offset--;
}

static void
take_scan(struct codec_jpeg_scans *scans, struct walk *w, j_decompress_ptr cinfo)
{
	uint64_t begin = w->offset;
	double blocks = scan_blocks(w, cinfo);
	enum kind kind = scan_kind(w);

	pass_over_data(w);
	scans->n++;
	scans->before_ns[scans->n] = scans->before_ns[scans->n - 1] + blocks * costs[kind].block_ns +
	    (double)(w->offset - begin) * costs[kind].byte_ns;
}

void
codec_jpeg_scans_find(struct codec_jpeg_scans *scans, int fd, uint64_t size_bytes,
    j_decompress_ptr cinfo)
{
	struct walk *w = mem_alloc(sizeof(*w));
	int marker, length;

	*scans = (struct codec_jpeg_scans){ .n = 0 };
	w->fd = fd;
	w->size_bytes = size_bytes;
	while (scans->n < CODEC_JPEG_MAX_SCANS && (marker = next_marker(w)) >= 0 && marker != JPEG_EOI) {
		if (marker == 0xd8 || marker == 0x01) /* SOI, TEM: nothing follows */
			continue;
		length = next_two(w);
		if (length < 2)
			break;
		if (marker == 0xda)
			take_scan(scans, w, cinfo);
		else
			w->offset += (uint64_t)length - 2;
	}
	free(w);
}

double
codec_jpeg_scans_at(const struct codec_jpeg_scans *scans, int i_scan, double row, double n_rows)
{
	double before;

	if (i_scan < 0 || i_scan >= scans->n)
		return scans->before_ns[scans->n];
	before = scans->before_ns[i_scan];
	return before + (scans->before_ns[i_scan + 1] - before) * (n_rows <= 0 ? 1 : row / n_rows);
}

double
codec_jpeg_scans_ns(const struct codec_jpeg_scans *scans)
{
	return scans->before_ns[scans->n];
}
