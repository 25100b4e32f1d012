/* runner: the parts that need no engine, as rows. */
#include <config.h>

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "runner/args.h"
#include "runner/audit.h"
#include "runner/json.h"
#include "runner/limits.h"
#include "runner/options.h"
#include "runner/report.h"
#include "runner/sha256.h"
#include "tests/suite.h"

static struct rx_memory memory;
static struct rx_buf buf;

static void setup(void)
{
	rx_memory_init(&memory, NULL, 0);
	rx_buf_init(&buf, &memory, 0);
}

static void teardown(void)
{
	rx_buf_fini(&buf);
	ck_assert_uint_eq(memory.used, 0);
}

/* ---- command line: spec/runner.md 2 ---- */

#define NEEDED "-s", "s", "-p", "p"

static const struct {
	const char *words[10];
	const char *complaint; /* NULL: accepted; else what stands in it */
} option_rows[] = {
	{ { NEEDED }, NULL },
	{ { "run", NEEDED }, NULL },
	{ { "-ss", "-pp", "-v" }, NULL },
	{ { "-s=s", "-p=p", "-ojson" }, NULL },
	{ { "-vs", "s", "-vp", "p" }, "'--verbose' cannot be used multiple times" },
	{ { "-vss", "--policy-file=p" }, NULL },
	{ { NEEDED, "--output-format=pretty-json", "--verbose" }, NULL },
	{ { NEEDED, "-o", "xml" }, "invalid value 'xml' for '--output-format'\n  [possible values: json, pretty-json, human]" },
	{ { NEEDED, "-o", "JSON" }, "invalid value 'JSON'" },
	{ { NEEDED, "-o" }, "a value is required for '--output-format" },
	{ { NEEDED, "-a", "-v" }, "a value is required for '--script-arguments-file <FILE>' but none was supplied" },
	{ { NEEDED, "-s", "b" }, "the argument '--script-file <FILE>' cannot be used multiple times" },
	{ { NEEDED, "-vv" }, "cannot be used multiple times" },
	{ { NEEDED, "extra" }, "unexpected argument 'extra' found" },
	{ { NEEDED, "--verbos" }, "tip: a similar argument exists: '--verbose'" },
	{ { NEEDED, "--verbose=1" }, "unexpected value '1' for '--verbose'" },
	{ { NEEDED, "-x" }, "unexpected argument '-x' found" },
	{ { NEEDED, "--script-fil", "x" }, "unexpected argument '--script-fil'" },
	{ { NULL }, "\n  --script-file <FILE>\n  --policy-file <FILE>\n" },
	{ { "-s", "s" }, "not provided:\n  --policy-file <FILE>\n" },
	{ { "-s", "-", "-p", "p" }, NULL },
	{ { NEEDED, "--limit", "time=1s", "-l", "files=3" }, NULL },
	{ { NEEDED, "--", "a=1", "-s" }, NULL },
	{ { "--help", "nonsense" }, NULL },
	{ { "nonsense", "--help" }, "unexpected argument 'nonsense'" },
	{ { "--print-functions" }, NULL },
	{ { "check", NEEDED }, NULL },
	{ { "check", NEEDED, "--audit", "x" }, "unexpected argument '--audit'" },
	{ { "-s", "-", "-p", "-" }, "standard input '-' can be given once" },
	{ { NEEDED, "-a", "-" }, NULL },
	{ { "-s-", "-pp", "--script-arguments-file=-" }, "standard input '-' can be given once" },
	{ { NEEDED, "--audit-required" }, "'--audit-required' needs '--audit <SINK>'" },
	{ { NEEDED, "--audit-required", "--audit", "f" }, NULL },
	{ { NEEDED, "--audit", "f", "--audit", "g" }, "the argument '--audit <SINK>' cannot be used multiple times" },
	{ { NEEDED, "--policy-sha256", "zz" }, "64 hexadecimal digits" },
	{ { NEEDED, "--policy-sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85g" }, "64 hexadecimal digits" },
	{ { NEEDED, "--policy-check=foo" }, "invalid value 'foo' for '--policy-check'" },
	{ { NEEDED, "-o=" }, "invalid value ''" },
	{ { NEEDED, "-vo" }, "a value is required for '--output-format" },
	{ { NEEDED, "-ov" }, "invalid value 'v'" },
	{ { NEEDED, "-vojson" }, NULL },
	{ { NEEDED, "-q" }, "unexpected argument '-q' found" },
	{ { NEEDED, "-vq" }, "unexpected argument '-q' found" },
	{ { NEEDED, "--exit-zero=1" }, "unexpected value '1' for '--exit-zero'" },
	{ { NEEDED, "--" }, NULL },
	{ { NEEDED, "-" }, "unexpected argument '-' found" },
	{ { "-s", "-p", "p" }, "a value is required for '--script-file <FILE>' but none was supplied" },
	{ { "-s", "", "-p", "" }, NULL },
	{ { "run" }, "\n  --script-file <FILE>\n  --policy-file <FILE>\n" },
	{ { "run", "run", NEEDED }, "unexpected argument 'run' found" },
	{ { "limits", "x" }, "unexpected argument 'x' found" },
	{ { "limits", "--json" }, NULL },
	{ { "debug", "bytecode", "-s", "x" }, NULL },
	{ { "debug", "-s", "x" }, "'debug' needs the word 'bytecode'" },
};

