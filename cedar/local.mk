noinst_LTLIBRARIES += libcedar-core.la
lib_LTLIBRARIES += libcedar.la
rexiinclude_HEADERS += include/rexi/cedar.h
libcedar_core_la_SOURCES = \
	cedar/ast.h cedar/json.h cedar/set.h cedar/value.h \
	cedar/names.c
libcedar_core_la_CFLAGS = $(WARN_CFLAGS)
libcedar_la_SOURCES =
libcedar_la_LIBADD = libcedar-core.la libbase.la
libcedar_la_LDFLAGS = -version-info $(CEDAR_VERSION_INFO)
EXTRA_DIST += cedar/README.md
