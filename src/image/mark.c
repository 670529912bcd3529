#include <config.h>

#include "image/mark.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "image/cook.h"
#include "image/intake.h"

#define N_KEPT 16               /* upright and lying pictures of eight renditions */
#define KEPT_BYTES (8 << 20)
#define FULL 65535
#define RGBA 4

struct kept {
	struct mark mark; /* its rgba is NULL: free */
	uint8_t digest[RENDITION_DIGEST_SIZE];
	uint32_t box_width, box_height;
	uint64_t used; /* when, in calls */
};

struct mark_store {
	struct kept kept[N_KEPT];
	uint64_t n_calls;
	uint64_t bytes;
};

struct mark_store *
mark_store_new(void)
{
	return mem_alloc(sizeof(struct mark_store));
}

static uint64_t
bytes_of(const struct mark *mark)
{
	return mark->rgba == NULL ? 0 :
	    (uint64_t)mark->width * mark->height * RGBA * sizeof(uint16_t);
}

static void
drop(struct mark_store *store, struct kept *kept)
{
	store->bytes -= bytes_of(&kept->mark);
	free(kept->mark.rgba);
	kept->mark.rgba = NULL;
}

void
mark_store_free(struct mark_store *store)
{
	int i;

	if (store == NULL)
		return;
	for (i = 0; i < N_KEPT; i++)
		drop(store, &store->kept[i]);
	free(store);
}

/* ---- to read one: a picture developed to rows instead of a file ---- */

/* Zero it, set box, fd and outcome. */
struct reading {
	struct rendition spec;
	struct develop_outcome outcome;
	struct meter meter;
	struct codec_in in;
	struct layout layout;
	struct intake intake;
	struct image reduced;
};

static const struct develop_limits limits = { .pixels = 100000000, .side_px = 20000,
	.memory_bytes = MARK_MEMORY_BYTES, .icc_bytes = 4 << 20, .exif_bytes = 0,
	.warnings = 100 };

static int
open_file(struct reading *r)
{
	struct codec_in *in = &r->in;

	in->codec = &codec_png;
	in->limits = &limits;
	in->outcome = &r->outcome;
	in->meter = &r->meter;
	r->intake.meter = &r->meter;
	meter_init(&r->meter, NULL, NULL, 1);
	if (in->codec->open(in) != 0)
		return -1;
	if (in->header.width_px > limits.side_px || in->header.height_px > limits.side_px)
		return outcome_bad(&r->outcome, BAD_TOO_BIG, "it has %ux%u pixels; %u are allowed "
		    "for a side", in->header.width_px, in->header.height_px, limits.side_px);
	return 0;
}

/* Returns whether the profile counts. */
static bool
is_foreign(const struct color *color, const struct codec_header *header)
{
	return header->icc != NULL &&
	    color_fits(header->icc, header->icc_bytes, header->model) &&
	    color_differs(color, header->icc, header->icc_bytes, header->model);
}

static int
plan(struct reading *r, const struct color *color)
{
	const struct rendition *spec = &r->spec;
	uint64_t bytes;

	layout_make(&r->layout, &r->in.header, 1, is_foreign(color, &r->in.header), false,
	    &spec, 1);
	if (r->in.codec->shape(&r->in, 1, &r->intake.window) != 0)
		return -1;
	intake_plan(&r->intake, &r->layout, &r->in.header, &r->reduced, INTAKE_BYTES);
	bytes = r->in.codec->cost(&r->in) + intake_cost(&r->intake) +
	    layout_cost(&r->layout, &r->in.header);
	if (bytes > limits.memory_bytes)
		return outcome_bad(&r->outcome, BAD_TOO_BIG, "its %ux%u pixels need %llu MB of "
		    "memory, for %ux%u here; %llu MB are allowed", r->in.header.width_px,
		    r->in.header.height_px, (unsigned long long)bytes >> 20,
		    r->layout.items[0].frame.width_px, r->layout.items[0].frame.height_px,
		    (unsigned long long)limits.memory_bytes >> 20);
	return 0;
}

static int
read_pixels(struct reading *r, const struct mark_tools *tools)
{
	if (intake_open(&r->intake, tools->resampler, tools->color, &r->in.header,
	    &r->meter, &r->outcome) != 0 ||
	    r->in.codec->read(&r->in, &r->intake.window) != 0)
		return -1;
	return intake_end(&r->intake, 0) == 0 ? 0 :
	    outcome_error(&r->outcome, errno, "it cannot be resampled: %s", strerror(errno));
}

/* A row of 1 or 3 colours, with alpha or without, of 1 or 2 bytes, as RGBA of 2. */
static void
widen(const struct cook *cook, const void *row, uint16_t *rgba)
{
	unsigned n = cook->n_colors + cook->has_alpha, c;
	uint32_t x;

	for (x = 0; x < cook->frame.width_px; x++, rgba += RGBA)
		for (c = 0; c < RGBA; c++) {
			size_t i = (size_t)x * n + (c == 3 ? n - 1 : n < 3 ? 0 : c);
			unsigned v = cook->out_bytes == 2 ? ((const uint16_t *)row)[i] :
			    ((const uint8_t *)row)[i] * 257u;

			rgba[c] = (uint16_t)(c == 3 && !cook->has_alpha ? FULL : v);
		}
}

