/* Function definitions and closures. Spec, sections 2, 6.5 and 6.7. */
#include <config.h>

#include <stdio.h>

#include "base/hash.h"
#include "lang/parse_state.h"

static bool function_count_check(struct rxl_parser *parser, struct rxl_pos pos)
{
	if ((size_t)parser->fn_count + parser->ast->closure_count < parser->function_limit)
		return true;
	rxl_parse_fail(parser, RXL_PARSE_TOO_MANY_FUNCTIONS, pos,
		       "Number of functions defined exceeds maximum limit");
	return false;
}

static struct rxl_frame frame_enter(struct rxl_parser *parser, bool is_closure)
{
	struct rxl_frame outer = parser->frame;

	parser->frame = (struct rxl_frame){ .variable_base = parser->variable_count,
					    .capture_base = parser->capture_count,
					    .is_closure = is_closure };
	return outer;
}

static void frame_leave(struct rxl_parser *parser, const struct rxl_frame *outer)
{
	rxl_variables_rewind(parser, parser->frame.variable_base);
	rxl_captures_rewind(parser, parser->frame.capture_base);
	parser->frame = *outer;
}

/* Parameters are the first variables of their frame, so a name that is one already is a duplicate. */
static bool parse_param(struct rxl_parser *parser, rxl_symbol fn_name)
{
	struct rxl_ast_param param = { .name = parser->token.u.symbol, .pos = parser->token.pos };

	if (rxl_variable_find(parser, param.name)) {
		rxl_parse_fail(parser, RXL_PARSE_FN_DUPLICATED_PARAM, param.pos, "Duplicated parameter % for function %",
			       rxl_text(parser, param.name), fn_name ? rxl_text(parser, fn_name) : RX_STR(""));
		return false;
	}
	if (!rxl_bytes_push(parser, &param, sizeof(param)) || !rxl_variable_push(parser, param.name, false))
		return false;
	rxl_advance(parser);
	return true;
}

/* What stands where a parameter should. */
static void *no_param(struct rxl_parser *parser, rxl_symbol fn_name)
{
	if (parser->token.kind == RXL_TOKEN_ERROR)
		return rxl_parse_lex_error(parser);
	if (parser->token.kind == RXL_TOKEN_RESERVED || parser->token.kind == RXL_TOKEN_RESERVED_SYMBOL)
		return rxl_parse_reserved(parser, &parser->token);
	/* The reference has no error of its own for `switch` here. */
	if (parser->token.kind >= RXL_TOKEN_TRUE && parser->token.kind <= RXL_TOKEN_AS &&
	    parser->token.kind != RXL_TOKEN_SWITCH)
		return rxl_parse_fail(parser, RXL_PARSE_VARIABLE_EXPECTED, parser->token.pos,
				      "Expecting name of a variable");
	if (!fn_name)
		return rxl_parse_missing_at(parser, parser->token.pos, "|",
					    "to close the parameters list of anonymous function or closure");
	return rxl_parse_fail(parser, RXL_PARSE_MISSING_TOKEN, parser->token.pos,
			      "Expecting ')' to close the parameters list of function '%'", rxl_text(parser, fn_name));
}

static void *no_separator(struct rxl_parser *parser, rxl_symbol fn_name)
{
	if (parser->token.kind == RXL_TOKEN_ERROR)
		return rxl_parse_lex_error(parser);
	if (!fn_name)
		return rxl_parse_missing_at(parser, parser->token.pos, ",",
					    "to separate the parameters of anonymous function");
	return rxl_parse_fail(parser, RXL_PARSE_MISSING_TOKEN, parser->token.pos,
			      "Expecting ',' to separate the parameters of function '%'", rxl_text(parser, fn_name));
}

/* Parameters up to `end`, which is taken; fn_name is none for a closure. */
static bool parse_params(struct rxl_parser *parser, rxl_symbol fn_name, enum rxl_token_kind end)
{
	while (!rxl_match(parser, end)) {
		if (parser->token.kind != RXL_TOKEN_NAME) {
			no_param(parser, fn_name);
			return false;
		}
		if (!parse_param(parser, fn_name))
			return false;
		if (rxl_match(parser, end))
			return true;
		if (!rxl_match(parser, RXL_TOKEN_COMMA)) {
			no_separator(parser, fn_name);
			return false;
		}
	}
	return true;
}

static bool take_params(struct rxl_parser *parser, size_t from, struct rxl_ast_fn *fn)
{
	void *params;

	fn->param_count = (uint32_t)((parser->byte_count - from) / sizeof(*fn->params));
	if (!rxl_bytes_take(parser, from, &params))
		return false;
	fn->params = (struct rxl_ast_param *)params;
	return true;
}

/* `int` and `float` stand for the types scripts see as i64 and f64. */
static rxl_symbol type_name(struct rxl_parser *parser, struct rexi_str text)
{
	if (rx_str_eq(text, RX_STR("int")))
		text = RX_STR("i64");
	else if (rx_str_eq(text, RX_STR("float")))
		text = RX_STR("f64");
	return rxl_symbol_intern(parser->symbols, text);
}

