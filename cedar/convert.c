/* From the permissive tree to policies: annotations, effect, scope, conditions (specification 1.4). */
#include <config.h>

#include "cedar/cst.h"

#include <stdio.h>
#include <stdlib.h>

#include "cedar/convert.h"
#include "cedar/parse.h"

#include "base/banned.h"

static const char *const scope_names[] = { "principal", "action", "resource" };

struct rexi_str rxc_cst_text(const struct rxc_parser *parser, const struct rxc_cst *node)
{
	return rx_str_make(parser->source->ptr + node->span.start, node->span.end - node->span.start);
}

/* For messages: at most a line's worth of the source. */
#define SHOW(node) RX_STR_ARG(rx_str_sub(rxc_cst_text(parser, (node)), 0, 80))

static const struct rxc_cst *strip(const struct rxc_cst *node)
{
	while (node->kind == RXC_CST_PAREN)
		node = node->a;
	return node;
}

/* What stands where an entity uid should, for messages. */
static const char *describe(const struct rxc_cst *node)
{
	switch ((enum rxc_cst_kind)node->kind) {
	case RXC_CST_TRUE:
	case RXC_CST_FALSE:
	case RXC_CST_NUMBER:
	case RXC_CST_STRING:
		return "literal ";
	case RXC_CST_NAME:
		return "name ";
	case RXC_CST_SET:
		return "set of entity uids ";
	case RXC_CST_RECORD:
		return "record literal ";
	case RXC_CST_MEMBER:
		return "a `.` expression ";
	case RXC_CST_NOT:
	case RXC_CST_NEG:
		return "a unary expression ";
	case RXC_CST_IF:
		return "an `if` expression ";
	case RXC_CST_AND:
		return "a `&&` expression ";
	case RXC_CST_OR:
		return "a `||` expression ";
	case RXC_CST_BINARY:
	case RXC_CST_HAS:
	case RXC_CST_LIKE:
	case RXC_CST_IS:
		return "an operator expression ";
	case RXC_CST_SLOT:
		return "template slot ";
	case RXC_CST_IDENT:
	case RXC_CST_REF:
	case RXC_CST_BRACES:
	case RXC_CST_PAREN:
	case RXC_CST_INIT:
	case RXC_CST_FIELD:
	case RXC_CST_CALL:
	case RXC_CST_INDEX:
	case RXC_CST_ANNOTATION:
	case RXC_CST_SCOPE:
	case RXC_CST_CONDITION:
		return "";
	}
	rx_unreachable();
}

static bool wrong_argument(struct rxc_parser *parser, const struct rxc_cst *node, const char *wanted)
{
	rxc_parser_error(parser, node->span, "expected %s, found %s`%.*s`", wanted, describe(node), SHOW(node));
	return false;
}

/* A uid or the slot of variable number `which` (0 principal, 2 resource). */
static bool scope_argument(struct rxc_parser *parser, const struct rxc_cst *node, unsigned which, struct rxc_scope *scope)
{
	const char *wanted = "an entity uid or matching template slot";

	node = strip(node);
	if (node->kind == RXC_CST_REF) {
		scope->uid = rxc_convert_ref(parser, node);
		return scope->uid != NULL;
	}
	if (node->kind == RXC_CST_SLOT) {
		struct rexi_str slot = rx_str_sub(rxc_cst_text(parser, node), 1, SIZE_MAX);

		if (rx_str_eq(slot, rx_str(scope_names[which]))) {
			scope->flags |= RXC_SCOPE_SLOT;
			return true;
		}
		if (rx_str_eq(slot, RX_STR("principal")) || rx_str_eq(slot, RX_STR("resource")))
			rxc_parser_error(parser, node->span, "expected %s, found ?%.*s instead of ?%s", wanted, RX_STR_ARG(slot),
					 scope_names[which]);
		else
			rxc_parser_error(parser, node->span, "`%.*s` is not a valid template slot", SHOW(node));
		return false;
	}
	return wrong_argument(parser, node, node->kind == RXC_CST_SET ? "single entity uid or template slot" : wanted);
}

