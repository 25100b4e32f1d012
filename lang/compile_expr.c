/* Expressions: operators, conditions, calls, literals. */
#include <config.h>

#include "lang/compile_internal.h"

#include <math.h>
#include <string.h>

#include "base/banned.h"

static uint32_t emit_k(struct compiler *c, enum rxl_op op, unsigned a, unsigned b, unsigned d, uint32_t k, struct rxl_pos pos)
{
	uint32_t at = rxl_emit(c, op, a, b, d, pos);

	if (c->status == REXI_OK)
		c->code[at].k = (int32_t)k;
	return at;
}

static void flag(struct compiler *c, uint32_t at, unsigned flags)
{
	if (c->status == REXI_OK)
		c->code[at].flags = (uint8_t)(c->code[at].flags | flags);
}

static void immediate(struct compiler *c, uint32_t at, int64_t i)
{
	if (c->status == REXI_OK)
		c->code[at].i = i;
}

/* ---- constants --------------------------------------------------------------------------------------------------- */

/* Value of a constant literal; unit when memory refuses. */
struct rxl_value rxl_literal(struct compiler *c, const struct rxl_node *node)
{
	struct rxl_value value = rxl_unit();
	enum rexi_status status = REXI_OK;

	switch (node->kind) {
	case RXL_NODE_BOOL:
		return rxl_bool(node->u.boolean);
	case RXL_NODE_INT:
		return rxl_int(node->u.integer);
	case RXL_NODE_FLOAT:
		return rxl_float(node->u.number);
	case RXL_NODE_CHAR:
		return rxl_char(node->u.character);
	case RXL_NODE_STRING:
		status = rxl_string_new(c->heap, node->u.string, &value);
		break;
	case RXL_NODE_ARRAY:
		status = rxl_array_new(c->heap, node->u.list.count, &value);
		for (uint32_t i = 0; i < node->u.list.count && status == REXI_OK; i++)
			status = rxl_array_push(c->heap, &value, rxl_literal(c, node->u.list.items[i]));
		break;
	case RXL_NODE_MAP:
		status = rxl_map_new(c->heap, node->u.map.count, &value);
		for (uint32_t i = 0; i < node->u.map.count && status == REXI_OK; i++)
			status = rxl_map_put(c->heap, &value, rxl_symbol_text(c->symbols, node->u.map.entries[i].key),
					     rxl_literal(c, node->u.map.entries[i].value));
		break;
	case RXL_NODE_BINARY:
		status = rxl_range_new(c->heap, node->u.binary.left->u.integer, node->u.binary.right->u.integer,
				       node->op == RXL_BINARY_RANGE_INCLUSIVE, &value);
		break;
	case RXL_NODE_CALL:
		status = rxl_fn_new(c->heap, node->u.call->args[0]->u.string, &value);
		break;
	default:
		break;
	}
	if (status != REXI_OK)
		rxl_fail(c, status);
	return value;
}

static void literal_into(struct compiler *c, const struct rxl_node *node, uint16_t dst)
{
	uint32_t at;

	switch (node->kind) {
	case RXL_NODE_UNIT:
		rxl_emit(c, RXL_OP_UNIT, dst, 0, 0, node->pos);
		return;
	case RXL_NODE_BOOL:
		rxl_emit(c, node->u.boolean ? RXL_OP_TRUE : RXL_OP_FALSE, dst, 0, 0, node->pos);
		return;
	case RXL_NODE_INT:
		at = rxl_emit(c, RXL_OP_INT, dst, 0, 0, node->pos);
		immediate(c, at, node->u.integer);
		return;
	default:
		emit_k(c, RXL_OP_CONST, dst, 0, 0, rxl_constant(c, rxl_literal(c, node)), node->pos);
	}
}

/* ---- variables --------------------------------------------------------------------------------------------------- */

/* The host's variable of that name for functions, which see no other outer variable; NULL when there is none. */
static const struct rxl_value *shared_find(const struct rxl_engine *engine, rxl_symbol name)
{
	for (uint32_t i = 0; i < engine->shared_count; i++) {
		if (engine->shared_vars[i].name == name)
			return &engine->shared_values[i];
	}
	return NULL;
}

static void variable_into(struct compiler *c, const struct rxl_node *node, uint16_t dst)
{
	struct variable *var = rxl_var_find(c, node->u.name);
	const struct rxl_value *shared = var ? NULL : shared_find(c->engine, node->u.name);

	if (shared && !c->has_eval)
		emit_k(c, RXL_OP_CONST, dst, 0, 0, rxl_constant(c, rxl_value_copy(shared)), node->pos);
	else if (c->has_eval)
		emit_k(c, RXL_OP_VAR_DYN, dst, var && !var->is_module ? var->reg : RXL_NO_REG, rxl_var_rank(var), node->u.name, node->pos);
	else if (!var || var->is_module)
		emit_k(c, RXL_OP_MISSING, dst, 0, 0, node->u.name, node->pos);
	else if (var->cell)
		emit_k(c, RXL_OP_GETV, dst, var->reg, 0, node->u.name, node->pos);
	else
		rxl_emit(c, RXL_OP_MOVE, dst, var->reg, 0, node->pos);
}

struct operand rxl_any(struct compiler *c, const struct rxl_node *node)
{
	struct variable *var;
	uint16_t reg;

	if (rxl_is_simple_var(c, node, &var))
		return (struct operand){ var->reg, false };
	reg = rxl_reg(c, 1);
	rxl_into(c, node, reg);
	return (struct operand){ reg, true };
}

