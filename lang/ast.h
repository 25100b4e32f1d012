/*
 * The tree of a script. Everything lives in the arena of its struct rxl_ast and is freed with it at once; names are
 * symbols of the table that the parser was given, which must outlive the tree. The compiler works from the tree alone
 * and never looks at the text.
 *
 * Where the reference reports a position, the tree holds it: node->pos is what the reference calls the position of that
 * expression or statement; rxl_node_start() gives the start position that some errors use instead.
 */
#ifndef RXL_AST_H
#define RXL_AST_H

#include "base/arena.h"
#include "lang/symbols.h"

/* Line and column from 1, counted in characters, each saturating at 65535; {0, 0} is no position. */
struct rxl_pos {
	uint16_t line, column;
};

#define RXL_NO_POS ((struct rxl_pos){ 0, 0 })

/*
 * Kinds of nodes; X(NAME, member of node->u, "meaning").
 * Expressions come first, then statements; a statement kind marked with * also stands where an expression is expected
 * (`let z = if a {1} else {2}`), and any expression is a statement.
 */
#define RXL_NODE_LIST(X)                                                                                              \
	X(UNIT, none, "()")                                                                                           \
	X(BOOL, boolean, "true, false")                                                                               \
	X(INT, integer, "also a negated literal")                                                                     \
	X(FLOAT, number, "also a negated literal, or a decimal too large for an integer")                             \
	X(CHAR, character, "'c'")                                                                                     \
	X(STRING, string, "every string form without interpolation, escapes resolved")                                \
	X(INTERPOLATION, list, "`a${b}c`: STRING and BLOCK nodes in order, empty texts left out; pos: opening tick")  \
	X(ARRAY, list, "[a, b]; pos: `[`")                                                                            \
	X(MAP, map, "#{k: v}; entries in source order, no duplicates; pos: `#{`")                                     \
	X(VAR, name, "a plain name: a variable, or else a script function's name used as a value")                    \
	X(PATH_VAR, path_var, "a::b::name; pos: the name (path->pos: its first part)")                                \
	X(THIS, none, "`this`")                                                                                       \
	X(UNARY, operand, "op: enum rxl_unary; pos: the operator")                                                    \
	X(BINARY, binary, "op: enum rxl_binary; pos: the operator. A range's missing left end is 0, its right ()")    \
	X(CALL, call, "name(args), name!(args), a::b::name(args); pos: the name")                                     \
	X(CHAIN, chain, "root.a[i]?.f(x)...; pos: the first `.` or `[` (also `?.`, `?[`)")                            \
	X(CLOSURE, fn, "|a, b| body; pos: the `|` or `||`")                                                           \
	X(BLOCK, list, "* { statements }; pos: `{`; value: the last statement's, () when empty")                      \
	X(IF, if_stmt, "* pos: `if`")                                                                                 \
	X(SWITCH, switch_stmt, "* pos: `switch`")                                                                     \
	X(WHILE, loop, "* while cond body; cond NULL for `loop`; pos: `while`, `loop`")                               \
	X(DO, loop, "* do body while cond; op 1: until; pos: `do`")                                                   \
	X(FOR, for_stmt, "* pos: `for`")                                                                              \
	X(TRY, try_stmt, "pos: `try`")                                                                                \
	X(LET, let, "flags RXL_LET_*; pos: `let`, `const`")                                                           \
	X(ASSIGN, binary, "target op= value; op: RXL_ASSIGN or the enum rxl_binary of `op=`; pos: the operator")      \
	X(BREAK, value, "value NULL: (); pos: `break`; also as right side of `??`, as the next three")                \
	X(CONTINUE, none, "pos: `continue`")                                                                          \
	X(RETURN, value, "value NULL: (); pos: `return`")                                                             \
	X(THROW, value, "value NULL: (); pos: `throw`")                                                               \
	X(IMPORT, import, "import path [as alias]; pos: `import`")                                                    \
	X(EXPORT, export_stmt, "export name [as alias]; pos: `export`. `export let` is a LET with RXL_LET_EXPORT")

enum rxl_node_kind {
#define RXL_NODE_ENUM(name, member, text) RXL_NODE_##name,
	RXL_NODE_LIST(RXL_NODE_ENUM)
#undef RXL_NODE_ENUM
};

/* Nothing of the function runs after this call. */
#define RXL_CALL_LAST 1U

enum rxl_unary { RXL_UNARY_MINUS, RXL_UNARY_PLUS, RXL_UNARY_NOT };

/*
 * Binary operators; X(NAME, "text", precedence). The function an operator calls bears its text as name, except IN and
 * NOT_IN, which call `contains` with the sides exchanged; AND, OR and COALESCE are control flow.
 */
