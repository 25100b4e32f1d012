/* Policies, one after another: names, applicability, environments, links. Source: spec/cedar.md, sections 7.1, 7.2, 7.10. */
#include <config.h>

#include "cedar/validate.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/unicode.h"
#include "base/utf8.h"
#include "cedar/validate_check.h"
#include "cedar/walk.h"

#include "base/banned.h"

#define UNSEEN (UINT32_MAX - 1)
/* Findings kept of one policy, beside the first of each kind; a policy that wrong is wrong enough. */
enum { FINDINGS_MOST = 200 };

static const struct {
	const char *name;
	bool warning;
} finding_names[RXC_FINDINGS] = {
#define RXC_FINDING_ROW(name, text, warning) { text, warning },
	RXC_FINDING_LIST(RXC_FINDING_ROW)
#undef RXC_FINDING_ROW
};

const char *rxc_finding_name(enum rxc_finding_kind kind)
{
	return kind < RXC_FINDINGS ? finding_names[kind].name : "unknown";
}

bool rxc_finding_is_warning(enum rxc_finding_kind kind)
{
	return kind < RXC_FINDINGS && finding_names[kind].warning;
}

void rxc_validation_init(struct rxc_validation *validation, struct rx_memory *memory)
{
	*validation = (struct rxc_validation){ .findings = NULL };
	rx_arena_init(&validation->arena, memory);
}

void rxc_validation_fini(struct rxc_validation *validation)
{
	rx_arena_fini(&validation->arena);
	validation->findings = NULL;
	validation->count = validation->cap = validation->error_count = 0;
}

/* ---- Findings ---- */

void rxc_check_no_memory(struct rxc_check *check)
{
	if (check->status == REXI_OK)
		check->status = rx_fail_memory(check->err);
}

static bool is_known(const struct rxc_check *check, enum rxc_finding_kind kind, struct rexi_span span, struct rexi_str message)
{
	for (size_t i = check->first_finding; i < check->out->count; i++) {
		const struct rxc_finding *finding = &check->out->findings[i];

		if (finding->kind == kind && finding->span.start == span.start && finding->span.end == span.end &&
		    rx_str_eq(finding->message, message))
			return true;
	}
	return false;
}

static bool has_kind(const struct rxc_check *check, enum rxc_finding_kind kind)
{
	for (size_t i = check->first_finding; i < check->out->count; i++)
		if (check->out->findings[i].kind == kind)
			return true;
	return false;
}

/* Messages of these kinds do not begin with the policy. */
static const char *prefix_end(enum rxc_finding_kind kind)
{
	return kind == RXC_FINDING_INVALID_ENUM_ENTITY ? ": " : ", ";
}

static bool add_finding(struct rxc_check *check, enum rxc_finding_kind kind, struct rexi_span span, const char *help,
			struct rexi_str message)
{
	struct rxc_validation *out = check->out;
	struct rxc_finding finding = { .kind = kind, .is_warning = rxc_finding_is_warning(kind), .policy = check->id,
				       .source = check->body->source, .span = span };

	if (is_known(check, kind, span, message) || (out->count - check->first_finding >= FINDINGS_MOST && has_kind(check, kind)))
		return true;
	finding.message = rx_arena_copy(&out->arena, message);
	finding.help = rx_arena_copy(&out->arena, rx_str(help ? help : ""));
	if (!finding.message.ptr || !finding.help.ptr || !RX_ARENA_GROW(&out->arena, &out->findings, &out->cap, out->count + 1))
		return false;
	out->findings[out->count++] = finding;
	out->error_count += !finding.is_warning;
	return true;
}

void rxc_check_report(struct rxc_check *check, enum rxc_finding_kind kind, struct rexi_span span, const char *help,
		      const char *format, ...)
{
	char text[1024];
	struct rx_buf message;
	va_list args;

	if (check->quiet || check->status != REXI_OK)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	text[rx_utf8_valid(rx_str(text))] = '\0';
	rx_buf_init(&message, check->scratch.memory, 0);
	if (kind != RXC_FINDING_INCOMPATIBLE_TYPES) {
		RX_BUF_LIT(&message, "for policy `");
		rx_unicode_debug(&message, check->id);
		rx_buf_byte(&message, '`');
		rx_buf_str(&message, rx_str(prefix_end(kind)));
	}
	rx_buf_str(&message, rx_str(text));
	if (message.failed || !add_finding(check, kind, span, help, rx_buf_view(&message)))
		rxc_check_no_memory(check);
	rx_buf_fini(&message);
}

