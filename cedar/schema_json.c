/* Schemas in JSON. Source: spec/cedar.md, section 6.6. */
#include <config.h>

#include "cedar/schema.h"

#include "base/utf8.h"
#include "cedar/json.h"
#include "cedar/schema_front.h"

#include "base/banned.h"

struct reader {
	struct rxc_schema_front front;
	struct rexi_error *err;
};

static enum rexi_status no_memory(struct reader *reader)
{
	return rx_fail_memory(reader->err);
}

/* ---- Checks of shape ---- */

static const char *kind_name(const struct rxc_json *json)
{
	switch ((enum rxc_json_kind)json->kind) {
	case RXC_JSON_NULL: return "null";
	case RXC_JSON_FALSE:
	case RXC_JSON_TRUE: return "a boolean";
	case RXC_JSON_INTEGER:
	case RXC_JSON_NUMBER: return "a number";
	case RXC_JSON_STRING: return "a string";
	case RXC_JSON_ARRAY: return "a sequence";
	case RXC_JSON_OBJECT: return "a map";
	}
	rx_unreachable();
}

static enum rexi_status mismatch(struct reader *reader, const struct rxc_json *json, const char *expected)
{
	return rx_fail(reader->err, REXI_SYNTAX, json->span, "invalid type: %s, expected %s", kind_name(json), expected);
}

static enum rexi_status expect_object(struct reader *reader, const struct rxc_json *json, const char *expected)
{
	if (json->kind != RXC_JSON_OBJECT)
		return mismatch(reader, json, expected);
	if (json->duplicate & RXC_JSON_REPEATS)
		return rx_fail(reader->err, REXI_SYNTAX, json->span, "invalid entry: found duplicate key");
	return REXI_OK;
}

/* The reference also takes a declaration as an array of its fields in their order; *json becomes the object that it means. */
static enum rexi_status expect_fields(struct reader *reader, struct rxc_json *json, const char *const *names, uint32_t count)
{
	struct rxc_json object = { .kind = RXC_JSON_OBJECT, .count = json->count, .span = json->span };

	if (json->kind != RXC_JSON_ARRAY)
		return expect_object(reader, json, "a map");
	if (json->count > count)
		return mismatch(reader, json, "a map");
	object.members = RX_ARENA_ARRAY(reader->front.arena, struct rxc_json_member, json->count);
	if (!object.members)
		return no_memory(reader);
	for (uint32_t i = 0; i < json->count; i++)
		object.members[i] = (struct rxc_json_member){ rx_str(names[i]), json->items[i].span, json->items[i] };
	*json = object;
	return REXI_OK;
}
#define EXPECT_FIELDS(reader, json, ...)                                                                            \
	expect_fields((reader), (json), (const char *const[]){ __VA_ARGS__ }, RX_COUNT(((const char *const[]){ __VA_ARGS__ })))

static enum rexi_status expect_string(struct reader *reader, const struct rxc_json *json, struct rexi_str *out)
{
	if (json->kind != RXC_JSON_STRING)
		return mismatch(reader, json, "a string");
	*out = rx_arena_copy(reader->front.arena, json->text);
	return out->ptr ? REXI_OK : no_memory(reader);
}

static enum rexi_status expect_bool(struct reader *reader, const struct rxc_json *json, bool *out)
{
	if (json->kind != RXC_JSON_TRUE && json->kind != RXC_JSON_FALSE)
		return mismatch(reader, json, "a boolean");
	*out = json->kind == RXC_JSON_TRUE;
	return REXI_OK;
}

/* A field outside the list; `fields` is the list as messages show it. */
static enum rexi_status unknown_field(struct reader *reader, const struct rxc_json_member *member, const char *fields)
{
	return rx_fail(reader->err, REXI_SYNTAX, member->span, "unknown field `%.*s`, %s", (int)(member->key.len > 60 ? 60 : member->key.len),
		       member->key.ptr, fields);
}

static enum rexi_status missing_field(struct reader *reader, const struct rxc_json *json, const char *field)
{
	return rx_fail(reader->err, REXI_SYNTAX, json->span, "missing field `%s`", field);
}

