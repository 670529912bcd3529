#include <config.h>

#include <errno.h>
#include <time.h>

#include "spool/lock.h"
#include "spool/in_use.h"
#include "spool_fixture.h"

Test(spool, refuses_what_is_not_a_spool)
{
	char root[PATH_MAX];
	char *why;

	cr_assert_not_null(mkdtemp(scratch_path(root, sizeof(root), "spool")));
	fixture_write(open(root, O_RDONLY), "letters.odt", "mine");
	cr_assert_null(spool_open(root, true, 0, &why));
	cr_expect_not_null(strstr(why, "letters.odt"), "%s", why);
	cr_assert_null(spool_open("/nonexistent/spool", true, 0, &why));
	cr_expect_not_null(strstr(why, "/nonexistent/spool"), "%s", why);
}

Test(spool, takes_a_folder_with_an_inbox_and_a_stop)
{
	char root[PATH_MAX];
	char *why;
	int dir;

	cr_assert_not_null(mkdtemp(scratch_path(root, sizeof(root), "spool")));
	dir = open(root, O_RDONLY);
	fixture_write(dir, "inbox/a.jpg", "A");
	fixture_write(dir, "Stop.txt", "");
	cr_assert_eq(mkdirat(dir, "lost+found", 0700), 0);
	cr_assert_not_null(spool_open(root, true, 0, &why), "%s", why);
	cr_expect(fixture_has(dir, "inbox/a.jpg", "A"));
	cr_expect(fixture_is(dir, ".darkroom/spool-id"));
}

Test(spool, refuses_a_folder_inside_another)
{
	char root[PATH_MAX];
	char *why;
	int dir;

	cr_assert_not_null(mkdtemp(scratch_path(root, sizeof(root), "spool")));
	dir = open(root, O_RDONLY);
	cr_assert_eq(mkdirat(dir, "inbox", 0755), 0);
	cr_assert_eq(mkdirat(dir, "inbox/results", 0755), 0);
	cr_assert_eq(mkdirat(dir, ".darkroom", 0755), 0);
	fixture_write(dir, ".darkroom/spool-id", "x");
	cr_assert_eq(symlinkat("inbox/results", dir, "out"), 0);
	cr_assert_null(spool_open(root, true, 1 << SPOOL_OUT, &why));
	cr_expect_not_null(strstr(why, "inside"), "%s", why);
}

Test(spool, claims_without_replacing)
{
	struct spool *spool = fixture_spool();

	fixture_write(spool->inbox_fd, "deep/er/a.jpg", "new");
	cr_assert_eq(spool_claim(spool, "deep/er/a.jpg"), 0);
	cr_expect(fixture_has(spool->processing_fd, "deep/er/a.jpg", "new"));
	fixture_write(spool->inbox_fd, "deep/er/a.jpg", "newer");
	cr_expect_eq(spool_claim(spool, "deep/er/a.jpg"), -1);
	cr_expect_eq(errno, EEXIST);
	cr_expect(fixture_has(spool->processing_fd, "deep/er/a.jpg", "new"));
	cr_expect_eq(spool_claim(spool, "gone.jpg"), -1);
	cr_expect_eq(errno, ENOENT);
	cr_assert_eq(mkdirat(spool->inbox_fd, "folder.jpg", 0755), 0);
	cr_expect_eq(spool_claim(spool, "folder.jpg"), -1);
	cr_expect_eq(errno, ENOENT);
}

Test(spool, ends_a_claim_that_was_cut_between_link_and_unlink)
{
	struct spool *spool = fixture_spool();

	fixture_write(spool->inbox_fd, "a.jpg", "A");
	cr_assert_eq(linkat(spool->inbox_fd, "a.jpg", spool->processing_fd, "a.jpg", 0), 0);
	cr_assert_eq(spool_claim(spool, "a.jpg"), 0);
	cr_expect_not(fixture_is(spool->inbox_fd, "a.jpg"));
	cr_expect(fixture_has(spool->processing_fd, "a.jpg", "A"));
}

