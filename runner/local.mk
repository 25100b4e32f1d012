# runner: the parts of a run, the rexi command, librexi, manual pages and completions
noinst_LTLIBRARIES += librunner.la
librunner_la_SOURCES = \
	runner/args.c runner/args.h runner/audit.c runner/audit.h runner/audit_main.c runner/check.c runner/clock.c runner/clock.h \
	runner/embed.c runner/emergency.c runner/emergency.h \
	runner/functions.c runner/help.c runner/input.c runner/input.h runner/json.c runner/json.h runner/limits.c \
	runner/limits.def runner/limits.h runner/natives.c runner/natives.h runner/options.c runner/options.def \
	runner/options.h runner/policy.c runner/policy.h runner/process.c runner/process.h runner/receipt.c \
	runner/receipt.h runner/report.c runner/report.h runner/run.c runner/run.h runner/schema.c runner/schema.h \
	runner/script.c runner/script.h \
	runner/sha256.c runner/sha256.h \
	runner/signals.c runner/signals.h runner/syslog.c runner/syslog.h
EXTRA_DIST += runner/natives_index.inc runner/natives.def
runner_natives_lo = runner/librunner_la-natives.lo
$(runner_natives_lo): runner/natives_index.inc
if !CROSS_COMPILING
CLEANFILES += runner/natives_index.inc
noinst_PROGRAMS += runner/natives_index
runner_natives_index_SOURCES = runner/natives_index.c lang/library_write.c lang/library_write.h
runner_natives_index_LDADD = liblang-rows.la libbase.la
runner/natives_index.inc: runner/natives_index$(EXEEXT)
	$(AM_V_GEN)runner/natives_index$(EXEEXT) >$@.tmp && { cmp -s $@ $@.tmp || cp $@.tmp $@; }; rm -f $@.tmp
endif
librunner_la_CFLAGS = $(WARN_CFLAGS) $(JANSSON_CFLAGS)

lib_LTLIBRARIES += librexi.la
rexiinclude_HEADERS += include/rexi/rexi.h
librexi_la_SOURCES =
librexi_la_LIBADD = librunner.la libsdk.la libcedar-core.la liblang-core.la libbase.la $(JANSSON_LIBS) \
	$(PCRE2_LIBS) $(ZLIB_LIBS) $(CRYPTO_LIBS)
librexi_la_LDFLAGS = -version-info $(REXI_VERSION_INFO)

bin_PROGRAMS += rexi
rexi_SOURCES = runner/api_main.c runner/cedar_main.c runner/main.c runner/commands.h
rexi_CFLAGS = $(WARN_CFLAGS) $(JANSSON_CFLAGS)
rexi_LDADD = librexi.la
rexi_LDFLAGS = $(AM_LDFLAGS) $(BEGIN_LDFLAGS)
EXTRA_DIST += runner/begin.ld bench/begin

pkgconfig_DATA += runner/liblang.pc runner/libcedar.pc runner/librexi.pc
dist_man_MANS += docs/man/rexi.1 docs/man/rexi-policy.1 docs/man/rexi-policy.5 docs/man/rexi-audit.8 docs/man/librexi.3
bashcompletiondir = $(datadir)/bash-completion/completions
zshcompletiondir = $(datadir)/zsh/site-functions
fishcompletiondir = $(datadir)/fish/vendor_completions.d
completions = docs/completions/rexi.bash docs/completions/rexi.zsh docs/completions/rexi.fish
EXTRA_DIST += docs/man/update-tables $(completions) examples/embed.expect
install-data-local:
	$(MKDIR_P) "$(DESTDIR)$(bashcompletiondir)" "$(DESTDIR)$(zshcompletiondir)" "$(DESTDIR)$(fishcompletiondir)"
	$(INSTALL_DATA) $(srcdir)/docs/completions/rexi.bash "$(DESTDIR)$(bashcompletiondir)/rexi"
	$(INSTALL_DATA) $(srcdir)/docs/completions/rexi.zsh "$(DESTDIR)$(zshcompletiondir)/_rexi"
	$(INSTALL_DATA) $(srcdir)/docs/completions/rexi.fish "$(DESTDIR)$(fishcompletiondir)/rexi.fish"
uninstall-local:
	rm -f "$(DESTDIR)$(bashcompletiondir)/rexi" "$(DESTDIR)$(zshcompletiondir)/_rexi" "$(DESTDIR)$(fishcompletiondir)/rexi.fish"

if HAVE_CHECK
check_PROGRAMS += tests/runner/check_runner
TESTS += tests/runner/check_runner
endif
tests_runner_check_runner_SOURCES = tests/runner/check_runner.c
tests_runner_check_runner_CFLAGS = $(WARN_CFLAGS) $(CHECK_CFLAGS)
tests_runner_check_runner_LDADD = librexi.la $(CHECK_LIBS)

example_files = \
	examples/README.md examples/hello.rhai examples/hello-denied.cedar examples/hello-allowed.cedar examples/log-triage.rhai examples/log-triage.cedar examples/config-change.rhai examples/config-change.cedar \
	examples/rotate-log.rhai examples/rotate-log.cedar examples/clean-up.rhai examples/clean-up.cedar \
	examples/permission-report.rhai examples/permission-report.cedar examples/deploy-file.rhai examples/deploy-file.cedar examples/usage-alarm.rhai examples/usage-alarm.cedar examples/inventory.rhai \
	examples/inventory.cedar examples/run-check.rhai examples/run-check.cedar examples/service-restart.rhai examples/service-restart.cedar examples/try-and-fall-back.rhai \
	examples/try-and-fall-back.cedar
check_PROGRAMS += examples/embed
examples_embed_SOURCES = examples/embed.c
examples_embed_CFLAGS = $(WARN_CFLAGS)
examples_embed_LDADD = librexi.la
check_PROGRAMS += examples/embed_run
examples_embed_run_SOURCES = examples/embed_run.c
examples_embed_run_CFLAGS = $(WARN_CFLAGS)
examples_embed_run_LDADD = librexi.la
TESTS += tests/runner/embed tests/runner/documents tests/runner/run_cases.py tests/runner/torture tests/runner/examples tests/runner/guide \
	tests/runner/surroundings
EXTRA_DIST += tests/runner/surroundings tests/runner/guide docs/guide.md tests/runner/embed tests/runner/documents tests/runner/run_cases.py tests/runner/scenarios.cases tests/runner/limits.cases tests/runner/inputs.cases tests/runner/weaknesses.cases tests/runner/audit.cases tests/runner/policy-tools.cases tests/runner/schema-file.cases tests/runner/torture tests/runner/examples $(example_files)
