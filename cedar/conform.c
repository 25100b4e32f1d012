#include <config.h>

#include "cedar/conform.h"

#include "base/unicode.h"

#include "base/banned.h"

static const struct rexi_cedar_kind_pair {
	enum rexi_cedar_kind kind;
	enum rxc_extension_type ext;
} extension_kinds[] = {
	{ REXI_CEDAR_IPADDR, RXC_TYPE_IPADDR },
	{ REXI_CEDAR_DECIMAL, RXC_TYPE_DECIMAL },
	{ REXI_CEDAR_DATETIME, RXC_TYPE_DATETIME },
	{ REXI_CEDAR_DURATION, RXC_TYPE_DURATION },
};

static bool is_extension(const struct rexi_cedar_value *value, unsigned ext)
{
	for (size_t i = 0; i < RX_COUNT(extension_kinds); i++)
		if (extension_kinds[i].ext == ext)
			return value->kind == extension_kinds[i].kind;
	return false;
}

static bool record_conforms(const struct rxc_schema *schema, const struct rexi_cedar_record *record, const struct rxc_type *type)
{
	uint32_t at = 0;

	/* Both are sorted by name. */
	for (uint32_t i = 0; i < type->count; i++) {
		const struct rxc_attr *attr = &type->attrs[i];
		const struct rxc_slotted *field = at < record->count ? &record->fields[at] : NULL;

		if (field && rx_str_eq(rx_str_make(field->name, field->name_len), attr->name)) {
			if (!rxc_conform_value(schema, &field->value, attr->type))
				return false;
			at++;
		} else if (attr->required) {
			return false;
		}
	}
	return at == record->count;
}

bool rxc_conform_value(const struct rxc_schema *schema, const struct rexi_cedar_value *value, const struct rxc_type *type)
{
	switch ((enum rxc_type_kind)type->kind) {
	case RXC_TYPE_NEVER: return false;
	case RXC_TYPE_TRUE: return value->kind == REXI_CEDAR_BOOL && value->as.integer;
	case RXC_TYPE_FALSE: return value->kind == REXI_CEDAR_BOOL && !value->as.integer;
	case RXC_TYPE_BOOL: return value->kind == REXI_CEDAR_BOOL;
	case RXC_TYPE_LONG: return value->kind == REXI_CEDAR_LONG;
	case RXC_TYPE_STRING: return value->kind == REXI_CEDAR_STRING;
	case RXC_TYPE_ANY_ENTITY: return value->kind == REXI_CEDAR_ENTITY;
	case RXC_TYPE_EXTENSION: return is_extension(value, type->ext);
	case RXC_TYPE_ENTITY:
		if (value->kind != REXI_CEDAR_ENTITY)
			return false;
		for (uint32_t i = 0; i < type->count; i++)
			if (rx_str_eq(schema->types.names[type->entities[i]], value->as.uid->type->text))
				return true;
		return false;
	case RXC_TYPE_SET:
		if (value->kind != REXI_CEDAR_SET)
			return false;
		for (uint32_t i = 0; type->element && i < value->as.set->count; i++)
			if (!rxc_conform_value(schema, &value->as.set->items[i], type->element))
				return false;
		return true;
	case RXC_TYPE_RECORD: return value->kind == REXI_CEDAR_RECORD && record_conforms(schema, value->as.record, type);
	}
	rx_unreachable();
}

/* ---- Messages ---- */

enum { PRINT_MOST = 1000 };

static void print_type(struct rx_buf *buf, const struct rxc_schema *schema, const struct rxc_type *type)
{
	if (buf->len > PRINT_MOST)
		return;
	switch ((enum rxc_type_kind)type->kind) {
	case RXC_TYPE_NEVER:
	case RXC_TYPE_TRUE:
	case RXC_TYPE_FALSE:
	case RXC_TYPE_BOOL: RX_BUF_LIT(buf, "bool"); return;
	case RXC_TYPE_LONG: RX_BUF_LIT(buf, "long"); return;
	case RXC_TYPE_STRING: RX_BUF_LIT(buf, "string"); return;
	case RXC_TYPE_ANY_ENTITY: RX_BUF_LIT(buf, "(entity of any type)"); return;
	case RXC_TYPE_EXTENSION: rx_buf_str(buf, rxc_extension_type_name(type->ext)); return;
	case RXC_TYPE_ENTITY:
		for (uint32_t i = 0; i < type->count; i++)
			rx_buf_printf(buf, "%s`%.*s`", i ? " or " : "", RX_STR_ARG(schema->types.names[type->entities[i]]));
		return;
	case RXC_TYPE_SET:
		rx_buf_byte(buf, '[');
		if (type->element)
			print_type(buf, schema, type->element);
		rx_buf_byte(buf, ']');
		return;
	case RXC_TYPE_RECORD:
		RX_BUF_LIT(buf, "{ ");
		for (uint32_t i = 0; i < type->count; i++) {
			rx_buf_str(buf, i ? RX_STR(", \"") : RX_STR("\""));
			rx_unicode_debug(buf, type->attrs[i].name);
			rx_buf_str(buf, type->attrs[i].required ? RX_STR("\" => (required) ") : RX_STR("\" => (optional) "));
			print_type(buf, schema, type->attrs[i].type);
		}
		RX_BUF_LIT(buf, " }");
		return;
	}
	rx_unreachable();
}

