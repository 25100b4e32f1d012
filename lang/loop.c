/*
 * The machine's loop: register code, direct-threaded where the compiler can. The instructions stand in loop_*.inc, by
 * group; here are what they share, the ways that are not fast, and how an error leaves.
 */
#include <config.h>

#include "lang/vm_internal.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/utf8.h"
#include "lang/call.h"
#include "lang/operators.h"
#include "base/banned.h"

#define FLAG_B_TEMP 1U
#define FLAG_C_TEMP 2U
#define FLAG_ASSIGN 8U
#define FLAG_LEFT 16U
#define FLAG_KEEP 32U
/* of methods */
#define METHOD_HELD 16U /* cur_cell is the chain's, the receiver is not in it */
#define METHOD_TEMP 32U /* the receiver is no place */
#define METHOD_THIS 64U /* the receiver is this, or in it */
#define METHOD_WALKED 128U /* cur was reached for writing: cur_const knows what was added to a constant */

/* A pseudo element (a string's character, a bit, a host property): written back through its parent. */
struct writeback {
	struct rxl_value *parent;
	struct rxl_value key;
	struct rxl_value temp;
	uint32_t bracket; /* position of the index's bracket or of the property's name, packed */
	bool is_property;
	bool lost; /* indexed again, or a property of it assigned: the reference does not write it back */
};
#define WRITEBACK_MAX 8

static const struct rxl_value unit_place;

#if defined(__GNUC__) && !defined(RXL_NO_COMPUTED_GOTO)
#define COMPUTED 1
#else
#define COMPUTED 0
#endif

#if COMPUTED
#define CASE(name) L_##name:
#define NEXT                                    \
	do {                                    \
		i++;                            \
		goto *labels[i->op];            \
	} while (0)
#define GO goto *labels[i->op] /* to the instruction i */
#else
#define CASE(name) case RXL_OP_##name:
#define NEXT                                    \
	do {                                    \
		i++;                            \
		goto dispatch;                  \
	} while (0)
#define GO goto dispatch
#endif

#define SET(dst, new_value)                                   \
	do {                                                  \
		struct rxl_value *dst_ = (dst);               \
		struct rxl_value new_ = (new_value);          \
		if (RX_UNLIKELY(rxl_is_counted(dst_)))        \
			let_go(heap, dst_);                   \
		*dst_ = new_;                                 \
	} while (0)

/* *dst = *from, which is moved. */
#define PUT(dst, from)                                        \
	do {                                                  \
		struct rxl_value *dst_ = (dst);               \
		struct rxl_words words_ = rxl_words_of(from); \
		if (RX_UNLIKELY(rxl_is_counted(dst_)))        \
			let_go(heap, dst_);                   \
		rxl_words_put(dst_, words_);                  \
	} while (0)

/* *dst = another owner of *from. */
#define COPY(dst, from)                                       \
	do {                                                  \
		const struct rxl_value *from_ = (from);       \
		struct rxl_value *dst_ = (dst);               \
		struct rxl_words words_ = rxl_words_of(from_);\
		if (rxl_is_counted(from_))                    \
			from_->as.object->refs++;             \
		if (RX_UNLIKELY(rxl_is_counted(dst_)))        \
			let_go(heap, dst_);                   \
		rxl_words_put(dst_, words_);                  \
	} while (0)

/* The value in the register `from`, which is left as unit. */
RX_INLINE struct rxl_value taken(struct rxl_value *from)
{
	struct rxl_value value;

	rxl_words_put(&value, rxl_words_of(from));
	rxl_words_put(from, (struct rxl_words){ 0 });
	return value;
}

/* The tag of a value in its words. */
RX_INLINE bool has_tag(struct rxl_words words)
{
	const struct rxl_value tag = { .tag = -1 };

	return words.head & rxl_words_of(&tag).head;
}

/* *dst = *from, which is left as unit. */
#define TAKE(dst, from)                                       \
	do {                                                  \
		struct rxl_value *from_ = (from), *dst_ = (dst);\
		struct rxl_words words_ = rxl_words_of(from_);\
		rxl_words_put(from_, (struct rxl_words){ 0 });\
		if (RX_UNLIKELY(rxl_is_counted(dst_)))        \
			let_go(heap, dst_);                   \
		rxl_words_put(dst_, words_);                  \
	} while (0)

/*
 * The result of arithmetic. The target of an assignment already holds a number of this type, whose tag stays; so does the
 * register of an operand that arithmetic made.
 */
#define SET_NUMBER(ins, new_value)                            \
	do {                                                  \
		struct rxl_value number_ = (new_value);       \
		if ((ins)->flags & (FLAG_ASSIGN | FLAG_KEEP)) \
			REG(a)->as = number_.as;          \
		else                                          \
			SET(REG(a), number_);           \
	} while (0)

/* The same for operations whose assignment leaves no tag. */
#define SET_BITS(ins, new_value)                              \
	do {                                                  \
		struct rxl_value number_ = (new_value);       \
		if ((ins)->a == (ins)->b)                     \
			*REG(a) = number_;                    \
		else                                          \
			SET(REG(a), number_);                 \
	} while (0)

/* The register that an operand names, in instructions whose operands rxl_compile has scaled (see compile.c). */
#define REG(operand) ((struct rxl_value *)(void *)((char *)r + (size_t)i->operand * 8U))
/* Before where a jump leads; distances are in bytes. NEXT goes on from there. */
#define AHEAD(distance) ((const struct rxl_ins *)(const void *)((const char *)i + (distance)))

#define BOTH(x, y, t) ((x)->type == (t) && (y)->type == (t))

#define STEP(n)                                               \
	do {                                                  \
		vm->budget -= (n);                            \
		if (RX_UNLIKELY(vm->budget < 0)) {            \
			frame->pc = i + 1;                    \
			status = rxl_vm_poll(vm);             \
			if (status != REXI_OK)                \
				goto raise;                   \
		}                                             \
	} while (0)

