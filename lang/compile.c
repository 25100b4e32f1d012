/* The compiler's frame: units, functions, instructions, variables, and the order in which things are compiled. */
#include <config.h>

#include "lang/compile_internal.h"

#include <string.h>

#include "base/hash.h"
#include "lang/parse.h"
#include "base/banned.h"

/* Twice a register number fits into an operand. */
#define REGS_MAX 32000

void rxl_fail(struct compiler *c, enum rexi_status status)
{
	if (c->status == REXI_OK)
		c->status = status;
}

/* ---- instructions, registers, constants -------------------------------------------------------------------------- */

uint32_t rxl_emit(struct compiler *c, enum rxl_op op, unsigned a, unsigned b, unsigned d, struct rxl_pos pos)
{
	struct rx_memory *memory = &c->heap->memory;

	if (!RX_GROW(memory, &c->code, &c->code_cap, (size_t)c->code_count + 1) ||
	    !RX_GROW(memory, &c->positions, &c->position_cap, (size_t)c->code_count + 1)) {
		rxl_fail(c, REXI_NO_MEMORY);
		return 0;
	}
	c->code[c->code_count] = (struct rxl_ins){
		.op = (uint8_t)op, .a = (uint16_t)a, .b = (uint16_t)b, .c = (uint16_t)d, .i = 0
	};
	c->positions[c->code_count] = rxl_pos_pack(pos);
	return c->code_count++;
}

uint16_t rxl_reg(struct compiler *c, unsigned count)
{
	uint16_t reg = c->top;

	if (count > REGS_MAX || (unsigned)c->top + count > REGS_MAX) {
		c->too_many_variables = true;
		rxl_fail(c, REXI_LIMIT);
		return 0;
	}
	c->top = (uint16_t)(c->top + count);
	if (c->top > c->max_top)
		c->max_top = c->top;
	return reg;
}

uint32_t rxl_constant(struct compiler *c, struct rxl_value value)
{
	struct rxl_unit *unit = c->unit;

	if (!RX_GROW(&c->heap->memory, &unit->constants, &unit->constant_cap, (size_t)unit->constant_count + 1)) {
		rxl_value_drop(c->heap, &value);
		rxl_fail(c, REXI_NO_MEMORY);
		return 0;
	}
	unit->constants[unit->constant_count] = value;
	return unit->constant_count++;
}

uint32_t rxl_key_constant(struct compiler *c, rxl_symbol name)
{
	struct rxl_value value;

	if (c->key_constant[name])
		return c->key_constant[name] - 1;
	if (rxl_string_new(c->heap, rxl_symbol_text(c->symbols, name), &value) != REXI_OK) {
		rxl_fail(c, REXI_NO_MEMORY);
		return 0;
	}
	c->key_constant[name] = rxl_constant(c, value) + 1;
	return c->key_constant[name] - 1;
}

static enum rxl_special special_method(struct rexi_str name)
{
	if (rx_str_eq(name, RX_STR("call")))
		return RXL_SPECIAL_CALL;
	if (rx_str_eq(name, RX_STR("curry")))
		return RXL_SPECIAL_CURRY;
	if (rx_str_eq(name, RX_STR("type_of")))
		return RXL_SPECIAL_TYPE_OF;
	if (rx_str_eq(name, RX_STR("is_shared")))
		return RXL_SPECIAL_IS_SHARED;
	return RXL_SPECIAL_NONE;
}

uint32_t rxl_site_new(struct compiler *c, rxl_symbol name, uint32_t arg_count)
{
	struct rxl_unit *unit = c->unit;
	struct rxl_site *site;

	if (!RX_GROW(&c->heap->memory, &unit->sites, &unit->site_cap, (size_t)unit->site_count + 1)) {
		rxl_fail(c, REXI_NO_MEMORY);
		return 0;
	}
	site = &unit->sites[unit->site_count];
	*site = (struct rxl_site){ .name = name, .arg_count = arg_count, .module_reg = RXL_NO_REG };
	site->special = (uint8_t)special_method(rxl_symbol_text(c->symbols, name));
	if (name < c->symbol_count && c->fn_symbol[name]) {
		site->method = rxl_unit_function(unit, name, arg_count);
		site->typed = c->fn_symbol[name] & 2U;
	} else if (unit->parent) {
		site->method = rxl_unit_function(unit->parent, name, arg_count);
		site->typed = true;
	}
	return unit->site_count++;
}

void rxl_jump_add(struct compiler *c, struct jumps *jumps, uint32_t at)
{
	if (!RX_GROW(&c->heap->memory, &jumps->at, &jumps->cap, (size_t)jumps->count + 1)) {
		rxl_fail(c, REXI_NO_MEMORY);
		return;
	}
	jumps->at[jumps->count++] = at;
}

void rxl_jump_to(struct compiler *c, uint32_t at, uint32_t target)
{
	if (c->status == REXI_OK)
		c->code[at].jump = (int32_t)((int64_t)target - (int64_t)at - 1);
}

void rxl_jump_here(struct compiler *c, struct jumps *jumps)
{
	for (uint32_t i = 0; i < jumps->count; i++)
		rxl_jump_to(c, jumps->at[i], c->code_count);
	rx_memory_give(&c->heap->memory, jumps->at, jumps->cap * sizeof(*jumps->at));
	*jumps = (struct jumps){ 0 };
}

