/* work/filter.c - the last step into the box: few system calls. */
#include <config.h>

#include <errno.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "work/filter.h"
#include "work/launch.h"

_Static_assert(FILTER_ERRNO == ENOANO, "as filter.h says");

/* Descriptors and flags are int: the kernel looks at their lower half only, so the upper half must
 * not count here either. */
#define INT_IS(argument, value) SCMP_CMP64(argument, SCMP_CMP_MASKED_EQ, 0xffffffffu, value)
#define BITS_ARE(argument, mask, bits) SCMP_CMP64(argument, SCMP_CMP_MASKED_EQ, mask, bits)

/* Of the flags of mmap(), those that say what is mapped where; the others are hints. */
#define MAP_KIND (MAP_SHARED | MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_FIXED_NOREPLACE | \
	MAP_GROWSDOWN | MAP_HUGETLB)

struct rule {
	int call;
	unsigned n;                 /* conditions, all of which must be true */
	struct scmp_arg_cmp is[2];
};

/* Two lines for one call: either will do. */
static const struct rule rules[] = {
	/* the work itself; descriptors are those that the master sent, 0 to 2 are empty (sandbox.c) */
	{ SCMP_SYS(pread64), 0, { { 0 } } },
	{ SCMP_SYS(pwrite64), 0, { { 0 } } },
	{ SCMP_SYS(sendmsg), 1, { INT_IS(0, LAUNCH_CHAN_FD) } },
	{ SCMP_SYS(recvmsg), 1, { INT_IS(0, LAUNCH_CHAN_FD) } },
	{ SCMP_SYS(close), 0, { { 0 } } },
	{ SCMP_SYS(fsync), 0, { { 0 } } },          /* durability = full */
	{ SCMP_SYS(ftruncate), 0, { { 0 } } },      /* a copy that became longer than an encoding */
	{ SCMP_SYS(ftruncate64), 0, { { 0 } } },    /* 32-bit machines' name of it */
	{ SCMP_SYS(exit_group), 0, { { 0 } } },
	/* malloc: the heap; where it cannot grow, and large blocks, mappings that are never code */
	{ SCMP_SYS(brk), 0, { { 0 } } },
	{ SCMP_SYS(munmap), 0, { { 0 } } },
	{ SCMP_SYS(mmap), 2, { BITS_ARE(2, PROT_EXEC, 0),
	    BITS_ARE(3, MAP_KIND, MAP_PRIVATE | MAP_ANONYMOUS) } },
	{ SCMP_SYS(mmap2), 2, { BITS_ARE(2, PROT_EXEC, 0), /* 32-bit arm's name of it */
	    BITS_ARE(3, MAP_KIND, MAP_PRIVATE | MAP_ANONYMOUS) } },
	{ SCMP_SYS(mremap), 1, { INT_IS(3, MREMAP_MAYMOVE) } }, /* realloc of a large block */
	{ SCMP_SYS(mprotect), 1, { BITS_ARE(2, PROT_EXEC, 0) } }, /* a heap beside the first one */
	{ SCMP_SYS(madvise), 1, { INT_IS(2, MADV_DONTNEED) } }, /* shrinking such a heap */
	{ SCMP_SYS(madvise), 1, { INT_IS(2, MADV_HUGEPAGE) } }, /* GLIBC_TUNABLES hugetlb=1 */
	/* qsort of glibc before 2.37 asks how much memory there is */
	{ SCMP_SYS(sysinfo), 0, { { 0 } } },
	/* pthread_once and the static objects of C++ wake those who might wait; nobody does, as
	 * there is one thread, so waiting is not allowed */
	{ SCMP_SYS(futex), 1, { INT_IS(1, FUTEX_WAKE | FUTEX_PRIVATE_FLAG) } },
	/* the clock, where the vDSO cannot read it: some virtual machines, other clock sources */
	{ SCMP_SYS(clock_gettime), 0, { { 0 } } },
	{ SCMP_SYS(clock_gettime64), 0, { { 0 } } },
	{ SCMP_SYS(gettimeofday), 0, { { 0 } } },
	{ SCMP_SYS(time), 0, { { 0 } } },           /* lcms2, when it makes a profile */
};

/* These fail with EPERM: filter.h says why. */
static const int silent[] = { SCMP_SYS(write), SCMP_SYS(writev) };

/* 0, or a negative errno, as libseccomp has it. A call that this architecture does not have has a
 * negative number. */
static int
add_rules(scmp_filter_ctx filter)
{
	size_t i;
	int error = 0;

	for (i = 0; i < sizeof(rules) / sizeof(rules[0]) && error == 0; i++)
		if (rules[i].call >= 0)
			error = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, rules[i].call, rules[i].n,
			    rules[i].is);
	for (i = 0; i < sizeof(silent) / sizeof(silent[0]) && error == 0; i++)
		error = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), silent[i], 0);
	return error;
}

/* Older kernels than 4.14 can only kill a thread; then this is no filter of ours. */
static bool
can_kill(void)
{
	unsigned action = SECCOMP_RET_KILL_PROCESS;

	return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

#ifdef DARKROOM_SANITIZE
static const bool may_filter = false;
#else
static const bool may_filter = true;
#endif

bool
filter_is_off(void)
{
	return !may_filter;
}

int
filter_enter(enum filter_answer answer)
{
	uint32_t otherwise = answer == FILTER_KILLS ? SCMP_ACT_KILL_PROCESS :
	    SCMP_ACT_ERRNO(FILTER_ERRNO);
	scmp_filter_ctx filter;
	int error;

	if (!may_filter) {
		errno = ENOTSUP;
		return -1;
	}
	if (!can_kill())
		return -1;
	filter = seccomp_init(otherwise);
	if (filter == NULL) {
		errno = ENOMEM;
		return -1;
	}
	error = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	/* before Linux 5.16 a filter also slowed every loop down, against a neighbour that a process
	 * alone in its box does not have; where that cannot be had it is only slower */
	(void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_SSB, 1);
	if (error == 0)
		error = add_rules(filter);
	if (error == 0)
		error = seccomp_load(filter);
	seccomp_release(filter);
	errno = -error;
	return error == 0 ? 0 : -1;
}

static bool
is_refused(long result)
{
	return result == -1 && errno == FILTER_ERRNO;
}

bool
filter_holds(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return page != MAP_FAILED && is_refused(syscall(SYS_getppid)) &&
	    is_refused(syscall(SYS_openat, -1, "", 0, 0)) &&
	    is_refused(syscall(SYS_socket, 0, 0, 0)) && is_refused(syscall(SYS_execve, NULL, NULL, NULL)) &&
	    is_refused(mprotect(page, 4096, PROT_READ | PROT_EXEC));
}