/* ---- Names ---- */

uint32_t rxc_check_type(struct rxc_check *check, const struct rexi_cedar_name *name)
{
	uint32_t *slot = &check->type_of_name[name->id];

	if (*slot == UNSEEN)
		*slot = rxc_schema_find_type(check->schema, name->text);
	return *slot;
}

uint32_t rxc_check_action(struct rxc_check *check, const struct rxc_uid *uid)
{
	uint32_t *slot = &check->action_of_uid[uid->id];

	if (*slot == UNSEEN)
		*slot = rxc_schema_find_action(check->schema, rxc_check_type(check, uid->uid.type), uid->uid.id);
	return *slot;
}

static RX_NOINLINE void unrecognized_type(struct rxc_check *check, struct rexi_str name, struct rexi_span span)
{
	struct rexi_str near = rxc_schema_nearest_type(check->schema, name);
	char help[300] = "";

	if (near.len > 0)
		snprintf(help, sizeof(help), "did you mean `%.*s`?", (int)(near.len > 200 ? 200 : near.len), near.ptr);
	rxc_check_report(check, RXC_FINDING_UNRECOGNIZED_ENTITY_TYPE, span, help, "unrecognized entity type `%.*s`", RX_STR_ARG(name));
}

/* Check 1: entity types are declared. */
static void check_type_name(struct rxc_check *check, const struct rexi_cedar_name *name, struct rexi_span span)
{
	if (rxc_check_type(check, name) == RXC_NONE && !rxc_name_is_action(name->text))
		unrecognized_type(check, name->text, span);
}

static RX_NOINLINE void unrecognized_action(struct rxc_check *check, const struct rxc_uid *uid, struct rexi_span span)
{
	const struct rxc_schema *schema = check->schema;
	struct rx_buf wanted, shown, help;
	struct rexi_str near, *names = RX_ARENA_ARRAY(&check->scratch, struct rexi_str, schema->action_count);

	if (!names) {
		rxc_check_no_memory(check);
		return;
	}
	rx_buf_init(&wanted, check->scratch.memory, 0);
	rx_buf_init(&shown, check->scratch.memory, 0);
	rx_buf_init(&help, check->scratch.memory, 0);
	rxc_name_print_uid(&wanted, uid->uid.type->text, uid->uid.id);
	for (uint32_t i = 0; i < schema->action_count; i++) {
		rx_buf_clear(&shown);
		rxc_name_print_uid(&shown, schema->types.names[schema->actions[i].type], schema->actions[i].id);
		names[i] = rx_arena_copy(&check->scratch, rx_buf_view(&shown));
	}
	near = rx_str_nearest(rx_buf_view(&wanted), names, schema->action_count);
	for (uint32_t i = 0; i < schema->action_count && near.len == 0; i++)
		if (rx_str_eq(schema->actions[i].id, uid->uid.id))
			near = names[i]; /* the id is right, the namespace is not */
	if (near.len > 0)
		rx_buf_printf(&help, "did you mean `%.*s`?", RX_STR_ARG(near));
	rxc_check_report(check, RXC_FINDING_UNRECOGNIZED_ACTION_ID, span, help.len ? rx_buf_cstr(&help) : NULL,
			 "unrecognized action `%.*s`", RX_STR_ARG(rx_buf_view(&wanted)));
	rx_buf_fini(&wanted);
	rx_buf_fini(&shown);
	rx_buf_fini(&help);
}

static RX_NOINLINE void invalid_member(struct rxc_check *check, const struct rxc_uid *uid, uint32_t at, struct rexi_span span)
{
	const struct rxc_entity_type *type = &check->schema->entity_types[at];
	struct rx_buf shown, help;

	rx_buf_init(&shown, check->scratch.memory, 0);
	rx_buf_init(&help, check->scratch.memory, 0);
	rxc_name_print_uid(&shown, uid->uid.type->text, uid->uid.id);
	RX_BUF_LIT(&help, "valid entity eids: ");
	for (uint32_t i = 0; i < type->member_count && help.len < 200; i++) {
		rx_buf_str(&help, i ? RX_STR(", \"") : RX_STR("\""));
		rx_unicode_debug(&help, type->members[i]);
		rx_buf_byte(&help, '"');
	}
	rxc_check_report(check, RXC_FINDING_INVALID_ENUM_ENTITY, span, rx_buf_cstr(&help),
			 "entity `%.*s` is of an enumerated entity type, but its eid is not declared as a valid one",
			 RX_STR_ARG(rx_buf_view(&shown)));
	rx_buf_fini(&shown);
	rx_buf_fini(&help);
}

