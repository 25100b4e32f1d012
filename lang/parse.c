/* The parser's entry and what its stages share: errors, lists, names in scope. */
#include <config.h>

#include <stdarg.h>

#include "base/utf8.h"
#include "lang/parse_state.h"

#define DEFAULT_SOURCE_LEN ((size_t)64 << 20)
#define MAX_SOURCE_LEN ((size_t)UINT32_MAX - 1)
#define DEFAULT_DEPTH 64
#define DEFAULT_FUNCTION_DEPTH 32

void *rxl_parse_no_memory(struct rxl_parser *parser)
{
	if (parser->status == REXI_OK)
		parser->status = REXI_NO_MEMORY;
	return NULL;
}

static void error_set(struct rxl_parser *parser, enum rxl_parse_error_kind kind, struct rxl_pos pos, char *text, size_t len)
{
	*parser->error = (struct rxl_parse_error){ .kind = kind, .pos = pos, .message = { text, len } };
	if (pos.line == parser->token.pos.line && pos.column == parser->token.pos.column) {
		parser->error->start = parser->token.start;
		parser->error->end = parser->token.end;
	}
	parser->status = REXI_SYNTAX;
}

void *rxl_parse_fail(struct rxl_parser *parser, enum rxl_parse_error_kind kind, struct rxl_pos pos, const char *format, ...)
{
	size_t len = 0;
	char *text, *end;
	va_list args;

	if (parser->status != REXI_OK)
		return NULL;
	va_start(args, format);
	for (const char *at = format; *at; at++)
		len += *at == '%' ? va_arg(args, struct rexi_str).len : 1;
	va_end(args);
	text = end = (char *)rx_arena_bytes(parser->arena, len + 1);
	if (!text)
		return rxl_parse_no_memory(parser);
	va_start(args, format);
	for (const char *at = format; *at; at++) {
		if (*at == '%') {
			struct rexi_str part = va_arg(args, struct rexi_str);

			if (part.len)
				memcpy(end, part.ptr, part.len);
			end += part.len;
		} else {
			*end++ = *at;
		}
	}
	va_end(args);
	*end = 0;
	error_set(parser, kind, pos, text, len);
	return NULL;
}

void *rxl_parse_lex_error(struct rxl_parser *parser)
{
	return rxl_parse_fail(parser, parser->lexer.error_too_large ? RXL_PARSE_LITERAL_TOO_LARGE : RXL_PARSE_BAD_INPUT,
			      parser->token.pos, "%", parser->lexer.error);
}

void *rxl_parse_missing_at(struct rxl_parser *parser, struct rxl_pos pos, const char *token, const char *why)
{
	return rxl_parse_fail(parser, RXL_PARSE_MISSING_TOKEN, pos, "Expecting '%' %", rx_str(token), rx_str(why));
}

void *rxl_parse_missing(struct rxl_parser *parser, const char *token, const char *why)
{
	if (parser->token.kind == RXL_TOKEN_ERROR)
		return rxl_parse_lex_error(parser);
	return rxl_parse_missing_at(parser, parser->token.pos, token, why);
}

void *rxl_parse_reserved(struct rxl_parser *parser, const struct rxl_token *token)
{
	if (token->kind == RXL_TOKEN_RESERVED)
		return rxl_parse_fail(parser, RXL_PARSE_RESERVED, token->pos, "'%' is a reserved keyword",
				      rxl_text(parser, token->u.symbol));
	return rxl_parse_fail(parser, RXL_PARSE_RESERVED, token->pos, "'%' is a reserved symbol", token->u.string);
}

void *rxl_parse_unexpected(struct rxl_parser *parser)
{
	return rxl_parse_fail(parser, RXL_PARSE_BAD_INPUT, parser->token.pos, "Unexpected '%'",
			      rx_str(rxl_tokens[parser->token.kind].text));
}

bool rxl_parse_too_deep(struct rxl_parser *parser, struct rxl_pos pos)
{
	rxl_parse_fail(parser, RXL_PARSE_EXPR_TOO_DEEP, pos, "Expression exceeds maximum complexity");
	return false;
}

