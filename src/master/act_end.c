#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fsio.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/quote.h"
#include "master/act.h"
#include "master/commit.h"
#include "master/errortext.h"
#include "master/hook.h"

/* Whose files may this job replace? Its own earlier ones, by conflict = replace; those that its
 * original asks for, by `darkroom retry --replace`; else nobody's. */
static const char *
replaced_by(const struct job_context *c, const struct job *job, char owner[MARK_OWNER_SIZE])
{
	if (mark_asks(c->spool->processing_fd, job->rel, job->rel, owner))
		return owner;
	if (c->conf->conflict != CONF_REPLACE)
		return NULL;
	mark_owner(job->rel, owner);
	return owner;
}

static struct plan *
make_plan(struct job_context *c, struct job *job)
{
	struct attempt *a = job->attempt;
	struct plan_result results[RENDITION_MAX];
	char owner[MARK_OWNER_SIZE];
	const struct plan_order order = { .rel = job->rel, .ino = a->record.source.ino, .top = "out/",
		.results = results, .n_results = (size_t)a->profile->n_renditions,
		.keeps_original = c->conf->keep_originals,
		.keeps_progress = c->conf->keep_progress,
		.replaces = replaced_by(c, job, owner) };
	int i;

	for (i = 0; i < a->profile->n_renditions; i++)
		results[i] = (struct plan_result){ a->profile->renditions[i].name,
			a->profile->renditions[i].file_pattern,
			profile_makes_png(a->profile, i, a->is_png), NULL };
	return plan_make_done(c->spool, &order);
}

/* Is PLAN one that conflict = fail forbids? Then it is the picture's fault from here on. */
static bool
is_refused(const struct job_context *c, struct attempt *a, const struct plan *plan)
{
	char *taken;

	if (c->conf->conflict != CONF_CONFLICT_FAIL || plan->taken == NULL)
		return false;
	taken = quote_line(plan->taken);
	a->bad = BAD_NAME_TAKEN;
	snprintf(a->bad_text, sizeof(a->bad_text), "%s is there already", taken);
	free(taken);
	return true;
}

bool
act_is_refused(struct job_context *c, struct job *job)
{
	struct plan *plan;
	bool result;

	if (c->conf->conflict != CONF_CONFLICT_FAIL)
		return false; /* no need to look for names now */
	plan = make_plan(c, job);
	result = is_refused(c, job->attempt, plan);
	plan_free(plan);
	return result;
}

/* What a step needs on disk goes here; NULL: the spool is not durable. */
static struct synclist *
needs(struct job_context *c)
{
	return c->spool->is_durable ? commit_list(c->commit) : NULL;
}

/* RESULT of a step: one that was done waits for the disk. */
static int
after_step(struct job_context *c, struct job *job, int result)
{
	if (result != 0 || !c->spool->is_durable)
		return result;
	job->attempt->is_syncing = true;
	commit_await(c->commit, job);
	return 0;
}

/* Who copies a picture seldom flushes it (cp and Samba do not), and takes what lies in done/ for safe:
 * it has to be on the disk before it gets there. One that has arrived was; what else may have come to
 * its place in processing/ is not ours, and must not hold up the plan; nor must one that its owner
 * takes from us after it was read. */
static int
sync_original(struct job_context *c, const struct job *job)
{
	struct stat st;

	if (fsio_stat(c->spool->processing_fd, job->rel, &st) != 0 ||
	    st.st_ino != job->attempt->record.source.ino)
		return 0;
	if (synclist_add(needs(c), c->spool->processing_fd, job->rel, SYNC_FILE) == 0)
		return 0;
	if (errno != EACCES)
		return -1;
	log_warn(job->rel, "event=original-not-flushed why=\"its owner does not let it be read any more\"");
	return 0;
}

/* Write the plan that the attempt has, or MADE; that stays in the attempt only when it is written. */
static int
write_plan(struct job_context *c, struct job *job, struct plan *made)
{
	struct attempt *a = job->attempt;
	struct plan *plan = a->plan != NULL ? a->plan : made;

	if (sync_original(c, job) != 0 || spool_sync_claim(c->spool, job->rel, needs(c)) != 0 ||
	    plan_write(c->spool, &a->dir, plan, needs(c)) != 0) {
		if (plan == made)
			plan_free(made);
		return -1;
	}
	a->plan = plan;
	return after_step(c, job, 0);
}

int
act_plan_done(struct job_context *c, struct job *job)
{
	struct attempt *a = job->attempt;
	struct plan *plan;

	a->task = 0;
	if (a->plan != NULL)
		return write_plan(c, job, NULL);
	plan = make_plan(c, job);
	if (is_refused(c, a, plan)) {
		plan_free(plan);
		return act_plan_failed(c, job);
	}
	if (c->conf->keep_progress && (act_last_sidecar(c, job, plan) != 0 ||
	    synclist_add(needs(c), a->dir.fd, PLAN_PROGRESS, SYNC_FILE) != 0)) {
		plan_free(plan);
		return -1;
	}
	return write_plan(c, job, plan);
}

