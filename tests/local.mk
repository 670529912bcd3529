# tests: unit/ (Criterion, one program per module), flow/ (the real daemon in a fresh folder)
EXTRA_DIST += tests/floors.sh tests/samples
include $(srcdir)/tests/unit/local.mk
