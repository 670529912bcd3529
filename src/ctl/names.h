/* ctl/names.h - which names in the folders are no photographs.
 *
 * Place:   tree, add, hold -> here.
 * Which:   hidden ones; temporary files of copiers, browsers and editors; what file managers
 *          and network drives leave behind; our own sidecars and control files.
 */
#ifndef CTL_NAMES_H
#define CTL_NAMES_H

#include <stdbool.h>

/* Is the file or folder of this name (one component) left alone by the daemon? */
bool names_is_ignored(const char *name);

/* Is it the control file WORD ("STOP"): in any case, with or without .txt? */
bool names_is_control(const char *name, const char *word);

#endif
