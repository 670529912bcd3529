/* image/watermark.c - a watermark: read, scaled, kept, and put in its place in a result. */
#include <config.h>

#include "image/watermark.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "image/bands.h"
#include "image/convert.h"
#include "image/picture.h"

#define N_KEPT 16               /* upright and lying pictures of eight renditions */
#define KEPT_BYTES (8 << 20)
#define FULL 65535
#define RGBA 4

struct watermark {
	uint32_t width, height;
	uint16_t *rgba; /* straight sRGB, 0..65535 */
};

struct kept {
	struct watermark watermark; /* its rgba is NULL: free */
	uint8_t digest[RENDITION_DIGEST_SIZE];
	uint32_t box_width, box_height;
	uint64_t used; /* when, in calls */
};

struct watermark_store {
	struct kept kept[N_KEPT];
	uint64_t n_calls;
	uint64_t bytes;
};

struct watermark_store *
watermark_store_new(void)
{
	return mem_alloc(sizeof(struct watermark_store));
}

static uint64_t
bytes_of(const struct watermark *watermark)
{
	return watermark->rgba == NULL ? 0 :
	    (uint64_t)watermark->width * watermark->height * RGBA * sizeof(uint16_t);
}

static void
drop_kept(struct watermark_store *store, struct kept *kept)
{
	store->bytes -= bytes_of(&kept->watermark);
	free(kept->watermark.rgba);
	kept->watermark.rgba = NULL;
}

void
watermark_store_free(struct watermark_store *store)
{
	int i;

	if (store == NULL)
		return;
	for (i = 0; i < N_KEPT; i++)
		drop_kept(store, &store->kept[i]);
	free(store);
}

/* ---- to read one: opened and reduced like any picture, but to rows in memory ---- */

/* Zero it, set spec. */
struct reading {
	struct rendition spec;
	struct develop_outcome outcome;
	struct pace pace;
	struct picture picture;
	struct layout layout;
	struct bands bands;
	struct image reduced;
};

#define MOST_SIDE_PX 20000

/* No limit of the configuration, which nobody could raise for this; see check_size(). */
static const struct develop_limits limits = { .pixels = UINT64_MAX, .side_px = UINT32_MAX,
	.memory_bytes = WATERMARK_MEMORY_BYTES, .icc_bytes = 4 << 20, .exif_bytes = 0,
	.warnings = 100 };

static int
open_file(struct reading *r, int fd, uint64_t size_bytes, const struct color *color)
{
	struct codec_in *in = &r->picture.in;

	in->source.fd = fd;
	in->source.size_bytes = size_bytes;
	in->limits = &limits;
	in->outcome = &r->outcome;
	in->pace = &r->pace;
	pace_init(&r->pace, NULL, NULL, 1);
	if (picture_open(&r->picture, color) != 0)
		return -1;
	if (in->codec->word != RENDITION_PNG)
		return outcome_bad(&r->outcome, REASON_NOT_IMAGE, "it is no PNG");
	if (in->header.width_px > MOST_SIDE_PX || in->header.height_px > MOST_SIDE_PX)
		return outcome_bad(&r->outcome, REASON_TOO_BIG, "it has %ux%u pixels; %u are allowed "
		    "for a side", in->header.width_px, in->header.height_px, MOST_SIDE_PX);
	return 0;
}

static int
plan_reading(struct reading *r)
{
	const struct rendition *spec = &r->spec;
	struct codec_in *in = &r->picture.in;
	const struct layout *layout = &r->layout;
	uint64_t bytes;

	layout_make(&r->layout, &in->header, 1, r->picture.is_foreign, in->codec, &spec, 1);
	if (in->codec->shape(in, 1, &r->bands.window) != 0)
		return -1;
	bands_plan(&r->bands, layout, &in->header, &r->reduced, BANDS_BYTES);
	bytes = in->codec->cost(in) + bands_cost(&r->bands) + layout_cost(layout, &in->header);
	if (bytes > limits.memory_bytes)
		return outcome_bad(&r->outcome, REASON_TOO_BIG, "its %ux%u pixels need %llu MB of "
		    "memory, for %ux%u here; %llu MB are allowed", in->header.width_px,
		    in->header.height_px, (unsigned long long)bytes >> 20,
		    layout->items[0].frame.width_px, layout->items[0].frame.height_px,
		    (unsigned long long)limits.memory_bytes >> 20);
	return 0;
}

