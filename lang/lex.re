/* From text to tokens. Spec, section 1. The parser drives the modes: rxl_lexer_next reads code, rxl_lexer_text the text of
 * a back-tick string after an interpolation; their nesting is the parser's own. */
#include <config.h>

#include "base/utf8.h"
#include "base/unicode.h"
#include "lang/token.h"

const struct rxl_token_info rxl_tokens[RXL_TOKEN_COUNT] = {
#define RXL_TOKEN_INFO(name, text, unary, precedence, binary, assign) { text, unary, precedence, binary, assign },
	RXL_TOKEN_LIST(RXL_TOKEN_INFO)
#undef RXL_TOKEN_INFO
};

const struct rxl_word_info rxl_words[RXL_WORD_COUNT] = {
	{ "", RXL_TOKEN_NAME, 0 },
#define RXL_WORD_INFO(id, text, token, flags) { text, RXL_TOKEN_##token, flags },
	RXL_WORD_LIST(RXL_WORD_INFO)
#undef RXL_WORD_INFO
};

/*!re2c
	re2c:define:YYCTYPE = "unsigned char";
	re2c:define:YYCURSOR = cursor;
	re2c:define:YYLIMIT = limit;
	re2c:define:YYMARKER = marker;
	re2c:yyfill:enable = 0;
	re2c:eof = 0;

	lead = [\xC0-\xFF];
	continuation = [\x80-\xBF];
	letter = [A-Za-z];
	digit = [0-9];
	name = "_"* letter [A-Za-z0-9_]*;
	not_name = "_"+ digit [A-Za-z0-9_]* | "_" "_"+;
*/

#define CODE_LOCALS                                                                  \
	const unsigned char *cursor = (const unsigned char *)lexer->cursor;          \
	const unsigned char *const limit = (const unsigned char *)lexer->limit;      \
	const unsigned char *marker RX_UNUSED = cursor

#define CURSOR_SAVE() (lexer->cursor = (const char *)cursor)

/* The character at cursor has bytes that are no columns. */
#define SKIP_CONTINUATION() (lexer->line_base++)

static void newline(struct rxl_lexer *lexer, const unsigned char *next)
{
	lexer->line++;
	lexer->line_base = (const char *)next;
}

void rxl_lexer_start(struct rxl_lexer *lexer, const char *text, size_t len)
{
	lexer->text = lexer->cursor = lexer->line_base = text;
	lexer->limit = text + len;
	lexer->line = 1;
	lexer->previous = RXL_TOKEN_SEMICOLON;
}

static void line_comment(struct rxl_lexer *lexer)
{
	CODE_LOCALS;

	for (;;) {
		/*!re2c
		[^\r\n\x80-\xFF]+ { continue; }
		lead { continue; }
		continuation { SKIP_CONTINUATION(); continue; }
		"\n" { cursor--; break; }
		"\r" { break; }
		* { continue; }
		$ { break; }
		*/
	}
	CURSOR_SAVE();
}

/* Behind the opening; an open comment ends with the source. */
static void block_comment(struct rxl_lexer *lexer)
{
	CODE_LOCALS;

	for (uint32_t depth = 1; depth;) {
		/*!re2c
		[^*/\n\x80-\xFF]+ { continue; }
		"/*" { depth++; continue; }
		"*" "/" { depth--; continue; }
		"\n" { newline(lexer, cursor); continue; }
		lead { continue; }
		continuation { SKIP_CONTINUATION(); continue; }
		* { continue; }
		$ { break; }
		*/
	}
	CURSOR_SAVE();
}

/* The text of a literal: runs are copied only when something between them is not taken as it stands. */
struct text {
	const unsigned char *run;
	bool pieces; /* scratch holds what came before run */
};

static void text_flush(struct rxl_lexer *lexer, struct text *text, const unsigned char *end)
{
	if (!text->pieces)
		rx_buf_clear(&lexer->scratch);
	text->pieces = true;
	rx_buf_bytes(&lexer->scratch, text->run, (size_t)(end - text->run));
}