/* The same when i is already the instruction to go on with, which is where an error is placed. */
#define STEP_BEFORE(n)                                        \
	do {                                                  \
		int64_t left_ = vm->budget - (n);             \
		RX_OPAQUE(left_);                             \
		vm->budget = left_;                           \
		if (RX_UNLIKELY(left_ < 0)) {                 \
			frame->pc = i + 1;                    \
			status = rxl_vm_poll(vm);             \
			if (status != REXI_OK)                \
				goto raise;                   \
		}                                             \
	} while (0)

#define FAIL(code)              \
	do {                    \
		status = (code);\
		goto raise;     \
	} while (0)

static RX_NOINLINE void let_go(struct rxl_heap *heap, const struct rxl_value *value)
{
	if (--value->as.object->refs == 0)
		rxl_object_free(heap, value->as.object);
}

RX_INLINE bool same_key(const struct rxl_value *a, const struct rxl_value *b)
{
	uint64_t x[2], y[2];

	memcpy(x, a, 16);
	memcpy(y, b, 16);
	return x[0] == y[0] && x[1] == y[1];
}

/*
 * spec 4.4: two floats are equal when they differ by at most 2^-52 of the larger one, or of 1 when their product is zero.
 * Mostly they differ by far more: then their plain order is the answer. False for near ones, infinities and what is no
 * number, which rxl_operator_float_compare knows. `difference` is x - y.
 */
RX_INLINE bool floats_differ(double x, double y, double difference)
{
	return fabs(difference) > (fabs(x + y) + 1) * 0x1p-50;
}

/* Finds a key's value with the instruction's hint; NULL when absent. */
RX_INLINE struct rxl_value *map_get(const struct rxl_map *map, const struct rxl_value *key, const struct rxl_ins *i)
{
	uint32_t hint = i->c;
	struct rxl_value *found;

	if (RX_LIKELY(hint < map->used && same_key(&map->entries[hint].key, key)))
		return &map->entries[hint].value;
	found = rxl_map_lookup(map, key, &hint);
	if (found && hint < UINT16_MAX)
		memcpy((char *)(uintptr_t)i + offsetof(struct rxl_ins, c), &(uint16_t){ (uint16_t)hint }, sizeof(uint16_t));
	return found;
}

RX_INLINE bool fits_32_bits(int64_t x, int64_t y)
{
	return ((uint64_t)x | (uint64_t)y) >> 32 == 0;
}

/* y > 0. A 32-bit division is several times faster. */
RX_INLINE int64_t divide(int64_t x, int64_t y)
{
	return fits_32_bits(x, y) ? (int64_t)((uint32_t)x / (uint32_t)y) : x / y;
}

RX_INLINE int64_t remainder_of(int64_t x, int64_t y)
{
	return fits_32_bits(x, y) ? (int64_t)((uint32_t)x % (uint32_t)y) : x % y;
}

/* Two texts, integers or characters; tags do not count. */
RX_INLINE bool same_text(const struct rxl_value *x, const struct rxl_value *y)
{
	struct rxl_words a = rxl_words_of(x), b = rxl_words_of(y);
	const struct rxl_value mask = { .tag = -1 };

	return a.body == b.body && ((a.head ^ b.head) & ~rxl_words_of(&mask).head) == 0;
}

/* Two strings. */
RX_INLINE bool same_string(const struct rxl_value *x, const struct rxl_value *y)
{
	if (x->type == RXL_TEXT || y->type == RXL_TEXT)
		return same_text(x, y); /* a string of the other kind is longer */
	return x->as.string == y->as.string || (x->as.string->len == y->as.string->len &&
						memcmp(x->as.string->bytes, y->as.string->bytes, x->as.string->len) == 0);
}

/* Two texts inside their values: zero bytes follow what they hold, so that words decide, and lengths between equals. */
RX_INLINE int text_order(const struct rxl_value *x, const struct rxl_value *y)
{
	struct rxl_words a = rxl_words_of(x), b = rxl_words_of(y);
	uint16_t first, other;

	memcpy(&first, x->text, 2);
	memcpy(&other, y->text, 2);
	if (first != other)
		return memcmp(x->text, y->text, 2);
	if (a.body != b.body)
		return memcmp(x->as.text_more, y->as.text_more, 8);
	return (int)x->len - (int)y->len;
}

/* Two numbers that are compared as floats. */
RX_INLINE bool is_float_pair(const struct rxl_value *x, const struct rxl_value *y)
{
	return (x->type == RXL_FLOAT && (y->type == RXL_FLOAT || y->type == RXL_INT)) || (x->type == RXL_INT && y->type == RXL_FLOAT);
}

/* Comparisons that need no native: 0, 1, or -1 when the pair is another. spec 5.2 */
static int quick_compare(enum rxl_binary op, const struct rxl_value *x, const struct rxl_value *y)
{
	int order;

	if (is_float_pair(x, y)) {
		double p = x->type == RXL_INT ? (double)x->as.i : x->as.f, q = y->type == RXL_INT ? (double)y->as.i : y->as.f;

		if (!floats_differ(p, q, p - q))
			return rxl_operator_float_compare(op, p, q);
		order = p < q ? -1 : 1;
	} else if (x->type == RXL_CHAR && y->type == RXL_CHAR) {
		order = (x->as.c > y->as.c) - (x->as.c < y->as.c);
	} else if (x->type == RXL_TEXT && y->type == RXL_TEXT) {
		order = text_order(x, y);
	} else if (rxl_is_string(x) && rxl_is_string(y)) {
		/* long ones by the slow way, which tells how much it looked at */
		if (x->type == RXL_STRING && x->as.string->len >= 65536)
			return -1;
		if (op <= RXL_BINARY_NE)
			return same_string(x, y) == (op == RXL_BINARY_EQ);
		order = rx_str_cmp(rxl_string_view(x), rxl_string_view(y));
	} else if (x->type == RXL_BOOL && y->type == RXL_BOOL) {
		order = (int)x->as.b - (int)y->as.b;
	} else if (x->type == RXL_UNIT && y->type == RXL_UNIT) {
		return op == RXL_BINARY_EQ;
	} else {
		return -1;
	}
	switch (op) {
	case RXL_BINARY_EQ: return order == 0;
	case RXL_BINARY_NE: return order != 0;
	case RXL_BINARY_LT: return order < 0;
	case RXL_BINARY_LE: return order <= 0;
	case RXL_BINARY_GT: return order > 0;
	default: return order >= 0;
	}
}

