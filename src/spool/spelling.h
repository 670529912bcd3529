/* spool/spelling.h - how a name may be written where others are to read it.
 *
 * Place:   name, suffix -> here -> base/quote.   Pure.
 * Why:     people drop files with any bytes in their names, and the originals keep those. Results are
 *          new, and are to be opened from Windows as well, where some names and characters do not
 *          exist; a share would show such a result under an invented name, or not at all.
 * Source:  "Naming Files, Paths, and Namespaces" of Microsoft's documentation of Win32.
 */
#ifndef SPOOL_SPELLING_H
#define SPOOL_SPELLING_H

#include <stdbool.h>
#include <stddef.h>

/* The longest cut of TEXT of at most MAX bytes that splits no character. Bytes that are no UTF-8 at
 * all are cut anywhere. */
size_t spelling_cut(const char *text, size_t max);

/* TEXT, of one component, with "_" for every character that Windows knows not or that cannot be shown
 * (controls, what is no UTF-8). Never longer than TEXT. Gives a string. */
char *spelling_safe_text(const char *text);

/* Is COMPONENT, to its first dot, a device of Windows: CON, NUL, COM1 ...? */
bool spelling_is_device(const char *component);

/* Let COMPONENT not end in a dot or a blank, which Windows drops; its length stays. */
void spelling_mend_end(char *component);

/* A folder's path with every component spelled so that it can be read everywhere. Gives a string. */
char *spelling_safe_folders(const char *path);

#endif
