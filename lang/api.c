/* <rexi/lang.h>: the engine for hosts. */
#include <config.h>

#include <rexi/lang.h>

#include <string.h>

#include "base/error.h"
#include "lang/engine.h"
#include "lang/report.h"
#include "lang/scope.h"
#include "lang/std/std.h"
#include "base/banned.h"

_Static_assert(sizeof(struct rexi_value) == sizeof(struct rxl_value), "one representation");

struct rexi_lang {
	struct rxl_engine *engine;
	struct rxl_value error_text;
	enum { NOTHING_FAILED, COMPILE_FAILED, RUN_FAILED } last;
	uint32_t error_pos;           /* of a failed compilation, packed */
	struct rxl_value error_name;  /* what its text was called */
	bool (*progress)(void *user, uint64_t steps);
	void *progress_user;
};

struct rexi_script {
	struct rexi_lang *lang;
	struct rxl_unit *unit;
};

struct rexi_scope {
	struct rexi_lang *lang;
	struct rxl_scope *scope;
};

struct rexi_type {
	struct rxl_class base;
	bool (*iterate)(void *payload, uint64_t position, struct rexi_value *out);
};

/* A registered function: the row, and what it needs. */
struct host_function {
	struct rxl_native row;
	struct rexi_lang *lang;
	rexi_lang_function fn;
	void *user;
};

struct rexi_native {
	struct rxl_call *call;
	const struct host_function *function;
};

static struct rxl_value inner(struct rexi_value value)
{
	struct rxl_value out;

	memcpy(&out, &value, sizeof(out));
	return out;
}

static struct rexi_value outer(struct rxl_value value)
{
	struct rexi_value out;

	memcpy(&out, &value, sizeof(out));
	return out;
}

static const struct rxl_value *in(const struct rexi_value *value)
{
	return (const struct rxl_value *)(const void *)value;
}

static struct rxl_value *in_place(struct rexi_value *value)
{
	return (struct rxl_value *)(void *)value;
}

/* The caller's err says it; the status goes another way. */
static void told(enum rexi_status status)
{
	(void)status;
}

/* ---- engines ------------------------------------------------------------------------------------------------------- */

struct rexi_lang *rexi_lang_new(const struct rexi_lang_options *options, struct rexi_error *err)
{
	static const struct rexi_lang_options defaults = { .size = sizeof(defaults) };
	const struct rexi_lang_options *use = options ? options : &defaults;
	struct rxl_engine *engine = rxl_engine_new(use->allocator, use->memory_limit);
	struct rexi_lang *lang;

	if (!engine || (!use->no_library && rxl_std_register(engine, err) != REXI_OK)) {
		rxl_engine_free(engine);
		told(rx_fail_memory(err));
		return NULL;
	}
	lang = rx_memory_take_zeroed(&engine->heap.memory, 1, sizeof(*lang));
	if (!lang) {
		rxl_engine_free(engine);
		told(rx_fail_memory(err));
		return NULL;
	}
	lang->engine = engine;
	engine->strict_variables = use->strict_variables;
	return lang;
}

void rexi_lang_free(struct rexi_lang *lang)
{
	struct rxl_engine *engine;

	if (!lang)
		return;
	engine = lang->engine;
	rxl_value_drop(&engine->heap, &lang->error_text);
	rxl_value_drop(&engine->heap, &lang->error_name);
	rx_memory_give(&engine->heap.memory, lang, sizeof(*lang));
	rxl_engine_free(engine);
}

static size_t size_limit(uint64_t value)
{
	return value ? (size_t)value : SIZE_MAX;
}

static uint32_t count_limit(uint64_t value)
{
	return value && value < UINT32_MAX ? (uint32_t)value : UINT32_MAX;
}

static uint32_t depth_limit(uint64_t value)
{
	return value && value < RXL_MAX_DEPTH ? (uint32_t)value : RXL_MAX_DEPTH;
}

