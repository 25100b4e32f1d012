/* Tokens and the lexer (lex.re). Spec, section 1. */
#ifndef RXL_TOKEN_H
#define RXL_TOKEN_H

#include "base/arena.h"
#include "base/buf.h"
#include "lang/ast.h"
#include "lang/symbols.h"

#define RXL_NO_OP 0xFFU

/* Kinds whose text varies, then keywords, then symbols. X(NAME, "text", unary, precedence, binary, assign)
 * unary: a `-` after this token is a sign, not a subtraction (section 1.6); binary, assign: what the operator makes. */
#define RXL_TOKEN_LIST(X)                                                 \
	X(EOF, "{EOF}", 0, 0, RXL_NO_OP, RXL_NO_OP)                       \
	X(ERROR, "", 0, 0, RXL_NO_OP, RXL_NO_OP)                          \
	X(INT, "", 0, 0, RXL_NO_OP, RXL_NO_OP)                            \
	X(FLOAT, "", 0, 0, RXL_NO_OP, RXL_NO_OP)                          \
	X(CHAR, "", 0, 0, RXL_NO_OP, RXL_NO_OP)                           \
	X(STRING, "", 0, 0, RXL_NO_OP, RXL_NO_OP)                         \
	X(INTERPOLATED, "", 0, 0, RXL_NO_OP, RXL_NO_OP)                   \
	X(NAME, "", 0, 0, RXL_NO_OP, RXL_NO_OP)                           \
	X(RESERVED, "", 0, 0, RXL_NO_OP, RXL_NO_OP)                       \
	X(RESERVED_SYMBOL, "", 0, 0, RXL_NO_OP, RXL_NO_OP)                \
	X(TRUE, "true", 0, 0, RXL_NO_OP, RXL_NO_OP)                       \
	X(FALSE, "false", 0, 0, RXL_NO_OP, RXL_NO_OP)                     \
	X(LET, "let", 0, 0, RXL_NO_OP, RXL_NO_OP)                         \
	X(CONST, "const", 0, 0, RXL_NO_OP, RXL_NO_OP)                     \
	X(IF, "if", 1, 0, RXL_NO_OP, RXL_NO_OP)                           \
	X(ELSE, "else", 0, 0, RXL_NO_OP, RXL_NO_OP)                       \
	X(SWITCH, "switch", 0, 0, RXL_NO_OP, RXL_NO_OP)                   \
	X(DO, "do", 0, 0, RXL_NO_OP, RXL_NO_OP)                           \
	X(WHILE, "while", 1, 0, RXL_NO_OP, RXL_NO_OP)                     \
	X(UNTIL, "until", 1, 0, RXL_NO_OP, RXL_NO_OP)                     \
	X(LOOP, "loop", 0, 0, RXL_NO_OP, RXL_NO_OP)                       \
	X(FOR, "for", 0, 0, RXL_NO_OP, RXL_NO_OP)                         \
	X(IN, "in", 1, 110, RXL_BINARY_IN, RXL_NO_OP)                     \
	X(FN, "fn", 0, 0, RXL_NO_OP, RXL_NO_OP)                           \
	X(CONTINUE, "continue", 0, 0, RXL_NO_OP, RXL_NO_OP)               \
	X(BREAK, "break", 0, 0, RXL_NO_OP, RXL_NO_OP)                     \
	X(RETURN, "return", 1, 0, RXL_NO_OP, RXL_NO_OP)                   \
	X(THROW, "throw", 1, 0, RXL_NO_OP, RXL_NO_OP)                     \
	X(TRY, "try", 0, 0, RXL_NO_OP, RXL_NO_OP)                         \
	X(CATCH, "catch", 0, 0, RXL_NO_OP, RXL_NO_OP)                     \
	X(PRIVATE, "private", 0, 0, RXL_NO_OP, RXL_NO_OP)                 \
	X(IMPORT, "import", 0, 0, RXL_NO_OP, RXL_NO_OP)                   \
	X(EXPORT, "export", 0, 0, RXL_NO_OP, RXL_NO_OP)                   \
	X(AS, "as", 0, 0, RXL_NO_OP, RXL_NO_OP)                           \
	X(UNDERSCORE, "_", 0, 0, RXL_NO_OP, RXL_NO_OP)                    \
	X(UNIT, "()", 0, 0, RXL_NO_OP, RXL_NO_OP)                         \
	X(LEFT_PAREN, "(", 1, 0, RXL_NO_OP, RXL_NO_OP)                    \
	X(RIGHT_PAREN, ")", 0, 0, RXL_NO_OP, RXL_NO_OP)                   \
	X(LEFT_BRACE, "{", 1, 0, RXL_NO_OP, RXL_NO_OP)                    \
	X(RIGHT_BRACE, "}", 0, 0, RXL_NO_OP, RXL_NO_OP)                   \
	X(MAP_START, "#{", 0, 0, RXL_NO_OP, RXL_NO_OP)                    \
	X(LEFT_BRACKET, "[", 1, 0, RXL_NO_OP, RXL_NO_OP)                  \
	X(ELVIS_BRACKET, "?[", 1, 0, RXL_NO_OP, RXL_NO_OP)                \
	X(RIGHT_BRACKET, "]", 0, 0, RXL_NO_OP, RXL_NO_OP)                 \
	X(PERIOD, ".", 0, 0, RXL_NO_OP, RXL_NO_OP)                        \
	X(ELVIS, "?.", 0, 0, RXL_NO_OP, RXL_NO_OP)                        \
	X(COMMA, ",", 1, 0, RXL_NO_OP, RXL_NO_OP)                         \
	X(SEMICOLON, ";", 1, 0, RXL_NO_OP, RXL_NO_OP)                     \
	X(COLON, ":", 1, 0, RXL_NO_OP, RXL_NO_OP)                         \
	X(DOUBLE_COLON, "::", 0, 0, RXL_NO_OP, RXL_NO_OP)                 \
	X(DOUBLE_ARROW, "=>", 0, 0, RXL_NO_OP, RXL_NO_OP)                 \
	X(BANG, "!", 1, 0, RXL_NO_OP, RXL_NO_OP)                          \
	X(PLUS, "+", 1, 150, RXL_BINARY_ADD, RXL_NO_OP)                   \
	X(MINUS, "-", 1, 150, RXL_BINARY_SUB, RXL_NO_OP)                  \
	X(UNARY_PLUS, "+", 1, 0, RXL_NO_OP, RXL_NO_OP)                    \
	X(UNARY_MINUS, "-", 1, 0, RXL_NO_OP, RXL_NO_OP)                   \
	X(STAR, "*", 1, 180, RXL_BINARY_MUL, RXL_NO_OP)                   \
	X(SLASH, "/", 1, 180, RXL_BINARY_DIV, RXL_NO_OP)                  \
	X(PERCENT, "%", 1, 180, RXL_BINARY_MOD, RXL_NO_OP)                \
	X(POWER, "**", 1, 190, RXL_BINARY_POW, RXL_NO_OP)                 \
	X(LEFT_SHIFT, "<<", 1, 210, RXL_BINARY_SHL, RXL_NO_OP)            \
	X(RIGHT_SHIFT, ">>", 1, 210, RXL_BINARY_SHR, RXL_NO_OP)           \
	X(AMPERSAND, "&", 1, 60, RXL_BINARY_BIT_AND, RXL_NO_OP)           \
	X(PIPE, "|", 1, 30, RXL_BINARY_BIT_OR, RXL_NO_OP)                 \
	X(CARET, "^", 1, 30, RXL_BINARY_BIT_XOR, RXL_NO_OP)               \
	X(EQUAL, "==", 1, 90, RXL_BINARY_EQ, RXL_NO_OP)                   \
	X(NOT_EQUAL, "!=", 1, 90, RXL_BINARY_NE, RXL_NO_OP)               \
	X(LESS, "<", 1, 130, RXL_BINARY_LT, RXL_NO_OP)                    \
	X(LESS_EQUAL, "<=", 1, 130, RXL_BINARY_LE, RXL_NO_OP)             \
	X(GREATER, ">", 1, 130, RXL_BINARY_GT, RXL_NO_OP)                 \
	X(GREATER_EQUAL, ">=", 1, 130, RXL_BINARY_GE, RXL_NO_OP)          \
	X(RANGE, "..", 1, 140, RXL_BINARY_RANGE, RXL_NO_OP)               \
	X(RANGE_EQUAL, "..=", 1, 140, RXL_BINARY_RANGE_INCLUSIVE, RXL_NO_OP) \
	X(NOT_IN, "!in", 1, 110, RXL_BINARY_NOT_IN, RXL_NO_OP)            \
	X(AND, "&&", 1, 60, RXL_BINARY_AND, RXL_NO_OP)                    \
	X(OR, "||", 1, 30, RXL_BINARY_OR, RXL_NO_OP)                      \
	X(COALESCE, "??", 1, 135, RXL_BINARY_COALESCE, RXL_NO_OP)         \
	X(ASSIGN, "=", 1, 0, RXL_NO_OP, RXL_ASSIGN)                       \
	X(ADD_ASSIGN, "+=", 1, 0, RXL_NO_OP, RXL_BINARY_ADD)              \
	X(SUB_ASSIGN, "-=", 1, 0, RXL_NO_OP, RXL_BINARY_SUB)              \
	X(MUL_ASSIGN, "*=", 1, 0, RXL_NO_OP, RXL_BINARY_MUL)              \
	X(DIV_ASSIGN, "/=", 1, 0, RXL_NO_OP, RXL_BINARY_DIV)              \
	X(MOD_ASSIGN, "%=", 1, 0, RXL_NO_OP, RXL_BINARY_MOD)              \
	X(POW_ASSIGN, "**=", 1, 0, RXL_NO_OP, RXL_BINARY_POW)             \
	X(SHL_ASSIGN, "<<=", 1, 0, RXL_NO_OP, RXL_BINARY_SHL)             \
	X(SHR_ASSIGN, ">>=", 1, 0, RXL_NO_OP, RXL_BINARY_SHR)             \
	X(AND_ASSIGN, "&=", 1, 0, RXL_NO_OP, RXL_BINARY_BIT_AND)          \
	X(OR_ASSIGN, "|=", 1, 0, RXL_NO_OP, RXL_BINARY_BIT_OR)            \
	X(XOR_ASSIGN, "^=", 1, 0, RXL_NO_OP, RXL_BINARY_BIT_XOR)

