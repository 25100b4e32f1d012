/* Natives, function pointers, special functions: how anything but a script function's direct call is called. spec 6.5 */
#include <config.h>

#include "lang/call.h"

#include <string.h>

#include "base/unicode.h"
#include "lang/operators.h"
#include "base/banned.h"

#define ARGS_MAX 32

/* ---- natives ------------------------------------------------------------------------------------------------------- */

static const struct rxl_value *nth(const struct rxl_value *self, const struct rxl_value *args, unsigned i)
{
	if (!self)
		return &args[i];
	return i == 0 ? self : &args[i - 1];
}

const struct rxl_overload *rxl_native_pick(const struct rxl_overload *list, const struct rxl_value *self,
					   const struct rxl_value *args, unsigned argc)
{
	unsigned count = argc + (self != NULL);
	const struct rxl_overload *best = NULL;
	uint32_t best_wild = UINT32_MAX;

	for (const struct rxl_overload *each = list; each; each = each->next) {
		uint32_t wild = 0;

		if (each->count != count)
			continue;
		/* bit i: parameter i is a wildcard; the reference tries the last parameters as wildcards first */
		for (unsigned i = 0; i < count && wild != UINT32_MAX; i++) {
			if (each->types[i] == RXL_ANY_TYPE)
				wild |= 1U << (count - 1 - i);
			else if (each->types[i] != rxl_value_type_id(nth(self, args, i)))
				wild = UINT32_MAX;
		}
		if (wild < best_wild) {
			best = each;
			best_wild = wild;
		}
	}
	return best;
}

const struct rxl_overload *rxl_native_find(struct rxl_engine *engine, rxl_symbol name, const struct rxl_value *self,
					   const struct rxl_value *args, unsigned argc)
{
	return rxl_native_pick(rxl_engine_overloads(engine, name), self, args, argc);
}

const struct rxl_overload *rxl_native_find_text(struct rxl_engine *engine, struct rexi_str name, const struct rxl_value *self,
						const struct rxl_value *args, unsigned argc)
{
	return rxl_native_pick(rxl_engine_overloads_of(engine, name), self, args, argc);
}

enum rexi_status rxl_native_call(struct rxl_vm *vm, const struct rxl_overload *native, struct rexi_str name, bool method,
				 bool self_constant, struct rxl_value *self, struct rxl_value *args, unsigned argc,
				 struct rxl_value *out)
{
	struct rxl_call call = {
		.vm = vm,
		.heap = vm->heap,
		.engine = vm->engine,
		.native = native->row,
		.name = name,
		.method = method,
		.self_constant = self_constant,
	};

	/* what goes through something large may take long */
	if (self && self->type >= RXL_STRING && !(native->row->flags & RXL_BRIEF)) {
		uint32_t count = self->type == RXL_ARRAY ? self->as.array->count
				 : self->type == RXL_STRING ? self->as.string->len
				 : self->type == RXL_BLOB ? self->as.blob->count
				 : self->type == RXL_MAP ? self->as.map->count : 0;

		if (RX_UNLIKELY(count >= 16384))
			rxl_vm_worked(vm, count);
	}
	return native->row->fn(&call, self, args, argc, out);
}

enum rexi_status rxl_call_unknown(struct rxl_vm *vm, rxl_symbol name, struct rxl_value *self, struct rxl_value *args,
				  unsigned argc, struct rxl_value *out)
{
	(void)out;
	return rxl_vm_raise_not_found(vm, NULL, rxl_symbol_text(&vm->engine->symbols, name), self, args, argc);
}

/* ---- operators ----------------------------------------------------------------------------------------------------- */

enum rexi_status rxl_native_operator(struct rxl_vm *vm, const char *name, const struct rxl_value *a, const struct rxl_value *b,
					struct rxl_value *out, bool *found)
{
	const struct rxl_overload *native = rxl_native_find_text(vm->engine, rx_str(name), a, b, 1);
	struct rxl_value left, right;
	enum rexi_status status;

	*found = native != NULL;
	if (!native)
		return REXI_OK;
	left = rxl_value_copy(a);
	right = rxl_value_copy(b);
	status = rxl_native_call(vm, native, rx_str(name), false, false, &left, &right, 1, out);
	rxl_value_drop(vm->heap, &left);
	rxl_value_drop(vm->heap, &right);
	return status;
}

/* u8 op u8; other numbers have no operators with it. */
static enum rexi_status byte_operator(struct rxl_vm *vm, enum rxl_binary op, int64_t a, int64_t b, struct rxl_value *out,
				      bool *found)
{
	int64_t result = 0;
	const char *what = "Addition";

	*found = true;
	if (op >= RXL_BINARY_EQ && op <= RXL_BINARY_GE) {
		struct rxl_call call = rxl_vm_call_of(vm, RX_STR(""));

		return rxl_operator_int(&call, op, a, b, out);
	}
	switch (op) {
	case RXL_BINARY_ADD: result = a + b; break;
	case RXL_BINARY_SUB: result = a - b; what = "Subtraction"; break;
	case RXL_BINARY_MUL: result = a * b; what = "Multiplication"; break;
	case RXL_BINARY_DIV:
		if (b == 0)
			return rxl_vm_raise(vm, RXL_ERROR_ARITHMETIC, "Division by zero: %d / 0", (int)a);
		result = a / b;
		break;
	case RXL_BINARY_MOD:
		if (b == 0)
			return rxl_vm_raise(vm, RXL_ERROR_ARITHMETIC, "Modulo division by zero or overflow: %d %% 0", (int)a);
		result = a % b;
		break;
	case RXL_BINARY_BIT_AND: result = a & b; break;
	case RXL_BINARY_BIT_OR: result = a | b; break;
	case RXL_BINARY_BIT_XOR: result = a ^ b; break;
	default:
		*found = false;
		return REXI_OK;
	}
	if (result < 0 || result > 255)
		return rxl_vm_raise(vm, RXL_ERROR_ARITHMETIC, "%s overflow: %d %s %d", what, (int)a, rxl_binary_text(op), (int)b);
	*out = rxl_byte((unsigned char)result);
	return REXI_OK;
}

