noinst_LIBRARIES += libctl.a
libctl_a_SOURCES =
darkroom_SOURCES = src/main.c
darkroom_LDADD = $(darkroomd_LDADD)
