/* Statements. Spec, section 2. */
#include <config.h>

#include "lang/parse_state.h"

struct rxl_node rxl_noop = { .kind = RXL_NODE_BLOCK };

struct rxl_node *rxl_or_empty(struct rxl_parser *parser, struct rxl_node *node)
{
	if (node != &rxl_noop)
		return node;
	node = rxl_node_new(parser, RXL_NODE_BLOCK, parser->token.pos, parser->token_end);
	return node;
}

/* What stands between statements: a `;` that may be needed. False after an error. */
static bool end_statement(struct rxl_parser *parser, const struct rxl_node *stmt)
{
	if (rxl_is_self_terminated(stmt))
		return true;
	if (rxl_match(parser, RXL_TOKEN_SEMICOLON))
		return true;
	rxl_parse_missing(parser, ";", "to terminate this statement");
	return false;
}

/* Statements up to `end`, which stays the next token. */
static bool parse_statements(struct rxl_parser *parser, struct rxl_place place, enum rxl_token_kind end)
{
	while (parser->token.kind != end) {
		struct rxl_node *stmt;

		if (parser->token.kind == RXL_TOKEN_EOF) {
			rxl_parse_missing(parser, "}", "to terminate this block");
			return false;
		}
		stmt = rxl_parse_stmt(parser, place);
		if (!stmt)
			return false;
		if (stmt == &rxl_noop)
			continue;
		if (!rxl_list_push(parser, stmt))
			return false;
		if (parser->token.kind == end)
			return true;
		if (!end_statement(parser, stmt))
			return false;
	}
	return true;
}

struct rxl_node *rxl_parse_block(struct rxl_parser *parser, struct rxl_place place, bool keep_brace)
{
	uint32_t variables = parser->variable_count, imports = parser->import_count;
	size_t from = parser->node_count;
	struct rxl_pos pos = parser->token.pos;
	uint32_t start = parser->token.start;
	struct rxl_node *node;

	if (parser->token.kind != RXL_TOKEN_LEFT_BRACE)
		return (struct rxl_node *)rxl_parse_missing(parser, "{", "to start a statement block");
	rxl_advance(parser);
	if (!rxl_deeper(parser, &place))
		return NULL;
	place.flags &= (uint8_t)~RXL_PLACE_GLOBAL;
	if (!parse_statements(parser, place, RXL_TOKEN_RIGHT_BRACE))
		return NULL;
	rxl_variables_rewind(parser, variables);
	rxl_imports_rewind(parser, imports);
	if (!keep_brace)
		rxl_advance(parser);
	node = rxl_node_new(parser, RXL_NODE_BLOCK, pos, start);
	if (!node || !rxl_list_take(parser, from, &node->u.list.items, &node->u.list.count))
		return NULL;
	return node;
}

struct rxl_node *rxl_parse_script(struct rxl_parser *parser)
{
	struct rxl_place place = { .flags = RXL_PLACE_GLOBAL };
	struct rxl_node *node;

	if (!parse_statements(parser, place, RXL_TOKEN_EOF))
		return NULL;
	node = rxl_node_new(parser, RXL_NODE_BLOCK, RXL_NO_POS, 0);
	if (!node || !rxl_list_take(parser, 0, &node->u.list.items, &node->u.list.count))
		return NULL;
	return node;
}

static struct rxl_node *parse_inner_block(struct rxl_parser *parser, struct rxl_place place)
{
	return rxl_deeper(parser, &place) ? rxl_parse_block(parser, place, false) : NULL;
}

static struct rxl_node *parse_inner_expr(struct rxl_parser *parser, struct rxl_place place)
{
	return rxl_deeper(parser, &place) ? rxl_parse_expr(parser, place) : NULL;
}

/* place is that of the expression already. */
static struct rxl_node *parse_condition(struct rxl_parser *parser, struct rxl_place place)
{
	struct rxl_node *cond;

