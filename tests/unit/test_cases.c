#include <config.h>

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <jpeglib.h>
#include <png.h>

#include "develop_kit.h"

/* Files that break the rules of their format: which of them are whole? */

/* ---- files, changed ---- */

struct bytes {
	uint8_t *data; /* by malloc */
	size_t n;
};

static struct bytes
slurp(int fd)
{
	struct bytes bytes;

	bytes.data = kit_slurp(fd, &bytes.n);
	close(fd);
	return bytes;
}

static struct bytes
sample(const char *name)
{
	char *path = NULL;
	int fd;

	cr_assert_geq(asprintf(&path, "%s/tests/samples/%s", TOP_SRCDIR, name), 0);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	cr_assert_geq(fd, 0, "%s", path);
	free(path);
	return slurp(fd);
}

/* FROM, of which DROP bytes at AT are replaced by N of DATA. */
static struct bytes
replace(const struct bytes *from, size_t at, size_t drop, const void *data, size_t n)
{
	struct bytes to = { .n = from->n - drop + n };

	to.data = malloc(to.n);
	memcpy(to.data, from->data, at);
	memcpy(to.data + at, data, n);
	memcpy(to.data + at + n, from->data + at + drop, from->n - at - drop);
	return to;
}

static void
put_back(struct bytes *bytes, struct bytes with)
{
	free(bytes->data);
	*bytes = with;
}

/* SPECS (one) of these bytes; R to be cleared. */
static void
develop(struct developer *d, const struct bytes *bytes, const struct rendition *spec,
    struct kit_result *r)
{
	int fd = memfd_create("case", MFD_CLOEXEC);

	cr_assert_eq(write(fd, bytes->data, bytes->n), (ssize_t)bytes->n);
	kit_develop(d, fd, spec, 1, r);
	close(fd);
}

static struct rendition
as_it_is(void)
{
	struct rendition spec = kit_web;

	spec.width_px = spec.height_px = 0;
	return spec;
}

/* The odd file gives the very result of the clean one, resized and copied. MOST: warnings at least. */
static void
expect_whole(struct developer *d, const struct bytes *odd, const struct bytes *clean, unsigned least,
    const char *what)
{
	struct rendition specs[2] = { kit_thumb, as_it_is() };
	int i;

	for (i = 0; i < 2; i++) {
		struct kit_result is, should;
		struct kit_rgb a, b;

		develop(d, clean, &specs[i], &should);
		develop(d, odd, &specs[i], &is);
		cr_expect_eq(should.status, 0, "%s, clean: %s", what, should.outcome.text);
		cr_expect_eq(is.status, 0, "%s, %d: %s", what, i, is.outcome.text);
		cr_expect_geq(is.outcome.n_warnings, least, "%s, %d: no warning", what, i);
		if (is.status == 0) {
			kit_read(should.outputs[0].fd, &a);
			kit_read(is.outputs[0].fd, &b);
			cr_expect_eq(kit_difference(&a, &b), 0, "%s, %d: other pixels", what, i);
			free(a.pixels);
			free(b.pixels);
		}
		kit_clear(&is);
		kit_clear(&should);
	}
}

static void
expect_refused(struct developer *d, const struct bytes *odd, const char *what)
{
	struct rendition specs[2] = { kit_thumb, as_it_is() };
	int i;

	for (i = 0; i < 2; i++) {
		struct kit_result r;

		develop(d, odd, &specs[i], &r);
		cr_expect(r.outcome.bad == REASON_CORRUPT || r.outcome.bad == REASON_TRUNCATED,
		    "%s, %d: %s %s", what, i, reason_name(r.outcome.bad), r.outcome.text);
		kit_clear(&r);
	}
}

/* ---- JPEG ---- */

