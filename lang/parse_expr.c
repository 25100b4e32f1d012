/* Expressions: operators by precedence climbing, operands, chains, literals of containers. Spec, sections 2 and 2.1. */
#include <config.h>

#include <stdio.h>

#include "lang/parse_state.h"

static struct rxl_node *parse_unary(struct rxl_parser *parser, struct rxl_place place);

/* "a boolean expression" and "an iterable value" fail for literals only; NULL when the node could be anything. */
static const char *literal_name(const struct rxl_node *node)
{
	switch ((enum rxl_node_kind)node->kind) {
	case RXL_NODE_UNIT:
		return "()";
	case RXL_NODE_INT:
		return "a number";
	case RXL_NODE_FLOAT:
		return "a floating-point number";
	case RXL_NODE_CHAR:
		return "a character";
	case RXL_NODE_STRING:
	case RXL_NODE_INTERPOLATION:
		return "a string";
	case RXL_NODE_ARRAY:
		return "an array";
	case RXL_NODE_MAP:
		return "an object map";
	default:
		return NULL;
	}
}

static bool mismatched(struct rxl_parser *parser, const struct rxl_node *node, const char *wanted, const char *got)
{
	rxl_parse_fail(parser, RXL_PARSE_MISMATCHED_TYPE, rxl_node_start(node), "Expecting %, not %", rx_str(wanted),
		       rx_str(got));
	return false;
}

bool rxl_check_bool(struct rxl_parser *parser, const struct rxl_node *node)
{
	const char *name = literal_name(node);

	if (RX_UNLIKELY(node->kind == RXL_NODE_CLOSURE) && !node->u.fn->capture_count)
		name = "Fn";
	return name ? mismatched(parser, node, "a boolean expression", name) : true;
}

bool rxl_check_iterable(struct rxl_parser *parser, const struct rxl_node *node)
{
	const char *name = node->kind == RXL_NODE_BOOL ? "a boolean" : literal_name(node);

	if (!name || node->kind == RXL_NODE_STRING || node->kind == RXL_NODE_INTERPOLATION ||
	    node->kind == RXL_NODE_ARRAY)
		return true;
	return mismatched(parser, node, "an iterable value", name);
}

bool rxl_check_not_block(struct rxl_parser *parser)
{
	if (parser->token.kind != RXL_TOKEN_LEFT_BRACE)
		return true;
	rxl_parse_fail(parser, RXL_PARSE_EXPR_EXPECTED, parser->token.pos, "Expecting a boolean expression");
	return false;
}

bool rxl_check_not_assignment(struct rxl_parser *parser)
{
	if (parser->token.kind != RXL_TOKEN_ASSIGN)
		return true;
	rxl_parse_fail(parser, RXL_PARSE_BAD_INPUT, parser->token.pos, "Possibly a typo of '=='?");
	return false;
}

/* Arguments, behind the `(` unless the token was `()`. */
static bool parse_args(struct rxl_parser *parser, struct rxl_place place, rxl_symbol name, bool none,
		       struct rxl_node ***args_out, uint32_t *count_out)
{
	size_t from = parser->node_count;
	struct rxl_node *arg;

	*args_out = NULL;
	*count_out = 0;
	if (none)
		return true;
	if (parser->token.kind == RXL_TOKEN_RIGHT_PAREN) {
		rxl_advance(parser);
		return true;
	}
	if (parser->token.kind == RXL_TOKEN_EOF || parser->token.kind == RXL_TOKEN_ERROR)
		goto failed;
	if (!rxl_deeper(parser, &place))
		return false;
	for (;;) {
		if (parser->token.kind != RXL_TOKEN_RIGHT_PAREN) {
			arg = rxl_parse_expr(parser, place);
			if (!arg || !rxl_list_push(parser, arg))
				return false;
		}
		if (rxl_match(parser, RXL_TOKEN_RIGHT_PAREN))
			return rxl_list_take(parser, from, args_out, count_out);
		if (!rxl_match(parser, RXL_TOKEN_COMMA))
			break;
	}
failed:
	if (parser->token.kind == RXL_TOKEN_ERROR)
		rxl_parse_lex_error(parser);
	else if (parser->token.kind == RXL_TOKEN_EOF)
		rxl_parse_fail(parser, RXL_PARSE_MISSING_TOKEN, parser->token.pos,
			       "Expecting ')' to close the arguments list of this function call '%'",
			       rxl_text(parser, name));
	else
		rxl_parse_fail(parser, RXL_PARSE_MISSING_TOKEN, parser->token.pos,
			       "Expecting ',' to separate the arguments to function call '%'", rxl_text(parser, name));
	return false;
}

static bool check_module(struct rxl_parser *parser, const struct rxl_ast_path *path)
{
	if (!parser->strict || parser->frame.is_closure || rxl_module_is_known(parser, path->parts[0]))
		return true;
	rxl_parse_fail(parser, RXL_PARSE_MODULE_UNDEFINED, path->pos, "Undefined module: %",
		       rxl_text(parser, path->parts[0]));
	return false;
}

