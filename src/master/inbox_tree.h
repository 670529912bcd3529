/* master/inbox_tree.h - the folders of inbox/ in memory, and the listing of them.
 *
 * Place:   inbox.c -> here -> queue, spool/watch, spool/scan. For these two files only: the rest sees
 *          inbox.h.
 * Owns:    a folder has its sub-folders and the waiting jobs of its files in lists; the jobs
 *          themselves are the queue's.
 */
#ifndef MASTER_INBOX_TREE_H
#define MASTER_INBOX_TREE_H

#include <stddef.h>
#include <stdint.h>

#include "master/inbox.h"

struct folder {
	char *rel;
	struct folder *parent, *children, *next, *prev;
	struct job *jobs;
	size_t n_jobs;
	bool is_cut;              /* it holds more files than limits.files_per_folder lets us know */
	unsigned generation;      /* of the parent's listing that saw it last */
	unsigned listing;         /* counts our own listings */
	uint64_t identity;        /* of the folder that we watch; 0: not known */
	bool is_unwatched, is_dirty;
	struct folder *next_dirty, **dirty_link;
	bool was_used;            /* we took a picture from it, or removed a folder in it */
	int64_t empty_ms, empty_ctime_ns; /* empty since then, by our looks, with this ctime */
	const char *reason;       /* why it, or a part of it, is not listed; NULL: it is */
	bool has_reason_now;      /* this listing found it too */
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
	size_t n_unwatched, n_held, n_cut; /* folders that are polled; that have a reason; cut */
	bool warned_of_limit, saw_control, saw_folders;
};

/* NULL: not known. */
struct folder *tree_find(const struct inbox *inbox, const char *rel);

/* Watch and remember the folder REL; it is to be listed. PARENT: NULL for the inbox itself. */
struct folder *tree_add(struct inbox *inbox, struct folder *parent, const char *rel);

/* The folder and all below it are gone from here: so are their jobs. */
void tree_drop(struct inbox *inbox, struct folder *folder);

/* The folder after FOLDER in a walk over the tree, parents first; NULL: that was the last. */
struct folder *tree_next(struct folder *folder);

/* Watch FOLDER (again). */
void tree_watch(struct inbox *inbox, struct folder *folder);

/* Half of the files that were let in are taken: is there a cut folder to be listed for the next
 * ones? NULL: none. */
struct folder *tree_next_cut(const struct inbox *inbox);

/* FOLDER is to be listed. */
void tree_mark_dirty(struct inbox *inbox, struct folder *folder);

/* List FOLDER: add what is new, drop what is gone. May drop FOLDER itself. */
void tree_list(struct inbox *inbox, struct folder *folder);

/* A file or a folder NAME in FOLDER was listed, or an event named it. */
void tree_note_file(struct inbox *inbox, struct folder *folder, const char *name, bool is_event,
    bool is_written);
void tree_note_folder(struct inbox *inbox, struct folder *parent, const char *name,
    bool is_event);

/* The file of JOB is not there any more. */
void tree_drop_job(struct inbox *inbox, struct job *job);

#endif
