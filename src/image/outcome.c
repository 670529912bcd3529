/* image/outcome.c - the first fault, kept for whoever asked for the work. */
#include <config.h>

#include <stdarg.h>
#include <stdio.h>

#include "image/outcome.h"

bool
outcome_is_fault(const struct develop_outcome *o)
{
	return o->bad != REASON_NONE || o->error != 0;
}

void
outcome_note(struct develop_outcome *o, const char *clause)
{
	if (!outcome_is_fault(o) && o->text[0] == '\0')
		snprintf(o->text, sizeof(o->text), "%s", clause);
}

static void
set_first(struct develop_outcome *o, enum reason bad, int error, const char *format, va_list args)
{
	if (outcome_is_fault(o))
		return;
	o->bad = bad;
	o->error = error;
	vsnprintf(o->text, sizeof(o->text), format, args);
}

int
outcome_bad(struct develop_outcome *o, enum reason bad, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set_first(o, bad, 0, format, args);
	va_end(args);
	return -1;
}

int
outcome_error(struct develop_outcome *o, int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set_first(o, REASON_NONE, error, format, args);
	va_end(args);
	return -1;
}

int
outcome_warn(struct develop_outcome *o, unsigned max)
{
	if (++o->n_warnings <= max)
		return 0;
	return outcome_bad(o, REASON_TOO_ODD, "its decoder complained more than %u times", max);
}

bool
outcome_forget(struct develop_outcome *o)
{
	if (o->bad == REASON_NONE || o->bad == REASON_TOO_ODD)
		return false;
	o->bad = REASON_NONE;
	o->text[0] = '\0';
	return true;
}

int
outcome_forgive(struct develop_outcome *o, unsigned max)
{
	return outcome_forget(o) ? outcome_warn(o, max) : -1;
}
