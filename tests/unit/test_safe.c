/* What may be told to strangers (metadata = safe), and what is not true of a result. */
#include <config.h>

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "develop_kit.h"
#include "image/exif.h"
#include "image/meta.h"
#include "image/prune.h"

/* ---- XMP ---- */

#define HEAD "<x:xmpmeta><rdf:RDF><rdf:Description "
#define TAIL "</rdf:Description></rdf:RDF></x:xmpmeta>"

static const struct {
	unsigned what;
	const char *before, *after; /* NULL: as before */
} packets[] = {
	{ PRUNE_PARTS, HEAD "hdrgm:Version=\"1.0\" dc:format=\"a\">" TAIL, HEAD "dc:format=\"a\">" TAIL },
	{ PRUNE_PARTS, HEAD "dc:format='>'\n GCamera:MotionPhoto = '1'>" TAIL, HEAD "dc:format='>'>" TAIL },
	{ PRUNE_PARTS, HEAD ">a<Container:Directory><rdf:Seq><rdf:li Container:x='1'/><Container:Item "
	    "a=\"2\"/></rdf:Seq></Container:Directory>b" TAIL, HEAD ">ab" TAIL },
	{ PRUNE_PARTS, HEAD ">a<hdrgm:x><hdrgm:x>1</hdrgm:x><hdrgm:x/></hdrgm:x>b" TAIL, HEAD ">ab" TAIL },
	{ PRUNE_PARTS, HEAD "exif:GPSLatitude=\"1\">" TAIL, NULL },
	{ PRUNE_PRIVATE, HEAD "exif:GPSLatitude=\"1\" exif:FNumber=\"2\">" TAIL,
	    HEAD "exif:FNumber=\"2\">" TAIL },
	{ PRUNE_PRIVATE, HEAD ">\n<photoshop:City>Ulm</photoshop:City><photoshop:Credit>Me</photoshop:Credit>"
	    TAIL, HEAD ">\n<photoshop:Credit>Me</photoshop:Credit>" TAIL },
	{ PRUNE_PRIVATE, HEAD "aux:SerialNumber='7'/>" TAIL, "<x:xmpmeta><rdf:RDF><rdf:Description/>" TAIL },
	{ PRUNE_PRIVATE, HEAD "aux:Lens='7'><!-- <photoshop:City>Ulm</photoshop:City> --><xmp:Thumbnails><a>"
	    "</a></xmp:Thumbnails>" TAIL, HEAD "aux:Lens='7'><!-- <photoshop:City>Ulm</photoshop:City> -->" TAIL },
	{ PRUNE_PRIVATE, HEAD "photoshop:CityX=\"1\"><xmpRights:UsageTerms>x</xmpRights:UsageTerms>" TAIL, NULL },
	{ PRUNE_COLORS, HEAD "exif:ColorSpace=\"65535\" a='b'>" TAIL, HEAD "a='b'>" TAIL },
	{ PRUNE_PRIVATE, "", NULL },
};

Test(prune, cuts_what_is_meant)
{
	size_t i;

	for (i = 0; i < sizeof(packets) / sizeof(packets[0]); i++) {
		size_t n = strlen(packets[i].before), k;
		const char *after = packets[i].after;
		struct meta_block from = { .data = malloc(n + 1), .size = n }, to = { .data = NULL };
		bool is_broken;

		memcpy(from.data, packets[i].before, n);
		cr_expect_eq(prune(&from, packets[i].what, &to, &is_broken), after != NULL, "%zu", i);
		cr_expect_not(is_broken, "%zu", i);
		if (after != NULL && to.data != NULL)
			cr_expect(to.size == strlen(after) && memcmp(to.data, after, to.size) == 0,
			    "%zu: %.*s", i, (int)to.size, (const char *)to.data);
		free(to.data);
		free(from.data);
		for (k = 1; k < n; k++) { /* cut anywhere: no byte is read behind the end */
			from = (struct meta_block){ .data = malloc(k), .size = k };
			memcpy(from.data, packets[i].before, k);
			to.data = NULL;
			prune(&from, packets[i].what, &to, &is_broken);
			free(to.data);
			free(from.data);
		}
	}
}

