/* Entities from JSON and to JSON. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "cedar/value_json.h"

#include "base/banned.h"

enum { MOST_NESTING = 128 };  /* of the reference's JSON library */
enum { ENTITY_BYTES = 512 };  /* of text at least have most entities, so that their table need not grow often */

#define WRAP "error during entity deserialization: "

struct loader {
	struct rexi_cedar_entities *store;
	struct rxc_value_reader reader;
	struct rx_memory *memory;
	size_t before; /* entities that were there */
	struct rxc_entity **read; /* entities of the document */
	size_t count, cap;
	/* The first entity that is none, and the first that cannot be read: what comes after them is looked at for mistakes that
	 * are reported instead, those of JSON before those of shape. */
	struct rexi_error shape_error, read_error;
	const char *read_kind;
};

static enum rexi_status shape_error(struct loader *loader, const struct rxc_json *json, const char *what)
{
	return rx_fail(&loader->shape_error, REXI_SYNTAX, json->span, WRAP "%s", what);
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

/* The fields of an entity; absent ones are NULL. */
struct shape {
	const struct rxc_json *uid, *attrs, *parents, *tags;
};

/* An entity is an object, or its fields in a row: [uid, attrs, parents] with tags or without. */
static bool is_entity(const struct rxc_json *json)
{
	return json->kind == RXC_JSON_OBJECT || (json->kind == RXC_JSON_ARRAY && (json->count == 3 || json->count == 4));
}

static struct shape shape_of(const struct rxc_json *entity)
{
	struct shape shape = { NULL, NULL, NULL, NULL };

	if (entity->kind == RXC_JSON_ARRAY)
		return (struct shape){ &entity->items[0], &entity->items[1], &entity->items[2], entity->count > 3 ? &entity->items[3] : NULL };

	for (uint32_t i = 0; i < entity->count; i++) {
		const struct rxc_json_member *member = &entity->members[i];

		if (rx_str_same(member->key, RX_STR("uid")))
			shape.uid = &member->value;
		else if (rx_str_same(member->key, RX_STR("attrs")))
			shape.attrs = &member->value;
		else if (rx_str_same(member->key, RX_STR("parents")))
			shape.parents = &member->value;
		else if (rx_str_same(member->key, RX_STR("tags")))
			shape.tags = &member->value;
	}
	return shape;
}

static enum rexi_status check_shape(struct loader *loader, const struct rxc_json *entity, struct shape *out)
{
	struct shape shape;

	if (!is_entity(entity))
		return shape_error(loader, entity, "an entity is a JSON object");
	if (entity->kind == RXC_JSON_OBJECT && repeats_field(entity))
		return shape_error(loader, entity, "a field of an entity is given twice");
	*out = shape = shape_of(entity);
	if (!shape.uid)
		return shape_error(loader, entity, "missing field `uid`");
	if (!shape.attrs)
		return shape_error(loader, entity, "missing field `attrs`");
	if (!shape.parents)
		return shape_error(loader, entity, "missing field `parents`");
	if (shape.attrs->kind != RXC_JSON_OBJECT || shape.parents->kind != RXC_JSON_ARRAY || (shape.tags && shape.tags->kind != RXC_JSON_OBJECT))
		return shape_error(loader, entity, "`attrs` and `tags` are objects, `parents` is an array");
	if (rxc_json_repeats(shape.attrs) || (shape.tags && rxc_json_repeats(shape.tags)))
		return shape_error(loader, entity, "the same key occurs two or more times in the same JSON object");
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
		const struct rexi_cedar_name *name = rxc_read_name(&loader->reader, member->key);
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
	rxc_entities_list(loader->store);
	entity->parents = rx_arena_bytes(&loader->store->arena, json->count * sizeof(struct rxc_uid *));
	if (!entity->parents)
		return rx_fail_memory(loader->reader.err);
	for (uint32_t i = 0; i < json->count; i++) {
		const struct rxc_uid *parent;

		RX_TRY(rxc_read_uid(&loader->reader, &json->items[i], &uid));
		parent = interned(uid);
		if (entity->uid->uid.type->flags & RXC_NAME_ACTION && !(uid->type->flags & RXC_NAME_ACTION))
			return refuse(loader, &json->items[i], "action-parent-is-not-action", "an action has a parent that is no action");
		if (rxc_entities_mention(loader->store, parent))
			entity->parents[entity->parent_count++] = parent;
	}
	return REXI_OK;
}

static enum rexi_status read_entity(struct loader *loader, const struct rxc_json *json, const struct shape *shape, struct rxc_entity **out)
{
	struct rxc_entity *entity = RX_ARENA_NEW(&loader->store->arena, struct rxc_entity);
	const struct rexi_cedar_uid *uid;
	const struct rxc_entity_type *type;

