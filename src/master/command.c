/* master/command.c - the command of the administrator that runs. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "master/command.h"

#define DEFAULT_PATH "/usr/local/bin:/usr/bin:/bin"

/* ---- starting ---------------------------------------------------------------------------- */

static int
prepare_spawn(posix_spawn_file_actions_t *actions, posix_spawnattr_t *attr)
{
	sigset_t none, all;
	int error;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_setsigmask(attr, &none);
	posix_spawnattr_setsigdefault(attr, &all);
	posix_spawnattr_setpgroup(attr, 0);
	posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
	    POSIX_SPAWN_SETPGROUP);
	error = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (error == 0)
		error = posix_spawn_file_actions_adddup2(actions, STDERR_FILENO, STDOUT_FILENO);
	if (error == 0)
		error = posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1);
	if (error == 0)
		error = posix_spawn_file_actions_addchdir_np(actions, "/");
	return error;
}

static int
spawn_command(char *const *argv, char *const *env, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	int error;

	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attr);
	error = prepare_spawn(&actions, &attr);
	if (error == 0)
		error = posix_spawnp(pid, argv[0], &actions, &attr, argv, env);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	return error;
}

int
command_start(struct command *command, const char *hook, const char *about, char *const *argv,
    char *const *env, int64_t limit_ms, int64_t now_ms)
{
	int error;

	*command = (struct command){ .hook = hook, .started_ms = now_ms, .limit_ms = limit_ms };
	error = spawn_command(argv, env, &command->pid);
	if (error == 0) {
		command->pidfd = pidfd_open(command->pid, 0);
		if (command->pidfd >= 0) {
			command->about = about == NULL ? NULL : mem_dup(about);
			return 0;
		}
		error = errno;
		kill(-command->pid, SIGKILL);
		waitpid(command->pid, NULL, 0);
	}
	command->pid = 0;
	errno = error;
	return -1;
}

/* ---- the end ----------------------------------------------------------------------------- */

static void
tell_end(const struct command *command, int status, int64_t now_ms)
{
	double seconds = (double)(now_ms - command->started_ms) / 1000;

	if (command->is_over_time)
		log_warn(command->about, "event=hook-killed hook=%s seconds=%.1f why=\"it took longer than "
		    "hooks.time_limit\"", command->hook, seconds);
	else if (WIFSIGNALED(status))
		log_warn(command->about, "event=hook-died hook=%s seconds=%.1f signal=%s", command->hook,
		    seconds, sigabbrev_np(WTERMSIG(status)));
	else if (WEXITSTATUS(status) != 0)
		log_warn(command->about, "event=hook-failed hook=%s seconds=%.1f status=%d",
		    command->hook, seconds, WEXITSTATUS(status));
	else
		log_debug(command->about, "event=hook-ended hook=%s seconds=%.1f", command->hook, seconds);
}

static void
forget_command(struct command *command)
{
	close(command->pidfd);
	free(command->about);
	command->about = NULL;
	command->pid = 0;
}

int
command_fds(const struct command *command, struct pollfd *fds)
{
	if (command->pid == 0)
		return 0;
	fds[0] = (struct pollfd){ .fd = command->pidfd, .events = POLLIN };
	return 1;
}

int64_t
command_due(const struct command *command)
{
	return command->pid == 0 || command->is_over_time ? CLOCK_NEVER :
	    command->started_ms + command->limit_ms;
}

bool
command_turn(struct command *command, int64_t now_ms)
{
	int status;
	pid_t pid = waitpid(command->pid, &status, WNOHANG);

	if (pid == 0) {
		/* Not reaped, so the number is still that of its group. */
		if (!command->is_over_time && now_ms - command->started_ms >= command->limit_ms) {
			command->is_over_time = true;
			kill(-command->pid, SIGKILL);
		}
		return false;
	}
	if (pid > 0)
		tell_end(command, status, now_ms);
	forget_command(command);
	return true;
}

void
command_stop(struct command *command)
{
	struct pollfd ended;
	siginfo_t info;

	if (command->pid == 0)
		return;
	log_warn(command->about, "event=hook-stopped hook=%s why=\"the daemon ends\"", command->hook);
	kill(-command->pid, SIGTERM);
	ended = (struct pollfd){ .fd = command->pidfd, .events = POLLIN };
	poll(&ended, 1, COMMAND_GRACE_MS);
	/* Before it is reaped, while the number is still that of its group. */
	if (waitid(P_PIDFD, (id_t)command->pidfd, &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
	    info.si_pid == 0)
		kill(-command->pid, SIGKILL);
	waitpid(command->pid, NULL, 0);
	forget_command(command);
}

/* ---- is there such a program? -------------------------------------------------------------- */

static int
is_program(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return -1;
	if (!S_ISREG(st.st_mode)) {
		errno = EACCES;
		return -1;
	}
	return access(path, X_OK);
}

int
command_find(char *const *argv)
{
	const char *path = getenv("PATH"), *part, *end;
	int result = -1, error = ENOENT;
	char *whole;

	if (strchr(argv[0], '/') != NULL)
		return is_program(argv[0]);
	for (part = path == NULL ? DEFAULT_PATH : path; result != 0; part = end + 1) {
		end = strchrnul(part, ':');
		whole = mem_printf("%.*s/%s", (int)(end - part), part, argv[0]);
		result = is_program(whole);
		if (result != 0 && errno == EACCES)
			error = EACCES;
		free(whole);
		if (*end == '\0')
			break;
	}
	errno = error;
	return result;
}
