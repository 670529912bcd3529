/* image/layout.c - what is made from what, between a header and its first pixel. */
#include <config.h>

#include <math.h>
#include <stdlib.h>

#include "image/layout.h"

#include "image/formats.h"

#define BEST_FACTOR 2.0      /* decoded to twice the size of the result, it is within 50 dB of one that is */
#define FAST_FACTOR 1.0      /* made of all samples by Lanczos; decoded to its own size, within 39 dB */
#define SLACK 1e-6
#define FINE_QUALITY 90      /* from here on `auto` keeps 4:4:4 */

#define RESIZE_SOURCE_NS 1.0 /* a pixel; measured: tests/bench/progress.py */
#define RESIZE_RESULT_NS 3.0
#define JPEG_NS 2.5
#define OPTIMIZE_NS 1.8
#define PROGRESSIVE_NS 18.0
#define COOK_NS 7.0
#define CONVERT_NS 20.0
#define PNG_NS 90.0
#define SHARPEN_NS 15.0
#define LIGHT_SOURCE_NS 30.0
#define LIGHT_RESULT_NS 20.0

/* Ink cannot stay ink (a PNG has none), and a grey profile says nothing about a coloured
 * background: then `color = keep` is not possible. */
static bool
can_keep_color(const struct layout_item *item, const struct codec_header *header)
{
	bool shows_background = item->spec->mode == RENDITION_PAD ||
	    (header->has_alpha && !item->codec->has_alpha);

	if (header->model == IMAGE_CMYK || header->model == IMAGE_YCCK)
		return false;
	return header->model != IMAGE_GREY || !shows_background ||
	    rendition_has_grey_background(item->spec);
}

static void
set_subsampling(struct layout_item *item, const struct codec_header *header)
{
	bool is_fine = !header->is_coarse && item->spec->quality >= FINE_QUALITY;

	item->sub_x = 1;
	item->sub_y = 1;
	switch (item->spec->subsampling) {
	case RENDITION_SUB_444:
		break;
	case RENDITION_SUB_422:
		item->sub_x = 2;
		break;
	case RENDITION_SUB_420:
		item->sub_x = 2;
		item->sub_y = 2;
		break;
	default:
		item->sub_x = is_fine ? 1 : 2;
		item->sub_y = is_fine ? 1 : 2;
		break;
	}
}

/* Where nothing is resampled there is no light to be added up; ink is no light. */
static bool
is_linear(const struct layout *layout, const struct layout_item *item,
    const struct codec_header *header)
{
	const struct rendition_frame *frame = &item->frame;
	bool is_resampled =
	    fabs(frame->crop_width * layout->width_px - frame->picture_width_px) > SLACK ||
	    fabs(frame->crop_height * layout->height_px - frame->picture_height_px) > SLACK;

	return item->spec->is_linear && is_resampled && header->model != IMAGE_CMYK &&
	    header->model != IMAGE_YCCK;
}

static void
set_item(const struct layout *layout, struct layout_item *item,
    const struct codec_header *header, bool is_foreign, const struct codec *source)
{
	const struct rendition *spec = item->spec;

	item->codec = spec->format == RENDITION_KEEP ? source : formats_by_word(spec->format);
	item->is_converted = is_foreign && (spec->color != RENDITION_COLOR_KEEP ||
	    !can_keep_color(item, header));
	item->is_linear = is_linear(layout, item, header);
	item->is_direct = item->codec->write_planes != NULL && !item->is_linear && !item->is_converted && !header->has_alpha &&
	    (header->model == IMAGE_GREY || header->model == IMAGE_YCC) &&
	    header->sample_bytes == 1 && spec->mode != RENDITION_PAD;
	item->out_bytes = item->codec->has_depth && spec->depth == 0 && header->is_deep ? 2 : 1;
	item->parent = -1;
	set_subsampling(item, header);
}

/* The size that the whole source would have at this item's scale. */
static double
full_width(const struct layout_item *item)
{
	return item->frame.picture_width_px / item->frame.crop_width;
}

