#include <config.h>

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "develop_kit.h"
#include "image/jpeg/tables.h"

/* Symbols of 8 bits that a decoder may meet: T.81 F.1.2.1.1 and F.1.2.2.1. */
static bool
is_possible(int value, bool is_ac)
{
	int size = value & 15;

	return is_ac ? value == 0 || value == 0xf0 || (size >= 1 && size <= 10) : value < 12;
}

/* T.81 annex C: every length at most 16, codes left over, no symbol twice, none missing. */
static void
check_table(const JHUFF_TBL *table, bool is_ac)
{
	bool is_there[256] = { false };
	unsigned used = 0, n = 0, n_bits, i;
	int value;

	for (n_bits = 1; n_bits <= 16; n_bits++)
		for (i = 0; i < table->bits[n_bits]; i++, n++) {
			used += 65536u >> n_bits;
			cr_assert_not(is_there[table->huffval[n]], "%02x twice", table->huffval[n]);
			is_there[table->huffval[n]] = true;
		}
	cr_assert_lt(used, 65536, "the code of all ones stays free");
	for (value = 0; value < 256; value++)
		cr_assert(is_there[value] || !is_possible(value, is_ac), "%02x is missing", value);
}

/* Lengths of a random code, as a sample may have it; with N symbols. */
static void
random_table(JHUFF_TBL *table, bool is_ac, unsigned n, unsigned *seed)
{
	unsigned used = 0, k = 0;
	int value, n_bits;

	memset(table, 0, sizeof(*table));
	for (n_bits = 1, value = 0; n_bits <= 16; n_bits++)
		for (; value < 256 && k < n; value++) {
			*seed = *seed * 1664525 + 1013904223;
			if (!is_possible(value, is_ac))
				continue;
			if (used + (65536u >> n_bits) >= 65536 || (*seed >> 24) % 3 == 0)
				break;
			used += 65536u >> n_bits;
			table->bits[n_bits]++;
			table->huffval[k++] = (uint8_t)value;
		}
}

Test(tables, hold_all_symbols_in_codes_that_fit)
{
	JHUFF_TBL table, usual;
	unsigned seed = 1, i;
	int is_ac;

	for (i = 0; i < 3000; i++)
		for (is_ac = 0; is_ac < 2; is_ac++) {
			random_table(&usual, is_ac, i % 7 == 0 ? 0 : 300, &seed);
			random_table(&table, is_ac, i % 170, &seed);
			codec_jpeg_tables_widen(&table, &usual, is_ac);
			check_table(&table, is_ac);
		}
}

/* What the sample found frequent keeps its short codes. */
Test(tables, keep_what_the_sample_said)
{
	JHUFF_TBL table = { .bits = { 0, 1, 1, 1 }, .huffval = { 0x01, 0x00, 0x11 } }, usual;
	unsigned seed = 7;

	random_table(&usual, true, 300, &seed);
	codec_jpeg_tables_widen(&table, &usual, true);
	cr_expect_eq(table.bits[1], 1);
	cr_expect_eq(table.huffval[0], 0x01);
	cr_expect_eq(table.bits[2], 1);
	cr_expect_eq(table.huffval[1], 0x00);
}

/* The same picture with tables made for it, and with the usual ones: SHOULD of the bytes at most. */
static void
check_picture(struct developer *d, int fd, uint32_t side, double should, const char *what)
{
	struct rendition specs[2] = { kit_web, kit_web };
	struct kit_rgb a, b;
	struct kit_result r;
	double share;

	specs[0].width_px = specs[0].height_px = specs[1].width_px = specs[1].height_px = side;
	specs[1].is_optimized = 0;
	kit_develop(d, fd, specs, 2, &r);
	cr_assert_eq(r.status, 0, "%s: %s", what, r.outcome.text);
	share = (double)kit_size(r.outputs[0].fd) / (double)kit_size(r.outputs[1].fd);
	fprintf(stderr, "%s, %u pixels: %.3f of the bytes\n", what, side, share);
	cr_expect_leq(share, should, "%s, %u pixels: %.3f", what, side, share);
	kit_read(r.outputs[0].fd, &a);
	kit_read(r.outputs[1].fd, &b);
	cr_expect_eq(kit_difference(&a, &b), 0, "tables change no pixel");
	free(a.pixels);
	free(b.pixels);
	kit_clear(&r);
}

Test(tables, make_photographs_smaller)
{
	static const char *const names[] = { "fire", "flower", "lantern", "wine" };
	struct developer *d = developer_new();
	char path[4096];
	size_t i;
	int fd;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), TOP_SRCDIR "/tests/samples/photo/%s.jpg", names[i]);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		cr_assert_geq(fd, 0, "%s", path);
		check_picture(d, fd, 1400, 1.0, names[i]);
		check_picture(d, fd, 300, 0.99, names[i]);
		close(fd);
	}
	developer_free(d);
}

/* All that is difficult lies between the rows of the sample: one in every 8 rows of MCUs, of 16 pixels,
 * is flat. Then the tables are the wrong ones, which must cost little, and fail never. */
Test(tables, survive_a_sample_that_misleads)
{
	struct developer *d = developer_new();
	struct kit_rgb noise = kit_noise(512, 16 * 14 * 8, 3);
	uint32_t y;
	int fd;

	for (y = 0; y < noise.h; y++)
		if (y / 16 % 8 == 4)
			memset(noise.pixels + (size_t)y * noise.w * 4, 128, (size_t)noise.w * 4);
	fd = kit_put_png(&noise, 3);
	check_picture(d, fd, noise.h, 1.3, "misled");
	close(fd);
	free(noise.pixels);
	developer_free(d);
}