static struct rexi_str text_end(struct rxl_lexer *lexer, struct text *text, const unsigned char *end)
{
	if (!text->pieces)
		return rx_str_make((const char *)text->run, (size_t)(end - text->run));
	text_flush(lexer, text, end);
	if (lexer->scratch.failed)
		lexer->no_memory = true;
	return rx_buf_view(&lexer->scratch);
}

static void string_token(struct rxl_lexer *lexer, struct rxl_token *out, enum rxl_token_kind kind, struct rexi_str text)
{
	if (text.len > lexer->string_limit) {
		char limit[24];
		struct rx_buf number;

		rx_buf_init(&number, lexer->scratch.memory, 0);
		rx_buf_u64(&number, lexer->string_limit);
		memcpy(limit, number.ptr ? number.ptr : "", number.len < sizeof(limit) ? number.len : 0);
		rxl_lex_error(lexer, out, out->pos, "Length of string exceeds the maximum limit (",
			      rx_str_make(limit, number.len < sizeof(limit) ? number.len : 0), ")");
		rx_buf_fini(&number);
		lexer->error_too_large = true;
		return;
	}
	out->kind = (uint8_t)kind;
	out->u.string = rx_arena_copy(lexer->arena, text);
	if (!out->u.string.ptr)
		lexer->no_memory = true;
}

static void open_string(struct rxl_lexer *lexer, struct rxl_token *out, struct rxl_pos pos)
{
	rxl_lex_error(lexer, out, pos, "Open string is not terminated", RX_STR(""), "");
}

/* Behind a backslash at the end of a line: blanks of the next line up to the column of the opening quote are dropped. */
static const unsigned char *skip_indent(struct rxl_lexer *lexer, const unsigned char *at, uint16_t column)
{
	struct rexi_str rest = rx_str_make((const char *)at, (size_t)(lexer->limit - (const char *)at));
	size_t pos = 0, next;

	for (uint32_t skipped = 0; skipped < column && pos < rest.len; skipped++, pos = next) {
		next = pos;
		if (rest.ptr[pos] == '\n' || !rx_unicode_is_space(rx_utf8_next(rest, &next)))
			break;
		if (rest.ptr[pos] == '\r' && next < rest.len && rest.ptr[next] == '\n')
			break;
		lexer->line_base += next - pos - 1;
	}
	return at + pos;
}

/* "..." and '...', behind the opening quote. */
static void lex_quoted(struct rxl_lexer *lexer, struct rxl_token *out, char quote)
{
	CODE_LOCALS;
	struct text text = { cursor, false };

	for (;;) {
		const unsigned char *start = cursor;

		/*!re2c
		[^"'\\\r\n\x80-\xFF]+ { continue; }
		lead { continue; }
		continuation { SKIP_CONTINUATION(); continue; }
		["'] {
			if (*start != (unsigned char)quote)
				continue;
			if (*cursor == (unsigned char)quote && cursor < limit) {
				text_flush(lexer, &text, cursor);
				text.run = ++cursor;
				continue;
			}
			CURSOR_SAVE();
			string_token(lexer, out, RXL_TOKEN_STRING, text_end(lexer, &text, start));
			return;
		}
		"\\" "\r"? "\n" {
			if (quote != '"') {
				CURSOR_SAVE();
				open_string(lexer, out, out->pos);
				return;
			}
			text_flush(lexer, &text, start);
			newline(lexer, cursor);
			cursor = skip_indent(lexer, cursor, out->pos.column);
			text.run = cursor;
			continue;
		}
		"\\" {
			if (cursor == limit) {
				CURSOR_SAVE();
				open_string(lexer, out, out->pos);
				return;
			}
			text_flush(lexer, &text, start);
			CURSOR_SAVE();
			if (!rxl_lex_escape(lexer, out, quote))
				return;
			text.run = cursor = (const unsigned char *)lexer->cursor;
			continue;
		}
		"\r"? "\n" {
			CURSOR_SAVE();
			open_string(lexer, out, out->pos);
			return;
		}
		"\r" { continue; }
		* { continue; }
		$ {
			CURSOR_SAVE();
			open_string(lexer, out, out->pos);
			return;
		}
		*/
	}
}

