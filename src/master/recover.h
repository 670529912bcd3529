/* master/recover.h - recovery is not a phase: whatever lies in processing/ or jobs/ and whose lock can be
 * taken is an interrupted job. The same serves kill -9, a power cut, and another daemon that died.
 *
 * Place:   dispatch -> here -> adopt, jobs, spool.   Process: master.
 */
#ifndef MASTER_RECOVER_H
#define MASTER_RECOVER_H

#include <stdbool.h>

struct job_context;

/* Take all of it in hand, and clear up what a crash left. False: not all could be looked at. */
bool recover_all(struct job_context *c);

#endif
