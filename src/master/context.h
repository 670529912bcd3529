/* master/context.h - what those who work on a job need: the parts of the daemon, all borrowed.
 *
 * Place:   dispatch makes one; every action of the job table gets it.   Process: master.
 * Use:     an action (attempt, publish, sidecar) needs the first part only; who raises events (claim,
 *          news, homeward, source, trouble) needs the second one, too.
 */
#ifndef MASTER_CONTEXT_H
#define MASTER_CONTEXT_H

#include <stdint.h>

struct job_context {
	struct spool *spool;
	struct pool *pool;
	struct commit *commit;
	const struct conf *conf;
	struct hook *hook;          /* told of each end; NULL: nobody is */
	struct tally *tally;
	char host[65], boot_id[37]; /* this machine, since this boot */
	uint64_t n_tasks;           /* given out so far: the next task's number */
	const struct msg_news *news; /* what PROGRESS, RENDITION and BAD are about; set by news.c */

	struct jobs *jobs;
	struct trouble *trouble;
	struct queue *queue;
	struct inbox *inbox;
	const struct schedule *schedule;
};

#endif
