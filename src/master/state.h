/* master/state.h - the one state of the queue: what people, programs and hooks are told of it.
 *
 * Place:   the parts of the daemon (view.h) -> here -> overview, report/, once, master.
 * Process: master. Worked out anew whenever somebody asks; nothing is kept.
 * Order:   of several that hold at once, the one that people have to know first: what is gone, then
 *          what they said themselves, then what is wrong with the machine.
 * Words:   a name is a value of status.json and of metrics.prom: it stays. A new state is a line in
 *          the table of state.c and a condition in state_now(); all forms of the report follow.
 */
#ifndef MASTER_STATE_H
#define MASTER_STATE_H

#include <stdbool.h>

struct view;

enum queue_state {
	STATE_IDLE, STATE_DEVELOPING, STATE_STOPPED, STATE_PAUSED, STATE_OUTSIDE_HOURS, STATE_BLOCKED,
	STATE_INBOX_MISSING,
	STATE_N_LIVE,                    /* the others are no states of a daemon that runs */
	STATE_NOT_RUNNING = STATE_N_LIVE,
	STATE_N
};

enum state_class {
	STATE_IS_WELL,
	STATE_WORKS,
	STATE_WAITS,      /* it goes on at its time */
	STATE_NEEDS_YOU,  /* it goes on when somebody lets it */
	STATE_IS_BLOCKED  /* something is wrong with the machine */
};

struct state {
	enum queue_state queue;
	const char *why;  /* a sentence, or "". Borrowed until a part of the daemon changes */
};

struct state state_now(const struct view *view);

const char *state_name(enum queue_state state);
enum state_class state_class(enum queue_state state);
/* What to do, or that nothing needs to be done; "" when there is nothing to say. */
const char *state_advice(enum queue_state state);
/* Why nothing is begun, for a line about a file or for a command: "STOP is there"; "": it is begun. */
const char *state_reason(const struct state *state);
/* May new pictures be begun? */
bool state_lets_begin(enum queue_state state);

/* Is all done but for what waits for a reason of its own? */
bool state_is_all_done(const struct view *view);

#endif
