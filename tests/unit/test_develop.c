#include <config.h>

#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jpeglib.h>
#include <png.h>

#include "image/develop.h"
#include "image/exif.h"

#define MAX_OUTPUTS 4

static const struct develop_limits limits = { .pixels = 200000000, .side_px = 65500,
	.memory_bytes = 1 << 30, .icc_bytes = 4 << 20, .exif_bytes = 1 << 20, .warnings = 100 };

static const struct rendition web = { .name = "web", .width_px = 2048, .height_px = 2048,
	.quality = 82, .is_optimized = 1, .compression = 1, .depth = 8,
	.background = 0xffffff };
static const struct rendition thumb = { .name = "thumb", .width_px = 320, .height_px = 320,
	.quality = 78, .is_optimized = 1, .compression = 1, .depth = 8,
	.background = 0xffffff };

/* Criterion's own .timeout leaks under LeakSanitizer when two such tests overlap. */
static void
give_seconds(unsigned n)
{
	alarm(n);
}

/* ---- one run, and what it told ---- */

struct result {
	struct develop_outcome outcome;
	struct develop_output outputs[MAX_OUTPUTS];
	struct develop_news complete[MAX_OUTPUTS];
	int n_outputs, status;
	unsigned permille, n_news, n_complete;
};

static void
on_news(void *listener, const struct develop_news *news)
{
	struct result *r = listener;

	cr_assert(news->permille >= r->permille && news->permille <= 1000,
	    "progress never falls: %u after %u", news->permille, r->permille);
	cr_assert((unsigned)news->stage < DEVELOP_N_STAGE);
	cr_assert(news->i_output >= -1 && news->i_output < r->n_outputs);
	r->n_news += news->permille > r->permille;
	r->permille = news->permille;
	if (news->is_complete) {
		cr_assert_not(r->complete[news->i_output].is_complete, "told once");
		r->complete[news->i_output] = *news;
		r->n_complete++;
	}
}

static void
develop_fd(struct developer *d, int fd, const struct rendition *specs, int n, struct result *r)
{
	struct stat st;
	int i;

	memset(r, 0, sizeof(*r));
	r->n_outputs = n;
	cr_assert_eq(fstat(fd, &st), 0);
	for (i = 0; i < n; i++) {
		r->outputs[i].fd = memfd_create("result", MFD_CLOEXEC);
		r->outputs[i].spec = specs[i];
		cr_assert_geq(r->outputs[i].fd, 0);
	}
	r->status = develop_run(d, fd, (uint64_t)st.st_size, r->outputs, n, &limits, on_news, r,
	    &r->outcome);
	cr_assert_eq(r->status == 0, r->outcome.bad == BAD_NONE && r->outcome.error == 0);
	cr_assert(r->status == 0 || r->outcome.text[0] != '\0', "a failure says what happened");
	if (r->status == 0) {
		cr_assert_eq(r->n_complete, (unsigned)n);
		cr_assert_eq(r->permille, 1000);
	}
	for (i = 0; i < n; i++)
		if (r->complete[i].is_complete) {
			cr_assert_eq(fstat(r->outputs[i].fd, &st), 0);
			cr_assert_eq((uint64_t)st.st_size, r->complete[i].bytes);
		}
}

static void
develop_path(struct developer *d, const char *path, const struct rendition *specs, int n,
    struct result *r)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	cr_assert_geq(fd, 0, "%s: %s", path, strerror(errno));
	develop_fd(d, fd, specs, n, r);
	close(fd);
}

static void
clear(struct result *r)
{
	int i;

	for (i = 0; i < r->n_outputs; i++)
		close(r->outputs[i].fd);
}

/* ---- independent reading: plain libjpeg to RGB, libpng's simplified API ---- */

struct rgb {
	uint32_t w, h;
	uint8_t *pixels; /* RGBA */
};

