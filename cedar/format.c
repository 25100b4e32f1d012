#include <config.h>

#include "cedar/format.h"

#include "base/unicode.h"
#include "cedar/format_doc.h"
#include "cedar/format_lex.h"

#include "base/banned.h"

/* Deepest nesting of expressions; the parser's limit is lower. */
enum { DEPTH_MOST = 5000 };

struct formatter {
	struct rxc_docs docs;
	struct rxc_format_token *tokens;
	size_t at;
	uint32_t indent;
	unsigned depth;
	bool as_reference;
};

typedef const struct rxc_doc *doc_t;

/* ---- Tokens ---- */

static struct rexi_str peek(const struct formatter *formatter)
{
	return formatter->tokens[formatter->at].text;
}

static bool is(const struct formatter *formatter, const char *text)
{
	struct rexi_str token = peek(formatter);

	return token.len == strlen(text) && memcmp(token.ptr, text, token.len) == 0;
}

static bool is_end(const struct formatter *formatter)
{
	return peek(formatter).len == 0;
}

static void add(struct formatter *formatter, struct rxc_doc_list *list, doc_t doc)
{
	rxc_doc_add(&formatter->docs, list, doc);
}

static void add_text(struct formatter *formatter, struct rxc_doc_list *list, const char *text)
{
	add(formatter, list, rxc_doc_text(&formatter->docs, rx_str(text)));
}

static void add_plain(struct formatter *formatter, struct rxc_doc_list *list, enum rxc_doc_kind kind)
{
	add(formatter, list, rxc_doc_plain(kind));
}

static doc_t join(struct formatter *formatter, const struct rxc_doc_list *list)
{
	return rxc_doc_join(&formatter->docs, list);
}

static doc_t group(struct formatter *formatter, doc_t doc)
{
	return rxc_doc_group(&formatter->docs, doc);
}

static doc_t nest(struct formatter *formatter, uint32_t indent, doc_t doc)
{
	return rxc_doc_nest(&formatter->docs, indent, doc);
}

/* The comments before the next token, so that they do not count as part of the group that it begins. */
static void take_comments(struct formatter *formatter, struct rxc_doc_list *list)
{
	struct rxc_format_token *token = &formatter->tokens[formatter->at];

	for (const struct rxc_format_comment *comment = token->before; comment; comment = comment->next) {
		add_plain(formatter, list, RXC_DOC_HARD);
		add(formatter, list, rxc_doc_text(&formatter->docs, comment->text));
	}
	if (token->before)
		add_plain(formatter, list, RXC_DOC_HARD);
	token->before = NULL;
}

/* Takes the next token with its comments; `shown` false leaves out the token itself (a comma before a closing bracket). */
static doc_t take(struct formatter *formatter, bool shown)
{
	struct rxc_format_token *token = &formatter->tokens[formatter->at];
	const struct rxc_format_comment *before = token->before;
	struct rxc_doc_list list = { 0 };

	if (!before && !token->after) {
		formatter->at += token->text.len > 0;
		return rxc_doc_text(&formatter->docs, shown ? token->text : RX_STR(""));
	}
	take_comments(formatter, &list);
	token->before = before; /* the scope is read twice */
	formatter->at += token->text.len > 0;
	if (shown)
		add(formatter, &list, rxc_doc_text(&formatter->docs, token->text));
	for (const struct rxc_format_comment *comment = token->after; comment; comment = comment->next) {
		if (shown)
			add_text(formatter, &list, " ");
		add(formatter, &list, rxc_doc_text(&formatter->docs, comment->text));
		add_plain(formatter, &list, RXC_DOC_HARD);
	}
	return join(formatter, &list);
}

static void eat(struct formatter *formatter, struct rxc_doc_list *list)
{
	add(formatter, list, take(formatter, true));
}

/* Leaves out a comma that stands before a closing bracket. */
static void drop_comma(struct formatter *formatter, struct rxc_doc_list *list)
{
	if (is(formatter, ","))
		add(formatter, list, take(formatter, false));
}

