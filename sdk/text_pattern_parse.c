/* The syntax of Rust's `regex` crate, read into a tree. Source: sdk-filesystem.md 9.3; messages as regex-syntax words them. */
#include <config.h>

#include "sdk/text_pattern_node.h"

#include "base/unicode.h"
#include "base/utf8.h"

#include "base/banned.h"

enum { NEST_MAX = 250 }; /* the reference's limit */

struct parser {
	struct rxs_re_tree *tree;
	struct rexi_str text;
	size_t at;
	unsigned flags, depth;
	enum rexi_status status;
	struct rx_buf *why;
};

/* The reference prints the pattern, carets under the faulty part, and a sentence. */
static void fail(struct parser *p, size_t start, size_t end, const char *message)
{
	struct rx_buf *why = p->why;

	if (p->status != REXI_OK)
		return;
	p->status = REXI_SYNTAX;
	if (!why)
		return;
	RX_BUF_LIT(why, "regex parse error:\n    ");
	rx_buf_str(why, p->text);
	RX_BUF_LIT(why, "\n    ");
	if (start > p->text.len)
		start = p->text.len;
	if (end > p->text.len)
		end = p->text.len;
	rx_buf_repeat(why, ' ', rx_utf8_count(rx_str_sub(p->text, 0, start)));
	size_t width = end > start ? rx_utf8_count(rx_str_sub(p->text, start, end - start)) : 0;
	rx_buf_repeat(why, '^', width ? width : 1);
	RX_BUF_LIT(why, "\nerror: ");
	rx_buf_str(why, rx_str(message));
}

static void fail_memory(struct parser *p)
{
	if (p->status == REXI_OK)
		p->status = REXI_NO_MEMORY;
}

static bool at_end(const struct parser *p)
{
	return p->at >= p->text.len;
}

static uint32_t peek(const struct parser *p)
{
	size_t at = p->at;

	return at < p->text.len ? rx_utf8_next(p->text, &at) : UINT32_MAX;
}

static uint32_t take(struct parser *p)
{
	return rx_utf8_next(p->text, &p->at);
}

static bool looking_at(const struct parser *p, const char *what)
{
	return rx_str_starts(rx_str_sub(p->text, p->at, SIZE_MAX), rx_str(what));
}

static bool accept(struct parser *p, const char *what)
{
	if (!looking_at(p, what))
		return false;
	p->at += strlen(what);
	return true;
}

/* In verbose mode white space and comments stand for nothing. */
static void skip_blank(struct parser *p)
{
	while ((p->flags & RXS_RE_X) && !at_end(p)) {
		uint32_t c = peek(p);
		if (c == '#') {
			while (!at_end(p) && take(p) != '\n')
				;
		} else if (rx_unicode_is_space(c)) {
			take(p);
		} else {
			return;
		}
	}
}

static struct rxs_re_node *node_new(struct parser *p, enum rxs_re_kind kind)
{
	struct rxs_re_node *node = RX_ARENA_NEW(p->tree->arena, struct rxs_re_node);

	if (!node) {
		fail_memory(p);
		return NULL;
	}
	node->kind = kind;
	node->flags = p->flags;
	return node;
}

static struct rxs_re_node *char_new(struct parser *p, uint32_t code)
{
	struct rxs_re_node *node = node_new(p, RXS_RE_CHAR);

	if (node)
		node->code = code;
	return node;
}

static struct rxs_re_node *assert_new(struct parser *p, enum rxs_re_assert which)
{
	struct rxs_re_node *node = node_new(p, RXS_RE_ASSERT);

	if (node)
		node->code = which;
	return node;
}

static struct rxs_re_item *item_new(struct parser *p, enum rxs_re_item_kind kind)
{
	struct rxs_re_item *item = RX_ARENA_NEW(p->tree->arena, struct rxs_re_item);

	if (!item) {
		fail_memory(p);
		return NULL;
	}
	item->kind = kind;
	return item;
}

static int hex_value(uint32_t c)
{
	if (c >= '0' && c <= '9')
		return (int)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (int)(c - 'a') + 10;
	if (c >= 'A' && c <= 'F')
		return (int)(c - 'A') + 10;
	return -1;
}

