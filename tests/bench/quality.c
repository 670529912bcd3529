/* quality SOURCE RESULT... - how near is each result to a full-size Lanczos reduction? For bench.py.
 *
 * Prints "PSNR WIDTH HEIGHT" of luma for each. Nothing here is the engine's: the source is decoded
 * whole, without reduction in the DCT, and reduced in floating point. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <png.h>

struct luma {
	unsigned w, h;
	float *v;
};

static void
die(const char *what, const char *path)
{
	fprintf(stderr, "quality: %s: %s\n", path, what);
	exit(1);
}

static void *
need(size_t n)
{
	void *p = malloc(n);

	if (p == NULL)
		die("no memory", "");
	return p;
}

static struct luma
read_jpeg(FILE *file)
{
	struct jpeg_decompress_struct c;
	struct jpeg_error_mgr err;
	struct luma l;
	JSAMPROW row;
	unsigned x;

	memset(&c, 0, sizeof(c));
	c.err = jpeg_std_error(&err);
	jpeg_create_decompress(&c);
	jpeg_stdio_src(&c, file);
	jpeg_read_header(&c, TRUE);
	c.out_color_space = JCS_GRAYSCALE;
	jpeg_start_decompress(&c);
	l = (struct luma){ c.output_width, c.output_height, NULL };
	l.v = need((size_t)l.w * l.h * sizeof(float));
	row = need(l.w);
	while (c.output_scanline < c.output_height) {
		float *to = l.v + (size_t)c.output_scanline * l.w;

		jpeg_read_scanlines(&c, &row, 1);
		for (x = 0; x < l.w; x++)
			to[x] = row[x];
	}
	jpeg_destroy_decompress(&c);
	free(row);
	return l;
}

static struct luma
read_png(FILE *file, const char *path)
{
	png_image image = { .version = PNG_IMAGE_VERSION };
	struct luma l;
	png_bytep px;
	size_t i;

	if (!png_image_begin_read_from_stdio(&image, file))
		die(image.message, path);
	image.format = PNG_FORMAT_RGB;
	px = need(PNG_IMAGE_SIZE(image));
	if (!png_image_finish_read(&image, NULL, px, 0, NULL))
		die(image.message, path);
	l = (struct luma){ image.width, image.height, NULL };
	l.v = need((size_t)l.w * l.h * sizeof(float));
	for (i = 0; i < (size_t)l.w * l.h; i++)
		l.v[i] = 0.299f * px[3 * i] + 0.587f * px[3 * i + 1] + 0.114f * px[3 * i + 2];
	free(px);
	return l;
}

static struct luma
read_any(const char *path)
{
	FILE *file = fopen(path, "rb");
	struct luma l;
	int c;

	if (file == NULL)
		die("cannot be opened", path);
	c = getc(file);
	ungetc(c, file);
	l = c == 0xff ? read_jpeg(file) : read_png(file, path);
	fclose(file);
	return l;
}

static double
lanczos(double x)
{
	const double pi = 3.14159265358979323846;

	x = fabs(x);
	if (x < 1e-9)
		return 1.0;
	return x < 3.0 ? 3.0 * sin(pi * x) * sin(pi * x / 3.0) / (pi * pi * x * x) : 0.0;
}

/* One line of N samples, STEP apart, to TO_N samples, TO_STEP apart. */
static void
reduce_lines(const float *from, unsigned n, size_t step, float *to, unsigned to_n, size_t to_step,
    unsigned n_lines, size_t line, size_t to_line)
{
	double scale = (double)n / to_n, wide = scale > 1.0 ? scale : 1.0;
	unsigned i, k;
	long j;

	for (i = 0; i < to_n; i++) {
		double at = (i + 0.5) * scale - 0.5, total = 0.0;
		long low = (long)floor(at - 3 * wide), high = (long)ceil(at + 3 * wide);
		double *weights = need((size_t)(high - low + 1) * sizeof(double));

		for (j = low; j <= high; j++)
			total += weights[j - low] = lanczos(((double)j - at) / wide);
		for (k = 0; k < n_lines; k++)
			to[i * to_step + k * to_line] = 0;
		for (j = low; j <= high; j++) {
			long in = j < 0 ? -j - 1 : j >= (long)n ? 2 * (long)n - 1 - j : j;
			float w = (float)(weights[j - low] / total);

			in = in < 0 ? 0 : in >= (long)n ? (long)n - 1 : in;
			for (k = 0; k < n_lines; k++)
				to[i * to_step + k * to_line] += w *
				    from[(size_t)in * step + k * line];
		}
		free(weights);
	}
}

static double
psnr(const struct luma *source, const struct luma *result)
{
	float *tall = need((size_t)source->w * result->h * sizeof(float));
	float *ideal = need((size_t)result->w * result->h * sizeof(float));
	size_t i, n = (size_t)result->w * result->h;
	double sum = 0;

	reduce_lines(source->v, source->h, source->w, tall, result->h, source->w, source->w, 1, 1);
	reduce_lines(tall, source->w, 1, ideal, result->w, 1, result->h, source->w, result->w);
	for (i = 0; i < n; i++) {
		double v = ideal[i] < 0 ? 0 : ideal[i] > 255 ? 255 : ideal[i];

		sum += (v - result->v[i]) * (v - result->v[i]);
	}
	free(tall);
	free(ideal);
	return sum == 0 ? 99.0 : 10.0 * log10(255.0 * 255.0 * (double)n / sum);
}

int
main(int argc, char **argv)
{
	struct luma source;
	int i;

	if (argc < 3)
		die("quality SOURCE RESULT...", "usage");
	source = read_any(argv[1]);
	for (i = 2; i < argc; i++) {
		struct luma result = read_any(argv[i]);

		printf("%.2f %u %u\n", psnr(&source, &result), result.w, result.h);
		free(result.v);
	}
	free(source.v);
	return 0;
}
