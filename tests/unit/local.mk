# One Criterion program per module that decides something: a line in unit_tests, and its
# source tests/unit/test_NAME.c, linked with every floor but the mains.
unit_tests = \
	tests/unit/test_base \
	tests/unit/test_cicp \
	tests/unit/test_cases \
	tests/unit/test_color \
	tests/unit/test_conf \
	tests/unit/test_conf_docs \
	tests/unit/test_conf_print \
	tests/unit/test_conf_value \
	tests/unit/test_crew \
	tests/unit/test_conformance \
	tests/unit/test_control \
	tests/unit/test_corpus \
	tests/unit/test_cpu \
	tests/unit/test_delta \
	tests/unit/test_develop \
	tests/unit/test_exact \
	tests/unit/test_hook \
	tests/unit/test_hours \
	tests/unit/test_job \
	tests/unit/test_linear \
	tests/unit/test_lossless \
	tests/unit/test_meta \
	tests/unit/test_msg \
	tests/unit/test_name \
	tests/unit/test_orientation \
	tests/unit/test_pace \
	tests/unit/test_plan \
	tests/unit/test_progress \
	tests/unit/test_purge \
	tests/unit/test_queue \
	tests/unit/test_ready \
	tests/unit/test_rendition \
	tests/unit/test_replace \
	tests/unit/test_report \
	tests/unit/test_report_data \
	tests/unit/test_resample \
	tests/unit/test_safe \
	tests/unit/test_sandbox \
	tests/unit/test_sharpen \
	tests/unit/test_splice \
	tests/unit/test_spool \
	tests/unit/test_subsample \
	tests/unit/test_synclist \
	tests/unit/test_tables \
	tests/unit/test_told \
	tests/unit/test_watermark \
	tests/unit/test_xmp
UNIT_LDADD = libmaster.a libwork.a libconf.a libspool.a libimage.a libbase.a \
	$(INOTIFYTOOLS_LIBS) $(INIPARSER_LIBS) $(JPEG_LIBS) $(PNG_LIBS) $(ZLIB_LIBS) $(ZIMG_LIBS) $(LCMS_LIBS) \
	$(EXIF_LIBS) $(SECCOMP_LIBS) $(JANSSON_LIBS) $(XXHASH_LIBS) $(SYSTEMD_LIBS) \
	$(CRITERION_LIBS) -lm

if HAVE_CRITERION
check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)
endif

tests_unit_test_base_SOURCES = tests/unit/test_base.c tests/unit/scratch.h
tests_unit_test_base_LDADD = $(UNIT_LDADD)

tests_unit_test_progress_SOURCES = tests/unit/test_progress.c tests/unit/scratch.h
tests_unit_test_progress_LDADD = $(UNIT_LDADD)

tests_unit_test_report_SOURCES = tests/unit/test_report.c tests/unit/report_sample.h \
	tests/unit/scratch.h
tests_unit_test_report_LDADD = $(UNIT_LDADD)

tests_unit_test_report_data_SOURCES = tests/unit/test_report_data.c tests/unit/report_sample.h
tests_unit_test_report_data_LDADD = $(UNIT_LDADD)
develop_kit = tests/unit/develop_kit.c tests/unit/kit_pictures.c tests/unit/develop_kit.h
conf_fixture = tests/unit/conf_fixture.c tests/unit/conf_fixture.h
tests_unit_test_conf_SOURCES = tests/unit/test_conf.c $(conf_fixture)
tests_unit_test_conf_LDADD = $(UNIT_LDADD)
tests_unit_test_conf_CPPFLAGS = $(AM_CPPFLAGS) -DTOP_SRCDIR='"$(abs_top_srcdir)"'
tests_unit_test_conf_value_SOURCES = tests/unit/test_conf_value.c
tests_unit_test_conf_value_LDADD = $(UNIT_LDADD)
tests_unit_test_crew_SOURCES = tests/unit/test_crew.c
tests_unit_test_crew_LDADD = $(UNIT_LDADD)
tests_unit_test_conf_print_SOURCES = tests/unit/test_conf_print.c $(conf_fixture)
tests_unit_test_conf_print_LDADD = $(UNIT_LDADD)
tests_unit_test_conf_print_CPPFLAGS = $(AM_CPPFLAGS) -DTOP_SRCDIR='"$(abs_top_srcdir)"'
tests_unit_test_conf_docs_SOURCES = tests/unit/test_conf_docs.c $(conf_fixture)
tests_unit_test_conf_docs_LDADD = $(UNIT_LDADD)
tests_unit_test_rendition_SOURCES = tests/unit/test_rendition.c
tests_unit_test_rendition_LDADD = $(UNIT_LDADD)

