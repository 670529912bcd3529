#include <config.h>

#include <time.h>

#include "base/clock.h"
#include "master/control.h"
#include "spool_fixture.h"

static struct control
look(struct spool *spool)
{
	struct control control = { .pause_ends_ms = CLOCK_NEVER };

	control_look(&control, spool, 1000);
	return control;
}

Test(control, stop_counts_in_every_shape)
{
	struct spool *spool = fixture_spool();

	cr_expect_not(look(spool).is_stopped);
	fixture_write(spool->root_fd, "Stop.txt", "");
	cr_expect(look(spool).is_stopped);
	fsio_unlink(spool->root_fd, "Stop.txt");
	cr_assert_eq(mkdirat(spool->inbox_fd, "stop", 0755), 0);
	cr_expect(look(spool).is_stopped);
	cr_assert_eq(unlinkat(spool->inbox_fd, "stop", AT_REMOVEDIR), 0);
	cr_assert_eq(symlinkat("/nowhere", spool->root_fd, "STOP"), 0);
	cr_expect(look(spool).is_stopped);
	fsio_unlink(spool->root_fd, "STOP");
	fixture_write(spool->inbox_fd, "deeper/STOP", "");
	fixture_write(spool->inbox_fd, "stop.jpg", "");
	cr_expect_not(look(spool).is_stopped);
}

Test(control, pause_ends_by_itself)
{
	struct spool *spool = fixture_spool();
	struct timespec old[2] = { { .tv_sec = time(NULL) - 1000 }, { .tv_sec = time(NULL) - 1000 } };
	struct control control;

	fixture_write(spool->root_fd, "PAUSE", "30m\n");
	control = look(spool);
	cr_expect(control.is_paused);
	cr_expect_geq(control.pause_ends_ms, 1000 + 30 * 60000 - 60000);
	cr_expect_leq(control.pause_ends_ms, 1000 + 30 * 60000);
	cr_assert_eq(utimensat(spool->root_fd, "PAUSE", old, 0), 0);
	cr_expect(look(spool).is_paused, "1,000 s of 30 min are over");
	old[0].tv_sec = old[1].tv_sec = time(NULL) - 3000;
	cr_assert_eq(utimensat(spool->root_fd, "PAUSE", old, 0), 0);
	cr_expect_not(look(spool).is_paused);
	cr_expect_not(fixture_is(spool->root_fd, "PAUSE"), "its time is over and it goes");
}

Test(control, pause_without_a_time_stays)
{
	struct spool *spool = fixture_spool();
	struct control control;

	fixture_write(spool->root_fd, "pause.TXT", "until I come back");
	control = look(spool);
	cr_expect(control.is_paused);
	cr_expect_eq(control.pause_ends_ms, CLOCK_NEVER);
}
