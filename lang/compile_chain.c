/* Chains `a.b[c].d(e)` and assignment to their ends (spec 5.5 to 5.7). */
#include <config.h>

#include "lang/compile_internal.h"

#include "base/banned.h"

/* The operands of a chain's links, computed before the root is looked at. */
struct prepared {
	uint16_t reg; /* INDEX: the index; METHOD: the window; PROPERTY: unused */
	bool temp;
};

struct chain {
	struct compiler *c;
	const struct rxl_ast_chain *ast;
	struct prepared *links;
	uint16_t spill;  /* for values that are no place */
	uint16_t receiver; /* of methods: a root that is no variable, results of methods */
	struct jumps end; /* elvis exits */
	bool root_const;
};

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

static bool later_writes(const struct rxl_ast_chain *ast, uint32_t from, rxl_symbol name)
{
	for (uint32_t i = from; i < ast->count; i++) {
		const struct rxl_ast_link *link = &ast->links[i];

		if (link->index && rxl_may_write(link->index, name))
			return true;
		for (uint32_t k = 0; k < link->arg_count; k++)
			if (rxl_may_write(link->args[k], name))
				return true;
	}
	/* a method may change the variable that is its receiver's root and an index too */
	if (ast->root->kind == RXL_NODE_VAR && ast->root->u.name == name)
		for (uint32_t i = 0; i < ast->count; i++)
			if (ast->links[i].kind == RXL_LINK_METHOD)
				return true;
	return false;
}

/*
 * Registers: first those of the last link, so that a called function's registers, which begin at its window, lie above
 * all that later links need. Then the index expressions and arguments are computed, left to right.
 */
static void prepare(struct chain *chain)
{
	struct compiler *c = chain->c;
	struct variable *var;

	for (uint32_t i = chain->ast->count; i-- > 0;) {
		const struct rxl_ast_link *link = &chain->ast->links[i];
		struct prepared *out = &chain->links[i];

		if (link->kind == RXL_LINK_INDEX) {
			if (rxl_is_simple_var(c, link->index, &var) && !later_writes(chain->ast, i + 1, link->index->u.name))
				*out = (struct prepared){ var->reg, false };
			else
				*out = (struct prepared){ rxl_reg(c, 1), true };
		} else if (link->kind == RXL_LINK_METHOD) {
			*out = (struct prepared){ c->top, true };
			if (link->arg_count)
				rxl_reg(c, link->arg_count);
		}
	}
	for (uint32_t i = 0; i < chain->ast->count && c->status == REXI_OK; i++) {
		const struct rxl_ast_link *link = &chain->ast->links[i];
		uint16_t top = c->top;

		if (link->kind == RXL_LINK_INDEX && chain->links[i].temp)
			rxl_into(c, link->index, chain->links[i].reg);
		for (uint32_t k = 0; k < link->arg_count; k++) {
			rxl_into(c, link->args[k], (uint16_t)(chain->links[i].reg + k));
			c->top = top;
		}
		c->top = top;
	}
}

/* Where a walk stands: in a register, or in the machine's `cur`. */
struct stand {
	bool in_cur;
	uint16_t reg;
	bool temp;
	bool is_const;
	bool held; /* the chain's cell stays locked beside it */
	bool copy; /* no place */
	bool walked;  /* for writing, from a variable or `this` */
	bool is_this; /* `this`, which may be a constant, or something in it */
};

static rxl_symbol root_name(const struct rxl_node *root)
{
	return root->kind == RXL_NODE_VAR ? root->u.name : root->kind == RXL_NODE_PATH_VAR ? root->u.path_var.name : RXL_NO_SYMBOL;
}

static void to_cur(struct chain *chain, struct stand *at, bool writing, struct rxl_pos pos)
{
	uint32_t ins;

	if (at->in_cur)
		return;
	ins = emit_k(chain->c, RXL_OP_CUR_REG, 0, at->reg, 0, root_name(chain->ast->root), pos);
	flag(chain->c, ins, (writing ? 2U : 0) | (at->temp ? 4U : 0) | (at->is_const ? 8U : 0));
	at->in_cur = true;
}

/* Finds the root. Variables that may be shared go through `cur`. */
static struct stand start(struct chain *chain, bool writing)
{
	struct compiler *c = chain->c;
	const struct rxl_node *root = chain->ast->root;
	struct variable *var;
	struct stand at = { 0 };

