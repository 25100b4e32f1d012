/* The body of the loop; part of vm.c, apart for its length. */

/* Arithmetic with two registers, an integer, a float. */
#define ARITH(NAME, CHECKED, OP)                                                        \
	CASE(NAME)                                                                      \
	{                                                                               \
		const struct rxl_value *x = &r[i->b], *y = &r[i->c];                    \
		if (RX_LIKELY(BOTH(x, y, RXL_INT))) {                                   \
			int64_t z;                                                      \
			if (RX_LIKELY(!CHECKED(x->as.i, y->as.i, &z))) {                \
				SET_NUMBER(i, rxl_int(z));                             \
				NEXT;                                                   \
			}                                                               \
		} else if (BOTH(x, y, RXL_FLOAT)) {                                     \
			double z = x->as.f OP y->as.f;                                  \
			SET_NUMBER(i, rxl_float(z));                                   \
			NEXT;                                                           \
		}                                                                       \
		goto slow_registers;                                                    \
	}                                                                               \
	CASE(NAME##I)                                                                   \
	{                                                                               \
		const struct rxl_value *x = &r[i->b];                                   \
		if (RX_LIKELY(x->type == RXL_INT)) {                                    \
			int64_t z;                                                      \
			if (RX_LIKELY(!CHECKED(x->as.i, i->i, &z))) {                   \
				SET_NUMBER(i, rxl_int(z));                             \
				NEXT;                                                   \
			}                                                               \
		}                                                                       \
		goto slow_integer;                                                      \
	}                                                                               \
	CASE(NAME##F)                                                                   \
	{                                                                               \
		const struct rxl_value *x = &r[i->b];                                   \
		if (RX_LIKELY(x->type == RXL_FLOAT)) {                                  \
			double z = x->as.f OP i->f;                                     \
			SET_NUMBER(i, rxl_float(z));                                   \
			NEXT;                                                           \
		}                                                                       \
		goto slow_float;                                                        \
	}

#define BITS(NAME, OP)                                                                  \
	CASE(NAME)                                                                      \
	{                                                                               \
		const struct rxl_value *x = &r[i->b], *y = &r[i->c];                    \
		if (RX_LIKELY(BOTH(x, y, RXL_INT))) {                                   \
			int64_t z = x->as.i OP y->as.i;                                 \
			SET(&r[i->a], rxl_int(z));                                      \
			NEXT;                                                           \
		}                                                                       \
		goto slow_registers;                                                    \
	}                                                                               \
	CASE(NAME##I)                                                                   \
	{                                                                               \
		const struct rxl_value *x = &r[i->b];                                   \
		if (RX_LIKELY(x->type == RXL_INT)) {                                    \
			int64_t z = x->as.i OP i->i;                                    \
			SET(&r[i->a], rxl_int(z));                                      \
			NEXT;                                                           \
		}                                                                       \
		goto slow_integer;                                                      \
	}

#define COMPARE(NAME, OP, FLOAT_TEST)                                                   \
	CASE(NAME)                                                                      \
	{                                                                               \
		const struct rxl_value *x = &r[i->b], *y = &r[i->c];                    \
		if (RX_LIKELY(BOTH(x, y, RXL_INT))) {                                   \
			bool z = x->as.i OP y->as.i;                                    \
			SET(&r[i->a], rxl_bool(z));                                     \
			NEXT;                                                           \
		}                                                                       \
		if (BOTH(x, y, RXL_FLOAT)) {                                            \
			double p = x->as.f, q = y->as.f, e = float_margin(p, q);        \
			if (RX_UNLIKELY(!(e > 0)))                                      \
				goto slow_registers;                                    \
			SET(&r[i->a], rxl_bool(FLOAT_TEST));                            \
			NEXT;                                                           \
		}                                                                       \
		goto slow_registers;                                                    \
	}

/* Compare and branch: when the outcome is not / is what the jump wants. */
#define BRANCH(NAME, OP, FLOAT_TEST, BINARY)                                            \
	CASE(JN##NAME)                                                                  \
	{                                                                               \
		const struct rxl_value *x = &r[i->a], *y = &r[i->b];                    \
		if (RX_LIKELY(BOTH(x, y, RXL_INT))) {                                   \
			if (!(x->as.i OP y->as.i))                                      \
				pc += i->jump;                                          \
			NEXT;                                                           \
		}                                                                       \
		if (BOTH(x, y, RXL_FLOAT)) {                                            \
			double p = x->as.f, q = y->as.f, e = float_margin(p, q);        \
			if (RX_UNLIKELY(!(e > 0))) {                                    \
				jump_op = BINARY;                                       \
				jump_sense = false;                                      \
				goto slow_branch;                                       \
			}                                                               \
			if (!(FLOAT_TEST))                                              \
				pc += i->jump;                                          \
			NEXT;                                                           \
		}                                                                       \
		jump_op = BINARY;                                                       \
		jump_sense = false;                                                     \
		goto slow_branch;                                                       \
	}                                                                               \
	CASE(J##NAME)                                                                   \
	{                                                                               \
		const struct rxl_value *x = &r[i->a], *y = &r[i->b];                    \
		if (RX_LIKELY(BOTH(x, y, RXL_INT))) {                                   \
			if (x->as.i OP y->as.i) {                                       \
				pc += i->jump;                                          \
				STEP(1);                                                \
			}                                                               \
			NEXT;                                                           \
		}                                                                       \
		if (BOTH(x, y, RXL_FLOAT)) {                                            \
			double p = x->as.f, q = y->as.f, e = float_margin(p, q);        \
			if (RX_UNLIKELY(!(e > 0))) {                                    \
				jump_op = BINARY;                                       \
				jump_sense = true ;                                      \
				goto slow_branch;                                       \
			}                                                               \
			if (FLOAT_TEST) {                                               \
				pc += i->jump;                                          \
				STEP(1);                                                \
			}                                                               \
			NEXT;                                                           \
		}                                                                       \
		jump_op = BINARY;                                                       \
		jump_sense = true;                                                      \
		goto slow_branch;                                                       \
	}                                                                               \
	CASE(JN##NAME##I)                                                               \
	{                                                                               \
		const struct rxl_value *x = &r[i->a];                                   \
		if (RX_LIKELY(x->type == RXL_INT)) {                                    \
			if (!(x->as.i OP i->k))                                         \
				pc += i->jump;                                          \
			NEXT;                                                           \
		}                                                                       \
		jump_op = BINARY;                                                       \
		jump_sense = false;                                                     \
		goto slow_branch_integer;                                               \
	}                                                                               \
	CASE(J##NAME##I)                                                                \
	{                                                                               \
		const struct rxl_value *x = &r[i->a];                                   \
		if (RX_LIKELY(x->type == RXL_INT)) {                                    \
			if (x->as.i OP i->k) {                                          \
				pc += i->jump;                                          \
				STEP(1);                                                \
			}                                                               \
			NEXT;                                                           \
		}                                                                       \
		jump_op = BINARY;                                                       \
		jump_sense = true;                                                      \
		goto slow_branch_integer;                                               \
	}

static enum rexi_status run(struct rxl_vm *vm, struct rxl_value *result)
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
	const struct rxl_ins *pc, *i;
	struct rxl_unit *unit;
	struct rxl_value *cur = NULL;
	struct rxl_cell *cur_cell = NULL;
	bool cur_const = false;   /* the chain's root is a constant: what exists in it cannot be assigned */
	bool cur_fixed = false;   /* cur itself cannot */
	rxl_symbol cur_name = RXL_NO_SYMBOL;
	uint32_t cur_pos = 0;
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

	FRAME_LOAD();
	NEXT;

#if !COMPUTED
dispatch:
	i = pc++;
	switch ((enum rxl_op)i->op) {
#endif

	CASE(NOP)
		NEXT;
	CASE(MOVE) {
		struct rxl_value copy = rxl_value_copy(&r[i->b]);

		if (RX_UNLIKELY(copy.tag != 0) && rxl_is_string(&copy))
			copy.tag = 0; /* the reference's strings lose it */
		SET(&r[i->a], copy);
		NEXT;
	}
	CASE(TAKE) {
		struct rxl_value taken = rxl_value_take(&r[i->b]);

		SET(&r[i->a], taken);
		NEXT;
	}
	CASE(CONST) {
		struct rxl_value copy = rxl_value_copy(&unit->constants[i->k]);

		SET(&r[i->a], copy);
		NEXT;
	}
	CASE(UNIT)
		SET(&r[i->a], rxl_unit());
		NEXT;
	CASE(TRUE)
		SET(&r[i->a], rxl_bool(true));
		NEXT;
	CASE(FALSE)
		SET(&r[i->a], rxl_bool(false));
		NEXT;
	CASE(INT)
		SET(&r[i->a], rxl_int(i->i));
		NEXT;
	CASE(DROP)
		sweep(heap, &r[i->a], i->b);
		NEXT;
	CASE(GETV) {
		const struct rxl_value *from = &r[i->b];
		struct rxl_value copy;

		if (from->type == RXL_CELL) {
			if (RX_UNLIKELY(from->as.cell->head.flags & RXL_CELL_LOCKED))
				FAIL(data_race(vm));
			from = &from->as.cell->value;
		}
		copy = rxl_value_copy(from);
		SET(&r[i->a], copy);
		NEXT;
	}
	CASE(SETV) {
		struct rxl_value *to = &r[i->a];
		struct rxl_value taken = rxl_value_take(&r[i->b]);

		if (to->type == RXL_CELL) {
			if (RX_UNLIKELY(to->as.cell->head.flags & RXL_CELL_LOCKED)) {
				rxl_value_drop(heap, &taken);
				FAIL(data_race(vm));
			}
			to = &to->as.cell->value;
		}
		SET(to, taken);
		NEXT;
	}
	CASE(GET_THIS) {
		struct rxl_value copy;

		if (RX_UNLIKELY(!frame->self))
			FAIL(rxl_vm_raise(vm, RXL_ERROR_UNBOUND_THIS, " "));
		copy = rxl_value_copy(frame->self);
		SET(&r[i->a], copy);
		NEXT;
	}
	CASE(SET_THIS) {
		struct rxl_value taken;

		if (RX_UNLIKELY(!frame->self))
			FAIL(rxl_vm_raise(vm, RXL_ERROR_UNBOUND_THIS, " "));
		if (RX_UNLIKELY(frame->flags & FRAME_CONST))
			FAIL(rxl_vm_raise(vm, RXL_ERROR_ASSIGNMENT_TO_CONSTANT, "%s", ""));
		taken = rxl_value_take(&r[i->b]);
		SET(frame->self, taken);
		NEXT;
	}
	CASE(MISSING)
		made = rxl_unit();
		status = missing_variable(vm, frame, (rxl_symbol)i->k, i->c, &made);
		if (status != REXI_OK)
			goto raise;
		SET(&r[i->a], made);
		NEXT;
	CASE(DYN_MARK) {
		const struct rxl_frame *owner = frame;

		while (owner->flags & FRAME_SCOPED)
			owner--;
		SET(&r[i->a], rxl_int(owner->flags & FRAME_DYNAMIC ? (int64_t)owner->dynamic.as.array->count : 0));
		NEXT;
	}
	CASE(DYN_RESET) {
		struct rxl_frame *owner = frame;

		while (owner->flags & FRAME_SCOPED)
			owner--;
		if (owner->flags & FRAME_DYNAMIC) {
			status = rxl_array_truncate(heap, &owner->dynamic, (size_t)r[i->a].as.i);
			if (status != REXI_OK)
				goto raise;
		}
		NEXT;
	}
	CASE(SET_MISSING) {
		struct rxl_value *to = dynamic_find(vm, frame, (rxl_symbol)i->k);

		if (to) {
			if (to[1].as.b)
				FAIL(constant_error(vm, (rxl_symbol)i->k, frame->fn->positions[i - frame->fn->code]));
			if (i->a == RXL_BINARY_COUNT) {
				made = rxl_value_take(&r[i->b]);
				SET(to, made);
				NEXT;
			}
			frame->pc = pc;
			status = rxl_assign_slow(vm, (enum rxl_binary)i->a, to, &r[i->b]);
			if (status != REXI_OK)
				goto raise;
			NEXT;
		}
	}
		FAIL(rxl_vm_raise(vm, RXL_ERROR_VARIABLE_NOT_FOUND, "%.*s",
				  RX_STR_ARG(rxl_symbol_text(&engine->symbols, (rxl_symbol)i->k))));

	ARITH(ADD, __builtin_add_overflow, +)
	ARITH(SUB, __builtin_sub_overflow, -)
	ARITH(MUL, __builtin_mul_overflow, *)
	BITS(BIT_AND, &)
	BITS(BIT_OR, |)
	BITS(BIT_XOR, ^)
	CASE(DIV) {
		const struct rxl_value *x = &r[i->b], *y = &r[i->c];

		if (BOTH(x, y, RXL_FLOAT)) {
			double z = x->as.f / y->as.f;

			SET(&r[i->a], rxl_float(z));
			NEXT;
		}
		if (BOTH(x, y, RXL_INT) && y->as.i > 0) {
			int64_t z = x->as.i / y->as.i;

			SET(&r[i->a], rxl_int(z));
			NEXT;
		}
		goto slow_registers;
	}
	CASE(DIVI) {
		const struct rxl_value *x = &r[i->b];

		if (RX_LIKELY(x->type == RXL_INT && i->i > 0)) {
			int64_t z = x->as.i / i->i;

			SET(&r[i->a], rxl_int(z));
			NEXT;
		}
		goto slow_integer;
	}
	CASE(DIVF) {
		const struct rxl_value *x = &r[i->b];

		if (RX_LIKELY(x->type == RXL_FLOAT)) {
			double z = x->as.f / i->f;

			SET(&r[i->a], rxl_float(z));
			NEXT;
		}
		goto slow_float;
	}
	CASE(MOD) {
		const struct rxl_value *x = &r[i->b], *y = &r[i->c];

		if (BOTH(x, y, RXL_INT) && y->as.i > 0) {
			int64_t z;

			if (((uint64_t)x->as.i | (uint64_t)y->as.i) >> 32 == 0)
				z = (uint32_t)x->as.i % (uint32_t)y->as.i;
			else
				z = x->as.i % y->as.i;
			SET(&r[i->a], rxl_int(z));
			NEXT;
		}
		goto slow_registers;
	}
	CASE(MODI) {
		const struct rxl_value *x = &r[i->b];

		if (RX_LIKELY(x->type == RXL_INT && i->i > 0)) {
			int64_t z;

			/* a 32-bit division is several times faster */
			if (((uint64_t)x->as.i | (uint64_t)i->i) >> 32 == 0)
				z = (uint32_t)x->as.i % (uint32_t)i->i;
			else
				z = x->as.i % i->i;
			SET(&r[i->a], rxl_int(z));
			NEXT;
		}
		goto slow_integer;
	}
	CASE(SHL)
	CASE(SHR)
	CASE(POW)
	CASE(RANGE)
	CASE(RANGE_INC)
		goto slow_registers;
	CASE(SHLI)
	CASE(SHRI)
	CASE(POWI)
		goto slow_integer;

	COMPARE(EQ, ==, fabs(p - q) <= e)
	COMPARE(NE, !=, fabs(p - q) > e)
	COMPARE(LT, <, q - p > e)
	COMPARE(LE, <=, q - p > -e)
	COMPARE(GT, >, p - q > e)
	COMPARE(GE, >=, p - q > -e)
	BRANCH(EQ, ==, fabs(p - q) <= e, RXL_BINARY_EQ)
	BRANCH(NE, !=, fabs(p - q) > e, RXL_BINARY_NE)
	BRANCH(LT, <, q - p > e, RXL_BINARY_LT)
	BRANCH(LE, <=, q - p > -e, RXL_BINARY_LE)
	BRANCH(GT, >, p - q > e, RXL_BINARY_GT)
	BRANCH(GE, >=, p - q > -e, RXL_BINARY_GE)

	CASE(MINUS) {
		const struct rxl_value *x = &r[i->b];

		if (x->type == RXL_INT && x->as.i != INT64_MIN) {
			int64_t z = -x->as.i;

			SET(&r[i->a], rxl_int(z));
			NEXT;
		}
		if (x->type == RXL_FLOAT) {
			double z = -x->as.f;

			SET(&r[i->a], rxl_float(z));
			NEXT;
		}
		goto slow_unary;
	}
	CASE(PLUS) {
		struct rxl_value x = r[i->b];

		if (x.type == RXL_INT || x.type == RXL_FLOAT) {
			x.tag = 0;
			SET(&r[i->a], x);
			NEXT;
		}
		goto slow_unary;
	}
	CASE(NOT) {
		const struct rxl_value *x = &r[i->b];

		if (RX_LIKELY(x->type == RXL_BOOL)) {
			bool z = !x->as.b;

			SET(&r[i->a], rxl_bool(z));
			NEXT;
		}
		goto slow_unary;
	}
	CASE(IN)
		frame->pc = pc;
		left = &r[i->b];
		right = &r[i->c];
		if (right->type == RXL_MAP && rxl_is_string(left) && !unit->sites[i->k].typed) {
			made = rxl_bool(rxl_map_find(right, rxl_string_view(left)) != NULL);
		} else {
			status = rxl_contains(vm, &unit->sites[i->k], &r[i->c], &r[i->b], &made);
			if (status != REXI_OK)
				goto raise;
		}
		if (i->flags & 4U) {
			if (made.type != RXL_BOOL)
				FAIL(rxl_vm_raise_not_found(vm, NULL, RX_STR("!"), &made, NULL, 0));
			made.as.i = !made.as.b;
		}
		if (i->flags & FLAG_B_TEMP)
			rxl_value_drop(heap, &r[i->b]);
		if (i->flags & FLAG_C_TEMP)
			rxl_value_drop(heap, &r[i->c]);
		SET(&r[i->a], made);
		NEXT;

	/* ---- jumps */
	CASE(JUMP)
		pc += i->jump;
		NEXT;
	CASE(LOOP)
		pc += i->jump;
		STEP(1);
		NEXT;
	CASE(JF) {
		const struct rxl_value *x = &r[i->a];

		if (RX_UNLIKELY(x->type != RXL_BOOL))
			FAIL(not_bool(vm, x));
		if (!x->as.b)
			pc += i->jump;
		NEXT;
	}
	CASE(JT) {
		const struct rxl_value *x = &r[i->a];

		if (RX_UNLIKELY(x->type != RXL_BOOL))
			FAIL(not_bool(vm, x));
		if (x->as.b) {
			pc += i->jump;
			STEP(1);
		}
		NEXT;
	}
	CASE(JUNIT)
		if (r[i->a].type != RXL_UNIT)
			pc += i->jump;
		NEXT;
	CASE(JISUNIT)
		if (r[i->a].type == RXL_UNIT)
			pc += i->jump;
		NEXT;
	CASE(CHECK_BOOL)
		if (RX_UNLIKELY(r[i->a].type != RXL_BOOL))
			FAIL(not_bool(vm, &r[i->a]));
		NEXT;

	/* ---- calls */
	CASE(CALL)
		callee = unit->functions[i->k];
		callee_self = NULL;
		callee_args = &r[i->a];
		callee_lock = NULL;
		callee_flags = 0;
	enter_callee : {
		struct rxl_value *base = callee_args;

		STEP(1);
		frame->pc = pc;
		if (RX_UNLIKELY(vm->depth > vm->level_max))
			FAIL(rxl_vm_raise(vm, RXL_ERROR_STACK_OVERFLOW, " "));
		if (RX_UNLIKELY(base + callee->reg_count > vm->segment->end)) {
			if (!segment_push(vm, callee->reg_count))
				FAIL(REXI_NO_MEMORY);
			base = vm->segment->registers;
			for (unsigned k = 0; k < callee->param_count; k++)
				rxl_value_set(heap, &base[k], rxl_value_take(&callee_args[k]));
			callee_flags |= FRAME_SEGMENT;
		}
		if (RX_UNLIKELY(vm->depth == vm->frame_cap)) {
			if (!frames_room(vm)) {
				if (callee_flags & FRAME_SEGMENT)
					segment_pop(vm);
				FAIL(REXI_NO_MEMORY);
			}
			frame = &vm->frames[vm->depth - 1];
		}
		vm->depth++;
		frame++;
		frame->base = r = base;
		frame->fn = callee;
		frame->self = callee_self;
		frame->flags = (uint8_t)callee_flags;
		if (RX_UNLIKELY(callee_lock != NULL)) {
			callee_lock->head.refs++;
			callee_lock->head.flags |= RXL_CELL_LOCKED;
			frame->lock = callee_lock;
			frame->flags |= FRAME_LOCK;
		}
		pc = callee->code;
		unit = callee->unit;
		NEXT;
	}
	CASE(RET) {
		struct rxl_value value = rxl_value_take(&r[i->a]);

		if (!i->b)
			sweep(heap, r, frame->fn->reg_count);
		if (RX_LIKELY(!(frame->flags & FRAME_SLOW))) {
			vm->depth--;
			frame--;
			FRAME_LOAD();
			SET(&r[pc[-1].a], value);
			NEXT;
		}
		made = value;
		goto leave;
	}
	CASE(RET_UNIT)
		if (!frame->fn->is_main)
			sweep(heap, r, frame->fn->reg_count);
		made = rxl_unit();
		goto leave;
	CASE(RET_SCOPED)
		made = rxl_value_take(&r[i->a]);
		sweep(heap, r + i->b, (size_t)(frame->fn->reg_count - i->b));
	leave : {
		bool entry = frame->flags & FRAME_ENTRY;

		frame_leave(vm, frame);
		vm->depth--;
		if (entry) {
			*result = made;
			return REXI_OK;
		}
		frame--;
		FRAME_LOAD();
		SET(&r[pc[-1].a], made);
		NEXT;
	}
	CASE(CALLN_THIS)
	CASE(CALLN) {
		struct rxl_site *site = &unit->sites[i->k];
		struct rxl_value *self = i->b ? &r[i->a] : NULL, *args = &r[i->a + 1];
		unsigned argc = i->b ? i->b - 1U : 0;
		const struct rxl_overload *native;
		bool constant = false;

		frame->pc = pc;
		if (i->op == RXL_OP_CALLN_THIS || i->c != RXL_NO_REG) {
			struct rxl_value *place = i->op == RXL_OP_CALLN_THIS ? frame->self : &r[i->c];

			if (RX_UNLIKELY(!place))
				FAIL(rxl_vm_raise(vm, RXL_ERROR_UNBOUND_THIS, " "));
			if (place->type == RXL_CELL) {
				/* function style on a shared variable works on a copy */
				if (place->as.cell->head.flags & RXL_CELL_LOCKED)
					FAIL(data_race(vm));
				made = rxl_value_copy(&place->as.cell->value);
				SET(self, made);
				native = site_native(vm, site, self, args, argc);
			} else {
				native = site_native(vm, site, place, args, argc);
				if (native && (native->row->flags & (RXL_REF | RXL_MUT)) &&
				    !(i->op == RXL_OP_CALLN_THIS && (frame->flags & FRAME_CONST))) {
					self = place;
				} else {
					made = rxl_value_copy(place);
					SET(self, made);
				}
			}
		} else {
			native = site_native(vm, site, self, args, argc);
		}
		made = rxl_unit();
		if (RX_UNLIKELY(!native)) {
			callee = rxl_unit_function(unit, site->name, i->b);
			if (callee && i->b) {
				callee_self = NULL;
				callee_args = &r[i->a];
				callee_lock = NULL;
				callee_flags = 0;
				goto enter_callee;
			}
			status = callee ? rxl_vm_call(vm, callee, NULL, false, NULL, NULL, 0, &made)
					: rxl_call_unknown(vm, site->name, self, args, argc, &made);
		} else {
			status = rxl_native_call(vm, native, rxl_symbol_text(&engine->symbols, site->name), false, constant, self,
						 args, argc, &made);
		}
		frame = &vm->frames[vm->depth - 1];
		for (unsigned k = 0; k < argc; k++)
			if (rxl_is_counted(&args[k]))
				rxl_value_drop(heap, &args[k]);
		if (status != REXI_OK) {
			rxl_value_drop(heap, &made);
			goto raise;
		}
		SET(&r[i->a], made);
		SIZES(&r[i->a]);
		if (RX_UNLIKELY(engine->limits.sizes) && self && self != &r[i->a])
			SIZES(self);
		STEP(1);
		NEXT;
	}
	CASE(METHOD) {
		struct rxl_value *self = &r[i->c];

		window = &r[i->jump];

		cur_cell = NULL;
		if (self->type == RXL_CELL) {
			cur_cell = self->as.cell;
			if (cur_cell->head.flags & RXL_CELL_LOCKED)
				FAIL(data_race(vm));
			self = &cur_cell->value;
		}
		cur = self;
		goto method;
	}
	CASE(METHOD_TRY)
	CASE(METHOD_CUR)
		window = &r[i->c];
	method : {
		struct rxl_site *site = &unit->sites[i->k];
		struct rxl_value *self = cur, *args = window;
		unsigned argc = i->b;
		const struct rxl_overload *native;
		bool constant = i->flags & 2U;

		frame->pc = pc;
		if (RX_UNLIKELY(site->special != RXL_SPECIAL_NONE)) {
			if (site->special == RXL_SPECIAL_CALL &&
			    (self->type == RXL_FN || (argc && args[0].type == RXL_FN))) {
				const struct rxl_fn *fn;
				struct rxl_value pointer;
				unsigned skip = self->type == RXL_FN ? 0 : 1, total;

				if (i->op == RXL_OP_METHOD_TRY && skip) {
					pc += i->jump;
					NEXT;
				}
				fn = (skip ? &args[0] : self)->as.fn;
				total = argc - skip + fn->curry_count;
				callee = rxl_fn_target(vm, skip ? &args[0] : self, total);
				if (skip && cur_cell) {
					status = race_check(vm, cur_cell, rxl_fn_name(&args[0]), args, argc);
					if (status != REXI_OK)
						goto raise;
				}
				if (!callee) {
					pointer = rxl_value_copy(skip ? &args[0] : self);
					made = rxl_unit();
					status = rxl_fn_call(vm, &pointer, skip ? self : NULL, constant, cur_cell,
							     args + skip, argc - skip, &made);
					rxl_value_drop(heap, &pointer);
					frame = &vm->frames[vm->depth - 1];
					goto method_done;
				}
				if (args + total + 1 > vm->segment->end)
					FAIL(rxl_vm_raise(vm, RXL_ERROR_STACK_OVERFLOW, " "));
				/* a temporary pointer stays where it is until the frame ends; its cells are copied here */
				pointer = rxl_value_copy(skip ? &args[0] : self);
				if (skip)
					rxl_value_drop(heap, &args[0]);
				if (fn->curry_count != skip) {
					for (unsigned k = argc; k < total; k++)
						if (rxl_is_counted(&args[k]))
							rxl_value_drop(heap, &args[k]);
					memmove(args + fn->curry_count, args + skip, (argc - skip) * sizeof(*args));
				}
				for (unsigned k = 0; k < fn->curry_count; k++)
					args[k] = rxl_value_copy(k >= callee->capture_count && fn->curry[k].type == RXL_CELL
									 ? &fn->curry[k].as.cell->value
									 : &fn->curry[k]);
				for (unsigned k = total; k < argc; k++)
					args[k] = rxl_unit();
				rxl_value_drop(heap, &pointer);
				callee_self = skip ? self : NULL;
				callee_args = args;
				callee_lock = cur_cell;
				callee_flags = constant && skip ? FRAME_CONST : 0;
				goto enter_callee;
			}
			made = rxl_unit();
			status = rxl_special_method(vm, (enum rxl_special)site->special, site->name, self, cur_cell, args, argc, &made);
			if (status != REXI_OK)
				argument_error(vm, site);
			goto method_done;
		}
		if (RX_UNLIKELY(self->type == RXL_MAP)) {
			const struct rxl_value *property = rxl_map_find(self, rxl_symbol_text(&engine->symbols, site->name));

			if (property && property->type == RXL_FN) {
				struct rxl_value pointer;

				if (i->op == RXL_OP_METHOD_TRY) {
					pc += i->jump;
					NEXT;
				}
				pointer = rxl_value_copy(property);
				made = rxl_unit();
				status = rxl_fn_call(vm, &pointer, self, constant, cur_cell, args, argc, &made);
				rxl_value_drop(heap, &pointer);
				frame = &vm->frames[vm->depth - 1];
				goto method_done;
			}
		}
		if (site->method || site->typed || unit->import_count) {
			callee = rxl_method_find(vm, unit, site, self, argc);
			if (callee) {
				if (i->op == RXL_OP_METHOD_TRY) {
					pc += i->jump;
					NEXT;
				}
				if (wb_count) {
					/* changes of a pseudo element by a script method are lost */
					made = rxl_value_take(self);
					write_back_forget(vm, wb, &wb_count);
					SET(&r[i->a], made);
					self = &r[i->a];
				}
				if (cur_cell && argc) {
					status = race_check(vm, cur_cell, rxl_symbol_text(&engine->symbols, site->name), args, argc);
					if (status != REXI_OK)
						goto raise;
				}
				callee_self = self;
				callee_args = args;
				callee_lock = cur_cell;
				callee_flags = constant ? FRAME_CONST : 0;
				goto enter_callee;
			}
		}
		native = site_native(vm, site, self, args, argc);
		if (RX_UNLIKELY(!native)) {
			write_back_forget(vm, wb, &wb_count);
			status = cur_cell ? race_check(vm, cur_cell, rxl_symbol_text(&engine->symbols, site->name), args, argc) : REXI_OK;
			FAIL(status != REXI_OK ? status
					       : rxl_vm_raise_not_found(vm, NULL, rxl_symbol_text(&engine->symbols, site->name),
									self, args, argc));
		}
		if (i->op == RXL_OP_METHOD_TRY && (native->row->flags & (RXL_MUT | RXL_REF)) &&
		    ((native->row->flags & RXL_MUT) || native->takes_fn)) {
			pc += i->jump;
			NEXT;
		}
		if (RX_UNLIKELY(constant && (native->row->flags & RXL_MUT)))
			FAIL(rxl_vm_raise(vm, RXL_ERROR_NON_PURE, "%.*s",
					  RX_STR_ARG(rxl_symbol_text(&engine->symbols, site->name))));
		made = rxl_unit();
		if (RX_UNLIKELY(cur_cell != NULL)) {
			struct rxl_cell *cell = cur_cell;

			status = argc ? race_check(vm, cell, rxl_symbol_text(&engine->symbols, site->name), args, argc) : REXI_OK;
			if (status == REXI_OK) {
				cell->head.refs++;
				cell->head.flags |= RXL_CELL_LOCKED;
				status = rxl_native_call(vm, native, rxl_symbol_text(&engine->symbols, site->name), true, constant,
							 self, args, argc, &made);
				cell->head.flags &= (uint8_t)~RXL_CELL_LOCKED;
				if (--cell->head.refs == 0)
					rxl_object_free(heap, &cell->head);
			}
		} else if (RX_LIKELY(native->row->flags & (RXL_REF | RXL_MUT))) {
			status = rxl_native_call(vm, native, rxl_symbol_text(&engine->symbols, site->name), true, constant, self,
						 args, argc, &made);
		} else {
			struct rxl_value copy = rxl_value_copy(self);

			status = rxl_native_call(vm, native, rxl_symbol_text(&engine->symbols, site->name), true, constant, &copy,
						 args, argc, &made);
			if (rxl_is_counted(&copy))
				rxl_value_drop(heap, &copy);
		}
		frame = &vm->frames[vm->depth - 1];
		if (RX_UNLIKELY(wb_count)) {
			if (status == REXI_OK && (native->row->flags & (RXL_REF | RXL_MUT)))
				status = write_back(vm, wb, &wb_count, cur_const);
			else
				write_back_forget(vm, wb, &wb_count);
		}
		if (RX_UNLIKELY(engine->limits.sizes) && status == REXI_OK)
			status = sizes_check(vm, self);
	method_done:
		args = i->op == RXL_OP_METHOD ? &r[i->jump] : &r[i->c];
		for (unsigned k = 0; k < i->b; k++)
			if (rxl_is_counted(&args[k]))
				rxl_value_drop(heap, &args[k]);
		if (status != REXI_OK) {
			rxl_value_drop(heap, &made);
			goto raise;
		}
		if ((i->flags & 1U) && i->op == RXL_OP_METHOD && rxl_is_counted(&r[i->c]))
			rxl_value_drop(heap, &r[i->c]);
		SET(&r[i->a], made);
		SIZES(&r[i->a]);
		STEP(1);
		NEXT;
	}
	CASE(CALL_SCOPE)
		frame->pc = pc;
		made = rxl_unit();
		status = rxl_call_scope(vm, &unit->sites[i->k], &unit->scopes[i->jump], &r[i->a], i->b, &made);
		frame = &vm->frames[vm->depth - 1];
		if (status != REXI_OK)
			goto raise;
		SET(&r[i->a], made);
		NEXT;
	CASE(CALL_PATH) {
		struct rxl_value *args = &r[i->a], *first = NULL;

		frame->pc = pc;
		made = rxl_unit();
		if (i->c != RXL_NO_REG)
			first = &r[i->c];
		status = rxl_call_path(vm, &unit->sites[i->k], r, first, args, i->b, &callee, &made);
		frame = &vm->frames[vm->depth - 1];
		if (status == REXI_OK && callee) {
			callee_self = NULL;
			callee_args = args;
			callee_lock = NULL;
			callee_flags = 0;
			if (!i->b) {
				status = rxl_vm_call(vm, callee, NULL, false, NULL, NULL, 0, &made);
				frame = &vm->frames[vm->depth - 1];
				if (status != REXI_OK)
					goto raise;
				SET(&r[i->a], made);
				NEXT;
			}
			goto enter_callee;
		}
		sweep(heap, args, i->b);
		if (status != REXI_OK)
			goto raise;
		SET(&r[i->a], made);
		NEXT;
	}
	CASE(GET_PATH)
		frame->pc = pc;
		made = rxl_unit();
		status = rxl_get_path(vm, &unit->sites[i->k], r, &made);
		if (status != REXI_OK)
			goto raise;
		SET(&r[i->a], made);
		NEXT;
	CASE(SET_PATH)
		frame->pc = pc;
		made = rxl_unit();
		status = rxl_get_path(vm, &unit->sites[i->k], r, &made);
		rxl_value_drop(heap, &made);
		if (status != REXI_OK)
			goto raise;
		FAIL(rxl_vm_raise(vm, RXL_ERROR_ASSIGNMENT_TO_CONSTANT, "%.*s",
				  RX_STR_ARG(rxl_symbol_text(&engine->symbols, unit->sites[i->k].name))));
	CASE(SPECIAL) {
		struct rxl_value *args = &r[i->a];

		frame->pc = pc;
		made = rxl_unit();
		if (i->flags & 1U) {
			made = rxl_bool(r[i->b].type == RXL_CELL);
			SET(&r[i->a], made);
			NEXT;
		}
		if (i->c == RXL_SPECIAL_CALL && args[0].type == RXL_FN) {
			struct rxl_value pointer = rxl_value_take(&args[0]);

			status = rxl_fn_call(vm, &pointer, NULL, false, NULL, args + 1, i->b - 1U, &made);
			rxl_value_drop(heap, &pointer);
		} else {
			status = rxl_special(vm, (enum rxl_special)i->c, unit->sites[i->k].name, args, i->b, &made);
		}
		frame = &vm->frames[vm->depth - 1];
		sweep(heap, args, i->b);
		if (status != REXI_OK) {
			argument_error(vm, &unit->sites[i->k]);
			goto raise;
		}
		SET(&r[i->a], made);
		STEP(1);
		NEXT;
	}
	CASE(CLOSURE)
		frame->pc = pc;
		made = rxl_unit();
		status = closure_make(vm, unit->functions[i->k], r, &made);
		if (status != REXI_OK)
			goto raise;
		SET(&r[i->a], made);
		NEXT;
	CASE(THROW) {
		struct rxl_call call = rxl_vm_call_of(vm, RX_STR(""));

		FAIL(rxl_raise_runtime(&call, rxl_value_take(&r[i->a])));
	}

	/* ---- building */
	CASE(ARRAY) {
		struct rxl_value *items;

		status = rxl_array_new(heap, i->c, &made);
		if (status != REXI_OK)
			goto raise;
		items = made.as.array->items;
		for (unsigned k = 0; k < i->c; k++)
			items[k] = rxl_value_take(&r[i->b + k]);
		made.as.array->count = i->c;
		SET(&r[i->a], made);
		SIZES(&r[i->a]);
		NEXT;
	}
	CASE(ARRAY_MORE)
		for (unsigned k = 0; k < i->c; k++) {
			status = rxl_array_push(heap, &r[i->a], rxl_value_take(&r[i->b + k]));
			if (status != REXI_OK)
				goto raise;
		}
		SIZES(&r[i->a]);
		NEXT;
	CASE(MAP)
		status = map_make(vm, unit, &unit->shapes[i->k], &r[i->b], &made);
		if (status != REXI_OK)
			goto raise;
		SET(&r[i->a], made);
		SIZES(&r[i->a]);
		NEXT;
	CASE(MAP_PUT) {
		struct rxl_value *slot;
		uint32_t hint = UINT32_MAX;

		status = rxl_map_place(heap, &r[i->a], &unit->constants[i->k], &hint, &slot);
		if (status != REXI_OK)
			goto raise;
		made = rxl_value_take(&r[i->b]);
		SET(slot, made);
		SIZES(&r[i->a]);
		NEXT;
	}
	CASE(TEXT)
		SET(&r[i->a], ((struct rxl_value){ .type = RXL_TEXT, .as.i = 0 }));
		NEXT;
	CASE(TEXT_ADD)
		frame->pc = pc;
		status = rxl_text_add(vm, &r[i->a], &r[i->b]);
		if (i->flags & FLAG_B_TEMP)
			rxl_value_drop(heap, &r[i->b]);
		if (status != REXI_OK)
			goto raise;
		NEXT;
	CASE(TEXT_CONST)
		status = rxl_string_append(heap, &r[i->a], rxl_string_view(&unit->constants[i->k]));
		if (status != REXI_OK)
			goto raise;
		NEXT;

	/* ---- chains, reading */
	CASE(KEY_RR)
		cur = &r[i->b];
		goto key_get;
	CASE(KEY_CR)
	key_get:
		if (RX_LIKELY(cur->type == RXL_MAP)) {
			const struct rxl_value *found = map_get(cur->as.map, &unit->constants[i->k], i);

			if (RX_UNLIKELY(!found)) {
				if (engine->fail_on_missing_property)
					FAIL(rxl_vm_raise(vm, RXL_ERROR_PROPERTY_NOT_FOUND, "%.*s",
							  RX_STR_ARG(rxl_string_view(&unit->constants[i->k]))));
				found = &unit_place;
			}
			made = rxl_value_copy(found);
		} else {
			frame->pc = pc;
			status = rxl_property_get(vm, cur, &unit->constants[i->k], false, &made);
			if (status != REXI_OK)
				goto raise;
			frame = &vm->frames[vm->depth - 1];
		}
		if ((i->flags & FLAG_B_TEMP) && rxl_is_counted(&r[i->b]))
			rxl_value_drop(heap, &r[i->b]);
		SET(&r[i->a], made);
		NEXT;
	CASE(KEY_RC)
		cur = &r[i->b];
		cur_cell = NULL;
		goto key_cur;
	CASE(KEY_CC)
	key_cur:
		if (RX_LIKELY(cur->type == RXL_MAP)) {
			cur = map_get(cur->as.map, &unit->constants[i->k], i);
			if (RX_UNLIKELY(!cur)) {
				if (engine->fail_on_missing_property)
					FAIL(rxl_vm_raise(vm, RXL_ERROR_PROPERTY_NOT_FOUND, "%.*s",
							  RX_STR_ARG(rxl_string_view(&unit->constants[i->k]))));
				SET(&r[i->a], rxl_unit());
				cur = &r[i->a];
			}
			NEXT;
		}
		frame->pc = pc;
		status = rxl_property_get(vm, cur, &unit->constants[i->k], false, &made);
		if (status != REXI_OK)
			goto raise;
		frame = &vm->frames[vm->depth - 1];
		SET(&r[i->a], made);
		cur = &r[i->a];
		NEXT;
	CASE(IDX_RR)
		cur = &r[i->b];
		goto index_get;
	CASE(IDX_CR)
	index_get : {
		struct rxl_value *index = &r[i->c];

		if (RX_LIKELY(cur->type == RXL_ARRAY && index->type == RXL_INT &&
			      (uint64_t)index->as.i < cur->as.array->count)) {
			made = rxl_value_copy(&cur->as.array->items[index->as.i]);
		} else {
			frame->pc = pc;
			status = rxl_index_get(vm, cur, index, (uint32_t)i->jump, false, &made);
			if (status != REXI_OK)
				goto raise;
			frame = &vm->frames[vm->depth - 1];
		}
		if ((i->flags & FLAG_B_TEMP) && rxl_is_counted(&r[i->b]))
			rxl_value_drop(heap, &r[i->b]);
		if ((i->flags & FLAG_C_TEMP) && rxl_is_counted(&r[i->c]))
			rxl_value_drop(heap, &r[i->c]);
		SET(&r[i->a], made);
		NEXT;
	}
	CASE(IDX_RC)
		cur = &r[i->b];
		cur_cell = NULL;
		goto index_cur;
	CASE(IDX_CC)
	index_cur : {
		struct rxl_value *index = &r[i->c];

		if (RX_LIKELY(cur->type == RXL_ARRAY && index->type == RXL_INT &&
			      (uint64_t)index->as.i < cur->as.array->count)) {
			cur = &cur->as.array->items[index->as.i];
			NEXT;
		}
		frame->pc = pc;
		status = rxl_index_get(vm, cur, index, (uint32_t)i->jump, false, &made);
		if (status != REXI_OK)
			goto raise;
		frame = &vm->frames[vm->depth - 1];
		SET(&r[i->k], made);
		cur = &r[i->k];
		NEXT;
	}
	CASE(CUR_REG)
		cur_cell = NULL;
		cur_const = i->flags & 8U;
		cur_fixed = cur_const;
		cur_name = (rxl_symbol)i->k;
		cur_pos = frame->fn->positions[i - frame->fn->code];
		cur = i->b == RXL_NO_REG ? NULL : &r[i->b];
		if (RX_UNLIKELY(i->a)) {
			struct rxl_value *dynamic = dynamic_find(vm, frame, (rxl_symbol)i->k);

			cur = dynamic ? dynamic : cur;
			if (dynamic)
				cur_const = cur_fixed = dynamic[1].as.b;
			if (!cur)
				FAIL(rxl_vm_raise(vm, RXL_ERROR_VARIABLE_NOT_FOUND, "%.*s",
						  RX_STR_ARG(rxl_symbol_text(&engine->symbols, (rxl_symbol)i->k))));
		}
		if (cur->type == RXL_CELL) {
			cur_cell = cur->as.cell;
			if (RX_UNLIKELY(cur_cell->head.flags & RXL_CELL_LOCKED))
				FAIL(data_race(vm));
			cur = &cur_cell->value;
		}
		NEXT;
	CASE(CUR_THIS)
		cur_cell = NULL;
		cur = frame->self;
		if (RX_UNLIKELY(!cur))
			FAIL(rxl_vm_raise(vm, RXL_ERROR_UNBOUND_THIS, " "));
		cur_const = cur_fixed = frame->flags & FRAME_CONST;
		cur_name = RXL_NO_SYMBOL;
		cur_pos = frame->fn->positions[i - frame->fn->code];
		NEXT;
	CASE(CUR_GET)
		made = rxl_value_copy(cur);
		SET(&r[i->a], made);
		NEXT;
	CASE(CUR_UNIT)
		if (cur->type == RXL_UNIT) {
			SET(&r[i->a], rxl_unit());
			pc += i->jump;
		}
		NEXT;

	/* ---- chains, writing */
	CASE(KEY_W)
		if (RX_LIKELY(cur->type == RXL_MAP)) {
			struct rxl_value *slot;

			status = rxl_map_edit(heap, cur);
			if (status != REXI_OK)
				goto raise;
			slot = map_get(cur->as.map, &unit->constants[i->k], i);
			if (RX_UNLIKELY(!slot)) {
				if (i->flags & 1U) {
					uint32_t hint = UINT32_MAX;

					status = rxl_map_place(heap, cur, &unit->constants[i->k], &hint, &slot);
					if (status != REXI_OK)
						goto raise;
					cur_fixed = false;
				} else {
					SET(&r[i->a], rxl_unit());
					slot = &r[i->a];
				}
			}
			cur = slot;
			NEXT;
		}
		frame->pc = pc;
		if (wb_count == WRITEBACK_MAX)
			FAIL(REXI_NO_MEMORY);
		cur_fixed = false;
		status = rxl_property_get(vm, cur, &unit->constants[i->k], false, &made);
		if (status != REXI_OK)
			goto raise;
		frame = &vm->frames[vm->depth - 1];
		wb[wb_count] = (struct writeback){ .parent = cur, .key = rxl_value_copy(&unit->constants[i->k]), .temp = made,
						   .is_property = true };
		cur = &wb[wb_count++].temp;
		NEXT;
	CASE(IDX_W) {
		struct rxl_value *index = &r[i->c];

		if (RX_LIKELY(cur->type == RXL_ARRAY && index->type == RXL_INT &&
			      (uint64_t)index->as.i < cur->as.array->count)) {
			status = rxl_array_edit(heap, cur);
			if (status != REXI_OK)
				goto raise;
			cur = &cur->as.array->items[index->as.i];
			NEXT;
		}
		if (cur->type == RXL_ARRAY && index->type == RXL_INT && index->as.i < 0 &&
		    index->as.i >= -(int64_t)cur->as.array->count) {
			status = rxl_array_edit(heap, cur);
			if (status != REXI_OK)
				goto raise;
			cur = &cur->as.array->items[index->as.i + (int64_t)cur->as.array->count];
			NEXT;
		}
		if (cur->type == RXL_MAP && rxl_is_string(index)) {
			struct rxl_value *slot;
			uint32_t hint = UINT32_MAX;
			struct rxl_value key = *index;

			key.tag = 0;
			if (i->flags & 1U) {
				size_t before = cur->as.map->count;

				status = rxl_map_place(heap, cur, &key, &hint, &slot);
				if (status == REXI_OK && cur->as.map->count != before)
					cur_fixed = false;
			} else {
				status = rxl_map_find_edit(heap, cur, rxl_string_view(&key), &slot);
				if (status == REXI_OK && !slot) {
					SET(&r[i->k], rxl_unit());
					slot = &r[i->k];
				}
			}
			if (status != REXI_OK)
				goto raise;
			cur = slot;
			NEXT;
		}
		frame->pc = pc;
		if (wb_count == WRITEBACK_MAX)
			FAIL(REXI_NO_MEMORY);
		cur_fixed = false;
		status = rxl_index_get(vm, cur, index, (uint32_t)i->jump, false, &made);
		if (status != REXI_OK) {
			/* the last link of `x[i] op= v`: the error names the value, too */
			if ((i->flags & 1U) && vm->error && vm->error->kind == RXL_ERROR_INDEXING_TYPE) {
				status = rxl_vm_raise(vm, RXL_ERROR_INDEXING_TYPE, "%s [%s] = %s", rxl_value_type_name(cur),
						      rxl_value_type_name(index),
						      pc->op == RXL_OP_CUR_OP ? rxl_value_type_name(&r[pc->b]) : "i64");
				if (vm->error)
					vm->error->pos = (uint32_t)i->jump;
			}
			goto raise;
		}
		frame = &vm->frames[vm->depth - 1];
		wb[wb_count] = (struct writeback){ .parent = cur, .key = rxl_value_copy(index), .temp = made,
						   .bracket = (uint32_t)i->jump };
		cur = &wb[wb_count++].temp;
		NEXT;
	}
	CASE(KEY_SET)
		made = rxl_value_take(&r[i->b]);
		if (RX_LIKELY(cur->type == RXL_MAP)) {
			struct rxl_value *slot;

			status = rxl_map_edit(heap, cur);
			if (status == REXI_OK) {
				slot = map_get(cur->as.map, &unit->constants[i->k], i);
				if (RX_UNLIKELY(slot && cur_const))
					status = constant_error(vm, cur_name, cur_pos);
				if (!slot) {
					uint32_t hint = UINT32_MAX;

					status = rxl_map_place(heap, cur, &unit->constants[i->k], &hint, &slot);
				}
			}
			if (status != REXI_OK) {
				rxl_value_drop(heap, &made);
				goto raise;
			}
			SET(slot, made);
		} else {
			frame->pc = pc;
			status = rxl_property_set(vm, cur, &unit->constants[i->k], made, cur_const);
			if (status != REXI_OK)
				goto raise;
		}
		goto chain_written;
	CASE(IDX_SET) {
		struct rxl_value *index = &r[i->c];

		made = rxl_value_take(&r[i->b]);
		if (RX_LIKELY(cur->type == RXL_ARRAY && index->type == RXL_INT &&
			      (uint64_t)index->as.i < cur->as.array->count)) {
			status = RX_UNLIKELY(cur_const) ? constant_error(vm, cur_name, cur_pos) : rxl_array_edit(heap, cur);
			if (status != REXI_OK) {
				rxl_value_drop(heap, &made);
				goto raise;
			}
			SET(&cur->as.array->items[index->as.i], made);
		} else {
			frame->pc = pc;
			status = REXI_OK;
			if (RX_UNLIKELY(cur_const) && place_exists(cur, index))
				status = constant_error(vm, cur_name, cur_pos);
			if (status != REXI_OK) {
				rxl_value_drop(heap, &made);
				goto raise;
			}
			status = rxl_index_set(vm, cur, index, (uint32_t)i->jump, made);
			if (status != REXI_OK) {
				if (vm->error && vm->error->kind == RXL_ERROR_MISMATCH_DATA_TYPE && !vm->error->pos &&
				    (cur->type == RXL_INT || cur->type == RXL_BLOB || rxl_is_string(cur)) &&
				    (index->type == RXL_INT || (cur->type != RXL_BLOB && (index->type == RXL_RANGE ||
											   index->type == RXL_RANGE_INCLUSIVE))))
					vm->error->pos = (uint32_t)i->k;
				goto raise;
			}
		}
		if ((i->flags & FLAG_C_TEMP) && rxl_is_counted(index))
			rxl_value_drop(heap, index);
		goto chain_written;
	}
	CASE(CUR_SET)
		if (RX_UNLIKELY(cur_fixed))
			FAIL(constant_error(vm, cur_name, cur_pos));
		made = rxl_value_take(&r[i->b]);
		SET(cur, made);
		goto chain_written;
	CASE(CUR_OPI)
		if (RX_UNLIKELY(cur_fixed))
			FAIL(constant_error(vm, cur_name, cur_pos));
		if (RX_LIKELY(cur->type == RXL_INT)) {
			int64_t z;

			if (i->c == RXL_BINARY_ADD ? !__builtin_add_overflow(cur->as.i, i->i, &z)
						   : i->c == RXL_BINARY_SUB && !__builtin_sub_overflow(cur->as.i, i->i, &z)) {
				cur->as.i = z;
				goto chain_written;
			}
		}
		immediate = rxl_int(i->i);
		frame->pc = pc;
		status = rxl_assign_slow(vm, (enum rxl_binary)i->c, cur, &immediate);
		frame = &vm->frames[vm->depth - 1];
		if (status != REXI_OK)
			goto raise;
		goto chain_written;
	CASE(CUR_OP) {
		struct rxl_value *value = &r[i->b];

		if (RX_UNLIKELY(cur_fixed))
			FAIL(constant_error(vm, cur_name, cur_pos));

		if (cur->type == RXL_FLOAT && value->type == RXL_FLOAT && i->k <= RXL_BINARY_MUL) {
			cur->as.f = i->k == RXL_BINARY_ADD   ? cur->as.f + value->as.f
				    : i->k == RXL_BINARY_SUB ? cur->as.f - value->as.f
							     : cur->as.f * value->as.f;
			goto chain_written;
		}
		if (cur->type == RXL_INT && value->type == RXL_INT && i->k == RXL_BINARY_ADD) {
			int64_t z;

			if (!__builtin_add_overflow(cur->as.i, value->as.i, &z)) {
				cur->as.i = z;
				goto chain_written;
			}
		}
		frame->pc = pc;
		status = rxl_assign_slow(vm, (enum rxl_binary)i->k, cur, value);
		frame = &vm->frames[vm->depth - 1];
		if (i->flags & FLAG_B_TEMP)
			rxl_value_drop(heap, value);
		if (status != REXI_OK)
			goto raise;
		goto chain_written;
	}
	CASE(CUR_END)
	chain_written:
		if (RX_UNLIKELY(wb_count)) {
			frame->pc = pc;
			status = write_back(vm, wb, &wb_count, cur_const);
			frame = &vm->frames[vm->depth - 1];
			if (status != REXI_OK)
				goto raise;
		}
		if (RX_UNLIKELY(engine->limits.sizes) && cur && cur != &unit_place) {
			/* the whole variable counts: its root is the chain's register or cell, which is checked at reads */
			status = sizes_check(vm, cur_cell ? &cur_cell->value : cur);
			if (status != REXI_OK)
				goto raise;
		}
		NEXT;

	/* ---- loops */
	CASE(FOR_RANGE) {
		struct rxl_value *from = &r[i->b], *to = &r[i->c];

		made = rxl_int(from->as.i);
		immediate = rxl_int(to->as.i);
		if (RX_UNLIKELY(!BOTH(from, to, RXL_INT))) {
			/* an end that is missing is () */
			if (from->type == RXL_INT && to->type == RXL_UNIT) {
				immediate = rxl_int(INT64_MAX);
			} else if (from->type == RXL_UNIT && to->type == RXL_INT) {
				made = rxl_int(0);
			} else {
				frame->pc = pc;
				status = rxl_binary_slow(vm, i->flags & 4U ? RXL_BINARY_RANGE_INCLUSIVE : RXL_BINARY_RANGE, from, to,
							 &made);
				if (status == REXI_OK) {
					rxl_value_drop(heap, &made);
					status = rxl_vm_raise(vm, RXL_ERROR_FOR, " ");
				}
				goto raise;
			}
		}
		SET(&r[i->a], made);
		SET(&r[i->a + 1], immediate);
		NEXT;
	}
	CASE(NEXT_RANGE) {
		struct rxl_value *from = &r[i->a];
		int64_t at = from->as.i, end = from[1].as.i;

		if (at < end) {
			from->as.i = at + 1;
			SET(&r[i->b], rxl_int(at));
			pc += i->jump;
			STEP(1);
		} else if (at == end && (i->flags & 4U)) {
			/* the last round: one below, so that the end is not passed even when it is the largest integer */
			from[1].as.i = end == INT64_MIN ? end : end - 1;
			from->as.i = end;
			SET(&r[i->b], rxl_int(at));
			if (end == INT64_MIN)
				from->as.i = end + 1;
			pc += i->jump;
			STEP(1);
		}
		NEXT;
	}
	CASE(FOR_INIT) {
		struct rxl_value *from = &r[i->b];

		if (RX_UNLIKELY(!rxl_value_is_iterable(from)))
			FAIL(rxl_vm_raise(vm, RXL_ERROR_FOR, " "));
		made = i->flags & FLAG_B_TEMP ? rxl_value_take(from) : rxl_value_copy(from);
		SET(&r[i->a], made);
		SET(&r[i->a + 1], rxl_int(0));
		NEXT;
	}
	CASE(NEXT_ITEM) {
		struct rxl_value *over = &r[i->a];

		if (RX_LIKELY(over->type == RXL_ARRAY)) {
			uint64_t at = (uint64_t)over[1].as.i;

			if (at >= over->as.array->count)
				NEXT;
			over[1].as.i++;
			made = rxl_value_copy(&over->as.array->items[at]);
		} else {
			uint64_t at = (uint64_t)over[1].as.i;

			made = rxl_unit();
			if (!rxl_value_next(heap, over, &at, &made))
				NEXT;
			over[1].as.i = (int64_t)at;
		}
		SET(&r[i->b], made);
		pc += i->jump;
		STEP(1);
		NEXT;
	}
	CASE(SWITCH)
		pc = frame->fn->code + switch_target(&unit->switches[i->k], &r[i->a]);
		NEXT;
	CASE(IN_CASE)
		if (!in_case(&unit->constants[i->k], &r[i->a]))
			pc += i->jump;
		NEXT;

	/* ---- modules, evaluation */
	CASE(IMPORT)
		frame->pc = pc;
		made = rxl_unit();
		status = rxl_import(vm, frame->fn->unit, &r[i->b], (rxl_symbol)i->k, i->flags & 1U, &made);
		frame = &vm->frames[vm->depth - 1];
		rxl_value_drop(heap, &r[i->b]);
		if (status != REXI_OK)
			goto raise;
		SET(&r[i->a], made);
		NEXT;
	CASE(EXPORT)
		status = rxl_export(vm, unit, (rxl_symbol)i->k, r[i->b].type == RXL_CELL ? &r[i->b].as.cell->value : &r[i->b]);
		if (status != REXI_OK)
			goto raise;
		NEXT;
	CASE(GLOBAL_CONST)
		status = rxl_global_const(vm, unit, (rxl_symbol)i->k, &r[i->b]);
		if (status != REXI_OK)
			goto raise;
		NEXT;
	CASE(VAR_DYN) {
		const struct rxl_value *found = dynamic_find(vm, frame, (rxl_symbol)i->k);

		if (!found && i->b != RXL_NO_REG) {
			found = &r[i->b];
			if (found->type == RXL_CELL) {
				if (found->as.cell->head.flags & RXL_CELL_LOCKED)
					FAIL(data_race(vm));
				found = &found->as.cell->value;
			}
		}
		made = rxl_unit();
		if (found) {
			made = rxl_value_copy(found);
		} else {
			status = missing_variable(vm, frame, (rxl_symbol)i->k, false, &made);
			if (status != REXI_OK)
				goto raise;
		}
		SET(&r[i->a], made);
		NEXT;
	}
	CASE(SET_DYN) {
		struct rxl_value *to = dynamic_find(vm, frame, (rxl_symbol)i->k);

		if (to ? to[1].as.b : i->flags & 8U)
			FAIL(constant_error(vm, (rxl_symbol)i->k, frame->fn->positions[i - frame->fn->code]));
		if (!to)
			to = &r[i->b];
		if (to->type == RXL_CELL) {
			if (to->as.cell->head.flags & RXL_CELL_LOCKED)
				FAIL(data_race(vm));
			to = &to->as.cell->value;
		}
		made = rxl_value_take(&r[i->a]);
		SET(to, made);
		NEXT;
	}
	CASE(KEEP_DYN)
		made = rxl_value_copy(r[i->b].type == RXL_CELL ? &r[i->b].as.cell->value : &r[i->b]);
		status = dynamic_keep(vm, frame, (rxl_symbol)i->k, i->c, &made);
		rxl_value_drop(heap, &made);
		if (status != REXI_OK)
			goto raise;
		NEXT;
	CASE(EVAL)
		frame->pc = pc;
		made = rxl_unit();
		status = rxl_eval(vm, &unit->scopes[i->k], &r[i->a], &made);
		frame = &vm->frames[vm->depth - 1];
		rxl_value_drop(heap, &r[i->a]);
		if (status != REXI_OK)
			goto raise;
		SET(&r[i->a], made);
		NEXT;
	CASE(DEF_VAR) {
		const struct rxl_scope_map *scope = &unit->scopes[i->k];
		struct rexi_str name;
		bool found = false;

		if (!rxl_is_string(&r[i->a]))
			FAIL(rxl_vm_raise_type(vm, "string", rxl_value_type_name(&r[i->a])));
		name = rxl_string_view(&r[i->a]);
		for (uint32_t k = 0; k < scope->count && !found; k++)
			found = !scope->vars[k].is_module &&
				rx_str_eq(rxl_symbol_text(&engine->symbols, scope->vars[k].name), name);
		if (!found) {
			rxl_symbol symbol = rxl_symbol_find(&engine->symbols, name);

			found = symbol != RXL_NO_SYMBOL && dynamic_find(vm, frame, symbol) != NULL;
		}
		SET(&r[i->a], rxl_bool(found));
		NEXT;
	}
	CASE(ERROR_CONST)
		FAIL(rxl_vm_raise(vm, RXL_ERROR_ASSIGNMENT_TO_CONSTANT, "%.*s",
				  RX_STR_ARG(rxl_symbol_text(&engine->symbols, (rxl_symbol)i->k))));
	CASE(ERROR_TEXT)
		FAIL(rxl_vm_raise(vm, (enum rxl_error_kind)i->a, "%.*s", RX_STR_ARG(rxl_string_view(&unit->constants[i->k]))));
	CASE(CATCH_VALUE)
		made = rxl_unit();
		if (vm->caught) {
			status = rxl_error_caught(heap, vm->caught, &made);
			if (i->flags & 1U) {
				rxl_error_free(heap, vm->caught);
				vm->caught = NULL;
			}
			if (status != REXI_OK)
				goto raise;
		}
		SET(&r[i->a], made);
		NEXT;
	CASE(KEEP_ERROR)
		made = rxl_unit();
		status = rxl_error_keep(heap, vm->caught, &made);
		vm->caught = NULL;
		if (status != REXI_OK)
			goto raise;
		SET(&r[i->a], made);
		NEXT;

#if !COMPUTED
	case RXL_OP_COUNT:
		rx_unreachable();
	}
#endif

	/* ---- the slow ways */
slow_registers:
	left = &r[i->b];
	right = &r[i->c];
	jump_op = (enum rxl_binary)(i->op - RXL_OP_ADD);
	goto slow_binary;
slow_integer:
	left = &r[i->b];
	immediate = rxl_int(i->i);
	right = &immediate;
	jump_op = (enum rxl_binary)(i->op - RXL_OP_ADDI);
	goto slow_binary;
slow_float:
	left = &r[i->b];
	immediate = rxl_float(i->f);
	right = &immediate;
	jump_op = (enum rxl_binary)(i->op - RXL_OP_ADDF);
slow_binary:
	frame->pc = pc;
	if (i->flags & FLAG_ASSIGN) {
		status = rxl_assign_slow(vm, jump_op, &r[i->a], right);
		frame = &vm->frames[vm->depth - 1];
		if ((i->flags & FLAG_C_TEMP) && rxl_is_counted(right))
			rxl_value_drop(heap, &r[i->c]);
		if (status != REXI_OK)
			goto raise;
		SIZES(&r[i->a]);
		NEXT;
	}
	if (jump_op == RXL_BINARY_ADD && (i->flags & FLAG_B_TEMP) && rxl_is_string(left) && right->type <= RXL_STRING &&
	    right->type != RXL_TIME) {
		/* a text in a temporary grows in place */
		made = rxl_value_take(&r[i->b]);
		status = rxl_text_add(vm, &made, right);
		made.tag = 0;
	} else {
		made = rxl_unit();
		status = rxl_binary_slow(vm, jump_op, left, right, &made);
		frame = &vm->frames[vm->depth - 1];
	}
	if ((i->flags & FLAG_B_TEMP) && rxl_is_counted(&r[i->b]))
		rxl_value_drop(heap, &r[i->b]);
	if ((i->flags & FLAG_C_TEMP) && right != &immediate && rxl_is_counted(right))
		rxl_value_drop(heap, &r[i->c]);
	if (status != REXI_OK) {
		rxl_value_drop(heap, &made);
		goto raise;
	}
	made.tag = 0;
	SET(&r[i->a], made);
	SIZES(&r[i->a]);
	NEXT;
slow_branch_integer:
	immediate = rxl_int(i->k);
	right = &immediate;
	left = &r[i->a];
	goto slow_compare;
slow_branch:
	left = &r[i->a];
	right = &r[i->b];
slow_compare:
	frame->pc = pc;
	made = rxl_unit();
	status = rxl_binary_slow(vm, jump_op, left, right, &made);
	frame = &vm->frames[vm->depth - 1];
	if (status != REXI_OK)
		goto raise;
	if ((i->flags & FLAG_B_TEMP) && rxl_is_counted(&r[i->a]))
		rxl_value_drop(heap, &r[i->a]);
	if ((i->flags & FLAG_C_TEMP) && right != &immediate && rxl_is_counted(right))
		rxl_value_drop(heap, &r[i->b]);
	if (made.type != RXL_BOOL) {
		status = not_bool(vm, &made);
		rxl_value_drop(heap, &made);
		goto raise;
	}
	if (made.as.b == jump_sense) {
		pc += i->jump;
		STEP(1);
	}
	NEXT;
slow_unary:
	frame->pc = pc;
	made = rxl_unit();
	status = rxl_unary_slow(vm, (enum rxl_unary)(i->op - RXL_OP_MINUS), &r[i->b], &made);
	frame = &vm->frames[vm->depth - 1];
	if ((i->flags & FLAG_B_TEMP) && rxl_is_counted(&r[i->b]))
		rxl_value_drop(heap, &r[i->b]);
	if (status != REXI_OK)
		goto raise;
	SET(&r[i->a], made);
	NEXT;

raise:
	frame = &vm->frames[vm->depth - 1];
	frame->pc = pc;
	write_back_forget(vm, wb, &wb_count);
	status = rxl_vm_status(vm, status);
	if (vm->error && !vm->error->pos && !vm->error->no_pos)
		vm->error->pos = frame->fn->positions[pc - frame->fn->code - 1];
	if (!unwind(vm))
		return status;
	frame = &vm->frames[vm->depth - 1];
	FRAME_LOAD();
	NEXT;
}
