/*
 * parse_json and to_json. spec 8.1, 8.10
 *
 * The reference reads JSON with its own parser of scripts, so that comments, trailing commas, characters, ranges and
 * radix numbers pass, but also calls and other expressions. Here data stays data: what is no JSON value, character or
 * range of integers is an error, worded and placed as the reference would. Escapes are JSON's and the language's.
 */
#include <config.h>

#include <math.h>

#include "base/number.h"
#include "base/utf8.h"
#include "lang/std/common.h"

/* Nested deeper than the reference can read, shallower than any stack. */
enum { DEPTH_MAX = 400 };

struct reader {
	struct rxl_call *call;
	struct rexi_str text;
	size_t at;
	unsigned depth;
	/* First name that is no value: the reference looks it up once all is read. */
	struct rexi_str unknown;
	size_t unknown_at;
	struct rx_buf scratch;
};

/* ---- errors ----------------------------------------------------------------------------------------------------- */

static RX_COLD void place(struct reader *reader, size_t at)
{
	uint32_t line = 1, column = 1;

	for (size_t i = 0; i < at && i < reader->text.len; i++) {
		unsigned char c = (unsigned char)reader->text.ptr[i];

		if (c == '\n') {
			line++;
			column = 1;
		} else if ((c & 0xC0) != 0x80) {
			column++;
		}
	}
	rxl_call_error_at(reader->call, line, column);
}

static RX_COLD enum rexi_status fails(struct reader *reader, size_t at, const char *text)
{
	enum rexi_status status = rxl_raise_text(reader->call, RXL_ERROR_PARSING, "%s", text);

	place(reader, at);
	return status;
}

/* "BEFORE'what'AFTER" */
static RX_COLD enum rexi_status fails_with(struct reader *reader, size_t at, const char *before, struct rexi_str what,
					   const char *after)
{
	enum rexi_status status =
		rxl_raise_text(reader->call, RXL_ERROR_PARSING, "%s%.*s%s", before, RX_STR_ARG(what), after);

	place(reader, at);
	return status;
}

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* What stands at `at`: a word, a string with its quotes, or one character; an opening brace as the language's. */
static struct rexi_str token_at(struct reader *reader, size_t at)
{
	struct rexi_str text = reader->text;
	size_t end = at;

	if (text.ptr[at] == '{')
		return RX_STR("#{");
	while (end < text.len && is_name_char(text.ptr[end]))
		end++;
	if (text.ptr[at] == '"') {
		for (end = at + 1; end < text.len && text.ptr[end] != '"';)
			end++;
		return rx_str_sub(text, at, end + 1 - at);
	}
	if (end == at) {
		rx_utf8_next(text, &end);
		return rx_str_sub(text, at, end - at);
	}
	if (rx_str_eq(rx_str_sub(text, at, end - at), RX_STR("null")))
		return RX_STR("()");
	return rx_str_sub(text, at, end - at);
}

static RX_COLD enum rexi_status unexpected(struct reader *reader)
{
	static const char reserved[] = "@#$~?";
	char c;

	if (reader->at >= reader->text.len)
		return fails(reader, reader->text.len, "Script is incomplete");
	c = reader->text.ptr[reader->at];
	if (rx_str_starts(rx_str_sub(reader->text, reader->at, 2), RX_STR("()")))
		return fails(reader, reader->at, "Invalid symbol encountered: '()'");
	if (rx_str_starts(rx_str_sub(reader->text, reader->at, 2), RX_STR("#{")))
		return fails(reader, reader->at, "Invalid symbol encountered: '#{'");
	if (strchr(reserved, c) && c)
		return fails_with(reader, reader->at, "'", rx_str_sub(reader->text, reader->at, 1), "' is a reserved symbol");
	return fails_with(reader, reader->at, "Unexpected '", token_at(reader, reader->at), "'");
}

/* What stands behind the value. The reference quotes the message of its lexer where no token begins. */
static RX_COLD enum rexi_status left_over(struct reader *reader)
{
	if ((unsigned char)reader->text.ptr[reader->at] < 0x80)
		return unexpected(reader);
	return fails_with(reader, reader->at, "Unexpected 'Unexpected '", token_at(reader, reader->at), "''");
}

