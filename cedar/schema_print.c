/* Fragments as Cedar syntax and as JSON. Source: spec/cedar.md, sections 6.5, 6.6; layout as the reference prints it. */
#include <config.h>

#include "cedar/schema.h"

#include <stdlib.h>

#include "cedar/value.h"

#include "base/banned.h"

/* ---- Lists sorted by name ---- */

struct sorted_item {
	struct rexi_str name;
	const void *decl;
};

struct sorted {
	struct sorted_item *items;
	size_t count, cap;
};

static int compare_items(const void *a, const void *b)
{
	return rx_str_cmp(((const struct sorted_item *)a)->name, ((const struct sorted_item *)b)->name);
}

static bool sorted_add(struct rx_arena *arena, struct sorted *list, struct rexi_str name, const void *decl)
{
	if (!RX_ARENA_GROW(arena, &list->items, &list->cap, list->count + 1))
		return false;
	list->items[list->count++] = (struct sorted_item){ name, decl };
	return true;
}

static void sorted_done(struct sorted *list)
{
	if (list->count > 1)
		qsort(list->items, list->count, sizeof(*list->items), compare_items);
}

/* SORTED(list of declarations, their type, the name's field) fills `out` or sets printer->failed. */
#define SORTED(printer, out, type, first, field)                                                             \
	do {                                                                                                  \
		for (const type *each_ = (first); each_; each_ = each_->next)                                 \
			if (!sorted_add(&(printer)->arena, (out), each_->field, each_))                       \
				(printer)->failed = true;                                                     \
		sorted_done(out);                                                                             \
	} while (0)

struct printer {
	struct rx_buf *buf;
	struct rx_arena arena; /* scratch */
	bool failed;
};

/* ---- Cedar syntax ---- */

static void attribute_name(struct rx_buf *buf, struct rexi_str name)
{
	if (rxc_name_is_ident(name) && !rxc_name_is_reserved(name) && !rx_str_eq(name, RX_STR("__cedar")))
		rx_buf_str(buf, name);
	else
		rxc_quote(buf, name);
}

static void annotations_text(struct printer *printer, const struct rxc_annotation_decl *first, size_t indent)
{
	struct sorted list = { 0 };

	SORTED(printer, &list, struct rxc_annotation_decl, first, key);
	for (size_t i = 0; i < list.count; i++) {
		const struct rxc_annotation_decl *annotation = list.items[i].decl;

		rx_buf_repeat(printer->buf, ' ', indent);
		rx_buf_byte(printer->buf, '@');
		rx_buf_str(printer->buf, annotation->key);
		if (annotation->has_value) {
			rx_buf_byte(printer->buf, '(');
			rxc_quote(printer->buf, annotation->value);
			rx_buf_byte(printer->buf, ')');
		}
		rx_buf_byte(printer->buf, '\n');
	}
}

static void type_text(struct printer *printer, const struct rxc_type_decl *type, size_t indent);

static void record_text(struct printer *printer, const struct rxc_type_decl *type, size_t indent)
{
	struct sorted list = { 0 };

	SORTED(printer, &list, struct rxc_attr_decl, type->attrs, name);
	rx_buf_byte(printer->buf, '{');
	for (size_t i = 0; i < list.count; i++) {
		const struct rxc_attr_decl *attr = list.items[i].decl;

		rx_buf_str(printer->buf, i > 0 ? RX_STR(",\n") : RX_STR("\n"));
		annotations_text(printer, attr->annotations, indent + 2);
		rx_buf_repeat(printer->buf, ' ', indent + 2);
		attribute_name(printer->buf, attr->name);
		rx_buf_str(printer->buf, attr->required ? RX_STR(": ") : RX_STR("?: "));
		type_text(printer, attr->type, indent + 2);
	}
	if (list.count > 0)
		rx_buf_byte(printer->buf, '\n');
	rx_buf_repeat(printer->buf, ' ', indent);
	rx_buf_byte(printer->buf, '}');
}

