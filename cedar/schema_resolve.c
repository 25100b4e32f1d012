/* From fragments to a resolved schema. Source: spec/cedar.md, sections 6.2 to 6.4. */
#include <config.h>

#include "cedar/schema.h"

#include <stdlib.h>

#include "cedar/schema_closure.h"

#include "base/banned.h"

/* Most types that one declaration may stand for when its common types are written out; bounds every walk over a type. */
#define EXPANSION_MOST (1u << 20)

struct entity_item {
	struct rexi_str name;
	const struct rxc_entity_decl *decl; /* NULL: an action type */
	const struct rxc_namespace_decl *space;
	size_t fragment;
};

struct common_item {
	struct rexi_str name;
	const struct rxc_common_decl *decl;
	const struct rxc_namespace_decl *space;
	size_t fragment;
	const struct rxc_type *type; /* once resolved */
	uint32_t depth, size;
	uint8_t state; /* of the search for cycles */
};

struct action_item {
	struct rexi_str type, id, key;
	uint32_t type_at;
	const struct rxc_action_decl *decl;
	const struct rxc_namespace_decl *space;
	size_t fragment;
};

struct resolver {
	struct rx_memory *memory;
	struct rx_arena scratch;
	struct rxc_schema *schema;
	struct rexi_error *err;
	size_t fragment; /* of what is being looked at */
	struct entity_item *entities;
	size_t entity_count, entity_cap;
	struct common_item *commons;
	size_t common_count, common_cap;
	struct action_item *actions;
	size_t action_count, action_cap;
	struct rx_table entity_table, common_table, action_table; /* the last by type, NUL, id */
	struct rx_buf key;
	struct rxc_type *entity_types; /* Entity{i} for each entity type */
};

static enum rexi_status no_memory(struct resolver *resolver)
{
	return rx_fail_memory(resolver->err);
}

/* ---- Names ---- */

/* "N::X" in the scratch arena; X itself when N is empty. */
static struct rexi_str qualify(struct resolver *resolver, struct rexi_str space, struct rexi_str name)
{
	char *joined;

	if (space.len == 0)
		return name;
	joined = rx_arena_bytes(&resolver->schema->arena, space.len + name.len + 2);
	if (!joined)
		return (struct rexi_str){ NULL, 0 };
	memcpy(joined, space.ptr, space.len);
	memcpy(joined + space.len, "::", 2);
	memcpy(joined + space.len + 2, name.ptr, name.len);
	return (struct rexi_str){ joined, space.len + 2 + name.len };
}

/* The same in a buffer that the next call overwrites. */
static struct rexi_str candidate(struct resolver *resolver, struct rexi_str space, struct rexi_str name)
{
	if (space.len == 0)
		return name;
	rx_buf_clear(&resolver->key);
	rx_buf_str(&resolver->key, space);
	RX_BUF_LIT(&resolver->key, "::");
	rx_buf_str(&resolver->key, name);
	return rx_buf_view(&resolver->key);
}

static struct rexi_str action_key(struct resolver *resolver, struct rexi_str space, struct rexi_str type, struct rexi_str id)
{
	rx_buf_clear(&resolver->key);
	if (space.len > 0) {
		rx_buf_str(&resolver->key, space);
		RX_BUF_LIT(&resolver->key, "::");
	}
	rx_buf_str(&resolver->key, type);
	rx_buf_byte(&resolver->key, '\0');
	rx_buf_str(&resolver->key, id);
	return rx_buf_view(&resolver->key);
}

static bool is_qualified(struct rexi_str name)
{
	return rx_str_find(name, RX_STR("::"), 0) != SIZE_MAX;
}

static const struct rxc_type *builtin_type(struct rexi_str name)
{
	unsigned ext = rxc_extension_type_find(name);

	if (ext < RXC_EXTENSION_TYPES)
		return &rxc_type_extensions[ext];
	if (rx_str_eq(name, RX_STR("Bool")))
		return &rxc_type_bool;
	if (rx_str_eq(name, RX_STR("Long")))
		return &rxc_type_long;
	if (rx_str_eq(name, RX_STR("String")))
		return &rxc_type_string;
	return NULL;
}

/* ---- Collecting declarations ---- */

static enum rexi_status declared_twice(struct resolver *resolver, const char *what, struct rexi_str name,
				       struct rexi_span span)
{
	return rx_fail(resolver->err, REXI_INVALID, span, "duplicate %s `%.*s`", what, RX_STR_ARG(name));
}

static enum rexi_status add_entity(struct resolver *resolver, const struct rxc_namespace_decl *space,
				   const struct rxc_entity_decl *decl, struct rexi_str base)
{
	struct rexi_str name = qualify(resolver, space->path, base);

	if (!name.ptr)
		return no_memory(resolver);
	if (rx_table_find(&resolver->entity_table, name) != RX_TABLE_NONE)
		return decl ? declared_twice(resolver, "entity type", name, decl->span) : REXI_OK;
	if (!RX_GROW(resolver->memory, &resolver->entities, &resolver->entity_cap, resolver->entity_count + 1) ||
	    !rx_table_set(&resolver->entity_table, name, (uint32_t)resolver->entity_count))
		return no_memory(resolver);
	resolver->entities[resolver->entity_count++] = (struct entity_item){ name, decl, space, resolver->fragment };
	return REXI_OK;
}

