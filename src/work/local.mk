# work: the sandboxed process, its messages, and how it is started
noinst_LIBRARIES += libwork.a
libwork_a_SOURCES = \
	src/work/crew.c src/work/crew.h \
	src/work/filter.c src/work/filter.h \
	src/work/identity.c src/work/identity.h \
	src/work/landlock.c src/work/landlock.h \
	src/work/launch.c src/work/launch.h \
	src/work/msg.c src/work/msg.h \
	src/work/pool.c src/work/pool.h \
	src/work/probe.c src/work/probe.h \
	src/work/sandbox.c src/work/sandbox.h \
	src/work/syncer.c src/work/syncer.h \
	src/work/worker.c src/work/worker.h
