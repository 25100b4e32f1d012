/* Policies to JSON. */
#include <config.h>

#include "cedar/print.h"

#include "base/utf8.h"
#include "cedar/value.h"

#include "base/banned.h"

static const char *const keys[] = {
#define KEY(name, text) text,
	RXC_EXPR_LIST(KEY)
#undef KEY
};

static void value_json(struct rx_buf *buf, const struct rxc_expr *expr);

/* {"key":  ... } around an expression or value of each field, sorted. */
static void record_json(struct rx_buf *buf, const struct rxc_expr *expr, void (*each)(struct rx_buf *, const struct rxc_expr *))
{
	uint32_t *order = rxc_sorted_ids(buf->memory, expr->count, rxc_field_id, expr->fields);

	rx_buf_byte(buf, '{');
	for (uint32_t i = 0; order && i < expr->count; i++) {
		if (i)
			rx_buf_byte(buf, ',');
		rx_buf_json_string(buf, expr->fields[order[i]].name->text);
		rx_buf_byte(buf, ':');
		each(buf, expr->fields[order[i]].value);
	}
	rx_buf_byte(buf, '}');
	buf->failed |= !order;
	rx_memory_give(buf->memory, order, order ? (expr->count + 1u) * sizeof(*order) : 0);
}

static void items_json(struct rx_buf *buf, const struct rxc_expr *expr, void (*each)(struct rx_buf *, const struct rxc_expr *))
{
	rx_buf_byte(buf, '[');
	for (uint32_t i = 0; i < expr->count; i++) {
		if (i)
			rx_buf_byte(buf, ',');
		each(buf, expr->items[i]);
	}
	rx_buf_byte(buf, ']');
}

static struct rexi_str function_name(const struct rxc_expr *expr)
{
	return expr->sub < RXC_FUNCTIONS ? rx_str(rxc_functions[expr->sub].name) : expr->function->text;
}

/* The inside of a `Value`. */
static void value_json(struct rx_buf *buf, const struct rxc_expr *expr)
{
	switch (expr->kind) {
	case RXC_BOOL:
		rx_buf_str(buf, expr->integer ? RX_STR("true") : RX_STR("false"));
		return;
	case RXC_LONG:
		rx_buf_i64(buf, expr->integer);
		return;
	case RXC_STRING:
		rx_buf_json_string(buf, expr->text);
		return;
	case RXC_UID:
		RX_BUF_LIT(buf, "{\"__entity\":");
		rxc_uid_json(buf, &expr->uid->uid);
		rx_buf_byte(buf, '}');
		return;
	case RXC_SET:
		items_json(buf, expr, value_json);
		return;
	case RXC_RECORD:
		record_json(buf, expr, value_json);
		return;
	default:
		RX_ASSERT(expr->kind == RXC_CALL);
		RX_BUF_LIT(buf, "{\"__extn\":{");
		if (expr->flags & RXC_EXPR_ESCAPED || expr->count != 1) {
			RX_BUF_LIT(buf, "\"args\":");
			items_json(buf, expr, value_json);
		} else {
			RX_BUF_LIT(buf, "\"arg\":");
			value_json(buf, expr->items[0]);
		}
		RX_BUF_LIT(buf, ",\"fn\":");
		rx_buf_json_string(buf, function_name(expr));
		RX_BUF_LIT(buf, "}}");
	}
}

static void pair_json(struct rx_buf *buf, const char *first, const struct rxc_expr *left, const char *second, const struct rxc_expr *right)
{
	rx_buf_printf(buf, "{\"%s\":", first);
	rxc_expr_json(buf, left);
	rx_buf_printf(buf, ",\"%s\":", second);
	rxc_expr_json(buf, right);
	rx_buf_byte(buf, '}');
}

static void pattern_json(struct rx_buf *buf, const struct rxc_pattern *pattern)
{
	bool first = true;

	if (pattern->json.ptr) {
		rx_buf_str(buf, pattern->json);
		return;
	}
	rx_buf_byte(buf, '[');
	for (uint32_t i = 0; i < pattern->part_count; i++) {
		const struct rxc_pattern_part *part = &pattern->parts[i];

		for (uint32_t k = 0; k < part->wildcards; k++, first = false)
			rx_buf_str(buf, first ? RX_STR("\"Wildcard\"") : RX_STR(",\"Wildcard\""));
		for (size_t at = 0; !part->wildcards && at < part->text.len; first = false) {
			size_t start = at;

			(void)rx_utf8_next(part->text, &at);
			rx_buf_str(buf, first ? RX_STR("{\"Literal\":") : RX_STR(",{\"Literal\":"));
			rx_buf_json_string(buf, rx_str_sub(part->text, start, at - start));
			rx_buf_byte(buf, '}');
		}
	}
	rx_buf_byte(buf, ']');
}

/* a && b && c is grouped from the left. */
static void chain_json(struct rx_buf *buf, const struct rxc_expr *expr)
{
	for (uint32_t i = 1; i < expr->count; i++)
		rx_buf_printf(buf, "{\"%s\":{\"left\":", keys[expr->kind]);
	rxc_expr_json(buf, expr->items[0]);
	for (uint32_t i = 1; i < expr->count; i++) {
		RX_BUF_LIT(buf, ",\"right\":");
		rxc_expr_json(buf, expr->items[i]);
		RX_BUF_LIT(buf, "}}");
	}
}

