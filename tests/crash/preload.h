/* preload.h - what the libraries share that are preloaded into the daemon (fault.c, without.c,
 *            tests/flow/rogue.c).
 *
 * Calls:   by syscall(2), so that none of them is one of those that they stand in for.
 * When:    is_started_as() at load only: a worker's box lets it open nothing later.
 */
#ifndef CRASH_PRELOAD_H
#define CRASH_PRELOAD_H

#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The function that we stand in for, as "next". */
#define NEXT(name) __typeof__(&name) next = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

/* The variable NAME of the environment, "" when it is not set. */
static inline const char *
text_of(const char *name)
{
	const char *value = getenv(name);

	return value == NULL ? "" : value;
}

/* The six arguments that a call by syscall(2) may have, from ARGS to A; and on with them. */
static inline void
take_arguments(va_list args, long a[6])
{
	int i;

	for (i = 0; i < 6; i++)
		a[i] = va_arg(args, long);
}

static inline long
next_syscall(long number, const long a[6])
{
	static long (*next)(long, ...);

	if (next == NULL)
		next = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
	return next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* Was this process started with --WHAT? */
static inline bool
is_started_as(const char *what)
{
	char line[256] = "";
	long fd = syscall(SYS_openat, AT_FDCWD, "/proc/self/cmdline", O_RDONLY | O_CLOEXEC, 0);
	long n = fd < 0 ? 0 : syscall(SYS_read, (int)fd, line, sizeof(line) - 1);
	size_t first = strlen(line) + 1;

	if (fd >= 0)
		syscall(SYS_close, (int)fd);
	return n > (long)first + 2 && strncmp(line + first, "--", 2) == 0 &&
	    strcmp(line + first + 2, what) == 0;
}

/* The path of FD into PATH, which has room for ROOM bytes; "" when it has none. */
static inline void
path_of_fd(int fd, char *path, size_t room)
{
	char link[64];
	long n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = syscall(SYS_readlinkat, AT_FDCWD, link, path, room - 1);
	path[n > 0 ? n : 0] = '\0';
}

#endif
