#include <config.h>

#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/words.h"
#include "conf_fixture.h"
#include "master/hook.h"

/* ---- words ------------------------------------------------------------------------------- */

static const struct {
	const char *text;
	const char *words; /* each with | behind it; NULL: it is refused */
} word_cases[] = {
	{ "", "" }, { "  \t ", "" }, { "a", "a|" }, { "  a  bc\td ", "a|bc|d|" },
	{ "mail -s 'it failed' me@x.org", "mail|-s|it failed|me@x.org|" },
	{ "a \"b 'c' d\" e", "a|b 'c' d|e|" }, { "a'b'\"c\"d", "abcd|" },
	{ "a '' \"\" b", "a|||b|" }, { "'a\\b' \"a\\b\"", "a\\b|a\\b|" },
	{ "\"a\\\"b\\\\c\"", "a\"b\\c|" }, { "a\\ b \\'c \\\\d", "a b|'c|\\d|" },
	{ "echo $HOME * ~ `id` $(id) > x; y & | z", "echo|$HOME|*|~|`id`|$(id)|>|x;|y|&|||z|" },
	{ "'a", NULL }, { "\"a", NULL }, { "\"a\\\"", NULL }, { "a\\", NULL }, { "a 'b\\'", "a|b\\|" },
	{ "'", NULL }, { "\"\\", NULL },
};

Test(words, quoting_of_a_shell_and_no_more)
{
	const char *why;
	size_t i;

	for (i = 0; i < sizeof(word_cases) / sizeof(word_cases[0]); i++) {
		char **words = words_split(word_cases[i].text, &why), *joined = NULL, **p;
		size_t length = 0;
		FILE *out;

		cr_assert_eq(words == NULL, word_cases[i].words == NULL, "%s", word_cases[i].text);
		cr_assert_eq(words == NULL, why != NULL, "%s", word_cases[i].text);
		if (words == NULL)
			continue;
		out = mem_stream(&joined, &length);
		for (p = words; *p != NULL; p++)
			fprintf(out, "%s|", *p);
		fclose(out);
		cr_assert_str_eq(joined, word_cases[i].words, "%s", word_cases[i].text);
		free(joined);
		free(words);
	}
}

Test(words, a_hundred_and_no_more)
{
	char text[2 * (WORDS_MAX + 1) + 1] = "";
	char **words;
	int i;

	for (i = 0; i < WORDS_MAX; i++)
		strcat(text, "a ");
	words = words_split(text, NULL);
	cr_assert_not_null(words);
	cr_expect_null(words[WORDS_MAX]);
	free(words);
	strcat(text, "a");
	cr_expect_null(words_split(text, NULL));
}

/* ---- hooks ------------------------------------------------------------------------------- */

/* Turn until nothing runs and nothing waits. */
static void
run_out(struct hook *hook)
{
	struct pollfd fds[COMMAND_N_FDS];
	int64_t end_ms = clock_ms() + 60000;

	while (hook_turn(hook, clock_ms()), hook_is_busy(hook)) {
		cr_assert_lt(clock_ms(), end_ms, "it hangs");
		poll(fds, (nfds_t)hook_fds(hook, fds), 1000);
	}
}

static char *
read_file(const char *path)
{
	char *text = NULL;
	size_t length = 0;
	FILE *in = fopen(path, "r"), *out = mem_stream(&text, &length);
	int c;

	while (in != NULL && (c = getc(in)) != EOF)
		putc(c, out);
	if (in != NULL)
		fclose(in);
	fclose(out);
	return text;
}

static struct conf *
load(const char *key, const char *command)
{
	char *text = mem_printf("[hooks]\n%s = %s\n", key, command);
	struct conf *conf = fixture_load_good(text);

	free(text);
	return conf;
}

static void
tell_failed(struct hook *hook, int i)
{
	char error[] = "error.txt", to[] = "failed/a.jpg.error.txt", original[] = "failed/a.jpg";
	struct plan_move move = { .from = error, .to = to };
	struct plan plan = { .verdict = PLAN_FAILED, .original_to = original, .moves = &move,
		.n_moves = 1 };
	char *rel = mem_printf("%d.jpg", i);

	hook_tell_job(hook, &(struct hook_job){ .rel = rel, .profile = "default", .plan = &plan,
	    .code = "corrupt", .reason = "The file is damaged." });
	free(rel);
}

/* 3,000 failures while the first command runs: one thousand are told, in order, the rest is counted
 * once. */