static int
cook_rows(struct cook *cook, struct mark *mark)
{
	uint8_t *row = malloc(cook_row_bytes(cook));
	uint32_t y;

	mark->width = cook->frame.width_px;
	mark->height = cook->frame.height_px;
	mark->rgba = malloc((size_t)mark->width * mark->height * RGBA * sizeof(*mark->rgba));
	for (y = 0; y < mark->height && row != NULL && mark->rgba != NULL; y++) {
		cook_row(cook, y, row);
		widen(cook, row, mark->rgba + (size_t)y * mark->width * RGBA);
	}
	free(row);
	return row != NULL && mark->rgba != NULL ? 0 : -1;
}

static int
make_rows(struct reading *r, const struct color *color, struct mark *mark)
{
	const struct layout_item *item = &r->layout.items[0];
	struct color_transform *transform = NULL;
	struct cook cook;
	int result;

	if (item->is_converted)
		transform = color_transform_new(color, r->in.header.icc, r->in.header.icc_bytes,
		    r->reduced.model, RENDITION_RELATIVE, r->reduced.sample_bytes,
		    item->out_bytes);
	if (item->is_converted && transform == NULL)
		return outcome_bad(&r->outcome, BAD_CORRUPT, "its colour profile cannot be used");
	result = cook_init(&cook, &r->reduced, transform, &item->frame, item->spec, true,
	    item->out_bytes) == 0 ? cook_rows(&cook, mark) : -1;
	cook_clear(&cook);
	color_transform_free(transform);
	return result == 0 ? 0 : outcome_error(&r->outcome, ENOMEM, "no memory left for it");
}

static void
clear(struct reading *r)
{
	r->in.codec->close(&r->in);
	free(r->in.header.icc);
	free(r->in.header.tiff);
	meta_clear(&r->in.header.meta);
	intake_clear(&r->intake);
	image_clear(&r->reduced);
}

/* A PNG of SPEC's file, that fits into W x H pixels, into MARK. */
static int
read_mark(const struct mark_tools *tools, const struct rendition *spec, int fd, uint32_t w,
    uint32_t h, struct mark *mark)
{
	struct reading *r = mem_alloc(sizeof(*r));
	int result;

	r->spec = (struct rendition){ .width_px = w, .height_px = h, .may_enlarge = 1,
		.format = RENDITION_PNG };
	r->in.source.fd = fd;
	r->in.source.size_bytes = spec->mark_bytes;
	result = open_file(r) == 0 && plan(r, tools->color) == 0 &&
	    read_pixels(r, tools) == 0 ? make_rows(r, tools->color, mark) : -1;
	if (result != 0 && r->outcome.error == ENOMEM)
		outcome_error(tools->outcome, ENOMEM, "no memory left for the watermark");
	else if (result != 0)
		outcome_error(tools->outcome, ENOTSUP, "the watermark of rendition %s cannot be used: %s",
		    spec->name, r->outcome.text);
	if (result != 0)
		free(mark->rgba);
	clear(r);
	free(r);
	return result;
}

/* ---- to keep ---- */

static struct kept *
oldest(struct mark_store *store)
{
	struct kept *found = &store->kept[0];
	int i;

	for (i = 1; i < N_KEPT && found->mark.rgba != NULL; i++)
		if (store->kept[i].mark.rgba == NULL || store->kept[i].used < found->used)
			found = &store->kept[i];
	return found;
}

/* One larger than all that is kept is kept alone. */
static struct kept *
keep(struct mark_store *store, const struct mark *mark)
{
	struct kept *kept = oldest(store);
	int i;

	drop(store, kept);
	for (i = 0; i < N_KEPT && store->bytes + bytes_of(mark) > KEPT_BYTES; i++)
		drop(store, &store->kept[i]);
	kept->mark = *mark;
	store->bytes += bytes_of(mark);
	return kept;
}

static struct kept *
find(struct mark_store *store, const struct rendition *spec, uint32_t w, uint32_t h)
{
	struct kept *kept;

	for (kept = store->kept; kept < store->kept + N_KEPT; kept++)
		if (kept->mark.rgba != NULL && kept->box_width == w && kept->box_height == h &&
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

const struct mark *
mark_get(const struct mark_tools *tools, const struct rendition *spec, int fd, uint32_t w,
    uint32_t h)
{
	uint32_t box_width = share_of(w, spec->mark_scale_percent);
	uint32_t box_height = share_of(h, spec->mark_scale_percent);
	struct kept *kept = find(tools->store, spec, box_width, box_height);
	struct mark mark = { .rgba = NULL };

	if (kept == NULL) {
		if (read_mark(tools, spec, fd, box_width, box_height, &mark) != 0)
			return NULL;
		kept = keep(tools->store, &mark);
		memcpy(kept->digest, spec->mark_digest, sizeof(kept->digest));
		kept->box_width = box_width;
		kept->box_height = box_height;
	}
	kept->used = ++tools->store->n_calls;
	return &kept->mark;
}
