# spool: folders and names, no pixels
noinst_LIBRARIES += libspool.a
libspool_a_SOURCES = \
	src/spool/aside.c src/spool/aside.h \
	src/spool/check.c src/spool/check.h \
	src/spool/fields.c src/spool/fields.h \
	src/spool/folders.h \
	src/spool/jobdir.c src/spool/jobdir.h \
	src/spool/lock.c src/spool/lock.h \
	src/spool/magic.c src/spool/magic.h \
	src/spool/mark.c src/spool/mark.h \
	src/spool/name.c src/spool/name.h \
	src/spool/place.c src/spool/place.h \
	src/spool/plan.c src/spool/plan.h src/spool/plan_make.c \
	src/spool/progress.c src/spool/progress.h \
	src/spool/scan.c src/spool/scan.h \
	src/spool/spelling.c src/spool/spelling.h \
	src/spool/spool.c src/spool/spool.h \
	src/spool/suffix.c src/spool/suffix.h \
	src/spool/sweep.c src/spool/sweep.h \
	src/spool/synclist.c src/spool/synclist.h \
	src/spool/in_use.c src/spool/in_use.h \
	src/spool/top.c src/spool/top.h \
	src/spool/watch.c src/spool/watch.h
