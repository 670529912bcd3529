#include <config.h>

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "conf/conf.h"
#include "conf_fixture.h"

#define SAMPLES TOP_SRCDIR "/tests/samples"
#define SECOND 1000
#define HOUR (3600 * SECOND)

Test(conf, built_in_defaults)
{
	struct conf *conf = fixture_load_good("");
	const struct profile *profile = &conf->profiles[0];

	cr_assert_str_eq(conf->root, "/var/spool/darkroom");
	cr_assert_eq(conf->watch, CONF_WATCH_AUTO);
	cr_assert_eq(conf->quiet_ms, 500);
	cr_assert_eq(conf->poll_interval_ms, 5 * SECOND);
	cr_assert_eq(conf->prune_after_ms, HOUR);
	cr_assert_eq(conf->keep_done_ms, CONF_FOREVER);
	cr_assert(conf->keep_originals && conf->is_durable && !conf->keep_progress);
	cr_assert(!conf->is_shared && !conf->require_sandbox);
	cr_assert_eq(conf->umask, 0002);
	cr_assert_eq(conf->min_free_bytes, 512u << 20);
	cr_assert_eq(conf->n_workers, 0);
	cr_assert_eq(conf->limits.pixels, 2000000000);
	cr_assert_eq(conf->limit_files_per_folder, 1000000);
	cr_assert_eq(conf->limits.icc_bytes, 4u << 20);
	cr_assert_eq(conf->n_profiles, 1);
	cr_assert_str_eq(profile->name, "default");
	cr_assert_eq(profile->n_renditions, 2);
	cr_assert_str_eq(profile->renditions[0].name, "web");
	cr_assert_eq(profile->renditions[0].width_px, 2048);
	cr_assert_eq(profile->renditions[0].quality, 82);
	cr_assert_eq(profile->renditions[0].background, 0xffffff);
	cr_assert_eq(profile->renditions[0].is_optimized, 1);
	cr_assert_str_eq(profile->renditions[0].file_pattern, "{stem}.{ext}");
	cr_assert_str_eq(profile->renditions[1].name, "thumb");
	cr_assert_eq(profile->renditions[1].height_px, 320);
	cr_assert_eq(profile->renditions[1].quality, 78);
	cr_assert_eq(strlen(profile->digest), 32);
	conf_free(conf);
	conf_free(NULL);
}

/* Each file has exactly one, said in these words. */