START_TEST(test_options)
{
	struct rxr_options options;
	char *argv[12] = { (char *)(uintptr_t) "rexi" };
	int argc = 1;
	bool ok;

	for (size_t i = 0; option_rows[_i].words[i]; i++)
		argv[argc++] = (char *)(uintptr_t)option_rows[_i].words[i];
	ok = rxr_options_parse(&options, &memory, argc, argv, &buf);
	rxr_options_fini(&options);
	rx_buf_cstr(&buf);
	if (!option_rows[_i].complaint)
		ck_assert_msg(ok, "%d: %s", _i, buf.ptr);
	else
		ck_assert_msg(!ok && strstr(buf.ptr, option_rows[_i].complaint), "%d: %s", _i, buf.ptr);
}
END_TEST

START_TEST(test_options_values)
{
	char *argv[] = { (char *)(uintptr_t) "rexi", (char *)(uintptr_t) "-sx", (char *)(uintptr_t) "--policy-file=",
			 (char *)(uintptr_t) "-o", (char *)(uintptr_t) "human", (char *)(uintptr_t) "--",
			 (char *)(uintptr_t) "a=b" };
	struct rxr_options options;

	ck_assert(rxr_options_parse(&options, &memory, 7, argv, &buf));
	ck_assert_str_eq(options.value[RXR_OPTION_SCRIPT], "x");
	ck_assert_str_eq(options.value[RXR_OPTION_POLICY], "");
	ck_assert_uint_eq(options.choice[RXR_OPTION_FORMAT], RXR_FORMAT_HUMAN);
	ck_assert_uint_eq(options.word_count, 1);
	ck_assert_str_eq(options.words[0], "a=b");
	rxr_options_fini(&options);
}
END_TEST

/* A screen has 24 lines of 80 columns. */
START_TEST(test_help_fits)
{
	size_t lines = 0, width = 0;

	rxr_help(&buf, RXR_COMMAND_RUN);
	for (size_t i = 0, start = 0; i < buf.len; i++) {
		if (buf.ptr[i] != '\n')
			continue;
		lines++;
		width = i - start > width ? i - start : width;
		start = i + 1;
	}
	ck_assert_uint_le(lines, 24);
	ck_assert_uint_le(width, 80);
	for (int i = 0; i < RXR_OPTION_COUNT; i++) {
		if (rxr_option_rows[i].commands & 1U << RXR_COMMAND_RUN)
			ck_assert_msg(strstr(buf.ptr, rxr_option_rows[i].name), "--%s", rxr_option_rows[i].name);
	}
}
END_TEST

/* ---- limits ---- */

static const struct {
	const char *setting;
	enum rxr_limit limit;
	uint64_t value;
	const char *complaint;
} limit_rows[] = {
	{ "time=2s", RXR_LIMIT_TIME, 2000, NULL },          { "time=500ms", RXR_LIMIT_TIME, 500, NULL },
	{ "time=3", RXR_LIMIT_TIME, 3000, NULL },           { "time=1h", RXR_LIMIT_TIME, 3600000, NULL },
	{ "time=2M", RXR_LIMIT_TIME, 120000, NULL },        { "memory=64k", RXR_LIMIT_MEMORY, 65536, NULL },
	{ "memory=1MiB", RXR_LIMIT_MEMORY, 1048576, NULL }, { "operations=5k", RXR_LIMIT_OPERATIONS, 5000, NULL },
	{ "operations=none", RXR_LIMIT_OPERATIONS, 0, NULL }, { "files=1048576", RXR_LIMIT_FILES, 1048576, NULL },
	{ "files=1048577", 0, 0, "limit 'files' can be at most 1,048,576" },
	{ "files=none", 0, 0, "limit 'files' can be at most" }, { "time=-1", 0, 0, "takes a time such as" },
	{ "time=", 0, 0, "takes a time such as" },          { "memory=5s", 0, 0, "takes a number of bytes" },
	{ "operations=1.5", 0, 0, "takes a number such as" }, { "timee=1", 0, 0, "no limit is called 'timee'; did you mean 'time'?" },
	{ "time", 0, 0, "a limit is NAME=VALUE" },          { "memory=99999999999g", 0, 0, "takes a number of bytes" },
};

