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
#include "image/meta.h"

#define MOST 100000
#define RDF "<rdf:Description tiff:Orientation=\"6\" dc:rights=\"XmpRights\" "
#define GUID "0123456789ABCDEF0123456789ABCDEF"

/* ---- the parsers ---- */

static const struct {
	const char *before, *after;
} xmps[] = {
	{ "tiff:Orientation=\"6\"", "tiff:Orientation=\"1\"" },
	{ "t:Orientation = '8'", "t:Orientation = '1'" },
	{ "<tiff:Orientation> 3 </tiff:Orientation>", "<tiff:Orientation> 1 </tiff:Orientation>" },
	{ "<tiff:Orientation>2</tiff:Orientation>", "<tiff:Orientation>1</tiff:Orientation>" },
	{ "tiff:Orientation=\"1\"", NULL },
	{ "tiff:Orientation=\"6", "tiff:Orientation=\"6" },
	{ "tiff:Orientation=\"60\"", NULL },
	{ "tiff:Orientation=6 ", NULL },
	{ "tiff:OrientationX=\"6\"", NULL },
	{ "tiff:Orientation", NULL },
	{ "tiff:Orientation=", NULL },
	{ "tiff:Orientation=\"", NULL },
	{ "", NULL },
};

Test(meta, takes_the_orientation_out_of_xmp)
{
	size_t i;

	for (i = 0; i < sizeof(xmps) / sizeof(xmps[0]); i++) {
		size_t n = strlen(xmps[i].before);
		uint8_t *text = malloc(n + 1); /* its exact size: ASan sees what reads over */
		const char *after = xmps[i].after == NULL ? xmps[i].before : xmps[i].after;

		memcpy(text, xmps[i].before, n);
		cr_expect_eq(meta_reset_orientation(text, n), strcmp(after, xmps[i].before) != 0,
		    "%s", xmps[i].before);
		cr_expect_eq(memcmp(text, after, n), 0, "%s", xmps[i].before);
		free(text);
	}
}

static const uint8_t iptc[] = { 0x1c, 2, 80, 0, 3, 'A', 'n', 0xe9, 0x1c, 2, 80, 0, 2, 'B', 'o',
	0x1c, 2, 116, 0, 4, 'I', 'i', 'm', '!', 0x1c, 2, 90, 0, 5, 'P', 'l', 'a', 'c', 'e' };

/* A resource with a name and odd data before the one that counts. */
static size_t
make_resources(uint8_t *to)
{
	static const uint8_t head[] = { '8', 'B', 'I', 'M', 4, 0x25, 2, 'a', 'b', 0, 0, 0, 0, 3,
		'x', 'y', 'z', 0, '8', 'B', 'I', 'M', 4, 4, 0, 0, 0, 0, 0, sizeof(iptc) };

	memcpy(to, head, sizeof(head));
	memcpy(to + sizeof(head), iptc, sizeof(iptc));
	return sizeof(head) + sizeof(iptc);
}

Test(meta, finds_iptc_among_the_resources)
{
	uint8_t resources[200];
	size_t n = make_resources(resources), i;
	struct meta meta = { .n_texts = 0 };
	struct meta_rights rights;

	meta_take_resources(&meta, resources, n, MOST);
	cr_assert_eq(meta.iptc.size, sizeof(iptc));
	cr_assert_eq(memcmp(meta.iptc.data, iptc, sizeof(iptc)), 0);
	meta_rights(&meta, &rights);
	cr_assert_str_eq(rights.author, "An\xc3\xa9; Bo");
	cr_assert_str_eq(rights.copyright, "Iim!");
	meta_clear(&meta);
	for (i = 0; i < n; i++) { /* cut anywhere: nothing, and no byte read behind the end */
		uint8_t *part = malloc(i + 1);

		memcpy(part, resources, i);
		meta_take_resources(&meta, part, i, MOST);
		cr_assert_null(meta.iptc.data);
		free(part);
	}
	meta_take_resources(&meta, resources, n, sizeof(iptc) - 1);
	cr_assert_null(meta.iptc.data, "over the limit");
	for (i = 1; i < sizeof(iptc); i++) { /* the data sets cut anywhere, too */
		meta_block_take(&meta.iptc, iptc, i, MOST);
		meta_rights(&meta, &rights);
		cr_assert_lt(strlen(rights.author), sizeof("An\xc3\xa9; Bo"));
		meta_clear(&meta);
	}
}