/* Checks 1, 2 and 3 of a literal. */
static void check_uid_literal(struct rxc_check *check, const struct rxc_uid *uid, struct rexi_span span)
{
	uint32_t type = rxc_check_type(check, uid->uid.type);

	if (uid->uid.type->flags & RXC_NAME_ACTION || rxc_name_is_action(uid->uid.type->text)) {
		if (rxc_check_action(check, uid) == RXC_NONE)
			unrecognized_action(check, uid, span);
		return;
	}
	if (type == RXC_NONE)
		unrecognized_type(check, uid->uid.type->text, span);
	else if (!rxc_entity_type_has_member(&check->schema->entity_types[type], uid->uid.id))
		invalid_member(check, uid, type, span);
}

/* Which variables an expression mentions; also checks the names in it. */
enum { USES_PRINCIPAL = 1, USES_ACTION = 2, USES_RESOURCE = 4, USES_CONTEXT = 8 };

static unsigned scan(struct rxc_check *check, const struct rxc_expr *expr)
{
	const struct rxc_expr *part;
	unsigned uses = 0;

	if (expr->kind == RXC_VAR)
		return 1u << expr->sub;
	if (expr->kind == RXC_UID)
		check_uid_literal(check, expr->uid, expr->span);
	else if (expr->kind == RXC_IS)
		check_type_name(check, expr->name, expr->span);
	else if (expr->kind == RXC_IS_IN)
		check_type_name(check, expr->is_in->type, expr->span);
	for (uint32_t i = 0; (part = rxc_expr_part(expr, i)) != NULL; i++)
		uses |= scan(check, part);
	return uses;
}

static void scan_scope(struct rxc_check *check, const struct rxc_scope *scope)
{
	if (scope->type)
		check_type_name(check, scope->type, scope->span);
	if (scope->op == RXC_SCOPE_IN_SET)
		for (uint32_t i = 0; i < scope->count; i++)
			check_uid_literal(check, scope->uids[i], scope->span);
	else if (scope->uid && scope->op != RXC_SCOPE_ANY && scope->op != RXC_SCOPE_IS)
		check_uid_literal(check, scope->uid, scope->span);
}

/* ---- Scopes ---- */

/*
 * May an entity of this type stand where the scope says? For declared types this is both check 4 and "the constraint's
 * type is not False" of the typing rules. `uid` is the literal, or what a link binds the slot to, or NULL for a free slot.
 */
static bool scope_admits(struct rxc_check *check, const struct rxc_scope *scope, const struct rxc_uid *uid, uint32_t type)
{
	uint32_t of_uid = uid ? rxc_check_type(check, uid->uid.type) : RXC_NONE;
	bool below = uid && of_uid != RXC_NONE &&
		     (of_uid == type || rxc_ids_has(check->schema->entity_types[of_uid].descendants, type));

	switch ((enum rxc_scope_op)scope->op) {
	case RXC_SCOPE_ANY: return true;
	case RXC_SCOPE_EQ: return !uid || of_uid == type;
	case RXC_SCOPE_IN: return !uid || below;
	case RXC_SCOPE_IS: return rxc_check_type(check, scope->type) == type;
	case RXC_SCOPE_IS_IN: return rxc_check_type(check, scope->type) == type && (!uid || below);
	case RXC_SCOPE_IN_SET: return false; /* actions only */
	}
	rx_unreachable();
}

static bool any_admitted(struct rxc_check *check, const struct rxc_scope *scope, const struct rxc_uid *uid, struct rxc_ids types)
{
	for (uint32_t i = 0; i < types.count; i++)
		if (scope_admits(check, scope, uid, types.at[i]))
			return true;
	return false;
}

static const struct rxc_uid *const *scope_actions(const struct rxc_scope *scope, uint32_t *count)
{
	*count = scope->op == RXC_SCOPE_IN_SET ? scope->count : 1;
	return scope->op == RXC_SCOPE_IN_SET ? scope->uids : &scope->uid;
}

