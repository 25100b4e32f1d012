#include <config.h>

#include "cedar/schema_closure.h"

#include <stdlib.h>

#include "base/banned.h"

#define CLOSURE_MOST (1u << 25) /* members of all sets together: 128 MiB */
#define CLOSURE_STEPS (UINT64_C(1) << 30)

static int compare_ids(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

uint32_t rxc_ids_sort(uint32_t *ids, uint32_t count)
{
	uint32_t kept = 0;

	if (count > 1)
		qsort(ids, count, sizeof(*ids), compare_ids);
	for (uint32_t i = 0; i < count; i++)
		if (i == 0 || ids[i] != ids[kept - 1])
			ids[kept++] = ids[i];
	return kept;
}

bool rxc_ids_has(struct rxc_ids ids, uint32_t id)
{
	uint32_t low = 0, high = ids.count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (ids.at[middle] == id)
			return true;
		if (ids.at[middle] < id)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

static int compare_attrs(const void *a, const void *b)
{
	return rx_str_cmp(((const struct rxc_attr *)a)->name, ((const struct rxc_attr *)b)->name);
}

void rxc_attrs_sort(struct rxc_attr *attrs, uint32_t count)
{
	if (count > 1)
		qsort(attrs, count, sizeof(*attrs), compare_attrs);
}

/* ---- Closure ---- */

struct closure {
	const struct rxc_ids *parents;
	uint32_t *stack; /* of what was reached and not yet followed; each node at most once */
	uint32_t *found;
	uint32_t *stamp; /* start + 1 of the last search that reached the node */
	uint64_t steps, total;
};

/* Everything reachable from `start`, unsorted, in closure->found. */
static uint32_t reach(struct closure *closure, uint32_t start)
{
	uint32_t depth = 0, count = 0, at = start;

	for (;;) {
		struct rxc_ids parents = closure->parents[at];

		closure->steps += parents.count + 1u;
		for (uint32_t i = 0; i < parents.count; i++) {
			if (closure->stamp[parents.at[i]] == start + 1)
				continue;
			closure->stamp[parents.at[i]] = start + 1;
			closure->found[count++] = parents.at[i];
			closure->stack[depth++] = parents.at[i];
		}
		if (depth == 0)
			return count;
		at = closure->stack[--depth];
	}
}

static enum rexi_status invert(struct rx_arena *arena, const struct rxc_ids *up, uint32_t count, struct rxc_ids *down,
			       struct rexi_error *err)
{
	uint32_t **fill = RX_ARENA_ARRAY(arena, uint32_t *, count);

	if (!fill)
		return rx_fail_memory(err);
	for (uint32_t i = 0; i < count; i++)
		for (uint32_t j = 0; j < up[i].count; j++)
			down[up[i].at[j]].count++;
	for (uint32_t i = 0; i < count; i++) {
		fill[i] = RX_ARENA_ARRAY(arena, uint32_t, down[i].count);
		if (!fill[i])
			return rx_fail_memory(err);
		down[i].at = fill[i];
	}
	for (uint32_t i = 0; i < count; i++) /* ascending, so every set is sorted */
		for (uint32_t j = 0; j < up[i].count; j++)
			*fill[up[i].at[j]]++ = i;
	return REXI_OK;
}

static enum rexi_status close_all(struct closure *closure, struct rx_arena *arena, uint32_t count, struct rxc_ids *up,
				  struct rexi_error *err)
{
	for (uint32_t i = 0; i < count; i++) {
		uint32_t found = reach(closure, i), *ids;

		closure->total += found;
		if (closure->total > CLOSURE_MOST || closure->steps > CLOSURE_STEPS)
			return rx_fail(err, REXI_LIMIT, RX_NO_SPAN, "the hierarchy of the schema is too large");
		ids = RX_ARENA_ARRAY(arena, uint32_t, found);
		if (!ids)
			return rx_fail_memory(err);
		if (found > 0)
			memcpy(ids, closure->found, found * sizeof(*ids));
		up[i] = (struct rxc_ids){ ids, rxc_ids_sort(ids, found) };
	}
	return REXI_OK;
}

enum rexi_status rxc_closure(struct rx_arena *arena, struct rx_memory *memory, const struct rxc_ids *parents,
			     uint32_t count, struct rxc_ids *up, struct rxc_ids *down, struct rexi_error *err)
{
	struct closure closure = { .parents = parents };
	enum rexi_status status;

	closure.stack = rx_memory_take_zeroed(memory, count + 1u, sizeof(uint32_t));
	closure.found = rx_memory_take_zeroed(memory, count + 1u, sizeof(uint32_t));
	closure.stamp = rx_memory_take_zeroed(memory, count + 1u, sizeof(uint32_t));
	if (closure.stack && closure.found && closure.stamp)
		status = close_all(&closure, arena, count, up, err);
	else
		status = rx_fail_memory(err);
	rx_memory_give(memory, closure.stack, (count + 1u) * sizeof(uint32_t));
	rx_memory_give(memory, closure.found, (count + 1u) * sizeof(uint32_t));
	rx_memory_give(memory, closure.stamp, (count + 1u) * sizeof(uint32_t));
	return status == REXI_OK ? invert(arena, up, count, down, err) : status;
}

/* ---- The schema object ---- */

struct rxc_schema *rxc_schema_new(struct rx_memory *memory, uint64_t seed)
{
	struct rxc_schema *schema = rx_memory_take_zeroed(memory, 1, sizeof(*schema));

	if (!schema)
		return NULL;
	rx_arena_init(&schema->arena, memory);
	rx_table_init(&schema->type_table, memory, seed);
	schema->seed = seed;
	return schema;
}

void rxc_schema_free(struct rxc_schema *schema)
{
	struct rx_memory *memory;

	if (!schema)
		return;
	memory = schema->arena.memory;
	rx_table_fini(&schema->type_table);
	rx_arena_fini(&schema->arena);
	rx_memory_give(memory, schema, sizeof(*schema));
}

/* Actions are sorted by the name of their type, so those of one type stand together. */
static enum rexi_status relate_group(struct rxc_schema *schema, struct rxc_entity_type *type, uint32_t first, uint32_t end,
				     uint32_t *stamp, uint32_t *found, struct rexi_error *err)
{
	uint32_t count = 0, *ids;

	for (uint32_t i = first; i < end; i++) {
		struct rxc_ids below = schema->actions[i].descendants;

		for (uint32_t j = 0; j < below.count; j++) {
			uint32_t other = schema->actions[below.at[j]].type;

			if (stamp[other] == first + 1)
				continue;
			stamp[other] = first + 1;
			found[count++] = other;
		}
	}
	ids = RX_ARENA_ARRAY(&schema->arena, uint32_t, count);
	if (!ids)
		return rx_fail_memory(err);
	if (count > 0)
		memcpy(ids, found, count * sizeof(*ids));
	type->descendants = (struct rxc_ids){ ids, rxc_ids_sort(ids, count) };
	return REXI_OK;
}

enum rexi_status rxc_relate_action_types(struct rxc_schema *schema, struct rxc_entity_type *types, struct rx_memory *memory,
					 struct rexi_error *err)
{
	uint32_t count = schema->entity_type_count;
	uint32_t *stamp = rx_memory_take_zeroed(memory, count + 1u, sizeof(*stamp));
	uint32_t *found = rx_memory_take_zeroed(memory, count + 1u, sizeof(*found));
	enum rexi_status status = stamp && found ? REXI_OK : rx_fail_memory(err);

	for (uint32_t first = 0, end; first < schema->action_count && status == REXI_OK; first = end) {
		for (end = first + 1; end < schema->action_count && schema->actions[end].type == schema->actions[first].type; end++)
			;
		status = relate_group(schema, &types[schema->actions[first].type], first, end, stamp, found, err);
	}
	rx_memory_give(memory, stamp, (count + 1u) * sizeof(*stamp));
	rx_memory_give(memory, found, (count + 1u) * sizeof(*found));
	return status;
}

static uint32_t action_hash(const struct rxc_schema *schema, uint32_t type, struct rexi_str id)
{
	return (uint32_t)rx_hash_bytes(id.ptr, id.len, schema->seed + type);
}

bool rxc_schema_index_actions(struct rxc_schema *schema)
{
	uint32_t cap = 16;

	while (cap / 2 < schema->action_count)
		cap *= 2;
	schema->action_slots = RX_ARENA_ARRAY(&schema->arena, uint32_t, cap);
	if (!schema->action_slots)
		return false;
	schema->action_mask = cap - 1;
	for (uint32_t i = 0; i < schema->action_count; i++) {
		uint32_t at = action_hash(schema, schema->actions[i].type, schema->actions[i].id) & schema->action_mask;

		while (schema->action_slots[at])
			at = (at + 1) & schema->action_mask;
		schema->action_slots[at] = i + 1;
	}
	return true;
}

/* A constant schema has no tables: its lists are sorted. */
static uint32_t search_type(const struct rxc_schema *schema, struct rexi_str name)
{
	uint32_t low = 0, high = schema->entity_type_count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int order = rx_str_cmp(schema->entity_types[middle].name, name);

		if (order == 0)
			return middle;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return RXC_NONE;
}

static uint32_t search_action(const struct rxc_schema *schema, uint32_t type, struct rexi_str id)
{
	uint32_t low = 0, high = schema->action_count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		const struct rxc_action_type *action = &schema->actions[middle];
		int order = action->type != type ? (action->type < type ? -1 : 1) : rx_str_cmp(action->id, id);

		if (order == 0)
			return middle;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return RXC_NONE;
}

uint32_t rxc_schema_find_type(const struct rxc_schema *schema, struct rexi_str name)
{
	uint32_t at = rx_table_find(&schema->type_table, name);

	if (!schema->action_slots)
		return search_type(schema, name);
	return at == RX_TABLE_NONE ? RXC_NONE : at;
}

uint32_t rxc_schema_find_action(const struct rxc_schema *schema, uint32_t type, struct rexi_str id)
{
	uint32_t at;

	if (type == RXC_NONE || !schema->entity_types[type].is_action)
		return RXC_NONE;
	if (!schema->action_slots)
		return search_action(schema, type, id);
	at = action_hash(schema, type, id) & schema->action_mask;
	while (schema->action_slots[at]) {
		const struct rxc_action_type *action = &schema->actions[schema->action_slots[at] - 1];

		if (action->type == type && rx_str_eq(action->id, id))
			return schema->action_slots[at] - 1;
		at = (at + 1) & schema->action_mask;
	}
	return RXC_NONE;
}

uint32_t rxc_schema_find_action_named(const struct rxc_schema *schema, struct rexi_str type, struct rexi_str id)
{
	return rxc_schema_find_action(schema, rxc_schema_find_type(schema, type), id);
}

bool rxc_entity_type_has_member(const struct rxc_entity_type *type, struct rexi_str id)
{
	if (!type->is_enum)
		return true;
	for (uint32_t i = 0; i < type->member_count; i++)
		if (rx_str_eq(type->members[i], id))
			return true;
	return false;
}

struct rexi_str rxc_schema_nearest_type(const struct rxc_schema *schema, struct rexi_str name)
{
	return rx_str_nearest(name, schema->types.names, schema->types.count);
}
