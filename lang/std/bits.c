/* Integers as fields of 64 bits. spec 8.4 */
#include <config.h>

#include "lang/std/common.h"

enum { BITS = 64 };

/* Bits of a word: `count` from `at`, count 0..64. */
struct field {
	unsigned at, count;
};

static uint64_t field_mask(struct field field)
{
	return field.count >= BITS ? UINT64_MAX : ((UINT64_C(1) << field.count) - 1) << field.at;
}

static enum rexi_status bit_at(struct rxl_call *call, int64_t index, unsigned *at)
{
	size_t found;

	if (!std_index(index, BITS, &found))
		return rxl_raise_bounds(call, RXL_ERROR_BIT_FIELD_BOUNDS, BITS, index);
	*at = (unsigned)found;
	return REXI_OK;
}

static enum rexi_status field_of(struct rxl_call *call, int64_t start, int64_t count, struct field *field)
{
	*field = (struct field){ 0, 0 };
	if (count <= 0)
		return REXI_OK;
	RX_TRY(bit_at(call, start, &field->at));
	field->count = count > BITS - (int64_t)field->at ? BITS - field->at : (unsigned)count;
	return REXI_OK;
}

/* The inclusive form checks its last bit, one before the first when it is reversed. */
static enum rexi_status field_of_range(struct rxl_call *call, const struct rxl_value *range, struct field *field)
{
	int64_t start = range->as.range->start > 0 ? range->as.range->start : 0, end = range->as.range->end;

	if (range->type == RXL_RANGE)
		return field_of(call, start, (end > start ? end : start) - start, field);
	if (end < start - 1)
		end = start - 1;
	if (end >= BITS)
		return rxl_raise_bounds(call, RXL_ERROR_BIT_FIELD_BOUNDS, BITS, end);
	return field_of(call, start, end - start + 1, field);
}

static void field_get(int64_t value, struct field field, struct rxl_value *out)
{
	*out = rxl_int(field.count ? (int64_t)(((uint64_t)value & field_mask(field)) >> field.at) : 0);
}

static void field_set(struct rxl_value *self, struct field field, int64_t bits)
{
	uint64_t mask = field_mask(field);

	if (field.count)
		self->as.i = (int64_t)(((uint64_t)self->as.i & ~mask) | ((uint64_t)bits << field.at & mask));
}

STD_NATIVE(get_bit)
{
	unsigned at = 0;

	RX_TRY(bit_at(call, args[0].as.i, &at));
	*out = rxl_bool((uint64_t)self->as.i >> at & 1);
	return REXI_OK;
}

STD_NATIVE(set_bit)
{
	unsigned at = 0;

	RX_TRY(bit_at(call, args[0].as.i, &at));
	field_set(self, (struct field){ at, 1 }, args[1].as.b);
	return REXI_OK;
}

STD_NATIVE(get_bits)
{
	struct field field;

	RX_TRY(field_of(call, args[0].as.i, args[1].as.i, &field));
	field_get(self->as.i, field, out);
	return REXI_OK;
}

STD_NATIVE(get_bits_range)
{
	struct field field;

	RX_TRY(field_of_range(call, &args[0], &field));
	field_get(self->as.i, field, out);
	return REXI_OK;
}

STD_NATIVE(set_bits)
{
	struct field field;

	RX_TRY(field_of(call, args[0].as.i, args[1].as.i, &field));
	field_set(self, field, args[2].as.i);
	return REXI_OK;
}

STD_NATIVE(set_bits_range)
{
	struct field field;

	RX_TRY(field_of_range(call, &args[0], &field));
	field_set(self, field, args[1].as.i);
	return REXI_OK;
}

static enum rexi_status bits_from(struct rxl_call *call, const struct rxl_value *self, int64_t start, int64_t count,
				  struct rxl_value *out)
{
	unsigned at = 0;

	RX_TRY(bit_at(call, start, &at));
	if (count < 0)
		count = 0;
	return rxl_iter_bits(call->heap, self->as.i, at, count > BITS - (int64_t)at ? BITS : at + (unsigned)count, out);
}

STD_NATIVE(bits)
{
	return bits_from(call, self, argc > 0 ? args[0].as.i : 0, argc > 1 ? args[1].as.i : BITS, out);
}

STD_NATIVE(bits_range)
{
	int64_t start, count;

	std_range_empty(&args[0], &start, &count);
	return bits_from(call, self, start, count, out);
}

static const struct rxl_native rows[] = {
	{ "get_bit", "int int", get_bit, RXL_PURE, "is the bit set? Counted from the lowest, from the top when negative", NULL },
	{ "set_bit", "int int bool", set_bit, RXL_MUT, "set or clear a bit", NULL },
	{ "get_bits", "int int int", get_bits, RXL_PURE, "the number in a field given by first bit and width", NULL },
	{ "get_bits", "int range", get_bits_range, RXL_PURE, "the number in a field of bits", NULL },
	{ "get_bits", "int range=", get_bits_range, RXL_PURE, "the number in a field of bits", NULL },
	{ "set_bits", "int int int int", set_bits, RXL_MUT, "store the low bits of a number in a field of first bit and width",
	  NULL },
	{ "set_bits", "int range int", set_bits_range, RXL_MUT, "store the low bits of a number in a field", NULL },
	{ "set_bits", "int range= int", set_bits_range, RXL_MUT, "store the low bits of a number in a field", NULL },
	{ "bits", "int", bits, RXL_PURE, "all bits from the lowest, to iterate over", NULL },
	{ "bits", "int int", bits, RXL_PURE, "the bits from a position, to iterate over", NULL },
	{ "bits", "int int int", bits, RXL_PURE, "so many bits from a position, to iterate over", NULL },
	{ "bits", "int range", bits_range, RXL_PURE, "the bits of a range, to iterate over", NULL },
	{ "bits", "int range=", bits_range, RXL_PURE, "the bits of a range, to iterate over", NULL },
	{ "get$bits", "int", bits, RXL_PURE, "all bits from the lowest, to iterate over", NULL },
};

STD_PACKAGE(rxl_std_bits, "Bit fields", rows);
