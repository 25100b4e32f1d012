#include <config.h>

#include "lang/symbols.h"

#include <string.h>

#include "base/hash.h"
#include "lang/token.h"

void rxl_symbols_init(struct rxl_symbols *symbols, struct rx_memory *memory, uint64_t seed)
{
	*symbols = (struct rxl_symbols){ .memory = memory, .seed = seed };
	rx_arena_init(&symbols->arena, memory);
}

void rxl_symbols_fini(struct rxl_symbols *symbols)
{
	if (!symbols)
		return;
	rx_memory_give(symbols->memory, symbols->slots, symbols->slot_cap * sizeof(*symbols->slots));
	rx_memory_give(symbols->memory, symbols->entries, symbols->entry_cap * sizeof(*symbols->entries));
	rx_arena_fini(&symbols->arena);
	*symbols = (struct rxl_symbols){ .memory = symbols->memory };
}

uint32_t rxl_symbol_hash(const struct rxl_symbols *symbols, struct rexi_str text)
{
	uint64_t hash = rx_hash_bytes(text.ptr, text.len, symbols->seed);

	return (uint32_t)(hash ^ hash >> 32);
}

static bool slots_grow(struct rxl_symbols *symbols)
{
	size_t cap = symbols->slot_cap ? symbols->slot_cap * 2 : 256;
	uint32_t *slots = (uint32_t *)rx_memory_take_zeroed(symbols->memory, cap, sizeof(*slots));

	if (!slots)
		return false;
	for (uint32_t symbol = 1; symbol < symbols->count; symbol++) {
		size_t at = symbols->entries[symbol].hash & (cap - 1);

		while (slots[at])
			at = (at + 1) & (cap - 1);
		slots[at] = symbol;
	}
	rx_memory_give(symbols->memory, symbols->slots, symbols->slot_cap * sizeof(*slots));
	symbols->slots = slots;
	symbols->slot_cap = cap;
	return true;
}

static rxl_symbol intern(struct rxl_symbols *symbols, struct rexi_str text, uint32_t hash, uint32_t word)
{
	struct rxl_symbol_entry *entry;
	struct rexi_str copy;
	size_t at;

	if (symbols->slot_cap) {
		for (at = hash & (symbols->slot_cap - 1); symbols->slots[at]; at = (at + 1) & (symbols->slot_cap - 1)) {
			entry = &symbols->entries[symbols->slots[at]];
			if (entry->hash == hash && rx_str_eq(entry->text, text))
				return symbols->slots[at];
		}
	}
	if (symbols->count == 0)
		symbols->count = 1;
	if (symbols->count == UINT32_MAX / 2 || (symbols->count + 1) * 2 > symbols->slot_cap) {
		if (symbols->count == UINT32_MAX / 2 || !slots_grow(symbols))
			return RXL_NO_SYMBOL;
	}
	if (!RX_GROW(symbols->memory, &symbols->entries, &symbols->entry_cap, (size_t)symbols->count + 1))
		return RXL_NO_SYMBOL;
	copy = rx_arena_copy(&symbols->arena, text);
	if (!copy.ptr)
		return RXL_NO_SYMBOL;
	symbols->entries[symbols->count] = (struct rxl_symbol_entry){ .text = copy, .hash = hash, .word = word };
	at = hash & (symbols->slot_cap - 1);
	while (symbols->slots[at])
		at = (at + 1) & (symbols->slot_cap - 1);
	symbols->slots[at] = symbols->count;
	return symbols->count++;
}

/* The first symbols of every table are the reserved words, so that one look-up tells a name from a word. */
static bool words_intern(struct rxl_symbols *symbols)
{
	for (uint32_t word = 1; word < RXL_WORD_COUNT; word++) {
		struct rexi_str text = rx_str(rxl_words[word].text);

		if (intern(symbols, text, rxl_symbol_hash(symbols, text), word) == RXL_NO_SYMBOL)
			return false;
	}
	return true;
}

rxl_symbol rxl_symbol_intern_hashed(struct rxl_symbols *symbols, struct rexi_str text, uint32_t hash)
{
	if (RX_UNLIKELY(symbols->count < RXL_WORD_COUNT) && !words_intern(symbols))
		return RXL_NO_SYMBOL;
	return intern(symbols, text, hash, 0);
}

rxl_symbol rxl_symbol_intern(struct rxl_symbols *symbols, struct rexi_str text)
{
	return rxl_symbol_intern_hashed(symbols, text, rxl_symbol_hash(symbols, text));
}

rxl_symbol rxl_symbol_find(const struct rxl_symbols *symbols, struct rexi_str text)
{
	uint32_t hash = rxl_symbol_hash(symbols, text);

	if (!symbols->slot_cap)
		return RXL_NO_SYMBOL;
	for (size_t at = hash & (symbols->slot_cap - 1); symbols->slots[at]; at = (at + 1) & (symbols->slot_cap - 1)) {
		const struct rxl_symbol_entry *entry = &symbols->entries[symbols->slots[at]];

		if (entry->hash == hash && rx_str_eq(entry->text, text))
			return symbols->slots[at];
	}
	return RXL_NO_SYMBOL;
}