static void
take_text(struct meta *meta, const char *type, const char *text, size_t n)
{
	meta_take_text(meta, (const uint8_t *)type, (const uint8_t *)text, n, MOST);
}

Test(meta, bounds_the_texts_of_a_png)
{
	struct meta meta = { .n_texts = 0 }, chosen;
	struct meta_rights rights;
	int i;

	take_text(&meta, "tEXt", "Author\0J\xf6rg", 11);
	take_text(&meta, "iTXt", "Copyright\0\0\0de\0\0\xc2\xa9 J", 20);
	take_text(&meta, "tEXt", "Raw profile type exif\0...", 25);
	take_text(&meta, "tEXt", "Raw profile type icc\0...", 24);
	take_text(&meta, "iTXt", "XML:com.adobe.xmp\0\0\0\0\0t:Orientation='7'", 39);
	meta_rights(&meta, &rights);
	cr_assert_str_eq(rights.author, "J\xc3\xb6rg");
	cr_assert_str_eq(rights.copyright, "\xc2\xa9 J");
	cr_assert_eq(meta.n_texts, 4);
	cr_assert(meta.was_xmp_turned);
	cr_assert_eq(memcmp(meta.xmp.data, "t:Orientation='1'", 17), 0);
	meta_choose(&meta, RENDITION_META_KEEP, 1, &chosen);
	cr_assert_eq(chosen.n_texts, 3, "no profile");
	cr_assert_not_null(chosen.xmp.data);
	meta_choose(&meta, RENDITION_META_KEEP, 6, &chosen);
	cr_assert_eq(chosen.n_texts, 2, "no orientation that is not right any more");
	meta_choose(&meta, RENDITION_COPYRIGHT, 1, &chosen);
	cr_assert_eq(chosen.n_texts, 2);
	cr_assert_null(chosen.xmp.data);
	meta_choose(&meta, RENDITION_META_NONE, 1, &chosen);
	cr_assert_eq(chosen.n_texts, 0);
	for (i = 0; i < 2 * META_MAX_TEXTS; i++)
		take_text(&meta, "tEXt", "Comment\0x", 9);
	cr_assert_eq(meta.n_texts, META_MAX_TEXTS);
	meta_clear(&meta);
	meta_take_text(&meta, (const uint8_t *)"tEXt", iptc, 20, 19);
	cr_assert_eq(meta.n_texts, 0, "over the limit");
	take_text(&meta, "tEXt", "Author", 6); /* no NUL at all */
	take_text(&meta, "iTXt", "Author\0", 7);
	take_text(&meta, "iTXt", "XML:com.adobe.xmp\0\0\0x", 21);
	cr_assert_null(meta.xmp.data);
	meta_rights(&meta, &rights);
	cr_assert_str_empty(rights.author);
	meta_clear(&meta);
}

Test(meta, converts_the_density)
{
	struct meta_density dpi = { META_PER_INCH, 300, 72 }, to;

	cr_assert(meta_density_as(&dpi, META_PER_METRE, 1u << 30, &to));
	cr_assert(to.x == 11811 && to.y == 2835);
	cr_assert(meta_density_as(&to, META_PER_INCH, 65535, &to));
	cr_assert(to.x == 300 && to.y == 72);
	cr_assert_not(meta_density_as(&dpi, META_PER_METRE, 11810, &to));
	cr_assert_not(meta_density_as(&dpi, META_ASPECT, 65535, &to));
	dpi.unit = META_NO_DENSITY;
	cr_assert_not(meta_density_as(&dpi, META_PER_INCH, 65535, &to));
}

/* ---- from file to file ---- */

static void
put_segment(int fd, int app, const void *a, size_t n_a, const void *b, size_t n_b)
{
	uint8_t head[4] = { 0xff, (uint8_t)(0xe0 + app), (uint8_t)((n_a + n_b + 2) >> 8),
		(uint8_t)(n_a + n_b + 2) };

	cr_assert_eq(write(fd, head, 4), 4);
	cr_assert_eq(write(fd, a, n_a), (ssize_t)n_a);
	cr_assert_eq(write(fd, b, n_b), (ssize_t)n_b);
}

