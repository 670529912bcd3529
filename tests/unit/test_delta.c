/* Colours measured as people see them: CIEDE2000, against lcms2 itself in floating point, and against
 * its own jpgicc where that is installed (liblcms2-utils). */
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

#include "delta_kit.h"
#include "image/color.h"

#define CORPUS TOP_SRCDIR "/../shared/corpus"

/* Pairs of Sharma, Wu and Dalal (2005), table 1: the measure is the one that it should be. */
Test(delta, is_that_of_sharma)
{
	static const struct {
		cmsCIELab a, b;
		double delta;
	} pairs[] = {
		{ { 50, 2.6772, -79.7751 }, { 50, 0, -82.7485 }, 2.0425 },
		{ { 50, 3.1571, -77.2803 }, { 50, 0, -82.7485 }, 2.8615 },
		{ { 50, -1.3802, -84.2814 }, { 50, 0, -82.7485 }, 1.0000 },
		{ { 50, 0, 0 }, { 50, -1, 2 }, 2.3669 },
		{ { 50, 2.4900, -0.0010 }, { 50, -2.4900, 0.0009 }, 7.1792 },
		{ { 50, 2.5, 0 }, { 73, 25, -18 }, 27.1492 },
		{ { 60.2574, -34.0099, 36.2677 }, { 60.4626, -34.1751, 39.4387 }, 1.2644 },
		{ { 2.0776, 0.0795, -1.1350 }, { 0.9033, -0.0636, -0.5514 }, 0.9082 },
	};
	size_t i;

	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		cr_expect_lt(fabs(delta_of(&pairs[i].a, &pairs[i].b) - pairs[i].delta), 1e-4, "pair %zu", i);
}

/* Means of 2x2 pixels, twice: the chroma of most JPEGs is coarse, and every decoder spreads it over the
 * pixels in its own way. On a picture of leaves djpeg with and without smoothing differs from itself by
 * dE2000 2.2; this is about the colours. */
static void
halve(struct kit_rgb *p)
{
	uint32_t w = p->w < 2 ? 1 : p->w / 2, h = p->h < 2 ? 1 : p->h / 2, x, y, c;

	for (y = 0; y < h && p->w > 1 && p->h > 1; y++)
		for (x = 0; x < w; x++)
			for (c = 0; c < 4; c++) {
				const uint8_t *at = p->pixels + 4 * ((size_t)2 * y * p->w + 2 * x) + c;

				p->pixels[4 * ((size_t)y * w + x) + c] = (uint8_t)((at[0] + at[4] +
				    at[4 * p->w] + at[4 * p->w + 4] + 2) / 4);
			}
	if (p->w > 1 && p->h > 1) {
		p->w = w;
		p->h = h;
	}
}

/* ---- there and back: colours of sRGB, stored by another profile, must come out again ---- */

/* Wider than sRGB, each with white and three primaries by their x and y. */
Test(delta, there_and_back_through_wide_colour_spaces)
{
	static const struct {
		const char *name;
		double gamma, xy[8];
	} spaces[] = {
		{ "Adobe RGB", 2.19921875, { 0.3127, 0.3290, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06 } },
		{ "Display P3", 2.2, { 0.3127, 0.3290, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060 } },
		{ "Rec. 2020", 2.4, { 0.3127, 0.3290, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046 } },
		{ "ProPhoto", 1.8, { 0.3457, 0.3585, 0.7347, 0.2653, 0.1596, 0.8404, 0.0366, 0.0001 } },
	};
	static const struct delta_told by_profile;
	struct developer *d = developer_new();
	struct kit_rgb chart = delta_chart();
	size_t i, size;

	for (i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++) {
		uint8_t *icc = color_profile_of_gamma(spaces[i].gamma, spaces[i].xy, false, &size);

		delta_check_round_trip(d, &chart, spaces[i].name, icc, size, &by_profile);
		free(icc);
	}
	free(chart.pixels);
	developer_free(d);
}

