#include <config.h>

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fsio.h"
#include "base/mem.h"
#include "base/quote.h"
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

static void
assert_same(const struct progress *a, const struct progress *b)
{
	cr_assert_eq(a->state, b->state);
	cr_assert_eq(a->percent, b->percent);
	cr_assert_str_eq(a->stage, b->stage);
	cr_assert_str_eq(a->rendition, b->rendition);
	cr_assert_eq(a->i_rendition, b->i_rendition);
	cr_assert_eq(a->n_renditions, b->n_renditions);
	cr_assert_str_eq(a->source, b->source);
	cr_assert_str_eq(a->profile, b->profile);
	cr_assert_eq(a->attempt, b->attempt);
	cr_assert_eq(a->started, b->started);
	cr_assert_eq(a->updated, b->updated);
	cr_assert_str_eq(a->host, b->host);
	cr_assert_eq(a->seconds_left, b->seconds_left);
}

Test(progress, reads_back_what_it_wrote)
{
	static const char *const hostile = "a\nstate: done\n/\xff\x1b[31m \\x41 \"q\" of 9, about 9 s.jpg";
	int dir = fresh_folder();
	struct progress p = sample(), got;
	struct stat st;

	strcpy(p.source, hostile);
	cr_assert_eq(fsio_make_dirs(dir, "holiday", NULL), 0);
	cr_assert_eq(progress_write(dir, "holiday/photo.jpg", &p), 0);
	cr_assert_eq(fsio_stat(dir, "holiday/photo.jpg.progress", &st), 0);
	cr_assert_eq(progress_read(dir, "holiday/photo.jpg", &got), 0);
	assert_same(&p, &got);
	cr_assert_eq(progress_remove(dir, "holiday/photo.jpg"), 0);
	cr_assert_eq(progress_read(dir, "holiday/photo.jpg", &got), -1);
	cr_assert_eq(errno, ENOENT);
	cr_assert_eq(progress_remove(dir, "holiday/photo.jpg"), 0, "removing twice is no error");
	cr_assert_eq(progress_write(dir, "gone/photo.jpg", &p), -1);
	cr_assert_eq(errno, ENOENT);
}

Test(progress, reads_back_the_longest_source)
{
	int dir = fresh_folder();
	struct progress p = sample(), got;

	memset(p.source, '\xff', sizeof(p.source) - 1);
	cr_assert_eq(progress_write(dir, "x", &p), 0);
	cr_assert_eq(progress_read(dir, "x", &got), 0);
	assert_same(&p, &got);
}

#define HEAD "42% - resizing\nstate: developing\npercent: 42\n"

/* What anybody may have put there instead. */
static const struct {
	const char *text;
	int is_good;
} hostile_cases[] = {
	{ HEAD, 1 },
	{ HEAD "colour: blue\nno key at all\n\n", 1 },
	{ "5 - \nstate: stopped\npercent: 100", 1 },
	{ "\nstate: stopped\npercent: 0\n", 1 },
	{ "", 0 },
	{ "\n\n\n", 0 },
	{ "state: developing\npercent: 1\n", 0 }, /* the first line is for people */
	{ "x\nstate: developing\n", 0 },
	{ "x\npercent: 3\n", 0 },
	{ "x\nstate: dancing\npercent: 3\n", 0 },
	{ "x\nstate: developing\npercent: 101\n", 0 },
	{ "x\nstate: developing\npercent: -1\n", 0 },
	{ "x\nstate: developing\npercent: 4x\n", 0 },
	{ "x\nstate: developing\npercent: 99999999999999999999\n", 0 },
	{ HEAD "attempt: 99999999999999999999\n", 0 },
	{ HEAD "started: yesterday\n", 0 },
	{ HEAD "started: 2026-01-31T12:00:00Z and more\n", 0 },
	{ HEAD "source: \\x0", 0 },
	{ HEAD "source: \\x00\n", 0 },
	{ HEAD "source: \\", 0 },
	{ HEAD "stage: 0123456789012345678901234567890123456789012345678901234567890123456789"
	    "0123456789\n", 0 },
};

Test(progress, believes_only_a_sidecar)
{
	int dir = fresh_folder();
	struct progress got;
	size_t i;

	for (i = 0; i < sizeof(hostile_cases) / sizeof(hostile_cases[0]); i++) {
		const char *text = hostile_cases[i].text;
		int result;

		cr_assert_eq(fsio_replace(dir, "x.progress", text, strlen(text), 0666, false), 0);
		errno = 0;
		result = progress_read(dir, "x", &got);
		cr_assert_eq(result, hostile_cases[i].is_good ? 0 : -1, "case %zu: %s", i, text);
		cr_assert_eq(errno, hostile_cases[i].is_good ? 0 : EBADMSG);
	}
}

Test(progress, is_not_led_astray)
{
	int dir = fresh_folder();
	struct progress p = sample(), got;
	char *huge = mem_alloc(1 << 20);
	char *secret;

	cr_assert_eq(fsio_replace(dir, "huge.progress", huge, 1 << 20, 0666, false), 0);
	cr_assert_eq(progress_read(dir, "huge", &got), -1);
	cr_assert_eq(errno, EFBIG);
	cr_assert_eq(mkfifoat(dir, "fifo.progress", 0666), 0);
	cr_assert_eq(progress_read(dir, "fifo", &got), -1, "must not wait for a writer");
	cr_assert_eq(fsio_replace(dir, "secret", HEAD, strlen(HEAD), 0666, false), 0);
	cr_assert_eq(symlinkat("secret", dir, "link.progress"), 0);
	cr_assert_eq(progress_read(dir, "link", &got), -1);
	cr_assert_eq(errno, ELOOP);
	cr_assert_eq(progress_write(dir, "link", &p), 0);
	cr_assert_eq(fsio_read(dir, "secret", 1000, &secret, NULL), 0);
	cr_assert_str_eq(secret, HEAD, "writing follows no link");
	free(secret);
	free(huge);
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
	struct progress p = sample(), got;

	cr_assert_eq(progress_write(dir, name, &p), 0);
	cr_assert_eq(progress_read(dir, name, &got), 0);
	assert_same(&p, &got);
	free(name);
}

Test(quote, line_round_trip)
{
	static const char *const names[] = { "plain", "a\nb\tc", "\xff\xfe\x01", "back\\slash\\n",
		"\"q\"", "gr\xc3\xbc\xc3\x9f", "" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char *line = quote_line(names[i]);
		char *back = quote_line_undo(line);

		cr_assert_str_eq(back, names[i]);
		free(back);
		free(line);
	}
	cr_assert_null(quote_line_undo("\\q"));
	cr_assert_null(quote_line_undo("\\x4"));
	cr_assert_null(quote_line_undo("\\"));
}

/* "photo" + right-to-left override + "gpj.exe" must not show as photoexe.jpg. */
Test(quote, shows_what_turns_the_direction)
{
	char *line = quote_line("photo\xe2\x80\xaegpj.exe \xe2\x80\xa8 \xe2\x81\xa6 \xe2\x80\x93");

	cr_assert_str_eq(line,
	    "photo\\xe2\\x80\\xaegpj.exe \\xe2\\x80\\xa8 \\xe2\\x81\\xa6 \xe2\x80\x93");
	free(line);
}
