/* Object maps: small ones sorted, large ones hashed behind a sorted part (see struct rxl_map). */
#include <config.h>

#include "lang/value.h"

#include <string.h>

#include "base/hash.h"
#include "base/banned.h"

struct rxl_map_slot {
	uint32_t hash;
	uint32_t at; /* 0 empty, SLOT_GONE removed, else index + 1 */
};
#define SLOT_GONE UINT32_MAX

struct rxl_map_index {
	uint32_t cap; /* a power of two */
	uint32_t filled; /* slots not empty */
	uint64_t seed;
	struct rxl_map_slot slots[];
};

static size_t index_size(uint32_t cap)
{
	return sizeof(struct rxl_map_index) + (size_t)cap * sizeof(struct rxl_map_slot);
}

void rxl_map_index_free(struct rxl_heap *heap, struct rxl_map *map)
{
	if (map->index)
		rxl_heap_give(heap, map->index, index_size(map->index->cap));
	map->index = NULL;
}

/* A key being looked up: its words, by which short ones are told, and its bytes when it is long. */
struct probe {
	struct rxl_words words; /* of a TEXT with tag 0; of a long key the type STRING, and its object if there is one */
	bool is_long;
	uint32_t hash;
	struct rexi_str bytes;
};

RX_INLINE bool has_words(const struct rxl_value *key, struct rxl_words words)
{
	struct rxl_words mine = rxl_words_of(key);

	return mine.head == words.head && mine.body == words.body;
}

RX_INLINE uint32_t short_hash(struct rxl_words text, uint64_t seed)
{
	return (uint32_t)(rx_hash_pair(text.head, text.body, seed) >> 16);
}

RX_INLINE uint32_t long_hash(struct rexi_str bytes, uint64_t seed)
{
	return (uint32_t)rx_hash_bytes(bytes.ptr, bytes.len, seed);
}

RX_INLINE void probe_from_view(struct probe *probe, struct rexi_str key)
{
	const struct rxl_value long_key = { .type = RXL_STRING };

	probe->is_long = key.len > RXL_TEXT_MAX;
	probe->bytes = key;
	probe->words = probe->is_long ? rxl_words_of(&long_key) : rxl_short_words(rxl_short_load(key.ptr, key.len), key.len);
}

RX_INLINE bool key_matches(const struct rxl_value *key, const struct probe *probe)
{
	if (has_words(key, probe->words))
		return true;
	if (!probe->is_long || key->type != RXL_STRING)
		return false;
	return key->as.string->len == probe->bytes.len &&
	       memcmp(key->as.string->bytes, probe->bytes.ptr, probe->bytes.len) == 0;
}

static int key_order(const struct rxl_value *a, const struct rxl_value *b)
{
	return rx_str_cmp(rxl_string_view(a), rxl_string_view(b));
}

static uint32_t key_hash(const struct rxl_value *key, uint64_t seed)
{
	return key->type == RXL_TEXT ? short_hash(rxl_words_of(key), seed) : long_hash(rxl_string_view(key), seed);
}

/* Index of the entry, UINT32_MAX when absent. */
static uint32_t find(const struct rxl_map *map, struct probe *probe)
{
	const struct rxl_map_index *index = map->index;

	if (!index) {
		for (uint32_t i = 0; i < map->used; i++)
			if (key_matches(&map->entries[i].key, probe))
				return i;
		return UINT32_MAX;
	}
	probe->hash = probe->is_long ? long_hash(probe->bytes, index->seed) : short_hash(probe->words, index->seed);
	for (uint32_t at = probe->hash & (index->cap - 1);; at = (at + 1) & (index->cap - 1)) {
		const struct rxl_map_slot *slot = &index->slots[at];

		if (slot->at == 0)
			return UINT32_MAX;
		if (slot->hash == probe->hash && slot->at != SLOT_GONE &&
		    key_matches(&map->entries[slot->at - 1].key, probe))
			return slot->at - 1;
	}
}

static void index_add(struct rxl_map_index *index, uint32_t hash, uint32_t entry)
{
	uint32_t at = hash & (index->cap - 1);

	while (index->slots[at].at != 0)
		at = (at + 1) & (index->cap - 1);
	index->slots[at] = (struct rxl_map_slot){ hash, entry + 1 };
	index->filled++;
}

static void index_refill(struct rxl_map *map)
{
	struct rxl_map_index *index = map->index;

	memset(index->slots, 0, index->cap * sizeof(*index->slots));
	index->filled = 0;
	for (uint32_t i = 0; i < map->used; i++)
		if (map->entries[i].key.type != RXL_UNIT)
			index_add(index, key_hash(&map->entries[i].key, index->seed), i);
}