static enum rexi_status add_common(struct resolver *resolver, const struct rxc_namespace_decl *space,
				   const struct rxc_common_decl *decl)
{
	struct rexi_str name = qualify(resolver, space->path, decl->name);

	if (!name.ptr)
		return no_memory(resolver);
	if (rx_table_find(&resolver->common_table, name) != RX_TABLE_NONE)
		return declared_twice(resolver, "common type", name, decl->span);
	if (!RX_GROW(resolver->memory, &resolver->commons, &resolver->common_cap, resolver->common_count + 1) ||
	    !rx_table_set(&resolver->common_table, name, (uint32_t)resolver->common_count))
		return no_memory(resolver);
	resolver->commons[resolver->common_count++] = (struct common_item){ .name = name, .decl = decl, .space = space,
									    .fragment = resolver->fragment };
	return REXI_OK;
}

static enum rexi_status add_action(struct resolver *resolver, const struct rxc_namespace_decl *space,
				   const struct rxc_action_decl *decl)
{
	struct rexi_str type = qualify(resolver, space->path, RX_STR("Action")), key;

	key = rx_arena_copy(&resolver->scratch, action_key(resolver, space->path, RX_STR("Action"), decl->name));
	if (!type.ptr || !key.ptr || resolver->key.failed)
		return no_memory(resolver);
	if (rx_table_find(&resolver->action_table, key) != RX_TABLE_NONE)
		return declared_twice(resolver, "action", decl->name, decl->span);
	if (!RX_GROW(resolver->memory, &resolver->actions, &resolver->action_cap, resolver->action_count + 1) ||
	    !rx_table_set(&resolver->action_table, key, (uint32_t)resolver->action_count))
		return no_memory(resolver);
	resolver->actions[resolver->action_count++] = (struct action_item){ .type = type, .id = decl->name, .key = key,
									    .decl = decl, .space = space,
									    .fragment = resolver->fragment };
	return REXI_OK;
}

static enum rexi_status collect(struct resolver *resolver, const struct rxc_fragment *fragment)
{
	for (const struct rxc_namespace_decl *space = fragment->namespaces; space; space = space->next) {
		for (const struct rxc_entity_decl *entity = space->entities; entity; entity = entity->next)
			RX_TRY(add_entity(resolver, space, entity, entity->name));
		for (const struct rxc_common_decl *common = space->commons; common; common = common->next)
			RX_TRY(add_common(resolver, space, common));
		for (const struct rxc_action_decl *action = space->actions; action; action = action->next)
			RX_TRY(add_action(resolver, space, action));
		if (space->actions)
			RX_TRY(add_entity(resolver, space, NULL, RX_STR("Action")));
	}
	return REXI_OK;
}

/* Declared in the empty namespace; the type of its actions does not count. */
static bool is_outermost(struct resolver *resolver, struct rexi_str base)
{
	uint32_t entity = rx_table_find(&resolver->entity_table, base);

	return (entity != RX_TABLE_NONE && resolver->entities[entity].decl) ||
	       rx_table_find(&resolver->common_table, base) != RX_TABLE_NONE;
}

/* RFC 70: nothing in a namespace may have the name of something in the empty namespace. */
static enum rexi_status check_shadowing(struct resolver *resolver)
{
	for (size_t i = 0; i < resolver->entity_count + resolver->common_count; i++) {
		bool entity = i < resolver->entity_count;
		size_t at = entity ? i : i - resolver->entity_count;
		struct rexi_str name = entity ? resolver->entities[at].name : resolver->commons[at].name;
		struct rexi_str base = rxc_name_base(name);

		if (base.len == name.len || (entity && !resolver->entities[at].decl))
			continue;
		if (!is_outermost(resolver, base))
			continue;
		resolver->fragment = entity ? resolver->entities[at].fragment : resolver->commons[at].fragment;
		return rx_fail(resolver->err, REXI_INVALID,
			       entity ? resolver->entities[at].decl->span : resolver->commons[at].decl->span,
			       "definition of `%.*s` illegally shadows the existing definition of `%.*s`", RX_STR_ARG(name),
			       RX_STR_ARG(base));
	}
	for (size_t i = 0; i < resolver->action_count; i++) {
		const struct action_item *action = &resolver->actions[i];

		if (action->space->path.len == 0 ||
		    rx_table_find(&resolver->action_table, action_key(resolver, RX_STR(""), RX_STR("Action"), action->id)) ==
			    RX_TABLE_NONE)
			continue;
		resolver->fragment = action->fragment;
		return rx_fail(resolver->err, REXI_INVALID, action->decl->span, "definition of `%.*s::\"%.*s\"` illegally shadows the "
			       "existing definition of `Action::\"%.*s\"`", RX_STR_ARG(action->type), RX_STR_ARG(action->id),
			       RX_STR_ARG(action->id));
	}
	return REXI_OK;
}

