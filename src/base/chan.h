/* base/chan.h - records and descriptors between master and worker.
 *
 * Place:   work/launch, master/pool, work/worker -> here.
 * Form:    unix(7) SOCK_SEQPACKET: one send is one record, so there is no framing code; the
 *          descriptors travel as SCM_RIGHTS of the same record.
 * Errors:  -1 with errno; nothing logged.
 */
#ifndef BASE_CHAN_H
#define BASE_CHAN_H

#include <stddef.h>
#include <sys/types.h>

#define CHAN_MAX_FDS 36 /* a source, 16 renditions and their watermarks, with room to spare */

/* Gives two connected ends, close-on-exec. */
int chan_pair(int fd[2]);

/* Borrows the descriptors: the receiver gets copies. */
int chan_send(int chan, const void *record, size_t size, const int *fds, int n_fds);

/* Returns the record's size (a longer one fails with EMSGSIZE), 0 at the end of the channel,
 * -1: EAGAIN when DONT_WAIT and nothing is there.
 * FDS: room for CHAN_MAX_FDS; gives *N_FDS descriptors, close-on-exec, also when the record
 * turns out to be bad: the caller closes them. A FDS of NULL refuses descriptors. */
ssize_t chan_receive(int chan, void *record, size_t size, int *fds, int *n_fds, int dont_wait);

#endif