static double
full_height(const struct layout_item *item)
{
	return item->frame.picture_height_px / item->frame.crop_height;
}

static bool
is_whole(const struct layout_item *item)
{
	return item->frame.crop_width == 1.0 && item->frame.crop_height == 1.0;
}

static unsigned
chroma_sub(const struct layout_item *item, bool is_y)
{
	if (!item->is_direct)
		return 1;
	return is_y ? item->sub_y : item->sub_x;
}

/* Largest first; of equal ones those from which the others can be made. */
static int
compare(const void *a, const void *b)
{
	const struct layout_item *x = a, *y = b;
	double area_x = full_width(x) * full_height(x), area_y = full_width(y) * full_height(y);

	if (area_x != area_y)
		return area_x > area_y ? -1 : 1;
	if (is_whole(x) != is_whole(y))
		return is_whole(x) ? -1 : 1;
	if (chroma_sub(x, false) * chroma_sub(x, true) !=
	    chroma_sub(y, false) * chroma_sub(y, true))
		return chroma_sub(x, false) * chroma_sub(x, true) <
		    chroma_sub(y, false) * chroma_sub(y, true) ? -1 : 1;
	return x->i_output - y->i_output;
}

static bool
can_be_parent(const struct layout_item *parent, const struct layout_item *child)
{
	return is_whole(parent) && parent->is_linear == child->is_linear &&
	    parent->frame.picture_width_px + SLACK >= full_width(child) &&
	    parent->frame.picture_height_px + SLACK >= full_height(child) &&
	    parent->frame.picture_width_px / chroma_sub(parent, false) + 1 >=
	    full_width(child) / chroma_sub(child, false) &&
	    parent->frame.picture_height_px / chroma_sub(parent, true) + 1 >=
	    full_height(child) / chroma_sub(child, true);
}

static void
set_parents(struct layout *layout)
{
	int i, k;

	for (i = 1; i < layout->n_items; i++)
		for (k = i - 1; k >= 0; k--)
			if (can_be_parent(&layout->items[k], &layout->items[i])) {
				layout->items[i].parent = k;
				layout->items[k].n_children++;
				break;
			}
}

/* How much of the source's width and height decoding has to leave. */
static double
need_of(const struct layout *layout)
{
	double need = 0.0;
	int i;

	for (i = 0; i < layout->n_items; i++) {
		const struct layout_item *item = &layout->items[i];
		double factor = item->spec->decode == RENDITION_FAST ? FAST_FACTOR : BEST_FACTOR;
		double x = factor * full_width(item) / layout->width_px;
		double y = factor * full_height(item) / layout->height_px;

		if (item->is_linear)
			return 1.0;
		need = x > need ? x : need;
		need = y > need ? y : need;
	}
	return need;
}

static unsigned
denominator_for(double need)
{
	unsigned denominator;

	for (denominator = 8; denominator > 1; denominator /= 2)
		if (1.0 / denominator + SLACK >= need)
			break;
	return denominator;
}

/* Half of the chroma is enough where half as much is wanted of it as of luma, and that is left. */
static bool
may_halve_chroma(const struct layout *layout, double need)
{
	int i;

	for (i = 0; i < layout->n_items; i++)
		if (chroma_sub(&layout->items[i], false) != 2 ||
		    chroma_sub(&layout->items[i], true) != 2)
			return false;
	return need <= 1.0 / layout->denominator + SLACK;
}

void
layout_make(struct layout *layout, const struct codec_header *header, int orientation,
    bool is_foreign, const struct codec *codec, const struct rendition *const specs[], int n_outputs)
{
	bool is_swapped = image_is_swapped(orientation);
	double need;
	int i;

	*layout = (struct layout){ .orientation = orientation, .denominator = 1,
		.width_px = is_swapped ? header->height_px : header->width_px,
		.height_px = is_swapped ? header->width_px : header->height_px };
	for (i = 0; i < n_outputs; i++) {
		struct layout_item *item = &layout->items[layout->n_items];

		if (specs[i] == NULL)
			continue;
		layout->n_items++;
		item->i_output = i;
		item->spec = specs[i];
		rendition_frame(item->spec, layout->width_px, layout->height_px, &item->frame);
		set_item(layout, item, header, is_foreign, codec);
	}
	qsort(layout->items, (size_t)layout->n_items, sizeof(layout->items[0]), compare);
	set_parents(layout);
	if (!codec->can_reduce)
		return;
	need = need_of(layout);
	layout->denominator = denominator_for(need);
	layout->may_halve_chroma = may_halve_chroma(layout, need);
}