/* ---- Looking up references ---- */

struct found {
	enum { FOUND_NOTHING, FOUND_BUILTIN, FOUND_COMMON, FOUND_ENTITY } what;
	const struct rxc_type *builtin;
	uint32_t at; /* in commons or, before sorting, in entities */
};

enum { WANT_COMMON = 1, WANT_ENTITY = 2 };

static struct found find_at(struct resolver *resolver, struct rexi_str name, unsigned want)
{
	uint32_t common = rx_table_find(&resolver->common_table, name);
	uint32_t entity = rx_table_find(&resolver->entity_table, name);

	if ((want & WANT_COMMON) && common != RX_TABLE_NONE)
		return (struct found){ .what = FOUND_COMMON, .at = common };
	if ((want & WANT_ENTITY) && entity != RX_TABLE_NONE)
		return (struct found){ .what = FOUND_ENTITY, .at = entity };
	return (struct found){ .what = FOUND_NOTHING };
}

/* Section 6.3. */
static struct found find_name(struct resolver *resolver, struct rexi_str space, struct rexi_str name, unsigned want)
{
	struct found found = { .what = FOUND_NOTHING };
	const struct rxc_type *builtin;

	if (is_qualified(name)) {
		builtin = rx_str_starts(name, RX_STR("__cedar::")) ? builtin_type(rx_str_sub(name, 9, name.len)) : NULL;
		if (builtin && (want & WANT_COMMON))
			return (struct found){ .what = FOUND_BUILTIN, .builtin = builtin };
		return find_at(resolver, name, want);
	}
	if (space.len > 0)
		found = find_at(resolver, candidate(resolver, space, name), want);
	if (found.what == FOUND_NOTHING)
		found = find_at(resolver, name, want);
	if (found.what != FOUND_NOTHING || !(want & WANT_COMMON))
		return found;
	builtin = builtin_type(name);
	if (builtin && rx_table_find(&resolver->entity_table, name) == RX_TABLE_NONE)
		return (struct found){ .what = FOUND_BUILTIN, .builtin = builtin };
	return found;
}

static enum rexi_status unresolved(struct resolver *resolver, struct rexi_str space, struct rexi_str name, unsigned want,
				   struct rexi_span span)
{
	const char *what = want == WANT_ENTITY ? "an entity type" : want == WANT_COMMON ? "a common type"
											: "a common or entity type";
	size_t count = resolver->entity_count + resolver->common_count;
	struct rexi_str *names = RX_ARENA_ARRAY(&resolver->scratch, struct rexi_str, count + 3), near;
	size_t at = 0;

	if (!names)
		return no_memory(resolver);
	for (size_t i = 0; i < resolver->entity_count && (want & WANT_ENTITY); i++)
		names[at++] = resolver->entities[i].name;
	for (size_t i = 0; i < resolver->common_count && (want & WANT_COMMON); i++)
		names[at++] = resolver->commons[i].name;
	if (want & WANT_COMMON) {
		names[at++] = RX_STR("Bool");
		names[at++] = RX_STR("Long");
		names[at++] = RX_STR("String");
	}
	near = rx_str_nearest(space.len && !is_qualified(name) ? candidate(resolver, space, name) : name, names, at);
	if (near.len == 0)
		near = rx_str_nearest(name, names, at);
	if (near.len > 0)
		return rx_fail(resolver->err, REXI_INVALID, span, "failed to resolve type: %.*s: not declared as %s; did you mean "
			       "`%.*s`?", RX_STR_ARG(name), what, RX_STR_ARG(near));
	return rx_fail(resolver->err, REXI_INVALID, span, "failed to resolve type: %.*s: not declared as %s", RX_STR_ARG(name), what);
}

static unsigned wanted(enum rxc_type_form form)
{
	return form == RXC_FORM_ENTITY ? WANT_ENTITY : form == RXC_FORM_COMMON ? WANT_COMMON : WANT_COMMON | WANT_ENTITY;
}

/* ---- Common types: order and cycles ---- */

struct dependencies {
	uint32_t *at;
	size_t count, cap, next;
	uint32_t common;
};

/* Depth is bounded by RXC_SCHEMA_MAX_DEPTH. */
static enum rexi_status find_dependencies(struct resolver *resolver, struct rexi_str space, const struct rxc_type_decl *type,
					  struct dependencies *out)
{
	struct found found;

