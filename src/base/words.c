/* base/words.c - a command's line, as the configuration has it, in words. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/words.h"

#define BLANKS " \t\n\r"

/* Copy what stands between quotation marks MARK at *P, the first of which is past, to *OUT. Both
 * move on. Returns what is wrong, or NULL. */
static const char *
copy_quoted(const char **p, char **out, char mark)
{
	for (; **p != mark; (*p)++) {
		if (mark == '"' && **p == '\\' && ((*p)[1] == '"' || (*p)[1] == '\\'))
			(*p)++;
		if (**p == '\0')
			return mark == '"' ? "a closing \" is missing" : "a closing ' is missing";
		*(*out)++ = **p;
	}
	(*p)++;
	return NULL;
}

/* Copy one word at *P to *OUT, with a NUL behind it. */
static const char *
copy_word(const char **p, char **out)
{
	const char *why = NULL;
	char c;

	while (why == NULL && **p != '\0' && strchr(BLANKS, **p) == NULL) {
		c = *(*p)++;
		if (c == '"' || c == '\'') {
			why = copy_quoted(p, out, c);
		} else if (c == '\\') {
			if (**p == '\0')
				return "a \\ at its end has nothing to quote";
			*(*out)++ = *(*p)++;
		} else
			*(*out)++ = c;
	}
	*(*out)++ = '\0';
	return why;
}

char **
words_split(const char *text, const char **why)
{
	size_t head = (WORDS_MAX + 1) * sizeof(char *);
	char **words = mem_alloc(head + strlen(text) + 2); /* no word gets longer by being unquoted */
	char *out = (char *)words + head;
	const char *fault = NULL;
	size_t n = 0;

	for (text += strspn(text, BLANKS); fault == NULL && *text != '\0'; text += strspn(text, BLANKS)) {
		if (n == WORDS_MAX) {
			fault = "it has more than 100 words";
			break;
		}
		words[n++] = out;
		fault = copy_word(&text, &out);
	}
	if (why != NULL)
		*why = fault;
	if (fault == NULL)
		return words;
	free(words);
	return NULL;
}