/* (Re)builds the index with room for `count` entries. */
static bool index_build(struct rxl_heap *heap, struct rxl_map *map, uint32_t count)
{
	struct rxl_map_index *index;
	uint32_t cap = 32;

	while (cap / 4 * 3 < count + 1) {
		if (cap > UINT32_MAX / 4)
			return false;
		cap *= 2;
	}
	if (map->index && map->index->cap >= cap) {
		index = map->index;
		cap = index->cap;
	} else {
		index = rxl_heap_take(heap, index_size(cap));
		if (!index)
			return false;
		rxl_map_index_free(heap, map);
		map->index = index;
	}
	index->cap = cap;
	index->seed = heap->seed;
	index_refill(map);
	return true;
}

enum rexi_status rxl_map_new(struct rxl_heap *heap, size_t reserve, struct rxl_value *out)
{
	struct rxl_map *map;
	struct rxl_entry *entries = NULL;
	uint32_t cap = reserve > UINT32_MAX / 64 ? 0 : (uint32_t)reserve;

	if (cap) {
		entries = rxl_heap_take(heap, cap * sizeof(*entries));
		if (!entries)
			return REXI_NO_MEMORY;
	}
	map = rxl_heap_take(heap, sizeof(*map));
	if (!map) {
		rxl_heap_give(heap, entries, cap * sizeof(*entries));
		return REXI_NO_MEMORY;
	}
	*map = (struct rxl_map){ .head = { .refs = 1, .kind = RXL_MAP }, .entries = entries, .cap = cap };
	*out = (struct rxl_value){ .type = RXL_MAP, .as.map = map };
	return REXI_OK;
}

static enum rexi_status map_clone(struct rxl_heap *heap, const struct rxl_map *from, struct rxl_value *out)
{
	struct rxl_map *map;

	RX_TRY(rxl_map_new(heap, from->used, out));
	map = out->as.map;
	for (uint32_t i = 0; i < from->used; i++) {
		map->entries[i].key = rxl_value_copy(&from->entries[i].key);
		map->entries[i].value = rxl_value_copy(&from->entries[i].value);
	}
	map->used = from->used;
	map->count = from->count;
	map->sorted = from->sorted;
	map->head.flags = from->head.flags;
	if (from->index) {
		map->index = rxl_heap_take(heap, index_size(from->index->cap));
		if (!map->index) {
			rxl_value_drop(heap, out);
			return REXI_NO_MEMORY;
		}
		memcpy(map->index, from->index, index_size(from->index->cap));
	}
	return REXI_OK;
}

enum rexi_status rxl_map_edit(struct rxl_heap *heap, struct rxl_value *value)
{
	struct rxl_value fresh;

	if (RX_LIKELY(value->as.map->head.refs == 1))
		return REXI_OK;
	RX_TRY(map_clone(heap, value->as.map, &fresh));
	fresh.tag = value->tag;
	value->as.map->head.refs--;
	*value = fresh;
	return REXI_OK;
}

/* Removed entries are squeezed out when they are half of all. */
static void compact(struct rxl_map *map)
{
	uint32_t to = 0, sorted = 0;

	for (uint32_t i = 0; i < map->used; i++) {
		if (map->entries[i].key.type == RXL_UNIT)
			continue;
		if (i < map->sorted)
			sorted++;
		if (to != i)
			map->entries[to] = map->entries[i];
		to++;
	}
	map->used = to;
	map->sorted = sorted;
	if (map->index)
		index_refill(map);
}

/* A new key; the caller knows that it is absent. Owns key. */
static enum rexi_status insert(struct rxl_heap *heap, struct rxl_map *map, struct rxl_value key, uint32_t *at_out)
{
	uint32_t at = map->used;

	if (map->count >= heap->max_map) {
		rxl_value_drop(heap, &key);
		heap->too_large = "Size of object map";
		return REXI_LIMIT;
	}
	if (map->used == map->cap) {
		uint32_t cap = map->cap < 4 ? 4 : map->cap + map->cap / 2;
		struct rxl_entry *entries = NULL;

		if (cap < UINT32_MAX / 2)
			entries = rxl_heap_resize(heap, map->entries, map->cap * sizeof(*entries), cap * sizeof(*entries));
		if (!entries) {
			rxl_value_drop(heap, &key);
			return REXI_NO_MEMORY;
		}
		map->entries = entries;
		map->cap = cap;
	}
	if (!map->index && map->used >= RXL_MAP_SMALL && !index_build(heap, map, map->used + 1)) {
		rxl_value_drop(heap, &key);
		return REXI_NO_MEMORY;
	}
	if (!map->index) {
		while (at > 0 && key_order(&map->entries[at - 1].key, &key) > 0)
			at--;
		memmove(&map->entries[at + 1], &map->entries[at], (map->used - at) * sizeof(*map->entries));
		map->sorted++;
	} else {
		if (map->index->filled + 1 > map->index->cap / 4 * 3 && !index_build(heap, map, map->used + 1)) {
			rxl_value_drop(heap, &key);
			return REXI_NO_MEMORY;
		}
		if (map->sorted == map->used &&
		    (map->used == 0 || (map->entries[map->used - 1].key.type != RXL_UNIT &&
					key_order(&map->entries[map->used - 1].key, &key) < 0)))
			map->sorted++;
		index_add(map->index, key_hash(&key, heap->seed), at);
	}
	map->entries[at].key = key;
	map->entries[at].value = rxl_unit();
	map->used++;
	map->count++;
	*at_out = at;
	return REXI_OK;
}

