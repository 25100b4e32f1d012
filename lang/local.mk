# lang: sources and tests

noinst_LTLIBRARIES += liblang-core.la
liblang_core_la_SOURCES = lang/value.c lang/value.h lang/value_array.c lang/value_heap.c lang/value_map.c lang/native.h \
	lang/operators.c lang/operators.h