static bool check_operator(struct rxc_parser *parser, const struct rxc_cst *def, const char *where)
{
	if (def->op == '=')
		rxc_parser_error(parser, def->span, "'=' is not a valid operator in Cedar");
	else if (def->op && def->op != EQ && def->op != IN)
		rxc_parser_error(parser, def->span, "invalid operator in the %s scope: %.*s", where, SHOW(def));
	else
		return true;
	return false;
}

static bool convert_entity_scope(struct rxc_parser *parser, const struct rxc_cst *def, unsigned which, struct rxc_scope *scope)
{
	if (!check_operator(parser, def, "policy"))
		return false;
	if (def->c) {
		if (def->op == EQ) {
			rxc_parser_error(parser, def->span, "`is` cannot be used together with `==`");
			return false;
		}
		scope->op = def->op ? RXC_SCOPE_IS_IN : RXC_SCOPE_IS;
		scope->type = rxc_convert_type(parser, def->c);
		return scope->type && (!def->op || scope_argument(parser, def->d, which, scope));
	}
	if (!def->op) {
		scope->op = RXC_SCOPE_ANY;
		return true;
	}
	if (def->d->kind == RXC_CST_IS) {
		rxc_parser_error(parser, def->d->span, "when `is` and `in` are used together, `is` must come first");
		return false;
	}
	scope->op = def->op == EQ ? RXC_SCOPE_EQ : RXC_SCOPE_IN;
	return scope_argument(parser, def->d, which, scope);
}

static const struct rxc_uid *action_uid(struct rxc_parser *parser, const struct rxc_cst *node, const char *wanted)
{
	const struct rxc_uid *uid;

	node = strip(node);
	if (node->kind != RXC_CST_REF) {
		(void)wrong_argument(parser, node, wanted);
		return NULL;
	}
	uid = rxc_convert_ref(parser, node);
	if (uid && !(uid->uid.type->flags & RXC_NAME_ACTION)) {
		rxc_parser_error(parser, node->span, "expected an entity uid with type `Action` but got `%.*s`", SHOW(node));
		return NULL;
	}
	return uid;
}

static bool convert_action_scope(struct rxc_parser *parser, const struct rxc_cst *def, struct rxc_scope *scope)
{
	const struct rxc_cst *list;
	const struct rxc_uid **uids;
	bool good = true;

	if (def->c) {
		rxc_parser_error(parser, def->span, "`is` cannot appear in the action scope");
		return false;
	}
	if (!check_operator(parser, def, "action"))
		return false;
	if (!def->op) {
		scope->op = RXC_SCOPE_ANY;
		return true;
	}
	list = strip(def->d);
	if (def->op == EQ || list->kind != RXC_CST_SET) {
		scope->op = def->op == EQ ? RXC_SCOPE_EQ : RXC_SCOPE_IN;
		scope->uid = action_uid(parser, list, def->op == EQ ? "single entity uid" : "single entity uid or set of entity uids");
		return scope->uid != NULL;
	}
	if (list->count == 1) { /* action in [A] is action in A, also in JSON */
		scope->op = RXC_SCOPE_IN;
		scope->uid = action_uid(parser, list->b, "single entity uid");
		return scope->uid != NULL;
	}
	scope->op = RXC_SCOPE_IN_SET;
	uids = RX_ARENA_ARRAY(parser->trees, const struct rxc_uid *, list->count ? list->count : 1);
	if (!uids) {
		parser->no_memory = true;
		return false;
	}
	for (const struct rxc_cst *item = list->b; item; item = item->next) {
		uids[scope->count] = action_uid(parser, item, "single entity uid");
		good &= uids[scope->count++] != NULL;
	}
	scope->uids = uids;
	return good;
}

static bool convert_scope(struct rxc_parser *parser, const struct rxc_cst *effect, struct rxc_cst_list list,
			  struct rxc_template *body)
{
	struct rxc_scope *const scopes[] = { &body->principal, &body->action, &body->resource };
	const struct rxc_cst *def = list.first;
	bool good = true;