/* Is the token after the next one `text`? */
static bool comma_then(const struct formatter *formatter, const char *text)
{
	struct rexi_str next;

	if (!is(formatter, ","))
		return false;
	next = formatter->tokens[formatter->at + 1].text;
	return next.len == strlen(text) && memcmp(next.ptr, text, next.len) == 0;
}

/* ---- Expressions ---- */

static doc_t expression(struct formatter *formatter);
static doc_t additive(struct formatter *formatter);

/* Items separated by commas up to `close`, each an expression, a line between two. */
static void items(struct formatter *formatter, struct rxc_doc_list *list, const char *close, bool keyed)
{
	while (!is(formatter, close) && !is_end(formatter)) {
		if (keyed) {
			add(formatter, list, expression(formatter));
			eat(formatter, list); /* : */
			add_text(formatter, list, " ");
		}
		add(formatter, list, expression(formatter));
		if (comma_then(formatter, close)) {
			drop_comma(formatter, list);
		} else if (is(formatter, ",")) {
			eat(formatter, list);
			add_plain(formatter, list, RXC_DOC_LINE);
		}
	}
}

/* `[` items `]`, or `(` expression `)`: what is inside is indented by one. */
static doc_t bracketed(struct formatter *formatter, const char *close)
{
	struct rxc_doc_list list = { 0 }, inner = { 0 };

	eat(formatter, &list);
	items(formatter, &inner, close, false);
	add(formatter, &list, nest(formatter, 1, join(formatter, &inner)));
	eat(formatter, &list);
	return strcmp(close, ")") == 0 ? group(formatter, join(formatter, &list)) : join(formatter, &list);
}

static doc_t record(struct formatter *formatter)
{
	struct rxc_doc_list list = { 0 }, inner = { 0 };

	eat(formatter, &list);
	if (!is(formatter, "}")) {
		add_plain(formatter, &inner, RXC_DOC_LINE);
		items(formatter, &inner, "}", true);
		add_plain(formatter, &inner, RXC_DOC_LINE);
		add(formatter, &list, nest(formatter, formatter->indent, group(formatter, join(formatter, &inner))));
	}
	eat(formatter, &list);
	return join(formatter, &list);
}

/* Arguments break together with the chain of accesses that they belong to. */
static void arguments(struct formatter *formatter, struct rxc_doc_list *list)
{
	struct rxc_doc_list inner = { 0 };

	eat(formatter, list);
	if (!is(formatter, ")")) {
		add_plain(formatter, &inner, RXC_DOC_SOFT);
		items(formatter, &inner, ")", false);
		add(formatter, list, nest(formatter, formatter->indent, join(formatter, &inner)));
		add_plain(formatter, list, RXC_DOC_SOFT);
	}
	eat(formatter, list);
}

static doc_t primary(struct formatter *formatter)
{
	struct rxc_doc_list list = { 0 };

	if (is(formatter, "("))
		return bracketed(formatter, ")");
	if (is(formatter, "["))
		return bracketed(formatter, "]");
	if (is(formatter, "{"))
		return record(formatter);
	eat(formatter, &list);
	while (is(formatter, "::")) {
		eat(formatter, &list);
		eat(formatter, &list);
	}
	return join(formatter, &list);
}

static bool is_access(const struct formatter *formatter)
{
	return is(formatter, ".") || is(formatter, "[") || is(formatter, "(");
}

static doc_t member(struct formatter *formatter)
{
	struct rxc_doc_list list = { 0 }, accesses = { 0 };
	doc_t base = primary(formatter);

	if (!is_access(formatter))
		return group(formatter, base);
	add(formatter, &list, base);
	for (bool first = true; is_access(formatter); first = false) {
		if (is(formatter, "(")) {
			arguments(formatter, &accesses);
			continue;
		}
		if (!first)
			add_plain(formatter, &accesses, RXC_DOC_SOFT);
		if (is(formatter, "[")) {
			eat(formatter, &accesses);
			add(formatter, &accesses, expression(formatter));
			eat(formatter, &accesses);
		} else {
			eat(formatter, &accesses);
			eat(formatter, &accesses);
		}
	}
	add(formatter, &list, nest(formatter, formatter->indent, join(formatter, &accesses)));
	return group(formatter, join(formatter, &list));
}

