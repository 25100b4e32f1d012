# The text engines under the commands: no host access, no session.
noinst_LTLIBRARIES += libsdktext.la
libsdktext_la_SOURCES = \
	sdk/text_lines.c sdk/text_lines.h sdk/text_pattern.c sdk/text_pattern.h sdk/text_pattern_emit.c \
	sdk/text_pattern_node.h sdk/text_pattern_parse.c sdk/text_redact.c sdk/text_redact.h sdk/text_wildcard.c \
	sdk/text_wildcard.h
libsdktext_la_CFLAGS = $(WARN_CFLAGS) $(PCRE2_CFLAGS)
if WITHOUT_JIT
libsdktext_la_SOURCES += sdk/text_nojit.c
else
EXTRA_DIST += sdk/text_nojit.c
endif
libsdktext_la_LIBADD = libbase.la $(PCRE2_LIBS)

check_PROGRAMS += tests/sdk/check_text
TESTS += tests/sdk/check_text
tests_sdk_check_text_SOURCES = tests/sdk/check_text.c
tests_sdk_check_text_CFLAGS = $(WARN_CFLAGS) $(CHECK_CFLAGS)
tests_sdk_check_text_LDADD = libsdktext.la libbase.la $(CHECK_LIBS)

# What the commands add to libsdk.la (its LIBADD takes this library): patterns and redaction of a session.
noinst_LTLIBRARIES += libsdkcmds.la
libsdkcmds_la_SOURCES = \
	sdk/archive.c sdk/certificate.c sdk/command.c sdk/command.h sdk/commands.h sdk/commands_change.c sdk/commands_read.c \
	sdk/core.c sdk/datetime.c sdk/datetime.h sdk/elf.c sdk/execute.c sdk/execute.h sdk/flags.def sdk/formats.h sdk/gzip.c sdk/host_library.c sdk/host_library.h sdk/host_process.c \
	sdk/host_process.h sdk/host_links.c sdk/host_system.c sdk/disk.c sdk/bus.c sdk/bus.h sdk/natives_systemd.def sdk/systemd.c sdk/dns.c sdk/dns.h sdk/host_dial.c sdk/host_net.c sdk/host_net.h sdk/host_tls.c sdk/http.c sdk/http.h sdk/network.c sdk/network.h sdk/network_stats.c sdk/resolver.c sdk/resolver.h sdk/url.c sdk/url.h sdk/natives_network.def sdk/natives_disk.def sdk/natives_process.def sdk/enter.c sdk/host_namespace.c sdk/host_namespace.h sdk/monitor.c sdk/process.c sdk/process.h sdk/trace.c sdk/host_system.h sdk/natives_system.def sdk/sysinfo.c sdk/system.h sdk/tar.c sdk/tar.h sdk/kinds.c sdk/kinds.h sdk/natives_commands.def sdk/natives_common.def sdk/natives_formats.def sdk/reader.c sdk/record.c sdk/record.h sdk/redact.c \
	sdk/regex.c
libsdkcmds_la_CFLAGS = $(WARN_CFLAGS) $(ZLIB_CFLAGS) $(CRYPTO_CFLAGS) $(SSL_CFLAGS)
libsdkcmds_la_LIBADD = libsdktext.la $(ZLIB_LIBS) $(SSL_LIBS) $(CRYPTO_LIBS)

check_PROGRAMS += tests/sdk/check_commands
TESTS += tests/sdk/check_commands
tests_sdk_check_commands_SOURCES = tests/sdk/check_commands.c tests/sdk/host.h
tests_sdk_check_commands_CFLAGS = $(WARN_CFLAGS) $(CHECK_CFLAGS)
tests_sdk_check_commands_LDADD = libsdk.la libcedar-core.la liblang-core.la libbase.la $(CHECK_LIBS)