static uint8_t *
slurp(int fd, size_t *size)
{
	struct stat st;
	uint8_t *data;

	cr_assert_eq(fstat(fd, &st), 0);
	data = malloc((size_t)st.st_size + 1);
	*size = (size_t)pread(fd, data, (size_t)st.st_size, 0);
	cr_assert_eq(*size, (size_t)st.st_size);
	return data;
}

/* RGB pictures and grey ones only; libjpeg's own error exit ends the test. */
static void
read_jpeg(const uint8_t *data, size_t size, struct rgb *to)
{
	struct jpeg_decompress_struct c;
	struct jpeg_error_mgr err;
	JSAMPROW row;

	memset(&c, 0, sizeof(c));
	c.err = jpeg_std_error(&err);
	jpeg_create_decompress(&c);
	jpeg_mem_src(&c, data, size);
	jpeg_read_header(&c, TRUE);
	c.out_color_space = JCS_EXT_RGBA;
	jpeg_start_decompress(&c);
	to->w = c.output_width;
	to->h = c.output_height;
	to->pixels = malloc((size_t)to->w * to->h * 4);
	while (c.output_scanline < c.output_height) {
		row = to->pixels + (size_t)c.output_scanline * to->w * 4;
		jpeg_read_scanlines(&c, &row, 1);
	}
	jpeg_finish_decompress(&c);
	cr_assert_eq(err.num_warnings, 0);
	jpeg_destroy_decompress(&c);
}

static void
read_png(const uint8_t *data, size_t size, struct rgb *to)
{
	png_image image = { .version = PNG_IMAGE_VERSION };

	cr_assert_neq(png_image_begin_read_from_memory(&image, data, size), 0);
	image.format = PNG_FORMAT_RGBA;
	to->w = image.width;
	to->h = image.height;
	to->pixels = malloc(PNG_IMAGE_SIZE(image));
	cr_assert_neq(png_image_finish_read(&image, NULL, to->pixels, 0, NULL), 0, "%s",
	    image.message);
}

static bool
is_png(const uint8_t *data)
{
	return data[0] == 0x89;
}

static void
read_fd(int fd, struct rgb *to)
{
	size_t size;
	uint8_t *data = slurp(fd, &size);

	cr_assert_gt(size, 8);
	if (is_png(data))
		read_png(data, size, to);
	else
		read_jpeg(data, size, to);
	free(data);
}

/* Mean of |a - b| over all colour samples; the sizes must be equal. */
static double
difference(const struct rgb *a, const struct rgb *b)
{
	double sum = 0;
	size_t i, n = (size_t)a->w * a->h * 4;

	cr_assert(a->w == b->w && a->h == b->h, "%ux%u and %ux%u", a->w, a->h, b->w, b->h);
	for (i = 0; i < n; i++)
		sum += abs(a->pixels[i] - b->pixels[i]);
	return sum / ((double)n * 3 / 4);
}

/* Box reduction to W x H: crude, but nothing of it is ours. */
static struct rgb
shrink(const struct rgb *from, uint32_t w, uint32_t h)
{
	struct rgb to = { w, h, malloc((size_t)w * h * 4) };
	uint32_t x, y, c;

	for (y = 0; y < h; y++)
		for (x = 0; x < w; x++)
			for (c = 0; c < 4; c++) {
				uint32_t x0 = (uint32_t)((uint64_t)x * from->w / w);
				uint32_t x1 = (uint32_t)((uint64_t)(x + 1) * from->w / w);
				uint32_t y0 = (uint32_t)((uint64_t)y * from->h / h);
				uint32_t y1 = (uint32_t)((uint64_t)(y + 1) * from->h / h);
				uint64_t sum = 0, n = 0;
				uint32_t i, k;

				for (k = y0; k < y1 || k == y0; k++)
					for (i = x0; i < x1 || i == x0; i++, n++)
						sum += from->pixels[((size_t)k * from->w + i) * 4 +
						    c];
				to.pixels[((size_t)y * w + x) * 4 + c] = (uint8_t)(sum / n);
			}
	return to;
}

/* ---- the pictures ---- */

