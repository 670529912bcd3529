/* ctl/retry.h - retry: photographs go back from failed/ (or done/) to the inbox.
 *
 * Place:   main -> here -> base/fsio, tree.
 * Leaves:  NAME.error.txt, which the daemon removes when it takes the photograph.
 */
#ifndef CTL_RETRY_H
#define CTL_RETRY_H

#include "ctl/ctl.h"

/* retry [--replace] NAME... | --all */
int retry_run(struct ctl *ctl, int argc, char **argv);

#endif
