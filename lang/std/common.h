/* What the packages share: the shape of a native, index conventions of spec 8, size limits before allocation. */
#ifndef RXL_STD_COMMON_H
#define RXL_STD_COMMON_H

#include "lang/std/std.h"

#define STD_NATIVE(function)                                                                                      \
	static enum rexi_status function(struct rxl_call *call RX_UNUSED, struct rxl_value *self RX_UNUSED,       \
					 struct rxl_value *args RX_UNUSED, unsigned argc RX_UNUSED,               \
					 struct rxl_value *out RX_UNUSED)

#define STD_PACKAGE(symbol, heading, table) const struct rxl_package symbol = { heading, table, RX_COUNT(table) }

/* A part of a sequence: `count` elements from `at`, both within it. */
struct std_part {
	size_t at, count;
};

/* Magnitude of a negative number, INT64_MIN included. */
RX_INLINE uint64_t std_magnitude(int64_t i)
{
	return i < 0 ? 0 - (uint64_t)i : (uint64_t)i;
}

/* OFF(i) of spec 8: from the end when negative (too far is 0), len when beyond. */
RX_INLINE size_t std_offset(int64_t i, size_t len)
{
	if (i < 0)
		return std_magnitude(i) >= len ? 0 : len - (size_t)std_magnitude(i);
	return (uint64_t)i > len ? len : (size_t)i;
}

/* OFF(i, k) */
RX_INLINE struct std_part std_part(int64_t i, int64_t k, size_t len)
{
	struct std_part part = { std_offset(i, len), 0 };

	if (k > 0)
		part.count = (uint64_t)k > len - part.at ? len - part.at : (size_t)k;
	return part;
}

/* IDX(i): false when outside. */
RX_INLINE bool std_index(int64_t i, size_t len, size_t *at)
{
	if (i < 0 ? std_magnitude(i) > len : (uint64_t)i >= len)
		return false;
	*at = i < 0 ? len - (size_t)std_magnitude(i) : (size_t)i;
	return true;
}

/*
 * XR and IR of spec 8: what natives with a range do with it. The inclusive form counts one more, so that a reversed one
 * selects one element.
 */
RX_INLINE void std_range(const struct rxl_value *range, int64_t *start, int64_t *count)
{
	int64_t end = range->as.range->end;

	*start = range->as.range->start > 0 ? range->as.range->start : 0;
	*count = (end > *start ? end : *start) - *start;
	if (range->type == RXL_RANGE_INCLUSIVE && *count < INT64_MAX)
		*count += 1;
}

/* XR and IR0: as above, but a reversed inclusive range selects nothing. */
RX_INLINE void std_range_empty(const struct rxl_value *range, int64_t *start, int64_t *count)
{
	std_range(range, start, count);
	if (range->as.range->end < *start)
		*count = 0;
}

RX_INLINE struct std_part std_range_part(const struct rxl_value *range, size_t len)
{
	int64_t start, count;

	std_range(range, &start, &count);
	return std_part(start, count, len);
}

/*
 * The arguments of natives that come as (int, int, ...), (range, ...) and (range=, ...): the part, and how many of args
 * it took.
 */
RX_INLINE struct std_part std_args_part(const struct rxl_value *args, size_t len, unsigned *used)
{
	if (args[0].type == RXL_INT) {
		*used = 2;
		return std_part(args[0].as.i, args[1].as.i, len);
	}
	*used = 1;
	return std_range_part(&args[0], len);
}

/* == and != of two containers, element by element, each pair by its own operator where it has one. */
enum rexi_status rxl_std_equal(struct rxl_call *call, struct rxl_value *self, struct rxl_value *args, unsigned argc,
			       struct rxl_value *out);
enum rexi_status rxl_std_unequal(struct rxl_call *call, struct rxl_value *self, struct rxl_value *args, unsigned argc,
				 struct rxl_value *out);

/* ErrorDataTooLarge before anything of `count` elements or bytes is allocated; kinds as the reference words them. */
#define STD_TOO_LONG "Length of string"
#define STD_TOO_MANY "Size of array/BLOB"
RX_COLD enum rexi_status rxl_std_too_large(struct rxl_call *call, const char *what);

/* What may be held by one array or blob. */
RX_INLINE bool std_array_fits(const struct rxl_call *call, uint64_t count)
{
	return count <= call->heap->max_array && count < UINT32_MAX;
}

RX_INLINE bool std_string_fits(const struct rxl_call *call, uint64_t len)
{
	return len <= call->heap->max_string && len < UINT32_MAX;
}

/* A buffer for a text that becomes a string: it stops where strings must. */
RX_INLINE void std_text_buf(const struct rxl_call *call, struct rx_buf *buf)
{
	rx_buf_init(buf, &call->heap->memory, call->heap->max_string == SIZE_MAX ? 0 : call->heap->max_string);
}

/* Why such a buffer failed. */
RX_INLINE enum rexi_status std_text_failed(struct rxl_call *call)
{
	return call->heap->max_string == SIZE_MAX ? REXI_NO_MEMORY : rxl_std_too_large(call, STD_TOO_LONG);
}

#endif