static doc_t unary(struct formatter *formatter)
{
	struct rxc_doc_list list = { 0 };

	if (!is(formatter, "!") && !is(formatter, "-"))
		return member(formatter);
	while (is(formatter, "!") || is(formatter, "-"))
		eat(formatter, &list);
	add(formatter, &list, member(formatter));
	return join(formatter, &list);
}

/* operand { operator operand }, broken after the operator. */
static doc_t chain(struct formatter *formatter, const char *operator, const char *other, doc_t (*operand)(struct formatter *),
		   bool grouped)
{
	struct rxc_doc_list list = { 0 };
	doc_t first = operand(formatter), all;

	if (!is(formatter, operator) && !(other && is(formatter, other)))
		return first;
	add(formatter, &list, first);
	while (is(formatter, operator) || (other && is(formatter, other))) {
		add_text(formatter, &list, " ");
		eat(formatter, &list);
		add_plain(formatter, &list, RXC_DOC_LINE);
		add(formatter, &list, operand(formatter));
	}
	all = join(formatter, &list);
	return grouped ? group(formatter, all) : all;
}

static doc_t multiplicative(struct formatter *formatter)
{
	return chain(formatter, "*", NULL, unary, true);
}

static doc_t additive(struct formatter *formatter)
{
	return chain(formatter, "+", "-", multiplicative, true);
}

static bool is_relation(const struct formatter *formatter)
{
	return is(formatter, "<") || is(formatter, "<=") || is(formatter, ">") || is(formatter, ">=") || is(formatter, "==") ||
	       is(formatter, "!=") || is(formatter, "in");
}

static doc_t relation(struct formatter *formatter)
{
	struct rxc_doc_list list = { 0 };

	add(formatter, &list, additive(formatter));
	if (is(formatter, "has") || is(formatter, "like")) {
		add_plain(formatter, &list, RXC_DOC_LINE);
		eat(formatter, &list);
		add_plain(formatter, &list, RXC_DOC_LINE);
		add(formatter, &list, nest(formatter, formatter->indent, additive(formatter)));
		return group(formatter, join(formatter, &list));
	}
	if (is(formatter, "is")) {
		add_text(formatter, &list, " ");
		eat(formatter, &list);
		add_text(formatter, &list, " ");
		add(formatter, &list, nest(formatter, formatter->indent, additive(formatter)));
		if (is(formatter, "in")) {
			add_plain(formatter, &list, RXC_DOC_LINE);
			eat(formatter, &list);
			add_text(formatter, &list, " ");
			add(formatter, &list, nest(formatter, formatter->indent, additive(formatter)));
		}
		return group(formatter, join(formatter, &list));
	}
	if (!is_relation(formatter))
		return list.count ? list.items[0] : rxc_doc_plain(RXC_DOC_NIL);
	add_text(formatter, &list, " ");
	eat(formatter, &list);
	add_text(formatter, &list, " ");
	add(formatter, &list, additive(formatter));
	return join(formatter, &list);
}

static doc_t conjunction(struct formatter *formatter)
{
	return chain(formatter, "&&", NULL, relation, false);
}

static doc_t conditional(struct formatter *formatter)
{
	struct rxc_doc_list list = { 0 };

	for (unsigned part = 0; part < 3; part++) {
		struct rxc_doc_list inner = { 0 };

		if (part > 0)
			add_plain(formatter, &list, RXC_DOC_LINE);
		eat(formatter, &list);
		add_plain(formatter, &inner, RXC_DOC_LINE);
		add(formatter, &inner, expression(formatter));
		add(formatter, &list, nest(formatter, formatter->indent, join(formatter, &inner)));
	}
	return group(formatter, join(formatter, &list));
}