Test(prune, says_what_it_cannot_read)
{
	static const char *const odd[] = { "<a", "<a b>", "<a b=1>", "<hdrgm:x>", "<hdrgm:x></y>", "<!-- ",
		"<a b='>" };
	struct meta_block to;
	bool is_broken;
	size_t i;

	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		struct meta_block from = { .data = (uint8_t *)(uintptr_t)odd[i], .size = strlen(odd[i]) };

		cr_expect_not(prune(&from, PRUNE_PARTS, &to, &is_broken), "%s", odd[i]);
		cr_expect(is_broken, "%s", odd[i]);
	}
}

/* ---- IPTC ---- */

Test(safe, iptc_names_no_place)
{
	static uint8_t sets[] = { 0x1c, 2, 80, 0, 2, 'A', 'n', 0x1c, 2, 90, 0, 3, 'U', 'l', 'm',
		0x1c, 2, 110, 0, 2, 'C', 'r', 0x1c, 2, 101, 0, 1, 'D' };
	const struct meta_block from = { sets, sizeof(sets) }, city = { sets + 7, 8 };
	struct meta_block to;

	cr_assert(meta_iptc_without_place(&from, &to));
	cr_assert_eq(to.size, 14);
	cr_expect_eq(memcmp(to.data, "\x1c\2\x50\0\2An\x1c\2\x6e\0\2Cr", 14), 0);
	free(to.data);
	cr_expect_not(meta_iptc_without_place(&city, &to));
	cr_expect_null(to.data);
}

/* ---- EXIF ---- */

struct builder {
	uint8_t bytes[1000];
	size_t n;
};

static void
put(struct builder *b, uint32_t v, int n_bytes, bool is_big)
{
	int i;

	for (i = 0; i < n_bytes; i++)
		b->bytes[b->n++] = (uint8_t)(v >> 8 * (is_big ? n_bytes - 1 - i : i));
}

static void
entry(struct builder *b, bool is_big, unsigned tag, unsigned type, uint32_t count, uint32_t value)
{
	put(b, tag, 2, is_big);
	put(b, type, 2, is_big);
	put(b, count, 4, is_big);
	put(b, value, type == 3 ? 2 : 4, is_big);
	if (type == 3)
		put(b, 0, 2, is_big);
}

/* One entry in the middle of IFD 0 is wrong: what stands behind it counts. */
static void
build(struct builder *b, bool is_big)
{
	memcpy(b->bytes, is_big ? "MM" : "II", 2);
	b->n = 2;
	put(b, 42, 2, is_big);
	put(b, 8, 4, is_big);
	put(b, 6, 2, is_big);
	entry(b, is_big, 0x0110, 2, 8, 300);    /* Model */
	entry(b, is_big, 0x0112, 3, 1, 6);      /* Orientation */
	entry(b, is_big, 0x0131, 2, 900000, 5); /* Software: outside */
	entry(b, is_big, 0x013b, 2, 8, 308);    /* Artist */
	entry(b, is_big, 0x8769, 4, 1, 100);
	entry(b, is_big, 0x8825, 4, 1, 250);    /* GPS */
	put(b, 0, 4, is_big);
	while (b->n < 100)
		put(b, 0, 1, false);
	put(b, 6, 2, is_big);
	entry(b, is_big, 0x9003, 2, 20, 320);   /* DateTimeOriginal */
	entry(b, is_big, 0x927c, 7, 8, 340);    /* MakerNote */
	entry(b, is_big, 0xa002, 4, 1, 4000);   /* PixelXDimension */
	entry(b, is_big, 0xa430, 2, 8, 348);    /* CameraOwnerName */
	entry(b, is_big, 0xa431, 2, 8, 356);    /* BodySerialNumber */
	entry(b, is_big, 0xfde9, 2, 8, 364);    /* SerialNumber, Photoshop's */
	put(b, 0, 4, is_big);
	while (b->n < 250)
		put(b, 0, 1, false);
	put(b, 1, 2, is_big);
	entry(b, is_big, 1, 2, 8, 372);         /* GPSLatitudeRef */
	put(b, 0, 4, is_big);
	while (b->n < 300)
		put(b, 0, 1, false);
	memcpy(b->bytes + 300, "AModel\0\0AnArtist\0\0\0\0" "2026:11:26 10:00:00\0" "MkrNote\0Owner!!\0Serial1\0"
	    "Serial2\0GpsHere\0", 80);
	b->n = 380;
}

