/* ctl/batch.c - convert: pictures to workers, what comes back to people and to results. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/quote.h"
#include "ctl/batch.h"
#include "image/reason.h"
#include "spool/magic.h"
#include "spool/spool.h"
#include "work/crew.h"

#define SHOW_INTERVAL_MS 100 /* between two looks of the line of progress */
#define MAX_BROKEN 3         /* workers in a row that do not start: then it is no accident */
#define POLL_MAX (2 * POOL_MAX)

/* ---- what people see -------------------------------------------------------------------- */

static void
clear_bar(struct batch *batch)
{
	if (batch->has_bar)
		fputs("\r\033[K", stderr);
	batch->has_bar = false;
}

static void
show_bar(struct batch *batch, int64_t now_ms)
{
	size_t n = batch->gather->n;

	if (!isatty(STDERR_FILENO) || now_ms - batch->shown_ms < SHOW_INTERVAL_MS)
		return;
	batch->shown_ms = now_ms;
	clear_bar(batch);
	fprintf(stderr, "%3u%% - %zu of %zu done", (unsigned)(batch->permille_sum / (10 * n)),
	    batch->n_done, n);
	if (batch->n_failed > 0)
		fprintf(stderr, ", %zu failed", batch->n_failed);
	fflush(stderr);
	batch->has_bar = true;
}

static void
say_done(struct batch *batch, const struct picture *picture, const struct plan *plan)
{
	char *line = quote_line(picture->path);
	size_t i;

	clear_bar(batch);
	printf("%s:", line);
	free(line);
	for (i = 0; i < plan->n_moves; i++) {
		line = quote_line(plan->moves[i].to);
		printf(" %s", line);
		free(line);
	}
	putchar('\n');
	fflush(stdout);
}

/* ---- how a picture ends ----------------------------------------------------------------- */

static void
set_permille(struct batch *batch, struct picture *picture, unsigned permille)
{
	batch->permille_sum += permille;
	batch->permille_sum -= picture->permille;
	picture->permille = permille;
}

/* No worker has it any more, and what is unfinished of it goes. */
static void
let_go(struct batch *batch, struct picture *picture)
{
	if (picture->task != 0)
		results_discard(batch->results, picture->task);
	if (picture->source >= 0)
		close(picture->source);
	picture->source = -1;
	picture->task = 0;
}

static void
fail_with(struct batch *batch, struct picture *picture, const char *what, const char *detail)
{
	clear_bar(batch);
	ctl_complain("%s: %s%s%s", picture->path, what, *detail == '\0' ? "" : " - ", detail);
	let_go(batch, picture);
	set_permille(batch, picture, 1000);
	batch->n_failed++;
}

static void
end_bad(struct batch *batch, struct picture *picture, enum reason bad, const char *detail)
{
	fail_with(batch, picture, reason_sentence(bad), detail);
}

/* The machine's fault: there is no use in beginning another one. */
static void
end_trouble(struct batch *batch, struct picture *picture, int error, const char *detail)
{
	if (error == ENOSPC || error == EDQUOT)
		detail = "the disk of the results is full: make room, then convert the rest";
	fail_with(batch, picture, "It could not be developed, which is not its fault.",
	    *detail == '\0' ? strerror(error) : detail);
	batch->is_over = true;
}

/* What the death of its worker means for it. */
static void
obey_verdict(struct batch *batch, struct picture *picture, const struct crew_verdict *verdict)
{
	switch (verdict->next) {
	case CREW_TROUBLED:
		end_trouble(batch, picture, picture->trouble, "");
		break;
	case CREW_GIVE_UP:
		end_bad(batch, picture, verdict->bad, verdict->why);
		break;
	case CREW_AGAIN:
	case CREW_GO_ON: /* nobody stops or cancels here */
		picture->n_deaths++;
		let_go(batch, picture);
		set_permille(batch, picture, 0);
		picture->waits_last = true;
		batch->n_last++;
		break;
	}
}

static void
end_done(struct batch *batch, struct picture *picture)
{
	unsigned wanted = (1u << batch->results->profile->n_renditions) - 1;
	struct crew_verdict verdict;
	struct spool_id now;
	struct plan *plan;
	struct stat st;

	if (picture->kept != wanted) {
		verdict = crew_judge_undone(picture->n_deaths, batch->conf->n_attempts);
		obey_verdict(batch, picture, &verdict);
		return;
	}
	now = fstat(picture->source, &st) == 0 ? spool_id_of(&st) : (struct spool_id){ 0 };
	if (!spool_same_picture(&now, &picture->id)) {
		fail_with(batch, picture, "It changed while it was developed.", "convert it again");
		return;
	}
	plan = results_publish(batch->results, picture->task, picture->rel, picture->is_png);
	if (plan == NULL) {
		end_trouble(batch, picture, errno, "");
		return;
	}
	if (batch->is_verbose)
		say_done(batch, picture, plan);
	plan_free(plan);
	let_go(batch, picture);
	set_permille(batch, picture, 1000);
	batch->n_done++;
}

