/* librexi: <rexi/rexi.h> on the parts of the runner. Each run has an engine and a session of its own. */
#include <config.h>

#include <rexi/rexi.h>

#include <stdio.h>
#include <time.h>

#include "base/error.h"
#include "base/utf8.h"
#include "lang/native.h"
#include "runner/policy.h"
#include "runner/process.h"
#include "runner/receipt.h"
#include "runner/report.h"
#include "runner/script.h"

struct definition {
	struct rexi *rexi;
	rexi_function function;
	void *user;
	struct rxl_native row;
	struct definition *next;
};

struct rexi {
	struct rx_memory memory;
	struct rx_arena arena; /* definitions and variables */
	struct rxr_policy policy;
	struct rexi_options options;
	struct rxr_limits limits;
	struct rx_buf principal;
	struct definition *definitions;
	struct rxr_args variables;
	/* the run in progress */
	struct rxr_report *report;
	struct rxs_session *session;
	struct rxr_script *script;
	struct timespec deadline;
	bool timed, time_is_up;
	int exceeded;
	uint64_t read_bytes, written_bytes, looked;
};

struct rexi_result {
	struct rx_memory memory;
	enum rexi_status status;
	struct rxr_report report;
	struct rx_buf json, receipt;
};

struct rexi_call {
	struct rexi *rexi;
	struct rxl_call *call;
	struct rxl_value *self, *args, *out;
	size_t argc; /* self counted */
};

/* ---- making one ---- */

static enum rexi_status take_limits(struct rexi *rexi, const char *const *settings, struct rexi_error *err)
{
	struct rx_buf complaint;
	enum rexi_status status = REXI_OK;

	rxr_limits_init(&rexi->limits);
	rx_buf_init(&complaint, &rexi->memory, 0);
	for (size_t i = 0; settings && settings[i] && status == REXI_OK; i++) {
		if (!rxr_limits_set(&rexi->limits, settings[i], &complaint))
			status = rx_fail(err, REXI_INVALID, RX_NO_SPAN, "%s", rx_buf_cstr(&complaint) ? complaint.ptr : "");
	}
	rx_buf_fini(&complaint);
	return status;
}

static enum rexi_status take_policy(struct rexi *rexi, const char *schema, const char *policy, struct rexi_error *err)
{
	const struct rxr_schema_text further = { NULL, rx_str(schema ? schema : "") };
	struct rx_buf complaint;
	const struct rxr_policy_source source = { .text = rx_str(policy), .schemas = &further, .schema_count = further.text.len > 0,
						  .complaint = &complaint };
	enum rexi_status status = REXI_OK;

	rx_buf_init(&complaint, &rexi->memory, 0);
	switch (rxr_policy_load(&rexi->policy, &source)) {
	case RXR_POLICY_OK:
		break;
	case RXR_POLICY_MALFORMED:
		status = rx_fail(err, REXI_SYNTAX, RX_NO_SPAN, "%s", rx_buf_cstr(&complaint) ? complaint.ptr : "");
		break;
	case RXR_POLICY_INVALID:
		status = rx_fail(err, REXI_INVALID, RX_NO_SPAN, "%s", rx_buf_cstr(&complaint) ? complaint.ptr : "");
		break;
	case RXR_POLICY_FAILED:
		status = rx_fail(err, REXI_INTERNAL, RX_NO_SPAN, "%s", rx_buf_cstr(&complaint) ? complaint.ptr : "");
		break;
	}
	rx_buf_fini(&complaint);
	return status;
}

enum rexi_status rexi_new(const struct rexi_options *options, const char *policy, struct rexi **out, struct rexi_error *err)
{
	struct rx_memory first;
	struct rexi *rexi;
	enum rexi_status status;

	rx_memory_init(&first, NULL, 0);
	rexi = (struct rexi *)rx_memory_take_zeroed(&first, 1, sizeof(*rexi));
	if (!rexi)
		return rx_fail_memory(err);
	rexi->memory = first;
	rx_arena_init(&rexi->arena, &rexi->memory);
	rxr_args_init(&rexi->variables, &rexi->arena);
	rx_buf_init(&rexi->principal, &rexi->memory, 0);
	if (options)
		memcpy(&rexi->options, options, options->size < sizeof(rexi->options) ? options->size : sizeof(rexi->options));
	if (rexi->options.principal)
		rx_buf_str(&rexi->principal, rx_str(rexi->options.principal));
	else
		rxr_process_principal(&rexi->principal);
	status = rx_buf_cstr(&rexi->principal) ? take_limits(rexi, rexi->options.limits, err) : rx_fail_memory(err);
	if (status == REXI_OK)
		status = take_policy(rexi, rexi->options.schema, policy, err);
	if (status != REXI_OK) {
		rexi_free(rexi);
		return status;
	}
	*out = rexi;
	return REXI_OK;
}

