/* master/publish.c - the way home: from a plan to out/, done/ and failed/, step by step. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fsio.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/quote.h"
#include "master/commit.h"
#include "master/context.h"
#include "master/errortext.h"
#include "master/hook.h"
#include "master/publish.h"
#include "master/sidecar.h"
#include "master/tally.h"

/* ---- the plan --------------------------------------------------------------------------- */

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
	const struct profile *profile = job->profile;
	struct plan_result results[RENDITION_MAX];
	char owner[MARK_OWNER_SIZE];
	const struct plan_order order = { .rel = job->rel, .ino = job->record.source.ino, .top = "out/",
		.results = results, .n_results = (size_t)profile->n_renditions,
		.keeps_original = c->conf->keep_originals,
		.keeps_progress = c->conf->keep_progress,
		.replaces = replaced_by(c, job, owner) };
	int i;

	for (i = 0; i < profile->n_renditions; i++)
		results[i] = (struct plan_result){ profile->renditions[i].name,
			profile->renditions[i].file_pattern,
			profile_makes_png(profile, i, job->is_png), NULL };
	return plan_make_done(c->spool, &order);
}

/* Is PLAN one that conflict = fail forbids? Then it is the picture's fault from here on. */
static bool
is_refused(const struct job_context *c, struct job *job, const struct plan *plan)
{
	char *taken, *text;

	if (c->conf->conflict != CONF_CONFLICT_FAIL || plan->taken == NULL)
		return false;
	taken = quote_line(plan->taken);
	text = mem_printf("%s is there already", taken);
	job_set_bad(job, REASON_NAME_TAKEN, text);
	free(text);
	free(taken);
	return true;
}

bool
publish_is_refused(struct job_context *c, struct job *job)
{
	struct plan *plan;
	bool result;

	if (c->conf->conflict != CONF_CONFLICT_FAIL)
		return false; /* no need to look for names now */
	plan = make_plan(c, job);
	result = is_refused(c, job, plan);
	plan_free(plan);
	return result;
}

/* RESULT of a step: one that was done waits for what it put into the commit. */
static int
after_step(struct job_context *c, struct job *job, int result)
{
	if (result == 0)
		commit_await(c->commit, job);
	return result;
}

/* Flush the original with the plan. Its copier seldom did (cp and Samba do not), and whoever sees it in
 * done/ takes it for safe. An original that has arrived there was flushed before; another file that has
 * come to its place in processing/ is not ours to wait for, nor is one that its owner does not let us
 * read any more: the plan goes on without. */
static int
sync_original(struct job_context *c, const struct job *job)
{
	struct stat st;

	if (fsio_stat(c->spool->processing_fd, job->rel, &st) != 0 ||
	    st.st_ino != job->record.source.ino)
		return 0;
	if (synclist_add(commit_list(c->commit), c->spool->processing_fd, job->rel, SYNC_FILE) == 0)
		return 0;
	if (errno != EACCES)
		return -1;
	log_warn(job->rel, "event=original-not-flushed why=\"its owner does not let it be read any more\"");
	return 0;
}

static int
write_plan(struct job_context *c, struct job *job, const struct plan *plan)
{
	if (sync_original(c, job) != 0 ||
	    spool_sync_claim(c->spool, job->rel, commit_list(c->commit)) != 0)
		return -1;
	return after_step(c, job, plan_write(c->spool, &job->dir, plan, commit_list(c->commit)));
}

/* JOB has PLAN, which is taken, from when it is written. */
static int
write_new_plan(struct job_context *c, struct job *job, struct plan *plan)
{
	int saved;

	if (write_plan(c, job, plan) == 0) {
		job->plan = plan;
		return 0;
	}
	saved = errno;
	plan_free(plan);
	errno = saved;
	return -1;
}

int
publish_plan(struct job_context *c, struct job *job)
{
	struct plan *plan = make_plan(c, job);

	if (is_refused(c, job, plan)) {
		plan_free(plan);
		return publish_plan_failure(c, job);
	}
	if (c->conf->keep_progress && (sidecar_write_last(c, job, plan) != 0 ||
	    synclist_add(commit_list(c->commit), job->dir.fd, PLAN_PROGRESS, SYNC_FILE) != 0)) {
		plan_free(plan);
		return -1;
	}
	return write_new_plan(c, job, plan);
}

