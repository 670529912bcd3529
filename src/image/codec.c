/* image/codec.c - the ends that every codec stands on: bytes in, bytes out. */
#include <config.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "image/codec.h"

ssize_t
codec_source_read(struct codec_source *source, void *data, size_t n)
{
	uint64_t left = source->size_bytes - source->offset;
	size_t want = n < left ? n : (size_t)left, have = 0;
	ssize_t got;

	while (have < want) {
		got = pread(source->fd, (uint8_t *)data + have, want - have,
		    (off_t)source->offset);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			source->error = errno;
			return -1;
		}
		if (got == 0)
			break;
		have += (size_t)got;
		source->offset += (uint64_t)got;
	}
	return (ssize_t)have;
}

ssize_t
codec_source_fill(struct codec_source *source)
{
	return codec_source_read(source, source->buffer, sizeof(source->buffer));
}

void
codec_sink_init(struct codec_sink *sink, int fd)
{
	sink->fd = fd;
	sink->n_bytes = 0;
	sink->n_buffered = 0;
}

int
codec_sink_flush(struct codec_sink *sink)
{
	const uint8_t *data = sink->buffer;
	off_t offset = (off_t)(sink->n_bytes - sink->n_buffered);
	ssize_t put;

	while (sink->fd >= 0 && sink->n_buffered > 0) {
		put = pwrite(sink->fd, data, sink->n_buffered, offset);
		if (put < 0 && errno != EINTR)
			return -1;
		if (put > 0) {
			data += put;
			offset += put;
			sink->n_buffered -= (size_t)put;
		}
	}
	sink->n_buffered = 0;
	return 0;
}

int
codec_sink_put(struct codec_sink *sink, const void *data, size_t n)
{
	const uint8_t *from = data;

	while (n > 0) {
		size_t room = sizeof(sink->buffer) - sink->n_buffered;
		size_t part = n < room ? n : room;

		memcpy(sink->buffer + sink->n_buffered, from, part);
		sink->n_buffered += part;
		sink->n_bytes += part;
		from += part;
		n -= part;
		if (sink->n_buffered == sizeof(sink->buffer) && codec_sink_flush(sink) != 0)
			return -1;
	}
	return 0;
}