static const struct kit_jpeg kinds[] = {
	{ .name = "4:2:0", .w = 301, .h = 203, .space = JCS_YCbCr, .factors = { 22, 11, 11 } },
	{ .name = "4:2:0 restart", .w = 301, .h = 203, .space = JCS_YCbCr,
	    .factors = { 22, 11, 11 }, .restart = 5 },
	{ .name = "grey restart", .w = 301, .h = 203, .space = JCS_GRAYSCALE, .factors = { 11 },
	    .restart = 2 },
	{ .name = "progressive", .w = 301, .h = 203, .space = JCS_YCbCr,
	    .factors = { 21, 11, 11 }, .is_progressive = true },
	{ .name = "progressive restart", .w = 301, .h = 203, .space = JCS_YCbCr,
	    .factors = { 22, 11, 11 }, .is_progressive = true, .restart = 4 },
	{ .name = "arithmetic restart", .w = 301, .h = 203, .space = JCS_YCbCr,
	    .factors = { 22, 11, 11 }, .is_arithmetic = true, .restart = 5 },
};
#define N_KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* The next marker at AT or behind it, over what is none in the data of a scan, and over fill bytes. */
static size_t
next_marker(const struct bytes *jpeg, size_t at)
{
	while (at + 1 < jpeg->n && (jpeg->data[at] != 0xff || jpeg->data[at + 1] == 0 ||
	    jpeg->data[at + 1] == 0xff))
		at++;
	return at;
}

static size_t
segment_end(const struct bytes *jpeg, size_t at)
{
	return at + 2 + ((size_t)jpeg->data[at + 2] << 8 | jpeg->data[at + 3]);
}

static bool
is_restart(int marker)
{
	return marker >= 0xd0 && marker <= 0xd7;
}

/* Scan I, from 0: its header and its data. False: there are not as many. */
static bool
find_scan(const struct bytes *jpeg, int i, size_t *from, size_t *to)
{
	size_t at = 2;

	while (jpeg->data[at + 1] != 0xd9) {
		*from = at;
		*to = segment_end(jpeg, at);
		if (jpeg->data[at + 1] == 0xda)
			do
				*to = next_marker(jpeg, *to + 2);
			while (is_restart(jpeg->data[*to + 1]));
		if (jpeg->data[at + 1] == 0xda && i-- == 0)
			return true;
		at = *to;
	}
	return false;
}

/* N bytes SPARE in front of every restart marker and of EOI. */
static struct bytes
fill_up(const struct bytes *jpeg, const void *spare, size_t n)
{
	struct bytes to = replace(jpeg, jpeg->n - 2, 0, spare, n);
	size_t at, from, end = 0;
	int i;

	for (i = 0; find_scan(&to, i, &from, &end); i++)
		for (at = segment_end(&to, from); (at = next_marker(&to, at)) < end; at += n + 2) {
			put_back(&to, replace(&to, at, 0, spare, n));
			end += n;
		}
	return to;
}

/* Cameras fill up to whole words or sectors, with whatever was there. */
Test(cases, spare_bytes_before_a_marker_change_nothing)
{
	static const uint8_t zeros[40], ones[3] = { 255, 255, 255 },
	    odd[31] = { 0x12, 0xff, 0x00, 0x56, 0x78, 0x9a, 0xbc, 0xde, 1, 2, 3, 4, 5, 6, 7, 8, 9 };
	struct developer *d = developer_new();
	size_t i;

	for (i = 0; i < N_KINDS; i++) {
		struct bytes jpeg = slurp(kit_make_jpeg(&kinds[i])), padded[4];
		int k;

		padded[0] = fill_up(&jpeg, zeros, 2);
		padded[1] = fill_up(&jpeg, zeros, sizeof(zeros));
		padded[2] = fill_up(&jpeg, odd, sizeof(odd));
		padded[3] = fill_up(&jpeg, ones, sizeof(ones));
		for (k = 0; k < 4; k++) {
			if (kinds[i].is_arithmetic && k == 2) { /* it reads them as its own */
				free(padded[k].data);
				continue;
			}
			expect_whole(d, &padded[k], &jpeg, k == 1 || k == 2, kinds[i].name);
			free(padded[k].data);
		}
		free(jpeg.data);
	}
	developer_free(d);
}

