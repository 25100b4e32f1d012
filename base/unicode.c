#include <config.h>

#include "base/unicode.h"

#include "base/unicode_classes.h"
#include "base/unicode_tables.h"
#include "base/utf8.h"

#include "base/unicode_classes.inc"

enum { BLOCK = sizeof(unicode_class[0]), CODES = 0x110000 };

static unsigned class_of(uint32_t code)
{
	return code < CODES ? unicode_class[unicode_class_blocks[code / BLOCK]][code % BLOCK] : RX_UNICODE_BYTE(RX_GROUP_ESCAPED, 0, 1);
}

static size_t shift_of(uint32_t code)
{
	return code < CODES ? unicode_case[unicode_case_blocks[code / BLOCK]][code % BLOCK] : unicode_case[unicode_case_blocks[0]][0];
}

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

bool rx_unicode_is_unprintable(uint32_t code)
{
	if (code == 0xFF9E || code == 0xFF9F)
		return false; /* letters that extend graphemes */
	switch (RX_UNICODE_GROUP(class_of(code))) {
	case RX_GROUP_MARK: case RX_GROUP_SPACING:
		return false;
	default:
		return rx_unicode_is_escaped(code);
	}
}

/* Case_Ignorable and Cased of the Unicode standard, 3.13; a character that is both counts as ignorable. */
enum sigma_class { SIGMA_OTHER, SIGMA_IGNORABLE, SIGMA_CASED };

enum { SIGMA_CAPITAL = 0x3A3, SIGMA_SMALL = 0x3C3, SIGMA_FINAL = 0x3C2, I_DOTTED = 0x130, DOT_ABOVE = 0x307 };

static const struct range *range_find(const struct range *ranges, size_t count, uint32_t code)
{
	size_t low = 0;

	while (count) {
		size_t half = count / 2;

		if (ranges[low + half].last < code) {
			low += half + 1;
			count -= half + 1;
		} else {
			count = half;
		}
	}
	return ranges[low].first <= code && code <= ranges[low].last ? &ranges[low] : NULL;
}

/* NULL when `code` is in no row. */
#define RANGE_FIND(table, code) \
	((code) > (table)[RX_COUNT(table) - 1].last ? NULL : range_find((table), RX_COUNT(table), (code)))

bool rx_unicode_is_escaped(uint32_t code)
{
	const struct range *range;

	if (code < 0x7F)
		return code < 0x20;
	range = RANGE_FIND(escape_ranges, code);
	if (range)
		return range->value;
	switch (RX_UNICODE_GROUP(class_of(code))) {
	case RX_GROUP_ESCAPED: case RX_GROUP_FORMAT:
		return true;
	default:
		return RX_UNICODE_EXTENDS(class_of(code));
	}
}

static enum sigma_class sigma_class(uint32_t code)
{
	const struct range *range = RANGE_FIND(sigma_ranges, code);

	if (range)
		return (enum sigma_class)range->value;
	switch (RX_UNICODE_GROUP(class_of(code))) {
	case RX_GROUP_MARK: case RX_GROUP_FORMAT: case RX_GROUP_MODIFIER:
		return SIGMA_IGNORABLE;
	case RX_GROUP_CASED:
		return SIGMA_CASED;
	default:
		return SIGMA_OTHER;
	}
}

/* The row of upper_many, NULL when the mapping is one character. */
static const uint16_t *upper_more(uint32_t code)
{
	size_t low = 0, high = RX_COUNT(upper_many);

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (upper_many[middle].code < code)
			low = middle + 1;
		else
			high = middle;
	}
	return low < RX_COUNT(upper_many) && upper_many[low].code == code ? upper_many[low].upper : NULL;
}

uint32_t rx_unicode_upper(uint32_t code)
{
	const struct range *range;

	if (code < 0x80)
		return code >= 'a' && code <= 'z' ? code - 32 : code;
	if (upper_more(code))
		return code;
	range = RANGE_FIND(upper_ranges, code);
	if (range)
		return code + (uint32_t)range->value;
	return code + (uint32_t)unicode_shifts[shift_of(code)].upper;
}

uint32_t rx_unicode_lower(uint32_t code)
{
	const struct range *range;

	if (code < 0x80)
		return code >= 'A' && code <= 'Z' ? code + 32 : code;
	if (code == I_DOTTED)
		return code;
	range = RANGE_FIND(lower_ranges, code);
	if (range)
		return code + (uint32_t)range->value;
	return code + (uint32_t)unicode_shifts[shift_of(code)].lower;
}

