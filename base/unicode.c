#include <config.h>

#include "base/unicode.h"

#include <utf8proc.h>

#include "base/utf8.h"

bool rx_unicode_is_space(uint32_t code)
{
	switch (code) {
	case 0x09: case 0x0A: case 0x0B: case 0x0C: case 0x0D: case 0x20: case 0x85: case 0xA0:
	case 0x1680: case 0x2028: case 0x2029: case 0x202F: case 0x205F: case 0x3000:
		return true;
	default:
		return code >= 0x2000 && code <= 0x200A;
	}
}

bool rx_unicode_is_escaped(uint32_t code)
{
	const utf8proc_property_t *property;

	if (code < 0x7F)
		return code < 0x20;
	property = utf8proc_get_property((utf8proc_int32_t)code);
	switch (property->category) {
	case UTF8PROC_CATEGORY_CC: case UTF8PROC_CATEGORY_CF: case UTF8PROC_CATEGORY_CS: case UTF8PROC_CATEGORY_CO:
	case UTF8PROC_CATEGORY_CN: case UTF8PROC_CATEGORY_ZL: case UTF8PROC_CATEGORY_ZP: case UTF8PROC_CATEGORY_ZS:
		return true;
	default:
		return property->boundclass == UTF8PROC_BOUNDCLASS_EXTEND;
	}
}

uint32_t rx_unicode_upper(uint32_t code)
{
	if (code < 0x80)
		return code >= 'a' && code <= 'z' ? code - 32 : code;
	return (uint32_t)utf8proc_toupper((utf8proc_int32_t)code);
}

uint32_t rx_unicode_lower(uint32_t code)
{
	if (code < 0x80)
		return code >= 'A' && code <= 'Z' ? code + 32 : code;
	return (uint32_t)utf8proc_tolower((utf8proc_int32_t)code);
}

void rx_unicode_upper_str(struct rx_buf *buf, struct rexi_str text)
{
	for (size_t i = 0; i < text.len;)
		rx_buf_char(buf, rx_unicode_upper(rx_utf8_next(text, &i)));
}

void rx_unicode_lower_str(struct rx_buf *buf, struct rexi_str text)
{
	for (size_t i = 0; i < text.len;)
		rx_buf_char(buf, rx_unicode_lower(rx_utf8_next(text, &i)));
}

struct rexi_str rx_unicode_trim(struct rexi_str text)
{
	size_t start = 0, end = text.len;

	while (start < end) {
		size_t at = start;

		if (!rx_unicode_is_space(rx_utf8_next(text, &at)))
			break;
		start = at;
	}
	while (end > start) {
		size_t at = end;

		if (!rx_unicode_is_space(rx_utf8_prev(text, &at)))
			break;
		end = at;
	}
	return rx_str_sub(text, start, end - start);
}

void rx_unicode_debug(struct rx_buf *buf, struct rexi_str text)
{
	for (size_t i = 0; i < text.len;) {
		size_t start = i;
		uint32_t code = rx_utf8_next(text, &i);

		switch (code) {
		case '"': RX_BUF_LIT(buf, "\\\""); break;
		case '\\': RX_BUF_LIT(buf, "\\\\"); break;
		case '\t': RX_BUF_LIT(buf, "\\t"); break;
		case '\r': RX_BUF_LIT(buf, "\\r"); break;
		case '\n': RX_BUF_LIT(buf, "\\n"); break;
		case 0: RX_BUF_LIT(buf, "\\0"); break;
		default:
			if (rx_unicode_is_escaped(code))
				rx_buf_printf(buf, "\\u{%x}", (unsigned)code);
			else
				rx_buf_bytes(buf, text.ptr + start, i - start);
		}
	}
}