/* What follows the picture is never taken for a part of it. */
Test(cases, an_end_mark_is_not_needed_where_all_is_there)
{
	struct developer *d = developer_new();
	struct bytes jpegs[6], other = slurp(kit_make_jpeg(&kinds[3]));
	static const uint8_t noise[20] = { 0, 1, 2, 3, 0xff, 0x02, 0xff, 0xda, 0, 1 };
	size_t from, to;
	int i, k;

	for (i = 0; i < 4; i++)
		jpegs[i] = slurp(kit_make_jpeg(&kinds[i == 2 ? 3 : i == 3 ? 4 : i]));
	jpegs[4] = sample("jpeg/420-non-interleaved.jpg");
	jpegs[5] = sample("jpeg/420-progressive.jpg");
	cr_assert(find_scan(&other, 0, &from, &to));
	for (i = 0; i < 6; i++) {
		struct { const void *data; size_t n; } behind[] = { { "", 0 }, { noise, 20 },
			{ "QDIOBS trailer", 15 }, { other.data, other.n },
			{ other.data + from, to - from } /* a scan alone */, { "\xff", 1 },
			{ "\xff\xe1\xff\xff cut", 8 } };

		for (k = 0; k < 7; k++) {
			struct bytes odd = replace(&jpegs[i], jpegs[i].n - 2, 2, behind[k].data,
			    behind[k].n);
			char what[64];

			snprintf(what, sizeof(what), "picture %d without an end, %d behind", i, k);
			expect_whole(d, &odd, &jpegs[i], 1, what);
			free(odd.data);
		}
		free(jpegs[i].data);
	}
	free(other.data);
	developer_free(d);
}

/* libjpeg makes grey of what never came, and says nothing. */
Test(cases, a_scan_that_is_missing_is_damage)
{
	static const char *const names[] = { "jpeg/420-non-interleaved.jpg",
		"jpeg/420-progressive.jpg" };
	struct developer *d = developer_new();
	struct bytes jpegs[4];
	int i, k, n = 0;

	kit_give_seconds(120);
	for (i = 0; i < 4; i++) {
		size_t from, to;

		jpegs[i] = i < 2 ? sample(names[i]) : slurp(kit_make_jpeg(&kinds[i + 1]));
		for (k = 0; find_scan(&jpegs[i], k, &from, &to); k++) {
			struct bytes odd = replace(&jpegs[i], from, to - from, "", 0);
			char what[64];

			snprintf(what, sizeof(what), "picture %d without scan %d", i, k);
			expect_refused(d, &odd, what);
			odd.n -= 2; /* and without EOI */
			expect_refused(d, &odd, what);
			free(odd.data);
			n++;
		}
		free(jpegs[i].data);
	}
	cr_assert_gt(n, 20, "only %d scans", n);
	developer_free(d);
}

/* As a copy leaves it whose length was set first: zeros are codes like any other. */
Test(cases, a_picture_that_goes_over_into_zeros_is_damage)
{
	struct developer *d = developer_new();
	size_t i, cut;

	kit_give_seconds(120);
	for (i = 0; i < N_KINDS - 1; i++) {
		struct bytes jpeg = slurp(kit_make_jpeg(&kinds[i]));

		for (cut = jpeg.n / 3; cut < jpeg.n - 100; cut += jpeg.n / 29) {
			struct bytes odd = { .data = calloc(1, 9 * jpeg.n), .n = 9 * jpeg.n };

			memcpy(odd.data, jpeg.data, cut);
			expect_refused(d, &odd, kinds[i].name);
			free(odd.data);
		}
		free(jpeg.data);
	}
	developer_free(d);
}

/* The height in SOF is 0, the highest, over the library's limit, or one that is too great; the true one
 * follows the data. */
Test(cases, a_height_told_by_dnl_is_named)
{
	static const struct { unsigned height; bool has_dnl; enum reason bad; } cases[] = {
		{ 0, true, REASON_UNSUPPORTED }, { 65535, true, REASON_UNSUPPORTED },
		{ 65501, true, REASON_UNSUPPORTED }, { 400, true, REASON_UNSUPPORTED },
		{ 240, true, REASON_UNSUPPORTED }, { 4000, true, REASON_UNSUPPORTED },
		{ 203, true, REASON_NONE }, { 0, false, REASON_CORRUPT },
		{ 65535, false, REASON_TOO_BIG }, { 400, false, REASON_CORRUPT } };
	static const uint8_t dnl[] = { 0xff, 0xdc, 0, 4, 0, 203 };
	struct developer *d = developer_new();
	size_t i, k;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (k = 0; k < 3; k++) {
			struct bytes jpeg = slurp(kit_make_jpeg(&kinds[k]));
			size_t at = 2;
			struct kit_result r;

			while (jpeg.data[at + 1] != 0xc0)
				at = segment_end(&jpeg, at);
			jpeg.data[at + 5] = (uint8_t)(cases[i].height >> 8);
			jpeg.data[at + 6] = (uint8_t)cases[i].height;
			if (cases[i].has_dnl)
				put_back(&jpeg, replace(&jpeg, jpeg.n - 2, 0, dnl, sizeof(dnl)));
			develop(d, &jpeg, &kit_thumb, &r);
			cr_expect_eq(r.outcome.bad, cases[i].bad, "%u, %d, %s: %s", cases[i].height,
			    cases[i].has_dnl, kinds[k].name, r.outcome.text);
			cr_expect_eq(strstr(r.outcome.text, "DNL") != NULL,
			    cases[i].bad == REASON_UNSUPPORTED, "%s", r.outcome.text);
			kit_clear(&r);
			free(jpeg.data);
		}
	developer_free(d);
}