void rexi_lang_set_limit(struct rexi_lang *lang, enum rexi_lang_limit limit, uint64_t value)
{
	struct rxl_engine *engine = lang->engine;

	switch (limit) {
	case REXI_LANG_OPERATIONS:
		engine->limits.operations = value;
		return;
	case REXI_LANG_CALL_DEPTH:
		engine->limits.call_depth = value < UINT32_MAX ? (uint32_t)value : UINT32_MAX - 1;
		return;
	case REXI_LANG_TIME_MS:
		engine->limits.time_ms = value;
		return;
	case REXI_LANG_STRING_BYTES:
		engine->heap.max_string = size_limit(value);
		break;
	case REXI_LANG_ARRAY_ITEMS:
		engine->heap.max_array = size_limit(value);
		break;
	case REXI_LANG_MAP_ENTRIES:
		engine->heap.max_map = size_limit(value);
		break;
	case REXI_LANG_MODULES:
		engine->limits.modules = count_limit(value);
		return;
	case REXI_LANG_FUNCTIONS:
		engine->limits.parse.functions = count_limit(value);
		return;
	case REXI_LANG_VARIABLES:
		engine->limits.variables = count_limit(value);
		return;
	case REXI_LANG_EXPRESSION_DEPTH:
		engine->limits.parse.expr_depth = depth_limit(value);
		return;
	case REXI_LANG_FUNCTION_EXPRESSION_DEPTH:
		engine->limits.parse.function_expr_depth = depth_limit(value);
		return;
	case REXI_LANG_SOURCE_BYTES:
		engine->limits.parse.source_len = value ? (size_t)value : 64U << 20;
		return;
	}
	engine->limits.sizes = engine->heap.max_string != SIZE_MAX || engine->heap.max_array != SIZE_MAX ||
			       engine->heap.max_map != SIZE_MAX;
}

enum rexi_status rexi_lang_disable(struct rexi_lang *lang, struct rexi_str symbol)
{
	return rxl_engine_disable(lang->engine, symbol);
}

void rexi_lang_terminate(struct rexi_lang *lang)
{
	atomic_store(&lang->engine->terminate, true);
}

void rexi_lang_on_print(struct rexi_lang *lang, void (*hook)(void *user, struct rexi_str text), void *user)
{
	lang->engine->on_print = hook;
	lang->engine->print_user = user;
}

void rexi_lang_on_debug(struct rexi_lang *lang,
			void (*hook)(void *user, struct rexi_str text, struct rexi_str source, uint32_t line, uint32_t column),
			void *user)
{
	lang->engine->on_debug = hook;
	lang->engine->debug_user = user;
}

static bool progress(void *user, uint64_t steps, struct rxl_value *token)
{
	struct rexi_lang *lang = user;

	(void)token;
	return lang->progress(lang->progress_user, steps);
}

void rexi_lang_on_progress(struct rexi_lang *lang, bool (*hook)(void *user, uint64_t steps), void *user)
{
	lang->progress = hook;
	lang->progress_user = user;
	lang->engine->on_progress = hook ? progress : NULL;
	lang->engine->progress_user = lang;
}

void rexi_lang_on_import(struct rexi_lang *lang,
			 bool (*hook)(void *user, struct rexi_str path, struct rexi_str from, struct rexi_str *source_out), void *user)
{
	lang->engine->on_resolve = hook;
	lang->engine->resolve_user = user;
}

/* ---- scripts -------------------------------------------------------------------------------------------------------- */

/* Error texts are not the script's: its limit of string sizes does not hold for them. */
static enum rexi_status whole_string(struct rexi_lang *lang, struct rx_buf *buf, struct rxl_value *out)
{
	struct rxl_heap *heap = &lang->engine->heap;
	size_t most = heap->max_string;
	enum rexi_status status;

	heap->max_string = SIZE_MAX;
	status = rxl_string_from_buf(heap, buf, out);
	heap->max_string = most;
	return status;
}

static enum rexi_status failed(struct rexi_lang *lang, enum rexi_status status, struct rexi_error *err)
{
	struct rxl_error *error = lang->engine->vm.error;
	struct rx_buf buf;
	struct rxl_value text = rxl_unit();
	uint32_t pos = error ? error->pos : 0;

