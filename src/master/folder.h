/* master/folder.h - a folder of inbox/ in memory, and the files in it that are known.
 *
 * Place:   tree -> here -> file.   Process: master.
 * Owns:    its files, in a table by name (open addressing: 8 bytes a slot, half empty on average).
 *          The fields of the tree are tree's.
 */
#ifndef MASTER_FOLDER_H
#define MASTER_FOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "master/file.h"

struct bucket; /* master/queue.c */

struct folder {
	char *rel;                /* below inbox/; "": inbox/ itself */
	struct file **slots;      /* NULL where there is none */
	size_t n_files, n_slots;
	struct bucket *bucket;    /* the queue's, of what is ready in here; NULL: not known yet */
	/* kept by tree */
	struct folder *parent, *children, *next, *prev;
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

struct folder *folder_new(const char *rel);
void folder_free(struct folder *folder); /* with its files */

/* NULL: not known. */
struct file *folder_find(const struct folder *folder, const char *name);

/* NAME must not be known. Gives a borrowed file. */
struct file *folder_add(struct folder *folder, const char *name);

/* Forget FILE and free it. Those behind it may move up to its slot. */
void folder_remove(struct folder *folder, struct file *file);

/* The path of FILE below inbox/. Gives a string. */
char *folder_rel_of(const struct file *file);

/* Is A's path before B's, in an order that is always the same? */
bool folder_orders(const struct file *a, const struct file *b);

#endif
