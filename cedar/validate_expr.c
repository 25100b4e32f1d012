/* The typing rules. Source: spec/cedar.md, sections 7.4 to 7.9 and appendix D. */
#include <config.h>

#include "cedar/validate_check.h"

#include "cedar/extension.h"
#include "cedar/schema_closure.h"
#include "cedar/validate_access.h"

#include "base/banned.h"

static void answer(struct rxc_answer *out, bool ok, const struct rxc_type *type)
{
	*out = (struct rxc_answer){ type, RXC_NO_CAPS, ok };
}

static bool is_true(const struct rxc_type *type)
{
	return type && type->kind == RXC_TYPE_TRUE;
}

static bool is_false(const struct rxc_type *type)
{
	return type && type->kind == RXC_TYPE_FALSE;
}

/* A failed answer has no capabilities. */
static void settle(struct rxc_answer *out, bool ok, const struct rxc_type *type, struct rxc_caps caps)
{
	*out = (struct rxc_answer){ type, ok ? caps : RXC_NO_CAPS, ok };
}

/* ---- Expectations ---- */

enum expected {
	EXPECT_BOOL,
	EXPECT_LONG,
	EXPECT_STRING,
	EXPECT_ENTITY,
	EXPECT_SET,
	EXPECT_ENTITY_OR_RECORD,
	EXPECT_ENTITY_OR_ENTITIES,
	EXPECT_IPADDR,
	EXPECT_DECIMAL,
	EXPECT_DATETIME,
	EXPECT_DURATION,
	EXPECT_COMPARABLE,
};

static const char *const expected_names[] = {
	[EXPECT_BOOL] = "Bool",
	[EXPECT_LONG] = "Long",
	[EXPECT_STRING] = "String",
	[EXPECT_ENTITY] = "__cedar::internal::AnyEntity",
	[EXPECT_SET] = "Set<__cedar::internal::Any>",
	[EXPECT_ENTITY_OR_RECORD] = "__cedar::internal::AnyEntity, or __cedar::internal::OpenRecord{}",
	[EXPECT_ENTITY_OR_ENTITIES] = "Set<__cedar::internal::AnyEntity>, or __cedar::internal::AnyEntity",
	[EXPECT_IPADDR] = "ipaddr",
	[EXPECT_DECIMAL] = "decimal",
	[EXPECT_DATETIME] = "datetime",
	[EXPECT_DURATION] = "duration",
	[EXPECT_COMPARABLE] = "datetime, or duration, or Long",
};

/* Subtyping is the permissive one here, in strict mode too. */
static bool fits(const struct rxc_type *type, enum expected expected)
{
	enum rxc_type_kind kind = (enum rxc_type_kind)type->kind;
	bool entity = kind == RXC_TYPE_ENTITY || kind == RXC_TYPE_ANY_ENTITY;

	if (kind == RXC_TYPE_NEVER)
		return true;
	switch (expected) {
	case EXPECT_BOOL: return kind == RXC_TYPE_BOOL || kind == RXC_TYPE_TRUE || kind == RXC_TYPE_FALSE;
	case EXPECT_LONG: return kind == RXC_TYPE_LONG;
	case EXPECT_STRING: return kind == RXC_TYPE_STRING;
	case EXPECT_ENTITY: return entity;
	case EXPECT_SET: return kind == RXC_TYPE_SET;
	case EXPECT_ENTITY_OR_RECORD: return entity || kind == RXC_TYPE_RECORD;
	case EXPECT_ENTITY_OR_ENTITIES:
		return entity || (kind == RXC_TYPE_SET && rxc_type_is_subtype(type, &rxc_type_any_entity_set, false));
	case EXPECT_IPADDR: return kind == RXC_TYPE_EXTENSION && type->ext == RXC_TYPE_IPADDR;
	case EXPECT_DECIMAL: return kind == RXC_TYPE_EXTENSION && type->ext == RXC_TYPE_DECIMAL;
	case EXPECT_DATETIME: return kind == RXC_TYPE_EXTENSION && type->ext == RXC_TYPE_DATETIME;
	case EXPECT_DURATION: return kind == RXC_TYPE_EXTENSION && type->ext == RXC_TYPE_DURATION;
	case EXPECT_COMPARABLE:
		return kind == RXC_TYPE_LONG ||
		       (kind == RXC_TYPE_EXTENSION && (type->ext == RXC_TYPE_DATETIME || type->ext == RXC_TYPE_DURATION));
	}
	rx_unreachable();
}

/* What may help someone who expected the operator to take this type. */
static const char *help_for(enum expected expected, enum rxc_expr_kind operator, const struct rxc_type *type)
{
	bool set = type->kind == RXC_TYPE_SET;

	if (operator == RXC_IN && expected == EXPECT_ENTITY && set)
		return "try using `contains`, `containsAny`, or `containsAll` to examine the contents of a set";
	if ((operator == RXC_HAS || operator == RXC_ATTR) && set)
		return "try using `contains`, `containsAny`, or `containsAll` to examine the contents of a set";
	if ((operator == RXC_HAS || operator == RXC_ATTR) && type->kind == RXC_TYPE_STRING)
		return "try using `like` to examine the contents of a string";
	if (operator == RXC_ADD && type->kind == RXC_TYPE_STRING)
		return "Cedar does not support string concatenation";
	if ((operator == RXC_ADD || operator == RXC_SUB || operator == RXC_MUL) && set)
		return "Cedar does not support computing the union, intersection, or difference of sets";
	if (operator == RXC_IS)
		return "Cedar only supports run time type tests for entities";
	return NULL;
}

