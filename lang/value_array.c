/* Arrays and blobs: building, growing, copying on write. */
#include <config.h>

#include "lang/value.h"

#include <string.h>

#include "base/banned.h"

static enum rexi_status too_large(struct rxl_heap *heap)
{
	heap->too_large = "Size of array/BLOB";
	return REXI_LIMIT;
}

enum rexi_status rxl_array_new(struct rxl_heap *heap, size_t reserve, struct rxl_value *out)
{
	struct rxl_array *array;
	struct rxl_value *items = NULL;

	if (reserve > heap->max_array)
		return too_large(heap);
	if (reserve > UINT32_MAX / 2)
		return REXI_NO_MEMORY;
	if (reserve) {
		items = rxl_heap_take(heap, reserve * sizeof(*items));
		if (!items)
			return REXI_NO_MEMORY;
	}
	array = rxl_heap_take(heap, sizeof(*array));
	if (!array) {
		rxl_heap_give(heap, items, reserve * sizeof(*items));
		return REXI_NO_MEMORY;
	}
	*array = (struct rxl_array){ .head = { .refs = 1, .kind = RXL_ARRAY }, .items = items, .cap = (uint32_t)reserve };
	*out = (struct rxl_value){ .type = RXL_ARRAY, .as.array = array };
	return REXI_OK;
}

static void copy_items(struct rxl_value *to, const struct rxl_value *from, size_t count)
{
	for (size_t i = 0; i < count; i++)
		to[i] = rxl_value_copy(&from[i]);
}

enum rexi_status rxl_array_slice(struct rxl_heap *heap, const struct rxl_value *value, size_t at, size_t count,
				 struct rxl_value *out)
{
	RX_TRY(rxl_array_new(heap, count, out));
	if (count) /* an empty array has no items to point at */
		copy_items(out->as.array->items, value->as.array->items + at, count);
	out->as.array->count = (uint32_t)count;
	return REXI_OK;
}

enum rexi_status rxl_array_edit(struct rxl_heap *heap, struct rxl_value *value)
{
	struct rxl_value fresh;

	if (RX_LIKELY(value->as.array->head.refs == 1))
		return REXI_OK;
	RX_TRY(rxl_array_slice(heap, value, 0, value->as.array->count, &fresh));
	fresh.tag = value->tag;
	value->as.array->head.refs--;
	*value = fresh;
	return REXI_OK;
}

enum rexi_status rxl_array_reserve(struct rxl_heap *heap, struct rxl_value *value, size_t more)
{
	struct rxl_array *array;
	struct rxl_value *items;
	size_t need, cap;

	RX_TRY(rxl_array_edit(heap, value));
	array = value->as.array;
	if (RX_LIKELY(more <= array->cap - array->count))
		return more + array->count > heap->max_array ? too_large(heap) : REXI_OK;
	if (__builtin_add_overflow((size_t)array->count, more, &need) || need > UINT32_MAX / 2)
		return need > heap->max_array ? too_large(heap) : REXI_NO_MEMORY;
	if (need > heap->max_array)
		return too_large(heap);
	cap = (size_t)array->cap + array->cap / 2;
	if (cap < need)
		cap = need;
	if (cap < 4)
		cap = 4;
	items = rxl_heap_resize(heap, array->items, array->cap * sizeof(*items), cap * sizeof(*items));
	if (!items && cap > need) {
		cap = need + need / 64; /* near the limit, still not one element at a time */
		items = rxl_heap_resize(heap, array->items, array->cap * sizeof(*items), cap * sizeof(*items));
	}
	if (!items)
		return REXI_NO_MEMORY;
	array->items = items;
	array->cap = (uint32_t)cap;
	return REXI_OK;
}

enum rexi_status rxl_array_push(struct rxl_heap *heap, struct rxl_value *value, struct rxl_value item)
{
	struct rxl_array *array;
	enum rexi_status status = rxl_array_reserve(heap, value, 1);

	if (RX_UNLIKELY(status != REXI_OK)) {
		rxl_value_drop(heap, &item);
		return status;
	}
	array = value->as.array;
	array->items[array->count++] = item;
	return REXI_OK;
}

enum rexi_status rxl_array_insert(struct rxl_heap *heap, struct rxl_value *value, size_t at, struct rxl_value item)
{
	struct rxl_array *array;
	enum rexi_status status = rxl_array_reserve(heap, value, 1);

	if (status != REXI_OK) {
		rxl_value_drop(heap, &item);
		return status;
	}
	array = value->as.array;
	memmove(&array->items[at + 1], &array->items[at], (array->count - at) * sizeof(item));
	array->items[at] = item;
	array->count++;
	return REXI_OK;
}

enum rexi_status rxl_array_remove(struct rxl_heap *heap, struct rxl_value *value, size_t at, struct rxl_value *out)
{
	struct rxl_array *array;

	RX_TRY(rxl_array_edit(heap, value));
	array = value->as.array;
	*out = array->items[at];
	memmove(&array->items[at], &array->items[at + 1], (array->count - at - 1) * sizeof(*out));
	array->count--;
	return REXI_OK;
}