void
layout_plane_size(const struct layout_item *item, const struct codec_header *header, int i_plane,
    uint32_t *w, uint32_t *h)
{
	bool is_chroma = header->model == IMAGE_YCC && i_plane > 0;
	unsigned sub_x = is_chroma ? chroma_sub(item, false) : 1;
	unsigned sub_y = is_chroma ? chroma_sub(item, true) : 1;

	*w = (item->frame.picture_width_px + sub_x - 1) / sub_x;
	*h = (item->frame.picture_height_px + sub_y - 1) / sub_y;
}

/* Once reduced (all items may live at once), twice while it is turned, and what the encoder
 * holds. */
uint64_t
layout_cost(const struct layout *layout, const struct codec_header *header)
{
	int n_planes = image_n_colors(header->model) + header->has_alpha;
	uint64_t all = 0, most = 0;
	int i;

	for (i = 0; i < layout->n_items; i++) {
		const struct layout_item *item = &layout->items[i];
		const struct rendition_frame *frame = &item->frame;
		uint64_t plane = image_plane_bytes(frame->picture_width_px,
		    frame->picture_height_px, item->is_linear ? sizeof(float) : header->sample_bytes);
		uint64_t extra = layout->orientation > 1 ? plane : 0;

		all += plane * (uint64_t)n_planes;
		if (item->is_linear) /* coded again, at half the size of a float */
			extra += plane * (uint64_t)n_planes / 2;
		if (item->is_direct && (item->spec->sharpen != 0 || item->spec->mark_bytes != 0))
			extra += plane * (uint64_t)n_planes;
		if (item->codec->write_planes != NULL && !item->is_direct)
			extra += 4 * image_plane_bytes(frame->width_px, frame->height_px, 1);
		if (item->codec->write_cost != NULL)
			extra += item->codec->write_cost(item->spec, frame->width_px,
			    frame->height_px);
		most = extra > most ? extra : most;
	}
	return all + most;
}

double
layout_resize_ns(const struct layout *layout, const struct layout_item *item)
{
	const struct rendition_frame *frame = &item->frame;
	double from = item->parent < 0 ? (double)layout->width_px * layout->height_px /
	    (layout->denominator * layout->denominator) :
	    (double)layout->items[item->parent].frame.picture_width_px *
	    layout->items[item->parent].frame.picture_height_px;

	return from * (item->is_linear ? LIGHT_SOURCE_NS : RESIZE_SOURCE_NS) +
	    (double)frame->picture_width_px * frame->picture_height_px * RESIZE_RESULT_NS;
}

double
layout_convert_ns(const struct layout_item *item)
{
	double pixels = (double)item->frame.width_px * item->frame.height_px;

	return item->codec->write_planes == NULL || item->is_direct ? 0 :
	    pixels * (COOK_NS + (item->is_converted ? CONVERT_NS : 0));
}

static double
coder_ns(const struct layout_item *item)
{
	if (item->codec->write_planes == NULL)
		return PNG_NS + (item->is_converted ? CONVERT_NS : 0);
	return JPEG_NS + (item->spec->is_progressive ? PROGRESSIVE_NS :
	    item->spec->is_optimized ? OPTIMIZE_NS : 0);
}

double
layout_encode_ns(const struct layout_item *item)
{
	return (double)item->frame.width_px * item->frame.height_px * (coder_ns(item) +
	    (item->spec->sharpen != 0 ? SHARPEN_NS : 0) + (item->is_linear ? LIGHT_RESULT_NS : 0));
}