/* A call of what stands in `callee`, a VAR or PATH_VAR, which becomes the CALL; the next token is `(` or `()`. */
static struct rxl_node *parse_call(struct rxl_parser *parser, struct rxl_place place, struct rxl_node *callee,
				   bool caller_scope)
{
	struct rxl_ast_call *call = (struct rxl_ast_call *)rx_arena_bytes(parser->arena, sizeof(*call));
	bool none = parser->token.kind == RXL_TOKEN_UNIT;

	if (!call)
		return (struct rxl_node *)rxl_parse_no_memory(parser);
	*call = (struct rxl_ast_call){ .caller_scope = caller_scope };
	if (callee->kind == RXL_NODE_PATH_VAR) {
		call->path = callee->u.path_var.path;
		call->name = callee->u.path_var.name;
	} else {
		call->name = callee->u.name;
	}
	rxl_advance(parser);
	place.pos = callee->pos;
	if (!parse_args(parser, place, call->name, none, &call->args, &call->arg_count))
		return NULL;
	if (call->path && !check_module(parser, call->path))
		return NULL;
	callee->kind = RXL_NODE_CALL;
	callee->u.call = call;
	callee->end = parser->token_end;
	return callee;
}

/* `::name` behind a name or path. */
static struct rxl_node *parse_path(struct rxl_parser *parser, struct rxl_node *left)
{
	struct rxl_ast_path *path;
	rxl_symbol first = left->u.name, name;
	struct rxl_pos first_pos = left->pos, pos;
	size_t from = parser->byte_count;
	void *parts;

	if (!rxl_bytes_push(parser, &first, sizeof(first)))
		return NULL;
	rxl_advance(parser);
	if (!rxl_parse_name(parser, &name, &pos))
		return NULL;
	while (parser->token.kind == RXL_TOKEN_DOUBLE_COLON) {
		if (!rxl_bytes_push(parser, &name, sizeof(name)))
			return NULL;
		rxl_advance(parser);
		if (!rxl_parse_name(parser, &name, &pos))
			return NULL;
	}
	path = (struct rxl_ast_path *)rx_arena_bytes(parser->arena, sizeof(*path));
	if (!path)
		return (struct rxl_node *)rxl_parse_no_memory(parser);
	path->count = (uint32_t)((parser->byte_count - from) / sizeof(rxl_symbol));
	path->pos = first_pos;
	if (!rxl_bytes_take(parser, from, &parts))
		return NULL;
	path->parts = (rxl_symbol *)parts;
	left->kind = RXL_NODE_PATH_VAR;
	left->pos = pos;
	left->u.path_var.path = path;
	left->u.path_var.name = name;
	left->end = parser->token_end;
	return left;
}

/* A literal container or number has an index type of its own. Spec 3.3, MalformedIndexExpr. */
static bool check_index(struct rxl_parser *parser, const struct rxl_node *base, const struct rxl_node *index)
{
	const char *type = NULL;
	bool map = base->kind == RXL_NODE_MAP;

	if (!map && base->kind != RXL_NODE_ARRAY && base->kind != RXL_NODE_STRING &&
	    base->kind != RXL_NODE_INTERPOLATION && base->kind != RXL_NODE_INT)
		return true;
	switch ((enum rxl_node_kind)index->kind) {
	case RXL_NODE_UNIT:
		type = "()";
		break;
	case RXL_NODE_BOOL:
		type = "a boolean";
		break;
	case RXL_NODE_BINARY:
		if (index->op == RXL_BINARY_AND || index->op == RXL_BINARY_OR)
			type = "a boolean";
		break;
	case RXL_NODE_INT:
		type = map ? "a number" : NULL;
		break;
	case RXL_NODE_FLOAT:
		type = "a float";
		break;
	case RXL_NODE_CHAR:
		type = "a character";
		break;
	case RXL_NODE_STRING:
	case RXL_NODE_INTERPOLATION:
		type = map ? NULL : "a string";
		break;
	default:
		break;
	}
	if (!type)
		return true;
	rxl_parse_fail(parser, RXL_PARSE_MALFORMED_INDEX_EXPR, rxl_node_start(index), "% expects % index, not %",
		       map ? RX_STR("Object map") : RX_STR("Array, string or bit-field"),
		       map                                                                  ? RX_STR("string") :
		       index->kind == RXL_NODE_STRING || index->kind == RXL_NODE_INTERPOLATION ? RX_STR("numeric") :
												 RX_STR("integer"),
		       rx_str(type));
	return false;
}

static bool link_push(struct rxl_parser *parser, const struct rxl_ast_link *link)
{
	return rxl_bytes_push(parser, link, sizeof(*link));
}

/* `[a][b]...`; each further index costs a level. */
static bool parse_indexes(struct rxl_parser *parser, struct rxl_place place, const struct rxl_node *base)
{
	for (;;) {
		struct rxl_ast_link link = { .kind = RXL_LINK_INDEX,
					     .elvis = parser->token.kind == RXL_TOKEN_ELVIS_BRACKET,
					     .pos = parser->token.pos };
		struct rxl_place inner;

		place.pos = parser->token.pos;
		rxl_advance(parser);
		if (!rxl_deeper(parser, &place))
			return false;
		inner = place;
		if (!rxl_deeper(parser, &inner))
			return false;
		link.index = rxl_parse_expr(parser, inner);
		if (!link.index || (base && !check_index(parser, base, link.index)))
			return false;
		link.name_pos = rxl_node_start(link.index);
		base = NULL;
		if (parser->token.kind != RXL_TOKEN_RIGHT_BRACKET) {
			rxl_parse_missing(parser, "]", "for a matching [ in this index expression");
			return false;
		}
		rxl_advance(parser);
		if (!link_push(parser, &link))
			return false;
		if (parser->token.kind != RXL_TOKEN_LEFT_BRACKET && parser->token.kind != RXL_TOKEN_ELVIS_BRACKET)
			return true;
	}
}

