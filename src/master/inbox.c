#include <config.h>

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fsio.h"
#include "base/log.h"
#include "base/mem.h"
#include "master/inbox.h"
#include "spool/name.h"
#include "spool/scan.h"

#define TURN_MS 20 /* looks and listings of one turn: STOP and the workers are not kept waiting */

struct folder {
	char *rel;
	struct folder *parent, *children, *next, *prev;
	struct job *jobs;
	unsigned generation;      /* of the parent's listing that saw it last */
	unsigned listing;         /* counts our own listings */
	bool is_watched, is_dirty;
	struct folder *next_dirty;
};

struct inbox {
	struct spool *spool;
	struct queue *queue;
	const struct conf *conf;
	struct watch *watch;
	struct folder *top;       /* NULL: the inbox is missing */
	void *index;              /* tsearch(3) tree of folders by rel */
	struct folder *dirty, **dirty_end;
	int64_t rescan_ms, poll_ms; /* when each is due */
	size_t n_unwatched;
	bool warned_of_limit, saw_control;
};

static int
compare_folders(const void *a, const void *b)
{
	return strcmp(((const struct folder *)a)->rel, ((const struct folder *)b)->rel);
}

bool
inbox_is_missing(const struct inbox *inbox)
{
	return inbox->top == NULL;
}

bool
inbox_is_polled(const struct inbox *inbox)
{
	return inbox->watch == NULL || inbox->conf->watch == CONF_WATCH_POLL ||
	    (inbox->conf->watch == CONF_WATCH_AUTO && inbox->spool->is_polled);
}

/* ---- folders --------------------------------------------------------------------------- */

static struct folder *
find_folder(const struct inbox *inbox, const char *rel)
{
	const struct folder key = { .rel = (char *)rel };
	struct folder **found = tfind(&key, &inbox->index, compare_folders);

	return found == NULL ? NULL : *found;
}

static void
mark_dirty(struct inbox *inbox, struct folder *folder)
{
	if (folder->is_dirty)
		return;
	folder->is_dirty = true;
	folder->next_dirty = NULL;
	*inbox->dirty_end = folder;
	inbox->dirty_end = &folder->next_dirty;
}

static void
warn_of_limit(struct inbox *inbox, const char *rel)
{
	if (inbox->warned_of_limit)
		return;
	inbox->warned_of_limit = true;
	log_warn(NULL, "event=too-many-folders first=\"%s\" why=\"the kernel watches no more; they are "
	    "polled\" remedy=\"raise the sysctl fs.inotify.max_user_watches\"", rel);
}

/* Watch first, then list: what comes in between is seen by one of the two. */
static void
watch_folder(struct inbox *inbox, struct folder *folder)
{
	char *path;

	if (inbox_is_polled(inbox))
		return;
	path = *folder->rel == '\0' ? mem_dup("inbox") : mem_printf("inbox/%s", folder->rel);
	folder->is_watched = watch_add(inbox->watch, path) == 0;
	if (!folder->is_watched && errno == ENOSPC)
		warn_of_limit(inbox, folder->rel);
	inbox->n_unwatched += !folder->is_watched;
	free(path);
}

static struct folder *
add_folder(struct inbox *inbox, struct folder *parent, const char *rel)
{
	struct folder *folder = mem_alloc(sizeof(*folder));

	folder->rel = mem_dup(rel);
	folder->parent = parent;
	if (parent != NULL) {
		folder->next = parent->children;
		if (folder->next != NULL)
			folder->next->prev = folder;
		parent->children = folder;
	}
	tsearch(folder, &inbox->index, compare_folders);
	watch_folder(inbox, folder);
	mark_dirty(inbox, folder);
	return folder;
}

void
inbox_forget(struct inbox *inbox, struct job *job)
{
	struct folder *folder = job->folder;

	(void)inbox;
	if (folder == NULL)
		return;
	if (job->prev_in_folder != NULL)
		job->prev_in_folder->next_in_folder = job->next_in_folder;
	else
		folder->jobs = job->next_in_folder;
	if (job->next_in_folder != NULL)
		job->next_in_folder->prev_in_folder = job->prev_in_folder;
	job->folder = NULL;
	job->next_in_folder = job->prev_in_folder = NULL;
}

static void
drop_job(struct inbox *inbox, struct job *job)
{
	inbox_forget(inbox, job);
	queue_drop(inbox->queue, job);
}

