/* What natives may ask of the machine that calls them: steps, positions, functions, equality, texts, evaluation. */
#include <config.h>

#include "lang/call.h"

#include <time.h>

#include "base/banned.h"

uint64_t rxl_clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

/* ---- what natives ask -------------------------------------------------------------------------------------------------- */

void *rxl_call_user(const struct rxl_call *call)
{
	return call->engine->user;
}

void rxl_call_position(const struct rxl_call *call, uint32_t *line, uint32_t *column)
{
	uint32_t pos = rxl_position_now(call->vm);

	*line = pos >> 16;
	*column = pos & 0xFFFF;
}

bool rxl_call_strict_json(const struct rxl_call *call)
{
	return call->engine->strict_json;
}

enum rexi_status rxl_call_step(struct rxl_call *call, uint64_t count)
{
	struct rxl_vm *vm = call->vm;

	vm->budget -= count > 4096 ? 4096 : (int64_t)count;
	if (count > 4096)
		vm->steps += count - 4096;
	return vm->budget < 0 ? rxl_vm_poll(vm) : REXI_OK;
}

enum rexi_status rxl_call_poll(struct rxl_call *call)
{
	return rxl_vm_poll(call->vm);
}

enum rexi_status rxl_call_print(struct rxl_call *call, struct rexi_str text)
{
	if (call->engine->on_print)
		call->engine->on_print(call->engine->print_user, text);
	return REXI_OK;
}

enum rexi_status rxl_call_debug(struct rxl_call *call, struct rexi_str text)
{
	uint32_t pos = rxl_position_now(call->vm);
	struct rxl_unit *unit = rxl_vm_unit(call->vm);

	if (call->engine->on_debug)
		call->engine->on_debug(call->engine->debug_user, text, unit ? unit->source_name : RX_STR(""), pos >> 16, pos & 0xFFFF);
	return REXI_OK;
}

bool rxl_call_has_function(struct rxl_call *call, struct rexi_str name, int arity)
{
	rxl_symbol symbol = rxl_symbol_find(&call->engine->symbols, name);

	if (!symbol)
		return false;
	for (const struct rxl_unit *unit = rxl_vm_unit(call->vm); unit; unit = unit->parent)
		for (uint32_t i = 0; i < unit->own_count; i++)
			if (unit->functions[i]->name == symbol && (arity < 0 || unit->functions[i]->param_count == (unsigned)arity))
				return true;
	return false;
}

static enum rexi_status list_functions(struct rxl_call *call, const struct rxl_unit *unit, struct rexi_str space,
				       enum rexi_status (*each)(void *, const struct rxl_function_info *), void *user)
{
	const struct rxl_symbols *symbols = &call->engine->symbols;

	for (uint32_t i = 0; i < unit->own_count; i++) {
		const struct rxl_function *fn = unit->functions[i];
		struct rxl_function_info info = {
			.name = rxl_symbol_text(symbols, fn->name),
			.is_private = fn->is_private,
			.param_count = fn->param_count,
			.space = space,
		};
		struct rexi_str *params = rx_memory_take_zeroed(&call->heap->memory, fn->param_count + 1U, sizeof(*params));
		enum rexi_status status;

		if (!params)
			return REXI_NO_MEMORY;
		for (uint32_t k = 0; k < fn->param_count; k++)
			params[k] = rxl_symbol_text(symbols, fn->ast->params[k].name);
		if (fn->this_type)
			info.this_type = rxl_symbol_text(symbols, fn->this_type);
		info.params = params;
		status = each(user, &info);
		rx_memory_give(&call->heap->memory, params, (fn->param_count + 1U) * sizeof(*params));
		if (status != REXI_OK)
			return status;
	}
	return REXI_OK;
}

enum rexi_status rxl_call_functions(struct rxl_call *call,
				    enum rexi_status (*each)(void *user, const struct rxl_function_info *info), void *user)
{
	for (const struct rxl_unit *unit = rxl_vm_unit(call->vm); unit; unit = unit->parent) {
		RX_TRY(list_functions(call, unit, RX_STR(""), each, user));
		for (uint32_t i = 0; i < unit->import_count; i++)
			if (unit->imports[i]->unit)
				RX_TRY(list_functions(call, unit->imports[i]->unit,
						      rxl_symbol_text(&call->engine->symbols, unit->import_names[i]), each, user));
	}
	return REXI_OK;
}

static enum rexi_status equal_pair(struct rxl_call *call, const struct rxl_value *a, const struct rxl_value *b, bool strict,
				   bool *out, unsigned depth);

