# conf: the configuration; one table, every mistake at once
noinst_LIBRARIES += libconf.a
libconf_a_SOURCES = \
	src/conf/build.c src/conf/build.h \
	src/conf/conf.c src/conf/conf.h \
	src/conf/mistake.c src/conf/mistake.h \
	src/conf/label.c src/conf/label.h \
	src/conf/conf_print.c \
	src/conf/build_finish.c \
	src/conf/profile.c src/conf/profile.h \
	src/conf/raw.c src/conf/raw.h \
	src/conf/settings.h \
	src/conf/table.c src/conf/table.h \
	src/conf/value.c src/conf/value.h \
	src/conf/watermark.c src/conf/watermark.h
dist_man_MANS += src/conf/darkroom.ini.5
