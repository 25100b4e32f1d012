/* Running the grammar: errors, tree builders, and the functions that read policies from text. */
#include <config.h>

#include "cedar/cst.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/utf8.h"

#include "cedar/parse.h"

#include "base/banned.h"

void rxc_parser_error(struct rxc_parser *parser, struct rexi_span span, const char *format, ...)
{
	struct rexi_cedar_policies *set = parser->set;
	struct rexi_error *error;
	va_list args;

	if (set->error_count >= set->engine->limits.errors && set->error_count > 0)
		return;
	if (!RX_GROW(set->arena.memory, &set->errors, &set->error_cap, set->error_count + 1)) {
		parser->no_memory = true;
		return;
	}
	error = &set->errors[set->error_count++];
	*error = (struct rexi_error){ .status = REXI_SYNTAX, .span = span };
	va_start(args, format);
	(void)vsnprintf(error->message, sizeof(error->message), format, args);
	va_end(args);
	error->message[rx_utf8_valid(rx_str(error->message))] = '\0';
	rx_error_locate_after(error, *parser->source, set->error_count > 1 ? error - 1 : NULL);
}

struct rxc_cst *rxc_cst_new(struct rxc_parser *parser, enum rxc_cst_kind kind, struct rexi_span span)
{
	struct rxc_cst *node = rx_arena_bytes(&parser->tree, sizeof(*node));

	if (!node) {
		parser->no_memory = true;
		node = &parser->dummy;
	}
	*node = (struct rxc_cst){ .kind = (uint8_t)kind, .depth = 1, .span = span };
	return node;
}

void rxc_cst_deepen(struct rxc_parser *parser, struct rxc_cst *node, uint32_t depth)
{
	if (depth >= node->depth)
		node->depth = depth + 1;
	if (node->depth > parser->set->engine->limits.nesting)
		parser->too_deep = true;
}

struct rxc_cst *rxc_cst_node(struct rxc_parser *parser, enum rxc_cst_kind kind, struct rexi_span span, int op,
			     struct rxc_cst *a, struct rxc_cst *b, struct rxc_cst *c)
{
	struct rxc_cst *node = rxc_cst_new(parser, kind, span);

	node->op = (uint16_t)op;
	node->a = a;
	node->b = b;
	node->c = c;
	if (a)
		rxc_cst_deepen(parser, node, a->depth);
	if (b)
		rxc_cst_deepen(parser, node, b->depth);
	if (c)
		rxc_cst_deepen(parser, node, c->depth);
	return node;
}

/* A list hangs on its node as b (first) and c (last). */
struct rxc_cst *rxc_cst_listed(struct rxc_parser *parser, enum rxc_cst_kind kind, struct rexi_span span,
			       struct rxc_cst_list list)
{
	struct rxc_cst *node = rxc_cst_new(parser, kind, span);

	node->count = list.count;
	node->b = list.first;
	node->c = list.last;
	rxc_cst_deepen(parser, node, list.depth);
	return node;
}

void rxc_cst_append(struct rxc_cst_list *list, struct rxc_cst *item)
{
	if (list->last)
		list->last->next = item;
	else
		list->first = item;
	list->last = item;
	list->count++;
	if (item->depth > list->depth)
		list->depth = item->depth;
}

struct rxc_cst *rxc_cst_chain(struct rxc_parser *parser, enum rxc_cst_kind kind, struct rexi_span span,
			      struct rxc_cst *left, struct rxc_cst *right)
{
	struct rxc_cst_list list = { 0 };

	if (left->kind == kind) {
		left->c->next = right;
		left->c = right;
		left->count++;
		left->span = span;
		rxc_cst_deepen(parser, left, right->depth);
		return left;
	}
	rxc_cst_append(&list, left);
	rxc_cst_append(&list, right);
	return rxc_cst_listed(parser, kind, span, list);
}

