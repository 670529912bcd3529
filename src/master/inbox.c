/* master/inbox.c - what happens in inbox/: events, listings and looks, in every turn. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "master/folder.h"
#include "master/inbox.h"
#include "master/tree.h"
#include "spool/name.h"
#include "spool/scan.h"

#define TURN_MS 20 /* looks and listings of one turn: STOP and the workers are not kept waiting */

struct inbox {
	struct tree tree;
	int64_t rescan_ms, poll_ms; /* when each is due */
};

bool
inbox_is_missing(const struct inbox *inbox)
{
	return inbox->tree.top == NULL;
}

bool
inbox_is_polled(const struct inbox *inbox)
{
	return tree_is_polled(&inbox->tree);
}

void
inbox_rescan(struct inbox *inbox)
{
	tree_rescan(&inbox->tree);
}

void
inbox_forget(struct inbox *inbox, struct file *file)
{
	tree_forget(&inbox->tree, file);
}

static void
look_at_file(struct inbox *inbox, struct file *file, const struct ready_times *times, int64_t now_ms)
{
	char *rel = folder_rel_of(file);
	struct ready_verdict verdict;
	struct ready_look look;

	ready_look(inbox->tree.spool->inbox_fd, rel, !times->is_polled, &look);
	verdict = file_judge(file, &look, times, now_ms);
	file->reason = verdict.reason;
	log_trace(rel, "event=looked size=%lld writer=%d end=%d answer=%d",
	    (long long)look.id.size, look.writer, look.end, verdict.answer);
	free(rel);
	if (verdict.answer == READY_NOW)
		queue_ready(inbox->tree.queue, file);
	else if (verdict.answer == READY_LATER)
		queue_settle(inbox->tree.queue, file, verdict.due_ms);
	else if (verdict.answer == READY_NEVER)
		queue_hold(inbox->tree.queue, file);
	else
		tree_drop_file(&inbox->tree, file);
}

bool
inbox_look(struct inbox *inbox, int64_t now_ms)
{
	const struct ready_times times = inbox_times(inbox);
	const int64_t end_ms = clock_ms() + TURN_MS;
	bool has_looked = false;
	struct file *file;

	while ((file = queue_due_file(inbox->tree.queue, now_ms)) != NULL && clock_ms() < end_ms) {
		look_at_file(inbox, file, &times, now_ms);
		has_looked = true;
	}
	return has_looked;
}

/* ---- events ---------------------------------------------------------------------------- */

static void
watch_root(struct inbox *inbox)
{
	if (!inbox_is_polled(inbox) && watch_add(inbox->tree.watch, "") != 0)
		log_warn(NULL, "event=root-not-watched error=\"%s\"", strerror(errno));
}

/* Something happened that makes the library's table, or ours, doubtful: begin anew. */
static void
start_anew(struct inbox *inbox)
{
	struct folder *folder;

	log_debug(NULL, "event=watch-anew");
	if (!inbox_is_polled(inbox) && watch_reset(inbox->tree.watch) != 0) {
		log_warn(NULL, "event=no-inotify error=\"%s\" why=\"the inbox is polled now\"",
		    strerror(errno));
		watch_close(inbox->tree.watch);
		inbox->tree.watch = NULL;
	}
	watch_root(inbox);
	inbox->tree.saw_folders = true;
	for (folder = inbox->tree.top; folder != NULL; folder = tree_next(folder))
		tree_watch(&inbox->tree, folder);
	inbox_rescan(inbox);
}

static void
lose_inbox(struct inbox *inbox)
{
	log_warn(NULL, "event=inbox-missing why=\"ROOT/inbox is not the folder that it was; nothing is "
	    "forgotten or touched\" remedy=\"mount it, or put it back\"");
	inbox->tree.saw_folders = true; /* perhaps it is all of ROOT that has gone */
	if (inbox->tree.top != NULL)
		tree_drop(&inbox->tree, inbox->tree.top);
}