tests_unit_test_orientation_SOURCES = tests/unit/test_orientation.c
tests_unit_test_orientation_LDADD = $(UNIT_LDADD)

tests_unit_test_resample_SOURCES = tests/unit/test_resample.c
tests_unit_test_resample_LDADD = $(UNIT_LDADD)

tests_unit_test_cpu_SOURCES = tests/unit/test_cpu.c
tests_unit_test_cpu_LDADD = $(UNIT_LDADD)

tests_unit_test_color_SOURCES = tests/unit/test_color.c
tests_unit_test_color_LDADD = $(UNIT_LDADD)

tests_unit_test_develop_SOURCES = tests/unit/test_develop.c $(develop_kit)
tests_unit_test_develop_LDADD = $(UNIT_LDADD)
tests_unit_test_lossless_SOURCES = tests/unit/test_lossless.c $(develop_kit)
tests_unit_test_lossless_LDADD = $(UNIT_LDADD)
tests_unit_test_conformance_SOURCES = tests/unit/test_conformance.c $(develop_kit) tests/unit/independent.c tests/unit/independent.h
tests_unit_test_conformance_CPPFLAGS = $(AM_CPPFLAGS) -DTOP_SRCDIR='"$(abs_top_srcdir)"'
tests_unit_test_conformance_LDADD = $(UNIT_LDADD)
tests_unit_test_cicp_SOURCES = tests/unit/test_cicp.c $(develop_kit)
tests_unit_test_cicp_LDADD = $(UNIT_LDADD)
delta_kit = tests/unit/delta_kit.c tests/unit/delta_kit.h $(develop_kit)
tests_unit_test_delta_SOURCES = tests/unit/test_delta.c $(delta_kit)
tests_unit_test_delta_CPPFLAGS = $(AM_CPPFLAGS) -DTOP_SRCDIR='"$(abs_top_srcdir)"'
tests_unit_test_delta_LDADD = $(UNIT_LDADD)
tests_unit_test_exact_SOURCES = tests/unit/test_exact.c $(develop_kit)
tests_unit_test_exact_CPPFLAGS = $(AM_CPPFLAGS) -DTOP_SRCDIR='"$(abs_top_srcdir)"'
tests_unit_test_exact_LDADD = $(UNIT_LDADD)
tests_unit_test_tables_SOURCES = tests/unit/test_tables.c $(develop_kit)
tests_unit_test_tables_CPPFLAGS = $(AM_CPPFLAGS) -DTOP_SRCDIR='"$(abs_top_srcdir)"'
tests_unit_test_tables_LDADD = $(UNIT_LDADD)
tests_unit_test_xmp_SOURCES = tests/unit/test_xmp.c $(develop_kit)
tests_unit_test_xmp_LDADD = $(UNIT_LDADD)
tests_unit_test_subsample_SOURCES = tests/unit/test_subsample.c $(develop_kit)
tests_unit_test_subsample_LDADD = $(UNIT_LDADD)
tests_unit_test_linear_SOURCES = tests/unit/test_linear.c $(develop_kit)
tests_unit_test_linear_LDADD = $(UNIT_LDADD)
tests_unit_test_watermark_SOURCES = tests/unit/test_watermark.c $(develop_kit)
tests_unit_test_watermark_LDADD = $(UNIT_LDADD)
tests_unit_test_watermark_CPPFLAGS = $(AM_CPPFLAGS) -DTOP_SRCDIR='"$(abs_top_srcdir)"'
tests_unit_test_sandbox_SOURCES = tests/unit/test_sandbox.c
tests_unit_test_sandbox_LDADD = $(UNIT_LDADD)
tests_unit_test_sharpen_SOURCES = tests/unit/test_sharpen.c $(develop_kit)
tests_unit_test_sharpen_LDADD = $(UNIT_LDADD)
tests_unit_test_meta_SOURCES = tests/unit/test_meta.c $(develop_kit)
tests_unit_test_meta_LDADD = $(UNIT_LDADD)
tests_unit_test_pace_SOURCES = tests/unit/test_pace.c tests/unit/develop_kit.c \
	tests/unit/develop_kit.h
