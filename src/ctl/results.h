/* ctl/results.h - the folder that convert writes into.
 *
 * Place:   convert -> here -> spool/plan (names), spool/jobdir (the check), base/fsio.
 * Form:    OUTDIR/RENDITION/.tmp-PID-TASK-I while a worker writes it, then
 *          OUTDIR/RENDITION/NAME.EXT by the daemon's own rules: one free stem for all results of a
 *          picture, compared without case, never replacing anything.
 * Modes:   0666 and 0777 less the umask, like every program that is started by hand. No fsync.
 * Errors:  0 or -1 with errno; nothing is told.
 */
#ifndef CTL_RESULTS_H
#define CTL_RESULTS_H

#include <stdint.h>
#include <time.h>

#include "conf/conf.h"
#include "spool/plan.h"

struct results {
	const struct profile *profile;
	struct spool names; /* OUTDIR as its root; no other folder of a spool is there */
};

/* PATH is made where it is missing, but not its parents. PROFILE is kept. */
int results_open(struct results *results, const char *path, const struct profile *profile);
void results_close(struct results *results);

/* Make the temporary file of rendition I of TASK. Gives its descriptor. */
int results_open_one(const struct results *results, uint64_t task, int i);

/* The worker says that rendition I is whole. -1 EPROTO: it is not what it said. */
int results_keep(const struct results *results, uint64_t task, int i, uint64_t bytes,
    const struct timespec *mtime);

/* Name the results of the picture REL and rename them there. Gives the plan that was followed, or
 * NULL: what has a name by then stays. */
struct plan *results_publish(struct results *results, uint64_t task, const char *rel, bool is_png);

/* Remove what is left of TASK's temporary files. */
void results_discard(const struct results *results, uint64_t task);

#endif
