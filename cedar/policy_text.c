#include <config.h>

#include "cedar/print.h"

#include <stdlib.h>

#include "base/unicode.h"
#include "base/utf8.h"
#include "cedar/value.h"

#include "base/banned.h"

/* ---- constant folding as it shows in print -------------------------------------------------------------------------- */

/* The reference folds && and || of two boolean literals when it builds them. -1: not a literal. */
static int literal_of(const struct rxc_expr *expr)
{
	int value;

	if (expr->kind == RXC_BOOL)
		return expr->integer != 0;
	if (expr->kind != RXC_AND && expr->kind != RXC_OR)
		return -1;
	value = literal_of(expr->items[0]);
	for (uint32_t i = 1; i < expr->count && value >= 0; i++) {
		int next = literal_of(expr->items[i]);

		value = next < 0 ? -1 : expr->kind == RXC_AND ? value && next : value || next;
	}
	return value;
}

/* ---- words ----------------------------------------------------------------------------------------------------------- */

static void print_key(struct rx_buf *buf, struct rexi_str name)
{
	if (rxc_is_identifier(name) && !rxc_is_reserved(name))
		rx_buf_str(buf, name);
	else
		rxc_quote(buf, name);
}

static void print_pattern(struct rx_buf *buf, const struct rxc_pattern *pattern)
{
	rx_buf_byte(buf, '"');
	for (uint32_t i = 0; i < pattern->part_count; i++) {
		const struct rxc_pattern_part *part = &pattern->parts[i];

		rx_buf_repeat(buf, '*', part->wildcards);
		for (size_t at = 0; !part->wildcards && at < part->text.len;) {
			size_t start = at;
			uint32_t code = rx_utf8_next(part->text, &at);

			if (code == '*')
				RX_BUF_LIT(buf, "\\*");
			else
				rxc_escape(buf, rx_str_sub(part->text, start, at - start));
		}
	}
	rx_buf_byte(buf, '"');
}

/* ---- expressions ----------------------------------------------------------------------------------------------------- */

static bool needs_parens(const struct rxc_expr *expr)
{
	switch ((enum rxc_expr_kind)expr->kind) {
	case RXC_BOOL: case RXC_LONG: case RXC_STRING: case RXC_UID: case RXC_VAR: case RXC_SLOT: case RXC_ATTR: case RXC_SET: case RXC_RECORD:
	case RXC_CALL: case RXC_CONTAINS: case RXC_CONTAINS_ALL: case RXC_CONTAINS_ANY: case RXC_GET_TAG: case RXC_HAS_TAG: case RXC_IS_EMPTY:
		return false;
	case RXC_AND: case RXC_OR:
		return literal_of(expr) < 0;
	case RXC_NOT: case RXC_NEG: case RXC_EQ: case RXC_NE: case RXC_LT: case RXC_LE: case RXC_GT: case RXC_GE: case RXC_IN: case RXC_ADD:
	case RXC_SUB: case RXC_MUL: case RXC_HAS: case RXC_HAS_PATH: case RXC_LIKE: case RXC_IS: case RXC_IS_IN: case RXC_IF:
		return true;
	case RXC_EXPR_KINDS:
		break;
	}
	rx_unreachable();
}

static void operand(struct rx_buf *buf, const struct rxc_expr *expr)
{
	bool parens = needs_parens(expr);

	if (parens)
		rx_buf_byte(buf, '(');
	rxc_expr_print(buf, expr);
	if (parens)
		rx_buf_byte(buf, ')');
}

static void print_chain(struct rx_buf *buf, const struct rxc_expr *expr)
{
	struct rexi_str sign = expr->kind == RXC_AND ? RX_STR(" && ") : RX_STR(" || ");
	int prefix = literal_of(expr->items[0]);
	uint32_t next = 1;

	for (; prefix >= 0 && next < expr->count; next++) {
		int value = literal_of(expr->items[next]);

		if (value < 0)
			break;
		prefix = expr->kind == RXC_AND ? prefix && value : prefix || value;
	}
	if (prefix >= 0)
		rx_buf_str(buf, prefix ? RX_STR("true") : RX_STR("false"));
	else if (expr->kind == RXC_AND && expr->items[0]->kind == RXC_IS_IN)
		rxc_expr_print(buf, expr->items[0]); /* is && itself */
	else
		operand(buf, expr->items[0]);
	for (; next < expr->count; next++) {
		rx_buf_str(buf, sign);
		operand(buf, expr->items[next]);
	}
}

