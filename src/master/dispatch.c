/* master/dispatch.c - a turn of the jobs at hand: what is heard, what goes on, what is claimed. */
#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "master/attempt.h"
#include "master/claim.h"
#include "master/commit.h"
#include "master/context.h"
#include "master/control.h"
#include "master/dispatch.h"
#include "master/homeward.h"
#include "master/jobs.h"
#include "master/news.h"
#include "master/publish.h"
#include "master/queue.h"
#include "master/recover.h"
#include "master/schedule.h"
#include "master/source.h"
#include "master/step.h"
#include "master/tally.h"
#include "master/trouble.h"
#include "work/pool.h"

#define LOOK_INTERVAL_MS 250      /* how soon a deleted running picture is noticed */
#define LAST_PATIENCE_MS 300000   /* a last try waits for an empty queue, but not for ever */

struct dispatch {
	struct job_context context;
	struct tally tally;
	bool was_stopped;
	int64_t turn_ms;            /* the time of the last turn */
	int64_t look_ms;            /* when the sources of the running jobs are looked at again */
};

/* ---- going on with a job ---------------------------------------------------------------- */

/* A picture that killed a worker is tried once more when nothing else is to be done. */
static bool
is_its_turn(const struct job_context *c, struct job *job, int64_t now_ms)
{
	if (!pool_has_free(c->pool) || jobs_one_is_alone(c->jobs))
		return false;
	if (!job->is_last_try)
		return true;
	if (job->last_since_ms == 0)
		job->last_since_ms = now_ms;
	if (pool_n_busy(c->pool) > 0)
		return false;
	return queue_n_ready(c->queue) == 0 || now_ms - job->last_since_ms > LAST_PATIENCE_MS;
}

/* Would it be developed for nothing? JOB says why it is bad then. */
static bool
is_hopeless(struct job_context *c, struct job *job)
{
	const struct job_record *record = &job->record;
	char why[DEVELOP_TEXT_SIZE];

	if ((uint64_t)record->source.size > c->conf->limit_file_bytes) {
		snprintf(why, sizeof(why), "the file has %lld bytes, limits.file allows %llu",
		    (long long)record->source.size, (unsigned long long)c->conf->limit_file_bytes);
		job_set_bad(job, REASON_TOO_BIG, why);
		return true;
	}
	if (record->n_worker_deaths >= c->conf->n_attempts ||
	    record->n_machine_deaths > c->conf->n_attempts) {
		/* who used up the last attempt may not have come to say so */
		snprintf(why, sizeof(why), "%d workers died on it, and the machine went down %d times",
		    record->n_worker_deaths, record->n_machine_deaths);
		if (job->bad == REASON_NONE)
			job_set_bad(job, REASON_WORKER_DIED, why);
		return true;
	}
	return publish_is_refused(c, job);
}

/* Give an INTERRUPTED job to a worker, or find that nothing of it is left to be developed. */
static void
start_job(struct job_context *c, struct job *job, int64_t now_ms)
{
	enum job_event event;

	if (schedule_holds(c->schedule, job->rel) != NULL) {
		job->is_held = true;
		return;
	}
	if (!is_its_turn(c, job, now_ms) || !source_has_settled(c, job, now_ms) ||
	    !source_is_fit(c, job, now_ms))
		return;
	if (is_hopeless(c, job)) {
		if (step_raise(c, job, JOB_EV_BAD) != 0)
			trouble_tell(c, job, errno, now_ms);
		return;
	}
	job->is_held = false;
	job->why_held = NULL;
	event = attempt_is_complete(job) ? JOB_EV_FINISHED : JOB_EV_SLOT;
	if (step_raise(c, job, event) != 0 && errno != EAGAIN)
		source_failed(c, job, errno, now_ms);
}

/* STOP and PAUSE hold up no plan. Returns true when a step was done that was owed. */
static bool
go_on(struct job_context *c, bool may_begin, int64_t now_ms)
{
	bool has_acted = false;
	size_t i;

	for (i = 0; i < jobs_n(c->jobs); i++) {
		struct job *job = jobs_at(c->jobs, i);

		if (now_ms < job->retry_ms)
			continue;
		if (job->owed != JOB_EV_NONE) {
			homeward_step(c, job, job->owed, now_ms);
			has_acted = true;
		} else if (job->state == JOB_INTERRUPTED && may_begin)
			start_job(c, job, now_ms);
	}
	return has_acted;
}

/* ---- the turn ---------------------------------------------------------------------------- */

static void
stop_workers(struct job_context *c)
{
	size_t i;

	for (i = 0; i < jobs_n(c->jobs); i++)
		if (job_is_running(jobs_at(c->jobs, i)))
			step_raise(c, jobs_at(c->jobs, i), JOB_EV_STOP);
}

static bool
claim_all(struct job_context *c, int64_t now_ms)
{
	bool has_acted = false;
	struct job *job;

	while ((job = claim_next(c, now_ms, &has_acted)) != NULL)
		start_job(c, job, now_ms);
	return has_acted;
}