/* Orientation 6, a latitude, no author: IPTC has one. */
static const uint8_t exif[] = { 'E', 'x', 'i', 'f', 0, 0, 'I', 'I', 42, 0, 8, 0, 0, 0, 2, 0,
	0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0x25, 0x88, 4, 0, 1, 0, 0, 0, 38, 0, 0, 0,
	0, 0, 0, 0, 1, 0, 1, 0, 2, 0, 2, 0, 0, 0, 'N', 0, 0, 0, 0, 0, 0, 0 };

static int
make_told_jpeg(void)
{
	static const struct kit_jpeg kind = { .w = 64, .h = 48, .space = JCS_YCbCr,
		.factors = { 22, 11, 11 } };
	static const uint8_t more_head[] = "http://ns.adobe.com/xmp/extension/\0" GUID
	    "\0\0\0\x0a\0\0\0\0" "\0\0\0\x0a\0\0\0\x06";
	static const char xmp[] = "http://ns.adobe.com/xap/1.0/\0" RDF
	    "xmpNote:HasExtendedXMP=\"" GUID "\"/>";
	uint8_t resources[200], head[100];
	int plain = kit_make_jpeg(&kind), fd = memfd_create("told", MFD_CLOEXEC);
	size_t size, n = make_resources(resources);
	uint8_t *data = kit_slurp(plain, &size);

	data[13] = 1;  /* JFIF: 300 by 150 in an inch */
	data[14] = 1;
	data[15] = 0x2c;
	data[16] = 0;
	data[17] = 150;
	cr_assert_eq(write(fd, data, 20), 20);
	put_segment(fd, 1, exif, sizeof(exif), "", 0);
	put_segment(fd, 1, xmp, sizeof(xmp) - 1, "", 0);
	memcpy(head, more_head, 75);
	put_segment(fd, 1, head, 75, "<more>", 6);
	memcpy(head + 67, more_head + 75, 8);
	put_segment(fd, 1, head, 75, "tail", 4);
	put_segment(fd, 13, "Photoshop 3.0", 14, resources, 20); /* cut in two */
	put_segment(fd, 13, "Photoshop 3.0", 14, resources + 20, n - 20);
	put_segment(fd, 15, "secret", 6, "", 0);
	put_segment(fd, 0x1e, "a comment", 9, "", 0); /* 0xfe */
	cr_assert_eq(write(fd, data + 20, size - 20), (ssize_t)size - 20);
	free(data);
	close(plain);
	return fd;
}

static bool
has(const uint8_t *data, size_t n, const char *text)
{
	return memmem(data, n, text, strlen(text)) != NULL;
}

/* Develop FD by KIND of metadata into FORMAT. Gives the result's bytes. */
static uint8_t *
told(int fd, int metadata, int format, size_t *size)
{
	struct developer *d = developer_new();
	struct rendition spec = kit_thumb;
	struct kit_result r;
	uint8_t *data;

	spec.width_px = spec.height_px = 32;
	spec.metadata = (uint8_t)metadata;
	spec.format = (uint8_t)format;
	kit_develop(d, fd, &spec, 1, &r);
	cr_assert_eq(r.status, 0, "%s", r.outcome.text);
	cr_assert_eq(r.outcome.n_warnings, 0);
	data = kit_slurp(r.outputs[0].fd, size);
	kit_clear(&r);
	developer_free(d);
	return data;
}

