#include <config.h>

#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <png.h>

#include "develop_kit.h"
#include "independent.h"

#define SAMPLES TOP_SRCDIR "/tests/samples"
#define BACKGROUND 0x60

/* ---- which way is up ---- */

/* The stored pixel that is at (X, Y) of the upright picture; W x H as stored. EXIF 2.3, 0x0112. */
static size_t
stored_at(int orientation, uint32_t x, uint32_t y, uint32_t w, uint32_t h)
{
	switch (orientation) {
	case 2: return (size_t)y * w + (w - 1 - x);
	case 3: return (size_t)(h - 1 - y) * w + (w - 1 - x);
	case 4: return (size_t)(h - 1 - y) * w + x;
	case 5: return (size_t)x * w + y;
	case 6: return (size_t)(h - 1 - x) * w + y;
	case 7: return (size_t)(h - 1 - x) * w + (w - 1 - y);
	case 8: return (size_t)x * w + (w - 1 - y);
	default: return (size_t)y * w + x;
	}
}

/* ---- means ---- */

/* The means of three channels over the quarters of the upright picture, and over all of it (4), what
 * is transparent on the background. A middle column or row of an odd size counts in all alone. */
struct means {
	double of[5][3];
};

static struct means
means_of(const struct kit_rgb *p, int orientation)
{
	uint32_t w = orientation >= 5 ? p->h : p->w, h = orientation >= 5 ? p->w : p->h, x, y;
	double n_quarter = (double)(w / 2) * (h / 2), n_all = (double)w * h;
	uint64_t sums[5][3] = { { 0 } };
	struct means means;
	int i, c;

	for (y = 0; y < h; y++)
		for (x = 0; x < w; x++) {
			const uint8_t *at = p->pixels + 4 * stored_at(orientation, x, y, p->w, p->h);
			bool is_middle = (w % 2 == 1 && x == w / 2) || (h % 2 == 1 && y == h / 2);

			i = (x > w / 2 || (w % 2 == 0 && x == w / 2)) +
			    2 * (y > h / 2 || (h % 2 == 0 && y == h / 2));
			for (c = 0; c < 3; c++) {
				uint32_t v = at[c] * at[3] + BACKGROUND * (255u - at[3]);

				sums[4][c] += v;
				sums[i][c] += is_middle ? 0 : v;
			}
		}
	for (i = 0; i < 5; i++)
		for (c = 0; c < 3; c++)
			means.of[i][c] = (double)sums[i][c] / (255 * (i == 4 ? n_all : n_quarter));
	return means;
}

/* Decoders spread the chroma of a few pixels each in their own way. */
#define MOST 3.0
#define MOST_SMALL 16.0

static void
compare_means(const char *name, const struct kit_rgb *was, int orientation,
    const struct kit_rgb *is)
{
	bool is_small = is->w < 16 || is->h < 16;
	struct means before = means_of(was, orientation), after = means_of(is, 1);
	int quarter, c;

	for (quarter = is_small ? 4 : 0; quarter < 5; quarter++)
		for (c = 0; c < 3; c++) {
			double should = before.of[quarter][c], mean = after.of[quarter][c];

			cr_expect_lt(fabs(mean - should), is_small ? MOST_SMALL : MOST, "%s: quarter "
			    "%d, channel %d: %.2f, not %.2f", name, quarter, c, mean, should);
		}
}

/* ---- one file ---- */

static int
orientation_of(const char *manifest)
{
	int o = atoi(manifest);

	return o >= 1 && o <= 8 ? o : 1;
}

/* Does a CMYK picture bring a profile, by which its colours are other ones? */
static bool
has_ink_profile(const uint8_t *data, size_t size)
{
	return memmem(data, size < 65536 ? size : 65536, "prtrCMYK", 8) != NULL;
}

/* What lies beyond the palette is black by the specification's advice, transparent to stb_image. */
static bool
is_seen_otherwise(const char *path)
{
	return strstr(path, "invalid_palette_index") != NULL;
}

