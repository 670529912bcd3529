#include <config.h>

#include <errno.h>

#include "base/mem.h"
#include "spool/mark.h"
#include "spool/plan.h"
#include "spool_fixture.h"

static const struct plan_result results[] = {
	{ "0", "out/web", "{stem}.{ext}", "jpg" },
	{ "1", "out/thumb", "{stem}.{ext}", "jpg" },
};

/* A job that is developed: original in processing/, two results in its folder. */
static struct jobdir
developed(struct spool *spool, const char *rel, uint64_t *ino)
{
	struct job_record record = { .rel = mem_dup(rel), .digest = "d" };
	struct jobdir dir;
	struct stat st;

	fixture_write(spool->processing_fd, rel, "original");
	cr_assert_eq(fsio_stat(spool->processing_fd, rel, &st), 0);
	record.source = spool_id_of(&st);
	*ino = st.st_ino;
	cr_assert_eq(jobdir_make(spool, &record, &dir), 0);
	fixture_write(dir.fd, "0", "web");
	fixture_write(dir.fd, "1", "thumb");
	job_record_clear(&record);
	return dir;
}

/* Both steps, with what each of them needs flushed in between. */
static int
execute(struct spool *spool, const struct jobdir *dir, const char *rel, struct plan *plan)
{
	struct synclist sync = { 0 };

	if (plan_publish(spool, dir, plan, &sync) != 0 || synclist_run(&sync) != 0)
		return -1;
	if (plan_file(spool, dir, rel, plan, &sync) != 0 || synclist_run(&sync) != 0)
		return -1;
	return 0;
}

static struct plan *
plan_of(struct spool *spool, const char *rel, uint64_t ino, bool keeps_original)
{
	const struct plan_order order = { .rel = rel, .ino = ino, .results = results, .n_results = 2,
		.keeps_original = keeps_original };

	return plan_make_done(spool, &order);
}

static void
expect_filed(struct spool *spool, const char *original, const char *web, const char *thumb)
{
	cr_expect(fixture_has(spool->done_fd, original, "original"));
	cr_expect(fixture_has(spool->out_fd, web, "web"));
	cr_expect(fixture_has(spool->out_fd, thumb, "thumb"));
}

Test(plan, publishes_and_files)
{
	struct spool *spool = fixture_spool();
	uint64_t ino;
	struct jobdir dir = developed(spool, "a/x.jpg", &ino);
	struct plan *plan = plan_of(spool, "a/x.jpg", ino, true);

	cr_assert_eq(plan_write(spool, &dir, plan, NULL), 0);
	cr_assert_eq(plan_seal(&dir, plan, NULL), 0);
	cr_assert_eq(plan_seal(&dir, plan, NULL), 0, "again, when what comes after it failed");
	cr_assert_eq(execute(spool, &dir, "a/x.jpg", plan), 0);
	expect_filed(spool, "a/x.jpg", "web/a/x.jpg", "thumb/a/x.jpg");
	cr_expect_not(fixture_is(spool->processing_fd, "a/x.jpg"));
	cr_assert_eq(jobdir_trash(spool, &dir), 0);
	cr_expect_eq(jobdir_find(spool, "a/x.jpg", &dir, NULL), -1);
	plan_free(plan);
}

Test(plan, gives_all_one_free_stem)
{
	struct spool *spool = fixture_spool();
	uint64_t ino;
	struct jobdir dir = developed(spool, "x.jpg", &ino);
	struct plan *plan;

	fixture_write(spool->out_fd, "thumb/X.JPG", "somebody's");
	fixture_write(spool->done_fd, "x-2.jpg", "somebody's");
	plan = plan_of(spool, "x.jpg", ino, true);
	cr_assert_eq(plan_write(spool, &dir, plan, NULL), 0);
	cr_assert_eq(plan_seal(&dir, plan, NULL), 0);
	cr_assert_eq(execute(spool, &dir, "x.jpg", plan), 0);
	expect_filed(spool, "x-3.jpg", "web/x-3.jpg", "thumb/x-3.jpg");
	cr_expect(fixture_has(spool->out_fd, "thumb/X.JPG", "somebody's"));
	plan_free(plan);
}

