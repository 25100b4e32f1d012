/* Statements: blocks, loops, switch, try, declarations, modules. */
#include <config.h>

#include "lang/compile_internal.h"

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

static void unit_into(struct compiler *c, uint16_t dst)
{
	if (dst != RXL_NO_REG)
		rxl_emit(c, RXL_OP_UNIT, dst, 0, 0, RXL_NO_POS);
}

/* ---- blocks ------------------------------------------------------------------------------------------------------- */

static void statements(struct compiler *c, const struct rxl_node *node, uint16_t dst)
{
	uint32_t count = node->u.list.count;

	if (count == 0)
		unit_into(c, dst);
	for (uint32_t i = 0; i < count && c->status == REXI_OK; i++) {
		const struct rxl_node *item = node->u.list.items[i];

		if (i + 1 == count && dst != RXL_NO_REG)
			rxl_statement_into(c, item, dst);
		else
			rxl_discard(c, item);
	}
}

/* Whether a variable's value may own memory, so that it should be let go when its block ends. */
static bool may_be_counted(const struct rxl_node *init)
{
	if (!init)
		return true;
	switch (init->kind) {
	case RXL_NODE_UNIT:
	case RXL_NODE_BOOL:
	case RXL_NODE_INT:
	case RXL_NODE_FLOAT:
	case RXL_NODE_CHAR:
		return false;
	case RXL_NODE_BINARY:
		if (init->op == RXL_BINARY_ADD)
			return may_be_counted(init->u.binary.left) && may_be_counted(init->u.binary.right);
		return init->op != RXL_BINARY_SUB && init->op != RXL_BINARY_MUL && init->op != RXL_BINARY_DIV &&
		       init->op != RXL_BINARY_MOD && !(init->op >= RXL_BINARY_EQ && init->op <= RXL_BINARY_GE);
	default:
		return true;
	}
}

void rxl_block(struct compiler *c, const struct rxl_node *node, uint16_t dst)
{
	uint32_t vars = c->var_count, outer = c->block_vars;
	uint16_t top = c->top, mark = 0;
	bool drop = false;

	c->block_vars = vars;
	c->block_depth++;
	if (c->has_eval) {
		mark = rxl_reg(c, 1);
		rxl_emit(c, RXL_OP_DYN_MARK, mark, 0, 0, RXL_NO_POS);
		if (c->loop && c->loop->body == node)
			c->loop->mark = mark;
	}
	statements(c, node, dst);
	if (c->has_eval)
		rxl_emit(c, RXL_OP_DYN_RESET, mark, 0, 0, RXL_NO_POS);
	c->block_depth--;
	for (uint32_t i = 0; i < node->u.list.count; i++)
		if (node->u.list.items[i]->kind == RXL_NODE_LET && may_be_counted(node->u.list.items[i]->u.let.init))
			drop = true;
	if (drop && c->top > top)
		rxl_emit(c, RXL_OP_DROP, top, (unsigned)(c->top - top), 0, RXL_NO_POS);
	rxl_vars_leave(c, vars);
	c->block_vars = outer;
	c->top = top;
}

/* The script's own statements: variables stay declared. */
void rxl_script_into(struct compiler *c, const struct rxl_node *node, uint16_t dst)
{
	statements(c, node, dst);
}

/* ---- if ------------------------------------------------------------------------------------------------------------ */

static void if_into(struct compiler *c, const struct rxl_node *node, uint16_t dst)
{
	const struct rxl_ast_if *stmt = node->u.if_stmt;
	struct jumps otherwise = { 0 };
	uint32_t end;

	rxl_condition(c, stmt->cond, false, &otherwise);
	rxl_block(c, stmt->then, dst);
	if (!stmt->otherwise && dst == RXL_NO_REG) {
		rxl_jump_here(c, &otherwise);
		return;
	}
	end = rxl_emit(c, RXL_OP_JUMP, 0, 0, 0, RXL_NO_POS);
	rxl_jump_here(c, &otherwise);
	if (!stmt->otherwise)
		unit_into(c, dst);
	else
		rxl_statement_into(c, stmt->otherwise, dst);
	rxl_jump_to(c, end, c->code_count);
}

/* ---- loops --------------------------------------------------------------------------------------------------------- */

static void loop_enter(struct compiler *c, struct loop *loop, const struct rxl_node *body, uint16_t dst)
{
	*loop = (struct loop){ .outer = c->loop, .dst = dst, .body = body, .mark = RXL_NO_REG };
	c->loop = loop;
}