/* One block of a mean far beyond white, which a decoder clips and no encoder writes. */
Test(cases, what_cannot_be_copied_is_developed)
{
	static const uint8_t head[] = { 0xff, 0xd8, 0xff, 0xdb, 0, 67, 0 },
	    rest[] = { 0xff, 0xc0, 0, 11, 8, 0, 8, 0, 8, 1, 1, 0x11, 0,
		0xff, 0xc4, 0, 20, 0x00, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 12,
		0xff, 0xc4, 0, 20, 0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, 0x40, 0x03, 0xff, 0xd9 };
	struct developer *d = developer_new();
	struct rendition spec = as_it_is();
	uint8_t data[sizeof(head) + 64 + sizeof(rest)];
	struct bytes jpeg = { data, sizeof(data) };
	struct kit_result r;
	struct kit_rgb is;

	memcpy(data, head, sizeof(head));
	memset(data + sizeof(head), 1, 64);
	memcpy(data + sizeof(head) + 64, rest, sizeof(rest));
	develop(d, &jpeg, &spec, &r);
	cr_assert_eq(r.status, 0, "%s", r.outcome.text);
	kit_read(r.outputs[0].fd, &is);
	cr_expect(is.w == 8 && is.h == 8 && is.pixels[0] > 250);
	free(is.pixels);
	kit_clear(&r);
	developer_free(d);
}

/* ---- PNG ---- */

static const struct kit_png png_kinds[] = {
	{ .name = "grey", .type = PNG_COLOR_TYPE_GRAY, .depth = 8 },
	{ .name = "1 bit, Adam7", .type = PNG_COLOR_TYPE_GRAY, .depth = 1, .is_interlaced = true },
	{ .name = "RGB", .type = PNG_COLOR_TYPE_RGB, .depth = 8 },
	{ .name = "RGB Adam7", .type = PNG_COLOR_TYPE_RGB, .depth = 8, .is_interlaced = true },
	{ .name = "RGBA 16", .type = PNG_COLOR_TYPE_RGB_ALPHA, .depth = 16 },
	{ .name = "palette", .type = PNG_COLOR_TYPE_PALETTE, .depth = 8 },
};
#define N_PNGS (sizeof(png_kinds) / sizeof(png_kinds[0]))
#define IEND_BYTES 12

