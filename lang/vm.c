/* The machine's loop: register code, direct-threaded where the compiler can. */
#include <config.h>

#include "lang/engine.h"

#include <math.h>
#include <string.h>

#include "lang/call.h"
#include "lang/operators.h"
#include "base/banned.h"

#define FLAG_B_TEMP 1U
#define FLAG_C_TEMP 2U
#define FLAG_ASSIGN 8U

#define SEGMENT_FIRST 2048
#define SPARE_LIMIT 65536

/* frame->flags */
#define FRAME_ENTRY 1U     /* called from C */
#define FRAME_LOCK 2U      /* frame->lock */
#define FRAME_DYNAMIC 4U   /* frame->dynamic */
#define FRAME_SEGMENT 8U   /* first in its segment */
#define FRAME_CONST 16U    /* `this` is a constant */
#define FRAME_SCOPED 32U   /* shares the registers of the frame below */
#define FRAME_SLOW (FRAME_ENTRY | FRAME_LOCK | FRAME_DYNAMIC | FRAME_SEGMENT)

/* A pseudo element (a string's character, a bit, a host property): written back through its parent. */
struct writeback {
	struct rxl_value *parent;
	struct rxl_value key;
	struct rxl_value temp;
	uint32_t bracket;
	bool is_property;
};
#define WRITEBACK_MAX 8

static const struct rxl_value unit_place;

/* ---- setting up ---------------------------------------------------------------------------------------------------- */

void rxl_vm_init(struct rxl_vm *vm, struct rxl_engine *engine)
{
	memset(vm, 0, sizeof(*vm));
	vm->engine = engine;
	vm->heap = &engine->heap;
	vm->native_max = 100;
}

static void segment_give(struct rxl_vm *vm, struct rxl_segment *segment)
{
	rx_memory_give(&vm->heap->memory, segment, segment->size);
}

void rxl_vm_fini(struct rxl_vm *vm)
{
	rx_memory_give(&vm->heap->memory, vm->frames, vm->frame_cap * sizeof(*vm->frames));
	while (vm->segment) {
		struct rxl_segment *older = vm->segment->older;

		segment_give(vm, vm->segment);
		vm->segment = older;
	}
	if (vm->spare)
		segment_give(vm, vm->spare);
	rxl_error_free(vm->heap, vm->error);
	rxl_error_free(vm->heap, vm->caught);
	vm->error = vm->caught = NULL;
	vm->spare = NULL;
	vm->frames = NULL;
	vm->frame_cap = 0;
}

static bool segment_push(struct rxl_vm *vm, size_t need)
{
	size_t count = SEGMENT_FIRST, size;
	struct rxl_segment *segment = vm->spare;

	if (segment && (size_t)(segment->end - segment->registers) >= need) {
		vm->spare = NULL;
	} else {
		if (count < need)
			count = need;
		size = sizeof(*segment) + count * sizeof(struct rxl_value);
		segment = rx_memory_take_zeroed(&vm->heap->memory, 1, size);
		if (!segment)
			return false;
		segment->size = size;
		segment->end = segment->registers + count;
	}
	segment->older = vm->segment;
	vm->segment = segment;
	return true;
}

static void segment_pop(struct rxl_vm *vm)
{
	struct rxl_segment *segment = vm->segment;

	vm->segment = segment->older;
	if (!vm->spare && segment->size <= SPARE_LIMIT * sizeof(struct rxl_value))
		vm->spare = segment;
	else
		segment_give(vm, segment);
}

struct rxl_unit *rxl_vm_unit(const struct rxl_vm *vm)
{
	return vm->depth ? vm->frames[vm->depth - 1].fn->unit : NULL;
}

/* ---- steps and limits ---------------------------------------------------------------------------------------------- */

static void budget_set(struct rxl_vm *vm)
{
	const struct rxl_limits *limits = &vm->engine->limits;
	int64_t next = 4096;

	if (limits->operations && limits->operations - vm->steps < (uint64_t)next)
		next = (int64_t)(limits->operations - vm->steps);
	vm->budget = vm->budget_last = next;
}

