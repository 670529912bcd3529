/* spool/fields.h - texts of "key: value" lines: job, plan.
 *
 * Place:   jobdir, plan -> here.   Pure.
 * Form:    one field a line, the first colon ends the key, one blank follows it. Values that hold
 *          names are percent-encoded by who writes them (base/quote.h).
 */
#ifndef SPOOL_FIELDS_H
#define SPOOL_FIELDS_H

#include <stdint.h>

/* The first value of KEY at or after *CURSOR (start with the text), which then moves behind it, so
 * that a repeated key can be walked. Gives a string; NULL when there is none. */
char *fields_next(const char **cursor, const char *key);

/* The first value of KEY. Gives a string, or NULL. */
char *fields_get(const char *text, const char *key);

/* The same with the percent-encoding undone: a path. NULL also when it is malformed. */
char *fields_get_path(const char *text, const char *key);

/* A whole number, OTHERWISE when KEY is missing or no number. */
int64_t fields_get_int(const char *text, const char *key, int64_t otherwise);

/* The same for one that may need all 64 bits: some file systems number inodes so. */
uint64_t fields_get_uint(const char *text, const char *key, uint64_t otherwise);

#endif