/* As a JPEG in the source's own colours: what a reader that obeys no profile sees of both. */
static void
check_file(struct developer *d, const char *path, int orientation, int *n_compared)
{
	struct rendition spec = kit_thumb;
	struct kit_rgb was, is;
	struct kit_result r;
	size_t size, out_size;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint8_t *data, *out;

	cr_assert_geq(fd, 0, "%s", path);
	data = kit_slurp(fd, &size);
	spec.format = RENDITION_JPEG;
	spec.color = RENDITION_COLOR_KEEP;
	spec.quality = 97;
	spec.subsampling = RENDITION_SUB_444;
	spec.background = BACKGROUND * 0x010101;
	kit_develop(d, fd, &spec, 1, &r);
	cr_expect_eq(r.status, 0, "%s: %s", path, r.outcome.text);
	if (r.status == 0 && !has_ink_profile(data, size) && !is_seen_otherwise(path) &&
	    independent_read(data, size, &was)) {
		uint32_t w, h;

		out = kit_slurp(r.outputs[0].fd, &out_size);
		cr_assert(independent_read(out, out_size, &is), "%s: the result", path);
		rendition_size(&spec, orientation >= 5 ? was.h : was.w,
		    orientation >= 5 ? was.w : was.h, &w, &h);
		cr_expect(is.w == w && is.h == h, "%s: %ux%u, not %ux%u", path, is.w, is.h, w, h);
		compare_means(path, &was, orientation, &is);
		free(was.pixels);
		free(is.pixels);
		free(out);
		++*n_compared;
	}
	free(data);
	kit_clear(&r);
	close(fd);
}

/* ---- the corpus ---- */

enum { FILE_NAME = 0, KIND = 1, TYPE = 9, ORIENTATION = 17, EXPECTED = 31, N_FIELDS };

static FILE *
open_manifest(const char **folder)
{
	const char *wanted = getenv("DARKROOM_CORPUS");
	char path[4096];
	FILE *manifest;

	*folder = wanted != NULL ? wanted : TOP_SRCDIR "/../shared/corpus";
	snprintf(path, sizeof(path), "%s/MANIFEST.tsv", *folder);
	manifest = fopen(path, "r");
	if (manifest == NULL)
		cr_skip_test("no corpus: neither DARKROOM_CORPUS nor %s", path);
	return manifest;
}

/* The next line, taken apart; false at the end. */
static bool
next_line(FILE *manifest, char **line, size_t *room, char *fields[])
{
	char *rest;
	int i;

	if (getline(line, room, manifest) < 0)
		return false;
	rest = *line;
	rest[strcspn(rest, "\n")] = '\0';
	for (i = 0; i < N_FIELDS && rest != NULL; i++)
		fields[i] = strsep(&rest, "\t");
	cr_assert_eq(i, N_FIELDS);
	return true;
}

/* Size, orientation and mean colours of every sound file, by a decoder that is not ours. */
Test(conformance, sees_what_another_decoder_sees)
{
	const char *folder;
	FILE *manifest = open_manifest(&folder);
	struct developer *d = developer_new();
	char *line = NULL, *fields[N_FIELDS], path[4096];
	int n = 0, n_compared = 0;
	size_t room = 0;

	kit_give_seconds(550);
	while (next_line(manifest, &line, &room, fields)) {
		if (strcmp(fields[EXPECTED], "ok") != 0 || strcmp(fields[TYPE], "icc") == 0)
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, fields[FILE_NAME]);
		check_file(d, path, orientation_of(fields[ORIENTATION]), &n_compared);
		n++;
	}
	fprintf(stderr, "corpus: %d sound files, %d compared with %s\n", n, n_compared,
	    independent_name);
	cr_expect_gt(n_compared, 400);
	free(line);
	fclose(manifest);
	developer_free(d);
}