Test(spool, notices_another_inbox)
{
	struct spool *spool = fixture_spool();

	cr_expect_eq(spool_check_inbox(spool), 0);
	cr_assert_eq(renameat(spool->root_fd, "inbox", spool->root_fd, "elsewhere"), 0);
	cr_expect_eq(spool_check_inbox(spool), -1);
	cr_expect_eq(spool_find_inbox(spool), -1);
	cr_assert_eq(mkdirat(spool->root_fd, "inbox", 0755), 0);
	cr_expect_eq(spool_find_inbox(spool), 0);
	cr_expect_eq(spool_check_inbox(spool), 0);
}

Test(lock, is_refused_to_another_opening)
{
	struct spool *spool = fixture_spool();
	char *why;
	struct spool *other = spool_open(spool->root, true, 0, &why);
	off_t job = lock_offset("a/b.jpg");

	cr_assert_not_null(other, "%s", why);
	cr_assert_eq(lock_take(spool, job), 0);
	cr_expect_eq(lock_take(spool, job), -1, "two jobs of ours on one offset");
	cr_expect_eq(lock_take(other, job), -1);
	cr_expect_eq(errno, EAGAIN);
	cr_expect(lock_is_foreign(other, job));
	cr_expect_not(lock_is_foreign(spool, job));
	lock_drop(spool, job);
	cr_expect_eq(lock_take(other, job), 0);
	cr_expect_eq(lock_take(spool, job), -1, "it is the other's now");
}

Test(taken, knows_names_without_case_and_follows_changes)
{
	struct spool *spool = fixture_spool();
	struct timespec a_while = { .tv_nsec = 20000000 };

	fixture_write(spool->done_fd, "x/Photo.JPG", "A");
	cr_expect(in_use_has(spool->in_use, spool->root_fd, "done/x/photo.jpg"));
	cr_expect_not(in_use_has(spool->in_use, spool->root_fd, "done/x/photo-2.jpg"));
	cr_expect_not(in_use_has(spool->in_use, spool->root_fd, "done/none/photo.jpg"));
	nanosleep(&a_while, NULL); /* the file system's clock ticks every few ms */
	cr_assert_eq(fsio_unlink(spool->done_fd, "x/Photo.JPG"), 0);
	cr_expect_not(in_use_has(spool->in_use, spool->root_fd, "done/x/photo.jpg"));
	fixture_write(spool->done_fd, "x/NEW.jpg", "A");
	in_use_add(spool->in_use, spool->root_fd, "done/x/NEW.jpg");
	cr_expect(in_use_has(spool->in_use, spool->root_fd, "done/x/new.jpg"));
}

/* A picture moved from failed/ back to inbox/ at the moment at which we file another one there: its
 * name is free again, and the mtime that ours leaves must not hide it. */
Test(taken, forgets_what_went_just_before_ours_came)
{
	struct spool *spool = fixture_spool();

	fixture_write(spool->failed_fd, "x/Again.jpg", "A");
	cr_expect(in_use_has(spool->in_use, spool->root_fd, "failed/x/Again.jpg"));
	cr_expect(in_use_has(spool->in_use, spool->root_fd, "failed/x/again.jpg"));
	cr_assert_eq(fsio_unlink(spool->failed_fd, "x/Again.jpg"), 0);
	fixture_write(spool->failed_fd, "x/ours.jpg", "A");
	in_use_add(spool->in_use, spool->root_fd, "failed/x/ours.jpg");
	cr_expect_not(in_use_has(spool->in_use, spool->root_fd, "failed/x/Again.jpg"));
	cr_expect_not(in_use_has(spool->in_use, spool->root_fd, "failed/x/again.jpg"));
	cr_expect(in_use_has(spool->in_use, spool->root_fd, "failed/x/OURS.jpg"));
}
