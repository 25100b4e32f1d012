/* Values compared, hashed and measured. spec 4.4, 6.4 */
#include <config.h>

#include "lang/value.h"

#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "base/utf8.h"
#include "base/banned.h"

bool rxl_float_equal(double x, double y)
{
	double scale = x * y == 0 ? 1 : fmax(fabs(x), fabs(y));

	/* scale 0: no number beside zero, which counts as zero */
	return scale == 0 || fabs(x - y) / scale <= 0x1p-52;
}

static bool as_float(const struct rxl_value *value, double *out)
{
	if (value->type == RXL_INT)
		*out = (double)value->as.i;
	else if (value->type == RXL_FLOAT)
		*out = value->as.f;
	else
		return false;
	return true;
}

static bool char_equals_string(uint32_t c, struct rexi_str text)
{
	size_t pos = 0;

	/* only the first two characters take part (spec Q37): one that follows makes the string the larger */
	return text.len != 0 && rx_utf8_next(text, &pos) == c && pos == text.len;
}

static enum rxl_equality equal(const struct rxl_value *a, const struct rxl_value *b, unsigned depth, struct rxl_walk *walk);

#define WALK_PARTS 65536U

/* False: the walk has been stopped. */
static bool walk_on(struct rxl_walk *walk, uint32_t parts)
{
	if (!walk)
		return true;
	if (walk->parts < WALK_PARTS && parts < WALK_PARTS) {
		walk->parts += parts + 1;
	} else if (walk->status == REXI_OK) {
		walk->status = walk->ask(walk->user, (uint64_t)walk->parts + parts);
		walk->parts = 0;
	}
	return walk->status == REXI_OK;
}

static enum rxl_equality arrays_equal(const struct rxl_array *a, const struct rxl_array *b, unsigned depth, struct rxl_walk *walk)
{
	if (a == b && depth > 64)
		return RXL_EQUAL;
	if (a->count != b->count || !walk_on(walk, a->count))
		return RXL_UNEQUAL;
	for (uint32_t i = 0; i < a->count; i++) {
		enum rxl_equality each = equal(&a->items[i], &b->items[i], depth + 1, walk);

		if (each != RXL_EQUAL)
			return each;
	}
	return RXL_EQUAL;
}

static enum rxl_equality maps_equal(const struct rxl_value *a, const struct rxl_value *b, unsigned depth, struct rxl_walk *walk)
{
	const struct rxl_map *map = a->as.map;

	if (map->count != b->as.map->count || !walk_on(walk, map->count))
		return RXL_UNEQUAL;
	for (uint32_t i = 0; i < map->used; i++) {
		const struct rxl_value *other;
		enum rxl_equality each;

		if (map->entries[i].key.type == RXL_UNIT)
			continue;
		other = rxl_map_find(b, rxl_string_view(&map->entries[i].key));
		if (!other)
			return RXL_UNEQUAL;
		each = equal(&map->entries[i].value, other, depth + 1, walk);
		if (each != RXL_EQUAL)
			return each;
	}
	return RXL_EQUAL;
}

static enum rxl_equality equal(const struct rxl_value *a, const struct rxl_value *b, unsigned depth, struct rxl_walk *walk)
{
	double x, y;

	if (depth > RXL_NESTING_MAX)
		return RXL_UNEQUAL;
	if (a->type == RXL_CELL)
		a = &a->as.cell->value;
	if (b->type == RXL_CELL)
		b = &b->as.cell->value;
	if (a->type != b->type) {
		if (as_float(a, &x) && as_float(b, &y))
			return rxl_float_equal(x, y) ? RXL_EQUAL : RXL_UNEQUAL;
		if (a->type == RXL_CHAR && rxl_is_string(b))
			return char_equals_string(a->as.c, rxl_string_view(b)) ? RXL_EQUAL : RXL_UNEQUAL;
		if (b->type == RXL_CHAR && rxl_is_string(a))
			return char_equals_string(b->as.c, rxl_string_view(a)) ? RXL_EQUAL : RXL_UNEQUAL;
		return RXL_UNEQUAL;
	}
	switch ((enum rxl_type)a->type) {
	case RXL_UNIT:
		return RXL_EQUAL;
	case RXL_BOOL:
	case RXL_INT:
	case RXL_CHAR:
	case RXL_TIME:
	case RXL_BYTE:
		return a->as.i == b->as.i ? RXL_EQUAL : RXL_UNEQUAL;
	case RXL_FLOAT:
		return rxl_float_equal(a->as.f, b->as.f) ? RXL_EQUAL : RXL_UNEQUAL;
	case RXL_TEXT:
	case RXL_STRING:
		return rx_str_eq(rxl_string_view(a), rxl_string_view(b)) ? RXL_EQUAL : RXL_UNEQUAL;
	case RXL_ARRAY:
		return arrays_equal(a->as.array, b->as.array, depth, walk);
	case RXL_MAP:
		return maps_equal(a, b, depth, walk);
	case RXL_BLOB:
		if (!walk_on(walk, a->as.blob->count / 64))
			return RXL_UNEQUAL;
		return a->as.blob->count == b->as.blob->count &&
				       (a->as.blob->count == 0 ||
					memcmp(a->as.blob->bytes, b->as.blob->bytes, a->as.blob->count) == 0)
			       ? RXL_EQUAL
			       : RXL_UNEQUAL;
	case RXL_RANGE:
	case RXL_RANGE_INCLUSIVE:
		return a->as.range->start == b->as.range->start && a->as.range->end == b->as.range->end ? RXL_EQUAL
												       : RXL_UNEQUAL;
	case RXL_OBJECT:
		if (a->as.host->type != b->as.host->type)
			return RXL_UNEQUAL;
		if (a->as.host->type->equal)
			return a->as.host->type->equal(a->as.host->payload, b->as.host->payload) ? RXL_EQUAL : RXL_UNEQUAL;
		return RXL_NO_EQUAL;
	case RXL_FN:
	case RXL_ITER:
	case RXL_CELL:
	case RXL_TYPE_COUNT:
	case RXL_ANY:
		break;
	}
	return RXL_NO_EQUAL;
}

