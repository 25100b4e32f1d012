#include <config.h>

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static void *malloc_resize(void *user, void *ptr, size_t old_size, size_t new_size)
{
	(void)user;
	(void)old_size;
	if (new_size == 0) {
		free(ptr);
		return NULL;
	}
	return realloc(ptr, new_size);
}

void rx_memory_init(struct rx_memory *memory, const struct rexi_allocator *source, size_t limit)
{
	*memory = (struct rx_memory){
		.source = source ? *source : (struct rexi_allocator){ malloc_resize, NULL },
		.limit = limit ? limit : SIZE_MAX,
	};
}

void *rx_memory_resize(struct rx_memory *memory, void *ptr, size_t old_size, size_t new_size)
{
	size_t total;
	void *fresh;

	memory->calls++;
	if (RX_UNLIKELY(memory->fail_at != 0) && --memory->fail_at == 0)
		return NULL;
	if (__builtin_add_overflow(memory->used - old_size, new_size, &total) || total > memory->limit)
		return NULL;
	fresh = memory->source.resize(memory->source.user, ptr, old_size, new_size ? new_size : 1);
	if (!fresh)
		return NULL;
	memory->used = total;
	if (total > memory->peak)
		memory->peak = total;
	return fresh;
}

void *rx_memory_take(struct rx_memory *memory, size_t size)
{
	return rx_memory_resize(memory, NULL, 0, size);
}

void *rx_memory_take_zeroed(struct rx_memory *memory, size_t count, size_t size)
{
	size_t bytes;
	void *fresh;

	if (__builtin_mul_overflow(count, size, &bytes))
		return NULL;
	fresh = rx_memory_take(memory, bytes);
	if (fresh)
		memset(fresh, 0, bytes);
	return fresh;
}

void rx_memory_give(struct rx_memory *memory, void *ptr, size_t size)
{
	if (!ptr)
		return;
	memory->used -= size;
	memory->source.resize(memory->source.user, ptr, size, 0);
}

bool rx_memory_grow(struct rx_memory *memory, void **ptr, size_t *cap, size_t need, size_t size)
{
	size_t wanted = *cap + *cap / 2, bytes;
	void *fresh;

	if (need <= *cap)
		return true;
	if (wanted < need)
		wanted = need;
	if (wanted < 8)
		wanted = 8;
	if (__builtin_mul_overflow(wanted, size, &bytes))
		return false;
	fresh = rx_memory_resize(memory, *ptr, *cap * size, bytes);
	if (!fresh)
		return false;
	*ptr = fresh;
	*cap = wanted;
	return true;
}
