/* conf/mistake.h - mistakes in the configuration: collected, one line each, never the end.
 *
 * Place:   raw, build, conf -> here.
 * Form:    FILE:LINE: [SECTION] KEY = VALUE: what is wrong and what is allowed
 *          -o SECTION.KEY=VALUE: the same for the command line
 */
#ifndef CONF_MISTAKE_H
#define CONF_MISTAKE_H

#include <stddef.h>
#include <stdio.h>

struct mistake {
	unsigned line; /* 0: not in the file */
	char *text;    /* with its newline */
};

struct mistakes {
	const char *path; /* of the file that is read; borrowed */
	struct mistake *all;
	size_t n, room;
};

/* Where a mistake is. Only what is set is shown; all borrowed. */
struct place {
	unsigned line;    /* 0: not from the file */
	const char *section, *key, *value;
};

void mistake_add(struct mistakes *mistakes, const struct place *place, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Write all of them to OUT: first what is in the file, in the order of its lines, then the rest
 * in the order in which it was found. Frees them. */
void mistake_tell(struct mistakes *mistakes, FILE *out);

#endif