/* PngSuite's names say what they are: x is broken, all others are not. */
Test(conformance, does_all_of_pngsuite)
{
	const char *folder, *name;
	FILE *manifest = open_manifest(&folder);
	struct developer *d = developer_new();
	char *line = NULL, *fields[N_FIELDS], path[4096];
	int n_good = 0, n_broken = 0;
	struct kit_result r;
	size_t room = 0;

	while (next_line(manifest, &line, &room, fields)) {
		if (strcmp(fields[KIND], "pngsuite") != 0)
			continue;
		name = strrchr(fields[FILE_NAME], '/') + 1;
		name = strstr(name, "--") == NULL ? name : strstr(name, "--") + 2;
		snprintf(path, sizeof(path), "%s/%s", folder, fields[FILE_NAME]);
		kit_develop_path(d, path, &kit_thumb, 1, &r);
		cr_expect_eq(r.status == 0, *name != 'x', "%s: %s", name, r.outcome.text);
		n_broken += *name == 'x';
		n_good += *name != 'x';
		kit_clear(&r);
	}
	fprintf(stderr, "PngSuite: %d sound files, %d broken ones\n", n_good, n_broken);
	cr_expect(n_good >= 161 && n_broken >= 14, "%d and %d", n_good, n_broken);
	free(line);
	fclose(manifest);
	developer_free(d);
}

/* ---- the samples of the source tree: always there ---- */

/* As tests/samples/README says. */
static int
orientation_of_sample(const char *name)
{
	if (name[0] == 'F' && strchr("12345678", name[1]) != NULL)
		return name[1] - '0';
	return strstr(name, "orientation-6") != NULL || strcmp(name, "lantern.jpg") == 0 ? 6 : 1;
}

static void
check_folder(struct developer *d, const char *folder, int *n_compared)
{
	struct dirent *entry;
	DIR *dir = opendir(folder);
	char path[4096];

	cr_assert_not_null(dir, "%s", folder);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		check_file(d, path, orientation_of_sample(entry->d_name), n_compared);
	}
	closedir(dir);
}

Test(conformance, sees_the_samples_as_another_decoder_does)
{
	struct developer *d = developer_new();
	int n_compared = 0;

	check_folder(d, SAMPLES "/photo", &n_compared);
	check_folder(d, SAMPLES "/jpeg", &n_compared);
	check_folder(d, SAMPLES "/png", &n_compared);
	check_folder(d, SAMPLES "/orientation", &n_compared);
	fprintf(stderr, "samples: %d compared with %s\n", n_compared, independent_name);
	cr_expect_gt(n_compared, 20);
	developer_free(d);
}

/* ---- kinds of JPEG that are refused, with a sentence that says so ---- */

/* Grey, 16x16: a frame header of the process MARKER, with samples of DEPTH bits. */
static int
jpeg_of_kind(uint8_t marker, uint8_t depth)
{
	const uint8_t data[] = { 0xff, 0xd8, 0xff, marker, 0, 11, depth, 0, 16, 0, 16, 1, 1, 0x11, 0,
		0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, 0x55, 0x55, 0xff, 0xd9 };
	int fd = memfd_create("source", MFD_CLOEXEC);

	cr_assert_eq(write(fd, data, sizeof(data)), (ssize_t)sizeof(data));
	return fd;
}

Test(unsupported, is_told_in_words)
{
	static const struct {
		uint8_t marker, depth;
		const char *says;
	} kinds[] = {
		{ 0xc1, 12, "12 bits a sample" }, { 0xc2, 12, "12 bits a sample" },
		{ 0xc3, 8, "a lossless JPEG" }, { 0xc3, 16, "a lossless JPEG" },
		{ 0xcb, 8, "a lossless JPEG" }, { 0xc5, 8, "a hierarchical JPEG" },
		{ 0xf7, 8, "a JPEG-LS JPEG" },
	};
	struct rendition specs[2] = { kit_thumb, kit_web };
	struct developer *d = developer_new();
	struct kit_result r;
	size_t i;

	specs[1].width_px = specs[1].height_px = 0; /* copied, were it possible */
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		int fd = jpeg_of_kind(kinds[i].marker, kinds[i].depth);

		kit_develop(d, fd, specs, 2, &r);
		cr_expect_eq(r.outcome.bad, BAD_UNSUPPORTED, "marker %x: %s", kinds[i].marker,
		    r.outcome.text);
		cr_expect_not_null(strstr(r.outcome.text, kinds[i].says), "marker %x: %s",
		    kinds[i].marker, r.outcome.text);
		kit_clear(&r);
		close(fd);
	}
	kit_develop_path(d, SAMPLES "/bad/12-bit.jpg", specs, 2, &r);
	cr_expect_eq(r.outcome.bad, BAD_UNSUPPORTED, "%s", r.outcome.text);
	kit_clear(&r);
	developer_free(d);
}