/* Nothing but the value being computed is in the register, or will be. */
static bool is_free(const struct compiler *c, uint16_t reg)
{
	if (reg + 1U != c->top)
		return false;
	for (uint32_t i = c->var_count; i-- > 0 && c->vars[i].reg >= reg;)
		if (c->vars[i].reg == reg)
			return false;
	return true;
}

/* A value that is computed, in `dst` if that is free. */
static struct operand computed(struct compiler *c, const struct rxl_node *node, uint16_t dst)
{
	uint16_t reg = is_free(c, dst) ? dst : rxl_reg(c, 1);

	rxl_into(c, node, reg);
	return (struct operand){ reg, true };
}

/* As rxl_any, safe against `later` changing the variable before the operand is used; what is computed goes to `dst` if it can. */
static struct operand any_before(struct compiler *c, const struct rxl_node *node, const struct rxl_node *later, uint16_t dst)
{
	struct variable *var;

	if (rxl_is_simple_var(c, node, &var) && !rxl_may_write(later, node->u.name))
		return (struct operand){ var->reg, false };
	return computed(c, node, dst);
}

/* ---- operators --------------------------------------------------------------------------------------------------- */

static bool has_int_form(unsigned op)
{
	return op <= RXL_BINARY_BIT_XOR;
}

static bool has_float_form(unsigned op)
{
	return op <= RXL_BINARY_DIV;
}

static unsigned temps(struct operand left, struct operand right)
{
	return (left.temp ? FLAG_B_TEMP : 0) | (right.temp ? FLAG_C_TEMP : 0);
}

/* What arithmetic makes of two numbers has no tag, and the register's type is the result's when it goes there. */
static unsigned kept(const struct rxl_node *node, struct operand operand, uint16_t dst)
{
	return operand.temp && operand.reg == dst && node->kind == RXL_NODE_BINARY && node->op < RXL_BINARY_EQ ? FLAG_KEEP : 0;
}

/* dst = left op right, the right side still to be computed. */
static void operate(struct compiler *c, unsigned op, uint16_t dst, struct operand left, const struct rxl_node *right,
		    unsigned flags, struct rxl_pos pos)
{
	struct operand other;
	uint32_t at;

	if (right->kind == RXL_NODE_INT && has_int_form(op)) {
		at = rxl_emit(c, (enum rxl_op)(RXL_OP_ADDI + op), dst, left.reg, 0, pos);
		immediate(c, at, right->u.integer);
		flag(c, at, flags | (left.temp ? FLAG_B_TEMP : 0));
		return;
	}
	if (right->kind == RXL_NODE_INT && op >= RXL_BINARY_EQ && op <= RXL_BINARY_GE) {
		at = rxl_emit(c, (enum rxl_op)(RXL_OP_EQI + (op - RXL_BINARY_EQ)), dst, left.reg, 0, pos);
		immediate(c, at, right->u.integer);
		flag(c, at, flags | (left.temp ? FLAG_B_TEMP : 0));
		return;
	}
	if (right->kind == RXL_NODE_FLOAT && has_float_form(op)) {
		at = rxl_emit(c, (enum rxl_op)(RXL_OP_ADDF + op), dst, left.reg, 0, pos);
		if (c->status == REXI_OK)
			c->code[at].f = right->u.number;
		flag(c, at, flags | (left.temp ? FLAG_B_TEMP : 0));
		return;
	}
	other = rxl_any(c, right);
	at = rxl_emit(c, (enum rxl_op)(RXL_OP_ADD + op), dst, left.reg, other.reg, pos);
	flag(c, at, flags | temps(left, other));
}

/* Constant arithmetic that cannot fail. */
static bool folded(struct compiler *c, const struct rxl_node *node, uint16_t dst)
{
	const struct rxl_node *left = node->u.binary.left, *right = node->u.binary.right;
	int64_t result;
	bool wrong;
	uint32_t at;

	if (left->kind != RXL_NODE_INT || right->kind != RXL_NODE_INT)
		return false;
	if (node->op == RXL_BINARY_ADD)
		wrong = __builtin_add_overflow(left->u.integer, right->u.integer, &result);
	else if (node->op == RXL_BINARY_SUB)
		wrong = __builtin_sub_overflow(left->u.integer, right->u.integer, &result);
	else if (node->op == RXL_BINARY_MUL)
		wrong = __builtin_mul_overflow(left->u.integer, right->u.integer, &result);
	else
		return false;
	if (wrong)
		return false;
	at = rxl_emit(c, RXL_OP_INT, dst, 0, 0, node->pos);
	immediate(c, at, result);
	return true;
}

static void logical_into(struct compiler *c, const struct rxl_node *node, uint16_t dst)
{
	struct jumps end = { 0 };
	uint32_t at;

	rxl_into(c, node->u.binary.left, dst);
	at = rxl_emit(c, node->op == RXL_BINARY_AND ? RXL_OP_JF : RXL_OP_JT, dst, 0, 0, node->u.binary.left->pos);
	rxl_jump_add(c, &end, at);
	rxl_into(c, node->u.binary.right, dst);
	rxl_emit(c, RXL_OP_CHECK_BOOL, dst, 0, 0, node->u.binary.right->pos);
	rxl_jump_here(c, &end);
}

/* A constant at the left of what can take it from the instruction. */
static bool operate_left(struct compiler *c, unsigned op, uint16_t dst, const struct rxl_node *left, const struct rxl_node *right,
			 struct rxl_pos pos)
{
	bool is_int = left->kind == RXL_NODE_INT;
	struct operand other;
	enum rxl_op code;
	uint32_t at;

