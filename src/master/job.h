/* master/job.h - a job, its states and events: one table.
 *
 * Place:   dispatch raises events -> job_step -> act (what is done).   Process: master.
 * Disk:    WAITING is J1, INTERRUPTED to PLANNED are J3, SEALED and PUBLISHED are J4, FILED is J5
 *          (src/README). From PLANNED on a job waits at each step until the disk has it: SYNCED.
 * Rules:   job_step() alone writes job->state. An empty cell is a bug of ours and panics, so
 *          nothing that a worker sends may reach one: pool filters first. A choice between two
 *          outcomes is made by whoever raises the event. Killing a worker is no outcome: its
 *          death is, and it comes as WORKER_GONE.
 */
#ifndef MASTER_JOB_H
#define MASTER_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "master/ready.h"

enum job_state {
	JOB_WAITING,     /* in inbox/ */
	JOB_INTERRUPTED, /* in processing/, nobody at work */
	JOB_RUNNING,     /* in processing/, a worker has it */
	JOB_PLANNED,     /* its plan is written, and may still be lost */
	JOB_SEALED,      /* its plan has its name: the point of no return */
	JOB_PUBLISHED,   /* its results are in out/ */
	JOB_FILED,       /* its original is in done/ or failed/ */
	JOB_DONE, JOB_FAILED, JOB_DROPPED, /* over */
	JOB_NSTATE
};

enum job_event {
	JOB_EV_SLOT,        /* a worker is free for it */
	JOB_EV_PROGRESS,
	JOB_EV_RENDITION,   /* one is complete */
	JOB_EV_FINISHED,    /* all are; and again, once its original is filed */
	JOB_EV_BAD,         /* it cannot be developed; and again, once its original is filed */
	JOB_EV_WORKER_GONE,
	JOB_EV_TIMEOUT,
	JOB_EV_STOP,
	JOB_EV_CANCEL,      /* its file left processing/, or changed, while a worker had it */
	JOB_EV_GONE,        /* its file is not there */
	JOB_EV_CHANGED,     /* its file is not the picture that was developed */
	JOB_EV_SYNCED,      /* the step that it did is on disk */
	JOB_EV_UNSYNCED,    /* it could not be brought there */
	JOB_EV_ENVIRONMENT, /* the machine's fault: nobody is blamed */
	JOB_EV_N
};

struct attempt; /* master/act.h: what a claimed job has */

struct job {
	char *rel;
	enum job_state state;       /* job_step() only */
	struct ready_facts facts;
	struct attempt *attempt;    /* NULL while it waits */

	int64_t noticed_ms;         /* when its file was first seen */
};

struct job_context;

/* Gives a job in WAITING or INTERRUPTED. */
struct job *job_new(const char *rel, enum job_state state);
void job_free(struct job *job);

/* Do what the table says for EVENT. 0: done, and the state is the next one. -1 with errno: the
 * action failed, the state is as before; raise the event again later, or another one. */
int job_step(struct job_context *context, struct job *job, enum job_event event);

const char *job_state_name(enum job_state state);
const char *job_event_name(enum job_event event);

/* For the tests: is there a cell, and where does it lead? */
bool job_cell(enum job_state state, enum job_event event, enum job_state *next,
    const char **action);

/* The table as src/README shows it. */
void job_print_table(FILE *out);

#endif
