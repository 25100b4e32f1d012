/* Arrays with callbacks: mapping, filtering, finding, folding. spec 8.8 */
#include <config.h>

#include "lang/std/callback.h"

/*
 * Elements are given in place and may be changed through `this`, so the array is made the only owner first. Nobody
 * else can reach it while callbacks run, and it is looked up anew for each element all the same.
 */
static struct rxl_value *element(struct rxl_value *self, size_t at)
{
	return &self->as.array->items[at];
}

/* Callback with the index as its extra argument; what most functions here want. */
static enum rexi_status begin(struct rxl_call *call, struct rxl_value *self, const struct rxl_value *fn,
			      struct std_callback *callback)
{
	RX_TRY(rxl_array_edit(call->heap, self));
	return std_callback_init(callback, call, fn, 0, 1, 0);
}

static enum rexi_status test(struct std_callback *callback, struct rxl_call *call, struct rxl_value *self, size_t at,
			     size_t index, bool *out)
{
	struct rxl_value extra = rxl_int((int64_t)index);

	return std_callback_test(callback, call, element(self, at), &extra, out);
}

/* The calls for the elements of an array. */
struct walk {
	struct rxl_each each; /* first */
	struct std_callback callback;
	struct rxl_value *self, *out;
	size_t at, count;     /* the element called next; the number of calls at most */
	bool called;          /* each.result is that of the element before */
	bool want, found;     /* find_first */
	bool backwards;       /* fold */
};

/* Arguments of most functions here: the element, and its index as the extra one. */
static bool walk_next(struct walk *walk)
{
	if (walk->at >= walk->count || walk->at >= rxl_array_count(walk->self))
		return false;
	walk->each.element = element(walk->self, walk->at);
	walk->each.args[0] = rxl_int((int64_t)walk->at++);
	return walk->called = true;
}

static enum rexi_status walk_run(struct rxl_call *call, struct walk *walk)
{
	enum rexi_status status;

	walk->each.how = &walk->callback.how;
	status = rxl_call_each(call, &walk->each);
	std_callback_fini(&walk->callback, call);
	return status;
}

static bool is_true(struct rxl_call *call, struct rxl_value *result)
{
	bool is = result->type == RXL_BOOL && result->as.b;

	if (rxl_is_counted(result))
		rxl_value_drop(call->heap, result);
	return is;
}

/* ---- for each ---------------------------------------------------------------------------------------------------- */

static bool for_each_next(struct rxl_call *call, struct rxl_each *each)
{
	rxl_value_drop(call->heap, &each->result);
	return walk_next((struct walk *)each);
}

STD_NATIVE(for_each)
{
	struct walk walk = { .each.next = for_each_next, .self = self, .count = rxl_array_count(self) };

	RX_TRY(rxl_array_edit(call->heap, self));
	RX_TRY(std_callback_init(&walk.callback, call, &args[0], 0, 1, -1));
	return walk_run(call, &walk);
}

static bool map_next(struct rxl_call *call, struct rxl_each *each)
{
	struct walk *walk = (struct walk *)each;
	struct rxl_array *made = walk->out->as.array;

	(void)call;
	if (walk->called)
		rxl_words_put(&made->items[made->count++], rxl_words_of(&each->result));
	return walk_next(walk);
}

STD_NATIVE(map)
{
	struct walk walk = { .each.next = map_next, .self = self, .out = out, .count = rxl_array_count(self) };

	RX_TRY(rxl_array_new(call->heap, walk.count, out));
	RX_TRY(begin(call, self, &args[0], &walk.callback));
	return walk_run(call, &walk);
}

static bool filter_next(struct rxl_call *call, struct rxl_each *each)
{
	struct walk *walk = (struct walk *)each;

	if (walk->called && is_true(call, &each->result)) {
		each->status = rxl_array_push(call->heap, walk->out, rxl_value_copy(element(walk->self, walk->at - 1)));
		if (each->status != REXI_OK)
			return false;
	}
	return walk_next(walk);
}

