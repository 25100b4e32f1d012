/* Ranges, iterators, and the next element of whatever can be iterated. */
#include <config.h>

#include "lang/value.h"

#include <string.h>

#include "base/utf8.h"
#include "base/banned.h"

enum rexi_status rxl_range_new(struct rxl_heap *heap, int64_t start, int64_t end, bool inclusive, struct rxl_value *out)
{
	struct rxl_range *range = rxl_heap_take(heap, sizeof(*range));
	uint8_t kind = inclusive ? RXL_RANGE_INCLUSIVE : RXL_RANGE;

	if (!range)
		return REXI_NO_MEMORY;
	*range = (struct rxl_range){ .head = { .refs = 1, .kind = kind }, .start = start, .end = end };
	*out = (struct rxl_value){ .type = kind, .as.range = range };
	return REXI_OK;
}

static enum rexi_status iter_new(struct rxl_heap *heap, enum rxl_iter_kind kind, struct rxl_value *out)
{
	struct rxl_iter *iter = rxl_heap_take(heap, sizeof(*iter));

	if (!iter)
		return REXI_NO_MEMORY;
	*iter = (struct rxl_iter){ .head = { .refs = 1, .kind = RXL_ITER }, .kind = kind };
	*out = (struct rxl_value){ .type = RXL_ITER, .as.iter = iter };
	return REXI_OK;
}

enum rexi_status rxl_iter_ints(struct rxl_heap *heap, int64_t from, int64_t to, int64_t step, struct rxl_value *out)
{
	RX_TRY(iter_new(heap, RXL_ITER_INT, out));
	out->as.iter->u.ints.from = from;
	out->as.iter->u.ints.to = to;
	out->as.iter->u.ints.step = step;
	return REXI_OK;
}

enum rexi_status rxl_iter_floats(struct rxl_heap *heap, double from, double to, double step, struct rxl_value *out)
{
	RX_TRY(iter_new(heap, RXL_ITER_FLOAT, out));
	out->as.iter->u.floats.from = from;
	out->as.iter->u.floats.to = to;
	out->as.iter->u.floats.step = step;
	return REXI_OK;
}

enum rexi_status rxl_iter_chars(struct rxl_heap *heap, const struct rxl_value *string, size_t start, size_t end,
				struct rxl_value *out)
{
	RX_TRY(iter_new(heap, RXL_ITER_CHARS, out));
	out->as.iter->source = rxl_value_copy(string);
	out->as.iter->u.chars.start = (uint32_t)start;
	out->as.iter->u.chars.end = (uint32_t)end;
	return REXI_OK;
}

enum rexi_status rxl_iter_bits(struct rxl_heap *heap, int64_t bits, unsigned from, unsigned to, struct rxl_value *out)
{
	RX_TRY(iter_new(heap, RXL_ITER_BITS, out));
	out->as.iter->u.bits.bits = (uint64_t)bits;
	out->as.iter->u.bits.from = from;
	out->as.iter->u.bits.to = to;
	return REXI_OK;
}

bool rxl_value_is_iterable(const struct rxl_value *value)
{
	switch (value->type) {
	case RXL_TEXT:
	case RXL_STRING:
	case RXL_ARRAY:
	case RXL_BLOB:
	case RXL_RANGE:
	case RXL_RANGE_INCLUSIVE:
	case RXL_ITER:
		return true;
	case RXL_OBJECT:
		return value->as.host->type->iterate != NULL || value->as.host->type->iterate_of != NULL;
	default:
		return false;
	}
}

static bool chars_next(struct rexi_str text, uint64_t start, uint64_t *position, struct rxl_value *out)
{
	size_t at = (size_t)(start + *position);

	if (at >= text.len)
		return false;
	*out = rxl_char(rx_utf8_next(text, &at));
	*position = at - start;
	return true;
}

static bool range_next(const struct rxl_value *value, uint64_t *position, struct rxl_value *out)
{
	int64_t at;

	/* the position counts steps; start + position cannot pass end */
	if (__builtin_add_overflow(value->as.range->start, *position, &at))
		return false;
	if (value->type == RXL_RANGE ? at >= value->as.range->end : at > value->as.range->end)
		return false;
	*out = rxl_int(at);
	++*position;
	return true;
}

static bool iter_next(struct rxl_heap *heap, const struct rxl_iter *iter, uint64_t *position, struct rxl_value *out)
{
	switch (iter->kind) {
	case RXL_ITER_INT: {
		int64_t step = iter->u.ints.step, at, next;

		/* The reference ends before a number whose successor would overflow. */
		if (__builtin_mul_overflow((int64_t)*position, step, &at) ||
		    __builtin_add_overflow(at, iter->u.ints.from, &at) || __builtin_add_overflow(at, step, &next))
			return false;
		if (step > 0 ? at >= iter->u.ints.to : at <= iter->u.ints.to)
			return false;
		*out = rxl_int(at);
		++*position;
		return true;
	}
	case RXL_ITER_FLOAT: {
		double at, step = iter->u.floats.step;

		/* the running sum, as the reference adds: position holds its bits once started */
		if (*position == 0)
			at = iter->u.floats.from;
		else {
			uint64_t bits = *position - 1;

			memcpy(&at, &bits, sizeof(at));
		}
		if (step > 0 ? !(at < iter->u.floats.to) : !(at > iter->u.floats.to))
			return false;
		*out = rxl_float(at);
		at += step;
		memcpy(position, &at, sizeof(at));
		++*position;
		return true;
	}
	case RXL_ITER_CHARS: {
		struct rexi_str text = rxl_string_view(&iter->source);

		text.len = iter->u.chars.end < text.len ? iter->u.chars.end : text.len;
		return chars_next(text, iter->u.chars.start, position, out);
	}
	case RXL_ITER_BITS:
		if (iter->u.bits.from + *position >= iter->u.bits.to)
			return false;
		*out = rxl_bool(iter->u.bits.bits >> (iter->u.bits.from + *position) & 1);
		++*position;
		return true;
	case RXL_ITER_HOST:
		return rxl_value_next(heap, &iter->source, position, out);
	}
	rx_unreachable();
}

bool rxl_value_next(struct rxl_heap *heap, const struct rxl_value *value, uint64_t *position, struct rxl_value *out)
{
	switch (value->type) {
	case RXL_ARRAY:
		if (*position >= value->as.array->count)
			return false;
		*out = rxl_value_copy(&value->as.array->items[(*position)++]);
		return true;
	case RXL_BLOB:
		if (*position >= value->as.blob->count)
			return false;
		*out = rxl_byte(value->as.blob->bytes[(*position)++]);
		return true;
	case RXL_TEXT:
	case RXL_STRING:
		return chars_next(rxl_string_view(value), 0, position, out);
	case RXL_RANGE:
	case RXL_RANGE_INCLUSIVE:
		return range_next(value, position, out);
	case RXL_ITER:
		return iter_next(heap, value->as.iter, position, out);
	case RXL_OBJECT:
		if (value->as.host->type->iterate_of) {
			if (!value->as.host->type->iterate_of(value->as.host->type, value->as.host->payload, *position, out))
				return false;
			++*position;
			return true;
		}
		if (!value->as.host->type->iterate ||
		    !value->as.host->type->iterate(value->as.host->payload, *position, heap, out))
			return false;
		++*position;
		return true;
	default:
		return false;
	}
}
