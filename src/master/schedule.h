/* master/schedule.h - hours: at which time of the day new work may begin.
 *
 * Place:   master -> here -> base/hours; dispatch, overview ask it.   Process: master.
 * Meaning: outside of spool.hours nothing begins, like under PAUSE; outside of those of a profile
 *          only its pictures wait, and others overtake them. What runs is finished.
 * Clock:   local time, asked when it should next open or close and once a minute until then, so that
 *          a clock that was set, a changed time zone and a night in suspend are noticed soon.
 *          Without hours it is never asked.
 */
#ifndef MASTER_SCHEDULE_H
#define MASTER_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "conf/conf.h"

#define SCHEDULE_LOOK_MS 60000

struct schedule;

/* CONF: kept until schedule_set_conf(). */
struct schedule *schedule_new(const struct conf *conf);
void schedule_free(struct schedule *schedule);
void schedule_set_conf(struct schedule *schedule, const struct conf *conf);

/* Look at the clock when it is time. Returns true when something opened or closed. */
bool schedule_turn(struct schedule *schedule, int64_t now_ms);
int64_t schedule_due(const struct schedule *schedule);

/* The same with a clock of the caller's. *WAIT_MS: until the next look; CLOCK_NEVER: none is needed. */
bool schedule_look(struct schedule *schedule, const struct tm *local, int64_t *wait_ms);

/* Why nothing may begin now: "goes on at 22:00 (spool.hours = 22:00-06:00)"; NULL: it may. Borrowed
 * until schedule_set_conf(). */
const char *schedule_closed(const struct schedule *schedule);

/* Why the picture REL may not begin now because of its profile; NULL: it may. Borrowed likewise. */
const char *schedule_holds(const struct schedule *schedule, const char *rel);

#endif