/* Depth is bounded by RXC_SCHEMA_MAX_DEPTH. */
static void type_text(struct printer *printer, const struct rxc_type_decl *type, size_t indent)
{
	switch (type->form) {
	case RXC_FORM_BOOL: RX_BUF_LIT(printer->buf, "__cedar::Bool"); return;
	case RXC_FORM_LONG: RX_BUF_LIT(printer->buf, "__cedar::Long"); return;
	case RXC_FORM_STRING: RX_BUF_LIT(printer->buf, "__cedar::String"); return;
	case RXC_FORM_EXTENSION:
		RX_BUF_LIT(printer->buf, "__cedar::");
		rx_buf_str(printer->buf, type->name);
		return;
	case RXC_FORM_ENTITY:
	case RXC_FORM_EITHER:
	case RXC_FORM_COMMON: rx_buf_str(printer->buf, type->name); return;
	case RXC_FORM_SET:
		RX_BUF_LIT(printer->buf, "Set<");
		type_text(printer, type->element, indent);
		rx_buf_byte(printer->buf, '>');
		return;
	case RXC_FORM_RECORD: record_text(printer, type, indent); return;
	}
	rx_unreachable();
}

/* Where an empty record is written without the indentation of its closing brace. */
static void outer_type_text(struct printer *printer, const struct rxc_type_decl *type, size_t indent)
{
	if (!type || (type->form == RXC_FORM_RECORD && !type->attrs && !type->additional))
		RX_BUF_LIT(printer->buf, "{}");
	else
		type_text(printer, type, indent);
}

static void name_list(struct printer *printer, const struct rxc_name_ref *first)
{
	rx_buf_byte(printer->buf, '[');
	for (const struct rxc_name_ref *ref = first; ref; ref = ref->next) {
		if (ref != first)
			RX_BUF_LIT(printer->buf, ", ");
		rx_buf_str(printer->buf, ref->type);
	}
	rx_buf_byte(printer->buf, ']');
}

static void entity_text(struct printer *printer, const struct rxc_entity_decl *entity, size_t indent)
{
	annotations_text(printer, entity->annotations, indent);
	rx_buf_repeat(printer->buf, ' ', indent);
	if (entity->is_external)
		RX_BUF_LIT(printer->buf, "external ");
	RX_BUF_LIT(printer->buf, "entity ");
	rx_buf_str(printer->buf, entity->name);
	if (entity->is_enum) {
		RX_BUF_LIT(printer->buf, " enum [");
		for (const struct rxc_name_ref *ref = entity->members; ref; ref = ref->next) {
			if (ref != entity->members)
				RX_BUF_LIT(printer->buf, ", ");
			rxc_quote(printer->buf, ref->id);
		}
		rx_buf_byte(printer->buf, ']');
	}
	if (entity->parents) {
		RX_BUF_LIT(printer->buf, " in ");
		name_list(printer, entity->parents);
	}
	if (entity->shape && (entity->shape->attrs || entity->shape->additional)) {
		RX_BUF_LIT(printer->buf, " = ");
		record_text(printer, entity->shape, indent);
	}
	if (entity->tags) {
		RX_BUF_LIT(printer->buf, " tags ");
		outer_type_text(printer, entity->tags, 0); /* the reference forgets the indentation here */
	}
	RX_BUF_LIT(printer->buf, ";\n");
}

static void action_text(struct printer *printer, const struct rxc_action_decl *action, size_t indent)
{
	struct rx_buf *buf = printer->buf;

	annotations_text(printer, action->annotations, indent);
	rx_buf_repeat(buf, ' ', indent);
	if (action->is_external)
		RX_BUF_LIT(buf, "external ");
	RX_BUF_LIT(buf, "action ");
	rxc_quote(buf, action->name);
	if (action->parents) {
		RX_BUF_LIT(buf, " in [");
		for (const struct rxc_name_ref *ref = action->parents; ref; ref = ref->next) {
			if (ref != action->parents)
				RX_BUF_LIT(buf, ", ");
			rx_buf_str(buf, ref->type.len ? ref->type : RX_STR("Action"));
			RX_BUF_LIT(buf, "::");
			rxc_quote(buf, ref->id);
		}
		rx_buf_byte(buf, ']');
	}
	if (action->principals && action->resources) {
		RX_BUF_LIT(buf, " appliesTo {\n");
		rx_buf_repeat(buf, ' ', indent + 2);
		RX_BUF_LIT(buf, "principal: ");
		name_list(printer, action->principals);
		RX_BUF_LIT(buf, ",\n");
		rx_buf_repeat(buf, ' ', indent + 2);
		RX_BUF_LIT(buf, "resource: ");
		name_list(printer, action->resources);
		RX_BUF_LIT(buf, ",\n");
		rx_buf_repeat(buf, ' ', indent + 2);
		RX_BUF_LIT(buf, "context: ");
		outer_type_text(printer, action->context, indent + 2);
		rx_buf_byte(buf, '\n');
		rx_buf_repeat(buf, ' ', indent);
		rx_buf_byte(buf, '}');
	}
	RX_BUF_LIT(buf, ";\n");
}

