/* The machine around its loop: registers, frames, steps and limits, calls from C, how errors find their handler. */
#include <config.h>

#include "lang/vm_internal.h"

#include <string.h>

#include "base/banned.h"

#define SEGMENT_FIRST 2048
#define SEGMENT_STEP 240 /* registers made ready at a time: with the segment's head just below a page */
#define SPARE_LIMIT 65536

/* ---- setting up ---------------------------------------------------------------------------------------------------- */

void rxl_vm_init(struct rxl_vm *vm, struct rxl_engine *engine)
{
	memset(vm, 0, sizeof(*vm));
	vm->engine = engine;
	vm->heap = &engine->heap;
	vm->native_max = 100;
}

void rxl_vm_forget(struct rxl_vm *vm)
{
	memset(vm->getters, 0, sizeof(vm->getters));
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

bool rxl_segment_push(struct rxl_vm *vm, size_t need)
{
	size_t count = SEGMENT_FIRST, size;
	struct rxl_segment *segment = vm->spare;

	if (segment && (size_t)(segment->limit - segment->registers) >= need) {
		vm->spare = NULL;
	} else {
		if (count < need)
			count = need;
		size = sizeof(*segment) + count * sizeof(struct rxl_value);
		segment = rx_memory_take(&vm->heap->memory, size);
		if (!segment)
			return false;
		segment->size = size;
		segment->end = segment->registers;
		segment->limit = segment->registers + count;
	}
	segment->older = vm->segment;
	vm->segment = segment;
	return segment->end - segment->registers >= (ptrdiff_t)need || rxl_segment_extend(vm, segment->registers + need);
}

bool rxl_segment_extend(struct rxl_vm *vm, const struct rxl_value *upto)
{
	struct rxl_segment *segment = vm->segment;
	size_t ready, step = SEGMENT_STEP;

	if (!segment || upto > segment->limit)
		return false;
	if ((size_t)(upto - segment->end) > step)
		step = (size_t)(upto - segment->end);
	ready = (size_t)(segment->limit - segment->end);
	if (ready > step)
		ready = step;
	memset((void *)segment->end, 0, ready * sizeof(*segment->end));
	segment->end += ready;
	return true;
}

void rxl_segment_pop(struct rxl_vm *vm)
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
	/* first: an interruption spoils the count of steps */
	if (atomic_load_explicit(&engine->terminate, memory_order_relaxed))
		return rxl_raise_terminated(&call, token);
	if (engine->limits.operations && vm->steps > engine->limits.operations)
		return rxl_vm_raise(vm, RXL_ERROR_TOO_MANY_OPERATIONS, " ");
	if (vm->deadline_ns && rxl_clock_ns() > vm->deadline_ns) {
		if (rxl_string_new(vm->heap, RX_STR("time limit"), &token) != REXI_OK)
			token = rxl_unit();
		return rxl_raise_terminated(&call, token);
	}
	if (engine->on_progress && engine->on_progress(engine->progress_user, vm->steps, &token))
		return rxl_raise_terminated(&call, token);
	if (RX_UNLIKELY(rxl_heap_collect_due(vm->heap, true)))
		rxl_heap_collect(vm->heap);
	budget_set(vm);
	return REXI_OK;
}

void rxl_vm_poll_soon(struct rxl_vm *vm)
{
	int64_t left = vm->budget;

	if (left <= 0)
		return;
	vm->budget_last -= left;
	vm->budget = 0;
}

#define WORK_MAX ((size_t)1 << 20) /* about a millisecond's */

void rxl_vm_worked(struct rxl_vm *vm, size_t amount)
{
	vm->work = amount < WORK_MAX ? vm->work + amount : WORK_MAX;
	if (vm->work < WORK_MAX)
		return;
	vm->work = 0;
	rxl_vm_poll_soon(vm);
}

enum rexi_status rxl_vm_walked(void *user, uint64_t parts)
{
	struct rxl_vm *vm = (struct rxl_vm *)user;
	struct rxl_call call = rxl_vm_call_of(vm, RX_STR(""));

	rxl_vm_poll_soon(vm); /* at once */
	return rxl_call_step(&call, 1 + parts / 64);
}

enum rexi_status rxl_sizes_check(struct rxl_vm *vm, const struct rxl_value *value)
{
	struct rxl_sizes sizes;
	const char *what = NULL;

