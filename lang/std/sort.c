/*
 * Sorting: stable, n log n, on memory of its own, so that an inconsistent or failing comparer changes the order at most.
 * Elements of one scalar type or strings are compared without calls. spec 8.8
 */
#include <config.h>

#include "lang/std/callback.h"

/* Up to this length by insertion, as the reference does: its comparers are called for the same pairs in the same order. */
enum { SHORT = 20 };

/* How to compare; `status` is the first failure that may not be swallowed, after it all elements count as equal. */
struct order {
	struct rxl_call *call;
	const struct rxl_value *fn;
	struct rxl_callback closure;     /* the same when it is one */
	bool is_closure;
	enum rexi_status status;
	const struct rxl_value *strings; /* of the keys below */
};

/* What will be compared soon: elements are scattered objects, and waiting for them is most of the time. */
#define PREFETCH(values, at, end)                                              \
	do {                                                                   \
		if ((at) + 2 < (end) && rxl_is_counted(&(values)[(at) + 2]))   \
			__builtin_prefetch((values)[(at) + 2].as.object);      \
	} while (0)

/*
 * A merge sort for one notion of less(a, b): sorts items[0, count) with room for count more in `spare`. Runs that are
 * in order already are merged without moving anything.
 */
#define SORT(name, less)                                                                                              \
	static void name##_insertion(struct rxl_value *items, size_t from, size_t count, struct order *order RX_UNUSED) \
	{                                                                                                              \
		for (size_t i = from; i < count; i++) {                                                                \
			struct rxl_value item = items[i];                                                              \
			size_t at = i;                                                                                 \
                                                                                                                       \
			for (; at > 0 && less(&item, &items[at - 1]); at--)                                            \
				items[at] = items[at - 1];                                                             \
			items[at] = item;                                                                              \
		}                                                                                                      \
	}                                                                                                              \
                                                                                                                       \
	static void name##_merge(struct rxl_value *items, size_t middle, size_t count, struct rxl_value *spare,        \
				 struct order *order RX_UNUSED)                                                        \
	{                                                                                                              \
		size_t left = 0, right = middle, to = 0;                                                               \
                                                                                                                       \
		if (!less(&items[middle], &items[middle - 1]))                                                         \
			return;                                                                                        \
		memcpy(spare, items, middle * sizeof(*items));                                                         \
		while (left < middle && right < count) {                                                               \
			bool second;                                                                                   \
                                                                                                                       \
			PREFETCH(items, right, count);                                                                 \
			PREFETCH(spare, left, middle);                                                                 \
			second = less(&items[right], &spare[left]);                                                    \
                                                                                                                       \
			items[to++] = second ? items[right] : spare[left];                                             \
			right += second;                                                                               \
			left += !second;                                                                               \
		}                                                                                                      \
		memcpy(items + to, spare + left, (middle - left) * sizeof(*items));                                    \
	}                                                                                                              \
                                                                                                                       \
	/* depth first, so that what a short run refers to stays in the cache */                                      \
	static void name(struct rxl_value *items, size_t count, struct rxl_value *spare, struct order *order)          \
	{                                                                                                              \
		size_t middle = count / 2;                                                                             \
                                                                                                                       \
		if (count <= SHORT) {                                                                                  \
			name##_insertion(items, 1, count, order);                                                      \
			return;                                                                                        \
		}                                                                                                      \
		name(items, middle, spare, order);                                                                     \
		name(items + middle, count - middle, spare, order);                                                    \
		name##_merge(items, middle, count, spare, order);                                                      \
	}

#define LESS_INT(a, b) ((a)->as.i < (b)->as.i)
#define LESS_FLOAT(a, b) ((a)->as.f < (b)->as.f)
#define MORE_INT(a, b) LESS_INT(b, a)
#define MORE_FLOAT(a, b) LESS_FLOAT(b, a)
#define LESS_STRING(a, b) (rx_str_cmp(rxl_string_view(a), rxl_string_view(b)) < 0)
#define MORE_STRING(a, b) LESS_STRING(b, a)
#define LESS_CALL(a, b) less_by_call(order, a, b)
#define LESS_KEY(a, b) less_by_key(order, a, b)
#define MORE_KEY(a, b) less_by_key(order, b, a)

