/* Levels (RFC 76): how many entities deep a policy looks. Source: spec/cedar.md, section 7.11. */
#include <config.h>

#include "cedar/validate_check.h"
#include "cedar/walk.h"

#include "base/banned.h"

/* Of a literal that is not the environment's action: nothing may be read through it. */
#define NO_LEVEL UINT32_MAX

static bool is_entity(const struct rxc_type *type)
{
	return type && (type->kind == RXC_TYPE_ENTITY || type->kind == RXC_TYPE_ANY_ENTITY);
}

static bool is_reached(const struct rxc_check *check, const struct rxc_expr *expr)
{
	return rxc_check_typed(check, expr) != NULL;
}

static uint32_t deeper(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

/* A path of attribute names, innermost access first: where to look inside record literals. */
struct path {
	struct rexi_str name;
	const struct path *outer;
};

/* The level of what an expression yields when it is dereferenced; also of the parts that it is made of. */
static uint32_t level_of(struct rxc_check *check, const struct rxc_expr *expr, const struct path *path)
{
	uint32_t level = 0, left;

	switch ((enum rxc_expr_kind)expr->kind) {
	case RXC_VAR: return 0;
	case RXC_SLOT: return NO_LEVEL;
	case RXC_UID: return rxc_check_action(check, expr->uid) == check->env.action ? 0 : NO_LEVEL;
	case RXC_ATTR:
		if (is_entity(rxc_check_typed(check, expr->left))) {
			left = level_of(check, expr->left, NULL);
			return left == NO_LEVEL ? NO_LEVEL : left + 1;
		}
		return level_of(check, expr->left, &(struct path){ expr->name->text, path });
	case RXC_GET_TAG:
		left = level_of(check, expr->left, NULL);
		return left == NO_LEVEL ? NO_LEVEL : left + 1;
	case RXC_IF:
		for (unsigned i = 1; i < 3; i++)
			if (is_reached(check, expr->items[i]))
				level = deeper(level, level_of(check, expr->items[i], path));
		return level;
	case RXC_RECORD:
		for (uint32_t i = 0; i < expr->count; i++)
			if (!path || rx_str_eq(expr->fields[i].name->text, path->name))
				level = deeper(level, level_of(check, expr->fields[i].value, path ? path->outer : NULL));
		return level;
	default: return 0; /* yields nothing that can be dereferenced */
	}
}

static void dereference(struct rxc_check *check, const struct rxc_expr *target, struct rexi_span span)
{
	uint32_t level;

	if (!is_entity(rxc_check_typed(check, target)))
		return;
	level = level_of(check, target, NULL);
	if (level == NO_LEVEL)
		rxc_check_report(check, RXC_FINDING_ENTITY_DEREF_LEVEL_VIOLATION, target->span, NULL,
				 "entity literals cannot be dereferenced at any level");
	else if (level >= check->level)
		rxc_check_report(check, RXC_FINDING_ENTITY_DEREF_LEVEL_VIOLATION, span, NULL,
				 "this policy requires level %u, which exceeds the maximum allowed level (%u)", level + 1, check->level);
}

void rxc_check_levels(struct rxc_check *check, const struct rxc_expr *expr)
{
	const struct rxc_expr *part;

	if (!is_reached(check, expr))
		return; /* cut off by a condition that is always true or false */
	if (expr->kind == RXC_ATTR || expr->kind == RXC_HAS || expr->kind == RXC_HAS_PATH || expr->kind == RXC_GET_TAG ||
	    expr->kind == RXC_HAS_TAG || expr->kind == RXC_IN || (expr->kind == RXC_IS_IN && is_reached(check, expr->is_in->in)))
		dereference(check, expr->left, expr->span);
	for (uint32_t i = 0; (part = rxc_expr_part(expr, i)) != NULL; i++)
		rxc_check_levels(check, part);
}