void rexi_free(struct rexi *rexi)
{
	struct rx_memory last;

	if (!rexi)
		return;
	rxr_policy_free(&rexi->policy);
	rx_buf_fini(&rexi->principal);
	rx_arena_fini(&rexi->arena);
	last = rexi->memory;
	rx_memory_give(&last, rexi, sizeof(*rexi));
}

/* ---- functions of the program ---- */

static enum rexi_status call_definition(struct rxl_call *call, struct rxl_value *self, struct rxl_value *args, unsigned argc,
					struct rxl_value *out)
{
	const struct definition *definition = (const struct definition *)rxl_call_data(call);
	struct rexi_call made = { definition->rexi, call, self, args, out, (size_t)argc + (self ? 1 : 0) };

	return definition->function(&made, definition->user);
}

enum rexi_status rexi_define(struct rexi *rexi, const char *name, const char *params, rexi_function function, void *user,
			     struct rexi_error *err)
{
	struct definition *made = RX_ARENA_NEW(&rexi->arena, struct definition), **link = &rexi->definitions;

	if (!made)
		return rx_fail_memory(err);
	*made = (struct definition){ rexi, function, user, { name, params, call_definition, RXL_VOLATILE, "", made }, NULL };
	while (*link)
		link = &(*link)->next;
	*link = made;
	return REXI_OK;
}

size_t rexi_call_count(const struct rexi_call *call)
{
	return call->argc;
}

static const struct rxl_value *argument(const struct rexi_call *call, size_t at)
{
	static const struct rxl_value none;

	if (at >= call->argc)
		return &none;
	if (call->self)
		return at ? &call->args[at - 1] : call->self;
	return &call->args[at];
}

struct rexi_str rexi_call_string(const struct rexi_call *call, size_t at)
{
	const struct rxl_value *value = argument(call, at);

	return rxl_is_string(value) ? rxl_string_view(value) : rx_str_make("", 0);
}

int64_t rexi_call_int(const struct rexi_call *call, size_t at)
{
	const struct rxl_value *value = argument(call, at);

	return value->type == RXL_INT ? value->as.i : 0;
}

double rexi_call_float(const struct rexi_call *call, size_t at)
{
	const struct rxl_value *value = argument(call, at);

	return value->type == RXL_FLOAT ? value->as.f : 0;
}

bool rexi_call_bool(const struct rexi_call *call, size_t at)
{
	const struct rxl_value *value = argument(call, at);

	return value->type == RXL_BOOL && value->as.i;
}

static enum rexi_status decide(struct rexi *rexi, const char *action_type, const char *action_id, const char *resource_type,
			       struct rexi_str resource_id, bool *allow, struct rexi_error *err)
{
	const struct rexi_cedar_engine *cedar = rexi->policy.cedar;
	struct rexi_cedar_authorizer *authorizer = NULL;
	struct rexi_cedar_request *request = NULL;
	struct rexi_cedar_decision decision = { .allow = false };
	struct rexi_cedar_name types[3];
	struct rexi_cedar_uid uids[3];
	enum rexi_status status = rexi_cedar_type_init(cedar, &types[0], RX_STR("User"), err);

	if (status == REXI_OK)
		status = rexi_cedar_type_init(cedar, &types[1], rx_str(action_type), err);
	if (status == REXI_OK)
		status = rexi_cedar_type_init(cedar, &types[2], rx_str(resource_type), err);
	if (status == REXI_OK)
		status = rexi_cedar_request_new(cedar, &request, err);
	if (status == REXI_OK)
		status = rexi_cedar_authorizer_new(cedar, &authorizer, err);
	if (status == REXI_OK) {
		rexi_cedar_uid_init(cedar, &uids[0], &types[0], rx_buf_view(&rexi->principal));
		rexi_cedar_uid_init(cedar, &uids[1], &types[1], rx_str(action_id));
		rexi_cedar_uid_init(cedar, &uids[2], &types[2], resource_id);
		rexi_cedar_request_set(request, &uids[0], &uids[1], &uids[2]);
		status = rexi_cedar_authorize(authorizer, rexi->policy.policies, NULL, NULL, request, 0, &decision, err);
	}
	/* an erring forbid forbids: DESIGN, invariant 1 */
	*allow = status == REXI_OK && decision.allow && !decision.forbid_erred;
	rexi_cedar_authorizer_free(authorizer);
	rexi_cedar_request_free(request);
	return status;
}

