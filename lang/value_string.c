/* Strings: short ones in the value, long ones counted; joined and appended to. */
#include <config.h>

#include "lang/value.h"

#include <string.h>

#include "base/utf8.h"
#include "base/banned.h"

static char *text_bytes(struct rxl_value *value)
{
	return (char *)value + offsetof(struct rxl_value, text);
}

enum rexi_status rxl_string_make(struct rxl_heap *heap, size_t len, struct rxl_value *out, char **bytes)
{
	struct rxl_string *string;
	size_t size;

	if (len > heap->max_string) {
		heap->too_large = "Length of string";
		return REXI_LIMIT;
	}
	if (len <= RXL_TEXT_MAX) {
		memset(out, 0, sizeof(*out));
		out->type = RXL_TEXT;
		out->len = (uint8_t)len;
		*bytes = text_bytes(out);
		return REXI_OK;
	}
	if (len > UINT32_MAX / 2)
		return REXI_NO_MEMORY;
	size = (sizeof(*string) + len + 15) & ~(size_t)15;
	string = rxl_heap_take(heap, size);
	if (!string)
		return REXI_NO_MEMORY;
	string->head = (struct rxl_object){ .refs = 1, .kind = RXL_STRING };
	string->len = (uint32_t)len;
	string->cap = (uint32_t)(size - sizeof(*string));
	*out = (struct rxl_value){ .type = RXL_STRING, .as.string = string };
	*bytes = string->bytes;
	return REXI_OK;
}

enum rexi_status rxl_string_new(struct rxl_heap *heap, struct rexi_str text, struct rxl_value *out)
{
	char *bytes;

	if (text.len <= RXL_TEXT_MAX && text.len <= heap->max_string) {
		rxl_words_put(out, rxl_short_words(rxl_short_load(text.ptr, text.len), text.len));
		return REXI_OK;
	}
	RX_TRY(rxl_string_make(heap, text.len, out, &bytes));
	memcpy(bytes, text.ptr, text.len);
	return REXI_OK;
}

enum rexi_status rxl_string_join(struct rxl_heap *heap, struct rexi_str a, struct rexi_str b, struct rxl_value *out)
{
	struct rxl_value made;
	size_t len = a.len + b.len;
	char *bytes;

	if (len <= RXL_TEXT_MAX && len <= heap->max_string) {
		rxl_words_put(out, rxl_short_words(rxl_short_load(a.ptr, a.len) | rxl_short_load(b.ptr, b.len) << 8 * a.len, len));
		return REXI_OK;
	}
	RX_TRY(rxl_string_make(heap, len, &made, &bytes));
	if (a.len)
		memcpy(bytes, a.ptr, a.len);
	if (b.len)
		memcpy(bytes + a.len, b.ptr, b.len);
	*out = made;
	return REXI_OK;
}

/* The decimal digits of a number as the bytes of a short string; their count, 0 when there are more than `most`. */
static size_t short_digits(int64_t i, size_t most, rx_u128 *out)
{
	static const uint32_t powers[] = { 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000 };
	uint64_t rest = i < 0 ? 0 - (uint64_t)i : (uint64_t)i;
	size_t len = i < 0;
	rx_u128 bytes = 0;

	if (most <= len || most - len >= RX_COUNT(powers) || rest >= powers[most - len])
		return 0;
	do {
		bytes = bytes << 8 | (unsigned char)('0' + (uint32_t)rest % 10);
		len++;
		rest = (uint32_t)rest / 10;
	} while (rest);
	*out = i < 0 ? bytes << 8 | '-' : bytes;
	return len;
}

bool rxl_short_join(const struct rxl_heap *heap, const struct rxl_value *a, const struct rxl_value *b, struct rxl_value *out)
{
	rx_u128 bytes = 0;
	size_t len;

	if (a->type != RXL_TEXT)
		return false;
	if (b->type == RXL_TEXT) {
		len = b->len;
		bytes = rxl_short_bytes(b);
	} else if (b->type == RXL_CHAR && b->as.c < 0x80) {
		len = 1;
		bytes = b->as.c;
	} else if (b->type == RXL_INT) {
		len = short_digits(b->as.i, RXL_TEXT_MAX - (size_t)a->len, &bytes);
		if (len == 0)
			return false;
	} else {
		return false;
	}
	len += a->len;
	if (len > RXL_TEXT_MAX || len > heap->max_string)
		return false;
	rxl_words_put(out, rxl_short_words(rxl_short_bytes(a) | bytes << 8 * a->len, len));
	return true;
}

