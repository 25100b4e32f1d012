/* Parts of strings: sub-strings, cropping, splitting. spec 8.7 */
#include <config.h>

#include "base/unicode.h"
#include "lang/std/text.h"

/* ---- one part --------------------------------------------------------------------------------------------------- */

static struct std_part part_of(const struct rxl_value *self, const struct rxl_value *args, unsigned argc)
{
	size_t count = rxl_string_chars(self);

	if (args[0].type != RXL_INT)
		return std_range_part(&args[0], count);
	return std_part(args[0].as.i, argc > 1 ? args[1].as.i : INT64_MAX, count);
}

STD_NATIVE(sub_string)
{
	struct rexi_str part = std_text_part(self, part_of(self, args, argc));

	if (part.len == rxl_string_view(self).len) {
		*out = rxl_value_copy(self);
		out->tag = 0;
		return REXI_OK;
	}
	return rxl_string_new(call->heap, part, out);
}

STD_NATIVE(crop)
{
	struct rexi_str text = rxl_string_view(self), part = std_text_part(self, part_of(self, args, argc));

	return rxl_std_text_keep(call, self, part.len ? (size_t)(part.ptr - text.ptr) : 0, part.len);
}

/* ---- many parts ------------------------------------------------------------------------------------------------- */

static enum rexi_status push_text(struct rxl_call *call, struct rxl_value *array, struct rexi_str text)
{
	struct rxl_value part;

	RX_TRY(rxl_string_new(call->heap, text, &part));
	return rxl_array_push(call->heap, array, part);
}

STD_NATIVE(split_spaces)
{
	struct rexi_str text = rxl_string_view(self);
	size_t start = 0, at = 0;

	RX_TRY(rxl_array_new(call->heap, call->heap->max_array < 8 ? 0 : 8, out));
	if (text.len == 0)
		return push_text(call, out, text);
	while (at < text.len) {
		size_t next = at;

		if (rx_unicode_is_space(rx_utf8_next(text, &next))) {
			if (at > start)
				RX_TRY(push_text(call, out, rx_str_sub(text, start, at - start)));
			start = next;
		}
		at = next;
	}
	return start < text.len ? push_text(call, out, rx_str_sub(text, start, text.len)) : REXI_OK;
}

/* In two, at a position that counts from the end when negative. */
STD_NATIVE(split_at)
{
	struct rexi_str text = rxl_string_view(self);
	size_t at = std_byte_at(self, std_offset(args[0].as.i, rxl_string_chars(self)));

	if (args[0].as.i == 0)
		at = text.len;
	RX_TRY(rxl_array_new(call->heap, 0, out));
	RX_TRY(push_text(call, out, rx_str_sub(text, 0, at)));
	return push_text(call, out, rx_str_sub(text, at, text.len));
}

/* At most `most` parts; the last holds what is left. An empty delimiter stands before each character and at the end. */
static enum rexi_status split_by(struct rxl_call *call, struct rexi_str text, struct rexi_str by, uint64_t most,
				 struct rxl_value *out)
{
	size_t start = 0, at = 0;

	RX_TRY(rxl_array_new(call->heap, call->heap->max_array < 8 ? 0 : 8, out));
	for (uint64_t parts = 1; text.len && parts < most; parts++) {
		if (by.len)
			at = rx_str_find(text, by, start);
		else if (parts > 1)
			at = start < text.len ? start + std_text_step(text, start) : SIZE_MAX;
		if (at == SIZE_MAX)
			break;
		RX_TRY(push_text(call, out, rx_str_sub(text, start, at - start)));
		start = at + by.len;
	}
	return push_text(call, out, rx_str_sub(text, start, text.len));
}

/* Start of the last occurrence that ends at or before `end`. */
static size_t find_last(struct rexi_str text, struct rexi_str what, size_t end)
{
	while (end >= what.len) {
		const char *last = memrchr(text.ptr, what.ptr[0], end - what.len + 1);
		size_t at;

		if (!last)
			break;
		at = (size_t)(last - text.ptr);
		if (memcmp(last, what.ptr, what.len) == 0)
			return at;
		end = at + what.len - 1;
	}
	return SIZE_MAX;
}