	switch (type->form) {
	case RXC_FORM_BOOL:
	case RXC_FORM_LONG:
	case RXC_FORM_STRING:
	case RXC_FORM_EXTENSION: return REXI_OK;
	case RXC_FORM_SET: return find_dependencies(resolver, space, type->element, out);
	case RXC_FORM_RECORD:
		for (const struct rxc_attr_decl *attr = type->attrs; attr; attr = attr->next)
			RX_TRY(find_dependencies(resolver, space, attr->type, out));
		return REXI_OK;
	case RXC_FORM_ENTITY:
	case RXC_FORM_EITHER:
	case RXC_FORM_COMMON:
		found = find_name(resolver, space, type->name, wanted(type->form));
		if (found.what == FOUND_NOTHING)
			return unresolved(resolver, space, type->name, wanted(type->form), type->span);
		if (found.what != FOUND_COMMON)
			return REXI_OK;
		if (!RX_GROW(resolver->memory, &out->at, &out->cap, out->count + 1))
			return no_memory(resolver);
		out->at[out->count++] = found.at;
		return REXI_OK;
	}
	rx_unreachable();
}

struct sized {
	const struct rxc_type *type;
	uint32_t depth, size;
};

static enum rexi_status resolve_type(struct resolver *resolver, struct rexi_str space, const struct rxc_type_decl *decl,
				     struct sized *out);

static enum rexi_status resolve_record(struct resolver *resolver, struct rexi_str space, const struct rxc_type_decl *decl,
				       struct sized *out)
{
	struct rxc_type *type = RX_ARENA_NEW(&resolver->schema->arena, struct rxc_type);
	uint32_t count = 0, at = 0, size = 1, depth = 0;
	struct rxc_attr *attrs;

	if (decl->additional)
		return rx_fail(resolver->err, REXI_INVALID, decl->span, "unsupported feature used in schema: records and entities with "
			       "`additionalAttributes` are experimental");
	for (const struct rxc_attr_decl *attr = decl->attrs; attr; attr = attr->next)
		count++;
	attrs = RX_ARENA_ARRAY(&resolver->schema->arena, struct rxc_attr, count);
	if (!type || !attrs)
		return no_memory(resolver);
	for (const struct rxc_attr_decl *attr = decl->attrs; attr; attr = attr->next, at++) {
		struct sized part;

		RX_TRY(resolve_type(resolver, space, attr->type, &part));
		attrs[at] = (struct rxc_attr){ rx_arena_copy(&resolver->schema->arena, attr->name), part.type, attr->required };
		if (!attrs[at].name.ptr)
			return no_memory(resolver);
		size += part.size; /* each at most EXPANSION_MOST, and sizes are checked below: no overflow */
		depth = part.depth > depth ? part.depth : depth;
		if (size > EXPANSION_MOST)
			return rx_fail(resolver->err, REXI_LIMIT, decl->span, "a type stands for more than %u types when its common types "
				       "are written out", EXPANSION_MOST);
	}
	rxc_attrs_sort(attrs, count);
	type->kind = RXC_TYPE_RECORD;
	type->count = count;
	type->attrs = attrs;
	*out = (struct sized){ type, depth + 1, size };
	return REXI_OK;
}

static enum rexi_status resolve_name(struct resolver *resolver, struct rexi_str space, const struct rxc_type_decl *decl,
				     struct sized *out)
{
	struct found found = find_name(resolver, space, decl->name, wanted(decl->form));
	const struct common_item *common;

	switch (found.what) {
	case FOUND_NOTHING: return unresolved(resolver, space, decl->name, wanted(decl->form), decl->span);
	case FOUND_BUILTIN: *out = (struct sized){ found.builtin, 1, 1 }; return REXI_OK;
	case FOUND_ENTITY: *out = (struct sized){ &resolver->entity_types[found.at], 1, 1 }; return REXI_OK;
	case FOUND_COMMON:
		common = &resolver->commons[found.at];
		*out = (struct sized){ common->type, common->depth, common->size };
		return REXI_OK;
	}
	rx_unreachable();
}

static enum rexi_status resolve_form(struct resolver *resolver, struct rexi_str space, const struct rxc_type_decl *decl,
				     struct sized *out)
{
	struct rxc_type *set;
	unsigned ext;

	switch (decl->form) {
	case RXC_FORM_BOOL: *out = (struct sized){ &rxc_type_bool, 1, 1 }; return REXI_OK;
	case RXC_FORM_LONG: *out = (struct sized){ &rxc_type_long, 1, 1 }; return REXI_OK;
	case RXC_FORM_STRING: *out = (struct sized){ &rxc_type_string, 1, 1 }; return REXI_OK;
	case RXC_FORM_EXTENSION:
		ext = rxc_extension_type_find(decl->name);
		if (ext == RXC_EXTENSION_TYPES)
			return rx_fail(resolver->err, REXI_INVALID, decl->span, "unknown extension type `%.*s`", RX_STR_ARG(decl->name));
		*out = (struct sized){ &rxc_type_extensions[ext], 1, 1 };
		return REXI_OK;
	case RXC_FORM_SET:
		RX_TRY(resolve_type(resolver, space, decl->element, out));
		set = RX_ARENA_NEW(&resolver->schema->arena, struct rxc_type);
		if (!set)
			return no_memory(resolver);
		set->kind = RXC_TYPE_SET;
		set->element = out->type;
		*out = (struct sized){ set, out->depth + 1, out->size + 1 };
		return REXI_OK;
	case RXC_FORM_RECORD: return resolve_record(resolver, space, decl, out);
	case RXC_FORM_ENTITY:
	case RXC_FORM_EITHER:
	case RXC_FORM_COMMON: return resolve_name(resolver, space, decl, out);
	}
	rx_unreachable();
}

