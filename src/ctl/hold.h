/* ctl/hold.h - stop, pause, start: the control files, put there and taken away.
 *
 * Place:   main -> here -> base/fsio.
 * Where:   at ROOT and at the top of inbox/; STOP and PAUSE in any case, with or without .txt,
 *          as file, folder or symbolic link (which is not followed).
 */
#ifndef CTL_HOLD_H
#define CTL_HOLD_H

#include "ctl/ctl.h"

int hold_stop(struct ctl *ctl, int argc, char **argv);
int hold_pause(struct ctl *ctl, int argc, char **argv);
int hold_start(struct ctl *ctl, int argc, char **argv);

/* Gives the path below ROOT of a control file WORD that is there, or NULL. */
char *hold_find(const struct ctl *ctl, const char *word);

#endif
