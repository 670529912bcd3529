/* image/outcome.h - whose fault it was, and the clause that says what happened.
 *
 * Place:   develop and everything below it -> here.
 * Rule:    the first fault counts; what follows from it is not told.
 */
#ifndef IMAGE_OUTCOME_H
#define IMAGE_OUTCOME_H

#include "image/develop.h"

/* Both return -1, so that a caller can end with them. */
int outcome_bad(struct develop_outcome *o, enum bad bad, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int outcome_error(struct develop_outcome *o, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

bool outcome_is_fault(const struct develop_outcome *o);

/* Count a warning of a codec. -1: that was one more than MAX. */
int outcome_warn(struct develop_outcome *o, unsigned max);

#endif
