/* master/ready.c - is a file whole? One look at it, and the judgement. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/fsio.h"
#include "master/ready.h"

#define SECOND_LOOK_MS 1000 /* how often a file with a writer is looked at, events apart */
#define LONG_AGO_MS (INT64_MIN / 2) /* whatever a file has to wait for, it is over since then */
#define ZERO_TAIL_BYTES 16  /* an image's last bytes are an end mark, a CRC, data: not 16 zeros */

static const unsigned char png_end[12] = { 0, 0, 0, 0, 'I', 'E', 'N', 'D', 0xae, 0x42, 0x60, 0x82 };
static const unsigned char jpeg_end[2] = { 0xff, 0xd9 };

static bool
ends_with(const unsigned char *data, size_t size, const unsigned char *end, size_t end_size)
{
	return size >= end_size && memcmp(data + size - end_size, end, end_size) == 0;
}

static bool
is_zeros(const unsigned char *data, size_t size)
{
	while (size > 0 && data[size - 1] == 0)
		size--;
	return size == 0;
}

/* The end of the file: its last READY_END_WINDOW bytes, but of these only what is not among its
 * first ones, where a thumbnail has an end mark of its own. */
static void
read_end(int fd, struct ready_look *look)
{
	static const size_t window = READY_END_WINDOW;
	unsigned char *data = malloc(window);
	bool is_png = look->magic == MAGIC_PNG;
	size_t size = look->id.size < (int64_t)window ? (size_t)look->id.size : window;
	off_t start = look->id.size - (off_t)size;
	ssize_t got = data == NULL ? -1 : pread(fd, data, size, start);
	size_t skip = start < (off_t)window ? window - (size_t)start : 0;

	if (got != (ssize_t)size) {
		look->error = got < 0 && data != NULL ? errno : 0;
		free(data);
		return;
	}
	look->has_zero_tail = size >= ZERO_TAIL_BYTES &&
	    is_zeros(data + size - ZERO_TAIL_BYTES, ZERO_TAIL_BYTES);
	if (is_png ? ends_with(data, size, png_end, sizeof(png_end)) :
	    ends_with(data, size, jpeg_end, sizeof(jpeg_end)))
		look->end = READY_STRONG_END;
	else if (skip < size && (is_png ?
	    memmem(data + skip, size - skip, png_end, sizeof(png_end)) :
	    memmem(data + skip, size - skip, jpeg_end, sizeof(jpeg_end))) != NULL)
		look->end = READY_WEAK_END;
	free(data);
}

/* Granted: nobody writes. Given back by F_UNLCK at once: closing alone would leave it standing as
 * long as another process had a copy of the descriptor. */
static enum ready_writer
probe_writer(int fd)
{
	if (fcntl(fd, F_SETLEASE, F_RDLCK) == 0) {
		fcntl(fd, F_SETLEASE, F_UNLCK);
		return READY_NO_WRITER;
	}
	return errno == EAGAIN ? READY_WRITER : READY_UNKNOWN_WRITER;
}

void
ready_look(int dir, const char *rel, bool probes, struct ready_look *look)
{
	struct stat st;
	int fd;

	*look = (struct ready_look){ .writer = READY_UNKNOWN_WRITER };
	if (fsio_stat(dir, rel, &st) == 0 && !S_ISREG(st.st_mode)) {
		look->is_link = S_ISLNK(st.st_mode);
		look->is_special = !look->is_link && !S_ISDIR(st.st_mode);
		look->error = ENOENT;
		return; /* opening a device can do something */
	}
	fd = fsio_open(dir, rel, O_RDONLY | O_NONBLOCK, 0);
	if (fd < 0) {
		look->error = errno;
		return;
	}
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		look->error = ENOENT;
		close(fd);
		return;
	}
	look->id = spool_id_of(&st);
	if (probes)
		look->writer = probe_writer(fd);
	look->magic = magic_of(fd);
	if (look->magic == MAGIC_UNREAD)
		look->error = errno;
	if (look->magic == MAGIC_JPEG || look->magic == MAGIC_PNG)
		read_end(fd, look);
	close(fd);
}

static bool
is_unchanged(const struct spool_id *a, const struct spool_id *b)
{
	return a->ino == b->ino && a->size == b->size && a->mtime_ns == b->mtime_ns &&
	    a->ctime_ns == b->ctime_ns;
}

/* Its second last bit is set, so that no digest is 0; the last one says whether a writer was seen. */
uint64_t
ready_digest(const struct ready_facts *facts)
{
	const int64_t id[] = { (int64_t)facts->id.ino, facts->id.size, facts->id.mtime_ns,
		facts->id.ctime_ns };

	return (XXH3_64bits(id, sizeof(id)) & ~UINT64_C(3)) | 2 | facts->has_writer;
}

struct ready_facts
ready_remember(uint64_t digest, const struct ready_look *look, int64_t now_ms)
{
	struct ready_facts facts = { .is_known = true, .id = look->id, .since_ms = LONG_AGO_MS,
		.has_writer = digest & 1 };

	if (digest == 0 || look->error != 0)
		return (struct ready_facts){ 0 };
	if (ready_digest(&facts) != digest)
		return (struct ready_facts){ .is_nudged = true };
	if (look->writer == READY_WRITER && !facts.has_writer)
		facts.since_ms = now_ms; /* somebody begins to write into it */
	return facts;
}

