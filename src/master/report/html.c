/* master/report/html.c - status.html: the report for people with a browser. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/quote.h"
#include "master/report/report.h"
#include "master/report/style.h"
#include "master/report/words.h"

/* 'self' is the folder's server, where there is one; a page opened from a share is file:. */
#define POLICY_START "default-src 'none'; img-src 'self' file:; base-uri 'none'; " \
	"form-action 'none'; style-src 'sha256-"

/* The colour that goes with a state: these words are of the style sheet. */
static const char *const colours[] = {
	[STATE_IS_WELL] = "good",
	[STATE_WORKS] = "busy",
	[STATE_WAITS] = "wait",
	[STATE_NEEDS_YOU] = "wait",
	[STATE_IS_BLOCKED] = "bad",
};

/* Whatever TEXT holds, it stays text: also within attributes, which we write in double quotes. */
static void
put(FILE *out, const char *text)
{
	char *line = quote_line(text);
	const char *p;

	for (p = line; *p != '\0'; p++) {
		if (*p == '&')
			fputs("&amp;", out);
		else if (*p == '<')
			fputs("&lt;", out);
		else if (*p == '>')
			fputs("&gt;", out);
		else if (*p == '"')
			fputs("&quot;", out);
		else if (*p == '\'')
			fputs("&#39;", out);
		else
			fputc(*p, out);
	}
	free(line);
}

/* <bdi>: a name with right-to-left characters turns nothing around but itself. */
static void
put_name(FILE *out, const char *rel)
{
	fputs("<bdi title=\"", out);
	put(out, rel);
	fputs("\">", out);
	put(out, rel);
	fputs("</bdi>", out);
}

static void
put_head(FILE *out, const struct report *r)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	    "<meta http-equiv=\"Content-Security-Policy\" content=\"" POLICY_START, out);
	fputs(report_style_hash, out);
	fputs("'\">\n<meta http-equiv=\"refresh\" content=\"5\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	    "<meta name=\"color-scheme\" content=\"light dark\">\n"
	    "<meta name=\"referrer\" content=\"no-referrer\">\n<title>darkroom: ", out);
	put(out, state_name(r->state));
	fputs("</title>\n<style>", out);
	fputs(report_style, out);
	fputs("</style>\n</head>\n", out);
}

static void
put_state(FILE *out, const struct report *r)
{
	fputs("<header>\n<h1><span>", out);
	put(out, state_name(r->state));
	fputs("</span></h1>\n", out);
	if (*r->why != '\0') {
		fputs("<p class=\"why\">", out);
		put(out, r->why);
		fputs("</p>\n", out);
	}
	fprintf(out, "<p class=\"soft\">%s</p>\n</header>\n", state_advice(r->state));
}

static void
put_figure(FILE *out, const char *label, const char *class, uint64_t value)
{
	fprintf(out, "<div><dt>%s</dt><dd%s>%" PRIu64 "</dd></div>\n", label, class, value);
}

static void
put_figures(FILE *out, const struct report *r)
{
	char *space = report_words_bytes(r->free_bytes);
	char *left = report_words_duration(r->seconds_left);

	fputs("<dl>\n", out);
	put_figure(out, "Waiting", "", r->n_waiting);
	put_figure(out, "Done today", "", r->n_done_today);
	put_figure(out, "Failed today", r->n_failed_today > 0 ? " class=\"fail\"" : "",
	    r->n_failed_today);
	if (r->images_per_minute > 0) {
		fprintf(out, "<div><dt>Pictures a minute</dt><dd>%.*f",
		    r->images_per_minute < 9.95, r->images_per_minute);
		if (r->seconds_left >= 0)
			fprintf(out, " <small>about %s left</small>", left);
		fputs("</dd></div>\n", out);
	}
	fprintf(out, "<div><dt>Free space</dt><dd>%s</dd></div>\n</dl>\n", space);
	free(left);
	free(space);
}

static void
put_section(FILE *out, const char *title, size_t n, const char *list)
{
	fprintf(out, "<section>\n<h2>%s <small>%zu</small></h2>\n%s\n", title, n, list);
}