	lang->last = RUN_FAILED;
	rx_buf_init(&buf, &lang->engine->heap.memory, 0);
	if (error)
		rxl_error_text(error, &buf, true);
	else
		rx_buf_str(&buf, rx_str(rexi_status_text(status)));
	if (whole_string(lang, &buf, &text) != REXI_OK)
		text = rxl_unit();
	rxl_value_set(&lang->engine->heap, &lang->error_text, text);
	if (err) {
		struct rexi_str view = rexi_lang_error_text(lang);

		told(rx_fail(err, status, RX_NO_SPAN, "%.*s", RX_STR_ARG(view)));
		err->line = pos >> 16;
		err->column = pos & 0xFFFF;
	}
	return status;
}

struct rexi_str rexi_lang_error_text(struct rexi_lang *lang)
{
	return rxl_is_string(&lang->error_text) ? rxl_string_view(&lang->error_text) : RX_STR("");
}

enum rexi_status rexi_lang_error_report(struct rexi_lang *lang, const struct rexi_script *script, struct rexi_str source,
					struct rexi_value *out)
{
	struct rxl_engine *engine = lang->engine;
	struct rxl_report report;
	struct rxl_value text;
	struct rx_buf buf;

	*out = outer(rxl_unit());
	if (lang->last == NOTHING_FAILED)
		return REXI_NOT_FOUND;
	rx_buf_init(&buf, &engine->heap.memory, 0);
	report = (struct rxl_report){ .engine = engine, .unit = script ? script->unit : NULL, .source = source, .out = &buf };
	if (report.unit)
		report.name = report.unit->source_name;
	else if (lang->last == COMPILE_FAILED && rxl_is_string(&lang->error_name))
		report.name = rxl_string_view(&lang->error_name);
	if (lang->last == RUN_FAILED && engine->vm.error)
		rxl_report_run(&report, engine->vm.error);
	else
		rxl_report_compile(&report, rexi_lang_error_text(lang), lang->last == COMPILE_FAILED ? lang->error_pos : 0);
	RX_TRY(whole_string(lang, &buf, &text));
	*out = outer(text);
	return REXI_OK;
}

enum rexi_status rexi_lang_compile(struct rexi_lang *lang, struct rexi_str source, struct rexi_str name,
				   const struct rexi_scope *scope, struct rexi_script **out, struct rexi_error *err)
{
	struct rxl_engine *engine = lang->engine;
	struct rxl_compile_options options = {
		.strict_variables = engine->strict_variables,
		.source_name = name.ptr ? name : RX_STR(""),
		.vars = scope ? rxl_scope_vars(scope->scope) : NULL,
		.var_count = scope ? (uint32_t)rxl_scope_count(scope->scope) : 0,
	};
	struct rxl_value message;
	struct rxl_unit *unit;
	struct rexi_script *script;
	uint32_t pos;
	enum rexi_status status;

	*out = NULL;
	status = rxl_compile(engine, source, &options, &unit, &message, &pos);
	if (status != REXI_OK) {
		if (rxl_is_string(&message))
			told(rx_fail(err, status, RX_NO_SPAN, "%.*s", RX_STR_ARG(rxl_string_view(&message))));
		else
			told(rx_fail(err, status, RX_NO_SPAN, "%s", rexi_status_text(status)));
		if (err) {
			err->line = pos >> 16;
			err->column = pos & 0xFFFF;
		}
		rxl_value_set(&engine->heap, &lang->error_text, message);
		lang->last = COMPILE_FAILED;
		lang->error_pos = pos;
		rxl_value_drop(&engine->heap, &lang->error_name);
		/* without memory the report goes without it */
		told(rxl_string_new(&engine->heap, options.source_name, &lang->error_name));
		return status;
	}
	script = rx_memory_take_zeroed(&engine->heap.memory, 1, sizeof(*script));
	if (!script) {
		rxl_unit_unref(unit);
		return rx_fail_memory(err);
	}
	script->lang = lang;
	script->unit = unit;
	*out = script;
	return REXI_OK;
}

void rexi_script_free(struct rexi_script *script)
{
	struct rx_memory *memory;

	if (!script)
		return;
	memory = &script->lang->engine->heap.memory;
	rxl_unit_unref(script->unit);
	rx_memory_give(memory, script, sizeof(*script));
}

enum rexi_status rexi_lang_run(struct rexi_lang *lang, struct rexi_script *script, struct rexi_scope *scope, struct rexi_value *out,
			       struct rexi_error *err)
{
	struct rxl_value result;
	enum rexi_status status = rxl_engine_run(lang->engine, script->unit, scope ? scope->scope : NULL, &result);

