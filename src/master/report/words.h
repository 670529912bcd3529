/* master/report/words.h - the words that STATUS and status.html share.
 *
 * Place:   text, html -> here.
 * Gives:   strings that are the caller's, plain text: the caller escapes them for its form.
 */
#ifndef MASTER_REPORT_WORDS_H
#define MASTER_REPORT_WORDS_H

#include <stdint.h>
#include <time.h>

#include "master/report/report.h"

/* "resizing (web), about 3 s left", "waiting to be developed again". */
char *report_words_job(const struct report_job *job);

/* "3 s", "5 min", "1 h 25 min", "2 days". */
char *report_words_duration(int64_t seconds);

/* "512 kB", "12.3 GB"; powers of 1000, as on the box that the disk came in. */
char *report_words_bytes(uint64_t bytes);

/* "14 pictures a minute, about 5 min left"; "" when nothing is known. */
char *report_words_rate(const struct report *r);

/* "at once", "every 5 s". */
const char *report_words_mode(const struct report *r);

/* Local time, with its zone. */
char *report_words_time(time_t when);

#endif
