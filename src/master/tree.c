/* master/tree.c - the folders of inbox/: watched, listed, and what is new or gone in them. */
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
#include "master/tree.h"
#include "spool/name.h"
#include "spool/scan.h"

static int
compare_folders(const void *a, const void *b)
{
	return strcmp(((const struct folder *)a)->rel, ((const struct folder *)b)->rel);
}

bool
tree_is_polled(const struct tree *tree)
{
	return tree->watch == NULL || tree->conf->watch == CONF_WATCH_POLL ||
	    (tree->conf->watch == CONF_WATCH_AUTO && tree->spool->is_polled);
}

/* ---- folders --------------------------------------------------------------------------- */

struct folder *
tree_find(const struct tree *tree, const char *rel)
{
	const struct folder key = { .rel = (char *)rel };
	struct folder **found = tfind(&key, &tree->index, compare_folders);

	return found == NULL ? NULL : *found;
}

void
tree_mark_dirty(struct tree *tree, struct folder *folder)
{
	if (folder->is_dirty)
		return;
	folder->is_dirty = true;
	folder->next_dirty = NULL;
	folder->dirty_link = tree->dirty_end;
	*tree->dirty_end = folder;
	tree->dirty_end = &folder->next_dirty;
}

static void
warn_of_limit(struct tree *tree, const char *rel)
{
	if (tree->warned_of_limit)
		return;
	tree->warned_of_limit = true;
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
tree_watch(struct tree *tree, struct folder *folder)
{
	uint64_t before = identity_of(tree->spool->inbox_fd, folder->rel);
	char *path;

	tree->n_unwatched -= folder->is_unwatched;
	folder->is_unwatched = false;
	if (tree_is_polled(tree))
		return;
	path = *folder->rel == '\0' ? mem_dup("inbox") : mem_printf("inbox/%s", folder->rel);
	folder->is_unwatched = watch_add(tree->watch, path) != 0;
	if (folder->is_unwatched && errno == ENOSPC)
		warn_of_limit(tree, folder->rel);
	tree->n_unwatched += folder->is_unwatched;
	folder->identity = identity_of(tree->spool->inbox_fd, folder->rel);
	if (folder->identity != before) /* replaced just now: which of the two do we watch? */
		folder->identity = 0;
	free(path);
}

/* REASON: NULL or a fixed text. Logged when it comes, not at every listing. */
static void
set_reason(struct tree *tree, struct folder *folder, const char *reason)
{
	if (reason != NULL && folder->reason == NULL)
		log_warn(folder->rel, "event=folder-held why=\"%s\"", reason);
	tree->n_held += (reason != NULL) - (folder->reason != NULL);
	folder->reason = reason;
	folder->has_reason_now = reason != NULL;
}

static void
set_cut(struct tree *tree, struct folder *folder, bool is_cut)
{
	tree->n_cut += is_cut;
	tree->n_cut -= folder->is_cut;
	folder->is_cut = is_cut;
}

struct folder *
tree_next_cut(const struct tree *tree)
{
	struct folder *folder;

	for (folder = tree->n_cut == 0 ? NULL : tree->top; folder != NULL; folder = tree_next(folder))
		if (folder->is_cut && folder->n_files <= tree->conf->limit_files_per_folder / 2)
			return folder;
	return NULL;
}

struct folder *
tree_add(struct tree *tree, struct folder *parent, const char *rel)
{
	struct folder *folder = folder_new(rel);

	folder->parent = parent;
	if (parent != NULL) {
		folder->next = parent->children;
		if (folder->next != NULL)
			folder->next->prev = folder;
		parent->children = folder;
	}
	tsearch(folder, &tree->index, compare_folders);
	tree_watch(tree, folder);
	tree_mark_dirty(tree, folder);
	return folder;
}

void
tree_drop_file(struct tree *tree, struct file *file)
{
	queue_remove(tree->queue, file);
	folder_remove(file->folder, file);
}

void
tree_forget(struct tree *tree, struct file *file)
{
	file->folder->was_used = true;
	tree_drop_file(tree, file);
}

static void
unmark_dirty(struct tree *tree, struct folder *folder)
{
	if (!folder->is_dirty)
		return;
	*folder->dirty_link = folder->next_dirty;
	if (folder->next_dirty == NULL)
		tree->dirty_end = folder->dirty_link;
	else
		folder->next_dirty->dirty_link = folder->dirty_link;
	folder->is_dirty = false;
}

/* Out of the list of its sisters, and out of what is counted. */
static void
unlink_folder(struct tree *tree, struct folder *folder)
{
	unmark_dirty(tree, folder);
	set_reason(tree, folder, NULL);
	set_cut(tree, folder, false);
	tree->n_unwatched -= folder->is_unwatched;
	if (folder->prev != NULL)
		folder->prev->next = folder->next;
	else if (folder->parent != NULL)
		folder->parent->children = folder->next;
	if (folder->next != NULL)
		folder->next->prev = folder->prev;
	if (tree->top == folder)
		tree->top = NULL;
	tdelete(folder, &tree->index, compare_folders);
}

void
tree_drop(struct tree *tree, struct folder *folder)
{
	size_t i;

	while (folder->children != NULL)
		tree_drop(tree, folder->children);
	for (i = 0; i < folder->n_slots; i++)
		if (folder->slots[i] != NULL)
			queue_remove(tree->queue, folder->slots[i]);
	unlink_folder(tree, folder);
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
tree_rescan(struct tree *tree)
{
	struct folder *folder;

	for (folder = tree->top; folder != NULL; folder = tree_next(folder))
		tree_mark_dirty(tree, folder);
	tree->saw_control = true;
}

/* ---- files ----------------------------------------------------------------------------- */

/* NULL: it is not to be known, or not there any more. */
static struct file *
add_file(struct tree *tree, struct folder *folder, const char *name)
{
	char *rel = scan_path(folder->rel, name);
	struct file *file;
	struct stat st;
	bool is_there;

	if (folder->n_files >= tree->conf->limit_files_per_folder) {
		set_cut(tree, folder, true);
		set_reason(tree, folder, "it holds more files than limits.files_per_folder; the others "
		    "follow when these are taken");
		free(rel);
		return NULL;
	}
	is_there = strlen(rel) <= NAME_REL_MAX && fsio_stat(tree->spool->inbox_fd, rel, &st) == 0 &&
	    !S_ISDIR(st.st_mode);
	free(rel);
	if (!is_there)
		return NULL;
	file = folder_add(folder, name);
	file->arrival_ns = spool_id_of(&st).ctime_ns;
	file->is_nudged = folder->is_unwatched; /* its writer may have closed it this moment */
	queue_add(tree->queue, file);
	return file;
}

void
tree_note_file(struct tree *tree, struct folder *folder, const char *name, bool is_event,
    bool is_written)
{
	struct file *file = folder_find(folder, name);

	if (file == NULL) {
		file = add_file(tree, folder, name);
		if (file == NULL)
			return;
	} else if (is_event || file->place == FILE_HELD ||
	    (folder->is_unwatched && file->place == FILE_SETTLING && !file->is_settling)) {
		file->reason = NULL;
		queue_settle(tree->queue, file, 0); /* look again */
	}
	file->generation = folder->listing;
	file->is_nudged |= is_written;
}

void
tree_note_folder(struct tree *tree, struct folder *parent, const char *name, bool is_event)
{
	char *rel = scan_path(parent->rel, name);
	struct folder *folder = tree_find(tree, rel);
	const char *p;
	uint32_t depth = 1;

	for (p = rel; *p != '\0'; p++)
		depth += *p == '/';
	if (folder == NULL && (depth > tree->conf->limit_depth || strlen(rel) > NAME_REL_MAX))
		set_reason(tree, parent, "folders in it lie deeper than limits.depth");
	else if (folder == NULL)
		folder = tree_add(tree, parent, rel);
	else if (is_event) /* perhaps made anew under its old name: its listing will see that */
		tree_mark_dirty(tree, folder);
	if (folder != NULL)
		folder->generation = parent->listing;
	free(rel);
}

/* What the last listing did not see is gone. */
static void
drop_unseen(struct tree *tree, struct folder *folder)
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
		tree_drop_file(tree, file); /* another one may have come to its slot: no step on */
	}
	for (child = folder->children; child != NULL; child = next_child) {
		next_child = child->next;
		if (child->generation != folder->listing)
			tree_drop(tree, child);
	}
}

