/* conf/label.h - names in the configuration that become names of files and folders.
 *
 * Place:   value, build -> here.
 * Why:     the results are seen over shares by Windows and macOS too: what they cannot show
 *          or what would be hidden from people is refused, not made.
 * Source:  "Naming Files, Paths, and Namespaces" (Windows): reserved characters and devices.
 */
#ifndef CONF_LABEL_H
#define CONF_LABEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Does TEXT hold a byte below 0x20, or DEL? */
bool label_has_control(const char *text);

/* NULL when NAME is fit for a folder (SIZE bytes with NUL, 0: 256) and for a list with commas,
 * else a clause that says why not. */
const char *label_folder_fault(const char *name, size_t size);

/* The same for a profile: its folder lies in the inbox, where some names mean something. */
const char *label_profile_fault(const char *name);

/* Is TEXT a pattern for the names of results: {stem} in it, {ext} perhaps, SIZE bytes with NUL? */
bool label_is_pattern(const char *text, size_t size);
void label_say_pattern(size_t size, FILE *out);

#endif