/* DARKROOM_CORPUS, or ../shared/corpus beside the source tree; NULL: neither. */
static const char *
corpus(void)
{
	const char *path = getenv("DARKROOM_CORPUS");

	if (path == NULL)
		path = TOP_SRCDIR "/../shared/corpus";
	if (access(path, R_OK) == 0)
		return path;
	cr_skip_test("no corpus: neither DARKROOM_CORPUS nor %s", path);
	return NULL;
}

static char *
path_in(const char *folder, const char *name)
{
	char *path = NULL;

	cr_assert_geq(asprintf(&path, "%s/%s", folder, name), 0);
	return path;
}

static int
source_orientation(const char *field)
{
	int o = atoi(field);

	return o >= 1 && o <= 8 ? o : 1;
}

static void
check_sizes(const char *name, const struct result *r, uint32_t w, uint32_t h, int orientation)
{
	uint32_t want_w, want_h;
	struct rgb rgb;
	int i;

	for (i = 0; i < r->n_outputs; i++) {
		rendition_size(&r->outputs[i].spec, orientation >= 5 ? h : w,
		    orientation >= 5 ? w : h, &want_w, &want_h);
		read_fd(r->outputs[i].fd, &rgb);
		cr_expect(rgb.w == want_w && rgb.h == want_h, "%s: %s is %ux%u, not %ux%u", name,
		    r->outputs[i].spec.name, rgb.w, rgb.h, want_w, want_h);
		cr_expect(r->complete[i].width_px == want_w &&
		    r->complete[i].height_px == want_h, "%s: told another size", name);
		free(rgb.pixels);
	}
}

enum { FILE_NAME = 0, TYPE = 9, WIDTH, HEIGHT, ORIENTATION = 17, EXPECTED = 31, N_FIELDS };

static int
check_line(struct developer *d, const char *folder, char *fields[])
{
	struct rendition specs[2] = { thumb, web }; /* any order */
	char *path = path_in(folder, fields[FILE_NAME]);
	struct result r;

	develop_path(d, path, specs, 2, &r);
	free(path);
	if (getenv("DARKROOM_VERBOSE") != NULL)
		fprintf(stderr, "%-8s %d %s (%u) %s: %s\n", fields[EXPECTED], r.status,
		    bad_name(r.outcome.bad), r.outcome.n_warnings, fields[FILE_NAME],
		    r.outcome.text);
	cr_expect_eq(r.outcome.error, 0, "%s: errno %d, %s", fields[FILE_NAME], r.outcome.error,
	    r.outcome.text);
	if (strcmp(fields[EXPECTED], "ok") == 0)
		cr_expect_eq(r.status, 0, "%s: %s, %s", fields[FILE_NAME],
		    bad_name(r.outcome.bad), r.outcome.text);
	else if (strcmp(fields[EXPECTED], "lenient") != 0)
		cr_expect_neq(r.status, 0, "%s: should be refused", fields[FILE_NAME]);
	if (r.status == 0)
		check_sizes(fields[FILE_NAME], &r, (uint32_t)atol(fields[WIDTH]),
		    (uint32_t)atol(fields[HEIGHT]), source_orientation(fields[ORIENTATION]));
	clear(&r);
	return r.status == 0;
}

/* Every picture of the manifest is developed or refused, as it says. */
Test(develop, does_with_the_corpus_what_its_manifest_says)
{
	const char *folder = corpus();
	char *path = path_in(folder, "MANIFEST.tsv"), *line = NULL, *rest, *fields[N_FIELDS];
	struct developer *d = developer_new();
	FILE *manifest = fopen(path, "r");
	int n = 0, n_good = 0, i;
	size_t room = 0;

	give_seconds(550);
	cr_assert_not_null(manifest);
	while (getline(&line, &room, manifest) > 0) {
		rest = line;
		line[strcspn(line, "\n")] = '\0';
		for (i = 0; i < N_FIELDS && rest != NULL; i++)
			fields[i] = strsep(&rest, "\t");
		cr_assert_eq(i, N_FIELDS);
		if (n++ == 0 || strcmp(fields[TYPE], "icc") == 0)
			continue;
		n_good += check_line(d, folder, fields);
	}
	cr_assert_gt(n_good, 400, "only %d were developed", n_good);
	fprintf(stderr, "corpus: %d of %d files developed\n", n_good, n - 1);
	fclose(manifest);
	free(line);
	free(path);
	developer_free(d);
}