/* An identifier that declares something or names an attribute's annotation. */
static enum rexi_status expect_ident(struct reader *reader, struct rexi_str text, struct rexi_span span, bool reserved_too)
{
	if (!rxc_name_is_ident(text))
		return rx_fail(reader->err, REXI_SYNTAX, span, "invalid id `%.*s`: not an identifier", RX_STR_ARG(text));
	if (reserved_too)
		return REXI_OK;
	if (rxc_name_is_reserved(text))
		return rx_fail(reader->err, REXI_SYNTAX, span, "invalid id `%.*s`: this identifier is reserved and cannot be used",
			       RX_STR_ARG(text));
	if (rx_str_eq(text, RX_STR("__cedar")))
		return rx_fail(reader->err, REXI_SYNTAX, span, "The name `%.*s` contains `__cedar`, which is reserved", RX_STR_ARG(text));
	return REXI_OK;
}

static enum rexi_status expect_path(struct reader *reader, const struct rxc_json *json, struct rexi_str *out)
{
	RX_TRY(expect_string(reader, json, out));
	if (!rxc_name_is_path(*out))
		return rx_fail(reader->err, REXI_SYNTAX, json->span, "invalid name `%.*s`: not a normalized name without reserved words",
			       RX_STR_ARG(*out));
	return REXI_OK;
}

/* ---- Annotations ---- */

static enum rexi_status read_annotations(struct reader *reader, const struct rxc_json *json,
					 struct rxc_annotation_decl **out)
{
	struct rxc_decl_list list = { NULL, NULL };

	RX_TRY(expect_object(reader, json, "a map"));
	for (uint32_t i = 0; i < json->count; i++) {
		const struct rxc_json_member *member = &json->members[i];
		struct rexi_str key = rx_arena_copy(reader->front.arena, member->key), value = RX_STR("");

		if (!key.ptr)
			return no_memory(reader);
		RX_TRY(expect_ident(reader, key, member->span, true));
		if (member->value.kind != RXC_JSON_NULL)
			RX_TRY(expect_string(reader, &member->value, &value));
		if (!rxc_build_annotation(&reader->front, &list, key, value, member->span))
			return reader->front.status;
		((struct rxc_annotation_decl *)list.last)->has_value = member->value.kind != RXC_JSON_NULL;
	}
	*out = list.first;
	return REXI_OK;
}

/* ---- Types ---- */

#define TYPE_EXPECTED "builtin type or reference to type defined in commonTypes"

/* What may stand in a type besides its own fields. */
struct extras {
	bool required_allowed, annotations_allowed;
	bool required;
	struct rxc_annotation_decl *annotations;
};

struct type_fields {
	const struct rxc_json *type, *element, *attributes, *additional, *name;
};

static enum rexi_status read_type(struct reader *reader, const struct rxc_json *json, struct extras *extras, uint32_t depth,
				  struct rxc_type_decl **out);

static enum rexi_status read_fields(struct reader *reader, const struct rxc_json *json, struct extras *extras,
				    struct type_fields *fields)
{
	RX_TRY(expect_object(reader, json, TYPE_EXPECTED));
	for (uint32_t i = 0; i < json->count; i++) {
		const struct rxc_json_member *member = &json->members[i];

		if (rx_str_eq(member->key, RX_STR("type")))
			fields->type = &member->value;
		else if (rx_str_eq(member->key, RX_STR("element")))
			fields->element = &member->value;
		else if (rx_str_eq(member->key, RX_STR("attributes")))
			fields->attributes = &member->value;
		else if (rx_str_eq(member->key, RX_STR("additionalAttributes")))
			fields->additional = &member->value;
		else if (rx_str_eq(member->key, RX_STR("name")))
			fields->name = &member->value;
		else if (rx_str_eq(member->key, RX_STR("required")) && extras && extras->required_allowed)
			RX_TRY(expect_bool(reader, &member->value, &extras->required));
		else if (rx_str_eq(member->key, RX_STR("annotations")) && extras && extras->annotations_allowed)
			RX_TRY(read_annotations(reader, &member->value, &extras->annotations));
		else
			return unknown_field(reader, member, "expected one of `type`, `element`, `attributes`, `additionalAttributes`, `name`");
	}
	return fields->type ? REXI_OK : missing_field(reader, json, "type");
}

