/* Seeded hashing of byte strings, and a table from strings to 32-bit numbers (interning, name look-up). */
#ifndef RX_HASH_H
#define RX_HASH_H

#include "base/memory.h"
#include "base/str.h"

/*
 * Keyed: whoever does not know the seed cannot choose texts whose hashes collide. Not a MAC. Both factors of every product
 * hide a key that follows from the seed: a factor known beforehand could be made zero by the text, which would wipe out
 * all that was hashed before it.
 */
uint64_t rx_hash_bytes(const void *bytes, size_t len, uint64_t seed);

RX_INLINE uint64_t rx_hash_fold(uint64_t a, uint64_t b)
{
	rx_u128 product = (rx_u128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* For numbers that nobody chooses (addresses, counters); see rx_hash_pair. */
RX_INLINE uint64_t rx_hash_mix(uint64_t a, uint64_t b)
{
	return rx_hash_fold(a ^ UINT64_C(0x9E3779B97F4A7C15), b ^ UINT64_C(0xD6E8FEB86659FD93));
}

/* The second key of a seed; the first is the seed itself. */
RX_INLINE uint64_t rx_hash_key(uint64_t seed)
{
	uint64_t key = (seed ^ UINT64_C(0xA0761D6478BD642F)) * UINT64_C(0xE7037ED1A0B428DB);

	return key << 32 | key >> 32;
}

/* Keyed, for two numbers that input decides. */
RX_INLINE uint64_t rx_hash_pair(uint64_t a, uint64_t b, uint64_t seed)
{
	return rx_hash_fold(a ^ seed ^ UINT64_C(0x8EBC6AF09C88C6E3), b ^ rx_hash_key(seed));
}

/* A seed from the kernel's random source (its gift to the process when that is not ready); fixed when built for fuzzing. */
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