void rxc_conform_print_type(struct rx_buf *buf, const struct rxc_schema *schema, const struct rxc_type *type)
{
	print_type(buf, schema, type);
}

/* One failure and where it goes. */
struct check {
	const struct rxc_schema *schema;
	const char **kind_out;
	struct rexi_error *err;
	struct rx_memory memory; /* of messages; small */
};

static void name_kind(const struct check *check, const char *kind)
{
	if (check->kind_out)
		*check->kind_out = kind;
}

static struct rx_buf uid_text(struct check *check, const struct rexi_cedar_uid *uid)
{
	struct rx_buf buf;

	rx_buf_init(&buf, &check->memory, 0);
	rxc_name_print_uid(&buf, uid->type->text, uid->id);
	return buf;
}

static const char *text_of(struct rx_buf *buf)
{
	const char *text = rx_buf_cstr(buf);

	return text ? text : "?";
}

/* `format` has one %s for the uid and may have one %.*s for `text`. */
RX_PRINTF(4, 0) static enum rexi_status fail_uid(struct check *check, const char *kind, const struct rexi_cedar_uid *uid,
						 const char *format, struct rexi_str text)
{
	struct rx_buf buf = uid_text(check, uid);
	const char *shown = text_of(&buf);
	enum rexi_status status;

	name_kind(check, kind);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	status = rx_fail(check->err, REXI_INVALID, RX_NO_SPAN, format, shown, RX_STR_ARG(text));
#pragma GCC diagnostic pop
	rx_buf_fini(&buf);
	return status;
}

static enum rexi_status enum_member(struct check *check, const struct rexi_cedar_uid *uid, uint32_t type)
{
	if (type == RXC_NONE || rxc_entity_type_has_member(&check->schema->entity_types[type], uid->id))
		return REXI_OK;
	return fail_uid(check, "invalid-enum-entity", uid, "entity `%s` is of an enumerated entity type, but `\"%.*s\"` is not declared as a "
			"valid eid", uid->id);
}

/* Entities inside values: members of enums must be valid, actions declared. Depth is bounded where values are made. */
static enum rexi_status entities_within(struct check *check, const struct rexi_cedar_value *value)
{
	uint32_t type;

	if (value->kind == REXI_CEDAR_SET) {
		for (uint32_t i = 0; i < value->as.set->count; i++)
			RX_TRY(entities_within(check, &value->as.set->items[i]));
	} else if (value->kind == REXI_CEDAR_RECORD) {
		for (uint32_t i = 0; i < value->as.record->count; i++)
			RX_TRY(entities_within(check, &value->as.record->fields[i].value));
	} else if (value->kind == REXI_CEDAR_ENTITY) {
		type = rxc_schema_find_type(check->schema, value->as.uid->type->text);
		RX_TRY(enum_member(check, value->as.uid, type));
		if (rxc_name_is_action(value->as.uid->type->text) &&
		    rxc_schema_find_action(check->schema, type, value->as.uid->id) == RXC_NONE)
			return fail_uid(check, "undeclared-action", value->as.uid, "found action entity `%s`, but it was not declared as an "
					"action in the schema%.0s", RX_STR(""));
	}
	return REXI_OK;
}

static enum rexi_status mismatch(struct check *check, const struct rexi_cedar_uid *uid, const char *what, struct rexi_str name,
				 const struct rxc_type *type, const struct rexi_cedar_value *value)
{
	struct rx_buf buf = uid_text(check, uid), types;
	enum rexi_status status;

	rx_buf_init(&types, &check->memory, 0);
	print_type(&types, check->schema, type);
	RX_BUF_LIT(&types, ", but it actually has type ");
	rxc_value_type_name(&types, value);
	name_kind(check, "type-mismatch");
	status = rx_fail(check->err, REXI_INVALID, RX_NO_SPAN, "in %s `%.*s` on `%s`, type mismatch: value was expected to have type %s",
			 what, (int)(name.len > 60 ? 60 : name.len), name.ptr, text_of(&buf), text_of(&types));
	rx_buf_fini(&buf);
	rx_buf_fini(&types);
	return status;
}

static struct rexi_str slot_name(const struct rxc_slotted *field)
{
	return rx_str_make(field->name, field->name_len);
}

