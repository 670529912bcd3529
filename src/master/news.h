/* master/news.h - what workers say and what their deaths mean, as events of the job table.
 *
 * Place:   dispatch -> here -> step.   Process: master.
 */
#ifndef MASTER_NEWS_H
#define MASTER_NEWS_H

#include <stdbool.h>
#include <stdint.h>

struct job_context;

/* Hear all that is there to hear. Returns true when there was something. */
bool news_turn(struct job_context *c, int64_t now_ms);

#endif
