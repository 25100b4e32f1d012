#include <config.h>

#include "cedar/schema_front.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/checked.h"
#include "base/hash.h"
#include "base/utf8.h"
#include "cedar/schema_parse.h"

#include "base/banned.h"

enum rexi_status rxc_front_fail(struct rxc_schema_front *front, enum rexi_status status, struct rexi_span span,
				const char *format, ...)
{
	char text[200];
	va_list args;

	if (front->status != REXI_OK)
		return front->status;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	front->status = status;
	if (status == REXI_NO_MEMORY)
		return rx_fail_memory(front->err);
	text[rx_utf8_valid(rx_str(text))] = '\0';
	return rx_fail(front->err, status, span, "%s", text);
}

static void *build_new(struct rxc_schema_front *front, size_t size)
{
	void *made = rx_arena_alloc(front->arena, 1, size);

	if (!made)
		rxc_front_fail(front, REXI_NO_MEMORY, RX_NO_SPAN, "out of memory");
	return made;
}

static bool is_cedar(struct rexi_str ident)
{
	return rx_str_eq(ident, RX_STR("__cedar"));
}

/* ---- Names ---- */

bool rxc_build_ident(struct rxc_schema_front *front, struct rexi_str name, struct rexi_span span)
{
	rxc_front_fail(front, REXI_SYNTAX, span, "error parsing schema: `%.*s` is a reserved identifier", RX_STR_ARG(name));
	return false;
}

bool rxc_build_path(struct rxc_schema_front *front, struct rexi_str *path, struct rexi_str more, struct rexi_span span)
{
	char *joined = rx_arena_bytes(front->arena, path->len + more.len + 3);

	(void)span;
	if (!joined) {
		rxc_front_fail(front, REXI_NO_MEMORY, span, "out of memory");
		return false;
	}
	memcpy(joined, path->ptr, path->len);
	memcpy(joined + path->len, "::", 2);
	memcpy(joined + path->len + 2, more.ptr, more.len);
	joined[path->len + 2 + more.len] = '\0';
	*path = (struct rexi_str){ joined, path->len + 2 + more.len };
	return true;
}

struct rxc_name_ref *rxc_build_ref(struct rxc_schema_front *front, struct rexi_str type, struct rexi_str id,
				   struct rexi_span span)
{
	struct rxc_name_ref *ref = build_new(front, sizeof(*ref));

	if (ref)
		*ref = (struct rxc_name_ref){ .type = type, .id = id, .span = span };
	return ref;
}

void rxc_build_ref_append(struct rxc_decl_list *list, struct rxc_name_ref *ref)
{
	if (list->last)
		((struct rxc_name_ref *)list->last)->next = ref;
	else
		list->first = ref;
	list->last = ref;
}

/* ---- Annotations ---- */

bool rxc_build_annotation(struct rxc_schema_front *front, struct rxc_decl_list *list, struct rexi_str key,
			  struct rexi_str value, struct rexi_span span)
{
	struct rxc_annotation_decl *made = build_new(front, sizeof(*made));

	if (!made)
		return false;
	*made = (struct rxc_annotation_decl){ .key = key, .value = value, .has_value = true, .span = span };
	if (list->last)
		((struct rxc_annotation_decl *)list->last)->next = made;
	else
		list->first = made;
	list->last = made;
	return true;
}

/* ---- Types ---- */

static struct rxc_type_decl *new_type(struct rxc_schema_front *front, enum rxc_type_form form, uint32_t depth,
				      struct rexi_span span)
{
	struct rxc_type_decl *type;

	if (depth > RXC_SCHEMA_MAX_DEPTH) {
		rxc_front_fail(front, REXI_LIMIT, span, "error parsing schema: types are nested deeper than %d levels",
			       RXC_SCHEMA_MAX_DEPTH);
		return NULL;
	}
	type = build_new(front, sizeof(*type));
	if (type)
		*type = (struct rxc_type_decl){ .form = form, .depth = depth, .span = span };
	return type;
}

