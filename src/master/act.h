/* master/act.h - what the cells of the job table do.
 *
 * Place:   job_step -> here -> spool, pool.   Process: master.
 * Owns:    an attempt belongs to its job from claim to end; it holds the job's lock.
 * Errors:  every action is 0, or -1 with errno and nothing half-done that its repetition, or a
 *          restart, does not finish.
 */
#ifndef MASTER_ACT_H
#define MASTER_ACT_H

#include <time.h>

#include "conf/conf.h"
#include "image/bad.h"
#include "master/job.h"
#include "master/tally.h"
#include "spool/jobdir.h"
#include "spool/plan.h"
#include "spool/progress.h"
#include "work/crew.h"

struct commit;
struct hook;
struct pool;

struct attempt {
	struct jobdir dir;
	struct job_record record;
	struct profile *profile;    /* a copy: a reload of the configuration must not change it */
	struct plan *plan;
	off_t lock;
	uint64_t task;              /* number of the task that the worker has, 0: none */
	bool must_settle;           /* not ours by claim: it must pass ready_judge() first */
	bool is_adopted;            /* found in processing/ or jobs/, not claimed by us */
	bool is_syncing;            /* its last step is on its way to the disk (master/commit) */
	bool is_held;               /* it waits for a reason of its own: unreadable, half-copied */
	const char *why_held;       /* a literal, for people; NULL: not held, or for its hours */
	bool is_last_try;           /* a worker died on it: now last, and alone */
	bool is_png;
	enum crew_killer killer;    /* why we had its worker killed */
	/* what the last news said, for the sidecar and for STATUS */
	int number;                 /* of this attempt, from 1 */
	enum develop_stage stage;
	int i_rendition;
	unsigned permille;
	enum progress_state shown;  /* in the sidecar */
	time_t started;
	int64_t started_ms, sidecar_ms;
	unsigned sidecar_percent;
	/* why it failed, for the error text */
	enum bad bad;
	char bad_text[DEVELOP_TEXT_SIZE];
	int64_t retry_ms;           /* not before then, after trouble of the machine */
	int64_t last_since_ms;      /* a last try waits since then */
	int trouble;                /* errno of the machine for which its worker was ended, or 0 */
	int n_unread;         /* how often the disk failed at it (EIO) */
};

/* What all actions need. */
struct job_context {
	struct spool *spool;
	struct pool *pool;
	struct commit *commit;
	const struct conf *conf;
	struct hook *hook;          /* told of each end; NULL: nobody is */
	char host[65], boot_id[37];
	uint64_t n_tasks;           /* given out so far: the next task's number */
	struct tally tally;         /* for the report */
	bool is_own_fault;          /* act_claim() failed in our own folders, not at the file */
	const struct msg_news *news; /* what PROGRESS, RENDITION and BAD are about; set by dispatch */
};

/* WAITING: lock, job folder, inbox/ > processing/. is_own_fault says whose an EACCES is. */
int act_claim(struct job_context *c, struct job *job);
/* INTERRUPTED: hand what is not finished to a worker. ENOENT: the file is gone; ESTALE: it is
 * not the picture of the record; EAGAIN: no worker. */
int act_start(struct job_context *c, struct job *job);
int act_progress(struct job_context *c, struct job *job);
int act_keep(struct job_context *c, struct job *job);
int act_kill_stop(struct job_context *c, struct job *job);
int act_kill_cancel(struct job_context *c, struct job *job);
int act_kill_timeout(struct job_context *c, struct job *job);
/* RUNNING: the worker is gone or done with it, the job stays. */
int act_release(struct job_context *c, struct job *job);
/* The picture is another one: begin anew. */
int act_begin_anew(struct job_context *c, struct job *job);
/* Make and write the plan, unless one was found on disk. plan_done may find that conflict = fail
 * forbids it; the plan's verdict says so. From here on each step puts into the commit what must be
 * flushed, and the job waits for that (is_syncing). */
int act_plan_done(struct job_context *c, struct job *job);
int act_plan_failed(struct job_context *c, struct job *job);
/* PLANNED: the plan gets its name. */
int act_seal(struct job_context *c, struct job *job);
/* SEALED: the results go to out/. */
int act_publish(struct job_context *c, struct job *job);
/* PUBLISHED: the original goes to done/ or failed/. */
int act_file(struct job_context *c, struct job *job);
/* FILED: nothing of it is left but what people see. */
int act_finish(struct job_context *c, struct job *job);
/* The plan did not get to the disk: it is written anew. One that has its name is never given up. */
int act_unplan(struct job_context *c, struct job *job);
/* Folders did not get to the disk: the step is done again, and they are flushed up to the top. */
int act_doubt(struct job_context *c, struct job *job);
/* The original is gone: results and job folder go too. */
int act_discard(struct job_context *c, struct job *job);
int act_nothing(struct job_context *c, struct job *job);

/* Take a file of processing/, or a job folder whose file is gone, in hand: lock it and make
 * job->attempt of what is on disk. 0; -1 EAGAIN: somebody else has it; -1 ENOENT: neither file nor
 * plan is there; what was left of it is removed, unless its attempts still count (J2). */
int act_adopt(struct job_context *c, struct job *job);

/* Before a start, and before a plan: is the file at processing/REL still the picture of the record,
 * and nobody writing it? And is what is finished for the profile of now? 0; -1 ENOENT; -1 ESTALE
 * for another picture; -1 EBUSY: this file may not be read for now; -1 others are the machine's. */
int act_prepare(struct job_context *c, struct job *job);

/* Would conflict = fail forbid to publish it? Then job->attempt says why, and developing it would
 * be for nothing. */
bool act_is_refused(struct job_context *c, struct job *job);

/* Is every rendition of the profile finished? */
bool act_is_complete(const struct job *job);

/* A death that counts: of the worker, on disk before the next try. Returns the deaths so far. */
int act_count_death(struct job_context *c, struct job *job);

/* Lets go of the lock and of everything. */
void act_free_attempt(struct job_context *c, struct job *job);

/* An estimate; -1: too early to tell. */
int act_seconds_left(const struct attempt *a);

/* Write the sidecar now. One that cannot be written holds nothing up. */
void act_sidecar(struct job_context *c, struct job *job, enum progress_state state);

/* progress = keep: write the one that PLAN takes to done/, in the job folder. */
int act_last_sidecar(struct job_context *c, struct job *job, const struct plan *plan);

#endif
