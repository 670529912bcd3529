/* work/crew.h - one try at a picture: what a worker is asked for, and whose fault its end was.
 *
 * Place:   master/act and news, ctl/batch -> here -> pool.   Process: master, the command.
 * Why:     daemon and command ask the same in the same words, so that their results are the same
 *          bytes, and blame alike.
 * Blame:   the picture's fault (MSG_BAD) ends it at once. A worker that died of itself, over its time
 *          or after a lie: once more, last and alone, until workers.attempts have died; then it is the
 *          picture's fault. One that was stopped, or met the machine's fault, counts for nothing.
 */
#ifndef WORK_CREW_H
#define WORK_CREW_H

#include "work/pool.h"

struct crew_task {
	uint64_t number;                     /* of this try: never 0, never used twice */
	int source;                          /* the picture, borrowed */
	uint64_t source_bytes;
	const struct develop_limits *limits; /* with a worker's whole address space as its memory */
	const struct rendition *renditions;  /* of the profile, n_renditions of them */
	const int *mark_fds;                 /* of each, the file of its watermark, borrowed; -1: none */
	int n_renditions;
	bool is_durable;                     /* a result is on the disk before it is told complete */
	/* Gives an empty file for rendition I, -1 with errno, or CREW_IS_FINISHED: it is not wanted. */
	int (*open_result)(void *opener, int i);
	void *opener;                        /* given to open_result */
};
#define CREW_IS_FINISHED -2

/* Fill MESSAGE, opening the results that are wanted, and FDS, which has room for CHAN_MAX_FDS: the source,
 * the results, and the watermarks of those that have one. What a picture may take of the worker's
 * memory is reckoned here. Returns how many descriptors there are; -1: of open_result, and none of
 * the results is open. */
int crew_fill(const struct crew_task *task, struct msg_task *message, int *fds);

/* Open the results that are wanted and give all to a free worker, which has it for JOB (pool.h). No
 * result stays open here. 0; -1 EAGAIN: there is no free worker after all; -1 others: of open_result. */
int crew_hand_over(struct pool *pool, void *job, const struct crew_task *task, int64_t now_ms);

/* Why the caller had a worker killed. */
enum crew_killer {
	CREW_NOBODY,
	CREW_STOP, CREW_CANCEL, /* the work is not wanted now, or not at all */
	CREW_TIMEOUT,           /* it is over its time */
	CREW_LIE,               /* it told of a result that is not there, or another one */
	CREW_TROUBLE            /* the machine failed us, and so the worker's work is for nothing */
};

/* A result that a worker told of was refused with ERROR: is that a lie, or the machine's fault? */
enum crew_killer crew_refuse(int error);

struct crew_verdict {
	enum crew_next {
		CREW_GO_ON,    /* nobody is to blame: when it is wanted again */
		CREW_TROUBLED, /* nor here: when the machine is well again */
		CREW_AGAIN,    /* a death that counts: once more, last and alone */
		CREW_GIVE_UP   /* a death that counts, and the last: the picture is bad */
	} next;
	enum reason bad;        /* what the death is put down to */
	const char *why;     /* a clause for people; as long as GONE */
};

/* The worker of a picture is GONE (POOL_WORKER_GONE), killed by KILLER, after N_DEATHS that counted, of
 * N_ATTEMPTS that are allowed. */
struct crew_verdict crew_judge(const struct pool_news *gone, enum crew_killer killer, int n_deaths,
    int n_attempts);

/* The same for a worker that lives and said it was done, when a result is missing. */
struct crew_verdict crew_judge_undone(int n_deaths, int n_attempts);

#endif