	if (!entity)
		return rx_fail_memory(loader->reader.err);
	loader->reader.where = WRAP "in uid field of <unknown entity>";
	RX_TRY(rxc_read_uid(&loader->reader, shape->uid, &uid));
	loader->reader.where = NULL;
	loader->reader.entity = uid;
	entity->uid = interned(uid);
	RX_TRY(schema_type(loader, json, uid, &type));
	RX_TRY(read_fields(loader, uid, shape->attrs, false, type, &entity->attrs, &entity->attr_count));
	RX_TRY(read_fields(loader, uid, shape->tags, true, type, &entity->tags, &entity->tag_count));
	RX_TRY(read_parents(loader, shape->parents, entity));
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

static void take_item(void *user, const struct rxc_json *item)
{
	struct loader *loader = user;
	struct shape shape = { NULL, NULL, NULL, NULL };

	if (loader->shape_error.status != REXI_OK || check_shape(loader, item, &shape) != REXI_OK || loader->read_error.status != REXI_OK)
		return;
	if (!RX_GROW(loader->memory, &loader->read, &loader->cap, loader->count + 1)) {
		loader->read_error.status = rx_fail_memory(&loader->read_error);
		return;
	}
	if (read_entity(loader, item, &shape, &loader->read[loader->count]) == REXI_OK)
		loader->count++;
	else
		loader->read_kind = loader->reader.kind;
}

static enum rexi_status read_document(struct loader *loader, struct rx_arena *tree, struct rexi_str text, struct rexi_error *err)
{
	const struct rexi_cedar_limits *limits = &loader->store->engine->limits;
	struct rxc_json document;
	enum rexi_status status;

	loader->reader.err = &loader->read_error;
	status = rxc_json_parse_items(tree, &loader->store->arena, text, limits->nesting < MOST_NESTING ? limits->nesting : MOST_NESTING,
				      take_item, loader, &document, err);
	loader->reader.err = err;
	loader->reader.kind = "json";
	if (status != REXI_OK)
		return status;
	if (document.kind != RXC_JSON_ARRAY)
		(void)shape_error(loader, &document, "expected an array of entities");
	if (loader->shape_error.status == REXI_OK && loader->read_error.status == REXI_OK)
		return REXI_OK;
	if (loader->shape_error.status == REXI_OK)
		loader->reader.kind = loader->read_kind;
	*err = loader->shape_error.status != REXI_OK ? loader->shape_error : loader->read_error;
	return err->status;
}

static enum rexi_status load(struct loader *loader)
{
	struct rexi_cedar_entities *store = loader->store;
	enum rexi_status status = REXI_OK;

	for (size_t i = 0; i < loader->count && status == REXI_OK; i++) {
		status = rxc_entities_insert(store, loader->read[i], false, loader->reader.err);
		if (status == REXI_DUPLICATE)
			loader->reader.kind = "duplicate";
	}
	for (size_t i = 0; loader->reader.schema && i < loader->count && status == REXI_OK; i++)
		if (!(loader->read[i]->uid->uid.type->flags & RXC_NAME_ACTION))
			status = rxc_entities_conform(store, loader->reader.schema, loader->read[i], &loader->reader.kind, loader->reader.err);
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
	struct rexi_error own;
	struct rx_arena tree;
	enum rexi_status status;
	struct rexi_str text;

	err = err ? err : &own;
	if (json.len > limits->source_bytes)
		return rx_fail(err, REXI_LIMIT, RX_NO_SPAN, "the text has %zu bytes, the limit is %zu", json.len, limits->source_bytes);
	text = rx_arena_copy(&entities->arena, json); /* strings are views of it */
	if (!text.ptr)
		return rx_fail_memory(err);
	loader.reader = (struct rxc_value_reader){
		.engine = entities->engine, .arena = &entities->arena, .scratch = &tree, .store = entities, .schema = schema ? schema->resolved : NULL,
		.evaluation = "entity-attribute-evaluation", .kind = "json", .err = err,
	};
	rx_buf_init(&loader.reader.message, &entities->memory, 0);
	rx_arena_init(&tree, &entities->memory);
	status = rxc_names_reserve_uids(&entities->names, text.len / ENTITY_BYTES) ? REXI_OK : rx_fail_memory(err);
	if (status == REXI_OK)
		status = read_document(&loader, &tree, text, err);
	if (status == REXI_OK)
		status = load(&loader);
	if (status != REXI_OK)
		roll_back(&loader);
	rx_memory_give(loader.memory, loader.read, loader.cap * sizeof(*loader.read));
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
