/* spool/plan.h - the point of no return of a job: where everything goes, and the going.
 *
 * Place:   job -> here -> base/fsio, taken.   Process: master. The job's lock is held.
 * Flow:    plan_make (names), plan_write (fsync, rename: from here on nothing cancels),
 *          plan_execute (each step again and again until it is done), jobdir_trash.
 * Names:   one free stem for the original and all of its results, compared without case. Somebody
 *          may take a name after it was planned: that move gets the next free one, and the plan is
 *          written before it is done. Nothing is ever replaced.
 * Durable: results, then their folders, then the original, then the folder it left, then the one
 *          that it came to. In this order: the other way round btrfs showed one original in two
 *          folders after a power cut.
 * Errors:  0, or -1 with errno: nothing is lost, call plan_execute again.
 */
#ifndef SPOOL_PLAN_H
#define SPOOL_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "spool/jobdir.h"
#include "spool/spool.h"

enum plan_verdict { PLAN_DONE, PLAN_FAILED, PLAN_N_VERDICT };

struct plan_move {
	char *from;       /* a name in the job folder: "0", "1", "error.txt" */
	char *to;         /* below ROOT */
};

struct plan {
	enum plan_verdict verdict;
	uint64_t ino;     /* of the original; another file at processing/REL is not ours to move */
	char *original_to; /* below ROOT; NULL: the original is deleted (originals = delete) */
	struct plan_move *moves;
	size_t n_moves;
};

/* One result, as plan_make needs it. */
struct plan_result {
	const char *from;    /* in the job folder */
	const char *folder;  /* "out/web" */
	const char *pattern; /* "{stem}.{ext}" */
	const char *ext;     /* "jpg" */
};

/* Choose the names for a job that ended well. Gives a plan; plan_free(NULL) is fine.
 * SPOOL: only root_fd and taken are used, so that ctl/results can name as we do. */
struct plan *plan_make_done(struct spool *spool, const char *rel, uint64_t ino,
    const struct plan_result *results, size_t n_results, bool keep_original);

/* And for one that failed: the original and its error.txt. */
struct plan *plan_make_failed(struct spool *spool, const char *rel, uint64_t ino);

void plan_free(struct plan *plan);

int plan_write(struct spool *spool, const struct jobdir *dir, const struct plan *plan);

/* *PLAN: gives. 0; -1 ENOENT: there is none; -1 EPROTO: it is not one. */
int plan_read(const struct jobdir *dir, struct plan **plan);

/* Do what is not done yet. May change names in PLAN. */
int plan_execute(struct spool *spool, const struct jobdir *dir, const char *rel,
    struct plan *plan);

#endif
