#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/fsio.h"
#include "base/log.h"
#include "base/mem.h"
#include "master/inbox_tree.h"
#include "spool/name.h"
#include "spool/scan.h"

static int
compare_folders(const void *a, const void *b)
{
	return strcmp(((const struct folder *)a)->rel, ((const struct folder *)b)->rel);
}

/* ---- folders --------------------------------------------------------------------------- */

struct folder *
tree_find(const struct inbox *inbox, const char *rel)
{
	const struct folder key = { .rel = (char *)rel };
	struct folder **found = tfind(&key, &inbox->index, compare_folders);

	return found == NULL ? NULL : *found;
}

void
tree_mark_dirty(struct inbox *inbox, struct folder *folder)
{
	if (folder->is_dirty)
		return;
	folder->is_dirty = true;
	folder->next_dirty = NULL;
	folder->dirty_link = inbox->dirty_end;
	*inbox->dirty_end = folder;
	inbox->dirty_end = &folder->next_dirty;
}

static void
warn_of_limit(struct inbox *inbox, const char *rel)
{
	if (inbox->warned_of_limit)
		return;
	inbox->warned_of_limit = true;
	log_warn(rel, "event=too-many-folders why=\"the kernel watches no more; they are "
	    "polled\" remedy=\"raise the sysctl fs.inotify.max_user_watches\"");
}

/* Inode and time of birth in one number: a folder that is made where one was removed may get its
 * inode number at once. PATH: below DIR, "" is DIR itself. 0: it is not there. */
static uint64_t
identity_of(int dir, const char *path)
{
	struct statx st;

	if (statx(dir, path, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW, STATX_INO | STATX_BTIME, &st) != 0)
		return 0;
	if (!(st.stx_mask & STATX_BTIME))
		return st.stx_ino;
	return st.stx_ino * 1000000007 + (uint64_t)st.stx_btime.tv_sec * 1000000000 +
	    st.stx_btime.tv_nsec;
}

/* Watch first, then list: what comes in between is seen by one of the two. Not twice: a path that
 * is watched already makes the library leak. */
void
tree_watch(struct inbox *inbox, struct folder *folder)
{
	uint64_t before = identity_of(inbox->spool->inbox_fd, folder->rel);
	char *path;

	inbox->n_unwatched -= folder->is_unwatched;
	folder->is_unwatched = false;
	if (inbox_is_polled(inbox))
		return;
	path = *folder->rel == '\0' ? mem_dup("inbox") : mem_printf("inbox/%s", folder->rel);
	folder->is_unwatched = watch_add(inbox->watch, path) != 0;
	if (folder->is_unwatched && errno == ENOSPC)
		warn_of_limit(inbox, folder->rel);
	inbox->n_unwatched += folder->is_unwatched;
	folder->identity = identity_of(inbox->spool->inbox_fd, folder->rel);
	if (folder->identity != before) /* replaced just now: which of the two do we watch? */
		folder->identity = 0;
	free(path);
}

/* REASON: NULL or a fixed text. Logged when it comes, not at every listing. */
static void
set_reason(struct inbox *inbox, struct folder *folder, const char *reason)
{
	if (reason != NULL && folder->reason == NULL)
		log_warn(folder->rel, "event=folder-held why=\"%s\"", reason);
	inbox->n_held += (reason != NULL) - (folder->reason != NULL);
	folder->reason = reason;
	folder->has_reason_now = reason != NULL;
}

static void
set_cut(struct inbox *inbox, struct folder *folder, bool is_cut)
{
	inbox->n_cut += is_cut;
	inbox->n_cut -= folder->is_cut;
	folder->is_cut = is_cut;
}

struct folder *
tree_next_cut(const struct inbox *inbox)
{
	struct folder *folder;

	for (folder = inbox->n_cut == 0 ? NULL : inbox->top; folder != NULL; folder = tree_next(folder))
		if (folder->is_cut && folder->n_jobs <= inbox->conf->limit_files_per_folder / 2)
			return folder;
	return NULL;
}

