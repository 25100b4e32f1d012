#include <config.h>

#include "runner/run.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include <rexi/cedar.h>

#include "base/number.h"
#include "base/utf8.h"
#include "lang/native.h"
#include "runner/args.h"
#include "runner/audit.h"
#include "runner/emergency.h"
#include "runner/input.h"
#include "runner/policy.h"
#include "runner/process.h"
#include "runner/receipt.h"
#include "runner/report.h"
#include "runner/script.h"
#include "runner/signals.h"
#include "runner/syslog.h"

struct run {
	const struct rxr_options *options;
	struct rx_memory memory;
	struct rx_arena arena;   /* argument values */
	struct rx_buf text;      /* messages in the making */
	struct rx_buf explanation; /* of the script's error, for people */
	struct rxr_report report;
	struct rxr_messages messages; /* to the system's log */
	struct rxr_limits limits;
	struct rxr_input script_file, policy_file, arguments_file;
	struct rxr_input *schema_files; /* in the arena, as many as schema_count */
	struct rxr_schema_text *schemas;
	size_t schema_count;
	struct rx_buf warnings; /* of the policy: lines */
	struct rxr_args args;
	const struct rxr_arg *too_deep; /* an argument of the file that the reference refuses */
	struct rxr_audit audit;
	struct rx_buf principal;
	struct timespec started;
	struct timespec begun; /* processor time that the process had used by then */
	struct rxr_policy policy;
	struct rxs_session *session;
	struct rxr_script *script;
	uint64_t read_bytes, written_bytes, denied;
	/* of the bytes that the running call has read and written; blind: the kernel moved some of them */
	struct moving {
		struct rxr_sha256 sha;
		bool begun, blind;
	} moving[2];
	int exceeded; /* enum rxr_limit that a hook found exceeded; -1 none */
	volatile sig_atomic_t busy; /* not 0: the handler of a signal must not end the run now */
	bool executed; /* the script was begun */
	pid_t pid;
	struct timespec script_started;
	bool warned; /* that the record cannot be written */
	bool monitored;
	uint64_t samples;
	double rss_sum, virtual_sum; /* KiB */
	struct timespec sampled;
	enum rxr_exit exit;
};

/* ---- small things ---- */

static int64_t since(clockid_t clock, const struct timespec *then)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)(now.tv_sec - then->tv_sec) * 1000000000 + (now.tv_nsec - then->tv_nsec);
}

static int64_t elapsed_ns(const struct timespec *then)
{
	return since(CLOCK_MONOTONIC, then);
}

static bool equals_ignoring_case(const char *a, const char *b)
{
	for (; *a && *b; a++, b++) {
		if ((*a | 0x20) != *b)
			return false;
	}
	return *a == *b;
}

/* An error before the script began. */
static bool fail_early(struct run *run, const char *type, enum rxr_exit exit)
{
	run->report.early = true;
	run->exit = exit;
	rxr_report_error(&run->report, type, rx_buf_view(&run->text));
	return false;
}

/* The signal or the clock came first. */
static bool ended(struct run *run)
{
	rx_buf_clear(&run->text);
	if (rxr_signals_ending() == RXR_ENDING_TIME) {
		RX_BUF_LIT(&run->text, "Limit reached: the run took longer than ");
		rxr_limit_print(&run->text, RXR_LIMIT_TIME, run->limits.value[RXR_LIMIT_TIME]);
		run->report.limit = "time";
		return fail_early(run, rxr_limit_rows[RXR_LIMIT_TIME].error_type, RXR_EXIT_LIMIT);
	}
	rx_buf_printf(&run->text, "Script terminated: %s", rxr_signals_name());
	return fail_early(run, "TERMINATED_EXCEPTION", RXR_EXIT_TERMINATED);
}

/* ---- inputs ---- */

static bool load_path(struct run *run, struct rxr_input *input, const char *path, const char *what)
{
	enum rxr_input_failure failure;

	rx_buf_clear(&run->text);
	rx_buf_printf(&run->text, "Failed to load input files: Failed to read %s file: ", what);
	rx_utf8_lossy(&run->text, rx_str(path));
	RX_BUF_LIT(&run->text, ": ");
	failure = rxr_input_read(input, &run->memory, path, run->limits.value[RXR_LIMIT_SOURCE],
				 run->options->given[RXR_OPTION_CHECK_OWNER], &run->text);
	if (failure == RXR_INPUT_OK)
		return true;
	if (failure == RXR_INPUT_ENDED)
		return ended(run);
	if (failure == RXR_INPUT_TOO_LARGE) {
		run->report.limit = "source";
		return fail_early(run, "COMMUNICATION_EXCEPTION", RXR_EXIT_LIMIT);
	}
	return fail_early(run, "COMMUNICATION_EXCEPTION", RXR_EXIT_USAGE);
}

static bool load(struct run *run, struct rxr_input *input, enum rxr_option option, const char *what)
{
	return load_path(run, input, run->options->value[option], what);
}