static void namespace_text(struct printer *printer, const struct rxc_namespace_decl *space, size_t indent)
{
	struct sorted commons = { 0 }, entities = { 0 }, actions = { 0 };
	bool first = true;

	SORTED(printer, &commons, struct rxc_common_decl, space->commons, name);
	SORTED(printer, &entities, struct rxc_entity_decl, space->entities, name);
	SORTED(printer, &actions, struct rxc_action_decl, space->actions, name);
	for (size_t i = 0; i < commons.count; i++, first = false) {
		const struct rxc_common_decl *common = commons.items[i].decl;

		if (!first)
			rx_buf_byte(printer->buf, '\n');
		annotations_text(printer, common->annotations, indent);
		rx_buf_repeat(printer->buf, ' ', indent);
		RX_BUF_LIT(printer->buf, "type ");
		rx_buf_str(printer->buf, common->name);
		RX_BUF_LIT(printer->buf, " = ");
		type_text(printer, common->type, indent);
		RX_BUF_LIT(printer->buf, ";\n");
	}
	for (size_t i = 0; i < entities.count; i++, first = false) {
		if (!first)
			rx_buf_byte(printer->buf, '\n');
		entity_text(printer, entities.items[i].decl, indent);
	}
	for (size_t i = 0; i < actions.count; i++, first = false) {
		if (!first)
			rx_buf_byte(printer->buf, '\n');
		action_text(printer, actions.items[i].decl, indent);
	}
}

/* A name that a namespace declares as entity type and as common type cannot be told apart in Cedar syntax. */
static enum rexi_status check_collisions(struct printer *printer, const struct sorted *spaces, struct rexi_error *err)
{
	enum rexi_status status = REXI_OK;
	struct rx_buf names;

	rx_buf_init(&names, printer->arena.memory, 0);
	for (size_t i = 0; i < spaces->count; i++) {
		const struct rxc_namespace_decl *space = spaces->items[i].decl;
		struct sorted both = { 0 };

		if (space->path.len == 0)
			continue;
		SORTED(printer, &both, struct rxc_common_decl, space->commons, name);
		SORTED(printer, &both, struct rxc_entity_decl, space->entities, name);
		for (size_t j = 1; j < both.count; j++) {
			if (!rx_str_eq(both.items[j - 1].name, both.items[j].name))
				continue;
			if (names.len > 0)
				RX_BUF_LIT(&names, ", ");
			rx_buf_printf(&names, "%.*s::%.*s", RX_STR_ARG(space->path), RX_STR_ARG(both.items[j].name));
		}
	}
	if (names.len > 0)
		status = rx_fail(err, REXI_INVALID, RX_NO_SPAN, "There are name collisions: [%s]", rx_buf_cstr(&names));
	rx_buf_fini(&names);
	return status;
}

static enum rexi_status check_shapes(struct printer *printer, const struct sorted *spaces, struct rexi_error *err)
{
	enum rexi_status status = REXI_OK;
	struct rx_buf names;

	rx_buf_init(&names, printer->arena.memory, 0);
	for (size_t i = 0; i < spaces->count; i++) {
		const struct rxc_namespace_decl *space = spaces->items[i].decl;

		for (const struct rxc_entity_decl *entity = space->entities; entity; entity = entity->next)
			if (entity->shape && entity->shape->form != RXC_FORM_RECORD)
				rx_buf_printf(&names, "%s%.*s%s%.*s", names.len ? ", " : "", RX_STR_ARG(space->path),
					      space->path.len ? "::" : "", RX_STR_ARG(entity->name));
	}
	if (names.len > 0)
		status = rx_fail(err, REXI_INVALID, RX_NO_SPAN, "The following entities have shapes that cannot be converted to Cedar "
				 "schema syntax: [%s]", rx_buf_cstr(&names));
	rx_buf_fini(&names);
	return status;
}