/* Breaks land here; the caller has already emitted the value of a loop that ran out. */
static void loop_leave(struct compiler *c, struct loop *loop)
{
	rxl_jump_here(c, &loop->breaks);
	rxl_jump_here(c, &loop->continues);
	c->loop = loop->outer;
}

static bool is_counted(unsigned op)
{
	return op == RXL_OP_LOOP || op == RXL_OP_JT || (op >= RXL_OP_JEQ && op <= RXL_OP_JGE) ||
	       (op >= RXL_OP_JEQI && op <= RXL_OP_JGEI) || (op >= RXL_OP_JEQK && op <= RXL_OP_JGEK);
}

/* Every way back counts a step, so that no loop escapes its limits: jumps that count none go to one that does. */
static void jump_back(struct compiler *c, struct jumps *jumps, uint32_t target)
{
	uint32_t over = UINT32_MAX, way = 0;

	for (uint32_t i = 0; i < jumps->count && c->status == REXI_OK; i++) {
		if (is_counted(c->code[jumps->at[i]].op)) {
			rxl_jump_to(c, jumps->at[i], target);
			continue;
		}
		if (over == UINT32_MAX) {
			over = rxl_emit(c, RXL_OP_JUMP, 0, 0, 0, RXL_NO_POS);
			way = rxl_emit(c, RXL_OP_LOOP, 0, 0, 0, RXL_NO_POS);
			rxl_jump_to(c, way, target);
		}
		rxl_jump_to(c, jumps->at[i], way);
	}
	if (over != UINT32_MAX)
		rxl_jump_to(c, over, c->code_count);
	rx_memory_give(&c->heap->memory, jumps->at, jumps->cap * sizeof(*jumps->at));
	*jumps = (struct jumps){ 0 };
}

/* Every jump that rxl_condition makes for this counts a step, as those that lead back must. */
static bool jumps_count(const struct rxl_node *cond, bool sense)
{
	bool is_and;

	switch ((enum rxl_node_kind)cond->kind) {
	case RXL_NODE_BOOL:
		return sense || cond->u.boolean != sense;
	case RXL_NODE_BINARY:
		if (cond->op != RXL_BINARY_AND && cond->op != RXL_BINARY_OR)
			return sense;
		is_and = cond->op == RXL_BINARY_AND;
		return (sense == is_and || jumps_count(cond->u.binary.left, !is_and)) && jumps_count(cond->u.binary.right, sense);
	case RXL_NODE_UNARY:
		return cond->op == RXL_UNARY_NOT ? !sense : sense;
	default:
		return sense;
	}
}

/* Jumps back, added to `again`, as long as the condition is `sense`; where it is not, to `out` or on. */
static void condition_back(struct compiler *c, const struct rxl_node *cond, bool sense, struct jumps *again, struct jumps *out)
{
	if (jumps_count(cond, sense)) {
		rxl_condition(c, cond, sense, again);
		return;
	}
	rxl_condition(c, cond, !sense, out);
	rxl_jump_add(c, again, rxl_emit(c, RXL_OP_LOOP, 0, 0, 0, cond->pos));
}

static void while_into(struct compiler *c, const struct rxl_node *node, uint16_t dst)
{
	struct jumps again = { 0 }, out = { 0 };
	struct loop loop;
	uint32_t body;

	loop_enter(c, &loop, node->u.loop.body, dst);
	/* the condition stands twice: before the first round and, as a jump back, after each */
	if (node->u.loop.cond) {
		/* break and continue in the condition belong to the loop around */
		c->loop = loop.outer;
		rxl_condition(c, node->u.loop.cond, false, &out);
		c->loop = &loop;
	}
	body = c->code_count;
	rxl_block(c, node->u.loop.body, RXL_NO_REG);
	rxl_jump_here(c, &loop.continues);
	if (node->u.loop.cond) {
		c->loop = loop.outer;
		condition_back(c, node->u.loop.cond, true, &again, &out);
		c->loop = &loop;
	} else {
		rxl_jump_add(c, &again, rxl_emit(c, RXL_OP_LOOP, 0, 0, 0, node->pos));
	}
	jump_back(c, &again, body);
	rxl_jump_here(c, &out);
	unit_into(c, dst);
	loop_leave(c, &loop);
}

