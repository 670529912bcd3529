#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fsio.h"
#include "base/log.h"
#include "base/mem.h"
#include "master/commit.h"
#include "master/dispatch.h"
#include "master/news.h"

#define LOOK_INTERVAL_MS 250      /* how soon a deleted running picture is noticed */
#define STRANGER_MS 5000          /* between looks at a file put into processing/ by hand */
#define LAST_PATIENCE_MS 300000   /* a last try waits for an empty queue, but not for ever */

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
    const struct schedule *schedule, const struct conf *conf)
{
	struct dispatch *d = mem_alloc(sizeof(*d));

	d->context.commit = commit_new();
	d->context.spool = spool;
	d->context.pool = pool;
	d->context.conf = conf;
	d->queue = queue;
	d->inbox = inbox;
	d->schedule = schedule;
	d->back_off_ms = DISPATCH_BACK_OFF_MS;
	gethostname(d->context.host, sizeof(d->context.host) - 1);
	read_boot_id(d->context.boot_id, sizeof(d->context.boot_id));
	return d;
}

void
dispatch_free(struct dispatch *d)
{
	size_t i;

	if (d == NULL)
		return;
	commit_free(d->context.commit); /* it borrows the jobs */
	for (i = 0; i < d->n_jobs; i++) {
		act_free_attempt(&d->context, d->jobs[i]);
		job_free(d->jobs[i]);
	}
	tally_clear(&d->context.tally);
	free(d->jobs);
	free(d);
}

void
dispatch_set_conf(struct dispatch *d, const struct conf *conf)
{
	d->context.conf = conf;
}

void
dispatch_add(struct dispatch *d, struct job *job)
{
	d->jobs = mem_grow(d->jobs, &d->room, d->n_jobs + 1, sizeof(*d->jobs));
	d->jobs[d->n_jobs++] = job;
}

bool
dispatch_has(const struct dispatch *d, const char *rel)
{
	size_t i;

	for (i = 0; i < d->n_jobs; i++)
		if (strcmp(d->jobs[i]->rel, rel) == 0)
			return true;
	return false;
}

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

const char *
dispatch_blocked_why(const struct dispatch *d)
{
	return d->blocked_until_ms > 0 ? d->blocked_why : NULL;
}

size_t
dispatch_n_pending(const struct dispatch *d)
{
	size_t i, n = 0;

	for (i = 0; i < d->n_jobs; i++)
		n += !d->jobs[i]->attempt->is_held;
	return n;
}

/* ---- going on with a job ---------------------------------------------------------------- */

/* The job's own file may not be read for now (permissions, somebody's lease): it alone waits. */
static void
hold_job(struct dispatch *d, struct job *job, int64_t now_ms)
{
	if (!job->attempt->is_held)
		log_warn(job->rel, "event=not-readable remedy=\"let the daemon's user read it\"");
	job_step(&d->context, job, JOB_EV_ENVIRONMENT);
	job->attempt->is_held = true;
	job->attempt->why_held = READY_UNREADABLE;
	job->attempt->retry_ms = now_ms + STRANGER_MS;
}

/* The job's file is gone, or another one: say so. Whatever else went wrong is the machine's. */
static void
raise_error(struct dispatch *d, struct job *job, int error, int64_t now_ms)
{
	enum job_event event = error == ENOENT ? JOB_EV_GONE : JOB_EV_CHANGED;

	if (error == EBUSY)
		hold_job(d, job, now_ms);
	else if (error != ENOENT && error != ESTALE)
		dispatch_trouble(d, job, error, now_ms);
	else if (job_step(&d->context, job, event) != 0)
		dispatch_trouble(d, job, errno, now_ms);
	else if (event == JOB_EV_CHANGED)
		job->attempt->retry_ms = now_ms + 1; /* nobody will tell of it but the clock */
}

int
dispatch_check(struct dispatch *d, struct job *job, int64_t now_ms)
{
	if (act_prepare(&d->context, job) == 0)
		return 0;
	raise_error(d, job, errno, now_ms);
	return -1;
}

