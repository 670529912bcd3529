/* fuzz_develop.c - any bytes at all through the engine, in any settings.
 *
 * The first SETTINGS bytes choose what is asked for, the rest is the file. What must hold whatever comes:
 * develop_run() returns, in little memory; it is the image's fault, or nobody's; a result that was
 * told complete is a JPEG or PNG of the size that was told, which can be read again.
 *
 * With libFuzzer (make fuzz) LLVMFuzzerTestOneInput() is called by it; as a program of its own
 * (make check) main() feeds it files and what becomes of them by chance, which is the same for
 * the same seed.
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image/develop.h"

#define SETTINGS 16
#define N_OUTPUTS 2
#define MAX_BYTES (1 << 20) /* of a file that is mutated */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct develop_limits limits = { .pixels = 2000000, .side_px = 20000,
	.memory_bytes = 256 << 20, .icc_bytes = 1 << 16, .exif_bytes = 1 << 16, .warnings = 100 };

static struct developer *developer;
static const uint8_t *input; /* in hand */
static size_t input_bytes;

/* The input is left behind as fuzz-develop.input: fuzz_develop -r FILE runs it again. */
static void
fail(const char *what, const char *why)
{
	FILE *f = input_bytes == 0 ? NULL : fopen("fuzz-develop.input", "wb");

	fprintf(stderr, "fuzz_develop: %s: %s\n", what, why);
	if (f != NULL) {
		fwrite(input, 1, input_bytes, f);
		fclose(f);
	}
	abort();
}

/* ---- settings ---- */

/* Every field of SPEC from eight bytes of chance. */
static void
choose(const uint8_t *c, struct rendition *spec)
{
	static const uint32_t sides[8] = { 0, 1, 2, 31, 64, 200, 320, 700 };

	*spec = (struct rendition){ .name = "fuzz", .width_px = sides[c[0] & 7],
		.height_px = sides[c[0] >> 3 & 7], .background = c[1] * 0x010305u,
		.mode = c[1] % RENDITION_N_MODE, .gravity = c[1] % RENDITION_N_GRAVITY,
		.format = c[2] % RENDITION_N_FORMAT, .subsampling = (c[2] >> 2) % RENDITION_N_SUB,
		.color = c[2] >> 4 & 1, .intent = c[2] >> 5 & 1, .decode = c[2] >> 6 & 1,
		.metadata = c[3] % RENDITION_N_METADATA, .may_enlarge = c[3] >> 2 & 1,
		.is_progressive = c[3] >> 3 & 1, .is_optimized = c[3] >> 4 & 1,
		.is_interlaced = c[3] >> 5 & 1, .is_linear = c[3] >> 6 & 1,
		.quality = (uint8_t)(1 + c[4] % 100), .compression = c[5] % 3,
		.depth = c[5] & 64 ? 0 : 8, .sharpen = c[6] & 3 ? 0 : c[6],
		.max_bytes = c[7] & 7 ? 0 : 64u * c[7] };
}

/* ---- what must hold ---- */

static void
check_outcome(const struct develop_outcome *outcome, int result)
{
	bool is_told = outcome->bad != REASON_NONE || outcome->error != 0;

	if ((result != 0) != is_told)
		fail("an outcome that does not fit what was returned", outcome->text);
	if (outcome->error != 0 && outcome->error != ENOMEM && outcome->error != ENOTSUP)
		fail("the machine was blamed", outcome->text);
	if (result != 0 && outcome->text[0] == '\0')
		fail("a failure", "nothing is said about it");
}

static const struct rendition again = { .width_px = 16, .height_px = 16, .quality = 50,
	.format = RENDITION_JPEG, .depth = 8 };

struct told {
	bool is_complete[N_OUTPUTS];
	uint64_t bytes[N_OUTPUTS];
	uint32_t width_px[N_OUTPUTS], height_px[N_OUTPUTS];
	unsigned permille;
};

static void
on_news(void *listener, const struct develop_news *news)
{
	struct told *told = listener;

	if (news->permille > 1000 || news->permille < told->permille)
		fail("progress", "it fell, or went beyond its end");
	told->permille = news->permille;
	if (!news->is_complete)
		return;
	told->is_complete[news->i_output] = true;
	told->bytes[news->i_output] = news->bytes;
	told->width_px[news->i_output] = news->width_px;
	told->height_px[news->i_output] = news->height_px;
}