enum rxl_token_kind {
#define RXL_TOKEN_ENUM(name, text, unary, precedence, binary, assign) RXL_TOKEN_##name,
	RXL_TOKEN_LIST(RXL_TOKEN_ENUM)
#undef RXL_TOKEN_ENUM
	RXL_TOKEN_COUNT
};

struct rxl_token_info {
	const char *text;
	uint8_t unary, precedence, binary, assign;
};
extern const struct rxl_token_info rxl_tokens[RXL_TOKEN_COUNT];

/* Words that are no names. X(ID, "text", token, flags) */
#define RXL_WORD_CALL 1U   /* may be called as a function */
#define RXL_WORD_METHOD 2U /* may be called as a method */
#define RXL_WORD_LIST(X)                                      \
	X(TRUE, "true", TRUE, 0)                              \
	X(FALSE, "false", FALSE, 0)                           \
	X(LET, "let", LET, 0)                                 \
	X(CONST, "const", CONST, 0)                           \
	X(IF, "if", IF, 0)                                    \
	X(ELSE, "else", ELSE, 0)                              \
	X(SWITCH, "switch", SWITCH, 0)                        \
	X(DO, "do", DO, 0)                                    \
	X(WHILE, "while", WHILE, 0)                           \
	X(UNTIL, "until", UNTIL, 0)                           \
	X(LOOP, "loop", LOOP, 0)                              \
	X(FOR, "for", FOR, 0)                                 \
	X(IN, "in", IN, 0)                                    \
	X(FN, "fn", FN, 0)                                    \
	X(CONTINUE, "continue", CONTINUE, 0)                  \
	X(BREAK, "break", BREAK, 0)                           \
	X(RETURN, "return", RETURN, 0)                        \
	X(THROW, "throw", THROW, 0)                           \
	X(TRY, "try", TRY, 0)                                 \
	X(CATCH, "catch", CATCH, 0)                           \
	X(PRIVATE, "private", PRIVATE, 0)                     \
	X(IMPORT, "import", IMPORT, 0)                        \
	X(EXPORT, "export", EXPORT, 0)                        \
	X(AS, "as", AS, 0)                                    \
	X(THIS, "this", RESERVED, 0)                          \
	X(PRINT, "print", RESERVED, RXL_WORD_CALL)            \
	X(DEBUG, "debug", RESERVED, RXL_WORD_CALL)            \
	X(EVAL, "eval", RESERVED, RXL_WORD_CALL)              \
	X(FN_PTR, "Fn", RESERVED, RXL_WORD_CALL)              \
	X(IS_DEF_FN, "is_def_fn", RESERVED, RXL_WORD_CALL)    \
	X(IS_DEF_VAR, "is_def_var", RESERVED, RXL_WORD_CALL)  \
	X(TYPE_OF, "type_of", RESERVED, RXL_WORD_CALL | RXL_WORD_METHOD)     \
	X(CALL, "call", RESERVED, RXL_WORD_CALL | RXL_WORD_METHOD)           \
	X(CURRY, "curry", RESERVED, RXL_WORD_CALL | RXL_WORD_METHOD)         \
	X(IS_SHARED, "is_shared", RESERVED, RXL_WORD_CALL | RXL_WORD_METHOD) \
	X(VAR, "var", RESERVED, 0)                            \
	X(STATIC, "static", RESERVED, 0)                      \
	X(SHARED, "shared", RESERVED, 0)                      \
	X(GOTO, "goto", RESERVED, 0)                          \
	X(MATCH, "match", RESERVED, 0)                        \
	X(CASE, "case", RESERVED, 0)                          \
	X(PUBLIC, "public", RESERVED, 0)                      \
	X(PROTECTED, "protected", RESERVED, 0)                \
	X(NEW, "new", RESERVED, 0)                            \
	X(USE, "use", RESERVED, 0)                            \
	X(WITH, "with", RESERVED, 0)                          \
	X(IS, "is", RESERVED, 0)                              \
	X(MODULE, "module", RESERVED, 0)                      \
	X(PACKAGE, "package", RESERVED, 0)                    \
	X(SUPER, "super", RESERVED, 0)                        \
	X(THREAD, "thread", RESERVED, 0)                      \
	X(SPAWN, "spawn", RESERVED, 0)                        \
	X(GO, "go", RESERVED, 0)                              \
	X(AWAIT, "await", RESERVED, 0)                        \
	X(ASYNC, "async", RESERVED, 0)                        \
	X(SYNC, "sync", RESERVED, 0)                          \
	X(YIELD, "yield", RESERVED, 0)                        \
	X(DEFAULT, "default", RESERVED, 0)                    \
	X(VOID, "void", RESERVED, 0)                          \
	X(NULL, "null", RESERVED, 0)                          \
	X(NIL, "nil", RESERVED, 0)