bool rxc_parser_run(struct rxc_parser *parser, int start)
{
	size_t before = parser->set->error_count;
	int result;

	if (!parser->cursor)
		parser->cursor = parser->source->ptr;
	parser->limit = parser->source->ptr + parser->source->len;
	parser->start = start;
	rx_arena_init(&parser->tree, parser->set->arena.memory);
	rx_arena_init(&parser->stack, parser->set->arena.memory);
	result = rxc_yyparse(parser);
	rx_arena_fini(&parser->tree);
	rx_arena_fini(&parser->stack);
	if (result == 2)
		parser->too_deep = true;
	return result == 0 && parser->set->error_count == before && !parser->no_memory && !parser->too_deep;
}

/* The source in the set's arena, checked. */
static enum rexi_status take_source(struct rexi_cedar_policies *set, struct rexi_str text, const struct rexi_str **out,
				    struct rexi_error *err)
{
	struct rexi_str *source;
	size_t valid;

	if (text.len > set->engine->limits.source_bytes)
		return rx_fail(err, REXI_LIMIT, RX_NO_SPAN, "the text has %zu bytes, the limit is %zu", text.len,
			       set->engine->limits.source_bytes);
	valid = rx_utf8_valid(text);
	if (valid < text.len)
		return rx_fail(err, REXI_SYNTAX, ((struct rexi_span){ (uint32_t)valid, (uint32_t)valid + 1 }),
			       "the text is not valid UTF-8");
	source = rx_arena_bytes(&set->arena, sizeof(*source));
	if (!source)
		return rx_fail_memory(err);
	*source = rx_arena_copy(&set->arena, text);
	if (!source->ptr)
		return rx_fail_memory(err);
	*out = source;
	return REXI_OK;
}

/* What went wrong, after rxc_parser_run said false. */
static enum rexi_status parser_failure(const struct rxc_parser *parser, struct rexi_error *err)
{
	const struct rexi_cedar_policies *set = parser->set;

	if (parser->no_memory)
		return rx_fail_memory(err);
	if (parser->too_deep)
		return rx_fail(err, REXI_LIMIT, RX_NO_SPAN, "expressions are nested deeper than %zu levels",
			       set->engine->limits.nesting);
	if (set->error_count && err)
		*err = set->errors[0];
	return set->error_count ? set->errors[0].status : rx_fail(err, REXI_INTERNAL, RX_NO_SPAN, "the parser failed");
}

static enum rexi_status add_text(struct rexi_cedar_policies *set, struct rexi_str id, struct rexi_str text, unsigned flags,
				 bool single, struct rexi_error *err)
{
	struct rxc_parser parser = { .set = set, .trees = &set->trees, .flags = flags, .id = id };
	struct rxc_set_mark mark = rxc_set_mark(set);
	enum rexi_status status;

	set->error_count = 0;
	RX_TRY(take_source(set, text, &parser.source, err));
	if (!rxc_parser_run(&parser, START_POLICIES)) {
		status = parser_failure(&parser, err);
		rxc_set_rollback(set, mark);
		return status;
	}
	if (single && parser.policies != 1) {
		rxc_set_rollback(set, mark);
		return rx_fail(err, REXI_SYNTAX, RX_NO_SPAN, parser.policies ? "expected one policy, found %u" : "unexpected end of input",
			       (unsigned)parser.policies);
	}
	rxc_set_changed(set);
	return REXI_OK;
}

enum rexi_status rexi_cedar_policies_add_text(struct rexi_cedar_policies *policies, struct rexi_str text, unsigned flags,
					      struct rexi_error *err)
{
	return add_text(policies, (struct rexi_str){ NULL, 0 }, text, flags, false, err);
}

enum rexi_status rexi_cedar_policies_add_one(struct rexi_cedar_policies *policies, struct rexi_str id, struct rexi_str text,
					     struct rexi_error *err)
{
	struct rexi_str copy = rx_arena_copy(&policies->arena, id);

	if (!copy.ptr)
		return rx_fail_memory(err);
	return add_text(policies, copy, text, 0, true, err);
}

enum rexi_status rxc_parse_expression(struct rexi_cedar_policies *policies, struct rexi_str text, const struct rxc_expr **out,
				      const struct rexi_str **source_out, struct rexi_error *err)
{
	struct rxc_parser parser = { .set = policies, .trees = &policies->arena };

	policies->error_count = 0;
	RX_TRY(take_source(policies, text, &parser.source, err));
	if (!rxc_parser_run(&parser, START_EXPRESSION))
		return parser_failure(&parser, err);
	if (!parser.expression)
		return rx_fail(err, REXI_SYNTAX, RX_NO_SPAN, "the expression is not understood");
	*out = parser.expression;
	*source_out = parser.source;
	return REXI_OK;
}