/* a + b + c needs no parentheses on the left. */
static void print_binary(struct rx_buf *buf, const struct rxc_expr *expr, struct rexi_str sign, bool chains)
{
	if (chains && expr->left->kind == expr->kind)
		rxc_expr_print(buf, expr->left);
	else
		operand(buf, expr->left);
	rx_buf_str(buf, sign);
	operand(buf, expr->right);
}

static void print_negated(struct rx_buf *buf, const struct rxc_expr *expr, struct rexi_str sign)
{
	RX_BUF_LIT(buf, "!(");
	print_binary(buf, expr, sign, false);
	rx_buf_byte(buf, ')');
}

static void print_method(struct rx_buf *buf, const struct rxc_expr *expr, const char *name)
{
	operand(buf, expr->left);
	rx_buf_byte(buf, '.');
	rx_buf_str(buf, rx_str(name));
	rx_buf_byte(buf, '(');
	if (expr->kind != RXC_IS_EMPTY)
		rxc_expr_print(buf, expr->right);
	rx_buf_byte(buf, ')');
}

static void print_items(struct rx_buf *buf, const struct rxc_expr *const *items, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		if (i)
			RX_BUF_LIT(buf, ", ");
		rxc_expr_print(buf, items[i]);
	}
}

static void print_call(struct rx_buf *buf, const struct rxc_expr *expr)
{
	bool method = expr->sub < RXC_FUNCTIONS && rxc_functions[expr->sub].is_method && expr->count;
	struct rexi_str name = expr->sub < RXC_FUNCTIONS ? rx_str(rxc_functions[expr->sub].name) : expr->function->text;

	if (method) {
		operand(buf, expr->items[0]);
		rx_buf_byte(buf, '.');
	}
	rx_buf_str(buf, name);
	rx_buf_byte(buf, '(');
	print_items(buf, expr->items + method, expr->count - method);
	rx_buf_byte(buf, ')');
}

struct rexi_str rxc_field_id(const void *fields, size_t at)
{
	return ((const struct rxc_field *)fields)[at].name->text;
}

static void print_record(struct rx_buf *buf, const struct rxc_expr *expr)
{
	uint32_t *order = rxc_sorted_ids(buf->memory, expr->count, rxc_field_id, expr->fields);

	rx_buf_byte(buf, '{');
	for (uint32_t i = 0; order && i < expr->count; i++) {
		if (i)
			RX_BUF_LIT(buf, ", ");
		print_key(buf, expr->fields[order[i]].name->text);
		RX_BUF_LIT(buf, ": ");
		rxc_expr_print(buf, expr->fields[order[i]].value);
	}
	rx_buf_byte(buf, '}');
	buf->failed |= !order;
	rx_memory_give(buf->memory, order, order ? (expr->count + 1u) * sizeof(*order) : 0);
}

static void print_has(struct rx_buf *buf, const struct rxc_expr *expr)
{
	operand(buf, expr->left);
	RX_BUF_LIT(buf, " has ");
	if (expr->kind == RXC_HAS)
		print_key(buf, expr->name->text);
	for (uint32_t i = 0; expr->kind == RXC_HAS_PATH && i < expr->count; i++) {
		if (i)
			rx_buf_byte(buf, '.');
		print_key(buf, expr->names[i]->text);
	}
}

static void print_attribute(struct rx_buf *buf, const struct rxc_expr *expr)
{
	struct rexi_str name = expr->name->text;

	operand(buf, expr->left);
	if (rxc_is_identifier(name) && !rxc_is_reserved(name)) {
		rx_buf_byte(buf, '.');
		rx_buf_str(buf, name);
		return;
	}
	rx_buf_byte(buf, '[');
	rxc_quote(buf, name);
	rx_buf_byte(buf, ']');
}

