/* image/outcome.h - whose fault it was, and the clause that says what happened.
 *
 * Place:   develop and everything below it -> here.
 * Rule:    the first fault counts; what follows from it is not told.
 */
#ifndef IMAGE_OUTCOME_H
#define IMAGE_OUTCOME_H

#include <stdbool.h>
#include <stdint.h>

#include "image/reason.h"

#define DEVELOP_TEXT_SIZE 240

struct develop_outcome {
	enum reason bad;        /* the image's fault, or REASON_NONE */
	int error;           /* the machine's fault (ENOSPC, EIO ...), ENOMEM the worker's,
				ENOTSUP a setting that cannot be obeyed (a watermark that is
				no PNG), or 0 */
	unsigned n_warnings;
	uint32_t width_px, height_px; /* of the source, as stored; 0 when unknown */
	char text[DEVELOP_TEXT_SIZE]; /* what happened, a clause in English, no file name; of a success
					 what was left out, or nothing */
};

/* Both return -1, so that a caller can end with them. */
int outcome_bad(struct develop_outcome *o, enum reason bad, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int outcome_error(struct develop_outcome *o, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* What a result does not hold, though no fault: the first such clause is told with a success. */
void outcome_note(struct develop_outcome *o, const char *clause);

bool outcome_is_fault(const struct develop_outcome *o);

/* Count a warning of a codec. -1: that was one more than MAX. */
int outcome_warn(struct develop_outcome *o, unsigned max);

/* Forget the image's fault: what it kept from being done will be done in another way. False: there is no
 * such fault, or the picture has more faults than it may have. */
bool outcome_forget(struct develop_outcome *o);

/* The image's fault stands beside its pixels, which are whole: it counts as a warning. -1: there is no
 * such fault, or that was one more than MAX. */
int outcome_forgive(struct develop_outcome *o, unsigned max);

#endif
