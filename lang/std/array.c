/* Arrays: measuring, adding and removing elements. spec 8.8 */
#include <config.h>

#include "lang/operators.h"
#include "lang/std/common.h"

STD_NATIVE(len)
{
	*out = rxl_int((int64_t)rxl_array_count(self));
	return REXI_OK;
}

STD_NATIVE(is_empty)
{
	*out = rxl_bool(rxl_array_count(self) == 0);
	return REXI_OK;
}

STD_NATIVE(get)
{
	size_t count = rxl_array_count(self), at = std_offset(args[0].as.i, count);

	if (at < count)
		*out = rxl_value_copy(&rxl_array_items(self)[at]);
	return REXI_OK;
}

STD_NATIVE(set)
{
	size_t count = rxl_array_count(self), at = std_offset(args[0].as.i, count);

	if (at == count)
		return REXI_OK;
	RX_TRY(rxl_array_edit(call->heap, self));
	rxl_value_set(call->heap, &self->as.array->items[at], rxl_value_take(&args[1]));
	return REXI_OK;
}

STD_NATIVE(push)
{
	return rxl_array_push(call->heap, self, rxl_value_take(&args[0]));
}

STD_NATIVE(append)
{
	bool found;

	return rxl_operator_assign(call, RXL_BINARY_ADD, self, &args[0], &found);
}

STD_NATIVE(plus)
{
	bool found;

	return rxl_operator_apply(call, RXL_BINARY_ADD, self, &args[0], out, &found);
}

STD_NATIVE(insert)
{
	return rxl_array_insert(call->heap, self, std_offset(args[0].as.i, rxl_array_count(self)), rxl_value_take(&args[1]));
}

STD_NATIVE(pop)
{
	size_t count = rxl_array_count(self);

	return count ? rxl_array_remove(call->heap, self, count - 1, out) : REXI_OK;
}

STD_NATIVE(shift)
{
	return rxl_array_count(self) ? rxl_array_remove(call->heap, self, 0, out) : REXI_OK;
}

STD_NATIVE(remove)
{
	size_t at;

	return std_index(args[0].as.i, rxl_array_count(self), &at) ? rxl_array_remove(call->heap, self, at, out) : REXI_OK;
}

STD_NATIVE(pad)
{
	size_t count = rxl_array_count(self);
	struct rxl_array *array;

	if (args[0].as.i <= 0 || (uint64_t)args[0].as.i <= count)
		return REXI_OK;
	if (!std_array_fits(call, (uint64_t)args[0].as.i))
		return rxl_std_too_large(call, STD_TOO_MANY);
	RX_TRY(rxl_array_reserve(call->heap, self, (size_t)args[0].as.i - count));
	array = self->as.array;
	while (array->count < (uint64_t)args[0].as.i)
		array->items[array->count++] = rxl_value_copy(&args[1]);
	return REXI_OK;
}

STD_NATIVE(clear)
{
	return rxl_array_truncate(call->heap, self, 0);
}

STD_NATIVE(truncate)
{
	size_t count = rxl_array_count(self), keep = args[0].as.i > 0 ? (size_t)args[0].as.i : 0;

	return keep < count ? rxl_array_truncate(call->heap, self, keep) : REXI_OK;
}

STD_NATIVE(chop)
{
	size_t count = rxl_array_count(self), keep = args[0].as.i > 0 ? (size_t)args[0].as.i : 0;

	return keep < count ? rxl_array_splice(call->heap, self, 0, count - keep, NULL, 0, NULL) : REXI_OK;
}

STD_NATIVE(reverse)
{
	size_t count = rxl_array_count(self);
	struct rxl_value *items;

	if (count < 2)
		return REXI_OK;
	RX_TRY(rxl_array_edit(call->heap, self));
	items = self->as.array->items;
	for (size_t i = 0; i < count / 2; i++) {
		struct rxl_value item = items[i];

		items[i] = items[count - 1 - i];
		items[count - 1 - i] = item;
	}
	return REXI_OK;
}

static const struct rxl_native rows[] = {
	{ "len", "array", len, RXL_REF | RXL_BRIEF, "number of elements", NULL },
	{ "get$len", "array", len, RXL_REF | RXL_BRIEF, "number of elements", NULL },
	{ "is_empty", "array", is_empty, RXL_REF | RXL_BRIEF, "is it without elements?", NULL },
	{ "get$is_empty", "array", is_empty, RXL_REF, "is it without elements?", NULL },
	{ "get", "array int", get, RXL_MUT | RXL_BRIEF, "a copy of an element, counted from the end when negative; () beyond", NULL },
	{ "set", "array int ?", set, RXL_MUT | RXL_BRIEF, "replace an element; nothing beyond the end", NULL },
	{ "push", "array ?", push, RXL_MUT | RXL_BRIEF, "add an element at the end", NULL },
	{ "append", "array array", append, RXL_MUT, "add all elements of another array at the end", NULL },
	{ "+", "array array", plus, RXL_PURE, "the elements of both", NULL },
	{ "insert", "array int ?", insert, RXL_MUT, "insert an element before a position, at the end beyond", NULL },
	{ "pop", "array", pop, RXL_MUT | RXL_BRIEF, "remove the last element and give it; () when empty", NULL },
	{ "shift", "array", shift, RXL_MUT, "remove the first element and give it; () when empty", NULL },
	{ "remove", "array int", remove, RXL_MUT, "remove an element and give it; () when there is none", NULL },
	{ "pad", "array int ?", pad, RXL_MUT, "add copies of a value up to a length", NULL },
	{ "clear", "array", clear, RXL_MUT, "remove all elements", NULL },
	{ "truncate", "array int", truncate, RXL_MUT, "keep so many elements from the start", NULL },
	{ "chop", "array int", chop, RXL_MUT, "keep so many elements at the end", NULL },
	{ "reverse", "array", reverse, RXL_MUT, "turn the order around", NULL },
	{ "==", "array array", rxl_std_equal, RXL_REF, "the same length and equal elements?", NULL },
	{ "!=", "array array", rxl_std_unequal, RXL_REF, "another length or an unequal element?", NULL },
};

STD_PACKAGE(rxl_std_array, "Arrays", rows);