static const struct {
	const char *text;
	unsigned line; /* that it is said to be in; 0: the file as a whole */
	const char *says;
} mistake_cases[] = {
	/* the traps of iniparser */
	{ "[rendition web]\nbackground = #ffffff\n", 2, "quotation marks" },
	{ "[rendition web]\nquality = 90 ; nice\n", 2, "quotation marks" },
	{ "[rendition web]\nname = {stem} #1\n", 2, "quotation marks" },
	{ "[spool]\nquiet = 1s\nquiet = 2s\n", 3, "given in line 2 already" },
	{ "[spool]\nquiet = 1s\n[SPOOL]\nQUIET = 2s\n", 4, "given in line 2 already" },
	{ "[rendition web]\nquality=1\n[rendition   Web]\nquality=2\n", 4, "in line 2 already" },
	{ "[spool]\nroot = /srv/a\\\nquiet = 1s\n", 2, "backslash" },
	{ "[spool]\nroot = \"/srv/a\" # b\\\nquiet = 1s\n", 2, "backslash" },
	{ "[spool]\nroot = \"/srv/a\nquiet = 1s\n", 2, "closing quotation mark" },
	{ "[spool]\nroot = \"/srv/a\"b\n", 2, "behind the closing" },
	{ "[spool]\nroot = '/srv/a' b'\n", 2, "behind the closing" },
	{ "[spool]\nquiet\n", 2, "neither" },
	{ "[spool]\nx\n", 2, "neither" },
	{ "[spool]\n= 5\n", 2, "key before the =" },
	{ "quiet = 1s\n[spool]\n", 1, "before the first" },
	{ "[spool\nquiet = 1s\n", 1, "] of this section" },
	{ "[spool] # mine\nquiet = 1s\n", 1, "follow the ]" },
	{ "[spool]\n[]\nquiet = 1s\n", 2, "name of the section is missing" },
	{ "[spool:quiet]\nquiet = 1s\n", 1, "colon" },
	/* what the table knows */
	{ "[spool]\nquite = 1s\n", 2, "did you mean quiet?" },
	{ "[spool]\nquality = 1\n", 2, "no such key in this section" },
	{ "[spol]\nquiet = 1s\n", 1, "did you mean [spool]?" },
	{ "[renditions web]\nquality = 1\n", 1, "did you mean [rendition NAME]?" },
	{ "[zebra]\nx = 1\n", 1, "there are spool, workers" },
	{ "[spool x]\nquiet = 1s\n", 1, "no such section" },
	{ "[rendition]\nquality = 1\n", 1, "a name is missing" },
	{ "[rendition web]\nquality = 300\n", 2, "must be a whole number from 1 to 100" },
	{ "[rendition web]\ndepth = 16\n", 2, "must be a whole number 8, or keep" },
	{ "[spool]\nquiet = 1\n", 2, "must be a time with its unit" },
	{ "[spool]\nwatch = often\n", 2, "must be one of: auto, inotify, poll" },
	{ "[spool]\nprune_after = 0\n", 2, ", or never" },
	{ "[spool]\nroot = photos\n", 2, "begins with /" },
	/* names */
	{ "[rendition a/b]\nquality = 1\n", 1, "must not hold any of" },
	{ "[rendition .hidden]\n", 1, "begin with a dot" },
	{ "[rendition Con.jpg]\n", 1, "device of Windows" },
	{ "[rendition lpt1]\n", 1, "device of Windows" },
	{ "[rendition a.]\n", 1, "end with a dot" },
	{ "[rendition a\x01z]\n", 1, "control characters" },
	{ "[rendition abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl]\n", 1,
	    "too long" },
	{ "[profile Urgent]\n", 1, "reserved" },
	{ "[profile STOP]\n", 1, "reserved" },
	/* what concerns several keys */
	{ "[profile default]\nrenditions = web, big\n", 2, "\"big\" is not defined" },
	{ "[profile default]\nrenditions = web, Web\n", 2, "\"Web\" is there twice" },
	{ "[profile default]\nrenditions = web,,thumb\n", 2, "a name is missing" },
	{ "[profile default]\nrenditions =\n", 2, "names of renditions" },
	{ "[rendition sq]\nsize = 400x\nmode = fill\n", 1, "both sides" },
	/* not in this version */
	{ "[hooks]\non_done = mail 'x\n", 2, "every quotation mark needs a second one" },
	{ "[hooks]\non_done = ./run\n", 2, "must be a program, by its name or by a path" },
	{ "[spool]\nshared = yes\n", 2, "not in this version yet; leave it out, or at no" },
	{ "[spool]\nhours = 22-06\n", 2, "must be times of the day, as in 22:00-06:00" },
	{ "[profile a]\nhours = never\n", 2, "must be times of the day" },
	/* what this machine has to have */
	{ "[spool]\nuser = no-such-user\n", 2, "there is no user of that name on this machine" },
	{ "[spool]\nquiet = 1s\nuser = root\n", 3, "that is root" },
	/* a file that is named */
	{ "[rendition web]\nquality = 9\nwatermark = /nonexistent.png\n", 3,
	    "cannot be read: No such file" },
	{ "[rendition unused]\nwatermark = /\n", 2, "must be a file" },
	{ "[rendition web]\nwatermark = mark.png\n", 2, "must be a path that begins with /" },
	{ "[rendition web]\nwatermark = /dev/null\n", 2, "must be a file" },
	{ "[rendition web]\nwatermark = " SAMPLES "/photo/fire.jpg\n", 2, "must be a PNG" },
	{ "[rendition web]\nwatermark = " SAMPLES "/bad/truncated.png\n", 2, "must be a whole PNG" },
	{ "[rendition web]\nwatermark_scale = 0\n", 2, "from 1 to 100" },
	{ "[hooks]\ntime_limit = 5\n", 2, "must be a time" },
};

Test(conf, each_mistake_has_its_line_and_its_words)
{
	size_t i;
	char *said, *where;

	for (i = 0; i < sizeof(mistake_cases) / sizeof(mistake_cases[0]); i++) {
		cr_assert_null(fixture_load(mistake_cases[i].text, &said), "accepted: %s",
		    mistake_cases[i].text);
		cr_assert_eq(fixture_count_lines(said), 1, "%s%s", mistake_cases[i].text, said);
		where = mem_printf("%s:%u: ", fixture_path, mistake_cases[i].line);
		cr_assert_eq(strncmp(said, where, strlen(where)), 0, "%s%s", mistake_cases[i].text,
		    said);
		cr_assert_not_null(strstr(said, mistake_cases[i].says), "%s%s",
		    mistake_cases[i].text, said);
		free(where);
		free(said);
	}
}

