/* Entities from JSON and to JSON. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "cedar/value_json.h"

#include "base/banned.h"

enum { MOST_NESTING = 128 }; /* of the reference's JSON library */

#define WRAP "error during entity deserialization: "

struct loader {
	struct rexi_cedar_entities *store;
	struct rxc_value_reader reader;
	struct rx_memory *memory;
	size_t before; /* entities that were there */
};

static enum rexi_status shape_error(struct loader *loader, const struct rxc_json *json, const char *what)
{
	loader->reader.kind = "json";
	return rx_fail(loader->reader.err, REXI_SYNTAX, json->span, WRAP "%s", what);
}

#define CUT(text) RX_STR_ARG(rx_str_sub((text), 0, 50))

/* ---- the shape of the document ------------------------------------------------------------------------------------------ */

static bool repeats_field(const struct rxc_json *entity)
{
	static const char *const fields[] = { "uid", "attrs", "parents", "tags" };

	for (unsigned f = 0; f < RX_COUNT(fields) && entity->duplicate; f++) {
		unsigned seen = 0;

		for (uint32_t i = 0; i < entity->count; i++)
			seen += rx_str_eq(entity->members[i].key, rx_str(fields[f]));
		if (seen > 1)
			return true;
	}
	return false;
}

static enum rexi_status check_shape(struct loader *loader, const struct rxc_json *json)
{
	const struct rxc_json *attrs, *parents, *tags;

	if (json->kind != RXC_JSON_ARRAY)
		return shape_error(loader, json, "expected an array of entities");
	for (uint32_t i = 0; i < json->count; i++) {
		const struct rxc_json *entity = &json->items[i];

		if (entity->kind != RXC_JSON_OBJECT)
			return shape_error(loader, entity, "an entity is a JSON object");
		if (repeats_field(entity))
			return shape_error(loader, entity, "a field of an entity is given twice");
		attrs = rxc_json_get(entity, "attrs");
		parents = rxc_json_get(entity, "parents");
		tags = rxc_json_get(entity, "tags");
		if (!rxc_json_get(entity, "uid"))
			return shape_error(loader, entity, "missing field `uid`");
		if (!attrs)
			return shape_error(loader, entity, "missing field `attrs`");
		if (!parents)
			return shape_error(loader, entity, "missing field `parents`");
		if (attrs->kind != RXC_JSON_OBJECT || parents->kind != RXC_JSON_ARRAY || (tags && tags->kind != RXC_JSON_OBJECT))
			return shape_error(loader, entity, "`attrs` and `tags` are objects, `parents` is an array");
		if (rxc_json_repeats(attrs) || (tags && rxc_json_repeats(tags)))
			return shape_error(loader, entity, "the same key occurs two or more times in the same JSON object");
	}
	return REXI_OK;
}

/* ---- one entity -------------------------------------------------------------------------------------------------------- */

static const struct rxc_uid *interned(const struct rexi_cedar_uid *uid)
{
	return RX_CONTAINER_OF((uintptr_t)uid, const struct rxc_uid, uid);
}

static enum rexi_status refuse(struct loader *loader, const struct rxc_json *json, const char *kind, const char *text)
{
	loader->reader.kind = kind;
	return rx_fail(loader->reader.err, REXI_INVALID, json->span, WRAP "%s", text);
}

/* What the schema says of this entity: its type, or NULL for actions and without a schema. */
static enum rexi_status schema_type(struct loader *loader, const struct rxc_json *json, const struct rexi_cedar_uid *uid,
				    const struct rxc_entity_type **out)
{
	const struct rxc_schema *schema = loader->reader.schema;
	uint32_t type;
	char text[200];

	*out = NULL;
	if (!schema)
		return REXI_OK;
	if (uid->type->flags & RXC_NAME_ACTION)
		return REXI_OK; /* what is said of actions is checked when everything was read */
	type = rxc_schema_find_type(schema, uid->type->text);
	if (type == RXC_NONE) {
		(void)snprintf(text, sizeof(text), "entity `%.*s::\"%.*s\"` has type `%.*s` which is not declared in the schema",
			       CUT(uid->type->text), CUT(uid->id), CUT(uid->type->text));
		return refuse(loader, json, "unexpected-entity-type", text);
	}
	*out = &schema->entity_types[type];
	return REXI_OK;
}

