#include <config.h>

#include <criterion/criterion.h>
#include <fcntl.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fsio.h"
#include "base/mem.h"
#include "base/quote.h"
#include "master/report/style.h"
#include "master/report/words.h"
#include "master/report/write.h"
#include "report_sample.h"
#include "scratch.h"

static void
in_utc(void)
{
	setenv("TZ", "UTC", 1);
	tzset();
}

static void
in_utf8(void)
{
	setlocale(LC_CTYPE, "C.UTF-8"); /* as main.c does */
}

/* ---- STATUS ---- */

Test(report, tells_people_the_state_of_a_quiet_queue, .init = in_utc)
{
	struct report r = { .state = STATE_IDLE, .why = "", .host = "nas", .version = "0.1",
		.mode = "polling every 5 s", .seconds_left = -1, .now = 1769860803,
		.n_done_today = 1, .free_bytes = 999 };
	char *text = report_text(&r);

	cr_assert_str_eq(text,
	    "darkroom: idle\n"
	    "Nothing to do. Drop pictures into the folder inbox.\n"
	    "\n"
	    "Waiting: 0\n"
	    "\n"
	    "Today:          1 done, 0 failed\n"
	    "Free space:     999 bytes\n"
	    "New pictures:   noticed every 5 s\n"
	    "Last change:    2026-01-31 12:00:03 UTC (darkroom 0.1 on nas)\n");
	free(text);
}

Test(report, tells_people_what_is_in_work, .init = in_utc)
{
	struct report r = sample();
	char *text;

	r.n_jobs = r.n_first = r.n_held = 1;
	text = report_text(&r);
	cr_assert_str_eq(text,
	    "darkroom: developing\n"
	    "\n"
	    "In work: 1\n"
	    "  holiday/photo.jpg\n"
	    "  [########............]  42%  resizing (web), about 3 s left\n"
	    "\n"
	    "Waiting: 1234\n"
	    "  b.jpg\n"
	    "  ... and 1233 more\n"
	    "\n"
	    "Waiting for a reason: 1\n"
	    "  film.mov\n"
	    "      not developed, still yours (not a JPEG or PNG)\n"
	    "\n"
	    "Today:          120 done, 2 failed (the folder failed says why)\n"
	    "Speed:          14 pictures a minute, about 1 h 25 min left\n"
	    "Free space:     12.3 GB\n"
	    "New pictures:   noticed at once\n"
	    "Last change:    2026-01-31 12:00:03 UTC (darkroom 0.1 on nas)\n");
	free(text);
}