static void
copy_sample(const char *name, const char *path)
{
	char *command = mem_printf("cp '" SAMPLES "/%s' %s", name, path);

	cr_assert_eq(system(command), 0);
	free(command);
}

static struct conf *
load_with_mark(const char *path)
{
	char *override = mem_printf("rendition web.watermark=%s", path), *said;
	struct conf *conf = fixture_load_override(override, &said);

	cr_assert_not_null(conf, "%s", said);
	free(override);
	free(said);
	return conf;
}

/* The conf holds a copy that is part of the digest: what becomes of the file changes nothing, until
 * it is read again. */
Test(conf, holds_the_watermark_as_it_was)
{
	char *path = mem_printf("%s/mark-%ld.png", P_tmpdir, (long)getpid());
	struct conf *conf, *same, *other;
	struct profile *copy;
	uint8_t data[8];

	copy_sample("png/tux.png", path);
	conf = load_with_mark(path);
	same = load_with_mark(path);
	copy_sample("png/srgb8.png", path);
	other = load_with_mark(path);
	cr_expect_str_eq(conf->profiles[0].digest, same->profiles[0].digest);
	cr_expect_str_neq(conf->profiles[0].digest, other->profiles[0].digest);
	cr_assert_eq(unlink(path), 0);
	copy = profile_copy(&conf->profiles[0]);
	conf_free(conf);
	cr_assert_geq(copy->mark_fds[0], 0);
	cr_assert_eq(copy->mark_fds[1], -1);
	cr_expect_eq(fcntl(copy->mark_fds[0], F_GETFD), FD_CLOEXEC);
	cr_assert_eq(pread(copy->mark_fds[0], data, 8, 0), 8);
	cr_expect_eq(memcmp(data + 1, "PNG", 3), 0);
	cr_expect_eq(pwrite(copy->mark_fds[0], data, 8, 0), -1, "nobody can change it");
	profile_free(copy);
	conf_free(same);
	conf_free(other);
	free(path);
}

/* The command needs the folder's name alone. */
Test(conf, opens_nothing_for_somebody_who_only_looks)
{
	char *path = mem_printf("%s/look-%ld.ini", P_tmpdir, (long)getpid());
	FILE *file = fopen(path, "we");
	struct conf *conf;

	cr_assert_not_null(file);
	fputs("[spool]\nroot = /srv/x\n[rendition web]\nwatermark = /nonexistent.png\n", file);
	fclose(file);
	conf = conf_load_unopened(path, stderr);
	cr_assert_not_null(conf);
	cr_expect_str_eq(conf->root, "/srv/x");
	conf_free(conf);
	unlink(path);
	free(path);
}

static const char *const good_cases[] = {
	"\xef\xbb\xbf[spool]\r\nquiet = 1s\r\n", /* Notepad */
	"# C:\\photos\\\n[spool]\nquiet = 1s\n", /* a remark that iniparser would join */
	"; remark = #\n[spool]\n  quiet\t=\t\"1s\"  # so be it\n",
	"[spool]\nquiet = '1s' ; so be it",
	"[spool]\nuser =\n[hooks]\non_done = \"\"\n",
	"[ rendition   web ]\nbackground = \"#ffffff\"\n",
	"[spool]\nroot = \"/srv/a;b#c\\\"\n",
	"[hooks]\ntime_limit = 30000ms\n[spool]\nkeep_done = FOREVER\nhours = always\n",
	"[rendition web]\n\n\n[rendition web]\nquality = 5\n",
};

Test(conf, plain_files_are_good)
{
	size_t i;

	for (i = 0; i < sizeof(good_cases) / sizeof(good_cases[0]); i++)
		conf_free(fixture_load_good(good_cases[i]));
}

/* The bound is iniparser's: 1022 bytes and a newline. A remark may be of any length. */
Test(conf, long_lines)
{
	char *longest = mem_printf("[spool]\nroot = /%01014d\nquiet = 1s\n", 0);
	char *longer = mem_printf("[spool]\nroot = /%01015d\nquiet = 1s\n", 0);
	char *last = mem_printf("[spool]\nroot = /%01014d", 0);
	char *remark = mem_printf("[spool]\n# %05000d\n", 0);
	char *said;

	conf_free(fixture_load_good(longest));
	conf_free(fixture_load_good(last));
	conf_free(fixture_load_good(remark));
	cr_assert_null(fixture_load(longer, &said));
	cr_assert_eq(fixture_count_lines(said), 1);
	cr_assert_not_null(strstr(said, ":2: [spool]: the line is longer than 1022 bytes"));
	free(said);
	free(longest);
	free(longer);
	free(last);
	free(remark);
}