static enum rexi_status finish(struct printer *printer, struct rexi_error *err)
{
	bool failed = printer->failed || printer->buf->failed;

	rx_arena_fini(&printer->arena);
	return failed ? rx_fail_memory(err) : REXI_OK;
}

/* As the reference orders names: the last part first, then what is before it, part by part. */
static int compare_spaces(const void *a, const void *b)
{
	struct rexi_str left = ((const struct sorted_item *)a)->name, right = ((const struct sorted_item *)b)->name;
	int order = rx_str_cmp(rxc_name_base(left), rxc_name_base(right));

	if (order)
		return order;
	left = rxc_name_namespace(left);
	right = rxc_name_namespace(right);
	for (;;) {
		size_t i = rx_str_find(left, RX_STR("::"), 0), j = rx_str_find(right, RX_STR("::"), 0);

		if (left.len == 0 || right.len == 0)
			return (left.len > 0) - (right.len > 0);
		order = rx_str_cmp(rx_str_sub(left, 0, i), rx_str_sub(right, 0, j));
		if (order)
			return order;
		left = i == SIZE_MAX ? RX_STR("") : rx_str_sub(left, i + 2, SIZE_MAX);
		right = j == SIZE_MAX ? RX_STR("") : rx_str_sub(right, j + 2, SIZE_MAX);
	}
}

enum rexi_status rxc_fragment_to_cedar(const struct rxc_fragment *fragment, struct rx_buf *buf, struct rexi_error *err)
{
	struct printer printer = { .buf = buf };
	struct sorted spaces = { 0 };
	enum rexi_status status;

	rx_arena_init(&printer.arena, fragment->arena->memory);
	SORTED(&printer, &spaces, struct rxc_namespace_decl, fragment->namespaces, path);
	if (spaces.count > 1)
		qsort(spaces.items, spaces.count, sizeof(*spaces.items), compare_spaces);
	status = check_collisions(&printer, &spaces, err);
	if (status == REXI_OK)
		status = check_shapes(&printer, &spaces, err);
	if (status != REXI_OK) {
		rx_arena_fini(&printer.arena);
		return status;
	}
	for (size_t i = 0; i < spaces.count; i++) {
		const struct rxc_namespace_decl *space = spaces.items[i].decl;

		if (i > 0)
			rx_buf_byte(buf, '\n');
		if (space->path.len == 0) {
			namespace_text(&printer, space, 0);
			continue;
		}
		annotations_text(&printer, space->annotations, 0);
		RX_BUF_LIT(buf, "namespace ");
		rx_buf_str(buf, space->path);
		RX_BUF_LIT(buf, " {\n");
		namespace_text(&printer, space, 2);
		RX_BUF_LIT(buf, "}\n");
	}
	return finish(&printer, err);
}

/* ---- JSON: compact, keys sorted ---- */

/* Writes the comma before every member but the first. */
static void member(struct rx_buf *buf, bool *first, struct rexi_str key)
{
	if (!*first)
		rx_buf_byte(buf, ',');
	*first = false;
	rx_buf_json_string(buf, key);
	rx_buf_byte(buf, ':');
}

static void annotations_json(struct printer *printer, const struct rxc_annotation_decl *annotations, bool *first_member)
{
	struct sorted list = { 0 };
	bool first = true;

	if (!annotations)
		return;
	member(printer->buf, first_member, RX_STR("annotations"));
	SORTED(printer, &list, struct rxc_annotation_decl, annotations, key);
	rx_buf_byte(printer->buf, '{');
	for (size_t i = 0; i < list.count; i++) {
		const struct rxc_annotation_decl *annotation = list.items[i].decl;

		member(printer->buf, &first, annotation->key);
		if (annotation->has_value)
			rx_buf_json_string(printer->buf, annotation->value);
		else
			RX_BUF_LIT(printer->buf, "null");
	}
	rx_buf_byte(printer->buf, '}');
}

