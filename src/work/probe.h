/* work/probe.h - how tight the box can be made here: the self-test at the start.
 *
 * Place:   main, master/workers, ctl/convert -> here -> sandbox.   Process: master, the command.
 * How:     for each layer a child that enters it alone and then tries what it must not be able to do:
 *          name a socket's peer, list a folder, become root, call what the filter forbids. A layer
 *          counts when it was entered and held; a kernel that says yes and does nothing is noticed.
 *          One more child enters all that hold at once.
 * Owns:    its children, all reaped when it returns. No descriptor is left open.
 */
#ifndef WORK_PROBE_H
#define WORK_PROBE_H

#include <stdbool.h>
#include <stdio.h>

#include "work/sandbox.h"

struct probe {
	unsigned wanted;                 /* SANDBOX_BIT()s: user only where one is to be had */
	unsigned layers;                 /* of these, those that hold */
	int errors[SANDBOX_N_LAYER];     /* of the others: errno, PROBE_LEAKS, PROBE_UNKNOWN */
};
#define PROBE_ALONE 252   /* it holds, but not together with the others */
#define PROBE_DEAF 253    /* a worker in it could not be killed */
#define PROBE_LEAKS 254   /* it was entered and does not hold */
#define PROBE_UNKNOWN 255 /* the child could not be started, or died */

/* UID: who the workers are to be, IDENTITY_NOBODY_ELSE (identity.h): who we are. */
void probe_find(struct probe *probe, uid_t uid, gid_t gid);

bool probe_is_tight(const struct probe *probe);

/* "seccomp", "landlock", "network", "user" */
const char *probe_layer_name(enum sandbox_layer layer);

/* Does LAYER lack, and why? NULL: it holds, or is not wanted. A fixed text. */
const char *probe_lack(const struct probe *probe, enum sandbox_layer layer);

/* Put the names of the layers that hold into TEXT, a blank between, "nothing" for none. */
#define PROBE_TEXT_SIZE 64
void probe_text(const struct probe *probe, char text[PROBE_TEXT_SIZE]);

/* Lines for people, each after PREFIX: "seccomp landlock network", "without landlock: the kernel ..." */
void probe_tell(const struct probe *probe, const char *prefix, FILE *out);

#endif