static bool is_number(const struct rxl_value *value)
{
	return value->type == RXL_INT || value->type == RXL_FLOAT || value->type == RXL_BYTE;
}

static enum rexi_status binary_apply(struct rxl_vm *vm, enum rxl_binary op, const struct rxl_value *a, const struct rxl_value *b,
				     struct rxl_value *out)
{
	const char *name = rxl_binary_text(op);
	struct rxl_call call = rxl_vm_call_of(vm, rx_str(name));
	bool found = false;

	if (a->type == RXL_BYTE && b->type == RXL_BYTE) {
		RX_TRY(byte_operator(vm, op, a->as.i, b->as.i, out, &found));
		if (found)
			return REXI_OK;
	}
	RX_TRY(rxl_operator_apply(&call, op, a, b, out, &found));
	if (found)
		return REXI_OK;
	/* an end that is missing */
	if ((op == RXL_BINARY_RANGE || op == RXL_BINARY_RANGE_INCLUSIVE) && (a->type == RXL_UNIT || a->type == RXL_INT) &&
	    (b->type == RXL_UNIT || b->type == RXL_INT) && (a->type == RXL_INT || b->type == RXL_INT))
		return rxl_range_new(vm->heap, a->type == RXL_INT ? a->as.i : 0, b->type == RXL_INT ? b->as.i : INT64_MAX,
				     op == RXL_BINARY_RANGE_INCLUSIVE, out);
	RX_TRY(rxl_native_operator(vm, name, a, b, out, &found));
	if (found || (!(a->type == RXL_BLOB && b->type == RXL_CHAR) &&
		      !((a->type == RXL_BYTE || b->type == RXL_BYTE) && is_number(a) && is_number(b)) && rxl_operator_unlike(op, a, b, out)))
		return REXI_OK;
	return rxl_vm_raise_not_found(vm, NULL, rx_str(name), a, b, 1);
}

enum rexi_status rxl_binary_slow(struct rxl_vm *vm, enum rxl_binary op, const struct rxl_value *a, const struct rxl_value *b,
				 struct rxl_value *out)
{
	/* values of different types are compared without a call */
	if (RX_UNLIKELY(vm->locks) && (op < RXL_BINARY_EQ || op > RXL_BINARY_GE || rxl_value_type_id(a) == rxl_value_type_id(b) ||
				       a->type == RXL_RANGE || b->type == RXL_RANGE || a->type == RXL_RANGE_INCLUSIVE ||
				       b->type == RXL_RANGE_INCLUSIVE))
		RX_TRY(rxl_race_check(vm, NULL, rx_str(rxl_binary_text(op)), a, b, 1, 2));
	return binary_apply(vm, op, a, b, out);
}

enum rexi_status rxl_assign_slow(struct rxl_vm *vm, enum rxl_binary op, struct rxl_value *target, const struct rxl_value *value)
{
	struct rxl_call call = rxl_vm_call_of(vm, rx_str(rxl_binary_text(op)));
	struct rxl_value result = rxl_unit();
	bool found = false;

	if (RX_UNLIKELY(vm->locks))
		RX_TRY(rxl_assign_race_check(vm, NULL, op, target, value));
	RX_TRY(rxl_operator_assign(&call, op, target, value, &found));
	if (found)
		return REXI_OK;
	if (target->type == RXL_OBJECT) {
		char name[8];
		size_t len = strlen(rxl_binary_text(op));
		const struct rxl_overload *native;

		memcpy(name, rxl_binary_text(op), len);
		name[len] = '=';
		native = rxl_native_find_text(vm->engine, rx_str_make(name, len + 1), target, value, 1);
		if (native) {
			struct rxl_value copy = rxl_value_copy(value);
			enum rexi_status status = rxl_native_call(vm, native, rx_str_make(name, len + 1), false, false, target, &copy,
								  1, &result);

			rxl_value_drop(vm->heap, &copy);
			rxl_value_drop(vm->heap, &result);
			return status;
		}
	}
	RX_TRY(binary_apply(vm, op, target, value, &result));
	rxl_value_set(vm->heap, target, result);
	return REXI_OK;
}

enum rexi_status rxl_unary_slow(struct rxl_vm *vm, enum rxl_unary op, struct rxl_value *x, struct rxl_value *out)
{
	const char *name = rxl_unary_text(op);
	const struct rxl_overload *native;

