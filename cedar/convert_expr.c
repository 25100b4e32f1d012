/* From the permissive tree to expressions (specification 1.4). Every function returns NULL after recording an error. */
#include <config.h>

#include "cedar/convert.h"

#include <stdlib.h>

#include "cedar/parse.h"

#include "base/banned.h"

#define SHOW(node) RX_STR_ARG(rx_str_sub(rxc_cst_text(parser, (node)), 0, 80))

static const struct rxc_expr *convert(struct rxc_parser *parser, const struct rxc_cst *node);

static struct rxc_expr *make(struct rxc_parser *parser, enum rxc_expr_kind kind, struct rexi_span span)
{
	struct rxc_expr *expr = RX_ARENA_NEW(parser->trees, struct rxc_expr);

	if (!expr) {
		parser->no_memory = true;
		return NULL;
	}
	expr->kind = (uint8_t)kind;
	expr->span = span;
	return expr;
}

static const struct rexi_cedar_name *intern(struct rxc_parser *parser, struct rexi_str text)
{
	const struct rexi_cedar_name *name = rxc_names_intern(&parser->set->names, text, true);

	if (!name)
		parser->no_memory = true;
	return name;
}

/* ---- words, names, strings ----------------------------------------------------------------------------------------- */

static bool check_word(struct rxc_parser *parser, const struct rxc_cst *node)
{
	struct rexi_str word = rxc_cst_text(parser, node);

	if (!rxc_is_reserved(word))
		return true;
	if (rx_str_eq(word, RX_STR("__cedar")))
		rxc_parser_error(parser, node->span, "The name `%.*s` contains `__cedar`, which is reserved", RX_STR_ARG(word));
	else
		rxc_parser_error(parser, node->span, "this identifier is reserved and cannot be used: %.*s", RX_STR_ARG(word));
	return false;
}

/* A path of words as one normalised, interned name. */
static const struct rexi_cedar_name *convert_name(struct rxc_parser *parser, const struct rxc_cst *name)
{
	struct rexi_str text = rxc_cst_text(parser, name);
	size_t len = 0, at = 0;
	bool good = true;
	char *joined;

	for (const struct rxc_cst *word = name->b; word; word = word->next) {
		good &= check_word(parser, word);
		len += word->span.end - word->span.start + (word->next ? 2 : 0);
	}
	if (!good)
		return NULL;
	if (len == text.len)
		return intern(parser, text);
	joined = rx_arena_bytes(&parser->set->arena, len); /* white space or comments around :: */
	if (!joined) {
		parser->no_memory = true;
		return NULL;
	}
	for (const struct rxc_cst *word = name->b; word; word = word->next) {
		struct rexi_str part = rxc_cst_text(parser, word);

		memcpy(joined + at, part.ptr, part.len);
		at += part.len;
		if (word->next) {
			joined[at++] = ':';
			joined[at++] = ':';
		}
	}
	return intern(parser, rx_str_make(joined, len));
}

bool rxc_convert_string(struct rxc_parser *parser, const struct rxc_cst *node, struct rexi_str *out)
{
	struct rexi_str raw = rxc_cst_text(parser, node), bad;

	raw = rx_str_sub(raw, 1, raw.len - 2);
	if (rxc_unescape(&parser->set->arena, raw, out, &bad)) {
		if (out->len <= parser->set->engine->limits.attribute_bytes)
			return true;
		rxc_parser_error(parser, node->span, "a string has %zu bytes, the limit is %zu", out->len,
				 parser->set->engine->limits.attribute_bytes);
		if (parser->set->error_count)
			parser->set->errors[parser->set->error_count - 1].status = REXI_LIMIT;
		return false;
	}
	if (!bad.ptr)
		parser->no_memory = true;
	else
		rxc_parser_error(parser, node->span, "the input `%.*s` is not a valid escape", RX_STR_ARG(bad));
	return false;
}

