/* Copying a policy from one set into another: names are interned again, nothing is shared. */
#include <config.h>

#include "cedar/set.h"

#include "base/banned.h"

static const struct rxc_expr *copy_expr(struct rxc_copy *copy, const struct rxc_expr *from);

static const struct rexi_cedar_name *copy_name(struct rxc_copy *copy, const struct rexi_cedar_name *name)
{
	return rxc_names_intern(&copy->set->names, name->text, false);
}

static const struct rxc_uid *copy_uid(struct rxc_copy *copy, const struct rxc_uid *uid)
{
	const struct rexi_cedar_name *type = copy_name(copy, uid->uid.type);

	return type ? rxc_names_uid(&copy->set->names, type, uid->uid.id, false) : NULL;
}

static const struct rxc_expr *const *copy_items(struct rxc_copy *copy, const struct rxc_expr *const *from, uint32_t count)
{
	const struct rxc_expr **items = RX_ARENA_ARRAY(copy->trees, const struct rxc_expr *, count + 1);

	for (uint32_t i = 0; items && i < count; i++) {
		items[i] = copy_expr(copy, from[i]);
		if (!items[i])
			return NULL;
	}
	return items;
}

static const struct rxc_field *copy_fields(struct rxc_copy *copy, const struct rxc_field *from, uint32_t count)
{
	struct rxc_field *fields = RX_ARENA_ARRAY(copy->trees, struct rxc_field, count + 1);

	for (uint32_t i = 0; fields && i < count; i++) {
		fields[i] = (struct rxc_field){ copy_name(copy, from[i].name), from[i].span, copy_expr(copy, from[i].value) };
		if (!fields[i].name || !fields[i].value)
			return NULL;
	}
	return fields;
}

static const struct rexi_cedar_name *const *copy_names(struct rxc_copy *copy, const struct rexi_cedar_name *const *from, uint32_t count)
{
	const struct rexi_cedar_name **names = RX_ARENA_ARRAY(copy->trees, const struct rexi_cedar_name *, count);

	for (uint32_t i = 0; names && i < count; i++) {
		names[i] = copy_name(copy, from[i]);
		if (!names[i])
			return NULL;
	}
	return names;
}

static const struct rxc_pattern *copy_pattern(struct rxc_copy *copy, const struct rxc_pattern *from)
{
	size_t size = sizeof(*from) + from->part_count * sizeof(from->parts[0]);
	struct rxc_pattern *pattern = rx_arena_bytes(&copy->set->arena, size);

	if (!pattern)
		return NULL;
	memcpy(pattern, from, size);
	if (from->json.ptr) {
		pattern->json = rx_arena_copy(&copy->set->arena, from->json);
		if (!pattern->json.ptr)
			return NULL;
	}
	for (uint32_t i = 0; i < pattern->part_count; i++) {
		if (pattern->parts[i].wildcards)
			continue;
		pattern->parts[i].text = rx_arena_copy(&copy->set->arena, from->parts[i].text);
		if (!pattern->parts[i].text.ptr)
			return NULL;
	}
	return pattern;
}

static const struct rxc_expr *copy_expr(struct rxc_copy *copy, const struct rxc_expr *from)
{
	struct rxc_expr *to = rx_arena_bytes(copy->trees, sizeof(*to));
	struct rxc_is_in *is_in;

	if (!to)
		return NULL;
	*to = *from;
	switch ((enum rxc_expr_kind)from->kind) {
	case RXC_BOOL:
	case RXC_LONG:
	case RXC_VAR:
	case RXC_SLOT:
		return to;
	case RXC_STRING:
		to->text = rx_arena_copy(&copy->set->arena, from->text);
		return to->text.ptr ? to : NULL;
	case RXC_UID:
		to->uid = copy_uid(copy, from->uid);
		return to->uid ? to : NULL;
	case RXC_NOT:
	case RXC_NEG:
	case RXC_IS_EMPTY:
		to->left = copy_expr(copy, from->left);
		return to->left ? to : NULL;
	case RXC_EQ: case RXC_NE: case RXC_LT: case RXC_LE: case RXC_GT: case RXC_GE: case RXC_IN: case RXC_ADD: case RXC_SUB: case RXC_MUL:
	case RXC_CONTAINS: case RXC_CONTAINS_ALL: case RXC_CONTAINS_ANY: case RXC_GET_TAG: case RXC_HAS_TAG:
		to->left = copy_expr(copy, from->left);
		to->right = to->left ? copy_expr(copy, from->right) : NULL;
		return to->right ? to : NULL;
	case RXC_ATTR:
	case RXC_HAS:
	case RXC_IS:
		to->left = copy_expr(copy, from->left);
		to->name = to->left ? copy_name(copy, from->name) : NULL;
		return to->name ? to : NULL;
	case RXC_HAS_PATH:
		to->left = copy_expr(copy, from->left);
		to->names = to->left ? copy_names(copy, from->names, from->count) : NULL;
		return to->names ? to : NULL;
	case RXC_LIKE:
		to->left = copy_expr(copy, from->left);
		to->pattern = to->left ? copy_pattern(copy, from->pattern) : NULL;
		return to->pattern ? to : NULL;
	case RXC_IS_IN:
		is_in = RX_ARENA_NEW(copy->trees, struct rxc_is_in);
		to->left = is_in ? copy_expr(copy, from->left) : NULL;
		if (!to->left)
			return NULL;
		is_in->type = copy_name(copy, from->is_in->type);
		is_in->in = copy_expr(copy, from->is_in->in);
		to->is_in = is_in;
		return is_in->type && is_in->in ? to : NULL;
	case RXC_AND:
	case RXC_OR:
	case RXC_IF:
	case RXC_SET:
		to->items = copy_items(copy, from->items, from->count);
		return to->items ? to : NULL;
	case RXC_CALL:
		to->items = copy_items(copy, from->items, from->count);
		if (from->function)
			to->function = copy_name(copy, from->function);
		return to->items && (!from->function || to->function) ? to : NULL;
	case RXC_RECORD:
		to->fields = copy_fields(copy, from->fields, from->count);
		return to->fields ? to : NULL;
	case RXC_EXPR_KINDS:
		break;
	}
	rx_unreachable();
}