/* Take the look into the facts. */
static void
learn(struct ready_facts *facts, const struct ready_look *look, int64_t now_ms)
{
	bool has_changed = facts->is_known && !is_unchanged(&facts->id, &look->id);

	if (facts->is_nudged || has_changed || look->writer == READY_WRITER)
		facts->was_busy = true;
	if (!facts->is_known || facts->is_nudged || has_changed)
		facts->since_ms = now_ms;
	facts->is_known = true;
	facts->has_writer = look->writer == READY_WRITER;
	facts->is_nudged = false;
	facts->id = look->id;
}

static struct ready_verdict
never(const char *reason)
{
	return (struct ready_verdict){ .answer = READY_NEVER, .reason = reason };
}

/* Ready once it was unchanged for WAIT_MS. */
static struct ready_verdict
after(const struct ready_facts *facts, int64_t wait_ms, int64_t now_ms, const char *reason)
{
	struct ready_verdict verdict = { .answer = READY_NOW };

	if (now_ms - facts->since_ms >= wait_ms)
		return verdict;
	verdict.answer = READY_LATER;
	verdict.due_ms = facts->since_ms + wait_ms;
	verdict.is_settling = reason == NULL;
	verdict.reason = reason;
	return verdict;
}

static struct ready_verdict
judge_error(int error)
{
	if (error == ENOENT || error == ENOTDIR || error == ELOOP)
		return (struct ready_verdict){ .answer = READY_GONE };
	if (error == EACCES || error == EPERM)
		return never(READY_UNREADABLE);
	return (struct ready_verdict){ .answer = READY_LATER, .reason = "it cannot be read right now" };
}

/* A JPEG or PNG that has bytes. Whoever has it open for writing, or whose copy lacks its end, gets
 * incomplete_ms; where its end or its writer cannot be seen for sure, it has to be quiet for
 * settle_ms; else it is whole, and waits for quiet_ms only if it was seen growing (copiers set modes
 * and times after closing). */
static struct ready_verdict
judge_image(const struct ready_facts *facts, const struct ready_look *look,
    const struct ready_times *times, int64_t now_ms)
{
	int64_t settle_ms = times->settle_ms;

	if (look->writer == READY_WRITER)
		return after(facts, times->incomplete_ms, now_ms, "it is being written");
	if (look->end == READY_NO_END || look->has_zero_tail)
		return after(facts, times->incomplete_ms, now_ms,
		    "its end is missing: half-copied, or damaged");
	if (times->is_polled && settle_ms < times->poll_ms)
		settle_ms = times->poll_ms;
	if (look->end == READY_WEAK_END || look->writer == READY_UNKNOWN_WRITER)
		return after(facts, settle_ms, now_ms, NULL);
	return after(facts, facts->was_busy ? times->quiet_ms : 0, now_ms, NULL);
}

/* What LOOK says of a file that could be read. */
static struct ready_verdict
judge_file(const struct ready_facts *facts, const struct ready_look *look,
    const struct ready_times *times, int64_t now_ms)
{
	struct ready_verdict verdict;

	if (look->id.size == 0)
		return never("it is empty: nothing was copied yet");
	if (look->magic == MAGIC_SHORT) {
		verdict = after(facts, times->incomplete_ms, now_ms, "its beginning is missing: half-copied");
		return verdict.answer == READY_NOW ?
		    never("not developed, still yours (not a JPEG or PNG)") : verdict;
	}
	if (look->magic == MAGIC_OTHER && !times->fails_unsupported)
		return never("not developed, still yours (not a JPEG or PNG)");
	if (look->magic == MAGIC_OTHER) /* its end says nothing: only silence does */
		return look->writer == READY_WRITER ?
		    judge_image(facts, look, times, now_ms) : after(facts, times->settle_ms, now_ms, NULL);
	return judge_image(facts, look, times, now_ms);
}

/* Not every change is told of: a writer may close the file under another name (a hard link, a
 * nameless file that was linked in), and where the file system is polled nothing is told at all. */
static void
look_again_soon(struct ready_verdict *verdict, const struct ready_look *look,
    const struct ready_times *times, int64_t now_ms)
{
	bool is_written = look->writer == READY_WRITER;
	int64_t soon_ms = now_ms + (is_written ? SECOND_LOOK_MS : times->poll_ms);

	if (verdict->answer == READY_NEVER && is_written) {
		verdict->answer = READY_LATER;
		verdict->due_ms = soon_ms;
	} else if (verdict->answer == READY_LATER && (is_written || times->is_polled) &&
	    verdict->due_ms > soon_ms)
		verdict->due_ms = soon_ms;
}

struct ready_verdict
ready_judge(struct ready_facts *facts, const struct ready_look *look,
    const struct ready_times *times, int64_t now_ms)
{
	struct ready_verdict verdict;

	if (look->is_link)
		return never("it is a link, and none is followed: put the file itself here");
	if (look->is_special)
		return never("it is no file but a device, a pipe or a socket: take it away");
	if (look->error != 0) {
		verdict = judge_error(look->error);
		verdict.due_ms = now_ms + SECOND_LOOK_MS;
		return verdict;
	}
	learn(facts, look, now_ms);
	verdict = judge_file(facts, look, times, now_ms);
	look_again_soon(&verdict, look, times, now_ms);
	return verdict;
}
