/* independent.h - pictures read by stb_image, which shares no code with libjpeg and libpng (Debian:
 * libstb-dev); where that is not installed, by these libraries themselves, without our engine. */
#ifndef INDEPENDENT_H
#define INDEPENDENT_H

#include "develop_kit.h"

extern const char *const independent_name;

/* RGBA of 8 bits as stored: no profile, no gAMA, no orientation is obeyed; CMYK by R = C K of the
 * inverted inks. False: it cannot. TO's pixels are by malloc. */
bool independent_read(const uint8_t *data, size_t size, struct kit_rgb *to);

#endif