/* Common types that it names were resolved before. Recursion is bounded by the depth of the declaration. */
static enum rexi_status resolve_type(struct resolver *resolver, struct rexi_str space, const struct rxc_type_decl *decl,
				     struct sized *out)
{
	RX_TRY(resolve_form(resolver, space, decl, out));
	if (out->depth > RXC_SCHEMA_MAX_DEPTH)
		return rx_fail(resolver->err, REXI_LIMIT, decl->span, "types are nested deeper than %d levels", RXC_SCHEMA_MAX_DEPTH);
	return REXI_OK;
}

enum { STATE_NEW, STATE_OPEN, STATE_DONE };

static enum rexi_status open_common(struct resolver *resolver, uint32_t at, struct dependencies **stack, size_t *depth,
				    size_t *cap)
{
	struct common_item *common = &resolver->commons[at];
	struct dependencies *top;

	if (!RX_GROW(resolver->memory, stack, cap, *depth + 1))
		return no_memory(resolver);
	common->state = STATE_OPEN;
	resolver->fragment = common->fragment;
	top = &(*stack)[(*depth)++];
	*top = (struct dependencies){ .common = at };
	return find_dependencies(resolver, common->space->path, common->decl->type, top);
}

/* Depth first, without recursion: a chain of common types may be long. */
static enum rexi_status resolve_commons(struct resolver *resolver, struct dependencies **stack, size_t *depth, size_t *cap)
{
	for (uint32_t start = 0; start < resolver->common_count; start++) {
		if (resolver->commons[start].state != STATE_NEW)
			continue;
		RX_TRY(open_common(resolver, start, stack, depth, cap));
		while (*depth > 0) {
			struct dependencies *top = &(*stack)[*depth - 1];
			struct common_item *common = &resolver->commons[top->common];
			struct sized sized;

			if (top->next < top->count) {
				uint32_t next = top->at[top->next++];

				if (resolver->commons[next].state == STATE_OPEN)
					return rx_fail(resolver->err, REXI_INVALID, common->decl->span,
						       "cycle in common type references containing `%.*s`",
						       RX_STR_ARG(resolver->commons[next].name));
				if (resolver->commons[next].state == STATE_NEW)
					RX_TRY(open_common(resolver, next, stack, depth, cap));
				continue;
			}
			resolver->fragment = common->fragment;
			RX_TRY(resolve_type(resolver, common->space->path, common->decl->type, &sized));
			common->type = sized.type;
			common->depth = sized.depth;
			common->size = sized.size;
			common->state = STATE_DONE;
			rx_memory_give(resolver->memory, top->at, top->cap * sizeof(*top->at));
			(*depth)--;
		}
	}
	return REXI_OK;
}

static enum rexi_status resolve_all_commons(struct resolver *resolver)
{
	struct dependencies *stack = NULL;
	size_t depth = 0, cap = 0;
	enum rexi_status status = resolve_commons(resolver, &stack, &depth, &cap);

	while (depth > 0) {
		depth--;
		rx_memory_give(resolver->memory, stack[depth].at, stack[depth].cap * sizeof(*stack[depth].at));
	}
	rx_memory_give(resolver->memory, stack, cap * sizeof(*stack));
	return status;
}

/* ---- Entity types ---- */

static int compare_entities(const void *a, const void *b)
{
	return rx_str_cmp(((const struct entity_item *)a)->name, ((const struct entity_item *)b)->name);
}

/* Sorts entity types by name and gives every one its index and its type. */
static enum rexi_status number_entities(struct resolver *resolver)
{
	struct rxc_schema *schema = resolver->schema;
	uint32_t count = (uint32_t)resolver->entity_count;
	struct rexi_str *names = RX_ARENA_ARRAY(&schema->arena, struct rexi_str, count);
	uint32_t *ids = RX_ARENA_ARRAY(&schema->arena, uint32_t, count);