STD_NATIVE(filter)
{
	struct walk walk = { .each.next = filter_next, .self = self, .out = out, .count = rxl_array_count(self) };

	RX_TRY(rxl_array_new(call->heap, 0, out));
	RX_TRY(begin(call, self, &args[0], &walk.callback));
	return walk_run(call, &walk);
}

/* ---- finding ----------------------------------------------------------------------------------------------------- */

static bool find_next(struct rxl_call *call, struct rxl_each *each)
{
	struct walk *walk = (struct walk *)each;

	if (walk->called && is_true(call, &each->result) == walk->want) {
		walk->found = true;
		return false;
	}
	return walk_next(walk);
}

/* Position of the first element from `at` for which the callback answers `want`; the count when there is none. */
static enum rexi_status find_first(struct rxl_call *call, struct rxl_value *self, const struct rxl_value *fn, size_t at,
				   bool want, size_t *found)
{
	struct walk walk = { .each.next = find_next, .self = self, .at = at, .count = rxl_array_count(self), .want = want };
	enum rexi_status status;

	RX_TRY(begin(call, self, fn, &walk.callback));
	if (strcmp(call->native->name, "find") == 0)
		walk.callback.how.caller = "index_of"; /* which does the work in the reference, and says so in errors */
	status = walk_run(call, &walk);
	*found = walk.found ? walk.at - 1 : walk.count;
	return status;
}

static size_t start_of(const struct rxl_value *self, const struct rxl_value *args, unsigned argc)
{
	return argc > 1 ? std_offset(args[1].as.i, rxl_array_count(self)) : 0;
}

STD_NATIVE(find)
{
	size_t at;

	RX_TRY(find_first(call, self, &args[0], start_of(self, args, argc), true, &at));
	if (at < rxl_array_count(self))
		*out = rxl_value_copy(element(self, at));
	return REXI_OK;
}

STD_NATIVE(find_map)
{
	struct std_callback callback;
	enum rexi_status status;

	RX_TRY(begin(call, self, &args[0], &callback));
	status = REXI_OK;
	for (size_t i = start_of(self, args, argc); i < rxl_array_count(self); i++) {
		struct rxl_value extra = rxl_int((int64_t)i);

		status = rxl_call_callback(call, &callback.how, element(self, i), &extra, out);
		if (status != REXI_OK || out->type != RXL_UNIT)
			break;
	}
	std_callback_fini(&callback, call);
	return status;
}

STD_NATIVE(some)
{
	size_t at;

	RX_TRY(find_first(call, self, &args[0], 0, true, &at));
	*out = rxl_bool(at < rxl_array_count(self));
	return REXI_OK;
}

STD_NATIVE(all)
{
	size_t at;

	RX_TRY(find_first(call, self, &args[0], 0, false, &at));
	*out = rxl_bool(at == rxl_array_count(self));
	return REXI_OK;
}

static enum rexi_status find_equal(struct rxl_call *call, const struct rxl_value *self, const struct rxl_value *value,
				   size_t at, size_t *found)
{
	for (; at < rxl_array_count(self); at++) {
		bool same;

		RX_TRY(rxl_call_equal_strict(call, &rxl_array_items(self)[at], value, &same));
		if (same)
			break;
	}
	*found = at;
	return REXI_OK;
}

STD_NATIVE(contains)
{
	size_t at;

	RX_TRY(find_equal(call, self, &args[0], 0, &at));
	*out = rxl_bool(at < rxl_array_count(self));
	return REXI_OK;
}

static void position(const struct rxl_value *self, size_t at, struct rxl_value *out)
{
	*out = rxl_int(at < rxl_array_count(self) ? (int64_t)at : -1);
}

STD_NATIVE(index_of_value)
{
	size_t at;

	RX_TRY(find_equal(call, self, &args[0], start_of(self, args, argc), &at));
	position(self, at, out);
	return REXI_OK;
}