	if (!rxl_check_not_block(parser))
		return NULL;
	cond = rxl_parse_expr(parser, place);
	if (!cond || !rxl_check_bool(parser, cond) || !rxl_check_not_assignment(parser))
		return NULL;
	return cond;
}

struct rxl_node *rxl_parse_if(struct rxl_parser *parser, struct rxl_place place)
{
	struct rxl_ast_if *stmt = RX_ARENA_NEW(parser->arena, struct rxl_ast_if);
	uint32_t start = parser->token.start;
	struct rxl_place inner;
	struct rxl_node *node;

	if (!stmt)
		return (struct rxl_node *)rxl_parse_no_memory(parser);
	place.pos = parser->token.pos;
	inner = place;
	rxl_advance(parser);
	stmt->cond = rxl_deeper(parser, &inner) ? parse_condition(parser, inner) : NULL;
	if (!stmt->cond)
		return NULL;
	stmt->then = parse_inner_block(parser, place);
	if (!stmt->then)
		return NULL;
	if (rxl_match(parser, RXL_TOKEN_ELSE)) {
		if (parser->token.kind == RXL_TOKEN_IF)
			stmt->otherwise = rxl_deeper(parser, &place) ? rxl_parse_if(parser, place) : NULL;
		else
			stmt->otherwise = parse_inner_block(parser, place);
		if (!stmt->otherwise)
			return NULL;
	}
	node = rxl_node_new(parser, RXL_NODE_IF, place.pos, start);
	if (node)
		node->u.if_stmt = stmt;
	return node;
}

struct rxl_node *rxl_parse_while(struct rxl_parser *parser, struct rxl_place place)
{
	struct rxl_pos pos = parser->token.pos;
	uint32_t start = parser->token.start;
	struct rxl_node *node, *cond = NULL, *body;
	bool is_while = parser->token.kind == RXL_TOKEN_WHILE;

	if (!rxl_deeper(parser, &place))
		return NULL;
	rxl_advance(parser);
	if (is_while) {
		cond = parse_condition(parser, place);
		if (!cond)
			return NULL;
	}
	place.flags |= RXL_PLACE_BREAKABLE;
	body = rxl_parse_block(parser, place, false);
	node = body ? rxl_node_new(parser, RXL_NODE_WHILE, pos, start) : NULL;
	if (!node)
		return NULL;
	node->u.loop.cond = cond;
	node->u.loop.body = body;
	return node;
}

struct rxl_node *rxl_parse_do(struct rxl_parser *parser, struct rxl_place place)
{
	struct rxl_place inner = place;
	uint32_t start = parser->token.start;
	struct rxl_node *node, *body, *cond;
	bool until;

	inner.pos = place.pos = parser->token.pos;
	inner.flags |= RXL_PLACE_BREAKABLE;
	rxl_advance(parser);
	body = parse_inner_block(parser, inner);
	if (!body)
		return NULL;
	until = parser->token.kind == RXL_TOKEN_UNTIL;
	if (!until && parser->token.kind != RXL_TOKEN_WHILE)
		return (struct rxl_node *)rxl_parse_missing_at(parser, parser->token.pos, "while", "for the do statement");
	rxl_advance(parser);
	inner = place;
	cond = rxl_deeper(parser, &inner) ? parse_condition(parser, inner) : NULL;
	node = cond ? rxl_node_new(parser, RXL_NODE_DO, place.pos, start) : NULL;
	if (!node)
		return NULL;
	node->op = until;
	node->u.loop.cond = cond;
	node->u.loop.body = body;
	return node;
}

