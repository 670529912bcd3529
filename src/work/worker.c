/* work/worker.c - the whole life of a worker: warm up, box, then a task at a time. */
#include <config.h>

#include <errno.h>
#include <linux/close_range.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/chan.h"
#include "base/clock.h"
#include "image/develop.h"
#include "image/graph.h"
#include "work/launch.h"
#include "work/msg.h"
#include "work/sandbox.h"
#include "work/worker.h"

#define TELL_MS 50 /* between two news of progress; people look less often */

struct worker {
	struct developer *developer;
	const struct msg_task *task; /* in hand, or NULL */
	const int *outputs;          /* its descriptors, in the order of task->outputs */
	int error;                   /* errno of the first fsync that failed, or 0 */
	int64_t told_ms;             /* when progress was told last */
	bool has_low_limit;          /* whoever started the daemon allows shorter files than the box does */
};

static struct msg_news
new_news(const struct worker *worker, enum msg_kind kind)
{
	struct msg_news news;

	memset(&news, 0, sizeof(news)); /* the padding too: it leaves this process */
	news.version = MSG_VERSION;
	news.kind = kind;
	news.task = worker->task == NULL ? 0 : worker->task->task;
	news.index = -1;
	return news;
}

/* A parent that is gone or does not listen any more leaves nothing to do. */
static void
say_news(const struct msg_news *news)
{
	if (chan_send(LAUNCH_CHAN_FD, news, sizeof(*news), NULL, 0) != 0)
		_exit(MSG_EXIT_OK);
}

/* A thousand messages for a picture would cost the two of us as much as a result does. */
static bool
is_too_soon(struct worker *worker)
{
	int64_t now = clock_ms();

	if (now - worker->told_ms < TELL_MS)
		return true;
	worker->told_ms = now;
	return false;
}

/* The engine's news on their way to the master: a complete result is made durable first. */
static void
pass_on(void *listener, const struct develop_news *news)
{
	struct worker *worker = listener;
	struct msg_news out = new_news(worker, news->is_complete ? MSG_RENDITION : MSG_PROGRESS);

	if (!news->is_complete && is_too_soon(worker))
		return;
	if (news->is_complete && worker->task->is_durable && fsync(worker->outputs[news->i_output]) != 0) {
		if (worker->error == 0)
			worker->error = errno;
		return;
	}
	out.stage = news->stage;
	out.permille = news->permille;
	out.index = news->i_output < 0 ? -1 : worker->task->index[news->i_output];
	out.bytes = news->bytes;
	out.width_px = news->width_px;
	out.height_px = news->height_px;
	out.quality = news->quality;
	say_news(&out);
}

/* More than the box lets us write (launch_file_bytes), or than the file system can hold in a file:
 * neither comes to an end by waiting. */
static void
refuse_length(struct msg_news *out)
{
	out->kind = MSG_BAD;
	out->bad = REASON_TOO_BIG;
	out->error = 0;
	snprintf(out->text, sizeof(out->text), "a result would be longer than limits.pixels and "
	    "limits.file allow (man 5 darkroom.ini), or than the file system allows a file to be");
}

static void
say_outcome(struct worker *worker, int result, const struct develop_outcome *outcome)
{
	int error = worker->error != 0 ? worker->error : outcome->error;
	struct msg_news out = new_news(worker, MSG_DONE);

	if (error == ENOMEM)
		_exit(MSG_EXIT_MEMORY);
	if (error != 0)
		out.kind = MSG_TROUBLE;
	else if (result != 0)
		out.kind = MSG_BAD;
	out.error = error;
	out.bad = result != 0 && outcome->bad == REASON_NONE ? REASON_CORRUPT : outcome->bad;
	out.n_warnings = outcome->n_warnings;
	out.width_px = outcome->width_px;
	out.height_px = outcome->height_px;
	snprintf(out.text, sizeof(out.text), "%s", outcome->text);
	if (error == EFBIG && !worker->has_low_limit)
		refuse_length(&out);
	say_news(&out);
}

