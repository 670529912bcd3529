#include <config.h>

#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "develop_kit.h"

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
check_sizes(const char *name, const struct kit_result *r, uint32_t w, uint32_t h, int orientation)
{
	uint32_t want_w, want_h;
	struct kit_rgb rgb;
	int i;

	for (i = 0; i < r->n_outputs; i++) {
		rendition_size(&r->outputs[i].spec, orientation >= 5 ? h : w,
		    orientation >= 5 ? w : h, &want_w, &want_h);
		kit_read(r->outputs[i].fd, &rgb);
		cr_expect(rgb.w == want_w && rgb.h == want_h, "%s: %s is %ux%u, not %ux%u", name,
		    r->outputs[i].spec.name, rgb.w, rgb.h, want_w, want_h);
		cr_expect(r->complete[i].width_px == want_w &&
		    r->complete[i].height_px == want_h, "%s: told another size", name);
		free(rgb.pixels);
	}
}

enum { FILE_NAME = 0, TYPE = 9, WIDTH, HEIGHT, COLOUR = 13, ORIENTATION = 17, EXPECTED = 31, N_FIELDS };

static int
check_line(struct developer *d, const char *folder, char *fields[])
{
	struct rendition specs[2] = { kit_thumb, kit_web }; /* any order */
	char *path = path_in(folder, fields[FILE_NAME]);
	struct kit_result r;

	kit_develop_path(d, path, specs, 2, &r);
	free(path);
	if (getenv("DARKROOM_VERBOSE") != NULL)
		fprintf(stderr, "%-8s %d %s (%u) %s: %s\n", fields[EXPECTED], r.status,
		    reason_name(r.outcome.bad), r.outcome.n_warnings, fields[FILE_NAME],
		    r.outcome.text);
	cr_expect_eq(r.outcome.error, 0, "%s: errno %d, %s", fields[FILE_NAME], r.outcome.error,
	    r.outcome.text);
	if (strcmp(fields[EXPECTED], "ok") == 0)
		cr_expect_eq(r.status, 0, "%s: %s, %s", fields[FILE_NAME],
		    reason_name(r.outcome.bad), r.outcome.text);
	else if (strcmp(fields[EXPECTED], "lenient") != 0)
		cr_expect_neq(r.status, 0, "%s: should be refused", fields[FILE_NAME]);
	if (r.status == 0)
		check_sizes(fields[FILE_NAME], &r, (uint32_t)atol(fields[WIDTH]),
		    (uint32_t)atol(fields[HEIGHT]), source_orientation(fields[ORIENTATION]));
	kit_clear(&r);
	return r.status == 0;
}

/* The reader of the tests obeys gAMA, which becomes a profile here, which it does not obey. */
static bool
has_gamma(int fd)
{
	size_t size;
	uint8_t *data = kit_slurp(fd, &size);
	bool has = memmem(data, size < 4096 ? size : 4096, "gAMA", 4) != NULL;

	free(data);
	return has;
}

/* Without a size: copied, if that can be, and then not one pixel changes. */
static bool
check_copy(struct developer *d, const char *folder, char *fields[])
{
	struct rendition spec = kit_web;
	char *path = path_in(folder, fields[FILE_NAME]);
	struct kit_rgb was, is;
	struct kit_result r;
	bool is_equal = false;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	cr_assert_geq(fd, 0, "%s", path);
	spec.width_px = spec.height_px = 0;
	spec.color = RENDITION_COLOR_KEEP;
	spec.metadata = RENDITION_META_KEEP;
	spec.depth = 0;
	kit_develop(d, fd, &spec, 1, &r);
	cr_expect_eq(r.outcome.error, 0, "%s: %s", path, r.outcome.text);
	if (strcmp(fields[EXPECTED], "ok") == 0) {
		cr_expect_eq(r.status, 0, "%s: %s", fields[FILE_NAME], r.outcome.text);
		if (strchr(fields[COLOUR], 'K') == NULL) /* that stays ink */
			check_sizes(fields[FILE_NAME], &r, (uint32_t)atol(fields[WIDTH]),
			    (uint32_t)atol(fields[HEIGHT]), source_orientation(fields[ORIENTATION]));
	}
	if (strcmp(fields[EXPECTED], "ok") == 0 && source_orientation(fields[ORIENTATION]) == 1 &&
	    strchr(fields[COLOUR], 'K') == NULL && !has_gamma(fd) && r.status == 0) {
		kit_read(fd, &was);
		kit_read(r.outputs[0].fd, &is);
		is_equal = kit_difference(&was, &is) == 0;
		cr_expect(is_equal, "%s is off by %.3f", fields[FILE_NAME],
		    kit_difference(&was, &is));
		free(was.pixels);
		free(is.pixels);
	}
	kit_clear(&r);
	close(fd);
	free(path);
	return is_equal;
}

/* Every picture of the manifest is developed or refused, as it says. */
Test(corpus, does_with_the_corpus_what_its_manifest_says)
{
	const char *folder = corpus();
	char *path = path_in(folder, "MANIFEST.tsv"), *line = NULL, *rest, *fields[N_FIELDS];
	struct developer *d = developer_new();
	FILE *manifest = fopen(path, "r");
	int n = 0, n_good = 0, n_copied = 0, i;
	size_t room = 0;

	kit_give_seconds(550);
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
		n_copied += check_copy(d, folder, fields);
	}
	cr_assert_gt(n_good, 400, "only %d were developed", n_good);
	cr_assert_gt(n_copied, 200, "only %d were copied", n_copied);
	fprintf(stderr, "corpus: %d of %d files developed, %d copied exactly\n", n_good, n - 1,
	    n_copied);
	fclose(manifest);
	free(line);
	free(path);
	developer_free(d);
}