void rxc_expr_print(struct rx_buf *buf, const struct rxc_expr *expr)
{
	static const char *const variables[] = { "principal", "action", "resource", "context" };

	switch ((enum rxc_expr_kind)expr->kind) {
	case RXC_BOOL:
		rx_buf_str(buf, expr->integer ? RX_STR("true") : RX_STR("false"));
		return;
	case RXC_LONG:
		if (expr->integer < 0)
			rx_buf_byte(buf, '(');
		rx_buf_i64(buf, expr->integer);
		if (expr->integer < 0)
			rx_buf_byte(buf, ')');
		return;
	case RXC_STRING:
		rxc_quote(buf, expr->text);
		return;
	case RXC_UID:
		rxc_uid_print(buf, &expr->uid->uid);
		return;
	case RXC_VAR:
		rx_buf_str(buf, rx_str(variables[expr->sub]));
		return;
	case RXC_SLOT:
		rx_buf_str(buf, expr->sub == RXC_SLOT_PRINCIPAL ? RX_STR("?principal") : RX_STR("?resource"));
		return;
	case RXC_NOT:
		rx_buf_byte(buf, '!');
		operand(buf, expr->left);
		return;
	case RXC_NEG:
		RX_BUF_LIT(buf, "-(");
		rxc_expr_print(buf, expr->left);
		rx_buf_byte(buf, ')');
		return;
	case RXC_AND:
	case RXC_OR:
		print_chain(buf, expr);
		return;
	case RXC_EQ: print_binary(buf, expr, RX_STR(" == "), false); return;
	case RXC_NE: print_negated(buf, expr, RX_STR(" == ")); return;
	case RXC_LT: print_binary(buf, expr, RX_STR(" < "), false); return;
	case RXC_LE: print_binary(buf, expr, RX_STR(" <= "), false); return;
	case RXC_GT: print_negated(buf, expr, RX_STR(" <= ")); return;
	case RXC_GE: print_negated(buf, expr, RX_STR(" < ")); return;
	case RXC_IN: print_binary(buf, expr, RX_STR(" in "), false); return;
	case RXC_ADD: print_binary(buf, expr, RX_STR(" + "), true); return;
	case RXC_SUB: print_binary(buf, expr, RX_STR(" - "), true); return;
	case RXC_MUL: print_binary(buf, expr, RX_STR(" * "), true); return;
	case RXC_CONTAINS: print_method(buf, expr, "contains"); return;
	case RXC_CONTAINS_ALL: print_method(buf, expr, "containsAll"); return;
	case RXC_CONTAINS_ANY: print_method(buf, expr, "containsAny"); return;
	case RXC_GET_TAG: print_method(buf, expr, "getTag"); return;
	case RXC_HAS_TAG: print_method(buf, expr, "hasTag"); return;
	case RXC_IS_EMPTY: print_method(buf, expr, "isEmpty"); return;
	case RXC_ATTR: print_attribute(buf, expr); return;
	case RXC_HAS:
	case RXC_HAS_PATH:
		print_has(buf, expr);
		return;
	case RXC_LIKE:
		operand(buf, expr->left);
		RX_BUF_LIT(buf, " like ");
		print_pattern(buf, expr->pattern);
		return;
	case RXC_IS:
		operand(buf, expr->left);
		RX_BUF_LIT(buf, " is ");
		rx_buf_str(buf, expr->name->text);
		return;
	case RXC_IS_IN:
		rx_buf_byte(buf, '(');
		operand(buf, expr->left);
		RX_BUF_LIT(buf, " is ");
		rx_buf_str(buf, expr->is_in->type->text);
		RX_BUF_LIT(buf, ") && (");
		operand(buf, expr->left);
		RX_BUF_LIT(buf, " in ");
		operand(buf, expr->is_in->in);
		rx_buf_byte(buf, ')');
		return;
	case RXC_IF:
		RX_BUF_LIT(buf, "if ");
		rxc_expr_print(buf, expr->items[0]);
		RX_BUF_LIT(buf, " then ");
		rxc_expr_print(buf, expr->items[1]);
		RX_BUF_LIT(buf, " else ");
		rxc_expr_print(buf, expr->items[2]);
		return;
	case RXC_SET:
		rx_buf_byte(buf, '[');
		print_items(buf, expr->items, expr->count);
		rx_buf_byte(buf, ']');
		return;
	case RXC_RECORD: print_record(buf, expr); return;
	case RXC_CALL: print_call(buf, expr); return;
	case RXC_EXPR_KINDS:
		break;
	}
	rx_unreachable();
}

/* ---- policies -------------------------------------------------------------------------------------------------------- */