/* `.name`, `.name(args)`. Returns the place in which the chain goes on in *place. */
static bool parse_member(struct rxl_parser *parser, struct rxl_place *place, struct rxl_pos *capture_pos)
{
	struct rxl_ast_link link = { .kind = RXL_LINK_PROPERTY,
				     .elvis = parser->token.kind == RXL_TOKEN_ELVIS,
				     .pos = parser->token.pos };
	struct rxl_token name;
	bool none, caller_scope = false;

	place->pos = parser->token.pos;
	rxl_advance(parser);
	name = parser->token;
	if (name.kind == RXL_TOKEN_RESERVED) {
		if (!(name.word_flags & RXL_WORD_METHOD)) {
			rxl_parse_reserved(parser, &name);
			return false;
		}
	} else if (name.kind == RXL_TOKEN_RESERVED_SYMBOL) {
		rxl_parse_reserved(parser, &name);
		return false;
	} else if (name.kind != RXL_TOKEN_NAME) {
		rxl_parse_fail(parser, RXL_PARSE_PROPERTY_EXPECTED, name.pos, "Expecting name of a property");
		return false;
	}
	if (!rxl_deeper(parser, place))
		return false;
	rxl_advance(parser);
	link.name = name.u.symbol;
	link.name_pos = place->pos = name.pos;
	if (name.kind == RXL_TOKEN_RESERVED && parser->token.kind != RXL_TOKEN_LEFT_PAREN &&
	    parser->token.kind != RXL_TOKEN_UNIT && parser->token.kind != RXL_TOKEN_BANG) {
		rxl_parse_reserved(parser, &name);
		return false;
	}
	if (parser->token.kind == RXL_TOKEN_DOUBLE_COLON) {
		rxl_parse_fail(parser, RXL_PARSE_BAD_INPUT, parser->token.pos, "Invalid symbol encountered: '::'");
		return false;
	}
	if (parser->no_pipe && parser->token.kind == RXL_TOKEN_PIPE)
		return link_push(parser, &link);
	if (parser->token.kind == RXL_TOKEN_BANG) {
		rxl_advance(parser);
		if (parser->token.kind != RXL_TOKEN_LEFT_PAREN && parser->token.kind != RXL_TOKEN_UNIT) {
			rxl_parse_missing_at(parser, parser->token.pos, "(",
					     "to start arguments list of function call");
			return false;
		}
		caller_scope = true;
	}
	if (parser->token.kind == RXL_TOKEN_LEFT_PAREN || parser->token.kind == RXL_TOKEN_UNIT) {
		link.kind = RXL_LINK_METHOD;
		none = parser->token.kind == RXL_TOKEN_UNIT;
		rxl_advance(parser);
		if (!parse_args(parser, *place, link.name, none, &link.args, &link.arg_count))
			return false;
		if (caller_scope)
			*capture_pos = link.name_pos;
	}
	return link_push(parser, &link);
}

/* The links behind an operand. A chain in parentheses goes on as if it had none. */
static struct rxl_node *parse_chain(struct rxl_parser *parser, struct rxl_place place, struct rxl_node *root)
{
	size_t from = parser->byte_count;
	struct rxl_pos capture_pos = RXL_NO_POS;
	struct rxl_ast_chain *chain;
	struct rxl_node *node = root;
	uint32_t old_count = 0;
	void *links;

	if (root->kind == RXL_NODE_CHAIN) {
		chain = root->u.chain;
		old_count = chain->count;
		chain->links[old_count - 1].closes = true;
		if (!rxl_bytes_push(parser, chain->links, old_count * sizeof(*chain->links)))
			return NULL;
	} else {
		chain = (struct rxl_ast_chain *)rx_arena_bytes(parser->arena, sizeof(*chain));
		node = rxl_node_new(parser, RXL_NODE_CHAIN, parser->token.pos, root->start);
		if (!chain || !node)
			return (struct rxl_node *)rxl_parse_no_memory(parser);
		*chain = (struct rxl_ast_chain){ .root = root };
		node->u.chain = chain;
	}
	for (;;) {
		switch (parser->token.kind) {
		case RXL_TOKEN_PERIOD:
		case RXL_TOKEN_ELVIS:
			capture_pos = RXL_NO_POS; /* only the last link is looked at */
			if (!parse_member(parser, &place, &capture_pos))
				return NULL;
			continue;
		case RXL_TOKEN_LEFT_BRACKET:
		case RXL_TOKEN_ELVIS_BRACKET:
			capture_pos = RXL_NO_POS;
			if (!parse_indexes(parser, place, parser->byte_count == from ? root : NULL))
				return NULL;
			continue;
		default:
			break;
		}
		break;
	}
	if (capture_pos.line)
		return (struct rxl_node *)rxl_parse_fail(
			parser, RXL_PARSE_MALFORMED_CAPTURE, capture_pos,
			"method-call style does not support running within the caller's scope");
	chain->count = (uint32_t)((parser->byte_count - from) / sizeof(*chain->links));
	if (!rxl_bytes_take(parser, from, &links))
		return NULL;
	chain->links = (struct rxl_ast_link *)links;
	node->end = parser->token_end;
	return node;
}

