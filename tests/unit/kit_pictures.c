#include <config.h>

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <jpeglib.h>
#include <png.h>

#include "develop_kit.h"

/* ---- pictures of given pixels ---- */

static int
put(const void *data, size_t size)
{
	int fd = memfd_create("source", MFD_CLOEXEC);

	cr_assert_eq(write(fd, data, size), (ssize_t)size);
	return fd;
}

int
kit_put_png(const struct kit_rgb *pixels, int n_channels)
{
	static const png_uint_32 formats[5] = { 0, PNG_FORMAT_GRAY, PNG_FORMAT_GA, PNG_FORMAT_RGB,
		PNG_FORMAT_RGBA };
	png_image image = { .version = PNG_IMAGE_VERSION, .width = pixels->w, .height = pixels->h,
		.format = formats[n_channels] };
	size_t i, n = (size_t)pixels->w * pixels->h;
	uint8_t *samples = malloc(n * 4), *data;
	png_alloc_size_t size = 0;
	int fd, c;

	for (i = 0; i < n; i++)
		for (c = 0; c < n_channels; c++)
			samples[i * (size_t)n_channels + (size_t)c] =
			    pixels->pixels[4 * i + (n_channels == 2 && c == 1 ? 3 : (size_t)c)];
	cr_assert_neq(png_image_write_get_memory_size(image, size, 0, samples, 0, NULL), 0);
	data = malloc(size);
	cr_assert_neq(png_image_write_to_memory(&image, data, &size, 0, samples, 0, NULL), 0);
	fd = put(data, size);
	free(data);
	free(samples);
	return fd;
}

int
kit_put_jpeg(const struct kit_rgb *pixels, int quality, int sub)
{
	struct jpeg_compress_struct c;
	struct jpeg_error_mgr err;
	unsigned char *data = NULL;
	unsigned long size = 0;
	int fd;

	c.err = jpeg_std_error(&err);
	jpeg_create_compress(&c);
	jpeg_mem_dest(&c, &data, &size);
	c.image_width = pixels->w;
	c.image_height = pixels->h;
	c.input_components = 4;
	c.in_color_space = JCS_EXT_RGBX;
	jpeg_set_defaults(&c);
	if (sub == 0)
		jpeg_set_colorspace(&c, JCS_GRAYSCALE);
	jpeg_set_quality(&c, quality, TRUE);
	c.comp_info[0].h_samp_factor = c.comp_info[0].v_samp_factor = sub == 0 ? 1 : sub;
	jpeg_start_compress(&c, TRUE);
	while (c.next_scanline < pixels->h) {
		JSAMPROW row = pixels->pixels + (size_t)c.next_scanline * pixels->w * 4;

		jpeg_write_scanlines(&c, &row, 1);
	}
	jpeg_finish_compress(&c);
	jpeg_destroy_compress(&c);
	fd = put(data, size);
	free(data);
	return fd;
}

struct kit_rgb
kit_flat(uint32_t w, uint32_t h, uint32_t color)
{
	struct kit_rgb to = { w, h, malloc((size_t)w * h * 4) };
	size_t i;

	for (i = 0; i < (size_t)w * h; i++) {
		to.pixels[4 * i] = (uint8_t)(color >> 16);
		to.pixels[4 * i + 1] = (uint8_t)(color >> 8);
		to.pixels[4 * i + 2] = (uint8_t)color;
		to.pixels[4 * i + 3] = 255;
	}
	return to;
}

struct kit_rgb
kit_noise(uint32_t w, uint32_t h, unsigned seed)
{
	struct kit_rgb to = { w, h, malloc((size_t)w * h * 4) };
	size_t i;

	for (i = 0; i < (size_t)w * h * 4; i++) {
		seed = seed * 1664525 + 1013904223; /* Numerical Recipes' */
		to.pixels[i] = (uint8_t)(seed >> 24);
	}
	return to;
}

double
kit_mean(const struct kit_rgb *of, int c, uint32_t x, uint32_t y, uint32_t w, uint32_t h)
{
	double sum = 0;
	uint32_t i, k;

	cr_assert(x + w <= of->w && y + h <= of->h);
	for (k = y; k < y + h; k++)
		for (i = x; i < x + w; i++)
			sum += of->pixels[((size_t)k * of->w + i) * 4 + (size_t)c];
	return sum / ((double)w * h);
}

size_t
kit_stored_at(int orientation, uint32_t x, uint32_t y, uint32_t w, uint32_t h)
{
	switch (orientation) {
	case 2: return (size_t)y * w + (w - 1 - x);
	case 3: return (size_t)(h - 1 - y) * w + (w - 1 - x);
	case 4: return (size_t)(h - 1 - y) * w + x;
	case 5: return (size_t)x * w + y;
	case 6: return (size_t)(h - 1 - x) * w + y;
	case 7: return (size_t)(h - 1 - x) * w + (w - 1 - y);
	case 8: return (size_t)x * w + (w - 1 - y);
	default: return (size_t)y * w + x;
	}
}