/* A file of processing/ that did not come through our claim must be ready like any other. */
static bool
has_settled(struct dispatch *d, struct job *job, int64_t now_ms)
{
	const struct ready_times times = inbox_times(d->inbox);
	struct attempt *a = job->attempt;
	struct ready_verdict verdict;
	struct ready_look look;

	if (!a->must_settle)
		return true;
	ready_look(d->context.spool->processing_fd, job->rel, !times.is_polled, &look);
	verdict = ready_judge(&job->facts, &look, &times, now_ms);
	a->retry_ms = verdict.answer == READY_NOW ? 0 :
	    verdict.answer == READY_LATER ? verdict.due_ms : now_ms + STRANGER_MS;
	a->is_held = verdict.answer == READY_NEVER || verdict.reason != NULL;
	a->why_held = verdict.reason;
	if (verdict.answer == READY_GONE)
		job_step(&d->context, job, JOB_EV_GONE);
	if (verdict.answer != READY_NOW)
		return false;
	a->must_settle = false;
	a->record.source = look.id;
	return true;
}

bool
dispatch_is_alone(const struct dispatch *d)
{
	size_t i;

	for (i = 0; i < d->n_jobs; i++)
		/* one that ended in this turn is still in the list, without an attempt */
		if (d->jobs[i]->attempt != NULL && d->jobs[i]->attempt->task != 0 &&
		    d->jobs[i]->attempt->is_last_try)
			return true;
	return false;
}

/* A picture that killed a worker is tried once more when nothing else is to be done. */
static bool
is_its_turn(const struct dispatch *d, struct job *job, int64_t now_ms)
{
	struct attempt *a = job->attempt;

	if (!pool_has_free(d->context.pool) || dispatch_is_alone(d))
		return false;
	if (!a->is_last_try)
		return true;
	if (a->last_since_ms == 0)
		a->last_since_ms = now_ms;
	if (dispatch_is_running(d))
		return false;
	return queue_n_ready(d->queue) == 0 || now_ms - a->last_since_ms > LAST_PATIENCE_MS;
}

/* The attempts are used up, also when the one that used up the last did not come to say so. */
static bool
is_hopeless(const struct dispatch *d, const struct attempt *a)
{
	return a->record.n_worker_deaths >= d->context.conf->n_attempts ||
	    a->record.n_machine_deaths > d->context.conf->n_attempts;
}

static bool
is_over_limit(const struct dispatch *d, struct attempt *a)
{
	uint64_t limit = d->context.conf->limit_file_bytes;

	if ((uint64_t)a->record.source.size <= limit)
		return false;
	a->bad = BAD_TOO_BIG;
	snprintf(a->bad_text, sizeof(a->bad_text), "the file has %lld bytes, limits.file allows %llu",
	    (long long)a->record.source.size, (unsigned long long)limit);
	return true;
}

static void
give_up(struct dispatch *d, struct job *job, int64_t now_ms)
{
	struct attempt *a = job->attempt;

	if (a->bad == BAD_NONE) {
		a->bad = BAD_WORKER_DIED;
		snprintf(a->bad_text, sizeof(a->bad_text), "%d workers died on it, and the machine went "
		    "down %d times", a->record.n_worker_deaths, a->record.n_machine_deaths);
	}
	if (job_step(&d->context, job, JOB_EV_BAD) != 0)
		dispatch_trouble(d, job, errno, now_ms);
}

/* Start it, or find that nothing of it is left to be developed. */
static void
start(struct dispatch *d, struct job *job, int64_t now_ms)
{
	enum job_event event;

	if (schedule_holds(d->schedule, job->rel) != NULL) {
		job->attempt->is_held = true;
		return;
	}
	if (!is_its_turn(d, job, now_ms) || !has_settled(d, job, now_ms) ||
	    dispatch_check(d, job, now_ms) != 0)
		return;
	if (is_over_limit(d, job->attempt) || is_hopeless(d, job->attempt) ||
	    act_is_refused(&d->context, job)) {
		give_up(d, job, now_ms);
		return;
	}
	job->attempt->is_held = false;
	job->attempt->why_held = NULL;
	event = act_is_complete(job) ? JOB_EV_FINISHED : JOB_EV_SLOT;
	if (job_step(&d->context, job, event) != 0 && errno != EAGAIN)
		raise_error(d, job, errno, now_ms);
}

void
dispatch_advance(struct dispatch *d, struct job *job, int64_t now_ms)
{
	if (job->attempt->task != 0 || job->attempt->is_syncing || now_ms < job->attempt->retry_ms)
		return;
	if (job->attempt->plan == NULL)
		start(d, job, now_ms);
	if (job->attempt != NULL && job->attempt->plan != NULL)
		dispatch_publish(d, job, now_ms);
}

