# The real daemon in a fresh folder, one scenario per script; lib.sh is what they stand on.
flow_tests = \
	tests/flow/aside.sh \
	tests/flow/attempts.sh \
	tests/flow/changed.sh \
	tests/flow/commands.sh \
	tests/flow/conflict.sh \
	tests/flow/control.sh \
	tests/flow/convert.sh \
	tests/flow/crash.sh \
	tests/flow/develop.sh \
	tests/flow/folders.sh \
	tests/flow/hooks.sh \
	tests/flow/hostile.sh \
	tests/flow/hours.sh \
	tests/flow/idle.sh \
	tests/flow/keep.sh \
	tests/flow/leave.sh \
	tests/flow/links.sh \
	tests/flow/names.sh \
	tests/flow/processor.sh \
	tests/flow/sandbox.sh \
	tests/flow/slow.sh \
	tests/flow/slow_disk.sh \
	tests/flow/started.sh \
	tests/flow/stop.sh \
	tests/flow/unreadable.sh \
	tests/flow/watermark.sh
TESTS += $(flow_tests)
arrive_tests = tests/flow/arrive.py tests/flow/kept.py tests/flow/missing.py tests/flow/noticed.py
TESTS += $(arrive_tests)
EXTRA_DIST += $(flow_tests) tests/flow/lib.sh tests/flow/make_images.py tests/flow/odd_names.py \
	tests/flow/tree.py \
	$(arrive_tests) tests/flow/arrival.py tests/flow/ways.py tests/flow/ways_smb.py \
	tests/flow/smb_writer.py

# A library to be preloaded, without libtool.
check_PROGRAMS += tests/flow/rogue.so
tests_flow_rogue_so_SOURCES = tests/flow/rogue.c tests/crash/preload.h
tests_flow_rogue_so_CFLAGS = -std=gnu11 -Wall -Wextra -fPIC
tests_flow_rogue_so_LDFLAGS = -shared
tests_flow_rogue_so_LDADD = -ldl
TEST_EXTENSIONS = .sh .py
SH_LOG_COMPILER = bash