RX_COLD static enum rexi_status data_race(struct rxl_vm *vm)
{
	enum rexi_status status = rxl_vm_raise(vm, RXL_ERROR_DATA_RACE, "%s", "");

	if (vm->error)
		vm->error->no_pos = true;
	return status;
}

/*
 * The reference names what a shared variable is made of where it looks at a condition or the argument of a special
 * function that is that variable itself: the instruction before `i` fetched it.
 */
RX_COLD static void shared_mismatch(struct rxl_vm *vm, const struct rxl_frame *frame, const struct rxl_ins *i,
				    const struct rxl_value *value)
{
	const struct rxl_ins *fetch = i - 1;
	struct rxl_value name;

	if (i == frame->fn->code || !vm->error || vm->error->kind != RXL_ERROR_MISMATCH_DATA_TYPE)
		return;
	if ((fetch->op != RXL_OP_GETV && fetch->op != RXL_OP_VAR_DYN) || &frame->base[fetch->a] != value ||
	    fetch->b == RXL_NO_REG || frame->base[fetch->b].type != RXL_CELL)
		return;
	if (rxl_string_new(vm->heap, RX_STR("alloc::rc::Rc<core::cell::RefCell<rhai::types::dynamic::Dynamic>>"), &name) == REXI_OK)
		rxl_value_set(vm->heap, &vm->error->extra, name);
}

RX_COLD static enum rexi_status not_bool(struct rxl_vm *vm, const struct rxl_frame *frame, const struct rxl_ins *i,
					 const struct rxl_value *value)
{
	enum rexi_status status = rxl_vm_raise_type(vm, "bool", rxl_value_host_type(value));

	shared_mismatch(vm, frame, i, value);
	return status;
}

/* Turns the variable into a shared cell if it is none; NULL when memory refuses. */
static struct rxl_cell *share(struct rxl_heap *heap, struct rxl_value *var)
{
	struct rxl_cell *cell;

	if (var->type == RXL_CELL)
		return var->as.cell;
	cell = rxl_cell_new(heap, *var);
	if (!cell)
		return NULL;
	*var = (struct rxl_value){ .type = RXL_CELL, .as.cell = cell };
	return cell;
}

static enum rexi_status map_make(struct rxl_vm *vm, const struct rxl_unit *unit, const struct rxl_shape *shape,
				 struct rxl_value *from, struct rxl_value *out)
{
	struct rxl_map *map;

	if (shape->count > vm->heap->max_map) {
		vm->heap->too_large = "Size of object map";
		return REXI_LIMIT;
	}
	RX_TRY(rxl_map_new(vm->heap, shape->count, out));
	map = out->as.map;
	for (uint32_t k = 0; k < shape->count; k++) {
		struct rxl_value *value = &from[shape->from[k]];

		map->entries[k].key = rxl_value_copy(&unit->constants[shape->keys[k]]);
		rxl_words_put(&map->entries[k].value, rxl_words_of(value));
		rxl_words_put(value, (struct rxl_words){ 0 });
	}
	map->count = map->used = map->sorted = shape->count;
	return REXI_OK;
}

/* The property of an object map that a method call may mean, or NULL. */
RX_INLINE const struct rxl_value *method_property(const struct rxl_unit *unit, struct rxl_site *site, const struct rxl_map *map)
{
	const struct rxl_value *key = &unit->constants[site->text];

	if (site->hint < map->used && same_key(&map->entries[site->hint].key, key))
		return &map->entries[site->hint].value;
	/* mostly it is a function's name and no property */
	if (!map->index && key->type == RXL_TEXT) {
		for (uint32_t k = 0; k < map->used; k++)
			if (same_key(&map->entries[k].key, key)) {
				site->hint = k;
				return &map->entries[k].value;
			}
		return NULL;
	}
	return rxl_map_lookup(map, key, &site->hint);
}

/*
 * Puts the captured variables of a closure before its `argc` arguments, which begin at args; false when it cannot be
 * entered from here: another number of parameters, another unit (which must be kept alive), no room.
 */
RX_INLINE bool closure_arguments(struct rxl_vm *vm, const struct rxl_unit *unit, const struct rxl_fn *fn, struct rxl_value *args,
				 unsigned argc)
{
	const struct rxl_function *target = fn->target;
	unsigned more = fn->curry_count, total = argc + more;

	if (RX_UNLIKELY(!target || !target->is_closure || target->param_count != total || fn->unit != unit ||
			(args + total + 1 > vm->segment->end && !rxl_segment_extend(vm, args + total + 1))))
		return false;
	if (!more)
		return true;
	for (unsigned k = argc; k < total; k++)
		if (rxl_is_counted(&args[k]))
			rxl_value_drop(vm->heap, &args[k]);
	for (struct rxl_value *from = args + argc; from-- != args;)
		rxl_words_put(from + more, rxl_words_of(from));
	for (const struct rxl_value *from = fn->curry, *end = from + more; from != end; from++, args++) {
		const struct rxl_value *value = from;

		/* only the captures of the closure itself stay shared */
		if (RX_UNLIKELY(from->type == RXL_CELL && (size_t)(from - fn->curry) >= target->capture_count))
			value = &from->as.cell->value;
		if (rxl_is_counted(value))
			value->as.object->refs++;
		rxl_words_put(args, rxl_words_of(value));
	}
	return true;
}

static int32_t switch_target(const struct rxl_switch *table, const struct rxl_value *subject)
{
	bool is_plain = subject->type == RXL_TEXT || subject->type == RXL_INT || subject->type == RXL_CHAR;

	if (table->dense && subject->type == RXL_INT) {
		uint64_t at = (uint64_t)subject->as.i - (uint64_t)table->min;

		return at < table->span ? table->targets[at] : table->fallback;
	}
	for (int32_t k = table->buckets[rxl_switch_hash(subject) & table->bucket_mask]; k >= 0; k = table->cases[k].next) {
		const struct rxl_value *value = &table->cases[k].value;

		if (is_plain ? same_text(value, subject) : rxl_value_same(value, subject))
			return table->cases[k].target;
	}
	return table->fallback;
}

