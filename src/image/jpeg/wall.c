/* image/jpeg/wall.c - where libjpeg ends when it gives up, and which of its complaints count. */
#include <config.h>

#include "image/jpeg/jpeg.h"

#include <errno.h>
#include <jerror.h>

#include "image/jpeg/scans.h"

void
codec_jpeg_leave(j_common_ptr cinfo)
{
	struct codec_jpeg_wall *wall = (struct codec_jpeg_wall *)cinfo->err;

	longjmp(wall->way_out, 1);
}

/* Start-of-frame markers, ITU-T T.81 table B.1, and JPEG-LS (T.87). */
static const char *
process_of(int marker)
{
	switch (marker) {
	case 0xc3: case 0xc7: case 0xcb: case 0xcf:
		return "lossless";
	case 0xf7:
		return "JPEG-LS";
	default:
		return "hierarchical";
	}
}

/* Some scanners learn the height when the page is through: until then the header has 0 in it, or the highest
 * number there is. */
static void
refuse_height(struct codec_jpeg_wall *wall)
{
	outcome_bad(wall->outcome, REASON_UNSUPPORTED, "its height does not stand in its header, but "
	    "behind its data in a DNL marker, as some scanners write it; that kind is not supported");
}

static void
judge_size(j_common_ptr common, struct codec_jpeg_wall *wall)
{
	const struct jpeg_decompress_struct *cinfo = (j_decompress_ptr)common;

	if (common->is_decompressor && wall->source != NULL &&
	    codec_jpeg_scans_tell_height(wall->source->fd, wall->source->size_bytes))
		refuse_height(wall);
	else if (common->err->msg_code == JERR_IMAGE_TOO_BIG)
		outcome_bad(wall->outcome, REASON_TOO_BIG, "a side of it is over %u pixels, the most "
		    "that the JPEG library can do", common->err->msg_parm.i[0]);
	else
		outcome_bad(wall->outcome, REASON_CORRUPT, "its header says that it has %ux%u pixels",
		    cinfo->image_width, cinfo->image_height);
}

static void
judge_error(j_common_ptr cinfo, struct codec_jpeg_wall *wall)
{
	const struct jpeg_error_mgr *err = cinfo->err;
	char text[JMSG_LENGTH_MAX];

	switch (err->msg_code) {
	case JERR_OUT_OF_MEMORY:
		outcome_error(wall->outcome, ENOMEM, "no memory left for the JPEG codec");
		return;
	case JERR_BAD_PRECISION:
		outcome_bad(wall->outcome, REASON_UNSUPPORTED, "it is a JPEG of %d bits a sample; "
		    "only 8 bits are supported", err->msg_parm.i[0]);
		return;
	case JERR_SOF_UNSUPPORTED:
	case JERR_UNKNOWN_MARKER:
		if (err->msg_code == JERR_UNKNOWN_MARKER && err->msg_parm.i[0] != 0xf7)
			break;
		outcome_bad(wall->outcome, REASON_UNSUPPORTED, "it is a %s JPEG (marker %02X), "
		    "a kind that is not supported", process_of(err->msg_parm.i[0]),
		    (unsigned)err->msg_parm.i[0]);
		return;
	case JERR_IMAGE_TOO_BIG:
	case JERR_EMPTY_IMAGE:
		judge_size(cinfo, wall);
		return;
	default:
		break;
	}
	err->format_message(cinfo, text);
	if (wall->has_hit_end)
		outcome_bad(wall->outcome, REASON_TRUNCATED, "the data end before the picture does");
	else
		outcome_bad(wall->outcome, REASON_CORRUPT, "the JPEG decoder gave up: %s", text);
}

static void
on_error(j_common_ptr cinfo)
{
	judge_error(cinfo, (struct codec_jpeg_wall *)cinfo->err);
	codec_jpeg_leave(cinfo);
}

/* A scan that refines bits which never came, or leaves some out. One that comes before its time, or
 * again from the beginning, changes nothing once all have come. */
static bool
misses_bits(j_common_ptr common)
{
	const struct jpeg_decompress_struct *cinfo = (j_decompress_ptr)common;

	return cinfo->Ah > 0 && (cinfo->Ss == 0) == (cinfo->err->msg_parm.i[1] == 0);
}

/* A warning after which samples are missing or wrong: what would be published is a grey half
 * or coloured noise. The rest is untidy but leaves the picture whole. Spare bytes in front of a marker are
 * of the rest: cameras fill up with them. After a flipped bit, too, some are left over; but of hundreds of
 * such pictures nothing else told one in fifty, one in fourteen with restart markers. */
static void
judge_warning(j_common_ptr cinfo, struct codec_jpeg_wall *wall)
{
	switch (cinfo->err->msg_code) {
	case JWRN_HIT_MARKER:
		if (((j_decompress_ptr)cinfo)->unread_marker == CODEC_JPEG_DNL)
			refuse_height(wall);
		else if (wall->has_hit_end)
			outcome_bad(wall->outcome, REASON_TRUNCATED,
			    "the data of the picture end before it is complete");
		else
			outcome_bad(wall->outcome, REASON_CORRUPT, "a part of its data is missing, "
			    "though the file goes on behind it");
		return;
	case JWRN_HUFF_BAD_CODE:
	case JWRN_ARITH_BAD_CODE:
		outcome_bad(wall->outcome, REASON_CORRUPT, "its data have a code in them that "
		    "means nothing");
		return;
	case JWRN_MUST_RESYNC:
		if (cinfo->err->msg_parm.i[0] == CODEC_JPEG_DNL)
			refuse_height(wall);
		outcome_bad(wall->outcome, REASON_CORRUPT, "a part of its data is missing or out of "
		    "place (there is marker %02X instead of restart %d)",
		    (unsigned)cinfo->err->msg_parm.i[0], cinfo->err->msg_parm.i[1]);
		return;
	case JWRN_BOGUS_PROGRESSION:
		if (misses_bits(cinfo))
			outcome_bad(wall->outcome, REASON_CORRUPT,
			    "a whole scan of it is missing");
		return;
	default:
		return;
	}
}

void
codec_jpeg_warn_spare(struct codec_jpeg_wall *wall)
{
	if (!wall->has_spare_bytes)
		outcome_warn(wall->outcome, wall->max_warnings);
	wall->has_spare_bytes = true;
}

static void
on_message(j_common_ptr cinfo, int level)
{
	struct codec_jpeg_wall *wall = (struct codec_jpeg_wall *)cinfo->err;

	if (level >= 0)
		return; /* a trace */
	cinfo->err->num_warnings++;
	judge_warning(cinfo, wall);
	if (cinfo->err->msg_code == JWRN_EXTRANEOUS_DATA)
		codec_jpeg_warn_spare(wall);
	else
		outcome_warn(wall->outcome, wall->max_warnings);
	if (outcome_is_fault(wall->outcome))
		codec_jpeg_leave(cinfo);
}

static void
say_nothing(j_common_ptr cinfo)
{
	(void)cinfo;
}

struct jpeg_error_mgr *
codec_jpeg_wall_init(struct codec_jpeg_wall *wall, struct develop_outcome *outcome,
    unsigned max_warnings)
{
	jpeg_std_error(&wall->err);
	wall->err.error_exit = on_error;
	wall->err.emit_message = on_message;
	wall->err.output_message = say_nothing;
	wall->outcome = outcome;
	wall->max_warnings = max_warnings;
	wall->source = NULL;
	wall->has_hit_end = false;
	wall->has_spare_bytes = false;
	return &wall->err;
}
