/* master/report/report.h - what people and programs see of the queue: one struct, and its forms as
 * STATUS, status.html, status.json and metrics.prom.
 *
 * Place:   overview fills a struct report -> write -> here: text, html, json, metrics.
 * Process: master. Pure: a struct in, a string out.
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

#include "master/state.h"
#include "master/tally.h"

#define REPORT_MAX_FIRST 20   /* of the waiting files that are listed by name */
#define REPORT_MAX_ASIDE 10   /* job folders that were set aside, among the held ones */
#define REPORT_MAX_HELD 50    /* of the files that wait for a reason */

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

struct report {
	enum queue_state state;
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
	const struct tally_recent *recent; /* newest first */
	size_t n_recent;
	uint64_t n_done_today, n_failed_today; /* local midnight */
	double images_per_minute;  /* over the last minutes of work; 0: unknown */
	int64_t seconds_left;      /* for all that wait; -1: unknown */
	uint64_t free_bytes;       /* of the spool's file system */
	struct tally_counts counts; /* since the daemon's start */
};

/* The forms by themselves. Each gives a string, valid UTF-8 that ends with a newline. */
char *report_text(const struct report *r);
char *report_json(const struct report *r);
char *report_html(const struct report *r);
char *report_metrics(const struct report *r);

#endif