Test(report, says_state_and_why_first)
{
	static const struct {
		enum queue_state state;
		const char *why, *start;
	} cases[] = {
		{ STATE_BLOCKED, "out is full (No space left on device)",
		    "darkroom: blocked - out is full (No space left on device)\nNo picture is lost." },
		{ STATE_STOPPED, "", "darkroom: stopped\nRemove the file STOP " },
		{ STATE_PAUSED, "until 12:30", "darkroom: paused - until 12:30\nRemove the file PAUSE " },
		{ STATE_INBOX_MISSING, "", "darkroom: inbox missing\nNo picture is lost." },
		{ STATE_NOT_RUNNING, "", "darkroom: not running\n\n" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct report r = sample();
		char *text;

		r.state = cases[i].state;
		r.why = cases[i].why;
		text = report_text(&r);
		cr_assert_eq(strncmp(text, cases[i].start, strlen(cases[i].start)), 0, "%s", text);
		free(text);
	}
}

/* Columns of a line in which only WIDE is wider than a column. */
static size_t
columns(const char *line)
{
	size_t n = 0;

	for (; *line != '\0'; line++)
		n += ((unsigned char)*line & 0xc0) == 0x80 ? 0 : (unsigned char)*line >= 0xe3 ? 2 : 1;
	return n;
}

Test(report, keeps_to_80_columns_and_one_line_a_name, .init = in_utf8)
{
	struct report r = sample();
	char *text = report_text(&r);
	char *rest = text;
	char *line, *p;
	size_t n_lines = 0, n_longest = 0;

	while ((line = strsep(&rest, "\n")) != NULL) {
		cr_assert_leq(columns(line), 80, "%s", line);
		n_longest = columns(line) > n_longest ? columns(line) : n_longest;
		for (p = line; *p != '\0'; p++)
			cr_assert((unsigned char)*p >= ' ' && *p != 0x7f);
		n_lines++;
	}
	cr_assert_eq(n_lines, 30, "each name has a line: %zu", n_lines);
	cr_assert_geq(n_longest, 79, "a long name uses the line: %zu", n_longest);
	free(text);
}

/* Characters that a coarse table of East Asian ones has wrong: signs of two columns that are older than
 * emoji, and marks of none. 75 columns of a name fit into its line. */
Test(report, counts_columns_as_a_terminal_does, .init = in_utf8)
{
	static const struct {
		const char *character;
		size_t fits, is_cut; /* so many of it */
	} cases[] = {
		{ "x", 75, 79 },
		{ "\xc3\xa9", 75, 79 },                 /* e with an acute */
		{ "\xe6\x97\xa5", 37, 40 },             /* the sun */
		{ "\xe2\x8c\x9a", 37, 40 },             /* a watch */
		{ "\xe2\x9a\xa1", 37, 40 },             /* lightning */
		{ "\xf0\x9f\xab\xa0", 37, 40 },         /* a face that melts */
		{ "\xe3\x80\xbf", 75, 79 },             /* half a space */
		{ "x\xd6\x91", 75, 79 },                /* with an accent of Hebrew */
		{ "x\xef\xb8\x8f", 75, 79 },            /* with a selector that is not shown */
		{ "\xe1\x84\x80\xe1\x85\xa1", 37, 40 }, /* a syllable of two jamo, in two columns */
	};
	size_t i, j, n;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (j = 0; j < 2; j++) {
			char name[600] = "";
			const char *names[] = { name };
			struct report r = { .why = "", .host = "nas", .version = "0.1", .mode = "inotify",
				.n_waiting = 1, .first = names, .n_first = 1 };
			char *text;

			for (n = j == 0 ? cases[i].fits : cases[i].is_cut; n > 0; n--)
				strcat(name, cases[i].character);
			text = report_text(&r);
			cr_expect_eq(strstr(text, name) != NULL, j == 0, "case %zu: %s", i, text);
			free(text);
		}
}

/* ---- words ---- */

Test(report, has_words_for_numbers)
{
	static const struct {
		int64_t seconds;
		const char *words;
	} durations[] = { { 0, "0 s" }, { 99, "99 s" }, { 100, "2 min" }, { 3599, "60 min" },
		{ 3600, "1 h 0 min" }, { 48 * 3600, "2 days" } };
	static const struct {
		uint64_t bytes;
		const char *words;
	} sizes[] = { { 0, "0 bytes" }, { 999, "999 bytes" }, { 1000, "1.0 kB" },
		{ 99949, "99.9 kB" }, { 99950, "100 kB" }, { 999499, "999 kB" }, { 999500, "1.0 MB" },
		{ UINT64_MAX, "18447 PB" } };
	char *words;
	size_t i;

	for (i = 0; i < sizeof(durations) / sizeof(durations[0]); i++) {
		words = report_words_duration(durations[i].seconds);
		cr_assert_str_eq(words, durations[i].words);
		free(words);
	}
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		words = report_words_bytes(sizes[i].bytes);
		cr_assert_str_eq(words, sizes[i].words);
		free(words);
	}
}

/* ---- status.html ---- */

static const char *const void_tags[] = { "meta", "img", "!DOCTYPE" };
static const char *const pair_tags[] = { "html", "head", "title", "style", "body", "main", "header",
	"h1", "h2", "span", "p", "dl", "div", "dt", "dd", "small", "section", "ul", "ol", "li", "bdi",
	"b", "progress", "a", "footer" };

static bool
is_in(const char *const *list, size_t n, const char *tag, size_t length)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strlen(list[i]) == length && strncmp(list[i], tag, length) == 0)
			return true;
	return false;
}

