/* image/jpeg/tables.h - Huffman tables made for one picture, from a sample of its rows.
 *
 * Place:   jpeg/write -> here -> libjpeg-turbo.
 * Why:     to make the best tables libjpeg keeps all coefficients of the picture until the last one is
 *          counted. That takes six bytes a pixel and a quarter of the time of four renditions. Tables
 *          from a sixteenth of the rows make files that are 0.1 to 0.5 % longer (photographs).
 * How:     jpeg/write has libjpeg encode the sample, into nothing. A symbol's code is then the shorter
 *          the more frequent the symbol was. A symbol that the sample lacks, but that the rest of the
 *          picture may hold, gets its code of T.81 annex K and six bits more.
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