struct rxc_type_decl *rxc_build_name_type(struct rxc_schema_front *front, struct rexi_str path, enum rxc_type_form form,
					  struct rexi_span span)
{
	struct rxc_type_decl *type = new_type(front, form, 1, span);

	if (type)
		type->name = path;
	return type;
}

struct rxc_type_decl *rxc_build_set(struct rxc_schema_front *front, struct rxc_type_decl *element, struct rexi_span span)
{
	struct rxc_type_decl *type = new_type(front, RXC_FORM_SET, element->depth + 1, span);

	if (type)
		type->element = element;
	return type;
}

/* A repeated attribute name is not an error: the last declaration wins, in the place of the first. */
static bool merge_attributes(struct rxc_schema_front *front, struct rxc_type_decl *record)
{
	struct rx_table table;
	struct rxc_attr_decl **seen = NULL, **at = &record->attrs;
	size_t cap = 0, count = 0;
	bool ok = true;

	rx_table_init(&table, front->arena->memory, rx_hash_seed());
	while (ok && *at) {
		struct rxc_attr_decl *attr = *at;
		uint32_t earlier = rx_table_find(&table, attr->name);

		if (earlier != RX_TABLE_NONE) {
			struct rxc_attr_decl *kept = seen[earlier], *next = kept->next;

			*kept = *attr;
			kept->next = next;
			*at = attr->next;
			continue;
		}
		ok = RX_GROW(front->arena->memory, &seen, &cap, count + 1) && rx_table_set(&table, attr->name, (uint32_t)count);
		if (ok)
			seen[count++] = attr;
		at = &attr->next;
	}
	rx_memory_give(front->arena->memory, seen, cap * sizeof(struct rxc_attr_decl *));
	rx_table_fini(&table);
	if (!ok)
		rxc_front_fail(front, REXI_NO_MEMORY, record->span, "out of memory");
	return ok;
}

struct rxc_type_decl *rxc_build_record(struct rxc_schema_front *front, struct rxc_attr_decl *attrs, struct rexi_span span)
{
	struct rxc_type_decl *type;
	uint32_t depth = 0;

	for (const struct rxc_attr_decl *attr = attrs; attr; attr = attr->next)
		depth = attr->type->depth > depth ? attr->type->depth : depth;
	type = new_type(front, RXC_FORM_RECORD, depth + 1, span);
	if (!type)
		return NULL;
	type->attrs = attrs;
	return merge_attributes(front, type) ? type : NULL;
}

struct rxc_attr_decl *rxc_build_attr(struct rxc_schema_front *front, struct rxc_annotation_decl *annotations,
				     struct rexi_str name, bool required, struct rxc_type_decl *type, struct rexi_span span)
{
	struct rxc_attr_decl *attr = build_new(front, sizeof(*attr));

	if (attr)
		*attr = (struct rxc_attr_decl){
			.name = name, .required = required, .type = type, .annotations = annotations, .span = span
		};
	return attr;
}

void rxc_build_attr_append(struct rxc_decl_list *list, struct rxc_attr_decl *attr)
{
	if (list->last)
		((struct rxc_attr_decl *)list->last)->next = attr;
	else
		list->first = attr;
	list->last = attr;
}

/* ---- Declarations ---- */

struct rxc_namespace_decl *rxc_fragment_namespace(struct rx_arena *arena, struct rexi_str path, struct rexi_span span)
{
	struct rxc_namespace_decl *space = RX_ARENA_NEW(arena, struct rxc_namespace_decl);

	if (!space)
		return NULL;
	space->path = path;
	space->span = span;
	space->entities_end = &space->entities;
	space->actions_end = &space->actions;
	space->commons_end = &space->commons;
	return space;
}

static struct rxc_namespace_decl *add_namespace(struct rxc_schema_front *front, struct rexi_str path, struct rexi_span span)
{
	struct rxc_namespace_decl *space = rxc_fragment_namespace(front->arena, path, span);