/* ---- what workers say ------------------------------------------------------------------- */

static void
kill_for(struct batch *batch, struct picture *picture, enum crew_killer killer)
{
	picture->killer = killer;
	pool_kill(batch->pool, picture);
}

static void
keep_result(struct batch *batch, struct picture *picture, const struct msg_news *said)
{
	const struct timespec mtime = spool_time_of(picture->id.mtime_ns);

	errno = EPROTO;
	if (said->index < batch->results->profile->n_renditions &&
	    results_keep(batch->results, picture->task, said->index, said->bytes, &mtime) == 0) {
		picture->kept |= 1u << said->index;
		return;
	}
	picture->trouble = errno;
	kill_for(batch, picture, crew_refuse(errno));
}

static void
hear_said(struct batch *batch, struct picture *picture, const struct msg_news *said)
{
	switch ((enum msg_kind)said->kind) {
	case MSG_PROGRESS:
		if (said->permille > picture->permille)
			set_permille(batch, picture, said->permille);
		break;
	case MSG_RENDITION:
		keep_result(batch, picture, said);
		break;
	case MSG_DONE:
		end_done(batch, picture);
		break;
	case MSG_BAD:
		end_bad(batch, picture, (enum reason)said->bad, said->text);
		break;
	case MSG_TROUBLE:
		end_trouble(batch, picture, said->error, said->text);
		break;
	case MSG_HELLO:
	case MSG_N_KIND:
		break; /* the pool keeps these */
	}
}

static void
hear_all(struct batch *batch, int64_t now_ms)
{
	struct crew_verdict verdict;
	struct pool_news news;
	struct picture *picture;

	while (pool_next(batch->pool, &news, now_ms)) {
		picture = news.job;
		if (news.kind == POOL_SAID)
			hear_said(batch, picture, &news.said);
		else if (news.kind == POOL_TIMEOUT)
			kill_for(batch, picture, CREW_TIMEOUT);
		else {
			verdict = crew_judge(&news, picture->killer, picture->n_deaths,
			    batch->conf->n_attempts);
			obey_verdict(batch, picture, &verdict);
		}
	}
}

/* ---- beginning -------------------------------------------------------------------------- */

/* A picture that killed a worker is tried again when nothing else is left, and alone. */
static struct picture *
next_picture(struct batch *batch)
{
	struct gather *gather = batch->gather;
	size_t i;

	if (batch->is_over || !pool_has_free(batch->pool))
		return NULL;
	if (batch->i_next < gather->n)
		return &gather->pictures[batch->i_next++];
	if (batch->n_last == 0 || pool_n_busy(batch->pool) > 0)
		return NULL;
	for (i = 0; !gather->pictures[i].waits_last; i++)
		;
	gather->pictures[i].waits_last = false;
	batch->n_last--;
	return &gather->pictures[i];
}

/* 0; -1: it has ended, after a complaint. */
static int
open_source(struct batch *batch, struct picture *picture)
{
	char detail[100];
	struct stat st;

	picture->source = open(picture->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY |
	    (picture->is_found ? O_NOFOLLOW : 0));
	if (picture->source < 0 || fstat(picture->source, &st) != 0) {
		fail_with(batch, picture, "It cannot be read.", strerror(errno));
		return -1;
	}
	if (!S_ISREG(st.st_mode)) {
		fail_with(batch, picture, "It is no file any more.", "");
		return -1;
	}
	if ((uint64_t)st.st_size > batch->conf->limit_file_bytes) {
		snprintf(detail, sizeof(detail), "the file has %lld bytes, limits.file allows %llu",
		    (long long)st.st_size, (unsigned long long)batch->conf->limit_file_bytes);
		end_bad(batch, picture, REASON_TOO_BIG, detail);
		return -1;
	}
	picture->id = spool_id_of(&st);
	picture->is_png = magic_of(picture->source) == MAGIC_PNG;
	picture->killer = CREW_NOBODY;
	picture->kept = 0;
	return 0;
}

struct opener {
	const struct results *results;
	uint64_t task;
};

