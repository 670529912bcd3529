/* master/errortext.h - NAME.error.txt: why an original is in failed/, and what to do.
 *
 * Place:   publish -> here.   Pure.
 * Form:    one sentence for people, an empty line, then "key: value" lines: file, code, stage,
 *          profile, attempt, detail, remedy.
 */
#ifndef MASTER_ERRORTEXT_H
#define MASTER_ERRORTEXT_H

#include "image/reason.h"

/* DETAIL: the engine's clause, or "". ATTEMPT: the last one, from 1. Gives a string. */
char *errortext_make(const char *rel, enum reason bad, const char *detail, const char *stage,
    int attempt, const char *profile);

#endif