/* ---- variables --------------------------------------------------------------------------------------------------- */

struct variable *rxl_var_find(struct compiler *c, rxl_symbol name)
{
	uint32_t at = name < c->symbol_count ? c->visible[name] : 0;

	return at ? &c->vars[at - 1] : NULL;
}

struct variable *rxl_var_declare(struct compiler *c, rxl_symbol name, uint16_t reg, bool is_const)
{
	static struct variable nowhere;
	struct variable *var;

	if (!RX_GROW(&c->heap->memory, &c->vars, &c->var_cap, (size_t)c->var_count + 1) || name >= c->symbol_count) {
		rxl_fail(c, REXI_NO_MEMORY);
		return &nowhere;
	}
	if (c->var_count >= c->engine->limits.variables) {
		c->too_many_variables = true;
		rxl_fail(c, REXI_LIMIT);
	}
	var = &c->vars[c->var_count++];
	*var = (struct variable){
		.name = name,
		.reg = reg,
		.is_const = is_const,
		.cell = c->all_cells || c->captured[name] == c->serial,
		.own_slot = true,
		.slot = c->slots++,
		.previous = c->visible[name],
	};
	c->visible[name] = c->var_count;
	return var;
}

/* Forgets the variables declared since there were `count`. */
void rxl_vars_leave(struct compiler *c, uint32_t count)
{
	while (c->var_count > count) {
		struct variable *var = &c->vars[--c->var_count];

		c->slots = (uint16_t)(c->slots - var->own_slot);
		c->visible[var->name] = var->previous;
	}
}

uint32_t rxl_scope_snapshot(struct compiler *c)
{
	struct rxl_unit *unit = c->unit;
	struct rxl_scope_map *map;

	if (!RX_GROW(&c->heap->memory, &unit->scopes, &unit->scope_cap, (size_t)unit->scope_count + 1)) {
		rxl_fail(c, REXI_NO_MEMORY);
		return 0;
	}
	map = &unit->scopes[unit->scope_count];
	*map = (struct rxl_scope_map){ .top = c->top, .slots = c->slots, .global = c->fn->is_main && c->block_depth == 0 };
	map->vars = RX_ARENA_ARRAY(c->arena, struct rxl_scope_var, c->var_count + 1U);
	if (!map->vars) {
		rxl_fail(c, REXI_NO_MEMORY);
		return 0;
	}
	for (uint32_t i = 0; i < c->var_count; i++)
		map->vars[i] = (struct rxl_scope_var){ c->vars[i].name, c->vars[i].reg, c->vars[i].slot, c->vars[i].is_const,
						       c->vars[i].is_module };
	map->count = c->var_count;
	return unit->scope_count++;
}

/* ---- what a function's body does --------------------------------------------------------------------------------- */

typedef void (*visit_fn)(void *ctx, const struct rxl_node *node);

static void visit_list(struct rxl_node *const *items, uint32_t count, visit_fn visit, void *ctx)
{
	for (uint32_t i = 0; i < count; i++)
		visit(ctx, items[i]);
}

static void visit_one(const struct rxl_node *node, visit_fn visit, void *ctx)
{
	if (node)
		visit(ctx, node);
}

/* Calls visit for each direct child; closures' bodies are not children. */
static void each_child(const struct rxl_node *node, visit_fn visit, void *ctx)
{
	switch ((enum rxl_node_kind)node->kind) {
	case RXL_NODE_UNIT:
	case RXL_NODE_BOOL:
	case RXL_NODE_INT:
	case RXL_NODE_FLOAT:
	case RXL_NODE_CHAR:
	case RXL_NODE_STRING:
	case RXL_NODE_VAR:
	case RXL_NODE_PATH_VAR:
	case RXL_NODE_THIS:
	case RXL_NODE_CLOSURE:
	case RXL_NODE_CONTINUE:
	case RXL_NODE_EXPORT:
		return;
	case RXL_NODE_INTERPOLATION:
	case RXL_NODE_ARRAY:
	case RXL_NODE_BLOCK:
		visit_list(node->u.list.items, node->u.list.count, visit, ctx);
		return;
	case RXL_NODE_MAP:
		for (uint32_t i = 0; i < node->u.map.count; i++)
			visit(ctx, node->u.map.entries[i].value);
		return;
	case RXL_NODE_UNARY:
		visit(ctx, node->u.operand);
		return;
	case RXL_NODE_BINARY:
	case RXL_NODE_ASSIGN:
		visit(ctx, node->u.binary.left);
		visit(ctx, node->u.binary.right);
		return;
	case RXL_NODE_CALL:
		visit_list(node->u.call->args, node->u.call->arg_count, visit, ctx);
		return;
	case RXL_NODE_CHAIN:
		visit(ctx, node->u.chain->root);
		for (uint32_t i = 0; i < node->u.chain->count; i++) {
			const struct rxl_ast_link *link = &node->u.chain->links[i];

			visit_list(link->args, link->arg_count, visit, ctx);
			visit_one(link->index, visit, ctx);
		}
		return;
	case RXL_NODE_IF:
		visit(ctx, node->u.if_stmt->cond);
		visit(ctx, node->u.if_stmt->then);
		visit_one(node->u.if_stmt->otherwise, visit, ctx);
		return;
	case RXL_NODE_SWITCH:
		visit(ctx, node->u.switch_stmt->subject);
		for (uint32_t i = 0; i < node->u.switch_stmt->arm_count; i++) {
			visit_one(node->u.switch_stmt->arms[i].guard, visit, ctx);
			visit(ctx, node->u.switch_stmt->arms[i].body);
		}
		return;
	case RXL_NODE_WHILE:
	case RXL_NODE_DO:
		visit_one(node->u.loop.cond, visit, ctx);
		visit(ctx, node->u.loop.body);
		return;
	case RXL_NODE_FOR:
		visit(ctx, node->u.for_stmt->iterable);
		visit(ctx, node->u.for_stmt->body);
		return;
	case RXL_NODE_TRY:
		visit(ctx, node->u.try_stmt->body);
		visit(ctx, node->u.try_stmt->handler);
		return;
	case RXL_NODE_LET:
		visit_one(node->u.let.init, visit, ctx);
		return;
	case RXL_NODE_BREAK:
	case RXL_NODE_RETURN:
	case RXL_NODE_THROW:
		visit_one(node->u.value, visit, ctx);
		return;
	case RXL_NODE_IMPORT:
		visit(ctx, node->u.import.path);
		return;
	}
}

