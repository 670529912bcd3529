/* master/once.h - what darkroomd --once says when it ends.
 *
 * Place:   master -> here -> the parts of the daemon.   Process: master.
 * Output:  a line on standard output for each file that is left, with the reason; of very many only
 *          the first of each kind.
 */
#ifndef MASTER_ONCE_H
#define MASTER_ONCE_H

struct view;

/* List what is left. Returns the exit status: 1 a picture failed, 2 files are left (or the disk of the
 * spool is away, and with it what is on it), 0 all is developed. */
int once_end(const struct view *view);

#endif
