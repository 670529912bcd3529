#include <config.h>

#include <criterion/criterion.h>

#include "plan_fixture.h"
#include "spool/mark.h"

static bool
marks_are_kept(struct spool *spool)
{
	int fd = fsio_open(spool->root_fd, "STATUS", O_RDWR | O_CREAT, 0644);
	bool are_kept = mark_ask(fd, true) == 0;

	close(fd);
	return are_kept;
}

/* TEXT at PATH, as if it had been made for REL. */
static void
put_made(int dir, const char *path, const char *text, const char *rel)
{
	struct stat st;
	int fd;

	fixture_write(dir, path, text);
	fd = fsio_open(dir, path, O_RDONLY, 0);
	cr_assert_eq(fstat(fd, &st), 0);
	mark_made(fd, rel, &st.st_mtim);
	close(fd);
}

/* A spool in which x.jpg was developed before. */
static struct spool *
with_an_old_one(void)
{
	struct spool *spool = fixture_spool();

	if (!marks_are_kept(spool))
		cr_skip_test("no extended attributes in /tmp");
	put_made(spool->done_fd, "x.jpg", "old original", "x.jpg");
	put_made(spool->out_fd, "web/x.jpg", "old web", "x.jpg");
	put_made(spool->out_fd, "thumb/x.jpg", "old thumb", "x.jpg");
	return spool;
}

static struct plan *
replacing(struct spool *spool, const char *rel, uint64_t ino)
{
	char owner[MARK_OWNER_SIZE];
	const struct plan_order order = { .rel = rel, .ino = ino, .top = "out/",
		.results = results, .n_results = 2, .keeps_original = true, .replaces = owner };

	mark_owner(rel, owner);
	return plan_make_done(spool, &order);
}

Test(replace, takes_the_place_of_what_it_made_itself)
{
	int cut;

	for (cut = 0; cut < CUT_N; cut++) {
		struct spool *spool = with_an_old_one();
		uint64_t ino;
		struct jobdir dir = developed(spool, "x.jpg", &ino);
		struct plan *plan = replacing(spool, "x.jpg", ino);

		cr_expect_null(plan->taken);
		cr_assert_eq(plan_write(spool, &dir, plan, NULL), 0);
		cr_assert_eq(plan_seal(&dir, plan, NULL), 0);
		plan_free(plan);
		if (cut != CUT_LINKED_RESULT && cut != CUT_LINKED_ORIGINAL) /* there is no link here */
			cut_at(spool, &dir, (enum cut)cut);
		cr_assert_eq(plan_read(&dir, &plan), 0);
		cr_assert_eq(execute(spool, &dir, "x.jpg", plan), 0, "cut %d", cut);
		expect_filed(spool, "x.jpg", "web/x.jpg", "thumb/x.jpg");
		cr_expect_not(fixture_is(spool->processing_fd, "x.jpg"), "cut %d", cut);
		cr_expect_not(fixture_is(spool->out_fd, "web/x-2.jpg"), "cut %d", cut);
		cr_expect_not(fixture_is(spool->done_fd, "x-2.jpg"), "cut %d", cut);
		plan_free(plan);
	}
}

/* What makes the old web/x.jpg one that is not proved to be ours. */
static void
touch_it(struct spool *spool)
{
	const struct timespec times[2] = { { .tv_sec = 1000000000 }, { .tv_sec = 1000000000 } };

	cr_assert_eq(utimensat(spool->out_fd, "web/x.jpg", times, 0), 0);
}

static void
unmark_it(struct spool *spool)
{
	fixture_write(spool->out_fd, "web/x.jpg", "old web");
}

static void
make_it_another_ones(struct spool *spool)
{
	put_made(spool->out_fd, "web/x.jpg", "old web", "X.jpg");
}

static void
spell_it_otherwise(struct spool *spool)
{
	cr_assert_eq(renameat(spool->out_fd, "web/x.jpg", spool->out_fd, "web/X.JPG"), 0);
}

static void
link_to_it(struct spool *spool)
{
	cr_assert_eq(renameat(spool->out_fd, "web/x.jpg", spool->out_fd, "web/other"), 0);
	cr_assert_eq(symlinkat("other", spool->out_fd, "web/x.jpg"), 0);
}

