# The schema, validator and formatter part of libcedar-core.
rexiinclude_HEADERS += include/rexi/cedar_schema.h
libcedar_core_la_SOURCES += \
	cedar/schema.h cedar/schema_api.c cedar/schema_api.h cedar/schema_build.c cedar/schema_closure.c cedar/schema_closure.h cedar/schema_front.h \
	cedar/schema_json.c cedar/schema_lex.c cedar/schema_name.c cedar/schema_parse.c cedar/schema_parse.h \
	cedar/schema_print.c cedar/schema_resolve.c cedar/conform.c cedar/conform.h cedar/format.c cedar/format.h cedar/format_doc.c cedar/format_doc.h cedar/format_lex.c \
	cedar/format_lex.h cedar/validate.c cedar/validate.h cedar/validate_access.c cedar/validate_access.h \
	cedar/validate_caps.c cedar/validate_check.h cedar/validate_expr.c cedar/validate_level.c cedar/validate_text.c \
	cedar/schema_warn.c cedar/types.c cedar/types.h cedar/walk.h
EXTRA_DIST += cedar/schema_lex.re cedar/schema_parse.y
BUILT_SOURCES += cedar/schema_parse.h
MAINTAINERCLEANFILES += cedar/schema_lex.c cedar/schema_parse.c cedar/schema_parse.h

cedar/schema_lex.c: cedar/schema_lex.re
	$(AM_V_RE2C)$(MKDIR_P) $(@D) && $(RE2C) -W -Werror --no-generation-date -o $@ $<
cedar/schema_parse.c: cedar/schema_parse.y
	$(AM_V_BISON)$(MKDIR_P) $(@D) && $(BISON) -Wall -Werror --header=cedar/schema_parse.h -o $@ $<
cedar/schema_parse.h: cedar/schema_parse.c ; @:

if HAVE_CHECK
check_PROGRAMS += tests/cedar/check_schema
TESTS += tests/cedar/check_schema
endif
tests_cedar_check_schema_SOURCES = tests/cedar/check_schema.c
tests_cedar_check_schema_CFLAGS = $(WARN_CFLAGS) $(CHECK_CFLAGS)
tests_cedar_check_schema_LDADD = libcedar-core.la libbase.la $(CHECK_LIBS)

# Fuzz targets of schemas, the formatter and the validator; soundness as a program of its own.
check_PROGRAMS += bench/cedar/validate
bench_cedar_validate_SOURCES = bench/cedar/validate.c
bench_cedar_validate_CFLAGS = $(WARN_CFLAGS)
bench_cedar_validate_LDADD = libcedar.la
check_PROGRAMS += tests/cedar/soundness
TESTS += tests/cedar/soundness
tests_cedar_soundness_SOURCES = tests/cedar/soundness.c fuzz/cedar_sound.c
tests_cedar_soundness_LDADD = libcedar-core.la libbase.la
# A million policies that validate, about a minute.
soundness: tests/cedar/soundness
	tests/cedar/soundness 1000000
.PHONY: soundness

# Part of `make differential`: random schemas with policies, requests and entities, through the reference and through us.
differential-schema: tests/conformance/cedar-cases
	REXI_SRC='$(abs_top_srcdir)' REXI_BUILD=. $(top_srcdir)/tests/differential/differential --mode schema \
	  --count $(DIFFERENTIAL_COUNT) --seed $(DIFFERENTIAL_SEED) || test $$? = 77
differential: differential-schema
.PHONY: differential-schema
EXTRA_DIST += tests/differential/cedar_schemas.py
