/* base/process.c - the first lines of both programs: descriptors and signals as the rest expects them. */
#include <config.h>

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/process.h"

/* A shell's soft limits are for its user's mistakes. */
static void
raise_limit(__rlimit_resource_t resource)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit) != 0 || limit.rlim_cur == limit.rlim_max)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(resource, &limit);
}

void
process_begin(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd < 0)
		exit(1); /* nobody can be told: stderr may be what is missing */
	close(fd);
	signal(SIGXFSZ, SIG_IGN);
	raise_limit(RLIMIT_FSIZE);
	raise_limit(RLIMIT_NOFILE);
}

static sigset_t
held_signals(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGUSR1);
	return signals;
}

void
process_hold_signals(void)
{
	const sigset_t signals = held_signals();

	sigprocmask(SIG_BLOCK, &signals, NULL);
}

void
process_let_signals(void)
{
	const sigset_t signals = held_signals();

	sigprocmask(SIG_UNBLOCK, &signals, NULL);
}