/* `name` or `(name, counter)`. */
static bool parse_for_names(struct rxl_parser *parser, struct rxl_ast_for *stmt)
{
	if (!rxl_match(parser, RXL_TOKEN_LEFT_PAREN))
		return rxl_parse_name(parser, &stmt->name, &stmt->name_pos);
	if (!rxl_parse_name(parser, &stmt->name, &stmt->name_pos))
		return false;
	if (!rxl_match(parser, RXL_TOKEN_COMMA)) {
		rxl_parse_missing_at(parser, parser->token.pos, ",", "after the iteration variable name");
		return false;
	}
	if (!rxl_parse_name(parser, &stmt->counter, &stmt->counter_pos))
		return false;
	if (stmt->counter == stmt->name) {
		rxl_parse_fail(parser, RXL_PARSE_DUPLICATED_VARIABLE, stmt->counter_pos, "Duplicated variable name: %",
			       rxl_text(parser, stmt->name));
		return false;
	}
	if (!rxl_match(parser, RXL_TOKEN_RIGHT_PAREN)) {
		rxl_parse_missing_at(parser, parser->token.pos, ")", "to close the iteration variable");
		return false;
	}
	return true;
}

struct rxl_node *rxl_parse_for(struct rxl_parser *parser, struct rxl_place place)
{
	struct rxl_ast_for *stmt = RX_ARENA_NEW(parser->arena, struct rxl_ast_for);
	uint32_t variables, start = parser->token.start;
	struct rxl_node *node;

	if (!stmt)
		return (struct rxl_node *)rxl_parse_no_memory(parser);
	place.pos = parser->token.pos;
	rxl_advance(parser);
	if (!parse_for_names(parser, stmt))
		return NULL;
	if (parser->token.kind != RXL_TOKEN_IN)
		return (struct rxl_node *)rxl_parse_missing(parser, "in", "after the iteration variable");
	rxl_advance(parser);
	if (!rxl_check_not_block(parser))
		return NULL;
	stmt->iterable = parse_inner_expr(parser, place);
	if (!stmt->iterable || !rxl_check_iterable(parser, stmt->iterable))
		return NULL;
	variables = parser->variable_count;
	if ((stmt->counter && !rxl_variable_push(parser, stmt->counter, false)) ||
	    !rxl_variable_push(parser, stmt->name, false))
		return NULL;
	place.flags |= RXL_PLACE_BREAKABLE;
	stmt->body = parse_inner_block(parser, place);
	rxl_variables_rewind(parser, variables);
	node = stmt->body ? rxl_node_new(parser, RXL_NODE_FOR, place.pos, start) : NULL;
	if (node)
		node->u.for_stmt = stmt;
	return node;
}

static struct rxl_node *parse_try(struct rxl_parser *parser, struct rxl_place place)
{
	struct rxl_ast_try *stmt = RX_ARENA_NEW(parser->arena, struct rxl_ast_try);
	uint32_t variables = parser->variable_count, start = parser->token.start;
	struct rxl_node *node;

	if (!stmt)
		return (struct rxl_node *)rxl_parse_no_memory(parser);
	place.pos = parser->token.pos;
	rxl_advance(parser);
	stmt->body = parse_inner_block(parser, place);
	if (!stmt->body)
		return NULL;
	if (!rxl_match(parser, RXL_TOKEN_CATCH))
		return (struct rxl_node *)rxl_parse_missing_at(parser, parser->token.pos, "catch",
							       "for the 'try' statement");
	if (rxl_match(parser, RXL_TOKEN_LEFT_PAREN)) {
		if (!rxl_parse_name(parser, &stmt->name, &stmt->name_pos))
			return NULL;
		if (!rxl_match(parser, RXL_TOKEN_RIGHT_PAREN))
			return (struct rxl_node *)rxl_parse_missing_at(parser, parser->token.pos, ")",
								       "to enclose the catch variable");
		if (!rxl_variable_push(parser, stmt->name, false))
			return NULL;
	}
	stmt->handler = parse_inner_block(parser, place);
	rxl_variables_rewind(parser, variables);
	node = stmt->handler ? rxl_node_new(parser, RXL_NODE_TRY, place.pos, start) : NULL;
	if (node)
		node->u.try_stmt = stmt;
	return node;
}