static void
find_inbox(struct inbox *inbox)
{
	if (spool_find_inbox(inbox->tree.spool) != 0)
		return;
	log_info(NULL, "event=inbox-found");
	start_anew(inbox); /* first: the library leaks a path that it is told to watch twice */
	inbox->tree.top = tree_add(&inbox->tree, NULL, "");
}

static bool
is_control(const char *name)
{
	return name_is_control(name, "STOP") || name_is_control(name, "PAUSE");
}

/* An event in the folder REL of the inbox. */
static void
take_event(struct inbox *inbox, const struct watch_event *event, const char *rel)
{
	struct folder *folder = tree_find(&inbox->tree, rel);
	struct folder *child;
	char *path;

	if (*rel == '\0' && is_control(event->name)) {
		inbox->tree.saw_control = true;
		return;
	}
	if (folder == NULL || name_is_ignored(event->name))
		return;
	path = scan_path(rel, event->name);
	if (event->kind == WATCH_FOLDER && !event->is_gone)
		tree_note_folder(&inbox->tree, folder, event->name, true);
	else if (event->kind == WATCH_FOLDER && (child = tree_find(&inbox->tree, path)) != NULL)
		tree_mark_dirty(&inbox->tree, child); /* its listing will find it gone */
	else if (event->kind == WATCH_NAME && (!event->is_gone ||
	    folder_find(folder, event->name) != NULL))
		tree_note_file(&inbox->tree, folder, event->name, true, event->is_written);
	free(path);
}

/* Events of ROOT tell of control files; what we write there ourselves (STATUS) is nothing new. */
static bool
take_events(struct inbox *inbox)
{
	struct watch_event event;
	bool has_seen = false;

	while (inbox->tree.watch != NULL && (watch_next(inbox->tree.watch, &event), event.kind != WATCH_NONE)) {
		if (event.kind != WATCH_RESET && *event.folder == '\0') {
			inbox->tree.saw_control |= is_control(event.name);
			inbox->tree.saw_folders |= event.kind == WATCH_FOLDER;
			continue;
		}
		has_seen = true;
		if (event.kind == WATCH_RESET)
			start_anew(inbox);
		else if (strcmp(event.folder, "inbox") == 0)
			take_event(inbox, &event, "");
		else if (strncmp(event.folder, "inbox/", 6) == 0)
			take_event(inbox, &event, event.folder + 6);
	}
	return has_seen;
}

/* Polling, and the rescan that makes up for any event that never came. */
static void
take_time(struct inbox *inbox, int64_t now_ms)
{
	struct folder *folder;

	while ((folder = tree_next_cut(&inbox->tree)) != NULL && !folder->is_dirty)
		tree_mark_dirty(&inbox->tree, folder);
	if (now_ms >= inbox->rescan_ms || (inbox_is_polled(inbox) && now_ms >= inbox->poll_ms)) {
		inbox_rescan(inbox);
		inbox->rescan_ms = now_ms + inbox->tree.conf->rescan_ms;
	} else if (inbox->tree.n_unwatched == 0 || now_ms < inbox->poll_ms)
		return;
	inbox->poll_ms = now_ms + inbox->tree.conf->poll_interval_ms;
	for (folder = inbox->tree.top; folder != NULL; folder = tree_next(folder))
		if (folder->is_unwatched)
			tree_mark_dirty(&inbox->tree, folder);
}

bool
inbox_turn(struct inbox *inbox, int64_t now_ms)
{
	const int64_t end_ms = clock_ms() + TURN_MS;
	bool has_seen = take_events(inbox);

	if (inbox->tree.top != NULL && spool_check_inbox(inbox->tree.spool) != 0) {
		lose_inbox(inbox);
		inbox->poll_ms = 0;
	}
	if (inbox->tree.top == NULL) {
		if (now_ms >= inbox->poll_ms) {
			find_inbox(inbox);
			inbox->poll_ms = now_ms + inbox->tree.conf->poll_interval_ms;
			inbox->tree.saw_control = true;
		}
		return has_seen;
	}
	take_time(inbox, now_ms);
	while (inbox->tree.dirty != NULL && clock_ms() < end_ms) {
		tree_list(&inbox->tree, inbox->tree.dirty);
		has_seen = true;
	}
	return has_seen;
}