	for (unsigned i = 0; i < 3; i++, def = def->next) {
		struct rexi_str name;
		bool known;

		if (!def) {
			rxc_parser_error(parser, effect->span, "this policy is missing the `%s` variable in the scope", scope_names[i]);
			return false;
		}
		name = rxc_cst_text(parser, def->a);
		scopes[i]->span = def->span;
		if (!rx_str_eq(name, rx_str(scope_names[i]))) {
			known = rx_str_eq(name, RX_STR("principal")) || rx_str_eq(name, RX_STR("action")) ||
				rx_str_eq(name, RX_STR("resource")) || rx_str_eq(name, RX_STR("context"));
			if (known)
				rxc_parser_error(parser, def->a->span, "found the variable `%.*s` where the variable `%s` must be used",
						 RX_STR_ARG(name), scope_names[i]);
			else
				rxc_parser_error(parser, def->a->span, "found an invalid variable in the policy scope: %.*s",
						 RX_STR_ARG(rx_str_sub(name, 0, 80)));
			good = false;
			continue;
		}
		if (def->b) {
			rxc_parser_error(parser, def->b->span, "type constraints using `:` are not supported");
			good = false;
			continue;
		}
		good &= i == 1 ? convert_action_scope(parser, def, scopes[i]) : convert_entity_scope(parser, def, i, scopes[i]);
	}
	for (; def; def = def->next) {
		rxc_parser_error(parser, def->span, "this policy has an extra element in the scope: %.*s", SHOW(def));
		good = false;
	}
	return good;
}

static int by_key(const void *a, const void *b)
{
	const struct rxc_annotation *const *x = a, *const *y = b;

	if ((*x)->key != (*y)->key)
		return (*x)->key->id < (*y)->key->id ? -1 : 1;
	return (*x > *y) - (*x < *y);
}

/* Those whose key an earlier one has, as a flag for each, in scratch memory; NULL when memory refuses. */
static const bool *repeated_keys(struct rxc_parser *parser, const struct rxc_annotation *annotations, uint32_t count)
{
	const struct rxc_annotation **sorted = RX_ARENA_ARRAY(&parser->tree, const struct rxc_annotation *, count);
	bool *repeated = RX_ARENA_ARRAY(&parser->tree, bool, count);

	if (!sorted || !repeated)
		return NULL;
	for (uint32_t i = 0; i < count; i++)
		sorted[i] = &annotations[i];
	if (count > 1)
		qsort(sorted, count, sizeof(*sorted), by_key);
	for (uint32_t i = 1; i < count; i++)
		repeated[sorted[i] - annotations] = sorted[i]->key == sorted[i - 1]->key;
	return repeated;
}

static bool convert_annotations(struct rxc_parser *parser, struct rxc_cst_list list, struct rxc_template *body)
{
	struct rxc_annotation *annotations = NULL;
	const bool *repeated;
	bool good = true;
	uint32_t at = 0;

	if (list.count > UINT16_MAX) {
		rxc_parser_error(parser, list.first->span, "too many annotations");
		return false;
	}
	if (list.count)
		annotations = RX_ARENA_ARRAY(parser->trees, struct rxc_annotation, list.count);
	if (list.count && !annotations) {
		parser->no_memory = true;
		return false;
	}
	for (const struct rxc_cst *item = list.first; item; item = item->next) {
		struct rxc_annotation *fresh = &annotations[body->annotation_count++];

		*fresh = (struct rxc_annotation){ .span = item->span, .has_value = item->a != NULL, .value = RX_STR("") };
		fresh->key = rxc_names_intern(&parser->set->names, rxc_cst_text(parser, item), true);
		if (!fresh->key) {
			parser->no_memory = true;
			return false;
		}
	}
	body->annotations = annotations;
	repeated = list.count ? repeated_keys(parser, annotations, list.count) : NULL;
	if (list.count && !repeated) {
		parser->no_memory = true;
		return false;
	}
	for (const struct rxc_cst *item = list.first; item; item = item->next, at++) {
		if (item->a && !rxc_convert_string(parser, item->a, &annotations[at].value))
			good = false;
		if (repeated[at]) {
			rxc_parser_error(parser, item->span, "duplicate annotation: @%.*s", SHOW(item));
			good = false;
		}
	}
	return good;
}

