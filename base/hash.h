/* Seeded hashing of byte strings, and a table from strings to 32-bit numbers (interning, name look-up). */
#ifndef RX_HASH_H
#define RX_HASH_H

#include "base/memory.h"
#include "base/str.h"

/* Good mixing, not a MAC; the seed keeps an attacker from choosing collisions. */
uint64_t rx_hash_bytes(const void *bytes, size_t len, uint64_t seed);

RX_INLINE uint64_t rx_hash_mix(uint64_t a, uint64_t b)
{
	rx_u128 product = (rx_u128)(a ^ UINT64_C(0x9E3779B97F4A7C15)) * (b ^ UINT64_C(0xD6E8FEB86659FD93));

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* A seed from the kernel's random source; a fixed one when that fails or when built for fuzzing. */
uint64_t rx_hash_seed(void);

struct rx_table_slot;

/* Keys are borrowed: they must live as long as the table. Values are any uint32_t but RX_TABLE_NONE. */
struct rx_table {
	struct rx_memory *memory;
	struct rx_table_slot *slots;
	size_t cap, count; /* cap is 0 or a power of two */
	uint64_t seed;
};

#define RX_TABLE_NONE UINT32_MAX

void rx_table_init(struct rx_table *table, struct rx_memory *memory, uint64_t seed);
void rx_table_fini(struct rx_table *table);
/* RX_TABLE_NONE when absent. */
uint32_t rx_table_find(const struct rx_table *table, struct rexi_str key);
/* Adds or replaces; false when memory refuses. */
RX_NODISCARD bool rx_table_set(struct rx_table *table, struct rexi_str key, uint32_t value);

#endif