static bool in_case(const struct rxl_value *range, const struct rxl_value *subject)
{
	int64_t start = range->as.range->start, end = range->as.range->end;

	if (subject->type == RXL_INT)
		return subject->as.i >= start && (range->type == RXL_RANGE ? subject->as.i < end : subject->as.i <= end);
	if (subject->type == RXL_FLOAT)
		return subject->as.f >= (double)start &&
		       (range->type == RXL_RANGE ? subject->as.f < (double)end : subject->as.f <= (double)end);
	return rxl_value_same(range, subject);
}

/* A variable that is not known where the script was compiled: a function's name, or made by eval. */
static enum rexi_status missing_variable(struct rxl_vm *vm, const struct rxl_frame *frame, rxl_symbol name, bool plain,
					 struct rxl_value *out)
{
	struct rexi_str text = rxl_symbol_text(&vm->engine->symbols, name);

	for (const struct rxl_unit *unit = frame->fn->unit; unit && !plain; unit = unit->parent) {
		for (uint32_t k = unit->own_count; k-- > 0;) {
			struct rxl_function *fn = unit->functions[k];

			if (fn->name != name)
				continue;
			RX_TRY(rxl_fn_new(vm->heap, text, out));
			out->as.fn->target = fn;
			out->as.fn->unit = fn->unit;
			rxl_unit_ref(fn->unit);
			return REXI_OK;
		}
	}
	return rxl_vm_raise(vm, RXL_ERROR_VARIABLE_NOT_FOUND, "%.*s", RX_STR_ARG(text));
}

/* What eval made: name (symbol as an integer), value, constant, slots of the scope before it. */
#define DYNAMIC 4U

/* The innermost of that name that hides the variable of `rank` (rxl_var_rank); its value, followed by its constancy. */
static struct rxl_value *dynamic_find(struct rxl_frame *frame, rxl_symbol name, unsigned rank)
{
	/* a scoped frame sees what eval made in the frame whose registers it shares */
	for (;; frame--) {
		if (frame->flags & FRAME_DYNAMIC) {
			struct rxl_array *array = frame->dynamic.as.array;

			for (uint32_t k = array->count; k >= DYNAMIC; k -= DYNAMIC)
				if (array->items[k - 4].as.i == name && array->items[k - 1].as.i >= (int64_t)rank)
					return &array->items[k - 3];
		}
		if (!(frame->flags & FRAME_SCOPED))
			return NULL;
	}
}

/* The variable at a slot of the reference's scope, those that eval made counted. */
static struct rxl_value *slot_find(struct rxl_frame *frame, const struct rxl_scope_map *scope, uint32_t slot)
{
	struct rxl_value *found = NULL;
	uint32_t before = 0;

	for (struct rxl_frame *each = frame;; each--) {
		if (each->flags & FRAME_DYNAMIC) {
			struct rxl_array *array = each->dynamic.as.array;

			for (uint32_t k = 0; k + DYNAMIC <= array->count; k += DYNAMIC) {
				uint32_t at = (uint32_t)array->items[k + 3].as.i + k / DYNAMIC;

				if (at == slot)
					return &array->items[k + 1];
				before += at < slot;
			}
		}
		if (!(each->flags & FRAME_SCOPED))
			break;
	}
	for (uint32_t k = 0; k < scope->count; k++)
		if (!scope->vars[k].is_module && scope->vars[k].slot == slot - before)
			found = &frame->base[scope->vars[k].reg];
	return found;
}

static uint32_t dynamic_count(const struct rxl_frame *frame)
{
	uint32_t count = 0;

	for (;; frame--) {
		if (frame->flags & FRAME_DYNAMIC)
			count += frame->dynamic.as.array->count / DYNAMIC;
		if (!(frame->flags & FRAME_SCOPED))
			return count;
	}
}

static enum rexi_status dynamic_keep(struct rxl_vm *vm, struct rxl_frame *frame, rxl_symbol name, bool is_const, unsigned slots,
				     struct rxl_value *value)
{
	while (frame->flags & FRAME_SCOPED)
		frame--;
	if (!(frame->flags & FRAME_DYNAMIC)) {
		RX_TRY(rxl_array_new(vm->heap, 0, &frame->dynamic));
		frame->flags |= FRAME_DYNAMIC;
	}
	RX_TRY(rxl_array_reserve(vm->heap, &frame->dynamic, DYNAMIC));
	RX_TRY(rxl_array_push(vm->heap, &frame->dynamic, rxl_int(name)));
	RX_TRY(rxl_array_push(vm->heap, &frame->dynamic, rxl_value_take(value)));
	RX_TRY(rxl_array_push(vm->heap, &frame->dynamic, rxl_bool(is_const)));
	return rxl_array_push(vm->heap, &frame->dynamic, rxl_int(slots));
}

/*
 * What a closure captures where eval has made variables: the reference shares by place in the scope, which is another
 * variable's now, and takes the value by name.
 */
static enum rexi_status captures_dynamic(struct rxl_vm *vm, struct rxl_frame *frame, struct rxl_function *fn,
					 const struct rxl_scope_map *scope, struct rxl_value *r, struct rxl_value *out)
{
	uint32_t more = dynamic_count(frame);

	for (uint32_t k = 0; k < fn->capture_count; k++) {
		const struct rxl_capture *capture = &fn->captures[k];
		struct rxl_value *found = dynamic_find(frame, capture->name, capture->missing ? 0 : capture->slot + 1U);
		struct rxl_value *place = capture->missing ? found : slot_find(frame, scope, capture->slot + more);

		if (!found && !capture->missing)
			found = &r[capture->from];
		if (!found) {
			enum rexi_status status = rxl_vm_raise(vm, RXL_ERROR_VARIABLE_NOT_FOUND, "%.*s",
							       RX_STR_ARG(rxl_symbol_text(&vm->engine->symbols, capture->name)));

			if (vm->error)
				vm->error->pos = capture->pos;
			return status;
		}
		if (place && !share(vm->heap, place))
			return REXI_NO_MEMORY;
		out[k] = rxl_value_copy(found);
	}
	return REXI_OK;
}

