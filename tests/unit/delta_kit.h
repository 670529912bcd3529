/* delta_kit.h - a chart of colours, stored in many ways, and CIEDE2000 between two pictures. */
#ifndef DELTA_KIT_H
#define DELTA_KIT_H

#include <lcms2.h>

#include "develop_kit.h"

#define DELTA_BAR 1.0 /* dE2000, on average: what one hardly sees */

/* A chunk that says how the colours are meant. */
struct delta_told {
	const char *type; /* NULL: the profile itself, as iCCP */
	const void *data;
	size_t size;
};

double delta_of(const cmsCIELab *a, const cmsCIELab *b);

/* Of two pictures in sRGB of equal size. */
double delta_mean(const struct kit_rgb *a, const struct kit_rgb *b);

/* Colours of sRGB in 8x8 pixels each, so that a JPEG's blocks are flat. */
struct kit_rgb delta_chart(void);

/* CHART in the colours of ICC, as a PNG of 8 or 16 bits that tells of them. Gives a descriptor. */
int delta_stored_by(const struct kit_rgb *chart, const uint8_t *icc, size_t size, int depth,
    const struct delta_told *told);

/* Stored so, CHART must come out again, as a PNG and as a JPEG. */
void delta_check_round_trip(struct developer *d, const struct kit_rgb *chart, const char *name,
    const uint8_t *icc, size_t size, const struct delta_told *told);

#endif
