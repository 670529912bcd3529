#include <config.h>

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jpeglib.h>
#include <png.h>

#include "develop_kit.h"

#define PNG_TAIL 22 /* the end of a deflate stream with its checksum, the checksum of IDAT, IEND */
#include "image/image.h"

static const struct kit_jpeg kinds[] = { /* whole MCUs of them all: 32 x 32 pixels */
	{ .name = "4:2:0", .w = 96, .h = 64, .space = JCS_YCbCr, .factors = { 22, 11, 11 } },
	{ .name = "4:4:4", .w = 96, .h = 64, .space = JCS_YCbCr, .factors = { 11, 11, 11 } },
	{ .name = "4:2:2", .w = 96, .h = 64, .space = JCS_YCbCr, .factors = { 21, 11, 11 } },
	{ .name = "4:4:0", .w = 96, .h = 64, .space = JCS_YCbCr, .factors = { 12, 11, 11 } },
	{ .name = "4:1:1", .w = 96, .h = 64, .space = JCS_YCbCr, .factors = { 41, 11, 11 } },
	{ .name = "2x2,1x2,2x1", .w = 96, .h = 64, .space = JCS_YCbCr,
	    .factors = { 22, 12, 21 } },
	{ .name = "progressive", .w = 96, .h = 64, .space = JCS_YCbCr,
	    .factors = { 22, 11, 11 }, .is_progressive = true },
	{ .name = "arithmetic", .w = 96, .h = 64, .space = JCS_YCbCr,
	    .factors = { 22, 11, 11 }, .is_arithmetic = true },
	{ .name = "restarts", .w = 96, .h = 64, .space = JCS_YCbCr, .factors = { 22, 11, 11 },
	    .restart = 3 },
	{ .name = "grey", .w = 96, .h = 64, .space = JCS_GRAYSCALE, .factors = { 11 } },
	{ .name = "grey 2x2", .w = 72, .h = 56, .space = JCS_GRAYSCALE, .factors = { 22 } },
	{ .name = "RGB", .w = 96, .h = 64, .space = JCS_RGB, .factors = { 11, 11, 11 } },
	{ .name = "CMYK", .w = 96, .h = 64, .space = JCS_CMYK, .factors = { 11, 11, 11, 11 } },
	{ .name = "YCCK", .w = 96, .h = 64, .space = JCS_YCCK, .factors = { 22, 11, 11, 22 } },
	/* torn edges: can stay, and be transposed, not be mirrored */
	{ .name = "4:2:0 torn", .w = 701, .h = 503, .space = JCS_YCbCr,
	    .factors = { 22, 11, 11 } },
	{ .name = "grey torn", .w = 101, .h = 83, .space = JCS_GRAYSCALE, .factors = { 11 } },
};
enum { N_WHOLE = 14, N_KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static struct rendition
as_it_is(void)
{
	struct rendition spec = kit_web;

	spec.width_px = spec.height_px = 0;
	spec.metadata = RENDITION_META_NONE;
	spec.color = RENDITION_COLOR_KEEP;
	return spec;
}

/* KIND with an EXIF block of this orientation behind SOI. */
static int
make_turned(const struct kit_jpeg *kind, int orientation)
{
	uint8_t head[38] = { 0xff, 0xd8, 0xff, 0xe1, 0, 34, 'E', 'x', 'i', 'f', 0, 0, 'I', 'I',
		42, 0, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, (uint8_t)orientation };
	int plain = kit_make_jpeg(kind), fd = memfd_create("turned", MFD_CLOEXEC);
	size_t size;
	uint8_t *data = kit_slurp(plain, &size);

	cr_assert_eq(write(fd, head, sizeof(head)), (ssize_t)sizeof(head));
	cr_assert_eq(write(fd, data + 2, size - 2), (ssize_t)size - 2);
	free(data);
	close(plain);
	return fd;
}

/* ---- samples as coded, chroma repeated: nothing that could round differently when turned ---- */

struct samples {
	uint32_t w, h;
	int n, space;
	uint8_t *data;
};

static struct samples
read_samples(int fd)
{
	struct jpeg_decompress_struct c;
	struct jpeg_error_mgr err;
	struct samples s;
	size_t size;
	uint8_t *data = kit_slurp(fd, &size);

	c.err = jpeg_std_error(&err);
	jpeg_create_decompress(&c);
	jpeg_mem_src(&c, data, size);
	jpeg_read_header(&c, TRUE);
	c.out_color_space = c.jpeg_color_space;
	c.do_fancy_upsampling = FALSE;
	jpeg_start_decompress(&c);
	s = (struct samples){ c.output_width, c.output_height, c.num_components,
		(int)c.jpeg_color_space, NULL };
	s.data = malloc((size_t)s.w * s.h * (size_t)s.n);
	while (c.output_scanline < s.h) {
		JSAMPROW row = s.data + (size_t)c.output_scanline * s.w * (size_t)s.n;

		jpeg_read_scanlines(&c, &row, 1);
	}
	jpeg_finish_decompress(&c);
	jpeg_destroy_decompress(&c);
	free(data);
	return s;
}

/* The most that a sample of IS differs from that of STORED, turned upright by image_turn(). */
static int
worst_difference(const struct samples *stored, const struct samples *is, int orientation)
{
	bool is_swapped = image_is_swapped(orientation);
	int worst = 0, c;
	uint32_t x, y;

	cr_assert(is->w == (is_swapped ? stored->h : stored->w) &&
	    is->h == (is_swapped ? stored->w : stored->h) && is->n == stored->n);
	cr_assert_eq(is->space, stored->space);
	for (c = 0; c < is->n; c++) {
		struct plane from, to;

		cr_assert_eq(image_plane_init(&from, stored->w, stored->h, 1), 0);
		cr_assert_eq(image_plane_init(&to, is->w, is->h, 1), 0);
		for (y = 0; y < stored->h; y++)
			for (x = 0; x < stored->w; x++)
				from.data[y * from.stride_bytes + x] = stored->data[
				    ((size_t)y * stored->w + x) * (size_t)stored->n + (size_t)c];
		image_turn(&from, &to, 1, orientation);
		for (y = 0; y < is->h; y++)
			for (x = 0; x < is->w; x++) {
				int d = abs(to.data[y * to.stride_bytes + x] - is->data[
				    ((size_t)y * is->w + x) * (size_t)is->n + (size_t)c]);

				worst = d > worst ? d : worst;
			}
		image_plane_clear(&from);
		image_plane_clear(&to);
	}
	return worst;
}

/* libjpeg's IDCT does columns before rows: transposed, its rounding differs by one. */
Test(lossless, turns_every_kind_without_a_loss)
{
	struct developer *d = developer_new();
	struct rendition specs[2] = { as_it_is(), as_it_is() };
	int i, k, o;

	kit_give_seconds(60);
	specs[1].is_progressive = 1;
	for (i = 0; i < N_WHOLE; i++)
		for (o = 1; o <= 8; o++) {
			int fd = make_turned(&kinds[i], o);
			struct samples stored = read_samples(fd);
			struct kit_result r;

			kit_develop(d, fd, specs, 2, &r);
			cr_assert_eq(r.status, 0, "%s: %s", kinds[i].name, r.outcome.text);
			for (k = 0; k < 2; k++) {
				struct samples is = read_samples(r.outputs[k].fd);

				cr_expect_leq(worst_difference(&stored, &is, o), o >= 5 ? 1 : 0,
				    "%s, orientation %d is off by %d", kinds[i].name, o,
				    worst_difference(&stored, &is, o));
				free(is.data);
			}
			kit_clear(&r);
			free(stored.data);
			close(fd);
		}
	developer_free(d);
}

/* ---- jpegtran says the same, byte for byte ---- */

static const char *const jpegtran_turns[9] = { "", "", "-flip horizontal", "-rotate 180",
	"-flip vertical", "-transpose", "-rotate 90", "-transverse", "-rotate 270" };

/* -1: -perfect found that it cannot be done. */
static int
jpegtran(int fd, int orientation, bool is_progressive)
{
	int to = memfd_create("jpegtran", MFD_CLOEXEC);
	char command[300];

	snprintf(command, sizeof(command), "jpegtran -copy none -optimize %s %s %s -outfile "
	    "/proc/%d/fd/%d /proc/%d/fd/%d 2> /dev/null", is_progressive ? "-progressive" : "",
	    orientation > 1 ? "-perfect" : "", jpegtran_turns[orientation], (int)getpid(), to,
	    (int)getpid(), fd);
	if (system(command) == 0)
		return to;
	close(to);
	return -1;
}

Test(lossless, makes_the_files_that_jpegtran_makes)
{
	struct developer *d = developer_new();
	struct rendition specs[2] = { as_it_is(), as_it_is() };
	int i, k, o, n_exact = 0, n_torn = 0;

	kit_give_seconds(120);
	if (system("jpegtran -version < /dev/null > /dev/null 2>&1") > 256)
		cr_skip_test("no jpegtran (Debian: libjpeg-turbo-progs)");
	specs[1].is_progressive = 1;
	for (i = 0; i < N_KINDS; i++)
		for (o = 1; o <= 8; o++) {
			int fd = make_turned(&kinds[i], o);
			struct kit_result r;

			kit_develop(d, fd, specs, 2, &r);
			cr_assert_eq(r.status, 0, "%s: %s", kinds[i].name, r.outcome.text);
			for (k = 0; k < 2; k++) {
				int theirs = jpegtran(fd, o, k == 1);

				/* or as the source packed it */
				if (theirs >= 0)
					cr_expect(kit_are_equal(theirs, r.outputs[k].fd) || (o == 1 &&
					    kit_size(r.outputs[k].fd) < kit_size(theirs)),
					    "%s, orientation %d, %d", kinds[i].name, o, k);
				n_exact += theirs >= 0;
				n_torn += theirs < 0;
				close(theirs);
			}
			kit_clear(&r);
			close(fd);
		}
	cr_expect_eq(n_exact, 2 * (8 * N_WHOLE + 2 * (N_KINDS - N_WHOLE)));
	cr_expect_eq(n_torn, 2 * 6 * (N_KINDS - N_WHOLE), "%d", n_torn);
	developer_free(d);
}

/* ---- when it is not possible ---- */

/* Mirrored with a torn edge: developed, and right all the same. */
Test(lossless, develops_what_cannot_be_turned_exactly)
{
	struct developer *d = developer_new();
	struct rendition spec = as_it_is();
	struct kit_result r;
	int o;

	spec.quality = 95;
	for (o = 2; o <= 8; o++) {
		int fd = make_turned(&kinds[N_WHOLE], o);
		struct samples stored = read_samples(fd), is;

		kit_develop(d, fd, &spec, 1, &r);
		cr_assert_eq(r.status, 0, "%s", r.outcome.text);
		is = read_samples(r.outputs[0].fd);
		cr_expect_lt(worst_difference(&stored, &is, o), 60, "%d: %d", o,
		    worst_difference(&stored, &is, o));
		cr_expect_eq(r.permille, 1000);
		free(stored.data);
		free(is.data);
		kit_clear(&r);
		close(fd);
	}
	developer_free(d);
}

Test(lossless, refuses_every_truncation)
{
	struct developer *d = developer_new();
	static const int which[] = { 0, 6, 7 };
	struct rendition spec = as_it_is();
	size_t i, size, cut;
	struct kit_result r;

	for (i = 0; i < 3; i++) {
		int fd = kit_make_jpeg(&kinds[which[i]]), part;
		uint8_t *data = kit_slurp(fd, &size);

		for (cut = 3; cut + 2 < size; cut += 7) {
			part = memfd_create("part", MFD_CLOEXEC);
			cr_assert_eq(write(part, data, cut), (ssize_t)cut);
			kit_develop(d, part, &spec, 1, &r);
			cr_expect(r.outcome.bad == REASON_TRUNCATED || r.outcome.bad == REASON_CORRUPT,
			    "%s, %zu of %zu: %s", kinds[which[i]].name, cut, size,
			    reason_name(r.outcome.bad));
			kit_clear(&r);
			close(part);
		}
		free(data);
		close(fd);
	}
	developer_free(d);
}

Test(lossless, obeys_what_else_is_asked_for)
{
	struct developer *d = developer_new();
	struct kit_jpeg kind = kinds[1];
	struct rendition specs[3] = { as_it_is(), as_it_is(), as_it_is() };
	struct samples first, second;
	struct kit_result r;
	int fd;

	kind.w = 703;
	kind.h = 505;
	fd = kit_make_jpeg(&kind);
	specs[1].max_bytes = 15000;
	specs[2].subsampling = RENDITION_SUB_420;
	kit_develop(d, fd, specs, 3, &r);
	cr_assert_eq(r.status, 0, "%s", r.outcome.text);
	cr_expect_gt(r.complete[0].bytes, 15000);
	cr_expect_leq(r.complete[1].bytes, 15000);
	first = read_samples(fd);
	second = read_samples(r.outputs[0].fd);
	cr_expect_eq(worst_difference(&first, &second, 1), 0);
	free(second.data);
	second = read_samples(r.outputs[2].fd);
	cr_expect_neq(worst_difference(&first, &second, 1), 0, "subsampled");
	free(first.data);
	free(second.data);
	kit_clear(&r);
	close(fd);
	developer_free(d);
}

Test(lossless, develops_what_does_not_fit_into_memory)
{
	static const struct kit_jpeg kind = { .w = 1024, .h = 1024, .space = JCS_YCbCr,
		.factors = { 22, 11, 11 } };
	struct develop_limits tight = kit_limits;
	struct developer *d = developer_new();
	struct develop_output output = { .spec = as_it_is() };
	struct develop_outcome outcome;
	struct samples stored, is;
	int fd = make_turned(&kind, 6);
	struct stat st;

	output.spec.is_optimized = 0;
	output.fd = memfd_create("out", MFD_CLOEXEC);
	tight.memory_bytes = 6200000; /* the coefficients take 6.3 MB */
	cr_assert_eq(fstat(fd, &st), 0);
	cr_assert_eq(develop_run(d, fd, (uint64_t)st.st_size, &output, 1, &tight, NULL, NULL,
	    &outcome), 0, "%s", outcome.text);
	stored = read_samples(fd);
	is = read_samples(output.fd);
	cr_expect_gt(worst_difference(&stored, &is, 6), 1, "it went another way");
	free(stored.data);
	free(is.data);
	close(output.fd);
	close(fd);
	developer_free(d);
}

/* ---- never larger ---- */

/* What came out goes in again: as small as it gets. */
Test(lossless, sends_the_source_when_that_is_smaller)
{
	static const uint8_t thumbnail[] = { 0xff, 0xe1, 0, 67, 'E', 'x', 'i', 'f', 0, 0,
		'I', 'I', 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, 1, 0, 0, 0,
		26, 0, 0, 0, 2, 0, 1, 2, 4, 0, 1, 0, 0, 0, 56, 0, 0, 0, 2, 2, 4, 0, 1, 0, 0, 0,
		3, 0, 0, 0, 0, 0, 0, 0, 'T', 'h', 'u' };
	struct developer *d = developer_new();
	struct kit_jpeg kind = kinds[N_WHOLE];
	struct rendition spec = as_it_is();
	struct kit_result small, r;
	int fd, told, with_thumbnail;
	uint8_t *data;
	size_t size;

	kind.is_progressive = true; /* a sequential file of it is larger */
	fd = kit_make_jpeg(&kind);
	kit_develop(d, fd, &spec, 1, &small);
	cr_assert_eq(small.status, 0);
	cr_expect(kit_are_equal(fd, small.outputs[0].fd), "bare, whatever metadata are asked for");
	kit_clear(&small);
	data = kit_slurp(fd, &size);
	told = memfd_create("told", MFD_CLOEXEC); /* the same with a comment */
	cr_assert_eq(write(told, data, 2), 2);
	cr_assert_eq(write(told, "\xff\xfe\0\x08secret", 10), 10);
	cr_assert_eq(write(told, data + 2, size - 2), (ssize_t)size - 2);
	free(data);
	kit_develop(d, told, &spec, 1, &r);
	data = kit_slurp(r.outputs[0].fd, &size);
	cr_expect_leq(size, kit_size(told));
	cr_expect_null(memmem(data, size, "secret", 6));
	free(data);
	kit_clear(&r);
	spec.metadata = RENDITION_META_KEEP;
	kit_develop(d, told, &spec, 1, &r);
	cr_expect(kit_are_equal(told, r.outputs[0].fd));
	kit_clear(&r);
	data = kit_slurp(fd, &size);
	with_thumbnail = memfd_create("thumbnail", MFD_CLOEXEC);
	cr_assert_eq(write(with_thumbnail, data, 2), 2);
	cr_assert_eq(write(with_thumbnail, thumbnail, sizeof(thumbnail)),
	    (ssize_t)sizeof(thumbnail));
	cr_assert_eq(write(with_thumbnail, data + 2, size - 2), (ssize_t)size - 2);
	free(data);
	kit_develop(d, with_thumbnail, &spec, 1, &r);
	data = kit_slurp(r.outputs[0].fd, &size);
	cr_expect_leq(size, kit_size(with_thumbnail));
	cr_expect_null(memmem(data, size, "Thu", 3), "keep keeps no thumbnail");
	free(data);
	close(with_thumbnail);
	kit_clear(&r);
	cr_assert_eq(pwrite(told, "trailer", 7, (off_t)kit_size(told)), 7);
	spec.metadata = RENDITION_META_NONE;
	kit_develop(d, told, &spec, 1, &r);
	data = kit_slurp(r.outputs[0].fd, &size);
	cr_expect_null(memmem(data, size, "trailer", 7));
	free(data);
	kit_clear(&r);
	close(told);
	close(fd);
	developer_free(d);
}

/* ---- PNG ---- */

static const struct kit_png png_kinds[] = {
	{ "grey 1", PNG_COLOR_TYPE_GRAY, 1, false, false, false },
	{ "grey 16", PNG_COLOR_TYPE_GRAY, 16, false, false, false },
	{ "RGB 8 interlaced", PNG_COLOR_TYPE_RGB, 8, true, false, false },
	{ "RGB 8 tRNS", PNG_COLOR_TYPE_RGB, 8, false, true, false },
	{ "RGBA 8", PNG_COLOR_TYPE_RGB_ALPHA, 8, false, false, false },
	{ "palette 2", PNG_COLOR_TYPE_PALETTE, 2, true, false, false },
	{ "palette 8 tRNS", PNG_COLOR_TYPE_PALETTE, 8, true, true, false },
};

Test(lossless, compresses_a_png_anew_and_keeps_the_smaller)
{
	struct developer *d = developer_new();
	struct rendition specs[3] = { as_it_is(), as_it_is(), as_it_is() };
	size_t i;
	int k;

	specs[0].compression = 9;
	specs[1].compression = 0; /* always larger */
	specs[2].compression = 9;
	specs[2].is_interlaced = 1;
	for (k = 0; k < 3; k++)
		specs[k].depth = 0;
	for (i = 0; i < sizeof(png_kinds) / sizeof(png_kinds[0]); i++) {
		int fd = kit_make_png(&png_kinds[i], 201, 103);
		struct kit_rgb was, is;
		struct kit_result r;

		kit_develop(d, fd, specs, 3, &r);
		cr_assert_eq(r.status, 0, "%s: %s", png_kinds[i].name, r.outcome.text);
		kit_read(fd, &was);
		for (k = 0; k < 3; k++) {
			kit_read(r.outputs[k].fd, &is);
			cr_expect_eq(memcmp(was.pixels, is.pixels, (size_t)was.w * was.h * 4), 0,
			    "%s %d", png_kinds[i].name, k);
			cr_expect_leq(r.complete[k].bytes, kit_size(fd), "%s %d",
			    png_kinds[i].name, k);
			free(is.pixels);
		}
		cr_expect(kit_are_equal(fd, r.outputs[1].fd));
		free(was.pixels);
		kit_clear(&r);
		close(fd);
	}
	developer_free(d);
}

Test(lossless, refuses_every_truncated_png)
{
	struct developer *d = developer_new();
	struct rendition spec = as_it_is();
	int fd = kit_make_png(&png_kinds[3], 61, 43), part;
	struct kit_result r;
	size_t size, cut;
	uint8_t *data = kit_slurp(fd, &size);

	for (cut = 8; cut < size - PNG_TAIL; cut += cut + 60 > size ? 1 : 31) {
		part = memfd_create("part", MFD_CLOEXEC);
		cr_assert_eq(write(part, data, cut), (ssize_t)cut);
		kit_develop(d, part, &spec, 1, &r);
		cr_expect_eq(r.outcome.bad, REASON_TRUNCATED, "%zu of %zu: %s", cut, size,
		    reason_name(r.outcome.bad));
		kit_clear(&r);
		close(part);
	}
	data[size / 2] ^= 0x10;
	part = memfd_create("part", MFD_CLOEXEC);
	cr_assert_eq(write(part, data, size), (ssize_t)size);
	kit_develop(d, part, &spec, 1, &r);
	cr_expect_eq(r.outcome.bad, REASON_CORRUPT);
	kit_clear(&r);
	close(part);
	free(data);
	close(fd);
	developer_free(d);
}