static enum rexi_status read_fields(struct loader *loader, const struct rexi_cedar_uid *uid, const struct rxc_json *json, bool tags,
				    const struct rxc_entity_type *type, struct rxc_slotted **out, uint32_t *count_out)
{
	struct rxc_slotted *fields = NULL;
	char text[200];

	loader->reader.field = tags ? "tag" : "attribute";
	if (json && json->count) {
		rxc_json_sort(json);
		fields = rx_arena_bytes(&loader->store->arena, json->count * sizeof(*fields));
		if (!fields)
			return rx_fail_memory(loader->reader.err);
	}
	for (uint32_t i = 0; json && i < json->count; i++) {
		const struct rxc_json_member *member = &json->members[i];
		const struct rexi_cedar_name *name = rxc_names_intern(&loader->store->names, member->key, true);
		const struct rxc_attr *attr = type && !tags ? rxc_type_attr(type->shape, member->key) : NULL;
		const struct rxc_type *expected = attr ? attr->type : type && tags ? type->tags : NULL;

		if (!name)
			return rx_fail_memory(loader->reader.err);
		if (type && !expected && !(!tags && type->shape->open)) {
			(void)snprintf(text, sizeof(text), tags ? "found a tag `%.*s` on `%.*s::\"%.*s\"`, but no tags should exist on it according to the schema"
								: "attribute `%.*s` on `%.*s::\"%.*s\"` should not exist according to the schema",
				       CUT(member->key), CUT(uid->type->text), CUT(uid->id));
			return refuse(loader, &member->value, tags ? "unexpected-entity-tag" : "unexpected-entity-attr", text);
		}
		loader->reader.field_name = member->key;
		fields[i] = (struct rxc_slotted){ name->text.ptr, (uint32_t)name->text.len, (uint32_t)name->hash, { 0 } };
		RX_TRY(rxc_read_value(&loader->reader, &member->value, expected, &fields[i].value));
	}
	*count_out = json ? json->count : 0;
	*out = fields;
	return REXI_OK;
}

static enum rexi_status read_parents(struct loader *loader, const struct rxc_json *json, struct rxc_entity *entity)
{
	const struct rexi_cedar_uid *uid;

	if (!json->count)
		return REXI_OK;
	loader->reader.field = NULL;
	entity->parents = rx_arena_bytes(&loader->store->arena, json->count * sizeof(struct rxc_uid *));
	if (!entity->parents)
		return rx_fail_memory(loader->reader.err);
	for (uint32_t i = 0; i < json->count; i++) {
		const struct rxc_uid *parent;
		bool known = false;

		RX_TRY(rxc_read_uid(&loader->reader, &json->items[i], &uid));
		parent = interned(uid);
		if (entity->uid->uid.type->flags & RXC_NAME_ACTION && !(uid->type->flags & RXC_NAME_ACTION))
			return refuse(loader, &json->items[i], "action-parent-is-not-action", "an action has a parent that is no action");
		for (uint32_t k = 0; k < entity->parent_count && !known; k++)
			known = entity->parents[k] == parent;
		if (!known)
			entity->parents[entity->parent_count++] = parent;
	}
	return REXI_OK;
}

static enum rexi_status read_entity(struct loader *loader, const struct rxc_json *json, struct rxc_entity **out)
{
	struct rxc_entity *entity = RX_ARENA_NEW(&loader->store->arena, struct rxc_entity);
	const struct rexi_cedar_uid *uid;
	const struct rxc_entity_type *type;

