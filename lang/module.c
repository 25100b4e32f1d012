/* Modules: of the host, imported scripts, `global`, and calls through paths. spec 6.2, 6.9 */
#include <config.h>

#include "lang/call.h"

#include <string.h>

#include "base/banned.h"

static void module_drop(void *payload)
{
	struct rxl_module *module = payload;

	rxl_module_unref(module->engine, module);
}

/* No host type has these numbers: such values never stand for one. */
const struct rxl_class rxl_module_class = { .id = UINT16_MAX - 32, .path = "module", .name = "module", .free = module_drop };

void rxl_module_unref(struct rxl_engine *engine, struct rxl_module *module)
{
	struct rx_memory *memory = &engine->heap.memory;

	if (--module->refs)
		return;
	for (uint32_t i = 0; i < module->const_count; i++)
		rxl_value_drop(&engine->heap, &module->consts[i].value);
	for (uint32_t i = 0; i < module->sub_count; i++)
		rxl_module_unref(engine, module->subs[i]);
	rx_memory_give(memory, module->consts, module->const_cap * sizeof(*module->consts));
	rx_memory_give(memory, module->subs, module->sub_cap * sizeof(*module->subs));
	rx_memory_give(memory, module->sub_names, module->sub_name_cap * sizeof(*module->sub_names));
	rx_memory_give(memory, (void *)(uintptr_t)module->path.ptr, module->path.len + 1);
	if (module->unit)
		rxl_unit_unref(module->unit);
	rx_memory_give(memory, module, sizeof(*module));
}

static struct rxl_module *module_new(struct rxl_engine *engine, struct rexi_str path)
{
	struct rx_memory *memory = &engine->heap.memory;
	struct rxl_module *module = rx_memory_take_zeroed(memory, 1, sizeof(*module));
	char *copy = rx_memory_take(memory, path.len + 1);

	if (!module || !copy) {
		rx_memory_give(memory, module, sizeof(*module));
		rx_memory_give(memory, copy, path.len + 1);
		return NULL;
	}
	if (path.len)
		memcpy(copy, path.ptr, path.len);
	copy[path.len] = 0;
	module->path = rx_str_make(copy, path.len);
	module->refs = 1;
	module->engine = engine;
	return module;
}

static struct rxl_module *module_find(const struct rxl_engine *engine, rxl_symbol name)
{
	for (struct rxl_module *module = engine->modules; module; module = module->next)
		if (module->name == name)
			return module;
	return NULL;
}

static struct rxl_module *module_enter(struct rxl_engine *engine, rxl_symbol name)
{
	struct rxl_module *module = module_new(engine, rxl_symbol_text(&engine->symbols, name));

	if (!module)
		return NULL;
	module->name = name;
	module->next = engine->modules;
	engine->modules = module;
	return module;
}

enum rexi_status rxl_engine_find_module(struct rxl_engine *engine, rxl_symbol name, struct rxl_module **out)
{
	struct rexi_str text;

	*out = name ? module_find(engine, name) : NULL;
	if (*out || !name)
		return REXI_OK;
	text = rxl_symbol_text(&engine->symbols, name);
	for (uint32_t i = 0; i < engine->attached_count; i++) {
		const struct rxl_attached *attached = &engine->attached[i];
		enum rexi_status status;

		if (!attached->library->has_module || !attached->library->has_module(text))
			continue;
		*out = module_enter(engine, name);
		if (!*out)
			return REXI_NO_MEMORY;
		status = attached->library->module(engine, attached->user, *out, text);
		if (status == REXI_OK)
			return REXI_OK;
		/* half a module is none */
		engine->modules = (*out)->next;
		rxl_module_unref(engine, *out);
		*out = NULL;
		return status;
	}
	return REXI_OK;
}

