#include <config.h>

#include "runner/args.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/number.h"
#include "base/utf8.h"

#define DEPTH_MAX 128 /* the reference's JSON parser */
#define ARGUMENTS_MAX 10000

struct reader {
	struct rx_arena *arena;
	struct rexi_str text;
	size_t pos;
	unsigned depth;
	bool plain; /* an object with a type key is an object like any other */
	char *complaint;
};

static const char *const type_keys[] = { "stringValue", "integerValue", "longValue", "doubleValue", "booleanValue",
					 "listValue", "mapValue" };
enum { KEY_STRING, KEY_INTEGER, KEY_LONG, KEY_DOUBLE, KEY_BOOLEAN, KEY_LIST, KEY_MAP, KEY_COUNT };

/* ---- errors: text, then the place of byte `at`; columns count bytes, as the reference's do ---- */

RX_PRINTF(3, 4) static bool fail_at(struct reader *reader, size_t at, const char *format, ...)
{
	size_t line = 1, column = 1;
	va_list list;
	char text[180];

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	text[rx_utf8_valid(rx_str(text))] = '\0';
	for (size_t i = 0; i < at && i < reader->text.len; i++) {
		column++;
		if (reader->text.ptr[i] == '\n') {
			line++;
			column = 1;
		}
	}
	if (at >= reader->text.len)
		column--; /* the end is reported at the last character */
	snprintf(reader->complaint, 256, "%s at line %zu column %zu", text, line, column);
	return false;
}

static bool out_of_memory(struct reader *reader)
{
	snprintf(reader->complaint, 256, "%s", rexi_status_text(REXI_NO_MEMORY));
	return false;
}

static void skip_blanks(struct reader *reader)
{
	while (reader->pos < reader->text.len) {
		char c = reader->text.ptr[reader->pos];

		if (c != ' ' && c != '\t' && c != '\n' && c != '\r')
			break;
		reader->pos++;
	}
}

/* The next character after blanks; -1 at the end. */
static int peek(struct reader *reader)
{
	skip_blanks(reader);
	return reader->pos < reader->text.len ? (unsigned char)reader->text.ptr[reader->pos] : -1;
}

/* ---- strings ---- */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_hex(struct reader *reader, uint32_t *out)
{
	*out = 0;
	for (int i = 0; i < 4; i++) {
		int digit = reader->pos < reader->text.len ? hex_digit(reader->text.ptr[reader->pos]) : -1;

		if (reader->pos >= reader->text.len)
			return fail_at(reader, reader->pos, "EOF while parsing a string");
		if (digit < 0)
			return fail_at(reader, reader->pos, "invalid escape");
		*out = *out << 4 | (uint32_t)digit;
		reader->pos++;
	}
	return true;
}

/* After `\u`: one scalar value, with its second half when it is a surrogate pair. */
static bool read_unicode(struct reader *reader, uint32_t *code)
{
	uint32_t low;

	if (!read_hex(reader, code))
		return false;
	if (*code >= 0xDC00 && *code <= 0xDFFF)
		return fail_at(reader, reader->pos, "lone leading surrogate in hex escape");
	if (*code < 0xD800 || *code > 0xDBFF)
		return true;
	if (reader->text.len - reader->pos < 2 || reader->text.ptr[reader->pos] != '\\' || reader->text.ptr[reader->pos + 1] != 'u')
		return fail_at(reader, reader->pos, "unexpected end of hex escape");
	reader->pos += 2;
	if (!read_hex(reader, &low))
		return false;
	if (low < 0xDC00 || low > 0xDFFF)
		return fail_at(reader, reader->pos, "lone leading surrogate in hex escape");
	*code = 0x10000 + ((*code - 0xD800) << 10) + (low - 0xDC00);
	return true;
}