enum rexi_status rxl_vm_poll(struct rxl_vm *vm)
{
	struct rxl_engine *engine = vm->engine;
	struct rxl_value token = rxl_unit();
	struct rxl_call call = rxl_vm_call_of(vm, RX_STR(""));

	vm->steps += (uint64_t)(vm->budget_last - vm->budget);
	vm->budget = vm->budget_last = 0;
	if (engine->limits.operations && vm->steps > engine->limits.operations)
		return rxl_vm_raise(vm, RXL_ERROR_TOO_MANY_OPERATIONS, " ");
	if (atomic_load_explicit(&engine->terminate, memory_order_relaxed))
		return rxl_raise_terminated(&call, token);
	if (vm->deadline_ns && rxl_clock_ns() > vm->deadline_ns) {
		if (rxl_string_new(vm->heap, RX_STR("time limit"), &token) != REXI_OK)
			token = rxl_unit();
		return rxl_raise_terminated(&call, token);
	}
	if (engine->on_progress && engine->on_progress(engine->progress_user, vm->steps, &token))
		return rxl_raise_terminated(&call, token);
	budget_set(vm);
	return REXI_OK;
}

static enum rexi_status sizes_check(struct rxl_vm *vm, const struct rxl_value *value)
{
	struct rxl_sizes sizes;
	const char *what = NULL;

	if (value->type < RXL_TEXT)
		return REXI_OK;
	rxl_value_sizes(value, &sizes);
	if (sizes.string > vm->heap->max_string)
		what = "Length of string";
	else if (sizes.array > vm->heap->max_array)
		what = "Size of array/BLOB";
	else if (sizes.map > vm->heap->max_map)
		what = "Size of object map";
	return what ? rxl_vm_raise(vm, RXL_ERROR_DATA_TOO_LARGE, "%s", what) : REXI_OK;
}

/* ---- frames -------------------------------------------------------------------------------------------------------- */

/* Makes room for one more frame; pointers to frames may change. */
static bool frames_room(struct rxl_vm *vm)
{
	return RX_GROW(&vm->heap->memory, &vm->frames, &vm->frame_cap, (size_t)vm->depth + 1);
}

static void frame_leave(struct rxl_vm *vm, struct rxl_frame *frame)
{
	if (frame->flags & FRAME_LOCK) {
		frame->lock->head.flags &= (uint8_t)~RXL_CELL_LOCKED;
		if (--frame->lock->head.refs == 0)
			rxl_object_free(vm->heap, &frame->lock->head);
	}
	if (frame->flags & FRAME_DYNAMIC)
		rxl_value_drop(vm->heap, &frame->dynamic);
	if (frame->flags & FRAME_SEGMENT)
		segment_pop(vm);
}

RX_INLINE void sweep(struct rxl_heap *heap, struct rxl_value *from, size_t count)
{
	for (size_t k = 0; k < count; k++)
		if (rxl_is_counted(&from[k]))
			rxl_value_drop(heap, &from[k]);
}

/* Where a callee called from C puts its registers. */
static struct rxl_value *stack_top(const struct rxl_vm *vm)
{
	const struct rxl_frame *frame;

	if (!vm->depth)
		return vm->segment ? vm->segment->registers : NULL;
	frame = &vm->frames[vm->depth - 1];
	return frame->base + frame->fn->reg_count;
}

static enum rexi_status run(struct rxl_vm *vm, struct rxl_value *out);

/* Pushes a frame for a call from C with `argc` arguments moved in. */
static enum rexi_status enter(struct rxl_vm *vm, struct rxl_function *fn, struct rxl_value *args, unsigned argc,
			      struct rxl_frame **out)
{
	struct rxl_value *base = stack_top(vm);
	struct rxl_frame *frame;
	unsigned flags = FRAME_ENTRY;

