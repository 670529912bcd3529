/* master/report/json.c - status.json: the report for programs. */
#include <config.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/quote.h"
#include "master/report/report.h"

/* Adding to an object fails only when memory has run out, or on text that is no UTF-8, which
 * cannot be here: every text goes through put_text or put_name. Takes VALUE. */
static void
put_value(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value) != 0)
		log_die("out of memory");
}

static void
put_text(json_t *object, const char *key, const char *text)
{
	json_t *value = json_string(text);
	char *line;

	if (value == NULL) { /* invalid UTF-8 */
		line = quote_line(text);
		value = json_string(line);
		free(line);
	}
	put_value(object, key, value);
}

/* KEY for people and KEY_percent for programs. */
static void
put_name(json_t *object, const char *key, const char *name)
{
	char *line = quote_line(name);
	char *exact = quote_percent(name, "/");
	char *exact_key = mem_printf("%s_percent", key);

	put_value(object, key, json_string(line));
	put_value(object, exact_key, json_string(exact));
	free(exact_key);
	free(exact);
	free(line);
}

static void
put_count(json_t *object, const char *key, uint64_t count)
{
	put_value(object, key, json_integer(count > INT64_MAX ? INT64_MAX : (json_int_t)count));
}

/* Negative: not known. */
static void
put_seconds(json_t *object, const char *key, int64_t seconds)
{
	put_value(object, key, seconds < 0 ? json_null() : json_integer(seconds));
}

static void
put_time(json_t *object, const char *key, time_t when)
{
	char text[CLOCK_ISO_SIZE];

	put_value(object, key, when == 0 ? json_null() : json_string(clock_iso(text, when)));
}

static void
append_value(json_t *array, json_t *value)
{
	if (json_array_append_new(array, value) != 0)
		log_die("out of memory");
}

static json_t *
make_jobs(const struct report *r)
{
	json_t *array = json_array();
	json_t *object;
	const struct report_job *job;

	for (job = r->jobs; job < r->jobs + r->n_jobs; job++) {
		object = json_object();
		put_name(object, "rel", job->rel);
		put_text(object, "state", job->state);
		if (job->why != NULL)
			put_text(object, "why", job->why);
		put_text(object, "stage", job->stage);
		put_text(object, "rendition", job->rendition);
		put_text(object, "profile", job->profile);
		put_count(object, "percent", job->percent);
		put_value(object, "attempt", json_integer(job->attempt));
		put_seconds(object, "seconds_left", job->seconds_left);
		append_value(array, object);
	}
	return array;
}

static json_t *
make_waiting(const struct report *r)
{
	json_t *object = json_object();
	json_t *first = json_array();
	json_t *file;
	size_t i;

	for (i = 0; i < r->n_first; i++) {
		file = json_object();
		put_name(file, "rel", r->first[i]);
		append_value(first, file);
	}
	put_count(object, "count", r->n_waiting);
	put_value(object, "first", first);
	return object;
}

static json_t *
make_held(const struct report *r)
{
	json_t *object = json_object();
	json_t *files = json_array();
	json_t *file;
	size_t i;

	for (i = 0; i < r->n_held && i < REPORT_MAX_HELD; i++) {
		file = json_object();
		put_name(file, "rel", r->held[i].rel);
		put_text(file, "reason", r->held[i].reason);
		append_value(files, file);
	}
	put_count(object, "count", r->n_held);
	put_value(object, "files", files);
	return object;
}

static json_t *
make_recent(const struct report *r)
{
	json_t *array = json_array();
	json_t *object;
	size_t i;

	for (i = 0; i < r->n_recent; i++) {
		object = json_object();
		put_name(object, "rel", r->recent[i].rel);
		put_name(object, "picture", r->recent[i].picture);
		append_value(array, object);
	}
	return array;
}

static json_t *
make_today(const struct report *r)
{
	json_t *object = json_object();

	put_count(object, "done", r->n_done_today);
	put_count(object, "failed", r->n_failed_today);
	return object;
}

static json_t *
make_since_start(const struct report *r)
{
	json_t *object = json_object();
	json_t *reasons = json_object();
	int bad;

	for (bad = REASON_NONE + 1; bad < REASON_N; bad++)
		put_count(reasons, reason_name((enum reason)bad), r->counts.n_failed[bad]);
	put_count(object, "done", r->counts.n_done);
	put_count(object, "failed", tally_n_failed(&r->counts));
	put_value(object, "failed_by_reason", reasons);
	put_count(object, "dropped", r->counts.n_dropped);
	put_count(object, "retries", r->counts.n_retries);
	put_count(object, "worker_deaths", r->counts.n_worker_deaths);
	put_count(object, "bytes_in", r->counts.bytes_in);
	put_count(object, "bytes_out", r->counts.bytes_out);
	return object;
}

/* One digit behind the point: what nobody can see is no change. */
static json_t *
make_rate(const struct report *r)
{
	if (!(r->images_per_minute > 0 && r->images_per_minute < 1e9))
		return json_null();
	return json_real((double)(int64_t)(r->images_per_minute * 10 + 0.5) / 10);
}

static void
put_daemon(json_t *object, const struct report *r)
{
	put_value(object, "format", json_integer(1));
	put_text(object, "version", r->version);
	put_text(object, "host", r->host);
	put_value(object, "pid", json_integer(r->pid));
	put_time(object, "started", r->started);
	put_time(object, "written", r->now);
	put_text(object, "state", state_name(r->state));
	put_text(object, "why", r->why);
	put_text(object, "mode", r->mode);
}

char *
report_json(const struct report *r)
{
	json_t *object = json_object();
	char *text, *line;

	put_daemon(object, r);
	put_value(object, "jobs", make_jobs(r));
	put_value(object, "waiting", make_waiting(r));
	put_value(object, "held", make_held(r));
	put_value(object, "recent", make_recent(r));
	put_value(object, "today", make_today(r));
	put_value(object, "images_per_minute", make_rate(r));
	put_seconds(object, "seconds_left", r->seconds_left);
	put_count(object, "free_bytes", r->free_bytes);
	put_value(object, "since_start", make_since_start(r));
	text = json_dumps(object, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
	json_decref(object);
	if (text == NULL)
		log_die("out of memory");
	line = mem_printf("%s\n", text);
	free(text);
	return line;
}
