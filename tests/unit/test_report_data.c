#include <config.h>

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/quote.h"
#include "master/report/report.h"
#include "report_sample.h"

/* ---- status.json ---- */

static const char *
text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	cr_assert_not_null(text, "no string %s", key);
	return text;
}

static void
assert_exact_name(const json_t *object, const char *key, const char *name)
{
	char *line = quote_line(name);
	char *exact = quote_percent_undo(text_of(object, key));

	cr_assert_str_eq(exact, name);
	cr_assert_str_eq(text_of(object, strcmp(key, "rel_percent") == 0 ? "rel" : "picture"), line);
	free(exact);
	free(line);
}

Test(report_data, gives_programs_the_exact_names)
{
	struct report r = sample();
	char *text = report_json(&r);
	json_error_t error;
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error);
	const json_t *job, *files;

	cr_assert_not_null(root, "%s", error.text);
	job = json_array_get(json_object_get(root, "jobs"), 1);
	assert_exact_name(job, "rel_percent", HOSTILE);
	files = json_object_get(json_object_get(root, "held"), "files");
	assert_exact_name(json_array_get(files, 1), "rel_percent", HOSTILE);
	files = json_object_get(json_object_get(root, "waiting"), "first");
	assert_exact_name(json_array_get(files, 1), "rel_percent", HOSTILE);
	files = json_object_get(root, "recent");
	assert_exact_name(json_array_get(files, 1), "picture_percent", "out/thumb/" HOSTILE);
	json_decref(root);
	free(text);
}

Test(report_data, keeps_the_keys_of_its_json)
{
	struct report r = sample();
	char *text, *why = mem_dup("\xff is not UTF-8");
	const char *state;
	json_t *root;
	json_int_t format, pid, waiting, failed, corrupt;
	double rate;

	r.why = why;
	r.seconds_left = -1;
	text = report_json(&r);
	root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	cr_assert_eq(json_unpack(root, "{s:I, s:I, s:s, s:{s:I}, s:{s:I, s:{s:I}}, s:F, s:n}",
	    "format", &format, "pid", &pid, "state", &state, "waiting", "count", &waiting,
	    "since_start", "failed", &failed, "failed_by_reason", reason_name(REASON_CORRUPT), &corrupt,
	    "images_per_minute", &rate, "seconds_left"), 0);
	cr_assert_eq(format, 1);
	cr_assert_eq(pid, 4711);
	cr_assert_str_eq(state, "developing");
	cr_assert_eq(waiting, 1234);
	cr_assert_eq(failed, 3);
	cr_assert_eq(corrupt, 2);
	cr_assert_float_eq(rate, 14.2, 1e-9);
	cr_assert_str_eq(text_of(root, "why"), "\\xff is not UTF-8");
	cr_assert_str_eq(text_of(root, "started"), "2026-01-31T12:00:00Z");
	cr_assert_str_eq(text_of(root, "written"), "2026-01-31T12:00:03Z");
	cr_assert_eq(json_object_size(json_object_get(
	    json_object_get(root, "since_start"), "failed_by_reason")), REASON_N - 1);
	json_decref(root);
	free(text);
	free(why);
}

/* ---- metrics.prom ---- */

/* The value behind the sample SERIES ("darkroom_x{a=\"b\"}"), or -1. */
static double
metric(const char *text, const char *series)
{
	char *start = mem_printf("\n%s ", series);
	const char *p = strstr(text, start);
	double value = p == NULL ? -1 : atof(p + strlen(start));

	free(start);
	return value;
}

static size_t
name_length(const char *p)
{
	return strspn(p, "abcdefghijklmnopqrstuvwxyz_");
}

/* One sample line: name of the family in hand, labels, one number. */
static void
check_sample(const char *line, const char *family, const char *type)
{
	size_t length = name_length(line);
	const char *suffix = line + strlen(family);
	char *end;

	cr_assert_eq(strncmp(line, family, strlen(family)), 0, "%s is not of %s", line, family);
	if (strcmp(type, "histogram") == 0)
		cr_assert(strncmp(suffix, "_bucket{le=\"", 12) == 0 ||
		    strncmp(suffix, "_sum ", 5) == 0 || strncmp(suffix, "_count ", 7) == 0, "%s", line);
	else
		cr_assert_eq(length, strlen(family), "%s", line);
	if (strcmp(type, "counter") == 0)
		cr_assert_str_eq(family + strlen(family) - 6, "_total");
	line += length;
	if (*line == '{') {
		line += 1 + name_length(line + 1);
		cr_assert_eq(strncmp(line, "=\"", 2), 0);
		line = strstr(line + 2, "\"}");
		cr_assert_not_null(line);
		line += 2;
	}
	cr_assert_eq(*line, ' ');
	cr_assert_geq(strtod(line + 1, &end), 0);
	cr_assert_eq(*end, '\0');
}