	if (!frames_room(vm))
		return REXI_NO_MEMORY;
	if (!base || base + fn->reg_count > vm->segment->end) {
		if (!segment_push(vm, fn->reg_count))
			return REXI_NO_MEMORY;
		base = vm->segment->registers;
		flags |= FRAME_SEGMENT;
	}
	for (unsigned k = 0; k < argc; k++)
		rxl_value_set(vm->heap, &base[k], rxl_value_take(&args[k]));
	frame = &vm->frames[vm->depth++];
	frame->base = base;
	frame->fn = fn;
	frame->pc = fn->code;
	frame->self = NULL;
	frame->lock = NULL;
	frame->flags = (uint8_t)flags;
	*out = frame;
	return REXI_OK;
}

static enum rexi_status run_nested(struct rxl_vm *vm, struct rxl_value *out)
{
	enum rexi_status status;

	vm->native_depth++;
	status = run(vm, out);
	vm->native_depth--;
	return status;
}

enum rexi_status rxl_vm_call(struct rxl_vm *vm, struct rxl_function *fn, struct rxl_value *self, bool self_constant,
			     struct rxl_cell *lock, struct rxl_value *args, unsigned argc, struct rxl_value *out)
{
	struct rxl_frame *frame;
	enum rexi_status status = REXI_OK;

	if (vm->depth > vm->level_max || vm->native_depth >= vm->native_max)
		status = rxl_vm_raise(vm, RXL_ERROR_STACK_OVERFLOW, " ");
	else
		status = enter(vm, fn, args, argc, &frame);
	if (status != REXI_OK) {
		sweep(vm->heap, args, argc);
		return status;
	}
	frame->self = self;
	if (self_constant)
		frame->flags |= FRAME_CONST;
	if (lock) {
		lock->head.refs++;
		lock->head.flags |= RXL_CELL_LOCKED;
		frame->lock = lock;
		frame->flags |= FRAME_LOCK;
	}
	return run_nested(vm, out);
}

enum rexi_status rxl_vm_call_closure(struct rxl_vm *vm, const struct rxl_fn *fn, struct rxl_value *self, bool self_constant,
				     struct rxl_cell *lock, const struct rxl_value *args, unsigned argc, struct rxl_value *out)
{
	struct rxl_function *target = fn->target;
	struct rxl_value *base;
	struct rxl_frame *frame;
	enum rexi_status status;

	if (RX_UNLIKELY(vm->depth > vm->level_max || vm->native_depth >= vm->native_max))
		return rxl_vm_raise(vm, RXL_ERROR_STACK_OVERFLOW, " ");
	/* the pointer may be dropped by what it calls */
	rxl_unit_ref(fn->unit);
	status = enter(vm, target, NULL, 0, &frame);
	if (RX_UNLIKELY(status != REXI_OK)) {
		rxl_unit_unref(fn->unit);
		return status;
	}
	base = frame->base;
	for (unsigned k = 0; k < fn->curry_count; k++)
		rxl_value_set(vm->heap, &base[k],
			      rxl_value_copy(k >= target->capture_count && fn->curry[k].type == RXL_CELL
						     ? &fn->curry[k].as.cell->value
						     : &fn->curry[k]));
	for (unsigned k = 0; k < argc; k++)
		rxl_value_set(vm->heap, &base[fn->curry_count + k], rxl_value_copy(&args[k]));
	frame->self = self;
	if (self_constant)
		frame->flags |= FRAME_CONST;
	if (lock) {
		lock->head.refs++;
		lock->head.flags |= RXL_CELL_LOCKED;
		frame->lock = lock;
		frame->flags |= FRAME_LOCK;
	}
	{
		struct rxl_unit *unit = fn->unit;

		status = run_nested(vm, out);
		rxl_unit_unref(unit);
	}
	return status;
}

enum rexi_status rxl_vm_call_scoped(struct rxl_vm *vm, struct rxl_function *fn, struct rxl_value *out)
{
	struct rxl_frame *frame, *around;
	struct rxl_value *base;

