#include <config.h>

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hours.h"
#include "base/log.h"
#include "conf_fixture.h"
#include "master/schedule.h"

static struct tm
at(int hour, int minute, int second)
{
	return (struct tm){ .tm_hour = hour, .tm_min = minute, .tm_sec = second, .tm_mday = 1,
		.tm_year = 126 };
}

static const struct {
	const char *text, *printed; /* NULL: refused */
} parse_cases[] = {
	{ "always", "always" }, { "ALWAYS", "always" }, { "22:00-06:00", "22:00-06:00" },
	{ " 7:05 - 9:30 , 12:00-13:00 ", "07:05-09:30, 12:00-13:00" }, { "22:00-24:00", "22:00-24:00" },
	{ "0:00-24:00", "00:00-24:00" }, { "23:59-0:00", "23:59-00:00" },
	{ "0:0-1:00", NULL }, { "24:00-6:00", NULL }, { "22:00-24:01", NULL }, { "22:60-23:00", NULL },
	{ "22:00", NULL }, { "22-06", NULL }, { "22:00-22:00", NULL }, { "", NULL }, { "never", NULL },
	{ "22:00-06:00,", NULL }, { ",22:00-06:00", NULL }, { "22:00-06:00 x", NULL },
	{ "22:000-23:00", NULL }, { "-1:00-2:00", NULL }, { "22:00 06:00", NULL },
	{ "always, 22:00-06:00", NULL }, { "22:00-06:00-07:00", NULL },
	{ "1:00-2:00,3:00-4:00,5:00-6:00,7:00-8:00,9:00-10:00,11:00-12:00,13:00-14:00,15:00-16:00",
	    "01:00-02:00, 03:00-04:00, 05:00-06:00, 07:00-08:00, 09:00-10:00, 11:00-12:00, "
	    "13:00-14:00, 15:00-16:00" },
	{ "1:00-2:00,3:00-4:00,5:00-6:00,7:00-8:00,9:00-10:00,11:00-12:00,13:00-14:00,15:00-16:00,"
	    "17:00-18:00", NULL },
};

Test(hours, are_read_and_printed)
{
	char text[HOURS_TEXT_SIZE];
	struct hours hours;
	size_t i;

	for (i = 0; i < sizeof(parse_cases) / sizeof(parse_cases[0]); i++) {
		bool is_good = hours_parse(parse_cases[i].text, &hours);

		cr_assert_eq(is_good, parse_cases[i].printed != NULL, "%s", parse_cases[i].text);
		if (is_good)
			cr_assert_str_eq(hours_text(&hours, text), parse_cases[i].printed);
	}
}

static const struct {
	const char *hours;
	int hour, minute;
	bool is_open;
	int next; /* -1: never */
} open_cases[] = {
	{ "always", 3, 0, true, -1 },
	{ "22:00-06:00", 21, 59, false, 22 * 60 }, { "22:00-06:00", 22, 0, true, 6 * 60 },
	{ "22:00-06:00", 23, 59, true, 6 * 60 }, { "22:00-06:00", 0, 0, true, 6 * 60 },
	{ "22:00-06:00", 5, 59, true, 6 * 60 }, { "22:00-06:00", 6, 0, false, 22 * 60 },
	{ "9:00-17:30", 8, 59, false, 9 * 60 }, { "9:00-17:30", 9, 0, true, 17 * 60 + 30 },
	{ "9:00-17:30", 17, 30, false, 9 * 60 },
	{ "22:00-24:00", 23, 59, true, 0 }, { "22:00-24:00", 0, 0, false, 22 * 60 },
	{ "22:00-0:00", 23, 59, true, 0 }, { "0:00-24:00", 12, 0, true, -1 },
	{ "0:00-12:00, 12:00-24:00", 12, 0, true, -1 },
	{ "22:00-6:00, 12:00-13:00", 10, 0, false, 12 * 60 },
	{ "22:00-6:00, 12:00-13:00", 12, 30, true, 13 * 60 },
	{ "22:00-6:00, 12:00-13:00", 13, 0, false, 22 * 60 },
	{ "22:00-2:00, 1:00-4:00", 23, 0, true, 4 * 60 }, /* they overlap */
	{ "3:00-2:59", 2, 59, false, 3 * 60 },
};

