/* master/schedule.c - hours: may a picture begin now?. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "master/schedule.h"

struct gate {
	const struct hours *hours;
	bool is_closed;
	char why[200];
};

struct schedule {
	const struct conf *conf;
	struct gate all;
	struct gate *of;    /* each profile of conf */
	int64_t look_ms;
};

static void
close_gates(struct schedule *schedule)
{
	free(schedule->of);
	schedule->of = NULL;
}

void
schedule_set_conf(struct schedule *schedule, const struct conf *conf)
{
	int i;

	close_gates(schedule);
	schedule->conf = conf;
	schedule->all.hours = &conf->hours;
	schedule->of = mem_alloc((size_t)conf->n_profiles * sizeof(*schedule->of));
	for (i = 0; i < conf->n_profiles; i++)
		schedule->of[i].hours = &conf->profiles[i].hours;
	schedule->look_ms = 0;
	schedule_turn(schedule, clock_ms()); /* nobody is to pass a gate that was not looked at */
}

struct schedule *
schedule_new(const struct conf *conf)
{
	struct schedule *schedule = mem_alloc(sizeof(*schedule));

	schedule_set_conf(schedule, conf);
	return schedule;
}

void
schedule_free(struct schedule *schedule)
{
	if (schedule == NULL)
		return;
	close_gates(schedule);
	free(schedule);
}

/* PROFILE: its name, or NULL: all. Returns true when the gate opened or closed. */
static bool
look_at(struct gate *gate, const char *profile, const struct tm *local, int64_t *wait_ms)
{
	bool was_closed = gate->is_closed;
	int next = hours_next(gate->hours, local);
	char hours[HOURS_TEXT_SIZE];

	gate->is_closed = !hours_are_open(gate->hours, local);
	if (next >= 0)
		*wait_ms = clock_min(*wait_ms, clock_min(hours_ms_until(local, next), SCHEDULE_LOOK_MS));
	if (gate->is_closed)
		snprintf(gate->why, sizeof(gate->why), profile == NULL ?
		    "goes on at %02d:%02d (spool.hours = %s)" :
		    "outside the hours of its profile; goes on at %02d:%02d (hours = %s)", next / 60,
		    next % 60, hours_text(gate->hours, hours));
	if (gate->is_closed == was_closed)
		return false;
	if (profile == NULL)
		log_info(NULL, "event=hours-%s hours=\"%s\"", gate->is_closed ? "over" : "begun",
		    hours_text(gate->hours, hours));
	else
		log_info(NULL, "event=hours-%s profile=\"%s\" hours=\"%s\"",
		    gate->is_closed ? "over" : "begun", profile, hours_text(gate->hours, hours));
	return true;
}

bool
schedule_look(struct schedule *schedule, const struct tm *local, int64_t *wait_ms)
{
	bool has_changed;
	int i;

	*wait_ms = CLOCK_NEVER;
	has_changed = look_at(&schedule->all, NULL, local, wait_ms);
	for (i = 0; i < schedule->conf->n_profiles; i++)
		has_changed |= look_at(&schedule->of[i], schedule->conf->profiles[i].name, local, wait_ms);
	return has_changed;
}

bool
schedule_turn(struct schedule *schedule, int64_t now_ms)
{
	bool has_changed;
	struct timespec now;
	struct tm local;
	int64_t wait_ms;

	if (now_ms < schedule->look_ms)
		return false;
	tzset(); /* localtime_r() alone does not see a new /etc/localtime */
	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &local);
	has_changed = schedule_look(schedule, &local, &wait_ms);
	/* In whole seconds, and rounded up: a look just before its time would have to be repeated. */
	schedule->look_ms = wait_ms == CLOCK_NEVER ? CLOCK_NEVER :
	    now_ms + wait_ms - now.tv_nsec / 1000000 + 1;
	return has_changed;
}

int64_t
schedule_due(const struct schedule *schedule)
{
	return schedule->look_ms;
}

const char *
schedule_closed(const struct schedule *schedule)
{
	return schedule->all.is_closed ? schedule->all.why : NULL;
}

const char *
schedule_holds(const struct schedule *schedule, const char *rel)
{
	const char *slash = strchr(rel, '/');
	const struct profile *profile = conf_profile(schedule->conf, rel,
	    slash == NULL ? 0 : (size_t)(slash - rel));
	const struct gate *gate = &schedule->of[profile - schedule->conf->profiles];

	return gate->is_closed ? gate->why : NULL;
}