int
publish_plan_failure(struct job_context *c, struct job *job)
{
	char *text = errortext_make(job->rel, job->bad, job->bad_text, develop_stage_name(job->stage),
	    job->number, job_profile(job));
	int result = fsio_replace(job->dir.fd, "error.txt", text, strlen(text), 0664, false);

	free(text);
	if (result != 0 ||
	    synclist_add(commit_list(c->commit), job->dir.fd, "error.txt", SYNC_FILE) != 0)
		return -1;
	return write_new_plan(c, job, plan_make_failed(c->spool, job->rel, job->record.source.ino));
}

int
publish_renew_plan(struct job_context *c, struct job *job)
{
	return write_plan(c, job, job->plan);
}

/* ---- the steps --------------------------------------------------------------------------- */

int
publish_seal(struct job_context *c, struct job *job)
{
	return after_step(c, job, plan_seal(&job->dir, job->plan, commit_list(c->commit)));
}

int
publish_results(struct job_context *c, struct job *job)
{
	return after_step(c, job, plan_publish(c->spool, &job->dir, job->plan, commit_list(c->commit)));
}

int
publish_original(struct job_context *c, struct job *job)
{
	return after_step(c, job, plan_file(c->spool, &job->dir, job->rel, job->plan,
	    commit_list(c->commit)));
}

int
publish_withdraw_plan(struct job_context *c, struct job *job)
{
	(void)c;
	plan_withdraw(&job->dir);
	return 0;
}

int
publish_give_up_plan(struct job_context *c, struct job *job)
{
	publish_withdraw_plan(c, job);
	plan_free(job->plan);
	job->plan = NULL;
	return 0;
}

int
publish_doubt_folders(struct job_context *c, struct job *job)
{
	(void)c;
	job->plan->is_doubtful = true;
	return 0;
}

/* ---- the end ----------------------------------------------------------------------------- */

/* For the administrator's commands. A failure that was planned before we were started has left its
 * reason in the error text alone. */
static void
tell_hook(struct job_context *c, const struct job *job)
{
	char *reason;

	if (c->hook == NULL)
		return;
	reason = job->bad == REASON_NONE ? mem_dup("") : mem_printf("%s%s%s", reason_sentence(job->bad),
	    *job->bad_text == '\0' ? "" : " - ", job->bad_text);
	hook_tell_job(c->hook, &(struct hook_job){ .rel = job->rel, .plan = job->plan,
	    .profile = job_profile(job),
	    .code = job->bad == REASON_NONE ? "" : reason_name(job->bad), .reason = reason });
	free(reason);
}

static void
tally_end(struct job_context *c, const struct job *job)
{
	double spent = job->started_ms == 0 ? 0 : (double)(clock_ms() - job->started_ms) / 1000;

	char *to = quote_name(job->plan->original_to == NULL ? "(deleted)" : job->plan->original_to);

	if (job->plan->verdict == PLAN_FAILED) {
		c->tally->counts.n_failed[job->bad < REASON_N ? job->bad : REASON_NONE]++;
		log_info(job->rel, "event=failed to=%s why=%s text=\"%s\"", to, reason_name(job->bad),
		    job->bad_text);
		free(to);
		return;
	}
	c->tally->counts.n_done++;
	c->tally->counts.bytes_in += (uint64_t)job->record.source.size;
	if (job->started_ms != 0)
		tally_observe(&c->tally->counts.develop_s, spent);
	tally_observe(&c->tally->counts.drop_to_done_s, (double)(clock_ms() - job->noticed_ms) / 1000);
	if (job->plan->n_results > 0 && job->plan->original_to != NULL)
		tally_remember(c->tally, job->plan->original_to,
		    job->plan->moves[job->plan->n_results - 1].to);
	log_info(job->rel, "event=done to=%s seconds=%.3f", to, spent);
	free(to);
}

/* Nobody but us knows of this job any more. */
static void
clear_up(struct job_context *c, struct job *job)
{
	progress_remove(c->spool->processing_fd, job->rel);
	fsio_prune_parents(c->spool->processing_fd, job->rel);
	if (job->dir.name != NULL && jobdir_trash(c->spool, &job->dir) != 0 && errno != ENOENT)
		log_warn(job->rel, "event=job-folder-left error=\"%s\"", strerror(errno));
}

int
publish_end(struct job_context *c, struct job *job)
{
	clear_up(c, job);
	tally_end(c, job);
	tell_hook(c, job);
	return 0;
}

int
publish_discard(struct job_context *c, struct job *job)
{
	clear_up(c, job);
	c->tally->counts.n_dropped++;
	log_info(job->rel, "event=dropped why=\"its file was taken away\"");
	return 0;
}