const struct rxc_uid *rxc_convert_ref(struct rxc_parser *parser, const struct rxc_cst *node)
{
	const struct rexi_cedar_name *type = convert_name(parser, node->a);
	const struct rxc_uid *uid;
	struct rexi_str id;

	if (!rxc_convert_string(parser, node->b, &id) || !type)
		return NULL;
	uid = rxc_names_uid(&parser->set->names, type, id, true);
	if (!uid)
		parser->no_memory = true;
	return uid;
}

const struct rexi_cedar_name *rxc_convert_type(struct rxc_parser *parser, const struct rxc_cst *node)
{
	if (node->kind == RXC_CST_NAME)
		return convert_name(parser, node);
	if (node->kind == RXC_CST_PAREN && !convert(parser, node))
		return NULL; /* an expression in parentheses: its own error comes first */
	rxc_parser_error(parser, node->span,
			 "right hand side of an `is` expression must be an entity type name, but got `%.*s`", SHOW(node));
	return NULL;
}

/* ---- leaves -------------------------------------------------------------------------------------------------------- */

/* False when it does not fit u64. */
static bool read_number(struct rexi_str digits, uint64_t *out)
{
	uint64_t value = 0;

	for (size_t i = 0; i < digits.len; i++)
		if (__builtin_mul_overflow(value, (uint64_t)10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(digits.ptr[i] - '0'), &value))
			return false;
	*out = value;
	return true;
}

static const struct rxc_expr *convert_number(struct rxc_parser *parser, const struct rxc_cst *node, bool negative,
					     struct rexi_span span)
{
	struct rxc_expr *expr;
	uint64_t value;

	if (!read_number(rxc_cst_text(parser, node), &value)) {
		rxc_parser_error(parser, node->span, "integer parse error: number too large to fit in target type");
		return NULL;
	}
	if (value > (uint64_t)INT64_MAX + (negative ? 1 : 0)) {
		rxc_parser_error(parser, node->span, "integer literal `%.*s` is too large", SHOW(node));
		return NULL;
	}
	expr = make(parser, RXC_LONG, span);
	if (expr)
		expr->integer = negative ? (int64_t)(0 - value) : (int64_t)value;
	return expr;
}

static const struct rxc_expr *convert_variable(struct rxc_parser *parser, const struct rxc_cst *name)
{
	static const char *const variables[] = { "principal", "action", "resource", "context" };
	struct rexi_str text = rxc_cst_text(parser, name);
	struct rxc_expr *expr;

	if (name->count == 1) {
		for (unsigned i = 0; i < RX_COUNT(variables); i++) {
			if (!rx_str_eq(text, rx_str(variables[i])))
				continue;
			expr = make(parser, RXC_VAR, name->span);
			if (expr)
				expr->sub = (uint8_t)i;
			return expr;
		}
	}
	for (const struct rxc_cst *word = name->b; word; word = word->next)
		if (!check_word(parser, word))
			return NULL;
	rxc_parser_error(parser, name->span,
			 "invalid variable: %.*s; the valid Cedar variables are `principal`, `action`, `resource`, and `context`",
			 SHOW(name));
	return NULL;
}

static const struct rxc_expr *convert_slot(struct rxc_parser *parser, const struct rxc_cst *node)
{
	struct rexi_str text = rxc_cst_text(parser, node);
	bool principal = rx_str_eq(text, RX_STR("?principal"));
	struct rxc_expr *expr;

	if (!principal && !rx_str_eq(text, RX_STR("?resource"))) {
		rxc_parser_error(parser, node->span, "`%.*s` is not a valid template slot", SHOW(node));
		return NULL;
	}
	if (parser->clause) {
		rxc_parser_error(parser, node->span, "found template slot %.*s in a `%s` clause", RX_STR_ARG(text), parser->clause);
		return NULL;
	}
	expr = make(parser, RXC_SLOT, node->span);
	if (expr)
		expr->sub = principal ? RXC_SLOT_PRINCIPAL : RXC_SLOT_RESOURCE;
	return expr;
}

