/* Counted memory with a limit: every byte a library holds comes through one of these. */
#ifndef RX_MEMORY_H
#define RX_MEMORY_H

#include <rexi/base.h>

#include "base/compiler.h"

struct rx_memory {
	struct rexi_allocator source;
	size_t used;      /* bytes handed out and not yet given back */
	size_t peak;      /* highest value of used */
	size_t limit;     /* used never exceeds this; SIZE_MAX is no limit */
	size_t fail_at;   /* for tests: the n-th allocation from now fails (1 is the next); 0 is off */
	uint64_t calls;   /* allocations asked for, for tests that fail each in turn */
};

/* source NULL takes malloc; limit 0 means none. */
void rx_memory_init(struct rx_memory *memory, const struct rexi_allocator *source, size_t limit);

/* NULL when the limit or the source refuses; size 0 gives a unique non-NULL pointer. Not zeroed. */
RX_NODISCARD void *rx_memory_take(struct rx_memory *memory, size_t size);
/* count * size bytes, zeroed; overflow is a refusal. */
RX_NODISCARD void *rx_memory_take_zeroed(struct rx_memory *memory, size_t count, size_t size);
/* On refusal ptr stays valid. */
RX_NODISCARD void *rx_memory_resize(struct rx_memory *memory, void *ptr, size_t old_size, size_t new_size);
/* size is what was asked for; ptr may be NULL. */
void rx_memory_give(struct rx_memory *memory, void *ptr, size_t size);

/*
 * Growth of arrays: makes room for at least `need` elements of `size` bytes in *ptr, which has room for *cap; grows by
 * half at least. The type-safe form is RX_GROW(memory, &array, &cap, need).
 */
RX_NODISCARD bool rx_memory_grow(struct rx_memory *memory, void **ptr, size_t *cap, size_t need, size_t size);
#define RX_GROW(memory, array, cap, need) \
	rx_memory_grow((memory), (void **)(void *)(array), (cap), (need), sizeof(**(array)))

#endif
