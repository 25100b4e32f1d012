/* Rust regex trees written as PCRE2 patterns (options: MULTILINE, DOTALL, DOLLAR_ENDONLY, ALT_CIRCUMFLEX, newline LF). */
#include <config.h>

#include "sdk/text_pattern_node.h"

#include "base/utf8.h"

#include "base/banned.h"

struct writer {
	struct rx_buf *out;
	bool ascii;
	bool possible; /* false: this form cannot express the pattern */
};

static void emit(struct writer *w, const char *text)
{
	rx_buf_str(w->out, rx_str(text));
}

static bool is_alnum(uint32_t c)
{
	return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

/* One character that stands for itself, inside or outside a class. */
static void emit_code(struct writer *w, uint32_t c)
{
	if (is_alnum(c))
		rx_buf_byte(w->out, (char)c);
	else
		rx_buf_printf(w->out, "\\x{%x}", c);
}

/* Rust: Alphabetic, M, Nd, Pc, Join_Control (UTS 18, Annex C). */
#define WORD_ITEMS "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}"
#define WORD "[" WORD_ITEMS "]"

/* A class without operators and without negated unions inside can be one bracket expression. */
static bool item_is_simple(const struct rxs_re_item *item, bool ascii)
{
	switch (item->kind) {
	case RXS_RE_RANGE:
	case RXS_RE_POSIX:
	case RXS_RE_PROPERTY:
		return true;
	case RXS_RE_PERL:
		return !(item->negated && item->low == 'w' && !ascii);
	case RXS_RE_NESTED:
		return false;
	}
	rx_unreachable();
}

static void emit_range(struct writer *w, uint32_t low, uint32_t high, unsigned flags)
{
	if (w->ascii && high > 0x7F) {
		if (flags & RXS_RE_I) /* U+017F and U+212A fold to ASCII letters */
			w->possible = false;
		if (low > 0x7F)
			return;
		high = 0x7F;
	}
	if (low < 0xD800 && high > 0xDFFF) { /* PCRE2 takes no range that begins or ends in surrogates; this one only spans them */
		emit_code(w, low);
		emit(w, "-\\x{d7ff}\\x{e000}-");
		emit_code(w, high);
		return;
	}
	emit_code(w, low);
	if (high != low) {
		rx_buf_byte(w->out, '-');
		emit_code(w, high);
	}
}

static void emit_item(struct writer *w, const struct rxs_re_item *item, unsigned flags)
{
	bool ascii = w->ascii || (flags & RXS_RE_ASCII);

	switch (item->kind) {
	case RXS_RE_RANGE:
		emit_range(w, item->low, item->high, flags);
		return;
	case RXS_RE_POSIX: {
		/* PCRE2 with UCP widens these to Unicode; Rust's are ASCII always, so they are spelt out */
		static const struct { const char *name, *yes, *no; } posix[] = {
			{ "alnum", "0-9A-Za-z", "\\x00-\\x2f:-@\\x5b-`\\x7b-\\x{10ffff}" },
			{ "alpha", "A-Za-z", "\\x00-@\\x5b-`\\x7b-\\x{10ffff}" },
			{ "ascii", "\\x00-\\x7f", "\\x{80}-\\x{10ffff}" },
			{ "blank", "\\t ", "\\x00-\\x08\\x0a-\\x1f!-\\x{10ffff}" },
			{ "cntrl", "\\x00-\\x1f\\x7f", "\\x20-~\\x{80}-\\x{10ffff}" },
			{ "digit", "0-9", "\\x00-\\x2f:-\\x{10ffff}" },
			{ "graph", "!-~", "\\x00-\\x20\\x7f-\\x{10ffff}" },
			{ "lower", "a-z", "\\x00-`\\x7b-\\x{10ffff}" },
			{ "print", "\\x20-~", "\\x00-\\x1f\\x7f-\\x{10ffff}" },
			{ "punct", "!-\\x2f:-@\\x5b-`\\x7b-~", "\\x00-\\x20" "0-9A-Za-z\\x7f-\\x{10ffff}" },
			{ "space", "\\t-\\r ", "\\x00-\\x08\\x0e-\\x1f!-\\x{10ffff}" },
			{ "upper", "A-Z", "\\x00-@\\x5b-\\x{10ffff}" },
			{ "word", "0-9A-Z_a-z", "\\x00-\\x2f:-@\\x5b-^`\\x7b-\\x{10ffff}" },
			{ "xdigit", "0-9A-Fa-f", "\\x00-\\x2f:-@G-`g-\\x{10ffff}" },
		};
		for (size_t i = 0; i < RX_COUNT(posix); i++) {
			if (!rx_str_eq(item->name, rx_str(posix[i].name)))
				continue;
			const char *text = item->negated ? posix[i].no : posix[i].yes;
			if (w->ascii && item->negated) { /* no code point above 0xff outside UTF mode */
				size_t len = strlen(text);
				rx_buf_bytes(w->out, text, len - strlen("\\x{10ffff}"));
				emit(w, "\\xff");
			} else {
				emit(w, text);
			}
		}
		return;
	}
	case RXS_RE_PERL:
		if (ascii && !w->ascii) { /* (?-u) in Unicode mode: positive only, the parser saw to that outside classes */
			emit(w, item->low == 'd' ? (item->negated ? "\\x00-\\x2f:-\\x{10ffff}" : "0-9") :
				item->low == 's' ? (item->negated ? "\\x00-\\x08\\x0e-\\x1f!-\\x{10ffff}" : "\\t-\\r ") :
				item->negated ? "\\x00-\\x2f:-@\\x5b-^`\\x7b-\\x{10ffff}" : "0-9A-Z_a-z");
			return;
		}
		if (item->low == 'w' && !w->ascii && !item->negated) {
			emit(w, WORD_ITEMS);
			return;
		}
		rx_buf_byte(w->out, '\\');
		rx_buf_byte(w->out, (char)(item->negated ? item->low - 32 : item->low));
		return;
	case RXS_RE_PROPERTY: {
		struct rexi_str name = item->name;
		if ((flags & RXS_RE_I) && name.len == 2 && (name.ptr[0] | 32) == 'l' &&
		    ((name.ptr[1] | 32) == 'u' || (name.ptr[1] | 32) == 'l' || (name.ptr[1] | 32) == 't'))
			name = RX_STR("L&"); /* Rust folds classes too */
		else if ((flags & RXS_RE_I) && (rx_str_eq(name, RX_STR("uppercase")) || rx_str_eq(name, RX_STR("lowercase"))))
			name = RX_STR("cased");
		emit(w, item->negated ? "\\P{" : "\\p{");
		rx_buf_str(w->out, name);
		emit(w, "}");
		return;
	}
	case RXS_RE_NESTED:
		return;
	}
}

static void emit_class(struct writer *w, const struct rxs_re_class *class, unsigned flags);

static void emit_union(struct writer *w, const struct rxs_re_class *class, unsigned flags)
{
	bool ascii = w->ascii || (flags & RXS_RE_ASCII), simple = true, first = true;

	for (const struct rxs_re_item *item = class->items; item; item = item->next)
		simple &= item_is_simple(item, ascii);
	if (simple) {
		size_t start = w->out->len;
		emit(w, class->negated ? "[^" : "[");
		size_t body = w->out->len;
		for (const struct rxs_re_item *item = class->items; item; item = item->next)
			emit_item(w, item, flags);
		if (w->out->len == body && !w->out->failed) { /* nothing below 0x80 */
			w->out->len = start;
			emit(w, class->negated ? "[\\s\\S]" : "(?!)");
			return;
		}
		emit(w, "]");
		return;
	}
	emit(w, class->negated ? "(?:(?!" : "(?:");
	for (const struct rxs_re_item *item = class->items; item; item = item->next) {
		if (!first)
			emit(w, "|");
		first = false;
		if (item->kind == RXS_RE_NESTED) {
			emit_class(w, item->nested, flags);
		} else if (!item_is_simple(item, ascii)) {
			emit(w, "[^" WORD_ITEMS "]");
		} else {
			size_t start = w->out->len;
			emit(w, "[");
			emit_item(w, item, flags);
			if (!w->out->failed && w->out->len == start + 1) {
				w->out->len = start;
				emit(w, "(?!)");
			} else {
				emit(w, "]");
			}
		}
	}
	emit(w, class->negated ? ")[\\s\\S])" : ")");
}

static void emit_class(struct writer *w, const struct rxs_re_class *class, unsigned flags)
{
	if (w->out->failed) /* too long: nested operators would go on doubling what nobody keeps */
		return;
	if (!class->op) {
		emit_union(w, class, flags);
		return;
	}
	if (class->negated)
		emit(w, "(?:(?!");
	switch (class->op) {
	case '&':
		emit(w, "(?:(?=");
		emit_class(w, class->right, flags);
		emit(w, ")");
		emit_class(w, class->left, flags);
		break;
	case '-':
		emit(w, "(?:(?!");
		emit_class(w, class->right, flags);
		emit(w, ")");
		emit_class(w, class->left, flags);
		break;
	default:
		/* In one of the two: the left side, which holds the operators before this one, is written once. */
		emit(w, "(?(?=");
		emit_class(w, class->left, flags);
		emit(w, ")(?!");
		emit_class(w, class->right, flags);
		emit(w, ")[\\s\\S]|");
		emit_class(w, class->right, flags);
		break;
	}
	emit(w, ")");
	if (class->negated)
		emit(w, ")[\\s\\S])");
}

static void emit_assert(struct writer *w, const struct rxs_re_node *node)
{
	bool crlf = node->flags & RXS_RE_CRLF, multi = node->flags & RXS_RE_M;
	bool ascii = w->ascii || (node->flags & RXS_RE_ASCII);

	switch ((enum rxs_re_assert)node->code) {
	case RXS_RE_LINE_START:
		emit(w, !multi ? "\\A" : crlf ? "(?:\\A|(?<=\\n)|(?<=\\r)(?!\\n))" : "^");
		return;
	case RXS_RE_LINE_END:
		emit(w, !multi ? "\\z" : crlf ? "(?:\\z|(?=\\r)|(?<!\\r)(?=\\n))" : "$");
		return;
	case RXS_RE_TEXT_START:
		emit(w, "\\A");
		return;
	case RXS_RE_TEXT_END:
		emit(w, "\\z");
		return;
	case RXS_RE_WORD:
		emit(w, w->ascii ? "\\b" : ascii ? "(?:(?<=[0-9A-Z_a-z])(?![0-9A-Z_a-z])|(?<![0-9A-Z_a-z])(?=[0-9A-Z_a-z]))" :
			"(?:(?<=" WORD ")(?!" WORD ")|(?<!" WORD ")(?=" WORD "))");
		return;
	case RXS_RE_NOT_WORD:
		emit(w, w->ascii ? "\\B" : ascii ? "(?:(?<=[0-9A-Z_a-z])(?=[0-9A-Z_a-z])|(?<![0-9A-Z_a-z])(?![0-9A-Z_a-z]))" :
			"(?:(?<=" WORD ")(?=" WORD ")|(?<!" WORD ")(?!" WORD "))");
		return;
	case RXS_RE_WORD_START:
		emit(w, ascii ? "(?<![0-9A-Z_a-z])(?=[0-9A-Z_a-z])" : "(?<!" WORD ")(?=" WORD ")");
		return;
	case RXS_RE_WORD_END:
		emit(w, ascii ? "(?<=[0-9A-Z_a-z])(?![0-9A-Z_a-z])" : "(?<=" WORD ")(?!" WORD ")");
		return;
	case RXS_RE_WORD_START_HALF:
		emit(w, ascii ? "(?<![0-9A-Z_a-z])" : "(?<!" WORD ")");
		return;
	case RXS_RE_WORD_END_HALF:
		emit(w, ascii ? "(?![0-9A-Z_a-z])" : "(?!" WORD ")");
		return;
	}
}

static void emit_node(struct writer *w, const struct rxs_re_node *node);

static void emit_char(struct writer *w, const struct rxs_re_node *node)
{
	if (w->ascii && node->code > 0x7F) {
		if (node->flags & RXS_RE_I)
			w->possible = false;
		emit(w, "(?!)");
		return;
	}
	if (node->code > 0x7F) {
		char utf8[4];
		rx_buf_bytes(w->out, utf8, rx_utf8_encode(utf8, node->code));
		return;
	}
	emit_code(w, node->code);
}

static void emit_repeat(struct writer *w, const struct rxs_re_node *node)
{
	emit(w, "(?:");
	emit_node(w, node->child);
	emit(w, ")");
	if (node->min == 0 && node->max == UINT32_MAX)
		emit(w, "*");
	else if (node->min == 1 && node->max == UINT32_MAX)
		emit(w, "+");
	else if (node->min == 0 && node->max == 1)
		emit(w, "?");
	else if (node->max == UINT32_MAX)
		rx_buf_printf(w->out, "{%u,}", node->min);
	else
		rx_buf_printf(w->out, "{%u,%u}", node->min, node->max);
	if (!node->greedy)
		emit(w, "?");
}

static void emit_node(struct writer *w, const struct rxs_re_node *node)
{
	bool fold = (node->flags & RXS_RE_I) && (node->kind == RXS_RE_CHAR || node->kind == RXS_RE_CLASS);

	if (fold)
		emit(w, "(?i:");
	switch (node->kind) {
	case RXS_RE_EMPTY:
		emit(w, "(?:)");
		break;
	case RXS_RE_CHAR:
		emit_char(w, node);
		break;
	case RXS_RE_DOT:
		emit(w, node->flags & RXS_RE_S ? "." : node->flags & RXS_RE_CRLF ? "[^\\r\\n]" : "\\N");
		break;
	case RXS_RE_CLASS:
		emit_class(w, node->class, node->flags);
		break;
	case RXS_RE_ASSERT:
		emit_assert(w, node);
		break;
	case RXS_RE_GROUP:
		emit(w, node->code ? "(" : "(?:");
		emit_node(w, node->child);
		emit(w, ")");
		break;
	case RXS_RE_CONCAT:
		for (const struct rxs_re_node *child = node->child; child; child = child->next) {
			/* a run of folded characters shares one group */
			if (child->kind == RXS_RE_CHAR && (child->flags & RXS_RE_I)) {
				emit(w, "(?i:");
				emit_char(w, child);
				while (child->next && child->next->kind == RXS_RE_CHAR && (child->next->flags & RXS_RE_I))
					emit_char(w, child = child->next);
				emit(w, ")");
			} else {
				emit_node(w, child);
			}
		}
		break;
	case RXS_RE_ALTERNATE:
		emit(w, "(?:");
		for (const struct rxs_re_node *child = node->child; child; child = child->next) {
			if (child != node->child)
				emit(w, "|");
			emit_node(w, child);
		}
		emit(w, ")");
		break;
	case RXS_RE_REPEAT:
		emit_repeat(w, node);
		break;
	}
	if (fold)
		emit(w, ")");
}

bool rxs_re_emit(const struct rxs_re_tree *tree, bool ascii, struct rx_buf *out)
{
	struct writer w = { .out = out, .ascii = ascii, .possible = true };

	emit_node(&w, tree->root);
	return w.possible;
}

struct finder {
	struct rx_buf run, best;
	bool pure; /* nothing but characters so far */
};

static void end_run(struct finder *f)
{
	if (f->run.len > f->best.len) {
		rx_buf_clear(&f->best);
		rx_buf_str(&f->best, rx_buf_view(&f->run));
	}
	rx_buf_clear(&f->run);
}

static void find_literal(struct finder *f, const struct rxs_re_node *node)
{
	switch (node->kind) {
	case RXS_RE_EMPTY:
		return;
	case RXS_RE_CHAR:
		if (!(node->flags & RXS_RE_I) || (node->code < 0x80 && !((node->code | 32) >= 'a' && (node->code | 32) <= 'z'))) {
			rx_buf_char(&f->run, node->code);
			if (node->flags & RXS_RE_I)
				f->pure = false;
			return;
		}
		break;
	case RXS_RE_GROUP:
		if (node->code)
			f->pure = false; /* a caller may want the group */
		find_literal(f, node->child);
		return;
	case RXS_RE_CONCAT:
		for (const struct rxs_re_node *child = node->child; child; child = child->next)
			find_literal(f, child);
		return;
	case RXS_RE_REPEAT:
		end_run(f);
		if (node->min > 0) {
			find_literal(f, node->child);
			end_run(f);
		}
		f->pure = false;
		return;
	case RXS_RE_ASSERT: /* takes no text, so a run goes on over it */
		f->pure = false;
		return;
	case RXS_RE_DOT:
	case RXS_RE_CLASS:
	case RXS_RE_ALTERNATE:
		break;
	}
	f->pure = false;
	end_run(f);
}

struct rexi_str rxs_re_literal(const struct rxs_re_tree *tree, struct rx_arena *arena, bool *whole)
{
	struct finder f = { .pure = true };
	struct rexi_str literal = { NULL, 0 };

	rx_buf_init(&f.run, arena->memory, 0);
	rx_buf_init(&f.best, arena->memory, 0);
	find_literal(&f, tree->root);
	end_run(&f);
	*whole = false;
	if (f.best.len && !f.best.failed && !f.run.failed) {
		literal = rx_arena_copy(arena, rx_buf_view(&f.best));
		*whole = f.pure && literal.ptr;
	}
	rx_buf_fini(&f.run);
	rx_buf_fini(&f.best);
	return literal;
}

static bool class_may_hold_newline(const struct rxs_re_class *class)
{
	if (class->op || class->negated)
		return true;
	for (const struct rxs_re_item *item = class->items; item; item = item->next) {
		switch (item->kind) {
		case RXS_RE_RANGE:
			if (item->low <= '\n' && item->high >= '\n')
				return true;
			break;
		case RXS_RE_POSIX:
			if (item->negated || rx_str_eq(item->name, RX_STR("space")) || rx_str_eq(item->name, RX_STR("cntrl")) ||
			    rx_str_eq(item->name, RX_STR("ascii")))
				return true;
			break;
		case RXS_RE_PERL:
			if (item->negated ? item->low != 's' : item->low == 's')
				return true;
			break;
		case RXS_RE_PROPERTY:
		case RXS_RE_NESTED:
			return true;
		}
	}
	return false;
}

bool rxs_re_sees_lines(const struct rxs_re_node *node)
{
	switch (node->kind) {
	case RXS_RE_EMPTY:
		return false;
	case RXS_RE_CHAR:
		return node->code == '\n' || node->code == '\r';
	case RXS_RE_DOT:
		return node->flags & RXS_RE_S;
	case RXS_RE_CLASS:
		return class_may_hold_newline(node->class);
	case RXS_RE_ASSERT:
		/* word boundaries see a newline as they see an end */
		return node->code <= RXS_RE_TEXT_END;
	case RXS_RE_GROUP:
	case RXS_RE_CONCAT:
	case RXS_RE_ALTERNATE:
	case RXS_RE_REPEAT:
		for (const struct rxs_re_node *child = node->child; child; child = child->next)
			if (rxs_re_sees_lines(child))
				return true;
		return false;
	}
	rx_unreachable();
}