	if (!space) {
		rxc_front_fail(front, REXI_NO_MEMORY, span, "out of memory");
		return NULL;
	}
	*front->spaces_end = space;
	front->spaces_end = &space->next;
	return space;
}

bool rxc_build_namespace_open(struct rxc_schema_front *front, struct rxc_annotation_decl *annotations, struct rexi_str path,
			      struct rexi_span span)
{
	front->space = add_namespace(front, path, span);
	if (!front->space)
		return false;
	front->space->annotations = annotations;
	return true;
}

void rxc_build_namespace_close(struct rxc_schema_front *front)
{
	front->space = NULL;
}

static struct rxc_namespace_decl *current(struct rxc_schema_front *front, struct rexi_span span)
{
	if (front->space)
		return front->space;
	if (!front->top)
		front->top = add_namespace(front, RX_STR(""), span);
	return front->top;
}

bool rxc_build_entities(struct rxc_schema_front *front, struct rxc_annotation_decl *annotations, struct rxc_name_ref *names,
			const struct rxc_entity_decl *model)
{
	for (const struct rxc_name_ref *name = names; name; name = name->next) {
		struct rxc_namespace_decl *space = current(front, name->span);
		struct rxc_entity_decl *entity = build_new(front, sizeof(*entity));

		if (!space || !entity)
			return false;
		*entity = *model;
		entity->name = name->type;
		entity->span = name->span;
		entity->annotations = annotations;
		*space->entities_end = entity;
		space->entities_end = &entity->next;
	}
	return true;
}

bool rxc_build_actions(struct rxc_schema_front *front, struct rxc_annotation_decl *annotations, struct rxc_name_ref *names,
		       struct rxc_name_ref *parents, const struct rxc_applies *applies)
{
	bool applied = applies->has_principals || applies->has_resources || applies->has_context;

	for (const struct rxc_name_ref *name = names; name; name = name->next) {
		struct rxc_namespace_decl *space = current(front, name->span);
		struct rxc_action_decl *action = build_new(front, sizeof(*action));
		const char *missing = !applies->has_resources ? "resource" : "principal";
		const char *empty = !applies->principals ? "principal" : "resource";

		if (!space || !action)
			return false;
		if (applied && (!applies->has_resources || !applies->has_principals))
			return rxc_front_fail(front, REXI_SYNTAX, applies->span, "error parsing schema: missing `%s` declaration for "
					      "`%.*s`: every action must define both `principal` and `resource`",
					      missing, RX_STR_ARG(name->id)) == REXI_OK;
		if (applied && (!applies->principals || !applies->resources))
			return rxc_front_fail(front, REXI_SYNTAX, applies->span, "error parsing schema: for action `%.*s`, `%s` is "
					      "`[]`, which is invalid", RX_STR_ARG(name->id), empty) == REXI_OK;
		*action = (struct rxc_action_decl){
			.name = name->id, .span = name->span, .has_parents = parents != NULL, .has_applies = true,
			.parents = parents, .principals = applies->principals, .resources = applies->resources,
			.context = applies->context, .annotations = annotations
		};
		*space->actions_end = action;
		space->actions_end = &action->next;
	}
	return true;
}

bool rxc_build_external_actions(struct rxc_schema_front *front, struct rxc_annotation_decl *annotations, struct rxc_name_ref *names,
				struct rxc_name_ref *parents)
{
	for (const struct rxc_name_ref *name = names; name; name = name->next) {
		struct rxc_namespace_decl *space = current(front, name->span);
		struct rxc_action_decl *action = build_new(front, sizeof(*action));

		if (!space || !action)
			return false;
		*action = (struct rxc_action_decl){ .name = name->id, .span = name->span, .has_parents = parents != NULL, .is_external = true,
						    .parents = parents, .annotations = annotations };
		*space->actions_end = action;
		space->actions_end = &action->next;
	}
	return true;
}

