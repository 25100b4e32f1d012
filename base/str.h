/* String views: borrowed, length-counted, compared by bytes. */
#ifndef RX_STR_H
#define RX_STR_H

#include <string.h>

#include <rexi/base.h>

#include "base/compiler.h"

/* A view of a string literal. */
#define RX_STR(literal) ((struct rexi_str){ "" literal, sizeof(literal) - 1 })
/* For static initialisers. */
#define RX_STR_INIT(literal) { "" literal, sizeof(literal) - 1 }
/* For printf: printf("%.*s", RX_STR_ARG(s)); rx_buf_printf and the functions that raise take it whole, NUL bytes too. */
#define RX_STR_ARG(str) (int)((str).len > INT32_MAX ? INT32_MAX : (str).len), ((str).ptr ? (str).ptr : "")

RX_INLINE struct rexi_str rx_str(const char *text)
{
	return (struct rexi_str){ text, text ? strlen(text) : 0 };
}

RX_INLINE struct rexi_str rx_str_make(const char *ptr, size_t len)
{
	return (struct rexi_str){ ptr, len };
}

/* Whether `len` bytes are the same, without a call for the lengths that names have. */
RX_INLINE bool rx_bytes_same(const char *a, const char *b, size_t len)
{
	if (len > 32)
		return memcmp(a, b, len) == 0;
	if (len >= 16)
		return memcmp(a, b, 16) == 0 && memcmp(a + len - 16, b + len - 16, 16) == 0;
	if (len >= 8)
		return memcmp(a, b, 8) == 0 && memcmp(a + len - 8, b + len - 8, 8) == 0;
	if (len >= 4)
		return memcmp(a, b, 4) == 0 && memcmp(a + len - 4, b + len - 4, 4) == 0;
	return len == 0 || (a[0] == b[0] && a[len >> 1] == b[len >> 1] && a[len - 1] == b[len - 1]);
}

RX_INLINE bool rx_str_same(struct rexi_str a, struct rexi_str b)
{
	return a.len == b.len && rx_bytes_same(a.ptr, b.ptr, a.len);
}

RX_INLINE bool rx_str_eq(struct rexi_str a, struct rexi_str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* Negative, zero or positive; bytewise, which for UTF-8 is code point order. */
RX_INLINE int rx_str_cmp(struct rexi_str a, struct rexi_str b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len ? memcmp(a.ptr, b.ptr, len) : 0;

	return order ? order : (a.len > b.len) - (a.len < b.len);
}

RX_INLINE bool rx_str_starts(struct rexi_str text, struct rexi_str prefix)
{
	return text.len >= prefix.len && (prefix.len == 0 || memcmp(text.ptr, prefix.ptr, prefix.len) == 0);
}

RX_INLINE bool rx_str_ends(struct rexi_str text, struct rexi_str suffix)
{
	return text.len >= suffix.len &&
	       (suffix.len == 0 || memcmp(text.ptr + (text.len - suffix.len), suffix.ptr, suffix.len) == 0);
}

/* The part from byte `start`, `len` bytes at most; both are clamped. */
RX_INLINE struct rexi_str rx_str_sub(struct rexi_str text, size_t start, size_t len)
{
	if (start > text.len)
		start = text.len;
	if (len > text.len - start)
		len = text.len - start;
	return (struct rexi_str){ text.ptr ? text.ptr + start : NULL, len };
}

/* Byte offset of the first occurrence at or after `from`, SIZE_MAX when there is none. */
size_t rx_str_find(struct rexi_str text, struct rexi_str what, size_t from);

/* The declared name nearest to `name` by edit distance (at most a third of its length, transpositions count one);
 * {NULL, 0} when none is near. For "did you mean". */
struct rexi_str rx_str_nearest(struct rexi_str name, const struct rexi_str *names, size_t count);

/* Optimal-string-alignment distance, `max + 1` when it is larger than max. */
size_t rx_str_distance(struct rexi_str a, struct rexi_str b, size_t max);

#endif
