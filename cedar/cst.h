/*
 * What the grammar builds: a permissive tree in scratch memory, as the reference's first pass has it. convert.c turns it
 * into the AST and makes most of the rejections. The tree of one policy is forgotten once it is converted.
 */
#ifndef RXC_CST_H
#define RXC_CST_H

#include "base/buf.h"
#include "cedar/set.h"

enum rxc_cst_kind {
	RXC_CST_TRUE,
	RXC_CST_FALSE,
	RXC_CST_NUMBER,
	RXC_CST_STRING,
	RXC_CST_NAME,   /* list of IDENT, count */
	RXC_CST_IDENT,
	RXC_CST_REF,    /* a: NAME, b: STRING */
	RXC_CST_BRACES, /* T::{...}: never valid */
	RXC_CST_SLOT,
	RXC_CST_PAREN,  /* a */
	RXC_CST_SET,    /* list */
	RXC_CST_RECORD, /* list of INIT */
	RXC_CST_INIT,   /* a: key, b: value */
	RXC_CST_MEMBER, /* a: base, list of FIELD, CALL, INDEX */
	RXC_CST_FIELD,  /* span is the identifier's */
	RXC_CST_CALL,   /* list of arguments */
	RXC_CST_INDEX,  /* a */
	RXC_CST_NOT,    /* a, count */
	RXC_CST_NEG,    /* a, count */
	RXC_CST_AND,    /* list */
	RXC_CST_OR,     /* list */
	RXC_CST_BINARY, /* op, a, b: + - * / % and the relations */
	RXC_CST_HAS,    /* a, b */
	RXC_CST_LIKE,   /* a, b */
	RXC_CST_IS,     /* a, b: type; c: `in` operand or NULL */
	RXC_CST_IF,     /* a, b, c */
	RXC_CST_ANNOTATION, /* span of the key; a: STRING or NULL */
	RXC_CST_SCOPE,  /* a: IDENT; b: NAME after `:` or NULL; c: type after `is` or NULL; op, d: operator and operand */
	RXC_CST_CONDITION /* a: IDENT, b: body or NULL */
};

struct rxc_cst {
	uint8_t kind;
	uint16_t op;    /* a token */
	uint32_t depth; /* levels of the tree under it */
	uint32_t count;
	struct rexi_span span;
	struct rxc_cst *next; /* in a list */
	struct rxc_cst *a, *b, *c, *d;
};

struct rxc_cst_list {
	struct rxc_cst *first, *last;
	uint32_t count, depth;
};

struct rxc_parser {
	struct rexi_cedar_policies *set;
	const struct rexi_str *source; /* in the set's arena, followed by a NUL */
	const char *cursor, *limit, *marker;
	int start;             /* the token that chooses the grammar's start; 0 once it was given */
	struct rx_arena tree;  /* of the CST */
	struct rx_arena *trees; /* of the AST; what code refers to, too, goes to the set's own */
	const char *stop;      /* where a policy that is read again ends; NULL: at the limit */
	struct rx_arena stack; /* of bison's stack, when it outgrows its first */
	struct rxc_cst dummy;  /* what builders return after a refusal */
	unsigned flags;
	struct rexi_str id;    /* of the only policy; ptr NULL: policy0, policy1, ... */
	bool no_memory, too_deep;
	uint32_t policies;     /* seen so far */
	const char *clause;    /* "when", "unless" within a condition; NULL in a lone expression, where slots may stand */
	const struct rxc_expr *expression; /* result of START_EXPRESSION */
	const struct rxc_body *again;      /* reading its text again, for: */
	const struct rxc_template *again_tree;
};

/* The next token; *span is where it stands. */
int rxc_lex(struct rxc_parser *parser, struct rexi_span *span);

/* Records an error (up to the limit on errors). */
RX_PRINTF(3, 4) void rxc_parser_error(struct rxc_parser *parser, struct rexi_span span, const char *format, ...);

/* Builders for the grammar's actions; NULL children make nothing worse. A refusal by memory or depth is remembered and
 * a shared dummy node is returned. */
struct rxc_cst *rxc_cst_new(struct rxc_parser *parser, enum rxc_cst_kind kind, struct rexi_span span);
struct rxc_cst *rxc_cst_node(struct rxc_parser *parser, enum rxc_cst_kind kind, struct rexi_span span, int op,
			     struct rxc_cst *a, struct rxc_cst *b, struct rxc_cst *c);
struct rxc_cst *rxc_cst_listed(struct rxc_parser *parser, enum rxc_cst_kind kind, struct rexi_span span,
			       struct rxc_cst_list list);
/* left && right: adds to left's list when left is an unparenthesised chain of the same kind. */
struct rxc_cst *rxc_cst_chain(struct rxc_parser *parser, enum rxc_cst_kind kind, struct rexi_span span,
			      struct rxc_cst *left, struct rxc_cst *right);
/* The tree under node has at least this depth. */
void rxc_cst_deepen(struct rxc_parser *parser, struct rxc_cst *node, uint32_t depth);
void rxc_cst_append(struct rxc_cst_list *list, struct rxc_cst *item);

/* Runs the grammar from `start` over *source. False when there were errors. */
bool rxc_parser_run(struct rxc_parser *parser, int start);

/* convert.c: a policy of the grammar; adds it to the set, or records errors. */
void rxc_convert_policy(struct rxc_parser *parser, struct rexi_span span, struct rxc_cst_list annotations,
			struct rxc_cst *effect, struct rxc_cst_list scope, struct rxc_cst_list conditions);
const struct rxc_expr *rxc_convert_expression(struct rxc_parser *parser, const struct rxc_cst *tree);

/* The inside of a string literal without escapes (into the set's arena when it has any). False: *bad_out is the slice
 * that is no valid escape. */
bool rxc_unescape(struct rx_arena *arena, struct rexi_str raw, struct rexi_str *out, struct rexi_str *bad_out);

/* The same for the right of `like`; NULL when it is malformed (*bad_out set) or memory refuses. */
const struct rxc_pattern *rxc_unescape_pattern(struct rx_arena *arena, struct rexi_str raw, struct rexi_str *bad_out);

#endif