static void do_into(struct compiler *c, const struct rxl_node *node, uint16_t dst)
{
	struct jumps again = { 0 }, out = { 0 };
	struct loop loop;
	uint32_t body = c->code_count;

	loop_enter(c, &loop, node->u.loop.body, dst);
	rxl_block(c, node->u.loop.body, RXL_NO_REG);
	/* the condition belongs to what is around the loop when it breaks or continues; the reference skips the
	 * condition on `continue` */
	c->loop = loop.outer;
	condition_back(c, node->u.loop.cond, node->op == 0, &again, &out);
	c->loop = &loop;
	jump_back(c, &again, body);
	for (uint32_t i = 0; i < loop.continues.count; i++) {
		struct rxl_ins *ins = c->status == REXI_OK ? &c->code[loop.continues.at[i]] : NULL;

		if (ins)
			ins->op = RXL_OP_LOOP;
	}
	jump_back(c, &loop.continues, body);
	rxl_jump_here(c, &out);
	unit_into(c, dst);
	loop_leave(c, &loop);
}

/* The loop's own variable gets the register that NEXT writes; captured ones are cells made once. */
static void loop_variable(struct compiler *c, const struct variable *var, uint16_t item, struct rxl_pos pos)
{
	if (var->cell)
		emit_k(c, RXL_OP_SETV, var->reg, item, 0, var->name, pos);
}

static void for_into(struct compiler *c, const struct rxl_node *node, uint16_t dst)
{
	const struct rxl_ast_for *stmt = node->u.for_stmt;
	const struct rxl_node *over = stmt->iterable;
	bool range = over->kind == RXL_NODE_BINARY &&
		     (over->op == RXL_BINARY_RANGE || over->op == RXL_BINARY_RANGE_INCLUSIVE);
	uint32_t vars = c->var_count, body, first, next, ranged = 0;
	uint16_t top = c->top, hidden = rxl_reg(c, 2), reg = rxl_reg(c, 1), item = reg, counter = 0;
	struct variable name, count = { 0 };
	struct loop loop;
	bool counts;

	if (range) {
		struct operand a = rxl_any(c, over->u.binary.left), b = rxl_any(c, over->u.binary.right);
		uint32_t at = rxl_emit(c, RXL_OP_FOR_RANGE, hidden, a.reg, b.reg, over->pos);

		flag(c, at, (a.temp ? FLAG_B_TEMP : 0) | (b.temp ? FLAG_C_TEMP : 0) |
				    (over->op == RXL_BINARY_RANGE_INCLUSIVE ? 4U : 0));
		ranged = at;
		c->top = (uint16_t)(reg + 1);
	} else {
		struct operand a = rxl_any(c, over);
		uint32_t at = rxl_emit(c, RXL_OP_FOR_INIT, hidden, a.reg, 0, rxl_node_start(over));

		flag(c, at, a.temp ? FLAG_B_TEMP : 0);
		c->top = (uint16_t)(reg + 1);
	}
	name = *rxl_var_declare(c, stmt->name, reg, false);
	if (name.cell)
		rxl_emit(c, RXL_OP_UNIT, reg, 0, 0, RXL_NO_POS);
	if (stmt->counter) {
		counter = rxl_reg(c, 2); /* the variable and the number itself */
		rxl_emit(c, RXL_OP_INT, counter, 0, 0, RXL_NO_POS);
		first = rxl_emit(c, RXL_OP_INT, counter + 1U, 0, 0, RXL_NO_POS);
		if (c->status == REXI_OK)
			c->code[first].i = -1;
		count = *rxl_var_declare(c, stmt->counter, counter, false);
	}
	if (name.cell)
		item = rxl_reg(c, 1);
	counts = range && !name.cell && !c->has_eval && !rxl_changes(c->unit, stmt->body, stmt->name);
	if (counts)
		flag(c, ranged, 16U);
	loop_enter(c, &loop, stmt->body, dst);
	first = range && ranged + 1 == c->code_count ? ranged : rxl_emit(c, RXL_OP_JUMP, 0, 0, 0, RXL_NO_POS);
	body = c->code_count;
	loop_variable(c, &name, item, stmt->name_pos);
	if (stmt->counter) {
		uint32_t at = rxl_emit(c, RXL_OP_ADDI, counter + 1U, counter + 1U, 0, stmt->counter_pos);

		if (c->status == REXI_OK)
			c->code[at].i = 1;
		if (count.cell) {
			uint16_t temp = rxl_reg(c, 1);

			rxl_emit(c, RXL_OP_MOVE, temp, counter + 1U, 0, RXL_NO_POS);
			emit_k(c, RXL_OP_SETV, counter, temp, 0, stmt->counter, stmt->counter_pos);
		} else {
			rxl_emit(c, RXL_OP_MOVE, counter, counter + 1U, 0, RXL_NO_POS);
		}
	}
	rxl_block(c, stmt->body, RXL_NO_REG);
	rxl_jump_here(c, &loop.continues);
	rxl_jump_to(c, first, c->code_count);
	next = rxl_emit(c, counts ? RXL_OP_NEXT_COUNT : range ? RXL_OP_NEXT_RANGE : RXL_OP_NEXT_ITEM, hidden, item, 0, rxl_node_start(over));
	if (range && !counts)
		flag(c, next, over->op == RXL_BINARY_RANGE_INCLUSIVE ? 4U : 0);
	rxl_jump_to(c, next, body);
	unit_into(c, dst);
	loop_leave(c, &loop);
	if (!range || name.cell || stmt->counter)
		rxl_emit(c, RXL_OP_DROP, hidden, (unsigned)(c->top - hidden), 0, RXL_NO_POS);
	rxl_vars_leave(c, vars);
	c->top = top;
}

