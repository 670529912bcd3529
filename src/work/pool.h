/* work/pool.h - the workers, and who has what.
 *
 * Place:   master, crew -> here -> launch, msg, base/chan.
 * Process: master; the command, for convert.
 * Owns:    pids, pidfds, channels. A job is a pointer of the caller's, never looked into, and
 *          borrowed from pool_hand_over() until the worker's last word of it (DONE, BAD or TROUBLE),
 *          or the news WORKER_GONE.
 * Trust:   a record that msg_check_news() refuses ends that worker, nothing more.
 * Respawn: a worker that dies before its HELLO is a sign of a structural fault (a library, the
 *          sandbox): the next one is started after a pause that doubles up to 30 s.
 *          pool_n_broken() tells a caller that would rather give up.
 * Errors:  logged here; nothing of a worker ever ends the master.
 */
#ifndef MASTER_POOL_H
#define MASTER_POOL_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "work/launch.h"
#include "work/msg.h"

#define POOL_MAX 64 /* workers; two poll entries each */

struct pool;

struct pool_settings {
	int n_workers;           /* 0: as many as CPUs; more than POOL_MAX are POOL_MAX */
	struct launch launch;
	int64_t time_limit_ms;   /* of one task */
	int images_per_worker;   /* then it is replaced */
};

enum pool_kind {
	POOL_SAID,        /* `said` is what the job's worker told */
	POOL_TIMEOUT,     /* the job is over its time; told once */
	POOL_WORKER_GONE  /* the job's worker is dead; `why` says of what */
};

struct pool_news {
	enum pool_kind kind;
	void *job;
	uint64_t task;
	struct msg_news said;
	bool is_memory;          /* it ran out of memory */
	char why[120];
};

struct pool *pool_new(const struct pool_settings *settings);
void pool_set(struct pool *pool, const struct pool_settings *settings); /* for the next workers */
void pool_close(struct pool *pool); /* kills and reaps all */

/* Put our descriptors into FDS (room for 2 * POOL_MAX). Returns how many. */
int pool_fds(const struct pool *pool, struct pollfd *fds);
/* When pool_turn() has something to do by the clock. */
int64_t pool_due(const struct pool *pool);

/* Start what is missing, end what is over its time. */
void pool_turn(struct pool *pool, int64_t now_ms);

/* The next thing that happened; false: nothing more for now. With its last word the worker is free
 * again, or replaced: after MSG_BAD, since a picture broke its decoder, or when it served its time. */
bool pool_next(struct pool *pool, struct pool_news *news, int64_t now_ms);

/* Is a worker free? */
bool pool_has_free(const struct pool *pool);
int pool_n_busy(const struct pool *pool);
int pool_n_workers(const struct pool *pool); /* that are wanted */
/* Workers that could not be started or died before their HELLO, since the last HELLO. */
int pool_n_broken(const struct pool *pool);

/* Give TASK (its number must not be 0) to a free worker. FDS: source and outputs, borrowed.
 * 0; -1 EAGAIN: no worker is free (any more). */
int pool_hand_over(struct pool *pool, void *job, const struct msg_task *task, const int *fds,
    int n_fds, int64_t now_ms);

/* SIGKILL the worker that has JOB; WORKER_GONE follows. */
void pool_kill(struct pool *pool, const void *job);

/* For SIGUSR1. */
void pool_log(const struct pool *pool);

#endif
