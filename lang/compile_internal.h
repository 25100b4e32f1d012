/* What the compiler's files share. */
#ifndef RXL_COMPILE_INTERNAL_H
#define RXL_COMPILE_INTERNAL_H

#include "lang/compile.h"
#include "lang/engine.h"

/* A declared variable of the function being compiled. */
struct variable {
	rxl_symbol name;
	uint16_t reg;
	bool is_const;
	bool cell;      /* may hold a shared cell: some closure (or eval) can capture it */
	bool is_module; /* import alias */
	bool own_slot;  /* false: an import, or declared again in the same block */
	uint16_t slot;  /* its place among the variables of the reference's scope, where eval puts others between */
	uint32_t previous; /* index + 1 of the variable that this one hides, 0: none */
};

struct jumps {
	uint32_t *at;
	uint32_t count;
	size_t cap;
};

struct loop {
	struct loop *outer;
	struct jumps breaks, continues;
	uint16_t dst; /* of a break's value, or RXL_NO_REG */
	const struct rxl_node *body;
	uint16_t mark; /* what eval made before the body: register of its DYN_MARK, or RXL_NO_REG */
};

/* A closure waiting to be compiled. */
struct pending {
	const struct rxl_ast_fn *ast;
	struct rxl_function *fn;
	bool *capture_const;
};

struct compiler {
	struct rxl_engine *engine;
	struct rxl_unit *unit;
	struct rxl_heap *heap;
	struct rxl_symbols *symbols;
	struct rx_arena *arena;      /* the tree's: everything that lives as long as the unit */
	enum rexi_status status;     /* the first failure sticks */
	/* per compilation */
	struct pending *pending;
	uint32_t pending_count;
	size_t pending_cap;
	uint32_t pending_next;
	uint32_t symbol_count;
	uint32_t *visible;           /* by symbol: index + 1 of the innermost variable */
	uint32_t *captured;          /* by symbol: serial of the function in which a closure captures it */
	uint32_t *key_constant;      /* by symbol: index + 1 of its constant */
	uint32_t *fn_symbol;         /* by symbol: 1 when script functions have it */
	uint32_t serial;
	/* per function */
	struct rxl_function *fn;
	bool all_cells;              /* eval or name!() may capture anything */
	bool has_eval;
	bool too_many_variables;
	struct rxl_ins *code;
	uint32_t *positions;
	uint32_t code_count;
	size_t code_cap, position_cap;
	struct variable *vars;
	uint32_t var_count;
	size_t var_cap;
	uint32_t block_vars;         /* var_count where the innermost block began */
	uint16_t result;             /* register of the script's value, or RXL_NO_REG */
	uint16_t slots;              /* places taken in the reference's scope */
	struct rxl_handler *handlers;
	uint32_t handler_count;
	size_t handler_cap;
	struct loop *loop;
	uint16_t try_depth;          /* bodies of try around */
	rxl_symbol replaced;         /* the variable that the value being computed goes to, when nobody can see it meanwhile */
	uint16_t top, max_top;
	bool global_level;           /* statements of the script itself, outside any block */
	uint16_t block_depth;
};

/* A value that was computed: in a variable's register or in a temporary. */
struct operand {
	uint16_t reg;
	bool temp;
};

#define FLAG_B_TEMP 1U
#define FLAG_C_TEMP 2U
#define FLAG_ASSIGN 8U
#define FLAG_LEFT 16U
#define FLAG_KEEP 32U

uint32_t rxl_emit(struct compiler *c, enum rxl_op op, unsigned a, unsigned b, unsigned d, struct rxl_pos pos);
uint16_t rxl_reg(struct compiler *c, unsigned count);
uint32_t rxl_constant(struct compiler *c, struct rxl_value value);
uint32_t rxl_key_constant(struct compiler *c, rxl_symbol name);
uint32_t rxl_site_new(struct compiler *c, rxl_symbol name, uint32_t arg_count);
void rxl_jump_add(struct compiler *c, struct jumps *jumps, uint32_t at);
void rxl_jump_here(struct compiler *c, struct jumps *jumps);
void rxl_jump_to(struct compiler *c, uint32_t at, uint32_t target);

/* A script function of that name, with any parameters. */
bool rxl_has_function(const struct compiler *c, rxl_symbol name);
struct variable *rxl_var_find(struct compiler *c, rxl_symbol name);
struct variable *rxl_var_declare(struct compiler *c, rxl_symbol name, uint16_t reg, bool is_const);
uint32_t rxl_scope_snapshot(struct compiler *c);
/* What eval made after this variable hides it: its slot + 1 for the instructions that look for such; 0 without a variable. */
RX_INLINE unsigned rxl_var_rank(const struct variable *var)
{
	return var && !var->is_module ? var->slot + 1U : 0;
}

void rxl_into(struct compiler *c, const struct rxl_node *node, uint16_t dst);
struct operand rxl_any(struct compiler *c, const struct rxl_node *node);
void rxl_discard(struct compiler *c, const struct rxl_node *node);
void rxl_block(struct compiler *c, const struct rxl_node *node, uint16_t dst);
void rxl_condition(struct compiler *c, const struct rxl_node *node, bool sense, struct jumps *jumps);
void rxl_chain_into(struct compiler *c, const struct rxl_node *node, uint16_t dst);
void rxl_assign(struct compiler *c, const struct rxl_node *node);
void rxl_script_into(struct compiler *c, const struct rxl_node *node, uint16_t dst);
void rxl_closure_into(struct compiler *c, const struct rxl_node *node, uint16_t dst);
void rxl_vars_leave(struct compiler *c, uint32_t count);
void rxl_fail(struct compiler *c, enum rexi_status status);
void rxl_switch_into(struct compiler *c, const struct rxl_node *node, uint16_t dst);
void rxl_statement_into(struct compiler *c, const struct rxl_node *node, uint16_t dst);
/* A `throw` stands in it, closures not counted. */
bool rxl_has_throw(const struct rxl_node *node);
/* Some assignment, method or function that takes its first argument by reference (no script function) can change the variable. */
bool rxl_changes(const struct rxl_unit *unit, const struct rxl_node *node, rxl_symbol name);
/* How often the variable is named in it. */
unsigned rxl_mentions(const struct rxl_node *node, rxl_symbol name);
/* Marks the calls after which nothing of the function runs, when `node` is its last statement. */
void rxl_mark_last(struct rxl_node *node);
bool rxl_may_write(const struct rxl_node *node, rxl_symbol name);
struct rxl_value rxl_literal(struct compiler *c, const struct rxl_node *node);

RX_INLINE bool rxl_is_simple_var(struct compiler *c, const struct rxl_node *node, struct variable **var)
{
	if (node->kind != RXL_NODE_VAR || c->has_eval)
		return false;
	*var = rxl_var_find(c, node->u.name);
	return *var && !(*var)->cell && !(*var)->is_module;
}

#endif
