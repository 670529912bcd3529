/* png_read FILE... - the rows of PNGs read by libpng and nothing done with them; for bench.py.
 *
 * The floor of whatever begins with a PNG, as djpeg is that of a JPEG. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>

#include <png.h>

static void
die(const char *path, const char *what)
{
	fprintf(stderr, "png_read: %s: %s\n", path, what);
	exit(1);
}

static void
fail(png_structp png, png_const_charp what)
{
	die(png_get_error_ptr(png), what);
}

static void
read_rows(png_structp png, png_infop info, const char *path)
{
	png_uint_32 y, height = png_get_image_height(png, info);
	png_bytep row;

	if (png_get_interlace_type(png, info) != PNG_INTERLACE_NONE)
		die(path, "it is interlaced, its rows cannot be read one by one");
	row = malloc(png_get_rowbytes(png, info));
	if (row == NULL)
		die(path, "no memory");
	for (y = 0; y < height; y++)
		png_read_row(png, row, NULL);
	png_read_end(png, NULL);
	free(row);
}

static void
read_file(char *path)
{
	FILE *file = fopen(path, "rb");
	png_structp png;
	png_infop info;

	if (file == NULL)
		die(path, "cannot be opened");
	png = png_create_read_struct(PNG_LIBPNG_VER_STRING, path, fail, NULL);
	info = png == NULL ? NULL : png_create_info_struct(png);
	if (info == NULL)
		die(path, "no memory");
	png_init_io(png, file);
	png_read_info(png, info);
	read_rows(png, info, path);
	png_destroy_read_struct(&png, &info, NULL);
	fclose(file);
}

int
main(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		read_file(argv[i]);
	return 0;
}
