#include <config.h>

#include <errno.h>
#include <signal.h>

#include "master/ready.h"
#include "spool_fixture.h"

static const struct ready_times times = { .quiet_ms = 500, .settle_ms = 2000, .incomplete_ms = 60000,
	.poll_ms = 5000 };
static const struct ready_times polled = { .quiet_ms = 500, .settle_ms = 2000,
	.incomplete_ms = 60000, .poll_ms = 5000, .is_polled = true };

static const struct ready_look whole = { .id = { .ino = 1, .size = 100, .mtime_ns = 1, .ctime_ns = 1 },
	.writer = READY_NO_WRITER, .end = READY_STRONG_END, .magic = MAGIC_JPEG };

/* The rows of DESIGN 3: what we know, and after how long of silence it is ready. */
static const struct {
	const char *what;
	enum ready_writer writer;
	enum ready_end end;
	bool has_zero_tail, was_busy;
	const struct ready_times *times;
	int64_t wait_ms;
	bool is_settling;
} rows[] = {
	{ "moved in", READY_NO_WRITER, READY_STRONG_END, false, false, &times, 0, false },
	{ "a writer that has gone", READY_NO_WRITER, READY_STRONG_END, false, true, &times, 500, true },
	{ "weak end", READY_NO_WRITER, READY_WEAK_END, false, false, &times, 2000, true },
	{ "no probe", READY_UNKNOWN_WRITER, READY_STRONG_END, false, false, &times, 2000, true },
	{ "polled", READY_UNKNOWN_WRITER, READY_STRONG_END, false, false, &polled, 5000, true },
	{ "no end", READY_NO_WRITER, READY_NO_END, false, false, &times, 60000, false },
	{ "zero tail", READY_NO_WRITER, READY_WEAK_END, true, false, &times, 60000, false },
	{ "a writer now", READY_WRITER, READY_STRONG_END, false, false, &times, 60000, false },
};

Test(ready, waits_as_the_table_says)
{
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ready_facts facts = { .was_busy = rows[i].was_busy };
		struct ready_look look = whole;
		struct ready_verdict verdict;

		look.writer = rows[i].writer;
		look.end = rows[i].end;
		look.has_zero_tail = rows[i].has_zero_tail;
		verdict = ready_judge(&facts, &look, rows[i].times, 1000);
		cr_expect_eq(verdict.answer, rows[i].wait_ms == 0 ? READY_NOW : READY_LATER, "%s", rows[i].what);
		if (rows[i].wait_ms == 0)
			continue;
		cr_expect_eq(verdict.is_settling, rows[i].is_settling, "%s", rows[i].what);
		verdict = ready_judge(&facts, &look, rows[i].times, 1000 + rows[i].wait_ms - 1);
		cr_expect_eq(verdict.answer, READY_LATER, "%s, too early", rows[i].what);
		verdict = ready_judge(&facts, &look, rows[i].times, 1000 + rows[i].wait_ms);
		cr_expect_eq(verdict.answer, READY_NOW, "%s, in time", rows[i].what);
	}
}

Test(ready, a_change_begins_the_waiting_anew)
{
	struct ready_facts facts = { 0 };
	struct ready_look look = whole;
	int field;

	for (field = 0; field < 3; field++) {
		facts = (struct ready_facts){ 0 };
		look = whole;
		look.end = READY_WEAK_END;
		ready_judge(&facts, &look, &times, 0);
		look.id.size += field == 0;
		look.id.ctime_ns += field == 1;
		look.id.ino += field == 2;
		cr_expect_eq(ready_judge(&facts, &look, &times, 1999).answer, READY_LATER);
		cr_expect_eq(ready_judge(&facts, &look, &times, 2000).answer, READY_LATER, "field %d", field);
		cr_expect_eq(ready_judge(&facts, &look, &times, 1999 + 2000).answer, READY_NOW);
	}
}

/* install(1) and rsync --inplace set modes and times by path after they closed the file. */
Test(ready, a_close_that_an_event_told_of_is_given_its_quiet)
{
	struct ready_facts facts = { 0 };

	facts.is_nudged = true;
	cr_expect_eq(ready_judge(&facts, &whole, &times, 1000).answer, READY_LATER);
	cr_expect_eq(ready_judge(&facts, &whole, &times, 1499).answer, READY_LATER);
	cr_expect_eq(ready_judge(&facts, &whole, &times, 1500).answer, READY_NOW);
}

Test(ready, some_files_are_never_ready)
{
	struct ready_facts facts = { 0 };
	struct ready_look look = whole;

	look.id.size = 0;
	cr_expect_eq(ready_judge(&facts, &look, &times, 0).answer, READY_NEVER);
	look = whole;
	look.magic = MAGIC_OTHER;
	cr_expect_eq(ready_judge(&facts, &look, &times, 1000000).answer, READY_NEVER);
	cr_expect_eq(ready_judge(&facts, &look, &(struct ready_times){ .fails_unsupported = true },
	    1000000).answer, READY_NOW, "unsupported = fail");
	look.error = EACCES;
	cr_expect_eq(ready_judge(&facts, &look, &times, 0).answer, READY_NEVER);
	cr_expect_not_null(ready_judge(&facts, &look, &times, 0).reason);
	look.error = ENOENT;
	cr_expect_eq(ready_judge(&facts, &look, &times, 0).answer, READY_GONE);
	look.is_link = true;
	cr_expect_eq(ready_judge(&facts, &look, &times, 0).answer, READY_NEVER);
	cr_expect_not_null(ready_judge(&facts, &look, &times, 0).reason);
}

