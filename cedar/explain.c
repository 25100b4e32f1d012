/* How near policies came: the first clause that failed, and the values that made it fail. The slow path of a decision. */
#include <config.h>

#include "cedar/authorize.h"

#include <stdlib.h>

#include "cedar/print.h"

#include "base/banned.h"

enum { MOST_NEAR = 32, MOST_VALUE_LEN = 200 };

struct explain {
	struct rexi_cedar_authorizer *authorizer;
	const struct rxc_expr *part; /* the term that decided, so far */
	bool part_holds, whole;
	struct rx_buf buf; /* of texts before they go to the arena */
	bool no_memory;
};

static struct rexi_str keep(struct explain *explain)
{
	struct rexi_str text = { "", 0 };

	if (explain->buf.len)
		text = rx_arena_copy(&explain->authorizer->scratch.arena, rx_buf_view(&explain->buf));
	explain->no_memory |= !text.ptr || explain->buf.failed;
	rx_buf_clear(&explain->buf);
	return text.ptr ? text : (struct rexi_str){ "", 0 };
}

/* Evaluates an expression on its own; false when it errs. */
static bool value_of(struct explain *explain, const struct rxc_expr *expr, struct rexi_cedar_value *out)
{
	struct rexi_cedar_authorizer *authorizer = explain->authorizer;
	struct rxc_code *code = rxc_compile_expression(&authorizer->scratch.arena, &authorizer->memory, expr);
	bool good;

	if (!code) {
		explain->no_memory = true;
		return false;
	}
	authorizer->eval.set = NULL;
	authorizer->eval.whole = expr;
	good = rxc_eval_run(&authorizer->eval, code, out);
	authorizer->eval.set = authorizer->set;
	return good;
}

static bool is_literal(const struct rxc_expr *expr)
{
	return expr->kind <= RXC_UID || expr->flags & RXC_EXPR_CONST || (expr->kind == RXC_CALL && expr->count == 1 && expr->items[0]->kind == RXC_STRING);
}

/* "expr = value" for what is not written out in the policy. */
static void add_operand(struct explain *explain, const struct rxc_expr *expr)
{
	struct rexi_cedar_value value;
	size_t start;

	if (is_literal(expr) || !value_of(explain, expr, &value))
		return;
	if (explain->buf.len)
		RX_BUF_LIT(&explain->buf, ", ");
	rxc_expr_print(&explain->buf, expr);
	RX_BUF_LIT(&explain->buf, " = ");
	start = explain->buf.len;
	rxc_value_print(&explain->buf, &value);
	if (explain->buf.len > start + MOST_VALUE_LEN) {
		explain->buf.len = start + MOST_VALUE_LEN;
		while (explain->buf.len > start && ((unsigned char)explain->buf.ptr[explain->buf.len] & 0xC0) == 0x80)
			explain->buf.len--; /* not within a character */
		RX_BUF_LIT(&explain->buf, "...");
	}
}