	if (value->type < RXL_TEXT)
		return REXI_OK;
	rxl_value_sizes(value, &sizes);
	if (sizes.parts >= 16384)
		rxl_vm_worked(vm, sizes.parts);
	if (sizes.string > vm->heap->max_string)
		what = "Length of string";
	else if (sizes.array > vm->heap->max_array || sizes.parts > RXL_SIZES_PARTS)
		what = "Size of array/BLOB";
	else if (sizes.map > vm->heap->max_map)
		what = "Size of object map";
	return what ? rxl_vm_raise(vm, RXL_ERROR_DATA_TOO_LARGE, "%s", what) : REXI_OK;
}

/* ---- frames -------------------------------------------------------------------------------------------------------- */

static void depth_room_set(struct rxl_vm *vm)
{
	uint32_t most = vm->level_max > vm->callback_level ? vm->level_max - vm->callback_level : 0;

	vm->depth_room = vm->locks ? 0 : vm->frame_cap <= most ? (uint32_t)vm->frame_cap : most + 1;
}

void rxl_callbacks_begin(struct rxl_call *call)
{
	call->vm->callback_level++;
	depth_room_set(call->vm);
}

void rxl_callbacks_end(struct rxl_call *call)
{
	call->vm->callback_level--;
	depth_room_set(call->vm);
}

/* Makes room for one more frame; pointers to frames may change. */
bool rxl_frames_room(struct rxl_vm *vm)
{
	bool grown = RX_GROW(&vm->heap->memory, &vm->frames, &vm->frame_cap, (size_t)vm->depth + 1);

	depth_room_set(vm);
	return grown;
}

void rxl_cell_lock(struct rxl_vm *vm, struct rxl_cell *cell)
{
	cell->head.refs++;
	cell->head.flags |= RXL_CELL_LOCKED;
	if (cell->head.refs > 2 && !(cell->head.flags & RXL_CELL_COUNTED)) {
		cell->head.flags |= RXL_CELL_COUNTED;
		vm->locks++;
		vm->depth_room = 0; /* calls go the slow way, where their arguments are looked at */
	}
}

void rxl_cell_unlock(struct rxl_vm *vm, struct rxl_cell *cell)
{
	if (cell->head.flags & RXL_CELL_COUNTED) {
		vm->locks--;
		depth_room_set(vm);
	}
	cell->head.flags &= (uint8_t)~(RXL_CELL_LOCKED | RXL_CELL_COUNTED);
	if (--cell->head.refs == 0)
		rxl_object_free(vm->heap, &cell->head);
}