enum rexi_status rxl_module_set(struct rxl_engine *engine, struct rxl_module *module, rxl_symbol name, struct rxl_value value)
{
	for (uint32_t i = 0; i < module->const_count; i++)
		if (module->consts[i].name == name) {
			rxl_value_set(&engine->heap, &module->consts[i].value, value);
			return REXI_OK;
		}
	if (!name || !RX_GROW(&engine->heap.memory, &module->consts, &module->const_cap, (size_t)module->const_count + 1)) {
		rxl_value_drop(&engine->heap, &value);
		return REXI_NO_MEMORY;
	}
	module->consts[module->const_count++] = (struct rxl_module_const){ name, value };
	return REXI_OK;
}

enum rexi_status rxl_module_const(struct rxl_engine *engine, struct rxl_module *module, const char *name, struct rxl_value value)
{
	return rxl_module_set(engine, module, rxl_symbol_intern(&engine->symbols, rx_str(name)), value);
}

static const struct rxl_value *module_value(const struct rxl_module *module, rxl_symbol name)
{
	for (uint32_t i = 0; i < module->const_count; i++)
		if (module->consts[i].name == name)
			return &module->consts[i].value;
	return NULL;
}

static struct rxl_module *module_sub(const struct rxl_module *module, rxl_symbol name)
{
	for (uint32_t i = module->sub_count; i-- > 0;)
		if (module->sub_names[i] == name)
			return module->subs[i];
	return NULL;
}

/* ---- importing ----------------------------------------------------------------------------------------------------- */

static enum rexi_status imports_add(struct rxl_engine *engine, struct rxl_unit *unit, rxl_symbol alias, struct rxl_module *module)
{
	struct rx_memory *memory = &engine->heap.memory;

	if (!RX_GROW(memory, &unit->imports, &unit->import_cap, (size_t)unit->import_count + 1) ||
	    !RX_GROW(memory, &unit->import_names, &unit->import_name_cap, (size_t)unit->import_count + 1))
		return REXI_NO_MEMORY;
	module->refs++;
	unit->imports[unit->import_count] = module;
	unit->import_names[unit->import_count++] = alias;
	return REXI_OK;
}

static enum rexi_status subs_add(struct rxl_engine *engine, struct rxl_module *module, rxl_symbol name, struct rxl_module *sub)
{
	struct rx_memory *memory = &engine->heap.memory;

	if (!RX_GROW(memory, &module->subs, &module->sub_cap, (size_t)module->sub_count + 1) ||
	    !RX_GROW(memory, &module->sub_names, &module->sub_name_cap, (size_t)module->sub_count + 1))
		return REXI_NO_MEMORY;
	sub->refs++;
	module->subs[module->sub_count] = sub;
	module->sub_names[module->sub_count++] = name;
	return REXI_OK;
}

void rxl_unit_end_run(struct rxl_unit *unit)
{
	struct rxl_engine *engine = unit->engine;
	struct rx_memory *memory = &engine->heap.memory;

	rxl_value_drop(&engine->heap, &unit->global_consts);
	while (unit->import_count)
		rxl_module_unref(engine, unit->imports[--unit->import_count]);
	rx_memory_give(memory, unit->imports, unit->import_cap * sizeof(*unit->imports));
	rx_memory_give(memory, unit->import_names, unit->import_name_cap * sizeof(*unit->import_names));
	unit->imports = NULL;
	unit->import_names = NULL;
	unit->import_cap = unit->import_name_cap = 0;
}

static enum rexi_status in_module(struct rxl_vm *vm, struct rexi_str path, enum rexi_status status)
{
	struct rxl_error *layer;

	/* a text that does not parse is the module's fault, too */
	if (!vm->error || (rxl_error_is_system(rxl_error_root(vm->error)) && vm->error->kind != RXL_ERROR_PARSING))
		return status;
	layer = rxl_error_new(vm->heap, RXL_ERROR_IN_MODULE);
	if (!layer || rxl_string_new(vm->heap, path, &layer->text) != REXI_OK) {
		rxl_error_free(vm->heap, layer);
		return REXI_NO_MEMORY;
	}
	layer->inner = vm->error;
	vm->error = layer;
	return REXI_RUNTIME;
}