static int
read_pixels(struct reading *r, const struct watermark_tools *tools)
{
	struct codec_in *in = &r->picture.in;
	int result = bands_open(&r->bands, tools->resampler, tools->color, &in->header, &r->pace,
	    &r->outcome);

	if (result == 0)
		result = in->codec->begin(in);
	while (result == 0 && !window_is_complete(&r->bands.window))
		result = in->codec->next(in) == 0 ? bands_feed(&r->bands) : -1;
	if (result == 0)
		result = in->codec->end(in);
	if (result != 0)
		return -1;
	return bands_end(&r->bands, 0) == 0 ? 0 :
	    outcome_error(&r->outcome, errno, "it cannot be resampled: %s", strerror(errno));
}

/* A row of 1 or 3 colours, with alpha or without, of 1 or 2 bytes, as RGBA of 2. */
static void
widen(const struct convert *convert, const void *row, uint16_t *rgba)
{
	unsigned n = convert->n_colors + convert->has_alpha, c;
	uint32_t x;

	for (x = 0; x < convert->frame.width_px; x++, rgba += RGBA)
		for (c = 0; c < RGBA; c++) {
			size_t i = (size_t)x * n + (c == 3 ? n - 1 : n < 3 ? 0 : c);
			unsigned v = convert->out_bytes == 2 ? ((const uint16_t *)row)[i] :
			    ((const uint8_t *)row)[i] * 257u;

			rgba[c] = (uint16_t)(c == 3 && !convert->has_alpha ? FULL : v);
		}
}

static int
convert_rows(struct convert *convert, struct watermark *watermark)
{
	uint8_t *row = malloc(convert_row_bytes(convert));
	uint32_t y;

	watermark->width = convert->frame.width_px;
	watermark->height = convert->frame.height_px;
	watermark->rgba = malloc((size_t)watermark->width * watermark->height * RGBA * sizeof(*watermark->rgba));
	for (y = 0; y < watermark->height && row != NULL && watermark->rgba != NULL; y++) {
		convert_row(convert, y, row);
		widen(convert, row, watermark->rgba + (size_t)y * watermark->width * RGBA);
	}
	free(row);
	return row != NULL && watermark->rgba != NULL ? 0 : -1;
}

static int
make_rows(struct reading *r, const struct color *color, struct watermark *watermark)
{
	const struct layout_item *item = &r->layout.items[0];
	const struct codec_header *header = &r->picture.in.header;
	struct color_transform *transform = NULL;
	struct convert convert;
	int result;

	if (item->is_converted)
		transform = color_transform_new(color, header->icc, header->icc_bytes,
		    r->reduced.model, RENDITION_RELATIVE, r->reduced.sample_bytes,
		    item->out_bytes);
	if (item->is_converted && transform == NULL)
		return outcome_bad(&r->outcome, REASON_CORRUPT, "its colour profile cannot be used");
	result = convert_init(&convert, &r->reduced, transform, &item->frame, item->spec, true,
	    item->out_bytes) == 0 ? convert_rows(&convert, watermark) : -1;
	convert_clear(&convert);
	color_transform_free(transform);
	return result == 0 ? 0 : outcome_error(&r->outcome, ENOMEM, "no memory left for it");
}

/* A PNG of SPEC's file, that fits into W x H pixels, into WATERMARK. */
static int
read_watermark(const struct watermark_tools *tools, const struct rendition *spec, int fd,
    uint32_t w, uint32_t h, struct watermark *watermark)
{
	struct reading *r = mem_alloc(sizeof(*r));
	int result;

	r->spec = (struct rendition){ .width_px = w, .height_px = h, .may_enlarge = 1,
		.format = RENDITION_PNG };
	result = open_file(r, fd, spec->mark_bytes, tools->color) == 0 && plan_reading(r) == 0 &&
	    read_pixels(r, tools) == 0 ? make_rows(r, tools->color, watermark) : -1;
	if (result != 0 && r->outcome.error == ENOMEM)
		outcome_error(tools->outcome, ENOMEM, "no memory left for the watermark");
	else if (result != 0)
		outcome_error(tools->outcome, ENOTSUP, "the watermark of rendition %s cannot be used: %s",
		    spec->name, r->outcome.text);
	if (result != 0)
		free(watermark->rgba);
	picture_close(&r->picture);
	bands_clear(&r->bands);
	image_clear(&r->reduced);
	free(r);
	return result;
}

