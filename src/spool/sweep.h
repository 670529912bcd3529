/* spool/sweep.h - half-written files of ours that a crash left.
 *
 * Place:   master (start, recover) -> here.   Process: master.
 * Finds:   hidden files named by FSIO_TEMP_PREFIX and the number of the process that made them, when
 *          there is no such process. On a spool of several machines that may be a living one
 *          elsewhere: it loses one update of a sidecar or of STATUS, never a picture or a result,
 *          for those are not written under such names.
 * Errors:  none; what cannot be removed stays.
 */
#ifndef SPOOL_SWEEP_H
#define SPOOL_SWEEP_H

#include <stdbool.h>

#include "spool/folders.h"

/* Is NAME that of a half-written file whose writer is gone? */
bool sweep_is_stale(const char *name);

/* ROOT, its folders (not what is below them) and trash/. At start. */
void sweep_spool(struct spool *spool);

#endif
