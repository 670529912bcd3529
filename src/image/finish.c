#include <config.h>

#include <errno.h>
#include <stdlib.h>

#include "image/cook.h"
#include "image/finish.h"

/* ---- metadata ---- */

void
finish_style(const struct finish *f, const struct layout_item *item,
    struct codec_style *style, uint8_t **tiff)
{
	const struct rendition *spec = item->spec;
	const struct meta *meta = &f->header->meta;
	enum rendition_metadata metadata = spec->metadata;
	struct meta_rights rights;

	*style = (struct codec_style){ .spec = spec, .quality = spec->quality };
	meta_choose(meta, metadata, f->orientation, &style->meta);
	meta_rights(meta, &rights);
	/* the texts of a PNG cannot stand in a JPEG, but who made it can */
	if (metadata == RENDITION_META_KEEP && f->exif == NULL && item->is_jpeg &&
	    meta->n_texts > 0)
		metadata = RENDITION_COPYRIGHT;
	*tiff = exif_compose(f->exif, metadata, &rights, item->frame.width_px,
	    item->frame.height_px, &style->tiff_bytes);
	style->tiff = *tiff;
	if (spec->color == RENDITION_COLOR_KEEP && !item->is_converted) {
		style->icc = f->header->icc;
		style->icc_bytes = f->header->icc_bytes;
	}
}

/* ---- encoders ---- */

static int
write_jpeg_once(struct finish *f, struct image *image, const struct codec_style *style, int fd)
{
	codec_sink_init(f->sink, fd);
	return codec_jpeg_write(f->sink, image, style, f->meter, f->outcome);
}

/* The highest quality at which the result is no longer than max_bytes. */
static int
find_quality(struct finish *f, struct image *image, struct codec_style *style)
{
	unsigned low = 0, high = style->quality + 1; /* low fits (0: none yet), high does not */

	while (high - low > 1) {
		/* the wish itself first: most pictures fit */
		unsigned quality = high == style->spec->quality + 1u && low == 0 ? high - 1 :
		    (low + high) / 2;

		style->quality = quality;
		if (write_jpeg_once(f, image, style, -1) != 0)
			return -1;
		if (f->sink->n_bytes <= style->spec->max_bytes)
			low = quality;
		else
			high = quality;
	}
	style->quality = low;
	if (low > 0)
		return 0;
	return outcome_bad(f->outcome, BAD_TOO_BIG, "rendition %s does not fit into %llu bytes "
	    "(max_bytes) even at quality 1", style->spec->name,
	    (unsigned long long)style->spec->max_bytes);
}

static int
write_jpeg(struct finish *f, struct image *image, struct codec_style *style, int fd)
{
	if (style->spec->max_bytes != 0 && find_quality(f, image, style) != 0)
		return -1;
	return write_jpeg_once(f, image, style, fd);
}

static int
write_png(struct finish *f, struct cook *cook, const struct codec_style *style, int fd)
{
	codec_sink_init(f->sink, fd);
	if (codec_png_write(f->sink, cook, style, f->meter, f->outcome) != 0)
		return -1;
	if (style->spec->max_bytes == 0 || f->sink->n_bytes <= style->spec->max_bytes)
		return 0;
	return outcome_bad(f->outcome, BAD_TOO_BIG, "rendition %s takes %llu bytes as a PNG, more "
	    "than %llu (max_bytes); as a JPEG it can be made to fit", style->spec->name,
	    (unsigned long long)f->sink->n_bytes, (unsigned long long)style->spec->max_bytes);
}

/* ---- from planes that are not yet what the result wants ---- */

static int
write_cooked(struct finish *f, const struct layout_item *item, struct cook *cook,
    struct codec_style *style, int fd)
{
	struct image planes = { .n_planes = 0 };
	int result;

	if (!item->is_jpeg)
		return write_png(f, cook, style, fd);
	result = cook_planes(cook, f->resampler, item->sub_x, item->sub_y, &planes) == 0 ? 0 :
	    outcome_error(f->outcome, errno, "no memory left for the result's planes");
	if (result == 0)
		result = write_jpeg(f, &planes, style, fd);
	image_clear(&planes);
	return result;
}

static int
cook_and_write(struct finish *f, const struct layout_item *item, const struct image *reduced,
    struct codec_style *style, int fd)
{
	struct color_transform *transform = NULL;
	struct cook cook;
	int result;

	if (item->is_converted) {
		transform = color_transform_new(f->color, f->header->icc, f->header->icc_bytes,
		    reduced->model, item->spec->intent, reduced->sample_bytes,
		    item->out_bytes);
		if (transform == NULL)
			return outcome_bad(f->outcome, BAD_CORRUPT,
			    "its colour profile cannot be used");
	}
	result = cook_init(&cook, reduced, transform, &item->frame, item->spec, !item->is_jpeg,
	    item->out_bytes) == 0 ? write_cooked(f, item, &cook, style, fd) :
	    outcome_error(f->outcome, ENOMEM, "no memory left for a row of the result");
	cook_clear(&cook);
	color_transform_free(transform);
	return result;
}

int
finish_write(struct finish *f, const struct layout_item *item, struct image *reduced, int fd)
{
	struct codec_style style;
	uint8_t *tiff;
	int result;

	finish_style(f, item, &style, &tiff);
	result = item->is_direct ? write_jpeg(f, reduced, &style, fd) :
	    cook_and_write(f, item, reduced, &style, fd);
	free(tiff);
	return result;
}
