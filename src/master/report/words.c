/* master/report/words.c - the words that STATUS and status.html share. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "master/report/words.h"
#include "spool/progress.h"

/* The attempt is told from the second on: then people ask why it takes so long. */
static void
put_attempt(FILE *out, const struct report_job *job)
{
	if (job->attempt > 1)
		fprintf(out, " (attempt %d)", job->attempt);
}

static void
put_developing(FILE *out, const struct report_job *job)
{
	char *left;

	fputs(progress_doing(job->stage), out);
	if (*job->rendition != '\0')
		fprintf(out, " (%s)", job->rendition);
	if (job->seconds_left >= 0) {
		left = report_words_duration(job->seconds_left);
		fprintf(out, ", about %s left", left);
		free(left);
	}
}

char *
report_words_job(const struct report_job *job)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = mem_stream(&text, &length);

	if (strcmp(job->state, "developing") == 0)
		put_developing(out, job);
	else if (job->why != NULL)
		fputs(job->why, out);
	else if (strcmp(job->state, "interrupted") == 0)
		fputs("waiting to be developed again", out);
	else if (strcmp(job->state, "publishing") == 0)
		fputs("putting the results in their place", out);
	else
		fputs(job->state, out);
	put_attempt(out, job);
	fclose(out);
	return text;
}

char *
report_words_duration(int64_t seconds)
{
	if (seconds < 100)
		return mem_printf("%" PRId64 " s", seconds);
	if (seconds < 3600)
		return mem_printf("%" PRId64 " min", (seconds + 30) / 60);
	if (seconds < 48 * 3600)
		return mem_printf("%" PRId64 " h %" PRId64 " min", seconds / 3600,
		    seconds % 3600 / 60);
	return mem_printf("%" PRId64 " days", (seconds + 12 * 3600) / (24 * 3600));
}

char *
report_words_bytes(uint64_t bytes)
{
	static const char *const units[] = { "bytes", "kB", "MB", "GB", "TB", "PB" };
	double value = (double)bytes;
	size_t i = 0;

	for (; value >= 999.5 && i < sizeof(units) / sizeof(units[0]) - 1; i++)
		value /= 1000;
	return mem_printf(i == 0 || value >= 99.95 ? "%.0f %s" : "%.1f %s", value, units[i]);
}

char *
report_words_rate(const struct report *r)
{
	double rate = r->images_per_minute;
	char *text = NULL;
	size_t length = 0;
	FILE *out = mem_stream(&text, &length);
	char *left;

	if (rate >= 0.95 && rate < 1.05)
		fputs("1 picture a minute", out);
	else if (rate > 0)
		fprintf(out, rate < 9.95 ? "%.1f pictures a minute" : "%.0f pictures a minute", rate);
	if (rate > 0 && r->seconds_left >= 0) {
		left = report_words_duration(r->seconds_left);
		fprintf(out, ", about %s left", left);
		free(left);
	}
	fclose(out);
	return text;
}

const char *
report_words_mode(const struct report *r)
{
	if (strcmp(r->mode, "inotify") == 0)
		return "at once";
	if (strncmp(r->mode, "polling ", 8) == 0)
		return r->mode + 8;
	return r->mode;
}

char *
report_words_time(time_t when)
{
	struct tm local;
	char text[64];

	if (localtime_r(&when, &local) == NULL ||
	    strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S %Z", &local) == 0)
		return mem_dup("unknown");
	return mem_dup(text);
}