static bool load_schemas(struct run *run)
{
	const struct rxr_options *options = run->options;

	if (!options->given[RXR_OPTION_SCHEMA])
		return true;
	run->schema_files = RX_ARENA_ARRAY(&run->arena, struct rxr_input, options->item_count);
	run->schemas = RX_ARENA_ARRAY(&run->arena, struct rxr_schema_text, options->item_count);
	if (!run->schema_files || !run->schemas) {
		rx_buf_clear(&run->text);
		RX_BUF_LIT(&run->text, "Failed to load input files: out of memory");
		return fail_early(run, "INTERNAL_EXCEPTION", RXR_EXIT_INTERNAL);
	}
	for (size_t i = 0; i < options->item_count; i++) {
		struct rxr_input *file = &run->schema_files[run->schema_count];

		if (options->items[i].option != RXR_OPTION_SCHEMA)
			continue;
		run->schema_count++; /* given back with the others, also when it was not read whole */
		if (!load_path(run, file, options->items[i].value, "schema"))
			return false;
		run->schemas[run->schema_count - 1] = (struct rxr_schema_text){ options->items[i].value, rx_buf_view(&file->text) };
	}
	return true;
}

static bool arguments_failed(struct run *run, const char *where, const char *complaint)
{
	rx_buf_clear(&run->text);
	RX_BUF_LIT(&run->text, "Failed to load input files: Failed to parse script arguments JSON: ");
	rx_utf8_lossy(&run->text, rx_str(where));
	rx_buf_printf(&run->text, ": %s", complaint);
	return fail_early(run, "COMMUNICATION_EXCEPTION", RXR_EXIT_USAGE);
}

static bool load_arguments(struct run *run)
{
	const struct rxr_options *options = run->options;
	char complaint[256];

	if (options->given[RXR_OPTION_ARGUMENTS_FILE]) {
		if (!load(run, &run->arguments_file, RXR_OPTION_ARGUMENTS_FILE, "script arguments"))
			return false;
		if (!rxr_args_read(&run->args, rx_buf_view(&run->arguments_file.text), true, complaint))
			return arguments_failed(run, options->value[RXR_OPTION_ARGUMENTS_FILE], complaint);
		run->too_deep = rxr_args_too_deep(&run->args);
	}
	for (size_t i = 0; i < options->item_count; i++) {
		struct rexi_str text = rx_str(options->items[i].value), start = text;

		if (options->items[i].option != RXR_OPTION_ARGUMENTS)
			continue;
		while (start.len && (start.ptr[0] == ' ' || start.ptr[0] == '\n' || start.ptr[0] == '\t'))
			start = rx_str_sub(start, 1, start.len);
		if (rx_utf8_valid(text) != text.len)
			return arguments_failed(run, "--script-arguments", "not valid UTF-8");
		if (!(rx_str_starts(start, RX_STR("{")) ? rxr_args_read(&run->args, text, false, complaint)
							: rxr_args_word(&run->args, text, complaint)))
			return arguments_failed(run, "--script-arguments", complaint);
	}
	for (size_t i = 0; i < options->word_count; i++) {
		struct rexi_str text = rx_str(options->words[i]);

		if (rx_utf8_valid(text) != text.len)
			return arguments_failed(run, "--", "not valid UTF-8");
		if (!rxr_args_word(&run->args, text, complaint))
			return arguments_failed(run, "--", complaint);
	}
	return true;
}

static bool check_digest(struct run *run)
{
	const char *want = run->options->value[RXR_OPTION_POLICY_SHA256];

	if (!want || equals_ignoring_case(want, rxr_input_digest(&run->policy_file)))
		return true;
	rx_buf_clear(&run->text);
	rx_buf_printf(&run->text, "Failed to load input files: the policy's SHA-256 is %s, not the expected one",
		      rxr_input_digest(&run->policy_file));
	return fail_early(run, "VALIDATION_EXCEPTION", RXR_EXIT_POLICY);
}

static bool load_inputs(struct run *run)
{
	return load(run, &run->script_file, RXR_OPTION_SCRIPT, "script") &&
	       load(run, &run->policy_file, RXR_OPTION_POLICY, "policy") && load_schemas(run) && load_arguments(run) &&
	       check_digest(run);
}

/* ---- policy ---- */

static bool prepare_policy(struct run *run)
{
	bool warn_only = run->options->choice[RXR_OPTION_POLICY_CHECK] == 1;
	const struct rxr_policy_source source = { .text = rx_buf_view(&run->policy_file.text), .schemas = run->schemas,
						  .schema_count = run->schema_count, .complaint = &run->text,
						  .warnings = &run->warnings };
	enum rxr_policy_state state;
	size_t prefix;

	rx_buf_clear(&run->text);
	RX_BUF_LIT(&run->text, "Failed to create Rhai engine: ");
	prefix = run->text.len;
	state = rxr_policy_load(&run->policy, &source);
	if (state == RXR_POLICY_OK)
		return true;
	if (state == RXR_POLICY_MALFORMED)
		return fail_early(run, "INTERNAL_EXCEPTION", RXR_EXIT_POLICY);
	if (state == RXR_POLICY_INVALID && warn_only) {
		rx_buf_str(&run->warnings, rx_str_sub(rx_buf_view(&run->text), prefix, SIZE_MAX));
		RX_BUF_LIT(&run->warnings, "; the script runs all the same (--policy-check=warn)\n");
		return true;
	}
	return fail_early(run, state == RXR_POLICY_INVALID ? "VALIDATION_EXCEPTION" : "INTERNAL_EXCEPTION",
			  state == RXR_POLICY_INVALID ? RXR_EXIT_POLICY : RXR_EXIT_INTERNAL);
}