	if (!entity)
		return rx_fail_memory(loader->reader.err);
	loader->reader.where = WRAP "in uid field of <unknown entity>";
	RX_TRY(rxc_read_uid(&loader->reader, rxc_json_get(json, "uid"), &uid));
	loader->reader.where = NULL;
	loader->reader.entity = uid;
	entity->uid = interned(uid);
	RX_TRY(schema_type(loader, json, uid, &type));
	RX_TRY(read_fields(loader, uid, rxc_json_get(json, "attrs"), false, type, &entity->attrs, &entity->attr_count));
	RX_TRY(read_fields(loader, uid, rxc_json_get(json, "tags"), true, type, &entity->tags, &entity->tag_count));
	RX_TRY(read_parents(loader, rxc_json_get(json, "parents"), entity));
	RX_TRY(rxc_read_end(&loader->reader));
	*out = entity;
	return REXI_OK;
}

/* ---- the actions of a schema --------------------------------------------------------------------------------------------- */

static const struct rxc_uid *action_uid(struct loader *loader, const struct rxc_action_type *action)
{
	struct rexi_str type = loader->reader.schema->entity_types[action->type].name;
	const struct rexi_cedar_name *name = rxc_names_intern(&loader->store->names, type, false);

	return name ? rxc_names_uid(&loader->store->names, name, action->id, false) : NULL;
}

static enum rexi_status add_actions(struct loader *loader)
{
	const struct rxc_schema *schema = loader->reader.schema;

	for (uint32_t i = 0; i < schema->action_count; i++) {
		const struct rxc_action_type *action = &schema->actions[i];
		struct rxc_entity *entity = RX_ARENA_NEW(&loader->store->arena, struct rxc_entity);

		if (!entity)
			return rx_fail_memory(loader->reader.err);
		entity->uid = action_uid(loader, action);
		entity->parents = RX_ARENA_ARRAY(&loader->store->arena, const struct rxc_uid *, action->ancestors.count + 1u);
		if (!entity->uid || !entity->parents)
			return rx_fail_memory(loader->reader.err);
		if (entity->uid->entity)
			continue;
		for (uint32_t k = 0; k < action->ancestors.count; k++) {
			entity->parents[k] = action_uid(loader, &schema->actions[action->ancestors.at[k]]);
			if (!entity->parents[k])
				return rx_fail_memory(loader->reader.err);
		}
		entity->parent_count = action->ancestors.count;
		RX_TRY(rxc_entities_insert(loader->store, entity, false, loader->reader.err));
	}
	return REXI_OK;
}

/* ---- the document ---------------------------------------------------------------------------------------------------------- */

static enum rexi_status build(struct loader *loader)
{
	enum rexi_status status = rexi_cedar_entities_build(loader->store, loader->reader.err);

	if (status == REXI_INVALID)
		loader->reader.kind = "has-cycle";
	return status;
}

static enum rexi_status load(struct loader *loader, const struct rxc_json *json)
{
	struct rexi_cedar_entities *store = loader->store;
	struct rxc_entity **read = rx_memory_take_zeroed(loader->memory, json->count + 1u, sizeof(*read));
	enum rexi_status status = read ? REXI_OK : rx_fail_memory(loader->reader.err);

	if (status == REXI_OK && !rxc_names_reserve_uids(&store->names, json->count))
		status = rx_fail_memory(loader->reader.err);
	for (uint32_t i = 0; i < json->count && status == REXI_OK; i++)
		status = read_entity(loader, &json->items[i], &read[i]);
	for (uint32_t i = 0; i < json->count && status == REXI_OK; i++) {
		status = rxc_entities_insert(store, read[i], false, loader->reader.err);
		if (status == REXI_DUPLICATE)
			loader->reader.kind = "duplicate";
	}
	for (uint32_t i = 0; loader->reader.schema && i < json->count && status == REXI_OK; i++)
		if (!(read[i]->uid->uid.type->flags & RXC_NAME_ACTION))
			status = rxc_entities_conform(store, loader->reader.schema, read[i], &loader->reader.kind, loader->reader.err);
	rx_memory_give(loader->memory, read, read ? (json->count + 1u) * sizeof(*read) : 0);
	if (status == REXI_OK)
		status = build(loader);
	if (status != REXI_OK || !loader->reader.schema)
		return status;
	/* what the data says of actions is compared before the schema's own are there */
	for (size_t i = loader->before; i < store->count && status == REXI_OK; i++)
		if (store->entities[i]->uid->uid.type->flags & RXC_NAME_ACTION)
			status = rxc_entities_conform(store, loader->reader.schema, store->entities[i], &loader->reader.kind, loader->reader.err);
	if (status == REXI_OK)
		status = add_actions(loader);
	return status == REXI_OK ? build(loader) : status;
}

