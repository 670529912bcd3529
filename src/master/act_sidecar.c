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
#include "master/act.h"
#include "spool/mark.h"

int
act_seconds_left(const struct attempt *a)
{
	int64_t spent = clock_ms() - a->started_ms;

	if (a->permille < 50 || spent < 500) /* too early to tell */
		return -1;
	return (int)((spent * (1000 - a->permille) / a->permille + 999) / 1000);
}

static void
fill(const struct job_context *c, const struct job *job, enum progress_state state,
    struct progress *p)
{
	const struct attempt *a = job->attempt;
	const struct rendition *r = a->i_rendition >= 0 && a->profile != NULL &&
	    a->i_rendition < a->profile->n_renditions ? &a->profile->renditions[a->i_rendition] : NULL;

	*p = (struct progress){ .state = state, .percent = a->permille / 10, .started = a->started,
		.updated = time(NULL), .seconds_left = act_seconds_left(a) };
	p->attempt = (unsigned)a->number;
	p->n_renditions = a->profile == NULL ? 0 : (unsigned)a->profile->n_renditions;
	p->i_rendition = r == NULL ? 0 : (unsigned)a->i_rendition;
	snprintf(p->stage, sizeof(p->stage), "%s", develop_stage_name(a->stage));
	snprintf(p->rendition, sizeof(p->rendition), "%s", r == NULL ? "" : r->name);
	snprintf(p->source, sizeof(p->source), "%s", job->rel);
	snprintf(p->profile, sizeof(p->profile), "%s", a->profile == NULL ? "" : a->profile->name);
	snprintf(p->host, sizeof(p->host), "%s", c->host);
}

void
act_sidecar(struct job_context *c, struct job *job, enum progress_state state)
{
	struct attempt *a = job->attempt;
	struct progress p;

	fill(c, job, state, &p);
	a->shown = state;
	a->sidecar_ms = clock_ms();
	a->sidecar_percent = p.percent;
	/* A sidecar is a courtesy: a full disk must not stop the job for it. */
	if (progress_write(c->spool->processing_fd, job->rel, &p) != 0)
		log_debug(job->rel, "event=no-sidecar error=\"%s\"", strerror(errno));
}

/* It is ours, and replaced with its original. */
static void
mark(const struct job *job)
{
	int fd = fsio_open(job->attempt->dir.fd, PLAN_PROGRESS, O_RDONLY | O_NONBLOCK, 0);
	struct stat st;

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0)
		mark_made(fd, job->rel, &st.st_mtim);
	close(fd);
}

int
act_last_sidecar(struct job_context *c, struct job *job, const struct plan *plan)
{
	struct attempt *a = job->attempt;
	struct progress_end end = { .original = plan->original_to, .n_results = plan->n_results,
		.results = mem_alloc((plan->n_results + 1) * sizeof(*end.results)) };
	struct progress p;
	char *text;
	int result;
	size_t i;

	for (i = 0; i < plan->n_results; i++)
		end.results[i] = plan->moves[i].to;
	fill(c, job, PROGRESS_DONE, &p);
	p.percent = 100;
	p.stage[0] = p.rendition[0] = '\0';
	if (a->started == 0) /* all of it was made before we were started */
		p.started = a->record.claimed;
	text = progress_last_text(&p, &end);
	result = fsio_replace(a->dir.fd, PLAN_PROGRESS, text, strlen(text), 0664, false);
	if (result == 0)
		mark(job);
	free(text);
	free(end.results);
	return result;
}
