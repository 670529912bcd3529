/* master/dispatch.h - the jobs at hand: which is next, and what their workers say.
 *
 * Place:   queue, pool, control -> here -> job_step.   Process: master.
 * Order:   interrupted jobs first, then what queue_next() says; a job on which a worker died comes
 *          last, and alone.
 * Blame:   a fault of the machine (disk full, permissions of our folders) blocks the queue with a
 *          reason, and is tried again with back-off; nobody is blamed. A fault of one file in the
 *          inbox holds that file. Everything else is in the job table.
 * Owns:    the claimed jobs. Events are chosen here, never states (job.h).
 */
#ifndef MASTER_DISPATCH_H
#define MASTER_DISPATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "master/act.h"
#include "master/control.h"
#include "master/inbox.h"
#include "master/queue.h"
#include "master/schedule.h"
#include "work/pool.h"

#define DISPATCH_BACK_OFF_MS 1000 /* the first pause after trouble; it doubles */

struct dispatch {
	struct job_context context;
	struct queue *queue;
	struct inbox *inbox;
	const struct schedule *schedule;
	struct job **jobs;          /* claimed */
	size_t n_jobs, room;
	bool was_stopped;
	bool is_doubtful;           /* something of ours was not there: are the folders the ones we opened? */
	bool is_read_only;          /* the spool's disk is: doubtful too */
	bool is_recovered;          /* all was looked at by the last dispatch_recover() */
	int64_t turn_ms;            /* the time of the last turn */
	int64_t look_ms;            /* when the sources of the running jobs are looked at again */
	int64_t free_ms;            /* when the free space is looked at again */
	/* the machine's fault, if any */
	int64_t blocked_until_ms;   /* 0: not blocked */
	int64_t back_off_ms;
	bool is_short_of_space;     /* less than spool.min_free is left */
	char blocked_why[200];
};

/* Everything is borrowed. */
struct dispatch *dispatch_new(struct spool *spool, struct pool *pool, struct queue *queue,
    struct inbox *inbox, const struct schedule *schedule, const struct conf *conf);
void dispatch_free(struct dispatch *d);
void dispatch_set_conf(struct dispatch *d, const struct conf *conf);

/* Take in hand what lies in processing/ and jobs/ without a living owner; clear up what a crash left.
 * At start, and at every rescan. False: not all could be looked at, ask again soon. */
bool dispatch_recover(struct dispatch *d);

/* Hear the workers, obey STOP, go on with jobs at hand, claim new ones. Returns true when something
 * happened. */
bool dispatch_turn(struct dispatch *d, const struct control *control, int64_t now_ms);
int64_t dispatch_due(const struct dispatch *d);

/* Every running worker is to stop (SIGTERM); dispatch_turn() hears their deaths. */
void dispatch_stop_all(struct dispatch *d);
bool dispatch_is_running(const struct dispatch *d); /* any job with a worker? */
bool dispatch_is_settled(const struct dispatch *d); /* none, and none waits for the disk either */
/* The machine's fault that keeps the queue; NULL: none. Borrowed until the next turn. */
const char *dispatch_blocked_why(const struct dispatch *d);
size_t dispatch_n_pending(const struct dispatch *d); /* jobs that go on by themselves */

/* For SIGUSR1. */
void dispatch_log(const struct dispatch *d);

/* Between dispatch.c and its parts claim.c, news.c, publish.c, recover.c and trouble.c: */

/* Claim what is next, as long as workers are free for it and nothing blocks the queue. Returns true when
 * something happened. */
bool dispatch_claim(struct dispatch *d, int64_t now_ms);
/* Does a job run that wants to be alone? */
bool dispatch_is_alone(const struct dispatch *d);

/* Go on with JOB as far as it goes now. May free it. */
void dispatch_advance(struct dispatch *d, struct job *job, int64_t now_ms);
/* Take JOB, which has a plan, on to the next step, until one has to wait for the disk. */
void dispatch_publish(struct dispatch *d, struct job *job, int64_t now_ms);
/* The disk has the last step of some jobs, or refused it. */
void dispatch_hear_commit(struct dispatch *d, int64_t now_ms);
/* The machine's fault ERROR befell JOB (NULL: the queue as a whole): nothing new for a while. */
void dispatch_trouble(struct dispatch *d, struct job *job, int error, int64_t now_ms);
/* Something went well again. */
void dispatch_unblock(struct dispatch *d);
/* Nothing is at hand: nothing is in the way of it. */
void dispatch_forget_trouble(struct dispatch *d);
/* Less room than spool.min_free blocks new work; what is at hand may end. */
void dispatch_check_free(struct dispatch *d, int64_t now_ms);
/* Put a job into the list; it goes by itself when it is over. */
void dispatch_add(struct dispatch *d, struct job *job);
bool dispatch_has(const struct dispatch *d, const char *rel);
/* act_prepare(), and the event that its failure means. 0: go on. -1: the event was raised. */
int dispatch_check(struct dispatch *d, struct job *job, int64_t now_ms);

#endif
