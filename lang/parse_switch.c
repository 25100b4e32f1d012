/* switch. Spec, sections 2 and 6.4. */
#include <config.h>

#include "lang/parse_state.h"

/* A switch under construction: its arms and labels are lists, so each keeps its own storage. */
struct cases {
	struct rxl_ast_arm *arms;
	struct rxl_ast_label *labels;
	size_t arm_cap, label_cap;
	uint32_t arm_count, label_count;
	uint32_t default_arm;
	struct rxl_pos default_pos;
	bool has_range;
};

/* A missing end, (), becomes the number that it stands for. */
static void close_range(struct rxl_node *left, struct rxl_node *right)
{
	if (left->kind == RXL_NODE_INT && right->kind == RXL_NODE_UNIT) {
		right->kind = RXL_NODE_INT;
		right->u.integer = INT64_MAX;
	} else if (left->kind == RXL_NODE_UNIT && right->kind == RXL_NODE_INT) {
		left->kind = RXL_NODE_INT;
		left->u.integer = 0;
	}
}

/* `a..b` of two integers; *empty_out: it can match nothing. */
static bool is_int_range(struct rxl_node *node, bool *empty_out)
{
	struct rxl_node *left, *right;

	if (node->kind != RXL_NODE_BINARY || (node->op != RXL_BINARY_RANGE && node->op != RXL_BINARY_RANGE_INCLUSIVE))
		return false;
	left = node->u.binary.left;
	right = node->u.binary.right;
	close_range(left, right);
	if (left->kind != RXL_NODE_INT || right->kind != RXL_NODE_INT)
		return false;
	*empty_out = node->op == RXL_BINARY_RANGE ? left->u.integer >= right->u.integer :
						    left->u.integer > right->u.integer;
	return true;
}

/* Fn("name") is a literal, too. */
static bool is_fn_literal(const struct rxl_parser *parser, const struct rxl_node *node)
{
	return node->kind == RXL_NODE_CALL && !node->u.call->path && node->u.call->arg_count == 1 &&
	       parser->symbols->entries[node->u.call->name].word == RXL_WORD_ID_FN_PTR &&
	       node->u.call->args[0]->kind == RXL_NODE_STRING;
}

static bool label_add(struct rxl_parser *parser, struct cases *cases, struct rxl_node *value)
{
	bool empty = false, is_range = is_int_range(value, &empty);

	if (!is_range && !rxl_node_is_constant(value) && !is_fn_literal(parser, value)) {
		rxl_parse_fail(parser, RXL_PARSE_EXPR_EXPECTED, rxl_node_start(value), "Expecting a literal expression");
		return false;
	}
	if (cases->has_range && (value->kind == RXL_NODE_INT || value->kind == RXL_NODE_FLOAT)) {
		rxl_parse_fail(parser, RXL_PARSE_WRONG_SWITCH_INTEGER_CASE, rxl_node_start(value),
			       "Numeric switch case cannot follow a range case");
		return false;
	}
	if (is_range && !empty)
		cases->has_range = true;
	if (!RX_GROW(parser->memory, &cases->labels, &cases->label_cap, (size_t)cases->label_count + 1)) {
		rxl_parse_no_memory(parser);
		return false;
	}
	cases->labels[cases->label_count++] =
		(struct rxl_ast_label){ .value = value, .arm = cases->arm_count, .is_range = is_range };
	return true;
}

/* `a | b | c`: any error in them is that a literal was expected. Values are left on the list. */
static bool parse_labels(struct rxl_parser *parser, struct rxl_place place)
{
	do {
		bool no_pipe = parser->no_pipe;
		struct rxl_node *value = NULL;
		struct rxl_place inner = place;

		if (!rxl_deeper(parser, &inner))
			return false;
		parser->no_pipe = true;
		value = rxl_parse_expr(parser, inner);
		parser->no_pipe = no_pipe;
		if (!value) {
			struct rxl_pos pos = parser->error->pos;

			if (parser->status == REXI_SYNTAX) {
				parser->status = REXI_OK;
				rxl_parse_fail(parser, RXL_PARSE_EXPR_EXPECTED, pos, "Expecting literal expression");
			}
			return false;
		}
		if (!rxl_list_push(parser, value))
			return false;
	} while (rxl_match(parser, RXL_TOKEN_PIPE));
	return true;
}

static struct rxl_node *parse_guard(struct rxl_parser *parser, struct rxl_place place)
{
	struct rxl_node *guard;

	if (!rxl_check_not_block(parser) || !rxl_deeper(parser, &place))
		return NULL;
	guard = rxl_parse_expr(parser, place);
	if (!guard || !rxl_check_bool(parser, guard) || !rxl_check_not_assignment(parser))
		return NULL;
	return guard;
}

/* The default case, behind its `_`. */
static bool parse_default(struct rxl_parser *parser, struct cases *cases, struct rxl_pos pos)
{
	cases->default_pos = pos;
	cases->default_arm = cases->arm_count;
	if (parser->token.kind != RXL_TOKEN_IF)
		return true;
	rxl_parse_fail(parser, RXL_PARSE_WRONG_SWITCH_CASE_CONDITION, parser->token.pos,
		       "This switch case cannot have a condition");
	return false;
}

static bool arm_add(struct rxl_parser *parser, struct cases *cases, const struct rxl_ast_arm *arm)
{
	if (!RX_GROW(parser->memory, &cases->arms, &cases->arm_cap, (size_t)cases->arm_count + 1)) {
		rxl_parse_no_memory(parser);
		return false;
	}
	cases->arms[cases->arm_count++] = *arm;
	return true;
}