/* What may follow an operand: calls and paths behind a name, then links. */
static struct rxl_node *parse_postfix(struct rxl_parser *parser, struct rxl_place place, struct rxl_node *left)
{
	if (parser->no_pipe && parser->token.kind == RXL_TOKEN_PIPE)
		return left;
	if (left->kind == RXL_NODE_VAR && parser->token.kind == RXL_TOKEN_DOUBLE_COLON) {
		left = parse_path(parser, left);
		if (!left)
			return NULL;
	}
	if (left->kind == RXL_NODE_VAR || left->kind == RXL_NODE_PATH_VAR) {
		switch (parser->token.kind) {
		case RXL_TOKEN_BANG: {
			struct rxl_pos pos = parser->token.pos;
			bool call;

			rxl_advance(parser);
			call = parser->token.kind == RXL_TOKEN_LEFT_PAREN || parser->token.kind == RXL_TOKEN_UNIT;
			if (left->kind == RXL_NODE_PATH_VAR)
				return (struct rxl_node *)rxl_parse_fail(
					parser, RXL_PARSE_BAD_INPUT, pos,
					call ? "Unexpected '!'" : "'!' cannot be used to call module functions");
			if (!call)
				return (struct rxl_node *)rxl_parse_missing_at(
					parser, parser->token.pos, "(", "to start arguments list of function call");
			left = parse_call(parser, place, left, true);
			break;
		}
		case RXL_TOKEN_LEFT_PAREN:
		case RXL_TOKEN_UNIT:
			left = parse_call(parser, place, left, false);
			break;
		default:
			break;
		}
		if (!left)
			return NULL;
	}
	switch (parser->token.kind) {
	case RXL_TOKEN_PERIOD:
	case RXL_TOKEN_ELVIS:
	case RXL_TOKEN_LEFT_BRACKET:
	case RXL_TOKEN_ELVIS_BRACKET:
		left = parse_chain(parser, place, left);
		break;
	default:
		break;
	}
	if (left && left->kind == RXL_NODE_PATH_VAR && !check_module(parser, left->u.path_var.path))
		return NULL;
	if (left && left->kind == RXL_NODE_CHAIN && left->u.chain->root->kind == RXL_NODE_PATH_VAR &&
	    !check_module(parser, left->u.chain->root->u.path_var.path))
		return NULL;
	return left;
}

static struct rxl_node *parse_array(struct rxl_parser *parser, struct rxl_place place)
{
	size_t from = parser->node_count;
	struct rxl_node *node, *item;
	uint32_t start = parser->token.start;

	place.pos = parser->token.pos;
	rxl_advance(parser);
	for (;;) {
		if (rxl_match(parser, RXL_TOKEN_RIGHT_BRACKET))
			break;
		if (parser->node_count - from >= parser->array_limit) {
			char number[16];
			int len = snprintf(number, sizeof(number), "%u", (unsigned)parser->array_limit);

			return (struct rxl_node *)rxl_parse_fail(parser, RXL_PARSE_LITERAL_TOO_LARGE, parser->token.pos,
								 "Size of array literal exceeds the maximum limit (%)",
								 rx_str_make(number, (size_t)len));
		}
		if (parser->token.kind != RXL_TOKEN_EOF) {
			struct rxl_place inner = place;

			if (!rxl_deeper(parser, &inner))
				return NULL;
			item = rxl_parse_expr(parser, inner);
			if (!item || !rxl_list_push(parser, item))
				return NULL;
		}
		if (parser->token.kind == RXL_TOKEN_COMMA)
			rxl_advance(parser);
		else if (parser->token.kind == RXL_TOKEN_EOF)
			return (struct rxl_node *)rxl_parse_missing(parser, "]", "to end this array literal");
		else if (parser->token.kind != RXL_TOKEN_RIGHT_BRACKET)
			return (struct rxl_node *)rxl_parse_missing(parser, ",",
								    "to separate the items of this array literal");
	}
	node = rxl_node_new(parser, RXL_NODE_ARRAY, place.pos, start);
	if (!node || !rxl_list_take(parser, from, &node->u.list.items, &node->u.list.count))
		return NULL;
	return node;
}

/* Keys of one map literal: a few are compared, more go through a table. */
struct keys {
	size_t from; /* in parser->bytes */
	uint32_t *slots;
	size_t cap;
	uint32_t count;
};

static const struct rxl_ast_map_entry *key_at(const struct rxl_parser *parser, const struct keys *keys, uint32_t at)
{
	return (const struct rxl_ast_map_entry *)(const void *)(parser->bytes + keys->from) + at;
}

static size_t key_slot(const struct rxl_parser *parser, const struct keys *keys, rxl_symbol key)
{
	size_t at = parser->symbols->entries[key].hash & (keys->cap - 1);

	while (keys->slots[at] && key_at(parser, keys, keys->slots[at] - 1)->key != key)
		at = (at + 1) & (keys->cap - 1);
	return at;
}

static bool keys_have(const struct rxl_parser *parser, const struct keys *keys, rxl_symbol key)
{
	if (keys->cap)
		return keys->slots[key_slot(parser, keys, key)] != 0;
	for (uint32_t at = 0; at < keys->count; at++)
		if (key_at(parser, keys, at)->key == key)
			return true;
	return false;
}

