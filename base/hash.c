#include <config.h>

#include "base/hash.h"

#include <sys/auxv.h>
#include <sys/random.h>

struct rx_table_slot {
	struct rexi_str key; /* ptr NULL: free */
	uint32_t hash, value;
};

static uint64_t load8(const unsigned char *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return word;
}

static uint64_t load4(const unsigned char *p)
{
	uint32_t word;

	memcpy(&word, p, sizeof(word));
	return word;
}

uint64_t rx_hash_bytes(const void *bytes, size_t len, uint64_t seed)
{
	const unsigned char *p = bytes;
	uint64_t key = rx_hash_key(seed), hash = seed ^ UINT64_C(0x8EBC6AF09C88C6E3), a = 0, b = 0;
	size_t left = len;

	for (; left > 16; p += 16, left -= 16)
		hash = rx_hash_fold(load8(p) ^ key, load8(p + 8) ^ hash);
	if (left >= 8) { /* the two words may overlap; with the length they say every byte */
		a = load8(p);
		b = load8(p + left - 8);
	} else if (left >= 4) {
		a = load4(p);
		b = load4(p + left - 4);
	} else if (left) {
		a = (uint64_t)p[0] << 16 | (uint64_t)p[left >> 1] << 8 | p[left - 1];
	}
	return rx_hash_mix(rx_hash_fold(a ^ key, b ^ hash), len ^ key);
}

uint64_t rx_hash_seed(void)
{
	uint64_t seed = UINT64_C(0x5265786920526578);

#ifndef REXI_FUZZING
	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != (ssize_t)sizeof(seed)) {
		const unsigned char *given = (const unsigned char *)getauxval(AT_RANDOM); /* sixteen bytes */

		seed = given ? rx_hash_mix(load8(given), load8(given + 8)) : UINT64_C(0x5265786920526578);
	}
#endif
	return seed;
}

void rx_table_init(struct rx_table *table, struct rx_memory *memory, uint64_t seed)
{
	*table = (struct rx_table){ .memory = memory, .seed = seed };
}

void rx_table_fini(struct rx_table *table)
{
	rx_memory_give(table->memory, table->slots, table->cap * sizeof(*table->slots));
	*table = (struct rx_table){ .memory = table->memory, .seed = table->seed };
}

static struct rx_table_slot *slot_for(const struct rx_table *table, struct rexi_str key, uint32_t hash)
{
	size_t mask = table->cap - 1, at = hash & mask;

	while (table->slots[at].key.ptr && !(table->slots[at].hash == hash && rx_str_eq(table->slots[at].key, key)))
		at = (at + 1) & mask;
	return &table->slots[at];
}

uint32_t rx_table_find(const struct rx_table *table, struct rexi_str key)
{
	const struct rx_table_slot *slot;

	if (table->count == 0)
		return RX_TABLE_NONE;
	slot = slot_for(table, key, (uint32_t)rx_hash_bytes(key.ptr, key.len, table->seed));
	return slot->key.ptr ? slot->value : RX_TABLE_NONE;
}

static bool grow(struct rx_table *table)
{
	struct rx_table bigger = *table;

	bigger.cap = table->cap ? table->cap * 2 : 16;
	bigger.slots = rx_memory_take_zeroed(table->memory, bigger.cap, sizeof(*bigger.slots));
	if (!bigger.slots)
		return false;
	for (size_t i = 0; i < table->cap; i++)
		if (table->slots[i].key.ptr)
			*slot_for(&bigger, table->slots[i].key, table->slots[i].hash) = table->slots[i];
	rx_memory_give(table->memory, table->slots, table->cap * sizeof(*table->slots));
	*table = bigger;
	return true;
}

bool rx_table_set(struct rx_table *table, struct rexi_str key, uint32_t value)
{
	uint32_t hash = (uint32_t)rx_hash_bytes(key.ptr, key.len, table->seed);
	struct rx_table_slot *slot;

	if (table->count * 4 >= table->cap * 3 && !grow(table))
		return false;
	if (!key.ptr)
		key.ptr = "";
	slot = slot_for(table, key, hash);
	table->count += !slot->key.ptr;
	*slot = (struct rx_table_slot){ key, hash, value };
	return true;
}
