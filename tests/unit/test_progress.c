#include <config.h>

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fsio.h"
#include "base/mem.h"
#include "base/quote.h"
#include "spool/fields.h"
#include "spool/progress.h"
#include "spool/suffix.h"
#include "scratch.h"

static int
fresh_folder(void)
{
	char path[PATH_MAX];

	cr_assert_not_null(mkdtemp(scratch_path(path, sizeof(path), "progress")));
	return open(path, O_RDONLY | O_DIRECTORY);
}

static struct progress
sample(void)
{
	return (struct progress){
		.state = PROGRESS_DEVELOPING, .percent = 42, .stage = "resize",
		.rendition = "web", .i_rendition = 1, .n_renditions = 3,
		.source = "holiday/photo.jpg", .profile = "default", .attempt = 1,
		.started = 1769860800, .updated = 1769860803, .host = "nas", .seconds_left = 3,
	};
}

Test(progress, has_the_form_that_was_promised)
{
	struct progress p = sample();
	char *text = progress_text(&p);

	cr_assert_str_eq(text,
	    "42% - resizing 2 of 3 (web), about 3 s left\n"
	    "state: developing\n"
	    "percent: 42\n"
	    "stage: resize\n"
	    "rendition: web\n"
	    "source: holiday/photo.jpg\n"
	    "profile: default\n"
	    "attempt: 1\n"
	    "started: 2026-01-31T12:00:00Z\n"
	    "updated: 2026-01-31T12:00:03Z\n"
	    "host: nas\n");
	free(text);
}