static enum rexi_status split_back_by(struct rxl_call *call, struct rexi_str text, struct rexi_str by, uint64_t most,
				      struct rxl_value *out)
{
	size_t end = text.len, at = text.len;

	RX_TRY(rxl_array_new(call->heap, call->heap->max_array < 8 ? 0 : 8, out));
	for (uint64_t parts = 1; text.len && parts < most; parts++) {
		if (by.len) {
			at = find_last(text, by, end);
		} else if (parts > 1) {
			at = end;
			if (end)
				(void)rx_utf8_prev(text, &at);
			else
				at = SIZE_MAX;
		}
		if (at == SIZE_MAX)
			break;
		RX_TRY(push_text(call, out, rx_str_sub(text, at + by.len, end - at - by.len)));
		end = at;
	}
	return push_text(call, out, rx_str_sub(text, 0, end));
}

static uint64_t most_parts(const struct rxl_value *args, unsigned argc)
{
	if (argc < 2)
		return UINT64_MAX;
	return args[1].as.i < 0 ? 0 : (uint64_t)args[1].as.i;
}

STD_NATIVE(split)
{
	char bytes[4];

	return split_by(call, rxl_string_view(self), std_text(&args[0], bytes), most_parts(args, argc), out);
}

STD_NATIVE(split_rev)
{
	char bytes[4];

	return split_back_by(call, rxl_string_view(self), std_text(&args[0], bytes), most_parts(args, argc), out);
}

#define PART_HELP "so many characters from a position"
#define CROP_HELP "keep only so many characters from a position"
#define SPLIT_HELP "the parts between the delimiters"
#define SPLIT_MOST_HELP "the parts between the delimiters, at most so many"
#define SPLIT_REV_HELP "the parts between the delimiters, from the end"
#define SPLIT_REV_MOST_HELP "the parts between the delimiters from the end, at most so many"

static const struct rxl_native rows[] = {
	{ "sub_string", "string int", sub_string, RXL_PURE, "the characters from a position to the end", NULL },
	{ "sub_string", "string int int", sub_string, RXL_PURE, PART_HELP, NULL },
	{ "sub_string", "string range", sub_string, RXL_PURE, "the characters of a range", NULL },
	{ "sub_string", "string range=", sub_string, RXL_PURE, "the characters of a range", NULL },
	{ "crop", "string int", crop, RXL_MUT, "keep only the characters from a position to the end", NULL },
	{ "crop", "string int int", crop, RXL_MUT, CROP_HELP, NULL },
	{ "crop", "string range", crop, RXL_MUT, "keep only the characters of a range", NULL },
	{ "crop", "string range=", crop, RXL_MUT, "keep only the characters of a range", NULL },
	{ "split", "string", split_spaces, RXL_REF, "its words: the parts between white space", NULL },
	{ "split", "string int", split_at, RXL_REF, "the two parts before and from a position", NULL },
	{ "split", "string string", split, RXL_REF, SPLIT_HELP, NULL },
	{ "split", "string char", split, RXL_REF, SPLIT_HELP, NULL },
	{ "split", "string string int", split, RXL_REF, SPLIT_MOST_HELP, NULL },
	{ "split", "string char int", split, RXL_REF, SPLIT_MOST_HELP, NULL },
	{ "split_rev", "string string", split_rev, RXL_REF, SPLIT_REV_HELP, NULL },
	{ "split_rev", "string char", split_rev, RXL_REF, SPLIT_REV_HELP, NULL },
	{ "split_rev", "string string int", split_rev, RXL_REF, SPLIT_REV_MOST_HELP, NULL },
	{ "split_rev", "string char int", split_rev, RXL_REF, SPLIT_REV_MOST_HELP, NULL },
};

STD_PACKAGE(rxl_std_text_parts, "Parts of strings", rows);
