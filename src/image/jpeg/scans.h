/* image/jpeg/scans.h - which scans a JPEG has, for the pace: how far is the reading of it?
 *
 * Place:   jpeg/read, jpeg/wall -> here.
 * Why:     a progressive JPEG is read as a whole before its first row can be made, in ten scans or so,
 *          which differ by a factor of twenty in what a byte of them costs, and of five in what a row
 *          costs. With all of them known beforehand the reading moves evenly.
 * How:     the file is walked once (walk.h). One that is damaged, or of an odd form, ends the walk early,
 *          which costs nothing but evenness.
 * Units:   ns of CPU, roughly; measured: tests/bench/progress.py.
 */
#ifndef IMAGE_JPEG_SCANS_H
#define IMAGE_JPEG_SCANS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <jpeglib.h>

#define CODEC_JPEG_MAX_SCANS 100 /* an encoder makes 10, an optimiser some 20; each costs a pass over
				    all of the picture for a handful of bytes */

struct codec_jpeg_scans {
	int n;
	double before_ns[CODEC_JPEG_MAX_SCANS + 1]; /* of the scans before this one; [n]: of all */
};

/* CINFO: its header was read. FD is read by pread(2). */
void codec_jpeg_scans_find(struct codec_jpeg_scans *scans, int fd, uint64_t size_bytes,
    j_decompress_ptr cinfo);

/* Does a DNL marker behind the first scan tell the height, as T.81 B.2.5 allows? The header's is none then. */
bool codec_jpeg_scans_tell_height(int fd, uint64_t size_bytes);

/* What was spent when row ROW of N_ROWS of scan I_SCAN, from 0, has been read. */
double codec_jpeg_scans_at(const struct codec_jpeg_scans *scans, int i_scan, double row,
    double n_rows);

/* What all of them take. */
double codec_jpeg_scans_ns(const struct codec_jpeg_scans *scans);

#endif
