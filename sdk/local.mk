# sdk: what scripts can do to the host, the enforcement point, the host seam
noinst_LTLIBRARIES += libsdk.la
libsdk_la_SOURCES = \
	sdk/actions.def sdk/api.c sdk/authorize.c sdk/authorize.h sdk/builders.h sdk/decide.h sdk/dir.c sdk/entry.c sdk/error.c sdk/error.h \
	sdk/file.c sdk/fs.h sdk/handle.h sdk/host_file.c sdk/host_fs.h sdk/host_name.c sdk/host_open.c sdk/host_scan.c \
	sdk/host_session.c sdk/host_session.h sdk/host_user.c sdk/host_user.h sdk/move.c sdk/native.c sdk/native.h \
	sdk/natives.def sdk/natives.h sdk/natives_dir.c sdk/natives_file.c sdk/natives_fs.def sdk/natives_usage.c \
	sdk/objects.c sdk/objects.h sdk/options.c sdk/options.def sdk/options.h sdk/path.c sdk/path.h sdk/reader.h sdk/redact.h sdk/regex.h \
	sdk/session.c sdk/session.h sdk/tree.c sdk/types.def sdk/usage.c sdk/walk.c
libsdk_la_CFLAGS = $(WARN_CFLAGS)
libsdk_la_LIBADD = libsdkcmds.la
# by a variable: automake leaves its own rule out for a target that it recognises
sdk_native_lo = sdk/libsdk_la-native.lo
$(sdk_native_lo): sdk/index.inc
EXTRA_DIST += sdk/index.inc
if !CROSS_COMPILING
CLEANFILES += sdk/index.inc
noinst_PROGRAMS += sdk/index
sdk_index_SOURCES = sdk/index.c lang/library_write.c lang/library_write.h
sdk_index_LDADD = liblang-rows.la libbase.la
sdk/index.inc: sdk/index$(EXEEXT)
	$(AM_V_GEN)sdk/index$(EXEEXT) >$@.tmp && { cmp -s $@ $@.tmp || cp $@.tmp $@; }; rm -f $@.tmp
endif
EXTRA_DIST += sdk/README.md docs/sdk/functions.md
include sdk/commands.mk

sdk_test_libs = libsdk.la libcedar-core.la liblang-core.la libbase.la $(CHECK_LIBS)
check_PROGRAMS += tests/sdk/check_fs
TESTS += tests/sdk/check_fs
tests_sdk_check_fs_SOURCES = tests/sdk/check_fs.c tests/sdk/host.h
tests_sdk_check_fs_CFLAGS = $(WARN_CFLAGS) $(CHECK_CFLAGS)
tests_sdk_check_fs_LDADD = $(sdk_test_libs)
check_PROGRAMS += tests/sdk/attack
TESTS += tests/sdk/attack
tests_sdk_attack_SOURCES = tests/sdk/attack.c tests/sdk/host.h
tests_sdk_attack_CFLAGS = $(WARN_CFLAGS) $(CHECK_CFLAGS)
tests_sdk_attack_LDADD = $(sdk_test_libs)
check_PROGRAMS += tests/sdk/check_network
TESTS += tests/sdk/check_network
tests_sdk_check_network_SOURCES = tests/sdk/check_network.c
tests_sdk_check_network_CFLAGS = $(WARN_CFLAGS) $(CHECK_CFLAGS)
tests_sdk_check_network_LDADD = $(sdk_test_libs)
TESTS += tests/sdk/checklist tests/sdk/cases tests/sdk/namespaces tests/sdk/tls
EXTRA_DIST += tests/sdk/checklist tests/sdk/cases tests/sdk/namespaces tests/sdk/tls
check_PROGRAMS += tests/sdk/fault
TESTS += tests/sdk/fault
tests_sdk_fault_SOURCES = tests/sdk/fault.c tests/sdk/host.h
tests_sdk_fault_CFLAGS = $(WARN_CFLAGS) $(CHECK_CFLAGS) -U_FORTIFY_SOURCE
tests_sdk_fault_LDADD = $(sdk_test_libs)
check_PROGRAMS += tests/sdk/no_openat2
tests_sdk_no_openat2_SOURCES = tests/sdk/no_openat2.c
TESTS += tests/sdk/fallback tests/sdk/calls
EXTRA_DIST += tests/sdk/fallback tests/sdk/calls
# The races of the attack suite for ten seconds each.
attack: tests/sdk/attack
	REXI_ATTACK_SECONDS=$${REXI_ATTACK_SECONDS:-10} tests/sdk/attack
.PHONY: attack
