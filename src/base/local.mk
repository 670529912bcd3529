# base: what every floor stands on
noinst_LIBRARIES += libbase.a
libbase_a_SOURCES = \
	src/base/chan.c src/base/chan.h \
	src/base/clock.c src/base/clock.h \
	src/base/fail.c src/base/fail.h \
	src/base/fsio.c src/base/fsio.h \
	src/base/heap.c src/base/heap.h \
	src/base/hours.c src/base/hours.h \
	src/base/log.c src/base/log.h \
	src/base/mem.c src/base/mem.h \
	src/base/process.c src/base/process.h \
	src/base/quote.c src/base/quote.h \
	src/base/words.c src/base/words.h