enum rexi_status rexi_call_authorize(struct rexi_call *call, const char *action_type, const char *action_id,
				     const char *resource_type, struct rexi_str resource_id)
{
	struct rexi *rexi = call->rexi;
	struct rexi_error err;
	struct rx_buf text;
	uint32_t line, column;
	bool allow, recorded = true;
	enum rexi_status status = decide(rexi, action_type, action_id, resource_type, resource_id, &allow, &err);

	rxl_call_position(call->call, &line, &column);
	if (status != REXI_OK)
		return rxl_raise_message(call->call, "Authorization check failed: %s", err.message);
	rx_buf_init(&text, &rexi->memory, 0);
	rx_buf_printf(&text, "{\"decision\":\"%s\",\"action\":", allow ? "allow" : "deny");
	{
		char action[256];

		snprintf(action, sizeof(action), "%s::\"%s\"", action_type, action_id);
		rx_buf_json_string(&text, rx_str(action));
	}
	rx_buf_printf(&text, ",\"resource_type\":\"%s\",\"resource_id\":", resource_type);
	rx_buf_json_string(&text, resource_id);
	RX_BUF_LIT(&text, ",\"principal\":");
	rx_buf_json_string(&text, rx_buf_view(&rexi->principal));
	rx_buf_printf(&text, ",\"line\":%u,\"column\":%u}", line, column);
	if (rexi->options.decision)
		recorded = rx_buf_cstr(&text) && rexi->options.decision(rexi->options.user, text.ptr);
	if (!allow || !recorded) {
		rx_buf_clear(&text);
		rx_buf_printf(&text, "Permission denied: %s unauthorized to perform %s::\"%s\" for %s::", rx_buf_cstr(&rexi->principal),
			      action_type, action_id, resource_type);
		rx_buf_str(&text, resource_id);
		rxr_script_denied(rexi->script, line, column);
		status = rxl_raise_message(call->call, "%s", rx_buf_cstr(&text) ? text.ptr : "Permission denied");
	}
	rx_buf_fini(&text);
	return status;
}

enum rexi_status rexi_return_unit(struct rexi_call *call)
{
	(void)call;
	return REXI_OK;
}

enum rexi_status rexi_return_bool(struct rexi_call *call, bool value)
{
	*call->out = rxl_bool(value);
	return REXI_OK;
}

enum rexi_status rexi_return_int(struct rexi_call *call, int64_t value)
{
	*call->out = rxl_int(value);
	return REXI_OK;
}

enum rexi_status rexi_return_float(struct rexi_call *call, double value)
{
	*call->out = rxl_float(value);
	return REXI_OK;
}

enum rexi_status rexi_return_string(struct rexi_call *call, struct rexi_str value)
{
	struct rx_buf text;

	if (rx_utf8_valid(value) == value.len)
		return rxl_string_new(call->call->heap, value, call->out);
	rx_buf_init(&text, &call->call->heap->memory, 0);
	rx_utf8_lossy(&text, value);
	return rxl_string_from_buf(call->call->heap, &text, call->out);
}

enum rexi_status rexi_call_fail(struct rexi_call *call, const char *text)
{
	return rxl_raise_message(call->call, "%s", text);
}

/* ---- variables ---- */

static enum rexi_status set(struct rexi *rexi, const char *name, const struct rxr_arg *value, struct rexi_error *err)
{
	struct rxr_arg *made = RX_ARENA_NEW(&rexi->arena, struct rxr_arg);
	char *copy = made ? (char *)rx_arena_bytes(&rexi->arena, strlen(name) + 1) : NULL;

