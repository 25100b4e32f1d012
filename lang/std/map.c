/* Object maps. spec 8.10; to_json is in json.c */
#include <config.h>

#include "lang/operators.h"
#include "lang/std/callback.h"

STD_NATIVE(len)
{
	*out = rxl_int((int64_t)rxl_map_count(self));
	return REXI_OK;
}

STD_NATIVE(is_empty)
{
	*out = rxl_bool(rxl_map_count(self) == 0);
	return REXI_OK;
}

STD_NATIVE(contains)
{
	*out = rxl_bool(rxl_map_find_value(self, &args[0]) != NULL);
	return REXI_OK;
}

STD_NATIVE(get)
{
	const struct rxl_value *value = rxl_map_find_value(self, &args[0]);

	if (value)
		*out = rxl_value_copy(value);
	return REXI_OK;
}

STD_NATIVE(set)
{
	return rxl_map_put(call->heap, self, rxl_string_view(&args[0]), rxl_value_take(&args[1]));
}

STD_NATIVE(remove)
{
	bool found;

	return rxl_map_remove(call->heap, self, rxl_string_view(&args[0]), &found, out);
}

STD_NATIVE(clear)
{
	return rxl_map_clear(call->heap, self);
}

STD_NATIVE(mixin)
{
	return rxl_operator_mixin(call, self, &args[0]);
}

STD_NATIVE(plus)
{
	*out = rxl_value_copy(self);
	return rxl_operator_mixin(call, out, &args[0]);
}

/* The entries in key order; REXI_NO_MEMORY when the map cannot be put in order. */
static enum rexi_status entries_of(struct rxl_call *call, const struct rxl_value *map, const struct rxl_entry **out)
{
	*out = rxl_map_entries(call->heap, map);
	return *out || rxl_map_count(map) == 0 ? REXI_OK : REXI_NO_MEMORY;
}

STD_NATIVE(fill_with)
{
	const struct rxl_entry *entries;
	size_t count = rxl_map_count(&args[0]);

	RX_TRY(entries_of(call, &args[0], &entries));
	for (size_t i = 0; i < count; i++) {
		struct rexi_str key = rxl_string_view(&entries[i].key);

		if (!rxl_map_find(self, key))
			RX_TRY(rxl_map_put(call->heap, self, key, rxl_value_copy(&entries[i].value)));
	}
	return REXI_OK;
}

static enum rexi_status column(struct rxl_call *call, const struct rxl_value *self, bool keys, struct rxl_value *out)
{
	const struct rxl_entry *entries;
	size_t count = rxl_map_count(self);
	struct rxl_array *array;

	RX_TRY(entries_of(call, self, &entries));
	RX_TRY(rxl_array_new(call->heap, count, out));
	array = out->as.array;
	for (; array->count < count; array->count++)
		array->items[array->count] =
			rxl_value_copy(keys ? &entries[array->count].key : &entries[array->count].value);
	return REXI_OK;
}

STD_NATIVE(keys)
{
	return column(call, self, true, out);
}

STD_NATIVE(values)
{
	return column(call, self, false, out);
}

/* ---- callbacks -------------------------------------------------------------------------------------------------- */

/*
 * Calls back with each key and, in place, each value, and hands both with the answer to `visit`. Keys are held by a list
 * of their own, so that entries may be removed meanwhile. With `removes`, visit says through *gone that the entry goes;
 * an entry whose callback fails goes as well, as in the reference.
 */
struct visit {
	struct rxl_call *call;
	struct rxl_value *self, *out;
	struct std_callback callback;
	bool removes;
	const char *caller; /* NULL: the native's own name */
	enum rexi_status (*one)(struct rxl_heap *heap, struct rexi_str key, const struct rxl_value *value,
				const struct rxl_value *answer, struct rxl_value *out, bool *gone);
};

static enum rexi_status visit_one(struct visit *visit, const struct rxl_value *key)
{
	struct rxl_heap *heap = visit->call->heap;
	struct rexi_str name = rxl_string_view(key);
	struct rxl_value answer = rxl_unit(), removed = rxl_unit(), *slot = NULL;
	bool gone = false, found;
	enum rexi_status status, left = REXI_OK;

	RX_TRY(rxl_map_find_edit(heap, visit->self, name, &slot));
	if (!slot)
		return REXI_OK;
	status = rxl_call_callback(visit->call, &visit->callback.how, slot, key, &answer);
	if (status == REXI_OK)
		status = visit->one(heap, name, rxl_map_find(visit->self, name), &answer, visit->out, &gone);
	if (visit->removes && (gone || status != REXI_OK))
		left = rxl_map_remove(heap, visit->self, name, &found, &removed);
	rxl_value_drop(heap, &removed);
	rxl_value_drop(heap, &answer);
	return status != REXI_OK ? status : left;
}

