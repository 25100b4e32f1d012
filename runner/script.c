#include <config.h>

#include "runner/script.h"

#include <stdio.h>
#include <time.h>

#include "lang/engine.h"
#include "lang/report.h"
#include "lang/std/std.h"
#include "runner/receipt.h"
#include "sdk/native.h"

struct rxr_script {
	struct rx_memory *memory;
	struct rxl_engine *engine;
	struct rxr_natives natives;
	struct rxs_session *session;
	const struct rxr_limits *limits;
	bool (*stop)(void *user);
	void *user;
	struct rxl_scope_var *vars; /* the arguments */
	struct rxl_value *values;
	size_t count, cap, value_cap;
	struct rxl_unit *unit;
	struct rxl_report explain;           /* out NULL: not asked for */
	uint32_t denied_line, denied_column; /* of a host function that was refused */
	struct rxl_native receipt;           /* the getter below, for this script */
};

static bool on_progress(void *user, uint64_t steps, struct rxl_value *token)
{
	struct rxr_script *script = (struct rxr_script *)user;

	(void)steps, (void)token;
	return (script->stop && script->stop(script->user)) || (script->session && script->session->terminate[0]);
}

static enum rexi_status on_logged(void *user, struct rxl_call *call)
{
	struct rxr_script *script = (struct rxr_script *)user;

	return script->stop && script->stop(script->user) ? rxl_raise_terminated(call, rxl_unit()) : REXI_OK;
}

static enum rexi_status make_value(struct rxl_heap *heap, const struct rxr_arg *arg, struct rxl_value *out);

/* One member of a receipt, or with "receipt" all of them; unit when there is no such thing. */
static void receipt_member(struct rxr_script *script, uint64_t number, struct rexi_str name, struct rxl_value *out)
{
	const struct rxr_denial *denial = rxr_receipt_find(script->session, script->natives.report, number);
	struct rx_arena arena;
	struct rx_buf text;
	struct rxr_args args;
	char complaint[256];

	if (!denial)
		return;
	rx_arena_init(&arena, script->memory);
	rx_buf_init(&text, script->memory, 0);
	rxr_args_init(&args, &arena);
	args.plain = true;
	rx_buf_byte(&text, '{');
	rx_buf_bytes(&text, denial->json.ptr, denial->json.len);
	rx_buf_byte(&text, '}');
	if (!text.failed && rxr_args_read(&args, rx_buf_view(&text), false, complaint)) {
		struct rxr_arg whole = { .kind = RXR_ARG_MAP, .as.members = { args.first, args.count } };
		const struct rxr_arg *found = rx_str_eq(name, RX_STR("receipt")) ? &whole : args.first;

		while (found && found != &whole && !rx_str_eq(found->name, name))
			found = found->next;
		if (found && make_value(&script->engine->heap, found, out) != REXI_OK) {
			rxl_value_drop(&script->engine->heap, out);
			*out = rxl_unit();
		}
	}
	rx_buf_fini(&text);
	rx_arena_fini(&arena);
}

/*
 * A caught error has the path that it is about as a further field (e.path), a denial its receipt too (e.receipt,
 * e.policies, ...), which its keys do not list: scripts that
 * print or compare the error find the three of the reference.
 */
static bool on_missing(void *user, const struct rxl_value *map, struct rexi_str name, struct rxl_value *out)
{
	struct rxr_script *script = (struct rxr_script *)user;
	const struct rxl_value *kind = rxl_map_find(map, RX_STR("kind"));
	uint64_t number = rxs_kind_denial(kind);
	struct rexi_str path = rxs_kind_path(kind);

	if (path.len && rx_str_eq(name, RX_STR("path"))) {
		if (rxl_string_new(&script->engine->heap, path, out) != REXI_OK)
			*out = rxl_unit();
		return true;
	}
	if (number)
		receipt_member(script, number, name, out);
	return number != 0;
}

