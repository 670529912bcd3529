/* master/tally.c - counters, times and the last results: beside the flow, told at its end. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "master/tally.h"

const double tally_bounds[TALLY_N_BUCKETS] = {
	0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3600, 14400,
};

static void
free_recent(struct tally_recent *recent)
{
	free((char *)recent->rel);
	free((char *)recent->picture);
}

void
tally_clear(struct tally *tally)
{
	while (tally->n_recent > 0)
		free_recent(&tally->recent[--tally->n_recent]);
}

void
tally_observe(struct tally_histogram *h, double seconds)
{
	size_t i;

	if (!(seconds > 0))
		seconds = 0;
	for (i = 0; i < TALLY_N_BUCKETS && seconds > tally_bounds[i]; i++)
		;
	if (i < TALLY_N_BUCKETS)
		h->bucket[i]++;
	h->count++;
	h->sum += seconds;
}

void
tally_remember(struct tally *tally, const char *rel, const char *picture)
{
	size_t last = TALLY_MAX_RECENT - 1;

	if (tally->n_recent == TALLY_MAX_RECENT)
		free_recent(&tally->recent[last]);
	else
		tally->n_recent++;
	memmove(&tally->recent[1], &tally->recent[0], last * sizeof(tally->recent[0]));
	tally->recent[0] = (struct tally_recent){ mem_dup(rel), mem_dup(picture) };
}

uint64_t
tally_n_failed(const struct tally_counts *counts)
{
	uint64_t n = 0;
	int bad;

	for (bad = 0; bad < REASON_N; bad++)
		n += counts->n_failed[bad];
	return n;
}
