/* base/clock.c - the two clocks: one that only goes on, one for people. */
#include <config.h>

#include "base/clock.h"

int64_t
clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

char *
clock_iso(char *text, time_t when)
{
	struct tm utc;

	gmtime_r(&when, &utc);
	strftime(text, CLOCK_ISO_SIZE, "%Y-%m-%dT%H:%M:%SZ", &utc);
	return text;
}
