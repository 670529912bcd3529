#include <config.h>

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdlib.h>
#include <string.h>

#include "image/exif.h"
#include "image/image.h"

/* Figure of EXIF 2.3, 4.6.4 A: an F, upright, and as each orientation stores it. */
struct stored {
	int orientation;
	const char *rows; /* separated by spaces */
};

static const char upright[] = "### #.. ##. #.. #..";

static struct stored figures[] = {
	{ 1, "### #.. ##. #.. #.." },
	{ 2, "### ..# .## ..# ..#" },
	{ 3, "..# ..# .## ..# ###" },
	{ 4, "#.. #.. ##. #.. ###" },
	{ 5, "##### #.#.. #...." },
	{ 6, "#.... #.#.. #####" },
	{ 7, "....# ..#.# #####" },
	{ 8, "##### ..#.# ....#" },
};

static void
fill(struct plane *plane, const char *rows, unsigned bytes)
{
	uint32_t w = (uint32_t)strcspn(rows, " "), h = (uint32_t)((strlen(rows) + 1) / (w + 1));
	uint32_t x, y;

	cr_assert_eq(image_plane_init(plane, w, h, bytes), 0);
	for (y = 0; y < h; y++)
		for (x = 0; x < w; x++) {
			uint8_t *at = plane->data + y * plane->stride_bytes + x * bytes;

			memset(at, 0, bytes);
			at[bytes - 1] = (uint8_t)rows[y * (w + 1) + x];
		}
}

ParameterizedTestParameters(orientation, turns)
{
	return cr_make_param_array(struct stored, figures, 8);
}

ParameterizedTest(struct stored *c, orientation, turns)
{
	struct plane from, to;
	uint32_t x, y;
	unsigned bytes;

	for (bytes = 1; bytes <= 2; bytes++) {
		fill(&from, figures[c->orientation - 1].rows, bytes);
		cr_assert_eq(image_plane_init(&to, 3, 5, bytes), 0);
		cr_assert_eq(image_is_swapped(c->orientation), from.width == 5);
		image_turn(&from, &to, bytes, c->orientation);
		for (y = 0; y < 5; y++)
			for (x = 0; x < 3; x++)
				cr_assert_eq(to.data[y * to.stride_bytes + x * bytes + bytes - 1],
				    upright[y * 4 + x], "orientation %d at %u, %u",
				    c->orientation, x, y);
		image_plane_clear(&from);
		image_plane_clear(&to);
	}
}

/* Larger than a tile, so that every tile's edge is met. */
Test(orientation, turning_there_and_back_changes_nothing)
{
	static const int back[9] = { 0, 1, 2, 3, 4, 5, 8, 7, 6 };
	struct plane from, turned, to;
	uint32_t x, y;
	int o;

	cr_assert_eq(image_plane_init(&from, 131, 67, 1), 0);
	for (y = 0; y < 67; y++)
		for (x = 0; x < 131; x++)
			from.data[y * from.stride_bytes + x] = (uint8_t)(x * 7 + y * 13);
	for (o = 1; o <= 8; o++) {
		bool swapped = image_is_swapped(o);

		cr_assert_eq(image_plane_init(&turned, swapped ? 67 : 131, swapped ? 131 : 67, 1),
		    0);
		cr_assert_eq(image_plane_init(&to, 131, 67, 1), 0);
		image_turn(&from, &turned, 1, o);
		image_turn(&turned, &to, 1, back[o]);
		for (y = 0; y < 67; y++)
			cr_assert_eq(memcmp(from.data + y * from.stride_bytes,
			    to.data + y * to.stride_bytes, 131), 0, "orientation %d", o);
		image_plane_clear(&turned);
		image_plane_clear(&to);
	}
	image_plane_clear(&from);
}

/* A TIFF with orientation, artist, copyright, and a GPS IFD of one latitude reference. */
static size_t
make_tiff(uint8_t *tiff, uint16_t orientation, uint16_t format)
{
	static const uint8_t model[] = {
		'I', 'I', 42, 0, 8, 0, 0, 0, 4, 0,
		0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0,                /* Orientation */
		0x3b, 0x01, 2, 0, 4, 0, 0, 0, 'A', 'n', 'n', 0,          /* Artist */
		0x98, 0x82, 2, 0, 8, 0, 0, 0, 80, 0, 0, 0,               /* Copyright */
		0x25, 0x88, 4, 0, 1, 0, 0, 0, 62, 0, 0, 0,               /* GPS IFD */
		0, 0, 0, 0,
		1, 0, 1, 0, 2, 0, 2, 0, 0, 0, 'N', 0, 0, 0, 0, 0, 0, 0,  /* at 62 */
		'c', ' ', '2', '0', '2', '6', '!', 0,                    /* at 80 */
	};

	memcpy(tiff, model, sizeof(model));
	tiff[12] = (uint8_t)format;
	tiff[18] = (uint8_t)orientation;
	tiff[19] = (uint8_t)(orientation >> 8);
	return sizeof(model);
}