static enum rexi_status read_attributes(struct reader *reader, const struct rxc_json *json, uint32_t depth,
					struct rxc_attr_decl **out)
{
	struct rxc_decl_list list = { NULL, NULL };

	RX_TRY(expect_object(reader, json, "a map"));
	for (uint32_t i = 0; i < json->count; i++) {
		const struct rxc_json_member *member = &json->members[i];
		struct extras extras = { .required_allowed = true, .annotations_allowed = true, .required = true };
		struct rexi_str name = rx_arena_copy(reader->front.arena, member->key);
		struct rxc_type_decl *type;
		struct rxc_attr_decl *attr;

		if (!name.ptr)
			return no_memory(reader);
		RX_TRY(read_type(reader, &member->value, &extras, depth + 1, &type));
		attr = rxc_build_attr(&reader->front, extras.annotations, name, extras.required, type, member->span);
		if (!attr)
			return reader->front.status;
		rxc_build_attr_append(&list, attr);
	}
	*out = list.first;
	return REXI_OK;
}

/* A field that does not belong to this keyword. */
static enum rexi_status refuse(struct reader *reader, const struct rxc_json *json, const char *field, const char *expected)
{
	return json ? rx_fail(reader->err, REXI_SYNTAX, json->span, "unknown field `%s`, %s", field, expected) : REXI_OK;
}

static enum rexi_status only_fields(struct reader *reader, const struct type_fields *fields, bool element, bool record,
				    bool name)
{
	const char *expected = element ? "expected `element`" : record ? "expected `attributes` or `additionalAttributes`"
							    : name ? "expected `name`" : "there are no fields";

	if (!element)
		RX_TRY(refuse(reader, fields->element, "element", expected));
	if (!record) {
		RX_TRY(refuse(reader, fields->attributes, "attributes", expected));
		RX_TRY(refuse(reader, fields->additional, "additionalAttributes", expected));
	}
	return name ? REXI_OK : refuse(reader, fields->name, "name", expected);
}

static enum rexi_status read_record(struct reader *reader, const struct rxc_json *json, const struct type_fields *fields,
				    uint32_t depth, struct rxc_type_decl **out)
{
	struct rxc_attr_decl *attrs = NULL;
	bool additional = false;

	RX_TRY(only_fields(reader, fields, false, true, false));
	if (!fields->attributes)
		return missing_field(reader, json, "attributes");
	RX_TRY(read_attributes(reader, fields->attributes, depth, &attrs));
	if (fields->additional)
		RX_TRY(expect_bool(reader, fields->additional, &additional));
	*out = rxc_build_record(&reader->front, attrs, json->span);
	if (!*out)
		return reader->front.status;
	(*out)->additional = additional;
	return REXI_OK;
}

static enum rexi_status read_named(struct reader *reader, const struct rxc_json *json, const struct type_fields *fields,
				   enum rxc_type_form form, struct rxc_type_decl **out)
{
	struct rexi_str name;

	RX_TRY(only_fields(reader, fields, false, false, true));
	if (!fields->name)
		return missing_field(reader, json, "name");
	if (form == RXC_FORM_EXTENSION) {
		RX_TRY(expect_string(reader, fields->name, &name));
		RX_TRY(expect_ident(reader, name, fields->name->span, false));
	} else {
		RX_TRY(expect_path(reader, fields->name, &name));
	}
	*out = rxc_build_name_type(&reader->front, name, form, json->span);
	return *out ? REXI_OK : reader->front.status;
}