/* Bytes from `at` that are ASCII. */
static size_t ascii_run(struct rexi_str text, size_t at)
{
	size_t end = at;
	uint64_t word;

	for (; end + sizeof(word) <= text.len; end += sizeof(word)) {
		memcpy(&word, text.ptr + end, sizeof(word));
		if (word & UINT64_C(0x8080808080808080))
			break;
	}
	while (end < text.len && (unsigned char)text.ptr[end] < 0x80)
		end++;
	return end - at;
}

/* Appends len ASCII bytes with those from `first` to first + 25 moved to the other case. */
static void append_ascii(struct rx_buf *buf, const char *text, size_t len, char first)
{
	char *to;

	if (!rx_buf_reserve(buf, len) || len == 0)
		return;
	to = buf->ptr + buf->len;
	for (size_t i = 0; i < len; i++)
		to[i] = (char)(text[i] ^ ((unsigned char)(text[i] - first) < 26 ? 0x20 : 0));
	buf->len += len;
}

void rx_unicode_upper_str(struct rx_buf *buf, struct rexi_str text)
{
	for (size_t i = 0; i < text.len;) {
		size_t run = ascii_run(text, i);
		const uint16_t *more;
		uint32_t code;

		append_ascii(buf, text.ptr + i, run, 'a');
		i += run;
		if (i == text.len)
			break;
		code = rx_utf8_next(text, &i);
		more = upper_more(code);
		if (!more)
			rx_buf_char(buf, rx_unicode_upper(code));
		else
			for (unsigned k = 0; k < 3 && more[k]; k++)
				rx_buf_char(buf, more[k]);
	}
}

/* Final_Sigma: a cased letter before text[at], none after text[end], ignorable characters not counted. */
static bool is_final_sigma(struct rexi_str text, size_t at, size_t end)
{
	enum sigma_class class = SIGMA_IGNORABLE;

	while (at > 0 && class == SIGMA_IGNORABLE)
		class = sigma_class(rx_utf8_prev(text, &at));
	if (class != SIGMA_CASED)
		return false;
	class = SIGMA_IGNORABLE;
	while (end < text.len && class == SIGMA_IGNORABLE)
		class = sigma_class(rx_utf8_next(text, &end));
	return class != SIGMA_CASED;
}

void rx_unicode_lower_str(struct rx_buf *buf, struct rexi_str text)
{
	for (size_t i = 0; i < text.len;) {
		size_t run = ascii_run(text, i), start;
		uint32_t code;

		append_ascii(buf, text.ptr + i, run, 'A');
		i += run;
		if (i == text.len)
			break;
		start = i;
		code = rx_utf8_next(text, &i);
		if (code == SIGMA_CAPITAL) {
			rx_buf_char(buf, is_final_sigma(text, start, i) ? SIGMA_FINAL : SIGMA_SMALL);
		} else if (code == I_DOTTED) {
			rx_buf_byte(buf, 'i');
			rx_buf_char(buf, DOT_ABOVE);
		} else {
			rx_buf_char(buf, rx_unicode_lower(code));
		}
	}
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
	size_t plain = 0;

	for (size_t i = 0; i < text.len;) {
		size_t start = i;
		uint32_t code = rx_utf8_next(text, &i);
		const char *escape = NULL;

		switch (code) {
		case '"': escape = "\\\""; break;
		case '\\': escape = "\\\\"; break;
		case '\t': escape = "\\t"; break;
		case '\r': escape = "\\r"; break;
		case '\n': escape = "\\n"; break;
		case 0: escape = "\\0"; break;
		default:
			if (!rx_unicode_is_escaped(code))
				continue;
		}
		rx_buf_bytes(buf, text.ptr + plain, start - plain);
		plain = i;
		if (escape)
			rx_buf_bytes(buf, escape, 2);
		else
			rx_buf_printf(buf, "\\u{%x}", (unsigned)code);
	}
	rx_buf_bytes(buf, text.ptr + plain, text.len - plain);
}

unsigned rx_unicode_width(uint32_t code)
{
	return code < 0x7F ? 1 : RX_UNICODE_WIDTH(class_of(code));
}
