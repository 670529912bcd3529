/* master/dispatch.h - the jobs at hand: which is next, and what becomes of each in a turn.
 *
 * Place:   master -> here -> news, homeward, source, claim, recover, trouble.   Process: master.
 * Order:   interrupted jobs first, then what queue_next() says; a job on which a worker died comes
 *          last, and alone.
 * Owns:    the jobs, the commit, the tally. Events are chosen here and in the parts, never states
 *          (step.h).
 */
#ifndef MASTER_DISPATCH_H
#define MASTER_DISPATCH_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

struct conf;
struct control;
struct dispatch;
struct hook;
struct inbox;
struct jobs;
struct pool;
struct queue;
struct schedule;
struct spool;
struct tally;
struct trouble;

/* Everything is borrowed. */
struct dispatch *dispatch_new(struct spool *spool, struct pool *pool, struct queue *queue,
    struct inbox *inbox, const struct schedule *schedule, struct hook *hook, const struct conf *conf);
void dispatch_free(struct dispatch *d);
void dispatch_set_conf(struct dispatch *d, const struct conf *conf);

/* Take in hand what lies in processing/ and jobs/ without a living owner; clear up what a crash left.
 * At start, and at every rescan. False: not all could be looked at, ask again soon. */
bool dispatch_recover(struct dispatch *d);

/* Hear the workers, obey STOP, go on with jobs at hand, claim new ones. Returns true when something
 * happened. */
bool dispatch_turn(struct dispatch *d, const struct control *control, int64_t now_ms);
/* For poll(2), room for 1: returns how many of FDS were filled; and when the next turn is due. */
int dispatch_fds(const struct dispatch *d, struct pollfd *fds);
int64_t dispatch_due(const struct dispatch *d);

bool dispatch_is_running(const struct dispatch *d); /* any job with a worker? */
bool dispatch_is_settled(const struct dispatch *d); /* none, and none waits for the disk either */

/* Its parts, to be asked. */
struct trouble *dispatch_trouble(const struct dispatch *d);
const struct jobs *dispatch_jobs(const struct dispatch *d);
const struct tally *dispatch_tally(const struct dispatch *d);

/* For SIGUSR1. */
void dispatch_log(const struct dispatch *d);

#endif
