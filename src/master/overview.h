/* master/overview.h - from what the parts know to one struct report, and when to write it.
 *
 * Place:   master -> here -> report.   Process: master.
 * Shared:  several daemons on one spool: the one that holds the reporter's byte of the locks
 *          writes; the others try for it at every turn that they would write.
 * Cost:    nothing while nothing changes.
 */
#ifndef MASTER_OVERVIEW_H
#define MASTER_OVERVIEW_H

#include "master/control.h"
#include "master/dispatch.h"
#include "master/inbox.h"
#include "master/queue.h"

struct overview;

struct overview *overview_new(void);
void overview_free(struct overview *overview);

/* Something may have changed: look again when it is time. */
void overview_touch(struct overview *overview);

/* Write what changed. IS_LAST: the daemon ends, write in any case. */
void overview_turn(struct overview *overview, struct dispatch *d, const struct queue *queue,
    const struct inbox *inbox, const struct control *control, int64_t now_ms, bool is_last);
int64_t overview_due(const struct overview *overview);

#endif