	/* a request to end is for one run */
	atomic_store(&lang->engine->terminate, false);
	*out = outer(result);
	return status == REXI_OK ? REXI_OK : failed(lang, status, err);
}

enum rexi_status rexi_lang_call(struct rexi_lang *lang, struct rexi_script *script, struct rexi_str name,
				const struct rexi_value *args, unsigned argc, struct rexi_value *out, struct rexi_error *err)
{
	rxl_symbol symbol = rxl_symbol_find(&lang->engine->symbols, name);
	struct rxl_function *fn = symbol ? rxl_unit_function(script->unit, symbol, argc) : NULL;
	struct rxl_value copies[16], result = rxl_unit();
	enum rexi_status status;

	*out = outer(result);
	if (!fn || argc > RX_COUNT(copies))
		return rx_fail(err, REXI_NOT_FOUND, RX_NO_SPAN, "no function %.*s with %u parameters", RX_STR_ARG(name), argc);
	for (unsigned i = 0; i < argc; i++)
		copies[i] = rxl_value_copy(in(&args[i]));
	status = rxl_engine_call(lang->engine, fn, copies, argc, &result);
	atomic_store(&lang->engine->terminate, false);
	*out = outer(result);
	return status == REXI_OK ? REXI_OK : failed(lang, status, err);
}

struct rexi_scope *rexi_scope_new(struct rexi_lang *lang)
{
	struct rx_memory *memory = &lang->engine->heap.memory;
	struct rexi_scope *scope = rx_memory_take_zeroed(memory, 1, sizeof(*scope));

	if (!scope)
		return NULL;
	scope->lang = lang;
	scope->scope = rxl_scope_new(lang->engine);
	if (scope->scope)
		return scope;
	rx_memory_give(memory, scope, sizeof(*scope));
	return NULL;
}

void rexi_scope_free(struct rexi_scope *scope)
{
	if (!scope)
		return;
	rxl_scope_free(scope->scope);
	rx_memory_give(&scope->lang->engine->heap.memory, scope, sizeof(*scope));
}

enum rexi_status rexi_scope_set(struct rexi_scope *scope, struct rexi_str name, struct rexi_value value)
{
	return rxl_scope_set(scope->scope, name, inner(value));
}

enum rexi_status rexi_scope_set_const(struct rexi_scope *scope, struct rexi_str name, struct rexi_value value)
{
	return rxl_scope_push(scope->scope, name, inner(value), true);
}

struct rexi_value rexi_scope_get(const struct rexi_scope *scope, struct rexi_str name)
{
	const struct rxl_value *found = rxl_scope_find(scope->scope, name);

	return outer(found ? rxl_value_copy(found) : rxl_unit());
}

/* ---- values --------------------------------------------------------------------------------------------------------- */

struct rexi_value rexi_value_unit(void)
{
	return outer(rxl_unit());
}

struct rexi_value rexi_value_bool(bool value)
{
	return outer(rxl_bool(value));
}

struct rexi_value rexi_value_int(int64_t value)
{
	return outer(rxl_int(value));
}

struct rexi_value rexi_value_float(double value)
{
	return outer(rxl_float(value));
}

enum rexi_status rexi_value_string(struct rexi_lang *lang, struct rexi_str text, struct rexi_value *out)
{
	*out = rexi_value_unit();
	return rxl_string_new(&lang->engine->heap, text, in_place(out));
}

enum rexi_status rexi_value_array(struct rexi_lang *lang, struct rexi_value *out)
{
	*out = rexi_value_unit();
	return rxl_array_new(&lang->engine->heap, 0, in_place(out));
}

enum rexi_status rexi_value_map(struct rexi_lang *lang, struct rexi_value *out)
{
	*out = rexi_value_unit();
	return rxl_map_new(&lang->engine->heap, 0, in_place(out));
}

struct rexi_value rexi_value_copy(const struct rexi_value *value)
{
	return outer(rxl_value_copy(in(value)));
}

void rexi_value_free(struct rexi_lang *lang, struct rexi_value *value)
{
	if (value)
		rxl_value_drop(&lang->engine->heap, in_place(value));
}