static bool is_call_of(struct compiler *c, const struct rxl_node *node, struct rexi_str name)
{
	return node->kind == RXL_NODE_CALL && !node->u.call->path &&
	       rx_str_eq(rxl_symbol_text(c->symbols, node->u.call->name), name);
}

static void survey(void *ctx, const struct rxl_node *node)
{
	struct compiler *c = ctx;

	if (node->kind == RXL_NODE_CLOSURE) {
		for (uint32_t i = 0; i < node->u.fn->capture_count; i++)
			c->captured[node->u.fn->captures[i].name] = c->serial;
		return;
	}
	if (node->kind == RXL_NODE_CALL) {
		if (node->u.call->caller_scope)
			c->all_cells = true;
		if (is_call_of(c, node, RX_STR("eval")) && node->u.call->arg_count == 1)
			c->all_cells = c->has_eval = true;
	}
	each_child(node, survey, ctx);
}

struct write_query {
	const struct rxl_unit *unit; /* for rxl_changes: whose functions take their arguments by value */
	rxl_symbol name;
	bool found;
};

static void write_visit(void *ctx, const struct rxl_node *node)
{
	struct write_query *query = ctx;

	switch ((enum rxl_node_kind)node->kind) {
	case RXL_NODE_BLOCK:
	case RXL_NODE_IF:
	case RXL_NODE_SWITCH:
	case RXL_NODE_WHILE:
	case RXL_NODE_DO:
	case RXL_NODE_FOR:
	case RXL_NODE_INTERPOLATION:
		query->found = true;
		return;
	case RXL_NODE_CALL:
		if (node->u.call->caller_scope ||
		    (node->u.call->arg_count && node->u.call->args[0]->kind == RXL_NODE_VAR &&
		     node->u.call->args[0]->u.name == query->name))
			query->found = true;
		break;
	case RXL_NODE_CHAIN:
		if (node->u.chain->root->kind == RXL_NODE_VAR && node->u.chain->root->u.name == query->name)
			for (uint32_t i = 0; i < node->u.chain->count; i++)
				if (node->u.chain->links[i].kind == RXL_LINK_METHOD)
					query->found = true;
		break;
	default:
		break;
	}
	if (!query->found)
		each_child(node, write_visit, ctx);
}

bool rxl_may_write(const struct rxl_node *node, rxl_symbol name)
{
	struct write_query query = { .name = name };

	write_visit(&query, node);
	return query.found;
}

static void change_visit(void *ctx, const struct rxl_node *node)
{
	struct write_query *query = ctx;
	const struct rxl_node *target = NULL;

	if (node->kind == RXL_NODE_ASSIGN)
		target = node->u.binary.left;
	else if (node->kind == RXL_NODE_CHAIN)
		target = node;
	else if (node->kind == RXL_NODE_CALL && node->u.call->arg_count &&
		 (node->u.call->path || !rxl_unit_function(query->unit, node->u.call->name, node->u.call->arg_count)))
		target = node->u.call->args[0];
	if (target && target->kind == RXL_NODE_CHAIN)
		target = target->u.chain->root;
	if (target && target->kind == RXL_NODE_VAR && target->u.name == query->name)
		query->found = true;
	if (!query->found)
		each_child(node, change_visit, ctx);
}

bool rxl_changes(const struct rxl_unit *unit, const struct rxl_node *node, rxl_symbol name)
{
	struct write_query query = { .unit = unit, .name = name };

	change_visit(&query, node);
	return query.found;
}

struct mention_query {
	rxl_symbol name;
	unsigned count;
};

static void mention_visit(void *ctx, const struct rxl_node *node)
{
	struct mention_query *query = ctx;

	if (node->kind == RXL_NODE_VAR && node->u.name == query->name)
		query->count++;
	each_child(node, mention_visit, ctx);
}

unsigned rxl_mentions(const struct rxl_node *node, rxl_symbol name)
{
	struct mention_query query = { name, 0 };

	mention_visit(&query, node);
	return query.count;
}