/* ---- lists --------------------------------------------------------------------------------------------------------- */

/* Converts `first` (may be NULL) and a list into an array of 1 + count or count items; NULL after an error. */
static const struct rxc_expr **convert_items(struct rxc_parser *parser, const struct rxc_expr *first, const struct rxc_cst *list,
					     uint32_t count)
{
	const struct rxc_expr **items = RX_ARENA_ARRAY(parser->trees, const struct rxc_expr *, count + 1);
	bool good = true;
	uint32_t at = 0;

	if (!items) {
		parser->no_memory = true;
		return NULL;
	}
	if (first)
		items[at++] = first;
	for (; list; list = list->next) {
		items[at] = convert(parser, list);
		good &= items[at++] != NULL;
	}
	return good ? items : NULL;
}

static bool is_constant(const struct rxc_expr *expr)
{
	return expr->kind <= RXC_UID || expr->flags & RXC_EXPR_CONST;
}

static const struct rxc_expr *convert_set(struct rxc_parser *parser, const struct rxc_cst *node)
{
	const struct rxc_expr **items = convert_items(parser, NULL, node->b, node->count);
	struct rxc_expr *expr = items ? make(parser, RXC_SET, node->span) : NULL;
	bool constant = true;

	if (!expr)
		return NULL;
	expr->items = items;
	expr->count = node->count;
	for (uint32_t i = 0; i < expr->count; i++)
		constant &= is_constant(items[i]);
	expr->flags = constant ? RXC_EXPR_CONST : 0;
	return expr;
}

static const struct rexi_cedar_name *convert_key(struct rxc_parser *parser, const struct rxc_cst *init)
{
	const struct rxc_cst *key = init->a;
	struct rexi_str text;

	if (!key) {
		rxc_parser_error(parser, init->span, "this identifier is reserved and cannot be used: if");
		return NULL;
	}
	if (key->kind == RXC_CST_STRING)
		return rxc_convert_string(parser, key, &text) ? intern(parser, text) : NULL;
	if (key->kind == RXC_CST_TRUE || key->kind == RXC_CST_FALSE) {
		(void)check_word(parser, key);
		return NULL;
	}
	if (key->kind == RXC_CST_NAME && key->count == 1)
		return check_word(parser, key->b) ? intern(parser, rxc_cst_text(parser, key)) : NULL;
	rxc_parser_error(parser, key->span, "invalid attribute name: %.*s", SHOW(key));
	return NULL;
}

static int by_name(const void *a, const void *b)
{
	const struct rxc_field *const *x = a, *const *y = b;

	return ((*x)->name->id > (*y)->name->id) - ((*x)->name->id < (*y)->name->id);
}

static bool check_distinct(struct rxc_parser *parser, const struct rxc_field *fields, uint32_t count)
{
	const struct rxc_field **sorted;

	if (count < 2)
		return true;
	sorted = RX_ARENA_ARRAY(&parser->tree, const struct rxc_field *, count);
	if (!sorted) {
		parser->no_memory = true;
		return false;
	}
	for (uint32_t i = 0; i < count; i++)
		sorted[i] = &fields[i];
	qsort(sorted, count, sizeof(*sorted), by_name);
	for (uint32_t i = 1; i < count; i++) {
		if (sorted[i]->name != sorted[i - 1]->name)
			continue;
		rxc_parser_error(parser, sorted[i]->span, "duplicate key `%.*s` in record literal",
				 RX_STR_ARG(rx_str_sub(sorted[i]->name->text, 0, 80)));
		return false;
	}
	return true;
}

