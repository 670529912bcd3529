/* work/pool.c - workers started, fed, heard and buried; every event of a worker passes pool_next(). */
#include <config.h>

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/chan.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "work/pool.h"

#define PAUSE_FIRST_MS 500
#define PAUSE_MOST_MS 30000
#define HELLO_MS 60000 /* a worker warms up in 20 ms; under a sanitizer on a busy machine in seconds */

enum slot_state { SLOT_EMPTY, SLOT_STARTING, SLOT_IDLE, SLOT_BUSY, SLOT_DYING, SLOT_N };

static const char *const slot_names[SLOT_N] = {
	[SLOT_EMPTY] = "empty",
	[SLOT_STARTING] = "starting",
	[SLOT_IDLE] = "idle",
	[SLOT_BUSY] = "busy",
	[SLOT_DYING] = "dying",
};

struct slot {
	enum slot_state state;
	struct worker_handle handle;
	void *job;             /* BUSY, or DYING in mid-task */
	uint64_t task;
	int64_t deadline_ms;   /* of HELLO, then of the task; CLOCK_NEVER: none, or it has passed */
	int n_images;
	bool said_hello;
	bool is_garbled;       /* it dies because it talks nonsense */
	char why[100];         /* we know why it dies */
};

struct pool {
	struct pool_settings settings;
	struct slot slots[POOL_MAX];
	int64_t respawn_ms;    /* not before */
	int64_t pause_ms;      /* the next pause after a worker that could not start */
	int n_broken;          /* that could not start, in a row */
};

static void
apply_settings(struct pool *pool, const struct pool_settings *settings)
{
	cpu_set_t cpus;

	pool->settings = *settings;
	if (pool->settings.n_workers == 0)
		pool->settings.n_workers = sched_getaffinity(0, sizeof(cpus), &cpus) == 0 ?
		    CPU_COUNT(&cpus) : 1;
	if (pool->settings.n_workers > POOL_MAX)
		pool->settings.n_workers = POOL_MAX;
}

struct pool *
pool_new(const struct pool_settings *settings)
{
	struct pool *pool = mem_alloc(sizeof(*pool));

	apply_settings(pool, settings);
	pool->pause_ms = PAUSE_FIRST_MS;
	return pool;
}

static void
kill_slot(struct slot *slot, const char *why)
{
	if (slot->state == SLOT_EMPTY || slot->state == SLOT_DYING)
		return;
	/* The kernel gives the worker's memory back at the worker's own priority: 35 ms for 400 MiB, and
	 * at workers.nice on a busy machine as long as everybody else has work. So the worker gets ours
	 * before it is killed. That needs root; without it a STOP may take that long. */
	setpriority(PRIO_PROCESS, (id_t)slot->handle.pid, getpriority(PRIO_PROCESS, 0));
	pidfd_send_signal(slot->handle.pidfd, SIGKILL, NULL, 0);
	slot->state = SLOT_DYING;
	slot->deadline_ms = CLOCK_NEVER;
	snprintf(slot->why, sizeof(slot->why), "%s", why);
}

/* Idle workers of the old settings are replaced; busy ones after their task. */
void
pool_set(struct pool *pool, const struct pool_settings *settings)
{
	int i;

	apply_settings(pool, settings);
	for (i = 0; i < POOL_MAX; i++) {
		pool->slots[i].n_images = settings->images_per_worker;
		if (pool->slots[i].state == SLOT_IDLE || pool->slots[i].state == SLOT_STARTING)
			kill_slot(&pool->slots[i], "the configuration was read again");
	}
}

/* Gather the exit status and let go of the descriptors; waits only for what is already dying. */
static int
reap_worker(struct slot *slot)
{
	int status = 0;

	while (waitpid(slot->handle.pid, &status, 0) < 0 && errno == EINTR)
		;
	close(slot->handle.pidfd);
	close(slot->handle.chan);
	slot->state = SLOT_EMPTY;
	return status;
}

void
pool_close(struct pool *pool)
{
	int i;

	for (i = 0; i < POOL_MAX; i++)
		kill_slot(&pool->slots[i], "the daemon ends");
	for (i = 0; i < POOL_MAX; i++)
		if (pool->slots[i].state != SLOT_EMPTY)
			reap_worker(&pool->slots[i]);
	free(pool);
}

int
pool_fds(const struct pool *pool, struct pollfd *fds)
{
	int i, n = 0;

	for (i = 0; i < POOL_MAX; i++) {
		if (pool->slots[i].state == SLOT_EMPTY)
			continue;
		fds[n++] = (struct pollfd){ .fd = pool->slots[i].handle.pidfd, .events = POLLIN };
		if (pool->slots[i].state != SLOT_DYING) /* its end of file would wake us for nothing */
			fds[n++] = (struct pollfd){ .fd = pool->slots[i].handle.chan, .events = POLLIN };
	}
	return n;
}

