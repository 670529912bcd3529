/* master/report/text.c - STATUS: the report for people with an editor. */
#include <config.h>

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/mem.h"
#include "base/quote.h"
#include "master/report/report.h"
#include "master/report/words.h"

#define COLUMNS 80
#define BAR_COLUMNS 20
#define TAIL_COLUMNS 20 /* of a name too long: its end tells more than its middle */

/* ---- columns ---- */

/* Columns of the character at P, a text of quote_line(), and *SIZE, its bytes. By the locale that both
 * programs set, C.UTF-8; where a system lacks that, a character is one column. */
static size_t
columns_of_character(const char *p, size_t *size)
{
	mbstate_t state = { 0 };
	wchar_t character;
	int columns;

	*size = quote_char_length(p) > 0 ? (size_t)quote_char_length(p) : 1;
	columns = mbrtowc(&character, p, *size, &state) == *size ? wcwidth(character) : 1;
	return columns < 0 ? 1 : (size_t)columns;
}

static size_t
columns_of(const char *text)
{
	size_t n = 0, size;

	for (; *text != '\0'; text += size)
		n += columns_of_character(text, &size);
	return n;
}

/* Skip characters of TEXT until at most MAX columns are left. */
static const char *
tail_of(const char *text, size_t max)
{
	size_t n = columns_of(text), size;

	for (; n > max; text += size)
		n -= columns_of_character(text, &size);
	return text;
}

/* Bytes of the beginning of TEXT that take at most MAX columns. */
static size_t
head_of(const char *text, size_t max)
{
	size_t used = 0, n = 0, size;

	while (text[used] != '\0' && n + columns_of_character(text + used, &size) <= max) {
		n += columns_of_character(text + used, &size);
		used += size;
	}
	return used;
}

/* A name on one line, shortened in its middle to fit behind INDENT columns. */
static void
put_name(FILE *out, size_t indent, const char *name)
{
	char *line = quote_line(name);
	size_t room = COLUMNS - indent;

	fprintf(out, "%*s", (int)indent, "");
	if (columns_of(line) <= room)
		fprintf(out, "%s\n", line);
	else
		fprintf(out, "%.*s...%s\n", (int)head_of(line, room - TAIL_COLUMNS - 3), line,
		    tail_of(line, TAIL_COLUMNS));
	free(line);
}

/* A sentence, broken between words; COLUMN is where the cursor stands, later lines begin at
 * INDENT. A word longer than a line is cut by the reader, not by us. */
static void
put_sentence(FILE *out, size_t column, size_t indent, const char *text)
{
	char *line = quote_line(text);
	char *rest = line;
	char *word;
	bool is_first = true;

	while ((word = strsep(&rest, " ")) != NULL) {
		if (!is_first && column + 1 + columns_of(word) > COLUMNS) {
			fprintf(out, "\n%*s", (int)indent, "");
			column = indent;
		} else if (!is_first) {
			fputc(' ', out);
			column++;
		}
		fputs(word, out);
		column += columns_of(word);
		is_first = false;
	}
	fputc('\n', out);
	free(line);
}

/* ---- sections ---- */

static void
put_state(FILE *out, const struct report *r)
{
	char *line = *r->why == '\0' ? mem_printf("darkroom: %s", state_name(r->state)) :
	    mem_printf("darkroom: %s - %s", state_name(r->state), r->why);
	const char *advice = state_advice(r->state);

	put_sentence(out, 0, 2, line);
	if (*advice != '\0')
		put_sentence(out, 0, 0, advice);
	free(line);
}

static void
put_bar(FILE *out, unsigned percent)
{
	int n_full = (int)(percent > 100 ? 100 : percent) * BAR_COLUMNS / 100;
	int i;

	fputs("  [", out);
	for (i = 0; i < BAR_COLUMNS; i++)
		fputc(i < n_full ? '#' : '.', out);
	fprintf(out, "] %3u%%  ", percent);
}

static void
put_jobs(FILE *out, const struct report *r)
{
	const struct report_job *job;
	char *words;

	if (r->n_jobs == 0)
		return;
	fprintf(out, "\nIn work: %zu\n", r->n_jobs);
	for (job = r->jobs; job < r->jobs + r->n_jobs; job++) {
		words = report_words_job(job);
		put_name(out, 2, job->rel);
		put_bar(out, job->percent);
		put_sentence(out, 2 + BAR_COLUMNS + 9, 6, words);
		free(words);
	}
}

static void
put_waiting(FILE *out, const struct report *r)
{
	size_t i;

	fprintf(out, "\nWaiting: %zu\n", r->n_waiting);
	for (i = 0; i < r->n_first; i++)
		put_name(out, 2, r->first[i]);
	if (r->n_waiting > r->n_first && r->n_first > 0)
		fprintf(out, "  ... and %zu more\n", r->n_waiting - r->n_first);
}

static void
put_held(FILE *out, const struct report *r)
{
	size_t n = r->n_held < REPORT_MAX_HELD ? r->n_held : REPORT_MAX_HELD;
	size_t i;

	if (r->n_held == 0)
		return;
	fprintf(out, "\nWaiting for a reason: %zu\n", r->n_held);
	for (i = 0; i < n; i++) {
		put_name(out, 2, r->held[i].rel);
		fputs("      ", out);
		put_sentence(out, 6, 6, r->held[i].reason);
	}
	if (r->n_held > n)
		fprintf(out, "  ... and %zu more\n", r->n_held - n);
}

static void
put_figures(FILE *out, const struct report *r)
{
	char *rate = report_words_rate(r);
	char *space = report_words_bytes(r->free_bytes);

	fprintf(out, "\nToday:          %" PRIu64 " done, %" PRIu64 " failed%s\n", r->n_done_today,
	    r->n_failed_today, r->n_failed_today > 0 ? " (the folder failed says why)" : "");
	if (*rate != '\0')
		fprintf(out, "Speed:          %s\n", rate);
	fprintf(out, "Free space:     %s\n", space);
	fputs("New pictures:   noticed ", out);
	put_sentence(out, 24, 16, report_words_mode(r));
	free(space);
	free(rate);
}

static void
put_foot(FILE *out, const struct report *r)
{
	char *written = report_words_time(r->now);
	char *line = r->now == 0 ? mem_printf("darkroom %s on %s", r->version, r->host) :
	    mem_printf("Last change:    %s (darkroom %s on %s)", written, r->version, r->host);

	put_sentence(out, 0, 16, line);
	free(line);
	free(written);
}

char *
report_text(const struct report *r)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = mem_stream(&text, &length);

	put_state(out, r);
	put_jobs(out, r);
	put_waiting(out, r);
	put_held(out, r);
	put_figures(out, r);
	put_foot(out, r);
	fclose(out);
	return text;
}