static struct rxl_node *parse_let(struct rxl_parser *parser, struct rxl_place place, bool is_export)
{
	bool is_const = parser->token.kind == RXL_TOKEN_CONST;
	uint32_t start = parser->token.start;
	struct rxl_node *node, *init = NULL;
	struct rxl_pos name_pos;
	rxl_symbol name;

	place.pos = parser->token.pos;
	rxl_advance(parser);
	if (!rxl_parse_name(parser, &name, &name_pos))
		return NULL;
	if ((parser->switches & RXL_NO_SHADOWING) && rxl_variable_find(parser, name))
		return (struct rxl_node *)rxl_parse_fail(parser, RXL_PARSE_VARIABLE_EXISTS, name_pos,
							 "Variable already defined: %", rxl_text(parser, name));
	if (rxl_match(parser, RXL_TOKEN_ASSIGN)) {
		init = parse_inner_expr(parser, place);
		if (!init)
			return NULL;
	}
	if (!rxl_variable_push(parser, name, is_const))
		return NULL;
	node = rxl_node_new(parser, RXL_NODE_LET, place.pos, start);
	if (!node)
		return NULL;
	node->flags = (uint8_t)((is_const ? RXL_LET_CONST : 0) | (is_export ? RXL_LET_EXPORT : 0));
	node->u.let.init = init;
	node->u.let.name = name;
	node->u.let.name_pos = name_pos;
	return node;
}

static struct rxl_node *parse_import(struct rxl_parser *parser, struct rxl_place place)
{
	uint32_t start = parser->token.start;
	struct rxl_pos alias_pos = RXL_NO_POS;
	rxl_symbol alias = RXL_NO_SYMBOL;
	struct rxl_node *node, *path;

	place.pos = parser->token.pos;
	rxl_advance(parser);
	path = parse_inner_expr(parser, place);
	if (!path)
		return NULL;
	if (rxl_match(parser, RXL_TOKEN_AS) &&
	    (!rxl_parse_name(parser, &alias, &alias_pos) || !rxl_import_push(parser, alias)))
		return NULL;
	node = rxl_node_new(parser, RXL_NODE_IMPORT, place.pos, start);
	if (!node)
		return NULL;
	node->u.import.path = path;
	node->u.import.alias = alias;
	node->u.import.alias_pos = alias_pos;
	return node;
}

static struct rxl_node *parse_export(struct rxl_parser *parser, struct rxl_place place)
{
	uint32_t start = parser->token.start;
	struct rxl_pos name_pos, alias_pos = RXL_NO_POS;
	rxl_symbol name, alias = RXL_NO_SYMBOL;
	struct rxl_node *node;

	place.pos = parser->token.pos;
	rxl_advance(parser);
	if (parser->token.kind == RXL_TOKEN_LET || parser->token.kind == RXL_TOKEN_CONST)
		return rxl_deeper(parser, &place) ? parse_let(parser, place, true) : NULL;
	if (!rxl_parse_name(parser, &name, &name_pos))
		return NULL;
	if (rxl_match(parser, RXL_TOKEN_AS) && !rxl_parse_name(parser, &alias, &alias_pos))
		return NULL;
	node = rxl_node_new(parser, RXL_NODE_EXPORT, place.pos, start);
	if (!node)
		return NULL;
	node->u.export_stmt.name = name;
	node->u.export_stmt.name_pos = name_pos;
	node->u.export_stmt.alias = alias;
	node->u.export_stmt.alias_pos = alias_pos;
	return node;
}

/* Position of what makes an expression no place, if it is none. */
static bool find_no_place(const struct rxl_node *node, struct rxl_pos *pos_out)
{
	const struct rxl_ast_chain *chain;

	*pos_out = node->pos;
	if (node->kind != RXL_NODE_CHAIN)
		return true;
	chain = node->u.chain;
	for (uint32_t at = 0; at < chain->count; at++) {
		if (chain->links[at].kind == RXL_LINK_METHOD) {
			*pos_out = chain->links[at].name_pos;
			return true;
		}
	}
	if (chain->root->kind == RXL_NODE_VAR || chain->root->kind == RXL_NODE_PATH_VAR ||
	    chain->root->kind == RXL_NODE_THIS)
		return false;
	*pos_out = chain->root->pos;
	return true;
}