static void type_json(struct printer *printer, const struct rxc_type_decl *type,
		      const struct rxc_annotation_decl *annotations, bool optional);

static void attributes_json(struct printer *printer, const struct rxc_type_decl *type)
{
	struct sorted list = { 0 };
	bool first = true;

	SORTED(printer, &list, struct rxc_attr_decl, type->attrs, name);
	rx_buf_byte(printer->buf, '{');
	for (size_t i = 0; i < list.count; i++) {
		const struct rxc_attr_decl *attr = list.items[i].decl;

		member(printer->buf, &first, attr->name);
		type_json(printer, attr->type, attr->annotations, !attr->required);
	}
	rx_buf_byte(printer->buf, '}');
}

/* Members in order: additionalAttributes, annotations, attributes, element, name, required, type. */
static void type_json(struct printer *printer, const struct rxc_type_decl *type,
		      const struct rxc_annotation_decl *annotations, bool optional)
{
	static const struct rexi_str words[] = {
		[RXC_FORM_BOOL] = RX_STR_INIT("Boolean"),       [RXC_FORM_LONG] = RX_STR_INIT("Long"),
		[RXC_FORM_STRING] = RX_STR_INIT("String"),      [RXC_FORM_SET] = RX_STR_INIT("Set"),
		[RXC_FORM_RECORD] = RX_STR_INIT("Record"),      [RXC_FORM_ENTITY] = RX_STR_INIT("Entity"),
		[RXC_FORM_EXTENSION] = RX_STR_INIT("Extension"), [RXC_FORM_EITHER] = RX_STR_INIT("EntityOrCommon"),
	};
	struct rx_buf *buf = printer->buf;
	bool first = true;

	rx_buf_byte(buf, '{');
	if (type->form == RXC_FORM_RECORD && type->additional) {
		member(buf, &first, RX_STR("additionalAttributes"));
		RX_BUF_LIT(buf, "true");
	}
	annotations_json(printer, annotations, &first);
	if (type->form == RXC_FORM_RECORD) {
		member(buf, &first, RX_STR("attributes"));
		attributes_json(printer, type);
	}
	if (type->form == RXC_FORM_SET) {
		member(buf, &first, RX_STR("element"));
		type_json(printer, type->element, NULL, false);
	}
	if (type->form == RXC_FORM_ENTITY || type->form == RXC_FORM_EXTENSION || type->form == RXC_FORM_EITHER) {
		member(buf, &first, RX_STR("name"));
		rx_buf_json_string(buf, type->name);
	}
	if (optional) {
		member(buf, &first, RX_STR("required"));
		RX_BUF_LIT(buf, "false");
	}
	member(buf, &first, RX_STR("type"));
	rx_buf_json_string(buf, type->form == RXC_FORM_COMMON ? type->name : words[type->form]);
	rx_buf_byte(buf, '}');
}

static bool is_empty_record(const struct rxc_type_decl *type)
{
	return !type || (type->form == RXC_FORM_RECORD && !type->attrs && !type->additional);
}

static void names_json(struct rx_buf *buf, const struct rxc_name_ref *first, bool ids)
{
	rx_buf_byte(buf, '[');
	for (const struct rxc_name_ref *ref = first; ref; ref = ref->next) {
		if (ref != first)
			rx_buf_byte(buf, ',');
		rx_buf_json_string(buf, ids ? ref->id : ref->type);
	}
	rx_buf_byte(buf, ']');
}

static void entity_json(struct printer *printer, const struct rxc_entity_decl *entity)
{
	struct rx_buf *buf = printer->buf;
	bool first = true;

	rx_buf_byte(buf, '{');
	annotations_json(printer, entity->annotations, &first);
	if (entity->is_enum) {
		member(buf, &first, RX_STR("enum"));
		names_json(buf, entity->members, true);
	}
	if (entity->is_external) {
		member(buf, &first, RX_STR("external"));
		RX_BUF_LIT(buf, "true");
	}
	if (entity->parents) {
		member(buf, &first, RX_STR("memberOfTypes"));
		names_json(buf, entity->parents, false);
	}
	if (!is_empty_record(entity->shape)) {
		member(buf, &first, RX_STR("shape"));
		type_json(printer, entity->shape, NULL, false);
	}
	if (entity->tags) {
		member(buf, &first, RX_STR("tags"));
		type_json(printer, entity->tags, NULL, false);
	}
	rx_buf_byte(buf, '}');
}

