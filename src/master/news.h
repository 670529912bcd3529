/* master/news.h - what workers say and what their deaths mean, as events of the job table.
 *
 * Place:   dispatch_turn -> here -> job_step.   Process: master.
 */
#ifndef MASTER_NEWS_H
#define MASTER_NEWS_H

#include "master/dispatch.h"

/* Hear all that is there to hear. Returns true when there was something. */
bool news_turn(struct dispatch *d, int64_t now_ms);

#endif