/* ---- what jpgicc makes of real files ---- */

static bool
has_jpgicc(void)
{
	return system("command -v jpgicc > /dev/null") == 0;
}

/* By jpgicc with the intent and black point compensation that are ours. False: it cannot. */
static bool
ask_jpgicc(const char *path, struct kit_rgb *to)
{
	char out[] = "/tmp/darkroom-delta-XXXXXX", command[5000];
	int fd = mkstemp(out);
	bool can;

	cr_assert_geq(fd, 0);
	snprintf(command, sizeof(command), "jpgicc -t1 -b -q100 '%s' %s > /dev/null 2>&1", path, out);
	can = system(command) == 0;
	close(fd);
	fd = open(out, O_RDONLY | O_CLOEXEC);
	can = can && kit_size(fd) > 0;
	if (can)
		kit_read(fd, to);
	close(fd);
	unlink(out);
	return can;
}

static bool
check_against_jpgicc(struct developer *d, const char *path)
{
	struct rendition spec = kit_web;
	struct kit_rgb should, is;
	struct kit_result r;
	double mean;

	spec.width_px = spec.height_px = 65500;
	spec.format = RENDITION_PNG;
	if (!ask_jpgicc(path, &should))
		return false;
	kit_develop_path(d, path, &spec, 1, &r);
	cr_assert_eq(r.status, 0, "%s: %s", path, r.outcome.text);
	kit_read(r.outputs[0].fd, &is);
	halve(&should);
	halve(&should);
	halve(&is);
	halve(&is);
	mean = delta_mean(&should, &is);
	fprintf(stderr, "dE2000 %.3f %s\n", mean, strrchr(path, '/') + 1);
	cr_expect_lt(mean, DELTA_BAR, "%s: dE2000 %.3f", path, mean);
	free(should.pixels);
	free(is.pixels);
	kit_clear(&r);
	return true;
}

enum { FILE_NAME = 0, TYPE = 9, WIDTH, HEIGHT, ICC = 16, ORIENTATION = 17, EXPECTED = 31, N_FIELDS };

/* Every sound JPEG with a profile, of up to 3 megapixels, that is stored upright: jpgicc turns none. */
static bool
is_candidate(char *fields[])
{
	return strcmp(fields[EXPECTED], "ok") == 0 && strcmp(fields[TYPE], "jpeg") == 0 &&
	    strchr(fields[ICC], ':') != NULL && atoi(fields[ORIENTATION]) < 2 &&
	    atof(fields[WIDTH]) * atof(fields[HEIGHT]) < 3e6;
}

Test(delta, within_one_of_jpgicc)
{
	const char *wanted = getenv("DARKROOM_CORPUS"), *folder = wanted != NULL ? wanted : CORPUS;
	char path[4096], *line = NULL, *rest, *fields[N_FIELDS];
	struct developer *d = developer_new();
	FILE *manifest;
	size_t room = 0;
	int n = 0, i;

	if (!has_jpgicc())
		cr_skip_test("jpgicc is not installed (Debian: liblcms2-utils)");
	snprintf(path, sizeof(path), "%s/MANIFEST.tsv", folder);
	manifest = fopen(path, "r");
	if (manifest == NULL)
		cr_skip_test("no corpus: neither DARKROOM_CORPUS nor " CORPUS);
	while (getline(&line, &room, manifest) > 0) {
		rest = line;
		line[strcspn(line, "\n")] = '\0';
		for (i = 0; i < N_FIELDS && rest != NULL; i++)
			fields[i] = strsep(&rest, "\t");
		cr_assert_eq(i, N_FIELDS);
		if (!is_candidate(fields))
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, fields[FILE_NAME]);
		n += check_against_jpgicc(d, path);
	}
	fprintf(stderr, "%d files beside jpgicc\n", n);
	cr_expect_gt(n, 10);
	fclose(manifest);
	free(line);
	developer_free(d);
}
