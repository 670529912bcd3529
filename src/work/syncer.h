/* work/syncer.h - the process that waits for the disk, so that the master does not have to.
 *
 * Place:   main --syncer -> here -> base/fsio.   Process: syncer, one for each daemon.
 * Why:     an fsync may take as long as the disk likes: 0.2 ms, or 30 s on one that dies. STOP is
 *          obeyed, STATUS told and free workers fed meanwhile.
 * Flow:    master/commit sends a batch: requests with descriptors, the last one marked; it flushes
 *          them in that order, up to the first error, and answers once.
 * Owns:    the descriptors it received: copies of the master's, of the same open files, so that an
 *          error is told here and nowhere else (fsync(2), Linux 4.13 and later).
 * Dies:    with its parent. A batch that it did not answer counts as failed.
 */
#ifndef WORK_SYNCER_H
#define WORK_SYNCER_H

#include <stdbool.h>
#include <stdint.h>

#include "work/launch.h"

#define SYNCER_VERSION 0x73796e31u /* "syn1"; change it with any struct below */

struct syncer_request {
	uint32_t version;
	uint32_t is_last; /* of its batch */
	uint64_t batch;
};

struct syncer_answer {
	uint32_t version;
	int32_t error;    /* errno of the first descriptor that failed, or 0: all are on disk */
	uint64_t batch;
};

/* ARGC, ARGV: PARENT, as launch.c writes it. Returns the exit status. */
int syncer_main(int argc, char **argv);

#endif
