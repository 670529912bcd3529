/* master/commit.c - between two steps on the way home: the disk is waited for, for all jobs together. */
#include <config.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/chan.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "master/commit.h"
#include "spool/spool.h"
#include "work/syncer.h"

#define PAUSE_MS 1000 /* before a syncer that could not be started is tried again */

struct batch {
	struct synclist list;
	struct job **jobs;
	size_t n, room;
};

struct commit {
	struct batch open;    /* fills up */
	struct batch sent;    /* the syncer has it */
	struct batch over;    /* told by commit_next(); its list is empty */
	int error;            /* of `over` */
	bool is_out;          /* `sent` is under way */
	uint64_t number;      /* of `sent` */
	struct worker_handle syncer; /* pid 0: there is none */
	int64_t retry_ms;     /* no syncer before then */
	const struct spool *spool;
};

struct commit *
commit_new(const struct spool *spool)
{
	struct commit *c = mem_alloc(sizeof(*c));

	c->spool = spool;
	return c;
}

static void
clear_batch(struct batch *batch)
{
	synclist_clear(&batch->list);
	free(batch->jobs);
	*batch = (struct batch){ 0 };
}

/* It may hang in the disk: it is killed, and reaped only if it ends at once. */
static void
drop_syncer(struct commit *c)
{
	if (c->syncer.pid == 0)
		return;
	close(c->syncer.chan);
	close(c->syncer.pidfd);
	kill(c->syncer.pid, SIGKILL);
	waitpid(c->syncer.pid, NULL, WNOHANG);
	c->syncer = (struct worker_handle){ 0 };
}

void
commit_free(struct commit *c)
{
	if (c == NULL)
		return;
	drop_syncer(c);
	clear_batch(&c->open);
	clear_batch(&c->sent);
	clear_batch(&c->over);
	free(c);
}

struct synclist *
commit_list(struct commit *c)
{
	return c->spool->is_durable ? &c->open.list : NULL;
}

void
commit_await(struct commit *c, struct job *job)
{
	c->open.jobs = mem_grow(c->open.jobs, &c->open.room, c->open.n + 1, sizeof(*c->open.jobs));
	c->open.jobs[c->open.n++] = job;
}

int
commit_fds(const struct commit *c, struct pollfd *fds)
{
	if (!c->is_out)
		return 0;
	fds[0] = (struct pollfd){ .fd = c->syncer.chan, .events = POLLIN };
	return 1;
}

/* Do jobs wait for a batch that holds nothing? */
static bool
needs_nothing(const struct batch *batch)
{
	return batch->n > 0 && batch->list.n == 0;
}

int64_t
commit_due(const struct commit *c)
{
	if (c->over.n > 0 || needs_nothing(&c->open))
		return 0;
	return c->is_out || c->open.list.n == 0 ? CLOCK_NEVER : c->retry_ms;
}

/* The batch under way ended with ERROR, or was never sent. */
static void
end_batch(struct commit *c, int error)
{
	if (error != 0)
		log_warn(NULL, "event=flush-failed jobs=%zu error=\"%s\"", c->sent.n, strerror(error));
	clear_batch(&c->over);
	c->over = c->sent;
	synclist_clear(&c->over.list);
	c->sent = (struct batch){ 0 };
	c->error = error;
	c->is_out = false;
}

static void
hear_syncer(struct commit *c)
{
	struct syncer_answer answer;
	ssize_t size = chan_receive(c->syncer.chan, &answer, sizeof(answer), NULL, NULL, 1);

	if (size < 0 && errno == EAGAIN)
		return;
	if (size == (ssize_t)sizeof(answer) && answer.version == SYNCER_VERSION &&
	    answer.batch == c->number) {
		end_batch(c, answer.error);
		return;
	}
	log_warn(NULL, "event=syncer-died");
	drop_syncer(c);
	end_batch(c, EIO);
}

static int
send_list(struct commit *c)
{
	struct syncer_request request = { .version = SYNCER_VERSION, .batch = c->number };
	const struct synclist *list = &c->sent.list;
	int fds[CHAN_MAX_FDS];
	size_t i = 0;
	int n;

	while (i < list->n) {
		for (n = 0; n < CHAN_MAX_FDS && i < list->n; n++)
			fds[n] = list->items[i++].fd;
		request.is_last = i == list->n;
		if (chan_send(c->syncer.chan, &request, sizeof(request), fds, n) != 0)
			return -1;
	}
	return 0;
}

static int
start_syncer(struct commit *c)
{
	if (c->syncer.pid != 0)
		return 0;
	return launch_syncer(&c->syncer);
}

static void
send_batch(struct commit *c, int64_t now_ms)
{
	int error;

	c->sent = c->open;
	c->open = (struct batch){ 0 };
	c->number++;
	synclist_sort(&c->sent.list);
	c->is_out = true;
	if (start_syncer(c) == 0 && send_list(c) == 0)
		return;
	error = errno;
	log_warn(NULL, "event=no-syncer error=\"%s\"", strerror(error));
	drop_syncer(c);
	c->retry_ms = now_ms + PAUSE_MS;
	end_batch(c, error);
}

void
commit_turn(struct commit *c, int64_t now_ms)
{
	if (c->is_out)
		hear_syncer(c);
	if (!c->is_out && c->over.n == 0 && c->open.list.n > 0 && now_ms >= c->retry_ms)
		send_batch(c, now_ms);
}

bool
commit_next(struct commit *c, struct job **job, int *error)
{
	struct batch *answered = c->over.n == 0 && needs_nothing(&c->open) ? &c->open : &c->over;

	if (answered->n == 0)
		return false;
	*job = answered->jobs[--answered->n];
	*error = answered == &c->over ? c->error : 0;
	return true;
}

size_t
commit_n_waiting(const struct commit *c)
{
	return c->open.n + c->sent.n + c->over.n;
}
