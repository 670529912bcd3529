/* master/report/write.h - the forms of the report, written below ROOT when something changed.
 *
 * Place:   overview -> here -> report.h (the forms), base/fsio (temp + rename).
 * Process: master. In a shared spool only the holder of the reporter's lock writes.
 * When:    at most every 2 s, and only when something but the clock changed: an idle queue
 *          writes nothing. A status that cannot be written (disk full) stops nobody.
 * Errors:  a form that cannot be written is told once with log_debug and tried again later.
 */
#ifndef MASTER_REPORT_WRITE_H
#define MASTER_REPORT_WRITE_H

#include <stdbool.h>
#include <stdint.h>

#include "master/report/report.h"

#define REPORT_INTERVAL_MS 2000
#define REPORT_RETRY_MS 10000 /* after a failure: a full disk is not filled any faster */

/* A digest of what was written last: all but the clock; free_bytes counts once it has changed
 * by 1 %. */
struct report_seen;
struct report_seen *report_seen_new(void);
void report_seen_free(struct report_seen *seen);

/* Write the four files below ROOT_DIR if R differs from SEEN and SEEN is older than
 * REPORT_INTERVAL_MS at NOW_MS (monotonic). Updates SEEN.
 * FORCE: write whatever SEEN says (at start and at the end).
 * Returns: when to call again: later than NOW_MS, or CLOCK_NEVER when nothing is unwritten.
 * Within the interval it looks at nothing: a caller that fills R at some cost asks only when
 * that time has come, or something changed. */
int64_t report_write(int root_dir, const struct report *r, struct report_seen *seen,
    int64_t now_ms, bool force);

#endif
