/* base/hours.c - times of the day, as the configuration writes them and the schedule asks them. */
#include <config.h>

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/hours.h"

#define BLANKS " \t"

/* One or two digits at *P, past which *P moves; -1: there are none, or more. */
static int
read_digits(const char **p)
{
	size_t n = strspn(*p, "0123456789");
	int number = 0;
	size_t i;

	if (n < 1 || n > 2)
		return -1;
	for (i = 0; i < n; i++)
		number = number * 10 + (*p)[i] - '0';
	*p += n;
	return number;
}

/* 7:30 or 07:30 at *P as minutes of the day, and the blanks around it; -1: it is no time. */
static int
read_time(const char **p)
{
	int hour, minute;

	*p += strspn(*p, BLANKS);
	hour = read_digits(p);
	if (hour < 0 || *(*p)++ != ':' || strspn(*p, "0123456789") != 2)
		return -1;
	minute = read_digits(p);
	*p += strspn(*p, BLANKS);
	return minute > 59 || hour * 60 + minute > HOURS_DAY ? -1 : hour * 60 + minute;
}

bool
hours_parse(const char *text, struct hours *hours)
{
	struct hours read;
	int from, to;

	memset(&read, 0, sizeof(read));
	if (strcasecmp(text, "always") == 0) {
		*hours = read;
		return true;
	}
	do {
		if (read.n == HOURS_MAX)
			return false;
		from = read_time(&text);
		if (from < 0 || from == HOURS_DAY || *text++ != '-')
			return false;
		to = read_time(&text);
		if (to < 0 || to == from)
			return false;
		read.spans[read.n].from = (uint16_t)from;
		read.spans[read.n++].to = (uint16_t)to;
	} while (*text++ == ',');
	if (text[-1] != '\0')
		return false;
	*hours = read;
	return true;
}

char *
hours_text(const struct hours *hours, char *text)
{
	size_t length = 0;
	int i;

	if (hours->n == 0)
		return strcpy(text, "always");
	for (i = 0; i < hours->n; i++)
		length += (size_t)snprintf(text + length, HOURS_TEXT_SIZE - length,
		    "%s%02d:%02d-%02d:%02d", i == 0 ? "" : ", ", hours->spans[i].from / 60,
		    hours->spans[i].from % 60, hours->spans[i].to / 60, hours->spans[i].to % 60);
	return text;
}

static bool
is_open(const struct hours *hours, int minute)
{
	int i;

	for (i = 0; i < hours->n; i++) {
		int from = hours->spans[i].from, to = hours->spans[i].to;

		if (from < to ? minute >= from && minute < to : minute >= from || minute < to)
			return true;
	}
	return hours->n == 0;
}

static int
minute_of(const struct tm *local)
{
	return local->tm_hour * 60 + local->tm_min;
}

bool
hours_are_open(const struct hours *hours, const struct tm *local)
{
	return is_open(hours, minute_of(local));
}

int
hours_next(const struct hours *hours, const struct tm *local)
{
	bool is_open_now = hours_are_open(hours, local);
	int i, minute;

	for (i = 1; i < HOURS_DAY; i++) {
		minute = (minute_of(local) + i) % HOURS_DAY;
		if (is_open(hours, minute) != is_open_now)
			return minute;
	}
	return -1;
}

int64_t
hours_ms_until(const struct tm *local, int minute)
{
	int minutes = (minute - minute_of(local) + HOURS_DAY) % HOURS_DAY;
	int64_t ms = (int64_t)(minutes == 0 ? HOURS_DAY : minutes) * 60000 - local->tm_sec * 1000;

	return ms < 1 ? 1 : ms; /* a leap second is the 61st of its minute */
}