/* DARKROOM_HOSTILE=folder of make-hostile.py: whatever it is, an outcome. */
static void
walk(struct developer *d, const char *folder, int *n)
{
	struct rendition specs[2] = { web, thumb };
	struct dirent *entry;
	DIR *dir = opendir(folder);
	struct result r;

	cr_assert_not_null(dir, "%s", folder);
	while ((entry = readdir(dir)) != NULL) {
		char *path = path_in(folder, entry->d_name);
		struct stat st;

		if (entry->d_name[0] != '.' && lstat(path, &st) == 0 && S_ISDIR(st.st_mode))
			walk(d, path, n);
		else if (entry->d_name[0] != '.' && S_ISREG(st.st_mode) && access(path, R_OK) == 0) {
			develop_path(d, path, specs, 2, &r);
			if (getenv("DARKROOM_VERBOSE") != NULL)
				fprintf(stderr, "%s %s/%d (%u): %s\n", path,
				    bad_name(r.outcome.bad), r.outcome.error,
				    r.outcome.n_warnings, r.outcome.text);
			cr_expect_eq(r.outcome.error, 0, "%s: %s", path, r.outcome.text);
			clear(&r);
			++*n;
		}
		free(path);
	}
	closedir(dir);
}

Test(develop, survives_hostile_files)
{
	const char *folder = getenv("DARKROOM_HOSTILE");
	struct developer *d;
	int n = 0;

	give_seconds(550);
	if (folder == NULL)
		cr_skip_test("DARKROOM_HOSTILE names no folder of hostile files");
	d = developer_new();
	walk(d, folder, &n);
	fprintf(stderr, "hostile: %d files, none of them fatal\n", n);
	cr_assert_gt(n, 0);
	developer_free(d);
}

/* ---- pictures made here: smooth colours with a bright corner, so that up is known ---- */

static void
colour_at(uint32_t x, uint32_t y, uint32_t w, uint32_t h, uint8_t rgb[3])
{
	double u = (x + 0.5) / w, v = (y + 0.5) / h;

	rgb[0] = (uint8_t)(40 + 170 * u);
	rgb[1] = (uint8_t)(60 + 120 * v);
	rgb[2] = (uint8_t)(200 - 90 * u * v);
	if (u < 0.3 && v < 0.2)
		rgb[0] = rgb[1] = rgb[2] = 240;
}

struct jpeg_kind {
	const char *name;
	uint32_t w, h;
	J_COLOR_SPACE space;
	int factors[4]; /* h * 10 + v per component */
	bool is_progressive, is_arithmetic;
	unsigned restart;
};

