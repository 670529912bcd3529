/* ctl/status.h - status: what the daemon says of the queue, and whether it is there at all.
 *
 * Place:   main -> here -> daemon, tree.
 */
#ifndef CTL_STATUS_H
#define CTL_STATUS_H

#include "ctl/ctl.h"

/* status [--json] */
int status_run(struct ctl *ctl, int argc, char **argv);

#endif
