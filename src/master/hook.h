/* master/hook.h - on_done, on_failed, on_blocked, on_idle: commands run when something happens.
 *
 * Place:   publish (done, failed), master (blocked, idle) -> here -> command, base/words.
 * Process: master. The queue never waits for a command.
 * Order:   one command at a time, in the order in which things happened.
 * Bounds:  HOOK_BACKLOG events wait at most. What comes beyond is counted and skipped, with a line
 *          in the log when that begins and one when it is over; the next command of the same kind
 *          learns the number (DARKROOM_SKIPPED). Only one on_idle and one on_blocked wait at a time.
 * Promise: an event is told once; the death of the daemon may lose those that wait, and may tell
 *          again what was published just before it.
 * Facts:   in the environment, beside the daemon's own: darkroom.ini(5) lists them. A fact that an
 *          event does not have is not set. Names are the exact bytes.
 * Memory:  an event waits with its facts, a few KB.
 */
#ifndef MASTER_HOOK_H
#define MASTER_HOOK_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "conf/conf.h"
#include "master/command.h"
#include "spool/plan.h"

#define HOOK_BACKLOG 1000
#define HOOK_IDLE_REST_MS 2000      /* on_idle: nothing to do for so long; copiers pause between files */
#define HOOK_SAME_REASON_MS 600000  /* on_blocked: not again for the same reason before that */

struct hook;

/* ROOT, CONF: kept; the latter until hook_set_conf(). IS_ONCE: idle at once is idle. */
struct hook *hook_new(const char *root, const struct conf *conf, bool is_once);
void hook_free(struct hook *hook); /* ends what runs (command.h); what waits is dropped, logged */
void hook_set_conf(struct hook *hook, const struct conf *conf);

/* A job is over. All borrowed. */
struct hook_job {
	const char *rel, *profile;
	const struct plan *plan;     /* where everything went */
	const char *code, *reason;   /* of a failure: a word and a sentence */
};
void hook_tell_job(struct hook *hook, const struct hook_job *job);

/* The state of the queue, at every turn. WHY: it is blocked, for that reason; NULL: it is not. */
void hook_see_blocked(struct hook *hook, const char *why, int64_t now_ms);

/* Is there nothing left to do but for N_HELD files that wait for a reason? The counters are those
 * since the start. */
struct hook_load {
	bool is_idle;
	size_t n_held;
	uint64_t n_done, n_failed;
};
void hook_see_load(struct hook *hook, const struct hook_load *load, int64_t now_ms);

/* Start, hear and end commands. */
void hook_turn(struct hook *hook, int64_t now_ms);
int hook_fds(const struct hook *hook, struct pollfd *fds); /* COMMAND_N_FDS */
int64_t hook_due(const struct hook *hook);
bool hook_is_busy(const struct hook *hook); /* a command runs, or waits to */

/* The hooks of CONF whose program is not there: a sentence each to OUT. Returns how many. */
int hook_check(const struct conf *conf, FILE *out);

#endif