static enum rexi_status captures(struct rxl_vm *vm, const struct rxl_function *fn, struct rxl_value *r, struct rxl_value *out)
{
	for (uint32_t k = 0; k < fn->capture_count; k++) {
		const struct rxl_capture *capture = &fn->captures[k];

		if (capture->missing) {
			enum rexi_status status = rxl_vm_raise(vm, RXL_ERROR_VARIABLE_NOT_FOUND, "%.*s",
							       RX_STR_ARG(rxl_symbol_text(&vm->engine->symbols, capture->name)));

			if (vm->error)
				vm->error->pos = capture->pos;
			return status;
		}
		if (r[capture->from].type == RXL_CELL && r[capture->from].as.cell->head.flags & RXL_CELL_LOCKED)
			return data_race(vm);
		if (!share(vm->heap, &r[capture->from]))
			return REXI_NO_MEMORY;
		out[k] = rxl_value_copy(&r[capture->from]);
	}
	return REXI_OK;
}

/* scope: where eval may have made variables, else NULL. */
static enum rexi_status closure_make(struct rxl_vm *vm, struct rxl_frame *frame, struct rxl_function *fn,
				     const struct rxl_scope_map *scope, struct rxl_value *r, struct rxl_value *out)
{
	struct rxl_heap *heap = vm->heap;
	enum rexi_status status = REXI_OK;
	struct rxl_fn *made;
	struct rxl_value value;

	/* unused ones may have piled up that hold much: they are looked for at the next step that counts */
	if (fn->capture_count && RX_UNLIKELY(rxl_heap_collect_due(heap, true)))
		rxl_vm_poll_soon(vm);
	RX_TRY(rxl_fn_new(heap, rxl_symbol_text(&vm->engine->symbols, fn->name), &value));
	made = value.as.fn;
	made->head.flags = RXL_FN_CLOSURE;
	made->target = fn;
	made->unit = fn->unit;
	rxl_unit_ref(fn->unit);
	if (fn->capture_count) {
		made->curry = rxl_heap_take(heap, fn->capture_count * sizeof(*made->curry));
		if (!made->curry) {
			rxl_value_drop(heap, &value);
			return REXI_NO_MEMORY;
		}
		made->curry_count = fn->capture_count;
		for (uint32_t k = 0; k < fn->capture_count; k++)
			made->curry[k] = rxl_unit();
		status = scope && dynamic_count(frame) ? captures_dynamic(vm, frame, fn, scope, r, made->curry)
						       : captures(vm, fn, r, made->curry);
	}
	if (status != REXI_OK)
		rxl_value_drop(heap, &value);
	else
		*out = value;
	return status;
}

RX_COLD static enum rexi_status constant_error(struct rxl_vm *vm, rxl_symbol name, const struct rxl_ins *at)
{
	const struct rxl_function *fn = vm->frames[vm->depth - 1].fn;
	uint32_t pos = fn->positions[at - fn->code];
	struct rexi_str text = name ? rxl_symbol_text(&vm->engine->symbols, name) : RX_STR("");
	enum rexi_status status = rxl_vm_raise(vm, RXL_ERROR_ASSIGNMENT_TO_CONSTANT, "%.*s", RX_STR_ARG(text));

	if (vm->error)
		vm->error->pos = pos;
	return status;
}

/* Assigning base[index] would replace an element that is there. */
static bool place_is_constant(const struct rxl_value *base, const struct rxl_value *index)
{
	if (base->type == RXL_MAP)
		return rxl_is_string(index) && !rxl_map_is_added(base) && rxl_map_find(base, rxl_string_view(index)) != NULL;
	if (base->type != RXL_ARRAY || index->type != RXL_INT)
		return false;
	return index->as.i < 0 ? 0 - (uint64_t)index->as.i <= base->as.array->count
			       : (uint64_t)index->as.i < base->as.array->count;
}

/* An argument of the wrong type: the error stands at that argument, at its start where a function was called. */
RX_COLD static void argument_error(struct rxl_vm *vm, const struct rxl_site *site, bool start)
{
	if (vm->error && !vm->error->pos && vm->bad_arg && site->args && vm->bad_arg <= site->arg_count)
		vm->error->pos = rxl_pos_pack(start ? rxl_node_start(site->args[vm->bad_arg - 1]) : site->args[vm->bad_arg - 1]->pos);
	vm->bad_arg = 0;
}

static enum rexi_status property_back(struct rxl_vm *vm, struct writeback *back, bool constant)
{
	enum rexi_status status = rxl_property_set(vm, back->parent, &back->key, rxl_value_take(&back->temp), constant);

	if (status != REXI_OK && vm->error && !vm->error->pos)
		vm->error->pos = back->bracket;
	return status;
}

/* *text += a string or a character. */
static enum rexi_status text_grow(struct rxl_heap *heap, struct rxl_value *text, const struct rxl_value *more)
{
	char bytes[4];

	if (more->type == RXL_CHAR)
		return rxl_string_append(heap, text, rx_str_make(bytes, rx_utf8_encode(bytes, more->as.c)));
	return rxl_string_append(heap, text, rxl_string_view(more));
}

/* Pushes the elements of wb back into their parents, innermost first. */
static enum rexi_status write_back(struct rxl_vm *vm, struct writeback *wb, unsigned *count, bool constant)
{
	enum rexi_status status = REXI_OK;