static bool check_target(struct rxl_parser *parser, const struct rxl_node *target, bool plain, struct rxl_pos op_pos)
{
	const struct rxl_variable *variable;
	struct rxl_pos pos;

	if (target->kind == RXL_NODE_THIS || target->kind == RXL_NODE_PATH_VAR)
		return true;
	if (target->kind == RXL_NODE_VAR) {
		variable = rxl_variable_find(parser, target->u.name);
		if (!variable || !variable->is_const)
			return true;
		rxl_parse_fail(parser, RXL_PARSE_ASSIGNMENT_TO_CONSTANT, target->pos, "Cannot assign to constant %",
			       rxl_text(parser, target->u.name));
		return false;
	}
	if (rxl_node_is_constant(target)) {
		rxl_parse_fail(parser, RXL_PARSE_ASSIGNMENT_TO_CONSTANT, rxl_node_start(target),
			       "Cannot assign to a constant value");
		return false;
	}
	if (plain && target->kind == RXL_NODE_BINARY && target->op >= RXL_BINARY_AND) {
		rxl_parse_fail(parser, RXL_PARSE_BAD_INPUT, op_pos, "Possibly a typo of '=='?");
		return false;
	}
	if (!find_no_place(target, &pos))
		return true;
	rxl_parse_fail(parser, RXL_PARSE_ASSIGNMENT_TO_INVALID_LHS, pos, "Expression cannot be assigned to");
	return false;
}

static struct rxl_node *parse_expr_stmt(struct rxl_parser *parser, struct rxl_place place)
{
	struct rxl_node *node, *target, *value;
	uint8_t assign;

	target = rxl_parse_expr(parser, place);
	if (!target)
		return NULL;
	assign = rxl_tokens[parser->token.kind].assign;
	if (assign == RXL_NO_OP)
		return target;
	place.pos = parser->token.pos;
	rxl_advance(parser);
	value = rxl_parse_expr(parser, place);
	if (!value || !check_target(parser, target, assign == RXL_ASSIGN, place.pos))
		return NULL;
	node = rxl_node_new(parser, RXL_NODE_ASSIGN, place.pos, target->start);
	if (!node)
		return NULL;
	node->op = assign;
	node->u.binary.left = target;
	node->u.binary.right = value;
	return node;
}

/*
 * The value of `break`, `return` and `throw`, NULL for none: whatever fails before it has taken a token is no value, and
 * that token is then found to be missing a `;` before it. Only errors of the token itself are kept.
 */
static bool parse_value(struct rxl_parser *parser, struct rxl_place place, struct rxl_node **value_out)
{
	struct rxl_token token = parser->token;

	*value_out = NULL;
	if (token.kind == RXL_TOKEN_SEMICOLON || token.kind == RXL_TOKEN_RIGHT_BRACE || token.kind == RXL_TOKEN_EOF)
		return true;
	if (!rxl_deeper(parser, &place))
		return false;
	*value_out = rxl_parse_expr(parser, place);
	if (*value_out)
		return true;
	if (parser->status != REXI_SYNTAX || parser->token.start != token.start || token.kind == RXL_TOKEN_ERROR)
		return false;
	parser->status = REXI_OK;
	return true;
}

static struct rxl_node *parse_jump(struct rxl_parser *parser, struct rxl_place place, enum rxl_node_kind kind)
{
	uint32_t start = parser->token.start;
	struct rxl_node *node, *value = NULL;

	rxl_advance(parser);
	if (kind != RXL_NODE_CONTINUE && !parse_value(parser, place, &value))
		return NULL;
	node = rxl_node_new(parser, kind, place.pos, start);
	if (node)
		node->u.value = value;
	return node;
}

