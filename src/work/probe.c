/* work/probe.c - at the start: the box is tried, layer by layer, in children that must fail in it. */
#include <config.h>

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "work/filter.h"
#include "work/identity.h"
#include "work/probe.h"

static const char *const names[SANDBOX_N_LAYER] = {
	[SANDBOX_SECCOMP] = "seccomp",
	[SANDBOX_LANDLOCK] = "landlock",
	[SANDBOX_NETWORK] = "network",
	[SANDBOX_USER] = "user",
};

const char *
probe_layer_name(enum sandbox_layer layer)
{
	return names[layer];
}

/* The child's exit status: 0, or what belongs into probe->errors. */
static int
try_layer(const struct sandbox *box, enum sandbox_layer layer)
{
	const struct rlimit none = { 0, 0 };

	if (setrlimit(RLIMIT_CORE, &none) != 0)
		return errno;
	if (sandbox_enter_layer(box, layer) != 0)
		return errno > 0 && errno < PROBE_ALONE ? errno : PROBE_UNKNOWN;
	return sandbox_holds(box, layer) ? 0 : PROBE_LEAKS;
}

/* The exit status of the child PID. Before it is reaped it is asked whether we could have killed it: a
 * zombie keeps the user and the namespace that it had, and so the answer that a living worker gives. */
static int
exit_of(pid_t pid)
{
	bool is_deaf;
	siginfo_t info;
	int status;

	if (pid < 0)
		return PROBE_UNKNOWN;
	while (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) != 0)
		if (errno != EINTR)
			return PROBE_UNKNOWN;
	is_deaf = kill(pid, 0) != 0 && errno == EPERM;
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return PROBE_UNKNOWN;
	return WEXITSTATUS(status) == 0 && is_deaf ? PROBE_DEAF : WEXITSTATUS(status);
}

static int
find_one(const struct sandbox *box, enum sandbox_layer layer)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(try_layer(box, layer));
	return exit_of(pid);
}

/* Each by itself holds: so must all of them in one worker. */
static bool
hold_together(const struct sandbox *box)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(sandbox_enter(box) == 0 ? 0 : PROBE_LEAKS);
	return exit_of(pid) == 0;
}

void
probe_find(struct probe *probe, uid_t uid, gid_t gid)
{
	struct sandbox box = { .parent = getpid(), .uid = uid, .gid = gid };
	int i;

	*probe = (struct probe){ .wanted = SANDBOX_BIT(SANDBOX_SECCOMP) |
		SANDBOX_BIT(SANDBOX_LANDLOCK) | SANDBOX_BIT(SANDBOX_NETWORK) };
	if (uid != IDENTITY_NOBODY_ELSE)
		probe->wanted |= SANDBOX_BIT(SANDBOX_USER);
	for (i = 0; i < SANDBOX_N_LAYER; i++) {
		if ((probe->wanted & SANDBOX_BIT(i)) == 0)
			continue;
		probe->errors[i] = find_one(&box, (enum sandbox_layer)i);
		if (probe->errors[i] == 0)
			probe->layers |= SANDBOX_BIT(i);
	}
	box.layers = probe->layers;
	if ((box.layers & SANDBOX_BIT(SANDBOX_NETWORK)) == 0 || hold_together(&box))
		return;
	probe->layers &= ~SANDBOX_BIT(SANDBOX_NETWORK);
	probe->errors[SANDBOX_NETWORK] = PROBE_ALONE;
}

bool
probe_is_tight(const struct probe *probe)
{
	return probe->layers == probe->wanted;
}

static const char *
explain(enum sandbox_layer layer, int error)
{
	if (error == PROBE_LEAKS)
		return "the kernel takes it and it does not hold";
	if (error == PROBE_UNKNOWN)
		return "the self-test could not be made";
	if (error == PROBE_DEAF)
		return "the daemon could not end such a worker: it is root without CAP_KILL";
	if (error == PROBE_ALONE)
		return "it cannot be had together with the others";
	if (layer == SANDBOX_SECCOMP && filter_is_off())
		return "this is a build with sanitizers";
	if (layer == SANDBOX_SECCOMP)
		return "the kernel cannot kill a process by a filter (Linux 4.14 can, with CONFIG_SECCOMP_FILTER)";
	if (layer == SANDBOX_USER)
		return "the daemon is not root, so its workers cannot become spool.user";
	if (layer == SANDBOX_NETWORK)
		return "this process may make no namespaces; see the sysctls user.max_net_namespaces, "
		    "user.max_user_namespaces and kernel.unprivileged_userns_clone, or the container's settings";
	if (error == EOPNOTSUPP)
		return "Landlock is switched off; add landlock to lsm= of the kernel's command line";
	if (error == ENOSYS)
		return "the kernel has no Landlock (Linux 5.13 has, with CONFIG_SECURITY_LANDLOCK)";
	return "the container or the service manager forbids Landlock";
}

const char *
probe_lack(const struct probe *probe, enum sandbox_layer layer)
{
	return probe->errors[layer] == 0 ? NULL : explain(layer, probe->errors[layer]);
}

void
probe_text(const struct probe *probe, char text[PROBE_TEXT_SIZE])
{
	int i;

	*text = '\0';
	for (i = 0; i < SANDBOX_N_LAYER; i++)
		if ((probe->layers & SANDBOX_BIT(i)) != 0) {
			strcat(text, *text == '\0' ? "" : " ");
			strcat(text, names[i]);
		}
	if (*text == '\0')
		strcpy(text, "nothing");
}

void
probe_tell(const struct probe *probe, const char *prefix, FILE *out)
{
	char text[PROBE_TEXT_SIZE];
	int i;

	probe_text(probe, text);
	fprintf(out, "%s%s\n", prefix, text);
	for (i = 0; i < SANDBOX_N_LAYER; i++)
		if (probe->errors[i] != 0)
			fprintf(out, "%swithout %s: %s\n", prefix, names[i],
			    explain((enum sandbox_layer)i, probe->errors[i]));
	if (!sandbox_limits_memory())
		fprintf(out, "%swithout a limit of memory: this is a build with sanitizers\n", prefix);
}