const struct rxl_value *rxl_map_find(const struct rxl_value *map, struct rexi_str key)
{
	struct probe probe;
	uint32_t at;

	if (map->as.map->count == 0)
		return NULL;
	probe_from_view(&probe, key);
	at = find(map->as.map, &probe);
	return at == UINT32_MAX ? NULL : &map->as.map->entries[at].value;
}

enum rexi_status rxl_map_find_edit(struct rxl_heap *heap, struct rxl_value *map, struct rexi_str key,
				   struct rxl_value **slot)
{
	struct probe probe;
	uint32_t at;

	*slot = NULL;
	RX_TRY(rxl_map_edit(heap, map));
	probe_from_view(&probe, key);
	at = find(map->as.map, &probe);
	if (at != UINT32_MAX)
		*slot = &map->as.map->entries[at].value;
	return REXI_OK;
}

enum rexi_status rxl_map_slot(struct rxl_heap *heap, struct rxl_value *map, struct rexi_str key, struct rxl_value **slot)
{
	struct probe probe;
	struct rxl_value owned;
	uint32_t at;

	RX_TRY(rxl_map_edit(heap, map));
	probe_from_view(&probe, key);
	at = find(map->as.map, &probe);
	if (at == UINT32_MAX) {
		RX_TRY(rxl_string_new(heap, key, &owned));
		RX_TRY(insert(heap, map->as.map, owned, &at));
	}
	*slot = &map->as.map->entries[at].value;
	return REXI_OK;
}

enum rexi_status rxl_map_put(struct rxl_heap *heap, struct rxl_value *map, struct rexi_str key, struct rxl_value value)
{
	struct rxl_value *slot;
	enum rexi_status status = rxl_map_slot(heap, map, key, &slot);

	if (status == REXI_OK)
		rxl_value_set(heap, slot, value);
	else
		rxl_value_drop(heap, &value);
	return status;
}

enum rexi_status rxl_map_put_text(struct rxl_heap *heap, struct rxl_value *map, const char *key, struct rexi_str text)
{
	struct rxl_value value;

	RX_TRY(rxl_string_new(heap, text, &value));
	return rxl_map_put(heap, map, rx_str(key), value);
}

enum rexi_status rxl_map_put_int(struct rxl_heap *heap, struct rxl_value *map, const char *key, int64_t i)
{
	return rxl_map_put(heap, map, rx_str(key), rxl_int(i));
}

enum rexi_status rxl_map_put_bool(struct rxl_heap *heap, struct rxl_value *map, const char *key, bool b)
{
	return rxl_map_put(heap, map, rx_str(key), rxl_bool(b));
}

static void index_remove(struct rxl_map_index *index, uint32_t hash, uint32_t entry)
{
	uint32_t at = hash & (index->cap - 1);

	while (index->slots[at].at != entry + 1)
		at = (at + 1) & (index->cap - 1);
	index->slots[at].at = SLOT_GONE;
}

enum rexi_status rxl_map_remove(struct rxl_heap *heap, struct rxl_value *value, struct rexi_str key, bool *found,
				struct rxl_value *out)
{
	struct rxl_map *map;
	struct probe probe;
	uint32_t at;

	*out = rxl_unit();
	probe_from_view(&probe, key);
	at = find(value->as.map, &probe);
	*found = at != UINT32_MAX;
	if (!*found)
		return REXI_OK;
	RX_TRY(rxl_map_edit(heap, value));
	map = value->as.map;
	*out = rxl_value_take(&map->entries[at].value);
	rxl_value_drop(heap, &map->entries[at].key);
	map->count--;
	if (!map->index) {
		memmove(&map->entries[at], &map->entries[at + 1], (map->used - at - 1) * sizeof(*map->entries));
		map->used--;
		map->sorted--;
		return REXI_OK;
	}
	index_remove(map->index, probe.hash, at);
	if (at + 1 == map->used) {
		map->used--;
		if (map->sorted > map->used)
			map->sorted = map->used;
	}
	if (map->used > 32 && map->count < map->used / 2)
		compact(map);
	return REXI_OK;
}

