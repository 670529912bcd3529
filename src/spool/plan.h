/* spool/plan.h - the point of no return of a job: where everything goes, and the going.
 *
 * Place:   job -> here -> base/fsio, in_use.   Process: master. The job's lock is held.
 * Flow:    plan_make (names), plan_write (plan.new), plan_seal (plan: from here on nothing
 *          cancels), plan_publish, plan_file, jobdir_trash. Each puts into SYNC what must be on
 *          disk before the next one may follow; each may be repeated, after a crash too.
 * Names:   one free stem for the original and all of its results, compared without case. Somebody
 *          may take a name after it was planned: that move gets the next free one, and the plan is
 *          written before it is done. Nothing is replaced but what plan->replaces is proved to have
 *          made (spool/mark.h), looked at again in the moment before; then by one rename, the new
 *          file over the old one.
 * Durable: the job folder with its results and the text of the plan; the plan's name; the folders
 *          that results came to; the folder that the original left, then the one it came to.
 *          Nothing is left out because some file system promises more than POSIX: fsync(2) says of
 *          a folder that it needs an fsync of its own, and no file system of ours documents which
 *          renames a later one takes along.
 * Errors:  0, or -1 with errno: nothing is lost, call it again.
 */
#ifndef SPOOL_PLAN_H
#define SPOOL_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "spool/folders.h"
#include "spool/jobdir.h"
#include "spool/mark.h"
#include "spool/synclist.h"

#define PLAN_PROGRESS "progress" /* in the job folder: the sidecar that is kept */

enum plan_verdict { PLAN_DONE, PLAN_FAILED, PLAN_N_VERDICT };

struct plan_move {
	char *from;       /* a name in the job folder: "0", "1", "error.txt" */
	char *to;         /* below ROOT */
	unsigned n_new;   /* folders that were made for it, the last ones of TO */
};

struct plan {
	enum plan_verdict verdict;
	uint64_t ino;     /* of the original; another file at processing/REL is not ours to move */
	char *original_to; /* below ROOT; NULL: the original is deleted (originals = delete) */
	unsigned original_n_new;   /* as plan_move.n_new */
	struct plan_move *moves;
	size_t n_moves;
	size_t n_results; /* of the moves, the first: pictures */
	bool is_sealed;   /* it is in the job folder under its name: never to be given up */
	bool is_doubtful; /* somebody may have made folders for it that never reached the disk */
	char replaces[MARK_OWNER_SIZE]; /* "": nothing; else whose files may be replaced */
	struct in_use *reserved_in; /* where its names are reserved, or NULL */
	char *taken;      /* while it is made: the name that kept it from its first stem, or NULL */
};

/* One result, as plan_make needs it. */
struct plan_result {
	const char *folder;  /* "web" */
	const char *pattern; /* "{stem}.{ext}" */
	bool is_png;         /* else a JPEG: what {ext} says */
	const char *from;    /* where it lies; NULL: in the job folder, by its number (jobdir.h) */
};

/* What a plan is to be made for. */
struct plan_order {
	const char *rel;
	uint64_t ino;
	const char *top;     /* what stands before the results' folders: "out/", or "" */
	const struct plan_result *results;
	size_t n_results;
	bool keeps_original, keeps_progress;
	const char *replaces; /* whose files may be replaced, NULL: nobody's */
};

/* Choose the names for a job that ended well. Gives a plan; plan_free(NULL) is fine.
 * SPOOL: only root_fd and in_use are used, so that ctl/results can name as we do. */
struct plan *plan_make_done(struct spool *spool, const struct plan_order *order);

/* And for one that failed: the original and its error.txt. Replaces nothing. */
struct plan *plan_make_failed(struct spool *spool, const char *rel, uint64_t ino);

/* No other plan may choose the names of this one, until plan_free(). plan_make_... do so; it is for
 * one that was read. */
void plan_reserve(struct spool *spool, struct plan *plan);

void plan_free(struct plan *plan);

/* The text, as plan.new: a crash leaves J3. */
int plan_write(struct spool *spool, const struct jobdir *dir, const struct plan *plan,
    struct synclist *sync);

/* plan.new becomes plan: a crash leaves J4. */
int plan_seal(const struct jobdir *dir, struct plan *plan, struct synclist *sync);

/* Remove plan.new: its flush failed, and it must be written anew (fsync(2): the pages count as clean
 * after the error). */
void plan_withdraw(const struct jobdir *dir);

/* *PLAN: gives. 0; -1 ENOENT: there is none; -1 EPROTO: it is not one. */
int plan_read(const struct jobdir *dir, struct plan **plan);

/* Move the results that have not arrived yet. May change names in PLAN. */
int plan_publish(struct spool *spool, const struct jobdir *dir, struct plan *plan,
    struct synclist *sync);

/* Move the original, unless it has arrived: a crash leaves J5. */
int plan_file(struct spool *spool, const struct jobdir *dir, const char *rel, struct plan *plan,
    struct synclist *sync);

#endif
