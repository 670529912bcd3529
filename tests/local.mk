# tests: unit/ (Criterion, one program per module), flow/ (the real daemon in a fresh folder)
EXTRA_DIST += tests/README tests/floors.sh tests/totals.sh tests/processor.sh tests/lsan.supp tests/samples
AM_TESTS_ENVIRONMENT = LSAN_OPTIONS='suppressions=$(abs_top_srcdir)/tests/lsan.supp:print_suppressions=0'; \
	export LSAN_OPTIONS;
# Each mechanism can be taken out, and is missed then: the patches fit (make nightly runs them).
TESTS += tests/without.py
EXTRA_DIST += tests/without.py tests/without
# What passes on one processor may fail on another.
check-local:
	@echo "on $$(sh $(srcdir)/tests/processor.sh)"
# Longer than a change should wait for.
EXTRA_DIST += tests/nightly.sh
.PHONY: nightly
nightly: all $(check_PROGRAMS)
	bash $(srcdir)/tests/nightly.sh
include $(srcdir)/tests/unit/local.mk
include $(srcdir)/tests/flow/local.mk
include $(srcdir)/tests/crash/local.mk
include $(srcdir)/tests/fuzz/local.mk
include $(srcdir)/tests/bench/local.mk

# the command on a spool made by hand; needs no daemon
TESTS += tests/flow/ctl.sh
EXTRA_DIST += tests/flow/ctl.sh