/* Gives a descriptor. */
static int
make_jpeg(const struct jpeg_kind *kind)
{
	struct jpeg_compress_struct c;
	struct jpeg_error_mgr err;
	int fd = memfd_create("source", MFD_CLOEXEC), i;
	unsigned char *data = NULL;
	unsigned long size = 0;
	uint8_t *row = malloc((size_t)kind->w * 4);
	JSAMPROW rows[1] = { row };
	uint32_t x;

	c.err = jpeg_std_error(&err);
	jpeg_create_compress(&c);
	jpeg_mem_dest(&c, &data, &size);
	c.image_width = kind->w;
	c.image_height = kind->h;
	c.input_components = kind->space == JCS_CMYK || kind->space == JCS_YCCK ? 4 : 3;
	c.in_color_space = c.input_components == 4 ? JCS_CMYK : JCS_RGB;
	jpeg_set_defaults(&c);
	jpeg_set_colorspace(&c, kind->space);
	jpeg_set_quality(&c, 95, TRUE);
	for (i = 0; i < c.num_components; i++) {
		c.comp_info[i].h_samp_factor = kind->factors[i] / 10;
		c.comp_info[i].v_samp_factor = kind->factors[i] % 10;
	}
	c.arith_code = kind->is_arithmetic;
	c.restart_interval = kind->restart;
	if (kind->is_progressive)
		jpeg_simple_progression(&c);
	jpeg_start_compress(&c, TRUE);
	while (c.next_scanline < kind->h) {
		for (x = 0; x < kind->w; x++) {
			uint8_t *at = row + (size_t)x * (size_t)c.input_components;

			colour_at(x, c.next_scanline, kind->w, kind->h, at);
			if (c.input_components == 4)
				at[3] = 255; /* inverted: no black */
		}
		jpeg_write_scanlines(&c, rows, 1);
	}
	jpeg_finish_compress(&c);
	jpeg_destroy_compress(&c);
	cr_assert_eq(write(fd, data, size), (ssize_t)size);
	free(data);
	free(row);
	return fd;
}

static struct rgb
ideal(uint32_t w, uint32_t h, bool is_grey)
{
	struct rgb to = { w, h, malloc((size_t)w * h * 4) };
	uint32_t x, y;

	for (y = 0; y < h; y++)
		for (x = 0; x < w; x++) {
			uint8_t *at = to.pixels + ((size_t)y * w + x) * 4;

			colour_at(x, y, w, h, at);
			if (is_grey)
				at[0] = at[1] = at[2] = (uint8_t)(0.299 * at[0] + 0.587 * at[1] +
				    0.114 * at[2] + 0.5);
			at[3] = 255;
		}
	return to;
}

static const struct jpeg_kind kinds[] = {
	{ .name = "4:4:4", .w = 701, .h = 503, .space = JCS_YCbCr, .factors = { 11, 11, 11 } },
	{ .name = "4:2:0", .w = 701, .h = 503, .space = JCS_YCbCr, .factors = { 22, 11, 11 } },
	{ .name = "4:2:2", .w = 701, .h = 503, .space = JCS_YCbCr, .factors = { 21, 11, 11 } },
	{ .name = "4:4:0", .w = 701, .h = 503, .space = JCS_YCbCr, .factors = { 12, 11, 11 } },
	{ .name = "4:1:1", .w = 701, .h = 503, .space = JCS_YCbCr, .factors = { 41, 11, 11 } },
	{ .name = "4:1:0", .w = 701, .h = 503, .space = JCS_YCbCr, .factors = { 42, 11, 11 } },
	{ .name = "3x1", .w = 701, .h = 503, .space = JCS_YCbCr, .factors = { 31, 11, 11 } },
	{ .name = "2x2,1x2,2x1", .w = 701, .h = 503, .space = JCS_YCbCr,
	    .factors = { 22, 12, 21 } },
	{ .name = "chroma finer", .w = 701, .h = 503, .space = JCS_YCbCr,
	    .factors = { 11, 22, 22 } },
	{ .name = "progressive", .w = 2600, .h = 1801, .space = JCS_YCbCr,
	    .factors = { 22, 11, 11 }, .is_progressive = true },
	{ .name = "restarts", .w = 701, .h = 503, .space = JCS_YCbCr, .factors = { 22, 11, 11 },
	    .restart = 3 },
	{ .name = "arithmetic", .w = 701, .h = 503, .space = JCS_YCbCr,
	    .factors = { 22, 11, 11 }, .is_arithmetic = true },
	{ .name = "RGB", .w = 701, .h = 503, .space = JCS_RGB, .factors = { 11, 11, 11 } },
	{ .name = "grey", .w = 701, .h = 503, .space = JCS_GRAYSCALE, .factors = { 11 } },
	{ .name = "grey 2x2", .w = 701, .h = 503, .space = JCS_GRAYSCALE, .factors = { 22 } },
	{ .name = "CMYK", .w = 701, .h = 503, .space = JCS_CMYK, .factors = { 11, 11, 11, 11 } },
	{ .name = "YCCK", .w = 701, .h = 503, .space = JCS_YCCK, .factors = { 22, 11, 11, 22 } },
	{ .name = "1/2", .w = 1301, .h = 911, .space = JCS_YCbCr, .factors = { 22, 11, 11 } },
	{ .name = "1/8", .w = 6001, .h = 4003, .space = JCS_YCbCr, .factors = { 22, 11, 11 } },
	{ .name = "1/8 4:1:1", .w = 6001, .h = 4003, .space = JCS_YCbCr,
	    .factors = { 41, 11, 11 } },
	{ .name = "narrow", .w = 5, .h = 3000, .space = JCS_YCbCr, .factors = { 22, 11, 11 } },
	{ .name = "1x1", .w = 1, .h = 1, .space = JCS_YCbCr, .factors = { 22, 11, 11 } },
	{ .name = "3x1 px", .w = 3, .h = 1, .space = JCS_YCbCr, .factors = { 22, 11, 11 } },
};

