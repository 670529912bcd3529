/* work/msg.h - the records between master and worker: all that both sides share.
 *
 * Place:   master/pool, ctl/convert <-> here <-> work/worker, over base/chan.
 * Form:    fixed-size structs of one build: both ends are the same program, and the version in
 *          the head is a checksum against a mix-up, not a protocol.
 * Trust:   the master takes nothing from a worker before msg_check_news() passed it, and then
 *          only numbers in range and a text that ends: a worker has read hostile files.
 */
#ifndef WORK_MSG_H
#define WORK_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "image/limits.h"
#include "image/news.h"
#include "image/outcome.h"
#include "image/rendition.h"

#define MSG_VERSION 0x64726b32u /* "drk2"; change it with any struct below */

/* Master to worker, with the source's descriptor, then one per output, then that of the watermark of
 * each output that has one. */
struct msg_task {
	uint32_t version;
	uint32_t n_outputs;           /* 1..RENDITION_MAX */
	uint64_t task;                /* number of this attempt, never 0, never used twice */
	uint64_t source_bytes;
	uint8_t is_durable;           /* fsync each output before it is told complete */
	uint8_t unused[7];
	struct develop_limits limits;
	struct rendition outputs[RENDITION_MAX];
	int32_t index[RENDITION_MAX]; /* of each output in the job's profile */
};

enum msg_kind {
	MSG_HELLO,     /* warmed up and boxed; task is 0 */
	MSG_PROGRESS,
	MSG_RENDITION, /* output `index` is complete, and on disk if durable */
	MSG_DONE,      /* all outputs are */
	MSG_BAD,       /* the image's fault */
	MSG_TROUBLE,   /* the machine's fault: errno in `error` */
	MSG_N_KIND
};

/* Worker to master. */
struct msg_news {
	uint32_t version;
	uint32_t kind;                /* enum msg_kind */
	uint64_t task;
	uint32_t stage;               /* enum develop_stage */
	uint32_t permille;            /* 0..1000 */
	int32_t index;                /* of a rendition in the profile, -1: all */
	uint32_t bad;                 /* enum reason */
	int32_t error;                /* errno */
	uint32_t n_warnings;
	uint32_t width_px, height_px; /* of the rendition, or of the source */
	uint32_t quality;             /* of a rendition that is a JPEG, 1..100, else 0 */
	uint64_t bytes;
	char text[DEVELOP_TEXT_SIZE];
};

/* What a worker's exit status says. */
#define MSG_EXIT_OK 0          /* its channel was closed */
#define MSG_EXIT_MEMORY 3      /* out of memory on this image */
#define MSG_EXIT_BOX 4         /* it could not be boxed, or a library is broken */

/* Is this a record of ours of SIZE bytes, about TASK (0: none in hand, only HELLO passes), and is
 * every number in range? On false, *WHY is a fixed text. */
bool msg_check_news(const struct msg_news *news, size_t size, uint64_t task, const char **why);

/* The worker's side of the same. N_FDS: descriptors that came with it. */
bool msg_check_task(const struct msg_task *task, size_t size, int n_fds, const char **why);

#endif
