#include <config.h>

#include "cedar/json.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/utf8.h"

#include "base/banned.h"

struct reader {
	struct rx_arena *arena, *strings;
	struct rexi_str text;
	const char *at, *end;
	size_t depth, nesting;
	struct rexi_error *err;
	/* Items and members of the containers that are open; a container's are copied out when it closes. The outermost value
	 * is the first. What is read is written here at once: a copy of what was just written in parts would wait for it. */
	struct rxc_json_member *stack;
	size_t count, cap;
};

static enum rexi_status read_value(struct reader *reader, size_t slot);

static struct rexi_span span_from(const struct reader *reader, const char *start)
{
	return (struct rexi_span){ (uint32_t)(start - reader->text.ptr), (uint32_t)(reader->at - reader->text.ptr) };
}

RX_COLD static enum rexi_status malformed(struct reader *reader, const char *what)
{
	size_t at = (size_t)(reader->at - reader->text.ptr);
	struct rexi_span span = { (uint32_t)at, (uint32_t)(at < reader->text.len ? at + 1 : at) };
	enum rexi_status status = rx_fail(reader->err, REXI_SYNTAX, span, "%s", what);

	if (reader->err)
		rx_error_locate(reader->err, reader->text);
	return status;
}

RX_INLINE void skip_space(struct reader *reader)
{
	if (reader->at < reader->end && (unsigned char)*reader->at > ' ')
		return;
	while (reader->at < reader->end && (*reader->at == ' ' || *reader->at == '\n' || *reader->at == '\r' || *reader->at == '\t'))
		reader->at++;
}

/* ---- strings ------------------------------------------------------------------------------------------------------- */

static bool read_hex(struct reader *reader, uint32_t *out)
{
	uint32_t value = 0;

	if (reader->end - reader->at < 4)
		return false;
	for (unsigned i = 0; i < 4; i++) {
		char c = *reader->at++;

		if (c >= '0' && c <= '9')
			value = value * 16 + (uint32_t)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			value = value * 16 + (uint32_t)((c | 0x20) - 'a') + 10;
		else
			return false;
	}
	*out = value;
	return true;
}

/* at is after the backslash. */
static enum rexi_status read_escape(struct reader *reader, uint32_t *out)
{
	static const char names[] = "\"\"\\\\//b\bf\fn\nr\rt\t";
	uint32_t low;
	char c;

	if (reader->at >= reader->end)
		return malformed(reader, "end of input inside a string");
	c = *reader->at++;
	for (unsigned i = 0; i + 1 < sizeof(names); i += 2) {
		if (names[i] == c) {
			*out = (unsigned char)names[i + 1];
			return REXI_OK;
		}
	}
	if (c != 'u' || !read_hex(reader, out))
		return malformed(reader, "invalid escape in a string");
	if (*out < 0xD800 || *out > 0xDFFF)
		return REXI_OK;
	if (*out > 0xDBFF || reader->end - reader->at < 6 || reader->at[0] != '\\' || reader->at[1] != 'u')
		return malformed(reader, "lone surrogate in a string");
	reader->at += 2;
	if (!read_hex(reader, &low) || low < 0xDC00 || low > 0xDFFF)
		return malformed(reader, "lone surrogate in a string");
	*out = 0x10000 + ((*out - 0xD800) << 10) + (low - 0xDC00);
	return REXI_OK;
}

/* at is after the opening quote; the string has an escape. */
static enum rexi_status read_escaped(struct reader *reader, const char *start, struct rexi_str *out)
{
	const char *close = reader->at;
	size_t len = (size_t)(reader->at - start);
	char *copy;

	while (close < reader->end && *close != '"')
		close += *close == '\\' && close + 1 < reader->end ? 2 : 1;
	copy = rx_arena_bytes(reader->strings, (size_t)(close - start) + 4);
	if (!copy)
		return rx_fail_memory(reader->err);
	memcpy(copy, start, len);
	while (reader->at < reader->end && *reader->at != '"') {
		uint32_t code;

		if ((unsigned char)*reader->at < 0x20)
			return malformed(reader, "control character in a string");
		if (*reader->at != '\\') {
			copy[len++] = *reader->at++;
			continue;
		}
		reader->at++;
		RX_TRY(read_escape(reader, &code));
		len += rx_utf8_encode(copy + len, code);
	}
	if (reader->at >= reader->end)
		return malformed(reader, "end of input inside a string");
	reader->at++;
	*out = (struct rexi_str){ copy, len };
	return REXI_OK;
}

