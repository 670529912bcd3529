/* spool/mark.h - what we note on a file itself: who made it, that it was filed, what is asked for.
 *
 * Place:   attempt (results), plan (originals, what may be replaced), purge, ctl/retry -> here.
 * Form:    extended attributes, which go where the file goes:
 *          user.darkroom.from     "OWNER MTIME": made or filed for this REL; the file's mtime then
 *          user.darkroom.filed    "WHEN SIZE MTIME": filed in done/ or failed/ by our hand, at that
 *                                 second of the wall clock, as this picture: what age limits go by
 *          user.darkroom.replace  asked for by `darkroom retry --replace`: replace what it made before
 *          OWNER is 32 hexadecimal digits of the XXH128 of REL; MTIME is exact, since a result has
 *          that of its original, and both lie on one file system.
 * Trust:   a mark that is missing, or that does not fit the file any more (somebody changed it: it
 *          has another mtime), proves nothing, and nothing is done on its strength.
 * Errors:  setting one is tried and never an error, but for mark_ask(): a file system, or a file of
 *          somebody else, that takes no attributes only has files that cannot be proved ours.
 * Source:  xattr(7).
 */
#ifndef SPOOL_MARK_H
#define SPOOL_MARK_H

#include <stdbool.h>
#include <sys/stat.h>
#include <time.h>

#define MARK_OWNER_SIZE 33

void mark_owner(const char *rel, char owner[MARK_OWNER_SIZE]);

/* FD holds, or is going to hold, what was made of REL, and is to have MTIME. */
void mark_made(int fd, const char *rel, const struct timespec *mtime);

/* FD is the original REL on its way to done/ or failed/ at NOW; what was asked for is settled. */
void mark_filed(int fd, const char *rel, time_t now);

/* When was FD filed, whose stat is ST? 0; -1 ENODATA: it was not, or it has changed since; -1 ENOTSUP:
 * the file system knows no such marks. */
int mark_when_filed(int fd, const struct stat *st, time_t *when);

/* Is the regular file PATH below DIR proved to be of OWNER, and unchanged since? */
bool mark_is_of(int dir, const char *path, const char *owner);

/* Ask, or no longer, that the results of FD, an original, replace those that it had. 0, or -1 with
 * errno. */
int mark_ask(int fd, bool does_ask);

/* Does the original PATH below DIR ask for that? OWNER: under whose name it was filed, that of REL
 * when it never was. */
bool mark_asks(int dir, const char *path, const char *rel, char owner[MARK_OWNER_SIZE]);

#endif