static bool copy_scope(struct rxc_copy *copy, struct rxc_scope *scope)
{
	const struct rxc_uid **uids;

	if (scope->type && !(scope->type = copy_name(copy, scope->type)))
		return false;
	if (scope->op != RXC_SCOPE_IN_SET) {
		if (!scope->uid)
			return true;
		scope->uid = copy_uid(copy, scope->uid);
		return scope->uid != NULL;
	}
	uids = RX_ARENA_ARRAY(copy->trees, const struct rxc_uid *, scope->count + 1);
	for (uint32_t i = 0; uids && i < scope->count; i++) {
		uids[i] = copy_uid(copy, scope->uids[i]);
		if (!uids[i])
			return false;
	}
	scope->uids = uids;
	if (uids && scope->escaped) {
		bool *escaped = RX_ARENA_ARRAY(copy->trees, bool, scope->count + 1u);

		if (!escaped)
			return false;
		memcpy(escaped, scope->escaped, scope->count * sizeof(*escaped));
		scope->escaped = escaped;
	}
	return uids != NULL;
}

/* Policies of one text share one copy of it. */
static const struct rexi_str *copy_source(struct rxc_copy *copy, const struct rexi_str *source)
{
	struct rexi_str *to;

	if (!source || source == copy->source_from)
		return source ? copy->source_to : NULL;
	to = rx_arena_bytes(&copy->set->arena, sizeof(*to));
	if (!to)
		return NULL;
	*to = rx_arena_copy(&copy->set->arena, *source);
	if (!to->ptr)
		return NULL;
	copy->source_from = source;
	copy->source_to = to;
	return to;
}

struct rxc_template *rxc_copy_template(struct rxc_copy *copy, const struct rxc_template *from)
{
	struct rx_arena *arena = &copy->set->arena;
	struct rxc_annotation *annotations;
	struct rxc_condition *conditions;
	struct rxc_template *to;

	copy->trees = from->source ? &copy->set->trees : arena;
	to = rx_arena_bytes(copy->trees, sizeof(*to));
	if (!to)
		return NULL;
	*to = *from;
	to->id = rx_arena_copy(arena, from->id);
	to->source = copy_source(copy, from->source);
	annotations = RX_ARENA_ARRAY(copy->trees, struct rxc_annotation, from->annotation_count + 1u);
	conditions = RX_ARENA_ARRAY(copy->trees, struct rxc_condition, from->condition_count + 1u);
	if (!to->id.ptr || (from->source && !to->source) || !annotations || !conditions || !copy_scope(copy, &to->principal) ||
	    !copy_scope(copy, &to->action) || !copy_scope(copy, &to->resource))
		return NULL;
	for (uint32_t i = 0; i < from->annotation_count; i++) {
		annotations[i] = from->annotations[i];
		annotations[i].key = copy_name(copy, from->annotations[i].key);
		annotations[i].value = rx_arena_copy(arena, from->annotations[i].value);
		if (!annotations[i].key || !annotations[i].value.ptr)
			return NULL;
	}
	for (uint32_t i = 0; i < from->condition_count; i++) {
		conditions[i] = from->conditions[i];
		conditions[i].body = copy_expr(copy, from->conditions[i].body);
		if (!conditions[i].body)
			return NULL;
	}
	to->annotations = annotations;
	to->conditions = conditions;
	return to;
}