static RX_NOINLINE void unexpected(struct rxc_check *check, const struct rxc_expr *expr, const char *expected,
				   const struct rxc_type *type, const char *help)
{
	struct rx_buf seen;

	if (check->quiet)
		return;
	rx_buf_init(&seen, check->scratch.memory, 0);
	rxc_type_print(&seen, &check->schema->types, type);
	rxc_check_report(check, RXC_FINDING_UNEXPECTED_TYPE, expr->span, help, "unexpected type: expected %s but saw %s", expected,
			 seen.failed ? "another type" : rx_buf_cstr(&seen));
	rx_buf_fini(&seen);
}

/* expect(e, T) of section 7.4: a type that does not fit is reported and erased. */
static void expect(struct rxc_check *check, const struct rxc_expr *expr, struct rxc_caps prior, enum expected expected,
		   enum rxc_expr_kind operator, struct rxc_answer *out)
{
	rxc_check_expr(check, expr, prior, out);
	if (!out->type || fits(out->type, expected))
		return;
	unexpected(check, expr, expected_names[expected], out->type, help_for(expected, operator, out->type));
	answer(out, false, NULL);
}

void rxc_check_bool(struct rxc_check *check, const struct rxc_expr *expr, struct rxc_caps prior, struct rxc_answer *out)
{
	expect(check, expr, prior, EXPECT_BOOL, RXC_BOOL, out);
}

/* ---- Incompatible types ---- */

static RX_NOINLINE void incompatible(struct rxc_check *check, const struct rxc_expr *expr, const struct rxc_type *a,
				     const struct rxc_type *b, enum rxc_lub_reason reason, const char *context)
{
	struct rx_buf left, right, help;

	if (reason == RXC_LUB_NO_MEMORY) {
		rxc_check_no_memory(check);
		return;
	}
	if (check->quiet)
		return;
	rx_buf_init(&left, check->scratch.memory, 0);
	rx_buf_init(&right, check->scratch.memory, 0);
	rx_buf_init(&help, check->scratch.memory, 0);
	rxc_type_print(&left, &check->schema->types, a);
	rxc_type_print(&right, &check->schema->types, b);
	rx_buf_printf(&help, "for policy `%.*s`, %s must have compatible types. %s", RX_STR_ARG(check->id), context,
		      rxc_lub_reason_text(reason));
	rx_buf_cstr(&left);
	rx_buf_cstr(&right);
	rx_buf_cstr(&help);
	if (left.failed || right.failed || help.failed)
		rxc_check_no_memory(check);
	else
		rxc_check_report(check, RXC_FINDING_INCOMPATIBLE_TYPES, expr->span, help.ptr, "the types %s and %s are not compatible",
				 left.ptr, right.ptr);
	rx_buf_fini(&left);
	rx_buf_fini(&right);
	rx_buf_fini(&help);
}

/* NULL after reporting. */
static const struct rxc_type *lub(struct rxc_check *check, const struct rxc_expr *expr, const struct rxc_type *a,
				  const struct rxc_type *b, const char *context)
{
	enum rxc_lub_reason reason;
	const struct rxc_type *type = rxc_type_lub(&check->scratch, a, b, check->strict, &reason);

	if (!type)
		incompatible(check, expr, a, b, reason, context);
	return type;
}

/* ---- Logic ---- */

void rxc_check_and(struct rxc_check *check, const struct rxc_answer *a, const struct rxc_answer *b, struct rxc_answer *out)
{
	bool ok = a->ok && b->ok;

	if (!a->type || !b->type)
		answer(out, false, &rxc_type_bool);
	else if (is_false(b->type))
		answer(out, ok, &rxc_type_false);
	else if (is_true(b->type))
		settle(out, ok, a->type, rxc_caps_union(check, a->caps, b->caps));
	else if (is_true(a->type))
		settle(out, ok, b->type, b->caps);
	else
		settle(out, ok, &rxc_type_bool, rxc_caps_union(check, a->caps, b->caps));
}

static void check_and(struct rxc_check *check, const struct rxc_expr *expr, struct rxc_caps prior, struct rxc_answer *out)
{
	struct rxc_answer right, both;

	rxc_check_bool(check, expr->items[0], prior, out);
	for (uint32_t i = 1; i < expr->count; i++) {
		if (is_false(out->type)) {
			answer(out, out->ok, &rxc_type_false);
			return;
		}
		rxc_check_bool(check, expr->items[i], rxc_caps_union(check, prior, out->caps), &right);
		rxc_check_and(check, out, &right, &both);
		*out = both;
	}
}