bool rxl_list_push(struct rxl_parser *parser, struct rxl_node *node)
{
	if (RX_UNLIKELY(parser->node_count == parser->node_cap) &&
	    !RX_GROW(parser->memory, &parser->nodes, &parser->node_cap, parser->node_count + 1)) {
		rxl_parse_no_memory(parser);
		return false;
	}
	parser->nodes[parser->node_count++] = node;
	return true;
}

bool rxl_list_take(struct rxl_parser *parser, size_t from, struct rxl_node ***items_out, uint32_t *count_out)
{
	size_t count = parser->node_count - from;
	size_t size = count * sizeof(*parser->nodes);

	*items_out = NULL;
	*count_out = (uint32_t)count;
	if (!count)
		return true;
	*items_out = (struct rxl_node **)rx_arena_bytes(parser->arena, size);
	if (!*items_out) {
		rxl_parse_no_memory(parser);
		return false;
	}
	memcpy((void *)*items_out, (void *)(parser->nodes + from), size);
	parser->node_count = from;
	return true;
}

bool rxl_bytes_push(struct rxl_parser *parser, const void *bytes, size_t size)
{
	if (!RX_GROW(parser->memory, &parser->bytes, &parser->byte_cap, parser->byte_count + size)) {
		rxl_parse_no_memory(parser);
		return false;
	}
	memcpy(parser->bytes + parser->byte_count, bytes, size);
	parser->byte_count += size;
	return true;
}

bool rxl_bytes_take(struct rxl_parser *parser, size_t from, void **out)
{
	size_t size = parser->byte_count - from;

	*out = NULL;
	if (!size)
		return true;
	*out = rx_arena_bytes(parser->arena, size);
	if (!*out) {
		rxl_parse_no_memory(parser);
		return false;
	}
	memcpy(*out, parser->bytes + from, size);
	parser->byte_count = from;
	return true;
}

bool rxl_parse_name(struct rxl_parser *parser, rxl_symbol *name_out, struct rxl_pos *pos_out)
{
	switch (parser->token.kind) {
	case RXL_TOKEN_NAME:
		*name_out = parser->token.u.symbol;
		*pos_out = parser->token.pos;
		rxl_advance(parser);
		return true;
	case RXL_TOKEN_RESERVED:
		rxl_parse_reserved(parser, &parser->token);
		return false;
	case RXL_TOKEN_ERROR:
		rxl_parse_lex_error(parser);
		return false;
	default:
		rxl_parse_fail(parser, RXL_PARSE_VARIABLE_EXPECTED, parser->token.pos, "Expecting name of a variable");
		return false;
	}
}

bool rxl_variable_push(struct rxl_parser *parser, rxl_symbol name, bool is_const)
{
	struct rxl_symbol_entry *entry = &parser->symbols->entries[name];

	if (RX_UNLIKELY(parser->variable_count == parser->variable_cap) &&
	    !RX_GROW(parser->memory, &parser->variables, &parser->variable_cap, (size_t)parser->variable_count + 1)) {
		rxl_parse_no_memory(parser);
		return false;
	}
	parser->variables[parser->variable_count++] =
		(struct rxl_variable){ .name = name, .previous = entry->variable, .is_const = is_const };
	entry->variable = parser->variable_count;
	return true;
}

void rxl_variables_rewind(struct rxl_parser *parser, uint32_t count)
{
	while (parser->variable_count > count) {
		const struct rxl_variable *variable = &parser->variables[--parser->variable_count];

		parser->symbols->entries[variable->name].variable = variable->previous;
	}
}

const struct rxl_variable *rxl_variable_find(const struct rxl_parser *parser, rxl_symbol name)
{
	uint32_t at = parser->symbols->entries[name].variable;

	return at > parser->frame.variable_base ? &parser->variables[at - 1] : NULL;
}

bool rxl_variable_use(struct rxl_parser *parser, rxl_symbol name, struct rxl_pos pos)
{
	struct rxl_symbol_entry *entry = &parser->symbols->entries[name];

	if (entry->variable > parser->frame.variable_base)
		return true;
	if (entry->fn == parser->symbols->parse)
		return true;
	if (entry->capture > parser->frame.capture_base)
		return false;
	if (!RX_GROW(parser->memory, &parser->captures, &parser->capture_cap, (size_t)parser->capture_count + 1)) {
		rxl_parse_no_memory(parser);
		return true;
	}
	parser->captures[parser->capture_count++] =
		(struct rxl_capture_slot){ .capture = { name, pos }, .previous = entry->capture };
	entry->capture = parser->capture_count;
	return false;
}