static void lex_char(struct rxl_lexer *lexer, struct rxl_token *out)
{
	struct rexi_str text;
	uint32_t code = 0;
	size_t at = 0;

	if (*lexer->cursor == '\'' && lexer->cursor < lexer->limit) {
		rxl_lex_error(lexer, out, out->pos, "Invalid character: ''", RX_STR(""), "");
		return;
	}
	lex_quoted(lexer, out, '\'');
	if (out->kind != RXL_TOKEN_STRING || lexer->no_memory)
		return;
	text = out->u.string;
	if (text.len)
		code = rx_utf8_next(text, &at);
	if (at != text.len || at == 0) {
		rxl_lex_error(lexer, out, out->pos, "Invalid character: '", text, "'");
		return;
	}
	out->kind = RXL_TOKEN_CHAR;
	out->u.character = code;
}

/* Back-tick text up to the closing tick or `${`; out->pos is where an open string is reported. */
static void lex_text(struct rxl_lexer *lexer, struct rxl_token *out)
{
	CODE_LOCALS;
	struct text text = { cursor, false };

	for (;;) {
		const unsigned char *start = cursor;

		/*!re2c
		[^`$\\\r\n\x80-\xFF]+ { continue; }
		lead { continue; }
		continuation { SKIP_CONTINUATION(); continue; }
		"``" {
			text_flush(lexer, &text, start + 1);
			text.run = cursor;
			continue;
		}
		"`" {
			CURSOR_SAVE();
			string_token(lexer, out, RXL_TOKEN_STRING, text_end(lexer, &text, start));
			return;
		}
		"\\${" {
			/* The reference does not count the backslash as a column. */
			SKIP_CONTINUATION();
			text_flush(lexer, &text, start);
			text.run = start + 1;
			continue;
		}
		"${" {
			CURSOR_SAVE();
			string_token(lexer, out, RXL_TOKEN_INTERPOLATED, text_end(lexer, &text, start));
			return;
		}
		"\r\n" {
			text_flush(lexer, &text, start);
			text.run = start + 1;
			newline(lexer, cursor);
			continue;
		}
		"\n" { newline(lexer, cursor); continue; }
		[\r\\$] { continue; }
		* { continue; }
		$ {
			CURSOR_SAVE();
			open_string(lexer, out, out->pos);
			return;
		}
		*/
	}
}

static void lex_tick(struct rxl_lexer *lexer, struct rxl_token *out)
{
	CODE_LOCALS;

	/*!re2c
	"\r"? "\n" { newline(lexer, cursor); goto text; }
	"\r" { goto text; }
	* { cursor--; goto text; }
	$ { goto text; }
	*/
text:
	CURSOR_SAVE();
	lex_text(lexer, out);
}

/* #"..."# with `hashes` hashes, behind the opening quote. */
static void lex_raw(struct rxl_lexer *lexer, struct rxl_token *out, size_t hashes)
{
	CODE_LOCALS;
	const unsigned char *run = cursor;

	for (;;) {
		const unsigned char *start = cursor;

		/*!re2c
		[^"\n\x80-\xFF]+ { continue; }
		lead { continue; }
		continuation { SKIP_CONTINUATION(); continue; }
		"\n" { newline(lexer, cursor); continue; }
		["] "#"* {
			if ((size_t)(cursor - start - 1) < hashes)
				continue;
			lexer->cursor = (const char *)start + 1 + hashes;
			string_token(lexer, out, RXL_TOKEN_STRING,
				     rx_str_make((const char *)run, (size_t)(start - run)));
			return;
		}
		* { continue; }
		$ {
			CURSOR_SAVE();
			open_string(lexer, out, out->pos);
			return;
		}
		*/
	}
}

