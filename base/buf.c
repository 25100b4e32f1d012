#include <config.h>

#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/utf8.h"

void rx_buf_init(struct rx_buf *buf, struct rx_memory *memory, size_t limit)
{
	*buf = (struct rx_buf){ .memory = memory, .limit = limit ? limit : SIZE_MAX - 1 };
}

void rx_buf_fini(struct rx_buf *buf)
{
	rx_memory_give(buf->memory, buf->ptr, buf->cap);
	buf->ptr = NULL;
	buf->len = buf->cap = 0;
}

bool rx_buf_reserve(struct rx_buf *buf, size_t more)
{
	size_t need, cap = buf->cap < 32 ? 64 : buf->cap * 2;
	char *fresh;

	if (buf->failed)
		return false;
	if (__builtin_add_overflow(buf->len, more, &need) || need > buf->limit) {
		buf->failed = true;
		return false;
	}
	if (need <= buf->cap)
		return true;
	if (cap < need)
		cap = need;
	fresh = rx_memory_resize(buf->memory, buf->ptr, buf->cap, cap);
	if (!fresh) {
		buf->failed = true;
		return false;
	}
	buf->ptr = fresh;
	buf->cap = cap;
	return true;
}

void rx_buf_bytes(struct rx_buf *buf, const void *bytes, size_t len)
{
	if (!rx_buf_reserve(buf, len) || len == 0)
		return;
	memcpy(buf->ptr + buf->len, bytes, len);
	buf->len += len;
}

void rx_buf_str(struct rx_buf *buf, struct rexi_str text)
{
	rx_buf_bytes(buf, text.ptr, text.len);
}

void rx_buf_repeat(struct rx_buf *buf, char byte, size_t count)
{
	if (!rx_buf_reserve(buf, count) || count == 0)
		return;
	memset(buf->ptr + buf->len, byte, count);
	buf->len += count;
}

void rx_buf_char(struct rx_buf *buf, uint32_t code)
{
	char bytes[4];

	rx_buf_bytes(buf, bytes, rx_utf8_encode(bytes, code));
}

void rx_buf_u64(struct rx_buf *buf, uint64_t number)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	rx_buf_bytes(buf, digits + at, sizeof(digits) - at);
}

void rx_buf_i64(struct rx_buf *buf, int64_t number)
{
	if (number < 0)
		rx_buf_byte(buf, '-');
	rx_buf_u64(buf, number < 0 ? 0 - (uint64_t)number : (uint64_t)number);
}

void rx_buf_printf(struct rx_buf *buf, const char *format, ...)
{
	va_list args, again;
	int len;

	va_start(args, format);
	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len > 0 && rx_buf_reserve(buf, (size_t)len + 1)) {
		vsnprintf(buf->ptr + buf->len, (size_t)len + 1, format, again);
		buf->len += (size_t)len;
	} else if (len < 0) {
		buf->failed = true;
	}
	va_end(again);
}

/* High bits where a byte of the word is zero; exact for the lowest such byte, which is all that is asked. */
static uint64_t zero_bytes(uint64_t word)
{
	return (word - UINT64_C(0x0101010101010101)) & ~word & UINT64_C(0x8080808080808080);
}

/* The next byte that JSON escapes, at or after `at`; text.len when there is none. Eight at a time. */
static size_t escaped_find(struct rexi_str text, size_t at)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);

	for (uint64_t word; at + 8 <= text.len; at += 8) {
		memcpy(&word, text.ptr + at, 8);
		if (zero_bytes(word ^ ones * '"') | zero_bytes(word ^ ones * '\\') |
		    ((word - ones * 0x20) & ~word & ones * 0x80))
			break;
	}
	while (at < text.len && (unsigned char)text.ptr[at] >= 0x20 && text.ptr[at] != '"' && text.ptr[at] != '\\')
		at++;
	return at;
}

static void escape_put(struct rx_buf *buf, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	char escape[6] = { '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] };
	size_t len = 2;

	switch (c) {
	case '"':
	case '\\': escape[1] = (char)c; break;
	case '\b': escape[1] = 'b'; break;
	case '\f': escape[1] = 'f'; break;
	case '\n': escape[1] = 'n'; break;
	case '\r': escape[1] = 'r'; break;
	case '\t': escape[1] = 't'; break;
	default: len = 6; break;
	}
	rx_buf_bytes(buf, escape, len);
}

void rx_buf_json(struct rx_buf *buf, struct rexi_str text)
{
	size_t plain = 0;

	for (size_t i; (i = escaped_find(text, plain)) < text.len; plain = i + 1) {
		rx_buf_bytes(buf, text.ptr + plain, i - plain);
		escape_put(buf, (unsigned char)text.ptr[i]);
	}
	if (plain < text.len)
		rx_buf_bytes(buf, text.ptr + plain, text.len - plain);
}

void rx_buf_json_string(struct rx_buf *buf, struct rexi_str text)
{
	rx_buf_byte(buf, '"');
	rx_buf_json(buf, text);
	rx_buf_byte(buf, '"');
}

const char *rx_buf_cstr(struct rx_buf *buf)
{
	if (buf->limit < SIZE_MAX)
		buf->limit++; /* the NUL does not count */
	rx_buf_byte(buf, '\0');
	if (buf->limit < SIZE_MAX)
		buf->limit--;
	if (buf->failed)
		return NULL;
	buf->len--;
	return buf->ptr;
}
