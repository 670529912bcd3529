/* master/tally.h - what was done since the start, counted for the report.
 *
 * Place:   attempt, publish, news count -> here -> overview, report/metrics, hook, once read.
 * Process: master.   Units: seconds.
 */
#ifndef MASTER_TALLY_H
#define MASTER_TALLY_H

#include <stddef.h>
#include <stdint.h>

#include "image/reason.h"

#define TALLY_N_BUCKETS 12
#define TALLY_MAX_RECENT 12 /* of the last results shown as pictures */

/* Upper bounds in seconds, about three to a decade of ten thousand: a small screenshot takes 30 ms,
 * a worker's time is limited to minutes, a card of 2,000 pictures waits for hours. */
extern const double tally_bounds[TALLY_N_BUCKETS];

struct tally_histogram {
	uint64_t bucket[TALLY_N_BUCKETS], count; /* what is above the last bound is in count alone */
	double sum;
};

/* Since the daemon's start. */
struct tally_counts {
	uint64_t n_done, n_failed[REASON_N], n_dropped, n_retries, n_worker_deaths;
	uint64_t bytes_in, bytes_out;
	struct tally_histogram develop_s, drop_to_done_s;
};

struct tally_recent {          /* a result */
	const char *rel;       /* of the original in done/ */
	const char *picture;   /* path below ROOT of its smallest rendition */
};

struct tally {
	struct tally_counts counts;
	struct tally_recent recent[TALLY_MAX_RECENT]; /* newest first */
	size_t n_recent;
};

void tally_clear(struct tally *tally);

/* Add one measurement. A negative one (a clock that was set back) counts as 0. */
void tally_observe(struct tally_histogram *h, double seconds);

/* REL was developed, its smallest result is PICTURE. */
void tally_remember(struct tally *tally, const char *rel, const char *picture);

/* For whatever reason. */
uint64_t tally_n_failed(const struct tally_counts *counts);

#endif
