/* conf/mistake.h - mistakes in the configuration: counted, one line each, never the end.
 *
 * Place:   raw, build, profile -> here.
 * Form:    FILE:LINE: [SECTION] KEY = VALUE: what is wrong and what is allowed
 *          -o SECTION.KEY=VALUE: the same for the command line
 */
#ifndef CONF_MISTAKE_H
#define CONF_MISTAKE_H

#include <stdio.h>

struct mistakes {
	FILE *out;        /* borrowed */
	const char *path; /* of the file that is read, or NULL */
	unsigned n;
};

/* Where a mistake is. Only what is set is shown; all borrowed. */
struct place {
	unsigned line;    /* 0: not from the file */
	const char *section, *key, *value;
};

void mistake_add(struct mistakes *mistakes, const struct place *place, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
