/*
 * Levels (RFC 76): how many entities deep a policy looks. Walks what typing reached, with the types it gave. Parts without
 * a type are there too where the whole is false for sure: what they would read is not known, and that is said.
 * Source: spec/cedar.md, section 7.11.
 */
#include <config.h>

#include "cedar/validate_access.h"
#include "cedar/walk.h"

#include "base/banned.h"

/* Names of attributes to follow inside record literals, the next one first. */
struct path {
	struct rexi_str name;
	const struct path *rest;
};

static bool is_entity(const struct rxc_type *type)
{
	return type && type->kind == RXC_TYPE_ENTITY;
}

static bool is_record(const struct rxc_type *type)
{
	return type && type->kind == RXC_TYPE_RECORD;
}

static void report_literal(struct rxc_check *check, const struct rxc_expr *expr)
{
	rxc_check_report(check, RXC_FINDING_ENTITY_DEREF_LEVEL_VIOLATION, expr->span, NULL,
			 "entity literals cannot be dereferenced at any level");
}

static void report_unknown(struct rxc_check *check, const struct rxc_expr *expr)
{
	rxc_check_report(check, RXC_FINDING_TOO_DEEP, expr->span, NULL,
			 "the level of this expression is not known, as its type is not");
}

static void report_level(struct rxc_check *check, const struct rxc_expr *expr, uint32_t level)
{
	rxc_check_report(check, RXC_FINDING_ENTITY_DEREF_LEVEL_VIOLATION, expr->span, NULL,
			 "this policy requires level %u, which exceeds the maximum allowed level (%u)", level, check->level);
}

static uint32_t level_of(struct rxc_check *check, const struct rxc_expr *expr, const struct path *path);

/* `path` leads into a record literal; its other fields are expressions of their own. */
static uint32_t level_in_record(struct rxc_check *check, const struct rxc_expr *expr, const struct path *path)
{
	const struct rxc_expr *value = NULL;

	for (uint32_t i = 0; path && i < expr->count; i++) {
		if (rx_str_eq(expr->fields[i].name->text, path->name))
			value = expr->fields[i].value;
		else
			rxc_check_levels(check, expr->fields[i].value);
	}
	if (value)
		return level_of(check, value, path->rest);
	report_unknown(check, expr);
	return 0;
}

/* The level of an entity that is about to be dereferenced. */
static uint32_t level_of(struct rxc_check *check, const struct rxc_expr *expr, const struct path *path)
{
	uint32_t level = 0;

	switch ((enum rxc_expr_kind)expr->kind) {
	case RXC_VAR: return 0;
	case RXC_SLOT: report_literal(check, expr); return 0;
	case RXC_UID:
		if (rxc_check_action(check, expr->uid) != check->env.action)
			report_literal(check, expr);
		return 0;
	case RXC_ATTR:
		if (is_entity(rxc_check_typed(check, expr->left)))
			return level_of(check, expr->left, path) + 1;
		if (is_record(rxc_check_typed(check, expr->left)))
			return level_of(check, expr->left, &(struct path){ expr->name->text, path });
		break;
	case RXC_GET_TAG:
		level = level_of(check, expr->left, path) + 1;
		rxc_check_levels(check, expr->right);
		return level;
	case RXC_IF:
		rxc_check_levels(check, expr->items[0]);
		for (unsigned i = 1; i < 3; i++) {
			uint32_t branch = rxc_check_typed(check, expr->items[i]) ? level_of(check, expr->items[i], path) : 0;

			level = branch > level ? branch : level;
		}
		return level;
	case RXC_RECORD: return level_in_record(check, expr, path);
	default: break;
	}
	report_unknown(check, expr);
	return 0;
}

static void dereference(struct rxc_check *check, const struct rxc_expr *expr)
{
	uint32_t level = level_of(check, expr->left, NULL);

	if (level >= check->level)
		report_level(check, expr, level + 1);
}

/* Entities that `e has a.b.c` looks at, from e on. */
static uint32_t path_cost(struct rxc_check *check, const struct rxc_expr *expr, const struct rxc_type *type)
{
	uint32_t cost = is_entity(type);
	struct rxc_attr_lookup found;

	for (uint32_t i = 0; i + 1 < expr->count; i++) {
		rxc_attr_lookup(check, type, expr->names[i]->text, &found);
		if (!found.type)
			break;
		type = found.type;
		cost += is_entity(type);
	}
	return cost;
}

static void has_path_on(struct rxc_check *check, const struct rxc_expr *expr, uint32_t cost, const struct path *path)
{
	uint32_t level = level_of(check, expr->left, path);

	if (level > check->level - cost)
		report_level(check, expr, level + cost);
}

/* From the record that `left` is to the first entity that the path meets; nothing when it meets none. */
static void has_path_in_record(struct rxc_check *check, const struct rxc_expr *expr, uint32_t cost, const struct rxc_type *type)
{
	struct path *steps = RX_ARENA_ARRAY(&check->scratch, struct path, expr->count);
	struct rxc_attr_lookup found = { .type = type };
	uint32_t count = 0;

	if (!steps) {
		rxc_check_no_memory(check);
		return;
	}
	while (count + 1 < expr->count && is_record(found.type)) {
		steps[count] = (struct path){ expr->names[count]->text, NULL };
		if (count > 0)
			steps[count - 1].rest = &steps[count];
		rxc_attr_lookup(check, found.type, expr->names[count]->text, &found);
		count++;
	}
	if (count > 0 && is_entity(found.type))
		has_path_on(check, expr, cost, steps);
}

static void check_path(struct rxc_check *check, const struct rxc_expr *expr)
{
	const struct rxc_type *type = rxc_check_typed(check, expr->left);
	uint32_t cost;

	if (!is_entity(type) && !is_record(type)) {
		rxc_check_levels(check, expr->left);
		return;
	}
	cost = path_cost(check, expr, type);
	if (cost > check->level) {
		report_level(check, expr, cost);
	} else if (is_entity(type)) {
		has_path_on(check, expr, cost, NULL);
	} else {
		rxc_check_levels(check, expr->left);
		has_path_in_record(check, expr, cost, type);
	}
}

static void check_access(struct rxc_check *check, const struct rxc_expr *expr)
{
	const struct rxc_type *type = rxc_check_typed(check, expr->left);

	if (is_entity(type))
		dereference(check, expr);
	else if (is_record(type))
		rxc_check_levels(check, expr->left);
	else
		report_unknown(check, expr);
}

void rxc_check_levels(struct rxc_check *check, const struct rxc_expr *expr)
{
	const struct rxc_expr *part;

	if (!rxc_check_typed(check, expr))
		return; /* cut off by a condition that is always true or false */
	switch ((enum rxc_expr_kind)expr->kind) {
	case RXC_ATTR:
	case RXC_HAS: check_access(check, expr); return;
	case RXC_HAS_PATH: check_path(check, expr); return;
	case RXC_GET_TAG:
	case RXC_HAS_TAG:
	case RXC_IN:
		dereference(check, expr);
		rxc_check_levels(check, expr->right);
		return;
	case RXC_IS_IN:
		rxc_check_levels(check, expr->left);
		if (rxc_check_typed(check, expr->is_in->in)) {
			dereference(check, expr);
			rxc_check_levels(check, expr->is_in->in);
		}
		return;
	default: break;
	}
	for (uint32_t i = 0; (part = rxc_expr_part(expr, i)) != NULL; i++)
		rxc_check_levels(check, part);
}
