/* spool/top.h - the folders at ROOT's top and darkroomd's own, opened so that nobody leads us astray.
 *
 * Place:   spool -> here -> base/fsio.   Process: master, ctl.
 * Links:   see spool.h. A link that spool.follow names is opened by its own descriptor, and its owner
 *          read from that, so that none can be put in its place in between.
 * Owns:    what it opens belongs to the struct spool.
 * Errors:  -1 with errno; *WHY, where there is one: a sentence for people, the caller's.
 * Source:  openat2(2), open(2) O_PATH, readlinkat(2).
 */
#ifndef SPOOL_TOP_H
#define SPOOL_TOP_H

#include "spool/folders.h"

/* Open .darkroom and the folders for people, and what lies in .darkroom. MAY_MAKE: make what is missing,
 * and see that .darkroom is ours alone. */
int top_open_all(struct spool *spool, bool may_make, char **why);

/* .darkroom alone. */
int top_open_own(struct spool *spool, bool may_make, char **why);

/* Gives a descriptor of FOLDER; -1 ELOOP: it is a link that is not to be followed. */
int top_open(const struct spool *spool, enum spool_folder folder);

/* Is what lies at ROOT's path, at FOLDER's name (FD), at all of them still what was opened? */
bool top_is_root(const struct spool *spool);
bool top_is(const struct spool *spool, enum spool_folder folder, int fd);
bool top_is_all(const struct spool *spool);

#endif
