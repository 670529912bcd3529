/* master/control.h - STOP and PAUSE, as files.
 *
 * Place:   master -> here.   Process: master.
 * Where:   ROOT and the top of inbox/, since a share may show only the latter. Any case, with or
 *          without .txt; a file, a folder or a symbolic link (not followed) of any size.
 * PAUSE:   "30m" inside ends it by itself, counted from its mtime; the file is then removed, so that
 *          the folder goes on telling the truth. The wall clock is asked only here.
 */
#ifndef MASTER_CONTROL_H
#define MASTER_CONTROL_H

#include <stdbool.h>
#include <stdint.h>

#include "spool/spool.h"

struct control {
	bool is_stopped, is_paused;
	int64_t pause_ends_ms; /* monotonic; CLOCK_NEVER: when the file goes */
};

/* Look at the folders. Returns true when something changed in *CONTROL. */
bool control_look(struct control *control, const struct spool *spool, int64_t now_ms);

#endif
