# The schema of the host operations, built in.
libsdk_la_SOURCES += sdk/schema.c sdk/schema.h
BUILT_SOURCES += sdk/rex_schema.inc
CLEANFILES += sdk/rex_schema.inc
dist_pkgdata_DATA = sdk/rex.cedarschema
sdk/rex_schema.inc: sdk/rex.cedarschema
	$(AM_V_GEN)$(MKDIR_P) $(@D) && od -An -v -tx1 $< | sed 's/ *\([0-9a-f][0-9a-f]\)/0x\1,/g' > $@.tmp && mv $@.tmp $@
