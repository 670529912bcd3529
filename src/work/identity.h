/* work/identity.h - who a worker is: another user, no capabilities, and no network.
 *
 * Place:   sandbox -> here.   Process: worker, first step into the box.
 * Order:   identity_leave_network(), identity_become(), identity_leave_network() again if the first
 *          was not permitted, identity_drop(). A namespace of its own users, which is what the
 *          second try needs, is what others than root may make; in it nobody can become another
 *          user any more.
 * Left:    the mounts. A namespace of mounts of its own would not hide them (Landlock does) but
 *          keep them: the disk of the spool could not be checked and mounted anew while the daemon
 *          runs, which master/away.h promises.
 * Errors:  0, or -1 with errno.
 * Source:  unshare(2), namespaces(7), setresuid(2), capset(2), capabilities(7).
 */
#ifndef WORK_IDENTITY_H
#define WORK_IDENTITY_H

#include <stdbool.h>
#include <sys/types.h>

#define IDENTITY_NOBODY_ELSE ((uid_t)-1) /* stay who we are */

/* A network without any device, IPC objects and a host name of its own.
 * AS_USER: in a namespace of users, too. */
int identity_leave_network(bool as_user);

/* Become UID and GID, with no other groups, for good. Nothing to do where we are UID. */
int identity_become(uid_t uid, gid_t gid);

/* Give up every capability. */
int identity_drop(void);

/* Is there no way to our own machine's address? */
bool identity_has_no_network(void);

/* Are we UID, and cannot be root again? */
bool identity_is(uid_t uid);

#endif
