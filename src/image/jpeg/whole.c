/* image/jpeg/whole.c - did all of a picture come, and does the file end as it should? */
#include <config.h>

#include "image/jpeg/jpeg.h"

#include <unistd.h>

#define AHEAD_BYTES 8 /* that libjpeg reads before it needs them */
#define RUN_BYTES 8   /* of zeros: more than a picture ends in by chance */

/* ITU-T T.81, table B.1: markers that stand alone, and those whose segment may follow the last scan. */
enum { TEM = 0x01, RST0 = 0xd0, RST7 = 0xd7, DHT = 0xc4, DAC = 0xcc, DQT = 0xdb, DRI = 0xdd,
	APP0 = 0xe0, COM = 0xfe };

/* A component of which no scan came has no table. libjpeg would make it grey. */
static bool
lacks_component(j_decompress_ptr cinfo)
{
	int i;

	for (i = 0; i < cinfo->num_components; i++)
		if (cinfo->comp_info[i].quant_table == NULL)
			return true;
	return false;
}

/* Of a progressive picture: coef_bits is the lowest bit that came, -1: none. */
static bool
lacks_bits(j_decompress_ptr cinfo)
{
	int i, k;

	for (i = 0; cinfo->coef_bits != NULL && i < cinfo->num_components; i++)
		for (k = 0; k < DCTSIZE2; k++)
			if (cinfo->coef_bits[i][k] != 0)
				return true;
	return false;
}

/* A picture of mean colours alone is a picture: one scan, of all components, and the EOI behind it. */
static bool
is_of_means(j_decompress_ptr cinfo)
{
	const struct codec_jpeg_wall *wall = (const struct codec_jpeg_wall *)cinfo->err;

	return cinfo->progressive_mode && cinfo->input_scan_number <= 1 && cinfo->Ss == 0 &&
	    !wall->has_hit_end;
}

bool
codec_jpeg_has_all(j_decompress_ptr cinfo)
{
	return !lacks_component(cinfo) && !lacks_bits(cinfo);
}

bool
codec_jpeg_lacks_scan(j_decompress_ptr cinfo)
{
	return lacks_component(cinfo) || (lacks_bits(cinfo) && !is_of_means(cinfo));
}

/* ---- the end ---- */

static int
next_byte(j_decompress_ptr cinfo)
{
	if (cinfo->src->bytes_in_buffer == 0)
		cinfo->src->fill_input_buffer(cinfo);
	cinfo->src->bytes_in_buffer--;
	return *cinfo->src->next_input_byte++;
}

/* What stands behind the picture. */
struct tail {
	bool has_skipped, is_zero; /* bytes that belong to nothing; all of them 0 */
};

static void
skip(struct tail *tail, int byte)
{
	tail->has_skipped = true;
	tail->is_zero = tail->is_zero && byte == 0;
}

/* At the end of the file the source makes up an EOI. */
static int
next_marker(j_decompress_ptr cinfo, struct tail *tail)
{
	int byte = next_byte(cinfo);

	for (;;) {
		for (; byte != 0xff; byte = next_byte(cinfo))
			skip(tail, byte);
		while (byte == 0xff)
			byte = next_byte(cinfo);
		if (byte != 0)
			return byte;
		skip(tail, 0xff);
	}
}

static bool
is_alone(int marker)
{
	return marker == TEM || (marker >= RST0 && marker <= RST7);
}

static bool
has_segment(int marker)
{
	return marker == DHT || marker == DAC || (marker >= DQT && marker <= DRI) ||
	    (marker >= APP0 && marker <= APP0 + 15) || marker == COM;
}

static void
skip_segment(j_decompress_ptr cinfo)
{
	int high = next_byte(cinfo), size = high << 8 | next_byte(cinfo);

	if (size > 2)
		cinfo->src->skip_input_data(cinfo, size - 2);
}

/* Are the N bytes in front of AT all 0? */
static bool
is_zero_before(const struct codec_source *source, uint64_t at)
{
	uint8_t bytes[AHEAD_BYTES + RUN_BYTES];
	size_t i;

	if (at < sizeof(bytes) ||
	    pread(source->fd, bytes, sizeof(bytes), (off_t)(at - sizeof(bytes))) != sizeof(bytes))
		return false;
	for (i = 0; i < sizeof(bytes); i++)
		if (bytes[i] != 0)
			return false;
	return true;
}

/* Zeros to the end of the file, as a copy that was cut off leaves them, are codes like any other: the picture
 * may have been made complete of them. */
static bool
ran_into_zeros(j_decompress_ptr cinfo, const struct tail *tail, uint64_t at)
{
	const struct codec_jpeg_wall *wall = (const struct codec_jpeg_wall *)cinfo->err;
	const struct codec_in *in = ((struct codec_jpeg_source *)cinfo->src)->in;

	return wall->has_hit_end && tail->has_skipped && tail->is_zero &&
	    is_zero_before(&in->source, at);
}

void
codec_jpeg_pass_end(j_decompress_ptr cinfo)
{
	struct codec_jpeg_wall *wall = (struct codec_jpeg_wall *)cinfo->err;
	struct codec_in *in = ((struct codec_jpeg_source *)cinfo->src)->in;
	uint64_t at = in->source.offset - cinfo->src->bytes_in_buffer;
	struct tail tail = { .is_zero = true };
	int marker = cinfo->unread_marker;

	while (marker == 0 || is_alone(marker) || has_segment(marker)) {
		if (has_segment(marker))
			skip_segment(cinfo);
		marker = next_marker(cinfo, &tail);
	}
	cinfo->unread_marker = JPEG_EOI;
	if (ran_into_zeros(cinfo, &tail, at))
		outcome_bad(in->outcome, REASON_TRUNCATED, "its data end in zeros, as those of a copy "
		    "do that was cut off");
	if (marker != JPEG_EOI)
		outcome_warn(in->outcome, wall->max_warnings);
	if (tail.has_skipped)
		codec_jpeg_warn_spare(wall);
	if (outcome_is_fault(in->outcome))
		codec_jpeg_leave((j_common_ptr)cinfo);
}