void rxl_mark_last(struct rxl_node *node)
{
	if (node->kind == RXL_NODE_CALL) {
		node->flags = RXL_CALL_LAST;
	} else if (node->kind == RXL_NODE_BLOCK && node->u.list.count) {
		rxl_mark_last(node->u.list.items[node->u.list.count - 1]);
	} else if (node->kind == RXL_NODE_IF) {
		rxl_mark_last(node->u.if_stmt->then);
		if (node->u.if_stmt->otherwise)
			rxl_mark_last(node->u.if_stmt->otherwise);
	} else if (node->kind == RXL_NODE_SWITCH) {
		for (uint32_t i = 0; i < node->u.switch_stmt->arm_count; i++)
			rxl_mark_last(node->u.switch_stmt->arms[i].body);
	}
}

static void throw_visit(void *ctx, const struct rxl_node *node)
{
	bool *found = ctx;

	if (node->kind == RXL_NODE_THROW)
		*found = true;
	if (!*found)
		each_child(node, throw_visit, ctx);
}

bool rxl_has_throw(const struct rxl_node *node)
{
	bool found = false;

	throw_visit(&found, node);
	return found;
}

/* ---- functions --------------------------------------------------------------------------------------------------- */

static struct rxl_function *function_new(struct compiler *c)
{
	struct rxl_unit *unit = c->unit;
	struct rxl_function *fn = RX_ARENA_NEW(c->arena, struct rxl_function);

	if (!fn || !RX_GROW(&c->heap->memory, &unit->functions, &unit->function_cap, (size_t)unit->function_count + 1)) {
		rxl_fail(c, REXI_NO_MEMORY);
		return NULL;
	}
	fn->unit = unit;
	unit->functions[unit->function_count++] = fn;
	return fn;
}

static void function_begin(struct compiler *c, struct rxl_function *fn)
{
	c->fn = fn;
	c->serial++;
	c->code_count = 0;
	c->var_count = 0;
	c->block_vars = 0;
	c->slots = 0;
	c->result = RXL_NO_REG;
	c->handler_count = 0;
	c->loop = NULL;
	c->try_depth = 0;
	c->replaced = RXL_NO_SYMBOL;
	c->top = c->max_top = 0;
	c->block_depth = 0;
	c->all_cells = c->has_eval = false;
}

/* Whether an instruction goes elsewhere by `jump`, and by nothing else. */
static bool is_jump(unsigned op)
{
	return (op >= RXL_OP_JUMP && op <= RXL_OP_JISUNIT) || (op >= RXL_OP_JNEQ && op <= RXL_OP_JGEK);
}

/*
 * Shortens ways without moving an instruction: a jump to a jump goes where that one goes, a jump to a return returns,
 * and a variable is returned itself instead of a copy.
 */
static void shorten(struct compiler *c)
{
	for (uint32_t i = c->code_count; i-- > 0;) {
		struct rxl_ins *ins = &c->code[i], *to;

		if (is_jump(ins->op)) {
			to = &c->code[(int64_t)i + 1 + ins->jump];
			if ((int64_t)i + 1 + ins->jump >= c->code_count)
				continue;
			if (to->op == RXL_OP_JUMP && to != ins)
				ins->jump += to->jump + 1;
			else if (ins->op == RXL_OP_JUMP && (to->op == RXL_OP_RET || to->op == RXL_OP_RET_UNIT))
				*ins = *to;
		}
		if (ins->op == RXL_OP_MOVE && i + 1 < c->code_count) {
			/* what a block drops at its end, the return drops */
			bool drop = ins[1].op == RXL_OP_DROP && ins[1].a > ins->a && i + 2 < c->code_count;
			struct rxl_ins *ret = drop ? &ins[2] : &ins[1];
			uint16_t from = ins->b;

			if (ret->op != RXL_OP_RET || ret->a != ins->a || ret->b)
				continue;
			*ins = *ret;
			ins->a = from;
			ins->flags |= 1U;
		}
	}
}

/*
 * Two instructions that often follow each other are one step of the machine: the first does the work of both and goes on
 * behind the second, which stays where it is for jumps and positions.
 */
static void pairs(struct compiler *c)
{
	static const struct {
		uint8_t first, second, both;
		uint8_t flags; /* that the first must have */
	} rows[] = {
		{ RXL_OP_ADD, RXL_OP_NEXT_COUNT, RXL_OP_ADD_NEXT, FLAG_ASSIGN },
		{ RXL_OP_CUR_THIS, RXL_OP_KEY_CR, RXL_OP_THIS_KEY, 0 },
		{ RXL_OP_CUR_REG, RXL_OP_CUR_OP, RXL_OP_REG_OP, 0 },
		{ RXL_OP_CUR_REG, RXL_OP_CUR_OPI, RXL_OP_REG_OPI, 0 },
	};

	for (uint32_t i = 0; i + 1 < c->code_count; i++)
		for (size_t k = 0; k < RX_COUNT(rows); k++)
			if (c->code[i].op == rows[k].first && c->code[i + 1].op == rows[k].second &&
			    (c->code[i].flags & rows[k].flags) == rows[k].flags) {
				c->code[i].op = rows[k].both;
				break;
			}
}