/* `if` as a record key is not one. */
static bool at_conditional(const struct formatter *formatter)
{
	struct rexi_str next;

	if (!is(formatter, "if"))
		return false;
	next = formatter->tokens[formatter->at + 1].text;
	return !rx_str_eq(next, RX_STR(":"));
}

static doc_t expression(struct formatter *formatter)
{
	doc_t doc;

	if (++formatter->depth > DEPTH_MOST || formatter->docs.failed) {
		formatter->docs.failed = true;
		while (!is_end(formatter))
			formatter->at++;
		formatter->depth--;
		return rxc_doc_plain(RXC_DOC_NIL);
	}
	if (at_conditional(formatter))
		doc = conditional(formatter);
	else
		doc = chain(formatter, "||", NULL, conjunction, false);
	formatter->depth--;
	return doc;
}

/* ---- Policies ---- */

/* `left operator` and, on the same line or indented on the next, what the operator takes. */
static doc_t constraint(struct formatter *formatter, doc_t left)
{
	struct rxc_doc_list head = { 0 }, operand = { 0 }, all = { 0 };

	add(formatter, &head, left);
	add_plain(formatter, &head, RXC_DOC_LINE);
	eat(formatter, &head);
	add_plain(formatter, &operand, RXC_DOC_LINE);
	add(formatter, &operand, expression(formatter));
	add(formatter, &all, group(formatter, join(formatter, &head)));
	add(formatter, &all, nest(formatter, formatter->indent, join(formatter, &operand)));
	return group(formatter, join(formatter, &all));
}

/* `left is T` */
static doc_t type_test(struct formatter *formatter, doc_t left)
{
	struct rxc_doc_list operator = { 0 }, test = { 0 }, all = { 0 };

	add_plain(formatter, &operator, RXC_DOC_LINE);
	eat(formatter, &operator);
	add(formatter, &test, group(formatter, join(formatter, &operator)));
	add_plain(formatter, &test, RXC_DOC_LINE);
	add(formatter, &test, additive(formatter));
	add(formatter, &all, left);
	add(formatter, &all, nest(formatter, formatter->indent, group(formatter, join(formatter, &test))));
	return join(formatter, &all);
}

/* principal, action or resource with its constraint; *bare is false when it has one. */
static doc_t variable(struct formatter *formatter, bool *bare)
{
	doc_t left = take(formatter, true);

	if (is(formatter, "is")) {
		*bare = false;
		left = type_test(formatter, left);
	}
	if (!is(formatter, ",") && !is(formatter, ")") && !is_end(formatter)) {
		*bare = false;
		left = constraint(formatter, left);
	}
	return left;
}

static doc_t scope(struct formatter *formatter)
{
	struct rxc_doc_list list = { 0 }, inner = { 0 }, effect = { 0 };
	size_t start = formatter->at;
	bool bare = true;

	/* Twice: whether a line breaks before the first variable depends on all three. */
	eat(formatter, &effect);
	eat(formatter, &effect);
	while (!is(formatter, ")") && !is_end(formatter)) {
		(void)variable(formatter, &bare);
		if (is(formatter, ","))
			formatter->at++;
	}
	formatter->at = start;
	effect = (struct rxc_doc_list){ 0 };
	eat(formatter, &effect);
	add_plain(formatter, &effect, RXC_DOC_LINE);
	eat(formatter, &effect);
	add(formatter, &list, group(formatter, join(formatter, &effect)));
	if (!bare)
		add_plain(formatter, &inner, RXC_DOC_HARD);
	while (!is(formatter, ")") && !is_end(formatter)) {
		take_comments(formatter, &inner);
		add(formatter, &inner, variable(formatter, &bare));
		if (comma_then(formatter, ")")) {
			drop_comma(formatter, &inner);
		} else if (is(formatter, ",")) {
			bool commented = formatter->tokens[formatter->at].after != NULL;

			eat(formatter, &inner);
			if (!bare)
				add_plain(formatter, &inner, RXC_DOC_HARD);
			else if (!commented)
				add_text(formatter, &inner, " ");
		}
	}
	add(formatter, &list, nest(formatter, formatter->indent, group(formatter, join(formatter, &inner))));
	if (!bare)
		add_plain(formatter, &list, RXC_DOC_HARD);
	eat(formatter, &list);
	return join(formatter, &list);
}