/* Is the action what the scope names, or below it? */
static bool scope_has_action(struct rxc_check *check, const struct rxc_scope *scope, uint32_t action)
{
	const struct rxc_uid *const *uids;
	uint32_t count;

	if (scope->op == RXC_SCOPE_ANY)
		return true;
	uids = scope_actions(scope, &count);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t named = rxc_check_action(check, uids[i]);

		if (named == action || (named != RXC_NONE && scope->op != RXC_SCOPE_EQ &&
					rxc_ids_has(check->schema->actions[named].descendants, action)))
			return true;
	}
	return false;
}

static bool scope_actions_declared(struct rxc_check *check, const struct rxc_scope *scope)
{
	const struct rxc_uid *const *uids;
	uint32_t count;

	if (scope->op == RXC_SCOPE_ANY)
		return true;
	uids = scope_actions(scope, &count);
	for (uint32_t i = 0; i < count; i++)
		if (rxc_check_action(check, uids[i]) == RXC_NONE)
			return false;
	return true;
}

/* When only one action can satisfy the scope, that one; RXC_NONE when all must be tried. */
static uint32_t single_action(struct rxc_check *check, const struct rxc_scope *scope)
{
	return scope->op == RXC_SCOPE_EQ && scope->uid ? rxc_check_action(check, scope->uid) : RXC_NONE;
}

static bool is_applicable(struct rxc_check *check, const struct rxc_uid *const slots[2])
{
	const struct rxc_template *body = check->body;
	const struct rxc_uid *principal = body->principal.flags & RXC_SCOPE_SLOT ? slots[RXC_SLOT_PRINCIPAL] : body->principal.uid;
	const struct rxc_uid *resource = body->resource.flags & RXC_SCOPE_SLOT ? slots[RXC_SLOT_RESOURCE] : body->resource.uid;
	uint32_t single = single_action(check, &body->action);

	if (!scope_actions_declared(check, &body->action))
		return false;
	for (uint32_t i = single == RXC_NONE ? 0 : single; i < check->schema->action_count; i++) {
		const struct rxc_action_type *action = &check->schema->actions[i];

		if (scope_has_action(check, &body->action, i) &&
		    any_admitted(check, &body->principal, principal, action->principals) &&
		    any_admitted(check, &body->resource, resource, action->resources))
			return true;
		if (single != RXC_NONE)
			break;
	}
	return false;
}

static bool help_replaces(struct rxc_check *check, const struct rxc_scope *scope)
{
	uint32_t type = scope->op == RXC_SCOPE_EQ && scope->uid ? rxc_check_type(check, scope->uid->uid.type) : RXC_NONE;

	return type != RXC_NONE && check->schema->entity_types[type].descendants.count > 0;
}

static void list_types(struct rx_buf *buf, const struct rxc_schema *schema, const char *what, struct rxc_ids types)
{
	rx_buf_str(buf, rx_str(what));
	for (uint32_t i = 0; i < types.count && buf->len < 300; i++)
		rx_buf_printf(buf, "%s`%.*s`", i ? ", " : " ", RX_STR_ARG(schema->entity_types[types.at[i]].name));
	if (types.count == 0)
		RX_BUF_LIT(buf, " nothing");
}

/* What to do about a scope that no request meets; static, or in `buf`; NULL when nothing comes to mind. */
static const char *applicable_help(struct rxc_check *check, struct rx_buf *buf)
{
	bool principal = help_replaces(check, &check->body->principal), resource = help_replaces(check, &check->body->resource);
	uint32_t single = single_action(check, &check->body->action);
	const struct rxc_action_type *action;

	if (principal && resource)
		return "try replacing `==` with `in` in the principal clause and the resource clause";
	if (principal)
		return "try replacing `==` with `in` in the principal clause";
	if (resource)
		return "try replacing `==` with `in` in the resource clause";
	if (single == RXC_NONE)
		return NULL;
	action = &check->schema->actions[single];
	rx_buf_byte(buf, '`');
	rxc_name_print_uid(buf, check->schema->types.names[action->type], action->id);
	if (action->principals.count == 0 && action->resources.count == 0) {
		RX_BUF_LIT(buf, "` is a group and applies to nothing itself: write `in` for the actions in it");
	} else {
		list_types(buf, check->schema, "` applies to principals", action->principals);
		list_types(buf, check->schema, " and resources", action->resources);
	}
	return rx_buf_cstr(buf);
}

/* Check 4. */
static void check_applicable(struct rxc_check *check, const struct rxc_uid *const slots[2])
{
	struct rx_buf help;

	if (is_applicable(check, slots))
		return;
	rx_buf_init(&help, check->scratch.memory, 0);
	rxc_check_report(check, RXC_FINDING_INVALID_ACTION_APPLICATION, check->body->principal.span, applicable_help(check, &help),
			 "unable to find an applicable action given the policy scope constraints");
	rx_buf_fini(&help);
}