/* Operands that are doubled, so that the machine finds a register without a shift: bits 1 a, 2 b, 4 c. */
static unsigned scaled_operands(unsigned op)
{
	if ((op >= RXL_OP_ADD && op <= RXL_OP_RANGE_INC) || op == RXL_OP_ADD_NEXT || op == RXL_OP_IDX_RR || op == RXL_OP_IDX_CR ||
	    op == RXL_OP_IDX_SET || op == RXL_OP_IDX_SET_R)
		return 7;
	if ((op >= RXL_OP_ADDI && op <= RXL_OP_NOT) || (op >= RXL_OP_JNEQ && op <= RXL_OP_JGE) || op == RXL_OP_MOVE ||
	    op == RXL_OP_TAKE || op == RXL_OP_KEY_RR || op == RXL_OP_KEY_CR || op == RXL_OP_NEXT_COUNT)
		return 3;
	if (op == RXL_OP_IDX_RC)
		return 6;
	if (op == RXL_OP_IDX_CC || op == RXL_OP_IDX_W)
		return 4;
	return (op >= RXL_OP_JNEQI && op <= RXL_OP_JGEK) || op == RXL_OP_INT || op == RXL_OP_JF || op == RXL_OP_JT;
}

/* Jumps whose target stands in `to`. */
static bool has_target(unsigned op)
{
	return is_jump(op) || op == RXL_OP_NEXT_RANGE || op == RXL_OP_NEXT_COUNT || op == RXL_OP_NEXT_ITEM;
}

/* Jumps that keep a distance, in bytes, as their other words are taken. */
static bool has_distance(unsigned op)
{
	return op == RXL_OP_METHOD_TRY || op == RXL_OP_CUR_UNIT || op == RXL_OP_FOR_RANGE || op == RXL_OP_IN_CASE;
}

static bool has_number(unsigned op)
{
	return op >= RXL_OP_JNEQI && op <= RXL_OP_JGEK;
}

/*
 * The last step: operands and jumps as the machine wants them. A target is an address, because the next instruction
 * cannot begin before the last one has said where it is.
 */
static void finish(struct rxl_ins *ins)
{
	unsigned operands = scaled_operands(ins->op);

	if (has_number(ins->op))
		ins->n = ins->k;
	ins->a = (uint16_t)(operands & 1U ? ins->a * 2U : ins->a);
	ins->b = (uint16_t)(operands & 2U ? ins->b * 2U : ins->b);
	ins->c = (uint16_t)(operands & 4U ? ins->c * 2U : ins->c);
	if (has_target(ins->op))
		ins->to = ins + 1 + ins->jump;
	else if (has_distance(ins->op))
		ins->jump *= (int32_t)sizeof(*ins);
}

struct rxl_ins rxl_ins_plain(const struct rxl_ins *ins)
{
	struct rxl_ins plain = *ins;
	unsigned operands = scaled_operands(ins->op);

	plain.a = (uint16_t)(operands & 1U ? ins->a / 2U : ins->a);
	plain.b = (uint16_t)(operands & 2U ? ins->b / 2U : ins->b);
	plain.c = (uint16_t)(operands & 4U ? ins->c / 2U : ins->c);
	if (has_target(ins->op)) {
		plain.jump = (int32_t)(ins->to - ins - 1);
		plain.k = has_number(ins->op) ? ins->n : 0;
	} else if (has_distance(ins->op)) {
		plain.jump = ins->jump / (int32_t)sizeof(*ins);
	}
	if (has_number(ins->op))
		plain.n = 0;
	return plain;
}

/* Moves the code from the compiler's buffers to the unit. */
static void function_end(struct compiler *c)
{
	struct rxl_function *fn = c->fn;

	rxl_vars_leave(c, 0);
	if (c->status == REXI_OK) {
		shorten(c);
		pairs(c);
	}
	fn->reg_count = (uint16_t)(c->max_top + 1);
	fn->code_count = c->code_count;
	fn->code = rx_arena_bytes(c->arena, (c->code_count + 1) * sizeof(*fn->code));
	fn->positions = rx_arena_bytes(c->arena, (c->code_count + 1) * sizeof(*fn->positions));
	fn->handlers = rx_arena_bytes(c->arena, (c->handler_count + 1) * sizeof(*fn->handlers));
	fn->handler_count = c->handler_count;
	if (!fn->code || !fn->positions || !fn->handlers) {
		rxl_fail(c, REXI_NO_MEMORY);
		return;
	}
	if (c->code_count) {
		memcpy(fn->code, c->code, c->code_count * sizeof(*fn->code));
		memcpy(fn->positions, c->positions, c->code_count * sizeof(*fn->positions));
	}
	for (uint32_t i = 0; i < c->code_count && c->status == REXI_OK; i++)
		finish(&fn->code[i]);
	if (c->handler_count)
		memcpy(fn->handlers, c->handlers, c->handler_count * sizeof(*fn->handlers));
}

static void body_and_return(struct compiler *c, const struct rxl_node *body)
{
	uint16_t dst = rxl_reg(c, 1);

	if (body->kind == RXL_NODE_BLOCK && body->u.list.count == 0) {
		if (!c->fn->is_scoped) {
			rxl_emit(c, RXL_OP_RET_UNIT, 0, 0, 0, RXL_NO_POS);
			return;
		}
		rxl_emit(c, RXL_OP_UNIT, dst, 0, 0, RXL_NO_POS);
	} else {
		rxl_statement_into(c, body, dst);
	}
	if (c->fn->is_scoped)
		rxl_emit(c, RXL_OP_RET_SCOPED, dst, c->fn->first_reg, 0, RXL_NO_POS);
	else
		rxl_emit(c, RXL_OP_RET, dst, 0, 0, RXL_NO_POS);
}

