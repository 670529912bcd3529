/* master/inbox_tree.c - the folders of inbox/: watched, listed, and what is new or gone in them. */
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
		if (folder->is_cut && folder->n_files <= inbox->conf->limit_files_per_folder / 2)
			return folder;
	return NULL;
}

struct folder *
tree_add(struct inbox *inbox, struct folder *parent, const char *rel)
{
	struct folder *folder = folder_new(rel);

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

void
tree_drop_file(struct inbox *inbox, struct file *file)
{
	queue_remove(inbox->queue, file);
	folder_remove(file->folder, file);
}

void
inbox_forget(struct inbox *inbox, struct file *file)
{
	file->folder->was_used = true;
	tree_drop_file(inbox, file);
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

/* Out of the list of its sisters, and out of what is counted. */
static void
unlink_folder(struct inbox *inbox, struct folder *folder)
{
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
}

void
tree_drop(struct inbox *inbox, struct folder *folder)
{
	size_t i;

	while (folder->children != NULL)
		tree_drop(inbox, folder->children);
	for (i = 0; i < folder->n_slots; i++)
		if (folder->slots[i] != NULL)
			queue_remove(inbox->queue, folder->slots[i]);
	unlink_folder(inbox, folder);
	folder_free(folder);
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

/* NULL: it is not to be known, or not there any more. */
static struct file *
add_file(struct inbox *inbox, struct folder *folder, const char *name)
{
	char *rel = scan_path(folder->rel, name);
	struct file *file;
	struct stat st;
	bool is_there;

	if (folder->n_files >= inbox->conf->limit_files_per_folder) {
		set_cut(inbox, folder, true);
		set_reason(inbox, folder, "it holds more files than limits.files_per_folder; the others "
		    "follow when these are taken");
		free(rel);
		return NULL;
	}
	is_there = strlen(rel) <= NAME_REL_MAX && fsio_stat(inbox->spool->inbox_fd, rel, &st) == 0 &&
	    !S_ISDIR(st.st_mode);
	free(rel);
	if (!is_there)
		return NULL;
	file = folder_add(folder, name);
	file->arrival_ns = spool_id_of(&st).ctime_ns;
	file->is_nudged = folder->is_unwatched; /* its writer may have closed it this moment */
	queue_add(inbox->queue, file);
	return file;
}

void
tree_note_file(struct inbox *inbox, struct folder *folder, const char *name, bool is_event,
    bool is_written)
{
	struct file *file = folder_find(folder, name);

	if (file == NULL) {
		file = add_file(inbox, folder, name);
		if (file == NULL)
			return;
	} else if (is_event || file->place == FILE_HELD ||
	    (folder->is_unwatched && file->place == FILE_SETTLING && !file->is_settling)) {
		file->reason = NULL;
		queue_settle(inbox->queue, file, 0); /* look again */
	}
	file->generation = folder->listing;
	file->is_nudged |= is_written;
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
drop_unseen(struct inbox *inbox, struct folder *folder)
{
	struct folder *child, *next_child;
	struct file *file;
	size_t i = 0;

	while (i < folder->n_slots) {
		file = folder->slots[i];
		if (file == NULL || file->generation == folder->listing) {
			i++;
			continue;
		}
		log_debug(folder->rel, "event=left-the-inbox name=\"%s\"", file->name);
		tree_drop_file(inbox, file); /* another one may have come to its slot: no step on */
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

	if (!folder->was_used || folder->n_files > 0 || folder->children != NULL ||
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
	drop_unseen(inbox, folder);
	prune(inbox, folder, &st);
}