/* Compiles and runs a module's script; its unit keeps its state until the unit ends. */
static enum rexi_status module_run(struct rxl_vm *vm, struct rxl_module *module, struct rexi_str source)
{
	struct rxl_engine *engine = vm->engine;
	struct rxl_compile_options options = { .strict_variables = engine->strict_variables, .source_name = module->path };
	struct rxl_value message, result = rxl_unit();
	uint32_t pos;
	enum rexi_status status = rxl_compile(engine, source, &options, &module->unit, &message, &pos);

	if (status == REXI_SYNTAX) {
		struct rexi_str text = rxl_is_string(&message) ? rxl_string_view(&message) : RX_STR("");

		status = rxl_vm_raise(vm, RXL_ERROR_PARSING, "%.*s", RX_STR_ARG(text));
		if (vm->error)
			vm->error->pos = pos;
		rxl_value_drop(vm->heap, &message);
		return in_module(vm, module->path, status);
	}
	if (status != REXI_OK)
		return status;
	module->unit->module = module;
	status = rxl_vm_run_main(vm, module->unit, NULL, &result, NULL);
	rxl_value_drop(vm->heap, &result);
	if (status != REXI_OK)
		return in_module(vm, module->path, status);
	for (uint32_t i = 0; i < module->unit->import_count; i++)
		if (module->unit->import_names[i])
			RX_TRY(subs_add(engine, module, module->unit->import_names[i], module->unit->imports[i]));
	return REXI_OK;
}

/* The host's module of that name: libraries have some that nobody has named yet. */
static enum rexi_status host_module(struct rxl_engine *engine, struct rexi_str name, struct rxl_module **out)
{
	rxl_symbol symbol = rxl_symbol_find(&engine->symbols, name);

	if (!symbol && rxl_libraries_have_module(engine, name)) {
		symbol = rxl_symbol_intern(&engine->symbols, name);
		if (!symbol)
			return REXI_NO_MEMORY;
	}
	return rxl_engine_find_module(engine, symbol, out);
}

static enum rexi_status module_load(struct rxl_vm *vm, struct rexi_str path, struct rxl_module **out)
{
	struct rxl_engine *engine = vm->engine;
	struct rxl_unit *unit = rxl_vm_unit(vm);
	struct rexi_str source = { NULL, 0 };
	struct rxl_module *module;
	enum rexi_status status;

	*out = NULL;
	for (uint32_t i = 0; i < engine->loaded_count; i++)
		if (rx_str_eq(engine->loaded[i]->path, path)) {
			*out = engine->loaded[i];
			(*out)->refs++;
			return REXI_OK;
		}
	RX_TRY(host_module(engine, path, &module));
	if (module) {
		module->refs++;
		*out = module;
		return REXI_OK;
	}
	if (!engine->on_resolve || !engine->on_resolve(engine->resolve_user, path, unit ? unit->source_name : RX_STR(""), &source))
		return rxl_vm_raise(vm, RXL_ERROR_MODULE_NOT_FOUND, "%.*s", RX_STR_ARG(path));
	/* a module that imports itself */
	if (vm->native_depth >= vm->native_max)
		return rxl_vm_raise(vm, RXL_ERROR_STACK_OVERFLOW, " ");
	if (engine->module_count >= engine->limits.modules)
		return rxl_vm_raise(vm, RXL_ERROR_TOO_MANY_MODULES, " ");
	engine->module_count++;
	module = module_new(engine, path);
	if (!module)
		return REXI_NO_MEMORY;
	status = module_run(vm, module, source);
	if (status == REXI_OK && !RX_GROW(&engine->heap.memory, &engine->loaded, &engine->loaded_cap, (size_t)engine->loaded_count + 1))
		status = REXI_NO_MEMORY;
	if (status != REXI_OK) {
		rxl_module_unref(engine, module);
		return status;
	}
	module->refs++;
	engine->loaded[engine->loaded_count++] = module;
	*out = module;
	return REXI_OK;
}

