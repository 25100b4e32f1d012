/* Powers of ten for the conversions between decimal and binary; see number.c and number_parse.c. */
#ifndef RX_POWER10_H
#define RX_POWER10_H

#include <stdint.h>

#include "base/compiler.h"

#define RX_POWER10_MIN (-342)
#define RX_POWER10_MAX 324
/* 5^55 is the largest power of five below 2^128. */
#define RX_POWER10_EXACT 55

/*
 * The first 128 bits, truncated, of 10^RX_POWER10_MIN .. 10^RX_POWER10_MAX, each normalised so that bit 127 is set:
 * { high, low }. Only 10^0 .. 10^55 are exact. check_number exercises every row.
 */
extern const uint64_t rx_power10[RX_POWER10_MAX - RX_POWER10_MIN + 1][2];

struct rx_product {
	uint64_t high, low;
};

RX_INLINE struct rx_product rx_product_of(uint64_t a, uint64_t b)
{
	rx_u128 product = (rx_u128)a * b;

	return (struct rx_product){ (uint64_t)(product >> 64), (uint64_t)product };
}

/* floor(log10(2^e)), floor(log2(10^k)): exact for |e| < 1700, |k| < 1200. Right shifts of negatives are arithmetic. */
RX_INLINE int rx_log10_of_power2(int e)
{
	return (e * 1262611) >> 22;
}

RX_INLINE int rx_log2_of_power10(int k)
{
	return (k * 1741647) >> 19;
}

#endif
