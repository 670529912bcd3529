#include <config.h>

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <jpeglib.h>

#include "develop_kit.h"
#include "image/xmp.h"

static const char packet[] = "<x:xmpmeta><rdf:RDF><rdf:Description dc:format=\"image/jpeg\">"
    "<dc:creators>no</dc:creators><dc:creator><rdf:Seq><rdf:li>Jos\xc3\xa9</rdf:li><rdf:li/>"
    "<rdf:li>Bo &amp; Co</rdf:li></rdf:Seq></dc:creator><dc:rights><rdf:Alt>"
    "<rdf:li xml:lang='x-default'>&#169; &#xA9;&#x1f4f7; &bad; me</rdf:li>"
    "<rdf:li xml:lang='de'>ich</rdf:li></rdf:Alt></dc:rights></rdf:Description>";

static struct meta_rights
read_rights(const char *text, size_t n)
{
	struct meta_rights rights = { .author = "" };
	uint8_t *exact = malloc(n + (n == 0)); /* a byte behind the end would be noticed */
	struct meta_block xmp = { exact, n };

	memcpy(exact, text, n);
	xmp_rights(&xmp, &rights);
	free(exact);
	return rights;
}

Test(xmp, tells_who_made_it_and_whose_it_is)
{
	struct meta_rights rights = read_rights(packet, sizeof(packet) - 1);
	size_t i;

	cr_assert_str_eq(rights.author, "Jos\xc3\xa9; Bo & Co");
	cr_assert_str_eq(rights.copyright,
	    "\xc2\xa9 \xc2\xa9\xf0\x9f\x93\xb7 &bad; me");
	for (i = 0; i < sizeof(packet); i++) {
		rights = read_rights(packet, i);
		cr_assert_lt(strlen(rights.author), sizeof("Jos\xc3\xa9; Bo & Co"));
	}
	rights = (struct meta_rights){ .author = "known" };
	xmp_rights(&(struct meta_block){ (uint8_t *)packet, sizeof(packet) - 1 }, &rights);
	cr_assert_str_eq(rights.author, "known");
	cr_assert_str_not_empty(rights.copyright);
	xmp_rights(&(struct meta_block){ NULL, 0 }, &rights);
}

Test(xmp, does_not_cut_a_letter)
{
	char text[2 * META_RIGHT_SIZE] = "<dc:creator><rdf:li>";
	size_t at = strlen(text), i;
	struct meta_rights rights;

	for (i = 0; i < META_RIGHT_SIZE / 3 + 1; i++, at += 3)
		memcpy(text + at, "\xe2\x82\xac", 3);
	strcpy(text + at, "</rdf:li></dc:creator>");
	rights = read_rights(text, strlen(text));
	cr_assert_eq(strlen(rights.author), (META_RIGHT_SIZE - 1) / 3 * 3);
}

/* ---- from file to file ---- */

/* A JPEG of one segment more: APP1 of these N bytes, in place of JFIF. */
static int
make_told(const void *segment, size_t n)
{
	static const struct kit_jpeg kind = { .w = 64, .h = 48, .space = JCS_YCbCr,
		.factors = { 22, 11, 11 } };
	uint8_t head[4] = { 0xff, 0xe1, (uint8_t)((n + 2) >> 8), (uint8_t)(n + 2) };
	int plain = kit_make_jpeg(&kind), fd = memfd_create("told", MFD_CLOEXEC);
	size_t size;
	uint8_t *data = kit_slurp(plain, &size);

	cr_assert_eq(write(fd, data, 2), 2);
	cr_assert_eq(write(fd, head, 4), 4);
	cr_assert_eq(write(fd, segment, n), (ssize_t)n);
	cr_assert_eq(write(fd, data + 20, size - 20), (ssize_t)size - 20);
	free(data);
	close(plain);
	return fd;
}

/* Gives the bytes of a result with the rights alone, of this width and format. */
static uint8_t *
told(int fd, uint32_t width_px, int format, size_t *size)
{
	struct developer *d = developer_new();
	struct rendition spec = kit_thumb;
	struct kit_result r;
	uint8_t *data;

	spec.width_px = width_px;
	spec.height_px = 0;
	spec.format = (uint8_t)format;
	kit_develop(d, fd, &spec, 1, &r);
	cr_assert_eq(r.status, 0, "%s", r.outcome.text);
	data = kit_slurp(r.outputs[0].fd, size);
	kit_clear(&r);
	developer_free(d);
	return data;
}

Test(xmp, rights_that_only_xmp_has_are_kept)
{
	char segment[29 + sizeof(packet)] = "http://ns.adobe.com/xap/1.0/";
	uint32_t widths[] = { 0, 32 };
	uint8_t *data;
	size_t size, i;
	int fd;

	memcpy(segment + 29, packet, sizeof(packet) - 1);
	fd = make_told(segment, sizeof(segment) - 1);
	for (i = 0; i < 2; i++) {
		data = told(fd, widths[i], RENDITION_JPEG, &size);
		cr_expect_not_null(memmem(data, size, "Bo & Co", 7));
		cr_expect_null(memmem(data, size, "xmpmeta", 7));
		free(data);
	}
	close(fd);
}

Test(xmp, the_density_that_only_exif_has_is_kept)
{
	static const uint8_t exif[] = { 'E', 'x', 'i', 'f', 0, 0, 'I', 'I', 42, 0, 8, 0, 0, 0, 4,
		0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0, /* orientation */
		0x1a, 0x01, 5, 0, 1, 0, 0, 0, 62, 0, 0, 0,   /* across */
		0x1b, 0x01, 5, 0, 1, 0, 0, 0, 70, 0, 0, 0,   /* down */
		0x28, 0x01, 3, 0, 1, 0, 0, 0, 2, 0, 0, 0,    /* inches */
		0, 0, 0, 0, 0x58, 2, 0, 0, 2, 0, 0, 0, 150, 0, 0, 0, 1, 0, 0, 0 };
	int fd = make_told(exif, sizeof(exif));
	size_t size;
	uint8_t *data = told(fd, 32, RENDITION_JPEG, &size);

	cr_expect_eq(memcmp(data + 13, "\1\0\x96\1\x2c", 5), 0, "300 by 150 in an inch, turned");
	free(data);
	data = told(fd, 32, RENDITION_PNG, &size);
	cr_expect_not_null(memmem(data, size, "pHYs\0\0\x17\x12\0\0\x2e\x23\1", 13), "in a metre");
	free(data);
	close(fd);
}
