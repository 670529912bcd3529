#include <config.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/quote.h"

static int log_threshold = LOG_LEVEL_INFO;
static int log_has_prefix = 1;

void
log_open(int verbosity)
{
	log_threshold = verbosity < 0 ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO + verbosity;
	log_has_prefix = !isatty(STDERR_FILENO);
	setvbuf(stderr, NULL, _IOLBF, 4096);
}

/* A hostile byte in a text that we did not quote must not fake a second line. */
static void
put_one_line(FILE *out, const char *format, va_list args)
{
	char text[2048];
	char *p;

	vsnprintf(text, sizeof(text), format, args);
	for (p = text; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
	fputs(text, out);
}

void
log_write(enum log_level level, const char *about, const char *format, ...)
{
	va_list args;

	if ((int)level > log_threshold)
		return;
	if (log_has_prefix)
		fprintf(stderr, "<%d>", level > LOG_LEVEL_DEBUG ? LOG_LEVEL_DEBUG : (int)level);
	if (about != NULL) {
		fputs("job=", stderr);
		quote_put(stderr, about);
		fputc(' ', stderr);
	}
	va_start(args, format);
	put_one_line(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

void
log_die(const char *format, ...)
{
	va_list args;

	fflush(stdout);
	fprintf(stderr, "%s: ", program_invocation_short_name);
	va_start(args, format);
	put_one_line(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

void
log_panic(const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s%s: this is a bug: ", log_has_prefix ? "<2>" : "",
	    program_invocation_short_name);
	va_start(args, format);
	put_one_line(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	abort();
}