/* ---- Environments ---- */

/* The scope as expressions, made once for a policy. */
struct scope_exprs {
	const struct rxc_expr *action; /* NULL: bare */
	bool principal_ok, resource_ok; /* their literals are declared; else their constraint fails in every environment */
	bool action_exact; /* the action constraint is exact and has no findings of its own */
};

static struct rxc_expr *new_node(struct rxc_check *check, enum rxc_expr_kind kind, struct rexi_span span)
{
	struct rxc_expr *node = RX_ARENA_NEW(&check->scratch, struct rxc_expr);

	if (!node) {
		rxc_check_no_memory(check);
		return NULL;
	}
	node->kind = (uint8_t)kind;
	node->span = span;
	return node;
}

static const struct rxc_expr *uid_node(struct rxc_check *check, const struct rxc_uid *uid, struct rexi_span span)
{
	struct rxc_expr *node = new_node(check, RXC_UID, span);

	if (node)
		node->uid = uid;
	return node;
}

/* action == A, or action in [A, ...] */
static const struct rxc_expr *action_expr(struct rxc_check *check, const struct rxc_scope *scope)
{
	struct rxc_expr *node = new_node(check, scope->op == RXC_SCOPE_EQ ? RXC_EQ : RXC_IN, scope->span);
	struct rxc_expr *left = new_node(check, RXC_VAR, scope->span), *set;
	const struct rxc_expr **items;

	if (!node || !left)
		return NULL;
	left->sub = RXC_ACTION;
	node->left = left;
	if (scope->op == RXC_SCOPE_EQ) {
		node->right = uid_node(check, scope->uid, scope->span);
		return node->right ? node : NULL;
	}
	set = new_node(check, RXC_SET, scope->span);
	set = set ? set : NULL;
	items = RX_ARENA_ARRAY(&check->scratch, const struct rxc_expr *, scope->op == RXC_SCOPE_IN_SET ? scope->count : 1);
	if (!set || !items) {
		rxc_check_no_memory(check);
		return NULL;
	}
	set->count = scope->op == RXC_SCOPE_IN_SET ? scope->count : 1;
	for (uint32_t i = 0; i < set->count; i++) {
		items[i] = uid_node(check, scope->op == RXC_SCOPE_IN_SET ? scope->uids[i] : scope->uid, scope->span);
		if (!items[i])
			return NULL;
	}
	set->items = items;
	node->right = set;
	return node;
}

static bool literal_declared(struct rxc_check *check, const struct rxc_scope *scope)
{
	const struct rxc_uid *uid = scope->op == RXC_SCOPE_ANY || scope->op == RXC_SCOPE_IS ? NULL : scope->uid;

	if (!uid || scope->flags & RXC_SCOPE_SLOT)
		return true;
	if (rxc_name_is_action(uid->uid.type->text))
		return rxc_check_action(check, uid) != RXC_NONE;
	return rxc_check_type(check, uid->uid.type) != RXC_NONE;
}

/* All listed actions are declared and of one type, and there is one: typing the list finds nothing. */
static bool action_is_exact(struct rxc_check *check, const struct rxc_scope *scope)
{
	const struct rxc_uid *const *uids;
	uint32_t count;

	if (scope->op == RXC_SCOPE_ANY)
		return true;
	uids = scope_actions(scope, &count);
	for (uint32_t i = 0; i < count; i++)
		if (rxc_check_action(check, uids[i]) == RXC_NONE || uids[i]->uid.type != uids[0]->uid.type)
			return false;
	return count > 0;
}