static void
develop_task(struct worker *worker, const struct msg_task *task, const int *fds)
{
	struct develop_output outputs[RENDITION_MAX];
	const int *marks = fds + 1 + task->n_outputs;
	struct develop_outcome outcome;
	uint32_t i;
	int result;

	memset(&outcome, 0, sizeof(outcome));
	worker->task = task;
	worker->outputs = fds + 1;
	worker->error = 0;
	for (i = 0; i < task->n_outputs; i++)
		outputs[i] = (struct develop_output){ .fd = fds[i + 1], .spec = task->outputs[i],
			.mark_fd = task->outputs[i].mark_bytes == 0 ? -1 : *marks++ };
	result = develop_run(worker->developer, fds[0], task->source_bytes, outputs,
	    (int)task->n_outputs, &task->limits, pass_on, worker, &outcome);
	say_outcome(worker, result, &outcome);
	worker->task = NULL;
}

/* Returns when the channel is closed, or when something came that is no task of ours. */
static void
serve_tasks(struct worker *worker)
{
	static struct msg_task task; /* 10 KB, and only one at a time */
	int fds[CHAN_MAX_FDS];
	const char *why;
	int n_fds, i;
	ssize_t size;

	while ((size = chan_receive(LAUNCH_CHAN_FD, &task, sizeof(task), fds, &n_fds, 0)) > 0) {
		if (msg_check_task(&task, (size_t)size, n_fds, &why))
			develop_task(worker, &task, fds);
		else
			size = 0;
		for (i = 0; i < n_fds; i++)
			close(fds[i]);
		if (size == 0)
			return;
	}
}

/* As launch.c writes them. */
static struct sandbox
read_box(char **argv)
{
	return (struct sandbox){
		.parent = (pid_t)atol(argv[0]),
		.memory_bytes = strtoull(argv[1], NULL, 10),
		.file_bytes = strtoull(argv[2], NULL, 10),
		.nice = atoi(argv[3]),
		.layers = (unsigned)strtoul(argv[4], NULL, 10),
		.uid = (uid_t)strtoul(argv[5], NULL, 10),
		.gid = (gid_t)strtoul(argv[6], NULL, 10),
	};
}

/* A result that is too long for a limit from outside is the machine's fault, not its picture's. */
static bool
has_low_limit(uint64_t file_bytes)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
	    limit.rlim_cur < file_bytes;
}

/* Into the box, and one tiny picture developed there: a library that calls for something which the box
 * forbids, on this machine, kills a worker that has said nothing yet, and no photograph is blamed. */
static int
enter_box(struct developer *developer, struct sandbox *box)
{
	int fds[DEVELOPER_TRIAL_FILES], i, result;

	if (close_range(LAUNCH_CHAN_FD + 1, ~0u, 0) != 0 || developer_trial_files(fds) != 0)
		return -1; /* they are 4 to 7 now */
	box->n_kept = DEVELOPER_TRIAL_FILES;
	if (sandbox_enter(box) != 0)
		return -1;
	result = developer_trial(developer, fds);
	for (i = 0; i < DEVELOPER_TRIAL_FILES; i++)
		close(fds[i]);
	return result;
}

void
worker_engine(char text[WORKER_ENGINE_SIZE])
{
	_Static_assert(WORKER_ENGINE_SIZE >= GRAPH_CPU_TEXT_SIZE, "the text has to fit");
	graph_cpu_text(text);
}

int
worker_main(int argc, char **argv)
{
	struct worker worker = { 0 };
	struct msg_news hello;
	struct sandbox box;

	if (argc != 7)
		return MSG_EXIT_BOX;
	box = read_box(argv);
	worker.has_low_limit = has_low_limit(box.file_bytes);
	worker.developer = developer_new();
	if (developer_warm_up(worker.developer) != 0 || enter_box(worker.developer, &box) != 0)
		return MSG_EXIT_BOX;
	hello = new_news(&worker, MSG_HELLO);
	say_news(&hello);
	serve_tasks(&worker);
	developer_free(worker.developer);
	return MSG_EXIT_OK;
}
