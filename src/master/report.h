/* master/report.h - what people and programs see of the queue: STATUS, status.html,
 * status.json and metrics.prom, all written from one struct.
 *
 * Place:   master fills a struct report -> here -> base/fsio (temp + rename).
 * Process: master. In a shared spool only the holder of the reporter's lock writes.
 * When:    at most every 2 s, and only when something but the clock changed: an idle queue
 *          writes nothing. A status that cannot be written (disk full) stops nobody.
 * Errors:  a form that cannot be written is told once with log_debug and tried again later.
 * Keys:    of status.json (they stay; new ones may come; unknown numbers are null):
 *            format (1), version, host, pid, started, written, state, why, mode,
 *            jobs: [{rel, rel_percent, state, stage, rendition, profile, percent, attempt,
 *                seconds_left}],
 *            waiting: {count, first: [{rel, rel_percent}]},
 *            held: {count, files: [{rel, rel_percent, reason}]},
 *            recent: [{rel, rel_percent, picture, picture_percent}],
 *            today: {done, failed}, images_per_minute, seconds_left, free_bytes,
 *            since_start: {done, failed, failed_by_reason: {REASON: n}, dropped, retries,
 *                worker_deaths, bytes_in, bytes_out}
 *          X_percent is X by quote_percent(X, "/"): the exact bytes of a name.
 * Names:   every name of a file is escaped for the form it goes into (quote_line, HTML, JSON:
 *          invalid UTF-8 becomes \xNN in JSON strings too).
 * Source:  Prometheus text exposition format 0.0.4; status.html needs no server, no script.
 */
#ifndef MASTER_REPORT_H
#define MASTER_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "image/bad.h"

#define REPORT_INTERVAL_MS 2000
#define REPORT_RETRY_MS 10000 /* after a failure: a full disk is not filled any faster */
#define REPORT_MAX_FIRST 20   /* of the waiting files that are listed by name */
#define REPORT_MAX_HELD 50    /* of the files that wait for a reason */
#define REPORT_MAX_RECENT 12  /* of the last results shown as pictures */
#define REPORT_N_BUCKETS 12

struct report_job {            /* an image that is being developed, or was interrupted */
	const char *rel;
	const char *state;     /* a progress_state_name() of spool/progress.h */
	const char *why;       /* it does not go on, for people; or NULL */
	const char *stage;     /* "decode", "resize", "encode", or "" */
	const char *rendition; /* "web", or "" */
	const char *profile;
	unsigned percent;
	int seconds_left;      /* -1: unknown */
	int attempt;
};

struct report_held {           /* a file that waits for a reason of its own */
	const char *rel;
	const char *reason;    /* "being written", "not developed, still yours (not a JPEG or PNG)" */
};

struct report_recent {         /* a result, newest first */
	const char *rel;       /* of the original in done/ */
	const char *picture;   /* path below ROOT of its smallest rendition */
};

struct report_histogram {      /* seconds; bounds in report_metrics.c */
	uint64_t bucket[REPORT_N_BUCKETS], count;
	double sum;
};

struct report {
	const char *state;     /* "idle", "developing", "stopped", "paused", "outside hours",
				  "blocked", "inbox missing" */
	const char *why;       /* a sentence: "out is full (No space left on device)", or "" */
	const char *host, *version, *mode; /* mode: "inotify" or "polling every 5 s" */
	long pid;
	time_t started;
	time_t now;            /* set by report_write(); 0 leaves "written" out of a form */
	const struct report_job *jobs;
	size_t n_jobs;
	size_t n_waiting;      /* ready or settling, not counting n_held */
	const char *const *first; /* rel of the first n_first of them, in order */
	size_t n_first;
	const struct report_held *held;
	size_t n_held;         /* all; only REPORT_MAX_HELD are in the array */
	const struct report_recent *recent;
	size_t n_recent;
	uint64_t n_done_today, n_failed_today; /* local midnight */
	double images_per_minute;  /* over the last minutes of work; 0: unknown */
	int64_t seconds_left;      /* for all that wait; -1: unknown */
	uint64_t free_bytes;       /* of the spool's file system */
	/* counters since the daemon's start */
	uint64_t n_done, n_failed[BAD_N], n_dropped, n_retries, n_worker_deaths;
	uint64_t bytes_in, bytes_out;
	struct report_histogram develop_s, drop_to_done_s;
};

/* Add one measurement. A negative one (a clock that was set back) counts as 0. */
void report_observe(struct report_histogram *h, double seconds);

/* A digest of what was written last: all but the clock; free_bytes counts once it has changed
 * by 1 %. */
struct report_seen;
struct report_seen *report_seen_new(void);
void report_seen_free(struct report_seen *seen);

/* Write the four files below ROOT_DIR if R differs from SEEN and SEEN is older than
 * REPORT_INTERVAL_MS at NOW_MS (monotonic). Updates SEEN.
 * FORCE: write whatever SEEN says (at start and at the end).
 * Returns: when to call again: later than NOW_MS, or CLOCK_NEVER when nothing is unwritten.
 * Within the interval it looks at nothing: a caller that fills R at some cost asks only when
 * that time has come, or something changed. */
int64_t report_write(int root_dir, const struct report *r, struct report_seen *seen,
    int64_t now_ms, bool force);

/* The forms by themselves. Each gives a string, valid UTF-8 that ends with a newline. */
char *report_text(const struct report *r);
char *report_json(const struct report *r);
char *report_html(const struct report *r);
char *report_metrics(const struct report *r);

#endif