static void function_compile(struct compiler *c, struct rxl_function *fn, const struct rxl_ast_fn *ast,
			     const bool *capture_const)
{
	function_begin(c, fn);
	fn->ast = ast;
	survey(c, ast->body);
	for (uint32_t i = 0; i < ast->capture_count; i++) {
		struct variable *var = rxl_var_declare(c, ast->captures[i].name, rxl_reg(c, 1), capture_const && capture_const[i]);

		var->cell = true;
	}
	for (uint32_t i = 0; i < ast->param_count; i++)
		rxl_var_declare(c, ast->params[i].name, rxl_reg(c, 1), false);
	rxl_mark_last(ast->body);
	body_and_return(c, ast->body);
	function_end(c);
}

static void closures_compile(struct compiler *c)
{
	while (c->pending_next < c->pending_count && c->status == REXI_OK) {
		struct pending next = c->pending[c->pending_next++];

		function_compile(c, next.fn, next.ast, next.capture_const);
	}
}

/* The name of a closure: unspecified digits, here its number. */
static rxl_symbol closure_name(struct compiler *c)
{
	char text[32];
	uint64_t digits = rx_hash_mix(c->unit->function_count + 1U, c->engine->closure_seed++);
	size_t len = 5;

	memcpy(text, "anon$", 5);
	for (int shift = 60; shift >= 0; shift -= 4)
		text[len++] = "0123456789abcdef"[digits >> shift & 15];
	return rxl_symbol_intern(c->symbols, rx_str_make(text, len));
}

/* Emits the making of a closure; its body is compiled later. */
void rxl_closure_into(struct compiler *c, const struct rxl_node *node, uint16_t dst)
{
	const struct rxl_ast_fn *ast = node->u.fn;
	struct rxl_function *fn = function_new(c);
	bool *consts = RX_ARENA_ARRAY(c->arena, bool, ast->capture_count + 1U);
	uint32_t index = c->unit->function_count - 1;
	uint32_t at;

	if (!fn || !consts || !RX_GROW(&c->heap->memory, &c->pending, &c->pending_cap, (size_t)c->pending_count + 1)) {
		rxl_fail(c, REXI_NO_MEMORY);
		return;
	}
	fn->name = closure_name(c);
	fn->is_closure = true;
	fn->capture_count = (uint16_t)ast->capture_count;
	fn->param_count = (uint16_t)(ast->capture_count + ast->param_count);
	fn->captures = RX_ARENA_ARRAY(c->arena, struct rxl_capture, ast->capture_count + 1U);
	fn->ast = ast;
	if (!fn->captures) {
		rxl_fail(c, REXI_NO_MEMORY);
		return;
	}
	for (uint32_t i = 0; i < ast->capture_count; i++) {
		struct variable *var = rxl_var_find(c, ast->captures[i].name);

		fn->captures[i] = (struct rxl_capture){
			.from = var ? var->reg : RXL_NO_REG,
			.slot = var ? var->slot : 0,
			.name = ast->captures[i].name,
			.pos = rxl_pos_pack(ast->captures[i].pos),
			.missing = !var,
		};
		consts[i] = var && var->is_const;
	}
	at = rxl_emit(c, RXL_OP_CLOSURE, dst, 0, 0, node->pos);
	if (c->status == REXI_OK)
		c->code[at].k = (int32_t)index;
	if (c->has_eval && c->status == REXI_OK) {
		uint32_t snapshot = rxl_scope_snapshot(c);

		c->code[at].flags = 1;
		c->code[at].jump = (int32_t)snapshot;
	}
	c->pending[c->pending_count++] = (struct pending){ ast, fn, consts };
}

/* ---- units ------------------------------------------------------------------------------------------------------- */

static bool compiler_init(struct compiler *c, struct rxl_engine *engine, struct rxl_unit *unit)
{
	uint32_t *tables;

	*c = (struct compiler){
		.engine = engine,
		.unit = unit,
		.heap = &engine->heap,
		.symbols = &engine->symbols,
		.arena = &unit->ast.arena,
		/* room for the names of closures, which are no variables */
		.symbol_count = engine->symbols.count,
	};
	tables = rx_memory_take_zeroed(&c->heap->memory, (size_t)c->symbol_count * 4 + 4, sizeof(*tables));
	if (!tables)
		return false;
	c->visible = tables;
	c->captured = tables + c->symbol_count;
	c->key_constant = tables + 2 * (size_t)c->symbol_count;
	c->fn_symbol = tables + 3 * (size_t)c->symbol_count;
	return true;
}

static void compiler_fini(struct compiler *c)
{
	struct rx_memory *memory = &c->heap->memory;

	rx_memory_give(memory, c->visible, ((size_t)c->symbol_count * 4 + 4) * sizeof(*c->visible));
	rx_memory_give(memory, c->pending, c->pending_cap * sizeof(*c->pending));
	rx_memory_give(memory, c->code, c->code_cap * sizeof(*c->code));
	rx_memory_give(memory, c->positions, c->position_cap * sizeof(*c->positions));
	rx_memory_give(memory, c->vars, c->var_cap * sizeof(*c->vars));
	rx_memory_give(memory, c->handlers, c->handler_cap * sizeof(*c->handlers));
}