int64_t
pool_due(const struct pool *pool)
{
	int64_t due = CLOCK_NEVER;
	int i;

	for (i = 0; i < POOL_MAX; i++) {
		if (pool->slots[i].state != SLOT_EMPTY)
			due = clock_min(due, pool->slots[i].deadline_ms);
		if (pool->slots[i].state == SLOT_EMPTY && i < pool->settings.n_workers)
			due = clock_min(due, pool->respawn_ms);
	}
	return due;
}

/* A worker could not start: the next one is not tried at once. */
static void
pause_starts(struct pool *pool, int64_t now_ms)
{
	pool->n_broken++;
	pool->respawn_ms = now_ms + pool->pause_ms;
	pool->pause_ms = clock_min(2 * pool->pause_ms, PAUSE_MOST_MS);
}

static void
start_worker(struct pool *pool, struct slot *slot, int64_t now_ms)
{
	*slot = (struct slot){ .state = SLOT_STARTING, .deadline_ms = now_ms + HELLO_MS };
	if (launch_worker(&pool->settings.launch, &slot->handle) == 0)
		return;
	log_error(NULL, "event=worker-not-started error=\"%s\" retry_ms=%lld", strerror(errno),
	    (long long)pool->pause_ms);
	slot->state = SLOT_EMPTY;
	pause_starts(pool, now_ms);
}

void
pool_turn(struct pool *pool, int64_t now_ms)
{
	int i;

	for (i = 0; i < POOL_MAX; i++) {
		if (pool->slots[i].state == SLOT_EMPTY && i < pool->settings.n_workers &&
		    now_ms >= pool->respawn_ms)
			start_worker(pool, &pool->slots[i], now_ms);
		if (pool->slots[i].state == SLOT_IDLE && i >= pool->settings.n_workers)
			kill_slot(&pool->slots[i], "fewer workers are wanted");
	}
}

/* What a dead worker's status says, in words. */
static void
describe_death(const struct slot *slot, int status, struct pool_news *news)
{
	news->is_memory = WIFEXITED(status) && WEXITSTATUS(status) == MSG_EXIT_MEMORY;
	if (slot->why[0] != '\0')
		snprintf(news->why, sizeof(news->why), "%s", slot->why);
	else if (news->is_memory)
		snprintf(news->why, sizeof(news->why), "it ran out of memory");
	else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		snprintf(news->why, sizeof(news->why), "worker died of signal %d (forbidden system call); "
		    "the kernel's log names the call", SIGSYS);
	else if (WIFEXITED(status) && WEXITSTATUS(status) == MSG_EXIT_BOX)
		snprintf(news->why, sizeof(news->why), "a library is broken, or its sandbox is not tight");
	else if (WIFSIGNALED(status))
		snprintf(news->why, sizeof(news->why), "signal %d (%s)", WTERMSIG(status),
		    strsignal(WTERMSIG(status)));
	else
		snprintf(news->why, sizeof(news->why), "exit status %d", WEXITSTATUS(status));
}

/* A worker is dead: true when a job has to hear of it. */
static bool
bury_worker(struct pool *pool, struct slot *slot, struct pool_news *news, int64_t now_ms)
{
	void *job = slot->job;

	*news = (struct pool_news){ .kind = POOL_WORKER_GONE, .job = job, .task = slot->task };
	describe_death(slot, reap_worker(slot), news);
	log_debug(NULL, "event=worker-gone pid=%ld why=\"%s\"", (long)slot->handle.pid, news->why);
	if (!slot->said_hello && (slot->why[0] == '\0' || slot->is_garbled)) {
		log_error(NULL, "event=worker-broken pid=%ld why=\"%s\" retry_ms=%lld "
		    "remedy=\"run darkroomd --version and look for a broken library\"",
		    (long)slot->handle.pid, news->why, (long long)pool->pause_ms);
		pause_starts(pool, now_ms);
	}
	slot->job = NULL;
	return job != NULL;
}

/* Its first word; said again it means nothing. */
static void
welcome_worker(struct pool *pool, struct slot *slot)
{
	if (slot->state != SLOT_STARTING)
		return;
	slot->said_hello = true;
	slot->state = SLOT_IDLE;
	slot->deadline_ms = CLOCK_NEVER;
	pool->pause_ms = PAUSE_FIRST_MS;
	pool->n_broken = 0;
}

/* SLOT has no job any more. IS_TAINTED: a picture broke its decoder. */
static void
end_task(struct pool *pool, struct slot *slot, bool is_tainted)
{
	slot->job = NULL;
	slot->task = 0;
	slot->deadline_ms = CLOCK_NEVER;
	slot->state = SLOT_IDLE;
	if (is_tainted || slot->n_images >= pool->settings.images_per_worker)
		kill_slot(slot, is_tainted ? "it met a broken picture" : "it served its time");
}

