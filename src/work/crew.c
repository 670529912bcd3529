/* work/crew.c - between a job and the pool: the way out to a worker, and the judgement of its end. */
#include <config.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/chan.h"
#include "work/crew.h"

#define WORKER_OWN_BYTES (UINT64_C(256) << 20) /* its address space beside planes and codecs */

static void
begin_message(struct msg_task *message, const struct crew_task *task)
{
	uint64_t whole = task->limits->memory_bytes;

	memset(message, 0, sizeof(*message)); /* the padding too: it leaves this process */
	message->version = MSG_VERSION;
	message->task = task->number;
	message->source_bytes = task->source_bytes;
	message->is_durable = task->is_durable;
	message->limits = *task->limits;
	message->limits.memory_bytes =
	    whole > 2 * WORKER_OWN_BYTES ? whole - WORKER_OWN_BYTES : whole / 2;
}

static void
add_output(struct msg_task *message, const struct rendition *rendition, int index)
{
	struct rendition *output = &message->outputs[message->n_outputs];

	*output = *rendition;
	memset(output->mark_path, 0, sizeof(output->mark_path)); /* a worker has no use for a path */
	message->index[message->n_outputs++] = index;
}

int
crew_fill(const struct crew_task *task, struct msg_task *message, int *fds)
{
	int n_fds = 1, i, fd;

	begin_message(message, task);
	fds[0] = task->source;
	for (i = 0; i < task->n_renditions; i++) {
		fd = task->open_result(task->opener, i);
		if (fd == CREW_IS_FINISHED)
			continue;
		if (fd < 0) {
			int saved = errno;

			while (n_fds > 1)
				close(fds[--n_fds]);
			errno = saved;
			return -1;
		}
		fds[n_fds++] = fd;
		add_output(message, &task->renditions[i], i);
	}
	for (i = 0; i < (int)message->n_outputs; i++)
		if (message->outputs[i].mark_bytes != 0)
			fds[n_fds++] = task->mark_fds[message->index[i]];
	return n_fds;
}

int
crew_hand_over(struct pool *pool, void *job, const struct crew_task *task, int64_t now_ms)
{
	static struct msg_task message; /* 10 KB, gone when sent */
	int fds[CHAN_MAX_FDS];
	int n_fds = crew_fill(task, &message, fds);
	int result, saved, i;

	if (n_fds < 0)
		return -1;
	result = pool_hand_over(pool, job, &message, fds, n_fds, now_ms);
	saved = errno;
	for (i = 1; i <= (int)message.n_outputs; i++)
		close(fds[i]);
	errno = saved;
	return result;
}

enum crew_killer
crew_refuse(int error)
{
	return error == EPROTO || error == ENOENT ? CREW_LIE : CREW_TROUBLE;
}

static struct crew_verdict
count_death(enum reason bad, const char *why, int n_deaths, int n_attempts)
{
	return (struct crew_verdict){ n_deaths + 1 < n_attempts ? CREW_AGAIN : CREW_GIVE_UP, bad, why };
}

struct crew_verdict
crew_judge(const struct pool_news *gone, enum crew_killer killer, int n_deaths, int n_attempts)
{
	switch (killer) {
	case CREW_STOP:
	case CREW_CANCEL:
		return (struct crew_verdict){ CREW_GO_ON, REASON_NONE, gone->why };
	case CREW_TROUBLE:
		return (struct crew_verdict){ CREW_TROUBLED, REASON_NONE, gone->why };
	case CREW_TIMEOUT:
		return count_death(REASON_TOO_SLOW, "it took longer than workers.time_limit", n_deaths,
		    n_attempts);
	case CREW_LIE:
		return count_death(REASON_WORKER_DIED, "a result is not what the worker said", n_deaths,
		    n_attempts);
	case CREW_NOBODY:
		break;
	}
	if (gone->is_memory)
		return count_death(REASON_TOO_BIG, "the worker ran out of memory (workers.memory)", n_deaths,
		    n_attempts);
	return count_death(REASON_WORKER_DIED, gone->why, n_deaths, n_attempts);
}

struct crew_verdict
crew_judge_undone(int n_deaths, int n_attempts)
{
	return count_death(REASON_WORKER_DIED, "the worker said it was done and was not", n_deaths, n_attempts);
}