static bool keys_add(struct rxl_parser *parser, struct keys *keys, const struct rxl_ast_map_entry *entry)
{
	if (!rxl_bytes_push(parser, entry, sizeof(*entry)))
		return false;
	keys->count++;
	if (keys->count < 16)
		return true;
	if (keys->count * 2 > keys->cap) {
		size_t cap = keys->cap ? keys->cap * 2 : 64;
		uint32_t *slots = (uint32_t *)rx_memory_take_zeroed(parser->memory, cap, sizeof(*slots));

		if (!slots) {
			rxl_parse_no_memory(parser);
			return false;
		}
		rx_memory_give(parser->memory, keys->slots, keys->cap * sizeof(*keys->slots));
		keys->slots = slots;
		keys->cap = cap;
		for (uint32_t at = 0; at + 1 < keys->count; at++)
			slots[key_slot(parser, keys, key_at(parser, keys, at)->key)] = at + 1;
	}
	keys->slots[key_slot(parser, keys, entry->key)] = keys->count;
	return true;
}

static bool parse_key(struct rxl_parser *parser, struct keys *keys, struct rxl_ast_map_entry *entry)
{
	entry->pos = parser->token.pos;
	switch (parser->token.kind) {
	case RXL_TOKEN_NAME:
		entry->key = parser->token.u.symbol;
		break;
	case RXL_TOKEN_STRING:
		entry->key = rxl_symbol_intern(parser->symbols, parser->token.u.string);
		if (entry->key == RXL_NO_SYMBOL) {
			rxl_parse_no_memory(parser);
			return false;
		}
		break;
	case RXL_TOKEN_ERROR:
		rxl_parse_lex_error(parser);
		return false;
	case RXL_TOKEN_RESERVED:
		rxl_parse_reserved(parser, &parser->token);
		return false;
	case RXL_TOKEN_EOF:
		rxl_parse_missing(parser, "}", "to end this object map literal");
		return false;
	default:
		if (!keys->count && parser->token.kind != RXL_TOKEN_INTERPOLATED)
			rxl_parse_missing(parser, "}", "to end this object map literal");
		else
			rxl_parse_fail(parser, RXL_PARSE_PROPERTY_EXPECTED, parser->token.pos,
				       "Expecting name of a property");
		return false;
	}
	if (keys_have(parser, keys, entry->key)) {
		rxl_parse_fail(parser, RXL_PARSE_DUPLICATED_PROPERTY, entry->pos,
			       "Duplicated property for object map literal: %", rxl_text(parser, entry->key));
		return false;
	}
	rxl_advance(parser);
	return true;
}

static bool parse_entries(struct rxl_parser *parser, struct rxl_place place, struct keys *keys)
{
	for (;;) {
		struct rxl_ast_map_entry entry = { .key = RXL_NO_SYMBOL };
		struct rxl_place inner = place;

		if (rxl_match(parser, RXL_TOKEN_RIGHT_BRACE))
			return true;
		if (!parse_key(parser, keys, &entry))
			return false;
		if (parser->token.kind == RXL_TOKEN_ERROR) {
			rxl_parse_lex_error(parser);
			return false;
		}
		if (!rxl_match(parser, RXL_TOKEN_COLON)) {
			rxl_parse_fail(parser, RXL_PARSE_MISSING_TOKEN, parser->token.pos,
				       "Expecting ':' to follow the property '%' in this object map literal",
				       rxl_text(parser, entry.key));
			return false;
		}
		if (keys->count >= parser->map_limit) {
			char number[16];
			int len = snprintf(number, sizeof(number), "%u", (unsigned)parser->map_limit);

			rxl_parse_fail(parser, RXL_PARSE_LITERAL_TOO_LARGE, parser->token.pos,
				       "Number of properties in object map literal exceeds the maximum limit (%)",
				       rx_str_make(number, (size_t)len));
			return false;
		}
		if (!rxl_deeper(parser, &inner))
			return false;
		entry.value = rxl_parse_expr(parser, inner);
		if (!entry.value || !keys_add(parser, keys, &entry))
			return false;
		switch (parser->token.kind) {
		case RXL_TOKEN_COMMA:
			rxl_advance(parser);
			break;
		case RXL_TOKEN_RIGHT_BRACE:
			break;
		case RXL_TOKEN_NAME:
			rxl_parse_missing(parser, ",", "to separate the items of this object map literal");
			return false;
		default:
			rxl_parse_missing(parser, "}", "to end this object map literal");
			return false;
		}
	}
}

static struct rxl_node *parse_map(struct rxl_parser *parser, struct rxl_place place)
{
	struct keys keys = { .from = 0 };
	struct rxl_node *node;
	uint32_t start = parser->token.start;
	bool done;
	void *entries;

	/* Entries are read in place, so they must be aligned. */
	parser->byte_count = (parser->byte_count + 7) & ~(size_t)7;
	keys.from = parser->byte_count;
	place.pos = parser->token.pos;
	rxl_advance(parser);
	done = parse_entries(parser, place, &keys);
	rx_memory_give(parser->memory, keys.slots, keys.cap * sizeof(*keys.slots));
	if (!done)
		return NULL;
	node = rxl_node_new(parser, RXL_NODE_MAP, place.pos, start);
	if (!node || !rxl_bytes_take(parser, keys.from, &entries))
		return NULL;
	node->u.map.entries = (struct rxl_ast_map_entry *)entries;
	node->u.map.count = keys.count;
	return node;
}

static bool push_text(struct rxl_parser *parser)
{
	struct rxl_node *part;

	if (!parser->token.u.string.len)
		return true;
	part = rxl_node_new(parser, RXL_NODE_STRING, parser->token.pos, parser->token.start);
	if (!part)
		return false;
	part->end = parser->token.end;
	part->u.string = parser->token.u.string;
	return rxl_list_push(parser, part);
}