static const struct rxc_expr *convert_record(struct rxc_parser *parser, const struct rxc_cst *node)
{
	struct rxc_field *fields = RX_ARENA_ARRAY(parser->trees, struct rxc_field, node->count + 1);
	struct rxc_expr *expr;
	bool good = true, constant = true;
	uint32_t at = 0;

	if (!fields) {
		parser->no_memory = true;
		return NULL;
	}
	for (const struct rxc_cst *init = node->b; init; init = init->next, at++) {
		fields[at].span = init->a ? init->a->span : init->span;
		fields[at].name = convert_key(parser, init);
		fields[at].value = convert(parser, init->b);
		good &= fields[at].name && fields[at].value;
		constant &= fields[at].value && is_constant(fields[at].value);
	}
	if (!good || !check_distinct(parser, fields, node->count))
		return NULL;
	expr = make(parser, RXC_RECORD, node->span);
	if (!expr)
		return NULL;
	expr->fields = fields;
	expr->count = node->count;
	expr->flags = constant ? RXC_EXPR_CONST : 0;
	return expr;
}

/* ---- members: attributes, indexing, calls -------------------------------------------------------------------------- */

static const struct { const char *name; uint8_t kind, args; } built_in_methods[] = {
	{ "contains", RXC_CONTAINS, 1 },	 { "containsAll", RXC_CONTAINS_ALL, 1 }, { "containsAny", RXC_CONTAINS_ANY, 1 },
	{ "isEmpty", RXC_IS_EMPTY, 0 },	 { "getTag", RXC_GET_TAG, 1 },		 { "hasTag", RXC_HAS_TAG, 1 },
};

static const struct rxc_expr *unknown_function(struct rxc_parser *parser, struct rexi_span span, struct rexi_str name, bool method)
{
	struct rexi_str known[RXC_FUNCTIONS + RX_COUNT(built_in_methods)], nearest;
	size_t count = 0;

	for (unsigned i = 0; i < RXC_FUNCTIONS; i++)
		if (rxc_functions[i].is_method == method)
			known[count++] = rx_str(rxc_functions[i].name);
	for (unsigned i = 0; method && i < RX_COUNT(built_in_methods); i++)
		known[count++] = rx_str(built_in_methods[i].name);
	nearest = rx_str_nearest(name, known, count);
	rxc_parser_error(parser, span, "`%.*s` is not a valid %s%s%.*s%s", RX_STR_ARG(rx_str_sub(name, 0, 80)),
			 method ? "method" : "function", nearest.ptr ? "; did you mean `" : "", RX_STR_ARG(nearest),
			 nearest.ptr ? "`?" : "");
	return NULL;
}

static const struct rxc_expr *make_call(struct rxc_parser *parser, enum rxc_function function, const struct rxc_expr *receiver,
					const struct rxc_cst *call, struct rexi_span span)
{
	const struct rxc_expr **items = convert_items(parser, receiver, call->b, call->count);
	struct rxc_expr *expr = items ? make(parser, RXC_CALL, span) : NULL;

	if (!expr)
		return NULL;
	expr->sub = (uint8_t)function;
	expr->items = items;
	expr->count = call->count + (receiver ? 1 : 0);
	return expr;
}

/* name(args) */
static const struct rxc_expr *convert_function(struct rxc_parser *parser, const struct rxc_cst *name, const struct rxc_cst *call)
{
	struct rexi_span span = { name->span.start, call->span.end };
	struct rexi_str text = rxc_cst_text(parser, name);
	enum rxc_function function = rxc_function_find(text);

	if (rx_str_eq(text, RX_STR("principal")) || rx_str_eq(text, RX_STR("action")) || rx_str_eq(text, RX_STR("resource")) ||
	    rx_str_eq(text, RX_STR("context"))) {
		rxc_parser_error(parser, span, "`%.*s(...)` is not a valid function call", RX_STR_ARG(text));
		return NULL;
	}
	if (function == RXC_FN_UNKNOWN) {
		for (unsigned i = 0; i < RX_COUNT(built_in_methods); i++)
			if (rx_str_eq(text, rx_str(built_in_methods[i].name)))
				function = RXC_FN_IS_IPV4; /* any method will do for the message */
		if (function == RXC_FN_UNKNOWN)
			return unknown_function(parser, name->span, text, false);
	}
	if (rxc_functions[function].is_method) {
		rxc_parser_error(parser, span, "`%.*s` is a method, not a function", RX_STR_ARG(text));
		return NULL;
	}
	return make_call(parser, function, NULL, call, span);
}