enum rexi_status rxl_import(struct rxl_vm *vm, struct rxl_unit *unit, const struct rxl_value *path, rxl_symbol alias, bool global,
			    struct rxl_value *out)
{
	struct rxl_module *module;
	enum rexi_status status;

	if (!rxl_is_string(path))
		return rxl_vm_raise_type(vm, "string", rxl_value_host_type(path));
	RX_TRY(module_load(vm, rxl_string_view(path), &module));
	status = global && alias ? imports_add(vm->engine, unit, alias, module) : REXI_OK;
	if (status != REXI_OK) {
		rxl_module_unref(vm->engine, module);
		return status;
	}
	return rxl_object_new(vm->heap, &rxl_module_class, module, out);
}

enum rexi_status rxl_export(struct rxl_vm *vm, struct rxl_unit *unit, rxl_symbol name, const struct rxl_value *value)
{
	return unit->module ? rxl_module_set(vm->engine, unit->module, name, rxl_value_copy(value)) : REXI_OK;
}

enum rexi_status rxl_global_const(struct rxl_vm *vm, struct rxl_unit *unit, rxl_symbol name, const struct rxl_value *value)
{
	if (value->type == RXL_CELL)
		value = &value->as.cell->value;
	if (unit->global_consts.type != RXL_MAP)
		RX_TRY(rxl_map_new(vm->heap, 4, &unit->global_consts));
	return rxl_map_put(vm->heap, &unit->global_consts, rxl_symbol_text(&vm->engine->symbols, name), rxl_value_copy(value));
}

/* ---- paths ---------------------------------------------------------------------------------------------------------- */

static void path_text(struct rxl_vm *vm, const struct rxl_ast_path *path, uint32_t count, struct rx_buf *out)
{
	for (uint32_t i = 0; i < count; i++) {
		if (i)
			RX_BUF_LIT(out, "::");
		rx_buf_str(out, rxl_symbol_text(&vm->engine->symbols, path->parts[i]));
	}
}

/* The module a path leads to. */
static enum rexi_status path_module(struct rxl_vm *vm, const struct rxl_site *site, struct rxl_value *registers,
				    struct rxl_module **out)
{
	const struct rxl_ast_path *path = site->path;
	struct rxl_module *module = NULL;
	struct rx_buf buf;
	enum rexi_status status;

	if (site->module_reg != RXL_NO_REG)
		module = rxl_object_payload(&registers[site->module_reg], &rxl_module_class);
	for (const struct rxl_unit *unit = rxl_vm_unit(vm); unit && !module; unit = unit->parent)
		for (uint32_t i = unit->import_count; i-- > 0 && !module;)
			if (unit->import_names[i] == path->parts[0])
				module = unit->imports[i];
	if (!module)
		RX_TRY(rxl_engine_find_module(vm->engine, path->parts[0], &module));
	for (uint32_t i = 1; i < path->count && module; i++)
		module = module_sub(module, path->parts[i]);
	*out = module;
	if (module)
		return REXI_OK;
	rx_buf_init(&buf, &vm->heap->memory, 0);
	path_text(vm, path, path->count, &buf);
	status = rxl_vm_raise(vm, RXL_ERROR_MODULE_NOT_FOUND, "%.*s", RX_STR_ARG(rx_buf_view(&buf)));
	rx_buf_fini(&buf);
	if (vm->error)
		vm->error->pos = rxl_pos_pack(path->pos);
	return status;
}

static bool is_global(struct rxl_vm *vm, const struct rxl_site *site)
{
	return site->path->count == 1 && site->module_reg == RXL_NO_REG &&
	       rx_str_eq(rxl_symbol_text(&vm->engine->symbols, site->path->parts[0]), RX_STR("global"));
}