START_TEST(test_limits)
{
	struct rxr_limits limits;
	bool ok;

	rxr_limits_init(&limits);
	ok = rxr_limits_set(&limits, limit_rows[_i].setting, &buf);
	rx_buf_cstr(&buf);
	if (limit_rows[_i].complaint)
		ck_assert_msg(!ok && strstr(buf.ptr, limit_rows[_i].complaint), "%s", buf.ptr);
	else
		ck_assert_msg(ok && limits.value[limit_rows[_i].limit] == limit_rows[_i].value, "%s", limit_rows[_i].setting);
}
END_TEST

/* ---- arguments: spec/runner.md 4 ---- */

static const struct {
	const char *json;
	bool typed;
	const char *complaint; /* NULL: accepted */
} arg_rows[] = {
	{ "{}", true, NULL },
	{ " { \"a\" : { \"stringValue\" : \"\\u00e9\\ud83d\\ude00\\n\" } } \n", true, NULL },
	{ "{\"a\":{\"integerValue\":2147483647}}", true, NULL },
	{ "{\"a\":{\"integerValue\":2147483648}}", true, "invalid value: integer `2147483648`, expected i32 at line 1" },
	{ "{\"a\":{\"integerValue\":-2147483649}}", true, "invalid value: integer `-2147483649`, expected i32" },
	{ "{\"a\":{\"integerValue\":1.5}}", true, "invalid type: floating point `1.5`, expected i32" },
	{ "{\"a\":{\"longValue\":9223372036854775808}}", true, "expected i64" },
	{ "{\"a\":{\"longValue\":-9223372036854775808}}", true, NULL },
	{ "{\"a\":{\"doubleValue\":3}}", true, NULL },
	{ "{\"a\":{\"doubleValue\":1e999}}", true, "number out of range" },
	{ "{\"a\":{\"doubleValue\":\"x\"}}", true, "invalid type: string \"x\", expected f64" },
	{ "{\"a\":{\"booleanValue\":1}}", true, "invalid type: integer `1`, expected a boolean" },
	{ "{\"a\":{\"stringValue\":null}}", true, "invalid type: null, expected a string" },
	{ "{\"a\":{\"listValue\":{}}}", true, "invalid type: map, expected a sequence" },
	{ "{\"a\":{\"mapValue\":[]}}", true, "invalid type: sequence, expected a map" },
	{ "{\"a\":{\"intValue\":5}}", true, "unknown variant `intValue`, expected one of `stringValue`, `integerValue`" },
	{ "{\"a\":{}}", true, "expected value" },
	{ "{\"a\":5}", true, "expected value at line 1 column 6" },
	{ "{\"a\":\"x\"}", true, "expected newtype variant" },
	{ "{\"a\":{\"stringValue\":\"x\",\"longValue\":1}}", true, "expected value" },
	{ "[]", true, "invalid type: sequence, expected a map at line 1" },
	{ "null", true, "invalid type: null, expected a map" },
	{ "", true, "EOF while parsing a value at line 1 column" },
	{ "{} x", true, "trailing characters at line 1 column 4" },
	{ "{\"a\":{\"longValue\":1},}", true, "trailing comma" },
	{ "{\"a\" {\"longValue\":1}}", true, "expected `:`" },
	{ "{a:1}", true, "key must be a string" },
	{ "{\"a\":{\"longValue\":01}}", true, "invalid number" },
	{ "{\"a\":{\"longValue\":1}", true, "EOF while parsing an object" },
	{ "{\"a\":{\"stringValue\":\"\\q\"}}", true, "invalid escape" },
	{ "{\"a\":{\"stringValue\":\"\\udc00\"}}", true, "lone leading surrogate" },
	{ "{\"a\":{\"stringValue\":\"x", true, "EOF while parsing a string" },
	{ "{\"a\":{\"stringValue\":\"\t\"}}", true, "control character" },
	{ "{\n\"a\": 5}", true, "at line 2 column 6" },
	{ "{\"a\":5,\"b\":[1,\"x\",null,{\"longValue\":3},{\"c\":1.5}]}", false, NULL },
	{ "{\"a\":18446744073709551615}", false, "expected i64" },
};