static doc_t condition(struct formatter *formatter)
{
	struct rxc_doc_list list = { 0 }, braces = { 0 }, body = { 0 };

	eat(formatter, &list);
	add_plain(formatter, &list, RXC_DOC_LINE);
	take_comments(formatter, &list);
	eat(formatter, &braces);
	add_plain(formatter, &body, RXC_DOC_LINE);
	take_comments(formatter, &body);
	add(formatter, &body, group(formatter, expression(formatter)));
	add(formatter, &braces, nest(formatter, formatter->indent, join(formatter, &body)));
	add_plain(formatter, &braces, RXC_DOC_LINE);
	eat(formatter, &braces);
	add(formatter, &list, group(formatter, join(formatter, &braces)));
	return group(formatter, join(formatter, &list));
}

static doc_t policy(struct formatter *formatter)
{
	struct rxc_doc_list list = { 0 };

	while (is(formatter, "@")) {
		eat(formatter, &list);
		eat(formatter, &list);
		for (unsigned i = 0; i < 3 && (i > 0 || is(formatter, "(")); i++)
			eat(formatter, &list);
		add_plain(formatter, &list, RXC_DOC_HARD);
	}
	take_comments(formatter, &list);
	add(formatter, &list, scope(formatter));
	while (!is(formatter, ";") && !is_end(formatter)) {
		add_plain(formatter, &list, RXC_DOC_HARD);
		take_comments(formatter, &list);
		add(formatter, &list, condition(formatter));
	}
	eat(formatter, &list);
	return join(formatter, &list);
}

/*
 * One run of text without strings and comments: lines of white space alone go, but not its end. A run that begins with white
 * space and a line end follows a string: the reference takes that for an empty line too.
 */
static void append_run(struct rx_buf *buf, struct rexi_str run, bool as_reference)
{
	size_t blank = 0;

	while (!as_reference && blank < run.len && run.ptr[blank] == ' ')
		blank++;
	if (blank < run.len && run.ptr[blank] == '\n')
		rx_buf_byte(buf, '\n');
	for (size_t at = 0; at < run.len;) {
		const char *end = memchr(run.ptr + at, '\n', run.len - at);
		size_t len = end ? (size_t)(end - run.ptr) - at + 1 : run.len - at;
		struct rexi_str line = rx_str_sub(run, at, len);

		if (!end || rx_unicode_trim(line).len > 0)
			rx_buf_str(buf, line);
		at += len;
	}
}

/* Comments and documents ask for line breaks of their own: where they meet, empty lines stand, which are left out here. */
static bool append_policy(struct rx_buf *buf, struct rexi_str text, bool as_reference)
{
	struct rx_buf out;
	bool ok;

	rx_buf_init(&out, buf->memory, 0);
	for (size_t at = 0; at < text.len;) {
		size_t start = at, end;

		while (start < text.len && text.ptr[start] != '"' && !rx_str_starts(rx_str_sub(text, start, 2), RX_STR("//")))
			start++;
		end = start == text.len ? start : text.ptr[start] == '"' ? rxc_format_string_end(text, start) : rxc_format_comment_end(text, start);
		append_run(&out, rx_str_sub(text, at, start - at), as_reference);
		rx_buf_str(&out, rx_str_sub(text, start, end - start));
		at = end;
	}
	ok = !out.failed;
	rx_buf_str(buf, rx_unicode_trim(rx_buf_view(&out)));
	rx_buf_byte(buf, '\n');
	rx_buf_fini(&out);
	return ok;
}