bool rxc_build_common(struct rxc_schema_front *front, struct rxc_annotation_decl *annotations, struct rexi_str name,
		      struct rxc_type_decl *type, struct rexi_span span)
{
	struct rxc_namespace_decl *space = current(front, span);
	struct rxc_common_decl *common = build_new(front, sizeof(*common));

	if (!space || !common)
		return false;
	*common = (struct rxc_common_decl){ .name = name, .span = span, .type = type, .annotations = annotations };
	*space->commons_end = common;
	space->commons_end = &common->next;
	return true;
}

bool rxc_build_applies(struct rxc_schema_front *front, struct rxc_applies *applies, enum rxc_applies_key key,
		       struct rxc_name_ref *names, struct rxc_type_decl *context, struct rexi_span span)
{
	bool again = false;

	switch (key) {
	case RXC_APPLIES_PRINCIPAL:
		again = applies->has_principals;
		applies->has_principals = true;
		applies->principals = names;
		break;
	case RXC_APPLIES_RESOURCE:
		again = applies->has_resources;
		applies->has_resources = true;
		applies->resources = names;
		break;
	case RXC_APPLIES_CONTEXT:
		again = applies->has_context;
		applies->has_context = true;
		applies->context = context;
		break;
	}
	if (again)
		rxc_front_fail(front, REXI_SYNTAX, span, "error parsing schema: duplicate `%s` declaration in one `appliesTo`",
			       key == RXC_APPLIES_PRINCIPAL ? "principal" : key == RXC_APPLIES_RESOURCE ? "resource" : "context");
	return !again;
}

/* ---- Checks over a whole fragment ---- */

struct checker {
	struct rx_memory *memory;
	const char *prefix; /* of messages */
	struct rexi_error *err;
};

static enum rexi_status check_annotations(const struct checker *checker, const struct rxc_annotation_decl *first)
{
	enum rexi_status status = REXI_OK;
	struct rx_table table;

	if (!first || !first->next)
		return REXI_OK;
	rx_table_init(&table, checker->memory, rx_hash_seed());
	for (; first && status == REXI_OK; first = first->next) {
		if (rx_table_find(&table, first->key) != RX_TABLE_NONE)
			status = rx_fail(checker->err, REXI_SYNTAX, first->span, "%sduplicate annotations: `%.*s`", checker->prefix,
					 RX_STR_ARG(first->key));
		else if (!rx_table_set(&table, first->key, 0))
			status = rx_fail_memory(checker->err);
	}
	rx_table_fini(&table);
	return status;
}

/* Depth is bounded by RXC_SCHEMA_MAX_DEPTH when the declaration was built. */
static enum rexi_status check_type(const struct checker *checker, const struct rxc_type_decl *type)
{
	for (; type && type->form == RXC_FORM_SET; type = type->element)
		;
	if (!type || type->form != RXC_FORM_RECORD)
		return REXI_OK;
	for (const struct rxc_attr_decl *attr = type->attrs; attr; attr = attr->next) {
		RX_TRY(check_annotations(checker, attr->annotations));
		RX_TRY(check_type(checker, attr->type));
	}
	return REXI_OK;
}

static enum rexi_status check_once(const struct checker *checker, struct rx_table *table, struct rexi_str name,
				   struct rexi_span span)
{
	if (rx_table_find(table, name) != RX_TABLE_NONE)
		return rx_fail(checker->err, REXI_SYNTAX, span, "%s`%.*s` is declared twice", checker->prefix,
			       (int)(name.len > 100 ? 100 : name.len), name.ptr);
	return rx_table_set(table, name, 0) ? REXI_OK : rx_fail_memory(checker->err);
}

static enum rexi_status check_declared_name(const struct checker *checker, struct rexi_str name, struct rexi_span span)
{
	if (is_cedar(name))
		return rx_fail(checker->err, REXI_SYNTAX, span, "%suse of the reserved `__cedar` namespace", checker->prefix);
	return REXI_OK;
}

