#include <config.h>

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <jpeglib.h>
#include <png.h>

#include "develop_kit.h"

/* The N bytes TOLD put into FD at AT, and a trailer behind its end. Gives a descriptor. */
static int
tell(int fd, size_t at, const void *told, size_t n)
{
	int to = memfd_create("told", MFD_CLOEXEC);
	size_t size;
	uint8_t *data = kit_slurp(fd, &size);

	cr_assert_eq(write(to, data, at), (ssize_t)at);
	cr_assert_eq(write(to, told, n), (ssize_t)n);
	cr_assert_eq(write(to, data + at, size - at), (ssize_t)(size - at));
	cr_assert_eq(write(to, "trailing secret", 15), 15);
	free(data);
	return to;
}

static bool
holds_secret(int fd)
{
	size_t size;
	uint8_t *data = kit_slurp(fd, &size);
	bool holds = memmem(data, size, "secret", 6) != NULL;

	free(data);
	return holds;
}

static struct rendition
as_it_is(void)
{
	struct rendition spec = kit_web;

	spec.width_px = spec.height_px = 0;
	spec.metadata = RENDITION_META_NONE;
	return spec;
}

static const struct kit_jpeg jpegs[] = { /* with new Huffman tables, sequential, they get longer */
	{ .name = "progressive", .w = 701, .h = 503, .space = JCS_YCbCr,
	    .factors = { 22, 11, 11 }, .is_progressive = true },
	{ .name = "arithmetic", .w = 701, .h = 503, .space = JCS_YCbCr,
	    .factors = { 22, 11, 11 }, .is_arithmetic = true },
	{ .name = "arithmetic grey", .w = 701, .h = 503, .space = JCS_GRAYSCALE,
	    .factors = { 11 }, .is_arithmetic = true },
	{ .name = "arithmetic RGB", .w = 701, .h = 503, .space = JCS_RGB,
	    .factors = { 11, 11, 11 }, .is_arithmetic = true },
};

/* What is coded stays as it is, what is told goes: the bytes of the file before it was told. */
Test(splice, a_jpeg_is_never_longer_and_tells_nothing)
{
	struct developer *d = developer_new();
	struct rendition spec = as_it_is();
	struct kit_result r;
	size_t i;

	for (i = 0; i < sizeof(jpegs) / sizeof(jpegs[0]); i++) {
		int bare = kit_make_jpeg(&jpegs[i]);
		int told = tell(bare, 2, "\xff\xfe\0\x08secret", 10);

		kit_develop(d, told, &spec, 1, &r);
		cr_assert_eq(r.status, 0, "%s: %s", jpegs[i].name, r.outcome.text);
		cr_expect(kit_are_equal(bare, r.outputs[0].fd), "%s: %llu bytes of %llu",
		    jpegs[i].name, (unsigned long long)kit_size(r.outputs[0].fd),
		    (unsigned long long)kit_size(bare));
		cr_expect_eq(r.complete[0].bytes, kit_size(r.outputs[0].fd));
		kit_clear(&r);
		close(told);
		close(bare);
	}
	developer_free(d);
}

static const struct kit_png pngs[] = {
	{ "grey 1", PNG_COLOR_TYPE_GRAY, 1, false, false, false },
	{ "RGB 8", PNG_COLOR_TYPE_RGB, 8, false, false, false },
	{ "RGB 8 interlaced", PNG_COLOR_TYPE_RGB, 8, true, false, false },
	{ "RGBA 8", PNG_COLOR_TYPE_RGB_ALPHA, 8, false, false, false },
	{ "palette 8 tRNS", PNG_COLOR_TYPE_PALETTE, 8, true, true, false },
};

Test(splice, a_png_is_never_longer_and_tells_nothing)
{
	static const uint8_t text[] = { 0, 0, 0, 8, 't', 'E', 'X', 't', 'a', 0, 's', 'e', 'c', 'r',
		'e', 't', 0x0d, 0x2b, 0x74, 0x4f };
	struct developer *d = developer_new();
	struct rendition specs[2] = { as_it_is(), as_it_is() };
	struct kit_rgb was, is;
	struct kit_result r;
	size_t i;
	int k;

	specs[0].compression = specs[1].compression = 0;
	specs[1].is_interlaced = 1;
	for (i = 0; i < sizeof(pngs) / sizeof(pngs[0]); i++) {
		int bare = kit_make_png(&pngs[i], 201, 103), told = tell(bare, 33, text, 20);

		kit_develop(d, told, specs, 2, &r);
		cr_assert_eq(r.status, 0, "%s: %s", pngs[i].name, r.outcome.text);
		kit_read(bare, &was);
		for (k = 0; k < 2; k++) {
			kit_read(r.outputs[k].fd, &is);
			cr_expect_eq(memcmp(was.pixels, is.pixels, (size_t)was.w * was.h * 4), 0,
			    "%s %d", pngs[i].name, k);
			cr_expect_leq(kit_size(r.outputs[k].fd), kit_size(told), "%s %d",
			    pngs[i].name, k);
			cr_expect_eq(r.complete[k].bytes, kit_size(r.outputs[k].fd));
			cr_expect_not(holds_secret(r.outputs[k].fd), "%s %d", pngs[i].name, k);
			free(is.pixels);
		}
		free(was.pixels);
		kit_clear(&r);
		close(told);
		close(bare);
	}
	developer_free(d);
}

/* Within a box that is larger no sample changes: a PNG is no longer than it was, whatever it was made by. */
Test(splice, a_png_that_fits_is_copied)
{
	static const uint32_t sides[] = { 256, 2048, 255 };
	struct developer *d = developer_new();
	struct kit_rgb picture = kit_ideal(256, 200, false), is;
	int fd = kit_put_png(&picture, 3);
	size_t i;

	for (i = 0; i < 3; i++) {
		struct rendition spec = kit_web;
		struct kit_result r;

		spec.width_px = spec.height_px = sides[i];
		spec.metadata = RENDITION_META_SAFE;
		kit_develop(d, fd, &spec, 1, &r);
		cr_assert_eq(r.status, 0, "%s", r.outcome.text);
		kit_read(r.outputs[0].fd, &is);
		cr_expect_eq(is.w == 256, i < 2);
		cr_expect(i == 2 || kit_difference(&picture, &is) == 0);
		cr_expect(i == 2 || kit_size(r.outputs[0].fd) <= kit_size(fd), "%llu, the source %llu",
		    (unsigned long long)kit_size(r.outputs[0].fd), (unsigned long long)kit_size(fd));
		free(is.pixels);
		kit_clear(&r);
	}
	free(picture.pixels);
	close(fd);
	developer_free(d);
}