static enum rexi_status read_type(struct reader *reader, const struct rxc_json *json, struct extras *extras, uint32_t depth,
				  struct rxc_type_decl **out)
{
	static const struct {
		struct rexi_str word;
		enum rxc_type_form form;
	} keywords[] = {
		{ RX_STR_INIT("Boolean"), RXC_FORM_BOOL },       { RX_STR_INIT("Long"), RXC_FORM_LONG },
		{ RX_STR_INIT("String"), RXC_FORM_STRING },      { RX_STR_INIT("Set"), RXC_FORM_SET },
		{ RX_STR_INIT("Record"), RXC_FORM_RECORD },      { RX_STR_INIT("Entity"), RXC_FORM_ENTITY },
		{ RX_STR_INIT("Extension"), RXC_FORM_EXTENSION }, { RX_STR_INIT("EntityOrCommon"), RXC_FORM_EITHER },
	};
	struct type_fields fields = { NULL, NULL, NULL, NULL, NULL };
	enum rxc_type_form form = RXC_FORM_COMMON;
	struct rxc_type_decl *element;
	struct rexi_str word;

	if (depth > RXC_SCHEMA_MAX_DEPTH)
		return rx_fail(reader->err, REXI_LIMIT, json->span, "types are nested deeper than %d levels", RXC_SCHEMA_MAX_DEPTH);
	RX_TRY(read_fields(reader, json, extras, &fields));
	RX_TRY(expect_string(reader, fields.type, &word));
	for (size_t i = 0; i < RX_COUNT(keywords); i++)
		if (rx_str_eq(keywords[i].word, word))
			form = keywords[i].form;
	switch (form) {
	case RXC_FORM_RECORD: return read_record(reader, json, &fields, depth, out);
	case RXC_FORM_ENTITY:
	case RXC_FORM_EXTENSION:
	case RXC_FORM_EITHER: return read_named(reader, json, &fields, form, out);
	case RXC_FORM_SET:
		RX_TRY(only_fields(reader, &fields, true, false, false));
		if (!fields.element)
			return missing_field(reader, json, "element");
		RX_TRY(read_type(reader, fields.element, NULL, depth + 1, &element));
		*out = rxc_build_set(&reader->front, element, json->span);
		return *out ? REXI_OK : reader->front.status;
	case RXC_FORM_COMMON:
		RX_TRY(expect_path(reader, fields.type, &word));
		RX_FALLTHROUGH;
	case RXC_FORM_BOOL:
	case RXC_FORM_LONG:
	case RXC_FORM_STRING:
		RX_TRY(only_fields(reader, &fields, false, false, false));
		*out = rxc_build_name_type(&reader->front, word, form, json->span);
		return *out ? REXI_OK : reader->front.status;
	}
	rx_unreachable();
}

/* ---- Entity types ---- */

static enum rexi_status read_paths(struct reader *reader, const struct rxc_json *json, bool strings, struct rxc_name_ref **out)
{
	struct rxc_decl_list list = { NULL, NULL };

	if (json->kind != RXC_JSON_ARRAY)
		return mismatch(reader, json, "a sequence");
	for (uint32_t i = 0; i < json->count; i++) {
		struct rxc_name_ref *ref;
		struct rexi_str text;

		if (strings)
			RX_TRY(expect_string(reader, &json->items[i], &text));
		else
			RX_TRY(expect_path(reader, &json->items[i], &text));
		ref = rxc_build_ref(&reader->front, strings ? RX_STR("") : text, strings ? text : RX_STR(""), json->items[i].span);
		if (!ref)
			return reader->front.status;
		rxc_build_ref_append(&list, ref);
	}
	*out = list.first;
	return REXI_OK;
}

/* RFC 116: true or false; a null only where it says nothing. */
static enum rexi_status read_external(struct reader *reader, const struct rxc_json *json, bool null_allowed, bool *out)
{
	if (json->kind == RXC_JSON_NULL && null_allowed)
		return REXI_OK;
	if (json->kind != RXC_JSON_TRUE && json->kind != RXC_JSON_FALSE)
		return mismatch(reader, json, "a boolean");
	*out = json->kind == RXC_JSON_TRUE;
	return REXI_OK;
}

