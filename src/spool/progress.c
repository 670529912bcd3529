#include <config.h>

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fsio.h"
#include "base/mem.h"
#include "base/quote.h"
#include "spool/progress.h"
#include "spool/suffix.h"

/* The longest sidecar that we write: a path with every byte escaped to \xNN, and the rest. */
#define PROGRESS_MAX_BYTES (4 * PROGRESS_REL_SIZE + 16 * PROGRESS_WORD_SIZE + 1024)
#define MAX_COUNT 1000000 /* of renditions, attempts and seconds that we believe */

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

char *
progress_name(const char *rel)
{
	return name_with_suffix(rel, PROGRESS_SUFFIX);
}

/* ---- writing ---- */

static void
put_value(FILE *out, const char *key, const char *value)
{
	char *shown = quote_line(value);

	fprintf(out, "%s: %s\n", key, shown);
	free(shown);
}

/* "42% - resizing 2 of 3 (web), about 3 s left" */
static void
put_developing(FILE *out, const struct progress *p)
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
put_first_line(FILE *out, const struct progress *p)
{
	switch (p->state) {
	case PROGRESS_DEVELOPING:
		put_developing(out, p);
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

	put_first_line(out, p);
	put_value(out, "state", progress_state_name(p->state));
	fprintf(out, "percent: %u\n", p->percent);
	put_value(out, "stage", p->stage);
	put_value(out, "rendition", p->rendition);
	put_value(out, "source", p->source);
	put_value(out, "profile", p->profile);
	fprintf(out, "attempt: %u\n", p->attempt);
	put_value(out, "started", clock_iso(started, p->started));
	put_value(out, "updated", clock_iso(updated, p->updated));
	put_value(out, "host", p->host);
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
		put_value(out, "original", end->original);
	for (i = 0; i < end->n_results; i++)
		put_value(out, "result", end->results[i]);
	fclose(out);
	free(text);
	return whole;
}

int
progress_write(int processing_dir, const char *rel, const struct progress *p)
{
	char *name = progress_name(rel);
	char *text = progress_text(p);
	int result = fsio_replace(processing_dir, name, text, strlen(text), 0664, false);

	free(text);
	free(name);
	return result;
}

int
progress_remove(int processing_dir, const char *rel)
{
	char *name = progress_name(rel);
	int result = fsio_unlink(processing_dir, name);

	free(name);
	return result == 0 || errno == ENOENT ? 0 : -1;
}

/* ---- reading ---- */

/* A number from 0 to MAX that TEXT begins with; *END, which may be NULL, is what follows it. */
static bool
take_number(const char *text, unsigned max, unsigned *number, const char **end)
{
	const char *p = text;
	unsigned value = 0;

	for (; *p >= '0' && *p <= '9'; p++) {
		value = value * 10 + (unsigned)(*p - '0');
		if (value > max)
			return false;
	}
	if (p == text)
		return false;
	*number = value;
	if (end != NULL)
		*end = p;
	return true;
}

static bool
take_whole_number(const char *text, unsigned max, unsigned *number)
{
	const char *end;

	return take_number(text, max, number, &end) && *end == '\0';
}

static bool
take_state(const char *value, enum progress_state *state)
{
	int i;

	for (i = 0; i < PROGRESS_N_STATE; i++)
		if (strcmp(value, state_names[i]) == 0) {
			*state = (enum progress_state)i;
			return true;
		}
	return false;
}

static bool
take_text(const char *value, char *array, size_t size)
{
	char *name = quote_line_undo(value);
	bool fits = name != NULL && strlen(name) < size;

	if (fits)
		strcpy(array, name);
	free(name);
	return fits;
}

static bool
take_time(const char *value, time_t *when)
{
	struct tm utc = { 0 };
	const char *end = strptime(value, "%Y-%m-%dT%H:%M:%SZ", &utc);

	if (end == NULL || *end != '\0')
		return false;
	*when = timegm(&utc);
	return true;
}

/* The two things that only the line for people holds. A line of another make holds neither. */
static void
take_first_line(const char *line, struct progress *p)
{
	const char *of = strstr(line, " of ");
	const char *about = strstr(line, ", about ");
	const char *nth = strstr(line, " - ");
	unsigned n = 0, total = 0, seconds = 0;

	p->seconds_left = -1;
	if (about != NULL && take_number(about + 8, MAX_COUNT, &seconds, NULL))
		p->seconds_left = (int)seconds;
	if (nth == NULL || of == NULL || (nth = strchr(nth + 3, ' ')) == NULL)
		return;
	if (take_number(nth + 1, MAX_COUNT, &n, &nth) && nth == of &&
	    take_number(of + 4, MAX_COUNT, &total, NULL) && n >= 1 && n <= total) {
		p->i_rendition = n - 1;
		p->n_renditions = total;
	}
}

enum { HAS_STATE = 1, HAS_PERCENT = 2 };

/* One "key: value". False when the value is none of ours. */
static bool
take_line(const char *key, const char *value, struct progress *p, unsigned *seen)
{
	static const struct {
		const char *key;
		size_t offset, size;
	} texts[] = {
		{ "stage", offsetof(struct progress, stage), sizeof(p->stage) },
		{ "rendition", offsetof(struct progress, rendition), sizeof(p->rendition) },
		{ "source", offsetof(struct progress, source), sizeof(p->source) },
		{ "profile", offsetof(struct progress, profile), sizeof(p->profile) },
		{ "host", offsetof(struct progress, host), sizeof(p->host) },
	};
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (strcmp(key, texts[i].key) == 0)
			return take_text(value, (char *)p + texts[i].offset, texts[i].size);
	if (strcmp(key, "state") == 0) {
		*seen |= HAS_STATE;
		return take_state(value, &p->state);
	}
	if (strcmp(key, "percent") == 0) {
		*seen |= HAS_PERCENT;
		return take_whole_number(value, 100, &p->percent);
	}
	if (strcmp(key, "attempt") == 0)
		return take_whole_number(value, MAX_COUNT, &p->attempt);
	if (strcmp(key, "started") == 0)
		return take_time(value, &p->started);
	if (strcmp(key, "updated") == 0)
		return take_time(value, &p->updated);
	return true;
}

static bool
take_all(char *text, struct progress *p)
{
	char *rest = text;
	char *line = strsep(&rest, "\n");
	char *value;
	unsigned seen = 0;

	memset(p, 0, sizeof(*p));
	take_first_line(line, p);
	while ((line = strsep(&rest, "\n")) != NULL) {
		value = strstr(line, ": ");
		if (value == NULL)
			continue;
		*value = '\0';
		if (!take_line(line, value + 2, p, &seen))
			return false;
	}
	return seen == (HAS_STATE | HAS_PERCENT);
}

int
progress_read(int processing_dir, const char *rel, struct progress *out)
{
	char *name = progress_name(rel);
	char *text = NULL;
	int result = fsio_read(processing_dir, name, PROGRESS_MAX_BYTES, &text, NULL);

	free(name);
	if (result != 0)
		return -1;
	if (!take_all(text, out)) {
		errno = EBADMSG;
		result = -1;
	}
	free(text);
	return result;
}