static int
write_error_text(struct job_context *c, struct job *job)
{
	struct attempt *a = job->attempt;
	char *text = errortext_make(job->rel, a->bad, a->bad_text, develop_stage_name(a->stage),
	    a->number, a->profile == NULL ? "" : a->profile->name);
	int result = fsio_replace(a->dir.fd, "error.txt", text, strlen(text), 0664, false);

	free(text);
	return result != 0 ? result : synclist_add(needs(c), a->dir.fd, "error.txt", SYNC_FILE);
}

int
act_plan_failed(struct job_context *c, struct job *job)
{
	struct attempt *a = job->attempt;

	a->task = 0;
	if (a->plan != NULL)
		return write_plan(c, job, NULL);
	if (write_error_text(c, job) != 0)
		return -1;
	return write_plan(c, job, plan_make_failed(c->spool, job->rel, a->record.source.ino));
}

int
act_seal(struct job_context *c, struct job *job)
{
	struct attempt *a = job->attempt;

	return after_step(c, job, plan_seal(&a->dir, a->plan, needs(c)));
}

int
act_publish(struct job_context *c, struct job *job)
{
	struct attempt *a = job->attempt;

	return after_step(c, job, plan_publish(c->spool, &a->dir, a->plan, needs(c)));
}

int
act_file(struct job_context *c, struct job *job)
{
	struct attempt *a = job->attempt;

	return after_step(c, job, plan_file(c->spool, &a->dir, job->rel, a->plan, needs(c)));
}

int
act_unplan(struct job_context *c, struct job *job)
{
	struct attempt *a = job->attempt;

	(void)c;
	plan_withdraw(&a->dir);
	if (!a->plan->is_sealed) {
		plan_free(a->plan);
		a->plan = NULL;
	}
	return 0;
}

int
act_doubt(struct job_context *c, struct job *job)
{
	(void)c;
	job->attempt->plan->is_doubtful = true;
	return 0;
}

/* For the administrator's commands. A failure that was planned before we were started has left its
 * reason in the error text alone. */
static void
tell_hook(struct job_context *c, const struct job *job)
{
	const struct attempt *a = job->attempt;
	char *reason;

	if (c->hook == NULL)
		return;
	reason = a->bad == BAD_NONE ? mem_dup("") : mem_printf("%s%s%s", bad_sentence(a->bad),
	    *a->bad_text == '\0' ? "" : " - ", a->bad_text);
	hook_tell_job(c->hook, &(struct hook_job){ .rel = job->rel, .plan = a->plan,
	    .profile = a->profile == NULL ? "" : a->profile->name,
	    .code = a->bad == BAD_NONE ? "" : bad_name(a->bad), .reason = reason });
	free(reason);
}

static void
tally_end(struct job_context *c, const struct job *job)
{
	const struct attempt *a = job->attempt;
	double spent = a->started_ms == 0 ? 0 : (double)(clock_ms() - a->started_ms) / 1000;

	char *to = quote_name(a->plan->original_to == NULL ? "(deleted)" : a->plan->original_to);

	if (a->plan->verdict == PLAN_FAILED) {
		c->tally.counts.n_failed[a->bad < BAD_N ? a->bad : BAD_NONE]++;
		log_info(job->rel, "event=failed to=%s why=%s text=\"%s\"", to, bad_name(a->bad),
		    a->bad_text);
		free(to);
		return;
	}
	c->tally.counts.n_done++;
	c->tally.counts.bytes_in += (uint64_t)a->record.source.size;
	if (a->started_ms != 0)
		tally_observe(&c->tally.counts.develop_s, spent);
	tally_observe(&c->tally.counts.drop_to_done_s, (double)(clock_ms() - job->noticed_ms) / 1000);
	if (a->plan->n_results > 0 && a->plan->original_to != NULL)
		tally_remember(&c->tally, a->plan->original_to,
		    a->plan->moves[a->plan->n_results - 1].to);
	log_info(job->rel, "event=done to=%s seconds=%.3f", to, spent);
	free(to);
}

int
act_finish(struct job_context *c, struct job *job)
{
	struct attempt *a = job->attempt;

	progress_remove(c->spool->processing_fd, job->rel);
	fsio_prune_parents(c->spool->processing_fd, job->rel);
	if (jobdir_trash(c->spool, &a->dir) != 0 && errno != ENOENT)
		log_warn(job->rel, "event=job-folder-left error=\"%s\"", strerror(errno));
	tally_end(c, job);
	tell_hook(c, job);
	act_free_attempt(c, job);
	return 0;
}