static enum rexi_status read_entity_field(struct reader *reader, const struct rxc_json_member *member,
					  struct rxc_entity_decl *entity)
{
	if (rx_str_eq(member->key, RX_STR("memberOfTypes")))
		return read_paths(reader, &member->value, false, &entity->parents);
	if (rx_str_eq(member->key, RX_STR("shape")))
		return read_type(reader, &member->value, NULL, 1, &entity->shape);
	if (rx_str_eq(member->key, RX_STR("tags")))
		return read_type(reader, &member->value, NULL, 1, &entity->tags);
	if (rx_str_eq(member->key, RX_STR("annotations")))
		return read_annotations(reader, &member->value, &entity->annotations);
	if (rx_str_eq(member->key, RX_STR("external")))
		return read_external(reader, &member->value, false, &entity->is_external);
	if (!rx_str_eq(member->key, RX_STR("enum")))
		return unknown_field(reader, member, "expected one of `memberOfTypes`, `shape`, `tags`, `enum`, `external`, `annotations`");
	entity->is_enum = true;
	RX_TRY(read_paths(reader, &member->value, true, &entity->members));
	if (!entity->members)
		return rx_fail(reader->err, REXI_SYNTAX, member->value.span, "an `enum` must have at least one member");
	return REXI_OK;
}

static enum rexi_status read_entity(struct reader *reader, const struct rxc_json_member *entry)
{
	struct rxc_entity_decl entity = { .span = entry->span };
	struct rxc_json value = entry->value;
	struct rxc_name_ref *name;
	struct rexi_str text = rx_arena_copy(reader->front.arena, entry->key);

	if (!text.ptr)
		return no_memory(reader);
	RX_TRY(expect_ident(reader, text, entry->span, false));
	RX_TRY(EXPECT_FIELDS(reader, &value, "memberOfTypes", "shape", "tags", "enum", "external", "annotations"));
	for (uint32_t i = 0; i < value.count; i++)
		RX_TRY(read_entity_field(reader, &value.members[i], &entity));
	if (entity.is_external && (entity.shape || entity.tags || entity.is_enum))
		return rx_fail(reader->err, REXI_SYNTAX, entry->span, "unexpected field on an external entity type: it has a name and parents "
			       "only");
	for (uint32_t i = 0; i < value.count && entity.is_enum; i++) {
		const struct rxc_json_member *member = &value.members[i];

		if (!rx_str_eq(member->key, RX_STR("enum")) && !rx_str_eq(member->key, RX_STR("annotations")) &&
		    !rx_str_eq(member->key, RX_STR("external")))
			return rx_fail(reader->err, REXI_SYNTAX, member->span, "unexpected field: %.*s: an enumerated entity type has "
				       "members only", RX_STR_ARG(member->key));
	}
	name = rxc_build_ref(&reader->front, text, RX_STR(""), entry->span);
	if (!name || !rxc_build_entities(&reader->front, entity.annotations, name, &entity))
		return reader->front.status;
	return REXI_OK;
}

/* ---- Actions ---- */

static enum rexi_status read_parent(struct reader *reader, struct rxc_json *json, struct rxc_decl_list *list)
{
	struct rexi_str id = { NULL, 0 }, type = RX_STR("");
	struct rxc_name_ref *ref;

	RX_TRY(EXPECT_FIELDS(reader, json, "id", "type"));
	for (uint32_t i = 0; i < json->count; i++) {
		const struct rxc_json_member *member = &json->members[i];

		if (rx_str_eq(member->key, RX_STR("id")))
			RX_TRY(expect_string(reader, &member->value, &id));
		else if (!rx_str_eq(member->key, RX_STR("type")))
			return unknown_field(reader, member, "expected `id` or `type`");
		else if (member->value.kind != RXC_JSON_NULL)
			RX_TRY(expect_path(reader, &member->value, &type));
	}
	if (!id.ptr)
		return missing_field(reader, json, "id");
	ref = rxc_build_ref(&reader->front, type, id, json->span);
	if (!ref)
		return reader->front.status;
	rxc_build_ref_append(list, ref);
	return REXI_OK;
}

static enum rexi_status read_applies(struct reader *reader, const struct rxc_json *given, struct rxc_action_decl *action)
{
	struct rxc_json object = *given, *json = &object;
	bool principals = false, resources = false;

