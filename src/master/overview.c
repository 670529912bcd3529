/* master/overview.c - the end of each turn: what the parts know becomes STATUS and its sisters. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "conf/conf.h"
#include "master/dispatch.h"
#include "master/folder.h"
#include "master/inbox.h"
#include "master/jobs.h"
#include "master/overview.h"
#include "master/queue.h"
#include "master/report/write.h"
#include "master/schedule.h"
#include "master/state.h"
#include "master/tally.h"
#include "master/view.h"
#include "spool/aside.h"
#include "spool/lock.h"
#include "spool/spool.h"
#include "work/pool.h"

#define RATE_SPAN_MS 120000 /* images per minute are those of the last two minutes of work */
#define RATE_MARKS 64

struct overview {
	struct report_seen *seen;
	int64_t due_ms;         /* CLOCK_NEVER: nothing has changed */
	bool is_reporter;
	time_t started;
	char host[65];
	/* today, local time */
	int day;
	uint64_t done_before, failed_before; /* the counters at midnight */
	/* the counter of pictures at some moments, for the rate */
	struct { int64_t ms; uint64_t n; } marks[RATE_MARKS];
	size_t n_marks;
	/* room for the parts of a report */
	struct report_job jobs[POOL_MAX];
	const char *first[REPORT_MAX_FIRST];
	char *names[REPORT_MAX_FIRST + REPORT_MAX_HELD + REPORT_MAX_ASIDE]; /* of files, made for this report */
	size_t n_names;
	struct report_held held[REPORT_MAX_HELD];
	char mode[64];
};

struct overview *
overview_new(void)
{
	struct overview *overview = mem_alloc(sizeof(*overview));

	overview->seen = report_seen_new();
	overview->started = time(NULL);
	overview->day = -1;
	gethostname(overview->host, sizeof(overview->host) - 1);
	return overview;
}

void
overview_free(struct overview *overview)
{
	if (overview == NULL)
		return;
	report_seen_free(overview->seen);
	free(overview);
}

void
overview_touch(struct overview *overview)
{
	if (overview->due_ms == CLOCK_NEVER)
		overview->due_ms = 0;
}

int64_t
overview_due(const struct overview *overview)
{
	return overview->due_ms;
}

static enum progress_state
progress_of(const struct job *job)
{
	if (job_is_running(job))
		return PROGRESS_DEVELOPING;
	if (job_is_homeward(job))
		return PROGRESS_PUBLISHING;
	return job->shown == PROGRESS_STOPPED ? PROGRESS_STOPPED : PROGRESS_INTERRUPTED;
}

static void
fill_jobs(struct overview *o, struct report *r, const struct jobs *jobs)
{
	for (; r->n_jobs < jobs_n(jobs) && r->n_jobs < POOL_MAX; r->n_jobs++) {
		const struct job *job = jobs_at(jobs, r->n_jobs);

		o->jobs[r->n_jobs] = (struct report_job){ .rel = job->rel, .percent = job->permille / 10,
			.state = progress_state_name(progress_of(job)), .why = job->why_held,
			.stage = develop_stage_name(job->stage), .rendition = job_rendition(job),
			.profile = job_profile(job), .seconds_left = job_seconds_left(job),
			.attempt = job->number };
	}
	r->jobs = o->jobs;
}

/* The path of FILE, until the report is written. */
static const char *
name_of(struct overview *o, const struct file *file)
{
	return o->names[o->n_names++] = folder_rel_of(file);
}

static void
fill_waiting(struct overview *o, struct report *r, const struct queue *queue)
{
	const struct file *files[REPORT_MAX_FIRST];
	size_t i;

	r->n_waiting = queue_n_ready(queue) + queue_n_settling(queue);
	r->n_first = queue_first(queue, files, REPORT_MAX_FIRST);
	for (i = 0; i < r->n_first; i++)
		o->first[i] = name_of(o, files[i]);
	r->first = o->first;
}