/* A jump out of a loop's body leaves what eval made in it. */
static void forget_made(struct compiler *c)
{
	if (c->has_eval && c->loop->mark != RXL_NO_REG)
		rxl_emit(c, RXL_OP_DYN_RESET, c->loop->mark, 0, 0, RXL_NO_POS);
}

static void break_into(struct compiler *c, const struct rxl_node *node)
{
	uint16_t top = c->top;

	if (!c->loop)
		return; /* the parser refuses this */
	if (c->loop->dst != RXL_NO_REG) {
		const struct rxl_node *value = node->u.value;
		const struct variable *var = value && value->kind == RXL_NODE_VAR && c->loop->dst == c->result && !c->has_eval
						     ? rxl_var_find(c, value->u.name)
						     : NULL;

		/* the script's value is then the shared variable itself, as hosts of the reference can see */
		if (var && var->cell && !var->is_module)
			rxl_emit(c, RXL_OP_MOVE, c->loop->dst, var->reg, 0, value->pos);
		else if (node->u.value)
			rxl_into(c, node->u.value, c->loop->dst);
		else
			unit_into(c, c->loop->dst);
	} else if (node->u.value) {
		rxl_discard(c, node->u.value);
	}
	forget_made(c);
	rxl_jump_add(c, &c->loop->breaks, rxl_emit(c, RXL_OP_JUMP, 0, 0, 0, node->pos));
	c->top = top;
}

static void return_into(struct compiler *c, const struct rxl_node *node)
{
	uint16_t top = c->top;
	struct operand value;

	if (!node->u.value && !c->fn->is_scoped) {
		rxl_emit(c, RXL_OP_RET_UNIT, 0, 0, 0, node->pos);
		return;
	}
	if (node->u.value) {
		if (!c->fn->is_main)
			rxl_mark_last(node->u.value);
		value.reg = rxl_reg(c, 1);
		rxl_into(c, node->u.value, value.reg);
	} else {
		value.reg = rxl_reg(c, 1);
		unit_into(c, value.reg);
	}
	if (c->fn->is_scoped)
		rxl_emit(c, RXL_OP_RET_SCOPED, value.reg, c->fn->first_reg, 0, node->pos);
	else
		rxl_emit(c, RXL_OP_RET, value.reg, c->fn->is_main, 0, node->pos);
	c->top = top;
}

/* ---- try ----------------------------------------------------------------------------------------------------------- */

static void handler_add(struct compiler *c, struct rxl_handler handler)
{
	if (!RX_GROW(&c->heap->memory, &c->handlers, &c->handler_cap, (size_t)c->handler_count + 1)) {
		rxl_fail(c, REXI_NO_MEMORY);
		return;
	}
	c->handlers[c->handler_count++] = handler;
}