	RX_TRY(EXPECT_FIELDS(reader, json, "resourceTypes", "principalTypes", "context"));
	action->has_applies = true;
	for (uint32_t i = 0; i < json->count; i++) {
		const struct rxc_json_member *member = &json->members[i];

		if (rx_str_eq(member->key, RX_STR("principalTypes"))) {
			principals = true;
			RX_TRY(read_paths(reader, &member->value, false, &action->principals));
		} else if (rx_str_eq(member->key, RX_STR("resourceTypes"))) {
			resources = true;
			RX_TRY(read_paths(reader, &member->value, false, &action->resources));
		} else if (rx_str_eq(member->key, RX_STR("context"))) {
			RX_TRY(read_type(reader, &member->value, NULL, 1, &action->context));
		} else {
			return unknown_field(reader, member, "expected one of `resourceTypes`, `principalTypes`, `context`");
		}
	}
	if (!resources)
		return missing_field(reader, json, "resourceTypes");
	return principals ? REXI_OK : missing_field(reader, json, "principalTypes");
}

static enum rexi_status read_action_field(struct reader *reader, const struct rxc_json_member *member,
					  struct rxc_action_decl *action)
{
	struct rxc_decl_list list = { NULL, NULL };
	bool null = member->value.kind == RXC_JSON_NULL;

	if (rx_str_eq(member->key, RX_STR("annotations")))
		return read_annotations(reader, &member->value, &action->annotations);
	if (rx_str_eq(member->key, RX_STR("appliesTo")))
		return null ? REXI_OK : read_applies(reader, &member->value, action);
	if (rx_str_eq(member->key, RX_STR("attributes"))) {
		if (!null)
			return rx_fail(reader->err, REXI_SYNTAX, member->span, "unsupported feature used in schema: action declared with "
				       "attributes: [%.*s]", RX_STR_ARG(action->name));
		return REXI_OK;
	}
	if (rx_str_eq(member->key, RX_STR("external")))
		return read_external(reader, &member->value, true, &action->is_external);
	if (!rx_str_eq(member->key, RX_STR("memberOf")))
		return unknown_field(reader, member, "expected one of `attributes`, `appliesTo`, `memberOf`, `external`, `annotations`");
	if (null)
		return REXI_OK;
	if (member->value.kind != RXC_JSON_ARRAY)
		return mismatch(reader, &member->value, "a sequence");
	action->has_parents = true;
	for (uint32_t i = 0; i < member->value.count; i++)
		RX_TRY(read_parent(reader, &member->value.items[i], &list));
	action->parents = list.first;
	return REXI_OK;
}

static enum rexi_status read_action(struct reader *reader, const struct rxc_json_member *entry)
{
	struct rxc_action_decl *action = RX_ARENA_NEW(reader->front.arena, struct rxc_action_decl);
	struct rxc_namespace_decl *space = reader->front.space;
	struct rxc_json value = entry->value;

	if (!action)
		return no_memory(reader);
	action->name = rx_arena_copy(reader->front.arena, entry->key);
	action->span = entry->span;
	if (!action->name.ptr)
		return no_memory(reader);
	RX_TRY(EXPECT_FIELDS(reader, &value, "attributes", "appliesTo", "memberOf", "external", "annotations"));
	for (uint32_t i = 0; i < value.count; i++)
		RX_TRY(read_action_field(reader, &value.members[i], action));
	if (action->is_external && action->has_applies)
		return rx_fail(reader->err, REXI_SYNTAX, entry->span, "unexpected field on an external action: it has a name and parents only");
	*space->actions_end = action;
	space->actions_end = &action->next;
	return REXI_OK;
}

/* ---- Namespaces ---- */

static enum rexi_status read_common(struct reader *reader, const struct rxc_json_member *entry)
{
	struct extras extras = { .annotations_allowed = true };
	struct rexi_str name = rx_arena_copy(reader->front.arena, entry->key);
	struct rxc_type_decl *type;

