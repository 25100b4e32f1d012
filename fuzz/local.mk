# A target NAME is fuzz/NAME.c with fuzz/corpus/NAME/ and perhaps fuzz/NAME.dict: its name in the list, and three lines that
# say what it is made of. The program replays its corpus; with --enable-fuzzing it is the fuzzer.
fuzz_targets = fuzz/base_text fuzz/cedar_decide fuzz/cedar_entities fuzz/cedar_format fuzz/cedar_json \
	fuzz/cedar_policy fuzz/cedar_request fuzz/cedar_schema fuzz/cedar_sound fuzz/lang_parse fuzz/lang_run \
	fuzz/lang_text fuzz/runner_args fuzz/runner_audit fuzz/sdk_certificate fuzz/sdk_elf fuzz/sdk_gzip \
	fuzz/sdk_network fuzz/sdk_pattern fuzz/sdk_tar fuzz/sdk_trace
if FUZZING
fuzz_main =
fuzz_ldflags = -fsanitize=fuzzer
noinst_PROGRAMS += $(fuzz_targets)
else
fuzz_main = fuzz/replay.c
fuzz_ldflags =
check_PROGRAMS += $(fuzz_targets)
TESTS += $(fuzz_targets)
endif
EXTRA_DIST += fuzz/README.md fuzz/afl fuzz/budget fuzz/corpus fuzz/replay.c fuzz/sdk_file.h $(fuzz_dictionaries)
fuzz_dictionaries = fuzz/base_text.dict fuzz/cedar_format.dict fuzz/cedar_policy.dict fuzz/cedar_schema.dict \
	fuzz/cedar_sound.dict fuzz/lang_parse.dict fuzz/lang_run.dict fuzz/runner_args.dict fuzz/runner_audit.dict \
	fuzz/sdk_certificate.dict fuzz/sdk_elf.dict fuzz/sdk_gzip.dict fuzz/sdk_network.dict fuzz/sdk_pattern.dict \
	fuzz/sdk_tar.dict fuzz/sdk_trace.dict

# Every target over its committed corpus.
fuzz-replay: $(fuzz_targets)
	$(AM_V_GEN)status=0; for target in $(fuzz_targets); do REXI_SRC=$(srcdir) $$target || status=1; done; exit $$status
# A minute of AFL++ for each target of base and lang, built apart.
AFL_SECONDS = 60
fuzz-afl:
	$(top_srcdir)/fuzz/afl $(AFL_SECONDS) base_text lang_parse lang_run lang_text
.PHONY: fuzz-replay fuzz-afl

fuzz_base_libs = libbase.la
fuzz_lang_libs = liblang-core.la libbase.la
fuzz_cedar_libs = libcedar-core.la libbase.la
fuzz_sdk_libs = libsdk.la libcedar-core.la liblang-core.la libbase.la
fuzz_runner_libs = librexi.la

fuzz_base_text_SOURCES = fuzz/base_text.c $(fuzz_main)
fuzz_base_text_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
fuzz_base_text_LDADD = $(fuzz_base_libs)

fuzz_cedar_decide_SOURCES = fuzz/cedar_decide.c $(fuzz_main)
fuzz_cedar_decide_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
fuzz_cedar_decide_LDADD = $(fuzz_cedar_libs)

fuzz_cedar_entities_SOURCES = fuzz/cedar_entities.c $(fuzz_main)
fuzz_cedar_entities_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
fuzz_cedar_entities_LDADD = $(fuzz_cedar_libs)

fuzz_cedar_format_SOURCES = fuzz/cedar_format.c $(fuzz_main)
fuzz_cedar_format_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
fuzz_cedar_format_LDADD = $(fuzz_cedar_libs)

fuzz_cedar_json_SOURCES = fuzz/cedar_json.c $(fuzz_main)
fuzz_cedar_json_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
fuzz_cedar_json_LDADD = $(fuzz_cedar_libs)

fuzz_cedar_policy_SOURCES = fuzz/cedar_policy.c $(fuzz_main)
fuzz_cedar_policy_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
fuzz_cedar_policy_LDADD = $(fuzz_cedar_libs)

fuzz_cedar_request_SOURCES = fuzz/cedar_request.c $(fuzz_main)
fuzz_cedar_request_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
fuzz_cedar_request_LDADD = $(fuzz_cedar_libs)

fuzz_cedar_schema_SOURCES = fuzz/cedar_schema.c $(fuzz_main)
fuzz_cedar_schema_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
fuzz_cedar_schema_LDADD = $(fuzz_cedar_libs)

fuzz_cedar_sound_SOURCES = fuzz/cedar_sound.c $(fuzz_main)
fuzz_cedar_sound_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
fuzz_cedar_sound_LDADD = $(fuzz_cedar_libs)

fuzz_lang_parse_SOURCES = fuzz/lang_parse.c $(fuzz_main)
fuzz_lang_parse_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
fuzz_lang_parse_LDADD = $(fuzz_lang_libs)

fuzz_lang_run_SOURCES = fuzz/lang_run.c $(fuzz_main)
fuzz_lang_run_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
fuzz_lang_run_LDADD = $(fuzz_lang_libs)

fuzz_lang_text_SOURCES = fuzz/lang_text.c $(fuzz_main)
fuzz_lang_text_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
fuzz_lang_text_LDADD = $(fuzz_lang_libs)

fuzz_runner_args_SOURCES = fuzz/runner_args.c $(fuzz_main)
fuzz_runner_args_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
fuzz_runner_args_LDADD = $(fuzz_runner_libs)

fuzz_runner_audit_SOURCES = fuzz/runner_audit.c $(fuzz_main)
fuzz_runner_audit_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
fuzz_runner_audit_LDADD = $(fuzz_runner_libs)

fuzz_sdk_certificate_SOURCES = fuzz/sdk_certificate.c $(fuzz_main)
fuzz_sdk_certificate_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
fuzz_sdk_certificate_LDADD = $(fuzz_sdk_libs)

fuzz_sdk_elf_SOURCES = fuzz/sdk_elf.c $(fuzz_main)
fuzz_sdk_elf_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
fuzz_sdk_elf_LDADD = $(fuzz_sdk_libs)

fuzz_sdk_gzip_SOURCES = fuzz/sdk_gzip.c $(fuzz_main)
fuzz_sdk_gzip_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
fuzz_sdk_gzip_LDADD = $(fuzz_sdk_libs)

fuzz_sdk_network_SOURCES = fuzz/sdk_network.c $(fuzz_main)
fuzz_sdk_network_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
fuzz_sdk_network_LDADD = $(fuzz_sdk_libs)

fuzz_sdk_pattern_SOURCES = fuzz/sdk_pattern.c $(fuzz_main)
fuzz_sdk_pattern_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
fuzz_sdk_pattern_LDADD = $(fuzz_sdk_libs)

fuzz_sdk_tar_SOURCES = fuzz/sdk_tar.c $(fuzz_main)
fuzz_sdk_tar_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
fuzz_sdk_tar_LDADD = $(fuzz_sdk_libs)

fuzz_sdk_trace_SOURCES = fuzz/sdk_trace.c $(fuzz_main)
fuzz_sdk_trace_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
fuzz_sdk_trace_LDADD = $(fuzz_sdk_libs)
