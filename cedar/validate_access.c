/* Source: spec/cedar.md, sections 7.7 and 7.8. */
#include <config.h>

#include "cedar/validate_access.h"

#include "base/banned.h"

/* ---- Look-up ---- */

/* The attribute of a union of entity types is the permissive bound of its members'. */
static void lookup_union(struct rxc_check *check, const struct rxc_type *base, struct rexi_str name,
			 struct rxc_attr_lookup *out)
{
	const struct rxc_type *type = NULL;
	bool required = true, everywhere = true, somewhere = false;

	for (uint32_t i = 0; i < base->count; i++) {
		const struct rxc_attr *attr = rxc_type_attr(check->schema->entity_types[base->entities[i]].shape, name);
		enum rxc_lub_reason reason;

		if (!attr) {
			everywhere = false;
			continue;
		}
		somewhere = true;
		required = required && attr->required;
		if (everywhere)
			type = type ? rxc_type_lub(&check->scratch, type, attr->type, false, &reason) : attr->type;
		everywhere = everywhere && type;
	}
	*out = (struct rxc_attr_lookup){ everywhere ? type : NULL, required, somewhere };
}

void rxc_attr_lookup(struct rxc_check *check, const struct rxc_type *base, struct rexi_str name, struct rxc_attr_lookup *out)
{
	const struct rxc_type *record = base;
	const struct rxc_attr *attr;

	*out = (struct rxc_attr_lookup){ NULL, false, true };
	if (base->kind == RXC_TYPE_ENTITY) {
		if (base->count != 1) {
			lookup_union(check, base, name, out);
			return;
		}
		record = check->schema->entity_types[base->entities[0]].shape;
	} else if (base->kind != RXC_TYPE_RECORD) {
		return; /* AnyEntity, Never */
	}
	attr = rxc_type_attr(record, name);
	if (attr)
		*out = (struct rxc_attr_lookup){ attr->type, attr->required, true };
	else
		out->may_exist = record->open;
}

bool rxc_tag_lookup(struct rxc_check *check, const struct rxc_type *base, const struct rxc_type **tags_out)
{
	bool somewhere = false, everywhere = true;
	const struct rxc_type *type = NULL;

	*tags_out = NULL;
	if (base->kind != RXC_TYPE_ENTITY)
		return true;
	for (uint32_t i = 0; i < base->count; i++) {
		const struct rxc_type *tags = check->schema->entity_types[base->entities[i]].tags;
		enum rxc_lub_reason reason;

		if (!tags) {
			everywhere = false;
			continue;
		}
		somewhere = true;
		if (everywhere)
			type = type ? rxc_type_lub(&check->scratch, type, tags, false, &reason) : tags;
		everywhere = everywhere && type;
	}
	*tags_out = everywhere ? type : NULL;
	return somewhere;
}

/* ---- Messages ---- */

static bool is_plain(struct rexi_str name)
{
	return rxc_name_is_ident(name) && !rxc_name_is_reserved(name);
}

/* ".b" or "["a b"]"; the first of a chain has no point. */
static void step(struct rx_buf *buf, struct rexi_str name, bool first)
{
	if (is_plain(name)) {
		if (!first)
			rx_buf_byte(buf, '.');
		rx_buf_str(buf, name);
	} else {
		rx_buf_byte(buf, '[');
		rx_buf_json_string(buf, name);
		rx_buf_byte(buf, ']');
	}
}

static void source_text(const struct rxc_check *check, struct rx_buf *buf, const struct rxc_expr *expr)
{
	static const struct rexi_str variables[] = {
		[RXC_PRINCIPAL] = RX_STR_INIT("principal"),
		[RXC_ACTION] = RX_STR_INIT("action"),
		[RXC_RESOURCE] = RX_STR_INIT("resource"),
		[RXC_CONTEXT] = RX_STR_INIT("context"),
	};

	if (expr->kind == RXC_VAR) {
		rx_buf_str(buf, variables[expr->sub]);
	} else if (expr->kind == RXC_ATTR) {
		source_text(check, buf, expr->left);
		step(buf, expr->name->text, false);
	} else if (check->body->source && expr->span.end > expr->span.start) {
		rx_buf_str(buf, rx_str_sub(*check->body->source, expr->span.start, expr->span.end - expr->span.start));
	} else {
		RX_BUF_LIT(buf, "(..)");
	}
}