static void or_two(struct rxc_check *check, const struct rxc_answer *a, const struct rxc_answer *b, struct rxc_answer *out)
{
	bool ok = a->ok && b->ok;

	if (!a->type || !b->type)
		answer(out, false, &rxc_type_bool);
	else if (is_true(b->type))
		settle(out, ok, &rxc_type_true, b->caps);
	else if (is_false(b->type))
		settle(out, ok, a->type, a->caps);
	else if (is_false(a->type))
		settle(out, ok, b->type, b->caps);
	else
		settle(out, ok, &rxc_type_bool, rxc_caps_intersection(check, a->caps, b->caps));
}

static void check_or(struct rxc_check *check, const struct rxc_expr *expr, struct rxc_caps prior, struct rxc_answer *out)
{
	struct rxc_answer right, both;

	rxc_check_bool(check, expr->items[0], prior, out);
	for (uint32_t i = 1; i < expr->count && !is_true(out->type); i++) {
		rxc_check_bool(check, expr->items[i], prior, &right);
		or_two(check, out, &right, &both);
		*out = both;
	}
}

static const struct rxc_type *negated(const struct rxc_type *type)
{
	return is_true(type) ? &rxc_type_false : is_false(type) ? &rxc_type_true : &rxc_type_bool;
}

static void check_if(struct rxc_check *check, const struct rxc_expr *expr, struct rxc_caps prior, struct rxc_answer *out)
{
	struct rxc_answer test, yes, no;
	const struct rxc_type *type;

	rxc_check_bool(check, expr->items[0], prior, &test);
	if (is_true(test.type)) {
		rxc_check_expr(check, expr->items[1], rxc_caps_union(check, prior, test.caps), &yes);
		settle(out, test.ok && yes.ok, yes.type, rxc_caps_union(check, yes.caps, test.caps));
		return;
	}
	if (is_false(test.type)) {
		rxc_check_expr(check, expr->items[2], prior, &no);
		settle(out, test.ok && no.ok, no.type, no.caps);
		return;
	}
	rxc_check_expr(check, expr->items[1], rxc_caps_union(check, prior, test.caps), &yes);
	rxc_check_expr(check, expr->items[2], prior, &no);
	if (!yes.type || !no.type) {
		answer(out, false, NULL);
		return;
	}
	type = lub(check, expr, yes.type, no.type, "both branches of a conditional");
	if (!type) {
		answer(out, false, NULL);
		return;
	}
	yes.caps = yes.ok ? rxc_caps_union(check, yes.caps, test.caps) : RXC_NO_CAPS;
	settle(out, test.ok && yes.ok && no.ok, type, rxc_caps_intersection(check, yes.caps, no.caps));
}

/* ---- Comparisons and arithmetic ---- */

static bool is_literal(const struct rxc_expr *expr)
{
	return expr->kind == RXC_BOOL || expr->kind == RXC_LONG || expr->kind == RXC_STRING || expr->kind == RXC_UID;
}

static bool is_action_var(const struct rxc_expr *expr)
{
	return expr->kind == RXC_VAR && expr->sub == RXC_ACTION;
}

/* Two literals, where the variable `action` counts as the environment's action. */
static bool literals_equal(struct rxc_check *check, const struct rxc_expr *a, const struct rxc_expr *b)
{
	if (is_action_var(a) || is_action_var(b)) {
		const struct rxc_expr *other = is_action_var(a) ? b : a;

		if (is_action_var(other))
			return true;
		return other->kind == RXC_UID && rxc_check_action(check, other->uid) == check->env.action;
	}
	return rxc_expr_same(a, b);
}

static bool share_entity(const struct rxc_type *a, const struct rxc_type *b)
{
	for (uint32_t i = 0, j = 0; i < a->count && j < b->count;) {
		if (a->entities[i] == b->entities[j])
			return true;
		if (a->entities[i] < b->entities[j])
			i++;
		else
			j++;
	}
	return false;
}

static void check_eq(struct rxc_check *check, const struct rxc_expr *expr, struct rxc_caps prior, struct rxc_answer *out)
{
	const struct rxc_expr *left = expr->left, *right = expr->right;
	const struct rxc_type *type = &rxc_type_bool;
	struct rxc_answer a, b;

	rxc_check_expr(check, left, prior, &a);
	rxc_check_expr(check, right, prior, &b);
	if (a.type && b.type && a.type->kind == RXC_TYPE_ENTITY && b.type->kind == RXC_TYPE_ENTITY && !share_entity(a.type, b.type))
		type = &rxc_type_false;
	else if ((is_literal(left) || is_action_var(left)) && (is_literal(right) || is_action_var(right)))
		type = literals_equal(check, left, right) ? &rxc_type_true : &rxc_type_false;
	else if (check->strict && a.type && b.type && !lub(check, expr, a.type, b.type, "both operands to a `==` expression"))
		a.ok = false;
	answer(out, a.ok && b.ok, type);
}