	if (op == RXL_UNARY_MINUS && x->type == RXL_INT)
		return rxl_vm_raise(vm, RXL_ERROR_ARITHMETIC, "integer overflow");
	if (RX_UNLIKELY(vm->locks))
		RX_TRY(rxl_race_check(vm, NULL, rx_str(name), x, NULL, 0, 2));
	native = rxl_native_find_text(vm->engine, rx_str(name), x, NULL, 0);
	if (!native)
		return rxl_vm_raise_not_found(vm, NULL, rx_str(name), x, NULL, 0);
	return rxl_native_call(vm, native, rx_str(name), false, false, x, NULL, 0, out);
}

enum rexi_status rxl_text_add(struct rxl_vm *vm, struct rxl_value *text, const struct rxl_value *value)
{
	struct rx_buf buf;
	enum rexi_status status;

	if (rxl_is_string(value))
		return rxl_string_append(vm->heap, text, rxl_string_view(value));
	if (value->type == RXL_INT) {
		char digits[24];
		size_t at = sizeof(digits);
		uint64_t rest = value->as.i < 0 ? 0 - (uint64_t)value->as.i : (uint64_t)value->as.i;

		do {
			digits[--at] = (char)('0' + rest % 10);
			rest /= 10;
		} while (rest);
		if (value->as.i < 0)
			digits[--at] = '-';
		return rxl_string_append(vm->heap, text, rx_str_make(digits + at, sizeof(digits) - at));
	}
	rx_buf_init(&buf, &vm->heap->memory, 0);
	{
		struct rxl_call call = rxl_vm_call_of(vm, RX_STR("to_string"));

		status = rxl_call_display(&call, value, &buf);
	}
	if (status == REXI_OK)
		status = buf.failed ? REXI_NO_MEMORY : rxl_string_append(vm->heap, text, rx_buf_view(&buf));
	rx_buf_fini(&buf);
	return status;
}

enum rexi_status rxl_contains(struct rxl_vm *vm, struct rxl_site *site, struct rxl_value *container, struct rxl_value *item,
			      struct rxl_value *out)
{
	struct rxl_value args[2];
	const struct rxl_overload *native;
	enum rexi_status status;

	*out = rxl_unit();
	if (RX_UNLIKELY(vm->locks))
		RX_TRY(rxl_race_check(vm, NULL, RX_STR("contains"), container, item, 1, 2));
	if (site->method) {
		args[0] = rxl_value_copy(container);
		args[1] = rxl_value_copy(item);
		return rxl_vm_call(vm, site->method, NULL, false, NULL, args, 2, out);
	}
	native = rxl_native_find(vm->engine, site->name, container, item, 1);
	if (!native)
		return rxl_vm_raise_not_found(vm, NULL, RX_STR("contains"), container, item, 1);
	args[0] = rxl_value_copy(container);
	args[1] = rxl_value_copy(item);
	status = rxl_native_call(vm, native, RX_STR("contains"), false, false, &args[0], &args[1], 1, out);
	rxl_value_drop(vm->heap, &args[0]);
	rxl_value_drop(vm->heap, &args[1]);
	return status;
}

/* ---- function pointers --------------------------------------------------------------------------------------------- */

struct rxl_function *rxl_fn_target(struct rxl_vm *vm, const struct rxl_value *value, unsigned argc)
{
	const struct rxl_fn *fn = value->as.fn;
	const struct rxl_unit *unit = rxl_vm_unit(vm);
	rxl_symbol name;

	if (fn->target) {
		if (fn->target->param_count == argc && (fn->target->is_closure || !fn->target->this_type))
			return fn->target;
		if (fn->target->is_closure)
			return NULL;
		unit = fn->unit;
	}
	name = rxl_symbol_find(&vm->engine->symbols, rxl_fn_name(value));
	return name && unit ? rxl_unit_function(unit, name, argc) : NULL;
}

enum rexi_status rxl_race_check(struct rxl_vm *vm, const struct rxl_cell *cell, struct rexi_str name,
				const struct rxl_value *self, const struct rxl_value *args, unsigned argc, unsigned first)
{
	if (self && rxl_value_holds(self, cell))
		return rxl_vm_raise_race(vm, 1, name);
	for (unsigned k = 0; k < argc; k++)
		if (rxl_value_holds(&args[k], cell))
			return rxl_vm_raise_race(vm, k + first, name);
	return REXI_OK;
}

enum rexi_status rxl_assign_race_check(struct rxl_vm *vm, const struct rxl_cell *cell, enum rxl_binary op,
				       const struct rxl_value *target, const struct rxl_value *value)
{
	char name[8];
	size_t len = strlen(rxl_binary_text(op));

	/* pushing is built in */
	if ((target->type == RXL_ARRAY && op == RXL_BINARY_ADD) || !rxl_value_holds(value, cell))
		return REXI_OK;
	memcpy(name, rxl_binary_text(op), len);
	name[len] = '=';
	return rxl_vm_raise_race(vm, 1, rx_str_make(name, len + 1));
}

enum rexi_status rxl_fn_race_check(struct rxl_vm *vm, const struct rxl_cell *cell, const struct rxl_value *value,
				   const struct rxl_value *args, unsigned argc)
{
	const struct rxl_fn *fn = value->as.fn;

	for (unsigned i = 0; i < fn->curry_count + argc; i++)
		if (rxl_value_holds(i < fn->curry_count ? &fn->curry[i] : &args[i - fn->curry_count], cell))
			return rxl_vm_raise_race(vm, i + 1, rxl_fn_name(value));
	return REXI_OK;
}