/* ---- the rest -------------------------------------------------------------------------- */

struct inbox *
inbox_new(struct spool *spool, struct queue *queue, const struct conf *conf, struct watch *watch)
{
	struct inbox *inbox = mem_alloc(sizeof(*inbox));

	inbox->tree.spool = spool;
	inbox->tree.queue = queue;
	inbox->tree.conf = conf;
	inbox->tree.watch = watch;
	inbox->tree.dirty_end = &inbox->tree.dirty;
	inbox->tree.saw_control = true;
	watch_root(inbox);
	inbox->tree.top = tree_add(&inbox->tree, NULL, "");
	inbox->rescan_ms = clock_ms() + conf->rescan_ms;
	inbox->poll_ms = clock_ms() + conf->poll_interval_ms;
	return inbox;
}

void
inbox_free(struct inbox *inbox)
{
	if (inbox == NULL)
		return;
	if (inbox->tree.top != NULL)
		tree_drop(&inbox->tree, inbox->tree.top);
	watch_close(inbox->tree.watch);
	free(inbox);
}

void
inbox_set_conf(struct inbox *inbox, const struct conf *conf)
{
	bool was_polled = inbox_is_polled(inbox);

	inbox->tree.conf = conf;
	if (was_polled != inbox_is_polled(inbox))
		start_anew(inbox);
	inbox_rescan(inbox);
}

int
inbox_fd(const struct inbox *inbox)
{
	return inbox->tree.watch == NULL ? -1 : watch_fd(inbox->tree.watch);
}

int64_t
inbox_due(const struct inbox *inbox)
{
	if (inbox->tree.dirty != NULL)
		return 0;
	if (inbox->tree.top == NULL || inbox_is_polled(inbox) || inbox->tree.n_unwatched > 0)
		return clock_min(inbox->poll_ms, queue_due(inbox->tree.queue));
	return clock_min(inbox->rescan_ms, queue_due(inbox->tree.queue));
}

size_t
inbox_n_held(const struct inbox *inbox)
{
	return inbox->tree.n_held;
}

size_t
inbox_held(const struct inbox *inbox, struct inbox_held *held, size_t max)
{
	struct folder *folder;
	size_t n = 0;

	for (folder = inbox->tree.n_held == 0 ? NULL : inbox->tree.top; folder != NULL && n < max;
	    folder = tree_next(folder))
		if (folder->reason != NULL)
			held[n++] = (struct inbox_held){ *folder->rel == '\0' ? "." : folder->rel,
				folder->reason };
	return n;
}

struct ready_times
inbox_times(const struct inbox *inbox)
{
	return (struct ready_times){
		.quiet_ms = inbox->tree.conf->quiet_ms,
		.settle_ms = inbox->tree.conf->settle_ms,
		.incomplete_ms = inbox->tree.conf->incomplete_ms,
		.poll_ms = inbox->tree.conf->poll_interval_ms,
		.fails_unsupported = inbox->tree.conf->unsupported == CONF_FAIL,
		.is_polled = inbox_is_polled(inbox),
	};
}

bool
inbox_is_listed(const struct inbox *inbox)
{
	return inbox->tree.top != NULL && inbox->tree.dirty == NULL && tree_next_cut(&inbox->tree) == NULL;
}

bool
inbox_saw_folders(struct inbox *inbox)
{
	bool saw = inbox->tree.saw_folders;

	inbox->tree.saw_folders = false;
	return saw;
}

bool
inbox_saw_control(struct inbox *inbox)
{
	bool saw = inbox->tree.saw_control;

	inbox->tree.saw_control = false;
	return saw;
}