	while (*count) {
		struct writeback *top = &wb[--*count];

		/* A property of a host type that only has a getter is not written back: nobody could see the change. */
		if (top->lost)
			;
		else if (status == REXI_OK && top->is_property && rxl_property_is_read_only(vm, top->parent, &top->key, &top->temp))
			;
		else if (status == REXI_OK && top->is_property)
			status = property_back(vm, top, constant && !*count);
		else if (status == REXI_OK)
			status = rxl_index_set(vm, top->parent, &top->key, top->bracket, rxl_value_take(&top->temp));
		rxl_value_drop(vm->heap, &top->temp);
		rxl_value_drop(vm->heap, &top->key);
	}
	return status;
}

/* A link follows the element of what is no place, and no method: see struct writeback. */
static void write_back_lose(struct writeback *wb, unsigned count, const struct rxl_value *cur)
{
	struct writeback *top = count ? &wb[count - 1] : NULL;

	if (top && !top->is_property && cur == &top->temp &&
	    (top->parent->type == RXL_INT || top->parent->type == RXL_BLOB || rxl_is_string(top->parent)))
		top->lost = true;
}

static void write_back_forget(struct rxl_vm *vm, struct writeback *wb, unsigned *count)
{
	while (*count) {
		struct writeback *top = &wb[--*count];

		rxl_value_drop(vm->heap, &top->temp);
		rxl_value_drop(vm->heap, &top->key);
	}
}

/* The argument types of a call in one number; 0: too many to remember. */
RX_INLINE uint64_t types_key(const struct rxl_value *self, const struct rxl_value *args, unsigned argc)
{
	uint64_t key = self ? rxl_value_type_id(self) + 1 : 0;

	if (argc > 3)
		return 0;
	for (unsigned k = 0; k < argc; k++)
		key = key << 16 | (rxl_value_type_id(&args[k]) + 1);
	return key;
}

static const struct rxl_overload *site_native(struct rxl_vm *vm, struct rxl_site *site, const struct rxl_value *self,
					      const struct rxl_value *args, unsigned argc)
{
	uint64_t key = types_key(self, args, argc);
	const struct rxl_overload *native;

	if (RX_LIKELY(site->key == key && key != 0))
		return site->native;
	native = rxl_native_find(vm->engine, site->name, self, args, argc);
	if (native && key) {
		site->key = key;
		site->native = native;
	}
	return native;
}

/* cur is no place of a variable but a value that a link made. */
static bool is_copy(const struct rxl_vm *vm, const struct rxl_value *cur, const struct writeback *wb)
{
	uintptr_t at = (uintptr_t)cur;

	return (at >= (uintptr_t)vm->segment->registers && at < (uintptr_t)vm->segment->end) ||
	       (at >= (uintptr_t)wb && at < (uintptr_t)(wb + WRITEBACK_MAX));
}

/* The link before `i` gave the element of a string or number. */
static bool after_element_copy(const struct rxl_vm *vm, const struct rxl_ins *i, const struct rxl_value *cur,
			       const struct writeback *wb)
{
	i--;
	while (i->op == RXL_OP_CUR_UNIT || i->op == RXL_OP_HELD)
		i--;
	return (i->op == RXL_OP_IDX_W || i->op == RXL_OP_IDX_CC || i->op == RXL_OP_IDX_RC) && is_copy(vm, cur, wb);
}

/* A native that changes nothing has its receiver written back all the same when that is a slice; texts of it are made of a copy. */
static bool writes_slice_back(const struct rxl_vm *vm, const struct rxl_ins *i, const struct rxl_value *cur,
			      const struct writeback *wb, const struct rxl_overload *native)
{
	return after_element_copy(vm, i, cur, wb) && strcmp(native->row->name, "to_string") != 0 &&
	       strcmp(native->row->name, "to_debug") != 0;
}

/* A property that is not there. */
static bool is_missing(const struct rxl_vm *vm, const struct rxl_value *cur, const struct writeback *wb)
{
	return cur->type == RXL_UNIT && is_copy(vm, cur, wb);
}

/* 2 when the link before `i` gave a copy: the element of a string or number, or a property that is not there. */
static unsigned race_first(const struct rxl_vm *vm, const struct rxl_ins *i, const struct rxl_value *cur,
			   const struct writeback *wb)
{
	/* the instructions that name a variable have its place */
	if (i->op == RXL_OP_METHOD || i->op == RXL_OP_KEY_SET_R || i->op == RXL_OP_IDX_SET_R || i[-1].op == RXL_OP_CUR_REG)
		return 1;
	return after_element_copy(vm, i, cur, wb) || is_missing(vm, cur, wb) ? 2 : 1;
}

/* Indexing it calls a function. */
static bool is_indexed_by_call(const struct rxl_value *base)
{
	return base->type != RXL_ARRAY && base->type != RXL_MAP && base->type != RXL_BLOB && base->type != RXL_INT && !rxl_is_string(base);
}

/* base[index], and base[index] = value, where a function would be called for it. */
static enum rexi_status index_race_check(struct rxl_vm *vm, const struct rxl_cell *cell, const struct rxl_value *base,
					 const struct rxl_value *index, const struct rxl_value *value, unsigned first)
{
	struct rexi_str name = value ? RX_STR("index$set$") : RX_STR("index$get$");

	if (!is_indexed_by_call(base))
		return REXI_OK;
	RX_TRY(rxl_race_check(vm, cell, name, first == 2 ? base : NULL, index, 1, first));
	return value ? rxl_race_check(vm, cell, name, NULL, value, 1, first + 1) : REXI_OK;
}

/* A getter of a value that is no place. */
RX_COLD static enum rexi_status get_race_check(struct rxl_vm *vm, const struct rxl_value *base, const struct rxl_value *key)
{
	struct rx_buf name;
	enum rexi_status status;

	if (!rxl_value_holds(base, NULL))
		return REXI_OK;
	rx_buf_init(&name, &vm->heap->memory, 0);
	RX_BUF_LIT(&name, "get$");
	rx_buf_str(&name, rxl_string_view(key));
	status = rxl_vm_raise_race(vm, 1, rx_buf_view(&name));
	rx_buf_fini(&name);
	return status;
}

