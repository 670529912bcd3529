/* How far a picture is: the pace, and the scans of a JPEG that it goes by. */
#include <config.h>

#include <criterion/criterion.h>
#include <fcntl.h>
#include <jpeglib.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "develop_kit.h"
#include "image/jpeg/scans.h"
#include "image/pace.h"

static unsigned told[100], n_told;

static void
hear(void *listener, const struct develop_news *news)
{
	(void)listener;
	told[n_told++] = news->permille;
}

Test(pace, counts_what_is_done_beside_a_stage)
{
	struct pace m;

	pace_init(&m, hear, NULL, 1000);
	pace_begin(&m, DEVELOP_DECODE, -1, 500); /* and 300 beside it */
	pace_at(&m, 1, 2);
	cr_expect_eq(told[n_told - 1], 250);
	pace_aside(&m, 100);
	cr_expect_eq(told[n_told - 1], 350);
	pace_at(&m, 1, 2);
	pace_aside(&m, 50);
	cr_expect_eq(told[n_told - 1], 350, "never back");
	pace_at(&m, 1, 1);
	pace_aside(&m, 300);
	cr_expect_eq(told[n_told - 1], 800);
	pace_begin(&m, DEVELOP_ENCODE, 0, 200);
	pace_at(&m, 1, 2);
	cr_expect_eq(told[n_told - 1], 900);
	pace_at(&m, 1, 1);
	cr_expect_eq(told[n_told - 1], 1000);
}

/* The scans of FD, which holds BYTES of a JPEG. */
static struct codec_jpeg_scans
scans_of(int fd, uint64_t bytes)
{
	struct jpeg_decompress_struct cinfo;
	struct codec_jpeg_scans scans;
	struct jpeg_error_mgr error;
	FILE *file = fdopen(dup(fd), "rb");

	rewind(file);
	cinfo.err = jpeg_std_error(&error);
	jpeg_create_decompress(&cinfo);
	jpeg_stdio_src(&cinfo, file);
	jpeg_read_header(&cinfo, TRUE);
	codec_jpeg_scans_find(&scans, fd, bytes, &cinfo);
	jpeg_destroy_decompress(&cinfo);
	fclose(file);
	return scans;
}

static const struct kit_jpeg progressive = { .name = "progressive", .w = 400, .h = 300,
	.space = JCS_YCbCr, .factors = { 22, 11, 11 }, .is_progressive = true, .restart = 3 };

Test(scans, finds_them_all_and_what_they_cost)
{
	int fd = kit_make_jpeg(&progressive), i;
	struct codec_jpeg_scans scans = scans_of(fd, kit_size(fd));

	cr_assert_eq(scans.n, 10, "%d; libjpeg makes ten of them", scans.n);
	for (i = 0; i < scans.n; i++) {
		double begin = codec_jpeg_scans_at(&scans, i, 0, 10), end = codec_jpeg_scans_at(&scans, i, 10, 10);

		cr_expect_gt(end, begin);
		cr_expect_float_eq(codec_jpeg_scans_at(&scans, i, 5, 10), (begin + end) / 2, 1e-3);
		cr_expect_float_eq(end, codec_jpeg_scans_at(&scans, i + 1, 0, 10), 1e-3);
	}
	cr_expect_float_eq(codec_jpeg_scans_at(&scans, 50, 0, 10), codec_jpeg_scans_ns(&scans), 1e-3);
	close(fd);
}

/* Wherever the file ends, and whatever byte is wrong, the walk comes to an end. */
Test(scans, ends_in_any_file)
{
	int fd = kit_make_jpeg(&progressive);
	uint64_t bytes = kit_size(fd), at;
	struct codec_jpeg_scans scans;
	uint8_t byte;

	for (at = 700; at < bytes; at += 7) {
		scans = scans_of(fd, at);
		cr_expect_leq(scans.n, 10);
	}
	for (at = 700; at < bytes; at += 13) { /* behind the header, which libjpeg reads here */
		cr_assert_eq(pread(fd, &byte, 1, (off_t)at), 1);
		cr_assert_eq(pwrite(fd, "\xff", 1, (off_t)at), 1);
		scans = scans_of(fd, bytes);
		cr_expect_leq(scans.n, CODEC_JPEG_MAX_SCANS);
		cr_assert_eq(pwrite(fd, &byte, 1, (off_t)at), 1);
	}
	close(fd);
}

/* An EXIF thumbnail is a JPEG within a segment: its scan is none of the picture's. */
Test(scans, passes_over_what_is_in_segments)
{
	static const uint8_t hidden[] = { 0xff, 0xd8, 0xff, 0xe1, 0x00, 0x0e, 'E', 'x', 0xff, 0xda, 0x00,
		0x08, 0x01, 0x01, 0x00, 0x00, 0x3f, 0x00 };
	int fd = kit_make_jpeg(&progressive), with = memfd_create("with a thumbnail", MFD_CLOEXEC);
	size_t bytes;
	uint8_t *all = kit_slurp(fd, &bytes);

	cr_assert_eq(write(with, hidden, sizeof(hidden)), (ssize_t)sizeof(hidden));
	cr_assert_eq(write(with, all + 2, bytes - 2), (ssize_t)(bytes - 2));
	cr_expect_eq(scans_of(with, sizeof(hidden) + bytes - 2).n, 10);
	free(all);
	close(with);
	close(fd);
}