/* All definitions get their function first, so that calls find them in any order. */
static void definitions(struct compiler *c)
{
	const struct rxl_ast *ast = &c->unit->ast;

	for (uint32_t i = 0; i < ast->fn_count && c->status == REXI_OK; i++) {
		const struct rxl_ast_fn *def = ast->fns[i];
		struct rxl_function *fn = function_new(c);

		if (!fn)
			return;
		fn->name = def->name;
		fn->this_type = def->this_type;
		fn->is_private = def->is_private;
		fn->param_count = (uint16_t)def->param_count;
		fn->ast = def;
		c->fn_symbol[def->name] |= def->this_type ? 3U : 1U;
	}
	c->unit->own_count = c->unit->function_count;
	if (!rxl_unit_index(c->unit))
		rxl_fail(c, REXI_NO_MEMORY);
}

static void main_compile(struct compiler *c, const struct rxl_compile_options *options)
{
	struct rxl_unit *unit = c->unit;
	const struct rxl_scope_map *around = options->around;
	struct rxl_function *fn = function_new(c);

	if (!fn)
		return;
	unit->main = fn;
	fn->is_main = true;
	function_begin(c, fn);
	survey(c, unit->ast.body);
	if (around) {
		fn->is_scoped = true;
		c->all_cells = true;
		for (uint32_t i = 0; i < around->count; i++) {
			struct variable *var = rxl_var_declare(c, around->vars[i].name, around->vars[i].reg, around->vars[i].is_const);

			var->is_module = around->vars[i].is_module;
			var->slot = around->vars[i].slot;
		}
		c->block_vars = c->var_count;
		c->slots = around->slots;
		c->top = c->max_top = around->top;
		fn->first_reg = around->top;
		c->has_eval = true;
	}
	for (uint32_t i = 0; i < options->var_count; i++)
		rxl_var_declare(c, options->vars[i].name, rxl_reg(c, 1), options->vars[i].is_const);
	unit->host_count = options->var_count;
	c->block_depth = 0;
	{
		uint16_t dst = rxl_reg(c, 1);

		c->result = around ? RXL_NO_REG : dst;
		rxl_script_into(c, unit->ast.body, dst);
		if (around) {
			for (uint32_t i = around->count; i < c->var_count; i++) {
				uint32_t at = rxl_emit(c, RXL_OP_KEEP_DYN, around->slots, c->vars[i].reg, c->vars[i].is_const, RXL_NO_POS);

				if (c->status == REXI_OK)
					c->code[at].k = (int32_t)c->vars[i].name;
			}
			rxl_emit(c, RXL_OP_RET_SCOPED, dst, fn->first_reg, 0, RXL_NO_POS);
		} else {
			rxl_emit(c, RXL_OP_RET, dst, 1, 0, RXL_NO_POS);
		}
	}
	/* variables of the global level, for the host's scope */
	unit->globals = RX_ARENA_ARRAY(c->arena, struct rxl_scope_var, c->var_count + 1U);
	if (!unit->globals) {
		rxl_fail(c, REXI_NO_MEMORY);
		return;
	}
	for (uint32_t i = 0; i < c->var_count; i++)
		unit->globals[i] = (struct rxl_scope_var){ c->vars[i].name, c->vars[i].reg, c->vars[i].slot, c->vars[i].is_const,
							   c->vars[i].is_module };
	unit->global_count = c->var_count;
	function_end(c);
}

enum rexi_status rxl_compile_in_scope(struct rxl_unit *unit, const struct rxl_ast_fn *def,
				      const struct rxl_scope_map *around, struct rxl_function **out)
{
	struct compiler c;
	struct rxl_function *fn;

	if (!compiler_init(&c, unit->engine, unit))
		return REXI_NO_MEMORY;
	for (uint32_t i = 0; i < unit->own_count; i++)
		c.fn_symbol[unit->functions[i]->name] |= unit->functions[i]->this_type ? 3U : 1U;
	fn = function_new(&c);
	if (fn) {
		fn->name = def->name;
		fn->param_count = (uint16_t)def->param_count;
		fn->is_scoped = true;
		fn->first_reg = around->top;
		fn->ast = def;
		function_begin(&c, fn);
		c.all_cells = true;
		for (uint32_t i = 0; i < around->count; i++) {
			struct variable *var = rxl_var_declare(&c, around->vars[i].name, around->vars[i].reg, around->vars[i].is_const);

			var->is_module = around->vars[i].is_module;
			var->slot = around->vars[i].slot;
		}
		c.slots = around->slots;
		survey(&c, def->body);
		c.has_eval = true;
		c.top = c.max_top = around->top;
		for (uint32_t i = 0; i < def->param_count; i++)
			rxl_var_declare(&c, def->params[i].name, rxl_reg(&c, 1), false);
		if (c.top == around->top)
			rxl_reg(&c, 1);
		body_and_return(&c, def->body);
		function_end(&c);
		closures_compile(&c);
	}
	compiler_fini(&c);
	*out = fn;
	return c.status;
}

/* Texts of errors are not the script's: its size limits do not hold for them. */
static void message_new(struct rxl_engine *engine, struct rexi_str text, struct rxl_value *out)
{
	size_t most = engine->heap.max_string;

	engine->heap.max_string = SIZE_MAX;
	if (rxl_string_new(&engine->heap, text, out) != REXI_OK)
		*out = rxl_unit();
	engine->heap.max_string = most;
}