static enum rexi_status visit_all(struct visit *visit, const struct rxl_value *fn)
{
	struct rxl_call *call = visit->call;
	struct rxl_value keys = rxl_unit();
	enum rexi_status status;

	RX_TRY(rxl_map_new(call->heap, 0, visit->out));
	RX_TRY(rxl_map_edit(call->heap, visit->self));
	RX_TRY(column(call, visit->self, true, &keys));
	status = std_callback_init(&visit->callback, call, fn, 1, 0, 1);
	if (visit->caller)
		visit->callback.how.caller = visit->caller;
	for (size_t i = 0; i < rxl_array_count(&keys) && status == REXI_OK; i++)
		status = visit_one(visit, &rxl_array_items(&keys)[i]);
	std_callback_fini(&visit->callback, call);
	rxl_value_drop(call->heap, &keys);
	return status;
}

static bool is_true(const struct rxl_value *answer)
{
	return answer->type == RXL_BOOL && answer->as.b;
}

static enum rexi_status one_mapped(struct rxl_heap *heap, struct rexi_str key, const struct rxl_value *value RX_UNUSED,
				   const struct rxl_value *answer, struct rxl_value *out, bool *gone RX_UNUSED)
{
	return rxl_map_put(heap, out, key, rxl_value_copy(answer));
}

static enum rexi_status one_true(struct rxl_heap *heap, struct rexi_str key, const struct rxl_value *value,
				 const struct rxl_value *answer, struct rxl_value *out, bool *gone)
{
	*gone = is_true(answer);
	return *gone ? rxl_map_put(heap, out, key, rxl_value_copy(value)) : REXI_OK;
}

static enum rexi_status one_untrue(struct rxl_heap *heap, struct rexi_str key, const struct rxl_value *value,
				   const struct rxl_value *answer, struct rxl_value *out, bool *gone)
{
	*gone = !is_true(answer);
	return *gone ? rxl_map_put(heap, out, key, rxl_value_copy(value)) : REXI_OK;
}

STD_NATIVE(map)
{
	/* The reference words the errors of `map` as those of `filter`. */
	struct visit visit = { .call = call, .self = self, .out = out, .one = one_mapped, .caller = "filter" };

	return visit_all(&visit, &args[0]);
}

STD_NATIVE(filter)
{
	struct visit visit = { .call = call, .self = self, .out = out, .one = one_true };

	return visit_all(&visit, &args[0]);
}

STD_NATIVE(drain)
{
	struct visit visit = { .call = call, .self = self, .out = out, .removes = true, .one = one_true };

	return visit_all(&visit, &args[0]);
}

STD_NATIVE(retain)
{
	struct visit visit = { .call = call, .self = self, .out = out, .removes = true, .one = one_untrue };

	return visit_all(&visit, &args[0]);
}

static const struct rxl_native rows[] = {
	{ "len", "map", len, RXL_REF | RXL_BRIEF, "number of properties", NULL },
	{ "is_empty", "map", is_empty, RXL_REF | RXL_BRIEF, "is it without properties?", NULL },
	{ "contains", "map string", contains, RXL_REF, "is there a property of that name?", NULL },
	{ "get", "map string", get, RXL_REF | RXL_BRIEF, "a copy of a property; () when there is none", NULL },
	{ "set", "map string ?", set, RXL_MUT | RXL_BRIEF, "add or replace a property", NULL },
	{ "remove", "map string", remove, RXL_MUT, "remove a property and give its value; () when there is none", NULL },
	{ "clear", "map", clear, RXL_MUT, "remove all properties", NULL },
	{ "mixin", "map map", mixin, RXL_MUT, "add another map's properties, replacing those of the same name", NULL },
	{ "+=", "map map", mixin, RXL_MUT, "add another map's properties, replacing those of the same name", NULL },
	{ "+", "map map", plus, RXL_PURE, "the properties of both; the second's win", NULL },
	{ "fill_with", "map map", fill_with, RXL_MUT, "add another map's properties that are missing", NULL },
	{ "keys", "map", keys, RXL_REF, "the names of its properties, in order", NULL },
	{ "values", "map", values, RXL_REF, "its values in the order of their names", NULL },
	{ "map", "map Fn", map, RXL_REF, "a map of what the function makes of each name and value", NULL },
	{ "filter", "map Fn", filter, RXL_REF, "a map of the properties for which the function says true", NULL },
	{ "drain", "map Fn", drain, RXL_MUT, "remove the properties for which the function says true and give them", NULL },
	{ "retain", "map Fn", retain, RXL_MUT, "keep the properties for which the function says true and give the others", NULL },
	{ "==", "map map", rxl_std_equal, RXL_REF, "the same names and equal values?", NULL },
	{ "!=", "map map", rxl_std_unequal, RXL_REF, "another name or an unequal value?", NULL },
};

STD_PACKAGE(rxl_std_map, "Object maps", rows);
