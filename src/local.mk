darkroomd_SOURCES = src/main.c
darkroomd_LDADD = libmaster.a libwork.a libconf.a libspool.a libimage.a libbase.a \
	$(INOTIFYTOOLS_LIBS) $(INIPARSER_LIBS) $(JPEG_LIBS) $(PNG_LIBS) $(ZLIB_LIBS) $(ZIMG_LIBS) $(LCMS_LIBS) \
	$(EXIF_LIBS) $(SECCOMP_LIBS) $(JANSSON_LIBS) $(XXHASH_LIBS) $(SYSTEMD_LIBS) -lm
dist_man_MANS += src/darkroomd.8
