/* The engine: what hosts register, and settings. */
#include <config.h>

#include "lang/call.h"
#include "lang/scope.h"

#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/banned.h"

static void loaded_drop(struct rxl_engine *engine)
{
	while (engine->loaded_count)
		rxl_module_unref(engine, engine->loaded[--engine->loaded_count]);
}

static void worked(void *user, size_t amount)
{
	struct rxl_engine *engine = (struct rxl_engine *)user;

	rxl_vm_worked(&engine->vm, amount);
}

struct rxl_engine *rxl_engine_new(const struct rexi_allocator *allocator, size_t memory_limit)
{
	struct rx_memory memory;
	struct rxl_engine *engine;

	/* the engine itself comes from the host's allocator, outside its own accounts */
	rx_memory_init(&memory, allocator, 0);
	engine = rx_memory_take_zeroed(&memory, 1, sizeof(*engine));
	if (!engine)
		return NULL;
	rxl_heap_init(&engine->heap, allocator, memory_limit);
	engine->heap.unit_ref = rxl_unit_ref;
	engine->heap.unit_unref = rxl_unit_unref;
	engine->heap.user = engine;
	engine->heap.worked = worked;
	rxl_symbols_init(&engine->symbols, &engine->heap.memory, engine->heap.seed);
	rx_arena_init(&engine->arena, &engine->heap.memory);
	rxl_vm_init(&engine->vm, engine);
	engine->limits = (struct rxl_limits){ .call_depth = 64, .variables = UINT32_MAX, .modules = UINT32_MAX };
	engine->closure_first = engine->closure_seed = 1;
	return engine;
}

void rxl_engine_free(struct rxl_engine *engine)
{
	struct rx_memory memory;
	struct rx_memory *counted;

	if (!engine)
		return;
	counted = &engine->heap.memory;
	rxl_vm_fini(&engine->vm);
	loaded_drop(engine);
	rxl_heap_break_cycles(&engine->heap);
	rx_memory_give(counted, engine->loaded, engine->loaded_cap * sizeof(*engine->loaded));
	while (engine->modules) {
		struct rxl_module *next = engine->modules->next;

		rxl_module_unref(engine, engine->modules);
		engine->modules = next;
	}
	for (uint32_t i = 0; i < engine->disabled_count; i++)
		rx_memory_give(counted, (void *)(uintptr_t)engine->disabled[i].ptr, engine->disabled[i].len + 1);
	rx_memory_give(counted, engine->disabled, engine->disabled_cap * sizeof(*engine->disabled));
	rxl_libraries_free(engine);
	rx_memory_give(counted, engine->classes, engine->class_cap * sizeof(*engine->classes));
	rxl_symbols_fini(&engine->symbols);
	rx_arena_fini(&engine->arena);
	rxl_heap_fini(&engine->heap);
	rx_memory_init(&memory, &engine->heap.memory.source, 0);
	memory.used = sizeof(*engine);
	rx_memory_give(&memory, engine, sizeof(*engine));
}

static void run_begin(struct rxl_engine *engine)
{
	struct rxl_vm *vm = &engine->vm;

	rxl_error_free(vm->heap, vm->error);
	rxl_error_free(vm->heap, vm->caught);
	vm->error = vm->caught = NULL;
	vm->level_max = engine->limits.call_depth;
	vm->depth_room = 0;
	if (vm->depth)
		return;
	vm->steps = 0;
	vm->budget = vm->budget_last = 0;
	vm->deadline_ns = engine->limits.time_ms ? rxl_clock_ns() + engine->limits.time_ms * 1000000U : 0;
	engine->module_count = 0;
}

/* exit(value) is success. */
static enum rexi_status run_end(struct rxl_engine *engine, enum rexi_status status, struct rxl_value *out)
{
	struct rxl_error *root = engine->vm.error;

	if (RX_UNLIKELY(engine->heap.cells != NULL) && !engine->vm.depth && rxl_heap_collect_due(&engine->heap, false))
		rxl_heap_collect(&engine->heap);
	/* inside a native's callback it is an error, as in the reference */
	while (root && root->inner && root->kind == RXL_ERROR_IN_MODULE)
		root = root->inner;
	if (status == REXI_OK || !root || root->kind != RXL_ERROR_EXIT)
		return status;
	rxl_value_set(&engine->heap, out, rxl_value_take(&root->value));
	rxl_error_free(&engine->heap, engine->vm.error);
	engine->vm.error = NULL;
	return REXI_OK;
}