static void (*const doubts[])(struct spool *) = { touch_it, unmark_it, make_it_another_ones,
	spell_it_otherwise, link_to_it };

Test(replace, leaves_what_is_not_proved_to_be_its_own)
{
	size_t i;

	for (i = 0; i < sizeof(doubts) / sizeof(doubts[0]); i++) {
		struct spool *spool = with_an_old_one();
		uint64_t ino;
		struct jobdir dir = developed(spool, "x.jpg", &ino);
		struct plan *plan;

		doubts[i](spool);
		plan = replacing(spool, "x.jpg", ino);
		cr_expect_str_eq(plan->taken, "out/web/x.jpg", "doubt %zu", i);
		cr_assert_eq(plan_write(spool, &dir, plan, NULL), 0);
		cr_assert_eq(plan_seal(&dir, plan, NULL), 0);
		cr_assert_eq(execute(spool, &dir, "x.jpg", plan), 0);
		expect_filed(spool, "x-2.jpg", "web/x-2.jpg", "thumb/x-2.jpg");
		cr_expect(fixture_has(spool->done_fd, "x.jpg", "old original"), "doubt %zu", i);
		cr_expect(fixture_has(spool->out_fd, "thumb/x.jpg", "old thumb"), "doubt %zu", i);
		plan_free(plan);
	}
}

Test(replace, looks_again_before_it_does)
{
	struct spool *spool = with_an_old_one();
	uint64_t ino;
	struct jobdir dir = developed(spool, "x.jpg", &ino);
	struct plan *plan = replacing(spool, "x.jpg", ino);

	cr_assert_eq(plan_write(spool, &dir, plan, NULL), 0);
	cr_assert_eq(plan_seal(&dir, plan, NULL), 0);
	touch_it(spool);
	cr_assert_eq(execute(spool, &dir, "x.jpg", plan), 0);
	cr_expect(fixture_has(spool->out_fd, "web/x.jpg", "old web"));
	expect_filed(spool, "x.jpg", "web/x-2.jpg", "thumb/x.jpg");
	plan_free(plan);
}

Test(replace, leaves_its_other_photographs_of_that_name)
{
	struct spool *spool = with_an_old_one();
	uint64_t ino;
	struct jobdir dir = developed(spool, "x.jpg", &ino);
	struct plan *plan;

	put_made(spool->done_fd, "x-2.jpg", "its second", "x.jpg");
	unmark_it(spool);
	plan = replacing(spool, "x.jpg", ino);
	cr_assert_eq(plan_write(spool, &dir, plan, NULL), 0);
	cr_assert_eq(plan_seal(&dir, plan, NULL), 0);
	cr_assert_eq(execute(spool, &dir, "x.jpg", plan), 0);
	expect_filed(spool, "x-3.jpg", "web/x-3.jpg", "thumb/x-3.jpg");
	cr_expect(fixture_has(spool->done_fd, "x-2.jpg", "its second"));
	plan_free(plan);
}

Test(replace, is_asked_for_by_the_original_itself)
{
	struct spool *spool = with_an_old_one();
	char owner[MARK_OWNER_SIZE], wanted[MARK_OWNER_SIZE];
	int fd = fsio_open(spool->done_fd, "x.jpg", O_RDONLY, 0);

	cr_expect_not(mark_asks(spool->done_fd, "x.jpg", "y.jpg", owner));
	cr_assert_eq(mark_ask(fd, true), 0);
	cr_expect(mark_asks(spool->done_fd, "x.jpg", "y.jpg", owner));
	mark_owner("x.jpg", wanted);
	cr_expect_str_eq(owner, wanted, "not the name under which it was filed");
	mark_filed(fd, "y.jpg", time(NULL));
	cr_expect_not(mark_asks(spool->done_fd, "x.jpg", "y.jpg", owner), "settled");
	mark_owner("y.jpg", wanted);
	cr_expect(mark_is_of(spool->done_fd, "x.jpg", wanted));
	close(fd);
}