/* The method of that name for values of self's type, NULL when there is none. */
static struct rxl_function *typed_target(struct rxl_vm *vm, const struct rxl_value *value, const struct rxl_value *self, unsigned argc)
{
	rxl_symbol type = rxl_symbol_find(&vm->engine->symbols, rx_str(rxl_value_type_name(self)));
	rxl_symbol name = rxl_symbol_find(&vm->engine->symbols, rxl_fn_name(value));
	const struct rxl_unit *unit = value->as.fn->target ? value->as.fn->unit : rxl_vm_unit(vm);

	return type && name && unit ? rxl_unit_typed(unit, type, name, argc) : NULL;
}

static RX_NOINLINE enum rexi_status fn_call_any(struct rxl_vm *vm, const struct rxl_value *value, struct rxl_value *self, bool self_constant,
			     struct rxl_cell *lock, const struct rxl_value *args, unsigned argc, struct rxl_value *out)
{
	const struct rxl_fn *fn = value->as.fn;
	unsigned total = fn->curry_count + argc;
	struct rxl_value held[ARGS_MAX], *all = held;
	struct rxl_function *target;
	const struct rxl_overload *native;
	enum rexi_status status;

	/* a bound function with the right number of parameters is entered without this look */
	if ((lock || vm->locks) && !(fn->target && rxl_fn_target(vm, value, total)))
		RX_TRY(rxl_fn_race_check(vm, lock, value, args, argc));
	if (total > ARGS_MAX) {
		all = rxl_heap_take(vm->heap, total * sizeof(*all));
		if (!all)
			return REXI_NO_MEMORY;
	}
	for (unsigned i = 0; i < total; i++) {
		const struct rxl_value *from = i < fn->curry_count ? &fn->curry[i] : &args[i - fn->curry_count];

		all[i] = rxl_value_copy(from);
	}
	target = rxl_fn_target(vm, value, total);
	/* only a closure's own captures stay shared */
	for (unsigned i = target ? target->capture_count : 0; i < fn->curry_count; i++)
		if (all[i].type == RXL_CELL) {
			struct rxl_value copy = rxl_value_copy(&all[i].as.cell->value);

			rxl_value_set(vm->heap, &all[i], copy);
		}
	if (self && !(fn->target && fn->target->is_closure)) {
		struct rxl_function *typed = typed_target(vm, value, self, total);

		target = typed ? typed : target;
	}
	if (target) {
		status = rxl_vm_call(vm, target, self, self_constant, lock, all, total, out);
	} else {
		/* natives see values, not cells */
		for (unsigned i = 0; i < total; i++)
			if (all[i].type == RXL_CELL) {
				struct rxl_value copy = rxl_value_copy(&all[i].as.cell->value);

				rxl_value_set(vm->heap, &all[i], copy);
			}
		native = !(fn->target && fn->target->is_closure)
				 ? rxl_native_find_text(vm->engine, rxl_fn_name(value), self ? self : total ? all : NULL,
							self ? all : all + 1, self ? total : total ? total - 1 : 0)
				 : NULL;
		if (native && self && self_constant && (native->row->flags & RXL_MUT))
			status = rxl_vm_raise(vm, RXL_ERROR_NON_PURE, "%.*s", RX_STR_ARG(rxl_fn_name(value)));
		else if (native && self)
			status = rxl_native_call(vm, native, rxl_fn_name(value), true, self_constant, self, all, total, out);
		else if (native)
			status = rxl_native_call(vm, native, rxl_fn_name(value), false, false, total ? all : NULL, all + 1,
						 total ? total - 1 : 0, out);
		else
			status = rxl_vm_raise_not_found(vm, NULL, rxl_fn_name(value), self, all, total);
		for (unsigned i = 0; i < total; i++)
			rxl_value_drop(vm->heap, &all[i]);
	}
	if (all != held)
		rxl_heap_give(vm->heap, all, total * sizeof(*all));
	return status;
}

bool rxl_fn_is_closure(const struct rxl_value *fn, unsigned argc)
{
	const struct rxl_function *target = fn->as.fn->target;

	return target && target->is_closure && target->param_count == fn->as.fn->curry_count + argc;
}

enum rexi_status rxl_fn_call(struct rxl_vm *vm, const struct rxl_value *value, struct rxl_value *self, bool self_constant,
			     struct rxl_cell *lock, const struct rxl_value *args, unsigned argc, struct rxl_value *out)
{
	const struct rxl_fn *fn = value->as.fn;
	struct rxl_function *target = fn->target;

	/* a closure called with what it takes, by far the most frequent */
	if (RX_LIKELY(target && target->is_closure && target->param_count == fn->curry_count + argc))
		return rxl_vm_call_closure(vm, fn, self, self_constant, lock, args, argc, out);
	return fn_call_any(vm, value, self, self_constant, lock, args, argc, out);
}

enum rexi_status rxl_fn_call_place(struct rxl_vm *vm, const struct rxl_value *value, struct rxl_value *place, bool constant,
				   struct rxl_value *args, unsigned argc, struct rxl_value *out)
{
	const struct rxl_fn *fn = value->as.fn;

