/* work/launch.h - start a worker, or the syncer.
 *
 * Place:   work/pool, master/commit -> here.
 * Form:    posix_spawn of `darkroomd --worker PARENT MEMORY FILE NICE LAYERS UID GID` (struct launch
 *          in numbers), or `--syncer PARENT`, with a clean signal mask; 0, 1 and 2 are inherited, 3 is its channel, all else is
 *          close-on-exec.
 * Owns:    gives a pidfd and our end of the channel: the caller closes both and reaps the pid.
 * Errors:  0, or -1 with errno.
 * User:    a worker becomes LAUNCH's user itself (sandbox.h): this program has not to be his to run.
 * Source:  posix_spawn(3), pidfd_open(2).
 */
#ifndef WORK_LAUNCH_H
#define WORK_LAUNCH_H

#include <stdint.h>
#include <sys/types.h>

#define LAUNCH_CHAN_FD 3 /* in the child: its end of the channel */

struct launch {
	const char *program;   /* path of darkroomd; NULL: /proc/self/exe */
	uint64_t memory_bytes; /* RLIMIT_AS of the worker, 0: none */
	uint64_t file_bytes;   /* RLIMIT_FSIZE of the worker, 0: none */
	int nice;              /* added to our own */
	unsigned layers;       /* of its box that are demanded (sandbox.h) */
	uid_t uid;             /* with the layer SANDBOX_USER */
	gid_t gid;
};

struct worker_handle {
	pid_t pid;
	int pidfd;
	int chan;
};

/* The length that a result may have: 9 bytes for each of so many PIXELS (a PNG of 16 bits that cannot
 * be packed), at most 4 GiB of them, and as much as a source has (its profile and texts). */
uint64_t launch_file_bytes(uint64_t pixels, uint64_t source_bytes);

int launch_worker(const struct launch *launch, struct worker_handle *handle);
int launch_syncer(struct worker_handle *handle);

#endif