	if (!is_int && left->kind != RXL_NODE_FLOAT)
		return false;
	if (op == RXL_BINARY_ADD || op == RXL_BINARY_MUL)
		code = (enum rxl_op)((is_int ? RXL_OP_ADDI : RXL_OP_ADDF) + op);
	else if (op == RXL_BINARY_SUB)
		code = is_int ? RXL_OP_FROMI : RXL_OP_FROMF;
	else if (op == RXL_BINARY_DIV && !is_int)
		code = RXL_OP_OVERF;
	else
		return false;
	other = any_before(c, right, left, dst);
	at = rxl_emit(c, code, dst, other.reg, 0, pos);
	if (c->status == REXI_OK && is_int)
		c->code[at].i = left->u.integer;
	else if (c->status == REXI_OK)
		c->code[at].f = left->u.number;
	flag(c, at, FLAG_LEFT | kept(right, other, dst) | (other.temp ? FLAG_B_TEMP : 0));
	return true;
}

static void binary_into(struct compiler *c, const struct rxl_node *node, uint16_t dst)
{
	const struct rxl_node *left = node->u.binary.left, *right = node->u.binary.right;
	struct operand a, b;
	uint16_t top = c->top;
	uint32_t at;

	switch (node->op) {
	case RXL_BINARY_AND:
	case RXL_BINARY_OR:
		logical_into(c, node, dst);
		return;
	case RXL_BINARY_COALESCE:
		rxl_into(c, left, dst);
		at = rxl_emit(c, RXL_OP_JUNIT, dst, 0, 0, node->pos);
		rxl_into(c, right, dst);
		rxl_jump_to(c, at, c->code_count);
		return;
	case RXL_BINARY_IN:
	case RXL_BINARY_NOT_IN:
		/* contains(right, left): the container first, but a variable after the other argument; not so for `!in` */
		if (right->kind == RXL_NODE_VAR && node->op == RXL_BINARY_IN) {
			a = any_before(c, left, right, RXL_NO_REG);
			b = rxl_any(c, right);
		} else {
			b = any_before(c, right, left, RXL_NO_REG);
			a = rxl_any(c, left);
		}
		at = emit_k(c, RXL_OP_IN, dst, a.reg, b.reg,
			    rxl_site_new(c, rxl_symbol_intern(c->symbols, RX_STR("contains")), 2), node->pos);
		flag(c, at, temps(a, b) | (node->op == RXL_BINARY_NOT_IN ? 4U : 0));
		c->top = top;
		return;
	default:
		break;
	}
	if (folded(c, node, dst))
		return;
	if (!operate_left(c, node->op, dst, left, right, node->pos)) {
		a = any_before(c, left, right, dst);
		operate(c, node->op, dst, a, right, kept(left, a, dst), node->pos);
	}
	c->top = top;
}

static void unary_into(struct compiler *c, const struct rxl_node *node, uint16_t dst)
{
	uint16_t top = c->top;
	struct operand a = rxl_any(c, node->u.operand);
	uint32_t at = rxl_emit(c, (enum rxl_op)(RXL_OP_MINUS + node->op), dst, a.reg, 0, node->pos);

	flag(c, at, a.temp ? FLAG_B_TEMP : 0);
	c->top = top;
}

/* ---- conditions -------------------------------------------------------------------------------------------------- */

static void compare_jump(struct compiler *c, const struct rxl_node *node, bool sense, struct jumps *jumps)
{
	const struct rxl_node *left = node->u.binary.left, *right = node->u.binary.right;
	unsigned op = (unsigned)node->op - RXL_BINARY_EQ;
	uint16_t top = c->top;
	struct operand a = any_before(c, left, right, RXL_NO_REG), b;
	uint32_t at;

	if (right->kind == RXL_NODE_INT && right->u.integer >= INT32_MIN && right->u.integer <= INT32_MAX) {
		at = rxl_emit(c, (enum rxl_op)((sense ? RXL_OP_JEQI : RXL_OP_JNEQI) + op), a.reg, 0, 0, node->pos);
		if (c->status == REXI_OK)
			c->code[at].k = (int32_t)right->u.integer;
		flag(c, at, a.temp ? FLAG_B_TEMP : 0);
	} else if (right->kind == RXL_NODE_FLOAT || right->kind == RXL_NODE_CHAR || right->kind == RXL_NODE_STRING) {
		at = emit_k(c, (enum rxl_op)((sense ? RXL_OP_JEQK : RXL_OP_JNEQK) + op), a.reg, 0, 0,
			    rxl_constant(c, rxl_literal(c, right)), node->pos);
		if (right->kind == RXL_NODE_FLOAT) {
			double most = fabs(right->u.number), margin = (most > 1 ? most : 1) * 0x1p-50;

			(void)rxl_constant(c, rxl_float(right->u.number - margin));
			(void)rxl_constant(c, rxl_float(right->u.number + margin));
		}
		flag(c, at, a.temp ? FLAG_B_TEMP : 0);
	} else {
		b = rxl_any(c, right);
		at = rxl_emit(c, (enum rxl_op)((sense ? RXL_OP_JEQ : RXL_OP_JNEQ) + op), a.reg, b.reg, 0, node->pos);
		flag(c, at, temps(a, b));
	}
	rxl_jump_add(c, jumps, at);
	c->top = top;
}