/* Conditions as one: c1 && (c2 && ...), `unless` negated. */
static void check_conditions(struct rxc_check *check, struct rxc_caps prior, struct rxc_answer *out)
{
	const struct rxc_template *body = check->body;
	struct rxc_answer *answers, both;
	uint32_t reached = 0;

	*out = (struct rxc_answer){ &rxc_type_true, RXC_NO_CAPS, true };
	if (body->condition_count == 0)
		return;
	answers = RX_ARENA_ARRAY(&check->scratch, struct rxc_answer, body->condition_count);
	if (!answers) {
		rxc_check_no_memory(check);
		return;
	}
	while (reached < body->condition_count) {
		const struct rxc_condition *condition = &body->conditions[reached];
		struct rxc_answer *one = &answers[reached++];

		rxc_check_bool(check, condition->body, prior, one);
		if (condition->unless) {
			const struct rxc_type *type = !one->type ? &rxc_type_bool
						      : one->type->kind == RXC_TYPE_TRUE  ? &rxc_type_false
						      : one->type->kind == RXC_TYPE_FALSE ? &rxc_type_true
											  : &rxc_type_bool;

			*one = (struct rxc_answer){ type, RXC_NO_CAPS, one->ok && one->type };
		}
		if (one->type && one->type->kind == RXC_TYPE_FALSE) {
			one->caps = RXC_NO_CAPS;
			break;
		}
		prior = rxc_caps_union(check, prior, one->caps);
	}
	*out = answers[--reached];
	while (reached-- > 0) {
		rxc_check_and(check, &answers[reached], out, &both);
		*out = both;
	}
}

struct verdict {
	bool possible; /* some environment is not False */
	unsigned uses;
	const struct scope_exprs *scope;
	struct rxc_env seen[32]; /* environments whose conditions were checked, as far as the conditions can tell them apart */
	const struct rxc_type *contexts[32];
	uint32_t seen_count;
};

/* True when the conditions were checked where everything that they mention had the same type. */
static bool seen_before(struct rxc_check *check, struct verdict *verdict)
{
	const struct rxc_type *context = check->schema->actions[check->env.action].context;
	uint32_t i = 0;

	for (; i < verdict->seen_count; i++) {
		const struct rxc_env *seen = &verdict->seen[i];

		if (((verdict->uses & USES_PRINCIPAL) == 0 || seen->principal == check->env.principal) &&
		    ((verdict->uses & USES_RESOURCE) == 0 || seen->resource == check->env.resource) &&
		    ((verdict->uses & USES_ACTION) == 0 || seen->action == check->env.action) &&
		    ((verdict->uses & USES_CONTEXT) == 0 || verdict->contexts[i] == context))
			return true;
	}
	if (i < RX_COUNT(verdict->seen)) {
		verdict->seen[i] = check->env;
		verdict->contexts[i] = context;
		verdict->seen_count++;
	}
	return false;
}

/* How a constraint of the scope types: with a literal that is not declared it fails, and typing goes on after it. */
enum part { PART_FALSE, PART_FAILS, PART_HOLDS };

static enum part scope_part(struct rxc_check *check, const struct rxc_scope *scope, bool declared, uint32_t type)
{
	if ((scope->op == RXC_SCOPE_IS || scope->op == RXC_SCOPE_IS_IN) && rxc_check_type(check, scope->type) != type)
		return PART_FALSE;
	if (!declared)
		return PART_FAILS;
	return scope_admits(check, scope, scope->uid, type) ? PART_HOLDS : PART_FALSE;
}

static enum part action_part(struct rxc_check *check, const struct verdict *verdict)
{
	struct rxc_answer answer;

	if (!verdict->scope->action || verdict->scope->action_exact)
		return scope_has_action(check, &check->body->action, check->env.action) ? PART_HOLDS : PART_FALSE;
	rxc_check_expr(check, verdict->scope->action, RXC_NO_CAPS, &answer);
	return answer.type && answer.type->kind == RXC_TYPE_FALSE ? PART_FALSE : answer.ok ? PART_HOLDS : PART_FAILS;
}

/* Section 7.11: the left side of `in` in a scope is a dereference of level 0. */
static void check_scope_level(struct rxc_check *check, const struct rxc_scope *scope, uint32_t type)
{
	if (check->level > 0 || (scope->op == RXC_SCOPE_IS_IN && rxc_check_type(check, scope->type) != type))
		return;
	if (scope->op == RXC_SCOPE_IN || scope->op == RXC_SCOPE_IS_IN || scope->op == RXC_SCOPE_IN_SET)
		rxc_check_report(check, RXC_FINDING_ENTITY_DEREF_LEVEL_VIOLATION, scope->span, NULL,
				 "this policy requires level 1, which exceeds the maximum allowed level (0)");
}

