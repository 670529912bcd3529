/* ctl/daemon.h - what the daemon last wrote about itself, and whether it lives.
 *
 * Place:   status, wait -> here -> status.json (jansson), spool/lock.
 * Why:     an idle daemon writes nothing, so the age of the file says nothing; the reporter's lock
 *          does (spool/lock.h). Where it cannot be looked at, on the same machine the process
 *          does. Of a daemon on another machine, nobody can tell then.
 */
#ifndef CTL_DAEMON_H
#define CTL_DAEMON_H

#include <jansson.h>

#include "ctl/ctl.h"

enum daemon_life {
	DAEMON_RUNS,      /* it may not have written a status.json yet */
	DAEMON_GONE,      /* it ran on this machine, its process is not there */
	DAEMON_ELSEWHERE, /* it ran on another machine */
	DAEMON_NEVER,     /* no status.json, and nobody holds the lock */
};

struct daemon_report {
	enum daemon_life life;
	json_t *json;        /* status.json, or NULL; owned */
	/* borrowed from json; "" where it does not say */
	const char *host, *state, *why, *written;
	long pid;
};

/* Reads status.json. What cannot be read or is no JSON counts as not there, with a complaint. */
void daemon_read(const struct ctl *ctl, struct daemon_report *report);
void daemon_clear(struct daemon_report *report);

/* The reason for which the file REL of the inbox is not developed, by that report, or NULL.
 * Borrowed from the report. */
const char *daemon_held(const struct daemon_report *report, const char *rel);

/* How many files are held but not listed, for there are too many. */
long daemon_n_unlisted(const struct daemon_report *report);

#endif