	if (place && place->type != RXL_CELL && !fn->target && !fn->curry_count && !rxl_fn_target(vm, value, argc)) {
		const struct rxl_overload *native =
			rxl_native_find_text(vm->engine, rxl_fn_name(value), place, args + 1, argc - 1);

		if (native && constant && (native->row->flags & RXL_MUT))
			return rxl_vm_raise(vm, RXL_ERROR_NON_PURE, "%.*s", RX_STR_ARG(rxl_fn_name(value)));
		if (native && (native->row->flags & (RXL_REF | RXL_MUT)))
			return rxl_native_call(vm, native, rxl_fn_name(value), false, constant, place, args + 1, argc - 1, out);
	}
	if (place)
		rxl_value_set(vm->heap, &args[0], rxl_value_copy(place->type == RXL_CELL ? &place->as.cell->value : place));
	return rxl_fn_call(vm, value, NULL, false, NULL, args, argc, out);
}

enum rexi_status rxl_call_fnptr(struct rxl_call *call, const struct rxl_value *fn, struct rxl_value *self,
				const struct rxl_value *args, unsigned argc, struct rxl_value *out)
{
	*out = rxl_unit();
	return rxl_fn_call(call->vm, fn, self, false, NULL, args, argc, out);
}

static unsigned way_argc(const struct rxl_callback *callback, int way)
{
	switch (way) {
	case 1: return callback->normal;
	case 2: return callback->normal + 1;
	case 3: return callback->normal + 1 + callback->extra;
	default: return callback->normal + callback->extra;
	}
}

/*
 * The arguments that a native would see this way: curried ones first, then the element where it is inserted; bound to
 * `this` it comes right after the curried ones. Borrowed. Returns their number, 0 when there are too many.
 */
static unsigned native_arguments(const struct rxl_callback *callback, int way, const struct rxl_value *element,
				 const struct rxl_value *args, struct rxl_value *all)
{
	const struct rxl_fn *fn = callback->fn->as.fn;
	bool bound = way == 1 || way == 4;
	unsigned given = callback->normal + (way == 1 || way == 2 ? 0 : callback->extra), count = 0;
	unsigned at = bound || callback->insert_at < 0 ? 0 : (unsigned)callback->insert_at;

	if (fn->curry_count + given + 1 > ARGS_MAX)
		return 0;
	for (uint32_t i = 0; i < fn->curry_count; i++)
		all[count++] = fn->curry[i].type == RXL_CELL ? fn->curry[i].as.cell->value : fn->curry[i];
	for (unsigned i = 0; i <= given; i++) {
		if (i == at && element)
			all[count++] = *element;
		if (i < given)
			all[count++] = args[i];
	}
	return count;
}

/* A method for some type has the pointer's name. */
static bool has_typed(struct rxl_vm *vm, const struct rxl_value *value)
{
	rxl_symbol name = rxl_symbol_find(&vm->engine->symbols, rxl_fn_name(value));

	for (const struct rxl_unit *unit = rxl_vm_unit(vm); name && unit; unit = unit->parent)
		for (uint32_t i = 0; i < unit->own_count; i++)
			if (unit->functions[i]->name == name && unit->functions[i]->this_type)
				return true;
	return false;
}

/*
 * Decides how the element and the extra arguments reach the function; false when no way fits. A script function is the
 * same for all elements; which way a native by name takes depends on the types of each.
 */
static bool callback_way(struct rxl_vm *vm, struct rxl_callback *callback, const struct rxl_value *element,
			 const struct rxl_value *args)
{
	const struct rxl_fn *fn = callback->fn->as.fn;
	const struct rxl_overload *list = rxl_engine_overloads_of(vm->engine, rxl_fn_name(callback->fn));
	bool typed = !(fn->target && fn->target->is_closure) && !fn->curry_count && has_typed(vm, callback->fn);

	for (int way = 1; way <= 4; way++) {
		struct rxl_value all[ARGS_MAX];
		unsigned count;

		bool bound = way == 1 || way == 4;

		if (!bound && callback->insert_at < 0)
			continue;
		callback->argc = way_argc(callback, way);
		callback->element_at = bound ? -1 : callback->insert_at;
		/* methods of the element's type come first; which there is depends on each element */
		if (way == 1 && element && typed && typed_target(vm, callback->fn, element, callback->argc))
			return true;
		callback->target = rxl_fn_target(vm, callback->fn, callback->argc + fn->curry_count);
		if (callback->target) {
			if (typed)
				callback->target = NULL;
			return true;
		}
		if (!list || (fn->target && fn->target->is_closure))
			continue;
		count = native_arguments(callback, way, element, args, all);
		if (count && rxl_native_pick(list, all, all + 1, count - 1)) {
			/* curried arguments come before a bound element */
			if (fn->curry_count && element && bound) {
				callback->argc++;
				callback->element_at = 0;
			}
			return true;
		}
	}
	return false;
}