	if (root->kind == RXL_NODE_THIS) {
		uint32_t ins = rxl_emit(c, RXL_OP_CUR_THIS, 0, 0, 0, root->pos);

		flag(c, ins, writing ? 2U : 0);
		at.in_cur = at.is_this = true;
		return at;
	}
	if (root->kind == RXL_NODE_VAR && (var = rxl_var_find(c, root->u.name)) != NULL && !var->is_module) {
		at.reg = var->reg;
		at.is_const = var->is_const;
		if (c->has_eval) {
			uint32_t ins = emit_k(c, RXL_OP_CUR_REG, 1 + rxl_var_rank(var), var->reg, 0, root->u.name, root->pos);

			flag(c, ins, (writing ? 2U : 0) | (var->is_const ? 8U : 0));
			at.in_cur = at.walked = true;
		} else if (var->cell) {
			uint32_t ins = emit_k(c, RXL_OP_CUR_REG, 0, var->reg, 0, root->u.name, root->pos);

			flag(c, ins, (writing ? 2U : 0) | (var->is_const ? 8U : 0));
			at.in_cur = true;
		}
		return at;
	}
	if (root->kind == RXL_NODE_VAR && c->has_eval && !rxl_has_function(c, root->u.name)) {
		emit_k(c, RXL_OP_CUR_REG, 1, RXL_NO_REG, 0, root->u.name, root->pos);
		at.in_cur = at.walked = true;
		return at;
	}
	at.reg = chain->receiver;
	at.temp = true;
	at.is_const = root->kind == RXL_NODE_PATH_VAR; /* what a module has is constant */
	{
		/* operands of the links lie below */
		uint16_t top = c->top;

		rxl_into(c, root, at.reg);
		c->top = top;
	}
	return at;
}

/*
 * `?.` asks its own base. An index asks its base when it is the last link, also of those in parentheses, and elvis itself,
 * or when the next link is an elvis index: the reference looks at the wrong flag (spec, corrections to 5.5).
 */
static bool asks(const struct rxl_ast_chain *ast, uint32_t i)
{
	const struct rxl_ast_link *link = &ast->links[i];

	if (link->kind != RXL_LINK_INDEX || i + 1 == ast->count || link->closes)
		return link->elvis;
	if (ast->links[i + 1].kind != RXL_LINK_INDEX || !ast->links[i + 1].elvis)
		return false;
	/* indexes that a dot follows have another flag yet */
	while (i + 1 < ast->count && !ast->links[i].closes)
		if (ast->links[++i].kind != RXL_LINK_INDEX)
			return false;
	return true;
}

static void elvis(struct chain *chain, struct stand *at, uint32_t i, uint16_t dst)
{
	const struct rxl_ast_link *link = &chain->ast->links[i];
	uint32_t ins;

	if (!asks(chain->ast, i))
		return;
	at->copy |= at->temp && !at->in_cur;
	to_cur(chain, at, false, chain->ast->root->kind == RXL_NODE_VAR || chain->ast->root->kind == RXL_NODE_PATH_VAR ? rxl_node_start(chain->ast->root) : link->pos);
	ins = rxl_emit(chain->c, RXL_OP_CUR_UNIT, dst, 0, 0, link->pos);
	rxl_jump_add(chain->c, &chain->end, ins);
}

/* A PROPERTY or INDEX link for reading; to r[dst] when it is the last. */
static void read_link(struct chain *chain, struct stand *at, uint32_t i, bool last, uint16_t dst)
{
	struct compiler *c = chain->c;
	const struct rxl_ast_link *link = &chain->ast->links[i];
	const struct prepared *ready = &chain->links[i];
	uint32_t ins;

	if (link->kind == RXL_LINK_PROPERTY) {
		uint32_t key = rxl_key_constant(c, link->name);
		enum rxl_op op = at->in_cur ? (last ? RXL_OP_KEY_CR : RXL_OP_KEY_CC) : (last ? RXL_OP_KEY_RR : RXL_OP_KEY_RC);

		ins = emit_k(c, op, last ? dst : chain->spill, at->reg, 0, key, link->name_pos);
		flag(c, ins, at->temp && last ? FLAG_B_TEMP : 0);
	} else {
		enum rxl_op op = at->in_cur ? (last ? RXL_OP_IDX_CR : RXL_OP_IDX_CC) : (last ? RXL_OP_IDX_RR : RXL_OP_IDX_RC);

		ins = emit_k(c, op, last ? dst : 0, at->reg, ready->reg, chain->spill, link->name_pos);
		if (c->status == REXI_OK)
			c->code[ins].jump = (int32_t)rxl_pos_pack(link->pos);
		flag(c, ins, (at->temp && last ? FLAG_B_TEMP : 0) | (ready->temp && last ? FLAG_C_TEMP : 0));
	}
	at->in_cur = !last;
	at->copy = false;
}