static bool read_escape(struct reader *reader, char *out, size_t *len)
{
	static const char marks[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
	const char *mark;
	uint32_t code;

	if (reader->pos >= reader->text.len)
		return fail_at(reader, reader->pos, "EOF while parsing a string");
	if (reader->text.ptr[reader->pos] == 'u') {
		reader->pos++;
		if (!read_unicode(reader, &code))
			return false;
		*len += rx_utf8_encode(out + *len, code);
		return true;
	}
	mark = reader->text.ptr[reader->pos] ? strchr(marks, reader->text.ptr[reader->pos]) : NULL;
	if (!mark)
		return fail_at(reader, reader->pos, "invalid escape");
	out[(*len)++] = values[mark - marks];
	reader->pos++;
	return true;
}

/* At the opening quote. The text is a view of the source unless it has escapes. */
static bool read_string(struct reader *reader, struct rexi_str *out)
{
	size_t start = ++reader->pos, end = start, len = 0;
	char *copy;

	while (end < reader->text.len && reader->text.ptr[end] != '"') {
		if (reader->text.ptr[end] == '\\')
			end++;
		end++;
	}
	/* escapes never grow: the source's length is enough */
	copy = rx_arena_bytes(reader->arena, end - start + 1);
	if (!copy)
		return out_of_memory(reader);
	for (;;) {
		char c;

		if (reader->pos >= reader->text.len)
			return fail_at(reader, reader->pos, "EOF while parsing a string");
		c = reader->text.ptr[reader->pos];
		if ((unsigned char)c < 0x20)
			return fail_at(reader, reader->pos, "control character (\\u0000-\\u001F) found while parsing a string");
		reader->pos++;
		if (c == '"')
			break;
		if (c != '\\')
			copy[len++] = c;
		else if (!read_escape(reader, copy, &len))
			return false;
	}
	*out = rx_str_make(copy, len);
	return true;
}

/* ---- numbers ---- */

/* The extent of a JSON number at pos; *whole when it has neither point nor exponent. */
static bool scan_number(struct reader *reader, struct rexi_str *out, bool *whole)
{
	size_t at = reader->pos, start = at, digits;
	const char *p = reader->text.ptr;
	size_t len = reader->text.len;

#define DIGITS_FROM(from)                                    \
	do {                                                 \
		digits = (from);                             \
		while (at < len && p[at] >= '0' && p[at] <= '9') \
			at++;                                \
	} while (0)
	*whole = true;
	if (p[at] == '-')
		at++;
	DIGITS_FROM(at);
	if (at == digits)
		return fail_at(reader, at, at >= len ? "EOF while parsing a value" : "invalid number");
	if (p[digits] == '0' && at - digits > 1)
		return fail_at(reader, digits + 1, "invalid number");
	if (at < len && p[at] == '.') {
		*whole = false;
		at++;
		DIGITS_FROM(at);
		if (at == digits)
			return fail_at(reader, at, at >= len ? "EOF while parsing a value" : "invalid number");
	}
	if (at < len && (p[at] | 0x20) == 'e') {
		*whole = false;
		at++;
		if (at < len && (p[at] == '+' || p[at] == '-'))
			at++;
		DIGITS_FROM(at);
		if (at == digits)
			return fail_at(reader, at, at >= len ? "EOF while parsing a value" : "invalid number");
	}
#undef DIGITS_FROM
	*out = rx_str_make(p + start, at - start);
	reader->pos = at;
	return true;
}

static bool read_float(struct reader *reader, double *out)
{
	struct rexi_str text;
	bool whole;
	size_t at = reader->pos;

	if (!scan_number(reader, &text, &whole))
		return false;
	if (rx_number_parse_f64(text, out) != RX_NUMBER_OK || !isfinite(*out))
		return fail_at(reader, at, "number out of range");
	return true;
}

static bool read_integer(struct reader *reader, bool narrow, int64_t *out)
{
	const char *want = narrow ? "i32" : "i64";
	size_t at = reader->pos;
	struct rexi_str text;
	bool whole;

	if (!scan_number(reader, &text, &whole))
		return false;
	if (!whole)
		return fail_at(reader, at, "invalid type: floating point `%.*s`, expected %s", RX_STR_ARG(text), want);
	if (rx_number_parse_i64(text, 10, out) != RX_NUMBER_OK || (narrow && (*out > INT32_MAX || *out < INT32_MIN)))
		return fail_at(reader, at, "invalid value: integer `%.*s`, expected %s", RX_STR_ARG(text), want);
	return true;
}

/* ---- values ---- */

static bool read_value(struct reader *reader, struct rxr_arg *out);
static bool read_typed(struct reader *reader, struct rxr_arg *out);

static bool read_word(struct reader *reader, const char *word)
{
	size_t len = strlen(word);

	if (!rx_str_starts(rx_str_sub(reader->text, reader->pos, len), rx_str_make(word, len)))
		return fail_at(reader, reader->pos, "expected ident");
	reader->pos += len;
	return true;
}

/* What stands here instead of the type that was wanted. */
static bool wrong_type(struct reader *reader, const char *want)
{
	size_t at = reader->pos;
	struct rexi_str text;
	bool whole;

	switch (peek(reader)) {
	case -1:
		return fail_at(reader, at, "EOF while parsing a value");
	case '"':
		if (!read_string(reader, &text))
			return false;
		return fail_at(reader, at, "invalid type: string \"%.*s\", expected %s", RX_STR_ARG(text), want);
	case '{':
		return fail_at(reader, at, "invalid type: map, expected %s", want);
	case '[':
		return fail_at(reader, at, "invalid type: sequence, expected %s", want);
	case 't':
		return read_word(reader, "true") && fail_at(reader, at, "invalid type: boolean `true`, expected %s", want);
	case 'f':
		return read_word(reader, "false") && fail_at(reader, at, "invalid type: boolean `false`, expected %s", want);
	case 'n':
		return read_word(reader, "null") && fail_at(reader, at, "invalid type: null, expected %s", want);
	case '-': case '0': case '1': case '2': case '3': case '4': case '5': case '6': case '7': case '8': case '9':
		if (!scan_number(reader, &text, &whole))
			return false;
		return fail_at(reader, at, "invalid type: %s `%.*s`, expected %s", whole ? "integer" : "floating point",
			       RX_STR_ARG(text), want);
	default:
		return fail_at(reader, reader->pos, "expected value");
	}
}

static bool enter(struct reader *reader)
{
	reader->pos++;
	if (++reader->depth > DEPTH_MAX)
		return fail_at(reader, reader->pos - 1, "recursion limit exceeded");
	return true;
}

/* Elements of a list, or members of a map when `named`; at the opening bracket. */
static bool read_members(struct reader *reader, bool named, bool typed, struct rxr_arg *out)
{
	int close = named ? '}' : ']';
	struct rxr_arg *last = NULL;
	int c;

	out->kind = named ? RXR_ARG_MAP : RXR_ARG_LIST;
	out->as.members.first = NULL;
	out->as.members.count = 0;
	if (!enter(reader))
		return false;
	c = peek(reader);
	while (c != close) {
		struct rexi_str name = { NULL, 0 };
		struct rxr_arg *member;

		if (c < 0)
			return fail_at(reader, reader->pos, named ? "EOF while parsing an object" : "EOF while parsing a list");
		if (named) {
			if (c != '"')
				return fail_at(reader, reader->pos, "key must be a string");
			if (!read_string(reader, &name))
				return false;
			if (peek(reader) != ':')
				return fail_at(reader, reader->pos, reader->pos < reader->text.len ? "expected `:`" : "EOF while parsing an object");
			reader->pos++;
		}
		member = RX_ARENA_NEW(reader->arena, struct rxr_arg);
		if (!member)
			return out_of_memory(reader);
		if (last)
			last->next = member;
		else
			out->as.members.first = member;
		last = member;
		out->as.members.count++;
		member->name = name;
		if (!(typed ? read_typed : read_value)(reader, member))
			return false;
		c = peek(reader);
		if (c == ',') {
			reader->pos++;
			c = peek(reader);
			if (c == close)
				return fail_at(reader, reader->pos, "trailing comma");
		} else if (c != close) {
			return fail_at(reader, reader->pos, c < 0 ? (named ? "EOF while parsing an object" : "EOF while parsing a list")
								  : (named ? "expected `,` or `}`" : "expected `,` or `]`"));
		}
	}
	reader->pos++;
	reader->depth--;
	return true;
}

static bool read_boolean(struct reader *reader, struct rxr_arg *out)
{
	out->kind = RXR_ARG_BOOL;
	out->as.truth = reader->text.ptr[reader->pos] == 't';
	return read_word(reader, out->as.truth ? "true" : "false");
}

/* What stands behind a type key. */
static bool read_keyed(struct reader *reader, int key, struct rxr_arg *out)
{
	int c = peek(reader);
	bool number = c == '-' || (c >= '0' && c <= '9');

	switch (key) {
	case KEY_STRING:
		out->kind = RXR_ARG_STRING;
		return c == '"' ? read_string(reader, &out->as.text) : wrong_type(reader, "a string");
	case KEY_INTEGER:
	case KEY_LONG:
		out->kind = RXR_ARG_INT;
		return number ? read_integer(reader, key == KEY_INTEGER, &out->as.number)
			      : wrong_type(reader, key == KEY_INTEGER ? "i32" : "i64");
	case KEY_DOUBLE:
		out->kind = RXR_ARG_FLOAT;
		return number ? read_float(reader, &out->as.real) : wrong_type(reader, "f64");
	case KEY_BOOLEAN:
		return c == 't' || c == 'f' ? read_boolean(reader, out) : wrong_type(reader, "a boolean");
	case KEY_LIST:
		return c == '[' ? read_members(reader, false, true, out) : wrong_type(reader, "a sequence");
	default:
		return c == '{' ? read_members(reader, true, true, out) : wrong_type(reader, "a map");
	}
}

/* Number of the type key, KEY_COUNT when it is none. */
static int type_key(struct rexi_str name)
{
	int key = 0;

	while (key < KEY_COUNT && !rx_str_eq(name, rx_str(type_keys[key])))
		key++;
	return key;
}

/* An object with exactly one type key. */
static bool read_typed(struct reader *reader, struct rxr_arg *out)
{
	int c = peek(reader), key;
	struct rexi_str name;
	size_t at = reader->pos;

	if (c == '"')
		return wrong_type(reader, "newtype variant");
	if (c != '{')
		return fail_at(reader, at, c < 0 ? "EOF while parsing a value" : "expected value");
	if (!enter(reader))
		return false;
	if (peek(reader) != '"')
		return fail_at(reader, reader->pos, reader->pos < reader->text.len ? "expected value" : "EOF while parsing an object");
	at = reader->pos;
	if (!read_string(reader, &name))
		return false;
	key = type_key(name);
	if (key == KEY_COUNT)
		return fail_at(reader, at,
			       "unknown variant `%.*s`, expected one of `stringValue`, `integerValue`, `longValue`, `doubleValue`, "
			       "`booleanValue`, `listValue`, `mapValue`", (int)(name.len > 40 ? 40 : name.len), name.ptr);
	if (peek(reader) != ':')
		return fail_at(reader, reader->pos, "expected `:`");
	reader->pos++;
	if (!read_keyed(reader, key, out))
		return false;
	c = peek(reader);
	if (c != '}')
		return fail_at(reader, reader->pos, c < 0 ? "EOF while parsing an object" : "expected value");
	reader->pos++;
	reader->depth--;
	return true;
}

/* True when an object begins here whose first key is a type key: then it is read as a typed value. */
static bool looks_typed(struct reader *reader)
{
	for (int key = 0; key < KEY_COUNT; key++) {
		size_t at = reader->pos + 1;

		while (at < reader->text.len && strchr(" \t\r\n", reader->text.ptr[at]) && reader->text.ptr[at])
			at++;
		if (at < reader->text.len && reader->text.ptr[at] == '"' &&
		    rx_str_starts(rx_str_sub(reader->text, at + 1, SIZE_MAX), rx_str(type_keys[key])) &&
		    rx_str_starts(rx_str_sub(reader->text, at + 1 + strlen(type_keys[key]), 1), RX_STR("\"")))
			return true;
	}
	return false;
}

/* A value by JSON's own types. */
static bool read_value(struct reader *reader, struct rxr_arg *out)
{
	int c = peek(reader);
	struct rexi_str text;
	size_t at = reader->pos;
	bool whole;

	switch (c) {
	case '"':
		out->kind = RXR_ARG_STRING;
		return read_string(reader, &out->as.text);
	case '{':
		return !reader->plain && looks_typed(reader) ? read_typed(reader, out) : read_members(reader, true, false, out);
	case '[':
		return read_members(reader, false, false, out);
	case 't':
	case 'f':
		return read_boolean(reader, out);
	case 'n':
		out->kind = RXR_ARG_UNIT;
		return read_word(reader, "null");
	case -1:
		return fail_at(reader, at, "EOF while parsing a value");
	default:
		if (c != '-' && (c < '0' || c > '9'))
			return fail_at(reader, at, "expected value");
		if (!scan_number(reader, &text, &whole))
			return false;
		reader->pos = at;
		out->kind = whole ? RXR_ARG_INT : RXR_ARG_FLOAT;
		return whole ? read_integer(reader, false, &out->as.number) : read_float(reader, &out->as.real);
	}
}

/* ---- the arguments ---- */

void rxr_args_init(struct rxr_args *args, struct rx_arena *arena)
{
	*args = (struct rxr_args){ .arena = arena };
}

void rxr_args_set(struct rxr_args *args, struct rxr_arg *made)
{
	struct rxr_arg **link = &args->first;

	while (*link && !rx_str_eq((*link)->name, made->name))
		link = &(*link)->next;
	made->next = *link ? (*link)->next : NULL;
	args->count += !*link;
	*link = made;
}

bool rxr_args_read(struct rxr_args *args, struct rexi_str json, bool typed, char complaint[256])
{
	struct reader reader = { args->arena, json, 0, 0, args->plain, complaint };
	struct rxr_arg top = { .kind = RXR_ARG_UNIT };

	if (peek(&reader) != '{')
		return wrong_type(&reader, "a map");
	if (!read_members(&reader, true, typed, &top))
		return false;
	if (peek(&reader) >= 0)
		return fail_at(&reader, reader.pos, "trailing characters");
	if (top.as.members.count + args->count > ARGUMENTS_MAX)
		return fail_at(&reader, json.len, "more than %d script arguments", ARGUMENTS_MAX);
	for (struct rxr_arg *arg = top.as.members.first, *next; arg; arg = next) {
		next = arg->next;
		rxr_args_set(args, arg);
	}
	return true;
}

bool rxr_args_is_name(struct rexi_str name)
{
	static const char *const reserved[] = { "true", "false", "let", "const", "if", "else", "switch", "do", "while", "until",
		"loop", "for", "in", "continue", "break", "return", "throw", "try", "catch", "fn", "private", "import", "export",
		"as", "this", "is_shared", "eval", "Fn", "call", "curry", "print", "debug", "type_of", "is_def_var", "is_def_fn",
		"global", "null", "nil", "var", "static", "async", "await", "yield", "new", "use", "module", "package", "super",
		"with", "case", "default", "match", "void", "shared", "thread", "spawn", "go", "sync", "goto", "exit", "public",
		"protected", "extern", "is" };
	bool letter = false;

	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
			letter = true;
		else if (c != '_' && !(letter && c >= '0' && c <= '9'))
			return false;
	}
	for (size_t i = 0; i < RX_COUNT(reserved); i++) {
		if (rx_str_eq(name, rx_str(reserved[i])))
			return false;
	}
	return letter;
}

