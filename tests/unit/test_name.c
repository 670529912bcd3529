#include <config.h>

#include <criterion/criterion.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spool/name.h"
#include "spool/spelling.h"

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))

static const struct { const char *name; bool is_ignored; } ignored_cases[] = {
	{ "photo.jpg", false }, { ".hidden.jpg", true }, { "~$doc.jpg", true }, { "photo.jpg~", true },
	{ "#photo#", true }, { "THUMBS.DB", true }, { "desktop.ini", true }, { "Icon\r", true },
	{ "a.TMP", true }, { "a.part", true }, { "a.Partial", true }, { "a.filepart", true },
	{ "a.crdownload", true }, { "a.!ut", true }, { "a.swp", true }, { "@eaDir", true },
	{ "#recycle", true }, { "$RECYCLE.BIN", true }, { "System Volume Information", true },
	{ "__MACOSX", true }, { "lost+found", true }, { "a.jpg.progress", true },
	{ "a.jpg.error.txt", true }, { "a.txt", false }, { "party.jpg", false },
	{ "tmp", false }, { "a.tmp.jpg", false }, { "[x].jpg", false }, { "a\\b.jpg", false },
	{ "stop.jpg", false }, { "#1.jpg", false },
};

Test(name, ignores_what_is_not_a_picture_of_anybody)
{
	size_t i;

	for (i = 0; i < N_OF(ignored_cases); i++)
		cr_expect_eq(name_is_ignored(ignored_cases[i].name), ignored_cases[i].is_ignored, "%s",
		    ignored_cases[i].name);
}

Test(name, control_names_count_at_the_top_only)
{
	cr_expect(name_is_control("STOP", "STOP"));
	cr_expect(name_is_control("stop.TXT", "STOP"));
	cr_expect_not(name_is_control("stop.jpg", "STOP"));
	cr_expect_not(name_is_control("stopp", "STOP"));
	cr_expect(name_is_ignored_rel("Pause.txt"));
	cr_expect_not(name_is_ignored_rel("holiday/stop"));
	cr_expect(name_is_ignored_rel("holiday/.git/a.jpg"));
}

Test(name, urgent_is_a_folder)
{
	cr_expect(name_is_urgent("urgent/a.jpg"));
	cr_expect(name_is_urgent("web/Urgent/x/a.jpg"));
	cr_expect_not(name_is_urgent("urgent"));
	cr_expect_not(name_is_urgent("a/urgent"));
}

Test(name, key_is_one_component_and_never_too_long)
{
	char longest[1000];
	char *a, *b;

	a = name_key("a b/c%d.jpg");
	cr_expect_str_eq(a, "a%20b%2Fc%25d.jpg");
	free(a);
	memset(longest, 'x', sizeof(longest));
	longest[999] = '\0';
	a = name_key(longest);
	longest[998] = 'y';
	b = name_key(longest);
	cr_expect_leq(strlen(a), NAME_KEY_MAX);
	cr_expect_str_neq(a, b);
	free(a);
	free(b);
}

static const struct { const char *rel; unsigned n; const char *want; } number_cases[] = {
	{ "photo.jpg", 1, "photo.jpg" }, { "photo.jpg", 2, "photo-2.jpg" },
	{ "a.b/photo", 3, "a.b/photo-3" }, { ".jpg", 2, ".jpg-2" }, { "a.tar.gz", 12, "a.tar-12.gz" },
};

Test(name, numbers_before_the_suffix)
{
	size_t i;

	for (i = 0; i < N_OF(number_cases); i++) {
		char *got = name_numbered(number_cases[i].rel, number_cases[i].n);

		cr_expect_str_eq(got, number_cases[i].want);
		free(got);
	}
}

Test(name, shortens_the_stem_at_a_character)
{
	char rel[NAME_MAX + 1] = "";
	char *got;
	size_t i;

	for (i = 0; i < 125; i++)
		strcat(rel, "\xc3\xa4"); /* 250 bytes of two-byte characters */
	strcat(rel, ".jpg");
	got = name_numbered(rel, 1000);
	cr_expect_leq(strlen(got), NAME_MAX);
	cr_expect_eq(strcmp(got + strlen(got) - 9, "-1000.jpg"), 0);
	cr_expect_eq((strlen(got) - 9) % 2, 0, "a character was cut in two");
	free(got);
}

