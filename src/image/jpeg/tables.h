/* image/jpeg/tables.h - Huffman tables made for one picture, from a sample of its rows.
 *
 * Place:   jpeg/write -> here -> libjpeg-turbo.
 * Why:     libjpeg's own way counts every coefficient and keeps them all until the last one is
 *          counted: a quarter of the time of four renditions, and six bytes a pixel. A sample of the
 *          rows tells nearly the same: measured on photographs, files of 0.1 to 0.5 % more.
 * How:     the sample is encoded by libjpeg's own way, into nothing. The lengths of its codes say
 *          how frequent each symbol is. What the sample lacks and the picture may have gets a
 *          code as long as is usual, and six bits: a sample that misleads costs little.
 * Source:  ITU-T T.81 annex C (codes from lengths), F.1.2 (the symbols of 8 bits).
 */
#ifndef IMAGE_JPEG_TABLES_H
#define IMAGE_JPEG_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <jpeglib.h>

/* Widen TABLE, which holds codes for the symbols of a sample, to all that a baseline picture may have:
 * of differences of DC, or IS_AC. USUAL: the table of T.81 annex K. No code has over 16 bits or is all
 * ones. */
void codec_jpeg_tables_widen(JHUFF_TBL *table, const JHUFF_TBL *usual, bool is_ac);

#endif