/* "Permission denied: NAME unauthorized to perform ACTION for " of the session's last denial. */
static bool speaks_of_denial(const struct rxs_denial *denial, struct rexi_str text, bool *whole)
{
	char action[160];
	size_t at, principal;

	snprintf(action, sizeof(action), " unauthorized to perform %.*s::Action::\"%.*s\" for ",
		 RX_STR_ARG(rxs_action_space(denial->action)), RX_STR_ARG(rxs_action_name(denial->action)));
	at = rx_str_find(text, RX_STR("Permission denied: "), 0);
	*whole = at == 0;
	if (at == SIZE_MAX)
		return false;
	principal = at + strlen("Permission denied: ");
	return rx_str_starts(rx_str_sub(text, principal, text.len), denial->principal) &&
	       rx_str_starts(rx_str_sub(text, principal + denial->principal.len, text.len), rx_str(action)) &&
	       rx_str_find(text, denial->resource, principal) != SIZE_MAX;
}

/* e.receipt where the error is a string, as those of the commands are: () when it is no denial's text. */
static enum rexi_status string_receipt(struct rxl_call *call, struct rxl_value *self, struct rxl_value *args, unsigned argc,
				       struct rxl_value *out)
{
	struct rxr_script *script = (struct rxr_script *)(uintptr_t)rxl_call_data(call);
	const struct rxs_denial *last = rxs_denial_last(script->session);
	struct rexi_str text = rxl_string_view(self);
	const struct rxr_denial *told = rxr_report_told_denial(script->natives.report, text, true);
	bool whole;

	(void)args, (void)argc;
	if (told)
		receipt_member(script, told->number, RX_STR("receipt"), out);
	else if (last->number && speaks_of_denial(last, text, &whole) && whole)
		receipt_member(script, last->number, RX_STR("receipt"), out);
	return REXI_OK;
}

static void set_limits(struct rxl_engine *engine, const struct rxr_limits *limits)
{
	const uint64_t *value = limits->value;

	engine->limits.operations = value[RXR_LIMIT_OPERATIONS];
	engine->limits.call_depth = (uint32_t)value[RXR_LIMIT_CALLS];
	engine->heap.max_string = value[RXR_LIMIT_STRING] ? value[RXR_LIMIT_STRING] : SIZE_MAX;
	engine->heap.max_array = value[RXR_LIMIT_ARRAY] ? value[RXR_LIMIT_ARRAY] : SIZE_MAX;
	engine->heap.max_map = value[RXR_LIMIT_MAP] ? value[RXR_LIMIT_MAP] : SIZE_MAX;
	engine->limits.sizes = value[RXR_LIMIT_STRING] || value[RXR_LIMIT_ARRAY] || value[RXR_LIMIT_MAP];
	if (value[RXR_LIMIT_STRING])
		engine->limits.parse.string_len = value[RXR_LIMIT_STRING];
	if (value[RXR_LIMIT_ARRAY])
		engine->limits.parse.array_items = value[RXR_LIMIT_ARRAY] < UINT32_MAX ? (uint32_t)value[RXR_LIMIT_ARRAY] : UINT32_MAX;
	if (value[RXR_LIMIT_MAP])
		engine->limits.parse.map_items = value[RXR_LIMIT_MAP] < UINT32_MAX ? (uint32_t)value[RXR_LIMIT_MAP] : UINT32_MAX;
}

static enum rexi_status build(struct rxr_script *script, const struct rxr_script_options *options, struct rexi_error *err)
{
	struct rxl_engine *engine = script->engine;

	engine->strict_variables = true;
	engine->strict_json = true;
	engine->on_progress = on_progress;
	engine->progress_user = script;
	if (options->session) {
		engine->on_missing = on_missing;
		engine->missing_user = script;
	}
	set_limits(engine, options->limits);
	RX_TRY(rxl_std_register(engine, err));
	if (options->session)
		RX_TRY(rxs_register(engine, options->session, err));
	script->natives.report = options->report;
	script->natives.logged = on_logged;
	script->natives.user = script;
	RX_TRY(rxr_natives_register(&script->natives, engine, err));
	if (options->session) {
		script->receipt = (struct rxl_native){ "get$receipt", "string", string_receipt, RXL_PURE | RXL_VOLATILE,
						       "the receipt of the denial that this error text tells, or ()", script };
		RX_TRY(rxl_engine_register(engine, &script->receipt, 1, err));
	}
	RX_TRY(rxl_engine_disable(engine, RX_STR("print")));
	return rxl_engine_disable(engine, RX_STR("eval"));
}

