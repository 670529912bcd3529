/* conf/raw.h - the lines of an INI file: what iniparser would swallow is caught first.
 *
 * Place:   conf -> here -> iniparser (nowhere else).
 * How:     the raw lines are read and checked here; the good ones go, at their old places, to
 *          iniparser, and what it reads must be what the line says. Lines with a mistake and
 *          remarks become empty, so one bad line does not hide the mistakes in the others.
 * Why:     measured with iniparser 4.1: a line of more than 1022 bytes, or one it cannot read,
 *          fails the whole load; an unquoted # or ; cuts a value; a backslash at the end
 *          swallows the next line, even behind a remark; text behind a closing quotation
 *          mark vanishes, and a mark that is not closed does not matter; "[]" leaves the
 *          section before it open; of equal keys the last one wins; names are lower-cased.
 *          4.1 reads a backslash in quotation marks as it is, 4.2.6 as an escape (so "a\b" is ab, and
 *          "a\" not closed). Ours means what it means to 4.1, with every version: they are doubled
 *          on their way to one that takes escapes, which was tried, since no macro tells.
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