/* \x7F \x{..} \u007F \u{..} \U0000007F \U{..}; the letter is taken already. */
static uint32_t parse_hex(struct parser *p, uint32_t letter, size_t start)
{
	uint32_t value = 0;
	unsigned digits = letter == 'x' ? 2 : letter == 'u' ? 4 : 8, seen = 0;

	if (at_end(p)) {
		fail(p, start, p->at, "incomplete escape sequence, reached end of pattern prematurely");
		return 0;
	}
	bool braces = accept(p, "{");
	for (;;) {
		if (at_end(p)) {
			fail(p, start, p->at, "incomplete escape sequence, reached end of pattern prematurely");
			return 0;
		}
		if (braces && accept(p, "}"))
			break;
		size_t here = p->at;
		int digit = hex_value(take(p));
		if (digit < 0) {
			fail(p, here, p->at, "invalid hexadecimal digit");
			return 0;
		}
		seen++;
		if (value < 0x1000000)
			value = value << 4 | (uint32_t)digit;
		if (!braces && seen == digits)
			break;
	}
	if (seen == 0)
		fail(p, start, p->at, "hexadecimal literal empty");
	else if (value > 0x10FFFF || (value >= 0xD800 && value < 0xE000))
		fail(p, start, p->at, "hexadecimal literal is not a Unicode scalar value");
	return value;
}

struct long_name {
	const char *loose, *brief;
};

/* General categories by their long names; PCRE2 knows the short ones only. */
static const struct long_name categories[] = {
	{ "casedletter", "L&" }, { "closepunctuation", "Pe" }, { "connectorpunctuation", "Pc" }, { "control", "Cc" },
	{ "cntrl", "Cc" }, { "currencysymbol", "Sc" }, { "dashpunctuation", "Pd" }, { "decimalnumber", "Nd" },
	{ "digit", "Nd" }, { "enclosingmark", "Me" }, { "finalpunctuation", "Pf" }, { "format", "Cf" },
	{ "initialpunctuation", "Pi" }, { "letter", "L" }, { "letternumber", "Nl" }, { "lineseparator", "Zl" },
	{ "lowercaseletter", "Ll" }, { "mark", "M" }, { "combiningmark", "M" }, { "mathsymbol", "Sm" },
	{ "modifierletter", "Lm" }, { "modifiersymbol", "Sk" }, { "nonspacingmark", "Mn" }, { "number", "N" },
	{ "openpunctuation", "Ps" }, { "other", "C" }, { "otherletter", "Lo" }, { "othernumber", "No" },
	{ "otherpunctuation", "Po" }, { "othersymbol", "So" }, { "paragraphseparator", "Zp" }, { "privateuse", "Co" },
	{ "punctuation", "P" }, { "punct", "P" }, { "separator", "Z" }, { "spaceseparator", "Zs" },
	{ "spacingmark", "Mc" }, { "surrogate", "Cs" }, { "symbol", "S" }, { "titlecaseletter", "Lt" },
	{ "unassigned", "Cn" }, { "uppercaseletter", "Lu" }, { "lc", "L&" },
};

/* `\pL`, `\p{Greek}`, `\p{gc=Letter}`, `\p{scx!=Katakana}`; the letter p or P is taken already. */
static struct rxs_re_item *parse_property(struct parser *p, bool negated, size_t start)
{
	struct rxs_re_item *item = item_new(p, RXS_RE_PROPERTY);
	struct rexi_str name;
	char loose[64];
	size_t len = 0;

