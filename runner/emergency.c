#include <config.h>

#include "runner/emergency.h"

#include <string.h>
#include <sys/mman.h>

#define CHUNK ((size_t)1 << 20)
#define ALIGN 16

static struct chunk {
	char *next, *end;
} chunk;

static void *resize(void *user, void *ptr, size_t old_size, size_t new_size)
{
	struct chunk *from = user;
	size_t need = (new_size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	void *fresh;

	if (!new_size || need < new_size)
		return NULL;
	if (!from->next || (size_t)(from->end - from->next) < need) {
		size_t size = need > CHUNK ? need : CHUNK;
		void *made = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (made == MAP_FAILED)
			return NULL;
		from->next = made;
		from->end = from->next + size;
	}
	fresh = from->next;
	from->next += need;
	if (ptr)
		memcpy(fresh, ptr, old_size < new_size ? old_size : new_size);
	return fresh;
}

void rxr_emergency_memory(struct rx_memory *memory)
{
	memory->source = (struct rexi_allocator){ resize, &chunk };
	memory->limit = SIZE_MAX;
}
