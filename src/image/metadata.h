/* image/metadata.h - what a result may tell of its source beside its pixels.
 *
 * Place:   develop, copy -> here -> picture, meta, xmp, exif.
 * Rule:    the rendition's `metadata` and `color` decide. Nothing tells an orientation that was undone, a
 *          size that is another now, or a thumbnail.
 */
#ifndef IMAGE_METADATA_H
#define IMAGE_METADATA_H

#include "image/layout.h"
#include "image/picture.h"

/* What its EXIF must not contradict. */
struct exif_truth metadata_truth(const struct layout_item *item);

/* Are there other pictures, or a film, in its file? A result holds them only where it is the whole file;
 * else metadata_choose() notes in the outcome what was left out. */
bool metadata_has_parts(const struct picture *picture);

/* How ITEM is to be coded, made of FROM. STYLE borrows from FROM; metadata_clear() it. */
void metadata_choose(const struct picture *from, const struct layout_item *item,
    struct codec_style *style);
void metadata_clear(struct codec_style *style);

#endif