enum rexi_status rxl_engine_call(struct rxl_engine *engine, struct rxl_function *fn, struct rxl_value *args, unsigned argc,
				 struct rxl_value *out)
{
	*out = rxl_unit();
	run_begin(engine);
	return run_end(engine, rxl_vm_call(&engine->vm, fn, NULL, false, NULL, args, argc, out), out);
}

enum rexi_status rxl_engine_run(struct rxl_engine *engine, struct rxl_unit *unit, struct rxl_scope *scope, struct rxl_value *out)
{
	struct rxl_vm *vm = &engine->vm;
	struct rxl_value *globals = NULL, *vars = NULL;
	enum rexi_status status = REXI_OK;

	*out = rxl_unit();
	run_begin(engine);
	if (!vm->depth)
		engine->closure_seed = unit->closure_seed;
	if (unit->host_count > (scope ? rxl_scope_count(scope) : 0))
		return REXI_INVALID;
	if (scope) {
		vars = rxl_scope_values(scope);
		globals = rx_memory_take_zeroed(&engine->heap.memory, unit->global_count + 1U, sizeof(*globals));
		if (!globals)
			return REXI_NO_MEMORY;
	}
	status = rxl_vm_run_main(vm, unit, vars, out, globals);
	if (scope) {
		enum rexi_status kept = rxl_scope_take(scope, unit, globals);

		rx_memory_give(&engine->heap.memory, globals, (unit->global_count + 1U) * sizeof(*globals));
		if (status == REXI_OK)
			status = kept;
	}
	if (!vm->depth) {
		rxl_unit_end_run(unit);
		loaded_drop(engine);
	}
	return run_end(engine, status, out);
}

void rxl_engine_set_user(struct rxl_engine *engine, void *user)
{
	engine->user = user;
}

enum rexi_status rxl_engine_disable(struct rxl_engine *engine, struct rexi_str symbol)
{
	struct rx_memory *memory = &engine->heap.memory;
	char *copy;

	if (!RX_GROW(memory, &engine->disabled, &engine->disabled_cap, (size_t)engine->disabled_count + 1))
		return REXI_NO_MEMORY;
	copy = rx_memory_take(memory, symbol.len + 1);
	if (!copy)
		return REXI_NO_MEMORY;
	if (symbol.len)
		memcpy(copy, symbol.ptr, symbol.len);
	copy[symbol.len] = 0;
	engine->disabled[engine->disabled_count++] = rx_str_make(copy, symbol.len);
	return REXI_OK;
}

/* ---- registration -------------------------------------------------------------------------------------------------- */

static bool name_is(struct rexi_str name, const char *text)
{
	return name.len && name.ptr[0] == text[0] && strncmp(name.ptr, text, name.len) == 0 && !text[name.len];
}

bool rxl_type_of_name(struct rexi_str name, uint16_t *out)
{
	static const struct {
		const char *name;
		uint16_t type;
	} rows[] = {
		{ "?", RXL_ANY_TYPE }, { "()", RXL_UNIT },      { "bool", RXL_BOOL },
		{ "i64", RXL_INT },    { "int", RXL_INT },      { "f64", RXL_FLOAT },
		{ "float", RXL_FLOAT },{ "char", RXL_CHAR },    { "timestamp", RXL_TIME },
		{ "string", RXL_STRING }, { "array", RXL_ARRAY }, { "blob", RXL_BLOB },
		{ "u8", RXL_BYTE },
		{ "map", RXL_MAP },    { "Fn", RXL_FN },        { "range", RXL_RANGE },
		{ "range=", RXL_RANGE_INCLUSIVE }, { "iterator", RXL_ITER },
	};

	for (size_t i = 0; i < RX_COUNT(rows); i++)
		if (name_is(name, rows[i].name)) {
			*out = rows[i].type;
			return true;
		}
	return false;
}

static bool type_from_name(const struct rxl_engine *engine, struct rexi_str name, uint16_t *out)
{
	if (rxl_type_of_name(name, out))
		return true;
	for (uint32_t i = engine->fixed_class_count + engine->class_count; i-- > 0;) {
		const struct rxl_class *type = rxl_engine_class(engine, i);

		if (name_is(name, type->name) || name_is(name, type->path)) {
			*out = (uint16_t)(RXL_TYPE_COUNT + i);
			return true;
		}
	}
	return false;
}

