/* spool/lock.h - a job is alive while somebody holds its lock.
 *
 * Place:   dispatch, report -> here.   Process: master, ctl.
 * Form:    one byte of .darkroom/locks per job, at an offset hashed from KEY; an open file
 *          description lock, so that the kernel (or the distributed file system) lets go of it
 *          when the holder dies, and closing another descriptor of the file does not.
 * Limits:  two jobs that fall on one offset: the second gets EAGAIN, as if another daemon had it.
 *          The bookkeeping of what is ours is a short array: as many locks as jobs at hand.
 * Source:  fcntl(2) F_OFD_SETLK.
 */
#ifndef SPOOL_LOCK_H
#define SPOOL_LOCK_H

#include <stdbool.h>
#include <sys/types.h>

#include "spool/folders.h"

#define LOCK_REPORTER 0    /* byte of the daemon that writes STATUS */
#define LOCK_TEST 1        /* byte that the start-up check tries */
#define LOCK_FIRST_JOB 4096

/* The byte of the job REL. */
off_t lock_offset(const char *rel);

/* 0; -1 EAGAIN: somebody holds it (another daemon, or we for another job). */
int lock_take(struct spool *spool, off_t offset);

void lock_drop(struct spool *spool, off_t offset);

/* Does somebody else hold it? */
bool lock_is_foreign(struct spool *spool, off_t offset);

#endif
