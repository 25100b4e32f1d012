/* Parts of arrays: copying, replacing, removing, keeping. spec 8.8 */
#include <config.h>

#include "lang/std/common.h"

/* A part given by start alone reaches to the end. */
static struct std_part part_of(const struct rxl_value *self, const struct rxl_value *args, unsigned argc, unsigned *used)
{
	if (argc == 1 && args[0].type == RXL_INT) {
		*used = 1;
		return std_part(args[0].as.i, INT64_MAX, rxl_array_count(self));
	}
	return std_args_part(args, rxl_array_count(self), used);
}

STD_NATIVE(extract)
{
	unsigned used;
	struct std_part part = part_of(self, args, argc, &used);

	return rxl_array_slice(call->heap, self, part.at, part.count, out);
}

STD_NATIVE(splice)
{
	unsigned used;
	struct std_part part = part_of(self, args, argc, &used);
	const struct rxl_value *with = &args[used];

	return rxl_array_splice(call->heap, self, part.at, part.count, rxl_array_items(with), rxl_array_count(with), NULL);
}

/* Removes a part, which becomes *out. */
static enum rexi_status cut(struct rxl_call *call, struct rxl_value *self, struct std_part part, struct rxl_value *out)
{
	return rxl_array_splice(call->heap, self, part.at, part.count, NULL, 0, out);
}

STD_NATIVE(split)
{
	size_t count = rxl_array_count(self), at = std_offset(args[0].as.i, count);

	return cut(call, self, (struct std_part){ at, count - at }, out);
}

STD_NATIVE(drain)
{
	unsigned used;

	return cut(call, self, part_of(self, args, argc, &used), out);
}

/* What comes before the part and what comes after it go, in this order. */
STD_NATIVE(retain)
{
	unsigned used;
	struct std_part part = part_of(self, args, argc, &used);
	struct rxl_value tail;
	enum rexi_status status;

	if (part.count == 0)
		return rxl_array_new(call->heap, 0, out);
	RX_TRY(rxl_array_slice(call->heap, self, part.at + part.count, rxl_array_count(self) - part.at - part.count, &tail));
	status = rxl_array_truncate(call->heap, self, part.at + part.count);
	if (status == REXI_OK)
		status = rxl_array_splice(call->heap, self, 0, part.at, NULL, 0, out);
	if (status == REXI_OK)
		status = rxl_array_splice(call->heap, out, part.at, 0, rxl_array_items(&tail), rxl_array_count(&tail), NULL);
	rxl_value_drop(call->heap, &tail);
	return status;
}

#define BOTH(name, tail, function, help) \
	{ name, "array range" tail, function, RXL_MUT, help, NULL }, { name, "array range=" tail, function, RXL_MUT, help, NULL }

static const struct rxl_native rows[] = {
	{ "splice", "array int int array", splice, RXL_MUT, "replace so many elements from a position by another array's", NULL },
	BOTH("splice", " array", splice, "replace the elements of a range by another array's"),
	{ "extract", "array int", extract, RXL_MUT, "a copy of the elements from a position", NULL },
	{ "extract", "array int int", extract, RXL_MUT, "a copy of so many elements from a position", NULL },
	BOTH("extract", "", extract, "a copy of the elements of a range"),
	{ "split", "array int", split, RXL_MUT, "cut at a position and give the tail", NULL },
	{ "drain", "array int int", drain, RXL_MUT, "remove so many elements from a position and give them", NULL },
	BOTH("drain", "", drain, "remove the elements of a range and give them"),
	{ "retain", "array int int", retain, RXL_MUT, "keep so many elements from a position and give the others", NULL },
	BOTH("retain", "", retain, "keep the elements of a range and give the others"),
};

STD_PACKAGE(rxl_std_array_parts, "Parts of arrays", rows);
