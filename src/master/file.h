/* master/file.h - a file of inbox/ that waits: what is known of a name, in as few bytes as can be.
 *
 * Place:   folder makes it, inbox has it judged, queue says whose turn it is; a claim makes a job of
 *          it.   Process: master. The file itself is the truth.
 * Cost:    a million of them may wait. One whose name has up to 23 bytes takes 96 bytes of memory, and
 *          some 25 of its folder's table and of the queue's heap (tests/unit/test_queue measures). The
 *          facts of ready.h are there only while it settles.
 */
#ifndef MASTER_FILE_H
#define MASTER_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "master/ready.h"

struct folder; /* master/folder.h */

enum file_place { FILE_NOWHERE, FILE_SETTLING, FILE_READY, FILE_HELD }; /* queue.h */

struct file {
	struct folder *folder;
	union {
		struct ready_facts *facts;  /* has_facts: owned */
		uint64_t digest;            /* else: ready_digest() of the last look, 0: none yet */
	} known;
	int64_t arrival_ns;         /* ctime when it was first seen: its place in the order */
	int64_t noticed_ms;         /* when it was first seen */
	int64_t due_ms;             /* of the next look, while it settles */
	size_t heap_place;          /* kept by queue, like `place` */
	const char *reason;         /* why it waits, for people; NULL: for its turn, or it settles */
	unsigned generation;        /* of the folder's listing that saw it last */
	uint8_t place;              /* enum file_place */
	bool is_settling;           /* it will be ready by itself, soon */
	bool is_nudged;             /* its writer may have closed it since the last look */
	bool has_facts;
	char name[];                /* within its folder */
};

/* For folder.c only. */
struct file *file_new(struct folder *folder, const char *name);
void file_free(struct file *file);

/* ready_judge() of LOOK with what is known of FILE, which is updated. */
struct ready_verdict file_judge(struct file *file, const struct ready_look *look,
    const struct ready_times *times, int64_t now_ms);

#endif
