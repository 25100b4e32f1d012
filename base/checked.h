/* Narrowing that cannot lose bits in silence. */
#ifndef RX_CHECKED_H
#define RX_CHECKED_H

#include <rexi/base.h>

#include "base/compiler.h"

RX_NODISCARD RX_INLINE bool rx_u32_from_size(uint32_t *out, size_t value)
{
	*out = (uint32_t)value;
	return value <= UINT32_MAX;
}

RX_NODISCARD RX_INLINE bool rx_int_from_size(int *out, size_t value)
{
	*out = (int)value;
	return value <= INT32_MAX;
}

RX_NODISCARD RX_INLINE bool rx_size_from_i64(size_t *out, int64_t value)
{
	*out = (size_t)value;
	return value >= 0;
}

#endif
