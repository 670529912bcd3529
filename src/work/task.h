/* work/task.h - filling in the task that a worker gets.
 *
 * Place:   crew -> here -> msg.
 * Why:     daemon and command must ask a worker for the same in the same words, so that their
 *          results are the same bytes.
 */
#ifndef WORK_TASK_H
#define WORK_TASK_H

#include "work/msg.h"

/* A task without outputs. NUMBER: see msg.h.
 * LIMITS: with memory_bytes as the worker's whole address space (launch.h); what is left of it
 * for a picture is reckoned here. */
void task_begin(struct msg_task *task, uint64_t number, uint64_t source_bytes,
    const struct develop_limits *limits);

/* One output more, which is rendition INDEX of the profile. Its descriptor goes behind those of
 * the outputs before it. At most RENDITION_MAX times. */
void task_add(struct msg_task *task, const struct rendition *rendition, int index);

/* All outputs are there: put the descriptors of their watermarks behind the N_FDS of source and
 * outputs in FDS, which has room for CHAN_MAX_FDS. MARKS: by rendition of the profile, borrowed.
 * Returns how many descriptors there are then. */
int task_add_marks(const struct msg_task *task, const int *marks, int *fds, int n_fds);

#endif
