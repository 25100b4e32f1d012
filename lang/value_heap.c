/* Counted memory for values: small blocks from pools by size, the rest from the allocator; freeing without recursion. */
#include <config.h>

#include "lang/value.h"

#include <string.h>

#include "base/hash.h"
#include "base/banned.h"

#if defined(__SANITIZE_ADDRESS__)
#define POOLED 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POOLED 0
#endif
#endif
#ifndef POOLED
#define POOLED 1
#endif

#define POOL_STEP 16
#define POOL_LARGEST ((size_t)(RXL_POOL_CLASSES - 1) * POOL_STEP)
#define SLAB_FIRST 8192
#define LARGE 65536U /* blocks that somebody is told of */
#define SLAB_LARGEST 262144

struct rxl_slab {
	struct rxl_slab *next;
	size_t size;
};

void rxl_heap_init(struct rxl_heap *heap, const struct rexi_allocator *source, size_t memory_limit)
{
	memset(heap, 0, sizeof(*heap));
	rx_memory_init(&heap->memory, source, memory_limit);
	heap->max_string = heap->max_array = heap->max_map = SIZE_MAX;
	heap->seed = rx_hash_seed();
}

void rxl_heap_fini(struct rxl_heap *heap)
{
	struct rxl_slab *slab = heap->slabs;

	while (slab) {
		struct rxl_slab *next = slab->next;

		rx_memory_give(&heap->memory, slab, slab->size);
		slab = next;
	}
	heap->slabs = NULL;
	heap->slab_next = heap->slab_end = NULL;
	memset(heap->pool, 0, sizeof(heap->pool));
}

static void *slab_take(struct rxl_heap *heap, size_t rounded)
{
	size_t size = heap->slabs ? heap->slabs->size * 2 : SLAB_FIRST;
	struct rxl_slab *slab;
	void *block;

	if (size > SLAB_LARGEST)
		size = SLAB_LARGEST;
	slab = rx_memory_take(&heap->memory, size);
	if (!slab)
		return NULL;
	slab->next = heap->slabs;
	slab->size = size;
	heap->slabs = slab;
	/* what is left of the old slab is given up: at most POOL_LARGEST bytes */
	block = (char *)slab + sizeof(*slab);
	heap->slab_next = (char *)block + rounded;
	heap->slab_end = (char *)slab + size;
	return block;
}

void *rxl_heap_take(struct rxl_heap *heap, size_t size)
{
	size_t at = (size + POOL_STEP - 1) / POOL_STEP;
	size_t rounded = at * POOL_STEP;
	void *block;

	if (!POOLED || size > POOL_LARGEST) {
		if (size >= LARGE && heap->worked)
			heap->worked(heap->user, size / sizeof(struct rxl_value));
		return rx_memory_take(&heap->memory, size);
	}
	heap->memory.calls++;
	if (RX_UNLIKELY(heap->memory.fail_at != 0) && --heap->memory.fail_at == 0)
		return NULL;
	block = heap->pool[at];
	if (RX_LIKELY(block != NULL)) {
		memcpy(&heap->pool[at], block, sizeof(void *));
		return block;
	}
	if ((size_t)(heap->slab_end - heap->slab_next) < rounded)
		return slab_take(heap, rounded);
	block = heap->slab_next;
	heap->slab_next += rounded;
	return block;
}

void rxl_heap_give(struct rxl_heap *heap, void *ptr, size_t size)
{
	size_t at = (size + POOL_STEP - 1) / POOL_STEP;

	if (!ptr)
		return;
	if (!POOLED || size > POOL_LARGEST) {
		rx_memory_give(&heap->memory, ptr, size);
		return;
	}
	memcpy(ptr, &heap->pool[at], sizeof(void *));
	heap->pool[at] = ptr;
}

void *rxl_heap_resize(struct rxl_heap *heap, void *ptr, size_t old_size, size_t new_size)
{
	void *block;

	if (!ptr)
		return rxl_heap_take(heap, new_size);
	if (new_size >= LARGE && heap->worked)
		heap->worked(heap->user, new_size / sizeof(struct rxl_value));
	if (!POOLED || (old_size > POOL_LARGEST && new_size > POOL_LARGEST))
		return rx_memory_resize(&heap->memory, ptr, old_size, new_size);
	if ((old_size + POOL_STEP - 1) / POOL_STEP == (new_size + POOL_STEP - 1) / POOL_STEP)
		return ptr;
	block = rxl_heap_take(heap, new_size);
	if (!block)
		return NULL;
	memcpy(block, ptr, old_size < new_size ? old_size : new_size);
	rxl_heap_give(heap, ptr, old_size);
	return block;
}

static void values_drop(struct rxl_heap *heap, struct rxl_value *values, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (rxl_is_counted(&values[i]) && --values[i].as.object->refs == 0)
			rxl_object_free(heap, values[i].as.object);
}