static bool check_argument_depth(struct run *run)
{
	const struct rxr_arg *offender = run->too_deep;

	if (!offender)
		return true;
	rx_buf_clear(&run->text);
	RX_BUF_LIT(&run->text, "Script arguments depth validation failed: Argument '");
	rx_buf_str(&run->text, offender->name);
	RX_BUF_LIT(&run->text, "': Maximum nesting depth of 2 exceeded");
	rxr_report_alarm(&run->report, RX_STR("RexRunnerScriptArgumentValidationFailure"), rx_buf_view(&run->text));
	rxr_report_own_metric(&run->report, "RexRunnerScriptArgumentValidationFailureCount", 1, "COUNT", "FailureCount");
	return fail_early(run, "VALIDATION_EXCEPTION", RXR_EXIT_USAGE);
}

/* ---- the record ---- */

/* One line of a small file of /proc; empty when it cannot be read. */
static void member_file(struct rx_buf *buf, const char *key, const char *path)
{
	char text[128];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof(text));
	size_t len = 0;

	if (fd >= 0)
		close(fd);
	while (got > 0 && len < (size_t)got && text[len] != '\n')
		len++;
	rxr_member(buf, key, rx_str_make(text, len));
}

static void digest_arguments(struct run *run, char hex[RXR_HASH_HEX + 1])
{
	struct rx_buf all;

	rx_buf_init(&all, &run->memory, 0);
	if (run->options->given[RXR_OPTION_ARGUMENTS_FILE])
		rx_buf_str(&all, rx_buf_view(&run->arguments_file.text));
	for (size_t i = 0; i < run->options->item_count; i++) {
		if (run->options->items[i].option == RXR_OPTION_ARGUMENTS)
			rx_buf_bytes(&all, run->options->items[i].value, strlen(run->options->items[i].value) + 1);
	}
	for (size_t i = 0; i < run->options->word_count; i++)
		rx_buf_bytes(&all, run->options->words[i], strlen(run->options->words[i]) + 1);
	rxr_sha256(hex, all.ptr ? all.ptr : "", all.len);
	rx_buf_fini(&all);
}

static bool record_failed(struct run *run)
{
	rx_buf_clear(&run->text);
	rx_buf_printf(&run->text, "The audit record cannot be written: %s (os error %d)", strerror(run->audit.os_errno),
		      run->audit.os_errno);
	return false;
}

static bool record_begin(struct run *run)
{
	char arguments[RXR_HASH_HEX + 1];
	struct utsname host;
	struct rexi_error err;
	struct rx_buf *line, path;

	if (rxr_audit_open(&run->audit, &run->memory, run->options->value[RXR_OPTION_AUDIT], &err) != REXI_OK) {
		rx_buf_clear(&run->text);
		rx_buf_printf(&run->text, "Failed to open the audit record: %s", err.message);
		return fail_early(run, "COMMUNICATION_EXCEPTION", RXR_EXIT_USAGE);
	}
	if (run->audit.sink == RXR_SINK_NONE)
		return true;
	digest_arguments(run, arguments);
	line = rxr_audit_begin(&run->audit, "run");
	rxr_member(line, "version", RX_STR(PACKAGE_VERSION));
	rx_buf_init(&path, &run->memory, 0);
	rx_utf8_lossy(&path, rx_str(run->options->value[RXR_OPTION_SCRIPT]));
	rxr_member(line, "script", rx_buf_view(&path));
	rx_buf_fini(&path);
	rxr_member(line, "script_sha256", rx_str(rxr_input_digest(&run->script_file)));
	rxr_member(line, "policy_sha256", rx_str(rxr_input_digest(&run->policy_file)));
	for (size_t i = 0; i < run->schema_count; i++)
		rx_buf_printf(line, i ? ",\"%s\"" : ",\"schema_sha256\":[\"%s\"", rxr_input_digest(&run->schema_files[i]));
	if (run->schema_count)
		rx_buf_byte(line, ']');
	rxr_member(line, "arguments_sha256", rx_str(arguments));
	rxr_member(line, "principal", rx_buf_view(&run->principal));
	rxr_member_number(line, "uid", (int64_t)getuid());
	rxr_member_number(line, "euid", (int64_t)geteuid());
	rxr_member_number(line, "pid", (int64_t)getpid());
	if (uname(&host) == 0)
		rxr_member(line, "host", rx_str(host.nodename));
	member_file(line, "boot", "/proc/sys/kernel/random/boot_id");
	if (rxr_audit_end(&run->audit))
		return true;
	record_failed(run);
	return fail_early(run, "COMMUNICATION_EXCEPTION", RXR_EXIT_USAGE);
}