/* Jobs that are over let go of their attempt: out of the list with them. */
static void
sweep(struct dispatch *d)
{
	size_t i, n = 0;

	for (i = 0; i < d->n_jobs; i++) {
		if (d->jobs[i]->attempt != NULL)
			d->jobs[n++] = d->jobs[i];
		else
			job_free(d->jobs[i]);
	}
	d->n_jobs = n;
}

/* ---- the turn ---------------------------------------------------------------------------- */

void
dispatch_stop_all(struct dispatch *d)
{
	size_t i;

	for (i = 0; i < d->n_jobs; i++)
		job_step(&d->context, d->jobs[i], JOB_EV_STOP);
}

/* Somebody may take a picture out of processing/, or put another one in its place. */
static void
look_at_sources(struct dispatch *d, int64_t now_ms)
{
	struct stat st;
	size_t i;

	if (now_ms < d->look_ms)
		return;
	d->look_ms = now_ms + LOOK_INTERVAL_MS;
	for (i = 0; i < d->n_jobs; i++) {
		const struct attempt *a = d->jobs[i]->attempt;

		if (a->task != 0 && (fsio_stat(d->context.spool->processing_fd, d->jobs[i]->rel, &st) == 0 ?
		    st.st_ino != a->record.source.ino : errno == ENOENT))
			job_step(&d->context, d->jobs[i], JOB_EV_CANCEL);
	}
}

static void
go_on(struct dispatch *d, bool may_start, int64_t now_ms)
{
	size_t i;

	for (i = 0; i < d->n_jobs; i++)
		if (may_start || d->jobs[i]->attempt->plan != NULL)
			dispatch_advance(d, d->jobs[i], now_ms);
	sweep(d);
}

bool
dispatch_turn(struct dispatch *d, const struct control *control, int64_t now_ms)
{
	bool may_begin = !control->is_stopped && !control->is_paused &&
	    schedule_closed(d->schedule) == NULL;
	bool has_acted = news_turn(d, now_ms);

	d->turn_ms = now_ms;
	dispatch_hear_commit(d, now_ms);
	sweep(d);
	look_at_sources(d, now_ms);
	if (control->is_stopped && !d->was_stopped)
		dispatch_stop_all(d);
	d->was_stopped = control->is_stopped;
	go_on(d, may_begin, now_ms);
	if (may_begin && dispatch_claim(d, now_ms))
		has_acted = true;
	sweep(d);
	commit_turn(d->context.commit, now_ms);
	dispatch_forget_trouble(d);
	return has_acted;
}

/* WHEN, if the last turn found that it is still to come, though it may be over now; what was over then
 * waits for something else than the clock. */
static int64_t
if_later(const struct dispatch *d, int64_t when_ms)
{
	return when_ms > d->turn_ms ? when_ms : CLOCK_NEVER;
}

int64_t
dispatch_due(const struct dispatch *d)
{
	int64_t due = commit_due(d->context.commit);
	size_t i;

	if (dispatch_is_running(d))
		due = clock_min(due, d->look_ms);
	for (i = 0; i < d->n_jobs; i++) {
		const struct attempt *a = d->jobs[i]->attempt;

		if (a->task == 0 && (a->plan != NULL || !d->was_stopped)) /* STOP holds up no plan */
			due = clock_min(due, if_later(d, a->retry_ms));
	}
	if (d->was_stopped)
		return due;
	if (queue_n_ready(d->queue) > 0)
		due = clock_min(due, if_later(d, d->blocked_until_ms));
	return due;
}

void
dispatch_log(const struct dispatch *d)
{
	size_t i;

	for (i = 0; i < d->n_jobs; i++)
		log_info(d->jobs[i]->rel, "state=%s percent=%u deaths=%d task=%llu",
		    job_state_name(d->jobs[i]->state), d->jobs[i]->attempt->permille / 10,
		    d->jobs[i]->attempt->record.n_worker_deaths,
		    (unsigned long long)d->jobs[i]->attempt->task);
	log_info(NULL, "ready=%zu settling=%zu held=%zu", queue_n_ready(d->queue),
	    queue_n_settling(d->queue), queue_n_held(d->queue));
}