Test(hook, a_flood_is_bounded, .timeout = 120)
{
	char path[] = "/tmp/darkroom-hook-XXXXXX";
	int fd = mkstemp(path), i, told = 0, skipped = 0, last = -1, n, s;
	char *command = mem_printf("/bin/sh -c 'echo ${DARKROOM_FILE%%.jpg} $DARKROOM_SKIPPED >> %s'",
	    path);
	struct conf *conf = load("on_failed", command);
	struct hook *hook = hook_new("/spool", conf, false);
	char *text, *line, *rest;

	log_open(-1);
	for (i = 0; i < 3; i++)
		tell_failed(hook, i);
	hook_turn(hook, clock_ms());
	for (; i < 3000; i++)
		tell_failed(hook, i);
	run_out(hook);
	rest = text = read_file(path);
	while ((line = strsep(&rest, "\n")) != NULL && sscanf(line, "%d %d", &n, &s) == 2) {
		cr_assert_gt(n, last, "in order");
		last = n;
		told++;
		skipped += s;
	}
	cr_expect_eq(told, HOOK_BACKLOG + 1);
	cr_expect_eq(told + skipped, 3000);
	free(text);
	free(command);
	hook_free(hook);
	conf_free(conf);
	close(fd);
	unlink(path);
}

Test(hook, nobody_is_told_without_a_command)
{
	struct conf *conf = fixture_load_good("");
	struct hook *hook = hook_new("/spool", conf, false);

	log_open(-1);
	tell_failed(hook, 1);
	hook_see_blocked(hook, "the disk is full", 1000);
	hook_see_load(hook, &(struct hook_load){ .is_idle = true, .n_done = 1 }, 1000);
	cr_expect_not(hook_is_busy(hook));
	cr_expect_eq(hook_due(hook), CLOCK_NEVER);
	hook_free(hook);
	conf_free(conf);
}

Test(hook, idle_after_work_and_a_rest)
{
	struct conf *conf = load("on_idle", "true");
	struct hook *hook = hook_new("/spool", conf, false);
	struct hook_load load = { .is_idle = true };

	log_open(-1);
	hook_see_load(hook, &load, 1000);
	cr_expect_eq(hook_due(hook), CLOCK_NEVER, "nothing was done");
	load.n_done = 2;
	hook_see_load(hook, &load, 2000);
	cr_expect_eq(hook_due(hook), 2000 + HOOK_IDLE_REST_MS);
	load.is_idle = false;
	hook_see_load(hook, &load, 3000);
	cr_expect_eq(hook_due(hook), CLOCK_NEVER, "more came");
	load.is_idle = true;
	hook_see_load(hook, &load, 4000);
	hook_see_load(hook, &load, 4000 + HOOK_IDLE_REST_MS - 1);
	cr_expect_not(hook_is_busy(hook));
	hook_see_load(hook, &load, 4000 + HOOK_IDLE_REST_MS);
	cr_expect(hook_is_busy(hook));
	run_out(hook);
	hook_see_load(hook, &load, 100000);
	cr_expect_not(hook_is_busy(hook), "told once");
	hook_free(hook);
	conf_free(conf);
}

Test(hook, blocked_when_it_begins)
{
	struct conf *conf = load("on_blocked", "true");
	struct hook *hook = hook_new("/spool", conf, false);

	log_open(-1);
	hook_see_blocked(hook, "full", 1000);
	cr_expect(hook_is_busy(hook));
	run_out(hook);
	hook_see_blocked(hook, "full", 2000);
	hook_see_blocked(hook, "read-only", 2500);
	cr_expect_not(hook_is_busy(hook), "it is still blocked");
	hook_see_blocked(hook, NULL, 3000);
	hook_see_blocked(hook, "full", 4000);
	cr_expect_not(hook_is_busy(hook), "for the same reason, soon again");
	hook_see_blocked(hook, NULL, 5000);
	hook_see_blocked(hook, "read-only", 6000);
	cr_expect(hook_is_busy(hook), "another reason");
	run_out(hook);
	hook_see_blocked(hook, NULL, 7000);
	hook_see_blocked(hook, "read-only", 6000 + HOOK_SAME_REASON_MS);
	cr_expect(hook_is_busy(hook), "the same, much later");
	run_out(hook);
	hook_free(hook);
	conf_free(conf);
}

Test(hook, a_command_that_is_not_there)
{
	struct conf *conf = fixture_load_good("[hooks]\non_done = /nonexistent/x\non_idle = true\n"
	    "on_failed = no-such-program-here a b\non_blocked = /tmp\n");
	char *said = NULL;
	size_t length = 0;
	FILE *out = mem_stream(&said, &length);

	cr_expect_eq(hook_check(conf, out), 3);
	fclose(out);
	cr_expect_not_null(strstr(said, "hooks.on_done: the command /nonexistent/x cannot be run: No such"),
	    "%s", said);
	cr_expect_not_null(strstr(said, "hooks.on_failed"), "%s", said);
	cr_expect_not_null(strstr(said, "hooks.on_blocked"), "%s", said);
	free(said);
	conf_free(conf);
}