Test(exif, reads_the_orientation_and_takes_nonsense_as_1)
{
	uint8_t tiff[128];
	unsigned value;

	for (value = 0; value < 300; value++) {
		size_t size = make_tiff(tiff, (uint16_t)value, 3);
		struct exif *exif = exif_parse(tiff, size);

		cr_assert_eq(exif_orientation(exif), value >= 1 && value <= 8 ? (int)value : 1);
		exif_free(exif);
	}
	cr_assert_eq(exif_orientation(NULL), 1);
	cr_assert_null(exif_parse(NULL, 0));
}

static const struct exif_truth ten = { .width_px = 10, .height_px = 10 };
static const struct meta_rights nobody;

/* Every prefix and every flipped byte: no crash, and a value of 1 to 8. */
Test(exif, survives_damage)
{
	uint8_t tiff[128];
	size_t size = make_tiff(tiff, 6, 3), i, kept_size;
	struct exif *exif;
	int o, m;

	for (i = 0; i < 2 * size; i++) {
		make_tiff(tiff, 6, 3);
		if (i >= size)
			tiff[i - size] ^= 0xff;
		exif = exif_parse(tiff, i < size ? i : size);
		o = exif_orientation(exif);
		cr_assert(o >= 1 && o <= 8);
		for (m = 0; m < RENDITION_N_METADATA; m++)
			free(exif_compose(exif, (enum rendition_metadata)m, &nobody, &ten, &kept_size));
		exif_free(exif);
	}
}

/* Two IFDs, the second one of a thumbnail: 3 bytes at 56. */
Test(exif, knows_and_drops_a_thumbnail)
{
	static const uint8_t tiff[] = { 'I', 'I', 42, 0, 8, 0, 0, 0, 1, 0,
		0x12, 0x01, 3, 0, 1, 0, 0, 0, 1, 0, 0, 0, 26, 0, 0, 0,
		2, 0, 1, 2, 4, 0, 1, 0, 0, 0, 56, 0, 0, 0, 2, 2, 4, 0, 1, 0, 0, 0, 3, 0, 0, 0,
		0, 0, 0, 0, 'T', 'h', 'u' };
	struct exif *exif = exif_parse(tiff, sizeof(tiff)), *again;
	size_t size;
	uint8_t *block;

	cr_assert_not(exif_is_right(exif, &ten));
	block = exif_compose(exif, RENDITION_META_KEEP, &nobody, &ten, &size);
	cr_assert_not_null(block);
	cr_assert_null(memmem(block, size, "Thu", 3));
	again = exif_parse(block, size);
	cr_assert(exif_is_right(again, &ten));
	cr_assert(exif_is_right(NULL, &ten));
	exif_free(again);
	exif_free(exif);
	free(block);
}

static bool
holds(const uint8_t *block, size_t size, const char *text)
{
	return block != NULL && memmem(block, size, text, strlen(text)) != NULL;
}

Test(exif, copyright_keeps_the_author_and_nothing_else)
{
	uint8_t tiff[128], *block;
	size_t size = make_tiff(tiff, 6, 3), kept_size;
	struct exif *exif = exif_parse(tiff, size), *again;

	block = exif_compose(exif, RENDITION_COPYRIGHT, &nobody, &ten, &kept_size);
	cr_assert(holds(block, kept_size, "Ann"));
	cr_assert(holds(block, kept_size, "c 2026!"));
	cr_assert_not(holds(block, kept_size, "\x25\x88"), "no GPS");
	again = exif_parse(block, kept_size);
	cr_assert_eq(exif_orientation(again), 1);
	exif_free(again);
	free(block);
	cr_assert_null(exif_compose(exif, RENDITION_META_NONE, &nobody, &ten, &kept_size));
	block = exif_compose(exif, RENDITION_META_KEEP, &nobody, &ten, &kept_size);
	cr_assert(holds(block, kept_size, "\x25\x88"), "keep keeps GPS too");
	again = exif_parse(block, kept_size);
	cr_assert_eq(exif_orientation(again), 1, "the pixels stand upright now");
	exif_free(again);
	free(block);
	exif_free(exif);
}