Test(hours, open_and_close)
{
	struct hours hours;
	size_t i;

	for (i = 0; i < sizeof(open_cases) / sizeof(open_cases[0]); i++) {
		const struct tm local = at(open_cases[i].hour, open_cases[i].minute, 59);

		cr_assert(hours_parse(open_cases[i].hours, &hours));
		cr_assert_eq(hours_are_open(&hours, &local), open_cases[i].is_open, "%s at %d:%02d",
		    open_cases[i].hours, local.tm_hour, local.tm_min);
		cr_assert_eq(hours_next(&hours, &local), open_cases[i].next, "%s at %d:%02d: %d",
		    open_cases[i].hours, local.tm_hour, local.tm_min, hours_next(&hours, &local));
	}
}

Test(hours, time_until)
{
	struct tm local = at(21, 59, 30);

	cr_expect_eq(hours_ms_until(&local, 22 * 60), 30000);
	cr_expect_eq(hours_ms_until(&local, 6 * 60), (8 * 60 + 1) * 60000 - 30000);
	cr_expect_eq(hours_ms_until(&local, 21 * 60 + 59), 24 * 3600000 - 30000, "tomorrow");
	local.tm_sec = 60; /* a leap second */
	cr_expect_eq(hours_ms_until(&local, 22 * 60), 1);
}

/* ---- the schedule ------------------------------------------------------------------------ */

Test(schedule, nobody_asks_the_clock_without_hours)
{
	struct conf *conf = fixture_load_good("");
	struct schedule *schedule = schedule_new(conf);
	const struct tm noon = at(12, 0, 0);
	int64_t wait_ms;

	cr_expect_eq(schedule_due(schedule), CLOCK_NEVER);
	cr_expect_not(schedule_look(schedule, &noon, &wait_ms));
	cr_expect_eq(wait_ms, CLOCK_NEVER);
	cr_expect_null(schedule_closed(schedule));
	cr_expect_null(schedule_holds(schedule, "x.jpg"));
	schedule_free(schedule);
	conf_free(conf);
}

/* The clock jumps as it likes: what counts is what it says. */
Test(schedule, follows_the_clock)
{
	struct conf *conf = fixture_load_good("[spool]\nhours = 22:00-06:00\n");
	struct schedule *schedule = schedule_new(conf);
	struct tm local = at(12, 0, 0);
	int64_t wait_ms;

	log_open(-1);
	schedule_look(schedule, &local, &wait_ms);
	cr_expect_str_eq(schedule_closed(schedule), "goes on at 22:00 (spool.hours = 22:00-06:00)");
	cr_expect_eq(wait_ms, SCHEDULE_LOOK_MS, "the clock may be set meanwhile");
	local = at(21, 59, 50);
	cr_expect_not(schedule_look(schedule, &local, &wait_ms));
	cr_expect_eq(wait_ms, 10000);
	local = at(22, 0, 0);
	cr_expect(schedule_look(schedule, &local, &wait_ms));
	cr_expect_null(schedule_closed(schedule));
	local = at(21, 0, 0); /* set back */
	cr_expect(schedule_look(schedule, &local, &wait_ms));
	cr_expect_not_null(schedule_closed(schedule));
	local = at(3, 0, 0); /* summer time begins: 02:00 was followed by this */
	cr_expect(schedule_look(schedule, &local, &wait_ms));
	local = at(6, 0, 0);
	cr_expect(schedule_look(schedule, &local, &wait_ms));
	cr_expect_not_null(schedule_closed(schedule));
	schedule_free(schedule);
	conf_free(conf);
}

Test(schedule, of_each_profile)
{
	struct conf *conf = fixture_load_good("[profile default]\nhours = 9:00-17:00\n"
	    "[profile Night]\nhours = 22:00-6:00\n[profile day]\n");
	struct schedule *schedule = schedule_new(conf);
	struct tm local = at(12, 0, 0);
	int64_t wait_ms;

	log_open(-1);
	schedule_look(schedule, &local, &wait_ms);
	cr_expect_null(schedule_closed(schedule));
	cr_expect_null(schedule_holds(schedule, "a.jpg"));
	cr_expect_null(schedule_holds(schedule, "trip/a.jpg"));
	cr_expect_str_eq(schedule_holds(schedule, "NIGHT/deep/a.jpg"),
	    "outside the hours of its profile; goes on at 22:00 (hours = 22:00-06:00)");
	cr_expect_null(schedule_holds(schedule, "night"), "a file of that name");
	cr_expect_null(schedule_holds(schedule, "trip/night/a.jpg"));
	local = at(23, 0, 0);
	cr_expect(schedule_look(schedule, &local, &wait_ms));
	cr_expect_not_null(schedule_holds(schedule, "trip/a.jpg"));
	cr_expect_null(schedule_holds(schedule, "night/a.jpg"));
	cr_expect_null(schedule_holds(schedule, "day/a.jpg"));
	schedule_free(schedule);
	conf_free(conf);
}
