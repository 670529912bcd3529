noinst_LIBRARIES += libwork.a
libwork_a_SOURCES =