/* Jumps (to be patched) when the condition is `sense`; falls through otherwise. */
void rxl_condition(struct compiler *c, const struct rxl_node *node, bool sense, struct jumps *jumps)
{
	struct operand a;
	uint16_t top = c->top;
	uint32_t at;

	if (node->kind == RXL_NODE_BOOL) {
		if (node->u.boolean == sense)
			rxl_jump_add(c, jumps, rxl_emit(c, sense ? RXL_OP_LOOP : RXL_OP_JUMP, 0, 0, 0, node->pos));
		return;
	}
	if (node->kind == RXL_NODE_BINARY && node->op >= RXL_BINARY_EQ && node->op <= RXL_BINARY_GE) {
		compare_jump(c, node, sense, jumps);
		return;
	}
	if (node->kind == RXL_NODE_BINARY && (node->op == RXL_BINARY_AND || node->op == RXL_BINARY_OR)) {
		bool is_and = node->op == RXL_BINARY_AND;
		struct jumps past = { 0 };

		/* `a && b` is false as soon as a is; `a || b` true */
		rxl_condition(c, node->u.binary.left, !is_and, sense != is_and ? jumps : &past);
		rxl_condition(c, node->u.binary.right, sense, jumps);
		rxl_jump_here(c, &past);
		return;
	}
	if (node->kind == RXL_NODE_UNARY && node->op == RXL_UNARY_NOT && node->u.operand->kind == RXL_NODE_BINARY &&
	    node->u.operand->op >= RXL_BINARY_EQ && node->u.operand->op <= RXL_BINARY_GE) {
		compare_jump(c, node->u.operand, !sense, jumps);
		return;
	}
	if (node->kind == RXL_NODE_UNARY && node->op == RXL_UNARY_NOT) {
		a = rxl_any(c, node->u.operand);
		at = rxl_emit(c, sense ? RXL_OP_JF : RXL_OP_JT, a.reg, 0, 0, node->pos);
		flag(c, at, 4U | (a.temp ? FLAG_B_TEMP : 0));
		rxl_jump_add(c, jumps, at);
		c->top = top;
		return;
	}
	a = rxl_any(c, node);
	at = rxl_emit(c, sense ? RXL_OP_JT : RXL_OP_JF, a.reg, 0, 0, node->pos);
	flag(c, at, a.temp ? FLAG_B_TEMP : 0);
	rxl_jump_add(c, jumps, at);
	c->top = top;
}

/* ---- calls ------------------------------------------------------------------------------------------------------- */

static void arguments(struct compiler *c, struct rxl_node *const *args, uint32_t from, uint32_t count, uint16_t base)
{
	for (uint32_t i = from; i < count; i++) {
		uint16_t top = c->top;

		rxl_into(c, args[i], (uint16_t)(base + i));
		c->top = top;
	}
}

/*
 * Those of a function call: a variable as first argument is looked up last; so is the value of `this`, after a look
 * whether it is bound.
 */
static void call_arguments(struct compiler *c, const struct rxl_ast_call *call, uint16_t base)
{
	enum rxl_node_kind first = call->arg_count > 1 ? (enum rxl_node_kind)call->args[0]->kind : RXL_NODE_UNIT;
	bool last = first == RXL_NODE_VAR || first == RXL_NODE_PATH_VAR || first == RXL_NODE_THIS;

	if (first == RXL_NODE_THIS)
		rxl_emit(c, RXL_OP_CUR_THIS, 0, 0, 0, call->args[0]->pos);
	arguments(c, call->args, last ? 1 : 0, call->arg_count, base);
	if (last)
		arguments(c, call->args, 0, 1, base);
}

/* The result of a call is in r[base]; brings it to dst. */
static void result(struct compiler *c, uint16_t base, uint16_t dst)
{
	if (base != dst)
		rxl_emit(c, RXL_OP_TAKE, dst, base, 0, RXL_NO_POS);
}

/* A window for `count` arguments at the top; dst itself when it is the topmost register. */
static uint16_t window(struct compiler *c, uint32_t count, uint16_t dst)
{
	uint16_t base;

	if (count == 0)
		count = 1;
	if (dst + 1U == c->top) {
		if (count > 1)
			rxl_reg(c, count - 1);
		return dst;
	}
	base = rxl_reg(c, count);
	return base;
}

static enum rxl_special special_call(const struct compiler *c, const struct rxl_ast_call *call)
{
	static const struct {
		const char *name;
		enum rxl_special special;
		uint32_t least, most;
	} rows[] = {
		{ "type_of", RXL_SPECIAL_TYPE_OF, 1, 1 },   { "Fn", RXL_SPECIAL_FN, 1, 1 },
		{ "call", RXL_SPECIAL_CALL, 1, UINT32_MAX }, { "curry", RXL_SPECIAL_CURRY, 2, UINT32_MAX },
		{ "is_shared", RXL_SPECIAL_IS_SHARED, 1, 1 }, { "is_def_var", RXL_SPECIAL_IS_DEF_VAR, 1, 1 },
		{ "is_def_fn", RXL_SPECIAL_IS_DEF_FN, 2, 3 }, { "eval", RXL_SPECIAL_EVAL, 1, 1 },
	};
	struct rexi_str name = rxl_symbol_text(c->symbols, call->name);

	for (size_t i = 0; i < RX_COUNT(rows); i++)
		if (rx_str_eq(name, rx_str(rows[i].name)) && call->arg_count >= rows[i].least && call->arg_count <= rows[i].most)
			return rows[i].special;
	return RXL_SPECIAL_NONE;
}

/* Curried variables that are shared stay shared. */
static void shared_arguments(struct compiler *c, const struct rxl_ast_call *call, uint16_t base)
{
	for (uint32_t i = 1; i < call->arg_count; i++) {
		struct variable *var = call->args[i]->kind == RXL_NODE_VAR ? rxl_var_find(c, call->args[i]->u.name) : NULL;

		if (var && var->cell && !var->is_module && !c->has_eval)
			rxl_emit(c, RXL_OP_MOVE, base + i, var->reg, 0, call->args[i]->pos);
	}
}