#define RXL_BINARY_LIST(X)          \
	X(ADD, "+", 150)            \
	X(SUB, "-", 150)            \
	X(MUL, "*", 180)            \
	X(DIV, "/", 180)            \
	X(MOD, "%", 180)            \
	X(POW, "**", 190)           \
	X(SHL, "<<", 210)           \
	X(SHR, ">>", 210)           \
	X(BIT_AND, "&", 60)         \
	X(BIT_OR, "|", 30)          \
	X(BIT_XOR, "^", 30)         \
	X(EQ, "==", 90)             \
	X(NE, "!=", 90)             \
	X(LT, "<", 130)             \
	X(LE, "<=", 130)            \
	X(GT, ">", 130)             \
	X(GE, ">=", 130)            \
	X(RANGE, "..", 140)         \
	X(RANGE_INCLUSIVE, "..=", 140) \
	X(IN, "in", 110)            \
	X(NOT_IN, "!in", 110)       \
	X(AND, "&&", 60)            \
	X(OR, "||", 30)             \
	X(COALESCE, "??", 135)

enum rxl_binary {
#define RXL_BINARY_ENUM(name, text, precedence) RXL_BINARY_##name,
	RXL_BINARY_LIST(RXL_BINARY_ENUM)
#undef RXL_BINARY_ENUM
	RXL_BINARY_COUNT,
	RXL_ASSIGN = RXL_BINARY_COUNT /* plain `=` in an ASSIGN node */
};

#define RXL_LET_CONST 1U  /* `const` */
#define RXL_LET_EXPORT 2U /* `export let`, `export const` */

struct rxl_ast_map_entry {
	rxl_symbol key;
	struct rxl_pos pos;
	struct rxl_node *value;
};

/* `a::b::` before a name; count >= 1. `global` is an ordinary part (parts[0] is its symbol). */
struct rxl_ast_path {
	rxl_symbol *parts;
	uint32_t count;
	struct rxl_pos pos; /* of the first part */
};

struct rxl_ast_call {
	struct rxl_ast_path *path; /* NULL: none */
	struct rxl_node **args;
	uint32_t arg_count;
	rxl_symbol name;
	bool caller_scope; /* name!(...) */
};

enum rxl_link_kind { RXL_LINK_PROPERTY, RXL_LINK_METHOD, RXL_LINK_INDEX };

/* One step of a chain. */
struct rxl_ast_link {
	uint8_t kind;  /* enum rxl_link_kind */
	bool elvis;    /* `?.` or `?[` */
	bool closes;   /* the last link within parentheses */
	struct rxl_pos pos;      /* the `.`, `?.`, `[`, `?[` */
	struct rxl_pos name_pos; /* PROPERTY, METHOD: the name; INDEX: start of the index expression */
	rxl_symbol name;         /* PROPERTY, METHOD */
	uint32_t arg_count;      /* METHOD */
	struct rxl_node **args;  /* METHOD */
	struct rxl_node *index;  /* INDEX */
};

/*
 * root is never a chain: `(a.b).c` is the same chain as `a.b.c`. VAR and THIS are places (reached by reference), every
 * other root is a temporary. count >= 1. As target of an assignment the root is a VAR, PATH_VAR or THIS and the links
 * are PROPERTY and INDEX only.
 */
struct rxl_ast_chain {
	struct rxl_node *root;
	struct rxl_ast_link *links;
	uint32_t count;
};

/* A variable of an enclosing function or the script that a closure uses. */
struct rxl_ast_capture {
	rxl_symbol name;
	struct rxl_pos pos; /* its first use */
};

struct rxl_ast_param {
	rxl_symbol name;
	struct rxl_pos pos;
};

/*
 * A function or closure. A closure's captures are in order of first use; captures of closures inside it that it does
 * not define itself are among them. Under strict variables every capture is a known variable; otherwise one may be
 * unknown, which is `Variable not found` at capture.pos when the closure is made.
 */
struct rxl_ast_fn {
	rxl_symbol name;      /* RXL_NO_SYMBOL: a closure */
	rxl_symbol this_type; /* `fn T.name()`: T as written (`int` and `float` replaced by `i64`, `f64`); or none */
	bool is_private;
	bool uses_this;       /* `this` stands in the body itself, closures inside not counted */
	struct rxl_pos pos;   /* `fn` keyword, or the closure's `|` */
	uint32_t param_count, capture_count;
	struct rxl_ast_param *params;
	struct rxl_ast_capture *captures;
	struct rxl_node *body; /* a BLOCK for a function; any statement for a closure */
};

struct rxl_ast_if {
	struct rxl_node *cond;
	struct rxl_node *then;      /* BLOCK */
	struct rxl_node *otherwise; /* BLOCK, IF, or NULL */
};

