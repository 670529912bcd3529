/* work/filter.h - the system calls that a worker may make once it is in its box.
 *
 * Place:   sandbox -> here -> libseccomp.   Process: worker, last step into the box.
 * Rule:    an allow list, with arguments where these matter; all else, and every call of another
 *          architecture (int 0x80, x32), kills the process by SIGSYS, and the kernel's log names
 *          the call. Found by strace over some 640 JPEGs and PNGs with every kind of rendition;
 *          what glibc does on other machines beside that is said in filter.c, call by call.
 * Silent:  write and writev fail with EPERM instead of killing: a worker that ends itself with a
 *          last word on stderr keeps its exit status. abort() kills by SIGSYS, not by SIGABRT.
 * Off:     in a build with sanitizers, whose run-time library calls what it likes: ENOTSUP.
 * Errors:  0; -1 with errno, and nothing has changed.
 * Source:  seccomp(2), seccomp_rule_add(3), syscalls(2).
 */
#ifndef WORK_FILTER_H
#define WORK_FILTER_H

#include <stdbool.h>

enum filter_answer {
	FILTER_KILLS,
	FILTER_REFUSES /* fail with FILTER_ERRNO instead: for the self-test, which wants to go on */
};
#define FILTER_ERRNO 55 /* ENOANO: no call that the self-test makes fails with it by itself */

/* No way back. Sets no_new_privs. */
int filter_enter(enum filter_answer answer);

/* A build with sanitizers? */
bool filter_is_off(void);

/* After filter_enter(FILTER_REFUSES): does it refuse what it should, and nothing more? */
bool filter_holds(void);

#endif