static void
put_jobs(FILE *out, const struct report *r)
{
	const struct report_job *job;
	char *words;

	if (r->n_jobs == 0)
		return;
	put_section(out, "In work", r->n_jobs, "<ul class=\"jobs\">");
	for (job = r->jobs; job < r->jobs + r->n_jobs; job++) {
		words = report_words_job(job);
		fputs("<li><p>", out);
		put_name(out, job->rel);
		fprintf(out, " <b>%u&thinsp;%%</b></p><progress max=\"100\" value=\"%u\"></progress><small>",
		    job->percent, job->percent);
		put(out, words);
		fputs("</small></li>\n", out);
		free(words);
	}
	fputs("</ul>\n</section>\n", out);
}

/* The original's name below its smallest result; "./" keeps any path below this page. */
static void
put_picture(FILE *out, const struct tally_recent *recent)
{
	char *path = quote_percent(recent->picture, "/");
	const char *slash = strrchr(recent->rel, '/');

	fprintf(out, "<li><a href=\"./%s\"><img src=\"./%s\" loading=\"lazy\" alt=\"\">"
	    "<bdi title=\"", path, path);
	put(out, recent->rel);
	fputs("\">", out);
	put(out, slash == NULL ? recent->rel : slash + 1);
	fputs("</bdi></a></li>\n", out);
	free(path);
}

static void
put_recent(FILE *out, const struct report *r)
{
	size_t i;

	if (r->n_recent == 0)
		return;
	fputs("<section>\n<h2>Latest results</h2>\n<ul class=\"pictures\">\n", out);
	for (i = 0; i < r->n_recent; i++)
		put_picture(out, &r->recent[i]);
	fputs("</ul>\n</section>\n", out);
}

static void
put_more(FILE *out, size_t n_all, size_t n_shown)
{
	if (n_all > n_shown && n_shown > 0)
		fprintf(out, "<li class=\"soft\">and %zu more</li>\n", n_all - n_shown);
}

static void
put_waiting(FILE *out, const struct report *r)
{
	size_t i;

	if (r->n_waiting == 0)
		return;
	put_section(out, "Waiting", r->n_waiting, "<ol>");
	for (i = 0; i < r->n_first; i++) {
		fputs("<li>", out);
		put_name(out, r->first[i]);
		fputs("</li>\n", out);
	}
	put_more(out, r->n_waiting, r->n_first);
	fputs("</ol>\n</section>\n", out);
}

static void
put_held(FILE *out, const struct report *r)
{
	size_t n = r->n_held < REPORT_MAX_HELD ? r->n_held : REPORT_MAX_HELD;
	size_t i;

	if (r->n_held == 0)
		return;
	put_section(out, "Waiting for a reason", r->n_held, "<ul>");
	for (i = 0; i < n; i++) {
		fputs("<li>", out);
		put_name(out, r->held[i].rel);
		fputs("<small>", out);
		put(out, r->held[i].reason);
		fputs("</small></li>\n", out);
	}
	put_more(out, r->n_held, n);
	fputs("</ul>\n</section>\n", out);
}

static void
put_foot(FILE *out, const struct report *r)
{
	char *written = report_words_time(r->now);

	fputs("<footer>New pictures are noticed ", out);
	put(out, report_words_mode(r));
	if (r->now != 0) {
		fputs(" &middot; last change ", out);
		put(out, written);
	}
	fputs(" &middot; darkroom ", out);
	put(out, r->version);
	fputs(" on ", out);
	put(out, r->host);
	fputs("</footer>\n", out);
	free(written);
}

char *
report_html(const struct report *r)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = mem_stream(&text, &length);

	put_head(out, r);
	fprintf(out, "<body>\n<main class=\"%s\">\n", colours[state_class(r->state)]);
	put_state(out, r);
	put_figures(out, r);
	put_jobs(out, r);
	put_recent(out, r);
	put_waiting(out, r);
	put_held(out, r);
	put_foot(out, r);
	fputs("</main>\n</body>\n</html>\n", out);
	fclose(out);
	return text;
}