static void record_end(struct run *run)
{
	struct rx_buf *line;

	if (run->audit.sink == RXR_SINK_NONE)
		return;
	line = rxr_audit_begin(&run->audit, "end");
	rxr_member(line, "status", run->report.error_type ? RX_STR("ERROR") : RX_STR("SUCCESS"));
	if (run->report.error_type)
		rxr_member(line, "error_type", rx_str(run->report.error_type));
	rxr_member_number(line, "exit", (int64_t)run->exit);
	rxr_member_number(line, "decisions", run->session ? (int64_t)run->session->decisions : 0);
	rxr_member_number(line, "denied", (int64_t)run->denied);
	(void)rxr_audit_end(&run->audit);
	run->report.audit_records = run->audit.seq;
	run->report.audit_head = run->audit.head;
	if (run->audit.broken && !run->report.error_type && run->options->given[RXR_OPTION_AUDIT_REQUIRED]) {
		record_failed(run);
		run->exit = RXR_EXIT_INTERNAL;
		rxr_report_error(&run->report, "COMMUNICATION_EXCEPTION", rx_buf_view(&run->text));
	}
}

/* ---- hooks of the session ---- */

static enum rexi_status on_decision(void *user, const struct rxs_decision *decision)
{
	struct run *run = (struct run *)user;

	bool written;

	run->denied += decision->refusal != RXS_ALLOWED;
	if (run->audit.sink == RXR_SINK_NONE)
		return REXI_OK;
	run->busy++;
	rxr_record_decision(rxr_audit_begin(&run->audit, "decision"), decision);
	written = rxr_audit_end(&run->audit);
	run->busy--;
	if (written)
		return REXI_OK;
	if (run->options->given[RXR_OPTION_AUDIT_REQUIRED])
		return REXI_HOST;
	if (!run->warned) {
		run->warned = true;
		record_failed(run);
		rxr_report_log(&run->report, RXR_LEVEL_WARN, 0, "rexi", rx_buf_view(&run->text));
	}
	return REXI_OK;
}

static void on_denied(void *user)
{
	struct run *run = (struct run *)user;

	run->busy++;
	rxr_receipt_keep(run->session, &run->report);
	run->busy--;
}

static void exceed(struct run *run, enum rxr_limit limit)
{
	if (run->exceeded < 0)
		run->exceeded = (int)limit;
}

static void on_effect(void *user, const struct rxs_decision *decision, struct rexi_str name, int64_t number)
{
	struct run *run = (struct run *)user;
	uint64_t *sum = rx_str_eq(name, RX_STR("bytes_read"))	   ? &run->read_bytes
			: rx_str_eq(name, RX_STR("bytes_written")) ? &run->written_bytes
								   : NULL;

	if (sum && number > 0 && __builtin_add_overflow(*sum, (uint64_t)number, sum))
		*sum = UINT64_MAX;
	if (run->limits.value[RXR_LIMIT_READ] && run->read_bytes > run->limits.value[RXR_LIMIT_READ])
		exceed(run, RXR_LIMIT_READ);
	if (run->limits.value[RXR_LIMIT_WRITE] && run->written_bytes > run->limits.value[RXR_LIMIT_WRITE])
		exceed(run, RXR_LIMIT_WRITE);
	if (run->audit.sink != RXR_SINK_NONE) {
		struct rx_buf *line;

		run->busy++;
		line = rxr_audit_begin(&run->audit, "effect");
		rxr_member_number(line, "decision", (int64_t)(decision ? decision->number : run->session->decisions));
		rxr_member(line, "effect", name);
		rxr_member_number(line, "value", number);
		if (sum) {
			struct moving *moving = &run->moving[sum == &run->written_bytes];

			if (moving->begun && !moving->blind)
				rxr_member_digest(line, "sha256", &moving->sha);
			moving->begun = moving->blind = false;
		}
		(void)rxr_audit_end(&run->audit);
		run->busy--;
	}
}

static void on_moved(void *user, bool written, const void *bytes, size_t len)
{
	struct run *run = (struct run *)user;
	struct moving *moving = &run->moving[written];

	if (!moving->begun)
		rxr_sha256_begin(&moving->sha, run->audit.fast);
	moving->begun = true;
	moving->blind |= !bytes;
	if (bytes)
		rxr_sha256_add(&moving->sha, bytes, len);
}

static void on_log(void *user, enum rxs_log_level level, uint32_t line, struct rexi_str text)
{
	struct run *run = (struct run *)user;
	const char *api = run->session && run->session->call ? run->session->call->native->name : "rexi";

	rxr_report_log(&run->report, (enum rxr_level)level, line, api, text);
	run->busy++;
	rxr_messages_say(&run->messages, (enum rxr_level)level, "rexi::sdk", "%s: %.*s", api, RX_STR_ARG(text));
	run->busy--;
}

/* Resident and virtual size; pages are what statm counts. */
static void sample_memory(struct run *run)
{
	char text[64];
	uint64_t size = 0, resident = 0;
	long page = sysconf(_SC_PAGESIZE);
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	size_t at = 0;

	if (fd >= 0)
		close(fd);
	clock_gettime(CLOCK_MONOTONIC, &run->sampled);
	if (got <= 0)
		return;
	text[got] = '\0';
	while (text[at] >= '0' && text[at] <= '9')
		size = size * 10 + (uint64_t)(text[at++] - '0');
	at += text[at] == ' ';
	while (text[at] >= '0' && text[at] <= '9')
		resident = resident * 10 + (uint64_t)(text[at++] - '0');
	run->samples++;
	run->rss_sum += (double)resident * (double)page / 1024;
	run->virtual_sum += (double)size * (double)page / 1024;
}

