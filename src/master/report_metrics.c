#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "master/report.h"

/* Upper bounds in seconds, about three to a decade of ten thousand: a small screenshot takes 30 ms,
 * a worker's time is limited to minutes, a card of 2,000 pictures waits for hours. */
static const double bounds[REPORT_N_BUCKETS] = {
	0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3600, 14400,
};

static const char *const states[] = {
	"idle", "developing", "stopped", "paused", "outside hours", "blocked", "inbox missing",
};

void
report_observe(struct report_histogram *h, double seconds)
{
	size_t i;

	if (!(seconds > 0))
		seconds = 0;
	for (i = 0; i < REPORT_N_BUCKETS && seconds > bounds[i]; i++)
		;
	if (i < REPORT_N_BUCKETS)
		h->bucket[i]++;
	h->count++;
	h->sum += seconds;
}

static void
put_head(FILE *out, const char *name, const char *type, const char *help)
{
	fprintf(out, "# HELP darkroom_%s %s\n# TYPE darkroom_%s %s\n", name, help, name, type);
}

static void
put_one(FILE *out, const char *name, const char *type, const char *help, uint64_t value)
{
	put_head(out, name, type, help);
	fprintf(out, "darkroom_%s %" PRIu64 "\n", name, value);
}

/* A value between quotes: backslash, quote and newline are escaped; what is no plain ASCII
 * becomes '?', since our label values are words. */
static void
put_label(FILE *out, const char *value)
{
	for (; *value != '\0'; value++) {
		if (*value == '\\' || *value == '"')
			fputc('\\', out);
		fputc(*value >= ' ' && *value < 0x7f ? *value : '?', out);
	}
}

static void
put_failed(FILE *out, const struct report *r)
{
	int bad;

	put_head(out, "failed_total", "counter", "Images that could not be developed, by reason.");
	for (bad = BAD_NONE + 1; bad < BAD_N; bad++) {
		fputs("darkroom_failed_total{reason=\"", out);
		put_label(out, bad_name((enum bad)bad));
		fprintf(out, "\"} %" PRIu64 "\n", r->n_failed[bad]);
	}
}

static void
put_state(FILE *out, const struct report *r)
{
	size_t i;

	put_head(out, "state", "gauge", "1 for the state that the queue is in, else 0.");
	for (i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		fprintf(out, "darkroom_state{state=\"%s\"} %d\n", states[i],
		    strcmp(r->state, states[i]) == 0);
}

static void
put_info(FILE *out, const struct report *r)
{
	put_head(out, "build_info", "gauge", "Always 1; the version is in the label.");
	fputs("darkroom_build_info{version=\"", out);
	put_label(out, r->version);
	fputs("\"} 1\n", out);
	put_one(out, "start_time_seconds", "gauge", "When the daemon started, as Unix time.",
	    r->started > 0 ? (uint64_t)r->started : 0);
}

static void
put_histogram(FILE *out, const char *name, const char *help, const struct report_histogram *h)
{
	uint64_t n_below = 0;
	size_t i;

	put_head(out, name, "histogram", help);
	for (i = 0; i < REPORT_N_BUCKETS; i++) {
		n_below += h->bucket[i];
		fprintf(out, "darkroom_%s_bucket{le=\"%g\"} %" PRIu64 "\n", name, bounds[i], n_below);
	}
	fprintf(out, "darkroom_%s_bucket{le=\"+Inf\"} %" PRIu64 "\n", name, h->count);
	fprintf(out, "darkroom_%s_sum %.9g\n", name, h->sum);
	fprintf(out, "darkroom_%s_count %" PRIu64 "\n", name, h->count);
}

static void
put_counters(FILE *out, const struct report *r)
{
	put_one(out, "done_total", "counter", "Images developed.", r->n_done);
	put_failed(out, r);
	put_one(out, "dropped_total", "counter", "Images taken away by people before they were done.",
	    r->n_dropped);
	put_one(out, "retries_total", "counter", "Second attempts at an image.", r->n_retries);
	put_one(out, "worker_deaths_total", "counter", "Workers that died or were killed for their time.",
	    r->n_worker_deaths);
	put_one(out, "read_bytes_total", "counter", "Bytes of the originals developed.", r->bytes_in);
	put_one(out, "written_bytes_total", "counter", "Bytes of the results.", r->bytes_out);
}

static void
put_gauges(FILE *out, const struct report *r)
{
	put_one(out, "waiting", "gauge", "Images that wait to be developed.", r->n_waiting);
	put_one(out, "processing", "gauge", "Images in processing/.", r->n_jobs);
	put_one(out, "held", "gauge", "Files of the inbox that wait for a reason of their own.",
	    r->n_held);
	put_one(out, "free_bytes", "gauge", "Free space of the spool's file system.", r->free_bytes);
}

char *
report_metrics(const struct report *r)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = mem_stream(&text, &length);

	put_info(out, r);
	put_state(out, r);
	put_counters(out, r);
	put_gauges(out, r);
	put_histogram(out, "develop_seconds", "From the start of an image's work to its end.",
	    &r->develop_s);
	put_histogram(out, "drop_to_done_seconds", "From the arrival of an image to its results.",
	    &r->drop_to_done_s);
	fclose(out);
	return text;
}