/* A top-level folder that selects a profile, or is urgent, is furniture, not what somebody dropped. */
static bool
is_kept(const struct tree *tree, const struct folder *folder)
{
	if (folder->parent != tree->top)
		return folder->parent == NULL;
	return strcasecmp(folder->rel, "urgent") == 0 ||
	    conf_profile(tree->conf, folder->rel, strlen(folder->rel)) != &tree->conf->profiles[0];
}

/* What people dropped as a folder is gone as a folder, once its pictures are taken and nobody has
 * touched it for prune_after. By rmdir only: one that holds anything, even a hidden file, stays. ST: of
 * the folder as it was listed. May drop it. */
static void
prune_emptied(struct tree *tree, struct folder *folder, const struct stat *st)
{
	int64_t now_ms = clock_ms();
	struct folder *parent = folder->parent;

	if (!folder->was_used || folder->n_files > 0 || folder->children != NULL ||
	    is_kept(tree, folder)) {
		folder->empty_ms = 0;
		return;
	}
	if (folder->empty_ms == 0 || folder->empty_ctime_ns != spool_id_of(st).ctime_ns) {
		folder->empty_ms = now_ms;
		folder->empty_ctime_ns = spool_id_of(st).ctime_ns;
	}
	if (now_ms - folder->empty_ms < tree->conf->prune_after_ms ||
	    fsio_remove_dir(tree->spool->inbox_fd, folder->rel) != 0)
		return;
	log_info(folder->rel, "event=empty-folder-removed");
	parent->was_used = true;
	tree_drop(tree, folder);
}

void
tree_list(struct tree *tree, struct folder *folder)
{
	struct scan scan;
	struct stat st = { 0 };
	int error;

	unmark_dirty(tree, folder);
	if (scan_open(&scan, tree->spool->inbox_fd, folder->rel) != 0) {
		if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP)
			tree_drop(tree, folder);
		else /* this folder alone waits; the next rescan tries again */
			set_reason(tree, folder,
			    "the daemon may not list it: give its user read permission");
		return;
	}
	scan.wants_all = true;
	folder->has_reason_now = false;
	set_cut(tree, folder, false);
	if (folder->is_unwatched || identity_of(dirfd(scan.listing), "") != folder->identity)
		tree_watch(tree, folder); /* mended, or another one than we watch */
	fstat(dirfd(scan.listing), &st);
	folder->listing++;
	while (scan_next(&scan)) {
		if (scan.is_folder)
			tree_note_folder(tree, folder, scan.name, false);
		else
			tree_note_file(tree, folder, scan.name, false, false);
	}
	error = scan.error;
	scan_close(&scan);
	if (!folder->has_reason_now)
		set_reason(tree, folder, NULL);
	if (error != 0)
		return;
	drop_unseen(tree, folder);
	prune_emptied(tree, folder, &st);
}
