# The schema of the host operations, built in.
libsdk_la_SOURCES += sdk/schema.c sdk/schema.h
BUILT_SOURCES += sdk/rex_schema.inc
CLEANFILES += sdk/rex_schema.inc
dist_pkgdata_DATA = sdk/rex.cedarschema
EXTRA_DIST += sdk/rex_resolved.inc
sdk_schema_lo = sdk/libsdk_la-schema.lo
$(sdk_schema_lo): sdk/rex_resolved.inc
if !CROSS_COMPILING
CLEANFILES += sdk/rex_resolved.inc
noinst_PROGRAMS += cedar/schema_write
cedar_schema_write_SOURCES = cedar/schema_write.c
cedar_schema_write_LDADD = libcedar-core.la libbase.la
sdk/rex_resolved.inc: cedar/schema_write$(EXEEXT) sdk/rex.cedarschema
	$(AM_V_GEN)$(MKDIR_P) $(@D) && cedar/schema_write$(EXEEXT) resolved $(srcdir)/sdk/rex.cedarschema >$@.tmp && { cmp -s $@ $@.tmp || cp $@.tmp $@; }; rm -f $@.tmp
endif
sdk/rex_schema.inc: sdk/rex.cedarschema
	$(AM_V_GEN)$(MKDIR_P) $(@D) && od -An -v -tx1 $< | sed 's/ *\([0-9a-f][0-9a-f]\)/0x\1,/g' > $@.tmp && mv $@.tmp $@

check_PROGRAMS += tests/sdk/check_schema
TESTS += tests/sdk/check_schema
tests_sdk_check_schema_SOURCES = tests/sdk/check_schema.c
tests_sdk_check_schema_CFLAGS = $(WARN_CFLAGS) $(CHECK_CFLAGS)
tests_sdk_check_schema_LDADD = $(sdk_test_libs)