START_TEST(test_args)
{
	struct rx_arena arena;
	struct rxr_args args;
	char complaint[256] = "";
	bool ok;

	rx_arena_init(&arena, &memory);
	rxr_args_init(&args, &arena);
	ok = rxr_args_read(&args, rx_str(arg_rows[_i].json), arg_rows[_i].typed, complaint);
	if (arg_rows[_i].complaint)
		ck_assert_msg(!ok && strstr(complaint, arg_rows[_i].complaint), "%s: %s", arg_rows[_i].json, complaint);
	else
		ck_assert_msg(ok, "%s: %s", arg_rows[_i].json, complaint);
	rx_arena_fini(&arena);
}
END_TEST

/* 127 levels inside one typed value are 128 with the document's; one more is refused. */
START_TEST(test_args_depth)
{
	for (int deep = 0; deep < 2; deep++) {
		struct rx_arena arena;
		struct rxr_args args;
		char complaint[256] = "";

		rx_buf_clear(&buf);
		RX_BUF_LIT(&buf, "{\"a\":");
		rx_buf_repeat(&buf, '[', 127 + (size_t)deep);
		rx_buf_repeat(&buf, ']', 127 + (size_t)deep);
		RX_BUF_LIT(&buf, "}");
		rx_arena_init(&arena, &memory);
		rxr_args_init(&args, &arena);
		ck_assert_int_eq(rxr_args_read(&args, rx_buf_view(&buf), false, complaint), !deep);
		if (deep)
			ck_assert_ptr_nonnull(strstr(complaint, "recursion limit exceeded"));
		rx_arena_fini(&arena);
	}
}
END_TEST

static const struct {
	const char *json, *offender;
} deep_rows[] = {
	{ "{\"k\":{\"listValue\":[{\"listValue\":[{\"integerValue\":1}]}]}}", "k" },
	{ "{\"k\":{\"listValue\":[{\"listValue\":[]},{\"mapValue\":{}}]}}", NULL },
	{ "{\"a\":{\"longValue\":1},\"z\":{\"mapValue\":{\"x\":{\"mapValue\":{\"y\":{\"longValue\":1}}}}},"
	  "\"b\":{\"listValue\":[{\"listValue\":[{\"longValue\":1}]}]}}", "z" },
};

START_TEST(test_args_too_deep)
{
	struct rx_arena arena;
	struct rxr_args args;
	char complaint[256];
	const struct rxr_arg *found;

	rx_arena_init(&arena, &memory);
	rxr_args_init(&args, &arena);
	ck_assert(rxr_args_read(&args, rx_str(deep_rows[_i].json), true, complaint));
	found = rxr_args_too_deep(&args);
	if (deep_rows[_i].offender)
		ck_assert(found && rx_str_eq(found->name, rx_str(deep_rows[_i].offender)));
	else
		ck_assert_ptr_null(found);
	rx_arena_fini(&arena);
}
END_TEST

static const struct {
	const char *word;
	int kind; /* -1: refused */
} word_rows[] = {
	{ "n=5", RXR_ARG_INT },     { "s=hello", RXR_ARG_STRING }, { "s=\"5\"", RXR_ARG_STRING }, { "f=0.5", RXR_ARG_FLOAT },
	{ "b=true", RXR_ARG_BOOL }, { "l=[1,2]", RXR_ARG_LIST },   { "u=null", RXR_ARG_UNIT },    { "m={\"a\":1}", RXR_ARG_MAP },
	{ "p=/var/log", RXR_ARG_STRING }, { "x=5 apples", RXR_ARG_STRING }, { "e=", RXR_ARG_STRING }, { "t={\"longValue\":1}", RXR_ARG_INT },
	{ "novalue", -1 },          { "a-b=1", -1 },               { "let=1", -1 },               { "=1", -1 }, { "9a=1", -1 },
};

START_TEST(test_args_word)
{
	struct rx_arena arena;
	struct rxr_args args;
	char complaint[256];
	bool ok;

	rx_arena_init(&arena, &memory);
	rxr_args_init(&args, &arena);
	ok = rxr_args_word(&args, rx_str(word_rows[_i].word), complaint);
	ck_assert_int_eq(ok, word_rows[_i].kind >= 0);
	if (ok)
		ck_assert_int_eq((int)args.first->kind, word_rows[_i].kind);
	rx_arena_fini(&arena);
}
END_TEST