static const struct rxc_slotted *find_field(const struct rxc_slotted *fields, uint32_t count, struct rexi_str name)
{
	for (uint32_t i = 0; i < count; i++)
		if (rx_str_eq(slot_name(&fields[i]), name))
			return &fields[i];
	return NULL;
}

static enum rexi_status check_attributes(struct check *check, const struct rxc_conform_entity *entity,
					 const struct rxc_entity_type *type)
{
	for (uint32_t i = 0; i < type->shape->count; i++) {
		const struct rxc_attr *attr = &type->shape->attrs[i];

		if (attr->required && !find_field(entity->attrs, entity->attr_count, attr->name))
			return fail_uid(check, "missing-required-entity-attr", entity->uid, "expected entity `%s` to have attribute `%.*s`, but "
					"it does not", attr->name);
	}
	for (uint32_t i = 0; i < entity->attr_count; i++) {
		const struct rxc_slotted *field = &entity->attrs[i];
		const struct rxc_attr *attr = rxc_type_attr(type->shape, slot_name(field));

		if (!attr)
			return fail_uid(check, "unexpected-entity-attr", entity->uid, "entity `%s` should not have the attribute `%.*s` "
					"according to the schema", slot_name(field));
		if (!rxc_conform_value(check->schema, &field->value, attr->type))
			return mismatch(check, entity->uid, "attribute", attr->name, attr->type, &field->value);
		RX_TRY(entities_within(check, &field->value));
	}
	return REXI_OK;
}

static enum rexi_status check_ancestors(struct check *check, const struct rxc_conform_entity *entity,
					const struct rxc_entity_type *type)
{
	for (uint32_t i = 0; i < entity->ancestor_count; i++) {
		const struct rexi_cedar_uid *ancestor = entity->ancestors[i];
		uint32_t at = rxc_schema_find_type(check->schema, ancestor->type->text);

		if (at != RXC_NONE)
			RX_TRY(enum_member(check, ancestor, at));
		if (at == RXC_NONE || !rxc_ids_has(type->ancestors, at))
			return fail_uid(check, "invalid-ancestor-type", entity->uid, "`%s` is not allowed to have an ancestor of type `%.*s` "
					"according to the schema", ancestor->type->text);
	}
	return REXI_OK;
}

static enum rexi_status check_tags(struct check *check, const struct rxc_conform_entity *entity, const struct rxc_entity_type *type)
{
	for (uint32_t i = 0; i < entity->tag_count; i++) {
		const struct rxc_slotted *tag = &entity->tags[i];

		if (!type->tags)
			return fail_uid(check, "unexpected-entity-tag", entity->uid, "entity `%s` should not have the tag `%.*s`: no tags are "
					"declared for its type", slot_name(tag));
		if (!rxc_conform_value(check->schema, &tag->value, type->tags))
			return mismatch(check, entity->uid, "tag", slot_name(tag), type->tags, &tag->value);
		RX_TRY(entities_within(check, &tag->value));
	}
	return REXI_OK;
}

enum rexi_status rxc_conform_entity(const struct rxc_schema *schema, const struct rxc_conform_entity *entity,
				    const char **kind_out, struct rexi_error *err)
{
	struct check check = { .schema = schema, .kind_out = kind_out, .err = err };
	uint32_t at = rxc_schema_find_type(schema, entity->uid->type->text);
	const struct rxc_entity_type *type;
	struct rexi_str near;

	rx_memory_init(&check.memory, NULL, 1u << 16);
	if (at == RXC_NONE) {
		near = rxc_schema_nearest_type(schema, entity->uid->type->text);
		if (near.len > 0)
			return fail_uid(&check, "unexpected-entity-type", entity->uid, "entity `%s` has a type which is not declared in the "
					"schema; did you mean `%.*s`?", near);
		return fail_uid(&check, "unexpected-entity-type", entity->uid, "entity `%s` has type `%.*s` which is not declared in the "
				"schema", entity->uid->type->text);
	}
	type = &schema->entity_types[at];
	if (type->is_external)
		return fail_uid(&check, "external-entity-type", entity->uid, "entity `%s` has type `%.*s` which is declared `external` in the "
				"schema: nothing is known of its entities", type->name);
	RX_TRY(enum_member(&check, entity->uid, at));
	RX_TRY(check_attributes(&check, entity, type));
	RX_TRY(check_ancestors(&check, entity, type));
	return check_tags(&check, entity, type);
}

