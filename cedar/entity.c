#include <config.h>

#include "cedar/entity.h"

#include <stdlib.h>

#include "base/banned.h"

/* ---- building: ancestors from parents ------------------------------------------------------------------------------ */

enum { STATE_NEW, STATE_OPEN, STATE_DONE };

struct closure {
	struct rexi_cedar_entities *store;
	struct frame {
		struct rxc_entity *entity;
		uint32_t next; /* parent to look at */
	} *frames;
	size_t frame_count, frame_cap;
	uint32_t *found; /* of the entity that is being finished */
	size_t found_count, found_cap;
	uint32_t *seen; /* by uid id: the stamp of the entity that saw it last */
	uint32_t stamp;
	size_t total; /* of ancestors */
};

static int by_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void sort_numbers(uint32_t *numbers, size_t count)
{
	enum { FEW = 32 };

	if (count > FEW) {
		qsort(numbers, count, sizeof(*numbers), by_number);
		return;
	}
	for (size_t i = 1; i < count; i++) {
		uint32_t number = numbers[i];
		size_t at = i;

		for (; at > 0 && numbers[at - 1] > number; at--)
			numbers[at] = numbers[at - 1];
		numbers[at] = number;
	}
}

static bool found_add(struct closure *closure, uint32_t id)
{
	if (closure->seen[id] == closure->stamp)
		return true;
	closure->seen[id] = closure->stamp;
	if (!RX_GROW(&closure->store->memory, &closure->found, &closure->found_cap, closure->found_count + 1))
		return false;
	closure->found[closure->found_count++] = id;
	return true;
}

/* The ancestors of an only parent and itself: in order already, but for the parent. */
static bool found_chain(struct closure *closure, const struct rxc_uid *parent)
{
	const struct rxc_entity *entity = parent->entity;
	uint32_t count = entity ? entity->ancestor_count : 0, at = 0;

	if (!RX_GROW(&closure->store->memory, &closure->found, &closure->found_cap, count + 1u))
		return false;
	while (at < count && entity->ancestors[at] < parent->id)
		at++;
	if (at)
		memcpy(closure->found, entity->ancestors, at * sizeof(*closure->found));
	closure->found[at] = parent->id;
	if (count > at)
		memcpy(closure->found + at + 1, entity->ancestors + at, (count - at) * sizeof(*closure->found));
	closure->found_count = count + 1u;
	return true;
}

static bool found_all(struct closure *closure, const struct rxc_entity *entity)
{
	closure->stamp++;
	closure->found_count = 0;
	for (uint32_t i = 0; i < entity->parent_count; i++) {
		const struct rxc_entity *parent = entity->parents[i]->entity;

		if (!found_add(closure, entity->parents[i]->id))
			return false;
		for (uint32_t k = 0; parent && k < parent->ancestor_count; k++)
			if (!found_add(closure, parent->ancestors[k]))
				return false;
	}
	sort_numbers(closure->found, closure->found_count);
	return true;
}

/* All parents are done: the entity's ancestors are they and theirs. */
static enum rexi_status finish_entity(struct closure *closure, struct rxc_entity *entity, struct rexi_error *err)
{
	const size_t most = closure->store->engine->limits.ancestors;
	size_t padded;
	uint32_t *ids;

	if (!(entity->parent_count == 1 ? found_chain(closure, entity->parents[0]) : found_all(closure, entity)))
		return rx_fail_memory(err);
	closure->total += closure->found_count;
	if (closure->total > most)
		return rx_fail(err, REXI_LIMIT, RX_NO_SPAN, "the entities of a store have at most %zu ancestors together", most);
	entity->ancestor_count = (uint32_t)closure->found_count;
	entity->ancestors = NULL;
	entity->above = 0;
	if (closure->found_count) {
		padded = (closure->found_count + RXC_IDS_STEP - 1) & ~(size_t)(RXC_IDS_STEP - 1);
		ids = rx_arena_bytes(&closure->store->arena, padded * sizeof(*ids));
		if (!ids)
			return rx_fail_memory(err);
		memcpy(ids, closure->found, closure->found_count * sizeof(*ids));
		for (size_t i = closure->found_count; i < padded; i++)
			ids[i] = UINT32_MAX;
		for (size_t i = 0; i < closure->found_count; i++)
			entity->above |= rxc_above_bit(ids[i]);
		entity->ancestors = ids;
	}
	entity->state = STATE_DONE;
	return REXI_OK;
}