/* ---- the document: spec/runner.md 8 ---- */

static const struct {
	double value;
	const char *want;
} json_float_rows[] = {
	{ 1, "1.0" }, { -0.0, "-0.0" }, { 0.5, "0.5" }, { 1e15, "1000000000000000.0" }, { 1e16, "1e16" }, { 1e21, "1e21" },
	{ 123456789012345680.0, "1.2345678901234568e17" }, { 1e-5, "0.00001" }, { 1e-7, "1e-7" }, { 1.5e-9, "1.5e-9" },
	{ 184223, "184223.0" }, { 13.41796875, "13.41796875" }, { 1.0 / 0.0, "null" }, { -91.5, "-91.5" },
};

START_TEST(test_json_float)
{
	struct rxr_json json = { &buf, false, false, 0 };

	rxr_json_float(&json, NULL, json_float_rows[_i].value);
	ck_assert_str_eq(rx_buf_cstr(&buf), json_float_rows[_i].want);
}
END_TEST

START_TEST(test_report_forms)
{
	struct rxr_report report;
	struct rx_buf err;

	rx_buf_init(&err, &memory, 0);
	rxr_report_init(&report, &memory);
	rx_buf_str(&report.output, RX_STR("a\n\"b\""));
	rxr_report_print(&report, RXR_FORMAT_JSON, false, &buf, &err);
	ck_assert_str_eq(rx_buf_cstr(&buf), "{\"output\":\"a\\n\\\"b\\\"\",\"status\":\"SUCCESS\",\"logs\":[]}");
	rx_buf_clear(&buf);
	rxr_report_print(&report, RXR_FORMAT_PRETTY, false, &buf, &err);
	ck_assert_str_eq(rx_buf_cstr(&buf), "{\n  \"output\": \"a\\n\\\"b\\\"\",\n  \"status\": \"SUCCESS\",\n  \"logs\": []\n}");
	rx_buf_clear(&buf);
	rxr_report_alarm(&report, RX_STR("T"), (struct rexi_str){ NULL, 0 });
	rxr_report_error(&report, "SCRIPT_EXCEPTION", RX_STR("m"));
	rxr_report_print(&report, RXR_FORMAT_JSON, false, &buf, &err);
	ck_assert_str_eq(rx_buf_cstr(&buf), "{\"output\":\"\",\"status\":\"ERROR\",\"error\":{\"error_type\":\"SCRIPT_EXCEPTION\","
					    "\"message\":\"m\"},\"alarms\":[{\"alarm_type\":\"T\"}],\"logs\":[]}");
	rx_buf_clear(&buf);
	rxr_report_print(&report, RXR_FORMAT_HUMAN, false, &buf, &err);
	ck_assert_uint_eq(buf.len, 0);
	ck_assert_str_eq(rx_buf_cstr(&err), "error: m\n");
	rxr_report_fini(&report);
	rx_buf_fini(&err);
}
END_TEST

/* spec 12.2, W28: 1,000 lines are kept, the warning before them says how many are not. */
START_TEST(test_report_log_ring)
{
	struct rxr_report report;
	struct rx_buf err;

	rx_buf_init(&err, &memory, 0);
	rxr_report_init(&report, &memory);
	for (int i = 0; i < 1005; i++) {
		char text[16];

		snprintf(text, sizeof(text), "l%d", i);
		rxr_report_log(&report, RXR_LEVEL_INFO, 7, NULL, rx_str(text));
		if (i == 999) {
			rxr_report_print(&report, RXR_FORMAT_HUMAN, true, &buf, &err);
			ck_assert_int_eq(strncmp(rx_buf_cstr(&buf), "[INFO] l0\n", 10), 0);
			rx_buf_clear(&buf);
		}
	}
	rxr_report_log(&report, RXR_LEVEL_DEBUG, 7, NULL, RX_STR("filtered"));
	rxr_report_print(&report, RXR_FORMAT_HUMAN, true, &buf, &err);
	rx_buf_cstr(&buf);
	ck_assert_msg(strncmp(buf.ptr, "[WARN] Warning: Log buffer capacity exceeded. 5 earlier log entries were removed to fit new "
				       "logs.\n[INFO] l5\n", 100) == 0, "%.120s", buf.ptr);
	ck_assert_ptr_null(strstr(buf.ptr, "filtered"));
	ck_assert_ptr_nonnull(strstr(buf.ptr, "[INFO] l1004\n"));
	rxr_report_fini(&report);
	rx_buf_fini(&err);
}
END_TEST