/* A PROPERTY or INDEX link for writing into what it reaches. */
static void write_link(struct chain *chain, uint32_t i, bool create)
{
	struct compiler *c = chain->c;
	const struct rxl_ast_link *link = &chain->ast->links[i];
	uint32_t ins;

	if (link->kind == RXL_LINK_PROPERTY) {
		ins = emit_k(c, RXL_OP_KEY_W, chain->spill, 0, 0, rxl_key_constant(c, link->name), link->name_pos);
	} else {
		ins = emit_k(c, RXL_OP_IDX_W, 0, 0, chain->links[i].reg, chain->spill, link->name_pos);
		if (c->status == REXI_OK)
			c->code[ins].jump = (int32_t)rxl_pos_pack(link->pos);
	}
	flag(c, ins, create ? 1U : 0);
}

static void method_link(struct chain *chain, struct stand *at, uint32_t i, enum rxl_op op, uint16_t dst)
{
	struct compiler *c = chain->c;
	const struct rxl_ast_link *link = &chain->ast->links[i];
	uint32_t text = rxl_key_constant(c, link->name), site = rxl_site_new(c, link->name, link->arg_count);
	uint16_t base = chain->links[i].reg;
	uint32_t ins;

	if (c->status == REXI_OK) {
		c->unit->sites[site].args = link->args;
		c->unit->sites[site].text = text;
		c->unit->sites[site].hint = UINT32_MAX;
	}
	ins = emit_k(c, op, dst, link->arg_count, op == RXL_OP_METHOD ? at->reg : base, site, link->name_pos);
	if (op == RXL_OP_METHOD && c->status == REXI_OK)
		c->code[ins].jump = base;
	if (op != RXL_OP_METHOD_TRY && rx_str_eq(rxl_symbol_text(c->symbols, link->name), RX_STR("call")))
		flag(c, ins, 8U);
	flag(c, ins, (at->temp && at->reg != dst ? 1U : 0) | (at->is_const ? 2U : 0) | (at->held ? 16U : 0) | (at->temp || at->copy ? 32U : 0) |
			      (at->is_this ? 64U : 0) | (at->walked ? 128U : 0));
	*at = (struct stand){ .reg = dst, .temp = true };
}

/* Index of the first method after the first link: everything before it is walked for reading when that is enough. */
static uint32_t deep_method(const struct rxl_ast_chain *ast)
{
	for (uint32_t i = 0; i < ast->count; i++)
		if (ast->links[i].kind == RXL_LINK_METHOD)
			return i;
	return ast->count;
}

static bool is_place(const struct chain *chain)
{
	const struct rxl_node *root = chain->ast->root;

	if (root->kind == RXL_NODE_THIS)
		return true;
	return root->kind == RXL_NODE_VAR && rxl_var_find(chain->c, root->u.name) != NULL;
}

/* `writing` is false for a chain whose value is wanted. */
static void chain_begin(struct chain *chain, struct compiler *c, const struct rxl_ast_chain *ast, bool writing)
{
	struct variable *var = ast->root->kind == RXL_NODE_VAR ? rxl_var_find(c, ast->root->u.name) : NULL;

	*chain = (struct chain){ .c = c, .ast = ast, .root_const = var && var->is_const };
	chain->links = rx_memory_take_zeroed(&c->heap->memory, ast->count, sizeof(*chain->links));
	if (!chain->links) {
		rxl_fail(c, REXI_NO_MEMORY);
		return;
	}
	/* a single link of a variable needs neither */
	if (writing || ast->count > 1 || !var || var->is_module) {
		chain->spill = rxl_reg(c, 2);
		chain->receiver = (uint16_t)(chain->spill + 1);
	}
	prepare(chain);
}

static void chain_end(struct chain *chain)
{
	rxl_jump_here(chain->c, &chain->end);
	rx_memory_give(&chain->c->heap->memory, chain->links, chain->ast->count * sizeof(*chain->links));
}