enum rexi_status rxr_script_new(struct rx_memory *memory, const struct rxr_script_options *options, struct rxr_script **out,
				struct rexi_error *err)
{
	struct rxr_script *script = (struct rxr_script *)rx_memory_take_zeroed(memory, 1, sizeof(*script));

	*out = script;
	if (!script)
		return rx_fail_memory(err);
	script->memory = memory;
	script->session = options->session;
	script->limits = options->limits;
	script->stop = options->stop;
	script->user = options->user;
	script->explain = (struct rxl_report){ .name = rx_str(options->name ? options->name : ""), .bare = true, .color = options->color,
					       .out = options->explanation };
	script->engine = rxl_engine_new(NULL, (size_t)options->limits->value[RXR_LIMIT_MEMORY]);
	return script->engine ? build(script, options, err) : rx_fail_memory(err);
}

void rxr_script_free(struct rxr_script *script)
{
	if (!script)
		return;
	if (script->engine) {
		for (size_t i = 0; i < script->count; i++)
			rxl_value_drop(&script->engine->heap, &script->values[i]);
		if (script->unit)
			rxl_unit_unref(script->unit);
		rxl_engine_free(script->engine);
	}
	rx_memory_give(script->memory, script->vars, script->cap * sizeof(*script->vars));
	rx_memory_give(script->memory, script->values, script->value_cap * sizeof(*script->values));
	rx_memory_give(script->memory, script, sizeof(*script));
}

const struct rxl_ast *rxr_script_tree(const struct rxr_script *script)
{
	return &script->unit->ast;
}

struct rxl_engine *rxr_script_engine(struct rxr_script *script)
{
	return script->engine;
}

/* ---- arguments ---- */

/* Nesting is bounded by the reader of arguments. */
static enum rexi_status make_value(struct rxl_heap *heap, const struct rxr_arg *arg, struct rxl_value *out)
{
	*out = rxl_unit();
	switch (arg->kind) {
	case RXR_ARG_UNIT:
		return REXI_OK;
	case RXR_ARG_BOOL:
		*out = rxl_bool(arg->as.truth);
		return REXI_OK;
	case RXR_ARG_INT:
		*out = rxl_int(arg->as.number);
		return REXI_OK;
	case RXR_ARG_FLOAT:
		*out = rxl_float(arg->as.real);
		return REXI_OK;
	case RXR_ARG_STRING:
		return rxl_string_new(heap, arg->as.text, out);
	case RXR_ARG_LIST:
	case RXR_ARG_MAP:
		RX_TRY(arg->kind == RXR_ARG_LIST ? rxl_array_new(heap, arg->as.members.count, out)
						 : rxl_map_new(heap, arg->as.members.count, out));
		for (const struct rxr_arg *member = arg->as.members.first; member; member = member->next) {
			struct rxl_value value;

			RX_TRY(make_value(heap, member, &value));
			RX_TRY(arg->kind == RXR_ARG_LIST ? rxl_array_push(heap, out, value)
							 : rxl_map_put(heap, out, member->name, value));
		}
		return REXI_OK;
	}
	rx_unreachable();
}

enum rexi_status rxr_script_arguments(struct rxr_script *script, const struct rxr_args *args, struct rexi_error *err)
{
	for (const struct rxr_arg *arg = args->first; arg; arg = arg->next) {
		struct rxl_scope_var var = { .reg = (uint16_t)script->count };

		if (!RX_GROW(script->memory, &script->vars, &script->cap, script->count + 1) ||
		    !RX_GROW(script->memory, &script->values, &script->value_cap, script->count + 1) ||
		    (var.name = rxl_symbol_intern(&script->engine->symbols, arg->name)) == RXL_NO_SYMBOL)
			return rx_fail_memory(err);
		script->vars[script->count] = var;
		script->values[script->count] = rxl_unit();
		script->count++;
		if (make_value(&script->engine->heap, arg, &script->values[script->count - 1]) != REXI_OK)
			return rx_fail(err, REXI_NO_MEMORY, RX_NO_SPAN, "the script arguments need more memory than the limit allows");
	}
	return REXI_OK;
}