/* As much of a text as a complaint shows: whole characters, a hundred bytes at most. */
static int shown(struct rexi_str text)
{
	return (int)rx_utf8_valid(rx_str_sub(text, 0, 100));
}

bool rxr_args_word(struct rxr_args *args, struct rexi_str word, char complaint[256])
{
	size_t equals = rx_str_find(word, RX_STR("="), 0);
	struct rxr_arg *made = RX_ARENA_NEW(args->arena, struct rxr_arg);
	struct reader reader = { args->arena, { NULL, 0 }, 0, 0, false, complaint };

	if (!made)
		return out_of_memory(&reader);
	if (equals == SIZE_MAX) {
		snprintf(complaint, 256, "a script argument is NAME=VALUE, found '%.*s'", shown(word), word.ptr);
		return false;
	}
	made->name = rx_str_sub(word, 0, equals);
	if (!rxr_args_is_name(made->name)) {
		snprintf(complaint, 256, "'%.*s' cannot be the name of a script argument", shown(made->name), made->name.ptr);
		return false;
	}
	reader.text = rx_str_sub(word, equals + 1, word.len);
	if (!read_value(&reader, made) || peek(&reader) >= 0) {
		made->kind = RXR_ARG_STRING;
		made->as.text = reader.text;
	}
	rxr_args_set(args, made);
	return true;
}

const struct rxr_arg *rxr_args_too_deep(const struct rxr_args *args)
{
	for (const struct rxr_arg *arg = args->first; arg; arg = arg->next) {
		if (arg->kind != RXR_ARG_LIST && arg->kind != RXR_ARG_MAP)
			continue;
		for (const struct rxr_arg *member = arg->as.members.first; member; member = member->next) {
			if ((member->kind == RXR_ARG_LIST || member->kind == RXR_ARG_MAP) && member->as.members.count)
				return arg;
		}
	}
	return NULL;
}
