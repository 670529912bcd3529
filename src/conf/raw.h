/* conf/raw.h - the lines of an INI file: those that are good, and what is wrong with the others.
 *
 * Place:   conf -> here.
 * Rule:    a line on which readers of INI files do not agree is a mistake, so that people, their
 *          editors and we read the same. Measured with iniparser 4.1: an unquoted # or ; cuts a
 *          value; a backslash at the end swallows the next line, even behind a remark; text behind a
 *          closing quotation mark vanishes, and a mark that is not closed does not matter; "[]"
 *          leaves the section before it open; of equal keys the last one wins; a line of more than
 *          1022 bytes fails the whole file. 4.2.6 reads a backslash in quotation marks as an escape;
 *          here it stands for itself, and counts twice in the length of its line.
 * Names:   sections and keys are compared without case, and kept as they are spelled.
 */
#ifndef CONF_RAW_H
#define CONF_RAW_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/mistake.h"

/* A line [SECTION], with key NULL, or KEY = VALUE in it. Spelled as in the file; blanks within
 * the section are single. */
struct raw_entry {
	unsigned line;
	char *section, *key, *value;
};

struct raw {
	struct raw_entry *entries;
	size_t n, room;
};

/* Read the file mistakes->path. RAW: gets all good lines, in order; raw_clear() frees it, also
 * after mistakes. MAY_MISS: a file that is not there is an empty one. */
void raw_read(struct raw *raw, bool may_miss, struct mistakes *mistakes);
void raw_clear(struct raw *raw);

#endif