enum { CHAIN_MOST = 64 };

/* The type of a receiver in the middle of a chain; nothing is reported again. */
static const struct rxc_type *receiver_type(struct rxc_check *check, const struct rxc_expr *expr)
{
	struct rxc_answer answer;
	bool quiet = check->quiet, levels = check->levels;

	check->quiet = true;
	check->levels = false;
	rxc_check_expr(check, expr, RXC_NO_CAPS, &answer);
	check->quiet = quiet;
	check->levels = levels;
	return answer.type;
}

/* `r.b` on entity type `U` | `c` in context for Action::"a" | `b` */
static void describe(struct rxc_check *check, struct rx_buf *buf, const struct rxc_expr *access, const struct rxc_type *base)
{
	struct rexi_str names[CHAIN_MOST];
	const struct rxc_expr *on = access->left;
	const struct rxc_type *type = base;
	size_t count = 0;

	names[count++] = access->name->text;
	while (type && type->kind == RXC_TYPE_RECORD && on->kind == RXC_ATTR && count < CHAIN_MOST) {
		names[count++] = on->name->text;
		on = on->left;
		type = receiver_type(check, on);
	}
	rx_buf_byte(buf, '`');
	if (type && (type->kind == RXC_TYPE_ENTITY || type->kind == RXC_TYPE_ANY_ENTITY || (on->kind == RXC_VAR && on->sub == RXC_CONTEXT))) {
		for (size_t i = count; i-- > 0;)
			step(buf, names[i], i + 1 == count);
	} else {
		step(buf, names[0], true);
		rx_buf_byte(buf, '`');
		return;
	}
	if (type->kind == RXC_TYPE_RECORD) {
		const struct rxc_action_type *action = &check->schema->actions[check->env.action];

		RX_BUF_LIT(buf, "` in context for ");
		rxc_name_print_uid(buf, check->schema->types.names[action->type], action->id);
	} else {
		RX_BUF_LIT(buf, "` on entity type `");
		rxc_type_print(buf, &check->schema->types, type);
		rx_buf_byte(buf, '`');
	}
}

static struct rexi_str nearest_attr(struct rxc_check *check, const struct rxc_type *base, struct rexi_str name)
{
	const struct rxc_type *record = base;
	struct rexi_str *names;

	if (base->kind == RXC_TYPE_ENTITY)
		record = check->schema->entity_types[base->entities[0]].shape;
	if (record->kind != RXC_TYPE_RECORD)
		return (struct rexi_str){ NULL, 0 };
	names = RX_ARENA_ARRAY(&check->scratch, struct rexi_str, record->count);
	for (uint32_t i = 0; names && i < record->count; i++)
		names[i] = record->attrs[i].name;
	return names ? rx_str_nearest(name, names, record->count) : (struct rexi_str){ NULL, 0 };
}

/* Reports with two texts made in buffers, and gives them back. */
static void report(struct rxc_check *check, enum rxc_finding_kind kind, const struct rxc_expr *access, struct rx_buf *what,
		   struct rx_buf *help, const char *before, const char *after)
{
	const char *shown = rx_buf_cstr(what), *hint = help->len > 0 ? rx_buf_cstr(help) : NULL;

	if (!shown || help->failed)
		rxc_check_no_memory(check);
	else
		rxc_check_report(check, kind, access->span, hint, "%s%s%s", before, shown, after);
	rx_buf_fini(what);
	rx_buf_fini(help);
}

static bool begin(struct rxc_check *check, struct rx_buf *what, struct rx_buf *help)
{
	if (check->quiet)
		return false;
	rx_buf_init(what, check->scratch.memory, 4096);
	rx_buf_init(help, check->scratch.memory, 4096);
	return true;
}