	resolver->entity_types = RX_ARENA_ARRAY(&schema->arena, struct rxc_type, count);
	if (!names || !ids || !resolver->entity_types)
		return no_memory(resolver);
	if (count > 1)
		qsort(resolver->entities, count, sizeof(*resolver->entities), compare_entities);
	for (uint32_t i = 0; i < count; i++) {
		names[i] = rx_arena_copy(&schema->arena, resolver->entities[i].name);
		if (!names[i].ptr || !rx_table_set(&resolver->entity_table, resolver->entities[i].name, i) ||
		    !rx_table_set(&schema->type_table, names[i], i))
			return no_memory(resolver);
		ids[i] = i;
		resolver->entity_types[i] = (struct rxc_type){ .kind = RXC_TYPE_ENTITY, .count = 1, .entities = &ids[i] };
	}
	schema->types = (struct rxc_types){ names, count };
	return REXI_OK;
}

/* Entity types of an `in`, principal or resource list; action types are not admitted there. Sorted, without repetitions. */
static enum rexi_status resolve_list(struct resolver *resolver, struct rexi_str space, const struct rxc_name_ref *first,
				     struct rxc_ids *out)
{
	uint32_t count = 0, *ids;

	for (const struct rxc_name_ref *ref = first; ref; ref = ref->next)
		count++;
	ids = RX_ARENA_ARRAY(&resolver->schema->arena, uint32_t, count);
	if (!ids)
		return no_memory(resolver);
	count = 0;
	for (const struct rxc_name_ref *ref = first; ref; ref = ref->next) {
		struct found found = find_name(resolver, space, ref->type, WANT_ENTITY);

		if (found.what != FOUND_ENTITY)
			return unresolved(resolver, space, ref->type, WANT_ENTITY, ref->span);
		if (!resolver->entities[found.at].decl)
			return rx_fail(resolver->err, REXI_INVALID, ref->span, "undeclared entity type: %.*s: action types cannot stand here",
				       RX_STR_ARG(ref->type));
		ids[count++] = found.at;
	}
	*out = (struct rxc_ids){ ids, rxc_ids_sort(ids, count) };
	return REXI_OK;
}

static enum rexi_status resolve_enum(struct resolver *resolver, const struct rxc_entity_decl *decl,
				     struct rxc_entity_type *type)
{
	struct rexi_str *members;
	uint32_t count = 0;

	for (const struct rxc_name_ref *ref = decl->members; ref; ref = ref->next)
		count++;
	members = RX_ARENA_ARRAY(&resolver->schema->arena, struct rexi_str, count);
	if (!members)
		return no_memory(resolver);
	count = 0;
	for (const struct rxc_name_ref *ref = decl->members; ref; ref = ref->next) {
		members[count] = rx_arena_copy(&resolver->schema->arena, ref->id);
		if (!members[count++].ptr)
			return no_memory(resolver);
	}
	type->is_enum = true;
	type->members = members;
	type->member_count = count;
	return REXI_OK;
}

static enum rexi_status resolve_entity(struct resolver *resolver, uint32_t at, struct rxc_entity_type *type,
				       struct rxc_ids *parents)
{
	const struct entity_item *item = &resolver->entities[at];
	const struct rxc_entity_decl *decl = item->decl;
	struct sized sized;

	type->name = resolver->schema->types.names[at];
	type->type = &resolver->entity_types[at];
	type->shape = &rxc_type_empty_record;
	type->is_action = !decl;
	if (!decl)
		return REXI_OK;
	type->span = decl->span;
	type->is_external = decl->is_external;
	resolver->fragment = item->fragment;
	RX_TRY(resolve_list(resolver, item->space->path, decl->parents, parents));
	if (decl->is_enum)
		return resolve_enum(resolver, decl, type);
	if (decl->shape) {
		RX_TRY(resolve_type(resolver, item->space->path, decl->shape, &sized));
		if (sized.type->kind != RXC_TYPE_RECORD)
			return rx_fail(resolver->err, REXI_INVALID, decl->shape->span,
				       "Shape for entity type %.*s is declared with a type other than `Record`", RX_STR_ARG(item->name));
		type->shape = sized.type;
	}
	if (decl->tags) {
		RX_TRY(resolve_type(resolver, item->space->path, decl->tags, &sized));
		type->tags = sized.type;
	}
	return REXI_OK;
}

/* RFC 116: what is in an enum cannot be told without its definition. */
static enum rexi_status check_externals(struct resolver *resolver, const struct rxc_entity_type *types)
{
	for (size_t i = 0; i < resolver->entity_count; i++) {
		for (uint32_t j = 0; types[i].is_external && j < types[i].ancestors.count; j++) {
			const struct rxc_entity_type *ancestor = &types[types[i].ancestors.at[j]];

			if (!ancestor->is_enum)
				continue;
			resolver->fragment = resolver->entities[i].fragment;
			return rx_fail(resolver->err, REXI_INVALID, types[i].span, "external entity type `%.*s` cannot have the enum entity "
				       "type `%.*s` as an ancestor", RX_STR_ARG(types[i].name), RX_STR_ARG(ancestor->name));
		}
	}
	return REXI_OK;
}