/* DARKROOM_HOSTILE=folder of make-hostile.py: whatever it is, an outcome. */
static void
walk(struct developer *d, const char *folder, int *n)
{
	struct rendition specs[4] = { kit_web, kit_thumb, kit_web, kit_thumb };
	struct dirent *entry;
	DIR *dir = opendir(folder);
	struct kit_result r;

	specs[2].width_px = specs[2].height_px = 0; /* copied */
	specs[2].metadata = RENDITION_META_KEEP;
	specs[3].is_linear = 1;
	specs[3].sharpen = 100;
	cr_assert_not_null(dir, "%s", folder);
	while ((entry = readdir(dir)) != NULL) {
		char *path = path_in(folder, entry->d_name);
		struct stat st;

		if (entry->d_name[0] != '.' && lstat(path, &st) == 0 && S_ISDIR(st.st_mode))
			walk(d, path, n);
		else if (entry->d_name[0] != '.' && S_ISREG(st.st_mode) && access(path, R_OK) == 0) {
			kit_develop_path(d, path, specs, 4, &r);
			if (getenv("DARKROOM_VERBOSE") != NULL)
				fprintf(stderr, "%s %s/%d (%u): %s\n", path,
				    reason_name(r.outcome.bad), r.outcome.error,
				    r.outcome.n_warnings, r.outcome.text);
			cr_expect_eq(r.outcome.error, 0, "%s: %s", path, r.outcome.text);
			kit_clear(&r);
			++*n;
		}
		free(path);
	}
	closedir(dir);
}

Test(corpus, survives_hostile_files)
{
	const char *folder = getenv("DARKROOM_HOSTILE");
	struct developer *d;
	int n = 0;

	kit_give_seconds(550);
	if (folder == NULL)
		cr_skip_test("DARKROOM_HOSTILE names no folder of hostile files");
	d = developer_new();
	walk(d, folder, &n);
	fprintf(stderr, "hostile: %d files, none of them fatal\n", n);
	cr_assert_gt(n, 0);
	developer_free(d);
}

/* Box reduction to W x H: crude, but nothing of it is ours. */
static struct kit_rgb
shrink(const struct kit_rgb *from, uint32_t w, uint32_t h)
{
	struct kit_rgb to = { w, h, malloc((size_t)w * h * 4) };
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

/* ---- the same picture stored in eight ways ---- */

/* exif-orientation examples: NAME_1.jpg to NAME_8.jpg show the same picture. */
static void
check_eight(struct developer *d, const char *folder, const char *pattern)
{
	struct kit_rgb first = { 0, 0, NULL }, other;
	char name[200];
	struct kit_result r;
	int i;

	for (i = 1; i <= 8; i++) {
		char *path;

		snprintf(name, sizeof(name), pattern, i);
		path = path_in(folder, name);
		kit_develop_path(d, path, &kit_thumb, 1, &r);
		cr_assert_eq(r.status, 0, "%s: %s", name, r.outcome.text);
		kit_read(r.outputs[0].fd, i == 1 ? &first : &other);
		if (i > 1) {
			cr_expect_lt(kit_difference(&first, &other), 6.0, "%s differs by %.2f from the "
			    "first", name, kit_difference(&first, &other));
			free(other.pixels);
		}
		kit_clear(&r);
		free(path);
	}
	free(first.pixels);
}

/* A photograph, against a plain decode and a box filter. */
static void
check_photo(struct developer *d, const char *folder, const char *name)
{
	char *path = path_in(folder, name);
	struct kit_rgb full, is, should;
	struct kit_result r;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	cr_assert_geq(fd, 0, "%s", path);
	kit_read(fd, &full);
	kit_develop(d, fd, &kit_thumb, 1, &r);
	cr_assert_eq(r.status, 0, "%s: %s", path, r.outcome.text);
	kit_read(r.outputs[0].fd, &is);
	should = shrink(&full, is.w, is.h);
	cr_expect_lt(kit_difference(&is, &should), 7.0, "%s is off by %.2f", name,
	    kit_difference(&is, &should));
	free(full.pixels);
	free(is.pixels);
	free(should.pixels);
	kit_clear(&r);
	close(fd);
	free(path);
}

Test(corpus, stands_all_eight_orientations_upright)
{
	const char *folder = corpus();
	struct developer *d = developer_new();

	check_eight(d, folder, "orientation/exif-orientation-test-images--test_%d.jpg");
	check_eight(d, folder, "orientation/exif-samples--landscape_%d.jpg");
	check_eight(d, folder, "orientation/image--landscape_%d.jpg");
	developer_free(d);
}

Test(corpus, looks_like_a_plain_decode)
{
	const char *folder = corpus();
	struct developer *d = developer_new();

	check_photo(d, folder, "subsampling/testdata--flower.png.im_q85_422.jpg");
	check_photo(d, folder, "subsampling/testdata--flower.png.im_q85_440.jpg");
	check_photo(d, folder, "subsampling/testdata--flower_small.q85_420_non_interleaved.jpg");
	developer_free(d);
}
