#include <config.h>

#include <errno.h>
#include <sys/xattr.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "conf_fixture.h"
#include "master/purge.h"
#include "spool/mark.h"
#include "spool_fixture.h"

#define DAY_MS (INT64_C(86400) * 1000)
#define NOW 1800000000 /* 2027-01-15 */

static const struct {
	time_t filed;
	int64_t keep_ms;
	bool is_old;
} age_cases[] = {
	{ NOW - 30 * 86400, 30 * DAY_MS, true }, { NOW - 30 * 86400 + 1, 30 * DAY_MS, false },
	{ NOW, 60000, false }, { NOW - 60, 60000, true }, { NOW - 59, 60000, false },
	{ NOW + 86400, 60000, false },              /* the clock was set back since */
	{ 1, 30 * DAY_MS, false },                  /* it was wrong when it was filed */
	{ PURGE_EARLIEST - 1, 30 * DAY_MS, false }, { PURGE_EARLIEST, 30 * DAY_MS, true },
	{ NOW - 30 * 86400, CONF_FOREVER, false },
};

Test(purge, age)
{
	size_t i;

	for (i = 0; i < sizeof(age_cases) / sizeof(age_cases[0]); i++)
		cr_expect_eq(purge_is_old(age_cases[i].filed, NOW, age_cases[i].keep_ms),
		    age_cases[i].is_old, "%zu", i);
}

/* -1 and a message: this file system has no extended attributes. */
static int
mark(int dir, const char *path, time_t when)
{
	int fd = openat(dir, path, O_RDONLY);
	struct stat st;
	time_t there;
	int result;

	mark_filed(fd, "a.jpg", when);
	cr_assert_eq(fstat(fd, &st), 0);
	result = mark_when_filed(fd, &st, &there);
	if (result != 0)
		cr_log_warn("no extended attributes in /tmp: nothing to test");
	close(fd);
	return result;
}

static int
look(int dir, const char *path, time_t *when)
{
	int fd = openat(dir, path, O_RDONLY), result;
	struct stat st;

	cr_assert_eq(fstat(fd, &st), 0);
	result = mark_when_filed(fd, &st, when);
	close(fd);
	return result;
}

Test(filed, the_mark_is_of_one_picture)
{
	struct spool *spool = fixture_spool();
	const struct timespec touched[2] = { { .tv_sec = 5 }, { .tv_sec = 5 } };
	time_t when = 0;
	int fd;

	fixture_write(spool->done_fd, "a", "one");
	cr_expect_eq(look(spool->done_fd, "a", &when), -1);
	if (errno == ENOTSUP || mark(spool->done_fd, "a", NOW) != 0)
		return;
	cr_expect_eq(look(spool->done_fd, "a", &when), 0);
	cr_expect_eq(when, NOW);
	cr_assert_eq(renameat(spool->done_fd, "a", spool->failed_fd, "b"), 0);
	cr_expect_eq(look(spool->failed_fd, "b", &when), 0, "moved");
	cr_assert_eq(utimensat(spool->failed_fd, "b", touched, 0), 0);
	cr_expect_eq(look(spool->failed_fd, "b", &when), -1, "its time is another one");
	mark(spool->failed_fd, "b", NOW);
	fd = openat(spool->failed_fd, "b", O_WRONLY | O_APPEND);
	cr_assert_eq(write(fd, "x", 1), 1);
	cr_assert_eq(futimens(fd, touched), 0);
	close(fd);
	cr_expect_eq(look(spool->failed_fd, "b", &when), -1, "it grew");
	cr_expect_eq(errno, ENODATA);
	spool_close(spool);
}

static const char *const odd_marks[] = { "", "1", "x", "1800000000", "1800000000 3", "1800000000 3 0 " };

Test(filed, other_marks_say_nothing)
{
	struct spool *spool = fixture_spool();
	time_t when;
	size_t i;
	int fd;

	fixture_write(spool->done_fd, "a", "one");
	fd = openat(spool->done_fd, "a", O_RDONLY);
	for (i = 0; i < sizeof(odd_marks) / sizeof(odd_marks[0]); i++) {
		if (fsetxattr(fd, "user.darkroom.filed", odd_marks[i], strlen(odd_marks[i]), 0) != 0)
			break;
		cr_expect_eq(look(spool->done_fd, "a", &when), -1, "%s", odd_marks[i]);
	}
	close(fd);
	spool_close(spool);
}

