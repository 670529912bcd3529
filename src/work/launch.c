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
#include "work/worker.h"

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
spawn(const char *program, char *const argv[], int chan, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	int error;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, chan, WORKER_CHAN_FD);
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
	error = spawn(program, argv, ends[1], &handle->pid);
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

int
launch_worker(const struct launch *launch, struct worker_handle *handle)
{
	char parent[24], memory[24], nice_text[16];
	char name[] = "darkroomd", option[] = "--worker";
	char *const argv[] = { name, option, parent, memory, nice_text, NULL };

	snprintf(parent, sizeof(parent), "%ld", (long)getpid());
	snprintf(memory, sizeof(memory), "%" PRIu64, launch->memory_bytes);
	snprintf(nice_text, sizeof(nice_text), "%d", launch->nice);
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
