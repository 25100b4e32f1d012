/* The host's variables. */
#include <config.h>

#include "lang/scope.h"

#include "lang/engine.h"
#include "base/banned.h"

struct rxl_scope {
	struct rxl_engine *engine;
	struct rxl_scope_var *vars;
	struct rxl_value *values;
	uint32_t count;
	size_t var_cap, value_cap;
};

struct rxl_scope *rxl_scope_new(struct rxl_engine *engine)
{
	struct rxl_scope *scope = rx_memory_take_zeroed(&engine->heap.memory, 1, sizeof(*scope));

	if (scope)
		scope->engine = engine;
	return scope;
}

void rxl_scope_free(struct rxl_scope *scope)
{
	struct rx_memory *memory;

	if (!scope)
		return;
	memory = &scope->engine->heap.memory;
	for (uint32_t i = 0; i < scope->count; i++)
		rxl_value_drop(&scope->engine->heap, &scope->values[i]);
	rx_memory_give(memory, scope->vars, scope->var_cap * sizeof(*scope->vars));
	rx_memory_give(memory, scope->values, scope->value_cap * sizeof(*scope->values));
	rx_memory_give(memory, scope, sizeof(*scope));
}

static enum rexi_status push(struct rxl_scope *scope, rxl_symbol name, struct rxl_value value, bool is_const)
{
	struct rx_memory *memory = &scope->engine->heap.memory;

	if (!name || scope->count >= UINT16_MAX - 1024 ||
	    !RX_GROW(memory, &scope->vars, &scope->var_cap, (size_t)scope->count + 1) ||
	    !RX_GROW(memory, &scope->values, &scope->value_cap, (size_t)scope->count + 1)) {
		rxl_value_drop(&scope->engine->heap, &value);
		return REXI_NO_MEMORY;
	}
	scope->vars[scope->count] = (struct rxl_scope_var){ .name = name, .reg = (uint16_t)scope->count, .is_const = is_const };
	scope->values[scope->count++] = value;
	return REXI_OK;
}

enum rexi_status rxl_scope_push(struct rxl_scope *scope, struct rexi_str name, struct rxl_value value, bool is_const)
{
	return push(scope, rxl_symbol_intern(&scope->engine->symbols, name), value, is_const);
}

static uint32_t find(const struct rxl_scope *scope, struct rexi_str name)
{
	rxl_symbol symbol = rxl_symbol_find(&scope->engine->symbols, name);

	for (uint32_t i = scope->count; symbol && i-- > 0;)
		if (scope->vars[i].name == symbol)
			return i;
	return UINT32_MAX;
}

const struct rxl_value *rxl_scope_find(const struct rxl_scope *scope, struct rexi_str name)
{
	uint32_t at = find(scope, name);
	const struct rxl_value *value = at == UINT32_MAX ? NULL : &scope->values[at];

	return value && value->type == RXL_CELL ? &value->as.cell->value : value;
}

enum rexi_status rxl_scope_set(struct rxl_scope *scope, struct rexi_str name, struct rxl_value value)
{
	uint32_t at = find(scope, name);
	struct rxl_value *slot;

	if (at == UINT32_MAX)
		return rxl_scope_push(scope, name, value, false);
	slot = &scope->values[at];
	rxl_value_set(&scope->engine->heap, slot->type == RXL_CELL ? &slot->as.cell->value : slot, value);
	return REXI_OK;
}

size_t rxl_scope_count(const struct rxl_scope *scope)
{
	return scope->count;
}

const struct rxl_scope_var *rxl_scope_vars(const struct rxl_scope *scope)
{
	return scope->vars;
}

struct rxl_value *rxl_scope_values(struct rxl_scope *scope)
{
	return scope->values;
}

/* What a script declared before is declared again: newer ones hide older ones for good, which need not stay. */
static enum rexi_status declare(struct rxl_scope *scope, const struct rxl_unit *unit, const struct rxl_scope_var *var,
				struct rxl_value value)
{
	for (uint32_t i = scope->count; i-- > unit->host_count;) {
		if (scope->vars[i].name != var->name)
			continue;
		if (scope->vars[i].is_const != var->is_const)
			break;
		rxl_value_set(&scope->engine->heap, &scope->values[i], value);
		return REXI_OK;
	}
	return push(scope, var->name, value, var->is_const);
}

enum rexi_status rxl_scope_take(struct rxl_scope *scope, const struct rxl_unit *unit, struct rxl_value *globals)
{
	enum rexi_status status = REXI_OK;

	for (uint32_t i = 0; i < unit->global_count; i++) {
		if (i < unit->host_count && i < scope->count)
			rxl_value_set(&scope->engine->heap, &scope->values[i], globals[i]);
		else if (unit->globals[i].is_module)
			rxl_value_drop(&scope->engine->heap, &globals[i]);
		else if (status == REXI_OK)
			status = declare(scope, unit, &unit->globals[i], globals[i]);
		else
			rxl_value_drop(&scope->engine->heap, &globals[i]);
	}
	return status;
}