enum rexi_status rxl_map_clear(struct rxl_heap *heap, struct rxl_value *value)
{
	struct rxl_value fresh;

	RX_TRY(rxl_map_new(heap, 0, &fresh));
	fresh.tag = value->tag;
	rxl_value_set(heap, value, fresh);
	return REXI_OK;
}

/* Merge sort of entries[start..end) with `work` as large. */
static void sort_entries(struct rxl_entry *entries, struct rxl_entry *work, uint32_t count)
{
	for (uint32_t start = 0; start < count; start += 8) {
		uint32_t end = start + 8 < count ? start + 8 : count;

		for (uint32_t i = start + 1; i < end; i++) {
			struct rxl_entry entry = entries[i];
			uint32_t at = i;

			for (; at > start && key_order(&entries[at - 1].key, &entry.key) > 0; at--)
				entries[at] = entries[at - 1];
			entries[at] = entry;
		}
	}
	for (uint64_t width = 8; width < count; width *= 2) {
		for (uint64_t start = 0; start + width < count; start += 2 * width) {
			uint64_t middle = start + width, end = middle + width < count ? middle + width : count;
			uint64_t a = start, b = middle, to = 0;

			if (key_order(&entries[middle - 1].key, &entries[middle].key) <= 0)
				continue;
			while (a < middle && b < end)
				work[to++] = key_order(&entries[a].key, &entries[b].key) <= 0 ? entries[a++] : entries[b++];
			while (a < middle)
				work[to++] = entries[a++];
			memcpy(&entries[start], work, to * sizeof(*work));
		}
	}
}

bool rxl_map_order(struct rxl_map *map, struct rx_memory *memory)
{
	struct rxl_entry *work, *tail;
	uint32_t a, b, tail_count;

	if (map->used != map->count)
		compact(map);
	if (map->sorted == map->used)
		return true;
	work = rx_memory_take(memory, map->used * sizeof(*work));
	if (!work)
		return false;
	tail = map->entries + map->sorted;
	tail_count = map->used - map->sorted;
	sort_entries(tail, work, tail_count);
	/* merge from the back: the tail moves to work, the sorted part shifts up */
	memcpy(work, tail, tail_count * sizeof(*work));
	a = map->sorted;
	b = tail_count;
	for (uint32_t to = map->used; b > 0;) {
		to--;
		if (a > 0 && key_order(&map->entries[a - 1].key, &work[b - 1].key) > 0)
			map->entries[to] = map->entries[--a];
		else
			map->entries[to] = work[--b];
	}
	rx_memory_give(memory, work, map->used * sizeof(*work));
	map->sorted = map->used;
	if (map->index)
		index_refill(map);
	return true;
}

const struct rxl_entry *rxl_map_entries(struct rxl_heap *heap, const struct rxl_value *value)
{
	return rxl_map_order(value->as.map, &heap->memory) ? value->as.map->entries : NULL;
}

/* ---- by key value ------------------------------------------------------------------------------------------------ */

RX_INLINE void probe_from_value(struct probe *probe, const struct rxl_value *key)
{
	const struct rxl_value tag = { .tag = -1 };

	probe->is_long = key->type == RXL_STRING;
	probe->words = rxl_words_of(key);
	probe->words.head &= ~rxl_words_of(&tag).head;
	if (probe->is_long)
		probe->bytes = rxl_string_view(key);
}

struct rxl_value *rxl_map_lookup(const struct rxl_map *map, const struct rxl_value *key, uint32_t *hint)
{
	struct probe probe;
	uint32_t at = *hint;

	probe_from_value(&probe, key);
	if (at < map->used && has_words(&map->entries[at].key, probe.words))
		return &map->entries[at].value;
	at = find(map, &probe);
	if (at == UINT32_MAX)
		return NULL;
	*hint = at;
	return &map->entries[at].value;
}

enum rexi_status rxl_map_place(struct rxl_heap *heap, struct rxl_value *value, const struct rxl_value *key, uint32_t *hint,
			       struct rxl_value **slot)
{
	struct rxl_map *map;
	struct probe probe;
	uint32_t at = *hint;

	RX_TRY(rxl_map_edit(heap, value));
	map = value->as.map;
	probe_from_value(&probe, key);
	if (at < map->used && has_words(&map->entries[at].key, probe.words)) {
		*slot = &map->entries[at].value;
		return REXI_OK;
	}
	at = find(map, &probe);
	if (at == UINT32_MAX) {
		struct rxl_value owned = rxl_value_copy(key);

		owned.tag = 0;
		RX_TRY(insert(heap, map, owned, &at));
	}
	*hint = at;
	*slot = &map->entries[at].value;
	return REXI_OK;
}
