#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "master/news.h"

static void
set_bad(struct attempt *a, enum bad bad, const char *text)
{
	a->bad = bad;
	snprintf(a->bad_text, sizeof(a->bad_text), "%s", text);
}

/* What the end of its worker means for JOB. */
static void
obey_verdict(struct dispatch *d, struct job *job, const struct crew_verdict *verdict, int64_t now_ms)
{
	struct attempt *a = job->attempt;
	int n_deaths;

	switch (verdict->next) {
	case CREW_GO_ON:
		job_step(&d->context, job, JOB_EV_WORKER_GONE);
		return;
	case CREW_TROUBLED:
		dispatch_trouble(d, job, a->trouble, now_ms);
		return;
	case CREW_AGAIN:
	case CREW_GIVE_UP:
		break;
	}
	n_deaths = act_count_death(&d->context, job);
	log_warn(job->rel, "event=worker-died why=\"%s\" deaths=%d of=%d", verdict->why, n_deaths,
	    d->context.conf->n_attempts);
	set_bad(a, verdict->bad, verdict->why);
	if (verdict->next == CREW_AGAIN) {
		d->context.tally.counts.n_retries++;
		job_step(&d->context, job, JOB_EV_WORKER_GONE);
	} else if (job_step(&d->context, job, JOB_EV_BAD) != 0)
		dispatch_trouble(d, job, errno, now_ms);
}

static void
hear_death(struct dispatch *d, struct job *job, const struct pool_news *news, int64_t now_ms)
{
	const struct crew_verdict verdict = crew_judge(news, job->attempt->killer,
	    job->attempt->record.n_worker_deaths, d->context.conf->n_attempts);

	obey_verdict(d, job, &verdict, now_ms);
}

/* A result that is refused, by a lie of the worker or trouble of the machine, ends the worker; whose
 * fault that was is judged when it is dead. */
static void
hear_rendition(struct dispatch *d, struct job *job)
{
	struct attempt *a = job->attempt;

	if (job_step(&d->context, job, JOB_EV_RENDITION) == 0)
		return;
	a->killer = crew_refuse(errno);
	if (a->killer == CREW_TROUBLE)
		a->trouble = errno;
	else
		log_warn(job->rel, "event=rendition-refused why=\"it is not what the worker said\"");
	pool_kill(d->context.pool, job);
}

static void
hear_done(struct dispatch *d, struct job *job, int64_t now_ms)
{
	const struct crew_verdict undone = crew_judge_undone(job->attempt->record.n_worker_deaths,
	    d->context.conf->n_attempts);

	if (dispatch_check(d, job, now_ms) != 0)
		return;
	if (!act_is_complete(job))
		obey_verdict(d, job, &undone, now_ms);
	else if (job_step(&d->context, job, JOB_EV_FINISHED) != 0)
		dispatch_trouble(d, job, errno, now_ms);
}

static void
hear_bad(struct dispatch *d, struct job *job, const struct msg_news *said, int64_t now_ms)
{
	if (dispatch_check(d, job, now_ms) != 0)
		return; /* half of it may have been the old picture */
	set_bad(job->attempt, (enum bad)said->bad, said->text);
	if (job_step(&d->context, job, JOB_EV_BAD) != 0)
		dispatch_trouble(d, job, errno, now_ms);
}

static void
hear(struct dispatch *d, struct job *job, const struct msg_news *said, int64_t now_ms)
{
	d->context.news = said;
	switch ((enum msg_kind)said->kind) {
	case MSG_PROGRESS:
		job_step(&d->context, job, JOB_EV_PROGRESS);
		break;
	case MSG_RENDITION:
		hear_rendition(d, job);
		break;
	case MSG_DONE:
		hear_done(d, job, now_ms);
		break;
	case MSG_BAD:
		hear_bad(d, job, said, now_ms);
		break;
	case MSG_TROUBLE:
		if (said->text[0] != '\0')
			log_warn(job->rel, "event=trouble-told why=\"%s\"", said->text);
		dispatch_trouble(d, job, said->error, now_ms);
		break;
	case MSG_HELLO:
	case MSG_N_KIND:
		break; /* the pool keeps these */
	}
	d->context.news = NULL;
}

bool
news_turn(struct dispatch *d, int64_t now_ms)
{
	struct pool_news news;
	struct job *job;
	bool has_heard = false;

	while (pool_next(d->context.pool, &news, now_ms)) {
		has_heard = true;
		job = news.job;
		if (job->attempt == NULL || job->attempt->task != news.task)
			log_panic("news of a task that \"%s\" does not have", job->rel);
		if (news.kind == POOL_TIMEOUT)
			job_step(&d->context, job, JOB_EV_TIMEOUT);
		else if (news.kind == POOL_WORKER_GONE)
			hear_death(d, job, &news, now_ms);
		else
			hear(d, job, &news.said, now_ms);
	}
	return has_heard;
}