STD_NATIVE(index_of_fn)
{
	size_t at;

	RX_TRY(find_first(call, self, &args[0], start_of(self, args, argc), true, &at));
	position(self, at, out);
	return REXI_OK;
}

/* A text that names a function for every element up to the one that is found is a predicate, any other a value. */
STD_NATIVE(index_of_text)
{
	size_t at = start_of(self, args, argc);
	struct std_callback callback;
	enum rexi_status status = begin(call, self, &args[0], &callback);
	bool is = false;

	if (status == REXI_OK) {
		for (; at < rxl_array_count(self); at++) {
			status = test(&callback, call, self, at, at, &is);
			if (status != REXI_OK || is)
				break;
		}
		std_callback_fini(&callback, call);
		if (status == REXI_OK) {
			position(self, at, out);
			return REXI_OK;
		}
		if (!callback.how.not_found)
			return status;
	}
	if (!rxl_call_swallow_parsing(call))
		return status;
	return index_of_value(call, self, args, argc, out);
}

/* ---- folding ----------------------------------------------------------------------------------------------------- */

static bool fold_next(struct rxl_call *call, struct rxl_each *each)
{
	struct walk *walk = (struct walk *)each;
	struct rxl_words value = rxl_words_of(walk->called ? &each->result : walk->out);
	size_t at;

	(void)call;
	if (walk->at == walk->count || walk->count != rxl_array_count(walk->self)) {
		rxl_words_put(walk->out, value);
		return false;
	}
	at = walk->backwards ? walk->count - 1 - walk->at : walk->at;
	walk->at++;
	walk->called = true;
	*walk->out = rxl_unit();
	rxl_words_put(&each->args[0], value);
	each->args[1] = rxl_int((int64_t)at);
	each->element = element(walk->self, at);
	return true;
}

static enum rexi_status fold(struct rxl_call *call, struct rxl_value *self, struct rxl_value *args, unsigned argc,
			     bool backwards, struct rxl_value *out)
{
	struct walk walk = { .each.next = fold_next, .self = self, .out = out, .count = rxl_array_count(self),
			     .backwards = backwards };

	RX_TRY(rxl_array_edit(call->heap, self));
	RX_TRY(std_callback_init(&walk.callback, call, &args[0], 1, 1, 1));
	walk.callback.how.takes = true; /* so that the accumulator has one owner and can grow in place */
	if (argc > 1)
		*out = rxl_value_take(&args[1]);
	return walk_run(call, &walk);
}

STD_NATIVE(reduce)
{
	return fold(call, self, args, argc, false, out);
}

STD_NATIVE(reduce_rev)
{
	return fold(call, self, args, argc, true, out);
}

STD_NATIVE(zip)
{
	struct std_callback callback;
	const struct rxl_value *other = &args[0];
	size_t count = rxl_array_count(self) < rxl_array_count(other) ? rxl_array_count(self) : rxl_array_count(other);
	enum rexi_status status = REXI_OK;

	RX_TRY(rxl_array_new(call->heap, count, out));
	RX_TRY(std_callback_init(&callback, call, &args[1], 2, 1, -1));
	for (size_t i = 0; i < count && status == REXI_OK; i++) {
		struct rxl_value given[3] = { rxl_array_items(self)[i], rxl_array_items(other)[i], rxl_int((int64_t)i) };
		struct rxl_value *result = &out->as.array->items[i];

		*result = rxl_unit();
		status = rxl_call_callback(call, &callback.how, NULL, given, result);
		out->as.array->count++;
	}
	std_callback_fini(&callback, call);
	return status;
}

/* ---- removing ---------------------------------------------------------------------------------------------------- */

/* What is left after elements [kept, at) have moved away. */
static void close_gap(struct rxl_array *array, size_t kept, size_t at)
{
	if (at < array->count && kept < at)
		memmove(array->items + kept, array->items + at, (array->count - at) * sizeof(*array->items));
	array->count -= (uint32_t)(at - kept);
}

