/* work/landlock.c - the step before the filter: no path leads anywhere. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "work/landlock.h"

/* What the header of Linux 6.1 (Debian 12) does not know yet. An older kernel takes the longer
 * struct as long as what it does not know is 0. */
struct ruleset {
	uint64_t files, net, scoped;
};
#define NET_BIND_TCP (UINT64_C(1) << 0)
#define NET_CONNECT_TCP (UINT64_C(1) << 1)
#define SCOPE_ABSTRACT_SOCKET (UINT64_C(1) << 0)
#define SCOPE_SIGNAL (UINT64_C(1) << 1)

/* Rights to files that there are by version of the ABI; each is one bit, counted from 0. */
static const int n_file_rights[] = { 0, 13, 14 /* refer */, 15 /* truncate */, 15, 16 /* ioctl */ };
#define N_VERSION (int)(sizeof(n_file_rights) / sizeof(n_file_rights[0]))

static struct ruleset
deny_all(int version)
{
	int n = n_file_rights[version < N_VERSION ? version : N_VERSION - 1];
	struct ruleset all = { .files = (UINT64_C(1) << n) - 1 };

	if (version >= 4)
		all.net = NET_BIND_TCP | NET_CONNECT_TCP;
	if (version >= 6)
		all.scoped = SCOPE_ABSTRACT_SOCKET | SCOPE_SIGNAL;
	return all;
}

int
landlock_enter(void)
{
	int version = (int)syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
	struct ruleset all;
	int fd, result, saved;

	if (version < 1)
		return -1;
	all = deny_all(version);
	fd = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof(all), 0);
	if (fd < 0)
		return -1;
	result = (int)syscall(SYS_landlock_restrict_self, fd, 0);
	saved = errno;
	close(fd);
	errno = saved;
	return result;
}

bool
landlock_holds(void)
{
	int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return errno == EACCES;
	close(fd);
	return false;
}