Test(plan, names_of_another_plan_are_taken)
{
	struct spool *spool = fixture_spool();
	uint64_t ino, other_ino;
	struct jobdir dir = developed(spool, "x.jpg", &ino), other = developed(spool, "X.JPG", &other_ino);
	struct plan *plan = plan_of(spool, "x.jpg", ino, true), *second, *read;

	second = plan_of(spool, "X.JPG", other_ino, true);
	cr_expect_str_eq(second->original_to, "done/X-2.JPG");
	plan_free(second);
	second = plan_of(spool, "X.JPG", other_ino, true);
	cr_expect_str_eq(second->original_to, "done/X-2.JPG", "it was not let go of");
	plan_free(second);
	cr_assert_eq(plan_write(spool, &dir, plan, NULL), 0);
	cr_assert_eq(plan_seal(&dir, plan, NULL), 0);
	plan_free(plan);
	cr_assert_eq(plan_read(&dir, &read), 0);
	plan_reserve(spool, read);
	second = plan_of(spool, "X.JPG", other_ino, true);
	cr_expect_str_eq(second->original_to, "done/X-2.JPG", "after a restart");
	plan_free(second);
	plan_free(read);
	second = plan_of(spool, "X.JPG", other_ino, true);
	cr_expect_str_eq(second->original_to, "done/X.JPG");
	plan_free(second);
	jobdir_close(&dir);
	jobdir_close(&other);
}

Test(plan, names_that_were_taken_meanwhile_are_left_alone)
{
	struct spool *spool = fixture_spool();
	uint64_t ino;
	struct jobdir dir = developed(spool, "x.jpg", &ino);
	struct plan *plan = plan_of(spool, "x.jpg", ino, true);

	cr_assert_eq(plan_write(spool, &dir, plan, NULL), 0);
	cr_assert_eq(plan_seal(&dir, plan, NULL), 0);
	fixture_write(spool->out_fd, "web/x.jpg", "faster");
	fixture_write(spool->done_fd, "x.jpg", "faster");
	cr_assert_eq(execute(spool, &dir, "x.jpg", plan), 0);
	cr_expect(fixture_has(spool->out_fd, "web/x.jpg", "faster"));
	cr_expect(fixture_has(spool->done_fd, "x.jpg", "faster"));
	expect_filed(spool, "x-2.jpg", "web/x-2.jpg", "thumb/x.jpg");
	plan_free(plan);
}

/* Every place at which an execution may have been cut off: J4 with nothing, some or all results
 * moved, the original linked to its new name but not unlinked from the old one, or moved. */
enum cut { CUT_NOTHING, CUT_ONE_RESULT, CUT_LINKED_RESULT, CUT_ALL_RESULTS, CUT_LINKED_ORIGINAL,
	CUT_FILED, CUT_N };

static void
cut_at(struct spool *spool, const struct jobdir *dir, enum cut cut)
{
	cr_assert_eq(fsio_make_dirs(spool->out_fd, "web", NULL), 0);
	cr_assert_eq(fsio_make_dirs(spool->out_fd, "thumb", NULL), 0);
	if (cut == CUT_LINKED_RESULT)
		cr_assert_eq(linkat(dir->fd, "0", spool->out_fd, "web/x.jpg", 0), 0);
	else if (cut >= CUT_ONE_RESULT)
		cr_assert_eq(renameat(dir->fd, "0", spool->out_fd, "web/x.jpg"), 0);
	if (cut >= CUT_ALL_RESULTS)
		cr_assert_eq(renameat(dir->fd, "1", spool->out_fd, "thumb/x.jpg"), 0);
	if (cut == CUT_LINKED_ORIGINAL)
		cr_assert_eq(linkat(spool->processing_fd, "x.jpg", spool->done_fd, "x.jpg", 0), 0);
	if (cut == CUT_FILED)
		cr_assert_eq(renameat(spool->processing_fd, "x.jpg", spool->done_fd, "x.jpg"), 0);
}