/* Levels of what typing reached: the parts of the scope up to the first that is false, then the conditions. */
static void check_env_levels(struct rxc_check *check, const enum part parts[3])
{
	const struct rxc_template *body = check->body;
	const struct rxc_scope *scopes[] = { &body->principal, &body->action, &body->resource };
	uint32_t types[] = { check->env.principal, RXC_NONE, check->env.resource };

	for (size_t i = 0; i < RX_COUNT(scopes); i++) {
		check_scope_level(check, scopes[i], types[i]);
		if (parts[i] == PART_FALSE)
			return;
	}
	for (uint32_t i = 0; i < body->condition_count; i++)
		rxc_check_levels(check, body->conditions[i].body);
}

/* One environment: principal and action as they type in it, then resource, then the conditions. */
static void check_env(struct rxc_check *check, struct verdict *verdict, enum part principal, enum part action)
{
	enum part resource = scope_part(check, &check->body->resource, verdict->scope->resource_ok, check->env.resource);
	bool is_false = principal == PART_FALSE || action == PART_FALSE || resource == PART_FALSE;
	bool ok = principal == PART_HOLDS && action == PART_HOLDS && resource == PART_HOLDS;
	struct rxc_answer answer;

	if (is_false && !check->levels)
		return;
	if (!is_false) {
		if (!check->levels && seen_before(check, verdict))
			return;
		check->typed = NULL;
		check->typed_cap = check->typed_count = 0;
		check_conditions(check, RXC_NO_CAPS, &answer);
		is_false = answer.type && answer.type->kind == RXC_TYPE_FALSE;
		ok = ok && answer.ok;
		verdict->possible = verdict->possible || !is_false;
	}
	if (check->levels && (is_false || ok))
		check_env_levels(check, (const enum part[]){ principal, action, resource });
}

static void check_action_envs(struct rxc_check *check, struct verdict *verdict)
{
	const struct rxc_template *body = check->body;
	const struct rxc_action_type *action = &check->schema->actions[check->env.action];
	enum part of_action = PART_HOLDS;
	bool reached = false;

	if (action->resources.count == 0)
		return;
	for (uint32_t i = 0; i < action->principals.count && !reached; i++)
		reached = scope_part(check, &body->principal, verdict->scope->principal_ok, action->principals.at[i]) != PART_FALSE;
	if (reached)
		of_action = action_part(check, verdict);
	if ((!reached || of_action == PART_FALSE) && !check->levels)
		return;
	for (uint32_t i = 0; i < action->principals.count; i++) {
		uint32_t type = action->principals.at[i];
		enum part principal = scope_part(check, &body->principal, verdict->scope->principal_ok, type);

		if (principal == PART_FALSE && !check->levels)
			continue;
		check->env.principal = type;
		for (uint32_t j = 0; j < action->resources.count && check->status == REXI_OK; j++) {
			check->env.resource = action->resources.at[j];
			check_env(check, verdict, principal, of_action);
		}
	}
}

/* Check 5. */
static void check_environments(struct rxc_check *check, unsigned uses)
{
	const struct rxc_template *body = check->body;
	struct scope_exprs scope = { .principal_ok = literal_declared(check, &body->principal),
				     .resource_ok = literal_declared(check, &body->resource),
				     .action_exact = action_is_exact(check, &body->action) };
	struct verdict verdict = { .uses = uses, .scope = &scope };
	/* Where levels are checked every environment counts: what makes it false may itself look too deep. */
	uint32_t single = scope.action_exact && !check->levels ? single_action(check, &body->action) : RXC_NONE;

	if (body->action.op != RXC_SCOPE_ANY && !scope.action_exact) {
		scope.action = action_expr(check, &body->action);
		if (!scope.action)
			return;
	}
	for (uint32_t i = single == RXC_NONE ? 0 : single; i < check->schema->action_count && check->status == REXI_OK; i++) {
		check->env.action = i;
		check_action_envs(check, &verdict);
		if (single != RXC_NONE)
			break;
	}
	if (!verdict.possible)
		rxc_check_report(check, RXC_FINDING_IMPOSSIBLE_POLICY, body->span, NULL,
				 "policy is impossible: the policy expression evaluates to false for all valid requests");
}

/* ---- One policy, one link, the whole set ---- */

static void check_template(struct rxc_check *check, const struct rxc_template *body)
{
	static const struct rxc_uid *const free_slots[2] = { NULL, NULL };
	unsigned uses = 0;

	check->body = body;
	check->id = body->id;
	check->first_finding = check->out->count;
	check->typed = NULL; /* of the policy before */
	check->typed_cap = check->typed_count = 0;
	rx_arena_reset(&check->scratch);
	scan_scope(check, &body->principal);
	scan_scope(check, &body->action);
	scan_scope(check, &body->resource);
	for (uint32_t i = 0; i < body->condition_count; i++)
		uses |= scan(check, body->conditions[i].body);
	check_applicable(check, free_slots);
	check_environments(check, uses);
	rxc_check_texts(check);
}