/* As it was before: what was added stays in the arena but is forgotten. */
static void roll_back(struct loader *loader)
{
	struct rexi_cedar_entities *store = loader->store;

	if (store->count == loader->before)
		return;
	while (store->count > loader->before) {
		struct rxc_entity *entity = store->entities[--store->count];

		store->names.uids[entity->uid->id]->entity = NULL;
	}
	store->built = false;
	/* can only fail for want of memory; then deciding says that the store was not built */
	if (rexi_cedar_entities_build(store, NULL) != REXI_OK)
		store->built = false;
}

enum rexi_status rexi_cedar_entities_add_json(struct rexi_cedar_entities *entities, struct rexi_str json, const struct rexi_cedar_schema *schema,
					      const char **kind_out, struct rexi_error *err)
{
	const struct rexi_cedar_limits *limits = &entities->engine->limits;
	struct loader loader = { .store = entities, .memory = &entities->memory, .before = entities->count };
	struct rxc_json document;
	struct rx_arena tree;
	enum rexi_status status;
	struct rexi_str text;

	if (json.len > limits->source_bytes)
		return rx_fail(err, REXI_LIMIT, RX_NO_SPAN, "the text has %zu bytes, the limit is %zu", json.len, limits->source_bytes);
	text = rx_arena_copy(&entities->arena, json); /* strings are views of it */
	if (!text.ptr)
		return rx_fail_memory(err);
	loader.reader = (struct rxc_value_reader){
		.engine = entities->engine, .arena = &entities->arena, .store = entities, .schema = schema ? schema->resolved : NULL,
		.evaluation = "entity-attribute-evaluation", .kind = "json", .err = err,
	};
	rx_buf_init(&loader.reader.message, &entities->memory, 0);
	rx_arena_init(&tree, &entities->memory);
	status = rxc_json_parse_into(&tree, &entities->arena, text, limits->nesting < MOST_NESTING ? limits->nesting : MOST_NESTING, &document, err);
	if (status == REXI_OK)
		status = check_shape(&loader, &document);
	if (status == REXI_OK)
		status = load(&loader, &document);
	if (status != REXI_OK)
		roll_back(&loader);
	rx_arena_fini(&tree);
	rx_buf_fini(&loader.reader.message);
	if (kind_out)
		*kind_out = status == REXI_OK ? NULL : status == REXI_NO_MEMORY ? "memory" : loader.reader.kind;
	return status;
}

/* ---- output ------------------------------------------------------------------------------------------------------------ */

struct named {
	const struct rxc_entity *entity;
	struct rexi_str text; /* the JSON of its uid */
};

static int by_text(const void *a, const void *b)
{
	const struct named *x = a, *y = b;

	return rx_str_cmp(x->text, y->text);
}

static int by_uid_text(const void *a, const void *b)
{
	const struct rxc_uid *const *x = a, *const *y = b;
	int order = rx_str_cmp((*x)->uid.id, (*y)->uid.id); /* as their JSON sorts: the id comes first in it */

	return order ? order : rx_str_cmp((*x)->uid.type->text, (*y)->uid.type->text);
}

static void fields_json(struct rx_buf *buf, const struct rxc_slotted *fields, uint32_t count, const char **reserved)
{
	rx_buf_byte(buf, '{');
	for (uint32_t i = 0; i < count; i++) {
		if (i)
			rx_buf_byte(buf, ',');
		rx_buf_json_string(buf, rx_str_make(fields[i].name, fields[i].name_len));
		rx_buf_byte(buf, ':');
		if (!rxc_value_json(buf, &fields[i].value, reserved))
			return;
	}
	rx_buf_byte(buf, '}');
}