static void check_order(struct rxc_check *check, const struct rxc_expr *expr, struct rxc_caps prior, struct rxc_answer *out)
{
	static const char *const names[] = { [RXC_TYPE_DATETIME] = "datetime", [RXC_TYPE_DURATION] = "duration" };
	struct rxc_answer a, b;
	const struct rxc_type *left, *right;

	rxc_check_expr(check, expr->left, prior, &a);
	rxc_check_expr(check, expr->right, prior, &b);
	left = a.type;
	right = b.type;
	answer(out, a.ok && b.ok, &rxc_type_bool);
	if (!left || !right)
		return;
	if (fits(left, EXPECT_COMPARABLE) && fits(right, EXPECT_COMPARABLE) &&
	    (rxc_type_equal(left, right) || left->kind == RXC_TYPE_NEVER || right->kind == RXC_TYPE_NEVER))
		return;
	out->ok = false;
	if (left->kind == RXC_TYPE_LONG || right->kind == RXC_TYPE_LONG) {
		const struct rxc_expr *other = left->kind == RXC_TYPE_LONG ? expr->right : expr->left;

		unexpected(check, other, "Long", left->kind == RXC_TYPE_LONG ? right : left, NULL);
	} else if (fits(left, EXPECT_COMPARABLE)) {
		unexpected(check, expr->right, names[left->ext], right, NULL);
	} else if (fits(right, EXPECT_COMPARABLE)) {
		unexpected(check, expr->left, names[right->ext], left, NULL);
	} else {
		unexpected(check, expr->left, expected_names[EXPECT_COMPARABLE], left, "Only types long, datetime, duration support comparison");
		unexpected(check, expr->right, expected_names[EXPECT_COMPARABLE], right, "Only types long, datetime, duration support comparison");
	}
}

static void check_arithmetic(struct rxc_check *check, const struct rxc_expr *expr, struct rxc_caps prior, struct rxc_answer *out)
{
	struct rxc_answer a, b = { .ok = true, .type = &rxc_type_long };
	enum rxc_expr_kind kind = (enum rxc_expr_kind)expr->kind;

	expect(check, expr->left, prior, EXPECT_LONG, kind, &a);
	if (kind != RXC_NEG)
		expect(check, expr->right, prior, EXPECT_LONG, kind, &b);
	answer(out, a.ok && b.ok && a.type && b.type, &rxc_type_long);
}

/* ---- Entities ---- */

static void check_uid(struct rxc_check *check, const struct rxc_uid *uid, struct rxc_answer *out)
{
	uint32_t type = rxc_check_type(check, uid->uid.type);

	if (rxc_name_is_action(uid->uid.type->text) && rxc_check_action(check, uid) == RXC_NONE)
		type = RXC_NONE;
	if (type == RXC_NONE)
		answer(out, false, NULL); /* the checks before typing reported it */
	else
		answer(out, true, check->schema->entity_types[type].type);
}

static bool is_action_operand(const struct rxc_expr *expr)
{
	return is_action_var(expr) || (expr->kind == RXC_UID && rxc_name_is_action(expr->uid->uid.type->text));
}

static bool is_uid_operand(const struct rxc_expr *expr)
{
	return is_action_var(expr) || expr->kind == RXC_UID;
}

static uint32_t operand_action(struct rxc_check *check, const struct rxc_expr *expr)
{
	return is_action_var(expr) ? check->env.action : rxc_check_action(check, expr->uid);
}

/* Rule 1 of section 7.6: hierarchies of actions are known exactly. False when the rule does not apply. */
static bool in_actions(struct rxc_check *check, const struct rxc_expr *left, const struct rxc_expr *right, struct rxc_answer *out)
{
	const struct rxc_expr *const *items = right->kind == RXC_SET ? right->items : &right;
	uint32_t count = right->kind == RXC_SET ? right->count : 1, kept = 0;
	uint32_t action;
	bool within = false;

	if (!is_action_operand(left))
		return false;
	for (uint32_t i = 0; i < count; i++)
		if (!is_uid_operand(items[i]))
			return false;
	action = operand_action(check, left);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t other;

		if (!is_action_operand(items[i]))
			continue;
		kept++;
		other = operand_action(check, items[i]);
		if (other == RXC_NONE || action == RXC_NONE) {
			answer(out, false, &rxc_type_bool);
			return true;
		}
		within = within || other == action || rxc_ids_has(check->schema->actions[other].descendants, action);
	}
	answer(out, true, kept > 0 && within ? &rxc_type_true : &rxc_type_false);
	return true;
}

/* Rule 2: no type of the left side can be the type, or below the type, of anything on the right. */
static bool never_in(const struct rxc_check *check, const struct rxc_type *left, const struct rxc_type *right)
{
	if (right->kind == RXC_TYPE_SET)
		right = right->element;
	if (!right || left->kind != RXC_TYPE_ENTITY || right->kind != RXC_TYPE_ENTITY)
		return false;
	for (uint32_t i = 0; i < left->count; i++)
		for (uint32_t j = 0; j < right->count; j++)
			if (left->entities[i] == right->entities[j] ||
			    rxc_ids_has(check->schema->entity_types[right->entities[j]].descendants, left->entities[i]))
				return false;
	return true;
}

static void check_in(struct rxc_check *check, const struct rxc_expr *left, const struct rxc_expr *right, struct rxc_caps prior,
		     struct rxc_answer *out)
{
	struct rxc_answer a, b;