/* Turn until the walk is over. */
static void
walk(struct spool *spool, const char *text)
{
	struct conf *conf = fixture_load_good(text);
	struct purge *purge = purge_new(spool, conf, true);
	int64_t end_ms = clock_ms() + 60000;

	log_open(-1);
	while (purge_is_busy(purge)) {
		cr_assert_lt(clock_ms(), end_ms);
		purge_turn(purge, clock_ms());
	}
	purge_free(purge);
	conf_free(conf);
}

Test(purge, takes_what_is_ours_and_old_and_nothing_else)
{
	struct spool *spool = fixture_spool();
	const time_t old = time(NULL) - 2 * 86400;
	char link_target[4096];

	fixture_write(spool->done_fd, "trip/day 1/old", "1");
	fixture_write(spool->done_fd, "trip/old", "1");
	fixture_write(spool->done_fd, "trip/old.progress", "state: done");
	fixture_write(spool->done_fd, "stays/old", "1");
	fixture_write(spool->done_fd, "stays/somebody's", "1");
	fixture_write(spool->done_fd, "young", "1");
	fixture_write(spool->root_fd, "outside", "1");
	cr_assert_eq(mkdirat(spool->done_fd, "empty", 0777), 0);
	snprintf(link_target, sizeof(link_target), "%s/outside", spool->root);
	cr_assert_eq(symlinkat(link_target, spool->done_fd, "link"), 0);
	cr_assert_eq(symlinkat(spool->root, spool->done_fd, "link to a folder"), 0);
	fixture_write(spool->failed_fd, "old", "1");
	fixture_write(spool->failed_fd, "old.error.txt", "why");
	if (mark(spool->done_fd, "trip/day 1/old", old) != 0)
		return;
	mark(spool->done_fd, "trip/old", old);
	mark(spool->done_fd, "stays/old", old);
	mark(spool->done_fd, "young", time(NULL));
	mark(spool->root_fd, "outside", old);
	mark(spool->failed_fd, "old", old);
	walk(spool, "");
	walk(spool, "[spool]\nkeep_done = 3d\n");
	cr_expect(fixture_is(spool->done_fd, "trip/old"), "two days are no three");
	walk(spool, "[spool]\nkeep_done = 1d\n");
	cr_expect_not(fixture_is(spool->done_fd, "trip"), "with its folders and its sidecar");
	cr_expect_not(fixture_is(spool->done_fd, "stays/old"));
	cr_expect(fixture_is(spool->done_fd, "stays/somebody's"));
	cr_expect(fixture_is(spool->done_fd, "young"));
	cr_expect(fixture_is(spool->done_fd, "empty"), "not emptied by us");
	cr_expect(fixture_is(spool->done_fd, "link"));
	cr_expect(fixture_is(spool->root_fd, "outside"));
	cr_expect(fixture_is(spool->failed_fd, "old"), "keep_failed is forever");
	walk(spool, "[spool]\nkeep_failed = 1d\n");
	cr_expect_not(fixture_is(spool->failed_fd, "old"));
	cr_expect_not(fixture_is(spool->failed_fd, "old.error.txt"));
	spool_close(spool);
}

/* More than one step can do: it goes on from where it was. */
Test(purge, a_thousand, .timeout = 120)
{
	struct spool *spool = fixture_spool();
	char path[64];
	int i;

	for (i = 0; i < 1000; i++) {
		snprintf(path, sizeof(path), "%d/%d", i % 10, i);
		fixture_write(spool->done_fd, path, "1");
		if (mark(spool->done_fd, path, time(NULL) - 86400) != 0)
			return;
	}
	walk(spool, "[spool]\nkeep_done = 1h\n");
	for (i = 0; i < 10; i++) {
		snprintf(path, sizeof(path), "%d", i);
		cr_expect_not(fixture_is(spool->done_fd, path), "%s", path);
	}
	spool_close(spool);
}

Test(purge, without_ages_there_is_no_walk)
{
	struct spool *spool = fixture_spool();
	struct conf *conf = fixture_load_good("");
	struct purge *purge = purge_new(spool, conf, false);

	cr_expect_eq(purge_due(purge), CLOCK_NEVER);
	cr_expect_not(purge_is_busy(purge));
	purge_free(purge);
	conf_free(conf);
	spool_close(spool);
}
