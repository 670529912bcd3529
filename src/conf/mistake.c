/* conf/mistake.c - collected while the configuration is read, told in the order of its lines. */
#include <config.h>

#include <stdarg.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/quote.h"
#include "conf/mistake.h"

/* A value may hold anything: shown so that it stays on its line. */
static void
write_safe(FILE *out, const char *text)
{
	char *safe = quote_line(text);

	fputs(safe, out);
	free(safe);
}

static void
write_override(FILE *out, const struct place *place)
{
	fputs("-o ", out);
	write_safe(out, place->section);
	if (place->key != NULL) {
		fputc('.', out);
		write_safe(out, place->key);
	}
	if (place->value != NULL) {
		fputc('=', out);
		write_safe(out, place->value);
	}
	fputs(": ", out);
}

static void
write_line(FILE *out, const struct place *place)
{
	if (place->section != NULL) {
		fputc('[', out);
		write_safe(out, place->section);
		fputc(']', out);
	}
	if (place->key != NULL) {
		fputs(place->section == NULL ? "" : " ", out);
		write_safe(out, place->key);
	}
	if (place->value != NULL) {
		fputs(" = ", out);
		write_safe(out, place->value);
	}
	if (place->section != NULL || place->key != NULL)
		fputs(": ", out);
}

static void
write_place(FILE *out, const char *path, const struct place *place)
{
	if (place->line == 0 && place->section != NULL) {
		write_override(out, place);
		return;
	}
	write_safe(out, path);
	if (place->line > 0)
		fprintf(out, ":%u", place->line);
	fputs(": ", out);
	write_line(out, place);
}

/* What is wrong, in our words; a value that is repeated in them keeps to its line. */
static void
write_words(FILE *out, const char *format, va_list args)
{
	char *text = mem_vprintf(format, args), *p;

	for (p = text; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
	fprintf(out, "%s\n", text);
	free(text);
}

void
mistake_add(struct mistakes *mistakes, const struct place *place, const char *format, ...)
{
	struct mistake *mistake;
	size_t length = 0;
	va_list args;
	FILE *out;

	mistakes->all = mem_grow(mistakes->all, &mistakes->room, mistakes->n + 1,
	    sizeof(*mistakes->all));
	mistake = &mistakes->all[mistakes->n++];
	mistake->line = place->line;
	mistake->text = NULL;
	out = mem_stream(&mistake->text, &length);
	write_place(out, mistakes->path, place);
	va_start(args, format);
	write_words(out, format, args);
	va_end(args);
	fclose(out);
}

void
mistake_tell(struct mistakes *mistakes, FILE *out)
{
	size_t i, j;

	/* by insertion: it keeps the order of equal lines, and a file has few mistakes */
	for (i = 1; i < mistakes->n; i++) {
		struct mistake moved = mistakes->all[i];

		for (j = i; j > 0 && moved.line - 1 < mistakes->all[j - 1].line - 1; j--)
			mistakes->all[j] = mistakes->all[j - 1]; /* 0 - 1 is after every line */
		mistakes->all[j] = moved;
	}
	for (i = 0; i < mistakes->n; i++) {
		fputs(mistakes->all[i].text, out);
		free(mistakes->all[i].text);
	}
	free(mistakes->all);
	mistakes->all = NULL;
	mistakes->n = mistakes->room = 0;
}
