#include <config.h>

#include "base/arena.h"

#include <string.h>

enum { FIRST_BLOCK = 4096, LARGEST_BLOCK = 1 << 20 };

struct rx_arena_block {
	struct rx_arena_block *older;
	size_t size; /* of the whole allocation */
};

void rx_arena_init(struct rx_arena *arena, struct rx_memory *memory)
{
	*arena = (struct rx_arena){ .memory = memory, .next_block = FIRST_BLOCK };
}

static void blocks_free(struct rx_arena *arena, struct rx_arena_block *block)
{
	while (block) {
		struct rx_arena_block *older = block->older;

		rx_memory_give(arena->memory, block, block->size);
		block = older;
	}
}

void rx_arena_fini(struct rx_arena *arena)
{
	blocks_free(arena, arena->block);
	rx_arena_init(arena, arena->memory);
}

void rx_arena_reset(struct rx_arena *arena)
{
	struct rx_arena_block *keep = arena->block;

	if (!keep)
		return;
	blocks_free(arena, keep->older); /* blocks grow, so the newest is as large as any but an oversized one */
	keep->older = NULL;
	arena->next = (char *)(keep + 1);
	arena->end = (char *)keep + keep->size;
}

void *rx_arena_slow(struct rx_arena *arena, size_t bytes)
{
	size_t rounded, size;
	struct rx_arena_block *block;

	if (__builtin_add_overflow(bytes, (size_t)7, &rounded))
		return NULL;
	rounded &= ~(size_t)7;
	if (__builtin_add_overflow(rounded, sizeof(*block), &size))
		return NULL;
	if (size < arena->next_block)
		size = arena->next_block;
	block = rx_memory_take(arena->memory, size);
	if (!block)
		return NULL;
	if (arena->next_block < LARGEST_BLOCK)
		arena->next_block *= 2;
	*block = (struct rx_arena_block){ .older = arena->block, .size = size };
	arena->block = block;
	arena->next = (char *)(block + 1) + rounded;
	arena->end = (char *)block + size;
	return block + 1;
}

void *rx_arena_alloc(struct rx_arena *arena, size_t count, size_t size)
{
	size_t bytes;
	void *fresh;

	if (__builtin_mul_overflow(count, size, &bytes))
		return NULL;
	fresh = rx_arena_bytes(arena, bytes ? bytes : 1); /* an empty array is not a refusal */
	if (fresh)
		memset(fresh, 0, bytes);
	return fresh;
}

struct rexi_str rx_arena_copy(struct rx_arena *arena, struct rexi_str text)
{
	char *copy = text.len < SIZE_MAX ? rx_arena_bytes(arena, text.len + 1) : NULL;

	if (!copy)
		return (struct rexi_str){ NULL, 0 };
	if (text.len)
		memcpy(copy, text.ptr, text.len);
	copy[text.len] = '\0';
	return (struct rexi_str){ copy, text.len };
}

bool rx_arena_grow(struct rx_arena *arena, void **ptr, size_t *cap, size_t need, size_t size)
{
	size_t wanted = *cap * 2;
	void *fresh;

	if (need <= *cap)
		return true;
	if (wanted < need)
		wanted = need;
	if (wanted < 4)
		wanted = 4;
	fresh = rx_arena_alloc(arena, wanted, size);
	if (!fresh)
		return false;
	if (*cap)
		memcpy(fresh, *ptr, *cap * size);
	*ptr = fresh;
	*cap = wanted;
	return true;
}
