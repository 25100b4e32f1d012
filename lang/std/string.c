/* Strings and characters: measuring, changing, searching. spec 8.7; parts of strings are in text_parts.c */
#include <config.h>

#include "base/unicode.h"
#include "base/utf8.h"
#include "lang/operators.h"
#include "lang/std/text.h"

static enum rexi_status set_text(struct rxl_call *call, struct rxl_value *self, struct rexi_str text)
{
	struct rxl_value fresh;

	RX_TRY(rxl_string_new(call->heap, text, &fresh));
	fresh.tag = self->tag;
	rxl_value_set(call->heap, self, fresh);
	return REXI_OK;
}

enum rexi_status rxl_std_text_keep(struct rxl_call *call, struct rxl_value *self, size_t from, size_t len)
{
	struct rexi_str text = rxl_string_view(self);

	if (len == text.len)
		return REXI_OK;
	if (from == 0 && self->type == RXL_STRING && self->as.string->head.refs == 1 && len > RXL_TEXT_MAX) {
		self->as.string->len = (uint32_t)len;
		self->as.string->head.flags &= (uint8_t)~RXL_STRING_WIDE; /* may be ASCII now */
		return REXI_OK;
	}
	return set_text(call, self, rx_str_sub(text, from, len));
}

/* ---- joining ---------------------------------------------------------------------------------------------------- */

STD_NATIVE(plus)
{
	return rxl_operator_concat(call, self, &args[0], out);
}

STD_NATIVE(append)
{
	return rxl_operator_append(call, self, &args[0]);
}

/* ---- measuring -------------------------------------------------------------------------------------------------- */

STD_NATIVE(len)
{
	*out = rxl_int((int64_t)rxl_string_chars(self));
	return REXI_OK;
}

STD_NATIVE(bytes)
{
	*out = rxl_int((int64_t)rxl_string_view(self).len);
	return REXI_OK;
}

STD_NATIVE(is_empty)
{
	*out = rxl_bool(rxl_string_view(self).len == 0);
	return REXI_OK;
}

STD_NATIVE(to_blob)
{
	struct rexi_str text = rxl_string_view(self);

	return rxl_blob_new(call->heap, text.len ? text.ptr : NULL, text.len, out);
}

STD_NATIVE(to_chars)
{
	struct rexi_str text = rxl_string_view(self);
	size_t count = rxl_string_chars(self), at = 0;
	struct rxl_array *array;

	RX_TRY(rxl_array_new(call->heap, count, out));
	array = out->as.array;
	while (at < text.len)
		array->items[array->count++] = rxl_char(rx_utf8_next(text, &at));
	return REXI_OK;
}

/* ---- changing in place ------------------------------------------------------------------------------------------ */

STD_NATIVE(remove)
{
	char bytes[4];
	struct rxl_value left;

	RX_TRY(rxl_operator_without(call, self, std_text(&args[0], bytes), &left));
	left.tag = self->tag;
	rxl_value_set(call->heap, self, left);
	return REXI_OK;
}

STD_NATIVE(clear)
{
	return set_text(call, self, RX_STR(""));
}

STD_NATIVE(truncate)
{
	struct std_part part = { 0, args[0].as.i > 0 ? (size_t)args[0].as.i : 0 };

	return rxl_std_text_keep(call, self, 0, std_byte_at(self, part.count));
}

STD_NATIVE(trim)
{
	struct rexi_str text = rxl_string_view(self), inner = rx_unicode_trim(text);

	return rxl_std_text_keep(call, self, inner.len ? (size_t)(inner.ptr - text.ptr) : 0, inner.len);
}

STD_NATIVE(pop)
{
	struct rexi_str text = rxl_string_view(self);
	size_t at = text.len;

	if (at == 0)
		return REXI_OK;
	*out = rxl_char(rx_utf8_prev(text, &at));
	return rxl_std_text_keep(call, self, 0, at);
}

STD_NATIVE(pop_many)
{
	struct rexi_str text = rxl_string_view(self);
	size_t count = rxl_string_chars(self), at;

	if (args[0].as.i <= 0)
		return rxl_string_new(call->heap, RX_STR(""), out);
	at = std_byte_at(self, (uint64_t)args[0].as.i >= count ? 0 : count - (size_t)args[0].as.i);
	RX_TRY(rxl_string_new(call->heap, rx_str_sub(text, at, text.len), out));
	return rxl_std_text_keep(call, self, 0, at);
}

static enum rexi_status in_case(struct rxl_call *call, const struct rxl_value *self, bool upper, struct rxl_value *out)
{
	struct rexi_str text = rxl_string_view(self);
	struct rx_buf buf;

