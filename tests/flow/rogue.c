/* rogue.c - LD_PRELOAD: a worker that breaks the rules of its box, or a kernel that lies about one.
 *
 * ROGUE_SIZE=N    a worker that reads a file of N bytes calls what its box forbids: it opens a path
 * ROGUE_LIES=LAYER[,LAYER...]  seccomp, landlock, network, user: the calls that would enter it succeed
 *                 and do nothing, in every process
 * ROGUE_LACKS=landlock   they fail as where the kernel has none
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>

#include "../crash/preload.h"

static long wanted_size;
static const char *lies, *lacks;

static void __attribute__((constructor))
prepare(void)
{
	wanted_size = atol(text_of("ROGUE_SIZE"));
	lies = text_of("ROGUE_LIES");
	lacks = text_of("ROGUE_LACKS");
}

/* A box that lets nobody ask for a file's length lets him look for its end. */
static bool
is_wanted(int fd, __typeof__(&pread) read_at)
{
	char byte;

	return wanted_size > 0 && read_at(fd, &byte, 1, wanted_size - 1) == 1 &&
	    read_at(fd, &byte, 1, wanted_size) == 0;
}

ssize_t
pread(int fd, void *data, size_t size, off_t at)
{
	NEXT(pread);

	if (is_wanted(fd, next))
		syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY, 0);
	return next(fd, data, size, at);
}

long
syscall(long number, ...)
{
	long a[6];
	va_list args;

	va_start(args, number);
	take_arguments(args, a);
	va_end(args);
	if (number == SYS_landlock_create_ruleset && strstr(lacks, "landlock") != NULL) {
		errno = ENOSYS;
		return -1;
	}
	if (number == SYS_landlock_restrict_self && strstr(lies, "landlock") != NULL)
		return 0;
	return next_syscall(number, a);
}

int
unshare(int flags)
{
	NEXT(unshare);

	return (flags & CLONE_NEWNET) != 0 && strstr(lies, "network") != NULL ? 0 : next(flags);
}

int
setresuid(uid_t real, uid_t effective, uid_t saved)
{
	NEXT(setresuid);

	return strstr(lies, "user") != NULL ? 0 : next(real, effective, saved);
}

int seccomp_load(void *filter);

int
seccomp_load(void *filter)
{
	NEXT(seccomp_load);

	return strstr(lies, "seccomp") != NULL ? 0 : next(filter);
}
