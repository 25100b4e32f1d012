/* UTF-8: decode, encode, validate, count. Surrogates, overlong forms and values above U+10FFFF are malformed. */
#ifndef RX_UTF8_H
#define RX_UTF8_H

#include "base/str.h"

/* Bytes of the encoding of `code` written to out (1..4); code must be a scalar value. */
size_t rx_utf8_encode(char out[4], uint32_t code);

/* Decodes the sequence at *pos and moves past it. text must be valid UTF-8 and *pos < len. */
RX_INLINE uint32_t rx_utf8_next(struct rexi_str text, size_t *pos)
{
	const unsigned char *p = (const unsigned char *)text.ptr + *pos;

	if (RX_LIKELY(p[0] < 0x80)) {
		*pos += 1;
		return p[0];
	}
	if (p[0] < 0xE0) {
		*pos += 2;
		return (uint32_t)(p[0] & 0x1F) << 6 | (p[1] & 0x3F);
	}
	if (p[0] < 0xF0) {
		*pos += 3;
		return (uint32_t)(p[0] & 0x0F) << 12 | (uint32_t)(p[1] & 0x3F) << 6 | (p[2] & 0x3F);
	}
	*pos += 4;
	return (uint32_t)(p[0] & 0x07) << 18 | (uint32_t)(p[1] & 0x3F) << 12 | (uint32_t)(p[2] & 0x3F) << 6 |
	       (p[3] & 0x3F);
}

/* Moves *pos back to the start of the sequence that ends there and decodes it; *pos > 0. */
uint32_t rx_utf8_prev(struct rexi_str text, size_t *pos);

/* Length of the longest valid prefix in bytes; equals text.len when all of it is valid. */
size_t rx_utf8_valid(struct rexi_str text);

/* Number of scalar values in valid UTF-8. */
size_t rx_utf8_count(struct rexi_str text);

/* Byte offset of character number `index`; text.len when there are not that many. */
size_t rx_utf8_offset(struct rexi_str text, size_t index);

/* True when every byte is below 0x80. */
bool rx_utf8_is_ascii(struct rexi_str text);

struct rx_buf;
/* Appends text with each maximal malformed part replaced by U+FFFD, as the WHATWG decoder and Rust's lossy one do. */
void rx_utf8_lossy(struct rx_buf *buf, struct rexi_str text);

#endif
