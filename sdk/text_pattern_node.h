/* The tree between the parser of Rust's regex syntax and the writer of PCRE2 patterns; lives in one arena. */
#ifndef RXS_TEXT_PATTERN_NODE_H
#define RXS_TEXT_PATTERN_NODE_H

#include "base/arena.h"
#include "base/buf.h"

enum {
	RXS_RE_I = 1,     /* ignore case */
	RXS_RE_M = 2,     /* multi-line ^ and $ */
	RXS_RE_S = 4,     /* . matches \n */
	RXS_RE_SWAP = 8,  /* x* is lazy, x*? greedy */
	RXS_RE_ASCII = 16, /* (?-u) */
	RXS_RE_X = 32,    /* white space and comments are ignored */
	RXS_RE_CRLF = 64, /* \r\n also ends a line */
};

enum rxs_re_kind {
	RXS_RE_EMPTY,
	RXS_RE_CHAR,
	RXS_RE_DOT,
	RXS_RE_CLASS,
	RXS_RE_ASSERT,
	RXS_RE_GROUP, /* capturing when index > 0 */
	RXS_RE_CONCAT,
	RXS_RE_ALTERNATE,
	RXS_RE_REPEAT,
};

enum rxs_re_assert {
	RXS_RE_LINE_START, /* ^ */
	RXS_RE_LINE_END,   /* $ */
	RXS_RE_TEXT_START, /* \A */
	RXS_RE_TEXT_END,   /* \z */
	RXS_RE_WORD,       /* \b */
	RXS_RE_NOT_WORD,   /* \B */
	RXS_RE_WORD_START, /* \< \b{start} */
	RXS_RE_WORD_END,   /* \> \b{end} */
	RXS_RE_WORD_START_HALF,
	RXS_RE_WORD_END_HALF,
};

enum rxs_re_item_kind {
	RXS_RE_RANGE,
	RXS_RE_POSIX,    /* [:alpha:] */
	RXS_RE_PERL,     /* \d \s \w */
	RXS_RE_PROPERTY, /* \p{...} */
	RXS_RE_NESTED,   /* [...] inside a class */
};

struct rxs_re_class;

struct rxs_re_item {
	struct rxs_re_item *next;
	enum rxs_re_item_kind kind;
	bool negated;
	uint32_t low, high;      /* range; `low` is the letter of a Perl class */
	struct rexi_str name;    /* POSIX name, or PCRE2's name of a property */
	struct rxs_re_class *nested;
};

/* `left OP right` when op is '&', '-' or '~', else the union of the items. */
struct rxs_re_class {
	bool negated;
	char op;
	struct rxs_re_class *left, *right;
	struct rxs_re_item *items;
};

struct rxs_re_node {
	struct rxs_re_node *next; /* sibling */
	enum rxs_re_kind kind;
	unsigned flags;
	uint32_t code; /* character, assertion, or index of a capturing group */
	uint32_t min, max; /* repeat; max UINT32_MAX is none */
	bool greedy;
	struct rxs_re_node *child; /* first child */
	struct rxs_re_class *class;
};

struct rxs_re_name {
	struct rexi_str name;
	uint32_t index;
};

struct rxs_re_tree {
	struct rx_arena *arena;
	struct rxs_re_node *root;
	struct rxs_re_name *names;
	size_t name_count, name_cap;
	uint32_t group_count; /* capturing groups, without the whole match */
};

/* REXI_SYNTAX with the reference's text in `why`; REXI_NO_MEMORY. */
RX_NODISCARD enum rexi_status rxs_re_parse(struct rxs_re_tree *tree, struct rexi_str pattern, unsigned flags,
					   struct rx_buf *why);

/* Writes the pattern for PCRE2 (options of rxs_re_options). `ascii`: for subjects of ASCII only, without PCRE2_UTF;
 * returns false when no such form exists. */
bool rxs_re_emit(const struct rxs_re_tree *tree, bool ascii, struct rx_buf *out);

/* The longest run of bytes that every match contains; *whole when the pattern is just that. */
struct rexi_str rxs_re_literal(const struct rxs_re_tree *tree, struct rx_arena *arena, bool *whole);
/* Can a match contain, or depend on, a newline or the ends of the text? */
bool rxs_re_sees_lines(const struct rxs_re_node *node);

#endif