/* W22, W32: cut by bytes, at a character boundary. */
static const struct {
	const char *unit;
	size_t count, most, want;
	const char *mark;
} cut_rows[] = {
	{ "x", 1024, 1024, 1024, "..." }, { "x", 1025, 1024, 1024, "..." },         { "\xC3\xA9", 600, 1024, 1023, "..." },
	{ "x", 2048, 2048, 2048, "...[truncate]" }, { "x", 2049, 2048, 2048, "...[truncate]" },
	{ "\xC3\xA9", 1025, 2048, 2047, "...[truncate]" }, { "\xF0\x9F\x98\x80", 600, 2048, 2045, "...[truncate]" },
};

START_TEST(test_cut)
{
	struct rx_buf text;

	rx_buf_init(&text, &memory, 0);
	for (size_t i = 0; i < cut_rows[_i].count; i++)
		rx_buf_bytes(&text, cut_rows[_i].unit, strlen(cut_rows[_i].unit));
	rxr_cut(&buf, rx_buf_view(&text), cut_rows[_i].most, cut_rows[_i].mark);
	ck_assert_uint_eq(buf.len, cut_rows[_i].want);
	rx_buf_fini(&text);
}
END_TEST

START_TEST(test_levels)
{
	ck_assert_int_eq((int)rxr_level_parse(NULL), RXR_LEVEL_INFO);
	ck_assert_int_eq((int)rxr_level_parse("Debug"), RXR_LEVEL_DEBUG);
	ck_assert_int_eq((int)rxr_level_parse("trace"), RXR_LEVEL_TRACE);
	ck_assert_int_eq((int)rxr_level_parse("WARNING"), RXR_LEVEL_INFO);
	ck_assert_int_eq((int)rxr_level_parse("warn"), RXR_LEVEL_WARN);
	ck_assert_int_eq((int)rxr_level_parse(""), RXR_LEVEL_INFO);
}
END_TEST

static const struct {
	long nanoseconds;
	const char *want;
} time_rows[] = {
	{ 0, "2025-10-21T14:30:00Z" },
	{ 124000000, "2025-10-21T14:30:00.124Z" },
	{ 124001000, "2025-10-21T14:30:00.124001Z" },
	{ 1, "2025-10-21T14:30:00.000000001Z" },
};

START_TEST(test_time)
{
	char text[RXR_TIME_TEXT];

	rxr_time_text(text, (struct timespec){ 1761057000, time_rows[_i].nanoseconds }, 'T', "Z");
	ck_assert_str_eq(text, time_rows[_i].want);
}
END_TEST

/* ---- the record ---- */

static char *record_path(void)
{
	static char path[64];

	snprintf(path, sizeof(path), "check_runner.%d.audit", (int)getpid());
	return path;
}

static void write_run(const char *path, int records, bool ended)
{
	struct rxr_audit audit;

	ck_assert_int_eq(rxr_audit_open(&audit, &memory, path, NULL), REXI_OK);
	rxr_audit_begin(&audit, "run");
	ck_assert(rxr_audit_end(&audit));
	for (int i = 0; i < records; i++) {
		struct rx_buf *line = rxr_audit_begin(&audit, "decision");

		rxr_member(line, "resource", RX_STR("quote \" newline \n torn\":5"));
		rxr_member_number(line, "line", i);
		ck_assert(rxr_audit_end(&audit));
	}
	if (ended) {
		rxr_audit_begin(&audit, "end");
		ck_assert(rxr_audit_end(&audit));
	}
	rxr_audit_close(&audit);
}

static void read_record(const char *path)
{
	int fd = open(path, O_RDONLY);
	ssize_t got;

	ck_assert_int_ge(fd, 0);
	rx_buf_clear(&buf);
	do {
		ck_assert(rx_buf_reserve(&buf, 65536));
		got = read(fd, buf.ptr + buf.len, 65536);
		buf.len += got > 0 ? (size_t)got : 0;
	} while (got > 0);
	close(fd);
}

/* Whole: every line verifies and every run has ended. */
static bool is_whole(struct rexi_str text, struct rxr_audit_finding *finding)
{
	return rxr_audit_verify(&memory, text, finding) && !finding->torn && !finding->open_runs && finding->records;
}