static bool is_type_keyword(struct rexi_str name)
{
	static const struct rexi_str words[] = {
		RX_STR_INIT("Bool"), RX_STR_INIT("Boolean"), RX_STR_INIT("Entity"), RX_STR_INIT("Extension"), RX_STR_INIT("Long"),
		RX_STR_INIT("Record"), RX_STR_INIT("Set"), RX_STR_INIT("String"),
	};

	for (size_t i = 0; i < RX_COUNT(words); i++)
		if (rx_str_eq(words[i], name))
			return true;
	return false;
}

static enum rexi_status check_entities(const struct checker *checker, const struct rxc_namespace_decl *space,
				       struct rx_table *table)
{
	for (const struct rxc_entity_decl *entity = space->entities; entity; entity = entity->next) {
		RX_TRY(check_declared_name(checker, entity->name, entity->span));
		RX_TRY(check_once(checker, table, entity->name, entity->span));
		RX_TRY(check_annotations(checker, entity->annotations));
		RX_TRY(check_type(checker, entity->shape));
		RX_TRY(check_type(checker, entity->tags));
	}
	return REXI_OK;
}

static enum rexi_status check_commons(const struct checker *checker, const struct rxc_namespace_decl *space,
				      struct rx_table *table)
{
	for (const struct rxc_common_decl *common = space->commons; common; common = common->next) {
		RX_TRY(check_declared_name(checker, common->name, common->span));
		if (is_type_keyword(common->name))
			return rx_fail(checker->err, REXI_SYNTAX, common->span, "%sthis uses a reserved schema keyword: `%.*s`: it "
				       "cannot be the name of a common type", checker->prefix, RX_STR_ARG(common->name));
		RX_TRY(check_once(checker, table, common->name, common->span));
		RX_TRY(check_annotations(checker, common->annotations));
		RX_TRY(check_type(checker, common->type));
	}
	return REXI_OK;
}

static enum rexi_status check_actions(const struct checker *checker, const struct rxc_namespace_decl *space,
				      struct rx_table *table)
{
	for (const struct rxc_action_decl *action = space->actions; action; action = action->next) {
		RX_TRY(check_once(checker, table, action->name, action->span));
		RX_TRY(check_annotations(checker, action->annotations));
		RX_TRY(check_type(checker, action->context));
	}
	return REXI_OK;
}

static bool path_has_cedar(struct rexi_str path)
{
	for (size_t start = 0; start <= path.len;) {
		size_t end = rx_str_find(path, RX_STR("::"), start);

		if (end == SIZE_MAX)
			end = path.len;
		if (is_cedar(rx_str_sub(path, start, end - start)))
			return true;
		start = end + 2;
	}
	return false;
}

static enum rexi_status check_namespace(const struct checker *checker, const struct rxc_namespace_decl *space)
{
	enum rexi_status (*const checks[])(const struct checker *, const struct rxc_namespace_decl *, struct rx_table *) = {
		check_entities, check_commons, check_actions
	};

	if (path_has_cedar(space->path))
		return rx_fail(checker->err, REXI_SYNTAX, space->span, "%suse of the reserved `__cedar` namespace", checker->prefix);
	if (space->path.len == 0 && space->annotations)
		return rx_fail(checker->err, REXI_SYNTAX, space->annotations->span,
			       "annotations are not allowed on the empty namespace");
	RX_TRY(check_annotations(checker, space->annotations));
	for (size_t i = 0; i < RX_COUNT(checks); i++) {
		struct rx_table table;
		enum rexi_status status;

		rx_table_init(&table, checker->memory, rx_hash_seed());
		status = checks[i](checker, space, &table);
		rx_table_fini(&table);
		RX_TRY(status);
	}
	return REXI_OK;
}

enum rexi_status rxc_fragment_check(struct rxc_fragment *fragment, struct rexi_error *err)
{
	struct checker checker = { fragment->arena->memory, fragment->is_json ? "" : "error parsing schema: ", err };
	enum rexi_status status = REXI_OK;
	struct rx_table table;