/* ---- compiling ---- */

static void position(uint32_t packed, struct rxr_result *result)
{
	result->line = packed >> 16;
	result->column = packed & 0xFFFF;
}

/*
 * The flags of a command are a module with the command's name. The reference forgot those of `kill`, so that to a script
 * without a call of it there is no such module; a script that calls `kill` finds them.
 */
static bool calls(struct rexi_str source, struct rexi_str name)
{
	for (size_t at = 0; (at = rx_str_find(source, name, at)) != SIZE_MAX; at++) {
		size_t next = at + name.len;

		while (next < source.len && strchr(" \t\r\n", source.ptr[next]) && source.ptr[next])
			next++;
		if (next < source.len && source.ptr[next] == '(')
			return true;
	}
	return false;
}

enum rxr_outcome rxr_script_compile(struct rxr_script *script, struct rexi_str source, struct rx_buf *message,
				    struct rxr_result *result)
{
	struct rxl_compile_options options = { .strict_variables = true, .vars = script->vars, .var_count = (uint32_t)script->count };
	struct rxl_value text = rxl_unit();
	uint32_t pos = 0;
	enum rexi_status status;

	if (!calls(source, RX_STR("kill")))
		options.hidden_module = "kill";
	*result = (struct rxr_result){ .limit = -1 };
	script->engine->shared_vars = script->vars;
	script->engine->shared_values = script->values;
	script->engine->shared_count = (uint32_t)script->count;
	status = rxl_compile(script->engine, source, &options, &script->unit, &text, &pos);
	script->explain.engine = script->engine;
	script->explain.source = source;
	script->explain.unit = script->unit;
	if (status == REXI_SYNTAX) {
		if (script->explain.out && rxl_is_string(&text))
			rxl_report_compile(&script->explain, rxl_string_view(&text), pos);
		result->outcome = RXR_OUTCOME_SYNTAX;
		position(pos, result);
		RX_BUF_LIT(message, "Syntax error: ");
		rxl_value_display(&text, message);
		rxl_error_pos_text(pos, message);
	} else if (status == REXI_NO_MEMORY) {
		result->outcome = RXR_OUTCOME_LIMIT;
		result->limit = RXR_LIMIT_MEMORY;
	} else if (status == REXI_LIMIT && rxl_is_string(&text)) {
		/* the machine's own: there is no setting for it */
		result->outcome = RXR_OUTCOME_SYNTAX;
		rxl_value_display(&text, message);
		RX_BUF_LIT(message, ": a function or script can hold some 65,000 at a time");
	} else if (status != REXI_OK) {
		result->outcome = RXR_OUTCOME_INTERNAL;
		rx_buf_str(message, rx_str(rexi_status_text(status)));
	}
	rxl_value_drop(&script->engine->heap, &text);
	return result->outcome;
}

/* ---- errors ---- */

/* An enumeration of the SDK's error kinds; strings that a script supplies are none. */
static bool is_kind(const struct rxl_value *value)
{
	return value && value->type == RXL_OBJECT && rx_str_ends(rx_str(value->as.host->type->path), RX_STR("ErrorKind"));
}

static void print_member(const struct rxl_value *member, const char *missing, struct rx_buf *out)
{
	if (member)
		rxl_value_display(member, out);
	else
		rx_buf_str(out, rx_str(missing));
}