	if (vm->depth > vm->level_max || vm->native_depth >= vm->native_max)
		return rxl_vm_raise(vm, RXL_ERROR_STACK_OVERFLOW, " ");
	if (!frames_room(vm))
		return REXI_NO_MEMORY;
	around = &vm->frames[vm->depth - 1];
	base = around->base;
	if (base + fn->reg_count > vm->segment->end)
		return rxl_vm_raise(vm, RXL_ERROR_STACK_OVERFLOW, " ");
	frame = &vm->frames[vm->depth++];
	*frame = *around;
	frame->fn = fn;
	frame->pc = fn->code;
	frame->flags = FRAME_ENTRY | FRAME_SCOPED | (around->flags & FRAME_CONST);
	return run_nested(vm, out);
}

enum rexi_status rxl_vm_run_main(struct rxl_vm *vm, struct rxl_unit *unit, struct rxl_value *vars, struct rxl_value *out,
				 struct rxl_value *globals_out)
{
	struct rxl_function *fn = unit->main;
	struct rxl_frame *frame;
	struct rxl_value *base;
	enum rexi_status status;
	uint32_t depth = vm->depth;
	unsigned flags;

	*out = rxl_unit();
	vm->level_max = vm->engine->limits.call_depth;
	if (vm->budget <= 0)
		budget_set(vm);
	RX_TRY(enter(vm, fn, vars, unit->host_count, &frame));
	base = frame->base;
	flags = frame->flags;
	/* the registers outlive the frame, for the host's scope */
	frame->flags = FRAME_ENTRY;
	status = run_nested(vm, out);
	RX_ASSERT(vm->depth == depth);
	for (uint32_t i = 0; i < unit->global_count && globals_out; i++) {
		struct rxl_value *from = &base[unit->globals[i].reg];

		globals_out[i] = unit->globals[i].is_module ? rxl_unit() : rxl_value_take(from);
	}
	sweep(vm->heap, base, fn->reg_count);
	if (flags & FRAME_SEGMENT)
		segment_pop(vm);
	return status;
}

/* ---- errors -------------------------------------------------------------------------------------------------------- */

static const struct rxl_handler *handler_find(const struct rxl_function *fn, uint32_t at, uint32_t from)
{
	for (uint32_t k = from; k < fn->handler_count; k++)
		if (at >= fn->handlers[k].start && at < fn->handlers[k].end)
			return &fn->handlers[k];
	return NULL;
}

static uint32_t pc_index(const struct rxl_frame *frame)
{
	return (uint32_t)(frame->pc - frame->fn->code) - 1;
}

/* Nobody will see the layers of calls around a thrown value that the nearest handler takes out of them. */
static bool layers_needed(const struct rxl_vm *vm, const struct rxl_error *error)
{
	if (rxl_error_root(error)->kind != RXL_ERROR_RUNTIME)
		return true;
	for (uint32_t depth = vm->depth; depth-- > 0;) {
		const struct rxl_frame *frame = &vm->frames[depth];
		const struct rxl_handler *handler = handler_find(frame->fn, pc_index(frame), 0);

		if (handler)
			return handler->saved != RXL_NO_REG || handler->keep;
		if (frame->flags & FRAME_ENTRY)
			return true;
	}
	return true;
}

/* Adds the layer "in call to function" for the frame that is left, or moves a system error's position. */
static void layer_add(struct rxl_vm *vm, const struct rxl_frame *frame, uint32_t pos)
{
	struct rxl_error *error = vm->error, *layer;
	struct rexi_str name;

	if (rxl_error_is_system(error)) {
		error->pos = pos;
		return;
	}
	layer = rxl_error_new(vm->heap, RXL_ERROR_IN_FUNCTION_CALL);
	if (!layer)
		return;
	name = rxl_symbol_text(&vm->engine->symbols, frame->fn->name);
	if (rxl_string_new(vm->heap, name, &layer->text) != REXI_OK ||
	    rxl_string_new(vm->heap, frame->fn->unit->source_name, &layer->extra) != REXI_OK) {
		rxl_error_free(vm->heap, layer);
		return;
	}
	layer->inner = error;
	layer->pos = pos;
	vm->error = layer;
}

/*
 * Finds who handles the error in flight. True: the frame at the top goes on at its pc. False: the frame that C called
 * has been left.
 */
