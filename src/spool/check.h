/* spool/check.h - is this folder tree fit to be a spool? Tried, not assumed.
 *
 * Place:   spool_open -> here.   Process: master, at start; ctl skips the trials.
 * Errors:  0; -1 with *WHY, a sentence for people, the caller's.
 * Why:     a rename is the only step that is done or not done, never half, and it works within one file
 *          system: so all folders must lie on one, and each rename is tried.
 * Source:  statfs(2) types.
 */
#ifndef SPOOL_CHECK_H
#define SPOOL_CHECK_H

#include <stdbool.h>

#include "spool/folders.h"

/* Is ROOT a spool already (by .darkroom/spool-id), or empty enough to become one: nothing in it but
 * hidden and system names, control files and an inbox? */
int check_is_spool(int root_fd, const char *root, char **why);

/* No folder of the spool is another one, or lies inside another, by device and inode. */
int check_apart(const struct spool *spool, char **why);

/* Create, rename inbox > processing > done, failed and .darkroom > out, unlink; take a lock. */
int check_works(struct spool *spool, char **why);

/* Does the file system of FD say nothing through inotify and leases: a network one, or FUSE? */
bool check_is_polled(int fd);

#endif