/*
 * call(f, x, ...) where x is a variable or `this`: a function pointer that is only a name stands for name(x, ...), which
 * may change x in place. x is looked up last, unless a later argument can change it. False: nothing of that kind.
 */
static bool call_place_into(struct compiler *c, const struct rxl_node *node, uint16_t base)
{
	const struct rxl_ast_call *call = node->u.call;
	const struct rxl_node *place = call->arg_count > 1 ? call->args[1] : NULL;
	bool by_name = call->args[0]->kind == RXL_NODE_CALL && !call->args[0]->u.call->path &&
		       rx_str_eq(rxl_symbol_text(c->symbols, call->args[0]->u.call->name), RX_STR("Fn"));
	const struct variable *var;
	uint32_t site, ins;

	/* a function that takes another number of arguments is looked for by its name */
	if (call->args[0]->kind == RXL_NODE_CLOSURE && call->args[0]->u.fn->param_count != call->arg_count - 1)
		by_name = true;
	if (call->args[0]->kind == RXL_NODE_VAR && !rxl_var_find(c, call->args[0]->u.name) &&
	    !rxl_unit_function(c->unit, call->args[0]->u.name, call->arg_count - 1))
		by_name = true;
	if (!place || (place->kind != RXL_NODE_VAR && place->kind != RXL_NODE_THIS))
		return false;
	var = place->kind == RXL_NODE_VAR ? rxl_var_find(c, place->u.name) : NULL;
	if (place->kind == RXL_NODE_VAR && !by_name) {
		if (!var)
			return false;
		for (uint32_t i = 2; i < call->arg_count; i++)
			if (rxl_may_write(call->args[i], place->u.name))
				return false;
	}
	if (var && var->is_module)
		return false;
	if (place->kind == RXL_NODE_THIS)
		arguments(c, call->args, 1, 2, base); /* must be there */
	arguments(c, call->args, 2, call->arg_count, base);
	if (place->kind == RXL_NODE_VAR && (!var || var->is_const)) {
		arguments(c, call->args, 1, 2, base);
	} else if (c->has_eval && var) {
		ins = emit_k(c, RXL_OP_CUR_REG, 1 + rxl_var_rank(var), var->reg, 0, place->u.name, place->pos);
		flag(c, ins, 2U | (var->is_const ? 8U : 0));
	}
	site = rxl_site_new(c, call->name, call->arg_count);
	if (c->status == REXI_OK)
		c->unit->sites[site].args = call->args;
	ins = emit_k(c, RXL_OP_SPECIAL, base, call->arg_count, RXL_SPECIAL_CALL, site, node->pos);
	if (place->kind == RXL_NODE_THIS)
		flag(c, ins, 16U);
	else if (var && !var->is_const)
		flag(c, ins, c->has_eval ? 32U : 8U);
	if (c->status == REXI_OK && var)
		c->code[ins].jump = var->reg;
	return true;
}

static void special_into(struct compiler *c, const struct rxl_node *node, enum rxl_special special, uint16_t dst)
{
	const struct rxl_ast_call *call = node->u.call;
	uint16_t top = c->top;
	uint16_t base = window(c, call->arg_count, dst);
	const struct rxl_node *first = call->args[0];
	struct variable *var;

	if (special == RXL_SPECIAL_IS_SHARED && call->args[0]->kind == RXL_NODE_VAR && c->has_eval) {
		var = rxl_var_find(c, call->args[0]->u.name);
		emit_k(c, RXL_OP_CUR_REG, 1 + rxl_var_rank(var), var && !var->is_module ? var->reg : RXL_NO_REG, 0,
		       call->args[0]->u.name, call->args[0]->pos);
		flag(c, rxl_emit(c, RXL_OP_SPECIAL, base, 0, RXL_SPECIAL_IS_SHARED, node->pos), 4);
		result(c, base, dst);
		c->top = top;
		return;
	}
	if (special == RXL_SPECIAL_IS_SHARED && call->args[0]->kind == RXL_NODE_VAR &&
	    (var = rxl_var_find(c, call->args[0]->u.name)) != NULL && !var->is_module) {
		/* the variable itself, not its value */
		flag(c, rxl_emit(c, RXL_OP_SPECIAL, base, var->reg, RXL_SPECIAL_IS_SHARED, node->pos), 1);
		result(c, base, dst);
		c->top = top;
		return;
	}
	if (special != RXL_SPECIAL_IS_DEF_FN || first->kind != RXL_NODE_VAR)
		arguments(c, call->args, 0, 1, base);
	if ((special == RXL_SPECIAL_CALL || special == RXL_SPECIAL_CURRY) && call->arg_count > 1) {
		uint32_t check = rxl_site_new(c, call->name, call->arg_count);

		if (c->status == REXI_OK)
			c->unit->sites[check].args = call->args;
		flag(c, emit_k(c, RXL_OP_SPECIAL, base, 1, (unsigned)special, check, node->pos), 2);
	}
	if (special == RXL_SPECIAL_CALL && call_place_into(c, node, base)) {
		result(c, base, dst);
		c->top = top;
		return;
	}
	/* a variable as first argument is looked up last */
	if (special == RXL_SPECIAL_IS_DEF_FN && first->kind == RXL_NODE_VAR) {
		arguments(c, call->args, 1, call->arg_count, base);
		arguments(c, call->args, 0, 1, base);
	} else {
		arguments(c, call->args, 1, call->arg_count, base);
	}
	if (special == RXL_SPECIAL_CURRY)
		shared_arguments(c, call, base);
	if (special == RXL_SPECIAL_EVAL || special == RXL_SPECIAL_IS_DEF_VAR) {
		uint32_t snapshot = rxl_scope_snapshot(c);

		if (special == RXL_SPECIAL_EVAL && c->status == REXI_OK)
			c->unit->scopes[snapshot].top = (uint16_t)(base + 1);
		emit_k(c, special == RXL_SPECIAL_EVAL ? RXL_OP_EVAL : RXL_OP_DEF_VAR, base, 0, 0, snapshot, rxl_node_start(call->args[0]));
	} else {
		uint32_t site = rxl_site_new(c, call->name, call->arg_count);

		if (c->status == REXI_OK)
			c->unit->sites[site].args = call->args;
		emit_k(c, RXL_OP_SPECIAL, base, call->arg_count, (unsigned)special, site, node->pos);
	}
	result(c, base, dst);
	c->top = top;
}