/* Every tag is one of ours, and all are closed in order. Returns how many there are. */
static size_t
check_tags(const char *html)
{
	const char *open[32];
	size_t lengths[32], depth = 0, n = 0, length;
	const char *p = html;

	for (; (p = strchr(p, '<')) != NULL; n++) {
		bool is_end = p[1] == '/';

		p += is_end ? 2 : 1;
		length = strcspn(p, " >\n");
		if (is_end) {
			cr_assert_gt(depth, 0);
			depth--;
			cr_assert(length == lengths[depth] && strncmp(p, open[depth], length) == 0,
			    "</%.*s> closes <%.*s>", (int)length, p, (int)lengths[depth], open[depth]);
		} else if (!is_in(void_tags, 3, p, length)) {
			cr_assert(is_in(pair_tags, sizeof(pair_tags) / sizeof(pair_tags[0]), p, length),
			    "not a tag of ours: %.*s", (int)length, p);
			cr_assert_lt(depth, 32);
			open[depth] = p;
			lengths[depth++] = length;
		}
	}
	cr_assert_eq(depth, 0);
	return n;
}

Test(report, is_a_page_that_no_name_can_break)
{
	struct report r = sample();
	char *html = report_html(&r);

	cr_assert_gt(check_tags(html), 80);
	cr_assert_eq(count(html, "<script"), 0);
	cr_assert_eq(count(html, "&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;"), 7);
	cr_assert_eq(count(html, "\xff"), 0);
	cr_assert_eq(count(html, "http-equiv=\"refresh\" content=\"5\""), 1);
	cr_assert_eq(count(html, "http:"), 0, "nothing from elsewhere");
	cr_assert_eq(count(html, "https:"), 0, "nothing from elsewhere");
	cr_assert_eq(count(html, "style="), 0, "the policy allows no inline style");
	free(html);
}

Test(report, links_pictures_below_the_page)
{
	struct report r = sample();
	char *html = report_html(&r);
	const char *p = html;
	size_t i;

	for (i = 0; i < r.n_recent; i++) {
		char *path;

		p = strstr(p, "<img src=\"");
		cr_assert_not_null(p);
		p += strlen("<img src=\"");
		cr_assert_eq(strncmp(p, "./", 2), 0);
		path = mem_dup_n(p + 2, strcspn(p, "\"") - 2);
		cr_assert_eq(strspn(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		    "0123456789._-/%"), strlen(path));
		char *name = quote_percent_undo(path);

		cr_assert_str_eq(name, recent[i].picture);
		free(name);
		free(path);
	}
	free(html);
}

/* What sha256sum(1) says of TEXT, in base64. */
static void
hash_of(const char *text, char *base64)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char path[] = "/tmp/darkroom-style-XXXXXX";
	char command[80];
	unsigned bytes[33] = { 0 };
	int fd = mkstemp(path);
	FILE *pipe;
	size_t i;

	cr_assert_geq(fd, 0);
	cr_assert_eq(fsio_write_all(fd, text, strlen(text)), 0);
	close(fd);
	snprintf(command, sizeof(command), "sha256sum %s", path);
	pipe = popen(command, "r");
	for (i = 0; i < 32; i++)
		cr_assert_eq(fscanf(pipe, "%2x", &bytes[i]), 1, "sha256sum of coreutils is missing");
	pclose(pipe);
	unlink(path);
	for (i = 0; i < 33; i += 3) {
		unsigned three = bytes[i] << 16 | bytes[i + 1] << 8 | bytes[i + 2];

		*base64++ = digits[three >> 18];
		*base64++ = digits[three >> 12 & 63];
		*base64++ = digits[three >> 6 & 63];
		*base64++ = digits[three & 63];
	}
	strcpy(base64 - 1, "=");
}