	if (!copy)
		return rx_fail_memory(err);
	if (!rxr_args_is_name(rx_str(name)))
		return rx_fail(err, REXI_INVALID, RX_NO_SPAN, "'%s' cannot be the name of a variable", name);
	memcpy(copy, name, strlen(name) + 1);
	*made = *value;
	made->name = rx_str(copy);
	rxr_args_set(&rexi->variables, made);
	return REXI_OK;
}

enum rexi_status rexi_set_string(struct rexi *rexi, const char *name, struct rexi_str value, struct rexi_error *err)
{
	struct rxr_arg made = { .kind = RXR_ARG_STRING };
	char *copy = (char *)rx_arena_bytes(&rexi->arena, value.len + 1);

	if (!copy)
		return rx_fail_memory(err);
	if (rx_utf8_valid(value) != value.len)
		return rx_fail(err, REXI_INVALID, RX_NO_SPAN, "the value of '%s' is not valid UTF-8", name);
	if (value.len)
		memcpy(copy, value.ptr, value.len);
	made.as.text = rx_str_make(copy, value.len);
	return set(rexi, name, &made, err);
}

enum rexi_status rexi_set_int(struct rexi *rexi, const char *name, int64_t value, struct rexi_error *err)
{
	struct rxr_arg made = { .kind = RXR_ARG_INT, .as.number = value };

	return set(rexi, name, &made, err);
}

enum rexi_status rexi_set_float(struct rexi *rexi, const char *name, double value, struct rexi_error *err)
{
	struct rxr_arg made = { .kind = RXR_ARG_FLOAT, .as.real = value };

	return set(rexi, name, &made, err);
}

enum rexi_status rexi_set_bool(struct rexi *rexi, const char *name, bool value, struct rexi_error *err)
{
	struct rxr_arg made = { .kind = RXR_ARG_BOOL, .as.truth = value };

	return set(rexi, name, &made, err);
}

/* ---- hooks of a run ---- */

static bool on_stop(void *user)
{
	struct rexi *rexi = (struct rexi *)user;
	struct timespec now;

	if (rexi->exceeded >= 0 || rexi->time_is_up)
		return true;
	if (rexi->timed) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		rexi->time_is_up = now.tv_sec > rexi->deadline.tv_sec ||
				   (now.tv_sec == rexi->deadline.tv_sec && now.tv_nsec >= rexi->deadline.tv_nsec);
	}
	if (rexi->limits.value[RXR_LIMIT_LOGS] && rexi->report->log_total > rexi->limits.value[RXR_LIMIT_LOGS])
		rexi->exceeded = RXR_LIMIT_LOGS;
	return rexi->exceeded >= 0 || rexi->time_is_up || (rexi->options.stop && rexi->options.stop(rexi->options.user));
}

static enum rexi_status on_decision(void *user, const struct rxs_decision *decision)
{
	struct rexi *rexi = (struct rexi *)user;
	struct rx_buf text;
	bool recorded;

	if (!rexi->options.decision)
		return REXI_OK;
	rx_buf_init(&text, &rexi->memory, 0);
	rxr_record_decision(&text, decision);
	if (!text.failed && text.len)
		text.ptr[0] = '{'; /* the first member's comma */
	rx_buf_byte(&text, '}');
	recorded = rx_buf_cstr(&text) && rexi->options.decision(rexi->options.user, text.ptr);
	rx_buf_fini(&text);
	return recorded ? REXI_OK : REXI_HOST;
}

static void on_denied(void *user)
{
	struct rexi *rexi = (struct rexi *)user;

	rxr_receipt_keep(rexi->session, rexi->report);
}

static void on_log(void *user, enum rxs_log_level level, uint32_t line, struct rexi_str text)
{
	struct rexi *rexi = (struct rexi *)user;

	rxr_report_log(rexi->report, (enum rxr_level)level, line, "rexi", text);
}

static void on_effect(void *user, const struct rxs_decision *decision, struct rexi_str name, int64_t number)
{
	struct rexi *rexi = (struct rexi *)user;
	bool reading = rx_str_eq(name, RX_STR("bytes_read"));
	uint64_t *sum = reading ? &rexi->read_bytes : &rexi->written_bytes;
	enum rxr_limit limit = reading ? RXR_LIMIT_READ : RXR_LIMIT_WRITE;

	(void)decision;
	if ((!reading && !rx_str_eq(name, RX_STR("bytes_written"))) || number <= 0)
		return;
	*sum += (uint64_t)number;
	if (rexi->limits.value[limit] && *sum > rexi->limits.value[limit] && rexi->exceeded < 0)
		rexi->exceeded = (int)limit;
}