static enum rexi_status method_race_check(struct rxl_vm *vm, const struct rxl_ins *i, const struct rxl_cell *cell,
					  const struct rxl_value *self, const struct rxl_value *args, unsigned argc,
					  const struct writeback *wb)
{
	const struct rxl_site *site = &vm->frames[vm->depth - 1].fn->unit->sites[i->k];
	unsigned first = i->flags & METHOD_TEMP ? 2 : race_first(vm, i, self, wb);

	return rxl_race_check(vm, cell, rxl_symbol_text(&vm->engine->symbols, site->name), first == 2 ? self : NULL, args, argc, first);
}

/* base.key = value where a function would be called for it. */
static enum rexi_status set_race_check(struct rxl_vm *vm, const struct rxl_cell *cell, const struct rxl_value *key,
				       const struct rxl_value *value, unsigned first)
{
	struct rx_buf name;
	enum rexi_status status;

	if (!rxl_value_holds(value, cell))
		return REXI_OK;
	rx_buf_init(&name, &vm->heap->memory, 0);
	RX_BUF_LIT(&name, "set$");
	rx_buf_str(&name, rxl_string_view(key));
	status = rxl_vm_raise_race(vm, first, rx_buf_view(&name));
	rx_buf_fini(&name);
	return status;
}

/* The variable that the place `cur` is in, when it can be told: what hangs on it counts as a whole. */
RX_COLD static const struct rxl_value *chain_whole(const struct rxl_frame *frame, const struct rxl_ins *root,
						   const struct rxl_cell *cell, const struct rxl_value *cur)
{
	const struct rxl_value *whole = NULL;

	if (cell)
		return &cell->value;
	/* a chain for reading alone keeps no root: the last one may be another function's */
	if (!root || root < frame->fn->code || root >= frame->fn->code + frame->fn->code_count)
		return cur;
	if (root->op == RXL_OP_CUR_THIS)
		whole = frame->self;
	else if ((root->op == RXL_OP_CUR_REG || root->op == RXL_OP_REG_OP || root->op == RXL_OP_REG_OPI) &&
		 root->b != RXL_NO_REG && !root->a)
		whole = &frame->base[root->b];
	if (whole && whole->type == RXL_CELL)
		whole = &whole->as.cell->value;
	return whole ? whole : cur;
}

/* The value after a native or an operator when sizes are limited. */
#define SIZES(value)                                                            \
	do {                                                                    \
		if (RX_UNLIKELY(engine->limits.sizes)) {                        \
			status = rxl_sizes_check(vm, (value));                      \
			if (status != REXI_OK)                                  \
				goto raise;                                     \
		}                                                               \
	} while (0)

#define FRAME_LOAD()                          \
	do {                                  \
		r = frame->base;              \
		i = frame->pc - 1;            \
		unit = frame->fn->unit;       \
	} while (0)

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic" /* labels as values */
enum rexi_status rxl_loop_run(struct rxl_vm *vm, struct rxl_value *result)
{
#if COMPUTED
	static const void *const labels[] = {
#define RXL_OP(name, text) &&L_##name,
#include "lang/opcodes.def"
#undef RXL_OP
	};
#endif
	struct rxl_engine *engine = vm->engine;
	struct rxl_heap *heap = vm->heap;
	struct rxl_frame *frame = &vm->frames[vm->depth - 1];
	struct rxl_value *r;
	const struct rxl_ins *i;
	struct rxl_unit *unit;
	struct rxl_value *cur = NULL;
	struct rxl_cell *cur_cell = NULL;
	bool cur_const = false;   /* the chain's root is a constant: what exists in it cannot be assigned */
	bool cur_fixed = false;   /* cur itself cannot */
	const struct rxl_ins *cur_root = NULL; /* where the chain began: its variable and position in errors */
	struct writeback wb[WRITEBACK_MAX];
	unsigned wb_count = 0;
	enum rexi_status status;
	enum rxl_binary jump_op = RXL_BINARY_EQ;
	bool jump_sense = false;
	struct rxl_value immediate, made;
	const struct rxl_value *left, *right;
	struct rxl_function *callee;
	struct rxl_value *callee_self, *callee_args, *window = NULL;
	struct rxl_cell *callee_lock;
	unsigned callee_flags;

	r = frame->base;
	i = frame->pc;
	unit = frame->fn->unit;
	GO;

#if !COMPUTED
dispatch:
	switch ((enum rxl_op)i->op) {
#endif

#include "lang/loop_moves.inc"
#include "lang/loop_numbers.inc"
#include "lang/loop_jumps.inc"
#include "lang/loop_calls.inc"
#include "lang/loop_build.inc"
#include "lang/loop_chains.inc"
#include "lang/loop_modules.inc"

#if !COMPUTED
	case RXL_OP_COUNT:
		rx_unreachable();
	}
#endif

