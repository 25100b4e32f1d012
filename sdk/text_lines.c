#include <config.h>

#include "sdk/text_lines.h"

#include "base/utf8.h"
#include "sdk/text_pattern.h"

#include "base/banned.h"

bool rxs_line_next(struct rexi_str text, size_t *pos, struct rexi_str *line)
{
	if (*pos >= text.len)
		return false;
	const char *start = text.ptr + *pos, *end = memchr(start, '\n', text.len - *pos);
	size_t len = end ? (size_t)(end - start) : text.len - *pos;

	*pos += len + (end != NULL);
	if (end && len && start[len - 1] == '\r')
		len--;
	*line = rx_str_make(start, len);
	return true;
}

bool rxs_split_next(struct rxs_split *split, struct rexi_str text, struct rexi_str delimiter, struct rexi_str *piece)
{
	if (split->stage == 2)
		return false;
	if (delimiter.len == 0) { /* "", then one piece a character, then "" */
		if (split->stage == 0) {
			split->stage = 1;
			*piece = rx_str_sub(text, 0, 0);
			return true;
		}
		size_t start = split->at;
		if (start >= text.len) {
			split->stage = 2;
			*piece = rx_str_sub(text, text.len, 0);
			return true;
		}
		(void)rx_utf8_next(text, &split->at);
		*piece = rx_str_sub(text, start, split->at - start);
		return true;
	}
	size_t found = rx_str_find(text, delimiter, split->at);
	if (found == SIZE_MAX) {
		split->stage = 2;
		*piece = rx_str_sub(text, split->at, SIZE_MAX);
		return true;
	}
	*piece = rx_str_sub(text, split->at, found - split->at);
	split->at = found + delimiter.len;
	return true;
}

bool rxs_field(struct rexi_str line, struct rexi_str delimiter, uint64_t number, struct rexi_str *field)
{
	struct rxs_split split = { 0, 0 };

	for (uint64_t i = 0; i < number; i++)
		if (!rxs_split_next(&split, line, delimiter, field))
			return false;
	return number > 0;
}

void rxs_word_counter_add(struct rxs_word_counter *counts, struct rexi_str block)
{
	bool in_word = counts->in_word;
	uint64_t words = 0;

	for (size_t i = 0; i < block.len; i++) {
		unsigned char c = (unsigned char)block.ptr[i];
		bool space = c == ' ' || (c >= '\t' && c <= '\r');
		words += !space & !in_word;
		in_word = !space;
	}
	counts->in_word = in_word;
	counts->words += words;
	counts->bytes += block.len;
	counts->lines += rxs_text_newlines(block);
}

size_t rxs_text_newlines(struct rexi_str block)
{
	/* sixteen bytes at a time: a lane counts up to 255 before the lanes are added up */
	typedef unsigned char lanes __attribute__((vector_size(16)));
	const lanes newline = { 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10 };
	size_t count = 0, i = 0;

	while (i + sizeof(lanes) <= block.len) {
		lanes sum = { 0 };
		size_t stop = (block.len - i) / sizeof(lanes);
		stop = i + (stop < 255 ? stop : 255) * sizeof(lanes);
		for (; i < stop; i += sizeof(lanes)) {
			lanes bytes;
			memcpy(&bytes, block.ptr + i, sizeof(bytes));
			sum -= (lanes)(bytes == newline);
		}
		for (size_t k = 0; k < sizeof(lanes); k++)
			count += sum[k];
	}
	for (; i < block.len; i++)
		count += block.ptr[i] == '\n';
	return count;
}

void rxs_number_line(struct rx_buf *out, uint64_t number, struct rexi_str line)
{
	rx_buf_printf(out, "%6llu\t", (unsigned long long)number);
	rx_buf_str(out, line);
}

void rxs_text_replace(struct rexi_str text, struct rexi_str old, struct rexi_str new, bool all, struct rx_buf *out)
{
	size_t at = 0;

	if (old.len == 0) {
		rx_buf_str(out, new);
		while (all && at < text.len) {
			size_t start = at;
			(void)rx_utf8_next(text, &at);
			rx_buf_bytes(out, text.ptr + start, at - start);
			rx_buf_str(out, new);
		}
		rx_buf_str(out, rx_str_sub(text, at, SIZE_MAX));
		return;
	}
	while (!out->failed) {
		size_t found = rxs_text_find(text, old, at);
		if (found == SIZE_MAX)
			break;
		rx_buf_bytes(out, text.ptr + at, found - at);
		rx_buf_str(out, new);
		at = found + old.len;
		if (!all)
			break;
	}
	rx_buf_str(out, rx_str_sub(text, at, SIZE_MAX));
}
