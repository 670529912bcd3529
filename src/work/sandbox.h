/* work/sandbox.h - the box that a worker steps into before it reads a picture.
 *
 * Place:   worker, probe -> here -> identity, landlock, filter.
 * Process: worker, once, after the libraries are warm.
 * Order:   1 network   no network, IPC or host name of anybody else's (identity.h)
 *          2 user      spool.user, where the daemon is root; no capabilities in any case
 *          3 the tie   dies with its parent, deaf to the daemon's signals, no descriptor but 0 to 3
 *                      (and, for a trial in the box, n_kept more)
 *          4 limits    nice, address space, length of a result, stack, open files, core dumps,
 *                      processes
 *          5 no new privileges, not to be looked into, 0 to 2 are an empty file
 *          6 landlock  no path, no port, no signal (landlock.h)
 *          7 seccomp   few system calls, any other kills (filter.h)
 *          1 and 2 come before 3, since a change of ids lets go of PR_SET_PDEATHSIG; 1 before 2, as
 *          root may do more; 5 before 6 and 7, which want it; 7 last, as it forbids the others.
 * Layers:  1, 2, 6 and 7 are what a kernel or a container may lack. Which of them a machine has, the
 *          master finds out at its start (probe.h) and then demands it of each worker: one that
 *          fails to get or to hold a layer that is demanded does not work at all.
 * Death:   the daemon can always kill a worker: it is root, or the worker's own user, or the user who
 *          made the worker's namespace. A root without CAP_KILL could not, once the worker is another
 *          user; the self-test notices that, and layer 2 is left out. Raising a worker's priority
 *          before the kill (pool.c) needs root.
 * Under AddressSanitizer the limit on address space (its shadow needs terabytes) and seccomp are
 *          off, and `darkroomd --version` says so.
 * Errors:  0; -1: the box is not tight, the worker must not go on.
 * Source:  prctl(2), setrlimit(2), credentials(7); the kernel's commit_creds() for what clears
 *          PR_SET_PDEATHSIG: after it the parent is looked at once, since it may have died before.
 */
#ifndef WORK_SANDBOX_H
#define WORK_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define SANDBOX_FILES 64 /* 0..3, a source, 16 results, as many watermarks, and some to spare */

enum sandbox_layer { SANDBOX_SECCOMP, SANDBOX_LANDLOCK, SANDBOX_NETWORK, SANDBOX_USER,
	SANDBOX_N_LAYER };
#define SANDBOX_BIT(layer) (1u << (layer))

struct sandbox {
	pid_t parent;
	uint64_t memory_bytes; /* 0: no limit */
	uint64_t file_bytes;   /* of a result; 0: no limit. Beyond it writing fails with EFBIG */
	int nice;
	unsigned layers;       /* SANDBOX_BIT() of each that is demanded */
	uid_t uid;             /* with the layer SANDBOX_USER */
	gid_t gid;
	unsigned n_kept;       /* descriptors from 4 on that stay open */
};

int sandbox_enter(const struct sandbox *box);

/* What is true of every child of the master: it dies with PARENT, hears no signal that was meant for
 * the daemon, and has no descriptor but 0 to 3. Part of sandbox_enter(). */
int sandbox_tie(pid_t parent);

/* For the self-test: enter one layer alone (seccomp so that it refuses instead of killing), and: does
 * it hold? 0, or -1 with errno. */
int sandbox_enter_layer(const struct sandbox *box, enum sandbox_layer layer);
bool sandbox_holds(const struct sandbox *box, enum sandbox_layer layer);

/* Is RLIMIT_AS in use in this build? */
bool sandbox_limits_memory(void);

#endif