enum rexi_kind rexi_value_kind(const struct rexi_value *value)
{
	switch (in(value)->type) {
	case RXL_UNIT: return REXI_KIND_UNIT;
	case RXL_BOOL: return REXI_KIND_BOOL;
	case RXL_INT: return REXI_KIND_INT;
	case RXL_FLOAT: return REXI_KIND_FLOAT;
	case RXL_CHAR: return REXI_KIND_CHAR;
	case RXL_TEXT:
	case RXL_STRING: return REXI_KIND_STRING;
	case RXL_ARRAY: return REXI_KIND_ARRAY;
	case RXL_BLOB: return REXI_KIND_BLOB;
	case RXL_MAP: return REXI_KIND_MAP;
	case RXL_FN: return REXI_KIND_FUNCTION;
	case RXL_OBJECT: return REXI_KIND_OBJECT;
	default: return REXI_KIND_OTHER;
	}
}

const char *rexi_value_type(const struct rexi_value *value)
{
	return rxl_value_type_name(in(value));
}

bool rexi_value_as_bool(const struct rexi_value *value, bool *out)
{
	if (in(value)->type != RXL_BOOL)
		return false;
	*out = in(value)->as.b;
	return true;
}

bool rexi_value_as_int(const struct rexi_value *value, int64_t *out)
{
	if (in(value)->type != RXL_INT)
		return false;
	*out = in(value)->as.i;
	return true;
}

bool rexi_value_as_float(const struct rexi_value *value, double *out)
{
	if (in(value)->type != RXL_FLOAT)
		return false;
	*out = in(value)->as.f;
	return true;
}

bool rexi_value_as_string(const struct rexi_value *value, struct rexi_str *out)
{
	if (!rxl_is_string(in(value)))
		return false;
	*out = rxl_string_view(in(value));
	return true;
}

size_t rexi_value_count(const struct rexi_value *value)
{
	switch (in(value)->type) {
	case RXL_ARRAY: return in(value)->as.array->count;
	case RXL_MAP: return in(value)->as.map->count;
	case RXL_BLOB: return in(value)->as.blob->count;
	default: return 0;
	}
}

const struct rexi_value *rexi_value_at(const struct rexi_value *array, size_t index)
{
	if (in(array)->type != RXL_ARRAY || index >= in(array)->as.array->count)
		return NULL;
	return (const struct rexi_value *)(const void *)&in(array)->as.array->items[index];
}

const struct rexi_value *rexi_value_get(const struct rexi_value *map, struct rexi_str key)
{
	return in(map)->type == RXL_MAP ? (const struct rexi_value *)(const void *)rxl_map_find(in(map), key) : NULL;
}

enum rexi_status rexi_value_push(struct rexi_lang *lang, struct rexi_value *array, struct rexi_value item)
{
	if (in(array)->type != RXL_ARRAY) {
		rexi_value_free(lang, &item);
		return REXI_TYPE;
	}
	return rxl_array_push(&lang->engine->heap, in_place(array), inner(item));
}

enum rexi_status rexi_value_put(struct rexi_lang *lang, struct rexi_value *map, struct rexi_str key, struct rexi_value item)
{
	if (in(map)->type != RXL_MAP) {
		rexi_value_free(lang, &item);
		return REXI_TYPE;
	}
	return rxl_map_put(&lang->engine->heap, in_place(map), key, inner(item));
}

enum rexi_status rexi_value_to_string(struct rexi_lang *lang, const struct rexi_value *value, struct rexi_value *out)
{
	*out = rexi_value_unit();
	return rxl_value_to_string(&lang->engine->heap, in(value), in_place(out));
}

/* ---- functions and types -------------------------------------------------------------------------------------------- */

#define HOST_ARGS_MAX 16

static enum rexi_status host_call(struct rxl_call *call, struct rxl_value *self, struct rxl_value *args, unsigned argc,
				  struct rxl_value *out)
{
	const struct host_function *function = call->native->data;
	struct rexi_native passed = { call, function };
	struct rexi_value all[HOST_ARGS_MAX], result = rexi_value_unit();
	unsigned count = 0;
	enum rexi_status status;