static bool convert_conditions(struct rxc_parser *parser, struct rxc_cst_list list, struct rxc_template *body)
{
	struct rxc_condition *conditions = NULL;
	bool good = true;

	if (list.count)
		conditions = RX_ARENA_ARRAY(parser->trees, struct rxc_condition, list.count);
	if (list.count && !conditions) {
		parser->no_memory = true;
		return false;
	}
	for (const struct rxc_cst *item = list.first; item; item = item->next) {
		struct rxc_condition *fresh = &conditions[body->condition_count];
		struct rexi_str word = rxc_cst_text(parser, item->a);

		fresh->span = item->span;
		fresh->unless = rx_str_eq(word, RX_STR("unless"));
		if (!fresh->unless && !rx_str_eq(word, RX_STR("when"))) {
			rxc_parser_error(parser, item->a->span,
					 "invalid policy condition: %.*s; condition must be either `when` or `unless`", SHOW(item->a));
			good = false;
		} else if (!item->b) {
			rxc_parser_error(parser, item->span, "`%.*s` condition clause cannot be empty", RX_STR_ARG(word));
			good = false;
		} else {
			parser->clause = fresh->unless ? "unless" : "when";
			fresh->body = rxc_convert_expression(parser, item->b);
			parser->clause = NULL;
			good &= fresh->body != NULL;
		}
		body->condition_count++;
	}
	body->conditions = conditions;
	return good;
}

/* policy0, policy1, ...: without a copy of what the caller gave, in a few bytes. */
static struct rexi_str numbered_id(struct rxc_parser *parser, uint32_t number)
{
	char text[24];
	int len = snprintf(text, sizeof(text), "policy%u", (unsigned)number);

	return rx_arena_copy(&parser->set->arena, rx_str_make(text, (size_t)len));
}

static struct rexi_str choose_id(struct rxc_parser *parser, const struct rxc_template *body)
{
	if (parser->id.ptr)
		return parser->id;
	if (parser->flags & REXI_CEDAR_ID_ANNOTATION) {
		for (uint32_t i = 0; i < body->annotation_count; i++)
			if (rx_str_eq(body->annotations[i].key->text, RX_STR("id")) && body->annotations[i].has_value)
				return body->annotations[i].value;
	}
	return numbered_id(parser, parser->policies);
}

void rxc_convert_policy(struct rxc_parser *parser, struct rexi_span span, struct rxc_cst_list annotations,
			struct rxc_cst *effect, struct rxc_cst_list scope, struct rxc_cst_list conditions)
{
	struct rexi_cedar_policies *set = parser->set;
	struct rexi_str word = rxc_cst_text(parser, effect);
	size_t errors = set->error_count;
	struct rxc_template *body;
	bool good = true;

	if (parser->no_memory || parser->too_deep)
		return;
	body = RX_ARENA_NEW(parser->trees, struct rxc_template);
	if (!body) {
		parser->no_memory = true;
		return;
	}
	body->source = parser->source;
	body->span = span;
	body->forbid = rx_str_eq(word, RX_STR("forbid"));
	if (!body->forbid && !rx_str_eq(word, RX_STR("permit"))) {
		rxc_parser_error(parser, effect->span, "invalid policy effect: %.*s; effect must be either `permit` or `forbid`",
				 SHOW(effect));
		good = false;
	}
	good &= convert_annotations(parser, annotations, body);
	good &= convert_scope(parser, effect, scope, body);
	good &= convert_conditions(parser, conditions, body);
	/* a policy is never left out in silence */
	if (!good && !parser->no_memory && !parser->too_deep && set->error_count == errors)
		rxc_parser_error(parser, span, "the policy is not understood");
	if (good && !parser->no_memory) {
		struct rexi_error error;

		body->slots = (uint8_t)((body->principal.flags & RXC_SCOPE_SLOT ? 1 << RXC_SLOT_PRINCIPAL : 0) |
					(body->resource.flags & RXC_SCOPE_SLOT ? 1 << RXC_SLOT_RESOURCE : 0));
		body->is_template = body->slots != 0;
		if (parser->again) {
			body->id = rxc_body_id(parser->again);
			parser->again_tree = body;
			return;
		}
		body->id = choose_id(parser, body);
		if (!body->id.ptr)
			parser->no_memory = true;
		else if (rxc_set_add(set, body, &error) == REXI_NO_MEMORY)
			parser->no_memory = true;
		else if (error.status != REXI_OK) {
			rxc_parser_error(parser, span, "%s", error.message);
			if (set->error_count)
				set->errors[set->error_count - 1].status = error.status;
		}
	}
	parser->policies++;
}
