/* master/news.c - while workers develop: what they say, and what they die of. */
#include <config.h>

#include <errno.h>

#include "base/log.h"
#include "master/attempt.h"
#include "master/context.h"
#include "master/news.h"
#include "master/source.h"
#include "master/step.h"
#include "master/tally.h"
#include "master/trouble.h"
#include "work/pool.h"

/* The worker ended of itself, or over its time: once more, last and alone; then the image is
 * given up. */
static void
blame_worker(struct job_context *c, struct job *job, enum bad bad, const char *why, int64_t now_ms)
{
	int n_deaths = attempt_count_death(c, job);

	log_warn(job->rel, "event=worker-died why=\"%s\" deaths=%d of=%d", why, n_deaths,
	    c->conf->n_attempts);
	job_set_bad(job, bad, why);
	if (n_deaths < c->conf->n_attempts) {
		c->tally->counts.n_retries++;
		step_raise(c, job, JOB_EV_WORKER_GONE);
	} else if (step_raise(c, job, JOB_EV_BAD) != 0)
		trouble_tell(c, job, errno, now_ms);
}

static void
hear_death(struct job_context *c, struct job *job, const struct pool_news *news, int64_t now_ms)
{

	if (job->trouble != 0)
		trouble_tell(c, job, job->trouble, now_ms);
	else if (job->killer == JOB_KILLED_BY_TIMEOUT)
		blame_worker(c, job, BAD_TOO_SLOW, "it took longer than workers.time_limit", now_ms);
	else if (job->killer == JOB_KILLED_BY_NOBODY && news->is_memory)
		blame_worker(c, job, BAD_TOO_BIG, "the worker ran out of memory (workers.memory)", now_ms);
	else if (job->killer == JOB_KILLED_BY_NOBODY)
		blame_worker(c, job, BAD_WORKER_DIED, news->why, now_ms);
	else
		step_raise(c, job, JOB_EV_WORKER_GONE);
}

/* Trouble of the machine while the worker goes on: end it, and deal with it when it is dead. */
static void
end_worker_for(struct job_context *c, struct job *job, int error)
{
	job->trouble = error;
	pool_kill(c->pool, job);
}

static void
hear_rendition(struct job_context *c, struct job *job)
{
	if (step_raise(c, job, JOB_EV_RENDITION) == 0)
		return;
	if (errno == EPROTO || errno == ENOENT) {
		log_warn(job->rel, "event=rendition-refused why=\"it is not what the worker said\"");
		pool_kill(c->pool, job); /* its death is then the worker's own fault */
	} else
		end_worker_for(c, job, errno);
}

static void
hear_done(struct job_context *c, struct job *job, int64_t now_ms)
{
	pool_job_over(c->pool, job, false);
	if (!source_is_fit(c, job, now_ms))
		return;
	if (!attempt_is_complete(job))
		blame_worker(c, job, BAD_WORKER_DIED, "the worker said it was done and was not", now_ms);
	else if (step_raise(c, job, JOB_EV_FINISHED) != 0)
		trouble_tell(c, job, errno, now_ms);
}

static void
hear_bad(struct job_context *c, struct job *job, const struct msg_news *said, int64_t now_ms)
{
	pool_job_over(c->pool, job, true);
	if (!source_is_fit(c, job, now_ms))
		return; /* half of it may have been the old picture */
	job_set_bad(job, (enum bad)said->bad, said->text);
	if (step_raise(c, job, JOB_EV_BAD) != 0)
		trouble_tell(c, job, errno, now_ms);
}

static void
hear_worker(struct job_context *c, struct job *job, const struct msg_news *said, int64_t now_ms)
{
	c->news = said;
	switch ((enum msg_kind)said->kind) {
	case MSG_PROGRESS:
		step_raise(c, job, JOB_EV_PROGRESS);
		break;
	case MSG_RENDITION:
		hear_rendition(c, job);
		break;
	case MSG_DONE:
		hear_done(c, job, now_ms);
		break;
	case MSG_BAD:
		hear_bad(c, job, said, now_ms);
		break;
	case MSG_TROUBLE:
		pool_job_over(c->pool, job, false);
		if (said->text[0] != '\0')
			log_warn(job->rel, "event=trouble-told why=\"%s\"", said->text);
		trouble_tell(c, job, said->error, now_ms);
		break;
	case MSG_HELLO:
	case MSG_N_KIND:
		break; /* the pool keeps these */
	}
	c->news = NULL;
}

bool
news_turn(struct job_context *c, int64_t now_ms)
{
	struct pool_news news;
	struct job *job;
	bool has_heard = false;

	while (pool_next(c->pool, &news, now_ms)) {
		has_heard = true;
		job = news.job;
		if (!job_is_running(job) || job->task != news.task)
			log_panic("news of a task that \"%s\" does not have", job->rel);
		if (news.kind == POOL_TIMEOUT)
			step_raise(c, job, JOB_EV_TIMEOUT);
		else if (news.kind == POOL_WORKER_GONE)
			hear_death(c, job, &news, now_ms);
		else
			hear_worker(c, job, &news.said, now_ms);
	}
	return has_heard;
}
