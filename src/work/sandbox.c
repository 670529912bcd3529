#include <config.h>

#include <errno.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "work/sandbox.h"
#include "work/worker.h"

#ifdef DARKROOM_SANITIZE
static const bool limits_memory = false;
#else
static const bool limits_memory = true;
#endif

const char *
sandbox_posture(void)
{
	return limits_memory ? "" : "memory limit off (sanitizers)";
}

static int
limit(__rlimit_resource_t resource, uint64_t value)
{
	const struct rlimit both = { .rlim_cur = value, .rlim_max = value };

	return setrlimit(resource, &both);
}

static int
set_limits(const struct sandbox *box)
{
	if (limits_memory && box->memory_bytes != 0 && limit(RLIMIT_AS, box->memory_bytes) != 0)
		return -1;
	if (limit(RLIMIT_NOFILE, SANDBOX_FILES) != 0 || limit(RLIMIT_CORE, 0) != 0)
		return -1;
	return limit(RLIMIT_NPROC, 0);
}

static int
die_with_parent(pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
		return -1;
	return getppid() == parent ? 0 : -1;
}

/* Signals for the daemon often go to its whole group (Ctrl-C, a service manager): the master alone
 * decides when a worker ends, else its death would count against the picture. */
static void
ignore_group_signals(void)
{
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGUSR1, SIG_IGN);
}

int
sandbox_tie(pid_t parent)
{
	ignore_group_signals();
	if (close_range(WORKER_CHAN_FD + 1, ~0u, 0) != 0)
		return -1;
	return die_with_parent(parent);
}

int
sandbox_enter(const struct sandbox *box)
{
	if (sandbox_tie(box->parent) != 0)
		return -1;
	errno = 0;
	if (nice(box->nice) == -1 && errno != 0)
		return -1;
	if (set_limits(box) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return -1;
	return prctl(PR_SET_DUMPABLE, 0);
}
