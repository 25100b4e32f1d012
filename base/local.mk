noinst_LTLIBRARIES += libbase.la
libbase_la_SOURCES = \
	include/rexi/base.h \
	base/arena.c base/arena.h base/banned.h base/buf.c base/buf.h base/checked.h base/compiler.h \
	base/error.c base/error.h base/hash.c base/hash.h base/memory.c base/memory.h base/number.c base/number.h \
	base/number_parse.c base/power10.c base/power10.h \
	base/str.c base/str.h base/unicode.c base/unicode.h base/unicode_classes.h base/unicode_security.c base/unicode_security.h \
	base/unicode_security_tables.h base/unicode_tables.h base/utf8.c base/utf8.h
libbase_la_CFLAGS = $(WARN_CFLAGS)
libbase_la_LIBADD = -lm
# What is asked of utf8proc, as tables.
base_unicode_lo = base/libbase_la-unicode.lo
$(base_unicode_lo): base/unicode_classes.inc
EXTRA_DIST += base/unicode_classes.inc
if !CROSS_COMPILING
CLEANFILES += base/unicode_classes.inc
noinst_PROGRAMS += base/unicode_write
base_unicode_write_SOURCES = base/unicode_write.c
base_unicode_write_CFLAGS = $(WARN_CFLAGS) $(UTF8PROC_CFLAGS)
base_unicode_write_LDADD = $(UTF8PROC_LIBS)
base/unicode_classes.inc: base/unicode_write$(EXEEXT)
	$(AM_V_GEN)base/unicode_write$(EXEEXT) >$@.tmp && { cmp -s $@ $@.tmp || cp $@.tmp $@; }; rm -f $@.tmp
endif
EXTRA_DIST += base/README.md

check_PROGRAMS += tests/base/check_base
TESTS += tests/base/check_base
tests_base_check_base_SOURCES = tests/base/check_base.c
tests_base_check_base_CFLAGS = $(WARN_CFLAGS) $(CHECK_CFLAGS)
tests_base_check_base_LDADD = libbase.la $(CHECK_LIBS)

check_PROGRAMS += tests/base/check_number
TESTS += tests/base/check_number
tests_base_check_number_SOURCES = tests/base/check_number.c
tests_base_check_number_CFLAGS = $(WARN_CFLAGS) $(CHECK_CFLAGS)
tests_base_check_number_LDADD = libbase.la $(CHECK_LIBS)