struct folder *
tree_add(struct inbox *inbox, struct folder *parent, const char *rel)
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
	tree_watch(inbox, folder);
	tree_mark_dirty(inbox, folder);
	return folder;
}

static void
forget(struct job *job)
{
	struct folder *folder = job->folder;

	if (folder == NULL)
		return;
	if (job->prev_in_folder != NULL)
		job->prev_in_folder->next_in_folder = job->next_in_folder;
	else
		folder->jobs = job->next_in_folder;
	if (job->next_in_folder != NULL)
		job->next_in_folder->prev_in_folder = job->prev_in_folder;
	job->folder = NULL;
	folder->n_jobs--;
	job->next_in_folder = job->prev_in_folder = NULL;
}

void
inbox_forget(struct job *job)
{
	if (job->folder != NULL)
		job->folder->was_used = true;
	forget(job);
}

void
tree_drop_job(struct inbox *inbox, struct job *job)
{
	forget(job);
	queue_drop(inbox->queue, job);
}

static void
undirty(struct inbox *inbox, struct folder *folder)
{
	if (!folder->is_dirty)
		return;
	*folder->dirty_link = folder->next_dirty;
	if (folder->next_dirty == NULL)
		inbox->dirty_end = folder->dirty_link;
	else
		folder->next_dirty->dirty_link = folder->dirty_link;
	folder->is_dirty = false;
}

/* The folder and all below it are gone from here: so are their jobs. */
void
tree_drop(struct inbox *inbox, struct folder *folder)
{
	while (folder->children != NULL)
		tree_drop(inbox, folder->children);
	while (folder->jobs != NULL)
		tree_drop_job(inbox, folder->jobs);
	undirty(inbox, folder);
	set_reason(inbox, folder, NULL);
	set_cut(inbox, folder, false);
	inbox->n_unwatched -= folder->is_unwatched;
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
struct folder *
tree_next(struct folder *folder)
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

	for (folder = inbox->top; folder != NULL; folder = tree_next(folder))
		tree_mark_dirty(inbox, folder);
	inbox->saw_control = true;
}

/* ---- files ----------------------------------------------------------------------------- */

static struct job *
add_file(struct inbox *inbox, struct folder *folder, const char *rel)
{
	struct job *job;
	struct stat st;

	if (folder->n_jobs >= inbox->conf->limit_files_per_folder) {
		set_cut(inbox, folder, true);
		set_reason(inbox, folder, "it holds more files than limits.files_per_folder; the others "
		    "follow when these are taken");
		return NULL;
	}
	if (fsio_stat(inbox->spool->inbox_fd, rel, &st) != 0 || S_ISDIR(st.st_mode))
		return NULL;
	job = queue_add(inbox->queue, rel, spool_id_of(&st).ctime_ns);
	job->facts.is_nudged = folder->is_unwatched; /* its writer may have closed it this moment */
	job->folder = folder;
	job->next_in_folder = folder->jobs;
	if (job->next_in_folder != NULL)
		job->next_in_folder->prev_in_folder = job;
	folder->jobs = job;
	folder->n_jobs++;
	return job;
}

/* A file was listed, or an event named it. A listing that finds one which waits for a reason is the
 * occasion to look at it again: always where no event will come. */
void
tree_note_file(struct inbox *inbox, struct folder *folder, const char *name, bool is_event,
    bool is_written)
{
	char *rel = scan_path(folder->rel, name);
	struct job *job = strlen(rel) > NAME_REL_MAX ? NULL : queue_find(inbox->queue, rel);

	if (job == NULL && strlen(rel) <= NAME_REL_MAX) {
		job = add_file(inbox, folder, rel);
	} else if (job != NULL && (is_event || job->place == JOB_HELD ||
	    (folder->is_unwatched && job->place == JOB_SETTLING && !job->is_settling))) {
		job->reason = NULL;
		queue_settle(inbox->queue, job, 0); /* look again */
	}
	if (job != NULL) {
		job->generation = folder->listing;
		job->facts.is_nudged |= is_written;
	}
	free(rel);
}

