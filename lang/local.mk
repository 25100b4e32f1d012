# lang: sources and tests

noinst_LTLIBRARIES += liblang-core.la liblang-rows.la
# The engine with the standard library; the index of its names is made by a program that links what it is made from.
liblang_core_la_SOURCES = lang/std/library.c
liblang_core_la_LIBADD = liblang-rows.la
lang_std_library_lo = lang/std/library.lo
$(lang_std_library_lo): lang/std/index.inc
EXTRA_DIST += lang/std/index.inc
if !CROSS_COMPILING
CLEANFILES += lang/std/index.inc
noinst_PROGRAMS += lang/std/index
lang_std_index_SOURCES = lang/std/index.c lang/library_write.c lang/library_write.h
lang_std_index_LDADD = liblang-rows.la libbase.la
lang/std/index.inc: lang/std/index$(EXEEXT)
	$(AM_V_GEN)lang/std/index$(EXEEXT) >$@.tmp && { cmp -s $@ $@.tmp || cp $@.tmp $@; }; rm -f $@.tmp
endif

liblang_rows_la_SOURCES = lang/value.c lang/value.h lang/value_array.c lang/value_cycles.c lang/value_equal.c lang/value_heap.c \
	lang/value_iter.c lang/value_map.c lang/value_string.c lang/value_text.c lang/native.h \
	lang/operators.c lang/operators.h \
	lang/std/arithmetic.c lang/std/array.c lang/std/array_calls.c lang/std/array_parts.c lang/std/bits.c lang/std/blob.c \
	lang/std/blob_numbers.c lang/std/byte.c lang/std/callback.h lang/std/common.h lang/std/core.c lang/std/fnptr.c lang/std/json.c \
	lang/std/map.c lang/std/math.c lang/std/print.c lang/std/range.c lang/std/sort.c lang/std/std.c lang/std/std.h \
	lang/std/string.c lang/std/text.h lang/std/text_parts.c lang/std/time.c

# The front end.
liblang_rows_la_SOURCES += \
	lang/ast.c lang/ast.h lang/lex.c lang/literal.c lang/parse.c lang/parse.h lang/parse_expr.c lang/parse_fn.c \
	lang/parse_state.h lang/parse_stmt.c lang/parse_switch.c lang/symbols.c lang/symbols.h lang/token.h
EXTRA_DIST += lang/lex.re
MAINTAINERCLEANFILES += lang/lex.c

lang/lex.c: lang/lex.re
	$(AM_V_RE2C)$(MKDIR_P) $(@D) && $(RE2C) -W -Werror --no-generation-date --no-debug-info -o $@ $<

check_PROGRAMS += tests/lang/parse-cases
TESTS += tests/lang/parse-cases
tests_lang_parse_cases_SOURCES = tests/lang/parse-cases.c
tests_lang_parse_cases_LDADD = liblang-core.la libbase.la

# Compiler, machine, engine.
liblang_rows_la_SOURCES += \
	lang/ask.c lang/call.c lang/call.h lang/chain.c lang/compile.c lang/compile.h lang/compile_chain.c lang/compile_expr.c \
	lang/library.c lang/library.h \
	lang/compile_internal.h lang/compile_stmt.c lang/dump.c lang/engine.c lang/engine.h lang/error.c lang/error.h lang/module.c \
	lang/loop.c lang/opcodes.def lang/raise.c lang/report.c lang/report.h lang/scope.c lang/scope.h lang/verify.c lang/vm.c lang/vm.h lang/vm_internal.h
EXTRA_DIST += lang/loop_build.inc lang/loop_calls.inc lang/loop_chains.inc lang/loop_jumps.inc lang/loop_modules.inc \
	lang/loop_moves.inc lang/loop_numbers.inc

noinst_PROGRAMS += tests/conformance/rhai-cases tests/conformance/rhai-run
tests_conformance_rhai_cases_SOURCES = tests/conformance/rhai-cases.c
tests_conformance_rhai_cases_LDADD = liblang-core.la libbase.la
tests_conformance_rhai_run_SOURCES = tests/conformance/rhai-run.c
tests_conformance_rhai_run_LDADD = liblang-core.la libbase.la