static void try_into(struct compiler *c, const struct rxl_node *node, uint16_t dst)
{
	const struct rxl_ast_try *stmt = node->u.try_stmt;
	uint16_t top = c->top, mark = c->has_eval ? rxl_reg(c, 1) : 0, kept = rxl_reg(c, 1), value = 0;
	uint32_t vars = c->var_count, start, stop, end, target, at;
	bool keep = rxl_has_throw(stmt->handler);

	if (c->has_eval)
		rxl_emit(c, RXL_OP_DYN_MARK, mark, 0, 0, RXL_NO_POS);
	start = c->code_count;
	c->try_depth++;
	rxl_block(c, stmt->body, dst);
	c->try_depth--;
	stop = c->code_count;
	end = rxl_emit(c, RXL_OP_JUMP, 0, 0, 0, RXL_NO_POS);
	target = c->code_count;
	handler_add(c, (struct rxl_handler){ .start = start, .end = stop, .target = target, .top = kept, .saved = RXL_NO_REG,
					     .value = stmt->name != RXL_NO_SYMBOL, .keep = keep });
	if (c->has_eval)
		rxl_emit(c, RXL_OP_DYN_RESET, mark, 0, 0, RXL_NO_POS);
	if (stmt->name) {
		value = rxl_reg(c, 1);
		at = rxl_emit(c, RXL_OP_CATCH_VALUE, value, 0, 0, stmt->name_pos);
		flag(c, at, keep ? 0 : 1U);
	}
	if (keep)
		rxl_emit(c, RXL_OP_KEEP_ERROR, kept, 0, 0, node->pos);
	if (stmt->name)
		rxl_var_declare(c, stmt->name, value, false);
	start = c->code_count;
	rxl_block(c, stmt->handler, RXL_NO_REG);
	if (keep)
		handler_add(c, (struct rxl_handler){ .start = start, .end = c->code_count, .target = UINT32_MAX, .top = top,
						     .saved = kept });
	rxl_emit(c, RXL_OP_DROP, kept, (unsigned)(c->top - kept), 0, RXL_NO_POS);
	unit_into(c, dst);
	rxl_jump_to(c, end, c->code_count);
	rxl_vars_leave(c, vars);
	c->top = top;
}

/* ---- declarations -------------------------------------------------------------------------------------------------- */

/*
 * A variable declared again in its block keeps its place in the reference's scope, counted from the end: where eval has
 * put others behind it, another variable gets the value.
 */
static void variable_new(struct compiler *c, const struct rxl_node *node, uint16_t reg, bool is_const)
{
	struct variable *old = rxl_var_find(c, node->u.let.name), *var;
	bool again = old && !old->is_module && (uint32_t)(old - c->vars) >= c->block_vars;
	uint16_t slot = again ? old->slot : 0;

	if (again && c->has_eval)
		emit_k(c, RXL_OP_LET_DYN, reg, old->reg, slot, rxl_scope_snapshot(c), node->pos);
	var = rxl_var_declare(c, node->u.let.name, reg, is_const);
	if (again && c->status == REXI_OK) {
		var->slot = slot;
		var->own_slot = false;
		c->slots--;
	}
}

static void let_into(struct compiler *c, const struct rxl_node *node)
{
	bool is_const = node->flags & RXL_LET_CONST;
	uint16_t reg = rxl_reg(c, 1);
	bool global = c->fn->is_main && c->block_depth == 0;
	uint32_t at;

	if (node->u.let.init)
		rxl_into(c, node->u.let.init, reg);
	else
		unit_into(c, reg);
	variable_new(c, node, reg, is_const);
	if (is_const && global && (c->unit->ast.fn_count || c->unit->ast.closure_count))
		emit_k(c, RXL_OP_GLOBAL_CONST, 0, reg, 0, node->u.let.name, node->pos);
	if ((node->flags & RXL_LET_EXPORT) && global) {
		at = emit_k(c, RXL_OP_EXPORT, 0, reg, 0, node->u.let.name, node->pos);
		flag(c, at, 1);
	}
}

static void import_into(struct compiler *c, const struct rxl_node *node)
{
	uint16_t reg = rxl_reg(c, 1), path = rxl_reg(c, 1);
	bool global = c->fn->is_main && c->block_depth == 0;
	struct variable *var;
	uint32_t at;

	rxl_into(c, node->u.import.path, path);
	at = emit_k(c, RXL_OP_IMPORT, reg, path, 0, node->u.import.alias, rxl_node_start(node->u.import.path));
	if (c->status == REXI_OK)
		c->code[at].jump = (int32_t)rxl_pos_pack(node->u.import.path->pos);
	flag(c, at, global ? 1U : 0);
	c->top = path;
	if (node->u.import.alias) {
		var = rxl_var_declare(c, node->u.import.alias, reg, true);
		var->is_module = true;
		var->cell = false;
		if (var->own_slot && c->status == REXI_OK)
			c->slots--;
		var->own_slot = false;
	}
}