	rx_table_init(&table, checker.memory, rx_hash_seed());
	for (struct rxc_namespace_decl *space = fragment->namespaces; space && status == REXI_OK; space = space->next) {
		if (rx_table_find(&table, space->path) != RX_TABLE_NONE)
			status = rx_fail(err, REXI_SYNTAX, space->span, "%sduplicate namespace id: `%.*s`", checker.prefix,
					 RX_STR_ARG(space->path));
		else if (!rx_table_set(&table, space->path, 0))
			status = rx_fail_memory(err);
		else
			status = check_namespace(&checker, space);
	}
	rx_table_fini(&table);
	return status;
}

/* ---- Entry points ---- */

enum rexi_status rxc_fragment_read_cedar(struct rx_arena *arena, struct rexi_str text, struct rxc_fragment **out,
					 struct rexi_error *err)
{
	struct rxc_schema_front front = { .arena = arena, .err = err };
	enum rexi_status status;
	size_t valid = rx_utf8_valid(text);
	int parsed;

	*out = NULL;
	if (text.len > RXC_SCHEMA_MAX_LEN)
		return rx_fail(err, REXI_LIMIT, RX_NO_SPAN, "the schema is longer than %u bytes", RXC_SCHEMA_MAX_LEN);
	if (valid < text.len) {
		status = rx_fail(err, REXI_SYNTAX, (struct rexi_span){ (uint32_t)valid, (uint32_t)valid + 1 },
				 "error parsing schema: not UTF-8");
		rx_error_locate(err, rx_str_sub(text, 0, valid));
		return status;
	}
	front.source = rx_arena_copy(arena, text);
	front.fragment = RX_ARENA_NEW(arena, struct rxc_fragment);
	if (!front.source.ptr || !front.fragment)
		return rx_fail_memory(err);
	front.cursor = (const unsigned char *)front.source.ptr;
	front.fragment->arena = arena;
	front.spaces_end = &front.fragment->namespaces;
	parsed = rxc_schema_yyparse(&front);
	status = front.status;
	if (parsed != 0 && status == REXI_OK)
		status = rx_fail_memory(err);
	if (status == REXI_OK)
		status = rxc_fragment_check(front.fragment, err);
	if (status == REXI_OK)
		*out = front.fragment;
	else
		rx_error_locate(err, text);
	return status;
}

bool rxc_schema_text_is_json(struct rexi_str text)
{
	size_t at = 0;

	while (at < text.len && (text.ptr[at] == ' ' || (text.ptr[at] >= '\t' && text.ptr[at] <= '\r')))
		at++;
	return at < text.len && text.ptr[at] == '{';
}

/* The type of the actions of a namespace is called so. */
static enum rexi_status check_no_action_type(const struct rxc_fragment *fragment, struct rexi_str text, struct rexi_error *err)
{
	for (const struct rxc_namespace_decl *space = fragment->namespaces; space; space = space->next)
		for (const struct rxc_entity_decl *entity = space->entities; entity; entity = entity->next) {
			enum rexi_status status;

			if (!rx_str_eq(entity->name, RX_STR("Action")))
				continue;
			status = rx_fail(err, REXI_SYNTAX, entity->span, "entity type `Action` declared in `entityTypes` list: `Action` is "
					 "the type of the actions");
			if (entity->span.end > entity->span.start)
				rx_error_locate(err, text);
			return status;
		}
	return REXI_OK;
}

enum rexi_status rxc_fragment_read(struct rx_arena *arena, struct rexi_str text, struct rxc_fragment **out,
				   struct rexi_error *err)
{
	RX_TRY(rxc_schema_text_is_json(text) ? rxc_fragment_read_json(arena, text, out, err)
					     : rxc_fragment_read_cedar(arena, text, out, err));
	return check_no_action_type(*out, text, err);
}