/* iniparser 4.1 takes a backslash in quotation marks as it is, 4.2 as an escape. */
static const struct {
	const char *written, *means;
} backslash_cases[] = {
	{ "/a\\b", "/a\\b" },
	{ "\"/a\\b\"", "/a\\b" },
	{ "'/a\\b'", "/a\\b" },
	{ "\"/a\\\\b\"", "/a\\\\b" },
	{ "\"/a\\\"", "/a\\" },
	{ "'/a\\'", "/a\\" },
	{ "\"/a\\\\\" # \"b\"", "/a\\\\" },
	{ "'/a\"\\;n\\'", "/a\"\\;n\\" },
	{ "\"/'\\''\"", "/'\\''" },
	{ "/a\"\\b\"", "/a\"\\b\"" },
};

Test(conf, a_backslash_is_a_backslash)
{
	size_t i;

	for (i = 0; i < sizeof(backslash_cases) / sizeof(backslash_cases[0]); i++) {
		char *text = mem_printf("[spool]\nroot = %s\nquiet = 1s\n", backslash_cases[i].written);
		struct conf *conf = fixture_load_good(text);

		cr_expect_str_eq(conf->root, backslash_cases[i].means, "%s is %s", text, conf->root);
		cr_expect_eq(conf->quiet_ms, 1000, "%s", text);
		conf_free(conf);
		free(text);
	}
}

/* Good or not with every iniparser alike: doubled they have to fit as well. */
Test(conf, a_line_full_of_backslashes)
{
	char all[600], *text, *said;

	memset(all, '\\', sizeof(all));
	text = mem_printf("[spool]\nroot='/%.507s'\n", all); /* 8 bytes, and twice 507 */
	conf_free(fixture_load_good(text));
	free(text);
	text = mem_printf("[spool]\nroot='/%.508s'\n", all);
	cr_assert_null(fixture_load(text, &said));
	cr_assert_not_null(strstr(said, "counts twice"), "%s", said);
	free(said);
	free(text);
}

Test(conf, other_files)
{
	char *said;

	cr_assert_null(fixture_load_bytes("[\0s\0p\0", 6, NULL, 0, &said));
	cr_assert_not_null(strstr(said, "no plain text"));
	free(said);
}

Test(conf, a_file_that_is_not_there)
{
	char *said = NULL;
	size_t length = 0;
	FILE *out = mem_stream(&said, &length);

	cr_assert_null(conf_load("/nonexistent/darkroom.ini", NULL, NULL, 0, out));
	fclose(out);
	cr_assert_str_eq(said, "/nonexistent/darkroom.ini: the configuration cannot be read: "
	    "No such file or directory\n");
	free(said);
}

Test(conf, all_mistakes_at_once)
{
	const char *overrides[] = { "spool.quiet=soon", "nonsense", "rendition wbe.quality=90",
		"zebra.x=1", "spool.=1" };
	static const char *const expected[] = {
		":1: quiet: stands before", /* in the order of the lines, then of the overrides */
		":3: [spool] quite = 1s: there is no such key",
		":4: [spool] settle: a # or ;",
		":5: [spool] rescan = 2: must be",
		":6: [rend web]: there is no such section",
		":9: [rendition web] quality = 300: must be",
		":11: [profile wedding] renditions = web, big: \"big\" is not defined",
		"-o spool.quiet=soon: must be a time",
		"-o nonsense: must be SECTION.KEY=VALUE",
		"-o zebra.x=1: there is no such section",
		"-o spool.=1: there is no such key",
		"-o rendition wbe: no profile uses",
	};
	const char *text = "quiet = 1s\n[spool]\nquite = 1s\nsettle = 1s # x\nrescan = 2\n"
	    "[rend web]\nquality = 90\n[rendition web]\nquality = 300\n[profile wedding]\n"
	    "renditions = web, big\n";
	char *said, *p;
	size_t i;

	cr_assert_null(fixture_load_bytes(text, strlen(text), overrides, 5, &said));
	for (i = 0, p = said; i < sizeof(expected) / sizeof(expected[0]); i++) {
		p = strstr(p, expected[i]);
		cr_assert_not_null(p, "%s not there, or not in order, in\n%s", expected[i], said);
	}
	cr_assert_eq(fixture_count_lines(said), sizeof(expected) / sizeof(expected[0]), "%s", said);
	free(said);
}

Test(conf, a_mistake_stays_on_its_line)
{
	const char *override = "spool.watch=a\nb\x1b[31m";
	char *said;

	cr_assert_null(fixture_load_override(override, &said));
	cr_assert_eq(fixture_count_lines(said), 1);
	cr_assert_null(strchr(said, '\x1b'));
	free(said);
}