/* `text${block}text`; the next token is the text before the first block. */
static struct rxl_node *parse_interpolation(struct rxl_parser *parser, struct rxl_place place)
{
	size_t from = parser->node_count;
	uint32_t start = parser->token.start;
	struct rxl_node *node, *part;

	place.pos = parser->token.pos;
	do {
		struct rxl_token brace = parser->token;

		if (!push_text(parser))
			return NULL;
		/* The text token ended behind `${`: its brace opens a block. */
		brace.kind = RXL_TOKEN_LEFT_BRACE;
		brace.start = brace.end - 1;
		brace.pos = rxl_lexer_pos(&parser->lexer, parser->lexer.cursor - 1);
		parser->token = brace;
		parser->lexer.previous = RXL_TOKEN_LEFT_BRACE;
		part = rxl_parse_block(parser, place, true);
		if (!part || !rxl_list_push(parser, part))
			return NULL;
		parser->token_end = parser->token.end;
		rxl_lexer_text(&parser->lexer, &parser->token);
		if (parser->token.kind == RXL_TOKEN_ERROR)
			return (struct rxl_node *)rxl_parse_lex_error(parser);
	} while (parser->token.kind == RXL_TOKEN_INTERPOLATED);
	if (!push_text(parser))
		return NULL;
	rxl_advance(parser);
	node = rxl_node_new(parser, RXL_NODE_INTERPOLATION, place.pos, start);
	if (!node || !rxl_list_take(parser, from, &node->u.list.items, &node->u.list.count))
		return NULL;
	return node;
}

static struct rxl_node *parse_paren(struct rxl_parser *parser, struct rxl_place place)
{
	struct rxl_node *node;

	rxl_advance(parser);
	if (!rxl_deeper(parser, &place))
		return NULL;
	node = rxl_parse_expr(parser, place);
	if (!node)
		return NULL;
	if (parser->token.kind != RXL_TOKEN_RIGHT_PAREN)
		return (struct rxl_node *)rxl_parse_missing(parser, ")", "for a matching ( in this expression");
	rxl_advance(parser);
	node->parenthesised = 1;
	return node;
}

static struct rxl_node *parse_name(struct rxl_parser *parser)
{
	struct rxl_token token = parser->token;
	struct rxl_node *node;

	rxl_advance(parser);
	node = rxl_node_new(parser, RXL_NODE_VAR, token.pos, token.start);
	if (!node)
		return NULL;
	node->u.name = token.u.symbol;
	switch (parser->token.kind) {
	case RXL_TOKEN_DOUBLE_COLON:
	case RXL_TOKEN_LEFT_PAREN:
	case RXL_TOKEN_BANG:
	case RXL_TOKEN_UNIT:
		return node;
	default:
		break;
	}
	if (!rxl_variable_use(parser, token.u.symbol, token.pos) && parser->strict && !parser->frame.is_closure &&
	    !rxl_variable_is_given(parser, token.u.symbol))
		return (struct rxl_node *)rxl_parse_fail(parser, RXL_PARSE_VARIABLE_UNDEFINED, token.pos,
							 "Undefined variable: %", rxl_text(parser, token.u.symbol));
	return node;
}

static struct rxl_node *parse_reserved_word(struct rxl_parser *parser, const struct rxl_place *place)
{
	struct rxl_token token = parser->token;
	bool call = token.kind == RXL_TOKEN_RESERVED && (token.word_flags & RXL_WORD_CALL);
	struct rxl_node *node;

	rxl_advance(parser);
	if (call && (parser->token.kind == RXL_TOKEN_LEFT_PAREN || parser->token.kind == RXL_TOKEN_UNIT ||
		     parser->token.kind == RXL_TOKEN_BANG)) {
		node = rxl_node_new(parser, RXL_NODE_VAR, token.pos, token.start);
		if (node)
			node->u.name = token.u.symbol;
		return node;
	}
	if (token.kind == RXL_TOKEN_RESERVED &&
	    parser->symbols->entries[token.u.symbol].word == RXL_WORD_ID_THIS &&
	    !(parser->lexer.disabled_words && parser->disabled_words[RXL_WORD_ID_THIS])) {
		if (!(place->flags & RXL_PLACE_FN))
			return (struct rxl_node *)rxl_parse_fail(parser, RXL_PARSE_BAD_INPUT, token.pos,
								 "'this' can only be used in functions");
		parser->frame.uses_this = true;
		return rxl_node_new(parser, RXL_NODE_THIS, token.pos, token.start);
	}
	return (struct rxl_node *)rxl_parse_reserved(parser, &token);
}

static struct rxl_node *literal(struct rxl_parser *parser, enum rxl_node_kind kind)
{
	struct rxl_token token = parser->token;
	struct rxl_node *node;

	rxl_advance(parser);
	node = rxl_node_new(parser, kind, token.pos, token.start);
	if (!node)
		return NULL;
	switch (token.kind) {
	case RXL_TOKEN_INT:
		node->u.integer = token.u.integer;
		break;
	case RXL_TOKEN_FLOAT:
		node->u.number = token.u.number;
		break;
	case RXL_TOKEN_CHAR:
		node->u.character = token.u.character;
		break;
	case RXL_TOKEN_STRING:
		node->u.string = token.u.string;
		break;
	default:
		node->u.boolean = token.kind == RXL_TOKEN_TRUE;
		break;
	}
	return node;
}

/* `..5`: the missing left end is 0 and stands where the operator stands, which is left for the operator loop. */
static struct rxl_node *open_range(struct rxl_parser *parser)
{
	struct rxl_node *node = rxl_node_new(parser, RXL_NODE_INT, parser->token.pos, parser->token.start);

