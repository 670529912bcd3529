/* master/purge.h - keep_done, keep_failed: originals that were filed long ago are removed.
 *
 * Place:   master -> here -> spool/mark, scan.   Process: master.
 * Removes: only what carries our mark and has not changed since it was filed (spool/mark.h), with
 *          its error text and its sidecar; then the folder, if that emptied it. A file that somebody
 *          put there, a changed one, a link and what a link leads to are never touched.
 * Age:     from the time in the mark to the wall clock's. A mark from before PURGE_EARLIEST was set by
 *          a clock that was wrong, and says nothing: that file stays.
 * When:    a walk at the start, after SIGHUP, and then every tenth of the shorter age, at least a
 *          minute and at most a day apart. PURGE_STEP_MS of work, then a pause of PURGE_PAUSE_MS: it
 *          takes at most a twentieth of the loop. Not while STOP is there.
 * Memory:  a descriptor for each folder on the way down, PURGE_DEPTH at most; what lies deeper stays.
 * Errors:  what cannot be removed stays; a line in the log.
 */
#ifndef MASTER_PURGE_H
#define MASTER_PURGE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "conf/conf.h"
#include "spool/spool.h"

#define PURGE_STEP_MS 5
#define PURGE_PAUSE_MS 100
#define PURGE_DEPTH 100
#define PURGE_EARLIEST 1577836800 /* 2020-01-01: older than this program is no picture of it */

struct purge;

/* SPOOL: kept. CONF: kept until purge_set_conf(). HURRIES: without pauses (--once). */
struct purge *purge_new(struct spool *spool, const struct conf *conf, bool hurries);
void purge_free(struct purge *purge);
void purge_set_conf(struct purge *purge, const struct conf *conf);

void purge_turn(struct purge *purge, int64_t now_ms);
int64_t purge_due(const struct purge *purge);
bool purge_is_busy(const struct purge *purge); /* a walk is due, or on its way */

/* Is a file that was filed at FILED old enough at NOW? */
bool purge_is_old(time_t filed, time_t now, int64_t keep_ms);

#endif