static void scope_call_into(struct compiler *c, const struct rxl_node *node, uint16_t dst)
{
	const struct rxl_ast_call *call = node->u.call;
	uint16_t top = c->top;
	uint16_t base;
	uint32_t site, snapshot, at;

	if (special_call(c, call) != RXL_SPECIAL_NONE && special_call(c, call) != RXL_SPECIAL_CALL) {
		special_into(c, node, special_call(c, call), dst);
		return;
	}
	base = rxl_reg(c, call->arg_count ? call->arg_count : 1);
	arguments(c, call->args, 0, call->arg_count, base);
	site = rxl_site_new(c, call->name, call->arg_count);
	snapshot = rxl_scope_snapshot(c);
	if (c->status == REXI_OK) {
		c->unit->sites[site].call = call;
		c->unit->scopes[snapshot].top = base;
	}
	at = rxl_emit(c, RXL_OP_CALL_SCOPE, base, call->arg_count, 0, node->pos);
	if (c->status == REXI_OK) {
		c->code[at].k = (int32_t)site;
		c->code[at].jump = (int32_t)snapshot;
	}
	result(c, base, dst);
	c->top = top;
}

static void path_call_into(struct compiler *c, const struct rxl_node *node, uint16_t dst)
{
	const struct rxl_ast_call *call = node->u.call;
	struct variable *var = rxl_var_find(c, call->path->parts[0]);
	uint16_t top = c->top;
	uint16_t base = window(c, call->arg_count, dst);
	uint32_t site = rxl_site_new(c, call->name, call->arg_count);
	uint16_t first = RXL_NO_REG;
	struct variable *arg;
	uint32_t from = 0;

	if (c->status == REXI_OK) {
		c->unit->sites[site].path = call->path;
		c->unit->sites[site].method = NULL;
		if (var && var->is_module)
			c->unit->sites[site].module_reg = var->reg;
	}
	if (call->arg_count && rxl_is_simple_var(c, call->args[0], &arg) && !arg->is_const) {
		first = arg->reg;
		from = 1;
	}
	arguments(c, call->args, from, call->arg_count, base);
	emit_k(c, RXL_OP_CALL_PATH, base, call->arg_count, first, site, node->pos);
	result(c, base, dst);
	c->top = top;
}

bool rxl_has_function(const struct compiler *c, rxl_symbol name)
{
	if (name < c->symbol_count && c->fn_symbol[name])
		return true;
	for (const struct rxl_unit *unit = c->unit->parent; unit; unit = unit->parent)
		for (uint32_t i = 0; i < unit->own_count; i++)
			if (unit->functions[i]->name == name)
				return true;
	return false;
}

/*
 * Arguments that are variables nobody will look at again are moved instead of copied, so that the callee can change an
 * array in place: the arguments of a function's last call, and `x` in `x = f(x)`. A handler in this function could see
 * them after an error, and so could the host those of the script.
 */
static void arguments_move(struct compiler *c, const struct rxl_ast_call *call, bool last, rxl_symbol replaced, uint32_t from,
			   uint16_t base)
{
	struct variable *var;

	if (c->try_depth || c->fn->is_main || c->fn->is_scoped || c->status != REXI_OK)
		return;
	for (uint32_t i = 0; i < call->arg_count; i++) {
		unsigned mentions = 0;

		if (!rxl_is_simple_var(c, call->args[i], &var) || !(last || call->args[i]->u.name == replaced))
			continue;
		for (uint32_t k = 0; k < call->arg_count; k++)
			mentions += rxl_mentions(call->args[k], call->args[i]->u.name);
		for (uint32_t at = from; at < c->code_count && mentions == 1; at++)
			if (c->code[at].op == RXL_OP_MOVE && c->code[at].a == base + i && c->code[at].b == var->reg) {
				c->code[at].op = RXL_OP_TAKE;
				c->code[at].flags = 1;
			}
	}
}

/* The register of a first argument that is a variable which can be passed by reference. */
static uint16_t first_place(struct compiler *c, const struct rxl_ast_call *call)
{
	const struct variable *var =
		call->arg_count && call->args[0]->kind == RXL_NODE_VAR ? rxl_var_find(c, call->args[0]->u.name) : NULL;

	return var && !var->is_module && !var->is_const ? var->reg : RXL_NO_REG;
}

