/* fault.c - LD_PRELOAD: chosen system calls on files fail with a chosen errno.
 *
 * FAULT_CALL=NAME[,NAME...]  open read write fsync close stat renameat renameat2 unlinkat mkdirat linkat;
 *                     open is also openat and openat2 (which comes through syscall()), stat is fstat
 *                     and fstatat, read and write are also those at a place; a close that fails closes
 * FAULT_ERRNO=NAME    what it fails with
 * FAULT_NTH=N         the N-th such call of the process fails, and FAULT_TIMES - 1 after it
 * FAULT_EVERY=1       every one fails
 * FAULT_IN=master|worker|syncer  which process (default: master), by the option that it was started
 *                     with; what a worker does before its first task does not count
 * FAULT_SIZE=N        only descriptors of regular files of N bytes count
 * FAULT_LINK_ONLY=1   renameat2 fails with EINVAL, as where RENAME_NOREPLACE is not known; not counted
 * FAULT_BELOW=PATH    only descriptors and names below it count, so that libraries, /proc and the
 *                     log go on; for openat2 and the *at calls the folder is looked at
 * FAULT_DELAY_US=N    instead of failing they take up to N microseconds longer, at random: moments
 *                     that are short become long enough to be killed in
 * FAULT_LOG=FILE      a line for each call of the master that failed by us
 * FAULT_COUNT=FILE    its first 8 bytes count the calls that failed by us, of any process, the next 8
 *                     those that could have; N then counts the calls of all processes together
 *
 * Only what the program itself calls is met; a write by stdio is not.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "preload.h"

static const struct { const char *name; int error; } errors[] = {
	{ "ENOSPC", ENOSPC }, { "EIO", EIO }, { "EDQUOT", EDQUOT }, { "EROFS", EROFS },
	{ "EMFILE", EMFILE }, { "EINTR", EINTR }, { "EACCES", EACCES }, { "EINVAL", EINVAL },
};

static struct {
	bool is_ready, is_ours, is_in_worker, is_link_only;
	const char *calls, *below, *log;
	int error;
	long nth, times, delay_us, size;
	bool is_every;
} wish;

static long n_calls;
static bool has_task;         /* a worker is told what to do */
static struct { long n_failed, n_met; } *shared; /* for a worker can open nothing */

static bool
is_wanted(const char *where)
{
	if (strcmp(where, "worker") == 0 || strcmp(where, "syncer") == 0)
		return is_started_as(where);
	return !is_started_as("worker") && !is_started_as("syncer");
}

static void
share_count(void)
{
	long fd = syscall(SYS_openat, AT_FDCWD, text_of("FAULT_COUNT"), O_RDWR | O_CLOEXEC, 0);
	void *map = fd < 0 ? MAP_FAILED :
	    mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED, (int)fd, 0);

	if (map != MAP_FAILED)
		shared = map;
	if (fd >= 0)
		syscall(SYS_close, (int)fd);
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
	wish.size = *text_of("FAULT_SIZE") == '\0' ? -1 : atol(text_of("FAULT_SIZE"));
	wish.is_link_only = *text_of("FAULT_LINK_ONLY") == '1';
	wish.is_in_worker = strcmp(text_of("FAULT_IN"), "worker") == 0;
	wish.is_ours = (wish.error != 0 || wish.delay_us > 0) && is_wanted(text_of("FAULT_IN"));
	share_count();
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
	char path[4096];

	if (*wish.below == '\0')
		return true;
	if (name != NULL && (name[0] == '/' || fd == AT_FDCWD))
		return strncmp(name, wish.below, strlen(wish.below)) == 0;
	path_of_fd(fd, path, sizeof(path));
	return strncmp(path, wish.below, strlen(wish.below)) == 0;
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

/* A worker's box lets it ask for no file's length; it may look for the end. */
static bool
has_size(int fd, const char *name)
{
	char byte;

	return wish.size < 0 || (name == NULL &&
	    syscall(SYS_pread64, fd, &byte, (size_t)1, (off_t)wish.size - 1) == 1 &&
	    syscall(SYS_pread64, fd, &byte, (size_t)1, (off_t)wish.size) == 0);
}

static bool
is_met(const char *call, int fd, const char *name)
{
	return wish.is_ready && wish.is_ours && (has_task || !wish.is_in_worker) && is_listed(call) &&
	    is_below(fd, name) && has_size(fd, name);
}

static bool
fails(const char *call, int fd, const char *name)
{
	long n_call;

	if (!is_met(call, fd, name))
		return false;
	if (wish.delay_us > 0) {
		usleep((useconds_t)(random() % wish.delay_us));
		return false;
	}
	n_call = shared == NULL ? ++n_calls : __atomic_add_fetch(&shared->n_met, 1, __ATOMIC_RELAXED);
	if (!wish.is_every && (n_call < wish.nth || n_call >= wish.nth + wish.times))
		return false;
	if (shared != NULL)
		__atomic_add_fetch(&shared->n_failed, 1, __ATOMIC_RELAXED);
	if (!wish.is_in_worker) /* a worker's box lets it open nothing */
		tell(call, name);
	errno = wish.error;
	return true;
}

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
	long a[6];
	va_list args;

	va_start(args, number);
	take_arguments(args, a);
	va_end(args);
	if (number == SYS_openat2 && fails("open", (int)a[0], (const char *)a[1]))
		return -1;
	return next_syscall(number, a);
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

ssize_t
read(int fd, void *data, size_t size)
{
	NEXT(read);

	return fails("read", fd, NULL) ? -1 : next(fd, data, size);
}

ssize_t
pread(int fd, void *data, size_t size, off_t at)
{
	NEXT(pread);

	return fails("read", fd, NULL) ? -1 : next(fd, data, size, at);
}

ssize_t
recvmsg(int fd, struct msghdr *message, int flags)
{
	NEXT(recvmsg);

	has_task = true;
	return next(fd, message, flags);
}

int
close(int fd)
{
	NEXT(close);
	bool is_bad = fails("close", fd, NULL);
	int saved = errno;
	int result = next(fd);

	if (!is_bad)
		return result;
	errno = saved;
	return -1;
}

int
fstat(int fd, struct stat *st)
{
	NEXT(fstat);

	return fails("stat", fd, NULL) ? -1 : next(fd, st);
}

int
fstatat(int dir, const char *name, struct stat *st, int flags)
{
	NEXT(fstatat);

	return fails("stat", dir, name) ? -1 : next(dir, name, st, flags);
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

	if (wish.is_link_only) {
		errno = EINVAL;
		return -1;
	}
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
