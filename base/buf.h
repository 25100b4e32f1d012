/* A growing byte buffer. A refusal by memory or limit sticks: later appends do nothing, so one check at the end is enough. */
#ifndef RX_BUF_H
#define RX_BUF_H

#include <stdarg.h>

#include "base/memory.h"
#include "base/str.h"

struct rx_buf {
	struct rx_memory *memory;
	char *ptr; /* NULL while cap is 0 */
	size_t len, cap;
	size_t limit; /* most bytes it may hold; an append past it fails */
	bool failed;
};

/* limit 0 means none. */
void rx_buf_init(struct rx_buf *buf, struct rx_memory *memory, size_t limit);
void rx_buf_fini(struct rx_buf *buf);

/* Makes room for `more` bytes after len; false when refused. */
bool rx_buf_reserve(struct rx_buf *buf, size_t more);
void rx_buf_bytes(struct rx_buf *buf, const void *bytes, size_t len);
void rx_buf_str(struct rx_buf *buf, struct rexi_str text);
void rx_buf_repeat(struct rx_buf *buf, char byte, size_t count);
/* A code point as UTF-8. */
void rx_buf_char(struct rx_buf *buf, uint32_t code);
void rx_buf_i64(struct rx_buf *buf, int64_t number);
void rx_buf_u64(struct rx_buf *buf, uint64_t number);
/* As printf, but %.*s is a view: exactly that many bytes, NUL like any other. */
RX_PRINTF(2, 3) void rx_buf_printf(struct rx_buf *buf, const char *format, ...);
RX_PRINTF(2, 0) void rx_buf_vprintf(struct rx_buf *buf, const char *format, va_list list);
/* `text` as the inside of a JSON string, without the quotes: escapes the quote, backslash and control characters. */
void rx_buf_json(struct rx_buf *buf, struct rexi_str text);
/* The same with quotes. */
void rx_buf_json_string(struct rx_buf *buf, struct rexi_str text);
/* Appends a NUL that len does not count and returns ptr; NULL when failed. */
const char *rx_buf_cstr(struct rx_buf *buf);

RX_INLINE void rx_buf_byte(struct rx_buf *buf, char byte)
{
	if (RX_LIKELY(buf->len < buf->cap && buf->len < buf->limit))
		buf->ptr[buf->len++] = byte;
	else
		rx_buf_bytes(buf, &byte, 1);
}

RX_INLINE void rx_buf_clear(struct rx_buf *buf)
{
	buf->len = 0;
	buf->failed = false;
}

RX_INLINE struct rexi_str rx_buf_view(const struct rx_buf *buf)
{
	return (struct rexi_str){ buf->ptr ? buf->ptr : "", buf->len };
}

#define RX_BUF_LIT(buf, literal) rx_buf_bytes((buf), "" literal, sizeof(literal) - 1)

#endif
