/* image/metadata.c - the choice of metadata, made once for every result, copied or developed. */
#include <config.h>

#include "image/metadata.h"

#include <stdlib.h>

#include "image/prune.h"
#include "image/xmp.h"

/* Most cameras and scanners tell the density in EXIF alone, and not in JFIF or pHYs. */
static void
add_density(const struct picture *from, struct meta_density *density)
{
	struct meta_density found;

	if (density->unit != META_NO_DENSITY || !exif_density(from->exif, &found))
		return;
	*density = found;
	if (image_is_swapped(from->orientation)) {
		density->x = found.y;
		density->y = found.x;
	}
}

/* The texts of a PNG cannot stand in a JPEG, but who made it can. */
static enum rendition_metadata
wish_of(const struct picture *from, const struct layout_item *item)
{
	enum rendition_metadata wish = item->spec->metadata;

	return (wish == RENDITION_META_KEEP || wish == RENDITION_META_SAFE) && from->exif == NULL && item->codec != from->in.codec &&
	    from->in.header.meta.n_texts > 0 ? RENDITION_COPYRIGHT : wish;
}

/* Replace XMP by what is true of a result, and may be told. What cannot be read can be kept, but not told
 * to strangers. */
static void
cut_xmp(const struct picture *from, const struct exif_truth *truth, struct codec_style *style)
{
	bool is_safe = style->spec->metadata == RENDITION_META_SAFE, is_broken;
	unsigned what = PRUNE_PARTS | (truth->is_srgb && from->is_foreign ? PRUNE_COLORS : 0) |
	    (is_safe ? PRUNE_PRIVATE | PRUNE_EXTENSION : 0);

	if (style->meta.xmp.data == NULL)
		return;
	if (prune(&style->meta.xmp, what, &style->own_xmp, &is_broken))
		style->meta.xmp = style->own_xmp;
	else if (is_broken && is_safe)
		style->meta.xmp = (struct meta_block){ .data = NULL };
}

static void
cut_iptc(struct codec_style *style)
{
	if (style->spec->metadata != RENDITION_META_SAFE || style->meta.iptc.data == NULL)
		return;
	meta_iptc_without_place(&style->meta.iptc, &style->own_iptc);
	style->meta.iptc = style->own_iptc;
}

struct exif_truth
metadata_truth(const struct layout_item *item)
{
	return (struct exif_truth){ .width_px = item->frame.width_px,
		.height_px = item->frame.height_px,
		.is_srgb = item->spec->color != RENDITION_COLOR_KEEP || item->is_converted };
}

bool
metadata_has_parts(const struct picture *picture)
{
	const struct codec_header *header = &picture->in.header;

	return header->has_more || prune_has_gain_map(&header->meta.xmp) ||
	    prune_has_film(&header->meta.xmp);
}

static void
tell_left_out(const struct picture *from)
{
	const struct meta_block *xmp = &from->in.header.meta.xmp;
	struct develop_outcome *outcome = from->in.outcome;

	if (prune_has_gain_map(xmp))
		outcome_note(outcome, "its gain map (for displays of high dynamic range) was left out");
	else if (prune_has_film(xmp))
		outcome_note(outcome, "its film (motion photo) was left out");
	else if (from->in.header.has_more)
		outcome_note(outcome, "the other pictures in its file were left out");
}

void
metadata_choose(const struct picture *from, const struct layout_item *item,
    struct codec_style *style)
{
	const struct codec_header *header = &from->in.header;
	const struct rendition *spec = item->spec;
	struct exif_truth truth;
	struct meta_rights rights;

	*style = (struct codec_style){ .spec = spec, .quality = spec->quality };
	meta_choose(&header->meta, spec->metadata, from->orientation, &style->meta);
	add_density(from, &style->meta.density);
	meta_rights(&header->meta, &rights);
	xmp_rights(&header->meta.xmp, &rights);
	truth = metadata_truth(item);
	tell_left_out(from);
	cut_xmp(from, &truth, style);
	cut_iptc(style);
	style->tiff = exif_compose(from->exif, wish_of(from, item), &rights, &truth,
	    &style->tiff_bytes);
	style->is_srgb = truth.is_srgb;
	if (!truth.is_srgb) {
		style->icc = header->icc;
		style->icc_bytes = header->icc_bytes;
		style->is_srgb = header->is_space_told && header->icc == NULL;
		style->cicp = header->has_cicp ? header->cicp : NULL;
	}
}

void
metadata_clear(struct codec_style *style)
{
	free(style->tiff);
	style->tiff = NULL;
	free(style->own_xmp.data);
	free(style->own_iptc.data);
	style->own_xmp = style->own_iptc = (struct meta_block){ .data = NULL };
}
