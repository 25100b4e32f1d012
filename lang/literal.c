/* Numbers and escapes: the parts of the lexer that turn spelling into values. Spec, section 1.2. */
#include <config.h>

#include "base/number.h"
#include "base/utf8.h"
#include "lang/token.h"

void rxl_lex_error(struct rxl_lexer *lexer, struct rxl_token *out, struct rxl_pos pos, const char *before,
		   struct rexi_str what, const char *after)
{
	size_t before_len = strlen(before), after_len = strlen(after);
	size_t len = before_len + what.len + after_len;
	char *text = (char *)rx_arena_bytes(lexer->arena, len + 1);

	out->kind = RXL_TOKEN_ERROR;
	out->pos = pos;
	lexer->error_too_large = false;
	if (!text) {
		lexer->no_memory = true;
		lexer->error = RX_STR("");
		return;
	}
	memcpy(text, before, before_len);
	if (what.len)
		memcpy(text + before_len, what.ptr, what.len);
	memcpy(text + before_len + what.len, after, after_len);
	text[len] = 0;
	lexer->error = rx_str_make(text, len);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_digit_or_line(char c)
{
	return is_digit(c) || c == '_';
}

static bool is_letter(char c)
{
	char lower = (char)(c | 0x20);

	return lower >= 'a' && lower <= 'z';
}

static bool is_radix_digit(char c, unsigned radix)
{
	if (radix == 16)
		return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
	return c >= '0' && c < (char)('0' + (char)radix);
}

/* start..cursor without `_`, in scratch. */
static struct rexi_str number_text(struct rxl_lexer *lexer, const char *start, bool decimal)
{
	rx_buf_clear(&lexer->scratch);
	for (const char *at = start; at < lexer->cursor; at++)
		if (*at != '_')
			rx_buf_byte(&lexer->scratch, decimal && *at == 'E' ? 'e' : *at);
	if (lexer->scratch.failed)
		lexer->no_memory = true;
	return rx_buf_view(&lexer->scratch);
}

/* Digits after 0x, 0o, 0b: 64 bits, reinterpreted as a signed number. A literal with a sign is never one of these; the
 * reference then tries to read the letter and the digits as a number, and so do we to have its error. */
static void lex_radix(struct rxl_lexer *lexer, struct rxl_token *out, const char *start, const char *letter, unsigned radix)
{
	struct rexi_str digits;
	uint64_t value;

	lexer->cursor = letter + 1;
	while (*lexer->cursor == '_' || is_radix_digit(*lexer->cursor, radix))
		lexer->cursor++;
	digits = number_text(lexer, *start == '-' ? letter : letter + 1, false);
	if (rx_number_parse_u64(digits, radix, &value) != RX_NUMBER_OK) {
		rxl_lex_error(lexer, out, out->pos, "Invalid number: '", digits, "'");
		return;
	}
	out->kind = RXL_TOKEN_INT;
	out->u.integer = (int64_t)value;
}

static void lex_decimal(struct rxl_lexer *lexer, struct rxl_token *out, const char *start, bool is_float)
{
	const char *digit = start + (*start == '-');
	struct rexi_str text;
	uint64_t value = 0;

	if (!is_float && lexer->cursor - digit <= 18) {
		for (; digit < lexer->cursor; digit++)
			if (*digit != '_')
				value = value * 10 + (uint64_t)(*digit - '0');
		out->kind = RXL_TOKEN_INT;
		out->u.integer = *start == '-' ? -(int64_t)value : (int64_t)value;
		return;
	}
	text = number_text(lexer, start, true);
	out->kind = RXL_TOKEN_INT;
	if (!is_float && rx_number_parse_i64(text, 10, &out->u.integer) == RX_NUMBER_OK)
		return;
	out->kind = RXL_TOKEN_FLOAT;
	if (rx_number_parse_f64(text, &out->u.number) != RX_NUMBER_OK)
		rxl_lex_error(lexer, out, out->pos, "Invalid number: '", text, "'");
}

void rxl_lex_number(struct rxl_lexer *lexer, struct rxl_token *out, const char *start)
{
	const char *at = start + (*start == '-');
	bool is_float = false;

	if (*at == '0') {
		const char *letter = at + 1;

		while (*letter == '_')
			letter++;
		switch (*letter) {
		case 'x':
		case 'X':
			lex_radix(lexer, out, start, letter, 16);
			return;
		case 'o':
		case 'O':
			lex_radix(lexer, out, start, letter, 8);
			return;
		case 'b':
		case 'B':
			lex_radix(lexer, out, start, letter, 2);
			return;
		default:
			break;
		}
	}
	while (is_digit_or_line(*at))
		at++;
	/* A point belongs to the number unless what follows makes it a range or a property. */
	if (*at == '.' && at + 1 < lexer->limit && !is_letter(at[1]) && at[1] != '_' && at[1] != '.') {
		is_float = true;
		at++;
		if (is_digit(*at))
			while (is_digit_or_line(*at))
				at++;
	}
	if ((*at == 'e' || *at == 'E') && (is_digit(at[1]) || at[1] == '+' || at[1] == '-')) {
		is_float = true;
		at += 2;
		while (is_digit_or_line(*at))
			at++;
	}
	lexer->cursor = at;
	lex_decimal(lexer, out, start, is_float);
}

static int hex_digit(uint32_t c)
{
	if (c >= '0' && c <= '9')
		return (int)(c - '0');
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? (int)(c - 'a') + 10 : -1;
}

/* \xHH, \uHHHH, \UHHHHHHHH; start is the backslash. The error stands at the character that was not expected, and at the
 * last digit for a number that is no character. */
static bool lex_hex(struct rxl_lexer *lexer, struct rxl_token *out, const char *start, unsigned digits)
{
	struct rexi_str rest = rx_str_make(lexer->cursor, (size_t)(lexer->limit - lexer->cursor));
	struct rxl_pos pos = rxl_lexer_pos(lexer, start);
	uint32_t code = 0;
	size_t at = 0;

	for (unsigned count = 0; count < digits; count++) {
		size_t here = at;
		int digit;

		/* At the end of the source the error stands at the last character there is. */
		pos = rxl_lexer_pos(lexer, rest.ptr + here - (at == rest.len));
		digit = at == rest.len ? -1 : hex_digit(rx_utf8_next(rest, &at));
		if (digit < 0) {
			lexer->cursor = rest.ptr + at;
			rxl_lex_error(lexer, out, pos, "Invalid escape sequence: '",
				      rx_str_make(start, (size_t)(rest.ptr + at - start)), "'");
			return false;
		}
		code = code << 4 | (uint32_t)digit;
	}
	lexer->cursor = rest.ptr + at;
	if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) {
		rxl_lex_error(lexer, out, pos, "Invalid escape sequence: '",
			      rx_str_make(start, (size_t)(lexer->cursor - start)), "'");
		return false;
	}
	rx_buf_char(&lexer->scratch, code);
	return true;
}

bool rxl_lex_escape(struct rxl_lexer *lexer, struct rxl_token *out, char quote)
{
	const char *start = lexer->cursor - 1;
	char c = *lexer->cursor;
	size_t end = 0;

	if (c == quote || c == '\\') {
		rx_buf_byte(&lexer->scratch, c);
	} else if (c == 't') {
		rx_buf_byte(&lexer->scratch, '\t');
	} else if (c == 'n') {
		rx_buf_byte(&lexer->scratch, '\n');
	} else if (c == 'r') {
		rx_buf_byte(&lexer->scratch, '\r');
	} else if (c == 'x' || c == 'u' || c == 'U') {
		lexer->cursor++;
		return lex_hex(lexer, out, start, c == 'x' ? 2 : c == 'u' ? 4 : 8);
	} else {
		struct rexi_str rest = rx_str_make(lexer->cursor, (size_t)(lexer->limit - lexer->cursor));

		rx_utf8_next(rest, &end);
		rxl_lex_error(lexer, out, rxl_lexer_pos(lexer, lexer->cursor), "Invalid escape sequence: '",
			      rx_str_make(start, end + 1), "'");
		return false;
	}
	lexer->cursor++;
	return true;
}
