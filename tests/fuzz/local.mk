# fuzz: bytes that nobody meant. In make check a small program that changes files by chance; with
# clang's libFuzzer (make fuzz, FUZZ_S=600 seconds) one that looks for new ways through the code.
check_PROGRAMS += tests/fuzz/fuzz_develop
tests_fuzz_fuzz_develop_SOURCES = tests/fuzz/fuzz_develop.c
tests_fuzz_fuzz_develop_LDADD = libimage.a libbase.a $(JPEG_LIBS) $(PNG_LIBS) $(ZLIB_LIBS) $(ZIMG_LIBS) \
	$(LCMS_LIBS) $(EXIF_LIBS) $(XXHASH_LIBS) -lm
TESTS += tests/fuzz/fuzz.sh
EXTRA_DIST += tests/fuzz/fuzz.sh
CLEANFILES += tests/fuzz/libfuzzer

fuzz_sources = $(filter %.c,$(libimage_a_SOURCES) $(libbase_a_SOURCES))
FUZZ_S = 600

tests/fuzz/libfuzzer: $(tests_fuzz_fuzz_develop_SOURCES) $(fuzz_sources)
	@$(MKDIR_P) tests/fuzz
	clang -g -O1 -fsanitize=fuzzer,address,undefined -DFUZZ_LIBFUZZER -DDARKROOM_SANITIZE \
		-DHAVE_CONFIG_H -I. $(AM_CPPFLAGS) $(AM_CFLAGS) -o $@ $^ $(tests_fuzz_fuzz_develop_LDADD:%.a=)

.PHONY: fuzz
fuzz: tests/fuzz/libfuzzer
	FUZZ_S=$(FUZZ_S) bash $(srcdir)/tests/fuzz/fuzz.sh tests/fuzz/libfuzzer
