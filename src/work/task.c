/* work/task.c - a task for a worker, filled in. */
#include <config.h>

#include <string.h>

#include "work/task.h"

#define WORKER_OWN_BYTES (UINT64_C(256) << 20) /* its address space beside planes and codecs */

void
task_begin(struct msg_task *task, uint64_t number, uint64_t source_bytes,
    const struct develop_limits *limits)
{
	uint64_t whole = limits->memory_bytes;

	memset(task, 0, sizeof(*task)); /* the padding too */
	task->version = MSG_VERSION;
	task->task = number;
	task->source_bytes = source_bytes;
	task->limits = *limits;
	task->limits.memory_bytes =
	    whole > 2 * WORKER_OWN_BYTES ? whole - WORKER_OWN_BYTES : whole / 2;
}

void
task_add(struct msg_task *task, const struct rendition *rendition, int index)
{
	task->outputs[task->n_outputs] = *rendition;
	memset(task->outputs[task->n_outputs].mark_path, 0, RENDITION_PATH_SIZE);
	task->index[task->n_outputs] = index;
	task->n_outputs++;
}

int
task_add_marks(const struct msg_task *task, const int *marks, int *fds, int n_fds)
{
	uint32_t i;

	for (i = 0; i < task->n_outputs; i++)
		if (task->outputs[i].mark_bytes != 0)
			fds[n_fds++] = marks[task->index[i]];
	return n_fds;
}