/* Each kind of JPEG, to JPEG and PNG, of odd sizes and at each reduction: the colours are the
 * ones that were put in, at the place where they were put. */
Test(develop, keeps_the_colours_of_every_kind_of_jpeg)
{
	static const uint32_t boxes[] = { 97, 333 };
	struct developer *d = developer_new();
	size_t i, b;
	int k;

	give_seconds(120);
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		int fd = make_jpeg(&kinds[i]);

		for (b = 0; b < 2; b++) {
			struct rendition specs[4] = { thumb, thumb, thumb, thumb };
			struct result r;

			for (k = 0; k < 4; k++) {
				specs[k].width_px = specs[k].height_px = boxes[b] - 10 * (k / 2);
				specs[k].format = k % 2 == 0 ? RENDITION_KEEP : RENDITION_PNG;
				specs[k].quality = 92;
				specs[k].subsampling = k == 0 ? RENDITION_SUB_420 : RENDITION_SUB_422;
			}
			develop_fd(d, fd, specs, 4, &r);
			cr_assert_eq(r.status, 0, "%s: %s", kinds[i].name, r.outcome.text);
			for (k = 0; k < 4; k++) {
				struct rgb is, should;

				read_fd(r.outputs[k].fd, &is);
				should = ideal(is.w, is.h, kinds[i].space == JCS_GRAYSCALE);
				if (is.w > 20 && is.h > 20)
					cr_expect_lt(difference(&is, &should), 2.0,
					    "%s to %s of %ux%u: colours are off by %.2f",
					    kinds[i].name, k % 2 ? "PNG" : "JPEG", is.w, is.h,
					    difference(&is, &should));
				free(is.pixels);
				free(should.pixels);
			}
			clear(&r);
		}
		close(fd);
	}
	developer_free(d);
}

/* Cut anywhere: refused, and as a truncated or damaged picture. */
Test(develop, refuses_every_truncation)
{
	struct jpeg_kind cases[] = { kinds[1], kinds[9], kinds[11] };
	struct developer *d = developer_new();
	size_t i, size, cut, step;
	struct result r;
	uint8_t *data;

	give_seconds(120);
	for (i = 0; i < 3; i++) {
		int fd, part;

		cases[i].w = 301;
		cases[i].h = 203;
		fd = make_jpeg(&cases[i]);
		data = slurp(fd, &size);
		step = size / 40;
		for (cut = 3; cut + 2 < size; cut += cut + 40 > size ? 1 : step) {
			part = memfd_create("part", MFD_CLOEXEC);
			cr_assert_eq(write(part, data, cut), (ssize_t)cut);
			develop_fd(d, part, &thumb, 1, &r);
			cr_expect(r.outcome.bad == BAD_TRUNCATED || r.outcome.bad == BAD_CORRUPT,
			    "%s, %zu of %zu bytes: %s", cases[i].name, cut, size,
			    bad_name(r.outcome.bad));
			clear(&r);
			/* the same with the missing bytes as zeros, as a dying disk leaves them */
			cr_assert_eq(ftruncate(part, (off_t)size), 0);
			if (cut < size - size / 8) {
				develop_fd(d, part, &thumb, 1, &r);
				cr_expect_neq(r.status, 0, "%s, zeros from %zu of %zu",
				    cases[i].name, cut, size);
				clear(&r);
			}
			close(part);
		}
		free(data);
		close(fd);
	}
	developer_free(d);
}