	if (!item)
		return NULL;
	item->negated = negated;
	if (at_end(p)) {
		fail(p, start, p->at, "incomplete escape sequence, reached end of pattern prematurely");
		return NULL;
	}
	if (accept(p, "{")) {
		size_t from = p->at, close = rx_str_find(p->text, RX_STR("}"), p->at);
		if (close == SIZE_MAX) {
			fail(p, start, p->text.len, "incomplete escape sequence, reached end of pattern prematurely");
			return NULL;
		}
		name = rx_str_sub(p->text, from, close - from);
		p->at = close + 1;
	} else {
		size_t from = p->at;
		take(p);
		name = rx_str_sub(p->text, from, p->at - from);
	}
	size_t equals = SIZE_MAX, value_at = 0;
	for (size_t i = 0; i < name.len && equals == SIZE_MAX; i++) {
		if (name.ptr[i] == '=' || name.ptr[i] == ':') {
			equals = i;
			value_at = i + 1;
			if (i > 0 && name.ptr[i] == '=' && name.ptr[i - 1] == '!') {
				equals = i - 1;
				item->negated = !item->negated;
			}
		}
	}
	struct rexi_str key = equals == SIZE_MAX ? (struct rexi_str){ NULL, 0 } : rx_str_sub(name, 0, equals);
	struct rexi_str value = equals == SIZE_MAX ? name : rx_str_sub(name, value_at, SIZE_MAX);
	for (size_t i = 0; i < value.len && len + 1 < sizeof(loose); i++) {
		char c = value.ptr[i];
		if (c == '_' || c == '-' || c == ' ')
			continue;
		if ((unsigned char)c >= 0x80 || c == '^' || c == '&' || c == '\\') {
			fail(p, start, p->at, "Unicode property not found");
			return NULL;
		}
		loose[len++] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
	}
	loose[len] = '\0';
	if (len == 0) {
		fail(p, start, p->at, "Unicode property not found");
		return NULL;
	}
	item->name = rx_str(NULL);
	bool script_key = rx_str_eq(key, RX_STR("sc")) || rx_str_eq(key, RX_STR("script")) ||
			  rx_str_eq(key, RX_STR("Script"));
	for (size_t i = 0; !script_key && i < RX_COUNT(categories); i++)
		if (strcmp(categories[i].loose, loose) == 0 || (strncmp(loose, "is", 2) == 0 &&
		    strcmp(categories[i].loose, loose + 2) == 0))
			item->name = rx_str(categories[i].brief);
	if (!item->name.ptr) {
		struct rx_buf text;
		rx_buf_init(&text, p->tree->arena->memory, 0);
		if (script_key)
			RX_BUF_LIT(&text, "sc:");
		else if (rx_str_eq(key, RX_STR("scx")) || rx_str_eq(key, RX_STR("Script_Extensions")))
			RX_BUF_LIT(&text, "scx:");
		else if (key.ptr && !rx_str_eq(key, RX_STR("gc")) && !rx_str_eq(key, RX_STR("General_Category")))
			fail(p, start, p->at, "Unicode property not found");
		else if (!key.ptr && len == 2 + strlen("greek") && strcmp(loose, "isgreek") == 0)
			rx_buf_clear(&text);
		rx_buf_bytes(&text, loose, len);
		item->name = rx_arena_copy(p->tree->arena, rx_buf_view(&text));
		if (text.failed || !item->name.ptr)
			fail_memory(p);
		rx_buf_fini(&text);
	}
	return item;
}

static bool is_perl(uint32_t c)
{
	return c == 'd' || c == 's' || c == 'w' || c == 'D' || c == 'S' || c == 'W';
}

static struct rxs_re_item *perl_new(struct parser *p, uint32_t letter)
{
	struct rxs_re_item *item = item_new(p, RXS_RE_PERL);

	if (item) {
		item->negated = letter < 'a';
		item->low = letter | 32;
	}
	return item;
}

/* What `\c` stands for when it is one character; UINT32_MAX when it is not. */
static uint32_t simple_escape(uint32_t c)
{
	switch (c) {
	case 'a':
		return 7;
	case 'f':
		return 12;
	case 't':
		return '\t';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 'v':
		return 11;
	default:
		if (c < 0x80 && !(c >= '0' && c <= '9') && !((c | 32) >= 'a' && (c | 32) <= 'z') && c != '<' && c != '>')
			return c;
		return UINT32_MAX;
	}
}

static struct rxs_re_class *class_new(struct parser *p)
{
	struct rxs_re_class *class = RX_ARENA_NEW(p->tree->arena, struct rxs_re_class);

	if (!class)
		fail_memory(p);
	return class;
}

static struct rxs_re_node *class_node(struct parser *p, struct rxs_re_item *item)
{
	struct rxs_re_node *node = node_new(p, RXS_RE_CLASS);
	struct rxs_re_class *class = class_new(p);

	if (!node || !class || !item)
		return NULL;
	class->items = item;
	node->class = class;
	return node;
}