/* The walk up to a method's receiver again, this time for writing, then the method; out of line. */
static void write_walk(struct chain *chain, uint32_t method, uint32_t try_at, uint16_t dst)
{
	struct compiler *c = chain->c;
	struct stand at;
	uint32_t back;

	rxl_jump_to(c, try_at, c->code_count);
	at = start(chain, true);
	to_cur(chain, &at, true, chain->ast->root->pos);
	for (uint32_t i = 0; i < method; i++)
		write_link(chain, i, false); /* what is missing is a unit that nobody keeps */
	at.temp = false;
	at.walked = true;
	method_link(chain, &at, method, RXL_OP_METHOD_CUR, dst);
	back = rxl_emit(c, RXL_OP_JUMP, 0, 0, 0, RXL_NO_POS);
	rxl_jump_to(c, back, try_at + 1);
}

/* The chain has the root until its end: a later method runs while it is locked, though its receiver is a copy. */
static bool held_link(const struct chain *chain, uint32_t i)
{
	struct compiler *c = chain->c;
	const struct rxl_node *root = chain->ast->root;
	const struct variable *var = root->kind == RXL_NODE_VAR ? rxl_var_find(c, root->u.name) : NULL;

	if (!var || !var->cell || var->is_module)
		return false;
	rxl_emit(c, RXL_OP_HELD, var->reg, 0, 0, chain->ast->links[i].name_pos);
	return true;
}

void rxl_chain_into(struct compiler *c, const struct rxl_node *node, uint16_t dst)
{
	const struct rxl_ast_chain *ast = node->u.chain;
	uint16_t top = c->top;
	uint32_t method = deep_method(ast), try_at = UINT32_MAX;
	uint16_t try_dst = 0;
	struct chain chain;
	struct stand at;

	chain_begin(&chain, c, ast, false);
	if (c->status != REXI_OK) {
		chain_end(&chain);
		return;
	}
	at = start(&chain, false);
	for (uint32_t i = 0; i < ast->count && c->status == REXI_OK; i++) {
		const struct rxl_ast_link *link = &ast->links[i];
		bool last = i + 1 == ast->count;
		uint16_t to = last ? dst : chain.receiver;

		elvis(&chain, &at, i, dst);
		if (link->kind != RXL_LINK_METHOD) {
			read_link(&chain, &at, i, last, dst);
			continue;
		}
		at.held = i > method && held_link(&chain, i);
		if (i == method && i > 0 && is_place(&chain)) {
			try_at = c->code_count;
			try_dst = to;
			at.temp = false;
			method_link(&chain, &at, i, RXL_OP_METHOD_TRY, to);
		} else {
			if (at.in_cur)
				at.temp = false;
			method_link(&chain, &at, i, at.in_cur ? RXL_OP_METHOD_CUR : RXL_OP_METHOD, to);
		}
	}
	if (try_at != UINT32_MAX) {
		uint32_t over = rxl_emit(c, RXL_OP_JUMP, 0, 0, 0, RXL_NO_POS);

		write_walk(&chain, method, try_at, try_dst);
		rxl_jump_to(c, over, c->code_count);
	}
	chain_end(&chain);
	/* temporaries that hold containers would make later writes copy */
	if (ast->root->kind != RXL_NODE_VAR && ast->root->kind != RXL_NODE_THIS && ast->count > 1)
		rxl_emit(c, RXL_OP_DROP, chain.spill, 2, 0, RXL_NO_POS);
	c->top = top;
}

/* ---- assignment --------------------------------------------------------------------------------------------------- */

