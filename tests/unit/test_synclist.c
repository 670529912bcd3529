#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "spool/synclist.h"
#include "spool_fixture.h"

static ino_t
inode(int dir, const char *path)
{
	struct stat st;

	cr_assert_eq(fstatat(dir, path, &st, 0), 0, "%s", path);
	return st.st_ino;
}

/* Folders that were left before those that originals came to, and texts before all: whatever the
 * order in which jobs asked. */
Test(synclist, is_flushed_in_the_order_of_the_classes)
{
	struct spool *spool = fixture_spool();
	struct synclist list = { 0 };
	size_t i;

	fixture_write(spool->jobs_fd, "K/plan.new", "text");
	cr_assert_eq(synclist_add(&list, spool->done_fd, "", SYNC_FILED), 0);
	cr_assert_eq(synclist_add(&list, spool->processing_fd, "", SYNC_LEFT), 0);
	cr_assert_eq(synclist_add(&list, spool->out_fd, "", SYNC_OUT), 0);
	cr_assert_eq(synclist_add(&list, spool->inbox_fd, "", SYNC_INBOX), 0);
	cr_assert_eq(synclist_add(&list, spool->processing_fd, "", SYNC_CLAIM), 0);
	cr_assert_eq(synclist_add(&list, spool->jobs_fd, "K", SYNC_JOB), 0);
	cr_assert_eq(synclist_add(&list, spool->jobs_fd, "K/plan.new", SYNC_FILE), 0);
	synclist_sort(&list);
	cr_assert_eq(list.n, 7);
	for (i = 0; i < list.n; i++)
		cr_expect_eq((size_t)list.items[i].class, i);
	cr_expect_eq(list.items[0].ino, inode(spool->jobs_fd, "K/plan.new"));
	cr_expect_eq(list.items[6].ino, inode(spool->done_fd, "."));
	cr_expect_eq(fixture_flush(&list), 0);
	cr_expect_eq(list.n, 0);
}

Test(synclist, keeps_a_folder_once_in_each_class)
{
	struct spool *spool = fixture_spool();
	struct synclist list = { 0 };
	int i;

	for (i = 0; i < 3; i++) {
		cr_assert_eq(synclist_add(&list, spool->failed_fd, "", SYNC_OUT), 0);
		cr_assert_eq(synclist_add(&list, spool->failed_fd, "", SYNC_FILED), 0);
	}
	cr_expect_eq(list.n, 2); /* an error text is on disk before processing/, an original after it */
	synclist_clear(&list);
}

Test(synclist, goes_up_as_far_as_folders_are_new)
{
	struct spool *spool = fixture_spool();
	struct synclist list = { 0 };
	unsigned n_made;

	cr_assert_eq(fsio_make_dirs(spool->out_fd, "web", &n_made), 0);
	cr_expect_eq(n_made, 1);
	cr_assert_eq(fsio_make_dirs(spool->out_fd, "web/trip/day", &n_made), 0);
	cr_expect_eq(n_made, 2);
	cr_assert_eq(synclist_add_parents(&list, spool->out_fd, "web/trip/day/x.jpg", n_made, SYNC_OUT), 0);
	cr_assert_eq(list.n, 3);
	cr_expect_eq(list.items[0].ino, inode(spool->out_fd, "web/trip/day"));
	cr_expect_eq(list.items[1].ino, inode(spool->out_fd, "web/trip"));
	cr_expect_eq(list.items[2].ino, inode(spool->out_fd, "web"));
	synclist_clear(&list);
	cr_assert_eq(synclist_add_parents(&list, spool->out_fd, "web/trip/day/x.jpg", 1000, SYNC_OUT), 0);
	cr_expect_eq(list.n, 4);
	cr_expect_eq(list.items[3].ino, inode(spool->out_fd, "."));
	synclist_clear(&list);
}

Test(synclist, a_folder_that_has_gone_needs_nothing)
{
	struct spool *spool = fixture_spool();
	struct synclist list = { 0 };

	cr_expect_eq(synclist_add_parents(&list, spool->processing_fd, "gone/x.jpg", 0, SYNC_LEFT), 0);
	cr_expect_eq(list.n, 0);
	cr_expect_eq(synclist_add(&list, spool->processing_fd, "gone", SYNC_LEFT), -1);
	cr_expect_eq(errno, ENOENT);
	cr_expect_eq(synclist_add(NULL, spool->processing_fd, "gone", SYNC_LEFT), 0);
}

Test(synclist, stops_at_the_first_that_fails)
{
	int ends[2], fds[2];

	cr_assert_eq(pipe(ends), 0);
	fds[0] = ends[0]; /* a pipe cannot be flushed */
	fds[1] = -1;
	cr_expect_eq(fsio_sync_all(fds, 2), -1);
	cr_expect_eq(errno, EINVAL, "%s", strerror(errno)); /* not EBADF, of the second */
}