/* `name`, `Type.name` or `"type name".name`. */
static bool parse_fn_name(struct rxl_parser *parser, struct rxl_ast_fn *fn)
{
	struct rxl_token token = parser->token;

	if (token.kind == RXL_TOKEN_NAME || token.kind == RXL_TOKEN_STRING) {
		rxl_advance(parser);
		if (parser->token.kind == RXL_TOKEN_PERIOD) {
			fn->this_type = type_name(parser, token.kind == RXL_TOKEN_NAME ?
								  rxl_text(parser, token.u.symbol) :
								  token.u.string);
			if (fn->this_type == RXL_NO_SYMBOL) {
				rxl_parse_no_memory(parser);
				return false;
			}
			rxl_advance(parser);
			token = parser->token;
			if (token.kind == RXL_TOKEN_NAME)
				rxl_advance(parser);
		} else if (token.kind == RXL_TOKEN_STRING) {
			rxl_parse_missing_at(parser, parser->token.pos, ".", "after the type name for 'this'");
			return false;
		}
	}
	if (token.kind == RXL_TOKEN_NAME) {
		fn->name = token.u.symbol;
		return true;
	}
	if (token.kind == RXL_TOKEN_RESERVED || token.kind == RXL_TOKEN_RESERVED_SYMBOL)
		rxl_parse_reserved(parser, &token);
	else
		rxl_parse_fail(parser, RXL_PARSE_FN_MISSING_NAME, token.pos,
			       "Expecting function name in function declaration");
	return false;
}

/* Behind `fn`, in the frame of the function. */
static bool parse_fn_rest(struct rxl_parser *parser, struct rxl_ast_fn *fn)
{
	struct rxl_place place = { .pos = fn->pos, .flags = RXL_PLACE_FN };
	size_t from = parser->byte_count;

	if (!rxl_deeper(parser, &place))
		return false;
	if (!parse_fn_name(parser, fn))
		return false;
	if (rxl_match(parser, RXL_TOKEN_LEFT_PAREN)) {
		if (!parse_params(parser, fn->name, RXL_TOKEN_RIGHT_PAREN))
			return false;
	} else if (!rxl_match(parser, RXL_TOKEN_UNIT)) {
		rxl_parse_fail(parser, RXL_PARSE_FN_MISSING_PARAMS, parser->token.pos,
			       "Expecting parameters for function %", rxl_text(parser, fn->name));
		return false;
	}
	if (!take_params(parser, from, fn))
		return false;
	if (parser->token.kind != RXL_TOKEN_LEFT_BRACE) {
		rxl_parse_fail(parser, RXL_PARSE_FN_MISSING_BODY, parser->token.pos,
			       "Expecting body statement block for function %", rxl_text(parser, fn->name));
		return false;
	}
	fn->body = rxl_parse_block(parser, place, false);
	fn->uses_this = parser->frame.uses_this;
	return fn->body != NULL;
}

static size_t fn_slot(const struct rxl_parser *parser, const struct rxl_ast_fn *fn)
{
	uint64_t mixed = rx_hash_mix((uint64_t)fn->name << 32 | fn->this_type, fn->param_count);
	size_t at = (size_t)mixed & (parser->fn_slot_cap - 1);

	while (parser->fn_slots[at]) {
		const struct rxl_ast_fn *other = parser->fns[parser->fn_slots[at] - 1];

		if (other->name == fn->name && other->this_type == fn->this_type && other->param_count == fn->param_count)
			break;
		at = (at + 1) & (parser->fn_slot_cap - 1);
	}
	return at;
}

static bool fn_slots_grow(struct rxl_parser *parser)
{
	size_t old_cap = parser->fn_slot_cap, cap = old_cap ? old_cap * 2 : 32;
	uint32_t *slots;

	if ((size_t)parser->fn_count * 2 + 2 <= old_cap)
		return true;
	slots = (uint32_t *)rx_memory_take_zeroed(parser->memory, cap, sizeof(*slots));
	if (!slots) {
		rxl_parse_no_memory(parser);
		return false;
	}
	rx_memory_give(parser->memory, parser->fn_slots, old_cap * sizeof(*slots));
	parser->fn_slots = slots;
	parser->fn_slot_cap = cap;
	for (uint32_t at = 0; at < parser->fn_count; at++)
		slots[fn_slot(parser, parser->fns[at])] = at + 1;
	return true;
}

