noinst_LTLIBRARIES += librunner.la
librunner_la_SOURCES = \
	runner/args.c runner/args.h runner/audit.c runner/audit.h runner/audit_main.c runner/check.c runner/help.c runner/input.c \
	runner/input.h runner/json.c runner/json.h runner/limits.c runner/limits.def runner/limits.h runner/natives.c \
	runner/natives.h runner/options.c runner/options.def runner/options.h runner/policy.c runner/policy.h \
	runner/process.c runner/process.h runner/receipt.c runner/receipt.h runner/report.c runner/report.h runner/run.c \
	runner/run.h runner/script.c runner/script.h runner/signals.c runner/signals.h
librunner_la_CFLAGS = $(WARN_CFLAGS) $(SODIUM_CFLAGS) $(JANSSON_CFLAGS)
librunner_la_LIBADD = libbase.la $(SODIUM_LIBS) $(JANSSON_LIBS)
EXTRA_DIST += docs/man/update-tables

if HAVE_CHECK
check_PROGRAMS += tests/runner/check_runner
TESTS += tests/runner/check_runner
endif
tests_runner_check_runner_SOURCES = tests/runner/check_runner.c
tests_runner_check_runner_CFLAGS = $(WARN_CFLAGS) $(CHECK_CFLAGS)
tests_runner_check_runner_LDADD = librunner.la $(CHECK_LIBS)