static enum rexi_status overload_fill(struct rxl_engine *engine, const struct rxl_native *row, struct rxl_overload *out,
				      struct rexi_error *err)
{
	struct rexi_str rest = rx_str(row->params);

	out->row = row;
	out->name = rxl_symbol_intern(&engine->symbols, rx_str(row->name));
	if (!out->name)
		return rx_fail_memory(err);
	while (rest.len) {
		size_t len = 0;

		while (len < rest.len && rest.ptr[len] != ' ')
			len++;
		if (len) {
			if (out->count == RXL_PARAMS_MAX)
				return rx_fail(err, REXI_INVALID, RX_NO_SPAN, "%s has too many parameters", row->name);
			if (!type_from_name(engine, rx_str_sub(rest, 0, len), &out->types[out->count]))
				return rx_fail(err, REXI_NOT_FOUND, RX_NO_SPAN, "%s: unknown type %.*s", row->name,
					       RX_STR_ARG(rx_str_sub(rest, 0, len)));
			if (out->types[out->count] == RXL_FN || (out->types[out->count] == RXL_ANY_TYPE && out->count))
				out->takes_fn = true;
			out->count++;
		}
		rest = rx_str_sub(rest, len < rest.len ? len + 1 : len, SIZE_MAX);
	}
	return REXI_OK;
}

static bool same_types(const struct rxl_overload *a, const struct rxl_overload *b)
{
	return a->count == b->count && memcmp(a->types, b->types, a->count * sizeof(*a->types)) == 0;
}

const struct rxl_overload rxl_overload_none = { .count = UINT8_MAX };

/* Constants have no writable form; nobody writes to it. */
static struct rxl_overload *none(void)
{
	return (struct rxl_overload *)(uintptr_t)&rxl_overload_none;
}

struct rxl_overload *rxl_overloads_look_up(struct rxl_engine *engine, rxl_symbol name)
{
	struct rxl_symbol_entry *entry = &engine->symbols.entries[name];

	entry->natives = rxl_libraries_find(engine, entry->text);
	if (!entry->natives)
		entry->natives = none();
	return entry->natives;
}

void rxl_overload_enter(struct rxl_overload **list, struct rxl_overload *made)
{
	struct rxl_overload *each;

	while ((each = *list) != NULL && !same_types(each, made))
		list = &each->next;
	made->next = each ? each->next : NULL;
	*list = made;
}

enum rexi_status rxl_engine_register(struct rxl_engine *engine, const struct rxl_native *rows, size_t count,
				     struct rexi_error *err)
{
	struct rxl_overload *made = RX_ARENA_ARRAY(&engine->arena, struct rxl_overload, count);

	if (!made)
		return rx_fail_memory(err);
	for (size_t i = 0; i < count; i++) {
		struct rxl_overload **list;

		RX_TRY(overload_fill(engine, &rows[i], &made[i], err));
		list = &engine->symbols.entries[made[i].name].natives;
		if (!rxl_engine_overloads(engine, made[i].name))
			*list = NULL;
		rxl_overload_enter(list, &made[i]);
	}
	engine->registered = true;
	rxl_vm_forget(&engine->vm);
	return REXI_OK;
}

const struct rxl_class *rxl_engine_class(const struct rxl_engine *engine, uint32_t id)
{
	if (id < engine->fixed_class_count)
		return &engine->fixed_classes[id];
	return id - engine->fixed_class_count < engine->class_count ? engine->classes[id - engine->fixed_class_count] : NULL;
}

enum rexi_status rxl_engine_type(struct rxl_engine *engine, struct rxl_class *type, struct rexi_error *err)
{
	const struct rxl_class *other;
	struct rexi_str path = rx_str(type->path);

	for (uint32_t i = 0; (other = rxl_engine_class(engine, i)) != NULL; i++)
		if (other != type && name_is(path, other->path))
			return rx_fail(err, REXI_DUPLICATE, RX_NO_SPAN, "type %s is already registered", type->path);
	if (engine->fixed_class_count + engine->class_count >= UINT16_MAX - 64)
		return rx_fail(err, REXI_LIMIT, RX_NO_SPAN, "too many types");
	if (!RX_GROW(&engine->heap.memory, &engine->classes, &engine->class_cap, (size_t)engine->class_count + 1))
		return rx_fail_memory(err);
	type->id = (uint16_t)(engine->fixed_class_count + engine->class_count);
	engine->classes[engine->class_count++] = type;
	return REXI_OK;
}

