# bench: ours beside the others, see bench.py; make bench CORPUS=DIR
bench_programs = tests/bench/develop_files tests/bench/measure tests/bench/png_read \
	tests/bench/quality
EXTRA_PROGRAMS = $(bench_programs)
CLEANFILES += $(bench_programs)
tests_bench_develop_files_SOURCES = tests/bench/develop_files.c
tests_bench_develop_files_LDADD = libimage.a libbase.a $(JPEG_LIBS) $(PNG_LIBS) $(ZLIB_LIBS) $(ZIMG_LIBS) \
	$(LCMS_LIBS) $(EXIF_LIBS) -lm
tests_bench_measure_SOURCES = tests/bench/measure.c
tests_bench_png_read_SOURCES = tests/bench/png_read.c
tests_bench_png_read_LDADD = $(PNG_LIBS) $(ZLIB_LIBS)
tests_bench_quality_SOURCES = tests/bench/quality.c
tests_bench_quality_LDADD = $(JPEG_LIBS) $(PNG_LIBS) -lm
EXTRA_DIST += tests/bench/README tests/bench/bench.py tests/bench/bench_files.py \
	tests/bench/bench_programs.py tests/bench/bench_report.py tests/bench/drawing.py \
	tests/bench/durability.py tests/bench/large.py tests/bench/progress.py tests/bench/stop.py

.PHONY: bench
bench: darkroom darkroomd $(bench_programs)
	@test -n "$(CORPUS)" || { echo 'which photographs? make bench CORPUS=DIR'; exit 2; }
	@python3 -B $(srcdir)/tests/bench/bench.py --build $(abs_top_builddir) $(BENCH_ARGS) $(CORPUS)
	@python3 -B $(srcdir)/tests/bench/durability.py --build $(abs_top_builddir) \
		$(srcdir)/tests/samples/photo/flower.jpg $(srcdir)/tests/samples/photo/wine.jpg