/* Names the types of the last attempt: curried and normal arguments, the element, the extra ones. */
static RX_COLD enum rexi_status callback_not_found(struct rxl_call *call, const struct rxl_callback *callback,
						   const struct rxl_value *element, const struct rxl_value *args)
{
	const struct rxl_fn *fn = callback->fn->as.fn;
	unsigned element_at = callback->insert_at > 0 ? (unsigned)callback->insert_at : 0, count = 0, given = 0;
	struct rxl_value all[ARGS_MAX];
	enum rexi_status status;

	for (uint32_t i = 0; i < fn->curry_count && count < ARGS_MAX / 2; i++)
		all[count++] = fn->curry[i];
	for (unsigned i = 0; i < callback->normal + callback->extra + (element != NULL) && count < ARGS_MAX; i++)
		all[count++] = element && i == element_at ? *element : args[given++];
	status = rxl_raise_not_found(call, rxl_fn_name(callback->fn), NULL, all, count);
	if (call->vm->error)
		call->vm->error->pos = rxl_position_now(call->vm);
	return status;
}

/* The first call of a callback, and all of one that natives answer. */
static RX_NOINLINE enum rexi_status callback_any(struct rxl_call *call, struct rxl_callback *callback, struct rxl_value *element,
						 const struct rxl_value *args, struct rxl_value *out)
{
	struct rxl_vm *vm = call->vm;
	struct rxl_value all[ARGS_MAX], taken = callback->takes ? args[0] : rxl_unit();
	enum rexi_status status;

	if (!callback_way(vm, callback, element, args)) {
		callback->not_found = true;
		(void)callback_not_found(call, callback, element, args);
		rxl_value_drop(call->heap, &taken);
		return REXI_RUNTIME;
	}
	if (callback->target)
		return rxl_vm_call_back(vm, callback, element, call->self_constant, args, out);
	for (unsigned k = 0, given = 0; k < callback->argc; k++)
		all[k] = (int)k == callback->element_at ? *element : args[given++];
	status = rxl_fn_call(vm, callback->fn, callback->element_at >= 0 ? NULL : element, call->self_constant, NULL, all,
			     callback->argc, out);
	rxl_value_drop(call->heap, &taken);
	return status;
}

enum rexi_status rxl_call_callback(struct rxl_call *call, struct rxl_callback *callback, struct rxl_value *element,
				   const struct rxl_value *args, struct rxl_value *out)
{
	enum rexi_status status;

	*out = rxl_unit();
	status = RX_LIKELY(callback->target != NULL)
			 ? rxl_vm_call_back(call->vm, callback, element, call->self_constant, args, out)
			 : callback_any(call, callback, element, args, out);
	return RX_LIKELY(status == REXI_OK) || callback->bare ? status : rxl_raise_wrapped(call, callback->caller);
}

enum rexi_status rxl_call_each(struct rxl_call *call, struct rxl_each *each)
{
	each->call = call;
	each->status = REXI_OK;
	each->result = rxl_unit();
	while (each->next(call, each)) {
		enum rexi_status status;

		/* the first call finds out how; the rest need not come back */
		if (rxl_vm_can_call_each(call->vm, each->how)) {
			status = rxl_vm_call_each(call->vm, each);
			return status == REXI_OK ? each->status : rxl_raise_wrapped(call, each->how->caller);
		}
		RX_TRY(rxl_call_callback(call, each->how, each->element, each->args, &each->result));
	}
	return each->status;
}

enum rexi_status rxl_call_named(struct rxl_call *call, struct rexi_str name, struct rxl_value *self,
				const struct rxl_value *args, unsigned argc, struct rxl_value *out)
{
	struct rxl_value fn;
	enum rexi_status status;

	*out = rxl_unit();
	RX_TRY(rxl_fn_new(call->heap, name, &fn));
	status = rxl_fn_call(call->vm, &fn, self, false, NULL, args, argc, out);
	rxl_value_drop(call->heap, &fn);
	return status;
}

/* ---- special functions (spec 6.8) ----------------------------------------------------------------------------------- */

static enum rexi_status type_of(struct rxl_vm *vm, const struct rxl_value *value, struct rxl_value *out)
{
	return rxl_string_new(vm->heap, rx_str(rxl_value_type_name(value)), out);
}

static bool is_identifier(struct rexi_str text)
{
	bool letter = false;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		bool alpha = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

		if (!alpha && c != '_' && !(c >= '0' && c <= '9' && i > 0))
			return false;
		if (!letter && c >= '0' && c <= '9')
			return false;
		letter |= alpha;
	}
	return letter;
}

static enum rexi_status fn_pointer(struct rxl_vm *vm, const struct rxl_value *arg, struct rxl_value *out)
{
	struct rexi_str name;
	const char *reserved;

	vm->bad_arg = 1;
	if (!rxl_is_string(arg))
		return rxl_vm_raise_type(vm, "string", rxl_value_host_type(arg));
	name = rxl_string_view(arg);
	reserved = rxl_reserved_kind(name);
	if (reserved)
		return rxl_vm_raise(vm, RXL_ERROR_PARSING, "'%.*s' is a reserved %s", RX_STR_ARG(name), reserved);
	if (!is_identifier(name))
		return rxl_vm_raise(vm, RXL_ERROR_FUNCTION_NOT_FOUND, "%.*s", RX_STR_ARG(name));
	vm->bad_arg = 0;
	return rxl_fn_new(vm->heap, name, out);
}

enum rexi_status rxl_call_fn_pointer(struct rxl_call *call, const struct rxl_value *name, struct rxl_value *out)
{
	return fn_pointer(call->vm, name, out);
}