/* left.name(args) */
static const struct rxc_expr *convert_method(struct rxc_parser *parser, const struct rxc_expr *left, const struct rxc_cst *field,
					     const struct rxc_cst *call, struct rexi_span span)
{
	struct rexi_str text = rxc_cst_text(parser, field);
	enum rxc_function function;
	const struct rxc_expr *argument;
	struct rxc_expr *expr;

	for (unsigned i = 0; i < RX_COUNT(built_in_methods); i++) {
		unsigned want = built_in_methods[i].args;

		if (!rx_str_eq(text, rx_str(built_in_methods[i].name)))
			continue;
		if (call->count != want) {
			rxc_parser_error(parser, span, "call to `%s` requires exactly %u argument%s, but got %u argument%s",
					 built_in_methods[i].name, want, want == 1 ? "" : "s", (unsigned)call->count,
					 call->count == 1 ? "" : "s");
			return NULL;
		}
		argument = want ? convert(parser, call->b) : NULL;
		if (want && !argument)
			return NULL;
		expr = make(parser, built_in_methods[i].kind, span);
		if (expr) {
			expr->left = left;
			expr->right = argument;
		}
		return expr;
	}
	function = rxc_function_find(text);
	if (function == RXC_FN_UNKNOWN)
		return unknown_function(parser, field->span, text, true);
	if (!rxc_functions[function].is_method) {
		rxc_parser_error(parser, span, "`%.*s` is a function, not a method", RX_STR_ARG(text));
		return NULL;
	}
	return make_call(parser, function, left, call, span);
}

static const struct rxc_expr *make_attribute(struct rxc_parser *parser, const struct rxc_expr *left, struct rexi_str text,
					     uint8_t flags, struct rexi_span span)
{
	const struct rexi_cedar_name *name = intern(parser, text);
	struct rxc_expr *expr = name ? make(parser, RXC_ATTR, span) : NULL;

	if (!expr)
		return NULL;
	expr->flags = flags;
	expr->left = left;
	expr->name = name;
	return expr;
}

static const struct rxc_expr *convert_member(struct rxc_parser *parser, const struct rxc_cst *node)
{
	const struct rxc_cst *access = node->b, *base = node->a;
	const struct rxc_expr *left;
	struct rexi_str text;

	if (base->kind == RXC_CST_NAME && access->kind == RXC_CST_CALL) {
		left = convert_function(parser, base, access);
		access = access->next;
	} else {
		left = convert(parser, base);
	}
	while (left && access) {
		struct rexi_span span = { node->span.start, access->span.end };

		if (access->kind == RXC_CST_FIELD && access->next && access->next->kind == RXC_CST_CALL) {
			span.end = access->next->span.end;
			left = convert_method(parser, left, access, access->next, span);
			access = access->next->next;
			continue;
		}
		if (access->kind == RXC_CST_FIELD) {
			left = check_word(parser, access) ? make_attribute(parser, left, rxc_cst_text(parser, access), 0, span) : NULL;
		} else if (access->kind == RXC_CST_INDEX && access->a->kind == RXC_CST_STRING) {
			left = rxc_convert_string(parser, access->a, &text) ? make_attribute(parser, left, text, RXC_EXPR_INDEX, span) : NULL;
		} else if (access->kind == RXC_CST_INDEX) {
			rxc_parser_error(parser, access->a->span, "invalid string literal: %.*s", SHOW(access->a));
			return NULL;
		} else {
			rxc_parser_error(parser, access->span, "function calls must be of the form `<name>(arg1, arg2, ...)`");
			return NULL;
		}
		access = access->next;
	}
	return left;
}

/* ---- operators ----------------------------------------------------------------------------------------------------- */

