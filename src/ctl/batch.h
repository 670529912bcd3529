/* ctl/batch.h - a list of pictures through the workers, without daemon and queue.
 *
 * Place:   convert -> here -> work/pool, results.
 * Loop:    one poll(2) over the workers; signals are let in only there.
 * Blame:   as in the daemon. The image's fault ends that picture. A worker's death: once more (as
 *          workers.attempts says), last and alone, then it is the picture's. The machine's fault
 *          (disk full ...) ends all of it, and blames no picture.
 */
#ifndef CTL_BATCH_H
#define CTL_BATCH_H

#include "conf/conf.h"
#include "ctl/gather.h"
#include "ctl/results.h"
#include "work/probe.h"

struct batch {
	/* set by the caller, borrowed */
	struct ctl *ctl;
	const struct conf *conf;
	const char *program;     /* path of darkroomd */
	const struct probe *probe; /* of the box of its workers */
	struct gather *gather;
	struct results *results;
	bool is_verbose;         /* a line on stdout for each picture that is done */
	/* the batch's own; zero at the start */
	struct pool *pool;
	size_t i_next;           /* the first picture that was not begun */
	size_t n_last;           /* pictures that wait for their last try */
	size_t n_done, n_failed;
	uint64_t n_tasks;        /* given out so far */
	uint64_t permille_sum;   /* of all pictures */
	int64_t shown_ms;        /* when the progress was last shown */
	bool is_over;            /* the machine's fault: begin nothing more */
	bool has_bar;            /* the cursor stands behind a line of progress */
};

/* Develop them all. Gives the exit status; every trouble was told. */
int batch_run(struct batch *batch);

#endif