void rxl_captures_rewind(struct rxl_parser *parser, uint32_t count)
{
	while (parser->capture_count > count) {
		const struct rxl_capture_slot *slot = &parser->captures[--parser->capture_count];

		parser->symbols->entries[slot->capture.name].capture = slot->previous;
	}
}

bool rxl_variable_is_given(const struct rxl_parser *parser, rxl_symbol name)
{
	struct rexi_str text = rxl_text(parser, name);

	for (size_t at = 0; at < parser->options->name_count; at++)
		if (rx_str_eq(parser->options->names[at], text))
			return true;
	return false;
}

bool rxl_import_push(struct rxl_parser *parser, rxl_symbol name)
{
	struct rxl_symbol_entry *entry = &parser->symbols->entries[name];

	if (!RX_GROW(parser->memory, &parser->imports, &parser->import_cap, (size_t)parser->import_count + 1)) {
		rxl_parse_no_memory(parser);
		return false;
	}
	parser->imports[parser->import_count++] = (struct rxl_import_slot){ .name = name, .previous = entry->import };
	entry->import = parser->import_count;
	return true;
}

void rxl_imports_rewind(struct rxl_parser *parser, uint32_t count)
{
	while (parser->import_count > count) {
		const struct rxl_import_slot *slot = &parser->imports[--parser->import_count];

		parser->symbols->entries[slot->name].import = slot->previous;
	}
}

bool rxl_module_is_known(const struct rxl_parser *parser, rxl_symbol name)
{
	struct rexi_str text = rxl_text(parser, name);

	if (parser->symbols->entries[name].import || rx_str_eq(text, RX_STR("global")))
		return true;
	return parser->options->has_module && parser->options->has_module(parser->options->module_user, text);
}

static uint32_t limit_or(uint32_t limit, uint32_t or_else)
{
	return limit ? limit : or_else;
}

static void limits_take(struct rxl_parser *parser)
{
	const struct rxl_parse_limits *limits = &parser->options->limits;
	uint32_t depth = limit_or(limits->expr_depth, DEFAULT_DEPTH);
	uint32_t function_depth = limit_or(limits->function_expr_depth, DEFAULT_FUNCTION_DEPTH);

	parser->depth_limit = (uint16_t)(depth < RXL_MAX_DEPTH ? depth : RXL_MAX_DEPTH);
	parser->function_depth_limit = (uint16_t)(function_depth < RXL_MAX_DEPTH ? function_depth : RXL_MAX_DEPTH);
	parser->function_limit = limit_or(limits->functions, UINT32_MAX);
	parser->array_limit = limit_or(limits->array_items, UINT32_MAX);
	parser->map_limit = limit_or(limits->map_items, UINT32_MAX);
	parser->lexer.string_limit = limits->string_len ? limits->string_len : SIZE_MAX;
}

static void disabled_take(struct rxl_parser *parser)
{
	const struct rxl_parse_options *options = parser->options;

	if (!options->disabled_count)
		return;
	for (size_t at = 0; at < options->disabled_count; at++) {
		for (size_t word = 1; word < RXL_WORD_COUNT; word++)
			if (rx_str_eq(rx_str(rxl_words[word].text), options->disabled[at]))
				parser->disabled_words[word] = 1;
		for (size_t kind = RXL_TOKEN_UNDERSCORE; kind < RXL_TOKEN_COUNT; kind++)
			if (rx_str_eq(rx_str(rxl_tokens[kind].text), options->disabled[at]))
				parser->disabled_tokens[kind] = 1;
	}
	parser->lexer.disabled_words = parser->disabled_words;
	parser->lexer.disabled_tokens = parser->disabled_tokens;
	parser->lexer.disabled_symbols = options->disabled;
	parser->lexer.disabled_symbol_count = options->disabled_count;
}

