/* What the files of the parser share. The grammar is spread over parse_expr.c, parse_stmt.c, parse_fn.c and
 * parse_switch.c; parse.c has the entry and the helpers. A function that returns a node returns NULL after an error. */
#ifndef RXL_PARSE_STATE_H
#define RXL_PARSE_STATE_H

#include "lang/parse.h"
#include "lang/token.h"

/* Where we are; passed by value so that it is restored on the way back. Spec, section 2.2. */
struct rxl_place {
	struct rxl_pos pos; /* where an expression that is too deep is reported */
	uint16_t level;
	uint8_t flags;
};

#define RXL_PLACE_GLOBAL 1U    /* statements of the script itself */
#define RXL_PLACE_FN 2U        /* `this` is allowed */
#define RXL_PLACE_BREAKABLE 4U /* inside a loop */

/* A variable in scope. */
struct rxl_variable {
	rxl_symbol name;
	uint32_t previous; /* what entry->variable was */
	bool is_const;
};

struct rxl_capture_slot {
	struct rxl_ast_capture capture;
	uint32_t previous; /* what entry->capture was */
};

struct rxl_import_slot {
	rxl_symbol name;
	uint32_t previous; /* what entry->import was */
};

/* A function definition or closure being parsed, or the script itself. */
struct rxl_frame {
	uint32_t variable_base, capture_base, import_base;
	bool uses_this;
	bool is_closure; /* what a closure does not know is checked where it is made */
};

struct rxl_parser {
	struct rxl_token token; /* the next token */
	struct rxl_lexer lexer;
	struct rxl_ast *ast;
	struct rx_arena *arena;
	struct rx_memory *memory;
	struct rxl_symbols *symbols;
	const struct rxl_parse_options *options;
	struct rxl_parse_error *error;
	enum rexi_status status;
	uint32_t token_end; /* end of the token before the next */

	uint16_t depth_limit, function_depth_limit;
	uint32_t array_limit, map_limit, function_limit;
	bool strict;
	bool no_pipe; /* in the labels of a switch `|` ends an expression */
	uint32_t switches;

	struct rxl_frame frame;
	struct rxl_variable *variables;
	uint32_t variable_count;
	size_t variable_cap;
	struct rxl_capture_slot *captures;
	uint32_t capture_count;
	size_t capture_cap;
	struct rxl_import_slot *imports;
	uint32_t import_count;
	size_t import_cap;

	/* Lists under construction, innermost last. */
	struct rxl_node **nodes;
	size_t node_count, node_cap;
	char *bytes; /* the same for anything else */
	size_t byte_count, byte_cap;

	struct rxl_ast_fn **fns;
	uint32_t fn_count;
	size_t fn_cap;
	uint32_t *fn_slots; /* hash of name, arity and type of this, to index in fns + 1 */
	size_t fn_slot_cap;
	uint8_t disabled_words[RXL_WORD_COUNT];
	uint8_t disabled_tokens[RXL_TOKEN_COUNT];
};

/* parse.c */

RX_INLINE void rxl_advance(struct rxl_parser *parser)
{
	parser->token_end = parser->token.end;
	rxl_lexer_next(&parser->lexer, &parser->token);
}

/* Records the first error; format's `%` are replaced by the struct rexi_str that follow. Returns NULL. */
RX_COLD void *rxl_parse_fail(struct rxl_parser *parser, enum rxl_parse_error_kind kind, struct rxl_pos pos,
			     const char *format, ...);
RX_COLD void *rxl_parse_no_memory(struct rxl_parser *parser);
/* The lexical error in the next token. */
RX_COLD void *rxl_parse_lex_error(struct rxl_parser *parser);
/* `Expecting 'token' why` at the next token, which is reported itself if it is a lexical error. */
RX_COLD void *rxl_parse_missing(struct rxl_parser *parser, const char *token, const char *why);
/* The same without looking at the next token. */
RX_COLD void *rxl_parse_missing_at(struct rxl_parser *parser, struct rxl_pos pos, const char *token, const char *why);
/* `'word' is a reserved keyword` for a RESERVED or RESERVED_SYMBOL token. */
RX_COLD void *rxl_parse_reserved(struct rxl_parser *parser, const struct rxl_token *token);
RX_COLD void *rxl_parse_unexpected(struct rxl_parser *parser);
RX_COLD bool rxl_parse_too_deep(struct rxl_parser *parser, struct rxl_pos pos);

/* One level deeper; false after an error. */
RX_NODISCARD RX_INLINE bool rxl_deeper(struct rxl_parser *parser, struct rxl_place *place)
{
	if (RX_UNLIKELY(place->level >= parser->depth_limit))
		return rxl_parse_too_deep(parser, place->pos);
	place->level++;
	return true;
}

RX_INLINE struct rxl_node *rxl_node_new(struct rxl_parser *parser, enum rxl_node_kind kind, struct rxl_pos pos,
					uint32_t start)
{
	struct rxl_node *node = (struct rxl_node *)rx_arena_bytes(parser->arena, sizeof(*node));

	if (RX_UNLIKELY(!node))
		return (struct rxl_node *)rxl_parse_no_memory(parser);
	*node = (struct rxl_node){ .kind = (uint8_t)kind, .pos = pos, .start = start, .end = parser->token_end };
	return node;
}

