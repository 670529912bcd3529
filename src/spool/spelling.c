/* spool/spelling.c - the letters of a name that is to be read everywhere. */
#include <config.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/quote.h"
#include "spool/spelling.h"

static bool
is_continuation(char byte)
{
	return ((unsigned char)byte & 0xc0) == 0x80;
}

size_t
spelling_cut(const char *text, size_t max)
{
	size_t cut = max;

	if (strlen(text) <= max)
		return strlen(text);
	while (cut > 0 && max - cut < 3 && is_continuation(text[cut])) /* a character has at most three */
		cut--;
	return is_continuation(text[cut]) ? max : cut;
}

char *
spelling_safe_text(const char *text)
{
	char *safe = mem_alloc(strlen(text) + 1);
	char *out = safe;
	int length;

	for (; *text != '\0'; text += length) {
		length = quote_char_length(text);
		if (length == 0 || strchr("<>:\"/\\|?*", *text) != NULL) {
			*out++ = '_';
			length = 1;
			continue;
		}
		memcpy(out, text, (size_t)length);
		out += length;
	}
	*out = '\0';
	return safe;
}

bool
spelling_is_device(const char *component)
{
	static const char *const plain[] = { "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$" };
	size_t length = strcspn(component, "."), i;

	while (length > 0 && component[length - 1] == ' ')
		length--;
	for (i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (length == strlen(plain[i]) && strncasecmp(component, plain[i], length) == 0)
			return true;
	if (strncasecmp(component, "COM", 3) != 0 && strncasecmp(component, "LPT", 3) != 0)
		return false;
	/* a digit, also one of the superscripts of Latin-1 */
	return (length == 4 && component[3] >= '0' && component[3] <= '9') ||
	    (length == 5 && (strncmp(component + 3, "\xc2\xb9", 2) == 0 ||
	    strncmp(component + 3, "\xc2\xb2", 2) == 0 || strncmp(component + 3, "\xc2\xb3", 2) == 0));
}

void
spelling_mend_end(char *component)
{
	size_t length = strlen(component);

	if (length > 0 && strchr(". ", component[length - 1]) != NULL)
		component[length - 1] = '_';
}

/* One folder's NAME; a device gets a "_" in front, at the cost of its end where it is that long. */
static void
write_folder(FILE *out, const char *name)
{
	char *text = spelling_safe_text(name);
	bool is_device = spelling_is_device(text);

	text[spelling_cut(text, NAME_MAX - is_device)] = '\0';
	spelling_mend_end(text);
	fprintf(out, "%s%s", is_device ? "_" : "", text);
	free(text);
}

char *
spelling_safe_folders(const char *path)
{
	char *copy = mem_dup(path), *safe = NULL, *rest = copy, *name;
	size_t size = 0;
	FILE *out = mem_stream(&safe, &size);

	while ((name = strsep(&rest, "/")) != NULL) {
		write_folder(out, name);
		if (rest != NULL)
			fputc('/', out);
	}
	fclose(out);
	free(copy);
	return safe;
}