/* ---- running ---- */

static void run_begin(struct rexi *rexi, struct rexi_result *result)
{
	uint64_t ms = rexi->limits.value[RXR_LIMIT_TIME];

	rexi->report = &result->report;
	rexi->exceeded = -1;
	rexi->time_is_up = false;
	rexi->read_bytes = rexi->written_bytes = 0;
	rexi->timed = ms != 0;
	clock_gettime(CLOCK_MONOTONIC, &rexi->deadline);
	rexi->deadline.tv_sec += (time_t)(ms / 1000);
	rexi->deadline.tv_nsec += (long)(ms % 1000) * 1000000;
	if (rexi->deadline.tv_nsec >= 1000000000) {
		rexi->deadline.tv_sec++;
		rexi->deadline.tv_nsec -= 1000000000;
	}
}

static enum rexi_status run_prepare(struct rexi *rexi, struct rexi_error *err)
{
	struct rxs_limits limits;
	struct rxs_session_options session = {
		.size = sizeof(session), .cedar = rexi->policy.cedar, .policies = rexi->policy.policies,
		.principal = rx_buf_cstr(&rexi->principal), .groups = !rexi->options.principal, .limits = &limits,
		.hooks = { .user = rexi, .decision = on_decision, .denied = on_denied, .effect = on_effect, .log = on_log,
			   .stop = on_stop },
	};
	struct rxr_script_options script = { .limits = &rexi->limits, .report = rexi->report, .stop = on_stop, .user = rexi };

	rxs_limits_init(&limits);
	limits.open_handles = rexi->limits.value[RXR_LIMIT_FILES];
	limits.children = rexi->limits.value[RXR_LIMIT_PROCESSES] ? rexi->limits.value[RXR_LIMIT_PROCESSES] : UINT64_MAX;
	RX_TRY(rxs_session_new(&session, &rexi->session, err));
	script.session = rexi->session;
	RX_TRY(rxr_script_new(&rexi->memory, &script, &rexi->script, err));
	for (struct definition *definition = rexi->definitions; definition; definition = definition->next)
		RX_TRY(rxl_engine_register(rxr_script_engine(rexi->script), &definition->row, 1, err));
	return rxr_script_arguments(rexi->script, &rexi->variables, err);
}

/* The status of a run, and the error's type in the document. */
static enum rexi_status judge(struct rexi *rexi, const struct rxr_result *result, const char **type)
{
	*type = "SCRIPT_EXCEPTION";
	switch (result->outcome) {
	case RXR_OUTCOME_VALUE:
		return REXI_OK;
	case RXR_OUTCOME_SYNTAX:
		return REXI_SYNTAX;
	case RXR_OUTCOME_ERROR:
		return REXI_RUNTIME;
	case RXR_OUTCOME_DENIED:
		*type = "ACCESS_DENIED_EXCEPTION";
		return REXI_DENIED;
	case RXR_OUTCOME_LIMIT:
		*type = rxr_limit_rows[result->limit].error_type;
		return REXI_LIMIT;
	case RXR_OUTCOME_ENDED:
		if (rexi->exceeded >= 0 || rexi->time_is_up) {
			*type = rxr_limit_rows[rexi->exceeded >= 0 ? rexi->exceeded : RXR_LIMIT_TIME].error_type;
			return REXI_LIMIT;
		}
		*type = "TERMINATED_EXCEPTION";
		return REXI_TERMINATED;
	case RXR_OUTCOME_INTERNAL:
		*type = "INTERNAL_EXCEPTION";
		return REXI_INTERNAL;
	}
	rx_unreachable();
}

static void tell_logs(struct rexi *rexi)
{
	for (size_t i = 0; rexi->options.log && i < rexi->report->log_count; i++) {
		const struct rxr_log *log = rxr_report_log_at(rexi->report, i);
		struct rx_buf text;

		rx_buf_init(&text, &rexi->memory, 0);
		rx_buf_bytes(&text, log->message.ptr, log->message.len);
		if (rx_buf_cstr(&text))
			rexi->options.log(rexi->options.user, rxr_level_name(log->level), text.ptr);
		rx_buf_fini(&text);
	}
}