static void map_free(struct rxl_heap *heap, struct rxl_map *map)
{
	for (uint32_t i = 0; i < map->used; i++) {
		values_drop(heap, &map->entries[i].key, 1);
		values_drop(heap, &map->entries[i].value, 1);
	}
	rxl_map_index_free(heap, map);
	rxl_heap_give(heap, map->entries, map->cap * sizeof(*map->entries));
	rxl_heap_give(heap, map, sizeof(*map));
}

static void fn_free(struct rxl_heap *heap, struct rxl_fn *fn)
{
	struct rxl_unit *unit = fn->unit;

	values_drop(heap, &fn->name, 1);
	values_drop(heap, fn->curry, fn->curry_count);
	rxl_heap_give(heap, fn->curry, fn->curry_count * sizeof(*fn->curry));
	rxl_heap_give(heap, fn, sizeof(*fn));
	if (unit)
		heap->unit_unref(unit);
}

/* One container whose children may queue themselves. */
static void container_free(struct rxl_heap *heap, struct rxl_object *object)
{
	switch ((enum rxl_type)object->kind) {
	case RXL_ARRAY: {
		struct rxl_array *array = (struct rxl_array *)(void *)object;

		values_drop(heap, array->items, array->count);
		rxl_heap_give(heap, array->items, array->cap * sizeof(*array->items));
		rxl_heap_give(heap, array, sizeof(*array));
		return;
	}
	case RXL_MAP:
		map_free(heap, (struct rxl_map *)(void *)object);
		return;
	case RXL_FN:
		fn_free(heap, (struct rxl_fn *)(void *)object);
		return;
	case RXL_ITER: {
		struct rxl_iter *iter = (struct rxl_iter *)(void *)object;

		values_drop(heap, &iter->source, 1);
		rxl_heap_give(heap, iter, sizeof(*iter));
		return;
	}
	case RXL_OBJECT: {
		struct rxl_host *host = (struct rxl_host *)(void *)object;

		if (host->type->free)
			host->type->free(host->payload);
		rxl_heap_give(heap, host, sizeof(*host));
		return;
	}
	case RXL_CELL: {
		struct rxl_cell *cell = (struct rxl_cell *)(void *)object;

		if (cell->newer)
			cell->newer->older = cell->older;
		else if (heap->cells == cell)
			heap->cells = cell->older;
		if (cell->older)
			cell->older->newer = cell->newer;
		heap->cell_count--;
		values_drop(heap, &cell->value, 1);
		rxl_heap_give(heap, cell, sizeof(*cell));
		return;
	}
	default:
		rx_unreachable();
	}
}

void rxl_object_free(struct rxl_heap *heap, struct rxl_object *object)
{
	struct rxl_array *link;

	switch ((enum rxl_type)object->kind) {
	case RXL_STRING: {
		struct rxl_string *string = (struct rxl_string *)(void *)object;

		rxl_heap_give(heap, string, sizeof(*string) + string->cap);
		return;
	}
	case RXL_BLOB: {
		struct rxl_blob *blob = (struct rxl_blob *)(void *)object;

		rxl_heap_give(heap, blob->bytes, blob->cap);
		rxl_heap_give(heap, blob, sizeof(*blob));
		return;
	}
	case RXL_RANGE:
	case RXL_RANGE_INCLUSIVE:
		rxl_heap_give(heap, object, sizeof(struct rxl_range));
		return;
	default:
		break;
	}
	/* every container begins with head and next, as rxl_array does */
	if (heap->freeing) {
		link = (struct rxl_array *)(void *)object;
		link->next = heap->dying;
		heap->dying = object;
		return;
	}
	heap->freeing = true;
	container_free(heap, object);
	while (heap->dying) {
		link = (struct rxl_array *)(void *)heap->dying;
		heap->dying = link->next;
		container_free(heap, &link->head);
	}
	heap->freeing = false;
}

struct rxl_cell *rxl_cell_new(struct rxl_heap *heap, struct rxl_value value)
{
	struct rxl_cell *cell = rxl_heap_take(heap, sizeof(*cell));

	if (!cell)
		return NULL;
	*cell = (struct rxl_cell){ .head = { .refs = 1, .kind = RXL_CELL }, .value = value, .older = heap->cells };
	if (cell->older)
		cell->older->newer = cell;
	heap->cells = cell;
	heap->cell_count++;
	return cell;
}

void rxl_heap_break_cycles(struct rxl_heap *heap)
{
	while (heap->cells) {
		struct rxl_cell *cell = heap->cells;
		struct rxl_value value;

		cell->head.refs++;
		value = rxl_value_take(&cell->value);
		rxl_value_drop(heap, &value);
		/* a cell that somebody still holds leaves the list; it is empty now */
		if (cell->newer)
			cell->newer->older = cell->older;
		else
			heap->cells = cell->older;
		if (cell->older)
			cell->older->newer = cell->newer;
		if (--cell->head.refs == 0)
			rxl_heap_give(heap, cell, sizeof(*cell));
		else
			cell->older = cell->newer = NULL;
	}
}
