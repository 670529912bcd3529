/* spool/jobdir.h - .darkroom/jobs/KEY/: what is known and finished of one job.
 *
 * Place:   job -> here -> base/fsio.   Process: master. The job's lock is held.
 * Holds:   job        whose it is, for which picture and profile, and the attempts
 *          N.part     rendition N of the profile, being written by a worker
 *          N          the same, whole: only this counts
 *          error.txt, progress   texts on their way to failed/ or done/
 *          plan       the point of no return (spool/plan.h); plan.new is not sealed yet
 * Born:    in trash/ with its `job` inside, then renamed to jobs/KEY: a folder in jobs/ always
 *          says whose it is. Dies by one rename into trash/.
 * Errors:  0 or a descriptor, or -1 with errno; nothing logged.
 */
#ifndef SPOOL_JOBDIR_H
#define SPOOL_JOBDIR_H

#include <stdbool.h>
#include <time.h>

#include "spool/folders.h"
#include "spool/synclist.h"

#define JOBDIR_TEXT_MAX 65536 /* bytes of job or plan; a REL of 4,000 bytes is 12,000 encoded */

struct jobdir {
	int fd;
	char *name; /* KEY, KEY-2 ... */
};

struct job_record {
	char *rel;
	struct spool_id source;   /* ino, size and mtime_ns are kept; ctime_ns is not */
	char digest[33];          /* of the effective profile */
	int n_worker_deaths;      /* attempts that count: it died by itself, or over its time */
	int n_machine_deaths;
	bool is_at_work;          /* a worker had it when this was written ... */
	char host[65], boot_id[37]; /* ... on this machine, since this boot */
	time_t claimed;
};

/* Find the folder of REL among KEY, KEY-2, ... by what its `job` says; *RECORD, which may be NULL, is
 * filled (job_record_clear it). One that cannot be read is set aside (aside.h) and passed over. 0;
 * -1 ENOENT. */
int jobdir_find(struct spool *spool, const char *rel, struct jobdir *dir,
    struct job_record *record);

/* Make the folder of RECORD->rel. Not durable: a claim that a power cut takes back is J1. 0; -1. */
int jobdir_make(struct spool *spool, const struct job_record *record, struct jobdir *dir);

/* Read `job` of the folder NAME in jobs/ (recovery walks them). */
int jobdir_read(struct spool *spool, const char *name, struct job_record *record);

/* Write `job` anew: the attempts must outlive a power cut. LATER: what must be flushed for that is
 * put into it; NULL: it is on disk when this returns (where the spool is durable). */
int jobdir_write(struct spool *spool, const struct jobdir *dir, const struct job_record *record,
    struct synclist *later);

/* Remove all but `job`: what was finished was for another picture or profile. */
int jobdir_empty(const struct jobdir *dir);

/* Remove N.part, if it is there: half a result only takes room, on a full disk that of STATUS. */
void jobdir_drop_part(const struct jobdir *dir, int i);

/* A fresh N.part. Gives a descriptor, readable and writable. */
int jobdir_make_part(const struct jobdir *dir, int i);

/* N.part is whole: check its length against BYTES and its first bytes, give it MTIME, and let it
 * become N. -1 EPROTO: it is not what the worker said. */
int jobdir_keep(const struct jobdir *dir, int i, uint64_t bytes, const struct timespec *mtime);

/* The check of jobdir_keep() by itself, for a result that is in no job folder (ctl/results). FD may
 * be read-only. The worker is trusted with pixels, not with what it says of them. */
int jobdir_check_result(int fd, uint64_t bytes, const struct timespec *mtime);

/* Is N there? Its size goes to *BYTES unless that is NULL. */
bool jobdir_has(const struct jobdir *dir, int i, uint64_t *bytes);

/* One rename into trash/, then the sweeping up. Takes DIR (closed also on failure). */
int jobdir_trash(struct spool *spool, struct jobdir *dir);

void jobdir_close(struct jobdir *dir);
void job_record_clear(struct job_record *record);

/* What a crash left in trash/. At start. */
void jobdir_sweep_trash(struct spool *spool);

#endif
