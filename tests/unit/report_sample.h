/* A queue with everything in it that is hard to show; test_report and test_report_data. */
#ifndef TESTS_REPORT_SAMPLE_H
#define TESTS_REPORT_SAMPLE_H

#include <string.h>

#include "master/report/report.h"

#define NAME_50 "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN"
#define NAME_200 NAME_50 NAME_50 NAME_50 NAME_50
#define HOSTILE "a\n\"'<script>alert(1)</script>&amp;\xff\x1b[31m\\ \xe2\x80\xae.jpg"
#define WIDE "\xe6\x97\xa5\xe6\x9c\xac" /* two characters of two columns each */

static const struct report_job jobs[] = {
	{ "holiday/photo.jpg", "developing", NULL, "resize", "web", "default", 42, 3, 1 },
	{ HOSTILE, "interrupted", NULL, "", "", "default", 100, -1, 2 },
	{ NAME_200 "/x.jpg", "publishing", NULL, "", "", HOSTILE, 0, -1, 1 },
};
static const char *const first[] = { "b.jpg", HOSTILE, NAME_200,
	WIDE WIDE WIDE WIDE WIDE WIDE WIDE WIDE WIDE WIDE WIDE WIDE WIDE WIDE WIDE WIDE WIDE WIDE
	    WIDE WIDE WIDE WIDE };
static const struct report_held held[] = {
	{ "film.mov", "not developed, still yours (not a JPEG or PNG)" },
	{ HOSTILE, "not ours to read: the folder belongs to another user; give it to the group of the "
	    "inbox, or copy the files anew" },
};
static const struct tally_recent recent[] = {
	{ "holiday/last.jpg", "out/thumb/holiday/last.jpg" },
	{ HOSTILE, "out/thumb/" HOSTILE },
	{ "javascript:alert(1)", "javascript:alert(1)" },
};

static inline struct report
sample(void)
{
	struct report r = {
		.state = STATE_DEVELOPING, .why = "", .host = "nas", .version = "0.1", .mode = "inotify",
		.pid = 4711, .started = 1769860800, .now = 1769860803,
		.jobs = jobs, .n_jobs = 3, .n_waiting = 1234, .first = first, .n_first = 4,
		.held = held, .n_held = 2, .recent = recent, .n_recent = 3,
		.n_done_today = 120, .n_failed_today = 2, .images_per_minute = 14.2,
		.seconds_left = 5100, .free_bytes = 12300000000, 
		.counts = { .n_done = 130, .n_dropped = 4, .n_retries = 5, .n_worker_deaths = 6,
		    .bytes_in = 7, .bytes_out = 8 },
	};

	r.counts.n_failed[REASON_CORRUPT] = 2;
	r.counts.n_failed[REASON_TOO_SLOW] = 1;
	return r;
}

static inline size_t
count(const char *text, const char *part)
{
	size_t n = 0;

	for (; (text = strstr(text, part)) != NULL; text += strlen(part))
		n++;
	return n;
}

#endif
