/* master/job.h - a job: a picture from its claim to its end.
 *
 * Place:   claim and adopt make one, step.c leads it from state to state.   Process: master.
 * Disk:    INTERRUPTED to PLANNED are J3, BOUND to PUBLISHED are J4, FILED is J5 (src/README). From
 *          PLANNED on a job waits at each step until the disk has that: SYNCED.
 * Owns:    its lock, its job folder, its plan, from the beginning until it is over.
 * Rules:   step_raise() alone writes `state`; what a job may do is asked of its state.
 */
#ifndef MASTER_JOB_H
#define MASTER_JOB_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "conf/conf.h"
#include "image/reason.h"
#include "master/ready.h"
#include "spool/jobdir.h"
#include "spool/plan.h"
#include "spool/progress.h"
#include "work/crew.h"

enum job_state {
	JOB_INTERRUPTED, /* in processing/, nobody at work */
	JOB_RUNNING,     /* in processing/, a worker has it */
	JOB_PLANNED,     /* its plan is written, and may still be lost */
	JOB_BOUND,       /* its plan has its name, and nobody knows whether the disk has that */
	JOB_RENEWED,     /* that plan is written once more */
	JOB_SEALED,      /* its plan has its name: the point of no return */
	JOB_PUBLISHED,   /* its results are in out/ */
	JOB_FILED,       /* its original is in done/ or failed/ */
	JOB_OVER,        /* done, failed or dropped */
	JOB_NSTATE
};

enum job_event {
	JOB_EV_SLOT,        /* a worker is free for it */
	JOB_EV_PROGRESS,
	JOB_EV_RENDITION,   /* one is complete */
	JOB_EV_FINISHED,    /* all are */
	JOB_EV_BAD,         /* it cannot be developed */
	JOB_EV_WORKER_GONE,
	JOB_EV_TIMEOUT,
	JOB_EV_STOP,
	JOB_EV_CANCEL,      /* its file left processing/, or changed, while a worker had it */
	JOB_EV_GONE,        /* its file is not there */
	JOB_EV_CHANGED,     /* its file is not the picture that was developed */
	JOB_EV_AGAIN,       /* it is time to bring its plan to the disk anew */
	JOB_EV_SYNCED,      /* the step that it did is on disk */
	JOB_EV_UNSYNCED,    /* it could not be brought there */
	JOB_EV_ENVIRONMENT, /* the machine's fault: nobody is blamed */
	JOB_EV_N,
	JOB_EV_NONE = JOB_EV_N
};

struct job {
	char *rel;
	enum job_state state;       /* step_raise() only */
	enum job_event owed;        /* what is raised (again) at retry_ms, of one with a plan; NONE: nothing */
	int64_t retry_ms;           /* not before then, after trouble of the machine */
	int64_t noticed_ms;         /* when its file was first seen */
	struct ready_facts facts;   /* of its file in processing/ */
	/* let go of when it is over */
	struct spool *spool;        /* whose lock it is; borrowed */
	off_t lock;                 /* -1: none */
	struct jobdir dir;
	struct job_record record;
	struct profile *profile;    /* a copy: a reload of the configuration must not change it */
	struct plan *plan;          /* from PLANNED on */
	/* before it goes on */
	bool must_settle;           /* not ours by claim: it must pass ready_judge() first */
	bool is_adopted;            /* found in processing/ or jobs/, not claimed by us */
	bool is_held;               /* it waits for a reason of its own: unreadable, half-copied */
	bool is_last_try;           /* a worker died on it: now last, and alone */
	const char *why_held;       /* a literal, for people; NULL: not held, or for its hours */
	int64_t last_since_ms;      /* a last try waits since then */
	int n_unread;               /* how often the disk failed at it (EIO) */
	/* the attempt: what the worker has, and what its last news said, for the sidecar and for STATUS */
	uint64_t task;              /* its number */
	enum crew_killer killer;
	int trouble;                /* errno of the machine for which its worker was ended, or 0 */
	bool is_png;
	int number;                 /* of this attempt, from 1 */
	enum develop_stage stage;
	int i_rendition;
	unsigned permille;
	time_t started;
	int64_t started_ms;         /* 0: all of it was made before we were started */
	enum progress_state shown;  /* in the sidecar */
	int64_t sidecar_ms;
	unsigned sidecar_percent;
	/* why it failed, for the error text */
	enum reason bad;
	char bad_text[DEVELOP_TEXT_SIZE];
};

/* Take the lock of REL, and give an INTERRUPTED job that holds it. NULL: EAGAIN somebody else has it,
 * or another errno. */
struct job *job_lock(struct spool *spool, const char *rel);

/* Lets go of the lock and of all that it has. It is over, or goes back to what lies on the disk. */
void job_let_go(struct job *job);
void job_free(struct job *job); /* lets go, too */

void job_set_bad(struct job *job, enum reason bad, const char *text);

/* A worker is at it. */
bool job_is_running(const struct job *job);
/* It has a plan: on its way to out/ and done/, nothing cancels it. */
bool job_is_homeward(const struct job *job);
/* What a job with a plan does next; NONE: it has none. */
enum job_event job_next_event(const struct job *job);

const char *job_state_name(enum job_state state);
const char *job_event_name(enum job_event event);

/* An estimate for a job that runs; -1: too early to tell, or it does not. */
int job_seconds_left(const struct job *job);
/* The name of the rendition that it is at, or "". */
const char *job_rendition(const struct job *job);
/* The name of its profile, or "". */
const char *job_profile(const struct job *job);

#endif
