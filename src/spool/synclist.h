/* spool/synclist.h - what must be on disk before a job may take its next step.
 *
 * Place:   plan, jobdir -> here -> master/commit.
 * Why:     a flush of the disk costs the same for one folder as for fifty jobs that came into it:
 *          so a step says what it needs, and the needs of all jobs are flushed together.
 * Order:   by class, each before the next. Folders that were left come before those in which
 *          originals are filed: the other way round btrfs showed one original in two folders after
 *          a power cut. Files come first, so that a folder never leads to half a text.
 * Owns:    the descriptors in it. A folder that is wanted twice in one class is kept once.
 * Errors:  0, or -1 with errno. A list of NULL takes nothing: the spool is not durable.
 */
#ifndef SPOOL_SYNCLIST_H
#define SPOOL_SYNCLIST_H

#include <limits.h>
#include <stddef.h>
#include <sys/types.h>

enum sync_class {
	SYNC_FILE,  /* plans, records, texts */
	SYNC_JOB,   /* jobs/KEY, jobs */
	SYNC_CLAIM, /* folders of processing/ that originals came to */
	SYNC_INBOX, /* folders of inbox/, and of failed/, that they left: in both at worst, never in
	             * neither */
	SYNC_OUT,   /* folders that results came to */
	SYNC_LEFT,  /* folders of processing/ that originals left */
	SYNC_FILED, /* and those that they came to */
};

struct synclist {
	struct sync_item {
		int fd;
		enum sync_class class;
		dev_t dev;
		ino_t ino;
	} *items;
	size_t n, room;
};

/* PATH below DIR ("" is DIR itself), a file or a folder. */
int synclist_add(struct synclist *list, int dir, const char *path, enum sync_class class);

#define SYNCLIST_ALL_ABOVE (UINT_MAX - 1)

/* The folder that holds PATH, and N_ABOVE more on the way up to DIR. One that is gone needs nothing. */
int synclist_add_parents(struct synclist *list, int dir, const char *path, unsigned n_above,
    enum sync_class class);

/* Into the order of the classes. */
void synclist_sort(struct synclist *list);

/* Close all, empty the list. The list itself is the caller's. */
void synclist_clear(struct synclist *list);

#endif