tests_unit_test_pace_LDADD = $(UNIT_LDADD)

spool_fixture = tests/unit/spool_fixture.h tests/unit/scratch.h
tests_unit_test_control_SOURCES = tests/unit/test_control.c $(spool_fixture)
tests_unit_test_control_LDADD = $(UNIT_LDADD)
tests_unit_test_hook_SOURCES = tests/unit/test_hook.c $(conf_fixture)
tests_unit_test_hook_LDADD = $(UNIT_LDADD)
tests_unit_test_hours_SOURCES = tests/unit/test_hours.c $(conf_fixture)
tests_unit_test_hours_LDADD = $(UNIT_LDADD)
tests_unit_test_job_SOURCES = tests/unit/test_job.c $(spool_fixture)
tests_unit_test_job_CPPFLAGS = $(AM_CPPFLAGS) -DTOP_SRCDIR='"$(abs_top_srcdir)"'
tests_unit_test_job_LDADD = $(UNIT_LDADD)
tests_unit_test_msg_SOURCES = tests/unit/test_msg.c
tests_unit_test_msg_LDADD = $(UNIT_LDADD)
tests_unit_test_name_SOURCES = tests/unit/test_name.c
tests_unit_test_name_LDADD = $(UNIT_LDADD)
plan_fixture = tests/unit/plan_fixture.h $(spool_fixture)
tests_unit_test_plan_SOURCES = tests/unit/test_plan.c $(plan_fixture)
tests_unit_test_plan_LDADD = $(UNIT_LDADD)
tests_unit_test_replace_SOURCES = tests/unit/test_replace.c $(plan_fixture)
tests_unit_test_replace_LDADD = $(UNIT_LDADD)
tests_unit_test_purge_SOURCES = tests/unit/test_purge.c $(conf_fixture) $(spool_fixture)
tests_unit_test_purge_LDADD = $(UNIT_LDADD)
tests_unit_test_queue_SOURCES = tests/unit/test_queue.c
tests_unit_test_queue_LDADD = $(UNIT_LDADD)
tests_unit_test_ready_SOURCES = tests/unit/test_ready.c $(spool_fixture)
tests_unit_test_ready_LDADD = $(UNIT_LDADD)
tests_unit_test_cases_SOURCES = tests/unit/test_cases.c $(develop_kit)
tests_unit_test_cases_LDADD = $(UNIT_LDADD)
tests_unit_test_cases_CPPFLAGS = $(AM_CPPFLAGS) -DTOP_SRCDIR='"$(abs_top_srcdir)"'

tests_unit_test_splice_SOURCES = tests/unit/test_splice.c $(develop_kit)
tests_unit_test_splice_LDADD = $(UNIT_LDADD)
tests_unit_test_spool_SOURCES = tests/unit/test_spool.c $(spool_fixture)
tests_unit_test_spool_LDADD = $(UNIT_LDADD)
# The corpus: DARKROOM_CORPUS, or ../shared/corpus beside the source tree, else skipped.
tests_unit_test_corpus_SOURCES = tests/unit/test_corpus.c $(develop_kit)
tests_unit_test_corpus_CPPFLAGS = $(AM_CPPFLAGS) -DTOP_SRCDIR='"$(abs_top_srcdir)"'
tests_unit_test_corpus_LDADD = $(UNIT_LDADD)

tests_unit_test_safe_SOURCES = tests/unit/test_safe.c $(develop_kit)
tests_unit_test_safe_CPPFLAGS = $(AM_CPPFLAGS) -DTOP_SRCDIR='"$(abs_top_srcdir)"'
tests_unit_test_safe_LDADD = $(UNIT_LDADD)
tests_unit_test_told_SOURCES = tests/unit/test_told.c $(delta_kit)
tests_unit_test_told_LDADD = $(UNIT_LDADD)
tests_unit_test_synclist_SOURCES = tests/unit/test_synclist.c $(spool_fixture)
tests_unit_test_synclist_LDADD = $(UNIT_LDADD)
