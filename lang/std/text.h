/* What string.c and text_parts.c share: characters and bytes of strings. */
#ifndef RXL_STD_TEXT_H
#define RXL_STD_TEXT_H

#include "base/utf8.h"
#include "lang/std/common.h"

/* The bytes of a string, or of a character written to `bytes`. */
RX_INLINE struct rexi_str std_text(const struct rxl_value *value, char bytes[4])
{
	if (value->type == RXL_CHAR)
		return rx_str_make(bytes, rx_utf8_encode(bytes, value->as.c));
	return rxl_string_view(value);
}

/* Byte offset of character number `at`, the length when there are not that many. */
RX_INLINE size_t std_byte_at(const struct rxl_value *string, size_t at)
{
	struct rexi_str text = rxl_string_view(string);

	if (rxl_string_is_ascii(string))
		return at < text.len ? at : text.len;
	return rx_utf8_offset(text, at);
}

/* Bytes of the character at byte `at`. */
RX_INLINE size_t std_text_step(struct rexi_str text, size_t at)
{
	unsigned char lead = (unsigned char)text.ptr[at];

	return lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

/* The bytes of a part given in characters. */
RX_INLINE struct rexi_str std_text_part(const struct rxl_value *string, struct std_part part)
{
	struct rexi_str text = rxl_string_view(string);
	size_t from = std_byte_at(string, part.at);

	if (rxl_string_is_ascii(string))
		return rx_str_sub(text, from, part.count);
	text = rx_str_sub(text, from, text.len);
	return rx_str_sub(text, 0, rx_utf8_offset(text, part.count));
}

/* Keeps only `len` bytes from `from`; in place when it can. */
enum rexi_status rxl_std_text_keep(struct rxl_call *call, struct rxl_value *self, size_t from, size_t len);

#endif
