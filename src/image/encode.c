/* image/encode.c - the last step of a result: its encoder, and max_bytes. */
#include <config.h>

#include "image/encode.h"

/* FD -1: only count. */
static int
write_once(struct encode *e, int fd)
{
	codec_sink_init(e->sink, fd);
	return e->codec->write_planes != NULL ?
	    e->codec->write_planes(e->sink, e->planes, e->style, e->pace, e->outcome) :
	    e->codec->write_rows(e->sink, e->rows, e->style, e->pace, e->outcome);
}

/* The highest quality at which the result is no longer than max_bytes. */
static int
find_quality(struct encode *e)
{
	const struct rendition *spec = e->style->spec;
	unsigned low = 0, high = spec->quality + 1u; /* low fits (0: none yet), high does not */

	while (high - low > 1) {
		/* the wish itself first: most pictures fit */
		unsigned quality = high == spec->quality + 1u && low == 0 ? high - 1 :
		    (low + high) / 2;

		e->style->quality = quality;
		if (write_once(e, -1) != 0)
			return -1;
		if (e->sink->n_bytes <= spec->max_bytes)
			low = quality;
		else
			high = quality;
	}
	e->style->quality = low;
	if (low > 0)
		return 0;
	return outcome_bad(e->outcome, REASON_TOO_BIG, "rendition %s does not fit into %llu bytes "
	    "(max_bytes) even at quality 1", spec->name, (unsigned long long)spec->max_bytes);
}

int
encode_write(struct encode *e, int fd)
{
	const struct rendition *spec = e->style->spec;

	if (spec->max_bytes != 0 && e->codec->has_quality && find_quality(e) != 0)
		return -1;
	if (write_once(e, fd) != 0)
		return -1;
	if (spec->max_bytes == 0 || e->codec->has_quality || e->sink->n_bytes <= spec->max_bytes)
		return 0;
	return outcome_bad(e->outcome, REASON_TOO_BIG, "rendition %s takes %llu bytes as a %s, more "
	    "than %llu (max_bytes); as a JPEG it can be made to fit", spec->name,
	    (unsigned long long)e->sink->n_bytes, e->codec->name,
	    (unsigned long long)spec->max_bytes);
}
