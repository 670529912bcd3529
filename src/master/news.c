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
#include "work/crew.h"

/* What the end of its worker means for JOB. */
static void
obey_verdict(struct job_context *c, struct job *job, const struct crew_verdict *verdict, int64_t now_ms)
{
	int n_deaths;

	switch (verdict->next) {
	case CREW_GO_ON:
		step_raise(c, job, JOB_EV_WORKER_GONE);
		return;
	case CREW_TROUBLED:
		trouble_tell(c, job, job->trouble, now_ms);
		return;
	case CREW_AGAIN:
	case CREW_GIVE_UP:
		break;
	}
	n_deaths = attempt_count_death(c, job);
	log_warn(job->rel, "event=worker-died why=\"%s\" deaths=%d of=%d", verdict->why, n_deaths,
	    c->conf->n_attempts);
	job_set_bad(job, verdict->bad, verdict->why);
	if (verdict->next == CREW_AGAIN) {
		c->tally->counts.n_retries++;
		step_raise(c, job, JOB_EV_WORKER_GONE);
	} else if (step_raise(c, job, JOB_EV_BAD) != 0)
		trouble_tell(c, job, errno, now_ms);
}

static void
hear_death(struct job_context *c, struct job *job, const struct pool_news *news, int64_t now_ms)
{
	const struct crew_verdict verdict = crew_judge(news, job->killer, job->record.n_worker_deaths,
	    c->conf->n_attempts);

	obey_verdict(c, job, &verdict, now_ms);
}

/* A result that is refused, by a lie of the worker or trouble of the machine, ends the worker; whose
 * fault that was is judged when it is dead. */
static void
hear_rendition(struct job_context *c, struct job *job)
{
	int error;

	if (step_raise(c, job, JOB_EV_RENDITION) == 0)
		return;
	error = errno;
	job->killer = crew_refuse(error);
	if (job->killer == CREW_TROUBLE)
		job->trouble = error;
	else
		log_warn(job->rel, "event=rendition-refused why=\"it is not what the worker said\"");
	pool_kill(c->pool, job);
}

static void
hear_done(struct job_context *c, struct job *job, int64_t now_ms)
{
	const struct crew_verdict undone = crew_judge_undone(job->record.n_worker_deaths,
	    c->conf->n_attempts);

	if (!source_is_fit(c, job, now_ms))
		return;
	if (!attempt_is_complete(job))
		obey_verdict(c, job, &undone, now_ms);
	else if (step_raise(c, job, JOB_EV_FINISHED) != 0)
		trouble_tell(c, job, errno, now_ms);
}

static void
hear_bad(struct job_context *c, struct job *job, const struct msg_news *said, int64_t now_ms)
{
	if (!source_is_fit(c, job, now_ms))
		return; /* half of it may have been the old picture */
	job_set_bad(job, (enum reason)said->bad, said->text);
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
