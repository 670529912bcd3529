/* base/hours.h - times of the day: "22:00-06:00, 12:00-13:00".
 *
 * Place:   conf (reads and prints them), master/schedule -> here.   Pure: the caller asks the clock.
 * Units:   minutes of the day as the clock on the wall shows them. So summer time needs no care: what
 *          counts is what that clock says now, and a time that it skips or shows twice is skipped
 *          or comes twice.
 */
#ifndef BASE_HOURS_H
#define BASE_HOURS_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define HOURS_MAX 8         /* spans */
#define HOURS_TEXT_SIZE 112 /* 8 times "22:00-06:00, " */
#define HOURS_DAY 1440      /* minutes */

/* As plain bytes equal where they are equal: fill it by hours_parse(). */
struct hours {
	uint16_t n;             /* 0: always */
	struct { uint16_t from, to; } spans[HOURS_MAX]; /* to is outside; to < from: over midnight */
};

/* "always", or spans with a comma between; 24:00 is an end only. False: TEXT is something else, and
 * *HOURS is not changed. */
bool hours_parse(const char *text, struct hours *hours);

/* Into TEXT, HOURS_TEXT_SIZE bytes, as hours_parse() reads it back. Returns TEXT. */
char *hours_text(const struct hours *hours, char *text);

bool hours_are_open(const struct hours *hours, const struct tm *local);

/* The minute of the day at which they next open or close; -1: they never do. */
int hours_next(const struct hours *hours, const struct tm *local);

/* Milliseconds from LOCAL until that clock shows MINUTE, if nobody sets it meanwhile; at least 1. */
int64_t hours_ms_until(const struct tm *local, int minute);

#endif