/* Eight bytes at a time: the lowest 0x80 marks the first that is a quote, a backslash or a control character. */
static const char *skip_plain(const char *at, const char *end)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	const uint64_t ones = UINT64_C(0x0101010101010101), tops = UINT64_C(0x8080808080808080);
	uint64_t word, quotes, slashes, found;

	while (RX_LIKELY(end - at >= 8)) {
		memcpy(&word, at, sizeof(word));
		quotes = word ^ ones * '"';
		slashes = word ^ ones * '\\';
		found = (((quotes - ones) & ~quotes) | ((slashes - ones) & ~slashes) | ((word - ones * 0x20) & ~word)) & tops;
		if (found)
			return at + __builtin_ctzll(found) / 8;
		at += 8;
	}
#else
	(void)end;
#endif
	return at;
}

/* at is on the opening quote. */
static enum rexi_status read_string(struct reader *reader, struct rexi_str *out)
{
	const char *start = ++reader->at, *at = skip_plain(start, reader->end);

	while (at < reader->end && *at != '"' && *at != '\\' && (unsigned char)*at >= 0x20)
		at++;
	reader->at = at;
	if (at >= reader->end)
		return malformed(reader, "end of input inside a string");
	if (*at == '\\')
		return read_escaped(reader, start, out);
	if (*at != '"')
		return malformed(reader, "control character in a string");
	*out = (struct rexi_str){ start, (size_t)(at - start) };
	reader->at++;
	return REXI_OK;
}

/* ---- numbers ------------------------------------------------------------------------------------------------------- */