void rxc_scope_print(struct rx_buf *buf, const char *variable, const struct rxc_scope *scope)
{
	rx_buf_str(buf, rx_str(variable));
	switch ((enum rxc_scope_op)scope->op) {
	case RXC_SCOPE_ANY:
		return;
	case RXC_SCOPE_EQ:
		RX_BUF_LIT(buf, " == ");
		break;
	case RXC_SCOPE_IS:
	case RXC_SCOPE_IS_IN:
		RX_BUF_LIT(buf, " is ");
		rx_buf_str(buf, scope->type->text);
		if (scope->op == RXC_SCOPE_IS)
			return;
		RX_BUF_LIT(buf, " in ");
		break;
	case RXC_SCOPE_IN:
	case RXC_SCOPE_IN_SET:
		RX_BUF_LIT(buf, " in ");
		break;
	}
	if (scope->flags & RXC_SCOPE_SLOT) {
		rx_buf_byte(buf, '?');
		rx_buf_str(buf, rx_str(variable));
		return;
	}
	if (scope->op != RXC_SCOPE_IN_SET && !(scope->op == RXC_SCOPE_IN && variable[0] == 'a')) {
		rxc_uid_print(buf, &scope->uid->uid);
		return;
	}
	rx_buf_byte(buf, '['); /* action in A is action in [A] */
	for (uint32_t i = 0; i < (scope->op == RXC_SCOPE_IN ? 1 : scope->count); i++) {
		if (i)
			rx_buf_byte(buf, ',');
		rxc_uid_print(buf, scope->op == RXC_SCOPE_IN ? &scope->uid->uid : &scope->uids[i]->uid);
	}
	rx_buf_byte(buf, ']');
}

/* Conditions as one expression: the first && (the second && (...)), `unless` as a negation. */
static void print_conditions(struct rx_buf *buf, const struct rxc_condition *conditions, uint32_t count)
{
	uint32_t open = 0, rest = count;

	/* what is folded to a literal from the end, as the reference builds it from the end */
	for (uint32_t i = 0; i < count; i++) {
		const struct rxc_condition *condition = &conditions[i];
		bool last = i + 1 == count;

		if (count == 2 && rest == 2 && !conditions[0].unless && !conditions[1].unless && literal_of(conditions[0].body) >= 0 &&
		    literal_of(conditions[1].body) >= 0) {
			rx_buf_str(buf, literal_of(conditions[0].body) && literal_of(conditions[1].body) ? RX_STR("true") : RX_STR("false"));
			return;
		}
		if (condition->unless && last && count == 1) {
			rx_buf_byte(buf, '!');
			operand(buf, condition->body);
		} else if (condition->unless) {
			RX_BUF_LIT(buf, "(!");
			operand(buf, condition->body);
			rx_buf_byte(buf, ')');
		} else if ((condition->body->kind == RXC_AND || condition->body->kind == RXC_IS_IN) && !last && literal_of(condition->body) < 0) {
			rxc_expr_print(buf, condition->body); /* on the left of && a chain needs no parentheses */
		} else if (count == 1) {
			rxc_expr_print(buf, condition->body);
		} else {
			operand(buf, condition->body);
		}
		if (last)
			break;
		RX_BUF_LIT(buf, " && ");
		if (i + 2 < count) {
			rx_buf_byte(buf, '(');
			open++;
		}
	}
	rx_buf_repeat(buf, ')', open);
}

void rxc_template_print(struct rx_buf *buf, const struct rxc_template *body)
{
	for (uint32_t i = 0; i < body->annotation_count; i++) {
		rx_buf_byte(buf, '@');
		rx_buf_str(buf, body->annotations[i].key->text);
		rx_buf_byte(buf, '(');
		rxc_quote(buf, body->annotations[i].value);
		RX_BUF_LIT(buf, ")\n");
	}
	rx_buf_str(buf, body->forbid ? RX_STR("forbid(\n  ") : RX_STR("permit(\n  "));
	rxc_scope_print(buf, "principal", &body->principal);
	RX_BUF_LIT(buf, ",\n  ");
	rxc_scope_print(buf, "action", &body->action);
	RX_BUF_LIT(buf, ",\n  ");
	rxc_scope_print(buf, "resource", &body->resource);
	RX_BUF_LIT(buf, "\n)");
	if (body->condition_count) {
		RX_BUF_LIT(buf, " when {\n  ");
		print_conditions(buf, body->conditions, body->condition_count);
		RX_BUF_LIT(buf, "\n}");
	}
	rx_buf_byte(buf, ';');
}