void rxl_frame_leave(struct rxl_vm *vm, struct rxl_frame *frame)
{
	if (frame->flags & FRAME_LOCK)
		rxl_cell_unlock(vm, frame->lock);
	if (frame->flags & FRAME_DYNAMIC)
		rxl_value_drop(vm->heap, &frame->dynamic);
	if (frame->flags & FRAME_SEGMENT)
		rxl_segment_pop(vm);
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

/* *to = *from, which is moved. */
RX_INLINE void place(struct rxl_heap *heap, struct rxl_value *to, const struct rxl_value *from)
{
	struct rxl_words words = rxl_words_of(from);

	if (RX_UNLIKELY(rxl_is_counted(to)))
		rxl_value_drop(heap, to);
	rxl_words_put(to, words);
}

/* *to = another owner of *from. */
RX_INLINE void place_copy(struct rxl_heap *heap, struct rxl_value *to, const struct rxl_value *from)
{
	if (rxl_is_counted(from))
		from->as.object->refs++;
	place(heap, to, from);
}

/* The registers of a function called from C that do not fit behind those in use, or a run of registers or frames that is full. */
static RX_NOINLINE enum rexi_status enter_slow(struct rxl_vm *vm, const struct rxl_function *fn, struct rxl_value **base,
					       unsigned *flags)
{
	if (vm->depth >= vm->depth_room && !rxl_frames_room(vm))
		return REXI_NO_MEMORY;
	if (!*base || (*base + fn->reg_count > vm->segment->end && !rxl_segment_extend(vm, *base + fn->reg_count))) {
		if (!rxl_segment_push(vm, fn->reg_count))
			return REXI_NO_MEMORY;
		*base = vm->segment->registers;
		*flags |= FRAME_SEGMENT;
	}
	return REXI_OK;
}

/* Pushes a frame for a call from C; its arguments are still to be written to its registers. */
RX_INLINE enum rexi_status enter(struct rxl_vm *vm, struct rxl_function *fn, struct rxl_value *self, bool self_constant,
				 struct rxl_cell *lock, struct rxl_value **out)
{
	struct rxl_value *base = stack_top(vm);
	struct rxl_frame *frame;
	unsigned flags = self_constant ? FRAME_ENTRY | FRAME_CONST : FRAME_ENTRY;

	if (RX_UNLIKELY(vm->depth >= vm->depth_room || !base || base + fn->reg_count > vm->segment->end))
		RX_TRY(enter_slow(vm, fn, &base, &flags));
	if (lock) {
		rxl_cell_lock(vm, lock);
		flags |= FRAME_LOCK;
	}
	frame = &vm->frames[vm->depth++];
	frame->pc = fn->code;
	frame->base = base;
	frame->fn = fn;
	frame->self = self;
	frame->lock = lock;
	frame->flags = (uint8_t)flags;
	*out = base;
	return REXI_OK;
}

/* No more calls fit: the script's depth, or the C stack. */
RX_INLINE bool too_deep(const struct rxl_vm *vm)
{
	return RX_UNLIKELY((vm->depth >= vm->depth_room && rxl_vm_is_full(vm)) || vm->native_depth >= vm->native_max);
}

static RX_COLD RX_NOINLINE enum rexi_status stack_overflow(struct rxl_vm *vm)
{
	return rxl_vm_raise(vm, RXL_ERROR_STACK_OVERFLOW, " ");
}

static enum rexi_status run_nested(struct rxl_vm *vm, struct rxl_value *out)
{
	enum rexi_status status;

	vm->native_depth++;
	status = rxl_loop_run(vm, out);
	vm->native_depth--;
	return status;
}

enum rexi_status rxl_vm_call(struct rxl_vm *vm, struct rxl_function *fn, struct rxl_value *self, bool self_constant,
			     struct rxl_cell *lock, struct rxl_value *args, unsigned argc, struct rxl_value *out)
{
	struct rxl_value *base = NULL;
	enum rexi_status status = too_deep(vm) ? stack_overflow(vm) : enter(vm, fn, self, self_constant, lock, &base);

	if (RX_UNLIKELY(status != REXI_OK)) {
		sweep(vm->heap, args, argc);
		return status;
	}
	for (unsigned k = 0; k < argc; k++)
		place(vm->heap, &base[k], &args[k]);
	return run_nested(vm, out);
}

/* Copies what `fn` carries to the first registers of `target`: only a closure's own captures stay shared. */
RX_INLINE void place_curry(struct rxl_heap *heap, struct rxl_value *base, const struct rxl_fn *fn,
			   const struct rxl_function *target)
{
	for (unsigned k = 0; k < fn->curry_count; k++)
		place_copy(heap, &base[k], k >= target->capture_count && fn->curry[k].type == RXL_CELL ? &fn->curry[k].as.cell->value
												    : &fn->curry[k]);
}

enum rexi_status rxl_vm_call_closure(struct rxl_vm *vm, const struct rxl_fn *fn, struct rxl_value *self, bool self_constant,
				     struct rxl_cell *lock, const struct rxl_value *args, unsigned argc, struct rxl_value *out)
{
	struct rxl_function *target = fn->target;
	struct rxl_unit *unit = fn->unit;
	struct rxl_value *base;
	enum rexi_status status;

	if (too_deep(vm))
		return stack_overflow(vm);
	RX_TRY(enter(vm, target, self, self_constant, lock, &base));
	place_curry(vm->heap, base, fn, target);
	for (unsigned k = 0; k < argc; k++)
		place_copy(vm->heap, &base[fn->curry_count + k], &args[k]);
	/* the pointer may be dropped by what it calls */
	unit->refs++;
	status = run_nested(vm, out);
	if (RX_LIKELY(unit->refs > 1))
		unit->refs--;
	else
		rxl_unit_unref(unit);
	return status;
}

/* A frame where the first call of this callback had its own: nothing has changed since, but for room for frames. */
RX_INLINE void enter_again(struct rxl_vm *vm, const struct rxl_callback *callback, struct rxl_value *self, bool self_constant)
{
	struct rxl_frame *frame = &vm->frames[vm->depth++];

	frame->pc = callback->target->code;
	frame->base = callback->base;
	frame->fn = callback->target;
	frame->self = self;
	frame->lock = NULL;
	frame->flags = self_constant ? FRAME_ENTRY | FRAME_CONST : FRAME_ENTRY;
}

/* The first call, and each that needs a new run of registers; *base is NULL after an error. */
static RX_NOINLINE enum rexi_status enter_first(struct rxl_vm *vm, struct rxl_callback *callback, struct rxl_value *self,
						bool self_constant, const struct rxl_value *args, struct rxl_value **base)
{
	enum rexi_status status = too_deep(vm) ? stack_overflow(vm)
					       : enter(vm, callback->target, self, self_constant, NULL, base);

	if (status != REXI_OK) {
		struct rxl_value taken = callback->takes ? args[0] : rxl_unit();

		rxl_value_drop(vm->heap, &taken);
	} else if (!(vm->frames[vm->depth - 1].flags & FRAME_SEGMENT)) {
		callback->base = *base;
	}
	return status;
}

/* Writes the arguments of a callback to its registers. */
RX_INLINE void place_arguments(struct rxl_heap *heap, const struct rxl_callback *callback, struct rxl_value *to,
			       const struct rxl_value *element, const struct rxl_value *args)
{
	const struct rxl_fn *fn = callback->fn->as.fn;

	if (fn->curry_count) {
		place_curry(heap, to, fn, callback->target);
		to += fn->curry_count;
	}
	for (unsigned k = 0, given = 0; k < callback->argc; k++) {
		const struct rxl_value *from = (int)k == callback->element_at ? element : &args[given++];

		if (from == args && callback->takes)
			place(heap, &to[k], from);
		else
			place_copy(heap, &to[k], from);
	}
}

enum rexi_status rxl_vm_call_back(struct rxl_vm *vm, struct rxl_callback *callback, struct rxl_value *element,
				  bool self_constant, const struct rxl_value *args, struct rxl_value *out)
{
	struct rxl_value *self = callback->element_at < 0 ? element : NULL, *to = callback->base;

	if (RX_LIKELY(rxl_vm_can_call_each(vm, callback)))
		enter_again(vm, callback, self, self_constant);
	else
		RX_TRY(enter_first(vm, callback, self, self_constant, args, &to));
	place_arguments(vm->heap, callback, to, element, args);
	return run_nested(vm, out);
}

enum rexi_status rxl_vm_call_each(struct rxl_vm *vm, struct rxl_each *each)
{
	struct rxl_callback *callback = each->how;
	struct rxl_frame *frame;

	enter_again(vm, callback, callback->element_at < 0 ? each->element : NULL, each->call->self_constant);
	frame = &vm->frames[vm->depth - 1];
	frame->each = each;
	frame->flags |= FRAME_EACH;
	place_arguments(vm->heap, callback, callback->base, each->element, each->args);
	return run_nested(vm, &each->result);
}

bool rxl_each_again(struct rxl_vm *vm)
{
	struct rxl_frame *frame = &vm->frames[vm->depth - 1];
	struct rxl_each *each = frame->each;

	if (!each->next(each->call, each))
		return false;
	frame->self = each->how->element_at < 0 ? each->element : NULL;
	place_arguments(vm->heap, each->how, frame->base, each->element, each->args);
	return true;
}

enum rexi_status rxl_vm_call_scoped(struct rxl_vm *vm, struct rxl_function *fn, struct rxl_value *out)
{
	struct rxl_frame *frame, *around;
	struct rxl_value *base;

	if (rxl_vm_is_full(vm) || vm->native_depth >= vm->native_max)
		return rxl_vm_raise(vm, RXL_ERROR_STACK_OVERFLOW, " ");
	if (!rxl_frames_room(vm))
		return REXI_NO_MEMORY;
	around = &vm->frames[vm->depth - 1];
	base = around->base;
	if (base + fn->reg_count > vm->segment->end && !rxl_segment_extend(vm, base + fn->reg_count))
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
	vm->depth_room = 0;
	if (vm->budget <= 0)
		budget_set(vm);
	RX_TRY(enter(vm, fn, NULL, false, NULL, &base));
	/* the host's scope keeps its slots until they are given back */
	for (uint32_t i = 0; i < unit->host_count; i++) {
		place(vm->heap, &base[i], &vars[i]);
		vars[i] = rxl_unit();
	}
	frame = &vm->frames[vm->depth - 1];
	flags = frame->flags;
	/* the registers outlive the frame, for the host's scope */
	frame->flags = FRAME_ENTRY;
	status = run_nested(vm, out);
	RX_ASSERT(vm->depth == depth);
	if (out->type == RXL_CELL && !vm->engine->shared_result)
		rxl_value_set(vm->heap, out, rxl_value_copy(&out->as.cell->value));
	for (uint32_t i = 0; i < unit->global_count && globals_out; i++) {
		struct rxl_value *from = &base[unit->globals[i].reg];

		globals_out[i] = unit->globals[i].is_module ? rxl_unit() : rxl_value_take(from);
	}
	sweep(vm->heap, base, fn->reg_count);
	if (flags & FRAME_SEGMENT)
		rxl_segment_pop(vm);
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
bool rxl_unwind(struct rxl_vm *vm)
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
		rxl_frame_leave(vm, frame);
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
