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

/* Sixteen bytes at a time; a lane counts up to 255 before the lanes are added up. */
typedef unsigned char lanes __attribute__((vector_size(16)));
enum { LANES = sizeof(lanes), LANE_MAX = 255 };

static lanes lanes_load(const char *ptr)
{
	lanes bytes;

	memcpy(&bytes, ptr, sizeof(bytes));
	return bytes;
}

static size_t lanes_sum(lanes counts)
{
	size_t sum = 0;

	for (size_t i = 0; i < LANES; i++)
		sum += counts[i];
	return sum;
}

/* 255 where the byte separates words: space, \t \n \v \f \r. */
static lanes spaces_in(lanes bytes)
{
	return (lanes)(bytes == ' ') | (lanes)(bytes - '\t' <= '\r' - '\t');
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

void rxs_word_counter_add(struct rxs_word_counter *counts, struct rexi_str block)
{
	uint64_t words = 0, lines = 0;
	size_t i = 1;

	if (block.len == 0)
		return;
	/* a word begins where a space, or the text's beginning, stands before something else */
	words += !is_space(block.ptr[0]) && !counts->in_word;
	lines += block.ptr[0] == '\n';
	while (i + LANES <= block.len) {
		size_t steps = (block.len - i) / LANES, stop = i + (steps < LANE_MAX ? steps : LANE_MAX) * LANES;
		lanes begun = { 0 }, newlines = { 0 };

		for (; i < stop; i += LANES) {
			lanes bytes = lanes_load(block.ptr + i);

			begun -= spaces_in(lanes_load(block.ptr + i - 1)) & ~spaces_in(bytes);
			newlines -= (lanes)(bytes == '\n');
		}
		words += lanes_sum(begun);
		lines += lanes_sum(newlines);
	}
	for (; i < block.len; i++) {
		words += is_space(block.ptr[i - 1]) && !is_space(block.ptr[i]);
		lines += block.ptr[i] == '\n';
	}
	counts->in_word = !is_space(block.ptr[block.len - 1]);
	counts->words += words;
	counts->bytes += block.len;
	counts->lines += lines;
}

size_t rxs_text_newlines(struct rexi_str block)
{
	size_t count = 0, i = 0;

	while (i + LANES <= block.len) {
		size_t steps = (block.len - i) / LANES, stop = i + (steps < LANE_MAX ? steps : LANE_MAX) * LANES;
		lanes sum = { 0 };

		for (; i < stop; i += LANES)
			sum -= (lanes)(lanes_load(block.ptr + i) == '\n');
		count += lanes_sum(sum);
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