enum rexi_status rxl_array_truncate(struct rxl_heap *heap, struct rxl_value *value, size_t count)
{
	struct rxl_array *array;

	if (count >= value->as.array->count)
		return REXI_OK;
	RX_TRY(rxl_array_edit(heap, value));
	array = value->as.array;
	while (array->count > count) {
		struct rxl_value gone = array->items[--array->count];

		rxl_value_drop(heap, &gone);
	}
	return REXI_OK;
}

enum rexi_status rxl_array_splice(struct rxl_heap *heap, struct rxl_value *value, size_t at, size_t gone,
				  const struct rxl_value *items, size_t count, struct rxl_value *removed)
{
	struct rxl_array *array;
	size_t tail;

	if (removed)
		*removed = rxl_unit();
	RX_TRY(rxl_array_edit(heap, value));
	if (count > gone)
		RX_TRY(rxl_array_reserve(heap, value, count - gone));
	if (removed)
		RX_TRY(rxl_array_new(heap, gone, removed));
	array = value->as.array;
	tail = array->count - at - gone;
	for (size_t i = 0; i < gone; i++) {
		if (removed)
			removed->as.array->items[removed->as.array->count++] = array->items[at + i];
		else
			rxl_value_drop(heap, &array->items[at + i]);
	}
	if (tail && count != gone)
		memmove(&array->items[at + count], &array->items[at + gone], tail * sizeof(*array->items));
	if (count) /* an empty array may have no items to point into */
		copy_items(&array->items[at], items, count);
	array->count = (uint32_t)(at + count + tail);
	return REXI_OK;
}

/* ---- blobs ------------------------------------------------------------------------------------------------------ */

enum rexi_status rxl_blob_new(struct rxl_heap *heap, const void *bytes, size_t count, struct rxl_value *out)
{
	struct rxl_blob *blob;

	if (count > heap->max_array)
		return too_large(heap);
	if (count > UINT32_MAX / 2)
		return REXI_NO_MEMORY;
	blob = rxl_heap_take(heap, sizeof(*blob));
	if (!blob)
		return REXI_NO_MEMORY;
	*blob = (struct rxl_blob){ .head = { .refs = 1, .kind = RXL_BLOB } };
	if (count) {
		blob->bytes = rxl_heap_take(heap, count);
		if (!blob->bytes) {
			rxl_heap_give(heap, blob, sizeof(*blob));
			return REXI_NO_MEMORY;
		}
		if (bytes)
			memcpy(blob->bytes, bytes, count);
		else
			memset(blob->bytes, 0, count);
		blob->count = blob->cap = (uint32_t)count;
	}
	*out = (struct rxl_value){ .type = RXL_BLOB, .as.blob = blob };
	return REXI_OK;
}

enum rexi_status rxl_blob_edit(struct rxl_heap *heap, struct rxl_value *value)
{
	struct rxl_value fresh;

	if (value->as.blob->head.refs == 1)
		return REXI_OK;
	RX_TRY(rxl_blob_new(heap, value->as.blob->bytes, value->as.blob->count, &fresh));
	fresh.tag = value->tag;
	value->as.blob->head.refs--;
	*value = fresh;
	return REXI_OK;
}

enum rexi_status rxl_blob_resize(struct rxl_heap *heap, struct rxl_value *value, size_t count)
{
	struct rxl_blob *blob;

	RX_TRY(rxl_blob_edit(heap, value));
	blob = value->as.blob;
	if (count > heap->max_array)
		return too_large(heap);
	if (count > UINT32_MAX / 2)
		return REXI_NO_MEMORY;
	if (count > blob->cap) {
		size_t cap = (size_t)blob->cap + blob->cap / 2;
		unsigned char *bytes;

		if (cap < count)
			cap = count;
		if (cap < 16)
			cap = 16;
		bytes = rxl_heap_resize(heap, blob->bytes, blob->cap, cap);
		if (!bytes)
			return REXI_NO_MEMORY;
		blob->bytes = bytes;
		blob->cap = (uint32_t)cap;
	}
	if (count > blob->count)
		memset(blob->bytes + blob->count, 0, count - blob->count);
	blob->count = (uint32_t)count;
	return REXI_OK;
}

enum rexi_status rxl_blob_append(struct rxl_heap *heap, struct rxl_value *value, const void *bytes, size_t count)
{
	size_t old = value->as.blob->count;
	const unsigned char *from = bytes;
	bool inside = from && value->as.blob->bytes && from >= value->as.blob->bytes && from <= value->as.blob->bytes + old;
	size_t offset = inside ? (size_t)(from - value->as.blob->bytes) : 0;

	if (count == 0)
		return REXI_OK;
	RX_TRY(rxl_blob_resize(heap, value, old + count));
	memmove(value->as.blob->bytes + old, inside ? value->as.blob->bytes + offset : from, count);
	return REXI_OK;
}