static void action_json(struct printer *printer, const struct rxc_action_decl *action)
{
	struct rx_buf *buf = printer->buf;
	bool first = true;

	rx_buf_byte(buf, '{');
	annotations_json(printer, action->annotations, &first);
	if (action->has_applies) {
		bool inner = true;

		member(buf, &first, RX_STR("appliesTo"));
		rx_buf_byte(buf, '{');
		if (!is_empty_record(action->context)) {
			member(buf, &inner, RX_STR("context"));
			type_json(printer, action->context, NULL, false);
		}
		member(buf, &inner, RX_STR("principalTypes"));
		names_json(buf, action->principals, false);
		member(buf, &inner, RX_STR("resourceTypes"));
		names_json(buf, action->resources, false);
		rx_buf_byte(buf, '}');
	}
	if (action->is_external) {
		member(buf, &first, RX_STR("external"));
		RX_BUF_LIT(buf, "true");
	}
	if (action->has_parents) {
		member(buf, &first, RX_STR("memberOf"));
		rx_buf_byte(buf, '[');
		for (const struct rxc_name_ref *ref = action->parents; ref; ref = ref->next) {
			bool inner = true;

			rx_buf_str(buf, ref == action->parents ? RX_STR("{") : RX_STR(",{"));
			member(buf, &inner, RX_STR("id"));
			rx_buf_json_string(buf, ref->id);
			if (ref->type.len > 0) {
				member(buf, &inner, RX_STR("type"));
				rx_buf_json_string(buf, ref->type);
			}
			rx_buf_byte(buf, '}');
		}
		rx_buf_byte(buf, ']');
	}
	rx_buf_byte(buf, '}');
}

static void namespace_json(struct printer *printer, const struct rxc_namespace_decl *space)
{
	struct sorted commons = { 0 }, entities = { 0 }, actions = { 0 };
	struct rx_buf *buf = printer->buf;
	bool first = true, inner = true;

	SORTED(printer, &commons, struct rxc_common_decl, space->commons, name);
	SORTED(printer, &entities, struct rxc_entity_decl, space->entities, name);
	SORTED(printer, &actions, struct rxc_action_decl, space->actions, name);
	rx_buf_byte(buf, '{');
	member(buf, &first, RX_STR("actions"));
	rx_buf_byte(buf, '{');
	for (size_t i = 0; i < actions.count; i++) {
		member(buf, &inner, actions.items[i].name);
		action_json(printer, actions.items[i].decl);
	}
	rx_buf_byte(buf, '}');
	annotations_json(printer, space->annotations, &first);
	if (commons.count > 0) {
		member(buf, &first, RX_STR("commonTypes"));
		rx_buf_byte(buf, '{');
		inner = true;
		for (size_t i = 0; i < commons.count; i++) {
			const struct rxc_common_decl *common = commons.items[i].decl;

			member(buf, &inner, common->name);
			type_json(printer, common->type, common->annotations, false);
		}
		rx_buf_byte(buf, '}');
	}
	member(buf, &first, RX_STR("entityTypes"));
	rx_buf_byte(buf, '{');
	inner = true;
	for (size_t i = 0; i < entities.count; i++) {
		member(buf, &inner, entities.items[i].name);
		entity_json(printer, entities.items[i].decl);
	}
	RX_BUF_LIT(buf, "}}");
}

enum rexi_status rxc_fragment_to_json(const struct rxc_fragment *fragment, struct rx_buf *buf, struct rexi_error *err)
{
	struct printer printer = { .buf = buf };
	struct sorted spaces = { 0 };
	bool first = true;

	rx_arena_init(&printer.arena, fragment->arena->memory);
	SORTED(&printer, &spaces, struct rxc_namespace_decl, fragment->namespaces, path);
	rx_buf_byte(buf, '{');
	for (size_t i = 0; i < spaces.count; i++) {
		member(buf, &first, spaces.items[i].name);
		namespace_json(&printer, spaces.items[i].decl);
	}
	rx_buf_byte(buf, '}');
	return finish(&printer, err);
}