/* ---- sets -------------------------------------------------------------------------------------------------------------- */

struct sortable {
	struct rexi_str id;
	uint32_t at;
};

static int by_id(const void *a, const void *b)
{
	const struct sortable *x = a, *y = b;
	int order = rx_str_cmp(x->id, y->id);

	return order ? order : (x->at > y->at) - (x->at < y->at);
}

uint32_t *rxc_sorted_ids(struct rx_memory *memory, size_t count, struct rexi_str (*id)(const void *, size_t), const void *from)
{
	uint32_t *order = rx_memory_take_zeroed(memory, count + 1, sizeof(*order));
	struct sortable *items = rx_memory_take_zeroed(memory, count + 1, sizeof(*items));

	if (order && items) {
		for (size_t i = 0; i < count; i++)
			items[i] = (struct sortable){ id(from, i), (uint32_t)i };
		qsort(items, count, sizeof(*items), by_id);
		for (size_t i = 0; i < count; i++)
			order[i] = items[i].at;
	} else {
		rx_memory_give(memory, order, order ? (count + 1) * sizeof(*order) : 0);
		order = NULL;
	}
	rx_memory_give(memory, items, items ? (count + 1) * sizeof(*items) : 0);
	return order;
}

static struct rexi_str policy_id(const void *set, size_t at)
{
	return rxc_policy_id(((const struct rexi_cedar_policies *)set)->policies[at]);
}

static struct rexi_str template_id(const void *set, size_t at)
{
	return rxc_body_id(((const struct rexi_cedar_policies *)set)->templates[at]);
}

static void link_print(struct rx_buf *buf, struct rxc_policy link)
{
	static const char *const names[] = { "?principal -> ", "?resource -> " };
	bool first = true;

	RX_BUF_LIT(buf, "Template Instance of ");
	rxc_escape(buf, rxc_body_id(rxc_policy_body(link)));
	RX_BUF_LIT(buf, ", slots: [");
	for (unsigned i = 0; i < 2; i++) {
		if (!rxc_policy_slot(link, (enum rxc_slot)i))
			continue;
		if (!first)
			rx_buf_byte(buf, ',');
		first = false;
		rx_buf_str(buf, rx_str(names[i]));
		rxc_uid_print(buf, &rxc_policy_slot(link, (enum rxc_slot)i)->uid);
	}
	rx_buf_byte(buf, ']');
}

static void body_print(struct rx_buf *buf, struct rxc_trees *trees, const struct rxc_body *body,
		       void (*print)(struct rx_buf *buf, const struct rxc_template *tree))
{
	const struct rxc_template *tree = rxc_trees_get(trees, body);

	if (tree)
		print(buf, tree);
	else
		buf->failed = true;
	rxc_trees_reset(trees);
}

enum rexi_status rexi_cedar_policies_to_cedar(const struct rexi_cedar_policies *policies, struct rexi_cedar_text *out, struct rexi_error *err)
{
	return rxc_set_to_cedar(policies, false, out, err);
}

enum rexi_status rxc_set_to_cedar(const struct rexi_cedar_policies *policies, bool links, struct rexi_cedar_text *out, struct rexi_error *err)
{
	struct rx_memory memory;
	uint32_t *order, *templates;
	struct rxc_trees trees;
	bool first = true;
	struct rx_buf buf;

	rx_memory_init(&memory, &policies->engine->allocator, 0);
	rxc_trees_init(&trees, policies, &memory);
	rx_buf_init(&buf, &memory, 0);
	order = rxc_sorted_ids(&memory, policies->policy_count, policy_id, policies);
	templates = rxc_sorted_ids(&memory, policies->template_count, template_id, policies);
	buf.failed = !order || !templates;
	for (size_t i = 0; !buf.failed && i < policies->policy_count + policies->template_count; i++) {
		bool is_policy = i < policies->policy_count, link = is_policy && rxc_policy_link(policies->policies[order[i]]);
		const struct rxc_body *body = is_policy ? rxc_policy_body(policies->policies[order[i]]) : policies->templates[templates[i - policies->policy_count]];

		if ((link && !links) || (!is_policy && !body->slots))
			continue; /* a template that has no slots is accepted and never seen again */
		if (!first)
			RX_BUF_LIT(&buf, "\n\n");
		first = false;
		if (link)
			link_print(&buf, policies->policies[order[i]]);
		else
			body_print(&buf, &trees, body, rxc_template_print);
	}
	rxc_trees_fini(&trees);
	rx_memory_give(&memory, order, order ? (policies->policy_count + 1) * sizeof(*order) : 0);
	rx_memory_give(&memory, templates, templates ? (policies->template_count + 1) * sizeof(*templates) : 0);
	return rxc_text_take(&buf, out, err);
}