static void export_into(struct compiler *c, const struct rxl_node *node)
{
	struct variable *var = rxl_var_find(c, node->u.export_stmt.name);
	rxl_symbol alias = node->u.export_stmt.alias ? node->u.export_stmt.alias : node->u.export_stmt.name;
	uint32_t at;

	if (!var || var->is_module) {
		uint16_t top = c->top;

		if (c->has_eval)
			emit_k(c, RXL_OP_VAR_DYN, rxl_reg(c, 1), RXL_NO_REG, 0, node->u.export_stmt.name, node->u.export_stmt.name_pos);
		else
			emit_k(c, RXL_OP_MISSING, rxl_reg(c, 1), 0, 1, node->u.export_stmt.name, node->u.export_stmt.name_pos);
		c->top = top;
		return;
	}
	at = emit_k(c, RXL_OP_EXPORT, 0, var->reg, 0, alias, node->pos);
	flag(c, at, 1);
}

/* ---- switch -------------------------------------------------------------------------------------------------------- */

struct arm_code {
	struct jumps entries; /* jumps to the arm's body */
};

static bool is_dense(const struct rxl_ast_switch *stmt, int64_t *min, uint32_t *span)
{
	int64_t low = INT64_MAX, high = INT64_MIN;
	uint32_t count = 0;
	uint64_t width;

	for (uint32_t i = 0; i < stmt->label_count; i++) {
		const struct rxl_ast_label *label = &stmt->labels[i];

		if (label->is_range)
			continue;
		if (label->value->kind != RXL_NODE_INT)
			return false;
		low = label->value->u.integer < low ? label->value->u.integer : low;
		high = label->value->u.integer > high ? label->value->u.integer : high;
		count++;
	}
	if (!count)
		return false;
	width = (uint64_t)high - (uint64_t)low;
	if (width > 4 * (uint64_t)count + 16)
		return false;
	*min = low;
	*span = (uint32_t)width + 1;
	return true;
}

/* Distinct exact labels, each with the chain of its arms in source order. */
static struct rxl_case *cases_build(struct compiler *c, const struct rxl_ast_switch *stmt, struct rxl_switch *table,
				    uint32_t *first_label)
{
	uint32_t buckets = 4, count = 0;

	while (buckets < stmt->label_count * 2)
		buckets *= 2;
	table->cases = RX_ARENA_ARRAY(c->arena, struct rxl_case, stmt->label_count + 1U);
	table->buckets = RX_ARENA_ARRAY(c->arena, int32_t, buckets);
	if (!table->cases || !table->buckets) {
		rxl_fail(c, REXI_NO_MEMORY);
		table->cases = NULL;
		return NULL;
	}
	table->bucket_mask = buckets - 1;
	for (uint32_t i = 0; i < buckets; i++)
		table->buckets[i] = -1;
	for (uint32_t i = 0; i < stmt->label_count; i++) {
		struct rxl_value value;
		uint32_t at;
		bool known = false;

		if (stmt->labels[i].is_range)
			continue;
		value = rxl_literal(c, stmt->labels[i].value);
		at = rxl_switch_hash(&value) & table->bucket_mask;
		for (int32_t k = table->buckets[at]; k >= 0 && !known; k = table->cases[k].next)
			known = rxl_value_same(&table->cases[k].value, &value);
		if (known) {
			rxl_value_drop(c->heap, &value);
			continue;
		}
		first_label[count] = i;
		table->cases[count] = (struct rxl_case){ value, 0, table->buckets[at] };
		table->buckets[at] = (int32_t)count++;
	}
	table->count = count;
	return table->cases;
}

static bool same_label(struct compiler *c, const struct rxl_node *a, const struct rxl_node *b)
{
	struct rxl_value x, y;
	bool same;

	if (a->kind != b->kind)
		return false;
	x = rxl_literal(c, a);
	y = rxl_literal(c, b);
	same = rxl_value_same(&x, &y);
	rxl_value_drop(c->heap, &x);
	rxl_value_drop(c->heap, &y);
	return same;
}

/* Code that goes to the arm of label `from` or, when guards fail, of the equal labels after it, else to `fallback`. */
static void exact_chain(struct compiler *c, const struct rxl_ast_switch *stmt, uint32_t from, struct arm_code *arms,
			struct jumps *fallback)
{
	for (uint32_t i = from; i < stmt->label_count && c->status == REXI_OK; i++) {
		const struct rxl_ast_label *label = &stmt->labels[i];
		const struct rxl_ast_arm *arm = &stmt->arms[label->arm];
		struct jumps next = { 0 };

		if (label->is_range || (i != from && !same_label(c, stmt->labels[from].value, label->value)))
			continue;
		if (arm->guard)
			rxl_condition(c, arm->guard, false, &next);
		rxl_jump_add(c, &arms[label->arm].entries, rxl_emit(c, RXL_OP_JUMP, 0, 0, 0, RXL_NO_POS));
		rxl_jump_here(c, &next);
		if (!arm->guard)
			return;
	}
	rxl_jump_add(c, fallback, rxl_emit(c, RXL_OP_JUMP, 0, 0, 0, RXL_NO_POS));
}

