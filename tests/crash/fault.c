/* fault.c - LD_PRELOAD: chosen system calls on files fail with a chosen errno.
 *
 * FAULT_CALL=NAME[,NAME...]  open write fsync renameat renameat2 unlinkat mkdirat linkat; open is also
 *                     openat and openat2 (which comes through syscall())
 * FAULT_ERRNO=NAME    what it fails with
 * FAULT_NTH=N         the N-th such call of the process fails, and FAULT_TIMES - 1 after it
 * FAULT_EVERY=1       every one fails
 * FAULT_IN=master|worker   which process (default: master); a worker is one that was started with --worker
 * FAULT_BELOW=PATH    only descriptors and names below it count, so that libraries, /proc and the
 *                     log go on; for openat2 and the *at calls the folder is looked at
 * FAULT_DELAY_US=N    instead of failing they take up to N microseconds longer, at random: moments
 *                     that are short become long enough to be killed in
 * FAULT_LOG=FILE      a line for each call that failed by us
 *
 * Only what the program itself calls is met; a write by stdio is not.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct { const char *name; int error; } errors[] = {
	{ "ENOSPC", ENOSPC }, { "EIO", EIO }, { "EDQUOT", EDQUOT }, { "EROFS", EROFS },
	{ "EMFILE", EMFILE }, { "EINTR", EINTR }, { "EACCES", EACCES }, { "EINVAL", EINVAL },
};

static struct {
	bool is_ready, is_ours;
	const char *calls, *below, *log;
	int error;
	long nth, times, delay_us;
	bool is_every;
} wish;

static long n_calls;

static const char *
text_of(const char *name)
{
	const char *value = getenv(name);

	return value == NULL ? "" : value;
}

static bool
is_worker(void)
{
	char line[256] = "";
	long fd = syscall(SYS_openat, AT_FDCWD, "/proc/self/cmdline", O_RDONLY | O_CLOEXEC, 0);
	long n = fd < 0 ? 0 : syscall(SYS_read, (int)fd, line, sizeof(line) - 1);
	size_t first = strlen(line) + 1;

	if (fd >= 0)
		syscall(SYS_close, (int)fd);
	return n > (long)first && strcmp(line + first, "--worker") == 0;
}

/* Read once, at load: a sandboxed worker may not open anything later. */
static void __attribute__((constructor))
prepare(void)
{
	size_t i;

	wish.calls = text_of("FAULT_CALL");
	wish.below = text_of("FAULT_BELOW");
	wish.log = text_of("FAULT_LOG");
	wish.nth = atol(text_of("FAULT_NTH"));
	wish.times = *text_of("FAULT_TIMES") == '\0' ? 1 : atol(text_of("FAULT_TIMES"));
	wish.is_every = *text_of("FAULT_EVERY") == '1';
	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (strcmp(text_of("FAULT_ERRNO"), errors[i].name) == 0)
			wish.error = errors[i].error;
	wish.delay_us = atol(text_of("FAULT_DELAY_US"));
	wish.is_ours = (wish.error != 0 || wish.delay_us > 0) && is_worker() == (strcmp(text_of("FAULT_IN"), "worker") == 0);
	srandom((unsigned)getpid());
	wish.is_ready = true;
}

static bool
is_listed(const char *call)
{
	size_t length = strlen(call);
	const char *at = wish.calls;

	for (; (at = strstr(at, call)) != NULL; at++)
		if ((at == wish.calls || at[-1] == ',') && (at[length] == '\0' || at[length] == ','))
			return true;
	return false;
}

/* The path that the descriptor FD has, or that NAME has by itself. */
static bool
is_below(int fd, const char *name)
{
	char link[64], path[4096] = "";
	long n;

	if (*wish.below == '\0')
		return true;
	if (name != NULL && (name[0] == '/' || fd == AT_FDCWD))
		return strncmp(name, wish.below, strlen(wish.below)) == 0;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof(path) - 1);
	return n > 0 && strncmp(path, wish.below, strlen(wish.below)) == 0;
}

static void
tell(const char *call, const char *name)
{
	char line[512];
	long fd;
	int n;

	if (*wish.log == '\0')
		return;
	n = snprintf(line, sizeof(line), "%s %s\n", call, name == NULL ? "" : name);
	fd = syscall(SYS_openat, AT_FDCWD, wish.log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	if (syscall(SYS_write, (int)fd, line, n < (int)sizeof(line) ? n : (int)sizeof(line)) < 0)
		abort();
	syscall(SYS_close, (int)fd);
}

static bool
fails(const char *call, int fd, const char *name)
{
	if (!wish.is_ready || !wish.is_ours || !is_listed(call) || !is_below(fd, name))
		return false;
	if (wish.delay_us > 0) {
		usleep((useconds_t)(random() % wish.delay_us));
		return false;
	}
	n_calls++;
	if (!wish.is_every && (n_calls < wish.nth || n_calls >= wish.nth + wish.times))
		return false;
	if (strcmp(text_of("FAULT_IN"), "worker") != 0) /* a worker's box lets it open nothing */
		tell(call, name);
	errno = wish.error;
	return true;
}

#define NEXT(name) __typeof__(&name) next = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

int
open(const char *path, int flags, ...)
{
	NEXT(open);
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;
	va_end(args);
	return fails("open", AT_FDCWD, path) ? -1 : next(path, flags, mode);
}

int
openat(int dir, const char *path, int flags, ...)
{
	NEXT(openat);
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;
	va_end(args);
	return fails("open", dir, path) ? -1 : next(dir, path, flags, mode);
}

long
syscall(long number, ...)
{
	static long (*next)(long, ...);
	long a[6];
	va_list args;
	int i;

	if (next == NULL)
		next = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
	va_start(args, number);
	for (i = 0; i < 6; i++)
		a[i] = va_arg(args, long);
	va_end(args);
	if (number == SYS_openat2 && fails("open", (int)a[0], (const char *)a[1]))
		return -1;
	return next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

ssize_t
write(int fd, const void *data, size_t size)
{
	NEXT(write);

	return fails("write", fd, NULL) ? -1 : next(fd, data, size);
}

ssize_t
pwrite(int fd, const void *data, size_t size, off_t at)
{
	NEXT(pwrite);

	return fails("write", fd, NULL) ? -1 : next(fd, data, size, at);
}

int
fsync(int fd)
{
	NEXT(fsync);

	return fails("fsync", fd, NULL) ? -1 : next(fd);
}

int
renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	NEXT(renameat);

	return fails("renameat", from_dir, from) ? -1 : next(from_dir, from, to_dir, to);
}

int
renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
	NEXT(renameat2);

	return fails("renameat2", from_dir, from) ? -1 : next(from_dir, from, to_dir, to, flags);
}

int
linkat(int from_dir, const char *from, int to_dir, const char *to, int flags)
{
	NEXT(linkat);

	return fails("linkat", from_dir, from) ? -1 : next(from_dir, from, to_dir, to, flags);
}

int
unlinkat(int dir, const char *name, int flags)
{
	NEXT(unlinkat);

	return fails("unlinkat", dir, name) ? -1 : next(dir, name, flags);
}

int
mkdirat(int dir, const char *name, mode_t mode)
{
	NEXT(mkdirat);

	return fails("mkdirat", dir, name) ? -1 : next(dir, name, mode);
}