	expect(check, left, prior, EXPECT_ENTITY, RXC_IN, &a);
	expect(check, right, prior, EXPECT_ENTITY_OR_ENTITIES, RXC_IN, &b);
	if (!a.ok || !b.ok || !a.type || !b.type) {
		answer(out, false, &rxc_type_bool);
		return;
	}
	if (in_actions(check, left, right, out))
		return;
	answer(out, true, never_in(check, a.type, b.type) ? &rxc_type_false : &rxc_type_bool);
}

static void check_is(struct rxc_check *check, const struct rxc_expr *expr, const struct rexi_cedar_name *name,
		     struct rxc_caps prior, struct rxc_answer *out)
{
	uint32_t type = rxc_check_type(check, name);
	struct rxc_answer left;
	bool member = false;

	expect(check, expr->left, prior, EXPECT_ENTITY, RXC_IS, &left);
	if (!left.type || left.type->kind != RXC_TYPE_ENTITY) {
		answer(out, left.ok && left.type, &rxc_type_bool);
		return;
	}
	for (uint32_t i = 0; i < left.type->count; i++)
		member = member || left.type->entities[i] == type;
	answer(out, left.ok, !member ? &rxc_type_false : left.type->count == 1 ? &rxc_type_true : &rxc_type_bool);
}

static void check_is_in(struct rxc_check *check, const struct rxc_expr *expr, struct rxc_caps prior, struct rxc_answer *out)
{
	struct rxc_answer is, in;

	check_is(check, expr, expr->is_in->type, prior, &is);
	if (is_false(is.type)) {
		*out = is;
		return;
	}
	check_in(check, expr->left, expr->is_in->in, prior, &in);
	rxc_check_and(check, &is, &in, out);
}

/* ---- Attributes and tags ---- */

/* False when the left side has no type that could have attributes. */
static bool has_attr(struct rxc_check *check, const struct rxc_expr *left, const struct rexi_cedar_name *name,
		     struct rxc_caps prior, struct rxc_answer *out)
{
	struct rxc_attr_lookup found;
	struct rxc_answer base;
	const struct rxc_type *type;

	expect(check, left, prior, EXPECT_ENTITY_OR_RECORD, RXC_HAS, &base);
	if (!base.type) {
		answer(out, false, &rxc_type_bool);
		return false;
	}
	rxc_attr_lookup(check, base.type, name->text, &found);
	if (!found.type) {
		answer(out, base.ok, found.may_exist ? &rxc_type_bool : &rxc_type_false);
		return true;
	}
	/* A record has its required attributes; an entity may be absent from the store. */
	type = (found.required && base.type->kind == RXC_TYPE_RECORD) || rxc_caps_has_attr(prior, left, name) ? &rxc_type_true
													     : &rxc_type_bool;
	settle(out, base.ok, type, rxc_caps_one(check, left, name, NULL));
	return true;
}

static struct rxc_expr *attr_node(struct rxc_check *check, const struct rxc_expr *left, const struct rexi_cedar_name *name,
				  struct rexi_span span)
{
	struct rxc_expr *node = RX_ARENA_NEW(&check->scratch, struct rxc_expr);

	if (!node) {
		rxc_check_no_memory(check);
		return NULL;
	}
	node->kind = RXC_ATTR;
	node->span = span;
	node->left = left;
	node->name = name;
	return node;
}

/* e has a.b.c is ((e has a) && (e.a has b)) && (e.a.b has c). */
static void has_path(struct rxc_check *check, const struct rxc_expr *expr, struct rxc_caps prior, struct rxc_answer *out)
{
	const struct rxc_expr *left = expr->left;
	struct rxc_answer right, both;

	if (!has_attr(check, left, expr->names[0], prior, out))
		return;
	for (uint32_t i = 1; i < expr->count; i++) {
		if (is_false(out->type)) {
			answer(out, out->ok, &rxc_type_false);
			return;
		}
		left = attr_node(check, left, expr->names[i - 1], expr->span);
		if (!left) {
			answer(out, false, &rxc_type_bool);
			return;
		}
		if (!has_attr(check, left, expr->names[i], rxc_caps_union(check, prior, out->caps), &right)) {
			answer(out, false, &rxc_type_bool);
			return;
		}
		rxc_check_and(check, out, &right, &both);
		*out = both;
	}
}

static void check_attr(struct rxc_check *check, const struct rxc_expr *expr, struct rxc_caps prior, struct rxc_answer *out)
{
	struct rxc_attr_lookup found;
	struct rxc_answer base;

	expect(check, expr->left, prior, EXPECT_ENTITY_OR_RECORD, RXC_ATTR, &base);
	if (!base.type) {
		answer(out, false, NULL);
		return;
	}
	rxc_attr_lookup(check, base.type, expr->name->text, &found);
	if (!found.type) {
		rxc_report_no_attr(check, expr, base.type, found.may_exist);
		answer(out, false, NULL);
	} else if (!found.required && !rxc_caps_has_attr(prior, expr->left, expr->name)) {
		rxc_report_optional_attr(check, expr, base.type);
		answer(out, false, found.type);
	} else {
		answer(out, base.ok, found.type);
	}
}