static void call_into(struct compiler *c, const struct rxl_node *node, uint16_t dst)
{
	const struct rxl_ast_call *call = node->u.call;
	enum rxl_special special;
	struct rxl_function *fn;
	struct variable *var = NULL;
	uint16_t top = c->top, base, first = RXL_NO_REG;
	bool by_place = false, by_this = false, by_cur = false;
	rxl_symbol replaced = c->replaced;
	uint32_t from = c->code_count;
	uint32_t site, ins;

	c->replaced = RXL_NO_SYMBOL;
	if (call->caller_scope) {
		scope_call_into(c, node, dst);
		return;
	}
	if (call->path) {
		path_call_into(c, node, dst);
		return;
	}
	special = special_call(c, call);
	if (special != RXL_SPECIAL_NONE) {
		special_into(c, node, special, dst);
		return;
	}
	base = window(c, call->arg_count, dst);
	fn = rxl_unit_function(c->unit, call->name, call->arg_count);
	if (fn) {
		/* a variable as first argument is looked up last */
		call_arguments(c, call, base);
		if (fn->unit == c->unit) {
			uint32_t at;

			arguments_move(c, call, node->flags & RXL_CALL_LAST, replaced, from, base);
			at = rxl_emit(c, RXL_OP_CALL, base, call->arg_count, first_place(c, call), node->pos);
			if (call->arg_count && call->args[0]->kind == RXL_NODE_THIS)
				flag(c, at, 2);

			if (c->status == REXI_OK)
				c->code[at].fn = fn;
		} else {
			emit_k(c, RXL_OP_CALLN, base, call->arg_count, RXL_NO_REG,
			       rxl_site_new(c, call->name, call->arg_count), node->pos);
		}
	} else {
		/* the first argument is passed by reference when it is a variable: its place is looked up last */
		if (call->arg_count && call->args[0]->kind == RXL_NODE_VAR) {
			var = rxl_var_find(c, call->args[0]->u.name);
			if (c->has_eval && (var ? !var->is_module : !rxl_has_function(c, call->args[0]->u.name))) {
				by_cur = true;
			} else if (!c->has_eval && var && !var->is_module && !var->is_const) {
				first = var->reg;
				by_place = true;
			}
		} else if (call->arg_count && call->args[0]->kind == RXL_NODE_THIS) {
			by_this = true;
		}
		if (by_this && call->arg_count > 1)
			rxl_emit(c, RXL_OP_CUR_THIS, 0, 0, 0, call->args[0]->pos);
		if (by_place || by_this || by_cur)
			arguments(c, call->args, 1, call->arg_count, base);
		else
			call_arguments(c, call, base);
		site = rxl_site_new(c, call->name, call->arg_count);
		if (by_this && c->status == REXI_OK)
			c->unit->sites[site].args = call->args;
		if (by_cur) {
			/* eval may have made another variable of that name */
			ins = emit_k(c, RXL_OP_CUR_REG, 1 + rxl_var_rank(var), var ? var->reg : RXL_NO_REG, 0, call->args[0]->u.name, call->args[0]->pos);
			flag(c, ins, 2U | (var && var->is_const ? 8U : 0));
		}
		ins = emit_k(c, by_this ? RXL_OP_CALLN_THIS : RXL_OP_CALLN, base, call->arg_count, first, site, node->pos);
		flag(c, ins, (by_cur ? 4U : 0) | (call->arg_count && call->args[0]->kind == RXL_NODE_PATH_VAR ? 16U : 0));
	}
	result(c, base, dst);
	c->top = top;
}

/* ---- building ---------------------------------------------------------------------------------------------------- */

#define BATCH 64U

static void array_into(struct compiler *c, const struct rxl_node *node, uint16_t dst)
{
	uint16_t top = c->top;
	uint32_t count = node->u.list.count, done = 0;
	uint16_t out = count > BATCH ? rxl_reg(c, 1) : dst;
	uint16_t base = rxl_reg(c, count < BATCH ? count : BATCH);

	do {
		uint32_t batch = count - done < BATCH ? count - done : BATCH;

		for (uint32_t i = 0; i < batch; i++) {
			uint16_t inner = c->top;

			rxl_into(c, node->u.list.items[done + i], (uint16_t)(base + i));
			c->top = inner;
		}
		rxl_emit(c, done ? RXL_OP_ARRAY_MORE : RXL_OP_ARRAY, out, base, batch, node->pos);
		done += batch;
	} while (done < count);
	result(c, out, dst);
	c->top = top;
}

static uint32_t shape_new(struct compiler *c, const struct rxl_node *node, uint32_t from, uint32_t count)
{
	struct rxl_unit *unit = c->unit;
	struct rxl_shape *shape;

	if (!RX_GROW(&c->heap->memory, &unit->shapes, &unit->shape_cap, (size_t)unit->shape_count + 1)) {
		rxl_fail(c, REXI_NO_MEMORY);
		return 0;
	}
	shape = &unit->shapes[unit->shape_count];
	*shape = (struct rxl_shape){ .keys = RX_ARENA_ARRAY(c->arena, uint32_t, count + 1U),
				     .from = RX_ARENA_ARRAY(c->arena, uint16_t, count + 1U),
				     .count = (uint16_t)count };
	if (!shape->keys || !shape->from) {
		rxl_fail(c, REXI_NO_MEMORY);
		return 0;
	}
	for (uint32_t i = 0; i < count; i++) {
		rxl_symbol key = node->u.map.entries[from + i].key;
		struct rexi_str text = rxl_symbol_text(c->symbols, key);
		uint32_t at = i;

		for (; at > 0; at--) {
			rxl_symbol other = node->u.map.entries[from + shape->from[at - 1]].key;

			if (rx_str_cmp(rxl_symbol_text(c->symbols, other), text) < 0)
				break;
			shape->from[at] = shape->from[at - 1];
		}
		shape->from[at] = (uint16_t)i;
	}
	for (uint32_t i = 0; i < count; i++)
		shape->keys[i] = rxl_key_constant(c, node->u.map.entries[from + shape->from[i]].key);
	return unit->shape_count++;
}

