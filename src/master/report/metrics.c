/* master/report/metrics.c - metrics.prom: the report for Prometheus. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "master/report/report.h"

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
	for (bad = REASON_NONE + 1; bad < REASON_N; bad++) {
		fputs("darkroom_failed_total{reason=\"", out);
		put_label(out, reason_name((enum reason)bad));
		fprintf(out, "\"} %" PRIu64 "\n", r->counts.n_failed[bad]);
	}
}

static void
put_state(FILE *out, const struct report *r)
{
	int state;

	put_head(out, "state", "gauge", "1 for the state that the queue is in, else 0.");
	for (state = 0; state < STATE_N_LIVE; state++)
		fprintf(out, "darkroom_state{state=\"%s\"} %d\n", state_name((enum queue_state)state),
		    (int)r->state == state);
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
put_histogram(FILE *out, const char *name, const char *help, const struct tally_histogram *h)
{
	uint64_t n_below = 0;
	size_t i;

	put_head(out, name, "histogram", help);
	for (i = 0; i < TALLY_N_BUCKETS; i++) {
		n_below += h->bucket[i];
		fprintf(out, "darkroom_%s_bucket{le=\"%g\"} %" PRIu64 "\n", name, tally_bounds[i], n_below);
	}
	fprintf(out, "darkroom_%s_bucket{le=\"+Inf\"} %" PRIu64 "\n", name, h->count);
	fprintf(out, "darkroom_%s_sum %.9g\n", name, h->sum);
	fprintf(out, "darkroom_%s_count %" PRIu64 "\n", name, h->count);
}

static void
put_counters(FILE *out, const struct report *r)
{
	put_one(out, "done_total", "counter", "Images developed.", r->counts.n_done);
	put_failed(out, r);
	put_one(out, "dropped_total", "counter", "Images taken away by people before they were done.",
	    r->counts.n_dropped);
	put_one(out, "retries_total", "counter", "Second attempts at an image.", r->counts.n_retries);
	put_one(out, "worker_deaths_total", "counter", "Workers that died or were killed for their time.",
	    r->counts.n_worker_deaths);
	put_one(out, "read_bytes_total", "counter", "Bytes of the originals developed.", r->counts.bytes_in);
	put_one(out, "written_bytes_total", "counter", "Bytes of the results.", r->counts.bytes_out);
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
	    &r->counts.develop_s);
	put_histogram(out, "drop_to_done_seconds", "From the arrival of an image to its results.",
	    &r->counts.drop_to_done_s);
	fclose(out);
	return text;
}