static bool on_stop(void *user)
{
	struct run *run = (struct run *)user;

	if (rxr_signals_ending() != RXR_GO_ON || run->exceeded >= 0)
		return true;
	if (run->limits.value[RXR_LIMIT_LOGS] && run->report.log_total > run->limits.value[RXR_LIMIT_LOGS])
		exceed(run, RXR_LIMIT_LOGS);
	return run->exceeded >= 0;
}

/* ---- the script ---- */

static bool prepare_session(struct run *run)
{
	struct rxs_limits limits;
	struct rxs_session_options options = {
		.size = sizeof(options),
		.cedar = run->policy.cedar,
		.policies = run->policy.policies,
		.principal = rx_buf_cstr(&run->principal),
		.groups = true,
		.limits = &limits,
		.hooks = { .user = run, .decision = on_decision, .denied = on_denied, .effect = on_effect, .log = on_log,
			   .stop = on_stop },
	};
	struct rexi_error err;

	if (run->audit.sink != RXR_SINK_NONE)
		options.hooks.moved = on_moved;
	rxs_limits_init(&limits);
	limits.open_handles = run->limits.value[RXR_LIMIT_FILES];
	limits.children = run->limits.value[RXR_LIMIT_PROCESSES] ? run->limits.value[RXR_LIMIT_PROCESSES] : UINT64_MAX;
	if (run->limits.value[RXR_LIMIT_MEMORY] && limits.read_bytes > run->limits.value[RXR_LIMIT_MEMORY])
		limits.read_bytes = run->limits.value[RXR_LIMIT_MEMORY];
	if (rxs_session_new(&options, &run->session, &err) == REXI_OK)
		return true;
	rx_buf_clear(&run->text);
	rx_buf_printf(&run->text, "Failed to create Rhai engine: %s", err.message);
	return fail_early(run, "INTERNAL_EXCEPTION", RXR_EXIT_INTERNAL);
}

/* https://no-color.org */
static bool wants_color(void)
{
	const char *refused = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDERR_FILENO) && !(refused && *refused) && term && strcmp(term, "dumb") != 0;
}

static bool prepare_script(struct run *run)
{
	struct rxr_script_options options = {
		.limits = &run->limits, .report = &run->report, .session = run->session, .stop = on_stop, .user = run
	};
	struct rexi_error err;

	if (run->options->choice[RXR_OPTION_FORMAT] == RXR_FORMAT_HUMAN) {
		options.explanation = &run->explanation;
		options.color = wants_color();
		options.name = run->options->value[RXR_OPTION_SCRIPT];
		if (strcmp(options.name, "-") == 0)
			options.name = "";
	}
	err.message[0] = '\0';
	if (rxr_script_new(&run->memory, &options, &run->script, &err) == REXI_OK &&
	    rxr_script_arguments(run->script, &run->args, &err) == REXI_OK)
		return true;
	rx_buf_clear(&run->text);
	rx_buf_printf(&run->text, "Failed to create Rhai engine: %s", err.message);
	return fail_early(run, "INTERNAL_EXCEPTION", RXR_EXIT_INTERNAL);
}

/* Alarm, metric, type and exit status of an error. */
static void classify(struct run *run, const struct rxr_result *result)
{
	static const char lead[] = "Syntax error: ";
	struct rexi_str message = rx_buf_view(&run->text);
	struct rx_buf details;
	const char *alarm = "RexRunnerScriptExecutionFailure", *type = "SCRIPT_EXCEPTION",
		   *count = "RexRunnerScriptExecutionFailureCount";

	run->exit = RXR_EXIT_ERROR;
	switch (result->outcome) {
	case RXR_OUTCOME_VALUE:
	case RXR_OUTCOME_ERROR:
		break;
	case RXR_OUTCOME_SYNTAX:
		alarm = "RexRunnerScriptCompilationFailure";
		if (message.len > sizeof(lead) && memcmp(message.ptr, lead, sizeof(lead) - 1) == 0)
			message = rx_str_sub(message, sizeof(lead) - 1, message.len);
		count = "RexRunnerScriptCompilationFailureCount";
		break;
	case RXR_OUTCOME_DENIED:
		type = "ACCESS_DENIED_EXCEPTION";
		alarm = "RexRunnerPrivilegeEscalation";
		count = "RexRunnerPrivilegeEscalationCount";
		run->exit = RXR_EXIT_DENIED;
		run->report.denial = rxr_receipt_find(run->session, &run->report, result->denial);
		break;
	case RXR_OUTCOME_LIMIT:
		type = rxr_limit_rows[result->limit].error_type;
		run->report.limit = rxr_limit_rows[result->limit].name;
		run->exit = RXR_EXIT_LIMIT;
		break;
	case RXR_OUTCOME_ENDED:
		type = rxr_signals_ending() == RXR_ENDING_SIGNAL ? "TERMINATED_EXCEPTION" : "SCRIPT_EXCEPTION";
		run->exit = rxr_signals_ending() == RXR_ENDING_SIGNAL ? RXR_EXIT_TERMINATED : RXR_EXIT_ERROR;
		break;
	case RXR_OUTCOME_INTERNAL:
		type = "INTERNAL_EXCEPTION";
		run->exit = RXR_EXIT_INTERNAL;
		break;
	}
	rx_buf_init(&details, &run->memory, 0);
	rx_buf_printf(&details, "Failed to %s script: ", result->outcome == RXR_OUTCOME_SYNTAX ? "compile" : "execute");
	rx_buf_str(&details, message);
	rxr_report_alarm(&run->report, rx_str(alarm), rx_buf_view(&details));
	rxr_report_own_metric(&run->report, count, 1, "COUNT", "FailureCount");
	rx_buf_fini(&details);
	rxr_report_error(&run->report, type, rx_buf_view(&run->text));
}