static bool parents_json(struct rx_buf *buf, const struct rexi_cedar_entities *entities, const struct rxc_entity *entity)
{
	size_t size = (entity->ancestor_count + 1u) * sizeof(const struct rxc_uid *);
	const struct rxc_uid **sorted = rx_memory_take(buf->memory, size);

	if (!sorted)
		return false;
	for (uint32_t i = 0; i < entity->ancestor_count; i++)
		sorted[i] = entities->names.uids[entity->ancestors[i]];
	qsort(sorted, entity->ancestor_count, sizeof(*sorted), by_uid_text);
	rx_buf_byte(buf, '[');
	for (uint32_t i = 0; i < entity->ancestor_count; i++) {
		if (i)
			rx_buf_byte(buf, ',');
		rxc_uid_json(buf, &sorted[i]->uid);
	}
	rx_buf_byte(buf, ']');
	rx_memory_give(buf->memory, sorted, size);
	return true;
}

static void entity_json(struct rx_buf *buf, const struct rexi_cedar_entities *entities, const struct rxc_entity *entity, const char **reserved)
{
	RX_BUF_LIT(buf, "{\"attrs\":");
	fields_json(buf, entity->attrs, entity->attr_count, reserved);
	RX_BUF_LIT(buf, ",\"parents\":");
	buf->failed |= !parents_json(buf, entities, entity);
	if (entity->tag_count) {
		RX_BUF_LIT(buf, ",\"tags\":");
		fields_json(buf, entity->tags, entity->tag_count, reserved);
	}
	RX_BUF_LIT(buf, ",\"uid\":");
	rxc_uid_json(buf, &entity->uid->uid);
	rx_buf_byte(buf, '}');
}

/* The entities in the order of the texts of their uids; the texts live in `texts`. */
static bool sort_entities(const struct rexi_cedar_entities *entities, struct rx_buf *texts, struct named *named)
{
	for (size_t i = 0; i < entities->count; i++) {
		size_t start = texts->len;

		rxc_uid_json(texts, &entities->entities[i]->uid->uid);
		named[i] = (struct named){ entities->entities[i], { NULL, texts->len - start } };
	}
	if (texts->failed)
		return false;
	for (size_t i = 0, at = 0; i < entities->count; at += named[i++].text.len)
		named[i].text.ptr = texts->ptr + at;
	qsort(named, entities->count, sizeof(*named), by_text);
	return true;
}

enum rexi_status rexi_cedar_entities_to_json(const struct rexi_cedar_entities *entities, struct rexi_cedar_text *out, struct rexi_error *err)
{
	struct rx_memory memory;
	struct rx_buf buf, texts;
	struct named *named;
	const char *reserved = NULL;

	if (!entities->built)
		return rx_fail(err, REXI_INVALID, RX_NO_SPAN, "the entity store was edited and not built");
	rx_memory_init(&memory, &entities->engine->allocator, 0);
	rx_buf_init(&buf, &memory, 0);
	rx_buf_init(&texts, &memory, 0);
	named = rx_memory_take_zeroed(&memory, entities->count + 1, sizeof(*named));
	buf.failed = !named || !sort_entities(entities, &texts, named);
	rx_buf_byte(&buf, '[');
	for (size_t i = 0; !buf.failed && !reserved && i < entities->count; i++) {
		if (i)
			RX_BUF_LIT(&buf, ",\n");
		entity_json(&buf, entities, named[i].entity, &reserved);
	}
	rx_buf_byte(&buf, ']');
	rx_buf_fini(&texts);
	rx_memory_give(&memory, named, named ? (entities->count + 1) * sizeof(*named) : 0);
	if (reserved) {
		rx_buf_fini(&buf);
		return rx_fail(err, REXI_INVALID, RX_NO_SPAN, "record uses reserved key `%s`", reserved);
	}
	return rxc_text_take(&buf, out, err);
}