	if (node) {
		node->end = node->start;
		node->u.integer = 0;
	}
	return node;
}

/* Constructs in the place of an operand; each costs a level. */
typedef struct rxl_node *(*operand_fn)(struct rxl_parser *parser, struct rxl_place place);

static struct rxl_node *parse_block_operand(struct rxl_parser *parser, struct rxl_place place)
{
	return rxl_parse_block(parser, place, false);
}

/* The construct that the next token starts and the switch that turns it off; NULL when it starts none. */
static operand_fn operand_of(const struct rxl_parser *parser, uint32_t *off_out)
{
	*off_out = 0;
	switch (parser->token.kind) {
	case RXL_TOKEN_LEFT_BRACE:
		*off_out = RXL_NO_STATEMENT_EXPR;
		return parse_block_operand;
	case RXL_TOKEN_LEFT_PAREN:
		return parse_paren;
	case RXL_TOKEN_IF:
		*off_out = RXL_NO_IF_EXPR;
		return rxl_parse_if;
	case RXL_TOKEN_WHILE:
	case RXL_TOKEN_LOOP:
		*off_out = RXL_NO_LOOP_EXPR | RXL_NO_LOOPING;
		return rxl_parse_while;
	case RXL_TOKEN_DO:
		*off_out = RXL_NO_LOOP_EXPR | RXL_NO_LOOPING;
		return rxl_parse_do;
	case RXL_TOKEN_FOR:
		*off_out = RXL_NO_LOOP_EXPR | RXL_NO_LOOPING;
		return rxl_parse_for;
	case RXL_TOKEN_SWITCH:
		*off_out = RXL_NO_SWITCH_EXPR;
		return rxl_parse_switch;
	case RXL_TOKEN_INTERPOLATED:
		return parse_interpolation;
	case RXL_TOKEN_LEFT_BRACKET:
		return parse_array;
	case RXL_TOKEN_MAP_START:
		return parse_map;
	case RXL_TOKEN_PIPE:
		*off_out = RXL_NO_CLOSURES;
		return parser->no_pipe ? NULL : rxl_parse_closure;
	case RXL_TOKEN_OR:
		*off_out = RXL_NO_CLOSURES;
		return rxl_parse_closure;
	default:
		return NULL;
	}
}

static struct rxl_node *parse_construct(struct rxl_parser *parser, struct rxl_place place)
{
	uint32_t off;
	operand_fn parse = operand_of(parser, &off);

	if (!parse || (parser->switches & off))
		return (struct rxl_node *)rxl_parse_unexpected(parser);
	/* Two constructs count their level themselves, once their first token is taken. */
	if (parse == parse_paren || parse == rxl_parse_closure)
		return parse(parser, place);
	return rxl_deeper(parser, &place) ? parse(parser, place) : NULL;
}

static struct rxl_node *parse_primary(struct rxl_parser *parser, struct rxl_place place)
{
	struct rxl_node *node;

	place.pos = parser->token.pos;
	switch (parser->token.kind) {
	case RXL_TOKEN_NAME:
		node = parse_name(parser);
		break;
	case RXL_TOKEN_INT:
		node = literal(parser, RXL_NODE_INT);
		break;
	case RXL_TOKEN_FLOAT:
		node = literal(parser, RXL_NODE_FLOAT);
		break;
	case RXL_TOKEN_CHAR:
		node = literal(parser, RXL_NODE_CHAR);
		break;
	case RXL_TOKEN_STRING:
		node = literal(parser, RXL_NODE_STRING);
		break;
	case RXL_TOKEN_UNIT:
		node = literal(parser, RXL_NODE_UNIT);
		break;
	case RXL_TOKEN_TRUE:
	case RXL_TOKEN_FALSE:
		node = literal(parser, RXL_NODE_BOOL);
		break;
	case RXL_TOKEN_RANGE:
	case RXL_TOKEN_RANGE_EQUAL:
		node = open_range(parser);
		break;
	case RXL_TOKEN_RESERVED:
	case RXL_TOKEN_RESERVED_SYMBOL:
		node = parse_reserved_word(parser, &place);
		break;
	case RXL_TOKEN_EOF:
		return (struct rxl_node *)rxl_parse_fail(parser, RXL_PARSE_UNEXPECTED_EOF, parser->token.pos,
							 "Script is incomplete");
	case RXL_TOKEN_ERROR:
		return (struct rxl_node *)rxl_parse_lex_error(parser);
	default:
		node = parse_construct(parser, place);
		break;
	}
	return node ? parse_postfix(parser, place, node) : NULL;
}

/* Negated literals fold; the sign of an integer that has no negative makes a float. */
static struct rxl_node *parse_sign(struct rxl_parser *parser, struct rxl_place place, enum rxl_unary op)
{
	uint32_t start = parser->token.start;
	struct rxl_node *operand, *node;

	rxl_advance(parser);
	if (!rxl_deeper(parser, &place))
		return NULL;
	operand = parse_unary(parser, place);
	if (!operand)
		return NULL;
	if (op == RXL_UNARY_MINUS && operand->kind == RXL_NODE_INT) {
		if (operand->u.integer == INT64_MIN) {
			operand->kind = RXL_NODE_FLOAT;
			operand->u.number = 9223372036854775808.0;
		} else {
			operand->u.integer = -operand->u.integer;
		}
	} else if (op == RXL_UNARY_MINUS && operand->kind == RXL_NODE_FLOAT) {
		operand->u.number = -operand->u.number;
	} else if (op != RXL_UNARY_PLUS || (operand->kind != RXL_NODE_INT && operand->kind != RXL_NODE_FLOAT)) {
		node = rxl_node_new(parser, RXL_NODE_UNARY, place.pos, start);
		if (!node)
			return NULL;
		node->op = (uint8_t)op;
		node->u.operand = operand;
		return node;
	} else {
		return operand;
	}
	operand->pos = place.pos;
	operand->start = start;
	return operand;
}