/* Section 7.10. */
static void check_link(struct rxc_check *check, struct rxc_policy policy, const struct rxc_template *tree)
{
	const struct rxc_link *link = rxc_policy_link(policy);
	size_t before = check->out->count;

	check->body = tree;
	check->id = link->id;
	check->first_finding = before;
	rx_arena_reset(&check->scratch);
	for (size_t i = 0; i < RX_COUNT(link->slots); i++)
		if (link->slots[i])
			check_type_name(check, link->slots[i]->uid.type, RX_NO_SPAN);
	check_applicable(check, link->slots);
}

/* RFC 116: the first entity type or action that is declared without being defined; empty when there is none. */
static struct rexi_str first_external(const struct rxc_schema *schema, const char **what)
{
	*what = "entity type";
	for (uint32_t i = 0; i < schema->entity_type_count; i++)
		if (schema->entity_types[i].is_external)
			return schema->entity_types[i].name;
	*what = "action";
	for (uint32_t i = 0; i < schema->action_count; i++)
		if (schema->actions[i].is_external)
			return schema->actions[i].id;
	return RX_STR("");
}

static void refuse(struct rxc_check *check, const struct rxc_template *body, const char *what, struct rexi_str name)
{
	check->body = body;
	check->id = body->id;
	check->first_finding = check->out->count;
	rxc_check_report(check, RXC_FINDING_INCOMPLETE_SCHEMA, body->span, "define it in one of the schemas",
			 "the schema is incomplete: %s `%.*s` is declared `external` but not defined", what, RX_STR_ARG(name));
}

static void check_set_of_policies(struct rxc_check *check)
{
	const struct rexi_cedar_policies *policies = check->policies;
	const char *what;
	struct rexi_str external = first_external(check->schema, &what);
	bool incomplete = external.ptr && *external.ptr;
	struct rxc_trees trees;

	rxc_trees_init(&trees, policies, check->out->arena.memory);
	for (size_t i = 0; i < policies->template_count + policies->policy_count && check->status == REXI_OK; i++) {
		bool is_policy = i >= policies->template_count;
		struct rxc_policy policy = is_policy ? policies->policies[i - policies->template_count] : rxc_policy_of_body(policies->templates[i]);
		const struct rxc_template *tree = rxc_trees_get(&trees, rxc_policy_body(policy));

		if (!tree)
			rxc_check_no_memory(check);
		else if (incomplete && !rxc_policy_link(policy))
			refuse(check, tree, what, external);
		else if (!incomplete && rxc_policy_link(policy))
			check_link(check, policy, tree);
		else if (!incomplete)
			check_template(check, tree);
		rxc_trees_reset(&trees);
	}
	rxc_trees_fini(&trees);
}

static bool fill(struct rx_memory *memory, uint32_t **out, uint32_t count)
{
	*out = rx_memory_take(memory, (count + 1u) * sizeof(**out));
	for (uint32_t i = 0; *out && i < count; i++)
		(*out)[i] = UNSEEN;
	return *out != NULL;
}

enum rexi_status rxc_validate(const struct rxc_schema *schema, const struct rexi_cedar_policies *policies,
			      const struct rxc_validate_options *options, struct rxc_validation *out, struct rexi_error *err)
{
	static const struct rxc_validate_options strict = { false, false, 0 };
	struct rx_memory *memory = out->arena.memory;
	struct rxc_check check = { .schema = schema, .policies = policies, .out = out, .err = err };
	const uint32_t names = policies->names.name_count, uids = policies->names.uid_count;

	options = options ? options : &strict;
	check.strict = !options->permissive;
	check.levels = options->levels;
	check.level = options->level;
	rx_arena_init(&check.scratch, memory);
	if (fill(memory, &check.type_of_name, names) && fill(memory, &check.action_of_uid, uids))
		check_set_of_policies(&check);
	else
		rxc_check_no_memory(&check);
	rx_memory_give(memory, check.type_of_name, check.type_of_name ? (names + 1u) * sizeof(uint32_t) : 0);
	rx_memory_give(memory, check.action_of_uid, check.action_of_uid ? (uids + 1u) * sizeof(uint32_t) : 0);
	rx_arena_fini(&check.scratch);
	return check.status;
}