/* What became of the script in the words of the run; run->text holds the script's message. */
static void conclude(struct run *run, struct rxr_result *result)
{
	if (result->outcome == RXR_OUTCOME_VALUE && run->exceeded >= 0) {
		result->outcome = RXR_OUTCOME_LIMIT;
		result->limit = run->exceeded;
	}
	if (result->outcome == RXR_OUTCOME_VALUE && run->limits.value[RXR_LIMIT_OUTPUT] &&
	    run->report.output.len > run->limits.value[RXR_LIMIT_OUTPUT]) {
		result->outcome = RXR_OUTCOME_LIMIT;
		result->limit = RXR_LIMIT_OUTPUT;
	}
	/* what the hooks found out is better known than how the engine saw its end */
	if (result->outcome == RXR_OUTCOME_ENDED && rxr_signals_ending() != RXR_ENDING_SIGNAL &&
	    (run->exceeded >= 0 || rxr_signals_ending() == RXR_ENDING_TIME)) {
		result->outcome = RXR_OUTCOME_LIMIT;
		result->limit = run->exceeded >= 0 ? run->exceeded : RXR_LIMIT_TIME;
	}
	if (result->outcome == RXR_OUTCOME_LIMIT && result->limit != RXR_LIMIT_CALLS && !result->told) {
		rx_buf_clear(&run->text);
		rx_buf_printf(&run->text, "Limit reached: %s ", rxr_limit_rows[result->limit].message);
		rxr_limit_print(&run->text, (enum rxr_limit)result->limit, run->limits.value[result->limit]);
		if (result->line)
			rx_buf_printf(&run->text, " (line %u, position %u)", result->line, result->column);
	} else if (result->outcome == RXR_OUTCOME_ENDED && rxr_signals_ending() == RXR_ENDING_SIGNAL) {
		rx_buf_clear(&run->text);
		rx_buf_printf(&run->text, "Script terminated: %s", rxr_signals_name());
		if (result->line)
			rx_buf_printf(&run->text, " (line %u, position %u)", result->line, result->column);
	}
	if (result->outcome == RXR_OUTCOME_VALUE)
		run->exit = RXR_EXIT_SUCCESS;
	else
		classify(run, result);
	if (run->explanation.len && !run->explanation.failed)
		rxr_report_explain(&run->report, rx_buf_view(&run->explanation));
}

static void execute(struct run *run)
{
	struct rxr_result result = { .limit = -1 };

	const char *path = run->options->value[RXR_OPTION_SCRIPT];

	rx_buf_clear(&run->text);
	rxr_messages_say(&run->messages, RXR_LEVEL_INFO, "rexi::run", "Compiling script %s", path);
	if (rxr_script_compile(run->script, rx_buf_view(&run->script_file.text), &run->text, &result) == RXR_OUTCOME_VALUE) {
		rxr_messages_say(&run->messages, RXR_LEVEL_INFO, "rexi::run", "Running script %s", path);
		run->executed = true;
		clock_gettime(CLOCK_MONOTONIC, &run->script_started);
		if (run->monitored)
			sample_memory(run);
		rxr_script_run(run->script, &run->report.output, &run->text, &result);
		run->busy++; /* it comes back by itself from here on */
		rxr_report_own_metric(&run->report, "RexRunnerScriptExecutionTime", (double)result.run_ns, "TIME", "Duration");
	}
	conclude(run, &result);
}

/* ---- metrics of the process: W30 ---- */

static double seconds(const struct timeval *time)
{
	return (double)time->tv_sec + (double)time->tv_usec / 1e6;
}

