/* spool/folders.h - what an open spool is, as plain data.
 *
 * Place:   everything in spool that moves or looks at files -> here; spool.h opens and closes it.
 * Owns:    nothing by itself: spool_open() gives a struct spool, spool_close() takes it.
 */
#ifndef SPOOL_FOLDERS_H
#define SPOOL_FOLDERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SPOOL_ID_SIZE 40 /* 32 digits and their end */

/* The folders that people use. As bits (1 << SPOOL_INBOX) they say which of them may be links. */
enum spool_folder { SPOOL_INBOX, SPOOL_PROCESSING, SPOOL_DONE, SPOOL_FAILED, SPOOL_OUT, SPOOL_N_FOLDER };

struct spool {
	char *root;           /* absolute */
	int root_fd;
	int inbox_fd;         /* -1: the inbox is missing */
	int processing_fd, done_fd, failed_fd, out_fd;
	int private_fd;       /* .darkroom/ */
	int jobs_fd, trash_fd;
	int locks_fd;         /* .darkroom/locks, never unlinked (spool/lock.h) */
	char id[SPOOL_ID_SIZE]; /* .darkroom/spool-id, as text; "" where the command opened it */
	unsigned follows;     /* which folders may be links (spool.follow) */
	bool is_polled;       /* a file system on which inotify and leases say nothing */
	bool is_durable;      /* fsync what must outlive a power cut */
	struct in_use *in_use;/* spool/in_use.h */
	off_t *locks;         /* offsets that we hold (spool/lock.h) */
	size_t n_locks, locks_room;
};

/* What says "this is still the same picture". ctime_ns changes with our own renames: compare it
 * only while a file stays where it is. */
struct spool_id {
	uint64_t ino;
	int64_t size;
	int64_t mtime_ns, ctime_ns;
};

#endif