static bool
has(const uint8_t *block, size_t n, const char *text)
{
	return block != NULL && memmem(block, n, text, strlen(text)) != NULL;
}

Test(safe, exif_names_no_place_owner_or_number)
{
	static const struct meta_rights nobody;
	static const struct exif_truth truth = { .width_px = 10, .height_px = 20 };
	int is_big;

	for (is_big = 0; is_big < 2; is_big++) {
		struct builder b = { .n = 0 };
		struct exif *exif, *again;
		uint8_t *block;
		size_t n;

		build(&b, is_big);
		exif = exif_parse(b.bytes, b.n);
		block = exif_compose(exif, RENDITION_META_SAFE, &nobody, &truth, &n);
		cr_assert_not_null(block);
		cr_expect(has(block, n, "AModel"));
		cr_expect(has(block, n, "AnArtist"), "behind a wrong entry");
		cr_expect(has(block, n, "2026:11:26 10:00:00"));
		cr_expect_not(has(block, n, "MkrNote") || has(block, n, "Owner") ||
		    has(block, n, "Serial") || has(block, n, "GpsHere"));
		again = exif_parse(block, n);
		cr_expect_eq(exif_orientation(again), 1);
		cr_expect(exif_is_right(again, &truth));
		exif_free(again);
		free(block);
		block = exif_compose(exif, RENDITION_META_KEEP, &nobody, &truth, &n);
		cr_expect_eq(n, b.n, "nothing moves");
		cr_expect_eq(memcmp(block + 300, b.bytes + 300, 80), 0);
		free(block);
		for (n = 0; n < b.n; n++) { /* cut anywhere */
			uint8_t *part = malloc(n + 1);
			size_t size;

			memcpy(part, b.bytes, n);
			exif_free(exif);
			exif = exif_parse(part, n);
			free(part);
			free(exif_compose(exif, RENDITION_META_SAFE, &nobody, &truth, &size));
			free(exif_compose(exif, RENDITION_META_KEEP, &nobody, &truth, &size));
		}
		exif_free(exif);
	}
}

/* ---- gain maps ---- */

#define CORPUS TOP_SRCDIR "/../shared/corpus/mpf/"

/* The result says nothing of what it does not hold; the run says that it was left out. */
Test(safe, a_gain_map_is_left_out_and_said)
{
	static const char *const files[] = { "libavif--apple_gainmap_new.jpg", "libavif--apple_gainmap_old.jpg",
		"libavif--paris_exif_xmp_gainmap_bigendian.jpg", "libavif--seine_sdr_gainmap_srgb.jpg" };
	static const char *const lies[] = { "hdrgm:", "HDRGainMap:", "Container:", "MPF", "GainMap" };
	struct developer *d = developer_new();
	struct rendition specs[2] = { kit_web, kit_web };
	size_t i, k, n;

	if (access(CORPUS, R_OK) != 0)
		cr_skip_test("no corpus: " CORPUS);
	specs[0].metadata = specs[1].metadata = RENDITION_META_KEEP;
	specs[1].width_px = specs[1].height_px = 0; /* a copy */
	specs[1].color = RENDITION_COLOR_KEEP;
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char path[500];
		struct kit_result r;
		uint8_t *data;
		int fd;

		snprintf(path, sizeof(path), "%s%s", CORPUS, files[i]);
		kit_develop_path(d, path, specs, 2, &r);
		cr_assert_eq(r.status, 0, "%s", r.outcome.text);
		cr_expect_not_null(strstr(r.outcome.text, "left out"), "%s: %s", files[i], r.outcome.text);
		data = kit_slurp(r.outputs[0].fd, &n);
		for (k = 0; k < sizeof(lies) / sizeof(lies[0]); k++)
			cr_expect_not(has(data, n, lies[k]), "%s: %s", files[i], lies[k]);
		free(data);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		cr_expect_eq(kit_are_equal(fd, r.outputs[1].fd), i >= 2, "%s: a copy is all of it, but for "
		    "Apple's, whose sizes in EXIF are wrong", files[i]);
		close(fd);
		data = kit_slurp(r.outputs[1].fd, &n);
		cr_expect(i >= 2 || !has(data, n, "MPF"), "%s", files[i]);
		free(data);
		kit_clear(&r);
	}
	developer_free(d);
}