static const struct rxc_expr *convert_chain(struct rxc_parser *parser, const struct rxc_cst *node, enum rxc_expr_kind kind)
{
	const struct rxc_expr **items = convert_items(parser, NULL, node->b, node->count), **longer;
	struct rxc_expr *expr = items ? make(parser, kind, node->span) : NULL;
	const struct rxc_expr *first;

	if (!expr)
		return NULL;
	expr->items = items;
	expr->count = node->count;
	first = items[0];
	if (first->kind != kind)
		return expr;
	/* (a && b) && c is the same tree as a && b && c */
	longer = RX_ARENA_ARRAY(parser->trees, const struct rxc_expr *, first->count + node->count);
	if (!longer) {
		parser->no_memory = true;
		return NULL;
	}
	memcpy(longer, first->items, first->count * sizeof(*longer));
	memcpy(longer + first->count, items + 1, (node->count - 1) * sizeof(*longer));
	expr->items = longer;
	expr->count = first->count + node->count - 1;
	return expr;
}

static const struct rxc_expr *convert_unary(struct rxc_parser *parser, const struct rxc_cst *node, enum rxc_expr_kind kind)
{
	const struct rxc_cst *operand = node->a;
	const struct rxc_expr *inner;
	uint32_t count = node->count;

	if (count > 4) {
		rxc_parser_error(parser, node->span, "too many occurrences of `%c`", kind == RXC_NOT ? '!' : '-');
		return NULL;
	}
	if (kind == RXC_NEG && operand->kind == RXC_CST_NUMBER) {
		inner = convert_number(parser, operand, true, node->span);
		count--;
	} else {
		inner = convert(parser, operand);
	}
	for (; inner && count; count--) {
		struct rxc_expr *expr = make(parser, kind, node->span);

		if (expr)
			expr->left = inner;
		inner = expr;
	}
	return inner;
}

static const struct rxc_expr *convert_binary(struct rxc_parser *parser, const struct rxc_cst *node)
{
	const struct rxc_expr *left, *right;
	enum rxc_expr_kind kind = RXC_EQ;
	struct rxc_expr *expr;

	switch (node->op) {
	case EQ: kind = RXC_EQ; break;
	case NE: kind = RXC_NE; break;
	case LT: kind = RXC_LT; break;
	case LE: kind = RXC_LE; break;
	case GT: kind = RXC_GT; break;
	case GE: kind = RXC_GE; break;
	case IN: kind = RXC_IN; break;
	case '+': kind = RXC_ADD; break;
	case '-': kind = RXC_SUB; break;
	case '*': kind = RXC_MUL; break;
	case '/': rxc_parser_error(parser, node->span, "division is not supported"); return NULL;
	case '%': rxc_parser_error(parser, node->span, "remainder/modulo is not supported"); return NULL;
	default: rxc_parser_error(parser, node->span, "'=' is not a valid operator in Cedar"); return NULL;
	}
	left = convert(parser, node->a);
	right = convert(parser, node->b);
	expr = left && right ? make(parser, kind, node->span) : NULL;
	if (!expr)
		return NULL;
	expr->left = left;
	expr->right = right;
	return expr;
}

static bool bad_has(struct rxc_parser *parser, const struct rxc_cst *node)
{
	rxc_parser_error(parser, node->span, "invalid RHS of a `has` operation: %.*s", SHOW(node));
	return false;
}

/* Whether the right of `has` is words joined by dots; their number goes to *count. */
static bool check_has_path(struct rxc_parser *parser, const struct rxc_cst *path, uint32_t *count)
{
	const struct rxc_cst *base = path->kind == RXC_CST_MEMBER ? path->a : path;

	*count = 1;
	if (base->kind == RXC_CST_TRUE || base->kind == RXC_CST_FALSE)
		return check_word(parser, base);
	if (base->kind != RXC_CST_NAME || base->count != 1)
		return bad_has(parser, path);
	if (!check_word(parser, base->b))
		return false;
	if (path->kind != RXC_CST_MEMBER)
		return true;
	for (const struct rxc_cst *access = path->b; access; access = access->next, ++*count) {
		if (access->kind != RXC_CST_FIELD)
			return bad_has(parser, path);
		if (!check_word(parser, access))
			return false;
	}
	return true;
}