enum rxl_word {
	RXL_WORD_NONE,
#define RXL_WORD_ENUM(id, text, token, flags) RXL_WORD_ID_##id,
	RXL_WORD_LIST(RXL_WORD_ENUM)
#undef RXL_WORD_ENUM
	RXL_WORD_COUNT
};

struct rxl_word_info {
	const char *text;
	uint8_t token, flags;
};
extern const struct rxl_word_info rxl_words[RXL_WORD_COUNT];

struct rxl_token {
	uint8_t kind;       /* enum rxl_token_kind */
	uint8_t word_flags; /* RESERVED */
	struct rxl_pos pos; /* ERROR: where the error is */
	uint32_t start, end;
	union {
		int64_t integer;
		double number;
		uint32_t character;
		struct rexi_str string; /* STRING, INTERPOLATED: in the tree's arena; RESERVED_SYMBOL: static */
		rxl_symbol symbol;      /* NAME, RESERVED */
	} u;
};

struct rxl_lexer {
	const char *text;      /* the source with a NUL behind its last byte */
	const char *cursor, *limit;
	const char *line_base; /* column = cursor - line_base + 1 in characters */
	uint32_t line;
	uint8_t previous;      /* kind of the last token; EOF before the first */
	struct rxl_symbols *symbols;
	struct rx_arena *arena;
	struct rx_buf scratch;
	size_t string_limit; /* SIZE_MAX: none */
	const uint8_t *disabled_words, *disabled_tokens; /* by enum rxl_word and enum rxl_token_kind; NULL: none */
	const struct rexi_str *disabled_symbols;         /* reserved symbols that are disabled */
	size_t disabled_symbol_count;
	bool no_memory;
	/* Of the last ERROR token. */
	bool error_too_large;
	struct rexi_str error; /* in the arena */
};

