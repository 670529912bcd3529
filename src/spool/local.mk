noinst_LIBRARIES += libspool.a
libspool_a_SOURCES =
libspool_a_SOURCES += src/spool/progress.c src/spool/progress.h
libspool_a_SOURCES += src/spool/suffix.c src/spool/suffix.h
