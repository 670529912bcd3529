/* master/tree.h - the folders of inbox/ in memory, and the listing of them.
 *
 * Place:   inbox -> here -> folder, queue, spool/watch, spool/scan. For inbox.c alone.
 * Owns:    the folders, each with its sub-folders in a list and its files (folder.h).
 */
#ifndef MASTER_TREE_H
#define MASTER_TREE_H

#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"
#include "master/folder.h"
#include "master/queue.h"
#include "spool/spool.h"
#include "spool/watch.h"

struct tree {
	struct spool *spool;
	struct queue *queue;
	const struct conf *conf;
	struct watch *watch;
	struct folder *top;       /* NULL: the inbox is missing */
	void *index;              /* tsearch(3) tree of folders by rel */
	struct folder *dirty, **dirty_end;
	size_t n_unwatched, n_held, n_cut; /* folders that are polled; that have a reason; cut */
	bool warned_of_limit, saw_control, saw_folders;
};

/* Does no event tell of what happens here? */
bool tree_is_polled(const struct tree *tree);

/* List everything anew at the next turn. */
void tree_rescan(struct tree *tree);

/* FILE was claimed, or somebody else took it: it is forgotten, in the queue too, and freed. */
void tree_forget(struct tree *tree, struct file *file);

/* NULL: not known. */
struct folder *tree_find(const struct tree *tree, const char *rel);

/* Watch and remember the folder REL; it is to be listed. PARENT: NULL for the inbox itself. */
struct folder *tree_add(struct tree *tree, struct folder *parent, const char *rel);

/* The folder and all below it are gone from here: so are their files. */
void tree_drop(struct tree *tree, struct folder *folder);

/* The folder after FOLDER in a walk over the tree, parents first; NULL: that was the last. */
struct folder *tree_next(struct folder *folder);

/* Watch FOLDER (again). */
void tree_watch(struct tree *tree, struct folder *folder);

/* Half of the files that were let in are taken: is there a cut folder to be listed for the next
 * ones? NULL: none. */
struct folder *tree_next_cut(const struct tree *tree);

/* FOLDER is to be listed. */
void tree_mark_dirty(struct tree *tree, struct folder *folder);

/* List FOLDER: add what is new, drop what is gone. May drop FOLDER itself. */
void tree_list(struct tree *tree, struct folder *folder);

/* A file or a folder NAME in FOLDER was listed, or an event named it (IS_WRITTEN: a writer closed it).
 * Whatever made a file that is known wait, a file that an event names is looked at again. A listing
 * has no such news: it has only those looked at again that wait for a reason, since their owner may
 * have put that right (a right to read, say), and of the ones that are looked at by the clock anyhow
 * only those in a folder that no event tells of. */
void tree_note_file(struct tree *tree, struct folder *folder, const char *name, bool is_event,
    bool is_written);
void tree_note_folder(struct tree *tree, struct folder *parent, const char *name,
    bool is_event);

/* FILE is not there any more. */
void tree_drop_file(struct tree *tree, struct file *file);

#endif
