# A target NAME is fuzz/NAME.c with fuzz/corpus/NAME/ and fuzz/NAME.dict. Give it the two
# blocks below (copy those of base_text): the replay program for `make check`, the libFuzzer program for --enable-fuzzing.
EXTRA_DIST += fuzz/README.md fuzz/budget fuzz/corpus fuzz/base_text.dict
fuzz_ldflags = -fsanitize=fuzzer
EXTRA_DIST += fuzz/afl
# A minute of AFL++ for each target of base and lang, built apart.
AFL_SECONDS = 60
fuzz-afl:
	$(top_srcdir)/fuzz/afl $(AFL_SECONDS) base_text lang_parse lang_run lang_text
.PHONY: fuzz-afl

check_PROGRAMS += fuzz/base_text-replay
TESTS += fuzz/base_text-replay
fuzz_base_text_replay_SOURCES = fuzz/base_text.c fuzz/replay.c
fuzz_base_text_replay_LDADD = libbase.la
if FUZZING
noinst_PROGRAMS += fuzz/base_text-fuzzer
fuzz_base_text_fuzzer_SOURCES = fuzz/base_text.c
fuzz_base_text_fuzzer_LDADD = libbase.la
fuzz_base_text_fuzzer_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
endif

EXTRA_DIST += fuzz/lang_parse.dict fuzz/lang_run.dict
check_PROGRAMS += fuzz/lang_parse-replay
TESTS += fuzz/lang_parse-replay
fuzz_lang_parse_replay_SOURCES = fuzz/lang_parse.c fuzz/replay.c
fuzz_lang_parse_replay_LDADD = liblang-core.la libbase.la
if FUZZING
noinst_PROGRAMS += fuzz/lang_parse-fuzzer
fuzz_lang_parse_fuzzer_SOURCES = fuzz/lang_parse.c
fuzz_lang_parse_fuzzer_LDADD = liblang-core.la libbase.la
fuzz_lang_parse_fuzzer_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
endif

check_PROGRAMS += fuzz/lang_run-replay
TESTS += fuzz/lang_run-replay
fuzz_lang_run_replay_SOURCES = fuzz/lang_run.c fuzz/replay.c
fuzz_lang_run_replay_LDADD = liblang-core.la libbase.la
if FUZZING
noinst_PROGRAMS += fuzz/lang_run-fuzzer
fuzz_lang_run_fuzzer_SOURCES = fuzz/lang_run.c
fuzz_lang_run_fuzzer_LDADD = liblang-core.la libbase.la
fuzz_lang_run_fuzzer_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
endif

check_PROGRAMS += fuzz/lang_text-replay
TESTS += fuzz/lang_text-replay
fuzz_lang_text_replay_SOURCES = fuzz/lang_text.c fuzz/replay.c
fuzz_lang_text_replay_LDADD = liblang-core.la libbase.la
if FUZZING
noinst_PROGRAMS += fuzz/lang_text-fuzzer
fuzz_lang_text_fuzzer_SOURCES = fuzz/lang_text.c
fuzz_lang_text_fuzzer_LDADD = liblang-core.la libbase.la
fuzz_lang_text_fuzzer_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
endif

EXTRA_DIST += fuzz/runner_args.dict
check_PROGRAMS += fuzz/runner_args-replay
TESTS += fuzz/runner_args-replay
fuzz_runner_args_replay_SOURCES = fuzz/runner_args.c fuzz/replay.c
fuzz_runner_args_replay_LDADD = librexi.la
if FUZZING
noinst_PROGRAMS += fuzz/runner_args-fuzzer
fuzz_runner_args_fuzzer_SOURCES = fuzz/runner_args.c
fuzz_runner_args_fuzzer_LDADD = librexi.la
fuzz_runner_args_fuzzer_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
endif

EXTRA_DIST += fuzz/runner_audit.dict
check_PROGRAMS += fuzz/runner_audit-replay
TESTS += fuzz/runner_audit-replay
fuzz_runner_audit_replay_SOURCES = fuzz/runner_audit.c fuzz/replay.c
fuzz_runner_audit_replay_LDADD = librexi.la
if FUZZING
noinst_PROGRAMS += fuzz/runner_audit-fuzzer
fuzz_runner_audit_fuzzer_SOURCES = fuzz/runner_audit.c
fuzz_runner_audit_fuzzer_LDADD = librexi.la
fuzz_runner_audit_fuzzer_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
endif

# Readers of the SDK.
EXTRA_DIST += fuzz/sdk_file.h fuzz/sdk_certificate.dict fuzz/sdk_elf.dict fuzz/sdk_gzip.dict fuzz/sdk_network.dict fuzz/sdk_pattern.dict \
	fuzz/sdk_tar.dict fuzz/sdk_trace.dict
