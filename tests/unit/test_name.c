#include <config.h>

#include <criterion/criterion.h>
#include <limits.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "spool/name.h"

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

static const struct { const char *rel, *pattern, *ext, *want; } result_cases[] = {
	{ "a/photo.JPG", "{stem}.{ext}", "jpg", "a/photo.jpg" },
	{ "photo", "{stem}.{ext}", "png", "photo.png" },
	{ "a/b.png", "small_{stem}_x.{ext}", "jpg", "a/small_b_x.jpg" },
	{ "{stem}.jpg", "{stem}.{ext}", "jpg", "{stem}.jpg" },
};

Test(name, fills_the_pattern_of_results)
{
	size_t i;

	for (i = 0; i < N_OF(result_cases); i++) {
		char *got = name_result(result_cases[i].rel, result_cases[i].pattern, result_cases[i].ext);

		cr_expect_str_eq(got, result_cases[i].want);
		free(got);
	}
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
