/* base/clock.h - the two clocks.
 *
 * Place:   everybody -> here.
 * Units:   deadlines and durations are milliseconds of CLOCK_MONOTONIC (int64_t, never
 *          negative); the wall clock is only ever shown to people or written down.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

#define CLOCK_NEVER INT64_MAX /* a deadline that does not come */
#define CLOCK_ISO_SIZE 21     /* 2026-01-31T12:00:00Z and NUL */

int64_t clock_ms(void);

/* UTC, RFC 3339. TEXT holds CLOCK_ISO_SIZE bytes and is returned. */
char *clock_iso(char *text, time_t when);

static inline int64_t
clock_min(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

#endif