Test(develop, tells_the_machine_from_the_image)
{
	struct developer *d = developer_new();
	struct develop_output output = { .spec = web };
	struct develop_outcome outcome;
	int fd = make_jpeg(&kinds[1]);
	struct stat st;

	cr_assert_eq(fstat(fd, &st), 0);
	output.fd = open("/dev/full", O_RDWR | O_CLOEXEC);
	cr_assert_eq(develop_run(d, fd, (uint64_t)st.st_size, &output, 1, &limits, NULL, NULL,
	    &outcome), -1);
	cr_assert_eq(outcome.error, ENOSPC);
	cr_assert_eq(outcome.bad, BAD_NONE);
	output.spec.format = RENDITION_PNG;
	cr_assert_eq(develop_run(d, fd, (uint64_t)st.st_size, &output, 1, &limits, NULL, NULL,
	    &outcome), -1);
	cr_assert_eq(outcome.error, ENOSPC);
	cr_assert_eq(develop_run(d, open("/", O_RDONLY | O_CLOEXEC), 100, &output, 1, &limits,
	    NULL, NULL, &outcome), -1);
	cr_assert_eq(outcome.error, EISDIR);
	output.spec.sharpen = 50;
	cr_assert_eq(develop_run(d, fd, (uint64_t)st.st_size, &output, 1, &limits, NULL, NULL,
	    &outcome), -1);
	cr_assert_eq(outcome.error, ENOTSUP, "what is not done is refused");
	close(output.fd);
	close(fd);
	developer_free(d);
}

Test(develop, obeys_the_limits)
{
	struct developer *d = developer_new();
	struct develop_output output = { .spec = web, .fd = memfd_create("out", MFD_CLOEXEC) };
	struct develop_outcome outcome;
	struct develop_limits tight = limits;
	int fd = make_jpeg(&kinds[9]);
	struct stat st;

	cr_assert_eq(fstat(fd, &st), 0);
	tight.side_px = 2599;
	develop_run(d, fd, (uint64_t)st.st_size, &output, 1, &tight, NULL, NULL, &outcome);
	cr_assert_eq(outcome.bad, BAD_TOO_BIG);
	cr_assert_not_null(strstr(outcome.text, "2600x1801"), "%s", outcome.text);
	tight = limits;
	tight.pixels = 4000000;
	develop_run(d, fd, (uint64_t)st.st_size, &output, 1, &tight, NULL, NULL, &outcome);
	cr_assert_eq(outcome.bad, BAD_TOO_BIG);
	tight = limits;
	tight.memory_bytes = 10000000; /* the coefficients alone are 14 MB */
	develop_run(d, fd, (uint64_t)st.st_size, &output, 1, &tight, NULL, NULL, &outcome);
	cr_assert_eq(outcome.bad, BAD_TOO_BIG);
	cr_assert_not_null(strstr(outcome.text, "MB"), "%s", outcome.text);
	close(fd);
	close(output.fd);
	developer_free(d);
}

Test(develop, tells_its_progress_often_and_evenly)
{
	static const size_t large[] = { 18, 9 }; /* sequential and progressive */
	struct developer *d = developer_new();
	struct result r;
	size_t i;
	int fd;

	for (i = 0; i < 2; i++) {
		fd = make_jpeg(&kinds[large[i]]);
		develop_fd(d, fd, (struct rendition[]){ web, thumb }, 2, &r);
		cr_assert_eq(r.status, 0, "%s", r.outcome.text);
		cr_expect_geq(r.n_news, 50, "%s: %u steps", kinds[large[i]].name, r.n_news);
		clear(&r);
		close(fd);
	}
	developer_free(d);
}

