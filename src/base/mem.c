/* base/mem.c - memory that is there, or the end. Stands on nothing: the log stands on it. */
#include <config.h>

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static void *
or_die(void *memory)
{
	if (memory == NULL) {
		fprintf(stderr, "%s: out of memory\n", program_invocation_short_name);
		exit(1);
	}
	return memory;
}

void *
mem_alloc(size_t size)
{
	return or_die(calloc(1, size == 0 ? 1 : size));
}

void *
mem_grow(void *array, size_t *room, size_t want, size_t size)
{
	size_t more = *room == 0 ? 8 : *room;

	if (want <= *room)
		return array;
	while (more < want)
		more = more > SIZE_MAX / 2 ? want : more * 2;
	array = or_die(reallocarray(array, more, size));
	*room = more;
	return array;
}

char *
mem_dup(const char *text)
{
	return or_die(strdup(text));
}

char *
mem_dup_n(const char *text, size_t length)
{
	return or_die(strndup(text, length));
}

char *
mem_vprintf(const char *format, va_list args)
{
	char *text;

	return or_die(vasprintf(&text, format, args) < 0 ? NULL : text);
}

char *
mem_printf(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = mem_vprintf(format, args);
	va_end(args);
	return text;
}

FILE *
mem_stream(char **text, size_t *length)
{
	return or_die(open_memstream(text, length));
}