static void unexpected(struct rxl_lexer *lexer, struct rxl_token *out, const char *at)
{
	size_t len = 0;

	rx_utf8_next(rx_str_make(at, (size_t)(lexer->limit - at)), &len);
	rxl_lex_error(lexer, out, out->pos, "Unexpected '", rx_str_make(at, len), "'");
}

/* Texts that are no operators here but are elsewhere. */
static const struct {
	struct rexi_str text;
	const char *message;
} foreign[] = {
	{ RX_STR_INIT("==="), "'===' is not a valid operator. This is not JavaScript! Should it be '=='?" },
	{ RX_STR_INIT("!=="), "'!==' is not a valid operator. This is not JavaScript! Should it be '!='?" },
	{ RX_STR_INIT("->"), "'->' is not a valid symbol. This is not C or C++!" },
	{ RX_STR_INIT("<-"), "'<-' is not a valid symbol. This is not Go! Should it be '<='?" },
	{ RX_STR_INIT(":="), "':=' is not a valid assignment operator. This is not Go or Pascal! Should it be simply '='?" },
	{ RX_STR_INIT(":;"), "':;' is not a valid symbol. Should it be '::'?" },
	{ RX_STR_INIT("::<"), "'::<>' is not a valid symbol. This is not Rust! Should it be '::'?" },
	{ RX_STR_INIT("(*"), "'(* .. *)' is not a valid comment format. This is not Pascal! Should it be '/* .. */'?" },
	{ RX_STR_INIT("*)"), "'(* .. *)' is not a valid comment format. This is not Pascal! Should it be '/* .. */'?" },
	{ RX_STR_INIT("# "), "'#' is not a valid symbol. Should it be '#{'?" },
};

static void reserved_symbol(struct rxl_lexer *lexer, struct rxl_token *out, struct rexi_str text)
{
	for (size_t at = 0; at < RX_COUNT(foreign); at++) {
		if (rx_str_eq(text, foreign[at].text)) {
			rxl_lex_error(lexer, out, out->pos, foreign[at].message, RX_STR(""), "");
			return;
		}
	}
	for (size_t at = 0; at < lexer->disabled_symbol_count; at++) {
		if (rx_str_eq(text, lexer->disabled_symbols[at])) {
			rxl_lex_error(lexer, out, out->pos, "reserved symbol '", text, "' is disabled");
			return;
		}
	}
	out->kind = RXL_TOKEN_RESERVED_SYMBOL;
	out->u.string = text;
}

static void lex_name(struct rxl_lexer *lexer, struct rxl_token *out, const char *start)
{
	struct rexi_str text = rx_str_make(start, (size_t)(lexer->cursor - start));
	rxl_symbol symbol = rxl_symbol_intern(lexer->symbols, text);
	uint32_t word;

	if (RX_UNLIKELY(symbol == RXL_NO_SYMBOL)) {
		lexer->no_memory = true;
		out->kind = RXL_TOKEN_EOF;
		return;
	}
	word = lexer->symbols->entries[symbol].word;
	out->kind = RXL_TOKEN_NAME;
	out->u.symbol = symbol;
	if (RX_LIKELY(!word))
		return;
	out->kind = rxl_words[word].token;
	out->word_flags = rxl_words[word].flags;
	if (RX_UNLIKELY(lexer->disabled_words && lexer->disabled_words[word])) {
		if (out->kind == RXL_TOKEN_RESERVED)
			rxl_lex_error(lexer, out, out->pos, "reserved keyword '", text, "' is disabled");
		else
			out->kind = RXL_TOKEN_RESERVED;
		out->word_flags = 0;
	}
}