Test(plan, is_finished_from_wherever_it_was_cut)
{
	int cut;

	for (cut = 0; cut < CUT_N; cut++) {
		struct spool *spool = fixture_spool();
		uint64_t ino;
		struct jobdir dir = developed(spool, "x.jpg", &ino);
		struct plan *plan = plan_of(spool, "x.jpg", ino, true);

		cr_assert_eq(plan_write(spool, &dir, plan, NULL), 0);
		cr_assert_eq(plan_seal(&dir, plan, NULL), 0);
		plan_free(plan);
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

Test(plan, another_file_in_processing_is_not_its_to_move)
{
	struct spool *spool = fixture_spool();
	uint64_t ino;
	struct jobdir dir = developed(spool, "x.jpg", &ino);
	struct plan *plan = plan_of(spool, "x.jpg", ino, true);

	cr_assert_eq(plan_write(spool, &dir, plan, NULL), 0);
	cr_assert_eq(plan_seal(&dir, plan, NULL), 0);
	fixture_write(spool->processing_fd, "x.jpg", "a new picture"); /* another inode */
	cr_assert_eq(execute(spool, &dir, "x.jpg", plan), 0);
	cr_expect(fixture_has(spool->processing_fd, "x.jpg", "a new picture"));
	cr_expect_not(fixture_is(spool->done_fd, "x.jpg"));
	plan_free(plan);
}

Test(plan, a_file_in_the_way_of_a_folder_gives_another_folder)
{
	struct spool *spool = fixture_spool();
	uint64_t ino;
	struct jobdir dir = developed(spool, "trip/x.jpg", &ino);
	struct plan *plan;

	fixture_write(spool->done_fd, "trip", "a picture without a suffix");
	plan = plan_of(spool, "trip/x.jpg", ino, true);
	cr_assert_eq(plan_write(spool, &dir, plan, NULL), 0);
	cr_assert_eq(plan_seal(&dir, plan, NULL), 0);
	fixture_write(spool->out_fd, "web/trip", "came after the plan");
	cr_assert_eq(execute(spool, &dir, "trip/x.jpg", plan), 0, "%s", strerror(errno));
	expect_filed(spool, "trip-2/x.jpg", "web/trip-2/x.jpg", "thumb/trip/x.jpg");
	plan_free(plan);
}

Test(plan, failed_files_the_text_beside_the_original)
{
	struct spool *spool = fixture_spool();
	uint64_t ino;
	struct jobdir dir = developed(spool, "x.jpg", &ino);
	struct plan *plan;

	fixture_write(spool->failed_fd, "x.jpg.error.txt", "of an earlier one");
	fixture_write(dir.fd, "error.txt", "why");
	plan = plan_make_failed(spool, "x.jpg", ino);
	cr_assert_eq(plan_write(spool, &dir, plan, NULL), 0);
	cr_assert_eq(plan_seal(&dir, plan, NULL), 0);
	cr_assert_eq(execute(spool, &dir, "x.jpg", plan), 0);
	cr_expect(fixture_has(spool->failed_fd, "x-2.jpg", "original"));
	cr_expect(fixture_has(spool->failed_fd, "x-2.jpg.error.txt", "why"));
	plan_free(plan);
}

Test(plan, deletes_the_original_only_where_it_says_so)
{
	struct spool *spool = fixture_spool();
	uint64_t ino;
	struct jobdir dir = developed(spool, "x.jpg", &ino);
	struct plan *plan = plan_of(spool, "x.jpg", ino, false);

	cr_assert_eq(plan_write(spool, &dir, plan, NULL), 0);
	cr_assert_eq(plan_seal(&dir, plan, NULL), 0);
	plan_free(plan);
	cr_assert_eq(plan_read(&dir, &plan), 0);
	cr_expect_null(plan->original_to);
	cr_assert_eq(execute(spool, &dir, "x.jpg", plan), 0);
	cr_expect_not(fixture_is(spool->processing_fd, "x.jpg"));
	cr_expect(fixture_has(spool->out_fd, "web/x.jpg", "web"));
	plan_free(plan);
}

/* ---- what may be replaced ---------------------------------------------------------------- */

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
	const struct plan_order order = { .rel = rel, .ino = ino, .results = results, .n_results = 2,
		.keeps_original = true, .replaces = owner };

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

static const char *const bad_plans[] = {
	"", "verdict: maybe\n", "verdict: done\nino: 1\noriginal: ../../etc/passwd\n",
	"verdict: done\nino: 1\noriginal: done/x\nmove: 0 inbox/x\n",
	"verdict: done\nino: 1\noriginal: done/x\nmove: 0 out/../inbox/x\n",
	"verdict: done\nino: 1\noriginal: done/%zz\n", "verdict: done\nino: 1\n",
	"verdict: done\nino: 1\noriginal: done/x\nmove: 0\n",
};

Test(plan, a_damaged_plan_is_none)
{
	struct spool *spool = fixture_spool();
	uint64_t ino;
	struct jobdir dir = developed(spool, "x.jpg", &ino);
	struct plan *plan;
	size_t i;

	for (i = 0; i < sizeof(bad_plans) / sizeof(bad_plans[0]); i++) {
		fixture_write(dir.fd, "plan", bad_plans[i]);
		cr_expect_eq(plan_read(&dir, &plan), -1, "plan %zu was taken", i);
		cr_expect_eq(errno, EPROTO);
	}
}

Test(jobdir, tells_jobs_of_one_key_apart)
{
	struct spool *spool = fixture_spool();
	struct job_record record = { .rel = mem_dup("one.jpg"), .n_worker_deaths = 1 };
	struct job_record other = { .rel = mem_dup("two.jpg") }, read;
	struct jobdir dir;

	cr_assert_eq(jobdir_make(spool, &record, &dir), 0);
	/* As if both had one KEY: the folder of "two.jpg" belongs to another REL. */
	cr_assert_eq(renameat(spool->jobs_fd, "one.jpg", spool->jobs_fd, "two.jpg"), 0);
	jobdir_close(&dir);
	cr_assert_eq(jobdir_make(spool, &other, &dir), 0);
	cr_expect_str_eq(dir.name, "two.jpg-2");
	jobdir_close(&dir);
	cr_assert_eq(jobdir_find(spool, "two.jpg", &dir, &read), 0);
	cr_expect_str_eq(dir.name, "two.jpg-2");
	cr_expect_str_eq(read.rel, "two.jpg");
}

Test(jobdir, keeps_a_rendition_only_when_it_is_what_was_said)
{
	static const char png[] = "\x89PNG\r\n\x1a\nrest";
	const struct timespec mtime = { .tv_sec = 1000000000 };
	struct spool *spool = fixture_spool();
	uint64_t ino, bytes;
	struct jobdir dir = developed(spool, "x.jpg", &ino);
	int fd = jobdir_make_part(&dir, 7);

	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, png, 12), 12);
	cr_expect_eq(jobdir_keep(&dir, 7, 13, &mtime), -1);
	cr_expect_eq(errno, EPROTO);
	cr_expect_eq(jobdir_keep(&dir, 7, 12, &mtime), 0);
	cr_expect(jobdir_has(&dir, 7, &bytes));
	cr_expect_eq(bytes, 12);
	fd = jobdir_make_part(&dir, 8);
	cr_assert_eq(write(fd, "#!/bin/sh...", 12), 12);
	cr_expect_eq(jobdir_keep(&dir, 8, 12, &mtime), -1);
	cr_assert_eq(jobdir_empty(&dir), 0);
	cr_expect_not(jobdir_has(&dir, 7, NULL));
	cr_expect(fixture_is(dir.fd, "job"));
}