START_TEST(test_audit_chain)
{
	struct rxr_audit_finding finding;

	unlink(record_path());
	write_run(record_path(), 5, true);
	write_run(record_path(), 3, true);
	read_record(record_path());
	ck_assert_msg(is_whole(rx_buf_view(&buf), &finding), "%s", finding.message);
	ck_assert_uint_eq(finding.records, 12);
	ck_assert_uint_eq(finding.runs, 2);
	unlink(record_path());
}
END_TEST

START_TEST(test_audit_bit_flips)
{
	struct rxr_audit_finding finding;
	uint64_t state = 42;

	unlink(record_path());
	write_run(record_path(), 20, true);
	read_record(record_path());
	for (int i = 0; i < 1000; i++) {
		size_t at;
		char bit;

		state = state * UINT64_C(6364136223846793005) + 1442695040888963407U;
		at = (size_t)(state >> 33) % buf.len;
		bit = (char)(1 << (state >> 20 & 7));
		buf.ptr[at] ^= bit;
		ck_assert_msg(!is_whole(rx_buf_view(&buf), &finding), "bit %d of byte %zu", bit, at);
		buf.ptr[at] ^= bit;
	}
	ck_assert(is_whole(rx_buf_view(&buf), &finding));
	unlink(record_path());
}
END_TEST

START_TEST(test_audit_records_removed_swapped_inserted_cut)
{
	struct rxr_audit_finding finding;
	struct rx_buf changed;
	size_t starts[64], count = 0;

	unlink(record_path());
	write_run(record_path(), 10, true);
	read_record(record_path());
	for (size_t at = 0; at < buf.len; at = rx_str_find(rx_buf_view(&buf), RX_STR("\n"), at) + 1)
		starts[count++] = at;
	starts[count] = buf.len;
	ck_assert_uint_eq(count, 12);
	rx_buf_init(&changed, &memory, 0);
	for (size_t i = 0; i < count; i++) {
		rx_buf_clear(&changed);
		rx_buf_bytes(&changed, buf.ptr, starts[i]);
		rx_buf_bytes(&changed, buf.ptr + starts[i + 1], buf.len - starts[i + 1]);
		ck_assert_msg(!is_whole(rx_buf_view(&changed), &finding), "record %zu removed", i);
		/* one written twice */
		rx_buf_clear(&changed);
		rx_buf_bytes(&changed, buf.ptr, starts[i + 1]);
		rx_buf_bytes(&changed, buf.ptr + starts[i], buf.len - starts[i]);
		ck_assert_msg(!is_whole(rx_buf_view(&changed), &finding), "record %zu inserted", i);
		for (size_t k = i + 1; k < count; k++) {
			rx_buf_clear(&changed);
			rx_buf_bytes(&changed, buf.ptr, starts[i]);
			rx_buf_bytes(&changed, buf.ptr + starts[k], starts[k + 1] - starts[k]);
			rx_buf_bytes(&changed, buf.ptr + starts[i + 1], starts[k] - starts[i + 1]);
			rx_buf_bytes(&changed, buf.ptr + starts[i], starts[i + 1] - starts[i]);
			rx_buf_bytes(&changed, buf.ptr + starts[k + 1], buf.len - starts[k + 1]);
			ck_assert_uint_eq(changed.len, buf.len);
			ck_assert_msg(!is_whole(rx_buf_view(&changed), &finding), "%zu and %zu swapped", i, k);
		}
	}
	/* every prefix verifies as far as it goes, and none but the whole is whole */
	for (size_t len = 0; len < buf.len; len++) {
		ck_assert(rxr_audit_verify(&memory, rx_str_make(buf.ptr, len), &finding));
		ck_assert_msg(!is_whole(rx_str_make(buf.ptr, len), &finding), "cut to %zu", len);
		ck_assert(finding.records < count);
	}
	rx_buf_fini(&changed);
	unlink(record_path());
}
END_TEST

/* A run that was killed while it wrote: the next run goes on after the torn line and says so. */
START_TEST(test_audit_torn)
{
	struct rxr_audit_finding finding;
	size_t size;

	unlink(record_path());
	write_run(record_path(), 2, false);
	read_record(record_path());
	size = buf.len;
	for (size_t cut = 1; cut < 400 && cut < size; cut += 7) {
		int fd = open(record_path(), O_WRONLY | O_TRUNC);

		ck_assert_int_eq((int)write(fd, buf.ptr, size - cut), (int)(size - cut));
		close(fd);
		write_run(record_path(), 1, true);
		{
			struct rx_buf saved = buf;

			rx_buf_init(&buf, &memory, 0);
			read_record(record_path());
			ck_assert_msg(rxr_audit_verify(&memory, rx_buf_view(&buf), &finding), "cut %zu: line %d: %s", cut,
				      (int)finding.line, finding.message);
			ck_assert_uint_eq(finding.runs, 2);
			ck_assert_uint_eq(finding.open_runs, 1);
			rx_buf_fini(&buf);
			buf = saved;
		}
	}
	unlink(record_path());
}
END_TEST