static RX_NOINLINE bool unwind(struct rxl_vm *vm)
{
	struct rxl_heap *heap = vm->heap;
	bool layers = vm->error && layers_needed(vm, vm->error);

	for (;;) {
		struct rxl_frame *frame = &vm->frames[vm->depth - 1];
		struct rxl_error *error = vm->error;
		uint32_t at = pc_index(frame), next = 0;
		const struct rxl_handler *handler;
		bool entry, scoped, is_main;
		uint32_t pos;

		while (error && rxl_error_is_catchable(error) && (handler = handler_find(frame->fn, at, next)) != NULL) {
			if (handler->saved == RXL_NO_REG) {
				sweep(heap, frame->base + handler->top, (size_t)frame->fn->reg_count - handler->top);
				rxl_error_free(heap, vm->caught);
				vm->caught = error;
				vm->error = NULL;
				if (!handler->value && !handler->keep) {
					rxl_error_free(heap, error);
					vm->caught = NULL;
				}
				frame->pc = frame->fn->code + handler->target;
				return true;
			}
			/* a bare throw in a handler raises the error that was caught */
			if (error->kind == RXL_ERROR_RUNTIME && error->value.type == RXL_UNIT) {
				struct rxl_error *kept = rxl_error_unkeep(&frame->base[handler->saved]);

				if (kept) {
					kept->pos = error->pos;
					rxl_error_free(heap, error);
					vm->error = error = kept;
					layers = layers_needed(vm, error);
				}
			}
			next = (uint32_t)(handler - frame->fn->handlers) + 1;
		}
		entry = frame->flags & FRAME_ENTRY;
		scoped = frame->flags & FRAME_SCOPED;
		is_main = frame->fn->is_main;
		if (scoped)
			sweep(heap, frame->base + frame->fn->first_reg, (size_t)frame->fn->reg_count - frame->fn->first_reg);
		else if (!is_main)
			sweep(heap, frame->base, frame->fn->reg_count);
		frame_leave(vm, frame);
		vm->depth--;
		if (error && !is_main) {
			pos = 0;
			if (vm->depth) {
				const struct rxl_frame *caller = &vm->frames[vm->depth - 1];

				pos = caller->fn->positions[pc_index(caller)];
			}
			if (layers)
				layer_add(vm, frame, pos);
		}
		if (entry)
			return false;
	}
}

/* ---- the loop ------------------------------------------------------------------------------------------------------ */

#if defined(__GNUC__) && !defined(RXL_NO_COMPUTED_GOTO)
#define COMPUTED 1
#else
#define COMPUTED 0
#endif

#if COMPUTED
#define CASE(name) L_##name:
#define NEXT                                    \
	do {                                    \
		i = pc++;                       \
		goto *labels[i->op];            \
	} while (0)
#else
#define CASE(name) case RXL_OP_##name:
#define NEXT goto dispatch
#endif

#define SET(dst, new_value)                                   \
	do {                                                  \
		struct rxl_value *dst_ = (dst);               \
		struct rxl_value new_ = (new_value);          \
		if (RX_UNLIKELY(rxl_is_counted(dst_)))        \
			let_go(heap, dst_);                   \
		*dst_ = new_;                                 \
	} while (0)

/* The result of arithmetic. An assignment's target already holds a number of this type: its tag stays. */
#define SET_NUMBER(ins, new_value)                            \
	do {                                                  \
		struct rxl_value number_ = (new_value);       \
		if ((ins)->a == (ins)->b)                     \
			r[(ins)->a].as = number_.as;          \
		else                                          \
			SET(&r[(ins)->a], number_);           \
	} while (0)

#define BOTH(x, y, t) ((x)->type == (t) && (y)->type == (t))