	rx_buf_init(&buf, &call->heap->memory, 0);
	rx_buf_reserve(&buf, text.len);
	if (upper)
		rx_unicode_upper_str(&buf, text);
	else
		rx_unicode_lower_str(&buf, text);
	return rxl_string_from_buf(call->heap, &buf, out);
}

STD_NATIVE(to_upper)
{
	return in_case(call, self, true, out);
}

STD_NATIVE(to_lower)
{
	return in_case(call, self, false, out);
}

STD_NATIVE(char_to_upper)
{
	*out = rxl_char(rx_unicode_upper(self->as.c));
	return REXI_OK;
}

STD_NATIVE(char_to_lower)
{
	*out = rxl_char(rx_unicode_lower(self->as.c));
	return REXI_OK;
}

static enum rexi_status make_case(struct rxl_call *call, struct rxl_value *self, bool upper)
{
	struct rxl_value fresh;

	RX_TRY(in_case(call, self, upper, &fresh));
	fresh.tag = self->tag;
	rxl_value_set(call->heap, self, fresh);
	return REXI_OK;
}

STD_NATIVE(make_upper)
{
	return make_case(call, self, true);
}

STD_NATIVE(make_lower)
{
	return make_case(call, self, false);
}

STD_NATIVE(char_make_upper)
{
	self->as.i = rx_unicode_upper(self->as.c);
	return REXI_OK;
}

STD_NATIVE(char_make_lower)
{
	self->as.i = rx_unicode_lower(self->as.c);
	return REXI_OK;
}

/* The string with bytes [from, to) replaced by `with`. */
static enum rexi_status set_between(struct rxl_call *call, struct rxl_value *self, size_t from, size_t to,
				    struct rexi_str with)
{
	struct rexi_str text = rxl_string_view(self);
	struct rxl_value fresh;
	char *bytes;

	RX_TRY(rxl_string_make(call->heap, from + with.len + (text.len - to), &fresh, &bytes));
	memcpy(bytes, text.ptr, from);
	memcpy(bytes + from, with.ptr, with.len);
	memcpy(bytes + from + with.len, text.ptr + to, text.len - to);
	fresh.tag = self->tag;
	rxl_value_set(call->heap, self, fresh);
	return REXI_OK;
}

STD_NATIVE(set)
{
	size_t at, from;
	char bytes[4];

	if (!std_index(args[0].as.i, rxl_string_chars(self), &at))
		return REXI_OK;
	from = std_byte_at(self, at);
	return set_between(call, self, from, from + std_text_step(rxl_string_view(self), from), std_text(&args[1], bytes));
}

STD_NATIVE(get)
{
	size_t at;

	if (!std_index(args[0].as.i, rxl_string_chars(self), &at))
		return REXI_OK;
	at = std_byte_at(self, at);
	*out = rxl_char(rx_utf8_next(rxl_string_view(self), &at));
	return REXI_OK;
}

/* How often `what` occurs, one after the other; an empty one before each character and at the end. */
static size_t occurrences(struct rexi_str text, struct rexi_str what)
{
	size_t count = 0;

	if (what.len == 0)
		return rx_utf8_count(text) + 1;
	for (size_t at = rx_str_find(text, what, 0); at != SIZE_MAX; at = rx_str_find(text, what, at + what.len))
		count++;
	return count;
}

STD_NATIVE(replace)
{
	char what_bytes[4], with_bytes[4], *to;
	struct rexi_str text = rxl_string_view(self), what = std_text(&args[0], what_bytes);
	struct rexi_str with = std_text(&args[1], with_bytes);
	size_t count = text.len ? occurrences(text, what) : 0, grown, size, from = 0;
	struct rxl_value fresh;

	if (count == 0)
		return REXI_OK;
	if (__builtin_mul_overflow(count, with.len, &grown) ||
	    __builtin_add_overflow(text.len - count * what.len, grown, &size) || !std_string_fits(call, size))
		return rxl_std_too_large(call, STD_TOO_LONG);
	RX_TRY(rxl_string_make(call->heap, size, &fresh, &to));
	for (; count; count--) {
		size_t at = what.len ? rx_str_find(text, what, from) : from;

		memcpy(to, text.ptr + from, at - from);
		to += at - from;
		memcpy(to, with.ptr, with.len);
		to += with.len;
		from = at + what.len;
		if (what.len == 0 && from < text.len) {
			size_t step = std_text_step(text, from);

			memcpy(to, text.ptr + from, step);
			to += step;
			from += step;
		}
	}
	memcpy(to, text.ptr + from, text.len - from);
	fresh.tag = self->tag;
	rxl_value_set(call->heap, self, fresh);
	return REXI_OK;
}