bool
dispatch_turn(struct dispatch *d, const struct control *control, int64_t now_ms)
{
	struct job_context *c = &d->context;
	bool may_begin = !control->is_stopped && !control->is_paused &&
	    schedule_closed(c->schedule) == NULL;
	bool has_acted = news_turn(c, now_ms);

	d->turn_ms = now_ms;
	has_acted |= homeward_turn(c, now_ms);
	if (now_ms >= d->look_ms) {
		d->look_ms = now_ms + LOOK_INTERVAL_MS;
		source_watch(c);
	}
	if (control->is_stopped && !d->was_stopped)
		stop_workers(c);
	d->was_stopped = control->is_stopped;
	has_acted |= go_on(c, may_begin, now_ms);
	jobs_sweep(c->jobs); /* what is over lets another of its name be claimed */
	has_acted |= may_begin && claim_all(c, now_ms);
	jobs_sweep(c->jobs);
	commit_turn(c->commit, now_ms);
	if (jobs_n(c->jobs) == 0 && queue_n_ready(c->queue) == 0)
		trouble_end(c->trouble); /* nothing is left that could meet it again */
	return has_acted;
}

int
dispatch_fds(const struct dispatch *d, struct pollfd *fds)
{
	return commit_fds(d->context.commit, fds);
}

/* A time that came before the last turn began was seen by it: what is not done by then waits for
 * something else than the clock. One that came since, while the turn went on, has not been seen. */
static int64_t
if_unseen(const struct dispatch *d, int64_t when_ms)
{
	return when_ms > d->turn_ms ? when_ms : CLOCK_NEVER;
}

int64_t
dispatch_due(const struct dispatch *d)
{
	const struct job_context *c = &d->context;
	int64_t due = commit_due(c->commit);
	size_t i;

	if (dispatch_is_running(d))
		due = clock_min(due, d->look_ms);
	for (i = 0; i < jobs_n(c->jobs); i++) {
		const struct job *job = jobs_at(c->jobs, i);

		if (job->owed != JOB_EV_NONE || (job->state == JOB_INTERRUPTED && !d->was_stopped))
			due = clock_min(due, if_unseen(d, job->retry_ms));
	}
	if (!d->was_stopped && queue_n_ready(c->queue) > 0)
		due = clock_min(due, if_unseen(d, trouble_until_ms(c->trouble)));
	return due;
}

bool
dispatch_recover(struct dispatch *d)
{
	return recover_all(&d->context);
}

/* ---- asked by others --------------------------------------------------------------------- */

bool
dispatch_is_running(const struct dispatch *d)
{
	return pool_n_busy(d->context.pool) > 0;
}

bool
dispatch_is_settled(const struct dispatch *d)
{
	return !dispatch_is_running(d) && commit_n_waiting(d->context.commit) == 0;
}

struct trouble *
dispatch_trouble(const struct dispatch *d)
{
	return d->context.trouble;
}

const struct jobs *
dispatch_jobs(const struct dispatch *d)
{
	return d->context.jobs;
}

const struct tally *
dispatch_tally(const struct dispatch *d)
{
	return &d->tally;
}

void
dispatch_log(const struct dispatch *d)
{
	const struct job_context *c = &d->context;
	size_t i;

	for (i = 0; i < jobs_n(c->jobs); i++) {
		const struct job *job = jobs_at(c->jobs, i);

		log_info(job->rel, "state=%s percent=%u deaths=%d task=%llu", job_state_name(job->state),
		    job->permille / 10, job->record.n_worker_deaths, (unsigned long long)job->task);
	}
	log_info(NULL, "ready=%zu settling=%zu held=%zu", queue_n_ready(c->queue),
	    queue_n_settling(c->queue), queue_n_held(c->queue));
}

/* ---- from start to end ------------------------------------------------------------------- */

static void
read_boot_id(char *text, size_t size)
{
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");

	text[0] = '\0';
	if (file == NULL)
		return;
	if (fgets(text, (int)size, file) != NULL)
		text[strcspn(text, "\n")] = '\0';
	fclose(file);
}

struct dispatch *
dispatch_new(struct spool *spool, struct pool *pool, struct queue *queue, struct inbox *inbox,
    const struct schedule *schedule, struct hook *hook, const struct conf *conf)
{
	struct dispatch *d = mem_alloc(sizeof(*d));
	struct job_context *c = &d->context;

	*c = (struct job_context){ .spool = spool, .pool = pool, .commit = commit_new(spool),
		.conf = conf, .hook = hook, .tally = &d->tally, .jobs = jobs_new(),
		.trouble = trouble_new(), .queue = queue, .inbox = inbox, .schedule = schedule };
	gethostname(c->host, sizeof(c->host) - 1);
	read_boot_id(c->boot_id, sizeof(c->boot_id));
	return d;
}

void
dispatch_free(struct dispatch *d)
{
	if (d == NULL)
		return;
	commit_free(d->context.commit); /* it borrows the jobs */
	jobs_free(d->context.jobs);
	trouble_free(d->context.trouble);
	tally_clear(&d->tally);
	free(d);
}

void
dispatch_set_conf(struct dispatch *d, const struct conf *conf)
{
	d->context.conf = conf;
}