enum rexi_status rxc_conform_action(const struct rxc_schema *schema, const struct rxc_conform_entity *entity,
				    const char **kind_out, struct rexi_error *err)
{
	struct check check = { .schema = schema, .kind_out = kind_out, .err = err };
	uint32_t at = rxc_schema_find_action_named(schema, entity->uid->type->text, entity->uid->id);
	bool same;

	rx_memory_init(&check.memory, NULL, 1u << 16);
	if (at == RXC_NONE)
		return fail_uid(&check, "undeclared-action", entity->uid, "found action entity `%s`, but it was not declared as an action in "
				"the schema%.0s", RX_STR(""));
	same = entity->attr_count == 0 && entity->tag_count == 0 && entity->ancestor_count == schema->actions[at].ancestors.count;
	for (uint32_t i = 0; i < entity->ancestor_count && same; i++) {
		uint32_t ancestor = rxc_schema_find_action_named(schema, entity->ancestors[i]->type->text, entity->ancestors[i]->id);

		same = ancestor != RXC_NONE && rxc_ids_has(schema->actions[at].ancestors, ancestor);
	}
	if (same)
		return REXI_OK;
	return fail_uid(&check, "action-declaration-mismatch", entity->uid, "definition of action `%s` does not match its schema declaration; "
			"omit it from the entities to use the schema's%.0s", RX_STR(""));
}

/* ---- Requests ---- */

static enum rexi_status check_participant(struct check *check, const struct rexi_cedar_uid *uid, const char *what,
					  const char *kind, uint32_t *type_out)
{
	struct rexi_str name = uid->type->text, near;

	*type_out = rxc_schema_find_type(check->schema, name);
	if (*type_out != RXC_NONE && !check->schema->entity_types[*type_out].is_action)
		return enum_member(check, uid, *type_out);
	name_kind(check, kind);
	near = rxc_schema_nearest_type(check->schema, name);
	if (near.len > 0)
		return rx_fail(check->err, REXI_INVALID, RX_NO_SPAN, "%s type `%.*s` is not declared in the schema; did you mean `%.*s`?", what,
			       RX_STR_ARG(name), RX_STR_ARG(near));
	return rx_fail(check->err, REXI_INVALID, RX_NO_SPAN, "%s type `%.*s` is not declared in the schema", what, RX_STR_ARG(name));
}

static enum rexi_status invalid_participant(struct check *check, const char *what, const char *kind,
					    const struct rexi_cedar_uid *uid, const struct rexi_cedar_uid *action,
					    struct rxc_ids valid)
{
	struct rx_buf names, shown = uid_text(check, action);
	enum rexi_status status;

	rx_buf_init(&names, &check->memory, 0);
	for (uint32_t i = 0; i < valid.count && names.len < 200; i++)
		rx_buf_printf(&names, "%s`%.*s`", i ? ", " : "", RX_STR_ARG(check->schema->types.names[valid.at[i]]));
	name_kind(check, kind);
	status = rx_fail(check->err, REXI_INVALID, RX_NO_SPAN, "%s type `%.*s` is not valid for `%s`; valid %s types: %s", what,
			 RX_STR_ARG(uid->type->text), text_of(&shown), what, names.len ? text_of(&names) : "none");
	rx_buf_fini(&names);
	rx_buf_fini(&shown);
	return status;
}

enum rexi_status rxc_conform_request(const struct rxc_schema *schema, const struct rexi_cedar_uid *principal,
				     const struct rexi_cedar_uid *action, const struct rexi_cedar_uid *resource,
				     const struct rexi_cedar_value *context, const char **kind_out, struct rexi_error *err)
{
	static const struct rexi_cedar_record empty = { 0, 0 };
	const struct rexi_cedar_value none = { .kind = REXI_CEDAR_RECORD, .as.record = &empty };
	struct check check = { .schema = schema, .kind_out = kind_out, .err = err };
	uint32_t principal_type, resource_type, at;

	rx_memory_init(&check.memory, NULL, 1u << 16);
	RX_TRY(check_participant(&check, principal, "principal", "undeclared-principal-type", &principal_type));
	RX_TRY(check_participant(&check, resource, "resource", "undeclared-resource-type", &resource_type));
	at = rxc_schema_find_action_named(schema, action->type->text, action->id);
	if (at == RXC_NONE)
		return fail_uid(&check, "undeclared-action", action, "request's action `%s` is not declared in the schema%.0s", RX_STR(""));
	if (schema->actions[at].is_external)
		return fail_uid(&check, "external-action", action, "request's action `%s` is declared `external` in the schema: it is not known "
				"what it applies to%.0s", RX_STR(""));
	if (!rxc_ids_has(schema->actions[at].principals, principal_type))
		return invalid_participant(&check, "principal", "invalid-principal-type", principal, action, schema->actions[at].principals);
	if (!rxc_ids_has(schema->actions[at].resources, resource_type))
		return invalid_participant(&check, "resource", "invalid-resource-type", resource, action, schema->actions[at].resources);
	if (!context)
		context = &none;
	RX_TRY(entities_within(&check, context));
	if (!rxc_conform_value(schema, context, schema->actions[at].context))
		return fail_uid(&check, "invalid-context", action, "the context is not valid for `%s`%.0s", RX_STR(""));
	return REXI_OK;
}