/* {"staticPolicies":{...},"templateLinks":[...],"templates":{...}} */
enum rexi_status rexi_cedar_policies_to_json(const struct rexi_cedar_policies *policies, struct rexi_cedar_text *out, struct rexi_error *err)
{
	struct rx_memory memory;
	uint32_t *order, *templates;
	struct rxc_trees trees;
	struct rx_buf buf;
	bool first = true;

	rx_memory_init(&memory, &policies->engine->allocator, 0);
	rxc_trees_init(&trees, policies, &memory);
	rx_buf_init(&buf, &memory, 0);
	order = rxc_sorted_ids(&memory, policies->policy_count, policy_id, policies);
	templates = rxc_sorted_ids(&memory, policies->template_count, template_id, policies);
	buf.failed = !order || !templates;
	RX_BUF_LIT(&buf, "{\"staticPolicies\":{");
	for (size_t i = 0; order && i < policies->policy_count; i++) {
		struct rxc_policy policy = policies->policies[order[i]];

		if (rxc_policy_link(policy))
			continue;
		if (!first)
			rx_buf_byte(&buf, ',');
		first = false;
		rx_buf_json_string(&buf, rxc_policy_id(policy));
		rx_buf_byte(&buf, ':');
		body_print(&buf, &trees, rxc_policy_body(policy), rxc_template_json);
	}
	RX_BUF_LIT(&buf, "},\"templateLinks\":[");
	first = true;
	for (size_t i = 0; i < policies->policy_count; i++) {
		struct rxc_policy link = policies->policies[i];
		bool both = rxc_policy_slot(link, RXC_SLOT_PRINCIPAL) && rxc_policy_slot(link, RXC_SLOT_RESOURCE);

		if (!rxc_policy_link(link))
			continue;
		if (!first)
			rx_buf_byte(&buf, ',');
		first = false;
		RX_BUF_LIT(&buf, "{\"newId\":");
		rx_buf_json_string(&buf, rxc_policy_id(link));
		RX_BUF_LIT(&buf, ",\"templateId\":");
		rx_buf_json_string(&buf, rxc_body_id(rxc_policy_body(link)));
		RX_BUF_LIT(&buf, ",\"values\":{");
		if (rxc_policy_slot(link, RXC_SLOT_PRINCIPAL)) {
			RX_BUF_LIT(&buf, "\"?principal\":{\"__entity\":");
			rxc_uid_json(&buf, &rxc_policy_slot(link, RXC_SLOT_PRINCIPAL)->uid);
			rx_buf_str(&buf, both ? RX_STR("},") : RX_STR("}"));
		}
		if (rxc_policy_slot(link, RXC_SLOT_RESOURCE)) {
			RX_BUF_LIT(&buf, "\"?resource\":{\"__entity\":");
			rxc_uid_json(&buf, &rxc_policy_slot(link, RXC_SLOT_RESOURCE)->uid);
			rx_buf_byte(&buf, '}');
		}
		RX_BUF_LIT(&buf, "}}");
	}
	RX_BUF_LIT(&buf, "],\"templates\":{");
	first = true;
	for (size_t i = 0; templates && i < policies->template_count; i++) {
		const struct rxc_body *body = policies->templates[templates[i]];

		if (!body->slots)
			continue;
		if (!first)
			rx_buf_byte(&buf, ',');
		first = false;
		rx_buf_json_string(&buf, rxc_body_id(body));
		rx_buf_byte(&buf, ':');
		body_print(&buf, &trees, body, rxc_template_json);
	}
	RX_BUF_LIT(&buf, "}}");
	rxc_trees_fini(&trees);
	rx_memory_give(&memory, order, order ? (policies->policy_count + 1) * sizeof(*order) : 0);
	rx_memory_give(&memory, templates, templates ? (policies->template_count + 1) * sizeof(*templates) : 0);
	return rxc_text_take(&buf, out, err);
}