static bool open_entity(struct closure *closure, struct rxc_entity *entity)
{
	if (!RX_GROW(&closure->store->memory, &closure->frames, &closure->frame_cap, closure->frame_count + 1))
		return false;
	closure->frames[closure->frame_count++] = (struct frame){ entity, 0 };
	entity->state = STATE_OPEN;
	return true;
}

static enum rexi_status has_cycle(const struct rxc_entity *entity, struct rexi_error *err)
{
	return rx_fail(err, REXI_INVALID, RX_NO_SPAN,
		       "transitive closure computation/enforcement error: input graph has a cycle containing vertex `%.*s::\"%.*s\"`",
		       RX_STR_ARG(rx_str_sub(entity->uid->uid.type->text, 0, 60)), RX_STR_ARG(rx_str_sub(entity->uid->uid.id, 0, 60)));
}

/* Depth first with a stack of its own: hierarchies may be deeper than a C stack. */
static enum rexi_status close_from(struct closure *closure, struct rxc_entity *root, struct rexi_error *err)
{
	if (root->state == STATE_DONE)
		return REXI_OK;
	if (!open_entity(closure, root))
		return rx_fail_memory(err);
	while (closure->frame_count) {
		struct frame *frame = &closure->frames[closure->frame_count - 1];
		struct rxc_entity *parent;

		if (frame->next == frame->entity->parent_count) {
			closure->frame_count--;
			RX_TRY(finish_entity(closure, frame->entity, err));
			continue;
		}
		parent = frame->entity->parents[frame->next++]->entity;
		if (!parent || parent->state == STATE_DONE)
			continue;
		if (parent->state == STATE_OPEN)
			return has_cycle(parent, err);
		if (!open_entity(closure, parent))
			return rx_fail_memory(err);
	}
	return REXI_OK;
}

enum rexi_status rexi_cedar_entities_build(struct rexi_cedar_entities *entities, struct rexi_error *err)
{
	struct closure closure = { .store = entities };
	size_t uids = entities->names.uid_count;
	enum rexi_status status = REXI_OK;

	if (entities->built)
		return REXI_OK;
	closure.seen = rx_memory_take_zeroed(&entities->memory, uids + 1, sizeof(*closure.seen));
	if (!closure.seen)
		return rx_fail_memory(err);
	for (size_t i = 0; i < entities->count; i++)
		entities->entities[i]->state = STATE_NEW;
	for (size_t i = 0; i < entities->count && status == REXI_OK; i++)
		status = close_from(&closure, entities->entities[i], err);
	rx_memory_give(&entities->memory, closure.seen, (uids + 1) * sizeof(*closure.seen));
	rx_memory_give(&entities->memory, closure.frames, closure.frame_cap * sizeof(*closure.frames));
	rx_memory_give(&entities->memory, closure.found, closure.found_cap * sizeof(*closure.found));
	if (status == REXI_OK)
		status = rxc_entities_check_actions(entities, err);
	entities->built = status == REXI_OK;
	entities->serial = rxc_engine_serial(entities->engine);
	return status;
}