static enum rexi_status equal_items(struct rxl_call *call, const struct rxl_value *a, const struct rxl_value *b, bool strict,
				    bool *out, unsigned depth)
{
	*out = a->as.array->count == b->as.array->count;
	for (uint32_t i = 0; *out && i < a->as.array->count; i++)
		RX_TRY(equal_pair(call, &a->as.array->items[i], &b->as.array->items[i], strict, out, depth + 1));
	return REXI_OK;
}

static enum rexi_status equal_entries(struct rxl_call *call, const struct rxl_value *a, const struct rxl_value *b, bool strict,
				      bool *out, unsigned depth)
{
	const struct rxl_entry *entries = rxl_map_entries(call->heap, a);

	*out = a->as.map->count == b->as.map->count;
	if (!entries && a->as.map->count)
		return REXI_NO_MEMORY;
	for (uint32_t i = 0; *out && i < a->as.map->count; i++) {
		const struct rxl_value *other = rxl_map_find(b, rxl_string_view(&entries[i].key));

		*out = other != NULL;
		if (other)
			RX_TRY(equal_pair(call, &entries[i].value, other, strict, out, depth + 1));
	}
	return REXI_OK;
}

static enum rexi_status equal_pair(struct rxl_call *call, const struct rxl_value *a, const struct rxl_value *b, bool strict,
				   bool *out, unsigned depth)
{
	struct rxl_walk walk = { .ask = rxl_vm_walked, .user = call->vm };
	enum rxl_equality equality = rxl_value_equal(a, b, &walk);
	struct rxl_value result = rxl_unit();
	bool found = false;

	*out = equality == RXL_EQUAL;
	RX_TRY(walk.status);
	if (equality != RXL_NO_EQUAL || depth > 1000)
		return REXI_OK;
	if (a->type == RXL_ARRAY)
		return equal_items(call, a, b, strict, out, depth);
	if (a->type == RXL_MAP)
		return equal_entries(call, a, b, strict, out, depth);
	if (a->type == RXL_OBJECT)
		RX_TRY(rxl_native_operator(call->vm, "==", a, b, &result, &found));
	if (found) {
		*out = result.type == RXL_BOOL && result.as.b;
		rxl_value_drop(call->heap, &result);
		return REXI_OK;
	}
	return strict ? rxl_vm_raise_not_found(call->vm, NULL, RX_STR("=="), a, b, 1) : REXI_OK;
}

enum rexi_status rxl_call_equal(struct rxl_call *call, const struct rxl_value *a, const struct rxl_value *b, bool *out)
{
	return equal_pair(call, a, b, false, out, 0);
}

enum rexi_status rxl_call_equal_strict(struct rxl_call *call, const struct rxl_value *a, const struct rxl_value *b, bool *out)
{
	return equal_pair(call, a, b, true, out, 0);
}

static enum rexi_status text_by(struct rxl_call *call, const struct rxl_value *value, const char *name, struct rx_buf *out,
				void (*plain)(const struct rxl_value *, struct rx_buf *))
{
	const struct rxl_overload *native = NULL;
	struct rxl_value copy, text = rxl_unit();
	enum rexi_status status;

	if (value->type == RXL_OBJECT)
		native = rxl_native_find_text(call->engine, rx_str(name), value, NULL, 0);
	if (!native || native->types[0] == RXL_ANY_TYPE) {
		plain(value, out);
		return REXI_OK;
	}
	copy = rxl_value_copy(value);
	status = rxl_native_call(call->vm, native, rx_str(name), true, false, &copy, NULL, 0, &text);
	if (status == REXI_OK && rxl_is_string(&text))
		rx_buf_str(out, rxl_string_view(&text));
	rxl_value_drop(call->heap, &copy);
	rxl_value_drop(call->heap, &text);
	return status;
}

enum rexi_status rxl_call_display(struct rxl_call *call, const struct rxl_value *value, struct rx_buf *out)
{
	return text_by(call, value, "to_string", out, rxl_value_display);
}

enum rexi_status rxl_call_debug_text(struct rxl_call *call, const struct rxl_value *value, struct rx_buf *out)
{
	return text_by(call, value, "to_debug", out, rxl_value_debug);
}

void rxl_call_error_at(struct rxl_call *call, uint32_t line, uint32_t column)
{
	if (call->vm->error)
		call->vm->error->pos = (line > 65535 ? 65535U : line) << 16 | (column > 65535 ? 65535U : column);
}
