#include <config.h>

#include <stdarg.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/quote.h"
#include "conf/mistake.h"

/* A value may hold anything: shown so that it stays on its line. */
static void
put_safe(FILE *out, const char *text)
{
	char *safe = quote_line(text);

	fputs(safe, out);
	free(safe);
}

static void
put_override(FILE *out, const struct place *place)
{
	fputs("-o ", out);
	put_safe(out, place->section);
	if (place->key != NULL) {
		fputc('.', out);
		put_safe(out, place->key);
	}
	if (place->value != NULL) {
		fputc('=', out);
		put_safe(out, place->value);
	}
	fputs(": ", out);
}

static void
put_line(FILE *out, const struct place *place)
{
	if (place->section != NULL) {
		fputc('[', out);
		put_safe(out, place->section);
		fputc(']', out);
	}
	if (place->key != NULL) {
		fputs(place->section == NULL ? "" : " ", out);
		put_safe(out, place->key);
	}
	if (place->value != NULL) {
		fputs(" = ", out);
		put_safe(out, place->value);
	}
	if (place->section != NULL || place->key != NULL)
		fputs(": ", out);
}

void
mistake_add(struct mistakes *mistakes, const struct place *place, const char *format, ...)
{
	va_list args;
	char *text = NULL;

	mistakes->n++;
	if (place->line == 0 && place->section != NULL)
		put_override(mistakes->out, place);
	else {
		if (mistakes->path != NULL) {
			put_safe(mistakes->out, mistakes->path);
			if (place->line > 0)
				fprintf(mistakes->out, ":%u", place->line);
			fputs(": ", mistakes->out);
		}
		put_line(mistakes->out, place);
	}
	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = mem_dup("out of memory");
	va_end(args);
	put_safe(mistakes->out, text);
	fputc('\n', mistakes->out);
	free(text);
}