static void measure(struct run *run)
{
	struct rusage usage;
	double user, kernel, share, wall = (double)elapsed_ns(&run->started);

	if (!run->monitored)
		return;
	if (run->samples)
		sample_memory(run);
	getrusage(RUSAGE_SELF, &usage);
	user = seconds(&usage.ru_utime);
	kernel = seconds(&usage.ru_stime);
	/* one thread cannot use more than one processor: beyond that the two clocks disagree */
	share = wall > 0 ? (double)since(CLOCK_PROCESS_CPUTIME_ID, &run->begun) / wall * 100 : 0;
	share = share > 100 ? 100 : share < 0 ? 0 : share;
	rxr_report_own_metric(&run->report, "RexRunnerProcessCpuUsage", share, "PERCENT", "ProcessMonitoring");
	rxr_report_own_metric(&run->report, "RexRunnerProcessUserTime", user * 1e9, "TIME", "ProcessMonitoring");
	rxr_report_own_metric(&run->report, "RexRunnerProcessSystemTime", kernel * 1e9, "TIME", "ProcessMonitoring");
	if (run->samples) {
		rxr_report_own_metric(&run->report, "RexRunnerProcessRssMemoryUsageAverage",
				      run->rss_sum / (double)run->samples / 1024, "MEGABYTES", "ProcessMonitoring");
		rxr_report_own_metric(&run->report, "RexRunnerProcessVirtualMemoryUsageAverage",
				      run->virtual_sum / (double)run->samples / 1024, "MEGABYTES", "ProcessMonitoring");
	}
	rxr_report_own_metric(&run->report, "RexRunnerProcessRssMemoryUsagePeak", (double)usage.ru_maxrss / 1024, "MEGABYTES",
			      "ProcessMonitoring");
}

/* ---- the run ---- */

static bool set_limits(struct run *run)
{
	rxr_limits_init(&run->limits);
	for (size_t i = 0; i < run->options->item_count; i++) {
		if (run->options->items[i].option != RXR_OPTION_LIMIT)
			continue;
		rx_buf_clear(&run->text);
		RX_BUF_LIT(&run->text, "error: ");
		if (!rxr_limits_set(&run->limits, run->options->items[i].value, &run->text)) {
			rx_buf_byte(&run->text, '\n');
			return false;
		}
	}
	return true;
}

static int write_whole(int fd, const struct rx_buf *buf)
{
	for (size_t at = 0; at < buf->len;) {
		ssize_t done = write(fd, buf->ptr + at, buf->len - at);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return done < 0 ? errno : EIO;
		at += (size_t)done;
	}
	return 0;
}

static void print_result(struct run *run)
{
	enum rxr_format format = (enum rxr_format)run->options->choice[RXR_OPTION_FORMAT];
	struct rx_buf out, err;
	int failed;

	rx_buf_init(&out, &run->memory, 0);
	rx_buf_init(&err, &run->memory, 0);
	rxr_report_print(&run->report, format, run->options->given[RXR_OPTION_VERBOSE], &out, &err);
	/* the reference's documents end without a newline; on a terminal that would leave the prompt behind them */
	if (format != RXR_FORMAT_HUMAN && isatty(STDOUT_FILENO))
		rx_buf_byte(&out, '\n');
	if (out.failed || err.failed || run->report.failed) {
		rx_buf_clear(&err);
		RX_BUF_LIT(&err, "Failed to serialize output: out of memory\n");
		rx_buf_clear(&out);
		run->exit = RXR_EXIT_INTERNAL;
	}
	failed = write_whole(STDOUT_FILENO, &out);
	if (failed) {
		rx_buf_printf(&err, "Failed to write output: %s (os error %d)\n", strerror(failed), failed);
		run->exit = RXR_EXIT_INTERNAL;
	}
	(void)write_whole(STDERR_FILENO, &err);
	rx_buf_fini(&out);
	rx_buf_fini(&err);
}

static void run_init(struct run *run, const struct rxr_options *options)
{
	const char *monitoring = getenv("REX_RUNNER_DISABLE_MONITORING");

	memset(run, 0, sizeof(*run));
	run->options = options;
	run->exceeded = -1;
	run->pid = getpid();
	clock_gettime(CLOCK_MONOTONIC, &run->started);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &run->begun);
	rx_memory_init(&run->memory, NULL, 0);
	rx_arena_init(&run->arena, &run->memory);
	rx_buf_init(&run->text, &run->memory, 0);
	rx_buf_init(&run->explanation, &run->memory, 0);
	rx_buf_init(&run->principal, &run->memory, 0);
	rx_buf_init(&run->warnings, &run->memory, 0);
	rxr_report_init(&run->report, &run->memory);
	rxr_args_init(&run->args, &run->arena);
	run->report.level = rxr_level_parse(getenv("LOG_LEVEL"));
	run->monitored = !monitoring || !(strcmp(monitoring, "1") == 0 || equals_ignoring_case(monitoring, "true"));
	run->audit.fd = -1;
	rxr_messages_init(&run->messages);
}

static void run_fini(struct run *run)
{
	rxr_script_free(run->script);
	rxs_session_free(run->session);
	rxr_policy_free(&run->policy);
	rxr_audit_close(&run->audit);
	rxr_messages_close(&run->messages);
	rxr_input_fini(&run->script_file);
	rxr_input_fini(&run->policy_file);
	rxr_input_fini(&run->arguments_file);
	for (size_t i = 0; i < run->schema_count; i++)
		rxr_input_fini(&run->schema_files[i]);
	rxr_report_fini(&run->report);
	rx_buf_fini(&run->principal);
	rx_buf_fini(&run->warnings);
	rx_buf_fini(&run->text);
	rx_buf_fini(&run->explanation);
	rx_arena_fini(&run->arena);
}

/* What was found in the policy and does not keep it from being used: on standard error at once, in the logs of the result,
 * in the record and in the system's log. There is no way to silence it. */