RX_INLINE struct rexi_str rxl_text(const struct rxl_parser *parser, rxl_symbol symbol)
{
	return rxl_symbol_text(parser->symbols, symbol);
}

/* Takes the next token if it is `kind`. */
RX_INLINE bool rxl_match(struct rxl_parser *parser, enum rxl_token_kind kind)
{
	if (parser->token.kind != kind)
		return false;
	rxl_advance(parser);
	return true;
}

RX_NODISCARD bool rxl_list_push(struct rxl_parser *parser, struct rxl_node *node);
/* The nodes pushed since node_count was `from`, in the arena; NULL for none. False when memory refuses. */
RX_NODISCARD bool rxl_list_take(struct rxl_parser *parser, size_t from, struct rxl_node ***items_out,
				uint32_t *count_out);
RX_NODISCARD bool rxl_bytes_push(struct rxl_parser *parser, const void *bytes, size_t size);
/* What was pushed since byte_count was `from`, in the arena; NULL for none. */
RX_NODISCARD bool rxl_bytes_take(struct rxl_parser *parser, size_t from, void **out);

/* `name` as the grammar has it for variables, parameters, aliases; false after an error. */
RX_NODISCARD bool rxl_parse_name(struct rxl_parser *parser, rxl_symbol *name_out, struct rxl_pos *pos_out);

RX_NODISCARD bool rxl_variable_push(struct rxl_parser *parser, rxl_symbol name, bool is_const);
void rxl_variables_rewind(struct rxl_parser *parser, uint32_t count);
/* The variable of that name in the function being parsed; NULL when there is none. */
const struct rxl_variable *rxl_variable_find(const struct rxl_parser *parser, rxl_symbol name);
/* Uses a name: notes what a closure captures. False: unknown in this function and no function so far has that name. */
RX_NODISCARD bool rxl_variable_use(struct rxl_parser *parser, rxl_symbol name, struct rxl_pos pos);
/* True when the host put a variable of that name in scope. */
bool rxl_variable_is_given(const struct rxl_parser *parser, rxl_symbol name);
void rxl_captures_rewind(struct rxl_parser *parser, uint32_t count);
RX_NODISCARD bool rxl_import_push(struct rxl_parser *parser, rxl_symbol name);
void rxl_imports_rewind(struct rxl_parser *parser, uint32_t count);
bool rxl_module_is_known(const struct rxl_parser *parser, rxl_symbol name);

/* parse_expr.c */
struct rxl_node *rxl_parse_expr(struct rxl_parser *parser, struct rxl_place place);
/* Errors of the reference's ensure_...: false after an error. */
RX_NODISCARD bool rxl_check_not_block(struct rxl_parser *parser);
RX_NODISCARD bool rxl_check_not_assignment(struct rxl_parser *parser);
RX_NODISCARD bool rxl_check_bool(struct rxl_parser *parser, const struct rxl_node *node);
RX_NODISCARD bool rxl_check_iterable(struct rxl_parser *parser, const struct rxl_node *node);

/* parse_stmt.c; a statement that is empty is parser-wide `rxl_noop`. */
extern struct rxl_node rxl_noop;
struct rxl_node *rxl_parse_stmt(struct rxl_parser *parser, struct rxl_place place);
/* keep_brace: leaves the closing `}` as the next token. */
struct rxl_node *rxl_parse_block(struct rxl_parser *parser, struct rxl_place place, bool keep_brace);
struct rxl_node *rxl_parse_script(struct rxl_parser *parser);
struct rxl_node *rxl_parse_if(struct rxl_parser *parser, struct rxl_place place);
struct rxl_node *rxl_parse_while(struct rxl_parser *parser, struct rxl_place place);
struct rxl_node *rxl_parse_do(struct rxl_parser *parser, struct rxl_place place);
struct rxl_node *rxl_parse_for(struct rxl_parser *parser, struct rxl_place place);
RX_INLINE bool rxl_is_self_terminated(const struct rxl_node *node)
{
	return !node->parenthesised &&
	       (node->kind == RXL_NODE_IF || node->kind == RXL_NODE_SWITCH || node->kind == RXL_NODE_WHILE ||
	       node->kind == RXL_NODE_FOR || node->kind == RXL_NODE_BLOCK || node->kind == RXL_NODE_TRY);
}
/* An empty block in place of a statement that is empty. */
struct rxl_node *rxl_or_empty(struct rxl_parser *parser, struct rxl_node *node);

/* parse_fn.c */
/* A definition, behind its `fn`, whose position is pos. */
RX_NODISCARD bool rxl_parse_fn(struct rxl_parser *parser, struct rxl_pos pos, bool is_private);
struct rxl_node *rxl_parse_closure(struct rxl_parser *parser, struct rxl_place place);

/* parse_switch.c */
struct rxl_node *rxl_parse_switch(struct rxl_parser *parser, struct rxl_place place);

#endif
