/* measure FD COMMAND [ARG...] - what a command costs, with all that it starts; for bench.py.
 *
 * Prints "CPU_S WALL_S PEAK_KIB" to the descriptor FD and ends as the command did. CPU is that of all
 * processes, also of those that the command does not wait for itself (they come to us), PEAK is that
 * of the largest one.
 * Why a program: the peak of a process begins with that of who started it, and Python has 24 MB. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t command_pid;

static void
die(const char *what)
{
	fprintf(stderr, "measure: %s: %s\n", what, strerror(errno));
	exit(127);
}

static double
now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double
seconds(const struct timeval *time)
{
	return (double)time->tv_sec + (double)time->tv_usec / 1e6;
}

/* What we are told to do is meant for the command. */
static void
pass_on(int signal_number)
{
	int saved = errno;

	if (command_pid > 0)
		kill((pid_t)command_pid, signal_number);
	errno = saved;
}

static void
start(char **argv)
{
	struct sigaction action = { .sa_handler = pass_on };
	sigset_t stops, before;

	sigemptyset(&stops);
	sigaddset(&stops, SIGTERM);
	sigaddset(&stops, SIGINT);
	sigprocmask(SIG_BLOCK, &stops, &before); /* none may come before there is whom to tell */
	command_pid = fork();
	if (command_pid < 0)
		die("cannot start a process");
	if (command_pid == 0) {
		sigprocmask(SIG_SETMASK, &before, NULL);
		execvp(argv[0], argv);
		die(argv[0]);
	}
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

/* Until nobody is left. Gives how the command ended, as a shell says it. */
static int
wait_for_all(void)
{
	int status, result = 0;
	pid_t pid;

	while ((pid = wait(&status)) >= 0 || errno == EINTR)
		if (pid == (pid_t)command_pid) {
			result = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
			command_pid = 0;
		}
	return result;
}

int
main(int argc, char **argv)
{
	struct rusage usage;
	int fd, result;
	double begun;

	if (argc < 3) {
		fputs("measure FD COMMAND [ARG...]\n", stderr);
		return 2;
	}
	fd = atoi(argv[1]);
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
		die("FD");
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
		die("cannot wait for the children of children");
	begun = now_s();
	start(argv + 2);
	result = wait_for_all();
	getrusage(RUSAGE_CHILDREN, &usage);
	dprintf(fd, "%.6f %.6f %ld\n", seconds(&usage.ru_utime) + seconds(&usage.ru_stime),
	    now_s() - begun, usage.ru_maxrss);
	return result;
}