/* One record of SLOT: true when it is news about its job. */
static bool
hear_worker(struct pool *pool, struct slot *slot, struct pool_news *news)
{
	const char *why = "";
	ssize_t size;

	*news = (struct pool_news){ .kind = POOL_SAID, .job = slot->job, .task = slot->task };
	size = chan_receive(slot->handle.chan, &news->said, sizeof(news->said), NULL, NULL, 1);
	if (size < 0 && errno == EAGAIN)
		return false;
	if (size == 0) { /* it is ending, and if not of itself, then so; the pidfd will tell */
		kill_slot(slot, "");
		return false;
	}
	if (size < 0 || !msg_check_news(&news->said, (size_t)size, slot->task, &why)) {
		log_warn(NULL, "event=worker-garbage pid=%ld why=\"%s\"", (long)slot->handle.pid,
		    size < 0 ? strerror(errno) : why);
		kill_slot(slot, "it sent a message that makes no sense");
		slot->is_garbled = true;
		return false;
	}
	if (news->said.kind == MSG_HELLO)
		welcome_worker(pool, slot);
	else if (news->said.kind != MSG_PROGRESS && news->said.kind != MSG_RENDITION)
		end_task(pool, slot, news->said.kind == MSG_BAD);
	return news->said.kind != MSG_HELLO;
}

static bool
is_dead(const struct slot *slot)
{
	struct pollfd fd = { .fd = slot->handle.pidfd, .events = POLLIN };

	return poll(&fd, 1, 0) > 0;
}

bool
pool_next(struct pool *pool, struct pool_news *news, int64_t now_ms)
{
	struct slot *slot;

	for (slot = pool->slots; slot < pool->slots + POOL_MAX; slot++) {
		if (slot->state == SLOT_EMPTY)
			continue;
		/* What it said before it died counts, so listen first. */
		if (slot->state != SLOT_DYING && hear_worker(pool, slot, news))
			return true;
		if (is_dead(slot)) {
			if (slot->state != SLOT_DYING && hear_worker(pool, slot, news))
				return true;
			if (bury_worker(pool, slot, news, now_ms))
				return true;
		} else if (slot->state == SLOT_STARTING && now_ms >= slot->deadline_ms) {
			kill_slot(slot, "it did not come up");
			slot->is_garbled = true; /* as broken as one that talks nonsense */
		} else if (slot->state == SLOT_BUSY && now_ms >= slot->deadline_ms) {
			slot->deadline_ms = CLOCK_NEVER;
			*news = (struct pool_news){ .kind = POOL_TIMEOUT, .job = slot->job,
				.task = slot->task };
			return true;
		}
	}
	return false;
}

bool
pool_has_free(const struct pool *pool)
{
	int i;

	for (i = 0; i < pool->settings.n_workers; i++)
		if (pool->slots[i].state == SLOT_IDLE)
			return true;
	return false;
}

int
pool_n_busy(const struct pool *pool)
{
	int i, n = 0;

	for (i = 0; i < POOL_MAX; i++)
		n += pool->slots[i].job != NULL;
	return n;
}

int
pool_n_workers(const struct pool *pool)
{
	return pool->settings.n_workers;
}

int
pool_n_broken(const struct pool *pool)
{
	return pool->n_broken;
}

int
pool_hand_over(struct pool *pool, void *job, const struct msg_task *task, const int *fds,
    int n_fds, int64_t now_ms)
{
	struct slot *slot = pool->slots;

	while (slot < pool->slots + POOL_MAX && slot->state != SLOT_IDLE)
		slot++;
	if (slot == pool->slots + POOL_MAX) {
		errno = EAGAIN;
		return -1;
	}
	if (chan_send(slot->handle.chan, task, sizeof(*task), fds, n_fds) != 0) {
		kill_slot(slot, "it did not take its task");
		errno = EAGAIN;
		return -1;
	}
	slot->state = SLOT_BUSY;
	slot->job = job;
	slot->task = task->task;
	slot->deadline_ms = now_ms + pool->settings.time_limit_ms;
	slot->n_images++;
	return 0;
}

static struct slot *
find_slot(struct pool *pool, const void *job)
{
	struct slot *slot;

	for (slot = pool->slots; slot < pool->slots + POOL_MAX; slot++)
		if (slot->state != SLOT_EMPTY && slot->job == job)
			return slot;
	return NULL;
}

void
pool_kill(struct pool *pool, const void *job)
{
	struct slot *slot = find_slot(pool, job);

	if (slot != NULL)
		kill_slot(slot, "killed");
}

void
pool_log(const struct pool *pool)
{
	const struct slot *slot;

	for (slot = pool->slots; slot < pool->slots + POOL_MAX; slot++)
		if (slot->state != SLOT_EMPTY)
			log_info(NULL, "worker=%ld state=%s images=%d task=%" PRIu64,
			    (long)slot->handle.pid, slot_names[slot->state], slot->n_images, slot->task);
}
