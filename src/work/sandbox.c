/* work/sandbox.c - the steps into the box, in their order. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>
#ifdef DARKROOM_SANITIZE
#include <sanitizer/common_interface_defs.h>
#endif

#include "work/filter.h"
#include "work/identity.h"
#include "work/landlock.h"
#include "work/launch.h"
#include "work/sandbox.h"

#define STACK_BYTES (8u << 20) /* as a login shell has it; a codec that needs more recurses for ever */

#ifdef DARKROOM_SANITIZE
static const bool limits_memory = false;
#else
static const bool limits_memory = true;
#endif

bool
sandbox_limits_memory(void)
{
	return limits_memory;
}

/* ---- limits ------------------------------------------------------------------------------- */

/* At most VALUE; less where whoever started the daemon allowed less. */
static int
lower_limit(__rlimit_resource_t resource, uint64_t value)
{
	struct rlimit both;

	if (getrlimit(resource, &both) != 0)
		return -1;
	if (both.rlim_max == RLIM_INFINITY || both.rlim_max > value)
		both.rlim_max = value;
	if (both.rlim_cur == RLIM_INFINITY || both.rlim_cur > value)
		both.rlim_cur = value;
	return setrlimit(resource, &both);
}

static int
set_limits(const struct sandbox *box)
{
	errno = 0;
	if (nice(box->nice) == -1 && errno != 0)
		return -1;
	if (limits_memory && box->memory_bytes != 0 && lower_limit(RLIMIT_AS, box->memory_bytes) != 0)
		return -1;
	signal(SIGXFSZ, SIG_IGN); /* then it is EFBIG, which can be told */
	if (box->file_bytes != 0 && lower_limit(RLIMIT_FSIZE, box->file_bytes) != 0)
		return -1;
	if (lower_limit(RLIMIT_STACK, STACK_BYTES) != 0)
		return -1;
	if (lower_limit(RLIMIT_NOFILE, SANDBOX_FILES) != 0 || lower_limit(RLIMIT_CORE, 0) != 0)
		return -1;
	return lower_limit(RLIMIT_NPROC, 0);
}

/* ---- the tie ------------------------------------------------------------------------------ */

static int
tie_to_parent(pid_t parent, unsigned n_kept)
{
	/* Signals for the daemon often go to its whole group (Ctrl-C, a service manager): the master
	 * alone decides when a worker ends, else its death would count against the picture. */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGUSR1, SIG_IGN);
	if (close_range(LAUNCH_CHAN_FD + 1 + n_kept, ~0u, 0) != 0 ||
	    prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
		return -1;
	return getppid() == parent ? 0 : -1; /* it may have died before it was asked for */
}

int
sandbox_tie(pid_t parent)
{
	return tie_to_parent(parent, 0);
}

/* ---- layers ------------------------------------------------------------------------------- */

static bool
wants(const struct sandbox *box, enum sandbox_layer layer)
{
	return (box->layers & SANDBOX_BIT(layer)) != 0;
}

static int
change_identity(const struct sandbox *box)
{
	bool has_left = !wants(box, SANDBOX_NETWORK) || identity_leave_network(false) == 0;

	if (wants(box, SANDBOX_USER) && (identity_become(box->uid, box->gid) != 0 ||
	    !identity_is(box->uid))) /* asked now: a namespace of users would hide it */
		return -1;
	if (!has_left && identity_leave_network(true) != 0)
		return -1;
	return identity_drop();
}

int
sandbox_enter_layer(const struct sandbox *box, enum sandbox_layer layer)
{
	struct sandbox only = *box;

	only.layers = SANDBOX_BIT(layer);
	switch (layer) {
	case SANDBOX_NETWORK:
	case SANDBOX_USER:
		return change_identity(&only);
	case SANDBOX_LANDLOCK:
		return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ? -1 : landlock_enter();
	case SANDBOX_SECCOMP:
		return filter_enter(FILTER_REFUSES);
	case SANDBOX_N_LAYER:
		break;
	}
	errno = EINVAL;
	return -1;
}

bool
sandbox_holds(const struct sandbox *box, enum sandbox_layer layer)
{
	switch (layer) {
	case SANDBOX_NETWORK:
		return identity_has_no_network();
	case SANDBOX_USER:
		return identity_is(box->uid);
	case SANDBOX_LANDLOCK:
		return landlock_holds();
	case SANDBOX_SECCOMP:
		return filter_holds();
	case SANDBOX_N_LAYER:
		break;
	}
	return false;
}

/* It is demanded: does it hold? Of seccomp that cannot be tried by who wants to live on. */
static bool
is_missing(const struct sandbox *box, enum sandbox_layer layer)
{
	return wants(box, layer) && !sandbox_holds(box, layer);
}

/* ---- the whole ---------------------------------------------------------------------------- */

/* The daemon's log, or whatever else 0 to 2 are, is out of reach, and a mistaken descriptor harms
 * nobody. Only with the filter: sanitizers have something to say to the end. */
static int
empty_stdio(void)
{
	int fd = memfd_create("nothing", MFD_CLOEXEC | MFD_ALLOW_SEALING), i, result;

	if (fd < 0)
		return -1;
	result = fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL);
	for (i = STDIN_FILENO; i <= STDERR_FILENO && result >= 0; i++)
		result = dup2(fd, i);
	if (fd > STDERR_FILENO)
		close(fd);
	return result < 0 ? -1 : 0;
}

static int
lock_in(const struct sandbox *box)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0) != 0)
		return -1;
#ifdef DARKROOM_SANITIZE
	/* what it needs for a report is read now, before the paths are gone */
	__sanitizer_sandbox_on_notify(&(__sanitizer_sandbox_arguments){ .coverage_fd = -1 });
#endif
	if (wants(box, SANDBOX_LANDLOCK) && landlock_enter() != 0)
		return -1;
	if (is_missing(box, SANDBOX_LANDLOCK))
		return -1;
	if (!wants(box, SANDBOX_SECCOMP))
		return 0;
	return empty_stdio() == 0 ? filter_enter(FILTER_KILLS) : -1;
}

int
sandbox_enter(const struct sandbox *box)
{
	if (change_identity(box) != 0 || is_missing(box, SANDBOX_NETWORK))
		return -1;
	if (tie_to_parent(box->parent, box->n_kept) != 0 || set_limits(box) != 0)
		return -1;
	return lock_in(box);
}
