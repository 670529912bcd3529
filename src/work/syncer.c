/* work/syncer.c - the whole life of the process that flushes. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/chan.h"
#include "base/fsio.h"
#include "base/mem.h"
#include "work/sandbox.h"
#include "work/syncer.h"

struct batch {
	int *fds;
	size_t n, room;
};

static void
add_fds(struct batch *batch, const int *fds, int n_fds)
{
	int i;

	for (i = 0; i < n_fds; i++) {
		batch->fds = mem_grow(batch->fds, &batch->room, batch->n + 1, sizeof(*batch->fds));
		batch->fds[batch->n++] = fds[i];
	}
}

/* False: nobody listens any more. */
static bool
flush_batch(struct batch *batch, uint64_t number)
{
	struct syncer_answer answer = { .version = SYNCER_VERSION, .batch = number };

	if (fsio_sync_all(batch->fds, batch->n) != 0)
		answer.error = errno;
	while (batch->n > 0)
		close(batch->fds[--batch->n]);
	return chan_send(LAUNCH_CHAN_FD, &answer, sizeof(answer), NULL, 0) == 0;
}

/* Until the channel is closed, or something comes that is no request. */
static void
serve_requests(void)
{
	struct batch batch = { 0 };
	struct syncer_request request;
	int fds[CHAN_MAX_FDS];
	bool goes_on = true;
	ssize_t size;
	int n_fds;

	while (goes_on) {
		size = chan_receive(LAUNCH_CHAN_FD, &request, sizeof(request), fds, &n_fds, 0);
		goes_on = size == (ssize_t)sizeof(request) && request.version == SYNCER_VERSION;
		add_fds(&batch, fds, n_fds);
		if (goes_on && request.is_last)
			goes_on = flush_batch(&batch, request.batch);
	}
	free(batch.fds); /* the descriptors end with the process */
}

int
syncer_main(int argc, char **argv)
{
	if (argc != 1 || sandbox_tie((pid_t)atol(argv[0])) != 0)
		return 1;
	serve_requests();
	return 0;
}
