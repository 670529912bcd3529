#include <config.h>

#include "image/reduce.h"

/* Which part of the stored picture (0..1) is PART of the upright one? EXIF 2.3, 0x0112. */
static struct region
stored_part(struct region part, int orientation)
{
	struct region stored = part;
	bool is_column_mirrored = orientation == 2 || orientation == 3 || orientation == 7 ||
	    orientation == 8;
	bool is_row_mirrored = orientation == 3 || orientation == 4 || orientation == 6 ||
	    orientation == 7;

	if (image_is_swapped(orientation))
		stored = (struct region){ part.top, part.left, part.height, part.width };
	if (is_column_mirrored)
		stored.left = 1.0 - stored.left - stored.width;
	if (is_row_mirrored)
		stored.top = 1.0 - stored.top - stored.height;
	return stored;
}

/* Plane TO of W x H samples, each SUB_X by SUB_Y pixels of ITEM's picture. The last column
 * or row of a coarse plane may reach over the picture's edge. */
static struct region
part_of(const struct layout_item *item, const struct plane *to)
{
	const struct rendition_frame *frame = &item->frame;

	return (struct region){ frame->crop_left, frame->crop_top,
		frame->crop_width * to->width / to->cover_x,
		frame->crop_height * to->height / to->cover_y };
}

static int
resample_turned(struct resampler *resampler, const struct plane *from, unsigned bytes,
    const struct region *region, struct plane *to, int orientation)
{
	bool is_swapped = image_is_swapped(orientation);
	struct plane turned;
	int result;

	if (orientation == 1)
		return resample_plane(resampler, from, bytes, region, to, bytes);
	if (image_plane_init(&turned, is_swapped ? to->height : to->width,
	    is_swapped ? to->width : to->height, bytes) != 0)
		return -1;
	result = resample_plane(resampler, from, bytes, region, &turned, bytes);
	if (result == 0)
		image_turn(&turned, to, bytes, orientation);
	image_plane_clear(&turned);
	return result;
}

static int
reduce_plane(struct resampler *resampler, const struct layout_item *item,
    const struct codec_header *header, const struct image *from, int i, int orientation,
    struct plane *to)
{
	const struct plane *plane = &from->planes[i];
	struct region region;
	uint32_t w, h;

	layout_plane_size(item, header, i, &w, &h);
	if (image_plane_init(to, w, h, from->sample_bytes) != 0)
		return -1;
	if (header->model == IMAGE_YCC && i > 0 && item->is_direct) {
		to->cover_x = (double)item->frame.picture_width_px / item->sub_x;
		to->cover_y = (double)item->frame.picture_height_px / item->sub_y;
	}
	region = stored_part(part_of(item, to), orientation);
	region.left *= plane->cover_x;
	region.width *= plane->cover_x;
	region.top *= plane->cover_y;
	region.height *= plane->cover_y;
	return resample_turned(resampler, plane, from->sample_bytes, &region, to, orientation);
}

int
reduce_image(struct resampler *resampler, const struct layout_item *item,
    const struct codec_header *header, const struct image *from, int orientation,
    struct image *to, struct meter *meter)
{
	int i;

	to->model = from->model;
	to->has_alpha = from->has_alpha;
	to->is_inverted = from->is_inverted;
	to->sample_bytes = from->sample_bytes;
	to->n_planes = from->n_planes;
	to->width_px = item->frame.picture_width_px;
	to->height_px = item->frame.picture_height_px;
	for (i = 0; i < from->n_planes; i++) {
		if (reduce_plane(resampler, item, header, from, i, orientation,
		    &to->planes[i]) != 0)
			return -1;
		meter_at(meter, i + 1, from->n_planes);
	}
	return 0;
}
