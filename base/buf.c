#include <config.h>

#include "base/buf.h"

#include <stdio.h>
#include <string.h>

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

/* One conversion other than %s with its arguments taken from the list. */
static void put_number(struct rx_buf *buf, const char *spec, char length, char kind, va_list *args)
{
	char text[400]; /* %f of the largest double has 310 digits before its point */
	int len;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	if (kind == 'c')
		len = snprintf(text, sizeof(text), spec, va_arg(*args, int));
	else if (kind == 'p')
		len = snprintf(text, sizeof(text), spec, va_arg(*args, void *));
	else if (strchr("eEfgG", kind))
		len = snprintf(text, sizeof(text), spec, va_arg(*args, double));
	else if (length == 'l')
		len = snprintf(text, sizeof(text), spec, va_arg(*args, long));
	else if (length == 'L')
		len = snprintf(text, sizeof(text), spec, va_arg(*args, long long));
	else if (length == 'z')
		len = snprintf(text, sizeof(text), spec, va_arg(*args, size_t));
	else
		len = snprintf(text, sizeof(text), spec, va_arg(*args, int));
#pragma GCC diagnostic pop
	if (len < 0)
		buf->failed = true;
	else
		rx_buf_bytes(buf, text, (size_t)len < sizeof(text) ? (size_t)len : sizeof(text) - 1);
}

void rx_buf_vprintf(struct rx_buf *buf, const char *format, va_list list)
{
	va_list args;

	va_copy(args, list);
	while (*format) {
		const char *next = strchr(format, '%'), *from;
		char spec[32], length = 0;
		size_t at = 0;
		int width = -1, precision = -1;
		bool left = false, given = false;

		rx_buf_bytes(buf, format, next ? (size_t)(next - format) : strlen(format));
		if (!next)
			break;
		from = next++;
		if (*next == '%') {
			rx_buf_byte(buf, '%');
			format = next + 1;
			continue;
		}
		for (; *next && strchr("-+ #0", *next); next++)
			left |= *next == '-';
		while (at < (size_t)(next - from) && at < 6) {
			spec[at] = from[at];
			at++;
		}
		if (*next == '*') {
			width = va_arg(args, int);
			next++;
		} else if (*next >= '0' && *next <= '9') {
			for (width = 0; *next >= '0' && *next <= '9' && width < 100000; next++)
				width = width * 10 + (*next - '0');
		}
		if (*next == '.') {
			precision = 0;
			if (*++next == '*') {
				precision = va_arg(args, int);
				given = true;
				next++;
			} else {
				for (; *next >= '0' && *next <= '9' && precision < 100000; next++)
					precision = precision * 10 + (*next - '0');
			}
		}
		for (; *next && strchr("hlzjt", *next); next++)
			length = *next == 'l' && length == 'l' ? 'L' : *next == 'j' || *next == 't' ? 'l' : *next;
		if (*next == 's') {
			/* unlike printf's: %.*s takes that many bytes, NUL or not */
			const char *text = va_arg(args, const char *);
			size_t len = !text || precision == 0 ? 0
				     : precision < 0	     ? strlen(text)
				     : given		     ? (size_t)precision
							     : strnlen(text, (size_t)precision);
			size_t pad = width > 0 && (size_t)width > len ? (size_t)width - len : 0;

			if (!left)
				rx_buf_repeat(buf, ' ', pad);
			rx_buf_bytes(buf, text, len);
			if (left)
				rx_buf_repeat(buf, ' ', pad);
		} else if (*next && strchr("diouxXceEfgGp", *next)) {
			if (width >= 0)
				at += (size_t)snprintf(spec + at, sizeof(spec) - at, "%d", width);
			if (precision >= 0)
				at += (size_t)snprintf(spec + at, sizeof(spec) - at, ".%d", precision);
			if (length == 'L')
				spec[at++] = 'l';
			if (length)
				spec[at++] = length == 'L' ? 'l' : length;
			spec[at++] = *next;
			spec[at] = 0;
			put_number(buf, spec, length, *next, &args);
		} else {
			buf->failed = true;
			break;
		}
		format = next + 1;
	}
	va_end(args);
}

void rx_buf_printf(struct rx_buf *buf, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	rx_buf_vprintf(buf, format, args);
	va_end(args);
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