/* ---- to keep ---- */

static struct kept *
oldest(struct watermark_store *store)
{
	struct kept *found = &store->kept[0];
	int i;

	for (i = 1; i < N_KEPT && found->watermark.rgba != NULL; i++)
		if (store->kept[i].watermark.rgba == NULL || store->kept[i].used < found->used)
			found = &store->kept[i];
	return found;
}

/* One larger than all that is kept is kept alone. */
static struct kept *
keep_scaled(struct watermark_store *store, const struct watermark *watermark)
{
	struct kept *kept = oldest(store);
	int i;

	drop_kept(store, kept);
	for (i = 0; i < N_KEPT && store->bytes + bytes_of(watermark) > KEPT_BYTES; i++)
		drop_kept(store, &store->kept[i]);
	kept->watermark = *watermark;
	store->bytes += bytes_of(watermark);
	return kept;
}

static struct kept *
find_kept(struct watermark_store *store, const struct rendition *spec, uint32_t w, uint32_t h)
{
	struct kept *kept;

	for (kept = store->kept; kept < store->kept + N_KEPT; kept++)
		if (kept->watermark.rgba != NULL && kept->box_width == w && kept->box_height == h &&
		    memcmp(kept->digest, spec->mark_digest, sizeof(kept->digest)) == 0)
			return kept;
	return NULL;
}

static uint32_t
share_of(uint32_t side, unsigned percent)
{
	uint64_t part = ((uint64_t)side * percent + 50) / 100;

	return part == 0 ? 1 : (uint32_t)part;
}

/* For a picture of W x H pixels. Borrowed until the next call. */
static const struct watermark *
get_scaled(const struct watermark_tools *tools, const struct rendition *spec, int fd, uint32_t w,
    uint32_t h)
{
	uint32_t box_width = share_of(w, spec->mark_scale_percent);
	uint32_t box_height = share_of(h, spec->mark_scale_percent);
	struct kept *kept = find_kept(tools->store, spec, box_width, box_height);
	struct watermark watermark = { .rgba = NULL };

	if (kept == NULL) {
		if (read_watermark(tools, spec, fd, box_width, box_height, &watermark) != 0)
			return NULL;
		kept = keep_scaled(tools->store, &watermark);
		memcpy(kept->digest, spec->mark_digest, sizeof(kept->digest));
		kept->box_width = box_width;
		kept->box_height = box_height;
	}
	kept->used = ++tools->store->n_calls;
	return &kept->watermark;
}

/* ---- in its place ---- */

/* A result that keeps the source's colours has a watermark in these. */
static int
recolor(const struct watermark_tools *tools, const struct codec_style *style,
    enum image_model model, struct overlay *overlay)
{
	struct color_transform *back;
	int result;

	if (style->icc == NULL)
		return 0;
	back = color_transform_back(tools->color, style->icc, style->icc_bytes, model);
	if (back == NULL) /* a profile of input alone: near enough */
		return 0;
	result = overlay_recolor(overlay, back, model == IMAGE_GREY);
	color_transform_free(back);
	return result;
}

int
watermark_place(const struct watermark_tools *tools, const struct layout_item *item, int fd,
    const struct codec_style *style, enum image_model model, struct overlay *overlay)
{
	const struct rendition_frame *frame = &item->frame;
	const struct watermark *watermark = get_scaled(tools, item->spec, fd,
	    frame->picture_width_px, frame->picture_height_px);

	if (watermark == NULL)
		return -1;
	if (overlay_init(overlay, watermark->rgba, watermark->width, watermark->height, item->spec,
	    frame) == 0 && recolor(tools, style, model, overlay) == 0)
		return 0;
	return outcome_error(tools->outcome, ENOMEM, "no memory left for the watermark");
}