static enum rexi_status resolve_entities(struct resolver *resolver, struct rxc_entity_type **types_out)
{
	uint32_t count = (uint32_t)resolver->entity_count;
	struct rxc_entity_type *types = RX_ARENA_ARRAY(&resolver->schema->arena, struct rxc_entity_type, count);
	struct rxc_ids *parents = RX_ARENA_ARRAY(&resolver->scratch, struct rxc_ids, count);
	struct rxc_ids *up = RX_ARENA_ARRAY(&resolver->scratch, struct rxc_ids, count);
	struct rxc_ids *down = RX_ARENA_ARRAY(&resolver->scratch, struct rxc_ids, count);

	if (!types || !parents || !up || !down)
		return no_memory(resolver);
	for (uint32_t i = 0; i < count; i++)
		RX_TRY(resolve_entity(resolver, i, &types[i], &parents[i]));
	RX_TRY(rxc_closure(&resolver->schema->arena, resolver->memory, parents, count, up, down, resolver->err));
	for (uint32_t i = 0; i < count; i++) {
		types[i].ancestors = up[i];
		types[i].descendants = down[i];
	}
	RX_TRY(check_externals(resolver, types));
	*types_out = types;
	return REXI_OK;
}

/* ---- Actions ---- */

static int compare_actions(const void *a, const void *b)
{
	const struct action_item *left = a, *right = b;
	int order = rx_str_cmp(left->type, right->type);

	return order ? order : rx_str_cmp(left->id, right->id);
}

static enum rexi_status number_actions(struct resolver *resolver)
{
	if (resolver->action_count > 1)
		qsort(resolver->actions, resolver->action_count, sizeof(*resolver->actions), compare_actions);
	for (uint32_t i = 0; i < resolver->action_count; i++) {
		struct action_item *action = &resolver->actions[i];

		action->type_at = rx_table_find(&resolver->entity_table, action->type);
		/* The key is there already, so this replaces the value. */
		if (!rx_table_set(&resolver->action_table, action->key, i))
			return no_memory(resolver);
	}
	return REXI_OK;
}

static enum rexi_status resolve_action_parents(struct resolver *resolver, const struct action_item *item, struct rxc_ids *out)
{
	uint32_t count = 0, *ids;

	for (const struct rxc_name_ref *ref = item->decl->parents; ref; ref = ref->next)
		count++;
	ids = RX_ARENA_ARRAY(&resolver->schema->arena, uint32_t, count);
	if (!ids)
		return no_memory(resolver);
	count = 0;
	for (const struct rxc_name_ref *ref = item->decl->parents; ref; ref = ref->next) {
		struct rexi_str type = ref->type.len ? ref->type : RX_STR("Action");
		uint32_t at = RX_TABLE_NONE;

		if (!is_qualified(type) && item->space->path.len > 0)
			at = rx_table_find(&resolver->action_table, action_key(resolver, item->space->path, type, ref->id));
		if (at == RX_TABLE_NONE)
			at = rx_table_find(&resolver->action_table, action_key(resolver, RX_STR(""), type, ref->id));
		if (at == RX_TABLE_NONE)
			return rx_fail(resolver->err, REXI_INVALID, ref->span, "undeclared action: %.*s::\"%.*s\": any actions appearing as "
				       "parents need to be declared as actions", RX_STR_ARG(type), RX_STR_ARG(ref->id));
		ids[count++] = at;
	}
	*out = (struct rxc_ids){ ids, rxc_ids_sort(ids, count) };
	return REXI_OK;
}

static enum rexi_status resolve_action(struct resolver *resolver, const struct action_item *item, struct rxc_action_type *action)
{
	const struct rxc_action_decl *decl = item->decl;
	struct sized sized;

	resolver->fragment = item->fragment;
	action->type = item->type_at;
	action->span = decl->span;
	action->is_external = decl->is_external;
	action->context = &rxc_type_empty_record;
	action->id = rx_arena_copy(&resolver->schema->arena, item->id);
	if (!action->id.ptr)
		return no_memory(resolver);
	RX_TRY(resolve_action_parents(resolver, item, &action->parents));
	RX_TRY(resolve_list(resolver, item->space->path, decl->principals, &action->principals));
	RX_TRY(resolve_list(resolver, item->space->path, decl->resources, &action->resources));
	if (!decl->context)
		return REXI_OK;
	RX_TRY(resolve_type(resolver, item->space->path, decl->context, &sized));
	if (sized.type->kind != RXC_TYPE_RECORD)
		return rx_fail(resolver->err, REXI_INVALID, decl->context->span,
			       "Context for action %.*s::\"%.*s\" is declared with a type other than `Record`", RX_STR_ARG(item->type),
			       RX_STR_ARG(item->id));
	action->context = sized.type;
	return REXI_OK;
}

static enum rexi_status resolve_actions(struct resolver *resolver, struct rxc_action_type **actions_out)
{
	uint32_t count = (uint32_t)resolver->action_count;
	struct rxc_action_type *actions = RX_ARENA_ARRAY(&resolver->schema->arena, struct rxc_action_type, count);
	struct rxc_ids *parents = RX_ARENA_ARRAY(&resolver->scratch, struct rxc_ids, count);
	struct rxc_ids *up = RX_ARENA_ARRAY(&resolver->scratch, struct rxc_ids, count);
	struct rxc_ids *down = RX_ARENA_ARRAY(&resolver->scratch, struct rxc_ids, count);