static bool ascii_only_ok(struct parser *p, const struct rxs_re_class *class, size_t start)
{
	if (!(p->flags & RXS_RE_ASCII))
		return true;
	if (class->negated) {
		fail(p, start, p->at, "pattern can match invalid UTF-8");
		return false;
	}
	return true;
}

/* One end of a range, or a whole item, inside [...]. */
static struct rxs_re_item *parse_class_atom(struct parser *p)
{
	size_t start = p->at;
	uint32_t c = take(p);
	struct rxs_re_item *item;

	if (c == '\\') {
		if (at_end(p)) {
			fail(p, start, p->at, "incomplete escape sequence, reached end of pattern prematurely");
			return NULL;
		}
		c = take(p);
		if (is_perl(c))
			return perl_new(p, c);
		if (c == 'p' || c == 'P')
			return parse_property(p, c == 'P', start);
		if (c == 'x' || c == 'u' || c == 'U') {
			c = parse_hex(p, c, start);
		} else if (c >= '0' && c <= '9') {
			fail(p, start, p->at, "backreferences are not supported");
			return NULL;
		} else if (simple_escape(c) != UINT32_MAX) {
			c = simple_escape(c);
		} else {
			bool special = c == 'b' || c == 'B' || c == 'A' || c == 'z' || c == '<' || c == '>';
			fail(p, start, p->at,
			     special ? "invalid escape sequence found in character class" : "unrecognized escape sequence");
			return NULL;
		}
	}
	if (p->status != REXI_OK || !(item = item_new(p, RXS_RE_RANGE)))
		return NULL;
	item->low = item->high = c;
	return item;
}

static const char *const posix_names[] = { "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower",
					   "print", "punct", "space", "upper", "word", "xdigit" };

/* [:name:] or [:^name:]; NULL without an error when this is something else. */
static struct rxs_re_item *parse_posix(struct parser *p)
{
	size_t start = p->at;

	if (!accept(p, "[:"))
		return NULL;
	bool negated = accept(p, "^");
	for (size_t i = 0; i < RX_COUNT(posix_names); i++) {
		if (!accept(p, posix_names[i]))
			continue;
		if (accept(p, ":]")) {
			struct rxs_re_item *item = item_new(p, RXS_RE_POSIX);
			if (item) {
				item->negated = negated;
				item->name = rx_str(posix_names[i]);
			}
			return item;
		}
		p->at -= strlen(posix_names[i]);
	}
	p->at = start;
	return NULL;
}

static struct rxs_re_class *parse_class(struct parser *p);

static struct rxs_re_item *parse_class_item(struct parser *p)
{
	struct rxs_re_item *item;

	if (peek(p) == '[') {
		if ((item = parse_posix(p)) || p->status != REXI_OK)
			return item;
		if (!(item = item_new(p, RXS_RE_NESTED)))
			return NULL;
		item->nested = parse_class(p);
		return item;
	}
	size_t start = p->at;
	if (!(item = parse_class_atom(p)))
		return NULL;
	skip_blank(p);
	/* `a-z`; but `a-]` and `a--b` are a literal dash and a difference */
	if (peek(p) != '-' || looking_at(p, "--"))
		return item;
	size_t dash = p->at;
	take(p);
	skip_blank(p);
	if (at_end(p) || peek(p) == ']') {
		p->at = dash;
		return item;
	}
	struct rxs_re_item *high = parse_class_atom(p);
	if (!high)
		return NULL;
	if (item->kind != RXS_RE_RANGE || high->kind != RXS_RE_RANGE) {
		fail(p, start, p->at, "invalid range boundary, must be a literal");
		return NULL;
	}
	if (item->low > high->low) {
		fail(p, start, p->at, "invalid character class range, the start must be <= the end");
		return NULL;
	}
	item->high = high->low;
	return item;
}

/* `[` ... `]` with nesting and the operators && -- ~~, which bind alike and to the left. */
static struct rxs_re_class *parse_class(struct parser *p)
{
	size_t start = p->at;
	struct rxs_re_class *whole = class_new(p), *set = class_new(p);
	struct rxs_re_item **tail;
	bool first = true;
	char pending = 0;