static void check_tag(struct rxc_check *check, const struct rxc_expr *expr, struct rxc_caps prior, struct rxc_answer *out)
{
	const struct rxc_type *tags = NULL;
	struct rxc_answer base, key;
	bool may_exist, guarded, ok;

	expect(check, expr->left, prior, EXPECT_ENTITY, (enum rxc_expr_kind)expr->kind, &base);
	expect(check, expr->right, prior, EXPECT_STRING, (enum rxc_expr_kind)expr->kind, &key);
	ok = base.ok && key.ok && base.type && key.type;
	may_exist = base.type && rxc_tag_lookup(check, base.type, &tags);
	guarded = base.type && rxc_caps_has_tag(prior, expr->left, expr->right);
	if (expr->kind == RXC_HAS_TAG) {
		const struct rxc_type *type = !base.type ? NULL
					      : !may_exist ? &rxc_type_false
					      : guarded ? &rxc_type_true : &rxc_type_bool;

		settle(out, ok, type, ok ? rxc_caps_one(check, expr->left, NULL, expr->right) : RXC_NO_CAPS);
	} else if (!base.type) {
		answer(out, false, NULL);
	} else if (!guarded) {
		rxc_report_unsafe_tag(check, expr, base.type);
		answer(out, false, NULL);
	} else if (!tags) {
		rxc_report_no_tags(check, expr, base.type);
		answer(out, false, NULL);
	} else {
		answer(out, ok, tags);
	}
}

/* ---- Sets and records ---- */

static void check_set(struct rxc_check *check, const struct rxc_expr *expr, struct rxc_caps prior, struct rxc_answer *out)
{
	const struct rxc_type *element = &rxc_type_never, **types;
	struct rxc_type *type;
	bool ok = true, typed = true;

	if (expr->count == 0 && check->strict) {
		rxc_check_report(check, RXC_FINDING_EMPTY_SET_FORBIDDEN, expr->span, NULL, "empty set literals are forbidden in policies");
		answer(out, false, NULL);
		return;
	}
	types = RX_ARENA_ARRAY(&check->scratch, const struct rxc_type *, expr->count);
	if (!types) {
		rxc_check_no_memory(check);
		answer(out, false, NULL);
		return;
	}
	for (uint32_t i = 0; i < expr->count; i++) {
		struct rxc_answer item;

		rxc_check_expr(check, expr->items[i], prior, &item);
		ok = ok && item.ok;
		typed = typed && item.type;
		types[i] = item.type;
	}
	/* An element without a type was reported; what the others have in common is not asked then. */
	for (uint32_t i = 0; i < expr->count && typed && element; i++)
		element = lub(check, expr, element, types[i], "elements of a set");
	type = typed && element ? RX_ARENA_NEW(&check->scratch, struct rxc_type) : NULL;
	if (type) {
		type->kind = RXC_TYPE_SET;
		type->element = element;
	} else if (typed && element) {
		rxc_check_no_memory(check);
	}
	answer(out, ok && type, type);
}

static void check_record(struct rxc_check *check, const struct rxc_expr *expr, struct rxc_caps prior, struct rxc_answer *out)
{
	struct rxc_attr *attrs = RX_ARENA_ARRAY(&check->scratch, struct rxc_attr, expr->count);
	struct rxc_type *type = RX_ARENA_NEW(&check->scratch, struct rxc_type);
	bool ok = true, typed = true;

	if (!attrs || !type) {
		rxc_check_no_memory(check);
		answer(out, false, NULL);
		return;
	}
	for (uint32_t i = 0; i < expr->count; i++) {
		struct rxc_answer value;

		rxc_check_expr(check, expr->fields[i].value, prior, &value);
		ok = ok && value.ok;
		typed = typed && value.type;
		attrs[i] = (struct rxc_attr){ expr->fields[i].name->text, value.type, true };
	}
	if (!typed) {
		answer(out, false, NULL);
		return;
	}
	rxc_attrs_sort(attrs, expr->count);
	type->kind = RXC_TYPE_RECORD;
	type->count = expr->count;
	type->attrs = attrs;
	answer(out, ok, type);
}

static void check_contains(struct rxc_check *check, const struct rxc_expr *expr, struct rxc_caps prior, struct rxc_answer *out)
{
	struct rxc_answer set, item;
	bool ok = true;

	expect(check, expr->left, prior, EXPECT_SET, RXC_CONTAINS, &set);
	rxc_check_expr(check, expr->right, prior, &item);
	if (check->strict && set.type && set.type->kind == RXC_TYPE_SET && set.type->element && item.type)
		ok = lub(check, expr, set.type->element, item.type,
			 "elements of the first operand and the second operand to a `contains` expression") != NULL;
	answer(out, ok && set.ok && set.type && item.ok && item.type, &rxc_type_bool);
}

static void check_contains_many(struct rxc_check *check, const struct rxc_expr *expr, struct rxc_caps prior,
				struct rxc_answer *out)
{
	struct rxc_answer a, b;
	bool ok = true;

