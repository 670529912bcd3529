#include <config.h>

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "independent.h"

#if __has_include(<stb/stb_image.h>)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wall"
#pragma GCC diagnostic ignored "-Wextra"
#pragma GCC diagnostic ignored "-Wcast-qual"
#pragma GCC diagnostic ignored "-Wcast-align"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wmissing-prototypes"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wstrict-prototypes"
#pragma GCC diagnostic ignored "-Wdouble-promotion"
#define STB_IMAGE_IMPLEMENTATION
#define STBI_ONLY_JPEG
#define STBI_ONLY_PNG
#define STBI_NO_STDIO
#include <stb/stb_image.h>
#pragma GCC diagnostic pop

const char *const independent_name = "stb_image";

bool
independent_read(const uint8_t *data, size_t size, struct kit_rgb *to)
{
	int w = 0, h = 0, n;

	to->pixels = stbi_load_from_memory(data, (int)size, &w, &h, &n, 4);
	to->w = (uint32_t)w;
	to->h = (uint32_t)h;
	return to->pixels != NULL;
}

#else

const char *const independent_name = "libjpeg and libpng (install libstb-dev for another decoder)";

bool
independent_read(const uint8_t *data, size_t size, struct kit_rgb *to)
{
	int fd = memfd_create("picture", MFD_CLOEXEC);
	bool is_good = fd >= 0 && write(fd, data, size) == (ssize_t)size &&
	    memmem(data, size, "gAMA", 4) == NULL && memmem(data, size, "Adobe", 5) == NULL;

	if (is_good)
		kit_read(fd, to);
	close(fd);
	return is_good;
}

#endif
