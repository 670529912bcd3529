/* work/launch.c - a worker or the syncer begins here, on the side of its parent. */
#include <config.h>

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/chan.h"
#include "work/launch.h"

#define PIXEL_BYTES 9 /* four samples of 16 bits; and where a row is one pixel, a PNG's filter byte */
#define MAX_BYTES (UINT64_C(4) << 30) /* far above any result that somebody wants */
#define EXTRA_BYTES (UINT64_C(1) << 20)

extern char **environ;

/* Signals that the master blocks or ignores must not stay so in a worker. */
static void
set_signals(posix_spawnattr_t *attr)
{
	sigset_t none, all;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_setsigmask(attr, &none);
	posix_spawnattr_setsigdefault(attr, &all);
	posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

static int
spawn_program(const char *program, char *const argv[], int chan, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	int error;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, chan, LAUNCH_CHAN_FD);
	posix_spawnattr_init(&attr);
	set_signals(&attr);
	error = posix_spawn(pid, program != NULL ? program : "/proc/self/exe", &actions, &attr, argv,
	    environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	return error;
}

static int
launch_child(const char *program, char *const argv[], struct worker_handle *handle)
{
	int ends[2];
	int error;

	if (chan_pair(ends) != 0)
		return -1;
	error = spawn_program(program, argv, ends[1], &handle->pid);
	close(ends[1]);
	if (error == 0) {
		handle->chan = ends[0];
		handle->pidfd = pidfd_open(handle->pid, 0);
		if (handle->pidfd >= 0)
			return 0;
		error = errno;
		kill(handle->pid, SIGKILL);
		waitpid(handle->pid, NULL, 0);
	}
	close(ends[0]);
	errno = error;
	return -1;
}

uint64_t
launch_file_bytes(uint64_t pixels, uint64_t source_bytes)
{
	uint64_t by_pixels = pixels < MAX_BYTES / PIXEL_BYTES ? PIXEL_BYTES * pixels : MAX_BYTES;

	return by_pixels + source_bytes + EXTRA_BYTES;
}

int
launch_worker(const struct launch *launch, struct worker_handle *handle)
{
	char name[] = "darkroomd", option[] = "--worker", numbers[7][24];
	char *argv[3 + 7] = { name, option };
	const int64_t values[7] = { getpid(), (int64_t)launch->memory_bytes,
		(int64_t)launch->file_bytes, launch->nice, launch->layers, launch->uid, launch->gid };
	int i;

	for (i = 0; i < 7; i++) {
		snprintf(numbers[i], sizeof(numbers[i]), "%" PRId64, values[i]);
		argv[2 + i] = numbers[i];
	}
	return launch_child(launch->program, argv, handle);
}

int
launch_syncer(struct worker_handle *handle)
{
	char parent[24];
	char name[] = "darkroomd", option[] = "--syncer";
	char *const argv[] = { name, option, parent, NULL };

	snprintf(parent, sizeof(parent), "%ld", (long)getpid());
	return launch_child(NULL, argv, handle);
}