enum rexi_status rxl_get_path(struct rxl_vm *vm, struct rxl_site *site, struct rxl_value *registers, struct rxl_value *out)
{
	struct rexi_str name = rxl_symbol_text(&vm->engine->symbols, site->name);
	const struct rxl_value *found = NULL;
	struct rxl_module *module;
	struct rx_buf buf;
	enum rexi_status status;

	if (is_global(vm, site)) {
		for (const struct rxl_unit *unit = rxl_vm_unit(vm); unit && !found; unit = unit->parent)
			if (unit->global_consts.type == RXL_MAP)
				found = rxl_map_find(&unit->global_consts, name);
	} else {
		RX_TRY(path_module(vm, site, registers, &module));
		found = module_value(module, site->name);
	}
	if (found) {
		*out = rxl_value_copy(found);
		return REXI_OK;
	}
	rx_buf_init(&buf, &vm->heap->memory, 0);
	path_text(vm, site->path, site->path->count, &buf);
	status = rxl_vm_raise(vm, RXL_ERROR_VARIABLE_NOT_FOUND, "%.*s::%.*s", RX_STR_ARG(rx_buf_view(&buf)), RX_STR_ARG(name));
	rx_buf_fini(&buf);
	return status;
}

static const struct rxl_overload *module_native(const struct rxl_module *module, rxl_symbol name, const struct rxl_value *args,
						unsigned argc)
{
	for (const struct rxl_overload *each = module->overloads; each; each = each->next) {
		bool fits = each->name == name && each->count == argc;

		for (unsigned i = 0; i < argc && fits; i++)
			fits = each->types[i] == RXL_ANY_TYPE || each->types[i] == rxl_value_type_id(&args[i]);
		if (fits)
			return each;
	}
	return NULL;
}

enum rexi_status rxl_call_path(struct rxl_vm *vm, struct rxl_site *site, struct rxl_value *registers, struct rxl_value *first,
			       struct rxl_value *args, unsigned argc, struct rxl_function **callee, struct rxl_value *out)
{
	struct rexi_str name = rxl_symbol_text(&vm->engine->symbols, site->name);
	const struct rxl_overload *native;
	struct rxl_module *module;
	struct rx_buf buf;
	enum rexi_status status;

	*callee = NULL;
	if (first)
		rxl_value_set(vm->heap, &args[0], rxl_value_copy(first));
	if (is_global(vm, site)) {
		status = rxl_vm_raise(vm, RXL_ERROR_MODULE_NOT_FOUND, "global");
		if (vm->error)
			vm->error->pos = rxl_pos_pack(site->path->pos);
		return status;
	}
	RX_TRY(path_module(vm, site, registers, &module));
	if (module->unit) {
		struct rxl_function *fn = rxl_unit_function(module->unit, site->name, argc);

		if (fn && !fn->is_private) {
			*callee = fn;
			return REXI_OK;
		}
	}
	native = module_native(module, site->name, args, argc);
	if (native)
		return rxl_native_call(vm, native, name, false, false,
				       argc ? first && (native->row->flags & (RXL_REF | RXL_MUT)) ? first : &args[0] : NULL, args + 1,
				       argc ? argc - 1 : 0, out);
	rx_buf_init(&buf, &vm->heap->memory, 0);
	path_text(vm, site->path, site->path->count, &buf);
	status = rx_buf_cstr(&buf) ? rxl_vm_raise_not_found(vm, buf.ptr, name, NULL, args, argc) : REXI_NO_MEMORY;
	rx_buf_fini(&buf);
	return status;
}

struct rxl_function *rxl_module_method(const struct rxl_unit *unit, rxl_symbol type, rxl_symbol name, unsigned argc)
{
	for (uint32_t i = unit->import_count; i-- > 0;) {
		struct rxl_function *fn =
			unit->imports[i]->unit ? rxl_unit_typed(unit->imports[i]->unit, type, name, argc) : NULL;

		if (fn && !fn->is_private)
			return fn;
	}
	return NULL;
}