static const struct rxc_expr *convert_has(struct rxc_parser *parser, const struct rxc_cst *node)
{
	const struct rxc_expr *left = convert(parser, node->a);
	const struct rxc_cst *path = node->b;
	const struct rexi_cedar_name **names;
	struct rxc_expr *expr;
	struct rexi_str text;
	uint32_t count = 1;

	if (!path) {
		rxc_parser_error(parser, node->span, "this identifier is reserved and cannot be used: if");
		return NULL;
	}
	if (path->kind == RXC_CST_STRING) {
		if (!rxc_convert_string(parser, path, &text))
			return NULL;
	} else if (!check_has_path(parser, path, &count)) {
		return NULL;
	}
	expr = left ? make(parser, count == 1 ? RXC_HAS : RXC_HAS_PATH, node->span) : NULL;
	if (!expr)
		return NULL;
	expr->left = left;
	if (count == 1) {
		expr->flags = path->kind == RXC_CST_STRING ? RXC_EXPR_INDEX : 0;
		expr->name = intern(parser, path->kind == RXC_CST_STRING ? text : rxc_cst_text(parser, path));
		return expr->name ? expr : NULL;
	}
	names = RX_ARENA_ARRAY(parser->trees, const struct rexi_cedar_name *, count);
	if (!names) {
		parser->no_memory = true;
		return NULL;
	}
	names[0] = intern(parser, rxc_cst_text(parser, path->a));
	count = 1;
	for (const struct rxc_cst *access = path->b; access; access = access->next)
		names[count++] = intern(parser, rxc_cst_text(parser, access));
	expr->names = names;
	expr->count = count;
	return parser->no_memory ? NULL : expr;
}

static const struct rxc_expr *convert_like(struct rxc_parser *parser, const struct rxc_cst *node)
{
	const struct rxc_expr *left = convert(parser, node->a);
	const struct rxc_pattern *pattern;
	struct rexi_str raw, bad;
	struct rxc_expr *expr;

	if (node->b->kind != RXC_CST_STRING) {
		rxc_parser_error(parser, node->b->span, "right hand side of a `like` expression must be a pattern literal, but got `%.*s`",
				 SHOW(node->b));
		return NULL;
	}
	raw = rxc_cst_text(parser, node->b);
	pattern = rxc_unescape_pattern(&parser->set->arena, rx_str_sub(raw, 1, raw.len - 2), &bad);
	if (!pattern) {
		if (!bad.ptr)
			parser->no_memory = true;
		else
			rxc_parser_error(parser, node->b->span, "the input `%.*s` is not a valid escape", RX_STR_ARG(bad));
		return NULL;
	}
	expr = left ? make(parser, RXC_LIKE, node->span) : NULL;
	if (!expr)
		return NULL;
	expr->left = left;
	expr->pattern = pattern;
	return expr;
}

static const struct rxc_expr *convert_is(struct rxc_parser *parser, const struct rxc_cst *node)
{
	const struct rxc_expr *left = convert(parser, node->a), *in = node->c ? convert(parser, node->c) : NULL;
	const struct rexi_cedar_name *type = rxc_convert_type(parser, node->b);
	struct rxc_is_in *is_in;
	struct rxc_expr *expr;

	if (!left || !type || (node->c && !in))
		return NULL;
	expr = make(parser, node->c ? RXC_IS_IN : RXC_IS, node->span);
	if (!expr)
		return NULL;
	expr->left = left;
	if (!node->c) {
		expr->name = type;
		return expr;
	}
	is_in = RX_ARENA_NEW(parser->trees, struct rxc_is_in);
	if (!is_in) {
		parser->no_memory = true;
		return NULL;
	}
	*is_in = (struct rxc_is_in){ .type = type, .in = in };
	expr->is_in = is_in;
	return expr;
}