static bool fn_add(struct rxl_parser *parser, struct rxl_ast_fn *fn)
{
	size_t slot;

	if (!fn_slots_grow(parser))
		return false;
	slot = fn_slot(parser, fn);
	if (parser->fn_slots[slot]) {
		char arity[48];
		int len;

		if (fn->param_count == 0)
			len = snprintf(arity, sizeof(arity), "no parameters");
		else
			len = snprintf(arity, sizeof(arity), "%u parameter%s", (unsigned)fn->param_count,
				       fn->param_count == 1 ? "" : "s");
		rxl_parse_fail(parser, RXL_PARSE_FN_DUPLICATED_DEFINITION, fn->pos, "Function % with % already exists",
			       rxl_text(parser, fn->name), rx_str_make(arity, (size_t)len));
		return false;
	}
	if (!RX_GROW(parser->memory, &parser->fns, &parser->fn_cap, (size_t)parser->fn_count + 1)) {
		rxl_parse_no_memory(parser);
		return false;
	}
	parser->fns[parser->fn_count++] = fn;
	parser->fn_slots[slot] = parser->fn_count;
	parser->symbols->entries[fn->name].fn = parser->symbols->parse;
	return true;
}

bool rxl_parse_fn(struct rxl_parser *parser, struct rxl_pos pos, bool is_private)
{
	struct rxl_ast_fn *fn = RX_ARENA_NEW(parser->arena, struct rxl_ast_fn);
	uint16_t depth_limit = parser->depth_limit;
	struct rxl_frame outer;
	bool done;

	if (!fn) {
		rxl_parse_no_memory(parser);
		return false;
	}
	if (!function_count_check(parser, pos))
		return false;
	fn->pos = pos;
	fn->is_private = is_private;
	parser->depth_limit = parser->function_depth_limit;
	outer = frame_enter(parser, false);
	done = parse_fn_rest(parser, fn);
	frame_leave(parser, &outer);
	parser->depth_limit = depth_limit;
	return done && fn_add(parser, fn);
}

static bool take_captures(struct rxl_parser *parser, struct rxl_ast_fn *fn)
{
	uint32_t base = parser->frame.capture_base;

	fn->capture_count = parser->capture_count - base;
	fn->captures = RX_ARENA_ARRAY(parser->arena, struct rxl_ast_capture, fn->capture_count);
	if (!fn->captures) {
		rxl_parse_no_memory(parser);
		return false;
	}
	for (uint32_t at = 0; at < fn->capture_count; at++)
		fn->captures[at] = parser->captures[base + at].capture;
	return true;
}

static bool parse_closure_rest(struct rxl_parser *parser, struct rxl_place place, struct rxl_ast_fn *fn)
{
	uint32_t imports = parser->import_count;
	size_t from = parser->byte_count;

	bool has_params = parser->token.kind == RXL_TOKEN_PIPE;

	rxl_advance(parser);
	if (!rxl_deeper(parser, &place) || (has_params && !parse_params(parser, RXL_NO_SYMBOL, RXL_TOKEN_PIPE)))
		return false;
	if (!take_params(parser, from, fn))
		return false;
	fn->body = rxl_parse_stmt(parser, place);
	rxl_imports_rewind(parser, imports);
	if (!fn->body)
		return false;
	fn->body = rxl_or_empty(parser, fn->body);
	fn->uses_this = parser->frame.uses_this;
	return fn->body && take_captures(parser, fn);
}

/* What a closure captures is used where it stands: known there, captured in turn, or under strict variables an error. */
static bool use_captures(struct rxl_parser *parser, const struct rxl_ast_fn *fn)
{
	for (uint32_t at = 0; at < fn->capture_count; at++) {
		const struct rxl_ast_capture *capture = &fn->captures[at];

		if (rxl_variable_use(parser, capture->name, capture->pos) || !parser->strict || parser->frame.is_closure ||
		    rxl_variable_is_given(parser, capture->name))
			continue;
		rxl_parse_fail(parser, RXL_PARSE_VARIABLE_UNDEFINED, capture->pos, "Undefined variable: %",
			       rxl_text(parser, capture->name));
		return false;
	}
	return true;
}

struct rxl_node *rxl_parse_closure(struct rxl_parser *parser, struct rxl_place place)
{
	struct rxl_ast_fn *fn = RX_ARENA_NEW(parser->arena, struct rxl_ast_fn);
	uint32_t start = parser->token.start;
	bool no_pipe = parser->no_pipe;
	struct rxl_frame outer;
	struct rxl_node *node;
	bool done;

	if (!fn)
		return (struct rxl_node *)rxl_parse_no_memory(parser);
	place.pos = fn->pos = parser->token.pos;
	if (!function_count_check(parser, fn->pos))
		return NULL;
	parser->ast->closure_count++;
	place.flags = RXL_PLACE_FN;
	parser->no_pipe = false;
	outer = frame_enter(parser, true);
	done = parse_closure_rest(parser, place, fn);
	frame_leave(parser, &outer);
	parser->no_pipe = no_pipe;
	if (!done || !use_captures(parser, fn))
		return NULL;
	node = rxl_node_new(parser, RXL_NODE_CLOSURE, fn->pos, start);
	if (node)
		node->u.fn = fn;
	return node;
}