static void tell_warnings(struct run *run, bool record)
{
	struct rexi_str rest = rx_buf_view(&run->warnings);
	struct rx_buf text;

	rx_buf_init(&text, &run->memory, 0);
	while (rest.len) {
		size_t end = rx_str_find(rest, RX_STR("\n"), 0);
		struct rexi_str line = rx_str_sub(rest, 0, end);

		if (record) {
			if (run->audit.sink != RXR_SINK_NONE) {
				rxr_member(rxr_audit_begin(&run->audit, "warning"), "text", line);
				(void)rxr_audit_end(&run->audit);
			}
			rxr_messages_say(&run->messages, RXR_LEVEL_WARN, "rexi::policy", "%.*s", RX_STR_ARG(line));
		} else {
			rxr_report_log(&run->report, RXR_LEVEL_WARN, 0, "rexi", line);
			RX_BUF_LIT(&text, "rexi: warning: ");
			rx_buf_str(&text, line);
			rx_buf_byte(&text, '\n');
		}
		rest = end == SIZE_MAX ? RX_STR("") : rx_str_sub(rest, end + 1, SIZE_MAX);
	}
	if (!record && text.len)
		(void)write_whole(STDERR_FILENO, &text);
	rx_buf_fini(&text);
}

static bool prepare(struct run *run)
{
	bool ready;

	if (!load_inputs(run) || !prepare_policy(run) || !check_argument_depth(run))
		return false;
	tell_warnings(run, false);
	run->busy++;
	rxr_process_principal(&run->principal);
	ready = record_begin(run);
	if (ready) {
		rxr_messages_close(&run->messages);
		rxr_process_close(run->audit.fd);
		tell_warnings(run, true);
		if (!run->args.count)
			rxr_messages_say(&run->messages, RXR_LEVEL_INFO, "rexi::run", "No script arguments provided");
		ready = prepare_session(run) && prepare_script(run);
	}
	run->busy--;
	return ready;
}

/* The last of a run: its record is closed, its result printed. The exit status. */
static int finish(struct run *run)
{
	record_end(run);
	if (run->report.error_type)
		rxr_messages_say(&run->messages, RXR_LEVEL_ERROR, "rexi::run", "%s: %.*s", run->report.error_type,
				 RX_STR_ARG(rx_buf_view(&run->report.message)));
	rxr_signals_stop();
	rxr_report_own_metric(&run->report, "RexRunnerTotalExecutionTime", (double)elapsed_ns(&run->started), "TIME", "Duration");
	print_result(run);
	if (run->options->given[RXR_OPTION_EXIT_ZERO] && !run->report.early && run->exit != RXR_EXIT_INTERNAL)
		return RXR_EXIT_SUCCESS;
	return (int)run->exit;
}

/* Ticks that a computation, and an operation of the host, which has more to put right, may take to come back. */
#define TICKS_SCRIPT 3
#define TICKS_HOST 6

/*
 * The run is to end. The script is told to; if it does not, being deep in a sort or a search, the run is ended here, in the
 * signal's handler: what it computes with is left as it is, the report and the record are whole while nothing is busy with
 * them, and no memory is asked of malloc any more.
 */
static void on_ending(void *user, unsigned tick)
{
	struct run *run = (struct run *)user;
	struct rxr_result result = { .outcome = RXR_OUTCOME_ENDED, .limit = -1 };

	if (getpid() != run->pid)
		return; /* a child that has not become its program yet: the run is not its to end */
	if (run->script)
		rxr_script_interrupt(run->script);
	if (run->busy || run->report.changing || tick < (run->session && run->session->call ? TICKS_HOST : TICKS_SCRIPT))
		return;
	run->busy++;
	rxr_emergency_memory(&run->memory);
	rx_buf_init(&run->text, &run->memory, 0);
	rx_buf_init(&run->explanation, &run->memory, 0);
	rx_buf_init(&run->report.output, &run->memory, 0);
	if (run->executed) {
		rxr_report_own_metric(&run->report, "RexRunnerScriptExecutionTime", (double)elapsed_ns(&run->script_started), "TIME",
				      "Duration");
		conclude(run, &result);
		measure(run);
	} else {
		(void)ended(run);
	}
	rxr_signals_stop();
	_exit(finish(run));
}

int rxr_run_main(const struct rxr_options *options)
{
	struct run run;
	int result;

	run_init(&run, options);
	if (!set_limits(&run)) {
		(void)write_whole(STDERR_FILENO, &run.text);
		run_fini(&run);
		return RXR_EXIT_USAGE;
	}
	if (!rxr_signals_start(run.limits.value[RXR_LIMIT_TIME]))
		rxr_report_alarm(&run.report, RX_STR("RexRunnerInternalAlarm"), RX_STR("Failed to register SIGTERM handler"));
	rxr_signals_watch(on_ending, &run);
	if (prepare(&run)) {
		execute(&run);
		measure(&run);
		if (!run.report.error_type)
			rxr_report_own_metric(&run.report, "RexRunnerScriptExecutionSuccessCount", 1, "COUNT", "SuccessCount");
	}
	run.busy++;
	result = finish(&run);
	run_fini(&run);
	return result;
}
