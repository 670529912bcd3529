#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "image/cook.h"
#include "image/finish.h"
#include "image/overlay.h"
#include "image/sharpen.h"
#include "image/xmp.h"

/* ---- metadata ---- */

/* What no JFIF and no pHYs says, EXIF may: most cameras and scanners write nothing else. */
static void
add_density(const struct finish *f, struct meta_density *density)
{
	struct meta_density found;

	if (density->unit != META_NO_DENSITY || !exif_density(f->exif, &found))
		return;
	*density = found;
	if (image_is_swapped(f->orientation)) {
		density->x = found.y;
		density->y = found.x;
	}
}

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
	add_density(f, &style->meta.density);
	meta_rights(meta, &rights);
	xmp_rights(&meta->xmp, &rights);
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
	meter_aside(f->meter, layout_cook_ns(item));
	if (result == 0)
		result = write_jpeg(f, &planes, style, fd);
	image_clear(&planes);
	return result;
}

/* The profile of the source was good when the layout was made. Gives, or NULL where nothing changes;
 * -1: it is not after all. */
static int
make_transform(struct finish *f, const struct layout_item *item, const struct image *reduced,
    struct color_transform **transform)
{
	*transform = NULL;
	if (!item->is_converted)
		return 0;
	*transform = color_transform_new(f->color, f->header->icc, f->header->icc_bytes,
	    reduced->model, item->spec->intent, reduced->sample_bytes, item->out_bytes);
	return *transform != NULL ? 0 : outcome_bad(f->outcome, BAD_CORRUPT,
	    "its colour profile cannot be used");
}

static int
cook_and_write(struct finish *f, const struct layout_item *item, const struct image *reduced,
    const struct overlay *overlay, struct codec_style *style, int fd)
{
	struct color_transform *transform;
	struct cook cook;
	int result;

	if (make_transform(f, item, reduced, &transform) != 0)
		return -1;
	result = cook_init(&cook, reduced, transform, &item->frame, item->spec, !item->is_jpeg,
	    item->out_bytes);
	cook.overlay = overlay;
	result = result == 0 ? write_cooked(f, item, &cook, style, fd) :
	    outcome_error(f->outcome, ENOMEM, "no memory left for a row of the result");
	cook_clear(&cook);
	color_transform_free(transform);
	return result;
}

/* ---- straight to the JPEG encoder ---- */

static int
copy_plane(const struct plane *from, struct plane *to)
{
	*to = *from;
	if (image_plane_alloc(to) != 0)
		return -1;
	memcpy(to->data, from->data, from->stride_bytes * (size_t)from->height);
	return 0;
}

/* The planes of REDUCED stay as they are: smaller results are made from them. */
static int
touch_up(const struct layout_item *item, const struct image *reduced,
    const struct overlay *overlay, struct image *own)
{
	int i;

	for (i = 0; i < reduced->n_planes; i++)
		if (copy_plane(&reduced->planes[i], &own->planes[i]) != 0)
			return -1;
	if (item->spec->sharpen != 0 && sharpen_plane(&reduced->planes[0], &own->planes[0],
	    item->spec->sharpen) != 0)
		return -1;
	if (overlay != NULL)
		overlay_planes(overlay, own, item->sub_x, item->sub_y);
	return 0;
}

static int
write_direct(struct finish *f, const struct layout_item *item, struct image *reduced,
    const struct overlay *overlay, struct codec_style *style, int fd)
{
	struct image own = *reduced;
	int i, result;

	if (item->spec->sharpen == 0 && overlay == NULL)
		return write_jpeg(f, reduced, style, fd);
	for (i = 0; i < IMAGE_MAX_PLANES; i++)
		own.planes[i].data = NULL;
	result = touch_up(item, reduced, overlay, &own) == 0 ? write_jpeg(f, &own, style, fd) :
	    outcome_error(f->outcome, errno, "no memory left for the result's planes");
	image_clear(&own);
	return result;
}

/* ---- the watermark ---- */

/* The result has the source's colours: so has the mark. */
static int
recolor(struct finish *f, const struct codec_style *style, struct overlay *overlay)
{
	bool is_grey = f->header->model == IMAGE_GREY;
	struct color_transform *back;
	int result;

	if (style->icc == NULL)
		return 0;
	back = color_transform_back(f->color, style->icc, style->icc_bytes, f->header->model);
	if (back == NULL) /* a profile of input alone: near enough */
		return 0;
	result = overlay_recolor(overlay, back, is_grey);
	color_transform_free(back);
	return result;
}

/* *OVERLAY is set to OWN, or to NULL where there is no watermark. */
static int
make_overlay(struct finish *f, const struct layout_item *item, const struct codec_style *style,
    struct overlay *own, const struct overlay **overlay)
{
	const struct mark_tools tools = { .store = f->marks, .resampler = f->resampler,
		.color = f->color, .outcome = f->outcome };
	const struct rendition_frame *frame = &item->frame;
	const struct mark *mark;

	*overlay = NULL;
	if (item->spec->mark_bytes == 0)
		return 0;
	mark = mark_get(&tools, item->spec, f->mark_fd, frame->picture_width_px,
	    frame->picture_height_px);
	if (mark == NULL)
		return -1;
	if (overlay_init(own, mark->rgba, mark->width, mark->height, item->spec, frame) != 0 ||
	    recolor(f, style, own) != 0)
		return outcome_error(f->outcome, ENOMEM, "no memory left for the watermark");
	*overlay = own;
	return 0;
}

/* ---- all of it ---- */

static int
write_coded(struct finish *f, const struct layout_item *item, struct image *reduced,
    struct codec_style *style, int fd)
{
	struct overlay own = { .rgba = NULL };
	const struct overlay *overlay;
	int result = make_overlay(f, item, style, &own, &overlay);

	if (result == 0)
		result = item->is_direct ? write_direct(f, item, reduced, overlay, style, fd) :
		    cook_and_write(f, item, reduced, overlay, style, fd);
	overlay_clear(&own);
	return result;
}

static int
write_lit(struct finish *f, const struct layout_item *item, struct image *reduced,
    struct codec_style *style, int fd)
{
	struct image coded = { .n_planes = 0 };
	int result = light_code(f->light, reduced, &coded) == 0 ?
	    write_coded(f, item, &coded, style, fd) :
	    outcome_error(f->outcome, errno, "no memory left for the result's planes");

	image_clear(&coded);
	return result;
}

int
finish_write(struct finish *f, const struct layout_item *item, struct image *reduced, int fd,
    unsigned *quality)
{
	struct codec_style style;
	uint8_t *tiff;
	int result;

	finish_style(f, item, &style, &tiff);
	result = item->is_linear ? write_lit(f, item, reduced, &style, fd) :
	    write_coded(f, item, reduced, &style, fd);
	*quality = item->is_jpeg ? style.quality : 0;
	free(tiff);
	return result;
}
