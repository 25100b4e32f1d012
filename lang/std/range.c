/* Ranges, stepped ranges, and the characters of a string to iterate over. spec 8.5 */
#include <config.h>

#include <math.h>

#include "base/utf8.h"
#include "lang/std/common.h"

STD_NATIVE(range_new)
{
	return rxl_range_new(call->heap, self->as.i, args[0].as.i, false, out);
}

/* The kind is hidden by the wrapping, and its text has no prefix. */
static RX_COLD enum rexi_status step_zero(struct rxl_call *call)
{
	(void)rxl_raise_text(call, RXL_ERROR_ARITHMETIC, "step value cannot be zero");
	rxl_call_error_at(call, 0, 0);
	return rxl_raise_wrapped(call, "range");
}

STD_NATIVE(range_steps)
{
	if (args[1].as.i == 0)
		return step_zero(call);
	return rxl_iter_ints(call->heap, self->as.i, args[0].as.i, args[1].as.i, out);
}

STD_NATIVE(range_float_steps)
{
	double from = self->as.f, step = args[1].as.f;

	if (from + step == from) /* also one that is lost in rounding: such a loop would not end */
		return step_zero(call);
	if (isnan(from + step)) /* leads nowhere */
		return rxl_iter_floats(call->heap, 0, 0, 1, out);
	return rxl_iter_floats(call->heap, from, args[0].as.f, step, out);
}

STD_NATIVE(range_of_range)
{
	const struct rxl_range *range = self->as.range;

	if (args[0].as.i == 0)
		return step_zero(call);
	return rxl_iter_ints(call->heap, range->start, range->end, args[0].as.i, out);
}

STD_NATIVE(range_start)
{
	*out = rxl_int(self->as.range->start);
	return REXI_OK;
}

STD_NATIVE(range_end)
{
	*out = rxl_int(self->as.range->end);
	return REXI_OK;
}

STD_NATIVE(is_inclusive)
{
	*out = rxl_bool(self->type == RXL_RANGE_INCLUSIVE);
	return REXI_OK;
}

STD_NATIVE(is_exclusive)
{
	*out = rxl_bool(self->type == RXL_RANGE);
	return REXI_OK;
}

STD_NATIVE(is_empty)
{
	const struct rxl_range *range = self->as.range;

	*out = rxl_bool(self->type == RXL_RANGE ? range->start >= range->end : range->start > range->end);
	return REXI_OK;
}

STD_NATIVE(contains)
{
	const struct rxl_range *range = self->as.range;
	int64_t i = args[0].as.i;

	*out = rxl_bool(i >= range->start && (self->type == RXL_RANGE ? i < range->end : i <= range->end));
	return REXI_OK;
}

/* `count` characters from `start`, which counts from the end when negative. */
static enum rexi_status chars_from(struct rxl_call *call, const struct rxl_value *self, int64_t start, int64_t count,
				   struct rxl_value *out)
{
	struct rexi_str text = rxl_string_view(self);
	struct std_part part = std_part(start, count, rxl_string_chars(self));
	size_t from = part.at, to = part.at + part.count;

	if (!rxl_string_is_ascii(self)) {
		from = rx_utf8_offset(text, part.at);
		to = from + rx_utf8_offset(rx_str_sub(text, from, text.len), part.count);
	}
	return rxl_iter_chars(call->heap, self, from, to, out);
}

STD_NATIVE(chars)
{
	return chars_from(call, self, argc > 0 ? args[0].as.i : 0, argc > 1 ? args[1].as.i : INT64_MAX, out);
}

STD_NATIVE(chars_range)
{
	int64_t start, count;

	std_range_empty(&args[0], &start, &count);
	return chars_from(call, self, start, count, out);
}

/* One row for each of the two kinds of range. */
#define BOTH(name, params, function, flags, help) \
	{ name, "range" params, function, flags, help, NULL }, { name, "range=" params, function, flags, help, NULL }

static const struct rxl_native rows[] = {
	{ "range", "int int", range_new, RXL_PURE, "the range from..to", NULL },
	{ "range", "int int int", range_steps, RXL_PURE, "from, to (exclusive) and step, to iterate over", NULL },
	{ "range", "float float float", range_float_steps, RXL_PURE, "from, to (exclusive) and step, to iterate over", NULL },
	{ "range", "range int", range_of_range, RXL_PURE, "a range in steps, to iterate over", NULL },
	BOTH("start", "", range_start, RXL_REF, "where it starts"),
	BOTH("end", "", range_end, RXL_REF, "where it ends"),
	BOTH("get$start", "", range_start, RXL_REF, "where it starts"),
	BOTH("get$end", "", range_end, RXL_REF, "where it ends"),
	BOTH("is_inclusive", "", is_inclusive, RXL_REF, "does it contain its end?"),
	BOTH("is_exclusive", "", is_exclusive, RXL_REF, "does it leave out its end?"),
	BOTH("is_empty", "", is_empty, RXL_REF, "is there no number in it?"),
	BOTH("get$is_inclusive", "", is_inclusive, RXL_REF, "does it contain its end?"),
	BOTH("get$is_exclusive", "", is_exclusive, RXL_REF, "does it leave out its end?"),
	BOTH("get$is_empty", "", is_empty, RXL_REF, "is there no number in it?"),
	BOTH("contains", " int", contains, RXL_MUT, "is the number in it?"),
	{ "chars", "string", chars, RXL_PURE, "its characters, to iterate over", NULL },
	{ "chars", "string int", chars, RXL_PURE, "the characters from a position, to iterate over", NULL },
	{ "chars", "string int int", chars, RXL_PURE, "so many characters from a position, to iterate over", NULL },
	{ "chars", "string range", chars_range, RXL_PURE, "the characters of a range, to iterate over", NULL },
	{ "chars", "string range=", chars_range, RXL_PURE, "the characters of a range, to iterate over", NULL },
	{ "get$chars", "string", chars, RXL_PURE, "its characters, to iterate over", NULL },
};

STD_PACKAGE(rxl_std_range, "Ranges and iterators", rows);