/* One case up to what separates it from the next; the next token is not `}`. */
static bool parse_case(struct rxl_parser *parser, struct rxl_place place, struct cases *cases)
{
	struct rxl_ast_arm arm = { .guard = NULL };
	uint32_t variables = parser->variable_count, imports = parser->import_count;
	size_t from = parser->node_count;
	struct rxl_pos pos = parser->token.pos;
	struct rxl_place inner = place;
	bool need_comma;

	if (cases->default_arm != UINT32_MAX) {
		rxl_parse_fail(parser, RXL_PARSE_WRONG_SWITCH_DEFAULT_CASE, cases->default_pos,
			       "Default switch case must be the last");
		return false;
	}
	if (rxl_match(parser, RXL_TOKEN_UNDERSCORE)) {
		if (!parse_default(parser, cases, pos))
			return false;
	} else {
		if (!parse_labels(parser, place))
			return false;
		if (rxl_match(parser, RXL_TOKEN_IF)) {
			arm.guard = parse_guard(parser, place);
			if (!arm.guard)
				return false;
		}
	}
	if (parser->token.kind != RXL_TOKEN_DOUBLE_ARROW) {
		rxl_parse_missing(parser, "=>", "in this switch case");
		return false;
	}
	rxl_advance(parser);
	if (!rxl_deeper(parser, &inner))
		return false;
	arm.body = rxl_parse_stmt(parser, inner);
	if (!arm.body)
		return false;
	need_comma = arm.body == &rxl_noop || !rxl_is_self_terminated(arm.body);
	arm.body = rxl_or_empty(parser, arm.body);
	if (!arm.body)
		return false;
	for (size_t at = from; at < parser->node_count; at++)
		if (!label_add(parser, cases, parser->nodes[at]))
			return false;
	parser->node_count = from;
	rxl_variables_rewind(parser, variables);
	rxl_imports_rewind(parser, imports);
	if (!arm_add(parser, cases, &arm))
		return false;
	if (parser->token.kind == RXL_TOKEN_RIGHT_BRACE || rxl_match(parser, RXL_TOKEN_COMMA))
		return true;
	if (parser->token.kind == RXL_TOKEN_EOF)
		rxl_parse_missing(parser, ")", "to end this switch block");
	else if (parser->token.kind == RXL_TOKEN_ERROR)
		rxl_parse_lex_error(parser);
	else if (need_comma)
		rxl_parse_missing(parser, ",", "to separate the items in this switch block");
	else
		return true;
	return false;
}

static bool parse_cases(struct rxl_parser *parser, struct rxl_place place, struct cases *cases)
{
	while (!rxl_match(parser, RXL_TOKEN_RIGHT_BRACE)) {
		if (parser->token.kind == RXL_TOKEN_EOF) {
			rxl_parse_missing(parser, "}", "to end this switch block");
			return false;
		}
		if (!parse_case(parser, place, cases))
			return false;
	}
	return true;
}

static bool take_cases(struct rxl_parser *parser, const struct cases *cases, struct rxl_ast_switch *stmt)
{
	stmt->arms = RX_ARENA_ARRAY(parser->arena, struct rxl_ast_arm, cases->arm_count);
	stmt->labels = RX_ARENA_ARRAY(parser->arena, struct rxl_ast_label, cases->label_count);
	if (!stmt->arms || !stmt->labels) {
		rxl_parse_no_memory(parser);
		return false;
	}
	if (cases->arm_count)
		memcpy(stmt->arms, cases->arms, cases->arm_count * sizeof(*stmt->arms));
	if (cases->label_count)
		memcpy(stmt->labels, cases->labels, cases->label_count * sizeof(*stmt->labels));
	stmt->arm_count = cases->arm_count;
	stmt->label_count = cases->label_count;
	stmt->default_arm = cases->default_arm;
	return true;
}

struct rxl_node *rxl_parse_switch(struct rxl_parser *parser, struct rxl_place place)
{
	struct rxl_ast_switch *stmt = RX_ARENA_NEW(parser->arena, struct rxl_ast_switch);
	struct cases cases = { .default_arm = UINT32_MAX };
	uint32_t start = parser->token.start;
	struct rxl_place inner;
	struct rxl_node *node;
	bool done;

	if (!stmt)
		return (struct rxl_node *)rxl_parse_no_memory(parser);
	place.pos = parser->token.pos;
	rxl_advance(parser);
	inner = place;
	if (!rxl_deeper(parser, &inner))
		return NULL;
	stmt->subject = rxl_parse_expr(parser, inner);
	if (!stmt->subject)
		return NULL;
	if (parser->token.kind != RXL_TOKEN_LEFT_BRACE)
		return (struct rxl_node *)rxl_parse_missing(parser, "{", "to start a switch block");
	rxl_advance(parser);
	done = parse_cases(parser, place, &cases) && take_cases(parser, &cases, stmt);
	rx_memory_give(parser->memory, cases.arms, cases.arm_cap * sizeof(*cases.arms));
	rx_memory_give(parser->memory, cases.labels, cases.label_cap * sizeof(*cases.labels));
	node = done ? rxl_node_new(parser, RXL_NODE_SWITCH, place.pos, start) : NULL;
	if (node)
		node->u.switch_stmt = stmt;
	return node;
}
