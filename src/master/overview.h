/* master/overview.h - from what the parts know to one struct report, and when to write it.
 *
 * Place:   master -> here -> report/write.   Process: master.
 * Shared:  several daemons on one spool: the one that holds the reporter's byte of the locks
 *          writes; the others try for it at every turn that they would write.
 * Cost:    nothing while nothing changes.
 */
#ifndef MASTER_OVERVIEW_H
#define MASTER_OVERVIEW_H

#include <stdbool.h>
#include <stdint.h>

struct overview;
struct view;

struct overview *overview_new(void);
void overview_free(struct overview *overview);

/* Something may have changed: look again when it is time. */
void overview_touch(struct overview *overview);

/* Write what changed. IS_LAST: the daemon ends, write in any case. */
void overview_turn(struct overview *overview, const struct view *view, int64_t now_ms, bool is_last);
int64_t overview_due(const struct overview *overview);

#endif