static void parse_text(struct rxl_parser *parser, const char *text, size_t len)
{
	struct rxl_ast *ast = parser->ast;
	void *fns;

	rxl_lexer_start(&parser->lexer, text, len);
	rxl_advance(parser);
	ast->body = rxl_parse_script(parser);
	if (parser->lexer.no_memory && parser->status != REXI_NO_MEMORY)
		parser->status = REXI_NO_MEMORY;
	if (parser->status != REXI_OK)
		return;
	fns = rx_arena_bytes(parser->arena, (parser->fn_count + 1) * sizeof(*parser->fns));
	if (!fns) {
		rxl_parse_no_memory(parser);
		return;
	}
	if (parser->fn_count)
		memcpy(fns, (void *)parser->fns, parser->fn_count * sizeof(*parser->fns));
	ast->fns = (struct rxl_ast_fn **)fns;
	ast->fn_count = parser->fn_count;
}

static void parser_fini(struct rxl_parser *parser)
{
	struct rx_memory *memory = parser->memory;

	rxl_variables_rewind(parser, 0);
	rxl_captures_rewind(parser, 0);
	rxl_imports_rewind(parser, 0);
	rx_memory_give(memory, parser->variables, parser->variable_cap * sizeof(*parser->variables));
	rx_memory_give(memory, parser->captures, parser->capture_cap * sizeof(*parser->captures));
	rx_memory_give(memory, parser->imports, parser->import_cap * sizeof(*parser->imports));
	rx_memory_give(memory, (void *)parser->nodes, parser->node_cap * sizeof(*parser->nodes));
	rx_memory_give(memory, parser->bytes, parser->byte_cap);
	rx_memory_give(memory, (void *)parser->fns, parser->fn_cap * sizeof(*parser->fns));
	rx_memory_give(memory, parser->fn_slots, parser->fn_slot_cap * sizeof(*parser->fn_slots));
	rx_buf_fini(&parser->lexer.scratch);
}

static enum rexi_status refuse(struct rxl_parser *parser, enum rxl_parse_error_kind kind, const char *message)
{
	rxl_parse_fail(parser, kind, RXL_NO_POS, "%", rx_str(message));
	return parser->status;
}

enum rexi_status rxl_parse(struct rexi_str source, const struct rxl_parse_options *options, struct rxl_symbols *symbols,
			   struct rxl_ast *out, struct rxl_parse_error *error)
{
	static const struct rxl_parse_options defaults;
	struct rxl_parse_error ignored;
	struct rxl_parser parser;
	size_t limit;
	char *text;

	memset(&parser, 0, sizeof(parser));
	parser.ast = out;
	parser.arena = parser.lexer.arena = &out->arena;
	parser.memory = out->arena.memory;
	parser.symbols = parser.lexer.symbols = symbols;
	parser.options = options ? options : &defaults;
	parser.error = error ? error : &ignored;
	parser.strict = parser.options->strict_variables;
	parser.switches = parser.options->switches;
	*parser.error = (struct rxl_parse_error){ .kind = RXL_PARSE_NO_ERROR };

	limit = parser.options->limits.source_len ? parser.options->limits.source_len : DEFAULT_SOURCE_LEN;
	if (limit > MAX_SOURCE_LEN)
		limit = MAX_SOURCE_LEN;
	if (source.len > limit)
		return refuse(&parser, RXL_PARSE_SOURCE_TOO_LARGE, "Script is too large");
	if (rx_utf8_valid(source) != source.len)
		return refuse(&parser, RXL_PARSE_NOT_UTF8, "Script is not valid UTF-8");
	if (symbols->parse == UINT32_MAX)
		return REXI_LIMIT;
	text = (char *)rx_memory_take(parser.memory, source.len + 1);
	if (!text)
		return REXI_NO_MEMORY;
	if (source.len)
		memcpy(text, source.ptr, source.len);
	text[source.len] = 0;

	symbols->parse++;
	rx_buf_init(&parser.lexer.scratch, parser.memory, 0);
	limits_take(&parser);
	disabled_take(&parser);
	parse_text(&parser, text, source.len);
	parser_fini(&parser);
	rx_memory_give(parser.memory, text, source.len + 1);
	return parser.status;
}