/* What stands under the key of expr->kind. */
static void body_json(struct rx_buf *buf, const struct rxc_expr *expr)
{
	static const char *const variables[] = { "principal", "action", "resource", "context" };

	switch ((enum rxc_expr_kind)expr->kind) {
	case RXC_BOOL: case RXC_LONG: case RXC_STRING: case RXC_UID:
		value_json(buf, expr);
		return;
	case RXC_VAR:
		rx_buf_printf(buf, "\"%s\"", variables[expr->sub]);
		return;
	case RXC_SLOT:
		rx_buf_str(buf, expr->sub == RXC_SLOT_PRINCIPAL ? RX_STR("\"?principal\"") : RX_STR("\"?resource\""));
		return;
	case RXC_NOT: case RXC_NEG: case RXC_IS_EMPTY:
		RX_BUF_LIT(buf, "{\"arg\":");
		rxc_expr_json(buf, expr->left);
		rx_buf_byte(buf, '}');
		return;
	case RXC_EQ: case RXC_NE: case RXC_LT: case RXC_LE: case RXC_GT: case RXC_GE: case RXC_IN: case RXC_ADD: case RXC_SUB: case RXC_MUL:
	case RXC_CONTAINS: case RXC_CONTAINS_ALL: case RXC_CONTAINS_ANY: case RXC_GET_TAG: case RXC_HAS_TAG:
		pair_json(buf, "left", expr->left, "right", expr->right);
		return;
	case RXC_ATTR:
	case RXC_HAS:
		RX_BUF_LIT(buf, "{\"attr\":");
		if (expr->flags & RXC_EXPR_ESCAPED)
			rx_buf_byte(buf, '[');
		rx_buf_json_string(buf, expr->name->text);
		if (expr->flags & RXC_EXPR_ESCAPED)
			rx_buf_byte(buf, ']');
		RX_BUF_LIT(buf, ",\"left\":");
		rxc_expr_json(buf, expr->left);
		rx_buf_byte(buf, '}');
		return;
	case RXC_HAS_PATH:
		RX_BUF_LIT(buf, "{\"attr\":[");
		for (uint32_t i = 0; i < expr->count; i++) {
			if (i)
				rx_buf_byte(buf, ',');
			rx_buf_json_string(buf, expr->names[i]->text);
		}
		RX_BUF_LIT(buf, "],\"left\":");
		rxc_expr_json(buf, expr->left);
		rx_buf_byte(buf, '}');
		return;
	case RXC_LIKE:
		RX_BUF_LIT(buf, "{\"left\":");
		rxc_expr_json(buf, expr->left);
		RX_BUF_LIT(buf, ",\"pattern\":");
		pattern_json(buf, expr->pattern);
		rx_buf_byte(buf, '}');
		return;
	case RXC_IS:
	case RXC_IS_IN:
		RX_BUF_LIT(buf, "{\"entity_type\":");
		rx_buf_json_string(buf, expr->kind == RXC_IS ? expr->name->text : expr->is_in->type->text);
		if (expr->kind == RXC_IS_IN) {
			RX_BUF_LIT(buf, ",\"in\":");
			rxc_expr_json(buf, expr->is_in->in);
		}
		RX_BUF_LIT(buf, ",\"left\":");
		rxc_expr_json(buf, expr->left);
		rx_buf_byte(buf, '}');
		return;
	case RXC_IF:
		RX_BUF_LIT(buf, "{\"else\":");
		rxc_expr_json(buf, expr->items[2]);
		RX_BUF_LIT(buf, ",\"if\":");
		rxc_expr_json(buf, expr->items[0]);
		RX_BUF_LIT(buf, ",\"then\":");
		rxc_expr_json(buf, expr->items[1]);
		rx_buf_byte(buf, '}');
		return;
	case RXC_SET: items_json(buf, expr, rxc_expr_json); return;
	case RXC_RECORD: record_json(buf, expr, rxc_expr_json); return;
	case RXC_CALL: items_json(buf, expr, rxc_expr_json); return;
	case RXC_AND: case RXC_OR: case RXC_EXPR_KINDS:
		break;
	}
	rx_unreachable();
}

void rxc_expr_json(struct rx_buf *buf, const struct rxc_expr *expr)
{
	if (expr->kind == RXC_AND || expr->kind == RXC_OR) {
		chain_json(buf, expr);
		return;
	}
	rx_buf_byte(buf, '{');
	if (expr->flags & RXC_EXPR_VALUE && (expr->kind == RXC_SET || expr->kind == RXC_RECORD || expr->kind == RXC_CALL)) {
		RX_BUF_LIT(buf, "\"Value\":");
		value_json(buf, expr);
	} else {
		rx_buf_json_string(buf, expr->kind == RXC_CALL ? function_name(expr) : rx_str(keys[expr->kind]));
		rx_buf_byte(buf, ':');
		body_json(buf, expr);
	}
	rx_buf_byte(buf, '}');
}