static const struct rxc_expr *convert_if(struct rxc_parser *parser, const struct rxc_cst *node)
{
	const struct rxc_expr **items = RX_ARENA_ARRAY(parser->trees, const struct rxc_expr *, 3);
	struct rxc_expr *expr = items ? make(parser, RXC_IF, node->span) : NULL;

	if (!expr) {
		parser->no_memory = true;
		return NULL;
	}
	items[0] = convert(parser, node->a);
	items[1] = convert(parser, node->b);
	items[2] = convert(parser, node->c);
	expr->items = items;
	expr->count = 3;
	return items[0] && items[1] && items[2] ? expr : NULL;
}

static const struct rxc_expr *convert_literal(struct rxc_parser *parser, const struct rxc_cst *node)
{
	struct rxc_expr *expr;

	if (node->kind == RXC_CST_NUMBER)
		return convert_number(parser, node, false, node->span);
	expr = make(parser, node->kind == RXC_CST_STRING ? RXC_STRING : RXC_BOOL, node->span);
	if (!expr)
		return NULL;
	if (node->kind == RXC_CST_STRING)
		return rxc_convert_string(parser, node, &expr->text) ? expr : NULL;
	expr->integer = node->kind == RXC_CST_TRUE;
	return expr;
}

static const struct rxc_expr *convert_uid(struct rxc_parser *parser, const struct rxc_cst *node)
{
	const struct rxc_uid *uid = rxc_convert_ref(parser, node);
	struct rxc_expr *expr = uid ? make(parser, RXC_UID, node->span) : NULL;

	if (expr)
		expr->uid = uid;
	return expr;
}

static const struct rxc_expr *convert(struct rxc_parser *parser, const struct rxc_cst *node)
{
	switch ((enum rxc_cst_kind)node->kind) {
	case RXC_CST_TRUE:
	case RXC_CST_FALSE:
	case RXC_CST_NUMBER:
	case RXC_CST_STRING:
		return convert_literal(parser, node);
	case RXC_CST_NAME:
		return convert_variable(parser, node);
	case RXC_CST_REF:
		return convert_uid(parser, node);
	case RXC_CST_BRACES:
		rxc_parser_error(parser, node->span, "invalid entity literal: %.*s", SHOW(node));
		return NULL;
	case RXC_CST_SLOT:
		return convert_slot(parser, node);
	case RXC_CST_PAREN:
		return convert(parser, node->a);
	case RXC_CST_SET:
		return convert_set(parser, node);
	case RXC_CST_RECORD:
		return convert_record(parser, node);
	case RXC_CST_MEMBER:
		return convert_member(parser, node);
	case RXC_CST_NOT:
		return convert_unary(parser, node, RXC_NOT);
	case RXC_CST_NEG:
		return convert_unary(parser, node, RXC_NEG);
	case RXC_CST_AND:
		return convert_chain(parser, node, RXC_AND);
	case RXC_CST_OR:
		return convert_chain(parser, node, RXC_OR);
	case RXC_CST_BINARY:
		return convert_binary(parser, node);
	case RXC_CST_HAS:
		return convert_has(parser, node);
	case RXC_CST_LIKE:
		return convert_like(parser, node);
	case RXC_CST_IS:
		return convert_is(parser, node);
	case RXC_CST_IF:
		return convert_if(parser, node);
	case RXC_CST_IDENT:
	case RXC_CST_INIT:
	case RXC_CST_FIELD:
	case RXC_CST_CALL:
	case RXC_CST_INDEX:
	case RXC_CST_ANNOTATION:
	case RXC_CST_SCOPE:
	case RXC_CST_CONDITION:
		break;
	}
	rx_unreachable();
}

const struct rxc_expr *rxc_convert_expression(struct rxc_parser *parser, const struct rxc_cst *tree)
{
	if (parser->no_memory || parser->too_deep)
		return NULL;
	return convert(parser, tree);
}
