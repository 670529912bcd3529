/* A developed job and its plan, for the tests of what becomes of both. */
#ifndef PLAN_FIXTURE_H
#define PLAN_FIXTURE_H

#include "base/mem.h"
#include "spool/plan.h"
#include "spool_fixture.h"

static const struct plan_result results[] = {
	{ "web", "{stem}.{ext}", false, NULL },
	{ "thumb", "{stem}.{ext}", false, NULL },
};

/* A job that is developed: original in processing/, two results in its folder. */
static inline struct jobdir
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
static inline int
execute(struct spool *spool, const struct jobdir *dir, const char *rel, struct plan *plan)
{
	struct synclist sync = { 0 };

	if (plan_publish(spool, dir, plan, &sync) != 0 || fixture_flush(&sync) != 0)
		return -1;
	if (plan_file(spool, dir, rel, plan, &sync) != 0 || fixture_flush(&sync) != 0)
		return -1;
	return 0;
}

static inline struct plan *
plan_of(struct spool *spool, const char *rel, uint64_t ino, bool keeps_original)
{
	const struct plan_order order = { .rel = rel, .ino = ino, .top = "out/", .results = results, .n_results = 2,
		.keeps_original = keeps_original };

	return plan_make_done(spool, &order);
}

static inline void
expect_filed(struct spool *spool, const char *original, const char *web, const char *thumb)
{
	cr_expect(fixture_has(spool->done_fd, original, "original"));
	cr_expect(fixture_has(spool->out_fd, web, "web"));
	cr_expect(fixture_has(spool->out_fd, thumb, "thumb"));
}

/* Every place at which an execution may have been cut off: J4 with nothing, some or all results
 * moved, the original linked to its new name but not unlinked from the old one, or moved. */
enum cut { CUT_NOTHING, CUT_ONE_RESULT, CUT_LINKED_RESULT, CUT_ALL_RESULTS, CUT_LINKED_ORIGINAL,
	CUT_FILED, CUT_N };

static inline void
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

#endif