/* Copies of a text at the end until there are so many characters; the last one is cut. */
STD_NATIVE(pad)
{
	char bytes[4], *to;
	struct rexi_str text = rxl_string_view(self), with = std_text(&args[1], bytes);
	size_t count = rxl_string_chars(self), with_count = rx_utf8_count(with), whole, rest_len, size, more;
	struct rxl_value fresh;

	if (args[0].as.i <= 0 || (uint64_t)args[0].as.i <= count || with.len == 0)
		return REXI_OK;
	more = (size_t)args[0].as.i - count;
	whole = more / with_count;
	rest_len = rx_utf8_offset(with, more % with_count);
	if (__builtin_mul_overflow(whole, with.len, &size) || __builtin_add_overflow(size, text.len + rest_len, &size) ||
	    !std_string_fits(call, size))
		return rxl_std_too_large(call, STD_TOO_LONG);
	RX_TRY(rxl_string_make(call->heap, size, &fresh, &to));
	memcpy(to, text.ptr, text.len);
	to += text.len;
	if (with.len == 1)
		memset(to, with.ptr[0], whole);
	else
		for (size_t i = 0; i < whole; i++)
			memcpy(to + i * with.len, with.ptr, with.len);
	memcpy(to + whole * with.len, with.ptr, rest_len);
	fresh.tag = self->tag;
	rxl_value_set(call->heap, self, fresh);
	return REXI_OK;
}

/* ---- searching -------------------------------------------------------------------------------------------------- */

STD_NATIVE(contains)
{
	char bytes[4];

	*out = rxl_bool(rx_str_find(rxl_string_view(self), std_text(&args[0], bytes), 0) != SIZE_MAX);
	return REXI_OK;
}

STD_NATIVE(starts_with)
{
	char bytes[4];

	*out = rxl_bool(rx_str_starts(rxl_string_view(self), std_text(&args[0], bytes)));
	return REXI_OK;
}

STD_NATIVE(ends_with)
{
	char bytes[4];

	*out = rxl_bool(rx_str_ends(rxl_string_view(self), std_text(&args[0], bytes)));
	return REXI_OK;
}

STD_NATIVE(index_of)
{
	char bytes[4];
	struct rexi_str text = rxl_string_view(self);
	size_t start = 0, at;

	*out = rxl_int(-1);
	if (text.len == 0)
		return REXI_OK;
	if (argc > 1) {
		start = std_byte_at(self, std_offset(args[1].as.i, rxl_string_chars(self)));
		if (start == text.len)
			return REXI_OK;
	}
	at = rx_str_find(text, std_text(&args[0], bytes), start);
	if (at != SIZE_MAX)
		*out = rxl_int((int64_t)(rxl_string_is_ascii(self) ? at : rx_utf8_count(rx_str_sub(text, 0, at))));
	return REXI_OK;
}

#define JOIN_HELP "the texts of both, one after the other"
#define APPEND_HELP "add the text of a value at the end"
#define REMOVE_HELP "remove all occurrences"
#define FIND_HELP "position of the first occurrence, -1 when there is none"
#define FIND_FROM_HELP "position of the first occurrence at or after a position, -1 when there is none"
#define REPLACE_HELP "replace all occurrences of the first by the second"

