/* work/sandbox.h - the box that a worker steps into before it reads a picture.
 *
 * Place:   worker -> here.   Process: worker, once, after the libraries are warm.
 * Now:     dies with its parent, no new privileges, limits on address space, open files, core
 *          dumps and processes, every descriptor but 0 to 3 closed.
 * Under AddressSanitizer the limit on address space is off (its shadow needs terabytes), and
 *          `darkroomd --version` says so.
 * Errors:  0; -1: the box is not tight, the worker must not go on.
 * Source:  prctl(2): PR_SET_PDEATHSIG is cleared by a change of ids, so it comes after any, and
 *          the parent is then looked at once, since it may have died before.
 */
#ifndef WORK_SANDBOX_H
#define WORK_SANDBOX_H

#include <stdint.h>
#include <sys/types.h>

#define SANDBOX_FILES 64 /* 0..3, a source, 16 results, and what a library opened when warming up */

struct sandbox {
	pid_t parent;
	uint64_t memory_bytes; /* 0: no limit */
	int nice;
};

int sandbox_enter(const struct sandbox *box);

/* What is true of every child of the master: it dies with PARENT, hears no signal that was meant for
 * the daemon, and has no descriptor but 0 to 3. Part of sandbox_enter(). */
int sandbox_tie(pid_t parent);

/* "memory limit off (sanitizers)" or "": for --version. */
const char *sandbox_posture(void);

#endif
