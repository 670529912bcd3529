/* ctl/ctl.c - what several verbs need: complaints, and the names that people give. */
#include <config.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/quote.h"
#include "conf/value.h"
#include "ctl/ctl.h"
#include "spool/name.h"

void
ctl_complain(const char *format, ...)
{
	char *text, *line;
	va_list args;

	va_start(args, format);
	text = mem_vprintf(format, args);
	va_end(args);
	line = quote_line(text);
	fflush(stdout);
	fprintf(stderr, "darkroom: %s\n", line);
	free(line);
	free(text);
}

/* What is left of TEXT after the folder PREFIX, or TEXT. */
static const char *
without_folder(const char *text, const char *prefix)
{
	size_t length = strlen(prefix);

	while (length > 1 && prefix[length - 1] == '/')
		length--;
	if (strncmp(text, prefix, length) != 0 || text[length] != '/')
		return text;
	text += length;
	return text + strspn(text, "/");
}

/* May this be the path of a photograph? No component is empty, "." or "..", or ignored. */
static bool
is_plain(const char *path)
{
	return *path != '\0' && *path != '/' && strstr(path, "//") == NULL && !name_is_ignored_rel(path);
}

char *
ctl_rel(const struct ctl *ctl, const char *text)
{
	static const char *const folders[] = { "inbox", "processing", "done", "failed" };
	const char *inner = without_folder(text, ctl->root);
	const char *rel;
	size_t i, length;
	char *copy;

	while (strncmp(inner, "./", 2) == 0)
		inner += 2;
	rel = inner;
	for (i = 0; i < sizeof(folders) / sizeof(folders[0]) && rel == inner; i++)
		rel = without_folder(inner, folders[i]);
	copy = mem_dup(rel);
	for (length = strlen(copy); length > 1 && copy[length - 1] == '/'; length--)
		copy[length - 1] = '\0';
	if (is_plain(copy))
		return copy;
	ctl_complain("%s is no name of a photograph; give its path below %s/inbox", text, ctl->root);
	free(copy);
	return NULL;
}

bool
ctl_duration(const char *text, int64_t *ms)
{
	static const struct table_row row = { .type = TABLE_DURATION, .key = "duration",
		.min = 1000, .max = INT64_C(365) * 86400 * 1000 };
	struct value value;

	if (!value_parse(&row, text, &value))
		return false;
	*ms = value.number;
	value_clear(&value);
	return true;
}

char *
ctl_last_name(const char *path)
{
	char *whole = NULL, *name, *copy = mem_dup(path);
	size_t length;

	for (length = strlen(copy); length > 1 && copy[length - 1] == '/'; length--)
		copy[length - 1] = '\0';
	name = strrchr(copy, '/') == NULL ? copy : strrchr(copy, '/') + 1;
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
		whole = realpath(path, NULL);
		name = whole == NULL ? NULL : strrchr(whole, '/') + 1;
	}
	name = mem_dup(name == NULL ? "" : name);
	free(whole);
	free(copy);
	return name;
}
