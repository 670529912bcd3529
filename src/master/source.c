/* master/source.c - before a start, while a worker is at it, before a plan: the original is looked at. */
#include <config.h>

#include <errno.h>
#include <sys/stat.h>

#include "base/fsio.h"
#include "base/log.h"
#include "master/attempt.h"
#include "master/context.h"
#include "master/inbox.h"
#include "master/jobs.h"
#include "master/source.h"
#include "master/step.h"
#include "master/trouble.h"

#define STRANGER_MS 5000 /* between looks at a file put into processing/ by hand */

/* The job's own file may not be read for now (permissions, somebody's lease): it alone waits. */
static void
hold_job(struct job_context *c, struct job *job, int64_t now_ms)
{
	if (!job->is_held)
		log_warn(job->rel, "event=not-readable remedy=\"let the daemon's user read it\"");
	if (job_is_running(job))
		step_raise(c, job, JOB_EV_ENVIRONMENT);
	job->is_held = true;
	job->why_held = READY_UNREADABLE;
	job->retry_ms = now_ms + STRANGER_MS;
}

void
source_failed(struct job_context *c, struct job *job, int error, int64_t now_ms)
{
	enum job_event event = error == ENOENT ? JOB_EV_GONE : JOB_EV_CHANGED;

	if (error == EBUSY)
		hold_job(c, job, now_ms);
	else if (error != ENOENT && error != ESTALE)
		trouble_tell(c, job, error, now_ms);
	else if (step_raise(c, job, event) != 0)
		trouble_tell(c, job, errno, now_ms);
	else if (event == JOB_EV_CHANGED)
		job->retry_ms = now_ms + 1; /* nobody will tell of it but the clock */
}

/* 0; -1 with errno as source_failed() knows it. */
static int
compare_source(struct job_context *c, struct job *job)
{
	struct ready_look look;

	ready_look(c->spool->processing_fd, job->rel, !c->spool->is_polled, &look);
	if (look.error != 0) {
		errno = look.error;
		if (errno == ENOTDIR || errno == ELOOP)
			errno = ENOENT;
		else if (errno == EACCES || errno == EPERM || errno == EAGAIN)
			errno = EBUSY; /* the file's own matter, not that of our folders */
		return -1;
	}
	if (!spool_same_picture(&look.id, &job->record.source) ||
	    (look.writer == READY_WRITER && !job->facts.has_writer)) {
		errno = ESTALE;
		return -1;
	}
	job->is_png = look.magic == MAGIC_PNG;
	return 0;
}

bool
source_is_fit(struct job_context *c, struct job *job, int64_t now_ms)
{
	if (compare_source(c, job) == 0 &&
	    (job_is_running(job) || attempt_set_profile(c, job) == 0)) /* what runs keeps its profile */
		return true;
	source_failed(c, job, errno, now_ms);
	return false;
}

bool
source_has_settled(struct job_context *c, struct job *job, int64_t now_ms)
{
	const struct ready_times times = inbox_times(c->inbox);
	struct ready_verdict verdict;
	struct ready_look look;

	if (!job->must_settle)
		return true;
	ready_look(c->spool->processing_fd, job->rel, !times.is_polled, &look);
	verdict = ready_judge(&job->facts, &look, &times, now_ms);
	job->retry_ms = verdict.answer == READY_NOW ? 0 :
	    verdict.answer == READY_LATER ? verdict.due_ms : now_ms + STRANGER_MS;
	job->is_held = verdict.answer == READY_NEVER || verdict.reason != NULL;
	job->why_held = verdict.reason;
	if (verdict.answer == READY_GONE)
		step_raise(c, job, JOB_EV_GONE);
	if (verdict.answer != READY_NOW)
		return false;
	job->must_settle = false;
	job->record.source = look.id;
	return true;
}

void
source_watch(struct job_context *c)
{
	struct stat st;
	size_t i;

	for (i = 0; i < jobs_n(c->jobs); i++) {
		struct job *job = jobs_at(c->jobs, i);

		if (job_is_running(job) && (fsio_stat(c->spool->processing_fd, job->rel, &st) == 0 ?
		    st.st_ino != job->record.source.ino : errno == ENOENT))
			step_raise(c, job, JOB_EV_CANCEL);
	}
}
