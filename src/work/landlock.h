/* work/landlock.h - no file, no port and no process outside of the box, by Landlock.
 *
 * Place:   sandbox -> here.   Process: worker, before its filter (which would forbid these calls).
 * Rule:    everything that this kernel's Landlock can handle is handled, and nothing allowed: files
 *          and folders (Linux 5.13), TCP ports (6.7), devices' ioctl (6.10), abstract sockets and
 *          signals to others (6.12). Descriptors that were opened before go on as they were.
 * Errors:  0; -1 with errno: ENOSYS not in this kernel, EOPNOTSUPP switched off when it was started.
 * Source:  landlock(7), landlock_create_ruleset(2), the kernel's userspace-api/landlock.
 */
#ifndef WORK_LANDLOCK_H
#define WORK_LANDLOCK_H

#include <stdbool.h>

/* No way back. Wants no_new_privs. */
int landlock_enter(void);

/* Is a folder that everybody may list refused? */
bool landlock_holds(void);

#endif
