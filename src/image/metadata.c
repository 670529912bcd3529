/* image/metadata.c - the choice of metadata, made once for every result, copied or developed. */
#include <config.h>

#include "image/metadata.h"

#include <stdlib.h>

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

	return wish == RENDITION_META_KEEP && from->exif == NULL && item->codec != from->in.codec &&
	    from->in.header.meta.n_texts > 0 ? RENDITION_COPYRIGHT : wish;
}

struct exif_truth
metadata_truth(const struct layout_item *item)
{
	return (struct exif_truth){ .width_px = item->frame.width_px,
		.height_px = item->frame.height_px,
		.is_srgb = item->spec->color != RENDITION_COLOR_KEEP || item->is_converted };
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
}