	if (!name.ptr)
		return no_memory(reader);
	RX_TRY(expect_ident(reader, name, entry->span, false));
	RX_TRY(read_type(reader, &entry->value, &extras, 1, &type));
	if (!rxc_build_common(&reader->front, extras.annotations, name, type, entry->span))
		return reader->front.status;
	return REXI_OK;
}

static enum rexi_status read_members(struct reader *reader, const struct rxc_json *json,
				     enum rexi_status (*read)(struct reader *, const struct rxc_json_member *))
{
	RX_TRY(expect_object(reader, json, "a map"));
	for (uint32_t i = 0; i < json->count; i++)
		RX_TRY(read(reader, &json->members[i]));
	return REXI_OK;
}

static enum rexi_status read_namespace_field(struct reader *reader, const struct rxc_json_member *member)
{
	if (rx_str_eq(member->key, RX_STR("entityTypes")))
		return read_members(reader, &member->value, read_entity);
	if (rx_str_eq(member->key, RX_STR("actions")))
		return read_members(reader, &member->value, read_action);
	if (rx_str_eq(member->key, RX_STR("commonTypes")))
		return read_members(reader, &member->value, read_common);
	if (rx_str_eq(member->key, RX_STR("annotations")))
		return read_annotations(reader, &member->value, &reader->front.space->annotations);
	return unknown_field(reader, member, "expected one of `commonTypes`, `entityTypes`, `actions`, `annotations`");
}

static enum rexi_status read_namespace(struct reader *reader, const struct rxc_json_member *entry)
{
	struct rexi_str path = rx_arena_copy(reader->front.arena, entry->key);
	struct rxc_json value = entry->value;

	if (!path.ptr)
		return no_memory(reader);
	if (path.len > 0 && !rxc_name_is_path(path))
		return rx_fail(reader->err, REXI_SYNTAX, entry->span, "invalid namespace `%.*s`", RX_STR_ARG(path));
	RX_TRY(EXPECT_FIELDS(reader, &value, "commonTypes", "entityTypes", "actions", "annotations"));
	if (!rxc_build_namespace_open(&reader->front, NULL, path, entry->span))
		return reader->front.status;
	for (uint32_t i = 0; i < value.count; i++)
		RX_TRY(read_namespace_field(reader, &value.members[i]));
	if (!rxc_json_get(&value, "entityTypes"))
		return rx_fail(reader->err, REXI_SYNTAX, value.span, "missing field `entityTypes` in namespace `%.*s`: a JSON schema "
			       "is a map from namespaces to declarations", RX_STR_ARG(path));
	return rxc_json_get(&value, "actions") ? REXI_OK : missing_field(reader, &value, "actions");
}

enum rexi_status rxc_fragment_read_json(struct rx_arena *arena, struct rexi_str text, struct rxc_fragment **out,
					struct rexi_error *err)
{
	struct reader reader = { .front = { .arena = arena, .err = err }, .err = err };
	enum rexi_status status;
	struct rx_arena scratch;
	struct rxc_json json;

	*out = NULL;
	if (text.len > RXC_SCHEMA_MAX_LEN)
		return rx_fail(err, REXI_LIMIT, RX_NO_SPAN, "the schema is longer than %u bytes", RXC_SCHEMA_MAX_LEN);
	reader.front.fragment = RX_ARENA_NEW(arena, struct rxc_fragment);
	if (!reader.front.fragment)
		return rx_fail_memory(err);
	reader.front.fragment->arena = arena;
	reader.front.fragment->is_json = true;
	reader.front.spaces_end = &reader.front.fragment->namespaces;
	rx_arena_init(&scratch, arena->memory);
	status = rxc_json_parse(&scratch, text, 4 * RXC_SCHEMA_MAX_DEPTH, &json, err);
	if (status == REXI_OK)
		status = read_members(&reader, &json, read_namespace);
	rx_arena_fini(&scratch);
	if (status == REXI_OK)
		status = rxc_fragment_check(reader.front.fragment, err);
	if (status == REXI_OK)
		*out = reader.front.fragment;
	else
		rx_error_locate(err, text);
	return status;
}