/*
 * Moves the elements for which the callback answers `gone` to *out. After an error the array has lost those that went
 * before it and keeps all others.
 */
static enum rexi_status remove_where(struct rxl_call *call, struct rxl_value *self, const struct rxl_value *fn, bool gone,
				     struct rxl_value *out)
{
	struct std_callback callback;
	size_t kept = 0, at = 0, count = rxl_array_count(self);
	struct rxl_value *items;
	enum rexi_status status;

	RX_TRY(rxl_array_new(call->heap, 0, out));
	RX_TRY(begin(call, self, fn, &callback));
	for (status = REXI_OK; at < count; at++) {
		bool is;

		status = test(&callback, call, self, at, at, &is);
		items = self->as.array->items;
		if (status == REXI_OK && is == gone) {
			struct rxl_value moved = rxl_value_take(&items[at]);

			status = rxl_array_push(call->heap, out, moved);
			if (status == REXI_OK)
				continue;
		}
		if (kept != at) {
			items[kept] = items[at];
			items[at] = rxl_unit();
		}
		kept++;
		if (status != REXI_OK) {
			at++;
			break;
		}
	}
	close_gap(self->as.array, kept, at);
	std_callback_fini(&callback, call);
	return status;
}

STD_NATIVE(drain)
{
	return remove_where(call, self, &args[0], true, out);
}

STD_NATIVE(retain)
{
	return remove_where(call, self, &args[0], false, out);
}

/* Removes the elements that are `same` as the last one kept; true, false or an error to swallow from `same`. */
static enum rexi_status dedup_by(struct rxl_call *call, struct rxl_value *self, const struct rxl_value *fn)
{
	struct rxl_value made = rxl_unit(), *items;
	size_t kept = 1, at = 1, count = rxl_array_count(self);
	enum rexi_status status = REXI_OK;

	if (fn && fn->type != RXL_FN) {
		RX_TRY(rxl_call_fn_pointer(call, fn, &made));
		fn = &made;
	}
	RX_TRY(rxl_array_edit(call->heap, self));
	if (count == 0)
		at = kept = 0;
	for (; at < count && status == REXI_OK; at++) {
		struct rxl_value given[2], result = rxl_unit();
		bool same = false;

		items = self->as.array->items;
		given[0] = items[kept - 1];
		given[1] = items[at];
		if (!fn) {
			status = rxl_call_equal(call, &given[0], &given[1], &same);
		} else {
			status = rxl_call_fnptr(call, fn, NULL, given, 2, &result);
			same = status == REXI_OK && result.type == RXL_BOOL && result.as.b;
			if (status != REXI_OK && rxl_call_swallow(call))
				status = REXI_OK;
			rxl_value_drop(call->heap, &result);
		}
		items = self->as.array->items;
		if (same) {
			rxl_value_drop(call->heap, &items[at]);
			continue;
		}
		if (kept != at) {
			items[kept] = items[at];
			items[at] = rxl_unit();
		}
		kept++;
	}
	close_gap(self->as.array, kept, at);
	rxl_value_drop(call->heap, &made);
	return status;
}

STD_NATIVE(dedup)
{
	return dedup_by(call, self, NULL);
}

STD_NATIVE(dedup_fn)
{
	return dedup_by(call, self, &args[0]);
}

#define MAP_HELP "an array of what the function makes of each element"
#define FILTER_HELP "an array of the elements for which the function says true"
#define SOME_HELP "does the function say true of any element?"
#define ALL_HELP "does the function say true of all elements?"
#define INDEX_HELP "position of the first element for which the function says true, -1 when there is none"
#define FOLD_HELP "what the function makes of a value, at first (), and each element in turn"
#define FOLD_FROM_HELP "what the function makes of a value and each element in turn"
#define FOLD_REV_HELP "the same from the last element to the first"