/* The operands that made `expr` come out as `truth`. */
static void add_values(struct explain *explain, const struct rxc_expr *expr, bool truth)
{
	struct rexi_cedar_value value;

	if (!explain->whole) { /* within a term that decided as a whole, values alone are of interest */
		explain->part = expr;
		explain->part_holds = truth;
	}
	switch ((enum rxc_expr_kind)expr->kind) {
	case RXC_AND:
	case RXC_OR:
		explain->whole |= expr->kind == RXC_AND ? truth : !truth;
		for (uint32_t i = 0; i < expr->count; i++) {
			bool decided = expr->kind == RXC_AND ? !truth : truth;

			if (!value_of(explain, expr->items[i], &value) || value.kind != REXI_CEDAR_BOOL)
				return;
			if (decided && (value.as.integer != 0) != truth)
				continue;
			add_values(explain, expr->items[i], truth);
			if (decided)
				return; /* the first that decides */
		}
		return;
	case RXC_NOT:
		add_values(explain, expr->left, !truth);
		return;
	case RXC_EQ: case RXC_NE: case RXC_LT: case RXC_LE: case RXC_GT: case RXC_GE: case RXC_IN: case RXC_CONTAINS: case RXC_CONTAINS_ALL:
	case RXC_CONTAINS_ANY: case RXC_GET_TAG: case RXC_HAS_TAG: case RXC_ADD: case RXC_SUB: case RXC_MUL:
		add_operand(explain, expr->left);
		add_operand(explain, expr->right);
		return;
	case RXC_HAS: case RXC_HAS_PATH: case RXC_LIKE: case RXC_IS: case RXC_IS_EMPTY: case RXC_NEG:
		add_operand(explain, expr->left);
		return;
	case RXC_IS_IN:
		add_operand(explain, expr->left);
		add_operand(explain, expr->is_in->in);
		return;
	case RXC_IF:
		if (!value_of(explain, expr->items[0], &value) || value.kind != REXI_CEDAR_BOOL)
			return;
		explain->whole = true;
		add_values(explain, expr->items[0], value.as.integer != 0);
		add_values(explain, expr->items[value.as.integer ? 1 : 2], truth);
		return;
	case RXC_CALL:
		for (uint32_t i = 0; i < expr->count; i++)
			add_operand(explain, expr->items[i]);
		return;
	case RXC_BOOL: case RXC_LONG: case RXC_STRING: case RXC_UID: case RXC_SLOT: case RXC_SET: case RXC_RECORD:
		return;
	case RXC_VAR:
	case RXC_ATTR:
		add_operand(explain, expr);
		return;
	case RXC_EXPR_KINDS:
		break;
	}
	rx_unreachable();
}

static void describe_scope(struct explain *explain, struct rexi_cedar_near *near, struct rxc_policy policy, const struct rxc_template *tree, unsigned part)
{
	static const char *const names[] = { "principal", "action", "resource" };
	static const enum rxc_var vars[] = { RXC_PRINCIPAL, RXC_ACTION, RXC_RESOURCE };
	const struct rxc_scope *scope = part == 0 ? &tree->principal : part == 1 ? &tree->action : &tree->resource;
	const struct rxc_uid *slot = part == 0 ? rxc_policy_slot(policy, RXC_SLOT_PRINCIPAL) : part == 2 ? rxc_policy_slot(policy, RXC_SLOT_RESOURCE) : NULL;
	struct rxc_scope bound = *scope;

	if (scope->flags & RXC_SCOPE_SLOT && slot) { /* a link: show what it is bound to */
		bound.flags &= (uint8_t)~RXC_SCOPE_SLOT;
		bound.uid = slot;
	}
	rxc_scope_print(&explain->buf, names[part], &bound);
	near->clause = keep(explain);
	near->span = scope->span;
	rx_buf_printf(&explain->buf, "%s = ", names[part]);
	rxc_uid_print(&explain->buf, &explain->authorizer->eval.subjects[vars[part]].uid);
	near->values = keep(explain);
}

static void describe_condition(struct explain *explain, struct rexi_cedar_near *near, const struct rxc_template *body, const struct rxc_condition *condition)
{
	near->span = condition->span;
	if (body->source) {
		near->clause = rx_str_sub(*body->source, condition->span.start, condition->span.end - condition->span.start);
	} else {
		rx_buf_str(&explain->buf, condition->unless ? RX_STR("unless { ") : RX_STR("when { "));
		rxc_expr_print(&explain->buf, condition->body);
		RX_BUF_LIT(&explain->buf, " }");
		near->clause = keep(explain);
	}
	explain->whole = false;
	add_values(explain, condition->body, condition->unless);
	near->values = keep(explain);
	near->part_holds = explain->part_holds;
	if (body->source) {
		near->part = rx_str_sub(*body->source, explain->part->span.start, explain->part->span.end - explain->part->span.start);
	} else {
		rxc_expr_print(&explain->buf, explain->part);
		near->part = keep(explain);
	}
}