static struct rxl_node *parse_unary(struct rxl_parser *parser, struct rxl_place place)
{
	place.pos = parser->token.pos;
	switch (parser->token.kind) {
	case RXL_TOKEN_MINUS:
	case RXL_TOKEN_UNARY_MINUS:
		return parse_sign(parser, place, RXL_UNARY_MINUS);
	case RXL_TOKEN_PLUS:
	case RXL_TOKEN_UNARY_PLUS:
		return parse_sign(parser, place, RXL_UNARY_PLUS);
	case RXL_TOKEN_BANG:
		return parse_sign(parser, place, RXL_UNARY_NOT);
	default:
		return parse_primary(parser, place);
	}
}

/* Precedence of the next token as an operator, 0 when it is none. */
static uint8_t next_precedence(const struct rxl_parser *parser)
{
	if (parser->token.kind == RXL_TOKEN_PIPE && parser->no_pipe)
		return 0;
	return rxl_tokens[parser->token.kind].precedence;
}

static bool check_operator(struct rxl_parser *parser)
{
	if (RX_LIKELY(parser->token.kind != RXL_TOKEN_RESERVED_SYMBOL))
		return true;
	rxl_parse_fail(parser, RXL_PARSE_UNKNOWN_OPERATOR, parser->token.pos, "Unknown operator: '%'",
		       parser->token.u.string);
	return false;
}

/* The right side of an operator that was just taken. */
static struct rxl_node *parse_right(struct rxl_parser *parser, struct rxl_place place, enum rxl_binary op)
{
	if (op == RXL_BINARY_RANGE || op == RXL_BINARY_RANGE_INCLUSIVE) {
		switch (parser->token.kind) {
		case RXL_TOKEN_RIGHT_BRACKET:
		case RXL_TOKEN_RIGHT_PAREN:
		case RXL_TOKEN_RIGHT_BRACE:
		case RXL_TOKEN_COMMA:
		case RXL_TOKEN_SEMICOLON:
		case RXL_TOKEN_DOUBLE_ARROW:
			/* The missing end is (), which the range operators take for the last integer. */
			return rxl_node_new(parser, RXL_NODE_UNIT, parser->token.pos, parser->token_end);
		default:
			break;
		}
	}
	if (op == RXL_BINARY_COALESCE) {
		switch (parser->token.kind) {
		case RXL_TOKEN_BREAK:
		case RXL_TOKEN_CONTINUE:
		case RXL_TOKEN_RETURN:
		case RXL_TOKEN_THROW:
			return rxl_parse_stmt(parser, place);
		default:
			break;
		}
	}
	return parse_unary(parser, place);
}

static struct rxl_node *make_binary(struct rxl_parser *parser, enum rxl_binary op, struct rxl_pos pos,
				    struct rxl_node *left, struct rxl_node *right)
{
	struct rxl_node *node;

	if ((op == RXL_BINARY_AND || op == RXL_BINARY_OR) &&
	    (!rxl_check_bool(parser, left) || !rxl_check_bool(parser, right)))
		return NULL;
	node = rxl_node_new(parser, RXL_NODE_BINARY, pos, left->start);
	if (!node)
		return NULL;
	node->op = (uint8_t)op;
	node->u.binary.left = left;
	node->u.binary.right = right;
	return node;
}

/* Precedence climbing; every operator of a chain costs a level for the rest of it. */
static struct rxl_node *parse_operators(struct rxl_parser *parser, struct rxl_place place, uint8_t above,
					struct rxl_node *left)
{
	place.pos = left->pos;
	for (;;) {
		uint8_t precedence, next;
		enum rxl_binary op;
		struct rxl_pos pos = parser->token.pos;
		struct rxl_node *right;
		bool to_right;

		if (!check_operator(parser))
			return NULL;
		precedence = next_precedence(parser);
		op = (enum rxl_binary)rxl_tokens[parser->token.kind].binary;
		to_right = precedence == 190;
		if (!precedence || precedence < above || (precedence == above && !to_right))
			return left;
		rxl_advance(parser);
		right = parse_right(parser, place, op);
		if (!right || !check_operator(parser))
			return NULL;
		next = next_precedence(parser);
		if (next > precedence || (next == precedence && to_right)) {
			struct rxl_place inner = place;

			if (!rxl_deeper(parser, &inner))
				return NULL;
			right = parse_operators(parser, inner, precedence, right);
			if (!right)
				return NULL;
		}
		if (!rxl_deeper(parser, &place))
			return NULL;
		place.pos = pos;
		left = make_binary(parser, op, pos, left, right);
		if (!left)
			return NULL;
	}
}

struct rxl_node *rxl_parse_expr(struct rxl_parser *parser, struct rxl_place place)
{
	struct rxl_node *left;

	place.pos = parser->token.pos;
	if (!rxl_deeper(parser, &place))
		return NULL;
	left = parse_unary(parser, place);
	return left ? parse_operators(parser, place, 0, left) : NULL;
}
