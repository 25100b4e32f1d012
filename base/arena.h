/* Memory that is given back all at once: ASTs, policies, schemas, one decision's scratch. */
#ifndef RX_ARENA_H
#define RX_ARENA_H

#include "base/memory.h"
#include "base/str.h"

struct rx_arena_block;

struct rx_arena {
	struct rx_memory *memory;
	struct rx_arena_block *block; /* newest first */
	char *next, *end;             /* free part of the newest block */
	size_t next_block;            /* size of the block to take next */
};

/* memory is borrowed and must outlive the arena. Takes nothing until the first allocation. */
void rx_arena_init(struct rx_arena *arena, struct rx_memory *memory);
void rx_arena_fini(struct rx_arena *arena);
/* Forgets everything handed out but keeps the largest block, so that a steady state allocates nothing. */
void rx_arena_reset(struct rx_arena *arena);

RX_NODISCARD void *rx_arena_slow(struct rx_arena *arena, size_t bytes);

/* `bytes` bytes aligned to 8, not zeroed; NULL when memory refuses. */
RX_NODISCARD RX_INLINE void *rx_arena_bytes(struct rx_arena *arena, size_t bytes)
{
	size_t rounded = (bytes + 7) & ~(size_t)7;
	char *at = arena->next;

	if (RX_UNLIKELY(rounded < bytes || rounded > (size_t)(arena->end - at)))
		return rx_arena_slow(arena, bytes);
	arena->next = at + rounded;
	return at;
}

/* count * size bytes, zeroed, aligned to 8; NULL on overflow or when memory refuses. */
RX_NODISCARD void *rx_arena_alloc(struct rx_arena *arena, size_t count, size_t size);
#define RX_ARENA_NEW(arena, type) ((type *)rx_arena_alloc((arena), 1, sizeof(type)))
#define RX_ARENA_ARRAY(arena, type, count) ((type *)rx_arena_alloc((arena), (count), sizeof(type)))

/* A copy of `text` in the arena, with a NUL after it that len does not count; ptr is NULL when memory refuses. */
RX_NODISCARD struct rexi_str rx_arena_copy(struct rx_arena *arena, struct rexi_str text);

/* As rx_memory_grow for an array that lives in an arena (the old storage stays until the arena ends). */
RX_NODISCARD bool rx_arena_grow(struct rx_arena *arena, void **ptr, size_t *cap, size_t need, size_t size);
#define RX_ARENA_GROW(arena, array, cap, need) \
	rx_arena_grow((arena), (void **)(void *)(array), (cap), (need), sizeof(**(array)))

#endif