# The library's list of functions: docs/std.md is made from it.
noinst_PROGRAMS += lang/std/manual
lang_std_manual_SOURCES = lang/std/manual.c
lang_std_manual_LDADD = liblang-core.la libbase.la
std-manual: lang/std/manual$(EXEEXT)
	lang/std/manual$(EXEEXT) >$(srcdir)/docs/std.md.new && mv $(srcdir)/docs/std.md.new $(srcdir)/docs/std.md
.PHONY: std-manual
EXTRA_DIST += docs/std.md

check_PROGRAMS += tests/lang/check_std
TESTS += tests/lang/check_std tests/lang/std_manual
tests_lang_check_std_SOURCES = tests/lang/check_std.c
tests_lang_check_std_CFLAGS = $(WARN_CFLAGS) $(CHECK_CFLAGS)
tests_lang_check_std_LDADD = liblang-core.la libbase.la $(CHECK_LIBS)
EXTRA_DIST += tests/lang/std_manual

EXTRA_DIST += tests/differential/differential tests/differential/engines.py tests/differential/library.py \
	tests/differential/mutate.py tests/differential/programs.py tests/differential/shrink.py tests/differential/variants.py
# A second generator beside tests/differential/run, part of `make differential`: other programs, mistakes in syntax, and
# calls of every library function on edge values.
differential-wide: tests/conformance/rhai-cases
	for mode in lang std syntax cases; do \
	  REXI_SRC='$(abs_top_srcdir)' REXI_BUILD=. $(top_srcdir)/tests/differential/differential --mode $$mode \
	    --count $(DIFFERENTIAL_COUNT) --seed $(DIFFERENTIAL_SEED) || test $$? = 77 || exit 1; \
	done
differential: differential-wide
.PHONY: differential-wide
TESTS += tests/differential/finds
EXTRA_DIST += tests/differential/finds

# The installed library.
rexiinclude_HEADERS += include/rexi/lang.h
lib_LTLIBRARIES += liblang.la
liblang_la_SOURCES = lang/api.c include/rexi/lang.h
liblang_la_LIBADD = liblang-core.la libbase.la
liblang_la_LDFLAGS = $(AM_LDFLAGS) -version-info 0:0:0 -export-symbols-regex '^rexi_'

check_PROGRAMS += tests/lang/check_embed
TESTS += tests/lang/check_embed
tests_lang_check_embed_SOURCES = tests/lang/check_embed.c
tests_lang_check_embed_CFLAGS = $(WARN_CFLAGS) $(CHECK_CFLAGS)
tests_lang_check_embed_LDADD = liblang.la $(CHECK_LIBS)
check_PROGRAMS += tests/lang/check_host
TESTS += tests/lang/check_host
tests_lang_check_host_SOURCES = tests/lang/check_host.c
tests_lang_check_host_CFLAGS = $(WARN_CFLAGS) $(CHECK_CFLAGS)
tests_lang_check_host_LDADD = liblang.la $(CHECK_LIBS) -lpthread
check_PROGRAMS += tests/lang/report-cases
TESTS += tests/lang/report-cases
tests_lang_report_cases_SOURCES = tests/lang/report-cases.c
tests_lang_report_cases_LDADD = liblang.la
check_PROGRAMS += tests/lang/check_api
TESTS += tests/lang/check_api tests/lang/api_names
EXTRA_DIST += tests/lang/api_names
tests_lang_check_api_SOURCES = tests/lang/check_api.c
tests_lang_check_api_CFLAGS = $(WARN_CFLAGS) $(CHECK_CFLAGS)
tests_lang_check_api_LDADD = liblang.la $(CHECK_LIBS) -lpthread
check_PROGRAMS += tests/lang/check_natives
TESTS += tests/lang/check_natives
tests_lang_check_natives_SOURCES = tests/lang/check_natives.c
tests_lang_check_natives_CFLAGS = $(WARN_CFLAGS) $(CHECK_CFLAGS)
tests_lang_check_natives_LDADD = liblang-core.la libbase.la $(CHECK_LIBS)
check_PROGRAMS += tests/lang/check_cycles
TESTS += tests/lang/check_cycles
tests_lang_check_cycles_SOURCES = tests/lang/check_cycles.c
tests_lang_check_cycles_CFLAGS = $(WARN_CFLAGS) $(CHECK_CFLAGS)
tests_lang_check_cycles_LDADD = liblang.la $(CHECK_LIBS)
EXTRA_DIST += docs/embedding.md