	if (!actions || !parents || !up || !down)
		return no_memory(resolver);
	for (uint32_t i = 0; i < count; i++) {
		RX_TRY(resolve_action(resolver, &resolver->actions[i], &actions[i]));
		parents[i] = actions[i].parents;
	}
	RX_TRY(rxc_closure(&resolver->schema->arena, resolver->memory, parents, count, up, down, resolver->err));
	for (uint32_t i = 0; i < count; i++) {
		if (rxc_ids_has(up[i], i)) {
			resolver->fragment = resolver->actions[i].fragment;
			return rx_fail(resolver->err, REXI_INVALID, resolver->actions[i].decl->span,
				       "cycle in action hierarchy containing `%.*s::\"%.*s\"`", RX_STR_ARG(resolver->actions[i].type),
				       RX_STR_ARG(resolver->actions[i].id));
		}
		actions[i].ancestors = up[i];
		actions[i].descendants = down[i];
	}
	*actions_out = actions;
	return REXI_OK;
}

/* ---- The whole ---- */

static enum rexi_status resolve_everything(struct resolver *resolver, struct rxc_fragment *const *fragments, size_t count)
{
	struct rxc_schema *schema = resolver->schema;
	struct rxc_entity_type *types = NULL;
	struct rxc_action_type *actions = NULL;

	for (size_t i = 0; i < count; i++) {
		resolver->fragment = i;
		RX_TRY(collect(resolver, fragments[i]));
	}
	RX_TRY(check_shadowing(resolver));
	RX_TRY(number_entities(resolver));
	RX_TRY(number_actions(resolver));
	RX_TRY(resolve_all_commons(resolver));
	RX_TRY(resolve_entities(resolver, &types));
	RX_TRY(resolve_actions(resolver, &actions));
	schema->entity_types = types;
	schema->entity_type_count = (uint32_t)resolver->entity_count;
	schema->actions = actions;
	schema->action_count = (uint32_t)resolver->action_count;
	RX_TRY(rxc_relate_action_types(schema, types, resolver->memory, resolver->err));
	return rxc_schema_index_actions(schema) ? REXI_OK : no_memory(resolver);
}

static void resolver_fini(struct resolver *resolver)
{
	rx_memory_give(resolver->memory, resolver->entities, resolver->entity_cap * sizeof(*resolver->entities));
	rx_memory_give(resolver->memory, resolver->commons, resolver->common_cap * sizeof(*resolver->commons));
	rx_memory_give(resolver->memory, resolver->actions, resolver->action_cap * sizeof(*resolver->actions));
	rx_table_fini(&resolver->entity_table);
	rx_table_fini(&resolver->common_table);
	rx_table_fini(&resolver->action_table);
	rx_buf_fini(&resolver->key);
	rx_arena_fini(&resolver->scratch);
}

enum rexi_status rxc_schema_resolve(struct rx_memory *memory, struct rxc_fragment *const *fragments, size_t count,
				    struct rxc_schema **out, size_t *index_out, struct rexi_error *err)
{
	struct resolver resolver = { .memory = memory, .err = err };
	enum rexi_status status;
	uint64_t seed = rx_hash_seed();

	*out = NULL;
	resolver.schema = rxc_schema_new(memory, seed);
	if (!resolver.schema)
		return rx_fail_memory(err);
	rx_arena_init(&resolver.scratch, memory);
	rx_buf_init(&resolver.key, memory, 0);
	rx_table_init(&resolver.entity_table, memory, seed);
	rx_table_init(&resolver.common_table, memory, seed);
	rx_table_init(&resolver.action_table, memory, seed);
	status = resolve_everything(&resolver, fragments, count);
	if (status == REXI_OK && resolver.key.failed)
		status = rx_fail_memory(err);
	if (status == REXI_OK)
		*out = resolver.schema;
	else
		rxc_schema_free(resolver.schema);
	if (index_out)
		*index_out = resolver.fragment;
	resolver_fini(&resolver);
	return status;
}

enum rexi_status rxc_schema_read(struct rx_memory *memory, struct rexi_str text, struct rxc_schema **out,
				 struct rexi_error *err)
{
	struct rxc_fragment *fragment;
	struct rx_arena arena;
	enum rexi_status status;

	*out = NULL;
	rx_arena_init(&arena, memory);
	status = rxc_fragment_read(&arena, text, &fragment, err);
	if (status == REXI_OK) {
		status = rxc_schema_resolve(memory, &fragment, 1, out, NULL, err);
		if (status != REXI_OK)
			rx_error_locate(err, text);
	}
	rx_arena_fini(&arena);
	return status;
}
