/* ctl/add.h - add: copy photographs into the inbox.
 *
 * Place:   main -> here -> base/fsio, tree.
 * How:     into a hidden .NAME.part, synced, with the modification time of the original, then
 *          renamed without replacing: the daemon sees a whole file or none.
 */
#ifndef CTL_ADD_H
#define CTL_ADD_H

#include "ctl/ctl.h"

/* add FILE|FOLDER... */
int add_run(struct ctl *ctl, int argc, char **argv);

#endif