/* Counts the clauses that hold; false when the policy applies or errs, and so is reported elsewhere. */
static bool measure(struct explain *explain, struct rxc_policy policy, struct rexi_cedar_near *near, bool describe)
{
	struct rxc_eval *eval = &explain->authorizer->eval;
	const struct rxc_body *body = rxc_policy_body(policy);
	bool parts[3] = {
		rxc_eval_scope_part(eval, policy, RXC_PRINCIPAL),
		rxc_eval_scope_part(eval, policy, RXC_ACTION),
		rxc_eval_scope_part(eval, policy, RXC_RESOURCE),
	};
	const struct rxc_template *tree = NULL;
	struct rexi_cedar_value value;

	near->clauses_total = 3 + body->condition_count;
	near->clauses_held = (unsigned)parts[0] + parts[1] + parts[2];
	if (describe || near->clauses_held == 3) {
		tree = rxc_trees_get(&explain->authorizer->trees, body);
		explain->no_memory |= !tree;
		if (!tree)
			return false;
	}
	if (near->clauses_held < 3) {
		if (describe)
			describe_scope(explain, near, policy, tree, !parts[0] ? 0 : !parts[1] ? 1 : 2);
		return true;
	}
	eval->slots = rxc_policy_link(policy) ? rxc_policy_link(policy)->slots : NULL;
	for (uint32_t i = 0; i < tree->condition_count; i++) {
		const struct rxc_condition *condition = &tree->conditions[i];

		if (!value_of(explain, condition->body, &value) || value.kind != REXI_CEDAR_BOOL)
			return false;
		if ((value.as.integer != 0) != condition->unless) {
			near->clauses_held++;
			continue;
		}
		if (describe)
			describe_condition(explain, near, tree, condition);
		return true;
	}
	return false;
}

/* Keeps the nearest, most clauses first, then in the order of the set; permits before forbids. */
static bool keep_near(struct explain *explain, struct rexi_cedar_near near)
{
	struct rexi_cedar_authorizer *authorizer = explain->authorizer;
	struct rexi_cedar_near *list;
	size_t at = authorizer->near_count;

	if (!RX_GROW(&authorizer->memory, &authorizer->near, &authorizer->near_cap, MOST_NEAR + 1))
		return false;
	list = authorizer->near;
	while (at > 0 && (list[at - 1].forbid > near.forbid || (list[at - 1].forbid == near.forbid && list[at - 1].clauses_held < near.clauses_held)))
		at--;
	if (at == MOST_NEAR)
		return true;
	memmove(&list[at + 1], &list[at], (authorizer->near_count - at) * sizeof(*list));
	list[at] = near;
	if (authorizer->near_count < MOST_NEAR)
		authorizer->near_count++;
	return true;
}

enum rexi_status rxc_explain(struct rexi_cedar_authorizer *authorizer, struct rexi_error *err)
{
	struct explain explain = { .authorizer = authorizer };
	const struct rexi_cedar_policies *set = authorizer->set;
	bool good = true;

	rx_buf_init(&explain.buf, &authorizer->memory, 0);
	for (size_t i = 0; i < set->policy_count && good; i++) {
		struct rxc_policy policy = set->policies[i];
		struct rexi_cedar_near near = { .policy = i, .id = rxc_policy_id(policy), .forbid = rxc_policy_body(policy)->flags & RXC_BODY_FORBID };
		bool counts = measure(&explain, policy, &near, false);

		rxc_trees_reset(&authorizer->trees);
		if (counts && (!near.forbid || near.clauses_held >= 3)) /* a forbid is considered when its scope holds */
			good = keep_near(&explain, near);
	}
	for (size_t i = 0; i < authorizer->near_count && good; i++)
		(void)measure(&explain, set->policies[authorizer->near[i].policy], &authorizer->near[i], true);
	good &= !explain.no_memory && authorizer->eval.status == REXI_OK;
	rx_buf_fini(&explain.buf);
	if (good)
		return REXI_OK;
	if (authorizer->eval.status == REXI_LIMIT)
		return rx_fail(err, REXI_LIMIT, RX_NO_SPAN, "explaining the decision took too many steps");
	return rx_fail_memory(err);
}