/* The few entity types that have the attribute: a policy on all resources mostly means one of them. */
static void suggest_types(struct rxc_check *check, struct rx_buf *help, const struct rxc_expr *access)
{
	static const char *const variables[] = { [RXC_PRINCIPAL] = "principal", [RXC_ACTION] = NULL, [RXC_RESOURCE] = "resource",
						 [RXC_CONTEXT] = NULL };
	const struct rxc_expr *on = access->left;
	const struct rexi_str *first = NULL;
	uint32_t count = 0;

	if (on->kind != RXC_VAR || !variables[on->sub])
		return;
	for (uint32_t i = 0; i < check->schema->entity_type_count && count <= 4; i++) {
		if (!rxc_type_attr(check->schema->entity_types[i].shape, access->name->text))
			continue;
		first = first ? first : &check->schema->entity_types[i].name;
		rx_buf_printf(help, "%s`%.*s`", count++ ? ", " : "", RX_STR_ARG(check->schema->entity_types[i].name));
	}
	if (count == 0 || count > 4)
		rx_buf_clear(help);
	else
		rx_buf_printf(help, " %s this attribute; say so, as in `%s is %.*s`", count == 1 ? "has" : "have", variables[on->sub],
			      RX_STR_ARG(*first));
}

void rxc_report_no_attr(struct rxc_check *check, const struct rxc_expr *access, const struct rxc_type *base, bool may_exist)
{
	struct rx_buf what, help;
	struct rexi_str near;

	if (!begin(check, &what, &help))
		return;
	describe(check, &what, access, base);
	near = nearest_attr(check, base, access->name->text);
	if (near.len > 0)
		rx_buf_printf(&help, "did you mean `%.*s`?", RX_STR_ARG(near));
	else if (may_exist)
		RX_BUF_LIT(&help, "the attribute may exist, but not on every type that the expression can have");
	else if (base->kind == RXC_TYPE_ENTITY)
		suggest_types(check, &help, access);
	report(check, RXC_FINDING_UNSAFE_ATTRIBUTE_ACCESS, access, &what, &help, "attribute ", " not found");
}

void rxc_report_optional_attr(struct rxc_check *check, const struct rxc_expr *access, const struct rxc_type *base)
{
	struct rx_buf what, help;

	if (!begin(check, &what, &help))
		return;
	describe(check, &what, access, base);
	RX_BUF_LIT(&help, "try testing for the attribute's presence with `");
	source_text(check, &help, access->left);
	RX_BUF_LIT(&help, " has ");
	if (is_plain(access->name->text))
		rx_buf_str(&help, access->name->text);
	else
		rx_buf_json_string(&help, access->name->text);
	RX_BUF_LIT(&help, " && ..`");
	report(check, RXC_FINDING_UNSAFE_OPTIONAL_ATTRIBUTE_ACCESS, access, &what, &help,
	       "unable to guarantee safety of access to optional attribute ", "");
}

static void tag_text(const struct rxc_check *check, struct rx_buf *buf, const struct rxc_expr *key)
{
	if (key->kind == RXC_STRING)
		rx_buf_json_string(buf, key->text);
	else
		source_text(check, buf, key);
}

void rxc_report_unsafe_tag(struct rxc_check *check, const struct rxc_expr *access, const struct rxc_type *base)
{
	struct rx_buf what, help;

	if (!begin(check, &what, &help))
		return;
	tag_text(check, &what, access->right);
	RX_BUF_LIT(&what, "` on entity type `");
	rxc_type_print(&what, &check->schema->types, base);
	RX_BUF_LIT(&help, "try testing for the tag's presence with `.hasTag(");
	tag_text(check, &help, access->right);
	RX_BUF_LIT(&help, ") && ..`");
	report(check, RXC_FINDING_UNSAFE_TAG_ACCESS, access, &what, &help, "unable to guarantee safety of access to tag `", "`");
}

void rxc_report_no_tags(struct rxc_check *check, const struct rxc_expr *access, const struct rxc_type *base)
{
	struct rx_buf what, help;

	if (!begin(check, &what, &help))
		return;
	rxc_type_print(&what, &check->schema->types, base);
	report(check, RXC_FINDING_NO_TAGS_ALLOWED, access, &what, &help, "`.getTag()` is not allowed on entities of type `",
	       "` because no `tags` were declared on the entity type in the schema");
}