Test(report_data, writes_metrics_as_the_format_demands)
{
	struct report r = sample();
	char *text, *rest, *line;
	char help[80] = "", family[80] = "", type[80] = "";
	size_t n_families = 0;

	r.version = "0.1\"\\\n\xff";
	tally_observe(&r.counts.develop_s, 0.2);
	text = report_metrics(&r);
	cr_assert_eq(text[strlen(text) - 1], '\n');
	text[strlen(text) - 1] = '\0';
	cr_assert_not_null(strstr(text, "{version=\"0.1\\\"\\\\??\"} 1\n"));
	rest = text;
	while ((line = strsep(&rest, "\n")) != NULL) {
		if (strncmp(line, "# HELP ", 7) == 0) {
			cr_assert_eq(sscanf(line, "# HELP %79s", help), 1);
			cr_assert_eq(line[strlen(line) - 1], '.');
		} else if (strncmp(line, "# TYPE ", 7) == 0) {
			cr_assert_eq(sscanf(line, "# TYPE %79s %79s", family, type), 2);
			cr_assert_str_eq(family, help);
			cr_assert_eq(strncmp(family, "darkroom_", 9), 0);
			n_families++;
		} else
			check_sample(line, family, type);
	}
	cr_assert_eq(n_families, 16);
	free(text);
}

Test(report_data, counts_in_its_metrics)
{
	struct report r = sample();
	char *text;

	r.state = STATE_INBOX_MISSING;
	text = report_metrics(&r);
	cr_assert_eq(metric(text, "darkroom_done_total"), 130);
	cr_assert_eq(metric(text, "darkroom_dropped_total"), 4);
	cr_assert_eq(metric(text, "darkroom_retries_total"), 5);
	cr_assert_eq(metric(text, "darkroom_worker_deaths_total"), 6);
	cr_assert_eq(metric(text, "darkroom_read_bytes_total"), 7);
	cr_assert_eq(metric(text, "darkroom_written_bytes_total"), 8);
	cr_assert_eq(metric(text, "darkroom_waiting"), 1234);
	cr_assert_eq(metric(text, "darkroom_processing"), 3);
	cr_assert_eq(metric(text, "darkroom_held"), 2);
	cr_assert_eq(metric(text, "darkroom_free_bytes"), 12300000000);
	cr_assert_eq(metric(text, "darkroom_state{state=\"inbox missing\"}"), 1);
	cr_assert_eq(metric(text, "darkroom_state{state=\"idle\"}"), 0);
	cr_assert_eq(count(text, "darkroom_failed_total{reason="), REASON_N - 1);
	free(text);
}

Test(report_data, sorts_measurements_into_buckets)
{
	static const struct {
		const char *series;
		double value;
	} cases[] = {
		{ "darkroom_develop_seconds_bucket{le=\"0.03\"}", 3 },
		{ "darkroom_develop_seconds_bucket{le=\"0.1\"}", 4 },
		{ "darkroom_develop_seconds_bucket{le=\"10\"}", 4 },
		{ "darkroom_develop_seconds_bucket{le=\"14400\"}", 5 },
		{ "darkroom_develop_seconds_bucket{le=\"+Inf\"}", 6 },
		{ "darkroom_develop_seconds_count", 6 },
		{ "darkroom_drop_to_done_seconds_count", 0 },
	};
	static const double measured[] = { -5, 0, 0.03, 0.031, 14400, 14401 };
	struct report r = sample();
	char *text;
	size_t i;

	for (i = 0; i < sizeof(measured) / sizeof(measured[0]); i++)
		tally_observe(&r.counts.develop_s, measured[i]);
	text = report_metrics(&r);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_assert_eq(metric(text, cases[i].series), cases[i].value, "%s", cases[i].series);
	cr_assert_float_eq(metric(text, "darkroom_develop_seconds_sum"), 28801.061, 1e-6);
	free(text);
}