/* ---- blanks ----------------------------------------------------------------------------------------------------- */

/* Comments of the language count as blanks; block comments nest and may stay open. */
static void skip_comment(struct reader *reader)
{
	const char *p = reader->text.ptr + reader->at, *end = reader->text.ptr + reader->text.len;
	unsigned depth = 0;

	if (p[1] == '/') {
		while (p < end && *p != '\n')
			p++;
	} else {
		do {
			if (end - p >= 2 && p[0] == '/' && p[1] == '*') {
				depth++;
				p += 2;
			} else if (end - p >= 2 && p[0] == '*' && p[1] == '/') {
				depth--;
				p += 2;
			} else {
				p++;
			}
		} while (p < end && depth);
	}
	reader->at = (size_t)(p - reader->text.ptr);
}

/* The next character that is no blank, NUL at the end (and for a NUL, which nothing accepts). */
static char peek(struct reader *reader)
{
	for (; reader->at < reader->text.len; reader->at++) {
		char c = reader->text.ptr[reader->at];

		if (c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f')
			continue;
		if (c == '/' && reader->at + 1 < reader->text.len &&
		    (reader->text.ptr[reader->at + 1] == '/' || reader->text.ptr[reader->at + 1] == '*')) {
			skip_comment(reader);
			reader->at--;
			continue;
		}
		return c;
	}
	return '\0';
}

/* ---- strings and characters ------------------------------------------------------------------------------------- */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* `count` hexadecimal digits; on failure `at` is the first character that is none, or past the last digit. */
static bool read_hex(struct reader *reader, unsigned count, uint32_t *out)
{
	uint32_t value = 0;

	for (; count; count--) {
		int digit = reader->at < reader->text.len ? hex_digit(reader->text.ptr[reader->at]) : -1;

		if (digit < 0)
			return false;
		value = value << 4 | (uint32_t)digit;
		reader->at++;
	}
	*out = value;
	return true;
}

static RX_COLD enum rexi_status bad_escape(struct reader *reader, size_t from, size_t at)
{
	size_t end = at;

	if (end < reader->text.len)
		rx_utf8_next(reader->text, &end);
	return fails_with(reader, at, "Invalid escape sequence: '", rx_str_sub(reader->text, from, end - from), "'");
}

/* After a backslash. A pair of surrogates, as JSON has it, is one character. */
static enum rexi_status read_escape(struct reader *reader)
{
	size_t from = reader->at - 1;
	char c = reader->at < reader->text.len ? reader->text.ptr[reader->at] : '\0';
	uint32_t code = 0, low;

	reader->at++;
	switch (c) {
	case '"': case '\\': case '/': case '\'': code = (unsigned char)c; break;
	case 'n': code = '\n'; break;
	case 't': code = '\t'; break;
	case 'r': code = '\r'; break;
	case 'b': code = '\b'; break;
	case 'f': code = '\f'; break;
	case 'x': case 'u': case 'U':
		if (!read_hex(reader, c == 'x' ? 2 : c == 'u' ? 4 : 8, &code))
			return bad_escape(reader, from, reader->at);
		if (code >= 0xD800 && code < 0xDC00 &&
		    rx_str_starts(rx_str_sub(reader->text, reader->at, 2), RX_STR("\\u"))) {
			reader->at += 2;
			if (read_hex(reader, 4, &low) && low >= 0xDC00 && low < 0xE000)
				code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
		}
		if ((code >= 0xD800 && code < 0xE000) || code > 0x10FFFF)
			return bad_escape(reader, from, from + 1 + (c == 'x' ? 2 : c == 'u' ? 4 : 8));
		break;
	default: return bad_escape(reader, from, from + 1);
	}
	rx_buf_char(&reader->scratch, code);
	return REXI_OK;
}

/* The text between quotes; a view of the source or, with escapes, of the scratch buffer. */
static enum rexi_status read_quoted(struct reader *reader, struct rexi_str *out)
{
	size_t open = reader->at, plain = ++reader->at;
	char quote = reader->text.ptr[open];
	bool escaped = false;

	rx_buf_clear(&reader->scratch);
	for (;;) {
		char c;

		if (reader->at >= reader->text.len)
			return fails(reader, open, "Open string is not terminated");
		c = reader->text.ptr[reader->at];
		if (c == quote)
			break;
		if (c == '\n')
			return fails(reader, open, "Open string is not terminated");
		if (c != '\\') {
			reader->at++;
			continue;
		}
		rx_buf_bytes(&reader->scratch, reader->text.ptr + plain, reader->at - plain);
		reader->at++;
		RX_TRY(read_escape(reader));
		plain = reader->at;
		escaped = true;
	}
	if (escaped) {
		rx_buf_bytes(&reader->scratch, reader->text.ptr + plain, reader->at - plain);
		*out = rx_buf_view(&reader->scratch);
	} else {
		*out = rx_str_sub(reader->text, plain, reader->at - plain);
	}
	reader->at++;
	return reader->scratch.failed ? REXI_NO_MEMORY : REXI_OK;
}

static enum rexi_status read_char(struct reader *reader, struct rxl_value *out)
{
	size_t open = reader->at, at = 0;
	struct rexi_str text;

	RX_TRY(read_quoted(reader, &text));
	if (rx_utf8_count(text) != 1)
		return fails_with(reader, open, "Invalid character: '", text, "'");
	*out = rxl_char(rx_utf8_next(text, &at));
	return REXI_OK;
}

/* ---- numbers ---------------------------------------------------------------------------------------------------- */

/* Copies digits without their separators and returns whether the radix allows all of them. */
static size_t digits_end(struct reader *reader, size_t at)
{
	while (at < reader->text.len && is_name_char(reader->text.ptr[at]))
		at++;
	return at;
}

static enum rexi_status read_radix(struct reader *reader, bool negative, unsigned radix, struct rxl_value *out)
{
	size_t start = reader->at + 2, end = digits_end(reader, start);
	uint64_t number = 0;

	rx_buf_clear(&reader->scratch);
	for (size_t i = start; i < end; i++)
		if (reader->text.ptr[i] != '_')
			rx_buf_byte(&reader->scratch, reader->text.ptr[i]);
	if (rx_number_parse_u64(rx_buf_view(&reader->scratch), radix, &number) != RX_NUMBER_OK)
		return fails_with(reader, reader->at, "Invalid number: '", rx_buf_view(&reader->scratch), "'");
	reader->at = end;
	*out = rxl_int((int64_t)(negative ? 0 - number : number));
	return REXI_OK;
}

static bool is_digit_at(const struct reader *reader, size_t at)
{
	return at < reader->text.len && reader->text.ptr[at] >= '0' && reader->text.ptr[at] <= '9';
}

static size_t skip_digits(const struct reader *reader, size_t at)
{
	while (at < reader->text.len && (is_digit_at(reader, at) || reader->text.ptr[at] == '_'))
		at++;
	return at;
}

/* Where a decimal number ends: digits, a point that is not followed by a name or another point, an exponent. */
static size_t number_end(const struct reader *reader, bool *whole)
{
	struct rexi_str text = reader->text;
	size_t at = skip_digits(reader, reader->at), sign;

	*whole = true;
	if (at < text.len && text.ptr[at] == '.' &&
	    (at + 1 == text.len || is_digit_at(reader, at + 1) ||
	     (!is_name_char(text.ptr[at + 1]) && text.ptr[at + 1] != '.'))) {
		*whole = false;
		at = skip_digits(reader, at + 1);
	}
	if (at < text.len && (text.ptr[at] == 'e' || text.ptr[at] == 'E')) {
		sign = at + 1 < text.len && (text.ptr[at + 1] == '+' || text.ptr[at + 1] == '-');
		if (is_digit_at(reader, at + 1 + sign)) {
			*whole = false;
			at = skip_digits(reader, at + 1 + sign);
		}
	}
	return at;
}

static enum rexi_status read_number(struct reader *reader, bool negative, struct rxl_value *out)
{
	struct rexi_str text = reader->text;
	size_t end;
	uint64_t number;
	double real;
	bool whole;

	if (text.ptr[reader->at] == '0' && reader->at + 1 < text.len) {
		switch (text.ptr[reader->at + 1] | 0x20) {
		case 'x': return read_radix(reader, negative, 16, out);
		case 'o': return read_radix(reader, negative, 8, out);
		case 'b': return read_radix(reader, negative, 2, out);
		default: break;
		}
	}
	end = number_end(reader, &whole);
	text = rx_str_sub(text, reader->at, end - reader->at);
	if (memchr(text.ptr, '_', text.len)) {
		rx_buf_clear(&reader->scratch);
		for (size_t i = 0; i < text.len; i++)
			if (text.ptr[i] != '_')
				rx_buf_byte(&reader->scratch, text.ptr[i]);
		text = rx_buf_view(&reader->scratch);
	}
	if (whole && rx_number_parse_u64(text, 10, &number) == RX_NUMBER_OK && number <= (uint64_t)INT64_MAX + negative) {
		*out = rxl_int((int64_t)(negative ? 0 - number : number));
	} else {
		if (rx_number_parse_f64(text, &real) != RX_NUMBER_OK)
			return fails_with(reader, reader->at, "Invalid number: '", text, "'");
		*out = rxl_float(negative ? -real : real);
	}
	reader->at = end;
	return REXI_OK;
}

/* A number, or two of them with `..` or `..=` between: how to_json writes ranges. */
static enum rexi_status read_signed(struct reader *reader, struct rxl_value *out)
{
	char c = peek(reader);
	bool inclusive;
	int64_t start;

	if (c == '-' || c == '+') {
		reader->at++;
		if (reader->at < reader->text.len && reader->text.ptr[reader->at] == c) {
			reader->at--;
			return fails(reader, reader->at,
				     c == '-' ? "'--' is a reserved symbol" : "'++' is a reserved symbol");
		}
		(void)peek(reader);
	}
	if (!is_digit_at(reader, reader->at))
		return unexpected(reader);
	RX_TRY(read_number(reader, c == '-', out));
	if (out->type != RXL_INT || peek(reader) != '.' || !rx_str_starts(rx_str_sub(reader->text, reader->at, 2), RX_STR("..")))
		return REXI_OK;
	start = out->as.i;
	reader->at += 2;
	inclusive = reader->at < reader->text.len && reader->text.ptr[reader->at] == '=';
	reader->at += inclusive;
	c = peek(reader);
	*out = rxl_int(INT64_MAX);
	if (c == '-' || is_digit_at(reader, reader->at)) {
		reader->at += c == '-';
		if (!is_digit_at(reader, reader->at))
			return unexpected(reader);
		RX_TRY(read_number(reader, c == '-', out));
		if (out->type != RXL_INT)
			return unexpected(reader);
	}
	return rxl_range_new(reader->call->heap, start, out->as.i, inclusive, out);
}

/* ---- values ----------------------------------------------------------------------------------------------------- */

static enum rexi_status read_value(struct reader *reader, struct rxl_value *out);

static enum rexi_status read_array(struct reader *reader, struct rxl_value *out)
{
	reader->at++;
	RX_TRY(rxl_array_new(reader->call->heap, 0, out));
	for (;;) {
		struct rxl_value item = rxl_unit();
		enum rexi_status status;
		char c = peek(reader);

		if (c == ']') {
			reader->at++;
			return REXI_OK;
		}
		if (reader->at >= reader->text.len)
			return fails(reader, reader->at, "Expecting ']' to end this array literal");
		status = read_value(reader, &item);
		if (status != REXI_OK) {
			rxl_value_drop(reader->call->heap, &item);
			return status;
		}
		RX_TRY(rxl_array_push(reader->call->heap, out, item));
		c = peek(reader);
		if (c == ',')
			reader->at++;
		else if (reader->at >= reader->text.len)
			return fails(reader, reader->at, "Expecting ']' to end this array literal");
		else if (c != ']')
			return fails(reader, reader->at, "Expecting ',' to separate the items of this array literal");
	}
}

/* Words of the language, by what they would do where a value stands: begin no expression, begin one, stand for nothing. */
static const char keywords[] = " let const else until in continue break return throw try catch private import export as ";
static const char statements[] = " if switch while loop do for fn ";
static const char reserved_words[] = " var static shared goto match case public protected new use with module package super thread spawn"
				     " go await async sync yield default void nil is print debug type_of eval Fn call curry is_def_fn"
				     " is_def_var is_shared ";

static bool is_one_of(struct rexi_str word, const char *list)
{
	char text[24];

	if (word.len == 0 || word.len > sizeof(text) - 3)
		return false;
	text[0] = text[word.len + 1] = ' ';
	memcpy(text + 1, word.ptr, word.len);
	text[word.len + 2] = 0;
	return strstr(list, text) != NULL;
}

/* Reads `"key":` and makes the place for its value. */
static enum rexi_status read_key(struct reader *reader, struct rxl_value *map, bool first, struct rxl_value **slot)
{
	size_t at = reader->at;
	char c = peek(reader);
	struct rexi_str key;
	struct rxl_value name;
	enum rexi_status status;

	at = reader->at;
	if (c != '"') {
		if (at >= reader->text.len)
			return fails(reader, at, "Expecting '}' to end this object map literal");
		if (is_one_of(token_at(reader, at), reserved_words))
			return fails_with(reader, at, "'", token_at(reader, at), "' is a reserved keyword");
		if (first && (is_one_of(token_at(reader, at), keywords) || is_one_of(token_at(reader, at), statements)))
			return fails(reader, at, "Expecting '}' to end this object map literal");
		if (first && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && c != '_')
			return fails(reader, at, "Expecting '}' to end this object map literal");
		if (first && (rx_str_eq(token_at(reader, at), RX_STR("()")) || rx_str_eq(token_at(reader, at), RX_STR("true")) ||
			      rx_str_eq(token_at(reader, at), RX_STR("false"))))
			return fails(reader, at, "Expecting '}' to end this object map literal");
		return fails(reader, at, "Expecting name of a property");
	}
	RX_TRY(read_quoted(reader, &key));
	if (rxl_map_find(map, key))
		return fails_with(reader, at, "Duplicated property for object map literal: ", key, "");
	/* The scratch buffer may be used again before the place is made. */
	RX_TRY(rxl_string_new(reader->call->heap, key, &name));
	if (peek(reader) != ':' || (reader->at + 1 < reader->text.len && reader->text.ptr[reader->at + 1] == ':'))
		status = fails_with(reader, reader->at, "Expecting ':' to follow the property '", rxl_string_view(&name),
				    "' in this object map literal");
	else
		status = rxl_map_slot(reader->call->heap, map, rxl_string_view(&name), slot);
	reader->at++;
	rxl_value_drop(reader->call->heap, &name);
	return status;
}

static enum rexi_status read_map(struct reader *reader, struct rxl_value *out)
{
	reader->at++;
	RX_TRY(rxl_map_new(reader->call->heap, 0, out));
	for (bool first = true;; first = false) {
		struct rxl_value *slot;
		char c = peek(reader);

		if (c == '}') {
			reader->at++;
			return REXI_OK;
		}
		RX_TRY(read_key(reader, out, first, &slot));
		RX_TRY(read_value(reader, slot));
		c = peek(reader);
		if (c == ',')
			reader->at++;
		else if (c != '}')
			return fails(reader, reader->at,
				     is_name_char(c) && !is_digit_at(reader, reader->at) &&
						     !rx_str_eq(token_at(reader, reader->at), RX_STR("()")) &&
						     !rx_str_eq(token_at(reader, reader->at), RX_STR("true")) &&
						     !rx_str_eq(token_at(reader, reader->at), RX_STR("false"))
					     ? "Expecting ',' to separate the items of this object map literal"
					     : "Expecting '}' to end this object map literal");
	}
}

/* Words that begin no expression, and those that stand for nothing. The others of the language are taken for names. */
static enum rexi_status read_word(struct reader *reader, struct rxl_value *out)
{
	size_t end = digits_end(reader, reader->at);
	struct rexi_str word = rx_str_sub(reader->text, reader->at, end - reader->at);

	if (word.len == 0)
		return unexpected(reader);
	if (is_one_of(word, keywords))
		return unexpected(reader);
	if (is_one_of(word, reserved_words) && !(end < reader->text.len && reader->text.ptr[end] == '('))
		return fails_with(reader, reader->at, "'", word, "' is a reserved keyword");
	if (rx_str_eq(word, RX_STR("this")))
		return fails(reader, reader->at, "'this' can only be used in functions");
	if (rx_str_eq(word, RX_STR("true")) || rx_str_eq(word, RX_STR("false")))
		*out = rxl_bool(word.ptr[0] == 't');
	else if (!rx_str_eq(word, RX_STR("null")) && !reader->unknown.len) {
		reader->unknown = word;
		reader->unknown_at = reader->at;
	}
	reader->at = end;
	return REXI_OK;
}

static enum rexi_status read_value(struct reader *reader, struct rxl_value *out)
{
	char c = peek(reader);
	struct rexi_str text;
	enum rexi_status status;

	if (c == '{' || c == '[') {
		if (++reader->depth > DEPTH_MAX)
			return fails(reader, reader->at, "Expression exceeds maximum complexity");
		status = c == '{' ? read_map(reader, out) : read_array(reader, out);
		reader->depth--;
		return status;
	}
	if (c == '"') {
		RX_TRY(read_quoted(reader, &text));
		return rxl_string_new(reader->call->heap, text, out);
	}
	if (c == '-' || c == '+' || (c >= '0' && c <= '9'))
		return read_signed(reader, out);
	if (c == '\'')
		return read_char(reader, out);
	return read_word(reader, out);
}

STD_NATIVE(parse_json)
{
	struct reader reader = { .call = call, .text = rxl_string_view(self) };
	enum rexi_status status;

	rx_buf_init(&reader.scratch, &call->heap->memory, 0);
	status = read_value(&reader, out);
	if (status == REXI_OK && (peek(&reader), reader.at < reader.text.len))
		status = left_over(&reader);
	if (status == REXI_OK && reader.unknown.len) {
		status = rxl_raise_text(call, RXL_ERROR_VARIABLE_NOT_FOUND, "%.*s", RX_STR_ARG(reader.unknown));
		place(&reader, reader.unknown_at);
	}
	rx_buf_fini(&reader.scratch);
	if (status == REXI_OK && out->type != RXL_MAP)
		status = rxl_raise_output_type(call, "map", rxl_value_type_name(out));
	return status;
}

/* ---- writing ---------------------------------------------------------------------------------------------------- */

struct writer {
	struct rxl_call *call;
	struct rx_buf buf;
	unsigned depth;
	bool strict;
};

static enum rexi_status write_value(struct writer *writer, const struct rxl_value *value);

/* A full buffer takes nothing more: what would follow may be without end. */
static enum rexi_status write_array(struct writer *writer, const struct rxl_value *items, size_t count)
{
	if (writer->buf.failed)
		return REXI_NO_MEMORY;
	rx_buf_byte(&writer->buf, '[');
	for (size_t i = 0; i < count; i++) {
		if (i)
			rx_buf_byte(&writer->buf, ',');
		RX_TRY(write_value(writer, &items[i]));
	}
	rx_buf_byte(&writer->buf, ']');
	return REXI_OK;
}

static enum rexi_status write_map(struct writer *writer, const struct rxl_value *map)
{
	const struct rxl_entry *entries = rxl_map_entries(writer->call->heap, map);
	size_t count = rxl_map_count(map);

	if (!entries && count)
		return REXI_NO_MEMORY;
	rx_buf_byte(&writer->buf, '{');
	for (size_t i = 0; i < count; i++) {
		if (i)
			rx_buf_byte(&writer->buf, ',');
		rx_buf_json_string(&writer->buf, rxl_string_view(&entries[i].key));
		rx_buf_byte(&writer->buf, ':');
		RX_TRY(write_value(writer, &entries[i].value));
	}
	rx_buf_byte(&writer->buf, '}');
	return REXI_OK;
}

static void write_blob(struct writer *writer, const struct rxl_blob *blob)
{
	rx_buf_byte(&writer->buf, '[');
	for (uint32_t i = 0; i < blob->count; i++) {
		if (i)
			rx_buf_byte(&writer->buf, ',');
		rx_buf_u64(&writer->buf, blob->bytes[i]);
	}
	rx_buf_byte(&writer->buf, ']');
}

/* Its name, or an array of its name and the curried arguments. */
static enum rexi_status write_fn(struct writer *writer, const struct rxl_value *value)
{
	const struct rxl_fn *fn = value->as.fn;

	if (fn->curry_count == 0) {
		rx_buf_json_string(&writer->buf, rxl_fn_name(value));
		return REXI_OK;
	}
	rx_buf_byte(&writer->buf, '[');
	rx_buf_json_string(&writer->buf, rxl_fn_name(value));
	for (uint32_t i = 0; i < fn->curry_count; i++) {
		const struct rxl_value *curried = &fn->curry[i];

		rx_buf_byte(&writer->buf, ',');
		RX_TRY(write_value(writer, curried->type == RXL_CELL ? &curried->as.cell->value : curried));
	}
	rx_buf_byte(&writer->buf, ']');
	return REXI_OK;
}

/* What JSON has no form for, as the string that it prints as. */
static enum rexi_status write_printed(struct writer *writer, const struct rxl_value *value)
{
	enum rexi_status status;
	struct rx_buf text;

	std_text_buf(writer->call, &text);
	status = rxl_call_display(writer->call, value, &text);
	if (status == REXI_OK)
		rx_buf_json_string(&writer->buf, rx_buf_view(&text));
	if (text.failed)
		writer->buf.failed = true;
	rx_buf_fini(&text);
	return status;
}

static bool has_no_form(const struct rxl_value *value)
{
	switch (value->type) {
	case RXL_UNIT: case RXL_BOOL: case RXL_INT: case RXL_TEXT: case RXL_STRING: case RXL_BLOB: case RXL_ARRAY: case RXL_MAP:
	case RXL_FN: case RXL_CELL: case RXL_FLOAT:
		return false;
	default:
		return true;
	}
}

static enum rexi_status write_value(struct writer *writer, const struct rxl_value *value)
{
	enum rexi_status status;

	if (writer->strict && value->type == RXL_CELL)
		value = &value->as.cell->value;
	if (writer->strict && value->type == RXL_FLOAT && !isfinite(value->as.f)) {
		RX_BUF_LIT(&writer->buf, "null");
		return REXI_OK;
	}
	if (writer->strict && has_no_form(value))
		return write_printed(writer, value);
	switch (value->type) {
	case RXL_UNIT: RX_BUF_LIT(&writer->buf, "null"); return REXI_OK;
	case RXL_INT: rx_buf_i64(&writer->buf, value->as.i); return REXI_OK;
	case RXL_FLOAT: rx_number_debug(&writer->buf, value->as.f); return REXI_OK;
	case RXL_CHAR:
		rx_buf_byte(&writer->buf, '\'');
		if (value->as.c == '\'' || value->as.c == '\\')
			rx_buf_byte(&writer->buf, '\\');
		rx_buf_char(&writer->buf, value->as.c);
		rx_buf_byte(&writer->buf, '\'');
		return REXI_OK;
	case RXL_TEXT:
	case RXL_STRING: rx_buf_json_string(&writer->buf, rxl_string_view(value)); return REXI_OK;
	case RXL_BLOB: write_blob(writer, value->as.blob); return REXI_OK;
	case RXL_ARRAY:
	case RXL_MAP:
	case RXL_FN:
		if (++writer->depth > DEPTH_MAX)
			return rxl_raise_message(writer->call, "value is nested too deeply for JSON");
		status = value->type == RXL_MAP ? write_map(writer, value)
			 : value->type == RXL_FN
				 ? write_fn(writer, value)
				 : write_array(writer, rxl_array_items(value), rxl_array_count(value));
		writer->depth--;
		return status;
	default: return rxl_call_debug_text(writer->call, value, &writer->buf);
	}
}

STD_NATIVE(to_json)
{
	struct writer writer = { .call = call, .strict = rxl_call_strict_json(call) };
	enum rexi_status status;

	std_text_buf(call, &writer.buf);
	status = write_map(&writer, self);
	if (status == REXI_OK)
		return rxl_string_from_buf(call->heap, &writer.buf, out);
	rx_buf_fini(&writer.buf);
	return status;
}

static const struct rxl_native rows[] = {
	{ "parse_json", "string", parse_json, RXL_PURE, "the map that a JSON object describes", NULL },
	{ "to_json", "map", to_json, RXL_REF, "the map as a JSON object", NULL },
};

STD_PACKAGE(rxl_std_json, "JSON", rows);