Test(progress, says_in_the_first_line_what_people_want_to_know)
{
	static const struct {
		enum progress_state state;
		const char *stage, *rendition;
		unsigned n;
		int left;
		const char *line;
	} cases[] = {
		{ PROGRESS_DEVELOPING, "", "", 0, -1, "42% - starting\n" },
		{ PROGRESS_DEVELOPING, "decode", "", 3, -1, "42% - reading\n" },
		{ PROGRESS_DEVELOPING, "decode", "", 3, 0, "42% - reading, about 0 s left\n" },
		{ PROGRESS_DEVELOPING, "encode", "web", 0, -1, "42% - saving (web)\n" },
		{ PROGRESS_DEVELOPING, "encode", "a\nb", 2, 7,
		    "42% - saving 2 of 2 (a\\nb), about 7 s left\n" },
		{ PROGRESS_STOPPED, "resize", "web", 3, 3, "stopped at 42%\n" },
		{ PROGRESS_INTERRUPTED, "resize", "web", 3, 3, "waiting to be developed again\n" },
		{ PROGRESS_PUBLISHING, "", "", 3, -1, "42% - putting the results in their place\n" },
		{ PROGRESS_DONE, "", "", 3, -1, "done\n" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct progress p = sample();
		char *text;

		p.state = cases[i].state;
		strcpy(p.stage, cases[i].stage);
		strcpy(p.rendition, cases[i].rendition);
		p.n_renditions = cases[i].n;
		p.seconds_left = cases[i].left;
		text = progress_text(&p);
		cr_assert_eq(strncmp(text, cases[i].line, strlen(cases[i].line)), 0, "case %zu: %s",
		    i, text);
		free(text);
	}
}

/* What a script does to a value: the bytes that quote_line() made TEXT of. Gives a string. */
static char *
unquote(const char *text)
{
	char *name = mem_alloc(strlen(text) + 1), *out = name;
	unsigned byte;

	for (; *text != '\0'; text++) {
		byte = (unsigned char)*text;
		if (byte == '\\') {
			text++;
			byte = *text == 'n' ? '\n' : *text == 't' ? '\t' : (unsigned char)*text;
			if (byte == 'x') {
				cr_assert_eq(sscanf(text + 1, "%2x", &byte), 1);
				text += 2;
			}
		}
		*out++ = (char)byte;
	}
	return name;
}

/* The value of KEY in the sidecar REL, by the reader of plans and job records. Gives a string. */
static char *
value_of(int dir, const char *rel, const char *key)
{
	char *name = name_with_suffix(rel, PROGRESS_SUFFIX), *text, *quoted, *value;

	cr_assert_eq(fsio_read(dir, name, 1 << 20, &text, NULL), 0);
	quoted = fields_get(text, key);
	cr_assert_not_null(quoted, "%s", key);
	value = unquote(quoted);
	free(quoted);
	free(text);
	free(name);
	return value;
}

static void
assert_values(int dir, const char *rel, const struct progress *p)
{
	const struct {
		const char *key, *value;
	} rows[] = {
		{ "state", "developing" }, { "percent", "42" }, { "stage", p->stage },
		{ "rendition", p->rendition }, { "source", p->source }, { "profile", p->profile },
		{ "attempt", "1" }, { "started", "2026-01-31T12:00:00Z" },
		{ "updated", "2026-01-31T12:00:03Z" }, { "host", p->host },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *value = value_of(dir, rel, rows[i].key);

		cr_assert_str_eq(value, rows[i].value, "%s", rows[i].key);
		free(value);
	}
}

Test(progress, can_be_read_back)
{
	static const char *const hostile = "a\nstate: done\n/\xff\x1b[31m \\x41 \"q\" of 9, about 9 s.jpg";
	int dir = fresh_folder();
	struct progress p = sample();
	struct stat st;

	strcpy(p.source, hostile);
	cr_assert_eq(fsio_make_dirs(dir, "holiday", NULL), 0);
	cr_assert_eq(progress_write(dir, "holiday/photo.jpg", &p), 0);
	cr_assert_eq(fsio_stat(dir, "holiday/photo.jpg.progress", &st), 0);
	assert_values(dir, "holiday/photo.jpg", &p);
	cr_assert_eq(progress_remove(dir, "holiday/photo.jpg"), 0);
	cr_assert_eq(fsio_stat(dir, "holiday/photo.jpg.progress", &st), -1);
	cr_assert_eq(errno, ENOENT);
	cr_assert_eq(progress_remove(dir, "holiday/photo.jpg"), 0, "removing twice is no error");
	cr_assert_eq(progress_write(dir, "gone/photo.jpg", &p), -1);
	cr_assert_eq(errno, ENOENT);
}

Test(progress, holds_the_longest_source)
{
	int dir = fresh_folder();
	struct progress p = sample();

	memset(p.source, '\xff', sizeof(p.source) - 1);
	cr_assert_eq(progress_write(dir, "x", &p), 0);
	assert_values(dir, "x", &p);
}

Test(progress, is_not_led_astray)
{
	int dir = fresh_folder();
	struct progress p = sample();
	char *secret;

	cr_assert_eq(mkfifoat(dir, "fifo.progress", 0666), 0);
	cr_assert_eq(progress_write(dir, "fifo", &p), 0, "must not wait for a reader");
	cr_assert_eq(fsio_replace(dir, "secret", "text", 4, 0666, false), 0);
	cr_assert_eq(symlinkat("secret", dir, "link.progress"), 0);
	cr_assert_eq(progress_write(dir, "link", &p), 0);
	cr_assert_eq(fsio_read(dir, "secret", 1000, &secret, NULL), 0);
	cr_assert_str_eq(secret, "text", "writing follows no link");
	free(secret);
}

/* ---- suffix ---- */

/* A name of LENGTH bytes made of UNIT over and over, with PAD in front. */
static char *
long_name(const char *pad, const char *unit, size_t length)
{
	char *name = mem_alloc(length + 8);

	strcpy(name, pad);
	while (strlen(name) + strlen(unit) <= length)
		strcat(name, unit);
	return name;
}

Test(suffix, leaves_names_that_fit)
{
	char *name = name_with_suffix("a/b.jpg", ".error.txt");
	char *edge = long_name("", "x", NAME_MAX - strlen(PROGRESS_SUFFIX));
	char *with = name_with_suffix(edge, PROGRESS_SUFFIX);

	cr_assert_str_eq(name, "a/b.jpg.error.txt");
	cr_assert_eq(strlen(with), NAME_MAX);
	cr_assert_null(strchr(with, '~'));
	free(with);
	free(edge);
	free(name);
}

/* Every length and alignment of characters from 1 to 4 bytes, and of bytes that are none. */
Test(suffix, cuts_long_names_at_a_character)
{
	static const char *const units[] = { "x", "\xc3\xbc", "\xe2\x82\xac", "\xf0\x9f\x93\xb7",
		"\xbf", "\xff" };
	static const char *const pads[] = { "", "1", "12", "123" };
	size_t i, j, length;

	for (i = 0; i < 6; i++)
		for (j = 0; j < 4; j++)
			for (length = NAME_MAX - 12; length <= NAME_MAX; length++) {
				char *name = long_name(pads[j], units[i], length);
				char *with = name_with_suffix(name, PROGRESS_SUFFIX);
				char *shown = quote_line(with);

				cr_assert_leq(strlen(with), NAME_MAX);
				cr_assert_str_eq(with + strlen(with) - 9, PROGRESS_SUFFIX);
				cr_assert(i >= 4 || strstr(shown, "\\x") == NULL,
				    "a character was cut in two: %s", shown);
				free(shown);
				free(with);
				free(name);
			}
}

Test(suffix, keeps_long_names_apart_and_the_folder_whole)
{
	char *name = long_name("folder/", "y", NAME_MAX + 7);
	char *a, *b, *again;

	a = name_with_suffix(name, PROGRESS_SUFFIX);
	again = name_with_suffix(name, PROGRESS_SUFFIX);
	cr_assert_str_eq(a, again);
	cr_assert_eq(strlen(a), 7 + NAME_MAX);
	cr_assert_eq(strncmp(a, "folder/yyyy", 11), 0);
	cr_assert_eq(a[7 + NAME_MAX - 9 - 9], '~');
	name[strlen(name) - 1] = 'z';
	b = name_with_suffix(name, PROGRESS_SUFFIX);
	cr_assert_str_neq(a, b);
	free(again);
	free(b);
	free(a);
	free(name);
}

Test(suffix, makes_names_that_a_file_system_takes)
{
	int dir = fresh_folder();
	char *name = long_name("", "\xf0\x9f\x93\xb7", NAME_MAX);
	struct progress p = sample();

	cr_assert_eq(progress_write(dir, name, &p), 0);
	assert_values(dir, name, &p);
	free(name);
}

Test(quote, line_round_trip)
{
	static const char *const names[] = { "plain", "a\nb\tc", "\xff\xfe\x01", "back\\slash\\n",
		"\"q\"", "gr\xc3\xbc\xc3\x9f", "" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char *line = quote_line(names[i]);
		char *back = unquote(line);

		cr_assert_str_eq(back, names[i]);
		free(back);
		free(line);
	}
}

/* "photo" + right-to-left override + "gpj.exe" must not show as photoexe.jpg. */
Test(quote, shows_what_turns_the_direction)
{
	char *line = quote_line("photo\xe2\x80\xaegpj.exe \xe2\x80\xa8 \xe2\x81\xa6 \xe2\x80\x93");

	cr_assert_str_eq(line,
	    "photo\\xe2\\x80\\xaegpj.exe \\xe2\\x80\\xa8 \\xe2\\x81\\xa6 \xe2\x80\x93");
	free(line);
}