static void
undirty(struct inbox *inbox, struct folder *folder)
{
	struct folder **p;

	if (!folder->is_dirty)
		return;
	for (p = &inbox->dirty; *p != folder; p = &(*p)->next_dirty)
		;
	*p = folder->next_dirty;
	if (*p == NULL)
		inbox->dirty_end = p;
	folder->is_dirty = false;
}

/* The folder and all below it are gone from here: so are their jobs. */
static void
drop_folder(struct inbox *inbox, struct folder *folder)
{
	while (folder->children != NULL)
		drop_folder(inbox, folder->children);
	while (folder->jobs != NULL)
		drop_job(inbox, folder->jobs);
	undirty(inbox, folder);
	if (folder->prev != NULL)
		folder->prev->next = folder->next;
	else if (folder->parent != NULL)
		folder->parent->children = folder->next;
	if (folder->next != NULL)
		folder->next->prev = folder->prev;
	if (inbox->top == folder)
		inbox->top = NULL;
	tdelete(folder, &inbox->index, compare_folders);
	free(folder->rel);
	free(folder);
}

/* The folder after FOLDER in a walk over the tree, parents first. */
static struct folder *
next_folder(struct folder *folder)
{
	if (folder->children != NULL)
		return folder->children;
	while (folder != NULL && folder->next == NULL)
		folder = folder->parent;
	return folder == NULL ? NULL : folder->next;
}

void
inbox_rescan(struct inbox *inbox)
{
	struct folder *folder;

	for (folder = inbox->top; folder != NULL; folder = next_folder(folder))
		mark_dirty(inbox, folder);
	inbox->saw_control = true;
}

/* ---- files ----------------------------------------------------------------------------- */

static struct job *
add_file(struct inbox *inbox, struct folder *folder, const char *rel)
{
	struct job *job;
	struct stat st;

	if (fsio_stat(inbox->spool->inbox_fd, rel, &st) != 0 || !S_ISREG(st.st_mode))
		return NULL;
	job = queue_add(inbox->queue, rel, spool_id_of(&st).ctime_ns);
	job->folder = folder;
	job->next_in_folder = folder->jobs;
	if (job->next_in_folder != NULL)
		job->next_in_folder->prev_in_folder = job;
	folder->jobs = job;
	return job;
}

/* A file was listed, or an event named it. */
static void
note_file(struct inbox *inbox, struct folder *folder, const char *name, bool is_event,
    bool is_written)
{
	char *rel = scan_path(folder->rel, name);
	struct job *job = strlen(rel) > NAME_REL_MAX ? NULL : queue_find(inbox->queue, rel);

	if (job == NULL && strlen(rel) <= NAME_REL_MAX) {
		job = add_file(inbox, folder, rel);
	} else if (job != NULL && (is_event || job->place == JOB_HELD)) {
		job->reason = NULL;
		queue_settle(inbox->queue, job, 0); /* look again */
	}
	if (job != NULL) {
		job->generation = folder->listing;
		job->facts.is_nudged |= is_written;
	}
	free(rel);
}

static void
note_folder(struct inbox *inbox, struct folder *parent, const char *name)
{
	char *rel = scan_path(parent->rel, name);
	struct folder *folder = find_folder(inbox, rel);
	const char *p;
	uint32_t depth = 1;

	for (p = rel; *p != '\0'; p++)
		depth += *p == '/';
	if (folder == NULL && (depth > inbox->conf->limit_depth || strlen(rel) > NAME_REL_MAX))
		log_warn(rel, "event=folder-too-deep limit=%u", (unsigned)inbox->conf->limit_depth);
	else if (folder == NULL)
		folder = add_folder(inbox, parent, rel);
	if (folder != NULL)
		folder->generation = parent->listing;
	free(rel);
}

/* What the last listing did not see is gone. */
static void
sweep(struct inbox *inbox, struct folder *folder)
{
	struct folder *child, *next_child;
	struct job *job, *next_job;

	for (job = folder->jobs; job != NULL; job = next_job) {
		next_job = job->next_in_folder;
		if (job->generation == folder->listing)
			continue;
		log_debug(job->rel, "event=left-the-inbox");
		drop_job(inbox, job);
	}
	for (child = folder->children; child != NULL; child = next_child) {
		next_child = child->next;
		if (child->generation != folder->listing)
			drop_folder(inbox, child);
	}
}

