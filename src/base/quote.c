/* base/quote.c - names on their way out: to people, logs and our own texts; and back from the latter. */
#include <config.h>

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/quote.h"

int
quote_char_length(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;

	if (p[0] >= 0x20 && p[0] < 0x7f)
		return 1;
	if (p[0] >= 0xc2 && p[0] <= 0xdf && (p[1] & 0xc0) == 0x80)
		return p[0] == 0xc2 && p[1] < 0xa0 ? 0 : 2;
	if (p[0] == 0xe2 && ((p[1] == 0x80 && p[2] >= 0xa8 && p[2] <= 0xae) ||
	    (p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9)))
		return 0;
	if ((p[0] & 0xf0) == 0xe0 && (p[1] & 0xc0) == 0x80 && (p[2] & 0xc0) == 0x80)
		return (p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] >= 0xa0) ? 0 : 3;
	if (p[0] >= 0xf0 && p[0] <= 0xf4 && (p[1] & 0xc0) == 0x80 && (p[2] & 0xc0) == 0x80 &&
	    (p[3] & 0xc0) == 0x80)
		return (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] >= 0x90) ? 0 : 4;
	return 0;
}

static void
write_escaped(FILE *out, const char *name, int quote)
{
	const unsigned char *p = (const unsigned char *)name;
	int length;

	while (*p != '\0') {
		length = quote_char_length((const char *)p);
		if (*p == '\n' || *p == '\t')
			fputs(*p == '\n' ? "\\n" : "\\t", out);
		else if (length == 0)
			fprintf(out, "\\x%02x", *p);
		else {
			if (*p == '\\' || (quote && *p == '"'))
				fputc('\\', out);
			fwrite(p, 1, (size_t)length, out);
		}
		p += length == 0 ? 1 : length;
	}
}

void
quote_put(FILE *out, const char *name)
{
	fputc('"', out);
	write_escaped(out, name, 1);
	fputc('"', out);
}

char *
quote_name(const char *name)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = mem_stream(&text, &length);

	quote_put(out, name);
	fclose(out);
	return text;
}

char *
quote_line(const char *name)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = mem_stream(&text, &length);

	write_escaped(out, name, 0);
	fclose(out);
	return text;
}

/* The byte that two hex digits stand for, or -1; 0 is refused too, no name holds it. */
static int
hex_byte(const char *text)
{
	char digits[3] = "";

	if (!isxdigit((unsigned char)text[0]) || !isxdigit((unsigned char)text[1]) ||
	    (text[0] == '0' && text[1] == '0'))
		return -1;
	memcpy(digits, text, 2);
	return (int)strtoul(digits, NULL, 16);
}

char *
quote_percent(const char *name, const char *keep)
{
	char *text = mem_alloc(3 * strlen(name) + 1);
	char *out = text;
	const unsigned char *p;

	for (p = (const unsigned char *)name; *p != '\0'; p++) {
		if ((*p < 0x80 && isalnum(*p)) || strchr("._-", *p) || strchr(keep, *p))
			*out++ = (char)*p;
		else
			out += sprintf(out, "%%%02X", *p);
	}
	*out = '\0';
	return text;
}

char *
quote_percent_undo(const char *text)
{
	char *name = mem_alloc(strlen(text) + 1);
	char *out = name;
	int byte;

	for (; *text != '\0'; text++) {
		if (*text != '%') {
			*out++ = *text;
			continue;
		}
		byte = hex_byte(text + 1);
		if (byte < 0) {
			free(name);
			return NULL;
		}
		*out++ = (char)byte;
		text += 2;
	}
	*out = '\0';
	return name;
}