/* The reference's order of types where a comparer gives no answer; host types come last. */
static unsigned type_rank(const struct rxl_value *value)
{
	static const uint8_t ranks[RXL_TYPE_COUNT] = {
		[RXL_INT] = 0,		    [RXL_FLOAT] = 1,  [RXL_RANGE] = 2, [RXL_ITER] = 2,	 [RXL_ARRAY] = 3, [RXL_MAP] = 4,
		[RXL_FN] = 5,		    [RXL_RANGE_INCLUSIVE] = 6,	       [RXL_TEXT] = 7,	 [RXL_STRING] = 7,
		[RXL_CHAR] = 8,		    [RXL_UNIT] = 9,   [RXL_BOOL] = 10, [RXL_BLOB] = 11,	 [RXL_TIME] = 12, [RXL_OBJECT] = 13,
	};

	return ranks[value->type];
}

/* An integer below zero or true puts a before b; with other answers and errors the types decide. */
static bool less_by_call(struct order *order, const struct rxl_value *a, const struct rxl_value *b)
{
	struct rxl_value given[2] = { *a, *b }, result = rxl_unit();
	bool less;

	if (order->status != REXI_OK)
		return false;
	order->status = order->is_closure ? rxl_call_callback(order->call, &order->closure, NULL, given, &result)
					  : rxl_call_fnptr(order->call, order->fn, NULL, given, 2, &result);
	if (order->status == REXI_OK && result.type == RXL_INT)
		less = result.as.i < 0;
	else if (order->status == REXI_OK && result.type == RXL_BOOL)
		less = result.as.b;
	else
		less = type_rank(a) < type_rank(b);
	if (order->status != REXI_OK && rxl_call_swallow(order->call))
		order->status = REXI_OK;
	rxl_value_drop(order->call->heap, &result);
	return less;
}

/*
 * Long arrays of strings are sorted as keys: a value that is none, with the string's first eight bytes as a number in
 * as.i and its position in tag, so that most comparisons touch no string.
 */
static bool less_by_key(const struct order *order, const struct rxl_value *a, const struct rxl_value *b)
{
	if (a->as.i != b->as.i)
		return (uint64_t)a->as.i < (uint64_t)b->as.i;
	return LESS_STRING(&order->strings[a->tag], &order->strings[b->tag]);
}

static struct rxl_value key_of(const struct rxl_value *string, size_t at)
{
	struct rexi_str text = rxl_string_view(string);
	uint64_t prefix = 0;

	for (size_t i = 0; i < 8; i++)
		prefix = prefix << 8 | (i < text.len ? (unsigned char)text.ptr[i] : 0);
	return (struct rxl_value){ .tag = (int32_t)at, .as.i = (int64_t)prefix };
}

SORT(sort_ints, LESS_INT)
SORT(sort_floats, LESS_FLOAT)
SORT(sort_strings, LESS_STRING)
SORT(sort_ints_down, MORE_INT)
SORT(sort_floats_down, MORE_FLOAT)
SORT(sort_strings_down, MORE_STRING)
SORT(sort_by_call, LESS_CALL)
SORT(sort_keys, LESS_KEY)
SORT(sort_keys_down, MORE_KEY)

typedef void (*sort_fn)(struct rxl_value *items, size_t count, struct rxl_value *spare, struct order *order);

/* NULL for types without an order. */
static sort_fn sort_of(const struct rxl_value *value, bool down)
{
	switch (value->type) {
	case RXL_UNIT: case RXL_BOOL: case RXL_INT: case RXL_CHAR: return down ? sort_ints_down : sort_ints;
	case RXL_FLOAT: return down ? sort_floats_down : sort_floats;
	case RXL_TEXT: case RXL_STRING: return down ? sort_strings_down : sort_strings;
	default: return NULL;
	}
}

static enum rexi_status sort_with(struct rxl_call *call, struct rxl_value *array, sort_fn sort, struct order *order)
{
	size_t count = rxl_array_count(array), spare_count = count <= SHORT ? 0 : count;
	struct rxl_value *spare = NULL;

	RX_TRY(rxl_array_edit(call->heap, array));
	if (spare_count) {
		spare = rxl_heap_take(call->heap, spare_count * sizeof(*spare));
		if (!spare)
			return REXI_NO_MEMORY;
	}
	sort(array->as.array->items, count, spare, order);
	rxl_heap_give(call->heap, spare, spare_count * sizeof(*spare));
	return order->status;
}

static enum rexi_status sort_long_strings(struct rxl_call *call, struct rxl_value *array, bool down)
{
	size_t count = rxl_array_count(array), size = count * sizeof(struct rxl_value);
	struct order order = { .call = call };
	struct rxl_value *items, *keys, *spare;