/* W x H grey pixels of 8 bits. */
static void
put_blank_png(int fd, png_uint_32 w, png_uint_32 h)
{
	FILE *file = fdopen(dup(fd), "wb");
	png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
	png_infop info = png_create_info_struct(png);
	uint8_t *row = calloc(1, w);
	png_uint_32 y;

	png_init_io(png, file);
	png_set_IHDR(png, info, w, h, 8, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
	    PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
	png_set_filter(png, 0, PNG_FILTER_NONE);
	png_write_info(png, info);
	for (y = 0; y < h; y++)
		png_write_row(png, row);
	png_write_end(png, info);
	png_destroy_write_struct(&png, &info);
	fclose(file);
	free(row);
}

static struct bytes
png_of(size_t i)
{
	return slurp(kit_make_png(&png_kinds[i], 101, 83));
}

/* Cut off anywhere behind the checksum of the pixels, or what follows it replaced. */
Test(cases, a_png_without_its_end_is_whole)
{
	static const char *const ends[] = { "", "\0", "\0\0\0\0IEND", "\0\0\0\0IENDabcd",
		"\0\0\0\5IEND\256\102\140\202", "noise, and no chunk", "\0\0\0\1abCd",
		"\0\0\0\1ABCDx\1\2\3\4", "\0\0\0\31tEXtSoft" };
	static const size_t n_end[] = { 0, 1, 8, 12, 12, 19, 8, 13, 12 };
	struct developer *d = developer_new();
	size_t i, k;

	for (i = 0; i < N_PNGS; i++) {
		struct bytes png = png_of(i);

		for (k = 0; k < sizeof(ends) / sizeof(ends[0]); k++) {
			struct bytes odd = replace(&png, png.n - IEND_BYTES, IEND_BYTES, ends[k],
			    n_end[k]);

			expect_whole(d, &odd, &png, 1, png_kinds[i].name);
			free(odd.data);
		}
		for (k = 1; k <= IEND_BYTES + 4; k++) { /* and the checksum of IDAT */
			struct bytes odd = { .data = png.data, .n = png.n - k };

			expect_whole(d, &odd, &png, 1, png_kinds[i].name);
		}
		free(png.data);
	}
	developer_free(d);
}

Test(cases, a_png_whose_checksums_are_wrong_is_damage)
{
	static const size_t behind[] = { 13, 17, 40 }; /* IDAT's, the stream's, and pixels */
	struct developer *d = developer_new();
	size_t i, k;

	for (i = 0; i < N_PNGS; i++)
		for (k = 0; k < 3; k++) {
			struct bytes odd = png_of(i);

			odd.data[odd.n - behind[k]] ^= 0x20;
			expect_refused(d, &odd, png_kinds[i].name);
			odd.n -= IEND_BYTES; /* IEND or none */
			expect_refused(d, &odd, png_kinds[i].name);
			free(odd.data);
		}
	developer_free(d);
}

/* Many pixels cost little where they come row by row. */
Test(cases, many_pixels_are_developed)
{
	struct developer *d = developer_new();
	struct kit_result r;
	int fd = memfd_create("big", MFD_CLOEXEC);

	kit_give_seconds(300);
	put_blank_png(fd, 16384, 16384);
	kit_develop(d, fd, &kit_thumb, 1, &r);
	cr_expect_eq(r.status, 0, "%s", r.outcome.text);
	cr_expect_eq(r.complete[0].width_px, 320);
	kit_clear(&r);
	close(fd);
	developer_free(d);
}

/* ---- those of the collection ---- */

static bool
shared_case(const char *name, struct bytes *bytes)
{
	char *path = NULL;
	int fd;

	cr_assert_geq(asprintf(&path, "%s/../shared/cases/%s", TOP_SRCDIR, name), 0);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	free(path);
	if (fd >= 0)
		*bytes = slurp(fd);
	return fd >= 0;
}

Test(cases, collected_ones_are_as_their_list_says)
{
	static const struct { const char *name, *clean; unsigned warnings; } cases[] = {
		{ "00_clean_rst.jpg", "00_clean.jpg", 0 },
		{ "01_two_spare_bytes_before_rst.jpg", "00_clean.jpg", 1 },
		{ "04_no_eoi_then_trailer.jpg", "00_clean.jpg", 1 },
		{ "05_whole_then_90k_video.jpg", "00_clean.jpg", 0 },
	};
	struct developer *d = developer_new();
	struct kit_result r;
	struct bytes dnl;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes odd, clean;

		if (!shared_case(cases[i].name, &odd))
			cr_skip_test("no collection of cases");
		cr_assert(shared_case(cases[i].clean, &clean));
		expect_whole(d, &odd, &clean, cases[i].warnings, cases[i].name);
		free(odd.data);
		free(clean.data);
	}
	cr_assert(shared_case("07_height_65535_and_dnl.jpg", &dnl));
	develop(d, &dnl, &kit_thumb, &r);
	cr_expect_eq(r.outcome.bad, REASON_UNSUPPORTED, "%s", r.outcome.text);
	cr_expect_not_null(strstr(r.outcome.text, "DNL"), "%s", r.outcome.text);
	kit_clear(&r);
	free(dnl.data);
	developer_free(d);
}
