noinst_LTLIBRARIES += libcedar-core.la
lib_LTLIBRARIES += libcedar.la
rexiinclude_HEADERS += include/rexi/cedar.h
libcedar_core_la_SOURCES = \
	cedar/ast.c cedar/ast.h cedar/authorize.c cedar/authorize.h cedar/code.h cedar/compile.c cedar/convert.c cedar/convert.h cedar/convert_expr.c cedar/copy.c cedar/cst.h \
	cedar/entity.c cedar/entity.h cedar/entity_check.c cedar/entity_json.c cedar/eval.c cedar/eval.h cedar/eval_call.c cedar/eval_inner.h cedar/explain.c cedar/extension.c cedar/extension.h cedar/index.c cedar/index_order.c cedar/index.h cedar/json.c cedar/json.h cedar/lex.c cedar/names.c \
	cedar/parse.c cedar/parse.h cedar/parser.c cedar/policy_json.c cedar/policy_read.c cedar/policy_text.c cedar/print.h cedar/request.c cedar/request.h cedar/request_json.c cedar/set.c cedar/set.h cedar/value.c cedar/value.h cedar/value_json.c cedar/value_json.h
BUILT_SOURCES += cedar/parse.h
EXTRA_DIST += cedar/lex.re cedar/parse.y
MAINTAINERCLEANFILES += cedar/lex.c cedar/parse.c cedar/parse.h

cedar/lex.c: cedar/lex.re
	$(AM_V_RE2C)$(MKDIR_P) $(@D) && $(RE2C) -W -Werror --no-generation-date -o $@ $<
cedar/parse.c: cedar/parse.y
	$(AM_V_BISON)$(MKDIR_P) $(@D) && $(BISON) -Wall -Werror --header=cedar/parse.h -o $@ $<
cedar/parse.h: cedar/parse.c ; @:

libcedar_core_la_CFLAGS = $(WARN_CFLAGS)
libcedar_la_SOURCES =
libcedar_la_LIBADD = libcedar-core.la libbase.la
libcedar_la_LDFLAGS = -version-info $(CEDAR_VERSION_INFO)
EXTRA_DIST += cedar/README.md

check_PROGRAMS += tests/conformance/cedar-cases
tests_conformance_cedar_cases_SOURCES = tests/conformance/cedar-cases.c tests/conformance/cedar_cases.h \
	tests/conformance/cedar_cases_corpus.c tests/conformance/cedar_cases_tools.c
tests_conformance_cedar_cases_CFLAGS = $(WARN_CFLAGS)
tests_conformance_cedar_cases_LDADD = libcedar.la

EXTRA_DIST += bench/cedar/scopeless
# The driver that bench/cedar and outside kits run on a workload folder.
check_PROGRAMS += bench/cedar/decide
bench_cedar_decide_SOURCES = bench/cedar/decide.c
bench_cedar_decide_CFLAGS = $(WARN_CFLAGS)
bench_cedar_decide_LDADD = libcedar.la
check_PROGRAMS += bench/cedar/files
bench_cedar_files_SOURCES = bench/cedar/files.c
bench_cedar_files_CFLAGS = $(WARN_CFLAGS)
bench_cedar_files_LDADD = libcedar.la

check_PROGRAMS += tests/cedar/check_cedar tests/cedar/check_limits tests/cedar/index_equality
TESTS += tests/cedar/check_cedar tests/cedar/check_limits tests/cedar/index_equality
tests_cedar_check_cedar_SOURCES = tests/cedar/check_cedar.c
tests_cedar_check_cedar_CFLAGS = $(WARN_CFLAGS) $(CHECK_CFLAGS)
tests_cedar_check_cedar_LDADD = libcedar.la $(CHECK_LIBS) -lpthread
tests_cedar_check_limits_SOURCES = tests/cedar/check_limits.c
tests_cedar_check_limits_CFLAGS = $(WARN_CFLAGS) $(CHECK_CFLAGS)
tests_cedar_check_limits_LDADD = libcedar.la $(CHECK_LIBS)
tests_cedar_index_equality_SOURCES = tests/cedar/index_equality.c tests/cedar/generate.h
tests_cedar_index_equality_CFLAGS = $(WARN_CFLAGS)
tests_cedar_index_equality_LDADD = libcedar.la

check-cedar-index: tests/cedar/index_equality
	tests/cedar/index_equality 1000000
.PHONY: check-cedar-index

# Part of `make differential`: recorded cases changed at random, through the reference and through us.
differential-cedar: tests/conformance/cedar-cases
	REXI_SRC='$(abs_top_srcdir)' REXI_BUILD=. $(top_srcdir)/tests/differential/differential --mode cedar \
	  --count $(DIFFERENTIAL_COUNT) --seed $(DIFFERENTIAL_SEED) || test $$? = 77
differential: differential-cedar
.PHONY: differential-cedar
EXTRA_DIST += tests/differential/cedar.py

# The program of docs/cedar-embedding.md: its exit status is the number of decisions that are not as it says.
check_PROGRAMS += examples/embed_cedar
TESTS += examples/embed_cedar
examples_embed_cedar_SOURCES = examples/embed_cedar.c
examples_embed_cedar_CFLAGS = $(WARN_CFLAGS)
examples_embed_cedar_LDADD = libcedar.la
EXTRA_DIST += docs/cedar-embedding.md