	expect(check, expr->left, prior, EXPECT_SET, RXC_CONTAINS_ALL, &a);
	expect(check, expr->right, prior, EXPECT_SET, RXC_CONTAINS_ALL, &b);
	if (check->strict && a.type && b.type)
		ok = lub(check, expr, a.type, b.type,
			 "elements of both set operands to a `containsAll` or `containsAny` expression") != NULL;
	answer(out, ok && a.ok && b.ok && a.type && b.type, &rxc_type_bool);
}

/* ---- Extension functions ---- */

static enum expected expected_of(char letter)
{
	switch (letter) {
	case 'b': return EXPECT_BOOL;
	case 'l': return EXPECT_LONG;
	case 's': return EXPECT_STRING;
	case 'd': return EXPECT_DECIMAL;
	case 'i': return EXPECT_IPADDR;
	case 't': return EXPECT_DATETIME;
	case 'u': return EXPECT_DURATION;
	}
	rx_unreachable();
}

static const struct rxc_type *type_of(char letter)
{
	switch (letter) {
	case 'b': return &rxc_type_bool;
	case 'l': return &rxc_type_long;
	case 's': return &rxc_type_string;
	case 'd': return &rxc_type_extensions[RXC_TYPE_DECIMAL];
	case 'i': return &rxc_type_extensions[RXC_TYPE_IPADDR];
	case 't': return &rxc_type_extensions[RXC_TYPE_DATETIME];
	case 'u': return &rxc_type_extensions[RXC_TYPE_DURATION];
	}
	rx_unreachable();
}

static bool is_constructor(enum rxc_function function)
{
	return function == RXC_FN_DECIMAL || function == RXC_FN_IP || function == RXC_FN_DATETIME || function == RXC_FN_DURATION;
}

/* The argument of a constructor must be a literal, and one that it can read. */
static bool constructor_ok(struct rxc_check *check, const struct rxc_expr *expr, enum rxc_function function)
{
	static const char *const kinds[RXC_FUNCTIONS] = {
		[RXC_FN_DECIMAL] = "a decimal value",
		[RXC_FN_IP] = "IP address",
		[RXC_FN_DATETIME] = "a datetime value",
		[RXC_FN_DURATION] = "a duration value",
	};
	struct rexi_cedar_ext parsed;
	char why[RXC_EXT_MESSAGE];
	bool ok = true;

	if (expr->count == 1 && expr->items[0]->kind == RXC_STRING &&
	    !rxc_ext_parse(function, expr->items[0]->text, &parsed, why)) {
		struct rexi_str text = expr->items[0]->text;

		rxc_check_report(check, RXC_FINDING_FUNCTION_ARGUMENT_VALIDATION, expr->span, why,
				 "error during extension function argument validation: failed to parse as %s: `\"%.*s\"`", kinds[function],
				 RX_STR_ARG(text));
		ok = false;
	}
	for (uint32_t i = 0; i < expr->count && check->strict; i++) {
		if (is_literal(expr->items[i]))
			continue;
		rxc_check_report(check, RXC_FINDING_NON_LIT_EXT_CONSTRUCTOR, expr->span,
				 "give the text itself, or pass the value in the context or an attribute",
				 "extension constructors may not be called with non-literal expressions");
		return false;
	}
	return ok;
}

static void check_call(struct rxc_check *check, const struct rxc_expr *expr, struct rxc_caps prior, struct rxc_answer *out)
{
	enum rxc_function function = (enum rxc_function)expr->sub;
	const struct rxc_function_info *info;
	struct rxc_answer argument;
	bool sound = true, ok;

	if (function >= RXC_FUNCTIONS) {
		rxc_check_report(check, RXC_FINDING_UNDEFINED_FUNCTION, expr->span, NULL, "undefined extension function: %.*s",
				 RX_STR_ARG(expr->function->text));
		answer(out, false, NULL);
		return;
	}
	info = &rxc_functions[function];
	if (expr->count != info->arg_count) {
		rxc_check_report(check, RXC_FINDING_WRONG_NUMBER_ARGUMENTS, expr->span, NULL,
				 "wrong number of arguments in extension function application. Expected %u, got %u", info->arg_count,
				 expr->count);
		sound = false;
	}
	if (is_constructor(function) && !constructor_ok(check, expr, function))
		sound = false;
	ok = sound;
	for (uint32_t i = 0; i < expr->count; i++) {
		if (sound)
			expect(check, expr->items[i], prior, expected_of(info->params[i]), RXC_CALL, &argument);
		else
			rxc_check_expr(check, expr->items[i], prior, &argument);
		ok = ok && argument.ok && argument.type;
	}
	answer(out, ok, type_of(info->result));
}

/* ---- Dispatch ---- */

static const struct rxc_type *variable_type(const struct rxc_check *check, enum rxc_var variable)
{
	const struct rxc_schema *schema = check->schema;

	switch (variable) {
	case RXC_PRINCIPAL: return schema->entity_types[check->env.principal].type;
	case RXC_ACTION: return schema->entity_types[schema->actions[check->env.action].type].type;
	case RXC_RESOURCE: return schema->entity_types[check->env.resource].type;
	case RXC_CONTEXT: return schema->actions[check->env.action].context;
	}
	rx_unreachable();
}

static void remember(struct rxc_check *check, const struct rxc_expr *expr, const struct rxc_type *type);

