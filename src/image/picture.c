/* image/picture.c - the way into a file: its first bytes, its codec, its header. */
#include <config.h>

#include "image/picture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "image/formats.h"

#define MEGA 1000000.0
#define HEAD_BYTES 16

static int
find_codec(struct codec_in *in)
{
	uint8_t head[HEAD_BYTES];
	ssize_t n = codec_source_read(&in->source, head, sizeof(head));

	if (n < 0)
		return outcome_error(in->outcome, in->source.error, "the file cannot be read");
	in->source.offset = 0;
	in->codec = formats_by_head(head, (size_t)n);
	return in->codec != NULL ? 0 : outcome_bad(in->outcome, REASON_NOT_IMAGE, n == 0 ?
	    "it is empty" : "its first bytes are neither those of a JPEG nor of a PNG");
}

static int
check_size(const struct codec_in *in)
{
	const struct codec_header *header = &in->header;
	const struct develop_limits *limits = in->limits;
	uint64_t pixels = (uint64_t)header->width_px * header->height_px;

	if (header->width_px > limits->side_px || header->height_px > limits->side_px)
		return outcome_bad(in->outcome, REASON_TOO_BIG, "it has %ux%u pixels; a side may "
		    "have %u (limits.side)", header->width_px, header->height_px, limits->side_px);
	if (pixels <= limits->pixels)
		return 0;
	if (limits->pixels < MEGA)
		return outcome_bad(in->outcome, REASON_TOO_BIG, "it has %ux%u pixels, more than the "
		    "%.0f that limits.pixels allows", header->width_px, header->height_px,
		    (double)limits->pixels);
	return outcome_bad(in->outcome, REASON_TOO_BIG, "it has %ux%u pixels, more than the %.1f million "
	    "that limits.pixels allows", header->width_px, header->height_px,
	    (double)limits->pixels / MEGA);
}

static void
drop_profile(struct codec_header *header)
{
	free(header->icc);
	header->icc = NULL;
	header->icc_bytes = 0;
}

/* Most cameras that are set to Adobe RGB say so in EXIF, and write no profile. */
static void
take_told_space(struct picture *picture)
{
	struct codec_header *header = &picture->in.header;

	if (header->icc != NULL || header->is_space_told || !exif_is_adobe_rgb(picture->exif) ||
	    (header->model != IMAGE_RGB && header->model != IMAGE_YCC))
		return;
	header->icc = color_profile_of_adobe_rgb(&header->icc_bytes);
	header->is_icc_made = header->icc != NULL;
}

static void
judge_profile(struct picture *picture, const struct color *color)
{
	struct codec_header *header = &picture->in.header;

	if (header->icc != NULL && !color_fits(header->icc, header->icc_bytes, header->model)) {
		drop_profile(header);
		picture->in.outcome->n_warnings++;
	}
	take_told_space(picture);
	picture->is_foreign = header->icc != NULL && color_differs(color, header->icc,
	    header->icc_bytes, header->model);
}

static void
read_exif(struct picture *picture)
{
	picture->exif = exif_parse(picture->in.header.tiff, picture->in.header.tiff_bytes);
	picture->orientation = exif_orientation(picture->exif);
}

int
picture_open(struct picture *picture, const struct color *color)
{
	struct codec_in *in = &picture->in;

	if (find_codec(in) != 0 || in->codec->open(in) != 0)
		return -1;
	in->outcome->width_px = in->header.width_px;
	in->outcome->height_px = in->header.height_px;
	if (check_size(in) != 0)
		return -1;
	read_exif(picture);
	judge_profile(picture, color);
	return 0;
}

/* The one that was judged: there is none, or it is another one than the file itself holds. */
static int
share_profile(struct codec_header *header, const struct codec_header *first)
{
	drop_profile(header);
	header->is_icc_made = first->is_icc_made;
	if (first->icc == NULL)
		return 0;
	header->icc = malloc(first->icc_bytes + 1);
	if (header->icc == NULL)
		return -1;
	memcpy(header->icc, first->icc, first->icc_bytes);
	header->icc_bytes = first->icc_bytes;
	return 0;
}

int
picture_open_copy(struct picture *picture, const struct picture *first)
{
	struct codec_in *in = &picture->in;

	in->codec = first->in.codec;
	in->source.fd = first->in.source.fd;
	in->source.size_bytes = first->in.source.size_bytes;
	in->limits = first->in.limits;
	in->outcome = first->in.outcome;
	in->pace = first->in.pace;
	in->is_copy = true;
	if (in->codec->open(in) != 0)
		return -1;
	picture->is_foreign = first->is_foreign;
	read_exif(picture);
	return share_profile(&in->header, &first->in.header) == 0 ? 0 :
	    outcome_error(in->outcome, ENOMEM, "no memory left for the picture's profile");
}

void
picture_close(struct picture *picture)
{
	struct codec_header *header = &picture->in.header;

	if (picture->in.codec != NULL)
		picture->in.codec->close(&picture->in);
	drop_profile(header);
	free(header->tiff);
	header->tiff = NULL;
	meta_clear(&header->meta);
	exif_free(picture->exif);
	picture->exif = NULL;
}