Test(report, allows_its_own_style_by_hash)
{
	struct report r = sample();
	char hash[48];
	char *html = report_html(&r);
	char *policy, *sheet = strstr(html, "<style>") + strlen("<style>");

	*strstr(sheet, "</style>") = '\0';
	hash_of(sheet, hash);
	cr_assert_str_eq(report_style_hash, hash, "the sheet changed, its hash is now %s", hash);
	policy = mem_printf("style-src 'sha256-%s'\">", hash);
	cr_assert_eq(count(html, policy), 1);
	free(policy);
	free(html);
}

/* ---- when ---- */

static const char *const names[] = { "STATUS", "status.html", "status.json", "metrics.prom" };

/* Are all four files there? Removes them, so that the next look sees what was written since. */
static bool
take_files(int dir)
{
	size_t i, n = 0;
	struct stat st;

	for (i = 0; i < 4; i++) {
		if (fsio_stat(dir, names[i], &st) != 0)
			continue;
		cr_assert_gt(st.st_size, 0);
		cr_assert_eq(st.st_mode & 0777, 0664);
		cr_assert_eq(fsio_unlink(dir, names[i]), 0);
		n++;
	}
	cr_assert(n == 0 || n == 4);
	return n == 4;
}

static int
fresh_folder(char *path)
{
	cr_assert_not_null(mkdtemp(scratch_path(path, PATH_MAX, "report")));
	umask(0002);
	return open(path, O_RDONLY | O_DIRECTORY);
}

Test(report, is_written_only_when_something_changed)
{
	char path[PATH_MAX];
	int dir = fresh_folder(path);
	struct report r = sample();
	struct report_seen *seen = report_seen_new();

	cr_assert_eq(report_write(dir, &r, seen, 5, false), CLOCK_NEVER);
	cr_assert(take_files(dir), "the first time, at once");
	cr_assert_eq(report_write(dir, &r, seen, 9000, false), CLOCK_NEVER);
	cr_assert_not(take_files(dir), "nothing changed");
	r.now += 5000;
	r.free_bytes += r.free_bytes / 200;
	cr_assert_eq(report_write(dir, &r, seen, 19000, false), CLOCK_NEVER);
	cr_assert_not(take_files(dir), "the clock and half a percent of space are no change");
	r.free_bytes += r.free_bytes / 100;
	cr_assert_eq(report_write(dir, &r, seen, 29000, false), CLOCK_NEVER);
	cr_assert(take_files(dir), "space");
	r.counts.n_done++;
	cr_assert_eq(report_write(dir, &r, seen, 29500, false), 29000 + REPORT_INTERVAL_MS);
	cr_assert_not(take_files(dir), "too early");
	cr_assert_eq(report_write(dir, &r, seen, 31000, false), CLOCK_NEVER);
	cr_assert(take_files(dir), "later");
	tally_observe(&r.counts.drop_to_done_s, 1);
	cr_assert_eq(report_write(dir, &r, seen, 41000, false), CLOCK_NEVER);
	cr_assert(take_files(dir), "a measurement is a change");
	cr_assert_eq(report_write(dir, &r, seen, 41001, true), CLOCK_NEVER);
	cr_assert(take_files(dir), "forced");
	report_seen_free(seen);
}

Test(report, waits_for_a_disk_that_takes_nothing)
{
	char path[PATH_MAX];
	int dir = fresh_folder(path);
	struct report r = sample();
	struct report_seen *seen = report_seen_new();

	cr_assert_eq(fsio_make_dirs(dir, "STATUS/in the way", NULL), 0);
	cr_assert_eq(report_write(dir, &r, seen, 100, false), 100 + REPORT_RETRY_MS);
	cr_assert_eq(fsio_unlink(dir, "status.json"), 0, "the other forms are written");
	cr_assert_eq(report_write(dir, &r, seen, 5000, false), 100 + REPORT_RETRY_MS);
	cr_assert_eq(fsio_remove_tree(dir, "STATUS"), 0);
	cr_assert_eq(report_write(dir, &r, seen, 20000, false), CLOCK_NEVER);
	cr_assert(take_files(dir), "all, though nothing changed");
	cr_assert_eq(rmdir(path), 0, "no half-written file is left");
	report_seen_free(seen);
}
