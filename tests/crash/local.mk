# The daemon is killed, cut off and lied to; kit.py is what the scripts stand on.
crash_tests = tests/crash/failpoints.py tests/crash/kill-storm.py tests/crash/two-daemons.py \
	tests/crash/faults.py tests/crash/small-disks.py tests/crash/power-cut.py \
	tests/crash/write-log.py
TESTS += $(crash_tests)
EXTRA_DIST += $(crash_tests) tests/crash/kit.py tests/crash/disk.py tests/crash/story.py
PY_LOG_COMPILER = python3 -B

# The daemon with its failpoints, whatever the daemon that is installed was configured with:
# what holds a FAIL_AT is compiled once more, and comes before the libraries.
check_PROGRAMS += tests/crash/darkroomd-failpoints tests/crash/fault.so \
	tests/crash/without.so
tests_crash_darkroomd_failpoints_SOURCES = src/main.c src/base/fail.c src/base/fsio.c \
	src/master/purge.c \
	src/spool/check.c src/spool/jobdir.c src/spool/plan.c src/spool/spool.c src/spool/sweep.c \
	src/spool/top.c
tests_crash_darkroomd_failpoints_CPPFLAGS = $(AM_CPPFLAGS) -DDARKROOM_FAILPOINTS=1
tests_crash_darkroomd_failpoints_LDADD = $(darkroomd_LDADD)

# Libraries to be preloaded, without libtool.
tests_crash_fault_so_SOURCES = tests/crash/fault.c tests/crash/preload.h
tests_crash_fault_so_CFLAGS = -std=gnu11 -Wall -Wextra -fPIC
tests_crash_fault_so_LDFLAGS = -shared
tests_crash_fault_so_LDADD = -ldl
tests_crash_without_so_SOURCES = tests/crash/without.c tests/crash/preload.h
tests_crash_without_so_CFLAGS = -std=gnu11 -Wall -Wextra -fPIC
tests_crash_without_so_LDFLAGS = -shared
tests_crash_without_so_LDADD = -ldl

# The disk that remembers what was written to it.
if HAVE_FUSE
check_PROGRAMS += tests/crash/write-log
tests_crash_write_log_SOURCES = tests/crash/write-log.c
tests_crash_write_log_CFLAGS = -std=gnu11 -Wall -Wextra $(FUSE_CFLAGS)
tests_crash_write_log_LDADD = $(FUSE_LIBS)
endif