/* text: source[0..len] with source[len] == 0; valid UTF-8. The caller fills arena, symbols and what follows them. */
void rxl_lexer_start(struct rxl_lexer *lexer, const char *text, size_t len);
void rxl_lexer_next(struct rxl_lexer *lexer, struct rxl_token *out);
/* The text that follows the `}` of an interpolation, up to the closing tick (STRING) or the next `${` (INTERPOLATED). */
void rxl_lexer_text(struct rxl_lexer *lexer, struct rxl_token *out);

/* literal.c: the parts of the lexer that turn spelling into values; each leaves the cursor behind what it took. */
/* A number; start is its first character, a `-` when the number is negative. */
void rxl_lex_number(struct rxl_lexer *lexer, struct rxl_token *out, const char *start);
/* What follows one of \" \\ in a literal in quotes; cursor is behind the backslash. Appends to scratch. */
bool rxl_lex_escape(struct rxl_lexer *lexer, struct rxl_token *out, char quote);
/* Makes out an ERROR with the text before + what + after (what may be any length). */
void rxl_lex_error(struct rxl_lexer *lexer, struct rxl_token *out, struct rxl_pos pos, const char *before,
		   struct rexi_str what, const char *after);

/* Position of a byte of the current line. */
RX_INLINE struct rxl_pos rxl_lexer_pos(const struct rxl_lexer *lexer, const char *at)
{
	size_t column = (size_t)(at - lexer->line_base) + 1;

	return (struct rxl_pos){ (uint16_t)(lexer->line < UINT16_MAX ? lexer->line : UINT16_MAX),
				 (uint16_t)(column < UINT16_MAX ? column : UINT16_MAX) };
}

#endif