/* A symbol that the host may have disabled. */
static void symbol_token(struct rxl_lexer *lexer, struct rxl_token *out, enum rxl_token_kind kind)
{
	out->kind = (uint8_t)kind;
	if (RX_UNLIKELY(lexer->disabled_tokens && lexer->disabled_tokens[kind])) {
		out->kind = RXL_TOKEN_RESERVED_SYMBOL;
		out->u.string = rx_str(rxl_tokens[kind].text);
	}
}

#define SYMBOL(name)                                              \
	do {                                                      \
		CURSOR_SAVE();                                    \
		symbol_token(lexer, out, RXL_TOKEN_##name);       \
		return;                                           \
	} while (0)

static void next(struct rxl_lexer *lexer, struct rxl_token *out)
{
	CODE_LOCALS;
	const unsigned char *start;

	for (;;) {
		/*!re2c
		[ \t\f\r]+ { continue; }
		"\n" { newline(lexer, cursor); continue; }
		"//" {
			CURSOR_SAVE();
			line_comment(lexer);
			cursor = (const unsigned char *)lexer->cursor;
			continue;
		}
		"/*" {
			CURSOR_SAVE();
			block_comment(lexer);
			cursor = (const unsigned char *)lexer->cursor;
			continue;
		}
		* { cursor--; break; }
		$ { break; }
		*/
	}
	start = cursor;
	out->start = (uint32_t)((const char *)start - lexer->text);
	out->pos = rxl_lexer_pos(lexer, (const char *)start);
	/*!re2c
	name {
		CURSOR_SAVE();
		lex_name(lexer, out, (const char *)start);
		return;
	}
	not_name {
		CURSOR_SAVE();
		rxl_lex_error(lexer, out, out->pos, "Variable name is not proper: '",
			      rx_str_make((const char *)start, (size_t)(cursor - start)), "'");
		return;
	}
	"_" { SYMBOL(UNDERSCORE); }
	digit {
		CURSOR_SAVE();
		rxl_lex_number(lexer, out, (const char *)start);
		return;
	}
	"-" digit {
		if (rxl_tokens[lexer->previous].unary) {
			CURSOR_SAVE();
			rxl_lex_number(lexer, out, (const char *)start);
			return;
		}
		cursor--;
		SYMBOL(MINUS);
	}
	["] {
		CURSOR_SAVE();
		lex_quoted(lexer, out, '"');
		return;
	}
	"'" {
		CURSOR_SAVE();
		lex_char(lexer, out);
		return;
	}
	"`" {
		CURSOR_SAVE();
		lex_tick(lexer, out);
		return;
	}
	"#"+ ["] {
		CURSOR_SAVE();
		lex_raw(lexer, out, (size_t)(cursor - start) - 1);
		return;
	}
	"##" "#"* {
		CURSOR_SAVE();
		if (cursor == limit)
			open_string(lexer, out, out->pos);
		else
			unexpected(lexer, out, (const char *)cursor);
		return;
	}
	"!in" / [A-Za-z0-9_] { cursor = start + 1; SYMBOL(BANG); }

	"()" { SYMBOL(UNIT); }
	"(" { SYMBOL(LEFT_PAREN); }
	")" { SYMBOL(RIGHT_PAREN); }
	"{" { SYMBOL(LEFT_BRACE); }
	"}" { SYMBOL(RIGHT_BRACE); }
	"#{" { SYMBOL(MAP_START); }
	"[" { SYMBOL(LEFT_BRACKET); }
	"?[" { SYMBOL(ELVIS_BRACKET); }
	"]" { SYMBOL(RIGHT_BRACKET); }
	"." { SYMBOL(PERIOD); }
	"?." { SYMBOL(ELVIS); }
	"," { SYMBOL(COMMA); }
	";" { SYMBOL(SEMICOLON); }
	":" { SYMBOL(COLON); }
	"::" { SYMBOL(DOUBLE_COLON); }
	"=>" { SYMBOL(DOUBLE_ARROW); }
	"!" { SYMBOL(BANG); }
	"+" {
		if (rxl_tokens[lexer->previous].unary)
			SYMBOL(UNARY_PLUS);
		SYMBOL(PLUS);
	}
	"-" {
		if (rxl_tokens[lexer->previous].unary)
			SYMBOL(UNARY_MINUS);
		SYMBOL(MINUS);
	}
	"*" { SYMBOL(STAR); }
	"/" { SYMBOL(SLASH); }
	"%" { SYMBOL(PERCENT); }
	"**" { SYMBOL(POWER); }
	"<<" { SYMBOL(LEFT_SHIFT); }
	">>" { SYMBOL(RIGHT_SHIFT); }
	"&" { SYMBOL(AMPERSAND); }
	"|" { SYMBOL(PIPE); }
	"^" { SYMBOL(CARET); }
	"==" { SYMBOL(EQUAL); }
	"!=" { SYMBOL(NOT_EQUAL); }
	"<" { SYMBOL(LESS); }
	"<=" { SYMBOL(LESS_EQUAL); }
	">" { SYMBOL(GREATER); }
	">=" { SYMBOL(GREATER_EQUAL); }
	".." { SYMBOL(RANGE); }
	"..=" { SYMBOL(RANGE_EQUAL); }
	"!in" { SYMBOL(NOT_IN); }
	"&&" { SYMBOL(AND); }
	"||" { SYMBOL(OR); }
	"??" { SYMBOL(COALESCE); }
	"=" { SYMBOL(ASSIGN); }
	"+=" { SYMBOL(ADD_ASSIGN); }
	"-=" { SYMBOL(SUB_ASSIGN); }
	"*=" { SYMBOL(MUL_ASSIGN); }
	"/=" { SYMBOL(DIV_ASSIGN); }
	"%=" { SYMBOL(MOD_ASSIGN); }
	"**=" { SYMBOL(POW_ASSIGN); }
	"<<=" { SYMBOL(SHL_ASSIGN); }
	">>=" { SYMBOL(SHR_ASSIGN); }
	"&=" { SYMBOL(AND_ASSIGN); }
	"|=" { SYMBOL(OR_ASSIGN); }
	"^=" { SYMBOL(XOR_ASSIGN); }

	"===" | "!==" | "->" | "<-" | ":=" | ":;" | "::<" | "(*" | "*)" | "++" | "--" | "~" | "<|" | "|>" | "..." | "!." |
	"#" | "#!" | "@" | "$" | "?" {
		CURSOR_SAVE();
		reserved_symbol(lexer, out, rx_str_make((const char *)start, (size_t)(cursor - start)));
		return;
	}
	"# {" {
		cursor--;
		CURSOR_SAVE();
		reserved_symbol(lexer, out, RX_STR("# "));
		return;
	}
	* {
		unexpected(lexer, out, (const char *)start);
		lexer->cursor = (const char *)limit;
		return;
	}
	$ {
		CURSOR_SAVE();
		out->kind = RXL_TOKEN_EOF;
		return;
	}
	*/
}

void rxl_lexer_next(struct rxl_lexer *lexer, struct rxl_token *out)
{
	out->word_flags = 0;
	next(lexer, out);
	out->end = (uint32_t)(lexer->cursor - lexer->text);
	lexer->previous = out->kind;
}

void rxl_lexer_text(struct rxl_lexer *lexer, struct rxl_token *out)
{
	out->word_flags = 0;
	out->start = (uint32_t)(lexer->cursor - lexer->text);
	out->pos = lexer->cursor == lexer->limit ? RXL_NO_POS : rxl_lexer_pos(lexer, lexer->cursor);
	lex_text(lexer, out);
	out->end = (uint32_t)(lexer->cursor - lexer->text);
	lexer->previous = out->kind;
}
