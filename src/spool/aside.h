/* spool/aside.h - job folders that cannot be read, out of the way of all others.
 *
 * Place:   jobdir, adopt, recover, overview -> here -> base/fsio.   Process: master.
 * Why:     a record that is too long, a folder or a link in its place: no try reads it, and a queue that
 *          waits for it waits for ever. Its original is in processing/ or in inbox/, and begins anew; what
 *          was finished of it is kept for a person to look at, in .darkroom/aside/.
 * Errors:  0, or -1 with errno; a folder that was set aside is logged.
 */
#ifndef SPOOL_ASIDE_H
#define SPOOL_ASIDE_H

#include "spool/folders.h"

/* Does ERROR say that what was to be read is broken, and not that the disk is, or that nothing is there? */
bool aside_is_broken(int error);

/* jobs/NAME, whatever it is, becomes aside/NAME, or NAME-2 ... WHY: errno. */
int aside_put(struct spool *spool, const char *name, int why);

/* Up to MAX of what lies there: paths below ROOT, strings that are the caller's. Returns how many. */
size_t aside_list(const struct spool *spool, char **paths, size_t max);

#endif
