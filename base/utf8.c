#include <config.h>

#include "base/utf8.h"

#include "base/buf.h"

size_t rx_utf8_encode(char out[4], uint32_t code)
{
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (char)(0xC0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3F));
		return 2;
	}
	if (code < 0x10000) {
		out[0] = (char)(0xE0 | code >> 12);
		out[1] = (char)(0x80 | (code >> 6 & 0x3F));
		out[2] = (char)(0x80 | (code & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | code >> 18);
	out[1] = (char)(0x80 | (code >> 12 & 0x3F));
	out[2] = (char)(0x80 | (code >> 6 & 0x3F));
	out[3] = (char)(0x80 | (code & 0x3F));
	return 4;
}

uint32_t rx_utf8_prev(struct rexi_str text, size_t *pos)
{
	size_t at = *pos - 1, start;

	while (at > 0 && ((unsigned char)text.ptr[at] & 0xC0) == 0x80)
		at--;
	start = at;
	*pos = start;
	return rx_utf8_next(text, &at);
}

/*
 * The sequence at p: its length when well formed; else minus the length of the maximal part that could begin one
 * (at least 1), which is what one U+FFFD replaces. Unicode 15, table 3-7.
 */
static int sequence(const unsigned char *p, size_t len)
{
	unsigned char low = 0x80, high = 0xBF;
	int need;

	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xC2 || p[0] > 0xF4)
		return -1;
	need = p[0] < 0xE0 ? 1 : p[0] < 0xF0 ? 2 : 3;
	if (p[0] == 0xE0)
		low = 0xA0;
	else if (p[0] == 0xED)
		high = 0x9F;
	else if (p[0] == 0xF0)
		low = 0x90;
	else if (p[0] == 0xF4)
		high = 0x8F;
	for (int i = 1; i <= need; i++) {
		if ((size_t)i >= len || p[i] < low || p[i] > high)
			return -i;
		low = 0x80;
		high = 0xBF;
	}
	return need + 1;
}

/* Bytes at the start that are ASCII, eight at a time. */
static size_t ascii_prefix(const char *ptr, size_t len)
{
	size_t i = 0;
	uint64_t word;

	for (; i + 8 <= len; i += 8) {
		memcpy(&word, ptr + i, 8);
		if (word & UINT64_C(0x8080808080808080))
			break;
	}
	while (i < len && (unsigned char)ptr[i] < 0x80)
		i++;
	return i;
}

size_t rx_utf8_valid(struct rexi_str text)
{
	size_t i = 0;

	while (i < text.len) {
		int step;

		i += ascii_prefix(text.ptr + i, text.len - i);
		if (i == text.len)
			break;
		step = sequence((const unsigned char *)text.ptr + i, text.len - i);
		if (step < 0)
			break;
		i += (size_t)step;
	}
	return i;
}

/* How many of eight bytes begin a character: all but those with bit 7 set and bit 6 clear. */
static size_t starts_in(const char *ptr)
{
	uint64_t word;

	memcpy(&word, ptr, 8);
	word = (word >> 7 & ~word >> 6) & UINT64_C(0x0101010101010101);
	return 8 - (size_t)__builtin_popcountll(word);
}

static bool is_continuation(char c)
{
	return ((unsigned char)c & 0xC0) == 0x80;
}

size_t rx_utf8_count(struct rexi_str text)
{
	size_t count = 0, i = 0;

	for (; i + 8 <= text.len; i += 8)
		count += starts_in(text.ptr + i);
	for (; i < text.len; i++)
		count += !is_continuation(text.ptr[i]);
	return count;
}

size_t rx_utf8_offset(struct rexi_str text, size_t index)
{
	size_t i = 0;

	for (; index >= 8 && i + 8 <= text.len; i += 8)
		index -= starts_in(text.ptr + i);
	while (i < text.len && (index > 0 || is_continuation(text.ptr[i])))
		index -= !is_continuation(text.ptr[i++]);
	return i;
}

bool rx_utf8_is_ascii(struct rexi_str text)
{
	typedef uint64_t lanes __attribute__((vector_size(16)));
	size_t i = 0;

	/* 64 bytes at a time */
	for (; i + 4 * sizeof(lanes) <= text.len; i += 4 * sizeof(lanes)) {
		lanes part[4];

		memcpy(part, text.ptr + i, sizeof(part));
		part[0] |= part[1] | part[2] | part[3];
		if ((part[0][0] | part[0][1]) & UINT64_C(0x8080808080808080))
			return false;
	}
	return ascii_prefix(text.ptr + i, text.len - i) == text.len - i;
}

void rx_utf8_lossy(struct rx_buf *buf, struct rexi_str text)
{
	while (text.len) {
		size_t good = rx_utf8_valid(text);
		int bad;

		rx_buf_bytes(buf, text.ptr, good);
		if (good == text.len)
			return;
		bad = -sequence((const unsigned char *)text.ptr + good, text.len - good);
		RX_BUF_LIT(buf, "\xEF\xBF\xBD");
		text = rx_str_sub(text, good + (size_t)bad, text.len);
	}
}