static void run_script(struct rexi *rexi, const char *script, struct rexi_result *result)
{
	struct rxr_result outcome;
	struct rx_buf message, none;
	const char *type;

	rx_buf_init(&message, &result->memory, 0);
	if (rxr_script_compile(rexi->script, rx_str(script), &message, &outcome) == RXR_OUTCOME_VALUE)
		rxr_script_run(rexi->script, &result->report.output, &message, &outcome);
	if (outcome.outcome == RXR_OUTCOME_VALUE && rexi->limits.value[RXR_LIMIT_OUTPUT] &&
	    result->report.output.len > rexi->limits.value[RXR_LIMIT_OUTPUT]) {
		outcome.outcome = RXR_OUTCOME_LIMIT;
		outcome.limit = RXR_LIMIT_OUTPUT;
	}
	result->status = judge(rexi, &outcome, &type);
	if (result->status == REXI_LIMIT && outcome.limit != RXR_LIMIT_CALLS) {
		int limit = outcome.limit >= 0 ? outcome.limit : rexi->exceeded >= 0 ? rexi->exceeded : RXR_LIMIT_TIME;

		rx_buf_clear(&message);
		rx_buf_printf(&message, "Limit reached: %s ", rxr_limit_rows[limit].message);
		rxr_limit_print(&message, (enum rxr_limit)limit, rexi->limits.value[limit]);
		result->report.limit = rxr_limit_rows[limit].name;
	}
	if (result->status != REXI_OK)
		rxr_report_error(&result->report, type, rx_buf_view(&message));
	if (result->status == REXI_DENIED && rexi->session)
		result->report.denial = rxr_receipt_find(rexi->session, &result->report, outcome.denial);
	if (result->report.denial)
		rx_buf_bytes(&result->receipt, result->report.denial->text.ptr, result->report.denial->text.len);
	tell_logs(rexi);
	rx_buf_init(&none, &result->memory, 0);
	rxr_report_print(&result->report, RXR_FORMAT_JSON, false, &result->json, &none);
	rx_buf_fini(&none);
	rx_buf_fini(&message);
}

enum rexi_status rexi_run(struct rexi *rexi, const char *script, struct rexi_result **out, struct rexi_error *err)
{
	struct rx_memory first;
	struct rexi_result *result;
	enum rexi_status status;

	rx_memory_init(&first, NULL, 0);
	result = (struct rexi_result *)rx_memory_take_zeroed(&first, 1, sizeof(*result));
	if (!result)
		return rx_fail_memory(err);
	result->memory = first;
	rxr_report_init(&result->report, &result->memory);
	rx_buf_init(&result->json, &result->memory, 0);
	rx_buf_init(&result->receipt, &result->memory, 0);
	run_begin(rexi, result);
	status = run_prepare(rexi, err);
	if (status == REXI_OK)
		run_script(rexi, script, result);
	rxr_script_free(rexi->script);
	rxs_session_free(rexi->session);
	rexi->script = NULL;
	rexi->session = NULL;
	rexi->report = NULL;
	if (status == REXI_OK && (!rx_buf_cstr(&result->json) || !rx_buf_cstr(&result->receipt) ||
				  !rx_buf_cstr(&result->report.output) || !rx_buf_cstr(&result->report.message)))
		status = rx_fail_memory(err);
	if (status != REXI_OK) {
		rexi_result_free(result);
		return status;
	}
	*out = result;
	return REXI_OK;
}

void rexi_result_free(struct rexi_result *result)
{
	struct rx_memory last;

	if (!result)
		return;
	rxr_report_fini(&result->report);
	rx_buf_fini(&result->json);
	rx_buf_fini(&result->receipt);
	last = result->memory;
	rx_memory_give(&last, result, sizeof(*result));
}

enum rexi_status rexi_result_status(const struct rexi_result *result)
{
	return result->status;
}

bool rexi_result_ok(const struct rexi_result *result)
{
	return result->status == REXI_OK;
}

const char *rexi_result_output(const struct rexi_result *result)
{
	return result->report.output.ptr;
}

const char *rexi_result_message(const struct rexi_result *result)
{
	return result->report.message.ptr;
}

const char *rexi_result_receipt(const struct rexi_result *result)
{
	return result->receipt.ptr;
}

const char *rexi_result_json(const struct rexi_result *result)
{
	return result->json.ptr;
}