/* The error's text; a thrown map is told as SOURCE: KIND: MESSAGE, wherever it was thrown (W16). */
static void print_error(struct rxr_script *script, const struct rxl_error *error, struct rx_buf *out)
{
	const struct rxl_error *root = rxl_error_root(error);
	struct rx_buf whole, inner;

	if (root->kind != RXL_ERROR_RUNTIME || root->value.type != RXL_MAP) {
		rxl_error_text(error, out, true);
		return;
	}
	print_member(rxl_map_find(&root->value, RX_STR("source")), "Unknown", out);
	RX_BUF_LIT(out, ": ");
	{
		const struct rxl_value *kind = rxl_map_find(&root->value, RX_STR("kind"));

		print_member(is_kind(kind) ? kind : NULL, "Unknown", out);
	}
	RX_BUF_LIT(out, ": ");
	print_member(rxl_map_find(&root->value, RX_STR("message")), "No message available", out);
	rxl_error_pos_text(root->pos, out);
	if (root == error)
		return;
	/* the layers of calls around it, as the language words them */
	rx_buf_init(&whole, script->memory, 0);
	rx_buf_init(&inner, script->memory, 0);
	rxl_error_text(error, &whole, true);
	rxl_error_text(root, &inner, true);
	if (rx_str_starts(rx_buf_view(&whole), rx_buf_view(&inner)))
		rx_buf_str(out, rx_str_sub(rx_buf_view(&whole), inner.len, whole.len));
	rx_buf_fini(&whole);
	rx_buf_fini(&inner);
}

/*
 * Whether the error is the policy's answer rather than a text that looks like one (W6): an error map must bear the
 * SDK's own kind; a string must come from the very call that was denied, or be that call's text thrown again.
 */
static bool is_denial(const struct rxr_script *script, const struct rxl_error *root, uint64_t *number)
{
	const struct rxs_denial *denial = script->session ? rxs_denial_last(script->session) : NULL;
	const struct rxl_value *message = &root->value;
	bool whole;

	if (root->kind == RXL_ERROR_RUNTIME && script->denied_line && root->pos >> 16 == script->denied_line &&
	    (root->pos & 0xFFFF) == script->denied_column)
		return true;
	if (root->kind != RXL_ERROR_RUNTIME || !denial || !denial->number)
		return false;
	*number = denial->number;
	if (root->value.type == RXL_MAP) {
		const struct rxl_value *kind = rxl_map_find(&root->value, RX_STR("kind"));
		struct rx_buf name;
		bool permission;

		if (!is_kind(kind))
			return false;
		if (rxs_kind_denial(kind))
			*number = rxs_kind_denial(kind);
		rx_buf_init(&name, script->memory, 0);
		rxl_value_display(kind, &name);
		permission = rx_str_eq(rx_buf_view(&name), RX_STR("PermissionDenied"));
		rx_buf_fini(&name);
		return permission;
	}
	if (!rxl_is_string(message))
		return false;
	if (!speaks_of_denial(denial, rxl_string_view(message), &whole)) {
		const struct rxr_denial *told = rxr_report_told_denial(script->natives.report, rxl_string_view(message), true);

		*number = told ? told->number : 0;
		return told != NULL;
	}
	return whole || (root->pos >> 16 == denial->line && (root->pos & 0xFFFF) == denial->column);
}

/* The limit of ours that a limit of the session belongs to. */
static int session_limit(const char *name, bool *told)
{
	static const struct {
		const char *name;
		enum rxr_limit limit;
		bool same; /* ours sets it, so that its words fit */
	} rows[] = { { "open_handles", RXR_LIMIT_FILES, true },   { "children", RXR_LIMIT_PROCESSES, true },
		     { "execute_ms", RXR_LIMIT_TIME, false },     { "output_bytes", RXR_LIMIT_OUTPUT, false },
		     { "archive_bytes", RXR_LIMIT_WRITE, false }, { "archive_entries", RXR_LIMIT_FILES, false },
		     { "walk_depth", RXR_LIMIT_FILES, false } };

	for (size_t i = 0; i < RX_COUNT(rows); i++) {
		if (strcmp(rows[i].name, name) == 0) {
			*told = !rows[i].same;
			return (int)rows[i].limit;
		}
	}
	*told = true;
	return RXR_LIMIT_MEMORY;
}

static int size_limit(const char *what)
{
	if (what && strstr(what, "tring"))
		return RXR_LIMIT_STRING;
	return what && strstr(what, "map") ? RXR_LIMIT_MAP : RXR_LIMIT_ARRAY;
}

