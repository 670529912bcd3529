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

#include <jpeglib.h>

#include "develop_kit.h"
#include "independent.h"

#define SAMPLES TOP_SRCDIR "/tests/samples"
#define BACKGROUND 0x60

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
			const uint8_t *at = p->pixels + 4 * kit_stored_at(orientation, x, y, p->w, p->h);
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

/* As libvips, ImageMagick, GraphicsMagick and Pillow take them (tried). */
Test(conformance, inks_without_adobes_marker_are_inverted_too)
{
	static const struct kit_jpeg kind = { .w = 64, .h = 48, .space = JCS_CMYK,
		.factors = { 11, 11, 11, 11 } };
	struct developer *d = developer_new();
	struct rendition spec = kit_web;
	struct kit_result with, without;
	int fd = kit_make_jpeg(&kind), bare = memfd_create("bare", MFD_CLOEXEC);
	size_t size;
	uint8_t *data = kit_slurp(fd, &size);
	uint8_t *marker = memmem(data, size, "\xff\xee\0\x0e", 4);

	cr_assert_not_null(marker);
	cr_assert_eq(write(bare, data, (size_t)(marker - data)), marker - data);
	marker += 16;
	cr_assert_eq(write(bare, marker, size - (size_t)(marker - data)),
	    (ssize_t)size - (marker - data));
	kit_develop(d, fd, &spec, 1, &with);
	kit_develop(d, bare, &spec, 1, &without);
	cr_assert(with.status == 0 && without.status == 0);
	cr_expect(kit_are_equal(with.outputs[0].fd, without.outputs[0].fd));
	kit_clear(&with);
	kit_clear(&without);
	free(data);
	close(bare);
	close(fd);
	developer_free(d);
}
