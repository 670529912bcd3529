#include <config.h>

#include <errno.h>

#include "base/mem.h"
#include "spool/plan.h"
#include "plan_fixture.h"

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

Test(plan, keeps_the_sidecar_where_it_says_so)
{
	struct spool *spool = fixture_spool();
	uint64_t ino;
	struct jobdir dir = developed(spool, "a/x.jpg", &ino);
	const struct plan_order order = { .rel = "a/x.jpg", .ino = ino, .top = "out/",
		.results = results, .n_results = 2, .keeps_original = true, .keeps_progress = true };
	struct plan *plan;

	fixture_write(spool->done_fd, "a/x.jpg.progress", "of another");
	fixture_write(dir.fd, PLAN_PROGRESS, "all of it");
	plan = plan_make_done(spool, &order);
	cr_assert_eq(plan_write(spool, &dir, plan, NULL), 0);
	cr_assert_eq(plan_seal(&dir, plan, NULL), 0);
	plan_free(plan);
	cr_assert_eq(plan_read(&dir, &plan), 0);
	cr_expect_eq(plan->n_moves, 3);
	cr_expect_eq(plan->n_results, 2, "the sidecar is no picture");
	cr_assert_eq(execute(spool, &dir, "a/x.jpg", plan), 0);
	expect_filed(spool, "a/x-2.jpg", "web/a/x-2.jpg", "thumb/a/x-2.jpg");
	cr_expect(fixture_has(spool->done_fd, "a/x-2.jpg.progress", "all of it"));
	cr_expect(fixture_has(spool->done_fd, "a/x.jpg.progress", "of another"));
	plan_free(plan);
	jobdir_close(&dir);
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