static enum rexi_status is_def_fn(struct rxl_vm *vm, const struct rxl_value *args, unsigned argc, struct rxl_value *out)
{
	const struct rxl_value *type = argc == 3 ? &args[0] : NULL, *name = &args[argc - 2], *arity = &args[argc - 1];
	rxl_symbol symbol, type_symbol = RXL_NO_SYMBOL;

	if (type && !rxl_is_string(type))
		return rxl_vm_raise_type(vm, "string", rxl_value_host_type(type));
	if (!rxl_is_string(name))
		return rxl_vm_raise_type(vm, "string", rxl_value_host_type(name));
	if (arity->type != RXL_INT)
		return rxl_vm_raise_type(vm, "i64", rxl_value_host_type(arity));
	*out = rxl_bool(false);
	symbol = rxl_symbol_find(&vm->engine->symbols, rxl_string_view(name));
	if (type)
		type_symbol = rxl_symbol_find(&vm->engine->symbols, rxl_string_view(type));
	if (!symbol || (type && !type_symbol) || arity->as.i < 0 || arity->as.i > UINT16_MAX)
		return REXI_OK;
	*out = rxl_bool(rxl_unit_typed(rxl_vm_unit(vm), type_symbol, symbol, (uint32_t)arity->as.i) != NULL);
	return REXI_OK;
}

enum rexi_status rxl_special(struct rxl_vm *vm, enum rxl_special special, rxl_symbol name, struct rxl_value *args,
			     unsigned argc, struct rxl_value *out)
{
	switch (special) {
	case RXL_SPECIAL_TYPE_OF:
		return type_of(vm, &args[0], out);
	case RXL_SPECIAL_FN:
		return fn_pointer(vm, &args[0], out);
	case RXL_SPECIAL_CALL:
		vm->bad_arg = 1;
		if (args[0].type != RXL_FN)
			return rxl_vm_raise_type(vm, "Fn", rxl_value_type_name(&args[0]));
		vm->bad_arg = 0;
		return rxl_fn_call(vm, &args[0], NULL, false, NULL, args + 1, argc - 1, out);
	case RXL_SPECIAL_CURRY:
		vm->bad_arg = 1;
		if (args[0].type != RXL_FN)
			return rxl_vm_raise_type(vm, "Fn", rxl_value_type_name(&args[0]));
		vm->bad_arg = 0;
		return rxl_fn_curry(vm->heap, &args[0], args + 1, argc - 1, out);
	case RXL_SPECIAL_IS_SHARED:
		*out = rxl_bool(false);
		return REXI_OK;
	case RXL_SPECIAL_IS_DEF_FN:
		return is_def_fn(vm, args, argc, out);
	case RXL_SPECIAL_NONE:
	case RXL_SPECIAL_IS_DEF_VAR:
	case RXL_SPECIAL_EVAL:
		break;
	}
	return rxl_vm_raise_not_found(vm, NULL, rxl_symbol_text(&vm->engine->symbols, name), NULL, args, argc);
}

enum rexi_status rxl_special_method(struct rxl_vm *vm, enum rxl_special special, rxl_symbol name, struct rxl_value *self,
				    const struct rxl_cell *cell, struct rxl_value *args, unsigned argc, struct rxl_value *out)
{
	switch (special) {
	case RXL_SPECIAL_TYPE_OF:
		if (argc == 0)
			return type_of(vm, self, out);
		break;
	case RXL_SPECIAL_IS_SHARED:
		if (argc == 0) {
			*out = rxl_bool(cell != NULL);
			return REXI_OK;
		}
		break;
	case RXL_SPECIAL_CURRY:
		if (self->type != RXL_FN)
			return rxl_vm_raise_type(vm, "Fn", rxl_value_type_name(self));
		return rxl_fn_curry(vm->heap, self, args, argc, out);
	case RXL_SPECIAL_CALL:
		if (argc == 0)
			return rxl_vm_raise_type(vm, "Fn", rxl_value_type_name(self));
		vm->bad_arg = 1;
		return rxl_vm_raise_type(vm, "Fn", rxl_value_type_name(&args[0]));
	default:
		break;
	}
	return rxl_vm_raise_not_found(vm, NULL, rxl_symbol_text(&vm->engine->symbols, name), self, args, argc);
}

struct rxl_function *rxl_method_find(struct rxl_vm *vm, const struct rxl_unit *unit, const struct rxl_site *site,
				     const struct rxl_value *self, unsigned argc)
{
	rxl_symbol type = RXL_NO_SYMBOL;
	struct rxl_function *fn = NULL;

	if (RX_LIKELY(site->method && !site->typed))
		return site->method;
	if (site->typed || unit->import_count) {
		type = rxl_symbol_find(&vm->engine->symbols, rx_str(rxl_value_type_name(self)));
		if (type && site->typed)
			fn = rxl_unit_typed(unit, type, site->name, argc);
		if (fn)
			return fn;
	}
	if (site->method)
		return site->method;
	if (site->typed && (fn = rxl_unit_function(unit, site->name, argc)) != NULL)
		return fn;
	return unit->import_count && type ? rxl_module_method(unit, type, site->name, argc) : NULL;
}

/* ---- evaluation in a scope ------------------------------------------------------------------------------------------- */