struct rxl_ast_for {
	rxl_symbol name, counter; /* counter: `for (name, counter) in`, or none */
	struct rxl_pos name_pos, counter_pos;
	struct rxl_node *iterable;
	struct rxl_node *body; /* BLOCK */
};

struct rxl_ast_try {
	struct rxl_node *body, *handler; /* BLOCKs */
	rxl_symbol name;                 /* catch variable, or none */
	struct rxl_pos name_pos;
};

/* One alternative of an arm. */
struct rxl_ast_label {
	struct rxl_node *value; /* rxl_node_is_constant, BINARY RANGE[_INCLUSIVE] of two INT (open ends filled in: 0,
				   INT64_MAX), or CALL `Fn("name")`. A closure in it never matches. */
	uint32_t arm;           /* index in arms */
	bool is_range;          /* value is a range of integers: tried after exact cases, in order, against INT and FLOAT */
};

struct rxl_ast_arm {
	struct rxl_node *guard; /* NULL: none */
	struct rxl_node *body;  /* any statement; a scope of its own */
};

/* Labels stand in source order; several may be equal (the first whose guard holds wins). */
struct rxl_ast_switch {
	struct rxl_node *subject;
	struct rxl_ast_label *labels;
	struct rxl_ast_arm *arms;
	uint32_t label_count, arm_count;
	uint32_t default_arm; /* index in arms, or UINT32_MAX */
};

struct rxl_node {
	uint8_t kind;  /* enum rxl_node_kind */
	uint8_t op;    /* see the kinds */
	uint8_t flags; /* LET: RXL_LET_*; CALL: RXL_CALL_LAST, set by the compiler; else 0 */
	uint8_t parenthesised; /* 1: stood in parentheses of its own */
	struct rxl_pos pos;
	uint32_t start, end; /* byte range in the source */
	union {
		bool boolean;
		int64_t integer;
		double number;
		uint32_t character;
		struct rexi_str string; /* in the arena; may hold NUL bytes */
		struct {
			struct rxl_node **items;
			uint32_t count;
		} list;
		struct {
			struct rxl_ast_map_entry *entries;
			uint32_t count;
		} map;
		rxl_symbol name;
		struct {
			struct rxl_ast_path *path;
			rxl_symbol name;
		} path_var;
		struct rxl_node *operand;
		struct {
			struct rxl_node *left, *right; /* ASSIGN: target, value */
		} binary;
		struct rxl_ast_call *call;
		struct rxl_ast_chain *chain;
		struct rxl_ast_fn *fn;
		struct rxl_ast_if *if_stmt;
		struct rxl_ast_switch *switch_stmt;
		struct {
			struct rxl_node *cond, *body;
		} loop;
		struct rxl_ast_for *for_stmt;
		struct rxl_ast_try *try_stmt;
		struct {
			struct rxl_node *init; /* NULL: () */
			rxl_symbol name;
			struct rxl_pos name_pos;
		} let;
		struct rxl_node *value; /* may be NULL */
		struct {
			struct rxl_node *path;
			rxl_symbol alias; /* or none */
			struct rxl_pos alias_pos;
		} import;
		struct {
			rxl_symbol name, alias; /* alias: or none */
			struct rxl_pos name_pos, alias_pos;
		} export_stmt;
	} u;
};

/* A script. Function definitions are not among the statements: they are hoisted. */
struct rxl_ast {
	struct rx_arena arena;
	struct rxl_node *body;        /* BLOCK of the global level */
	struct rxl_ast_fn **fns;      /* `fn` definitions in source order; name, arity and this_type are unique together */
	uint32_t fn_count;
	uint32_t closure_count;       /* closures anywhere in the script */
};

/* memory is borrowed and must outlive the tree. An empty tree is valid for fini only. */
void rxl_ast_init(struct rxl_ast *ast, struct rx_memory *memory);
void rxl_ast_fini(struct rxl_ast *ast);

/* The reference's start position of an expression: the root's for chains, the first operand's for `&& || ??`, the first
 * part's for a path, else node->pos (so a binary operator starts at its operator). */
struct rxl_pos rxl_node_start(const struct rxl_node *node);

/* True for UNIT .. STRING, closures without captures, and for ARRAY and MAP of such; does not recurse deeper than the parser's depth limit. */
bool rxl_node_is_constant(const struct rxl_node *node);

/* "+", "..=", "in"; static. op < RXL_BINARY_COUNT. */
const char *rxl_binary_text(enum rxl_binary op);
/* "-", "+", "!"; static. */
const char *rxl_unary_text(enum rxl_unary op);

#endif