static void classify(struct rxr_script *script, const struct rxl_error *error, struct rx_buf *message,
		     struct rxr_result *result)
{
	const struct rxl_error *root = rxl_error_root(error);
	struct rx_buf text;

	position(root->pos, result);
	result->outcome = RXR_OUTCOME_ERROR;
	print_error(script, error, message);
	switch (root->kind) {
	case RXL_ERROR_TOO_MANY_OPERATIONS:
		result->outcome = RXR_OUTCOME_LIMIT;
		result->limit = RXR_LIMIT_OPERATIONS;
		break;
	case RXL_ERROR_MEMORY:
		result->outcome = RXR_OUTCOME_LIMIT;
		result->limit = RXR_LIMIT_MEMORY;
		break;
	case RXL_ERROR_STACK_OVERFLOW:
		result->outcome = RXR_OUTCOME_LIMIT;
		result->limit = RXR_LIMIT_CALLS;
		break;
	case RXL_ERROR_DATA_TOO_LARGE:
		rx_buf_init(&text, script->memory, 0);
		rxl_value_display(&root->text, &text);
		result->outcome = RXR_OUTCOME_LIMIT;
		result->limit = size_limit(rx_buf_cstr(&text));
		if (!script->limits->value[result->limit])
			result->limit = RXR_LIMIT_MEMORY; /* no limit of its own: more than memory can hold */
		rx_buf_fini(&text);
		break;
	case RXL_ERROR_TERMINATED:
		result->outcome = RXR_OUTCOME_ENDED;
		if (script->session && script->session->limit) {
			result->outcome = RXR_OUTCOME_LIMIT;
			result->limit = session_limit(script->session->limit, &result->told);
			rx_buf_clear(message);
			rx_buf_str(message, rx_str(script->session->limit_text));
			rxl_error_pos_text(root->pos, message);
			break;
		}
		if (script->session && script->session->terminate[0]) {
			rx_buf_clear(message);
			rx_buf_printf(message, "Script terminated: %s", script->session->terminate);
			rxl_error_pos_text(root->pos, message);
		}
		break;
	default:
		if (is_denial(script, root, &result->denial))
			result->outcome = RXR_OUTCOME_DENIED;
	}
}

void rxr_script_run(struct rxr_script *script, struct rx_buf *output, struct rx_buf *message, struct rxr_result *result)
{
	struct rxl_vm *vm = &script->engine->vm;
	struct rxl_value value = rxl_unit();
	struct timespec start, end;
	enum rexi_status status;

	*result = (struct rxr_result){ .limit = -1 };
	clock_gettime(CLOCK_MONOTONIC, &start);
	status = rxl_vm_run_main(vm, script->unit, script->values, &value, NULL);
	script->count = 0; /* the values were moved into the run */
	script->engine->shared_count = 0;
	clock_gettime(CLOCK_MONOTONIC, &end);
	result->run_ns = (uint64_t)(end.tv_sec - start.tv_sec) * 1000000000 + (uint64_t)end.tv_nsec - (uint64_t)start.tv_nsec;
	if (status == REXI_OK) {
		rxl_value_host_display(&value, output);
	} else if (vm->error && vm->error->kind == RXL_ERROR_EXIT) {
		rxl_value_host_display(&vm->error->value, output);
	} else if (vm->error) {
		classify(script, vm->error, message, result);
		if (script->explain.out)
			rxl_report_run(&script->explain, vm->error);
	} else {
		result->outcome = RXR_OUTCOME_INTERNAL;
		rx_buf_str(message, rx_str(rexi_status_text(status)));
	}
	if (vm->error)
		rxl_error_free(&script->engine->heap, vm->error);
	vm->error = NULL;
	rxl_value_drop(&script->engine->heap, &value);
}

void rxr_script_denied(struct rxr_script *script, uint32_t line, uint32_t column)
{
	script->denied_line = line;
	script->denied_column = column;
}

void rxr_script_dump(struct rxr_script *script, struct rx_buf *out)
{
	rxl_unit_dump(script->unit, out);
}

void rxr_script_interrupt(struct rxr_script *script)
{
	if (script->engine)
		rxl_engine_interrupt(script->engine);
}
