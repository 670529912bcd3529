/* image/warmup.c - the first, tiny pictures of a worker: what is lazy is done, what is broken is found. */
#include <config.h>

#include "image/develop.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "image/color.h"
#include "image/exif.h"
#include "image/formats.h"

#define SIDE 48      /* pixels: more than one block, so that every loop runs */
#define SMALL 20

static const struct develop_limits limits = { .pixels = 1000000, .side_px = 1000,
	.memory_bytes = 64 << 20, .icc_bytes = 1 << 20, .exif_bytes = 1 << 16, .warnings = 0 };

/* A picture of grey ramps as a JPEG in FD. Returns its length, 0: failed. */
static uint64_t
make_jpeg(int fd)
{
	struct rendition spec = { .quality = 90, .is_optimized = 1, .is_progressive = 1 };
	struct codec_style style = { .spec = &spec, .quality = 90 };
	struct image image = { .model = IMAGE_YCC, .sample_bytes = 1, .n_planes = 3,
		.width_px = SIDE, .height_px = SIDE };
	struct develop_outcome outcome = { .bad = REASON_NONE };
	struct codec_sink *sink = calloc(1, sizeof(*sink));
	struct pace pace;
	int i, result = sink == NULL ? -1 : 0;

	pace_init(&pace, NULL, NULL, 0);
	for (i = 0; i < 3 && result == 0; i++) {
		result = image_plane_init(&image.planes[i], SIDE, SIDE, 1);
		if (result == 0)
			memset(image.planes[i].data, 100 + i,
			    image.planes[i].stride_bytes * SIDE);
	}
	if (result == 0) {
		codec_sink_init(sink, fd);
		result = formats_by_word(RENDITION_JPEG)->write_planes(sink, &image, &style, &pace, &outcome);
	}
	image_clear(&image);
	i = result == 0 ? (int)sink->n_bytes : 0;
	free(sink);
	return (uint64_t)i;
}

struct size {
	uint64_t bytes;
};

static void
on_news(void *listener, const struct develop_news *news)
{
	struct size *png = listener;

	if (news->is_complete && news->i_output == 1)
		png->bytes = news->bytes;
}

/* Develop FROM into a JPEG and a PNG. Returns the length of the PNG in TO[1], 0: failed. */
static uint64_t
round_trip(struct developer *d, int from, uint64_t bytes, const int to[2])
{
	struct develop_output outputs[2] = {
		{ .fd = to[0], .spec = { .width_px = SMALL, .height_px = SMALL, .quality = 82,
		    .is_optimized = 1, .format = RENDITION_JPEG, .mode = RENDITION_PAD } },
		{ .fd = to[1], .spec = { .width_px = SMALL, .height_px = SMALL,
		    .compression = 6, .format = RENDITION_PNG } },
	};
	struct develop_outcome outcome;
	struct size png = { 0 };

	return develop_run(d, from, bytes, outputs, 2, &limits, on_news, &png, &outcome) == 0 ?
	    png.bytes : 0;
}

/* A profile that needs a transform, and one pixel through it. Grey: of three colours lcms2 would make
 * tables for 6 ms, half of what a worker's start takes. */
static int
touch_color(void)
{
	struct color *color = color_new();
	size_t size;
	uint8_t *icc = color_profile_of_gamma(1.8, NULL, true, &size), pixel = 1;
	struct color_transform *t = color == NULL ? NULL : color_transform_new(color, icc, size,
	    IMAGE_GREY, RENDITION_PERCEPTUAL, 1, 1);
	int result = t == NULL ? -1 : 0;

	if (t != NULL)
		color_transform_row(t, &pixel, &pixel, 1);
	color_transform_free(t);
	color_free(color);
	free(icc);
	return result;
}

/* The smallest block: byte order, one entry (orientation 6). */
static int
touch_exif(void)
{
	static const uint8_t tiff[] = { 'I', 'I', 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1, 0,
		0, 0, 6, 0, 0, 0, 0, 0, 0, 0 };
	static const struct meta_rights rights;
	static const struct exif_truth truth = { .width_px = 1, .height_px = 1 };
	struct exif *exif = exif_parse(tiff, sizeof(tiff));
	size_t size;
	uint8_t *kept = exif_compose(exif, RENDITION_META_KEEP, &rights, &truth, &size);
	struct exif *again = exif_parse(kept, size);
	int result = again != NULL && exif_orientation(again) == 1 ? 0 : -1;

	exif_free(again);
	free(kept);
	exif_free(exif);
	return result;
}

int
developer_trial_files(int fds[DEVELOPER_TRIAL_FILES])
{
	int i, result = 0;

	for (i = 0; i < DEVELOPER_TRIAL_FILES; i++) {
		fds[i] = memfd_create("darkroom", MFD_CLOEXEC);
		if (fds[i] < 0)
			result = -1;
	}
	return result;
}

int
developer_trial(struct developer *d, const int fds[DEVELOPER_TRIAL_FILES])
{
	uint64_t bytes = make_jpeg(fds[0]);

	bytes = bytes > 0 ? round_trip(d, fds[0], bytes, fds + 1) : 0;
	bytes = bytes > 0 ? round_trip(d, fds[2], bytes, (const int[]){ fds[1], fds[3] }) : 0;
	return bytes > 0 ? 0 : -1;
}

int
developer_warm_up(struct developer *d)
{
	int fds[DEVELOPER_TRIAL_FILES], i, result;

	tzset(); /* lcms2 asks for the time when it makes a profile */
	result = developer_trial_files(fds);
	if (result == 0)
		result = developer_trial(d, fds);
	for (i = 0; i < DEVELOPER_TRIAL_FILES; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	return result == 0 && touch_color() == 0 && touch_exif() == 0 ? 0 : -1;
}
