/* spool/fields.c - "key: value" lines, as job, plan and sidecar hold them. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/quote.h"
#include "spool/fields.h"

char *
fields_next(const char **cursor, const char *key)
{
	const char *line = *cursor;
	size_t key_length = strlen(key);
	size_t length;

	while (*line != '\0') {
		length = strcspn(line, "\n");
		*cursor = line + length + (line[length] == '\n');
		if (length >= key_length + 2 && strncmp(line, key, key_length) == 0 &&
		    line[key_length] == ':' && line[key_length + 1] == ' ')
			return mem_dup_n(line + key_length + 2, length - key_length - 2);
		line = *cursor;
	}
	return NULL;
}

char *
fields_get(const char *text, const char *key)
{
	return fields_next(&text, key);
}

char *
fields_get_path(const char *text, const char *key)
{
	char *value = fields_get(text, key);
	char *path = value == NULL ? NULL : quote_percent_undo(value);

	free(value);
	return path;
}

uint64_t
fields_get_uint(const char *text, const char *key, uint64_t otherwise)
{
	char *value = fields_get(text, key);
	char *end = value;
	uint64_t number = 0;

	errno = 0;
	if (value != NULL)
		number = strtoull(value, &end, 10);
	if (value == NULL || end == value || *end != '\0' || *value == '-' || errno != 0)
		number = otherwise;
	free(value);
	return number;
}

int64_t
fields_get_int(const char *text, const char *key, int64_t otherwise)
{
	char *value = fields_get(text, key);
	char *end = value;
	int64_t number = 0;

	errno = 0;
	if (value != NULL)
		number = strtoll(value, &end, 10);
	if (value == NULL || end == value || *end != '\0' || errno != 0)
		number = otherwise;
	free(value);
	return number;
}