static int
open_result(void *opener, int i)
{
	const struct opener *o = opener;

	return results_open_one(o->results, o->task, i);
}

static void
begin_picture(struct batch *batch, struct picture *picture, int64_t now_ms)
{
	const struct profile *profile = batch->results->profile;
	struct opener opener = { batch->results, ++batch->n_tasks };
	struct crew_task task = { .number = opener.task, .limits = &batch->conf->limits,
		.renditions = profile->renditions, .mark_fds = profile->mark_fds,
		.n_renditions = profile->n_renditions, .open_result = open_result, .opener = &opener };

	if (open_source(batch, picture) != 0)
		return;
	picture->task = task.number;
	task.source = picture->source;
	task.source_bytes = (uint64_t)picture->id.size;
	if (crew_hand_over(batch->pool, picture, &task, now_ms) == 0)
		return;
	if (errno != EAGAIN) {
		end_trouble(batch, picture, errno, "");
		return;
	}
	let_go(batch, picture); /* its worker died meanwhile: another one takes it, in the end */
	picture->waits_last = true;
	batch->n_last++;
}

/* ---- the loop ---------------------------------------------------------------------------- */

static bool
is_at_end(const struct batch *batch)
{
	bool has_more = batch->i_next < batch->gather->n || batch->n_last > 0;

	return pool_n_busy(batch->pool) == 0 && (batch->is_over || !has_more);
}

/* Until a worker says something, the pool has something to do, or a signal of MASK comes. */
static void
wait_for_news(struct batch *batch, const sigset_t *mask)
{
	struct pollfd fds[POLL_MAX];
	int n = pool_fds(batch->pool, fds);
	int64_t due_ms = pool_due(batch->pool), left_ms = due_ms - clock_ms();
	struct timespec left = { 0 };

	if (left_ms > 0)
		left = (struct timespec){ .tv_sec = left_ms / 1000,
			.tv_nsec = left_ms % 1000 * 1000000 };
	ppoll(fds, (nfds_t)n, due_ms == CLOCK_NEVER ? NULL : &left, mask);
}

static void
run_turn(struct batch *batch)
{
	int64_t now_ms = clock_ms();
	struct picture *picture;

	pool_turn(batch->pool, now_ms);
	hear_all(batch, now_ms);
	while ((picture = next_picture(batch)) != NULL)
		begin_picture(batch, picture, now_ms);
	if (pool_n_broken(batch->pool) >= MAX_BROKEN && !batch->is_over) {
		clear_bar(batch);
		ctl_complain("%s does not start as a worker; run it with --version, and see that it is of "
		    "this version (" PACKAGE_VERSION ")", batch->program);
		batch->is_over = true;
	}
	show_bar(batch, now_ms);
}

/* Everything has ended, or a signal ended it: then its workers are killed in mid-picture. */
static int
end_batch(struct batch *batch)
{
	struct gather *gather = batch->gather;
	size_t n_left = gather->n - batch->n_done - batch->n_failed, i;

	pool_close(batch->pool);
	for (i = 0; i < gather->n; i++)
		let_go(batch, &gather->pictures[i]);
	clear_bar(batch);
	if (*batch->ctl->is_interrupted)
		return 128 + *batch->ctl->is_interrupted; /* as a shell says it */
	if (n_left > 0)
		ctl_complain("not begun or not finished: %zu of %zu", n_left, gather->n);
	return n_left > 0 || batch->n_failed > 0 ? CTL_FAILED : CTL_DONE;
}

int
batch_run(struct batch *batch)
{
	const struct conf *conf = batch->conf;
	struct pool_settings settings = {
		.n_workers = conf->n_workers,
		.launch = { .program = batch->program, .memory_bytes = conf->limits.memory_bytes,
			.file_bytes = launch_file_bytes(conf->limits.pixels, conf->limit_file_bytes),
			.nice = conf->nice, .layers = batch->probe->layers,
			.uid = conf->uid, .gid = conf->gid },
		.time_limit_ms = conf->time_limit_ms,
		.images_per_worker = conf->images_per_worker,
	};
	sigset_t all, before;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	batch->pool = pool_new(&settings);
	if ((size_t)pool_n_workers(batch->pool) > batch->gather->n) {
		settings.n_workers = (int)batch->gather->n;
		pool_set(batch->pool, &settings);
	}
	do {
		run_turn(batch);
		if (!is_at_end(batch))
			wait_for_news(batch, &before);
	} while (!is_at_end(batch) && !*batch->ctl->is_interrupted);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return end_batch(batch);
}