static bool label_is_simple(struct compiler *c, const struct rxl_ast_switch *stmt, uint32_t label)
{
	(void)c;
	return !stmt->arms[stmt->labels[label].arm].guard;
}

static void range_tests(struct compiler *c, const struct rxl_ast_switch *stmt, uint16_t subject, struct arm_code *arms)
{
	for (uint32_t i = 0; i < stmt->label_count && c->status == REXI_OK; i++) {
		const struct rxl_ast_label *label = &stmt->labels[i];
		const struct rxl_ast_arm *arm = &stmt->arms[label->arm];
		struct jumps next = { 0 };

		if (!label->is_range)
			continue;
		rxl_jump_add(c, &next, emit_k(c, RXL_OP_IN_CASE, subject, 0, 0, rxl_constant(c, rxl_literal(c, label->value)),
					      RXL_NO_POS));
		if (arm->guard)
			rxl_condition(c, arm->guard, false, &next);
		rxl_jump_add(c, &arms[label->arm].entries, rxl_emit(c, RXL_OP_JUMP, 0, 0, 0, RXL_NO_POS));
		rxl_jump_here(c, &next);
	}
}

void rxl_switch_into(struct compiler *c, const struct rxl_node *node, uint16_t dst)
{
	const struct rxl_ast_switch *stmt = node->u.switch_stmt;
	struct rxl_unit *unit = c->unit;
	uint16_t top = c->top, subject = rxl_reg(c, 1);
	struct arm_code *arms = rx_memory_take_zeroed(&c->heap->memory, stmt->arm_count + 1U, sizeof(*arms));
	uint32_t *first = rx_memory_take_zeroed(&c->heap->memory, stmt->label_count + 1U, sizeof(*first));
	int32_t *where = rx_memory_take_zeroed(&c->heap->memory, stmt->arm_count + 1U, sizeof(*where));
	struct jumps fallback = { 0 }, end = { 0 };
	struct rxl_switch table = { 0 };
	uint32_t at, index = 0;
	uint32_t span = 0;

	if (!arms || !first || !where || !RX_GROW(&c->heap->memory, &unit->switches, &unit->switch_cap, (size_t)unit->switch_count + 1)) {
		rxl_fail(c, REXI_NO_MEMORY);
		goto out;
	}
	rxl_into(c, stmt->subject, subject);
	index = unit->switch_count++;
	unit->switches[index] = table;
	if (!cases_build(c, stmt, &table, first))
		goto out;
	unit->switches[index] = table; /* owns the case values from here on */
	if (is_dense(stmt, &table.min, &span)) {
		table.targets = RX_ARENA_ARRAY(c->arena, int32_t, span);
		if (!table.targets) {
			rxl_fail(c, REXI_NO_MEMORY);
			goto out;
		}
		table.dense = true;
	}
	/* ranges alone are what follows */
	if (table.count) {
		at = rxl_emit(c, RXL_OP_SWITCH, subject, span, 0, node->pos);
		if (c->status == REXI_OK)
			c->code[at].k = (int32_t)index;
	}
	/* guard chains for labels that need them */
	for (uint32_t i = 0; i < table.count; i++) {
		table.cases[i].target = -1;
		if (!label_is_simple(c, stmt, first[i])) {
			table.cases[i].target = (int32_t)c->code_count;
			exact_chain(c, stmt, first[i], arms, &fallback);
		}
	}
	rxl_jump_here(c, &fallback);
	table.fallback = (int32_t)c->code_count;
	range_tests(c, stmt, subject, arms);
	if (stmt->default_arm != UINT32_MAX) {
		rxl_jump_add(c, &arms[stmt->default_arm].entries, rxl_emit(c, RXL_OP_JUMP, 0, 0, 0, RXL_NO_POS));
	} else {
		unit_into(c, dst);
		rxl_jump_add(c, &end, rxl_emit(c, RXL_OP_JUMP, 0, 0, 0, RXL_NO_POS));
	}
	for (uint32_t i = 0; i < stmt->arm_count && c->status == REXI_OK; i++) {
		uint32_t vars = c->var_count;
		uint16_t inner = c->top;

		where[i] = (int32_t)c->code_count;
		rxl_jump_here(c, &arms[i].entries);
		c->block_depth++;
		if (dst == RXL_NO_REG)
			rxl_discard(c, stmt->arms[i].body);
		else
			rxl_statement_into(c, stmt->arms[i].body, dst);
		c->block_depth--;
		rxl_vars_leave(c, vars);
		c->top = inner;
		rxl_jump_add(c, &end, rxl_emit(c, RXL_OP_JUMP, 0, 0, 0, RXL_NO_POS));
	}
	for (uint32_t i = 0; i < table.count; i++)
		if (table.cases[i].target < 0)
			table.cases[i].target = where[stmt->labels[first[i]].arm];
	if (table.dense) {
		for (uint32_t i = 0; i < span; i++)
			table.targets[i] = table.fallback;
		for (uint32_t i = 0; i < table.count; i++)
			table.targets[table.cases[i].value.as.i - table.min] = table.cases[i].target;
		table.span = span;
	}
	unit->switches[index] = table;
	rxl_jump_here(c, &end);
	rxl_emit(c, RXL_OP_DROP, subject, 1, 0, RXL_NO_POS);
out:
	if (arms)
		for (uint32_t i = 0; i < stmt->arm_count; i++)
			rx_memory_give(&c->heap->memory, arms[i].entries.at, arms[i].entries.cap * sizeof(uint32_t));
	rx_memory_give(&c->heap->memory, fallback.at, fallback.cap * sizeof(uint32_t));
	rx_memory_give(&c->heap->memory, end.at, end.cap * sizeof(uint32_t));
	rx_memory_give(&c->heap->memory, arms, (stmt->arm_count + 1U) * sizeof(*arms));
	rx_memory_give(&c->heap->memory, first, (stmt->label_count + 1U) * sizeof(*first));
	rx_memory_give(&c->heap->memory, where, (stmt->arm_count + 1U) * sizeof(*where));
	c->top = top;
}