	if (!whole || !set)
		return NULL;
	if (++p->depth > NEST_MAX) {
		fail(p, start, p->at + 1, "exceeds the maximum number of nested parentheses/brackets (250)");
		return NULL;
	}
	take(p); /* [ */
	skip_blank(p);
	if (accept(p, "^"))
		whole->negated = true;
	tail = &set->items;
	for (;;) {
		skip_blank(p);
		if (p->status != REXI_OK)
			return NULL;
		if (at_end(p)) {
			fail(p, start, start + 1, "unclosed character class");
			return NULL;
		}
		char op = looking_at(p, "&&") ? '&' : looking_at(p, "--") ? '-' : looking_at(p, "~~") ? '~' : 0;
		if (first && op == '-')
			op = 0; /* a leading run of dashes is literal */
		bool close = peek(p) == ']' && !(first && !op);
		if (op || close) {
			struct rxs_re_class *left = whole->left;
			if (pending) {
				struct rxs_re_class *both = class_new(p);
				if (!both)
					return NULL;
				both->op = pending;
				both->left = left;
				both->right = set;
				whole->left = both;
			} else {
				whole->left = set;
			}
			if (close) {
				take(p);
				break;
			}
			p->at += 2;
			pending = op;
			if (!(set = class_new(p)))
				return NULL;
			tail = &set->items;
			continue;
		}
		if (first && (peek(p) == ']' || peek(p) == '-')) {
			/* `[]a]` and `[--a]`: literals in front */
			uint32_t c = take(p);
			struct rxs_re_item *item = item_new(p, RXS_RE_RANGE);
			if (!item)
				return NULL;
			item->low = item->high = c;
			*tail = item;
			tail = &item->next;
			if (c == ']' || peek(p) != '-')
				first = false;
			continue;
		}
		first = false;
		struct rxs_re_item *item = parse_class_item(p);
		if (!item)
			return NULL;
		*tail = item;
		tail = &item->next;
	}
	p->depth--;
	/* a plain class needs no wrapper */
	if (!whole->left->op && !whole->left->negated) {
		whole->items = whole->left->items;
		whole->left = NULL;
	} else {
		whole->op = whole->left->op;
		whole->right = whole->left->right;
		whole->left = whole->left->left;
	}
	return whole;
}

static const struct {
	const char *name;
	enum rxs_re_assert which;
} boundaries[] = {
	{ "start", RXS_RE_WORD_START },
	{ "end", RXS_RE_WORD_END },
	{ "start-half", RXS_RE_WORD_START_HALF },
	{ "end-half", RXS_RE_WORD_END_HALF },
};

/* `\b` is taken; `\b{start}` and its like, or a counted repetition of `\b`. */
static struct rxs_re_node *parse_boundary(struct parser *p, size_t start)
{
	if (peek(p) != '{')
		return assert_new(p, RXS_RE_WORD);
	size_t close = rx_str_find(p->text, RX_STR("}"), p->at);
	if (close == SIZE_MAX) {
		fail(p, start, p->text.len,
		     "found either the beginning of a special word boundary or a bounded repetition on a \\b with an "
		     "opening brace, but no closing brace");
		return NULL;
	}
	struct rexi_str inside = rx_str_sub(p->text, p->at + 1, close - p->at - 1);
	for (size_t i = 0; i < RX_COUNT(boundaries); i++) {
		if (rx_str_eq(inside, rx_str(boundaries[i].name))) {
			p->at = close + 1;
			return assert_new(p, boundaries[i].which);
		}
	}
	if (inside.len && ((inside.ptr[0] | 32) < 'a' || (inside.ptr[0] | 32) > 'z'))
		return assert_new(p, RXS_RE_WORD); /* a repetition follows */
	fail(p, p->at + 1, close,
	     "unrecognized special word boundary assertion, valid choices are: start, end, start-half or end-half");
	return NULL;
}

static struct rxs_re_node *parse_escape(struct parser *p)
{
	size_t start = p->at;

