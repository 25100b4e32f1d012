/* Ending a script, taking values, tags, sleeping, listing functions. spec 8.1 */
#include <config.h>

#include <inttypes.h>
#include <math.h>
#include <time.h>

#include "lang/std/common.h"

STD_NATIVE(exit_plain)
{
	return rxl_call_exit(call, rxl_unit());
}

STD_NATIVE(exit_value)
{
	return rxl_call_exit(call, rxl_value_copy(self));
}

STD_NATIVE(take)
{
	*out = rxl_value_take(self);
	return REXI_OK;
}

STD_NATIVE(tag_get)
{
	*out = rxl_int(self->tag);
	return REXI_OK;
}

STD_NATIVE(tag_set)
{
	int64_t tag = args[0].as.i;

	if (tag < INT32_MIN || tag > INT32_MAX)
		return rxl_raise_text(call, RXL_ERROR_ARITHMETIC,
				      "%" PRId64 " is too %s to fit into a tag (must be between %d and %d)", tag,
				      tag < 0 ? "small" : "large", INT32_MIN, INT32_MAX);
	self->tag = (int32_t)tag;
	return REXI_OK;
}

/* In slices, so that a host that wants the script to end does not wait for long. */
static enum rexi_status sleep_for(struct rxl_call *call, double seconds)
{
	const double slice = 0.05;
	struct timespec now, end;

	if (!isnormal(seconds) || seconds <= 0)
		return REXI_OK;
	if (seconds > 1e9)
		seconds = 1e9;
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += (time_t)seconds;
	end.tv_nsec += (long)((seconds - trunc(seconds)) * 1e9);
	for (;;) {
		double left;
		struct timespec nap;

		clock_gettime(CLOCK_MONOTONIC, &now);
		left = (double)(end.tv_sec - now.tv_sec) + (double)(end.tv_nsec - now.tv_nsec) / 1e9;
		if (left <= 0)
			return REXI_OK;
		nap = (struct timespec){ 0, (long)((left < slice ? left : slice) * 1e9) };
		nanosleep(&nap, NULL);
		RX_TRY(rxl_call_poll(call));
	}
}

STD_NATIVE(sleep_int)
{
	return sleep_for(call, (double)self->as.i);
}

STD_NATIVE(sleep_float)
{
	return sleep_for(call, self->as.f);
}

/* What get_fn_metadata_list looks for, and the array it fills. */
struct listing {
	struct rxl_call *call;
	const struct rexi_str *name; /* NULL: any */
	int64_t arity;               /* -1: any */
	struct rxl_value *out;
};

static enum rexi_status describe(struct rxl_heap *heap, const struct rxl_function_info *info, struct rxl_value *map)
{
	struct rxl_value params = rxl_unit();
	enum rexi_status status;

	RX_TRY(rxl_map_put_text(heap, map, "name", info->name));
	RX_TRY(rxl_map_put_text(heap, map, "access", info->is_private ? RX_STR("private") : RX_STR("public")));
	RX_TRY(rxl_map_put_bool(heap, map, "is_anonymous", info->is_anonymous));
	if (info->this_type.len)
		RX_TRY(rxl_map_put_text(heap, map, "this_type", info->this_type));
	if (info->space.len)
		RX_TRY(rxl_map_put_text(heap, map, "namespace", info->space));
	RX_TRY(rxl_array_new(heap, info->param_count, &params));
	for (uint32_t i = 0; i < info->param_count; i++) {
		struct rxl_value name = rxl_unit();

		status = rxl_string_new(heap, info->params[i], &name);
		if (status == REXI_OK)
			status = rxl_array_push(heap, &params, name);
		if (status != REXI_OK) {
			rxl_value_drop(heap, &params);
			return status;
		}
	}
	return rxl_map_put(heap, map, RX_STR("params"), params);
}

static enum rexi_status list_one(void *user, const struct rxl_function_info *info)
{
	struct listing *listing = user;
	struct rxl_heap *heap = listing->call->heap;
	struct rxl_value map = rxl_unit();
	enum rexi_status status;

	if ((listing->name && !rx_str_eq(*listing->name, info->name)) ||
	    (listing->arity >= 0 && listing->arity != info->param_count))
		return REXI_OK;
	RX_TRY(rxl_map_new(heap, 6, &map));
	status = describe(heap, info, &map);
	if (status == REXI_OK)
		return rxl_array_push(heap, listing->out, map);
	rxl_value_drop(heap, &map);
	return status;
}

STD_NATIVE(functions)
{
	struct rexi_str name;
	struct listing listing = { call, NULL, -1, out };

	if (self) {
		name = rxl_string_view(self);
		listing.name = &name;
	}
	if (argc)
		listing.arity = args[0].as.i < 0 ? INT64_MAX : args[0].as.i;
	RX_TRY(rxl_array_new(call->heap, call->heap->max_array < 8 ? 0 : 8, out));
	return rxl_call_functions(call, list_one, &listing);
}

static const struct rxl_native rows[] = {
	{ "exit", "", exit_plain, RXL_PURE | RXL_VOLATILE, "end the script", NULL },
	{ "exit", "?", exit_value, RXL_PURE | RXL_VOLATILE, "end the script with a value", NULL },
	{ "take", "?", take, RXL_MUT, "the value, leaving () where it was", NULL },
	{ "tag", "?", tag_get, RXL_REF, "the number attached to a value, 0 unless set", NULL },
	{ "get$tag", "?", tag_get, RXL_REF, "the number attached to a value, 0 unless set", NULL },
	{ "set_tag", "? int", tag_set, RXL_MUT, "attach a 32-bit number to a value", NULL },
	{ "set$tag", "? int", tag_set, RXL_MUT, "attach a 32-bit number to a value", NULL },
	{ "sleep", "int", sleep_int, RXL_PURE | RXL_VOLATILE, "wait that many seconds", NULL },
	{ "sleep", "float", sleep_float, RXL_PURE | RXL_VOLATILE, "wait that many seconds", NULL },
	{ "get_fn_metadata_list", "", functions, RXL_PURE | RXL_VOLATILE, "descriptions of all functions of the script", NULL },
	{ "get_fn_metadata_list", "string", functions, RXL_PURE | RXL_VOLATILE, "those of one name", NULL },
	{ "get_fn_metadata_list", "string int", functions, RXL_PURE | RXL_VOLATILE,
	  "those of one name and number of parameters", NULL },
};

STD_PACKAGE(rxl_std_core, "Language core", rows);