static const struct { const char *rel; unsigned n; const char *pattern, *ext, *want; } result_cases[] = {
	{ "a/photo.JPG", 1, "{stem}.{ext}", "jpg", "a/photo.jpg" },
	{ "photo", 1, "{stem}.{ext}", "png", "photo.png" },
	{ "a/b.png", 1, "small_{stem}_x.{ext}", "jpg", "a/small_b_x.jpg" },
	{ "a/b.png", 7, "small_{stem}_x.{ext}", "jpg", "a/small_b-7_x.jpg" },
	{ "{stem}.jpg", 1, "{stem}.{ext}", "jpg", "{stem}.jpg" },
	/* what Windows does not know */
	{ "a:b<c>|?*\\\"d.jpg", 1, "{stem}.{ext}", "jpg", "a_b_c______d.jpg" },
	{ "line\nbreak\t\x7f.jpg", 1, "{stem}.{ext}", "jpg", "line_break__.jpg" },
	{ "con.jpg", 1, "{stem}.{ext}", "jpg", "_con.jpg" }, { "con.jpg", 2, "{stem}.{ext}", "jpg", "con-2.jpg" },
	{ "Nul .x.png", 1, "{stem}.{ext}", "png", "_Nul .x.png" },
	{ "com1", 1, "{stem}.{ext}", "jpg", "_com1.jpg" }, { "com10", 1, "{stem}.{ext}", "jpg", "com10.jpg" },
	{ "LPT\xc2\xb3.jpg", 1, "{stem}.{ext}", "jpg", "_LPT\xc2\xb3.jpg" },
	{ "conical.jpg", 1, "{stem}.{ext}", "jpg", "conical.jpg" },
	{ "aux/trip. /end./x.jpg", 1, "{stem}.{ext}", "jpg", "_aux/trip._/end_/x.jpg" },
	{ "x.jpg", 1, "{stem} ", "jpg", "x_" }, { "dots...jpg", 1, "{stem}.{ext}", "jpg", "dots...jpg" },
	/* what is no text, or turns it round */
	{ "caf\xe9.jpg", 1, "{stem}.{ext}", "jpg", "caf_.jpg" },
	{ "caf\xc3\xa9.jpg", 1, "{stem}.{ext}", "jpg", "caf\xc3\xa9.jpg" },
	{ "gpj\xe2\x80\xae.jpg", 1, "{stem}.{ext}", "jpg", "gpj___.jpg" },
	{ "-rf *.jpg", 1, "{stem}.{ext}", "jpg", "-rf _.jpg" },
};

Test(name, spells_results_so_that_all_can_read_them)
{
	size_t i;

	for (i = 0; i < N_OF(result_cases); i++) {
		char *got = name_result(result_cases[i].rel, result_cases[i].n, result_cases[i].pattern,
		    result_cases[i].ext);

		cr_expect_str_eq(got, result_cases[i].want, "%s: %s", result_cases[i].rel, got);
		free(got);
	}
}

/* The longest names there are, of one repeated piece each, with and without a suffix. */
static const char *const pieces[] = { "x", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x93\xb7", "\x80", "\xff",
	"a.", ". ", "con." };
static const char *const suffixes[] = { "", ".jpg", ".JPEG", ".a suffix of thirty-two bytes or so." };

Test(name, the_longest_names_have_room_for_a_number)
{
	size_t i, j;
	unsigned n;

	for (i = 0; i < N_OF(pieces) * N_OF(suffixes); i++) {
		const char *piece = pieces[i / N_OF(suffixes)], *suffix = suffixes[i % N_OF(suffixes)];
		char rel[NAME_MAX + 1] = "", last[2][NAME_MAX + 1] = { "", "" };

		while (strlen(rel) + strlen(piece) + strlen(suffix) <= NAME_MAX)
			strcat(rel, piece);
		strcat(rel, suffix);
		for (n = 2; n < 100000; n *= 7) {
			char *got[] = { name_numbered(rel, n), name_result(rel, n, "s_{stem}.{ext}", "jpeg") };

			for (j = 0; j < 2; j++) {
				cr_expect_leq(strlen(got[j]), NAME_MAX, "%s", got[j]);
				cr_expect_str_neq(got[j], last[j], "no other name for %u", n);
				snprintf(last[j], sizeof(last[j]), "%s", got[j]);
				free(got[j]);
			}
		}
	}
}

Test(name, is_never_cut_within_a_character)
{
	size_t i, keep;

	for (i = 0; i < N_OF(pieces); i++) {
		char text[NAME_MAX + 1] = "";

		while (strlen(text) + strlen(pieces[i]) <= NAME_MAX)
			strcat(text, pieces[i]);
		for (keep = 0; keep <= strlen(text); keep++) {
			size_t cut = spelling_cut(text, keep);

			cr_expect(cut <= keep && keep - cut < 4);
			cr_expect((unsigned char)*pieces[i] < 0xc0 || *pieces[i] == '\xff' ||
			    cut % strlen(pieces[i]) == 0, "%zu of %s", keep, pieces[i]);
		}
	}
	cr_expect_eq(spelling_cut("abc", 5), 3);
}

Test(name, a_result_keeps_the_spelling_of_its_format)
{
	cr_expect_str_eq(name_result_ext("a/b.JPEG", false), "JPEG");
	cr_expect_str_eq(name_result_ext("a/b.JPEG", true), "png");
	cr_expect_str_eq(name_result_ext("b.Png", true), "Png");
	cr_expect_str_eq(name_result_ext("b.Png", false), "jpg");
	cr_expect_str_eq(name_result_ext("b", false), "jpg");
	cr_expect_str_eq(name_result_ext("b.jpgx", false), "jpg");
}

Test(name, folds_case_as_a_share_does)
{
	char *folded;

	setlocale(LC_CTYPE, "C.UTF-8");
	folded = name_folded("GR\xc3\x9c\xff.JPG");
	cr_expect_str_eq(folded, "gr\xc3\xbc\xff.jpg");
	free(folded);
}