static bool format_all(struct formatter *formatter, struct rx_buf *buf, uint32_t width)
{
	struct rx_buf one;
	bool first = true, ok = true;

	rx_buf_init(&one, buf->memory, 0);
	for (; ok && !is_end(formatter) && !formatter->docs.failed; first = false) {
		doc_t doc = policy(formatter);

		rx_buf_clear(&one);
		ok = !formatter->docs.failed && rxc_doc_render(&one, doc, width);
		if (!first)
			rx_buf_byte(buf, '\n');
		ok = ok && append_policy(buf, rx_buf_view(&one), formatter->as_reference);
	}
	rx_buf_fini(&one);
	if (first && ok)
		rx_buf_byte(buf, '\n');
	for (const struct rxc_format_comment *comment = formatter->tokens[formatter->at].before; comment; comment = comment->next) {
		rx_buf_str(buf, comment->text);
		rx_buf_byte(buf, '\n');
	}
	return ok && !formatter->docs.failed && !buf->failed;
}

/* ---- What was formatted is what was given ---- */

static bool closes(struct rexi_str text)
{
	return rx_str_eq(text, RX_STR(")")) || rx_str_eq(text, RX_STR("]")) || rx_str_eq(text, RX_STR("}"));
}

/* The next token that counts: commas before closing brackets do not. */
static size_t significant(const struct rxc_format_token *tokens, size_t at)
{
	while (rx_str_eq(tokens[at].text, RX_STR(",")) && closes(tokens[at + 1].text))
		at++;
	return at;
}

static size_t comment_count(const struct rxc_format_token *tokens, size_t count)
{
	size_t comments = 0;

	for (size_t i = 0; i < count; i++) {
		for (const struct rxc_format_comment *comment = tokens[i].before; comment; comment = comment->next)
			comments++;
		for (const struct rxc_format_comment *comment = tokens[i].after; comment; comment = comment->next)
			comments++;
	}
	return comments;
}

static bool same_tokens(const struct rxc_format_token *a, const struct rxc_format_token *b)
{
	size_t i = significant(a, 0), j = significant(b, 0);

	while (rx_str_eq(a[i].text, b[j].text)) {
		if (a[i].text.len == 0)
			return true;
		i = significant(a, i + 1);
		j = significant(b, j + 1);
	}
	return false;
}

enum rexi_status rxc_format(struct rx_buf *buf, struct rexi_str source, unsigned width, unsigned indent, bool as_reference,
			    struct rexi_error *err)
{
	struct rxc_format_token *again;
	struct formatter formatter = { .indent = indent ? indent : 2, .as_reference = as_reference };
	size_t count, again_count, comments = 0, start = buf->len;
	enum rexi_status status = REXI_OK;
	struct rx_arena arena;

	rx_arena_init(&arena, buf->memory);
	formatter.docs.arena = &arena;
	if (rxc_format_lex(&arena, source, &formatter.tokens, &count))
		comments = comment_count(formatter.tokens, count);
	else
		formatter.docs.failed = true;
	if (formatter.docs.failed || !format_all(&formatter, buf, width ? width : 80) ||
	    !rxc_format_lex(&arena, rx_str_sub(rx_buf_view(buf), start, SIZE_MAX), &again, &again_count))
		status = formatter.depth > 0 ? rx_fail(err, REXI_LIMIT, RX_NO_SPAN, "expressions are nested too deeply to be formatted")
					     : rx_fail_memory(err);
	else if (!same_tokens(formatter.tokens, again) || comment_count(again, again_count) != comments)
		status = rx_fail(err, REXI_INTERNAL, RX_NO_SPAN, "the formatted text would differ from the source in more than layout");
	rx_arena_fini(&arena);
	return status;
}
