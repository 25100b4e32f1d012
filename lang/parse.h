/* From text to tree. Errors are the reference's, in text, position and order of detection (spec, sections 1 to 3). */
#ifndef RXL_PARSE_H
#define RXL_PARSE_H

#include "lang/ast.h"

/* The reference's ParseErrorType. */
#define RXL_PARSE_ERROR_LIST(X)      \
	X(UNEXPECTED_EOF)            \
	X(BAD_INPUT)                 \
	X(UNKNOWN_OPERATOR)          \
	X(MISSING_TOKEN)             \
	X(MISSING_SYMBOL)            \
	X(MALFORMED_INDEX_EXPR)      \
	X(MALFORMED_CAPTURE)         \
	X(DUPLICATED_PROPERTY)       \
	X(DUPLICATED_VARIABLE)       \
	X(WRONG_SWITCH_INTEGER_CASE) \
	X(WRONG_SWITCH_DEFAULT_CASE) \
	X(WRONG_SWITCH_CASE_CONDITION) \
	X(PROPERTY_EXPECTED)         \
	X(VARIABLE_EXPECTED)         \
	X(FORBIDDEN_VARIABLE)        \
	X(RESERVED)                  \
	X(MISMATCHED_TYPE)           \
	X(EXPR_EXPECTED)             \
	X(WRONG_FN_DEFINITION)       \
	X(FN_DUPLICATED_DEFINITION)  \
	X(FN_MISSING_NAME)           \
	X(FN_MISSING_PARAMS)         \
	X(FN_DUPLICATED_PARAM)       \
	X(FN_MISSING_BODY)           \
	X(WRONG_EXPORT)              \
	X(ASSIGNMENT_TO_CONSTANT)    \
	X(ASSIGNMENT_TO_INVALID_LHS) \
	X(VARIABLE_EXISTS)           \
	X(VARIABLE_UNDEFINED)        \
	X(MODULE_UNDEFINED)          \
	X(EXPR_TOO_DEEP)             \
	X(TOO_MANY_FUNCTIONS)        \
	X(LITERAL_TOO_LARGE)         \
	X(LOOP_BREAK)                \
	X(SOURCE_TOO_LARGE)          \
	X(NOT_UTF8)

enum rxl_parse_error_kind {
	RXL_PARSE_NO_ERROR,
#define RXL_PARSE_ERROR_ENUM(name) RXL_PARSE_##name,
	RXL_PARSE_ERROR_LIST(RXL_PARSE_ERROR_ENUM)
#undef RXL_PARSE_ERROR_ENUM
};

struct rxl_parse_error {
	enum rxl_parse_error_kind kind;
	struct rxl_pos pos;      /* RXL_NO_POS: none */
	uint32_t start, end;     /* byte range of the token the error points to; empty when unknown */
	struct rexi_str message; /* without the position; in the tree's arena, NUL-terminated */
};

/* Each limit: 0 is the default, UINT32_MAX (SIZE_MAX) none, except the depths, whose hard maximum is RXL_MAX_DEPTH. */
struct rxl_parse_limits {
	uint32_t expr_depth;          /* global level; default 64 */
	uint32_t function_expr_depth; /* in function bodies; default 32 */
	uint32_t functions;           /* definitions and closures; default none */
	uint32_t array_items, map_items; /* of one literal; default none */
	size_t string_len;            /* bytes of one literal; default none */
	size_t source_len;            /* bytes; default 64 MiB, hard maximum 4 GiB - 2 */
};

#define RXL_MAX_DEPTH 256U

/* Language switches a host may turn off; a set bit disables. */
#define RXL_NO_IF_EXPR 1U
#define RXL_NO_SWITCH_EXPR 2U
#define RXL_NO_LOOP_EXPR 4U
#define RXL_NO_STATEMENT_EXPR 8U
#define RXL_NO_CLOSURES 16U
#define RXL_NO_LOOPING 32U
#define RXL_NO_SHADOWING 64U

struct rxl_parse_options {
	bool strict_variables;
	uint32_t switches; /* RXL_NO_* */
	/* Names of variables that are in scope before the script: host scope, script arguments. Borrowed for the call. */
	const struct rexi_str *names;
	size_t name_count;
	/* Whether the host has a module of that name, for the strict check of `a::b`. NULL: it has none. */
	bool (*has_module)(const void *user, struct rexi_str name);
	const void *module_user;
	/* Keywords, operators and reserved function names that the host has disabled. Borrowed for the call. */
	const struct rexi_str *disabled;
	size_t disabled_count;
	struct rxl_parse_limits limits;
};

/**
 * Parse a script.
 *
 * source   borrowed for the call; any bytes (text that is not UTF-8 is an error).
 * options  borrowed; NULL for all defaults.
 * symbols  where names are interned; outlives `out`.
 * out      initialised with rxl_ast_init by the caller, who also ends it, whatever the result.
 * error    filled for REXI_SYNTAX, else zeroed; the message lives in out's arena.
 *
 * REXI_OK, REXI_SYNTAX, or REXI_NO_MEMORY. Host stack use is bounded whatever the input. Time is linear.
 */
RX_NODISCARD enum rexi_status rxl_parse(struct rexi_str source, const struct rxl_parse_options *options,
					struct rxl_symbols *symbols, struct rxl_ast *out, struct rxl_parse_error *error);


#endif