	take(p);
	if (at_end(p)) {
		fail(p, start, p->at, "incomplete escape sequence, reached end of pattern prematurely");
		return NULL;
	}
	uint32_t c = take(p);
	if (is_perl(c)) {
		struct rxs_re_item *item = perl_new(p, c);
		struct rxs_re_node *node = class_node(p, item);
		if (node && (p->flags & RXS_RE_ASCII) && item->negated)
			fail(p, start, p->at, "pattern can match invalid UTF-8");
		return node;
	}
	switch (c) {
	case 'p':
	case 'P':
		if (p->flags & RXS_RE_ASCII) {
			fail(p, start, p->at, "Unicode not allowed here");
			return NULL;
		}
		return class_node(p, parse_property(p, c == 'P', start));
	case 'x':
	case 'u':
	case 'U': {
		uint32_t code = parse_hex(p, c, start);
		if ((p->flags & RXS_RE_ASCII) && code > 0x7F && code <= 0xFF)
			fail(p, start, p->at, "pattern can match invalid UTF-8");
		return p->status == REXI_OK ? char_new(p, code) : NULL;
	}
	case 'A':
		return assert_new(p, RXS_RE_TEXT_START);
	case 'z':
		return assert_new(p, RXS_RE_TEXT_END);
	case 'b':
		return parse_boundary(p, start);
	case 'B':
		return assert_new(p, RXS_RE_NOT_WORD);
	case '<':
		return assert_new(p, RXS_RE_WORD_START);
	case '>':
		return assert_new(p, RXS_RE_WORD_END);
	default:
		if (c >= '0' && c <= '9') {
			fail(p, start, p->at, "backreferences are not supported");
			return NULL;
		}
		if (simple_escape(c) != UINT32_MAX)
			return char_new(p, simple_escape(c));
		fail(p, start, p->at, "unrecognized escape sequence");
		return NULL;
	}
}

static bool parse_flags(struct parser *p, unsigned *flags_out)
{
	unsigned flags = p->flags, seen = 0, bit;
	bool off = false, any_off = false;
	size_t start = p->at;

	for (;;) {
		if (at_end(p)) {
			fail(p, start, p->at, "expected flag but got end of regex");
			return false;
		}
		size_t here = p->at;
		uint32_t c = peek(p);
		if (c == ':' || c == ')')
			break;
		take(p);
		switch (c) {
		case 'i':
			bit = RXS_RE_I;
			break;
		case 'm':
			bit = RXS_RE_M;
			break;
		case 's':
			bit = RXS_RE_S;
			break;
		case 'U':
			bit = RXS_RE_SWAP;
			break;
		case 'u':
			bit = RXS_RE_ASCII;
			break;
		case 'x':
			bit = RXS_RE_X;
			break;
		case 'R':
			bit = RXS_RE_CRLF;
			break;
		case '-':
			if (off) {
				fail(p, here, p->at, "flag negation operator repeated");
				return false;
			}
			off = true;
			continue;
		default:
			fail(p, here, p->at, "unrecognized flag");
			return false;
		}
		if (seen & bit) {
			fail(p, here, p->at, "duplicate flag");
			return false;
		}
		seen |= bit;
		any_off |= off;
		bool set = bit == RXS_RE_ASCII ? off : !off; /* `u` is the only flag that is on by default */
		flags = set ? flags | bit : flags & ~bit;
	}
	if (off && !any_off) {
		fail(p, p->at - 1, p->at, "dangling flag negation operator");
		return false;
	}
	*flags_out = flags;
	return true;
}

static bool name_char(uint32_t c, bool first)
{
	bool letter = c == '_' || ((c | 32) >= 'a' && (c | 32) <= 'z') || (c >= 0x80 && !rx_unicode_is_space(c));

	return letter || (!first && ((c >= '0' && c <= '9') || c == '.' || c == '[' || c == ']'));
}

static bool parse_group_name(struct parser *p, uint32_t index)
{
	size_t start = p->at;
	struct rxs_re_tree *tree = p->tree;

	while (!at_end(p) && peek(p) != '>') {
		size_t here = p->at;
		if (!name_char(take(p), here == start)) {
			fail(p, here, p->at, "invalid capture group character");
			return false;
		}
	}
	if (at_end(p)) {
		fail(p, p->at, p->at, "unclosed capture group name");
		return false;
	}
	struct rexi_str name = rx_str_sub(p->text, start, p->at - start);
	if (name.len == 0) {
		fail(p, start, start, "empty capture group name");
		return false;
	}
	for (size_t i = 0; i < tree->name_count; i++) {
		if (rx_str_eq(tree->names[i].name, name)) {
			fail(p, start, p->at, "duplicate capture group name");
			return false;
		}
	}
	take(p); /* > */
	if (!RX_ARENA_GROW(tree->arena, &tree->names, &tree->name_cap, tree->name_count + 1)) {
		fail_memory(p);
		return false;
	}
	name = rx_arena_copy(tree->arena, name);
	if (!name.ptr) {
		fail_memory(p);
		return false;
	}
	tree->names[tree->name_count++] = (struct rxs_re_name){ name, index };
	return true;
}