	/* ---- the slow ways */
add_string:
	left = REG(b);
	right = REG(c);
	goto add_right;
add_string_integer:
	if (i->flags & FLAG_LEFT)
		goto slow_integer;
	left = REG(b);
	immediate = rxl_int(i->i);
	right = &immediate;
add_right:
	if (left->tag == 0 && rxl_short_join(heap, left, right, &made)) {
		PUT(REG(a), &made);
		NEXT;
	}
	jump_op = RXL_BINARY_ADD;
	frame->pc = i + 1;
	if ((i->flags & FLAG_ASSIGN) && (rxl_is_string(right) || right->type == RXL_CHAR)) {
		status = text_grow(heap, REG(a), right);
		goto assigned;
	}
	if (!(i->flags & FLAG_ASSIGN) && (i->flags & FLAG_B_TEMP) && right->type <= RXL_STRING &&
	    right->type != RXL_TIME) {
		/* a text in a temporary grows in place */
		rxl_words_put(&made, rxl_words_of(left));
		rxl_words_put(REG(b), (struct rxl_words){ 0 });
		status = rxl_text_add(vm, &made, right);
		goto binary_made;
	}
	goto slow_binary;
slow_registers:
	left = REG(b);
	right = REG(c);
	jump_op = i->op == RXL_OP_ADD_NEXT ? RXL_BINARY_ADD : (enum rxl_binary)(i->op - RXL_OP_ADD);
	goto slow_binary;
slow_from_integer:
	immediate = rxl_int(i->i);
	jump_op = RXL_BINARY_SUB;
	goto slow_immediate;
slow_from_float:
	immediate = rxl_float(i->f);
	jump_op = i->op == RXL_OP_FROMF ? RXL_BINARY_SUB : RXL_BINARY_DIV;
	goto slow_immediate;
slow_integer:
	immediate = rxl_int(i->i);
	jump_op = (enum rxl_binary)(i->op - RXL_OP_ADDI);
	goto slow_immediate;
slow_float:
	immediate = rxl_float(i->f);
	jump_op = (enum rxl_binary)(i->op - RXL_OP_ADDF);
slow_immediate:
	left = i->flags & FLAG_LEFT ? &immediate : REG(b);
	right = i->flags & FLAG_LEFT ? REG(b) : &immediate;
slow_binary:
	if (jump_op >= RXL_BINARY_EQ && jump_op <= RXL_BINARY_GE && !(i->flags & FLAG_ASSIGN)) {
		int outcome = quick_compare(jump_op, left, right);

		if (outcome >= 0) {
			if ((i->flags & FLAG_B_TEMP) && rxl_is_counted(REG(b)))
				rxl_value_drop(heap, REG(b));
			if ((i->flags & FLAG_C_TEMP) && right != &immediate && rxl_is_counted(right))
				rxl_value_drop(heap, REG(c));
			SET(REG(a), rxl_bool(outcome));
			NEXT;
		}
	}
	frame->pc = i + 1;
	if (i->flags & FLAG_ASSIGN) {
		status = rxl_assign_slow(vm, jump_op, REG(a), right);
	assigned:
		frame = &vm->frames[vm->depth - 1];
		if ((i->flags & FLAG_C_TEMP) && rxl_is_counted(right))
			rxl_value_drop(heap, REG(c));
		if (status != REXI_OK)
			goto raise;
		SIZES(REG(a));
		NEXT;
	}
	made = rxl_unit();
	status = rxl_binary_slow(vm, jump_op, left, right, &made);
binary_made:
	frame = &vm->frames[vm->depth - 1];
	if ((i->flags & FLAG_B_TEMP) && rxl_is_counted(REG(b)))
		rxl_value_drop(heap, REG(b));
	if ((i->flags & FLAG_C_TEMP) && right != &immediate && rxl_is_counted(right))
		rxl_value_drop(heap, REG(c));
	if (status != REXI_OK) {
		rxl_value_drop(heap, &made);
		goto raise;
	}
	made.tag = 0;
	PUT(REG(a), &made);
	SIZES(REG(a));
	NEXT;
slow_compare_integer:
	left = REG(b);
	immediate = rxl_int(i->i);
	right = &immediate;
	jump_op = (enum rxl_binary)(i->op - RXL_OP_EQI + RXL_BINARY_EQ);
	goto slow_binary;
slow_branch_integer:
	immediate = rxl_int(i->n);
	right = &immediate;
	left = REG(a);
	goto slow_compare;
slow_branch_constant:
	left = REG(a);
	right = &unit->constants[i->n];
	goto slow_compare;
slow_branch:
	left = REG(a);
	right = REG(b);
slow_compare : {
	int outcome = quick_compare(jump_op, left, right);

	if (outcome < 0) {
		frame->pc = i + 1;
		made = rxl_unit();
		status = rxl_binary_slow(vm, jump_op, left, right, &made);
		frame = &vm->frames[vm->depth - 1];
		if (status != REXI_OK)
			goto raise;
		if (made.type != RXL_BOOL) {
			status = not_bool(vm, frame, i, &made);
			rxl_value_drop(heap, &made);
			goto raise;
		}
		outcome = made.as.b;
	}
	if ((i->flags & FLAG_B_TEMP) && rxl_is_counted(REG(a)))
		rxl_value_drop(heap, REG(a));
	if ((i->flags & FLAG_C_TEMP) && rxl_is_counted(REG(b)))
		rxl_value_drop(heap, REG(b));
	if (outcome == jump_sense) {
		i = i->to;
		STEP_BEFORE(1);
		GO;
	}
	NEXT;
}
slow_condition:
	left = REG(a);
	if (!(i->flags & 4U))
		FAIL(not_bool(vm, frame, i, left));
	/* under a `!`: the operator of a host's type, if any */
	frame->pc = i + 1;
	made = rxl_unit();
	status = rxl_unary_slow(vm, RXL_UNARY_NOT, REG(a), &made);
	frame = &vm->frames[vm->depth - 1];
	if (status == REXI_OK && made.type != RXL_BOOL) {
		status = not_bool(vm, frame, i, &made);
		rxl_value_drop(heap, &made);
	}
	if (status != REXI_OK)
		goto raise;
	if (made.as.b == (i->op == RXL_OP_JF)) {
		i = i->to;
		STEP_BEFORE(1);
		GO;
	}
	NEXT;
slow_unary:
	frame->pc = i + 1;
	made = rxl_unit();
	status = rxl_unary_slow(vm, (enum rxl_unary)(i->op - RXL_OP_MINUS), REG(b), &made);
	frame = &vm->frames[vm->depth - 1];
	if ((i->flags & FLAG_B_TEMP) && rxl_is_counted(REG(b)))
		rxl_value_drop(heap, REG(b));
	if (status != REXI_OK)
		goto raise;
	PUT(REG(a), &made);
	NEXT;

raise:
	frame = &vm->frames[vm->depth - 1];
	frame->pc = i + 1;
	write_back_forget(vm, wb, &wb_count);
	status = rxl_vm_status(vm, status);
	if (vm->error && !vm->error->pos && !vm->error->no_pos)
		vm->error->pos = frame->fn->positions[i - frame->fn->code];
	if (!rxl_unwind(vm))
		return status;
	frame = &vm->frames[vm->depth - 1];
	r = frame->base;
	i = frame->pc;
	unit = frame->fn->unit;
	GO;
}
#pragma GCC diagnostic pop