/* ---- trees of sets that gave them up ----------------------------------------------------------------------------------- */

void rxc_trees_init(struct rxc_trees *trees, const struct rexi_cedar_policies *set, struct rx_memory *memory)
{
	struct rexi_cedar_policies *view = &trees->view;

	trees->set = set;
	*view = (struct rexi_cedar_policies){ .engine = set->engine, .names = set->names };
	rx_arena_init(&view->arena, memory);
	view->names.frozen = true; /* all names are there since the text was read first */
}

void rxc_trees_reset(struct rxc_trees *trees)
{
	if (trees->set)
		rx_arena_reset(&trees->view.arena);
}

void rxc_trees_fini(struct rxc_trees *trees)
{
	if (!trees->set)
		return;
	rx_memory_give(trees->view.arena.memory, trees->view.errors, trees->view.error_cap * sizeof(*trees->view.errors));
	rx_arena_fini(&trees->view.arena);
	trees->set = NULL;
}

const struct rxc_template *rxc_trees_get(struct rxc_trees *trees, const struct rxc_body *body)
{
	struct rxc_parser parser = { .set = &trees->view, .trees = &trees->view.arena, .again = body };

	if (body->tree)
		return body->tree;
	parser.source = rxc_body_source(trees->set, body);
	parser.cursor = parser.source->ptr + body->span.start;
	parser.stop = parser.source->ptr + body->span.end;
	return rxc_parser_run(&parser, START_POLICIES) ? parser.again_tree : NULL;
}

bool rxc_annotation_read(const struct rexi_cedar_policies *set, const struct rxc_body *body, size_t at, struct rexi_str *key_out,
			 struct rexi_str *value_out)
{
	struct rxc_parser parser = { .source = rxc_body_source(set, body) };
	struct rexi_span span;

	parser.cursor = parser.source->ptr + body->span.start;
	parser.limit = parser.source->ptr + parser.source->len;
	for (size_t seen = 0; rxc_lex(&parser, &span) == '@'; seen++) {
		const char *after;

		(void)rxc_lex(&parser, &span);
		*key_out = rx_str_sub(*parser.source, span.start, span.end - span.start);
		*value_out = RX_STR("");
		after = parser.cursor;
		if (rxc_lex(&parser, &span) == '(') {
			(void)rxc_lex(&parser, &span);
			*value_out = rx_str_sub(*parser.source, span.start + 1, span.end - span.start - 2);
			(void)rxc_lex(&parser, &span);
		} else {
			parser.cursor = after;
		}
		if (seen == at)
			return true;
	}
	return false;
}

/* ---- escapes (specification 1.2) --------------------------------------------------------------------------------- */

static unsigned hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned)(c - 'a') + 10;
	if (c >= 'A' && c <= 'F')
		return (unsigned)(c - 'A') + 10;
	return 16;
}

/* Reads one escape at raw[*at] (a backslash); false leaves *at after the offending slice. */
static bool read_escape(struct rexi_str raw, size_t *at, uint32_t *code)
{
	static const char plain[] = "n\nr\rt\t\\\\0\0'\'\"\"";
	size_t i = *at + 1, digits = 0;
	uint32_t value = 0;

	if (i >= raw.len) {
		*at = raw.len;
		return false;
	}
	for (size_t k = 0; k + 1 < sizeof(plain); k += 2) {
		if (raw.ptr[i] == plain[k]) {
			*code = (unsigned char)plain[k + 1];
			*at = i + 1;
			return true;
		}
	}
	if (raw.ptr[i] == 'x') {
		for (i++; digits < 2; i++, digits++) {
			if (i >= raw.len || hex_digit(raw.ptr[i]) > 15)
				break;
			value = value * 16 + hex_digit(raw.ptr[i]);
		}
		*at = digits < 2 && i < raw.len ? i + 1 : i;
		*code = value;
		return digits == 2 && value <= 0x7F;
	}
	if (raw.ptr[i] != 'u' || i + 1 >= raw.len || raw.ptr[i + 1] != '{') {
		*at = i + (raw.ptr[i] == 'u' ? 2 : 1);
		return false;
	}
	for (i += 2; i < raw.len && raw.ptr[i] != '}'; i++) {
		if (raw.ptr[i] == '_' && digits)
			continue;
		if (hex_digit(raw.ptr[i]) > 15) {
			*at = i + 1;
			return false;
		}
		if (++digits <= 6)
			value = value * 16 + hex_digit(raw.ptr[i]);
	}
	if (i >= raw.len) {
		*at = raw.len;
		return false;
	}
	*at = i + 1;
	*code = value;
	return digits >= 1 && digits <= 6 && value <= 0x10FFFF && (value < 0xD800 || value > 0xDFFF);
}

