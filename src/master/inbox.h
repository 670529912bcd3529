/* master/inbox.h - what lies in inbox/: noticing it, and keeping the queue in step with it.
 *
 * Place:   spool/watch, spool/scan -> here -> queue.   Process: master.
 * Flow:    inbox_turn takes events, lists folders that are dirty (a few ms at a time), and drops what
 *          is no longer there; inbox_look judges the files whose look is due.
 * Truth:   the folders. An event is a hint to look at one name, or to begin anew; every folder is
 *          listed at the start, every `rescan`, and every `poll_interval` where nobody tells us.
 * Race:    a file is claimed only after the events that came before its last look were taken (the
 *          kernel queues CLOSE_WRITE before it lets the lease be granted): a copier that has just
 *          closed it and will set its times is therefore always seen.
 * Missing: when ROOT/inbox is not the folder that we know, the index is dropped and nothing is
 *          concluded from it; whatever folder is there later and passes the checks is the inbox.
 */
#ifndef MASTER_INBOX_H
#define MASTER_INBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"
#include "master/queue.h"
#include "spool/spool.h"
#include "spool/watch.h"

struct inbox;

/* WATCH: from watch_open(), taken, or NULL: poll. Borrows the others. */
struct inbox *inbox_new(struct spool *spool, struct queue *queue, const struct conf *conf,
    struct watch *watch);
void inbox_free(struct inbox *inbox);
void inbox_set_conf(struct inbox *inbox, const struct conf *conf);

int inbox_fd(const struct inbox *inbox);     /* for poll(2); -1: none */
int64_t inbox_due(const struct inbox *inbox); /* when inbox_turn or inbox_look is next due */

/* Judge the files whose look is due. Returns true when there was one: it may have to be told of. */
bool inbox_look(struct inbox *inbox, int64_t now_ms);

/* Take the events and list what is dirty. Returns true when something was seen. */
bool inbox_turn(struct inbox *inbox, int64_t now_ms);

/* The times by which files are judged now. */
struct ready_times inbox_times(const struct inbox *inbox);

bool inbox_is_missing(const struct inbox *inbox);
bool inbox_is_polled(const struct inbox *inbox);
bool inbox_is_listed(const struct inbox *inbox);       /* every folder, at least once */
bool inbox_saw_control(struct inbox *inbox);  /* a control file may have come or gone; resets */
bool inbox_saw_folders(struct inbox *inbox);  /* a folder of ROOT may have come or gone; resets */

/* Folders of the inbox that, or parts of which, are not listed, and why. Borrowed until the next
 * turn. */
struct inbox_held {
	const char *rel, *reason;
};
size_t inbox_n_held(const struct inbox *inbox);
size_t inbox_held(const struct inbox *inbox, struct inbox_held *held, size_t max);

/* List everything anew at the next turn. */
void inbox_rescan(struct inbox *inbox);

/* FILE was claimed, or somebody else took it: it is forgotten, in the queue too, and freed. */
void inbox_forget(struct inbox *inbox, struct file *file);

#endif