static const struct rxl_native rows[] = {
	{ "+", "string ?", plus, RXL_REF, JOIN_HELP, NULL },
	{ "+", "? string", plus, RXL_REF, JOIN_HELP, NULL },
	{ "+", "string string", plus, RXL_REF, JOIN_HELP, NULL },
	{ "+", "string char", plus, RXL_REF, JOIN_HELP, NULL },
	{ "+", "char string", plus, RXL_REF, JOIN_HELP, NULL },
	{ "+", "string ()", plus, RXL_REF, "the string itself", NULL },
	{ "+", "() string", plus, RXL_REF, "the string itself", NULL },
	{ "+", "string blob", plus, RXL_REF, "the string and the blob's bytes as UTF-8", NULL },
	{ "+", "blob string", plus, RXL_REF, "the blob's bytes as UTF-8 and the string", NULL },
	{ "+=", "string ?", append, RXL_MUT, APPEND_HELP, NULL },
	{ "+=", "string string", append, RXL_MUT, APPEND_HELP, NULL },
	{ "+=", "string char", append, RXL_MUT, APPEND_HELP, NULL },
	{ "+=", "string ()", append, RXL_MUT, "nothing", NULL },
	{ "+=", "string blob", append, RXL_MUT, "add the blob's bytes as UTF-8 at the end", NULL },
	{ "append", "string ?", append, RXL_MUT, APPEND_HELP, NULL },
	{ "append", "string blob", append, RXL_MUT, "add the blob's bytes as UTF-8 at the end", NULL },
	{ "len", "string", len, RXL_PURE, "number of characters", NULL },
	{ "get$len", "string", len, RXL_PURE, "number of characters", NULL },
	{ "bytes", "string", bytes, RXL_PURE, "number of bytes in UTF-8", NULL },
	{ "get$bytes", "string", bytes, RXL_PURE, "number of bytes in UTF-8", NULL },
	{ "is_empty", "string", is_empty, RXL_PURE | RXL_BRIEF, "is it without characters?", NULL },
	{ "get$is_empty", "string", is_empty, RXL_PURE, "is it without characters?", NULL },
	{ "to_blob", "string", to_blob, RXL_PURE, "its bytes in UTF-8", NULL },
	{ "to_chars", "string", to_chars, RXL_PURE, "its characters as an array", NULL },
	{ "remove", "string string", remove, RXL_MUT, REMOVE_HELP, NULL },
	{ "remove", "string char", remove, RXL_MUT, REMOVE_HELP, NULL },
	{ "clear", "string", clear, RXL_MUT, "make it empty", NULL },
	{ "truncate", "string int", truncate, RXL_MUT, "keep so many characters from the start", NULL },
	{ "trim", "string", trim, RXL_MUT, "remove white space at both ends, in place", NULL },
	{ "pop", "string", pop, RXL_MUT, "remove the last character and give it; () when empty", NULL },
	{ "pop", "string int", pop_many, RXL_MUT, "remove so many characters at the end and give them", NULL },
	{ "to_upper", "string", to_upper, RXL_PURE, "in upper case", NULL },
	{ "to_lower", "string", to_lower, RXL_PURE, "in lower case", NULL },
	{ "to_upper", "char", char_to_upper, RXL_PURE, "in upper case, when that is one character", NULL },
	{ "to_lower", "char", char_to_lower, RXL_PURE, "in lower case, when that is one character", NULL },
	{ "make_upper", "string", make_upper, RXL_MUT, "turn into upper case, in place", NULL },
	{ "make_lower", "string", make_lower, RXL_MUT, "turn into lower case, in place", NULL },
	{ "make_upper", "char", char_make_upper, RXL_MUT, "turn into upper case, in place", NULL },
	{ "make_lower", "char", char_make_lower, RXL_MUT, "turn into lower case, in place", NULL },
	{ "contains", "string string", contains, RXL_PURE, "does the text occur in it?", NULL },
	{ "contains", "string char", contains, RXL_PURE, "does the character occur in it?", NULL },
	{ "starts_with", "string string", starts_with, RXL_PURE, "does it start with the text?", NULL },
	{ "starts_with", "string char", starts_with, RXL_PURE, "does it start with the character?", NULL },
	{ "ends_with", "string string", ends_with, RXL_PURE, "does it end with the text?", NULL },
	{ "ends_with", "string char", ends_with, RXL_PURE, "does it end with the character?", NULL },
	{ "index_of", "string string", index_of, RXL_PURE, FIND_HELP, NULL },
	{ "index_of", "string char", index_of, RXL_PURE, FIND_HELP, NULL },
	{ "index_of", "string string int", index_of, RXL_PURE, FIND_FROM_HELP, NULL },
	{ "index_of", "string char int", index_of, RXL_PURE, FIND_FROM_HELP, NULL },
	{ "get", "string int", get, RXL_PURE, "the character at a position, from the end when negative; () outside", NULL },
	{ "set", "string int char", set, RXL_MUT, "replace the character at a position; nothing outside", NULL },
	{ "replace", "string string string", replace, RXL_MUT, REPLACE_HELP, NULL },
	{ "replace", "string string char", replace, RXL_MUT, REPLACE_HELP, NULL },
	{ "replace", "string char string", replace, RXL_MUT, REPLACE_HELP, NULL },
	{ "replace", "string char char", replace, RXL_MUT, REPLACE_HELP, NULL },
	{ "pad", "string int char", pad, RXL_MUT, "add the character at the end up to a number of characters", NULL },
	{ "pad", "string int string", pad, RXL_MUT, "add the text at the end up to a number of characters", NULL },
};

STD_PACKAGE(rxl_std_string, "Strings and characters", rows);
