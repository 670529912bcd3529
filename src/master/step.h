/* master/step.h - the job table: what each event does to a job, state by state.
 *
 * Place:   claim, news, homeward, source, trouble, dispatch raise events -> here -> attempt, publish
 *          (what is done).   Process: master.
 * Rules:   step_raise() alone writes job->state. An empty cell is a bug of ours and panics, so
 *          nothing that a worker sends may reach one: pool filters first. A choice between two
 *          outcomes is made by whoever raises the event. Killing a worker is no outcome: its
 *          death is, and it comes as WORKER_GONE.
 */
#ifndef MASTER_STEP_H
#define MASTER_STEP_H

#include <stdio.h>

#include "master/job.h"

struct job_context;

/* Do what the table says for EVENT. 0: done, and the state is the next one; a job that is over has let
 * go of everything. -1 with errno: the action failed, the state is as before; raise the event again
 * later, or another one. */
int step_raise(struct job_context *context, struct job *job, enum job_event event);

/* For the tests: is there a cell, and where does it lead? */
bool step_cell(enum job_state state, enum job_event event, enum job_state *next,
    const char **action);

/* The table as src/README shows it. */
void step_print_table(FILE *out);

#endif