static bool skip_digits(struct reader *reader)
{
	const char *start = reader->at;

	while (reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9')
		reader->at++;
	return reader->at > start;
}

static enum rexi_status read_number(struct reader *reader, struct rxc_json *out)
{
	const char *start = reader->at, *digits;
	bool negative = *start == '-', integer = true;
	int64_t value = 0;

	reader->at += negative;
	digits = reader->at;
	if (!skip_digits(reader) || (*digits == '0' && reader->at > digits + 1))
		return malformed(reader, "invalid number");
	for (const char *p = digits; p < reader->at && integer; p++)
		integer = !__builtin_mul_overflow(value, 10, &value) && !__builtin_sub_overflow(value, *p - '0', &value);
	if (!negative && value == INT64_MIN)
		integer = false;
	if (reader->at < reader->end && *reader->at == '.') {
		integer = false;
		reader->at++;
		if (!skip_digits(reader))
			return malformed(reader, "invalid number");
	}
	if (reader->at < reader->end && (*reader->at | 0x20) == 'e') {
		integer = false;
		reader->at++;
		if (reader->at < reader->end && (*reader->at == '+' || *reader->at == '-'))
			reader->at++;
		if (!skip_digits(reader))
			return malformed(reader, "invalid number");
	}
	if (negative && value == 0)
		integer = false; /* -0 is a floating-point number to the reference */
	out->kind = integer ? RXC_JSON_INTEGER : RXC_JSON_NUMBER;
	out->numbers = !integer;
	if (integer)
		out->integer = negative ? value : -value;
	else
		out->text = (struct rexi_str){ start, (size_t)(reader->at - start) };
	return REXI_OK;
}

/* ---- containers ---------------------------------------------------------------------------------------------------- */

static int by_key(const void *a, const void *b)
{
	const struct rxc_json_member *const *x = a, *const *y = b;

	return rx_str_cmp((*x)->key, (*y)->key);
}

static bool has_duplicate(struct reader *reader, const struct rxc_json_member *members, uint32_t count, bool *no_memory)
{
	enum { FEW = 12 };
	const struct rxc_json_member **sorted;
	bool found = false;

	if (count <= FEW) {
		for (uint32_t i = 1; i < count; i++)
			for (uint32_t k = 0; k < i; k++)
				if (members[i].key.len == members[k].key.len && rx_str_eq(members[i].key, members[k].key))
					return true;
		return false;
	}
	sorted = rx_memory_take(reader->arena->memory, count * sizeof(*sorted));
	if (!sorted) {
		*no_memory = true;
		return false;
	}
	for (uint32_t i = 0; i < count; i++)
		sorted[i] = &members[i];
	qsort(sorted, count, sizeof(*sorted), by_key);
	for (uint32_t i = 1; i < count && !found; i++)
		found = rx_str_eq(sorted[i - 1]->key, sorted[i]->key);
	rx_memory_give(reader->arena->memory, sorted, count * sizeof(*sorted));
	return found;
}

/* By key, repetitions in the order written. */
static int by_key_and_place(const void *a, const void *b)
{
	const struct rxc_json_member *const *x = a, *const *y = b;
	int order = rx_str_cmp((*x)->key, (*y)->key);

	return order ? order : (*x > *y) - (*x < *y);
}

/* Whether a member that counts, the last of its key, is or holds a number; false when memory refuses. */
static bool last_numbers(struct reader *reader, const struct rxc_json_member *members, uint32_t count, uint16_t *out)
{
	const struct rxc_json_member **sorted = rx_memory_take(reader->arena->memory, count * sizeof(*sorted));

	if (!sorted)
		return false;
	for (uint32_t i = 0; i < count; i++)
		sorted[i] = &members[i];
	qsort(sorted, count, sizeof(*sorted), by_key_and_place);
	*out = 0;
	for (uint32_t i = 0; i < count; i++)
		if (i + 1 == count || !rx_str_eq(sorted[i]->key, sorted[i + 1]->key))
			*out |= sorted[i]->value.numbers;
	rx_memory_give(reader->arena->memory, sorted, count * sizeof(*sorted));
	return true;
}

static enum rexi_status push(struct reader *reader)
{
	if (reader->count == reader->cap && !RX_GROW(reader->arena->memory, &reader->stack, &reader->cap, reader->count + 1))
		return rx_fail_memory(reader->err);
	reader->count++;
	return REXI_OK;
}

/* The items are reader->stack[base..]; the container goes to reader->stack[slot]. */
static enum rexi_status close_container(struct reader *reader, size_t slot, size_t base)
{
	struct rxc_json *out = &reader->stack[slot].value;
	size_t count = reader->count - base;
	bool no_memory = false;

	if (count > UINT32_MAX / 2)
		return rx_fail(reader->err, REXI_LIMIT, RX_NO_SPAN, "too many items");
	out->count = (uint32_t)count;
	if (out->kind == RXC_JSON_OBJECT) {
		out->members = rx_arena_bytes(reader->arena, count * sizeof(*out->members) + 1);
		if (!out->members)
			return rx_fail_memory(reader->err);
		if (count)
			memcpy(out->members, reader->stack + base, count * sizeof(*out->members));
		out->duplicate = has_duplicate(reader, out->members, out->count, &no_memory) ? RXC_JSON_REPEATS : 0;
	} else {
		out->items = rx_arena_bytes(reader->arena, count * sizeof(*out->items) + 1);
		if (!out->items)
			return rx_fail_memory(reader->err);
		for (size_t i = 0; i < count; i++)
			out->items[i] = reader->stack[base + i].value;
	}
	for (size_t i = 0; i < count; i++) {
		out->numbers |= reader->stack[base + i].value.numbers;
		out->duplicate |= reader->stack[base + i].value.duplicate ? RXC_JSON_REPEATS_BELOW : 0;
	}
	if (out->duplicate & RXC_JSON_REPEATS)
		no_memory |= !last_numbers(reader, out->members, out->count, &out->numbers);
	reader->count = base;
	return no_memory ? rx_fail_memory(reader->err) : REXI_OK;
}

/* at is on the opening bracket. */
static enum rexi_status read_container(struct reader *reader, size_t slot, char closing)
{
	size_t base = reader->count;

	if (++reader->depth > reader->nesting)
		return rx_fail(reader->err, REXI_LIMIT, span_from(reader, reader->at), "JSON is nested deeper than %zu levels", reader->nesting);
	reader->at++;
	skip_space(reader);
	if (reader->at < reader->end && *reader->at == closing) {
		reader->at++;
		reader->depth--;
		return close_container(reader, slot, base);
	}
	for (;;) {
		RX_TRY(push(reader));
		if (closing == '}') {
			struct rxc_json_member *member = &reader->stack[reader->count - 1];
			const char *start = reader->at;

			if (reader->at >= reader->end || *reader->at != '"')
				return malformed(reader, "expected a key in quotes");
			RX_TRY(read_string(reader, &member->key));
			member->span = span_from(reader, start);
			skip_space(reader);
			if (reader->at >= reader->end || *reader->at != ':')
				return malformed(reader, "expected `:`");
			reader->at++;
		}
		RX_TRY(read_value(reader, reader->count - 1));
		skip_space(reader);
		if (reader->at < reader->end && *reader->at == ',') {
			reader->at++;
			skip_space(reader);
			continue;
		}
		if (reader->at >= reader->end || *reader->at != closing)
			return malformed(reader, closing == '}' ? "expected `,` or `}`" : "expected `,` or `]`");
		reader->at++;
		reader->depth--;
		return close_container(reader, slot, base);
	}
}

static enum rexi_status read_word(struct reader *reader, struct rexi_str word)
{
	if ((size_t)(reader->end - reader->at) < word.len || memcmp(reader->at, word.ptr, word.len) != 0)
		return malformed(reader, "expected a JSON value");
	reader->at += word.len;
	return REXI_OK;
}

/* Into reader->stack[slot]. */
static enum rexi_status read_value(struct reader *reader, size_t slot)
{
	struct rxc_json *out = &reader->stack[slot].value;
	const char *start;

	skip_space(reader);
	start = reader->at;
	*out = (struct rxc_json){ .kind = RXC_JSON_NULL };
	if (reader->at >= reader->end)
		return malformed(reader, "unexpected end of input");
	switch (*reader->at) {
	case '{':
		out->kind = RXC_JSON_OBJECT;
		RX_TRY(read_container(reader, slot, '}'));
		out = &reader->stack[slot].value; /* the stack may have moved */
		break;
	case '[':
		out->kind = RXC_JSON_ARRAY;
		RX_TRY(read_container(reader, slot, ']'));
		out = &reader->stack[slot].value;
		break;
	case '"':
		out->kind = RXC_JSON_STRING;
		RX_TRY(read_string(reader, &out->text));
		break;
	case 't':
		out->kind = RXC_JSON_TRUE;
		RX_TRY(read_word(reader, RX_STR("true")));
		break;
	case 'f':
		out->kind = RXC_JSON_FALSE;
		RX_TRY(read_word(reader, RX_STR("false")));
		break;
	case 'n':
		RX_TRY(read_word(reader, RX_STR("null")));
		break;
	case '-': case '0': case '1': case '2': case '3': case '4': case '5': case '6': case '7': case '8': case '9':
		RX_TRY(read_number(reader, out));
		break;
	default:
		return malformed(reader, "expected a JSON value");
	}
	out->span = span_from(reader, start);
	return REXI_OK;
}

enum rexi_status rxc_json_parse(struct rx_arena *arena, struct rexi_str text, size_t nesting, struct rxc_json *out, struct rexi_error *err)
{
	return rxc_json_parse_into(arena, arena, text, nesting, out, err);
}

enum rexi_status rxc_json_parse_into(struct rx_arena *arena, struct rx_arena *strings, struct rexi_str text, size_t nesting,
				     struct rxc_json *out, struct rexi_error *err)
{
	return rxc_json_parse_items(arena, strings, text, nesting, NULL, NULL, out, err);
}

/* The items of the outermost array, one after the other in the same memory. */
static enum rexi_status read_items(struct reader *reader, rxc_json_item_fn each, void *user, struct rxc_json *out)
{
	*out = (struct rxc_json){ .kind = RXC_JSON_ARRAY };
	if (++reader->depth > reader->nesting)
		return rx_fail(reader->err, REXI_LIMIT, span_from(reader, reader->at), "JSON is nested deeper than %zu levels", reader->nesting);
	reader->at++;
	skip_space(reader);
	if (reader->at < reader->end && *reader->at == ']') {
		reader->at++;
		return REXI_OK;
	}
	for (;;) {
		RX_TRY(read_value(reader, 0));
		each(user, &reader->stack[0].value);
		rx_arena_reset(reader->arena);
		if (out->count++ > UINT32_MAX / 2)
			return rx_fail(reader->err, REXI_LIMIT, RX_NO_SPAN, "too many items");
		skip_space(reader);
		if (reader->at >= reader->end || (*reader->at != ',' && *reader->at != ']'))
			return malformed(reader, "expected `,` or `]`");
		if (*reader->at++ == ']')
			return REXI_OK;
		skip_space(reader);
	}
}

enum rexi_status rxc_json_parse_items(struct rx_arena *arena, struct rx_arena *strings, struct rexi_str text, size_t nesting,
				      rxc_json_item_fn each, void *user, struct rxc_json *out, struct rexi_error *err)
{
	struct reader reader = { .arena = arena, .strings = strings, .text = text, .at = text.ptr, .end = text.ptr + text.len, .nesting = nesting, .err = err };
	size_t valid = rx_utf8_valid(text);
	enum rexi_status status;

	if (text.len >= UINT32_MAX)
		return rx_fail(err, REXI_LIMIT, RX_NO_SPAN, "the text is too long");
	if (valid < text.len) {
		reader.at += valid;
		return malformed(&reader, "the text is not valid UTF-8");
	}
	status = push(&reader);
	skip_space(&reader);
	if (status == REXI_OK && each && reader.at < reader.end && *reader.at == '[') {
		status = read_items(&reader, each, user, out);
	} else if (status == REXI_OK) {
		status = read_value(&reader, 0);
		*out = reader.stack[0].value;
	}
	skip_space(&reader);
	if (status == REXI_OK && reader.at < reader.end)
		status = malformed(&reader, "trailing characters");
	rx_memory_give(arena->memory, reader.stack, reader.cap * sizeof(*reader.stack));
	return status;
}

/* Leaves the last member of each key, in their order. */
static bool drop_repeated(struct rxc_json *object, struct rx_memory *memory)
{
	const struct rxc_json_member **sorted = rx_memory_take(memory, object->count * sizeof(*sorted));
	uint32_t kept = 0;

	if (!sorted)
		return false;
	for (uint32_t i = 0; i < object->count; i++)
		sorted[i] = &object->members[i];
	qsort(sorted, object->count, sizeof(*sorted), by_key_and_place);
	for (uint32_t i = 0; i + 1 < object->count; i++)
		if (rx_str_eq(sorted[i]->key, sorted[i + 1]->key))
			object->members[sorted[i] - object->members].key.ptr = NULL;
	for (uint32_t i = 0; i < object->count; i++)
		if (object->members[i].key.ptr)
			object->members[kept++] = object->members[i];
	rx_memory_give(memory, sorted, object->count * sizeof(*sorted));
	object->count = kept;
	return true;
}

bool rxc_json_last_wins(struct rxc_json *json, struct rx_memory *memory)
{
	bool good = !(json->duplicate & RXC_JSON_REPEATS) || drop_repeated(json, memory);

	for (uint32_t i = 0; good && json->duplicate && i < json->count; i++)
		good = rxc_json_last_wins(json->kind == RXC_JSON_OBJECT ? &json->members[i].value : &json->items[i], memory);
	json->duplicate = 0;
	return good;
}

const struct rxc_json *rxc_json_get(const struct rxc_json *object, const char *key)
{
	struct rexi_str name;

	if (!rxc_json_is(object, RXC_JSON_OBJECT))
		return NULL;
	name = rx_str(key);
	for (uint32_t i = object->count; i-- > 0;)
		if (rx_str_same(object->members[i].key, name))
			return &object->members[i].value;
	return NULL;
}

void rxc_json_print(struct rx_buf *buf, const struct rxc_json *json)
{
	switch ((enum rxc_json_kind)json->kind) {
	case RXC_JSON_NULL: RX_BUF_LIT(buf, "null"); return;
	case RXC_JSON_FALSE: RX_BUF_LIT(buf, "false"); return;
	case RXC_JSON_TRUE: RX_BUF_LIT(buf, "true"); return;
	case RXC_JSON_INTEGER: rx_buf_i64(buf, json->integer); return;
	case RXC_JSON_NUMBER: rx_buf_str(buf, json->text); return;
	case RXC_JSON_STRING: rx_buf_json_string(buf, json->text); return;
	case RXC_JSON_ARRAY:
		rx_buf_byte(buf, '[');
		for (uint32_t i = 0; i < json->count; i++) {
			if (i)
				rx_buf_byte(buf, ',');
			rxc_json_print(buf, &json->items[i]);
		}
		rx_buf_byte(buf, ']');
		return;
	case RXC_JSON_OBJECT:
		rx_buf_byte(buf, '{');
		for (uint32_t i = 0; i < json->count; i++) {
			if (i)
				rx_buf_byte(buf, ',');
			rx_buf_json_string(buf, json->members[i].key);
			rx_buf_byte(buf, ':');
			rxc_json_print(buf, &json->members[i].value);
		}
		rx_buf_byte(buf, '}');
		return;
	}
	rx_unreachable();
}