static bool has_escape(struct rexi_str raw)
{
	return raw.len && (memchr(raw.ptr, '\\', raw.len) || memchr(raw.ptr, '\r', raw.len));
}

/* One character of a literal, escape or not. False: *bad is the offending slice. */
static bool next_char(struct rexi_str raw, size_t *at, uint32_t *code, struct rexi_str *bad)
{
	size_t start = *at;

	if (raw.ptr[start] == '\\') {
		if (read_escape(raw, at, code))
			return true;
		while (*at < raw.len && ((unsigned char)raw.ptr[*at] & 0xC0) == 0x80)
			++*at; /* a slice ends between characters */
		*bad = rx_str_sub(raw, start, *at - start);
		return false;
	}
	*code = rx_utf8_next(raw, at);
	if (*code != '\r')
		return true;
	*bad = rx_str_sub(raw, start, 1);
	return false;
}

bool rxc_unescape(struct rx_arena *arena, struct rexi_str raw, struct rexi_str *out, struct rexi_str *bad_out)
{
	char *to;
	size_t len = 0;

	*out = raw;
	*bad_out = (struct rexi_str){ NULL, 0 };
	if (!has_escape(raw))
		return true;
	to = rx_arena_bytes(arena, raw.len + 4);
	if (!to)
		return false;
	for (size_t at = 0; at < raw.len;) {
		uint32_t code;

		if (!next_char(raw, &at, &code, bad_out))
			return false;
		len += rx_utf8_encode(to + len, code); /* an escape is never shorter than what it stands for */
	}
	*out = (struct rexi_str){ to, len };
	return true;
}

const struct rxc_pattern *rxc_unescape_pattern(struct rx_arena *arena, struct rexi_str raw, struct rexi_str *bad_out)
{
	size_t parts = 1, len = 0, start = 0;
	struct rxc_pattern *pattern;
	char *to;

	*bad_out = (struct rexi_str){ NULL, 0 };
	for (size_t i = 0; i < raw.len; i++) /* an escape may stand for a star */
		parts += raw.ptr[i] == '*' || raw.ptr[i] == '\\' ? 2 : 0;
	pattern = rx_arena_alloc(arena, 1, sizeof(*pattern) + parts * sizeof(pattern->parts[0]));
	to = rx_arena_bytes(arena, raw.len + 4);
	if (!pattern || !to)
		return NULL;
	for (size_t at = 0; at < raw.len;) {
		uint32_t code;
		bool literal = false;

		if (raw.ptr[at] == '\\' && at + 1 < raw.len && raw.ptr[at + 1] == '*') {
			code = '*';
			literal = true;
			at += 2;
		} else if (!next_char(raw, &at, &code, bad_out)) {
			return NULL;
		}
		if (code != '*' || literal) {
			len += rx_utf8_encode(to + len, code);
			continue;
		}
		if (len > start)
			pattern->parts[pattern->part_count++].text = (struct rexi_str){ to + start, len - start };
		else if (pattern->part_count) {
			pattern->parts[pattern->part_count - 1].wildcards++;
			continue;
		}
		start = len;
		pattern->parts[pattern->part_count++].wildcards = 1;
	}
	if (len > start)
		pattern->parts[pattern->part_count++].text = (struct rexi_str){ to + start, len - start };
	return pattern;
}