static void assign_chain(struct compiler *c, const struct rxl_node *node)
{
	const struct rxl_node *target = node->u.binary.left, *value = node->u.binary.right;
	const struct rxl_ast_chain *ast = target->u.chain;
	const struct rxl_ast_link *link = &ast->links[ast->count - 1];
	bool plain = node->op == RXL_ASSIGN;
	bool small = !plain && value->kind == RXL_NODE_INT;
	struct operand right = { 0, true };
	uint32_t last = ast->count - 1, ins;
	struct chain chain;
	struct stand at;

	if (!small) {
		struct variable *var;

		if (!plain && rxl_is_simple_var(c, value, &var) && !later_writes(ast, 0, value->u.name) &&
		    !(ast->root->kind == RXL_NODE_VAR && ast->root->u.name == value->u.name)) {
			right = (struct operand){ var->reg, false };
		} else {
			right.reg = rxl_reg(c, 1);
			rxl_into(c, value, right.reg);
		}
	}
	chain_begin(&chain, c, ast, true);
	if (c->status != REXI_OK) {
		chain_end(&chain);
		return;
	}
	at = start(&chain, true);
	for (uint32_t i = 0; i < last; i++) {
		elvis(&chain, &at, i, chain.spill);
		to_cur(&chain, &at, true, rxl_node_start(ast->root));
		if (ast->links[i].kind == RXL_LINK_METHOD) {
			at.temp = false;
			method_link(&chain, &at, i, RXL_OP_METHOD_CUR, chain.receiver);
			to_cur(&chain, &at, true, rxl_node_start(ast->root));
		} else {
			write_link(&chain, i, false);
		}
	}
	elvis(&chain, &at, last, chain.spill);
	if (plain && !at.in_cur && !at.temp && !at.is_const) {
		/* one link from a variable */
		if (link->kind == RXL_LINK_PROPERTY) {
			ins = emit_k(c, RXL_OP_KEY_SET_R, at.reg, right.reg, 0, rxl_key_constant(c, link->name), link->name_pos);
		} else {
			ins = emit_k(c, RXL_OP_IDX_SET_R, at.reg, right.reg, chain.links[last].reg, rxl_pos_pack(node->pos),
				     link->name_pos);
			if (c->status == REXI_OK)
				c->code[ins].jump = (int32_t)rxl_pos_pack(link->pos);
			flag(c, ins, chain.links[last].temp ? FLAG_C_TEMP : 0);
		}
		flag(c, ins, FLAG_B_TEMP);
		chain_end(&chain);
		return;
	}
	to_cur(&chain, &at, true, rxl_node_start(ast->root));
	if (!plain) {
		write_link(&chain, last, true);
		if (small) {
			ins = rxl_emit(c, RXL_OP_CUR_OPI, 0, 0, node->op, node->pos);
			if (c->status == REXI_OK)
				c->code[ins].i = value->u.integer;
		} else {
			ins = emit_k(c, RXL_OP_CUR_OP, 0, right.reg, 0, node->op, node->pos);
			flag(c, ins, right.temp ? FLAG_B_TEMP : 0);
		}
	} else if (link->kind == RXL_LINK_PROPERTY) {
		emit_k(c, RXL_OP_KEY_SET, 0, right.reg, 0, rxl_key_constant(c, link->name), link->name_pos);
	} else {
		ins = emit_k(c, RXL_OP_IDX_SET, 0, right.reg, chain.links[last].reg, rxl_pos_pack(node->pos), link->name_pos);
		if (c->status == REXI_OK)
			c->code[ins].jump = (int32_t)rxl_pos_pack(link->pos);
		flag(c, ins, chain.links[last].temp ? FLAG_C_TEMP : 0);
	}
	chain_end(&chain);
}

/* Kinds whose evaluation writes the destination last, so that a variable can be it while it is read. */
static bool writes_last(const struct rxl_node *node)
{
	switch (node->kind) {
	case RXL_NODE_UNIT:
	case RXL_NODE_BOOL:
	case RXL_NODE_INT:
	case RXL_NODE_FLOAT:
	case RXL_NODE_CHAR:
	case RXL_NODE_STRING:
	case RXL_NODE_VAR:
	case RXL_NODE_UNARY:
		return true;
	case RXL_NODE_BINARY:
		return node->op < RXL_BINARY_AND;
	default:
		return false;
	}
}

