/* image/reduce.c - one result from a larger picture: plane by plane, turned upright at the end. */
#include <config.h>

#include <stdlib.h>

#include "image/reduce.h"

/* Which part of the stored picture (0..1) is PART of the upright one? EXIF 2.3, 0x0112. */
static struct region
stored_part(struct region part, int orientation)
{
	struct region stored = part;

	if (image_is_swapped(orientation))
		stored = (struct region){ part.top, part.left, part.height, part.width };
	if (image_is_column_mirrored(orientation))
		stored.left = 1.0 - stored.left - stored.width;
	if (image_is_row_mirrored(orientation))
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

/* The shape of plane I of the upright result; no memory. */
static struct plane
upright_plane(const struct layout_item *item, const struct codec_header *header, int i,
    unsigned sample_bytes)
{
	struct plane plane;
	uint32_t w, h;

	layout_plane_size(item, header, i, &w, &h);
	image_plane_shape(&plane, w, h, sample_bytes);
	if (header->model == IMAGE_YCC && i > 0 && item->is_direct) {
		plane.cover_x = (double)item->frame.picture_width_px / item->sub_x;
		plane.cover_y = (double)item->frame.picture_height_px / item->sub_y;
	}
	return plane;
}

static struct plane
stored_plane(const struct plane *upright, unsigned sample_bytes, int orientation)
{
	struct plane plane = *upright;

	if (image_is_swapped(orientation))
		image_plane_shape(&plane, upright->height, upright->width, sample_bytes);
	return plane;
}

static void
init_plane(struct reduce *reduce, const struct codec_header *header, const struct image *from, int i)
{
	const struct plane *plane = &from->planes[i];
	unsigned bytes = from->sample_bytes;
	struct region region;

	reduce->to->planes[i] = upright_plane(reduce->item, header, i, bytes);
	reduce->stored.planes[i] = stored_plane(&reduce->to->planes[i], bytes,
	    reduce->orientation);
	region = stored_part(part_of(reduce->item, &reduce->to->planes[i]), reduce->orientation);
	region.left *= plane->cover_x;
	region.width *= plane->cover_x;
	region.top *= plane->cover_y;
	region.height *= plane->cover_y;
	resample_flow_init(&reduce->flows[i], plane, bytes, &region, &reduce->stored.planes[i],
	    bytes, RESAMPLE_BAND_ROWS);
}

void
reduce_init(struct reduce *reduce, const struct layout_item *item, int i_item,
    const struct codec_header *header, const struct image *from, int orientation,
    struct image *to)
{
	int i;

	*reduce = (struct reduce){ .item = item, .i_item = i_item, .orientation = orientation,
		.to = to, .stored = { .n_planes = from->n_planes } };
	to->model = from->model;
	to->has_alpha = from->has_alpha;
	to->is_inverted = from->is_inverted;
	to->sample_bytes = from->sample_bytes;
	to->n_planes = from->n_planes;
	to->width_px = item->frame.picture_width_px;
	to->height_px = item->frame.picture_height_px;
	for (i = 0; i < from->n_planes; i++)
		init_plane(reduce, header, from, i);
}

void
reduce_set_band(struct reduce *reduce, int i, uint32_t max_rows)
{
	struct resample_flow *flow = &reduce->flows[i];

	flow->band_rows = flow->to_height < max_rows ? flow->to_height : max_rows;
}

int
reduce_open(struct reduce *reduce)
{
	int i;

	for (i = 0; i < reduce->to->n_planes; i++)
		if (image_plane_alloc(&reduce->stored.planes[i]) != 0)
			return -1;
	return 0;
}

void
reduce_clear(struct reduce *reduce)
{
	image_clear(&reduce->stored);
}

static bool
is_alike(const struct resample_flow *a, const struct resample_flow *b)
{
	return a->from_width == b->from_width && a->to_width == b->to_width &&
	    a->region.left == b->region.left && a->region.width == b->region.width;
}

void
reduce_expect(struct reduce *reduce, const struct resampler *resampler, double bands_ns)
{
	int i, k;

	reduce->bands_ns = bands_ns;
	for (i = 0; i < reduce->to->n_planes; i++) {
		for (k = 0; k < i && !is_alike(&reduce->flows[k], &reduce->flows[i]); k++)
			;
		reduce->first_ns[i] = k < i ? 0 : resample_flow_build_ns(resampler, &reduce->flows[i]);
	}
}

double
reduce_ns(const struct reduce *reduce)
{
	double ns = reduce->bands_ns;
	int i;

	for (i = 0; i < reduce->to->n_planes; i++)
		ns += reduce->first_ns[i];
	return ns;
}

double
reduce_done_ns(const struct reduce *reduce)
{
	double done = 0, all = 0, first_ns = 0;
	int i;

	for (i = 0; i < reduce->to->n_planes; i++) {
		const struct resample_flow *flow = &reduce->flows[i];

		done += (double)flow->to_width * flow->n_done;
		all += (double)flow->to_width * flow->to_height;
		first_ns += flow->n_done > 0 ? reduce->first_ns[i] : 0;
	}
	return first_ns + reduce->bands_ns * done / all;
}

int
reduce_end(struct reduce *reduce)
{
	int i;

	for (i = 0; i < reduce->to->n_planes; i++) {
		struct plane *stored = &reduce->stored.planes[i], *to = &reduce->to->planes[i];

		if (reduce->orientation == 1)
			to->data = stored->data;
		else {
			if (image_plane_alloc(to) != 0)
				return -1;
			image_turn(stored, to, reduce->to->sample_bytes, reduce->orientation);
			free(stored->data);
		}
		stored->data = NULL;
	}
	return 0;
}

static int
make_plane(struct resampler *resampler, struct reduce *reduce, const struct plane *from, int i)
{
	struct resample_flow *flow = &reduce->flows[i];
	uint32_t begin, end;

	while (resample_flow_next(flow, &begin, &end))
		if (resample_flow_step(resampler, flow, from->data + begin * from->stride_bytes,
		    from->stride_bytes, &reduce->stored.planes[i]) != 0)
			return -1;
	return 0;
}

int
reduce_image(struct resampler *resampler, const struct layout_item *item,
    const struct codec_header *header, const struct image *from, struct image *to,
    struct pace *pace)
{
	struct reduce reduce;
	int i, result;

	reduce_init(&reduce, item, -1, header, from, 1, to);
	result = reduce_open(&reduce);
	for (i = 0; i < from->n_planes && result == 0; i++) {
		result = make_plane(resampler, &reduce, &from->planes[i], i);
		pace_at(pace, i + 1, from->n_planes);
	}
	if (result == 0)
		result = reduce_end(&reduce);
	reduce_clear(&reduce);
	return result;
}