static void
list_folder(struct inbox *inbox, struct folder *folder)
{
	struct scan scan;

	undirty(inbox, folder);
	if (scan_open(&scan, inbox->spool->inbox_fd, folder->rel) != 0) {
		if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP)
			drop_folder(inbox, folder);
		else /* this folder alone waits; the next rescan tries again */
			log_warn(folder->rel, "event=folder-not-listed error=\"%s\" remedy=\"let the "
			    "daemon's user read it\"", strerror(errno));
		return;
	}
	folder->listing++;
	while (scan_next(&scan)) {
		if (scan.is_folder)
			note_folder(inbox, folder, scan.name);
		else
			note_file(inbox, folder, scan.name, false, false);
	}
	if (scan.error == 0)
		sweep(inbox, folder);
	scan_close(&scan);
}

void
inbox_look(struct inbox *inbox, int64_t now_ms)
{
	const struct ready_times times = inbox_times(inbox);
	const int64_t end_ms = clock_ms() + TURN_MS;
	struct ready_verdict verdict;
	struct ready_look look;
	struct job *job;

	while ((job = queue_due_job(inbox->queue, now_ms)) != NULL && clock_ms() < end_ms) {
		ready_look(inbox->spool->inbox_fd, job->rel, !times.is_polled, &look);
		verdict = ready_judge(&job->facts, &look, &times, now_ms);
		job->reason = verdict.reason;
		if (verdict.answer == READY_NOW)
			queue_ready(inbox->queue, job);
		else if (verdict.answer == READY_LATER)
			queue_settle(inbox->queue, job, verdict.due_ms);
		else if (verdict.answer == READY_NEVER)
			queue_hold(inbox->queue, job);
		else
			drop_job(inbox, job);
		log_trace(job->rel, "event=looked size=%lld writer=%d end=%d answer=%d",
		    (long long)look.id.size, look.writer, look.end, verdict.answer);
	}
}

/* ---- events ---------------------------------------------------------------------------- */

static void
watch_root(struct inbox *inbox)
{
	if (!inbox_is_polled(inbox) && watch_add(inbox->watch, "") != 0)
		log_warn(NULL, "event=root-not-watched error=\"%s\"", strerror(errno));
}

/* Something happened that makes the library's table, or ours, doubtful: begin anew. */
static void
start_anew(struct inbox *inbox)
{
	struct folder *folder;

	log_debug(NULL, "event=watch-anew");
	inbox->n_unwatched = 0;
	if (!inbox_is_polled(inbox) && watch_reset(inbox->watch) != 0) {
		log_warn(NULL, "event=no-inotify error=\"%s\" why=\"the inbox is polled now\"",
		    strerror(errno));
		watch_close(inbox->watch);
		inbox->watch = NULL;
	}
	watch_root(inbox);
	for (folder = inbox->top; folder != NULL; folder = next_folder(folder))
		watch_folder(inbox, folder);
	inbox_rescan(inbox);
}

static void
lose_inbox(struct inbox *inbox)
{
	log_warn(NULL, "event=inbox-missing why=\"ROOT/inbox is not the folder that it was; nothing is "
	    "forgotten or touched\" remedy=\"mount it, or put it back\"");
	if (inbox->top != NULL)
		drop_folder(inbox, inbox->top);
}

static void
find_inbox(struct inbox *inbox)
{
	if (spool_find_inbox(inbox->spool) != 0)
		return;
	log_info(NULL, "event=inbox-found");
	inbox->top = add_folder(inbox, NULL, "");
	start_anew(inbox);
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
	struct folder *folder = find_folder(inbox, rel);
	struct folder *child;
	char *path;

	if (*rel == '\0' && is_control(event->name)) {
		inbox->saw_control = true;
		return;
	}
	if (folder == NULL || name_is_ignored(event->name))
		return;
	path = scan_path(rel, event->name);
	if (event->kind == WATCH_FOLDER && !event->is_gone)
		note_folder(inbox, folder, event->name);
	else if (event->kind == WATCH_FOLDER && (child = find_folder(inbox, path)) != NULL)
		mark_dirty(inbox, child); /* its listing will find it gone */
	else if (event->kind == WATCH_NAME && (!event->is_gone || queue_find(inbox->queue, path)))
		note_file(inbox, folder, event->name, true, event->is_written);
	free(path);
}

