# A target NAME is fuzz/NAME.c with fuzz/corpus/NAME/ and fuzz/NAME.dict. Give it the two
# blocks below (copy those of base_text): the replay program for `make check`, the libFuzzer program for --enable-fuzzing.
EXTRA_DIST += fuzz/README.md fuzz/budget fuzz/corpus fuzz/base_text.dict
fuzz_ldflags = -fsanitize=fuzzer

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

EXTRA_DIST += fuzz/lang_parse.dict
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
