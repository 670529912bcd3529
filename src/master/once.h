/* master/once.h - what darkroomd --once says when it ends.
 *
 * Place:   master -> here -> dispatch and what it has borrowed.   Process: master.
 * Output:  a line on standard output for each file that is left, with the reason; of very many only
 *          the first of each kind.
 */
#ifndef MASTER_ONCE_H
#define MASTER_ONCE_H

#include <stdbool.h>

#include "master/dispatch.h"

/* List what is left. Returns the exit status: 1 a picture failed, 2 files are left (or IS_AWAY: the
 * disk of the spool is, and with it what is on it), 0 all is developed. */
int once_end(const struct dispatch *d, const struct control *control, bool is_away);

#endif