Test(conf, overrides_win_in_order)
{
	const char *overrides[] = { "spool.quiet=1s", "SPOOL.Quiet=3s", "rendition Web.quality=90",
		"rendition v1.5.size=100x100", "profile default.renditions=web, v1.5",
		"rendition v1.5.background=#102030", "rendition v1.5.name={stem}=#;.{ext}" };
	const char *text = "[spool]\nquiet = 2s\n[rendition web]\nquality = 1\n";
	struct conf *conf;
	char *said;

	conf = fixture_load_bytes(text, strlen(text), overrides, 7, &said);
	cr_assert_not_null(conf, "%s", said);
	cr_assert_eq(conf->quiet_ms, 3 * SECOND);
	cr_assert_eq(conf->profiles[0].renditions[0].quality, 90);
	cr_assert_str_eq(conf->profiles[0].renditions[1].name, "v1.5");
	cr_assert_eq(conf->profiles[0].renditions[1].background, 0x102030);
	cr_assert_str_eq(conf->profiles[0].renditions[1].file_pattern, "{stem}=#;.{ext}");
	conf_free(conf);
	free(said);
}

Test(conf, root_of_the_command_line_may_be_relative)
{
	char *said = NULL;
	size_t length = 0;
	FILE *out = mem_stream(&said, &length);
	struct conf *conf;

	cr_assert_eq(chdir("/tmp"), 0);
	conf = conf_load("/dev/null", "./spool", NULL, 0, out);
	cr_assert_not_null(conf);
	cr_assert_str_eq(conf->root, "/tmp/spool");
	conf_free(conf);
	conf = conf_load("/dev/null", ".", NULL, 0, out);
	cr_assert_str_eq(conf->root, "/tmp");
	conf_free(conf);
	cr_assert_null(conf_load("/dev/null", "", NULL, 0, out));
	fclose(out);
	free(said);
}

Test(conf, renditions_start_from_the_built_in_ones)
{
	struct conf *conf = fixture_load_good("[rendition Thumb]\nmode = fill\n[rendition big]\n"
	    "[profile Wedding]\nrenditions = thumb, BIG\n");
	const struct profile *wedding = conf_profile(conf, "wedding", 7);

	cr_assert_str_eq(wedding->name, "Wedding");
	cr_assert_str_eq(wedding->renditions[0].name, "Thumb"); /* as the file spells it */
	cr_assert_eq(wedding->renditions[0].width_px, 320);
	cr_assert_eq(wedding->renditions[0].quality, 78);
	cr_assert_eq(wedding->renditions[0].mode, RENDITION_FILL);
	cr_assert_str_eq(wedding->renditions[1].name, "big");
	cr_assert_eq(wedding->renditions[1].width_px, 0);
	cr_assert_eq(wedding->renditions[1].quality, 82);
	conf_free(conf);
}

Test(conf, profile_of_a_folder)
{
	struct conf *conf = fixture_load_good("[profile Wedding]\n[profile DEFAULT]\nrenditions = web\n");

	cr_assert_eq(conf->n_profiles, 2);
	cr_assert_str_eq(conf_profile(conf, "WEDDING/x.jpg", 7)->name, "Wedding");
	cr_assert_str_eq(conf_profile(conf, "Wedding", 6)->name, "default");
	cr_assert_str_eq(conf_profile(conf, "weddings", 8)->name, "default");
	cr_assert_str_eq(conf_profile(conf, "x", 0)->name, "default");
	cr_assert_eq(conf_profile(conf, "default", 7), &conf->profiles[0]);
	cr_assert_eq(conf->profiles[0].n_renditions, 1);
	cr_assert_eq(conf->profiles[1].n_renditions, 2);
	conf_free(conf);
}

Test(conf, sixteen_renditions_and_no_more)
{
	char *text = NULL, *said;
	size_t length = 0;
	FILE *out;
	int i, n;

	for (n = RENDITION_MAX; n <= RENDITION_MAX + 1; n++) {
		out = mem_stream(&text, &length);
		for (i = 0; i < n; i++)
			fprintf(out, "[rendition r%d]\n", i);
		fputs("[profile default]\nrenditions = r0", out);
		for (i = 1; i < n; i++)
			fprintf(out, ",r%d", i);
		fclose(out);
		conf_free(fixture_load(text, &said));
		if (n == RENDITION_MAX)
			cr_assert_str_eq(said, "");
		else
			cr_assert_not_null(strstr(said, "\"r16\" is one too many"), "%s", said);
		free(said);
		free(text);
	}
}