bool rxc_ids_have(const uint32_t *ids, uint32_t count, uint32_t id)
{
	enum { FEW = 64 };
	uint32_t low = 0, high = count, found = 0;

	if (count <= FEW) {
		for (uint32_t i = 0; i < count; i += RXC_IDS_STEP)
			found |= (uint32_t)(ids[i] == id) | (uint32_t)(ids[i + 1] == id) | (uint32_t)(ids[i + 2] == id) | (uint32_t)(ids[i + 3] == id);
		return found != 0;
	}
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (ids[middle] == id)
			return true;
		if (ids[middle] < id)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/* ---- the store ----------------------------------------------------------------------------------------------------- */

enum rexi_status rexi_cedar_entities_new(const struct rexi_cedar_engine *engine, struct rexi_cedar_entities **out, struct rexi_error *err)
{
	struct rexi_cedar_entities *store;
	struct rx_memory memory;

	rx_memory_init(&memory, &engine->allocator, engine->limits.memory_bytes);
	store = rx_memory_take_zeroed(&memory, 1, sizeof(*store));
	if (!store)
		return rx_fail_memory(err);
	store->engine = engine;
	store->memory = memory;
	store->built = true;
	store->serial = rxc_engine_serial(engine);
	rx_arena_init(&store->arena, &store->memory);
	rxc_names_init(&store->names, &store->arena, &store->memory, engine->seed);
	*out = store;
	return REXI_OK;
}

void rexi_cedar_entities_free(struct rexi_cedar_entities *entities)
{
	struct rx_memory memory;

	if (!entities)
		return;
	rxc_names_fini(&entities->names);
	rx_memory_give(&entities->memory, entities->entities, entities->cap * sizeof(*entities->entities));
	rx_arena_fini(&entities->arena);
	memory = entities->memory;
	rx_memory_give(&memory, entities, sizeof(*entities));
}

size_t rexi_cedar_entities_count(const struct rexi_cedar_entities *entities)
{
	return entities->count;
}

size_t rexi_cedar_entities_memory(const struct rexi_cedar_entities *entities)
{
	return entities->memory.used;
}

const struct rxc_entity *rxc_entities_find(const struct rexi_cedar_entities *store, const struct rexi_cedar_uid *uid)
{
	const struct rxc_uid *found = rxc_names_find_uid(&store->names, uid);

	return found ? found->entity : NULL;
}

static bool fields_equal(const struct rxc_slotted *a, const struct rxc_slotted *b, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (!rx_str_eq(rx_str_make(a[i].name, a[i].name_len), rx_str_make(b[i].name, b[i].name_len)) ||
		    !rxc_value_eq(&a[i].value, &b[i].value))
			return false;
	return true;
}

/* The interned uid is the store's own, so that its pointer to the entity may be set. */
static struct rxc_uid *own_uid(struct rexi_cedar_entities *store, const struct rxc_uid *uid)
{
	return store->names.uids[uid->id];
}

void rxc_entities_list(struct rexi_cedar_entities *store)
{
	if (++store->mention)
		return;
	for (uint32_t i = 0; i < store->names.uid_count; i++) /* all numbers were used */
		store->names.uids[i]->reserved = 0;
	store->mention = 1;
}

bool rxc_entities_mention(struct rexi_cedar_entities *store, const struct rxc_uid *uid)
{
	struct rxc_uid *own = own_uid(store, uid);
	bool first = own->reserved != store->mention;

	own->reserved = store->mention;
	return first;
}

static bool entity_equal(struct rexi_cedar_entities *store, const struct rxc_entity *a, const struct rxc_entity *b)
{
	if (a->attr_count != b->attr_count || a->tag_count != b->tag_count || a->parent_count != b->parent_count ||
	    !fields_equal(a->attrs, b->attrs, a->attr_count) || !fields_equal(a->tags, b->tags, a->tag_count))
		return false;
	rxc_entities_list(store);
	for (uint32_t i = 0; i < a->parent_count; i++)
		(void)rxc_entities_mention(store, a->parents[i]);
	for (uint32_t i = 0; i < b->parent_count; i++)
		if (rxc_entities_mention(store, b->parents[i]))
			return false;
	return true;
}

enum rexi_status rxc_entities_insert(struct rexi_cedar_entities *store, struct rxc_entity *entity, bool replace, struct rexi_error *err)
{
	struct rxc_uid *uid = own_uid(store, entity->uid);

	if (uid->entity && !replace) {
		if (entity_equal(store, uid->entity, entity))
			return REXI_OK;
		return rx_fail(err, REXI_DUPLICATE, RX_NO_SPAN, "duplicate entity entry `%.*s::\"%.*s\"`",
			       RX_STR_ARG(rx_str_sub(uid->uid.type->text, 0, 60)), RX_STR_ARG(rx_str_sub(uid->uid.id, 0, 60)));
	}
	if (uid->entity) {
		entity->at = uid->entity->at;
	} else {
		if (store->count >= store->engine->limits.entities)
			return rx_fail(err, REXI_LIMIT, RX_NO_SPAN, "an entity store holds at most %zu entities", store->engine->limits.entities);
		if (!RX_GROW(&store->memory, &store->entities, &store->cap, store->count + 1))
			return rx_fail_memory(err);
		entity->at = (uint32_t)store->count++;
	}
	store->entities[entity->at] = entity;
	uid->entity = entity;
	store->built = false;
	return REXI_OK;
}

enum rexi_status rexi_cedar_entities_remove(struct rexi_cedar_entities *entities, const struct rexi_cedar_uid *uid, struct rexi_error *err)
{
	const struct rxc_uid *found = rxc_names_find_uid(&entities->names, uid);
	struct rxc_entity *last;

	if (!found || !found->entity)
		return rx_fail(err, REXI_NOT_FOUND, RX_NO_SPAN, "entity `%.*s::\"%.*s\"` does not exist",
			       RX_STR_ARG(rx_str_sub(uid->type->text, 0, 60)), RX_STR_ARG(rx_str_sub(uid->id, 0, 60)));
	last = entities->entities[entities->count - 1];
	last->at = found->entity->at;
	entities->entities[last->at] = last;
	entities->count--;
	own_uid(entities, found)->entity = NULL;
	entities->built = false;
	return REXI_OK;
}

/* ---- entities from parts ------------------------------------------------------------------------------------------- */

static const struct rxc_uid *copy_uid(struct rexi_cedar_entities *store, const struct rexi_cedar_uid *uid, bool keep)
{
	const struct rexi_cedar_name *type = rxc_names_intern(&store->names, uid->type->text, keep);

	return type ? rxc_names_uid(&store->names, type, uid->id, keep) : NULL;
}

static bool copy_set(struct rexi_cedar_entities *store, const struct rexi_cedar_set *from, bool keep, struct rexi_cedar_value *out)
{
	struct rexi_cedar_set *to = rx_arena_bytes(&store->arena, sizeof(*to) + from->count * sizeof(to->items[0]));

	if (!to)
		return false;
	*to = (struct rexi_cedar_set){ .count = from->count, .flags = from->flags };
	for (uint32_t i = 0; i < from->count; i++)
		if (!rxc_entities_value(store, &from->items[i], keep, &to->items[i]))
			return false;
	out->as.set = to;
	return true;
}

static bool copy_record(struct rexi_cedar_entities *store, const struct rexi_cedar_record *from, bool keep, struct rexi_cedar_value *out)
{
	struct rexi_cedar_record *to = rx_arena_bytes(&store->arena, sizeof(*to) + from->count * sizeof(to->fields[0]));

	if (!to)
		return false;
	*to = (struct rexi_cedar_record){ .count = from->count };
	for (uint32_t i = 0; i < from->count; i++) {
		const struct rxc_slotted *field = &from->fields[i];
		const struct rexi_cedar_name *name = rxc_names_intern(&store->names, rx_str_make(field->name, field->name_len), keep);

		if (!name || !rxc_entities_value(store, &field->value, keep, &to->fields[i].value))
			return false;
		to->fields[i].name = name->text.ptr;
		to->fields[i].name_len = field->name_len;
		to->fields[i].hash = field->hash;
	}
	out->as.record = to;
	return true;
}

bool rxc_entities_value(struct rexi_cedar_entities *store, const struct rexi_cedar_value *from, bool keep, struct rexi_cedar_value *out)
{
	struct rexi_cedar_ext *ext;
	const struct rxc_uid *uid;
	struct rexi_str text;

	*out = *from;
	switch ((enum rexi_cedar_kind)from->kind) {
	case REXI_CEDAR_BOOL:
	case REXI_CEDAR_LONG:
		return true;
	case REXI_CEDAR_STRING:
		text = keep ? rxc_value_text(from) : rx_arena_copy(&store->arena, rxc_value_text(from));
		*out = rxc_value_string(text);
		return text.ptr != NULL;
	case REXI_CEDAR_ENTITY:
		uid = copy_uid(store, from->as.uid, keep);
		if (!uid)
			return false;
		*out = rxc_value_stored(uid);
		return true;
	case REXI_CEDAR_SET:
		return copy_set(store, from->as.set, keep, out);
	case REXI_CEDAR_RECORD:
		return copy_record(store, from->as.record, keep, out);
	case REXI_CEDAR_DECIMAL:
	case REXI_CEDAR_IPADDR:
	case REXI_CEDAR_DATETIME:
	case REXI_CEDAR_DURATION:
		ext = rx_arena_bytes(&store->arena, sizeof(*ext));
		if (!ext)
			return false;
		*ext = *from->as.ext;
		if (!keep)
			ext->written = rx_arena_copy(&store->arena, from->as.ext->written);
		out->as.ext = ext;
		return ext->written.ptr != NULL || ext->computed;
	}
	rx_unreachable();
}

static enum rexi_status copy_fields(struct rexi_cedar_entities *store, const struct rexi_cedar_field *from, size_t count,
				    struct rxc_slotted **out, struct rexi_error *err)
{
	struct rxc_slotted *fields = RX_ARENA_ARRAY(&store->arena, struct rxc_slotted, count + 1);
	size_t duplicate;

	if (!fields || count > UINT32_MAX / 2)
		return rx_fail_memory(err);
	for (size_t i = 0; i < count; i++) {
		const struct rexi_cedar_name *name = rxc_names_intern(&store->names, from[i].name->text, false);

		if (!name || !rxc_entities_value(store, &from[i].value, false, &fields[i].value))
			return rx_fail_memory(err);
		fields[i].name = name->text.ptr;
		fields[i].name_len = (uint32_t)name->text.len;
		fields[i].hash = (uint32_t)name->hash;
	}
	rxc_fields_sort(fields, count, &duplicate);
	if (duplicate != SIZE_MAX)
		return rx_fail(err, REXI_DUPLICATE, RX_NO_SPAN, "attribute or tag `%.*s` is given twice",
			       RX_STR_ARG(rx_str_sub(rx_str_make(fields[duplicate].name, fields[duplicate].name_len), 0, 80)));
	*out = fields;
	return REXI_OK;
}

enum rexi_status rexi_cedar_entities_add(struct rexi_cedar_entities *entities, const struct rexi_cedar_entity_parts *parts, unsigned flags,
					 struct rexi_error *err)
{
	struct rxc_entity *entity = RX_ARENA_NEW(&entities->arena, struct rxc_entity);

	if (!entity || parts->parent_count > UINT32_MAX / 2)
		return rx_fail_memory(err);
	entity->uid = copy_uid(entities, parts->uid, false);
	entity->parents = RX_ARENA_ARRAY(&entities->arena, const struct rxc_uid *, parts->parent_count + 1);
	if (!entity->uid || !entity->parents)
		return rx_fail_memory(err);
	rxc_entities_list(entities);
	for (size_t i = 0; i < parts->parent_count; i++) {
		const struct rxc_uid *parent = copy_uid(entities, &parts->parents[i], false);

		if (!parent)
			return rx_fail_memory(err);
		if (rxc_entities_mention(entities, parent))
			entity->parents[entity->parent_count++] = parent;
	}
	RX_TRY(copy_fields(entities, parts->attributes, parts->attribute_count, &entity->attrs, err));
	RX_TRY(copy_fields(entities, parts->tags, parts->tag_count, &entity->tags, err));
	entity->attr_count = (uint32_t)parts->attribute_count;
	entity->tag_count = (uint32_t)parts->tag_count;
	RX_TRY(rxc_entities_check_added(entities, entity, err));
	return rxc_entities_insert(entities, entity, flags & REXI_CEDAR_REPLACE, err);
}