static struct rxs_re_node *parse_alternate(struct parser *p);

/* `(` ...; *bare is set when it was only `(?flags)`. */
static struct rxs_re_node *parse_group(struct parser *p, bool *bare)
{
	size_t start = p->at;
	unsigned outer = p->flags;
	uint32_t index = 0;

	*bare = false;
	take(p);
	if (++p->depth > NEST_MAX) {
		fail(p, start, p->at, "exceeds the maximum number of nested parentheses/brackets (250)");
		return NULL;
	}
	skip_blank(p);
	if (looking_at(p, "?=") || looking_at(p, "?!") || looking_at(p, "?<=") || looking_at(p, "?<!")) {
		size_t end = p->at + (looking_at(p, "?<") ? 3 : 2);
		fail(p, start, end, "look-around, including look-ahead and look-behind, is not supported");
		return NULL;
	}
	if (accept(p, "?P<") || accept(p, "?<")) {
		index = ++p->tree->group_count;
		if (!parse_group_name(p, index))
			return NULL;
	} else if (accept(p, "?")) {
		if (at_end(p)) {
			fail(p, start, start + 1, "unclosed group");
			return NULL;
		}
		size_t flags_at = p->at;
		unsigned flags;
		if (!parse_flags(p, &flags))
			return NULL;
		if (take(p) == ')') {
			if (p->at == flags_at + 1) {
				fail(p, start + 1, start + 2, "repetition operator missing expression");
				return NULL;
			}
			p->flags = flags;
			p->depth--;
			*bare = true;
			return NULL;
		}
		p->flags = flags;
	} else {
		index = ++p->tree->group_count;
	}
	struct rxs_re_node *child = parse_alternate(p);
	if (p->status != REXI_OK)
		return NULL;
	if (!accept(p, ")")) {
		fail(p, start, start + 1, "unclosed group");
		return NULL;
	}
	p->flags = outer;
	p->depth--;
	struct rxs_re_node *node = node_new(p, RXS_RE_GROUP);
	if (node) {
		node->code = index;
		node->child = child;
	}
	return node;
}

static bool parse_count(struct parser *p, uint32_t *out)
{
	uint64_t value = 0;
	bool any = false;

	while (!at_end(p) && rx_unicode_is_space(peek(p)))
		take(p);
	while (!at_end(p) && peek(p) >= '0' && peek(p) <= '9') {
		uint32_t digit = take(p) - '0';
		any = true;
		if (value < UINT32_MAX)
			value = value * 10 + digit;
	}
	while (!at_end(p) && rx_unicode_is_space(peek(p)))
		take(p);
	*out = value >= UINT32_MAX ? UINT32_MAX - 1 : (uint32_t)value;
	return any;
}

/* `{n}` `{n,}` `{n,m}`; the brace is looked at. */
static bool parse_counts(struct parser *p, uint32_t *min, uint32_t *max)
{
	size_t start = p->at;

	take(p);
	bool any = parse_count(p, min);
	if (at_end(p)) {
		fail(p, start, p->at, "unclosed counted repetition");
		return false;
	}
	if (!any) {
		fail(p, p->at, p->at, "repetition quantifier expects a valid decimal");
		return false;
	}
	*max = *min;
	if (accept(p, ",")) {
		if (at_end(p)) {
			fail(p, start, p->at, "unclosed counted repetition");
			return false;
		}
		*max = UINT32_MAX;
		if (peek(p) != '}' && !parse_count(p, max)) {
			fail(p, p->at, p->at, "repetition quantifier expects a valid decimal");
			return false;
		}
	}
	if (!accept(p, "}")) {
		fail(p, start, p->at, "unclosed counted repetition");
		return false;
	}
	if (*max < *min) {
		fail(p, start, p->at, "invalid repetition count range, the start must be <= the end");
		return false;
	}
	return true;
}