#define STEP(n)                                               \
	do {                                                  \
		vm->budget -= (n);                            \
		if (RX_UNLIKELY(vm->budget < 0)) {            \
			frame->pc = pc;                       \
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

/* spec 4.4: the tolerance is relative; scaling by a power of two is exact, so this is the reference's quotient test */
RX_INLINE double float_margin(double x, double y)
{
	double m = x * y == 0 ? 1 : fmax(fabs(x), fabs(y));

	/* infinity over infinity is no number: the slow way knows */
	return m > 0x1.fffffffffffffp1023 ? NAN : m * 0x1p-52;
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

RX_COLD static enum rexi_status data_race(struct rxl_vm *vm)
{
	enum rexi_status status = rxl_vm_raise(vm, RXL_ERROR_DATA_RACE, "%s", "");

	if (vm->error)
		vm->error->no_pos = true;
	return status;
}

RX_COLD static enum rexi_status not_bool(struct rxl_vm *vm, const struct rxl_value *value)
{
	return rxl_vm_raise_type(vm, "bool", rxl_value_type_name(value));
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

static enum rexi_status closure_make(struct rxl_vm *vm, struct rxl_function *fn, struct rxl_value *r, struct rxl_value *out)
{
	struct rxl_heap *heap = vm->heap;
	struct rxl_fn *made;
	struct rxl_value value;

	for (uint32_t k = 0; k < fn->capture_count; k++) {
		struct rxl_capture *capture = &fn->captures[k];

		if (capture->missing) {
			enum rexi_status status = rxl_vm_raise(vm, RXL_ERROR_VARIABLE_NOT_FOUND, "%.*s",
							       RX_STR_ARG(rxl_symbol_text(&vm->engine->symbols, capture->name)));

			if (vm->error)
				vm->error->pos = capture->pos;
			return status;
		}
		if (!share(heap, &r[capture->from]))
			return REXI_NO_MEMORY;
	}
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
		for (uint32_t k = 0; k < fn->capture_count; k++)
			made->curry[k] = rxl_value_copy(&r[fn->captures[k].from]);
		made->curry_count = fn->capture_count;
	}
	*out = value;
	return REXI_OK;
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
		map->entries[k].key = rxl_value_copy(&unit->constants[shape->keys[k]]);
		map->entries[k].value = rxl_value_take(&from[shape->from[k]]);
	}
	map->count = map->used = map->sorted = shape->count;
	return REXI_OK;
}

static int32_t switch_target(const struct rxl_switch *table, const struct rxl_value *subject)
{
	if (table->dense && subject->type == RXL_INT) {
		uint64_t at = (uint64_t)subject->as.i - (uint64_t)table->min;

		return at < table->span ? table->targets[at] : table->fallback;
	}
	for (int32_t k = table->buckets[(uint32_t)rxl_value_hash(subject, 0) & table->bucket_mask]; k >= 0;
	     k = table->cases[k].next)
		if (rxl_value_same(&table->cases[k].value, subject))
			return table->cases[k].target;
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

/* What eval made: triples of name (symbol as an integer), value, constant. */
static struct rxl_value *dynamic_find(struct rxl_vm *vm, struct rxl_frame *frame, rxl_symbol name)
{
	(void)vm;
	/* a scoped frame sees what eval made in the frame whose registers it shares */
	for (;; frame--) {
		if (frame->flags & FRAME_DYNAMIC) {
			struct rxl_array *array = frame->dynamic.as.array;

			for (uint32_t k = array->count; k >= 3; k -= 3)
				if (array->items[k - 3].as.i == name)
					return &array->items[k - 2];
		}
		if (!(frame->flags & FRAME_SCOPED))
			return NULL;
	}
}

static enum rexi_status dynamic_keep(struct rxl_vm *vm, struct rxl_frame *frame, rxl_symbol name, bool is_const,
				     struct rxl_value *value)
{
	while (frame->flags & FRAME_SCOPED)
		frame--;
	if (!(frame->flags & FRAME_DYNAMIC)) {
		RX_TRY(rxl_array_new(vm->heap, 6, &frame->dynamic));
		frame->flags |= FRAME_DYNAMIC;
	}
	RX_TRY(rxl_array_reserve(vm->heap, &frame->dynamic, 3));
	RX_TRY(rxl_array_push(vm->heap, &frame->dynamic, rxl_int(name)));
	RX_TRY(rxl_array_push(vm->heap, &frame->dynamic, rxl_value_take(value)));
	return rxl_array_push(vm->heap, &frame->dynamic, rxl_bool(is_const));
}

RX_COLD static enum rexi_status constant_error(struct rxl_vm *vm, rxl_symbol name, uint32_t pos)
{
	struct rexi_str text = name ? rxl_symbol_text(&vm->engine->symbols, name) : RX_STR("");
	enum rexi_status status = rxl_vm_raise(vm, RXL_ERROR_ASSIGNMENT_TO_CONSTANT, "%.*s", RX_STR_ARG(text));

	if (vm->error)
		vm->error->pos = pos;
	return status;
}

/* Assigning base[index] would replace an element that is there. */
static bool place_exists(const struct rxl_value *base, const struct rxl_value *index)
{
	if (base->type == RXL_MAP)
		return rxl_is_string(index) && rxl_map_find(base, rxl_string_view(index)) != NULL;
	if (base->type != RXL_ARRAY || index->type != RXL_INT)
		return false;
	return index->as.i < 0 ? 0 - (uint64_t)index->as.i <= base->as.array->count
			       : (uint64_t)index->as.i < base->as.array->count;
}

/* An argument of the wrong type: the error stands at that argument. */
RX_COLD static void argument_error(struct rxl_vm *vm, const struct rxl_site *site)
{
	if (vm->error && !vm->error->pos && vm->bad_arg && site->args && vm->bad_arg <= site->arg_count)
		vm->error->pos = rxl_pos_pack(site->args[vm->bad_arg - 1]->pos);
	vm->bad_arg = 0;
}

/* Pushes the elements of wb back into their parents, innermost first. */
static enum rexi_status write_back(struct rxl_vm *vm, struct writeback *wb, unsigned *count, bool constant)
{
	enum rexi_status status = REXI_OK;

	while (*count) {
		struct writeback *top = &wb[--*count];

		/* A property of a host type that only has a getter is not written back: nobody could see the change. */
		if (status == REXI_OK && top->is_property && rxl_property_is_read_only(vm, top->parent, &top->key, &top->temp))
			;
		else if (status == REXI_OK && top->is_property)
			status = rxl_property_set(vm, top->parent, &top->key, rxl_value_take(&top->temp), constant);
		else if (status == REXI_OK)
			status = rxl_index_set(vm, top->parent, &top->key, top->bracket, rxl_value_take(&top->temp));
		rxl_value_drop(vm->heap, &top->temp);
		rxl_value_drop(vm->heap, &top->key);
	}
	return status;
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

/* A closure among the arguments that holds the receiver's own cell would see it locked. */
static enum rexi_status race_check(struct rxl_vm *vm, const struct rxl_cell *cell, struct rexi_str name,
				   const struct rxl_value *args, unsigned argc)
{
	for (unsigned k = 0; k < argc; k++) {
		if (args[k].type != RXL_FN)
			continue;
		for (uint32_t n = 0; n < args[k].as.fn->curry_count; n++)
			if (args[k].as.fn->curry[n].type == RXL_CELL && args[k].as.fn->curry[n].as.cell == cell) {
				enum rexi_status status =
					rxl_vm_raise(vm, RXL_ERROR_DATA_RACE, "argument #%u of function '%.*s'", k + 1,
						     RX_STR_ARG(name));

				if (vm->error)
					vm->error->no_pos = true;
				return status;
			}
	}
	return REXI_OK;
}

/* The value after a native or an operator when sizes are limited. */
#define SIZES(value)                                                            \
	do {                                                                    \
		if (RX_UNLIKELY(engine->limits.sizes)) {                        \
			status = sizes_check(vm, (value));                      \
			if (status != REXI_OK)                                  \
				goto raise;                                     \
		}                                                               \
	} while (0)

#define FRAME_LOAD()                          \
	do {                                  \
		r = frame->base;              \
		pc = frame->pc;               \
		unit = frame->fn->unit;       \
	} while (0)

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic" /* labels as values */
#include "lang/loop.c"
#pragma GCC diagnostic pop
