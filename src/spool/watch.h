/* spool/watch.h - libinotifytools, used in the one way that loses nothing.
 *
 * Place:   inbox -> here.   Process: master. One per process: the library is global state.
 * Says:    "look at this name", "a folder appeared", or "start anew". Events are hints; the
 *          folder is the truth.
 * Facts:   found by experiment with libinotifytools 3.22.6 (Debian 12): no accessor for the
 *          descriptor, but it is the lowest free one at initialize(); events are buffered in user
 *          space, so poll(2) is silent while some are pending: drain until WATCH_NONE. A folder
 *          that was renamed keeps its old name in the library's table, so any such surprise ends
 *          in WATCH_RESET: watch_reset(), watch everything again, list everything. Of its
 *          functions only the table wd -> name is used; its filters, its recursive watching and
 *          its renaming go wrong under churn.
 * Not:     thread-safe; a forked child that calls it steals events (workers exec).
 */
#ifndef SPOOL_WATCH_H
#define SPOOL_WATCH_H

#include <stdbool.h>

enum watch_kind { WATCH_NONE, WATCH_NAME, WATCH_FOLDER, WATCH_RESET };

struct watch_event {
	enum watch_kind kind;
	const char *folder; /* below the root given to watch_open: "", "inbox", "inbox/a"; borrowed
			     * until the next call */
	const char *name;   /* in it; borrowed likewise */
	bool is_written;    /* a writer closed it: a writer was seen, and has gone */
	bool is_gone;       /* it left this name */
};

struct watch;

/* ROOT: absolute. Gives a watch, or NULL with errno: no inotify here, poll instead (EMFILE: the limit
 * fs.inotify.max_user_instances). Call it before other threads or descriptors can come in between. */
struct watch *watch_open(const char *root);
void watch_close(struct watch *watch);

/* For poll(2). Changes with watch_reset(). */
int watch_fd(const struct watch *watch);

/* Watch the folder at PATH below the root. 0; -1 ENOENT, ENOTDIR: not there; -1 ENOSPC: the limit
 * fs.inotify.max_user_watches; -1 EEXIST: the same folder is watched under another name, which it had a
 * moment ago: WATCH_RESET is on its way; -1 others. Watch first, then list. */
int watch_add(struct watch *watch, const char *path);

/* Forget every watch and begin again. 0, or -1: inotify is used up. */
int watch_reset(struct watch *watch);

/* The next event that was not yet given; never waits. */
void watch_next(struct watch *watch, struct watch_event *event);

#endif