struct module_names {
	const struct rxl_engine *engine;
	const char *hidden; /* as if there were none of that name; NULL: all are seen */
};

static bool has_module(const void *user, struct rexi_str name)
{
	const struct module_names *names = (const struct module_names *)user;
	const struct rxl_engine *engine = names->engine;

	if (names->hidden && rx_str_eq(name, rx_str(names->hidden)))
		return false;
	for (const struct rxl_module *module = engine->modules; module; module = module->next)
		if (rx_str_eq(rxl_symbol_text(&engine->symbols, module->name), name))
			return true;
	return rxl_libraries_have_module(engine, name);
}

/* ---- parsing ------------------------------------------------------------------------------------------------------- */

enum rexi_status rxl_engine_parse(struct rxl_engine *engine, struct rexi_str source, const struct rxl_compile_options *options,
				  struct rxl_ast *ast, struct rxl_parse_error *error)
{
	struct rx_memory *memory = &engine->heap.memory;
	const struct rxl_scope_map *around = options->around;
	/* under strict variables the reference's eval knows no variable of its surroundings */
	uint32_t outer = around && !options->strict_variables ? around->count : 0;
	uint32_t count = options->var_count + outer, at = 0;
	struct rexi_str *names = rx_memory_take_zeroed(memory, count + 1U, sizeof(*names));
	const struct module_names modules = { engine, options->hidden_module };
	struct rxl_parse_options parse = {
		.strict_variables = options->strict_variables,
		.switches = engine->switches,
		.has_module = has_module,
		.module_user = &modules,
		.disabled = engine->disabled,
		.disabled_count = engine->disabled_count,
		.limits = engine->limits.parse,
	};
	enum rexi_status status;

	if (!names)
		return REXI_NO_MEMORY;
	for (uint32_t i = 0; i < outer; i++)
		names[at++] = rxl_symbol_text(&engine->symbols, around->vars[i].name);
	for (uint32_t i = 0; i < options->var_count; i++)
		names[at++] = rxl_symbol_text(&engine->symbols, options->vars[i].name);
	parse.names = names;
	parse.name_count = count;
	if (engine->heap.max_string != SIZE_MAX && !parse.limits.string_len)
		parse.limits.string_len = engine->heap.max_string;
	if (engine->heap.max_array < UINT32_MAX && !parse.limits.array_items)
		parse.limits.array_items = (uint32_t)engine->heap.max_array;
	if (engine->heap.max_map < UINT32_MAX && !parse.limits.map_items)
		parse.limits.map_items = (uint32_t)engine->heap.max_map;
	status = rxl_parse(source, &parse, &engine->symbols, ast, error);
	rx_memory_give(memory, names, (count + 1U) * sizeof(*names));
	return status;
}

/* "keyword" or "symbol" when `Fn(name)` must be refused, else NULL. */
const char *rxl_reserved_kind(struct rexi_str name)
{
	static const char words[] =
		" true false let const if else switch do while until loop for in fn continue break return throw try catch "
		"private import export as var static shared goto match case public protected new use with "
		"module package super thread spawn go await async sync yield default void null nil is this print debug type_of eval "
		"Fn call curry is_def_fn is_def_var is_shared ";
	static const char symbols[] = " + - * / % ** << >> & | ^ && || ! == != < <= > >= = += -= *= /= %= **= <<= >>= &= |= ^= .. ..= "
				      "?? => . ?. , ; : :: ( ) () { } [ ] ?[ #{ !in === !== -> <- := :; ::< (* *) # #! @ $ ? ++ -- ~ <| |> ... !. _ ";
	char text[40];

	if (name.len == 0 || name.len > 30)
		return NULL;
	text[0] = ' ';
	memcpy(text + 1, name.ptr, name.len);
	text[name.len + 1] = ' ';
	text[name.len + 2] = 0;
	if (memchr(name.ptr, ' ', name.len) || memchr(name.ptr, 0, name.len))
		return NULL;
	if (strstr(words, text))
		return "keyword";
	return strstr(symbols, text) ? "symbol" : NULL;
}

void rxl_engine_interrupt(struct rxl_engine *engine)
{
	atomic_store_explicit(&engine->terminate, true, memory_order_relaxed);
	*(volatile int64_t *)&engine->vm.budget = -1;
}