	RX_TRY(rxl_array_edit(call->heap, array));
	items = array->as.array->items;
	keys = rxl_heap_take(call->heap, size);
	spare = rxl_heap_take(call->heap, size);
	if (keys && spare) {
		for (size_t i = 0; i < count; i++)
			keys[i] = key_of(&items[i], i);
		order.strings = items;
		(down ? sort_keys_down : sort_keys)(keys, count, spare, &order);
		memcpy(spare, items, size);
		for (size_t i = 0; i < count; i++)
			items[i] = spare[keys[i].tag];
	}
	rxl_heap_give(call->heap, keys, size);
	rxl_heap_give(call->heap, spare, size);
	return keys && spare ? REXI_OK : REXI_NO_MEMORY;
}

static enum rexi_status sort_plain(struct rxl_call *call, struct rxl_value *array, bool down)
{
	size_t count = rxl_array_count(array);
	const struct rxl_value *items = rxl_array_items(array);
	struct order order = { .call = call };

	if (count < 2)
		return REXI_OK;
	for (size_t i = 1; i < count; i++)
		if (rxl_value_type_id(&items[i]) != rxl_value_type_id(&items[0]))
			return rxl_raise_text(call, RXL_ERROR_FUNCTION_NOT_FOUND,
					      "elements of different types cannot be sorted");
	if (!sort_of(&items[0], down))
		return rxl_raise_text(call, RXL_ERROR_FUNCTION_NOT_FOUND, "elements of %s cannot be sorted",
				      rxl_value_type_name(&items[0]));
	if (rxl_is_string(&items[0]) && count > SHORT)
		return sort_long_strings(call, array, down);
	return sort_with(call, array, sort_of(&items[0], down), &order);
}

static enum rexi_status sort_by(struct rxl_call *call, struct rxl_value *array, const struct rxl_value *fn)
{
	struct rxl_value made = rxl_unit();
	struct order order = { .call = call, .fn = fn };
	enum rexi_status status;

	if (fn->type != RXL_FN) {
		RX_TRY(rxl_call_fn_pointer(call, fn, &made));
		order.fn = &made;
	}
	order.is_closure = rxl_fn_is_closure(order.fn, 2);
	order.closure = (struct rxl_callback){ .fn = order.fn, .normal = 2, .insert_at = -1, .bare = true };
	rxl_callbacks_begin(call);
	status = sort_with(call, array, sort_by_call, &order);
	rxl_callbacks_end(call);
	rxl_value_drop(call->heap, &made);
	return status;
}

STD_NATIVE(sort)
{
	return sort_plain(call, self, false);
}

STD_NATIVE(sort_desc)
{
	return sort_plain(call, self, true);
}

STD_NATIVE(sort_fn_native)
{
	return sort_by(call, self, &args[0]);
}

STD_NATIVE(order)
{
	*out = rxl_value_copy(self);
	return sort_plain(call, out, false);
}

STD_NATIVE(order_desc)
{
	*out = rxl_value_copy(self);
	return sort_plain(call, out, true);
}

STD_NATIVE(order_by)
{
	*out = rxl_value_copy(self);
	return sort_by(call, out, &args[0]);
}

#define BY_HELP "sort by a function that says whether the first of two comes first, as a bool or a negative integer"
#define ORDER_BY_HELP "a copy sorted by a function"

static const struct rxl_native rows[] = {
	{ "sort", "array", sort, RXL_MUT, "sort elements of one type, smallest first", NULL },
	{ "sort_desc", "array", sort_desc, RXL_MUT, "sort elements of one type, largest first", NULL },
	{ "order", "array", order, RXL_MUT, "a sorted copy, smallest first", NULL },
	{ "order_desc", "array", order_desc, RXL_MUT, "a sorted copy, largest first", NULL },
	{ "sort", "array Fn", sort_fn_native, RXL_MUT, BY_HELP, NULL },
	{ "sort", "array string", sort_fn_native, RXL_MUT, "the same with the name of a function", NULL },
	{ "sort_by", "array Fn", sort_fn_native, RXL_MUT, BY_HELP, NULL },
	{ "order", "array Fn", order_by, RXL_MUT, ORDER_BY_HELP, NULL },
	{ "order_by", "array Fn", order_by, RXL_MUT, ORDER_BY_HELP, NULL },
};

STD_PACKAGE(rxl_std_sort, "Sorting", rows);