static struct rxl_node *parse_break(struct rxl_parser *parser, struct rxl_place place)
{
	enum rxl_node_kind kind = parser->token.kind == RXL_TOKEN_BREAK ? RXL_NODE_BREAK : RXL_NODE_CONTINUE;

	if (!(place.flags & RXL_PLACE_BREAKABLE))
		return (struct rxl_node *)rxl_parse_fail(parser, RXL_PARSE_LOOP_BREAK, place.pos,
							 "Break statement should only be used inside a loop");
	return parse_jump(parser, place, kind);
}

static struct rxl_node *parse_definition(struct rxl_parser *parser, const struct rxl_place *place)
{
	bool is_private = rxl_match(parser, RXL_TOKEN_PRIVATE);
	struct rxl_pos pos = parser->token.pos;

	if (parser->token.kind != RXL_TOKEN_FN)
		return (struct rxl_node *)rxl_parse_missing_at(parser, pos, "fn", "following 'private'");
	if (!(place->flags & RXL_PLACE_GLOBAL))
		return (struct rxl_node *)rxl_parse_fail(
			parser, RXL_PARSE_WRONG_FN_DEFINITION, place->pos,
			"Function definitions must be at global level and cannot be inside a block or another function");
	rxl_advance(parser);
	return rxl_parse_fn(parser, pos, is_private) ? &rxl_noop : NULL;
}

struct rxl_node *rxl_parse_stmt(struct rxl_parser *parser, struct rxl_place place)
{
	struct rxl_place inner;

	place.pos = parser->token.pos;
	inner = place;
	switch (parser->token.kind) {
	case RXL_TOKEN_EOF:
		return &rxl_noop;
	case RXL_TOKEN_SEMICOLON:
		rxl_advance(parser);
		return &rxl_noop;
	case RXL_TOKEN_FN:
	case RXL_TOKEN_PRIVATE:
		return parse_definition(parser, &place);
	case RXL_TOKEN_CONTINUE:
	case RXL_TOKEN_BREAK:
		if (!(parser->switches & RXL_NO_LOOPING))
			return parse_break(parser, place);
		break;
	case RXL_TOKEN_RETURN:
		return parse_jump(parser, place, RXL_NODE_RETURN);
	case RXL_TOKEN_THROW:
		return parse_jump(parser, place, RXL_NODE_THROW);
	case RXL_TOKEN_EXPORT:
		if (!(place.flags & RXL_PLACE_GLOBAL))
			return (struct rxl_node *)rxl_parse_fail(parser, RXL_PARSE_WRONG_EXPORT, place.pos,
								 "Export statement can only appear at global level");
		break;
	default:
		break;
	}
	if (!rxl_deeper(parser, &inner))
		return NULL;
	switch (parser->token.kind) {
	case RXL_TOKEN_LEFT_BRACE:
		return rxl_parse_block(parser, inner, false);
	case RXL_TOKEN_IF:
		return rxl_parse_if(parser, inner);
	case RXL_TOKEN_SWITCH:
		return rxl_parse_switch(parser, inner);
	case RXL_TOKEN_WHILE:
	case RXL_TOKEN_LOOP:
		if (parser->switches & RXL_NO_LOOPING)
			break;
		return rxl_parse_while(parser, inner);
	case RXL_TOKEN_DO:
		if (parser->switches & RXL_NO_LOOPING)
			break;
		return rxl_parse_do(parser, inner);
	case RXL_TOKEN_FOR:
		if (parser->switches & RXL_NO_LOOPING)
			break;
		return rxl_parse_for(parser, inner);
	case RXL_TOKEN_TRY:
		return parse_try(parser, inner);
	case RXL_TOKEN_LET:
	case RXL_TOKEN_CONST:
		return parse_let(parser, inner, false);
	case RXL_TOKEN_IMPORT:
		return parse_import(parser, inner);
	case RXL_TOKEN_EXPORT:
		return parse_export(parser, inner);
	default:
		break;
	}
	return parse_expr_stmt(parser, inner);
}