/* A writer that closes it under another name, or on another host, is not told of. */
Test(ready, is_looked_at_again_where_nothing_is_told)
{
	static const enum magic magics[] = { MAGIC_SHORT, MAGIC_OTHER, MAGIC_JPEG };
	struct ready_look look = whole;
	size_t i;

	for (i = 0; i < sizeof(magics) / sizeof(magics[0]); i++) {
		struct ready_facts facts = { 0 };
		struct ready_verdict verdict;

		look.magic = magics[i];
		look.end = READY_NO_END;
		look.writer = READY_WRITER;
		verdict = ready_judge(&facts, &look, &times, 1000);
		cr_expect_eq(verdict.answer, READY_LATER, "magic %zu", i);
		cr_expect_leq(verdict.due_ms, 2000, "magic %zu", i);
		look.writer = READY_UNKNOWN_WRITER;
		verdict = ready_judge(&facts, &look, &polled, 1000);
		if (verdict.answer == READY_LATER)
			cr_expect_leq(verdict.due_ms, 6000, "magic %zu", i);
	}
}

static int
folder_of(struct spool **spool)
{
	*spool = fixture_spool();
	signal(SIGIO, SIG_IGN);
	return (*spool)->inbox_fd;
}

/* SIZE bytes of "x" with HEAD at the beginning and TAIL at the end. */
static void
write_file(int dir, const char *name, size_t size, const char *head, size_t head_size,
    const char *tail, size_t tail_size)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	char *data = malloc(size);

	memset(data, 'x', size);
	memcpy(data, head, head_size);
	memcpy(data + size - tail_size, tail, tail_size);
	cr_assert_eq(write(fd, data, size), (ssize_t)size);
	free(data);
	close(fd);
}

Test(ready, sees_writers_and_leaves_no_lease)
{
	struct spool *spool;
	struct ready_look look;
	int dir = folder_of(&spool), fd;

	write_file(dir, "a.jpg", 1000, "\xff\xd8\xff", 3, "\xff\xd9", 2);
	ready_look(dir, "a.jpg", true, &look);
	cr_expect_eq(look.error, 0);
	cr_expect_eq(look.writer, READY_NO_WRITER);
	cr_expect_eq(look.magic, MAGIC_JPEG);
	cr_expect_eq(look.end, READY_STRONG_END);
	fd = openat(dir, "a.jpg", O_WRONLY | O_NONBLOCK); /* EAGAIN if a lease stood */
	cr_assert_geq(fd, 0);
	ready_look(dir, "a.jpg", true, &look);
	cr_expect_eq(look.writer, READY_WRITER);
	close(fd);
}

Test(ready, knows_ends_from_thumbnails)
{
	static const char thumb[] = "\xff\xd8\xff......\xff\xd9";
	struct spool *spool;
	struct ready_look look;
	int dir = folder_of(&spool), fd;

	/* An end mark among the first 64 KiB is a thumbnail's. */
	write_file(dir, "cut.jpg", 90000, thumb, 11, "y", 1);
	ready_look(dir, "cut.jpg", true, &look);
	cr_expect_eq(look.end, READY_NO_END);
	/* One further on, with something behind it, is a weak end. */
	write_file(dir, "trail.jpg", 90000, thumb, 11, "\xff\xd9trailing", 10);
	ready_look(dir, "trail.jpg", true, &look);
	cr_expect_eq(look.end, READY_WEAK_END);
	write_file(dir, "a.png", 500, "\x89PNG\r\n\x1a\n", 8, "\0\0\0\0IEND\xae\x42\x60\x82", 12);
	ready_look(dir, "a.png", true, &look);
	cr_expect_eq(look.end, READY_STRONG_END);
	cr_expect_eq(look.magic, MAGIC_PNG);
	/* Space that is reserved and not written: a full size with zeros. */
	fd = openat(dir, "sparse.jpg", O_WRONLY | O_CREAT, 0644);
	cr_assert_eq(write(fd, "\xff\xd8\xff", 3), 3);
	cr_assert_eq(ftruncate(fd, 100000), 0);
	close(fd);
	ready_look(dir, "sparse.jpg", true, &look);
	cr_expect(look.has_zero_tail);
	write_file(dir, "text.jpg", 100, "hello wo", 8, "", 0);
	ready_look(dir, "text.jpg", true, &look);
	cr_expect_eq(look.magic, MAGIC_OTHER);
}

Test(ready, opens_nothing_but_regular_files)
{
	struct spool *spool;
	struct ready_look look;
	int dir = folder_of(&spool);

	cr_assert_eq(symlinkat("/etc/passwd", dir, "link.jpg"), 0);
	cr_assert_eq(mkfifoat(dir, "fifo.jpg", 0644), 0);
	cr_assert_eq(mkdirat(dir, "folder.jpg", 0755), 0);
	ready_look(dir, "link.jpg", true, &look);
	cr_expect(look.is_link && !look.is_special && look.error == ENOENT);
	ready_look(dir, "fifo.jpg", true, &look);
	cr_expect(look.is_special && !look.is_link && look.error == ENOENT);
	ready_look(dir, "folder.jpg", true, &look);
	cr_expect(!look.is_special && !look.is_link && look.error == ENOENT);
}
