/* ctl/wait.h - wait: until the photographs that were dropped are done.
 *
 * Place:   main -> here -> daemon, tree.
 * How:     looks at the folders, in the order in which a photograph goes through them, so that
 *          one that moves on meanwhile is met in the next. Files that the daemon holds for a
 *          reason (half-copied, no JPEG or PNG) are not waited for.
 */
#ifndef CTL_WAIT_H
#define CTL_WAIT_H

#include "ctl/ctl.h"

/* wait [--timeout TIME] [NAME] */
int wait_run(struct ctl *ctl, int argc, char **argv);

#endif
