/* spool/place.h - a path that a plan names: which folder it leads to, and whether it is free.
 *
 * Place:   plan, plan_make -> here -> in_use, mark.
 * Paths:   below ROOT, beginning with done/, failed/ or out/. A spool without these folders
 *          (darkroom convert) has only its root.
 */
#ifndef SPOOL_PLACE_H
#define SPOOL_PLACE_H

#include <stdbool.h>

#include "spool/folders.h"

/* The folder that PATH begins with, as it was opened (it may be a link that its administrator made),
 * and the *REST of the path. */
int place_route(const struct spool *spool, const char *path, const char **rest);

/* Is PATH, or a name that differs from it only in case, there, or named by a plan? */
bool place_is_taken(struct spool *spool, const char *path);

/* Is what lies at PATH proved to be of OWNER (spool/mark.h)? */
bool place_is_of(const struct spool *spool, const char *path, const char *owner);

/* Where a file stands in the way of a folder of TO, the folder gets the next free name: done/a/b.jpg
 * becomes done/a-2/b.jpg when done/a is a file. Takes TO, gives the path. */
char *place_detour(struct spool *spool, char *to);

#endif