void
tree_note_folder(struct inbox *inbox, struct folder *parent, const char *name, bool is_event)
{
	char *rel = scan_path(parent->rel, name);
	struct folder *folder = tree_find(inbox, rel);
	const char *p;
	uint32_t depth = 1;

	for (p = rel; *p != '\0'; p++)
		depth += *p == '/';
	if (folder == NULL && (depth > inbox->conf->limit_depth || strlen(rel) > NAME_REL_MAX))
		set_reason(inbox, parent, "folders in it lie deeper than limits.depth");
	else if (folder == NULL)
		folder = tree_add(inbox, parent, rel);
	else if (is_event) /* perhaps made anew under its old name: its listing will see that */
		tree_mark_dirty(inbox, folder);
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
		tree_drop_job(inbox, job);
	}
	for (child = folder->children; child != NULL; child = next_child) {
		next_child = child->next;
		if (child->generation != folder->listing)
			tree_drop(inbox, child);
	}
}

/* A top-level folder that selects a profile, or is urgent, is furniture, not what somebody dropped. */
static bool
is_kept(const struct inbox *inbox, const struct folder *folder)
{
	if (folder->parent != inbox->top)
		return folder->parent == NULL;
	return strcasecmp(folder->rel, "urgent") == 0 ||
	    conf_profile(inbox->conf, folder->rel, strlen(folder->rel)) != &inbox->conf->profiles[0];
}

/* What people dropped as a folder is gone as a folder, once its pictures are taken and nobody has
 * touched it for prune_after. By rmdir only: one that holds anything, even a hidden file, stays. ST: of
 * the folder as it was listed. May drop it. */
static void
prune(struct inbox *inbox, struct folder *folder, const struct stat *st)
{
	int64_t now_ms = clock_ms();
	struct folder *parent = folder->parent;

	if (!folder->was_used || folder->jobs != NULL || folder->children != NULL ||
	    is_kept(inbox, folder)) {
		folder->empty_ms = 0;
		return;
	}
	if (folder->empty_ms == 0 || folder->empty_ctime_ns != spool_id_of(st).ctime_ns) {
		folder->empty_ms = now_ms;
		folder->empty_ctime_ns = spool_id_of(st).ctime_ns;
	}
	if (now_ms - folder->empty_ms < inbox->conf->prune_after_ms ||
	    fsio_remove_dir(inbox->spool->inbox_fd, folder->rel) != 0)
		return;
	log_info(folder->rel, "event=empty-folder-removed");
	parent->was_used = true;
	tree_drop(inbox, folder);
}

void
tree_list(struct inbox *inbox, struct folder *folder)
{
	struct scan scan;
	struct stat st = { 0 };
	int error;

	undirty(inbox, folder);
	if (scan_open(&scan, inbox->spool->inbox_fd, folder->rel) != 0) {
		if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP)
			tree_drop(inbox, folder);
		else /* this folder alone waits; the next rescan tries again */
			set_reason(inbox, folder,
			    "the daemon may not list it: give its user read permission");
		return;
	}
	scan.wants_all = true;
	folder->has_reason_now = false;
	set_cut(inbox, folder, false);
	if (folder->is_unwatched || identity_of(dirfd(scan.listing), "") != folder->identity)
		tree_watch(inbox, folder); /* mended, or another one than we watch */
	fstat(dirfd(scan.listing), &st);
	folder->listing++;
	while (scan_next(&scan)) {
		if (scan.is_folder)
			tree_note_folder(inbox, folder, scan.name, false);
		else
			tree_note_file(inbox, folder, scan.name, false, false);
	}
	error = scan.error;
	scan_close(&scan);
	if (!folder->has_reason_now)
		set_reason(inbox, folder, NULL);
	if (error != 0)
		return;
	sweep(inbox, folder);
	prune(inbox, folder, &st);
}