static bool
take_events(struct inbox *inbox)
{
	struct watch_event event;
	bool has_seen = false;

	while (inbox->watch != NULL && (watch_next(inbox->watch, &event), event.kind != WATCH_NONE)) {
		has_seen = true;
		if (event.kind == WATCH_RESET)
			start_anew(inbox);
		else if (strcmp(event.folder, "inbox") == 0)
			take_event(inbox, &event, "");
		else if (strncmp(event.folder, "inbox/", 6) == 0)
			take_event(inbox, &event, event.folder + 6);
		else if (*event.folder == '\0' && is_control(event.name))
			inbox->saw_control = true;
	}
	return has_seen;
}

/* Polling, and the rescan that makes up for any event that never came. */
static void
take_time(struct inbox *inbox, int64_t now_ms)
{
	bool polls = inbox_is_polled(inbox) || inbox->n_unwatched > 0;

	if (now_ms >= inbox->rescan_ms || (polls && now_ms >= inbox->poll_ms)) {
		inbox_rescan(inbox);
		inbox->rescan_ms = now_ms + inbox->conf->rescan_ms;
		inbox->poll_ms = now_ms + inbox->conf->poll_interval_ms;
	}
}

bool
inbox_turn(struct inbox *inbox, int64_t now_ms)
{
	const int64_t end_ms = clock_ms() + TURN_MS;
	bool has_seen = take_events(inbox);

	if (inbox->top != NULL && spool_check_inbox(inbox->spool) != 0) {
		lose_inbox(inbox);
		inbox->poll_ms = 0;
	}
	if (inbox->top == NULL) {
		if (now_ms >= inbox->poll_ms) {
			find_inbox(inbox);
			inbox->poll_ms = now_ms + inbox->conf->poll_interval_ms;
			inbox->saw_control = true;
		}
		return has_seen;
	}
	take_time(inbox, now_ms);
	while (inbox->dirty != NULL && clock_ms() < end_ms) {
		list_folder(inbox, inbox->dirty);
		has_seen = true;
	}
	return has_seen;
}

/* ---- the rest -------------------------------------------------------------------------- */

struct inbox *
inbox_new(struct spool *spool, struct queue *queue, const struct conf *conf, struct watch *watch)
{
	struct inbox *inbox = mem_alloc(sizeof(*inbox));

	inbox->spool = spool;
	inbox->queue = queue;
	inbox->conf = conf;
	inbox->watch = watch;
	inbox->dirty_end = &inbox->dirty;
	inbox->saw_control = true;
	watch_root(inbox);
	inbox->top = add_folder(inbox, NULL, "");
	inbox->rescan_ms = clock_ms() + conf->rescan_ms;
	inbox->poll_ms = clock_ms() + conf->poll_interval_ms;
	return inbox;
}

void
inbox_free(struct inbox *inbox)
{
	if (inbox == NULL)
		return;
	if (inbox->top != NULL)
		drop_folder(inbox, inbox->top);
	watch_close(inbox->watch);
	free(inbox);
}

void
inbox_set_conf(struct inbox *inbox, const struct conf *conf)
{
	bool was_polled = inbox_is_polled(inbox);

	inbox->conf = conf;
	if (was_polled != inbox_is_polled(inbox))
		start_anew(inbox);
	inbox_rescan(inbox);
}

int
inbox_fd(const struct inbox *inbox)
{
	return inbox->watch == NULL ? -1 : watch_fd(inbox->watch);
}

int64_t
inbox_due(const struct inbox *inbox)
{
	if (inbox->dirty != NULL)
		return 0;
	if (inbox->top == NULL || inbox_is_polled(inbox) || inbox->n_unwatched > 0)
		return clock_min(inbox->poll_ms, queue_due(inbox->queue));
	return clock_min(inbox->rescan_ms, queue_due(inbox->queue));
}

struct ready_times
inbox_times(const struct inbox *inbox)
{
	return (struct ready_times){
		.quiet_ms = inbox->conf->quiet_ms,
		.settle_ms = inbox->conf->settle_ms,
		.incomplete_ms = inbox->conf->incomplete_ms,
		.poll_ms = inbox->conf->poll_interval_ms,
		.is_polled = inbox_is_polled(inbox),
	};
}

bool
inbox_is_listed(const struct inbox *inbox)
{
	return inbox->top != NULL && inbox->dirty == NULL;
}

bool
inbox_saw_control(struct inbox *inbox)
{
	bool saw = inbox->saw_control;

	inbox->saw_control = false;
	return saw;
}