Test(meta, tells_of_a_jpeg_what_is_asked_for)
{
	int fd = make_told_jpeg();
	size_t size;
	uint8_t *data = told(fd, RENDITION_META_KEEP, RENDITION_JPEG, &size);

	cr_expect(has(data, size, "tiff:Orientation=\"1\" dc:rights=\"XmpRights\""));
	cr_expect(has(data, size, GUID), "the extension");
	cr_expect(has(data, size, "<more>tail"));
	cr_expect(has(data, size, "\x1c\x02\x5a"));
	cr_expect(has(data, size, "8BIM\4\x25\2ab"), "the rest of Photoshop's block");
	cr_expect(has(data, size, "a comment"));
	cr_expect_not(has(data, size, "secret"));
	cr_expect(has(data, size, "\x25\x88"), "GPS");
	cr_expect_eq(memcmp(data + 13, "\1\0\x96\1\x2c", 5), 0, "the density, turned");
	free(data);
	data = told(fd, RENDITION_COPYRIGHT, RENDITION_JPEG, &size);
	cr_expect(has(data, size, "An\xc3\xa9; Bo"), "IPTC's author, in EXIF");
	cr_expect(has(data, size, "Iim!"));
	cr_expect_not(has(data, size, "Place"));
	cr_expect_not(has(data, size, "XmpRights"));
	cr_expect_not(has(data, size, "a comment") || has(data, size, "xyz"));
	cr_expect_not(has(data, size, "more"));
	cr_expect_not(has(data, size, "\x25\x88"));
	free(data);
	data = told(fd, RENDITION_META_NONE, RENDITION_JPEG, &size);
	cr_expect_not(has(data, size, "Iim!"));
	cr_expect_not(has(data, size, "Exif"));
	cr_expect_not(has(data, size, "XmpRights"));
	free(data);
	data = told(fd, RENDITION_META_KEEP, RENDITION_PNG, &size);
	cr_expect(has(data, size, "XML:com.adobe.xmp"));
	cr_expect(has(data, size, "tiff:Orientation=\"1\""));
	cr_expect(has(data, size, "Raw profile type iptc"));
	cr_expect(has(data, size, "eXIf"));
	cr_expect(has(data, size, "pHYs"));
	free(data);
	data = told(fd, RENDITION_COPYRIGHT, RENDITION_PNG, &size);
	cr_expect(has(data, size, "Iim!"));
	cr_expect_not(has(data, size, "iTXt"));
	cr_expect_not(has(data, size, "zTXt"));
	free(data);
	close(fd);
}