/* ---- the switch over kinds ------------------------------------------------------------------------------------------ */

/* dst RXL_NO_REG: the value is not wanted. */
void rxl_statement_into(struct compiler *c, const struct rxl_node *node, uint16_t dst)
{
	uint16_t top = c->top;

	if (c->status != REXI_OK)
		return;
	switch ((enum rxl_node_kind)node->kind) {
	case RXL_NODE_BLOCK:
		rxl_block(c, node, dst);
		return;
	case RXL_NODE_IF:
		if_into(c, node, dst);
		return;
	case RXL_NODE_SWITCH:
		rxl_switch_into(c, node, dst);
		return;
	case RXL_NODE_WHILE:
		while_into(c, node, dst);
		return;
	case RXL_NODE_DO:
		do_into(c, node, dst);
		return;
	case RXL_NODE_FOR:
		for_into(c, node, dst);
		return;
	case RXL_NODE_TRY:
		try_into(c, node, dst);
		return;
	case RXL_NODE_LET:
		let_into(c, node);
		unit_into(c, dst);
		return;
	case RXL_NODE_ASSIGN:
		rxl_assign(c, node);
		unit_into(c, dst);
		return;
	case RXL_NODE_BREAK:
		break_into(c, node);
		return;
	case RXL_NODE_CONTINUE:
		if (c->loop) {
			forget_made(c);
			rxl_jump_add(c, &c->loop->continues, rxl_emit(c, RXL_OP_JUMP, 0, 0, 0, node->pos));
		}
		return;
	case RXL_NODE_RETURN:
		return_into(c, node);
		return;
	case RXL_NODE_THROW: {
		uint16_t reg = rxl_reg(c, 1);

		if (node->u.value)
			rxl_into(c, node->u.value, reg);
		else
			unit_into(c, reg);
		rxl_emit(c, RXL_OP_THROW, reg, 0, 0, node->pos);
		c->top = top;
		return;
	}
	case RXL_NODE_IMPORT:
		import_into(c, node);
		unit_into(c, dst);
		return;
	case RXL_NODE_EXPORT:
		export_into(c, node);
		unit_into(c, dst);
		return;
	default:
		break;
	}
	if (dst == RXL_NO_REG)
		rxl_discard(c, node);
	else
		rxl_into(c, node, dst);
}