/* ---- exactly upright ---- */

/* A TIFF of one entry, the orientation. */
static void
make_tiff(int orientation, uint8_t tiff[26])
{
	static const uint8_t plain[26] = { 'I', 'I', 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0,
		0 };

	memcpy(tiff, plain, sizeof(plain));
	tiff[18] = (uint8_t)orientation;
}

static void
write_png(png_structp png, png_bytep data, size_t n)
{
	cr_assert_eq(write(*(int *)png_get_io_ptr(png), data, n), (ssize_t)n);
}

static int
png_of(const struct kit_rgb *pixels, int orientation)
{
	png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
	png_infop info = png_create_info_struct(png);
	int fd = memfd_create("source", MFD_CLOEXEC);
	uint8_t tiff[26];
	uint32_t y;

	make_tiff(orientation, tiff);
	png_set_write_fn(png, &fd, write_png, NULL);
	png_set_IHDR(png, info, pixels->w, pixels->h, 8, PNG_COLOR_TYPE_RGB_ALPHA,
	    PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
	png_set_eXIf_1(png, info, sizeof(tiff), tiff);
	png_write_info(png, info);
	for (y = 0; y < pixels->h; y++)
		png_write_row(png, pixels->pixels + (size_t)y * pixels->w * 4);
	png_write_end(png, NULL);
	png_destroy_write_struct(&png, &info);
	return fd;
}

/* The pixels of STORED as they stand upright. */
static struct kit_rgb
upright(const struct kit_rgb *stored, int orientation)
{
	struct kit_rgb to = { orientation >= 5 ? stored->h : stored->w,
		orientation >= 5 ? stored->w : stored->h, NULL };
	uint32_t x, y;

	to.pixels = malloc((size_t)to.w * to.h * 4);
	for (y = 0; y < to.h; y++)
		for (x = 0; x < to.w; x++)
			memcpy(to.pixels + 4 * ((size_t)y * to.w + x), stored->pixels +
			    4 * stored_at(orientation, x, y, stored->w, stored->h), 4);
	return to;
}

/* Not one sample differs, with alpha and in 8 bits; with a size, and without. */
Test(upright, a_png_in_all_eight_ways_exactly)
{
	struct developer *d = developer_new();
	struct rendition specs[2] = { kit_web, kit_web };
	struct kit_rgb noise = kit_noise(71, 43, 5), should, is;
	struct kit_result r;
	int o, i;

	for (i = 0; i < 71 * 43; i++)
		noise.pixels[4 * i + 3] = 255;
	specs[1].width_px = specs[1].height_px = 0;
	for (o = 1; o <= 8; o++) {
		int fd = png_of(&noise, o);

		kit_develop(d, fd, specs, 2, &r);
		cr_assert_eq(r.status, 0, "%s", r.outcome.text);
		should = upright(&noise, o);
		for (i = 0; i < 2; i++) {
			kit_read(r.outputs[i].fd, &is);
			cr_expect(is.w == should.w && is.h == should.h, "orientation %d", o);
			cr_expect_eq(kit_difference(&is, &should), 0, "orientation %d, result %d", o, i);
			free(is.pixels);
		}
		free(should.pixels);
		kit_clear(&r);
		close(fd);
	}
	free(noise.pixels);
	developer_free(d);
}

/* PIXELS as a JPEG of quality 100, with an EXIF block. */
static int
jpeg_of(const struct kit_rgb *pixels, int orientation)
{
	int plain = kit_put_jpeg(pixels, 100, 1), fd = memfd_create("source", MFD_CLOEXEC);
	uint8_t head[12] = { 0xff, 0xd8, 0xff, 0xe1, 0, 34, 'E', 'x', 'i', 'f' }, tiff[26], *data;
	size_t size;

	make_tiff(orientation, tiff);
	data = kit_slurp(plain, &size);
	cr_assert_eq(write(fd, head, 12), 12);
	cr_assert_eq(write(fd, tiff, 26), 26);
	cr_assert_eq(write(fd, data + 2, size - 2), (ssize_t)size - 2);
	free(data);
	close(plain);
	return fd;
}

/* What a JPEG holds, turned: to a PNG nothing is lost but half a step of the colours' rounding. */
Test(upright, a_jpeg_in_all_eight_ways_exactly)
{
	struct developer *d = developer_new();
	struct rendition spec = kit_web;
	struct kit_rgb noise = kit_noise(71, 43, 6), stored, should, is;
	struct kit_result r;
	int o;

	spec.format = RENDITION_PNG;
	for (o = 1; o <= 8; o++) {
		int fd = jpeg_of(&noise, o);

		kit_develop(d, fd, &spec, 1, &r);
		cr_assert_eq(r.status, 0, "%s", r.outcome.text);
		kit_read(fd, &stored); /* by libjpeg: as stored */
		should = upright(&stored, o);
		kit_read(r.outputs[0].fd, &is);
		cr_expect(is.w == should.w && is.h == should.h, "orientation %d", o);
		cr_expect_lt(kit_difference(&is, &should), 0.05, "orientation %d: %.3f", o,
		    kit_difference(&is, &should));
		free(stored.pixels);
		free(should.pixels);
		free(is.pixels);
		kit_clear(&r);
		close(fd);
	}
	free(noise.pixels);
	developer_free(d);
}

/* ---- 16 bits ---- */

/* A PNG of W x 1 grey samples of 16 bits: 0, STEP, 2 STEP ... */
static int
ramp_16(uint32_t w, unsigned step)
{
	png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
	png_infop info = png_create_info_struct(png);
	int fd = memfd_create("source", MFD_CLOEXEC);
	uint8_t *row = malloc((size_t)w * 2);
	uint32_t x;

	for (x = 0; x < w; x++) {
		row[2 * x] = (uint8_t)(x * step >> 8);
		row[2 * x + 1] = (uint8_t)(x * step);
	}
	png_set_write_fn(png, &fd, write_png, NULL);
	png_set_IHDR(png, info, w, 1, 16, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
	    PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
	png_write_info(png, info);
	png_write_row(png, row);
	png_write_end(png, NULL);
	png_destroy_write_struct(&png, &info);
	free(row);
	return fd;
}

/* Read as it is, in grey. Returns the depth. */
static int
read_ramp(int fd, uint16_t *samples, uint32_t w)
{
	png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
	png_infop info = png_create_info_struct(png);
	uint8_t *row = malloc((size_t)w * 2);
	FILE *file = fdopen(dup(fd), "rb");
	int depth;
	uint32_t x;

	rewind(file);
	png_init_io(png, file);
	png_read_info(png, info);
	depth = png_get_bit_depth(png, info);
	cr_assert_eq(png_get_image_width(png, info), w);
	cr_assert_eq(png_get_color_type(png, info), PNG_COLOR_TYPE_GRAY);
	png_read_row(png, row, NULL);
	for (x = 0; x < w; x++)
		samples[x] = depth == 8 ? row[x] : (uint16_t)(row[2 * x] << 8 | row[2 * x + 1]);
	png_destroy_read_struct(&png, &info, NULL);
	fclose(file);
	free(row);
	return depth;
}

/* depth = keep loses not one of 65536 greys; else each is rounded to the nearest of 256. */
Test(depth, stays_or_is_rounded)
{
	struct developer *d = developer_new();
	struct rendition specs[2] = { kit_web, kit_web };
	uint16_t samples[2001];
	int fd = ramp_16(2001, 32);
	struct kit_result r;
	uint32_t x;

	specs[0].depth = 0;
	kit_develop(d, fd, specs, 2, &r);
	cr_assert_eq(r.status, 0, "%s", r.outcome.text);
	cr_assert_eq(read_ramp(r.outputs[0].fd, samples, 2001), 16);
	for (x = 0; x < 2001; x++)
		cr_assert_eq(samples[x], 32 * x);
	cr_assert_eq(read_ramp(r.outputs[1].fd, samples, 2001), 8);
	for (x = 0; x < 2001; x++)
		cr_assert_eq(samples[x], (unsigned)floor(32 * x / 257.0 + 0.5), "%u", 32 * x);
	kit_clear(&r);
	close(fd);
	developer_free(d);
}