/* ---- policies -------------------------------------------------------------------------------------------------------- */

static void scope_uid_json(struct rx_buf *buf, bool escaped, const struct rxc_uid *uid)
{
	if (escaped)
		RX_BUF_LIT(buf, "{\"__entity\":");
	rxc_uid_json(buf, &uid->uid);
	if (escaped)
		rx_buf_byte(buf, '}');
}

/* "entity":{...} or "slot":"?..." */
static void target_json(struct rx_buf *buf, const char *variable, const struct rxc_scope *scope)
{
	if (scope->flags & RXC_SCOPE_SLOT)
		return;
	(void)variable;
	RX_BUF_LIT(buf, "\"entity\":");
	scope_uid_json(buf, scope->flags & RXC_SCOPE_ESCAPED, scope->uid);
}

static void scope_json(struct rx_buf *buf, const char *variable, const struct rxc_scope *scope)
{
	bool slot = scope->flags & RXC_SCOPE_SLOT;

	rx_buf_byte(buf, '{');
	switch ((enum rxc_scope_op)scope->op) {
	case RXC_SCOPE_ANY:
		RX_BUF_LIT(buf, "\"op\":\"All\"");
		break;
	case RXC_SCOPE_EQ:
	case RXC_SCOPE_IN:
		target_json(buf, variable, scope);
		rx_buf_str(buf, slot ? RX_STR("") : RX_STR(","));
		rx_buf_str(buf, scope->op == RXC_SCOPE_EQ ? RX_STR("\"op\":\"==\"") : RX_STR("\"op\":\"in\""));
		if (slot)
			rx_buf_printf(buf, ",\"slot\":\"?%s\"", variable);
		break;
	case RXC_SCOPE_IS:
	case RXC_SCOPE_IS_IN:
		RX_BUF_LIT(buf, "\"entity_type\":");
		rx_buf_json_string(buf, scope->type->text);
		if (scope->op == RXC_SCOPE_IS_IN) {
			RX_BUF_LIT(buf, ",\"in\":{");
			target_json(buf, variable, scope);
			if (slot)
				rx_buf_printf(buf, "\"slot\":\"?%s\"", variable);
			rx_buf_byte(buf, '}');
		}
		RX_BUF_LIT(buf, ",\"op\":\"is\"");
		break;
	case RXC_SCOPE_IN_SET:
		RX_BUF_LIT(buf, "\"entities\":[");
		for (uint32_t i = 0; i < scope->count; i++) {
			if (i)
				rx_buf_byte(buf, ',');
			scope_uid_json(buf, scope->escaped && scope->escaped[i], scope->uids[i]);
		}
		RX_BUF_LIT(buf, "],\"op\":\"in\"");
		break;
	}
	rx_buf_byte(buf, '}');
}

static struct rexi_str annotation_id(const void *annotations, size_t at)
{
	return ((const struct rxc_annotation *)annotations)[at].key->text;
}

static void annotations_json(struct rx_buf *buf, const struct rxc_template *body)
{
	uint32_t *order = rxc_sorted_ids(buf->memory, body->annotation_count, annotation_id, body->annotations);

	RX_BUF_LIT(buf, ",\"annotations\":{");
	for (uint32_t i = 0; order && i < body->annotation_count; i++) {
		const struct rxc_annotation *annotation = &body->annotations[order[i]];

		if (i)
			rx_buf_byte(buf, ',');
		rx_buf_json_string(buf, annotation->key->text);
		rx_buf_byte(buf, ':');
		if (annotation->has_value)
			rx_buf_json_string(buf, annotation->value);
		else
			RX_BUF_LIT(buf, "null");
	}
	rx_buf_byte(buf, '}');
	buf->failed |= !order;
	rx_memory_give(buf->memory, order, order ? (body->annotation_count + 1u) * sizeof(*order) : 0);
}

void rxc_template_json(struct rx_buf *buf, const struct rxc_template *body)
{
	RX_BUF_LIT(buf, "{\"action\":");
	scope_json(buf, "action", &body->action);
	if (body->annotation_count)
		annotations_json(buf, body);
	RX_BUF_LIT(buf, ",\"conditions\":[");
	for (uint32_t i = 0; i < body->condition_count; i++) {
		rx_buf_str(buf, i ? RX_STR(",{\"body\":") : RX_STR("{\"body\":"));
		rxc_expr_json(buf, body->conditions[i].body);
		rx_buf_str(buf, body->conditions[i].unless ? RX_STR(",\"kind\":\"unless\"}") : RX_STR(",\"kind\":\"when\"}"));
	}
	RX_BUF_LIT(buf, "],\"effect\":");
	rx_buf_str(buf, body->forbid ? RX_STR("\"forbid\"") : RX_STR("\"permit\""));
	RX_BUF_LIT(buf, ",\"principal\":");
	scope_json(buf, "principal", &body->principal);
	RX_BUF_LIT(buf, ",\"resource\":");
	scope_json(buf, "resource", &body->resource);
	rx_buf_byte(buf, '}');
}
