/* spool/progress.c - NAME.progress: the line for people, and the lines for their scripts. */
#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fsio.h"
#include "base/mem.h"
#include "base/quote.h"
#include "spool/progress.h"
#include "spool/suffix.h"

static const char *const state_names[PROGRESS_N_STATE] = {
	[PROGRESS_DEVELOPING] = "developing",
	[PROGRESS_STOPPED] = "stopped",
	[PROGRESS_INTERRUPTED] = "interrupted",
	[PROGRESS_PUBLISHING] = "publishing",
	[PROGRESS_DONE] = "done",
};

/* Stage words and what people read for them. */
static const struct {
	const char *stage, *doing;
} stages[] = {
	{ "decode", "reading" },
	{ "resize", "resizing" },
	{ "encode", "saving" },
};

const char *
progress_state_name(enum progress_state state)
{
	return (unsigned)state < PROGRESS_N_STATE ? state_names[state] : "unknown";
}

const char *
progress_doing(const char *stage)
{
	size_t i;

	for (i = 0; i < sizeof(stages) / sizeof(stages[0]); i++)
		if (strcmp(stage, stages[i].stage) == 0)
			return stages[i].doing;
	return "starting";
}

static void
write_field(FILE *out, const char *key, const char *value)
{
	char *shown = quote_line(value);

	fprintf(out, "%s: %s\n", key, shown);
	free(shown);
}

/* "42% - resizing 2 of 3 (web), about 3 s left" */
static void
write_developing(FILE *out, const struct progress *p)
{
	char *rendition = quote_line(p->rendition);

	fprintf(out, "%u%% - %s", p->percent, progress_doing(p->stage));
	if (*rendition != '\0' && p->n_renditions > 0)
		fprintf(out, " %u of %u", p->i_rendition + 1, p->n_renditions);
	if (*rendition != '\0')
		fprintf(out, " (%s)", rendition);
	if (p->seconds_left >= 0)
		fprintf(out, ", about %d s left", p->seconds_left);
	fputc('\n', out);
	free(rendition);
}

static void
write_first_line(FILE *out, const struct progress *p)
{
	switch (p->state) {
	case PROGRESS_DEVELOPING:
		write_developing(out, p);
		break;
	case PROGRESS_STOPPED:
		fprintf(out, "stopped at %u%%\n", p->percent);
		break;
	case PROGRESS_PUBLISHING:
		fprintf(out, "%u%% - putting the results in their place\n", p->percent);
		break;
	case PROGRESS_DONE:
		fputs("done\n", out);
		break;
	default:
		fputs("waiting to be developed again\n", out);
		break;
	}
}

char *
progress_text(const struct progress *p)
{
	char started[CLOCK_ISO_SIZE], updated[CLOCK_ISO_SIZE];
	char *text = NULL;
	size_t length = 0;
	FILE *out = mem_stream(&text, &length);

	write_first_line(out, p);
	write_field(out, "state", progress_state_name(p->state));
	fprintf(out, "percent: %u\n", p->percent);
	write_field(out, "stage", p->stage);
	write_field(out, "rendition", p->rendition);
	write_field(out, "source", p->source);
	write_field(out, "profile", p->profile);
	fprintf(out, "attempt: %u\n", p->attempt);
	write_field(out, "started", clock_iso(started, p->started));
	write_field(out, "updated", clock_iso(updated, p->updated));
	write_field(out, "host", p->host);
	fclose(out);
	return text;
}

char *
progress_last_text(const struct progress *p, const struct progress_end *end)
{
	char *text = progress_text(p), *whole = NULL;
	size_t length = 0, i;
	FILE *out = mem_stream(&whole, &length);

	fputs(text, out);
	fprintf(out, "seconds: %lld\n", (long long)(p->updated - p->started));
	if (end->original != NULL)
		write_field(out, "original", end->original);
	for (i = 0; i < end->n_results; i++)
		write_field(out, "result", end->results[i]);
	fclose(out);
	free(text);
	return whole;
}

int
progress_write(int processing_dir, const char *rel, const struct progress *p)
{
	char *name = name_with_suffix(rel, PROGRESS_SUFFIX);
	char *text = progress_text(p);
	int result = fsio_replace(processing_dir, name, text, strlen(text), 0664, false);

	free(text);
	free(name);
	return result;
}

int
progress_remove(int processing_dir, const char *rel)
{
	char *name = name_with_suffix(rel, PROGRESS_SUFFIX);
	int result = fsio_unlink(processing_dir, name);

	free(name);
	return result == 0 || errno == ENOENT ? 0 : -1;
}