static void assign_variable(struct compiler *c, const struct rxl_node *node, const struct variable *var)
{
	const struct rxl_node *value = node->u.binary.right;
	uint16_t reg = var->reg;
	bool cell = var->cell, is_const = var->is_const;
	unsigned rank = rxl_var_rank(var);
	struct operand right;
	uint32_t ins;

	if (node->op == RXL_ASSIGN) {
		if (!cell && writes_last(value)) {
			rxl_into(c, value, reg);
			return;
		}
		right.reg = rxl_reg(c, 1);
		if (!cell && !c->fn->is_main && value->kind == RXL_NODE_CALL)
			c->replaced = node->u.binary.left->u.name;
		rxl_into(c, value, right.reg);
		if (c->has_eval)
			flag(c, emit_k(c, RXL_OP_SET_DYN, right.reg, reg, rank, node->u.binary.left->u.name, node->u.binary.left->pos),
			     is_const ? 8U : 0);
		else if (cell)
			emit_k(c, RXL_OP_SETV, reg, right.reg, 0, node->u.binary.left->u.name, node->u.binary.left->pos);
		else
			rxl_emit(c, RXL_OP_TAKE, reg, right.reg, 0, node->pos);
		return;
	}
	if (cell) {
		bool small = value->kind == RXL_NODE_INT;

		right = (struct operand){ 0, true };
		if (!small) {
			right.reg = rxl_reg(c, 1);
			rxl_into(c, value, right.reg);
		}
		ins = emit_k(c, RXL_OP_CUR_REG, c->has_eval ? 1 + rank : 0, reg, 0, node->u.binary.left->u.name, node->u.binary.left->pos);
		flag(c, ins, 2U | (is_const ? 8U : 0));
		if (small) {
			ins = rxl_emit(c, RXL_OP_CUR_OPI, 0, 0, node->op, node->pos);
			if (c->status == REXI_OK)
				c->code[ins].i = value->u.integer;
		} else {
			ins = emit_k(c, RXL_OP_CUR_OP, 0, right.reg, 0, node->op, node->pos);
			flag(c, ins, FLAG_B_TEMP);
		}
		return;
	}
	if (value->kind == RXL_NODE_INT && node->op <= RXL_BINARY_BIT_XOR) {
		ins = rxl_emit(c, (enum rxl_op)(RXL_OP_ADDI + node->op), reg, reg, 0, node->pos);
		if (c->status == REXI_OK)
			c->code[ins].i = value->u.integer;
		flag(c, ins, FLAG_ASSIGN);
		return;
	}
	if (value->kind == RXL_NODE_FLOAT && node->op <= RXL_BINARY_DIV) {
		ins = rxl_emit(c, (enum rxl_op)(RXL_OP_ADDF + node->op), reg, reg, 0, node->pos);
		if (c->status == REXI_OK)
			c->code[ins].f = value->u.number;
		flag(c, ins, FLAG_ASSIGN);
		return;
	}
	right = rxl_any(c, value);
	ins = rxl_emit(c, (enum rxl_op)(RXL_OP_ADD + node->op), reg, reg, right.reg, node->pos);
	flag(c, ins, FLAG_ASSIGN | (right.temp ? FLAG_C_TEMP : 0));
}

void rxl_assign(struct compiler *c, const struct rxl_node *node)
{
	const struct rxl_node *target = node->u.binary.left, *value = node->u.binary.right;
	uint16_t top = c->top;
	struct variable *var;
	uint32_t ins;
	uint16_t reg;

	switch (target->kind) {
	case RXL_NODE_CHAIN:
		assign_chain(c, node);
		break;
	case RXL_NODE_THIS:
		reg = rxl_reg(c, 1);
		rxl_into(c, value, reg);
		if (node->op == RXL_ASSIGN) {
			rxl_emit(c, RXL_OP_SET_THIS, 0, reg, 0, target->pos);
		} else {
			ins = rxl_emit(c, RXL_OP_CUR_THIS, 0, 0, 0, target->pos);
			flag(c, ins, 2);
			ins = emit_k(c, RXL_OP_CUR_OP, 0, reg, 0, node->op, node->pos);
			flag(c, ins, FLAG_B_TEMP);
		}
		break;
	case RXL_NODE_VAR:
		var = rxl_var_find(c, target->u.name);
		if (var && !var->is_module && (!var->is_const || c->has_eval)) {
			assign_variable(c, node, var);
			break;
		}
		reg = rxl_reg(c, 1);
		rxl_into(c, value, reg);
		if (var && var->is_const)
			emit_k(c, RXL_OP_ERROR_CONST, 0, 0, 0, target->u.name, target->pos);
		else
			emit_k(c, RXL_OP_SET_MISSING, node->op, reg, 0, target->u.name, target->pos);
		break;
	default:
		reg = rxl_reg(c, 1);
		rxl_into(c, value, reg);
		if (target->kind == RXL_NODE_PATH_VAR) {
			uint32_t site = rxl_site_new(c, target->u.path_var.name, 0);

			var = rxl_var_find(c, target->u.path_var.path->parts[0]);
			if (c->status == REXI_OK) {
				c->unit->sites[site].path = target->u.path_var.path;
				if (var && var->is_module)
					c->unit->sites[site].module_reg = var->reg;
			}
			emit_k(c, RXL_OP_SET_PATH, 0, reg, 0, site, target->pos);
		}
	}
	c->top = top;
}