START_TEST(test_audit_sinks)
{
	struct rxr_audit audit;
	struct rexi_error err;

	ck_assert_int_ne(rxr_audit_open(&audit, &memory, "/nonexistent/dir/file", &err), REXI_OK);
	rxr_audit_close(&audit);
	ck_assert_int_ne(rxr_audit_open(&audit, &memory, "fd:999", &err), REXI_OK);
	rxr_audit_close(&audit);
	ck_assert_int_ne(rxr_audit_open(&audit, &memory, "/", &err), REXI_OK);
	rxr_audit_close(&audit);
	ck_assert_int_eq(rxr_audit_open(&audit, &memory, "/dev/full", &err), REXI_OK);
	rxr_audit_begin(&audit, "run");
	ck_assert(!rxr_audit_end(&audit));
	ck_assert(audit.broken);
	rxr_audit_close(&audit);
}
END_TEST

/* FIPS 180-4 and both ways of computing agree, at each length around the blocks. */
START_TEST(test_sha256)
{
	unsigned char portable[RXR_SHA256_BYTES], fast[RXR_SHA256_BYTES];
	char hex[RXR_HASH_HEX + 1], bytes[400];
	bool has = rxr_sha256_fast();

	rxr_sha256(hex, "abc", 3);
	ck_assert_str_eq(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	rxr_sha256(hex, "", 0);
	ck_assert_str_eq(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	rxr_sha256_digest(portable, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56, false);
	ck_assert_mem_eq(portable, "\x24\x8d\x6a\x61\xd2\x06\x38\xb8\xe5\xc0\x26\x93\x0c\x3e\x60\x39\xa3\x3c\xe4\x59\x64\xff\x21"
				   "\x67\xf6\xec\xed\xd4\x19\xdb\x06\xc1", sizeof(portable));
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i * 7 + 3);
	for (size_t len = 0; len <= sizeof(bytes); len++) {
		rxr_sha256_digest(portable, bytes, len, false);
		rxr_sha256_digest(fast, bytes, len, has);
		ck_assert_mem_eq(portable, fast, sizeof(fast));
		/* in pieces of every length */
		for (size_t piece = 1; piece < 140; piece += 13) {
			struct rxr_sha256 sha;

			rxr_sha256_begin(&sha, has);
			for (size_t at = 0; at < len; at += piece)
				rxr_sha256_add(&sha, bytes + at, len - at < piece ? len - at : piece);
			rxr_sha256_end(&sha, fast);
			ck_assert_mem_eq(portable, fast, sizeof(fast));
		}
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("runner");
	TCase *tc = tcase_create("parts");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, test_options, 0, RX_COUNT(option_rows));
	tcase_add_test(tc, test_options_values);
	tcase_add_test(tc, test_help_fits);
	tcase_add_loop_test(tc, test_limits, 0, RX_COUNT(limit_rows));
	tcase_add_loop_test(tc, test_args, 0, RX_COUNT(arg_rows));
	tcase_add_test(tc, test_args_depth);
	tcase_add_loop_test(tc, test_args_too_deep, 0, RX_COUNT(deep_rows));
	tcase_add_loop_test(tc, test_args_word, 0, RX_COUNT(word_rows));
	tcase_add_loop_test(tc, test_json_float, 0, RX_COUNT(json_float_rows));
	tcase_add_test(tc, test_report_forms);
	tcase_add_test(tc, test_report_log_ring);
	tcase_add_loop_test(tc, test_cut, 0, RX_COUNT(cut_rows));
	tcase_add_test(tc, test_levels);
	tcase_add_loop_test(tc, test_time, 0, RX_COUNT(time_rows));
	tcase_add_test(tc, test_sha256);
	tcase_add_test(tc, test_audit_chain);
	tcase_add_test(tc, test_audit_bit_flips);
	tcase_add_test(tc, test_audit_records_removed_swapped_inserted_cut);
	tcase_add_test(tc, test_audit_torn);
	tcase_add_test(tc, test_audit_sinks);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
