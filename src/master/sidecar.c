/* master/sidecar.c - beside each step of a job: what people see of it in processing/. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fsio.h"
#include "base/log.h"
#include "base/mem.h"
#include "master/context.h"
#include "master/sidecar.h"
#include "spool/mark.h"

static void
describe_job(const struct job_context *c, const struct job *job, enum progress_state state,
    struct progress *p)
{
	const char *rendition = job_rendition(job);

	*p = (struct progress){ .state = state, .percent = job->permille / 10, .started = job->started,
		.updated = time(NULL), .seconds_left = job_seconds_left(job),
		.attempt = (unsigned)job->number };
	p->n_renditions = job->profile == NULL ? 0 : (unsigned)job->profile->n_renditions;
	p->i_rendition = *rendition == '\0' ? 0 : (unsigned)job->i_rendition;
	snprintf(p->stage, sizeof(p->stage), "%s", develop_stage_name(job->stage));
	snprintf(p->rendition, sizeof(p->rendition), "%s", rendition);
	snprintf(p->source, sizeof(p->source), "%s", job->rel);
	snprintf(p->profile, sizeof(p->profile), "%s", job_profile(job));
	snprintf(p->host, sizeof(p->host), "%s", c->host);
}

void
sidecar_write(struct job_context *c, struct job *job, enum progress_state state)
{
	struct progress p;

	describe_job(c, job, state, &p);
	job->shown = state;
	job->sidecar_ms = clock_ms();
	job->sidecar_percent = p.percent;
	if (progress_write(c->spool->processing_fd, job->rel, &p) != 0)
		log_debug(job->rel, "event=no-sidecar error=\"%s\"", strerror(errno));
}

/* It is ours, and replaced with its original. */
static void
mark_as_ours(const struct job *job)
{
	int fd = fsio_open(job->dir.fd, PLAN_PROGRESS, O_RDONLY | O_NONBLOCK, 0);
	struct stat st;

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0)
		mark_made(fd, job->rel, &st.st_mtim);
	close(fd);
}

int
sidecar_write_last(struct job_context *c, struct job *job, const struct plan *plan)
{
	struct progress_end end = { .original = plan->original_to, .n_results = plan->n_results,
		.results = mem_alloc((plan->n_results + 1) * sizeof(*end.results)) };
	struct progress p;
	char *text;
	int result;
	size_t i;

	for (i = 0; i < plan->n_results; i++)
		end.results[i] = plan->moves[i].to;
	describe_job(c, job, PROGRESS_DONE, &p);
	p.percent = 100;
	p.stage[0] = p.rendition[0] = '\0';
	if (job->started == 0) /* all of it was made before we were started */
		p.started = job->record.claimed;
	text = progress_last_text(&p, &end);
	result = fsio_replace(job->dir.fd, PLAN_PROGRESS, text, strlen(text), 0664, false);
	if (result == 0)
		mark_as_ours(job);
	free(text);
	free(end.results);
	return result;
}