enum rexi_status rxl_call_scope(struct rxl_vm *vm, struct rxl_site *site, const struct rxl_scope_map *scope,
				struct rxl_value *args, unsigned argc, struct rxl_value *out)
{
	struct rxl_unit *unit = rxl_vm_unit(vm);
	struct rxl_function *fn = site->compiled;
	rxl_symbol name = site->name;

	if (RX_UNLIKELY(vm->locks) && !(argc && args[0].type == RXL_FN &&
					rx_str_eq(rxl_symbol_text(&vm->engine->symbols, name), RX_STR("call")))) {
		enum rexi_status race =
			rxl_race_check(vm, NULL, rxl_symbol_text(&vm->engine->symbols, name), NULL, args, argc, 1);

		if (race != REXI_OK)
			return race;
	}

	/* call!(pointer, ...): the function it names */
	if (argc && args[0].type == RXL_FN && rx_str_eq(rxl_symbol_text(&vm->engine->symbols, name), RX_STR("call"))) {
		struct rxl_value pointer = rxl_value_take(&args[0]);
		struct rxl_function *known = rxl_fn_target(vm, &pointer, argc - 1);
		enum rexi_status status;

		if (!known || known->is_closure || pointer.as.fn->curry_count) {
			status = rxl_fn_call(vm, &pointer, NULL, false, NULL, args + 1, argc - 1, out);
			for (unsigned i = 1; i < argc; i++)
				rxl_value_drop(vm->heap, &args[i]);
			rxl_value_drop(vm->heap, &pointer);
			return status;
		}
		memmove(args, args + 1, (argc - 1) * sizeof(*args));
		args[argc - 1] = rxl_unit();
		rxl_value_drop(vm->heap, &pointer);
		status = rxl_compile_in_scope(unit, known->ast, scope, &fn);
		return status == REXI_OK ? rxl_vm_call_scoped(vm, fn, out) : status;
	}

	if (!fn) {
		struct rxl_function *known = rxl_unit_function(unit, name, argc);
		enum rexi_status status;

		if (!known) {
			const struct rxl_overload *native =
				rxl_native_find(vm->engine, name, argc ? args : NULL, args + 1, argc ? argc - 1 : 0);

			if (!native)
				return rxl_call_unknown(vm, name, NULL, args, argc, out);
			return rxl_native_call(vm, native, rxl_symbol_text(&vm->engine->symbols, name), false, false,
					       argc ? args : NULL, args + 1, argc ? argc - 1 : 0, out);
		}
		status = rxl_compile_in_scope(unit, known->ast, scope, &fn);
		if (status != REXI_OK)
			return status;
		/* the unit's tables may have moved: find the site again through the call */
		for (uint32_t i = 0; i < unit->site_count; i++)
			if (&unit->sites[i] == site)
				site->compiled = fn;
	}
	return rxl_vm_call_scoped(vm, fn, out);
}

enum rexi_status rxl_eval(struct rxl_vm *vm, const struct rxl_scope_map *scope, struct rxl_value *text, struct rxl_value *out)
{
	struct rxl_unit *unit = rxl_vm_unit(vm), *made;
	struct rxl_compile_options options = { .parent = unit, .around = scope, .frame = vm->frames[vm->depth - 1].fn };
	struct rxl_call call = rxl_vm_call_of(vm, RX_STR("eval"));
	struct rxl_scope_map copy = *scope;
	struct rxl_value message;
	struct rexi_str source;
	uint32_t pos;
	enum rexi_status status;

	if (!rxl_is_string(text))
		return rxl_vm_raise_type(vm, "string", rxl_value_host_type(text));
	/* white space around it is no part of the script, whatever the lexer thinks of it */
	source = rx_unicode_trim(rxl_string_view(text));
	if (source.len == 0)
		return REXI_OK;
	options.around = &copy;
	options.strict_variables = vm->engine->strict_variables;
	status = rxl_compile(vm->engine, source, &options, &made, &message, &pos);
	if (status == REXI_SYNTAX) {
		struct rx_buf buf;
		struct rxl_error *error = rxl_error_begin(vm, RXL_ERROR_PARSING);

		if (!error) {
			rxl_value_drop(vm->heap, &message);
			return REXI_NO_MEMORY;
		}
		rx_buf_init(&buf, &vm->heap->memory, 0);
		if (rxl_is_string(&message))
			rx_buf_str(&buf, rxl_string_view(&message));
		rxl_value_drop(vm->heap, &message);
		RX_TRY(rxl_string_from_buf(vm->heap, &buf, &error->text));
		error->pos = pos;
		return rxl_raise_layer(&call, "eval");
	}
	if (status != REXI_OK)
		return status;
	if (made->ast.fn_count || made->ast.closure_count) {
		rxl_unit_unref(made);
		(void)rxl_vm_raise(vm, RXL_ERROR_PARSING,
				   "Function definitions must be at global level and cannot be inside a block or another function");
		if (vm->error)
			vm->error->no_pos = true;
		return rxl_raise_layer(&call, "eval");
	}
	status = rxl_vm_call_scoped(vm, made->main, out);
	rxl_unit_unref(made);
	if (status != REXI_OK && vm->error && vm->error->kind != RXL_ERROR_EXIT)
		return rxl_raise_wrapped(&call, "eval");
	return status;
}