enum rxl_equality rxl_value_equal(const struct rxl_value *a, const struct rxl_value *b, struct rxl_walk *walk)
{
	return equal(a, b, 0, walk);
}

static bool same(const struct rxl_value *a, const struct rxl_value *b, unsigned depth)
{
	if (a->type != b->type || depth > RXL_NESTING_MAX)
		return false;
	switch ((enum rxl_type)a->type) {
	case RXL_FLOAT:
		return memcmp(&a->as.f, &b->as.f, sizeof(double)) == 0;
	case RXL_ARRAY:
		if (a->as.array->count != b->as.array->count)
			return false;
		for (uint32_t i = 0; i < a->as.array->count; i++)
			if (!same(&a->as.array->items[i], &b->as.array->items[i], depth + 1))
				return false;
		return true;
	case RXL_MAP:
		if (a->as.map->count != b->as.map->count)
			return false;
		for (uint32_t i = 0; i < a->as.map->used; i++) {
			const struct rxl_entry *entry = &a->as.map->entries[i];
			const struct rxl_value *other;

			if (entry->key.type == RXL_UNIT)
				continue;
			other = rxl_map_find(b, rxl_string_view(&entry->key));
			if (!other || !same(&entry->value, other, depth + 1))
				return false;
		}
		return true;
	case RXL_FN:
		return !a->as.fn->target && !b->as.fn->target && !a->as.fn->curry_count && !b->as.fn->curry_count &&
		       rx_str_eq(rxl_fn_name(a), rxl_fn_name(b));
	case RXL_TIME:
	case RXL_ITER:
	case RXL_OBJECT:
		return false;
	default:
		return equal(a, b, depth, NULL) == RXL_EQUAL;
	}
}

bool rxl_value_same(const struct rxl_value *a, const struct rxl_value *b)
{
	return same(a, b, 0);
}

uint64_t rxl_value_hash(const struct rxl_value *value, uint64_t seed)
{
	switch ((enum rxl_type)value->type) {
	case RXL_UNIT:
	case RXL_BOOL:
	case RXL_INT:
	case RXL_CHAR:
	case RXL_FLOAT:
		return rx_hash_mix((uint64_t)value->as.i ^ seed, value->type);
	case RXL_TEXT:
	case RXL_STRING: {
		struct rexi_str text = rxl_string_view(value);

		return rx_hash_bytes(text.ptr, text.len, seed ^ RXL_STRING);
	}
	case RXL_ARRAY:
		return rx_hash_mix(value->as.array->count ^ seed, RXL_ARRAY);
	case RXL_MAP:
		return rx_hash_mix(value->as.map->count ^ seed, RXL_MAP);
	case RXL_RANGE:
	case RXL_RANGE_INCLUSIVE:
		return rx_hash_mix((uint64_t)value->as.range->start ^ seed, (uint64_t)value->as.range->end ^ value->type);
	default:
		return rx_hash_mix(value->type, seed);
	}
}

/* Nothing in it has a size of its own; told without a branch for each element. */
static bool is_flat(const struct rxl_array *array)
{
	unsigned large = 0;

	for (uint32_t i = 0; i < array->count; i++)
		large |= array->items[i].type >= RXL_TEXT;
	return !large;
}

static void sizes(const struct rxl_value *value, struct rxl_sizes *out, unsigned depth)
{
	if (depth > RXL_NESTING_MAX || out->parts++ > RXL_SIZES_PARTS)
		return;
	switch (value->type) {
	case RXL_TEXT:
	case RXL_STRING: {
		size_t len = rxl_string_view(value).len;

		out->string = len > out->string ? len : out->string;
		return;
	}
	case RXL_BLOB:
		out->array += value->as.blob->count;
		return;
	case RXL_ARRAY:
		out->array += value->as.array->count;
		out->parts += value->as.array->count / 8;
		if (is_flat(value->as.array))
			return;
		for (uint32_t i = 0; i < value->as.array->count; i++)
			sizes(&value->as.array->items[i], out, depth + 1);
		return;
	case RXL_MAP:
		out->map += value->as.map->count;
		for (uint32_t i = 0; i < value->as.map->used; i++)
			sizes(&value->as.map->entries[i].value, out, depth + 1);
		return;
	default:
		return;
	}
}

void rxl_value_sizes(const struct rxl_value *value, struct rxl_sizes *out)
{
	*out = (struct rxl_sizes){ 0, 0, 0, 0 };
	sizes(value, out, 0);
}
