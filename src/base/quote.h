/* base/quote.h - names of files made safe to show, and to store in lines of text.
 *
 * Place:   log, sidecars, STATUS, job and plan files -> here.
 * Why:     a name may hold any byte but '/' and NUL: newlines, quotes, escape sequences of
 *          terminals, invalid UTF-8.
 */
#ifndef BASE_QUOTE_H
#define BASE_QUOTE_H

#include <stdio.h>

/* The length of the character at TEXT if it can be shown as it is, else 0: no UTF-8 (RFC 3629: no
 * overlong forms, no surrogates, nothing above U+10FFFF), a control, a mark that turns the direction
 * or breaks the line. */
int quote_char_length(const char *text);

/* For people and logs: "..." with \n, \t, \", \\ and \xNN for control and invalid bytes; valid
 * UTF-8 stays as it is. */
void quote_put(FILE *out, const char *name);

/* quote_put() into a string: for a log line about more than one file. Gives. */
char *quote_name(const char *name);

/* The same without the quotation marks, for a text that stands on a line of its own. Every byte can be
 * told from it. Gives a string. */
char *quote_line(const char *name);

/* For files that we read back: every byte but A-Z a-z 0-9 . _ - and those in KEEP becomes %XX.
 * Gives a string; quote_percent_undo() gives the bytes, or NULL when TEXT is malformed or
 * holds %00. */
char *quote_percent(const char *name, const char *keep);
char *quote_percent_undo(const char *text);

#endif