static void check_any(struct rxc_check *check, const struct rxc_expr *expr, struct rxc_caps prior, struct rxc_answer *out)
{
	struct rxc_answer left;

	switch ((enum rxc_expr_kind)expr->kind) {
	case RXC_BOOL: answer(out, true, expr->integer ? &rxc_type_true : &rxc_type_false); return;
	case RXC_LONG: answer(out, true, &rxc_type_long); return;
	case RXC_STRING: answer(out, true, &rxc_type_string); return;
	case RXC_UID: check_uid(check, expr->uid, out); return;
	case RXC_VAR: answer(out, true, variable_type(check, (enum rxc_var)expr->sub)); return;
	case RXC_SLOT: answer(out, true, &rxc_type_any_entity); return;
	case RXC_NOT:
		rxc_check_bool(check, expr->left, prior, &left);
		answer(out, left.ok && left.type, negated(left.type));
		return;
	case RXC_IS_EMPTY:
		expect(check, expr->left, prior, EXPECT_SET, RXC_IS_EMPTY, &left);
		answer(out, left.ok && left.type, &rxc_type_bool);
		return;
	case RXC_NEG:
	case RXC_ADD:
	case RXC_SUB:
	case RXC_MUL: check_arithmetic(check, expr, prior, out); return;
	case RXC_AND: check_and(check, expr, prior, out); return;
	case RXC_OR: check_or(check, expr, prior, out); return;
	case RXC_EQ: check_eq(check, expr, prior, out); return;
	case RXC_NE:
		check_eq(check, expr, prior, &left);
		answer(out, left.ok, negated(left.type));
		return;
	case RXC_LT:
	case RXC_LE:
	case RXC_GT:
	case RXC_GE: check_order(check, expr, prior, out); return;
	case RXC_IN: check_in(check, expr->left, expr->right, prior, out); return;
	case RXC_CONTAINS: check_contains(check, expr, prior, out); return;
	case RXC_CONTAINS_ALL:
	case RXC_CONTAINS_ANY: check_contains_many(check, expr, prior, out); return;
	case RXC_GET_TAG:
	case RXC_HAS_TAG: check_tag(check, expr, prior, out); return;
	case RXC_ATTR: check_attr(check, expr, prior, out); return;
	case RXC_HAS: (void)has_attr(check, expr->left, expr->name, prior, out); return;
	case RXC_HAS_PATH: has_path(check, expr, prior, out); return;
	case RXC_LIKE:
		expect(check, expr->left, prior, EXPECT_STRING, RXC_LIKE, &left);
		answer(out, left.ok && left.type, &rxc_type_bool);
		return;
	case RXC_IS: check_is(check, expr, expr->name, prior, out); return;
	case RXC_IS_IN: check_is_in(check, expr, prior, out); return;
	case RXC_IF: check_if(check, expr, prior, out); return;
	case RXC_SET: check_set(check, expr, prior, out); return;
	case RXC_RECORD: check_record(check, expr, prior, out); return;
	case RXC_CALL: check_call(check, expr, prior, out); return;
	case RXC_EXPR_KINDS: break;
	}
	rx_unreachable();
}

void rxc_check_expr(struct rxc_check *check, const struct rxc_expr *expr, struct rxc_caps prior, struct rxc_answer *out)
{
	if (check->status != REXI_OK) {
		answer(out, false, NULL);
		return;
	}
	check_any(check, expr, prior, out);
	if (check->levels)
		remember(check, expr, out->type);
}

/* ---- What was reached, for the level check ---- */

static size_t typed_slot(const struct rxc_check *check, const struct rxc_expr *expr)
{
	size_t at = (size_t)rx_hash_mix((uint64_t)(uintptr_t)expr, 0) & (check->typed_cap - 1);

	while (check->typed[at].expr && check->typed[at].expr != expr)
		at = (at + 1) & (check->typed_cap - 1);
	return at;
}

static void remember(struct rxc_check *check, const struct rxc_expr *expr, const struct rxc_type *type)
{
	size_t at;

	if ((check->typed_count + 1) * 2 > check->typed_cap) {
		struct rxc_typed_slot *old = check->typed;
		size_t old_cap = check->typed_cap;
		struct rxc_typed_slot *fresh;

		check->typed_cap = old_cap ? old_cap * 2 : 64;
		fresh = RX_ARENA_ARRAY(&check->scratch, struct rxc_typed_slot, check->typed_cap);
		if (!fresh) {
			check->typed_cap = old_cap;
			rxc_check_no_memory(check);
			return;
		}
		check->typed = fresh;
		for (size_t i = 0; i < old_cap; i++)
			if (old[i].expr)
				check->typed[typed_slot(check, old[i].expr)] = old[i];
	}
	at = typed_slot(check, expr);
	check->typed_count += !check->typed[at].expr;
	check->typed[at] = (struct rxc_typed_slot){ expr, type ? type : &rxc_type_never };
}

const struct rxc_type *rxc_check_typed(const struct rxc_check *check, const struct rxc_expr *expr)
{
	return check->typed_cap ? check->typed[typed_slot(check, expr)].type : NULL;
}