enum rexi_status rxl_string_from_buf(struct rxl_heap *heap, struct rx_buf *buf, struct rxl_value *out)
{
	enum rexi_status status = REXI_NO_MEMORY;

	if (!buf->failed) {
		status = rxl_string_new(heap, rx_buf_view(buf), out);
	} else if (buf->limit <= heap->max_string && heap->max_string != SIZE_MAX) {
		heap->too_large = "Length of string";
		status = REXI_LIMIT;
	}
	rx_buf_fini(buf);
	return status;
}

bool rxl_string_is_ascii(const struct rxl_value *value)
{
	struct rxl_object *head;

	if (value->type == RXL_TEXT)
		return rx_utf8_is_ascii(rxl_string_view(value));
	head = &value->as.string->head;
	if (!(head->flags & (RXL_STRING_ASCII | RXL_STRING_WIDE)))
		head->flags |= rx_utf8_is_ascii(rxl_string_view(value)) ? RXL_STRING_ASCII : RXL_STRING_WIDE;
	return head->flags & RXL_STRING_ASCII;
}

size_t rxl_string_chars(const struct rxl_value *value)
{
	struct rexi_str text = rxl_string_view(value);

	return rxl_string_is_ascii(value) ? text.len : rx_utf8_count(text);
}

/* Copies up to 16 bytes, by two moves that overlap; true when all of them are ASCII. */
RX_INLINE bool copy_few(char *to, const char *from, size_t len)
{
	if (len >= 8) {
		uint64_t first, last;

		memcpy(&first, from, 8);
		memcpy(&last, from + len - 8, 8);
		memcpy(to, &first, 8);
		memcpy(to + len - 8, &last, 8);
		return !((first | last) & UINT64_C(0x8080808080808080));
	}
	if (len >= 4) {
		uint32_t first, last;

		memcpy(&first, from, 4);
		memcpy(&last, from + len - 4, 4);
		memcpy(to, &first, 4);
		memcpy(to + len - 4, &last, 4);
		return !((first | last) & 0x80808080U);
	}
	to[0] = from[0];
	to[len / 2] = from[len / 2];
	to[len - 1] = from[len - 1];
	return !((from[0] | from[len / 2] | from[len - 1]) & 0x80);
}

enum rexi_status rxl_string_append(struct rxl_heap *heap, struct rxl_value *value, struct rexi_str text)
{
	struct rxl_string *string;
	struct rxl_value joined;
	size_t need, cap;

	if (text.len == 0)
		return REXI_OK;
	string = value->as.string;
	if (value->type != RXL_STRING || string->head.refs != 1 || text.len > UINT32_MAX / 2 ||
	    (text.ptr >= string->bytes && text.ptr <= string->bytes + string->len)) {
		RX_TRY(rxl_string_join(heap, rxl_string_view(value), text, &joined));
		joined.tag = value->tag;
		rxl_value_set(heap, value, joined);
		return REXI_OK;
	}
	need = string->len + text.len;
	if (need > heap->max_string) {
		heap->too_large = "Length of string";
		return REXI_LIMIT;
	}
	if (need > string->cap) {
		if (need > UINT32_MAX / 2)
			return REXI_NO_MEMORY;
		cap = (size_t)string->cap + string->cap / 2 + 16;
		if (cap < need)
			cap = need;
		cap = ((sizeof(*string) + cap + 15) & ~(size_t)15) - sizeof(*string);
		string = rxl_heap_resize(heap, string, sizeof(*string) + string->cap, sizeof(*string) + cap);
		if (!string)
			return REXI_NO_MEMORY;
		string->cap = (uint32_t)cap;
		value->as.string = string;
	}
	if (text.len <= 16) {
		if (!copy_few(string->bytes + string->len, text.ptr, text.len) && (string->head.flags & RXL_STRING_ASCII))
			string->head.flags = RXL_STRING_WIDE;
	} else {
		if ((string->head.flags & RXL_STRING_ASCII) && !rx_utf8_is_ascii(text))
			string->head.flags = RXL_STRING_WIDE;
		memcpy(string->bytes + string->len, text.ptr, text.len);
	}
	string->len = (uint32_t)need;
	return REXI_OK;
}
