/* base/log.c - from everybody to stderr, a line at a time, without ever waiting for its reader. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/quote.h"

#define LINE_BYTES 16384 /* a name of 4 KB, each byte of it escaped by 4, would just not fit */

static int log_threshold = LOG_LEVEL_INFO;
static int log_has_prefix = 1;
static int log_fd = STDERR_FILENO;
static bool log_is_socket = false;
static FILE *log_stream = NULL;   /* one line, until it is flushed; NULL: before log_open() */
static char log_rest[LINE_BYTES]; /* the end of a line whose beginning was taken */
static size_t log_n_rest = 0;
static unsigned long long log_n_lost = 0; /* lines that nobody took, not told yet */

/* Like write(2), but EAGAIN where that would wait. A pipe has a description of our own, which may be
 * O_NONBLOCK (log_open): the one that we were given is shared with whoever started us. */
static ssize_t
write_at_once(const char *data, size_t n)
{
	struct pollfd reader = { .fd = log_fd, .events = POLLOUT };

	if (log_is_socket)
		return send(log_fd, data, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (poll(&reader, 1, 0) != 1) {
		errno = EAGAIN;
		return -1;
	}
	return write(log_fd, data, n);
}

/* True: all of it was taken. What is left of a line that was begun is kept for the next time. */
static bool
emit(const char *data, size_t n)
{
	ssize_t taken = write_at_once(data, n);

	if (taken < 0 || (size_t)taken == n)
		return taken >= 0;
	log_n_rest = n - (size_t)taken;
	memmove(log_rest, data + taken, log_n_rest);
	return true;
}

/* First what was begun, then how much was lost: a reader that comes back learns of its gap. */
static bool
catch_up(void)
{
	size_t n = log_n_rest;
	char text[100];

	log_n_rest = 0;
	if (n > 0 && !emit(log_rest, n))
		log_n_rest = n;
	if (log_n_rest > 0)
		return false;
	if (log_n_lost == 0)
		return true;
	n = (size_t)snprintf(text, sizeof(text), "%sevent=log-lost lines=%llu why=\"nobody read them\"\n",
	    log_has_prefix ? "<4>" : "", log_n_lost);
	if (!emit(text, n))
		return false;
	log_n_lost = 0;
	return log_n_rest == 0;
}

/* The stream's write: it takes all, or counts what it could not pass on. */
static ssize_t
pass_on(void *cookie, const char *data, size_t n)
{
	(void)cookie;
	if (!catch_up() || !emit(data, n))
		log_n_lost++;
	return (ssize_t)n;
}

/* A pipe is opened once more, so that O_NONBLOCK is ours alone; where that fails, poll(2) is asked
 * before each line, which only another writer of the same pipe can make wrong. */
static void
find_reader(void)
{
	struct stat st;
	int own = -1;

	log_is_socket = fstat(STDERR_FILENO, &st) == 0 && S_ISSOCK(st.st_mode);
	if (!log_is_socket && S_ISFIFO(st.st_mode))
		own = open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (own >= 0)
		log_fd = own;
}

static FILE *
stream(void)
{
	static const cookie_io_functions_t functions = { .write = pass_on };
	static char buffer[LINE_BYTES];

	if (log_stream == NULL) {
		log_stream = fopencookie(NULL, "w", functions);
		if (log_stream == NULL)
			return stderr;
		setvbuf(log_stream, buffer, _IOFBF, sizeof(buffer));
	}
	return log_stream;
}

void
log_open(int verbosity)
{
	log_threshold = verbosity < 0 ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO + verbosity;
	log_has_prefix = !isatty(STDERR_FILENO);
	find_reader();
}

void
log_catch_up(void)
{
	if (log_n_rest > 0 || log_n_lost > 0)
		catch_up();
}

/* A hostile byte in a text that we did not quote must not fake a second line. */
static void
print_one_line(FILE *out, const char *format, va_list args)
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
	FILE *out;

	if ((int)level > log_threshold)
		return;
	out = stream();
	if (log_has_prefix)
		fprintf(out, "<%d>", level > LOG_LEVEL_DEBUG ? LOG_LEVEL_DEBUG : (int)level);
	if (about != NULL) {
		fputs("job=", out);
		quote_put(out, about);
		fputc(' ', out);
	}
	va_start(args, format);
	print_one_line(out, format, args);
	va_end(args);
	fputc('\n', out);
	fflush(out);
}

void
log_die(const char *format, ...)
{
	va_list args;

	fflush(stdout);
	fprintf(stderr, "%s: ", program_invocation_short_name);
	va_start(args, format);
	print_one_line(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

void
log_panic(const char *format, ...)
{
	FILE *out = stream(); /* a full pipe must not keep it from its core */
	va_list args;

	fprintf(out, "%s%s: this is a bug: ", log_has_prefix ? "<2>" : "",
	    program_invocation_short_name);
	va_start(args, format);
	print_one_line(out, format, args);
	va_end(args);
	fputc('\n', out);
	fflush(out);
	abort();
}