/* What was made can be read again, and is as large as was told. */
static void
check_result(int fd, const struct told *told, int i)
{
	struct develop_limits wide = { .pixels = UINT32_MAX, .side_px = 100000,
		.memory_bytes = 1 << 30, .icc_bytes = 1 << 20, .exif_bytes = 1 << 20, .warnings = 100 };
	struct develop_output output = { .fd = memfd_create("again", MFD_CLOEXEC), .spec = again };
	struct develop_outcome outcome;
	struct stat st;

	if (fstat(fd, &st) != 0 || (uint64_t)st.st_size != told->bytes[i])
		fail("a result", "it is not as long as was told");
	if (develop_run(developer, fd, told->bytes[i], &output, 1, &wide, NULL, NULL, &outcome) != 0)
		fail("a result cannot be read again", outcome.text);
	if (outcome.width_px != told->width_px[i] || outcome.height_px != told->height_px[i])
		fail("a result", "it has other sides than was told");
	close(output.fd);
}

static int
memory_file(const uint8_t *data, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		fail("memfd_create", "no memory for a file");
	return fd;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct develop_output outputs[N_OUTPUTS] = { { .fd = -1 } };
	struct told told = { .permille = 0 };
	struct develop_outcome outcome;
	int fd, i, n, result;

	if (size < SETTINGS)
		return 0;
	input = data;
	input_bytes = size;
	if (developer == NULL)
		developer = developer_new();
	n = data[SETTINGS - 1] & 1 ? 1 : N_OUTPUTS;
	for (i = 0; i < n; i++) {
		choose(data + 8 * i, &outputs[i].spec);
		outputs[i].fd = memory_file(data, 0);
	}
	fd = memory_file(data + SETTINGS, size - SETTINGS);
	result = develop_run(developer, fd, size - SETTINGS, outputs, n, &limits, on_news, &told,
	    &outcome);
	check_outcome(&outcome, result);
	for (i = 0; i < n; i++) {
		if (result == 0 && !told.is_complete[i])
			fail("a result", "it was never told complete");
		if (told.is_complete[i])
			check_result(outputs[i].fd, &told, i);
		close(outputs[i].fd);
	}
	close(fd);
	return 0;
}

#ifndef FUZZ_LIBFUZZER

/* ---- chance ---- */

static uint64_t state;

static uint32_t
chance(uint32_t below)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(state >> 33) % below;
}

/* A few bytes set, bits turned, or a piece doubled, moved, or cut away. */
static size_t
mutate(uint8_t *file, size_t size)
{
	uint32_t n = 1 + chance(6), at, from, k;

	for (; n > 0 && size > 16; n--) {
		at = chance((uint32_t)size);
		switch (chance(5)) {
		case 0:
			file[at] = (uint8_t)chance(256);
			break;
		case 1:
			file[at] ^= (uint8_t)(1 << chance(8));
			break;
		case 2:
			file[at] = chance(2) ? 0xff : 0;
			break;
		case 3:
			k = chance(16);
			from = chance((uint32_t)size);
			if (at + k < size && from + k < size)
				memmove(file + at, file + from, k);
			break;
		default:
			if (chance(8) == 0)
				size = at;
		}
	}
	return size;
}

static uint8_t *
read_file(const char *path, size_t *size)
{
	uint8_t *data = malloc(SETTINGS + MAX_BYTES);
	FILE *f = fopen(path, "rb");

	if (data == NULL || f == NULL)
		fail(path, "it cannot be read");
	*size = fread(data + SETTINGS, 1, MAX_BYTES, f);
	fclose(f);
	return data;
}

static void
feed(uint8_t *data, size_t size)
{
	int i;

	for (i = 0; i < SETTINGS; i++)
		data[i] = (uint8_t)chance(256);
	LLVMFuzzerTestOneInput(data, SETTINGS + size);
}

static int
run_again(const char *path)
{
	size_t size;
	uint8_t *data = read_file(path, &size);

	LLVMFuzzerTestOneInput(data + SETTINGS, size);
	free(data);
	return 0;
}

/* fuzz_develop SEED N FILE...: each as it is, and N times changed. */
int
main(int argc, char **argv)
{
	int i, k, n_run = 0;

	if (argc == 3 && strcmp(argv[1], "-r") == 0)
		return run_again(argv[2]);
	if (argc < 4) {
		fprintf(stderr, "usage: fuzz_develop SEED N FILE...\n");
		return 2;
	}
	state = strtoull(argv[1], NULL, 10);
	for (i = 3; i < argc; i++) {
		size_t size, changed;
		uint8_t *data = read_file(argv[i], &size);
		uint8_t *copy = malloc(SETTINGS + MAX_BYTES);

		feed(data, size);
		for (k = 0; k < atoi(argv[2]); k++, n_run++) {
			memcpy(copy, data, SETTINGS + size);
			changed = mutate(copy + SETTINGS, size);
			feed(copy, changed);
		}
		free(copy);
		free(data);
	}
	printf("%d passed, 0 failed\n", n_run + argc - 3);
	developer_free(developer);
	return 0;
}

#endif
