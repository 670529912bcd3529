/* image/splice.c - a copy's last resort: the source's coded picture behind the copy's head. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "image/splice.h"
#include "image/walk.h"

struct job {
	const struct codec *codec;
	struct codec_source *source;
	struct codec_source *reader; /* first of the copy, then of the source */
	struct codec_sink *sink;     /* NULL: only count */
	uint64_t n_bytes;            /* of the picture */
};

/* ---- the head of the copy ---- */

/* Its length, or 0. */
static uint64_t
head_bytes(struct job *job, int fd, uint64_t size_bytes)
{
	struct walk_piece piece;
	struct walk walk;

	job->reader->fd = fd;
	job->reader->size_bytes = size_bytes;
	if (!walk_begin(&walk, job->reader, job->codec))
		return 0;
	while (walk_next(&walk, &piece))
		if (piece.is_picture)
			return piece.at;
	return 0;
}

/* ---- the picture of the source ---- */

static int
put_piece(struct job *job, const struct walk_piece *piece)
{
	struct codec_source *reader = job->reader;
	uint64_t left = piece->size;

	reader->offset = piece->at;
	while (left > 0) {
		size_t most = sizeof(reader->buffer);
		ssize_t n = codec_source_read(reader, reader->buffer,
		    left < most ? (size_t)left : most);

		if (n <= 0) {
			errno = n < 0 ? reader->error : EIO;
			return -1;
		}
		if (codec_sink_put(job->sink, reader->buffer, (size_t)n) != 0)
			return -1;
		left -= (uint64_t)n;
	}
	return 0;
}

/* NOT: the source has another form than expected. */
static enum splice_result
each_piece(struct job *job)
{
	struct walk_piece piece;
	struct walk walk;

	if (!walk_begin(&walk, job->source, job->codec))
		return SPLICE_NOT;
	while (walk_next(&walk, &piece)) {
		if (piece.is_picture) {
			job->n_bytes += piece.size;
			if (job->sink != NULL && put_piece(job, &piece) != 0)
				return SPLICE_FAILED;
		}
		if (piece.is_last)
			return SPLICE_DONE;
	}
	return SPLICE_NOT;
}

/* The copy may be interlaced in another way. */
static int
put_head(struct job *job, int fd)
{
	struct codec_source *reader = job->reader;
	size_t n = job->codec->head_bytes;

	reader->offset = 0;
	if (codec_source_read(reader, reader->buffer, n) != (ssize_t)n) {
		errno = EIO;
		return -1;
	}
	return pwrite(fd, reader->buffer, n, 0) == (ssize_t)n ? 0 : -1;
}

static enum splice_result
replace(struct job *job, struct codec_sink *sink, int fd, uint64_t head)
{
	job->reader->fd = job->source->fd;
	job->reader->size_bytes = job->source->size_bytes;
	if (ftruncate(fd, (off_t)head) != 0 || put_head(job, fd) != 0)
		return SPLICE_FAILED;
	codec_sink_init(sink, fd);
	sink->n_bytes = head;
	job->sink = sink;
	if (each_piece(job) == SPLICE_DONE)
		return codec_sink_flush(sink) == 0 ? SPLICE_DONE : SPLICE_FAILED;
	if (errno == 0)
		errno = EIO; /* it was of the right form a moment ago */
	return SPLICE_FAILED;
}

enum splice_result
splice(const struct codec *codec, struct codec_source *source, int fd, struct codec_sink *sink)
{
	struct job job = { .codec = codec, .source = source };
	enum splice_result result = SPLICE_NOT;
	uint64_t head;

	job.reader = mem_alloc(sizeof(*job.reader));
	head = head_bytes(&job, fd, sink->n_bytes);
	if (head > 0 && each_piece(&job) == SPLICE_DONE && head + job.n_bytes < sink->n_bytes) {
		errno = 0;
		result = replace(&job, sink, fd, head);
	}
	free(job.reader);
	return result;
}
