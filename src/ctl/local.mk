# ctl: the command darkroom, a verb (or a few of one kind) in each file
noinst_LIBRARIES += libctl.a
libctl_a_SOURCES = \
	src/ctl/add.c src/ctl/add.h \
	src/ctl/batch.c src/ctl/batch.h \
	src/ctl/convert.c src/ctl/convert.h \
	src/ctl/ctl.c src/ctl/ctl.h \
	src/ctl/daemon.c src/ctl/daemon.h \
	src/ctl/gather.c src/ctl/gather.h \
	src/ctl/hold.c src/ctl/hold.h \
	src/ctl/results.c src/ctl/results.h \
	src/ctl/retry.c src/ctl/retry.h \
	src/ctl/status.c src/ctl/status.h \
	src/ctl/tree.c src/ctl/tree.h \
	src/ctl/wait.c src/ctl/wait.h
darkroom_SOURCES = src/ctl/main.c
darkroom_LDADD = libctl.a $(darkroomd_LDADD)
dist_man_MANS += src/ctl/darkroom.1
