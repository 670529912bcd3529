/* spool/in_use.h - which names of a folder are taken, as a case-insensitive share sees them.
 *
 * Place:   plan -> here.   Process: master.
 * Why:     RENAME_NOREPLACE decides exact names. Photo.JPG beside photo.jpg is a conflict only for
 *          people who look through Samba or from a Mac, so it is looked up in a set of folded
 *          names (name_folded), built once per folder and kept while the folder's mtime is the
 *          one that our own renames left.
 *          What one plan names counts as taken for all others until it is let go of: between a plan
 *          and its execution the disk may be waited for.
 * Memory:  at most TAKEN_MAX_FOLDERS sets; the one that was asked for longest ago goes.
 */
#ifndef SPOOL_IN_USE_H
#define SPOOL_IN_USE_H

#include <stdbool.h>

#define TAKEN_MAX_FOLDERS 512

struct in_use;

struct in_use *in_use_new(void);
void in_use_free(struct in_use *taken);

/* Is PATH (below DIR), or a name that differs from it only in case, there? A folder that does not
 * exist or cannot be listed takes nothing: the rename will tell. */
bool in_use_has(struct in_use *taken, int dir, const char *path);

/* Is PATH, below ROOT, or a name that differs from it only in case, reserved? */
bool in_use_is_reserved(struct in_use *taken, const char *path);
void in_use_reserve(struct in_use *taken, const char *path);
void in_use_release(struct in_use *taken, const char *path); /* one that is not reserved: nothing */

/* We have just put PATH there. */
void in_use_add(struct in_use *taken, int dir, const char *path);

#endif