static struct rxs_re_node *parse_repeats(struct parser *p, struct rxs_re_node *atom)
{
	unsigned stacked = 0;

	for (;;) {
		uint32_t min, max, c;
		skip_blank(p);
		c = peek(p);
		if (c == '*' || c == '+' || c == '?') {
			take(p);
			min = c == '+';
			max = c == '?' ? 1 : UINT32_MAX;
		} else if (c == '{') {
			if (!parse_counts(p, &min, &max))
				return NULL;
		} else {
			return atom;
		}
		bool greedy = !(p->flags & RXS_RE_SWAP);
		skip_blank(p);
		if (accept(p, "?"))
			greedy = !greedy;
		if (++stacked + p->depth > NEST_MAX) {
			fail(p, 0, p->at, "exceeds the maximum number of nested parentheses/brackets (250)");
			return NULL;
		}
		struct rxs_re_node *node = node_new(p, RXS_RE_REPEAT);
		if (!node)
			return NULL;
		node->child = atom;
		node->min = min;
		node->max = max;
		node->greedy = greedy;
		atom = node;
	}
}

static struct rxs_re_node *parse_atom(struct parser *p, bool *bare)
{
	size_t start = p->at;
	uint32_t c = peek(p);

	*bare = false;
	switch (c) {
	case '(':
		return parse_group(p, bare);
	case '[': {
		struct rxs_re_node *node = node_new(p, RXS_RE_CLASS);
		struct rxs_re_class *class = node ? parse_class(p) : NULL;
		if (!class || !ascii_only_ok(p, class, start))
			return NULL;
		node->class = class;
		return node;
	}
	case '\\':
		return parse_escape(p);
	case '*':
	case '+':
	case '?':
	case '{':
		fail(p, start, start + 1, "repetition operator missing expression");
		return NULL;
	case '.':
		take(p);
		if (p->flags & RXS_RE_ASCII) {
			fail(p, start, p->at, "pattern can match invalid UTF-8");
			return NULL;
		}
		return node_new(p, RXS_RE_DOT);
	case '^':
		take(p);
		return assert_new(p, RXS_RE_LINE_START);
	case '$':
		take(p);
		return assert_new(p, RXS_RE_LINE_END);
	default:
		return char_new(p, take(p));
	}
}

static struct rxs_re_node *parse_concat(struct parser *p)
{
	struct rxs_re_node *concat = node_new(p, RXS_RE_CONCAT), **tail;

	if (!concat)
		return NULL;
	tail = &concat->child;
	for (;;) {
		bool bare;
		skip_blank(p);
		if (at_end(p) || peek(p) == '|' || peek(p) == ')')
			break;
		struct rxs_re_node *atom = parse_atom(p, &bare);
		if (bare)
			continue;
		if (!atom || p->status != REXI_OK)
			return NULL;
		atom = parse_repeats(p, atom);
		if (!atom || p->status != REXI_OK)
			return NULL;
		*tail = atom;
		tail = &atom->next;
	}
	if (concat->child && !concat->child->next)
		return concat->child;
	if (!concat->child)
		concat->kind = RXS_RE_EMPTY;
	return concat;
}

static struct rxs_re_node *parse_alternate(struct parser *p)
{
	struct rxs_re_node *first = parse_concat(p), *node, *last;

	if (p->status != REXI_OK || peek(p) != '|')
		return first;
	if (!(node = node_new(p, RXS_RE_ALTERNATE)))
		return NULL;
	node->child = last = first;
	while (accept(p, "|")) {
		struct rxs_re_node *next = parse_concat(p);
		if (p->status != REXI_OK)
			return NULL;
		last->next = next;
		last = next;
	}
	return node;
}

enum rexi_status rxs_re_parse(struct rxs_re_tree *tree, struct rexi_str pattern, unsigned flags, struct rx_buf *why)
{
	struct parser p = { .tree = tree, .text = pattern, .flags = flags, .why = why };

	tree->root = parse_alternate(&p);
	if (p.status == REXI_OK && !at_end(&p))
		fail(&p, p.at, p.at + 1, "unopened group");
	if (p.status != REXI_OK)
		return p.status;
	return tree->root ? REXI_OK : REXI_NO_MEMORY;
}