Test(develop, lowers_the_quality_until_it_fits)
{
	struct developer *d = developer_new();
	struct rendition spec = web;
	int fd = make_jpeg(&kinds[0]);
	struct result r;
	uint64_t free_size;

	spec.quality = 95;
	develop_fd(d, fd, &spec, 1, &r);
	free_size = r.complete[0].bytes;
	clear(&r);
	spec.max_bytes = free_size * 2 / 3;
	develop_fd(d, fd, &spec, 1, &r);
	cr_assert_eq(r.status, 0, "%s", r.outcome.text);
	cr_assert_leq(r.complete[0].bytes, spec.max_bytes);
	clear(&r);
	spec.max_bytes = 100;
	develop_fd(d, fd, &spec, 1, &r);
	cr_assert_eq(r.outcome.bad, BAD_TOO_BIG);
	clear(&r);
	close(fd);
	developer_free(d);
}

Test(develop, warms_up)
{
	struct developer *d = developer_new();

	cr_assert_eq(developer_warm_up(d), 0);
	developer_free(d);
	developer_free(NULL);
}

/* ---- the same picture stored in eight ways ---- */

/* exif-orientation examples: NAME_1.jpg to NAME_8.jpg show the same picture. */
static void
check_eight(struct developer *d, const char *folder, const char *pattern)
{
	struct rgb first = { 0, 0, NULL }, other;
	char name[200];
	struct result r;
	int i;

	for (i = 1; i <= 8; i++) {
		char *path;

		snprintf(name, sizeof(name), pattern, i);
		path = path_in(folder, name);
		develop_path(d, path, &thumb, 1, &r);
		cr_assert_eq(r.status, 0, "%s: %s", name, r.outcome.text);
		read_fd(r.outputs[0].fd, i == 1 ? &first : &other);
		if (i > 1) {
			cr_expect_lt(difference(&first, &other), 6.0, "%s differs by %.2f from the "
			    "first", name, difference(&first, &other));
			free(other.pixels);
		}
		clear(&r);
		free(path);
	}
	free(first.pixels);
}

/* A photograph, against a plain decode and a box filter. */
static void
check_photo(struct developer *d, const char *folder, const char *name)
{
	char *path = path_in(folder, name);
	struct rgb full, is, should;
	struct result r;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	cr_assert_geq(fd, 0, "%s", path);
	read_fd(fd, &full);
	develop_fd(d, fd, &thumb, 1, &r);
	cr_assert_eq(r.status, 0, "%s: %s", path, r.outcome.text);
	read_fd(r.outputs[0].fd, &is);
	should = shrink(&full, is.w, is.h);
	cr_expect_lt(difference(&is, &should), 7.0, "%s is off by %.2f", name,
	    difference(&is, &should));
	free(full.pixels);
	free(is.pixels);
	free(should.pixels);
	clear(&r);
	close(fd);
	free(path);
}

Test(develop, stands_all_eight_orientations_upright)
{
	const char *folder = corpus();
	struct developer *d = developer_new();

	check_eight(d, folder, "orientation/exif-orientation-test-images--test_%d.jpg");
	check_eight(d, folder, "orientation/exif-samples--landscape_%d.jpg");
	check_eight(d, folder, "orientation/image--landscape_%d.jpg");
	developer_free(d);
}

Test(develop, looks_like_a_plain_decode)
{
	const char *folder = corpus();
	struct developer *d = developer_new();

	check_photo(d, folder, "subsampling/testdata--flower.png.im_q85_422.jpg");
	check_photo(d, folder, "subsampling/testdata--flower.png.im_q85_440.jpg");
	check_photo(d, folder, "subsampling/testdata--flower_small.q85_420_non_interleaved.jpg");
	developer_free(d);
}
