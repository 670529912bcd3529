/* master/state.c - what is the queue doing, and why: one answer for all who ask. */
#include <config.h>

#include "master/control.h"
#include "master/dispatch.h"
#include "master/inbox.h"
#include "master/queue.h"
#include "master/schedule.h"
#include "master/state.h"
#include "master/view.h"

static const struct {
	const char *name;
	enum state_class class;
	const char *sentence, *shortly, *advice;
} table[STATE_N] = {
	[STATE_IDLE] = { "idle", STATE_IS_WELL, "", "",
	    "Nothing to do. Drop pictures into the folder inbox." },
	[STATE_DEVELOPING] = { "developing", STATE_WORKS, "", "", "" },
	[STATE_STOPPED] = { "stopped", STATE_NEEDS_YOU, "remove the file STOP to go on", "STOP is there",
	    "Remove the file STOP and it goes on where it stopped." },
	[STATE_PAUSED] = { "paused", STATE_NEEDS_YOU, "remove the file PAUSE to go on",
	    "PAUSE is there",
	    "Remove the file PAUSE and it goes on. What is in work is finished first." },
	[STATE_OUTSIDE_HOURS] = { "outside hours", STATE_WAITS, "", "",
	    "New pictures wait for their hour. What is in work is finished first." },
	[STATE_BLOCKED] = { "blocked", STATE_IS_BLOCKED, "", "",
	    "No picture is lost. It goes on by itself once this is put right." },
	[STATE_INBOX_MISSING] = { "inbox missing", STATE_IS_BLOCKED, "the folder inbox is not the one "
	    "that it was; nothing is lost, it goes on when it is back", "the folder inbox is missing",
	    "No picture is lost. Is the disk there? It goes on by itself when the folder inbox is back." },
	[STATE_NOT_RUNNING] = { "not running", STATE_WAITS, "the daemon was ended", "", "" },
};

static struct state
state_of(enum queue_state queue, const char *why)
{
	return (struct state){ queue, why != NULL ? why : table[queue].sentence };
}

struct state
state_now(const struct view *view)
{
	const char *blocked_why = dispatch_blocked_why(view->dispatch);

	if (inbox_is_missing(view->inbox))
		return state_of(STATE_INBOX_MISSING, NULL);
	if (view->away_why != NULL)
		return state_of(STATE_BLOCKED, view->away_why);
	if (view->control->is_stopped)
		return state_of(STATE_STOPPED, NULL);
	if (blocked_why != NULL)
		return state_of(STATE_BLOCKED, blocked_why);
	if (view->control->is_paused)
		return state_of(STATE_PAUSED, NULL);
	if (schedule_closed(view->schedule) != NULL)
		return state_of(STATE_OUTSIDE_HOURS, schedule_closed(view->schedule));
	return state_of(dispatch_is_running(view->dispatch) ? STATE_DEVELOPING : STATE_IDLE, NULL);
}

const char *
state_name(enum queue_state state)
{
	return table[state].name;
}

enum state_class
state_class(enum queue_state state)
{
	return table[state].class;
}

const char *
state_advice(enum queue_state state)
{
	return table[state].advice;
}

const char *
state_reason(const struct state *state)
{
	return *table[state->queue].shortly != '\0' ? table[state->queue].shortly : state->why;
}

bool
state_lets_begin(enum queue_state state)
{
	return table[state].class == STATE_IS_WELL || table[state].class == STATE_WORKS;
}

bool
state_is_all_done(const struct view *view)
{
	return inbox_is_listed(view->inbox) && queue_n_settling(view->queue) == 0 &&
	    queue_n_ready(view->queue) == 0 && dispatch_n_pending(view->dispatch) == 0;
}
