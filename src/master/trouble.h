/* master/trouble.h - the machine's faults: they block the queue, with a reason, and are tried again.
 *
 * Place:   claim, source, news, homeward tell of them -> here; state, dispatch, master ask.
 * Process: master.
 * Blame:   nobody is blamed for a full disk or for permissions of our folders. The pause doubles with
 *          every try; the first thing that goes well ends it.
 */
#ifndef MASTER_TROUBLE_H
#define MASTER_TROUBLE_H

#include <stdbool.h>
#include <stdint.h>

#include "master/job.h"

#define TROUBLE_BACK_OFF_MS 1000 /* the first pause; it doubles */

struct job_context;
struct trouble;

struct trouble *trouble_new(void);
void trouble_free(struct trouble *trouble);

/* The machine's fault ERROR befell JOB (NULL: the queue as a whole): nothing new for a while, and JOB,
 * which loses its worker if it has one, goes on after a pause. */
void trouble_tell(struct job_context *c, struct job *job, int error, int64_t now_ms);
/* Something went well again, or nothing is left that could meet the trouble. */
void trouble_end(struct trouble *trouble);
/* Less room than spool.min_free blocks new work; what is at hand may end. */
void trouble_check_free(struct job_context *c, int64_t now_ms);

/* What keeps the queue, for people; NULL: nothing. Borrowed until the next trouble. */
const char *trouble_why(const struct trouble *trouble);
bool trouble_blocks(const struct trouble *trouble, int64_t now_ms);
int64_t trouble_until_ms(const struct trouble *trouble); /* 0: nothing blocks */

/* Something of ours was not there: are the folders the ones that we opened? */
void trouble_doubt_folders(struct trouble *trouble);
bool trouble_take_doubt(struct trouble *trouble); /* is there doubt? Resets */
bool trouble_is_read_only(const struct trouble *trouble); /* the spool's disk was found to be */

#endif