static void map_into(struct compiler *c, const struct rxl_node *node, uint16_t dst)
{
	uint16_t top = c->top;
	uint32_t count = node->u.map.count, first = count < RXL_MAP_SMALL ? count : RXL_MAP_SMALL;
	uint16_t out = count > first ? rxl_reg(c, 1) : dst;
	uint16_t base = rxl_reg(c, first);

	for (uint32_t i = 0; i < first; i++) {
		uint16_t inner = c->top;

		rxl_into(c, node->u.map.entries[i].value, (uint16_t)(base + i));
		c->top = inner;
	}
	emit_k(c, RXL_OP_MAP, out, base, first, shape_new(c, node, 0, first), node->pos);
	for (uint32_t i = first; i < count; i++) {
		uint16_t inner = c->top;
		uint16_t reg = rxl_reg(c, 1);

		rxl_into(c, node->u.map.entries[i].value, reg);
		emit_k(c, RXL_OP_MAP_PUT, out, reg, 0, rxl_key_constant(c, node->u.map.entries[i].key), node->pos);
		c->top = inner;
	}
	result(c, out, dst);
	c->top = top;
}

static void interpolation_into(struct compiler *c, const struct rxl_node *node, uint16_t dst)
{
	uint16_t top = c->top;
	uint16_t out = rxl_reg(c, 1);

	rxl_emit(c, RXL_OP_TEXT, out, 0, 0, node->pos);
	for (uint32_t i = 0; i < node->u.list.count; i++) {
		const struct rxl_node *part = node->u.list.items[i];
		uint16_t inner = c->top;

		if (part->kind == RXL_NODE_STRING) {
			emit_k(c, RXL_OP_TEXT_CONST, out, 0, 0, rxl_constant(c, rxl_literal(c, part)), part->pos);
		} else {
			struct operand value;
			uint32_t at;

			if (part->kind == RXL_NODE_BLOCK && part->u.list.count == 1 &&
			    part->u.list.items[0]->kind <= RXL_NODE_CLOSURE) {
				value = rxl_any(c, part->u.list.items[0]);
			} else {
				value = rxl_any(c, part);
			}
			at = rxl_emit(c, RXL_OP_TEXT_ADD, out, value.reg, 0, part->pos);
			flag(c, at, value.temp ? FLAG_B_TEMP : 0);
		}
		c->top = inner;
	}
	result(c, out, dst);
	c->top = top;
}

static void path_var_into(struct compiler *c, const struct rxl_node *node, uint16_t dst)
{
	struct variable *var = rxl_var_find(c, node->u.path_var.path->parts[0]);
	uint32_t text = rxl_key_constant(c, node->u.path_var.name), site = rxl_site_new(c, node->u.path_var.name, 0);

	if (c->status == REXI_OK) {
		c->unit->sites[site].path = node->u.path_var.path;
		if (var && var->is_module)
			c->unit->sites[site].module_reg = var->reg;
		else
			c->unit->sites[site].global = node->u.path_var.path->count == 1 &&
						      rx_str_eq(rxl_symbol_text(c->symbols, node->u.path_var.path->parts[0]),
								RX_STR("global"));
		c->unit->sites[site].text = text;
		c->unit->sites[site].hint = UINT32_MAX;
	}
	emit_k(c, RXL_OP_GET_PATH, dst, 0, 0, site, node->u.path_var.path->pos);
}

/* ---- the switch over kinds --------------------------------------------------------------------------------------- */

/* Evaluates into r[dst], which nothing else reads meanwhile. */
void rxl_into(struct compiler *c, const struct rxl_node *node, uint16_t dst)
{
	if (c->status != REXI_OK)
		return;
	switch ((enum rxl_node_kind)node->kind) {
	case RXL_NODE_UNIT:
	case RXL_NODE_BOOL:
	case RXL_NODE_INT:
	case RXL_NODE_FLOAT:
	case RXL_NODE_CHAR:
	case RXL_NODE_STRING:
		literal_into(c, node, dst);
		return;
	case RXL_NODE_INTERPOLATION:
		interpolation_into(c, node, dst);
		return;
	case RXL_NODE_ARRAY:
		array_into(c, node, dst);
		return;
	case RXL_NODE_MAP:
		map_into(c, node, dst);
		return;
	case RXL_NODE_VAR:
		variable_into(c, node, dst);
		return;
	case RXL_NODE_PATH_VAR:
		path_var_into(c, node, dst);
		return;
	case RXL_NODE_THIS:
		rxl_emit(c, RXL_OP_GET_THIS, dst, 0, 0, node->pos);
		return;
	case RXL_NODE_UNARY:
		unary_into(c, node, dst);
		return;
	case RXL_NODE_BINARY:
		binary_into(c, node, dst);
		return;
	case RXL_NODE_CALL:
		call_into(c, node, dst);
		return;
	case RXL_NODE_CHAIN:
		rxl_chain_into(c, node, dst);
		return;
	case RXL_NODE_CLOSURE:
		rxl_closure_into(c, node, dst);
		return;
	default:
		rxl_statement_into(c, node, dst);
	}
}

/* Evaluates and throws the value away. */
void rxl_discard(struct compiler *c, const struct rxl_node *node)
{
	uint16_t top = c->top;
	uint16_t reg;

	if (node->kind >= RXL_NODE_BLOCK) {
		rxl_statement_into(c, node, RXL_NO_REG);
		return;
	}
	reg = rxl_reg(c, 1);
	rxl_into(c, node, reg);
	if (node->kind > RXL_NODE_CHAR)
		rxl_emit(c, RXL_OP_DROP, reg, 1, 0, RXL_NO_POS);
	c->top = top;
}