fuzz_sdk_libs = libsdk.la libcedar-core.la liblang-core.la libbase.la
check_PROGRAMS += fuzz/sdk_certificate-replay
TESTS += fuzz/sdk_certificate-replay
fuzz_sdk_certificate_replay_SOURCES = fuzz/sdk_certificate.c fuzz/replay.c
fuzz_sdk_certificate_replay_LDADD = $(fuzz_sdk_libs)
if FUZZING
noinst_PROGRAMS += fuzz/sdk_certificate-fuzzer
fuzz_sdk_certificate_fuzzer_SOURCES = fuzz/sdk_certificate.c
fuzz_sdk_certificate_fuzzer_LDADD = $(fuzz_sdk_libs)
fuzz_sdk_certificate_fuzzer_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
endif
check_PROGRAMS += fuzz/sdk_elf-replay
TESTS += fuzz/sdk_elf-replay
fuzz_sdk_elf_replay_SOURCES = fuzz/sdk_elf.c fuzz/replay.c
fuzz_sdk_elf_replay_LDADD = $(fuzz_sdk_libs)
if FUZZING
noinst_PROGRAMS += fuzz/sdk_elf-fuzzer
fuzz_sdk_elf_fuzzer_SOURCES = fuzz/sdk_elf.c
fuzz_sdk_elf_fuzzer_LDADD = $(fuzz_sdk_libs)
fuzz_sdk_elf_fuzzer_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
endif
check_PROGRAMS += fuzz/sdk_gzip-replay
TESTS += fuzz/sdk_gzip-replay
fuzz_sdk_gzip_replay_SOURCES = fuzz/sdk_gzip.c fuzz/replay.c
fuzz_sdk_gzip_replay_LDADD = $(fuzz_sdk_libs)
if FUZZING
noinst_PROGRAMS += fuzz/sdk_gzip-fuzzer
fuzz_sdk_gzip_fuzzer_SOURCES = fuzz/sdk_gzip.c
fuzz_sdk_gzip_fuzzer_LDADD = $(fuzz_sdk_libs)
fuzz_sdk_gzip_fuzzer_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
endif
check_PROGRAMS += fuzz/sdk_network-replay
TESTS += fuzz/sdk_network-replay
fuzz_sdk_network_replay_SOURCES = fuzz/sdk_network.c fuzz/replay.c
fuzz_sdk_network_replay_LDADD = $(fuzz_sdk_libs)
if FUZZING
noinst_PROGRAMS += fuzz/sdk_network-fuzzer
fuzz_sdk_network_fuzzer_SOURCES = fuzz/sdk_network.c
fuzz_sdk_network_fuzzer_LDADD = $(fuzz_sdk_libs)
fuzz_sdk_network_fuzzer_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
endif
check_PROGRAMS += fuzz/sdk_pattern-replay
TESTS += fuzz/sdk_pattern-replay
fuzz_sdk_pattern_replay_SOURCES = fuzz/sdk_pattern.c fuzz/replay.c
fuzz_sdk_pattern_replay_LDADD = $(fuzz_sdk_libs)
if FUZZING
noinst_PROGRAMS += fuzz/sdk_pattern-fuzzer
fuzz_sdk_pattern_fuzzer_SOURCES = fuzz/sdk_pattern.c
fuzz_sdk_pattern_fuzzer_LDADD = $(fuzz_sdk_libs)
fuzz_sdk_pattern_fuzzer_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
endif
check_PROGRAMS += fuzz/sdk_tar-replay
TESTS += fuzz/sdk_tar-replay
fuzz_sdk_tar_replay_SOURCES = fuzz/sdk_tar.c fuzz/replay.c
fuzz_sdk_tar_replay_LDADD = $(fuzz_sdk_libs)
if FUZZING
noinst_PROGRAMS += fuzz/sdk_tar-fuzzer
fuzz_sdk_tar_fuzzer_SOURCES = fuzz/sdk_tar.c
fuzz_sdk_tar_fuzzer_LDADD = $(fuzz_sdk_libs)
fuzz_sdk_tar_fuzzer_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
endif
check_PROGRAMS += fuzz/sdk_trace-replay
TESTS += fuzz/sdk_trace-replay
fuzz_sdk_trace_replay_SOURCES = fuzz/sdk_trace.c fuzz/replay.c
fuzz_sdk_trace_replay_LDADD = $(fuzz_sdk_libs)
if FUZZING
noinst_PROGRAMS += fuzz/sdk_trace-fuzzer
fuzz_sdk_trace_fuzzer_SOURCES = fuzz/sdk_trace.c
fuzz_sdk_trace_fuzzer_LDADD = $(fuzz_sdk_libs)
fuzz_sdk_trace_fuzzer_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
endif