/* Folders, then interrupted jobs that wait for the hours of their profile, then files. */
static void
fill_held(struct overview *o, struct report *r, const struct view *view)
{
	const struct jobs *at_hand = dispatch_jobs(view->dispatch);
	const struct file *files[REPORT_MAX_HELD];
	struct inbox_held folders[REPORT_MAX_HELD];
	size_t n_listed = inbox_held(view->inbox, folders, REPORT_MAX_HELD);
	const char *reason;
	size_t i, n;

	r->n_held = queue_n_held(view->queue) + inbox_n_held(view->inbox);
	for (i = 0; i < n_listed; i++)
		o->held[i] = (struct report_held){ folders[i].rel, folders[i].reason };
	for (i = 0; i < jobs_n(at_hand); i++) {
		const struct job *job = jobs_at(at_hand, i);

		reason = job->state == JOB_INTERRUPTED ? schedule_holds(view->schedule, job->rel) : NULL;
		r->n_held += reason != NULL;
		if (reason != NULL && n_listed < REPORT_MAX_HELD)
			o->held[n_listed++] = (struct report_held){ job->rel, reason };
	}
	n = aside_list(view->spool, &o->names[o->n_names], REPORT_MAX_ASIDE);
	r->n_held += n;
	for (i = 0; i < n; i++, o->n_names++)
		if (n_listed < REPORT_MAX_HELD)
			o->held[n_listed++] = (struct report_held){ o->names[o->n_names],
				"a job folder that could not be read; its picture began anew. Look at it, then "
				"remove it" };
	n = queue_held(view->queue, files, REPORT_MAX_HELD - n_listed);
	for (i = 0; i < n; i++) {
		reason = queue_reason(files[i]);
		o->held[n_listed + i] = (struct report_held){ name_of(o, files[i]),
			reason == NULL ? "it settles" : reason };
	}
	r->held = o->held;
}

/* Pictures per minute, from the oldest mark of the span to now. */
static double
images_per_minute(struct overview *o, uint64_t n, int64_t now_ms)
{
	size_t old = 0;

	while (old < o->n_marks && now_ms - o->marks[old].ms > RATE_SPAN_MS)
		old++;
	if (old == 0 && o->n_marks == RATE_MARKS)
		old = RATE_MARKS / 2; /* thin out by forgetting the older half */
	memmove(o->marks, o->marks + old, (o->n_marks - old) * sizeof(o->marks[0]));
	o->n_marks -= old;
	if (o->n_marks == 0 || o->marks[o->n_marks - 1].n != n) {
		o->marks[o->n_marks].ms = now_ms;
		o->marks[o->n_marks++].n = n;
	}
	if (n == o->marks[0].n || now_ms - o->marks[0].ms < 1000)
		return 0;
	return (double)(n - o->marks[0].n) * 60000 / (double)(now_ms - o->marks[0].ms);
}

static void
fill_counts(struct overview *o, struct report *r, const struct tally *tally, int64_t now_ms)
{
	uint64_t n_failed = tally_n_failed(&tally->counts);
	time_t now = time(NULL);
	struct tm local;

	localtime_r(&now, &local);
	if (local.tm_yday != o->day) {
		bool is_first = o->day == -1;

		o->day = local.tm_yday;
		o->done_before = is_first ? 0 : tally->counts.n_done;
		o->failed_before = is_first ? 0 : n_failed;
	}
	r->counts = tally->counts;
	r->n_done_today = tally->counts.n_done - o->done_before;
	r->n_failed_today = n_failed - o->failed_before;
	r->images_per_minute = images_per_minute(o, tally->counts.n_done + n_failed, now_ms);
	r->seconds_left = r->images_per_minute <= 0 || r->n_waiting + r->n_jobs == 0 ? -1 :
	    (int64_t)((double)(r->n_waiting + r->n_jobs) * 60 / r->images_per_minute + 1);
	r->recent = tally->recent;
	r->n_recent = tally->n_recent;
}

static void
fill_daemon(struct overview *o, struct report *r, const struct view *view)
{
	if (inbox_is_polled(view->inbox))
		snprintf(o->mode, sizeof(o->mode), "polling every %lld s",
		    (long long)(view->conf->poll_interval_ms + 999) / 1000);
	else
		snprintf(o->mode, sizeof(o->mode), "inotify");
	r->mode = o->mode;
	r->host = o->host;
	r->version = PACKAGE_VERSION;
	r->pid = (long)getpid();
	r->started = o->started;
	r->free_bytes = spool_free_bytes(view->spool);
}

void
overview_turn(struct overview *o, const struct view *view, int64_t now_ms, bool is_last)
{
	const struct state state = state_now(view);
	struct report report = { .state = is_last ? STATE_NOT_RUNNING : state.queue,
		.why = is_last ? "the daemon was ended" : state.why };

	if (!is_last && now_ms < o->due_ms)
		return;
	if (!o->is_reporter && lock_take(view->spool, LOCK_REPORTER) != 0) {
		o->due_ms = now_ms + REPORT_RETRY_MS;
		return;
	}
	o->is_reporter = true;
	fill_jobs(o, &report, dispatch_jobs(view->dispatch));
	fill_waiting(o, &report, view->queue);
	fill_held(o, &report, view);
	fill_counts(o, &report, view->tally, now_ms);
	fill_daemon(o, &report, view);
	o->due_ms = report_write(view->spool->root_fd, &report, o->seen, now_ms, is_last);
	while (o->n_names > 0)
		free(o->names[--o->n_names]);
}