	if (self)
		all[count++] = outer(*self);
	for (unsigned i = 0; i < argc && count < HOST_ARGS_MAX; i++)
		all[count++] = outer(args[i]);
	status = function->fn(&passed, all, count, &result);
	/* the values may have been changed in place */
	if (self)
		*self = inner(all[0]);
	for (unsigned i = 0; i < argc && i + (self != NULL) < HOST_ARGS_MAX; i++)
		args[i] = inner(all[i + (self != NULL)]);
	*out = inner(result);
	return status;
}

static char *text_copy(struct rx_arena *arena, const char *text)
{
	return (char *)(uintptr_t)rx_arena_copy(arena, rx_str(text)).ptr;
}

enum rexi_status rexi_lang_register(struct rexi_lang *lang, const char *name, const char *params, rexi_lang_function fn,
				    unsigned flags, void *user, struct rexi_error *err)
{
	struct rx_arena *arena = &lang->engine->arena;
	struct host_function *function = RX_ARENA_NEW(arena, struct host_function);
	char *own_name = text_copy(arena, name), *own_params = text_copy(arena, params);

	if (!function || !own_name || !own_params)
		return rx_fail_memory(err);
	*function = (struct host_function){
		.row = { .name = own_name, .params = own_params, .fn = host_call, .flags = flags & REXI_LANG_CHANGES ? RXL_MUT : RXL_PURE,
			 .help = "", .data = function },
		.lang = lang,
		.fn = fn,
		.user = user,
	};
	return rxl_engine_register(lang->engine, &function->row, 1, err);
}

struct rexi_lang *rexi_native_lang(struct rexi_native *call)
{
	return call->function->lang;
}

void *rexi_native_user(struct rexi_native *call)
{
	return call->function->user;
}

enum rexi_status rexi_native_fail(struct rexi_native *call, struct rexi_str text)
{
	struct rxl_value value;

	RX_TRY(rxl_string_new(call->call->heap, text, &value));
	return rxl_raise_runtime(call->call, value);
}

enum rexi_status rexi_native_call_back(struct rexi_native *call, const struct rexi_value *fn, const struct rexi_value *args, unsigned argc,
				struct rexi_value *out)
{
	if (in(fn)->type != RXL_FN)
		return rxl_raise_type(call->call, "Fn", rxl_value_type_name(in(fn)));
	return rxl_call_fnptr(call->call, in(fn), NULL, in(args), argc, in_place(out));
}

static bool host_iterate(const struct rxl_class *type, void *payload, uint64_t position, struct rxl_value *out)
{
	/* base is the first member */
	const struct rexi_type *own = (const struct rexi_type *)(const void *)type;
	struct rexi_value item = rexi_value_unit();

	if (!own->iterate(payload, position, &item))
		return false;
	*out = inner(item);
	return true;
}

struct rexi_type *rexi_lang_type(struct rexi_lang *lang, const struct rexi_type_options *options, struct rexi_error *err)
{
	struct rexi_type *type = RX_ARENA_NEW(&lang->engine->arena, struct rexi_type);

	if (!type) {
		told(rx_fail_memory(err));
		return NULL;
	}
	type->base.path = type->base.name = options->name;
	type->base.free = options->free;
	type->iterate = options->iterate;
	type->base.iterate_of = options->iterate ? host_iterate : NULL;
	return rxl_engine_type(lang->engine, &type->base, err) == REXI_OK ? type : NULL;
}

enum rexi_status rexi_value_object(struct rexi_lang *lang, const struct rexi_type *type, void *payload, struct rexi_value *out)
{
	*out = rexi_value_unit();
	return rxl_object_new(&lang->engine->heap, &type->base, payload, in_place(out));
}

void *rexi_value_payload(const struct rexi_value *value, const struct rexi_type *type)
{
	return type ? rxl_object_payload(in(value), &type->base) : NULL;
}

enum rexi_status rexi_script_bytecode(struct rexi_script *script, struct rexi_value *out)
{
	struct rx_buf buf;

	*out = rexi_value_unit();
	rx_buf_init(&buf, &script->lang->engine->heap.memory, 0);
	rxl_unit_dump(script->unit, &buf);
	return rxl_string_from_buf(&script->lang->engine->heap, &buf, in_place(out));
}