static const struct rxl_native rows[] = {
	{ "drain", "array Fn", drain, RXL_MUT, "remove the elements for which the function says true and give them", NULL },
	{ "drain", "array string", drain, RXL_MUT, "the same with the name of a function", NULL },
	{ "retain", "array Fn", retain, RXL_MUT, "keep the elements for which the function says true and give the others", NULL },
	{ "retain", "array string", retain, RXL_MUT, "the same with the name of a function", NULL },
	{ "for_each", "array Fn", for_each, RXL_MUT, "call a function with each element as `this` and its position", NULL },
	{ "map", "array Fn", map, RXL_REF, MAP_HELP, NULL },
	{ "map", "array string", map, RXL_MUT, "the same with the name of a function", NULL },
	{ "filter", "array Fn", filter, RXL_REF, FILTER_HELP, NULL },
	{ "filter", "array string", filter, RXL_MUT, "the same with the name of a function", NULL },
	{ "find", "array Fn", find, RXL_REF, "the first element for which the function says true; () when there is none", NULL },
	{ "find", "array Fn int", find, RXL_REF, "the same from a position on", NULL },
	{ "find_map", "array Fn", find_map, RXL_REF, "the first answer of the function that is not ()", NULL },
	{ "find_map", "array Fn int", find_map, RXL_REF, "the same from a position on", NULL },
	{ "some", "array Fn", some, RXL_REF, SOME_HELP, NULL },
	{ "some", "array string", some, RXL_REF, "the same with the name of a function", NULL },
	{ "all", "array Fn", all, RXL_REF, ALL_HELP, NULL },
	{ "all", "array string", all, RXL_REF, "the same with the name of a function", NULL },
	{ "contains", "array ?", contains, RXL_REF, "is an element equal to the value?", NULL },
	{ "index_of", "array ?", index_of_value, RXL_REF, "position of the first element equal to a value, -1 when there is none",
	  NULL },
	{ "index_of", "array ? int", index_of_value, RXL_REF, "the same from a position on", NULL },
	{ "index_of", "array Fn", index_of_fn, RXL_REF, INDEX_HELP, NULL },
	{ "index_of", "array Fn int", index_of_fn, RXL_REF, "the same from a position on", NULL },
	{ "index_of", "array string", index_of_text, RXL_REF, "position by the function of that name, else of the text itself",
	  NULL },
	{ "index_of", "array string int", index_of_text, RXL_REF, "the same from a position on", NULL },
	{ "reduce", "array Fn", reduce, RXL_REF, FOLD_HELP, NULL },
	{ "reduce", "array Fn ?", reduce, RXL_REF, FOLD_FROM_HELP, NULL },
	{ "reduce", "array string", reduce, RXL_REF, "the same with the name of a function", NULL },
	{ "reduce", "array string ?", reduce, RXL_REF, "the same with the name of a function", NULL },
	{ "reduce_rev", "array Fn", reduce_rev, RXL_REF, FOLD_REV_HELP, NULL },
	{ "reduce_rev", "array Fn ?", reduce_rev, RXL_REF, FOLD_REV_HELP, NULL },
	{ "reduce_rev", "array string", reduce_rev, RXL_REF, "the same with the name of a function", NULL },
	{ "reduce_rev", "array string ?", reduce_rev, RXL_REF, "the same with the name of a function", NULL },
	{ "zip", "array array Fn", zip, RXL_REF, "an array of what the function makes of the elements of two, side by side", NULL },
	{ "dedup", "array", dedup, RXL_MUT, "of equal elements that follow each other keep the first", NULL },
	{ "dedup", "array Fn", dedup_fn, RXL_MUT, "the same with a function that says whether two are equal", NULL },
	{ "dedup", "array string", dedup_fn, RXL_MUT, "the same with the name of a function", NULL },
};

STD_PACKAGE(rxl_std_array_calls, "Arrays with callbacks", rows);