enum rexi_status rxl_compile(struct rxl_engine *engine, struct rexi_str source, const struct rxl_compile_options *options,
			     struct rxl_unit **out, struct rxl_value *message, uint32_t *pos)
{
	struct rxl_unit *unit = rx_memory_take_zeroed(&engine->heap.memory, 1, sizeof(*unit));
	struct rxl_parse_error error;
	struct compiler c;
	enum rexi_status status;

	*out = NULL;
	*message = rxl_unit();
	*pos = 0;
	if (!unit)
		return REXI_NO_MEMORY;
	unit->refs = 1;
	unit->engine = engine;
	unit->parent = options->parent;
	if (unit->parent)
		rxl_unit_ref(unit->parent);
	/* each script of a host counts its closures anew: an engine that compiles for years needs no more names */
	if (!engine->vm.depth)
		engine->closure_seed = engine->closure_first;
	rxl_ast_init(&unit->ast, &engine->heap.memory);
	status = rxl_engine_parse(engine, source, options, &unit->ast, &error);
	if (status != REXI_OK) {
		if (status == REXI_SYNTAX) {
			*pos = rxl_pos_pack(error.pos);
			message_new(engine, error.message, message);
		}
		rxl_unit_unref(unit);
		return status;
	}
	unit->source_name = rx_arena_copy(&unit->ast.arena, options->source_name);
	if (!unit->source_name.ptr || !compiler_init(&c, engine, unit)) {
		rxl_unit_unref(unit);
		return REXI_NO_MEMORY;
	}
	definitions(&c);
	for (uint32_t i = 0; i < unit->ast.fn_count && c.status == REXI_OK; i++)
		function_compile(&c, unit->functions[i], unit->ast.fns[i], NULL);
	if (c.status == REXI_OK)
		main_compile(&c, options);
	closures_compile(&c);
	compiler_fini(&c);
	if (c.status != REXI_OK) {
		if (c.too_many_variables)
			message_new(engine, RX_STR("Too many variables defined"), message);
		rxl_unit_unref(unit);
		return c.status;
	}
	unit->closure_seed = engine->closure_seed;
	*out = unit;
	return REXI_OK;
}

void rxl_unit_ref(struct rxl_unit *unit)
{
	unit->refs++;
}

void rxl_unit_unref(struct rxl_unit *unit)
{
	struct rxl_heap *heap;
	struct rx_memory *memory;

	if (!unit || --unit->refs)
		return;
	heap = &unit->engine->heap;
	memory = &heap->memory;
	rxl_unit_end_run(unit);
	for (uint32_t i = 0; i < unit->constant_count; i++)
		rxl_value_drop(heap, &unit->constants[i]);
	for (uint32_t i = 0; i < unit->switch_count; i++)
		for (uint32_t k = 0; unit->switches[i].cases && k < unit->switches[i].count; k++)
			rxl_value_drop(heap, &unit->switches[i].cases[k].value);
	rx_memory_give(memory, unit->constants, unit->constant_cap * sizeof(*unit->constants));
	rx_memory_give(memory, unit->sites, unit->site_cap * sizeof(*unit->sites));
	rx_memory_give(memory, unit->switches, unit->switch_cap * sizeof(*unit->switches));
	rx_memory_give(memory, unit->shapes, unit->shape_cap * sizeof(*unit->shapes));
	rx_memory_give(memory, unit->scopes, unit->scope_cap * sizeof(*unit->scopes));
	rx_memory_give(memory, unit->functions, unit->function_cap * sizeof(*unit->functions));
	if (unit->parent)
		rxl_unit_unref(unit->parent);
	rxl_ast_fini(&unit->ast);
	rx_memory_give(memory, unit, sizeof(*unit));
}

/* ---- looking functions up ---------------------------------------------------------------------------------------- */

bool rxl_unit_index(struct rxl_unit *unit)
{
	uint32_t cap = 4;

	while (cap < unit->own_count * 2)
		cap *= 2;
	unit->index = RX_ARENA_ARRAY(&unit->ast.arena, uint32_t, cap);
	if (!unit->index)
		return false;
	unit->index_mask = cap - 1;
	for (uint32_t i = 0; i < unit->own_count; i++) {
		uint32_t at = unit->functions[i]->name * 2654435761U & unit->index_mask;

		while (unit->index[at])
			at = (at + 1) & unit->index_mask;
		unit->index[at] = i + 1;
	}
	return true;
}

static struct rxl_function *unit_find(const struct rxl_unit *unit, rxl_symbol type, rxl_symbol name, uint32_t params)
{
	for (; unit; unit = unit->parent) {
		if (!unit->index)
			continue;
		for (uint32_t at = name * 2654435761U & unit->index_mask; unit->index[at]; at = (at + 1) & unit->index_mask) {
			struct rxl_function *fn = unit->functions[unit->index[at] - 1];

			if (fn->name == name && fn->param_count == params && fn->this_type == type)
				return fn;
		}
	}
	return NULL;
}

struct rxl_function *rxl_unit_function(const struct rxl_unit *unit, rxl_symbol name, uint32_t params)
{
	return unit_find(unit, RXL_NO_SYMBOL, name, params);
}

struct rxl_function *rxl_unit_typed(const struct rxl_unit *unit, rxl_symbol type, rxl_symbol name, uint32_t params)
{
	return unit_find(unit, type, name, params);
}