static uint8_t *
put_chunk(uint8_t *to, const char *type, const void *data, size_t n)
{
	uint32_t crc;
	int i;

	for (i = 0; i < 4; i++)
		to[i] = (uint8_t)(n >> (24 - 8 * i));
	memcpy(to + 4, type, 4);
	memcpy(to + 8, data, n);
	crc = 0xffffffff; /* PNG annex D, bit by bit */
	for (size_t k = 0; k < n + 4; k++)
		for (crc ^= to[4 + k], i = 0; i < 8; i++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	crc = ~crc;
	for (i = 0; i < 4; i++)
		to[8 + n + (size_t)i] = (uint8_t)(crc >> (24 - 8 * i));
	return to + 12 + n;
}

Test(meta, tells_of_a_png_what_is_asked_for)
{
	static const struct kit_png kind = { .type = PNG_COLOR_TYPE_RGB, .depth = 8 };
	int plain = kit_make_png(&kind, 64, 48), fd = memfd_create("told", MFD_CLOEXEC);
	uint8_t extra[1000], *end = extra, *data;
	size_t size;

	data = kit_slurp(plain, &size);
	end = put_chunk(end, "pHYs", "\0\0\x2e\x23\0\0\x0b\x13\1", 9);
	end = put_chunk(end, "tEXt", "Author\0PngAuthor", 16);
	end = put_chunk(end, "tEXt", "Comment\0Hello", 13);
	end = put_chunk(end, "tEXt", "Raw profile type exif\0\nexif\n  32\n45786966000049492a000800"
	    "0000010012010300010000000600000000000000\n", 98);
	end = put_chunk(end, "iTXt", "XML:com.adobe.xmp\0\0\0\0\0" RDF "/>",
	    22 + strlen(RDF "/>"));
	cr_assert_eq(write(fd, data, 33), 33);
	cr_assert_eq(write(fd, extra, (size_t)(end - extra)), end - extra);
	cr_assert_eq(write(fd, data + 33, size - 33 - 12), (ssize_t)size - 33 - 12);
	end = put_chunk(extra, "tEXt", "Copyright\0Late", 14); /* behind the pixels */
	cr_assert_eq(write(fd, extra, (size_t)(end - extra)), end - extra);
	cr_assert_eq(write(fd, data + size - 12, 12), 12);
	free(data);
	data = told(fd, RENDITION_META_KEEP, RENDITION_KEEP, &size);
	cr_expect(has(data, size, "pHYs" "\0"));
	cr_expect(has(data, size, "Hello") && has(data, size, "PngAuthor") &&
	    has(data, size, "Late"));
	cr_expect(data[19] == 32 && data[23] == 24, "no turn by XMP or by a raw profile: as browsers do");
	cr_expect(has(data, size, "tiff:Orientation=\"1\" dc:rights=\"XmpRights\""));
	free(data);
	data = told(fd, RENDITION_COPYRIGHT, RENDITION_KEEP, &size);
	cr_expect(has(data, size, "PngAuthor") && has(data, size, "Late"));
	cr_expect_not(has(data, size, "Hello") || has(data, size, "XmpRights"));
	free(data);
	data = told(fd, RENDITION_META_KEEP, RENDITION_JPEG, &size);
	cr_expect_eq(memcmp(data + 13, "\1\1\x2c\0\x48", 5), 0, "300 by 72 in an inch");
	cr_expect(has(data, size, "PngAuthor") && has(data, size, "XmpRights"));
	free(data);
	data = told(fd, RENDITION_META_NONE, RENDITION_KEEP, &size);
	cr_expect_not(has(data, size, "Late") || has(data, size, "Xmp") ||
	    has(data, size, "eXIf"));
	free(data);
	close(fd);
	close(plain);
}

/* It would get a right checksum on its way. */
Test(meta, forgets_a_text_of_a_png_that_is_damaged)
{
	static const struct kit_png kind = { .type = PNG_COLOR_TYPE_RGB, .depth = 8 };
	int plain = kit_make_png(&kind, 64, 48), fd = memfd_create("told", MFD_CLOEXEC);
	struct developer *d = developer_new();
	struct rendition spec = kit_thumb;
	uint8_t extra[200], *end = extra, *data;
	struct kit_result r;
	size_t size;

	data = kit_slurp(plain, &size);
	end = put_chunk(end, "tEXt", "Comment\0Damaged", 15);
	end[-1] ^= 1;
	end = put_chunk(end, "tEXt", "Comment\0Sound", 13);
	cr_assert_eq(write(fd, data, 33), 33);
	cr_assert_eq(write(fd, extra, (size_t)(end - extra)), end - extra);
	cr_assert_eq(write(fd, data + 33, size - 33), (ssize_t)size - 33);
	free(data);
	spec.metadata = RENDITION_META_KEEP;
	spec.format = RENDITION_KEEP;
	kit_develop(d, fd, &spec, 1, &r);
	cr_assert_eq(r.status, 0, "%s", r.outcome.text);
	cr_expect_eq(r.outcome.n_warnings, 1);
	data = kit_slurp(r.outputs[0].fd, &size);
	cr_expect(has(data, size, "Sound") && !has(data, size, "Damaged"));
	free(data);
	kit_clear(&r);
	developer_free(d);
	close(fd);
	close(plain);
}

/* ---- what exiftool, an independent reader, says of it ---- */

static void
ask_exiftool(int fd, const char *tags, char *answer, size_t room)
{
	char command[200];
	FILE *pipe;
	size_t n;

	snprintf(command, sizeof(command), "exiftool -m -s -s -S -n %s /proc/%d/fd/%d", tags,
	    (int)getpid(), fd);
	pipe = popen(command, "r");
	cr_assert_not_null(pipe);
	n = fread(answer, 1, room - 1, pipe);
	answer[n] = '\0';
	cr_assert_eq(pclose(pipe), 0, "%s", answer);
}

Test(meta, exiftool_reads_all_of_it)
{
	static const char *const names[] = { "jpeg", "png" };
	int fd = make_told_jpeg(), result, format;
	char answer[500];
	uint8_t *data;
	size_t size;

	if (system("exiftool -ver > /dev/null 2>&1") != 0)
		cr_skip_test("no exiftool (Debian: libimage-exiftool-perl)");
	for (format = RENDITION_JPEG; format <= RENDITION_PNG; format++) {
		data = told(fd, RENDITION_META_KEEP, format, &size);
		result = memfd_create("result", MFD_CLOEXEC);
		cr_assert_eq(write(result, data, size), (ssize_t)size);
		ask_exiftool(result, "-EXIF:Orientation -EXIF:GPSLatitudeRef "
		    "-IPTC:CopyrightNotice -IPTC:City", answer, sizeof(answer));
		cr_expect_str_eq(answer, "1\nN\nIim!\nPlace\n", "%s: %s",
		    names[format - RENDITION_JPEG], answer);
		close(result);
		free(data);
	}
	close(fd);
}
